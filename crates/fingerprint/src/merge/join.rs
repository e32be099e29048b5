//! Patterns that differ in one word, joined where the words are values.
//!
//! What the split took apart by a column that came before others is put together again here: with
//! one place left open, such patterns have the same hash.
//!
//! *Limits:* [`ROUNDS_COUNT_MAX`] rounds, each linear in the tokens of all patterns.

use super::row::{ANY, Kind, Pattern, Symbols};
use super::weigh::{self, ENOUGH};

/// Most rounds: each may open a place that lets others join.
const ROUNDS_COUNT_MAX: usize = 6;

/// Joins patterns until none joins.
pub(super) fn words(mut patterns: Vec<Pattern>, symbols: &Symbols) -> Vec<Pattern> {
    for _ in 0..ROUNDS_COUNT_MAX {
        let before = patterns.len();
        patterns = round(patterns, symbols);
        if patterns.len() == before {
            break;
        }
    }
    patterns
}

/// The part of a row's hash that one token has.
fn token_hash(at: usize, key: u32) -> u64 {
    let mixed = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(key) << 1 | 1);
    let mixed = (mixed ^ mixed >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 29).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn round(patterns: Vec<Pattern>, symbols: &Symbols) -> Vec<Pattern> {
    let mut open: Vec<(u64, usize, usize)> = Vec::new();
    for (number, pattern) in patterns.iter().enumerate() {
        let parts = pattern
            .keys
            .iter()
            .enumerate()
            .map(|(at, key)| token_hash(at, *key));
        let whole = parts.fold(pattern.keys.len() as u64, u64::wrapping_add);
        for (at, key) in pattern.keys.iter().enumerate() {
            if symbols.kind(*key) != Kind::Mark {
                open.push((whole.wrapping_sub(token_hash(at, *key)), at, number));
            }
        }
    }
    open.sort_unstable();
    let mut found: Vec<(usize, Vec<usize>)> = open
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .filter(|bucket| bucket.len() > 1)
        .filter_map(|bucket| {
            let (_, at, _) = *bucket.first()?;
            let numbers = bucket.iter().map(|(_, _, number)| *number).collect();
            Some((at, alike(&patterns, at, numbers)))
        })
        .filter(|(at, numbers)| values(&patterns, *at, numbers, symbols))
        .collect();
    // The most first; patterns are sorted, so that their numbers do not depend on arrival.
    found.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.cmp(b)));
    let mut slots: Vec<Option<Pattern>> = patterns.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for (_, numbers) in found {
        let free = |number: &usize| slots.get(*number).is_some_and(Option::is_some);
        if !numbers.iter().all(free) {
            continue;
        }
        let taken = numbers
            .iter()
            .filter_map(|number| slots.get_mut(*number)?.take());
        joined.extend(taken.reduce(|mut all, pattern| {
            all.take(pattern);
            all
        }));
    }
    joined.extend(slots.into_iter().flatten());
    joined.sort_by(|a, b| a.keys.cmp(&b.keys));
    joined
}

/// Those of the patterns that are as the first one but at that place.
fn alike(patterns: &[Pattern], at: usize, mut numbers: Vec<usize>) -> Vec<usize> {
    let keys = |number: usize| patterns.get(number).map(|pattern| pattern.keys.as_slice());
    let Some(first) = numbers.first().and_then(|number| keys(*number)) else {
        return numbers;
    };
    let ends = |keys: &[u32]| {
        (
            keys.get(..at).map(<[u32]>::to_vec),
            keys.get(at + 1..).map(<[u32]>::to_vec),
        )
    };
    let first = ends(first);
    numbers.retain(|number| keys(*number).is_some_and(|keys| ends(keys) == first));
    numbers
}

/// Whether the words of patterns at a place are values.
fn values(patterns: &[Pattern], at: usize, numbers: &[usize], symbols: &Symbols) -> bool {
    let Some(first) = numbers.first().and_then(|number| patterns.get(*number)) else {
        return false;
    };
    let mut keys: Vec<u32> = numbers
        .iter()
        .filter_map(|number| patterns.get(*number)?.keys.get(at).copied())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let others = first
        .keys
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at);
    let same = others
        .filter(|(_, key)| weigh::is_anchor(**key, symbols))
        .count();
    let open = first.keys.iter().filter(|key| **key == ANY).count();
    let before = first.keys.get(..at).unwrap_or_default();
    keys.len() > 1 && weigh::words(&keys, before, same, open + 1, symbols) >= ENOUGH
}
