//! Spans of services that serve HTTP, ask a database and each other: ten attributes each.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;

use crate::{BEGIN_NS, Draw, ONE_IN, RECORDS_COUNT, SEED, number, resource, scope, secret, text};

/// Spans of one trace.
const TRACE_SPANS_COUNT: usize = 16;

/// Body number `n`: an `ExportTraceServiceRequest` of [`RECORDS_COUNT`] spans.
pub fn spans(n: u64) -> Vec<u8> {
    spans_of(n, TRACE_SPANS_COUNT, RECORDS_COUNT)
}

/// Body number `n`: so many spans, so many of each trace.
pub fn spans_of(n: u64, trace_spans_count: usize, spans_count: usize) -> Vec<u8> {
    let mut draw = Draw::new(SEED + n);
    let resource = resource(&mut draw);
    let mut trace = draw.id();
    let mut parent = Vec::new();
    let spans = (0..spans_count).map(|at| {
        if at % trace_spans_count == 0 {
            (trace, parent) = (draw.id(), Vec::new());
        }
        let span = span(&mut draw, trace, parent.clone(), n * 512 + at as u64);
        parent.clone_from(&span.span_id);
        span
    });
    let spans = spans.collect();
    let scope_spans = ScopeSpans {
        scope: Some(scope()),
        spans,
        ..ScopeSpans::default()
    };
    let resource_spans = ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![scope_spans],
        ..ResourceSpans::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![resource_spans],
    };
    request.encode_to_vec()
}

fn span(draw: &mut Draw, trace: [u8; 16], parent: Vec<u8>, tick: u64) -> Span {
    let (name, kind, mut attributes) = match draw.below(5) {
        0 | 1 => server(draw),
        2 | 3 => database(draw),
        _ => client(draw),
    };
    if draw.below(ONE_IN) == 0 {
        attributes.push(text("app.note", format!("sent to {} again", secret(draw))));
    }
    let start_time_unix_nano = BEGIN_NS + tick * 1_000_000 + draw.below(900_000);
    let is_failed = draw.below(100) == 0;
    Span {
        trace_id: trace.to_vec(),
        span_id: draw.bits().to_be_bytes().to_vec(),
        parent_span_id: parent,
        name,
        kind,
        start_time_unix_nano,
        end_time_unix_nano: start_time_unix_nano + 200_000 + draw.below(80_000_000),
        attributes,
        status: Some(Status {
            code: if is_failed { 2 } else { 0 },
            ..Status::default()
        }),
        ..Span::default()
    }
}

type Made = (String, i32, Vec<KeyValue>);

fn server(draw: &mut Draw) -> Made {
    let route = draw.of(ROUTES);
    let path = route.replace("{id}", &draw.below(900_000).to_string());
    let method = *draw.of(&["GET", "GET", "GET", "POST", "PUT", "DELETE"]);
    let attributes = vec![
        text("http.request.method", method),
        text("http.route", *route),
        text("url.path", path),
        text("url.scheme", "https"),
        number(
            "http.response.status_code",
            *draw.of(&[200, 200, 201, 204, 404]),
        ),
        text("user_agent.original", *draw.of(AGENTS)),
        text("server.address", "shop.internal.example"),
        number("server.port", 8443),
        text("network.protocol.version", "1.1"),
        number("thread.id", draw.below(200).cast_signed()),
    ];
    (format!("{method} {route}"), 2, attributes)
}

fn database(draw: &mut Draw) -> Made {
    let (operation, query) = draw.of(QUERIES);
    let attributes = vec![
        text("db.system.name", "postgresql"),
        text("db.namespace", "shop"),
        text("db.operation.name", *operation),
        text("db.query.text", *query),
        text("server.address", "pg-primary.internal.example"),
        number("server.port", 5432),
        text("network.peer.address", "10.4.17.31"),
        number("db.response.returned_rows", draw.below(50).cast_signed()),
        text("thread.name", format!("pool-3-thread-{}", draw.below(64))),
        number("thread.id", draw.below(200).cast_signed()),
    ];
    (format!("{operation} shop"), 3, attributes)
}

fn client(draw: &mut Draw) -> Made {
    let id = draw.below(900_000);
    let attributes = vec![
        text("http.request.method", "POST"),
        text(
            "url.full",
            format!("http://pricing:8080/quote/{id}?currency=EUR"),
        ),
        number("http.response.status_code", *draw.of(&[200, 200, 200, 503])),
        text("server.address", "pricing"),
        number("server.port", 8080),
        text("peer.service", "pricing"),
        text("rpc.system", "http"),
        text("network.protocol.version", "2"),
        text(
            "thread.name",
            format!("grpc-default-executor-{}", draw.below(32)),
        ),
        number("http.request.resend_count", 0),
    ];
    ("POST /quote".to_owned(), 3, attributes)
}

const ROUTES: &[&str] = &[
    "/api/orders/{id}",
    "/api/orders/{id}/items",
    "/api/carts/{id}",
    "/api/products/{id}",
    "/api/products/{id}/reviews",
    "/api/search",
    "/api/shipments/{id}/label",
    "/healthz",
];

const AGENTS: &[&str] = &[
    concat!(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ",
        "Chrome/143.0 Safari/537.36",
    ),
    "okhttp/4.12.0",
    "kube-probe/1.33",
    "ReactorNetty/1.2.4",
];

const QUERIES: &[(&str, &str)] = &[
    (
        "SELECT",
        "SELECT id, state, total FROM orders WHERE id = $1",
    ),
    (
        "SELECT",
        concat!(
            "SELECT p.id, p.title, s.level FROM products p ",
            "JOIN stock s ON s.id = p.id WHERE p.id = ANY($1)",
        ),
    ),
    (
        "UPDATE",
        "UPDATE carts SET updated_at = now(), items = items || $2 WHERE id = $1",
    ),
    (
        "INSERT",
        "INSERT INTO shipments (order_id, carrier, state) VALUES ($1, $2, $3) RETURNING id",
    ),
];
