//! Numbers from a seed: the same everywhere.

/// A generator of pseudo-random numbers (splitmix64: Steele, Lea, Flood, OOPSLA 2014).
pub struct Draw(u64);

impl Draw {
    /// From that seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// One of them.
    #[expect(clippy::indexing_slicing, reason = "a remainder is below the length")]
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    /// Sixteen bytes.
    pub fn id(&mut self) -> [u8; 16] {
        let (high, low) = (u128::from(self.bits()), u128::from(self.bits()));
        ((high << 64) | low).to_be_bytes()
    }
}
