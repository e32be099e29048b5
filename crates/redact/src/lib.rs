//! Raw events become clean events with receipts, or a quarantine verdict.
//!
//! The way of the data: [`Redactor`] walks the fields of a raw event, asks `detect` for findings,
//! replaces them (class A is removed, class B becomes a typed pseudonym), scans the result a
//! second time with a path of its own, and hands out [`Clean`] data.
//!
//! **Architecture invariant:** this is the one place where [`Clean`] is made.
//!
//! A marker is `[removed:<rule>]`, a pseudonym `<kind>_<24 characters of base32>`; no rule
//! matches either, so that redaction is idempotent.

mod batch;
mod canary;
mod clean;
mod dictionary;
mod guard;
mod json;
mod keys;
mod known;
mod names;
mod policy;
mod pseudonym;
mod receipt;
mod redactor;
mod second;
mod stream;
mod walk;
mod work;

pub use batch::{BatchMeta, BatchOutcome};
pub use clean::{Clean, CleanError, Stored, Technical};
pub use guard::{GuardStep, HOLD_BYTES, OutputGuard};
pub use keys::{OpenError, Opener, PseudonymMac, SealError, Sealer};
pub use names::NameScope;
pub use policy::{Policy, PolicyError, Term};
pub use receipt::{Finding, Receipt};
pub use redactor::{Outcome, Page, Redacted, Redactor, TokenRow, Verdict};
pub use stream::{LineFormat, StreamRedactor};
