//! Turns of redaction: as many at once as there are processors, and tenants take them by turns.
//!
//! Where requests wait, tenants are visited in a ring, and each visit is worth [`QUANTUM_BYTES`]
//! times the tenant's weight: deficit round robin (Shreedhar and Varghese, *Efficient fair queueing
//! using deficit round-robin*, SIGCOMM 1995). What one tenant has waiting so delays another's
//! request by one visit to each, however much it is.
//!
//! **Invariants.** Nobody waits while a turn is free. A request whose sender went away leaves its
//! place at once, also where it was just given its turn. What a tenant did not use of its visit is
//! not saved up once it has nothing waiting.
//!
//! *Limits:* [`WAITING_COUNT_MAX`] requests of a tenant wait; one more is refused. Requests of one
//! tenant are taken in the order in which they came.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cordon_event::TenantId;
use tokio::sync::oneshot;

/// Bytes that one visit to a tenant of weight 1 is worth.
const QUANTUM_BYTES: u64 = 256 << 10;
/// What a request costs at least: one of few bytes is not for nothing.
const COST_BYTES_MIN: u64 = 1 << 10;
/// What a request costs at most: as much as the largest body, decompressed.
const COST_BYTES_MAX: u64 = 32 << 20;
/// Requests of one tenant that may wait for their turn.
pub(crate) const WAITING_COUNT_MAX: usize = 512;

/// The turns.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// Tenants that have something waiting.
    queues: HashMap<TenantId, Queue>,
    /// The same, in the order in which they are visited; the first is visited now.
    ring: VecDeque<TenantId>,
    next_id: u64,
}

/// What a tenant has waiting.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Bytes of its visits that it has not used.
    deficit_bytes: u64,
    weight: u64,
    /// Whether this visit was counted.
    is_visited: bool,
}

struct Waiting {
    id: u64,
    cost_bytes: u64,
    give: oneshot::Sender<Turn>,
}

/// One turn; given back when it is dropped.
#[must_use = "a turn is over when this is dropped"]
pub(crate) struct Turn(Option<Turns>);

/// As many requests of the tenant wait as may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

/// A place in a queue, left when this is dropped.
struct Place<'t> {
    turns: &'t Turns,
    tenant: &'t TenantId,
    id: u64,
}

impl Turns {
    /// So many turns at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: at_once.max(1),
            queues: HashMap::new(),
            ring: VecDeque::new(),
            next_id: 0,
        })))
    }

    /// Waits for a turn for a request of so many bytes.
    pub(crate) async fn take(
        &self,
        tenant: &TenantId,
        weight: u32,
        bytes: u64,
    ) -> Result<Turn, Crowded> {
        let (given, place) = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Turn(Some(self.clone())));
            }
            let (give, given) = oneshot::channel();
            let id = state.wait(tenant, weight, bytes, give)?;
            let turns = self;
            (given, Place { turns, tenant, id })
        };
        let turn = given.await;
        drop(place);
        // It is only dropped unanswered with the turns themselves.
        turn.map_err(|_| Crowded)
    }

    /// Requests that wait.
    pub(crate) fn waiting_count(&self) -> usize {
        let state = self.lock();
        state.queues.values().map(|queue| queue.waiting.len()).sum()
    }

    /// Consistent after every statement: a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self) {
        let mut state = self.lock();
        state.free += 1;
        state.give_out(self);
    }
}

impl State {
    /// Puts a request at the end of its tenant's queue.
    fn wait(
        &mut self,
        tenant: &TenantId,
        weight: u32,
        bytes: u64,
        give: oneshot::Sender<Turn>,
    ) -> Result<u64, Crowded> {
        let is_new = !self.queues.contains_key(tenant);
        let queue = self.queues.entry(tenant.clone()).or_default();
        if queue.waiting.len() >= WAITING_COUNT_MAX {
            return Err(Crowded);
        }
        let id = self.next_id;
        self.next_id += 1;
        queue.weight = u64::from(weight.max(1));
        queue.waiting.push_back(Waiting {
            id,
            cost_bytes: bytes.clamp(COST_BYTES_MIN, COST_BYTES_MAX),
            give,
        });
        if is_new {
            self.ring.push_back(tenant.clone());
        }
        Ok(id)
    }

    /// Gives free turns to those who wait.
    fn give_out(&mut self, turns: &Turns) {
        while self.free > 0 {
            let Some(tenant) = self.ring.front().cloned() else {
                return;
            };
            let Some(waiting) = self.next_of(&tenant) else {
                continue;
            };
            match waiting.give.send(Turn(Some(turns.clone()))) {
                Ok(()) => self.free -= 1,
                // Gone since. Its turn is not to be given back: it was never taken.
                Err(mut turn) => turn.0 = None,
            }
        }
    }

    /// The next request of the tenant that is visited; where there is none the ring goes on.
    fn next_of(&mut self, tenant: &TenantId) -> Option<Waiting> {
        let Some(queue) = self.queues.get_mut(tenant) else {
            self.ring.pop_front();
            return None;
        };
        if !std::mem::replace(&mut queue.is_visited, true) {
            queue.deficit_bytes += QUANTUM_BYTES * queue.weight;
        }
        let may = |waiting: &Waiting| waiting.cost_bytes <= queue.deficit_bytes;
        if queue.waiting.front().is_some_and(|first| !may(first)) {
            queue.is_visited = false;
            self.ring.rotate_left(1);
            return None;
        }
        let waiting = queue.waiting.pop_front();
        if let Some(waiting) = &waiting {
            queue.deficit_bytes -= waiting.cost_bytes;
        }
        if queue.waiting.is_empty() {
            self.queues.remove(tenant);
            self.ring.pop_front();
        }
        waiting
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.lock();
        let Some(queue) = state.queues.get_mut(self.tenant) else {
            return;
        };
        queue.waiting.retain(|waiting| waiting.id != self.id);
        if queue.waiting.is_empty() {
            state.queues.remove(self.tenant);
            state.ring.retain(|tenant| tenant != self.tenant);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.give_back();
        }
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
