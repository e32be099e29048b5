//! The bounded queue between appenders and the writer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cordon_event::TenantId;
use cordon_redact::Clean;

use crate::ticket::Answer;
use crate::{Error, Limits};

/// One encoded batch on its way to the disk.
pub(crate) struct Item {
    pub(crate) tenant: TenantId,
    /// Days since the Unix epoch, of the key that its segment key is wrapped by.
    pub(crate) day: u32,
    pub(crate) encoded: Clean<Vec<u8>>,
    pub(crate) answer: Answer,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    closed: bool,
    /// Set while the disk refuses; nothing is admitted.
    unready: bool,
}

/// What the writer woke for.
pub(crate) enum Work {
    /// A group to commit.
    Group(Vec<Item>),
    /// The time to try the disk again.
    Probe,
    /// Nothing more will come.
    Closed,
}

#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a batch of that many bytes would be admitted.
    pub(crate) fn admits(&self, bytes: usize, limits: &Limits) -> Result<(), Error> {
        admits(&self.lock(), bytes, limits)
    }

    pub(crate) fn push(&self, item: Item, limits: &Limits) -> Result<(), Error> {
        let bytes = item.encoded.get().len();
        let mut state = self.lock();
        admits(&state, bytes, limits)?;
        state.bytes = state.bytes.saturating_add(bytes);
        state.items.push_back(item);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Everything that waits, at most `group_bytes_max` beyond the first item.
    ///
    /// *Why no hold:* while one group is being synced the next collects here, so groups grow with
    /// the load, and a lone request does not wait for company.
    pub(crate) fn take(&self, limits: &Limits) -> Work {
        let mut state = self.lock();
        let idle = |s: &mut State| s.items.is_empty() && !s.closed;
        if state.unready {
            let probe = Duration::from_millis(limits.probe_ms);
            (state, _) = self
                .filled
                .wait_timeout_while(state, probe, idle)
                .unwrap_or_else(PoisonError::into_inner);
        } else {
            state = self
                .filled
                .wait_while(state, idle)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let (mut group, mut bytes) = (Vec::new(), 0_usize);
        while let Some(item) = state.items.pop_front() {
            bytes = bytes.saturating_add(item.encoded.get().len());
            group.push(item);
            if bytes >= limits.group_bytes_max {
                break;
            }
        }
        state.bytes = state.bytes.saturating_sub(bytes);
        match (group.is_empty(), state.closed) {
            (false, _) => Work::Group(group),
            (true, true) => Work::Closed,
            (true, false) => Work::Probe,
        }
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.lock().unready = !ready;
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Nobody will take anything any more: those who wait are told so.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.bytes = 0;
        state.items.clear();
    }

    /// Items and bytes that wait, and whether the disk is ready.
    pub(crate) fn status(&self) -> (usize, usize, bool) {
        let state = self.lock();
        (
            state.items.len(),
            state.bytes,
            !state.unready && !state.closed,
        )
    }
}

fn admits(state: &State, bytes: usize, limits: &Limits) -> Result<(), Error> {
    let retry_after_s = limits.retry_after_s;
    if state.closed {
        return Err(Error::Closed);
    }
    if state.unready {
        return Err(Error::NotReady { retry_after_s });
    }
    let over =
        state.bytes.saturating_add(bytes) > limits.queue_bytes_max && !state.items.is_empty();
    if over || state.items.len() >= limits.queue_count_max {
        return Err(Error::Full { retry_after_s });
    }
    Ok(())
}
