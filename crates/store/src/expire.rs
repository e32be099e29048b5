//! Retention: deleting what is past its time.

use std::collections::BTreeSet;

use cordon_event::TenantId;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::account::{EXPIRED, KEPT, count};
use crate::limits::{BUCKET_S, DEDUPE_WINDOW_S};
use crate::schema::to_db;
use crate::{Domain, Error, Store, feature, quarantine, rollup};

const S_PER_DAY: u64 = 86_400;
/// Buckets younger than this keep their full resolution, seconds.
pub(crate) const FINE_S: u64 = 2 * S_PER_DAY;
/// Buckets that make an hour.
const BUCKETS_PER_HOUR: u64 = 3_600 / BUCKET_S;

/// What an expiry deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Exemplars.
    pub events: u64,
    /// Groups that were not seen within the retention.
    pub groups: u64,
    /// Quarantined entries.
    pub quarantined: u64,
    /// Changes.
    pub changes: u64,
    /// Days (since the Unix epoch) of this tenant that nothing stored needs any more: their keys
    /// can be destroyed, in every domain of this store.
    pub days: Vec<u32>,
}

impl Store {
    /// Deletes what the tenant's retention no longer covers: what was received on days before
    /// `now - ttl_days`. One transaction; then the write-ahead log is emptied, so that no deleted
    /// ciphertext lingers there.
    pub fn expire(
        &self,
        tenant: &TenantId,
        now_unix_s: u64,
        ttl_days: u32,
    ) -> Result<Expired, Error> {
        let mut db = self.writer();
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut expired = expire(&txn, tenant.as_str(), now_unix_s, ttl_days)?;
        let cutoff = cutoff_day(now_unix_s, ttl_days);
        let days = feature::expire::expire(&txn, self.keys.as_ref(), tenant, cutoff)?;
        expired.days.extend(days);
        let fine_from_s = now_unix_s.saturating_sub(FINE_S);
        let days = rollup::expire::expire(&txn, tenant.as_str(), cutoff, fine_from_s)?;
        expired.days.extend(days);
        expired.days.sort_unstable();
        expired.days.dedup();
        txn.commit()?;
        // Another process that reads just now merely postpones this.
        let _busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(expired)
    }

    /// The oldest day, over all tenants, that a stored record of the domain needs: the keys of
    /// earlier days can be destroyed. `None` when there is no record.
    pub fn oldest_day(&self, domain: Domain) -> Result<Option<u32>, Error> {
        let sql = match domain {
            Domain::Events => {
                "SELECT min(day) FROM (SELECT min(day) AS day FROM event
                  UNION ALL SELECT min(day) FROM change)"
            }
            Domain::Groups => {
                "SELECT min(day) FROM (SELECT day FROM grouped UNION ALL SELECT day FROM feature
                  UNION ALL SELECT day FROM metric_series)"
            }
            Domain::Quarantine => "SELECT min(day) FROM quarantine",
        };
        Ok(self.reader().query_row(sql, [], |row| row.get(0))?)
    }

    /// Tenants of whom anything was ever applied.
    pub fn tenants(&self) -> Result<Vec<TenantId>, Error> {
        let db = self.reader();
        let mut statement = db.prepare("SELECT DISTINCT tenant FROM counter ORDER BY tenant")?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let parse = |name: String| TenantId::parse(&name).map_err(|_| Error::Row("counter"));
        names.map(|name| parse(name?)).collect()
    }
}

fn cutoff_day(now_s: u64, ttl_days: u32) -> u64 {
    (now_s / S_PER_DAY).saturating_sub(u64::from(ttl_days))
}

fn expire(db: &Connection, tenant: &str, now_s: u64, ttl_days: u32) -> Result<Expired, Error> {
    let cutoff = cutoff_day(now_s, ttl_days);
    let old = params![tenant, to_db(cutoff)];
    let mut days = BTreeSet::new();
    let mut deleted = [0_u64; 4];
    let tables = [
        (
            "SELECT DISTINCT day FROM event WHERE tenant = ?1 AND day < ?2",
            "DELETE FROM event WHERE tenant = ?1 AND day < ?2",
        ),
        (
            "SELECT DISTINCT day FROM grouped WHERE tenant = ?1 AND day < ?2",
            "DELETE FROM grouped WHERE tenant = ?1 AND day < ?2",
        ),
        (
            "SELECT DISTINCT day FROM quarantine WHERE tenant = ?1 AND day < ?2",
            "DELETE FROM quarantine WHERE tenant = ?1 AND day < ?2",
        ),
        (
            "SELECT DISTINCT day FROM change WHERE tenant = ?1 AND day < ?2",
            "DELETE FROM change WHERE tenant = ?1 AND day < ?2",
        ),
    ];
    for ((select, delete), n) in tables.into_iter().zip(&mut deleted) {
        let mut statement = db.prepare_cached(select)?;
        for day in statement.query_map(old, |row| row.get::<_, u32>(0))? {
            days.insert(day?);
        }
        *n = db.execute(delete, old)? as u64;
    }
    quarantine::expire_raw(db, tenant, now_s)?;
    let [events, groups, quarantined, changes] = deleted;
    count(db, tenant, KEPT, "", -to_db(events + changes))?;
    count(db, tenant, EXPIRED, "", to_db(events + changes))?;
    db.execute(
        "DELETE FROM request WHERE seen_s < ?1",
        [to_db(now_s.saturating_sub(DEDUPE_WINDOW_S))],
    )?;
    buckets(db, tenant, now_s, cutoff)?;
    Ok(Expired {
        events,
        groups,
        quarantined,
        changes,
        days: days.into_iter().collect(),
    })
}

/// Counts over time: those past retention go, those past two days become hourly.
fn buckets(db: &Connection, tenant: &str, now_s: u64, cutoff_day: u64) -> Result<(), Error> {
    db.execute(
        "DELETE FROM bucket WHERE tenant = ?1 AND (bucket < ?2 OR group_id NOT IN
         (SELECT group_id FROM grouped WHERE tenant = ?1))",
        params![tenant, to_db(cutoff_day * S_PER_DAY / BUCKET_S)],
    )?;
    // Whole hours only, so that no hour is half merged.
    let fine_from = now_s.saturating_sub(FINE_S) / 3_600 * BUCKETS_PER_HOUR;
    let coarse = params![tenant, to_db(fine_from), to_db(BUCKETS_PER_HOUR)];
    db.execute(
        "INSERT INTO bucket (tenant, group_id, bucket, count)
         SELECT tenant, group_id, bucket - bucket % ?3, sum(count) FROM bucket
         WHERE tenant = ?1 AND bucket < ?2 AND bucket % ?3 <> 0 GROUP BY 1, 2, 3
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
        coarse,
    )?;
    db.execute(
        "DELETE FROM bucket WHERE tenant = ?1 AND bucket < ?2 AND bucket % ?3 <> 0",
        coarse,
    )?;
    feature::expire::buckets(db, tenant, fine_from, BUCKETS_PER_HOUR, cutoff_day)
}
