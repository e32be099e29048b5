//! Questions to the store: within a scope, answered in clean data.

use std::sync::atomic::Ordering;

use cordon_event::{Event, EventId, TenantId};
use cordon_govern::{Reach, TenantScope};
use cordon_journal::KeyError;
use cordon_redact::{Clean, Opener, Stored};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::keys::{context, event_row};
use crate::limits::ROWS_COUNT_MAX;
use crate::pending::BUCKET_NS;
use crate::schema::{from_db, to_db};
use crate::{Domain, Error, GroupKind, GroupText, Store};

/// A span of time, nanoseconds since the Unix epoch: from the first, up to and without the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First nanosecond.
    pub from_unix_ns: u64,
    /// First nanosecond after it.
    pub to_unix_ns: u64,
}

/// Rows of an answer. A row that cannot be opened (damaged, or its key destroyed) is counted; it
/// does not take the others with it.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// Those that could be read.
    pub rows: Vec<T>,
    /// How many could not.
    pub unreadable: u64,
}

/// A stored event.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub event_id: EventId,
    /// Group that it belongs to.
    pub group_id: String,
    /// When it happened, nanoseconds since the Unix epoch; when it was received where it does not
    /// say, or claims a time more than a day ahead of that.
    pub time_unix_ns: u64,
    /// When it was received, nanoseconds since the Unix epoch.
    pub received_unix_ns: u64,
    /// Whether its classifier called it a failure.
    pub failure: bool,
    /// The event.
    pub event: Clean<Event>,
}

/// A group with its counts.
#[derive(Clone, Debug)]
pub struct GroupRow {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub group_id: String,
    /// What makes the group.
    pub kind: GroupKind,
    /// Whether any of its events was a failure.
    pub failure: bool,
    /// Events so far.
    pub count: u64,
    /// Events in the window.
    pub window_count: u64,
    /// Events in the baseline.
    pub baseline_count: u64,
    /// First time of an event, nanoseconds since the Unix epoch.
    pub first_unix_ns: u64,
    /// Last time of an event, nanoseconds since the Unix epoch.
    pub last_unix_ns: u64,
    /// Distinct subjects behind its events, at most [`crate::SUBJECTS_COUNT_MAX`].
    pub subjects: u64,
    /// Title, template, service, releases.
    pub text: Clean<GroupText>,
}

impl GroupRow {
    /// How far it would reach within its tenant, for the k rule.
    pub fn reach(&self) -> Reach {
        Reach::OwnTenant {
            occurrences: self.count,
            subjects: self.subjects,
        }
    }
}

const EVENT_COLUMNS: &str = "SELECT event_id, group_id, day, time_ns, received_ns, rank, sealed
    FROM event WHERE tenant = ?1";

/// Takes a row, or why it cannot be had.
pub(crate) type Push<'a, T> = dyn FnMut(Result<T, Error>) -> Result<(), Error> + 'a;

impl Store {
    /// Groups that were seen in the window or the baseline: failures first, then the most
    /// frequent in the window.
    ///
    /// Counts are those of the buckets ([`crate::BUCKET_S`]) that begin in the span, widened to
    /// whole buckets; no bucket counts for both spans.
    pub fn groups(
        &self,
        scope: &TenantScope,
        window: Window,
        baseline: Window,
        limit: usize,
    ) -> Result<Rows<GroupRow>, Error> {
        let (from, to) = buckets(window);
        let (before_from, before_to) = buckets(baseline);
        // The bucket that both spans touch belongs to the window.
        let before_to = if before_from <= from {
            before_to.min(from)
        } else {
            before_to
        };
        let sql = "SELECT * FROM (SELECT group_id, kind, failure, count, first_ns, last_ns, day,
            sealed, (SELECT coalesce(sum(b.count), 0) FROM bucket b WHERE b.tenant = g.tenant
                AND b.group_id = g.group_id AND b.bucket >= ?2 AND b.bucket < ?3) AS seen,
            (SELECT coalesce(sum(b.count), 0) FROM bucket b WHERE b.tenant = g.tenant
                AND b.group_id = g.group_id AND b.bucket >= ?4 AND b.bucket < ?5) AS before
            FROM grouped g WHERE tenant = ?1 AND last_ns >= ?7) WHERE seen > 0 OR before > 0
            ORDER BY failure DESC, seen DESC, last_ns DESC, group_id LIMIT ?6";
        let tenant = scope.tenant();
        self.collect(limit, |limit, push| {
            let db = self.reader();
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query(params![
                tenant.as_str(),
                to_db(from),
                to_db(to),
                to_db(before_from),
                to_db(before_to),
                limit,
                to_db(from.min(before_from).saturating_mul(BUCKET_NS))
            ])?;
            while let Some(row) = rows.next()? {
                push(self.group_row(tenant, row))?;
            }
            Ok(())
        })
    }

    /// One group, without counts of a window or baseline; `None` where the scope has none of that
    /// id.
    pub fn group(&self, scope: &TenantScope, group_id: &str) -> Result<Option<GroupRow>, Error> {
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "SELECT group_id, kind, failure, count, first_ns, last_ns, day, sealed, 0, 0
             FROM grouped WHERE tenant = ?1 AND group_id = ?2",
        )?;
        let tenant = scope.tenant();
        let found = statement
            .query_row(params![tenant.as_str(), group_id], |row| {
                Ok(self.group_row(tenant, row))
            })
            .optional()?;
        found.transpose()
    }

    /// Counts of one group over time, as (start of the bucket in nanoseconds since the Unix epoch,
    /// count), ordered.
    pub fn series(
        &self,
        scope: &TenantScope,
        group_id: &str,
        window: Window,
    ) -> Result<Vec<(u64, u64)>, Error> {
        let (from, to) = buckets(window);
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "SELECT bucket, count FROM bucket
             WHERE tenant = ?1 AND group_id = ?2 AND bucket >= ?3 AND bucket < ?4
             ORDER BY bucket",
        )?;
        let tenant = scope.tenant().as_str();
        let mut rows = statement.query(params![tenant, group_id, to_db(from), to_db(to)])?;
        let mut series = Vec::new();
        while let Some(row) = rows.next()? {
            let start = from_db(row.get(0)?).saturating_mul(BUCKET_NS);
            series.push((start, from_db(row.get(1)?)));
        }
        Ok(series)
    }

    /// Ids of groups that begin with `prefix`, ordered.
    pub fn group_ids(
        &self,
        scope: &TenantScope,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "SELECT group_id FROM grouped
             WHERE tenant = ?1 AND group_id >= ?2 AND group_id < ?2 || char(127)
             ORDER BY group_id LIMIT ?3",
        )?;
        let limit = to_db(limit.min(ROWS_COUNT_MAX) as u64);
        let found = statement
            .query_map(params![scope.tenant().as_str(), prefix, limit], |row| {
                row.get(0)
            })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Exemplars of a group: failures that carry their call first, then the most recent.
    pub fn exemplars(
        &self,
        scope: &TenantScope,
        group_id: &str,
        limit: usize,
    ) -> Result<Rows<StoredEvent>, Error> {
        let sql =
            format!("{EVENT_COLUMNS} AND group_id = ?2 ORDER BY rank DESC, seq DESC LIMIT ?3");
        let tenant = scope.tenant();
        self.collect(limit, |limit, push| {
            let db = self.reader();
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params![tenant.as_str(), group_id, limit])?;
            while let Some(row) = rows.next()? {
                push(self.event_row(tenant, row))?;
            }
            Ok(())
        })
    }

    /// Exemplars of all groups that happened in the window: failures first, then the most recent.
    pub fn exemplars_over(
        &self,
        scope: &TenantScope,
        window: Window,
        limit: usize,
    ) -> Result<Rows<StoredEvent>, Error> {
        let sql = format!(
            "{EVENT_COLUMNS} AND time_ns >= ?2 AND time_ns < ?3
             ORDER BY rank > 0 DESC, time_ns DESC, seq DESC LIMIT ?4"
        );
        let (from, to) = (to_db(window.from_unix_ns), to_db(window.to_unix_ns));
        let tenant = scope.tenant();
        self.collect(limit, |limit, push| {
            let db = self.reader();
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params![tenant.as_str(), from, to, limit])?;
            while let Some(row) = rows.next()? {
                push(self.event_row(tenant, row))?;
            }
            Ok(())
        })
    }

    /// One event, or `None` where the scope has none of that id.
    pub fn event(&self, scope: &TenantScope, id: EventId) -> Result<Option<StoredEvent>, Error> {
        let db = self.reader();
        let sql = format!("{EVENT_COLUMNS} AND event_id = ?2");
        let mut statement = db.prepare_cached(&sql)?;
        let tenant = scope.tenant();
        let found = statement
            .query_row(params![tenant.as_str(), id.0], |row| {
                Ok(self.event_row(tenant, row))
            })
            .optional()?;
        found.transpose()
    }

    /// Runs a question, up to the limit, and counts what cannot be opened.
    pub(crate) fn collect<T>(
        &self,
        limit: usize,
        ask: impl Fn(i64, &mut Push<'_, T>) -> Result<(), Error>,
    ) -> Result<Rows<T>, Error> {
        let limit = to_db(limit.min(ROWS_COUNT_MAX) as u64);
        let mut found = Rows {
            rows: Vec::new(),
            unreadable: 0,
        };
        ask(limit, &mut |row| {
            match row {
                Ok(row) => found.rows.push(row),
                Err(
                    Error::Open(_) | Error::Key(KeyError::Gone | KeyError::Damaged) | Error::Row(_),
                ) => found.unreadable += 1,
                Err(other) => return Err(other),
            }
            Ok(())
        })?;
        self.count_unreadable(found.unreadable);
        Ok(found)
    }

    pub(crate) fn count_unreadable(&self, count: u64) {
        self.unreadable.fetch_add(count, Ordering::Relaxed);
    }

    /// Records that queries of this opening met and could not open; one that several queries met
    /// counts for each.
    pub fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    pub(crate) fn open_row<T: Stored>(
        &self,
        domain: Domain,
        tenant: &TenantId,
        day: u32,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Clean<T>, Error> {
        let opener: Box<dyn Opener> = self.keys.opener(tenant, domain, day)?;
        Ok(Clean::open(
            opener.as_ref(),
            &context(domain, tenant, day, row),
            sealed,
        )?)
    }

    fn event_row(&self, tenant: &TenantId, row: &Row<'_>) -> Result<StoredEvent, Error> {
        let event_id = EventId(row.get(0)?);
        let (group_id, day): (String, u32) = (row.get(1)?, row.get(2)?);
        let sealed: Vec<u8> = row.get(6)?;
        let place = event_row(event_id, &group_id);
        let event = self.open_row(Domain::Events, tenant, day, &place, &sealed)?;
        Ok(StoredEvent {
            tenant: tenant.clone(),
            event_id,
            group_id,
            time_unix_ns: from_db(row.get(3)?),
            received_unix_ns: from_db(row.get(4)?),
            failure: row.get::<_, i64>(5)? > 0,
            event,
        })
    }

    fn group_row(&self, tenant: &TenantId, row: &Row<'_>) -> Result<GroupRow, Error> {
        let group_id: String = row.get(0)?;
        let kind = GroupKind::parse(&row.get::<_, String>(1)?).ok_or(Error::Row("grouped"))?;
        let sealed: Vec<u8> = row.get(7)?;
        let text: Clean<GroupText> = self.open_row(
            Domain::Groups,
            tenant,
            row.get(6)?,
            group_id.as_bytes(),
            &sealed,
        )?;
        Ok(GroupRow {
            tenant: tenant.clone(),
            group_id,
            kind,
            failure: row.get(2)?,
            count: from_db(row.get(3)?),
            first_unix_ns: from_db(row.get(4)?),
            last_unix_ns: from_db(row.get(5)?),
            window_count: from_db(row.get(8)?),
            baseline_count: from_db(row.get(9)?),
            subjects: text.get().subjects.count(),
            text,
        })
    }
}

/// First bucket of a span and the first after it.
fn buckets(window: Window) -> (u64, u64) {
    (
        window.from_unix_ns / BUCKET_NS,
        window.to_unix_ns.div_ceil(BUCKET_NS),
    )
}
