//! The MAC that the tests of redaction share.

use cordon_redact::PseudonymMac;

/// A MAC for tests: keyed mixing, not cryptography.
pub(crate) struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let mut h = 0xcbf2_9ce4_8422_2325_u64;
        for b in kind.bytes().chain([0]).chain(canonical.iter().copied()) {
            h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
        std::array::from_fn(|i| (h >> (i % 8 * 8)) as u8)
    }
}
