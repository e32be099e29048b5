//! Sample rates that follow the traffic of keys. Time is an argument.
//!
//! *Source:* the documented behaviour of `dynsampler-go`: `AvgSampleRate`, `EMASampleRate`,
//! `EMAThroughput`, `WindowedThroughput`, `TotalThroughput`, and Refinery's defaults for them.
//! What differs: keys are digests, so that where rounding passes unused slots on it does so in
//! another order of keys; intervals end when the first trace after them is decided.
//!
//! *Limits:* `MaxKeys` of each sampler, at most [`crate::limits::SAMPLER_KEYS_MAX`].

use std::collections::{BTreeMap, VecDeque};

use crate::cache::tree_bytes;
use crate::config::{Dynamic, Method};

type Counts = BTreeMap<u64, f64>;
type Table = BTreeMap<u64, u64>;

/// The state of one dynamic sampler.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    of: Dynamic,
    goal: f64,
    counts: Counts,
    averages: Counts,
    /// Ticks before the current one, the latest last.
    window: VecDeque<(u64, Counts)>,
    table: Table,
    has_data: bool,
    /// When the running interval ends.
    end_ms: Option<u64>,
    intervals: u64,
    burst_from: f64,
    burst_sum: f64,
}

impl Rates {
    /// Begins; `share` is this replica's part of the traces.
    pub(crate) fn new(of: &Dynamic, share: f64) -> Self {
        let goal = if of.uses_cluster_size {
            of.goal * share
        } else {
            of.goal
        };
        Self {
            of: of.clone(),
            goal,
            counts: Counts::new(),
            averages: Counts::new(),
            window: VecDeque::new(),
            table: Table::new(),
            has_data: false,
            end_ms: None,
            intervals: 0,
            burst_from: 0.0,
            burst_sum: 0.0,
        }
    }

    /// Counts `count` spans of a key and gives the key's sample rate, at least 1.
    ///
    /// `MaxKeys` bounds the keys of an interval that are counted. One that is not may be in the
    /// table of rates from before, and has its rate there; but `WindowedThroughput` looks nothing
    /// up for it.
    pub(crate) fn rate(&mut self, key: u64, count: u64, now_unix_ms: u64) -> u64 {
        self.pass(now_unix_ms);
        if !self.add(key, count as f64, now_unix_ms) && self.of.method == Method::Windowed {
            return 1;
        }
        self.burst(now_unix_ms);
        self.known(key)
    }

    /// The rate that a key has, which is not counted.
    pub(crate) fn rate_now(&mut self, key: u64, now_unix_ms: u64) -> u64 {
        self.pass(now_unix_ms);
        self.known(key)
    }

    fn known(&self, key: u64) -> u64 {
        if self.is_before_data() {
            return self.initial();
        }
        self.table.get(&key).copied().unwrap_or(1).max(1)
    }

    fn is_before_data(&self) -> bool {
        let method = self.of.method;
        !self.has_data && !matches!(method, Method::Windowed | Method::Total)
    }

    /// Rate before anything is known.
    fn initial(&self) -> u64 {
        let rate = match self.of.method {
            Method::EmaThroughput => self.of.initial_rate,
            _ => self.of.goal as i64,
        };
        rate.max(1).unsigned_abs()
    }

    fn is_full(&self, keys: usize) -> bool {
        keys >= self.of.max_keys.unsigned_abs() as usize
    }

    fn add(&mut self, key: u64, count: f64, now_unix_ms: u64) -> bool {
        if self.of.method == Method::Windowed {
            let is_known = self
                .window
                .iter()
                .any(|(_, counts)| counts.contains_key(&key));
            let keys: usize = self.window.iter().map(|(_, counts)| counts.len()).sum();
            if !is_known && self.is_full(keys) && self.is_full(self.window_keys()) {
                return false;
            }
            let tick = now_unix_ms / self.of.interval_ms;
            if self.window.back().is_none_or(|(last, _)| *last < tick) {
                self.window.push_back((tick, Counts::new()));
            }
            if let Some((_, counts)) = self.window.back_mut() {
                *counts.entry(key).or_default() += count;
            }
            return true;
        }
        if !self.counts.contains_key(&key) && self.is_full(self.counts.len()) {
            return false;
        }
        *self.counts.entry(key).or_default() += count;
        self.burst_sum += count;
        true
    }

    fn window_keys(&self) -> usize {
        let all = self.window.iter().flat_map(|(_, counts)| counts.keys());
        all.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Ends the intervals that have passed.
    fn pass(&mut self, now_unix_ms: u64) {
        let interval = self.of.interval_ms;
        let Some(end) = self.end_ms else {
            self.end_ms = Some(now_unix_ms + interval);
            return;
        };
        if now_unix_ms < end {
            return;
        }
        let passed = 1 + (now_unix_ms - end) / interval;
        self.end_ms = Some(end + passed * interval);
        match self.of.method {
            Method::Windowed => self.end_window(now_unix_ms),
            Method::Average | Method::Total => {
                self.end_interval();
                // The intervals after it had no traffic.
                if passed > 1 {
                    self.end_interval();
                }
            }
            Method::EmaRate | Method::EmaThroughput => {
                self.end_average();
                self.intervals += passed;
            }
        }
    }

    fn end_interval(&mut self) {
        let counts = std::mem::take(&mut self.counts);
        if counts.is_empty() {
            self.table.clear();
            return;
        }
        if self.of.method == Method::Total {
            let seconds = self.of.interval_ms as f64 / 1_000.0;
            let per_key = (self.goal * seconds / counts.len() as f64).max(1.0).floor();
            self.table = throughput(&counts, per_key);
        } else {
            let sum: f64 = counts.values().sum();
            let logs: f64 = counts.values().map(|count| count.log10()).sum();
            self.table = logarithmic(sum / self.goal / logs, &counts);
        }
        self.has_data = true;
    }

    fn end_window(&mut self, now_unix_ms: u64) {
        let tick = now_unix_ms / self.of.interval_ms;
        let ticks = (self.of.lookback_ms / self.of.interval_ms).max(1);
        while self
            .window
            .front()
            .is_some_and(|(first, _)| first + ticks < tick)
        {
            self.window.pop_front();
        }
        let mut all = Counts::new();
        for (_, counts) in self.window.iter().filter(|(number, _)| *number < tick) {
            for (key, count) in counts {
                *all.entry(*key).or_default() += count;
            }
        }
        let seconds = self.of.lookback_ms as f64 / 1_000.0;
        let per_key = (self.goal * seconds / all.len().max(1) as f64).max(1.0);
        self.table = throughput(&all, per_key);
    }

    fn end_average(&mut self) {
        let counts = std::mem::take(&mut self.counts);
        self.burst_sum = 0.0;
        // Silence does not make the averages decay.
        if counts.is_empty() {
            return;
        }
        let (weight, age_out) = (self.of.weight, self.of.age_out);
        self.averages.retain(|key, average| {
            let count = counts.get(key).copied().unwrap_or_default();
            *average = count * weight + (1.0 - weight) * *average;
            *average >= age_out
        });
        for (key, count) in counts {
            let average = count * weight;
            if average >= age_out {
                self.averages.entry(key).or_insert(average);
            }
        }
        let sum: f64 = self.averages.values().map(|count| count.max(1.0)).sum();
        self.burst_from = sum * self.of.burst_multiple;
        let goal = if self.of.method == Method::EmaRate {
            sum / self.goal
        } else {
            self.goal * self.of.interval_ms as f64 / 1_000.0
        };
        let logs: f64 = self
            .averages
            .values()
            .map(|count| count.max(1.0).log10())
            .sum();
        self.table = logarithmic(goal / logs, &self.averages);
        self.has_data = true;
    }

    /// Ends an interval early when far more is seen than on average.
    fn burst(&mut self, now_unix_ms: u64) {
        let is_late = self.intervals >= self.of.burst_delay.unsigned_abs();
        if self.burst_from > 0.0 && self.burst_sum >= self.burst_from && is_late {
            self.end_average();
            self.end_ms = Some(now_unix_ms + self.of.interval_ms);
        }
    }

    pub(crate) fn used_bytes(&self) -> usize {
        let windows: usize = self.window.iter().map(|(_, counts)| counts.len()).sum();
        let entries = self.counts.len() + self.averages.len() + self.table.len() + windows;
        tree_bytes::<(u64, f64)>(entries)
            + self.window.capacity() * size_of::<(u64, Counts)>()
            + size_of::<Self>()
    }
}

/// Rates by which each key lets `per_key` events through.
fn throughput(counts: &Counts, per_key: f64) -> Table {
    let rates = counts.iter();
    rates
        .map(|(key, count)| (*key, (count / per_key).max(1.0) as u64))
        .collect()
}

/// Rates by which each key gets a share of the goal that grows with the logarithm of its count;
/// what a rare key leaves over is passed on.
fn logarithmic(goal_ratio: f64, counts: &Counts) -> Table {
    let mut extra = 0.0;
    let mut left = counts.len() as f64;
    let mut rates = Table::new();
    for (key, count) in counts {
        let count = count.max(1.0);
        // Of one event alone the ratio is without bound, and its logarithm nothing.
        let share = count.log10() * goal_ratio;
        let mut goal = if share.is_nan() {
            f64::INFINITY
        } else {
            share.max(1.0)
        };
        let passed_on: f64 = extra / left;
        goal += passed_on;
        extra -= passed_on;
        left -= 1.0;
        let rate = if count <= goal {
            1.0
        } else {
            (count / goal).ceil()
        };
        if goal.is_finite() {
            extra += goal - count / rate;
        }
        rates.insert(*key, rate as u64);
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, goal: f64) -> Dynamic {
        Dynamic {
            method,
            goal,
            initial_rate: 10,
            interval_ms: 1_000,
            lookback_ms: 3_000,
            weight: 0.5,
            age_out: 0.5,
            burst_multiple: 2.0,
            burst_delay: 3,
            fields: vec!["f".to_owned()],
            max_keys: 500,
            uses_length: false,
            uses_cluster_size: false,
        }
    }

    #[test]
    fn the_average_comes_near_its_goal() {
        // 10000 and 100 spans at a goal of 10: 1010 events to send, logarithms 4 and 2.
        let mut rates = Rates::new(&of(Method::Average, 10.0), 1.0);
        assert_eq!(rates.rate(1, 10_000, 0), 10);
        assert_eq!(rates.rate(2, 100, 500), 10);
        // 4/6 of 1010 are 673.3: ceil(14.85). 2/6 are 336.7, more than 100.
        assert_eq!(rates.rate(1, 1, 1_000), 15);
        assert_eq!(rates.rate(2, 1, 1_100), 1);
        assert_eq!(rates.rate(3, 1, 1_200), 1);
        // An interval without traffic forgets the rates, and not that there were some.
        assert_eq!(rates.rate(1, 1, 9_000), 1);
    }

    #[test]
    fn the_moving_average_moves_by_its_weight() {
        let mut rates = Rates::new(&of(Method::EmaRate, 5.0), 1.0);
        assert_eq!(rates.rate(1, 1_000, 0), 5);
        // Average 500, goal 100 events: rate 5.
        assert_eq!(rates.rate(1, 200, 1_000), 5);
        // Average 350: still 5, since one key gets it all.
        assert_eq!(rates.rate(1, 1, 2_000), 5);
        assert!((rates.averages[&1] - 350.0).abs() < 1e-9);
    }

    #[test]
    fn throughput_is_by_second() {
        // 10 a second: 1000 spans of one key in a second go through one of 100.
        let mut total = Rates::new(&of(Method::Total, 10.0), 1.0);
        assert_eq!(total.rate(1, 1_000, 0), 1);
        assert_eq!(total.rate(1, 1, 1_000), 100);
        let mut ema = Rates::new(&of(Method::EmaThroughput, 10.0), 1.0);
        assert_eq!(ema.rate(1, 1_000, 0), 10);
        // Average 500 for 10 events.
        assert_eq!(ema.rate(1, 1, 1_000), 50);
        let mut window = Rates::new(&of(Method::Windowed, 10.0), 1.0);
        assert_eq!(window.rate(1, 600, 0), 1);
        // 30 events in three seconds for 600.
        assert_eq!(window.rate(1, 300, 1_000), 20);
        assert_eq!(window.rate(1, 1, 2_000), 30);
    }

    #[test]
    fn a_burst_ends_the_interval() {
        let mut rates = Rates::new(&of(Method::EmaRate, 5.0), 1.0);
        for tick in 0..5 {
            rates.rate(1, 100, tick * 1_000);
        }
        assert_eq!(rates.intervals, 4);
        rates.rate(1, 10_000, 4_100);
        assert!(rates.burst_sum.abs() < 1e-9);
        assert!(rates.averages[&1] > 5_000.0);
    }

    #[test]
    fn a_replica_has_its_share_of_the_goal() {
        let mut config = of(Method::Total, 10.0);
        config.uses_cluster_size = true;
        let mut rates = Rates::new(&config, 0.5);
        rates.rate(1, 1_000, 0);
        assert_eq!(rates.rate(1, 1, 1_000), 200);
    }

    #[test]
    fn keys_are_bounded() {
        let mut config = of(Method::Average, 2.0);
        config.max_keys = 3;
        let mut rates = Rates::new(&config, 1.0);
        (0..10).for_each(|key| {
            rates.rate(key, 100, 0);
        });
        assert_eq!(rates.counts.len(), 3);
    }

    #[test]
    fn a_key_that_is_not_counted_keeps_its_rate() {
        // By the loops of `GetSampleRateMulti`: all but the windowed one look up what was saved.
        for (method, before, after) in [
            (Method::Average, 10, 10),
            (Method::EmaRate, 10, 10),
            (Method::EmaThroughput, 10, 50),
            (Method::Total, 1, 100),
            (Method::Windowed, 1, 1),
        ] {
            let mut config = of(method, 10.0);
            config.max_keys = 1;
            config.lookback_ms = 1_000;
            let mut rates = Rates::new(&config, 1.0);
            assert_eq!(rates.rate(1, 1_000, 0), before, "{method:?}");
            if method == Method::Windowed {
                // The window still holds the first key, so that the second is not counted.
                assert_eq!(rates.rate(2, 1_000, 1_000), after, "{method:?}");
                continue;
            }
            assert_eq!(rates.rate(2, 1, 1_000), 1, "{method:?}");
            assert_eq!(rates.rate(1, 1, 1_001), after, "{method:?}");
            assert!(!rates.counts.contains_key(&1));
        }
    }
}
