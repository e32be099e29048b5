//! Signed checkpoints: the size and root of the log, in a file apart from the database.
//!
//! The text is a C2SP `tlog-checkpoint` in a C2SP signed note: origin, size, root, signature.
//!
//! *Invariants:* written beside, synced and renamed; never replaced by a smaller one.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use cordon_vault::{PublicKey, Vault};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::tree::Hash;

const SIGNER: &str = "cordon";

/// Size and root of a log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log.
    pub origin: String,
    /// Entries in it.
    pub size: u64,
    /// Root hash of its tree.
    pub root: Hash,
}

impl Checkpoint {
    pub(crate) fn new(log_id: &[u8], size: u64, root: Hash) -> Self {
        let id = log_id.get(..8).unwrap_or(log_id);
        Self {
            origin: format!("cordon/audit/{}", HEXLOWER.encode(id)),
            size,
            root,
        }
    }

    fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            BASE64.encode(&self.root)
        )
    }

    pub(crate) fn sign(&self, vault: &Vault) -> Vec<u8> {
        vault.sign(self.body().as_bytes())
    }

    pub(crate) fn is_signed(&self, key: &PublicKey, signature: &[u8]) -> bool {
        cordon_vault::verify(key, self.body().as_bytes(), signature)
    }

    pub(crate) fn note(&self, key: &PublicKey, signature: &[u8]) -> String {
        let blob = [key_hash(key).as_slice(), signature].concat();
        format!(
            "{}\n\u{2014} {SIGNER} {}\n",
            self.body(),
            BASE64.encode(&blob)
        )
    }

    /// Reads a signed note; none when it is not one or its signature does not hold.
    pub fn parse(note: &str, key: &PublicKey) -> Option<Self> {
        let (body, signatures) = note.split_once("\n\n")?;
        let mut lines = body.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = BASE64.decode(root.as_bytes()).ok()?.try_into().ok()?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root,
        };
        let prefix = format!("\u{2014} {SIGNER} ");
        let line = signatures
            .lines()
            .find_map(|line| line.strip_prefix(&prefix))?;
        let blob = BASE64.decode(line.as_bytes()).ok()?;
        let signature = blob.strip_prefix(&key_hash(key))?;
        checkpoint.is_signed(key, signature).then_some(checkpoint)
    }
}

/// Key id of a signed note: first four bytes of SHA-256 over name, newline, algorithm and key.
fn key_hash(key: &PublicKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(SIGNER)
        .chain_update([b'\n', 1])
        .chain_update(key.0)
        .finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

/// The checkpoint's file.
pub(crate) struct CheckpointFile {
    path: PathBuf,
}

impl CheckpointFile {
    /// The two places: `checkpoint` beside the database, and among the keys, which are backed up
    /// apart, so that an older copy of the one is contradicted by the other.
    pub(crate) fn places(database: &Path, vault: &Vault) -> [Self; 2] {
        let beside = database.with_file_name("checkpoint");
        [beside, vault.anchor_path()].map(|path| Self { path })
    }

    /// The text, where the file exists.
    pub(crate) fn read(&self) -> Result<Option<String>, Error> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces the file durably, unless it already holds a larger checkpoint: another process may
    /// have been faster.
    pub(crate) fn advance(
        &self,
        checkpoint: &Checkpoint,
        key: &PublicKey,
        signature: &[u8],
    ) -> Result<(), Error> {
        let lock = private(&self.path.with_extension("lock"))?;
        lock.lock()?;
        let held = self.read()?.and_then(|note| Checkpoint::parse(&note, key));
        if held.is_some_and(|held| held.origin == checkpoint.origin && held.size > checkpoint.size)
        {
            return Ok(());
        }
        let draft = self.path.with_extension("draft");
        let mut file = private(&draft)?;
        file.set_len(0)?;
        file.write_all(checkpoint.note(key, signature).as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        if let Some(dir) = self.path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    }
}

/// Opens a file for writing, made where missing with mode 0600.
fn private(path: &Path) -> Result<File, Error> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    Ok(options.open(path)?)
}
