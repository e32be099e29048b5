//! The way in: redact, remember reversible pseudonyms, journal, and only then acknowledge.
//!
//! *Invariant:* a panic in redaction refuses that request and nothing else; its events are not
//! acknowledged, and nothing of them is printed.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use cordon_event::{Entry, Event, Raw, TenantId};
use cordon_journal::{Journal, Ticket};
use cordon_ledger::Ledger;
use cordon_receive::{Admit, AdmitError, BoxFuture, Principal, Readiness, RequestBody};
use cordon_redact::{BatchMeta, BatchOutcome, Carry, CarryChanges, Redactor};
use cordon_vault::{TenantKeys, Vault};
use tokio::sync::Semaphore;

use crate::applier::Failures;
use crate::config::Config;
use crate::pager::Pager;
use crate::{environment, policy};

/// Seconds after which a sender should try again when keys or journal are not available.
const RETRY_AFTER_S: u32 = 2;

/// What a listener hands its events to.
pub(crate) struct Spine {
    vault: Arc<Vault>,
    ledger: Arc<Ledger>,
    journal: Arc<Journal>,
    config: Config,
    /// One per tenant: its own policy, with known secrets tagged under its own key.
    redactors: Mutex<HashMap<TenantId, Compiled>>,
    /// Sources of each tenant that are within a private key.
    carries: Mutex<HashMap<TenantId, Carry>>,
    pager: Pager,
    applying: Failures,
    counts: Counts,
    /// Redactions under way: more of them than processors would only take more memory.
    redacting: Semaphore,
}

/// A tenant's policy, compiled.
struct Compiled {
    redactor: Arc<Redactor>,
    /// Revision of the canaries and known secrets that it holds.
    revision: u64,
    /// When that was last the revision, seconds since the Unix epoch.
    seen_unix_s: u64,
}

/// What went through since the process began.
#[derive(Default)]
struct Counts {
    received: AtomicU64,
    durable: AtomicU64,
    quarantined: AtomicU64,
    panicked: AtomicU64,
    refused: AtomicU64,
}

impl Spine {
    /// A way in to the journal.
    pub(crate) fn new(
        vault: Arc<Vault>,
        ledger: Arc<Ledger>,
        journal: Arc<Journal>,
        config: Config,
        pager: Pager,
        applying: Failures,
    ) -> Self {
        let (redactors, counts) = (Mutex::default(), Counts::default());
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            vault,
            ledger,
            journal,
            config,
            redactors,
            carries: Mutex::default(),
            pager,
            applying,
            counts,
            redacting: Semaphore::new(processors),
        }
    }

    /// Compiles every policy once, so that a mistake in one stops the start.
    pub(crate) fn check_policy(&self) -> anyhow::Result<()> {
        let mac = cordon_vault::ephemeral_mac()?;
        policy::redactor(&self.config, None, &mac)?;
        for name in self.config.tenant.keys() {
            let tenant = TenantId::parse(name).ok();
            policy::redactor(&self.config, tenant.as_ref(), &mac)
                .with_context(|| format!("read [tenant.{name}]"))?;
        }
        Ok(())
    }

    /// Redacts and queues; the ticket says when it is durable.
    pub(crate) fn submit(
        &self,
        who: &Principal,
        body: &RequestBody<'_>,
        events: Raw<Vec<Event>>,
    ) -> Result<(Ticket, u64, u64), AdmitError> {
        let count = events.count() as u64;
        self.counts.received.fetch_add(count, Ordering::Relaxed);
        let refused = |error| {
            self.counts.refused.fetch_add(count, Ordering::Relaxed);
            error
        };
        let keys = self
            .vault
            .tenant(&who.tenant)
            .map_err(|_| refused(unavailable()))?;
        // Every policy compiled when the process began: what fails now is a file or the vault.
        let redactor = self.redactor(&keys).map_err(|_| refused(unavailable()))?;
        let meta = BatchMeta {
            tenant: who.tenant.clone(),
            region: who.region.clone(),
            request_mac: keys.request_mac(body.digest_input()),
            received_unix_ns: environment::now_unix_ns(),
        };
        // Copied, so that requests do not wait for each other; almost always there is nothing.
        let carry = self.carry(&who.tenant, meta.received_unix_ns);
        let redact = AssertUnwindSafe(|| redactor.batch_after(&keys, events, meta, &carry));
        let (outcome, changes) = catch_unwind(redact).map_err(|_| {
            self.counts.panicked.fetch_add(count, Ordering::Relaxed);
            AdmitError::Poisoned
        })?;
        self.carried(&who.tenant, changes);
        let held = self.tell(who, &outcome);
        let ticket = self
            .journal
            .append(&outcome.batch)
            .map_err(|e| refused(of_journal(&e)))?;
        // After it was taken: of what is refused no value is kept.
        let rows = outcome
            .tokens
            .iter()
            .map(|row| (row.token.as_str(), row.kind, &row.value));
        let today = environment::today();
        let mapped = self.vault.token_map().put_all(&who.tenant, today, rows);
        mapped.map_err(|_| refused(unavailable()))?;
        Ok((ticket, count, held))
    }

    /// What requests before left open.
    fn carry(&self, tenant: &TenantId, now_unix_ns: u64) -> Carry {
        let mut all = self.carries.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(carry) = all.get_mut(tenant) else {
            return Carry::default();
        };
        carry.expire(now_unix_ns);
        let held = carry.clone();
        if held.is_empty() {
            all.remove(tenant);
        }
        held
    }

    /// Remembers what a request left open, or closed.
    fn carried(&self, tenant: &TenantId, changes: CarryChanges) {
        if !changes.is_empty() {
            let mut all = self.carries.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(tenant.clone()).or_default().apply(changes);
        }
    }

    /// Pages, and counts what was held back.
    fn tell(&self, who: &Principal, outcome: &BatchOutcome) -> u64 {
        let entries = &outcome.batch.get().entries;
        let held = entries
            .iter()
            .filter(|(_, e)| matches!(e, Entry::Quarantined(_)))
            .count();
        for page in &outcome.pages {
            self.pager.page(Some(&who.tenant), page, held as u64);
        }
        held as u64
    }

    fn redactor(&self, keys: &TenantKeys) -> anyhow::Result<Arc<Redactor>> {
        let mut all = self
            .redactors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A canary that was added while this process runs is looked for from the next second on.
        let now_unix_s = environment::now_unix_s();
        let cached = all.get_mut(keys.id());
        if let Some(cached) = cached.as_ref().filter(|c| c.seen_unix_s == now_unix_s) {
            return Ok(Arc::clone(&cached.redactor));
        }
        let revision = self.vault.controls().revision(keys.id())?;
        if let Some(cached) = cached.filter(|c| c.revision == revision) {
            cached.seen_unix_s = now_unix_s;
            return Ok(Arc::clone(&cached.redactor));
        }
        let policy = policy::of_tenant(&self.config, &self.vault, keys)?;
        let redactor = Arc::new(Redactor::new(policy).context("read [redaction]")?);
        let compiled = Compiled {
            redactor: Arc::clone(&redactor),
            revision,
            seen_unix_s: now_unix_s,
        };
        all.insert(keys.id().clone(), compiled);
        Ok(redactor)
    }
}

impl Admit for Spine {
    fn authenticate(&self, bearer: &str) -> Result<Option<Principal>, AdmitError> {
        // A directory that cannot be read says nothing about the token: its sender is to wait.
        let named = self.ledger.authenticate(bearer);
        let named = named.map_err(|_| unavailable())?;
        Ok(named.map(|principal| Principal {
            tenant: principal.tenant,
            region: principal.region,
        }))
    }

    fn admit<'a>(
        &'a self,
        who: &'a Principal,
        body: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        Box::pin(async move {
            let turn = self.redacting.acquire().await;
            let submitted = tokio::task::block_in_place(|| self.submit(who, &body, events));
            drop(turn);
            let (ticket, count, held) = submitted?;
            ticket.await.map_err(|error| of_journal(&error))?;
            self.counts.durable.fetch_add(count, Ordering::Relaxed);
            self.counts.quarantined.fetch_add(held, Ordering::Relaxed);
            Ok(())
        })
    }

    fn ready(&self) -> Readiness {
        if !self.journal.status().ready {
            Readiness::NotReady("journal_full_or_failing")
        } else if self.applying.are_lasting() {
            // Acknowledged events wait in the journal; an operator must look at why.
            Readiness::NotReady("applying_fails")
        } else {
            Readiness::Ready
        }
    }

    fn metrics(&self) -> String {
        let (status, pages) = (self.journal.status(), self.pager.counts());
        let counts = [
            (
                "cordon_spine_received_events_total",
                self.counts.received.load(Ordering::Relaxed),
            ),
            (
                "cordon_spine_durable_events_total",
                self.counts.durable.load(Ordering::Relaxed),
            ),
            (
                "cordon_spine_quarantined_events_total",
                self.counts.quarantined.load(Ordering::Relaxed),
            ),
            (
                "cordon_spine_panicked_events_total",
                self.counts.panicked.load(Ordering::Relaxed),
            ),
            (
                "cordon_spine_refused_events_total",
                self.counts.refused.load(Ordering::Relaxed),
            ),
            ("cordon_pages_total", pages.raised),
            ("cordon_pages_delivered_total", pages.delivered),
            ("cordon_pages_lost_total", pages.lost),
            ("cordon_journal_commits_total", status.commits),
            ("cordon_journal_batches_total", status.batches),
            ("cordon_journal_disk_errors_total", status.disk_errors),
        ];
        let mut out = String::new();
        for (name, value) in counts {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "# TYPE {name} counter\n{name} {value}");
        }
        out
    }
}

fn unavailable() -> AdmitError {
    AdmitError::Full {
        retry_after_s: RETRY_AFTER_S,
    }
}

fn of_journal(error: &cordon_journal::Error) -> AdmitError {
    match error {
        cordon_journal::Error::Full { retry_after_s }
        | cordon_journal::Error::NotReady { retry_after_s } => AdmitError::Full {
            retry_after_s: *retry_after_s,
        },
        error if error.is_retryable() => unavailable(),
        _ => AdmitError::Unavailable,
    }
}
