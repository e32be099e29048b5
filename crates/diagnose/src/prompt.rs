//! What a model would be sent: typed evidence with closed names, bounded in bytes.
//!
//! *Why so:* text of the telemetry is written by whoever can make the system log, so it may carry
//! instructions. It goes as short excerpts with their evidence ids, and an excerpt that reads
//! like an instruction or a link is left out; the statistics about it stay.

use serde_json::{Map, Value as Json, json};

use crate::diagnosis::{Diagnosis, Finding, Hypothesis, Verdict};
use crate::json::{evidence, statistic, subject};
use crate::sentence::{Part, Sentence};

/// Longest typed evidence in bytes of JSON. It bounds the work alone: how many tokens a model is
/// sent is for the one who sends them to bound.
pub const PROMPT_BYTES_MAX: usize = 16_000;

/// Fragments, in lower case, of text that addresses a model or a renderer, not a reader.
const INSTRUCTIONS: [&str; 20] = [
    "ignore previous",
    "ignore all",
    "ignore the above",
    "disregard",
    "you are now",
    "you must",
    "system prompt",
    "system:",
    "assistant:",
    "user:",
    "</",
    "<|",
    "```",
    "](",
    "://",
    "instruction",
    "respond with",
    "repeat after",
    "print the",
    "reveal",
];

/// The evidence for a model: hypotheses first, then evidence, changes and timeline, each in order
/// of utility, until [`PROMPT_BYTES_MAX`] is reached. `truncated` says whether something was
/// left out.
pub fn typed_evidence(diagnosis: &Diagnosis) -> Json {
    let mut out = Map::new();
    out.insert("schema".into(), "cordon.evidence".into());
    out.insert("version".into(), json!(1));
    out.insert(
        "window".into(),
        json!([
            crate::clock::utc(diagnosis.window.from_unix_ns),
            crate::clock::utc(diagnosis.window.to_unix_ns),
        ]),
    );
    let verdict = match &diagnosis.verdict {
        Verdict::Answered => "answered",
        Verdict::NotEnoughEvidence { .. } => "not_enough_evidence",
    };
    out.insert("verdict".into(), verdict.into());
    // Counted with the longer of the two words, so that setting it later does not lengthen.
    out.insert("truncated".into(), false.into());
    let sections: [(&str, Vec<Json>); 5] = [
        ("hypotheses", diagnosis.hypotheses.iter().enumerate().map(hypothesis).collect()),
        ("evidence", diagnosis.evidence.iter().map(|e| gated(evidence(e))).collect()),
        ("stack", diagnosis.stack.iter().flat_map(|s| &s.sentences).map(typed).collect()),
        ("changes", diagnosis.changes.iter().map(|c| {
            json!({ "kind": c.kind.as_str(), "group_id": c.group_id, "says": typed(&c.sentence) })
        }).collect()),
        ("timeline", diagnosis.timeline.iter().map(|e| {
            json!({ "time": crate::clock::utc(e.time_unix_ns), "says": typed(&e.sentence) })
        }).collect()),
    ];
    let mut left = PROMPT_BYTES_MAX.saturating_sub(Json::Object(out.clone()).to_string().len());
    let mut truncated = false;
    for (name, items) in sections {
        // `,"name":[]`
        left = left.saturating_sub(name.len() + 6);
        let mut kept = Vec::new();
        for item in items {
            let size = item.to_string().len() + 1;
            if size > left {
                truncated = true;
                continue;
            }
            left -= size;
            kept.push(item);
        }
        out.insert(name.to_owned(), Json::Array(kept));
    }
    out.insert("truncated".into(), truncated.into());
    Json::Object(out)
}

fn hypothesis((place, h): (usize, &Hypothesis)) -> Json {
    let list = |findings: &[Finding]| {
        findings
            .iter()
            .map(|f| json!({ "check": f.check.as_str(), "says": typed(&f.sentence) }))
            .collect::<Json>()
    };
    json!({
        "rank": place + 1,
        "subject": gated(subject(&h.subject)),
        "score": h.score,
        "confidence": h.confidence(),
        "supporting": list(&h.supporting),
        "contradicting": list(&h.contradicting),
        "missing": h.missing.iter().map(|f| f.check.as_str()).collect::<Vec<_>>(),
    })
}

/// A sentence with its numbers and ids; quotations that read like instructions are left out.
fn typed(sentence: &Sentence) -> Json {
    let mut text = String::new();
    for part in &sentence.parts {
        match part {
            Part::Words(words) => text.push_str(words),
            Part::Quote(quote) => text.push_str(&tame(quote)),
            Part::Number(number) => text.push_str(&number.render()),
        }
    }
    let numbers: Json = sentence
        .statistics()
        .map(|s| {
            let full = statistic(s);
            json!({ "name": full.get("name"), "value": full.get("value") })
        })
        .collect();
    json!({ "text": text, "statistics": numbers, "evidence": sentence.evidence })
}

/// Every text member of an object, tamed; ids and names of ours are none.
fn gated(json: Json) -> Json {
    match json {
        Json::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, gated(value)))
            .collect(),
        Json::String(text) => Json::String(tame(&text)),
        other => other,
    }
}

/// Whether the text addresses a model or a renderer, not a reader, or holds a link.
pub fn reads_like_instruction(text: &str) -> bool {
    let lower = text.to_lowercase();
    INSTRUCTIONS.iter().any(|fragment| lower.contains(fragment))
}

fn tame(text: &str) -> String {
    if reads_like_instruction(text) {
        "[left out: reads like an instruction or a link]".to_owned()
    } else {
        text.to_owned()
    }
}
