//! Entries that were held back: kept, read one by one, released, dropped, or run again.
//!
//! *Invariants:* an entry leaves in one transaction with what is counted of it, and at most once.
//! What is released is a skeleton: kind, time, service, paths, reason and counts are all that was
//! ever here. The ciphertext of a raw event is in a column of its own and never within an event.
//!
//! *Limits:* [`QUARANTINE_COUNT_MAX`], [`SEALED_RAW_COUNT_MAX`].

use cordon_event::limits::SEALED_RAW_S_MAX;
use cordon_event::{
    Batch, Entry, Event, EventId, Kind, Quarantined, Region, TenantId, Value, attr,
};
use cordon_govern::TenantScope;
use cordon_journal::KeyError;
use cordon_redact::Clean;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use crate::account::{DROPPED, QUARANTINED, RELEASED, RERUN, code, count};
use crate::apply::Apply;
use crate::keys::context;
use crate::limits::{QUARANTINE_COUNT_MAX, SEALED_RAW_COUNT_MAX};
use crate::pending::{NS_PER_S, Pending};
use crate::query::Rows;
use crate::schema::{from_db, to_db};
use crate::{Domain, Error, Grouping, Held, Sampled, Store};

/// What format 4 adds to format 3.
pub(crate) const COLUMNS: &str = "
ALTER TABLE quarantine ADD COLUMN raw BLOB;
ALTER TABLE quarantine ADD COLUMN raw_until_s INTEGER NOT NULL DEFAULT 0;
";

const S_PER_DAY: u64 = 86_400;
/// How often expiry runs at least: what would run out before the next time goes now.
const EXPIRE_EVERY_S: u64 = 3_600;
const HELD_COLUMNS: &str = "SELECT event_id, day, received_ns, reason, sealed,
    CASE WHEN raw IS NULL THEN 0 ELSE raw_until_s END FROM quarantine WHERE tenant = ?1";

/// A quarantined entry.
#[derive(Clone, Debug)]
pub struct HeldRow {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub event_id: EventId,
    /// When it was received, nanoseconds since the Unix epoch.
    pub received_unix_ns: u64,
    /// Reason code.
    pub reason: String,
    /// Rule and paths.
    pub held: Clean<Held>,
    /// Until when its raw event can be opened by its approvers, seconds since the Unix epoch; none
    /// where there is none.
    pub raw_until_unix_s: Option<u64>,
    day: u32,
}

impl HeldRow {
    /// When it is deleted with its keys under that retention, seconds since the Unix epoch.
    pub fn expires_unix_s(&self, ttl_days: u32) -> u64 {
        (u64::from(self.day) + u64::from(ttl_days) + 1) * S_PER_DAY
    }
}

/// Why an entry was dropped: a few codes, so that no text is written about what nobody may write
/// about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// The rule was wrong: there was nothing to hold back, and the event is not needed.
    FalseAlarm,
    /// The sender was mended, and the event is not needed.
    SourceFixed,
    /// It was no production data.
    TestData,
    /// It is too old to matter.
    Obsolete,
}

impl DropReason {
    /// Stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FalseAlarm => "false_alarm",
            Self::SourceFixed => "source_fixed",
            Self::TestData => "test_data",
            Self::Obsolete => "obsolete",
        }
    }
}

/// How an entry leaves without becoming an event here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// An operator dropped it.
    Dropped(DropReason),
    /// What it is now was received as another entry.
    Rerun,
}

impl Store {
    /// Quarantined entries, the most recent first.
    pub fn quarantine(&self, scope: &TenantScope, limit: usize) -> Result<Rows<HeldRow>, Error> {
        let sql = format!("{HELD_COLUMNS} ORDER BY seq DESC LIMIT ?2");
        let tenant = scope.tenant();
        self.collect(limit, |limit, push| {
            let db = self.reader();
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params![tenant.as_str(), limit])?;
            while let Some(row) = rows.next()? {
                push(self.held_row(tenant, row))?;
            }
            Ok(())
        })
    }

    /// Ids of all quarantined entries, the most recent first.
    pub fn quarantined_ids(&self, scope: &TenantScope) -> Result<Vec<EventId>, Error> {
        let db = self.reader();
        let sql = "SELECT event_id FROM quarantine WHERE tenant = ?1 ORDER BY seq DESC";
        let mut statement = db.prepare_cached(sql)?;
        let ids = statement.query_map([scope.tenant().as_str()], |row| row.get(0).map(EventId))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// One quarantined entry, or `None` where the scope has none of that id.
    pub fn quarantined(&self, scope: &TenantScope, id: EventId) -> Result<Option<HeldRow>, Error> {
        let db = self.reader();
        let sql = format!("{HELD_COLUMNS} AND event_id = ?2");
        let mut statement = db.prepare_cached(&sql)?;
        let tenant = scope.tenant();
        let found = statement
            .query_row(params![tenant.as_str(), id.0], |row| {
                Ok(self.held_row(tenant, row))
            })
            .optional()?;
        match found.transpose() {
            // Whose key was destroyed is gone; its row goes with the next expiry.
            Err(Error::Key(KeyError::Gone)) => Ok(None),
            found => found,
        }
    }

    /// The ciphertext of an entry's raw event, while its time lasts.
    pub fn sealed_raw(
        &self,
        scope: &TenantScope,
        id: EventId,
        now_unix_s: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "SELECT raw FROM quarantine WHERE tenant = ?1 AND event_id = ?2 AND raw_until_s > ?3",
        )?;
        let row = params![scope.tenant().as_str(), id.0, to_db(now_unix_s)];
        let found = statement.query_row(row, |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    /// Admits the skeleton of an entry to the tenant's events, as if it had arrived like that;
    /// whether there was such an entry. It is grouped, counted and kept as any other event.
    pub fn release(
        &self,
        scope: &TenantScope,
        id: EventId,
        region: &Region,
        now_unix_s: u64,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Result<bool, Error> {
        let Some(row) = self.quarantined(scope, id)? else {
            return Ok(false);
        };
        let (tenant, received_ns) = (row.tenant, row.received_unix_ns);
        let whose = Clean::technical((tenant, region.clone()));
        let which = Clean::technical((id, received_ns));
        let batch = row.held.pair(whose.pair(which)).map(batch_of);
        // Grouping needs no lock and may be slow.
        let pending = Pending::of(&batch, Sampled::default(), classify);
        self.leave(scope, id, |db| {
            count(db, scope.tenant().as_str(), RELEASED, "", 1)?;
            // Sealed under today's keys: a group of today's events is not moved back to that day.
            let day = u32::try_from(now_unix_s / S_PER_DAY).unwrap_or(u32::MAX);
            let apply = Apply {
                store: self,
                db,
                batch: batch.get(),
                day,
            };
            apply.all(pending).map(drop)
        })
    }

    /// Deletes an entry, and counts why; whether there was such an entry.
    pub fn discharge(
        &self,
        scope: &TenantScope,
        id: EventId,
        leaves: Leaves,
    ) -> Result<bool, Error> {
        let tenant = scope.tenant().as_str();
        self.leave(scope, id, |db| match leaves {
            Leaves::Dropped(reason) => count(db, tenant, DROPPED, reason.as_str(), 1),
            Leaves::Rerun => count(db, tenant, RERUN, "", 1),
        })
    }

    /// Takes an entry out, in one transaction with what is done of it. The write-ahead log is
    /// emptied then, so that no deleted ciphertext lingers there.
    fn leave(
        &self,
        scope: &TenantScope,
        id: EventId,
        then: impl FnOnce(&Connection) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let tenant = scope.tenant().as_str();
        let mut db = self.writer();
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "DELETE FROM quarantine WHERE tenant = ?1 AND event_id = ?2 RETURNING reason";
        let reason: Option<String> = txn
            .query_row(sql, params![tenant, id.0], |row| row.get(0))
            .optional()?;
        let Some(reason) = reason else {
            return Ok(false);
        };
        count(&txn, tenant, QUARANTINED, &reason, -1)?;
        then(&txn)?;
        txn.commit()?;
        // Another process that reads just now merely postpones this.
        let _busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(true)
    }

    fn held_row(&self, tenant: &TenantId, row: &Row<'_>) -> Result<HeldRow, Error> {
        let (event_id, day) = (EventId(row.get(0)?), row.get(1)?);
        let sealed: Vec<u8> = row.get(4)?;
        let held = self.open_row(Domain::Quarantine, tenant, day, &event_id.0, &sealed)?;
        let raw_until_s: i64 = row.get(5)?;
        Ok(HeldRow {
            tenant: tenant.clone(),
            event_id,
            received_unix_ns: from_db(row.get(2)?),
            reason: row.get(3)?,
            held,
            raw_until_unix_s: (raw_until_s > 0).then(|| from_db(raw_until_s)),
            day,
        })
    }
}

impl Apply<'_> {
    /// Keeps entries that were held back; how many.
    pub(crate) fn hold(&self, held: Vec<(EventId, Clean<Held>)>) -> Result<u64, Error> {
        let total = held.len() as u64;
        if held.is_empty() {
            return Ok(0);
        }
        let tenant = &self.batch.tenant;
        let keys = &self.store.keys;
        let key = keys.sealer(tenant, Domain::Quarantine, self.day)?;
        let received_ns = self.batch.received_unix_ns;
        let latest_s = (received_ns / NS_PER_S).saturating_add(SEALED_RAW_S_MAX);
        for (id, mut entry) in held {
            let raw = entry.get().0.sealed.clone();
            entry = entry.map(without_raw);
            let row = context(Domain::Quarantine, tenant, self.day, &id.0);
            let sealed = entry.seal(key.as_ref(), &row)?;
            let reason = code(&entry.get().0.reason);
            let until_s = raw.as_ref().map_or(0, |raw| raw.until_unix_s.min(latest_s));
            self.db
                .prepare_cached(
                    "INSERT INTO quarantine (tenant, event_id, day, received_ns, reason, sealed,
                     raw, raw_until_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    tenant.as_str(),
                    id.0,
                    self.day,
                    to_db(received_ns),
                    reason,
                    sealed,
                    raw.map(|raw| raw.bytes),
                    to_db(until_s),
                ])?;
            count(self.db, tenant.as_str(), QUARANTINED, reason, 1)?;
        }
        self.bound_quarantine()?;
        Ok(total)
    }

    /// The oldest give way.
    fn bound_quarantine(&self) -> Result<(), Error> {
        let tenant = self.batch.tenant.as_str();
        self.db
            .prepare_cached(
                "DELETE FROM quarantine WHERE seq IN (SELECT seq FROM quarantine
                 WHERE tenant = ?1 ORDER BY seq DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![tenant, to_db(QUARANTINE_COUNT_MAX)])?;
        self.db
            .prepare_cached(
                "UPDATE quarantine SET raw = NULL WHERE seq IN (SELECT seq FROM quarantine
                 WHERE tenant = ?1 AND raw IS NOT NULL ORDER BY seq DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![tenant, to_db(SEALED_RAW_COUNT_MAX)])?;
        Ok(())
    }
}

/// Forgets raw events whose time is up.
pub(crate) fn expire_raw(db: &Connection, tenant: &str, now_unix_s: u64) -> Result<(), Error> {
    db.execute(
        "UPDATE quarantine SET raw = NULL
         WHERE tenant = ?1 AND raw IS NOT NULL AND raw_until_s <= ?2",
        params![tenant, to_db(now_unix_s.saturating_add(EXPIRE_EVERY_S))],
    )?;
    Ok(())
}

fn without_raw(Held(held): Held) -> Held {
    Held(Quarantined {
        sealed: None,
        ..held
    })
}

/// Whose an entry is, and which.
type Place = ((TenantId, Region), (EventId, u64));

/// The entry as a batch of one event.
fn batch_of((Held(held), ((tenant, region), (id, received_unix_ns))): (Held, Place)) -> Batch {
    Batch {
        tenant,
        region,
        request_mac: [0; 32],
        received_unix_ns,
        removed: Vec::new(),
        entries: vec![(id, Entry::Event(skeleton(held)))],
        facts: Vec::new(),
    }
}

/// What is left of an event, as one: it says so itself.
fn skeleton(held: Quarantined) -> Event {
    let text = format!("event released from quarantine: {}", code(&held.reason));
    let paths = held.paths.into_iter().map(Value::String).collect();
    let removed: u64 = held.removed.iter().map(|(_, _, n)| n).sum();
    let removed = i64::try_from(removed).unwrap_or(i64::MAX);
    let service = (!held.source.is_empty()).then(|| {
        let name = attr::SERVICE_NAME.to_owned();
        (name, Value::String(held.source))
    });
    Event {
        // Neither has a form without its values.
        kind: match held.kind {
            Kind::Change | Kind::MetricPoint => Kind::Log,
            kind => kind,
        },
        time_unix_ns: held.time_unix_ns,
        name: "cordon.quarantine.released".to_owned(),
        body: Value::String(text),
        attributes: vec![
            (REASON.to_owned(), Value::String(held.reason)),
            (RULE.to_owned(), Value::String(held.rule)),
            (PATHS.to_owned(), Value::Array(paths)),
            (REMOVED.to_owned(), Value::Int(removed)),
        ],
        resource: service.into_iter().collect(),
        ..Event::default()
    }
}

const REASON: &str = "cordon.quarantine.reason";
const RULE: &str = "cordon.quarantine.rule";
const PATHS: &str = "cordon.quarantine.paths";
const REMOVED: &str = "cordon.quarantine.removed_count";
