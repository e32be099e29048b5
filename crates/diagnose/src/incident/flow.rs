//! What an operation does in its course: the messages it writes, the calls it makes.
//!
//! For each operation at which requests come into a service, the share of its runs in which each
//! step occurs is compared with the baseline. A step that is missing, or new, tells of a fault that
//! writes no error: a return that came too early, a branch that is never taken. Runs in which
//! something failed further down are left out: what they miss follows from that.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cordon_event::Severity;

use super::case::{Case, Log, Records};
use super::evidence::{Check, EACH_COUNT_MAX, Evidence, Numbers, Subject, Unit};
use super::graph::Graph;
use super::measure::{proportion, ramp, surplus};
use super::names::Name;

/// Deviations from which on a step is another.
const Z_MIN: f64 = 3.0;
/// Deviations from which on a number of repetitions is another.
const REPEAT_Z_MIN: f64 = 5.0;
/// Times as often as before from which on repetitions are told.
const REPEAT_RATIO_MIN: f64 = 1.7;
/// How much a harmless message that comes or goes says: programs are changed all the time.
const WORDING: f64 = 0.12;
/// Shares that are alike: one message took the place of another.
const SWAP_SHARE: f64 = 0.15;

/// A step of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// A message.
    Message(Name),
    /// A span of the service itself.
    Inner(Name),
    /// A call of another service or dependency.
    Call(Name),
}

/// An operation of a service.
type Operation = (Name, Name);

/// Runs of an operation.
#[derive(Default)]
struct Runs {
    count: usize,
    /// In how many each step occurs, and how often in all.
    steps: BTreeMap<Step, (usize, u64)>,
    /// Whom each call goes to.
    peers: BTreeMap<Step, Name>,
}

/// A step that occurs more or less often.
pub(crate) struct Difference {
    pub(crate) operation: Operation,
    pub(crate) step: Step,
    pub(crate) before: (usize, usize),
    pub(crate) now: (usize, usize),
    pub(crate) repeats: Option<(f64, f64)>,
    pub(crate) z: f64,
    pub(crate) strength: f64,
}

/// What the check found.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) differences: Vec<Difference>,
    pub(crate) by_service: BTreeMap<Name, f64>,
}

/// Severities of messages: the highest seen of each.
type Severities = HashMap<Name, Severity>;

fn runs(graph: &Graph<'_>, records: &Records) -> BTreeMap<Operation, Runs> {
    let disturbed = disturbed(graph);
    let mut steps: HashMap<u32, BTreeMap<Step, u64>> = HashMap::new();
    let mut peers: HashMap<u32, BTreeMap<Step, Name>> = HashMap::new();
    for at in graph.all() {
        let span = graph.span(at);
        let entry = graph.entry(at);
        let own = steps.entry(entry).or_default();
        if at != entry {
            let calls = graph.callee(at).is_some() || graph.children(at).is_empty();
            let step = match span.role {
                super::case::Role::Client | super::case::Role::Producer if calls => {
                    Step::Call(span.operation)
                }
                _ => Step::Inner(span.operation),
            };
            *own.entry(step).or_default() += 1;
            let peer = graph.peer(at);
            if !peer.is_none() {
                peers.entry(entry).or_default().insert(step, peer);
            }
        }
    }
    let only = only_entries(graph);
    for log in &records.logs {
        if let Some(entry) = entry_of(graph, log, &only) {
            let step = Step::Message(log.template);
            *steps.entry(entry).or_default().entry(step).or_default() += 1;
        }
    }
    let mut runs: BTreeMap<Operation, Runs> = BTreeMap::new();
    for (entry, steps) in steps {
        if disturbed.contains(&entry) {
            continue;
        }
        let span = graph.span(entry);
        let run = runs.entry((span.service, span.operation)).or_default();
        run.count += 1;
        run.peers.extend(peers.remove(&entry).unwrap_or_default());
        for (step, times) in steps {
            let known = run.steps.entry(step).or_default();
            known.0 += 1;
            known.1 += times;
        }
    }
    runs
}

/// Entries below which another service failed.
fn disturbed(graph: &Graph<'_>) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for at in graph.all().filter(|at| graph.span(*at).failed) {
        let mut entry = graph.entry(at);
        // Up through the callers; each has one entry on the way.
        while let Some(parent) = graph.parent(entry) {
            entry = graph.entry(parent);
            if !found.insert(entry) {
                break;
            }
        }
    }
    found
}

/// The one entry of a service in a trace, where there is but one.
fn only_entries(graph: &Graph<'_>) -> HashMap<(u128, Name), Option<u32>> {
    let mut found: HashMap<(u128, Name), Option<u32>> = HashMap::new();
    for at in graph.all().filter(|at| graph.is_entry(*at)) {
        let span = graph.span(at);
        found
            .entry((span.trace, span.service))
            .and_modify(|one| *one = None)
            .or_insert(Some(at));
    }
    found
}

/// The run that a log record belongs to.
fn entry_of(
    graph: &Graph<'_>,
    log: &Log,
    only: &HashMap<(u128, Name), Option<u32>>,
) -> Option<u32> {
    // Of an exception the message of the log that reports it is the step.
    if log.trace == 0 || log.template.is_none() || log.template == log.group {
        return None;
    }
    if let Some(at) = graph.find(log.trace, log.span)
        && graph.span(at).service == log.service
    {
        return Some(graph.entry(at));
    }
    only.get(&(log.trace, log.service)).copied().flatten()
}

/// Compares the two windows.
pub(crate) fn compare(case: &Case, before: &Graph<'_>, now: &Graph<'_>) -> Flow {
    let earlier = runs(before, &case.baseline);
    let later = runs(now, &case.incident);
    let severities = severities(case);
    let text = |name: Name| case.text(name);
    let mut found = Flow::default();
    for (operation, now) in &later {
        if let Some(before) = earlier.get(operation) {
            let mut differences = differences(*operation, before, now, &severities);
            swapped(&mut differences);
            renamed(&mut differences, [before, now], &text);
            found.differences.append(&mut differences);
        }
    }
    for difference in &found.differences {
        let known = found.by_service.entry(difference.operation.0).or_default();
        *known = known.max(difference.strength);
    }
    found
}

fn severities(case: &Case) -> Severities {
    let mut found = Severities::new();
    for log in case.baseline.logs.iter().chain(&case.incident.logs) {
        let known = found.entry(log.template).or_default();
        *known = (*known).max(log.severity);
    }
    found
}

/// Steps of an operation that are others.
fn differences(
    operation: Operation,
    before: &Runs,
    now: &Runs,
    severities: &Severities,
) -> Vec<Difference> {
    let all: BTreeSet<Step> = before
        .steps
        .keys()
        .chain(now.steps.keys())
        .copied()
        .collect();
    let none = (0, 0);
    let mut found = Vec::new();
    for step in all {
        let (had, times_before) = *before.steps.get(&step).unwrap_or(&none);
        let (has, times_now) = *now.steps.get(&step).unwrap_or(&none);
        let z = proportion(had, before.count, has, now.count);
        let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
        let by = share(has, now.count) - share(had, before.count);
        let weight = weight(step, by, severities);
        let repeats = repeats((had, times_before), (has, times_now));
        let mut strength = if z.abs() >= Z_MIN && by.abs() > 0.02 {
            weight * ramp(z.abs(), 1.0, 6.0) * (0.35 + 0.65 * ramp(by.abs(), 0.0, 0.4))
        } else {
            0.0
        };
        if let Some((_, _, sure)) = repeats
            && !matches!(step, Step::Message(_))
        {
            strength = strength.max(0.9 * ramp(sure, 3.0, 10.0));
        }
        if strength > 0.0 {
            found.push(Difference {
                operation,
                step,
                before: (had, before.count),
                now: (has, now.count),
                repeats: repeats.map(|(before, now, _)| (before, now)),
                z,
                strength,
            });
        }
    }
    found
}

/// How many times a step is repeated in a run that has it, before and now, where it is more often.
fn repeats(before: (usize, u64), now: (usize, u64)) -> Option<(f64, f64, f64)> {
    let each = |(runs, times): (usize, u64)| times as f64 / runs.max(1) as f64;
    let (earlier, later) = (each(before), each(now));
    if before.0 < 3 || now.0 < 3 || later < REPEAT_RATIO_MIN * earlier {
        return None;
    }
    let exposure = before.0 as f64 / now.0 as f64;
    let z = surplus(earlier * now.0 as f64, now.1 as f64, exposure);
    (z >= REPEAT_Z_MIN).then_some((earlier, later, z))
}

/// How much it says that a step comes or goes.
fn weight(step: Step, by: f64, severities: &Severities) -> f64 {
    match step {
        Step::Call(_) => 1.0,
        Step::Inner(_) => 0.8,
        Step::Message(template) => {
            let severity = severities.get(&template).copied().unwrap_or_default();
            if by < 0.0 || severity >= Severity::ERROR {
                0.9
            } else if severity >= Severity::WARN {
                0.7
            } else {
                WORDING
            }
        }
    }
}

/// A message that went while another came in as many runs was worded anew.
fn swapped(differences: &mut [Difference]) {
    let share = |(n, of): (usize, usize)| n as f64 / of.max(1) as f64;
    let by = |d: &Difference| share(d.now) - share(d.before);
    let harmless = |d: &Difference| matches!(d.step, Step::Message(_)) && by(d) > 0.0;
    let came: Vec<f64> = differences
        .iter()
        .filter(|d| harmless(d) && d.strength <= WORDING)
        .map(by)
        .collect();
    for difference in differences.iter_mut() {
        let gone = -by(difference);
        let replaced = came.iter().any(|came| (came - gone).abs() < SWAP_SHARE);
        if gone > 0.0 && matches!(difference.step, Step::Message(_)) && replaced {
            difference.strength *= WORDING;
        }
    }
}

/// A call of which one went while another of the same peer came in as many runs has another name
/// now, as it gets from another version of an SDK or of the semantic conventions; a span of the
/// service itself, where the two names have most of their words in common.
fn renamed<'c>(
    differences: &mut [Difference],
    [before, now]: [&Runs; 2],
    text: &dyn Fn(Name) -> &'c str,
) {
    let share = |(n, of): (usize, usize)| n as f64 / of.max(1) as f64;
    let peer = |runs: &Runs, step: Step| runs.peers.get(&step).copied();
    let same = |gone: Step, came: Step| match (gone, came) {
        (Step::Call(_), Step::Call(_)) => {
            peer(before, gone).is_some_and(|known| Some(known) == peer(now, came))
        }
        (Step::Inner(a), Step::Inner(b)) => are_alike(text(a), text(b)),
        _ => false,
    };
    let takes_place = |came: &Difference, gone: &Difference| {
        let whole = gone.now.0 == 0 && came.before.0 == 0;
        let as_many = (share(gone.before) - share(came.now)).abs() < SWAP_SHARE;
        whole && as_many && same(gone.step, came.step)
    };
    let is_renamed = |one: &Difference| {
        let mut others = differences.iter();
        others.any(|other| takes_place(one, other) || takes_place(other, one))
    };
    let renamed: Vec<bool> = differences.iter().map(is_renamed).collect();
    for (difference, renamed) in differences.iter_mut().zip(renamed) {
        if renamed {
            difference.strength *= WORDING;
        }
    }
}

/// Whether two names have most of their words in common.
fn are_alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        let words = parts.filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    let common = a.intersection(&b).count();
    common > 0 && 2 * common >= a.len().max(b.len())
}

impl Flow {
    /// How much the course of the service's operations says.
    pub(crate) fn strength(&self, service: Name) -> f64 {
        self.by_service.get(&service).copied().unwrap_or_default()
    }

    /// The evidence for a service.
    pub(crate) fn evidence(&self, case: &Case, service: Name) -> Vec<Evidence> {
        let mut own: Vec<&Difference> = self
            .differences
            .iter()
            .filter(|difference| difference.operation.0 == service)
            .collect();
        own.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        own.into_iter()
            .take(EACH_COUNT_MAX)
            .map(|difference| told(case, difference))
            .collect()
    }
}

fn told(case: &Case, difference: &Difference) -> Evidence {
    let (service, operation) = difference.operation;
    let step = match difference.step {
        Step::Message(name) | Step::Inner(name) | Step::Call(name) => case.text(name),
    };
    let share = |(n, of): (usize, usize)| n as f64 / of.max(1) as f64;
    let (before, now, unit) = match difference.repeats {
        Some((before, now)) => (before, now, Unit::Times),
        None => (share(difference.before), share(difference.now), Unit::Share),
    };
    Evidence {
        check: Check::Flow,
        subject: Subject {
            service: case.text(service).to_owned(),
            operation: case.text(operation).to_owned(),
            other: match difference.step {
                Step::Message(_) => "message".to_owned(),
                Step::Inner(_) => "span".to_owned(),
                Step::Call(_) => "call".to_owned(),
            },
        },
        strength: difference.strength,
        numbers: Numbers {
            before,
            now,
            of_before: difference.before.1 as u64,
            of_now: difference.now.1 as u64,
            unit,
            ..Numbers::default()
        },
        deviation: difference.z,
        text: step.to_owned(),
        traces: Vec::new(),
    }
}
