//! Numbers: which runs of digits may be a card, a telephone number, an address of a network.

use cordon_simd::{Around, Block, Lanes, Two};

use crate::bytes::{at, before};
use crate::{iban, number};

/// Digits, and single separators between two of them.
#[inline(always)]
fn digits<L: Lanes>(v: &Around<L>) -> Two<L> {
    let here = v.here.digit | v.here.grouping & v.behind(|b| b.digit, 1) & v.ahead(|b| b.digit, 1);
    // Of the next block the first bytes are asked for: its neighbour behind is not needed.
    let after = &v.after;
    let behind = after.digit.up(1) | v.here.digit.down(63);
    let parted = after.grouping & behind & after.digit.down(1);
    Two {
        here,
        after: after.digit | parted,
    }
}

/// Bytes that begin a run of at least seven digits and single separators.
#[inline(always)]
pub(super) fn runs<L: Lanes>(v: &Around<L>) -> L {
    let mut run = digits(v);
    for n in 1..=3 {
        run = run & run.down(n);
    }
    run.here
}

/// Beginnings of what may be an identifier: digits, or letters and digits, as
/// [`crate::ident::may_begin`] says.
#[inline(always)]
pub(super) fn idents<L: Lanes>(v: &Around<L>) -> L {
    let both = digits(v);
    let digit = v.both(|b| b.digit);
    let word = v.both(|b| b.word);
    let reach = |mut mask: Two<L>, bytes: u32| {
        for n in 0..bytes.ilog2() {
            mask = mask & mask.down(1 << n);
        }
        mask
    };
    // Six digits in a row, or more bytes with separators among them.
    let four = both & both.down(1);
    let four = four & four.down(2);
    let six = reach(digit, 4) & digit.down(4) & digit.down(5) | four & four.down(3);
    let lead = Two {
        here: leads(&v.here),
        after: leads(&v.after),
    };
    let near = flooded(six, lead, 3);
    let near = near | near.down(1) & lead;
    // Digits within a token of eight.
    let token = reach(word, 8) & flooded(digit, word, 5);
    let sixteen = reach(word, 16);
    let long = sixteen & sixteen.down(9);
    let dotted = v.ahead(|b| b.dot, 2) & v.ahead(|b| b.dot, 6);
    let letter = |b: &Block<L>| b.word & !b.digit;
    let dashed = v.ahead(|b| b.dash, 4) & v.ahead(|b| b.dash, 8) & v.ahead(letter, 1);
    let may = near.here | token.here | long.here | dotted | dashed;
    // What goes on with a number is none: `a-12`, `0.25`, `12:05.123456`.
    let joined = v.behind(|b| b.dash | b.dot, 1) & v.behind(word_of, 2);
    let second = v.behind(|b| b.colon, 1)
        & v.behind(|b| b.digit, 2)
        & v.ahead(|b| b.digit, 1)
        & v.ahead(|b| b.dot, 2);
    may & !(v.here.digit & (joined | second))
}

#[inline(always)]
fn word_of<L: Lanes>(b: &Block<L>) -> L {
    b.word
}

/// What may stand between the first letters of an identifier and its digits.
#[inline(always)]
fn leads<L: Lanes>(b: &Block<L>) -> L {
    let parts = b.separator | b.newline | b.comma | b.quote | b.bracket | b.under;
    !(parts | b.mark | b.backslash | b.control | b.at)
}

/// Places from which a place of the mask is reached by less than `2^bits` bytes of the class.
#[inline(always)]
fn flooded<L: Lanes>(mut mask: Two<L>, mut class: Two<L>, bits: u32) -> Two<L> {
    for n in 0..bits {
        mask = mask | mask.down(1 << n) & class;
        class = class & class.down(1 << n);
    }
    mask
}

/// Beginnings of the year, the month and the day of a time such as `2026-11-21T10:`, as
/// [`crate::bytes::is_stamp`] has them.
#[inline(always)]
pub(super) fn stamps<L: Lanes>(v: &Around<L>) -> L {
    let (before, here) = (stamp(&v.before, &v.here), stamp(&v.here, &v.after));
    let later = |n: u32| here.up(n) | before.down(64 - n);
    here | later(5) | later(8)
}

/// Letters of escapes before such a time, as [`crate::bytes::breaks_before_stamp`] has them; that
/// at the end of a block is left out.
#[inline(always)]
pub(super) fn breaks<L: Lanes>(v: &Around<L>) -> L {
    v.behind(|b| b.backslash, 1) & v.here.word & !v.here.digit & stamp(&v.here, &v.after).down(1)
}

#[inline(always)]
fn stamp<L: Lanes>(here: &Block<L>, after: &Block<L>) -> L {
    let digit = Two {
        here: here.digit,
        after: after.digit,
    };
    let dash = |n: u32| here.dash.down(n) | after.dash.up(64 - n);
    let two = digit & digit.down(1);
    let colon = here.colon.down(13) | after.colon.up(51);
    let day = two.here & two.down(2).here & dash(4) & two.down(5).here & dash(7);
    day & two.down(8).here & two.down(11).here & colon
}

/// First digits of dates such as `2026-11-21`.
#[inline(always)]
pub(super) fn dates<L: Lanes>(v: &Around<L>) -> L {
    let (digit, dash) = (|b: &Block<L>| b.digit, |b: &Block<L>| b.dash);
    let year = v.ahead(digit, 1) & v.ahead(digit, 2) & v.ahead(digit, 3) & v.ahead(dash, 4);
    let month = v.ahead(digit, 5) & v.ahead(digit, 6) & v.ahead(dash, 7);
    let day = v.ahead(digit, 8) & v.ahead(digit, 9);
    year & month & day
}

/// Word starts at which two letters and two digits follow.
#[inline(always)]
pub(super) fn account_starts<L: Lanes>(v: &Around<L>, starts: L) -> L {
    let letter = |b: &Block<L>| b.word & !b.digit;
    starts
        & letter(&v.here)
        & v.ahead(letter, 1)
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
        // A card's groups, of which the shorter are more than two.
        (4, _, 4 | 6) => {
            let third = i + first + 1 + next;
            at(bytes, third) == sign && at(bytes, third + 1).is_ascii_digit()
        }
        // `123-45-6789`, `212-555-0100`; behind a label `123 45 6789`.
        (8, _, 8) | (3, b'-' | b'.', 2..=3) | (3, _, 2) => true,
        // A trunk prefix.
        (1, _, 3) => at(bytes, i) == b'1',
        // Nine digits behind a label, and then something else.
        (9, ..) => labelled(bytes, i),
        (13..=19, ..) => number::may_be_card(bytes, i, first),
        _ => false,
    }
}

/// Whether [`may_begin`] depends on what the digits at `i` are, and not on their count alone.
pub(super) fn depends(bytes: &[u8], i: usize) -> bool {
    let first = count(bytes, i);
    first >= 13 || first == 1 && count(bytes, i + 2) == 3
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
