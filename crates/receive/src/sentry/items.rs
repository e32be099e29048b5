//! Items beside events and transactions: logs, sessions, check-ins, feedback, what a client itself
//! dropped, attachments of text.
//!
//! Each becomes a log record called after its type. What is of use only to Sentry's own products
//! (profiles, replays, statsd, metrics) is counted and not kept, and so is an attachment that is no
//! text: it would have to be kept raw.

use cordon_event::{Event, Severity, SpanStatus, TraceId, Value};

use super::envelope::Item;
use super::event;
use super::members::{
    keep_rest, put, take, take_list, take_map, take_span, take_text, take_time, take_trace, typed,
};
use super::origin;
use super::tally::Outcome;
use crate::error::Code;
use crate::sink::{Origin, Pairs, Sink, pairs_bytes};

/// Longest attachment that becomes a log record, in bytes.
pub(super) const ATTACHMENT_BYTES_MAX: usize = 64 << 10;
/// Names of files that hold text, by their endings.
const TEXT_ENDINGS: [&str; 7] = [".txt", ".log", ".json", ".csv", ".xml", ".yaml", ".md"];

/// Adds an event, or tells that it has more, or deeper, attributes than one may have.
pub(super) fn push(event: Event, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    if !Sink::fits(&event.attributes) || !Sink::fits(&event.resource) {
        return Ok(Outcome::Malformed);
    }
    sink.push(event, &Origin::default())?;
    Ok(Outcome::Taken)
}

/// A container of log records.
pub(super) fn logs(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let Some(items) = take_list(&mut pairs, "items") else {
        return push(log(pairs), sink);
    };
    for item in items {
        let outcome = match item {
            Value::Map(pairs) => push(log(pairs), sink)?,
            _ => Outcome::Malformed,
        };
        if outcome != Outcome::Taken {
            sink.reject();
        }
    }
    Ok(Outcome::Taken)
}

fn log(mut pairs: Pairs) -> Event {
    let mut event = Event {
        time_unix_ns: take_time(&mut pairs, "timestamp").unwrap_or_default(),
        trace_id: take_trace(&mut pairs, "trace_id"),
        span_id: take_span(&mut pairs, "span_id"),
        body: take(&mut pairs, "body").unwrap_or_default(),
        ..Event::default()
    };
    let number = match take(&mut pairs, "severity_number") {
        Some(Value::Int(n)) => n,
        _ => 0,
    };
    let level = take_text(&mut pairs, "level").or_else(|| take_text(&mut pairs, "severity_text"));
    event.severity = match u8::try_from(number) {
        Ok(n @ 1..=24) => Severity(n),
        _ => level.as_deref().map_or(Severity::INFO, event::severity),
    };
    for (key, value) in take_map(&mut pairs, "attributes").unwrap_or_default() {
        match (key.as_str(), typed(value)) {
            ("sentry.release", Value::String(text)) => {
                origin::put_release(event.resource.to_mut(), text);
            }
            (name, value) => match origin::rename(name) {
                Some(name) => event.resource.push((name.to_owned(), value)),
                None => event.attributes.push((key, value)),
            },
        }
    }
    keep_rest(&mut event.attributes, pairs);
    event
}

/// A record called after what it is.
fn named(name: &str, body: String, severity: Severity) -> Event {
    Event {
        name: format!("sentry.{name}"),
        body: Value::String(body),
        severity,
        ..Event::default()
    }
}

/// One session, or sums of many.
pub(super) fn session(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let attrs = take_map(&mut pairs, "attrs").unwrap_or_default();
    let rows = take_list(&mut pairs, "aggregates");
    let Some(rows) = rows else {
        return push(one_session(pairs, attrs, "session"), sink);
    };
    for row in rows {
        let Value::Map(row) = row else {
            sink.reject();
            continue;
        };
        sink.meter.spend(pairs_bytes(&attrs))?;
        let _outcome = push(one_session(row, attrs.clone(), "sessions"), sink)?;
    }
    Ok(Outcome::Taken)
}

/// A crash has a report of its own: a session that tells of it is no second failure.
fn one_session(mut pairs: Pairs, mut attrs: Pairs, kind: &str) -> Event {
    let status = take_text(&mut pairs, "status");
    let body = match &status {
        Some(status) => format!("session {status}"),
        None => "sessions".to_owned(),
    };
    let mut event = named(kind, body, Severity::INFO);
    let times = ["timestamp", "started"];
    let time = times.into_iter().find_map(|key| take_time(&mut pairs, key));
    event.time_unix_ns = time.unwrap_or_default();
    if let Some(release) = take_text(&mut attrs, "release") {
        origin::put_release(event.resource.to_mut(), release);
    }
    let environment = take_text(&mut attrs, "environment");
    put(
        event.resource.to_mut(),
        "deployment.environment.name",
        environment,
    );
    put(&mut event.attributes, "sentry.status", status);
    // Who it was, as the user of an event is called.
    if let Some(did) = take(&mut pairs, "did") {
        let user = Value::Map(vec![("id".to_owned(), did)]);
        pairs.push(("user".to_owned(), user));
    }
    keep_rest(&mut event.attributes, attrs);
    keep_rest(&mut event.attributes, pairs);
    event
}

/// What a client dropped before it was sent: the gap in the data, told by the one who knows.
pub(super) fn client_report(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let mut event = named(
        "client_report",
        "client dropped data".to_owned(),
        Severity::WARN,
    );
    event.time_unix_ns = take_time(&mut pairs, "timestamp").unwrap_or_default();
    keep_rest(&mut event.attributes, pairs);
    push(event, sink)
}

/// A run of a scheduled job.
pub(super) fn check_in(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let status = take_text(&mut pairs, "status").unwrap_or_default();
    let slug = take_text(&mut pairs, "monitor_slug").unwrap_or_default();
    let severity = match status.as_str() {
        "error" | "missed" | "timeout" => Severity::ERROR,
        _ => Severity::INFO,
    };
    let mut event = named(
        "check_in",
        format!("check-in of {slug}: {status}"),
        severity,
    );
    let mut contexts = take_map(&mut pairs, "contexts").unwrap_or_default();
    event.resource = origin::resource(&mut pairs, &mut contexts, None).into();
    if let Some(mut trace) = take_map(&mut contexts, "trace") {
        event.trace_id = take_trace(&mut trace, "trace_id");
    }
    put(&mut event.attributes, "sentry.monitor_slug", Some(slug));
    put(&mut event.attributes, "sentry.status", Some(status));
    keep_rest(&mut event.attributes, pairs);
    push(event, sink)
}

/// What a user wrote: as an event with a context of its own.
pub(super) fn feedback(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let mut told = None;
    if let Some(mut contexts) = take_map(&mut pairs, "contexts") {
        if let Some(mut feedback) = take_map(&mut contexts, "feedback") {
            told = take_text(&mut feedback, "message");
            contexts.push(("feedback".to_owned(), Value::Map(feedback)));
        }
        pairs.push(("contexts".to_owned(), Value::Map(contexts)));
    }
    pairs.push(("level".to_owned(), Value::from("info")));
    let mut event = event::event(pairs);
    "sentry.feedback".clone_into(&mut event.name);
    if let Some(told) = told {
        event.body = Value::String(told);
    }
    push(event, sink)
}

/// What a user wrote, in the older form.
pub(super) fn user_report(mut pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let told = take_text(&mut pairs, "comments").unwrap_or_default();
    let mut event = named("feedback", told, Severity::INFO);
    keep_rest(&mut event.attributes, pairs);
    push(event, sink)
}

/// An attachment: text of a moderate length becomes a record, nothing else is kept.
pub(super) fn attachment(
    item: &Item<'_>,
    trace: Option<TraceId>,
    event_id: &str,
    sink: &mut Sink<'_, '_>,
) -> Result<Outcome, Code> {
    let (name, kind) = (item.text("filename"), item.text("content_type"));
    let is_plain = matches!(item.text("attachment_type"), "" | "event.attachment");
    let lower = name.to_ascii_lowercase();
    let says_text = kind.starts_with("text/")
        || matches!(kind, "application/json" | "application/xml")
        || TEXT_ENDINGS.iter().any(|end| lower.ends_with(end));
    if !is_plain || !says_text {
        return Ok(Outcome::NotKept);
    }
    if item.payload.len() > ATTACHMENT_BYTES_MAX {
        return Ok(Outcome::TooLarge);
    }
    let Ok(text) = std::str::from_utf8(item.payload) else {
        return Ok(Outcome::NotKept);
    };
    sink.meter.spend(text.len())?;
    let mut event = named("attachment", text.to_owned(), Severity::INFO);
    event.trace_id = trace;
    event.status = SpanStatus::Unset;
    let to = &mut event.attributes;
    put(to, "sentry.filename", Some(name.to_owned()));
    put(to, "sentry.content_type", Some(kind.to_owned()));
    put(to, "sentry.event_id", Some(event_id.to_owned()));
    push(event, sink)
}
