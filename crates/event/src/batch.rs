//! What one acknowledged request becomes: the unit of the journal.

use std::fmt;

use crate::facts::Facts;
use crate::{Event, EventId, Kind, Region, TenantId};

/// An event that was not admitted, with every value stripped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quarantined {
    /// Stable reason code, such as `late_hit` or `canary`.
    pub reason: String,
    /// Rule that caused it.
    pub rule: String,
    /// Paths of the fields that the event had; keys that are not known names are left out.
    pub paths: Vec<String>,
    /// Service that sent it, where its name may be told; empty otherwise.
    pub source: String,
    /// What redaction had removed or replaced in it, as (class letter, rule id, count).
    pub removed: Vec<(String, String, u64)>,
    /// What it was.
    pub kind: Kind,
    /// When it happened, nanoseconds since the Unix epoch, where it said so and that is near its
    /// receipt; 0 otherwise: a number that anybody could choose is a value.
    pub time_unix_ns: u64,
    /// The raw event, for two people who are elsewhere, where its tenant opted in.
    pub sealed: Option<SealedRaw>,
}

/// A raw event that nobody here can open.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedRaw {
    /// Ciphertext.
    pub bytes: Vec<u8>,
    /// When it is deleted, seconds since the Unix epoch.
    pub until_unix_s: u64,
}

/// Says how long it is, and nothing of its bytes.
impl fmt::Debug for SealedRaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedRaw")
            .field("bytes_count", &self.bytes.len())
            .field("until_unix_s", &self.until_unix_s)
            .finish()
    }
}

/// One entry of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Admitted.
    Event(Event),
    /// Held back.
    Quarantined(Quarantined),
}

/// The entries of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Tenant whose token the request bore.
    pub tenant: TenantId,
    /// Where the tenant's data lives.
    pub region: Region,
    /// Keyed digest of the request's body: a resent request has the same.
    pub request_mac: [u8; 32],
    /// When it was received, nanoseconds since the Unix epoch.
    pub received_unix_ns: u64,
    /// What was removed before this batch came to be, as (class letter, rule id, count).
    pub removed: Vec<(String, String, u64)>,
    /// Its entries, in the order of the request.
    pub entries: Vec<(EventId, Entry)>,
    /// What the tenant's sampling plan wanted to know of them while they were raw, in their order;
    /// empty where there is no plan.
    pub facts: Vec<Option<Facts>>,
}
