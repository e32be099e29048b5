//! The usual shape of a scanner: Aho-Corasick over the keywords of all rules, then the regular
//! expression of each rule that was hit, on the line of the hit.
//!
//! Secret scanners give a rule the whole fragment; on the line it is faster, and finds the same,
//! since no pattern spans lines. A rule is asked once a line, however many of its keywords stand
//! there.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use regex::bytes::{Regex, RegexBuilder};

use crate::clock::Reader;
use crate::patterns::Pattern;

/// What stands for what was found.
pub(crate) const MARK: &str = "[REDACTED]";
/// Compiled size of one expression at most: more than any of them needs.
pub(crate) const EXPRESSION_BYTES_MAX: usize = 256 << 20;

/// A keyword and whose it is.
struct Keyword {
    rule: usize,
    /// Its letters, where their case counts.
    exact: Option<String>,
}

/// Such a scanner.
pub(crate) struct Scanner {
    name: String,
    words: AhoCorasick,
    keywords: Vec<Keyword>,
    expressions: Vec<Regex>,
    /// Rules without keywords, which read every block whole.
    always: Vec<usize>,
    /// For each rule, one more than where the line begins that it has read last.
    read: Vec<usize>,
    spans: Vec<(usize, usize)>,
}

/// An expression over ASCII.
pub(crate) fn compiled(expression: &str) -> Regex {
    RegexBuilder::new(expression)
        .unicode(false)
        .size_limit(EXPRESSION_BYTES_MAX)
        .build()
        .unwrap()
}

impl Scanner {
    pub(crate) fn new(name: &str, patterns: &[Pattern]) -> Self {
        let (mut words, mut keywords) = (Vec::new(), Vec::new());
        for (rule, pattern) in patterns.iter().enumerate() {
            for word in &pattern.keywords {
                words.push(word.clone());
                let exact = pattern.exact.then(|| word.clone());
                keywords.push(Keyword { rule, exact });
            }
        }
        let built = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words);
        let always = patterns
            .iter()
            .enumerate()
            .filter(|(_, p)| p.keywords.is_empty());
        Self {
            name: format!("{name}: {} keywords, {} rules", words.len(), patterns.len()),
            words: built.unwrap(),
            keywords,
            always: always.map(|(rule, _)| rule).collect(),
            expressions: patterns.iter().map(|p| compiled(&p.expression)).collect(),
            read: vec![0; patterns.len()],
            spans: Vec::new(),
        }
    }

    /// Finds what is to be replaced in a block.
    fn find(&mut self, block: &str) {
        let bytes = block.as_bytes();
        self.spans.clear();
        self.read.fill(0);
        for rule in &self.always {
            collect(&self.expressions[*rule], bytes, 0, &mut self.spans);
        }
        let mut line = 0..0;
        for hit in self.words.find_overlapping_iter(bytes) {
            let keyword = &self.keywords[hit.pattern().as_usize()];
            let other = |word: &String| word.as_bytes() != &bytes[hit.range()];
            if keyword.exact.as_ref().is_some_and(other) {
                continue;
            }
            if hit.start() >= line.end {
                line = around(bytes, hit.start());
            }
            let read = &mut self.read[keyword.rule];
            if *read == line.start + 1 {
                continue;
            }
            *read = line.start + 1;
            let expression = &self.expressions[keyword.rule];
            collect(
                expression,
                &bytes[line.clone()],
                line.start,
                &mut self.spans,
            );
        }
    }
}

impl Reader for Scanner {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn read(&mut self, blocks: Vec<String>, out: &mut dyn FnMut(String)) {
        for block in blocks {
            self.find(&block);
            out(replaced(block, &mut self.spans));
        }
    }
}

/// The line that holds the byte at `i`.
fn around(bytes: &[u8], i: usize) -> std::ops::Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..i]).map_or(0, |n| n + 1);
    let end = memchr::memchr(b'\n', &bytes[i..]).map_or(bytes.len(), |n| i + n);
    start..end
}

/// Adds the tokens that an expression finds in a text, which stands at `at`.
pub(crate) fn collect(expression: &Regex, text: &[u8], at: usize, spans: &mut Vec<(usize, usize)>) {
    // Groups cost more than a match, and most texts have none.
    if !expression.is_match(text) {
        return;
    }
    for groups in expression.captures_iter(text) {
        let token = groups.name("token").or_else(|| groups.get(0));
        spans.extend(token.map(|token| (at + token.start(), at + token.end())));
    }
}

/// The block with a mark for each span; itself where there is none.
pub(crate) fn replaced(block: String, spans: &mut [(usize, usize)]) -> String {
    if spans.is_empty() {
        return block;
    }
    spans.sort_unstable();
    let mut clean = String::with_capacity(block.len());
    let mut done = 0;
    for (start, end) in spans.iter().copied() {
        if start >= done {
            clean.push_str(&block[done..start]);
            clean.push_str(MARK);
        }
        done = done.max(end);
    }
    clean.push_str(&block[done..]);
    clean
}
