//! Patterns that another one covers: it is open where they differ.
//!
//! A word that happens to look unlike its fellows, in two places at once, is joined by neither the
//! split nor one open place. Where a pattern leaves places open, every pattern that is as it
//! everywhere else belongs to it.
//!
//! *Limits:* of patterns with the same marks, [`MASKS_COUNT_MAX`] different sets of open places
//! are tried.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{ANY, Kind, Pattern, STAR, Symbols};
use super::weigh;

/// Most sets of open places that are tried, those with the fewest open places first.
const MASKS_COUNT_MAX: usize = 64;

/// Joins what is covered with what covers it.
pub(super) fn join(patterns: Vec<Pattern>, symbols: &Symbols) -> Vec<Pattern> {
    let mut groups: BTreeMap<Vec<u32>, Vec<Pattern>> = BTreeMap::new();
    for pattern in patterns {
        let marks = pattern.keys.iter().map(|key| match symbols.kind(*key) {
            Kind::Mark => *key,
            _ => ANY,
        });
        groups.entry(marks.collect()).or_default().push(pattern);
    }
    groups
        .into_values()
        .flat_map(|group| one(group, symbols))
        .collect()
}

/// The open places of a pattern, if it has any that words left open.
fn mask(pattern: &Pattern) -> Option<Vec<usize>> {
    let open = |key: &u32| matches!(*key, ANY | STAR);
    let places = pattern.keys.iter().enumerate().filter(|(_, key)| open(key));
    pattern
        .keys
        .contains(&ANY)
        .then(|| places.map(|(at, _)| at).collect())
}

fn blank(keys: &[u32], mask: &[usize]) -> Vec<u32> {
    let mut keys = keys.to_vec();
    for at in mask {
        if let Some(key) = keys.get_mut(*at) {
            *key = ANY;
        }
    }
    keys
}

/// Joins within patterns that have the same marks.
fn one(group: Vec<Pattern>, symbols: &Symbols) -> Vec<Pattern> {
    let mut masks: Vec<Vec<usize>> = group.iter().filter_map(mask).collect();
    masks.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    masks.dedup();
    masks.truncate(MASKS_COUNT_MAX);
    if masks.is_empty() || group.len() < 2 {
        return group;
    }
    let mut covers: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    for (number, pattern) in group.iter().enumerate() {
        if let Some(mask) = mask(pattern) {
            let keys = blank(&pattern.keys, &mask);
            let anchors = keys
                .iter()
                .filter(|key| weigh::is_anchor(**key, symbols))
                .count();
            if anchors >= 2 {
                covers.entry(keys).or_insert(number);
            }
        }
    }
    let covering: BTreeSet<usize> = covers.values().copied().collect();
    let target = |(number, pattern): (usize, &Pattern)| {
        let found = masks.iter().find_map(|mask| {
            let cover = *covers.get(&blank(&pattern.keys, mask))?;
            (cover != number).then_some(cover)
        });
        // What covers others is itself not moved.
        found.filter(|_| !covering.contains(&number))
    };
    let targets: Vec<Option<usize>> = group.iter().enumerate().map(target).collect();
    let mut slots: Vec<Option<Pattern>> = group.into_iter().map(Some).collect();
    for (number, target) in targets.into_iter().enumerate() {
        let Some(target) = target else { continue };
        let taken = slots.get_mut(number).and_then(Option::take);
        if let (Some(taken), Some(Some(cover))) = (taken, slots.get_mut(target)) {
            cover.take(taken);
        }
    }
    slots.into_iter().flatten().collect()
}
