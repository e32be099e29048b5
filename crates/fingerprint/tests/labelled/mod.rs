//! Labelled log lines from a seed, and the score of a grouping of them.
//!
//! The way of the data: a [`Set`] is a format with its logging statements, in the wording of this
//! repository and with the headers that such systems write; [`Set::lines`] draws lines from it,
//! each with the number of the statement that made it; [`score::score`] compares a grouping with
//! these.
//!
//! Half of the sets were made to tune the merge on ([`tuning`]); the other half ([`held_back`])
//! was written afterwards and scored before it was looked at.
//!
//! *Invariants:* the same seed gives the same lines on every platform; all values are made up.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable,
    reason = "it makes lines for tests and benchmarks out of constants, which may stop at a mistake"
)]

pub(crate) mod draw;
pub(crate) mod held_back;
pub(crate) mod pattern;
pub(crate) mod score;
pub(crate) mod tuning;
pub(crate) mod values;

use draw::Draw;

/// Lines of a set.
pub(crate) const LINES_COUNT: usize = 2_000;
/// The seed of every set.
pub(crate) const SEED: u64 = 0x51de;

/// A format with its statements.
pub(crate) struct Set {
    /// Name in tables.
    pub(crate) name: &'static str,
    /// Writes the header of a line.
    pub(crate) header: fn(&mut Draw, level: &str, logger: &str) -> String,
    /// What follows the message.
    pub(crate) footer: &'static str,
    /// Level, logger, and pattern of the message, the most frequent first.
    pub(crate) statements: &'static [(&'static str, &'static str, &'static str)],
}

/// A line with its label.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What comes before the message.
    pub(crate) header: String,
    /// The message.
    pub(crate) content: String,
    /// What comes behind it.
    pub(crate) footer: &'static str,
    /// The statement that made it.
    pub(crate) statement: usize,
}

impl Line {
    /// The line as it is written.
    pub(crate) fn whole(&self) -> String {
        format!("{}{}{}", self.header, self.content, self.footer)
    }
}

impl Set {
    /// So many lines of the set. Statements follow Zipf's law, and each comes at least once.
    pub(crate) fn lines(&self, seed: u64, count: usize) -> Vec<Line> {
        let mut draw =
            Draw::new(seed ^ self.name.bytes().fold(0, |sum, b| sum * 31 + u64::from(b)));
        (0..count)
            .map(|n| {
                let statement = if n < self.statements.len() {
                    n
                } else {
                    draw.skewed(self.statements.len())
                };
                let (level, logger, pattern) = self.statements[statement];
                let content = pattern::fill(pattern, &mut draw);
                let header = (self.header)(&mut draw, level, logger);
                Line {
                    header,
                    content,
                    footer: self.footer,
                    statement,
                }
            })
            .collect()
    }
}

/// Every set, with whether it was held back.
pub(crate) fn all() -> Vec<(&'static Set, bool)> {
    let tuning = tuning::SETS.iter().map(|set| (*set, false));
    tuning
        .chain(held_back::SETS.iter().map(|set| (*set, true)))
        .collect()
}
