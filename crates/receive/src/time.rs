//! Times as senders write them become nanoseconds since the Unix epoch. Reads no clock.

use cordon_event::Value;

/// Nanoseconds of a day.
pub(crate) const NS_PER_DAY: u64 = 86_400 * NS_PER_S;
/// Nanoseconds of a second.
pub(crate) const NS_PER_S: u64 = 1_000_000_000;

/// Nanoseconds since the Unix epoch of a number, by its magnitude, or of a text.
pub fn unix_ns(value: &Value) -> Option<u64> {
    match value {
        Value::Int(n) => by_magnitude(u64::try_from(*n).ok()?),
        // Seconds with a fraction keep microseconds; a double has no more of them.
        Value::Double(n) if *n > 0.0 && *n < 1e11 => Some((*n * 1e6).round() as u64 * 1_000),
        Value::Double(n) if *n >= 1e11 && *n < 1.8e19 => by_magnitude(*n as u64),
        Value::String(text) => of_text(text.trim()),
        _ => None,
    }
}

/// Seconds until the year 5138, then milliseconds, microseconds, nanoseconds.
fn by_magnitude(n: u64) -> Option<u64> {
    let factor = match n {
        0 => return None,
        1..100_000_000_000 => 1_000_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    n.checked_mul(factor)
}

fn of_text(text: &str) -> Option<u64> {
    if let Ok(n) = text.parse::<u64>() {
        return by_magnitude(n);
    }
    if let Ok(n) = text.parse::<f64>() {
        return unix_ns(&Value::Double(n));
    }
    rfc3339(text)
}

/// `2026-01-02T03:04:05.678Z`; what [`iso`] reads, and a zone: none (UTC), by number, with or
/// without its colon.
fn rfc3339(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut civil = iso(&mut rest)?;
    civil.offset_s = Some(zone(rest.trim_start())?);
    civil.unix_ns(0, 0)
}

/// A date and a time of day as written.
pub(crate) struct Civil {
    pub(crate) year: Option<i64>,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) second_of_day: i64,
    pub(crate) nanos: u64,
    /// Seconds east of UTC.
    pub(crate) offset_s: Option<i64>,
}

impl Civil {
    /// The date and time of day of that moment in UTC, without its year.
    pub(crate) fn of_year(unix_ns: u64) -> Self {
        let days = i64::try_from(unix_ns / NS_PER_DAY).unwrap_or(0);
        let (month, day) = month_and_day(days);
        Self {
            year: None,
            month,
            day,
            second_of_day: i64::try_from(unix_ns % NS_PER_DAY / NS_PER_S).unwrap_or(0),
            nanos: unix_ns % NS_PER_S,
            offset_s: None,
        }
    }

    /// Nanoseconds since the Unix epoch. What is not written is completed: the year is the one by
    /// which it is nearest to `now_unix_ns`, so that the last of December that arrives on New
    /// Year's Day is last year's, and the other way round; the zone is the one given.
    pub(crate) fn unix_ns(&self, now_unix_ns: u64, zone_offset_s: i32) -> Option<u64> {
        let offset_s = self.offset_s.unwrap_or(zone_offset_s.into());
        let at = |year: i64| {
            let fits = self.day <= days_of(year, self.month);
            let days = days_from_civil(year, self.month, self.day);
            fits.then_some(days * 86_400 + self.second_of_day - offset_s)
        };
        let second = if let Some(year) = self.year {
            at(year)?
        } else {
            let now_s = (now_unix_ns / NS_PER_S) as i64;
            // Eight years hold a 29th of February, also around 2100.
            let this = 1970 + now_s / 31_556_952;
            let years = (this - 8..=this + 8).filter_map(at);
            years.min_by_key(|second| (second - now_s).abs())?
        };
        let second = u64::try_from(second).ok()?;
        second.checked_mul(NS_PER_S)?.checked_add(self.nanos)
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Takes `2026-01-02T03:04:05.678` off; also with a blank for the `T` and a comma for the point.
pub(crate) fn iso(rest: &mut &str) -> Option<Civil> {
    let year = digits(rest, 4)?;
    eat(rest, &['-'])?;
    let month = digits(rest, 2).filter(|n| (1..=12).contains(n))?;
    eat(rest, &['-'])?;
    let day = digits(rest, 2).filter(|n| (1..=31).contains(n))?;
    eat(rest, &['T', 't', ' '])?;
    let second_of_day = clock(rest)?;
    let nanos = fraction(rest)?;
    Some(Civil {
        year: Some(year),
        month,
        day,
        second_of_day,
        nanos,
        offset_s: None,
    })
}

/// `22:14:15`; 60 is a leap second.
pub(crate) fn clock(rest: &mut &str) -> Option<i64> {
    let hour = short(rest).filter(|n| *n < 24)?;
    eat(rest, &[':'])?;
    let minute = digits(rest, 2).filter(|n| *n < 60)?;
    eat(rest, &[':'])?;
    let second = digits(rest, 2).filter(|n| *n <= 60)?;
    Some(hour * 3_600 + minute * 60 + second)
}

/// One digit or two.
pub(crate) fn short(rest: &mut &str) -> Option<i64> {
    for count in [2, 1] {
        let mut after = *rest;
        if let Some(n) = digits(&mut after, count) {
            *rest = after;
            return Some(n);
        }
    }
    None
}

pub(crate) fn digits(rest: &mut &str, count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    head.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| head.parse().ok())?
}

pub(crate) fn eat(rest: &mut &str, any: &[char]) -> Option<()> {
    *rest = rest.strip_prefix(any)?;
    Some(())
}

pub(crate) fn fraction(rest: &mut &str) -> Option<u64> {
    let Some(tail) = rest.strip_prefix(['.', ',']) else {
        return Some(0);
    };
    let len = tail.bytes().take_while(u8::is_ascii_digit).count();
    let (all, after) = tail.split_at_checked(len)?;
    *rest = after;
    let kept: String = all.chars().chain("000000000".chars()).take(9).collect();
    if len == 0 { None } else { kept.parse().ok() }
}

/// Seconds east of UTC of `+02:00`, `-0500`, `+02` or `Z`.
pub fn zone_offset_s(text: &str) -> Option<i32> {
    let known = text == "Z" || matches!(text.len(), 3 | 5 | 6);
    let offset_s = zone(text).filter(|s| known && s.abs() < 86_400)?;
    i32::try_from(offset_s).ok()
}

/// Seconds east of UTC.
pub(crate) fn zone(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z" | "UTC") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut rest = text.strip_prefix(['+', '-'])?;
    let hours = digits(&mut rest, 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = if rest.is_empty() {
        0
    } else {
        digits(&mut { rest }, 2)?
    };
    Some(sign * (hours * 3_600 + minutes * 60))
}

/// Days since 1970-01-01 of a proleptic Gregorian date: the year is shifted to begin in March, so
/// that the leap day comes last.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Month and day of a day since 1970-01-01: the inverse of [`days_from_civil`].
fn month_and_day(days: i64) -> (i64, i64) {
    let of_era = (days + 719_468).rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    (
        (shifted + 2) % 12 + 1,
        of_year - (153 * shifted + 2) / 5 + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: impl Into<Value>, expect: Option<u64>) {
        assert_eq!(unix_ns(&value.into()), expect);
    }

    #[test]
    fn reads_texts() {
        check("1970-01-01T00:00:01Z", Some(1_000_000_000));
        check(
            "2024-02-29T12:00:00.5+02:00",
            Some(1_709_200_800_500_000_000),
        );
        check("2024-02-29 10:00:00,500", Some(1_709_200_800_500_000_000));
        check(
            "2024-02-29T05:00:00.5-0500",
            Some(1_709_200_800_500_000_000),
        );
        check("1709200800500", Some(1_709_200_800_500_000_000));
        for bad in [
            "",
            "yesterday",
            "2024-13-01T00:00:00Z",
            "2024-01-01",
            "2024-01-01T00:00:00.Z",
            "2023-02-29T00:00:00Z",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn a_day_has_a_month_of_its_own() {
        for day in 0..146_097 {
            let unix_ns = day * NS_PER_DAY + NS_PER_S;
            let found = Civil::of_year(unix_ns);
            assert_eq!(found.second_of_day, 1);
            // Nearest to itself, whatever the year.
            assert_eq!(found.unix_ns(unix_ns, 0), Some(unix_ns), "{day}");
        }
    }

    #[test]
    fn reads_numbers_by_magnitude() {
        for n in [
            1_709_200_800,
            1_709_200_800_000,
            1_709_200_800_000_000,
            1_709_200_800_000_000_000,
        ] {
            check(n, Some(1_709_200_800_000_000_000));
        }
        assert_eq!(
            unix_ns(&Value::Double(1_709_200_800.25)),
            Some(1_709_200_800_250_000_000)
        );
        check(-1, None);
        assert_eq!(unix_ns(&Value::Double(f64::NAN)), None);
    }
}
