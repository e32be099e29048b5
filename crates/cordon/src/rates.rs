//! How much a tenant may send: buckets of events and bytes that fill with time.
//!
//! A request is let in while there is something in each bucket, and then takes all that it is worth
//! out, below nothing too: one that is larger than a bucket is let in, and what comes after it
//! waits until it is paid for. So no size is refused for ever, and over time the rate holds.
//!
//! **Invariant:** what is refused takes nothing out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use cordon_event::TenantId;

use crate::config::TenantLimits;

const NS_PER_S: i128 = 1_000_000_000;

/// What tenants have left.
#[derive(Default)]
pub(crate) struct Rates(Mutex<HashMap<TenantId, Left>>);

/// What one has left, in billionths.
#[derive(Clone, Copy, Default)]
struct Left {
    events: Bucket,
    bytes: Bucket,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    left: i128,
    filled_ns: Option<u64>,
}

/// Which limit a tenant is over, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Events a second.
    Events { retry_after_s: u32 },
    /// Bytes a second.
    Bytes { retry_after_s: u32 },
}

impl Rates {
    /// Takes a request's worth out; `now_ns` is of a clock that only goes forward. Nothing is taken
    /// where a bucket is empty, unless the request is one that is never refused.
    pub(crate) fn take(
        &self,
        tenant: &TenantId,
        limits: &TenantLimits,
        (events, bytes): (u64, u64),
        now_ns: u64,
    ) -> Result<(), Over> {
        self.with(tenant, limits, now_ns, |left| {
            left.check(limits)?;
            left.events.left -= i128::from(events) * NS_PER_S;
            left.bytes.left -= i128::from(bytes) * NS_PER_S;
            Ok(())
        })
    }

    /// Takes out what is never refused: it is paid for by what comes after it.
    pub(crate) fn take_anyway(
        &self,
        tenant: &TenantId,
        limits: &TenantLimits,
        (events, bytes): (u64, u64),
        now_ns: u64,
    ) {
        let _always = self.with(tenant, limits, now_ns, |left| {
            left.events.left -= i128::from(events) * NS_PER_S;
            left.bytes.left -= i128::from(bytes) * NS_PER_S;
            Ok(())
        });
    }

    /// Puts back what a request took that was refused after all, and will come again.
    pub(crate) fn give_back(
        &self,
        tenant: &TenantId,
        limits: &TenantLimits,
        (events, bytes): (u64, u64),
        now_ns: u64,
    ) {
        let _always = self.with(tenant, limits, now_ns, |left| {
            left.events.left += i128::from(events) * NS_PER_S;
            left.bytes.left += i128::from(bytes) * NS_PER_S;
            Ok(())
        });
    }

    /// Whether anything of the tenant would be let in now.
    pub(crate) fn look(
        &self,
        tenant: &TenantId,
        limits: &TenantLimits,
        now_ns: u64,
    ) -> Result<(), Over> {
        self.with(tenant, limits, now_ns, |left| left.check(limits))
    }

    fn with(
        &self,
        tenant: &TenantId,
        limits: &TenantLimits,
        now_ns: u64,
        act: impl FnOnce(&mut Left) -> Result<(), Over>,
    ) -> Result<(), Over> {
        if limits.events_per_s.is_none() && limits.bytes_per_s.is_none() {
            return Ok(());
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(tenant.clone()).or_default();
        left.events
            .fill(limits.events_per_s, limits.burst_s, now_ns);
        left.bytes.fill(limits.bytes_per_s, limits.burst_s, now_ns);
        act(left)
    }
}

impl Left {
    fn check(&self, limits: &TenantLimits) -> Result<(), Over> {
        if let Some(retry_after_s) = self.events.wait_s(limits.events_per_s) {
            return Err(Over::Events { retry_after_s });
        }
        match self.bytes.wait_s(limits.bytes_per_s) {
            Some(retry_after_s) => Err(Over::Bytes { retry_after_s }),
            None => Ok(()),
        }
    }
}

impl Bucket {
    /// Adds what came since; a new one is full, and one without a rate always is.
    fn fill(&mut self, per_s: Option<u64>, burst_s: u32, now_ns: u64) {
        let per_s = i128::from(per_s.unwrap_or_default());
        let full = per_s * i128::from(burst_s) * NS_PER_S;
        let since_ns = self.filled_ns.map(|at| now_ns.saturating_sub(at));
        self.left = match since_ns {
            Some(since_ns) if per_s > 0 => (self.left + per_s * i128::from(since_ns)).min(full),
            _ => full,
        };
        self.filled_ns = Some(now_ns);
    }

    /// Seconds until there is something in it again; none where there is.
    fn wait_s(&self, per_s: Option<u64>) -> Option<u32> {
        let per_s = i128::from(per_s?.max(1));
        if self.left > 0 {
            return None;
        }
        let wait_s = (1 - self.left).div_euclid(per_s * NS_PER_S) + 1;
        Some(u32::try_from(wait_s).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: u64 = 1_000_000_000;

    fn limits(events_per_s: Option<u64>, bytes_per_s: Option<u64>) -> TenantLimits {
        TenantLimits {
            events_per_s,
            bytes_per_s,
            burst_s: 2,
            weight: 1,
        }
    }

    #[test]
    fn what_comes_again_has_not_been_paid_for() {
        let (rates, shop) = (Rates::default(), TenantId::parse("shop").unwrap());
        let limits = limits(Some(10), None);
        for _ in 0..5 {
            assert_eq!(rates.take(&shop, &limits, (50, 1), S), Ok(()));
            assert!(rates.look(&shop, &limits, S).is_err());
            rates.give_back(&shop, &limits, (50, 1), S);
        }
        // No more than there was.
        assert_eq!(rates.take(&shop, &limits, (20, 1), S), Ok(()));
        assert!(rates.look(&shop, &limits, S).is_err());
    }

    #[test]
    fn a_rate_holds_and_a_large_request_is_paid_for() {
        let (rates, shop) = (Rates::default(), TenantId::parse("shop").unwrap());
        let limits = limits(Some(10), Some(1_000));
        let take = |cost, at_s: u64| rates.take(&shop, &limits, cost, at_s * S);
        let over = |retry_after_s| Err(Over::Events { retry_after_s });
        assert_eq!(take((20, 1), 5), Ok(()));
        assert_eq!(take((1, 1), 5), over(1));
        assert_eq!(take((35, 1), 6), Ok(()));
        // 25 events to pay for, at 10 a second.
        assert_eq!(take((1, 1), 6), over(3));
        assert_eq!(take((1, 1), 8), over(1));
        assert_eq!(take((1, 1), 9), Ok(()));
        assert_eq!(take((1, 5_000), 60), Ok(()));
        assert_eq!(take((1, 1), 60), Err(Over::Bytes { retry_after_s: 4 }));
        rates.take_anyway(&shop, &limits, (1, 3_000), 60 * S);
        assert_eq!(
            rates.look(&shop, &limits, 60 * S),
            Err(Over::Bytes { retry_after_s: 7 })
        );
        // Another tenant, and one without limits.
        let bank = TenantId::parse("bank").unwrap();
        assert_eq!(rates.take(&bank, &limits, (1, 1), 60 * S), Ok(()));
        let none = super::tests::limits(None, None);
        assert_eq!(rates.take(&shop, &none, (1 << 40, 1 << 40), 60 * S), Ok(()));
    }

    proptest! {
        #[test]
        fn no_more_than_the_rate_and_a_burst_is_let_in(
            asked in prop::collection::vec((0_u64..3 * S, 1_u64..30), 1..200),
        ) {
            let (rates, shop) = (Rates::default(), TenantId::parse("shop").unwrap());
            let limits = limits(Some(10), None);
            let (mut now_ns, mut taken, mut last) = (0, 0, 0);
            for (later_ns, events) in asked {
                now_ns += later_ns;
                match rates.take(&shop, &limits, (events, 0), now_ns) {
                    Ok(()) => (taken, last) = (taken + events, events),
                    Err(Over::Events { retry_after_s }) => {
                        // Whoever waits as long as is said is let in.
                        let then_ns = now_ns + u64::from(retry_after_s) * S;
                        let later = Rates(Mutex::new(rates.0.lock().unwrap().clone()));
                        prop_assert_eq!(later.look(&shop, &limits, then_ns), Ok(()));
                    }
                    Err(Over::Bytes { .. }) => prop_assert!(false),
                }
                prop_assert!(taken - last <= 20 + 10 * now_ns.div_ceil(S));
            }
        }
    }
}
