//! OTLP in JSON becomes events: proto3's JSON mapping with OTLP's hex ids, and more tolerant.
//!
//! Taken beside the mapping, since senders do it: explicit `null` anywhere, names in snake_case,
//! enums by name or number, 64-bit integers as text or number, `NaN` and infinities as words or
//! text, ids in base64, plain JSON where an `AnyValue` belongs, unknown members (ignored).

use cordon_event::limits::{ATTRIBUTES_COUNT_MAX, VALUE_DEPTH_MAX};
use cordon_event::{Event, Kind, SpanId, TraceId, Value};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};

use crate::error::Code;
use crate::otlp_metrics;
use crate::otlp_proto::{link_value, span_status};
use crate::sink::{
    Happening, Origin, Pairs, Sink, Span, TRACE_FLAGS, check_count, check_pairs, set_severity,
};

/// A record that is not what it should be: left out and counted, or a reason to refuse all.
pub(crate) enum Bad {
    Record,
    Request(Code),
}

impl From<Code> for Bad {
    fn from(code: Code) -> Self {
        Self::Request(code)
    }
}

type ReadRecord = fn(Pairs, &Origin, &mut Sink<'_, '_>) -> Result<(), Bad>;

/// Reads an `ExportLogsServiceRequest`; one with spans in it was sent to the wrong path.
pub(crate) fn logs(document: Value, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    request(
        document,
        sink,
        Readers {
            logs: Some(log_record),
            ..Readers::default()
        },
    )
}

/// Reads an `ExportTraceServiceRequest`; one with log records in it was sent to the wrong path.
pub(crate) fn traces(document: Value, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    request(
        document,
        sink,
        Readers {
            spans: Some(span),
            ..Readers::default()
        },
    )
}

/// Reads an `ExportMetricsServiceRequest`.
pub(crate) fn metrics(document: Value, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    request(
        document,
        sink,
        Readers {
            metrics: Some(otlp_metrics::metric),
            ..Readers::default()
        },
    )
}

/// Reads an export request of any signal. Whether the document has the key of
/// one is the caller's to know; a document without it holds nothing.
pub(crate) fn any(document: Value, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let readers = Readers {
        logs: Some(log_record),
        spans: Some(span),
        metrics: Some(otlp_metrics::metric),
    };
    request(document, sink, readers)
}

/// How to read the records of each signal; one without a reader was sent to the wrong path.
#[derive(Clone, Copy, Default)]
struct Readers {
    logs: Option<ReadRecord>,
    spans: Option<ReadRecord>,
    metrics: Option<ReadRecord>,
}

fn request(document: Value, sink: &mut Sink<'_, '_>, readers: Readers) -> Result<(), Code> {
    for (key, value) in object(document)? {
        match key.as_str() {
            "resourceLogs" | "resource_logs" => {
                groups(value, sink, readers.logs.ok_or(Code::JsonShape)?)?;
            }
            "resourceMetrics" | "resource_metrics" => {
                groups(value, sink, readers.metrics.ok_or(Code::JsonShape)?)?;
            }
            "resourceSpans" | "resource_spans" => {
                groups(value, sink, readers.spans.ok_or(Code::JsonShape)?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn object(value: Value) -> Result<Pairs, Code> {
    match value {
        Value::Map(pairs) => Ok(pairs),
        Value::Null => Ok(Vec::new()),
        _ => Err(Code::JsonShape),
    }
}

fn list(value: Value) -> Result<Vec<Value>, Code> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        _ => Err(Code::JsonShape),
    }
}

fn groups(value: Value, sink: &mut Sink<'_, '_>, record: ReadRecord) -> Result<(), Code> {
    for group in list(value)? {
        let mut origin = Origin::default();
        let mut scopes = Vec::new();
        for (key, value) in object(group)? {
            match key.as_str() {
                "resource" => {
                    for (key, value) in object(value)? {
                        if key == "attributes" {
                            shaped(add_attributes(origin.resource.to_mut(), value))?;
                        }
                    }
                }
                "scopeLogs" | "scopeSpans" | "scopeMetrics" | "scope_logs" | "scope_spans"
                | "scope_metrics" => {
                    scopes.append(&mut list(value)?);
                }
                _ => {}
            }
        }
        for scope in scopes {
            scope_group(object(scope)?, &mut origin, sink, record)?;
        }
    }
    Ok(())
}

fn scope_group(
    group: Pairs,
    origin: &mut Origin,
    sink: &mut Sink<'_, '_>,
    record: ReadRecord,
) -> Result<(), Code> {
    let mut records = Vec::new();
    let (mut name, mut version, mut pairs) = (String::new(), String::new(), Vec::new());
    for (key, value) in group {
        match key.as_str() {
            "scope" => {
                for (key, value) in object(value)? {
                    match key.as_str() {
                        "name" => name = shaped(text(value))?,
                        "version" => version = shaped(text(value))?,
                        "attributes" => pairs = shaped(attributes(value))?,
                        _ => {}
                    }
                }
            }
            "logRecords" | "log_records" | "spans" | "metrics" => records.append(&mut list(value)?),
            _ => {}
        }
    }
    origin.set_scope(name, version, pairs);
    for value in records {
        let Value::Map(pairs) = value else {
            sink.reject();
            continue;
        };
        match record(pairs, origin, sink) {
            Ok(()) => {}
            Err(Bad::Record) => sink.reject(),
            Err(Bad::Request(code)) => return Err(code),
        }
    }
    Ok(())
}

/// Outside a record there is no record to leave out.
fn shaped<T>(result: Result<T, Bad>) -> Result<T, Code> {
    result.map_err(|bad| match bad {
        Bad::Record => Code::JsonShape,
        Bad::Request(code) => code,
    })
}

fn log_record(record: Pairs, origin: &Origin, sink: &mut Sink<'_, '_>) -> Result<(), Bad> {
    let mut event = Event {
        kind: Kind::Log,
        ..Event::default()
    };
    let (mut observed, mut severity, mut severity_text) = (0, 0, String::new());
    for (key, value) in record {
        match key.as_str() {
            "timeUnixNano" | "time_unix_nano" => event.time_unix_ns = nanos(&value)?,
            "observedTimeUnixNano" | "observed_time_unix_nano" => observed = nanos(&value)?,
            "severityNumber" | "severity_number" => severity = number(&value, severity_number)?,
            "severityText" | "severity_text" => severity_text = text(value)?,
            "body" => event.body = any_value(value, VALUE_DEPTH_MAX)?,
            "attributes" => add_attributes(&mut event.attributes, value)?,
            "traceId" | "trace_id" => event.trace_id = id(&value).map(TraceId),
            "spanId" | "span_id" => event.span_id = id(&value).map(SpanId),
            "eventName" | "event_name" => event.name = text(value)?,
            _ => {}
        }
    }
    if event.time_unix_ns == 0 {
        event.time_unix_ns = observed;
    }
    set_severity(&mut event, severity, severity_text);
    Ok(sink.push(event, origin)?)
}

fn span(record: Pairs, origin: &Origin, sink: &mut Sink<'_, '_>) -> Result<(), Bad> {
    let mut span = Span::default();
    let event = &mut span.event;
    for (key, value) in record {
        match key.as_str() {
            "traceId" | "trace_id" => event.trace_id = id(&value).map(TraceId),
            "spanId" | "span_id" => event.span_id = id(&value).map(SpanId),
            "parentSpanId" | "parent_span_id" => event.parent_span_id = id(&value).map(SpanId),
            "traceState" | "trace_state" => event.trace_state = text(value)?,
            "name" => event.name = text(value)?,
            "kind" => span.kind = number(&value, span_kind)?,
            "startTimeUnixNano" | "start_time_unix_nano" => event.time_unix_ns = nanos(&value)?,
            "endTimeUnixNano" | "end_time_unix_nano" => event.end_unix_ns = nanos(&value)?,
            "attributes" => add_attributes(&mut event.attributes, value)?,
            "events" => span.happenings = each(value, happening)?,
            "links" => span.links = each(value, link)?,
            "status" => status(value, event)?,
            "flags" => {
                let flags = number(&value, |_| 0)?;
                event.trace_flags = u32::try_from(flags).unwrap_or_default() & TRACE_FLAGS;
            }
            _ => {}
        }
    }
    Ok(sink.push_span(span, origin)?)
}

fn status(value: Value, event: &mut Event) -> Result<(), Bad> {
    for (key, value) in record_object(value)? {
        match key.as_str() {
            "message" if value != Value::Null => event.body = Value::String(text(value)?),
            "code" => event.status = span_status(number(&value, status_code)?),
            _ => {}
        }
    }
    Ok(())
}

fn each<T>(value: Value, read: fn(Pairs) -> Result<T, Bad>) -> Result<Vec<T>, Bad> {
    let items = match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        _ => return Err(Bad::Record),
    };
    if items.len() > ATTRIBUTES_COUNT_MAX {
        return Err(Bad::Request(Code::AttributesCount));
    }
    items
        .into_iter()
        .map(|item| read(record_object(item)?))
        .collect()
}

fn happening(record: Pairs) -> Result<Happening, Bad> {
    let mut happening = Happening::default();
    for (key, value) in record {
        match key.as_str() {
            "timeUnixNano" | "time_unix_nano" => happening.time_unix_ns = nanos(&value)?,
            "name" => happening.name = text(value)?,
            "attributes" => happening.attributes = attributes(value)?,
            _ => {}
        }
    }
    Ok(happening)
}

fn link(record: Pairs) -> Result<Value, Bad> {
    let (mut trace, mut span, mut pairs) = (None, None, Vec::new());
    for (key, value) in record {
        match key.as_str() {
            "traceId" | "trace_id" => trace = id(&value).map(TraceId),
            "spanId" | "span_id" => span = id(&value).map(SpanId),
            "attributes" => pairs = attributes(value)?,
            _ => {}
        }
    }
    Ok(link_value(trace, span, pairs))
}

pub(crate) fn record_object(value: Value) -> Result<Pairs, Bad> {
    match value {
        Value::Map(pairs) => Ok(pairs),
        Value::Null => Ok(Vec::new()),
        _ => Err(Bad::Record),
    }
}

/// Adds attributes; a member that is repeated counts with those before it.
fn add_attributes(to: &mut Pairs, value: Value) -> Result<(), Bad> {
    to.append(&mut attributes(value)?);
    Ok(check_count(to)?)
}

/// Attributes: `[{key, value}]`, or a plain object as some senders write.
pub(crate) fn attributes(value: Value) -> Result<Pairs, Bad> {
    let pairs = match value {
        Value::Array(items) => {
            let read = |item| key_value(item, VALUE_DEPTH_MAX);
            items
                .into_iter()
                .map(read)
                .collect::<Result<Pairs, Bad>>()?
        }
        Value::Map(pairs) => {
            check_pairs(&pairs)?;
            pairs
        }
        Value::Null => Vec::new(),
        _ => return Err(Bad::Record),
    };
    check_count(&pairs)?;
    Ok(pairs)
}

fn key_value(value: Value, depth_left: usize) -> Result<(String, Value), Bad> {
    let (mut key, mut found) = (String::new(), Value::Null);
    for (name, value) in record_object(value)? {
        match name.as_str() {
            "key" => key = text(value)?,
            "value" => found = any_value(value, depth_left)?,
            _ => {}
        }
    }
    Ok((key, found))
}

fn any_value(value: Value, depth_left: usize) -> Result<Value, Bad> {
    let members = match value {
        Value::Map(members) => members,
        plain => {
            crate::sink::check_depth(&plain, depth_left)?;
            return Ok(plain);
        }
    };
    let mut found = Value::Null;
    for (key, value) in members {
        if value == Value::Null {
            continue;
        }
        found = match key.as_str() {
            "stringValue" | "string_value" => Value::String(text(value)?),
            "boolValue" | "bool_value" => Value::Bool(truth(&value)?),
            "intValue" | "int_value" => integer(value)?,
            "doubleValue" | "double_value" => Value::Double(double(&value)?),
            "bytesValue" | "bytes_value" => Value::Bytes(bytes(&value)?),
            "arrayValue" | "array_value" => {
                let left = deeper(depth_left)?;
                let items = values(value)?.into_iter();
                Value::Array(
                    items
                        .map(|v| any_value(v, left))
                        .collect::<Result<_, _>>()?,
                )
            }
            "kvlistValue" | "kvlist_value" => {
                let left = deeper(depth_left)?;
                let items = values(value)?.into_iter();
                Value::Map(
                    items
                        .map(|v| key_value(v, left))
                        .collect::<Result<_, _>>()?,
                )
            }
            _ => continue,
        };
    }
    Ok(found)
}

fn deeper(depth_left: usize) -> Result<usize, Bad> {
    depth_left.checked_sub(1).ok_or(Bad::Request(Code::Depth))
}

/// The `values` of an `ArrayValue` or `KeyValueList`; a plain array counts as well.
fn values(value: Value) -> Result<Vec<Value>, Bad> {
    if let Value::Array(items) = value {
        return Ok(items);
    }
    let mut items = Vec::new();
    for (key, value) in record_object(value)? {
        match value {
            Value::Array(found) if key == "values" => items = found,
            Value::Null => {}
            _ if key == "values" => return Err(Bad::Record),
            _ => {}
        }
    }
    Ok(items)
}

pub(crate) fn text(value: Value) -> Result<String, Bad> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        Value::Int(n) => Ok(n.to_string()),
        Value::Double(n) => Ok(n.to_string()),
        Value::Bool(b) => Ok(b.to_string()),
        _ => Err(Bad::Record),
    }
}

pub(crate) fn truth(value: &Value) -> Result<bool, Bad> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(Bad::Record),
    }
}

/// An integer; one that is none in 64 bits is kept as what it is, and not lost.
pub(crate) fn integer(value: Value) -> Result<Value, Bad> {
    match value {
        Value::String(text) => Ok(match text.trim().parse() {
            Ok(n) => Value::Int(n),
            Err(_) => Value::String(text),
        }),
        Value::Double(n) if n.fract() == 0.0 && n.abs() < 9.0e15 => Ok(Value::Int(n as i64)),
        Value::Int(_) | Value::Double(_) => Ok(value),
        _ => Err(Bad::Record),
    }
}

pub(crate) fn double(value: &Value) -> Result<f64, Bad> {
    match value {
        Value::Double(n) => Ok(*n),
        Value::Int(n) => Ok(*n as f64),
        Value::String(text) => text.trim().parse().map_err(|_| Bad::Record),
        _ => Err(Bad::Record),
    }
}

fn bytes(value: &Value) -> Result<Vec<u8>, Bad> {
    let text = value.as_str().ok_or(Bad::Record)?.as_bytes();
    [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD]
        .iter()
        .find_map(|base64| base64.decode(text).ok())
        .ok_or(Bad::Record)
}

pub(crate) fn nanos(value: &Value) -> Result<u64, Bad> {
    match value {
        Value::Null => Ok(0),
        Value::Int(n) => u64::try_from(*n).map_err(|_| Bad::Record),
        Value::Double(n) if *n >= 0.0 && *n < 1.8e19 => Ok(*n as u64),
        Value::String(text) if text.is_empty() => Ok(0),
        Value::String(text) => text.trim().parse().map_err(|_| Bad::Record),
        _ => Err(Bad::Record),
    }
}

/// A number, or an enum's name.
pub(crate) fn number(value: &Value, by_name: fn(&str) -> i64) -> Result<i64, Bad> {
    match value {
        Value::Null => Ok(0),
        Value::Int(n) => Ok(*n),
        Value::Double(n) => Ok(*n as i64),
        Value::String(text) => Ok(text.parse().unwrap_or_else(|_| by_name(text))),
        _ => Err(Bad::Record),
    }
}

/// `SEVERITY_NUMBER_ERROR2` is 18: a range's first number and an offset.
fn severity_number(name: &str) -> i64 {
    let name = name.strip_prefix("SEVERITY_NUMBER_").unwrap_or(name);
    let word = name.trim_end_matches(['2', '3', '4']);
    let offset = name
        .strip_prefix(word)
        .and_then(|n| n.parse::<i64>().ok())
        .unwrap_or(1)
        - 1;
    match cordon_event::Severity::from_name(word).0 {
        0 => 0,
        first => i64::from(first) + offset,
    }
}

fn span_kind(name: &str) -> i64 {
    match name.strip_prefix("SPAN_KIND_").unwrap_or(name) {
        "INTERNAL" => 1,
        "SERVER" => 2,
        "CLIENT" => 3,
        "PRODUCER" => 4,
        "CONSUMER" => 5,
        _ => 0,
    }
}

fn status_code(name: &str) -> i64 {
    match name.strip_prefix("STATUS_CODE_").unwrap_or(name) {
        "OK" => 1,
        "ERROR" => 2,
        _ => 0,
    }
}

/// An id in hex of either case, or in base64; of another length, or all zero, absent.
pub(crate) fn id<const N: usize>(value: &Value) -> Option<[u8; N]> {
    let text = value.as_str()?;
    let found = if text.len() == 2 * N {
        data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes())
    } else {
        BASE64.decode(text.as_bytes())
    };
    found.ok()?.try_into().ok().filter(|id| *id != [0; N])
}
