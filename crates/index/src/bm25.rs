//! Okapi BM25 over an inverted index.

use std::collections::BTreeMap;

use crate::synonyms;
use crate::tokens::tokens;

/// Saturation of term frequency (Robertson and Zaragoza 2009, the usual value).
const K1: f64 = 1.2;
/// Weight of a document's length.
const B: f64 = 0.75;

/// Postings and lengths of one tenant's documents, by position.
#[derive(Debug, Default)]
pub(crate) struct Bm25 {
    postings: BTreeMap<String, Vec<(usize, u32)>>,
    lengths: Vec<u32>,
    mean_length: f64,
}

impl Bm25 {
    /// Counts the documents.
    pub(crate) fn build<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        for (position, text) in texts.enumerate() {
            let mut counts: BTreeMap<String, u32> = BTreeMap::new();
            let tokens = tokens(text);
            index.lengths.push(tokens.len() as u32);
            for token in tokens {
                *counts.entry(token).or_default() += 1;
            }
            for (token, count) in counts {
                index
                    .postings
                    .entry(token)
                    .or_default()
                    .push((position, count));
            }
        }
        let total: f64 = index.lengths.iter().map(|length| f64::from(*length)).sum();
        index.mean_length = (total / index.lengths.len().max(1) as f64).max(1.0);
        index
    }

    /// Scores by position; absent where nothing matches.
    pub(crate) fn scores(&self, question: &str) -> BTreeMap<usize, f64> {
        let mut weights: BTreeMap<String, f64> = BTreeMap::new();
        for token in tokens(question) {
            for synonym in synonyms::of(&token) {
                weights.entry(synonym).or_insert(synonyms::WEIGHT);
            }
            // A number is masked and says next to nothing.
            if token != "0" {
                weights.insert(token, 1.0);
            }
        }
        let mut scores = BTreeMap::new();
        for (token, weight) in weights {
            self.add(&token, weight, &mut scores);
        }
        scores
    }

    /// Adds what one token contributes.
    fn add(&self, token: &str, weight: f64, scores: &mut BTreeMap<usize, f64>) {
        let Some(postings) = self.postings.get(token) else {
            return;
        };
        let documents = self.lengths.len() as f64;
        let frequency = postings.len() as f64;
        let idf = ((documents - frequency + 0.5) / (frequency + 0.5)).ln_1p();
        for (position, count) in postings {
            let length = self
                .lengths
                .get(*position)
                .map_or(0.0, |length| f64::from(*length));
            let count = f64::from(*count);
            let norm = K1 * (1.0 - B + B * length / self.mean_length);
            *scores.entry(*position).or_default() +=
                weight * idf * count * (K1 + 1.0) / (count + norm);
        }
    }
}
