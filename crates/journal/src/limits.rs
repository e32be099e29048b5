//! Named limits of the journal, unit last.

/// Longest payload in bytes that a reader believes: independent of the configuration, so that what
/// was written under a higher limit is still read.
pub(crate) const FRAME_READ_BYTES_MAX: u64 = 256 << 20;

/// Bounds of queue, files and waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of encoded batches that may wait for the disk.
    pub queue_bytes_max: usize,
    /// Batches that may wait for the disk.
    pub queue_count_max: usize,
    /// Bytes after which a group takes no further batch.
    pub group_bytes_max: usize,
    /// Bytes of one frame's payload, at most 256 MiB: a larger batch is refused.
    pub frame_bytes_max: usize,
    /// Bytes after which a new segment is begun.
    pub segment_bytes_max: u64,
    /// Bytes of segments that may wait for the store.
    pub backlog_bytes_max: u64,
    /// Bytes held back so that a full disk still takes what was admitted.
    pub reserve_bytes: u64,
    /// Bytes of damaged ranges kept in the lost-and-found.
    pub lost_bytes_max: u64,
    /// When a sender should retry, seconds.
    pub retry_after_s: u32,
    /// How often a disk that refused is tried again, milliseconds.
    pub probe_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_bytes_max: 64 << 20,
            queue_count_max: 4_096,
            group_bytes_max: 8 << 20,
            frame_bytes_max: 64 << 20,
            segment_bytes_max: 64 << 20,
            backlog_bytes_max: 4 << 30,
            reserve_bytes: 16 << 20,
            lost_bytes_max: 256 << 20,
            retry_after_s: 2,
            probe_ms: 500,
        }
    }
}
