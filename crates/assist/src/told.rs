//! Stored changes of the windows, each with what failed before and after it.

use cordon_diagnose::{ToldChange, Window};
use cordon_event::Change;
use cordon_govern::TenantScope;
use cordon_redact::Clean;
use cordon_store::{BUCKET_S, GroupRow, Store, StoredChange};

use crate::Error;
use crate::gather::span;

/// Changes that one question looks at: the latest.
const CHANGES_COUNT_MAX: usize = 500;
/// Failing groups whose counts around each change are looked at: the largest.
const GROUPS_COUNT_MAX: usize = 64;
/// Longest time before and after a change that is counted, in nanoseconds: an hour.
const SIDE_NS_MAX: u64 = 3_600 * 1_000_000_000;
/// Shortest one: counts are kept by buckets.
const SIDE_NS_MIN: u64 = 2 * BUCKET_S * 1_000_000_000;

/// A failing group's id, service, and counts over time.
struct Failing<'a> {
    row: &'a GroupRow,
    series: Vec<(u64, u64)>,
}

/// Changes of the window and the baseline.
pub(crate) fn told(
    store: &Store,
    scope: &TenantScope,
    groups: &[GroupRow],
    (window, baseline): (Window, Window),
) -> Result<Clean<Vec<ToldChange>>, Error> {
    let both = Window {
        from_unix_ns: baseline.from_unix_ns,
        to_unix_ns: window.to_unix_ns,
    };
    let changes = store.changes(scope, span(both), CHANGES_COUNT_MAX)?.rows;
    if changes.is_empty() {
        return Ok(Clean::join([]));
    }
    let around = Window {
        from_unix_ns: both.from_unix_ns.saturating_sub(SIDE_NS_MAX),
        ..both
    };
    let mut failing = Vec::new();
    for row in groups
        .iter()
        .filter(|row| row.failure)
        .take(GROUPS_COUNT_MAX)
    {
        let series = store.series(scope, &row.group_id, span(around))?;
        failing.push(Failing { row, series });
    }
    let one = |stored| change(stored, &failing, both.to_unix_ns);
    Ok(Clean::join(changes.iter().filter_map(one)))
}

/// A change with the counts of the groups that it concerns; `None` where the row is no change.
fn change(
    stored: &StoredChange,
    failing: &[Failing<'_>],
    end_ns: u64,
) -> Option<Clean<ToldChange>> {
    let change = stored.event.project(Change::of).transpose()?;
    let service = change.get().service.clone();
    let concerns = |one: &&Failing<'_>| service.is_empty() || one.row.text.get().service == service;
    let at_ns = stored.time_unix_ns;
    let side = end_ns.saturating_sub(at_ns).clamp(SIDE_NS_MIN, SIDE_NS_MAX);
    let around = failing.iter().filter(concerns).filter_map(|one| {
        let (before, after) = counts(&one.series, at_ns, side);
        let id = Clean::digest_id(&one.row.group_id)?;
        let around = id.pair(Clean::technical((before, after)));
        Some(around.map(|(id, (before, after))| (id, before, after)))
    });
    let facts = Clean::technical((stored.event_id, at_ns));
    let parts = facts.pair(change).pair(Clean::join(around));
    Some(
        parts.map(|(((id, time_unix_ns), change), around)| ToldChange {
            evidence_id: id.to_string(),
            time_unix_ns,
            change,
            around,
        }),
    )
}

/// Events before a moment and from it on, for `side` each. The bucket that holds the moment counts
/// as after it: what a change brings about is not to look as if it had been there before.
fn counts(series: &[(u64, u64)], at_ns: u64, side: u64) -> (u64, u64) {
    let bucket_ns = BUCKET_S * 1_000_000_000;
    let begins = at_ns / bucket_ns * bucket_ns;
    let sum = |from: u64, to: u64| {
        let within = series
            .iter()
            .filter(|(start, _)| (from..to).contains(start));
        within.map(|(_, count)| count).sum()
    };
    let before = sum(begins.saturating_sub(side), begins);
    (before, sum(begins, begins.saturating_add(side)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_both_sides_cover_the_same_time() {
        let minute = 60 * 1_000_000_000;
        let bucket = BUCKET_S * 1_000_000_000;
        let series: Vec<(u64, u64)> = (0..200).map(|n| (n * bucket, 1)).collect();
        let at_ns = 100 * bucket + minute / 2;
        let side = 10 * bucket;
        assert_eq!(counts(&series, at_ns, side), (10, 10));
        assert_eq!(counts(&series, 3 * bucket, side), (3, 10));
        assert_eq!(counts(&[(100 * bucket, 7)], at_ns, side), (0, 7));
    }
}
