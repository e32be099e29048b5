//! FHIR resources (HL7 FHIR R4, data types HumanName, Address and Identifier) in JSON: what the
//! members around a value say of it.
//!
//! `{"family":"Doe","given":["John"]}`: a family is a name where given names stand in the same
//! object; `{"line":["12 High St"],"city":…}`: lines are an address where a city or a postal code
//! stands there. An identifier is somebody's by its system. The quotes may be escaped.

use super::Family;
use super::fields::{Sink, Span};
use crate::bytes::{at, before, cut, floor, looked, run, run_back};
use crate::{Finding, TokenKind};

pub(super) const FAMILY: Family = Family {
    words: &["given", "line\"", "line\\", "system\"", "system\\"],
    may_follow,
    find,
};

/// Longest object in bytes, before or behind the word.
const OBJECT_BYTES_MAX: usize = 192;
/// Most entries of a list.
const ENTRIES_COUNT_MAX: usize = 6;
/// Most members that are read of an object.
const MEMBERS_COUNT_MAX: usize = 16;

/// Ends of the systems whose identifiers are people's (FHIR, Identifier Registry).
#[rustfmt::skip]
const SYSTEMS: &[&str] = &[
    "us-ssn", "2.16.840.1.113883.4.1", "passportnumber", "driverslicense", "us-medicare", "us-mbi",
    "nhs-number", "mrn", "ssn", "gkv/kvid-10", "patient-id", "kvid", "bsn", "ihi", "nhi-id",
];

/// A word in quotes, and a colon behind it.
fn may_follow(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i, 8, |b| b.is_ascii_lowercase());
    before(bytes, i) == b'"' && opening(bytes, end).is_some()
}

/// Where the value begins of a member whose name ends at `i`: at its quote or bracket.
fn opening(bytes: &[u8], i: usize) -> Option<usize> {
    let close = run(bytes, i, 4, |b| b == b'\\');
    if at(bytes, close) != b'"' {
        return None;
    }
    let colon = run(bytes, close + 1, 4, |b| b == b' ');
    let start = run(bytes, colon + 1, 4, |b| b == b' ' || b == b'\\');
    let opens = matches!(at(bytes, start), b'[' | b'"');
    (at(bytes, colon) == b':' && opens).then_some(start)
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let end = run(bytes, i, 8, |b| b.is_ascii_lowercase());
    let Some(value) = opening(bytes, end) else {
        return;
    };
    let mut sink = Sink {
        text,
        rule: "fhir.member",
        out,
    };
    let within = object(text, i);
    match cut(text, i, end) {
        "given" => {
            let family = member(text, within, "family");
            let listed = at(bytes, value) == b'[';
            if listed && (family.is_some() || member(text, within, "use").is_some()) {
                entries(text, value).for_each(|span| sink.name(span));
                if let Some(family) = family {
                    sink.name(family);
                }
            }
        }
        "line" if at(bytes, value) == b'[' => {
            let (city, code) = (
                member(text, within, "city"),
                member(text, within, "postalCode"),
            );
            if city.is_some() || code.is_some() {
                entries(text, value).for_each(|span| sink.personal(TokenKind::Address, span));
                for (kind, span) in [(TokenKind::Place, city), (TokenKind::Address, code)] {
                    if let Some(span) = span {
                        sink.personal(kind, span);
                    }
                }
            }
        }
        "system" if at(bytes, value) == b'"' => {
            let said = string(text, value).of(text);
            if SYSTEMS.iter().any(|known| said.ends_with(known))
                && let Some(id) = member(text, within, "value")
            {
                sink.id(TokenKind::National, id);
            }
        }
        _ => {}
    }
}

/// The innermost object around `i`, as far as braces tell that stand in no string.
fn object(text: &str, i: usize) -> Span {
    let bytes = text.as_bytes();
    let (mut start, mut depth) = (i, 0);
    let first = i.saturating_sub(OBJECT_BYTES_MAX);
    while start > first {
        match before(bytes, start) {
            b'{' if depth == 0 => break,
            b'{' => depth -= 1,
            b'}' => depth += 1,
            b'\n' if start + 1 == i => break,
            _ => {}
        }
        start -= 1;
    }
    let (mut end, mut depth) = (i, 0);
    let last = (i + OBJECT_BYTES_MAX).min(bytes.len());
    while end < last {
        match at(bytes, end) {
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b'{' => depth += 1,
            _ => {}
        }
        end += 1;
    }
    looked(end - start);
    Span {
        start: crate::bytes::ceil(text, start),
        end: floor(text, end),
    }
}

/// The string that is the value of an object's member of that name.
fn member(text: &str, within: Span, name: &str) -> Option<Span> {
    let bytes = text.as_bytes();
    let mut from = within.start;
    looked(within.end - within.start);
    for _ in 0..MEMBERS_COUNT_MAX {
        let found = from + cut(text, from, within.end).find(name)?;
        let end = found + name.len();
        let value = opening(bytes, end).filter(|_| before(bytes, found) == b'"');
        if let Some(value) = value.filter(|value| at(bytes, *value) == b'"') {
            return Some(string(text, value));
        }
        from = end;
    }
    None
}

/// The string whose quote is at `i`.
fn string(text: &str, i: usize) -> Span {
    let bytes = text.as_bytes();
    let close = run(bytes, i + 1, OBJECT_BYTES_MAX, |b| b != b'"' && b != b'\n');
    let end = run_back(bytes, close, close - i - 1, |b| b == b'\\');
    Span { start: i + 1, end }
}

/// The strings of the list whose bracket is at `i`.
fn entries(text: &str, i: usize) -> impl Iterator<Item = Span> + '_ {
    let bytes = text.as_bytes();
    let between = |b: u8| b.is_ascii_whitespace() || matches!(b, b',' | b'\\');
    let mut next = i + 1;
    std::iter::from_fn(move || {
        let quote = run(bytes, next, 32, between);
        if at(bytes, quote) != b'"' {
            return None;
        }
        let span = string(text, quote);
        next = run(bytes, span.end, 8, |b| b == b'\\') + 1;
        Some(span)
    })
    .take(ENTRIES_COUNT_MAX)
}
