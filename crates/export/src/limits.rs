//! Named limits, unit last.

/// Bytes of a URL, a header's name or a header's value.
pub(crate) const TEXT_BYTES_MAX: usize = 8 << 10;
/// Headers of an endpoint's own.
pub(crate) const HEADERS_COUNT_MAX: usize = 32;
/// Cursor files that were set aside and are kept.
pub(crate) const DAMAGED_COUNT_MAX: u32 = 8;
/// Bytes of a cursor file that are read.
pub(crate) const CURSOR_BYTES_MAX: u64 = 256;

/// How batches are gathered, cut and tried.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Batches of the source that are dealt with together. None is waited for.
    pub batches_count_max: usize,
    /// Events that batches are gathered up to; the last of them may go beyond.
    pub events_count_max: usize,
    /// Bytes of one request before compression; a record that is larger goes alone. Receivers of
    /// gRPC commonly take 4 MiB.
    pub request_bytes_max: usize,
    /// Records of one request.
    pub request_records_count_max: usize,
    /// A request that was too large for its receiver is halved down to this size, in bytes. What is
    /// smaller and still too large is set aside.
    pub split_bytes_min: usize,
    /// Longest wait before the second try, in milliseconds. It doubles with each try.
    pub backoff_first_ms: u64,
    /// Longest wait between tries, in milliseconds.
    pub backoff_ms_max: u64,
    /// Longest wait that a receiver may ask for, in milliseconds.
    pub retry_after_ms_max: u64,
    /// Tries of one request, after which it is set aside. Without it, a request is tried until it
    /// is taken, and the source waits.
    pub attempts_count_max: Option<u32>,
    /// How long one request is tried, in milliseconds, after which it is set aside. Without it, as
    /// above.
    pub attempts_ms_max: Option<u64>,
    /// Pause of [`crate::Exporter::run`] where the source has nothing, in milliseconds.
    pub idle_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batches_count_max: 256,
            events_count_max: 8_192,
            request_bytes_max: 3 << 20,
            request_records_count_max: 8_192,
            split_bytes_min: 64 << 10,
            backoff_first_ms: 1_000,
            backoff_ms_max: 60_000,
            retry_after_ms_max: 600_000,
            attempts_count_max: None,
            attempts_ms_max: None,
            idle_ms: 200,
        }
    }
}

/// What one exchange over the network may take.
#[derive(Clone, Debug)]
pub struct SendLimits {
    /// How long a connection may take to open, in milliseconds.
    pub connect_ms_max: u64,
    /// How long a request and its answer may take together, in milliseconds.
    pub request_ms_max: u64,
    /// Bytes of an answer that are read.
    pub answer_bytes_max: usize,
}

impl Default for SendLimits {
    fn default() -> Self {
        Self {
            connect_ms_max: 5_000,
            request_ms_max: 30_000,
            answer_bytes_max: 64 << 10,
        }
    }
}

/// How files are cut and how many are kept.
#[derive(Clone, Debug)]
pub struct FileLimits {
    /// Bytes after which a segment ends.
    pub segment_bytes_max: u64,
    /// Age at which a segment ends, in milliseconds.
    pub segment_ms_max: u64,
    /// Finished files that are kept; the oldest go.
    pub files_count_max: usize,
    /// Bytes of finished files that are kept together; the oldest go.
    pub files_bytes_max: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            segment_bytes_max: 64 << 20,
            segment_ms_max: 60_000,
            files_count_max: 4_096,
            files_bytes_max: 16 << 30,
        }
    }
}
