//! Paths of the listener, and the listener.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::routing::{get, post};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::admit::{Admit, BoxFuture};
use crate::counters::FileCounts;
use crate::decode::Format;
use crate::error::{Code, Error};
use crate::intake::{Framing, State, take};
use crate::limits::Limits;
use crate::reply::{Style, accepted, refused, respond};
use crate::stream::{self, StreamLimits, StreamListener};
use crate::tls::{Certified, Tls};

/// Bytes of a connection's read buffer and of a request's header.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Requests at once on one HTTP/2 connection.
const STREAMS_COUNT_MAX: u32 = 64;
/// How long an HTTP/2 connection may leave a ping unanswered.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections that are taken after the end of listening was said: a backlog of the kernel's.
const LAST_ACCEPTED_COUNT_MAX: usize = 4_096;
/// Wait after a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type App = Arc<State>;

/// The listener's paths, to be served as they are or merged with others:
/// `/v1/logs`, `/v1/traces`, `/v1/metrics`, `/v1/events`, `/v1/changes`, `/v1/alerts`, OTLP's gRPC
/// services, Sentry's paths,
/// `/livez`, `/readyz`, `/metrics`, `/version`.
///
/// Served by [`serve_mounts`]; another server must bring its own connection timeouts.
pub fn router(admit: Arc<dyn Admit>, limits: Limits) -> Router {
    Receiver::new(admit, limits).router()
}

/// What all listeners of a process share: the bytes in flight, the counts, and what is behind.
pub struct Receiver(App);

impl Receiver {
    /// With nothing in flight.
    pub fn new(admit: Arc<dyn Admit>, limits: Limits) -> Self {
        Self(Arc::new(State::new(admit, limits)))
    }

    /// The paths of [`router`].
    pub fn router(&self) -> Router {
        routes(Arc::clone(&self.0))
    }

    /// Tells in `/metrics` of files that are followed, from the first call on.
    pub fn tell_of_files(&self, counts: Arc<FileCounts>) {
        let _first = self.0.counters.files.set(counts);
    }

    /// Says on `/readyz` from now on that this process is about to end; all else goes on.
    pub fn announce_stop(&self) {
        self.0.announce_stop();
    }

    /// What `/metrics` tells.
    pub fn metrics_text(&self) -> String {
        metrics_text(&self.0)
    }

    /// Serves sources that never send again until `shutdown`; then what was sent so far is read
    /// and admitted. `run` is random, another each time the process starts; `clock` tells the
    /// time, nanoseconds since the Unix epoch.
    pub async fn serve_streams(
        &self,
        listeners: Vec<StreamListener>,
        limits: StreamLimits,
        run: [u8; 16],
        clock: fn() -> u64,
        shutdown: impl Future<Output = ()>,
    ) {
        stream::serve(Arc::clone(&self.0), listeners, limits, run, clock, shutdown).await;
    }
}

fn routes(state: App) -> Router {
    Router::new()
        .route("/v1/logs", post(logs).fallback(wrong_method))
        .route("/v1/traces", post(traces).fallback(wrong_method))
        .route("/v1/metrics", post(points).fallback(wrong_method))
        .route("/v1/events", post(events).fallback(wrong_method))
        .route("/v1/changes", post(changes).fallback(wrong_method))
        .route(
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            post(grpc_logs),
        )
        .route(
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            post(grpc_traces),
        )
        .route(
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            post(grpc_points),
        )
        .route("/v1/alerts", post(alerts).fallback(wrong_method))
        .merge(crate::sentry::http::routes())
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/version", get(version))
        .fallback(nowhere)
        .with_state(state)
}

async fn logs(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    otlp(&app, request, [Format::LogsProtobuf, Format::LogsJson]).await
}

async fn traces(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    otlp(&app, request, [Format::TracesProtobuf, Format::TracesJson]).await
}

/// Points of metrics; `metrics` tells of this process.
async fn points(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    otlp(
        &app,
        request,
        [Format::MetricsProtobuf, Format::MetricsJson],
    )
    .await
}

/// OTLP/HTTP; the answer has the request's content type.
async fn otlp(app: &App, request: Request<Body>, [protobuf, json]: [Format; 2]) -> Response<Body> {
    let (style, format) = match content_type(request.headers()).as_str() {
        "application/x-protobuf" | "application/protobuf" => (Style::Protobuf, Ok(protobuf)),
        "application/json" => (Style::OtlpJson, Ok(json)),
        _ => (Style::OtlpJson, Err(Code::ContentType)),
    };
    match take(app, request, Framing::Http, format).await {
        Ok(done) => accepted(style, done),
        Err(refusal) => refused(style, refusal),
    }
}

async fn events(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    lines(&app, request, Format::Ndjson).await
}

async fn changes(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    lines(&app, request, Format::Changes).await
}

/// Webhooks say what they are in many ways (`application/cloudevents+json` among them), or not.
async fn alerts(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    match take(&app, request, Framing::Http, Ok(Format::Alerts)).await {
        Ok(done) => accepted(Style::Plain, done),
        Err(refusal) => refused(Style::Plain, refusal),
    }
}

/// JSON of our own; no content type is as good as the right one, and so is `curl --data`'s.
async fn lines(app: &App, request: Request<Body>, format: Format) -> Response<Body> {
    let format = match content_type(request.headers()).as_str() {
        ""
        | "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/json"
        | "application/json-lines"
        | "application/jsonlines"
        | "application/stream+json"
        | "text/plain"
        | "application/octet-stream"
        | "application/x-www-form-urlencoded" => Ok(format),
        _ => Err(Code::ContentType),
    };
    match take(app, request, Framing::Http, format).await {
        Ok(done) => accepted(Style::Plain, done),
        Err(refusal) => refused(Style::Plain, refusal),
    }
}

async fn grpc_logs(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    grpc(&app, request, Format::LogsProtobuf).await
}

async fn grpc_traces(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    grpc(&app, request, Format::TracesProtobuf).await
}

async fn grpc_points(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    grpc(&app, request, Format::MetricsProtobuf).await
}

async fn grpc(app: &App, request: Request<Body>, format: Format) -> Response<Body> {
    if !is_grpc(request.headers()) {
        return refused_counted(app, Style::OtlpJson, Code::ContentType);
    }
    match take(app, request, Framing::Grpc, Ok(format)).await {
        Ok(done) => accepted(Style::Grpc, done),
        Err(refusal) => refused(Style::Grpc, refusal),
    }
}

async fn wrong_method(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    refused_counted(&app, style_of(request.headers()), Code::Method)
}

async fn nowhere(Shared(app): Shared<App>, request: Request<Body>) -> Response<Body> {
    refused_counted(&app, style_of(request.headers()), Code::NotFound)
}

fn refused_counted(app: &App, style: Style, code: Code) -> Response<Body> {
    app.counters.refused(code);
    refused(style, code.into())
}

fn style_of(headers: &HeaderMap) -> Style {
    match content_type(headers).as_str() {
        "application/x-protobuf" | "application/protobuf" => Style::Protobuf,
        kind if kind.starts_with("application/grpc") => Style::Grpc,
        _ => Style::Plain,
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    matches!(
        content_type(headers).as_str(),
        "application/grpc" | "application/grpc+proto"
    )
}

/// The content type without its parameters, in lower case; empty where absent.
fn content_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

async fn readyz(Shared(app): Shared<App>, uri: Uri) -> Response<Body> {
    crate::ready::answer(&app, &uri)
}

async fn metrics(Shared(app): Shared<App>) -> Response<Body> {
    let body = metrics_text(&app).into_bytes();
    respond(StatusCode::OK, "text/plain; version=0.0.4", body)
}

fn metrics_text(app: &State) -> String {
    app.counters.render(app.ledger.used_bytes()) + &app.admit.metrics()
}

async fn version() -> Response<Body> {
    let body = concat!(
        r#"{"name":"cordon","version":""#,
        env!("CARGO_PKG_VERSION"),
        "\"}\n"
    );
    respond(StatusCode::OK, "application/json", body.as_bytes().to_vec())
}

/// A listener with what is served on it.
pub struct Mount {
    /// Where connections come from.
    pub listener: TcpListener,
    /// What answers them, such as [`router`] merged with other paths.
    pub app: Router,
    /// Who may take a connection before a byte of it is read here.
    pub divert: Option<Arc<dyn Divert>>,
    /// What connections speak. With a [`Divert`] too, those of this machine that do not begin as
    /// TLS does are served without.
    pub tls: Option<Arc<Tls>>,
}

/// Takes connections for itself before a byte of them is read here.
pub trait Divert: Send + Sync + 'static {
    /// Looks at a new connection: gives it back to be served here, or nothing once it is done with
    /// it. It must bound its own wait; the connection counts among the open ones meanwhile.
    fn look(&self, stream: TcpStream) -> BoxFuture<'_, Option<TcpStream>>;
}

/// Serves the listener's paths, HTTP/1.1 and HTTP/2 without TLS on one port, until `shutdown`.
///
/// OTLP's usual ports are 4318 (HTTP) and 4317 (gRPC); both protocols are on every port given, so
/// that SDKs with either default find their way.
pub async fn serve(
    listeners: Vec<TcpListener>,
    admit: Arc<dyn Admit>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let app = router(admit, limits.clone());
    let mounts = listeners.into_iter().map(|listener| Mount {
        listener,
        app: app.clone(),
        divert: None,
        tls: None,
    });
    serve_mounts(mounts.collect(), limits, shutdown).await
}

/// Serves each listener's router with the connection limits of `limits`, until `shutdown`; then
/// open requests have `drain_timeout` to finish.
pub async fn serve_mounts(
    mounts: Vec<Mount>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let share = (limits.connections_max / mounts.len().max(1)).max(1);
    let (stop, stopped) = watch::channel(false);
    let (close, closing) = watch::channel(false);
    let (listening, mut all_closed) = mpsc::channel(1);
    let mut accepting = JoinSet::new();
    for mount in mounts {
        // The clients of one listener cannot take the connections of another's.
        let (limits, permits) = (limits.clone(), Arc::new(Semaphore::new(share)));
        let told = Told {
            stopped: stopped.clone(),
            closing: closing.clone(),
            listening: listening.clone(),
        };
        accepting.spawn(accept(mount, limits, permits, told));
    }
    drop(listening);
    let mut shutdown = pin!(shutdown);
    tokio::select! {
        () = &mut shutdown => {}
        // Without a listener, or with one whose task failed, there is nothing left to serve.
        _ = accepting.join_next() => {}
    }
    let _told = stop.send(true);
    // First nobody listens, then connections are told: who is told to connect anew is refused,
    // and not let in by the kernel to a listener that is about to close.
    let _none = all_closed.recv().await;
    let _told = close.send(true);
    while accepting.join_next().await.is_some() {}
    Ok(())
}

/// What a listener is told, and tells.
struct Told {
    /// To accept no more.
    stopped: watch::Receiver<bool>,
    /// For its connections: to come to an end.
    closing: watch::Receiver<bool>,
    /// Held for as long as it listens.
    listening: mpsc::Sender<()>,
}

/// Accepts until told to stop, then waits for the connections.
async fn accept(mount: Mount, limits: Limits, permits: Arc<Semaphore>, told: Told) {
    let Mount {
        listener,
        app,
        divert,
        tls,
    } = mount;
    let Told {
        mut stopped,
        closing,
        listening,
    } = told;
    let mut connections = JoinSet::new();
    let serve_one = |connections: &mut JoinSet<()>, (stream, peer), permit| {
        let (app, limits, closing) = (app.clone(), limits.clone(), closing.clone());
        let (divert, tls) = (divert.clone(), tls.clone());
        connections.spawn(async move {
            begun((stream, peer), (divert, tls), app, &limits, closing).await;
            drop::<OwnedSemaphorePermit>(permit);
        });
    };
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            // Failures of a connection concern its peer alone; the task is reaped here.
            Some(_) = connections.join_next() => continue,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Ok(permit) = permit else { break };
                serve_one(&mut connections, (stream, peer), permit);
            }
            // Out of descriptors, or a peer that went away: neither is a reason to stop serving.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    for accepted in last_accepted(listener) {
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            break;
        };
        serve_one(&mut connections, accepted, permit);
    }
    drop(listening);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain_timeout, all)
        .await
        .is_err()
    {
        connections.shutdown().await;
    }
}

/// Closes a listener; the connections that the kernel had let in by then.
///
/// *Why without the runtime:* it knows of a connection once it was woken for it, which is later.
fn last_accepted(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let mut found = Vec::new();
    let Ok(listener) = listener.into_std() else {
        return found;
    };
    while found.len() < LAST_ACCEPTED_COUNT_MAX
        && let Ok((stream, peer)) = listener.accept()
    {
        let stream = stream.set_nonblocking(true).map(|()| stream);
        let stream = stream.and_then(TcpStream::from_std);
        found.extend(stream.ok().map(|stream| (stream, peer)));
    }
    found
}

/// Serves a connection, which speaks what its mount says.
async fn begun(
    (stream, peer): (TcpStream, SocketAddr),
    (divert, tls): (Option<Arc<dyn Divert>>, Option<Arc<Tls>>),
    app: Router,
    limits: &Limits,
    stopped: watch::Receiver<bool>,
) {
    let may_be_plain = divert.is_some() && peer.ip().is_loopback();
    match tls {
        Some(tls) if !may_be_plain || begins_as_tls(&stream, limits.header_timeout).await => {
            sealed(stream, &tls, app, limits, stopped).await;
        }
        _ => plain(stream, divert, app, limits, stopped).await,
    }
}

/// Whether a connection's first byte is that of a TLS handshake (RFC 8446, section 5.1).
async fn begins_as_tls(stream: &TcpStream, limit: Duration) -> bool {
    let mut first = [0];
    let peeked = tokio::time::timeout(limit, stream.peek(&mut first)).await;
    matches!(peeked, Ok(Ok(1))) && first == [22]
}

/// Serves a connection without TLS, if nobody takes it.
async fn plain(
    stream: TcpStream,
    divert: Option<Arc<dyn Divert>>,
    app: Router,
    limits: &Limits,
    stopped: watch::Receiver<bool>,
) {
    let kept = match &divert {
        Some(divert) => divert.look(stream).await,
        None => Some(stream),
    };
    if let Some(stream) = kept {
        // Answers are small: waiting to fill a packet delays them for nothing.
        let _set = stream.set_nodelay(true);
        connection(stream, None, app, limits, stopped).await;
    }
}

/// Serves a connection under TLS.
async fn sealed(
    stream: TcpStream,
    tls: &Tls,
    app: Router,
    limits: &Limits,
    stopped: watch::Receiver<bool>,
) {
    let _set = stream.set_nodelay(true);
    if let Some((stream, names)) = tls.accept(stream, limits.header_timeout).await {
        let certified = (!names.is_empty()).then(|| Certified(names.into()));
        connection(stream, certified, app, limits, stopped).await;
    }
}

/// Serves one connection. One that has sent no request within `header_timeout` is closed;
/// afterwards, one that has none under way for `connection_idle_timeout` is asked to close, and
/// closed `header_timeout` later: answering pings, or not reading answers, keeps none open.
///
/// At shutdown a request under way is answered. A connection without one stays open for
/// `linger_timeout`: a server that closes it at once resets the request that its sender is
/// sending (nginx has `keepalive_min_timeout` for the same reason).
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    certified: Option<Certified>,
    app: Router,
    limits: &Limits,
    mut stopped: watch::Receiver<bool>,
) {
    let activity = Activity::default();
    let app = watched(app, activity.clone(), certified, stopped.clone());
    let builder = builder(limits);
    let service = TowerToHyperService::new(app);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut alarm = pin!(tokio::time::sleep(limits.header_timeout));
    let (mut closing, mut stopping) = (false, false);
    loop {
        tokio::select! {
            // How a connection ended concerns its peer alone, and its error may quote the peer.
            _ = &mut serving => return,
            () = &mut alarm => {
                if stopping {
                    serving.as_mut().graceful_shutdown();
                    // The drain's limit ends what is under way then.
                    alarm.as_mut().reset(Instant::now() + limits.drain_timeout);
                    continue;
                }
                let now = Instant::now();
                let idle_from = match activity.doing() {
                    Doing::Silent => return,
                    Doing::Busy => now,
                    Doing::Idle(from) => from,
                };
                let mut until = idle_from + limits.connection_idle_timeout;
                if until <= now && closing {
                    return;
                }
                if until <= now {
                    closing = true;
                    serving.as_mut().graceful_shutdown();
                    until = now + limits.header_timeout;
                }
                alarm.as_mut().reset(until);
            }
            _ = stopped.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                if let Doing::Busy = activity.doing() {
                    serving.as_mut().graceful_shutdown();
                } else {
                    // A request may be on its way; what it is answered says that it was the last.
                    alarm.as_mut().reset(Instant::now() + limits.linger_timeout);
                }
            }
        }
    }
}

/// The paths, with each request watched, and the last answer of a connection saying so.
fn watched(
    app: Router,
    activity: Activity,
    certified: Option<Certified>,
    last: watch::Receiver<bool>,
) -> Router {
    app.layer(axum::middleware::from_fn(
        move |mut request: Request<Body>, next: Next| {
            let under_way = activity.begin();
            if let Some(certified) = &certified {
                request.extensions_mut().insert(certified.clone());
            }
            // HTTP/2 has a frame that says it.
            let may_say_close = request.version() < Version::HTTP_2;
            let last = last.clone();
            async move {
                let mut answer = next.run(request).await;
                if may_say_close && *last.borrow() {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(header::CONNECTION, close);
                }
                drop(under_way);
                answer
            }
        },
    ))
}

/// What a connection is doing.
enum Doing {
    /// It has sent no request.
    Silent,
    /// A request is under way.
    Busy,
    /// None is, since then.
    Idle(Instant),
}

/// Watches the requests of one connection.
#[derive(Clone, Default)]
struct Activity(Arc<Mutex<(usize, Option<Instant>)>>);

impl Activity {
    /// A request begins; it ends when what this gives is dropped, also by a panic or a reset.
    fn begin(&self) -> UnderWay {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = held.0.saturating_add(1);
        UnderWay(self.clone())
    }

    fn doing(&self) -> Doing {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            (0, None) => Doing::Silent,
            (0, Some(from)) => Doing::Idle(from),
            _ => Doing::Busy,
        }
    }
}

/// A request of a connection.
struct UnderWay(Activity);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut held = (self.0.0).lock().unwrap_or_else(PoisonError::into_inner);
        *held = (held.0.saturating_sub(1), Some(Instant::now()));
    }
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(PING_TIMEOUT))
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(STREAMS_COUNT_MAX)
        .max_header_list_size(HEADER_BYTES_MAX as u32);
    builder
}
