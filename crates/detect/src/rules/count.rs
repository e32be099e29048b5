//! What rules found and what asking them cost: counters that no lock guards.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of one rule.
#[derive(Debug, Default)]
pub(crate) struct Count {
    calls: AtomicU64,
    bytes: AtomicU64,
    hits: AtomicU64,
    held_back: AtomicU64,
}

/// What one rule found and cost since its set was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts {
    /// How often its pattern was asked.
    pub calls: u64,
    /// Bytes that its pattern was asked about.
    pub bytes: u64,
    /// Tokens that it acted on.
    pub hits: u64,
    /// Tokens that it found and did not act on: in shadow, or outside a canary's share.
    pub held_back: u64,
}

impl Count {
    pub(crate) fn asked(&self, bytes: usize) {
        self.calls.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn found(&self, acts: bool) {
        let counter = if acts { &self.hits } else { &self.held_back };
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn read(&self) -> RuleCounts {
        RuleCounts {
            calls: self.calls.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            hits: self.hits.load(Relaxed),
            held_back: self.held_back.load(Relaxed),
        }
    }
}
