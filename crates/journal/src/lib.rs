//! Sealed segment log with group commit: acknowledged means on disk.
//!
//! The way of the data: [`Journal::append`] encodes a clean batch and queues it; the writer thread
//! takes what waits, seals each batch for its tenant, writes the group, syncs once and answers
//! each [`Ticket`]. A [`Reader`] follows from a [`Cursor`]; [`Journal::trim`] deletes what the
//! store has consumed.
//!
//! **Architecture invariant:** only `Clean` data comes in, and only sealed bytes reach a file.
//!
//! **Architecture invariant:** no byte sequence in the directory keeps [`Journal::open`] from
//! succeeding; damage costs the frames it hits and nothing else.
//!
//! **Architecture invariant:** a segment is never opened for writing twice. A restart begins a new
//! one; so does any error while writing.

mod crc32c;
#[cfg_attr(
    not(feature = "faults"),
    expect(unreachable_pub, reason = "public with the feature `faults` alone")
)]
mod disk;
mod error;
mod extents;
#[cfg(feature = "faults")]
pub mod faults;
mod follow;
mod frame;
mod journal;
mod keys;
mod limits;
mod lost;
mod queue;
mod reader;
#[cfg(test)]
mod tests;
mod ticket;
mod writer;

pub use error::Error;
pub use follow::Follower;
pub use journal::{Journal, Recovery, Status};
pub use keys::{FreshKey, KeyError, SegmentKeys};
pub use limits::Limits;
pub use reader::{Found, Reader, Skipped};
pub use ticket::Ticket;

/// A place in the journal: everything before it has been dealt with. Ordered as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// Number of the segment.
    pub segment: u64,
    /// Byte in the segment.
    pub offset: u64,
}

impl Cursor {
    /// Highest number of a segment: a file or a cursor that claims more is not ours.
    pub const SEGMENT_MAX: u64 = 1 << 48;
}
