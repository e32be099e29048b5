//! One durable transaction for audit entry and budget reservation, and the hash tree over them.
//!
//! The way of a release: [`Ledger::authorise`] finds the operator's grant and gives the scope that
//! the store is read with; [`Ledger::reserve`] checks the grant, charges the maximum against the
//! sliding window and writes the intent entry, all in one transaction; the answer is made;
//! [`Ledger::settle`] writes the outcome entry with the answer's digest, gives back what was not
//! used, and hands out an [`AuditReceipt`]; [`Released::new`] turns the clean answer and its
//! receipt into what may leave through a socket.
//!
//! *Invariants:*
//!
//! - An entry is durable, and covered by a signed checkpoint in a file of its own, before its
//!   receipt exists.
//! - What is reserved and not settled counts as spent, so a crash never refills a budget.
//! - Entries hold counts, classes, evidence ids, digests and decisions: never a question, a prompt
//!   or an answer.
//! - Time is an argument, and never runs backwards here: the latest time seen counts.
//!
//! *Limit:* the checkpoint file shows that the database was cut or rolled back. Who replaces the
//! database and the checkpoint file together is found by a checkpoint kept elsewhere
//! ([`Ledger::checkpoint`], [`Ledger::verify_against`]).

mod across;
mod budget;
mod checkpoint;
mod derived;
mod directory;
mod entry;
mod error;
mod ledger;
mod names;
mod released;
mod review;
mod schema;
mod session;
#[cfg(test)]
mod tests;
mod tree;
mod verify;

pub use budget::{Charge, Refusal, RefusalReason, Reservation, Stream};
pub use checkpoint::Checkpoint;
pub use directory::{Authorised, IssuedToken, Principal, TOKEN_PREFIX, Tenant};
pub use entry::{Action, Entry, EvidenceId, EvidenceIdError, Outcome, Recorded};
pub use error::Error;
pub use ledger::Ledger;
pub use names::tenant_names;
pub use released::{AuditReceipt, ContentDigest, Released, digest_of};
pub use review::{
    RELEASE_REQUEST_S_MAX, RELEASE_REQUESTS_COUNT_MAX, ReleaseRefusal, ReleaseRequest, ReleaseStep,
};
pub use session::{
    OpenedSession, Opening, SESSION_HOURS_MAX, SESSION_PREFIX, SESSIONS_COUNT_MAX, Session,
    SessionRefusal,
};
pub use tree::{Hash, leaf_hash, verify_consistency, verify_inclusion};
pub use verify::{Problem, Report};
