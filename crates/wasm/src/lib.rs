//! The redaction engine in a page, or in any other host of WebAssembly: the same findings and the
//! same clean text as the binary's, byte for byte.
//!
//! The way of the data: the host writes raw text into the module's memory and asks for its
//! redaction; the input is wiped, and the clean text and a report without a value stand in the
//! module's memory until the next call. [`abi`] is that, as functions over numbers and addresses;
//! [`Engine`] is the same for Rust.
//!
//! **Architecture invariant:** nothing is imported from the host: no clock, no randomness, no
//! network. The key for pseudonyms is the page's, which draws it or is given it.
//! **Architecture invariant:** values never come back: rows of pseudonym and value are dropped and
//! wiped here.
//!
//! *Limits:* [`abi::INPUT_BYTES_MAX`] of input, [`abi::ENGINES_COUNT_MAX`] engines.

pub mod abi;
mod engine;
mod error;
mod mac;
mod pending;
mod places;
mod policy;
mod room;

pub use engine::{Answer, Engine, Format};
pub use error::Error;
pub use mac::KEY_BYTES;
pub use room::{Document, Finished, Room, SOURCE_BYTES_MAX, SOURCES_COUNT_MAX};
