//! Reading the whole log and naming what is wrong with it.

use std::path::Path;

use cordon_vault::Vault;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use crate::checkpoint::{Checkpoint, CheckpointFile};
use crate::derived::Derived;
use crate::tree::{Frontier, Hash, leaf_hash};
use crate::{Error, entry};

/// Something wrong with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An entry is not what was signed.
    Edited {
        /// Its number.
        seq: u64,
    },
    /// Entries are gone from within.
    Deleted {
        /// Number of the first that is gone.
        seq: u64,
    },
    /// An entry stands at another's place.
    Reordered {
        /// The place.
        seq: u64,
    },
    /// Entries are gone from the end, or the database is an older copy.
    Truncated {
        /// Entries that there are.
        size: u64,
        /// Entries that the checkpoint covers.
        checkpoint_size: u64,
    },
    /// The log is another one than the checkpoint's.
    Forked {
        /// Entries that the checkpoint covers.
        checkpoint_size: u64,
    },
    /// There are entries but no checkpoint.
    CheckpointMissing,
    /// The checkpoint is not one, or its signature does not hold.
    CheckpointForged,
    /// The database cannot be read as a log: damaged, or without its tables.
    Unreadable,
    /// The budget's table is not what was reserved less what was given back.
    SpendMismatch {
        /// Beginning of the bucket that differs, seconds since the Unix epoch.
        bucket_unix_s: u64,
    },
    /// Standing grants, sessions and requests for a release of which no entry says that they were
    /// given.
    GrantUnrecorded {
        /// How many.
        grants_count: u64,
    },
    /// Tenants of which no entry says that they were added.
    TenantUnrecorded {
        /// How many.
        tenants_count: u64,
    },
}

impl Problem {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Edited { .. } => "audit_edited",
            Self::Deleted { .. } => "audit_deleted",
            Self::Reordered { .. } => "audit_reordered",
            Self::Truncated { .. } => "audit_truncated",
            Self::Forked { .. } => "audit_forked",
            Self::CheckpointMissing => "audit_checkpoint_missing",
            Self::CheckpointForged => "audit_checkpoint_forged",
            Self::Unreadable => "audit_unreadable",
            Self::SpendMismatch { .. } => "audit_spend_mismatch",
            Self::GrantUnrecorded { .. } => "audit_grant_unrecorded",
            Self::TenantUnrecorded { .. } => "audit_tenant_unrecorded",
        }
    }
}

/// What the verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Entries read.
    pub entries_count: u64,
    /// Root hash of the tree over them.
    pub root: Hash,
    /// What is wrong; empty when nothing is.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A row as it stands: by another's hand it may hold anything.
struct Row {
    seq: Option<u64>,
    body: Option<String>,
    leaf: Option<Hash>,
    root: Option<Hash>,
    signature: Vec<u8>,
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let bytes = |at| -> rusqlite::Result<Vec<u8>> {
            Ok(match row.get_ref(at)? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
                _ => Vec::new(),
            })
        };
        Ok(Self {
            seq: row
                .get::<_, i64>(0)
                .ok()
                .and_then(|seq| seq.try_into().ok()),
            body: String::from_utf8(bytes(1)?).ok(),
            leaf: bytes(2)?.try_into().ok(),
            root: bytes(3)?.try_into().ok(),
            signature: bytes(4)?,
        })
    }
}

/// Reads without writing, so that it works on a log that no longer opens.
pub(crate) fn inspect(path: &Path, vault: &Vault, older: Option<&str>) -> Result<Report, Error> {
    match read(path, vault, older) {
        Err(Error::Database(error)) if is_damage(&error) => Ok(Report {
            entries_count: 0,
            root: Frontier::default().root(),
            problems: vec![Problem::Unreadable],
        }),
        read => read,
    }
}

/// Whether the database is another than was written, rather than busy or out of reach.
fn is_damage(error: &rusqlite::Error) -> bool {
    use ErrorCode::{DatabaseCorrupt, NotADatabase, Unknown};
    match error.sqlite_error_code() {
        // Unknown: a table or column that is not there.
        // Or none: columns of another type than was written.
        Some(DatabaseCorrupt | NotADatabase | Unknown) | None => true,
        Some(_) => false,
    }
}

fn read(path: &Path, vault: &Vault, older: Option<&str>) -> Result<Report, Error> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // The checkpoint first: entries that come after it are no contradiction.
    let mut notes = Vec::new();
    for file in CheckpointFile::places(path, vault) {
        notes.push(file.read()?);
    }
    let txn = db.unchecked_transaction()?;
    let log_id: Option<Vec<u8>> = txn
        .query_row("SELECT log_id FROM meta", [], |row| row.get(0))
        .optional()?;
    let log_id = log_id.unwrap_or_default();
    let key = vault.public_key();
    let mut problems = Vec::new();
    let mut known = Vec::new();
    for note in notes.iter().flatten().map(String::as_str).chain(older) {
        match Checkpoint::parse(note, &key) {
            Some(checkpoint) => known.push(checkpoint),
            None => problems.push(Problem::CheckpointForged),
        }
    }
    let mut walk = Walk::new(vault, &log_id, &known);
    let mut query =
        txn.prepare("SELECT seq, body, leaf, root, signature FROM entries ORDER BY seq")?;
    for row in query.query_map([], Row::read)? {
        walk.step(&row?);
    }
    let in_use: bool = txn.query_row(
        "SELECT EXISTS (SELECT 1 FROM tenants) OR EXISTS (SELECT 1 FROM spend)
         OR EXISTS (SELECT 1 FROM standing_grants) OR EXISTS (SELECT 1 FROM reservations)",
        [],
        |row| row.get(0),
    )?;
    if notes.iter().any(Option::is_none) && (walk.count > 0 || in_use) {
        problems.push(Problem::CheckpointMissing);
    }
    problems.append(&mut walk.problems);
    problems.extend(walk.unmet(&log_id));
    // From a log that is not whole, nothing else is to be concluded.
    let is_whole =
        |p: &Problem| matches!(p, Problem::CheckpointMissing | Problem::CheckpointForged);
    if problems.iter().all(is_whole) {
        problems.extend(walk.derived.compare(&txn)?);
    }
    problems.dedup();
    Ok(Report {
        entries_count: walk.count,
        root: walk.frontier.root(),
        problems,
    })
}

struct Walk<'a> {
    vault: &'a Vault,
    log_id: &'a [u8],
    known: &'a [Checkpoint],
    met: Vec<bool>,
    frontier: Frontier,
    count: u64,
    next: u64,
    /// Set at the first root that does not hold: every later one follows from it.
    broken: bool,
    problems: Vec<Problem>,
    /// What the tables beside the log should hold.
    derived: Derived,
}

impl<'a> Walk<'a> {
    fn new(vault: &'a Vault, log_id: &'a [u8], known: &'a [Checkpoint]) -> Self {
        let frontier = Frontier::default();
        let empty = Checkpoint::new(log_id, 0, frontier.root());
        let met = known
            .iter()
            .map(|checkpoint| *checkpoint == empty)
            .collect();
        let problems = Vec::new();
        Self {
            vault,
            log_id,
            known,
            met,
            frontier,
            count: 0,
            next: 1,
            broken: false,
            problems,
            derived: Derived::default(),
        }
    }

    fn step(&mut self, row: &Row) {
        self.count = self.count.saturating_add(1);
        let Some(seq) = row.seq.filter(|seq| *seq > 0) else {
            // No place in the log has such a number.
            self.problems.push(Problem::Edited { seq: self.next });
            return;
        };
        if seq != self.next {
            self.problems.push(Problem::Deleted { seq: self.next });
            self.broken = true;
        }
        self.next = seq.saturating_add(1);
        let body = row.body.as_deref().unwrap_or_default();
        let hash = leaf_hash(body.as_bytes());
        match entry::decode(body) {
            Some(entry) if entry.seq != seq => self.problems.push(Problem::Reordered { seq }),
            Some(entry) if Some(hash) == row.leaf => self.derived.take(&entry),
            _ => self.problems.push(Problem::Edited { seq }),
        }
        // The stored leaf carries the tree on, so that one edited body is one problem.
        self.frontier.push(row.leaf.unwrap_or(hash));
        if self.broken {
            return;
        }
        let root = self.frontier.root();
        let signed = Checkpoint::new(self.log_id, self.frontier.size(), root);
        let holds = signed.is_signed(&self.vault.public_key(), &row.signature);
        if row.root != Some(root) || !holds {
            self.broken = true;
            let told = self.problems.iter().any(|p| {
                matches!(p,
                Problem::Reordered { seq: at } | Problem::Edited { seq: at } if *at == seq)
            });
            if !told {
                self.problems.push(Problem::Edited { seq });
            }
        }
        for (met, known) in self.met.iter_mut().zip(self.known) {
            *met |= *known == signed;
        }
    }

    /// Checkpoints that the log does not lead to, unless an entry was named as the cause.
    fn unmet(&self, log_id: &[u8]) -> Vec<Problem> {
        let origin = Checkpoint::new(log_id, 0, [0; 32]).origin;
        let unmet = self.known.iter().zip(&self.met).filter(|(_, met)| !**met);
        unmet
            .filter_map(|(known, _)| {
                let (size, checkpoint_size) = (self.count, known.size);
                if known.origin == origin && self.next.saturating_sub(1) < checkpoint_size {
                    Some(Problem::Truncated {
                        size,
                        checkpoint_size,
                    })
                } else if self.broken {
                    None
                } else {
                    Some(Problem::Forked { checkpoint_size })
                }
            })
            .collect()
    }
}
