//! What one acknowledged request becomes: the unit of the journal.

use crate::facts::Facts;
use crate::{Event, EventId, Region, TenantId};

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
