//! OTLP in protobuf. Numbers of fields are those of `opentelemetry/proto`, version 1.

use cordon_event::limits::VALUE_DEPTH_MAX;
use cordon_event::{Event, SpanStatus, Value};

use super::Group;
use super::proto::{
    put_bytes, put_fixed64, put_fixed64_but_0, put_message, put_number, put_number_but_0,
    put_text_but_empty,
};
use super::view::{Happening, Link, LogView, OriginView, Pair, SpanView};

/// Both requests have one shape, and their messages one numbering.
pub(super) fn request(groups: &[Group<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for group in groups {
        put_message(&mut out, 1, |out| {
            if !group.resource.is_empty() {
                put_bytes(out, 1, group.resource);
            }
            for group in &group.scopes {
                put_message(out, 2, |out| {
                    if !group.scope.is_empty() {
                        put_bytes(out, 1, group.scope);
                    }
                    for record in &group.records {
                        put_bytes(out, 2, record);
                    }
                });
            }
        });
    }
    out
}

/// A `Resource`.
pub(super) fn resource(attributes: &[Pair]) -> Vec<u8> {
    let mut out = Vec::new();
    put_pairs(&mut out, 1, attributes);
    out
}

/// An `InstrumentationScope`.
pub(super) fn scope(scope: &OriginView<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    put_text_but_empty(&mut out, 1, scope.name);
    put_text_but_empty(&mut out, 2, scope.version);
    put_pairs(&mut out, 3, scope.attributes);
    out
}

/// A `Span`.
pub(super) fn span(span: &SpanView<'_>) -> Vec<u8> {
    let event = span.event;
    let mut out = Vec::new();
    put_bytes(&mut out, 1, &span.trace_id.0);
    put_bytes(&mut out, 2, &span.span_id.0);
    put_text_but_empty(&mut out, 3, &span.trace_state);
    if let Some(parent) = event.parent_span_id {
        put_bytes(&mut out, 4, &parent.0);
    }
    put_text_but_empty(&mut out, 5, &event.name);
    put_number_but_0(&mut out, 6, span.kind);
    put_fixed64_but_0(&mut out, 7, event.time_unix_ns);
    put_fixed64_but_0(&mut out, 8, event.end_unix_ns);
    put_pairs(&mut out, 9, span.attributes.iter().copied());
    put_marks(&mut out, 9, &span.marks);
    for found in span.happenings.iter().chain(&span.exceptions) {
        put_message(&mut out, 11, |out| happening(out, found));
    }
    for found in &span.links {
        put_message(&mut out, 13, |out| link(out, found));
    }
    status(&mut out, event);
    out
}

fn happening(out: &mut Vec<u8>, happening: &Happening<'_>) {
    put_fixed64_but_0(out, 1, happening.time_unix_ns);
    put_text_but_empty(out, 2, happening.name);
    put_pairs(out, 3, happening.attributes.iter().copied());
}

fn link(out: &mut Vec<u8>, link: &Link<'_>) {
    if let Some(id) = link.trace_id {
        put_bytes(out, 1, &id.0);
    }
    if let Some(id) = link.span_id {
        put_bytes(out, 2, &id.0);
    }
    put_pairs(out, 4, link.attributes);
}

/// A `Status`, where there is something to say. A body that is no text is no message of a status.
fn status(out: &mut Vec<u8>, event: &Event) {
    let message = event.body.as_str();
    if message.is_none() && event.status == SpanStatus::Unset {
        return;
    }
    put_message(out, 15, |out| {
        if let Some(message) = message {
            put_bytes(out, 2, message.as_bytes());
        }
        put_number_but_0(out, 3, status_number(event.status));
    });
}

/// `StatusCode`.
pub(super) const fn status_number(status: SpanStatus) -> u64 {
    match status {
        SpanStatus::Unset => 0,
        SpanStatus::Ok => 1,
        SpanStatus::Error => 2,
    }
}

/// A `LogRecord`.
pub(super) fn log_record(log: &LogView<'_>) -> Vec<u8> {
    let event = log.event;
    let mut out = Vec::new();
    put_fixed64_but_0(&mut out, 1, event.time_unix_ns);
    put_number_but_0(&mut out, 2, u64::from(log.severity.0));
    put_text_but_empty(&mut out, 3, log.severity_text);
    if event.body != Value::Null {
        put_message(&mut out, 5, |out| {
            any_value(out, &event.body, VALUE_DEPTH_MAX);
        });
    }
    put_pairs(&mut out, 6, log.attributes.iter().copied());
    put_marks(&mut out, 6, &log.marks);
    if let Some(id) = event.trace_id {
        put_bytes(&mut out, 9, &id.0);
    }
    if let Some(id) = event.span_id {
        put_bytes(&mut out, 10, &id.0);
    }
    put_fixed64_but_0(&mut out, 11, log.observed_unix_ns);
    put_text_but_empty(&mut out, 12, log.name);
    out
}

fn put_pairs<'a>(out: &mut Vec<u8>, field: u32, pairs: impl IntoIterator<Item = &'a Pair>) {
    for (key, value) in pairs {
        put_pair(out, field, key, value, VALUE_DEPTH_MAX);
    }
}

fn put_marks(out: &mut Vec<u8>, field: u32, marks: &[(&'static str, Value)]) {
    for (key, value) in marks {
        put_pair(out, field, key, value, VALUE_DEPTH_MAX);
    }
}

/// A `KeyValue`. An absent value is an `AnyValue` with nothing set, which is what null is.
fn put_pair(out: &mut Vec<u8>, field: u32, key: &str, value: &Value, depth_left: usize) {
    put_message(out, field, |out| {
        put_bytes(out, 1, key.as_bytes());
        put_message(out, 2, |out| any_value(out, value, depth_left));
    });
}

fn any_value(out: &mut Vec<u8>, value: &Value, depth_left: usize) {
    match value {
        Value::Null => {}
        Value::String(text) => put_bytes(out, 1, text.as_bytes()),
        Value::Bool(truth) => put_number(out, 2, u64::from(*truth)),
        Value::Int(n) => put_number(out, 3, n.cast_unsigned()),
        Value::Double(n) => put_fixed64(out, 4, n.to_bits()),
        Value::Bytes(bytes) => put_bytes(out, 7, bytes),
        Value::Array(items) => {
            let Some(left) = depth_left.checked_sub(1) else {
                return;
            };
            put_message(out, 5, |out| {
                for item in items {
                    put_message(out, 1, |out| any_value(out, item, left));
                }
            });
        }
        Value::Map(pairs) => {
            let Some(left) = depth_left.checked_sub(1) else {
                return;
            };
            put_message(out, 6, |out| {
                for (key, value) in pairs {
                    put_pair(out, 1, key, value, left);
                }
            });
        }
    }
}
