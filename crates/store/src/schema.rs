//! Opening the database and its tables.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cordon_journal::Cursor;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::limits::BUSY_MS_MAX;
use crate::{Error, RecordKeys};

/// Format of the database, in `user_version`.
const FORMAT: i64 = 1 + MIGRATIONS.len() as i64;

/// What SQLite says of a header that asks for a later format: `SQLITE_ERROR` and, though the file
/// was opened for writing before, `SQLITE_READONLY`.
const HEADER_ERROR: i32 = 1;
const HEADER_READ_ONLY: i32 = 8;

const TABLES: &str = "
CREATE TABLE cursor (
    one INTEGER PRIMARY KEY CHECK (one = 0), segment INTEGER NOT NULL, offset INTEGER NOT NULL
) STRICT;
CREATE TABLE request (
    tenant TEXT NOT NULL, mac BLOB NOT NULL, seen_s INTEGER NOT NULL, PRIMARY KEY (tenant, mac)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_seen ON request (seen_s);
CREATE TABLE counter (
    tenant TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (tenant, name, label)
) STRICT, WITHOUT ROWID;
CREATE TABLE grouped (
    tenant TEXT NOT NULL, group_id TEXT NOT NULL, kind TEXT NOT NULL, failure INTEGER NOT NULL,
    count INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
    day INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (tenant, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX grouped_day ON grouped (tenant, day);
CREATE TABLE bucket (
    tenant TEXT NOT NULL, group_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (tenant, group_id, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, event_id BLOB NOT NULL,
    group_id TEXT NOT NULL, day INTEGER NOT NULL, time_ns INTEGER NOT NULL,
    received_ns INTEGER NOT NULL, severity INTEGER NOT NULL, first INTEGER NOT NULL,
    rank INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (tenant, event_id)
) STRICT;
CREATE INDEX event_group ON event (tenant, group_id, first, rank, seq);
CREATE INDEX event_time ON event (tenant, time_ns);
CREATE INDEX event_day ON event (tenant, day);
CREATE TABLE quarantine (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, event_id BLOB NOT NULL,
    day INTEGER NOT NULL, received_ns INTEGER NOT NULL, reason TEXT NOT NULL,
    sealed BLOB NOT NULL, UNIQUE (tenant, event_id)
) STRICT;
";

/// What each format adds to the one before it, from format 2 on.
const MIGRATIONS: [&str; 4] = [
    FEATURES,
    crate::changes::TABLES,
    crate::quarantine::COLUMNS,
    crate::rollup::TABLES,
];

const FEATURES: &str = "
CREATE TABLE feature (
    tenant TEXT NOT NULL, group_id TEXT NOT NULL, day INTEGER NOT NULL,
    oldest_ns INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (tenant, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX feature_day ON feature (tenant, day);
CREATE TABLE feature_bucket (
    tenant TEXT NOT NULL, slot INTEGER NOT NULL, bucket INTEGER NOT NULL, group_id TEXT NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (tenant, slot, bucket, group_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE occasion (
    tenant TEXT NOT NULL, digest BLOB NOT NULL, group_id TEXT NOT NULL, at_ns INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest, group_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE occurred (
    tenant TEXT NOT NULL, group_id TEXT NOT NULL, count INTEGER NOT NULL, last_ns INTEGER NOT NULL,
    PRIMARY KEY (tenant, group_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE together (
    tenant TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, count INTEGER NOT NULL,
    last_ns INTEGER NOT NULL, PRIMARY KEY (tenant, a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX together_b ON together (tenant, b);
CREATE INDEX grouped_across ON grouped (group_id);
";

/// What is put behind the database's name where it was found damaged while it was used.
const DOUBTED: &str = "-doubted";

/// The open store. Several processes may have it open; SQLite keeps their transactions apart.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    /// Apart, so that questions do not wait for a batch being applied.
    reader: Mutex<Connection>,
    pub(crate) keys: Arc<dyn RecordKeys>,
    /// Records that could not be opened, over all queries.
    pub(crate) unreadable: AtomicU64,
}

impl Store {
    /// Opens the database, made where missing (mode 0600) in an existing directory.
    ///
    /// [`Error::Corrupt`] where the file is no database; see [`Store::open_or_set_aside`].
    pub fn open(path: &Path, keys: Arc<dyn RecordKeys>) -> Result<Self, Error> {
        make_private(path).map_err(|error| Error::File(error.kind()))?;
        let mut writer = connect(path)?;
        migrate(&mut writer)?;
        let reader = connect(path)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            keys,
            unreadable: AtomicU64::new(0),
        })
    }

    /// As [`Store::open`], for the one process that owns the data directory: a damaged database is
    /// moved, sealed as it is, to `lost-and-found/` beside it, and an empty one begun. Says where
    /// it went.
    ///
    /// Its cursor is gone with it: what the journal still holds is applied again.
    pub fn open_or_set_aside(
        path: &Path,
        keys: Arc<dyn RecordKeys>,
    ) -> Result<(Self, Option<PathBuf>), Error> {
        let opened = Self::open(path, Arc::clone(&keys)).and_then(|store| {
            let is_sound = store.is_sound()? && store.has_every_name()?;
            if is_sound && store.is_beyond_doubt()? {
                store.cursor()?;
                Ok(store)
            } else {
                Err(Error::Corrupt)
            }
        });
        match opened {
            Ok(store) => Ok((store, None)),
            Err(
                Error::Corrupt | Error::Row(_) | Error::Database(HEADER_ERROR | HEADER_READ_ONLY),
            ) => {
                let aside = set_aside(path).map_err(|error| Error::File(error.kind()))?;
                Ok((Self::open(path, keys)?, Some(aside)))
            }
            Err(other) => Err(other),
        }
    }

    /// Whether SQLite finds the database's structure sound.
    pub fn is_sound(&self) -> Result<bool, Error> {
        let found: Result<String, _> =
            self.reader()
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        match found.map_err(Error::from) {
            Ok(text) => Ok(text == "ok"),
            Err(Error::Corrupt) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// As [`Store::is_sound`], where the database was found damaged while it was used: indexes are
    /// compared with their tables then, which takes longer, and `quick_check` does not.
    fn is_beyond_doubt(&self) -> Result<bool, Error> {
        let doubted = beside(&self.path, DOUBTED);
        if !doubted.exists() {
            return Ok(true);
        }
        let found: String = self
            .reader()
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        // Best effort: one that stays makes the next start look again.
        let _ = fs::remove_file(doubted);
        Ok(found == "ok")
    }

    /// Remembers, for the next start, that the database is damaged in a way that its start did not
    /// find: it would be used again, and take nothing for good.
    pub(crate) fn doubt(&self, error: Error) -> Error {
        if matches!(error, Error::Corrupt | Error::Row(_)) {
            // Best effort: a disk that takes no mark takes no batch either.
            let _ = make_private(&beside(&self.path, DOUBTED));
        }
        error
    }

    /// Whether every table and column is there under its name. `quick_check` does not look at the
    /// names of columns; without one, every batch would fail for good.
    fn has_every_name(&self) -> Result<bool, Error> {
        let wanted = Connection::open_in_memory()?;
        wanted.execute_batch(TABLES)?;
        for step in MIGRATIONS {
            wanted.execute_batch(step)?;
        }
        Ok(names(&wanted)?.is_subset(&names(&self.reader())?))
    }

    /// How far the journal has been applied.
    pub fn cursor(&self) -> Result<Cursor, Error> {
        read_cursor(&self.reader())
    }

    /// A transaction is rolled back when its thread unwinds, so the connection stays usable.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names of tables and their columns.
fn names(db: &Connection) -> Result<BTreeSet<(String, String)>, rusqlite::Error> {
    let sql = "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c
        WHERE m.type = 'table'";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

pub(crate) fn read_cursor(db: &Connection) -> Result<Cursor, Error> {
    let row = db
        .query_row("SELECT segment, offset FROM cursor", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((segment, offset)) = row else {
        return Ok(Cursor::default());
    };
    let cursor = Cursor {
        segment: from_db(segment),
        offset: from_db(offset),
    };
    // The journal has no such segment: everything that it brings would be taken for applied.
    if cursor.segment > Cursor::SEGMENT_MAX {
        return Err(Error::Row("cursor"));
    }
    Ok(cursor)
}

/// Numbers as SQLite has them: what is beyond its range is at its end.
pub(crate) fn to_db(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back; what was never written is zero.
pub(crate) fn from_db(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_millis(BUSY_MS_MAX))?;
    let _mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

fn migrate(db: &mut Connection) -> Result<(), Error> {
    let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let format: i64 = txn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if !(0..=FORMAT).contains(&format) {
        return Err(Error::Format(format));
    }
    if format == 0 {
        txn.execute_batch(TABLES)?;
    }
    if format < FORMAT {
        let done = usize::try_from(format.max(1) - 1).unwrap_or_default();
        for step in MIGRATIONS.iter().skip(done) {
            txn.execute_batch(step)?;
        }
        txn.pragma_update(None, "user_version", FORMAT)?;
    }
    txn.commit()?;
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// SQLite gives its side files the mode of the database.
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    Ok(())
}

fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let bad = io::Error::from(io::ErrorKind::InvalidInput);
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(bad);
    };
    let lost = dir.join("lost-and-found");
    fs::create_dir_all(&lost)?;
    let name = name.to_string_lossy();
    let mut number = 0_u64;
    let aside = loop {
        let aside = lost.join(format!("{name}.{number}"));
        if !aside.exists() {
            break aside;
        }
        number += 1;
    };
    for suffix in ["-wal", "-shm", ""] {
        let from = dir.join(format!("{name}{suffix}"));
        match fs::rename(from, format!("{}{suffix}", aside.display())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::File::open(dir)?.sync_all()?;
    Ok(aside)
}
