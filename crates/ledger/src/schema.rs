//! `ledger.db`.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::Error;

const FORMAT: i64 = 1;
const BUSY_MS_MAX: u64 = 10_000;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY NOT NULL,
    body TEXT NOT NULL,
    leaf BLOB NOT NULL,
    root BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tenants (
    name TEXT PRIMARY KEY NOT NULL,
    region TEXT NOT NULL,
    token_sha256 BLOB NOT NULL,
    created_unix_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS standing_grants (
    operator TEXT NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    purpose TEXT NOT NULL,
    PRIMARY KEY (operator, tenant, purpose)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS across_grants (
    operator TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY NOT NULL,
    operator TEXT NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    class TEXT NOT NULL,
    purpose TEXT NOT NULL,
    opened_unix_s INTEGER NOT NULL,
    expires_unix_s INTEGER NOT NULL,
    token_sha256 BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS release_requests (
    tenant TEXT NOT NULL REFERENCES tenants (name),
    item BLOB NOT NULL,
    seq INTEGER NOT NULL,
    expires_unix_s INTEGER NOT NULL,
    PRIMARY KEY (tenant, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spend (
    tenant TEXT NOT NULL,
    operator TEXT NOT NULL,
    class TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    used INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant, class, bucket, operator)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservations (
    id BLOB PRIMARY KEY NOT NULL,
    bucket INTEGER NOT NULL,
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    open INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    log_id BLOB NOT NULL,
    latest_unix_s INTEGER NOT NULL
) STRICT;
";

/// Opens the database, making it where there is none.
pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    // SQLite gives its other files the mode of this one.
    let mut options = std::fs::File::options();
    drop(options.append(true).create(true).mode(0o600).open(path)?);
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_millis(BUSY_MS_MAX))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    let format: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if format > FORMAT {
        return Err(Error::Format(format));
    }
    db.execute_batch(SCHEMA)?;
    db.execute(
        "INSERT OR IGNORE INTO meta (one, log_id, latest_unix_s) VALUES (1, ?1, 0)",
        [cordon_vault::random_bytes()?.as_slice()],
    )?;
    if format < FORMAT {
        db.pragma_update(None, "user_version", FORMAT)?;
    }
    Ok(db)
}
