//! What failing or slow requests have in common: the attribute value that sets them apart.
//!
//! For each key and value of the spans of an operation, the share of those that fail or are slow
//! which have it is compared with the share of the others, told from a floor of requests on, so
//! that no single one is described (after the idea of attribute lift, as in Honeycomb's BubbleUp).

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::evidence::{Check, EACH_COUNT_MAX, Evidence, Numbers, Subject, Unit};
use super::graph::{Graph, Part};
use super::measure::{proportion, ramp};
use super::names::Name;

/// Fewest requests of either kind.
const REQUESTS_COUNT_MIN: usize = 5;
/// Most values of a key that are compared: a key of more tells requests apart, not kinds.
const VALUES_COUNT_MAX: usize = 64;
/// Deviations from which on a value sets requests apart.
const Z_MIN: f64 = 4.0;
/// Keys that tell the failure itself.
const TELLS_FAILURE: [&str; 6] = [
    "error",
    "exception",
    "status",
    "otel.status",
    "span.",
    "resend",
];

/// What sets the bad spans of the service in the incident apart from its others.
pub(crate) fn evidence(
    case: &Case,
    now: &Graph<'_>,
    service: Name,
    is_slow: &dyn Fn(Name, Part, f64) -> bool,
) -> Vec<Evidence> {
    let mut operations: BTreeMap<Name, Requests> = BTreeMap::new();
    for at in now.all().filter(|at| now.span(*at).service == service) {
        let span = now.span(at);
        let slow = now
            .part(at)
            .is_some_and(|(part, ns)| is_slow(span.operation, part, ns as f64 / 1e6));
        let is_bad = span.failed || slow;
        let requests = operations.entry(span.operation).or_default();
        requests.bad += usize::from(is_bad);
        requests.good += usize::from(!is_bad);
        let pairs: BTreeSet<(Name, Name)> = span.compared.iter().copied().collect();
        let key = case.names.find("service.instance.id").unwrap_or(Name::NONE);
        let replica = (!span.instance.is_none() && !key.is_none()).then_some((key, span.instance));
        for pair in pairs.into_iter().chain(replica) {
            let known = requests.counts.entry(pair).or_default();
            known.0 += usize::from(is_bad);
            known.1 += usize::from(!is_bad);
        }
    }
    let mut found: Vec<Evidence> = operations
        .values()
        .flat_map(|requests| requests.lifted(case, service))
        .collect();
    found.sort_by(|a, b| {
        let order = b.deviation.total_cmp(&a.deviation);
        order.then_with(|| (&a.subject, &a.text).cmp(&(&b.subject, &b.text)))
    });
    // What tells apart the requests of one operation tells those of the others, too.
    let mut told = BTreeSet::new();
    found.retain(|e| told.insert((e.subject.operation.clone(), e.text.clone())));
    found.truncate(EACH_COUNT_MAX / 2);
    found
}

/// The requests of an operation: what is common to all of one says nothing of another.
#[derive(Default)]
struct Requests {
    bad: usize,
    good: usize,
    /// How many of either have a value of a key.
    counts: BTreeMap<(Name, Name), (usize, usize)>,
}

impl Requests {
    /// The values that set the bad ones apart.
    fn lifted(&self, case: &Case, service: Name) -> Vec<Evidence> {
        let (bad, good) = (self.bad, self.good);
        if bad < REQUESTS_COUNT_MIN || good < REQUESTS_COUNT_MIN {
            return Vec::new();
        }
        let mut values: BTreeMap<Name, usize> = BTreeMap::new();
        for (key, _) in self.counts.keys() {
            *values.entry(*key).or_default() += 1;
        }
        let compared = self.counts.iter().filter(|((key, _), (with, _))| {
            let name = case.text(*key).to_ascii_lowercase();
            let few = values
                .get(key)
                .is_none_or(|count| *count <= VALUES_COUNT_MAX);
            let tells = TELLS_FAILURE.iter().any(|tells| name.contains(tells));
            few && !tells && *with >= REQUESTS_COUNT_MIN
        });
        let told = compared.filter_map(|(pair, (with, without))| {
            let z = proportion(*without, good, *with, bad);
            (z >= Z_MIN).then(|| told(case, service, *pair, (*with, bad), (*without, good), z))
        });
        told.collect()
    }
}

fn told(
    case: &Case,
    service: Name,
    (key, value): (Name, Name),
    (with, bad): (usize, usize),
    (without, good): (usize, usize),
    z: f64,
) -> Evidence {
    Evidence {
        check: Check::Attribute,
        subject: Subject {
            service: case.text(service).to_owned(),
            operation: case.text(key).to_owned(),
            other: String::new(),
        },
        // It tells which requests, not which service.
        strength: 0.1 * ramp(z, Z_MIN, 2.0 * Z_MIN),
        numbers: Numbers {
            before: without as f64 / good.max(1) as f64,
            now: with as f64 / bad.max(1) as f64,
            of_before: good as u64,
            of_now: bad as u64,
            unit: Unit::Share,
            ..Numbers::default()
        },
        deviation: z,
        text: case.text(value).to_owned(),
        traces: Vec::new(),
    }
}
