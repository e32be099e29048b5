//! One request's way: who, how much, read, inflate, decode, admit.

use std::collections::HashMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, Request, Version, header};
use cordon_event::TenantId;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::admit::{Admit, AdmitError, Holder, Principal, RequestBody};
use crate::body::{Encoding, drain, inflate, read};
use crate::counters::Counters;
use crate::decode::{Format, decode_charged};
use crate::error::{Code, Error};
use crate::limits::Limits;
use crate::meter::{Charge, Ledger};
use crate::reply::{Accepted, Refusal, Signal};
use crate::sink::Decoded;
use crate::tls::Certified;

/// Bodies longer than this are inflated and decoded off the connections' threads.
const INLINE_BYTES_MAX: usize = 64 << 10;

/// What all connections share.
pub(crate) struct State {
    pub(crate) admit: Arc<dyn Admit>,
    pub(crate) limits: Limits,
    pub(crate) ledger: Arc<Ledger>,
    /// The share of requests whose sender is not known yet.
    pub(crate) unnamed: Arc<Ledger>,
    /// The share of minidumps.
    pub(crate) dumps: Arc<Ledger>,
    /// Those of tenants; there are as many as tenants.
    tenants: Mutex<HashMap<TenantId, Arc<Ledger>>>,
    pub(crate) counters: Counters,
    stopping: AtomicBool,
}

impl State {
    pub(crate) fn new(admit: Arc<dyn Admit>, limits: Limits) -> Self {
        let ledger = Ledger::new(limits.in_flight_bytes_max);
        Self {
            admit,
            unnamed: ledger.share(limits.unnamed_in_flight_bytes_max),
            dumps: ledger.share(limits.minidump_in_flight_bytes_max),
            tenants: Mutex::default(),
            limits,
            ledger,
            counters: Counters::new(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Says on `/readyz` from now on that this process is about to end.
    pub(crate) fn announce_stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}

impl State {
    /// What the requests of one tenant may hold together: the rest stays for others.
    pub(crate) fn share_of(&self, who: &Principal) -> Arc<Ledger> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = tenants.get(&who.tenant) {
            return Arc::clone(share);
        }
        let share = self.ledger.share(self.limits.tenant_in_flight_bytes_max);
        tenants.insert(who.tenant.clone(), Arc::clone(&share));
        share
    }
}

/// How the body is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Http,
    Grpc,
}

/// Takes one request, whatever happens: a panic on the way is [`Code::Internal`].
pub(crate) async fn take(
    state: &Arc<State>,
    request: Request<Body>,
    framing: Framing,
    format: Result<Format, Code>,
) -> Result<Accepted, Refusal> {
    let result = guarded(state, take_inner(state, request, framing, format)).await;
    if let Ok(done) = &result {
        state.counters.accepted(*done);
    }
    result
}

/// Follows a request's way; a panic on it is [`Code::Internal`], and refusals are counted.
pub(crate) async fn guarded<T>(
    state: &Arc<State>,
    way: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let mut way = pin!(way);
    let caught = std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| way.as_mut().poll(context)))
            .unwrap_or(Poll::Ready(Err(Refusal::from(Code::Internal))))
    });
    let mut result = caught.await;
    if let Err(refusal) = &mut result {
        state.counters.refused(refusal.code);
        if refusal.code.is_retryable() && refusal.retry_after_s.is_none() {
            refusal.retry_after_s = Some(state.limits.retry_after_s);
        }
    }
    result
}

async fn take_inner(
    state: &Arc<State>,
    request: Request<Body>,
    framing: Framing,
    format: Result<Format, Code>,
) -> Result<Accepted, Refusal> {
    let opened = open(state, &request, framing, format);
    let (head, body) = request.into_parts();
    let (who, format, encoding) = match opened {
        Ok(opened) => opened,
        Err(refusal) => {
            // HTTP/2 tells the sender to stop; a sender that waits for 100 has sent nothing.
            if head.version < Version::HTTP_2 && !head.headers.contains_key(header::EXPECT) {
                drain(
                    body,
                    &state.limits,
                    Instant::now() + state.limits.body_timeout,
                )
                .await;
            }
            return Err(refusal);
        }
    };
    let mut charge = Charge::new(&state.share_of(&who));
    let wire = read(body, &state.limits, &mut charge).await?;
    state.counters.body(wire.len());
    let unpack = Unpack {
        state: Arc::clone(state),
        tenant: who.tenant.as_str().to_owned(),
        wire,
        framing,
        format,
        encoding,
        charge,
    };
    let Unpacked {
        body,
        decoded,
        charge,
    } = if unpack.wire.len() <= INLINE_BYTES_MAX && encoding == Encoding::Identity {
        unpack.run()?
    } else {
        let task = tokio::task::spawn_blocking(move || unpack.run());
        task.await.map_err(|_| Code::Internal)??
    };
    let count = decoded.events.count() as u64;
    if count > 0 {
        let admitted = state
            .admit
            .admit(&who, RequestBody::new(&body), decoded.events)
            .await;
        admitted.map_err(refusal_of)?;
    }
    drop(charge);
    Ok(Accepted {
        kept: count,
        rejected: decoded.rejected,
        signal: match format {
            Format::TracesProtobuf | Format::TracesJson => Signal::Traces,
            Format::MetricsProtobuf | Format::MetricsJson => Signal::Metrics,
            _ => Signal::Logs,
        },
    })
}

/// What the header alone can settle, before a byte of the body is read.
fn open(
    state: &State,
    request: &Request<Body>,
    framing: Framing,
    format: Result<Format, Code>,
) -> Result<(Principal, Format, Encoding), Refusal> {
    let headers = request.headers();
    let who = sender(state, request)?;
    let format = format?;
    let name = match framing {
        Framing::Http => header::CONTENT_ENCODING.as_str(),
        Framing::Grpc => "grpc-encoding",
    };
    let encoding = Encoding::parse(headers.get(name).map(|v| v.to_str().unwrap_or("?")))?;
    let said = request.body().size_hint().lower();
    if said > state.limits.body_bytes_max as u64 {
        return Err(Code::BodyTooLarge.into());
    }
    state.admit.lets_in(&who).map_err(refusal_of)?;
    Ok((who, format, encoding))
}

/// Whom token and certificate name. A certificate is enough; a token beside it must not be
/// another tenant's.
fn sender(state: &State, request: &Request<Body>) -> Result<Principal, Refusal> {
    let certified = certified(state, request)?;
    match bearer(request.headers()) {
        Some(bearer) => named(state, bearer, certified.as_ref()),
        None => certified.ok_or_else(|| Code::Unauthenticated.into()),
    }
}

/// Whom the client's certificate names.
pub(crate) fn certified(
    state: &State,
    request: &Request<Body>,
) -> Result<Option<Principal>, Refusal> {
    match request.extensions().get::<Certified>() {
        Some(Certified(names)) => match state.admit.certified(names).map_err(refusal_of)? {
            Holder::Nobody => Ok(None),
            Holder::One(who) => Ok(Some(who)),
            Holder::Several => Err(Code::CertificateTenant.into()),
        },
        None => Ok(None),
    }
}

/// Whom a token names, which is nobody else than whom the certificate names.
pub(crate) fn named(
    state: &State,
    token: &str,
    certified: Option<&Principal>,
) -> Result<Principal, Refusal> {
    let named = state.admit.authenticate(token).map_err(refusal_of)?;
    let named = named.ok_or(Code::Unauthenticated)?;
    if certified.is_some_and(|certified| *certified != named) {
        return Err(Code::CertificateTenant.into());
    }
    Ok(named)
}

/// The token of `Authorization: Bearer`, RFC 6750 section 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

pub(crate) fn refusal_of(error: AdmitError) -> Refusal {
    let after = |code, retry_after_s| Refusal {
        code,
        line: None,
        retry_after_s: Some(retry_after_s),
    };
    match error {
        AdmitError::Full { retry_after_s } => after(Code::Full, retry_after_s),
        AdmitError::EventsRate { retry_after_s } => after(Code::EventsRate, retry_after_s),
        AdmitError::BytesRate { retry_after_s } => after(Code::BytesRate, retry_after_s),
        AdmitError::Crowded { retry_after_s } => after(Code::TenantQueue, retry_after_s),
        AdmitError::Unavailable => Code::Unavailable.into(),
        AdmitError::Poisoned => Code::Poisoned.into(),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused {
                code,
                line,
                retry_after_s,
            } => Self {
                code,
                line,
                retry_after_s,
            },
            Error::Io(_) | Error::Tls { .. } => Code::Internal.into(),
        }
    }
}

/// A body on its way from the wire to events: the part that takes the processor's time.
struct Unpack {
    state: Arc<State>,
    tenant: String,
    wire: Zeroizing<Vec<u8>>,
    framing: Framing,
    format: Format,
    encoding: Encoding,
    charge: Charge,
}

struct Unpacked {
    body: Zeroizing<Vec<u8>>,
    decoded: Decoded,
    charge: Charge,
}

impl Unpack {
    fn run(mut self) -> Result<Unpacked, Refusal> {
        if self.framing == Framing::Grpc {
            let compressed = unframe(&mut self.wire)?;
            if !compressed {
                self.encoding = Encoding::Identity;
            } else if self.encoding == Encoding::Identity {
                return Err(Code::GrpcFrame.into());
            }
        }
        let limits = &self.state.limits;
        let body = inflate(self.wire, self.encoding, limits, &mut self.charge)?;
        let decoded = decode_charged(
            self.format,
            &body,
            Some(&self.tenant),
            limits,
            &mut self.charge,
        )?;
        Ok(Unpacked {
            body,
            decoded,
            charge: self.charge,
        })
    }
}

/// Takes the five bytes off the one message of a unary call; whether it is compressed.
fn unframe(wire: &mut Vec<u8>) -> Result<bool, Code> {
    let (head, message) = wire.split_first_chunk::<5>().ok_or(Code::GrpcFrame)?;
    let [flag, len @ ..] = *head;
    if flag > 1 || message.len() != u32::from_be_bytes(len) as usize {
        return Err(Code::GrpcFrame);
    }
    let rest = message.len();
    wire.copy_within(5.., 0);
    wire.truncate(rest);
    Ok(flag == 1)
}
