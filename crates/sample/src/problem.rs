//! What is wrong with a configuration: the place, the words, a hint.

use std::fmt;

use crate::limits::PROBLEMS_COUNT_MAX;

/// One thing that is wrong with a configuration, or, among a plan's notes, one that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1; 0 where it is not known.
    pub line: u32,
    /// Where in the configuration, as `policies[2].latency.threshold_ms`.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Problems and notes as they are found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Problem>,
}

impl Findings {
    pub(crate) fn problem(&mut self, line: u32, path: &str, message: impl Into<String>) {
        push(&mut self.problems, line, path, message.into());
    }

    pub(crate) fn note(&mut self, line: u32, path: &str, message: impl Into<String>) {
        push(&mut self.notes, line, path, message.into());
    }
}

fn push(to: &mut Vec<Problem>, line: u32, path: &str, message: String) {
    if to.len() < PROBLEMS_COUNT_MAX {
        to.push(Problem {
            line,
            path: path.to_owned(),
            message,
        });
    }
}

/// The known name that `name` was probably meant to be.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let wanted: Vec<char> = fold(name);
    known
        .iter()
        .map(|candidate| (distance(&wanted, &fold(candidate)), *candidate))
        .filter(|(far, candidate)| *far <= 1 + candidate.len() / 4)
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> Vec<char> {
    let plain = name.chars().filter(|c| !"_- ".contains(*c));
    plain.take(64).flat_map(char::to_lowercase).collect()
}

/// Edits between two words (Levenshtein), a row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            left = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_told_from_another() {
        let known = ["threshold_ms", "upper_threshold_ms", "key"];
        assert_eq!(nearest("treshold_ms", &known), Some("threshold_ms"));
        assert_eq!(nearest("ThresholdMs", &known), Some("threshold_ms"));
        assert_eq!(nearest("colour", &known), None);
    }
}
