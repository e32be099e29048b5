//! Check digits that many identifiers share, and dates within them.
//!
//! All take ASCII digits (and capitals where said) without separators.

use crate::bytes::{at, digit};

/// Value of the digit at `i`; 0 beyond the end.
pub(crate) fn value(n: &[u8], i: usize) -> u32 {
    let b = at(n, i);
    if digit(b) { u32::from(b - b'0') } else { 0 }
}

/// The number that the digits from `from` to `to` are.
pub(crate) fn part(n: &[u8], from: usize, to: usize) -> u64 {
    let digits = n.get(from..to).unwrap_or(&[]);
    digits
        .iter()
        .filter(|b| digit(**b))
        .fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

/// The same for at most nine digits.
pub(crate) fn small(n: &[u8], from: usize, to: usize) -> u32 {
    u32::try_from(part(n, from, to)).unwrap_or(u32::MAX)
}

/// Sum of the digits times their weights; digits beyond the weights do not count.
pub(crate) fn weigh(n: &[u8], weights: &[u32]) -> u32 {
    (0..)
        .zip(weights)
        .map(|(i, weight)| value(n, i) * weight)
        .sum()
}

/// Luhn's check (ISO/IEC 7812-1) over ASCII digits. Zeros alone do not pass.
pub(crate) fn luhn(n: &[u8]) -> bool {
    let sum: u32 = n
        .iter()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b.wrapping_sub(b'0')) << (i % 2);
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    sum.is_multiple_of(10) && !same(n)
}

/// Whether all characters are one and the same: no such number is given out.
pub(crate) fn same(n: &[u8]) -> bool {
    n.windows(2).all(|pair| pair.first() == pair.last())
}

/// ISO/IEC 7064, MOD 11,10.
pub(crate) fn mod_11_10(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let product = head.iter().fold(10, |product, b| {
        let sum = (product + u32::from(b.wrapping_sub(b'0'))) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(last.wrapping_sub(b'0'))
}

/// Verhoeff's check (dihedral group D5). Multiplication and the permutation are computed, not
/// tabled: the group is rotations 0 to 4 and reflections 5 to 9.
pub(crate) fn verhoeff(n: &[u8]) -> bool {
    const PERMUTED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let check = n.iter().rev().enumerate().fold(0, |check, (i, b)| {
        let start = u32::from(b.wrapping_sub(b'0')).min(9);
        let turned = (0..i % 8).fold(start, |d, _| PERMUTED.get(d as usize).copied().unwrap_or(0));
        product(check, turned)
    });
    check == 0
}

/// A letter's place in the alphabet from 1 on; 0 for what is no capital.
pub(crate) fn letter(b: u8) -> u32 {
    if b.is_ascii_uppercase() {
        u32::from(b - b'A') + 1
    } else {
        0
    }
}

/// Value in base 36: digits, then `A` as 10.
pub(crate) fn base36(b: u8) -> u32 {
    if digit(b) {
        u32::from(b - b'0')
    } else {
        letter(b) + 9
    }
}

/// The checks of ICAO 9303: base 36 values, weights 7, 3, 1, modulo 10.
pub(crate) fn weights_731(n: &[u8]) -> u32 {
    let weights = [7, 3, 1].iter().cycle();
    n.iter()
        .zip(weights)
        .map(|(b, w)| base36(*b) * w)
        .sum::<u32>()
        % 10
}

/// Whether month and day exist in the year (Gregorian).
pub(crate) fn date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// `yymmdd` at `i`; a two-digit year is in a century that has the day.
pub(crate) fn yymmdd(n: &[u8], i: usize) -> bool {
    date(
        2_000 + small(n, i, i + 2),
        small(n, i + 2, i + 4),
        small(n, i + 4, i + 6),
    )
}

/// `ddmmyy` at `i`.
pub(crate) fn ddmmyy(n: &[u8], i: usize) -> bool {
    date(
        2_000 + small(n, i + 4, i + 6),
        small(n, i + 2, i + 4),
        small(n, i, i + 2),
    )
}

/// `yyyymmdd` at `i`, of a person that may live.
pub(crate) fn yyyymmdd(n: &[u8], i: usize) -> bool {
    let year = small(n, i, i + 4);
    (1_880..=2_060).contains(&year) && date(year, small(n, i + 4, i + 6), small(n, i + 6, i + 8))
}

/// Nothing to check beyond the shape.
pub(crate) fn any(n: &[u8]) -> bool {
    !same(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass_and_their_neighbours_fail() {
        // Wikipedia's and the standards' own examples.
        assert!(luhn(b"79927398713") && !luhn(b"79927398710"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"));
        assert!(mod_11_10(b"07945") && !mod_11_10(b"07944"));
        assert_eq!(weights_731(b"L898902C3"), 6);
        assert!(date(2000, 2, 29) && !date(1900, 2, 29) && !date(2001, 4, 31));
    }
}
