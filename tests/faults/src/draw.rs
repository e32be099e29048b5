//! Chance out of a seed: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
//! generators", 2014).

/// A source of numbers; the same seed gives the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    /// A source of its own for each `part` of a seed.
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        let mut draw = Self(seed ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        draw.bits();
        draw
    }

    /// Uniform over all numbers.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `n`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.bits().checked_rem(n).unwrap_or(0)
    }

    /// From the first to the second, both included.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below((to - from).saturating_add(1))
    }

    /// True once in `n`.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of them; none of nothing.
    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len() as u64) as usize)
    }
}
