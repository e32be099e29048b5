//! Rows that begin with the same sentence, and behind its colon say many different things.
//!
//! A row alone tells of some colons that any text follows them (`cell`); of others only the many
//! ends tell that rows with the same beginning have.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{ANY, Kind, Pattern, STAR, Symbols};
use super::weigh;

/// Different ends from which on they are values.
const ENDS_COUNT_MIN: usize = 3;
/// Words that the sentence has.
const WORDS_COUNT_MIN: usize = 2;

/// Puts a value in place of such ends.
pub(super) fn close(patterns: Vec<Pattern>, symbols: &Symbols) -> Vec<Pattern> {
    let mut ends: BTreeMap<&[u32], BTreeSet<&[u32]>> = BTreeMap::new();
    for pattern in &patterns {
        if let Some((front, end)) = halves(&pattern.keys, symbols) {
            ends.entry(front).or_default().insert(end);
        }
    }
    let many: BTreeSet<Vec<u32>> = ends
        .into_iter()
        .filter(|(_, ends)| {
            let text = ends.iter().any(|end| end.first() != Some(&STAR));
            ends.len() >= ENDS_COUNT_MIN && text
        })
        .map(|(front, _)| front.to_vec())
        .collect();
    let mut done: BTreeMap<Vec<u32>, Pattern> = BTreeMap::new();
    for mut pattern in patterns {
        let front = halves(&pattern.keys, symbols).map(|(front, _)| front.len());
        let front = front.filter(|front| {
            let keys = pattern.keys.get(..*front).unwrap_or_default();
            many.contains(keys)
        });
        if let Some(front) = front {
            pattern.close(front);
        }
        match done.get_mut(&pattern.keys) {
            Some(like) => like.members.append(&mut pattern.members),
            None => {
                done.insert(pattern.keys.clone(), pattern);
            }
        }
    }
    done.into_values().collect()
}

/// A row up to the colon of a sentence with a value in it, and what follows.
fn halves<'k>(keys: &'k [u32], symbols: &Symbols) -> Option<(&'k [u32], &'k [u32])> {
    let (mut words, mut values) = (0, 0);
    for (at, key) in keys.iter().enumerate() {
        let text = symbols.normal(*key);
        let value = matches!(*key, STAR | ANY);
        if text == ":" && words >= WORDS_COUNT_MIN && values > 0 {
            return keys.split_at_checked(at + 1);
        }
        values += usize::from(value);
        let lower = text.starts_with(char::is_lowercase);
        let plain = matches!(symbols.kind(*key), Kind::Plain | Kind::Flag);
        words += usize::from(!value && lower && plain && weigh::is_anchor(*key, symbols));
    }
    None
}
