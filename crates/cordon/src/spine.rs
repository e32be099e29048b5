//! The way in: redact, remember reversible pseudonyms, journal, and only then acknowledge.
//!
//! *Invariant:* a panic in redaction refuses that request and nothing else; its events are not
//! acknowledged, and nothing of them is printed.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use cordon_event::{Entry, Event, Kind, Raw, TenantId};
use cordon_journal::{Journal, Ticket};
use cordon_ledger::Ledger;
use cordon_receive::{
    Admit, AdmitError, BoxFuture, CrashError, Crashed, Holder, Principal, Readiness, RequestBody,
};
use cordon_redact::{BatchMeta, BatchOutcome, EventRedactor, Redactor};
use cordon_vault::{TenantKeys, Vault};

use crate::accounts::{Accounts, Passing, Reason};
use crate::applier::Failures;
use crate::carries::Carries;
use crate::config::Config;
use crate::crashes::Crashes;
use crate::pager::Pager;
use crate::rates::{Over, Rates};
use crate::tokens::{self, Tokens};
use crate::turns::Turns;
use crate::{environment, policy};

/// Redactors that are kept for a tenant from request to request.
const IDLE_COUNT_MAX: usize = 8;
/// Seconds after which a sender should try again when keys or journal are not available.
const RETRY_AFTER_S: u32 = 2;

/// What a listener hands its events to.
pub(crate) struct Spine {
    vault: Arc<Vault>,
    ledger: Arc<Ledger>,
    journal: Arc<Journal>,
    tokens: Tokens,
    config: Config,
    /// Whose a name in a client's certificate is.
    certified: BTreeMap<String, TenantId>,
    /// One per tenant: its own policy, with known secrets tagged under its own key.
    redactors: Mutex<HashMap<TenantId, Seen>>,
    /// Sources of each tenant that are within a private key.
    carries: Carries,
    pager: Pager,
    applying: Failures,
    crashes: Crashes,
    accounts: Accounts,
    rates: Rates,
    /// Redactions under way: more of them than processors would only take more memory.
    redacting: Turns,
    /// When it began, for a clock that only goes forward.
    began: Instant,
}

/// A tenant's policy, compiled, with what is remembered of the values of its events.
struct Compiled {
    redactor: Arc<Redactor>,
    /// As many as requests were redacted at once.
    idle: Mutex<Vec<EventRedactor<'static>>>,
}

impl Compiled {
    fn idle(&self) -> MutexGuard<'_, Vec<EventRedactor<'static>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One for a request.
    fn take(&self, keys: &TenantKeys) -> EventRedactor<'static> {
        let idle = self.idle().pop();
        let new = || EventRedactor::shared(Arc::clone(&self.redactor), Box::new(keys.clone()));
        idle.unwrap_or_else(new)
    }

    /// Gives it back for the next one, unless there are enough.
    fn put_back(&self, redactor: EventRedactor<'static>) {
        let mut idle = self.idle();
        if idle.len() < IDLE_COUNT_MAX {
            idle.push(redactor);
        }
    }
}

/// The policy that was compiled last.
struct Seen {
    compiled: Arc<Compiled>,
    /// Revision of the canaries and known secrets that it holds.
    revision: u64,
    /// When that was last the revision, seconds since the Unix epoch.
    at_unix_s: u64,
}

/// The promise that a request's events, and the values that its pseudonyms stand for, are durable.
#[must_use = "a request is durable only once this says so"]
pub(crate) struct Durable {
    batch: Ticket,
    tokens: Option<tokens::Ticket>,
    passing: Passing,
    held: u64,
}

impl Durable {
    /// Waits on a task.
    pub(crate) async fn done(self) -> Result<(), AdmitError> {
        let waited = async {
            self.batch.await.map_err(|error| of_journal(&error))?;
            match self.tokens {
                Some(tokens) => tokens.await.map_err(|_| unavailable()),
                None => Ok(()),
            }
        };
        match waited.await {
            Ok(()) => self.passing.durable(self.held),
            Err(error) => {
                self.passing.refused(Reason::Journal);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Waits on a thread.
    pub(crate) fn wait(self) -> anyhow::Result<()> {
        self.batch.wait()?;
        if let Some(tokens) = self.tokens {
            tokens.blocking_recv().context("write token map")?;
        }
        self.passing.durable(self.held);
        Ok(())
    }
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
        crashes: Crashes,
    ) -> anyhow::Result<Self> {
        let redactors = Mutex::default();
        // Two tenants with one name were refused when the file was read.
        let certified = config.certified().unwrap_or_default();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let tokens = Tokens::start(Arc::clone(&vault)).context("start thread")?;
        Ok(Self {
            vault,
            ledger,
            journal,
            tokens,
            config,
            certified,
            redactors,
            carries: Carries::default(),
            pager,
            applying,
            crashes,
            accounts: Accounts::default(),
            rates: Rates::default(),
            redacting: Turns::new(processors),
            began: Instant::now(),
        })
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
    ) -> Result<(Durable, u64, u64), AdmitError> {
        let passing = (self.accounts).received(&who.tenant, events.count() as u64);
        self.pass(passing, who, body, events)
    }

    /// Redacts and queues what was counted as received.
    fn pass(
        &self,
        passing: Passing,
        who: &Principal,
        body: &RequestBody<'_>,
        events: Raw<Vec<Event>>,
    ) -> Result<(Durable, u64, u64), AdmitError> {
        let count = passing.count();
        let keys = self.vault.tenant(&who.tenant);
        // Every policy compiled when the process began: what fails now is a file or the vault.
        let opened = keys.map_err(Into::into).and_then(|keys| {
            let compiled = self.redactor(&keys)?;
            anyhow::Ok((keys, compiled))
        });
        let Ok((keys, compiled)) = opened else {
            passing.refused(Reason::Keys);
            return Err(unavailable());
        };
        let meta = BatchMeta {
            tenant: who.tenant.clone(),
            region: who.region.clone(),
            request_mac: keys.request_mac(body.digest_input()),
            received_unix_ns: environment::now_unix_ns(),
        };
        let request_mac = meta.request_mac;
        let seen = (self.carries).seen(&who.tenant, &request_mac, meta.received_unix_ns);
        let mut redactor = compiled.take(&keys);
        let redact = AssertUnwindSafe(|| redactor.batch_after(events, meta, &seen.carry));
        // What panicked is dropped, with whatever it remembered.
        let Ok((outcome, changes)) = catch_unwind(redact) else {
            passing.panicked();
            return Err(AdmitError::Poisoned);
        };
        compiled.put_back(redactor);
        let held = self.tell(who, &outcome);
        let Some(room) = self.tokens.room(outcome.tokens.len()) else {
            passing.refused(Reason::Keys);
            return Err(unavailable());
        };
        let batch = match self.journal.append(&outcome.batch) {
            Ok(batch) => batch,
            Err(error) => {
                passing.refused(Reason::Journal);
                return Err(of_journal(&error));
            }
        };
        // After it was taken: what is refused comes again, and is within the same key then. Of it
        // no value is kept.
        self.carries.taken(&who.tenant, request_mac, seen, changes);
        let tokens = room.put(&who.tenant, outcome.tokens);
        let durable = Durable {
            batch,
            tokens,
            passing,
            held,
        };
        Ok((durable, count, held))
    }

    /// Takes what a request is worth out of what its tenant may send. A crash is let in whatever
    /// came before: crash reporters try again for ever where they are told to wait.
    fn charge(&self, who: &Principal, worth: (u64, u64), is_crash: bool) -> Result<(), Over> {
        let (limits, now_ns) = (self.config.limits(&who.tenant), self.now_ns());
        if is_crash {
            self.rates.take_anyway(&who.tenant, &limits, worth, now_ns);
            return Ok(());
        }
        self.rates.take(&who.tenant, &limits, worth, now_ns)
    }

    /// Of a clock that only goes forward.
    fn now_ns(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
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

    fn redactor(&self, keys: &TenantKeys) -> anyhow::Result<Arc<Compiled>> {
        let mut all = self
            .redactors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A canary that was added while this process runs is looked for from the next second on.
        let now_unix_s = environment::now_unix_s();
        let cached = all.get_mut(keys.id());
        if let Some(cached) = cached.as_ref().filter(|c| c.at_unix_s == now_unix_s) {
            return Ok(Arc::clone(&cached.compiled));
        }
        let revision = self.vault.controls().revision(keys.id())?;
        if let Some(cached) = cached.filter(|c| c.revision == revision) {
            cached.at_unix_s = now_unix_s;
            return Ok(Arc::clone(&cached.compiled));
        }
        let policy = policy::of_tenant(&self.config, &self.vault, keys)?;
        let redactor = Arc::new(Redactor::new(policy).context("read [redaction]")?);
        let compiled = Arc::new(Compiled {
            redactor,
            idle: Mutex::default(),
        });
        let seen = Seen {
            compiled: Arc::clone(&compiled),
            revision,
            at_unix_s: now_unix_s,
        };
        all.insert(keys.id().clone(), seen);
        Ok(compiled)
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

    fn certified(&self, names: &[String]) -> Result<Holder, AdmitError> {
        let mut named = names.iter().filter_map(|name| self.certified.get(name));
        let Some(tenant) = named.next() else {
            return Ok(Holder::Nobody);
        };
        if named.any(|other| other != tenant) {
            return Ok(Holder::Several);
        }
        let tenants = self.ledger.tenants().map_err(|_| unavailable())?;
        let found = tenants.into_iter().find(|known| known.name == *tenant);
        Ok(found.map_or(Holder::Nobody, |found| {
            Holder::One(Principal {
                tenant: found.name,
                region: found.region,
            })
        }))
    }

    fn lets_in(&self, who: &Principal) -> Result<(), AdmitError> {
        let limits = self.config.limits(&who.tenant);
        let looked = self.rates.look(&who.tenant, &limits, self.now_ns());
        looked.map_err(of_rate)
    }

    fn admit<'a>(
        &'a self,
        who: &'a Principal,
        body: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        Box::pin(async move {
            let passing = (self.accounts).received(&who.tenant, events.count() as u64);
            let worth = (passing.count(), body.worth_bytes());
            let is_crash = events.expose_raw().iter().all(|e| e.kind == Kind::Crash);
            if let Err(over) = self.charge(who, worth, is_crash) {
                passing.refused(match over {
                    Over::Events { .. } => Reason::EventsRate,
                    Over::Bytes { .. } => Reason::BytesRate,
                });
                return Err(of_rate(over));
            }
            let weight = self.config.limits(&who.tenant).weight;
            let turn = self.redacting.take(&who.tenant, weight, worth.1).await;
            let Ok(turn) = turn else {
                passing.refused(Reason::Queue);
                return Err(AdmitError::Crowded {
                    retry_after_s: RETRY_AFTER_S,
                });
            };
            let passed = tokio::task::block_in_place(|| self.pass(passing, who, &body, events));
            drop(turn);
            let (durable, ..) = passed?;
            durable.done().await
        })
    }

    fn crash<'a>(
        &'a self,
        who: &'a Principal,
        dump: Raw<Vec<u8>>,
    ) -> BoxFuture<'a, Result<Crashed, CrashError>> {
        Box::pin(async move {
            let turn = self.crashes.turn().await?;
            let not_now = CrashError::NotNow(unavailable());
            let looked = tokio::task::block_in_place(|| {
                let keys = self.vault.tenant(&who.tenant).map_err(|_| not_now)?;
                let compiled = self.redactor(&keys).map_err(|_| not_now)?;
                self.crashes.look(&keys, &compiled.redactor, dump)
            });
            drop(turn);
            looked
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
        let sums = self.accounts.sums();
        let counts = [
            ("cordon_spine_received_events_total", sums.received),
            ("cordon_spine_durable_events_total", sums.durable),
            ("cordon_spine_quarantined_events_total", sums.quarantined),
            ("cordon_spine_panicked_events_total", sums.panicked),
            ("cordon_spine_refused_events_total", sums.refused),
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
        let gauges = [
            ("cordon_spine_in_flight_events", sums.in_flight()),
            (
                "cordon_spine_waiting_requests",
                self.redacting.waiting_count() as u64,
            ),
        ];
        for (name, value) in gauges {
            let _ = writeln!(out, "# TYPE {name} gauge\n{name} {value}");
        }
        self.accounts.render(&mut out);
        out
    }
}

fn unavailable() -> AdmitError {
    AdmitError::Full {
        retry_after_s: RETRY_AFTER_S,
    }
}

fn of_rate(over: Over) -> AdmitError {
    match over {
        Over::Events { retry_after_s } => AdmitError::EventsRate { retry_after_s },
        Over::Bytes { retry_after_s } => AdmitError::BytesRate { retry_after_s },
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

#[cfg(test)]
#[path = "spine_tests.rs"]
mod tests;
