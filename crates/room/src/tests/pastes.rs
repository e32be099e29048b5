//! What the report says of an incident that was pasted. All of it is written for this test.

use serde_json::json;

use super::{noted, report, shop_log, timeline};

const CHAT: &str = "Monday, November 23rd, 2026\n\
Ana Ito  10:06 AM\n:rotating_light: checkout is failing, about 12% of orders fail\n\
Bo Lund  10:07 AM\nack, looking into it\n:eyes: 3\n\
Cy Rao  10:08 AM\nhi all\nI think it is the 2.4.1 release\nwho owns the ledger queue?\n\
Bo Lund  10:09 AM\nlet's roll back\n\
Bo Lund  10:11 AM\nrolled back checkout to 2.4.0\n\
Ana Ito  10:15 AM\n> rolled back checkout to 2.4.0\nerror rate is recovering\n\
Ana Ito  10:20 AM\nall clear, incident resolved\nTODO: add an alert for refused connections by \
    Friday\n";

#[test]
fn logs_and_chat_are_one_story() {
    let told = report(&[("app.log", &shop_log(20, 5)), ("chat", CHAT)]);
    assert_eq!(told["sources"][0]["kind"], "logs");
    assert_eq!(told["sources"][1]["kind"], "chat");
    assert_eq!(told["diagnosis"]["verdict"], "found");
    let lines = timeline(&told);
    let place = |part: &str| {
        let found = lines.iter().position(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("{part} in {lines:#?}"))
    };
    assert!(place("change deployed checkout") < place("failure payment of order"));
    assert!(place("failure payment") < place("message checkout is failing"));
    assert!(place("decision let's roll back") < place("action rolled back checkout"));
    assert!(place("action rolled back") < place("recovery all clear"));
    assert_eq!(noted(&told, "impact").len(), 1);
    assert_eq!(noted(&told, "questions"), ["who owns the ledger queue?"]);
    assert_eq!(
        noted(&told, "hypotheses"),
        ["I think it is the 2.4.1 release"]
    );
    assert_eq!(noted(&told, "actions"), ["rolled back checkout to 2.4.0"]);
    let steps = told["ladder"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["kind"] == "roll_back"));
    assert!(
        steps
            .iter()
            .all(|step| !step["evidence"].as_array().unwrap().is_empty())
    );
    let kinds = ["verify", "mitigate", "roll_back", "contain", "follow_up"];
    let ranks = steps
        .iter()
        .map(|step| kinds.iter().position(|kind| step["kind"] == *kind));
    assert!(ranks.is_sorted(), "{steps:#?}");
}

#[test]
fn themes_have_their_lines_and_times() {
    let told = report(&[("app.log", &shop_log(20, 5))]);
    let first = &told["themes"][0];
    assert_eq!(first["trouble"], true);
    assert_eq!(first["level"], "error");
    assert_eq!(first["components"][0]["component"], "checkout");
    let buckets = first["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), crate::limits::BUCKETS_COUNT);
    let sum: u64 = buckets.iter().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(Some(sum), first["count"].as_u64());
    assert_eq!(buckets[0], 0);
    let text = shop_log(20, 5);
    let line = first["lines"][0].as_u64().unwrap() as usize;
    assert!(
        text.lines()
            .nth(line - 1)
            .unwrap()
            .contains("payment of order")
    );
    assert_eq!(told["span"]["from"], "2026-11-23T10:00:00Z");
}

#[test]
fn stacks_in_logs_are_explained() {
    let mut log = String::new();
    for n in 0..3 {
        log.push_str(&format!(
            "2026-11-23T10:42:0{n}Z ERROR [pay] order {n} failed\n\
             java.net.ConnectException: Connection refused\n\
             \tat java.net.Socket.connect(Socket.java:5)\n\tat com.acme.Http.call(Http.java:40)\n"
        ));
    }
    let told = report(&[("app.log", &log)]);
    let stack = &told["stacks"][0];
    assert_eq!(stack["count"], 3);
    assert_eq!(stack["type"], "java.net.ConnectException");
    assert_eq!(stack["line"], 1);
    assert!(
        stack["explained"]
            .as_str()
            .unwrap()
            .contains("nothing listened"),
        "{stack}"
    );
    assert_eq!(stack["frames"][1]["in_app"], true);
}

#[test]
fn several_traces_of_one_paste_are_told_apart() {
    let told = report(&[(
        "paste",
        "Traceback (most recent call last):\n  File \"/app/a.py\", line 1, in b\nKeyError: 'x'\n\n\
         During handling of the above exception, another exception occurred:\n\n\
         Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in c\nValueError: y\n\n\
         java.lang.IllegalStateException: z\n\tat com.acme.A.b(A.java:1)\n",
    )]);
    let kinds: Vec<&str> = told["stacks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|s| s["type"].as_str())
        .collect();
    assert_eq!(kinds, ["ValueError", "java.lang.IllegalStateException"]);
}

#[track_caller]
fn check_otlp(text: &str) {
    let told = report(&[("otlp", text)]);
    assert_eq!(told["sources"][0]["kind"], "otlp", "{text}");
    let themes = told["themes"].to_string();
    assert!(themes.contains("connection refused"), "{themes}");
    assert!(themes.contains("\"checkout\""), "{themes}");
    assert!(themes.contains("\"error\""), "{themes}");
    assert_eq!(told["sources"][0]["from"], "2026-11-23T10:42:00Z");
}

#[test]
fn otlp_in_its_variants() {
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": "checkout"}}]});
    let log = json!({"timeUnixNano": "1795430520000000000", "severityNumber": 17,
        "body": {"stringValue": "pay: connection refused"}});
    let logs =
        json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [log]}]}]});
    check_otlp(&logs.to_string());
    check_otlp(&format!("{logs:#}"));
    check_otlp(&format!("{logs}\n{logs}"));
    let snake = json!({"resource_logs": [{"resource": {"attributes": [{"key": "service.name",
        "value": {"string_value": "checkout"}}]}, "instrumentationLibraryLogs": [{"logs": [
        {"time_unix_nano": 1_795_430_520_000_000_000_u64,
         "severity_number": "SEVERITY_NUMBER_ERROR",
         "body": {"string_value": "pay: connection refused"}}]}]}]});
    check_otlp(&snake.to_string());
    let spans = json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [{
        "name": "POST /pay", "startTimeUnixNano": "1795430519000000000",
        "endTimeUnixNano": "1795430520000000000",
        "status": {"code": 2, "message": "connection refused"},
        "events": [{"name": "exception", "timeUnixNano": "1795430520000000000", "attributes": [
            {"key": "exception.type", "value": {"stringValue": "java.net.ConnectException"}},
            {"key": "exception.stacktrace", "value": {"stringValue":
                "java.net.ConnectException: connection refused\n\tat \
                 com.acme.Http.call(Http.java:40)\n"}}]}]}]}]}]});
    check_otlp(&format!("{spans:#}"));
    let told = report(&[("otlp", &spans.to_string())]);
    assert_eq!(told["stacks"][0]["type"], "java.net.ConnectException");
}

#[test]
fn stores_of_logs_answer_in_json() {
    for text in [
        r#"{"hits":{"total":1,"hits":[{"_index":"a","_source":
        {"@timestamp":"2026-11-23T10:42:00Z","message":"db gone","level":"error"}}]}}"#,
        r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"db",
        "level":"error"},"values":[["1795430520000000000","db gone"]]}]}}"#,
        r#"{"events":[{"timestamp":1795430520000,"message":"db gone","logStreamName":"x"}]}"#,
        r#"[{"severity":"ERROR","timestamp":"2026-11-23T10:42:00Z","textPayload":"db gone"}]"#,
        r#"{"data":[{"id":"1","type":"log","attributes":{"timestamp":"2026-11-23T10:42:00Z",
        "status":"error","message":"db gone"}}]}"#,
    ] {
        let told = report(&[(
            "x",
            &format!(
                "{:#}",
                serde_json::from_str::<serde_json::Value>(text).unwrap()
            ),
        )]);
        assert_eq!(told["sources"][0]["kind"], "json_lines", "{text}");
        assert_eq!(told["themes"][0]["template"], "db gone", "{text}");
        assert_eq!(told["sources"][0]["from"], "2026-11-23T10:42:00Z", "{text}");
    }
}

#[track_caller]
fn check_alert(text: &str, expected: &[&str]) {
    let told = report(&[("alert", text)]);
    assert_eq!(told["sources"][0]["kind"], "alert", "{text}");
    assert_eq!(timeline(&told), expected, "{text}");
}

#[test]
fn alerts_in_their_forms() {
    check_alert(
        r#"{"version":"4","status":"firing","receiver":"ops","alerts":[
          {"status":"firing","labels":{"alertname":"HighErrors","severity":"page","service":"pay"},
           "annotations":{"summary":"5% of calls fail"},"startsAt":"2026-11-23T10:42:00Z",
           "endsAt":"0001-01-01T00:00:00Z"},
          {"status":"resolved","labels":{"alertname":"Slow"},"startsAt":"2026-11-23T10:00:00Z",
          "endsAt":"2026-11-23T10:30:00Z"}]}"#,
        &[
            "2026-11-23T10:00:00Z alert Slow",
            "2026-11-23T10:30:00Z recovery ended: Slow",
            "2026-11-23T10:42:00Z alert HighErrors: 5% of calls fail",
        ],
    );
    check_alert(
        r#"{"event":{"id":"1","event_type":"incident.acknowledged",
        "occurred_at":"2026-11-23T10:44:00Z","agent":{"summary":"Bo"},
           "data":{"title":"pay is down","created_at":"2026-11-23T10:42:00Z","urgency":"high",
           "service":{"summary":"pay"}}}}"#,
        &[
            "2026-11-23T10:42:00Z alert pay is down",
            "2026-11-23T10:44:00Z alert pay is down",
        ],
    );
    check_alert(
        r#"{"action":"Close","alert":{"alertId":"1","message":"disk full","priority":"P1",
        "createdAt":1795430520000,"updatedAt":1795431120000}}"#,
        &[
            "2026-11-23T10:42:00Z alert disk full",
            "2026-11-23T10:52:00Z recovery ended: disk full",
        ],
    );
    check_alert(
        r#"{"alert_transition":"Triggered","title":"[Triggered] queue is long",
        "date":"1795430520000","alert_id":"1"}"#,
        &["2026-11-23T10:42:00Z alert queue is long"],
    );
    check_alert(
        r#"{"alert_transition":"Recovered","title":"[Recovered on {service:pay}] queue is long",
        "date":"1795430520000","body":"%%%\nok\n%%%"}"#,
        &["2026-11-23T10:42:00Z recovery ended: queue is long"],
    );
    check_alert(
        r#"{"action":"triggered","data":{"event":{"title":"TypeError: x is undefined",
        "culprit":"cart","level":"error","datetime":"2026-11-23T10:42:00Z"},
        "triggered_rule":"errors in prod"}}"#,
        &["2026-11-23T10:42:00Z alert TypeError: x is undefined: errors in prod"],
    );
    check_alert(
        r#"{"heartbeat":{"status":1,"time":"2026-11-23 10:42:00.5","msg":"200 - OK"},
        "monitor":{"name":"front"},"msg":"[front] [Up] 200 - OK"}"#,
        &["2026-11-23T10:42:00.500Z recovery ended: front"],
    );
    check_alert(
        r#"{"Type":"Notification","Message":"{\"AlarmName\":\"cpu\",\"NewStateValue\":\"ALARM\",
        \"NewStateReason\":\"crossed\",\"StateChangeTime\":\"2026-11-23T10:42:00.000+0000\"}"}"#,
        &["2026-11-23T10:42:00Z alert cpu: crossed"],
    );
    check_alert(
        r#"{"title":"[Alerting] errors","ruleName":"errors","state":"alerting","message":"look",
        "evalMatches":[]}"#,
        &[" alert [Alerting] errors: look"],
    );
    check_alert(
        r#"{"alert_name":"probe","status":"down","message":"no answer",
        "timestamp":"2026-11-23T10:42:00Z"}"#,
        &["2026-11-23T10:42:00Z alert probe: no answer"],
    );
}

#[test]
fn a_clock_of_a_chat_gets_its_day_from_the_logs() {
    let chat = "ana [10:06 AM]\ncheckout is down\nbo [10:11 AM]\nrolled back checkout\n";
    let told = report(&[("app.log", &shop_log(20, 5)), ("chat", chat)]);
    let entries = told["timeline"].as_array().unwrap();
    let action = entries
        .iter()
        .find(|entry| entry["kind"] == "action")
        .unwrap();
    assert_eq!(action["time"], "2026-11-23T10:11:00Z");
    assert_eq!(action["assumed"], json!(["day", "zone"]));
    let alone = report(&[("chat", chat)]);
    let action = &alone["notes"]["actions"][0];
    assert_eq!(
        (&action["time"], &action["clock"]),
        (&json!(null), &json!("10:11:00"))
    );
}

#[test]
fn a_report_can_be_made_again() {
    let mut room = super::room(&[("app.log", &shop_log(20, 5))]);
    let first = room.report(&mut |_| {});
    assert_eq!(room.report(&mut |_| {}), first);
    room.begin("chat", None);
    CHAT.lines().for_each(|line| room.push(line));
    let second = room.report(&mut |_| {});
    assert_eq!(second["themes"], first["themes"]);
    assert_eq!(second["sources"][1]["kind"], "chat");
}

#[test]
fn quoted_texts_are_looked_over() {
    let mut room = super::room(&[("chat", CHAT)]);
    let told = room.report(&mut |text| *text = text.replace("Ana Ito", "person_x"));
    assert!(!told.to_string().contains("Ana Ito"));
    assert!(told.to_string().contains("person_x"));
}
