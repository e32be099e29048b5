//! Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).

use std::collections::BTreeMap;

/// How fast a rank loses weight; the paper's value.
const K: f64 = 60.0;

/// Positions by falling score, ties by rising position.
pub(crate) fn rank(scores: &BTreeMap<usize, f64>) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = scores
        .iter()
        .filter(|(_, score)| **score > 0.0)
        .map(|(p, s)| (*p, *s))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.into_iter().map(|(position, _)| position).collect()
}

/// One ranking of several: a position's score is the sum of `1 / (K + rank)`.
pub(crate) fn fuse(rankings: &[Vec<usize>]) -> BTreeMap<usize, f64> {
    let mut scores = BTreeMap::new();
    for ranking in rankings {
        for (rank, position) in ranking.iter().enumerate() {
            *scores.entry(*position).or_default() += 1.0 / (K + rank as f64 + 1.0);
        }
    }
    scores
}
