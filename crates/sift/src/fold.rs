//! One frame is folded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cordon_event::facts::Facts;
use cordon_event::{Entry, Event, TraceId};
use cordon_journal::Cursor;
use cordon_sample::{Seen, SpanHeader, Verdict};

use crate::folder::{Folder, Held};
use crate::past::fingerprint;
use crate::record::Record;
use crate::state::{Ahead, Return, Told};
use crate::tenant::Extent;

impl Folder {
    /// Folds a frame, from the entry on that is next; what is left of it where there is no room.
    pub(crate) fn fold(&mut self, mut held: Held, now_unix_ms: u64) -> Option<Held> {
        let (start, end) = (held.start, held.end);
        let number = self.number(&held.batch.get().tenant);
        let batch = held.batch.get();
        if !held.is_checked {
            held.is_checked = true;
            let at = batch.received_unix_ns;
            let came = self.requests.add(number, &batch.request_mac, at);
            let written = self.repeated.remove(&end);
            if came || written {
                if !written {
                    let record = Record::Repeated { frame: end };
                    self.out.entry(number).or_default().push(record);
                }
                self.told.push(Told::Repeated(end));
                self.ahead(number, end, batch.entries.len());
                return None;
            }
        }
        let nothing = Facts::default();
        while let Some((_, entry)) = batch.entries.get(held.next) {
            if let Entry::Event(event) = entry
                && let Some(trace) = event.trace_id
            {
                let facts = batch.facts.get(held.next).and_then(Option::as_ref);
                let facts = facts.unwrap_or(&nothing);
                let at = Place {
                    number,
                    start,
                    end,
                    index: held.next,
                };
                if !self.observe(at, trace, event, facts, now_unix_ms) {
                    return Some(held);
                }
            }
            held.next += 1;
        }
        self.ahead(number, end, batch.entries.len());
        None
    }

    fn ahead(&mut self, tenant: u32, end: Cursor, entries: usize) {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        self.told.push(Told::Ahead(Ahead {
            end,
            tenant,
            entries,
        }));
    }

    /// Folds one event of a trace; `false` where there is no room.
    fn observe(
        &mut self,
        at: Place,
        trace: TraceId,
        event: &Event,
        facts: &Facts,
        now_unix_ms: u64,
    ) -> bool {
        if !self.tenants.contains_key(&at.number) {
            return true;
        }
        let bytes = event.content_bytes() as u64;
        let mut header = SpanHeader::of(event, bytes, event.trace_flags);
        header.new_failure = event.is_failure() && self.is_new(at, event);
        let Some(tenant) = self.tenants.get_mut(&at.number) else {
            return true;
        };
        match tenant.sampler.observe(trace, &header, facts, now_unix_ms) {
            Seen::Busy => return false,
            Seen::Waiting => {
                let fresh = Extent {
                    first: at.start,
                    last: at.end,
                };
                let mut is_first = false;
                let extent = tenant.live.entry(trace).or_insert_with(|| {
                    is_first = true;
                    fresh
                });
                extent.last = at.end;
                if is_first {
                    *self.firsts.entry(at.start).or_default() += 1;
                }
            }
            Seen::Late(verdict) => {
                if let Some(dropped) = tenant.dropped.get_mut(&trace) {
                    dropped.extent.last = at.end;
                }
                let ruling = tenant.ruling(verdict);
                let key = (at.number, trace);
                self.told.push(Told::Extend(key, ruling, at.end));
            }
            Seen::Partial(verdict) => {
                let ruling = tenant.ruling(verdict);
                self.told.push(Told::Single(at.end, at.index, ruling));
            }
            Seen::Upgraded(verdict) => self.upgrade(at, trace, verdict, now_unix_ms),
        }
        // What made room, or grew too large, is told before anything comes that it is late for.
        let tenant = self.tenants.get_mut(&at.number);
        let early = tenant.map(|tenant| tenant.sampler.take_early());
        if let Some(early) = early.filter(|early| !early.is_empty()) {
            self.decided(at.number, early, at.end, now_unix_ms);
        }
        true
    }

    /// Brings a dropped trace back.
    fn upgrade(&mut self, at: Place, trace: TraceId, verdict: Verdict, now_unix_ms: u64) {
        let released = self.released();
        let Some(tenant) = self.tenants.get_mut(&at.number) else {
            return;
        };
        let ruling = tenant.ruling(verdict);
        let dropped = tenant.dropped.remove(&trace);
        // Frames behind that one are released as kept.
        let last = dropped
            .as_ref()
            .map_or(released, |dropped| dropped.extent.last);
        let upto = released.min(last);
        let plan = tenant.plan.digest();
        let record = match &dropped {
            Some(dropped) => Record::Upgraded {
                trace,
                verdict,
                was: dropped.verdict,
                plan,
                at_unix_ms: now_unix_ms,
                frame: at.end,
                first: dropped.extent.first,
                upto,
            },
            None => Record::Decided {
                trace,
                verdict,
                plan,
                at_unix_ms: now_unix_ms,
                first: at.start,
                until: at.end,
            },
        };
        self.out.entry(at.number).or_default().push(record);
        let key = (at.number, trace);
        let Some(dropped) = dropped else {
            self.told.push(Told::Set(key, ruling, at.end));
            return;
        };
        let was = (dropped.verdict, upto);
        self.told
            .push(Told::Upgrade(key, ruling.clone(), at.end, was));
        let back = Return {
            trace,
            ruling,
            first: dropped.extent.first,
            upto,
        };
        self.told.push(Told::Return(at.end, back));
    }

    /// Whether a failure was not seen before this frame.
    fn is_new(&mut self, at: Place, event: &Event) -> bool {
        // What panics on one event would panic each time that the frame is read.
        let Ok(print) = catch_unwind(AssertUnwindSafe(|| fingerprint(event))) else {
            return false;
        };
        let (is_new, is_fresh) = self.known.add(at.number, print, at.end);
        if is_fresh {
            let record = Record::Known {
                fingerprint: print,
                frame: at.end,
            };
            self.out.entry(at.number).or_default().push(record);
        }
        is_new
    }
}

/// Where an event lies.
#[derive(Clone, Copy)]
struct Place {
    number: u32,
    start: Cursor,
    end: Cursor,
    index: usize,
}
