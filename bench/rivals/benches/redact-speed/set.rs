//! `RegexSet`: all expressions as one automaton says which match a line, then those are asked.

use regex::bytes::{Regex, RegexSet, RegexSetBuilder};

use crate::clock::Reader;
use crate::patterns::Pattern;
use crate::scanner::{collect, compiled, replaced};

/// Compiled size at most: more than it needs.
const SET_BYTES_MAX: usize = 1 << 30;
/// Room for the states that it makes while it reads, far more than this material asks for. With
/// the usual 2 MiB it makes the same ones again and again, and is two thousand times slower.
const CACHE_BYTES_MAX: usize = 256 << 20;

/// A set and its expressions.
pub(crate) struct Set {
    all: RegexSet,
    expressions: Vec<Regex>,
    spans: Vec<(usize, usize)>,
}

impl Set {
    pub(crate) fn new(patterns: &[Pattern]) -> Self {
        let set = RegexSetBuilder::new(patterns.iter().map(|p| &p.expression))
            .unicode(false)
            .size_limit(SET_BYTES_MAX)
            .dfa_size_limit(CACHE_BYTES_MAX)
            .build();
        Self {
            all: set.unwrap(),
            expressions: patterns.iter().map(|p| compiled(&p.expression)).collect(),
            spans: Vec::new(),
        }
    }
}

impl Reader for Set {
    fn name(&self) -> String {
        format!("`RegexSet`: {} rules", self.expressions.len())
    }

    fn read(&mut self, blocks: Vec<String>, out: &mut dyn FnMut(String)) {
        for block in blocks {
            self.spans.clear();
            let mut at = 0;
            for line in block.split_inclusive('\n') {
                for rule in &self.all.matches(line.as_bytes()) {
                    let expression = &self.expressions[rule];
                    collect(expression, line.as_bytes(), at, &mut self.spans);
                }
                at += line.len();
            }
            out(replaced(block, &mut self.spans));
        }
    }
}
