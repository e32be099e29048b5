//! When it began: the moment at which what is wrong began to come more often.
//!
//! One change point of a Poisson process by maximum likelihood, over the times of failing spans,
//! of slow parts and of messages that are new.

use super::graph::Graph;
use super::rank::Found;

/// Fewest signs from which a moment is told.
const SIGNS_COUNT_MIN: usize = 5;
/// Most signs that are looked at; of more, every so many-th.
const SIGNS_COUNT_MAX: usize = 4_096;
/// How many times as often it must come afterwards.
const RATIO_MIN: f64 = 2.0;

/// The moment, nanoseconds since the Unix epoch; none where it was so from the beginning, or where
/// there are too few signs.
pub(crate) fn onset(found: &Found<'_>, logs: &[super::case::Log]) -> Option<u64> {
    let mut signs = signs(&found.now, found, logs);
    signs.sort_unstable();
    let starts = found.now.all().map(|at| found.now.span(at).start_ns);
    let times = starts.chain(logs.iter().map(|log| log.time_ns));
    let (first, last) = times
        .filter(|time| *time > 0)
        .fold((u64::MAX, 0), |(a, b), time| (a.min(time), b.max(time)));
    begun(&signs, first, last)
}

/// The moment from which on sorted signs between two moments come more often.
pub(crate) fn begun(signs: &[u64], first: u64, last: u64) -> Option<u64> {
    let every = signs.len().div_ceil(SIGNS_COUNT_MAX).max(1);
    let some: Vec<u64> = signs.iter().copied().step_by(every).collect();
    if some.len() < SIGNS_COUNT_MIN || last <= first {
        return None;
    }
    change_point(&some, first, last)
}

fn signs(graph: &Graph<'_>, found: &Found<'_>, logs: &[super::case::Log]) -> Vec<u64> {
    let mut signs = Vec::new();
    for at in graph.all() {
        let span = graph.span(at);
        let fails = || {
            let same = |class: &(super::names::Name, super::names::Name)| {
                *class == (span.service, span.operation)
            };
            let surplus = &found.errors.surplus;
            surplus.iter().any(|s| same(&(s.class.0, s.class.1)))
        };
        let slow = || {
            let (part, ns) = graph.part(at)?;
            let class = (span.service, span.operation, part);
            let known = found.latency.slower.iter().find(|s| s.class == class)?;
            (ns as f64 / 1e6 > known.shift.tail_before).then_some(())
        };
        if (span.failed && fails()) || slow().is_some() {
            signs.push(span.start_ns);
        }
    }
    let loud = &found.logs.louder;
    let told = logs.iter().filter(|log| {
        loud.iter().any(|louder| {
            louder.strength > 0.2
                && louder.service == log.service
                && (louder.template == log.template || louder.template == log.group)
        })
    });
    signs.extend(told.map(|log| log.time_ns));
    signs
}

fn change_point(signs: &[u64], first: u64, last: u64) -> Option<u64> {
    let total = signs.len() as f64;
    let whole = (last - first) as f64;
    let likelihood = |count: f64, span: f64| {
        if count > 0.0 && span > 0.0 {
            count * (count / span).ln()
        } else {
            0.0
        }
    };
    let mut best = (likelihood(total, whole) + 3.0, None);
    for (before, time) in signs.iter().enumerate() {
        let (head, tail) = ((time - first) as f64, (last - time) as f64);
        let (before, after) = (before as f64, total - before as f64);
        let rises =
            head > 0.0 && tail > 0.0 && after / tail > RATIO_MIN * (before / head).max(1e-30);
        let value = likelihood(before, head) + likelihood(after, tail);
        if rises && value > best.0 {
            best = (value, Some(*time));
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_from_which_on_there_is_more_is_found() {
        let signs: Vec<u64> = (0..4)
            .map(|i| i * 100)
            .chain((0..50).map(|i| 600 + i * 8))
            .collect();
        assert_eq!(change_point(&signs, 0, 1_000), Some(600));
    }

    #[test]
    fn what_was_always_so_has_no_beginning() {
        let signs: Vec<u64> = (0..100).map(|i| i * 10).collect();
        assert_eq!(change_point(&signs, 0, 1_000), None);
    }
}
