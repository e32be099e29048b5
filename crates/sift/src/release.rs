//! Frames whose traces are decided, one after the other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cordon_event::{Batch, Entry, Event, EventId, TenantId, TraceId};
use cordon_journal::{Cursor, Reader, Skipped};
use cordon_redact::Clean;
use cordon_sample::{Plan, Verdict};

use crate::error::Error;
use crate::limits::{BACK_ALL_EVENTS_MAX, BACK_EVENTS_MAX, BACK_FRAMES_MAX};
use crate::state::{Note, Return, Shared};

/// What a plan says of a trace.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The decision.
    pub verdict: Verdict,
    /// Whose names its reason has.
    pub plan: Arc<Plan>,
}

impl Ruling {
    /// Name of the policy or rule that decided, or the code of the reason.
    pub fn reason(&self) -> &str {
        let reason = self.verdict.reason;
        let named = self.plan.name(reason);
        named.unwrap_or_else(|| reason.code.as_str())
    }
}

/// An event that was left out first and is kept after all.
pub struct Back {
    /// Its identifier.
    pub id: EventId,
    /// When it was received, nanoseconds since the Unix epoch.
    pub received_unix_ns: u64,
    /// The event.
    pub event: Clean<Event>,
}

/// A frame that may go on.
pub struct Release {
    /// Where the journal is behind it.
    pub cursor: Cursor,
    /// Its batch, whole.
    pub batch: Clean<Batch>,
    /// Whether the same request was released before.
    pub is_repeated: bool,
    /// What holds for its traces; a trace that is not here is kept.
    pub rulings: HashMap<TraceId, Ruling>,
    /// What holds for single entries, whatever holds for their trace.
    pub singles: Vec<(usize, Ruling)>,
    /// What comes back with it, with the rulings among [`Release::rulings`].
    pub back: Vec<Back>,
}

impl Release {
    /// What holds for the entry at that place; nothing where it is kept without a decision.
    pub fn ruling(&self, at: usize) -> Option<&Ruling> {
        let single = self.singles.iter().find(|(single, _)| *single == at);
        if let Some((_, ruling)) = single {
            return Some(ruling);
        }
        match &self.batch.get().entries.get(at)?.1 {
            Entry::Event(event) => self.rulings.get(&event.trace_id?),
            Entry::Quarantined(_) => None,
        }
    }
}

/// A reader behind the decisions. What it handed out counts as dealt with when [`Sifted::done`]
/// says so.
pub struct Sifted {
    shared: Arc<Shared>,
    name: String,
    reader: Reader,
    /// Read, and not to be released yet.
    held: Option<(Cursor, Clean<Batch>)>,
}

impl Sifted {
    pub(crate) fn new(shared: Arc<Shared>, name: String, from: Cursor) -> Self {
        let reader = shared.journal.reader(from);
        Self {
            shared,
            name,
            reader,
            held: None,
        }
    }

    /// The next frame whose traces are all decided, or `None` for now.
    ///
    /// An error leaves the place where it was.
    #[expect(clippy::should_implement_trait, reason = "more may come after `None`")]
    pub fn next(&mut self) -> Result<Option<Release>, Error> {
        let watermark = self.shared.lock().watermark;
        if self.held.is_none() && self.reader.position() < watermark {
            self.held = self.reader.next().map_err(Error::Journal)?;
        }
        // Behind damage a frame may lie beyond what is decided.
        let Some((cursor, batch)) = self.held.take_if(|(cursor, _)| *cursor <= watermark) else {
            return Ok(None);
        };
        let (note, mut rulings) = self.rulings(cursor, batch.get());
        let back = match self.bring_back(&batch.get().tenant, &note.returns) {
            Ok(back) => back,
            Err(error) => {
                self.held = Some((cursor, batch));
                return Err(error);
            }
        };
        let returning = note.returns.into_iter();
        rulings.extend(returning.map(|range| (range.trace, range.ruling)));
        Ok(Some(Release {
            cursor,
            batch,
            is_repeated: note.is_repeated,
            rulings,
            singles: note.singles,
            back,
        }))
    }

    fn rulings(&self, cursor: Cursor, batch: &Batch) -> (Note, HashMap<TraceId, Ruling>) {
        let state = self.shared.lock();
        let note = state.notes.get(&cursor).cloned().unwrap_or_default();
        let mut rulings = HashMap::new();
        let Some(tenant) = state.tenants.get(&batch.tenant) else {
            return (note, rulings);
        };
        let traces = batch.entries.iter().filter_map(|(_, entry)| match entry {
            Entry::Event(event) => event.trace_id,
            Entry::Quarantined(_) => None,
        });
        for trace in traces {
            let Some(fate) = state.fates.get(&(*tenant, trace)) else {
                continue;
            };
            rulings.insert(trace, fate.at(cursor));
        }
        (note, rulings)
    }

    /// Spans of traces in frames that are released already: one pass over all of them.
    fn bring_back(&self, tenant: &TenantId, returns: &[Return]) -> Result<Vec<Back>, Error> {
        let mut back = Backs::default();
        let first = returns.iter().map(|range| range.first).min();
        let upto = returns.iter().map(|range| range.upto).max();
        let (Some(first), Some(upto)) = (first, upto) else {
            return Ok(back.found);
        };
        let wanted: HashMap<TraceId, Cursor> = returns.iter().map(|r| (r.trace, r.upto)).collect();
        let mut reader = self.shared.journal.reader(first);
        for _ in 0..BACK_FRAMES_MAX {
            let Some((cursor, batch)) = reader.next().map_err(Error::Journal)? else {
                break;
            };
            if cursor > upto {
                break;
            }
            if batch.get().tenant == *tenant {
                back.add(cursor, batch, &wanted);
            }
        }
        Ok(back.found)
    }

    /// Waits until there may be more, or the time is up.
    pub fn wait(&self, timeout: Duration) {
        let at = self.held.as_ref().map(|(cursor, _)| *cursor);
        let at = at.unwrap_or_else(|| self.reader.position());
        self.shared.wait(at, timeout);
    }

    /// Everything up to that frame has been dealt with, durably. The time is in milliseconds
    /// since the Unix epoch.
    pub fn done(&self, cursor: Cursor, now_unix_ms: u64) {
        self.shared.done(&self.name, cursor, now_unix_ms);
    }

    /// Goes back to what was dealt with last.
    pub fn rewind(&mut self, to: Cursor) {
        self.reader = self.shared.journal.reader(to);
        self.held = None;
    }

    /// What could not be read.
    pub fn skipped(&self) -> Skipped {
        self.reader.skipped()
    }
}

/// What comes back with a frame.
#[derive(Default)]
struct Backs {
    found: Vec<Back>,
    counts: HashMap<TraceId, usize>,
}

impl Backs {
    /// Adds the events of traces that come back from that frame.
    fn add(&mut self, frame: Cursor, batch: Clean<Batch>, wanted: &HashMap<TraceId, Cursor>) {
        let received_unix_ns = batch.get().received_unix_ns;
        for entry in batch.map(|batch| batch.entries).split() {
            let id = entry.get().0;
            let event = entry.map(|(_, entry)| match entry {
                Entry::Event(event) => Some(event),
                Entry::Quarantined(_) => None,
            });
            let Some(event) = event.transpose() else {
                continue;
            };
            let Some(trace) = event.get().trace_id else {
                continue;
            };
            let count = self.counts.entry(trace).or_default();
            let is_wanted = wanted.get(&trace).is_some_and(|upto| frame <= *upto);
            if is_wanted && *count < BACK_EVENTS_MAX && self.found.len() < BACK_ALL_EVENTS_MAX {
                *count += 1;
                self.found.push(Back {
                    id,
                    received_unix_ns,
                    event,
                });
            }
        }
    }
}
