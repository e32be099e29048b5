//! Data keys: one for each tenant, domain and day; and the sealing of single records under them.

use std::sync::Arc;

use cordon_redact::{OpenError, Opener, SealError, Sealer};
use data_encoding::HEXLOWER;

use crate::Error;
use crate::envelope::Envelope;

/// What a data key is for. A key of one domain opens nothing of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Segments of the journal.
    Journal,
    /// Stored events and what is shown of them.
    Events,
    /// Fingerprints, templates, counts.
    Features,
    /// Retrieval state.
    Index,
    /// Held-back events and damaged frames.
    Quarantine,
    /// Raw events that are sealed to approvers.
    QuarantineRaw,
    /// Payloads of audit entries.
    Audit,
    /// Debug symbols of a tenant's programs.
    Symbols,
}

impl Domain {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Journal,
        Self::Events,
        Self::Features,
        Self::Index,
        Self::Quarantine,
        Self::QuarantineRaw,
        Self::Audit,
        Self::Symbols,
    ];

    /// Name in the key database and in the associated data: never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Events => "events",
            Self::Features => "features",
            Self::Index => "index",
            Self::Quarantine => "quarantine",
            Self::QuarantineRaw => "quarantine_raw",
            Self::Audit => "audit",
            Self::Symbols => "symbols",
        }
    }
}

/// Where a data key belongs: part of everything that is sealed under it.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) tenant: String,
    pub(crate) domain: Domain,
    /// Days since the Unix epoch.
    pub(crate) day: u32,
}

impl Place {
    /// Binds a use, this place and the caller's own context together.
    pub(crate) fn bind<T>(
        &self,
        label: &[u8],
        context: &[u8],
        then: impl FnOnce(&[&[u8]]) -> T,
    ) -> T {
        then(&[
            label,
            self.region.as_bytes(),
            self.tenant.as_bytes(),
            self.domain.as_str().as_bytes(),
            &self.day.to_be_bytes(),
            context,
        ])
    }
}

/// Seals and opens records of one tenant, domain and day. Clones share the key.
#[derive(Clone)]
pub struct RecordKey(pub(crate) Arc<DataKey>);

/// A data key, unwrapped.
pub(crate) struct DataKey {
    pub(crate) place: Place,
    pub(crate) envelope: Envelope,
}

const LABEL: &[u8] = b"cordon/record/v1";

impl RecordKey {
    /// Id of the key, as it stands in the header of what it seals. Not secret.
    pub fn id(&self) -> [u8; 16] {
        self.0.envelope.id()
    }
}

impl Sealer for RecordKey {
    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let DataKey { place, envelope } = self.0.as_ref();
        let sealed = place.bind(LABEL, context, |aad| envelope.seal(aad, plain));
        sealed.map_err(|_| SealError::Key(HEXLOWER.encode(&self.id())))
    }
}

impl Opener for RecordKey {
    fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let DataKey { place, envelope } = self.0.as_ref();
        match place.bind(LABEL, context, |aad| envelope.open(aad, sealed)) {
            Ok(mut plain) => Ok(std::mem::take(&mut *plain)),
            Err(Error::OtherKey) => Err(OpenError::Key(HEXLOWER.encode(&self.id()))),
            Err(_) => Err(OpenError::Forged),
        }
    }
}
