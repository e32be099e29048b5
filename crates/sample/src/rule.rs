//! What decides over the summary of a trace: compiled policies, rules and samplers.

use cordon_event::TraceId;

use crate::bucket::{Bucket, Seconds};
use crate::chance::{self, Threshold};
use crate::config::Operator;
use crate::dynamic::Rates;
use crate::objective::Counts;
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
    /// The Collector's hash with its salt, bound, and how many a kept trace stands for.
    Hash(String, u64, f64),
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
    /// The count of spans, compared with a number.
    Descendants(Operator, f64),
    /// The same, as the root tells it.
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
    fn randomness(&self) -> u64 {
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

/// How many traces a kept one stands for.
#[derive(Clone, Copy, Debug)]
struct Odds {
    threshold: Option<Threshold>,
    count: f64,
}

impl Odds {
    const ALWAYS: Self = Self {
        threshold: Some(Threshold::ALWAYS),
        count: 1.0,
    };

    fn unknown(count: f64) -> Self {
        Self {
            threshold: None,
            count,
        }
    }

    fn by(threshold: Threshold) -> Self {
        Self {
            threshold: Some(threshold),
            count: threshold.adjusted_count(),
        }
    }

    /// Of a trace that either keeps.
    fn or(self, other: Self) -> Self {
        let threshold = match (self.threshold, other.threshold) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (Some(Threshold::ALWAYS), None) | (None, Some(Threshold::ALWAYS)) => {
                Some(Threshold::ALWAYS)
            }
            _ => None,
        };
        Self {
            threshold,
            count: self.count.min(other.count),
        }
    }

    /// Of a trace that both keep.
    fn and(self, other: Self) -> Self {
        match (self.threshold, other.threshold) {
            (Some(a), Some(b)) => Self::by(a.max(b)),
            _ => Self::unknown(self.count * other.count),
        }
    }
}

/// What a policy says of a trace.
#[derive(Clone, Copy, Debug)]
enum Ruling {
    Sample(Odds),
    Not,
    Drop,
    Failed,
}

impl Ruling {
    fn when(is_sampled: bool) -> Self {
        if is_sampled {
            Self::Sample(Odds::ALWAYS)
        } else {
            Self::Not
        }
    }

    fn chance(is_sampled: bool, odds: Odds) -> Self {
        if is_sampled {
            Self::Sample(odds)
        } else {
            Self::Not
        }
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
                is_so(*operator, f64::from(summary.spans()), *number)
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
}

impl Judge<'_> {
    /// The verdict over a trace.
    ///
    /// Any `drop` drops. Else an inverted policy that found its match does. Else any that samples
    /// keeps; else an inverted one does that found none, unless another policy said no. Else the
    /// samplers decide, where the plan has some; else the trace is not sampled.
    pub(crate) fn decide(&mut self, trace: Trace<'_>) -> Verdict {
        let (plan, mut said) = (self.plan, Said::default());
        for policy in &plan.policies {
            let ruling = self.rule(&policy.rule, trace);
            said.add(policy, ruling);
            let is_drop = matches!(policy.rule, Rule::Drop(_));
            // `drop` policies come first, and win over a first match too.
            if plan.settings().first_match && !is_drop && matches!(ruling, Ruling::Sample(_)) {
                break;
            }
        }
        let (keep, reason, odds) = match said.outcome() {
            Some(outcome) => outcome,
            None => self
                .sample_by_target(trace)
                .unwrap_or_else(|| (false, Reason::of(Code::NotSampled), Odds::ALWAYS)),
        };
        finish(keep, reason, odds, trace.summary, plan.is_dry_run())
    }

    fn sample_by_target(&mut self, trace: Trace<'_>) -> Option<(bool, Reason, Odds)> {
        let plan = self.plan;
        let of_trace = |target: &Option<u16>| target.is_some_and(|bit| trace.summary.bits.get(bit));
        let samplers = || plan.samplers.iter();
        let chosen = samplers().find(|(target, _)| of_trace(target));
        let chosen = chosen.or_else(|| samplers().find(|(target, _)| target.is_none()))?;
        Some(self.sample(&chosen.1, trace))
    }

    fn rule(&mut self, rule: &Rule, trace: Trace<'_>) -> Ruling {
        let summary = trace.summary;
        match rule {
            Rule::Always => Ruling::when(true),
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
            Rule::Hash(salt, bound, count) => {
                let is_sampled = chance::collector_hash(salt, trace.id) <= *bound;
                let odds = if *bound == u64::MAX {
                    Odds::ALWAYS
                } else {
                    Odds::unknown(*count)
                };
                Ruling::chance(is_sampled, odds)
            }
            Rule::Consistent(None) => Ruling::Not,
            Rule::Consistent(Some(threshold)) => {
                let is_sampled = threshold.keeps(trace.randomness());
                Ruling::chance(is_sampled, Odds::by(*threshold))
            }
            Rule::Spans(number) => self.take(*number, u64::from(summary.spans())),
            Rule::Bytes(number) => self.take(*number, summary.bytes()),
            Rule::And(rules) => self.all(rules, trace),
            Rule::Drop(rules) => match self.all(rules, trace) {
                Ruling::Sample(_) => Ruling::Drop,
                other => other,
            },
            Rule::Not(inner) => match self.rule(inner, trace) {
                Ruling::Sample(_) => Ruling::Not,
                Ruling::Not => Ruling::Sample(if is_certain(inner) {
                    Odds::ALWAYS
                } else {
                    Odds::unknown(1.0)
                }),
                other => other,
            },
            Rule::Composite(number, total, parts) => self.composite(*number, *total, parts, trace),
            Rule::Objective(number) => self.objective(*number, trace),
        }
    }

    fn take(&mut self, number: usize, count: u64) -> Ruling {
        let now = self.now_unix_ms;
        let bucket = self.state.buckets.get_mut(number);
        let is_sampled = bucket.is_some_and(|bucket| bucket.take(count, now));
        Ruling::chance(is_sampled, Odds::unknown(1.0))
    }

    /// Sampled where all sample; the first that does not is the last that is asked.
    fn all(&mut self, rules: &[Rule], trace: Trace<'_>) -> Ruling {
        let mut odds = Odds::ALWAYS;
        for rule in rules {
            match self.rule(rule, trace) {
                Ruling::Sample(more) => odds = odds.and(more),
                other => return other,
            }
        }
        Ruling::Sample(odds)
    }

    /// The first part that samples decides, within its share of the second.
    fn composite(
        &mut self,
        number: usize,
        total: u64,
        parts: &[(Rule, u64)],
        trace: Trace<'_>,
    ) -> Ruling {
        let spans = u64::from(trace.summary.spans());
        for (i, (rule, share)) in parts.iter().enumerate() {
            match self.rule(rule, trace) {
                Ruling::Sample(odds) => {
                    let now = self.now_unix_ms;
                    let seconds = self.state.composites.get_mut(number);
                    let is_within = seconds.is_some_and(|s| s.take(i, spans, (*share, total), now));
                    return Ruling::chance(is_within, Odds::unknown(odds.count));
                }
                Ruling::Failed => return Ruling::Failed,
                Ruling::Not | Ruling::Drop => {}
            }
        }
        Ruling::Not
    }

    fn objective(&mut self, number: usize, trace: Trace<'_>) -> Ruling {
        let slot = self.plan.objectives.get(number).map(|(_, slot)| *slot);
        let (Some(slot), Some(counts)) = (slot, self.state.objectives.get(number)) else {
            return Ruling::Not;
        };
        let keys = trace.summary.keys.iter().filter(|key| key.slot() == slot);
        let burn = keys.map(|key| counts.burn_rate(key.0, self.now_unix_ms));
        let share = counts.share(burn.fold(0.0, f64::max));
        match Threshold::from_probability(share) {
            Some(threshold) => {
                let is_sampled = threshold.keeps(trace.randomness());
                Ruling::chance(is_sampled, Odds::by(threshold))
            }
            None => Ruling::Not,
        }
    }

    fn sample(&mut self, sampling: &Sampling, trace: Trace<'_>) -> (bool, Reason, Odds) {
        match sampling {
            Sampling::Deterministic(name, rate) => {
                let keep = chance::refinery_keeps(trace.id, *rate);
                let odds = if *rate <= 1 {
                    Odds::ALWAYS
                } else {
                    Odds::unknown(*rate as f64)
                };
                (keep, by_rate(keep, *name), odds)
            }
            Sampling::Dynamic(name, number) => {
                let key = self.key(*number, trace.summary);
                let spans = u64::from(trace.summary.spans());
                let rates = self.state.rates.get_mut(*number);
                let rate = rates.map_or(1, |rates| rates.rate(key, spans, self.now_unix_ms));
                one_of(rate, *name, trace)
            }
            Sampling::Rules(name, cases) => {
                let case = cases.iter().find(|case| case.when.holds(trace.summary));
                let Some(case) = case else {
                    return (true, Reason::by(Code::RuleKept, *name), Odds::ALWAYS);
                };
                match &case.then {
                    Then::Drop => {
                        let reason = Reason::by(Code::RuleDropped, case.name);
                        (false, reason, Odds::ALWAYS)
                    }
                    Then::Rate(rate) => one_of(*rate, case.name, trace),
                    Then::Sampler(inner) => self.sample(inner, trace),
                }
            }
        }
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
        let length = of.uses_length.then_some(u64::from(summary.spans()));
        let parts = keys.map(|key| key.0).chain(length);
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
fn is_certain(rule: &Rule) -> bool {
    match rule {
        Rule::Always | Rule::Latency(..) | Rule::When(_) | Rule::Conditions(..) => true,
        Rule::And(rules) => rules.iter().all(is_certain),
        Rule::Not(inner) => is_certain(inner),
        _ => false,
    }
}

fn by_rate(keep: bool, name: u16) -> Reason {
    let code = if keep {
        Code::RuleKept
    } else {
        Code::RuleNotSampled
    };
    Reason::by(code, name)
}

fn one_of(rate: u64, name: u16, trace: Trace<'_>) -> (bool, Reason, Odds) {
    let threshold = Threshold::one_of(rate);
    let keep = threshold.keeps(trace.randomness());
    (keep, by_rate(keep, name), Odds::by(threshold))
}

/// What the policies said together.
#[derive(Default)]
struct Said {
    dropped: Option<u16>,
    vetoed: Option<u16>,
    sampled: Option<(u16, Odds)>,
    inverted: Option<u16>,
    is_any_not: bool,
    is_any: bool,
}

impl Said {
    fn add(&mut self, policy: &Policy, ruling: Ruling) {
        let name = policy.name;
        self.is_any = true;
        match ruling {
            Ruling::Drop => self.dropped = self.dropped.or(Some(name)),
            Ruling::Sample(_) if policy.inverted => self.inverted = self.inverted.or(Some(name)),
            Ruling::Not if policy.inverted => self.vetoed = self.vetoed.or(Some(name)),
            Ruling::Sample(odds) => {
                self.sampled = Some(match self.sampled {
                    Some((first, before)) => (first, before.or(odds)),
                    None => (name, odds),
                });
            }
            Ruling::Not => self.is_any_not = true,
            Ruling::Failed => {}
        }
    }

    /// What it comes to; nothing where no policy decides for or against.
    fn outcome(&self) -> Option<(bool, Reason, Odds)> {
        let no = |code, name| (false, Reason::by(code, name), Odds::ALWAYS);
        if let Some(name) = self.dropped {
            return Some(no(Code::Dropped, name));
        }
        if let Some(name) = self.vetoed {
            return Some(no(Code::InvertedNotSampled, name));
        }
        if let Some((name, odds)) = self.sampled {
            return Some((true, Reason::by(Code::Sampled, name), odds));
        }
        let name = self.inverted.filter(|_| !self.is_any_not)?;
        Some((true, Reason::by(Code::InvertedSampled, name), Odds::ALWAYS))
    }
}

/// The verdict, with what was sampled before counted, and as a dry run where it is one.
fn finish(
    would_keep: bool,
    reason: Reason,
    odds: Odds,
    summary: &Summary,
    is_dry_run: bool,
) -> Verdict {
    let keep = would_keep || is_dry_run;
    let odds = if is_dry_run { Odds::ALWAYS } else { odds };
    let before = summary.threshold().unwrap_or(Threshold::ALWAYS);
    let adjusted_count = match odds.threshold {
        Some(threshold) => threshold.max(before).adjusted_count(),
        None => odds.count * before.adjusted_count(),
    };
    Verdict {
        keep,
        would_keep,
        reason,
        threshold: odds.threshold.filter(|_| keep),
        adjusted_count: if keep { adjusted_count.max(1.0) } else { 0.0 },
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
        if summary.has_error() || summary.has_new_failure() {
            let verdict = finish(
                true,
                Reason::of(Code::Stateless),
                Odds::ALWAYS,
                &summary,
                self.is_dry_run(),
            );
            return verdict;
        }
        let chances = self.policies.iter().filter(|policy| is_of_id(&policy.rule));
        let mut state = State::new(self, 1.0);
        let mut judge = Judge {
            plan: self,
            state: &mut state,
            now_unix_ms: 0,
        };
        let mut said = Said::default();
        for policy in chances {
            said.add(policy, judge.rule(&policy.rule, trace));
        }
        let mut outcome = said.outcome();
        if outcome.is_none() {
            outcome = self.by_default_rate(trace);
        }
        let (keep, odds) = outcome.map_or((false, Odds::ALWAYS), |(keep, _, odds)| (keep, odds));
        let reason = Reason::of(Code::Stateless);
        finish(keep, reason, odds, &summary, self.is_dry_run())
    }

    /// The default sampler, where it goes by the id alone.
    fn by_default_rate(&self, trace: Trace<'_>) -> Option<(bool, Reason, Odds)> {
        let sampler = self.samplers.iter().find(|(target, _)| target.is_none());
        match &sampler?.1 {
            Sampling::Deterministic(name, rate) => {
                let keep = chance::refinery_keeps(trace.id, *rate);
                Some((keep, by_rate(keep, *name), Odds::unknown(*rate as f64)))
            }
            Sampling::Rules(name, cases) => match cases.first() {
                None => Some((true, Reason::by(Code::RuleKept, *name), Odds::ALWAYS)),
                Some(Case {
                    when: When::All(all),
                    then: Then::Rate(rate),
                    name,
                }) if all.is_empty() => Some(one_of(*rate, *name, trace)),
                Some(_) => None,
            },
            Sampling::Dynamic(..) => None,
        }
    }

    fn no_facts(&self) -> crate::facts::Facts {
        crate::facts::Facts {
            plan: self.digest(),
            bits: crate::facts::Bits::of(usize::from(self.questions.bits)),
            keys: Vec::new(),
        }
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
