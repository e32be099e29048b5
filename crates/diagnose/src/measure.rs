//! The one definition of every number: from the telemetry, by measure and scope.

use std::collections::BTreeSet;

use crate::clock::HOUR_NS;
use crate::statistic::{Measure, Quantity, Scope};
use crate::telemetry::{Exemplar, GroupStat, Telemetry, ToldChange};
use crate::test_of_change::median;

/// Computes a number; `None` where the scope does not carry it, or names what is not there.
pub(crate) fn measure(telemetry: &Telemetry, measure: Measure, scope: &Scope) -> Option<Quantity> {
    match measure {
        Measure::EventsInWindow => total(telemetry, scope, |g| g.count_window),
        Measure::EventsInBaseline => total(telemetry, scope, |g| g.count_baseline),
        Measure::FailuresInWindow => {
            total(
                telemetry,
                scope,
                |g| if g.failure { g.count_window } else { 0 },
            )
        }
        Measure::FailingGroups => total(telemetry, scope, |g| {
            u64::from(g.failure && g.count_window > 0)
        }),
        Measure::FirstSeen => one_group(telemetry, scope)
            .filter(|g| g.first_seen_unix_ns > 0)
            .map(|g| Quantity::Moment(g.first_seen_unix_ns)),
        Measure::LastSeen => one_group(telemetry, scope)
            .filter(|g| g.last_seen_unix_ns > 0)
            .map(|g| Quantity::Moment(g.last_seen_unix_ns)),
        Measure::PeakHour => {
            peak(telemetry, scope).map(|(hour, _)| Quantity::Moment(hour.saturating_mul(HOUR_NS)))
        }
        Measure::PeakHourEvents => peak(telemetry, scope).map(|(_, count)| Quantity::Count(count)),
        Measure::RateRatio => rate_ratio(telemetry, one_group(telemetry, scope)?),
        Measure::EventsCited => Some(Quantity::Count(events(telemetry, scope)?.len() as u64)),
        Measure::TracesCited => {
            let cited = events(telemetry, scope)?;
            let traces: BTreeSet<_> = cited.iter().filter_map(|x| x.event.trace_id).collect();
            Some(Quantity::Count(traces.len() as u64))
        }
        Measure::EventTime => match events(telemetry, scope)?.as_slice() {
            [one] => Some(Quantity::Moment(one.time_unix_ns)),
            _ => None,
        },
        Measure::ChangeTime => {
            told(telemetry, scope).map(|(change, _)| Quantity::Moment(change.time_unix_ns))
        }
        Measure::EventsBeforeChange => around(telemetry, scope).map(|(before, _)| before),
        Measure::EventsAfterChange => around(telemetry, scope).map(|(_, after)| after),
        Measure::SelfTimeMedian => {
            let cited = events(telemetry, scope)?;
            let own = cited.iter().map(|x| self_time(telemetry, x)).collect();
            (!cited.is_empty()).then(|| Quantity::Duration(median(own)))
        }
    }
}

/// The change of a scope, and the group.
fn told<'t>(telemetry: &'t Telemetry, scope: &'t Scope) -> Option<(&'t ToldChange, &'t str)> {
    let Scope::Around(change, group) = scope else {
        return None;
    };
    let mut changes = telemetry.changes.iter();
    let found = changes.find(|told| told.evidence_id == *change)?;
    Some((found, group))
}

/// Events of a group before and after a change.
fn around(telemetry: &Telemetry, scope: &Scope) -> Option<(Quantity, Quantity)> {
    let (change, group) = told(telemetry, scope)?;
    let found = change.around.iter().find(|(id, ..)| id == group);
    found.map(|(_, before, after)| (Quantity::Count(*before), Quantity::Count(*after)))
}

/// Duration of a span less what its stored children cover.
pub(crate) fn self_time(telemetry: &Telemetry, span: &Exemplar) -> u64 {
    let (from, to) = (span.event.time_unix_ns, span.event.end_unix_ns);
    let mut children: Vec<(u64, u64)> = telemetry
        .exemplars
        .iter()
        .filter(|x| x.event.trace_id.is_some() && x.event.trace_id == span.event.trace_id)
        .filter(|x| x.event.parent_span_id.is_some() && x.event.end_unix_ns > 0)
        .filter(|x| x.event.parent_span_id == span.event.span_id)
        .map(|x| {
            (
                x.event.time_unix_ns.clamp(from, to.max(from)),
                x.event.end_unix_ns.min(to),
            )
        })
        .collect();
    children.sort_unstable();
    let mut covered = 0;
    let mut reached = from;
    for (start, end) in children {
        let start = start.max(reached);
        covered += end.saturating_sub(start);
        reached = reached.max(end);
    }
    to.saturating_sub(from).saturating_sub(covered)
}

fn total(t: &Telemetry, scope: &Scope, count: fn(&GroupStat) -> u64) -> Option<Quantity> {
    let sum = match scope {
        Scope::All => t.groups.iter().map(count).sum(),
        Scope::Service(name) => t
            .groups
            .iter()
            .filter(|g| g.service == *name)
            .map(count)
            .sum(),
        Scope::Groups(ids) => {
            let known = |id: &String| t.groups.iter().find(|g| g.id == *id).map(count);
            ids.iter().map(known).sum::<Option<u64>>()?
        }
        Scope::Events(_) | Scope::Around(..) => return None,
    };
    Some(Quantity::Count(sum))
}

fn one_group<'a>(t: &'a Telemetry, scope: &Scope) -> Option<&'a GroupStat> {
    match scope {
        Scope::Groups(ids) => match ids.as_slice() {
            [id] => t.groups.iter().find(|g| g.id == *id),
            _ => None,
        },
        _ => None,
    }
}

fn events<'a>(t: &'a Telemetry, scope: &Scope) -> Option<Vec<&'a Exemplar>> {
    let Scope::Events(ids) = scope else {
        return None;
    };
    let distinct: BTreeSet<&String> = ids.iter().collect();
    let known = |id: &&String| t.exemplars.iter().find(|x| x.evidence_id == **id);
    distinct.iter().map(known).collect()
}

fn peak(t: &Telemetry, scope: &Scope) -> Option<(u64, u64)> {
    let group = one_group(t, scope)?;
    let hours = t.window.from_unix_ns / HOUR_NS..t.window.to_unix_ns.div_ceil(HOUR_NS);
    let mut within: Vec<_> = group
        .hourly
        .iter()
        .copied()
        .filter(|(hour, _)| hours.contains(hour))
        .collect();
    within.sort_by_key(|&(hour, count)| (std::cmp::Reverse(count), hour));
    within.first().copied()
}

fn rate_ratio(t: &Telemetry, group: &GroupStat) -> Option<Quantity> {
    let service = || t.groups.iter().filter(|g| g.service == group.service);
    let window: u64 = service().map(|g| g.count_window).sum();
    let baseline: u64 = service().map(|g| g.count_baseline).sum();
    let before = group.count_baseline as f64 / baseline as f64;
    let ratio = group.count_window as f64 / window as f64 / before;
    (ratio.is_finite()).then_some(Quantity::Ratio(ratio))
}
