//! Elements of DICOM (PS3.3, PS3.6) as dumps of its files write them: patients and the people who
//! see them.
//!
//! `(0010,0010) PN [Doe^John]  # 8, 1 PatientName` (DCMTK), `(0010,0010) PN #8 [Doe^John]`
//! (dcm4che), `(0010, 0010) Patient's Name  PN: 'Doe^John'` (pydicom). Types, dates of studies,
//! devices and identifiers of series stay.

use super::fields::{Sink, Span};
use crate::bytes::{at, blank, cut, floor, run};
use crate::{Finding, TokenKind};

/// Longest element in bytes that is read.
const ELEMENT_BYTES_MAX: usize = 320;

/// End of a tag at `i`: two numbers in hex in parentheses.
fn tag_end(bytes: &[u8], i: usize) -> Option<usize> {
    let hex = |i: usize| run(bytes, i, 8, |b| b.is_ascii_hexdigit());
    let group = hex(i + 1);
    let from = run(bytes, group + 1, 1, blank);
    let element = hex(from);
    let whole = group > i + 1 && at(bytes, group) == b',' && element > from;
    (whole && at(bytes, element) == b')').then_some(element)
}

/// Whether an element may begin at the parenthesis `i`: a tag, a blank, and a letter.
pub(super) fn may_begin(bytes: &[u8], i: usize) -> bool {
    at(bytes, i) == b'('
        && tag_end(bytes, i)
            .is_some_and(|end| blank(at(bytes, end + 1)) && at(bytes, end + 2).is_ascii_uppercase())
}

/// Kinds of elements by their tags; names of people have a type of their own.
fn kind(tag: &str) -> Option<TokenKind> {
    match tag {
        "0010,0020" | "0010,1000" | "0010,0050" | "0038,0010" => Some(TokenKind::Account),
        "0010,0030" => Some(TokenKind::Birth),
        "0010,1040" => Some(TokenKind::Address),
        "0010,2154" | "0008,0094" => Some(TokenKind::Phone),
        _ => None,
    }
}

pub(super) fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !may_begin(bytes, i) {
        return;
    }
    let Some(close) = tag_end(bytes, i) else {
        return;
    };
    let tag: String = cut(text, i + 1, close).split(' ').collect();
    let end = run(bytes, close, ELEMENT_BYTES_MAX, |b| {
        !matches!(b, b'\n' | b'"')
    });
    let rest = cut(text, close + 2, floor(text, end));
    let typed = |kind: &str| {
        let led = rest
            .strip_prefix(kind)
            .is_some_and(|rest| rest.starts_with(' '));
        led || rest.contains(&[" ", kind, ":"].concat())
    };
    let kind = if typed("PN") {
        Some(TokenKind::Person)
    } else {
        kind(&tag)
    };
    let (Some(kind), Some((from, to))) = (kind, value(rest)) else {
        return;
    };
    let start = close + 2 + from;
    let span = Span {
        start,
        end: start + to - from,
    };
    let mut sink = Sink {
        text,
        rule: "dicom.element",
        out,
    };
    match kind {
        TokenKind::Birth => sink.birth(span),
        TokenKind::Phone => sink.phone(span),
        TokenKind::Account => sink.id(kind, span),
        _ => sink.personal(kind, span),
    }
}

/// Where the value of an element stands behind its tag.
fn value(rest: &str) -> Option<(usize, usize)> {
    if let Some(open) = rest.find('[') {
        return Some((open + 1, open + rest.get(open..)?.find(']')?));
    }
    let from = rest.find(": ").map(|n| n + 2).or_else(|| {
        let typed = rest.as_bytes().get(2).is_some_and(|b| blank(*b));
        (typed && !rest.contains('(')).then_some(3)
    })?;
    let said = rest.get(from..)?;
    let said = said.split('#').next().unwrap_or(said);
    // An escaped line break ends it.
    let said = said.split("\\n").next().unwrap_or(said).trim_end();
    let bare = said.trim_start_matches(['\'', ' ']);
    let start = from + said.len() - bare.len();
    Some((start, start + bare.trim_end_matches('\'').len()))
}
