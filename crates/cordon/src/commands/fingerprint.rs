//! `cordon fingerprint`: what the grouping sees, one JSON object a line.
//!
//! *Limits:* of near duplicates [`MERGED_ROWS_COUNT_MAX`] rows are held; later ones are written as
//! they come, and named as duplicates of what was found until then.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use cordon_event::Raw;
use cordon_fingerprint::{
    Frame, Group, Rules, group_trace_with, group_with, merges, parse_trace, template,
};
use cordon_receive::{Error as ReceiveError, Limits, LineReader};
use cordon_redact::{Clean, Redactor, Verdict};
use cordon_vault::EphemeralMac;
use serde_json::{Value as Json, json};

use crate::cli::{Cli, FingerprintArgs, RowFormat};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::lines::Lines;
use crate::{log, policy};

/// Rows that are held until near duplicates are known.
const MERGED_ROWS_COUNT_MAX: usize = 100_000;

/// NDJSON `{"id","text"}` or `{"id","event"}` to fingerprints, redacted first. A bad line has its
/// row, which says why, and the stream goes on.
pub(crate) fn fingerprint(cli: &Cli, args: &FingerprintArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let redaction = Redaction::new(&config).or_exit(Exit::Usage)?;
    let rules = match args
        .rules
        .as_deref()
        .or(config.fingerprint.rules_file.as_deref())
    {
        Some(path) => redaction.rules(path).or_exit(Exit::Usage)?,
        None => Clean::of_static("").map(|_| Rules::default()),
    };
    let mut rows = Rows::default();
    let mut exit = Exit::Done;
    each_line(|line| {
        let row = row(&line, &redaction, &rules);
        if row.failed {
            exit = Exit::Findings;
        }
        if args.merge && rows.held.len() < MERGED_ROWS_COUNT_MAX {
            rows.held.push(row);
            return Ok(());
        }
        rows.settle(args)?;
        rows.write(row, args)
    })?;
    rows.settle(args)?;
    Ok(exit)
}

/// What is written of a line of input.
struct Row {
    answer: Clean<(String, Json)>,
    group: Option<Clean<Group>>,
    failed: bool,
}

/// Rows that wait, and which fingerprints are near duplicates.
#[derive(Default)]
struct Rows {
    held: Vec<Row>,
    merged: BTreeMap<String, String>,
}

impl Rows {
    /// Finds near duplicates among the rows that wait, and writes them.
    fn settle(&mut self, args: &FingerprintArgs) -> anyhow::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let groups = self.held.iter().filter_map(|row| row.group.clone());
        let merged = Clean::join(groups).map(|groups| merges(&groups));
        self.merged = merged.get().clone();
        for row in std::mem::take(&mut self.held) {
            self.write(row, args)?;
        }
        Ok(())
    }

    fn write(&self, row: Row, args: &FingerprintArgs) -> anyhow::Result<()> {
        let (id, mut answer) = row.answer.into_inner();
        if let Json::Object(members) = &mut answer {
            if !args.explain {
                members.remove("explain");
            }
            let own = members.get("fingerprint").and_then(Json::as_str);
            if let Some(into) = own.and_then(|own| self.merged.get(own)) {
                members.insert("merged_into".to_owned(), into.clone().into());
            }
            members.insert("id".to_owned(), parsed_id(&id));
        }
        let text = match args.output_format {
            RowFormat::Json => format!("{answer}\n"),
            RowFormat::Text => as_text(&answer),
        };
        log::data(text.as_bytes()).context("write stdout")
    }
}

/// Reads one line of input.
fn row(line: &str, redaction: &Redaction, rules: &Clean<Rules>) -> Row {
    let failed = |id: Clean<String>, code| Row {
        answer: id
            .pair(Clean::of_static(code))
            .map(|(id, code)| (id, json!({ "error": code }))),
        group: None,
        failed: true,
    };
    let Ok(mut parsed) = serde_json::from_str::<Json>(line) else {
        return failed(Clean::of_static("null"), "json_malformed");
    };
    let mut member = |name| parsed.get_mut(name).map(Json::take);
    let id = redaction.json(&member("id").unwrap_or_default());
    let group = match (member("text"), member("event")) {
        (Some(Json::String(text)), _) => {
            let pair = redaction.text(text).pair(rules.clone());
            let read = pair.map(|(text, rules)| {
                let trace = parse_trace(&text);
                let group = trace.map(|trace| group_trace_with(&trace, &rules));
                (
                    group.as_ref().map_or_else(|| of_template(&text), shown),
                    group,
                )
            });
            let group = read.project(|(_, group)| group.clone()).transpose();
            Ok((read.map(|(answer, _)| answer), group))
        }
        (_, Some(event @ Json::Object(_))) => redaction
            .event(&event, rules)
            .map(|group| (group.project(shown), Some(group))),
        _ => Err("json_shape"),
    };
    match group {
        Ok((answer, group)) => Row {
            answer: id.pair(answer),
            group,
            failed: false,
        },
        Err(code) => failed(id, code),
    }
}

/// Redacts pieces of lines, under a key of this run.
struct Redaction {
    mac: EphemeralMac,
    redactor: Redactor,
}

impl Redaction {
    fn new(config: &Config) -> anyhow::Result<Self> {
        let mac = cordon_vault::ephemeral_mac().context("draw a key")?;
        let redactor = policy::redactor(config, None, &mac)?;
        Ok(Self { mac, redactor })
    }

    fn text(&self, text: String) -> Clean<String> {
        self.redactor.text(&self.mac, Raw::new(text)).clean
    }

    fn json(&self, value: &Json) -> Clean<String> {
        let text = Raw::new(value.to_string());
        self.redactor.json_line(&self.mac, text).clean
    }

    /// The rules of a file: redacted as well, since explanations quote them.
    fn rules(&self, path: &Path) -> anyhow::Result<Clean<Rules>> {
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("read rules {name}"))?;
        Rules::parse(&text).with_context(|| format!("read rules {name}"))?;
        let clean = self.text(text);
        Ok(clean.map(|text| Rules::parse(&text).unwrap_or_default()))
    }

    /// The group of an event as `POST /v1/events` takes it.
    fn event(&self, event: &Json, rules: &Clean<Rules>) -> Result<Clean<Group>, &'static str> {
        let line = event.to_string().into_bytes();
        let decoded = LineReader::new(Limits::default()).next_line(line);
        let decoded = decoded.map_err(|error| match error {
            ReceiveError::Refused { code, .. } => code.as_str(),
            _ => "internal",
        })?;
        let first = decoded.events.split().next().ok_or("json_shape")?;
        let redacted = self.redactor.event(&self.mac, first);
        match redacted.verdict {
            Verdict::Clean(event) => Ok(group_with(event, rules.clone())),
            Verdict::Quarantine(_) => {
                let reason = redacted.pages.first().map(|page| page.reason);
                Err(reason.unwrap_or("quarantined"))
            }
        }
    }
}

/// Hands out the lines of standard input.
fn each_line(mut take: impl FnMut(String) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut lines = Lines::new(std::io::stdin().lock());
    while let Some(part) = lines.next_part().context("read stdin")? {
        // Of a line beyond the limit the beginning alone is looked at: one line, one row.
        if part.offset == 0 {
            take(part.text)?;
        }
    }
    Ok(())
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
        "top": null,
        "frames": [],
        "chain": [],
        "explain": ["the text has no stack trace: its template is its fingerprint"],
    })
}

fn shown(group: &Group) -> Json {
    let frame = |frame: &Frame| {
        json!({
            "function": frame.function,
            "module": frame.module,
            "file": frame.file,
            "line": frame.line,
            "in_app": frame.in_app,
        })
    };
    let frames = |frames: &[Frame]| frames.iter().map(frame).collect::<Vec<Json>>();
    let further = group.chain.iter().skip(1).map(|link| {
        json!({
            "relation": link.relation.as_str(),
            "type": link.exception_type,
            "message": link.message,
            "frames": frames(&link.frames),
        })
    });
    json!({
        "fingerprint": group.id,
        "language": group.language.map(cordon_fingerprint::Language::as_str),
        "type": group.exception_type,
        "message": group.message,
        "top": group.top_in_app().map(frame),
        "frames": frames(&group.frames),
        "chain": further.collect::<Vec<Json>>(),
        "explain": group.explain,
    })
}

/// The frames of an exception for people.
fn frames_as_text(exception: &Json) -> String {
    let mut out = String::new();
    let of = |frame: &Json, key| {
        let text = frame.get(key).and_then(Json::as_str);
        text.unwrap_or_default().to_owned()
    };
    let frames = exception.get("frames").and_then(Json::as_array);
    for frame in frames.into_iter().flatten() {
        let own = frame.get("in_app").and_then(Json::as_bool) == Some(true);
        let mark = if own { '*' } else { ' ' };
        let line = frame.get("line").and_then(Json::as_u64);
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let (function, file) = (of(frame, "function"), of(frame, "file"));
        out.push_str(&format!("\n  {mark} {function} {file}{line}"));
    }
    out
}

/// A row for people.
fn as_text(row: &Json) -> String {
    let text = |key| row.get(key).and_then(Json::as_str).unwrap_or_default();
    let id = row.get("id").map(Json::to_string).unwrap_or_default();
    if !text("error").is_empty() {
        return format!("{id} error {}\n", text("error"));
    }
    let mut out = format!("{id} {} {}", text("fingerprint"), text("language"));
    out = out.trim_end().to_owned();
    let list = |key| row.get(key).and_then(Json::as_array).into_iter().flatten();
    for line in [text("type"), text("message")] {
        if !line.is_empty() {
            out.push_str("\n  ");
            out.push_str(&line.replace('\n', "\n  "));
        }
    }
    out.push_str(&frames_as_text(row));
    for link in list("chain") {
        let text = |key| link.get(key).and_then(Json::as_str).unwrap_or_default();
        let told = format!("{} {}", text("relation"), text("type"));
        out.push_str(&format!("\n  {}", told.trim_end()));
        out.push_str(&frames_as_text(link));
    }
    for line in list("explain").filter_map(Json::as_str) {
        out.push_str("\n  - ");
        out.push_str(line);
    }
    if !text("merged_into").is_empty() {
        out.push_str("\n  near duplicate of ");
        out.push_str(text("merged_into"));
    }
    out.push('\n');
    out
}
