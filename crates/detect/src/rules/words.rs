//! Whether what follows what in a run of letters and digits is improbable in words.
//!
//! The measure is how much likelier the run is as words of code and prose than as characters drawn
//! at random, in quarters of a bit. Two letters that follow each other in a word count by how often
//! they do so in English; the table is made from the 2,048 words of BIP 39, which are in the
//! crate anyway, are plain, and will never change. A change between lower case, upper case and
//! digits counts by [`CHANGES`]: what camel case and numbers at a word's end do often, and chance
//! does nearly always.
//!
//! Integers alone, so that every platform gives the same answer.

use std::sync::LazyLock;

use crate::bytes::alnum;
use crate::ident::SEED_WORDS;

/// A run with this or less is no name. Twelve bits: of names one in some thousands has it.
const QUARTER_BITS_MAX: i32 = -48;
/// Letters.
const LETTERS: usize = 26;

/// Lower case, upper case, digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
}

/// How much likelier one kind follows another in names than by chance, in quarters of a bit.
///
/// By chance, of 62 characters, a letter of either case follows with .42 and a digit with .16. In
/// names a lower-case letter follows one with .85 and an upper-case one with .12; behind an
/// upper-case letter a lower-case one follows mostly, another where words are shouted; digits are
/// seldom, and stand together.
const CHANGES: [[i32; 3]; 3] = [
    // From lower case to: lower, upper, digit.
    [4, -7, -12],
    // From upper case.
    [4, -8, -7],
    // From a digit.
    [-8, -3, 8],
];

/// Pairs of letters: how much likelier the second follows the first in words than by chance, in
/// quarters of a bit.
static PAIRS: LazyLock<[[i32; LETTERS]; LETTERS]> = LazyLock::new(|| {
    let mut counts = [[0_u32; LETTERS]; LETTERS];
    for word in SEED_WORDS {
        for pair in word.as_bytes().windows(2) {
            if let [first, second] = pair
                && let Some(count) = slot(&mut counts, *first, *second)
            {
                *count += 1;
            }
        }
    }
    counts.map(|row| {
        let sum: u32 = row.iter().sum();
        // Half a pair is added to each, so that none is impossible.
        row.map(|count| {
            quarters(LETTERS as u32 * (2 * count + 1)) - quarters(2 * sum + LETTERS as u32)
        })
    })
});

fn slot<T>(table: &mut [[T; LETTERS]; LETTERS], first: u8, second: u8) -> Option<&mut T> {
    let place = |b: u8| usize::from(b.to_ascii_lowercase().wrapping_sub(b'a'));
    table.get_mut(place(first))?.get_mut(place(second))
}

/// Logarithm to the base two, in quarters.
fn quarters(number: u32) -> i32 {
    u128::from(number).pow(4).ilog2() as i32
}

fn kind(b: u8) -> Option<Kind> {
    match b {
        b'a'..=b'z' => Some(Kind::Lower),
        b'A'..=b'Z' => Some(Kind::Upper),
        b'0'..=b'9' => Some(Kind::Digit),
        _ => None,
    }
}

/// What counts for a character that is the one before it, or the next one in its alphabet: chance
/// has that once in thirty, patterns and alphabets have little else.
const PATTERN: i32 = 16;

/// How much likelier two characters follow each other in names than by chance.
fn pair(first: u8, second: u8) -> i32 {
    if second == first || second == first + 1 && alnum(first) {
        return PATTERN;
    }
    let (Some(from), Some(to)) = (kind(first), kind(second)) else {
        return 0;
    };
    let change = CHANGES
        .get(from as usize)
        .and_then(|row| row.get(to as usize));
    // A capital within a word begins the next one.
    let within = to == Kind::Lower || from == Kind::Upper && to == Kind::Upper;
    let place = |b: u8| usize::from(b.to_ascii_lowercase().wrapping_sub(b'a'));
    let letters = PAIRS
        .get(place(first))
        .and_then(|row| row.get(place(second)));
    let letters = letters.filter(|_| within && from != Kind::Digit);
    change.copied().unwrap_or(0) + letters.copied().unwrap_or(0)
}

/// How much likelier a run is as words than by chance, in quarters of a bit.
fn likelihood(run: &[u8]) -> i32 {
    let shouted = !run.iter().any(u8::is_ascii_lowercase);
    let fold = |b: &u8| if shouted { b.to_ascii_lowercase() } else { *b };
    let seconds = run.iter().skip(1);
    run.iter()
        .zip(seconds)
        .map(|(a, b)| pair(fold(a), fold(b)))
        .sum()
}

/// Whether a run is improbable as a name.
pub(super) fn improbable(run: &[u8]) -> bool {
    likelihood(run) <= QUARTER_BITS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_probable_and_chance_is_not() {
        for name in [
            "getUserById2FromCacheV3Handler",
            "XMLHttpRequest2EventTarget",
            "DATABASE_MIGRATION_LOCK_2026_03",
            "application-deployment-7-staging",
            "org/example/billing/Invoice2Mapper",
            "20260301101710123456789Z",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "deadbeefdeadbeefdeadbeef1",
            "Kubernetes129ControlPlaneNode3",
        ] {
            assert!(
                !improbable(name.as_bytes()),
                "{name} {}",
                likelihood(name.as_bytes())
            );
        }
        for run in [
            "kT9xQ2vLr8ZpWm4NcY7u",
            "q7wz0xk4v9j2fh8p1rt6",
            "X7KQ2ZPV9WMT4HGJ8RNB",
        ] {
            assert!(
                improbable(run.as_bytes()),
                "{run} {}",
                likelihood(run.as_bytes())
            );
        }
    }

    #[test]
    fn pairs_of_letters_are_as_often_as_in_words() {
        assert!(PAIRS[usize::from(b't' - b'a')][usize::from(b'h' - b'a')] > 0);
        assert_eq!(
            PAIRS[usize::from(b'q' - b'a')][usize::from(b'u' - b'a')],
            16
        );
        assert!(PAIRS[usize::from(b'x' - b'a')][usize::from(b'k' - b'a')] < 0);
    }
}
