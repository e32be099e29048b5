//! A rule's pattern: read once, checked to be bounded, compiled when it is first needed.
//!
//! Most patterns are one alphabet and a length; those are never compiled, since the run of the
//! alphabet is the match. The others are compiled at their first candidate and matched anchored,
//! on no more than their own maximum.
//!
//! *Limits:* [`PATTERN_BYTES_MAX`], [`TOKEN_BYTES_MAX`], [`PROGRAM_STATES_MAX`]; no look-around, no
//! back-references: the engine has none, and a match is linear in its window.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::error::Fault;
use crate::bytes::looked;

/// Longest pattern in bytes.
pub const PATTERN_BYTES_MAX: usize = 1_024;
/// Longest token in bytes.
pub const TOKEN_BYTES_MAX: usize = 4_096;
/// Most states that a pattern may compile to, a range of bytes counted as one: told from the
/// pattern, so that nothing is compiled before it is needed.
pub const PROGRAM_STATES_MAX: usize = 16_384;
/// Largest compiled pattern in bytes: far beyond what so many states take.
const PROGRAM_BYTES_MAX: usize = 16 << 20;
/// How deep a pattern may nest.
const NESTS_MAX: u32 = 16;

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes([u64; 4]);

impl Bytes {
    pub(crate) const NONE: Self = Self([0; 4]);

    /// The bytes that a condition holds for.
    pub(crate) fn of(accept: impl Fn(u8) -> bool) -> Self {
        let mut out = Self::NONE;
        (0_u8..=255).filter(|b| accept(*b)).for_each(|b| out.add(b));
        out
    }

    pub(crate) fn add(&mut self, b: u8) {
        if let Some(word) = self.0.get_mut(usize::from(b >> 6)) {
            *word |= 1 << (b & 63);
        }
    }

    /// Whether it holds the byte.
    #[inline]
    pub(crate) fn has(&self, b: u8) -> bool {
        let word = self.0.get(usize::from(b >> 6)).copied().unwrap_or(0);
        word >> (b & 63) & 1 == 1
    }

    /// Whether it holds all of another.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.into_iter().all(|(a, b)| b & !a == 0)
    }

    fn join(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }

    /// The bytes in order.
    pub(crate) fn list(&self) -> Vec<u8> {
        (0_u8..=255).filter(|b| self.has(*b)).collect()
    }

    /// Length of the run of these bytes at `i`, at most `max`.
    pub(crate) fn run(&self, bytes: &[u8], i: usize, max: usize) -> usize {
        let tail = bytes.get(i..).unwrap_or(&[]);
        let length = tail.iter().take(max).take_while(|b| self.has(**b)).count();
        looked(length);
        length
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.list().len())
    }
}

/// Bytes that runs of tokens are made of: what a prefix may hold, and what the first
/// [`super::RUN_BYTES_MIN`] bytes of every token are.
pub(crate) const fn token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'/' | b'+' | b'=' | b'-')
}

/// A pattern that may be asked.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    min: usize,
    max: usize,
    alphabet: Bytes,
    /// Token bytes that every match is sure to begin with.
    lead: usize,
    /// One alphabet and a length: the run is the match.
    plain: bool,
    regex: OnceLock<Option<Regex>>,
}

/// Parses as the engine does.
pub(crate) fn parse(source: &str) -> Result<Hir, Fault> {
    let mut parser = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(NESTS_MAX)
        .build();
    parser
        .parse(source)
        .map_err(|error| Fault::Pattern(error.to_string()))
}

impl Pattern {
    /// Reads a pattern and checks that it is bounded.
    pub(crate) fn new(source: &str) -> Result<Self, Fault> {
        if source.len() > PATTERN_BYTES_MAX {
            return Err(Fault::TooLong {
                key: "pattern",
                max: PATTERN_BYTES_MAX,
            });
        }
        let hir = parse(source)?;
        let properties = hir.properties();
        if !properties.look_set().is_empty() {
            return Err(Fault::Look);
        }
        let max = properties.maximum_len().ok_or(Fault::Unbounded)?;
        if max > TOKEN_BYTES_MAX {
            return Err(Fault::Long {
                have: max,
                max: TOKEN_BYTES_MAX,
            });
        }
        let mut alphabet = Bytes::NONE;
        spell(&hir, &mut alphabet);
        let pattern = Self {
            source: source.to_owned(),
            min: properties.minimum_len().unwrap_or(0),
            max,
            alphabet,
            lead: lead(&hir).0,
            plain: is_plain(&hir),
            regex: OnceLock::new(),
        };
        // Large repetitions are what makes a program large; a run needs no program.
        if !pattern.plain && states(&hir) > PROGRAM_STATES_MAX {
            return Err(Fault::Size {
                max: PROGRAM_STATES_MAX,
            });
        }
        Ok(pattern)
    }

    fn compile(&self) -> Option<Regex> {
        RegexBuilder::new(&format!("\\A(?:{})", self.source))
            .unicode(false)
            .size_limit(PROGRAM_BYTES_MAX)
            .nest_limit(NESTS_MAX + 4)
            .build()
            .ok()
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Bytes of the shortest match.
    pub fn min(&self) -> usize {
        self.min
    }

    /// Bytes of the longest match.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Every byte that a match may hold.
    pub(crate) fn alphabet(&self) -> &Bytes {
        &self.alphabet
    }

    /// Token bytes that every match is sure to begin with.
    pub(crate) fn lead(&self) -> usize {
        self.lead
    }

    /// The pattern in words: `32 characters a-f, 0-9`.
    pub fn words(&self) -> String {
        let length = match (self.min, self.max) {
            (min, max) if min == max => format!("{min}"),
            (min, max) => format!("{min} to {max}"),
        };
        let form = if self.plain {
            ""
        } else {
            ", in the pattern's form"
        };
        format!("{length} characters {}{form}", spans(&self.alphabet.list()))
    }

    /// Length of the match that begins `window`, a run of the pattern's alphabet.
    pub(crate) fn matched(&self, window: &[u8]) -> Option<usize> {
        if window.len() < self.min {
            return None;
        }
        if self.plain {
            return Some(window.len().min(self.max));
        }
        let regex = self.regex.get_or_init(|| self.compile()).as_ref()?;
        looked(window.len());
        regex.find(window).map(|found| found.end())
    }
}

pub(crate) fn class_bytes(class: &Class) -> Bytes {
    let mut out = Bytes::NONE;
    match class {
        Class::Bytes(class) => {
            let ranges = class.ranges().iter();
            ranges.for_each(|r| (r.start()..=r.end()).for_each(|b| out.add(b)));
        }
        Class::Unicode(class) => {
            for range in class.ranges() {
                // Anything beyond ASCII is told as one byte of it, which no token may hold.
                let last = range.end().min('\u{80}');
                (range.start()..=last).for_each(|c| out.add(c as u8));
                out.add(if range.end() > '\u{7f}' {
                    0x80
                } else {
                    range.start() as u8
                });
            }
        }
    }
    out
}

/// States that a pattern compiles to, at most.
fn states(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len().max(1),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().max(1) * 4,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            (states(&repetition.sub) + 1).saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            let sum = parts.iter().map(states).fold(0, usize::saturating_add);
            sum.saturating_add(parts.len())
        }
    }
}

/// Adds every byte that a match may hold.
fn spell(hir: &Hir, out: &mut Bytes) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|b| out.add(*b)),
        HirKind::Class(class) => out.join(&class_bytes(class)),
        HirKind::Repetition(repetition) => spell(&repetition.sub, out),
        HirKind::Capture(capture) => spell(&capture.sub, out),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                spell(part, out);
            }
        }
    }
}

/// How many token bytes every match is sure to begin with, and whether it holds nothing else.
fn lead(hir: &Hir) -> (usize, bool) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, true),
        HirKind::Literal(literal) => {
            let length = literal.0.iter().take_while(|b| token_byte(**b)).count();
            (length, length == literal.0.len())
        }
        HirKind::Class(class) => {
            let inside = Bytes::of(token_byte).covers(&class_bytes(class));
            (usize::from(inside), inside)
        }
        HirKind::Repetition(repetition) => {
            let (length, whole) = lead(&repetition.sub);
            let times = repetition.min as usize;
            if whole {
                (length.saturating_mul(times), true)
            } else {
                (length.saturating_mul(times.min(1)), false)
            }
        }
        HirKind::Capture(capture) => lead(&capture.sub),
        HirKind::Concat(parts) => {
            let mut sum = 0;
            for part in parts {
                let (length, whole) = lead(part);
                sum += length;
                if !whole {
                    return (sum, false);
                }
            }
            (sum, true)
        }
        HirKind::Alternation(parts) => {
            let leads = parts.iter().map(lead);
            leads.fold((usize::MAX, true), |(least, all), (length, whole)| {
                (least.min(length), all && whole)
            })
        }
    }
}

/// Bytes in order, in words: `0-9, a-f, _`.
fn spans(bytes: &[u8]) -> String {
    let mut spans: Vec<(u8, u8)> = Vec::new();
    for b in bytes {
        match spans.last_mut().filter(|(_, last)| *last + 1 == *b) {
            Some((_, last)) => *last = *b,
            None => spans.push((*b, *b)),
        }
    }
    let told = spans
        .into_iter()
        .map(|(a, z)| match (char::from(a), char::from(z)) {
            (a, z) if a == z => a.to_string(),
            (a, z) if z as u8 - a as u8 == 1 => format!("{a}, {z}"),
            (a, z) => format!("{a}-{z}"),
        });
    told.collect::<Vec<_>>().join(", ")
}

/// One class, greedily repeated: the run of its alphabet is its match.
fn is_plain(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            repetition.greedy && matches!(repetition.sub.kind(), HirKind::Class(_))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_held_is_refused_with_its_reason() {
        let refused = |source: &str| Pattern::new(source).unwrap_err();
        assert_eq!(refused("[a-z]+"), Fault::Unbounded);
        assert_eq!(refused("[a-z]{3,}x"), Fault::Unbounded);
        assert_eq!(refused(r"[a-z]{3}\b"), Fault::Look);
        assert!(matches!(refused(r"([a-z])\1"), Fault::Pattern(_)));
        assert!(matches!(refused("(?=a)b"), Fault::Pattern(_)));
        assert!(matches!(refused("[a-z]{5000}"), Fault::Long { .. }));
        assert!(matches!(refused(&"a".repeat(2_000)), Fault::TooLong { .. }));
        let many = "[a-y]{4000}|".repeat(60) + "z";
        assert!(matches!(refused(&many), Fault::Size { .. }));
    }

    #[test]
    fn what_is_held_compiles() {
        for source in ["(?:[a-z]{1,60}[0-9]{1,60}){16}x", "(?:ab|[c-x]{900}){2,4}y"] {
            let pattern = Pattern::new(source).unwrap();
            assert!(pattern.compile().is_some(), "{source}");
        }
    }

    #[test]
    fn the_sure_beginning_is_the_least_of_all_ways() {
        let lead = |source: &str| Pattern::new(source).unwrap().lead();
        assert_eq!(lead("[a-z]{20}"), 20);
        assert_eq!(lead("[a-z]{5}%[a-z]{20}"), 5);
        assert_eq!(lead("(?:ab|cde)[0-9]{4,9}"), 6);
        assert_eq!(lead("[a-z%]{20}"), 0);
        assert_eq!(lead("a?[0-9]{8}"), 8);
    }

    #[test]
    fn a_run_is_matched_as_the_engine_would() {
        for source in ["[a-f0-9]{8}", "[A-Z]{2,12}", "[a-z0-9_-]{4,9}"] {
            let pattern = Pattern::new(source).unwrap();
            assert!(pattern.plain);
            let regex = pattern.compile().unwrap();
            for text in ["abcdef0123456789", "ABCDEFGHIJKLMNOP", "a-b_c", "", "x"] {
                let run = pattern.alphabet().run(text.as_bytes(), 0, pattern.max());
                let window = text.as_bytes().get(..run).unwrap();
                let expect = regex.find(text.as_bytes()).map(|m| m.end());
                assert_eq!(pattern.matched(window), expect, "{source} {text}");
            }
        }
    }
}
