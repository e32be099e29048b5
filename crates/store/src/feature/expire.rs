//! Retention of features: a value goes when its last event is past its time, though its group lives
//! on.

use std::collections::BTreeSet;

use cordon_event::TenantId;
use cordon_journal::KeyError;
use cordon_redact::Clean;
use rusqlite::{Connection, params};

use crate::feature::observe::{oldest_ns, without_stale};
use crate::feature::value::Features;
use crate::feature::write::{feature_row, fold};
use crate::keys::context;
use crate::limits::BUCKET_S;
use crate::pending::NS_PER_S;
use crate::schema::to_db;
use crate::{Domain, Error, RecordKeys};

const S_PER_DAY: u64 = 86_400;

/// Deletes what is older than `cutoff_day`; the days of the records that were deleted.
pub(crate) fn expire(
    db: &Connection,
    keys: &dyn RecordKeys,
    tenant: &TenantId,
    cutoff_day: u64,
) -> Result<BTreeSet<u32>, Error> {
    let name = tenant.as_str();
    let old = params![name, to_db(cutoff_day)];
    let mut statement =
        db.prepare_cached("SELECT DISTINCT day FROM feature WHERE tenant = ?1 AND day < ?2")?;
    let days = statement.query_map(old, |row| row.get(0))?;
    let days = days.collect::<Result<_, _>>()?;
    db.execute("DELETE FROM feature WHERE tenant = ?1 AND day < ?2", old)?;
    values(db, keys, tenant, cutoff_day)?;
    let from_ns = cutoff_day.saturating_mul(S_PER_DAY * NS_PER_S);
    for sql in [
        // As a whole, as where there are too many.
        "DELETE FROM occasion WHERE tenant = ?1 AND digest IN (SELECT digest FROM occasion
         WHERE tenant = ?1 GROUP BY digest HAVING max(at_ns) < ?2)",
        "DELETE FROM occurred WHERE tenant = ?1 AND last_ns < ?2",
        // A pair is a share of what both count.
        "DELETE FROM together WHERE tenant = ?1 AND (last_ns < ?2
         OR a NOT IN (SELECT group_id FROM occurred WHERE tenant = ?1)
         OR b NOT IN (SELECT group_id FROM occurred WHERE tenant = ?1))",
    ] {
        db.execute(sql, params![name, to_db(from_ns)])?;
    }
    Ok(days)
}

fn values(
    db: &Connection,
    keys: &dyn RecordKeys,
    tenant: &TenantId,
    cutoff_day: u64,
) -> Result<(), Error> {
    let from_ns = cutoff_day.saturating_mul(S_PER_DAY * NS_PER_S);
    let mut stale = db.prepare_cached(
        "SELECT group_id, day, sealed FROM feature WHERE tenant = ?1 AND oldest_ns < ?2",
    )?;
    let mut rows = stale.query(params![tenant.as_str(), to_db(from_ns)])?;
    let mut pruned = Vec::new();
    while let Some(row) = rows.next()? {
        let (group_id, day): (String, u32) = (row.get(0)?, row.get(1)?);
        let sealed: Vec<u8> = row.get(2)?;
        let opener = match keys.opener(tenant, Domain::Groups, day) {
            Ok(opener) => opener,
            // What cannot be opened goes with its day.
            Err(KeyError::Gone | KeyError::Damaged) => continue,
            Err(error) => return Err(error.into()),
        };
        let place = context(Domain::Groups, tenant, day, &feature_row(&group_id));
        let Ok(features) = Clean::<Features>::open(opener.as_ref(), &place, &sealed) else {
            continue;
        };
        let left = features.pair(Clean::technical(from_ns)).map(without_stale);
        let given_up = left.get().1.clone();
        let left = left.map(|(features, _)| features);
        let sealer = keys.sealer(tenant, Domain::Groups, day)?;
        let sealed = left.seal(sealer.as_ref(), &place)?;
        pruned.push((group_id, oldest_ns(left.get()), sealed, given_up));
    }
    for (group_id, oldest_ns, sealed, given_up) in pruned {
        db.execute(
            "UPDATE feature SET oldest_ns = ?3, sealed = ?4 WHERE tenant = ?1 AND group_id = ?2",
            params![tenant.as_str(), group_id, to_db(oldest_ns), sealed],
        )?;
        for slot in given_up {
            fold(db, tenant, slot, None)?;
        }
    }
    Ok(())
}

/// Counts over time, as those of the groups: those past retention go, old ones become hourly.
pub(crate) fn buckets(
    db: &Connection,
    tenant: &str,
    fine_from: u64,
    per_hour: u64,
    cutoff_day: u64,
) -> Result<(), Error> {
    db.execute(
        "DELETE FROM feature_bucket WHERE tenant = ?1 AND (bucket < ?2 OR group_id NOT IN
         (SELECT group_id FROM grouped WHERE tenant = ?1))",
        params![tenant, to_db(cutoff_day * S_PER_DAY / BUCKET_S)],
    )?;
    let coarse = params![tenant, to_db(fine_from), to_db(per_hour)];
    db.execute(
        "INSERT INTO feature_bucket (tenant, slot, bucket, group_id, count)
         SELECT tenant, slot, bucket - bucket % ?3, group_id, sum(count) FROM feature_bucket
         WHERE tenant = ?1 AND bucket < ?2 AND bucket % ?3 <> 0 GROUP BY 1, 2, 3, 4
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
        coarse,
    )?;
    db.execute(
        "DELETE FROM feature_bucket WHERE tenant = ?1 AND bucket < ?2 AND bucket % ?3 <> 0",
        coarse,
    )?;
    Ok(())
}
