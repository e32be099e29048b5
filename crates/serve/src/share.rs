//! Rooms that people share: sealed messages in a file of their own, until the room runs out.
//!
//! *Invariants:* a message is opaque here: the key is behind `#` in a link and never comes. A room
//! belongs to one tenant, and is not there for any other. What has run out is not given, from that
//! second on, and is overwritten in the file when that is next opened or swept (`secure_delete`);
//! SQLite's journal, which is unlinked, may leave ciphertext in free blocks of the disk.
//!
//! *Limits:* below, each with its unit last.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use cordon_event::TenantId;
use cordon_ledger::Session;
use data_encoding::BASE32_NOPAD;
use rusqlite::{
    Connection, OptionalExtension as _, ToSql, Transaction, TransactionBehavior, params,
};
use thiserror::Error;

/// Longest life of a room, in hours: a week.
pub(crate) const HOURS_MAX: u64 = 7 * 24;
/// Bytes of one sealed message.
pub(crate) const SEALED_BYTES_MAX: usize = 256 << 10;
/// Messages of a room.
const MESSAGES_COUNT_MAX: u64 = 10_000;
/// Bytes of all messages of a room.
const ROOM_BYTES_MAX: u64 = 16 << 20;
/// Rooms of a tenant at once.
const ROOMS_COUNT_MAX: u64 = 64;
/// Of them, those of one operator.
const OWN_ROOMS_COUNT_MAX: u64 = 16;
/// Bytes of messages that one reading gives; one message is always given.
const READ_BYTES_MAX: usize = 1 << 20;
/// Who opened a room: rows kept of one room.
const OPENINGS_COUNT_MAX: u64 = 1_000;

const HOUR_S: u64 = 3_600;
const BUSY: Duration = Duration::from_secs(5);
/// Bytes of randomness in a room's name.
const NAME_BYTES: usize = 16;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS rooms (
    id TEXT PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_unix_s INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    room TEXT NOT NULL REFERENCES rooms (id),
    sequence INTEGER NOT NULL,
    unix_s INTEGER NOT NULL,
    operator TEXT NOT NULL,
    session TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (room, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS openings (
    room TEXT NOT NULL REFERENCES rooms (id),
    operator TEXT NOT NULL,
    session TEXT NOT NULL,
    first_unix_s INTEGER NOT NULL,
    last_unix_s INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    PRIMARY KEY (room, operator, session)
) STRICT, WITHOUT ROWID;
";

/// Why nothing came of an act on a shared room.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ShareError {
    /// There is no such room for this tenant now.
    #[error("find shared room")]
    Unknown,
    /// The room, or the tenant, has as much as it may have.
    #[error("keep sealed message: the room is full")]
    Full,
    /// Somebody else made it.
    #[error("revoke shared room: it is somebody else's")]
    NotOwner,
    /// The file failed.
    #[error("use the file of shared rooms")]
    Database(#[from] rusqlite::Error),
    /// The file could not be made.
    #[error("open the file of shared rooms")]
    Io(#[from] std::io::Error),
    /// No randomness.
    #[error("draw random bytes")]
    Random,
}

/// A room that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name.
    pub id: String,
    /// When it ends, seconds since the Unix epoch.
    pub expires_unix_s: u64,
}

/// A sealed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number in the room, from 1.
    pub sequence: u64,
    /// When it came.
    pub unix_s: u64,
    /// Whose it is.
    pub operator: String,
    /// In which session.
    pub session: String,
    /// The ciphertext.
    pub sealed: Vec<u8>,
}

/// What a reading gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Messages after the number asked for, in order.
    pub messages: Vec<Message>,
    /// Whether there are more.
    pub more: bool,
    /// When the room ends.
    pub expires_unix_s: u64,
}

/// Who opened a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Who.
    pub operator: String,
    /// In which session.
    pub session: String,
    /// When first.
    pub first_unix_s: u64,
    /// When last.
    pub last_unix_s: u64,
    /// How often.
    pub reads: u64,
}

/// The file of shared rooms.
pub struct Shares(Connection);

impl Shares {
    /// Opens the file, making it (0600) where there is none, and forgets what has run out.
    pub fn open(path: &Path, now_unix_s: u64) -> Result<Self, ShareError> {
        // SQLite gives its other files the mode of this one.
        let mut options = std::fs::File::options();
        drop(options.append(true).create(true).mode(0o600).open(path)?);
        let db = Connection::open(path)?;
        db.busy_timeout(BUSY)?;
        // No write-ahead log: what was deleted would stay in it.
        db.pragma_update(None, "journal_mode", "DELETE")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "secure_delete", "ON")?;
        db.execute_batch(SCHEMA)?;
        let mut shares = Self(db);
        shares.expire(now_unix_s)?;
        Ok(shares)
    }

    /// Forgets rooms that have run out; how many.
    pub fn expire(&mut self, now_unix_s: u64) -> Result<usize, ShareError> {
        let mut query = self
            .0
            .prepare_cached("SELECT id FROM rooms WHERE expires_unix_s <= ?1")?;
        let ids = query.query_map([now_unix_s], |row| row.get::<_, String>(0))?;
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        drop(query);
        if !ids.is_empty() {
            let txn = self.write()?;
            for id in &ids {
                forget(&txn, id)?;
            }
            txn.commit()?;
        }
        Ok(ids.len())
    }

    /// A name for a room, drawn at random.
    pub fn draw_name() -> Result<String, ShareError> {
        let random = cordon_vault::random_bytes().map_err(|_| ShareError::Random)?;
        let name = random.get(..NAME_BYTES).unwrap_or_default();
        Ok(BASE32_NOPAD.encode(name).to_ascii_lowercase())
    }

    /// Makes a room of the session's tenant, under a name that was drawn.
    pub fn create(
        &mut self,
        session: &Session,
        id: String,
        hours: u64,
        now_unix_s: u64,
    ) -> Result<Made, ShareError> {
        let hours = hours.clamp(1, HOURS_MAX);
        let expires_unix_s = now_unix_s.saturating_add(hours.saturating_mul(HOUR_S));
        let txn = self.write()?;
        let (tenant, owner) = (session.tenant.as_str(), session.operator.as_str());
        let count = |sql: &str, values: &[&dyn ToSql]| txn.query_row(sql, values, |row| row.get(0));
        let all: u64 = count("SELECT count(*) FROM rooms WHERE tenant = ?1", &[&tenant])?;
        let own: u64 = count(
            "SELECT count(*) FROM rooms WHERE tenant = ?1 AND owner = ?2",
            &[&tenant, &owner],
        )?;
        if all >= ROOMS_COUNT_MAX || own >= OWN_ROOMS_COUNT_MAX {
            return Err(ShareError::Full);
        }
        txn.execute(
            "INSERT INTO rooms (id, tenant, owner, expires_unix_s, messages, bytes)
             VALUES (?1, ?2, ?3, ?4, 0, 0)",
            params![id, tenant, owner, expires_unix_s],
        )?;
        txn.commit()?;
        Ok(Made { id, expires_unix_s })
    }

    /// Keeps a sealed message; its number.
    pub fn append(
        &mut self,
        session: &Session,
        room: &str,
        sealed: &[u8],
        now_unix_s: u64,
    ) -> Result<u64, ShareError> {
        let txn = self.write()?;
        let found = find(&txn, room, &session.tenant, now_unix_s)?;
        let bytes = found.bytes.saturating_add(sealed.len() as u64);
        let fits = sealed.len() <= SEALED_BYTES_MAX && bytes <= ROOM_BYTES_MAX;
        if !fits || found.messages >= MESSAGES_COUNT_MAX {
            return Err(ShareError::Full);
        }
        let sequence = found.messages + 1;
        let (operator, id) = (session.operator.as_str(), &session.id);
        txn.execute(
            "INSERT INTO messages (room, sequence, unix_s, operator, session, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![room, sequence, now_unix_s, operator, id, sealed],
        )?;
        txn.execute(
            "UPDATE rooms SET messages = ?2, bytes = ?3 WHERE id = ?1",
            params![room, sequence, bytes],
        )?;
        txn.commit()?;
        Ok(sequence)
    }

    /// Messages after number `since`, and notes that the session opened the room.
    pub fn read(
        &mut self,
        session: &Session,
        room: &str,
        since: u64,
        now_unix_s: u64,
    ) -> Result<Read, ShareError> {
        let txn = self.write()?;
        let found = find(&txn, room, &session.tenant, now_unix_s)?;
        note(&txn, session, room, now_unix_s)?;
        let (messages, more) = messages(&txn, room, since)?;
        txn.commit()?;
        Ok(Read {
            messages,
            more,
            expires_unix_s: found.expires_unix_s,
        })
    }

    /// Number of the last message, without noting anything.
    pub(crate) fn last(
        &self,
        session: &Session,
        room: &str,
        now_unix_s: u64,
    ) -> Result<u64, ShareError> {
        find(&self.0, room, &session.tenant, now_unix_s).map(|found| found.messages)
    }

    /// Whether the session opened the room before.
    pub(crate) fn has_opened(
        &self,
        session: &Session,
        room: &str,
        now_unix_s: u64,
    ) -> Result<bool, ShareError> {
        let opened = self.opened(session, room, now_unix_s)?;
        Ok(opened.iter().any(|one| one.session == session.id))
    }

    /// Who opened the room, the first first.
    pub fn opened(
        &self,
        session: &Session,
        room: &str,
        now_unix_s: u64,
    ) -> Result<Vec<Opened>, ShareError> {
        find(&self.0, room, &session.tenant, now_unix_s)?;
        let mut query = self.0.prepare_cached(
            "SELECT operator, session, first_unix_s, last_unix_s, reads FROM openings
             WHERE room = ?1 ORDER BY first_unix_s, session",
        )?;
        let rows = query.query_map([room], |row| {
            Ok(Opened {
                operator: row.get(0)?,
                session: row.get(1)?,
                first_unix_s: row.get(2)?,
                last_unix_s: row.get(3)?,
                reads: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether the room is the session's operator's.
    pub(crate) fn may_revoke(
        &self,
        session: &Session,
        room: &str,
        now_unix_s: u64,
    ) -> Result<(), ShareError> {
        let found = find(&self.0, room, &session.tenant, now_unix_s)?;
        if found.owner == session.operator.as_str() {
            Ok(())
        } else {
            Err(ShareError::NotOwner)
        }
    }

    /// Ends a room of the session's operator: its bytes in the file are overwritten.
    pub fn revoke(
        &mut self,
        session: &Session,
        room: &str,
        now_unix_s: u64,
    ) -> Result<(), ShareError> {
        self.may_revoke(session, room, now_unix_s)?;
        let txn = self.write()?;
        forget(&txn, room)?;
        txn.commit()?;
        Ok(())
    }

    fn write(&mut self) -> Result<Transaction<'_>, ShareError> {
        let behavior = TransactionBehavior::Immediate;
        Ok(self.0.transaction_with_behavior(behavior)?)
    }
}

struct Found {
    owner: String,
    expires_unix_s: u64,
    messages: u64,
    bytes: u64,
}

/// The tenant's room of that name, where it has not run out.
fn find(
    db: &Connection,
    room: &str,
    tenant: &TenantId,
    now_unix_s: u64,
) -> Result<Found, ShareError> {
    let mut query = db.prepare_cached(
        "SELECT owner, expires_unix_s, messages, bytes FROM rooms
         WHERE id = ?1 AND tenant = ?2 AND expires_unix_s > ?3",
    )?;
    let found = query.query_row(params![room, tenant.as_str(), now_unix_s], |row| {
        Ok(Found {
            owner: row.get(0)?,
            expires_unix_s: row.get(1)?,
            messages: row.get(2)?,
            bytes: row.get(3)?,
        })
    });
    found.optional()?.ok_or(ShareError::Unknown)
}

fn forget(txn: &Transaction<'_>, room: &str) -> Result<(), ShareError> {
    for sql in [
        "DELETE FROM messages WHERE room = ?1",
        "DELETE FROM openings WHERE room = ?1",
        "DELETE FROM rooms WHERE id = ?1",
    ] {
        txn.execute(sql, [room])?;
    }
    Ok(())
}

/// Notes an opening.
fn note(
    txn: &Transaction<'_>,
    session: &Session,
    room: &str,
    now_unix_s: u64,
) -> Result<(), ShareError> {
    let (operator, id) = (session.operator.as_str(), &session.id);
    let again = txn.execute(
        "UPDATE openings SET last_unix_s = ?4, reads = reads + 1
         WHERE room = ?1 AND operator = ?2 AND session = ?3",
        params![room, operator, id, now_unix_s],
    )?;
    if again > 0 {
        return Ok(());
    }
    let sql = "SELECT count(*) FROM openings WHERE room = ?1";
    let openings: u64 = txn.query_row(sql, [room], |row| row.get(0))?;
    // Who cannot be noted is not let in.
    if openings >= OPENINGS_COUNT_MAX {
        return Err(ShareError::Full);
    }
    txn.execute(
        "INSERT INTO openings (room, operator, session, first_unix_s, last_unix_s, reads)
         VALUES (?1, ?2, ?3, ?4, ?4, 1)",
        params![room, operator, id, now_unix_s],
    )?;
    Ok(())
}

fn messages(db: &Connection, room: &str, since: u64) -> Result<(Vec<Message>, bool), ShareError> {
    let mut query = db.prepare_cached(
        "SELECT sequence, unix_s, operator, session, sealed FROM messages
         WHERE room = ?1 AND sequence > ?2 ORDER BY sequence",
    )?;
    let mut rows = query.query(params![room, since.min(i64::MAX as u64)])?;
    let (mut messages, mut bytes) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let sealed: Vec<u8> = row.get(4)?;
        bytes = bytes.saturating_add(sealed.len());
        if bytes > READ_BYTES_MAX && !messages.is_empty() {
            return Ok((messages, true));
        }
        messages.push(Message {
            sequence: row.get(0)?,
            unix_s: row.get(1)?,
            operator: row.get(2)?,
            session: row.get(3)?,
            sealed,
        });
    }
    Ok((messages, false))
}

#[cfg(test)]
mod tests {
    use cordon_govern::{ExposedClass, Operator, Purpose};
    use tempfile::TempDir;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn session(operator: &str, tenant: &str) -> Session {
        Session {
            id: format!("{operator}-1"),
            operator: Operator::parse(operator).unwrap(),
            tenant: TenantId::parse(tenant).unwrap(),
            class: ExposedClass::C,
            purpose: Purpose::Debugging,
            opened_unix_s: NOW,
            expires_unix_s: NOW + 10_000_000,
        }
    }

    fn named() -> String {
        Shares::draw_name().unwrap()
    }

    fn open(dir: &TempDir, now_unix_s: u64) -> Shares {
        Shares::open(&dir.path().join("shares.db"), now_unix_s).unwrap()
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "reads as a function of what was done"
    )]
    fn code<T>(done: Result<T, ShareError>) -> &'static str {
        match done {
            Ok(_) => "done",
            Err(ShareError::Unknown) => "unknown",
            Err(ShareError::Full) => "full",
            Err(ShareError::NotOwner) => "owner",
            Err(_) => "failed",
        }
    }

    #[test]
    fn messages_come_back_in_order_and_openings_are_noted() {
        let dir = tempfile::tempdir().unwrap();
        let mut shares = open(&dir, NOW);
        let (ann, bob) = (session("ann", "acme"), session("bob", "acme"));
        let room = shares.create(&ann, named(), 1, NOW).unwrap();
        assert_eq!(room.expires_unix_s, NOW + HOUR_S);
        for (number, who) in [&ann, &bob, &ann].into_iter().enumerate() {
            let sealed = [u8::try_from(number).unwrap(); 3];
            let sequence = shares.append(who, &room.id, &sealed, NOW + 1).unwrap();
            assert_eq!(sequence, number as u64 + 1);
        }
        assert!(!shares.has_opened(&bob, &room.id, NOW + 2).unwrap());
        let read = shares.read(&bob, &room.id, 1, NOW + 2).unwrap();
        assert!(shares.has_opened(&bob, &room.id, NOW + 2).unwrap() && !read.more);
        let numbers: Vec<u64> = read.messages.iter().map(|m| m.sequence).collect();
        assert_eq!(numbers, [2, 3]);
        assert_eq!(read.messages[0].operator, "bob");
        let again = shares.read(&bob, &room.id, u64::MAX, NOW + 9).unwrap();
        assert!(again.messages.is_empty());
        let opened = shares.opened(&ann, &room.id, NOW + 9).unwrap();
        let bobs = Opened {
            operator: "bob".to_owned(),
            session: "bob-1".to_owned(),
            first_unix_s: NOW + 2,
            last_unix_s: NOW + 9,
            reads: 2,
        };
        assert_eq!(opened, [bobs]);
    }

    #[test]
    fn another_tenants_room_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let mut shares = open(&dir, NOW);
        let (ann, eve) = (session("ann", "acme"), session("eve", "globex"));
        let room = shares.create(&ann, named(), 1, NOW).unwrap().id;
        assert_eq!(code(shares.read(&eve, &room, 0, NOW)), "unknown");
        assert_eq!(code(shares.append(&eve, &room, b"x", NOW)), "unknown");
        assert_eq!(code(shares.opened(&eve, &room, NOW)), "unknown");
        assert_eq!(code(shares.revoke(&eve, &room, NOW)), "unknown");
        assert_eq!(code(shares.read(&ann, "nowhere", 0, NOW)), "unknown");
        let bob = session("bob", "acme");
        assert_eq!(code(shares.revoke(&bob, &room, NOW)), "owner");
    }

    #[test]
    fn what_ran_out_or_was_revoked_is_gone_from_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let ann = session("ann", "acme");
        let held = |text: &[u8]| {
            let bytes = std::fs::read(dir.path().join("shares.db")).unwrap();
            bytes.windows(text.len()).any(|w| w == text)
        };
        let mut shares = open(&dir, NOW);
        let short = shares.create(&ann, named(), 1, NOW).unwrap().id;
        let long = shares.create(&ann, named(), 2, NOW).unwrap().id;
        shares
            .append(&ann, &short, b"sealed-one-of-many", NOW)
            .unwrap();
        shares
            .append(&ann, &long, b"sealed-two-of-many", NOW)
            .unwrap();
        assert!(held(b"sealed-one-of-many") && held(b"sealed-two-of-many"));
        // Not given from its second on, whether it was swept or not.
        let end = NOW + HOUR_S;
        assert_eq!(code(shares.read(&ann, &short, 0, end - 1)), "done");
        assert_eq!(code(shares.read(&ann, &short, 0, end)), "unknown");
        assert_eq!(code(shares.append(&ann, &short, b"x", end)), "unknown");
        drop(shares);
        let mut shares = open(&dir, end);
        assert!(!held(b"sealed-one-of-many") && held(b"sealed-two-of-many"));
        shares.revoke(&ann, &long, end).unwrap();
        assert_eq!(code(shares.read(&ann, &long, 0, end)), "unknown");
        assert!(!held(b"sealed-two-of-many"));
        let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(files.len(), 1, "no journal holds it either");
    }

    #[test]
    fn rooms_and_messages_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let mut shares = open(&dir, NOW);
        let ann = session("ann", "acme");
        let room = shares.create(&ann, named(), HOURS_MAX + 1, NOW).unwrap();
        assert_eq!(room.expires_unix_s, NOW + HOURS_MAX * HOUR_S);
        let sealed = vec![0; SEALED_BYTES_MAX];
        let full = usize::try_from(ROOM_BYTES_MAX).unwrap() / SEALED_BYTES_MAX;
        for _ in 0..full {
            shares.append(&ann, &room.id, &sealed, NOW).unwrap();
        }
        assert_eq!(code(shares.append(&ann, &room.id, b"x", NOW)), "full");
        let read = shares.read(&ann, &room.id, 0, NOW).unwrap();
        assert!(read.more && read.messages.len() == READ_BYTES_MAX / SEALED_BYTES_MAX);
        let other = shares.create(&ann, named(), 1, NOW).unwrap().id;
        let over = vec![0; SEALED_BYTES_MAX + 1];
        assert_eq!(code(shares.append(&ann, &other, &over, NOW)), "full");
        for _ in 2..OWN_ROOMS_COUNT_MAX {
            shares.create(&ann, named(), 1, NOW).unwrap();
        }
        assert_eq!(code(shares.create(&ann, named(), 1, NOW)), "full");
        for number in OWN_ROOMS_COUNT_MAX..ROOMS_COUNT_MAX {
            let who = session(&format!("op{}", number / 4), "acme");
            shares.create(&who, named(), 1, NOW).unwrap();
        }
        let bob = session("bob", "acme");
        assert_eq!(code(shares.create(&bob, named(), 1, NOW)), "full");
        let eve = session("eve", "globex");
        assert_eq!(code(shares.create(&eve, named(), 1, NOW)), "done");
    }
}
