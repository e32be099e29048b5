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
    let mut ends = words & !(words >> 1);
    for _ in 0..ident::LABEL_WORDS_MAX {
        if ends == 0 {
            // The words before are out of sight.
            return line == 64 && i > 64;
        }
        let gap = ends.leading_zeros();
        let end = i - gap as usize;
        let length = (!(words << gap)).leading_zeros() as usize;
        // The letter of an escape such as `\n` is none of its word.
        let escaped = before(bytes, end.saturating_sub(length)) == b'\\';
        if escaped || LABELS.may_be(bytes, end, length) {
            return true;
        }
        ends &= (u64::MAX >> 1) >> gap;
    }
    false
}
