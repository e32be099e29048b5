//! Named limits, unit last.

/// Decided traces whose frames are not all released; beyond them nothing more is folded.
pub const FATES_COUNT_MAX: usize = 1_000_000;
/// Dropped traces whose spans can be brought back; of more, the oldest are forgotten.
pub const DROPPED_COUNT_MAX: usize = 500_000;
/// Fingerprints of failures that are known; when there are more, no failure is new any more.
pub const KNOWN_COUNT_MAX: usize = 200_000;
/// Requests by whose digest another one is known as the same; of more, the oldest are forgotten.
pub const REQUESTS_COUNT_MAX: usize = 200_000;
/// Seconds within which a request that comes again is the same, as the store has it.
pub const REQUEST_WINDOW_S: u64 = cordon_event::limits::RESENT_WINDOW_S;
/// Segments before the place of the slowest reader that are read at start for requests' digests.
pub const READ_BACK_SEGMENTS_MAX: u64 = 2;
/// Frames that one step folds.
pub const STEP_FRAMES_MAX: usize = 256;
/// Milliseconds for which consumed segments stay, so that a resent request is known after a crash.
pub const RING_MS_MIN: u64 = 60_000;
/// Bytes of the journal from which on consumed segments do not stay.
pub const RING_BYTES_MAX: u64 = 512 << 20;
/// Places of the ring, one a second.
pub const RING_COUNT_MAX: usize = 3_600;
/// Frames that are read for the traces that come back with one.
pub const BACK_FRAMES_MAX: usize = 4_096;
/// Events of one trace that come back.
pub const BACK_EVENTS_MAX: usize = 10_000;
/// Events that come back with one frame.
pub const BACK_ALL_EVENTS_MAX: usize = 50_000;
/// Bytes of a segment of the decisions.
pub const LOG_SEGMENT_BYTES_MAX: u64 = 8 << 20;
/// Segments of the decisions that are kept for late spans.
pub const LOG_SEGMENTS_COUNT: usize = 8;
/// Records in one frame of the decisions.
pub const LOG_RECORDS_MAX: usize = 10_000;
