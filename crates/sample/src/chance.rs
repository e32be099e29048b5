//! Chance as a function of the trace id: consistent thresholds, and the hashes of the peers.
//!
//! *Source:* OpenTelemetry "TraceState: Probability Sampling" (rejection thresholds of 56 bits,
//! randomness from the trailing 7 bytes of the trace id); `probabilistic` of the Collector's
//! `tail_sampling` (FNV-1a under a salt); Refinery's `DeterministicSampler` (SHA-1).

use cordon_event::TraceId;
use sha1::{Digest as _, Sha1};

/// How many randomness values there are: 2^56.
pub const MAX_ADJUSTED_COUNT: u64 = 1 << 56;
/// Hexadecimal digits that a threshold made from a probability has, leading `f` not counted.
const PRECISION_DIGITS: u32 = 5;
/// Salt of the Collector where none is said.
pub(crate) const DEFAULT_SALT: &str = "default-hash-seed";
/// Salt of Refinery, so that it does not choose as something else that hashes trace ids does.
const REFINERY_SALT: &str = "5VQ8l2jE5aJLPVqk";

/// A rejection threshold: a trace is kept whose randomness is not below it. 0 keeps all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(u64);

impl Threshold {
    /// Keeps everything.
    pub const ALWAYS: Self = Self(0);

    /// The threshold of that value, where it fits in 56 bits.
    pub const fn new(value: u64) -> Option<Self> {
        if value < MAX_ADJUSTED_COUNT {
            Some(Self(value))
        } else {
            None
        }
    }

    /// Its value.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The threshold that keeps that share; none for a share below 2^-56, which is no sampling.
    ///
    /// Five digits beside leading `f`: 1 % is `fd70a4`, as in the specification.
    pub fn from_probability(probability: f64) -> Option<Self> {
        let scaled = (probability * MAX_ADJUSTED_COUNT as f64).round();
        if scaled.is_nan() || scaled < 1.0 {
            return None;
        }
        let kept = (scaled as u64).min(MAX_ADJUSTED_COUNT);
        Some(Self(rounded(MAX_ADJUSTED_COUNT - kept)))
    }

    /// The threshold that keeps one of `rate`; of a rate up to 1 everything.
    pub fn one_of(rate: u64) -> Self {
        if rate <= 1 {
            return Self::ALWAYS;
        }
        let kept = (MAX_ADJUSTED_COUNT / rate).max(1);
        Self(rounded(MAX_ADJUSTED_COUNT - kept))
    }

    /// Whether a trace of that randomness is kept.
    pub const fn keeps(self, randomness: u64) -> bool {
        randomness >= self.0
    }

    /// Share of traces that are kept.
    pub fn probability(self) -> f64 {
        (MAX_ADJUSTED_COUNT - self.0) as f64 / MAX_ADJUSTED_COUNT as f64
    }

    /// How many traces a kept one stands for.
    pub fn adjusted_count(self) -> f64 {
        MAX_ADJUSTED_COUNT as f64 / (MAX_ADJUSTED_COUNT - self.0) as f64
    }
}

/// Rounds to [`PRECISION_DIGITS`] after leading `f`.
fn rounded(value: u64) -> u64 {
    // The top byte of the word is unused: move it out, so that ones lead.
    let leading = (value << 8).leading_ones() / 4;
    let digits = leading + PRECISION_DIGITS;
    if digits >= 14 {
        return value;
    }
    let shift = 56 - 4 * digits;
    let up = (value >> (shift - 1)) & 1;
    let near = ((value >> shift) + up) << shift;
    if near < MAX_ADJUSTED_COUNT {
        near
    } else {
        value
    }
}

/// Randomness of a trace: its trailing 7 bytes.
pub fn randomness(id: TraceId) -> u64 {
    u128::from_be_bytes(id.0) as u64 & (MAX_ADJUSTED_COUNT - 1)
}

/// Bound under which the Collector's hash of a kept trace is: the greatest 64-bit number times
/// the share, with 64 bits of precision, cut to a whole number.
pub(crate) fn hash_bound(percentage: f64) -> u64 {
    let ratio = percentage / 100.0;
    if ratio <= 0.0 || ratio.is_nan() {
        return 0;
    }
    if ratio >= 1.0 {
        return u64::MAX;
    }
    let bits = ratio.to_bits();
    let exponent = (bits >> 52) as i32;
    let fraction = u128::from(bits & ((1 << 52) - 1));
    let (mantissa, power) = if exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, exponent - 1075)
    };
    let product = u128::from(u64::MAX) * mantissa;
    let (product, power) = nearest_64_bits(product, power);
    // A ratio below 1 leaves no power above 0.
    let whole = product.checked_shr(power.unsigned_abs()).unwrap_or(0);
    u64::try_from(whole).unwrap_or(u64::MAX)
}

/// Rounds to 64 significant bits, to even where two are as near.
fn nearest_64_bits(value: u128, power: i32) -> (u128, i32) {
    let bits = 128 - value.leading_zeros();
    let Some(over) = bits.checked_sub(64).filter(|over| *over > 0) else {
        return (value, power);
    };
    let kept = value >> over;
    let rest = value & ((1 << over) - 1);
    let half = 1_u128 << (over - 1);
    let up = rest > half || rest == half && kept & 1 == 1;
    (kept + u128::from(up), power + over.cast_signed())
}

/// FNV-1a (64 bits) of a salt and a trace id.
pub(crate) fn collector_hash(salt: &str, id: TraceId) -> u64 {
    salt.bytes()
        .chain(id.0)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// Refinery's hash for its deterministic sampler: the first 32 bits of SHA-1 over the id as text
/// and a salt.
pub(crate) fn refinery_hash(id: TraceId) -> u64 {
    let mut hash = Sha1::new();
    hash.update(id.to_string().as_bytes());
    hash.update(REFINERY_SALT.as_bytes());
    let sum = hash.finalize();
    sum.iter()
        .take(4)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte))
}

/// Greatest hash of a trace that the deterministic sampler keeps: the greatest number divided by
/// the rate.
pub(crate) fn refinery_bound(rate: u64) -> u64 {
    u64::from(u32::MAX) / rate.max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn thresholds_of_known_shares() {
        // The 1 % of "Rejection Threshold (`th`)".
        for (share, value) in [
            (1.0, Some(0)),
            (0.5, Some(0x0080_0000_0000_0000)),
            (0.25, Some(0x00c0_0000_0000_0000)),
            (0.01, Some(0x00fd_70a4_0000_0000)),
            (0.0, None),
            (f64::NAN, None),
        ] {
            let threshold = Threshold::from_probability(share).map(Threshold::value);
            assert_eq!(threshold, value, "{share}");
        }
        assert_eq!(Threshold::one_of(4).value(), 0x00c0_0000_0000_0000);
        assert!((Threshold::one_of(4).adjusted_count() - 4.0).abs() < 1e-9);
    }

    #[test]
    fn the_collectors_bounds() {
        // By Python's integers: `(2**64 - 1) * m` rounded to 64 bits, then shifted.
        for (percentage, bound) in [
            (100.0, u64::MAX),
            (250.0, u64::MAX),
            (0.0, 0),
            (99.9, 0xffbe_76c8_b439_5fff),
            (50.0, 0x7fff_ffff_ffff_ffff),
            (25.0, 0x3fff_ffff_ffff_ffff),
        ] {
            assert_eq!(hash_bound(percentage), bound, "{percentage}");
        }
    }

    proptest! {
        #[test]
        fn what_a_small_share_keeps_a_greater_one_does(
            a in 0.0..1.0_f64, b in 0.0..1.0_f64, r in 0..MAX_ADJUSTED_COUNT,
        ) {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            if let Some(low) = Threshold::from_probability(low) {
                let high = Threshold::from_probability(high).unwrap();
                prop_assert!(high <= low);
                prop_assert!(!low.keeps(r) || high.keeps(r));
            }
        }

        #[test]
        fn a_share_is_what_its_threshold_keeps(share in 1e-9..1.0_f64) {
            let threshold = Threshold::from_probability(share).unwrap();
            prop_assert!((threshold.probability() / share - 1.0).abs() < 1e-3);
        }
    }
}
