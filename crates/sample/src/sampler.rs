//! The state machine over the live traces of one tenant.
//!
//! The way of the data: [`Sampler::observe`] folds a span into its trace, or answers from what
//! was decided; [`Sampler::tick`] decides the traces that are due. Nothing reads a clock: time is
//! an argument, and may stand still or go back.
//!
//! *Invariants:* a trace is decided once, and never forgotten without a decision; what was
//! decided holds for its late spans, but that a failure may turn a drop into a keep; one trace
//! pushes out no other, however large it is.
//!
//! *Limits:* traces by the plan's `num_traces`, each with a summary of bounded size; verdicts by
//! its caches; decisions that wait for [`Sampler::tick`] by [`Limits::ready_count_max`].

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cordon_event::{SpanStatus, TraceId};

use crate::cache::{Cache, Remembered, Seeded, hashed_bytes, tree_bytes};
use crate::plan::Plan;
use crate::rule::{Judge, State, Trace};
use crate::summary::{SpanHeader, Summary};
use crate::verdict::{Code, Reason, Verdict};
use cordon_event::facts::{Bits, Facts};

/// What a sampler is given beside its plan.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Secret by which trace ids are hashed in memory.
    pub hash_seed: u64,
    /// This replica's part of all traces: 1 divided by the replicas.
    pub replica_share: f64,
    /// Decisions that one tick makes.
    pub decisions_per_tick_max: usize,
    /// Early decisions that wait for a tick; beyond them spans are not taken.
    pub ready_count_max: usize,
    /// Verdicts that are remembered of each kind, whatever the plan says.
    pub remembered_count_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hash_seed: 0,
            replica_share: 1.0,
            decisions_per_tick_max: 10_000,
            ready_count_max: 10_000,
            remembered_count_max: 1_000_000,
        }
    }
}

/// What became of a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// Its trace waits for a decision.
    Waiting,
    /// Its trace was decided before, so.
    Late(Verdict),
    /// It failed, and its trace, dropped a moment ago, is kept after all: bring its spans back.
    Upgraded(Verdict),
    /// It failed after the rest of its trace is gone: keep it, and say that it is a part.
    Partial(Verdict),
    /// There is no room: hold it back until a tick.
    Busy,
}

/// Why a trace was decided when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// Its time was up.
    Waited,
    /// Its root had come, and the wait after it was up.
    Root,
    /// It had more spans, events and links than a trace may have.
    SpanLimit,
    /// It had more bytes than a trace may have.
    SizeLimit,
    /// It was the oldest when another needed room.
    Overflow,
    /// The process ends.
    Drained,
    /// Another replica decided it.
    Remembered,
}

/// A trace that is decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// Which trace.
    pub trace_id: TraceId,
    /// What was decided.
    pub verdict: Verdict,
    /// Why it was decided now.
    pub trigger: Trigger,
    /// Spans that were seen of it.
    pub spans: u32,
    /// Bytes that were seen of it.
    pub bytes: u64,
}

/// Counts since the start, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Spans, and events on spans, that were taken.
    pub spans: u64,
    /// Those that came after their trace's decision.
    pub late: u64,
    /// Dropped traces that a late failure brought back.
    pub upgraded: u64,
    /// Late failures whose trace was gone.
    pub partial: u64,
    /// Spans that were held back.
    pub busy: u64,
    /// Facts of another plan, which count as none.
    pub foreign_facts: u64,
    /// Decisions to keep.
    pub kept: u64,
    /// Decisions to drop.
    pub dropped: u64,
    /// Traces of which records came and no span.
    pub without_spans: u64,
    /// Decisions that were early for want of room.
    pub overflowed: u64,
    /// Decisions that were early for the size of the trace.
    pub giants: u64,
}

#[derive(Debug)]
struct Live {
    summary: Summary,
    first_unix_ms: u64,
    due_unix_ms: u64,
    trigger: Trigger,
}

/// The traces of one tenant that are not decided, and the verdicts over those that are.
#[derive(Debug)]
pub struct Sampler {
    plan: Arc<Plan>,
    limits: Limits,
    state: State,
    live: HashMap<TraceId, Live, Seeded>,
    due: BTreeSet<(u64, TraceId)>,
    arrived: BTreeSet<(u64, TraceId)>,
    kept: Cache,
    dropped: Cache,
    ready: Vec<Decision>,
    heap_bytes: usize,
    counters: Counters,
}

impl Sampler {
    /// Begins with no trace.
    pub fn new(plan: Arc<Plan>, limits: Limits) -> Self {
        let seed = Seeded(limits.hash_seed);
        let settings = plan.settings();
        let cache = |said: u64| {
            // The Collector keeps decided traces in its ring of `num_traces`, caches or none.
            let count = usize::try_from(said.max(settings.traces_max)).unwrap_or(usize::MAX);
            Cache::new(count.min(limits.remembered_count_max), seed)
        };
        Self {
            state: State::new(&plan, limits.replica_share),
            live: HashMap::with_hasher(seed),
            due: BTreeSet::new(),
            arrived: BTreeSet::new(),
            kept: cache(settings.sampled_cache),
            dropped: cache(settings.non_sampled_cache),
            ready: Vec::new(),
            heap_bytes: 0,
            counters: Counters::default(),
            plan,
            limits,
        }
    }

    /// The plan by which it decides.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Counts since the start.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Traces that wait for a decision.
    pub fn live_count(&self) -> usize {
        self.live.len()
    }

    /// Takes one span, or one event on a span.
    pub fn observe(
        &mut self,
        trace_id: TraceId,
        header: &SpanHeader,
        facts: &Facts,
        now_unix_ms: u64,
    ) -> Seen {
        let own = facts.plan == self.plan.digest();
        let nothing;
        let facts = if own {
            facts
        } else {
            self.counters.foreign_facts += 1;
            nothing = self.no_facts();
            &nothing
        };
        if self.fold(trace_id, header, facts, now_unix_ms) {
            return Seen::Waiting;
        }
        if let Some(remembered) = self.remembered(trace_id) {
            self.count(header, facts, now_unix_ms);
            return self.late(trace_id, header, remembered, now_unix_ms);
        }
        if !self.make_room(now_unix_ms) {
            self.counters.busy += 1;
            return Seen::Busy;
        }
        self.begin(trace_id, now_unix_ms);
        self.fold(trace_id, header, facts, now_unix_ms);
        Seen::Waiting
    }

    fn no_facts(&self) -> Facts {
        Facts {
            plan: self.plan.digest(),
            bits: Bits::of(usize::from(self.plan.questions.bits)),
            keys: Vec::new(),
        }
    }

    /// Counts a span, and the requests of objectives.
    fn count(&mut self, header: &SpanHeader, facts: &Facts, now_unix_ms: u64) {
        self.counters.spans += 1;
        if !header.is_span {
            return;
        }
        let is_failed = header.status == SpanStatus::Error;
        let objectives = self.plan.objectives.iter().zip(&mut self.state.objectives);
        for ((_, slot), counts) in objectives {
            for key in facts.keys.iter().filter(|key| key.slot() == *slot) {
                counts.count(key.number(), is_failed, now_unix_ms);
            }
        }
    }

    fn remembered(&mut self, id: TraceId) -> Option<Remembered> {
        self.kept.get(id).or_else(|| self.dropped.get(id))
    }

    /// Whether there is room for one more trace; decides the oldest early where that helps.
    fn make_room(&mut self, now_unix_ms: u64) -> bool {
        // A new trace may push out one, and be large enough to be decided itself.
        if self.ready.len() + 2 > self.limits.ready_count_max.max(2) {
            return false;
        }
        let count_max = usize::try_from(self.plan.settings().traces_max).unwrap_or(usize::MAX);
        if self.live.len() < count_max {
            return true;
        }
        if self.plan.settings().blocks_on_overflow {
            return false;
        }
        if let Some((_, oldest)) = self.arrived.first().copied() {
            self.counters.overflowed += 1;
            let decision = self.decide(oldest, Trigger::Overflow, now_unix_ms);
            self.ready.extend(decision);
        }
        true
    }

    fn begin(&mut self, id: TraceId, now_unix_ms: u64) {
        let wait_ms = self.plan.settings().decision_wait_ms;
        let live = Live {
            summary: Summary::default(),
            first_unix_ms: now_unix_ms,
            due_unix_ms: now_unix_ms.saturating_add(wait_ms),
            trigger: Trigger::Waited,
        };
        self.due.insert((live.due_unix_ms, id));
        self.arrived.insert((now_unix_ms, id));
        self.live.insert(id, live);
    }

    /// Adds a span to its trace, where that waits; whether it does.
    fn fold(&mut self, id: TraceId, header: &SpanHeader, facts: &Facts, now_unix_ms: u64) -> bool {
        let settings = self.plan.settings();
        let Some(live) = self.live.get_mut(&id) else {
            return false;
        };
        let before = live.summary.heap_bytes();
        live.summary.fold(header, facts);
        self.heap_bytes = self.heap_bytes + live.summary.heap_bytes() - before;
        if header.is_root && settings.after_root_ms > 0 {
            let due = now_unix_ms.saturating_add(settings.after_root_ms);
            if due < live.due_unix_ms {
                self.due.remove(&(live.due_unix_ms, id));
                self.due.insert((due, id));
                live.due_unix_ms = due;
                live.trigger = Trigger::Root;
            }
        }
        let spans = u64::from(live.summary.descendants());
        let too_many = settings.span_limit > 0 && spans > settings.span_limit;
        let bytes_max = settings.trace_bytes_max;
        let too_large = bytes_max > 0 && live.summary.bytes() > bytes_max;
        self.count(header, facts, now_unix_ms);
        let trigger = match (too_large, too_many) {
            (true, _) => Trigger::SizeLimit,
            (false, true) => Trigger::SpanLimit,
            (false, false) => return true,
        };
        if self.ready.len() < self.limits.ready_count_max {
            self.counters.giants += 1;
            let decision = self.decide(id, trigger, now_unix_ms);
            self.ready.extend(decision);
        }
        true
    }

    fn late(
        &mut self,
        id: TraceId,
        header: &SpanHeader,
        remembered: Remembered,
        now_unix_ms: u64,
    ) -> Seen {
        self.counters.late += 1;
        let Remembered {
            verdict,
            decided_unix_ms,
        } = remembered;
        let grace_ms = self.plan.settings().late_error_grace_ms;
        let is_failure = header.status == SpanStatus::Error || header.new_failure;
        if !is_failure || !may_come_back(&verdict) || grace_ms == 0 {
            return Seen::Late(verdict);
        }
        if now_unix_ms > decided_unix_ms.saturating_add(grace_ms) {
            self.counters.partial += 1;
            return Seen::Partial(Verdict::keep_for(Reason::of(Code::Partial)));
        }
        self.counters.upgraded += 1;
        let verdict = Verdict::keep_for(Reason::of(Code::LateFailure));
        self.remember_verdict(id, verdict, now_unix_ms);
        Seen::Upgraded(verdict)
    }

    fn remember_verdict(&mut self, id: TraceId, verdict: Verdict, now_unix_ms: u64) {
        let remembered = Remembered {
            verdict,
            decided_unix_ms: now_unix_ms,
        };
        let (to, from) = if verdict.would_keep {
            (&mut self.kept, &mut self.dropped)
        } else {
            (&mut self.dropped, &mut self.kept)
        };
        from.remove(id);
        to.insert(id, remembered);
    }

    /// Takes a trace out of those that wait.
    fn take(&mut self, id: TraceId) -> Option<Live> {
        let live = self.live.remove(&id)?;
        self.due.remove(&(live.due_unix_ms, id));
        self.arrived.remove(&(live.first_unix_ms, id));
        self.heap_bytes -= live.summary.heap_bytes();
        Some(live)
    }

    fn decide(&mut self, id: TraceId, trigger: Trigger, now_unix_ms: u64) -> Option<Decision> {
        let live = self.take(id)?;
        let plan = Arc::clone(&self.plan);
        let settings = plan.settings();
        if live.summary.spans() == 0 {
            return Some(self.without_spans(id, trigger, &live.summary));
        }
        let verdict = if trigger == Trigger::SizeLimit && settings.drops_giants {
            dropped(Code::TooLarge, settings.dry_run)
        } else if trigger == Trigger::Drained && settings.drops_pending {
            dropped(Code::Pending, settings.dry_run)
        } else {
            let trace = Trace {
                id,
                summary: &live.summary,
            };
            Judge::new(&plan, &mut self.state, now_unix_ms).decide(trace)
        };
        Some(self.decided(id, verdict, trigger, &live.summary, now_unix_ms))
    }

    /// Keeps the records of a trace of which no span came, and remembers nothing: spans that come
    /// yet are the trace's first.
    fn without_spans(&mut self, id: TraceId, trigger: Trigger, summary: &Summary) -> Decision {
        self.counters.without_spans += 1;
        Decision {
            trace_id: id,
            verdict: Verdict::keep_for(Reason::of(Code::NoSpans)),
            trigger,
            spans: 0,
            bytes: summary.bytes(),
        }
    }

    fn decided(
        &mut self,
        id: TraceId,
        verdict: Verdict,
        trigger: Trigger,
        summary: &Summary,
        now_unix_ms: u64,
    ) -> Decision {
        if verdict.keep {
            self.counters.kept += 1;
        } else {
            self.counters.dropped += 1;
        }
        self.remember_verdict(id, verdict, now_unix_ms);
        Decision {
            trace_id: id,
            verdict,
            trigger,
            spans: summary.spans(),
            bytes: summary.bytes(),
        }
    }

    /// What was decided early since it was asked last: the decisions that the next
    /// [`Sampler::tick`] would give first.
    pub fn take_early(&mut self) -> Vec<Decision> {
        std::mem::take(&mut self.ready)
    }

    /// Decides what is due, and gives what was decided early since the last tick.
    pub fn tick(&mut self, now_unix_ms: u64) -> Vec<Decision> {
        let mut decisions = std::mem::take(&mut self.ready);
        let count_max = self.limits.decisions_per_tick_max.max(1);
        for _ in 0..count_max {
            let Some((due, id)) = self.due.first().copied() else {
                break;
            };
            if due > now_unix_ms {
                break;
            }
            let trigger = self
                .live
                .get(&id)
                .map_or(Trigger::Waited, |live| live.trigger);
            decisions.extend(self.decide(id, trigger, now_unix_ms));
        }
        decisions
    }

    /// When the next trace is due, Unix milliseconds; at once where decisions wait.
    pub fn next_due_unix_ms(&self) -> Option<u64> {
        if !self.ready.is_empty() {
            return Some(0);
        }
        self.due.first().map(|(due, _)| *due)
    }

    /// Decides all that waits, oldest first.
    pub fn drain(&mut self, now_unix_ms: u64) -> Vec<Decision> {
        let mut decisions = std::mem::take(&mut self.ready);
        while let Some((_, id)) = self.arrived.first().copied() {
            decisions.extend(self.decide(id, Trigger::Drained, now_unix_ms));
        }
        decisions
    }

    /// Takes a verdict that was made before a restart, or by another replica. A trace that waits
    /// here is decided by it: who decides first decides for all. But where a failure is among
    /// the spans that wait, a trace that was dropped by chance is kept after all, as with a late
    /// one: then the verdict that comes back is another, which the others have to be told.
    pub fn remember(
        &mut self,
        trace_id: TraceId,
        verdict: Verdict,
        decided_unix_ms: u64,
    ) -> Option<Decision> {
        if let Some(live) = self.take(trace_id) {
            let is_failure = live.summary.has_error() || live.summary.has_new_failure();
            let has_grace = self.plan.settings().late_error_grace_ms > 0;
            let verdict = if is_failure && has_grace && may_come_back(&verdict) {
                self.counters.upgraded += 1;
                Verdict::keep_for(Reason::of(Code::LateFailure))
            } else {
                verdict
            };
            let decision = self.decided(
                trace_id,
                verdict,
                Trigger::Remembered,
                &live.summary,
                decided_unix_ms,
            );
            return Some(decision);
        }
        self.remember_verdict(trace_id, verdict, decided_unix_ms);
        None
    }

    /// Bytes that it takes: traces that wait, with their places in both orders and what their
    /// summaries hold, verdicts, decisions that wait, and the state of samplers, with what their
    /// tables keep free.
    pub fn used_bytes(&self) -> usize {
        let rates = self
            .state
            .rates
            .iter()
            .map(crate::dynamic::Rates::used_bytes);
        let objectives = self.state.objectives.iter();
        let objectives = objectives.map(crate::objective::Counts::used_bytes);
        hashed_bytes::<(TraceId, Live)>(self.live.capacity())
            + tree_bytes::<(u64, TraceId)>(self.due.len() + self.arrived.len())
            + self.heap_bytes
            + self.kept.used_bytes()
            + self.dropped.used_bytes()
            + self.ready.capacity() * size_of::<Decision>()
            + rates.chain(objectives).sum::<usize>()
    }
}

/// Whether a failure may turn a verdict: what somebody said to drop stays dropped.
fn may_come_back(verdict: &Verdict) -> bool {
    let code = verdict.reason.code;
    let is_chance = matches!(
        code,
        Code::NotSampled | Code::RuleNotSampled | Code::Stateless
    );
    !verdict.keep && is_chance
}

/// A drop without a policy, which a dry run does not carry out.
fn dropped(code: Code, is_dry_run: bool) -> Verdict {
    if is_dry_run {
        let keep = Verdict::keep_for(Reason::of(code));
        return Verdict {
            would_keep: false,
            ..keep
        };
    }
    Verdict::drop_for(Reason::of(code))
}
