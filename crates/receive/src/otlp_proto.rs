//! OTLP in protobuf becomes events: `opentelemetry/proto/{logs,trace,metrics}/v1`, version 1.

use cordon_event::limits::{ATTRIBUTES_COUNT_MAX, VALUE_DEPTH_MAX};
use cordon_event::{Event, Kind, SpanId, SpanStatus, TraceId, Value};

use crate::error::Code;
use crate::meter::Meter;
use crate::otlp_metrics;
use crate::proto::{Fields, Wire};
use crate::sink::{Happening, Origin, Pairs, Sink, Span, TRACE_FLAGS, set_severity};

/// Reads an `ExportLogsServiceRequest`.
pub(crate) fn logs(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    groups(body, sink, log_record)
}

/// Reads an `ExportTraceServiceRequest`.
pub(crate) fn traces(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    groups(body, sink, span)
}

/// Reads an `ExportMetricsServiceRequest`.
pub(crate) fn metrics(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    groups(body, sink, otlp_metrics::message)
}

type ReadRecord = fn(&[u8], &Origin, &mut Sink<'_, '_>) -> Result<(), Code>;

/// Requests of all signals have one shape: resources of scopes of records, whose fields have the
/// same numbers. A resource or scope may come after its records, so each message is read twice.
fn groups(body: &[u8], sink: &mut Sink<'_, '_>, record: ReadRecord) -> Result<(), Code> {
    for field in Fields::of(body) {
        let (1, group) = field? else { continue };
        let group = group.bytes()?;
        let mut origin = Origin::default();
        for field in Fields::of(group) {
            if let (1, resource) = field? {
                let mut fields = attributes(resource.bytes()?, 1, sink.meter)?;
                origin.resource.to_mut().append(&mut fields);
            }
        }
        for field in Fields::of(group) {
            if let (2, scope) = field? {
                scope_group(scope.bytes()?, &mut origin, sink, record)?;
            }
        }
    }
    Ok(())
}

fn scope_group(
    group: &[u8],
    origin: &mut Origin,
    sink: &mut Sink<'_, '_>,
    record: ReadRecord,
) -> Result<(), Code> {
    let (mut name, mut version, mut pairs) = (String::new(), String::new(), Vec::new());
    for field in Fields::of(group) {
        let (1, scope) = field? else { continue };
        let scope = scope.bytes()?;
        pairs = attributes(scope, 3, sink.meter)?;
        for field in Fields::of(scope) {
            match field? {
                (1, text) => name = owned(text, sink.meter)?,
                (2, text) => version = owned(text, sink.meter)?,
                _ => {}
            }
        }
    }
    origin.set_scope(name, version, pairs);
    for field in Fields::of(group) {
        if let (2, message) = field? {
            record(message.bytes()?, origin, sink)?;
        }
    }
    Ok(())
}

fn log_record(message: &[u8], origin: &Origin, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let mut event = Event {
        kind: Kind::Log,
        ..Event::default()
    };
    let (mut observed, mut number, mut text) = (0, 0, String::new());
    for field in Fields::of(message) {
        match field? {
            (1, time) => event.time_unix_ns = time.fixed64()?,
            (2, n) => number = n.varint()?.cast_signed(),
            (3, t) => text = owned(t, sink.meter)?,
            (5, body) => event.body = any_value(body.bytes()?, VALUE_DEPTH_MAX, sink.meter)?,
            (9, id) => event.trace_id = trace_id(id.bytes()?),
            (10, id) => event.span_id = span_id(id.bytes()?),
            (11, time) => observed = time.fixed64()?,
            (12, name) => event.name = owned(name, sink.meter)?,
            _ => {}
        }
    }
    event.attributes = attributes(message, 6, sink.meter)?;
    if event.time_unix_ns == 0 {
        event.time_unix_ns = observed;
    }
    set_severity(&mut event, number, text);
    sink.push(event, origin)
}

fn span(message: &[u8], origin: &Origin, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let mut span = Span::default();
    let event = &mut span.event;
    for field in Fields::of(message) {
        match field? {
            (1, id) => event.trace_id = trace_id(id.bytes()?),
            (2, id) => event.span_id = span_id(id.bytes()?),
            (3, text) => event.trace_state = owned(text, sink.meter)?,
            (4, id) => event.parent_span_id = span_id(id.bytes()?),
            (5, text) => event.name = owned(text, sink.meter)?,
            (6, kind) => span.kind = kind.varint()?.cast_signed(),
            (7, time) => event.time_unix_ns = time.fixed64()?,
            (8, time) => event.end_unix_ns = time.fixed64()?,
            (11, message) => {
                within(span.happenings.len())?;
                sink.meter.spend_slot::<Happening>()?;
                span.happenings
                    .push(happening(message.bytes()?, sink.meter)?);
            }
            (13, message) => {
                within(span.links.len())?;
                span.links.push(link(message.bytes()?, sink.meter)?);
            }
            (15, message) => status(message.bytes()?, event, sink.meter)?,
            (16, flags) => event.trace_flags = flags.fixed32()? & TRACE_FLAGS,
            _ => {}
        }
    }
    event.attributes = attributes(message, 9, sink.meter)?;
    sink.push_span(span, origin)
}

fn status(message: &[u8], event: &mut Event, meter: &mut Meter<'_>) -> Result<(), Code> {
    for field in Fields::of(message) {
        match field? {
            (2, text) => event.body = Value::String(owned(text, meter)?),
            (3, code) => event.status = span_status(code.varint()?.cast_signed()),
            _ => {}
        }
    }
    Ok(())
}

/// Status of a span by its number.
pub(crate) const fn span_status(code: i64) -> SpanStatus {
    match code {
        1 => SpanStatus::Ok,
        2 => SpanStatus::Error,
        _ => SpanStatus::Unset,
    }
}

fn happening(message: &[u8], meter: &mut Meter<'_>) -> Result<Happening, Code> {
    let mut happening = Happening {
        attributes: attributes(message, 3, meter)?,
        ..Happening::default()
    };
    for field in Fields::of(message) {
        match field? {
            (1, time) => happening.time_unix_ns = time.fixed64()?,
            (2, name) => happening.name = owned(name, meter)?,
            _ => {}
        }
    }
    Ok(happening)
}

fn link(message: &[u8], meter: &mut Meter<'_>) -> Result<Value, Code> {
    let attributes = attributes(message, 4, meter)?;
    let (mut trace, mut span) = (None, None);
    for field in Fields::of(message) {
        match field? {
            (1, id) => trace = trace_id(id.bytes()?),
            (2, id) => span = span_id(id.bytes()?),
            _ => {}
        }
    }
    meter.spend(256)?;
    Ok(link_value(trace, span, attributes))
}

/// A link of a span as a value.
pub(crate) fn link_value(trace: Option<TraceId>, span: Option<SpanId>, attributes: Pairs) -> Value {
    let id = |text: Option<String>| text.map_or(Value::Null, Value::String);
    Value::Map(vec![
        ("trace_id".to_owned(), id(trace.map(|id| id.to_string()))),
        ("span_id".to_owned(), id(span.map(|id| id.to_string()))),
        ("attributes".to_owned(), Value::Map(attributes)),
    ])
}

/// An id of another length, or all zero, counts as absent (`trace.proto`, `logs.proto`).
fn trace_id(bytes: &[u8]) -> Option<TraceId> {
    bytes
        .try_into()
        .ok()
        .filter(|id| *id != [0; 16])
        .map(TraceId)
}

fn span_id(bytes: &[u8]) -> Option<SpanId> {
    bytes.try_into().ok().filter(|id| *id != [0; 8]).map(SpanId)
}

fn within(count: usize) -> Result<(), Code> {
    if count < ATTRIBUTES_COUNT_MAX {
        Ok(())
    } else {
        Err(Code::AttributesCount)
    }
}

pub(crate) fn owned(wire: Wire<'_>, meter: &mut Meter<'_>) -> Result<String, Code> {
    let text = wire.text()?;
    meter.spend(text.len())?;
    Ok(text.to_owned())
}

/// All `KeyValue`s in that field of a message.
pub(crate) fn attributes(
    message: &[u8],
    number: u32,
    meter: &mut Meter<'_>,
) -> Result<Pairs, Code> {
    let mut pairs = Vec::new();
    for field in Fields::of(message) {
        let (found, pair) = field?;
        if found == number {
            within(pairs.len())?;
            meter.spend_slot::<(String, Value)>()?;
            pairs.push(key_value(pair.bytes()?, VALUE_DEPTH_MAX, meter)?);
        }
    }
    Ok(pairs)
}

fn key_value(
    message: &[u8],
    depth_left: usize,
    meter: &mut Meter<'_>,
) -> Result<(String, Value), Code> {
    let (mut key, mut value) = (String::new(), Value::Null);
    for field in Fields::of(message) {
        match field? {
            (1, text) => key = owned(text, meter)?,
            (2, any) => value = any_value(any.bytes()?, depth_left, meter)?,
            _ => {}
        }
    }
    Ok((key, value))
}

fn any_value(message: &[u8], depth_left: usize, meter: &mut Meter<'_>) -> Result<Value, Code> {
    let mut value = Value::Null;
    for field in Fields::of(message) {
        value = match field? {
            (1, text) => Value::String(owned(text, meter)?),
            (2, n) => Value::Bool(n.varint()? != 0),
            (3, n) => Value::Int(n.varint()?.cast_signed()),
            (4, n) => Value::Double(f64::from_bits(n.fixed64()?)),
            (5, list) => array(list.bytes()?, deeper(depth_left)?, meter)?,
            (6, list) => map(list.bytes()?, deeper(depth_left)?, meter)?,
            (7, bytes) => {
                meter.spend(bytes.bytes()?.len())?;
                Value::Bytes(bytes.bytes()?.to_vec())
            }
            _ => continue,
        };
    }
    Ok(value)
}

fn deeper(depth_left: usize) -> Result<usize, Code> {
    depth_left.checked_sub(1).ok_or(Code::Depth)
}

fn array(message: &[u8], depth_left: usize, meter: &mut Meter<'_>) -> Result<Value, Code> {
    let mut items = Vec::new();
    for field in Fields::of(message) {
        if let (1, item) = field? {
            meter.spend_slot::<Value>()?;
            items.push(any_value(item.bytes()?, depth_left, meter)?);
        }
    }
    Ok(Value::Array(items))
}

fn map(message: &[u8], depth_left: usize, meter: &mut Meter<'_>) -> Result<Value, Code> {
    let mut pairs = Vec::new();
    for field in Fields::of(message) {
        if let (1, pair) = field? {
            meter.spend_slot::<(String, Value)>()?;
            pairs.push(key_value(pair.bytes()?, depth_left, meter)?);
        }
    }
    Ok(Value::Map(pairs))
}
