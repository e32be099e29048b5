//! Metrics of OTLP become events, a point each (`metrics.proto`, OTLP 1.x), from protobuf and from
//! JSON: both give the same events for the same request.
//!
//! A gauge's or sum's value is the event's body; of a histogram, an exponential histogram and a
//! summary the body is `{count, sum}`, with `min` and `max` where they are given. Buckets,
//! quantiles and exemplars are left out: what is asked of a metric here is whether it moved.
//! A point without a recorded value (`DataPointFlags`) has no body.

use cordon_event::{Event, Kind, Value, attr};

use crate::error::Code;
use crate::meter::Meter;
use crate::otlp_json::{
    Bad, attributes, double, integer, nanos, number, record_object, text, truth,
};
use crate::otlp_proto;
use crate::proto::{Fields, Wire};
use crate::sink::{Origin, Pairs, Sink};

/// Milliseconds from the start of what a point covers to its time; no other attribute of ours
/// begins so (`start_time_unix_nano` of the data points).
const METRIC_INTERVAL_MS: &str = "metric.interval_ms";
/// Attributes that a point gets beside its own.
const OWN_ATTRIBUTES_COUNT_MAX: usize = 5;
const NS_PER_MS: u64 = 1_000_000;
/// `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK`.
const NO_RECORDED_VALUE: i64 = 1;

/// What the points of a metric have in common.
#[derive(Default)]
struct Metric {
    name: String,
    unit: String,
    instrument: &'static str,
    temporality: Option<&'static str>,
    monotonic: bool,
}

/// One point as decoded.
#[derive(Default)]
struct Point {
    time_unix_ns: u64,
    start_unix_ns: u64,
    attributes: Pairs,
    value: Value,
    count: Option<Value>,
    sum: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    flags: i64,
}

impl Point {
    /// Counts, where there are any, in one order whatever the sender's.
    fn body(&mut self) -> Value {
        if self.flags & NO_RECORDED_VALUE != 0 {
            return Value::Null;
        }
        let mut parts = Vec::new();
        if let Some(count) = self.count.take() {
            parts.push(("count".to_owned(), count));
        }
        for (key, value) in [("sum", self.sum), ("min", self.min), ("max", self.max)] {
            if let Some(value) = value {
                parts.push((key.to_owned(), Value::Double(value)));
            }
        }
        if parts.is_empty() {
            std::mem::take(&mut self.value)
        } else {
            Value::Map(parts)
        }
    }
}

/// Adds a point; one of a metric without a name is rejected.
fn push(
    mut point: Point,
    metric: &Metric,
    origin: &Origin,
    sink: &mut Sink<'_, '_>,
) -> Result<(), Code> {
    if metric.name.is_empty() {
        sink.reject();
        return Ok(());
    }
    sink.meter.spend(metric.name.len() + metric.unit.len())?;
    for _ in 0..OWN_ATTRIBUTES_COUNT_MAX {
        sink.meter.spend_slot::<(String, Value)>()?;
    }
    let body = point.body();
    let mut event = Event {
        kind: Kind::MetricPoint,
        name: metric.name.clone(),
        time_unix_ns: point.time_unix_ns,
        body,
        attributes: point.attributes,
        ..Event::default()
    };
    let mut say = |key: &str, value: Value| event.attributes.push((key.to_owned(), value));
    say(attr::METRIC_INSTRUMENT, Value::from(metric.instrument));
    if !metric.unit.is_empty() {
        say(attr::METRIC_UNIT, Value::from(metric.unit.as_str()));
    }
    if let Some(temporality) = metric.temporality {
        say(attr::METRIC_TEMPORALITY, Value::from(temporality));
    }
    if metric.monotonic {
        say(attr::METRIC_MONOTONIC, Value::Bool(true));
    }
    let covered = point.time_unix_ns.checked_sub(point.start_unix_ns);
    if let Some(covered) = covered.filter(|_| point.start_unix_ns > 0) {
        let interval = i64::try_from(covered / NS_PER_MS).unwrap_or(i64::MAX);
        say(METRIC_INTERVAL_MS, Value::Int(interval));
    }
    sink.push(event, origin)
}

fn temporality(number: i64) -> Option<&'static str> {
    match number {
        1 => Some("delta"),
        2 => Some("cumulative"),
        _ => None,
    }
}

/// Reads one metric in protobuf. Name and unit may come after the points, so it is read twice.
pub(crate) fn message(
    message: &[u8],
    origin: &Origin,
    sink: &mut Sink<'_, '_>,
) -> Result<(), Code> {
    let mut metric = Metric::default();
    for field in Fields::of(message) {
        match field? {
            (1, text) => metric.name = otlp_proto::owned(text, sink.meter)?,
            (3, text) => metric.unit = otlp_proto::owned(text, sink.meter)?,
            _ => {}
        }
    }
    for field in Fields::of(message) {
        let (data, instrument, point): (_, _, ReadPoint) = match field? {
            (5, data) => (data, "gauge", number_point),
            (7, data) => (data, "sum", number_point),
            (9, data) => (data, "histogram", histogram_point),
            (10, data) => (data, "histogram", exponential_point),
            (11, data) => (data, "summary", summary_point),
            _ => continue,
        };
        metric.instrument = instrument;
        points(data.bytes()?, &mut metric, point, origin, sink)?;
    }
    Ok(())
}

type ReadPoint = fn(&[u8], &mut Meter<'_>) -> Result<Point, Code>;

/// Gauges, sums, histograms and summaries have one shape.
fn points(
    data: &[u8],
    metric: &mut Metric,
    point: ReadPoint,
    origin: &Origin,
    sink: &mut Sink<'_, '_>,
) -> Result<(), Code> {
    let has_temporality = matches!(metric.instrument, "sum" | "histogram");
    for field in Fields::of(data) {
        match field? {
            (2, number) if has_temporality => {
                metric.temporality = temporality(number.varint()?.cast_signed());
            }
            (3, truth) if metric.instrument == "sum" => metric.monotonic = truth.varint()? != 0,
            _ => {}
        }
    }
    for field in Fields::of(data) {
        if let (1, message) = field? {
            let point = point(message.bytes()?, sink.meter)?;
            push(point, metric, origin, sink)?;
        }
    }
    Ok(())
}

fn float(wire: Wire<'_>) -> Result<f64, Code> {
    Ok(f64::from_bits(wire.fixed64()?))
}

/// A count; one beyond the range of the model's integers is kept as text, as in JSON.
fn counted(wire: Wire<'_>, meter: &mut Meter<'_>) -> Result<Value, Code> {
    let count = wire.fixed64()?;
    if let Ok(count) = i64::try_from(count) {
        return Ok(Value::Int(count));
    }
    let text = count.to_string();
    meter.spend(text.len())?;
    Ok(Value::String(text))
}

fn number_point(message: &[u8], meter: &mut Meter<'_>) -> Result<Point, Code> {
    let mut point = Point {
        attributes: otlp_proto::attributes(message, 7, meter)?,
        ..Point::default()
    };
    for field in Fields::of(message) {
        match field? {
            (2, time) => point.start_unix_ns = time.fixed64()?,
            (3, time) => point.time_unix_ns = time.fixed64()?,
            (4, number) => point.value = Value::Double(float(number)?),
            (6, number) => point.value = Value::Int(number.fixed64()?.cast_signed()),
            (8, flags) => point.flags = flags.varint()?.cast_signed(),
            _ => {}
        }
    }
    Ok(point)
}

/// Field numbers of what differs between the kinds of points that have counts.
struct Numbers {
    attributes: u32,
    flags: u32,
    min: u32,
    max: u32,
}

/// No field has this number.
const NONE: u32 = 0;

fn histogram_point(message: &[u8], meter: &mut Meter<'_>) -> Result<Point, Code> {
    counted_point(
        message,
        meter,
        &Numbers {
            attributes: 9,
            flags: 10,
            min: 11,
            max: 12,
        },
    )
}

fn exponential_point(message: &[u8], meter: &mut Meter<'_>) -> Result<Point, Code> {
    counted_point(
        message,
        meter,
        &Numbers {
            attributes: 1,
            flags: 10,
            min: 12,
            max: 13,
        },
    )
}

fn summary_point(message: &[u8], meter: &mut Meter<'_>) -> Result<Point, Code> {
    counted_point(
        message,
        meter,
        &Numbers {
            attributes: 7,
            flags: 8,
            min: NONE,
            max: NONE,
        },
    )
}

fn counted_point(message: &[u8], meter: &mut Meter<'_>, numbers: &Numbers) -> Result<Point, Code> {
    meter.spend_slot::<[(String, Value); 4]>()?;
    let mut point = Point {
        attributes: otlp_proto::attributes(message, numbers.attributes, meter)?,
        // Proto3 leaves out a count of zero.
        count: Some(Value::Int(0)),
        ..Point::default()
    };
    for field in Fields::of(message) {
        let (number, wire) = field?;
        match number {
            2 => point.start_unix_ns = wire.fixed64()?,
            3 => point.time_unix_ns = wire.fixed64()?,
            4 => point.count = Some(counted(wire, meter)?),
            5 => point.sum = Some(float(wire)?),
            n if n == numbers.flags => point.flags = wire.varint()?.cast_signed(),
            n if n == numbers.min => point.min = Some(float(wire)?),
            n if n == numbers.max => point.max = Some(float(wire)?),
            _ => {}
        }
    }
    Ok(point)
}

/// Reads one metric in JSON.
pub(crate) fn metric(record: Pairs, origin: &Origin, sink: &mut Sink<'_, '_>) -> Result<(), Bad> {
    let (mut metric, mut points) = (Metric::default(), Vec::new());
    for (key, value) in record {
        match key.as_str() {
            "name" => metric.name = text(value)?,
            "unit" => metric.unit = text(value)?,
            "gauge" => data(&mut metric, &mut points, "gauge", value)?,
            "sum" => data(&mut metric, &mut points, "sum", value)?,
            "histogram" | "exponentialHistogram" | "exponential_histogram" => {
                data(&mut metric, &mut points, "histogram", value)?;
            }
            "summary" => data(&mut metric, &mut points, "summary", value)?,
            _ => {}
        }
    }
    for point in points {
        match record_object(point).and_then(|point| read_point(point, metric.instrument)) {
            Ok(point) => push(point, &metric, origin, sink)?,
            Err(Bad::Record) => sink.reject(),
            Err(bad) => return Err(bad),
        }
    }
    Ok(())
}

/// Reads the points of an instrument and what it says of them.
fn data(
    metric: &mut Metric,
    to: &mut Vec<Value>,
    instrument: &'static str,
    value: Value,
) -> Result<(), Bad> {
    if value == Value::Null {
        return Ok(());
    }
    metric.instrument = instrument;
    for (key, value) in record_object(value)? {
        match (key.as_str(), value) {
            ("dataPoints" | "data_points", Value::Array(mut points)) => to.append(&mut points),
            ("isMonotonic" | "is_monotonic", value) if value != Value::Null => {
                metric.monotonic = truth(&value)?;
            }
            ("aggregationTemporality" | "aggregation_temporality", value) => {
                metric.temporality = temporality(number(&value, temporality_number)?);
            }
            _ => {}
        }
    }
    Ok(())
}

fn temporality_number(name: &str) -> i64 {
    match name
        .strip_prefix("AGGREGATION_TEMPORALITY_")
        .unwrap_or(name)
    {
        "DELTA" => 1,
        "CUMULATIVE" => 2,
        _ => 0,
    }
}

fn read_point(members: Pairs, instrument: &str) -> Result<Point, Bad> {
    let mut point = Point::default();
    if matches!(instrument, "histogram" | "summary") {
        point.count = Some(Value::Int(0));
    }
    for (key, value) in members {
        if value == Value::Null {
            continue;
        }
        match key.as_str() {
            "timeUnixNano" | "time_unix_nano" => point.time_unix_ns = nanos(&value)?,
            "startTimeUnixNano" | "start_time_unix_nano" => point.start_unix_ns = nanos(&value)?,
            "attributes" => point.attributes = attributes(value)?,
            "asDouble" | "as_double" => point.value = Value::Double(double(&value)?),
            "asInt" | "as_int" => point.value = integer(value)?,
            "count" => point.count = Some(integer(value)?),
            "sum" => point.sum = Some(double(&value)?),
            "min" => point.min = Some(double(&value)?),
            "max" => point.max = Some(double(&value)?),
            "flags" => point.flags = number(&value, |_| 0)?,
            _ => {}
        }
    }
    Ok(point)
}

#[cfg(test)]
#[path = "otlp_metrics_tests.rs"]
mod tests;
