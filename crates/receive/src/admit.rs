//! What stands behind the listeners, as a trait: redaction, journal, tenants.

use std::future::Future;
use std::pin::Pin;

use cordon_event::{Event, Raw, Region, TenantId};

/// Whom a bearer token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The tenant.
    pub tenant: TenantId,
    /// Where its data lives.
    pub region: Region,
}

/// Whose the names of a certificate are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// No tenant's.
    Nobody,
    /// All that are some tenant's are that one's.
    One(Principal),
    /// More tenants than one have some of them, so that none of them may be taken for the sender.
    Several,
}

/// The decompressed body of a request, lent for a keyed digest by which a resent request is known.
///
/// It is raw: it cannot be printed, compared, cloned or stored.
pub struct RequestBody<'a> {
    identity: &'a [u8],
    worth_bytes: u64,
}

impl<'a> RequestBody<'a> {
    /// Takes a body in, for callers without a listener.
    pub fn new(body: &'a [u8]) -> Self {
        Self::known_by(body, body.len() as u64)
    }

    /// What is known by other bytes than its own, of which there are so many.
    pub fn known_by(identity: &'a [u8], worth_bytes: u64) -> Self {
        Self {
            identity,
            worth_bytes,
        }
    }

    /// The bytes to digest; for nothing else.
    pub fn digest_input(&self) -> &[u8] {
        self.identity
    }

    /// How many bytes were sent, decompressed: what the request is worth among others.
    pub fn worth_bytes(&self) -> u64 {
        self.worth_bytes
    }
}

/// Why a request was not admitted. All are answered with `Retry-After`, over gRPC with `RetryInfo`:
/// the sender keeps the data. A tenant's rate is 429 and `RESOURCE_EXHAUSTED`, everything else 503
/// and `UNAVAILABLE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdmitError {
    /// Nothing more fits now, in memory or on disk.
    Full {
        /// Seconds after which to try again.
        retry_after_s: u32,
    },
    /// The tenant sends more events than it may.
    EventsRate {
        /// Seconds after which to try again.
        retry_after_s: u32,
    },
    /// The tenant sends more bytes than it may.
    BytesRate {
        /// Seconds after which to try again.
        retry_after_s: u32,
    },
    /// As many requests of the tenant wait as may; others' are taken.
    Crowded {
        /// Seconds after which to try again.
        retry_after_s: u32,
    },
    /// What is behind cannot be reached, or is stopping.
    Unavailable,
    /// Storage failed in a way that an operator must look at.
    Poisoned,
}

/// What a minidump tells.
pub struct Crashed {
    /// The event of the crash: what the report of it says, and nothing else of the dump.
    pub event: Event,
    /// What the sender is told the crash is called, where it has no id of its own.
    pub id: [u8; 16],
}

/// Why a minidump tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashError {
    /// It cannot be read, or tells of no crash. It never will: it must not be sent again.
    Refused,
    /// There is no sandbox to read it in, so that an operator must install one.
    NoSandbox,
    /// It cannot be looked at now.
    NotNow(AdmitError),
}

/// Whether telemetry would be admitted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It would.
    Ready,
    /// It would not, for this reason (a stable code, no payload).
    NotReady(&'static str),
}

/// One thing that has to hold for telemetry to be admitted, as `/readyz?verbose` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name: a stable word.
    pub name: &'static str,
    /// Why it does not hold, where it does not: a stable code, no payload.
    pub failed: Option<&'static str>,
}

/// A future that crosses a `dyn` boundary.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What stands behind the listeners.
pub trait Admit: Send + Sync + 'static {
    /// Whom a bearer token names; `None` for a token that names nobody, and an error where that
    /// cannot be found out now: the sender's token may be good.
    fn authenticate(&self, bearer: &str) -> Result<Option<Principal>, AdmitError>;

    /// Whom the names of a client's certificate are.
    fn certified(&self, _names: &[String]) -> Result<Holder, AdmitError> {
        Ok(Holder::Nobody)
    }

    /// Whether anything of the sender would be let in now: asked before its body is read. Never of
    /// a minidump.
    fn lets_in(&self, _who: &Principal) -> Result<(), AdmitError> {
        Ok(())
    }

    /// Redacts and journals; returns after the events are durable, quarantined ones included.
    ///
    /// The future may be dropped at any await point when the sender goes away. Events may by then
    /// be durable or not; the sender, not acknowledged, sends them again.
    fn admit<'a>(
        &'a self,
        who: &'a Principal,
        body: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>>;

    /// Looks at a minidump behind walls. Nothing of it is kept: its bytes are wiped when this is
    /// done with them, and what it tells is admitted as any other event. What has no walls looks
    /// at none.
    fn crash<'a>(
        &'a self,
        _who: &'a Principal,
        _dump: Raw<Vec<u8>>,
    ) -> BoxFuture<'a, Result<Crashed, CrashError>> {
        Box::pin(async { Err(CrashError::NoSandbox) })
    }

    /// Whether telemetry would be admitted now, for `/readyz`.
    fn ready(&self) -> Readiness;

    /// What has to hold for that, each by its name.
    fn checks(&self) -> Vec<Check> {
        let failed = match self.ready() {
            Readiness::Ready => None,
            Readiness::NotReady(code) => Some(code),
        };
        vec![Check {
            name: "admit",
            failed,
        }]
    }

    /// Metrics of what is behind, in the Prometheus text format; appended to the listener's own.
    fn metrics(&self) -> String;
}
