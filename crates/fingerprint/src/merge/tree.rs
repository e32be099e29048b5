//! Rows with the same marks at the same places, split until what varies varies as values do.
//!
//! The column with the fewest different words is split first: it is the one that most likely
//! tells statements apart. A group is left together where each column that varies weighs enough.
//!
//! *Limits:* a group is split at most [`DEPTH_MAX`] times on its way.

use std::collections::BTreeMap;

use super::row::{ANY, Kind, Pattern, STAR, Symbols};
use super::weigh::{self, ENOUGH};

/// Most splits on the way to one pattern.
const DEPTH_MAX: usize = 48;

/// Splits rows into patterns.
pub(super) fn split(rows: Vec<Pattern>, symbols: &Symbols) -> Vec<Pattern> {
    let mut groups: BTreeMap<Vec<u32>, Vec<Pattern>> = BTreeMap::new();
    for row in rows {
        let marks = row.keys.iter().map(|key| match symbols.kind(*key) {
            Kind::Mark => *key,
            _ => ANY,
        });
        groups.entry(marks.collect()).or_default().push(row);
    }
    let mut done = Vec::new();
    let mut open: Vec<(Vec<Pattern>, usize)> =
        groups.into_values().map(|group| (group, 0)).collect();
    while let Some((group, depth)) = open.pop() {
        match column(&group, symbols).filter(|_| depth < DEPTH_MAX && group.len() > 1) {
            Some(at) => {
                let mut parts: BTreeMap<u32, Vec<Pattern>> = BTreeMap::new();
                for row in group {
                    let key = row.keys.get(at).copied().unwrap_or(STAR);
                    parts.entry(key).or_default().push(row);
                }
                open.extend(parts.into_values().map(|part| (part, depth + 1)));
            }
            None if depth < DEPTH_MAX => done.extend(one(group)),
            None => done.extend(group),
        }
    }
    done.sort_by(|a, b| a.keys.cmp(&b.keys));
    done
}

/// A group as one pattern.
fn one(group: Vec<Pattern>) -> Option<Pattern> {
    group.into_iter().reduce(|mut all, row| {
        all.take(row);
        all
    })
}

/// The column by which a group is to be split; none where it is to stay together.
fn column(group: &[Pattern], symbols: &Symbols) -> Option<usize> {
    let first = group.first()?;
    let mut varying: Vec<(usize, Vec<u32>)> = Vec::new();
    let mut same = 0;
    for (at, key) in first.keys.iter().enumerate() {
        if group.iter().all(|row| row.keys.get(at) == Some(key)) {
            same += usize::from(weigh::is_anchor(*key, symbols));
            continue;
        }
        let mut keys: Vec<u32> = group
            .iter()
            .filter_map(|row| row.keys.get(at).copied())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        varying.push((at, keys));
    }
    // Where no word comes twice in any column, nothing tells that the columns vary by themselves.
    let apart = varying.len() > 1 && varying.iter().all(|(_, keys)| keys.len() == group.len());
    let enough = if apart { ENOUGH * 3 / 2 } else { ENOUGH };
    let values = varying.iter().all(|(at, keys)| {
        let before = first.keys.get(..*at).unwrap_or_default();
        weigh::words(keys, before, same, varying.len(), symbols) >= enough
    });
    if values {
        return None;
    }
    varying
        .into_iter()
        .min_by_key(|(at, keys)| (keys.len(), *at))
        .map(|(at, _)| at)
}
