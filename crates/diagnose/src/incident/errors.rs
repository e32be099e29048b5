//! Where errors begin: the deepest failing span of each request, and whom it speaks against.
//!
//! A service that fails because one that it called failed is not where it began. Three cases need
//! a second look. A call that nobody answered speaks against the callee, unless the callee answers
//! its other callers: then against the caller. A call that was refused (4xx) speaks against the
//! caller in the same way. A call that was given up while the callee was still at work speaks
//! against the callee.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::case::{Case, Role};
use super::changed::Changed;
use super::evidence::{Check, EACH_COUNT_MAX, Evidence, Numbers, Subject, Unit};
use super::graph::{Callees, Graph};
use super::measure::{ramp, surplus};
use super::names::Name;

/// Deviations from which on there are more errors.
const Z_MIN: f64 = 3.0;
/// Fewest errors more than expected.
const SURPLUS_COUNT_MIN: f64 = 3.0;

/// Failures that other callers would have seen, from which on their having seen none tells
/// something.
const OTHERS_FAILURES_MIN: f64 = 4.0;

/// Services that a request goes through, one below the other.
const SERVICES_DEPTH_MAX: usize = 64;

/// How a request came to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mode {
    /// In the service itself.
    Own,
    /// In a dependency that records no spans, or in how it was used.
    Dependency,
    /// In a service that records no spans, or on the way to it.
    Untraced,
    /// Nobody answered.
    Unanswered,
    /// The callee refused.
    Refused,
    /// The caller did not wait.
    GivenUp,
}

impl Mode {
    /// What the other one did.
    const fn words(self) -> &'static str {
        match self {
            Self::Own | Self::Dependency | Self::Untraced => "",
            Self::Unanswered => "did not answer",
            Self::Refused => "refused",
            Self::GivenUp => "was still at work when the caller gave up",
        }
    }
}

/// A kind of error: who saw it, doing what, how, and the callee where there is one.
type Class = (Name, Name, Mode, Name);

/// Errors of a window.
#[derive(Default)]
struct Origins {
    errors: BTreeMap<Class, usize>,
    /// Calls of each operation of each service.
    calls: HashMap<(Name, Name), usize>,
    /// Traces of each class, the first few.
    traces: BTreeMap<Class, Vec<u128>>,
}

/// More errors than before.
pub(crate) struct Surplus {
    pub(crate) class: Class,
    pub(crate) before: usize,
    pub(crate) now: usize,
    pub(crate) calls_before: usize,
    pub(crate) calls_now: usize,
    pub(crate) excess: f64,
    pub(crate) z: f64,
    pub(crate) traces: Vec<u128>,
    /// Whom it speaks against, with shares.
    pub(crate) blame: Vec<(Name, f64)>,
}

/// What the check found.
#[derive(Default)]
pub(crate) struct Errors {
    pub(crate) surplus: Vec<Surplus>,
    pub(crate) by_service: BTreeMap<Name, f64>,
    pub(crate) excess: f64,
    /// Share of requests that fail more than before, 0 to 1.
    pub(crate) impact: f64,
    /// Surest deviation.
    pub(crate) z: f64,
}

/// Learns whom client spans call, by service, operation and what they say of it: from the calls
/// that were answered, and from peers that have the name of a service.
pub(crate) fn callees(case: &Case, graphs: [&Graph<'_>; 2]) -> Callees {
    let mut learned = HashMap::new();
    let mut services = BTreeSet::new();
    let mut untraced: BTreeSet<Name> = [&case.baseline, &case.incident]
        .into_iter()
        .flat_map(|records| {
            let logs = records.logs.iter().map(|log| log.service);
            logs.chain(records.points.iter().map(|point| point.service))
        })
        .collect();
    for graph in graphs {
        for at in graph.all() {
            let span = graph.span(at);
            services.insert(span.service);
            if let Some(callee) = graph.callee(at) {
                let callee = graph.span(callee).service;
                learned.insert((span.service, span.operation, span.peer), callee);
            }
        }
    }
    untraced.retain(|service| !service.is_none() && !services.contains(service));
    services.extend(&untraced);
    for graph in graphs {
        for at in graph.all() {
            let span = graph.span(at);
            let key = (span.service, span.operation, span.peer);
            if span.role == Role::Client
                && !learned.contains_key(&key)
                && let Some(named) = named(case, case.text(span.peer), &services)
            {
                learned.insert(key, named);
            }
        }
    }
    Callees { learned, untraced }
}

/// The service that has the name of a peer: `cart`, `cart:8080`, `cart.default.svc`.
fn named(case: &Case, peer: &str, services: &BTreeSet<Name>) -> Option<Name> {
    let host = peer.split([':', '/']).next().unwrap_or(peer);
    let first = host.split('.').next().unwrap_or(host);
    [peer, host, first]
        .into_iter()
        .filter(|name| !name.is_empty())
        .filter_map(|name| case.names.find(name))
        .find(|name| services.contains(name))
}

fn origins(graph: &Graph<'_>) -> Origins {
    let mut found = Origins::default();
    for at in graph.all() {
        let span = graph.span(at);
        *found
            .calls
            .entry((span.service, span.operation))
            .or_default() += 1;
        if !span.failed {
            continue;
        }
        if let Some((mode, other)) = origin(graph, at) {
            // What users were told that they asked wrongly is no fault of anybody here.
            if mode == Mode::Refused && asked_wrongly(graph, at) {
                continue;
            }
            let class = (span.service, span.operation, mode, other);
            *found.errors.entry(class).or_default() += 1;
            let traces = found.traces.entry(class).or_default();
            if traces.len() < EACH_COUNT_MAX {
                traces.push(span.trace);
            }
        }
    }
    found
}

/// Whether the request as a whole was refused, and not failed.
fn asked_wrongly(graph: &Graph<'_>, at: u32) -> bool {
    let mut entry = graph.entry(at);
    for _ in 0..SERVICES_DEPTH_MAX {
        match graph.parent(entry) {
            Some(parent) => entry = graph.entry(parent),
            None => break,
        }
    }
    let root = graph.span(entry);
    (400..500).contains(&root.status) && !root.failed
}

/// How the failure of this span began, where it began here.
fn origin(graph: &Graph<'_>, at: u32) -> Option<(Mode, Name)> {
    let span = graph.span(at);
    let deeper = graph.children(at).iter().any(|child| {
        // A client span that failed without a failing callee is an origin of its own.
        graph.span(*child).failed
    });
    if deeper {
        return None;
    }
    if span.role != Role::Client {
        // The caller's span of a call that was refused, where it is not told apart as a client's.
        return Some((Mode::Own, Name::NONE));
    }
    if let Some(callee) = graph.callee(at) {
        let answer = graph.span(callee);
        let mode = if (400..500).contains(&answer.status) || (400..500).contains(&span.status) {
            Mode::Refused
        } else {
            Mode::GivenUp
        };
        return Some((mode, answer.service));
    }
    match graph.called(at) {
        Some(callee) if graph.is_untraced(callee) => Some((Mode::Untraced, callee)),
        Some(callee) => Some((Mode::Unanswered, callee)),
        None => Some((Mode::Dependency, span.peer)),
    }
}

/// What speaks against a callee though it did not fail itself.
pub(crate) struct Hints<'a> {
    pub(crate) changed: &'a Changed,
    /// Callees that a service's new error messages name, as (service, callee).
    pub(crate) named: &'a BTreeSet<(Name, Name)>,
    /// Services that take longer.
    pub(crate) slower: &'a BTreeMap<Name, f64>,
}

/// Share of the blame that goes to a callee which records no spans.
pub(super) const UNTRACED_SHARE: f64 = 0.75;
/// Share of the blame that goes to a callee which the error names.
const NAMED_SHARE: f64 = 0.45;
/// Share of the blame that goes to a callee which was changed, where the failing service was not.
const CHANGED_SHARE: f64 = 0.4;

/// Compares the two windows.
pub(crate) fn compare(before: &Graph<'_>, now: &Graph<'_>, hints: &Hints<'_>) -> Errors {
    let earlier = origins(before);
    let later = origins(now);
    let mut found = Errors::default();
    for (class, count) in &later.errors {
        let operation = (class.0, class.1);
        let calls_now = later.calls.get(&operation).copied().unwrap_or(0);
        let calls_before = earlier.calls.get(&operation).copied().unwrap_or(0);
        let known = earlier.errors.get(class).copied().unwrap_or(0);
        let exposure = calls_before as f64 / calls_now.max(1) as f64;
        let expected = known as f64 / exposure.max(0.05);
        let z = surplus(expected, *count as f64, exposure);
        let excess = *count as f64 - expected;
        if z >= Z_MIN && excess >= SURPLUS_COUNT_MIN {
            found.surplus.push(Surplus {
                class: *class,
                before: known,
                now: *count,
                calls_before,
                calls_now,
                excess,
                z,
                traces: later.traces.get(class).cloned().unwrap_or_default(),
                blame: Vec::new(),
            });
        }
    }
    let answers = Answers::of(now, &found.surplus);
    for surplus in &mut found.surplus {
        surplus.blame = answers.blame(surplus, hints);
        for (service, share) in &surplus.blame {
            *found.by_service.entry(*service).or_default() += surplus.excess * share;
        }
        found.z = found.z.max(surplus.z);
    }
    found.excess = found.surplus.iter().map(|surplus| surplus.excess).sum();
    found.impact = (found.excess / now.traces.len().max(1) as f64).min(1.0);
    found
}

/// How the callers of a service fare.
struct Answers {
    /// Calls answered on each edge, and of these failing.
    edges: BTreeMap<(Name, Name), u64>,
    failing: BTreeMap<(Name, Name), f64>,
}

impl Answers {
    fn of(now: &Graph<'_>, surplus: &[Surplus]) -> Self {
        let mut failing: BTreeMap<(Name, Name), f64> = BTreeMap::new();
        for surplus in surplus {
            let (caller, _, _, callee) = surplus.class;
            *failing.entry((caller, callee)).or_default() += surplus.excess;
        }
        Self {
            edges: now.edges(),
            failing,
        }
    }

    /// Shares of the blame.
    fn blame(&self, surplus: &Surplus, hints: &Hints<'_>) -> Vec<(Name, f64)> {
        let (caller, _, mode, callee) = surplus.class;
        let share = surplus.now as f64 / surplus.calls_now.max(1) as f64;
        let callees = match mode {
            Mode::Own => return self.deeper(caller, hints),
            Mode::Dependency => return vec![(caller, 1.0)],
            Mode::Untraced => match self.others(caller, callee, share) {
                Others::Fail => 0.9,
                Others::AreFine => 0.3,
                Others::DoNotTell => UNTRACED_SHARE,
            },
            // Who gives up on a callee that is no slower than before waits less than before.
            Mode::GivenUp if hints.slower.contains_key(&callee) => 0.8,
            Mode::GivenUp => 0.25,
            Mode::Unanswered => match self.others(caller, callee, share) {
                Others::Fail => 0.9,
                // Everything of this caller fails and nothing of the others: it asks the wrong way.
                Others::AreFine if share > 0.9 => 0.25,
                Others::AreFine => 0.65,
                Others::DoNotTell => 0.75,
            },
            Mode::Refused => match self.others(caller, callee, share) {
                Others::Fail => 0.9,
                Others::AreFine => 0.15,
                Others::DoNotTell => 0.45,
            },
        };
        vec![(callee, callees), (caller, 1.0 - callees)]
    }

    /// A service that fails at what a callee answered is not where it began. Whether it is that
    /// only shows in what the error names, and in what was changed.
    fn deeper(&self, service: Name, hints: &Hints<'_>) -> Vec<(Name, f64)> {
        let callees = self.edges.keys().filter(|edge| edge.0 == service);
        let suspicion = |callee: Name| {
            let named = hints.named.contains(&(service, callee));
            let changed = hints.changed.is(callee) && !hints.changed.is(service);
            f64::from(u8::from(named)) * NAMED_SHARE + f64::from(u8::from(changed)) * CHANGED_SHARE
        };
        let most = callees
            .map(|edge| (edge.1, suspicion(edge.1)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match most.filter(|(_, share)| *share > 0.0) {
            Some((callee, share)) => vec![(callee, share), (service, 1.0 - share)],
            None => vec![(service, 1.0)],
        }
    }

    /// How the callee's other callers fare, where this one's calls fail at that share.
    fn others(&self, caller: Name, callee: Name, share: f64) -> Others {
        let others = self.edges.keys().chain(self.failing.keys());
        let others = others.filter(|edge| edge.1 == callee && edge.0 != caller);
        let mut answered = 0;
        for edge in others {
            if self.failing.contains_key(edge) {
                return Others::Fail;
            }
            answered += self.edges.get(edge).copied().unwrap_or(0);
        }
        if answered as f64 * share >= OTHERS_FAILURES_MIN {
            Others::AreFine
        } else {
            Others::DoNotTell
        }
    }
}

/// How other callers of a service fare.
enum Others {
    /// Theirs fail too.
    Fail,
    /// They call often enough that some would have failed.
    AreFine,
    /// There are none, or too few calls.
    DoNotTell,
}

impl Errors {
    /// How much of the failing is the service's.
    pub(crate) fn strength(&self, service: Name) -> f64 {
        let own = self.by_service.get(&service).copied().unwrap_or_default();
        let sure = ramp(self.z, 2.0, 6.0);
        own / self.excess.max(1e-9) * sure * (0.4 + 0.6 * ramp(self.impact, 0.0, 0.1))
    }

    /// How much of the failing begins in the service itself, with no other involved.
    pub(crate) fn direct(&self, service: Name) -> f64 {
        let own = self.surplus.iter().filter(|surplus| {
            let (caller, _, mode, _) = surplus.class;
            caller == service && matches!(mode, Mode::Own | Mode::Dependency)
        });
        let own: f64 = own.map(|surplus| surplus.excess).sum();
        own / self.excess.max(1e-9)
    }

    /// How sure it is that more requests fail.
    pub(crate) fn felt(&self) -> f64 {
        ramp(self.z, 2.5, 5.0)
    }

    /// The evidence for a service.
    pub(crate) fn evidence(&self, case: &Case, service: Name) -> Vec<Evidence> {
        let mut own: Vec<&Surplus> = self
            .surplus
            .iter()
            .filter(|surplus| surplus.blame.iter().any(|(blamed, _)| *blamed == service))
            .collect();
        own.sort_by(|a, b| b.excess.total_cmp(&a.excess));
        let strength = self.strength(service);
        own.into_iter()
            .take(EACH_COUNT_MAX)
            .map(|surplus| told(case, surplus, strength))
            .collect()
    }
}

fn told(case: &Case, surplus: &Surplus, strength: f64) -> Evidence {
    let (service, operation, mode, other) = surplus.class;
    let share = |errors: usize, calls: usize| errors as f64 / calls.max(1) as f64;
    Evidence {
        check: match mode {
            Mode::Unanswered => Check::Unreachable,
            _ => Check::ErrorOrigin,
        },
        subject: Subject {
            service: case.text(service).to_owned(),
            operation: case.text(operation).to_owned(),
            other: case.text(other).to_owned(),
        },
        strength,
        numbers: Numbers {
            before: share(surplus.before, surplus.calls_before),
            now: share(surplus.now, surplus.calls_now),
            of_before: surplus.calls_before as u64,
            of_now: surplus.calls_now as u64,
            unit: Unit::Share,
            ..Numbers::default()
        },
        deviation: surplus.z,
        text: mode.words().to_owned(),
        traces: surplus.traces.clone(),
    }
}
