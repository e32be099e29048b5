//! Records that stand in a document, as lines of a form that the readers of logs know.
//!
//! A JSON array of records, and what log stores answer: Elasticsearch, Loki, CloudWatch Logs,
//! Cloud Logging, Datadog.

use serde_json::{Map, Value as Json};

use crate::json::{Node, Value};
use crate::time;

/// Lines behind a record that are kept.
const TAIL_LINES_MAX: usize = 200;
/// How deep records are looked for.
const DEPTH_MAX: usize = 6;
/// Members that hold records, from the outside in.
const HOLDERS: [&str; 14] = [
    "hits",
    "logs",
    "events",
    "records",
    "entries",
    "items",
    "data",
    "result",
    "results",
    "rows",
    "messages",
    "logEvents",
    "value",
    "lines",
];
/// Members that hold the fields of a record.
const WITHIN: [&str; 3] = ["_source", "attributes", "fields"];

/// A record of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// Where it begins.
    pub(crate) line: u64,
    /// Itself, as one line.
    pub(crate) text: String,
    /// Lines that go on with it: a stack.
    pub(crate) tail: Vec<String>,
}

impl Record {
    /// A record of fields, and what follows it.
    pub(crate) fn of_fields(line: u64, fields: Map<String, Json>, tail: &str) -> Self {
        let tail = tail.lines().take(TAIL_LINES_MAX).map(str::to_owned);
        Self {
            line,
            text: Json::Object(fields).to_string(),
            tail: tail.collect(),
        }
    }

    fn of_text(line: u64, text: &str) -> Self {
        let mut lines = text.lines();
        Self {
            line,
            text: lines.next().unwrap_or_default().to_owned(),
            tail: lines.take(TAIL_LINES_MAX).map(str::to_owned).collect(),
        }
    }
}

/// The records of a document.
pub(crate) fn read(node: &Node, give: &mut dyn FnMut(Record)) {
    found(node, 0, give);
}

fn found(node: &Node, depth: usize, give: &mut dyn FnMut(Record)) {
    match &node.value {
        Value::List(items) if depth < DEPTH_MAX => {
            for item in items {
                found(item, depth + 1, give);
            }
        }
        Value::Object(members) => {
            if let Some(values) = streamed(node) {
                values.for_each(give);
                return;
            }
            let holder = HOLDERS.iter().find_map(|key| node.get(key));
            let holder = holder.filter(|held| holds(held) && !has_message(node));
            match holder {
                Some(held) if depth < DEPTH_MAX => found(held, depth + 1, give),
                _ if members.is_empty() => {}
                _ => give(of_object(node)),
            }
        }
        Value::Text(text) if !text.trim().is_empty() => give(Record::of_text(node.line, text)),
        _ => {}
    }
}

/// Whether something may hold records.
fn holds(node: &Node) -> bool {
    let records = node
        .items()
        .iter()
        .take(1)
        .any(|item| !item.members().is_empty());
    records
        || node
            .members()
            .iter()
            .any(|(key, _)| HOLDERS.contains(&key.as_str()))
}

fn has_message(node: &Node) -> bool {
    ["message", "msg", "textPayload", "@message"]
        .iter()
        .any(|key| node.get(key).is_some())
}

/// Loki's streams: labels, and pairs of a time and a line.
fn streamed(node: &Node) -> Option<impl Iterator<Item = Record> + '_> {
    let labels = node.get("stream").or_else(|| node.get("metric"))?;
    let values = node.get("values")?.items();
    let service = ["service_name", "service", "app", "container", "job"];
    let service = labels.any_text(&service).unwrap_or_default();
    let level = labels.any_text(&["level", "detected_level", "severity"]);
    Some(values.iter().filter_map(move |pair| {
        let [time, line, ..] = pair.items() else {
            return None;
        };
        let line_text = line.text()?;
        // A line that tells its own time is a line of a log.
        let header = cordon_fingerprint::header::read(line_text);
        if header.time_unix_ns.is_some() {
            return Some(Record::of_text(line.line, line_text));
        }
        let mut fields = Map::new();
        let time = time.text().and_then(time::read)?;
        fields.insert("time".to_owned(), time.rfc3339()?.into());
        if let Some(level) = level {
            fields.insert("level".to_owned(), level.into());
        }
        if !service.is_empty() {
            fields.insert("service".to_owned(), service.into());
        }
        let (first, tail) = line_text.split_once('\n').unwrap_or((line_text, ""));
        fields.insert("message".to_owned(), first.into());
        Some(Record::of_fields(line.line, fields, tail))
    }))
}

/// A record of an object, whose fields may stand one level down.
fn of_object(node: &Node) -> Record {
    let mut fields = Map::new();
    let inner = WITHIN.iter().find_map(|key| node.get(key));
    let inner = inner.filter(|inner| !inner.members().is_empty() && !has_message(node));
    for members in [inner.map(Node::members), Some(node.members())]
        .into_iter()
        .flatten()
    {
        for (key, value) in members {
            if !WITHIN.contains(&key.as_str()) || inner.is_none() {
                fields.entry(key.clone()).or_insert_with(|| value.to_json());
            }
        }
    }
    // CloudWatch's answers.
    if let Some(message) = fields.remove("@message") {
        fields.entry("message").or_insert(message);
    }
    let multi = ["message", "msg", "textPayload"].into_iter().find(|key| {
        let text = fields.get(*key).and_then(Json::as_str);
        text.is_some_and(|text| text.trim_end().contains('\n'))
    });
    let mut tail = String::new();
    if let Some(text) = multi.and_then(|key| fields.get_mut(key)) {
        let whole = text.as_str().unwrap_or_default().to_owned();
        if let Some((first, rest)) = whole.split_once('\n') {
            *text = first.trim_end().into();
            rest.clone_into(&mut tail);
        }
    }
    Record::of_fields(node.line, fields, &tail)
}
