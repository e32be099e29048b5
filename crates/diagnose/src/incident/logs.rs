//! Messages of a service: which are new, and of which there are more or fewer.
//!
//! Counted for each request of the service where there are traces, for each second otherwise.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cordon_event::Severity;

use super::case::{Case, Records};
use super::evidence::{Check, EACH_COUNT_MAX, Evidence, Numbers, Subject, Unit};
use super::graph::Graph;
use super::measure::{ramp, surplus};
use super::names::Name;

/// Deviations from which on there are more of a message.
const Z_MIN: f64 = 3.5;
/// Fewest messages that are told.
const COUNT_MIN: usize = 3;

/// A message that is new, or of which there are more.
pub(crate) struct Louder {
    pub(crate) service: Name,
    pub(crate) template: Name,
    pub(crate) group: Name,
    pub(crate) severity: Severity,
    pub(crate) before: usize,
    pub(crate) now: usize,
    pub(crate) first_ns: u64,
    pub(crate) z: f64,
    pub(crate) strength: f64,
    /// The first trace that shows it, 0 where none does.
    pub(crate) trace: u128,
}

/// What the check found.
#[derive(Default)]
pub(crate) struct Logs {
    pub(crate) louder: Vec<Louder>,
    pub(crate) by_service: BTreeMap<Name, f64>,
}

/// A message as counted in a window.
#[derive(Clone, Copy, Default)]
struct Counted {
    count: usize,
    severity: Severity,
    first_ns: u64,
    group: Name,
    trace: u128,
}

fn count(records: &Records) -> BTreeMap<(Name, Name), Counted> {
    let mut found: BTreeMap<(Name, Name), Counted> = BTreeMap::new();
    for log in &records.logs {
        // An exception is one, whether a log tells it or a span.
        let what = if log.group.is_none() {
            log.template
        } else {
            log.group
        };
        let known = found.entry((log.service, what)).or_default();
        if known.count == 0 || log.time_ns < known.first_ns {
            known.first_ns = log.time_ns;
            known.trace = log.trace;
        }
        known.count += 1;
        known.severity = known.severity.max(log.severity);
        if !log.group.is_none() {
            known.group = log.group;
        }
    }
    found
}

/// Compares the two windows. `exposure` is how many times as much of the service there is now.
pub(crate) fn compare(case: &Case, exposure: &HashMap<Name, f64>) -> Logs {
    let earlier = count(&case.baseline);
    let mut found = Logs::default();
    for ((service, template), counted) in count(&case.incident) {
        let Counted {
            count: now,
            severity,
            first_ns,
            group,
            trace,
        } = counted;
        let before = earlier
            .get(&(service, template))
            .map_or(0, |known| known.count);
        let grown = exposure.get(&service).copied().unwrap_or(1.0).max(0.05);
        let z = surplus(before as f64 * grown, now as f64, 1.0 / grown);
        if z < Z_MIN || now < COUNT_MIN {
            continue;
        }
        let weight = match severity {
            severity if severity >= Severity::ERROR || !group.is_none() => 1.0,
            severity if severity >= Severity::WARN => 0.6,
            _ => 0.08,
        };
        let new = if before == 0 { 1.0 } else { 0.7 };
        let strength = weight * new * ramp(z, 2.0, 8.0);
        let known = found.by_service.entry(service).or_default();
        *known = known.max(strength);
        found.louder.push(Louder {
            service,
            template,
            group,
            severity,
            before,
            now,
            first_ns,
            z,
            strength,
            trace,
        });
    }
    found
}

impl Logs {
    /// How much the service's messages say.
    pub(crate) fn strength(&self, service: Name) -> f64 {
        self.by_service.get(&service).copied().unwrap_or_default()
    }

    /// How sure it is that there are more errors.
    pub(crate) fn failing(&self) -> f64 {
        let errors = self
            .louder
            .iter()
            .filter(|louder| louder.severity >= Severity::ERROR || !louder.group.is_none());
        errors.map(|louder| louder.strength).fold(0.0, f64::max)
    }

    /// Callees that a service's new warnings and errors name, as (service, callee).
    pub(crate) fn named(&self, case: &Case, now: &Graph<'_>) -> BTreeSet<(Name, Name)> {
        let edges = now.edges();
        let mut found = BTreeSet::new();
        for louder in &self.louder {
            if louder.severity < Severity::WARN && louder.group.is_none() {
                continue;
            }
            let failure = case.failures.get(&louder.group);
            let message = failure.map_or("", |failure| failure.message.as_str());
            let text = format!("{} {message}", case.text(louder.template));
            let callees = edges.keys().filter(|edge| edge.0 == louder.service);
            found.extend(callees.filter(|edge| has_word(&text, case.text(edge.1))));
        }
        found
    }

    /// The evidence for a service.
    pub(crate) fn evidence(&self, case: &Case, service: Name) -> Vec<Evidence> {
        let mut own: Vec<&Louder> = self
            .louder
            .iter()
            .filter(|louder| louder.service == service)
            .collect();
        own.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        own.into_iter()
            .take(EACH_COUNT_MAX)
            .map(|louder| told(case, louder))
            .collect()
    }
}

/// Whether a text has that name as a word of its own.
fn has_word(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|head| head.chars().next_back());
            let after = text
                .get(at + name.len()..)
                .and_then(|tail| tail.chars().next());
            !before.is_some_and(word) && !after.is_some_and(word)
        })
}

/// The message, or type and message of the exception.
pub(super) fn words(case: &Case, louder: &Louder) -> String {
    match case.failures.get(&louder.group) {
        Some(failure) if failure.message.is_empty() => failure.kind.clone(),
        Some(failure) => format!("{}: {}", failure.kind, failure.message),
        None => case.text(louder.template).to_owned(),
    }
}

fn told(case: &Case, louder: &Louder) -> Evidence {
    let failure = case.failures.get(&louder.group);
    let check = match (failure, louder.before) {
        (Some(_), _) => Check::Exception,
        (None, 0) => Check::NewMessage,
        (None, _) => Check::MessageRate,
    };
    let text = words(case, louder);
    let place = failure.map_or("", |failure| match failure.function.as_str() {
        "" => failure.location.as_str(),
        function => function,
    });
    Evidence {
        check,
        subject: Subject {
            service: case.text(louder.service).to_owned(),
            operation: place.to_owned(),
            other: failure.map_or_else(String::new, |failure| failure.location.clone()),
        },
        strength: louder.strength,
        numbers: Numbers {
            before: louder.before as f64,
            now: louder.now as f64,
            unit: Unit::Count,
            ..Numbers::default()
        },
        deviation: louder.z,
        text,
        traces: Some(louder.trace)
            .filter(|trace| *trace != 0)
            .into_iter()
            .collect(),
    }
}
