//! The way in: redact, remember reversible pseudonyms, journal, and only then acknowledge.
//!
//! *Invariant:* a panic in redaction refuses that request and nothing else; its events are not
//! acknowledged, and nothing of them is printed.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use cordon_event::facts::Facts;
use cordon_event::{Entry, Event, Kind, Raw, TenantId};
use cordon_journal::{Journal, Ticket};
use cordon_ledger::Ledger;
use cordon_receive::{
    Admit, AdmitError, BoxFuture, Check, CrashError, Crashed, Holder, Principal, Readiness,
    RequestBody,
};
use cordon_redact::{
    BatchMeta, BatchOutcome, EventRedactor, Policy, PseudonymMac as _, RawSealer, Redactor,
};
use cordon_sift::Sift;
use cordon_store::Store;
use cordon_vault::{TenantKeys, Vault};

use crate::accounts::{Accounts, Passing, Reason};
use crate::applier::Failures;
use crate::carries::Carries;
use crate::config::Config;
use crate::crashes::Crashes;
use crate::exporting::Tallies;
use crate::live::Live;
use crate::pager::Pager;
use crate::rates::{Over, Rates};
use crate::sifting::Decisions;
use crate::tokens::{self, Tokens};
use crate::turns::Turns;
use crate::{environment, log, metrics, policy};

/// Redactors that are kept for a tenant from request to request.
const IDLE_COUNT_MAX: usize = 8;
/// Seconds after which a sender should try again when keys or journal are not available.
const RETRY_AFTER_S: u32 = 2;
/// Under which name a tenant's digests for its sampling plan are made.
const SAMPLING: &str = "sampling";

/// What a listener hands its events to.
pub(crate) struct Spine {
    vault: Arc<Vault>,
    ledger: Arc<Ledger>,
    journal: Arc<Journal>,
    tokens: Tokens,
    live: Live,
    /// One per tenant: its own policy, with known secrets tagged under its own key.
    redactors: Mutex<HashMap<TenantId, Seen>>,
    /// Tenants whose policy did not compile.
    failing: Mutex<HashSet<TenantId>>,
    /// Sources of each tenant that are within a private key.
    carries: Carries,
    pager: Pager,
    behind: Behind,
    crashes: Crashes,
    accounts: Accounts,
    rates: Rates,
    /// Redactions under way: more of them than processors would only take more memory.
    redacting: Turns,
    /// Microseconds that redaction took.
    redaction_us: AtomicU64,
    /// When it began, for a clock that only goes forward.
    began: Instant,
}

/// What stands behind the journal.
pub(crate) struct Behind {
    /// How applying goes.
    pub(crate) applying: Failures,
    /// How sampling goes, where somebody samples or exports.
    pub(crate) sift: Option<(Sift, Decisions)>,
    /// How exports go.
    pub(crate) exports: Tallies,
    /// What became of everything.
    pub(crate) store: Arc<Store>,
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
    /// What the configuration and its files say, as they were when that was put in force: a file
    /// that is edited later has no effect before the configuration is read again.
    policy: Policy,
    /// What seals raw events that are held back, where the tenant opted in.
    sealer: Option<Arc<dyn RawSealer>>,
    /// Generation of the configuration that it is of.
    generation: u64,
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
        behind: Behind,
        crashes: Crashes,
    ) -> anyhow::Result<Self> {
        let redactors = Mutex::default();
        let live = Live::new(Arc::new(config))?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let tokens = Tokens::start(Arc::clone(&vault)).context("start thread")?;
        Ok(Self {
            vault,
            ledger,
            journal,
            tokens,
            live,
            redactors,
            failing: Mutex::default(),
            carries: Carries::default(),
            pager,
            behind,
            crashes,
            accounts: Accounts::default(),
            rates: Rates::default(),
            redacting: Turns::new(processors),
            redaction_us: AtomicU64::default(),
            began: Instant::now(),
        })
    }

    /// Where exports say how they go.
    pub(crate) fn exports(&self) -> &Tallies {
        &self.behind.exports
    }

    /// Whether traces are decided behind the journal.
    pub(crate) fn decides(&self) -> bool {
        self.behind.sift.is_some()
    }

    /// Compiles every policy once, so that a mistake in one stops the start.
    pub(crate) fn check_policy(&self) -> anyhow::Result<()> {
        let config = self.config();
        policy::check(&config)?;
        for name in config.tenant.keys() {
            let tenant = TenantId::parse(name).ok();
            if let Some(Ok(keys)) = tenant.map(|tenant| self.vault.tenant(&tenant)) {
                policy::raw_sealer(&config, &keys)?;
            }
        }
        Ok(())
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.live.now().config)
    }

    /// Puts another configuration in force and says its generation. What is under way finishes
    /// with what it began; where anything of the new one does not compile, nothing changes.
    pub(crate) fn apply(&self, new: Arc<Config>) -> anyhow::Result<u64> {
        self.compile_all(&new)
            .and_then(|compiled| {
                // Nobody finds a redactor meanwhile, so that none is of another generation.
                let mut all = self.redactors();
                let generation = self.live.swap(new)?;
                *all = compiled;
                all.values_mut()
                    .for_each(|seen| seen.generation = generation);
                if let Some((_, decisions)) = &self.behind.sift {
                    decisions.replace(self.live.now().plans.clone());
                }
                Ok(generation)
            })
            .inspect_err(|_| self.live.refuse())
    }

    /// Counts a configuration that could not be read.
    pub(crate) fn refuse_config(&self) {
        self.live.refuse();
    }

    /// Redactors under another configuration, of the tenants that sent something.
    fn compile_all(&self, new: &Config) -> anyhow::Result<HashMap<TenantId, Seen>> {
        policy::check(new)?;
        let tenants: Vec<TenantId> = self.redactors().keys().cloned().collect();
        let mut all = HashMap::new();
        for tenant in tenants {
            let keys = self.vault.tenant(&tenant).context("open keys")?;
            let revision = self.vault.controls().revision(&tenant)?;
            let policy = policy::policy(new, Some(&tenant), &keys)?;
            let sealer = policy::raw_sealer(new, &keys)?;
            all.insert(tenant, self.compile((policy, sealer), &keys, revision, 0)?);
        }
        Ok(all)
    }

    fn compile(
        &self,
        (policy, sealer): (Policy, Option<Arc<dyn RawSealer>>),
        keys: &TenantKeys,
        revision: u64,
        generation: u64,
    ) -> anyhow::Result<Seen> {
        let whole = policy::with_controls(policy.clone(), &self.vault, keys)?;
        let redactor = Redactor::new(whole).context("read [redaction]")?;
        let redactor = Arc::new(redactor.sealing(sealer.clone()));
        let idle = Mutex::default();
        Ok(Seen {
            compiled: Arc::new(Compiled { redactor, idle }),
            policy,
            sealer,
            generation,
            revision,
            at_unix_s: environment::now_unix_s(),
        })
    }

    /// Whether keys can be read: those of the first tenant stand for all.
    fn has_keys(&self) -> bool {
        let Ok(tenants) = self.ledger.tenants() else {
            // That is another check's.
            return true;
        };
        tenants.first().is_none_or(|first| {
            let controls = self.vault.controls();
            self.vault.tenant(&first.name).is_ok() && controls.revision(&first.name).is_ok()
        })
    }

    /// Whether rules compile for nobody who sends. One tenant's alone are told in the log, and
    /// refuse its requests: the others' go on.
    fn are_rules_failing(&self) -> bool {
        // One lock after the other: who compiles holds them the other way round.
        let some = !self.failing().is_empty();
        some && self.redactors().is_empty()
    }

    /// Tells once that a tenant's rules do not compile.
    fn tell_of_rules(&self, tenant: &TenantId, error: &anyhow::Error) {
        if self.failing().insert(tenant.clone()) {
            log::line(&format!(
                "requests of {tenant} are refused code=rules_do_not_compile: failed to {error:#}"
            ));
        }
    }

    fn failing(&self) -> MutexGuard<'_, HashSet<TenantId>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn redactors(&self) -> MutexGuard<'_, HashMap<TenantId, Seen>> {
        self.redactors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
            facts: Vec::new(),
        };
        let request_mac = meta.request_mac;
        let seen = (self.carries).seen(&who.tenant, &request_mac, meta.received_unix_ns);
        let mut redactor = compiled.take(&keys);
        let redact = AssertUnwindSafe(|| {
            let facts = self.facts(&keys, &events);
            redactor.batch_after(events, BatchMeta { facts, ..meta }, &seen.carry)
        });
        // What panicked is dropped, with whatever it remembered.
        let began = Instant::now();
        let redacted = catch_unwind(redact);
        let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.redaction_us.fetch_add(took_us, Ordering::Relaxed);
        let Ok((outcome, changes)) = redacted else {
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

    /// What the tenant's plan wants to know of events while they are raw.
    fn facts(&self, keys: &TenantKeys, events: &Raw<Vec<Event>>) -> Vec<Option<Facts>> {
        let in_force = self.live.now();
        let Some(plan) = in_force.plans.of(keys.id()) else {
            return Vec::new();
        };
        let digest = |bytes: &[u8]| {
            let mac = keys.mac(SAMPLING, bytes);
            mac.first_chunk::<8>()
                .map_or(0, |bytes| u64::from_be_bytes(*bytes))
        };
        plan.facts_of_all(&digest, events)
    }

    /// Takes what a request is worth out of what its tenant may send. A crash is let in whatever
    /// came before: crash reporters try again for ever where they are told to wait.
    fn charge(&self, who: &Principal, worth: (u64, u64), is_crash: bool) -> Result<(), Over> {
        let (limits, now_ns) = (self.config().limits(&who.tenant), self.now_ns());
        if is_crash {
            self.rates.take_anyway(&who.tenant, &limits, worth, now_ns);
            return Ok(());
        }
        self.rates.take(&who.tenant, &limits, worth, now_ns)
    }

    /// Puts back what a request took that has to come again.
    fn give_back(&self, who: &Principal, worth: (u64, u64)) {
        let limits = self.config().limits(&who.tenant);
        self.rates
            .give_back(&who.tenant, &limits, worth, self.now_ns());
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
        let mut all = self.redactors();
        let in_force = self.live.now();
        // A canary that was added while this process runs is looked for from the next second on.
        let now_unix_s = environment::now_unix_s();
        let cached = all.get_mut(keys.id());
        let mut cached = cached.filter(|c| c.generation == in_force.generation);
        if let Some(cached) = cached.as_ref().filter(|c| c.at_unix_s == now_unix_s) {
            return Ok(Arc::clone(&cached.compiled));
        }
        let revision = self.vault.controls().revision(keys.id())?;
        if let Some(cached) = cached.as_mut().filter(|c| c.revision == revision) {
            cached.at_unix_s = now_unix_s;
            return Ok(Arc::clone(&cached.compiled));
        }
        let policy = if let Some(cached) = cached {
            Ok((cached.policy.clone(), cached.sealer.clone()))
        } else {
            let policy = policy::policy(&in_force.config, Some(keys.id()), keys);
            policy.and_then(|p| Ok((p, policy::raw_sealer(&in_force.config, keys)?)))
        };
        let seen = policy
            .and_then(|policy| self.compile(policy, keys, revision, in_force.generation))
            .inspect_err(|error| self.tell_of_rules(keys.id(), error))?;
        let compiled = Arc::clone(&seen.compiled);
        all.insert(keys.id().clone(), seen);
        drop(all);
        self.failing().remove(keys.id());
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
        let in_force = self.live.now();
        let certified = &in_force.certified;
        let mut named = names.iter().filter_map(|name| certified.get(name));
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
        let limits = self.config().limits(&who.tenant);
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
            let is_crash = events.are_all(Kind::Crash);
            if let Err(over) = self.charge(who, worth, is_crash) {
                passing.refused(match over {
                    Over::Events { .. } => Reason::EventsRate,
                    Over::Bytes { .. } => Reason::BytesRate,
                });
                return Err(of_rate(over));
            }
            let weight = self.config().limits(&who.tenant).weight;
            let turn = self.redacting.take(&who.tenant, weight, worth.1).await;
            let Ok(turn) = turn else {
                passing.refused(Reason::Queue);
                self.give_back(who, worth);
                return Err(AdmitError::Crowded {
                    retry_after_s: RETRY_AFTER_S,
                });
            };
            let passed = tokio::task::block_in_place(|| self.pass(passing, who, &body, events));
            drop(turn);
            let durable = async { passed?.0.done().await };
            let done = durable.await;
            if matches!(done, Err(AdmitError::Full { .. })) {
                self.give_back(who, worth);
            }
            done
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
        let mut failed = self.checks().into_iter().filter_map(|check| check.failed);
        failed.next().map_or(Readiness::Ready, Readiness::NotReady)
    }

    fn checks(&self) -> Vec<Check> {
        let behind = &self.behind;
        let decides = behind.sift.as_ref().is_none_or(|(_, told)| !told.fail());
        let checks = [
            (
                "journal",
                "journal_full_or_failing",
                self.journal.status().ready,
            ),
            ("ledger", "ledger_unreadable", self.ledger.tenants().is_ok()),
            ("vault", "vault_unreadable", self.has_keys()),
            ("rules", "rules_do_not_compile", !self.are_rules_failing()),
            // Acknowledged events wait in the journal; an operator must look at why.
            ("deciding", "deciding_fails", decides),
            ("applying", "applying_fails", !behind.applying.are_lasting()),
        ];
        let check = |(name, code, holds): (_, _, bool)| Check {
            name,
            failed: (!holds).then_some(code),
        };
        checks.map(check).to_vec()
    }

    fn metrics(&self) -> String {
        let (status, pages) = (self.journal.status(), self.pager.counts());
        let sums = self.accounts.sums();
        let (reloads, refused_reloads) = self.live.reloads();
        let (damaged, unopened) = self.behind.applying.skipped();
        let counts = [
            ("cordon_spine_received_events_total", sums.received),
            ("cordon_spine_durable_events_total", sums.durable),
            ("cordon_spine_quarantined_events_total", sums.quarantined),
            ("cordon_spine_panicked_events_total", sums.panicked),
            ("cordon_spine_refused_events_total", sums.refused),
            ("cordon_config_reloads_total", reloads),
            ("cordon_config_refused_reloads_total", refused_reloads),
            ("cordon_pages_total", pages.raised),
            ("cordon_pages_delivered_total", pages.delivered),
            ("cordon_pages_lost_total", pages.lost),
            ("cordon_journal_commits_total", status.commits),
            ("cordon_journal_batches_total", status.batches),
            ("cordon_journal_disk_errors_total", status.disk_errors),
            ("cordon_journal_skipped_ranges_total", damaged),
            ("cordon_journal_unopened_frames_total", unopened),
        ];
        let gauges = [
            ("cordon_journal_backlog_bytes", status.backlog_bytes),
            ("cordon_journal_queued_batches", status.queued_count as u64),
            ("cordon_config_generation", self.live.now().generation),
        ];
        let mut out = String::new();
        // Writing to a string cannot fail.
        for (name, value) in counts {
            let _ = writeln!(out, "# TYPE {name} counter\n{name} {value}");
        }
        let waiting = self.redacting.waiting_count() as u64;
        let more = [
            ("cordon_spine_in_flight_events", sums.in_flight()),
            ("cordon_spine_waiting_requests", waiting),
        ];
        for (name, value) in gauges.into_iter().chain(more) {
            let _ = writeln!(out, "# TYPE {name} gauge\n{name} {value}");
        }
        let name = "cordon_spine_redaction_seconds_total";
        let seconds = self.redaction_us.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "# TYPE {name} counter\n{name} {seconds}");
        self.accounts.render(&mut out);
        metrics::behind(&self.behind, &mut out);
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
