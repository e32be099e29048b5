//! Two windows of telemetry, one in which all was well: which service is it, and why?
//!
//! The way of the data: clean events fill a [`Case`]; the checks (`latency`, `errors`, `flow`,
//! `logs`, `resource`) each compare the windows and say how much speaks against each service;
//! `rank` weighs them against each other along the graph of calls.
//!
//! **Architecture invariant:** the same telemetry in any order yields the same answer.

mod answer;
mod attribute;
pub(crate) mod case;
mod cause;
mod changed;
mod commit;
mod errors;
mod evidence;
mod flow;
mod frame;
mod graph;
mod latency;
mod logs;
mod measure;
pub(crate) mod names;
mod onset;
mod operation;
mod path;
mod rank;
pub(crate) mod render;
mod report;
mod repository;
mod resource;
pub(crate) mod words;

#[cfg(test)]
mod tests;

pub(crate) use case::Failure;
pub use case::{Case, RECORDS_COUNT_MAX, Side};
pub use cause::Cause;
pub use commit::{CommitVerdict, SuspectCommit};
pub use evidence::{Check, Evidence, Numbers, Subject, Unit};
pub use frame::SuspectFrame;
pub use path::file_name;
pub use rank::Strengths;
pub use render::{json, markdown, text};
#[cfg(feature = "repository")]
pub(crate) use report::places_alone;
pub use report::{Change, Extent, Moment, Report, Suspect, Verdict, investigate};
pub use repository::{Commit, Hunk, Repository, Touched};
