//! The ledger: appending entries and proving what was appended.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cordon_govern::Caps;
use cordon_vault::Vault;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::checkpoint::CheckpointFile;
use crate::entry::{self, Entry, Recorded};
use crate::tree::{self, Frontier, Hash};
use crate::verify::{self, Report};
use crate::{AuditReceipt, Checkpoint, Error, schema};

/// Entries handed out at once.
const PAGE_ENTRIES_MAX: u64 = 10_000;

/// The audit log, the budgets and the directory of tenants.
pub struct Ledger {
    pub(crate) vault: Arc<Vault>,
    pub(crate) caps: Caps,
    path: PathBuf,
    files: [CheckpointFile; 2],
    log_id: Vec<u8>,
    /// Device and inode of the database: what was replaced while open is no longer written to.
    inode: (u64, u64),
    state: Mutex<State>,
}

pub(crate) struct State {
    db: Connection,
    frontier: Frontier,
}

/// A signed checkpoint that is not yet in its file.
struct Pending(Checkpoint, Vec<u8>);

/// One open transaction and what it appended.
pub(crate) struct Work<'a> {
    pub(crate) txn: Transaction<'a>,
    frontier: Frontier,
    ledger: &'a Ledger,
    pending: Option<Pending>,
}

impl Ledger {
    /// Opens the database at `path`, making it where there is none; its checkpoint is in the file
    /// `checkpoint` beside it and among the keys. Two processes may have it open.
    ///
    /// [`Error::RolledBack`] when the database is not the log that a checkpoint was made for: an
    /// older copy, another log, or none where there was one.
    pub fn open(path: &Path, vault: Arc<Vault>, caps: Caps) -> Result<Self, Error> {
        let db = schema::open(path)?;
        let log_id = db.query_row("SELECT log_id FROM meta", [], |row| row.get(0))?;
        let files = CheckpointFile::places(path, &vault);
        let state = Mutex::new(State {
            db,
            frontier: Frontier::default(),
        });
        let inode = inode(path)?;
        let ledger = Self {
            vault,
            caps,
            path: path.to_owned(),
            files,
            log_id,
            inode,
            state,
        };
        ledger.check_against_checkpoint()?;
        Ok(ledger)
    }

    /// Writes an entry. It is durable when this returns. The receipt releases the content whose
    /// digest the entry has; without one it releases nothing.
    pub fn record(&self, entry: &Entry) -> Result<AuditReceipt, Error> {
        let seq = self.work(|work| work.append(entry))?;
        // No content is known whose SHA-256 is all zeros, so such a receipt releases nothing.
        Ok(AuditReceipt::new(seq, entry.digest.unwrap_or_default()))
    }

    /// Entries from number `from_seq` on, oldest first, at most `count`.
    pub fn entries(&self, from_seq: u64, count: u64) -> Result<Vec<Recorded>, Error> {
        let state = self.lock();
        let mut query = state.db.prepare_cached(
            "SELECT seq, body FROM entries WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
        )?;
        let rows = query.query_map(params![from_seq, count.min(PAGE_ENTRIES_MAX)], |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.map(|row| {
            let (seq, body) = row?;
            entry::decode(&body).ok_or(Error::Damaged(seq))
        })
        .collect()
    }

    /// The current checkpoint as a signed note, to be kept elsewhere.
    pub fn checkpoint(&self) -> Result<String, Error> {
        self.work(|work| {
            let checkpoint = Checkpoint::new(&self.log_id, work.size(), work.frontier.root());
            let signature = checkpoint.sign(&self.vault);
            Ok(checkpoint.note(&self.vault.public_key(), &signature))
        })
    }

    /// Reads the whole log and names what is wrong with it.
    pub fn verify(&self) -> Result<Report, Error> {
        Self::inspect(&self.path, &self.vault)
    }

    /// As [`Ledger::verify`], and that the log still holds what an older checkpoint says.
    pub fn verify_against(&self, note: &str) -> Result<Report, Error> {
        Self::inspect_against(&self.path, &self.vault, Some(note))
    }

    /// As [`Ledger::verify`], for a ledger that does not open.
    pub fn inspect(path: &Path, vault: &Vault) -> Result<Report, Error> {
        Self::inspect_against(path, vault, None)
    }

    /// As [`Ledger::inspect`], and that the log still holds what an older checkpoint says, if any.
    pub fn inspect_against(
        path: &Path,
        vault: &Vault,
        older: Option<&str>,
    ) -> Result<Report, Error> {
        verify::inspect(path, vault, older)
    }

    /// Proof that entry `seq` is in the log: its leaf hash, the audit path and the checkpoint.
    pub fn prove_inclusion(&self, seq: u64) -> Result<(Hash, Vec<Hash>, Checkpoint), Error> {
        let leaves = self.leaves()?;
        let index = usize::try_from(seq.wrapping_sub(1)).map_err(|_| Error::NoSuchEntry)?;
        let leaf = *leaves.get(index).ok_or(Error::NoSuchEntry)?;
        let checkpoint = Checkpoint::new(&self.log_id, leaves.len() as u64, tree::root(&leaves));
        Ok((leaf, tree::inclusion(&leaves, index), checkpoint))
    }

    /// Proof that the log of `old_size` entries is the beginning of this one.
    pub fn prove_consistency(&self, old_size: u64) -> Result<(Vec<Hash>, Checkpoint), Error> {
        let leaves = self.leaves()?;
        let old = usize::try_from(old_size).map_err(|_| Error::NoSuchEntry)?;
        if old > leaves.len() {
            return Err(Error::NoSuchEntry);
        }
        let checkpoint = Checkpoint::new(&self.log_id, leaves.len() as u64, tree::root(&leaves));
        Ok((tree::consistency(&leaves, old), checkpoint))
    }

    /// Runs one durable transaction; the checkpoint is in its file when this returns.
    ///
    /// The lock is held until then, so that checkpoints are written in order.
    pub(crate) fn work<T>(
        &self,
        then: impl FnOnce(&mut Work<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut state = self.lock();
        let State { db, frontier } = &mut *state;
        let mut next = frontier.clone();
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        catch_up(&txn, &mut next)?;
        let last: u64 = txn.query_row("SELECT coalesce(max(seq), 0) FROM entries", [], |row| {
            row.get(0)
        })?;
        if last != next.size() || inode(&self.path)? != self.inode {
            return Err(Error::RolledBack);
        }
        let mut work = Work {
            txn,
            frontier: next,
            ledger: self,
            pending: None,
        };
        let done = then(&mut work)?;
        let Work {
            txn,
            frontier: next,
            pending,
            ..
        } = work;
        txn.commit()?;
        *frontier = next;
        if let Some(Pending(checkpoint, signature)) = pending {
            let key = self.vault.public_key();
            for file in &self.files {
                file.advance(&checkpoint, &key, &signature)?;
            }
        }
        Ok(done)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leaves(&self) -> Result<Vec<Hash>, Error> {
        leaves_after(&self.lock().db, 0)
    }

    fn check_against_checkpoint(&self) -> Result<(), Error> {
        let key = self.vault.public_key();
        let mut held = Vec::new();
        for file in &self.files {
            held.push(file.read()?.map(|note| Checkpoint::parse(&note, &key)));
        }
        self.work(|work| {
            let size = work.size();
            let current = Checkpoint::new(&self.log_id, size, work.frontier.root());
            for held in held {
                let same = match held {
                    None => size == 0,
                    Some(None) => false,
                    Some(Some(held)) => {
                        let root = root_at(&work.txn, held.size)?;
                        held.origin == current.origin && root == Some(held.root)
                    }
                };
                if !same {
                    return Err(Error::RolledBack);
                }
            }
            let signature = current.sign(&self.vault);
            work.pending = Some(Pending(current, signature));
            Ok(())
        })
    }
}

impl State {
    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }
}

impl Work<'_> {
    fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Appends an entry and says its number.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<u64, Error> {
        self.append_settling(entry, None)
    }

    /// As [`Work::append`], for the outcome of what entry `settles` reserved.
    pub(crate) fn append_settling(
        &mut self,
        entry: &Entry,
        settles: Option<u64>,
    ) -> Result<u64, Error> {
        let seq = self.size().saturating_add(1);
        let body = entry::encode(seq, entry, settles);
        let leaf = tree::leaf_hash(body.as_bytes());
        self.frontier.push(leaf);
        let root = self.frontier.root();
        let checkpoint = Checkpoint::new(&self.ledger.log_id, seq, root);
        let signature = checkpoint.sign(&self.ledger.vault);
        self.txn.execute(
            "INSERT INTO entries (seq, body, leaf, root, signature) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![seq, body, leaf, root, signature],
        )?;
        self.pending = Some(Pending(checkpoint, signature));
        Ok(seq)
    }

    /// The later of `now` and the latest time seen, which it becomes.
    pub(crate) fn advance_clock(&self, now_unix_s: u64) -> Result<u64, Error> {
        let now = now_unix_s.min(i64::MAX as u64);
        let latest = self.txn.query_row(
            "UPDATE meta SET latest_unix_s = max(latest_unix_s, ?1) RETURNING latest_unix_s",
            [now],
            |row| row.get(0),
        )?;
        Ok(latest)
    }
}

fn inode(path: &Path) -> Result<(u64, u64), Error> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Takes in what other processes appended.
fn catch_up(db: &Connection, frontier: &mut Frontier) -> Result<(), Error> {
    for leaf in leaves_after(db, frontier.size())? {
        frontier.push(leaf);
    }
    Ok(())
}

fn leaves_after(db: &Connection, seq: u64) -> Result<Vec<Hash>, Error> {
    let mut query = db.prepare_cached("SELECT leaf FROM entries WHERE seq > ?1 ORDER BY seq")?;
    let leaves = query
        .query_map([seq], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(leaves)
}

/// Root of the tree of the first `size` entries, from their leaves.
fn root_at(db: &Connection, size: u64) -> Result<Option<Hash>, Error> {
    let mut query = db.prepare_cached("SELECT leaf FROM entries WHERE seq <= ?1 ORDER BY seq")?;
    let leaves: Vec<Hash> = query
        .query_map([size], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok((leaves.len() as u64 == size).then(|| tree::root(&leaves)))
}
