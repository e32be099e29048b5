//! Logs and traces as OTLP/JSON: a request, an export file's line, or a list of them.
//!
//! Names in camel case and in snake case are read, times as numbers or texts, severities as
//! numbers or names, scopes by their old name too. A span becomes a record with its duration and
//! status; an exception that it tells of, a record of its own.
//! Source: OpenTelemetry protocol specification, "JSON Protobuf Encoding".

use serde_json::{Map, Value as Json};

use crate::json::{Node, Value};
use crate::record::Record;
use crate::time::{self, When};

/// Lists of resources, of scopes, and of entries, by what they hold.
const RESOURCES: [&str; 4] = [
    "resourceLogs",
    "resource_logs",
    "resourceSpans",
    "resource_spans",
];
const SCOPES: [&str; 7] = [
    "scopeLogs",
    "scope_logs",
    "instrumentationLibraryLogs",
    "scopeSpans",
    "scope_spans",
    "instrumentationLibrarySpans",
    "instrumentation_library_spans",
];
const LOGS: [&str; 3] = ["logRecords", "log_records", "logs"];
/// Status of a span that failed.
const FAILED: [&str; 3] = ["2", "STATUS_CODE_ERROR", "ERROR"];
/// Attributes of a record that are kept.
const ATTRIBUTES_COUNT_MAX: usize = 64;

/// Whether a value is a request of OTLP.
pub(crate) fn is(node: &Node) -> bool {
    node.any(&RESOURCES).is_some()
}

/// The records of a request.
pub(crate) fn read(node: &Node, give: &mut dyn FnMut(Record)) {
    for item in node.items() {
        read(item, give);
    }
    let lists = RESOURCES.iter().filter_map(|key| node.get(key));
    for resource in lists.flat_map(Node::items) {
        let attributes = resource.at(&["resource", "attributes"]);
        let service = attributes.and_then(|all| attribute(all, "service.name"));
        let service = service.and_then(|name| name.as_str().map(str::to_owned));
        let service = service.unwrap_or_default();
        let scopes = SCOPES.iter().filter_map(|key| resource.get(key));
        for scope in scopes.flat_map(Node::items) {
            let logs = LOGS.iter().filter_map(|key| scope.get(key));
            logs.flat_map(Node::items)
                .for_each(|log| give(log_record(log, &service)));
            let spans = scope.get("spans").map_or(&[][..], Node::items);
            for span in spans {
                self::span(span, &service, give);
            }
        }
    }
}

/// A log record.
fn log_record(node: &Node, service: &str) -> Record {
    let time = moment(node, &["timeUnixNano", "time_unix_nano"])
        .or_else(|| moment(node, &["observedTimeUnixNano", "observed_time_unix_nano"]));
    let level = node.any_text(&["severityText", "severity_text"]);
    let number = node.any_text(&["severityNumber", "severity_number"]);
    let level = level
        .map(str::to_lowercase)
        .or_else(|| number.map(level_of));
    let mut fields = head(time, level.as_deref(), service);
    let body = node.get("body").map(any_value).unwrap_or_default();
    let mut tail = String::new();
    let message = match body {
        Json::String(text) => text,
        Json::Object(members) => {
            for (key, value) in members.into_iter().take(ATTRIBUTES_COUNT_MAX) {
                fields.entry(key).or_insert(value);
            }
            String::new()
        }
        Json::Null => node
            .any_text(&["eventName", "event_name"])
            .unwrap_or_default()
            .to_owned(),
        other => other.to_string(),
    };
    let attributes = node.get("attributes");
    if let Some(attributes) = attributes {
        tail = stack_of(attributes);
        told_attributes(attributes, &mut fields);
    }
    let (message, rest) = message.split_once('\n').unwrap_or((&message, ""));
    if !message.is_empty() {
        fields.insert("message".to_owned(), message.trim_end().into());
    }
    let tail = [rest, &tail].into_iter().find(|text| !text.is_empty());
    Record::of_fields(node.line, fields, tail.unwrap_or_default())
}

/// A span, and what it tells of exceptions.
fn span(node: &Node, service: &str, give: &mut dyn FnMut(Record)) {
    let from = moment(node, &["startTimeUnixNano", "start_time_unix_nano"]);
    let to = moment(node, &["endTimeUnixNano", "end_time_unix_nano"]);
    let code = node.text_at(&["status", "code"]).unwrap_or_default();
    let failed = FAILED.contains(&code);
    let name = node.text_at(&["name"]).unwrap_or_default();
    let why = node.text_at(&["status", "message"]).unwrap_or_default();
    let level = if failed { "error" } else { "info" };
    let mut fields = head(to.or(from), Some(level), service);
    let message = if why.is_empty() {
        name.to_owned()
    } else {
        format!("{name}: {why}")
    };
    fields.insert("message".to_owned(), message.into());
    if let (Some(from), Some(to)) = (from.and_then(When::unix_ns), to.and_then(When::unix_ns)) {
        let took = to.saturating_sub(from) as f64 / 1e6;
        fields.insert("duration_ms".to_owned(), took.into());
    }
    if let Some(attributes) = node.get("attributes") {
        told_attributes(attributes, &mut fields);
    }
    give(Record::of_fields(node.line, fields, ""));
    for event in node.get("events").map_or(&[][..], Node::items) {
        let attributes = event.get("attributes");
        let told = |key: &str| attributes.and_then(|all| attribute(all, key));
        let text = |key: &str| told(key).and_then(|v| v.as_str().map(str::to_owned));
        let Some(kind) = text("exception.type").or_else(|| text("exception.message")) else {
            continue;
        };
        let at = moment(event, &["timeUnixNano", "time_unix_nano"]).or(to);
        let mut fields = head(at, Some("error"), service);
        let message = match text("exception.message").filter(|message| *message != kind) {
            Some(message) => format!("{kind}: {message}"),
            None => kind,
        };
        fields.insert("message".to_owned(), message.into());
        let stack = attributes.map(stack_of).unwrap_or_default();
        give(Record::of_fields(event.line, fields, &stack));
    }
}

/// Time, level and service of a record.
fn head(time: Option<When>, level: Option<&str>, service: &str) -> Map<String, Json> {
    let mut fields = Map::new();
    if let Some(time) = time.and_then(When::rfc3339) {
        fields.insert("time".to_owned(), time.into());
    }
    if let Some(level) = level {
        fields.insert("level".to_owned(), level.into());
    }
    if !service.is_empty() {
        fields.insert("service".to_owned(), service.into());
    }
    fields
}

/// The first of several fields that tells a moment.
fn moment(node: &Node, keys: &[&str]) -> Option<When> {
    node.any_text(keys).and_then(time::read)
}

/// The level of a number or name of severity.
fn level_of(number: &str) -> String {
    let name = number.strip_prefix("SEVERITY_NUMBER_").unwrap_or(number);
    let level = match name.parse::<u8>() {
        Ok(1..=4) => "trace",
        Ok(5..=8) => "debug",
        Ok(9..=12) => "info",
        Ok(13..=16) => "warn",
        Ok(17..=20) => "error",
        Ok(21..=24) => "fatal",
        _ => name.trim_end_matches(|c: char| c.is_ascii_digit()),
    };
    level.to_lowercase()
}

/// The stack trace that attributes hold.
fn stack_of(attributes: &Node) -> String {
    let found = attribute(attributes, "exception.stacktrace");
    found
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Attributes beside what a record says itself.
fn told_attributes(attributes: &Node, fields: &mut Map<String, Json>) {
    let mut put = |key: &str, value: Json| {
        let stack = key == "exception.stacktrace";
        let scalar = !value.is_null() && !value.is_object() && !value.is_array();
        if scalar && !stack && !matches!(key, "message" | "msg" | "time" | "level" | "service") {
            fields.entry(key.to_owned()).or_insert(value);
        }
    };
    for item in attributes.items().iter().take(ATTRIBUTES_COUNT_MAX) {
        if let (Some(key), Some(value)) = (item.text_at(&["key"]), item.get("value")) {
            put(key, any_value(value));
        }
    }
    for (key, value) in attributes.members().iter().take(ATTRIBUTES_COUNT_MAX) {
        put(key, any_value(value));
    }
}

/// The value of an attribute, in a list of keys and values or in an object.
fn attribute(attributes: &Node, key: &str) -> Option<Json> {
    let mut items = attributes.items().iter();
    let item = items.find(|item| item.text_at(&["key"]) == Some(key));
    let value = item
        .and_then(|item| item.get("value"))
        .or_else(|| attributes.get(key));
    value.map(any_value)
}

/// A value as OTLP wraps it, or as it stands.
fn any_value(node: &Node) -> Json {
    let Value::Object(members) = &node.value else {
        return node.to_json();
    };
    let Some((kind, inner)) = members.first().filter(|_| members.len() == 1) else {
        return node.to_json();
    };
    match kind.as_str() {
        "stringValue" | "string_value" | "bytesValue" | "bytes_value" => {
            inner.text().unwrap_or_default().into()
        }
        "intValue" | "int_value" | "doubleValue" | "double_value" | "boolValue" | "bool_value" => {
            let text = inner.text().unwrap_or_default();
            serde_json::from_str(text).unwrap_or_else(|_| text.into())
        }
        "arrayValue" | "array_value" => {
            let values = inner.get("values").map_or(&[][..], Node::items);
            values.iter().map(any_value).collect()
        }
        "kvlistValue" | "kvlist_value" => {
            let values = inner.get("values").map_or(&[][..], Node::items).iter();
            let pairs = values.filter_map(|item| {
                Some((
                    item.text_at(&["key"])?.to_owned(),
                    any_value(item.get("value")?),
                ))
            });
            Json::Object(pairs.collect())
        }
        _ => node.to_json(),
    }
}
