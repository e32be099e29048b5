//! What decides over the summary of a trace: compiled policies, rules and samplers.

use cordon_event::TraceId;

use crate::bucket::{Bucket, Seconds};
use crate::chance::{self, Threshold};
use crate::config::Operator;
use crate::dynamic::Rates;
use crate::objective::Counts;
use crate::odds::{Draw, Odds, Source};
use crate::plan::Plan;
use crate::summary::Summary;
use crate::verdict::{Code, Reason, Verdict};

/// A policy.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) name: u16,
    pub(crate) rule: Rule,
    /// Whether its decisions are inverted ones, which only a policy at the top has.
    pub(crate) inverted: bool,
}

/// What a policy asks of a trace.
#[derive(Debug)]
pub(crate) enum Rule {
    Always,
    /// Longer than the first, and no longer than the second.
    Latency(u64, u64),
    When(When),
    /// A condition that holds for a span, unless the second bit tells of an error.
    Conditions(u16, Option<u16>),
    /// The Collector's hash with its salt and bound.
    Hash(String, u64),
    Consistent(Option<Threshold>),
    Spans(usize),
    Bytes(usize),
    And(Vec<Rule>),
    Not(Box<Rule>),
    Drop(Vec<Rule>),
    /// Number, total, and the parts with their shares.
    Composite(usize, u64, Vec<(Rule, u64)>),
    Objective(usize),
}

/// A condition on a summary.
#[derive(Debug)]
pub(crate) enum When {
    Bit(u16),
    All(Vec<When>),
    Any(Vec<When>),
    Not(Box<When>),
    HasRoot,
    IsSampled,
    NewFailure,
    Status {
        ok: bool,
        error: bool,
        unset: bool,
    },
    SpanCount(u64, u64),
    /// The count of spans, events and links, compared with a number.
    Descendants(Operator, f64),
    /// The count of spans, as the root tells it.
    RootCount(Operator, f64),
}

/// A sampler.
#[derive(Debug)]
pub(crate) enum Sampling {
    Deterministic(u16, u64),
    Dynamic(u16, usize),
    /// The name of none, and the rules in order.
    Rules(u16, Vec<Case>),
}

/// A rule of a sampler.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: u16,
    pub(crate) when: When,
    pub(crate) then: Then,
}

/// What a rule does.
#[derive(Debug)]
pub(crate) enum Then {
    Drop,
    Rate(u64),
    Sampler(Sampling),
}

/// A trace about which is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace<'a> {
    pub(crate) id: TraceId,
    pub(crate) summary: &'a Summary,
}

impl Trace<'_> {
    /// Explicit randomness, or that of the id.
    pub(crate) fn randomness(&self) -> u64 {
        let explicit = self.summary.randomness();
        explicit.unwrap_or_else(|| chance::randomness(self.id))
    }
}

/// State that lives longer than a trace.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) composites: Vec<Seconds>,
    pub(crate) rates: Vec<Rates>,
    pub(crate) objectives: Vec<Counts>,
}

impl State {
    /// State at the start; `share` is this replica's part of the traces.
    pub(crate) fn new(plan: &Plan, share: f64) -> Self {
        let buckets = plan.buckets.iter();
        Self {
            buckets: buckets
                .map(|(rate, burst)| Bucket::new(*rate, *burst))
                .collect(),
            composites: vec![Seconds::default(); plan.composites],
            rates: plan
                .dynamics
                .iter()
                .map(|(of, _)| Rates::new(of, share))
                .collect(),
            objectives: plan
                .objectives
                .iter()
                .map(|(of, _)| Counts::new(of))
                .collect(),
        }
    }
}

/// What a policy says of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    Sample,
    Not,
    Drop,
    Failed,
}

impl Ruling {
    fn when(is_sampled: bool) -> Self {
        if is_sampled { Self::Sample } else { Self::Not }
    }
}

impl When {
    pub(crate) fn holds(&self, summary: &Summary) -> bool {
        match self {
            Self::Bit(bit) => summary.bits.get(*bit),
            Self::All(all) => all.iter().all(|when| when.holds(summary)),
            Self::Any(any) => any.iter().any(|when| when.holds(summary)),
            Self::Not(when) => !when.holds(summary),
            Self::HasRoot => summary.has_root(),
            Self::IsSampled => summary.has_sampled_flag(),
            Self::NewFailure => summary.has_new_failure(),
            Self::Status { ok, error, unset } => {
                *ok && summary.has_ok()
                    || *error && summary.has_error()
                    || *unset && summary.has_unset()
            }
            Self::SpanCount(min, max) => (*min..=*max).contains(&u64::from(summary.spans())),
            Self::Descendants(operator, number) => {
                is_so(*operator, f64::from(summary.descendants()), *number)
            }
            Self::RootCount(operator, number) => {
                summary.has_root() && is_so(*operator, f64::from(summary.spans()), *number)
            }
        }
    }
}

fn is_so(operator: Operator, left: f64, right: f64) -> bool {
    let Some(order) = left.partial_cmp(&right) else {
        return operator == Operator::Exists;
    };
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::More => order.is_gt(),
        Operator::Less => order.is_lt(),
        Operator::MoreOrEqual => order.is_ge(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Exists => true,
        _ => false,
    }
}

/// Decides: a plan, its state, and the time.
pub(crate) struct Judge<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) state: &'a mut State,
    pub(crate) now_unix_ms: u64,
    /// Whether only what goes by the id is asked.
    by_id: bool,
    pub(crate) taken: Taken,
}

/// What state said in the real decision, so that odds are of the same state.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    buckets: Vec<(usize, bool)>,
    /// Composites as they were before.
    composites: Vec<(usize, Seconds)>,
    rates: Vec<(usize, u64)>,
}

fn seen<T>(all: &[(usize, T)], number: usize) -> Option<&T> {
    let found = all.iter().find(|(known, _)| *known == number);
    found.map(|(_, value)| value)
}

impl<'a> Judge<'a> {
    pub(crate) fn new(plan: &'a Plan, state: &'a mut State, now_unix_ms: u64) -> Self {
        Self {
            plan,
            state,
            now_unix_ms,
            by_id: false,
            taken: Taken::default(),
        }
    }

    /// The verdict over a trace.
    pub(crate) fn decide(&mut self, trace: Trace<'_>) -> Verdict {
        let (keep, reason) = self.outcome(trace, Draw::Real);
        let is_dry_run = self.plan.is_dry_run();
        let odds = if keep && !is_dry_run {
            self.odds(trace)
        } else {
            Odds::always(trace.summary)
        };
        finish(keep, reason, odds, is_dry_run)
    }

    /// Whether a trace is kept, and why.
    ///
    /// Any `drop` drops. Else an inverted policy that found its match does. Else any that samples
    /// keeps; else an inverted one does that found none, unless another policy said no. Else the
    /// samplers decide, where the plan has some; else the trace is not sampled.
    pub(crate) fn outcome(&mut self, trace: Trace<'_>, draw: Draw<'_>) -> (bool, Reason) {
        let (plan, mut said) = (self.plan, Said::default());
        let is_asked = |policy: &&Policy| !self.by_id || is_of_id(&policy.rule);
        let policies: Vec<&Policy> = plan.policies.iter().filter(is_asked).collect();
        for policy in policies {
            let ruling = self.rule(&policy.rule, trace, draw);
            said.add(policy, ruling);
            // What is dropped is asked nothing more, and spends no policy's rate. Of those that
            // sample, only one that is not inverted is a first match.
            let is_match = ruling == Ruling::Sample && !policy.inverted;
            if ruling == Ruling::Drop || is_match && plan.settings().first_match {
                break;
            }
        }
        let sampled = said.outcome().or_else(|| {
            let sampling = self.sampling(trace)?;
            Some(self.sample(sampling, trace, draw))
        });
        sampled.unwrap_or((false, Reason::of(Code::NotSampled)))
    }

    /// The sampler of a trace's target.
    pub(crate) fn sampling(&self, trace: Trace<'_>) -> Option<&'a Sampling> {
        let samplers = || self.plan.samplers.iter();
        if self.by_id {
            let of_all = samplers().find(|(target, _)| target.is_none());
            return of_all
                .map(|(_, sampling)| sampling)
                .filter(|s| goes_by_id(s));
        }
        let of_trace = |target: &Option<u16>| target.is_some_and(|bit| trace.summary.bits.get(bit));
        let chosen = samplers().find(|(target, _)| of_trace(target));
        let chosen = chosen.or_else(|| samplers().find(|(target, _)| target.is_none()));
        chosen.map(|(_, sampling)| sampling)
    }

    pub(crate) fn rule(&mut self, rule: &Rule, trace: Trace<'_>, draw: Draw<'_>) -> Ruling {
        let summary = trace.summary;
        match rule {
            Rule::Always => Ruling::Sample,
            Rule::Latency(over_ms, up_to_ms) => {
                let duration_ms = summary.duration_ms();
                Ruling::when(duration_ms > *over_ms && duration_ms <= *up_to_ms)
            }
            Rule::When(when) => Ruling::when(when.holds(summary)),
            Rule::Conditions(bit, error) => {
                if error.is_some_and(|error| summary.bits.get(error)) {
                    return Ruling::Failed;
                }
                Ruling::when(summary.bits.get(*bit))
            }
            Rule::Hash(salt, bound) => {
                Ruling::when(draw.value(Source::of_salt(salt), trace) <= *bound)
            }
            Rule::Consistent(threshold) => by_threshold(*threshold, trace, draw),
            Rule::Spans(number) => self.take(*number, u64::from(summary.spans()), draw),
            Rule::Bytes(number) => self.take(*number, summary.bytes(), draw),
            Rule::And(rules) => self.all(rules, trace, draw),
            Rule::Drop(rules) => match self.all(rules, trace, draw) {
                Ruling::Sample => Ruling::Drop,
                other => other,
            },
            Rule::Not(inner) => match self.rule(inner, trace, draw) {
                Ruling::Sample => Ruling::Not,
                Ruling::Not => Ruling::Sample,
                other => other,
            },
            Rule::Composite(number, total, parts) => {
                self.composite(*number, *total, parts, trace, draw)
            }
            Rule::Objective(number) => by_threshold(self.burning(*number, trace), trace, draw),
        }
    }

    fn take(&mut self, number: usize, count: u64, draw: Draw<'_>) -> Ruling {
        let now = self.now_unix_ms;
        let Some(bucket) = self.state.buckets.get_mut(number) else {
            return Ruling::Not;
        };
        let is_enough = match draw {
            Draw::Real => {
                let is_enough = bucket.take(count, now);
                self.taken.buckets.push((number, is_enough));
                is_enough
            }
            Draw::Other(other) => other.limits.unwrap_or_else(|| {
                let seen = seen(&self.taken.buckets, number).copied();
                seen.unwrap_or_else(|| bucket.clone().take(count, now))
            }),
        };
        Ruling::when(is_enough)
    }

    /// Sampled where all sample; the first that does not is the last that is asked.
    fn all(&mut self, rules: &[Rule], trace: Trace<'_>, draw: Draw<'_>) -> Ruling {
        for rule in rules {
            match self.rule(rule, trace, draw) {
                Ruling::Sample => {}
                other => return other,
            }
        }
        Ruling::Sample
    }

    /// The first part that samples decides, within its share of the second.
    fn composite(
        &mut self,
        number: usize,
        total: u64,
        parts: &[(Rule, u64)],
        trace: Trace<'_>,
        draw: Draw<'_>,
    ) -> Ruling {
        for (i, (rule, share)) in parts.iter().enumerate() {
            match self.rule(rule, trace, draw) {
                Ruling::Sample => {
                    let spans = u64::from(trace.summary.spans());
                    let limits = (*share, total);
                    return Ruling::when(self.take_part((number, i), spans, limits, draw));
                }
                Ruling::Failed => return Ruling::Failed,
                Ruling::Not | Ruling::Drop => {}
            }
        }
        Ruling::Not
    }

    fn take_part(
        &mut self,
        (number, part): (usize, usize),
        spans: u64,
        limits: (u64, u64),
        draw: Draw<'_>,
    ) -> bool {
        let now = self.now_unix_ms;
        let Some(seconds) = self.state.composites.get_mut(number) else {
            return false;
        };
        match draw {
            Draw::Real => {
                self.taken.composites.push((number, seconds.clone()));
                seconds.take(part, spans, limits, now)
            }
            Draw::Other(other) => other.limits.unwrap_or_else(|| {
                let before = seen(&self.taken.composites, number).unwrap_or(seconds);
                before.clone().take(part, spans, limits, now)
            }),
        }
    }

    /// The threshold of an objective for a trace, by the highest burn rate of its keys.
    pub(crate) fn burning(&self, number: usize, trace: Trace<'_>) -> Option<Threshold> {
        let slot = self.plan.objectives.get(number).map(|(_, slot)| *slot)?;
        let counts = self.state.objectives.get(number)?;
        let keys = trace.summary.keys.iter().filter(|key| key.slot() == slot);
        let burn = keys.map(|key| counts.burn_rate(key.number(), self.now_unix_ms));
        Threshold::from_probability(counts.share(burn.fold(0.0, f64::max)))
    }

    fn sample(&mut self, sampling: &Sampling, trace: Trace<'_>, draw: Draw<'_>) -> (bool, Reason) {
        match sampling {
            Sampling::Deterministic(name, rate) => {
                let value = draw.value(Source::Refinery, trace);
                by_rate(value <= chance::refinery_bound(*rate), *name)
            }
            Sampling::Dynamic(name, number) => {
                let rate = self.dynamic_rate(*number, trace, draw);
                one_of(rate, *name, trace, draw)
            }
            Sampling::Rules(name, cases) => {
                let case = cases.iter().find(|case| case.when.holds(trace.summary));
                let Some(case) = case else {
                    return (true, Reason::by(Code::RuleKept, *name));
                };
                match &case.then {
                    Then::Drop => (false, Reason::by(Code::RuleDropped, case.name)),
                    Then::Rate(rate) => one_of(*rate, case.name, trace, draw),
                    Then::Sampler(inner) => self.sample(inner, trace, draw),
                }
            }
        }
    }

    /// Rate of a trace's key, which is counted where the decision is real.
    pub(crate) fn dynamic_rate(&mut self, number: usize, trace: Trace<'_>, draw: Draw<'_>) -> u64 {
        if let Some(rate) = seen(&self.taken.rates, number) {
            return *rate;
        }
        let key = self.key(number, trace.summary);
        let now = self.now_unix_ms;
        let Some(rates) = self.state.rates.get_mut(number) else {
            return 1;
        };
        let rate = match draw {
            Draw::Real => rates.rate(key, u64::from(trace.summary.descendants()), now),
            Draw::Other(_) => rates.rate_now(key, now),
        };
        self.taken.rates.push((number, rate));
        rate
    }

    /// Key of a trace for a dynamic sampler: the digests of its fields, and the number of spans
    /// where that counts.
    fn key(&self, number: usize, summary: &Summary) -> u64 {
        let Some((of, slots)) = self.plan.dynamics.get(number) else {
            return 0;
        };
        let keys = summary
            .keys
            .iter()
            .filter(|key| slots.contains(&key.slot()));
        let length = of.uses_length.then_some(u64::from(summary.descendants()));
        let parts = keys.map(|key| key.number()).chain(length);
        parts.fold(0x9e37_79b9_7f4a_7c15, |hash, part| {
            // The finaliser of SplitMix64.
            let mut z: u64 = hash.wrapping_add(part).wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        })
    }
}

/// Whether a rule says the same of like traces whatever their ids and times.
pub(crate) fn is_certain(rule: &Rule) -> bool {
    match rule {
        Rule::Always | Rule::Latency(..) | Rule::When(_) | Rule::Conditions(..) => true,
        Rule::And(rules) => rules.iter().all(is_certain),
        Rule::Not(inner) => is_certain(inner),
        _ => false,
    }
}

fn by_threshold(threshold: Option<Threshold>, trace: Trace<'_>, draw: Draw<'_>) -> Ruling {
    let value = draw.value(Source::Randomness, trace);
    Ruling::when(threshold.is_some_and(|threshold| threshold.keeps(value)))
}

fn by_rate(keep: bool, name: u16) -> (bool, Reason) {
    let code = if keep {
        Code::RuleKept
    } else {
        Code::RuleNotSampled
    };
    (keep, Reason::by(code, name))
}

fn one_of(rate: u64, name: u16, trace: Trace<'_>, draw: Draw<'_>) -> (bool, Reason) {
    let value = draw.value(Source::Randomness, trace);
    by_rate(Threshold::one_of(rate).keeps(value), name)
}

/// What the policies said together.
#[derive(Default)]
struct Said {
    dropped: Option<u16>,
    vetoed: Option<u16>,
    sampled: Option<u16>,
    inverted: Option<u16>,
    is_any_not: bool,
}

impl Said {
    fn add(&mut self, policy: &Policy, ruling: Ruling) {
        let to = match ruling {
            Ruling::Drop => &mut self.dropped,
            Ruling::Sample if policy.inverted => &mut self.inverted,
            Ruling::Not if policy.inverted => &mut self.vetoed,
            Ruling::Sample => &mut self.sampled,
            Ruling::Not => {
                self.is_any_not = true;
                return;
            }
            Ruling::Failed => return,
        };
        *to = to.or(Some(policy.name));
    }

    /// What it comes to; nothing where no policy decides for or against.
    fn outcome(&self) -> Option<(bool, Reason)> {
        if let Some(name) = self.dropped {
            return Some((false, Reason::by(Code::Dropped, name)));
        }
        if let Some(name) = self.vetoed {
            return Some((false, Reason::by(Code::InvertedNotSampled, name)));
        }
        if let Some(name) = self.sampled {
            return Some((true, Reason::by(Code::Sampled, name)));
        }
        let name = self.inverted.filter(|_| !self.is_any_not)?;
        Some((true, Reason::by(Code::InvertedSampled, name)))
    }
}

/// The verdict, as a dry run where it is one.
fn finish(would_keep: bool, reason: Reason, odds: Odds, is_dry_run: bool) -> Verdict {
    let keep = would_keep || is_dry_run;
    Verdict {
        keep,
        would_keep,
        reason,
        threshold: odds.threshold.filter(|_| keep),
        adjusted_count: if keep { odds.count.max(1.0) } else { 0.0 },
    }
}

impl Plan {
    /// The verdict over a trace of which only the id and what its tracestate says are known: a
    /// failure is kept, and for the rest the id decides as it does for every replica. Policies
    /// that need the spans say nothing, so the trace may be left out that its owner keeps, and
    /// what is kept by the id alone is kept by all.
    pub fn stateless(&self, span: &crate::summary::SpanHeader, id: TraceId) -> Verdict {
        let mut summary = Summary::default();
        let nothing = self.no_facts();
        summary.fold(span, &nothing);
        let trace = Trace {
            id,
            summary: &summary,
        };
        let reason = Reason::of(Code::Stateless);
        if summary.has_error() || summary.has_new_failure() {
            return finish(true, reason, Odds::always(&summary), self.is_dry_run());
        }
        let mut state = State::new(self, 1.0);
        let mut judge = Judge::new(self, &mut state, 0);
        judge.by_id = true;
        let verdict = judge.decide(trace);
        Verdict { reason, ..verdict }
    }

    fn no_facts(&self) -> cordon_event::facts::Facts {
        cordon_event::facts::Facts {
            plan: self.digest(),
            bits: cordon_event::facts::Bits::of(usize::from(self.questions.bits)),
            keys: Vec::new(),
        }
    }
}

/// Whether a sampler goes by the id alone.
fn goes_by_id(sampling: &Sampling) -> bool {
    match sampling {
        Sampling::Deterministic(..) => true,
        Sampling::Rules(_, cases) => cases.first().is_none_or(|case| {
            let is_for_all = matches!(&case.when, When::All(all) if all.is_empty());
            is_for_all && matches!(case.then, Then::Rate(_))
        }),
        Sampling::Dynamic(..) => false,
    }
}

/// Whether a rule goes by the id alone.
fn is_of_id(rule: &Rule) -> bool {
    match rule {
        Rule::Always | Rule::Hash(..) | Rule::Consistent(_) => true,
        Rule::And(rules) | Rule::Drop(rules) => rules.iter().all(is_of_id),
        Rule::Not(inner) => is_of_id(inner),
        _ => false,
    }
}
