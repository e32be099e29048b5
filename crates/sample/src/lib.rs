//! Spans of a trace become one decision, to keep it or to drop it: a fold over summaries.
//!
//! The way of the data: a [`Plan`] is read ([`Plan::parse_native`], [`import`]). Of each raw span
//! it asks what its policies need to know ([`Plan::facts_of`]): bits and keyed digests, no values.
//! A [`Sampler`] folds the [`Facts`] of a trace into a [`Summary`] and, when the trace is due,
//! rules over it: a [`Verdict`] with its reason, and how many traces a kept one stands for, which
//! [`tracestate::write`] writes into its spans. [`ring`] says which replica has which trace.
//!
//! When not to use it: to sample single spans or logs. What shares a trace's id follows its
//! verdict.
//!
//! **Architecture invariant:** no clock, entropy, file or lock. Time is an argument, and what
//! looks like chance is a function of the trace id.
//!
//! **Architecture invariant:** no value of an attribute is in [`Facts`], [`Summary`],
//! [`Decision`] or a [`Problem`]. A problem shows the configuration, which is not telemetry.
//!
//! *Complexity:* facts are linear in the plan's questions and the span's attributes; folding in
//! the plan's bits; a decision in its policies.

mod ask;
mod bucket;
mod cache;
mod chance;
mod config;
mod dynamic;
pub mod import;
pub mod limits;
mod node;
mod objective;
mod odds;
mod ottl;
mod pattern;
mod plan;
mod problem;
mod raw;
pub mod ring;
mod rule;
mod sampler;
mod summary;
pub mod tracestate;
mod verdict;
mod wiped;

pub use chance::{MAX_ADJUSTED_COUNT, Threshold, randomness};
pub use cordon_event::facts::Facts;
pub use plan::Plan;
pub use problem::Problem;
pub use sampler::{Counters, Decision, Limits, Sampler, Seen, Trigger};
pub use summary::{FLAG_SAMPLED, SpanHeader, Summary};
pub use verdict::{Code, Reason, Verdict};
