//! Numbers that identify: cards, phones, social security numbers, bank accounts. Each is anchored
//! at the first character and validated; nothing is found by length alone.

use crate::bytes::{alnum, at, before, cut, digit, opens, run, starts};
use crate::ident::{Dialled, extended, plausible};
use crate::keyed::governed_safe;
use crate::{Finding, TokenKind};

/// Most digits that one number is read to.
const DIGITS_COUNT_MAX: usize = 20;

/// Digits of a run with single separators in it, and where it ends.
struct Digits {
    values: [u8; DIGITS_COUNT_MAX],
    count: usize,
    /// Lengths of the groups.
    groups: [usize; DIGITS_COUNT_MAX],
    group: usize,
    separator: u8,
    end: usize,
}

impl Digits {
    fn values(&self) -> &[u8] {
        self.values.get(..self.count).unwrap_or(&[])
    }

    fn groups(&self) -> &[usize] {
        self.groups.get(..=self.group).unwrap_or(&[])
    }

    fn push(&mut self, digit: u8) {
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = digit;
            self.count += 1;
        }
        if let Some(slot) = self.groups.get_mut(self.group) {
            *slot += 1;
        }
    }
}

/// Reads at most `max` digits from `i` on, in groups parted by one and the same separator.
fn digits(bytes: &[u8], i: usize, max: usize, separators: &[u8]) -> Digits {
    let mut out = Digits {
        values: [0; DIGITS_COUNT_MAX],
        count: 0,
        groups: [0; DIGITS_COUNT_MAX],
        group: 0,
        separator: 0,
        end: i,
    };
    let mut at_byte = i;
    while out.count < max.min(DIGITS_COUNT_MAX) {
        let b = at(bytes, at_byte);
        at_byte += 1;
        if digit(b) {
            out.push(b - b'0');
            out.end = at_byte;
            continue;
        }
        let follows = digit(at(bytes, at_byte)) && out.count > 0;
        let same = out.separator == 0 || out.separator == b;
        if !(separators.contains(&b) && follows && same) {
            break;
        }
        out.separator = b;
        out.group += 1;
    }
    out
}

/// Luhn's check (ISO/IEC 7812-1).
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(*d);
            if i % 2 == 0 {
                d
            } else if d > 4 {
                2 * d - 9
            } else {
                2 * d
            }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|d| *d != 0)
}

/// Prefix from and to, of six digits, and lengths.
type Issuer = (u32, u32, &'static [usize]);

/// Issuers whose cards are found in a run of digits without groups and without a label: those that
/// are in use everywhere, in the lengths that they are issued in.
#[rustfmt::skip]
const PLAIN: &[Issuer] = &[
    // Visa, Mastercard, American Express.
    (400_000, 499_999, &[16, 19]),
    (510_000, 559_999, &[16]),
    (222_100, 272_099, &[16]),
    (340_000, 349_999, &[15]),
    (370_000, 379_999, &[15]),
    // Diners Club, Discover, JCB, UnionPay.
    (300_000, 305_999, &[14]),
    (309_500, 309_599, &[14]),
    (360_000, 369_999, &[14]),
    (380_000, 399_999, &[14]),
    (601_100, 601_199, &[16]),
    (644_000, 659_999, &[16]),
    (352_800, 358_999, &[16]),
    (620_000, 629_999, &[16, 19]),
    // Maestro, RuPay and others of its range, Mir, Troy.
    (500_000, 509_999, &[16]),
    (560_000, 589_999, &[16]),
    (600_000, 609_999, &[16]),
    (630_000, 639_999, &[16]),
    (630_400, 630_499, &[19]),
    (670_000, 679_999, &[16]),
    (675_900, 675_999, &[19]),
    (220_000, 220_499, &[16]),
    (979_200, 979_299, &[16]),
];

/// Issuers whose cards need groups or a label, besides [`PLAIN`]: old lengths, national schemes.
#[rustfmt::skip]
const OTHERS: &[Issuer] = &[
    // Visa until the nineties; Diners Club, Discover, JCB, UnionPay and Mir in their longer forms.
    (400_000, 499_999, &[13]),
    (300_000, 305_999, &[16, 19]),
    (309_500, 309_599, &[16, 19]),
    (360_000, 369_999, &[16, 19]),
    (380_000, 399_999, &[16, 19]),
    (601_100, 601_199, &[19]),
    (644_000, 659_999, &[19]),
    (352_800, 358_999, &[17, 18, 19]),
    (620_000, 629_999, &[17, 18]),
    (810_000, 817_199, &[16, 17, 18, 19]),
    (220_000, 220_499, &[17, 18, 19]),
    // Maestro.
    (500_000, 509_999, &[12, 13, 14, 15, 17, 18, 19]),
    (560_000, 589_999, &[12, 13, 14, 15, 17, 18, 19]),
    (630_000, 639_999, &[12, 13, 14, 15, 17, 18, 19]),
    (670_000, 679_999, &[12, 13, 14, 15, 17, 18, 19]),
    // RuPay, Verve, UzCard, Humo, BC Card.
    (817_200, 820_199, &[16]),
    (506_099, 506_198, &[18, 19]),
    (650_002, 650_027, &[18, 19]),
    (860_000, 860_099, &[16]),
    (986_000, 986_099, &[16]),
    (940_000, 949_999, &[16]),
    // JCB until the nineties.
    (213_100, 213_199, &[15]),
    (180_000, 180_099, &[15]),
];

/// Whether issuer prefix and length are those of a payment card (ISO/IEC 7812-1: the prefixes that
/// the schemes publish).
fn issued(d: &[u8], by: &[Issuer]) -> bool {
    let prefix = d
        .iter()
        .take(6)
        .fold(0_u32, |sum, x| sum * 10 + u32::from(*x));
    by.iter()
        .any(|(from, to, lengths)| (*from..=*to).contains(&prefix) && lengths.contains(&d.len()))
}

/// Whether ASCII digits behind a label are a card's.
pub(crate) fn labelled_card(n: &[u8]) -> bool {
    let values: Vec<u8> = n.iter().map(|b| b.wrapping_sub(b'0')).collect();
    (issued(&values, PLAIN) || issued(&values, OTHERS)) && luhn(&values)
}

/// Groups that cards are written in.
#[rustfmt::skip]
const GROUPS: &[&[usize]] = &[
    &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[8, 8], &[6, 13], &[6, 4, 5], &[6, 4, 4], &[6, 6, 4],
    &[4, 5, 6], &[4, 4, 5], &[4, 4, 4, 1], &[4, 4, 4, 2],
    &[4, 4, 4, 4, 1], &[4, 4, 4, 4, 2], &[4, 4, 4, 4, 3],
];

fn grouped(groups: &[usize]) -> bool {
    groups.len() == 1 || GROUPS.contains(&groups)
}

/// How far before a number the word for a card is looked for.
const CARD_WORD_BYTES_MAX: usize = 24;

/// Whether a card is spoken of before `i`.
fn said_card(text: &str, i: usize) -> bool {
    let from = crate::bytes::ceil(text, i.saturating_sub(CARD_WORD_BYTES_MAX));
    let said = crate::bytes::lower(cut(text, from, i));
    let words = [
        "card",
        "paid",
        "pan ",
        "visa",
        "mastercard",
        "carte",
        "karte",
        "tarjeta",
    ];
    words.iter().any(|word| said.contains(word))
}

/// A payment card number at `i`.
pub(crate) fn card(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let found = digits(bytes, i, 20, b" -.");
    let n = found.count;
    let plain = found.group == 0;
    let bound = opens(bytes, i)
        && !(matches!(before(bytes, i), b'.' | b'-') && digit(before(bytes, i - 1)))
        && !alnum(at(bytes, found.end))
        && at(bytes, found.end) != b'_'
        && !(matches!(at(bytes, found.end), b'-' | b'.') && digit(at(bytes, found.end + 1)));
    let fraction = before(bytes, i) == b'.';
    if !(13..=19).contains(&n) || !bound || fraction {
        return None;
    }
    let known = issued(found.values(), PLAIN) || !plain && issued(found.values(), OTHERS);
    if !(grouped(found.groups()) && known && luhn(found.values())) {
        return None;
    }
    // Two counters side by side have the form that a card seldom has.
    if found.groups() == [8, 8] && !said_card(text, i) {
        return None;
    }
    // `bytes_total{path="/"} 4…`: a sample of a metric.
    let sample = before(bytes, i) == b' ' && i >= 2 && at(bytes, i - 2) == b'}';
    if plain && (sample || governed_safe(text, i)) {
        return None;
    }
    Some(Finding::personal("card", TokenKind::Card, i, found.end))
}

/// Whether the `count` digits at `i` are a card number by issuer, length and checksum.
pub(crate) fn may_be_card(bytes: &[u8], i: usize, count: usize) -> bool {
    let mut values = [0; DIGITS_COUNT_MAX];
    let from = bytes.get(i..i + count).unwrap_or(&[]);
    for (slot, b) in values.iter_mut().zip(from) {
        *slot = b.wrapping_sub(b'0');
    }
    let values = values.get(..count).unwrap_or(&[]);
    (issued(values, PLAIN) || issued(values, OTHERS)) && luhn(values)
}

/// Whether the `+` at `i` may begin a telephone number.
pub(crate) fn may_be_international(bytes: &[u8], i: usize) -> bool {
    let separator = |b: u8| matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/');
    let end = run(bytes, i + 1, 31, |b| digit(b) || separator(b));
    let tail = bytes.get(i + 1..end).unwrap_or(&[]);
    let first = i + 1 + usize::from(at(bytes, i + 1) == b'(');
    matches!(at(bytes, first), b'1'..=b'9') && tail.iter().filter(|b| digit(**b)).count() >= 8
}

/// Whether the digits alone are a card number: for numbers of a structured value.
pub fn is_card(text: &str) -> bool {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| digit(*b))
        .map(|b| b - b'0')
        .collect();
    digits.len() == text.len() && issued(&digits, PLAIN) && luhn(&digits)
}

/// How far before a social security number its label is looked for.
const LABEL_BYTES_MAX: usize = 40;

/// Whether a label of social security stands before `i`, in the same line.
fn labelled_ssn(text: &str, i: usize) -> bool {
    let from = crate::bytes::ceil(text, i.saturating_sub(LABEL_BYTES_MAX));
    let line = cut(text, from, i).rsplit('\n').next().unwrap_or("");
    let label = crate::bytes::lower(line);
    ["ssn", "social security", "social sec", "itin"]
        .iter()
        .any(|word| label.contains(word))
}

/// A US social security number at `i`: with dashes, or with blanks behind a label.
pub(crate) fn ssn(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let found = digits(bytes, i, 10, b"- ");
    let goes_on = matches!(at(bytes, found.end), b'-' | b'.') && alnum(at(bytes, found.end + 1));
    let bound = opens(bytes, i)
        && !matches!(before(bytes, i), b'-' | b'.' | b'+')
        && !alnum(at(bytes, found.end))
        && !goes_on;
    let whole = found.groups() == [9] && named_ssn(text, i);
    if whole && bound && issued_ssn(found.values()) {
        return Some(Finding::personal(
            "us_ssn",
            TokenKind::National,
            i,
            found.end,
        ));
    }
    if found.groups() != [3, 2, 4] || !bound {
        return None;
    }
    if found.separator != b'-' && !labelled_ssn(text, i) {
        return None;
    }
    let valid = issued_ssn(found.values());
    valid.then(|| Finding::personal("us_ssn", TokenKind::National, i, found.end))
}

/// Whether area, group and serial number can have been given out.
fn issued_ssn(digits: &[u8]) -> bool {
    let number = |from: usize, to: usize| {
        let part = digits.get(from..to).unwrap_or(&[]);
        part.iter().fold(0_u32, |sum, d| sum * 10 + u32::from(*d))
    };
    let (area, group, serial) = (number(0, 3), number(3, 5), number(5, 9));
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
}

/// Whether the label stands right before `i`.
fn named_ssn(text: &str, i: usize) -> bool {
    let from = crate::bytes::ceil(text, i.saturating_sub(LABEL_BYTES_MAX));
    let label = cut(text, from, i)
        .trim_end_matches([' ', ':', '=', '#', '"', '\''])
        .to_ascii_lowercase();
    ["ssn", "social security number", "social security no"]
        .iter()
        .any(|word| label.ends_with(word))
}

/// An international phone number at `+`, or a North American one with its usual punctuation.
pub(crate) fn phone(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if at(bytes, i) == b'+' {
        return international(text, i);
    }
    let open = at(bytes, i) == b'(';
    let start = i + usize::from(open);
    if !opens(bytes, i) || matches!(before(bytes, i), b'-' | b'.' | b'+' | b'/' | b':') {
        return None;
    }
    let trunk = starts_trunk(bytes, start, open);
    let area = start + trunk;
    let code = run(bytes, area, 4, digit);
    if code - area != 3 || !matches!(at(bytes, area), b'2'..=b'9') {
        return None;
    }
    let (next, separator) = if open {
        if at(bytes, code) != b')' {
            return None;
        }
        let next = run(bytes, code + 1, 1, |b| b == b' ');
        (next, at(bytes, next + 3))
    } else {
        (code + 1, at(bytes, code))
    };
    let exchange = run(bytes, next, 4, digit);
    let line = run(bytes, exchange + 1, 5, digit);
    let end = extended(bytes, line);
    let shaped = exchange - next == 3
        && matches!(at(bytes, next), b'2'..=b'9')
        && at(bytes, exchange) == separator
        && matches!(separator, b'-' | b'.' | b' ')
        && line - exchange == 5
        && !alnum(at(bytes, end))
        && !(matches!(at(bytes, end), b'-' | b'.' | b':') && digit(at(bytes, end + 1)));
    // Three numbers in a row are more often counters than a phone.
    let counters = separator == b' ' && !open && trunk == 0;
    let usable = shaped && !counters && !governed_safe(text, i);
    usable.then(|| Finding::personal("phone.nanp", TokenKind::Phone, i, end))
}

/// Length of a leading `1-` or `001-`.
fn starts_trunk(bytes: &[u8], i: usize, open: bool) -> usize {
    let zeros = if starts(bytes, i, b"001") { 2 } else { 0 };
    let sign = matches!(at(bytes, i + zeros + 1), b'-' | b'.' | b' ');
    let trunk = !open && at(bytes, i + zeros) == b'1' && sign;
    if trunk { zeros + 2 } else { 0 }
}

fn international(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let slash = before(bytes, i) == b'/' && !crate::net::is_segment(text, i);
    if !opens(bytes, i) || slash || matches!(before(bytes, i), b'+' | b'.' | b')') {
        return None;
    }
    // `+(370) 4584 6767`.
    let first = run(bytes, i + 1, 1, |b| b == b'(');
    if !matches!(at(bytes, first), b'1'..=b'9') {
        return None;
    }
    let bound = |end: usize| {
        let end = extended(bytes, end);
        !alnum(at(bytes, end)) && at(bytes, end) != b'_'
    };
    // By its plan first: behind a number a count may stand.
    let dialled = [false, true].into_iter().find_map(|loose| {
        Dialled::read(bytes, first).shortened(|dialled| {
            let decimal = dialled.dots == 1 && dialled.groups == 2;
            let grouped = loose && dialled.groups > 1;
            let known = plausible(dialled.digits(), dialled.trunk, grouped);
            !decimal && known && bound(dialled.end)
        })
    })?;
    let end = extended(bytes, dialled.end);
    Some(Finding::personal("phone", TokenKind::Phone, i, end))
}
