//! Alerts of monitoring become events: the webhooks of `POST /v1/alerts`.
//!
//! Read are Prometheus's Alertmanager (version 4) and Grafana, which has its form; PagerDuty
//! (version 3); Opsgenie; CloudEvents with any of these as their data; and an object that names a
//! title and a state by the words that most do. A body is one document. An alert is a log record of
//! the name `alert`: a kind of its own would make every reader of kinds learn one more, and an
//! alert is what a log record is, something that somebody says at a time.
//!
//! | attribute | what |
//! |---|---|
//! | `alert.name`, `alert.status` | what it is; `firing`, `acknowledged`, `resolved`, `changed` |
//! | `alert.severity` | severity, priority or urgency as it is written |
//! | `alert.starts_at_unix_ns`, `alert.ends_at_unix_ns` | as numbers |
//! | `alert.labels`, `alert.annotations` | as they were sent |
//! | `alert.*` | every other member under its own name |
//!
//! The words for states and members are those by which `cordon room` reads pasted alerts
//! (`crates/room/src/alert.rs`).
//!
//! *Limits:* [`ALERTS_COUNT_MAX`] alerts of one webhook; those beyond are counted as rejected.

use cordon_event::{Event, Severity, Value, attr};

use crate::error::Code;
use crate::json;
use crate::limits::JSON_DEPTH_MAX;
use crate::sink::{Origin, Pairs, Sink, pairs_bytes};
use crate::time::unix_ns;

/// Alerts of one webhook.
const ALERTS_COUNT_MAX: usize = 4_096;
/// CloudEvents in each other.
const WRAPPERS_COUNT_MAX: usize = 3;
/// Beginning of the names of an alert's attributes.
const PREFIX: &str = "alert.";

const TITLES: [&str; 10] = [
    "alertname",
    "title",
    "alert_title",
    "alert_name",
    "alertName",
    "rule_name",
    "ruleName",
    "name",
    "summary",
    "message",
];
const DETAILS: [&str; 7] = [
    "description",
    "summary",
    "message",
    "body",
    "text",
    "details",
    "reason",
];
const STATES: [&str; 8] = [
    "status",
    "state",
    "event_type",
    "alert_status",
    "current_state",
    "alertState",
    "transition",
    "action",
];
const SEVERITIES: [&str; 6] = [
    "severity",
    "priority",
    "urgency",
    "level",
    "criticality",
    "alert_type",
];
const SERVICES: [&str; 5] = ["service.name", "service", "service_name", "job", "app"];
const BEGAN: [&str; 6] = [
    "startsAt",
    "started_at",
    "start_time",
    "startTime",
    "triggered_at",
    "created_at",
];
const ENDED: [&str; 6] = [
    "endsAt",
    "ended_at",
    "end_time",
    "endTime",
    "resolved_at",
    "closed_at",
];
const CHANGED: [&str; 7] = [
    "timestamp",
    "time",
    "occurred_at",
    "updated_at",
    "updatedAt",
    "createdAt",
    "sent_at",
];

/// Reads a webhook.
pub(crate) fn body(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    let value = json::parse(body, JSON_DEPTH_MAX, sink.meter)?;
    let count = document(value, Pairs::new(), WRAPPERS_COUNT_MAX, sink)?;
    if count == 0 {
        Err(Code::AlertShape)
    } else {
        Ok(())
    }
}

/// Reads a document; `beside` is what a wrapper says of it. How many alerts there were.
fn document(
    value: Value,
    beside: Pairs,
    wrappers_left: usize,
    sink: &mut Sink<'_, '_>,
) -> Result<usize, Code> {
    let mut pairs = match value {
        Value::Map(pairs) => pairs,
        Value::Array(items) => {
            let mut count = 0;
            reject_over(&items, sink);
            for item in items.into_iter().take(ALERTS_COUNT_MAX) {
                sink.meter.spend(pairs_bytes(&beside))?;
                count += document(item, beside.clone(), wrappers_left, sink)?;
            }
            return Ok(count);
        }
        _ => return Err(Code::AlertShape),
    };
    if let Some(alerts) = take_array(&mut pairs, "alerts") {
        return alertmanager(alerts, pairs, sink);
    }
    if has(&pairs, "specversion")
        && wrappers_left > 0
        && let Some(data @ (Value::Map(_) | Value::Array(_))) = take(&mut pairs, "data")
    {
        // CloudEvents 1.0: the wrapper says when and where from.
        return document(data, pairs, wrappers_left - 1, sink);
    }
    let alert = if let Some(inner) = pagerduty(&mut pairs) {
        Alert::of(inner, pairs)
    } else if let Some(inner) = opsgenie(&mut pairs) {
        Alert::of(inner, pairs)
    } else {
        Alert::of(pairs, beside)
    };
    let Some(event) = alert.event() else {
        return Ok(0);
    };
    push(event, sink)?;
    Ok(1)
}

/// Counts what is over the limit: it is left out, and the sender is told how many.
fn reject_over(alerts: &[Value], sink: &mut Sink<'_, '_>) {
    for _ in alerts.iter().skip(ALERTS_COUNT_MAX) {
        sink.reject();
    }
}

fn push(event: Event, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    if Sink::fits(&event.attributes) {
        sink.push(event, &Origin::default())
    } else {
        sink.reject();
        Ok(())
    }
}

/// Alertmanager's webhook, version 4 (Prometheus, "Alerting: configuration, `webhook_config`"), and
/// Grafana's: what the group says stands beside each of its alerts.
fn alertmanager(
    alerts: Vec<Value>,
    mut group: Pairs,
    sink: &mut Sink<'_, '_>,
) -> Result<usize, Code> {
    // Told again by each alert.
    for name in [
        "commonLabels",
        "commonAnnotations",
        "groupLabels",
        "status",
        "title",
        "message",
        "state",
    ] {
        drop(take(&mut group, name));
    }
    let mut count = 0;
    reject_over(&alerts, sink);
    for alert in alerts.into_iter().take(ALERTS_COUNT_MAX) {
        let Value::Map(pairs) = alert else {
            sink.reject();
            continue;
        };
        sink.meter.spend(pairs_bytes(&group))?;
        match Alert::of(pairs, group.clone()).event() {
            Some(event) => {
                push(event, sink)?;
                count += 1;
            }
            None => sink.reject(),
        }
    }
    Ok(count)
}

/// `{"event": {"event_type", "data": {…}}}`: the incident, with what happened to it.
fn pagerduty(pairs: &mut Pairs) -> Option<Pairs> {
    let is_event = |(key, value): &(String, Value)| key == "event" && value.get("data").is_some();
    let at = pairs.iter().position(is_event)?;
    let Value::Map(mut event) = pairs.remove(at).1 else {
        return None;
    };
    let Some(Value::Map(data)) = take(&mut event, "data") else {
        return None;
    };
    pairs.append(&mut event);
    Some(data)
}

/// `{"action", "alert": {…}}`: what was done is the state.
fn opsgenie(pairs: &mut Pairs) -> Option<Pairs> {
    if !has(pairs, "action") {
        return None;
    }
    match take(pairs, "alert") {
        Some(Value::Map(alert)) => Some(alert),
        _ => None,
    }
}

/// An alert: its own members, and those of what it came in.
struct Alert {
    own: Pairs,
    beside: Pairs,
}

impl Alert {
    fn of(own: Pairs, beside: Pairs) -> Self {
        Self { own, beside }
    }

    /// The first text of these names: of the alert, its labels, its annotations, what is beside.
    fn text(&self, names: &[&str]) -> Option<String> {
        let labels = self.own.iter().find(|(key, _)| key == "labels");
        let notes = self.own.iter().find(|(key, _)| key == "annotations");
        names.iter().find_map(|name| {
            let own = self.own.iter().find(|(key, _)| key == name);
            let within =
                |of: Option<&(String, Value)>| of.and_then(|(_, map)| text(map.get(name)?));
            own.and_then(|(_, value)| text(value))
                .or_else(|| within(labels))
                .or_else(|| within(notes))
        })
    }

    fn beside(&self, names: &[&str]) -> Option<String> {
        let find = |name: &&str| self.beside.iter().find(|(key, _)| key == *name);
        names.iter().find_map(|name| text(&find(name)?.1))
    }

    fn moment(&self, names: &[&str]) -> Option<u64> {
        let pairs = || self.own.iter().chain(&self.beside);
        let read = |name: &&str| pairs().find(|(key, _)| key == *name);
        let mut found = names.iter().filter_map(read);
        // Alertmanager writes the year 1 for an alert that goes on.
        found.find_map(|(_, value)| unix_ns(value))
    }

    /// The event; nothing where there is neither a state nor a severity, so that it is no alert.
    fn event(mut self) -> Option<Event> {
        let name = self.text(&TITLES)?;
        // What was done to an alert is told beside it, what it is now by itself.
        let done = self.beside(&STATES);
        let state = done
            .iter()
            .chain(&self.text(&STATES))
            .find_map(|word| state(word));
        let severity = self.text(&SEVERITIES).or_else(|| self.beside(&SEVERITIES));
        if state.is_none() && severity.is_none() {
            return None;
        }
        let state = state.unwrap_or("firing");
        let detail = DETAILS
            .iter()
            .filter_map(|key| self.text(&[key]))
            .find(|text| *text != name);
        let (began, ended) = (self.moment(&BEGAN), self.moment(&ENDED));
        let ended = ended.filter(|ended| began.is_none_or(|began| *ended >= began));
        let at = match state {
            "resolved" => ended,
            "firing" => began,
            _ => None,
        };
        let time = at.or_else(|| self.moment(&CHANGED)).or(began);
        let service = self.text(&SERVICES);
        let body = match &detail {
            Some(detail) => format!("{name}: {detail}"),
            None => name.clone(),
        };
        let mut event = Event {
            name: "alert".to_owned(),
            time_unix_ns: time.unwrap_or_default(),
            severity: level(state, severity.as_deref().unwrap_or_default()),
            body: Value::String(body),
            ..Event::default()
        };
        let mut put = |name: &str, value: Option<Value>| {
            let value = value.map(|value| (format!("{PREFIX}{name}"), value));
            event.attributes.extend(value);
        };
        put("name", Some(Value::String(name)));
        put("status", Some(Value::from(state)));
        put("severity", severity.map(Value::String));
        put(
            "starts_at_unix_ns",
            began.map(|n| Value::Int(n.cast_signed())),
        );
        put(
            "ends_at_unix_ns",
            ended.map(|n| Value::Int(n.cast_signed())),
        );
        let named = ["name", "status", "severity"];
        let pairs = self.own.drain(..).chain(self.beside.drain(..));
        for (key, value) in pairs.filter(|(_, value)| *value != Value::Null) {
            // A second one of that name is told as such.
            let key = if named.contains(&key.as_str()) {
                format!("sent.{key}")
            } else {
                key
            };
            put(&key, Some(value));
        }
        if let Some(service) = service {
            let name = attr::SERVICE_NAME.to_owned();
            event.resource.push((name, Value::String(service)));
        }
        Some(event)
    }
}

/// A text, or the name of an object, as PagerDuty writes services.
fn text(value: &Value) -> Option<String> {
    let found = match value {
        Value::String(text) => text,
        Value::Map(_) => value
            .get("summary")
            .or_else(|| value.get("name"))
            .and_then(Value::as_str)?,
        _ => return None,
    };
    (!found.trim().is_empty()).then(|| found.to_owned())
}

/// The state that a word tells, also `incident.triggered`.
fn state(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    let last = lower.rsplit(['.', ':']).next().unwrap_or_default();
    Some(match last.trim() {
        "firing" | "alerting" | "alarm" | "triggered" | "trigger" | "fired" | "open" | "opened"
        | "active" | "activated" | "create" | "created" | "problem" | "started" | "reopened"
        | "down" | "failing" | "nodata" | "no_data" | "error" | "critical" | "warning" => "firing",
        "acknowledged" | "acknowledge" | "ack" | "acked" => "acknowledged",
        "resolved" | "resolve" | "ok" | "recovered" | "recovery" | "closed" | "close" | "up"
        | "normal" | "inactive" | "passing" | "ended" => "resolved",
        "escalated" | "reassigned" | "annotated" | "delegated" | "suppressed" | "pending"
        | "priority_updated" | "updated" | "unacknowledged" => "changed",
        _ => return None,
    })
}

/// How bad it is: what fires is an error unless it says that it is less, and what is over is none.
fn level(state: &str, severity: &str) -> Severity {
    if state != "firing" {
        return Severity::INFO;
    }
    match severity.to_ascii_lowercase().as_str() {
        "p1" | "sev1" | "disaster" | "page" => Severity(21),
        "p3" | "p4" | "sev3" | "medium" | "moderate" | "low" | "minor" => Severity::WARN,
        "p5" | "none" | "informational" => Severity::INFO,
        other => match Severity::from_name(other) {
            Severity(0) => Severity::ERROR,
            found => found,
        },
    }
}

fn has(pairs: &Pairs, key: &str) -> bool {
    pairs.iter().any(|(name, _)| name == key)
}

fn take(pairs: &mut Pairs, key: &str) -> Option<Value> {
    let at = pairs.iter().position(|(name, _)| name == key)?;
    Some(pairs.remove(at).1)
}

fn take_array(pairs: &mut Pairs, key: &str) -> Option<Vec<Value>> {
    let is_list = |(name, value): &(String, Value)| name == key && matches!(value, Value::Array(_));
    let at = pairs.iter().position(is_list)?;
    match pairs.remove(at).1 {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

#[cfg(test)]
#[path = "alert_tests.rs"]
mod tests;
