//! Points of metrics become counters: a row for each series and minute, and nothing else of them.
//!
//! A series is a tenant's service, metric, instrument, unit, temporality and monotonicity. No
//! attribute of a point is part of it: what attributes there are, and how many values they have, is
//! the sender's to choose. Points that differ by attributes are *streams* of a series, known by a
//! keyed digest, since a counter that is sent as a running total can only be added up stream by
//! stream.
//!
//! *Limits.* [`SERIES_COUNT_MAX`] series of a tenant; points of further ones are counted together,
//! and not added up. [`STREAMS_COUNT_MAX`] streams; the one not seen longest gives way, and begins
//! anew if it comes again. Rows older than two days become hourly.

pub(crate) mod expire;
pub(crate) mod point;
pub(crate) mod query;
pub(crate) mod text;
pub(crate) mod write;

/// Series of one tenant.
pub const SERIES_COUNT_MAX: u64 = 2_000;
/// Streams of one tenant whose running totals are remembered.
pub const STREAMS_COUNT_MAX: u64 = 50_000;
/// Longest service, name or unit of a series, in bytes; a longer one's points are counted with
/// those of further series.
pub(crate) const TEXT_BYTES_MAX: usize = 256;
/// A stream that is seen for the first time began within this time, milliseconds: its total is what
/// it grew by. What an older one had before it was seen is not known to be of any minute.
pub(crate) const FRESH_MS_MAX: i64 = 10 * 60 * 1_000;
/// A stream that was not seen for this time before the last of its series has ended, nanoseconds.
pub(crate) const STALE_NS: u64 = 5 * 60 * 1_000_000_000;
/// How far before its receipt a point's own time is believed, seconds.
pub(crate) const BEHIND_S_MAX: u64 = 24 * 3_600;
/// Width of a row, seconds; an hour once it is older than two days.
pub const MINUTE_S: u64 = 60;

/// What format 4 adds to format 3.
pub(crate) const TABLES: &str = "
CREATE TABLE metric_series (
    tenant TEXT NOT NULL, series BLOB NOT NULL, day INTEGER NOT NULL, last_ns INTEGER NOT NULL,
    sealed BLOB NOT NULL, PRIMARY KEY (tenant, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX metric_series_day ON metric_series (tenant, day);
CREATE TABLE metric_minute (
    tenant TEXT NOT NULL, series BLOB NOT NULL, minute INTEGER NOT NULL,
    points INTEGER NOT NULL, measured INTEGER NOT NULL, sum REAL NOT NULL,
    observations INTEGER NOT NULL, min REAL, max REAL, last REAL, last_ns INTEGER NOT NULL,
    PRIMARY KEY (tenant, series, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX metric_minute_minute ON metric_minute (tenant, minute);
CREATE TABLE metric_stream (
    tenant TEXT NOT NULL, stream BLOB NOT NULL, series BLOB NOT NULL, value REAL NOT NULL,
    observations INTEGER NOT NULL, at_ns INTEGER NOT NULL, PRIMARY KEY (tenant, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX metric_stream_at ON metric_stream (tenant, at_ns);
CREATE INDEX metric_stream_series ON metric_stream (tenant, series);
";

#[cfg(test)]
#[path = "rollup_tests.rs"]
mod tests;
