//! Sentry's paths on the listener.
//!
//! An SDK drops what is refused, whatever the status, so that an answer decides only how long it
//! stays silent: under pressure it is 429 with `Retry-After` and `X-Sentry-Rate-Limits`, which all
//! of them heed. *A minidump is never answered with 429:* crash reporters keep a dump and try again
//! on that for ever (Relay, `endpoints/minidump.rs`). Pressure is 503 there, which they retry a
//! bounded number of times; a dump that cannot be read is 400, which they do not.
//!
//! Answers may be read by scripts of any origin, since browsers are clients: there is nothing in
//! one but the id that the client chose itself, and a key is needed for all of them.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::State as Shared;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use axum::routing::{MethodRouter, post};
use cordon_event::Raw;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::tally::Outcome;
use super::{envelope, key};
use crate::admit::{CrashError, Principal, RequestBody};
use crate::body::{Encoding, drain, inflate, read};
use crate::decode::{Format, decode_charged};
use crate::error::Code;
use crate::intake::{State, certified, guarded, named, refusal_of};
use crate::limits::Limits;
use crate::meter::{Charge, Meter};
use crate::multipart;
use crate::reply::{Accepted, Refusal, Signal, Style, refused, respond};
use crate::sink::{Decoded, Dump, pairs_bytes};

type App = Arc<State>;

/// A path of Sentry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Envelope,
    Store,
    Security,
    Minidump,
}

impl Endpoint {
    /// The limits of a body there.
    fn limits(self, limits: &Limits, is_named: bool) -> Limits {
        let mut own = limits.clone();
        if self == Self::Minidump {
            own.body_bytes_max = limits.minidump_body_bytes_max;
            // A form has fields beside the dump.
            own.inflated_bytes_max = limits.minidump_bytes_max + (1 << 20);
        }
        if !is_named {
            own.body_bytes_max = limits.unnamed_body_bytes_max;
            own.inflated_bytes_max = limits.unnamed_body_bytes_max;
        }
        own
    }

    fn format(self) -> Format {
        match self {
            Self::Envelope => Format::SentryEnvelope,
            Self::Store => Format::SentryEvent,
            Self::Security => Format::SentrySecurity,
            Self::Minidump => Format::Minidump,
        }
    }
}

/// The paths, with and without the slash at the end.
pub(crate) fn routes() -> Router<App> {
    let mut router = Router::new();
    for (name, endpoint) in [
        ("envelope", Endpoint::Envelope),
        ("store", Endpoint::Store),
        ("security", Endpoint::Security),
        ("minidump", Endpoint::Minidump),
    ] {
        for end in ["", "/"] {
            let path = format!("/api/{{project}}/{name}{end}");
            router = router.route(&path, route(endpoint));
        }
    }
    router
}

fn route(endpoint: Endpoint) -> MethodRouter<App> {
    let take = move |Shared(app): Shared<App>, request: Request<Body>| async move {
        answer(&app, request, endpoint).await
    };
    post(take)
        .options(preflight)
        .fallback(|Shared(app): Shared<App>| async move {
            app.counters.refused(Code::Method);
            refused(Style::Sentry, Code::Method.into())
        })
}

/// What a browser asks before a script may post.
async fn preflight() -> Response<Body> {
    let mut response = open_to_scripts(respond(StatusCode::OK, "text/plain", Vec::new()));
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "x-sentry-auth, content-type, content-encoding, authorization, sentry-trace, baggage",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

fn open_to_scripts(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    let any = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    let read = HeaderValue::from_static("cordon-code, retry-after, x-sentry-rate-limits");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, read);
    response
}

async fn answer(app: &App, request: Request<Body>, endpoint: Endpoint) -> Response<Body> {
    let taken = guarded(app, take(app, request, endpoint)).await;
    let response = match taken {
        Ok(taken) => {
            app.counters.accepted(taken.counts);
            if endpoint == Endpoint::Minidump {
                let id = dashed(&taken.id).unwrap_or_default();
                respond(StatusCode::OK, "text/plain", id.into_bytes())
            } else {
                let body = match taken.id.as_str() {
                    "" => "{}".to_owned(),
                    id => format!(r#"{{"id":"{id}"}}"#),
                };
                respond(StatusCode::OK, "application/json", body.into_bytes())
            }
        }
        Err(refusal) => self::refusal(refusal, endpoint),
    };
    open_to_scripts(response)
}

fn refusal(refusal: Refusal, endpoint: Endpoint) -> Response<Body> {
    let mut response = refused(Style::Sentry, refusal);
    if refusal.code.is_retryable() && endpoint == Endpoint::Minidump {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    } else if refusal.code.is_retryable() {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let seconds = refusal.retry_after_s.unwrap_or_default();
        // All categories, of everybody behind this key.
        let limit = format!("{seconds}::key:{}", refusal.code.as_str());
        if let Ok(limit) = HeaderValue::from_str(&limit) {
            response.headers_mut().insert("x-sentry-rate-limits", limit);
        }
    }
    response
}

/// What became of a request.
struct Taken {
    id: String,
    counts: Accepted,
}

async fn take(app: &App, request: Request<Body>, endpoint: Endpoint) -> Result<Taken, Refusal> {
    let opened = open(app, &request, endpoint);
    let (head, body) = request.into_parts();
    let Opened {
        who,
        certified,
        encoding,
        boundary,
        limits,
    } = match opened {
        Ok(opened) => opened,
        Err(refusal) => {
            // HTTP/2 tells the sender to stop; a sender that waits for 100 has sent nothing.
            if head.version < Version::HTTP_2 && !head.headers.contains_key(header::EXPECT) {
                drain(body, &app.limits, Instant::now() + app.limits.body_timeout).await;
            }
            return Err(refusal);
        }
    };
    let share = match (&who, &certified) {
        (None, None) => Arc::clone(&app.unnamed),
        _ if endpoint == Endpoint::Minidump => Arc::clone(&app.dumps),
        (Some(who), _) | (None, Some(who)) => app.share_of(who),
    };
    let mut charge = Charge::new(&share);
    let wire = read(body, &limits, &mut charge).await?;
    app.counters.body(wire.len());
    let unpack = Unpack {
        app: Arc::clone(app),
        wire,
        who,
        certified,
        encoding,
        boundary,
        limits,
        endpoint,
        charge,
    };
    let task = tokio::task::spawn_blocking(move || unpack.run());
    let unpacked = task.await.map_err(|_| Code::Internal)??;
    admit(app, unpacked).await
}

/// What the header alone settles.
struct Opened {
    /// Nobody yet, where an envelope is to say it.
    who: Option<Principal>,
    /// Whom the client's certificate names.
    certified: Option<Principal>,
    encoding: Encoding,
    boundary: Option<String>,
    limits: Limits,
}

fn open(app: &State, request: &Request<Body>, endpoint: Endpoint) -> Result<Opened, Refusal> {
    let headers = request.headers();
    let certified = certified(app, request)?;
    let who = match key::of_request(headers, request.uri()) {
        Some(key) => Some(named(app, key, certified.as_ref())?),
        None if endpoint == Endpoint::Envelope => None,
        None if certified.is_some() => certified.clone(),
        None => return Err(Code::Unauthenticated.into()),
    };
    let text = |name| {
        headers
            .get(name)
            .map(|v: &HeaderValue| v.to_str().unwrap_or("?"))
    };
    if let (Some(who), true) = (&who, endpoint != Endpoint::Minidump) {
        app.admit.lets_in(who).map_err(refusal_of)?;
    }
    let encoding = Encoding::parse(text(header::CONTENT_ENCODING))?;
    let boundary = text(header::CONTENT_TYPE).and_then(multipart::boundary);
    let limits = endpoint.limits(&app.limits, who.is_some() || certified.is_some());
    if request.body().size_hint().lower() > limits.body_bytes_max as u64 {
        return Err(Code::BodyTooLarge.into());
    }
    Ok(Opened {
        who,
        certified,
        encoding,
        boundary,
        limits,
    })
}

/// A body on its way from the wire to events.
struct Unpack {
    app: App,
    wire: Zeroizing<Vec<u8>>,
    who: Option<Principal>,
    certified: Option<Principal>,
    encoding: Encoding,
    boundary: Option<String>,
    limits: Limits,
    endpoint: Endpoint,
    charge: Charge,
}

struct Unpacked {
    who: Principal,
    body: Zeroizing<Vec<u8>>,
    decoded: Decoded,
    charge: Charge,
}

impl Unpack {
    fn run(mut self) -> Result<Unpacked, Refusal> {
        let body = inflate(self.wire, self.encoding, &self.limits, &mut self.charge)?;
        let who = match self.who {
            Some(who) => who,
            None => within(
                &self.app,
                &body,
                self.certified,
                &self.limits,
                &mut self.charge,
            )?,
        };
        if self.endpoint != Endpoint::Minidump {
            self.charge.move_to(&self.app.share_of(&who))?;
        }
        let (limits, charge) = (&self.limits, &mut self.charge);
        let decoded = match self.endpoint {
            Endpoint::Minidump => {
                super::minidump_body(&body, self.boundary.as_deref(), limits, charge)?
            }
            endpoint => decode_charged(endpoint.format(), &body, None, limits, charge)?,
        };
        Ok(Unpacked {
            who,
            body,
            decoded,
            charge: self.charge,
        })
    }
}

/// Who sends, by the DSN in an envelope's own header.
fn within(
    app: &State,
    body: &[u8],
    certified: Option<Principal>,
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Principal, Refusal> {
    let mut meter = Meter::new(charge, limits.decoded_bytes_max);
    let (header, _) = envelope::header(body, &mut meter)?;
    let dsn = header.get("dsn").and_then(cordon_event::Value::as_str);
    match dsn.and_then(key::of_dsn) {
        Some(key) => named(app, key, certified.as_ref()),
        None => certified.ok_or_else(|| Code::Unauthenticated.into()),
    }
}

async fn admit(app: &App, unpacked: Unpacked) -> Result<Taken, Refusal> {
    let Unpacked {
        who,
        body,
        mut decoded,
        mut charge,
    } = unpacked;
    let mut id = plain(&decoded.event_id).unwrap_or_default();
    let mut counts = Accepted {
        kept: decoded.events.count() as u64,
        rejected: decoded.rejected,
        signal: Signal::Logs,
    };
    if decoded.dump.is_none() {
        app.counters.items.add(&decoded.tally);
    }
    if counts.kept > 0 {
        let admitted = app
            .admit
            .admit(&who, RequestBody::new(&body), decoded.events);
        admitted.await.map_err(refusal_of)?;
    }
    if let Some(dump) = decoded.dump {
        // Beside other events the crash is another request, whose resending has the same bytes.
        let identity = Sha256::digest(body.get(usize::from(counts.kept > 0)..).unwrap_or_default());
        drop(body);
        // While it waits for its turn it holds what is left: itself, and what is told beside it.
        let about_bytes = pairs_bytes(&dump.about.attributes) + pairs_bytes(&dump.about.resource);
        charge.shrink_to(dump.bytes.count() + 2 * about_bytes);
        let told = crash(app, &who, &identity, dump).await;
        if !matches!(told, Ok(Some(_))) {
            let (from, to) = (Outcome::Taken, Outcome::Malformed);
            decoded.tally.change("minidump", from, to);
        }
        app.counters.items.add(&decoded.tally);
        match told? {
            Some(digest) if id.is_empty() => id = HEXLOWER.encode(&digest),
            Some(_) => {}
            None => counts.rejected += 1,
        }
        counts.kept += 1;
    }
    drop(charge);
    Ok(Taken { id, counts })
}

/// Has a dump looked at, and its crash admitted; gives its id. Where it cannot be looked at, the
/// report that came with it is admitted alone, since its sender will not send it again.
async fn crash(
    app: &App,
    who: &Principal,
    identity: &[u8],
    dump: Dump,
) -> Result<Option<[u8; 16]>, Refusal> {
    let Dump {
        bytes,
        mut about,
        has_report,
    } = dump;
    let (event, id) = match app.admit.crash(who, bytes).await {
        Ok(crashed) => (super::about(crashed.event, &mut about), Some(crashed.id)),
        Err(_) if has_report => (std::mem::take(&mut *about), None),
        Err(CrashError::Refused) => return Err(Code::MinidumpRefused.into()),
        Err(CrashError::NoSandbox) => return Err(Code::CrashUnavailable.into()),
        Err(CrashError::NotNow(error)) => return Err(refusal_of(error)),
    };
    let events = Raw::new(vec![event]);
    let admitted = app
        .admit
        .admit(who, RequestBody::known_by(identity, 0), events);
    admitted.await.map_err(refusal_of)?;
    Ok(id)
}

/// An id as Sentry writes it: 32 hexadecimal digits, without dashes. Nothing else is told back.
fn plain(id: &str) -> Option<String> {
    let digits = id.replace('-', "");
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
    (bytes.len() == 16).then(|| HEXLOWER.encode(&bytes))
}

/// The same id as crash reporters expect it.
fn dashed(id: &str) -> Option<String> {
    let mut rest = id;
    let mut parts = Vec::new();
    for len in [8, 4, 4, 4] {
        let (part, after) = rest.split_at_checked(len)?;
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    Some(parts.join("-"))
}
