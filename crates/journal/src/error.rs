//! What can go wrong, told without a payload.

use std::io;

use thiserror::Error;

/// Why a batch was not made durable, or a journal could not be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The queue or the backlog is full: the sender should retry (HTTP 503).
    #[error("append to journal: full, retry after {retry_after_s} s")]
    Full {
        /// When to retry, seconds.
        retry_after_s: u32,
    },
    /// The disk is full or fails; retried by the journal itself, without a restart.
    #[error("append to journal: disk not ready, retry after {retry_after_s} s")]
    NotReady {
        /// When to retry, seconds.
        retry_after_s: u32,
    },
    /// One batch is larger than a frame may be: retrying does not help (HTTP 413).
    #[error("append to journal: batch of {bytes} bytes, at most {bytes_max} fit")]
    TooLarge {
        /// Encoded size of the batch.
        bytes: usize,
        /// Largest that fits.
        bytes_max: usize,
    },
    /// The tenant's segment key is not available.
    #[error("append to journal: key is not available")]
    Key,
    /// The disk refused; the batch is not durable and the segment was given up.
    #[error("append to journal: write segment: {0}")]
    Write(io::ErrorKind),
    /// The journal is shutting down.
    #[error("append to journal: closed")]
    Closed,
    /// Another process has this journal open.
    #[error("open journal: another process holds it")]
    Locked,
    /// The directory cannot be used at all.
    #[error("open journal: {0}")]
    Open(io::ErrorKind),
    /// A segment key cannot be had at the moment; the same call may succeed later.
    #[error("read journal: key is not available at the moment")]
    KeyUnavailable,
    /// A segment key does not open until it is put right; the batch stays where it is.
    #[error("read journal: key is damaged; restore keys.db from its backup")]
    KeyDamaged,
    /// A segment could not be read; the same call may succeed later.
    #[error("read journal: {0}")]
    Read(io::ErrorKind),
}

impl Error {
    /// Whether the sender should send the same request again.
    pub const fn is_retryable(&self) -> bool {
        !matches!(self, Self::TooLarge { .. } | Self::Key)
    }
}
