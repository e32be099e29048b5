//! Raw events become clean events with receipts, or a quarantine verdict.
//!
//! The way of the data: [`Redactor`] walks the fields of a raw event, asks `detect` for findings,
//! replaces them (class A is removed, class B becomes a typed pseudonym or what the policy's
//! [`Actions`] say), lets go of fields that its [`Schema`] does not know where the policy denies
//! them, scans the result a second time with a path of its own, and hands out [`Clean`] data.
//!
//! **Architecture invariant:** this is the one place where [`Clean`] is made.
//!
//! A marker is `[removed:<rule>]`, a pseudonym `<kind>_<24 characters of base32>`; no rule
//! matches either, and what stands around them is read until it stays (`settle`), so that
//! redaction is idempotent.

mod action;
mod batch;
mod by;
mod canary;
mod carry;
mod change;
mod clean;
mod dictionary;
mod env_file;
mod events;
mod guard;
mod holding;
mod import;
mod json;
mod keys;
mod known;
mod learn;
mod minimise;
mod name;
mod names;
mod number;
mod open_key;
mod pairs;
mod policy;
mod pseudonym;
mod quotation;
mod receipt;
mod recode;
mod records;
mod redactor;
mod remembered;
mod schema;
mod second;
mod settle;
mod sieve;
mod stream;
mod template;
mod walk;
mod work;

pub use action::{Action, Actions};
pub use batch::{BatchMeta, BatchOutcome};
pub use canary::CanaryWatch;
pub use carry::{Carry, CarryChanges};
pub use clean::{Clean, CleanError, Stored, Technical};
pub use events::EventRedactor;
pub use guard::{GuardStep, HOLD_BYTES, OutputGuard};
pub use import::{ImportFormat, ImportedSecret, import};
pub use keys::{OpenError, Opener, PseudonymMac, RawSealer, SealError, Sealer, raw_context};
pub use known::{KNOWN_DIGEST_BYTES, KnownDigest, KnownSet};
pub use learn::{Cardinality, DISTINCT_COUNT_MAX, Observed, SchemaLearner};
pub use names::NameScope;
pub use policy::{Policy, PolicyError, Term};
pub use receipt::{BUILT_IN_RULES_VERSION, Finding, Receipt};
pub use redactor::{Outcome, Page, Redacted, Redactor, TokenRow, Verdict};
pub use schema::{
    SCHEMA_FIELDS_COUNT_MAX, SCHEMA_PATH_BYTES_MAX, Schema, SchemaError, Unknown, ValueTypes,
};
pub use stream::{
    BLOCK_BYTES_MAX, HELD_BYTES_MAX, LINE_BYTES_MAX, LineFormat, RedactedLines, StreamRedactor,
};
