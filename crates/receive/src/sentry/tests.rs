//! Payloads as SDKs write them become events.

use cordon_event::{Event, Kind, Severity, SpanStatus, attr};

use super::*;
use crate::{Format, decode};

fn of(format: Format, body: &[u8]) -> crate::Decoded {
    decode(format, body, &Limits::default()).unwrap()
}

fn envelope_of(items: &[(&str, &str)]) -> Vec<u8> {
    let mut body = concat!(
        r#"{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","#,
        r#""trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c","public_key":"k"}}"#,
    )
    .as_bytes()
    .to_vec();
    for (head, payload) in items {
        let len = if head.contains("length") {
            String::new()
        } else {
            format!(",\"length\":{}", payload.len())
        };
        body.extend_from_slice(format!("\n{{\"type\":{head}{len}}}\n{payload}").as_bytes());
    }
    body
}

fn events(items: &[(&str, &str)]) -> Vec<Event> {
    let decoded = of(Format::SentryEnvelope, &envelope_of(items));
    decoded.events.expose_raw().clone()
}

fn resource<'e>(event: &'e Event, key: &str) -> &'e str {
    event.resource_str(key).unwrap_or_default()
}

const EVENT: &str = r#"{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc",
"timestamp":"2026-01-02T03:04:05.5Z","platform":"python","level":"fatal","logger":"shop.api",
"transaction":"/pay","release":"shop@2.4.1","environment":"prod","server_name":"web-7","dist":"3",
"sdk":{"name":"sentry.python","version":"2.75.0","integrations":["flask"]},"user":{
"email":"a@b.example"},"request":{"method":"POST","url":"http://h/pay?x=1","headers":[["Cookie",
"sid=1"]],"data":{"card":1}},"tags":[["tier","gold"]],"extra":{"n":1},"modules":{"flask":"3"},
"fingerprint":["{{ default }}"],"breadcrumbs":{"values":[{"message":"m"}]},"contexts":{"trace":{
"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","op":"http.server"},
"runtime":{"name":"CPython","version":"3.12","build":"x"}},"new_field":{"a":[1]},"nothing":null,
"empty":[],"exception":{"values":[{"type":"KeyError","value":"'sku'","stacktrace":{"frames":[{
"function":"total","module":"shop.cart","filename":"shop/cart.py","lineno":9,"in_app":true,
"vars":{"password":"x"}}]}}]}}"#;

#[test]
fn an_event_is_an_error_report_with_everything_it_says() {
    let events = events(&[("\"event\"", EVENT)]);
    let [event] = events.as_slice() else {
        panic!("one event")
    };
    assert_eq!(
        (event.kind, event.severity),
        (Kind::ErrorReport, Severity(21))
    );
    assert_eq!(event.time_unix_ns, 1_767_323_045_500_000_000);
    assert_eq!((event.service(), event.release()), ("shop", "2.4.1"));
    assert_eq!(resource(event, "deployment.environment.name"), "prod");
    assert_eq!(resource(event, "host.name"), "web-7");
    assert_eq!(resource(event, "telemetry.sdk.name"), "sentry.python");
    assert_eq!(resource(event, "process.runtime.name"), "CPython");
    assert_eq!(
        event.trace_id.unwrap().to_string(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert_eq!(event.span_id.unwrap().to_string(), "b7ad6b7169203331");
    let text = |key| event.attribute_str(key).unwrap_or_default();
    assert_eq!(text(attr::EXCEPTION_TYPE), "KeyError");
    assert_eq!(text(attr::EXCEPTION_MESSAGE), "'sku'");
    assert_eq!(text(attr::CODE_FUNCTION_NAME), "shop.cart.total");
    assert!(text(attr::EXCEPTION_STACKTRACE).contains("File \"shop/cart.py\", line 9, in total"));
    assert_eq!(text("http.request.method"), "POST");
    assert_eq!(text("url.full"), "http://h/pay?x=1");
    assert_eq!(event.body, Value::from("KeyError: 'sku'"));
    for kept in [
        "sentry.user",
        "sentry.request",
        "sentry.tags",
        "sentry.extra",
        "sentry.modules",
        "sentry.fingerprint",
        "sentry.breadcrumbs",
        "sentry.contexts",
        "sentry.new_field",
        "sentry.exception",
        "sentry.transaction",
        "sentry.dist",
        "sentry.sdk",
        "sentry.event_id",
    ] {
        assert!(event.attribute(kept).is_some(), "{kept}");
    }
    assert_eq!(event.attribute("sentry.nothing"), None);
    // Pairs become members, so that a name judges the value beside it.
    let headers = event.attribute("sentry.request").unwrap().get("headers");
    assert_eq!(headers.unwrap().get("Cookie"), Some(&Value::from("sid=1")));
}

#[test]
fn a_message_is_a_log_record_unless_it_tells_of_an_error() {
    for (payload, kind, severity, body) in [
        (r#"{"message":"hi","level":"info"}"#, Kind::Log, 9, "hi"),
        (r#"{"message":"hi"}"#, Kind::ErrorReport, 17, "hi"),
        (
            r#"{"logentry":{"message":"%s of %d","params":["a",2]},"level":"warning"}"#,
            Kind::Log,
            13,
            "a of 2",
        ),
        (
            r#"{"logentry":{"message":"{} left","formatted":"3 left","params":[3]},
"level":"error"}"#,
            Kind::ErrorReport,
            17,
            "3 left",
        ),
        (
            r#"{"message":{"formatted":"old"},"level":"log"}"#,
            Kind::Log,
            9,
            "old",
        ),
    ] {
        let events = events(&[("\"event\"", payload)]);
        let event = &events[0];
        let got = (event.kind, event.severity.0, event.body.as_str().unwrap());
        assert_eq!(got, (kind, severity, body), "{payload}");
    }
}

#[test]
fn a_transaction_becomes_its_spans() {
    let payload = r#"{"type":"transaction","transaction":"POST /pay","start_timestamp":10.5,
"timestamp":11.5,"release":"shop@2","contexts":{"trace":{
"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","op":"http.server",
"status":"internal_error","data":{"http.route":"/pay"}}},"spans":[{"span_id":"00f067aa0ba902b7",
"parent_span_id":"b7ad6b7169203331","op":"db","description":"select 1","start_timestamp":10.6,
"timestamp":10.7,"status":"ok","data":{"db.system":"postgresql"}},{"op":"x"}],"measurements":{
"lcp":{"value":2,"unit":"ms"}}}"#;
    let decoded = of(
        Format::SentryEnvelope,
        &envelope_of(&[("\"transaction\"", payload)]),
    );
    assert_eq!(decoded.rejected, 1);
    let events = decoded.events.expose_raw();
    let [root, child] = events.as_slice() else {
        panic!("two spans")
    };
    assert_eq!((root.kind, root.status), (Kind::Span, SpanStatus::Error));
    assert_eq!(root.name, "POST /pay");
    assert_eq!(
        (root.time_unix_ns, root.end_unix_ns),
        (10_500_000_000, 11_500_000_000)
    );
    assert_eq!(root.attribute_str("http.route"), Some("/pay"));
    assert_eq!(root.attribute_str(attr::SPAN_KIND), Some("server"));
    assert_eq!(root.attribute_str("sentry.status"), Some("internal_error"));
    assert!(root.attribute("sentry.measurements").is_some());
    assert_eq!((child.name.as_str(), child.service()), ("select 1", "shop"));
    assert_eq!(child.parent_span_id, root.span_id);
    assert_eq!(child.trace_id, root.trace_id);
    assert_eq!(child.attribute_str(attr::SPAN_KIND), Some("client"));
}

const ITEMS: [(&str, &str); 16] = [
    (
        "\"log\",\"item_count\":2",
        r#"{"items":[{"timestamp":1.5,"trace_id":"0af7651916cd43dd8448eb211c80319c",
"level":"warn","severity_number":13,"body":"low","attributes":{"sentry.release":{"value":"shop@2",
"type":"string"},"n":{"value":3,"type":"integer"}}},7]}"#,
    ),
    (
        "\"session\"",
        r#"{"sid":"1","did":"u-1","status":"exited","started":"2026-01-02T03:04:05Z",
"errors":0,"attrs":{"release":"shop@2"}}"#,
    ),
    (
        "\"sessions\"",
        r#"{"aggregates":[{"started":"2026-01-02T03:04:05Z","exited":3,"crashed":1}],"attrs":{
"release":"shop@2"}}"#,
    ),
    (
        "\"client_report\"",
        r#"{"timestamp":1,"discarded_events":[{"reason":"queue_overflow","category":"error",
"quantity":2}]}"#,
    ),
    (
        "\"check_in\"",
        r#"{"check_in_id":"1","monitor_slug":"nightly","status":"error"}"#,
    ),
    (
        "\"feedback\"",
        r#"{"contexts":{"feedback":{"message":"it hangs","contact_email":"a@b.example"}}}"#,
    ),
    (
        "\"user_report\"",
        r#"{"comments":"broken","email":"a@b.example"}"#,
    ),
    ("\"attachment\",\"filename\":\"a.log\"", "line one"),
    (
        "\"span\"",
        r#"{"items":[{"trace_id":"0af7651916cd43dd8448eb211c80319c",
"span_id":"00f067aa0ba902b7","name":"s","status":"error","start_timestamp":1,"end_timestamp":2,
"attributes":{"k":{"value":"v","type":"string"}}}]}"#,
    ),
    ("\"attachment\",\"filename\":\"a.png\"", "x"),
    ("\"profile\"", "{}"),
    ("\"replay_event\"", "{}"),
    ("\"statsd\"", "a:1|c"),
    ("\"brand_new\"", "{}"),
    ("\"event\"", "{broken"),
    ("\"event\",\"length\":99", "{}"),
];

#[test]
fn other_items_become_records_and_what_is_not_kept_is_counted() {
    let decoded = of(Format::SentryEnvelope, &envelope_of(&ITEMS));
    let events = decoded.events.expose_raw();
    let told: Vec<_> = events
        .iter()
        .map(|e| {
            (
                e.name.as_str(),
                e.body.as_str().unwrap_or_default(),
                e.severity.0,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("", "low", 13),
            ("sentry.session", "session exited", 9),
            ("sentry.sessions", "sessions", 9),
            ("sentry.client_report", "client dropped data", 13),
            ("sentry.check_in", "check-in of nightly: error", 17),
            ("sentry.feedback", "it hangs", 9),
            ("sentry.feedback", "broken", 9),
            ("sentry.attachment", "line one", 9),
            ("s", "", 0),
        ]
    );
    assert_eq!(events[0].service(), "shop");
    assert_eq!(events[0].attribute("n"), Some(&Value::Int(3)));
    let user = events[1].attribute("sentry.user").unwrap();
    assert_eq!(user.get("id"), Some(&Value::from("u-1")));
    assert_eq!(events[7].trace_id, events[0].trace_id);
    assert_left_out(&decoded);
}

/// What became nothing of those items.
fn assert_left_out(decoded: &crate::Decoded) {
    for (kind, outcome, count) in [
        ("attachment", Outcome::Taken, 1),
        ("attachment", Outcome::NotKept, 1),
        ("profile", Outcome::NotKept, 1),
        ("unknown", Outcome::NotKept, 1),
        ("event", Outcome::Malformed, 1),
        ("event", Outcome::Cut, 1),
    ] {
        assert_eq!(decoded.tally.of(kind, outcome), count, "{kind}");
    }
    // Seven items that became nothing, and an entry of the logs that is none.
    assert_eq!(decoded.rejected, 8);
}

#[test]
fn a_stored_event_may_be_packed_as_old_clients_do() {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(EVENT.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let text = BASE64.encode(&packed);
    for body in [EVENT.as_bytes(), &packed, text.as_bytes()] {
        let decoded = of(Format::SentryEvent, body);
        assert_eq!(decoded.events.count(), 1);
        assert_eq!(decoded.event_id, "9ec79c33ec9942ab8353589fcb2e04dc");
    }
    for bad in [&b""[..], b"x", b"[]", b"AAAA"] {
        assert!(decode(Format::SentryEvent, bad, &Limits::default()).is_err());
    }
}

#[test]
fn reports_of_browsers_are_warnings() {
    for (body, name, told) in [
        (
            r#"{"csp-report":{"document-uri":"http://h/a","violated-directive":"img-src 'self'",
"blocked-uri":"http://x/y.png"}}"#,
            "security.csp",
            "csp: img-src 'self' blocked http://x/y.png",
        ),
        (
            r#"[{"type":"csp-violation","age":1,"url":"http://h","user_agent":"M","body":{
"effectiveDirective":"script-src","blockedURL":"inline"}}]"#,
            "security.csp_violation",
            "csp_violation: script-src blocked inline",
        ),
        (
            r#"[{"type":"network-error","url":"http://h","body":{"type":"dns.failed",
"phase":"dns"}}]"#,
            "security.network_error",
            "network_error: dns.failed",
        ),
        (
            r#"{"expect-ct-report":{"hostname":"h"}}"#,
            "security.expect_ct",
            "expect_ct",
        ),
    ] {
        let decoded = of(Format::SentrySecurity, body.as_bytes());
        let events = decoded.events.expose_raw();
        let event = &events[0];
        assert_eq!(
            (event.name.as_str(), event.body.as_str()),
            (name, Some(told))
        );
        assert_eq!(event.severity, Severity::WARN);
        assert!(event.attribute("sentry.report").is_some());
    }
    for bad in ["{}", "[]", "7", r#"{"type":"x"}"#] {
        let limits = Limits::default();
        assert!(decode(Format::SentrySecurity, bad.as_bytes(), &limits).is_err());
    }
}

fn form(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in fields {
        out.extend_from_slice(b"--xyz\r\nContent-Disposition: form-data; name=\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\"\r\n\r\n");
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"--xyz--\r\n");
    out
}

fn file(content: &[u8]) -> (&'static str, &[u8]) {
    ("upload_file_minidump\"; filename=\"a.dmp", content)
}

#[test]
fn a_minidump_is_found_in_whatever_it_comes() {
    use std::io::Write as _;
    let dump = b"MDMP\x93\xa7 and more";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(dump).unwrap();
    let gzip = packer.finish().unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zstd = ruzstd::encoding::compress_to_vec(&dump[..], level);
    let nested = form(&[("x", b"1"), file(dump)])
        .windows(3)
        .position(|_| true)
        .map(|_| String::from_utf8_lossy(&form(&[file(dump)])).replace("xyz", "inner"))
        .unwrap();
    let bodies: [Vec<u8>; 6] = [
        dump.to_vec(),
        gzip.clone(),
        zstd,
        form(&[("prod", b"Shop"), file(dump)]),
        form(&[file(&gzip)]),
        form(&[file(b"PMDM\x93\xa7 and more")]),
    ];
    for body in &bodies {
        let decoded = of(Format::Minidump, body);
        let dump = decoded.dump.unwrap();
        assert_eq!(dump.bytes.count(), 15);
        assert_eq!(decoded.tally.of("minidump", Outcome::Taken), 1);
    }
    // What is not UTF-8 in the dump was replaced: longer, and still a dump.
    let decoded = of(Format::Minidump, &form(&[file(nested.as_bytes())]));
    assert!(decoded.dump.is_some());
    for (bad, code) in [
        (b"x".to_vec(), Code::MinidumpMissing),
        (Vec::new(), Code::MinidumpMissing),
        (form(&[("a", b"1")]), Code::MinidumpMissing),
        (form(&[file(b"BZh9")]), Code::MinidumpMissing),
        (b"--xyz\r\n\r\ncut".to_vec(), Code::MultipartMalformed),
    ] {
        match decode(Format::Minidump, &bad, &Limits::default()) {
            Err(crate::Error::Refused { code: told, .. }) => assert_eq!(told, code),
            _ => panic!("taken"),
        }
    }
}

#[test]
fn notes_beside_a_minidump_are_merged_with_the_report() {
    let body = form(&[
        ("sentry__2", br#""tags":{"a":"1"}}"#),
        ("sentry__1", br#"{"release":"shop@3","#),
        ("sentry[extra][deep]", b"x"),
        ("_productName", b"Shop"),
        ("guid", b"7"),
        file(b"MDMP"),
    ]);
    let decoded = of(Format::Minidump, &body);
    let mut dump = decoded.dump.unwrap();
    let report = Event {
        body: Value::from("SIGSEGV"),
        severity: Severity(21),
        attributes: vec![(attr::EXCEPTION_TYPE.to_owned(), Value::from("SIGSEGV"))],
        resource: vec![
            (attr::SERVICE_NAME.to_owned(), Value::from("a.out")),
            ("os.type".to_owned(), Value::from("linux")),
        ]
        .into(),
        ..Event::default()
    };
    let event = about(report, &mut dump.about);
    assert_eq!(event.kind, Kind::Crash);
    assert_eq!((event.service(), event.release()), ("shop", "3"));
    assert_eq!(resource(&event, "os.type"), "linux");
    assert_eq!(event.attribute_str(attr::EXCEPTION_TYPE), Some("SIGSEGV"));
    let notes = event.attribute("sentry.annotations").unwrap();
    assert_eq!(notes.get("guid"), Some(&Value::from("7")));
    let extra = event.attribute("sentry.extra").unwrap();
    assert_eq!(extra.get("deep"), Some(&Value::from("x")));
}

#[test]
fn a_dump_in_an_envelope_takes_its_event() {
    let items = [
        ("\"event\"", r#"{"level":"fatal","release":"shop@3"}"#),
        (
            "\"attachment\",\"attachment_type\":\"event.minidump\"",
            "MDMP and more",
        ),
        (
            "\"attachment\",\"attachment_type\":\"event.minidump\"",
            "MDMP twice",
        ),
    ];
    let decoded = of(Format::SentryEnvelope, &envelope_of(&items));
    assert_eq!(decoded.events.count(), 0);
    assert_eq!(decoded.tally.of("minidump", Outcome::TooMany), 1);
    let dump = decoded.dump.unwrap();
    assert_eq!(dump.about.service(), "shop");
}

#[test]
fn limits_hold() {
    let limits = Limits {
        envelope_items_count_max: 2,
        envelope_item_bytes_max: 64,
        ..Limits::default()
    };
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(64));
    let items = [
        ("\"event\"", long.as_str()),
        ("\"event\"", r#"{"message":"a"}"#),
        ("\"event\"", r#"{"message":"b"}"#),
    ];
    let decoded = decode(Format::SentryEnvelope, &envelope_of(&items), &limits).unwrap();
    assert_eq!(decoded.events.count(), 1);
    assert_eq!(decoded.tally.of("event", Outcome::TooLarge), 1);
    assert_eq!(decoded.tally.of("event", Outcome::TooMany), 1);
    let deep = format!(r#"{{"extra":{}1{}}}"#, "[".repeat(60), "]".repeat(60));
    let decoded = of(
        Format::SentryEnvelope,
        &envelope_of(&[("\"event\"", &deep)]),
    );
    assert_eq!(decoded.tally.of("event", Outcome::Malformed), 1);
}

proptest::proptest! {
    /// Whatever an item holds, nothing panics and every item is counted once.
    #[test]
    fn arbitrary_payloads_harm_nobody(
        kind in proptest::sample::select(tally::TYPES.to_vec()),
        payload in "[\\[\\]{}:,\"a-z0-9 .]{0,60}",
    ) {
        let head = format!("\"{kind}\"");
        let body = envelope_of(&[(&head, &payload)]);
        if let Ok(decoded) = decode(Format::SentryEnvelope, &body, &Limits::default()) {
            proptest::prop_assert!(decoded.tally != tally::Tally::default());
        }
        let _decoded = decode(Format::SentryEvent, payload.as_bytes(), &Limits::default());
        let _decoded = decode(Format::SentrySecurity, payload.as_bytes(), &Limits::default());
        let _decoded = decode(Format::Alerts, payload.as_bytes(), &Limits::default());
    }
}
