//! Whether a separator may be governed by a key that says something.
//!
//! Nearly no key of a log line is in the lexicon. Its last four letters are looked up in a set of
//! bits; of a shorter word, the letters and what stands before them.

use std::sync::LazyLock;

use cordon_simd::Window;
use zeroize::Zeroize as _;

use super::KINDS;

use crate::bytes::{alnum, at, before, ceil, cut, run, run_back};
use crate::key;
use crate::keyed::{self, Says};
use crate::shape::Open;
use crate::url;

/// Bits of the set of endings.
pub(super) const ENDINGS_BITS: usize = 1 << 16;

/// Endings of the words that the lexicon and the families of pairs, queries and forms know.
pub(super) struct Endings {
    /// By a hash of the last four bytes.
    long: Vec<u64>,
    /// Words of one to three letters, by their letters.
    short: Vec<u64>,
}

/// Letters and one for none, to the third.
pub(super) const SHORT_BITS: usize = 27 * 27 * 27;

static ENDINGS: LazyLock<Endings> = LazyLock::new(|| {
    let words = key::words_known().chain(keyed::words_known());
    // A number at the end of a key is not looked at.
    let bare = |word: &'static str| word.trim_end_matches(|c: char| c.is_ascii_digit());
    Endings::of(words.flat_map(|word| [word, bare(word)]))
});

pub(super) fn set(bits: &mut [u64], n: usize) {
    if let Some(word) = bits.get_mut(n / 64) {
        *word |= 1 << (n % 64);
    }
}

pub(super) fn has(bits: &[u64], n: usize) -> bool {
    bits.get(n / 64)
        .is_some_and(|word| word >> (n % 64) & 1 == 1)
}

/// Slot of four bytes, ASCII case ignored.
pub(super) fn slot(four: [u8; 4]) -> usize {
    let folded = u32::from_le_bytes(four) | 0x2020_2020;
    (folded.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

pub(super) fn letters(word: &[u8]) -> usize {
    word.iter().fold(0, |n, b| {
        let letter = (b | 0x20).wrapping_sub(b'a').min(25) + 1;
        n * 27 + usize::from(letter)
    })
}

impl Endings {
    /// Those of words.
    pub(super) fn of(words: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let mut endings = Self {
            long: vec![0; ENDINGS_BITS / 64],
            short: vec![0; SHORT_BITS.div_ceil(64)],
        };
        words.for_each(|word| endings.insert(word.as_ref().as_bytes()));
        endings
    }

    fn insert(&mut self, word: &[u8]) {
        match word.last_chunk::<4>() {
            Some(four) => set(&mut self.long, slot(*four)),
            None if word.iter().all(u8::is_ascii_alphabetic) => {
                set(&mut self.short, letters(word));
            }
            None => {}
        }
    }

    /// Whether the whole word of so many bytes that ends at `end` may be one of them.
    pub(super) fn may_be(&self, bytes: &[u8], end: usize, length: usize) -> bool {
        let head = bytes.get(..end).unwrap_or(&[]);
        match head.last_chunk::<4>() {
            Some(four) if length >= 4 => {
                has(&self.long, slot(*four)) || four.iter().any(|b| *b >= 0x80)
            }
            _ => {
                let word = head.get(end.saturating_sub(length)..).unwrap_or(&[]);
                has(&self.short, letters(word)) || word.iter().any(|b| *b >= 0x80)
            }
        }
    }

    /// Whether the word that ends at `end` may be one of them.
    fn may_end(&self, bytes: &[u8], end: usize) -> bool {
        let head = bytes.get(..end).unwrap_or(&[]);
        if let Some(four) = head.last_chunk::<4>()
            && (has(&self.long, slot(*four)) || four.iter().any(|b| *b >= 0x80))
        {
            return true;
        }
        for n in 1..=3 {
            let word = head.get(head.len().saturating_sub(n)..).unwrap_or(&[]);
            let whole = word.len() == n && word.iter().all(u8::is_ascii_alphabetic);
            let begins = opens_word(head, head.len() - word.len());
            if whole && begins && has(&self.short, letters(word)) {
                return true;
            }
        }
        // The set says nothing of what is not ASCII.
        before(bytes, end) >= 0x80
    }
}

/// Whether a word of a key may begin at `i`: behind no letter, at a change of case, or behind the
/// letter of an escape such as `\n`.
fn opens_word(bytes: &[u8], i: usize) -> bool {
    let prior = before(bytes, i);
    at(bytes, i).is_ascii_uppercase()
        || !prior.is_ascii_alphabetic()
        || matches!(prior, b'n' | b'r' | b't') && i >= 2 && at(bytes, i - 2) == b'\\'
}

/// What may stand between a key and its separator.
fn closing(b: u8) -> bool {
    matches!(
        b,
        b' ' | b'\t' | b']' | b')' | b'"' | b'\'' | b'\\' | b'`' | b'>' | b'*' | b'}'
    )
}

/// Most bytes between a key and its separator.
const CLOSING_BYTES_MAX: usize = 48;
/// Most digits and signs at a key's end that are not looked at.
const NUMBERED_BYTES_MAX: usize = 96;

/// As [`may_end`], for a separator: most keys end in letters right before it, or before a quote
/// that opens right before the key, and one look-up tells.
pub(super) fn may_end_at(window: &Window<KINDS>, bytes: &[u8], i: usize) -> bool {
    let quoted = usize::from(before(bytes, i) == b'"');
    let end = i - quoted;
    let tail = end
        .checked_sub(5)
        .and_then(|n| bytes.get(n..)?.first_chunk::<5>());
    let Some([prior, four @ ..]) = tail else {
        return true;
    };
    let plain = four.iter().all(u8::is_ascii_lowercase) && *prior != b'\\';
    !plain
        || has(&ENDINGS.long, slot(*four))
        || matches!(at(bytes, i + 1), b'/' | b'\\')
        || quoted == 1 && !is_member(window, bytes, end)
}

/// Whether letters and digits, joined by `_`, `-` and `.`, fill the quotes that close at `end`.
fn is_member(window: &Window<KINDS>, bytes: &[u8], end: usize) -> bool {
    let key = window.upto(end, |b| b.word | b.under | b.dash | b.dot);
    let length = (!key).leading_zeros() as usize;
    length < 64 && before(bytes, end - length) == b'"'
}

/// Whether the word before `i`, quotes and blanks left out, may be one that says something.
pub(crate) fn may_end(bytes: &[u8], i: usize) -> bool {
    let mut end = i;
    let mut left = CLOSING_BYTES_MAX;
    while left > 0 && closing(before(bytes, end)) {
        (end, left) = (end - 1, left - 1);
    }
    end = keyed::unscoped(bytes, end);
    let numbered = |b: u8| b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'[');
    let (from, mut blanks) = (end, 2);
    left = NUMBERED_BYTES_MAX;
    while left > 0 {
        // A number alone is the end of the word before it, `password 2: x`, and so is another one
        // behind it.
        let parts = before(bytes, end) == b' ' && blanks > 0 && end < from;
        if !(numbered(before(bytes, end)) || parts) {
            break;
        }
        blanks -= u32::from(parts);
        (end, left) = (end - 1, left - 1);
    }
    let last = before(bytes, end);
    (last.is_ascii_alphabetic() || last >= 0x80) && ENDINGS.may_end(bytes, end)
}

/// Bytes of a key that is remembered.
const TOLD_BYTES_MAX: usize = 23;
/// Keys that are remembered.
const TOLD_COUNT_MAX: usize = 1_024;

/// What keys that were asked about told: most texts of one source have the same few.
/// Wiped when it is dropped: a key may hold what it should not.
#[derive(Default)]
pub(super) struct Told {
    slots: Vec<([u8; TOLD_BYTES_MAX + 1], Says)>,
}

impl Drop for Told {
    fn drop(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.0.zeroize());
    }
}

impl Told {
    fn says(&mut self, key: &str) -> Says {
        if key.len() > TOLD_BYTES_MAX {
            return keyed::says(key);
        }
        if self.slots.is_empty() {
            self.slots.resize_with(TOLD_COUNT_MAX, Default::default);
        }
        let mut spelled = [0; TOLD_BYTES_MAX + 1];
        if let Some(head) = spelled.get_mut(..key.len()) {
            head.copy_from_slice(key.as_bytes());
        }
        // The last byte is the length, so that no key is taken for another or for an empty slot.
        if let Some(last) = spelled.last_mut() {
            *last = key.len() as u8;
        }
        let (words, _) = spelled.as_chunks::<8>();
        let hash = words.iter().fold(0_u64, |hash, word| {
            (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        let n = (hash >> 32) as usize % TOLD_COUNT_MAX;
        let Some(slot) = self.slots.get_mut(n) else {
            return keyed::says(key);
        };
        if slot.0 != spelled {
            *slot = (spelled, keyed::says(key));
        }
        slot.1
    }
}

/// Whether the separator at `i` may govern a value that must not stay.
pub(super) fn may_govern(text: &str, i: usize, told: &mut Told) -> bool {
    let bytes = text.as_bytes();
    if at(bytes, i) == b':' {
        if at(bytes, i + 1) == b'/' && at(bytes, i + 2) == b'/' {
            return may_hold_userinfo(bytes, i + 3);
        }
        // `:\/\/` is JSON's spelling of `://`.
        if at(bytes, i + 1) == b'\\' && at(bytes, i + 2) == b'/' {
            return true;
        }
        if keyed::is_time(bytes, i) {
            return false;
        }
    }
    may_say(text, i, may_end(bytes, i), told)
}

/// As [`may_govern`], for the separator of a line that differs in digits alone from one in which it
/// governs nothing; `known` is what [`may_end`] said there, which reads no digit.
pub(super) fn may_govern_alike(text: &str, i: usize, known: bool, told: &mut Told) -> bool {
    let bytes = text.as_bytes();
    let time = at(bytes, i) == b':' && keyed::is_time(bytes, i);
    !time && may_say(text, i, known, told)
}

fn may_say(text: &str, i: usize, known: bool, told: &mut Told) -> bool {
    known && keyed::may_say(text, i, &mut |key| told.says(key)) || may_be_member(text, i, told)
}

/// Whether the separator at `i` stands behind the name of a member of JSON that says something:
/// in quotes it may hold any character.
fn may_be_member(text: &str, i: usize, told: &mut Told) -> bool {
    let bytes = text.as_bytes();
    let close = run_back(bytes, i, BLANKS_BYTES_MAX, |b| b == b' ' || b == b'\t');
    if i - close == BLANKS_BYTES_MAX {
        return true;
    }
    let Some(close) = close.checked_sub(1).filter(|n| at(bytes, *n) == b'"') else {
        return false;
    };
    let plain = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.');
    let tail = run_back(bytes, close, MEMBER_BYTES_MAX, plain);
    if before(bytes, tail) == b'"' {
        return false;
    }
    let open = run_back(bytes, close, MEMBER_BYTES_MAX, |b| b != b'"');
    let key = cut(text, ceil(text, open), close);
    key.len() >= MEMBER_BYTES_MAX || key.contains('\\') || told.says(key) != Says::Nothing
}

/// Whether [`may_govern`] depends on digits near the separator at `i`, in a text in which it is
/// false.
pub(super) fn depends(text: &str, i: usize, open: &dyn Fn(usize) -> Open) -> bool {
    let bytes = text.as_bytes();
    let blanks = run_back(bytes, i, 8, |b| b == b' ' || b == b'\t');
    let first = match before(bytes, blanks) {
        b'"' => run_back(bytes, blanks - 1, MEMBER_BYTES_MAX, |b| b != b'"'),
        _ => blanks,
    };
    let member = bytes.get(first..blanks).unwrap_or(&[]);
    member.iter().any(u8::is_ascii_digit) || !keyed::is_settled(text, i, open)
}

/// Most blanks between the name of a member and its separator that are looked over.
const BLANKS_BYTES_MAX: usize = 40;
/// Longest name of a member that is read.
const MEMBER_BYTES_MAX: usize = 128;

/// Bytes of an authority that are looked through for its `@`.
const AUTHORITY_BYTES_MAX: usize = 1_024 + 160;

/// Whether an `@` follows before what cannot stand in an authority.
fn may_hold_userinfo(bytes: &[u8], i: usize) -> bool {
    let outside = |b: u8| {
        b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b',')
    };
    let colon_or_none = |b: u8| !(outside(b) || matches!(b, b'/' | b'?' | b'#' | b'@'));
    let end = run(bytes, i, AUTHORITY_BYTES_MAX, colon_or_none);
    match at(bytes, end) {
        b'@' => true,
        // A password may hold a sign that should have been escaped.
        b'/' | b'#' | b'?' => bytes.get(i..end).unwrap_or(&[]).contains(&b':'),
        // The text's end may cut it off.
        _ if url::is_cut_at(bytes, end) => true,
        _ => end - i >= AUTHORITY_BYTES_MAX,
    }
}
