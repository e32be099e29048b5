//! What may go wrong with the ledger, told without a payload.

use std::io;

use thiserror::Error;

/// Failure of the ledger. A refusal by grant or budget is no error: see [`crate::Refusal`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot be read or written. Nothing may be released.
    #[error("access ledger")]
    Database(#[from] rusqlite::Error),
    /// The checkpoint cannot be read or written. Nothing may be released.
    #[error("access checkpoint")]
    Io(#[from] io::Error),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] cordon_vault::Error),
    /// The database was written by a newer build.
    #[error("open ledger: format {0} is not known")]
    Format(i64),
    /// The database does not hold what the checkpoint says it held: cut, rolled back or replaced.
    #[error("open ledger: not the log of its checkpoint; run: cordon audit verify")]
    RolledBack,
    /// A stored entry or row is not in its form.
    #[error("read ledger: entry {0} is damaged")]
    Damaged(u64),
    /// More was used than reserved. It stays charged in full.
    #[error("settle: more was used than reserved")]
    OverReserved,
    /// More is to be refunded than was reserved.
    #[error("refund: more than was reserved")]
    RefundTooLarge,
    /// The reservation was closed before.
    #[error("settle: reservation is closed")]
    Closed,
    /// The receipt is for other content.
    #[error("release: receipt is for other content")]
    DigestMismatch,
    /// The reservation does not pay for the rest of the stream.
    #[error("release: reservation is used up")]
    StreamExhausted,
    /// A tenant of that name exists.
    #[error("add tenant: exists")]
    TenantExists,
    /// The operator's name is too long for an entry to tell it.
    #[error("give grant: name of the operator is too long")]
    OperatorName,
    /// No such entry in the log.
    #[error("prove: no such entry")]
    NoSuchEntry,
}
