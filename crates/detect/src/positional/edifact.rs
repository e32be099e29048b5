//! UN/EDIFACT (ISO 9735): parties, contacts, dates of birth, documents and accounts.
//!
//! `NAD+BY+12345::91++DOE JOHN+1 HIGH ST+TOWN++12345+GB'`, `CTA+IC+:JANE ROE'`,
//! `COM+004420123456:TE'`, `DTM+329:19800131:102'`: elements between `+`, components between `:`,
//! `?` before a sign that is meant. Party functions, code lists and countries stay, and so do the
//! location numbers of companies (agency 9).

use super::Family;
use super::fields::{Sink, Span, anchored, begins, segment};
use crate::bytes::{at, cut};
use crate::{Finding, TokenKind};

pub(super) const FAMILY: Family = Family {
    words: &[
        "NAD+", "CTA+", "COM+", "DTM+", "FII+", "DOC+", "TIF+", "UNB+",
    ],
    may_follow,
    find,
};

/// Most elements of a segment that are read.
const ELEMENTS_COUNT_MAX: usize = 12;
/// Documents that are somebody's (data element 1001): passports, identity cards, visas.
const DOCUMENTS: &[&str] = &["P", "I", "V", "A", "C", "F", "39", "110", "36", "38", "483"];

fn may_follow(bytes: &[u8], i: usize) -> bool {
    let upper = |n: usize| at(bytes, i + n).is_ascii_uppercase();
    begins(bytes, i) && upper(0) && upper(1) && upper(2)
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let quoted = at(bytes, i.saturating_sub(1)) == b'\'';
    // The sign that ends a segment may be meant, behind `?`.
    let close = |bytes: &[u8], n: usize| {
        let meant = at(bytes, n.saturating_sub(1)) == b'?';
        let next = at(bytes, n + 4) == b'+' && anchored(bytes, n, FAMILY.words);
        at(bytes, n) == b'\'' && !meant || next
    };
    let body = segment(text, i + 4, close);
    let closed = at(bytes, body.end) == b'\'';
    if !(closed || quoted) {
        return;
    }
    let mut spans = [Span { start: 0, end: 0 }; ELEMENTS_COUNT_MAX];
    for (slot, span) in spans.iter_mut().zip(body.parts(bytes, b'+', b'?')) {
        *slot = span;
    }
    let mut sink = Sink {
        text,
        rule: "edifact.element",
        out,
    };
    told(&mut sink, cut(text, i, i + 3), &spans);
}

/// Adds what a segment holds.
fn told(sink: &mut Sink<'_, '_>, tag: &str, spans: &[Span]) {
    let (text, bytes) = (sink.text, sink.text.as_bytes());
    let element = |n: usize| {
        let found = spans.get(n - 1).copied();
        found.unwrap_or(Span { start: 0, end: 0 })
    };
    let part = |n: usize, m: usize| {
        let mut parts = element(n).parts(bytes, b':', b'?');
        parts.nth(m - 1).unwrap_or(Span { start: 0, end: 0 })
    };
    let coded = |lengths: std::ops::RangeInclusive<usize>| {
        let value = element(1).of(text);
        let code = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        lengths.contains(&value.len()) && value.bytes().all(code)
    };
    match tag {
        "NAD" if coded(2..=3) => {
            if part(2, 3).of(text) != "9" {
                sink.id(TokenKind::Account, part(2, 1));
            }
            for m in 1..=5 {
                sink.name(part(3, m));
                sink.name(part(4, m));
                sink.personal(TokenKind::Address, part(5, m));
            }
            sink.personal(TokenKind::Place, element(6));
            sink.id(TokenKind::Address, element(8));
        }
        "CTA" if coded(0..=3) => {
            sink.name(part(2, 1));
            sink.name(part(2, 2));
        }
        "COM" => {
            for n in 1..=3 {
                match part(n, 2).of(text) {
                    "TE" | "FX" | "AL" | "CA" | "XF" | "MM" => sink.phone(part(n, 1)),
                    "EM" => sink.personal(TokenKind::Email, part(n, 1)),
                    _ => {}
                }
            }
        }
        // Date of birth.
        "DTM" if part(1, 1).of(text) == "329" => {
            let date = part(1, 2);
            let short = part(1, 3).of(text) == "101" && date.of(text).len() == 6;
            if short {
                sink.id(TokenKind::Birth, date);
            } else {
                sink.birth(date);
            }
        }
        "FII" if coded(2..=3) => {
            sink.id(TokenKind::Account, part(2, 1));
            sink.name(part(2, 2));
            sink.name(part(2, 3));
        }
        "DOC" if DOCUMENTS.contains(&part(1, 1).of(text)) => {
            sink.id(TokenKind::National, part(2, 1));
        }
        "TIF" => {
            sink.name(part(1, 1));
            sink.name(part(2, 1));
        }
        // A password of the recipient's; `AA` says that it is a reference.
        "UNB" if part(6, 2).of(text) != "AA" => sink.secret(part(6, 1)),
        _ => {}
    }
}

/// Where an address of mail begins whose local part is read back to `start`, through the end of a
/// segment: in `…:TE'COM+ann@…` nothing before the `+` is part of it.
pub(crate) fn past_segment(text: &str, start: usize, end: usize) -> usize {
    let local = cut(text, start, end);
    local
        .rfind("'COM+")
        .map_or(start, |n| start + n + "'COM+".len())
}
