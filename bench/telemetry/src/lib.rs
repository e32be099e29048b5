//! Labelled telemetry from a seed, and the score of a redactor on it.
//!
//! The way of the data: [`generate`] draws [`Record`]s, each with the exact spans of the values
//! planted in it, or a trap that must come out as it came in; a redactor of any make turns each
//! record's text into another; [`score()`] compares the two and counts, by class, kind, carrier,
//! encoding and locale, what was removed, what stayed and what was destroyed.
//!
//! Not for use in the product: nothing here detects anything. The generators know no rule of the
//! detector, and the validators of numbers in the tests are this crate's own, so that a mistake of
//! the product cannot hide in its measure.
//!
//! *Invariants:* the same seed gives the same records on every platform, whatever their count; all
//! values are made up.

mod broken;
mod carrier;
mod check_digits;
mod draw;
mod encode;
mod encoded;
mod envelope;
mod generate;
mod held_back;
mod made;
mod marked;
mod noise;
mod noise_table;
mod numbers;
mod opened;
mod people;
mod record;
pub mod score;
mod states;
mod template;
mod tokens;
mod trap;
mod value;
mod wrap;

pub use draw::Draw;
pub use generate::{COUNT, SEED, generate};
pub use held_back::{HELD_BACK_SEED, held_back};
pub use opened::{OPENED_SEED, opened};
pub use record::{Class, Encoding, Format, Generator, Plant, Record, Shape};
pub use score::{Report, score};
