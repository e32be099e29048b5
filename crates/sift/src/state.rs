//! What the folder tells the readers, and the readers the folder.
//!
//! *Invariants:* a ruling is here only after it is durable; it stays until the slowest reader is
//! past every frame that may need it; the watermark never lies behind a frame with a trace that
//! is not decided.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cordon_event::{TenantId, TraceId};
use cordon_journal::{Cursor, Journal};
use cordon_sample::{Counters, Verdict};

use crate::limits::{RING_BYTES_MAX, RING_COUNT_MAX};
use crate::release::{Ruling, Sifted};

/// A trace of a tenant, told by its number.
pub(crate) type Key = (u32, TraceId);

/// What holds for a trace.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    pub(crate) ruling: Ruling,
    /// The last frame that may ask.
    pub(crate) until: Cursor,
    /// What held before, each for frames up to one; the oldest first.
    pub(crate) earlier: Vec<(Verdict, Cursor)>,
}

impl Fate {
    /// What holds for a frame.
    pub(crate) fn at(&self, frame: Cursor) -> Ruling {
        let before = self.earlier.iter().find(|(_, upto)| frame <= *upto);
        let mut ruling = self.ruling.clone();
        if let Some((was, _)) = before {
            ruling.verdict = *was;
        }
        ruling
    }
}

/// A trace that comes back with a frame.
#[derive(Clone, Debug)]
pub(crate) struct Return {
    pub(crate) trace: TraceId,
    pub(crate) ruling: Ruling,
    pub(crate) first: Cursor,
    pub(crate) upto: Cursor,
}

/// What is special about a frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note {
    /// Its request came before.
    pub(crate) is_repeated: bool,
    /// Entries that have a ruling of their own.
    pub(crate) singles: Vec<(usize, Ruling)>,
    pub(crate) returns: Vec<Return>,
}

/// How a tenant's sampling goes.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Whose.
    pub tenant: String,
    /// Entries that were folded and are not released to the first reader.
    pub in_flight: u64,
    /// Traces that wait for a decision.
    pub live_traces: u64,
    /// Bytes that they and the verdicts take in memory.
    pub used_bytes: u64,
    /// Counts since the start.
    pub counters: Counters,
    /// Decisions since the start by the name of the policy or rule, or the code of the reason;
    /// then whether the trace is kept, and whether it would be, were it no dry run.
    pub decisions: BTreeMap<(String, bool, bool), u64>,
}

/// What readers are told when decisions are durable.
pub(crate) enum Told {
    /// A trace is decided; the last frame that may ask.
    Set(Key, Ruling, Cursor),
    /// A trace is kept after all; what held before, and up to which frame.
    Upgrade(Key, Ruling, Cursor, (Verdict, Cursor)),
    /// A late span asks for what was decided before.
    Extend(Key, Ruling, Cursor),
    /// A request came again.
    Repeated(Cursor),
    /// An entry has a ruling of its own.
    Single(Cursor, usize, Ruling),
    /// A trace comes back with a frame.
    Return(Cursor, Return),
    /// A frame was folded.
    Ahead(Ahead),
}

/// What is folded and not released yet.
pub(crate) struct Ahead {
    pub(crate) end: Cursor,
    pub(crate) tenant: u32,
    pub(crate) entries: u32,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) tenants: HashMap<TenantId, u32>,
    pub(crate) fates: HashMap<Key, Fate>,
    /// Fates in the order in which they may go.
    pub(crate) leaving: VecDeque<(Cursor, Key)>,
    pub(crate) notes: BTreeMap<Cursor, Note>,
    pub(crate) ahead: VecDeque<Ahead>,
    pub(crate) flows: BTreeMap<u32, Flow>,
    pub(crate) folded: Cursor,
    pub(crate) watermark: Cursor,
    /// Readers by name; the first is the one that counts.
    readers: Vec<(String, Cursor)>,
    /// Places at earlier times, so that consumed segments stay a while.
    ring: VecDeque<(u64, Cursor)>,
    ring_ms: u64,
}

pub(crate) struct Shared {
    pub(crate) journal: Arc<Journal>,
    state: Mutex<State>,
    moved: Condvar,
}

/// The handle that readers are made of.
#[derive(Clone)]
pub struct Sift(pub(crate) Arc<Shared>);

impl Sift {
    pub(crate) fn new(
        journal: Arc<Journal>,
        readers: Vec<(String, Cursor)>,
        now_unix_ms: u64,
        ring_ms: u64,
    ) -> Self {
        let mut state = State {
            readers,
            ring_ms,
            ..State::default()
        };
        // What was there at start stays for the first while.
        state.ring.push_back((now_unix_ms, Cursor::default()));
        Self(Arc::new(Shared {
            journal,
            state: Mutex::new(state),
            moved: Condvar::new(),
        }))
    }

    /// The reader of that name, from where it was when the folder was opened.
    pub fn reader(&self, name: &str) -> Sifted {
        let from = self.0.lock().place(name);
        Sifted::new(Arc::clone(&self.0), name.to_owned(), from)
    }

    /// How each tenant's sampling goes.
    pub fn flows(&self) -> Vec<Flow> {
        self.0.lock().flows.values().cloned().collect()
    }

    /// The slowest reader's place.
    pub fn slowest(&self) -> Cursor {
        self.0.lock().slowest()
    }

    /// The fastest reader's place.
    pub(crate) fn fastest(&self) -> Cursor {
        let state = self.0.lock();
        let all = state.readers.iter().map(|(_, at)| *at);
        all.max().unwrap_or_default()
    }
}

impl Shared {
    /// A state that is consistent after every statement needs no poisoning.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self) {
        self.moved.notify_all();
    }

    /// Waits until there may be something behind that place, or the time is up.
    pub(crate) fn wait(&self, at: Cursor, timeout: Duration) {
        let nothing = |state: &mut State| state.watermark <= at;
        let waited = self.moved.wait_timeout_while(self.lock(), timeout, nothing);
        drop(waited);
    }

    /// A reader has dealt with all before that place; deletes what nobody needs any more.
    pub(crate) fn done(&self, name: &str, at: Cursor, now_unix_ms: u64) {
        let mut state = self.lock();
        state.read_to(name, at);
        let oldest = state.keep_from(now_unix_ms, self.journal.status().backlog_bytes);
        drop(state);
        // A segment that cannot be deleted now is deleted with the next one.
        let _ = self.journal.trim(oldest);
    }
}

impl State {
    /// Number of a tenant.
    pub(crate) fn number(&mut self, tenant: &TenantId) -> u32 {
        if let Some(number) = self.tenants.get(tenant) {
            return *number;
        }
        let number = u32::try_from(self.tenants.len()).unwrap_or(u32::MAX);
        self.tenants.insert(tenant.clone(), number);
        let flow = Flow {
            tenant: tenant.as_str().to_owned(),
            ..Flow::default()
        };
        self.flows.insert(number, flow);
        number
    }

    fn place(&self, name: &str) -> Cursor {
        let found = self.readers.iter().find(|(reader, _)| reader == name);
        found.map_or_else(|| self.slowest(), |(_, at)| *at)
    }

    pub(crate) fn slowest(&self) -> Cursor {
        let all = self.readers.iter().map(|(_, at)| *at);
        all.min().unwrap_or_default()
    }

    fn read_to(&mut self, name: &str, at: Cursor) {
        for (reader, place) in &mut self.readers {
            if reader == name {
                *place = (*place).max(at);
            }
        }
        let first = self.readers.first().map_or(at, |(_, at)| *at);
        while let Some(ahead) = self.ahead.pop_front_if(|ahead| ahead.end <= first) {
            if let Some(flow) = self.flows.get_mut(&ahead.tenant) {
                let entries = u64::from(ahead.entries);
                flow.in_flight = flow.in_flight.saturating_sub(entries);
            }
        }
        let slowest = self.slowest();
        while let Some((until, key)) = self.leaving.pop_front_if(|(until, _)| *until <= slowest) {
            match self.fates.get(&key).map(|fate| fate.until) {
                // A late span made it stay.
                Some(later) if later > until => self.leaving.push_back((later, key)),
                _ => drop(self.fates.remove(&key)),
            }
        }
        while let Some(note) = self.notes.first_entry() {
            if *note.key() > slowest {
                break;
            }
            note.remove();
        }
    }

    /// From where on the journal is still needed.
    fn keep_from(&mut self, now_unix_ms: u64, backlog_bytes: u64) -> Cursor {
        let slowest = self.slowest();
        let newest = self.ring.back().map_or(0, |(at, _)| *at);
        if now_unix_ms >= newest.saturating_add(1_000) {
            self.ring.push_back((now_unix_ms, slowest));
        }
        let is_old = |at: u64, ms: u64| now_unix_ms > at.saturating_add(ms);
        while self.ring.len() > 1
            && (self.ring.len() > RING_COUNT_MAX
                || self
                    .ring
                    .get(1)
                    .is_some_and(|(at, _)| is_old(*at, self.ring_ms)))
        {
            self.ring.pop_front();
        }
        if backlog_bytes > RING_BYTES_MAX {
            return slowest;
        }
        self.ring
            .front()
            .map_or(slowest, |(_, at)| *at)
            .min(slowest)
    }

    /// Sets what holds for a trace up to a frame, and what held for earlier ones.
    fn set(&mut self, key: Key, ruling: Ruling, until: Cursor, was: Option<(Verdict, Cursor)>) {
        let mut fate = Fate {
            ruling,
            until,
            earlier: Vec::new(),
        };
        if let Some(old) = self.fates.remove(&key) {
            fate.until = fate.until.max(old.until);
            fate.earlier = old.earlier;
        } else {
            self.leaving.push_back((until, key));
        }
        fate.earlier.extend(was);
        self.fates.insert(key, fate);
    }

    /// What was decided to keep of a tenant and is not released to all.
    pub(crate) fn kept(&self, tenant: u32) -> Vec<(TraceId, Verdict)> {
        let own = self.fates.iter().filter(|((of, _), _)| *of == tenant);
        let kept = own.filter(|(_, fate)| fate.ruling.verdict.keep);
        kept.map(|((_, trace), fate)| (*trace, fate.ruling.verdict))
            .collect()
    }

    /// Takes in what is durable now.
    pub(crate) fn tell(&mut self, told: Told) {
        match told {
            Told::Set(key, ruling, until) => {
                // A trace that is decided anew is another one from there on.
                let was = self
                    .fates
                    .get(&key)
                    .map(|old| (old.ruling.verdict, old.until));
                self.set(key, ruling, until, was);
            }
            Told::Upgrade(key, ruling, until, was) => self.set(key, ruling, until, Some(was)),
            Told::Extend(key, ruling, until) => match self.fates.get_mut(&key) {
                Some(fate) => fate.until = fate.until.max(until),
                None => self.set(key, ruling, until, None),
            },
            Told::Repeated(frame) => self.notes.entry(frame).or_default().is_repeated = true,
            Told::Single(frame, at, ruling) => {
                let note = self.notes.entry(frame).or_default();
                note.singles.push((at, ruling));
            }
            Told::Return(frame, back) => self.notes.entry(frame).or_default().returns.push(back),
            Told::Ahead(ahead) => {
                if let Some(flow) = self.flows.get_mut(&ahead.tenant) {
                    flow.in_flight += u64::from(ahead.entries);
                }
                self.ahead.push_back(ahead);
            }
        }
    }
}
