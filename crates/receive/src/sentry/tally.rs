//! What became of the items of envelopes: counted by type and outcome, both from fixed lists.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Types of items, by Sentry's names; `minidump` is an attachment of that type, `unknown` any
/// other name.
pub(crate) const TYPES: [&str; 25] = [
    "event",
    "transaction",
    "span",
    "log",
    "session",
    "sessions",
    "client_report",
    "check_in",
    "feedback",
    "user_report",
    "raw_security",
    "attachment",
    "minidump",
    "form_data",
    "nel",
    "otel_log",
    "metric_buckets",
    "statsd",
    "trace_metric",
    "profile",
    "profile_chunk",
    "replay_event",
    "replay_recording",
    "replay_video",
    "unknown",
];

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It became events.
    Taken,
    /// Its payload cannot be read.
    Malformed,
    /// It was cut off.
    Cut,
    /// It is larger than allowed.
    TooLarge,
    /// It is one too many of its envelope.
    TooMany,
    /// Items of its type are not kept.
    NotKept,
}

const OUTCOMES: [&str; 6] = [
    "taken",
    "malformed",
    "cut",
    "too_large",
    "too_many",
    "not_kept",
];

/// Counts of one envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally([[u32; OUTCOMES.len()]; TYPES.len()]);

/// The place of a type in [`TYPES`].
fn place(kind: &str) -> usize {
    let last = TYPES.len() - 1;
    TYPES.iter().position(|name| *name == kind).unwrap_or(last)
}

impl Tally {
    pub(crate) fn add(&mut self, kind: &str, outcome: Outcome) {
        let row = self.0.get_mut(place(kind));
        if let Some(count) = row.and_then(|row| row.get_mut(outcome as usize)) {
            *count = count.saturating_add(1);
        }
    }

    /// Changes the outcome of one.
    pub(crate) fn change(&mut self, kind: &str, from: Outcome, to: Outcome) {
        let row = self.0.get_mut(place(kind));
        if let Some(count) = row.and_then(|row| row.get_mut(from as usize)) {
            *count = count.saturating_sub(1);
        }
        self.add(kind, to);
    }

    /// How many had that outcome.
    #[cfg(test)]
    pub(crate) fn of(&self, kind: &str, outcome: Outcome) -> u32 {
        self.0[place(kind)][outcome as usize]
    }
}

/// Counts since the start.
pub(crate) struct Totals([[AtomicU64; OUTCOMES.len()]; TYPES.len()]);

impl Default for Totals {
    fn default() -> Self {
        let zero = || std::array::from_fn(|_| AtomicU64::new(0));
        Self(std::array::from_fn(|_| zero()))
    }
}

impl Totals {
    pub(crate) fn add(&self, tally: &Tally) {
        for (total, count) in self.0.iter().flatten().zip(tally.0.iter().flatten()) {
            if *count > 0 {
                total.fetch_add(u64::from(*count), Ordering::Relaxed);
            }
        }
    }

    /// In the Prometheus text format; what never occurred is left out, but for what was taken.
    pub(crate) fn render(&self, out: &mut String) {
        const NAME: &str = "cordon_receive_sentry_items_total";
        // Writing to a string cannot fail.
        let _written = writeln!(out, "# TYPE {NAME} counter");
        for (kind, row) in TYPES.iter().zip(&self.0) {
            for (outcome, count) in OUTCOMES.iter().zip(row) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 || *outcome == "taken" {
                    let labels = format!("type=\"{kind}\",outcome=\"{outcome}\"");
                    let _written = writeln!(out, "{NAME}{{{labels}}} {count}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_has_one_name() {
        let mut tally = Tally::default();
        tally.add("event", Outcome::Taken);
        tally.add("<script>", Outcome::NotKept);
        tally.add("no_such", Outcome::NotKept);
        let totals = Totals::default();
        totals.add(&tally);
        let mut text = String::new();
        totals.render(&mut text);
        assert!(text.contains("{type=\"event\",outcome=\"taken\"} 1\n"));
        assert!(text.contains("{type=\"unknown\",outcome=\"not_kept\"} 2\n"));
        assert!(!text.contains("script"));
    }
}
