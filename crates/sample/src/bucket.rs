//! Rates with a memory: a bucket of tokens, and the seconds of a composite policy. Time is an
//! argument.

/// A bucket of tokens that refills all the time and begins full.
///
/// *Source:* `bytes_limiting` and `rate_limiting` of the Collector.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    last_ms: Option<u64>,
}

impl Bucket {
    pub(crate) fn new(per_second: i64, burst: i64) -> Self {
        Self {
            per_second: per_second as f64,
            burst: burst as f64,
            tokens: burst as f64,
            last_ms: None,
        }
    }

    /// Takes `count` tokens, all or none.
    pub(crate) fn take(&mut self, count: u64, now_unix_ms: u64) -> bool {
        let last = self.last_ms.unwrap_or(now_unix_ms);
        let passed_ms = now_unix_ms.saturating_sub(last);
        self.last_ms = Some(last.max(now_unix_ms));
        let more = passed_ms as f64 / 1_000.0 * self.per_second;
        self.tokens = (self.tokens + more).min(self.burst);
        let count = count as f64;
        let is_enough = count <= self.tokens;
        if is_enough {
            self.tokens -= count;
        }
        is_enough
    }
}

/// Spans that the parts of a composite policy sampled in the current second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seconds {
    second: u64,
    taken: Vec<u64>,
}

impl Seconds {
    /// Takes `count` spans for one part, within its share and the total.
    pub(crate) fn take(
        &mut self,
        part: usize,
        count: u64,
        (share, total): (u64, u64),
        now_unix_ms: u64,
    ) -> bool {
        let second = now_unix_ms / 1_000;
        if second != self.second {
            self.second = second;
            self.taken.clear();
        }
        if self.taken.len() <= part {
            self.taken.resize(part + 1, 0);
        }
        let all: u64 = self.taken.iter().sum();
        let Some(taken) = self.taken.get_mut(part) else {
            return false;
        };
        let is_within = *taken + count <= share && all + count <= total;
        if is_within {
            *taken += count;
        }
        is_within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_refills_up_to_its_burst() {
        let mut bucket = Bucket::new(10, 20);
        assert!(bucket.take(20, 1_000));
        assert!(!bucket.take(1, 1_000));
        assert!(!bucket.take(6, 1_500));
        assert!(bucket.take(5, 1_500));
        // A clock that goes back refills nothing.
        assert!(!bucket.take(1, 0));
        assert!(!bucket.take(21, 99_000));
        assert!(bucket.take(20, 99_000));
    }
}
