//! Named limits of the store, unit last.

/// A request seen again within this time is a duplicate, seconds.
pub const DEDUPE_WINDOW_S: u64 = 24 * 3_600;
/// Exemplars of a group that are kept from its beginning.
pub const EXEMPLARS_FIRST_MAX: usize = 4;
/// Exemplars of a group that are kept besides: failures that carry their call first, then other
/// failures, then the rest; the most recent of each.
pub const EXEMPLARS_RECENT_MAX: usize = 12;
/// Width of the buckets that counts over time are kept in, seconds; an hour once they are older
/// than two days.
pub const BUCKET_S: u64 = 300;
/// Groups of one tenant; events of further ones go to [`GROUP_OTHER`].
pub const GROUPS_COUNT_MAX: u64 = 100_000;
/// The group of events whose own group would be one too many, or has no usable id. It has the form
/// of a template's id, so that it is shown like any other.
pub const GROUP_OTHER: &str = "tpl_othergroupstogether";
/// The group of events that classifying failed on.
pub const GROUP_UNCLASSIFIED: &str = "tpl_unclassifiedevents";
/// What stands for a code that may not stand in clear.
pub(crate) const CODE_OTHER: &str = "other";
/// Releases remembered for a group: the most recently seen.
pub const RELEASES_COUNT_MAX: usize = 32;
/// Distinct subjects of one kind that are told apart in a group: enough to decide any k up to it.
pub const SUBJECTS_COUNT_MAX: usize = 64;
/// Changes of one tenant that are kept; those that were made first give way.
pub const CHANGES_COUNT_MAX: u64 = 100_000;
/// Quarantined entries of one tenant that can be listed; the oldest give way, and stay counted.
pub const QUARANTINE_COUNT_MAX: u64 = 10_000;
/// Rows that one query returns at most.
pub const ROWS_COUNT_MAX: usize = 10_000;
/// Longest code (group id, reason, rule) in bytes that may stand in clear.
pub(crate) const CODE_BYTES_MAX: usize = 96;
/// How far ahead of its receipt an event's own time is believed, seconds.
pub(crate) const AHEAD_S_MAX: u64 = 24 * 3_600;
/// How long a statement waits for another process's transaction, milliseconds.
pub(crate) const BUSY_MS_MAX: u64 = 5_000;
