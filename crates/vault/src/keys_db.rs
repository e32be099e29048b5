//! `keys.db`: every key but the root, wrapped; the token map; what the second control looks for.
//!
//! *Invariants:* apart from the data and its backups. Deleted rows are overwritten and the
//! write-ahead log is emptied, so that a destroyed key is not found in the file.
//!
//! *Limit:* a copy of the file made before stays able to open what it held; keep copies no longer
//! than the promised time of erasure.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::Error;
use crate::file::{DATABASE_FILE, reserve_private};

const FORMAT: i64 = 1;
const BUSY_MS_MAX: u64 = 10_000;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS tenant_keys (
    tenant TEXT NOT NULL,
    region TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pseudonym_keys (
    tenant TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS data_keys (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    day INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, domain, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS destroyed_days (
    domain TEXT PRIMARY KEY NOT NULL,
    before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signing_keys (
    epoch INTEGER PRIMARY KEY NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    tenant TEXT NOT NULL,
    token TEXT NOT NULL,
    kind TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    sealed BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (tenant, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tokens_day ON tokens (day);
CREATE TABLE IF NOT EXISTS controls (
    tenant TEXT NOT NULL,
    control TEXT NOT NULL,
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    added_unix_s INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, control, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS control_revisions (
    tenant TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Opens the database, making it where there is none.
pub(crate) fn open(dir: &Path) -> Result<Connection, Error> {
    let path = dir.join(DATABASE_FILE);
    reserve_private(&path)?;
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_millis(BUSY_MS_MAX))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    let format: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if format > FORMAT {
        return Err(Error::Format(format));
    }
    db.execute_batch(SCHEMA)?;
    if format < FORMAT {
        db.pragma_update(None, "user_version", FORMAT)?;
    }
    Ok(db)
}

/// Empties the write-ahead log after a deletion. Best effort: a reader may hold it open, then the
/// next deletion or the last close does it.
pub(crate) fn forget(db: &Connection) -> Result<(), Error> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
