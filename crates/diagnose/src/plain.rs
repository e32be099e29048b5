//! Plain logs: what fails, since when, and what was first.

pub mod fields;
pub mod line;
pub mod trouble;
