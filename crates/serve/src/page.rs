//! The page and its files, with the headers that keep what is in it there.
//!
//! *Invariant:* every answer here closes its connection, so that a browser's next request comes on
//! a new one: `POST /api/…` is handed over only as the first request of a connection.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, Version, header};
use axum::middleware::Next;
use axum::routing::any;

use crate::assets::{INDEX, SERVICE_WORKER, content_type};
use crate::{Assets, Names, Refusal};

/// What a page may do: run its own files, and ask its own origin.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types cordon";

/// Headers of every answer.
const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("connection", "close"),
];

const NEVER_KEPT: &str = "no-store";
const ALWAYS_KEPT: &str = "public, max-age=31536000, immutable";

struct Room {
    assets: Assets,
    names: Names,
}

/// The paths of the room: `/`, `/sw.js`, `/room/HASH/NAME`, and `/api/…`, which is refused here.
///
/// Served on a listener with a [`crate::Handover`], which takes what comes for the API. Below the
/// number of a project lie the paths of Sentry's clients (`/api/1/envelope/`), which are not here.
pub fn router(assets: Assets, names: Names) -> Router {
    Router::new()
        .route("/", any(page))
        .route("/sw.js", any(service_worker))
        .route("/room/{hash}/{*name}", any(file))
        .route("/api/{name}", any(misdirected))
        .route("/api/share/{*name}", any(misdirected))
        .with_state(Arc::new(Room { assets, names }))
}

/// Closes the connection of every answer to a browser, whatever path it asked for.
pub fn closing(router: Router) -> Router {
    router.layer(axum::middleware::from_fn(
        |request: Request<Body>, next: Next| async move {
            let asked = request.headers();
            let browser = asked.contains_key("sec-fetch-mode") || asked.contains_key("origin");
            let closes = browser && request.version() <= Version::HTTP_11;
            let mut answer = next.run(request).await;
            if closes {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
            }
            answer
        },
    ))
}

async fn page(Shared(room): Shared<Arc<Room>>, request: Request<Body>) -> Response<Body> {
    let found = room.assets.page();
    room.answer(&request, found.map(|bytes| (INDEX, bytes)), NEVER_KEPT)
}

async fn service_worker(Shared(room): Shared<Arc<Room>>, request: Request<Body>) -> Response<Body> {
    let found = room.assets.raw(SERVICE_WORKER);
    let found = found.map(|bytes| (SERVICE_WORKER, bytes));
    room.answer(&request, found, "no-cache")
}

async fn file(
    Shared(room): Shared<Arc<Room>>,
    Path((hash, name)): Path<(String, String)>,
    request: Request<Body>,
) -> Response<Body> {
    let found = room.assets.hashed_file(&hash, &name);
    room.answer(&request, found, ALWAYS_KEPT)
}

/// A request to the API that was read here, because something else came first on its connection.
async fn misdirected(request: Request<Body>) -> Response<Body> {
    let refusal = if request.method() == Method::POST {
        Refusal::CONNECTION_USED
    } else {
        Refusal::POST_ALONE
    };
    refused(refusal)
}

impl Room {
    fn answer(
        &self,
        request: &Request<Body>,
        found: Option<(&'static str, &[u8])>,
        kept: &'static str,
    ) -> Response<Body> {
        match self.found(request.method(), request.headers(), request.uri(), found) {
            Ok((name, bytes)) => given(name, bytes, kept),
            Err(refusal) => refused(refusal),
        }
    }

    fn found<'a>(
        &self,
        method: &Method,
        headers: &HeaderMap,
        uri: &Uri,
        found: Option<(&'static str, &'a [u8])>,
    ) -> Result<(&'static str, &'a [u8]), Refusal> {
        self.names.check(headers, uri)?;
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Err(Refusal::METHOD);
        }
        found.ok_or(Refusal::NOT_FOUND)
    }
}

fn given(name: &'static str, bytes: &[u8], kept: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::from(bytes.to_vec()));
    let headers = answer.headers_mut();
    let kind = HeaderValue::from_static(content_type(name));
    headers.insert(header::CONTENT_TYPE, kind);
    if name == SERVICE_WORKER {
        let all = HeaderValue::from_static("/");
        headers.insert("service-worker-allowed", all);
    }
    guarded(answer, kept)
}

fn refused(refusal: Refusal) -> Response<Body> {
    guarded(refusal.answer(), NEVER_KEPT)
}

fn guarded(mut answer: Response<Body>, kept: &'static str) -> Response<Body> {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
