//! Answers: OTLP responses and `Status` errors on HTTP and gRPC, JSON for `/v1/events`.
//!
//! Every refusal carries its stable code in the header `cordon-code`, and in the body: as `reason`
//! of a `google.rpc.ErrorInfo` where OTLP asks for a `Status`, as `code` on `/v1/events`.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use data_encoding::BASE64_NOPAD;
use http_body_util::BodyExt;

use crate::error::Code;
use crate::proto::{put_bytes, put_number};

/// Header that carries the stable code of a refusal.
pub const CODE_HEADER: &str = "cordon-code";

/// Content encodings that bodies may have; told with a 415 (RFC 9110, section 15.5.16).
const ENCODINGS: &str = "gzip, deflate, zstd, br";

/// How an answer is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Protobuf,
    OtlpJson,
    Plain,
    /// Sentry's: `detail` is what its SDKs print.
    Sentry,
    Grpc,
}

/// Why a request was refused, as the sender is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) line: Option<u64>,
    pub(crate) retry_after_s: Option<u32>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self {
            code,
            line: None,
            retry_after_s: None,
        }
    }
}

/// What was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    pub(crate) kept: u64,
    pub(crate) rejected: u64,
    pub(crate) signal: Signal,
}

/// What a request brought, as the answer's fields are named by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Logs,
    Traces,
    Metrics,
}

const REJECTED_TEXT: &str = "invalid records were not kept";

/// The answer to what was taken.
pub(crate) fn accepted(style: Style, done: Accepted) -> Response<Body> {
    match style {
        Style::Protobuf => respond(StatusCode::OK, "application/x-protobuf", export(done)),
        Style::Grpc => grpc_ok(&export(done)),
        Style::OtlpJson => {
            let field = match done.signal {
                Signal::Logs => "rejectedLogRecords",
                Signal::Traces => "rejectedSpans",
                Signal::Metrics => "rejectedDataPoints",
            };
            let body = match done.rejected {
                0 => "{}".to_owned(),
                n => format!(
                    r#"{{"partialSuccess":{{"{field}":"{n}","errorMessage":"{REJECTED_TEXT}"}}}}"#
                ),
            };
            respond(StatusCode::OK, "application/json", body.into_bytes())
        }
        Style::Plain | Style::Sentry => {
            let Accepted { kept, rejected, .. } = done;
            let body = format!(r#"{{"accepted":{kept},"rejected":{rejected}}}"#);
            respond(StatusCode::OK, "application/json", body.into_bytes())
        }
    }
}

/// An `ExportLogsServiceResponse` or that of another signal: they have one shape. Without rejected
/// records `partial_success` must be absent.
fn export(done: Accepted) -> Vec<u8> {
    let mut out = Vec::new();
    if done.rejected > 0 {
        let mut partial = Vec::new();
        put_number(&mut partial, 1, done.rejected);
        put_bytes(&mut partial, 2, REJECTED_TEXT.as_bytes());
        put_bytes(&mut out, 1, &partial);
    }
    out
}

/// The answer to what was refused.
pub(crate) fn refused(style: Style, refusal: Refusal) -> Response<Body> {
    let code = refusal.code;
    let status =
        StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match style {
        Style::Grpc => grpc_refused(refusal),
        Style::Protobuf => respond(status, "application/x-protobuf", status_message(refusal)),
        Style::OtlpJson => {
            let body = format!(
                concat!(
                    r#"{{"code":{},"message":"{}: {}","details":"#,
                    r#"[{{"@type":"{}","reason":"{}","domain":"cordon"}}]}}"#,
                ),
                code.grpc_status(),
                code.as_str(),
                code.text(),
                ERROR_INFO,
                code.as_str(),
            );
            respond(status, "application/json", body.into_bytes())
        }
        Style::Sentry => {
            let (name, text) = (code.as_str(), code.text());
            let body = format!(r#"{{"detail":"{text}","causes":["{name}"],"code":"{name}"}}"#);
            respond(status, "application/json", body.into_bytes())
        }
        Style::Plain => {
            let line = refusal
                .line
                .map(|n| format!(r#","line":{n}"#))
                .unwrap_or_default();
            let (name, text) = (code.as_str(), code.text());
            let body = format!(r#"{{"code":"{name}","message":"{text}"{line}}}"#);
            respond(status, "application/json", body.into_bytes())
        }
    };
    let headers = response.headers_mut();
    headers.insert(CODE_HEADER, HeaderValue::from_static(code.as_str()));
    if style != Style::Grpc {
        if let Some(seconds) = refusal.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if code == Code::ContentEncoding {
            let taken = HeaderValue::from_static(ENCODINGS);
            headers.insert(header::ACCEPT_ENCODING, taken);
        }
        if code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
    }
    response
}

/// A response of that kind.
pub(crate) fn respond(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// A `google.rpc.Status` with `ErrorInfo` and, where waiting helps, `RetryInfo`.
fn status_message(refusal: Refusal) -> Vec<u8> {
    let code = refusal.code;
    let mut out = Vec::new();
    put_number(&mut out, 1, u64::from(code.grpc_status()));
    put_bytes(
        &mut out,
        2,
        format!("{}: {}", code.as_str(), code.text()).as_bytes(),
    );
    let mut info = Vec::new();
    put_bytes(&mut info, 1, code.as_str().as_bytes());
    put_bytes(&mut info, 2, b"cordon");
    put_any(&mut out, ERROR_INFO, &info);
    if let Some(seconds) = refusal.retry_after_s {
        let mut delay = Vec::new();
        put_number(&mut delay, 1, u64::from(seconds));
        let mut info = Vec::new();
        put_bytes(&mut info, 1, &delay);
        put_any(&mut out, RETRY_INFO, &info);
    }
    out
}

/// Appends a detail of a `Status`.
fn put_any(out: &mut Vec<u8>, url: &str, value: &[u8]) {
    let mut any = Vec::new();
    put_bytes(&mut any, 1, url.as_bytes());
    put_bytes(&mut any, 2, value);
    put_bytes(out, 3, &any);
}

/// One uncompressed message and the status in trailers.
fn grpc_ok(message: &[u8]) -> Response<Body> {
    let mut framed = vec![0];
    framed.extend_from_slice(&(message.len() as u32).to_be_bytes());
    framed.extend_from_slice(message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Body::from(framed).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = Response::new(Body::new(body));
    set_grpc(response.headers_mut());
    response
}

/// A "trailers-only" answer: the status where the headers are.
fn grpc_refused(refusal: Refusal) -> Response<Body> {
    let code = refusal.code;
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    set_grpc(headers);
    headers.insert("grpc-status", HeaderValue::from(code.grpc_status()));
    let text = format!("{}: {}", code.as_str(), code.text());
    let details = BASE64_NOPAD.encode(&status_message(refusal));
    for (name, value) in [("grpc-message", text), ("grpc-status-details-bin", details)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

fn set_grpc(headers: &mut HeaderMap) {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/grpc"),
    );
    headers.insert(
        "grpc-accept-encoding",
        HeaderValue::from_static("identity,gzip,deflate,zstd"),
    );
}
