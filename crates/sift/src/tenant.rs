//! A tenant that samples: its sampler, and where its traces lie.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use cordon_event::TraceId;
use cordon_journal::Cursor;
use cordon_sample::{Limits, Plan, Sampler, Verdict};

use crate::limits::DROPPED_COUNT_MAX;
use crate::release::Ruling;

/// Where a trace lies in the journal.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// Before its first frame.
    pub(crate) first: Cursor,
    /// Its last frame so far.
    pub(crate) last: Cursor,
}

/// A trace that was dropped a moment ago.
pub(crate) struct Dropped {
    pub(crate) extent: Extent,
    pub(crate) verdict: Verdict,
    pub(crate) at_unix_ms: u64,
}

/// A tenant that samples.
pub(crate) struct Tenant {
    pub(crate) plan: Arc<Plan>,
    pub(crate) sampler: Sampler,
    pub(crate) live: HashMap<TraceId, Extent>,
    pub(crate) dropped: HashMap<TraceId, Dropped>,
    dropped_order: VecDeque<(u64, TraceId)>,
}

impl Tenant {
    pub(crate) fn new(plan: &Arc<Plan>, hash_seed: u64) -> Self {
        let limits = Limits {
            hash_seed,
            ..Limits::default()
        };
        Self {
            plan: Arc::clone(plan),
            sampler: Sampler::new(Arc::clone(plan), limits),
            live: HashMap::new(),
            dropped: HashMap::new(),
            dropped_order: VecDeque::new(),
        }
    }

    pub(crate) fn ruling(&self, verdict: Verdict) -> Ruling {
        Ruling {
            verdict,
            plan: Arc::clone(&self.plan),
        }
    }

    /// Remembers a trace that was dropped just now.
    pub(crate) fn remember_dropped(&mut self, trace: TraceId, dropped: Dropped) {
        self.dropped_order.push_back((dropped.at_unix_ms, trace));
        self.dropped.insert(trace, dropped);
    }

    /// Forgets what cannot come back.
    pub(crate) fn forget_dropped(&mut self, now_unix_ms: u64) {
        let grace_ms = self.plan.late_error_grace_ms();
        while let Some((at, trace)) = self.dropped_order.front().copied() {
            let is_over = now_unix_ms > at.saturating_add(grace_ms);
            if !is_over && self.dropped_order.len() <= DROPPED_COUNT_MAX {
                break;
            }
            self.dropped_order.pop_front();
            if self.dropped.get(&trace).is_some_and(|d| d.at_unix_ms == at) {
                self.dropped.remove(&trace);
            }
        }
    }

    /// Bytes that live traces and verdicts take.
    pub(crate) fn used_bytes(&self) -> usize {
        const SLOT_BYTES: usize = size_of::<(TraceId, Extent)>() + 1;
        const DROPPED_BYTES: usize = size_of::<(TraceId, Dropped)>() + 1;
        self.sampler.used_bytes()
            + self.live.capacity() * SLOT_BYTES
            + self.dropped.capacity() * DROPPED_BYTES
            + self.dropped_order.capacity() * size_of::<(u64, TraceId)>()
    }
}
