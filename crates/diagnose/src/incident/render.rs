//! A report as text, Markdown and JSON.

use serde_json::{Value as Json, json};

use super::commit::{CommitVerdict, SuspectCommit};
use super::evidence::Evidence;
use super::frame::SuspectFrame;
use super::report::{Report, Suspect, Verdict};
use super::words::{percent, sentence};
use crate::clock::utc;
use crate::layout::{COLUMNS_MAX, wrapped};
use crate::sentence::excerpt;

/// Schema of the JSON form.
const SCHEMA: &str = "cordon.diagnosis";
/// Version of the schema; raised when a member changes its meaning or goes.
const VERSION: u32 = 1;
/// Suspects that are told in full.
const TOLD_COUNT_MAX: usize = 3;
/// Pieces of evidence that are told of each.
const EVIDENCE_COUNT_MAX: usize = 6;

/// How a form marks its parts.
struct Form {
    heading: fn(&str) -> String,
    item: &'static str,
    /// What stands before a suspect, and before what is said of it.
    number: &'static str,
    below: &'static str,
    columns_max: usize,
}

/// The report for a terminal.
pub fn text(report: &Report) -> String {
    write(
        report,
        &Form {
            heading: |title| format!("{}\n", title.to_uppercase()),
            item: "  - ",
            number: "  ",
            below: "     ",
            columns_max: COLUMNS_MAX,
        },
    )
}

/// The report in Markdown, for a page or a ticket.
pub fn markdown(report: &Report) -> String {
    write(
        report,
        &Form {
            heading: |title| format!("## {title}\n\n"),
            item: "- ",
            number: "",
            below: "   - ",
            columns_max: usize::MAX,
        },
    )
}

fn write(report: &Report, form: &Form) -> String {
    let mut out = String::new();
    section(&mut out, form, "Answer", summary(report));
    let found = report.verdict == Verdict::Found;
    let title = if found { "Suspects" } else { "Looked at" };
    let told = if found { TOLD_COUNT_MAX } else { 1 };
    for (at, suspect) in report.suspects.iter().take(told).enumerate() {
        if at == 0 {
            out.push_str(&(form.heading)(title));
        }
        suspect_lines(&mut out, form, at, suspect);
    }
    if report.suspects.len() > told && found {
        let others: Vec<String> = report
            .suspects
            .iter()
            .skip(told)
            .map(|suspect| format!("{} {}", excerpt(&suspect.service), percent(suspect.score)))
            .collect();
        item(&mut out, form, &format!("further: {}", others.join(", ")));
    }
    if !report.suspects.is_empty() {
        out.push('\n');
    }
    let changes = report
        .changes
        .iter()
        .map(|change| match change.time_unix_ns {
            0 => format!("{}: {}", excerpt(&change.service), change.text),
            time => format!(
                "{}  {}: {}",
                utc(time),
                excerpt(&change.service),
                change.text
            ),
        });
    section(&mut out, form, "What changed", changes.collect());
    let themes = report.themes.iter().map(sentence).collect();
    section(&mut out, form, "Messages", themes);
    section(&mut out, form, "The stack, explained", stack(report));
    section(
        &mut out,
        form,
        "Suspect places",
        places(&report.frames, &report.commits, report.commit_verdict),
    );
    let moments = report.timeline.iter();
    let moments = moments.map(|moment| format!("{}  {}", utc(moment.time_unix_ns), moment.text));
    section(&mut out, form, "Timeline, UTC", moments.collect());
    section(&mut out, form, "What may be done", ladder(report));
    section(&mut out, form, "Look next", queries(report));
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn section(out: &mut String, form: &Form, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&(form.heading)(title));
    for line in lines {
        item(out, form, &line);
    }
    out.push('\n');
}

/// One item of a list.
fn item(out: &mut String, form: &Form, text: &str) {
    wrapped(out, form.columns_max, (form.item, "    "), text);
}

/// The answer in short.
fn summary(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    let first = report.suspects.first();
    match (report.verdict, first) {
        (Verdict::Found, Some(first)) => {
            said.push(format!(
                "The fault is most probably in {}: it {}. Confidence {}.",
                excerpt(&first.service),
                first.cause.words(),
                percent(report.confidence)
            ));
            said.extend(first.evidence.first().map(|evidence| {
                let sentence = sentence(evidence);
                // A service's name keeps its letters.
                let named = sentence.starts_with(&first.service);
                if named { sentence } else { capital(&sentence) }
            }));
            if !first.counterfactual.is_empty() {
                said.push(format!("{}.", capital(&first.counterfactual)));
            }
        }
        (Verdict::NothingWrong, _) => said.push(
            "Nothing is wrong that users would feel: no more errors, no more waiting, no step that \
             is missing. No service is named."
                .to_owned(),
        ),
        (Verdict::NoTelemetry, _) => said.push(
            "There is nothing to compare: one of the two windows is empty. No service is named."
                .to_owned(),
        ),
        _ => said.push(
            "Something is wrong, and no service stands out. None is named.".to_owned(),
        ),
    }
    said.extend(
        report
            .onset_unix_ns
            .map(|time| format!("It began at {}.", utc(time))),
    );
    if report.verdict != Verdict::NoTelemetry {
        said.push(format!(
            "Compared: {} traces, {} log records and {} points of metrics from {} to {}, with {}, \
             {} and {} from {} to {}.",
            report.incident.traces,
            report.incident.logs,
            report.incident.points,
            utc(report.incident.from_unix_ns),
            utc(report.incident.to_unix_ns),
            report.baseline.traces,
            report.baseline.logs,
            report.baseline.points,
            utc(report.baseline.from_unix_ns),
            utc(report.baseline.to_unix_ns),
        ));
    }
    said
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn suspect_lines(out: &mut String, form: &Form, at: usize, suspect: &Suspect) {
    let head = format!(
        "{}. {} ({}): {}",
        at + 1,
        excerpt(&suspect.service),
        percent(suspect.score),
        suspect.cause.words()
    );
    wrapped(out, form.columns_max, (form.number, "   "), &head);
    for evidence in suspect.evidence.iter().take(EVIDENCE_COUNT_MAX) {
        let shown = match evidence.traces.first() {
            Some(id) => format!("for: {} [trace {}]", sentence(evidence), trace(id)),
            None => format!("for: {}", sentence(evidence)),
        };
        wrapped(out, form.columns_max, (form.below, "       "), &shown);
    }
    for (side, lines) in [
        ("against", &suspect.contradicting),
        ("missing", &suspect.missing),
    ] {
        for line in lines {
            wrapped(
                out,
                form.columns_max,
                (form.below, "       "),
                &format!("{side}: {line}"),
            );
        }
    }
}

fn trace(id: &u128) -> String {
    format!("{id:032x}")
}

/// The exceptions of the first suspect.
fn stack(report: &Report) -> Vec<String> {
    let Some(first) = report.suspects.first() else {
        return Vec::new();
    };
    let raised = first
        .evidence
        .iter()
        .filter(|e| e.check == super::Check::Exception && !e.subject.operation.is_empty());
    raised
        .map(|e| {
            let place = match e.subject.other.as_str() {
                "" => String::new(),
                location => format!(" at {}", excerpt(location)),
            };
            format!(
                "`{}` was raised in `{}`{place}.",
                excerpt(&e.text),
                excerpt(&e.subject.operation)
            )
        })
        .collect()
}

/// What may be done about the first suspect.
fn ladder(report: &Report) -> Vec<String> {
    let (Verdict::Found, Some(first)) = (report.verdict, report.suspects.first()) else {
        return Vec::new();
    };
    first
        .cause
        .ladder()
        .iter()
        .map(|(step, when)| format!("{}, if {when}.", capital(step)))
        .collect()
}

/// What to look at next.
fn queries(report: &Report) -> Vec<String> {
    let Some(first) = report.suspects.first() else {
        return Vec::new();
    };
    let mut said: Vec<String> = Vec::new();
    let seen = first.evidence.iter().flat_map(|e| &e.traces).next();
    said.extend(seen.map(|id| format!("the trace {}", trace(id))));
    let tells = |e: &&Evidence| !e.subject.operation.is_empty();
    said.extend(first.evidence.iter().find(tells).map(|e| {
        format!(
            "`{}` of {} from the onset on",
            excerpt(&e.subject.operation),
            excerpt(&e.subject.service)
        )
    }));
    if let Some(second) = report
        .suspects
        .get(1)
        .filter(|s| s.score > 0.5 * first.score)
    {
        said.push(format!(
            "what tells {} from {}: calls between the two at the onset",
            excerpt(&first.service),
            excerpt(&second.service)
        ));
    }
    said
}

/// The report for programs.
pub fn json(report: &Report) -> Json {
    let found = report.verdict == Verdict::Found;
    let named = if found {
        report.suspects.as_slice()
    } else {
        &[]
    };
    let ranked: Vec<Json> = named
        .iter()
        .map(|suspect| json!({ "service": suspect.service, "score": round(suspect.score) }))
        .collect();
    let considered = if found {
        &[]
    } else {
        report.suspects.as_slice()
    };
    json!({
        "schema": SCHEMA,
        "version": VERSION,
        "verdict": report.verdict.as_str(),
        "abstained": !found,
        "confidence": if found { round(report.confidence) } else { 0.0 },
        "impact": round(report.impact),
        "summary": summary(report),
        "ranked": ranked,
        "hypotheses": hypotheses(named),
        "considered": hypotheses(considered),
        "onset": report.onset_unix_ns.map(utc),
        "baseline": extent(&report.baseline),
        "incident": extent(&report.incident),
        "changes": report.changes.iter().map(|change| json!({
            "time": (change.time_unix_ns > 0).then(|| utc(change.time_unix_ns)),
            "service": change.service,
            "text": change.text,
        })).collect::<Vec<_>>(),
        "themes": report.themes.iter().map(sentence).collect::<Vec<_>>(),
        "stack": stack(report),
        "suspect_frames": frames(&report.frames),
        "suspect_commits": commits(&report.commits),
        "commit_verdict": report.commit_verdict.as_str(),
        "commits_looked_at": report.commits_looked_at,
        "timeline": report.timeline.iter().map(|moment| json!({
            "time": utc(moment.time_unix_ns),
            "text": moment.text,
        })).collect::<Vec<_>>(),
        "actions": named.first().map_or(&[][..], |first| first.cause.ladder()).iter()
            .map(|(step, when)| json!({ "step": step, "if": when }))
            .collect::<Vec<_>>(),
        "next": queries(report),
    })
}

fn hypotheses(suspects: &[Suspect]) -> Vec<Json> {
    let of = |(at, suspect): (usize, &Suspect)| {
        let evidence = suspect.evidence.iter().enumerate();
        json!({
            "service": suspect.service,
            "score": round(suspect.score),
            "cause": suspect.cause.as_str(),
            "supporting": evidence
                .map(|(n, e)| shown(&format!("h{}e{}", at + 1, n + 1), e))
                .collect::<Vec<_>>(),
            "contradicting": suspect.contradicting,
            "missing": suspect.missing,
            "counterfactual": suspect.counterfactual,
        })
    };
    suspects.iter().enumerate().map(of).collect()
}

fn shown(id: &str, evidence: &Evidence) -> Json {
    let numbers = &evidence.numbers;
    json!({
        "id": id,
        "check": evidence.check.as_str(),
        "service": evidence.subject.service,
        "operation": evidence.subject.operation,
        "other": evidence.subject.other,
        "strength": round(evidence.strength),
        "deviation": round(evidence.deviation),
        "before": numbers.before,
        "now": numbers.now,
        "of_before": numbers.of_before,
        "of_now": numbers.of_now,
        "unit": numbers.unit.as_str(),
        "text": evidence.text,
        "sentence": sentence(evidence),
        "traces": evidence.traces.iter().map(trace).collect::<Vec<_>>(),
    })
}

/// Places in the code and commits, for people.
pub(crate) fn places(
    frames: &[SuspectFrame],
    commits: &[SuspectCommit],
    verdict: CommitVerdict,
) -> Vec<String> {
    let mut said: Vec<String> = frames
        .first()
        .map(|frame| sentence(&frame.evidence))
        .into_iter()
        .collect();
    said.extend(commits.iter().map(|commit| {
        format!(
            "commit {} (“{}”, {}), {}",
            sentence(&commit.evidence),
            excerpt(&commit.summary),
            utc(commit.time_unix_ns),
            percent(commit.evidence.strength)
        )
    }));
    let none = match verdict {
        CommitVerdict::NoRepository | CommitVerdict::Found => None,
        CommitVerdict::NoFrame => Some("none: nothing that fails has a place in the code"),
        CommitVerdict::NoCommit => Some("none: no commit lies between good and bad"),
        CommitVerdict::BelowFloor => Some("none: no commit touches the place nearly enough"),
    };
    said.extend(none.map(|why| format!("suspect commit: {why}")));
    said
}

/// Places in the code, for programs.
pub(crate) fn frames(frames: &[SuspectFrame]) -> Vec<Json> {
    let of = |(at, one): (usize, &SuspectFrame)| {
        json!({
            "id": format!("f{}", at + 1),
            "service": one.service,
            "module": excerpt(&one.frame.module),
            "function": excerpt(&one.frame.function),
            "file": excerpt(&one.frame.file),
            "line": one.frame.line,
            "in_app": one.frame.in_app,
            "score": round(one.evidence.strength),
            "groups": one.groups,
            "traces": one.evidence.traces.iter().map(trace).collect::<Vec<_>>(),
            "sentence": sentence(&one.evidence),
            "counterfactual": one.counterfactual,
        })
    };
    frames.iter().enumerate().map(of).collect()
}

/// Commits, for programs.
pub(crate) fn commits(commits: &[SuspectCommit]) -> Vec<Json> {
    let of = |(at, one): (usize, &SuspectCommit)| {
        json!({
            "id": format!("c{}", at + 1),
            "commit": one.id,
            "summary": excerpt(&one.summary),
            "author": excerpt(&one.author),
            "time": utc(one.time_unix_ns),
            "file": excerpt(&one.path),
            "distance_lines": one.distance_lines,
            "by_version": one.by_version,
            "score": round(one.evidence.strength),
            "evidence": [format!("f{}", one.frame + 1)],
            "traces": one.evidence.traces.iter().map(trace).collect::<Vec<_>>(),
            "sentence": sentence(&one.evidence),
            "counterfactual": one.counterfactual,
        })
    };
    commits.iter().enumerate().map(of).collect()
}

fn extent(extent: &super::Extent) -> Json {
    json!({
        "from": utc(extent.from_unix_ns),
        "to": utc(extent.to_unix_ns),
        "traces": extent.traces,
        "spans": extent.spans,
        "logs": extent.logs,
        "metric_points": extent.points,
        "left_out": extent.left_out,
    })
}

/// Four decimals: what is below them depends on the order of additions.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
