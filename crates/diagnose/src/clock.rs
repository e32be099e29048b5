//! Moments and durations as text, in UTC.

const SECOND_NS: u64 = 1_000_000_000;
const DAY_S: u64 = 86_400;
/// Nanoseconds in an hour.
pub(crate) const HOUR_NS: u64 = 3_600 * SECOND_NS;

/// `2026-11-21 01:12:07 UTC`.
pub fn utc(unix_ns: u64) -> String {
    let seconds = unix_ns / SECOND_NS;
    let (year, month, day) = civil(seconds / DAY_S);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Duration in its largest fitting unit.
pub(crate) fn duration(ns: u64) -> String {
    let n = ns as f64;
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{:.1} µs", n / 1e3),
        1_000_000..SECOND_NS => format!("{:.1} ms", n / 1e6),
        _ => format!("{:.2} s", n / 1e9),
    }
}

/// Year, month and day of a number of days since the Unix epoch.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_795_223_527, "2026-11-21 01:12:07 UTC"),
        ] {
            assert_eq!(utc(seconds * SECOND_NS), text);
        }
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        for (ns, text) in [
            (7, "7 ns"),
            (1_500, "1.5 µs"),
            (2_340_000, "2.3 ms"),
            (61 * SECOND_NS, "61.00 s"),
        ] {
            assert_eq!(duration(ns), text);
        }
    }
}
