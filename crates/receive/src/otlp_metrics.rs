//! Metrics of OTLP in JSON become events, a point each (`metrics.proto`, OTLP 1.x).
//!
//! A gauge's or sum's value is the event's body; of a histogram, an exponential histogram and a
//! summary the body is `{count, sum}`, with `min` and `max` where they are given. Buckets and
//! quantiles are left out: what is asked of a metric here is whether it moved.

use cordon_event::{Event, Kind, Value, attr};

use crate::otlp_json::{
    Bad, attributes, double, integer, nanos, number, record_object, text, truth,
};
use crate::sink::{Origin, Pairs, Sink};

/// What the points of a metric have in common.
#[derive(Default)]
struct Metric {
    name: String,
    unit: String,
    instrument: &'static str,
    temporality: Option<&'static str>,
    monotonic: bool,
    points: Vec<Value>,
}

/// Reads one metric.
pub(crate) fn metric(record: Pairs, origin: &Origin, sink: &mut Sink<'_, '_>) -> Result<(), Bad> {
    let mut metric = Metric::default();
    for (key, value) in record {
        match key.as_str() {
            "name" => metric.name = text(value)?,
            "unit" => metric.unit = text(value)?,
            "gauge" => data(&mut metric, "gauge", value)?,
            "sum" => data(&mut metric, "sum", value)?,
            "histogram" | "exponentialHistogram" | "exponential_histogram" => {
                data(&mut metric, "histogram", value)?;
            }
            "summary" => data(&mut metric, "summary", value)?,
            _ => {}
        }
    }
    for point in std::mem::take(&mut metric.points) {
        let event = read_point(record_object(point)?, &metric)?;
        sink.push(event, origin)?;
    }
    Ok(())
}

/// Reads the points of an instrument and what it says of them.
fn data(metric: &mut Metric, instrument: &'static str, value: Value) -> Result<(), Bad> {
    metric.instrument = instrument;
    for (key, value) in record_object(value)? {
        match (key.as_str(), value) {
            ("dataPoints" | "data_points", Value::Array(mut points)) => {
                metric.points.append(&mut points);
            }
            ("isMonotonic" | "is_monotonic", value) if value != Value::Null => {
                metric.monotonic = truth(&value)?;
            }
            ("aggregationTemporality" | "aggregation_temporality", value) => {
                metric.temporality = match number(&value, temporality)? {
                    1 => Some("delta"),
                    2 => Some("cumulative"),
                    _ => None,
                };
            }
            _ => {}
        }
    }
    Ok(())
}

fn temporality(name: &str) -> i64 {
    match name
        .strip_prefix("AGGREGATION_TEMPORALITY_")
        .unwrap_or(name)
    {
        "DELTA" => 1,
        "CUMULATIVE" => 2,
        _ => 0,
    }
}

fn read_point(point: Pairs, metric: &Metric) -> Result<Event, Bad> {
    let mut event = Event {
        kind: Kind::MetricPoint,
        name: metric.name.clone(),
        ..Event::default()
    };
    let mut parts = Vec::new();
    for (key, value) in point {
        if value == Value::Null {
            continue;
        }
        match key.as_str() {
            "timeUnixNano" | "time_unix_nano" => event.time_unix_ns = nanos(&value)?,
            "attributes" => event.attributes = attributes(value)?,
            "asDouble" | "as_double" => event.body = Value::Double(double(&value)?),
            "asInt" | "as_int" => event.body = integer(value)?,
            "count" => parts.push((key, integer(value)?)),
            "sum" | "min" | "max" => parts.push((key, Value::Double(double(&value)?))),
            _ => {}
        }
    }
    if !parts.is_empty() {
        event.body = Value::Map(parts);
    }
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
    Ok(event)
}
