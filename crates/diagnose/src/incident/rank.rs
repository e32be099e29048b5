//! What the checks say of each service becomes a ranked list, or no answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::case::{Case, Records};
use super::changed::{self, Changed};
use super::errors::{self, Errors, Hints};
use super::flow::{self, Flow};
use super::graph::Graph;
use super::latency::{self, Latency};
use super::logs::{self, Logs};
use super::measure::ramp;
use super::names::Name;
use super::resource::{self, Resources};

/// How much a descendant's fault explains of what a service does differently.
const EXPLAINS: f64 = 0.9;
/// Faults of a descendant from which on, and at which, they explain that much.
const EXPLAINS_FROM: f64 = 0.1;
const EXPLAINS_AT: f64 = 0.35;
/// Highest shares that the checks have in a score.
const WEIGHT_ERRORS: f64 = 0.9;
const WEIGHT_LATENCY: f64 = 0.9;
const WEIGHT_FLOW: f64 = 0.75;
const WEIGHT_RESOURCES: f64 = 0.5;
const WEIGHT_LOGS: f64 = 0.45;
const WEIGHT_SILENCE: f64 = 0.7;
const WEIGHT_NAMED: f64 = 0.7;

/// Share of what a message says that goes to the callee which it names; more where that was
/// changed and the service that wrote it was not.
const NAMED_SHARE: f64 = 0.5;
const NAMED_CHANGED_SHARE: f64 = 0.75;
/// Entries in the baseline from which on a pause tells something.
const PAUSE_ENTRIES_MIN: usize = 30;
/// Times as long as the longest of the baseline that a pause is.
const PAUSE_RATIO_MIN: f64 = 3.0;

/// What the checks say of a service, 0 to 1 each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Strengths {
    /// Errors that begin there.
    pub errors: f64,
    /// Time lost there.
    pub latency: f64,
    /// What its operations do differently.
    pub flow: f64,
    /// Its metrics.
    pub resources: f64,
    /// Its messages.
    pub logs: f64,
    /// That it says nothing any more.
    pub silence: f64,
    /// What its callers' messages say of it.
    pub named: f64,
}

impl Strengths {
    /// All of it together: doubt that each leaves, multiplied.
    fn score(&self) -> f64 {
        let doubt = (1.0 - WEIGHT_ERRORS * self.errors)
            * (1.0 - WEIGHT_LATENCY * self.latency)
            * (1.0 - WEIGHT_FLOW * self.flow)
            * (1.0 - WEIGHT_RESOURCES * self.resources)
            * (1.0 - WEIGHT_LOGS * self.logs)
            * (1.0 - WEIGHT_SILENCE * self.silence)
            * (1.0 - WEIGHT_NAMED * self.named);
        1.0 - doubt
    }
}

/// A service with what speaks against it.
#[derive(Clone, Debug)]
pub(crate) struct Ranked {
    pub(crate) service: Name,
    pub(crate) score: f64,
    pub(crate) strengths: Strengths,
}

/// Everything that was found.
pub(crate) struct Found<'a> {
    pub(crate) before: Graph<'a>,
    pub(crate) now: Graph<'a>,
    pub(crate) errors: Errors,
    pub(crate) latency: Latency,
    pub(crate) flow: Flow,
    pub(crate) resources: Resources,
    pub(crate) logs: Logs,
    pub(crate) changed: Changed,
    /// Callees that a service's new warnings and errors name, as (service, callee).
    named: BTreeSet<(Name, Name)>,
    pub(crate) ranked: Vec<Ranked>,
    /// How much of it users feel, 0 to 1.
    pub(crate) impact: f64,
}

/// Runs every check.
pub(crate) fn run(case: &Case) -> Found<'_> {
    let before = Graph::new(&case.baseline.spans);
    let now = Graph::new(&case.incident.spans);
    let callees = errors::callees(case, [&before, &now]);
    let (before, now) = (
        before.with_callees(callees.clone()),
        now.with_callees(callees),
    );
    let traffic = traffic(case, &before, &now);
    let changed = Changed::of(case);
    let logs = logs::compare(case, &traffic);
    let named = logs.named(case, &now);
    let latency = latency::compare(&before, &now);
    let hints = Hints {
        changed: &changed,
        named: &named,
        slower: &latency.by_service,
    };
    let errors = errors::compare(&before, &now, &hints);
    let mut found = Found {
        errors,
        latency,
        flow: flow::compare(case, &before, &now),
        resources: resource::compare(case, &traffic),
        logs,
        changed,
        named,
        ranked: Vec::new(),
        impact: 0.0,
        before,
        now,
    };
    found.rank(case);
    found
}

/// Seconds between the first and the last record of a window.
fn seconds(records: &Records) -> f64 {
    let (first, last) = changed::window(records);
    (last.saturating_sub(first) as f64 / 1e9).max(1.0)
}

/// How many times as much each service has to do now.
fn traffic(case: &Case, before: &Graph<'_>, now: &Graph<'_>) -> HashMap<Name, f64> {
    let entries = |graph: &Graph<'_>| {
        let mut counts: HashMap<Name, f64> = HashMap::new();
        for at in graph.all().filter(|at| graph.is_entry(*at)) {
            *counts.entry(graph.span(at).service).or_default() += 1.0;
        }
        counts
    };
    let (earlier, later) = (entries(before), entries(now));
    let longer = seconds(&case.incident) / seconds(&case.baseline);
    let mut found: HashMap<Name, f64> = HashMap::new();
    for log in &case.incident.logs {
        found.entry(log.service).or_insert(longer);
    }
    for (service, count) in later {
        if let Some(usual) = earlier.get(&service).filter(|usual| **usual >= 5.0) {
            found.insert(service, (count / usual).clamp(0.05, 20.0));
        }
    }
    found
}

impl Found<'_> {
    fn rank(&mut self, case: &Case) {
        let services = services(case);
        let mut strengths: BTreeMap<Name, Strengths> = BTreeMap::new();
        for service in &services {
            let own = Strengths {
                errors: self.errors.strength(*service),
                latency: self.latency.strength(*service),
                flow: self.flow.strength(*service),
                resources: self.resources.strength(*service),
                logs: self.logs.strength(*service),
                silence: self.silence(case, *service),
                named: 0.0,
            };
            strengths.insert(*service, own);
        }
        self.impact = self.felt(&strengths);
        if case.incident.spans.is_empty() {
            // Where nobody records requests, errors in logs are all that tells of users.
            self.impact = self.impact.max(self.logs.failing());
        }
        self.explain(&mut strengths);
        let mut ranked: Vec<Ranked> = strengths
            .into_iter()
            .map(|(service, strengths)| Ranked {
                service,
                score: strengths.score(),
                strengths,
            })
            .collect();
        ranked.sort_by(|a, b| {
            let names = case.text(a.service).cmp(case.text(b.service));
            b.score.total_cmp(&a.score).then(names)
        });
        self.ranked = ranked;
    }

    /// Takes from each service what a fault of those that it calls explains, and gives them what
    /// its messages say of them.
    fn explain(&self, strengths: &mut BTreeMap<Name, Strengths>) {
        let below = below(&self.before, &self.now);
        let raw = strengths.clone();
        for (service, own) in strengths.iter_mut() {
            let deeper = || below.get(service).into_iter().flatten();
            let most = |of: fn(&Strengths) -> f64| {
                deeper()
                    .filter_map(|callee| raw.get(callee))
                    .map(of)
                    .fold(0.0, f64::max)
            };
            let steps = most(|s| s.errors.max(s.flow).max(s.silence));
            let time = most(|s| s.latency);
            let direct = self.errors.direct(*service);
            let explained = |theirs: f64| {
                let beside = theirs / (theirs + direct).max(1e-9);
                1.0 - EXPLAINS * beside * ramp(theirs, EXPLAINS_FROM, EXPLAINS_AT)
            };
            own.flow *= explained(steps);
            own.logs *= explained(steps.max(time));
        }
        for ((service, callee), share, strength) in self.told() {
            if let Some(own) = strengths.get_mut(&service) {
                own.logs *= 1.0 - share;
                own.flow *= 1.0 - share;
            }
            if let Some(theirs) = strengths.get_mut(&callee) {
                theirs.named = theirs.named.max(share * strength);
            }
        }
    }

    /// What messages of a service say of one that it calls: as (service, callee), the share of
    /// the blame that goes there, and how loud it is.
    fn told(&self) -> Vec<((Name, Name), f64, f64)> {
        let mut told = Vec::new();
        for (service, callee) in &self.named {
            let loud = self
                .logs
                .strength(*service)
                .max(self.flow.strength(*service));
            let changed = self.changed.is(*callee) && !self.changed.is(*service);
            let share = if changed {
                NAMED_CHANGED_SHARE
            } else {
                NAMED_SHARE
            };
            told.push(((*service, *callee), share, loud));
        }
        told
    }

    /// Whether the service is not heard of any more, or was not for a long time.
    fn silence(&self, case: &Case, service: Name) -> f64 {
        let heard = |records: &Records| {
            records.spans.iter().any(|span| span.service == service)
                || records.logs.iter().any(|log| log.service == service)
        };
        let fell_silent = heard(&case.baseline)
            && !heard(&case.incident)
            && !(case.incident.spans.is_empty() && case.incident.logs.is_empty());
        f64::from(u8::from(fell_silent)).max(self.pause(service))
    }

    /// Whether requests of users stopped coming in for a time: what is dead records nothing.
    fn pause(&self, service: Name) -> f64 {
        let before = pauses(&self.before, service);
        let now = pauses(&self.now, service);
        let (Some((count, usual, _)), Some((_, longest, whole))) = (before, now) else {
            return 0.0;
        };
        if count < PAUSE_ENTRIES_MIN || longest < PAUSE_RATIO_MIN * usual {
            return 0.0;
        }
        ramp(longest / whole.max(1e-9), 0.1, 0.3)
    }

    /// How much of it users feel.
    fn felt(&self, strengths: &BTreeMap<Name, Strengths>) -> f64 {
        let most = |of: fn(&Strengths) -> f64| strengths.values().map(of).fold(0.0, f64::max);
        most(|s| s.errors)
            .max(most(|s| s.latency))
            .max(most(|s| s.flow))
            .max(most(|s| s.silence))
            .max(self.errors.felt())
            .max(self.resources.exhausted())
    }
}

/// How many requests of users came into a service, the longest pause between two of them, and from
/// the first to the last of the window, in seconds.
fn pauses(graph: &Graph<'_>, service: Name) -> Option<(usize, f64, f64)> {
    let mut times: Vec<u64> = graph
        .all()
        .filter(|at| graph.parent(*at).is_none())
        .map(|at| graph.span(at))
        .filter(|span| span.service == service && span.parent == 0)
        .map(|span| span.start_ns)
        .collect();
    times.sort_unstable();
    let all = graph.all().map(|at| graph.span(at).start_ns);
    let (from, to) = all.fold((u64::MAX, 0), |(a, b), time| (a.min(time), b.max(time)));
    let whole = to.saturating_sub(from) as f64 / 1e9;
    let pairs = times.windows(2).filter_map(|pair| match pair {
        [a, b] => Some((b - a) as f64 / 1e9),
        _ => None,
    });
    let longest = pairs.fold(0.0, f64::max);
    (times.len() >= 2).then_some((times.len(), longest, whole))
}

/// Every service that either window names.
fn services(case: &Case) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    for records in [&case.baseline, &case.incident] {
        found.extend(records.spans.iter().map(|span| span.service));
        found.extend(records.logs.iter().map(|log| log.service));
        found.extend(records.points.iter().map(|point| point.service));
    }
    found.remove(&Name::NONE);
    found
}

/// For each service, those that it calls, directly or not.
fn below(before: &Graph<'_>, now: &Graph<'_>) -> BTreeMap<Name, BTreeSet<Name>> {
    let mut direct: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    for graph in [before, now] {
        for (caller, callee) in graph.edges().into_keys() {
            direct.entry(caller).or_default().insert(callee);
        }
    }
    let mut all = BTreeMap::new();
    for service in direct.keys() {
        let mut reached = BTreeSet::new();
        let mut next = vec![*service];
        while let Some(at) = next.pop() {
            for callee in direct.get(&at).into_iter().flatten() {
                if callee != service && reached.insert(*callee) {
                    next.push(*callee);
                }
            }
        }
        all.insert(*service, reached);
    }
    all
}
