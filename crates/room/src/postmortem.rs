//! A draft of a postmortem, out of a report and what its user gives.
//!
//! *Invariant:* nothing is made up. What nobody told is left open (`null`, an empty list), and each
//! time says which two entries of the timeline it was computed from, or that it was given.

mod course;
mod draft;
mod markup;
mod privacy;

pub use draft::draft;
pub use markup::{html, markdown};
