//! Named limits of the store, unit last.

/// A request seen again within this time is a duplicate, seconds.
pub const DEDUPE_WINDOW_S: u64 = cordon_event::limits::RESENT_WINDOW_S;
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
/// Values of one dimension (component, release, region, module) that are told apart in a group: the
/// most recently seen. What is beyond is `other`, and counted.
pub const VALUES_COUNT_MAX: usize = 32;
/// Longest value, and longest name of a component, in bytes; a longer one is `other`.
pub(crate) const VALUE_BYTES_MAX: usize = 200;
/// Distinct subjects of one kind that are told apart behind one value: just above what a k rule
/// asks for.
pub const VALUE_SUBJECTS_COUNT_MAX: usize = 8;
/// Components of one tenant that are told apart.
pub const TENANT_COMPONENTS_COUNT_MAX: usize = 256;
/// Releases of one tenant, over all its components, that are told apart.
pub const TENANT_RELEASES_COUNT_MAX: usize = 512;
/// Releases of one tenant that gave way and are remembered, so that none is taken for new when it
/// is seen again; beyond that no release is taken for new.
pub(crate) const RELEASES_GONE_COUNT_MAX: usize = 4_096;
/// Traces and minutes of one tenant, each with one group, that are remembered to tell what occurs
/// together; the oldest give way as a whole, down to three quarters.
pub(crate) const OCCASIONS_COUNT_MAX: u64 = 20_000;
/// Groups of one trace or minute that are paired with each other.
pub const OCCASION_GROUPS_COUNT_MAX: usize = 16;
/// Pairs of groups of one tenant; those seen together least give way.
pub const PAIRS_COUNT_MAX: u64 = 10_000;
/// Fewest occasions on which two groups occurred together before it is told.
pub const PAIR_SUPPORT_MIN: u64 = 5;
/// Groups whose parts are opened to see what many tenants share: those that most tenants have.
pub const ACROSS_GROUPS_COUNT_MAX: usize = 5_000;
/// Groups that are told across tenants.
pub const ACROSS_COUNT_MAX: usize = 500;
/// Changes of one tenant that are kept; those that were made first give way.
pub const CHANGES_COUNT_MAX: u64 = 100_000;
/// Quarantined entries of one tenant that can be listed; the oldest give way, and stay counted.
pub const QUARANTINE_COUNT_MAX: u64 = 10_000;
/// Sealed raw events of one tenant; the oldest give way, and their entries stay.
pub const SEALED_RAW_COUNT_MAX: u64 = 1_000;
/// Rows that one query returns at most.
pub const ROWS_COUNT_MAX: usize = 10_000;
/// Longest code (group id, reason, rule) in bytes that may stand in clear.
pub(crate) const CODE_BYTES_MAX: usize = 96;
/// How far ahead of its receipt an event's own time is believed, seconds.
pub(crate) const AHEAD_S_MAX: u64 = 24 * 3_600;
/// How long a statement waits for another process's transaction, milliseconds.
pub(crate) const BUSY_MS_MAX: u64 = 5_000;
