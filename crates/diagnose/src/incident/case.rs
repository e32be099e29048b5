//! A case: clean telemetry of two windows, one in which all was well and one in which it was not.

use std::collections::{BTreeSet, HashMap};

use cordon_event::{Change, Event, Kind, Severity, SpanStatus, Value, attr};
use cordon_fingerprint::{Frame, Group, group_event, template};

use super::frame::FRAMES_COUNT_MAX;
use super::names::{Name, Names};
use super::operation;
use super::path::file_name;
use super::repository::Repository;

/// Most records kept of one window; further ones are counted and left out.
pub const RECORDS_COUNT_MAX: usize = 32 << 20;
/// Attributes of a span that are kept for comparison.
const COMPARED_COUNT_MAX: usize = 24;
/// Longest attribute value that is compared, in bytes: longer ones tell requests apart, not kinds.
const COMPARED_BYTES_MAX: usize = 64;

/// Names of spans that tell the method alone.
const METHODS: [&str; 12] = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "HTTP GET",
    "HTTP POST",
    "HTTP PUT",
    "HTTP DELETE",
    "HTTP PATCH",
];
/// Attributes that tell where a request went, the most general first.
const ROUTES: [&str; 6] = [
    "http.route",
    "url.template",
    "url.path",
    "http.target",
    "url.full",
    "http.url",
];

/// Which of the two windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// All was well.
    Baseline,
    /// Something may be wrong.
    Incident,
}

/// Role of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// Not said.
    #[default]
    Unknown,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// A span.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    pub(crate) trace: u128,
    pub(crate) id: u64,
    /// 0 where it has none.
    pub(crate) parent: u64,
    pub(crate) service: Name,
    pub(crate) operation: Name,
    pub(crate) role: Role,
    pub(crate) start_ns: u64,
    pub(crate) end_ns: u64,
    pub(crate) failed: bool,
    /// HTTP status, 0 where there is none.
    pub(crate) status: u16,
    /// Whom a client calls, as it says.
    pub(crate) peer: Name,
    /// Release of the service.
    pub(crate) version: Name,
    /// Replica.
    pub(crate) instance: Name,
    /// Attributes as (key, value), for what failing requests have in common.
    pub(crate) compared: Vec<(Name, Name)>,
}

/// A log record, or an exception recorded on a span.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) service: Name,
    pub(crate) time_ns: u64,
    pub(crate) severity: Severity,
    /// Template of the message.
    pub(crate) template: Name,
    /// Group of the exception, where it has one.
    pub(crate) group: Name,
    pub(crate) trace: u128,
    pub(crate) span: u64,
}

/// A point of a metric.
#[derive(Clone, Debug, Default)]
pub(crate) struct Point {
    pub(crate) service: Name,
    pub(crate) metric: Name,
    /// Replica and attributes: what tells the series of one metric apart.
    pub(crate) series: Name,
    pub(crate) time_ns: u64,
    pub(crate) value: f64,
    /// Observations, of a histogram or summary, whose sum is then the value.
    pub(crate) count: Option<f64>,
    /// Whether the value only grows until it is set back.
    pub(crate) cumulative: bool,
}

/// What happened in one window.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) spans: Vec<Span>,
    pub(crate) logs: Vec<Log>,
    pub(crate) points: Vec<Point>,
    pub(crate) left_out: u64,
}

impl Records {
    fn has_room(&mut self) -> bool {
        let fits = self.spans.len() + self.logs.len() + self.points.len() < RECORDS_COUNT_MAX;
        self.left_out += u64::from(!fits);
        fits
    }

    /// Whether nothing was recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.logs.is_empty() && self.points.is_empty()
    }
}

/// An exception, as its group tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure {
    /// Type.
    pub(crate) kind: String,
    /// Template of its message.
    pub(crate) message: String,
    /// Where it was raised: function, and file with line.
    pub(crate) function: String,
    pub(crate) location: String,
    /// The calls that led there, innermost first.
    pub(crate) frames: Vec<Frame>,
}

impl Failure {
    /// As a group tells it: raised at the innermost frame of the application's own.
    pub(crate) fn of(group: &Group) -> Self {
        let own = group.frames.iter().find(|frame| frame.in_app);
        let place = own.or_else(|| group.frames.first());
        Self {
            frames: group
                .frames
                .iter()
                .take(FRAMES_COUNT_MAX)
                .cloned()
                .collect(),
            kind: group.exception_type.clone(),
            message: group.message.clone(),
            function: place.map_or_else(String::new, |frame| match frame.module.as_str() {
                "" => frame.function.clone(),
                module => format!("{module}.{}", frame.function),
            }),
            location: place.map_or_else(String::new, |frame| match frame.line {
                Some(line) => format!("{}:{line}", frame.file),
                None => frame.file.clone(),
            }),
        }
    }
}

/// A deploy, a flag or a configuration that was changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ChangeEvent {
    /// When, nanoseconds since the Unix epoch.
    pub(crate) time_unix_ns: u64,
    /// Service that it concerns; empty for all of them.
    pub(crate) service: String,
    /// `deploy`, `flag`, `configuration`, `dependency`, `other` or the sender's word.
    pub(crate) kind: String,
    /// Version, flag or key.
    pub(crate) subject: String,
    /// What was done, in a line.
    pub(crate) summary: String,
}

impl ChangeEvent {
    /// Of an event that tells of a change; `None` for another one.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let change = Change::of(event)?;
        Some(Self {
            time_unix_ns: change.time_unix_ns,
            kind: change.kind_word().to_owned(),
            subject: if change.subject.is_empty() {
                change.commit
            } else {
                change.subject
            },
            service: change.service,
            summary: change.description,
        })
    }
}

/// The telemetry of a case, by small numbers.
#[derive(Debug, Default)]
pub struct Case {
    pub(crate) names: Names,
    pub(crate) baseline: Records,
    pub(crate) incident: Records,
    pub(crate) failures: HashMap<Name, Failure>,
    pub(crate) changes: Vec<ChangeEvent>,
    pub(crate) repository: Option<Repository>,
    seen: Seen,
}

/// Texts whose meaning was worked out before.
#[derive(Debug, Default)]
struct Seen {
    operations: HashMap<String, Name>,
    templates: HashMap<String, Name>,
    failures: HashMap<String, Name>,
}

impl Case {
    /// A case without telemetry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a clean event to a window.
    pub fn add(&mut self, side: Side, event: &Event) {
        let fits = self.side_mut(side).has_room();
        if !fits {
            return;
        }
        match event.kind {
            Kind::Span => self.add_span(side, event),
            Kind::MetricPoint => self.add_point(side, event),
            Kind::Change => self.add_change(event),
            Kind::Log | Kind::SpanException | Kind::ErrorReport | Kind::Crash => {
                self.add_log(side, event);
            }
        }
    }

    /// Adds a log record whose texts are known to the case.
    #[cfg(feature = "repository")]
    pub(crate) fn add_record(&mut self, side: Side, log: Log) {
        if self.side_mut(side).has_room() {
            self.side_mut(side).logs.push(log);
        }
    }

    /// Adds what a clean event tells of a change; an event of another kind tells nothing.
    pub fn add_change(&mut self, event: &Event) {
        self.changes.extend(ChangeEvent::of(event));
    }

    /// Adds what a repository tells, for the search of the commit that brought a fault.
    pub fn set_repository(&mut self, repository: Repository) {
        self.repository = Some(repository);
    }

    /// Names of the files that frames of failures are in: of others a repository need tell nothing.
    pub fn file_names(&self) -> BTreeSet<String> {
        let frames = self.failures.values().flat_map(|failure| &failure.frames);
        let names = frames.filter(|frame| !frame.file.is_empty());
        names
            .map(|frame| file_name(&frame.file).to_owned())
            .collect()
    }

    fn side_mut(&mut self, side: Side) -> &mut Records {
        match side {
            Side::Baseline => &mut self.baseline,
            Side::Incident => &mut self.incident,
        }
    }

    /// Text of a name.
    pub(crate) fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    fn add_span(&mut self, side: Side, event: &Event) {
        let status = status_of(event);
        let failed = event.status == SpanStatus::Error
            || status >= 500
            || grpc_failed(event)
            || event.attribute(attr::EXCEPTION_TYPE).is_some();
        let span = Span {
            trace: event.trace_id.map_or(0, |id| u128::from_be_bytes(id.0)),
            id: event.span_id.map_or(0, |id| u64::from_be_bytes(id.0)),
            parent: event
                .parent_span_id
                .map_or(0, |id| u64::from_be_bytes(id.0)),
            service: self.names.of(service_of(event)),
            operation: self.operation(event),
            role: role_of(event),
            start_ns: event.time_unix_ns,
            end_ns: event.end_unix_ns.max(event.time_unix_ns),
            failed,
            status,
            peer: self.names.of(&peer_of(event)),
            version: self.names.of(event.release()),
            instance: self.replica(event),
            compared: self.compared(event),
        };
        self.side_mut(side).spans.push(span);
    }

    fn add_log(&mut self, side: Side, event: &Event) {
        let (template, group) = self.message(event);
        let log = Log {
            service: self.names.of(service_of(event)),
            time_ns: event.time_unix_ns,
            severity: event.severity,
            template,
            group,
            trace: event.trace_id.map_or(0, |id| u128::from_be_bytes(id.0)),
            span: event.span_id.map_or(0, |id| u64::from_be_bytes(id.0)),
        };
        self.side_mut(side).logs.push(log);
    }

    fn add_point(&mut self, side: Side, event: &Event) {
        let (value, count) = match &event.body {
            Value::Map(_) => (
                event.body.get("sum").and_then(number),
                event.body.get("count").and_then(number),
            ),
            body => (number(body), None),
        };
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return;
        };
        let sum = event.attribute_str(attr::METRIC_INSTRUMENT) != Some("gauge");
        let delta = event.attribute_str(attr::METRIC_TEMPORALITY) == Some("delta");
        let grows =
            event.attribute(attr::METRIC_MONOTONIC) == Some(&Value::Bool(true)) || count.is_some();
        let point = Point {
            service: self.names.of(service_of(event)),
            metric: self.names.of(&event.name),
            series: self.series(event),
            time_ns: event.time_unix_ns,
            value,
            count,
            cumulative: sum && grows && !delta,
        };
        self.side_mut(side).points.push(point);
    }

    /// The name of an operation without what varies in it: `GET /cart/*`. A name that is a method
    /// alone takes the route with it, where the span tells one.
    fn operation(&mut self, event: &Event) -> Name {
        let bare = METHODS.contains(&event.name.trim());
        let route = ROUTES
            .into_iter()
            .find_map(|key| event.attribute_str(key))
            .filter(|_| bare);
        let name = match route {
            Some(route) => format!("{} {route}", event.name.trim()),
            None => event.name.clone(),
        };
        if let Some(known) = self.seen.operations.get(&name) {
            return *known;
        }
        let known = self.names.of(&operation::general(&name));
        self.seen.operations.insert(name, known);
        known
    }

    /// Template of a record's message and group of its exception.
    fn message(&mut self, event: &Event) -> (Name, Name) {
        let fails = event.attribute(attr::EXCEPTION_TYPE).is_some()
            || event.attribute(attr::EXCEPTION_STACKTRACE).is_some();
        let group = if fails {
            self.failure(event)
        } else {
            Name::NONE
        };
        let text = match &event.body {
            Value::String(text) => text.as_str(),
            body => ["message", "msg", "event", "body"]
                .into_iter()
                .find_map(|key| body.get(key).and_then(Value::as_str))
                .unwrap_or(if event.kind == Kind::SpanException {
                    ""
                } else {
                    &event.name
                }),
        };
        if text.is_empty() {
            return (group, group);
        }
        if let Some(known) = self.seen.templates.get(text) {
            return (*known, group);
        }
        let found = self.names.of(&template(text).text);
        self.seen.templates.insert(text.to_owned(), found);
        (found, group)
    }

    /// Group of an exception.
    fn failure(&mut self, event: &Event) -> Name {
        let part = |key| event.attribute_str(key).unwrap_or_default();
        let key = format!(
            "{}\n{}\n{}",
            part(attr::EXCEPTION_TYPE),
            part(attr::EXCEPTION_MESSAGE),
            part(attr::EXCEPTION_STACKTRACE)
        );
        if let Some(known) = self.seen.failures.get(&key) {
            return *known;
        }
        let group = group_event(event);
        let failure = Failure::of(&group);
        let name = self.names.of(&group.id);
        self.failures.insert(name, failure);
        self.seen.failures.insert(key, name);
        name
    }

    /// The replica, whose key is then known as well.
    fn replica(&mut self, event: &Event) -> Name {
        self.names.of("service.instance.id");
        self.names.of(instance_of(event))
    }

    /// What tells the series of a metric apart.
    fn series(&mut self, event: &Event) -> Name {
        let mut text = instance_of(event).to_owned();
        for (key, value) in &event.attributes {
            if key.starts_with("metric.") {
                continue;
            }
            text.push('\u{1}');
            text.push_str(key);
            text.push('=');
            text.push_str(&plain(value));
        }
        self.names.of(&text)
    }

    /// Attributes of which a comparison may learn something.
    fn compared(&mut self, event: &Event) -> Vec<(Name, Name)> {
        let mut pairs = Vec::new();
        for (key, value) in &event.attributes {
            let fits = match value {
                Value::String(text) => text.len() <= COMPARED_BYTES_MAX && !text.is_empty(),
                Value::Bool(_) => true,
                Value::Int(_) => key.ends_with("status_code") || key.contains("port"),
                _ => false,
            };
            if fits && pairs.len() < COMPARED_COUNT_MAX {
                let pair = (self.names.of(key), self.names.of(&plain(value)));
                pairs.push(pair);
            }
        }
        pairs
    }
}

/// A value as text, where it is a plain one.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => yes.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Double(n) => n.to_string(),
        _ => String::new(),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Double(n) => Some(*n),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn text_of<'a>(event: &'a Event, keys: &[&str]) -> Option<&'a str> {
    let of = |key: &&str| {
        let text = event
            .attribute_str(key)
            .or_else(|| event.resource_str(key))?;
        Some(text).filter(|text| !text.is_empty())
    };
    keys.iter().find_map(of)
}

/// The service: as it says, or what runs it where it says none.
fn service_of(event: &Event) -> &str {
    let named = event.service();
    if !named.is_empty() && !named.starts_with("unknown_service") {
        return named;
    }
    let workloads = [
        "service.name",
        "service",
        "service_name",
        "k8s.deployment.name",
        "k8s.statefulset.name",
        "k8s.daemonset.name",
        "k8s.container.name",
        "container.name",
        "container",
        "app",
    ];
    if let Some(name) = text_of(event, &workloads) {
        return name;
    }
    let replicas = [
        "k8s.pod.name",
        "pod",
        "pod_name",
        "kubernetes.pod.name",
        "cmdb_id",
    ];
    if let Some(pod) = text_of(event, &replicas) {
        return workload(pod);
    }
    text_of(event, &["host.name", "instance", "job"]).unwrap_or(named)
}

/// `cart-579f59597d-wc2lz` is `cart`, `db-0` is `db`.
fn workload(pod: &str) -> &str {
    let mut parts = pod.rsplitn(3, '-');
    let (last, middle, head) = (parts.next(), parts.next(), parts.next());
    let hash = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    match (head, middle, last) {
        (Some(head), Some(set), Some(one))
            if hash(one, 5..=5) && hash(set, 7..=10) && set.bytes().any(|b| b.is_ascii_digit()) =>
        {
            head
        }
        (_, _, Some(one)) if !one.is_empty() && one.bytes().all(|b| b.is_ascii_digit()) => {
            pod.get(..pod.len() - one.len() - 1).unwrap_or(pod)
        }
        _ => pod,
    }
}

fn instance_of(event: &Event) -> &str {
    let keys = [
        "service.instance.id",
        "k8s.pod.name",
        "container.id",
        "host.name",
    ];
    keys.into_iter()
        .find_map(|key| event.resource_str(key))
        .unwrap_or_default()
}

fn role_of(event: &Event) -> Role {
    match event.attribute_str(attr::SPAN_KIND) {
        Some("internal") => Role::Internal,
        Some("server") => Role::Server,
        Some("client") => Role::Client,
        Some("producer") => Role::Producer,
        Some("consumer") => Role::Consumer,
        _ => Role::Unknown,
    }
}

fn status_of(event: &Event) -> u16 {
    ["http.response.status_code", "http.status_code"]
        .into_iter()
        .find_map(|key| event.attribute(key).and_then(number))
        .filter(|status| (100.0..600.0).contains(status))
        .map_or(0, |status| status as u16)
}

/// Whether a call over gRPC ended otherwise than well.
fn grpc_failed(event: &Event) -> bool {
    event
        .attribute("rpc.grpc.status_code")
        .and_then(number)
        .is_some_and(|code| code > 0.0)
}

/// Whom a client span calls, as it says. A database has no name but its own kind's: one is often
/// called like the service that it belongs to.
fn peer_of(event: &Event) -> String {
    let first = |keys: &[&str]| {
        let text = |key: &&str| event.attribute_str(key);
        keys.iter().find_map(text).unwrap_or_default()
    };
    let store = first(&["db.system.name", "db.system", "messaging.system"]);
    if !store.is_empty() {
        let which = first(&["db.namespace", "db.name", "messaging.destination.name"]);
        return format!("{store} {which}").trim_end().to_owned();
    }
    let keys = [
        "peer.service",
        "rpc.service",
        "server.address",
        "net.peer.name",
    ];
    first(&keys).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_tells_its_workload() {
        for (pod, name) in [
            ("cart-579f59597d-wc2lz", "cart"),
            ("ts-order-service-5b67c48447-fj8b7", "ts-order-service"),
            ("db-0", "db"),
            ("front-end", "front-end"),
            ("redis", "redis"),
        ] {
            assert_eq!(workload(pod), name);
        }
    }
}
