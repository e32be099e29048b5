//! Labelled incidents, and the score of a diagnosis on them.
//!
//! The way of the data: [`Labelled`] cases are read from the manifest that the recorder of
//! `examples/shop` or the simulator of `examples/rides` wrote; a diagnosis of any make answers each
//! with a ranked list of services, or none; [`Score`] compares the two, kind by kind, and
//! [`reliability`] its confidence with how often it is right. Nothing here diagnoses anything.

mod manifest;
mod reliability;
mod score;

pub use manifest::{Labelled, ManifestError, read};
pub use reliability::reliability;
pub use score::{Answer, Score, table};
