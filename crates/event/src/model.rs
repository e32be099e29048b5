//! The event: one shape for log records, spans, error reports and crashes.

use zeroize::Zeroize;

use crate::attr;
use crate::value::{lookup, zeroize_pairs};
use crate::{Shared, SpanId, TraceId, Value};

/// What an event was before it was an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A log record.
    #[default]
    Log,
    /// A finished span.
    Span,
    /// An exception event recorded on a span, lifted out of it.
    SpanException,
    /// An error report of an error tracker.
    ErrorReport,
    /// A crash.
    Crash,
    /// A deploy, a flag, a setting: what [`crate::Change`] describes.
    Change,
    /// A point of a metric: its name, its time, its value or `{count, sum}` as the body. Read from
    /// files for a diagnosis; not stored.
    MetricPoint,
}

impl Kind {
    /// All kinds, in order of declaration; the journal's form counts on the order.
    pub const ALL: [Self; 7] = [
        Self::Log,
        Self::Span,
        Self::SpanException,
        Self::ErrorReport,
        Self::Crash,
        Self::Change,
        Self::MetricPoint,
    ];

    /// Stable name, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Span => "span",
            Self::SpanException => "span_exception",
            Self::ErrorReport => "error_report",
            Self::Crash => "crash",
            Self::Change => "change",
            Self::MetricPoint => "metric_point",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Severity in the numbers of the OpenTelemetry log data model: 1 (trace) to 24 (fatal 4),
/// 0 unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(pub u8);

impl Severity {
    /// Lowest severity of an error.
    pub const ERROR: Self = Self(17);
    /// Lowest severity of a warning.
    pub const WARN: Self = Self(13);
    /// Lowest informational severity.
    pub const INFO: Self = Self(9);

    /// The severity that a level's usual name stands for; `Severity(0)` for a name nobody uses.
    pub fn from_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "trace" => Self(1),
            "debug" => Self(5),
            "info" | "information" | "notice" => Self(9),
            "warn" | "warning" => Self(13),
            "error" | "err" | "severe" => Self(17),
            "fatal" | "critical" | "crit" | "alert" | "emergency" | "panic" => Self(21),
            _ => Self(0),
        }
    }

    /// Short name of the severity's range.
    pub const fn name(self) -> &'static str {
        match self.0 {
            1..=4 => "trace",
            5..=8 => "debug",
            9..=12 => "info",
            13..=16 => "warn",
            17..=20 => "error",
            21..=24 => "fatal",
            _ => "unset",
        }
    }
}

/// Status of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanStatus {
    /// Not set.
    #[default]
    Unset,
    /// Explicitly fine.
    Ok,
    /// Failed.
    Error,
}

/// One thing that happened, raw or clean depending on what wraps it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// What it was.
    pub kind: Kind,
    /// When it happened (a span: when it began), nanoseconds since the Unix epoch; 0 unknown.
    pub time_unix_ns: u64,
    /// When a span ended, nanoseconds since the Unix epoch; 0 where there is no duration.
    pub end_unix_ns: u64,
    /// Severity of a log record.
    pub severity: Severity,
    /// Status of a span.
    pub status: SpanStatus,
    /// Trace it belongs to.
    pub trace_id: Option<TraceId>,
    /// Span it is, or belongs to.
    pub span_id: Option<SpanId>,
    /// Parent of the span.
    pub parent_span_id: Option<SpanId>,
    /// Name of the span, or of the log event.
    pub name: String,
    /// Flags of the trace, as OTLP has them: the lowest byte is W3C `trace-flags`.
    pub trace_flags: u32,
    /// W3C tracestate, as it arrived.
    pub trace_state: String,
    /// Body of a log record, or the status message of a span.
    pub body: Value,
    /// Attributes.
    pub attributes: Vec<(String, Value)>,
    /// Attributes of what emitted it.
    pub resource: Shared,
    /// Name, version and attributes of the instrumentation scope.
    pub scope: Shared,
}

impl Event {
    /// First attribute of that name.
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        lookup(&self.attributes, key)
    }

    /// First attribute of that name, where it is text.
    pub fn attribute_str(&self, key: &str) -> Option<&str> {
        self.attribute(key).and_then(Value::as_str)
    }

    /// First resource attribute of that name, where it is text.
    pub fn resource_str(&self, key: &str) -> Option<&str> {
        lookup(&self.resource, key).and_then(Value::as_str)
    }

    /// Service that emitted the event, empty where unknown.
    pub fn service(&self) -> &str {
        self.resource_str(attr::SERVICE_NAME).unwrap_or_default()
    }

    /// Release of the service that emitted the event, empty where unknown.
    pub fn release(&self) -> &str {
        self.resource_str(attr::SERVICE_VERSION).unwrap_or_default()
    }

    /// Bytes of its texts, names and numbers: about what it takes on the wire.
    pub fn content_bytes(&self) -> usize {
        const FIXED_BYTES: usize = 64;
        let pairs = self.attributes.iter();
        let pairs = pairs.map(|(name, value)| name.len() + value.content_bytes());
        FIXED_BYTES
            + self.name.len()
            + self.trace_state.len()
            + self.body.content_bytes()
            + pairs.sum::<usize>()
    }

    /// Whether the event tells of a failure: an error severity, a failed span, an exception, or
    /// a recorded expectation that did not hold.
    pub fn is_failure(&self) -> bool {
        self.severity >= Severity::ERROR
            || self.status == SpanStatus::Error
            || matches!(
                self.kind,
                Kind::SpanException | Kind::ErrorReport | Kind::Crash
            )
            || self.attribute(attr::EXCEPTION_TYPE).is_some()
            || self.attribute(attr::CALL_EXPECTATION).is_some()
    }
}

impl Zeroize for Event {
    fn zeroize(&mut self) {
        self.name.zeroize();
        self.trace_state.zeroize();
        self.body.zeroize();
        zeroize_pairs(&mut self.attributes);
        self.resource.zeroize();
        self.scope.zeroize();
    }
}
