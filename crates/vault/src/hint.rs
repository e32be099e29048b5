//! SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash for the first look into a set.
//!
//! *Why by hand:* the standard library's takes no key, and aws-lc has none. The authors' test
//! vectors hold it.

/// A SipHash key.
pub(crate) struct HintKey(u64, u64);

impl HintKey {
    /// Takes over 16 key bytes.
    pub(crate) fn new(bytes: &[u8; 16]) -> Self {
        let (low, high) = bytes.split_at(8);
        Self(word(low), word(high))
    }

    /// The hash of a message.
    pub(crate) fn hash(&self, message: &[u8]) -> u64 {
        let mut v = [
            self.0 ^ 0x736f_6d65_7073_6575,
            self.1 ^ 0x646f_7261_6e64_6f6d,
            self.0 ^ 0x6c79_6765_6e65_7261,
            self.1 ^ 0x7465_6462_7974_6573,
        ];
        let chunks = message.chunks_exact(8);
        let last = word(chunks.remainder()) | (message.len() as u64) << 56;
        for m in chunks.map(word).chain([last]) {
            let [_, _, _, d] = &mut v;
            *d ^= m;
            round(&mut v);
            round(&mut v);
            let [a, ..] = &mut v;
            *a ^= m;
        }
        let [_, _, c, _] = &mut v;
        *c ^= 0xff;
        for _ in 0..4 {
            round(&mut v);
        }
        v.iter().fold(0, |all, part| all ^ part)
    }
}

/// At most eight bytes as a little-endian number.
fn word(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |all, byte| all << 8 | u64::from(*byte))
}

fn round([v0, v1, v2, v3]: &mut [u64; 4]) {
    *v0 = v0.wrapping_add(*v1);
    *v1 = v1.rotate_left(13) ^ *v0;
    *v0 = v0.rotate_left(32);
    *v2 = v2.wrapping_add(*v3);
    *v3 = v3.rotate_left(16) ^ *v2;
    *v0 = v0.wrapping_add(*v3);
    *v3 = v3.rotate_left(21) ^ *v0;
    *v2 = v2.wrapping_add(*v1);
    *v1 = v1.rotate_left(17) ^ *v2;
    *v2 = v2.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_its_authors_say() {
        let key = HintKey::new(&std::array::from_fn(|i| i as u8));
        let message: Vec<u8> = (0..15).collect();
        // Appendix A of the paper, and the first of the authors' vectors.
        assert_eq!(key.hash(&message), 0xa129_ca61_49be_45e5);
        assert_eq!(key.hash(&[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(key.hash(message.get(..8).unwrap()), 0x93f5_f579_9a93_2462);
    }
}
