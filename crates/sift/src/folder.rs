//! The one writer: it reads what is durable, folds it, writes decisions down and tells them.
//!
//! *Invariants:* a decision is told after it is durable; a step that fails may be repeated, and
//! loses nothing.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cordon_event::{Batch, TenantId};
use cordon_journal::{Cursor, Journal, Reader, SegmentKeys};
use cordon_redact::Clean;
use cordon_sample::{Decision, Plan};

use crate::error::Error;
use crate::limits::{FATES_COUNT_MAX, READ_BACK_SEGMENTS_MAX, RING_MS_MIN, STEP_FRAMES_MAX};
use crate::log::Log;
use crate::past::{Known, Requests};
use crate::plans::Plans;
use crate::record::Record;
use crate::state::{Sift, Told};
use crate::tenant::{Dropped, Tenant};

/// What a folder is opened with.
pub struct Opening<'a> {
    /// Where events are made durable.
    pub journal: Arc<Journal>,
    /// Folder of the decisions.
    pub dir: &'a Path,
    /// Keys that they are sealed with.
    pub keys: Arc<dyn SegmentKeys>,
    /// Who samples by what.
    pub plans: Plans,
    /// Readers and where they were; the first is the one that counts what is in flight.
    pub readers: Vec<(String, Cursor)>,
    /// Secret by which trace ids are hashed in memory.
    pub hash_seed: u64,
    /// Milliseconds since the Unix epoch, by a clock that does not jump while the process runs.
    pub now_unix_ms: u64,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Frames were folded; there may be more.
    Folded,
    /// There is nothing to fold, or no room for it, until that time in Unix milliseconds, if any.
    Idle(Option<u64>),
}

/// A frame that is folded in part.
pub(crate) struct Held {
    pub(crate) start: Cursor,
    pub(crate) end: Cursor,
    pub(crate) batch: Clean<Batch>,
    pub(crate) next: usize,
    /// Whether it is known that its request is no repeated one.
    pub(crate) is_checked: bool,
}

/// Reads the journal and folds it.
pub struct Folder {
    sift: Sift,
    reader: Reader,
    pub(crate) log: Log,
    plans: Plans,
    hash_seed: u64,
    /// Where the slowest reader was at start: frames before it are decided.
    pub(crate) resumed: Cursor,
    pub(crate) tenants: BTreeMap<u32, Tenant>,
    pub(crate) names: Vec<TenantId>,
    pub(crate) firsts: BTreeMap<Cursor, usize>,
    pub(crate) requests: Requests,
    pub(crate) known: Known,
    /// Frames that were written down as repeated.
    pub(crate) repeated: HashSet<Cursor>,
    held: Option<Held>,
    pub(crate) out: BTreeMap<u32, Vec<Record>>,
    pub(crate) told: Vec<Told>,
    folded: Cursor,
    watermark: Cursor,
    /// Where the fastest reader was at start.
    passed: Cursor,
}

impl Folder {
    /// Reads what was decided before, and begins where the slowest reader is.
    pub fn open(opening: Opening<'_>) -> Result<(Self, Sift), Error> {
        let Opening {
            journal,
            dir,
            keys,
            plans,
            readers,
            hash_seed,
            now_unix_ms,
        } = opening;
        let ring_ms = plans.grace_ms().max(RING_MS_MIN);
        let sift = Sift::new(Arc::clone(&journal), readers, now_unix_ms, ring_ms);
        let resumed = sift.slowest();
        let back = Cursor {
            segment: resumed.segment.saturating_sub(READ_BACK_SEGMENTS_MAX),
            offset: 0,
        };
        let mut folder = Self {
            reader: journal.reader(back),
            log: Log::open(dir, keys).map_err(Error::Decisions)?,
            plans,
            hash_seed,
            resumed,
            tenants: BTreeMap::new(),
            names: Vec::new(),
            firsts: BTreeMap::new(),
            requests: Requests::default(),
            known: Known::default(),
            repeated: HashSet::new(),
            held: None,
            out: BTreeMap::new(),
            told: Vec::new(),
            folded: resumed,
            watermark: resumed,
            passed: sift.fastest(),
            sift: sift.clone(),
        };
        folder.load(now_unix_ms)?;
        folder.publish(now_unix_ms)?;
        Ok((folder, sift))
    }

    /// The number of a tenant, which samples from now on if it has a plan.
    pub(crate) fn number(&mut self, tenant: &TenantId) -> u32 {
        let number = self.sift.0.lock().number(tenant);
        if self.names.len() <= number as usize {
            self.names.push(tenant.clone());
            if let Some(plan) = self.plans.of(tenant) {
                let own = Tenant::new(plan, self.hash_seed);
                self.tenants.insert(number, own);
            }
        }
        number
    }

    /// Folds what is durable, decides what is due, and tells what became durable by it.
    pub fn step(&mut self, now_unix_ms: u64) -> Result<Step, Error> {
        let mut frames = 0;
        let is_full = self.sift.0.lock().fates.len() >= FATES_COUNT_MAX;
        while !is_full && frames < STEP_FRAMES_MAX && self.fold_next(now_unix_ms)? {
            frames += 1;
        }
        self.tick(now_unix_ms);
        self.publish(now_unix_ms)?;
        if frames > 0 {
            return Ok(Step::Folded);
        }
        let due = self.tenants.values();
        let due = due.filter_map(|tenant| tenant.sampler.next_due_unix_ms());
        Ok(Step::Idle(due.min()))
    }

    /// Waits for the journal, at most that long.
    pub fn wait(&self, timeout: Duration) {
        if self.held.is_none() {
            self.reader.wait(timeout);
        }
    }

    /// Folds all that is durable, and decides what waits: of all tenants, or of those alone whose
    /// plans drop what is pending when the process ends. What else waits is in the journal.
    pub fn finish(&mut self, decides_all: bool, now_unix_ms: u64) -> Result<(), Error> {
        while self.step(now_unix_ms)? == Step::Folded {}
        self.drain(now_unix_ms, |tenant| {
            decides_all || tenant.plan.drops_pending()
        });
        self.publish(now_unix_ms)?;
        // What was held back for want of room; of the rest a later process makes room.
        while decides_all && self.fold_next(now_unix_ms)? {
            self.drain(now_unix_ms, |_| true);
            self.publish(now_unix_ms)?;
        }
        Ok(())
    }

    fn drain(&mut self, now_unix_ms: u64, who: impl Fn(&Tenant) -> bool) {
        let numbers: Vec<u32> = self.tenants.keys().copied().collect();
        let until = self.reached();
        for number in numbers {
            if let Some(tenant) = self.tenants.get_mut(&number)
                && who(tenant)
            {
                let decisions = tenant.sampler.drain(now_unix_ms);
                self.decided(number, decisions, until, now_unix_ms);
            }
        }
    }

    /// Other plans from now on. What waits under a plan that is no longer there is decided by it.
    pub fn set_plans(&mut self, plans: Plans, now_unix_ms: u64) -> Result<(), Error> {
        self.plans = plans;
        for (number, name) in self.names.clone().iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let plan = self.plans.of(name).cloned();
            let digest = |plan: &Arc<Plan>| plan.digest();
            let before = self.tenants.get(&number).map(|tenant| tenant.plan.digest());
            if before == plan.as_ref().map(digest) {
                continue;
            }
            self.drain_one(number, now_unix_ms);
            self.publish(now_unix_ms)?;
            let old = self.tenants.remove(&number);
            let Some(plan) = plan else { continue };
            let mut new = Tenant::new(&plan, self.hash_seed);
            for (trace, mut dropped) in old.into_iter().flat_map(|old| old.dropped) {
                dropped.verdict.reason.name = None;
                let at = dropped.at_unix_ms;
                let _none = new.sampler.remember(trace, dropped.verdict, at);
                new.remember_dropped(trace, dropped);
            }
            for (trace, mut verdict) in self.sift.0.lock().kept(number) {
                verdict.reason.name = None;
                let _none = new.sampler.remember(trace, verdict, now_unix_ms);
            }
            self.tenants.insert(number, new);
        }
        Ok(())
    }

    fn drain_one(&mut self, number: u32, now_unix_ms: u64) {
        let until = self.reached();
        if let Some(tenant) = self.tenants.get_mut(&number) {
            let decisions = tenant.sampler.drain(now_unix_ms);
            self.decided(number, decisions, until, now_unix_ms);
        }
    }

    /// Folds a frame, or the rest of one; whether it is folded whole.
    fn fold_next(&mut self, now_unix_ms: u64) -> Result<bool, Error> {
        let held = if let Some(held) = self.held.take() {
            held
        } else {
            let start = self.reader.position();
            let Some((end, batch)) = self.reader.next().map_err(Error::Journal)? else {
                return Ok(false);
            };
            Held {
                start,
                end,
                batch,
                next: 0,
                is_checked: false,
            }
        };
        let end = held.end;
        if end <= self.resumed {
            let number = self.number(&held.batch.get().tenant);
            let batch = held.batch.get();
            let at = batch.received_unix_ns;
            self.requests.add(number, &batch.request_mac, at);
            return Ok(true);
        }
        self.held = self.fold(held, now_unix_ms);
        if self.held.is_some() {
            return Ok(false);
        }
        self.folded = end;
        Ok(true)
    }

    fn tick(&mut self, now_unix_ms: u64) {
        let numbers: Vec<u32> = self.tenants.keys().copied().collect();
        let until = self.reached();
        for number in numbers {
            if let Some(tenant) = self.tenants.get_mut(&number) {
                tenant.forget_dropped(now_unix_ms);
                let decisions = tenant.sampler.tick(now_unix_ms);
                self.decided(number, decisions, until, now_unix_ms);
            }
        }
    }

    /// The last frame of which spans were folded.
    fn reached(&self) -> Cursor {
        self.held.as_ref().map_or(self.folded, |held| held.end)
    }

    /// Writes decisions down; frames up to `until` may have spans of their traces.
    pub(crate) fn decided(
        &mut self,
        number: u32,
        decisions: Vec<Decision>,
        until: Cursor,
        now_unix_ms: u64,
    ) {
        let Some(tenant) = self.tenants.get_mut(&number) else {
            return;
        };
        let mut state = self.sift.0.lock();
        for Decision {
            trace_id: trace,
            verdict,
            ..
        } in decisions
        {
            let Some(extent) = tenant.live.remove(&trace) else {
                continue;
            };
            leave(&mut self.firsts, extent.first);
            let ruling = tenant.ruling(verdict);
            if let Some(flow) = state.flows.get_mut(&number) {
                let reason = (ruling.reason().to_owned(), verdict.keep, verdict.would_keep);
                *flow.decisions.entry(reason).or_default() += 1;
            }
            if !verdict.keep {
                let dropped = Dropped {
                    extent,
                    verdict,
                    at_unix_ms: now_unix_ms,
                };
                tenant.remember_dropped(trace, dropped);
            }
            let record = Record::Decided {
                trace,
                verdict,
                plan: tenant.plan.digest(),
                at_unix_ms: now_unix_ms,
                first: extent.first,
                until,
            };
            self.out.entry(number).or_default().push(record);
            self.told.push(Told::Set((number, trace), ruling, until));
        }
    }

    /// Makes decisions durable, then tells them.
    fn publish(&mut self, now_unix_ms: u64) -> Result<(), Error> {
        let Self { names, out, .. } = self;
        let all = out.iter().filter_map(|(number, records)| {
            let name = names.get(*number as usize)?;
            Some((name, records.as_slice()))
        });
        self.log.write(all, now_unix_ms).map_err(Error::Decisions)?;
        self.out.clear();
        let start = self.held.as_ref().map_or(self.folded, |held| held.start);
        let watermark = self.firsts.keys().next().map_or(start, |first| *first);
        // What was told is never taken back.
        self.watermark = self.watermark.max(watermark.min(start));
        let mut state = self.sift.0.lock();
        for told in self.told.drain(..) {
            state.tell(told);
        }
        state.folded = self.folded;
        state.watermark = self.watermark;
        for (number, tenant) in &self.tenants {
            if let Some(flow) = state.flows.get_mut(number) {
                flow.live_traces = tenant.live.len() as u64;
                flow.counters = tenant.sampler.counters();
                flow.used_bytes = tenant.used_bytes() as u64;
            }
        }
        let slowest = state.slowest();
        drop(state);
        self.sift.0.tell();
        self.trim_log(slowest, now_unix_ms)
    }

    /// Frames up to this one may have been released, by this process or an earlier one.
    pub(crate) fn released(&self) -> Cursor {
        self.watermark.max(self.passed)
    }

    fn trim_log(&mut self, slowest: Cursor, now_unix_ms: u64) -> Result<(), Error> {
        if !self.log.is_due(slowest) {
            return Ok(());
        }
        let of = |number: usize, name: &TenantId| {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let known = self.known.of(number);
            let known = known.map(|(fingerprint, frame)| Record::Known { fingerprint, frame });
            (name.clone(), known.collect::<Vec<_>>())
        };
        let names = self.names.iter().enumerate();
        let again: Vec<_> = names.map(|(number, name)| of(number, name)).collect();
        let all = again.iter().filter(|(_, records)| !records.is_empty());
        let all = all.map(|(name, records)| (name, records.as_slice()));
        self.log.write(all, now_unix_ms).map_err(Error::Decisions)?;
        self.log.trim();
        Ok(())
    }
}

/// One trace fewer begins there.
pub(crate) fn leave(firsts: &mut BTreeMap<Cursor, usize>, first: Cursor) {
    if let Some(count) = firsts.get_mut(&first) {
        *count -= 1;
        if *count == 0 {
            firsts.remove(&first);
        }
    }
}
