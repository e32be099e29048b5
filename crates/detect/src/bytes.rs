//! Bounded looks at bytes: out of range reads as 0, which no rule accepts.

use zeroize::Zeroizing;

/// The byte at `i`, 0 beyond the end.
pub(crate) fn at(bytes: &[u8], i: usize) -> u8 {
    bytes.get(i).copied().unwrap_or(0)
}

/// The byte before `i`, 0 at the beginning.
pub(crate) fn before(bytes: &[u8], i: usize) -> u8 {
    i.checked_sub(1).map_or(0, |j| at(bytes, j))
}

/// The text from `start` to `end`; empty where that is no range of characters.
pub(crate) fn cut(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or("")
}

/// The text with ASCII letters in lower case. A copy of what may be a secret: it is wiped.
pub(crate) fn lower(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_ascii_lowercase())
}

/// First position from `i` on, at most `max` bytes further, whose byte is not accepted.
pub(crate) fn run(bytes: &[u8], i: usize, max: usize, accept: impl Fn(u8) -> bool) -> usize {
    let tail = bytes.get(i..).unwrap_or(&[]);
    let length = tail.iter().take(max).take_while(|b| accept(**b)).count();
    looked(length);
    i + length
}

/// First position of the run of accepted bytes that ends at `i`, at most `max` bytes back.
pub(crate) fn run_back(bytes: &[u8], i: usize, max: usize, accept: impl Fn(u8) -> bool) -> usize {
    let head = bytes.get(..i).unwrap_or(&[]);
    let tail = head.iter().rev().take(max);
    let length = tail.take_while(|b| accept(**b)).count();
    looked(length);
    i - length
}

#[cfg(test)]
thread_local! {
    /// Bytes that were looked at, so that tests can hold the work to a multiple of the text.
    static LOOKED_BYTES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts bytes that were looked at; outside tests, nothing.
#[inline]
pub(crate) fn looked(bytes: usize) {
    #[cfg(test)]
    LOOKED_BYTES.with(|sum| sum.set(sum.get() + bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// Bytes that were looked at since this was last asked.
#[cfg(test)]
pub(crate) fn take_looked() -> usize {
    LOOKED_BYTES.with(std::cell::Cell::take)
}

/// Whether the bytes at `i` are `word`, ASCII case ignored. Families try their words one after the
/// other: to be inlined, as the first letter tells of nearly all of them.
#[inline]
pub(crate) fn starts_nocase(bytes: &[u8], i: usize, word: &[u8]) -> bool {
    let same = |first: &u8| at(bytes, i) | 0x20 == first | 0x20;
    word.first().is_none_or(same) && is_nocase(bytes, i, word)
}

fn is_nocase(bytes: &[u8], i: usize, word: &[u8]) -> bool {
    bytes
        .get(i..i + word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Whether the bytes at `i` are `word`.
pub(crate) fn starts(bytes: &[u8], i: usize, word: &[u8]) -> bool {
    bytes
        .get(i..i + word.len())
        .is_some_and(|head| head == word)
}

/// Letters and digits.
pub(crate) fn alnum(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

/// Digits.
pub(crate) fn digit(b: u8) -> bool {
    b.is_ascii_digit()
}

/// Blank within a line.
pub(crate) fn blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

/// Whether the year, the month or the day of a time such as `2026-11-21T10:` begins at `i`.
pub(crate) fn is_stamp(bytes: &[u8], i: usize) -> bool {
    let earlier = |n: usize| i.checked_sub(n).is_some_and(|i| begins_stamp(bytes, i));
    begins_stamp(bytes, i) || earlier(5) || earlier(8)
}

/// Whether such a time begins at `i`.
#[inline]
pub(crate) fn begins_stamp(bytes: &[u8], i: usize) -> bool {
    let held = bytes.get(i..).and_then(|rest| rest.first_chunk::<14>());
    held.is_some_and(|time| {
        time.iter().enumerate().all(|(n, b)| match n {
            4 | 7 => *b == b'-',
            10 => true,
            13 => *b == b':',
            _ => b.is_ascii_digit(),
        })
    })
}

/// Whether the letter at `i` is of the escape of a line break, and such a time begins behind it:
/// lines of a log in one string. Together they are no word.
#[inline]
pub(crate) fn breaks_before_stamp(bytes: &[u8], i: usize) -> bool {
    before(bytes, i) == b'\\'
        && matches!(at(bytes, i), b'n' | b'r' | b't')
        && begins_stamp(bytes, i + 1)
}

/// Whether a token may begin at `i`: what is before it is not part of a word, or is the letter
/// of an escape such as `\n`, or the hex of a percent triplet.
///
/// Every family asks: to be inlined, as the byte before tells at most places.
#[inline]
pub(crate) fn opens(bytes: &[u8], i: usize) -> bool {
    let b = before(bytes, i);
    !(b.is_ascii_alphanumeric() || b == b'_') || opens_behind(bytes, i, b)
}

/// Whether the letter or digit `b` before `i` is of an escape.
fn opens_behind(bytes: &[u8], i: usize, b: u8) -> bool {
    let escape = i >= 2 && at(bytes, i - 2) == b'\\' && matches!(b, b'n' | b'r' | b't');
    let percent = i >= 3
        && at(bytes, i - 3) == b'%'
        && at(bytes, i - 2).is_ascii_hexdigit()
        && b.is_ascii_hexdigit();
    escape || percent
}

/// Moves `i` down to a character boundary.
pub(crate) fn floor(text: &str, mut i: usize) -> usize {
    i = i.min(text.len());
    while !text.is_char_boundary(i) {
        i -= 1;
    }
    i
}

/// Moves `i` up to a character boundary.
pub(crate) fn ceil(text: &str, mut i: usize) -> usize {
    while i < text.len() && !text.is_char_boundary(i) {
        i += 1;
    }
    i.min(text.len())
}

/// For each byte, whether one of the words begins with it; ASCII case ignored where asked.
pub(crate) fn firsts<'w>(words: impl Iterator<Item = &'w [u8]>, nocase: bool) -> [bool; 256] {
    let mut out = [false; 256];
    for first in words.filter_map(|word| word.first().copied()) {
        for (b, slot) in (0_u8..=255).zip(out.iter_mut()) {
            *slot |= b == first || nocase && b.eq_ignore_ascii_case(&first);
        }
    }
    out
}

/// Whether the byte is one of [`firsts`].
pub(crate) fn is_first(firsts: &[bool; 256], b: u8) -> bool {
    firsts.get(usize::from(b)) == Some(&true)
}

/// Shannon entropy in bits per byte.
pub(crate) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for b in bytes {
        if let Some(count) = counts.get_mut(usize::from(*b)) {
            *count += 1;
        }
    }
    let total = bytes.len() as f64;
    counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| f64::from(*n) / total)
        .map(|p| -p * p.log2())
        .sum()
}

/// Whether the bytes mix upper case, lower case and digits.
pub(crate) fn mixed(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_of_an_escape_is_no_word_with_the_time_behind_it() {
        for (text, expected) in [
            (r"x\n2026-03-01T10:17:10Z", true),
            (r"x\t2026-03-01 10:17", true),
            (r"x\n2026-03-01", false),
            (r"x\d2026-03-01T10:17:10Z", false),
            ("xxn2026-03-01T10:17:10Z", false),
            (r"x\n1026a-03-01T10:17", false),
        ] {
            assert_eq!(breaks_before_stamp(text.as_bytes(), 2), expected, "{text}");
        }
    }
}
