//! The keyed operations that the journal needs: it never sees key bytes.

use cordon_event::TenantId;
use cordon_redact::{Opener, Sealer};
use thiserror::Error;

/// A segment key could not be had.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// For good: unknown tenant, destroyed day, damaged wrapping. Its frames are passed over.
    #[error("segment key is gone")]
    Gone,
    /// For now: the same call may succeed later. Nothing is passed over.
    #[error("segment key is not available at the moment")]
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
