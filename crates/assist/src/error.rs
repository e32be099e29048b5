//! What may go wrong with a question, told without a payload.

use thiserror::Error;

/// Failure of an answer. A refusal is no error: see [`crate::Answered`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] cordon_store::Error),
    /// The ledger cannot be written: nothing is released.
    #[error(transparent)]
    Ledger(#[from] cordon_ledger::Error),
    /// What was released could not be written out.
    #[error("write answer")]
    Output(#[from] std::io::Error),
}
