//! The whole answer.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::attr;
use cordon_redact::Clean;

use crate::cause::Causes;
use crate::change::{self, Changes};
use crate::diagnosis::{
    Change, ChangeKind, Diagnosis, EvidenceKind, EvidenceRef, Hypothesis, NextStep, Reason,
    StepKind, Theme, Verdict,
};
use crate::hypothesis;
use crate::question::{Question, RELEVANCE_MIN};
use crate::reduce::Detail;
use crate::sentence::Sentence;
use crate::statistic::{Measure, Scope};
use crate::telemetry::{Exemplar, GroupKind, GroupStat, Telemetry, ToldChange};
use crate::told::change_text;
use crate::view::View;
use crate::{reduce, stack, story};

/// Most themes handed out.
const THEMES_COUNT_MAX: usize = 12;
/// Most changes handed out.
const CHANGES_COUNT_MAX: usize = 16;
/// Most further failures named in the summary.
const FURTHER_COUNT_MAX: usize = 4;

/// Answers the question from the telemetry.
pub fn diagnose(telemetry: &Clean<Telemetry>) -> Clean<Diagnosis> {
    telemetry.project(answer)
}

pub(crate) fn answer(telemetry: &Telemetry) -> Diagnosis {
    let view = View::new(telemetry);
    let question = Question::new(&view);
    let changes = Changes::new(&view);
    let causes = Causes::new(&view);
    let relevance = hypothesis::relevance(&view, &question, &causes);
    let hypotheses = hypothesis::rank(&view, &changes, &causes, &relevance);
    let relevant = |id: &str| relevance.get(id).is_some_and(|r| *r >= RELEVANCE_MIN);
    let differences = relevant_changes(change::all(&view, &changes), &question, &relevant);
    let themes = themes(&view, &causes, &hypotheses);
    let verdict = verdict(&view, &hypotheses, &differences);
    let answered = verdict == Verdict::Answered;
    let mut next_steps = story::next_steps(&view, &changes, &hypotheses);
    if !answered {
        next_steps.extend(ask_otherwise(&view));
    }
    let mut diagnosis = Diagnosis {
        question: crate::excerpt(&telemetry.question),
        window: telemetry.window,
        baseline: telemetry.baseline,
        summary: if answered {
            summary(&view, &hypotheses, &differences)
        } else {
            Vec::new()
        },
        stack: hypotheses
            .first()
            .and_then(|h| best_stack(&view, &h.subject.group_id)),
        timeline: story::timeline(&view, &changes, &hypotheses),
        verdict,
        themes,
        hypotheses,
        changes: differences,
        next_steps,
        detail: Detail::Full,
        groups_left_out: telemetry.groups_left_out,
        evidence: Vec::new(),
    };
    diagnosis.evidence = evidence(&view, &diagnosis);
    diagnosis
}

fn relevant_changes(
    all: Vec<Change>,
    question: &Question,
    relevant: &impl Fn(&str) -> bool,
) -> Vec<Change> {
    let named = |service: &str| question.is_open() || question.names_service(service);
    let about = |change: &Change| match &change.group_id {
        Some(id) if change.kind != ChangeKind::Told => relevant(id),
        // Who asks of a service asks of what was done to it, or to all of them.
        Some(id) => relevant(id) || named(&change.service) || change.service.is_empty(),
        None if change.kind == ChangeKind::Told && change.service.is_empty() => true,
        None => named(&change.service),
    };
    all.into_iter()
        .filter(about)
        .take(CHANGES_COUNT_MAX)
        .collect()
}

fn verdict(view: &View<'_>, hypotheses: &[Hypothesis], changes: &[Change]) -> Verdict {
    if !hypotheses.is_empty() || !changes.is_empty() {
        return Verdict::Answered;
    }
    let events = view.measure(Measure::EventsInWindow, Scope::All);
    let failures = view.measure(Measure::FailuresInWindow, Scope::All);
    let wider = Sentence::new("a window in which the failure happened");
    let (reason, why, needed) = match (events.count(), failures.count()) {
        (0, _) => (
            Reason::NoTelemetry,
            Sentence::new("Nothing was recorded in the window."),
            vec![
                wider,
                Sentence::new("telemetry of the service, sent to this gateway"),
            ],
        ),
        (_, 0) => (
            Reason::NothingFailed,
            Sentence::new("None of the ")
                .count(events, "event", "events")
                .words(" in the window tells of a failure that the question could mean."),
            vec![
                wider,
                Sentence::new("error logs, failed spans or violated expectations of the service"),
            ],
        ),
        _ => (
            Reason::NothingRelevant,
            Sentence::default()
                .count(failures, "failing event was", "failing events were")
                .words(
                    " recorded in the window, but none shares a service, function, type or \
                        word with the question.",
                ),
            vec![
                Sentence::new("the name of a service, function or exception in the question"),
                Sentence::new("telemetry of what the question names, if it is another service"),
            ],
        ),
    };
    Verdict::NotEnoughEvidence {
        reason,
        why,
        needed,
    }
}

fn ask_otherwise(view: &View<'_>) -> Vec<NextStep> {
    let services: BTreeSet<&str> = view
        .failing()
        .map(|g| g.service.as_str())
        .filter(|s| !s.is_empty())
        .take(3)
        .collect();
    let step = |service: &&str| NextStep {
        kind: StepKind::Ask,
        sentence: Sentence::new("Ask about ")
            .quote(service)
            .words(", which did fail."),
        // A name that a shell could take for more than a name is not put into a command.
        command: service
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .then(|| format!("cordon ask \"why did {service} fail?\"")),
    };
    services.iter().map(step).collect()
}

fn summary(view: &View<'_>, hypotheses: &[Hypothesis], changes: &[Change]) -> Vec<Sentence> {
    let Some(best) = hypotheses.first() else {
        let said = Sentence::new("Nothing relevant failed in the window, but something changed: ");
        let mut out = vec![said];
        out.extend(changes.first().map(|c| c.sentence.clone()));
        return out;
    };
    let mut out = vec![headline(view, best)];
    out.extend(best.supporting.first().map(|f| f.sentence.clone()));
    let distinct = best.supporting.iter().find(|f| {
        use crate::diagnosis::Check::{Argument, Attribute, Release};
        matches!(f.check, Argument | Attribute | Release)
    });
    out.extend(distinct.map(|f| f.sentence.clone()));
    let rest = hypotheses.get(1..).unwrap_or_default();
    if !rest.is_empty() {
        let mut said = Sentence::new("Independently of it: ");
        for (i, other) in rest.iter().take(FURTHER_COUNT_MAX).enumerate() {
            said = if i == 0 { said } else { said.words("; ") }.quote(&other.title);
            if let Some(group) = view.groups.get(other.subject.group_id.as_str()) {
                let now = view.of_group(Measure::EventsInWindow, group);
                said = said.words(" (").count(now, "event", "events").words(")");
            }
            said = said.citing([&other.subject.group_id]);
        }
        let more = rest.len() > FURTHER_COUNT_MAX;
        out.push(said.words(if more { "; and others below." } else { "." }));
    }
    let mut seen = BTreeSet::new();
    out.retain(|s| seen.insert(s.to_string()));
    out
}

fn headline(view: &View<'_>, best: &Hypothesis) -> Sentence {
    let subject = &best.subject;
    let mut said = Sentence::new(match best.confidence() {
        "high" => "The likely failure point is ",
        "medium" => "The most probable failure point is ",
        _ => "The evidence is thin; it points to ",
    });
    said = match (
        &subject.function,
        &subject.exception_type,
        &subject.expectation,
    ) {
        (Some(function), Some(exception), _) => said
            .code(function)
            .words(", where ")
            .code(exception)
            .words(" is raised"),
        (Some(function), None, Some(expectation)) => said
            .code(function)
            .words(", whose result violates ")
            .code(expectation),
        _ => said.words("“").quote(&best.title).words("”"),
    };
    if !subject.service.is_empty() {
        said = said.words(", in ").quote(&subject.service);
    }
    if let Some(at) = &subject.location {
        said = said.words(" (").quote(at).words(")");
    }
    let ids = view.in_window(&subject.group_id);
    said.words(".")
        .citing([&subject.group_id])
        .citing(ids.first().map(|x| &x.evidence_id))
}

/// The stack of the earliest stored event that has the most to tell.
fn best_stack(view: &View<'_>, group_id: &str) -> Option<crate::StackExplanation> {
    let told = view
        .in_window(group_id)
        .into_iter()
        .take(8)
        .filter_map(|x| stack::explain(view, x));
    told.reduce(|best, next| {
        if next.sentences.len() > best.sentences.len() {
            next
        } else {
            best
        }
    })
}

/// Failing groups with what follows from them: those of the hypotheses first, then by size. A group
/// that follows from several is told with each of them, its size as the most it may be.
fn themes(view: &View<'_>, causes: &Causes<'_>, hypotheses: &[Hypothesis]) -> Vec<Theme> {
    let mut members: BTreeMap<&str, Vec<&GroupStat>> = BTreeMap::new();
    for group in view.failing() {
        for root in causes.roots(&group.id) {
            members.entry(root).or_default().push(group);
        }
    }
    let place = |root: &str| hypotheses.iter().position(|h| h.subject.group_id == root);
    let mut out: Vec<(usize, u64, Theme)> = Vec::new();
    for (root, groups) in &members {
        let Some(first) = view.groups.get(root) else {
            continue;
        };
        let mut ids = vec![first.id.clone()];
        ids.extend(
            groups
                .iter()
                .filter(|g| g.id != *root)
                .map(|g| g.id.clone()),
        );
        let at = place(root);
        let title = at.and_then(|i| hypotheses.get(i)).map(|h| h.title.clone());
        let size = view.measure(Measure::FailuresInWindow, Scope::Groups(ids.clone()));
        let count = size.count();
        let kinds = view.measure(Measure::FailingGroups, Scope::Groups(ids.clone()));
        let shared = groups.iter().any(|g| causes.is_shared(&g.id));
        let sentence = if shared {
            Sentence::new("up to ")
        } else {
            Sentence::default()
        };
        let sentence = sentence
            .count(size, "failing event", "failing events")
            .words(" in ")
            .count(kinds, "group", "groups")
            .words(".")
            .citing(ids.iter().take(crate::finding::CITED_COUNT_MAX));
        out.push((
            at.unwrap_or(usize::MAX),
            count,
            Theme {
                title: title.unwrap_or_else(|| crate::excerpt(&first.title)),
                service: crate::excerpt(&first.service),
                group_ids: ids,
                relevant: at.is_some(),
                sentence,
            },
        ));
    }
    out.sort_by(|a, b| {
        a.0.cmp(&b.0)
            .then(b.1.cmp(&a.1))
            .then(a.2.group_ids.cmp(&b.2.group_ids))
    });
    out.into_iter()
        .map(|(_, _, theme)| theme)
        .take(THEMES_COUNT_MAX)
        .collect()
}

/// Everything cited, most useful first.
fn evidence(view: &View<'_>, diagnosis: &Diagnosis) -> Vec<EvidenceRef> {
    let utility = reduce::utilities(diagnosis);
    let exemplars: BTreeMap<&str, &Exemplar> =
        view.all().map(|x| (x.evidence_id.as_str(), x)).collect();
    let mut out: Vec<EvidenceRef> = utility
        .iter()
        .filter_map(|(id, utility)| {
            let group = view.groups.get(id.as_str());
            let exemplar = exemplars.get(id.as_str());
            let mut told = view.telemetry.changes.iter();
            match (group, exemplar) {
                (Some(group), _) => Some(group_evidence(group, *utility)),
                (None, Some(x)) => event_evidence(view, x, *utility),
                (None, None) => told
                    .find(|told| told.evidence_id == *id)
                    .map(|told| change_evidence(view, told, *utility)),
            }
        })
        .collect();
    out.sort_by(|a, b| {
        b.utility
            .total_cmp(&a.utility)
            .then_with(|| a.id.cmp(&b.id))
    });
    out
}

fn group_evidence(group: &GroupStat, utility: f64) -> EvidenceRef {
    EvidenceRef {
        id: group.id.clone(),
        kind: EvidenceKind::Group,
        group_id: group.id.clone(),
        group_kind: group.kind,
        service: crate::excerpt(&group.service),
        time_unix_ns: group.first_seen_unix_ns,
        count_window: group.count_window,
        count_baseline: group.count_baseline,
        excerpt: crate::excerpt(&group.title),
        utility,
    }
}

fn change_evidence(view: &View<'_>, told: &ToldChange, utility: f64) -> EvidenceRef {
    EvidenceRef {
        id: told.evidence_id.clone(),
        kind: EvidenceKind::Change,
        group_id: String::new(),
        group_kind: GroupKind::Template,
        service: crate::excerpt(&told.change.service),
        time_unix_ns: told.time_unix_ns,
        count_window: u64::from(view.telemetry.window.contains(told.time_unix_ns)),
        count_baseline: u64::from(view.telemetry.baseline.contains(told.time_unix_ns)),
        excerpt: crate::excerpt(&change_text(&told.change)),
        utility,
    }
}

fn event_evidence(view: &View<'_>, exemplar: &Exemplar, utility: f64) -> Option<EvidenceRef> {
    let group = view.groups.get(exemplar.group_id.as_str())?;
    let event = &exemplar.event;
    let raised = event.attribute_str(attr::EXCEPTION_TYPE).map(|kind| {
        let message = event
            .attribute_str(attr::EXCEPTION_MESSAGE)
            .unwrap_or_default();
        format!("{kind}: {message}")
    });
    let text = raised.or_else(|| event.body.as_str().map(str::to_owned));
    let text = text
        .filter(|t| !t.is_empty())
        .unwrap_or_else(|| event.name.clone());
    Some(EvidenceRef {
        id: exemplar.evidence_id.clone(),
        kind: EvidenceKind::Event,
        group_id: exemplar.group_id.clone(),
        group_kind: group.kind,
        service: crate::excerpt(event.service()),
        time_unix_ns: exemplar.time_unix_ns,
        count_window: u64::from(view.telemetry.window.contains(exemplar.time_unix_ns)),
        count_baseline: u64::from(view.telemetry.baseline.contains(exemplar.time_unix_ns)),
        excerpt: crate::excerpt(&text),
        utility,
    })
}
