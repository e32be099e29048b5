//! Numbers that know where they come from.
//!
//! *Invariant:* the text of a diagnosis is static words, quotations of telemetry and
//! [`Statistic`]s; there is no other way for a number into a sentence.

use crate::clock;

/// What was measured. The meaning of each is the contract that [`crate::certify`] recomputes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Events in the window, of the scope.
    EventsInWindow,
    /// Events in the baseline, of the scope.
    EventsInBaseline,
    /// Events of failing groups in the window, of the scope.
    FailuresInWindow,
    /// Failing groups with an event in the window, of the scope.
    FailingGroups,
    /// First time the group was seen.
    FirstSeen,
    /// Last time the group was seen.
    LastSeen,
    /// Beginning of the hour of the window with the most events of the group; the earliest such.
    PeakHour,
    /// Events of the group in that hour.
    PeakHourEvents,
    /// Share of the window's events over share of the baseline's, within the service.
    RateRatio,
    /// Stored events cited.
    EventsCited,
    /// Distinct traces among the stored events cited.
    TracesCited,
    /// Time of the one stored event cited.
    EventTime,
    /// Time of the change.
    ChangeTime,
    /// Events of the group before the change, for as long as after it.
    EventsBeforeChange,
    /// Events of the group from the change on.
    EventsAfterChange,
    /// Median duration of the spans cited less that of their cited children.
    SelfTimeMedian,
}

impl Measure {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventsInWindow => "events_in_window",
            Self::EventsInBaseline => "events_in_baseline",
            Self::FailuresInWindow => "failures_in_window",
            Self::FailingGroups => "failing_groups",
            Self::FirstSeen => "first_seen_unix_ns",
            Self::LastSeen => "last_seen_unix_ns",
            Self::PeakHour => "peak_hour_unix_ns",
            Self::PeakHourEvents => "peak_hour_events",
            Self::RateRatio => "rate_ratio",
            Self::EventsCited => "events_cited",
            Self::TracesCited => "traces_cited",
            Self::EventTime => "event_time_unix_ns",
            Self::ChangeTime => "change_time_unix_ns",
            Self::EventsBeforeChange => "events_before_change",
            Self::EventsAfterChange => "events_after_change",
            Self::SelfTimeMedian => "self_time_median_ns",
        }
    }
}

/// What was measured over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// These groups.
    Groups(Vec<String>),
    /// All groups of a service.
    Service(String),
    /// These stored events.
    Events(Vec<String>),
    /// A group around a change, as the ids of the two; no group where it is the change alone.
    Around(String, String),
    /// Everything given.
    All,
}

impl Scope {
    /// Group or event ids that it names.
    pub fn ids(&self) -> &[String] {
        match self {
            Self::Groups(ids) | Self::Events(ids) => ids,
            Self::Service(_) | Self::Around(..) | Self::All => &[],
        }
    }
}

/// A measured value with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// A count.
    Count(u64),
    /// A ratio of two rates.
    Ratio(f64),
    /// A moment, nanoseconds since the Unix epoch.
    Moment(u64),
    /// A duration in nanoseconds.
    Duration(u64),
}

/// One number with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// What was measured.
    pub measure: Measure,
    /// Over what.
    pub scope: Scope,
    /// The value.
    pub value: Quantity,
}

impl Statistic {
    /// The count; 0 where it is none.
    pub(crate) const fn count(&self) -> u64 {
        if let Quantity::Count(n) = self.value {
            n
        } else {
            0
        }
    }

    /// The value as a reader sees it.
    pub fn render(&self) -> String {
        match self.value {
            Quantity::Count(n) => grouped(n),
            Quantity::Ratio(r) => format!("{r:.1}"),
            Quantity::Moment(ns) => clock::utc(ns),
            Quantity::Duration(ns) => clock::duration(ns),
        }
    }
}

/// Decimal digits in groups of three: `12,345`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), text);
        }
    }
}
