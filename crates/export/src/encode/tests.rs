//! What is written is what the generated messages read, and what receiving reads again.

use cordon_event::limits::VALUE_DEPTH_MAX;
use cordon_event::{Kind, Severity, SpanId, SpanStatus, TraceId, Value};
use cordon_receive::{Format, decode};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyKind;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event as SpanEvent, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::mark::Marks;
use crate::tests::{mark_of, received};

fn encoded(form: Form, events: &[Event], marks: &Marks) -> Encoded {
    let events: Vec<&Event> = events.iter().collect();
    let mut encoded = Encoded::empty(form);
    encoded.add_view(&View::of(&events, marks, 0), &mut Known::default());
    encoded.sort();
    encoded
}

/// Requests of a batch, cut as by default.
fn requests(form: Form, events: &[Event], limits: &Limits) -> Vec<Request> {
    let encoded = encoded(form, events, &Marks::new());
    let parts = encoded.parts(limits);
    parts.iter().map(|part| encoded.request(part)).collect()
}

fn format_of(form: Form, signal: Signal) -> Format {
    match (form, signal) {
        (Form::Protobuf, Signal::Traces) => Format::TracesProtobuf,
        (Form::Protobuf, Signal::Logs) => Format::LogsProtobuf,
        (Form::Json, Signal::Traces) => Format::TracesJson,
        (Form::Json, Signal::Logs) => Format::LogsJson,
    }
}

/// What receiving makes of the requests, spans first.
fn read_again(form: Form, events: &[Event], limits: &Limits) -> Vec<Event> {
    let requests = requests(form, events, limits);
    let read = requests
        .iter()
        .flat_map(|request| received(format_of(form, request.signal), &request.body));
    read.collect()
}

fn of_kind(kind: AnyKind) -> AnyValue {
    AnyValue { value: Some(kind) }
}

fn pair(key: &str, text: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(of_kind(AnyKind::StringValue(text.to_owned()))),
        ..KeyValue::default()
    }
}

fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(AnyValue { value: None }),
        "[ -~äß\n\"\\\\]{0,12}".prop_map(|text| of_kind(AnyKind::StringValue(text))),
        any::<bool>().prop_map(|truth| of_kind(AnyKind::BoolValue(truth))),
        any::<i64>().prop_map(|n| of_kind(AnyKind::IntValue(n))),
        // Another NaN would not be equal to itself.
        any::<f64>()
            .prop_filter("a number", |n| !n.is_nan())
            .prop_map(|n| of_kind(AnyKind::DoubleValue(n))),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|b| of_kind(AnyKind::BytesValue(b))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let values = prop::collection::vec(inner.clone(), 0..3);
        let pairs = prop::collection::vec(("[a-c.]{0,3}", inner), 0..3);
        prop_oneof![
            values.prop_map(|values| of_kind(AnyKind::ArrayValue(ArrayValue { values }))),
            pairs.prop_map(|pairs| {
                let values = pairs.into_iter().map(of_pair).collect();
                of_kind(AnyKind::KvlistValue(KeyValueList { values }))
            }),
        ]
    })
}

fn of_pair((key, value): (String, AnyValue)) -> KeyValue {
    KeyValue {
        key,
        value: Some(value),
        ..KeyValue::default()
    }
}

fn pairs() -> impl Strategy<Value = Vec<KeyValue>> {
    let key = prop_oneof![
        "[a-z.]{0,6}",
        Just("code.function.name".to_owned()),
        Just("exception.type".to_owned()),
        Just("span.name".to_owned()),
    ];
    prop::collection::vec((key, any_value()).prop_map(of_pair), 0..4)
}

fn id(len: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(0..3_u8, len),
        prop::collection::vec(any::<u8>(), len),
    ]
}

fn scope() -> impl Strategy<Value = Option<InstrumentationScope>> {
    let scope = ("[a-b]{0,2}", "[0-1]{0,1}", pairs());
    prop::option::of(
        scope.prop_map(|(name, version, attributes)| InstrumentationScope {
            name,
            version,
            attributes,
            ..InstrumentationScope::default()
        }),
    )
}

prop_compose! {
    fn happening()(
        time_unix_nano: u64, attributes in pairs(),
        name in prop_oneof![Just("exception".to_owned()), "[a-z]{0,4}"],
    ) -> SpanEvent {
        SpanEvent { time_unix_nano, name, attributes, ..SpanEvent::default() }
    }
}

prop_compose! {
    fn link()(trace_id in id(16), span_id in id(8), attributes in pairs()) -> Link {
        Link { trace_id, span_id, attributes, ..Link::default() }
    }
}

prop_compose! {
    fn one_span()(
        trace_id in id(16), span_id in id(8), parent_span_id in id(8),
        trace_state in "[a-z=,]{0,6}", name in "[a-z/]{0,6}", kind in 0..7_i32,
        start_time_unix_nano: u64, end_time_unix_nano: u64, attributes in pairs(),
        events in prop::collection::vec(happening(), 0..4),
        links in prop::collection::vec(link(), 0..3),
        status in prop::option::of(("[a-z]{0,3}", 0..4_i32)),
    ) -> Span {
        let status = status.map(|(message, code)| Status { message, code });
        Span {
            trace_id, span_id, parent_span_id, trace_state, name, kind, start_time_unix_nano,
            end_time_unix_nano, attributes, events, links, status, ..Span::default()
        }
    }
}

prop_compose! {
    fn one_log()(
        time_unix_nano: u64, observed_time_unix_nano: u64, severity_number in 0..26_i32,
        severity_text in prop_oneof![Just("WARN".to_owned()), "[a-z]{0,5}"],
        body in prop::option::of(any_value()), attributes in pairs(), trace_id in id(16),
        span_id in id(8), event_name in "[a-z]{0,4}",
    ) -> LogRecord {
        LogRecord {
            time_unix_nano, observed_time_unix_nano, severity_number, severity_text, body,
            attributes, trace_id, span_id, event_name, ..LogRecord::default()
        }
    }
}

fn resource() -> impl Strategy<Value = Option<Resource>> {
    prop::option::of(pairs().prop_map(|attributes| Resource {
        attributes,
        ..Resource::default()
    }))
}

fn traces() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let spans = (scope(), prop::collection::vec(one_span(), 0..4));
    let scope_spans = spans.prop_map(|(scope, spans)| ScopeSpans {
        scope,
        spans,
        ..ScopeSpans::default()
    });
    let group = (resource(), prop::collection::vec(scope_spans, 0..3));
    let group = group.prop_map(|(resource, scope_spans)| ResourceSpans {
        resource,
        scope_spans,
        ..ResourceSpans::default()
    });
    prop::collection::vec(group, 0..3)
        .prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

fn logs() -> impl Strategy<Value = ExportLogsServiceRequest> {
    let logs = (scope(), prop::collection::vec(one_log(), 0..4));
    let scope_logs = logs.prop_map(|(scope, log_records)| ScopeLogs {
        scope,
        log_records,
        ..ScopeLogs::default()
    });
    let group = (resource(), prop::collection::vec(scope_logs, 0..3));
    let group = group.prop_map(|(resource, scope_logs)| ResourceLogs {
        resource,
        scope_logs,
        ..ResourceLogs::default()
    });
    prop::collection::vec(group, 0..3)
        .prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

/// Events in the order that a batch is sent in: those of one origin together.
fn in_order(events: &[Event]) -> Vec<Event> {
    let first = |same: &dyn Fn(&Event) -> bool| events.iter().position(same);
    let mut ordered = events.to_vec();
    ordered.sort_by_key(|event| {
        let resource = first(&|other| other.resource == event.resource);
        let origin = |other: &Event| other.resource == event.resource && other.scope == event.scope;
        (resource, first(&origin))
    });
    ordered
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn spans_are_read_again_as_they_were(
        sent in traces(), count_max in 1..4_usize, bytes_max in 1..600_usize,
    ) {
        let events = received(Format::TracesProtobuf, &sent.encode_to_vec());
        let whole = Limits::default();
        let cut = Limits {
            request_records_count_max: count_max,
            request_bytes_max: bytes_max,
            ..Limits::default()
        };
        for form in [Form::Protobuf, Form::Json] {
            for limits in [&whole, &cut] {
                let again = read_again(form, &events, limits);
                prop_assert_eq!(again, in_order(&events), "{:?}", form);
            }
        }
    }

    #[test]
    fn log_records_are_read_again_as_they_were(sent in logs(), count_max in 1..4_usize) {
        let events = received(Format::LogsProtobuf, &sent.encode_to_vec());
        let cut = Limits { request_records_count_max: count_max, ..Limits::default() };
        for form in [Form::Protobuf, Form::Json] {
            for limits in [&Limits::default(), &cut] {
                let again = read_again(form, &events, limits);
                prop_assert_eq!(again, in_order(&events), "{:?}", form);
            }
        }
    }

    /// The generated messages read what is written, to the same bytes, and JSON says the same.
    #[test]
    fn the_generated_messages_agree(spans in traces(), records in logs()) {
        let mut events = received(Format::TracesProtobuf, &spans.encode_to_vec());
        events.extend(received(Format::LogsProtobuf, &records.encode_to_vec()));
        for request in requests(Form::Protobuf, &events, &Limits::default()) {
            let own = received(format_of(Form::Protobuf, request.signal), &request.body);
            let counted = match request.signal {
                Signal::Traces => {
                    let read = ExportTraceServiceRequest::decode(&*request.body).unwrap();
                    let theirs = received(Format::TracesProtobuf, &read.encode_to_vec());
                    prop_assert_eq!(theirs, own);
                    let scopes = read.resource_spans.iter().flat_map(|r| &r.scope_spans);
                    let spans = scopes.flat_map(|s| &s.spans);
                    let is_exception = |e: &&SpanEvent| e.name == "exception";
                    let exceptions = |s: &Span| s.events.iter().filter(is_exception).count();
                    spans.map(|s| 1 + exceptions(s)).sum::<usize>()
                }
                Signal::Logs => {
                    let read = ExportLogsServiceRequest::decode(&*request.body).unwrap();
                    let theirs = received(Format::LogsProtobuf, &read.encode_to_vec());
                    prop_assert_eq!(theirs, own);
                    let scopes = read.resource_logs.iter().flat_map(|r| &r.scope_logs);
                    scopes.map(|s| s.log_records.len()).sum()
                }
            };
            prop_assert_eq!(counted as u64, request.events_count);
        }
        for request in requests(Form::Json, &events, &Limits::default()) {
            prop_assert!(!request.body.contains(&b'\n'));
            serde_json::from_slice::<serde_json::Value>(&request.body).unwrap();
        }
    }

    #[test]
    fn requests_keep_their_limits(sent in traces(), bytes_max in 64..4_096_usize) {
        let events = received(Format::TracesProtobuf, &sent.encode_to_vec());
        let limits = Limits { request_bytes_max: bytes_max, ..Limits::default() };
        for form in [Form::Protobuf, Form::Json] {
            let encoded = encoded(form, &events, &Marks::new());
            let parts = encoded.parts(&limits);
            for part in &parts {
                let len = encoded.request(part).body.len();
                let is_one = part.records.len() == 1;
                prop_assert!(len <= bytes_max || is_one, "{} {}", len, bytes_max);
            }
            let counts = parts.iter().map(|part| encoded.request(part).events_count);
            prop_assert_eq!(counts.sum::<u64>(), events.len() as u64);
        }
    }
}

fn span_event(attributes: Vec<(String, Value)>) -> Event {
    Event {
        kind: Kind::Span,
        trace_id: Some(TraceId([1; 16])),
        span_id: Some(SpanId([2; 8])),
        name: "charge".to_owned(),
        attributes,
        ..Event::default()
    }
}

fn attribute(key: &str, value: impl Into<Value>) -> (String, Value) {
    (key.to_owned(), value.into())
}

fn spans_of(events: &[Event], marks: &Marks) -> Vec<Span> {
    let encoded = encoded(Form::Protobuf, events, marks);
    let parts = encoded.parts(&Limits::default());
    let traces = parts.iter().filter(|part| part.signal == Signal::Traces);
    let read = traces.flat_map(|part| {
        let request = encoded.request(part);
        let read = ExportTraceServiceRequest::decode(&*request.body).unwrap();
        read.resource_spans
    });
    let scopes = read.flat_map(|group| group.scope_spans);
    scopes.flat_map(|group| group.spans).collect()
}

fn logs_of(events: &[Event], marks: &Marks) -> Vec<LogRecord> {
    let encoded = encoded(Form::Protobuf, events, marks);
    let parts = encoded.parts(&Limits::default());
    let logs = parts.iter().filter(|part| part.signal == Signal::Logs);
    let read = logs.flat_map(|part| {
        let request = encoded.request(part);
        let read = ExportLogsServiceRequest::decode(&*request.body).unwrap();
        read.resource_logs
    });
    let scopes = read.flat_map(|group| group.scope_logs);
    scopes.flat_map(|group| group.log_records).collect()
}

#[test]
fn an_exception_goes_back_into_its_span_or_stands_alone() {
    let exception = Event {
        kind: Kind::SpanException,
        severity: Severity::ERROR,
        status: SpanStatus::Error,
        name: "exception".to_owned(),
        trace_id: Some(TraceId([1; 16])),
        span_id: Some(SpanId([2; 8])),
        attributes: vec![
            attribute("exception.type", "KeyError"),
            attribute("code.function.name", "charge"),
            attribute("span.name", "charge"),
        ],
        ..Event::default()
    };
    let span = span_event(vec![attribute("code.function.name", "charge")]);
    // Before its span, too.
    for events in [[span.clone(), exception.clone()], [exception.clone(), span]] {
        let spans = spans_of(&events, &Marks::new());
        assert_eq!(spans.len(), 1);
        let [found] = spans[0].events.as_slice() else {
            panic!("one exception")
        };
        assert_eq!(found.name, "exception");
        assert_eq!(found.attributes, [pair("exception.type", "KeyError")]);
        assert_eq!(logs_of(&events, &Marks::new()), []);
    }
    let alone = logs_of(&[exception], &Marks::new());
    assert_eq!(alone[0].event_name, "exception");
    assert_eq!(alone[0].severity_number, 17);
    assert_eq!(alone[0].span_id, [2; 8]);
    assert!(
        alone[0]
            .attributes
            .contains(&pair("cordon.event.kind", "span_exception"))
    );
}

#[test]
fn what_has_no_form_of_its_own_is_a_log_record() {
    let of = |kind| Event {
        kind,
        attributes: vec![attribute("exception.type", "SIGSEGV")],
        ..Event::default()
    };
    for (kind, name, severity) in [
        (Kind::ErrorReport, "exception", 17),
        (Kind::Crash, "crash", 21),
        (Kind::Change, "change", 0),
        (Kind::Span, "", 0),
    ] {
        let logs = logs_of(&[of(kind)], &Marks::new());
        assert_eq!(logs[0].event_name, name);
        assert_eq!(logs[0].severity_number, severity, "{kind:?}");
        let about = pair("cordon.event.kind", kind.as_str());
        assert!(logs[0].attributes.contains(&about), "{kind:?}");
    }
    let points = [of(Kind::MetricPoint)];
    let encoded = encoded(Form::Protobuf, &points, &Marks::new());
    assert_eq!(encoded.left_out_count(), 1);
    assert_eq!(encoded.parts(&Limits::default()), []);
}

#[test]
fn a_field_that_redaction_has_changed_stays_an_attribute() {
    let text = |key: &str| (key.to_owned(), Value::from("[removed:x]"));
    let odd = Value::Array(vec![Value::Map(vec![text("name"), text("time_unix_ns")])]);
    let spans = spans_of(
        &[span_event(vec![
            ("span.events".to_owned(), odd.clone()),
            ("span.links".to_owned(), odd),
            text("span.kind"),
        ])],
        &Marks::new(),
    );
    assert_eq!(spans[0].attributes.len(), 3);
    assert_eq!(
        (spans[0].kind, spans[0].events.len(), spans[0].links.len()),
        (0, 0, 0)
    );
}

#[test]
fn a_kept_trace_says_by_what_share() {
    let trace = TraceId([1; 16]);
    let marks = Marks::from([(trace, mark_of(25.0))]);
    let spans = spans_of(&[span_event(vec![])], &marks);
    assert_eq!(spans[0].trace_state, "ot=th:c");
    let log = Event {
        trace_id: Some(trace),
        ..Event::default()
    };
    let other = Event::default();
    let logs = logs_of(&[log, other], &marks);
    let four = KeyValue {
        key: "sampling.adjusted_count".to_owned(),
        value: Some(of_kind(AnyKind::DoubleValue(4.0))),
        ..KeyValue::default()
    };
    for attributes in [&spans[0].attributes, &logs[0].attributes] {
        assert!(attributes.contains(&four));
        assert!(attributes.contains(&pair("cordon.sampling.reason", "sampled")));
        assert!(attributes.contains(&pair("tailsampling.policy", "a-quarter")));
    }
    assert!(
        logs[0]
            .attributes
            .contains(&pair("sampling.threshold", "c"))
    );
    assert_eq!(logs[1].attributes, []);
}

#[test]
fn nesting_is_bounded() {
    let mut deep = Value::Int(1);
    for _ in 0..VALUE_DEPTH_MAX * 2 {
        deep = Value::Array(vec![deep]);
    }
    let log = Event {
        body: deep,
        ..Event::default()
    };
    for form in [Form::Protobuf, Form::Json] {
        let requests = requests(form, std::slice::from_ref(&log), &Limits::default());
        let decoded = decode(
            format_of(form, Signal::Logs),
            &requests[0].body,
            &cordon_receive::Limits::default(),
        );
        assert!(decoded.is_ok(), "{form:?}");
    }
}
