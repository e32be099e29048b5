//! What can go wrong, told without a payload.

use thiserror::Error;

/// Why nothing was folded or released; the same call may succeed later.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The journal could not be read.
    #[error("sift events: {0}")]
    Journal(cordon_journal::Error),
    /// Decisions could not be read or made durable.
    #[error("sift events: decisions: {0}")]
    Decisions(cordon_journal::Error),
}
