//! Retention of counters: rows past their time go, old ones become hourly, and a series goes with
//! its last day.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::Error;
use crate::pending::NS_PER_S;
use crate::rollup::MINUTE_S;
use crate::schema::to_db;

const S_PER_DAY: u64 = 86_400;
const MINUTES_PER_HOUR: u64 = 3_600 / MINUTE_S;

/// Deletes what is older than `cutoff_day`, and merges into hours what is older than `fine_from_s`;
/// the days of the texts that were deleted.
pub(crate) fn expire(
    db: &Connection,
    tenant: &str,
    cutoff_day: u64,
    fine_from_s: u64,
) -> Result<BTreeSet<u32>, Error> {
    let old = params![tenant, to_db(cutoff_day)];
    let mut statement =
        db.prepare_cached("SELECT DISTINCT day FROM metric_series WHERE tenant = ?1 AND day < ?2")?;
    let days = statement.query_map(old, |row| row.get(0))?;
    let days = days.collect::<Result<_, _>>()?;
    db.execute(
        "DELETE FROM metric_series WHERE tenant = ?1 AND day < ?2",
        old,
    )?;
    let cutoff_s = cutoff_day.saturating_mul(S_PER_DAY);
    let gone = "series NOT IN (SELECT series FROM metric_series WHERE tenant = ?1)";
    db.execute(
        &format!("DELETE FROM metric_minute WHERE tenant = ?1 AND (minute < ?2 OR {gone})"),
        params![tenant, to_db(cutoff_s / MINUTE_S)],
    )?;
    db.execute(
        &format!("DELETE FROM metric_stream WHERE tenant = ?1 AND (at_ns < ?2 OR {gone})"),
        params![tenant, to_db(cutoff_s.saturating_mul(NS_PER_S))],
    )?;
    hours(db, tenant, fine_from_s)?;
    Ok(days)
}

/// Whole hours only, so that no hour is half merged.
fn hours(db: &Connection, tenant: &str, fine_from_s: u64) -> Result<(), Error> {
    let fine_from = fine_from_s / 3_600 * MINUTES_PER_HOUR;
    let coarse = params![tenant, to_db(fine_from), to_db(MINUTES_PER_HOUR)];
    db.execute(
        "INSERT INTO metric_minute (tenant, series, minute, points, measured, sum, observations,
         min, max, last, last_ns)
         SELECT tenant, series, minute - minute % ?3, sum(points), sum(measured), sum(sum),
         sum(observations), min(min), max(max),
         (SELECT l.last FROM metric_minute l WHERE l.tenant = m.tenant AND l.series = m.series
          AND l.minute / ?3 = m.minute / ?3 AND l.last IS NOT NULL
          ORDER BY l.minute DESC LIMIT 1),
         max(last_ns) FROM metric_minute m
         WHERE tenant = ?1 AND minute < ?2 AND minute % ?3 <> 0 GROUP BY 1, 2, 3
         ON CONFLICT DO UPDATE SET points = points + excluded.points,
         measured = measured + excluded.measured, sum = sum + excluded.sum,
         observations = observations + excluded.observations,
         min = coalesce(min(min, excluded.min), min, excluded.min),
         max = coalesce(max(max, excluded.max), max, excluded.max),
         last = coalesce(excluded.last, last), last_ns = max(last_ns, excluded.last_ns)",
        coarse,
    )?;
    db.execute(
        "DELETE FROM metric_minute WHERE tenant = ?1 AND minute < ?2 AND minute % ?3 <> 0",
        coarse,
    )?;
    Ok(())
}
