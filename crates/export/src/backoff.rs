//! How long to wait before a request is tried again: doubling waits with full jitter, and at least
//! as long as the receiver asks.
//!
//! *Why full jitter:* exporters that lost one receiver at one moment would else come back at one
//! moment (AWS Architecture Blog, "Exponential Backoff And Jitter").

use std::time::Duration;

use crate::limits::Limits;

/// The wait after the `attempt`th failure (from 1). `random` is uniform over all numbers.
pub(crate) fn wait(
    limits: &Limits,
    attempt: u32,
    after: Option<Duration>,
    random: u64,
) -> Duration {
    let doublings = attempt.saturating_sub(1).min(32);
    let ceiling = limits
        .backoff_first_ms
        .saturating_mul(1 << doublings)
        .min(limits.backoff_ms_max);
    let within = |ms: u64| Duration::from_millis(random % ms.saturating_add(1));
    match after {
        // Who is told one time comes back at one time, unless something is added.
        Some(asked) => {
            let asked = asked.min(Duration::from_millis(limits.retry_after_ms_max));
            asked + within(limits.backoff_first_ms)
        }
        None => within(ceiling),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn waits_grow_to_the_limit_and_no_further(attempt in 1..200_u32, random: u64) {
            let limits = Limits::default();
            let waited = wait(&limits, attempt, None, random);
            let ceiling = 1_000_u64.saturating_mul(1 << (attempt - 1).min(20)).min(60_000);
            prop_assert!(waited <= Duration::from_millis(ceiling));
        }

        #[test]
        fn who_asks_for_time_gets_it_within_the_limit(asked_s in 0..10_000_u64, random: u64) {
            let limits = Limits::default();
            let waited = wait(&limits, 1, Some(Duration::from_secs(asked_s)), random);
            prop_assert!(waited >= Duration::from_secs(asked_s.min(600)));
            prop_assert!(waited <= Duration::from_secs(601));
        }
    }

    #[test]
    fn jitter_is_over_the_whole_wait() {
        let limits = Limits::default();
        assert_eq!(wait(&limits, 3, None, 0), Duration::ZERO);
        assert_eq!(wait(&limits, 3, None, 4_000), Duration::from_secs(4));
        assert_eq!(wait(&limits, 3, None, 4_001), Duration::ZERO);
    }
}
