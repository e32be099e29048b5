//! Pseudonyms on their way to the vault's map: one thread, one commit for many requests.
//!
//! *Why so:* a commit waits for the disk. One for each request, one after the other, would make
//! every sender wait for all; written together, they share the wait, as batches do in the journal.
//!
//! *Invariant:* whoever holds a [`Ticket`] that says so may acknowledge: the rows are durable. What
//! was written today is not written again.
//!
//! *Limits:* [`WAITING_COUNT_MAX`] rows wait; [`KNOWN_COUNT_MAX`] pseudonyms are known to be
//! written.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use cordon_event::TenantId;
use cordon_redact::TokenRow;
use cordon_vault::Vault;
use tokio::sync::oneshot;

use crate::environment;

/// Rows that may wait to be written.
const WAITING_COUNT_MAX: usize = 262_144;
/// Pseudonyms that are known to be written today.
const KNOWN_COUNT_MAX: usize = 262_144;

/// Says whether rows were written; dropped unanswered, they were not.
pub(crate) type Ticket = oneshot::Receiver<()>;

/// Rows of one request.
struct Waiting {
    tenant: TenantId,
    rows: Vec<TokenRow>,
    room: usize,
    answer: oneshot::Sender<()>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    rows_count: usize,
    /// Tenants and pseudonyms written on that day.
    known: HashSet<(TenantId, String)>,
    day: u32,
    is_closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    more: Condvar,
}

impl Shared {
    /// Consistent after every statement: a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to the map. Dropping it writes what waits, then ends the thread.
pub(crate) struct Tokens {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Room for the rows of one request; given back when it is dropped.
pub(crate) struct Room<'t> {
    tokens: &'t Tokens,
    rows_count: usize,
}

impl Tokens {
    /// Starts the thread.
    pub(crate) fn start(vault: Arc<Vault>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("tokens".to_owned())
            .spawn(move || write(&vault, &own))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Takes room for so many rows; none while too many wait. A request of more than may wait is
    /// taken when nothing else does.
    pub(crate) fn room(&self, rows_count: usize) -> Option<Room<'_>> {
        let mut state = self.shared.lock();
        let sum = state.rows_count + rows_count;
        if state.rows_count > 0 && sum > WAITING_COUNT_MAX {
            return None;
        }
        state.rows_count = sum;
        Some(Room {
            tokens: self,
            rows_count,
        })
    }
}

impl Room<'_> {
    /// Hands rows over; no ticket where all of them are written already.
    pub(crate) fn put(mut self, tenant: &TenantId, rows: Vec<TokenRow>) -> Option<Ticket> {
        let today = environment::today();
        let mut state = self.tokens.shared.lock();
        if state.day != today {
            state.day = today;
            state.known.clear();
        }
        let is_new = |row: &TokenRow| !state.known.contains(&(tenant.clone(), row.token.clone()));
        let rows: Vec<TokenRow> = rows.into_iter().filter(is_new).collect();
        if rows.is_empty() {
            return None;
        }
        let (answer, ticket) = oneshot::channel();
        let waiting = Waiting {
            tenant: tenant.clone(),
            rows,
            // The room is given back when they are written.
            room: std::mem::take(&mut self.rows_count),
            answer,
        };
        state.waiting.push(waiting);
        drop(state);
        self.tokens.shared.more.notify_one();
        Some(ticket)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if self.rows_count > 0 {
            self.tokens.shared.lock().rows_count -= self.rows_count;
        }
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.more.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic there left its tickets unanswered, which told their holders.
            let _ = thread.join();
        }
    }
}

/// Writes what waits until all is written and nobody may bring more.
fn write(vault: &Vault, shared: &Shared) {
    loop {
        let mut state = shared.lock();
        while state.waiting.is_empty() && !state.is_closed {
            state = shared
                .more
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let group = std::mem::take(&mut state.waiting);
        drop(state);
        if group.is_empty() {
            return;
        }
        let room: usize = group.iter().map(|waiting| waiting.room).sum();
        // What a panic left unwritten is unanswered, so its senders come again.
        let _ = catch_unwind(AssertUnwindSafe(|| commit(vault, shared, group)));
        shared.lock().rows_count -= room;
    }
}

/// One transaction for each tenant of a group.
fn commit(vault: &Vault, shared: &Shared, mut group: Vec<Waiting>) {
    group.sort_by(|one, other| one.tenant.cmp(&other.tenant));
    let today = environment::today();
    let mut rest = group.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut of_tenant = vec![first];
        while let Some(next) =
            rest.next_if(|next| of_tenant.iter().all(|w| w.tenant == next.tenant))
        {
            of_tenant.push(next);
        }
        let rows = of_tenant.iter().flat_map(|waiting| {
            let told = |row: &'_ TokenRow| (waiting.tenant.clone(), row.token.clone());
            waiting.rows.iter().map(told)
        });
        let keys: Vec<_> = rows.collect();
        if put(vault, today, &of_tenant).is_none() {
            continue;
        }
        let mut state = shared.lock();
        if state.known.len() + keys.len() > KNOWN_COUNT_MAX {
            state.known.clear();
        }
        if state.day == today {
            state.known.extend(keys);
        }
        drop(state);
        for waiting in of_tenant {
            // The sender may have gone away.
            let _ = waiting.answer.send(());
        }
    }
}

fn put(vault: &Vault, day: u32, of_tenant: &[Waiting]) -> Option<()> {
    let Waiting { tenant, .. } = of_tenant.first()?;
    let rows = of_tenant.iter().flat_map(|waiting| &waiting.rows);
    let told = rows.map(|row| (row.token.as_str(), row.kind, &row.value));
    vault.token_map().put_all(tenant, day, told).ok()
}
