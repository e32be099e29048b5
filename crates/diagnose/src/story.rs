//! Timeline and next steps.

use std::collections::BTreeMap;

use cordon_event::attr;

use crate::change::{Changes, is_new};
use crate::diagnosis::{Check, Hypothesis, NextStep, StepKind, TimelineEntry};
use crate::sentence::Sentence;
use crate::stack;
use crate::statistic::{Measure, Quantity, Scope, Statistic};
use crate::view::View;

/// Most entries of a timeline.
const TIMELINE_COUNT_MAX: usize = 20;
/// Most hypotheses that the timeline and the next steps follow.
const FOLLOWED_COUNT_MAX: usize = 5;

/// The story in time.
pub(crate) fn timeline(
    view: &View<'_>,
    changes: &Changes<'_>,
    hypotheses: &[Hypothesis],
) -> Vec<TimelineEntry> {
    let mut out = releases(view, changes, hypotheses);
    for hypothesis in hypotheses.iter().take(FOLLOWED_COUNT_MAX) {
        let Some(group) = view.groups.get(hypothesis.subject.group_id.as_str()) else {
            continue;
        };
        let about = |s: Sentence| s.service(&group.service).quote(&hypothesis.title);
        let first = view.of_group(Measure::FirstSeen, group);
        if is_new(view, group) {
            let said = about(Sentence::new("First failure of "))
                .words(".")
                .citing([&group.id]);
            push(&mut out, &first, said);
        } else if let Some(x) = view.in_window(&group.id).first() {
            let said = about(Sentence::new("Earliest stored failure in the window of "));
            let at = view.measure(
                Measure::EventTime,
                Scope::Events(vec![x.evidence_id.clone()]),
            );
            push(&mut out, &at, said.words(".").citing([&x.evidence_id]));
        }
        if let Some(burst) = hypothesis
            .supporting
            .iter()
            .find(|f| f.check == Check::Burst)
        {
            let peak = view.of_group(Measure::PeakHour, group);
            let said = about(Sentence::new("The worst hour begins of "));
            push(
                &mut out,
                &peak,
                said.words(".").citing(&burst.sentence.evidence),
            );
        }
        let last = view.of_group(Measure::LastSeen, group);
        if group.count_window > 1 && last.value != first.value {
            let said = about(Sentence::new("Last failure so far of "));
            push(&mut out, &last, said.words(".").citing([&group.id]));
        }
    }
    out.sort_by(|a, b| {
        let text = |e: &TimelineEntry| e.sentence.to_string();
        a.time_unix_ns
            .cmp(&b.time_unix_ns)
            .then_with(|| text(a).cmp(&text(b)))
    });
    out.truncate(TIMELINE_COUNT_MAX);
    out
}

fn push(out: &mut Vec<TimelineEntry>, at: &Statistic, sentence: Sentence) {
    if let Quantity::Moment(time_unix_ns) = at.value {
        out.push(TimelineEntry {
            time_unix_ns,
            sentence,
        });
    }
}

/// First stored event of each release that is new to a service under suspicion.
fn releases(
    view: &View<'_>,
    changes: &Changes<'_>,
    hypotheses: &[Hypothesis],
) -> Vec<TimelineEntry> {
    let mut first: BTreeMap<(&str, &str), (u64, &str)> = BTreeMap::new();
    for exemplar in view.all() {
        let (service, release) = (exemplar.event.service(), exemplar.event.release());
        let fresh = changes
            .releases_of(service)
            .is_some_and(|r| r.contains(release));
        let followed = hypotheses.iter().any(|h| h.subject.service == service);
        if fresh && followed {
            let seen = (exemplar.time_unix_ns, exemplar.evidence_id.as_str());
            let entry = first.entry((service, release)).or_insert(seen);
            *entry = (*entry).min(seen);
        }
    }
    let told = |((service, release), (time_unix_ns, id)): ((&str, &str), (u64, &str))| {
        let mut sentence = Sentence::new("First stored event");
        if !service.is_empty() {
            sentence = sentence.words(" of ").quote(service);
        }
        let sentence = sentence
            .words(" on release ")
            .code(release)
            .words(".")
            .citing([id]);
        TimelineEntry {
            time_unix_ns,
            sentence,
        }
    };
    first.into_iter().map(told).collect()
}

/// What to do next, for the best hypotheses.
pub(crate) fn next_steps(
    view: &View<'_>,
    changes: &Changes<'_>,
    hypotheses: &[Hypothesis],
) -> Vec<NextStep> {
    let mut out = Vec::new();
    for hypothesis in hypotheses.iter().take(FOLLOWED_COUNT_MAX) {
        out.extend(mitigate(changes, hypothesis));
        out.extend(reproduce(view, hypothesis));
        out.extend(inspect(hypothesis));
    }
    out.sort_by_key(|step| step.kind);
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|step| seen.insert((step.kind, step.sentence.to_string())));
    out
}

fn mitigate(changes: &Changes<'_>, hypothesis: &Hypothesis) -> Option<NextStep> {
    let release = hypothesis
        .supporting
        .iter()
        .find(|f| f.check == Check::Release)?;
    let old = changes
        .known
        .get(hypothesis.subject.service.as_str())?
        .iter()
        .next_back()?;
    let sentence = match hypothesis.subject.service.as_str() {
        "" => Sentence::new("Consider going"),
        service => Sentence::new("Consider taking ").quote(service),
    };
    let sentence = sentence
        .words(" back to release ")
        .code(old)
        .words(", which ran without this failure.")
        .citing(&release.sentence.evidence);
    Some(NextStep {
        kind: StepKind::Mitigate,
        sentence,
        command: None,
    })
}

fn reproduce(view: &View<'_>, hypothesis: &Hypothesis) -> Option<NextStep> {
    let subject = &hypothesis.subject;
    let group = view.groups.get(subject.group_id.as_str())?;
    if !crate::change::has_code(group.kind) {
        return None;
    }
    let exemplars = view.in_window(&group.id);
    let recorded = exemplars
        .iter()
        .find(|x| !stack::arguments(view, x).is_empty());
    Some(match recorded {
        Some(x) => NextStep {
            kind: StepKind::Reproduce,
            sentence: Sentence::new("Write the failing test for ")
                .quote(&hypothesis.title)
                .words(" from the recorded call.")
                .citing([&x.evidence_id]),
            command: Some(format!(
                "cordon repro {} --source DIR --out DIR",
                subject.group_id
            )),
        },
        None => NextStep {
            kind: StepKind::Record,
            sentence: Sentence::new("Record the arguments of the call (attribute `")
                .words(attr::CALL_ARGUMENTS)
                .words("`), so that ")
                .quote(&hypothesis.title)
                .words(" can be reproduced when it happens again.")
                .citing([&subject.group_id]),
            command: None,
        },
    })
}

fn inspect(hypothesis: &Hypothesis) -> Option<NextStep> {
    let subject = &hypothesis.subject;
    let function = subject.function.as_deref()?;
    let mut sentence = Sentence::new("Read ").code(function);
    if let Some(at) = &subject.location {
        sentence = sentence.words(" at ").quote(at);
    }
    let argument = hypothesis
        .supporting
        .iter()
        .find(|f| f.check == Check::Argument);
    sentence = match argument {
        Some(f) => sentence
            .words(", with the argument in mind that sets the failing calls apart.")
            .citing(&f.sentence.evidence),
        None => sentence.words("."),
    };
    let sentence = sentence.citing([&subject.group_id]);
    Some(NextStep {
        kind: StepKind::Inspect,
        sentence,
        command: None,
    })
}
