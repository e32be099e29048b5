//! Webhooks as their senders write them.

use cordon_event::Kind;

use super::*;
use crate::{Format, Limits, decode};

fn events(body: &str) -> Result<Vec<Event>, Code> {
    match decode(Format::Alerts, body.as_bytes(), &Limits::default()) {
        Ok(decoded) => Ok(decoded.events.expose_raw().clone()),
        Err(crate::Error::Refused { code, .. }) => Err(code),
        Err(other) => panic!("{other}"),
    }
}

/// Name, status, severity, service, body and time in seconds of the only alert.
fn check(body: &str, expect: (&str, &str, u8, &str, &str, u64)) {
    let events = events(body).unwrap();
    let [event] = events.as_slice() else {
        panic!("{} events of {body}", events.len())
    };
    let text = |key| event.attribute_str(key).unwrap_or_default();
    let told = event.body.as_str().unwrap_or_default();
    let seconds = event.time_unix_ns / 1_000_000_000;
    let got = (text("alert.name"), text("alert.status"), event.severity.0);
    let beside = (event.service(), told, seconds);
    assert_eq!(
        (got, beside),
        (
            (expect.0, expect.1, expect.2),
            (expect.3, expect.4, expect.5)
        )
    );
    assert_eq!((event.kind, event.name.as_str()), (Kind::Log, "alert"));
}

#[test]
fn each_form_is_read() {
    check(
        r#"{"version":"4","groupKey":"{}","status":"firing","receiver":"team","groupLabels":{
"alertname":"HighErrorRate"},
            "commonLabels":{},"commonAnnotations":{},"externalURL":"http://am","alerts":[
            {"status":"firing","labels":{"alertname":"HighErrorRate","severity":"critical",
"service":"checkout"},
             "annotations":{"summary":"5xx over 5 %"},"startsAt":"2026-01-02T03:04:05Z",
"endsAt":"0001-01-01T00:00:00Z","fingerprint":"c1"}]}"#,
        (
            "HighErrorRate",
            "firing",
            21,
            "checkout",
            "HighErrorRate: 5xx over 5 %",
            1_767_323_045,
        ),
    );
    check(
        r#"{"event":{"id":"01","event_type":"incident.resolved",
"occurred_at":"2026-01-02T03:04:05Z",
            "data":{"id":"PG","type":"incident","title":"Disk full","status":"resolved",
"urgency":"high","service":{"summary":"db"}}}}"#,
        ("Disk full", "resolved", 9, "db", "Disk full", 1_767_323_045),
    );
    check(
        r#"{"action":"Create","alert":{"alertId":"1","message":"CPU","priority":"P1",
"createdAt":1767323045000,"description":"high"}}"#,
        ("CPU", "firing", 21, "", "CPU: high", 1_767_323_045),
    );
    check(
        r#"{"specversion":"1.0","type":"com.x.alert","source":"/m","time":"2026-01-02T03:04:05Z",
"data":{"title":"Slow","status":"ok"}}"#,
        ("Slow", "resolved", 9, "", "Slow", 1_767_323_045),
    );
    check(
        r#"{"title":"Queue","summary":"is long","severity":"warning","status":"firing","labels":{
"service":"mail"},"startsAt":"2026-01-02T03:04:05Z"}"#,
        (
            "Queue",
            "firing",
            13,
            "mail",
            "Queue: is long",
            1_767_323_045,
        ),
    );
}

#[test]
fn all_alerts_of_a_group_are_kept_with_everything_they_say() {
    let body = r#"{"version":"4","receiver":"team","truncatedAlerts":3,"alerts":[
        {"status":"firing","labels":{"alertname":"A","pod":"p-1"},"annotations":{
"runbook_url":"http://r"},"startsAt":"2026-01-02T03:04:05Z"},
        {"status":"resolved","labels":{"alertname":"A"},"startsAt":"2026-01-02T03:04:05Z",
"endsAt":"2026-01-02T03:05:05Z","values":{"B":1}},
        7]}"#;
    let decoded = decode(Format::Alerts, body.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(decoded.rejected, 1);
    let events = decoded.events.expose_raw();
    assert_eq!(events.len(), 2);
    let labels = events[0].attribute("alert.labels").unwrap();
    assert_eq!(labels.get("pod"), Some(&Value::from("p-1")));
    assert_eq!(
        events[0].attribute("alert.truncatedAlerts"),
        Some(&Value::Int(3))
    );
    assert_eq!(events[0].attribute("alert.ends_at_unix_ns"), None);
    let end = events[1].attribute("alert.ends_at_unix_ns");
    assert_eq!(end, Some(&Value::Int(1_767_323_105_000_000_000)));
    assert_eq!(
        events[1].attribute("alert.values").unwrap().get("B"),
        Some(&Value::Int(1))
    );
}

#[test]
fn what_is_no_alert_is_refused() {
    for body in [
        "{}",
        "[]",
        r#"{"title":"x"}"#,
        r#"{"alerts":[]}"#,
        "7",
        r#"{"status":"firing"}"#,
    ] {
        assert_eq!(events(body).unwrap_err(), Code::AlertShape, "{body}");
    }
    assert_eq!(events("{").unwrap_err(), Code::JsonMalformed);
    assert_eq!(events(" \n").unwrap(), Vec::new());
}

#[test]
fn alerts_over_the_limit_are_counted() {
    let over = 3;
    let alert = r#"{"labels":{"alertname":"A","severity":"info"}}"#;
    let all = vec![alert; ALERTS_COUNT_MAX + over].join(",");
    let plain = r#"{"title":"x","status":"firing"}"#;
    let many = vec![plain; ALERTS_COUNT_MAX + over].join(",");
    for body in [format!(r#"{{"alerts":[{all}]}}"#), format!("[{many}]")] {
        let decoded = decode(Format::Alerts, body.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(decoded.events.count(), ALERTS_COUNT_MAX);
        assert_eq!(decoded.rejected, over as u64);
    }
}
