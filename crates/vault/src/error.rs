//! What may go wrong with keys, told without a key or a value.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Failure of the vault.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the key directory cannot be read or written.
    #[error("access key directory")]
    Io(#[from] io::Error),
    /// The key database cannot be read or written.
    #[error("access key database")]
    Database(#[from] rusqlite::Error),
    /// A key file that others may read.
    #[error(
        "open {path}: mode {mode:04o} lets others at it; run: chmod 600 {path}",
        path = .path.display()
    )]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key file that belongs to somebody else.
    #[error(
        "open {path}: owned by another user; run: chown \"$(id -u)\" {path}",
        path = .path.display()
    )]
    Owner {
        /// The file.
        path: PathBuf,
    },
    /// A key file that is no regular file of 32 bytes.
    #[error("open {path}: not a key file", path = .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
    },
    /// There is a key database but no root key: a new one would open nothing.
    #[error(
        "open {path}: missing, though keys.db exists; restore it from its backup",
        path = .path.display()
    )]
    RootMissing {
        /// Where the root key should be.
        path: PathBuf,
    },
    /// The key database was written by a newer build.
    #[error("open key database: format {0} is not known")]
    Format(i64),
    /// More canaries and known secrets than are kept.
    #[error(
        "keep controls: a tenant has at most {} of them",
        crate::CONTROLS_COUNT_MAX
    )]
    Controls,
    /// A text that is no key of an approver, or was mistyped.
    #[error("read approver's key: not one that `cordon quarantine keygen` made")]
    ApproverText,
    /// Both approvers are the same.
    #[error("seal to two approvers: both keys are the same")]
    ApproverTwice,
    /// A key of somebody to whom it was not sealed, or one key twice.
    #[error("open sealed event: it needs the keys of both approvers that it was sealed to")]
    ApproverOther,
    /// The operating system gave no randomness.
    #[error("draw randomness")]
    Entropy,
    /// A sealed thing, its context or its key is not the one that was sealed.
    #[error("open sealed key or value: does not authenticate")]
    Forged,
    /// Sealed under another key than the one at hand.
    #[error("open sealed key or value: sealed under another key")]
    OtherKey,
    /// The cipher refused; cannot happen below its length limits.
    #[error("seal: refused by the cipher")]
    Cipher,
    /// No such tenant.
    #[error("find tenant key: no such tenant")]
    TenantUnknown,
    /// The tenant exists in another region.
    #[error("create tenant: exists in another region")]
    RegionDiffers,
    /// The data key was destroyed, or never existed.
    #[error("find data key: destroyed or never made")]
    DayDestroyed,
    /// No such pseudonym, or it was shredded.
    #[error("reveal: no such token")]
    TokenUnknown,
    /// The pseudonym exists with another kind.
    #[error("store token: exists with another kind")]
    TokenKind,
}
