//! `cordon fingerprint`, `cordon templates`: what the grouping sees, one JSON object a line.

use std::io::{BufRead as _, BufReader};

use anyhow::Context as _;
use cordon_event::Raw;
use cordon_fingerprint::{Group, group_trace, parse_trace, template};
use cordon_redact::{Clean, Policy, Redactor};
use serde_json::{Value as Json, json};

use crate::exit::{Ends as _, Exit, Outcome};
use crate::log;

/// NDJSON `{"id","text"}` to fingerprints; the text is redacted first.
pub(crate) fn fingerprint() -> Outcome {
    each_line(|number, line, redact| {
        let parsed: Json =
            serde_json::from_str(&line).with_context(|| format!("read line {number}: not JSON"))?;
        let text = parsed.get("text").and_then(Json::as_str);
        let text = text.with_context(|| format!("read line {number}: no member text"))?;
        let id = redact(
            parsed
                .get("id")
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned(),
        );
        let group = redact(text.to_owned()).project(|text| {
            parse_trace(text).map_or_else(|| of_template(text), |trace| shown(&group_trace(&trace)))
        });
        Ok(id.pair(group).map(|(id, mut group)| {
            if let Json::Object(members) = &mut group {
                members.insert("id".to_owned(), id.into());
            }
            group.to_string()
        }))
    })
}

/// Log lines to templates.
pub(crate) fn templates() -> Outcome {
    each_line(|_, line, redact| {
        Ok(redact(line).project(|line| {
            let template = template(line);
            json!({ "template_id": template.id, "template": template.text }).to_string()
        }))
    })
}

/// Redacts a piece of text.
type Redact<'a> = &'a dyn Fn(String) -> Clean<String>;

fn each_line(answer: impl Fn(u64, String, Redact<'_>) -> anyhow::Result<Clean<String>>) -> Outcome {
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let redactor = Redactor::new(Policy::default()).or_exit(Exit::Internal)?;
    let redact = |text: String| redactor.text(&mac, Raw::new(text)).clean;
    for (line, number) in BufReader::new(std::io::stdin().lock())
        .split(b'\n')
        .zip(1_u64..)
    {
        let line = String::from_utf8_lossy(&line.context("read stdin")?).into_owned();
        let written = answer(number, line, &redact).or_exit(Exit::Usage)?;
        log::data(format!("{}\n", written.get()).as_bytes()).context("write stdout")?;
    }
    Ok(Exit::Done)
}

fn of_template(text: &str) -> Json {
    let template = template(text);
    json!({
        "fingerprint": template.id,
        "language": null,
        "type": "",
        "message": template.text,
        "frames": [],
    })
}

fn shown(group: &Group) -> Json {
    let frames: Vec<Json> = group
        .frames
        .iter()
        .map(|frame| {
            json!({
                "function": frame.function,
                "module": frame.module,
                "file": frame.file,
                "line": frame.line,
                "in_app": frame.in_app,
            })
        })
        .collect();
    json!({
        "fingerprint": group.id,
        "language": group.language.map(cordon_fingerprint::Language::as_str),
        "type": group.exception_type,
        "message": group.message,
        "frames": frames,
    })
}
