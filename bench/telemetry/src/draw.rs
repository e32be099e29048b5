//! Pseudo-random choices from a seed: the same on every platform.
//!
//! SplitMix64 seeds, xorshift64* draws. No quality beyond variety is asked of it.

/// Digits.
pub(crate) const DIGITS: &str = "0123456789";
/// Lower-case hex digits.
pub(crate) const HEX: &str = "0123456789abcdef";
/// Letters and digits.
pub(crate) const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Lower-case letters.
pub(crate) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
/// Upper-case letters.
pub(crate) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The alphabet of standard base64.
pub(crate) const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A source of choices. Generators take nothing else.
#[derive(Clone, Debug)]
pub struct Draw(u64);

/// One step of SplitMix64.
fn split_mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Draw {
    /// The choices of the `n`th record of a seed.
    pub fn new(seed: u64, n: u64) -> Self {
        Self(split_mix(split_mix(seed) ^ n.wrapping_mul(0xa076_1d64_78bd_642f)) | 1)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.bits() >> 16) % end.max(1)
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in that many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    #[expect(
        clippy::indexing_slicing,
        reason = "lists are written out in this crate and not empty"
    )]
    pub fn of<'t, T: ?Sized>(&mut self, all: &'t [&'t T]) -> &'t T {
        all[self.below(all.len() as u64) as usize]
    }

    /// One row of a table that is not empty.
    #[expect(
        clippy::indexing_slicing,
        reason = "tables are written out in this crate and not empty"
    )]
    pub fn row<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len() as u64) as usize]
    }

    /// `count` characters of an ASCII alphabet.
    pub fn string(&mut self, alphabet: &str, count: usize) -> String {
        let of: Vec<char> = alphabet.chars().collect();
        (0..count).map(|_| *self.row(&of)).collect()
    }

    /// `count` digits.
    pub(crate) fn digits(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.below(10) as u32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_choices_everywhere() {
        let mut draw = Draw::new(1, 2);
        let seen: Vec<u64> = (0..4).map(|_| draw.below(1_000)).collect();
        let mut again = Draw::new(1, 2);
        assert_eq!(seen, (0..4).map(|_| again.below(1_000)).collect::<Vec<_>>());
        assert_ne!(Draw::new(1, 3).bits(), Draw::new(1, 2).bits());
        assert_ne!(Draw::new(2, 2).bits(), Draw::new(1, 2).bits());
    }

    #[test]
    fn every_choice_of_a_list_is_made() {
        let mut draw = Draw::new(7, 7);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            seen.insert(draw.of(&["a", "b", "c"]));
            assert!((3..=5).contains(&draw.between(3, 5)));
        }
        assert_eq!(seen.len(), 3);
        assert_eq!(draw.string("x", 3), "xxx");
    }
}
