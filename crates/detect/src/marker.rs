//! Markers that a producer put around a value it calls unsafe: `‹…›`, as cockroachdb/redact writes
//! them (U+2039, U+203A).
//!
//! What stands between them is certain: it goes whatever it looks like. The markers stay, so that
//! a reader and the next redaction see that something stood there.
//!
//! *Limits:* a mark ends at its own closing sign, at the end of its line where that is missing:
//! the producer closes and reopens around a line break, so an open one was cut off. Nested marks
//! are one. Each byte is looked at once, since the pass goes on behind what was taken.

use memchr::memchr2;

use crate::bytes::{cut, looked, starts};
use crate::{Finding, TokenKind};

/// The sign that opens, and the one that closes.
const OPEN: &str = "‹";
const CLOSE: &str = "›";
/// Bytes of either.
const SIGN_BYTES: usize = OPEN.len();
/// What a producer that redacted on its own left between the signs.
const GONE: &[&str] = &["×", "†", ""];
/// The rule's id.
const RULE: &str = "marked";

/// Whether a mark opens at `i`: the family's necessary condition.
pub(crate) fn opens(bytes: &[u8], i: usize) -> bool {
    starts(bytes, i, OPEN.as_bytes())
}

/// What is marked from `i` on; the second is where the pass goes on. `None` where no mark opens.
pub(crate) fn at(text: &str, i: usize) -> Option<(Option<Finding>, usize)> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    let start = i + SIGN_BYTES;
    let end = closing(bytes, start);
    let value = cut(text, start, end);
    let kind = TokenKind::Custom(RULE);
    let found = !GONE.contains(&value.trim());
    let found = found.then(|| Finding::personal(RULE, kind, start, end));
    Some((found, end))
}

/// Where the mark that opened before `start` ends.
fn closing(bytes: &[u8], start: usize) -> usize {
    let mut open = 1_usize;
    let mut i = start;
    while let Some(step) = memchr2(b'\n', 0xe2, bytes.get(i..).unwrap_or(&[])) {
        looked(step + 1);
        i += step;
        if bytes.get(i) == Some(&b'\n') {
            return i;
        }
        if starts(bytes, i, OPEN.as_bytes()) {
            open += 1;
        } else if starts(bytes, i, CLOSE.as_bytes()) {
            open -= 1;
            if open == 0 {
                return i;
            }
        }
        i += 1;
    }
    looked(bytes.len().saturating_sub(i));
    bytes.len()
}

/// Fits the other findings to what is marked. One that holds the signs at its edges lets go of
/// them; one that reaches over a sign takes the whole mark, since half of one would open anew.
/// What fills a mark as something better known keeps its name when they are merged.
pub(crate) fn settle(text: &str, found: &mut [Finding]) {
    let marks = extents(text, found);
    for f in found.iter_mut().filter(|f| f.rule != RULE) {
        unwrap(text, f);
        let first = marks.partition_point(|mark| mark.end <= f.start);
        let last = marks.partition_point(|mark| mark.start < f.end);
        let touched = marks.get(first..last).unwrap_or(&[]);
        for mark in touched.first().into_iter().chain(touched.last()) {
            if f.start < mark.inner.0 || f.end > mark.inner.1 {
                f.start = f.start.min(mark.start);
                f.end = f.end.max(mark.end);
            }
        }
    }
    if !marks.is_empty() {
        found.sort_by_key(|f| f.rule == RULE);
    }
}

/// A mark: with its signs, and what stands between them.
struct Mark {
    start: usize,
    end: usize,
    inner: (usize, usize),
}

/// What is marked, sorted and disjoint.
fn extents(text: &str, found: &[Finding]) -> Vec<Mark> {
    let marked = found.iter().filter(|f| f.rule == RULE);
    let mut inner: Vec<(usize, usize)> = marked.map(|f| (f.start, f.end)).collect();
    inner.sort_unstable();
    let mut marks: Vec<Mark> = Vec::new();
    for (from, to) in inner {
        let start = from.saturating_sub(SIGN_BYTES);
        let opens = cut(text, start, from) == OPEN;
        let closes = cut(text, to, to + SIGN_BYTES) == CLOSE;
        let mark = Mark {
            start: if opens { start } else { from },
            end: to + if closes { SIGN_BYTES } else { 0 },
            inner: (from, to),
        };
        match marks.last_mut().filter(|last| mark.start < last.end) {
            Some(last) if mark.end > last.end => {
                last.end = mark.end;
                last.inner.1 = mark.inner.1;
            }
            Some(_) => {}
            None => marks.push(mark),
        }
    }
    marks
}

/// Takes the signs off a finding's edges: both, or the opening one alone where the rule's value
/// ended before the mark did. What the producer took out is no finding.
fn unwrap(text: &str, f: &mut Finding) {
    let Some(inner) = cut(text, f.start, f.end).strip_prefix(OPEN) else {
        return;
    };
    let inner = inner.strip_suffix(CLOSE).unwrap_or(inner);
    f.start += SIGN_BYTES;
    f.end = f.start + inner.len();
    if GONE.contains(&inner.trim()) {
        f.end = f.start;
    }
}

#[cfg(test)]
mod tests {
    use crate::{Context, Detector};

    /// The text with each finding as `{rule:value}`.
    fn check(text: &str, want: &str) {
        let mut shown = text.to_owned();
        for f in Detector::default()
            .scan(text, &Context::default())
            .iter()
            .rev()
        {
            let said = format!("{{{}:{}}}", f.rule, text.get(f.start..f.end).unwrap());
            shown.replace_range(f.start..f.end, &said);
        }
        assert_eq!(shown, want);
    }

    #[test]
    fn what_is_marked_goes_and_the_signs_stay() {
        check(
            "no space for ‹the blue tulip› here",
            "no space for ‹{marked:the blue tulip}› here",
        );
        check("‹a› and ‹b›", "‹{marked:a}› and ‹{marked:b}›");
        check(
            "key ‹×› gone, ‹› empty, back ›",
            "key ‹×› gone, ‹› empty, back ›",
        );
        check("plain “quotes” — and € 5", "plain “quotes” — and € 5");
    }

    #[test]
    fn nested_marks_are_one_and_an_open_one_ends_with_its_line() {
        check("x ‹a ‹b› c› y", "x ‹{marked:a ‹b› c}› y");
        check("x ‹a ‹b› c\ny", "x ‹{marked:a ‹b› c}\ny");
        check("cut ‹off here", "cut ‹{marked:off here}");
        check("‹one›\n‹two›", "‹{marked:one}›\n‹{marked:two}›");
        check("cut ‹", "cut ‹");
    }

    #[test]
    fn a_better_known_value_keeps_its_name() {
        check(
            "from ‹ann@mail.example.org›",
            "from ‹{email:ann@mail.example.org}›",
        );
        check(
            "password=‹hunter2x9›;",
            "password=‹{key.password:hunter2x9}›;",
        );
        check(
            "password=‹two words 9›",
            "password=‹{key.password:two words 9}›",
        );
        check(
            "password: \"‹hunter2x9›\"",
            "password: \"‹{key.password:hunter2x9}›\"",
        );
        check("password=‹×›", "password=‹×›");
    }

    #[test]
    fn what_was_replaced_is_not_found_again() {
        let mark = "marked_abcdefghijklmnopqrstuvwx";
        for text in [
            format!("a ‹{mark}› b"),
            format!("user=‹{mark}›"),
            "password=‹[removed:key.password]›".to_owned(),
            "a ‹[removed:jwt]".to_owned(),
        ] {
            check(&text, &text);
        }
    }

    #[test]
    fn signs_behind_an_escape_count_too() {
        check(
            r"{\u2039the tulip\u203a",
            r"{\u2039{marked:the tulip}\u203a",
        );
    }
}
