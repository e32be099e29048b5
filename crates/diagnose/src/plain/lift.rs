//! What the failing lines have in common that the others lack: keys with their values, routes,
//! machines.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::gather::{Fact, Gathered};
use crate::incident::names::Name;

/// Share of the failing lines that have a value that is told, at least.
const SHARE_MIN: f64 = 0.9;
/// Share of the failing lines that have the key, at least.
const COVERED_MIN: f64 = 0.8;
/// Share of the other lines that have the value, at most.
const OTHERS_MAX: f64 = 0.45;
/// Failing lines, at least.
const FAILING_COUNT_MIN: usize = 3;
/// Other lines with the key from which on they are compared.
const OTHERS_COUNT_MIN: usize = 20;
/// Values that are told.
const TOLD_COUNT_MAX: usize = 3;
/// Other values of the key that are counted.
const VALUES_COUNT_MAX: usize = 64;

/// Keys that tell the failure itself, its time, or one request.
const NOT_COMPARED: [&str; 43] = [
    "level",
    "severity",
    "lvl",
    "time",
    "ts",
    "timestamp",
    "@timestamp",
    "msg",
    "message",
    "event",
    "status",
    "code",
    "status_code",
    "log.level",
    "loglevel",
    "pid",
    "tid",
    "thread",
    "caller",
    "logger",
    "stack",
    "stacktrace",
    "trace",
    "traceid",
    "trace_id",
    "span_id",
    "request_id",
    "req",
    "reqid",
    "requestid",
    "duration",
    "dur",
    "latency",
    "v",
    "component",
    "statuscode",
    "sc-status",
    "responsetime",
    "service",
    "app",
    "service.name",
    "logger_name",
    "name",
];

/// A value that the failing lines share.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// Key of a field; `route` and `address` where no field tells it.
    pub key: String,
    /// The value.
    pub value: String,
    /// Share of the failing lines that tell the key.
    pub failing: f64,
    /// Share of the others that tell it; none where too few do.
    pub others: Option<f64>,
    /// Other values of the key that no failing line has.
    pub clean_values: usize,
}

/// Lines of either side that have a key, by value.
#[derive(Default)]
struct Tally {
    failing: BTreeMap<Name, usize>,
    others: BTreeMap<Name, usize>,
}

/// What the lines of some sorts, from a moment on, share.
pub(super) fn shared(gathered: &Gathered, sorts: &BTreeSet<u32>, from_ns: u64) -> Vec<Shared> {
    let fails = |fact: &&Fact| sorts.contains(&fact.sort) && fact.time_ns >= from_ns;
    let failing: Vec<&Fact> = gathered.bad.taken.iter().filter(fails).collect();
    if failing.len() < FAILING_COUNT_MIN {
        return Vec::new();
    }
    let mut tallies: HashMap<Name, Tally> = HashMap::new();
    for fact in &failing {
        for (key, value) in distinct(fact) {
            let tally = tallies.entry(key).or_default();
            *tally.failing.entry(value).or_default() += 1;
        }
    }
    let others = gathered.good.taken.iter().chain(&gathered.bad.taken);
    for fact in others.filter(|fact| !sorts.contains(&fact.sort)) {
        for (key, value) in distinct(fact) {
            let Some(tally) = tallies.get_mut(&key) else {
                continue;
            };
            *tally.others.entry(value).or_default() += 1;
        }
    }
    let mut told: Vec<Shared> = tallies
        .iter()
        .filter_map(|(key, tally)| of_key(gathered, *key, tally, failing.len()))
        .collect();
    told.sort_by(|a, b| gain(b).total_cmp(&gain(a)).then_with(|| a.key.cmp(&b.key)));
    let mut values: BTreeSet<String> = BTreeSet::new();
    told.retain(|one| {
        !values
            .iter()
            .any(|known| known.contains(&one.value) || one.value.contains(known.as_str()))
            && values.insert(one.value.clone())
    });
    told.truncate(TOLD_COUNT_MAX);
    told
}

/// The pairs of a line, each once.
fn distinct(fact: &Fact) -> BTreeSet<(Name, Name)> {
    fact.pairs.iter().copied().collect()
}

/// How much a value tells.
fn gain(shared: &Shared) -> f64 {
    shared.failing - shared.others.unwrap_or(0.45)
}

fn of_key(gathered: &Gathered, key: Name, tally: &Tally, failing: usize) -> Option<Shared> {
    let name = gathered.names.text(key);
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit('.').next().unwrap_or_default();
    let own = NOT_COMPARED.contains(&lower.as_str()) || NOT_COMPARED.contains(&last);
    let tells = lower.starts_with("err") || lower.starts_with("exc") || lower.contains("reason");
    if own || tells {
        return None;
    }
    let (value, most) = tally.failing.iter().max_by_key(|(_, count)| **count)?;
    // One line may name several machines; all other keys have one value.
    let covered: usize = if name == "address" {
        *most
    } else {
        tally.failing.values().sum()
    };
    let share = *most as f64 / if name == "address" { failing } else { covered } as f64;
    if share < SHARE_MIN || (covered as f64) < COVERED_MIN * failing as f64 {
        return None;
    }
    let all: usize = tally.others.values().sum();
    let same = tally.others.get(value).copied().unwrap_or(0);
    let others = (all >= OTHERS_COUNT_MIN).then(|| same as f64 / all as f64);
    if others.is_some_and(|others| others > OTHERS_MAX) {
        return None;
    }
    // What nothing can be compared with tells only where a machine is named.
    if others.is_none() && !is_machine(&lower) {
        return None;
    }
    let many = tally.others.len() > VALUES_COUNT_MAX || name == "address";
    let clean = tally
        .others
        .keys()
        .filter(|other| !tally.failing.contains_key(other));
    let clean = if many { 0 } else { clean.count() };
    Some(Shared {
        key: name.to_owned(),
        value: gathered.names.text(*value).to_owned(),
        failing: share,
        others,
        clean_values: clean,
    })
}

/// Whether a key tells of a machine or service.
fn is_machine(key: &str) -> bool {
    [
        "address", "host", "upstream", "target", "server", "peer", "endpoint", "url", "addr",
        "node",
    ]
    .iter()
    .any(|word| key.contains(word))
}
