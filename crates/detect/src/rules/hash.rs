//! A hash without a key, for what has to be the same on every machine and in every run: the share
//! of a canary, the seed of a case. It guards nothing.

/// FNV-1a over 64 bits, its bits mixed once more so that every one of them depends on every byte.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for b in bytes {
        hash = (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// Numbers that follow from a seed (xorshift).
pub(crate) struct Draw(u64);

impl Draw {
    /// A source that gives the same numbers for the same words.
    pub(crate) fn new(words: &[&str]) -> Self {
        let all = words.join("\u{0}");
        Self(fnv(all.as_bytes()) | 1)
    }

    /// The next number below `n`, 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as usize).checked_rem(n).unwrap_or(0)
    }
}
