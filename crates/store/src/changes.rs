//! Changes of a tenant's systems: a table of their own, since each is looked for by its time and
//! none stands for others.
//!
//! They are sealed, counted and expired as exemplars are.

use cordon_event::{Event, EventId, Kind};
use cordon_govern::TenantScope;
use cordon_redact::{Clean, Sealer};
use rusqlite::{Connection, params};

use crate::account::{DUPLICATE, EVICTED, KEPT, count};
use crate::keys::{context, event_row};
use crate::limits::CHANGES_COUNT_MAX;
use crate::query::{Rows, Window};
use crate::schema::{from_db, to_db};
use crate::{Domain, Error, Store};

/// What format 3 adds to format 2.
pub(crate) const TABLES: &str = "
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, event_id BLOB NOT NULL,
    day INTEGER NOT NULL, time_ns INTEGER NOT NULL, received_ns INTEGER NOT NULL,
    sealed BLOB NOT NULL, UNIQUE (tenant, event_id)
) STRICT;
CREATE INDEX change_time ON change (tenant, time_ns);
CREATE INDEX change_day ON change (tenant, day);
";

/// Stands where an event has its group: a change is bound to not being one of a group.
const ROW: &str = "change";

/// A stored change.
#[derive(Clone, Debug)]
pub struct StoredChange {
    /// Its id.
    pub event_id: EventId,
    /// When it was made, nanoseconds since the Unix epoch; when it was received where it does not
    /// say.
    pub time_unix_ns: u64,
    /// The change, as [`cordon_event::Change::of`] reads it.
    pub event: Clean<Event>,
}

/// A change on its way into the store.
pub(crate) struct PendingChange {
    pub(crate) id: EventId,
    pub(crate) time_ns: u64,
    pub(crate) event: Clean<Event>,
}

/// Whether an event belongs here.
pub(crate) fn is_change(event: &Event) -> bool {
    event.kind == Kind::Change
}

/// Where the changes of one batch go.
pub(crate) struct Place<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) tenant: &'a cordon_event::TenantId,
    pub(crate) day: u32,
    pub(crate) received_ns: u64,
}

impl Place<'_> {
    /// Stores changes and lets the oldest give way; how many more are kept than before.
    pub(crate) fn put(&self, changes: Vec<PendingChange>, key: &dyn Sealer) -> Result<i64, Error> {
        let tenant = self.tenant.as_str();
        let (mut stored, mut repeated) = (0, 0);
        for change in changes {
            match self.one(&change, key)? {
                0 => repeated += 1,
                _ => stored += 1,
            }
        }
        let evicted = self
            .db
            .prepare_cached(
                "DELETE FROM change WHERE seq IN (SELECT seq FROM change WHERE tenant = ?1
                 ORDER BY time_ns DESC, seq DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![tenant, to_db(CHANGES_COUNT_MAX)])?;
        let evicted = to_db(evicted as u64);
        count(self.db, tenant, KEPT, "", stored - evicted)?;
        count(self.db, tenant, EVICTED, "", evicted)?;
        // The same ids once more: the request came again after the window.
        count(self.db, tenant, DUPLICATE, "", repeated)?;
        Ok(stored - evicted)
    }

    fn one(&self, change: &PendingChange, key: &dyn Sealer) -> Result<usize, Error> {
        let row = event_row(change.id, ROW);
        let row = context(Domain::Events, self.tenant, self.day, &row);
        let sealed = change.event.seal(key, &row)?;
        let mut insert = self.db.prepare_cached(
            "INSERT INTO change (tenant, event_id, day, time_ns, received_ns, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?;
        Ok(insert.execute(params![
            self.tenant.as_str(),
            change.id.0,
            self.day,
            to_db(change.time_ns),
            to_db(self.received_ns),
            sealed
        ])?)
    }
}

impl Store {
    /// Changes that were made in the window, the most recent first.
    pub fn changes(
        &self,
        scope: &TenantScope,
        window: Window,
        limit: usize,
    ) -> Result<Rows<StoredChange>, Error> {
        let sql = "SELECT event_id, day, time_ns, sealed FROM change
            WHERE tenant = ?1 AND time_ns >= ?2 AND time_ns < ?3
            ORDER BY time_ns DESC, seq DESC LIMIT ?4";
        let tenant = scope.tenant();
        let (from, to) = (to_db(window.from_unix_ns), to_db(window.to_unix_ns));
        self.collect(limit, |limit, push| {
            let db = self.reader();
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query(params![tenant.as_str(), from, to, limit])?;
            while let Some(row) = rows.next()? {
                let event_id = EventId(row.get(0)?);
                let (day, time_ns): (u32, i64) = (row.get(1)?, row.get(2)?);
                let sealed: Vec<u8> = row.get(3)?;
                let place = event_row(event_id, ROW);
                let event = self.open_row(Domain::Events, tenant, day, &place, &sealed);
                push(event.map(|event| StoredChange {
                    event_id,
                    time_unix_ns: from_db(time_ns),
                    event,
                }))?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
