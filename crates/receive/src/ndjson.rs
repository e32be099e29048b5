//! One JSON object a line becomes an event: the schema of `POST /v1/events` and `cordon ingest`.
//!
//! Names of one line stand for one thing; the earlier wins.
//!
//! - time: `timestamp`, `time`, `ts`, `@timestamp`, `datetime`, `asctime`. RFC 3339, also with a
//!   blank or a comma; Unix time in s, ms, µs or ns by magnitude.
//! - severity: `severity_number`, `level`, `severity`, `levelname`, `severity_text`, `levelno`,
//!   `log.level`, `loglevel`, `lvl`. A name; OpenTelemetry's number; syslog's 0 to 7; Python's and
//!   pino's tens.
//! - body: `message`, `msg`, `body`, `event`, `log`. Any value.
//! - service: `service`, `service.name`, `service_name`, text or `{name, version}`; its version:
//!   `service.version`, `service_version`, `release`.
//! - ids: `trace_id`, `traceId`, `trace.id`, `otelTraceID`; likewise span and parent. Hex.
//! - exception: `exception`, `error`, `err`, as `{type, message, stacktrace}` with the usual other
//!   names, or as text; `exc_info`, `exc_text`, `stack`, `stacktrace`, `stack_trace`, `traceback`,
//!   as text or lines.
//! - `kind` (the name of a [`Kind`]), `event_name`, `event.name`.
//! - `attributes`, `resource`: maps, whose members are taken.
//!
//! Everything else, and whatever does not have the shape above, becomes an attribute under its own
//! name: nothing is dropped. A line that is an OTLP/JSON export request is read as one, and one
//! of the log contract or the Elastic Common Schema by its names ([`contract`]).

use cordon_event::limits::ATTRIBUTES_COUNT_MAX;
use cordon_event::{Event, Kind, Severity, SpanId, TraceId, Value, attr};

use crate::error::Code;
use crate::limits::JSON_DEPTH_MAX;
use crate::sink::{Pairs, Sink};
use crate::syslog::priority;
use crate::time::unix_ns;
use crate::{contract, json, otlp_json};

/// Reads one line; a blank one holds nothing.
pub(crate) fn line(line: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let Value::Map(pairs) = json::parse(line, JSON_DEPTH_MAX, sink.meter)? else {
        return Err(Code::JsonShape);
    };
    members(pairs, sink)
}

/// Takes the members of a line's object.
pub(crate) fn members(pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let otlp = [
        "resourceLogs",
        "resourceSpans",
        "resource_logs",
        "resource_spans",
        "resourceMetrics",
        "resource_metrics",
    ];
    if pairs.iter().any(|(key, _)| otlp.contains(&key.as_str())) {
        return otlp_json::any(Value::Map(pairs), sink);
    }
    let pairs = contract::named(pairs, sink.tenant.as_deref())?;
    sink.push_members(pairs, event)
}

/// Roles of the members that are not attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Time,
    Severity,
    Body,
    Service,
    Version,
    Trace,
    Span,
    Parent,
    Exception,
    Stack,
    Kind,
    Name,
    Attributes,
    Resource,
}

/// Names and roles; among names of one role the earlier wins.
const NAMES: [(&str, Role); 55] = [
    ("timestamp", Role::Time),
    ("time", Role::Time),
    ("ts", Role::Time),
    ("@timestamp", Role::Time),
    ("datetime", Role::Time),
    ("asctime", Role::Time),
    ("time_unix_nano", Role::Time),
    ("timeUnixNano", Role::Time),
    ("severity_number", Role::Severity),
    ("severityNumber", Role::Severity),
    ("level", Role::Severity),
    ("severity", Role::Severity),
    ("levelname", Role::Severity),
    ("severity_text", Role::Severity),
    ("levelno", Role::Severity),
    ("log.level", Role::Severity),
    ("loglevel", Role::Severity),
    ("lvl", Role::Severity),
    ("message", Role::Body),
    ("msg", Role::Body),
    ("body", Role::Body),
    ("event", Role::Body),
    ("log", Role::Body),
    ("service", Role::Service),
    ("service.name", Role::Service),
    ("service_name", Role::Service),
    ("service.version", Role::Version),
    ("service_version", Role::Version),
    ("release", Role::Version),
    ("trace_id", Role::Trace),
    ("traceId", Role::Trace),
    ("trace.id", Role::Trace),
    ("otelTraceID", Role::Trace),
    ("traceid", Role::Trace),
    ("span_id", Role::Span),
    ("spanId", Role::Span),
    ("span.id", Role::Span),
    ("otelSpanID", Role::Span),
    ("spanid", Role::Span),
    ("parent_span_id", Role::Parent),
    ("parentSpanId", Role::Parent),
    ("exception", Role::Exception),
    ("error", Role::Exception),
    ("err", Role::Exception),
    ("exc_info", Role::Stack),
    ("exc_text", Role::Stack),
    ("stacktrace", Role::Stack),
    ("stack_trace", Role::Stack),
    ("stack", Role::Stack),
    ("traceback", Role::Stack),
    ("kind", Role::Kind),
    ("event_name", Role::Name),
    ("event.name", Role::Name),
    ("attributes", Role::Attributes),
    ("resource", Role::Resource),
];

/// Maps members to an event.
pub(crate) fn event(pairs: Pairs) -> Result<Event, Code> {
    let mut event = Event::default();
    let mut taken: Vec<Role> = Vec::new();
    let mut known = Vec::new();
    for (key, value) in pairs {
        match NAMES.iter().position(|(name, _)| *name == key) {
            Some(rank) => known.push((rank, key, value)),
            None => event.attributes.push((key, value)),
        }
    }
    known.sort_by_key(|(rank, ..)| *rank);
    for (rank, key, value) in known {
        let Some((_, role)) = NAMES.get(rank) else {
            continue;
        };
        // An array of attributes or a second stack must not be lost: what is not taken is kept.
        if taken.contains(role) {
            event.attributes.push((key, value));
            continue;
        }
        match assign(&mut event, *role, &key, value) {
            Ok(()) => taken.push(*role),
            Err(value) => event.attributes.push((key, value)),
        }
    }
    if event.attributes.len() > ATTRIBUTES_COUNT_MAX || event.resource.len() > ATTRIBUTES_COUNT_MAX
    {
        return Err(Code::AttributesCount);
    }
    if event.severity == Severity(0) && event.attribute(attr::EXCEPTION_TYPE).is_some() {
        event.severity = Severity::ERROR;
    }
    Ok(event)
}

/// Gives a member its role, or gives the value back.
fn assign(event: &mut Event, role: Role, key: &str, value: Value) -> Result<(), Value> {
    match role {
        Role::Time => event.time_unix_ns = unix_ns(&value).ok_or(value)?,
        Role::Severity => event.severity = severity(key, &value).ok_or(value)?,
        Role::Body if value == Value::Null => return Err(value),
        Role::Body => event.body = value,
        Role::Service => service(event, value)?,
        Role::Version => {
            let text = text(value)?;
            event
                .resource
                .push((attr::SERVICE_VERSION.to_owned(), Value::String(text)));
        }
        Role::Trace => event.trace_id = Some(otlp_json::id(&value).map(TraceId).ok_or(value)?),
        Role::Span => event.span_id = Some(otlp_json::id(&value).map(SpanId).ok_or(value)?),
        Role::Parent => {
            event.parent_span_id = Some(otlp_json::id(&value).map(SpanId).ok_or(value)?);
        }
        Role::Exception => exception(event, value)?,
        Role::Stack => {
            let trace = stack(value)?;
            event
                .attributes
                .push((attr::EXCEPTION_STACKTRACE.to_owned(), trace));
        }
        Role::Kind => {
            let kind = value.as_str().and_then(Kind::parse);
            // A change has a schema of its own.
            event.kind = kind.filter(|kind| *kind != Kind::Change).ok_or(value)?;
        }
        Role::Name => event.name = text(value)?,
        Role::Attributes => event.attributes.append(&mut of_map(value)?),
        Role::Resource => resource(event, value)?,
    }
    Ok(())
}

fn text(value: Value) -> Result<String, Value> {
    if let Value::String(text) = value {
        Ok(text)
    } else {
        Err(value)
    }
}

fn of_map(value: Value) -> Result<Pairs, Value> {
    if let Value::Map(pairs) = value {
        Ok(pairs)
    } else {
        Err(value)
    }
}

/// `{"service.name": …}` or `{"attributes": {…}}`.
fn resource(event: &mut Event, value: Value) -> Result<(), Value> {
    for (key, value) in of_map(value)? {
        match value {
            Value::Map(mut pairs) if key == "attributes" => {
                event.resource.to_mut().append(&mut pairs);
            }
            value => event.resource.push((key, value)),
        }
    }
    Ok(())
}

fn service(event: &mut Event, value: Value) -> Result<(), Value> {
    let pairs = match value {
        Value::String(text) => {
            event
                .resource
                .push((attr::SERVICE_NAME.to_owned(), Value::String(text)));
            return Ok(());
        }
        other => of_map(other)?,
    };
    for (key, value) in pairs {
        event
            .resource
            .to_mut()
            .push((format!("service.{key}"), value));
    }
    Ok(())
}

/// A stack trace as text, or as lines.
fn stack(value: Value) -> Result<Value, Value> {
    match value {
        Value::String(_) => Ok(value),
        Value::Array(ref items) if !items.is_empty() => {
            let lines: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let lines = lines.map(|lines| {
                let ended = lines.iter().any(|line| line.ends_with('\n'));
                lines.join(if ended { "" } else { "\n" })
            });
            lines.map(Value::String).ok_or(value)
        }
        other => Err(other),
    }
}

/// An exception as an object of any of the usual member names, or as text: a trace where it has
/// several lines, else the message.
fn exception(event: &mut Event, value: Value) -> Result<(), Value> {
    let pairs = match value {
        Value::String(text) => {
            let name = if text.contains('\n') {
                attr::EXCEPTION_STACKTRACE
            } else {
                attr::EXCEPTION_MESSAGE
            };
            event
                .attributes
                .push((name.to_owned(), Value::String(text)));
            return Ok(());
        }
        other => of_map(other)?,
    };
    for (key, value) in pairs {
        let member = match key.as_str() {
            "type" | "name" | "class" | "kind" | "exception.type" => attr::EXCEPTION_TYPE,
            "message" | "msg" | "value" | "exception.message" => attr::EXCEPTION_MESSAGE,
            "stacktrace" | "stack_trace" | "stack" | "traceback" | "exception.stacktrace" => {
                attr::EXCEPTION_STACKTRACE
            }
            _ => "",
        };
        if member.is_empty() || event.attribute(member).is_some() {
            event.attributes.push((format!("exception.{key}"), value));
            continue;
        }
        let value = match stack(value) {
            Ok(joined) => joined,
            Err(same) => same,
        };
        event.attributes.push((member.to_owned(), value));
    }
    Ok(())
}

/// Severity by name or number. Numbers by their scale: OpenTelemetry's under its own key, syslog's
/// up to 7, Python's `levelno` and pino's `level` in tens, which differ by one step.
fn severity(key: &str, value: &Value) -> Option<Severity> {
    let number = match value {
        Value::Int(n) => *n,
        Value::Double(n) => *n as i64,
        Value::String(text) => match text.trim().parse() {
            Ok(n) => n,
            Err(_) => {
                return Some(Severity::from_name(text.trim())).filter(|s| *s != Severity(0));
            }
        },
        _ => return None,
    };
    let scale = match (key, number) {
        ("severity_number" | "severityNumber", 1..=24) => number as u8,
        ("levelno", 0..=100) => match number {
            0..10 => 1,
            10..20 => 5,
            20..30 => 9,
            30..40 => 13,
            40..50 => 17,
            _ => 21,
        },
        (_, 0..=7) => return priority::of_level(number as u8),
        (_, 60..=100) => 21,
        (_, 50..60) => 17,
        (_, 40..50) => 13,
        (_, 30..40) => 9,
        (_, 20..30) => 5,
        (_, 10..20) => 1,
        _ => return None,
    };
    Some(Severity(scale))
}
