//! OTLP in JSON: proto3's mapping with ids in hex, enums as numbers, 64-bit integers as text
//! (OTLP specification, "JSON Protobuf Encoding").

use cordon_event::limits::VALUE_DEPTH_MAX;
use cordon_event::{Event, SpanStatus, Value};
use data_encoding::BASE64;

use super::otlp_proto::status_number;
use super::view::{Happening, Link, LogView, OriginView, Pair, SpanView};
use super::{Group, Signal};

/// Names of a signal's lists.
const fn names(signal: Signal) -> [&'static str; 3] {
    match signal {
        Signal::Traces => ["resourceSpans", "scopeSpans", "spans"],
        Signal::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
    }
}

/// An export request without a line break.
pub(super) fn request(signal: Signal, groups: &[Group<'_>]) -> Vec<u8> {
    let [resources, scopes, records] = names(signal);
    let mut out = Vec::new();
    object(&mut out, |top| {
        list(top.member(resources), groups, |out, group| {
            object(out, |members| {
                members.member("resource").extend_from_slice(group.resource);
                list(members.member(scopes), &group.scopes, |out, group| {
                    object(out, |members| {
                        members.member("scope").extend_from_slice(group.scope);
                        list(members.member(records), &group.records, |out, record| {
                            out.extend_from_slice(record);
                        });
                    });
                });
            });
        });
    });
    out
}

/// A `Resource`.
pub(super) fn resource(attributes: &[Pair]) -> Vec<u8> {
    let mut out = Vec::new();
    object(&mut out, |members| {
        members.pairs(attributes.iter(), &[]);
    });
    out
}

/// An `InstrumentationScope`.
pub(super) fn scope(scope: &OriginView<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    object(&mut out, |members| {
        members.text("name", scope.name);
        members.text("version", scope.version);
        members.pairs(scope.attributes.iter(), &[]);
    });
    out
}

/// A `Span`.
pub(super) fn span(span: &SpanView<'_>) -> Vec<u8> {
    let event = span.event;
    let mut out = Vec::new();
    object(&mut out, |members| {
        members.text("traceId", &span.trace_id.to_string());
        members.text("spanId", &span.span_id.to_string());
        members.text("traceState", &span.trace_state);
        if let Some(parent) = event.parent_span_id {
            members.text("parentSpanId", &parent.to_string());
        }
        members.text("name", &event.name);
        members.number("kind", span.kind);
        members.nanos("startTimeUnixNano", event.time_unix_ns);
        members.nanos("endTimeUnixNano", event.end_unix_ns);
        members.pairs(span.attributes.iter().copied(), &span.marks);
        let happenings: Vec<_> = span.happenings.iter().chain(&span.exceptions).collect();
        if !happenings.is_empty() {
            list(members.member("events"), &happenings, |out, found| {
                happening(out, found);
            });
        }
        if !span.links.is_empty() {
            list(members.member("links"), &span.links, link);
        }
        status(members, event);
    });
    out
}

fn happening(out: &mut Vec<u8>, happening: &Happening<'_>) {
    object(out, |members| {
        members.nanos("timeUnixNano", happening.time_unix_ns);
        members.text("name", happening.name);
        members.pairs(happening.attributes.iter().copied(), &[]);
    });
}

fn link(out: &mut Vec<u8>, link: &Link<'_>) {
    object(out, |members| {
        if let Some(id) = link.trace_id {
            members.text("traceId", &id.to_string());
        }
        if let Some(id) = link.span_id {
            members.text("spanId", &id.to_string());
        }
        members.pairs(link.attributes.iter(), &[]);
    });
}

fn status(members: &mut Members<'_>, event: &Event) {
    let message = event.body.as_str();
    if message.is_none() && event.status == SpanStatus::Unset {
        return;
    }
    object(members.member("status"), |members| {
        if let Some(message) = message {
            text(members.member("message"), message);
        }
        members.number("code", status_number(event.status));
    });
}

/// A `LogRecord`.
pub(super) fn log_record(log: &LogView<'_>) -> Vec<u8> {
    let event = log.event;
    let mut out = Vec::new();
    object(&mut out, |members| {
        members.nanos("timeUnixNano", event.time_unix_ns);
        members.nanos("observedTimeUnixNano", log.observed_unix_ns);
        members.number("severityNumber", u64::from(log.severity.0));
        members.text("severityText", log.severity_text);
        if event.body != Value::Null {
            any_value(members.member("body"), &event.body, VALUE_DEPTH_MAX);
        }
        members.pairs(log.attributes.iter().copied(), &log.marks);
        if let Some(id) = event.trace_id {
            members.text("traceId", &id.to_string());
        }
        if let Some(id) = event.span_id {
            members.text("spanId", &id.to_string());
        }
        members.text("eventName", log.name);
    });
    out
}

/// Members of an object that is being written.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    is_begun: bool,
}

impl Members<'_> {
    /// Begins a member; its value is to follow.
    fn member(&mut self, name: &str) -> &mut Vec<u8> {
        if self.is_begun {
            self.out.push(b',');
        }
        self.is_begun = true;
        text(self.out, name);
        self.out.push(b':');
        self.out
    }

    /// A text, unless it is empty.
    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            text(self.member(name), value);
        }
    }

    /// A number of 32 bits, unless it is 0.
    fn number(&mut self, name: &str, value: u64) {
        if value != 0 {
            let out = self.member(name);
            out.extend_from_slice(value.to_string().as_bytes());
        }
    }

    /// A number of 64 bits, unless it is 0.
    fn nanos(&mut self, name: &str, value: u64) {
        if value != 0 {
            text(self.member(name), &value.to_string());
        }
    }

    fn pairs<'a>(
        &mut self,
        pairs: impl Iterator<Item = &'a Pair>,
        marks: &[(&'static str, Value)],
    ) {
        let pairs = pairs.map(|(key, value)| (key.as_str(), value));
        let marks = marks.iter().map(|(key, value)| (*key, value));
        let all: Vec<_> = pairs.chain(marks).collect();
        if !all.is_empty() {
            list(self.member("attributes"), &all, |out, (key, value)| {
                key_value(out, key, value, VALUE_DEPTH_MAX);
            });
        }
    }
}

fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Members<'_>)) {
    out.push(b'{');
    write(&mut Members {
        out: &mut *out,
        is_begun: false,
    });
    out.push(b'}');
}

fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn text(out: &mut Vec<u8>, text: &str) {
    // Text into memory: neither can fail.
    let _written = serde_json::to_writer(out, text);
}

fn key_value(out: &mut Vec<u8>, key: &str, value: &Value, depth_left: usize) {
    object(out, |members| {
        text(members.member("key"), key);
        any_value(members.member("value"), value, depth_left);
    });
}

fn any_value(out: &mut Vec<u8>, value: &Value, depth_left: usize) {
    object(out, |members| match value {
        Value::Null => {}
        Value::String(found) => text(members.member("stringValue"), found),
        Value::Bool(truth) => {
            let word: &[u8] = if *truth { b"true" } else { b"false" };
            members.member("boolValue").extend_from_slice(word);
        }
        Value::Int(n) => text(members.member("intValue"), &n.to_string()),
        Value::Double(n) => double(members.member("doubleValue"), *n),
        Value::Bytes(bytes) => text(members.member("bytesValue"), &BASE64.encode(bytes)),
        Value::Array(items) => {
            if let Some(left) = depth_left.checked_sub(1) {
                values(members.member("arrayValue"), items, |out, item| {
                    any_value(out, item, left);
                });
            }
        }
        Value::Map(pairs) => {
            if let Some(left) = depth_left.checked_sub(1) {
                values(members.member("kvlistValue"), pairs, |out, pair| {
                    key_value(out, &pair.0, &pair.1, left);
                });
            }
        }
    });
}

fn values<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    object(out, |members| list(members.member("values"), items, write));
}

/// A number as proto3's mapping has it: what JSON has no numbers for are words.
fn double(out: &mut Vec<u8>, n: f64) {
    if n.is_finite() {
        let _written = serde_json::to_writer(out, &n);
    } else if n.is_nan() {
        text(out, "NaN");
    } else {
        text(out, if n > 0.0 { "Infinity" } else { "-Infinity" });
    }
}
