//! What became of each tenant's events at the way in, so that nothing is lost without a count.
//!
//! **Invariant:** received = durable + refused + panicked + in flight, for each tenant, at any time
//! at which nothing is being counted.
//!
//! *Limits:* [`TENANTS_COUNT_MAX`] tenants have rows of their own; the others share one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cordon_event::TenantId;

/// Tenants that are told apart in metrics.
pub(crate) const TENANTS_COUNT_MAX: usize = 1_000;
/// The label of the others; no tenant can be called so.
const OTHERS: &str = "";

/// Why events were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Over the tenant's events a second.
    EventsRate,
    /// Over the tenant's bytes a second.
    BytesRate,
    /// As many requests of the tenant waited as may.
    Queue,
    /// Keys, policy or the map of pseudonyms could not be had.
    Keys,
    /// The journal took nothing.
    Journal,
    /// The sender went away before the answer: they may be durable, and it sends them again.
    Abandoned,
}

impl Reason {
    const ALL: [(Self, &str); 6] = [
        (Self::EventsRate, "events_rate"),
        (Self::BytesRate, "bytes_rate"),
        (Self::Queue, "tenant_queue"),
        (Self::Keys, "keys"),
        (Self::Journal, "journal"),
        (Self::Abandoned, "abandoned"),
    ];
}

/// Counts of one tenant.
#[derive(Default)]
struct Account {
    received: AtomicU64,
    durable: AtomicU64,
    quarantined: AtomicU64,
    panicked: AtomicU64,
    refused: [AtomicU64; Reason::ALL.len()],
}

/// Counts of all tenants.
#[derive(Default)]
pub(crate) struct Accounts(Mutex<BTreeMap<String, Arc<Account>>>);

/// Sums over tenants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) received: u64,
    pub(crate) durable: u64,
    pub(crate) quarantined: u64,
    pub(crate) panicked: u64,
    pub(crate) refused: u64,
}

impl Sums {
    /// Those of which nothing is known yet.
    pub(crate) fn in_flight(self) -> u64 {
        let settled = self.durable + self.refused + self.panicked;
        self.received.saturating_sub(settled)
    }
}

/// Events of a request on their way; dropped unsettled, they were abandoned.
#[must_use = "what became of events is to be counted"]
pub(crate) struct Passing {
    account: Arc<Account>,
    count: u64,
    is_settled: bool,
}

impl Accounts {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Account>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many events of a tenant have come.
    pub(crate) fn received(&self, tenant: &TenantId, count: u64) -> Passing {
        let mut all = self.lock();
        let is_told = all.contains_key(tenant.as_str()) || all.len() < TENANTS_COUNT_MAX;
        let name = if is_told { tenant.as_str() } else { OTHERS };
        let account = match all.get(name) {
            Some(account) => Arc::clone(account),
            None => Arc::clone(all.entry(name.to_owned()).or_default()),
        };
        account.received.fetch_add(count, Ordering::Relaxed);
        Passing {
            account,
            count,
            is_settled: false,
        }
    }

    /// Sums over all tenants.
    pub(crate) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for account in self.lock().values() {
            let own = account.sums();
            sums.received += own.received;
            sums.durable += own.durable;
            sums.quarantined += own.quarantined;
            sums.panicked += own.panicked;
            sums.refused += own.refused;
        }
        sums
    }

    /// In the Prometheus text format.
    pub(crate) fn render(&self, out: &mut String) {
        let all = self.lock().clone();
        // Writing to a string cannot fail.
        for (name, kind, of) in ROWS {
            let _ = writeln!(out, "# TYPE cordon_tenant_{name} {kind}");
            for (tenant, account) in &all {
                let value = of(account.sums());
                let _ = writeln!(out, "cordon_tenant_{name}{{tenant=\"{tenant}\"}} {value}");
            }
        }
        let name = "cordon_tenant_refused_events_total";
        let _ = writeln!(out, "# TYPE {name} counter");
        for (tenant, account) in &all {
            for ((_, reason), count) in Reason::ALL.iter().zip(&account.refused) {
                let value = count.load(Ordering::Relaxed);
                let labels = format!("tenant=\"{tenant}\",reason=\"{reason}\"");
                let _ = writeln!(out, "{name}{{{labels}}} {value}");
            }
        }
    }
}

type Row = (&'static str, &'static str, fn(Sums) -> u64);

/// What is told of each tenant, beside what was refused.
const ROWS: [Row; 5] = [
    ("received_events_total", "counter", |sums| sums.received),
    ("durable_events_total", "counter", |sums| sums.durable),
    ("quarantined_events_total", "counter", |sums| {
        sums.quarantined
    }),
    ("panicked_events_total", "counter", |sums| sums.panicked),
    ("in_flight_events", "gauge", Sums::in_flight),
];

impl Account {
    /// What was settled is read before what was received, so that none is in flight twice.
    fn sums(&self) -> Sums {
        let get = |count: &AtomicU64| count.load(Ordering::Acquire);
        let mut sums = Sums {
            durable: get(&self.durable),
            quarantined: get(&self.quarantined),
            panicked: get(&self.panicked),
            refused: self.refused.iter().map(get).sum(),
            received: 0,
        };
        sums.received = get(&self.received);
        sums
    }
}

impl Passing {
    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// They are durable, so many of them held back.
    pub(crate) fn durable(mut self, held: u64) {
        self.account.quarantined.fetch_add(held, Ordering::Relaxed);
        let account = Arc::clone(&self.account);
        self.settle(&account.durable);
    }

    /// Redaction panicked at them.
    pub(crate) fn panicked(mut self) {
        let account = Arc::clone(&self.account);
        self.settle(&account.panicked);
    }

    /// They were refused.
    pub(crate) fn refused(mut self, why: Reason) {
        self.refuse(why);
    }

    fn refuse(&mut self, why: Reason) {
        let account = Arc::clone(&self.account);
        if let Some(count) = account.refused.get(why as usize) {
            self.settle(count);
        }
    }

    fn settle(&mut self, count: &AtomicU64) {
        self.is_settled = true;
        count.fetch_add(self.count, Ordering::Release);
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if !self.is_settled {
            self.refuse(Reason::Abandoned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_in_order() {
        for (at, (reason, _)) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, at);
        }
    }

    #[test]
    fn every_event_ends_in_one_count() {
        let accounts = Accounts::default();
        let shop = TenantId::parse("shop").unwrap();
        let open = accounts.received(&shop, 1);
        accounts.received(&shop, 2).durable(1);
        accounts.received(&shop, 4).panicked();
        accounts.received(&shop, 8).refused(Reason::EventsRate);
        drop(accounts.received(&shop, 16));
        let sums = accounts.sums();
        let expect = Sums {
            received: 31,
            durable: 2,
            quarantined: 1,
            panicked: 4,
            refused: 24,
        };
        assert_eq!((sums, sums.in_flight()), (expect, 1));
        let mut text = String::new();
        accounts.render(&mut text);
        for line in [
            "cordon_tenant_received_events_total{tenant=\"shop\"} 31",
            "cordon_tenant_in_flight_events{tenant=\"shop\"} 1",
            "cordon_tenant_refused_events_total{tenant=\"shop\",reason=\"events_rate\"} 8",
            "cordon_tenant_refused_events_total{tenant=\"shop\",reason=\"abandoned\"} 16",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        open.durable(0);
        assert_eq!(accounts.sums().in_flight(), 0);
    }

    #[test]
    fn labels_are_bounded() {
        let accounts = Accounts::default();
        for n in 0..TENANTS_COUNT_MAX + 5 {
            let tenant = TenantId::parse(&format!("t{n}")).unwrap();
            accounts.received(&tenant, 1).durable(0);
        }
        assert_eq!(accounts.lock().len(), TENANTS_COUNT_MAX + 1);
        assert_eq!(accounts.sums().durable as usize, TENANTS_COUNT_MAX + 5);
    }
}
