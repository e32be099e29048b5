//! A hash for tables of texts: the same in every process, and fast on short ones.
//!
//! Whoever can choose lines can choose texts that collide, as with every hash without a secret;
//! the tables that use it have named limits.

use std::hash::Hasher;

/// The odd number of the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes eight bytes at a time.
#[derive(Clone, Default)]
pub(crate) struct TextHasher(u64);

impl TextHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ MIX) * u128::from(MIX);
        self.0 = (wide as u64) ^ ((wide >> 64) as u64).rotate_left(23);
    }
}

impl Hasher for TextHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (slot, b) in last.iter_mut().zip(rest) {
            *slot = *b;
        }
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    #[inline]
    fn write_usize(&mut self, length: usize) {
        self.mix(length as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
