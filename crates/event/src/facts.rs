//! What the policies of a sampling plan need to know of one raw span, and nothing else of it.
//!
//! *Invariants:* no value of an attribute survives: only bits, and keyed digests of values. What
//! is asked is `sample`'s; the answers are here because they travel with the event.

use crate::limits::{
    FACT_BITS_COUNT_MAX as BITS_COUNT_MAX, FACT_SLOT_VALUES_MAX as SLOT_VALUES_MAX,
    FACT_SLOTS_COUNT_MAX as SLOTS_COUNT_MAX,
};

/// Answers to a plan's questions, one bit each. The first 64 take no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    first: u64,
    more: Box<[u64]>,
}

impl Bits {
    /// As many, all unset.
    pub fn of(count: usize) -> Self {
        let more = count.saturating_sub(64).div_ceil(64);
        Self {
            first: 0,
            more: vec![0; more].into_boxed_slice(),
        }
    }

    /// Sets one; one that is not there stays so.
    pub fn set(&mut self, bit: u16) {
        let word = match usize::from(bit / 64) {
            0 => Some(&mut self.first),
            n => self.more.get_mut(n - 1),
        };
        if let Some(word) = word {
            *word |= 1 << (bit % 64);
        }
    }

    /// Whether one is set.
    pub fn get(&self, bit: u16) -> bool {
        let word = match usize::from(bit / 64) {
            0 => self.first,
            n => self.more.get(n - 1).copied().unwrap_or_default(),
        };
        word >> (bit % 64) & 1 == 1
    }

    /// Sets those that are set in the other.
    pub fn add(&mut self, other: &Self) {
        self.first |= other.first;
        for (word, more) in self.more.iter_mut().zip(&other.more) {
            *word |= more;
        }
    }

    /// Bytes beside its own size.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.more)
    }
}

/// A keyed digest of the value of one field: the field's number above, 56 bits of digest below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(u64);

impl Key {
    /// Of a field and the digest of its value, whose lowest byte is left out.
    pub fn new(slot: u8, digest: u64) -> Self {
        Self(u64::from(slot) << 56 | digest >> 8)
    }

    /// Number of the field.
    pub fn slot(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// Both as one number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Adds keys to a sorted set that holds the smallest [`SLOT_VALUES_MAX`] of each field, so that
/// the set does not depend on the order in which they came.
pub fn add_keys(to: &mut Vec<Key>, keys: &[Key]) {
    for key in keys {
        let Err(at) = to.binary_search(key) else {
            continue;
        };
        let begin = to.partition_point(|known| known.slot() < key.slot());
        let end = to.partition_point(|known| known.slot() <= key.slot());
        if end - begin < SLOT_VALUES_MAX {
            to.insert(at, *key);
        } else if at < end {
            to.insert(at, *key);
            to.remove(end);
        }
    }
}

/// Facts of one span, or of an event recorded on one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Digest of the plan they were asked for; facts of another plan say nothing.
    pub plan: [u8; 8],
    /// Answers.
    pub bits: Bits,
    /// Digests, a sorted set.
    pub keys: Vec<Key>,
}

impl Facts {
    /// As bytes: plan, counts, words, keys; numbers little-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(20 + 8 * (self.bits.more.len() + self.keys.len()));
        out.extend(self.plan);
        out.push(self.bits.more.len() as u8);
        out.extend((self.keys.len() as u16).to_le_bytes());
        out.extend(self.bits.first.to_le_bytes());
        let words = self.bits.more.iter().copied();
        for word in words.chain(self.keys.iter().map(|key| key.0)) {
            out.extend(word.to_le_bytes());
        }
        out
    }

    /// From bytes, where they are exactly one encoding.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (plan, rest) = bytes.split_first_chunk::<8>()?;
        let (&[more, low, high], rest) = rest.split_first_chunk::<3>()?;
        let keys = usize::from(u16::from_le_bytes([low, high]));
        let more = usize::from(more);
        let is_within =
            64 * (more + 1) <= BITS_COUNT_MAX && keys <= SLOTS_COUNT_MAX * SLOT_VALUES_MAX;
        if !is_within || rest.len() != 8 * (1 + more + keys) {
            return None;
        }
        let (words, _) = rest.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let first = words.next()?;
        let more = words.by_ref().take(more).collect();
        let keys: Vec<Key> = words.map(Key).collect();
        // A set in order, as it was written.
        if !keys.is_sorted_by(|a, b| a < b) {
            return None;
        }
        Some(Self {
            plan: *plan,
            bits: Bits { first, more },
            keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn facts_are_read_back(
            plan: [u8; 8],
            set in prop::collection::vec(0..300_u16, 0..20),
            keys in prop::collection::btree_set(any::<u64>(), 0..20),
        ) {
            let mut bits = Bits::of(300);
            for bit in &set {
                bits.set(*bit);
            }
            prop_assert!(set.iter().all(|bit| bits.get(*bit)));
            let keys = keys.into_iter().map(Key).collect();
            let facts = Facts { plan, bits, keys };
            prop_assert_eq!(Facts::decode(&facts.encode()), Some(facts));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(facts) = Facts::decode(&bytes) {
                prop_assert_eq!(facts.encode(), bytes);
            }
        }

        #[test]
        fn keys_do_not_depend_on_their_order(
            keys in prop::collection::vec((0..3_u8, any::<u64>()), 0..60),
        ) {
            let mut keys: Vec<Key> = keys.into_iter().map(|(s, d)| Key::new(s, d)).collect();
            let mut one = Vec::new();
            for key in &keys {
                add_keys(&mut one, &[*key]);
            }
            keys.reverse();
            let mut other = Vec::new();
            add_keys(&mut other, &keys);
            prop_assert!(one.len() <= 3 * SLOT_VALUES_MAX);
            prop_assert_eq!(one, other);
        }
    }
}
