//! Magnetic tracks of payment cards (ISO/IEC 7813): number, name, expiry and discretionary data.
//!
//! Track 1 is `%B<number>^<name>^<yymm><service><data>?`, track 2 is
//! `;<number>=<yymm><service><data>?`, and in dumps of switches `<number>D<yymm>…F`. The number is
//! a card's, the name a person's, and all behind them goes: with it a card can be written.

use super::fields::{Sink, Span};
use crate::bytes::{alnum, at, cut, opens, run};
use crate::{Finding, TokenKind, number};

/// Digits of a card's number.
const NUMBER_DIGITS_MIN: usize = 12;
const NUMBER_DIGITS_MAX: usize = 19;
/// Digits of expiry and service code.
const EXPIRY_DIGITS: usize = 4;
const SERVICE_DIGITS: usize = 7;
/// Longest name, and longest data behind it, in bytes.
const NAME_BYTES_MAX: usize = 26;
const DATA_BYTES_MAX: usize = 76;

/// End of a card's number at `i`.
fn number_end(bytes: &[u8], i: usize) -> Option<usize> {
    let end = run(bytes, i, NUMBER_DIGITS_MAX + 1, |b| b.is_ascii_digit());
    (NUMBER_DIGITS_MIN..=NUMBER_DIGITS_MAX)
        .contains(&(end - i))
        .then_some(end)
}

/// Where the number of a track begins whose first sign is at `i`, and where it ends. Neither
/// depends on what the digits are; runs of as many have one shape.
fn opening(bytes: &[u8], i: usize) -> Option<(usize, usize)> {
    match (at(bytes, i), at(bytes, i + 1)) {
        (b'%', b'B' | b'b') => {
            let end = number_end(bytes, i + 2)?;
            (at(bytes, end) == b'^').then_some((i + 2, end))
        }
        (b';', b'0'..=b'9') => {
            let end = number_end(bytes, i + 1)?;
            matches!(at(bytes, end), b'=' | b'D').then_some((i + 1, end))
        }
        _ => None,
    }
}

/// Whether a track may begin at the sign at `i`.
pub(crate) fn may_begin(bytes: &[u8], i: usize) -> bool {
    opening(bytes, i).is_some()
}

/// Adds what the track at the sign `i` gives away.
pub(super) fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let Some((start, end)) = opening(text.as_bytes(), i) else {
        return;
    };
    if parts(text, end, out) {
        let kind = TokenKind::Card;
        out.push(Finding::personal("card.track", kind, start, end));
    }
}

/// Adds what stands behind a card's number that ends at `end`, where it is a track's.
pub(crate) fn behind_card(text: &str, end: usize, out: &mut Vec<Finding>) {
    parts(text, end, out);
}

/// Adds what the digits at `i` begin where they are track 2 in hex: `4…D2512101…F`.
pub(crate) fn in_hex(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let Some(end) = number_end(bytes, i).filter(|end| at(bytes, *end) == b'D') else {
        return;
    };
    let card = opens(bytes, i) && number::may_be_card(bytes, i, end - i);
    if card && parts(text, end, out) {
        let kind = TokenKind::Card;
        out.push(Finding::personal("card.track", kind, i, end));
    }
}

/// Adds the value of a field that holds a track, sentinels or not. False where it is none.
pub(super) fn whole(text: &str, value: Span, out: &mut Vec<Finding>) -> bool {
    let bytes = text.as_bytes();
    let lead = run(bytes, value.start, 2, |b| {
        matches!(b, b'%' | b'B' | b'b' | b';')
    });
    let Some(end) = number_end(bytes, lead) else {
        return false;
    };
    let found = parts(text, end, out);
    if found {
        out.push(Finding::personal("card.track", TokenKind::Card, lead, end));
    }
    found
}

/// Adds what stands behind a number that ends at `end`. False where it is no track's.
fn parts(text: &str, end: usize, out: &mut Vec<Finding>) -> bool {
    let bytes = text.as_bytes();
    let mut sink = Sink {
        text,
        rule: "card.track",
        out,
    };
    let sign = at(bytes, end);
    let mut from = end + 1;
    if sign == b'^' {
        let close = run(bytes, from, NAME_BYTES_MAX + 1, |b| {
            b != b'^' && b != b'\n' && b != b'"'
        });
        if at(bytes, close) != b'^' {
            return false;
        }
        sink.name(Span {
            start: from,
            end: close,
        });
        from = close + 1;
    } else if !matches!(sign, b'=' | b'D' | b'd') {
        return false;
    }
    let digits = run(bytes, from, DATA_BYTES_MAX, |b| b.is_ascii_digit());
    let month = cut(text, from + 2, from + EXPIRY_DIGITS)
        .parse()
        .unwrap_or(0);
    let formed = digits - from >= SERVICE_DIGITS && (1..=12).contains(&month);
    let data = run(bytes, from, DATA_BYTES_MAX, |b| {
        alnum(b) || sign == b'^' && matches!(b, b' ' | b'/' | b'-' | b'.' | b'&')
    });
    if formed {
        let found = Span {
            start: from,
            end: from + cut(text, from, data).trim_end().len(),
        };
        sink.secret(found);
    }
    // Tracks that are shortened to their expiry.
    let short = digits - from == EXPIRY_DIGITS && at(bytes, digits) == b'?';
    formed || short
}
