//! Dumps of ISO 8583 messages as switches and their simulators log them: the card's number (field
//! 2), its expiry (14), its tracks (35, 36, 45) and the PIN block (52), by the field's number.
//!
//! `F052=…`, `DE52: …`, `DE 052 …`, `[052] …`, `<field id="52" value="…"/>` (jPOS). Types, amounts,
//! times, response codes, terminals and chip data (55) stay.

use super::fields::{Sink, Span};
use super::{Family, track};
use crate::bytes::{alnum, at, before, blank, cut, run, starts};
use crate::{Finding, TokenKind};

pub(super) const FAMILY: Family = Family {
    words: &[
        "F002", "F014", "F035", "F036", "F045", "F052", "DE002", "DE014", "DE035", "DE036",
        "DE045", "DE052", "DE14", "DE35", "DE36", "DE45", "DE52", "DE2:", "DE2=", "BIT052", "P052",
        "P002", "P035",
    ],
    may_follow,
    find,
};

/// Longest value in bytes: track 3 has 104 characters, a PIN block in hex 16.
const VALUE_BYTES_MAX: usize = 128;
/// Digits of a PIN block in hex.
const BLOCK_CHARS: usize = 16;
/// How far before a field another one is looked for, in bytes.
const DUMP_BYTES_MAX: usize = 128;
/// Signs between a field's number and its value.
const SIGNS_BYTES_MAX: usize = 24;

fn may_follow(bytes: &[u8], i: usize) -> bool {
    let head = run(bytes, i, 4, |b| b.is_ascii_uppercase());
    let digits = run(bytes, head, 4, |b| b.is_ascii_digit());
    head > i && digits > head && value(bytes, digits).is_some()
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let head = run(bytes, i, 4, |b| b.is_ascii_uppercase());
    let digits = run(bytes, head, 4, |b| b.is_ascii_digit());
    if let Some(found) = value(bytes, digits) {
        // `F0` of a field before it, or `DE`.
        let mark = cut(text, i, head.max(i + 2));
        let dumped = is_dump(text, i, mark);
        told(text, (cut(text, head, digits), dumped), found, out);
    }
}

/// The value behind the number of a field that ends at `i`: `=`, `:` or `->` before it, a length
/// in brackets before those, quotes or brackets around it.
fn value(bytes: &[u8], i: usize) -> Option<Span> {
    let mut n = run(bytes, i, SIGNS_BYTES_MAX, blank);
    if matches!(at(bytes, n), b'(' | b'[') && at(bytes, n + 1).is_ascii_alphanumeric() {
        let close = run(bytes, n + 1, 8, |b| alnum(b) || b == b'.');
        if matches!(at(bytes, close), b')' | b']') && at(bytes, n) == b'(' {
            n = run(bytes, close + 1, SIGNS_BYTES_MAX, blank);
        }
    }
    let signs = run(bytes, n, SIGNS_BYTES_MAX, |b| {
        blank(b)
            || matches!(
                b,
                b'=' | b':' | b'>' | b'-' | b'[' | b'"' | b'\'' | b'\\' | b'{'
            )
    });
    let part = |b: u8| alnum(b) || matches!(b, b'=' | b'^' | b'/' | b';' | b'%' | b'?' | b'*');
    let end = run(bytes, signs, VALUE_BYTES_MAX, part);
    let parted = signs > n && bytes.get(n..signs)?.iter().any(|b| !blank(*b));
    (parted && end > signs).then_some(Span { start: signs, end })
}

/// Whether another field stands before `i`: what is marked as fields are.
fn is_dump(text: &str, i: usize, mark: &str) -> bool {
    let from = crate::bytes::ceil(text, i.saturating_sub(DUMP_BYTES_MAX));
    crate::bytes::looked(i - from);
    let head = cut(text, from, i);
    // `DE` of `DEBUG` marks nothing: a number follows, and no letter stands before.
    head.match_indices(mark).any(|(n, _)| {
        let (bytes, end) = (head.as_bytes(), n + mark.len());
        at(bytes, end).is_ascii_digit() && !crate::bytes::before(bytes, n).is_ascii_alphabetic()
            || mark.ends_with(' ')
    })
}

/// Adds the value of the field of that number; of one among others or not.
fn told(text: &str, (number, dumped): (&str, bool), value: Span, out: &mut Vec<Finding>) {
    let mut sink = Sink {
        text,
        rule: "iso8583.field",
        out,
    };
    let said = value.of(text);
    let digits = said.bytes().all(|b| b.is_ascii_digit());
    match number.trim_start_matches('0') {
        "2" if digits && (12..=19).contains(&said.len()) => {
            sink.personal(TokenKind::Card, value);
        }
        // The year and the month that a card expires in: four digits are many things.
        "14" if digits && dumped && is_expiry(said) => sink.secret(value),
        "35" | "36" | "45" if said.len() >= 20 && !track::whole(text, value, sink.out) => {
            sink.secret(value);
        }
        "52" if said.len() == BLOCK_CHARS && said.bytes().all(|b| b.is_ascii_hexdigit()) => {
            sink.secret(value);
        }
        _ => {}
    }
}

fn is_expiry(value: &str) -> bool {
    let month = cut(value, 2, 4).parse().unwrap_or(0);
    value.len() == 4 && (1..=12).contains(&month)
}

/// Adds what a `<` or `[` at `i` leads to.
pub(super) fn at_sign(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    match at(bytes, i) {
        b'<' if starts(bytes, i, b"<field ") || starts(bytes, i, b"<isofield ") => {
            element(text, i, out);
        }
        b'[' => {
            if let Some((number, found)) = numbered(bytes, i) {
                let dumped = at(bytes, i + 1) == b'0' && is_dump(text, i, "[0");
                told(text, (number.of(text), dumped), found, out);
            }
        }
        _ => {}
    }
}

/// `<field id="52" value="…"/>`, its attributes in any order.
fn element(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let end = run(bytes, i, 2 * VALUE_BYTES_MAX, |b| b != b'>' && b != b'\n');
    let tag = cut(text, i, crate::bytes::floor(text, end));
    let attribute = |name: &str| {
        let start = tag.find(name)? + name.len();
        let rest = tag.get(start..)?.trim_start_matches('\\');
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let from = i + tag.len() - rest.len() + 1;
        let length = rest.get(1..)?.find([quote, '\\'])?;
        Some(Span {
            start: from,
            end: from + length,
        })
    };
    if let (Some(id), Some(found)) = (attribute(" id="), attribute(" value=")) {
        told(text, (id.of(text), is_dump(text, i, "field ")), found, out);
    }
}

/// Whether a numbered field stands at the `[` at `i`.
pub(super) fn may_be_numbered(bytes: &[u8], i: usize) -> bool {
    numbered(bytes, i).is_some()
}

/// `[052] = …` behind a blank: number and value.
fn numbered(bytes: &[u8], i: usize) -> Option<(Span, Span)> {
    let end = run(bytes, i + 1, 4, |b| b.is_ascii_digit());
    let known = matches!(
        bytes.get(i + 1..end)?,
        b"2" | b"02"
            | b"002"
            | b"14"
            | b"014"
            | b"35"
            | b"035"
            | b"36"
            | b"036"
            | b"45"
            | b"045"
            | b"52"
            | b"052"
    );
    let parted = before(bytes, i) == b' ' && at(bytes, end) == b']';
    if !(known && parted) {
        return None;
    }
    let number = Span { start: i + 1, end };
    Some((number, value(bytes, end + 1)?))
}
