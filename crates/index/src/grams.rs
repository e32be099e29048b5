//! Hashed character n-grams: spelling in place of meaning, without a model.

use std::collections::BTreeMap;

use crate::tokens::head;

/// Dimensions of the hashed space.
pub const DIMENSIONS_COUNT: u32 = 4_096;
/// Lengths of the n-grams, in characters.
const LENGTHS: [usize; 3] = [3, 4, 5];

/// Counts of the n-grams of a text, by dimension: lower case, runs of digits as one `0`, runs of
/// anything else as one space.
pub fn grams(text: &str) -> BTreeMap<u32, u32> {
    let chars = normal(text);
    let mut counts = BTreeMap::new();
    for length in LENGTHS {
        for window in chars.windows(length) {
            *counts.entry(dimension(window)).or_default() += 1;
        }
    }
    counts
}

/// The text as it is cut into n-grams, with a space at either end.
fn normal(text: &str) -> Vec<char> {
    let mut out = vec![' '];
    for c in head(text).chars().flat_map(char::to_lowercase) {
        let c = match c {
            _ if c.is_numeric() => '0',
            _ if c.is_alphabetic() => c,
            _ => ' ',
        };
        if c.is_alphabetic() || out.last() != Some(&c) {
            out.push(c);
        }
    }
    if out.last() != Some(&' ') {
        out.push(' ');
    }
    out
}

/// FNV-1a of the characters, folded to a dimension: the same on every machine and run.
fn dimension(window: &[char]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for c in window {
        hash = (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3);
    }
    ((hash ^ (hash >> 32)) as u32) % DIMENSIONS_COUNT
}

/// Vectors of one tenant's documents, weighted by idf and of unit length, by dimension.
#[derive(Debug, Default)]
pub(crate) struct Grams {
    postings: BTreeMap<u32, Vec<(usize, f64)>>,
    idf: BTreeMap<u32, f64>,
}

impl Grams {
    /// Counts and weighs the documents.
    pub(crate) fn build<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let all: Vec<BTreeMap<u32, u32>> = texts.map(grams).collect();
        let mut frequency: BTreeMap<u32, u32> = BTreeMap::new();
        for dimension in all.iter().flat_map(BTreeMap::keys) {
            *frequency.entry(*dimension).or_default() += 1;
        }
        let documents = all.len() as f64;
        let idf: BTreeMap<u32, f64> = frequency
            .into_iter()
            .map(|(dimension, count)| (dimension, (documents / f64::from(count)).ln_1p()))
            .collect();
        let mut postings: BTreeMap<u32, Vec<(usize, f64)>> = BTreeMap::new();
        for (position, counts) in all.iter().enumerate() {
            for (dimension, weight) in unit(counts, &idf) {
                postings
                    .entry(dimension)
                    .or_default()
                    .push((position, weight));
            }
        }
        Self { postings, idf }
    }

    /// Cosine by position; absent where nothing is shared.
    pub(crate) fn scores(&self, question: &str) -> BTreeMap<usize, f64> {
        let mut scores = BTreeMap::new();
        for (dimension, weight) in unit(&grams(question), &self.idf) {
            for (position, other) in self.postings.get(&dimension).into_iter().flatten() {
                *scores.entry(*position).or_default() += weight * other;
            }
        }
        scores
    }
}

/// Sublinear counts times idf, scaled to length one. A dimension that no document has weighs as
/// one that a single document has: it is part of the question's length.
fn unit(counts: &BTreeMap<u32, u32>, idf: &BTreeMap<u32, f64>) -> Vec<(u32, f64)> {
    let rarest = idf.values().copied().fold(1.0, f64::max);
    let weigh = |(dimension, count): (&u32, &u32)| {
        let idf = idf.get(dimension).copied().unwrap_or(rarest);
        (*dimension, f64::from(*count).ln_1p() * idf)
    };
    let mut weights: Vec<(u32, f64)> = counts.iter().map(weigh).collect();
    let norm = weights
        .iter()
        .map(|(_, weight)| weight * weight)
        .sum::<f64>()
        .sqrt();
    if norm > 0.0 {
        for (_, weight) in &mut weights {
            *weight /= norm;
        }
    }
    weights
}
