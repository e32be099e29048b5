//! The keyed operations that the journal needs: it never sees key bytes.

use cordon_event::TenantId;
use cordon_redact::{Opener, Sealer};
use cordon_vault::Vault;
use thiserror::Error;

/// A key could not be had.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// For good: unknown tenant, destroyed day. Its frames are passed over.
    #[error("key is gone")]
    Gone,
    /// Until an operator puts it right: the wrapped key does not open, which a backup of the keys
    /// mends. Nothing is passed over.
    #[error("key is damaged; restore keys.db from its backup")]
    Damaged,
    /// For now: the same call may succeed later. Nothing is passed over.
    #[error("key is not available at the moment")]
    Unavailable,
}

/// A fresh key and its wrapped form.
pub type FreshKey = (Box<dyn Sealer + Send>, Vec<u8>);

/// Makes and unwraps segment keys.
pub trait SegmentKeys: Send + Sync {
    /// A fresh key for one tenant and one segment, and its form wrapped by the key of that day
    /// (days since the Unix epoch): destroying the day's key makes its frames unreadable.
    fn fresh(&self, tenant: &TenantId, day: u32) -> Result<FreshKey, KeyError>;

    /// The key that was wrapped.
    fn unwrap(&self, tenant: &TenantId, wrapped: &[u8])
    -> Result<Box<dyn Opener + Send>, KeyError>;
}

impl From<cordon_vault::Error> for KeyError {
    fn from(error: cordon_vault::Error) -> Self {
        use cordon_vault::Error::{DayDestroyed, Forged, OtherKey, TenantUnknown};
        match error {
            DayDestroyed | TenantUnknown => Self::Gone,
            Forged | OtherKey => Self::Damaged,
            _ => Self::Unavailable,
        }
    }
}

impl SegmentKeys for Vault {
    fn fresh(&self, tenant: &TenantId, day: u32) -> Result<FreshKey, KeyError> {
        let (sealer, wrapped) = self.segment_sealer(tenant, day)?;
        Ok((Box::new(sealer), wrapped))
    }

    fn unwrap(
        &self,
        tenant: &TenantId,
        wrapped: &[u8],
    ) -> Result<Box<dyn Opener + Send>, KeyError> {
        Ok(Box::new(self.segment_opener(tenant, wrapped)?))
    }
}
