//! Numbers: which runs of digits may be a card, a telephone number, an address of a network.

use cordon_simd::Around;

use crate::bytes::{at, before};
use crate::{iban, number};

/// Digits, and single separators between two of them.
#[inline(always)]
fn digits(v: &Around<'_>) -> (u64, u64) {
    let here = v.here.digit | v.here.grouping & v.behind(|b| b.digit, 1) & v.ahead(|b| b.digit, 1);
    // Of the next block the first bytes are asked for: its neighbour behind is not needed.
    let after = &v.after;
    let parted = after.grouping & (after.digit << 1 | v.here.digit >> 63) & after.digit >> 1;
    (here, after.digit | parted)
}

/// Bytes that begin a run of at least seven digits and single separators.
#[inline(always)]
pub(super) fn runs(v: &Around<'_>) -> u64 {
    let (here, after) = digits(v);
    let mut run = u128::from(here) | u128::from(after) << 64;
    run &= run >> 1;
    run &= run >> 2;
    run &= run >> 3;
    run as u64
}

/// Beginnings of what may be an identifier: digits, or letters and digits, as
/// [`crate::ident::may_begin`] says.
#[inline(always)]
pub(super) fn idents(v: &Around<'_>) -> u64 {
    let (here, after) = digits(v);
    let both = u128::from(here) | u128::from(after) << 64;
    // Six digits may have five separators among them, and fewer in a row are enough of a sign.
    let six = both & both >> 1 & both >> 2 & both >> 3 & both >> 4 & both >> 5;
    let mut near = six;
    for n in [1, 2, 4, 1] {
        near |= near >> n;
    }
    let word = |b: &cordon_simd::Block| b.word;
    let mut some = v.both(|b| b.digit);
    for n in 0..4 {
        some |= some >> (1 << n);
    }
    let token = v.runs(word, 3) & some as u64;
    let dotted = v.ahead(|b| b.dot, 2) & v.ahead(|b| b.dot, 6);
    let dashed = v.ahead(|b| b.dash, 4) & v.ahead(|b| b.dash, 8);
    near as u64 | token | v.runs(word, 4) | dotted | dashed
}

/// First digits of dates such as `2026-11-21`.
#[inline(always)]
pub(super) fn dates(v: &Around<'_>) -> u64 {
    let (digit, dash) = (
        |b: &cordon_simd::Block| b.digit,
        |b: &cordon_simd::Block| b.dash,
    );
    let year = v.ahead(digit, 1) & v.ahead(digit, 2) & v.ahead(digit, 3) & v.ahead(dash, 4);
    let month = v.ahead(digit, 5) & v.ahead(digit, 6) & v.ahead(dash, 7);
    let day = v.ahead(digit, 8) & v.ahead(digit, 9);
    year & month & day
}

/// Word starts at which two letters and two digits follow.
#[inline(always)]
pub(super) fn account_starts(v: &Around<'_>, starts: u64) -> u64 {
    let letter = |b: &cordon_simd::Block| b.word & !b.digit;
    starts
        & letter(v.here)
        & v.ahead(|b| b.word & !b.digit, 1)
        & v.ahead(|b| b.digit, 2)
        & v.ahead(|b| b.digit, 3)
}

/// Whether the letters are a country that gives out bank account numbers.
pub(super) fn is_country(bytes: &[u8], i: usize) -> bool {
    iban::is_country([at(bytes, i), at(bytes, i + 1)])
}

/// Whether the digits at `i` may be somebody's.
pub(super) fn may_begin(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let first = count(bytes, i);
    let sign = at(bytes, i + first);
    let next = count(bytes, i + first + 1);
    if next == 0 || !matches!(sign, b' ' | b'-' | b'.') {
        return match first {
            13..=19 => number::may_be_card(bytes, i, first),
            9 => labelled(bytes, i),
            _ => false,
        };
    }
    // `4.111111111111111e15` is a whole number in JSON.
    if sign == b'.' && next >= 12 && at(bytes, i + first + 1 + next) | 0x20 == b'e' {
        return true;
    }
    match (first, sign, next) {
        // Four numbers that points join; not so a version of three.
        (1..=3, b'.', 1..=3) if dotted(bytes, i) => true,
        // A card's groups, and those of a date that are none; `123-45-6789`, `212-555-0100`;
        // behind a label `123 45 6789`.
        (4, _, 4 | 6) | (8, _, 8) | (3, b'-' | b'.', 2..=3) | (3, _, 2) => true,
        // A trunk prefix.
        (1, _, 3) => at(bytes, i) == b'1',
        // Nine digits behind a label, and then something else.
        (9, ..) => labelled(bytes, i),
        (13..=19, ..) => number::may_be_card(bytes, i, first),
        _ => false,
    }
}

/// Digits from `i` on, 20 at most.
fn count(bytes: &[u8], i: usize) -> usize {
    let tail = bytes.get(i..).unwrap_or(&[]).iter().take(20);
    tail.take_while(|b| b.is_ascii_digit()).count()
}

fn dotted(bytes: &[u8], i: usize) -> bool {
    let second = i + count(bytes, i) + 1;
    let third = second + count(bytes, second) + 1;
    let phone = third - second == 4;
    phone
        || at(bytes, third - 1) == b'.' && {
            let fourth = third + count(bytes, third) + 1;
            at(bytes, fourth - 1) == b'.' && at(bytes, fourth).is_ascii_digit()
        }
}

/// Whether the word before may be the label of a social security number.
fn labelled(bytes: &[u8], i: usize) -> bool {
    let mut n = i;
    while n > 0 && i - n < 40 && !before(bytes, n).is_ascii_alphabetic() {
        n -= 1;
    }
    matches!(before(bytes, n) | 0x20, b'n' | b'r' | b'o')
}
