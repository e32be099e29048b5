//! A server of generated code as the receiver over gRPC.

use std::time::Duration;

use ::tonic::codec::CompressionEncoding;
use ::tonic::transport::Server;
use ::tonic::transport::server::TcpIncoming;
use ::tonic::{Code as GrpcCode, Request as Call, Response, Status};
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message as _;
use tokio::task::JoinSet;

use super::*;
use crate::encode::proto::{put_bytes, put_message, put_number};

/// Answers to calls for spans, first to last; then all is well.
type Script = Arc<Mutex<VecDeque<Result<i64, Status>>>>;

#[derive(Clone, Default)]
struct Recorder {
    script: Script,
    events: Arc<Mutex<Vec<Event>>>,
    tokens: Arc<Mutex<Vec<String>>>,
}

#[::tonic::async_trait]
impl TraceService for Recorder {
    async fn export(
        &self,
        call: Call<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let token = call.metadata().get("x-token");
        let token = token.map(|token| token.to_str().unwrap().to_owned());
        self.tokens.lock().unwrap().extend(token);
        let next = self.script.lock().unwrap().pop_front();
        let rejected_spans = next.unwrap_or(Ok(0))?;
        let body = call.into_inner().encode_to_vec();
        let events = received(Format::TracesProtobuf, &body);
        self.events.lock().unwrap().extend(events);
        let partial_success = (rejected_spans > 0).then(|| ExportTracePartialSuccess {
            rejected_spans,
            error_message: "too old".to_owned(),
        });
        Ok(Response::new(ExportTraceServiceResponse {
            partial_success,
        }))
    }
}

#[::tonic::async_trait]
impl LogsService for Recorder {
    async fn export(
        &self,
        call: Call<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let body = call.into_inner().encode_to_vec();
        let events = received(Format::LogsProtobuf, &body);
        self.events.lock().unwrap().extend(events);
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}

fn start(script: Vec<Result<i64, Status>>) -> (Recorder, SocketAddr, JoinSet<()>) {
    let recorder = Recorder {
        script: Arc::new(Mutex::new(script.into())),
        ..Recorder::default()
    };
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = incoming.local_addr().unwrap();
    let traces = TraceServiceServer::new(recorder.clone());
    let logs = LogsServiceServer::new(recorder.clone());
    let router = Server::builder()
        .add_service(traces.accept_compressed(CompressionEncoding::Gzip))
        .add_service(logs.accept_compressed(CompressionEncoding::Gzip));
    let mut task = JoinSet::new();
    task.spawn(async move { router.serve_with_incoming(incoming).await.unwrap() });
    (recorder, at, task)
}

/// A status with a wait of that time among its details.
fn with_wait(code: GrpcCode, wait: Duration) -> Status {
    let mut status = Vec::new();
    put_number(&mut status, 1, code as u64);
    put_bytes(&mut status, 2, b"busy");
    put_message(&mut status, 3, |any| {
        put_bytes(any, 1, b"type.googleapis.com/google.rpc.RetryInfo");
        put_message(any, 2, |info| {
            put_message(info, 1, |delay| {
                put_number(delay, 1, wait.as_secs());
                put_number(delay, 2, u64::from(wait.subsec_nanos()));
            });
        });
    });
    Status::with_details(code, "busy", status.into())
}

#[tokio::test]
async fn generated_code_reads_what_is_sent() {
    let (recorder, at, _task) = start(vec![]);
    for gzip in [true, false] {
        let endpoint = Endpoint {
            headers: vec![("x-token".to_owned(), Secret::new("t".repeat(8)))],
            gzip,
            ..endpoint(at)
        };
        let rig = Rig::new();
        let mut exporter = rig.exporter(Sink::Grpc(Grpc::new(endpoint).unwrap()), 2);
        assert_eq!(drain(&mut exporter).await, []);
        let expected: Vec<Event> = (1..=2).flat_map(two_events).collect();
        assert_eq!(
            std::mem::take(&mut *recorder.events.lock().unwrap()),
            expected
        );
        assert_eq!(exporter.counts().delivered, 4);
    }
    assert_eq!(*recorder.tokens.lock().unwrap(), ["tttttttt"; 4]);
}

#[tokio::test]
async fn a_status_says_whether_and_when_to_come_back() {
    let (recorder, at, _task) = start(vec![
        Err(with_wait(
            GrpcCode::Unavailable,
            Duration::from_millis(2_500),
        )),
        Err(with_wait(
            GrpcCode::ResourceExhausted,
            Duration::from_secs(3),
        )),
        Err(Status::unavailable("later")),
        Err(Status::invalid_argument("never")),
        Ok(1),
        Err(Status::resource_exhausted("larger than max")),
    ]);
    let rig = Rig::new();
    let mut exporter = rig.exporter(grpc(at), 3);
    for (reason, millis) in [
        (Reason::Unavailable, 2_500),
        (Reason::Throttled, 3_000),
        (Reason::Unavailable, 0),
    ] {
        let expected = Step::Wait(reason, Duration::from_millis(millis));
        assert_eq!(exporter.step(1_000, 0).await.unwrap(), expected);
    }
    assert_eq!(drain(&mut exporter).await, []);
    assert_eq!(
        numbers(&recorder.events.lock().unwrap()),
        [vec![2], vec![1, 2, 3]]
    );
    let counts = exporter.counts();
    assert_eq!((counts.delivered, counts.rejected), (3, 1));
    assert_eq!(counts.set_aside[&Reason::Refused], 1);
    assert_eq!(counts.set_aside[&Reason::TooLarge], 1);
    assert_eq!(rig.acknowledged(), [1, 2, 3]);
}
