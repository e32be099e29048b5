//! A transaction becomes its spans, and standalone spans become spans.
//!
//! The transaction itself is the root, with all that an event has; its `spans` hang on it. A
//! member of `data` is called by the semantic conventions in newer SDKs and keeps its name.

use cordon_event::{Event, SpanStatus, Value};

use super::event::common;
use super::members::{
    as_map, keep_rest, put, take, take_list, take_map, take_span, take_text, take_time, take_trace,
    typed,
};
use super::origin;
use crate::error::Code;
use crate::sink::{Origin, Pairs, Sink, Span};

/// Reads a transaction.
pub(super) fn transaction(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let mut event = Event::default();
    let children = take_list(&mut pairs, "spans").unwrap_or_default();
    common(&mut pairs, &mut event);
    event.end_unix_ns = event.time_unix_ns;
    event.time_unix_ns = take_time(&mut pairs, "start_timestamp").unwrap_or(event.end_unix_ns);
    event.name = take_text(&mut pairs, "transaction").unwrap_or_default();
    let kind = root(&mut pairs, &mut event);
    let platform = take_text(&mut pairs, "platform");
    put(&mut event.attributes, "sentry.platform", platform);
    keep_rest(&mut event.attributes, pairs);
    let trace = event.trace_id;
    let resource = event.resource.clone();
    sink.push_span(
        Span {
            event,
            kind,
            ..Span::default()
        },
        &Origin::default(),
    )?;
    let mut origin = Origin::default();
    origin.resource = resource;
    for child in children {
        let Value::Map(pairs) = child else {
            sink.reject();
            continue;
        };
        let mut span = span(pairs);
        span.event.trace_id = span.event.trace_id.or(trace);
        push(sink, span, &origin)?;
    }
    Ok(())
}

/// Takes what the trace context says of the root.
fn root(pairs: &mut Pairs, event: &mut Event) -> i64 {
    let Some(mut contexts) = take_map(pairs, "contexts") else {
        return 0;
    };
    let mut kind = 0;
    if let Some(mut trace) = take_map(&mut contexts, "trace") {
        kind = work(&mut trace, event);
        keep_rest(&mut event.attributes, trace);
    }
    if !contexts.is_empty() {
        pairs.push(("contexts".to_owned(), Value::Map(contexts)));
    }
    kind
}

/// Standalone spans: a container of them, or one.
pub(super) fn standalone(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let Some(items) = take_list(&mut pairs, "items") else {
        return push(sink, span(pairs), &Origin::default());
    };
    for item in items {
        match item {
            Value::Map(pairs) => push(sink, span(pairs), &Origin::default())?,
            _ => sink.reject(),
        }
    }
    Ok(())
}

fn push(sink: &mut Sink<'_, '_>, span: Span, origin: &Origin) -> Result<(), Code> {
    if Sink::fits(&span.event.attributes) {
        sink.push_span(span, origin)
    } else {
        sink.reject();
        Ok(())
    }
}

/// Reads a span of either version.
fn span(mut pairs: Pairs) -> Span {
    let mut event = Event {
        trace_id: take_trace(&mut pairs, "trace_id"),
        span_id: take_span(&mut pairs, "span_id"),
        parent_span_id: take_span(&mut pairs, "parent_span_id"),
        ..Event::default()
    };
    let ends = ["end_timestamp", "timestamp"];
    let end = ends.into_iter().find_map(|key| take_time(&mut pairs, key));
    event.end_unix_ns = end.unwrap_or_default();
    event.time_unix_ns = take_time(&mut pairs, "start_timestamp").unwrap_or(event.end_unix_ns);
    if let Some(attributes) = take_map(&mut pairs, "attributes") {
        for (key, value) in attributes {
            let value = typed(value);
            match (key.as_str(), value) {
                ("sentry.release", Value::String(text)) => {
                    origin::put_release(event.resource.to_mut(), text);
                }
                (name, value) => match origin::rename(name) {
                    Some(name) => event.resource.push((name.to_owned(), value)),
                    None => event.attributes.push((key, value)),
                },
            }
        }
    }
    let description =
        take_text(&mut pairs, "name").or_else(|| take_text(&mut pairs, "description"));
    let kind = work(&mut pairs, &mut event);
    event.name = description.unwrap_or_else(|| op_of(&event).to_owned());
    if let Some(tags) = take(&mut pairs, "tags") {
        pairs.push(("tags".to_owned(), as_map(tags)));
    }
    keep_rest(&mut event.attributes, pairs);
    Span {
        event,
        kind,
        ..Span::default()
    }
}

fn op_of(event: &Event) -> &str {
    event.attribute_str("sentry.op").unwrap_or_default()
}

/// What was done and how it ended; the kind of span in OTLP's numbers.
fn work(pairs: &mut Pairs, event: &mut Event) -> i64 {
    let op = take_text(pairs, "op");
    let kind = op.as_deref().map_or(0, kind_of);
    put(&mut event.attributes, "sentry.op", op);
    if let Some(status) = take_text(pairs, "status") {
        event.status = status_of(&status);
        // `not_found` says more than that it failed.
        if !matches!(status.as_str(), "ok" | "error") {
            put(&mut event.attributes, "sentry.status", Some(status));
        }
    }
    for (key, value) in take_map(pairs, "data").unwrap_or_default() {
        event.attributes.push((key, value));
    }
    kind
}

/// Sentry's statuses are gRPC's names. What was cancelled did not fail.
fn status_of(status: &str) -> SpanStatus {
    match status {
        "ok" => SpanStatus::Ok,
        "" | "unknown" | "cancelled" | "unset" => SpanStatus::Unset,
        _ => SpanStatus::Error,
    }
}

fn kind_of(op: &str) -> i64 {
    let (first, second) = op.split_once('.').unwrap_or((op, ""));
    match (first, second) {
        (_, "server") => 2,
        (_, "client") | ("db" | "cache", _) => 3,
        ("queue", "publish" | "submit") => 4,
        ("queue", "process" | "receive") => 5,
        _ => 1,
    }
}
