//! Patterns of different lengths that are one statement.
//!
//! Two ways: a group of slots that is there or not (`(<size>)`, `[]`, `key=`), and runs of words
//! that differ between the same words, or at the end behind a colon, in many ways.

use std::collections::BTreeMap;

use super::row::{ANY, Kind, Pattern, Symbols};
use super::weigh;

/// Different runs of words between the same words, from which on they are values.
const MIDDLES_COUNT_MIN: usize = 5;
/// Different ends behind the same words and a colon, from which on they are values.
const TAILS_COUNT_MIN: usize = 12;
/// Different ends behind one word, all of them words alone, from which on they are values.
const PROSE_COUNT_MIN: usize = 24;
/// Words that must stand before such a run, and behind one within a row.
const EDGE_WORDS_COUNT: usize = 2;

/// Joins clusters further.
pub(super) fn join(clusters: Vec<Vec<Pattern>>, symbols: &Symbols) -> Vec<Vec<Pattern>> {
    let shortest = |cluster: Vec<Pattern>| {
        let keys = cluster
            .iter()
            .map(|pattern| &pattern.keys)
            .min_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        (keys.cloned().unwrap_or_default(), cluster)
    };
    let clusters: Vec<Cluster> = clusters.into_iter().map(shortest).collect();
    let clusters = by_edges(clusters, symbols, middle_edges, MIDDLES_COUNT_MIN);
    let clusters = by_edges(clusters, symbols, tail_edge, TAILS_COUNT_MIN);
    let clusters = by_edges(clusters, symbols, prose_edges, PROSE_COUNT_MIN);
    clusters.into_iter().map(|(_, cluster)| cluster).collect()
}

type Cluster = (Vec<u32>, Vec<Pattern>);

/// Joins clusters that have the same edges, where there are many and their lengths differ.
fn by_edges(
    clusters: Vec<Cluster>,
    symbols: &Symbols,
    edges: fn(&[u32], &Symbols) -> Option<Vec<u32>>,
    count_min: usize,
) -> Vec<Cluster> {
    let mut done = Vec::new();
    let mut groups: BTreeMap<Vec<u32>, Vec<Cluster>> = BTreeMap::new();
    for cluster in clusters {
        match edges(&cluster.0, symbols) {
            Some(edge) => groups.entry(edge).or_default().push(cluster),
            None => done.push(cluster),
        }
    }
    for group in groups.into_values() {
        let mut lengths: Vec<usize> = group.iter().map(|(keys, _)| keys.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        if group.len() < count_min || lengths.len() < 3 {
            done.extend(group);
            continue;
        }
        let mut group = group.into_iter();
        if let Some((keys, mut patterns)) = group.next() {
            patterns.extend(group.flat_map(|(_, patterns)| patterns));
            done.push((keys, patterns));
        }
    }
    done
}

/// The words that begin and end a row: the text between them may vary.
fn middle_edges(keys: &[u32], symbols: &Symbols) -> Option<Vec<u32>> {
    let front = edge(keys.iter(), symbols)?;
    let back = edge(keys.iter().rev(), symbols)?;
    let inner = keys
        .len()
        .checked_sub(front + back)
        .filter(|inner| *inner > 0)?;
    let mut edges = keys.get(..front)?.to_vec();
    edges.push(ANY);
    edges.extend(keys.get(front + inner..)?);
    Some(edges)
}

/// How many tokens it takes until there were enough words.
fn edge<'k>(keys: impl Iterator<Item = &'k u32>, symbols: &Symbols) -> Option<usize> {
    let mut words = 0;
    for (at, key) in keys.enumerate() {
        words += usize::from(weigh::is_anchor(*key, symbols));
        if words == EDGE_WORDS_COUNT {
            return Some(at + 1);
        }
    }
    None
}

/// The words before the first colon, where there are enough.
fn tail_edge(keys: &[u32], symbols: &Symbols) -> Option<Vec<u32>> {
    let colon = keys.iter().position(|key| symbols.normal(*key) == ":")?;
    let front = keys.get(..=colon)?;
    let words = front
        .iter()
        .filter(|key| weigh::is_anchor(**key, symbols))
        .count();
    (words >= EDGE_WORDS_COUNT).then(|| front.to_vec())
}

/// The first word, and the mark behind the last one, of a row that is words alone.
fn prose_edges(keys: &[u32], symbols: &Symbols) -> Option<Vec<u32>> {
    let (first, rest) = keys.split_first()?;
    let is_mark = |key: &u32| symbols.kind(*key) == Kind::Mark;
    let marks = rest.iter().rev().take_while(|key| is_mark(key)).count();
    let (words, marks) = rest.split_at_checked(rest.len() - marks)?;
    let prose = !words.is_empty() && words.iter().all(|key| weigh::is_anchor(*key, symbols));
    let mut edges = vec![*first, ANY];
    edges.extend(marks);
    (prose && weigh::is_anchor(*first, symbols)).then_some(edges)
}
