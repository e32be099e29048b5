//! How well a grouping of lines agrees with the statements that made them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// The agreement of a grouping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Score {
    /// Statements that made lines.
    pub(crate) statements: usize,
    /// Groups that were told apart.
    pub(crate) groups: usize,
    /// Grouping accuracy: the share of lines whose group holds exactly the lines of their
    /// statement.
    pub(crate) lines_right: f64,
    /// F1 over groups: a group is right that holds exactly the lines of a statement.
    pub(crate) groups_f1: f64,
}

/// Compares the group of each line with the statement that made it.
pub(crate) fn score<G: Eq + Hash + Clone>(lines: &[(usize, G)]) -> Score {
    let mut statements: HashMap<usize, usize> = HashMap::new();
    let mut groups: HashMap<G, (usize, HashSet<usize>)> = HashMap::new();
    for (statement, group) in lines {
        *statements.entry(*statement).or_default() += 1;
        let (count, of) = groups.entry(group.clone()).or_default();
        *count += 1;
        of.insert(*statement);
    }
    let right: Vec<usize> = groups
        .values()
        .filter(|(count, of)| of.len() == 1 && of.iter().all(|one| statements[one] == *count))
        .map(|(count, _)| *count)
        .collect();
    let (found, true_count) = (groups.len() as f64, statements.len() as f64);
    Score {
        statements: statements.len(),
        groups: groups.len(),
        lines_right: right.iter().sum::<usize>() as f64 / lines.len().max(1) as f64,
        groups_f1: 2.0 * right.len() as f64 / (found + true_count).max(1.0),
    }
}
