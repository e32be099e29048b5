//! Why a request of a page was refused: a status, a stable code, and a constant text.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use cordon_receive::CODE_HEADER;
use serde_json::json;

/// Seconds after which a page that was told to wait may try again.
const RETRY_AFTER_S: u32 = 5;

/// A refusal; it holds no payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: &'static str,
    /// What it means, for people.
    pub text: &'static str,
}

const fn row(status: u16, code: &'static str, text: &'static str) -> Refusal {
    Refusal { status, code, text }
}

impl Refusal {
    pub(crate) const HOST: Self = row(403, "host", "this name is not one that the room answers to");
    pub(crate) const ORIGIN: Self = row(403, "origin", "asked from another page than the room's");
    pub(crate) const METHOD: Self = row(405, "method", "method not allowed on this path");
    pub(crate) const POST_ALONE: Self = row(405, "method", "this path takes POST");
    pub(crate) const NOT_FOUND: Self = row(404, "not_found", "no such path");
    pub(crate) const CONNECTION_USED: Self = row(
        421,
        "connection_used",
        "send this as the first request of a new connection",
    );
    pub(crate) const CONTENT_TYPE: Self = row(415, "content_type", "expected application/json");
    pub(crate) const SESSION: Self = row(
        401,
        "session_unknown",
        "no such session; `cordon room` opens one",
    );
    pub(crate) const SESSION_EXPIRED: Self = row(
        401,
        "session_expired",
        "the session has run out; `cordon room` opens another",
    );
    pub(crate) const BODY_TOO_LARGE: Self = row(413, "body_too_large", "body over the limit");
    pub(crate) const BODY_TIMEOUT: Self = row(408, "body_timeout", "body came too slowly");
    pub(crate) const BODY_INCOMPLETE: Self = row(400, "body_incomplete", "body cut off");
    pub(crate) const JSON_MALFORMED: Self = row(400, "json_malformed", "JSON damaged or cut off");
    pub(crate) const JSON_SHAPE: Self = row(400, "json_shape", "JSON of an unexpected shape");
    pub(crate) const ITEMS_COUNT: Self = row(400, "items_count", "more evidence than allowed");
    pub(crate) const QUESTION: Self = row(400, "question_too_long", "the question is too long");
    pub(crate) const FULL: Self = row(503, "room_full", "too many at once; try again");
    pub(crate) const INTERNAL: Self = row(500, "internal", "internal error");
    pub(crate) const PREVIEW_STALE: Self = row(
        409,
        "preview_stale",
        "not what was previewed: preview it again; nothing was sent",
    );
    pub(crate) const SHARE_UNKNOWN: Self = row(
        404,
        "share_unknown",
        "no such room, or it has run out or was revoked",
    );
    pub(crate) const SHARE_FULL: Self = row(409, "share_full", "the room holds no more");
    pub(crate) const SHARE_OWNER: Self = row(403, "share_owner", "only who made it may revoke it");

    /// What the grant or the budget said.
    pub(crate) const fn gate(code: &'static str) -> Self {
        row(403, code, "refused by grant or budget")
    }

    /// What the evidence said.
    pub(crate) const fn evidence(code: &'static str) -> Self {
        row(400, code, "evidence is short lines, and no pasted log")
    }

    pub(crate) fn body(self) -> String {
        json!({ "code": self.code, "text": self.text }).to_string() + "\n"
    }

    /// The refusal as an answer that ends its connection.
    pub(crate) fn answer(self) -> Response<Body> {
        let mut answer = Response::new(Body::from(self.body()));
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = answer.headers_mut();
        let kind = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(CODE_HEADER, HeaderValue::from_static(self.code));
        if self.status == 503 {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        if self.status == 405 {
            let allowed = if self == Self::POST_ALONE {
                "POST"
            } else {
                "GET, HEAD"
            };
            headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        answer
    }

    /// The refusal as bytes, for a socket that nothing else is to be done with.
    pub(crate) fn bytes(self) -> String {
        let body = self.body();
        let reason = StatusCode::from_u16(self.status).unwrap_or_default();
        let reason = reason.canonical_reason().unwrap_or_default();
        format!(
            "HTTP/1.1 {} {reason}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             {CODE_HEADER}: {}\r\nretry-after: {RETRY_AFTER_S}\r\nconnection: close\r\n\
             cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n{body}",
            self.status,
            body.len(),
            self.code,
        )
    }
}
