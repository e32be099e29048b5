//! Stack traces and messages become stable ids and templates.
//!
//! The way of the data: [`parse_trace`] reads the stack trace of an exception attribute or of a
//! log body into a [`Trace`]; [`template()`] masks the variable parts of a message into typed
//! slots; [`group`] makes of either (or of a violated expectation) the [`Group`] that an event
//! belongs to, whose id is a hash of what stays the same when the same thing fails again.
//! [`Rules`] change what counts as a project's own code and what goes into an id; [`merges`] finds
//! groups that are one failure with two ids.
//! Beside it, [`Miner`] takes many lines and merges what differs in words that vary, and
//! [`mod@header`] reads the time, level and logger that stand before a message.
//!
//! **Architecture invariant:** no state. The id of an event depends on the one event alone:
//! neither on what was seen before, nor on order, restart, machine, line numbers, addresses or
//! pseudonyms. A merged template depends on the set of lines, and not on their order.
//!
//! **Architecture invariant:** nothing fails and nothing panics. Text that is no stack trace is
//! `None`; a damaged or truncated trace gives what can be read of it.
//!
//! *Complexity:* every function is linear in its input, and merging sorts besides; traces stop at
//! the limits of [`limits`].

mod class;
mod clock;
mod coarse;
mod duplicates;
mod fold;
mod glob;
mod group;
mod hash;
pub mod header;
mod id;
mod ips;
mod key;
mod language;
pub mod limits;
mod lines;
mod mask;
mod merge;
mod miner;
mod model;
mod path;
mod prefix;
mod root;
mod rules;
mod slot;
mod template;
mod trace;
mod wrap;

pub use duplicates::{GROUPS_COUNT_MAX, merges};
pub use group::{Group, GroupKind, group, group_event, group_trace, group_trace_with, group_with};
pub use miner::{Merged, Miner, ShapeNo};
pub use model::{ExceptionLink, Frame, Language, Relation, Trace};
pub use path::project_file;
pub use rules::{RULE_BYTES_MAX, RULES_COUNT_MAX, RuleError, Rules};
pub use template::{Template, template};
pub use trace::parse_trace;

#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod language_tests;
#[cfg(test)]
mod stable_tests;
#[cfg(test)]
mod trace_tests;
