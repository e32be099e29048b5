//! From the journal, what the sampler keeps, and why the rest is left out.
//!
//! The way of the data: a [`Folder`] reads what is durable and folds each tenant's spans into its
//! [`cordon_sample::Sampler`]. What that decides is written into a journal of decisions, and
//! counts once it is durable there. A [`Sifted`] reader follows behind: it hands out a frame when
//! every trace in it is decided ([`Release`]), with a ruling for each of its traces, the spans
//! that a late failure brings back, and whether the request came before.
//!
//! **Architecture invariant:** the buffer is the journal. What waits for a decision is in memory
//! as a summary only; after a crash it is folded again.
//!
//! **Architecture invariant:** what a reader hands out for a frame depends on durable decisions
//! alone: a frame that is read again, also by another process, is released alike.
//!
//! **Architecture invariant:** no text of an event is in a decision: trace ids, digests, numbers.
//! They are sealed for their tenant all the same.
//!
//! *When not to use it:* where no tenant has a plan and nothing is exported. Then the store reads
//! the journal itself.
//!
//! *Limits:* [`limits`]; where one is reached the folding waits for the readers, the journal
//! fills, and its senders are told to wait.

mod error;
mod fold;
mod folder;
pub mod limits;
mod log;
mod past;
mod plans;
mod recall;
mod record;
mod release;
mod state;
mod tenant;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use folder::{Folder, Opening, Step};
pub use plans::Plans;
pub use release::{Back, Release, Ruling, Sifted};
pub use state::{Flow, Sift};
