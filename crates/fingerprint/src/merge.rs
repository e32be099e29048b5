//! Shapes become templates: where lines of one statement differ in words, only their comparison
//! tells.
//!
//! The way of the data: each shape is a row of tokens (`row`), lists of names in one (`list`);
//! rows with the same marks at the same places are split, column by column, until what still
//! varies varies as values do (`tree`); patterns that differ in one word are joined where the words
//! are values (`join`), and those that another one covers with it (`cover`); patterns that differ
//! in an optional group of slots, or in a run of words between the same words, are joined too
//! (`span`). What varies is `<*>`.
//!
//! What makes words values and not statements is weighed by `weigh`: how many different words
//! occur, what they look like, and what stands before them.
//!
//! **Invariant:** the result is a function of the set of shapes: neither their order nor their
//! number of lines counts.
//! *Complexity:* every step sorts or hashes; nothing compares all pairs.

mod cell;
mod cover;
mod join;
mod list;
mod row;
mod skeleton;
mod span;
mod tail;
mod text;
mod tree;
mod weigh;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::hash::TextHasher;
use row::{Pattern, Row, Symbols};

/// The merged template of each shape, in the order of the shapes.
pub(crate) fn templates(shapes: &[&str]) -> Vec<String> {
    let mut order: Vec<usize> = (0..shapes.len()).collect();
    order.sort_by_key(|at| shapes.get(*at));
    let mut symbols = Symbols::default();
    // Shapes that differ in the kinds of their slots alone are one row.
    let mut rows: HashMap<Vec<u32>, usize, BuildHasherDefault<TextHasher>> = HashMap::default();
    let mut patterns: Vec<Pattern> = Vec::new();
    for at in &order {
        let text = shapes.get(*at).copied().unwrap_or_default();
        let row = Row::read(text, &mut symbols);
        let keys = Symbols::keys(&row);
        let next = patterns.len();
        let number = *rows.entry(keys.clone()).or_insert(next);
        match patterns.get_mut(number) {
            Some(pattern) => pattern.add(*at, row),
            None => patterns.push(Pattern::new(keys, *at, row)),
        }
    }
    let patterns = tail::close(patterns, &symbols);
    let patterns = tree::split(patterns, &symbols);
    let patterns = join::words(patterns, &symbols);
    let patterns = cover::join(patterns, &symbols);
    let clusters = skeleton::join(patterns, &symbols);
    let clusters = span::join(clusters, &symbols);
    let mut out = vec![String::new(); shapes.len()];
    for cluster in clusters {
        let mut members = cluster.iter().flat_map(|pattern| &pattern.members);
        let text = match (members.next(), members.next()) {
            // Nothing was compared with it.
            (Some((only, _)), None) => shapes.get(*only).copied().unwrap_or_default().to_owned(),
            _ => text::of(&cluster, &symbols),
        };
        for (at, _) in cluster.iter().flat_map(|pattern| &pattern.members) {
            if let Some(slot) = out.get_mut(*at) {
                slot.clone_from(&text);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
