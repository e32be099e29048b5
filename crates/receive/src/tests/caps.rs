//! Depth, counts and sizes at their caps, in every format and in every place.

use super::*;

/// An OTLP/JSON request of one log record with these members.
fn json_log(members: &str) -> Vec<u8> {
    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{{members}}}]}}]}}]}}"#)
        .into_bytes()
}

/// An OTLP/JSON value nested so deep.
fn json_value(depth: usize) -> String {
    let open = r#"{"arrayValue":{"values":["#.repeat(depth);
    format!("{open}{{\"boolValue\":true}}{}", "]}}".repeat(depth))
}

/// A list of so many, separated by commas.
fn listed(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

type Bodies = [(&'static str, &'static str, Vec<u8>); 5];

/// Each place where a value may nest, with one nested so deep.
fn deep(depth: usize) -> Bodies {
    let mut request = ExportLogsServiceRequest::decode(nested(depth).as_slice()).unwrap();
    let record = &mut request.resource_logs[0].scope_logs[0].log_records[0];
    record.attributes = vec![KeyValue {
        key: "k".to_owned(),
        value: record.body.take(),
        ..KeyValue::default()
    }];
    let plain = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let value = json_value(depth);
    [
        ("/v1/logs", PROTO, request.encode_to_vec()),
        ("/v1/logs", JSON, json_log(&format!(r#""body":{value}"#))),
        (
            "/v1/logs",
            JSON,
            json_log(&format!(r#""attributes":[{{"key":"k","value":{value}}}]"#)),
        ),
        (
            "/v1/logs",
            JSON,
            json_log(&format!(r#""attributes":{{"k":{plain}}}"#)),
        ),
        (
            "/v1/events",
            "",
            format!(r#"{{"message":"m","k":{plain}}}"#).into_bytes(),
        ),
    ]
}

/// Each place where attributes stand, with so many.
fn many(count: usize) -> Bodies {
    let pairs = (0..count).map(|n| pair(&format!("k{n}"), "v")).collect();
    let request = logs_of(vec![LogRecord {
        attributes: pairs,
        ..LogRecord::default()
    }]);
    let members = listed(count, |n| format!(r#""k{n}":1"#));
    let keyed = listed(count, |n| {
        format!(r#"{{"key":"k{n}","value":{{"intValue":1}}}}"#)
    });
    [
        ("/v1/logs", PROTO, request.encode_to_vec()),
        (
            "/v1/logs",
            JSON,
            json_log(&format!(r#""attributes":[{keyed}]"#)),
        ),
        (
            "/v1/logs",
            JSON,
            json_log(&format!(r#""attributes":{{{members}}}"#)),
        ),
        ("/v1/events", "", format!("{{{members}}}").into_bytes()),
        (
            "/v1/events",
            "",
            format!(r#"{{"attributes":{{{members}}}}}"#).into_bytes(),
        ),
    ]
}

#[tokio::test]
async fn every_format_ends_at_the_same_depth_and_count() {
    let server = Server::start(Limits::default()).await;
    for (within, over, refusal) in [
        (deep(32), deep(33), (400, "depth")),
        (many(1_024), many(1_025), (413, "attributes_count")),
    ] {
        for (at, (path, headers, body)) in within.into_iter().enumerate() {
            let answer = server.post(path, "good", headers, &body).await;
            assert_eq!(answer.status, 200, "{at}: {}", answer.code());
            assert_eq!(server.events().len(), 1);
        }
        for (at, (path, headers, body)) in over.into_iter().enumerate() {
            let answer = server.post(path, "good", headers, &body).await;
            assert_eq!((answer.status, answer.code()), refusal, "{at}");
            assert_eq!(server.events(), []);
        }
    }
}

#[tokio::test]
async fn repeated_members_and_lists_of_a_span_end_at_the_same_count() {
    let server = Server::start(Limits::default()).await;
    let keyed = |n: usize| {
        let pairs = listed(n, |i| {
            format!(r#"{{"key":"k{i}","value":{{"intValue":1}}}}"#)
        });
        format!(r#""attributes":[{pairs}]"#)
    };
    let span = |members: &str| {
        let ids = r#""traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708""#;
        let resource = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"#;
        format!("{resource}{ids},{members}}}]}}]}}]}}").into_bytes()
    };
    let list = |name: &str, n| span(&format!(r#""{name}":[{}]"#, listed(n, |_| "{}".to_owned())));
    let resource = |more| {
        let log = r#""scopeLogs":[{"logRecords":[{}]}]"#;
        let resource = format!("{},{}", keyed(1_000), keyed(more));
        format!(r#"{{"resourceLogs":[{{"resource":{{{resource}}},{log}}}]}}"#).into_bytes()
    };
    let twice = |more| format!("{},{}", keyed(1_000), keyed(more));
    for (at, (path, within, over)) in [
        ("/v1/logs", json_log(&twice(24)), json_log(&twice(25))),
        ("/v1/logs", resource(24), resource(25)),
        ("/v1/traces", span(&twice(24)), span(&twice(25))),
        ("/v1/traces", list("events", 1_024), list("events", 1_025)),
        ("/v1/traces", list("links", 1_024), list("links", 1_025)),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = server.post(path, "good", JSON, &within).await;
        assert_eq!(answer.status, 200, "{at}: {}", answer.code());
        assert_eq!(server.events().len(), 1);
        let answer = server.post(path, "good", JSON, &over).await;
        assert_eq!(
            (answer.status, answer.code()),
            (413, "attributes_count"),
            "{at}"
        );
    }
}

#[tokio::test]
async fn bodies_end_at_their_cap_as_sent_and_as_inflated() {
    let limits = Limits {
        body_bytes_max: 2_000,
        inflated_bytes_max: 10_000,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let line = |bytes: usize| format!(r#"{{"message":"{}"}}"#, "m".repeat(bytes));
    for (bytes, expected) in [(1_900, (200, "")), (2_100, (413, "body_too_large"))] {
        let body = line(bytes);
        let chunked = format!(
            "POST /v1/events HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
             authorization: Bearer good\r\ntransfer-encoding: chunked\r\n\r\n\
             {:x}\r\n{body}\r\n0\r\n\r\n",
            body.len(),
        );
        let answer = server.raw(chunked.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), expected, "chunked {bytes}");
        let answer = server.post("/v1/events", "good", "", body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.code()),
            expected,
            "announced {bytes}"
        );
    }
    for (bytes, expected) in [(9_900, (200, "")), (10_100, (413, "inflated_too_large"))] {
        let body = gzip(line(bytes).as_bytes());
        assert!(body.len() < 2_000);
        let headers = "content-encoding: gzip\r\n";
        let answer = server.post("/v1/events", "good", headers, &body).await;
        assert_eq!((answer.status, answer.code()), expected, "{bytes}");
    }
}
