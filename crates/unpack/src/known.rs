//! Tables that stand in the module and can be computed, of the standard library and of what reads
//! gzip: nothing else could make them smaller, since they look like chance.

use std::sync::LazyLock;

/// Powers of five by which the standard library reads decimal fractions (Lemire, "Number parsing
/// at a gigabyte per second"): the first and the last.
const FIRST_POWER: i32 = -342;
const LAST_POWER: i32 = 308;
/// The lowest power whose reciprocal is rounded up; those below are cut.
const ROUNDED_POWER: i32 = -27;
/// Words of the largest power.
const POWER_WORDS: usize = 26;
/// Bits that are kept of a power.
const POWER_BITS: usize = 128;
/// The polynomial of gzip's checksum, reversed, and the tables for that many bytes at once.
const POLYNOMIAL: u32 = 0xedb8_8320;
const CHECKSUM_TABLES: usize = 16;

/// How many there are.
pub(crate) const TABLES_COUNT: usize = 2;

/// All of them.
pub(crate) static TABLES: LazyLock<[Vec<u8>; TABLES_COUNT]> = LazyLock::new(|| {
    let mut tables = [Vec::new(), Vec::new()];
    let [first, second] = &mut tables;
    checksums(first);
    powers(second);
    tables
});

fn checksums(out: &mut Vec<u8>) {
    let next = |sum: u32| (0..8).fold(sum, |sum, _| (sum >> 1) ^ (POLYNOMIAL * (sum & 1)));
    for zeros in 0..CHECKSUM_TABLES {
        for byte in 0..256 {
            let sum = (0..=zeros).fold(byte, |sum, _| next(sum));
            out.extend_from_slice(&sum.to_le_bytes());
        }
    }
}

fn powers(out: &mut Vec<u8>) {
    let mut power = Number::one();
    let mut whole = Vec::new();
    let mut reciprocal = Vec::new();
    for exponent in 0..=FIRST_POWER.abs().max(LAST_POWER) {
        whole.push(power.highest());
        let rounded = u128::from(-exponent >= ROUNDED_POWER);
        reciprocal.push(power.reciprocal() + rounded);
        power.times_five();
    }
    let below = reciprocal
        .iter()
        .skip(1)
        .take(FIRST_POWER.unsigned_abs() as usize);
    let above = whole.iter().take(LAST_POWER as usize + 1);
    for bits in below.rev().chain(above) {
        out.extend_from_slice(&((bits >> 64) as u64).to_le_bytes());
        out.extend_from_slice(&(*bits as u64).to_le_bytes());
    }
}

/// A natural number, its lowest word first.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Number([u32; POWER_WORDS]);

impl Number {
    fn one() -> Self {
        let mut words = [0; POWER_WORDS];
        let [first, ..] = &mut words;
        *first = 1;
        Self(words)
    }

    fn times_five(&mut self) {
        let mut carry = 0;
        for word in &mut self.0 {
            let product = u64::from(*word) * 5 + carry;
            *word = product as u32;
            carry = product >> 32;
        }
    }

    fn double(&mut self) {
        let mut carry = 0;
        for word in &mut self.0 {
            carry = std::mem::replace(word, *word << 1 | carry) >> 31;
        }
    }

    fn is_below(&self, other: &Self) -> bool {
        self.0.iter().rev().lt(other.0.iter().rev())
    }

    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0;
        for (word, less) in self.0.iter_mut().zip(other.0) {
            let difference = i64::from(*word) - i64::from(less) + borrow;
            *word = difference as u32;
            borrow = difference >> 32;
        }
    }

    /// The highest bits of it.
    fn highest(&self) -> u128 {
        let bits = (0..POWER_WORDS as u32 * 32).rev();
        let bits = bits.map(|bit| {
            let word = self.0.get(bit as usize / 32).copied().unwrap_or(0);
            u128::from(word >> (bit % 32) & 1)
        });
        let kept = bits.skip_while(|bit| *bit == 0).chain(std::iter::repeat(0));
        kept.take(POWER_BITS).fold(0, |kept, bit| kept << 1 | bit)
    }

    /// The highest bits of one divided by it, cut.
    fn reciprocal(&self) -> u128 {
        let mut rest = Self::one();
        while rest.is_below(self) {
            rest.double();
        }
        (0..POWER_BITS).fold(0, |quotient, _| {
            let fits = !rest.is_below(self);
            if fits {
                rest.subtract(self);
            }
            rest.double();
            quotient << 1 | u128::from(fits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_gzip() {
        let mut tables = Vec::new();
        checksums(&mut tables);
        // RFC 1952, section 8: the table's beginning.
        let first = [0_u32, 0x7707_3096, 0xee0e_612c, 0x9909_51ba].map(u32::to_le_bytes);
        assert!(tables.starts_with(first.as_flattened()));
        assert_eq!(tables.len(), CHECKSUM_TABLES * 1024);
    }

    #[test]
    fn powers_are_those_that_decimal_fractions_are_read_by() {
        let mut table = Vec::new();
        powers(&mut table);
        let entry = |power: i32| {
            let at = (power - FIRST_POWER) as usize * 16;
            let words = table[at..at + 16].chunks_exact(8);
            let words = words.map(|word| u64::from_le_bytes(word.try_into().unwrap()));
            words.collect::<Vec<_>>()
        };
        assert_eq!(entry(0), [1 << 63, 0]);
        assert_eq!(entry(2), [25 << 59, 0]);
        assert_eq!(entry(-1), [0xcccc_cccc_cccc_cccc, 0xcccc_cccc_cccc_cccd]);
        assert_eq!(entry(-342), [0xeef4_53d6_923b_d65a, 0x113f_aa29_06a1_3b3f]);
        assert_eq!(table.len(), (LAST_POWER - FIRST_POWER + 1) as usize * 16);
    }
}
