//! Named limits, unit last.

/// Longest recorded arguments that are read.
pub const ARGUMENTS_BYTES_MAX: usize = 64 * 1024;
/// Deepest nesting of recorded arguments.
pub const ARGUMENTS_DEPTH_MAX: usize = 24;
/// Longest expectation.
pub const EXPECTATION_BYTES_MAX: usize = 500;
/// Longest dotted name.
pub const NAME_BYTES_MAX: usize = 200;
/// Flags and environment variables restored, each.
pub const CONDITIONS_COUNT_MAX: usize = 100;
/// Runs that must all fail for the recorded reason.
pub const CONFIRM_RUNS: usize = 3;
/// Runs of the oracle that telling needed texts from others may take.
pub const VEIL_RUNS_MAX: usize = 40;
/// Runs of the oracle that shrinking may take.
pub const SHRINK_RUNS_MAX: usize = 80;
/// Steps of the search for a number's boundary.
pub const BISECT_STEPS_MAX: usize = 16;
/// Leaves that are tried for a property.
pub const PROPERTY_LEAVES_MAX: usize = 4;
