//! The way in: redact, remember reversible pseudonyms, journal, and only then acknowledge.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cordon_event::{Event, Raw};
use cordon_journal::Journal;
use cordon_ledger::Ledger;
use cordon_receive::{Admit, AdmitError, Admitted, Principal, Readiness};
use cordon_redact::{BatchMeta, BatchOutcome, Redactor};
use cordon_vault::Vault;

use crate::environment;
use crate::pager::Pager;

/// What a listener hands its events to.
pub struct Spine {
    pub vault: Arc<Vault>,
    pub ledger: Arc<Ledger>,
    pub journal: Arc<Journal>,
    pub redactor: Arc<Redactor>,
    pub pager: Pager,
    pub counts: Counts,
}

/// What went through, since the process began.
#[derive(Default)]
pub struct Counts {
    /// Events received.
    pub received: AtomicU64,
    /// Events made durable.
    pub durable: AtomicU64,
    /// Events whose redaction panicked: refused, never stored.
    pub panicked: AtomicU64,
    /// Events refused since journal or keys were not available.
    pub refused: AtomicU64,
}
