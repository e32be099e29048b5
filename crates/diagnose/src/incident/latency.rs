//! Where the time went that requests took longer: in a service, in a dependency of it, or between
//! two services.
//!
//! Each part of each operation is compared with the baseline. What it took longer, times how often
//! it was called, is time that requests waited more; a service's share of all of it is what the
//! check says of it. Sources: critical path by self time (CRISP, USENIX ATC 2022); gaps of edges
//! for faults of the network.

use std::collections::BTreeMap;

use super::case::Case;
use super::errors::UNTRACED_SHARE;
use super::evidence::{Check, Evidence, Numbers, Subject, Unit};
use super::graph::{Graph, Part};
use super::measure::{self, Shift, ramp};
use super::names::Name;

/// Deviations from which on a part is slower.
const Z_MIN: f64 = 3.5;
/// Milliseconds that a part may take longer without meaning anything.
const SLACK_MS: f64 = 1.0;
/// Share of the slower calls by which a part must be slower in the mean.
const RATIO_MIN: f64 = 1.15;

/// Most traces that are told of one part.
const TRACES_COUNT_MAX: usize = 3;
/// Fewest parts from which one may tell what all have in common.
const COMMON_COUNT_MIN: usize = 6;

/// A part of an operation of a service.
pub(crate) type Class = (Name, Name, Part);

/// A part that is slower.
pub(crate) struct Slower {
    pub(crate) class: Class,
    pub(crate) shift: Shift,
    /// Milliseconds that all its calls together took longer.
    pub(crate) excess_ms: f64,
    /// Traces of the slowest calls.
    pub(crate) traces: Vec<u128>,
}

/// What the check found.
#[derive(Default)]
pub(crate) struct Latency {
    pub(crate) slower: Vec<Slower>,
    /// Milliseconds longer, by service.
    pub(crate) by_service: BTreeMap<Name, f64>,
    pub(crate) excess_ms: f64,
    /// Share of the time of requests that is excess, 0 to 1.
    pub(crate) impact: f64,
    /// What a service's own requests feel of it, 0 to 1.
    felt: BTreeMap<Name, f64>,
}

/// Milliseconds by class.
fn samples(graph: &Graph<'_>) -> BTreeMap<Class, Vec<f64>> {
    let mut samples: BTreeMap<Class, Vec<f64>> = BTreeMap::new();
    for at in graph.all() {
        let span = graph.span(at);
        if let Some((part, ns)) = graph.part(at) {
            let class = (span.service, span.operation, part);
            samples.entry(class).or_default().push(ns as f64 / 1e6);
        }
    }
    samples
}

/// Milliseconds that the window's requests took in all, from where each came in.
fn total_ms(graph: &Graph<'_>) -> f64 {
    let roots = graph.all().filter(|at| graph.parent(*at).is_none());
    roots
        .map(|at| graph.span(at))
        .map(|span| span.end_ns.saturating_sub(span.start_ns) as f64 / 1e6)
        .sum()
}

/// Compares the two windows.
pub(crate) fn compare(before: &Graph<'_>, now: &Graph<'_>) -> Latency {
    let mut earlier = samples(before);
    let mut shifts = Vec::new();
    let mut found = Latency::default();
    for (class, mut sample) in samples(now) {
        let known = earlier.get_mut(&class);
        if matches!(class.2, Part::Unanswered(_)) {
            let known = known.map_or(&[][..], |known| known.as_slice());
            found.slower.extend(unanswered(class, known, &sample));
            continue;
        }
        let shift = known.and_then(|known| measure::shift(known, &mut sample, SLACK_MS));
        shifts.extend(shift.map(|shift| (class, shift)));
    }
    let (own, edges) = (common(&shifts, false), common(&shifts, true));
    for (class, shift) in shifts {
        let (usual, width) = if is_edge(&class) { edges } else { own };
        let longer = shift.mean_now - shift.mean_before - usual;
        let slower = shift.z >= Z_MIN
            && longer > f64::max(SLACK_MS / 2.0, 2.0 * width)
            && (shift.mean_now > RATIO_MIN * shift.mean_before
                || shift.tail_now > RATIO_MIN * shift.tail_before);
        if slower {
            let excess_ms = longer * shift.count_now as f64;
            found.slower.push(Slower {
                class,
                shift,
                excess_ms,
                traces: Vec::new(),
            });
        }
    }
    slowest(now, &mut found.slower);
    blame(before, now, &mut found);
    let total = total_ms(now).max(1.0);
    found.excess_ms = found.slower.iter().map(|slower| slower.excess_ms).sum();
    found.impact = (found.excess_ms / total).min(1.0);
    found.felt = felt(before, now, &found.by_service);
    found
}

/// Finds the traces of the slowest calls of each part.
fn slowest(now: &Graph<'_>, slower: &mut [Slower]) {
    let mut calls: BTreeMap<Class, Vec<(u64, u128)>> = BTreeMap::new();
    for at in now.all() {
        let span = now.span(at);
        if let Some((part, ns)) = now.part(at) {
            let class = (span.service, span.operation, part);
            if slower.iter().any(|slower| slower.class == class) {
                calls.entry(class).or_default().push((ns, span.trace));
            }
        }
    }
    for slower in slower {
        let Some(calls) = calls.get_mut(&slower.class) else {
            continue;
        };
        calls.sort_unstable_by(|a, b| b.cmp(a));
        slower.traces = calls
            .iter()
            .take(TRACES_COUNT_MAX)
            .map(|call| call.1)
            .collect();
    }
}

/// Time that was waited for nobody; before, nobody needed to.
fn unanswered(class: Class, before: &[f64], now: &[f64]) -> Option<Slower> {
    let excess_ms = now.iter().sum::<f64>() - before.iter().sum::<f64>();
    let shift = Shift {
        count_before: before.len(),
        count_now: now.len(),
        mean_now: measure::mean(now),
        median_now: measure::mean(now),
        tail_now: now.iter().fold(0.0, |a: f64, b| a.max(*b)),
        mean_before: measure::mean(before),
        median_before: measure::mean(before),
        tail_before: before.iter().fold(0.0, |a: f64, b| a.max(*b)),
        z: measure::surplus(before.len() as f64, now.len() as f64, 1.0),
    };
    (shift.z >= Z_MIN && excess_ms > SLACK_MS).then_some(Slower {
        class,
        shift,
        excess_ms,
        traces: Vec::new(),
    })
}

/// What the requests of each service feel of the time that it lost: how much longer they take, for
/// itself and beside what users wait in all.
fn felt(before: &Graph<'_>, now: &Graph<'_>, lost: &BTreeMap<Name, f64>) -> BTreeMap<Name, f64> {
    let roots = before
        .all()
        .filter(|at| before.parent(*at).is_none())
        .count();
    let whole = total_ms(before) / roots.max(1) as f64;
    let entries = |graph: &Graph<'_>| {
        let mut entries: BTreeMap<Name, (f64, f64)> = BTreeMap::new();
        for at in graph.all().filter(|at| graph.is_entry(*at)) {
            let span = graph.span(at);
            let known = entries.entry(span.service).or_default();
            known.0 += 1.0;
            known.1 += span.end_ns.saturating_sub(span.start_ns) as f64 / 1e6;
        }
        entries
    };
    let (earlier, later) = (entries(before), entries(now));
    let mut found = BTreeMap::new();
    for (service, lost) in lost {
        let (Some((count, took)), Some((calls, _))) = (earlier.get(service), later.get(service))
        else {
            continue;
        };
        let each = lost / calls;
        let relative = each / (took / count).max(1e-9);
        let beside = each / whole.max(1e-9);
        found.insert(*service, ramp(relative, 0.1, 0.5) * ramp(beside, 0.02, 0.1));
    }
    found
}

fn is_edge(class: &Class) -> bool {
    matches!(class.2, Part::Edge(_))
}

/// What everything takes longer, and how much that differs, in milliseconds: more load on the
/// machines slows all parts alike, and tells nothing of one.
fn common(shifts: &[(Class, Shift)], edges: bool) -> (f64, f64) {
    let longer = shifts
        .iter()
        .filter(|(class, _)| is_edge(class) == edges)
        .map(|(_, shift)| shift.mean_now - shift.mean_before);
    let mut longer: Vec<f64> = longer.collect();
    if longer.len() < COMMON_COUNT_MIN {
        return (0.0, 0.0);
    }
    let (middle, width) = measure::spread(&mut longer);
    (middle.max(0.0), width)
}

/// Gives the time lost to services: of an edge's, to the end whose edges are slow altogether.
fn blame(before: &Graph<'_>, now: &Graph<'_>, found: &mut Latency) {
    let mut edges: BTreeMap<(Name, Name), f64> = BTreeMap::new();
    for slower in &found.slower {
        let (service, _, part) = slower.class;
        match part {
            Part::Unanswered(callee) => {
                *found.by_service.entry(callee).or_default() += slower.excess_ms;
            }
            Part::Own | Part::Dependency(_) => {
                *found.by_service.entry(service).or_default() += slower.excess_ms;
            }
            Part::Untraced(callee) => {
                let theirs = slower.excess_ms * UNTRACED_SHARE;
                *found.by_service.entry(callee).or_default() += theirs;
                *found.by_service.entry(service).or_default() += slower.excess_ms - theirs;
            }
            Part::Edge(callee) => {
                *edges.entry((service, callee)).or_default() += slower.excess_ms;
            }
        }
    }
    let all = now.edges();
    let usual = before.edges();
    let total: f64 = edges.values().sum();
    for ((caller, callee), excess) in &edges {
        let weigh = |node: Name| node_score(node, &edges, total, &all, &usual);
        let (up, down) = (weigh(*caller), weigh(*callee));
        // What a callee is late to begin, it may have itself been too busy for.
        let own = found.by_service.contains_key(callee);
        let down = if own { down * 1.5 } else { down };
        let sum = (up + down).max(1e-9);
        *found.by_service.entry(*caller).or_default() += excess * up / sum;
        *found.by_service.entry(*callee).or_default() += excess * down / sum;
    }
}

/// How well a fault of the node's own network would explain the slow edges: their share that it
/// has, times the share of its edges that are slow; squared, so that the better one takes more.
fn node_score(
    node: Name,
    slow: &BTreeMap<(Name, Name), f64>,
    total: f64,
    all: &BTreeMap<(Name, Name), u64>,
    usual: &BTreeMap<(Name, Name), u64>,
) -> f64 {
    let touches = |edge: &(Name, Name)| edge.0 == node || edge.1 == node;
    let own: f64 = slow
        .iter()
        .filter(|(edge, _)| touches(edge))
        .map(|(_, excess)| excess)
        .sum();
    let incident = all
        .keys()
        .filter(|edge| touches(edge) && usual.contains_key(edge));
    let (mut edges, mut hit) = (0.0, 0.0);
    for edge in incident {
        edges += 1.0;
        hit += f64::from(u8::from(slow.contains_key(edge)));
    }
    let recall = own / total.max(1e-9);
    let precision = hit / f64::max(edges, 1.0);
    let score = recall * (0.3 + 0.7 * precision);
    score * score
}

impl Latency {
    /// Whether a part that is slower took longer than nearly all of its calls did before.
    pub(crate) fn is_slow(&self, class: Class, ms: f64) -> bool {
        let slower = self.slower.iter().find(|slower| slower.class == class);
        slower.is_some_and(|slower| ms > slower.shift.tail_before)
    }

    /// How much of the time lost is the service's, as strength.
    pub(crate) fn strength(&self, service: Name) -> f64 {
        let own = self.by_service.get(&service).copied().unwrap_or_default();
        let felt = self.felt.get(&service).copied().unwrap_or_default();
        own / self.excess_ms.max(1e-9) * ramp(self.impact, 0.0, 0.15).max(felt)
    }

    /// The evidence for a service: its slowest parts.
    pub(crate) fn evidence(&self, case: &Case, service: Name) -> Vec<Evidence> {
        let mut own: Vec<&Slower> = self
            .slower
            .iter()
            .filter(|slower| {
                let (owner, _, part) = slower.class;
                let of = [Part::Edge, Part::Unanswered, Part::Untraced];
                owner == service || of.iter().any(|of| part == of(service))
            })
            .collect();
        own.sort_by(|a, b| b.excess_ms.total_cmp(&a.excess_ms));
        let strength = self.strength(service);
        let shown = own.into_iter().take(super::evidence::EACH_COUNT_MAX);
        shown
            .map(|slower| told(case, slower, strength, self.excess_ms))
            .collect()
    }
}

fn told(case: &Case, slower: &Slower, strength: f64, total: f64) -> Evidence {
    let (service, operation, part) = slower.class;
    let (check, other) = match part {
        Part::Own => (Check::SelfTime, Name::NONE),
        Part::Dependency(peer) | Part::Untraced(peer) => (Check::Dependency, peer),
        Part::Edge(callee) => (Check::EdgeGap, callee),
        Part::Unanswered(callee) => (Check::Unreachable, callee),
    };
    Evidence {
        check,
        subject: Subject {
            service: case.text(service).to_owned(),
            operation: case.text(operation).to_owned(),
            other: case.text(other).to_owned(),
        },
        strength: strength * (slower.excess_ms / total.max(1e-9)).min(1.0).sqrt(),
        numbers: Numbers {
            before: slower.shift.median_before,
            now: slower.shift.median_now,
            tail_before: slower.shift.tail_before,
            tail_now: slower.shift.tail_now,
            of_before: slower.shift.count_before as u64,
            of_now: slower.shift.count_now as u64,
            unit: Unit::Milliseconds,
        },
        deviation: slower.shift.z,
        text: String::new(),
        traces: slower.traces.clone(),
    }
}
