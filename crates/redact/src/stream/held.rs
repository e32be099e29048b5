//! Bytes of a stream that wait for what follows them; wiped wherever they have been.

use zeroize::{Zeroize as _, Zeroizing};

/// Whole lines that wait, and behind them the beginning of a line whose end has not arrived.
#[derive(Default)]
pub(super) struct Held {
    bytes: Zeroizing<Vec<u8>>,
    /// Bytes of whole lines.
    whole: usize,
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes of memory that are taken.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) fn all(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole lines.
    pub(super) fn lines(&self) -> &[u8] {
        self.bytes.get(..self.whole).unwrap_or(&[])
    }

    /// Bytes of the line whose end has not arrived.
    pub(super) fn begun_bytes(&self) -> usize {
        self.bytes.len() - self.whole
    }

    /// Adds bytes of a line; with its line break, it is whole.
    pub(super) fn add(&mut self, bytes: &[u8], ends: bool) {
        let needed = self.bytes.len() + bytes.len();
        if needed > self.bytes.capacity() {
            // A vector that grows by itself leaves what it held behind.
            let room = (self.bytes.capacity() * 2)
                .min(super::HELD_BYTES_MAX)
                .max(needed);
            let mut grown = Zeroizing::new(Vec::with_capacity(room));
            grown.extend_from_slice(&self.bytes);
            self.bytes = grown;
        }
        self.bytes.extend_from_slice(bytes);
        if ends {
            self.whole = self.bytes.len();
        }
    }

    /// Lets go of the first bytes.
    pub(super) fn drop_first(&mut self, count: usize) {
        let count = count.min(self.bytes.len());
        if count == self.bytes.len() {
            // A long line's memory is given back; a short one's is used again.
            if self.bytes.capacity() > super::BLOCK_BYTES_MAX {
                self.bytes = Zeroizing::default();
            } else {
                self.bytes.as_mut_slice().zeroize();
                self.bytes.clear();
            }
            self.whole = 0;
            return;
        }
        self.bytes.copy_within(count.., 0);
        let kept = self.bytes.len() - count;
        if let Some(rest) = self.bytes.get_mut(kept..) {
            rest.zeroize();
        }
        self.bytes.truncate(kept);
        self.whole = self.whole.saturating_sub(count);
    }
}
