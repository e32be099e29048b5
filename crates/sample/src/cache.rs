//! Verdicts over traces that are decided, bounded, the least used forgotten first.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hasher as _};

use cordon_event::TraceId;

use crate::verdict::Verdict;

/// Hashes under a seed, so that a sender who chooses trace ids cannot choose collisions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl BuildHasher for Seeded {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

/// Bytes of a hash table with room for that many entries: an eighth of its places is left free,
/// their number is a power of two, and each has a byte of control.
pub(crate) fn hashed_bytes<T>(capacity: usize) -> usize {
    let places = (capacity.saturating_mul(8) / 7).next_power_of_two();
    if capacity == 0 {
        return 0;
    }
    places * (size_of::<T>() + 1)
}

/// Bytes of a tree with that many entries, of which nodes are half full at least.
pub(crate) const fn tree_bytes<T>(count: usize) -> usize {
    2 * count * size_of::<T>()
}

/// A verdict that is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembered {
    pub(crate) verdict: Verdict,
    pub(crate) decided_unix_ms: u64,
}

/// Verdicts by trace.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: HashMap<TraceId, (Remembered, u64), Seeded>,
    /// Uses in order; one that is not the entry's latest says nothing.
    uses: VecDeque<(u64, TraceId)>,
    next: u64,
    count_max: usize,
}

impl Cache {
    pub(crate) fn new(count_max: usize, seed: Seeded) -> Self {
        Self {
            entries: HashMap::with_hasher(seed),
            uses: VecDeque::new(),
            next: 0,
            count_max,
        }
    }

    pub(crate) fn get(&mut self, id: TraceId) -> Option<Remembered> {
        let (remembered, last) = self.entries.get_mut(&id)?;
        let found = *remembered;
        *last = self.next;
        self.used(id);
        Some(found)
    }

    pub(crate) fn insert(&mut self, id: TraceId, remembered: Remembered) {
        self.entries.insert(id, (remembered, self.next));
        self.used(id);
        while self.entries.len() > self.count_max {
            let Some((number, id)) = self.uses.pop_front() else {
                break;
            };
            if self
                .entries
                .get(&id)
                .is_some_and(|(_, last)| *last == number)
            {
                self.entries.remove(&id);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: TraceId) {
        self.entries.remove(&id);
    }

    fn used(&mut self, id: TraceId) {
        self.uses.push_back((self.next, id));
        self.next += 1;
        if self.uses.len() > 2 * self.count_max.max(8) {
            let entries = &self.entries;
            self.uses
                .retain(|(number, id)| entries.get(id).is_some_and(|(_, last)| last == number));
        }
    }

    pub(crate) fn used_bytes(&self) -> usize {
        hashed_bytes::<(TraceId, (Remembered, u64))>(self.entries.capacity())
            + self.uses.capacity() * size_of::<(u64, TraceId)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Code, Reason};

    #[test]
    fn the_least_used_is_forgotten() {
        let mut cache = Cache::new(2, Seeded(1));
        let remembered = Remembered {
            verdict: Verdict::drop_for(Reason::of(Code::NotSampled)),
            decided_unix_ms: 0,
        };
        let id = |n| TraceId([n; 16]);
        cache.insert(id(1), remembered);
        cache.insert(id(2), remembered);
        assert!(cache.get(id(1)).is_some());
        cache.insert(id(3), remembered);
        assert!(cache.get(id(2)).is_none());
        assert!(cache.get(id(1)).is_some() && cache.get(id(3)).is_some());
        for _ in 0..1_000 {
            cache.get(id(1));
        }
        assert!(cache.uses.len() <= 16);
    }
}
