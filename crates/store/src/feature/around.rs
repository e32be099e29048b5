//! Reading features within a tenant: of a group, of all that the tenant sends, and around a moment.

use cordon_govern::TenantScope;
use cordon_journal::KeyError;
use cordon_redact::Clean;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::expire::FINE_S;
use crate::feature::value::Features;
use crate::feature::write::{TENANT, feature_row};
use crate::limits::{BUCKET_S, ROWS_COUNT_MAX};
use crate::pending::{BUCKET_NS, NS_PER_S};
use crate::schema::{from_db, to_db};
use crate::{Domain, Error, Store, Window};

/// Width of the buckets of what is older than two days, in buckets.
const HOUR_BUCKETS: u64 = 3_600 / BUCKET_S;

/// A moment, and how far around it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The moment, such as when a release was first seen; nanoseconds since the Unix epoch.
    pub at_unix_ns: u64,
    /// What counts at all: it begins before the moment and ends after it.
    pub within: Window,
    /// Now, nanoseconds since the Unix epoch.
    pub now_unix_ns: u64,
}

/// One side of a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// All events of the component: what a group's own are a share of.
    pub events: u64,
    /// Time that they were seen in, seconds.
    pub span_s: u64,
}

/// A group, and its events before and after a moment.
pub type GroupAround = (String, u64, u64);

/// What a component sent before and after a moment.
///
/// The bucket that the moment lies in counts for neither side, as nobody can say what in it came
/// before and what after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Before the moment.
    pub before: Side,
    /// After it.
    pub after: Side,
    /// Events by group, before and after; ordered by group.
    pub groups: Vec<GroupAround>,
}

/// Buckets that count for a side.
#[derive(Clone, Copy)]
struct Halves {
    from: u64,
    before_to: u64,
    after_from: u64,
    to: u64,
    /// Width of a bucket of this age, in buckets.
    width: u64,
}

impl Halves {
    fn of(moment: Moment) -> Self {
        let Moment {
            at_unix_ns: at,
            within,
            now_unix_ns: now,
        } = moment;
        let is_old = at.saturating_add((FINE_S - 3_600) * NS_PER_S) < now;
        let width = if is_old { HOUR_BUCKETS } else { 1 };
        let width_ns = width * BUCKET_NS;
        Self {
            from: within.from_unix_ns.div_ceil(width_ns) * width,
            before_to: at / width_ns * width,
            after_from: at.div_ceil(width_ns) * width,
            to: within.to_unix_ns.min(now).div_ceil(BUCKET_NS),
            width,
        }
    }

    /// From the first bucket with an event to the end of the side, in seconds.
    fn before_s(self, first: u64) -> u64 {
        self.before_to.saturating_sub(first.max(self.from)) * BUCKET_S
    }

    /// From the beginning of the side to the end of the last bucket with an event, in seconds.
    fn after_s(self, last: u64) -> u64 {
        let end = last.saturating_add(self.width).min(self.to);
        end.saturating_sub(self.after_from) * BUCKET_S
    }
}

impl Store {
    /// The features of a group; `None` where there are none, or they cannot be opened.
    pub fn features(
        &self,
        scope: &TenantScope,
        group_id: &str,
    ) -> Result<Option<Clean<Features>>, Error> {
        self.features_row(scope, group_id)
    }

    /// The features of all that the tenant sends, without modules and subjects.
    pub fn tenant_features(&self, scope: &TenantScope) -> Result<Option<Clean<Features>>, Error> {
        self.features_row(scope, TENANT)
    }

    /// What `component` sent around a moment: any moment, be it of a release, a flag or a change
    /// that somebody names. `None` where the component is not known, or gave way.
    pub fn around(
        &self,
        scope: &TenantScope,
        component: &str,
        moment: Moment,
    ) -> Result<Option<Around>, Error> {
        self.around_up_to(scope, component, moment, AROUND_GROUPS_COUNT_MAX)
    }

    pub(crate) fn around_up_to(
        &self,
        scope: &TenantScope,
        component: &str,
        moment: Moment,
        groups_count_max: u64,
    ) -> Result<Option<Around>, Error> {
        let features = self.tenant_features(scope)?;
        let slot = features.and_then(|f| f.get().slots.get(component).copied());
        let Some(slot) = slot else {
            return Ok(None);
        };
        let halves = Halves::of(moment);
        let db = self.reader();
        // Sums and groups of one state.
        let db = db.unchecked_transaction()?;
        let of = Of {
            tenant: scope.tenant().as_str(),
            slot,
            halves,
        };
        let mut around = of.totals(&db)?;
        let mut statement = db.prepare_cached(
            "SELECT group_id, sum(count * (bucket < ?4)), sum(count * (bucket >= ?5))
             FROM feature_bucket
             WHERE tenant = ?1 AND slot = ?2 AND bucket >= ?3 AND bucket < ?6
             AND (bucket < ?4 OR bucket >= ?5) GROUP BY group_id ORDER BY group_id LIMIT ?7",
        )?;
        let mut rows = statement.query(params![
            scope.tenant().as_str(),
            slot,
            to_db(halves.from),
            to_db(halves.before_to),
            to_db(halves.after_from),
            to_db(halves.to),
            to_db(groups_count_max)
        ])?;
        while let Some(row) = rows.next()? {
            let group = (row.get(0)?, from_db(row.get(1)?), from_db(row.get(2)?));
            around.groups.push(group);
        }
        Ok(Some(around))
    }

    fn features_row(
        &self,
        scope: &TenantScope,
        group_id: &str,
    ) -> Result<Option<Clean<Features>>, Error> {
        let tenant = scope.tenant();
        let sql = "SELECT day, sealed FROM feature WHERE tenant = ?1 AND group_id = ?2";
        let found: Option<(u32, Vec<u8>)> = self
            .reader()
            .prepare_cached(sql)?
            .query_row(params![tenant.as_str(), group_id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((day, sealed)) = found else {
            return Ok(None);
        };
        let row = feature_row(group_id);
        match self.open_row(Domain::Groups, tenant, day, &row, &sealed) {
            Ok(features) => Ok(Some(features)),
            Err(Error::Open(_) | Error::Key(KeyError::Gone | KeyError::Damaged)) => {
                self.count_unreadable(1);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

/// Groups of one component that are compared.
const AROUND_GROUPS_COUNT_MAX: u64 = 10 * ROWS_COUNT_MAX as u64;

/// What is looked at: a component's buckets.
struct Of<'a> {
    tenant: &'a str,
    slot: u32,
    halves: Halves,
}

impl Of<'_> {
    /// Both sides over all groups, however many are listed.
    fn totals(&self, db: &Connection) -> Result<Around, Error> {
        let Self {
            tenant,
            slot,
            halves,
        } = *self;
        let mut statement = db.prepare_cached(
            "SELECT coalesce(sum(count * (bucket < ?4)), 0),
             coalesce(sum(count * (bucket >= ?5)), 0),
             coalesce(min(bucket), 0), coalesce(max(bucket), 0) FROM feature_bucket
             WHERE tenant = ?1 AND slot = ?2 AND bucket >= ?3 AND bucket < ?6
             AND (bucket < ?4 OR bucket >= ?5)",
        )?;
        let bounds = params![
            tenant,
            slot,
            to_db(halves.from),
            to_db(halves.before_to),
            to_db(halves.after_from),
            to_db(halves.to)
        ];
        let read = statement.query_row(bounds, |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
        })?;
        let [before, after, first, last] = read.map(from_db);
        let side = |events: u64, span_s: u64| Side {
            events,
            span_s: if events > 0 { span_s } else { 0 },
        };
        Ok(Around {
            before: side(before, halves.before_s(first)),
            after: side(after, halves.after_s(last)),
            groups: Vec::new(),
        })
    }
}
