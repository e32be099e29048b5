//! `cordon fingerprint`: what the grouping sees, one JSON object a line.

use anyhow::Context as _;
use cordon_event::Raw;
use cordon_fingerprint::{Group, group, group_trace, parse_trace, template};
use cordon_receive::{Error as ReceiveError, Limits, LineReader};
use cordon_redact::{Clean, Redactor, Verdict};
use cordon_vault::EphemeralMac;
use serde_json::{Value as Json, json};

use crate::cli::Cli;
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::lines::Lines;
use crate::{log, policy};

/// NDJSON `{"id","text"}` or `{"id","event"}` to fingerprints, redacted first. A bad line has its
/// row, which says why, and the stream goes on.
pub(crate) fn fingerprint(cli: &Cli) -> Outcome {
    each_line(cli, |line, redaction| {
        let Ok(mut parsed) = serde_json::from_str::<Json>(&line) else {
            return Err((Clean::of_static("null"), "json_malformed"));
        };
        let mut member = |name| parsed.get_mut(name).map(Json::take);
        let id = redaction.json(&member("id").unwrap_or_default());
        let group = match (member("text"), member("event")) {
            (Some(Json::String(text)), _) => Ok(redaction.text(text).project(|text| {
                let trace = parse_trace(text);
                trace.map_or_else(|| of_template(text), |trace| shown(&group_trace(&trace)))
            })),
            (_, Some(event @ Json::Object(_))) => redaction.event(&event),
            _ => Err("json_shape"),
        };
        match group {
            Ok(group) => Ok(id.pair(group).map(|(id, mut group)| {
                if let Json::Object(members) = &mut group {
                    members.insert("id".to_owned(), parsed_id(&id));
                }
                group.to_string()
            })),
            Err(code) => Err((id, code)),
        }
    })
}

/// A line's answer, or its id as JSON and the code of what is wrong with it.
type Answer = Result<Clean<String>, (Clean<String>, &'static str)>;

/// Redacts pieces of lines, under a key of this run.
struct Redaction {
    mac: EphemeralMac,
    redactor: Redactor,
}

impl Redaction {
    fn text(&self, text: String) -> Clean<String> {
        self.redactor.text(&self.mac, Raw::new(text)).clean
    }

    fn json(&self, value: &Json) -> Clean<String> {
        let text = Raw::new(value.to_string());
        self.redactor.json_line(&self.mac, text).clean
    }

    /// The group of an event as `POST /v1/events` takes it.
    fn event(&self, event: &Json) -> Result<Clean<Json>, &'static str> {
        let line = event.to_string().into_bytes();
        let decoded = LineReader::new(Limits::default()).next_line(line);
        let decoded = decoded.map_err(|error| match error {
            ReceiveError::Refused { code, .. } => code.as_str(),
            _ => "internal",
        })?;
        let first = decoded.events.split().next().ok_or("json_shape")?;
        let redacted = self.redactor.event(&self.mac, first);
        match redacted.verdict {
            Verdict::Clean(event) => Ok(group(&event).project(shown)),
            Verdict::Quarantine(_) => {
                let reason = redacted.pages.first().map(|page| page.reason);
                Err(reason.unwrap_or("quarantined"))
            }
        }
    }
}

fn each_line(cli: &Cli, answer: impl Fn(String, &Redaction) -> Answer) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let redactor = policy::redactor(&config, None, &mac).or_exit(Exit::Usage)?;
    let redaction = Redaction { mac, redactor };
    let mut lines = Lines::new(std::io::stdin().lock());
    let mut exit = Exit::Done;
    while let Some(part) = lines.next_part().context("read stdin")? {
        // Of a line beyond the limit the beginning alone is looked at: one line, one row.
        if part.offset > 0 {
            continue;
        }
        let written = answer(part.text, &redaction).unwrap_or_else(|(id, code)| {
            exit = Exit::Findings;
            id.pair(Clean::of_static(code))
                .map(|(id, code)| json!({ "id": parsed_id(&id), "error": code }).to_string())
        });
        log::data(format!("{}\n", written.get()).as_bytes()).context("write stdout")?;
    }
    Ok(exit)
}

/// An id as it was given: redaction may have made text of it that is no JSON.
fn parsed_id(id: &str) -> Json {
    serde_json::from_str(id).unwrap_or_else(|_| id.into())
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
