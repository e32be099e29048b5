//! Burn rates of a service level objective, by key, over a short and a long window.
//!
//! The burn rate is the share of requests that fail, divided by the share that may: at 1 the
//! error budget lasts exactly as long as it should. Both windows have to burn, so that one bad
//! minute of a quiet route does not count for an hour, and a fire that is out stops counting.
//!
//! *Source:* Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"; 14.4 is
//! the rate that spends 2 % of a month's budget in an hour.
//!
//! *Limits:* [`OBJECTIVE_KEYS_MAX`]; 289 buckets a key.

use std::collections::{BTreeMap, VecDeque};

use crate::cache::tree_bytes;
use crate::config::Objective;
use crate::limits::OBJECTIVE_KEYS_MAX;

/// Buckets in the long window.
const BUCKETS_MAX: u64 = 288;

/// Counts of one bucket of time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    number: u64,
    total: u32,
    failed: u32,
}

/// Counts of an objective.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    bucket_ms: u64,
    short: u64,
    long: u64,
    allowed: f64,
    base: f64,
    full: f64,
    keys: BTreeMap<u64, VecDeque<Bucket>>,
}

impl Counts {
    pub(crate) fn new(of: &Objective) -> Self {
        let bucket_ms = (of.short_ms / 5).max(of.long_ms / BUCKETS_MAX).max(1);
        Self {
            bucket_ms,
            short: of.short_ms.div_ceil(bucket_ms),
            long: of.long_ms.div_ceil(bucket_ms),
            allowed: 1.0 - of.target,
            base: of.base_percentage / 100.0,
            full: of.full_burn_rate,
            keys: BTreeMap::new(),
        }
    }

    /// Counts one request. Keys beyond the limit push out one that has been silent for the long
    /// window; where there is none, they are not counted.
    pub(crate) fn count(&mut self, key: u64, is_failed: bool, now_unix_ms: u64) {
        let number = now_unix_ms / self.bucket_ms;
        if !self.keys.contains_key(&key) && self.keys.len() >= OBJECTIVE_KEYS_MAX {
            let long = self.long;
            self.keys.retain(|_, buckets| {
                buckets
                    .back()
                    .is_some_and(|last| last.number + long > number)
            });
            if self.keys.len() >= OBJECTIVE_KEYS_MAX {
                return;
            }
        }
        let buckets = self.keys.entry(key).or_default();
        while buckets
            .front()
            .is_some_and(|first| first.number + self.long <= number)
        {
            buckets.pop_front();
        }
        match buckets.back_mut() {
            Some(last) if last.number >= number => {
                last.total = last.total.saturating_add(1);
                last.failed = last.failed.saturating_add(u32::from(is_failed));
            }
            _ => buckets.push_back(Bucket {
                number,
                total: 1,
                failed: u32::from(is_failed),
            }),
        }
    }

    /// Burn rate of a key: the lower of its two windows'.
    pub(crate) fn burn_rate(&self, key: u64, now_unix_ms: u64) -> f64 {
        let Some(buckets) = self.keys.get(&key) else {
            return 0.0;
        };
        let number = now_unix_ms / self.bucket_ms;
        let rate = |window: u64| {
            let within = buckets.iter().filter(|b| b.number + window > number);
            let (total, failed) = within.fold((0_u64, 0_u64), |(total, failed), bucket| {
                (
                    total + u64::from(bucket.total),
                    failed + u64::from(bucket.failed),
                )
            });
            if total == 0 {
                return 0.0;
            }
            failed as f64 / total as f64 / self.allowed
        };
        rate(self.short).min(rate(self.long))
    }

    /// Share that is kept at a burn rate: the base share up to 1, all from the full rate on, and
    /// a straight line between.
    pub(crate) fn share(&self, burn_rate: f64) -> f64 {
        let way = ((burn_rate - 1.0) / (self.full - 1.0)).clamp(0.0, 1.0);
        self.base + (1.0 - self.base) * way
    }

    pub(crate) fn used_bytes(&self) -> usize {
        let buckets: usize = self.keys.values().map(VecDeque::capacity).sum();
        tree_bytes::<(u64, VecDeque<Bucket>)>(self.keys.len()) + buckets * size_of::<Bucket>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Counts {
        Counts::new(&Objective {
            key: vec!["k".to_owned()],
            target: 0.99,
            short_ms: 300_000,
            long_ms: 3_600_000,
            base_percentage: 10.0,
            full_burn_rate: 11.0,
        })
    }

    #[test]
    fn a_budget_burns_in_both_windows_or_not() {
        let mut counts = counts();
        let hour = 3_600_000;
        for i in 0..1_000_u64 {
            counts.count(7, i % 50 == 0, hour + i);
        }
        // 2 % fail where 1 % may.
        assert!((counts.burn_rate(7, hour + 1_000) - 2.0).abs() < 1e-9);
        assert!(counts.burn_rate(8, hour) < 1e-9);
        // Half an hour later the short window is silent.
        assert!(counts.burn_rate(7, hour + 1_800_000) < 1e-9);
    }

    #[test]
    fn the_share_rises_in_a_straight_line() {
        let counts = counts();
        for (burn, share) in [
            (0.0, 0.1),
            (1.0, 0.1),
            (6.0, 0.55),
            (11.0, 1.0),
            (99.0, 1.0),
        ] {
            assert!((counts.share(burn) - share).abs() < 1e-9, "{burn}");
        }
    }

    #[test]
    fn keys_are_bounded() {
        let mut counts = counts();
        for key in 0..5_000 {
            counts.count(key, false, 0);
        }
        assert_eq!(counts.keys.len(), OBJECTIVE_KEYS_MAX);
        counts.count(9_999, false, 3_600_000 + 60_000);
        assert_eq!(counts.keys.len(), 1);
    }
}
