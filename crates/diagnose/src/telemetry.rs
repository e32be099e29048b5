//! What the engine is given: clean events and counts of one tenant scope, as plain data.

use cordon_event::Event;
pub use cordon_fingerprint::GroupKind;

/// A span of time, nanoseconds since the Unix epoch; the end is excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Beginning.
    pub from_unix_ns: u64,
    /// End, excluded.
    pub to_unix_ns: u64,
}

impl Window {
    /// Whether the moment lies in the window.
    pub const fn contains(self, unix_ns: u64) -> bool {
        self.from_unix_ns <= unix_ns && unix_ns < self.to_unix_ns
    }
}

/// One fingerprint or template with its counts.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupStat {
    /// Identifier of the group.
    pub id: String,
    /// What it stands for.
    pub kind: GroupKind,
    /// Human-readable title.
    pub title: String,
    /// Message template.
    pub template: String,
    /// Whether its events tell of a failure.
    pub failure: bool,
    /// Service that emitted it.
    pub service: String,
    /// Events in the window.
    pub count_window: u64,
    /// Events in the baseline window.
    pub count_baseline: u64,
    /// First time it was ever seen, nanoseconds since the Unix epoch.
    pub first_seen_unix_ns: u64,
    /// Last time it was seen, nanoseconds since the Unix epoch.
    pub last_seen_unix_ns: u64,
    /// Releases it was seen on, in no particular order.
    pub releases: Vec<String>,
    /// Counts by hour: (hours since the Unix epoch, events).
    pub hourly: Vec<(u64, u64)>,
    /// Retrieval score for the question; 0 where it was not retrieved.
    pub relevance: f64,
}

/// A stored event that stands for its group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exemplar {
    /// Event id, lower-case hex.
    pub evidence_id: String,
    /// Group it belongs to.
    pub group_id: String,
    /// When it happened, nanoseconds since the Unix epoch; when it was received where the event
    /// does not say.
    pub time_unix_ns: u64,
    /// The event.
    pub event: Event,
    /// Retrieval score for the question; 0 where it was not retrieved.
    pub relevance: f64,
}

/// A change that was told, with what failed around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToldChange {
    /// Event id, lower-case hex.
    pub evidence_id: String,
    /// When it was made, nanoseconds since the Unix epoch.
    pub time_unix_ns: u64,
    /// What was changed.
    pub change: cordon_event::Change,
    /// Failing groups of the services that it concerns: id, events before it and from it on, each
    /// for the same length of time.
    pub around: Vec<(String, u64, u64)>,
}

/// Everything the engine may look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry {
    /// When the question was asked, nanoseconds since the Unix epoch.
    pub now_unix_ns: u64,
    /// Time the question is about.
    pub window: Window,
    /// Time to compare with.
    pub baseline: Window,
    /// Every group with a count in either window.
    pub groups: Vec<GroupStat>,
    /// Groups with a count in either window that too few subjects stand behind: they and their
    /// events are not here.
    pub groups_left_out: u64,
    /// Names of fields that the tenant has classified as technical: their values may be shown.
    pub technical_fields: Vec<String>,
    /// Stored events, failing and fine, of either window.
    pub exemplars: Vec<Exemplar>,
    /// Changes that were told, of either window.
    pub changes: Vec<ToldChange>,
    /// The question, redacted.
    pub question: String,
}
