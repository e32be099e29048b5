//! Moments: read as alerts and chats write them, shown in UTC.
//!
//! A moment is *absolute*, or lacks its year or its day; what lacks something can be compared with
//! its like alone, unless [`Anchor`] knows a span of time into which it falls in one way only.

use cordon_fingerprint::header::{self, TimeBase};

/// Nanoseconds of a second.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;
/// Seconds of a day, and its nanoseconds.
pub(crate) const DAY_S: u64 = 86_400;
/// See [`DAY_S`].
pub(crate) const DAY_NS: u64 = DAY_S * SECOND_NS;
/// Days from the beginning of the epoch to that of the year that dates without one are counted in.
const YEAR_UNKNOWN_DAYS: u64 = 730;
/// Names of months, first three letters.
pub(crate) const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
/// How far a time without a day may lie outside of what is known, in nanoseconds.
const AROUND_NS: u64 = 6 * 3_600 * SECOND_NS;
/// How far a date without a year may.
const AROUND_YEARLESS_NS: u64 = 90 * DAY_NS;
/// Years that are tried for a date without one: before and after what is known.
const YEARS_TRIED: u64 = 1;

/// When something was, as far as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct When {
    /// Nanoseconds: since 1970 where the base is absolute, else since the base's beginning; none
    /// where nothing is told.
    pub(crate) ns: Option<u64>,
    /// What is not told.
    pub(crate) base: TimeBase,
    /// No zone was told: taken for UTC.
    pub(crate) zoneless: bool,
    /// The day or year was taken from other sources.
    pub(crate) anchored: bool,
}

impl When {
    /// A moment that is told in full.
    pub(crate) fn absolute(ns: u64) -> Self {
        Self {
            ns: Some(ns),
            ..Self::default()
        }
    }

    /// Nanoseconds since 1970, where that is known.
    pub(crate) fn unix_ns(self) -> Option<u64> {
        self.ns.filter(|_| self.base == TimeBase::Absolute)
    }

    /// As RFC 3339 in UTC, where that is known.
    pub(crate) fn rfc3339(self) -> Option<String> {
        self.unix_ns().map(rfc3339)
    }

    /// What is told of a moment that is not known in full: `10:42:00`, `Nov 23 10:42:00`.
    pub(crate) fn clock(self) -> Option<String> {
        let ns = self.ns?;
        let seconds = ns / SECOND_NS;
        let clock = clock(seconds);
        match self.base {
            TimeBase::Absolute => None,
            TimeBase::DayUnknown => Some(match seconds / DAY_S {
                0 => clock,
                day => format!("{clock} on day {}", day + 1),
            }),
            TimeBase::YearUnknown => {
                let (_, month, day) = civil(seconds / DAY_S);
                let name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
                let (first, rest) = name.split_at_checked(1).unwrap_or_default();
                Some(format!("{}{rest} {day} {clock}", first.to_uppercase()))
            }
        }
    }

    /// What was taken to be so that nobody told: `zone`, `day`, `year`.
    pub(crate) fn assumed(self) -> Vec<&'static str> {
        let mut found = Vec::new();
        if self.anchored {
            found.push("day");
        }
        if self.zoneless && self.ns.is_some() {
            found.push("zone");
        }
        found
    }

    /// What orders moments: those that are known first, then the others by their base.
    pub(crate) fn order(self) -> (u8, u64) {
        let group = match (self.ns, self.base) {
            (None, _) => 3,
            (_, TimeBase::Absolute) => 0,
            (_, TimeBase::YearUnknown) => 1,
            (_, TimeBase::DayUnknown) => 2,
        };
        (group, self.ns.unwrap_or(0))
    }

    /// Nanoseconds from one moment to a later one, where they can be compared.
    pub(crate) fn until(self, later: Self) -> Option<u64> {
        let comparable = self.base == later.base;
        let (from, to) = (self.ns?, later.ns.filter(|_| comparable)?);
        to.checked_sub(from)
    }
}

/// The span of time that sources with full dates tell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Anchor {
    span: Option<(u64, u64)>,
}

impl Anchor {
    /// Another moment is known.
    pub(crate) fn add(&mut self, when: When) {
        if let Some(ns) = when.unix_ns().filter(|_| !when.anchored) {
            let (from, to) = self.span.unwrap_or((ns, ns));
            self.span = Some((from.min(ns), to.max(ns)));
        }
    }

    /// A moment with its day or year, where it falls into the span in one way only.
    pub(crate) fn place(self, when: When) -> When {
        let (Some((from, to)), Some(ns)) = (self.span, when.ns) else {
            return when;
        };
        let found = match when.base {
            TimeBase::Absolute => return when,
            TimeBase::DayUnknown => {
                let low = from.saturating_sub(AROUND_NS);
                let first = low / DAY_NS;
                let days = (first..first + 3).map(|day| day * DAY_NS + ns);
                only(days.filter(|at| (low..=to + AROUND_NS).contains(at)))
            }
            TimeBase::YearUnknown => {
                let low = from.saturating_sub(AROUND_YEARLESS_NS);
                let years =
                    civil(from / DAY_NS).0 - YEARS_TRIED..=civil(to / DAY_NS).0 + YEARS_TRIED;
                let seconds = ns / SECOND_NS;
                let (_, month, day) = civil(seconds / DAY_S);
                let days = years.filter_map(|year| days(year, month, day));
                let all = days.map(|day| day * DAY_NS + ns % DAY_NS);
                only(all.filter(|at| (low..=to + AROUND_YEARLESS_NS).contains(at)))
            }
        };
        found.map_or(when, |ns| When {
            ns: Some(ns),
            base: TimeBase::Absolute,
            anchored: true,
            ..when
        })
    }
}

/// The one thing, where there is one.
fn only(mut found: impl Iterator<Item = u64>) -> Option<u64> {
    found.next().filter(|_| found.next().is_none())
}

/// A moment as a field of JSON tells it: RFC 3339 and its relatives, or a number of seconds,
/// milliseconds, microseconds or nanoseconds since 1970, also with a fraction.
pub(crate) fn read(text: &str) -> Option<When> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return epoch(text).map(When::absolute);
    }
    // A header needs a message behind it.
    let line = format!("{text} INFO -");
    let header = header::read(&line);
    let ns = header.time_unix_ns?;
    Some(When {
        ns: Some(ns),
        base: header.time_base,
        zoneless: header.zone_minutes.is_none() && !text.ends_with(['Z', 'z']),
        anchored: false,
    })
}

/// A number since 1970 as nanoseconds; its unit is told by its size.
fn epoch(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: u64 = whole.parse().ok()?;
    let unit = match number {
        100_000_000..10_000_000_000 => SECOND_NS,
        100_000_000_000..10_000_000_000_000 => 1_000_000,
        100_000_000_000_000..10_000_000_000_000_000 => 1_000,
        100_000_000_000_000_000..10_000_000_000_000_000_000 => 1,
        _ => return None,
    };
    let digits = fraction.get(..fraction.len().min(9)).unwrap_or_default();
    let part = format!("{digits:0<9}").parse::<u64>().unwrap_or(0);
    let part = part / (SECOND_NS / unit).max(1);
    number.checked_mul(unit)?.checked_add(part)
}

/// `2026-11-23T10:42:00Z`, with milliseconds where there are some.
pub(crate) fn rfc3339(unix_ns: u64) -> String {
    let seconds = unix_ns / SECOND_NS;
    let (year, month, day) = civil(seconds / DAY_S);
    let clock = clock(seconds);
    match unix_ns % SECOND_NS / 1_000_000 {
        0 => format!("{year:04}-{month:02}-{day:02}T{clock}Z"),
        ms => format!("{year:04}-{month:02}-{day:02}T{clock}.{ms:03}Z"),
    }
}

/// Hours, minutes and seconds of a number of seconds.
fn clock(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// A length of time in words: `48 s`, `12 min`, `3 h 05 min`.
pub(crate) fn duration(ns: u64) -> String {
    let seconds = ns / SECOND_NS;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", (seconds + 30) / 60),
        7_200..172_800 => {
            let minutes = (seconds + 30) / 60;
            format!("{} h {:02} min", minutes / 60, minutes % 60)
        }
        _ => format!("{} d {} h", seconds / DAY_S, seconds % DAY_S / 3_600),
    }
}

/// Year, month and day of a number of days since 1970.
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
pub(crate) fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The number of days from 1970 to a date; none of one that the calendar does not have.
pub(crate) fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let found = (era * 146_097 + of_era).checked_sub(719_468)?;
    (civil(found) == (year, month, day)).then_some(found)
}

/// The moment of a date without a year, counted in the leap year that stands for it.
pub(crate) fn yearless_days(month: u64, day: u64) -> Option<u64> {
    let found = days(1972, month, day)?;
    (found >= YEAR_UNKNOWN_DAYS).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = read(text).and_then(When::rfc3339);
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn moments_of_fields_are_read() {
        check("2026-11-23T10:42:00Z", Some("2026-11-23T10:42:00Z"));
        check(
            "2026-11-23T10:42:00.123456789+01:00",
            Some("2026-11-23T09:42:00.123Z"),
        );
        check("2026-11-23T10:42:00.000+0000", Some("2026-11-23T10:42:00Z"));
        check("2026-11-23 10:42:00", Some("2026-11-23T10:42:00Z"));
        check("1795430520", Some("2026-11-23T10:42:00Z"));
        check("1795430520000", Some("2026-11-23T10:42:00Z"));
        check("1795430520.250000", Some("2026-11-23T10:42:00.250Z"));
        check("1795430520000000000", Some("2026-11-23T10:42:00Z"));
        check("0001-01-01T00:00:00Z", None);
        check("17", None);
        check("now", None);
        check("", None);
    }

    #[test]
    fn dates_and_days_are_inverse() {
        for day in [0, 59, 60, 789, 11_016, 20_780, 2_000_000] {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
        assert_eq!(days(2026, 2, 29), None);
        assert_eq!(days(1900, 1, 1), None);
    }

    #[test]
    fn a_clock_alone_gets_its_day_where_only_one_fits() {
        let known = read("2026-11-23T10:42:00Z").unwrap();
        let clock = When {
            ns: Some(11 * 3_600 * SECOND_NS),
            base: TimeBase::DayUnknown,
            ..When::default()
        };
        let mut anchor = Anchor::default();
        assert_eq!(anchor.place(clock), clock, "nothing is known");
        anchor.add(known);
        assert_eq!(
            anchor.place(clock).rfc3339().as_deref(),
            Some("2026-11-23T11:00:00Z")
        );
        assert_eq!(anchor.place(clock).assumed(), ["day"]);
        anchor.add(read("2026-11-25T10:42:00Z").unwrap());
        assert_eq!(anchor.place(clock), clock, "two days fit");
    }

    #[test]
    fn a_date_without_a_year_gets_the_one_that_fits() {
        let mut anchor = Anchor::default();
        anchor.add(read("2026-01-02T00:10:00Z").unwrap());
        let told = When {
            ns: yearless_days(12, 31).map(|day| day * DAY_NS),
            base: TimeBase::YearUnknown,
            ..When::default()
        };
        assert_eq!(
            anchor.place(told).rfc3339().as_deref(),
            Some("2025-12-31T00:00:00Z")
        );
        assert_eq!(told.clock().as_deref(), Some("Dec 31 00:00:00"));
    }

    #[test]
    fn lengths_have_a_fitting_unit() {
        for (seconds, text) in [(48, "48 s"), (725, "12 min"), (11_100, "3 h 05 min")] {
            assert_eq!(duration(seconds * SECOND_NS), text);
        }
    }
}
