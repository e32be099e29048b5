//! Whether a label may stand before a number: the last letters of the words before it are
//! looked up.

use std::sync::LazyLock;

use cordon_simd::Window;

use super::KINDS;
use super::keys::Endings;
use crate::bytes::before;
use crate::ident;

static LABELS: LazyLock<Endings> = LazyLock::new(|| Endings::of(ident::label_words()));

/// Whether one of the words before `i` may be a label's, or it cannot be told.
pub(super) fn may_stand(window: &Window<KINDS>, bytes: &[u8], i: usize) -> bool {
    let line = window.upto(i, |b| b.newline).leading_zeros();
    let words = window.upto(i, |b| b.word | b.high);
    let words = words & u64::MAX.checked_shl(64 - line).unwrap_or(0);
    let upper = window.upto(i, |b| b.upper);
    let mut ends = words & !(words >> 1);
    for _ in 0..ident::LABEL_WORDS_MAX {
        if ends == 0 {
            // The words before are out of sight.
            return line == 64 && i > 64;
        }
        let gap = ends.leading_zeros();
        let length = (!(words << gap)).leading_zeros() as usize;
        let (end, word) = (i - gap as usize, u64::MAX << (64 - length));
        let humps = upper << gap & word != 0;
        if may_be(bytes, end, length, humps) {
            return true;
        }
        ends &= (u64::MAX >> 1) >> gap;
    }
    false
}

/// Whether the word of so many bytes that ends at `end` may be a label's, or end in one: with a
/// number behind it, or as the last part of a name such as `customerNino`; `humps` says whether a
/// capital is in it.
fn may_be(bytes: &[u8], end: usize, length: usize, humps: bool) -> bool {
    let start = end.saturating_sub(length);
    let word = bytes.get(start..end).unwrap_or(&[]);
    let digits = word.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    // The letter of an escape such as `\n` is none of its word.
    before(bytes, start) == b'\\'
        || LABELS.may_be(bytes, end, length)
        || digits > 0 && LABELS.may_be(bytes, end - digits, length - digits)
        || humps && may_have_one(bytes, (start, end - digits), end)
}

/// Whether a part of the name from `start` to `end` may be a label's; its letters go up to
/// `letters`.
fn may_have_one(bytes: &[u8], (start, letters): (usize, usize), end: usize) -> bool {
    let word = bytes.get(start..end).unwrap_or(&[]);
    let tail = word.get(..letters - start).unwrap_or(&[]);
    let tail = tail.get(tail.len().saturating_sub(5)..).unwrap_or(&[]);
    let hump = |pair: &[u8]| {
        let [first, second] = *pair else { return false };
        first.is_ascii_uppercase() != second.is_ascii_uppercase()
    };
    // An earlier part of a name may be one, whatever its last part says: `TaxFileNumberOf 12`.
    let earlier = || {
        let mut pairs = word.windows(2).enumerate();
        pairs.any(|(n, pair)| hump(pair) && (n..n + 2).any(|n| LABELS.may_be(bytes, start + n, n)))
    };
    // A capital within the last letters, but for that of the word itself.
    let parted = tail.windows(2).skip(usize::from(tail.len() < 5)).any(hump);
    parted || earlier()
}
