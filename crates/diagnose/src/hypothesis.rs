//! Findings become ranked hypotheses.

use std::collections::BTreeMap;

use crate::cause::Causes;
use crate::change::Changes;
use crate::diagnosis::{Hypothesis, Subject};
use crate::finding::{self, Case};
use crate::question::{Question, RELEVANCE_MIN};
use crate::sentence::Sentence;
use crate::statistic::{Measure, Scope};
use crate::telemetry::GroupStat;
use crate::view::View;

/// Most hypotheses handed out.
const HYPOTHESES_COUNT_MAX: usize = 10;
/// Most candidate groups on which the checks run, the most relevant first.
const CANDIDATES_COUNT_MAX: usize = 64;
/// What a failure in the window says by itself.
const STRENGTH_BASE: f64 = 0.2;
/// How much an explanation takes away at most.
const EXPLAINED_AWAY: f64 = 0.8;
/// How much of its relevance an effect lends to its cause.
const RELEVANCE_LENT: f64 = 0.95;

/// Relevance of every group, with that of effects lent to their causes.
pub(crate) fn relevance(
    view: &View<'_>,
    question: &Question,
    causes: &Causes<'_>,
) -> BTreeMap<String, f64> {
    let own = question.relevance(view);
    let mut out = own.clone();
    for (id, relevance) in &own {
        let root = causes.root(id).to_owned();
        if root != *id {
            let lent = out.entry(root).or_insert(0.0);
            *lent = lent.max(relevance * RELEVANCE_LENT);
        }
    }
    out
}

/// Ranked hypotheses on the relevant failing groups, best first.
pub(crate) fn rank(
    view: &View<'_>,
    changes: &Changes<'_>,
    causes: &Causes<'_>,
    relevance: &BTreeMap<String, f64>,
) -> Vec<Hypothesis> {
    let of = |g: &GroupStat| relevance.get(&g.id).copied().unwrap_or(0.0);
    let mut candidates: Vec<&GroupStat> =
        view.failing().filter(|g| of(g) >= RELEVANCE_MIN).collect();
    // What follows from another is told with it, not as a possible cause of its own.
    candidates.retain(|g| causes.of(&g.id).is_none());
    candidates.sort_by(|a, b| {
        of(b)
            .total_cmp(&of(a))
            .then(b.count_window.cmp(&a.count_window))
            .then(a.id.cmp(&b.id))
    });
    let mut ranked: Vec<Hypothesis> = candidates
        .into_iter()
        .take(CANDIDATES_COUNT_MAX)
        .map(|group| hypothesis(view, changes, causes, group, of(group)))
        .collect();
    ranked.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.subject.group_id.cmp(&b.subject.group_id))
    });
    ranked.truncate(HYPOTHESES_COUNT_MAX);
    ranked
}

fn hypothesis(
    view: &View<'_>,
    changes: &Changes<'_>,
    causes: &Causes<'_>,
    group: &GroupStat,
    relevance: f64,
) -> Hypothesis {
    let Some(&group) = view.groups.get(group.id.as_str()) else {
        return empty(group);
    };
    let case = Case {
        view,
        changes,
        causes,
        group,
        exemplars: view.in_window(&group.id),
    };
    let found = finding::run(&case);
    let doubt = |left: f64, f: &crate::diagnosis::Finding| left * (1.0 - f.strength);
    let unsupported = found.supporting.iter().fold(1.0 - STRENGTH_BASE, doubt);
    let unrefuted = found.contradicting.iter().fold(1.0, doubt);
    let explained = causes
        .of(&group.id)
        .map_or(0.0, |e| e.share * EXPLAINED_AWAY);
    let share = volume(view, group);
    let strength = (1.0 - unsupported * (1.0 - 0.2 * share)) * unrefuted * (1.0 - explained);
    let score = (strength * (0.65 + 0.35 * relevance)).clamp(0.0, 0.99);
    let subject = finding::subject(view, group);
    let follow_ups: Vec<String> = causes
        .follow_ups(&group.id)
        .into_iter()
        .map(str::to_owned)
        .collect();
    Hypothesis {
        title: title(&subject, group),
        counterfactual: counterfactual(view, &subject, group, &follow_ups),
        subject,
        // Four decimals: what is below them depends on the order of additions.
        score: (score * 10_000.0).round() / 10_000.0,
        supporting: found.supporting,
        contradicting: found.contradicting,
        missing: found.missing,
        follow_ups,
    }
}

fn empty(group: &GroupStat) -> Hypothesis {
    Hypothesis {
        subject: Subject {
            group_id: group.id.clone(),
            ..Subject::default()
        },
        title: crate::excerpt(&group.title),
        score: 0.0,
        supporting: Vec::new(),
        contradicting: Vec::new(),
        missing: Vec::new(),
        counterfactual: Sentence::default(),
        follow_ups: Vec::new(),
    }
}

/// Share of the failing events of the window, of its service.
fn volume(view: &View<'_>, group: &GroupStat) -> f64 {
    let all = view.measure(
        Measure::FailuresInWindow,
        Scope::Service(group.service.clone()),
    );
    group.count_window as f64 / all.count().max(1) as f64
}

/// Subject in a few words: what, and where.
pub(crate) fn title(subject: &Subject, group: &GroupStat) -> String {
    let place = subject.function.as_deref();
    let text = match (&subject.expectation, &subject.exception_type, place) {
        (_, Some(exception), Some(function)) => format!("{exception} in {function}"),
        (Some(expectation), None, Some(function)) => {
            format!("{function} violates {expectation}")
        }
        _ => group.title.clone(),
    };
    crate::excerpt(&text)
}

/// What would not have happened without it.
fn counterfactual(
    view: &View<'_>,
    subject: &Subject,
    group: &GroupStat,
    follow_ups: &[String],
) -> Sentence {
    let own = view.of_group(Measure::EventsInWindow, group);
    let all = view.measure(Measure::FailuresInWindow, Scope::All);
    let mut said = Sentence::new("Had ");
    said = match (&subject.function, &subject.exception_type) {
        (Some(function), Some(exception)) => {
            said.code(function).words(" not raised ").code(exception)
        }
        (Some(function), None) if subject.expectation.is_some() => {
            said.code(function).words(" kept its expectation")
        }
        _ => said.words("this not happened"),
    };
    said = said.words(", ");
    if follow_ups.is_empty() {
        said = said.number(own).words(" of the ").number(all);
    } else {
        let follow = view.measure(
            Measure::FailuresInWindow,
            Scope::Groups(follow_ups.to_vec()),
        );
        said = said
            .count(own, "failing event of its own", "failing events of its own")
            .words(" and up to ")
            .number(follow);
        said = said
            .words(" that follow from it would be missing from the ")
            .number(all);
    }
    let end = if follow_ups.is_empty() {
        " failing events of the window would not have been recorded."
    } else {
        " of the window."
    };
    said.words(end)
        .citing([&group.id])
        .citing(follow_ups.iter().take(finding::CITED_COUNT_MAX))
}
