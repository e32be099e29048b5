//! What the checks say of each service becomes a ranked list, or no answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::case::{Case, Records};
use super::changed::Changed;
use super::errors::{self, Errors, Hints};
use super::flow::{self, Flow};
use super::graph::Graph;
use super::latency::{self, Latency};
use super::logs::{self, Logs};
use super::measure::ramp;
use super::names::Name;
use super::resource::{self, Resources};

/// How much a descendant's fault explains of what a service does differently.
const EXPLAINS: f64 = 0.8;
/// Highest shares that the checks have in a score.
const WEIGHT_ERRORS: f64 = 0.9;
const WEIGHT_LATENCY: f64 = 0.9;
const WEIGHT_FLOW: f64 = 0.75;
const WEIGHT_RESOURCES: f64 = 0.5;
const WEIGHT_LOGS: f64 = 0.45;
const WEIGHT_SILENCE: f64 = 0.7;

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
}

impl Strengths {
    /// All of it together: doubt that each leaves, multiplied.
    fn score(&self) -> f64 {
        let doubt = (1.0 - WEIGHT_ERRORS * self.errors)
            * (1.0 - WEIGHT_LATENCY * self.latency)
            * (1.0 - WEIGHT_FLOW * self.flow)
            * (1.0 - WEIGHT_RESOURCES * self.resources)
            * (1.0 - WEIGHT_LOGS * self.logs)
            * (1.0 - WEIGHT_SILENCE * self.silence);
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
    let hints = Hints {
        changed: &changed,
        named: &named,
    };
    let mut found = Found {
        errors: errors::compare(&before, &now, &hints),
        latency: latency::compare(&before, &now),
        flow: flow::compare(case, &before, &now),
        resources: resource::compare(case, &traffic),
        logs,
        changed,
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
    let times = records
        .spans
        .iter()
        .map(|span| span.start_ns)
        .chain(records.logs.iter().map(|log| log.time_ns))
        .chain(records.points.iter().map(|point| point.time_ns))
        .filter(|time| *time > 0);
    let (mut first, mut last) = (u64::MAX, 0);
    for time in times {
        first = first.min(time);
        last = last.max(time);
    }
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
            };
            strengths.insert(*service, own);
        }
        self.impact = self.felt(&strengths);
        let below = below(&self.before, &self.now);
        let raw = strengths.clone();
        for (service, own) in &mut strengths {
            let deeper = below.get(service).into_iter().flatten();
            let fault = |callee: &Name| {
                raw.get(callee)
                    .map_or(0.0, |s| s.errors.max(s.latency).max(s.flow).max(s.silence))
            };
            let theirs = deeper.map(fault).fold(0.0, f64::max);
            let beside = theirs / (theirs + own.errors + own.latency).max(1e-9);
            let explained = 1.0 - EXPLAINS * theirs.max(beside * ramp(theirs, 0.0, 0.2));
            own.flow *= explained;
            own.logs *= explained;
        }
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

    /// Whether the service is not heard of any more.
    fn silence(&self, case: &Case, service: Name) -> f64 {
        let heard = |records: &Records| {
            records.spans.iter().any(|span| span.service == service)
                || records.logs.iter().any(|log| log.service == service)
        };
        let fell_silent = heard(&case.baseline)
            && !heard(&case.incident)
            && !(case.incident.spans.is_empty() && case.incident.logs.is_empty());
        f64::from(u8::from(fell_silent))
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
