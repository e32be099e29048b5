//! Points of GPX (1.1, `wptType`) and of other XML: `lat="48.8566" lon="2.3522"`, latitude and
//! longitude side by side as attributes. Four decimals in one of them are a place of somebody.

use super::Family;
use super::fields::{Sink, Span};
use crate::bytes::{at, run, starts_nocase};
use crate::{Finding, TokenKind};

pub(super) const FAMILY: Family = Family {
    words: &["lat=", "lon="],
    may_follow,
    find,
};

/// Least decimals of one of the two.
const DECIMALS_COUNT_MIN: usize = 4;

fn may_follow(bytes: &[u8], i: usize) -> bool {
    matches!(at(bytes, i + 4), b'"' | b'\'' | b'\\')
}

/// The number in quotes behind the name at `i`, and how many decimals it has.
fn number(bytes: &[u8], i: usize) -> Option<(Span, usize)> {
    let quotes = |b: u8| matches!(b, b'"' | b'\'' | b'\\');
    let start = run(bytes, i + 4, 4, quotes);
    let sign = usize::from(matches!(at(bytes, start), b'-' | b'+'));
    let point = run(bytes, start + sign, 4, |b| b.is_ascii_digit());
    let end = run(bytes, point + 1, 20, |b| b.is_ascii_digit());
    let whole = (1..=3).contains(&(point - start - sign)) && at(bytes, point) == b'.';
    let formed = whole && start > i + 4 && quotes(at(bytes, end));
    formed.then_some((Span { start, end }, end - point - 1))
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let Some((first, decimals)) = number(bytes, i) else {
        return;
    };
    let next = run(bytes, first.end, 8, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b' ')
    });
    let other: &[u8] = if starts_nocase(bytes, i, b"lat") {
        b"lon="
    } else {
        b"lat="
    };
    if !starts_nocase(bytes, next, other) {
        return;
    }
    let Some((second, more)) = number(bytes, next) else {
        return;
    };
    if decimals.max(more) >= DECIMALS_COUNT_MIN {
        let rule = "location.coordinates";
        let mut sink = Sink { text, rule, out };
        sink.personal(TokenKind::Location, first);
        sink.personal(TokenKind::Location, second);
    }
}
