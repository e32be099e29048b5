//! Patterns that say the same words are one statement, whatever stands between the words.
//!
//! Values may be empty, and parts may be left out that hold a value: a bracket, a key with its
//! value, a word with a number. Where the words that are left are the same and enough, such
//! patterns are one.

use std::collections::{BTreeMap, HashSet};

use super::row::{ANY, Kind, Pattern, STAR, Symbols};
use super::weigh;

/// Words that must be the same.
const WORDS_COUNT_MIN: usize = 2;

/// Cells of a part that may be left out, or that a value takes the place of.
const PART_CELLS_MAX: usize = 8;
/// Words that a value of one place may be.
const VALUE_WORDS_MAX: usize = 4;

/// Joins patterns into clusters.
pub(super) fn join(patterns: Vec<Pattern>, symbols: &Symbols) -> Vec<Vec<Pattern>> {
    let mut by_words: BTreeMap<Vec<u32>, Vec<Pattern>> = BTreeMap::new();
    let mut clusters = Vec::new();
    for pattern in patterns {
        let words = words(&pattern.keys, symbols);
        if anchors(&words, symbols) >= WORDS_COUNT_MIN {
            by_words.entry(words).or_default().push(pattern);
        } else {
            clusters.push(vec![pattern]);
        }
    }
    clusters.extend(by_words.into_values());
    parts(clusters, symbols)
}

/// Joins clusters of which one has a part that the other lacks, or words where it has a value.
fn parts(clusters: Vec<Vec<Pattern>>, symbols: &Symbols) -> Vec<Vec<Pattern>> {
    let mut by_keys: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    // What none has is ruled out by a hash.
    let mut hashes: HashSet<u64> = HashSet::new();
    for (number, cluster) in clusters.iter().enumerate() {
        for pattern in cluster {
            let keys = closed(&pattern.keys);
            hashes.insert(Hashes::new(&keys).of(0, keys.len()));
            by_keys.entry(keys).or_insert(number);
        }
    }
    let mut roots: Vec<usize> = (0..clusters.len()).collect();
    for (number, cluster) in clusters.iter().enumerate() {
        for pattern in cluster {
            let keys = closed(&pattern.keys);
            let mut found = reductions(&keys, cluster.len() == 1, &hashes, symbols);
            // The less is left out, the likelier it is the same.
            found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            let like = found.iter().find_map(|(_, other)| by_keys.get(other));
            if let Some(found) = like.filter(|found| **found != number) {
                unite(&mut roots, number, *found);
            }
        }
    }
    let mut joined: BTreeMap<usize, Vec<Pattern>> = BTreeMap::new();
    for (number, cluster) in clusters.into_iter().enumerate() {
        let root = root(&roots, number);
        joined.entry(root).or_default().extend(cluster);
    }
    joined.into_values().collect()
}

/// Hashes of the parts of a row.
struct Hashes {
    /// Of its first so many keys.
    fronts: Vec<u64>,
}

impl Hashes {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

    fn new(keys: &[u32]) -> Self {
        let mut fronts = vec![0];
        let mut hash = 0_u64;
        for key in keys {
            hash = Self::joined(hash, u64::from(*key) + 1, 1);
            fronts.push(hash);
        }
        Self { fronts }
    }

    /// The hash of one part and another one of so many keys behind it.
    fn joined(front: u64, back: u64, length: usize) -> u64 {
        let power = Self::BASE.wrapping_pow(u32::try_from(length).unwrap_or(u32::MAX));
        front.wrapping_mul(power).wrapping_add(back)
    }

    /// The hash of the keys from one place to another.
    fn of(&self, from: usize, to: usize) -> u64 {
        let front = |at: usize| self.fronts.get(at).copied().unwrap_or(0);
        let moved = Self::joined(front(from), 0, to - from);
        front(to).wrapping_sub(moved)
    }
}

fn root(roots: &[usize], of: usize) -> usize {
    let mut at = of;
    while let Some(next) = roots.get(at).filter(|next| **next != at) {
        at = *next;
    }
    at
}

fn unite(roots: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(roots, a), root(roots, b));
    if let Some(slot) = roots.get_mut(a.max(b)) {
        *slot = a.min(b);
    }
}

/// Keys with everything that varies as one.
fn closed(keys: &[u32]) -> Vec<u32> {
    let star = |key: &u32| if *key == ANY { STAR } else { *key };
    keys.iter().map(star).collect()
}

/// What the row would be without a part that may be left out, and with a value in place of words.
fn reductions(
    keys: &[u32],
    words_too: bool,
    known: &HashSet<u64>,
    symbols: &Symbols,
) -> Vec<(usize, Vec<u32>)> {
    let mut out = Vec::new();
    let hashes = Hashes::new(keys);
    let count = keys.len();
    for from in 1..keys.len() {
        for to in from + 1..=keys.len().min(from + PART_CELLS_MAX) {
            let front = hashes.of(0, from);
            let without = Hashes::joined(front, hashes.of(to, count), count - to);
            let opened = Hashes::joined(front, u64::from(STAR) + 1, 1);
            let opened = Hashes::joined(opened, hashes.of(to, count), count - to);
            if !known.contains(&without) && !known.contains(&opened) {
                continue;
            }
            let part = keys.get(from..to).unwrap_or_default();
            let (front, back) = (
                keys.get(..from).unwrap_or_default(),
                keys.get(to..).unwrap_or_default(),
            );
            let optional = is_optional(part, symbols);
            let marked = back
                .first()
                .is_some_and(|key| symbols.kind(*key) == Kind::Mark);
            let tail_of_value = front.last() == Some(&STAR) && to - from <= 2 && marked;
            let value = words_too
                && to - from <= VALUE_WORDS_MAX
                && (front.last() != Some(&STAR) || tail_of_value)
                && back.first() != Some(&STAR)
                && is_value(part, symbols);
            if !optional && !value {
                continue;
            }
            let rest = anchors(front, symbols) + anchors(back, symbols);
            let marked = tail_of_value && value && front.len() + back.len() > 4;
            if rest < WORDS_COUNT_MIN && !marked {
                continue;
            }
            if optional {
                out.push((rest, [front, back].concat()));
            }
            if value {
                let open: &[u32] = if tail_of_value { &[] } else { &[STAR] };
                out.push((rest, [front, open, back].concat()));
            }
        }
    }
    out
}

/// Whether a part may be left out: a bracket, keys with their values, a few words with a value.
fn is_optional(part: &[u32], symbols: &Symbols) -> bool {
    let text = |key: &u32| symbols.normal(*key);
    let (Some(first), Some(last)) = (part.first(), part.last()) else {
        return false;
    };
    let inner = part.get(1..part.len() - 1).unwrap_or_default();
    let opens = |key: &u32| "([{".contains(text(key));
    if matches!(
        (text(first), text(last)),
        ("(", ")") | ("[", "]") | ("{", "}")
    ) {
        return !inner.iter().any(opens);
    }
    if *last != STAR {
        return false;
    }
    let words = part.get(..part.len() - 1).unwrap_or_default();
    match words {
        [] => true,
        [_, equals] if text(equals) == "=" => true,
        [.., colon] if text(colon) == ":" && words.len() == 1 => true,
        _ => {
            let word = |key: &u32| weigh::is_anchor(*key, symbols);
            words.len() <= 2 && words.iter().all(word) && weigh::leads(text(first))
        }
    }
}

/// Whether words may be a value: none of them tells what happened. Numbers may stand among them,
/// and behind a name.
fn is_value(part: &[u32], symbols: &Symbols) -> bool {
    let named = part.first().is_some_and(|key| {
        let text = symbols.normal(*key);
        text.starts_with(|c: char| !c.is_ascii_lowercase())
    });
    let part = match part {
        [word, place, STAR] if weigh::is_place(symbols.normal(*place)) => {
            return symbols.kind(*word) == Kind::Plain;
        }
        [rest @ .., STAR] if named && !rest.is_empty() => rest,
        [first, inner @ .., last] if inner.contains(&STAR) && *first != STAR && *last != STAR => {
            return is_value(&[*first], symbols) && is_value(&[*last], symbols);
        }
        _ => part,
    };
    part.iter().all(|key| {
        symbols.kind(*key) != Kind::Mark
            && *key != STAR
            && !weigh::tells_a_deed(symbols.normal(*key))
    })
}

fn anchors(keys: &[u32], symbols: &Symbols) -> usize {
    let anchor = |key: &&u32| weigh::is_anchor(**key, symbols);
    keys.iter().filter(anchor).count()
}

/// The words of a row, without values and marks.
pub(super) fn words(keys: &[u32], symbols: &Symbols) -> Vec<u32> {
    let is_word = |key: &&u32| !matches!(**key, STAR | ANY) && symbols.kind(**key) != Kind::Mark;
    keys.iter().filter(is_word).copied().collect()
}
