//! Named limits, unit last.

pub use cordon_event::limits::{
    FACT_BITS_COUNT_MAX as BITS_COUNT_MAX, FACT_SLOT_VALUES_MAX as SLOT_VALUES_MAX,
    FACT_SLOTS_COUNT_MAX as SLOTS_COUNT_MAX,
};

/// Longest configuration that is read.
pub const CONFIG_BYTES_MAX: usize = 1 << 20;
/// Values in one configuration, what an alias repeats counted each time.
pub const CONFIG_VALUES_MAX: usize = 100_000;
/// Deepest nesting of a configuration.
pub const CONFIG_DEPTH_MAX: usize = 64;
/// Problems that are told of one configuration.
pub const PROBLEMS_COUNT_MAX: usize = 50;
/// Policies of one plan, those inside others counted.
pub const POLICIES_COUNT_MAX: usize = 1_024;
/// Rules of one plan's samplers.
pub const RULES_COUNT_MAX: usize = 1_024;
/// Memory of one compiled pattern in bytes.
pub const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Longest pattern in bytes.
pub const PATTERN_TEXT_BYTES_MAX: usize = 4_096;
/// Longest value in bytes that a pattern is matched against; of a longer one its beginning.
pub const PATTERN_VALUE_BYTES_MAX: usize = 64 << 10;
/// Deepest nesting of an OTTL condition.
pub const CONDITION_DEPTH_MAX: usize = 64;
/// Longest OTTL condition in bytes.
pub const CONDITION_BYTES_MAX: usize = 16 << 10;
/// Longest OpenTelemetry entry of a tracestate (trace state handling, "Value").
pub const TRACESTATE_ENTRY_BYTES_MAX: usize = 256;
/// Longest tracestate that is read (W3C Trace Context Level 2, 3.3.1.5, asks for at least 512).
pub const TRACESTATE_BYTES_MAX: usize = 8 << 10;
/// Members of one tracestate (W3C Trace Context Level 2, 3.3.1.1).
pub const TRACESTATE_MEMBERS_MAX: usize = 32;
/// Keys of which a service level objective keeps counts.
pub const OBJECTIVE_KEYS_MAX: usize = 1_000;
/// Keys of a dynamic sampler, whatever its configuration says.
pub const SAMPLER_KEYS_MAX: usize = 100_000;
/// Ticks that a windowed sampler may look back.
pub const WINDOW_TICKS_MAX: u64 = 3_600;
/// Members of a ring.
pub const MEMBERS_COUNT_MAX: usize = 1_024;
/// Combinations of chance over which the share of traces that a plan keeps is summed; a trace
/// whose plan has more stands for itself alone.
pub const ODDS_CELLS_MAX: usize = 1_024;
