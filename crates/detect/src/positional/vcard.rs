//! vCard (RFC 6350, and 2.1 and 3.0 before it) and iCalendar (RFC 5545): names, addresses,
//! telephone numbers and birthdays of a card, organisers and attendees of a meeting.
//!
//! A card is read from its `BEGIN:VCARD` on, where its lines stand in one text; its names and
//! addresses are also known by themselves, by the signs between their parts. Organisations, roles
//! and countries stay.

use super::Family;
use super::fields::{Sink, Span, begins, line_break, segment};
use crate::bytes::{at, before, cut, run, starts_nocase};
use crate::{Finding, TokenKind};

pub(super) const FAMILY: Family = Family {
    words: &["BEGIN:VCARD", "ADR;", "ADR:", "ATTENDEE;", "ORGANIZER;"],
    may_follow,
    find,
};

/// Most lines of a card that are read.
const LINES_COUNT_MAX: usize = 64;
/// Longest name of a property with its parameters in bytes.
const NAME_BYTES_MAX: usize = 160;
/// Least signs in an address: seven parts.
const ADDRESS_SIGNS_MIN: usize = 4;

fn may_follow(bytes: &[u8], i: usize) -> bool {
    begins(bytes, i) || before(bytes, i) == b'.'
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mut sink = Sink {
        text,
        rule: "vcard.property",
        out,
    };
    if starts_nocase(bytes, i, b"BEGIN") {
        card(&mut sink, i + b"BEGIN:VCARD".len());
    } else if starts_nocase(bytes, i, b"ADR") {
        property(&mut sink, i);
    } else {
        meeting(&mut sink, i);
    }
}

/// The lines of a card from `i` on.
fn card(sink: &mut Sink<'_, '_>, i: usize) {
    let bytes = sink.text.as_bytes();
    let mut next = i;
    for _ in 0..LINES_COUNT_MAX {
        let broken = line_break(bytes, next);
        let blank = usize::from(broken == 0 && at(bytes, next) == b' ');
        next += broken + blank;
        let ends = starts_nocase(bytes, next, b"END:") || starts_nocase(bytes, next, b"BEGIN:");
        if broken + blank == 0 || ends {
            break;
        }
        let Some(end) = property(sink, next) else {
            break;
        };
        next = end;
    }
}

/// One property at `i`. Returns where its line ends.
fn property(sink: &mut Sink<'_, '_>, i: usize) -> Option<usize> {
    let text = sink.text;
    let bytes = text.as_bytes();
    // A group before the name: `item1.TEL`.
    let group = run(bytes, i, 16, |b| b.is_ascii_alphanumeric());
    let start = if at(bytes, group) == b'.' {
        group + 1
    } else {
        i
    };
    let name_end = run(bytes, start, 24, |b| b.is_ascii_alphanumeric() || b == b'-');
    let colon = colon(bytes, name_end)?;
    // The next anchor reads what follows it.
    let anchored = |bytes: &[u8], n: usize| {
        let known = |word: &&str| starts_nocase(bytes, n, word.as_bytes());
        FAMILY.words.iter().any(known)
    };
    let value = segment(text, colon + 1, anchored);
    let part = |n: usize| value.part(bytes, b';', n);
    match cut(text, start, name_end).to_ascii_uppercase().as_str() {
        "FN" | "NICKNAME" | "RELATED" => sink.name(value),
        "N" => (1..=3).for_each(|n| sink.name(part(n))),
        "ADR" => {
            let signs = value.of(text).bytes().filter(|b| *b == b';').count();
            if signs >= ADDRESS_SIGNS_MIN {
                (1..=3).for_each(|n| sink.personal(TokenKind::Address, part(n)));
                sink.personal(TokenKind::Place, part(4));
                sink.id(TokenKind::Address, part(6));
            }
        }
        "LABEL" => sink.personal(TokenKind::Address, value),
        "TEL" => {
            let uri = starts_nocase(bytes, value.start, b"tel:");
            let start = value.start + if uri { 4 } else { 0 };
            sink.phone(Span { start, ..value });
        }
        "EMAIL" => sink.personal(TokenKind::Email, value),
        "BDAY" => sink.id(TokenKind::Birth, value),
        "GEO" => sink.id(TokenKind::Location, value),
        _ => {}
    }
    Some(value.end)
}

/// The colon behind a property's parameters, quotes skipped.
fn colon(bytes: &[u8], i: usize) -> Option<usize> {
    let mut n = i;
    let mut quoted = false;
    let mut colon = None;
    while n < i + NAME_BYTES_MAX {
        match at(bytes, n) {
            b'"' => quoted = !quoted,
            b':' if !quoted => colon = Some(n),
            _ => {}
        }
        if colon.is_some() || matches!(at(bytes, n), b'\n' | b'\r' | 0) {
            break;
        }
        n += 1;
    }
    crate::bytes::looked(n - i);
    colon
}

/// `ATTENDEE;CN=Ann Example;ROLE=…:mailto:…`: the common name among the parameters.
fn meeting(sink: &mut Sink<'_, '_>, i: usize) {
    let text = sink.text;
    let bytes = text.as_bytes();
    let line = run(bytes, i, NAME_BYTES_MAX, |b| {
        !matches!(b, b'\n' | b'\r' | b'\\')
    });
    let Some(sign) = (i..line).find(|n| starts_nocase(bytes, *n, b";CN=")) else {
        return;
    };
    let open = run(bytes, sign + 4, 3, |b| matches!(b, b'"' | b'\\'));
    let quoted = open > sign + 4;
    let end = run(bytes, open, NAME_BYTES_MAX, |b| {
        let ends = if quoted {
            b == b'"' || b == b'\\'
        } else {
            matches!(b, b';' | b':')
        };
        !(ends || matches!(b, b'\n' | b'\r'))
    });
    let value = Span { start: open, end };
    if !value.of(text).contains('@') {
        sink.name(value);
    }
}

/// Whether a vCard's `N` or `FN` may end at the colon `i`, at the beginning of a line.
pub(super) fn may_be_name(bytes: &[u8], i: usize) -> bool {
    if at(bytes, i) != b':' || before(bytes, i) != b'N' {
        return false;
    }
    let formatted = i >= 2 && at(bytes, i - 2) == b'F';
    let start = i - 1 - usize::from(formatted);
    let b = before(bytes, start);
    let escape = start >= 2 && at(bytes, start - 2) == b'\\' && matches!(b, b'n' | b'r');
    b == 0 || b == b'\n' || b == b'\r' || b == b'"' || escape
}

/// What the names of people and the signs between them are written with.
fn of_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, ';' | ' ' | ',' | '.' | '-' | '\'' | '’')
}

/// `N:Doe;John;;;` and `FN:John Doe` by themselves.
pub(super) fn name(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !may_be_name(bytes, i) {
        return;
    }
    let value = segment(text, i + 1, |_, _| false);
    let mut sink = Sink {
        text,
        rule: "vcard.property",
        out,
    };
    let parted = value.of(text).bytes().filter(|b| *b == b';').count();
    let formatted = i >= 2 && at(bytes, i - 2) == b'F';
    if formatted {
        if crate::names::is_listed(value.trimmed(text).of(text)) {
            sink.name(value);
        }
    } else if (2..=4).contains(&parted) && value.of(text).chars().all(of_name) {
        (1..=3).for_each(|n| sink.name(value.part(bytes, b';', n)));
    }
}
