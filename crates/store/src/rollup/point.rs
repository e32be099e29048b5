//! Of a point: its series, the digest of its stream, its time and its numbers.

use cordon_event::{Event, Kind, Value};
use cordon_redact::{Clean, PseudonymMac};
use serde_json::json;

use crate::limits::AHEAD_S_MAX;
use crate::pending::NS_PER_S;
use crate::rollup::text::SeriesText;
use crate::rollup::{BEHIND_S_MAX, FRESH_MS_MAX};

/// Milliseconds that a point covers, as `receive` writes it.
const INTERVAL_MS: &str = "metric.interval_ms";
/// Attributes that begin so are of the metric, or change from point to point.
const OF_METRIC: &str = "metric.";
/// Names of the keys under which streams and series are digested: no kind of pseudonym is called
/// so.
const STREAM_KEY: &str = "metric_stream";
const SERIES_KEY: &str = "metric_series";
/// Length of a digest, bytes.
const DIGEST_BYTES: usize = 16;

/// A point of a metric on its way into the store.
pub(crate) struct PendingPoint {
    pub(crate) series: Clean<SeriesText>,
    /// What tells its stream from others of its series: digested before it is stored.
    stream: Vec<u8>,
    pub(crate) time_ns: u64,
    pub(crate) numbers: Numbers,
    /// Whether the stream began not long before this point.
    pub(crate) is_fresh: bool,
}

/// The numbers of a point that can be counted with: finite ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Numbers {
    /// A gauge's or sum's value, or the sum of what was observed.
    pub(crate) value: Option<f64>,
    /// How much was observed.
    pub(crate) observations: Option<u64>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

/// Whether an event belongs here.
pub(crate) fn is_point(event: &Event) -> bool {
    event.kind == Kind::MetricPoint
}

impl PendingPoint {
    pub(crate) fn of(event: &Clean<Event>, received_ns: u64) -> Self {
        let plain = event.get();
        let interval = plain.attribute(INTERVAL_MS).and_then(|value| match value {
            Value::Int(ms) => Some(*ms),
            _ => None,
        });
        Self {
            series: event.project(SeriesText::of),
            stream: identity(plain),
            time_ns: time_of(plain, received_ns),
            numbers: numbers(&plain.body),
            is_fresh: interval.is_some_and(|ms| ms <= FRESH_MS_MAX),
        }
    }

    /// What its stream is known by.
    pub(crate) fn stream(&self, mac: &dyn PseudonymMac) -> Vec<u8> {
        let series = self.series.get().identity();
        let plain = [series.as_slice(), b"\0", &self.stream].concat();
        digest(mac, STREAM_KEY, &plain)
    }
}

/// What a series is known by.
pub(crate) fn series_digest(mac: &dyn PseudonymMac, text: &SeriesText) -> Vec<u8> {
    digest(mac, SERIES_KEY, &text.identity())
}

fn digest(mac: &dyn PseudonymMac, key: &str, plain: &[u8]) -> Vec<u8> {
    let tag = mac.mac(key, plain);
    tag.iter().take(DIGEST_BYTES).copied().collect()
}

/// Resource, scope and attributes tell streams apart (OpenTelemetry's metrics data model, "Single
/// writer"), whatever their order.
fn identity(event: &Event) -> Vec<u8> {
    let sorted = |pairs: &[(String, Value)]| {
        let of_stream = pairs.iter().filter(|(key, _)| !key.starts_with(OF_METRIC));
        let mut pairs: Vec<String> = of_stream
            .map(|(key, value)| json!([key, format!("{value:?}")]).to_string())
            .collect();
        pairs.sort_unstable();
        pairs
    };
    let all = [
        sorted(&event.resource),
        sorted(&event.scope),
        sorted(&event.attributes),
    ];
    json!(all).to_string().into_bytes()
}

fn numbers(body: &Value) -> Numbers {
    match body {
        Value::Map(_) => Numbers {
            value: body.get("sum").and_then(number),
            observations: body.get("count").and_then(|count| match count {
                Value::Int(n) => u64::try_from(*n).ok(),
                _ => None,
            }),
            min: body.get("min").and_then(number),
            max: body.get("max").and_then(number),
        },
        plain => {
            let value = number(plain);
            Numbers {
                value,
                observations: None,
                min: value,
                max: value,
            }
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Double(n) => Some(*n).filter(|n| n.is_finite()),
        _ => None,
    }
}

/// A point's own time, unless it has none or claims one far from its receipt: rows are bounded by
/// the time that passes, not by what senders claim.
fn time_of(event: &Event, received_ns: u64) -> u64 {
    let earliest = received_ns.saturating_sub(BEHIND_S_MAX * NS_PER_S);
    let latest = received_ns.saturating_add(AHEAD_S_MAX * NS_PER_S);
    if (earliest..=latest).contains(&event.time_unix_ns) {
        event.time_unix_ns
    } else {
        received_ns
    }
}
