//! The checks on one failing group: each says for, against or unknown, with its evidence.

use std::collections::BTreeSet;

use cordon_event::attr;

use crate::cause::Causes;
use crate::change::{Changes, has_code, is_new};
use crate::contrast;
use crate::diagnosis::{Check, Finding, Subject};
use crate::sentence::Sentence;
use crate::stack;
use crate::statistic::{Measure, Scope};
use crate::telemetry::{Exemplar, GroupKind, GroupStat};
use crate::view::View;

/// Fewest events in the peak hour of a burst.
const BURST_EVENTS_MIN: u64 = 5;
/// Most stored events cited by one finding.
pub(crate) const CITED_COUNT_MAX: usize = 8;

/// What the checks found.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) supporting: Vec<Finding>,
    pub(crate) contradicting: Vec<Finding>,
    pub(crate) missing: Vec<Finding>,
}

/// What the checks look at.
pub(crate) struct Case<'a, 'v> {
    pub(crate) view: &'v View<'a>,
    pub(crate) changes: &'v Changes<'a>,
    pub(crate) causes: &'v Causes<'a>,
    pub(crate) group: &'a GroupStat,
    pub(crate) exemplars: Vec<&'a Exemplar>,
}

const fn finding(check: Check, strength: f64, sentence: Sentence) -> Finding {
    Finding {
        check,
        strength,
        sentence,
    }
}

/// Runs every check.
pub(crate) fn run(case: &Case<'_, '_>) -> Findings {
    let mut found = Findings::default();
    novelty(case, &mut found);
    release(case, &mut found);
    burst(case, &mut found);
    place(case, &mut found);
    propagation(case, &mut found);
    contrast::arguments(case, &mut found);
    contrast::attributes(case, &mut found);
    found.supporting.sort_by(|a, b| {
        b.strength
            .total_cmp(&a.strength)
            .then(a.check.cmp(&b.check))
    });
    found
}

/// First seen, more of it, or as before.
fn novelty(case: &Case<'_, '_>, found: &mut Findings) {
    let Case { view, group, .. } = case;
    let now = || view.of_group(Measure::EventsInWindow, group);
    let before = || view.of_group(Measure::EventsInBaseline, group);
    let cite = |s: Sentence| s.citing([&group.id]);
    if !view.has_baseline() {
        let said =
            Sentence::new("Whether it is new: nothing was recorded in the time compared with.");
        found
            .missing
            .push(finding(Check::Baseline, 0.0, cite(said)));
    }
    if is_new(view, group) {
        let said = Sentence::new("First seen ")
            .number(view.of_group(Measure::FirstSeen, group))
            .words(": ")
            .count(now(), "event", "events")
            .words(" in the window");
        let said = if view.has_baseline() {
            let all = view.measure(
                Measure::EventsInBaseline,
                Scope::Service(group.service.clone()),
            );
            said.words(", none among the ")
                .number(all)
                .words(" of the service before.")
        } else {
            said.words(".")
        };
        let strength = if view.has_baseline() { 0.45 } else { 0.25 };
        found
            .supporting
            .push(finding(Check::FirstSeen, strength, cite(said)));
        return;
    }
    match case.changes.rates.get(group.id.as_str()) {
        Some(z) if *z > 0.0 => {
            let mut said = Sentence::default().number(now()).words(" in the window, ");
            said = said.number(before()).words(" in the baseline");
            let ratio = view.of_group(Measure::RateRatio, group);
            if matches!(ratio.value, crate::statistic::Quantity::Ratio(_)) {
                said = said
                    .words(": ")
                    .number(ratio)
                    .words(" times its share of the events.");
            } else {
                said = said.words(".");
            }
            found
                .supporting
                .push(finding(Check::RateChange, 0.35, cite(said)));
        }
        _ if group.count_baseline > 0 => {
            let said = Sentence::new("It is not new: ")
                .number(before())
                .words(" before, ")
                .number(now())
                .words(" in the window, no significant rise.");
            found
                .contradicting
                .push(finding(Check::RateChange, 0.35, cite(said)));
        }
        _ => {}
    }
}

/// Whether it came with a release.
fn release(case: &Case<'_, '_>, found: &mut Findings) {
    let Case {
        view,
        group,
        changes,
        ..
    } = case;
    let cite = |s: Sentence| s.citing([&group.id]);
    let on: BTreeSet<&str> = group
        .releases
        .iter()
        .map(String::as_str)
        .filter(|r| !r.is_empty())
        .collect();
    if on.is_empty() {
        let said = Sentence::new("Which release failed: its events name none.");
        found.missing.push(finding(Check::Release, 0.0, cite(said)));
        return;
    }
    let fresh = changes.releases_of(&group.service);
    let Some(known) = changes.known.get(group.service.as_str()) else {
        return;
    };
    if let Some(old) = on.iter().find(|r| known.contains(**r)) {
        if fresh.is_some() {
            let said = Sentence::new("It also fails on release ")
                .code(old)
                .words(", which ran before the window: the new release alone does not explain it.");
            found
                .contradicting
                .push(finding(Check::Release, 0.15, cite(said)));
        }
        return;
    }
    if is_new(view, group) && fresh.is_some_and(|fresh| on.iter().all(|r| fresh.contains(r))) {
        let mut said = Sentence::new("It fails only on release ");
        for (i, release) in on.iter().enumerate() {
            said = if i == 0 { said } else { said.words(", ") }.code(release);
        }
        said = said.words(", new in the window");
        if let Some(old) = known.iter().next_back() {
            said = said
                .words("; release ")
                .code(old)
                .words(" ran before without it");
        }
        found
            .supporting
            .push(finding(Check::Release, 0.25, cite(said.words("."))));
    }
}

/// Whether most of it came within an hour.
fn burst(case: &Case<'_, '_>, found: &mut Findings) {
    let Case { view, group, .. } = case;
    let peak = view.of_group(Measure::PeakHourEvents, group);
    let hours = view
        .telemetry
        .window
        .to_unix_ns
        .saturating_sub(view.telemetry.window.from_unix_ns)
        / crate::clock::HOUR_NS;
    let most = peak.count() * 2 > group.count_window;
    if hours < 3 || peak.count() < BURST_EVENTS_MIN || !most {
        return;
    }
    let said = Sentence::default()
        .number(peak)
        .words(" of its ")
        .number(view.of_group(Measure::EventsInWindow, group))
        .words(" events fall in the hour from ")
        .number(view.of_group(Measure::PeakHour, group))
        .words(".")
        .citing([&group.id]);
    found.supporting.push(finding(Check::Burst, 0.1, said));
}

/// Whether it names a place in code.
fn place(case: &Case<'_, '_>, found: &mut Findings) {
    let Some(first) = case.exemplars.first() else {
        let said = Sentence::new("No event of it is stored: only its counts are known.");
        let said = said.citing([&case.group.id]);
        found.missing.push(finding(Check::Stack, 0.0, said));
        return;
    };
    let cite = |s: Sentence| s.citing([&first.evidence_id]);
    let chain = stack::chain(case.view, first);
    if let Some(frame) = stack::suspect(&chain) {
        let mut said = Sentence::new(if frame.in_app {
            "The innermost frame of the application is "
        } else {
            "The stack has no frame of the application; the innermost is "
        })
        .code(&stack::qualified(frame));
        if let Some(at) = stack::location(frame) {
            said = said.words(" at ").quote(&at);
        }
        let strength = if frame.in_app { 0.25 } else { 0.1 };
        found
            .supporting
            .push(finding(Check::Stack, strength, cite(said.words("."))));
    } else if case.group.kind == GroupKind::Exception {
        let said = Sentence::new("Where it was raised: the event has no stack that could be read.");
        found.missing.push(finding(Check::Stack, 0.0, cite(said)));
    }
    if let Some(expectation) = case.view.attribute(first, attr::CALL_EXPECTATION) {
        let mut said = Sentence::new("The recorded expectation ").code(expectation);
        said = said.words(" did not hold");
        if let Some(function) = case.view.function(first) {
            said = said.words(" for ").code(function);
        }
        said = said.words(" in ").count(
            case.view.cited(&few(&case.exemplars)),
            "stored event.",
            "stored events.",
        );
        let said = said.citing(few(&case.exemplars).iter().map(|x| &x.evidence_id));
        found
            .supporting
            .push(finding(Check::Expectation, 0.35, said));
    }
    if has_code(case.group.kind) && stack::arguments(case.view, first).is_empty() {
        let said = Sentence::new("With which arguments: the call was not recorded.");
        found.missing.push(finding(Check::Call, 0.0, cite(said)));
    }
}

/// Whether it is where the failure begins, or follows from another.
fn propagation(case: &Case<'_, '_>, found: &mut Findings) {
    if let Some(explained) = case.causes.of(&case.group.id) {
        let by = case.view.groups.get(explained.by);
        let said = Sentence::new("It follows from ")
            .quote(by.map_or("", |g| &g.title))
            .words(", which failed deeper or says more in the same traces.")
            .citing(few(&explained.events).iter().map(|x| &x.evidence_id))
            .citing([explained.by]);
        found
            .contradicting
            .push(finding(Check::Propagation, explained.share, said));
        return;
    }
    let mut follow: Vec<&Exemplar> = Vec::new();
    for id in case.causes.follow_ups(&case.group.id) {
        follow.extend(
            case.causes
                .of(id)
                .into_iter()
                .flat_map(|e| e.events.iter().copied()),
        );
    }
    follow.retain(|x| x.group_id == case.group.id && x.event.trace_id.is_some());
    follow.sort_by_key(|x| (x.time_unix_ns, x.evidence_id.as_str()));
    follow.dedup_by_key(|x| x.evidence_id.as_str());
    let follow = few(&follow);
    if follow.is_empty() {
        if case.exemplars.iter().all(|x| x.event.trace_id.is_none()) && !case.exemplars.is_empty() {
            let said = Sentence::new("What called it: its stored events belong to no trace.");
            let ids = few(&case.exemplars);
            let said = said.citing(ids.iter().map(|x| &x.evidence_id));
            found.missing.push(finding(Check::Propagation, 0.0, said));
        }
        return;
    }
    let ids: Vec<String> = follow.iter().map(|x| x.evidence_id.clone()).collect();
    let said = Sentence::new("It is the deepest failure in ")
        .count(
            case.view
                .measure(Measure::TracesCited, Scope::Events(ids.clone())),
            "stored trace",
            "stored traces",
        )
        .words("; other failures there follow from it.")
        .citing(ids);
    found
        .supporting
        .push(finding(Check::Propagation, 0.25, said));
}

/// The first few.
pub(crate) fn few<'a>(events: &[&'a Exemplar]) -> Vec<&'a Exemplar> {
    events.iter().take(CITED_COUNT_MAX).copied().collect()
}

/// Where the failure of a group lies.
pub(crate) fn subject(view: &View<'_>, group: &GroupStat) -> Subject {
    let exemplars = view.in_window(&group.id);
    let first = exemplars.first().copied();
    let chain = first.map(|x| stack::chain(view, x)).unwrap_or_default();
    let frame = stack::suspect(&chain).filter(|f| f.in_app);
    let recorded = first.and_then(|x| view.function(x)).map(crate::excerpt);
    Subject {
        service: crate::excerpt(&group.service),
        function: frame
            .map(|f| crate::excerpt(&stack::qualified(f)))
            .or(recorded),
        location: frame
            .and_then(stack::location)
            .map(|at| crate::excerpt(&at)),
        exception_type: chain
            .first()
            .map(|link| crate::excerpt(&link.exception_type)),
        expectation: first
            .and_then(|x| view.attribute(x, attr::CALL_EXPECTATION))
            .map(crate::excerpt),
        group_id: group.id.clone(),
    }
}
