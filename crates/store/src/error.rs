//! What can go wrong, told without a payload.

use cordon_journal::KeyError;
use cordon_redact::{CleanError, SealError};
use rusqlite::ErrorCode;
use thiserror::Error;

/// Failure of the store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a database, or is damaged.
    #[error("use store: database is damaged; `cordon serve` sets it aside when it starts")]
    Corrupt,
    /// The disk is full.
    #[error("use store: disk is full")]
    Full,
    /// Another process held the database for too long.
    #[error("use store: database is busy")]
    Busy,
    /// SQLite refused for another reason.
    #[error("use store: sqlite error {0}")]
    Database(i32),
    /// A row holds what this build never writes.
    #[error("read store: damaged row in {0}")]
    Row(&'static str),
    /// The database was written by a newer build.
    #[error("open store: format {0} is not known")]
    Format(i64),
    /// A file could not be made or moved.
    #[error("open store: {0}")]
    File(std::io::ErrorKind),
    /// A key cannot be had.
    #[error("use store: {0}")]
    Key(#[from] KeyError),
    /// A record could not be sealed.
    #[error("write store: {0}")]
    Seal(#[from] SealError),
    /// A record could not be opened: changed, moved, or its key destroyed.
    #[error("read store: {0}")]
    Open(#[from] CleanError),
}

impl From<rusqlite::Error> for Error {
    /// Keeps the code alone: the text of an SQLite error may quote.
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(_) => Self::Database(error.sqlite_error().map_or(0, |e| e.extended_code)),
            // Columns of another type than was written.
            None => Self::Row("database"),
        }
    }
}
