//! Raw events become clean events with receipts, or a quarantine verdict.
//!
//! The way of the data: [`Redactor`] walks the fields of a raw event, asks `detect` for findings,
//! replaces them (class A is removed, class B becomes a typed pseudonym), scans the result a
//! second time with a path of its own, and hands out [`Clean`] data.
//!
//! **Architecture invariant:** this is the one place where [`Clean`] is made.

mod clean;
mod keys;
mod receipt;

pub use clean::{Clean, CleanError, Stored, Technical};
pub use keys::{OpenError, Opener, PseudonymMac, SealError, Sealer};
pub use receipt::{Finding, Receipt};
