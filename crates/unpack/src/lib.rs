//! The engine's module as a page loads it: packed, since what gzip leaves of it is too much for a
//! page, and unpacked by a small module around it.
//!
//! The way of the data: `cargo xtask wasm` packs the engine's module by LZMA and builds this crate
//! around it (feature `packed`); the page calls `cordon_unpack` and compiles the bytes that it
//! gets.
//!
//! The format is LZMA as the LZMA SDK's `lzma-specification.txt` has it, behind a head of our own:
//! four bytes of the unpacked length, little-endian, and one of the properties.
//!
//! *Limits:* [`UNPACKED_BYTES_MAX`]; time is linear in what is unpacked. No panic on any input:
//! what is no packed module is `None`.

mod decode;
#[cfg(feature = "packed")]
pub mod module;

pub use decode::{HEAD_BYTES, UNPACKED_BYTES_MAX, unpack};
