//! How many traces a kept one stands for.
//!
//! A decision is a function of facts, of state, and of values that look like chance. A trace with
//! the same facts and state might have had other values: the share of them for which it would be
//! kept is its share, and it stands for 1 divided by that. So the counts of the traces that are
//! kept come to the number of those that might be, whatever the policies are, in which order and
//! how they are combined (Horvitz and Thompson, 1952).
//!
//! The thresholds and bounds of a plan cut the values of each source into ranges in which the
//! decision is the same; the share is summed over their combinations.
//!
//! *Invariants:* sources are taken for independent of each other. A threshold is told only where
//! the decision is to keep what reaches it and nothing else, whatever rate limits say.
//!
//! *Limits:* [`ODDS_CELLS_MAX`].

use crate::chance::{self, DEFAULT_SALT, MAX_ADJUSTED_COUNT, Threshold};
use crate::limits::ODDS_CELLS_MAX;
use crate::rule::{Judge, Rule, Ruling, Sampling, Then, Trace, is_certain};
use crate::summary::Summary;

/// Where a value comes from that looks like chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source<'a> {
    /// Randomness of the trace, explicit or of the id.
    Randomness,
    /// The Collector's hash, under a salt.
    Hash(&'a str),
    /// The hash of Refinery's deterministic sampler.
    Refinery,
}

impl<'a> Source<'a> {
    pub(crate) fn of_salt(salt: &'a str) -> Self {
        Self::Hash(if salt.is_empty() { DEFAULT_SALT } else { salt })
    }

    /// The value that a trace has.
    fn of(self, trace: Trace<'_>) -> u64 {
        match self {
            Self::Randomness => trace.randomness(),
            Self::Hash(salt) => chance::collector_hash(salt, trace.id),
            Self::Refinery => chance::refinery_hash(trace.id),
        }
    }

    /// How many values there are.
    fn count(self) -> u128 {
        match self {
            Self::Randomness => u128::from(MAX_ADJUSTED_COUNT),
            Self::Hash(_) => 1 << 64,
            Self::Refinery => 1 << 32,
        }
    }
}

/// Values other than a trace's own.
#[derive(Debug)]
pub(crate) struct Other<'a> {
    values: Vec<(Source<'a>, u64)>,
    /// What every rate limit says; nothing for what it does say.
    pub(crate) limits: Option<bool>,
}

/// The values by which is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Draw<'a> {
    /// The trace's own: state is counted and consumed.
    Real,
    Other(&'a Other<'a>),
}

impl Draw<'_> {
    pub(crate) fn value(self, source: Source<'_>, trace: Trace<'_>) -> u64 {
        let other = match self {
            Self::Real => None,
            Self::Other(other) => other.values.iter().find(|(known, _)| *known == source),
        };
        other.map_or_else(|| source.of(trace), |(_, value)| *value)
    }
}

/// What a kept trace stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Odds {
    /// The threshold of the decision, where it is one.
    pub(crate) threshold: Option<Threshold>,
    /// How many traces, incoming sampling counted.
    pub(crate) count: f64,
}

impl Odds {
    /// Of what is kept whatever its values are.
    pub(crate) fn always(summary: &Summary) -> Self {
        Self {
            threshold: Some(Threshold::ALWAYS),
            count: before(summary).adjusted_count(),
        }
    }
}

/// What the trace was sampled by before it came.
fn before(summary: &Summary) -> Threshold {
    summary.threshold().unwrap_or_default()
}

/// A source, and where its ranges begin, in order; the first at 0.
struct Axis<'a> {
    source: Source<'a>,
    starts: Vec<u64>,
}

impl Axis<'_> {
    fn start(&self, number: usize) -> u64 {
        self.starts.get(number).copied().unwrap_or_default()
    }

    /// Share of the values that are in a range.
    fn share(&self, number: usize) -> f64 {
        let end = self.starts.get(number + 1).copied().map(u128::from);
        let end = end.unwrap_or_else(|| self.source.count());
        (end - u128::from(self.start(number))) as f64 / self.source.count() as f64
    }
}

/// Axes of the edges at which a decision may change; that of randomness is first.
fn axes(mut edges: Vec<(Source<'_>, u64)>) -> Vec<Axis<'_>> {
    edges.sort_unstable();
    edges.dedup();
    let first = Axis {
        source: Source::Randomness,
        starts: vec![0],
    };
    let mut axes = vec![first];
    for (source, edge) in edges {
        match axes.last_mut() {
            Some(last) if last.source == source => {
                if edge > 0 {
                    last.starts.push(edge);
                }
            }
            _ => axes.push(Axis {
                source,
                starts: vec![0, edge],
            }),
        }
    }
    axes
}

/// Ranges of all axes but the first that make combination `number`.
fn ranges<'b, 'a>(
    axes: &'b [Axis<'a>],
    mut number: usize,
) -> impl Iterator<Item = (&'b Axis<'a>, usize)> {
    axes.iter().skip(1).map(move |axis| {
        let range = number % axis.starts.len();
        number /= axis.starts.len();
        (axis, range)
    })
}

impl<'a> Judge<'a> {
    /// Odds of a trace that is kept.
    pub(crate) fn odds(&mut self, trace: Trace<'_>) -> Odds {
        let before = before(trace.summary);
        let has_limits = !self.plan.buckets.is_empty() || self.plan.composites > 0;
        let mut edges = self.edges(trace);
        if edges.is_empty() && !has_limits {
            return Odds::always(trace.summary);
        }
        edges.push((Source::Randomness, before.value()));
        let axes = axes(edges);
        let cells = axes
            .iter()
            .try_fold(1_usize, |cells, axis| cells.checked_mul(axis.starts.len()));
        if cells.is_none_or(|cells| cells > ODDS_CELLS_MAX) {
            return Odds {
                threshold: None,
                count: before.adjusted_count(),
            };
        }
        let kept = self.kept(&axes, trace, None);
        let mut threshold = threshold(&axes, &kept);
        if has_limits && threshold.is_some() {
            let is_same = |limits| self.kept(&axes, trace, Some(limits)) == kept;
            threshold = threshold.filter(|_| [false, true].into_iter().all(is_same));
        }
        let count = match threshold {
            Some(threshold) => threshold.max(before).adjusted_count(),
            None => count(&axes, &kept, before),
        };
        Odds { threshold, count }
    }

    /// For each range of randomness, which combinations of the other ranges keep the trace.
    fn kept(
        &mut self,
        axes: &[Axis<'a>],
        trace: Trace<'_>,
        limits: Option<bool>,
    ) -> Vec<Vec<bool>> {
        let combinations: usize = axes.iter().skip(1).map(|axis| axis.starts.len()).product();
        let randomness = axes.first().map(|axis| axis.starts.as_slice());
        let randomness = randomness.unwrap_or_default().iter();
        let at = |randomness: u64, number: usize| {
            let others = ranges(axes, number).map(|(axis, range)| (axis.source, axis.start(range)));
            Other {
                values: others.chain([(Source::Randomness, randomness)]).collect(),
                limits,
            }
        };
        let mut is_kept = |other: Other<'_>| self.outcome(trace, Draw::Other(&other)).0;
        randomness
            .map(|start| {
                let others = (0..combinations).map(|number| is_kept(at(*start, number)));
                others.collect()
            })
            .collect()
    }

    /// Values at which what is decided of a trace may change.
    fn edges(&mut self, trace: Trace<'_>) -> Vec<(Source<'a>, u64)> {
        let (plan, mut edges) = (self.plan, Vec::new());
        for policy in &plan.policies {
            self.rule_edges(&policy.rule, trace, &mut edges);
        }
        let mut sampling = self.sampling(trace);
        while let Some(sampler) = sampling.take() {
            match sampler {
                Sampling::Deterministic(_, rate) if *rate > 1 => {
                    edges.push((Source::Refinery, chance::refinery_bound(*rate) + 1));
                }
                Sampling::Deterministic(..) => {}
                Sampling::Dynamic(_, number) => {
                    let nothing = Other {
                        values: Vec::new(),
                        limits: None,
                    };
                    let rate = self.dynamic_rate(*number, trace, Draw::Other(&nothing));
                    edges.push((Source::Randomness, Threshold::one_of(rate).value()));
                }
                Sampling::Rules(_, cases) => {
                    let case = cases.iter().find(|case| case.when.holds(trace.summary));
                    match case.map(|case| &case.then) {
                        Some(Then::Rate(rate)) => {
                            edges.push((Source::Randomness, Threshold::one_of(*rate).value()));
                        }
                        Some(Then::Sampler(inner)) => sampling = Some(inner),
                        Some(Then::Drop) | None => {}
                    }
                }
            }
        }
        edges
    }

    /// Those of rules that all have to sample on which it depends whether they do: those before
    /// one that does not whatever chance says, and none where they could but say the same.
    fn heard(&mut self, rules: &'a [Rule], trace: Trace<'_>) -> &'a [Rule] {
        for (i, rule) in rules.iter().enumerate() {
            if !is_certain(rule) {
                continue;
            }
            let ruling = self.rule(rule, trace, Draw::Real);
            if ruling == Ruling::Sample {
                continue;
            }
            let before = rules.get(..i).unwrap_or_default();
            let is_no = ruling == Ruling::Not && before.iter().all(is_plain);
            return if is_no { &[] } else { before };
        }
        rules
    }

    fn rule_edges(&mut self, rule: &'a Rule, trace: Trace<'_>, edges: &mut Vec<(Source<'a>, u64)>) {
        let threshold = match rule {
            Rule::Hash(salt, bound) => {
                let edge = bound.checked_add(1);
                edges.extend(edge.map(|edge| (Source::of_salt(salt), edge)));
                None
            }
            Rule::And(rules) | Rule::Drop(rules) => {
                for rule in self.heard(rules, trace) {
                    self.rule_edges(rule, trace, edges);
                }
                None
            }
            Rule::Not(inner) => {
                self.rule_edges(inner, trace, edges);
                None
            }
            Rule::Composite(_, _, parts) => {
                for (rule, _) in parts {
                    self.rule_edges(rule, trace, edges);
                }
                None
            }
            Rule::Consistent(threshold) => *threshold,
            Rule::Objective(number) => self.burning(*number, trace),
            _ => None,
        };
        edges.extend(threshold.map(|threshold| (Source::Randomness, threshold.value())));
    }
}

/// Whether a rule says nothing but yes or no.
fn is_plain(rule: &Rule) -> bool {
    match rule {
        Rule::And(rules) => rules.iter().all(is_plain),
        Rule::Not(inner) => is_plain(inner),
        Rule::Conditions(_, error) => error.is_none(),
        Rule::Drop(_) | Rule::Composite(..) => false,
        _ => true,
    }
}

/// The threshold that a decision is, where it is one: from some range of randomness on
/// everything is kept, and nothing below it.
fn threshold(axes: &[Axis<'_>], kept: &[Vec<bool>]) -> Option<Threshold> {
    let first = kept.iter().position(|others| others.contains(&true))?;
    let is_threshold = kept.iter().skip(first).flatten().all(|is_kept| *is_kept);
    let start = axes.first().map(|axis| axis.start(first))?;
    Threshold::new(start).filter(|_| is_threshold)
}

/// How many traces one stands for: 1 divided by the share that is kept, of all that there were
/// before what came was sampled.
fn count(axes: &[Axis<'_>], kept: &[Vec<bool>], before: Threshold) -> f64 {
    let Some(randomness) = axes.first() else {
        return 1.0;
    };
    let mut share = 0.0;
    for (number, others) in kept.iter().enumerate() {
        if randomness.start(number) < before.value() {
            continue;
        }
        let others = others.iter().enumerate().filter(|(_, is_kept)| **is_kept);
        let others = others.map(|(number, _)| {
            let ranges = ranges(axes, number);
            ranges
                .map(|(axis, range)| axis.share(range))
                .product::<f64>()
        });
        share += randomness.share(number) * others.sum::<f64>();
    }
    // A trace that came in spite of its threshold may be kept where none should have come.
    if share > 0.0 {
        1.0 / share
    } else {
        before.adjusted_count()
    }
}
