//! Text becomes findings: key verdicts, provider tokens, validators, decoders.
//!
//! The way of the data: [`Detector::scan`] passes over the bytes once; a byte that may begin
//! something (a separator, `@`, a digit, a token's first letter) asks the rule family it belongs
//! to, whose check is anchored there and bounded. Runs that look encoded are decoded and scanned
//! again, and so is the text's shadow (escapes, colour codes and invisible characters undone).
//! A run in which something hides is one finding that says how it is encoded ([`Coding`]), so that
//! what hides in it can be replaced within.
//! Overlapping findings are merged.
//!
//! **Architecture invariant:** this crate does no I/O, holds no key and replaces nothing. A
//! finding names rule, class, kind and place, never the text.
//!
//! *Limits:* time is linear in the text for every input; decoding is bounded by
//! [`DECODE_DEPTH_MAX`], [`DECODE_BYTES_MAX`] and [`UNPACKED_BYTES_MAX`], findings by
//! [`FINDINGS_COUNT_MAX`].

mod account;
mod auth;
mod below;
mod block;
mod bytes;
mod call;
mod coding;
mod command;
mod composed;
mod detector;
mod device;
mod dsn;
mod email;
mod encoded;
mod finding;
mod fit;
mod form;
mod hash;
mod header;
mod iban;
mod ident;
mod identity;
mod key;
mod keyed;
mod languages;
mod lexicon;
#[cfg(test)]
mod linear;
mod marker;
mod markup;
mod member;
pub mod names;
mod net;
mod number;
mod pair;
mod pass;
mod pem;
mod person;
mod pool;
mod positional;
mod postal;
mod prose;
mod query;
pub mod rules;
mod screen;
mod shadow;
mod shape;
mod shell;
mod spoken_names;
mod street;
mod table;
mod tool;
mod url;
mod value;
mod word_list;
mod wrap;

pub use below::{Carry, carry};
pub use coding::{Coding, UNPACK_RATIO_MAX, UNPACKED_BYTES_MAX, utf16};
pub use detector::{
    DECODE_BYTES_MAX, DECODE_DEPTH_MAX, DECODE_RATIO_MAX, Detector, DetectorConfig,
    FINDINGS_COUNT_MAX, Scratch, decode_budget, is_silent, merge,
};
pub use finding::{Context, Finding, OwnIds, TokenKind};
pub use identity::{named_number, needs_form};
pub use key::{KEY_BYTES_MAX, KeyVerdict, LABELLED, coordinate, is_telling, joined, verdict};
pub use number::{is_card, luhn};
pub use pair::{ANY_VALUE, KIND_HOLDERS, is_one, says_kind, tells};
pub use pem::{
    continues as pem_continues, continues_behind as pem_continues_behind, head as pem_head,
    opens_in as pem_opens_in,
};
pub use rules::behind_head;
pub use shadow::undisguised;
pub use shape::{Looks, SHAPE_BYTES_MAX, Shape, Shapes, Sites, Spelled};
pub use value::{PSEUDONYM_CHARS, is_ours, is_placeholder, is_pseudonym};
pub use wrap::{Open, continued};
