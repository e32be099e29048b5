//! Alerts, as the services that send them write them: one form for all.
//!
//! Read are Alertmanager (webhook, API of version 2) and Prometheus, Grafana (old and new),
//! PagerDuty (webhooks of version 2 and 3, events, the REST API's incidents), Opsgenie, Datadog,
//! CloudWatch (plain, behind SNS, on EventBridge), Azure Monitor, Google Cloud Monitoring, and
//! webhooks of others that name a title and a state.

mod vendor;

use crate::json::{Node, Value};
use crate::message::Message;
use crate::time::{self, When};

/// What state an alert tells of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Firing,
    Acknowledged,
    Resolved,
    /// Something else was done to it.
    Other,
}

impl State {
    /// Stable name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Other => "changed",
        }
    }

    /// The state that a word tells.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let lower = word.to_ascii_lowercase();
        let last = lower.rsplit(['.', ':']).next().unwrap_or_default();
        Some(match last.trim() {
            "firing" | "alerting" | "alarm" | "triggered" | "trigger" | "triggers" | "fired"
            | "open" | "opened" | "activated" | "active" | "critical" | "error" | "down"
            | "create" | "re-triggered" | "warn" | "warning" | "no data" | "no_data" | "nodata"
            | "failing" | "created" | "problem" | "started" | "reopened" | "renotify" => {
                Self::Firing
            }
            "acknowledged" | "acknowledge" | "ack" | "acked" | "annotated" => Self::Acknowledged,
            "resolved" | "resolve" | "ok" | "recovered" | "recovery" | "closed" | "close"
            | "up" | "success" | "inactive" | "normal" | "deactivated" | "passing" | "ended" => {
                Self::Resolved
            }
            _ => return None,
        })
    }
}

/// An alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Alert {
    /// Where it stands.
    pub(crate) line: u64,
    /// Its title.
    pub(crate) title: String,
    /// What it says beside.
    pub(crate) detail: String,
    /// Its state.
    pub(crate) state: State,
    /// Severity, priority or urgency, as it is written.
    pub(crate) severity: String,
    /// What it is about.
    pub(crate) component: String,
    /// Who did something to it.
    pub(crate) who: String,
    /// When it began.
    pub(crate) began: When,
    /// When it ended.
    pub(crate) ended: When,
    /// When its state became what it is.
    pub(crate) at: When,
}

impl Alert {
    /// Title and what it says beside.
    pub(crate) fn text(&self) -> String {
        let whole = self.title.contains(&self.detail);
        match (self.title.as_str(), self.detail.as_str()) {
            ("", detail) => detail.to_owned(),
            (title, _) if whole => title.to_owned(),
            (title, detail) => format!("{title}: {detail}"),
        }
    }
}

/// Members that name an alert's state, of a webhook that nobody knows.
const STATES: [&str; 10] = [
    "status",
    "state",
    "alert_transition",
    "event_type",
    "transition",
    "alert_status",
    "current_state",
    "monitorCondition",
    "alertState",
    "action",
];
/// Members that name its title.
const TITLES: [&str; 13] = [
    "title",
    "alert_title",
    "alertname",
    "alert_name",
    "alertName",
    "name",
    "rule_name",
    "ruleName",
    "monitor_name",
    "check_name",
    "summary",
    "subject",
    "message",
];
/// Members that say more of it.
const DETAILS: [&str; 9] = [
    "description",
    "body",
    "message",
    "text",
    "summary",
    "details",
    "text_only_msg",
    "reason",
    "msg",
];
/// Members that name its severity.
const SEVERITIES: [&str; 6] = [
    "severity",
    "priority",
    "urgency",
    "alert_type",
    "level",
    "criticality",
];
/// Members that name what it is about.
const COMPONENTS: [&str; 10] = [
    "service",
    "service_name",
    "component",
    "host",
    "hostname",
    "instance",
    "entity",
    "source",
    "resource",
    "target",
];
/// Members that tell when it began, ended, and changed.
const BEGAN: [&str; 9] = [
    "startsAt",
    "started_at",
    "start_time",
    "startTime",
    "triggered_at",
    "created_at",
    "createdAt",
    "firedDateTime",
    "opened_at",
];
const ENDED: [&str; 7] = [
    "endsAt",
    "ended_at",
    "end_time",
    "endTime",
    "resolved_at",
    "resolvedAt",
    "closed_at",
];
const CHANGED: [&str; 11] = [
    "timestamp",
    "date",
    "time",
    "last_updated",
    "occurred_at",
    "created_on",
    "updated_at",
    "updatedAt",
    "event_time",
    "sent_at",
    "ts",
];
/// Parts of names of members that only alerts have.
const ALERTING: [&str; 5] = ["alert", "incident", "monitor", "alarm", "runbook"];

/// Whether a value is an alert, or holds some.
pub(crate) fn is(node: &Node) -> bool {
    vendor::is(node) || is_generic(node)
}

/// Its alerts.
pub(crate) fn read(node: &Node, give: &mut dyn FnMut(Alert)) {
    for item in node.items() {
        read(item, give);
    }
    if node.members().is_empty() {
        return;
    }
    if !vendor::read(node, give) && is_generic(node) {
        give(generic(node));
    }
}

/// Whether a webhook that nobody knows tells of an alert: it has a title, and a state that only
/// alerts have or a member that is named for one.
fn is_generic(node: &Node) -> bool {
    let members = node.members();
    let titled = node.any_text(&TITLES).is_some();
    let state = node.any_text(&STATES);
    let named = members.iter().any(|(key, _)| {
        let key = key.to_ascii_lowercase();
        ALERTING.iter().any(|part| key.contains(part))
    });
    let plain = [
        "firing",
        "alerting",
        "triggered",
        "resolved",
        "recovered",
        "acknowledged",
        "alarm",
    ];
    let telling = state.is_some_and(|state| plain.contains(&state.to_ascii_lowercase().as_str()));
    let parsed = state.is_some_and(|state| State::parse(state).is_some());
    let logged = node.any_text(&["logger", "level", "msg"]).is_some();
    titled && !logged && (telling || named && parsed)
}

/// An alert of members that are named as most name them.
fn generic(node: &Node) -> Alert {
    let title = node.any_text(&TITLES).unwrap_or_default();
    let detail = DETAILS.iter().filter_map(|key| node.get(key)?.text());
    let detail = detail.into_iter().find(|text| *text != title);
    let component = COMPONENTS.iter().find_map(|key| {
        let found = node.get(key)?;
        found
            .text()
            .or_else(|| found.any_text(&["name", "summary"]))
    });
    let state = STATES
        .iter()
        .filter_map(|key| State::parse(node.get(key)?.text()?));
    Alert {
        line: node.line,
        title: title.to_owned(),
        detail: detail.unwrap_or_default().to_owned(),
        state: state.into_iter().next().unwrap_or_default(),
        severity: owned(node.any_text(&SEVERITIES)),
        component: owned(component),
        who: String::new(),
        began: moment(node, &BEGAN),
        ended: moment(node, &ENDED),
        at: moment(node, &CHANGED),
    }
}

/// The alert that a message is: `[FIRING:2] HighErrorRate`, `Triggered: …`, `ALARM: "x"`.
pub(crate) fn of_message(message: &Message) -> Option<Alert> {
    let first = message.text.lines().next()?.trim();
    let first = first.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '[');
    let (word, rest) = match first.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => first.split_once(": ")?,
    };
    let word = word.split([':', ' ', '-']).next().unwrap_or_default();
    let words = [
        "firing",
        "alerting",
        "triggered",
        "resolved",
        "recovered",
        "alarm",
        "alert",
        "acknowledged",
        "ok",
    ];
    let lower = word.to_ascii_lowercase();
    // A person who writes `resolved: it was the cache` is no alert.
    let sent = message.is_bot || first.starts_with('[') || word == word.to_ascii_uppercase();
    if !words.contains(&lower.as_str()) || !sent || rest.trim().is_empty() {
        return None;
    }
    Some(Alert {
        line: message.line,
        title: rest.trim().to_owned(),
        state: State::parse(&lower).unwrap_or_default(),
        at: message.when,
        ..Alert::default()
    })
}

fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// The first member of these that tells a moment.
fn moment(node: &Node, keys: &[&str]) -> When {
    let found = keys
        .iter()
        .filter_map(|key| time::read(node.get(key)?.text()?));
    found.into_iter().next().unwrap_or_default()
}

/// The document that a member holds as text.
fn inner(node: &Node) -> Option<Node> {
    let Value::Text(text) = &node.value else {
        return None;
    };
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut found = crate::json::read(text).into_iter().next()?;
    relined(&mut found, node.line);
    Some(found)
}

/// What stands in a text stands in its line.
fn relined(node: &mut Node, line: u64) {
    node.line = line;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| relined(item, line)),
        Value::Object(members) => members.iter_mut().for_each(|(_, item)| relined(item, line)),
        _ => {}
    }
}
