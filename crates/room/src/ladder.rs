//! What may be done, in order of risk: built of what the evidence says, and of nothing else.

use cordon_diagnose::plain::{Report, Verdict, json as diagnosis_json};
use serde_json::{Value as Json, json};

use crate::Room;
use crate::limits::STEPS_COUNT_MAX;
use crate::note::{Mark, Note, Notes, Sort, is_rollback, said_again};
use crate::text::folded;
use crate::time::When;
use crate::timeline::{Item, Kind, place};

/// Rows of evidence of one step.
const EVIDENCE_COUNT_MAX: usize = 6;
/// Alerts that are told to fire.
const ALERTS_COUNT_MAX: usize = 5;
/// Changes before what fails that are told as such.
const CHANGES_COUNT_MAX: usize = 3;
/// How long before the first failure a change counts, in nanoseconds.
const BEFORE_NS: u64 = 2 * 3_600 * 1_000_000_000;

/// What a step is, the least risky first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Risk {
    Verify,
    Mitigate,
    RollBack,
    Contain,
    FollowUp,
}

impl Risk {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Mitigate => "mitigate",
            Self::RollBack => "roll_back",
            Self::Contain => "contain",
            Self::FollowUp => "follow_up",
        }
    }
}

struct Step {
    risk: Risk,
    text: String,
    why: String,
    evidence: Vec<(usize, u64)>,
}

/// The steps.
pub(crate) fn ladder(room: &Room, report: &Report, notes: &Notes, timeline: &[Item]) -> Json {
    let mut steps = of_diagnosis(room, report);
    let over = over(timeline);
    if !steps.iter().any(|step| step.risk == Risk::RollBack) && over.is_none() {
        steps.extend(of_changes(timeline));
    }
    if over.is_none() {
        steps.extend(of_alerts(timeline));
    }
    steps.extend(of_notes(notes, over));
    // A step that was told already is not told again.
    let mut seen = std::collections::BTreeSet::new();
    steps.retain(|step| seen.insert(step.text.clone()));
    steps.sort_by_key(|step| step.risk);
    let told = steps.iter().take(STEPS_COUNT_MAX).map(|step| {
        let evidence = step.evidence.iter().take(EVIDENCE_COUNT_MAX);
        json!({
            "kind": step.risk.as_str(),
            "text": step.text,
            "why": step.why,
            "evidence": evidence.map(|(source, line)| json!({
                "source": source,
                "line": line,
            })).collect::<Vec<_>>(),
        })
    });
    told.collect()
}

/// What the diagnosis of the logs advises.
fn of_diagnosis(room: &Room, report: &Report) -> Vec<Step> {
    let told = diagnosis_json(report);
    let actions = told.get("actions").and_then(Json::as_array);
    let at = |moment| place(room, report, moment).map(|(source, line, _)| (source, line));
    let Some(first) = report.decisive() else {
        return Vec::new();
    };
    let why = match report.verdict {
        Verdict::Found => "it began to fail, and the logs tell since when",
        Verdict::FailingThroughout => "it fails in the logs from their first lines on",
        _ => "it is new in the logs, and may be harmless",
    };
    let failing: Vec<(usize, u64)> = at(first.from).into_iter().chain(at(first.to)).collect();
    let changed = report.changes.iter().filter_map(|change| {
        at(cordon_diagnose::plain::Moment {
            time_ns: change.time_ns,
            record: change.place + 1,
            line: change.line,
        })
    });
    let changed: Vec<(usize, u64)> = changed.collect();
    let step = |text: &str| {
        let risk = risk(text);
        let evidence = match risk {
            Risk::RollBack => [changed.as_slice(), failing.as_slice()].concat(),
            _ => failing.clone(),
        };
        Step {
            risk,
            text: text.to_owned(),
            why: why.to_owned(),
            evidence,
        }
    };
    let actions = actions.into_iter().flatten().filter_map(Json::as_str);
    actions.map(step).collect()
}

/// How risky an advice of the diagnosis is, whose sentences are this program's.
fn risk(text: &str) -> Risk {
    let lower = text.to_lowercase();
    let act = lower
        .split_once("for what fails with it: ")
        .map_or(lower.as_str(), |(_, act)| act);
    let looks = ["look ", "read ", "find ", "check ", "compare "];
    let back = ["go back to", "undo "];
    let contain = [
        "out of rotation",
        "out of the pool",
        "shed or limit",
        "stop writing",
    ];
    if looks.iter().any(|word| act.starts_with(word)) {
        Risk::Verify
    } else if back.iter().any(|word| act.contains(word)) {
        Risk::RollBack
    } else if contain.iter().any(|word| act.contains(word)) {
        Risk::Contain
    } else {
        Risk::Mitigate
    }
}

/// When it was over: the last that says so, where nothing fails later.
fn over(timeline: &[Item]) -> Option<When> {
    let last = timeline
        .iter()
        .rev()
        .find(|item| item.mark == Some(Mark::Resolved) && item.when.ns.is_some())?;
    let again = timeline.iter().any(|item| {
        let fails = matches!(item.kind, Kind::Failure | Kind::Alert) && item.mark != last.mark;
        fails && last.when.until(item.when).is_some_and(|ns| ns > 0)
    });
    Some(last.when).filter(|_| !again)
}

/// Alerts that fire, and of which nothing says that they ended.
fn of_alerts(timeline: &[Item]) -> Vec<Step> {
    let fires = |item: &&Item| item.kind == Kind::Alert && item.mark == Some(Mark::Detected);
    let over = |alert: &Item| {
        timeline.iter().any(|item| {
            let named = item.text.strip_prefix("ended: ");
            named.is_some_and(|title| alert.text.starts_with(title))
                && alert.when.until(item.when).is_some()
        })
    };
    let open = timeline.iter().filter(fires).filter(|alert| !over(alert));
    let steps = open.take(ALERTS_COUNT_MAX).map(|alert| Step {
        risk: Risk::Verify,
        text: format!(
            "Look whether `{}` still fires.",
            alert.text.replace('`', "'")
        ),
        why: "it fired, and nothing says that it ended".to_owned(),
        evidence: vec![(alert.source, alert.line)],
    });
    steps.collect()
}

/// Changes that came shortly before the first failure of the timeline, where nobody went back.
fn of_changes(timeline: &[Item]) -> Vec<Step> {
    let back = |item: &Item| item.kind == Kind::Action && is_rollback(&folded(&item.text));
    if timeline.iter().any(back) {
        return Vec::new();
    }
    let fails = |item: &&Item| {
        matches!(item.kind, Kind::Failure | Kind::Alert) || item.mark == Some(Mark::Detected)
    };
    let Some(first) = timeline.iter().find(fails) else {
        return Vec::new();
    };
    let before = timeline.iter().filter(|item| {
        let changed = matches!(item.kind, Kind::Change | Kind::Action);
        let near = item
            .when
            .until(first.when)
            .is_some_and(|ns| ns <= BEFORE_NS);
        changed && near && !is_rollback(&folded(&item.text))
    });
    let steps = before.take(CHANGES_COUNT_MAX).map(|item| Step {
        risk: Risk::RollBack,
        text: format!(
            "If `{}` brought it, undo that.",
            item.text.replace('`', "'")
        ),
        why: "it was changed shortly before the first sign of the failure".to_owned(),
        evidence: vec![(item.source, item.line), (first.source, first.line)],
    });
    steps.collect()
}

/// What people decided and nobody said to have done, supposed, asked and nobody answered, and left
/// to do. What was decided and supposed before it was over is no step any more.
fn of_notes(notes: &Notes, over: Option<When>) -> Vec<Step> {
    let mut steps = Vec::new();
    let open = |note: &&Note| over.is_none_or(|over| over.until(note.when).is_some());
    let done: Vec<String> = notes
        .of(Sort::Action)
        .map(|note| folded(&note.text))
        .collect();
    for note in notes.of(Sort::Decision).filter(open) {
        let words = folded(&note.text);
        let acted = done.iter().any(|action| said_again(&words, action));
        if acted {
            continue;
        }
        steps.push(Step {
            risk: if is_rollback(&words) {
                Risk::RollBack
            } else {
                Risk::Mitigate
            },
            text: note.text.clone(),
            why: "it was said to be done, and nobody said that it was".to_owned(),
            evidence: vec![(note.source, note.line)],
        });
    }
    let supposed = notes
        .of(Sort::Hypothesis)
        .filter(open)
        .map(|note| (Risk::Verify, note, "it was supposed; look whether it is so"));
    let asked = notes
        .of(Sort::Question)
        .map(|note| (Risk::Verify, note, "nobody answered it"));
    let left = notes
        .of(Sort::Task)
        .map(|note| (Risk::FollowUp, note, "it was left to do"));
    for (risk, note, why) in supposed.chain(asked).chain(left) {
        steps.push(Step {
            risk,
            text: note.text.clone(),
            why: why.to_owned(),
            evidence: vec![(note.source, note.line)],
        });
    }
    steps
}
