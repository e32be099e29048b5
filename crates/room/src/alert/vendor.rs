//! Forms of alerts that are known by the service that sends them.

use super::{Alert, CHANGED, State, inner, moment, owned};
use crate::json::Node;
use crate::time::{self, When};

/// Reads one form; false where a value is not of it.
type Reader = fn(&Node, &mut dyn FnMut(Alert)) -> bool;

/// The forms, those that ask for more first.
const READERS: [Reader; 12] = [
    sns,
    cloudwatch,
    eventbridge,
    alertmanager,
    pagerduty,
    pagerduty_old,
    opsgenie,
    datadog,
    azure,
    google,
    sentry,
    uptime_kuma,
];

/// Whether a value is of one of the forms.
pub(super) fn is(node: &Node) -> bool {
    let mut found = false;
    for read in READERS {
        found |= read(node, &mut |_| {});
    }
    found
}

/// Reads a value by the first form that it is of.
pub(super) fn read(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    READERS.iter().any(|read| read(node, give))
}

/// Amazon SNS: the alarm is a text within.
fn sns(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    if node.get("Type").is_none() && node.get("TopicArn").is_none() && node.get("Sns").is_none() {
        return false;
    }
    let message = node.get("Message").or_else(|| node.at(&["Sns", "Message"]));
    message
        .and_then(inner)
        .is_some_and(|found| read(&found, give))
}

/// An alarm of CloudWatch.
fn cloudwatch(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let Some(name) = node.text_at(&["AlarmName"]) else {
        return false;
    };
    let dimensions = node
        .at(&["Trigger", "Dimensions"])
        .map_or(&[][..], Node::items);
    let component = dimensions.first().and_then(|one| one.text_at(&["value"]));
    let metric = node.text_at(&["Trigger", "MetricName"]);
    give(Alert {
        line: node.line,
        title: name.to_owned(),
        detail: owned(node.any_text(&["NewStateReason", "StateReason", "AlarmDescription"])),
        state: state(node.any_text(&["NewStateValue", "StateValue"])),
        component: owned(component.or(metric)),
        at: moment(node, &["StateChangeTime", "StateUpdatedTimestamp"]),
        ..Alert::default()
    });
    true
}

/// A change of an alarm on EventBridge.
fn eventbridge(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let Some(detail) = node.get("detail") else {
        return false;
    };
    let Some(name) = detail.text_at(&["alarmName"]) else {
        return false;
    };
    let at = detail.text_at(&["state", "timestamp"]).and_then(time::read);
    give(Alert {
        line: node.line,
        title: name.to_owned(),
        detail: owned(detail.text_at(&["state", "reason"])),
        state: state(detail.text_at(&["state", "value"])),
        at: at.unwrap_or_else(|| moment(node, &["time"])),
        ..Alert::default()
    });
    true
}

/// Alertmanager, Prometheus and Grafana.
fn alertmanager(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let list = node.get("alerts").or_else(|| node.at(&["data", "alerts"]));
    let list = list.map_or(&[][..], Node::items);
    let is_one = |alert: &Node| {
        let dated = alert.any(&["startsAt", "activeAt"]).is_some();
        alert.get("labels").is_some() && (dated || alert.get("annotations").is_some())
    };
    if is_one(node) {
        give(labelled(node, None));
        return true;
    }
    let found = list.iter().any(is_one);
    let whole = node.text_at(&["status"]);
    list.iter()
        .filter(|one| is_one(one))
        .for_each(|one| give(labelled(one, whole)));
    if found {
        return true;
    }
    // Grafana before version 8.
    let rule = node.get("ruleName").is_some() || node.get("evalMatches").is_some();
    let stated = node.text_at(&["state"]);
    if rule && stated.is_some() {
        give(Alert {
            line: node.line,
            title: owned(node.any_text(&["title", "ruleName"])),
            detail: owned(node.any_text(&["message"])),
            state: state(stated),
            at: moment(node, &CHANGED),
            ..Alert::default()
        });
    }
    rule && stated.is_some()
}

/// An alert with labels and annotations.
fn labelled(node: &Node, whole: Option<&str>) -> Alert {
    let label = |keys: &[&str]| node.get("labels").and_then(|labels| labels.any_text(keys));
    let note = |keys: &[&str]| {
        node.get("annotations")
            .and_then(|notes| notes.any_text(keys))
    };
    let stated = node.any_text(&["status", "state"]);
    let stated = stated.or_else(|| node.text_at(&["status", "state"]));
    let began = moment(node, &["startsAt", "activeAt"]);
    let state = state(stated.or(whole));
    // Of one that fires it is when it will be forgotten.
    let ended = match state {
        State::Resolved => moment(node, &["endsAt"]),
        _ => When::default(),
    };
    let components = [
        "service",
        "job",
        "app",
        "instance",
        "namespace",
        "deployment",
    ];
    Alert {
        line: node.line,
        title: owned(label(&["alertname", "grafana_folder"]).or(note(&["summary"]))),
        detail: owned(note(&["summary", "message", "description"])),
        state,
        severity: owned(label(&["severity", "priority", "level"])),
        component: owned(label(&components)),
        began,
        ended,
        ..Alert::default()
    }
}

/// PagerDuty: webhooks of version 3, events to be sent, incidents of the API.
fn pagerduty(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    if let Some(event) = node.get("event")
        && let Some(kind) = event.text_at(&["event_type"])
        && let Some(data) = event.get("data")
    {
        let at = moment(event, &["occurred_at"]);
        // What raised it may be the service itself.
        let agent = event.get("agent");
        let service = agent.and_then(|agent| agent.text_at(&["type"]));
        let service = service.is_some_and(|kind| !kind.starts_with("user"));
        let who = agent.and_then(|agent| agent.text_at(&["summary"]));
        let who = who.filter(|_| !service);
        give(incident(data, Some(kind), at, who));
        return true;
    }
    if let (Some(action), Some(payload)) = (node.text_at(&["event_action"]), node.get("payload")) {
        give(Alert {
            line: node.line,
            title: owned(payload.text_at(&["summary"])),
            state: state(Some(action)),
            severity: owned(payload.text_at(&["severity"])),
            component: owned(payload.any_text(&["component", "source"])),
            at: moment(payload, &["timestamp"]),
            ..Alert::default()
        });
        return true;
    }
    let listed = node.get("incidents").map_or(&[][..], Node::items);
    let one = node.get("incident").into_iter();
    let is_one = |incident: &&Node| {
        incident.any(&["incident_number", "incident_key"]).is_some()
            && incident.get("status").is_some()
    };
    let mut found = false;
    for incident in one.chain(listed).filter(is_one) {
        let at = moment(incident, &["last_status_change_at", "updated_at"]);
        give(self::incident(incident, None, at, None));
        found = true;
    }
    found
}

/// PagerDuty's webhooks of version 2.
fn pagerduty_old(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let mut found = false;
    for message in node.get("messages").map_or(&[][..], Node::items) {
        let (event, incident) = (message.text_at(&["event"]), message.get("incident"));
        if let (Some(event), Some(incident)) = (event, incident) {
            let at = moment(message, &["created_on"]);
            give(self::incident(incident, Some(event), at, None));
            found = true;
        }
    }
    found
}

fn incident(node: &Node, event: Option<&str>, at: When, who: Option<&str>) -> Alert {
    let event = event.and_then(|event| event.rsplit('.').next());
    let stated = node.text_at(&["status"]);
    let known = event.map(|event| match event {
        "triggered" | "trigger" | "reopened" | "unacknowledged" => State::Firing,
        "acknowledged" | "acknowledge" => State::Acknowledged,
        "resolved" | "resolve" => State::Resolved,
        _ => State::Other,
    });
    let names = |key: &str| {
        let found = node.get(key);
        found.and_then(|found| found.any_text(&["summary", "name"]))
    };
    Alert {
        line: node.line,
        title: owned(node.any_text(&["title", "description", "summary"])),
        state: known.unwrap_or_else(|| state(stated)),
        severity: owned(names("priority").or_else(|| node.text_at(&["urgency"]))),
        component: owned(names("service")),
        who: owned(who),
        began: moment(node, &["created_at", "created_on"]),
        at,
        ..Alert::default()
    }
}

/// Opsgenie.
fn opsgenie(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let (Some(alert), Some(action)) = (node.get("alert"), node.text_at(&["action"])) else {
        return false;
    };
    let Some(title) = alert.text_at(&["message"]) else {
        return false;
    };
    let who = alert
        .any_text(&["username", "userId"])
        .filter(|_| action != "Create");
    give(Alert {
        line: node.line,
        title: title.to_owned(),
        detail: owned(alert.text_at(&["description"])),
        state: match action {
            "Create" => State::Firing,
            "Acknowledge" => State::Acknowledged,
            "Close" | "Delete" => State::Resolved,
            _ => State::Other,
        },
        severity: owned(alert.text_at(&["priority"])),
        component: owned(alert.any_text(&["entity", "source"])),
        who: owned(who),
        began: moment(alert, &["createdAt"]),
        at: moment(alert, &["updatedAt"]),
        ..Alert::default()
    });
    true
}

/// Datadog's webhooks, whose members the user names after its variables.
fn datadog(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let keys = [
        "alert_transition",
        "alert_type",
        "alert_query",
        "alert_id",
        "alert_status",
        "alert_metric",
        "ALERT_TRANSITION",
        "org_id",
        "text_only_msg",
    ];
    let told = keys.iter().filter(|key| node.get(key).is_some()).count();
    let title = node.any_text(&["title", "event_title", "alert_title", "EVENT_TITLE"]);
    let Some(title) = title.filter(|_| told > 0) else {
        return false;
    };
    // `[Triggered] High error rate on host`.
    let bracket = title
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let bracketed = bracket.and_then(|(word, _)| word.split([' ', ':']).next());
    let scope = bracket.and_then(|(word, _)| word.split_once('{')?.1.split('}').next());
    // What is left says which alert it is, whatever became of it.
    let bare = bracket.filter(|_| bracketed.is_some_and(|word| State::parse(word).is_some()));
    let title = bare.map_or(title, |(_, rest)| rest.trim_start());
    let stated = node.any_text(&["alert_transition", "ALERT_TRANSITION", "transition"]);
    let kind = node.any_text(&["alert_type", "event_type"]);
    let found = [stated, bracketed, kind]
        .into_iter()
        .flatten()
        .find_map(State::parse);
    let component = node.any_text(&["hostname", "host", "service", "scope", "alert_scope"]);
    let component = component.or(scope);
    give(Alert {
        line: node.line,
        title: title.to_owned(),
        detail: owned(
            node.any_text(&["text_only_msg", "event_msg", "body", "message"])
                .map(|text| text.trim_matches(['%', ' '])),
        ),
        state: found.unwrap_or_default(),
        severity: owned(node.any_text(&["priority", "alert_priority"])),
        component: owned(component),
        at: moment(
            node,
            &["date", "last_updated", "date_happened", "timestamp"],
        ),
        ..Alert::default()
    });
    true
}

/// Azure Monitor's common schema.
fn azure(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let Some(told) = node.at(&["data", "essentials"]) else {
        return false;
    };
    let targets = told.get("configurationItems").map_or(&[][..], Node::items);
    give(Alert {
        line: node.line,
        title: owned(told.text_at(&["alertRule"])),
        detail: owned(told.text_at(&["description"])),
        state: state(told.text_at(&["monitorCondition"])),
        severity: owned(told.text_at(&["severity"])),
        component: owned(targets.first().and_then(Node::text)),
        began: moment(told, &["firedDateTime"]),
        ended: moment(told, &["resolvedDateTime"]),
        ..Alert::default()
    });
    true
}

/// Google Cloud Monitoring.
fn google(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let Some(told) = node.get("incident") else {
        return false;
    };
    let Some(title) = told.any_text(&["policy_name", "condition_name"]) else {
        return false;
    };
    give(Alert {
        line: node.line,
        title: title.to_owned(),
        detail: owned(told.any_text(&["summary"])),
        state: state(told.text_at(&["state"])),
        severity: owned(told.text_at(&["severity"])),
        component: owned(told.any_text(&["resource_name", "resource_display_name"])),
        began: moment(told, &["started_at"]),
        ended: moment(told, &["ended_at"]),
        ..Alert::default()
    });
    true
}

/// Sentry: alerts of rules, and issues.
fn sentry(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let data = node.get("data");
    let event = data.and_then(|data| data.any(&["event", "issue", "metric_alert"]));
    let (Some(event), Some(action)) = (event, node.text_at(&["action"])) else {
        return false;
    };
    let Some(title) = event.any_text(&["title", "message"]) else {
        return false;
    };
    let rule = data.and_then(|data| data.any_text(&["triggered_rule", "description_text"]));
    let project = event.get("project").and_then(|project| {
        project
            .text()
            .or_else(|| project.any_text(&["slug", "name"]))
    });
    give(Alert {
        line: node.line,
        title: title.to_owned(),
        detail: owned(rule),
        state: state(Some(action)),
        severity: owned(event.any_text(&["level", "priority"])),
        component: owned(project.or(event.text_at(&["culprit"]))),
        began: moment(event, &["firstSeen", "date_started"]),
        at: moment(event, &["datetime", "lastSeen", "timestamp"]),
        ..Alert::default()
    });
    true
}

/// Uptime Kuma: a heartbeat, 0 where it is down and 1 where it is up.
fn uptime_kuma(node: &Node, give: &mut dyn FnMut(Alert)) -> bool {
    let (Some(beat), Some(name)) = (node.get("heartbeat"), node.text_at(&["monitor", "name"]))
    else {
        return false;
    };
    give(Alert {
        line: node.line,
        title: name.to_owned(),
        detail: owned(beat.text_at(&["msg"]).or(node.text_at(&["msg"]))),
        state: match beat.text_at(&["status"]) {
            Some("0") => State::Firing,
            Some("1") => State::Resolved,
            _ => State::Other,
        },
        component: owned(node.text_at(&["monitor", "hostname"])),
        at: moment(beat, &["time"]),
        ..Alert::default()
    });
    true
}

fn state(word: Option<&str>) -> State {
    word.and_then(State::parse).unwrap_or_default()
}
