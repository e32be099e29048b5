//! Numbers from a seed.

/// A generator of numbers that are the same everywhere.
pub(crate) struct Draw(u64);

impl Draw {
    /// From a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number (splitmix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A number between two, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// A rank below `count`, where rank `r` has the weight `1/(r+1)`.
    pub(crate) fn skewed(&mut self, count: usize) -> usize {
        let total: f64 = (1..=count).map(|rank| 1.0 / rank as f64).sum();
        let mut left = (self.next() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        for rank in 0..count {
            left -= 1.0 / (rank + 1) as f64;
            if left < 0.0 {
                return rank;
            }
        }
        count - 1
    }

    /// One of these, the first most often.
    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.skewed(of.len())]
    }

    /// Whether something with that many chances in a hundred happens.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// So many characters of an alphabet.
    pub(crate) fn text(&mut self, alphabet: &str, count: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..count)
            .map(|_| char::from(letters[self.below(letters.len())]))
            .collect()
    }
}
