//! The keyed operations that the store needs: it never sees key bytes.

use cordon_event::{EventId, TenantId};
use cordon_journal::KeyError;
use cordon_redact::{Opener, PseudonymMac, Sealer};
use cordon_vault::Vault;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Exemplars.
    Events,
    /// Titles, templates, services and releases of groups.
    Groups,
    /// Entries that were held back.
    Quarantine,
}

impl Domain {
    /// Name in associated data and errors: never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Groups => "groups",
            Self::Quarantine => "quarantine",
        }
    }

    /// The vault's domain whose keys seal it.
    pub const fn vault(self) -> cordon_vault::Domain {
        match self {
            Self::Events => cordon_vault::Domain::Events,
            Self::Groups => cordon_vault::Domain::Features,
            Self::Quarantine => cordon_vault::Domain::Quarantine,
        }
    }
}

/// Gives the record keys of a tenant, domain and day (days since the Unix epoch).
pub trait RecordKeys: Send + Sync {
    /// For writing: made where there is none.
    fn sealer(
        &self,
        tenant: &TenantId,
        domain: Domain,
        day: u32,
    ) -> Result<Box<dyn Sealer>, KeyError>;

    /// For reading: never made.
    fn opener(
        &self,
        tenant: &TenantId,
        domain: Domain,
        day: u32,
    ) -> Result<Box<dyn Opener>, KeyError>;

    /// For digests that tell equal from unequal within a tenant and tell nothing else.
    fn mac(&self, tenant: &TenantId) -> Result<Box<dyn PseudonymMac>, KeyError>;
}

impl RecordKeys for Vault {
    fn sealer(
        &self,
        tenant: &TenantId,
        domain: Domain,
        day: u32,
    ) -> Result<Box<dyn Sealer>, KeyError> {
        let key = self
            .tenant(tenant)
            .and_then(|keys| keys.records(domain.vault(), day));
        Ok(Box::new(key.map_err(KeyError::from)?))
    }

    fn opener(
        &self,
        tenant: &TenantId,
        domain: Domain,
        day: u32,
    ) -> Result<Box<dyn Opener>, KeyError> {
        let key = self
            .tenant(tenant)
            .and_then(|keys| keys.records_existing(domain.vault(), day));
        Ok(Box::new(key.map_err(KeyError::from)?))
    }

    fn mac(&self, tenant: &TenantId) -> Result<Box<dyn PseudonymMac>, KeyError> {
        Ok(Box::new(self.tenant(tenant).map_err(KeyError::from)?))
    }
}

/// Associated data of a record: it opens in its own row alone.
pub(crate) fn context(domain: Domain, tenant: &TenantId, day: u32, row: &[u8]) -> Vec<u8> {
    let mut context = b"cordon.store.v1\0".to_vec();
    for part in [domain.as_str().as_bytes(), tenant.as_str().as_bytes()] {
        context.extend_from_slice(part);
        context.push(0);
    }
    context.extend_from_slice(&day.to_be_bytes());
    context.extend_from_slice(row);
    context
}

/// The part of an event's context that names its row: it is bound to its group too.
pub(crate) fn event_row(id: EventId, group_id: &str) -> Vec<u8> {
    [id.0.as_slice(), group_id.as_bytes()].concat()
}
