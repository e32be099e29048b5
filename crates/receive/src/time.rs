//! Times as senders write them become nanoseconds since the Unix epoch. Reads no clock.

use cordon_event::Value;

/// Nanoseconds of a day.
pub(crate) const NS_PER_DAY: u64 = 86_400 * 1_000_000_000;

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

/// `2026-01-02T03:04:05.678Z`; also a blank for the `T`, a comma for the point, no zone (UTC),
/// and a zone without its colon.
fn rfc3339(text: &str) -> Option<u64> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    eat(&mut rest, &['-'])?;
    let month = digits(&mut rest, 2).filter(|n| (1..=12).contains(n))?;
    eat(&mut rest, &['-'])?;
    let day = digits(&mut rest, 2).filter(|n| (1..=31).contains(n))?;
    eat(&mut rest, &['T', 't', ' '])?;
    let hour = digits(&mut rest, 2).filter(|n| *n < 24)?;
    eat(&mut rest, &[':'])?;
    let minute = digits(&mut rest, 2).filter(|n| *n < 60)?;
    eat(&mut rest, &[':'])?;
    let second = digits(&mut rest, 2).filter(|n| *n <= 60)?;
    let nanos = fraction(&mut rest)?;
    let offset = zone(rest.trim_start())?;
    let days = days_from_civil(year, month, day);
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    u64::try_from(seconds)
        .ok()?
        .checked_mul(1_000_000_000)?
        .checked_add(nanos)
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

/// The year in which a day since 1970-01-01 lies.
pub(crate) fn year_of_day(day: i64) -> i64 {
    // The mean year has 365.2425 days; the guess is off by one at most.
    let guess = 1_970 + day * 400 / 146_097;
    [guess - 1, guess, guess + 1]
        .into_iter()
        .filter(|year| days_from_civil(*year, 1, 1) <= day)
        .max()
        .unwrap_or(guess)
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
        ] {
            check(bad, None);
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
