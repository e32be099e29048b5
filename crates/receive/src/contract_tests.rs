//! The contract's published forms are those of the code, and one record is the same by each
//! schema's names.

use cordon_event::{Event, Severity};

use super::*;
use crate::{Format, Limits, LineReader, decode};

/// The first event of a line that is written here over several.
fn of(format: Format, body: &str) -> Event {
    let body = body.replace('\n', "");
    let decoded = decode(format, body.as_bytes(), &Limits::default()).unwrap();
    decoded.events.expose_raw()[0].clone()
}

#[test]
fn published_forms_are_up_to_date() {
    let schema = include_str!("../../../docs/schema/log-1.json");
    assert_eq!(schema, schema_json(), "run `cargo xtask schemas`");
    let _valid: serde_json::Value = serde_json::from_str(schema).unwrap();
    let page = include_str!("../../../docs/log-contract.md");
    for table in [fields_markdown(), codes_markdown()] {
        assert!(page.contains(&table), "run `cargo xtask schemas`");
    }
}

const CONTRACT: &str = r#"{"schema":"cordon.log/1","timestamp":"2026-01-02T03:04:05Z",
"level":"error","component":"shop","tenant_id":"acme","request_id":"r-1",
"span_id":"00f067aa0ba902b7","trace_id":"0af7651916cd43dd8448eb211c80319c","error_code":"E42",
"message":"no cart","stack":"Traceback","payload":{"n":1},"brand_new":true}"#;

#[test]
fn one_record_is_the_same_by_each_schemas_names() {
    let nested = r#"{"@timestamp":"2026-01-02T03:04:05Z","ecs":{"version":"8.11"},"log":{
"level":"error","logger":"shop.api"},"service":{"name":"shop"},"http":{"request":{"id":"r-1"}},
"span":{"id":"00f067aa0ba902b7"},"trace":{"id":"0af7651916cd43dd8448eb211c80319c"},"error":{
"code":"E42","stack_trace":"Traceback"},"message":"no cart","labels":{"n":1}}"#;
    let flat = r#"{"@timestamp":"2026-01-02T03:04:05Z","ecs.version":"1.6.0","log.level":"error",
"service.name":"shop","http.request.id":"r-1","span.id":"00f067aa0ba902b7",
"trace.id":"0af7651916cd43dd8448eb211c80319c","error.code":"E42","error.stack_trace":"Traceback",
"message":"no cart","labels":{"n":1}}"#;
    let otlp = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{
"stringValue":"shop"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767323045000000000",
"severityNumber":17,"body":{"stringValue":"no cart"},"traceId":"0af7651916cd43dd8448eb211c80319c",
"spanId":"00f067aa0ba902b7","attributes":[{"key":"error.type","value":{"stringValue":"E42"}},{
"key":"http.request.id","value":{"stringValue":"r-1"}},{"key":"exception.stacktrace","value":{
"stringValue":"Traceback"}}]}]}]}]}"#;
    let all = [
        of(Format::Ndjson, CONTRACT),
        of(Format::Ndjson, nested),
        of(Format::Ndjson, flat),
        of(Format::LogsJson, otlp),
    ];
    for event in &all {
        assert_eq!(event.time_unix_ns, 1_767_323_045_000_000_000);
        assert_eq!((event.severity, event.service()), (Severity::ERROR, "shop"));
        assert_eq!(event.body, Value::from("no cart"));
        assert_eq!(
            event.trace_id.unwrap().to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert_eq!(event.span_id.unwrap().to_string(), "00f067aa0ba902b7");
        for (key, text) in [
            ("error.type", "E42"),
            ("http.request.id", "r-1"),
            (attr::EXCEPTION_STACKTRACE, "Traceback"),
        ] {
            assert_eq!(event.attribute_str(key), Some(text), "{key} of {event:?}");
        }
    }
    for event in &all[..3] {
        let payload = event.attribute("payload").unwrap();
        assert_eq!(payload.get("n"), Some(&Value::Int(1)));
    }
    // What has no place is an unknown field, and a tenant is none.
    assert_eq!(all[0].attribute("brand_new"), Some(&Value::Bool(true)));
    assert_eq!(all[0].attribute(TENANT), None);
    assert_eq!(
        all[1].attribute("log").unwrap().get("logger"),
        Some(&Value::from("shop.api"))
    );
}

#[test]
fn a_line_says_nothing_of_whose_it_is() {
    let read = |tenant: &str, line: &str| {
        let line = line.replace('\n', "");
        let mut reader = LineReader::new(Limits::default()).of_tenant(tenant);
        match reader.next_line(line.into_bytes()) {
            Ok(decoded) => Ok(decoded.events.count()),
            Err(crate::Error::Refused { code, .. }) => Err(code),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(read("acme", CONTRACT), Ok(1));
    assert_eq!(read("other", CONTRACT), Err(Code::TenantMismatch));
    let numbered = CONTRACT.replace("\"acme\"", "7");
    assert_eq!(read("acme", &numbered), Err(Code::TenantMismatch));
    let twice = CONTRACT.replace(
        "\"tenant_id\":\"acme\"",
        "\"tenant_id\":\"acme\",\"tenant_id\":\"x\"",
    );
    assert_eq!(read("acme", &twice), Err(Code::TenantMismatch));
    // A field of the sender's own, where no contract is spoken.
    assert_eq!(read("acme", r#"{"message":"x","tenant_id":"y"}"#), Ok(1));
    let later = CONTRACT.replace("cordon.log/1", "cordon.log/2");
    assert_eq!(read("acme", &later), Err(Code::JsonShape));
}

#[test]
fn only_a_version_makes_a_line_one_of_ecs() {
    let of = |ecs: &str| {
        let line =
            format!(r#"{{"ecs":{ecs},"log.level":"warn","error":{{"code":"E"}},"message":"m"}}"#);
        let event = of(Format::Ndjson, &line);
        event.attribute_str("error.type").map(str::to_owned)
    };
    assert_eq!(of(r#"{"version":"8.11"}"#).as_deref(), Some("E"));
    for other in [r#"{"cluster":"web"}"#, r#""eu""#, "7"] {
        assert_eq!(of(other), None, "{other}");
    }
}
