//! The listener over loopback: raw HTTP/1.1 and a real gRPC client, with hostile bodies.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use cordon_event::{Event, Kind, Raw, Region, Severity, TenantId, Value};
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyKind;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataValue;

use super::*;

mod caps;
mod connections;
mod sentry;

/// Records what it admits; a tenant named by the token answers as the token says.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<Event>>,
    bodies: Mutex<Vec<Vec<u8>>>,
    /// What a request of "waits" waits for.
    go_on: tokio::sync::Notify,
    /// Told when a minidump of "waits" begins to wait.
    asked: tokio::sync::Notify,
}

impl Admit for Recorder {
    fn authenticate(&self, bearer: &str) -> Result<Option<Principal>, AdmitError> {
        if bearer == "unknowable" {
            return Err(AdmitError::Unavailable);
        }
        let known = ["good", "full", "poisoned", "panics", "waits"].contains(&bearer);
        Ok(known.then(|| Principal {
            tenant: TenantId::parse(bearer).unwrap(),
            region: Region::parse("eu").unwrap(),
        }))
    }

    fn admit<'a>(
        &'a self,
        who: &'a Principal,
        body: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        Box::pin(async move {
            match who.tenant.as_str() {
                "full" => return Err(AdmitError::Full { retry_after_s: 7 }),
                "poisoned" => return Err(AdmitError::Poisoned),
                "panics" => panic!("on purpose"),
                "waits" => self.go_on.notified().await,
                _ => {}
            }
            self.bodies
                .lock()
                .unwrap()
                .push(body.digest_input().to_vec());
            self.events
                .lock()
                .unwrap()
                .extend(events.expose_raw().iter().cloned());
            Ok(())
        })
    }

    fn crash<'a>(
        &'a self,
        who: &'a Principal,
        dump: Raw<Vec<u8>>,
    ) -> BoxFuture<'a, Result<Crashed, CrashError>> {
        Box::pin(async move {
            if who.tenant.as_str() == "waits" {
                self.asked.notify_one();
                self.go_on.notified().await;
            }
            match (who.tenant.as_str(), dump.count()) {
                ("full", _) => Err(CrashError::NotNow(AdmitError::Full { retry_after_s: 7 })),
                ("poisoned", _) => Err(CrashError::NoSandbox),
                (_, 4) => Err(CrashError::Refused),
                (_, len) => Ok(Crashed {
                    event: Event {
                        kind: Kind::Crash,
                        body: Value::Int(len as i64),
                        ..Event::default()
                    },
                    id: [7; 16],
                }),
            }
        })
    }

    fn ready(&self) -> Readiness {
        Readiness::NotReady("disk_full")
    }

    fn metrics(&self) -> String {
        "cordon_behind_total 1\n".to_owned()
    }
}

struct Server {
    at: SocketAddr,
    recorder: Arc<Recorder>,
    _task: JoinSet<Result<(), Error>>,
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn code(&self) -> &str {
        let line = self
            .head
            .lines()
            .find_map(|line| line.strip_prefix("cordon-code: "));
        line.unwrap_or_default()
    }
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let recorder = Arc::new(Recorder::default());
        let mut task = JoinSet::new();
        let admit: Arc<dyn Admit> = recorder.clone();
        task.spawn(serve(vec![listener], admit, limits, std::future::pending()));
        Self {
            at,
            recorder,
            _task: task,
        }
    }

    async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        let split = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(all[..split].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head,
            body: all[split + 4..].to_vec(),
        }
    }

    async fn post(&self, path: &str, token: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.recorder.events.lock().unwrap())
    }
}

const JSON: &str = "content-type: application/json\r\n";
const PROTO: &str = "content-type: application/x-protobuf\r\n";
const GZIP: &str = "content-type: application/x-protobuf\r\ncontent-encoding: gzip\r\n";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn any(kind: AnyKind) -> AnyValue {
    AnyValue { value: Some(kind) }
}

fn pair(key: &str, text: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(any(AnyKind::StringValue(text.to_owned()))),
        ..KeyValue::default()
    }
}

fn logs_of(records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let resource = Resource {
        attributes: vec![pair("service.name", "billing")],
        ..Resource::default()
    };
    let scope_logs = vec![ScopeLogs {
        log_records: records,
        ..ScopeLogs::default()
    }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource),
            scope_logs,
            ..ResourceLogs::default()
        }],
    }
}

fn one_log() -> ExportLogsServiceRequest {
    logs_of(vec![LogRecord {
        time_unix_nano: 5,
        severity_number: 17,
        body: Some(any(AnyKind::StringValue("it failed".to_owned()))),
        attributes: vec![KeyValue {
            key: "n".to_owned(),
            value: Some(any(AnyKind::IntValue(-3))),
            ..KeyValue::default()
        }],
        trace_id: vec![1; 16],
        ..LogRecord::default()
    }])
}

fn one_span() -> ExportTraceServiceRequest {
    let event = span::Event {
        name: "exception".to_owned(),
        time_unix_nano: 9,
        attributes: vec![pair("exception.type", "KeyError")],
        ..span::Event::default()
    };
    let good = Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        name: "charge".to_owned(),
        attributes: vec![
            pair("code.function.name", "billing.charge"),
            pair("other", "x"),
        ],
        events: vec![event],
        ..Span::default()
    };
    let bad = Span {
        trace_id: vec![1; 3],
        ..good.clone()
    };
    let scope_spans = vec![ScopeSpans {
        spans: vec![good, bad],
        ..ScopeSpans::default()
    }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans,
            ..ResourceSpans::default()
        }],
    }
}

fn assert_one_log(events: &[Event]) {
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!((event.kind, event.time_unix_ns), (Kind::Log, 5));
    assert_eq!(
        (event.severity, event.service()),
        (Severity::ERROR, "billing")
    );
    assert_eq!(event.body, Value::from("it failed"));
    assert_eq!(event.attribute("n"), Some(&Value::Int(-3)));
    assert_eq!(event.trace_id.unwrap().0, [1; 16]);
}

#[tokio::test]
async fn protobuf_plain_and_gzip_become_the_same_event() {
    let server = Server::start(Limits::default()).await;
    let body = one_log().encode_to_vec();
    let answer = server.post("/v1/logs", "good", PROTO, &body).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_one_log(&server.events());
    assert_eq!(
        server
            .post("/v1/logs", "good", GZIP, &gzip(&body))
            .await
            .status,
        200
    );
    assert_one_log(&server.events());
    let bodies = server.recorder.bodies.lock().unwrap();
    assert_eq!(
        bodies[0], bodies[1],
        "the digest is of the decompressed body"
    );
}

#[tokio::test]
async fn chunked_tolerant_json_becomes_the_same_event() {
    let server = Server::start(Limits::default()).await;
    let json = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":
        {"stringValue":"billing"}}]},"scopeLogs":[{"scope":null,"logRecords":[{"timeUnixNano":"5",
        "severityNumber":"SEVERITY_NUMBER_ERROR","body":{"stringValue":"it failed"},"unknown":[1],
        "traceId":"01010101010101010101010101010101","spanId":null,"attributes":[
        {"key":"n","value":{"intValue":"-3"}},{"key":"nan","value":{"doubleValue":"NaN"}},
        {"key":"bare","value":{"doubleValue":NaN}},{"key":"nil","value":null}]}]}]}]}"#;
    let mut request = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: h\r\nconnection: close\r\nauthorization: bearer good\r\n\
         {JSON}transfer-encoding: chunked\r\n\r\n"
    );
    for piece in json.as_bytes().chunks(100) {
        let text = std::str::from_utf8(piece).unwrap();
        request = request + &format!("{:x}", text.len()) + "\r\n" + text + "\r\n";
    }
    let answer = server.raw((request + "0\r\n\r\n").as_bytes()).await;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, b"{}".as_slice())
    );
    let events = server.events();
    assert_one_log(&events);
    for key in ["nan", "bare"] {
        assert!(matches!(events[0].attribute(key), Some(Value::Double(n)) if n.is_nan()));
    }
}

#[tokio::test]
async fn a_spans_exception_is_lifted_and_an_invalid_span_is_counted() {
    let server = Server::start(Limits::default()).await;
    let answer = server
        .post("/v1/traces", "good", PROTO, &one_span().encode_to_vec())
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.body[..4],
        [0x0a, answer.body[1], 0x08, 1],
        "one rejected"
    );
    let events = server.events();
    assert_eq!(events.len(), 2);
    assert_eq!(
        (events[0].kind, events[1].kind),
        (Kind::Span, Kind::SpanException)
    );
    assert_eq!(events[1].attribute_str("exception.type"), Some("KeyError"));
    assert_eq!(
        events[1].attribute_str("code.function.name"),
        Some("billing.charge")
    );
    assert_eq!(events[1].attribute("other"), None);
    assert_eq!(events[1].span_id, events[0].span_id);
}

#[tokio::test]
async fn grpc_takes_both_signals_with_gzip_and_refuses_by_status() {
    let server = Server::start(Limits::default()).await;
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", server.at));
    let channel = channel.unwrap().connect().await.unwrap();
    let request = |token: &str| {
        let mut request = tonic::Request::new(one_log());
        let value: MetadataValue<_> = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
        request
    };
    let mut logs = LogsServiceClient::new(channel.clone());
    logs.export(request("good")).await.unwrap();
    assert_one_log(&server.events());
    let mut zipped = LogsServiceClient::new(channel.clone())
        .send_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Gzip);
    zipped.export(request("good")).await.unwrap();
    assert_one_log(&server.events());

    let status = logs.export(request("nobody")).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    let status = logs.export(request("full")).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unavailable);
    let retry: &[u8] = b"type.googleapis.com/google.rpc.RetryInfo";
    assert!(status.details().windows(retry.len()).any(|w| w == retry));
    let status = logs.export(request("panics")).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (tonic::Code::Internal, "internal: internal error")
    );

    let mut traces = TraceServiceClient::new(channel);
    let mut request = tonic::Request::new(one_span());
    request
        .metadata_mut()
        .insert("authorization", "Bearer good".parse().unwrap());
    let answer = traces.export(request).await.unwrap().into_inner();
    assert_eq!(answer.partial_success.unwrap().rejected_spans, 1);
    assert_eq!(server.events().len(), 2);
}

/// A log record whose body is nested so deep.
fn nested(depth: usize) -> Vec<u8> {
    let mut value = AnyValue {
        value: Some(AnyKind::BoolValue(true)),
    };
    for _ in 0..depth {
        value = AnyValue {
            value: Some(AnyKind::ArrayValue(ArrayValue {
                values: vec![value],
            })),
        };
    }
    logs_of(vec![LogRecord {
        body: Some(value),
        ..LogRecord::default()
    }])
    .encode_to_vec()
}

#[tokio::test]
async fn hostile_bodies_get_their_code_and_the_server_goes_on() {
    let server = Server::start(Limits::default()).await;
    let many = (0..100_000).map(|_| pair("k", "v")).collect();
    let many = logs_of(vec![LogRecord {
        attributes: many,
        ..LogRecord::default()
    }])
    .encode_to_vec();
    let good = one_log().encode_to_vec();
    let mut not_text = good.clone();
    let at = not_text.windows(2).position(|w| w == b"it").unwrap();
    not_text[at] = 0xff;
    let empty_records = logs_of(vec![LogRecord::default(); 70_000]).encode_to_vec();
    let bomb = gzip(&vec![0; 60 << 20]);
    let half_zip = gzip(&good);
    let cases: [(&str, Vec<u8>, u16, &str); 12] = [
        (JSON, vec![b'['; 10 << 20], 400, "depth"),
        (
            JSON,
            b"{\"resourceLogs\":[{\"x\":\"\xff\"}]}".to_vec(),
            400,
            "invalid_utf8",
        ),
        (JSON, b"{\"resourceLogs\":[".to_vec(), 400, "json_malformed"),
        (JSON, b"{\"resourceLogs\":3}".to_vec(), 400, "json_shape"),
        (GZIP, bomb, 413, "inflate_ratio"),
        (
            GZIP,
            half_zip[..half_zip.len() / 2].to_vec(),
            400,
            "compression_malformed",
        ),
        (PROTO, not_text, 400, "invalid_utf8"),
        (
            PROTO,
            good[..good.len() - 1].to_vec(),
            400,
            "protobuf_malformed",
        ),
        (PROTO, many, 413, "attributes_count"),
        (PROTO, nested(33), 400, "depth"),
        (PROTO, empty_records, 413, "events_count"),
        (PROTO, vec![0; 17 << 20], 413, "body_too_large"),
    ];
    for (headers, body, status, code) in cases {
        let answer = server.post("/v1/logs", "good", headers, &body).await;
        assert_eq!((answer.status, answer.code()), (status, code));
    }
    assert_eq!(server.events(), []);
    assert_eq!(
        server
            .post("/v1/logs", "good", PROTO, &nested(32))
            .await
            .status,
        200
    );
    assert_eq!(server.events().len(), 1);
    let answer = server
        .raw(b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        .await;
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("cordon_receive_requests_total{code=\"depth\"} 2\n"));
    assert!(
        text.contains("cordon_receive_in_flight_bytes 0\n"),
        "all charges given back"
    );
    assert!(text.contains("cordon_behind_total 1\n"));
}

#[tokio::test]
async fn refusals_say_who_should_retry() {
    let server = Server::start(Limits::default()).await;
    let body = one_log().encode_to_vec();
    for (token, status, code, retry) in [
        ("nobody", 401, "unauthenticated", None),
        ("full", 503, "full", Some("retry-after: 7")),
        ("poisoned", 503, "poisoned", Some("retry-after: 2")),
        ("unknowable", 503, "unavailable", Some("retry-after: 2")),
        ("panics", 500, "internal", None),
    ] {
        let answer = server.post("/v1/logs", token, PROTO, &body).await;
        assert_eq!((answer.status, answer.code()), (status, code));
        let found = answer
            .head
            .lines()
            .find(|line| line.starts_with("retry-after"));
        assert_eq!(found, retry);
    }
    let answer = server
        .post("/v1/logs", "good", "content-type: text/html\r\n", &body)
        .await;
    assert_eq!((answer.status, answer.code()), (415, "content_type"));
    let answer = server.raw(b"GET /readyz HTTP/1.0\r\n\r\n").await;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (503, b"not ready: disk_full\n".as_slice())
    );
}

#[tokio::test]
async fn json_of_the_other_signal_and_of_none_is_refused() {
    let server = Server::start(Limits::default()).await;
    let logs = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#.as_slice();
    let spans = br#"{"resourceSpans":[]}"#.as_slice();
    for (path, body, code) in [
        ("/v1/traces", logs, "json_shape"),
        ("/v1/logs", spans, "json_shape"),
        ("/v1/metrics", logs, "json_shape"),
        (
            "/v1/logs",
            br#"{"resourceMetrics":[]}"#.as_slice(),
            "json_shape",
        ),
        ("/v1/logs", b"", "json_malformed"),
        ("/v1/traces", b" \n", "json_malformed"),
    ] {
        let answer = server.post(path, "good", JSON, body).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{path}");
    }
    assert_eq!(server.events().len(), 0);
    assert_eq!(
        server.post("/v1/logs", "good", JSON, logs).await.status,
        200
    );
    assert_eq!(server.events().len(), 1);
}

#[tokio::test]
async fn a_ledger_without_room_answers_503() {
    let limits = Limits {
        in_flight_bytes_max: 8 << 10,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let body = logs_of(vec![LogRecord::default(); 5_000]).encode_to_vec();
    let answer = server.post("/v1/logs", "good", PROTO, &body).await;
    assert_eq!((answer.status, answer.code()), (503, "in_flight_full"));
    assert!(answer.head.contains("retry-after: 2"));
}

#[tokio::test]
async fn json_lines_become_events_or_name_the_bad_line() {
    let server = Server::start(Limits::default()).await;
    let lines = concat!(
        r#"{"ts":1709200800.5,"level":"error","msg":"no","service":"billing","user":{"a":1},"#,
        r#""exception":{"type":"KeyError","message":"'x'","stacktrace":["a\n","b"]}}"#,
        "\r\n\n",
        r#"{"levelno":30,"message":"m","exc_info":"Traceback\n","attributes":{"k":"v"}}"#,
    );
    let answer = server
        .post("/v1/events", "good", "", lines.as_bytes())
        .await;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, br#"{"accepted":2,"rejected":0}"#.as_slice())
    );
    let events = server.events();
    assert_eq!(events[0].time_unix_ns, 1_709_200_800_500_000_000);
    assert_eq!(
        (events[0].severity, events[0].service()),
        (Severity::ERROR, "billing")
    );
    assert_eq!(events[0].attribute_str("exception.type"), Some("KeyError"));
    assert_eq!(
        events[0].attribute_str("exception.stacktrace"),
        Some("a\nb")
    );
    assert_eq!(
        events[0].attribute("user").unwrap().get("a"),
        Some(&Value::Int(1))
    );
    assert_eq!(events[1].severity, Severity::WARN);
    assert_eq!(events[1].attribute_str("k"), Some("v"));
    assert_eq!(
        events[1].attribute_str("exception.stacktrace"),
        Some("Traceback\n")
    );
    let answer = server.post("/v1/events", "good", "", b"{}\n[]\n").await;
    assert_eq!(answer.status, 400);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        text.contains(r#""code":"json_shape""#) && text.ends_with(r#""line":2}"#),
        "{text}"
    );
    assert_eq!(server.events(), [], "all or nothing");
}

#[test]
fn one_large_resource_is_held_once() {
    let mut request = logs_of(vec![LogRecord::default(); 60_000]);
    let resource = request.resource_logs[0].resource.as_mut().unwrap();
    resource.attributes.push(pair("big", &"x".repeat(100_000)));
    let body = request.encode_to_vec();
    let decoded = decode(Format::LogsProtobuf, &body, &Limits::default());
    let raw: Vec<_> = decoded.unwrap().events.split().collect();
    let first = &raw[0].expose_raw().resource;
    let others = raw.iter().map(|raw| &raw.expose_raw().resource);
    assert_eq!(others.filter(|other| other.is_same(first)).count(), 60_000);
}

/// What stands beside many alerts, or many sums of sessions, is copied for each of them.
#[test]
fn what_is_copied_for_each_event_is_charged() {
    let big = "x".repeat(1 << 20);
    let alert = r#"{"name":"a","status":"firing"}"#;
    let alerts = format!("{alert},").repeat(3_999) + alert;
    let body = format!(r#"{{"x":"{big}","alerts":[{alerts}]}}"#);
    let decoded = decode(Format::Alerts, body.as_bytes(), &Limits::default());
    let Err(Error::Refused { code, .. }) = decoded else {
        panic!("taken")
    };
    assert_eq!(code, Code::DecodedTooLarge);
}

/// A value that is wrapped on its way must not become deeper than what is read back.
#[test]
fn what_is_deeper_than_an_event_may_be_is_rejected_alone() {
    let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let span = |id: &str, depth| {
        format!(
            r#"{{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"{id}","events":[
            {{"name":"e","attributes":[{{"key":"k","value":{}}}]}}]}}"#,
            deep(depth)
        )
    };
    let spans = [span("b7ad6b7169203331", 31), span("b7ad6b7169203332", 3)].join(",");
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#);
    let decoded = decode(Format::TracesJson, body.as_bytes(), &Limits::default()).unwrap();
    assert_eq!((decoded.events.count(), decoded.rejected), (1, 1));
}

#[tokio::test]
async fn silent_and_stalled_senders_are_let_go() {
    let short = std::time::Duration::from_millis(50);
    let limits = Limits {
        header_timeout: short,
        body_idle_timeout: short,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    for start in ["", "PRI * HT", "POST /v1/logs HTTP/1.1\r\nhost:"] {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        // Ends only when the server closes.
        let _closed_or_reset = stream.read_to_end(&mut all).await;
    }
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: h\r\nauthorization: Bearer good\r\n{JSON}\
         connection: close\r\ncontent-length: 9\r\n\r\n{{"
    );
    let answer = server.raw(head.as_bytes()).await;
    assert_eq!((answer.status, answer.code()), (408, "body_timeout"));
}

#[test]
fn a_line_may_be_an_otlp_request_and_errors_name_their_line() {
    let mut reader = LineReader::new(Limits::default());
    let line = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{},7]}]}]}"#;
    let decoded = reader.next_line(line.to_vec()).unwrap();
    assert_eq!((decoded.events.count(), decoded.rejected), (2, 1));
    assert_eq!(
        reader.next_line(b" \r\n".to_vec()).unwrap().events.count(),
        0
    );
    let Err(error) = reader.next_line(b"{".to_vec()) else {
        panic!("taken")
    };
    assert!(matches!(
        error,
        Error::Refused {
            code: Code::JsonMalformed,
            line: Some(3),
            ..
        }
    ));
}
