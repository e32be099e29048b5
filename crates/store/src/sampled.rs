//! What a sampling plan says of the events of a batch.
//!
//! Statistics see every event: what is left out is counted in its group, and stored nowhere.

use std::collections::BTreeMap;

use cordon_event::{Event, EventId};
use cordon_redact::Clean;

/// What is left out of a batch, and what comes back with it. By default all of it is kept.
#[derive(Default)]
pub struct Sampled {
    /// Places of the entries that are left out, each with the policy, rule or reason.
    pub out: BTreeMap<usize, String>,
    /// Events of earlier batches, of the same tenant, that are kept after all.
    pub back: Vec<Back>,
}

/// An event that was left out first.
pub struct Back {
    /// Its identifier.
    pub id: EventId,
    /// When it was received, nanoseconds since the Unix epoch.
    pub received_unix_ns: u64,
    /// The event.
    pub event: Clean<Event>,
}
