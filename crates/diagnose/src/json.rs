//! The answer for programs.

use std::collections::BTreeMap;

use cordon_govern::KDecision;
use serde_json::{Value as Json, json};

use crate::diagnosis::{
    Change, Diagnosis, EvidenceRef, Finding, Hypothesis, StackExplanation, Subject, Verdict,
};
use crate::sentence::Sentence;
use crate::statistic::{Quantity, Scope, Statistic};

/// Name of the schema in `schema`.
pub const SCHEMA: &str = "cordon.diagnosis";
/// Version of the schema in `version`.
pub const VERSION: u64 = 1;

/// The whole answer. `ranked` has the services, best first, each with its score and the places of
/// its hypotheses in `hypotheses`, which is best first too.
pub fn to_json(diagnosis: &Diagnosis) -> Json {
    let list = |sentences: &[Sentence]| sentences.iter().map(sentence).collect::<Json>();
    json!({
        "schema": SCHEMA,
        "version": VERSION,
        "question": diagnosis.question,
        "window": {
            "from_unix_ns": diagnosis.window.from_unix_ns,
            "to_unix_ns": diagnosis.window.to_unix_ns,
        },
        "baseline": {
            "from_unix_ns": diagnosis.baseline.from_unix_ns,
            "to_unix_ns": diagnosis.baseline.to_unix_ns,
        },
        "verdict": verdict(&diagnosis.verdict),
        "summary": list(&diagnosis.summary),
        "ranked": ranked(diagnosis),
        "hypotheses": diagnosis.hypotheses.iter().map(hypothesis).collect::<Json>(),
        "themes": diagnosis.themes.iter().map(|t| json!({
            "title": t.title,
            "service": t.service,
            "group_ids": t.group_ids,
            "relevant": t.relevant,
            "size": sentence(&t.sentence),
        })).collect::<Json>(),
        "changes": diagnosis.changes.iter().map(change).collect::<Json>(),
        "stack": diagnosis.stack.as_ref().map(stack),
        "timeline": diagnosis.timeline.iter().map(|e| json!({
            "time_unix_ns": e.time_unix_ns,
            "time": crate::clock::utc(e.time_unix_ns),
            "entry": sentence(&e.sentence),
        })).collect::<Json>(),
        "next_steps": diagnosis.next_steps.iter().map(|n| json!({
            "kind": n.kind.as_str(),
            "step": sentence(&n.sentence),
            "command": n.command,
        })).collect::<Json>(),
        "notes": notes(diagnosis),
        "evidence": diagnosis.evidence.iter().map(evidence).collect::<Json>(),
    })
}

/// What the answer does not rest on, by reason code.
fn notes(diagnosis: &Diagnosis) -> Json {
    let groups = diagnosis.groups_left_out;
    let code = KDecision::FewSubjects.code();
    let few = (groups > 0).then(|| json!({ "code": code, "groups_left_out": groups }));
    let detail = diagnosis.detail;
    let reduced = detail
        .reason()
        .map(|reason| json!({ "code": reason.code(), "detail": detail.as_str() }));
    few.into_iter().chain(reduced).collect()
}

/// Services by the score of their best hypothesis.
fn ranked(diagnosis: &Diagnosis) -> Json {
    let mut services: BTreeMap<&str, (f64, Vec<usize>)> = BTreeMap::new();
    for (place, hypothesis) in diagnosis.hypotheses.iter().enumerate() {
        let service = hypothesis.subject.service.as_str();
        if !service.is_empty() {
            let entry = services.entry(service).or_default();
            entry.0 = entry.0.max(hypothesis.score);
            entry.1.push(place);
        }
    }
    let mut list: Vec<_> = services.into_iter().collect();
    list.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
    list.into_iter()
        .map(|(service, (score, places))| {
            json!({ "service": service, "score": score, "hypotheses": places })
        })
        .collect()
}

fn verdict(verdict: &Verdict) -> Json {
    match verdict {
        Verdict::Answered => json!({ "kind": "answered" }),
        Verdict::NotEnoughEvidence {
            reason,
            why,
            needed,
        } => json!({
            "kind": "not_enough_evidence",
            "reason": reason.as_str(),
            "why": sentence(why),
            "needed": needed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
    }
}

pub(crate) fn sentence(sentence: &Sentence) -> Json {
    json!({
        "text": sentence.to_string(),
        "statistics": sentence.statistics().map(statistic).collect::<Json>(),
        "evidence": sentence.evidence,
    })
}

pub(crate) fn statistic(statistic: &Statistic) -> Json {
    let value = match statistic.value {
        Quantity::Count(n) | Quantity::Moment(n) | Quantity::Duration(n) => json!(n),
        Quantity::Ratio(r) => json!((r * 1_000.0).round() / 1_000.0),
    };
    let scope = match &statistic.scope {
        Scope::Groups(ids) => json!({ "groups": ids }),
        Scope::Events(ids) => json!({ "events": ids }),
        Scope::Service(name) => json!({ "service": name }),
        Scope::Around(change, group) => json!({ "change": change, "group": group }),
        Scope::All => json!("all"),
    };
    json!({ "name": statistic.measure.as_str(), "value": value, "of": scope })
}

fn finding(finding: &Finding) -> Json {
    let mut out = sentence(&finding.sentence);
    if let Json::Object(members) = &mut out {
        members.insert("check".into(), finding.check.as_str().into());
        members.insert("strength".into(), json!(finding.strength));
    }
    out
}

pub(crate) fn subject(subject: &Subject) -> Json {
    json!({
        "service": subject.service,
        "function": subject.function,
        "location": subject.location,
        "exception_type": subject.exception_type,
        "expectation": subject.expectation,
        "group_id": subject.group_id,
    })
}

fn hypothesis(h: &Hypothesis) -> Json {
    let list = |findings: &[Finding]| findings.iter().map(finding).collect::<Json>();
    json!({
        "title": h.title,
        "subject": subject(&h.subject),
        "score": h.score,
        "confidence": h.confidence(),
        "supporting": list(&h.supporting),
        "contradicting": list(&h.contradicting),
        "missing": list(&h.missing),
        "counterfactual": sentence(&h.counterfactual),
        "follow_ups": h.follow_ups,
    })
}

fn change(change: &Change) -> Json {
    json!({
        "kind": change.kind.as_str(),
        "service": change.service,
        "group_id": change.group_id,
        "change": sentence(&change.sentence),
    })
}

fn stack(stack: &StackExplanation) -> Json {
    json!({
        "group_id": stack.group_id,
        "evidence_id": stack.evidence_id,
        "sentences": stack.sentences.iter().map(sentence).collect::<Json>(),
        "frames": stack.frames.iter().map(|f| json!({
            "function": f.function,
            "module": f.module,
            "file": f.file,
            "line": f.line,
            "in_app": f.in_app,
        })).collect::<Json>(),
        "arguments": stack.arguments.iter().map(|(name, value)| json!({
            "name": name,
            "value": value,
        })).collect::<Json>(),
    })
}

pub(crate) fn evidence(e: &EvidenceRef) -> Json {
    json!({
        "id": e.id,
        "kind": e.kind.as_str(),
        "group_id": e.group_id,
        "group_kind": e.group_kind.as_str(),
        "service": e.service,
        "time_unix_ns": e.time_unix_ns,
        "count_window": e.count_window,
        "count_baseline": e.count_baseline,
        "excerpt": e.excerpt,
        "utility": e.utility,
    })
}
