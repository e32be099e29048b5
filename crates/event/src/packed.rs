//! The journal's form of a batch: bytes, written and read by hand.
//!
//! ```text
//! version u8 = 3 | tenant | region | request digest 32 | received | removed
//! entries: count, then each: id 16 | kind of entry u8 | event or quarantined
//! facts: count, then each: length, bytes; none where the length is 0
//! ```
//!
//! Numbers are LEB128, signed ones zigzag; a text is its length and its bytes. Names of fields and
//! the fields of an origin are written once and then told by their number, in the order in which
//! they first came. A form that a later version writes has another version byte; version 2 had
//! no facts and no flags of a trace.
//!
//! *Why so:* this is written for every event that arrives and read once. The [stored
//! form](crate::codec) of an event that is kept is JSON, since it is few and outlives versions.
//!
//! *Limits:* what is read is bounded by the bytes that are there; nesting by
//! [`STORED_DEPTH_MAX`](crate::limits::STORED_DEPTH_MAX).

mod read;
mod write;

pub use read::{decode_batch, decode_raw_event};
pub use write::{encode_batch, encode_raw_event};

/// First byte of a batch. The JSON that came before it begins with `{`.
const VERSION: u8 = 3;
/// The version before it, which is still read.
const VERSION_WITHOUT_FACTS: u8 = 2;

/// Kinds of entries.
const EVENT: u8 = 0;
/// As it was written before a quarantined entry had a kind, a time and a sealed event.
const QUARANTINED: u8 = 1;
const HELD: u8 = 2;

/// Which identifiers of an event follow.
const HAS_TRACE: u8 = 1;
const HAS_SPAN: u8 = 2;
const HAS_PARENT: u8 = 4;
const HAS_FLAGS: u8 = 8;

mod tag {
    //! Tags of values: one byte before each.
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT: u8 = 3;
    pub(super) const DOUBLE: u8 = 4;
    pub(super) const STRING: u8 = 5;
    pub(super) const BYTES: u8 = 6;
    pub(super) const ARRAY: u8 = 7;
    pub(super) const MAP: u8 = 8;
}

#[cfg(test)]
mod tests;
