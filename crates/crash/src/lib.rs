//! Minidumps and symbols, offline.
//!
//! The way of a dump: [`Examiner`] hands the file to a worker, a process of its own behind walls
//! with no network and under limits ([`limits`]), which runs [`serve`]: it reads the parts that
//! unwinding needs (`dump`), unwinds every thread with Breakpad symbols (`unwind`), writes a new
//! dump of what is let through (`strip`) and unwinds that too: it has to say the same. The answer
//! comes back as bytes that nobody believes (`wire`), and every free text of it is redacted
//! (`report`) before it is a [`Report`].
//!
//! [`Report::event`] makes of a report the event that is stored and grouped as any other failure.
//!
//! The way of symbols: [`SymbolStore`] keeps them sealed under a key of their own, and opens them
//! for a worker alone.
//!
//! **Architecture invariant:** a dump is parsed in a worker and nowhere else, and what is kept of
//! it is a [`StrippedDump`].
//!
//! **Architecture invariant:** nothing that a model can reach depends on this crate (`cargo xtask
//! tidy`).
//!
//! *Refusals* have stable codes ([`Refusal::code`], [`Error::code`]).

mod address;
mod dump;
mod error;
mod event;
mod examine;
pub mod limits;
mod names;
mod report;
mod store;
mod strip;
mod symbols;
mod unwind;
mod wire;
mod worker;
mod write;

pub use address::{Shown, Withheld};
pub use error::{Error, Refusal};
pub use examine::{Examined, Examiner, FindSymbols, StrippedDump, SymbolFeed, worker_limits};
pub use report::{Frame, Module, Report, Thread};
pub use store::{OpenerOf, StoredSymbols, SymbolReader, SymbolStore};
pub use symbols::SymbolId;
pub use worker::{serve, strip_here};
