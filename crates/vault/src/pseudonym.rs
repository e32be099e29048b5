//! Keyed MACs for pseudonyms: one key for each kind, none shared between tenants.
//!
//! *Why a key of its own with an own epoch:* data keys expire and rotate, a pseudonym must stay
//! the same for as long as the tenant wants its events to be joinable.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::hmac;
use cordon_redact::PseudonymMac;

use crate::Error;
use crate::hint::HintKey;
use crate::secret::{Secret, equal_constant_time, mac};

/// Kinds whose keys are kept ready. Others are derived each time.
const KINDS_CACHED_COUNT_MAX: usize = 64;

/// The keys that derive from one pseudonym key.
pub(crate) struct Pseudonyms {
    root: Secret,
    request: hmac::Key,
    hints: HintKey,
    kinds: RwLock<HashMap<String, hmac::Key>>,
}

impl Pseudonyms {
    pub(crate) fn new(root: Secret) -> Self {
        let hints = HintKey::new(&root.public(b"cordon/hint/v1"));
        let request = root.derive(&[b"cordon/request/v1"]).mac_key();
        Self {
            root,
            request,
            hints,
            kinds: RwLock::default(),
        }
    }

    pub(crate) fn request(&self, body: &[u8]) -> [u8; 32] {
        mac(&self.request, body)
    }

    pub(crate) fn hint(&self, candidate: &[u8]) -> u64 {
        self.hints.hash(candidate)
    }

    pub(crate) fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let kinds = self.kinds.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kinds.get(kind) {
            return mac(key, canonical);
        }
        drop(kinds);
        let key = self
            .root
            .derive(&[b"cordon/pseudonym/v1", kind.as_bytes()])
            .mac_key();
        let tag = mac(&key, canonical);
        let mut kinds = self.kinds.write().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() < KINDS_CACHED_COUNT_MAX {
            kinds.insert(kind.to_owned(), key);
        }
        tag
    }
}

/// Pseudonyms under a key that lives as long as this value: for redaction without a tenant.
pub struct EphemeralMac(Pseudonyms);

impl PseudonymMac for EphemeralMac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        self.0.mac(kind, canonical)
    }

    fn hint(&self, candidate: &[u8]) -> u64 {
        self.0.hint(candidate)
    }

    fn is_same_tag(&self, left: &[u8; 32], right: &[u8; 32]) -> bool {
        equal_constant_time(left, right)
    }
}

/// Draws a key for this run alone. Its pseudonyms join within the run and nowhere else.
pub fn ephemeral_mac() -> Result<EphemeralMac, Error> {
    Ok(EphemeralMac(Pseudonyms::new(Secret::random()?)))
}
