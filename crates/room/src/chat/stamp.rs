//! Times as chats show them: a clock of 12 or 24 hours, a date in one of many orders, a weekday,
//! `Today`, `Yesterday`.
//!
//! *Invariant:* what is not told is not guessed. Of `03/04/2026` the day is unknown until another
//! date of the same source tells which number is the month.

use crate::time::{DAY_NS, MONTHS, SECOND_NS, days, yearless_days};

/// First three letters of days, Monday first.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEKDAYS_LONG: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const MONTHS_LONG: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Zones that mean one thing only, in minutes east of Greenwich.
const ZONES: [(&str, i64); 12] = [
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("cet", 60),
    ("cest", 120),
    ("pst", -480),
    ("pdt", -420),
    ("est", -300),
    ("edt", -240),
    ("bst", 60),
    ("jst", 540),
    ("aest", 600),
];

/// Words of a line that are looked at for a date.
const DATE_STARTS_MAX: usize = 40;

/// A day, as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Day {
    /// Nothing is.
    #[default]
    Untold,
    /// Days since 1970.
    Known(u64),
    /// Month and day, without a year.
    Yearless(u64, u64),
    /// Two numbers that may be day and month in either order, and the year; 0 where none is told.
    Either(u64, u64, u64),
    /// `Today`, `Yesterday`, a weekday: relative to when it was copied.
    Relative,
}

/// A time, as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) day: Day,
    /// Nanoseconds of the day.
    pub(crate) clock_ns: Option<u64>,
    /// Minutes east of Greenwich.
    pub(crate) east: Option<i64>,
}

/// What is left of a text.
type Rest<'t> = &'t str;

/// A time at the beginning of a text: at least a clock.
pub(crate) fn read(text: &str) -> Option<(Stamp, Rest<'_>)> {
    let told = day(text).or_else(|| short(text));
    let (day, rest) = told.unwrap_or((Day::Untold, text));
    let rest = glue(rest);
    let (clock_ns, rest) = clock(rest)?;
    let (east, rest) = zone(rest);
    let stamp = Stamp {
        day,
        clock_ns: Some(clock_ns),
        east,
    };
    if day != Day::Untold {
        return Some((stamp, rest));
    }
    // The date may stand behind: `10:42 AM, Nov 23`.
    let (later, rest) = match self::day(glue(rest)) {
        Some((day, behind)) if day != Day::Relative => (day, behind),
        _ => (Day::Untold, rest),
    };
    Some((
        Stamp {
            day: later,
            ..stamp
        },
        rest,
    ))
}

/// The date in full that stands in a text, where there is one: behind a blank or a mark.
pub(crate) fn date_in(text: &str) -> Option<u64> {
    let starts = text.char_indices().scan(' ', |before, (at, c)| {
        let starts = c.is_alphanumeric() && !before.is_alphanumeric() && *before != '-';
        *before = c;
        Some(starts.then_some(at))
    });
    let mut found = starts.flatten().take(DATE_STARTS_MAX).filter_map(|at| {
        let rest = text.get(at..)?;
        let (day, behind) = numeric(rest)
            .or_else(|| month_first(rest))
            .or_else(|| day_first(rest))?;
        // A line of a log tells a clock, too.
        let timed = clock(glue(behind)).is_some() || clock(behind).is_some();
        let ends = !timed && !behind.starts_with(|c: char| c.is_alphanumeric() || c == '-');
        match day {
            Day::Known(day) if ends => Some(day),
            _ => None,
        }
    });
    found.next()
}

/// A line that is nothing but a day: the heading over its messages.
pub(crate) fn heading(line: &str) -> Option<Day> {
    let bare = line.trim_matches(|c: char| c.is_whitespace() || "-—–=*_#·•".contains(c));
    let bare = bare.strip_prefix("Day changed to").unwrap_or(bare);
    let bare = bare.strip_prefix("Day changed").unwrap_or(bare).trim();
    let (found, rest) = day(bare)?;
    let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
    let new = rest.is_empty() || rest.eq_ignore_ascii_case("new");
    new.then_some(found)
}

/// What stands between a date and a clock.
fn glue(text: &str) -> &str {
    let text = text.trim_start_matches([',', ' ', '\t', '\u{202f}', '\u{a0}']);
    let text = text
        .strip_prefix("at ")
        .or_else(|| text.strip_prefix("um "))
        .unwrap_or(text);
    text.trim_start()
}

/// `10:42`, `10:42:13`, `10:42 AM`, `10h42`, `10:42pm`, `9 AM`.
fn clock(text: &str) -> Option<(u64, Rest<'_>)> {
    let (hour, rest) = number(text, 2)?;
    let mark = rest.chars().next();
    let (minute, rest) = match mark {
        Some(':' | 'h') => two_digits(rest.get(1..)?)?,
        _ => (60, rest),
    };
    let (second, rest) = match rest.strip_prefix(':').and_then(two_digits) {
        Some(found) => found,
        None => (0, rest),
    };
    // Fractions do not order messages that people write.
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(behind) if behind.starts_with(|c: char| c.is_ascii_digit()) => {
            behind.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        _ => rest,
    };
    let (half, rest) = half(rest);
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(late) => hour % 12 + if late { 12 } else { 0 },
        None => hour,
    };
    let minute = match minute {
        60 if half.is_some() => 0,
        60 => return None,
        minute => minute,
    };
    let mut next = rest.chars();
    let goes_on = match (next.next(), next.next()) {
        (Some('Z'), after) => after.is_some_and(char::is_alphanumeric),
        (Some(':'), after) => after.is_some_and(|c| c.is_ascii_digit()),
        (Some(c), _) => c.is_alphanumeric() || c == '_',
        (None, _) => false,
    };
    let fits = hour < 24 && minute < 60 && second < 60 && !goes_on;
    fits.then_some(((hour * 3_600 + minute * 60 + second) * SECOND_NS, rest))
}

/// `AM`, `p.m.`: whether it is the second half of the day.
fn half(text: &str) -> (Option<bool>, Rest<'_>) {
    let bare = text.trim_start_matches([' ', '\u{202f}', '\u{a0}']);
    for (word, late) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
        let here = bare
            .get(..word.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(word));
        let rest = bare.get(word.len()..).unwrap_or_default();
        if here && !rest.starts_with(|c: char| c.is_alphanumeric()) {
            return (Some(late), rest);
        }
    }
    (None, text)
}

/// ` UTC`, `Z`, ` +0100`, ` (CET)`.
fn zone(text: &str) -> (Option<i64>, Rest<'_>) {
    let bare = text.trim_start().trim_start_matches('(');
    if let Some(sign) = bare.chars().next().filter(|c| matches!(c, '+' | '-')) {
        let digits = bare.get(1..).unwrap_or_default();
        let hours = two_digits(digits);
        let minutes =
            hours.and_then(|(_, rest)| two_digits(rest.strip_prefix(':').unwrap_or(rest)));
        if let (Some((hours, _)), Some((minutes, rest))) = (hours, minutes) {
            let east = (hours * 60 + minutes) as i64;
            return (Some(if sign == '-' { -east } else { east }), rest);
        }
        return (None, text);
    }
    let end = bare
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(bare.len());
    let (word, rest) = bare.split_at_checked(end).unwrap_or_default();
    let upper = word.bytes().all(|b| b.is_ascii_uppercase());
    let known = ZONES
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    match known.filter(|_| upper && !word.is_empty()) {
        Some((_, east)) => (Some(*east), rest.strip_prefix(')').unwrap_or(rest)),
        None => (None, text),
    }
}

/// A day at the beginning of a text.
fn day(text: &str) -> Option<(Day, Rest<'_>)> {
    if let Some(found) = numeric(text)
        .or_else(|| month_first(text))
        .or_else(|| day_first(text))
    {
        return Some(found);
    }
    let (word, rest) = word(text)?;
    if matches!(word.as_str(), "today" | "yesterday" | "heute" | "gestern") {
        return Some((Day::Relative, rest));
    }
    let is_day = WEEKDAYS.contains(&word.as_str()) || WEEKDAYS_LONG.contains(&word.as_str());
    if !is_day {
        return None;
    }
    // `Monday, November 23rd`: the weekday adds nothing.
    let behind = rest.trim_start_matches([',', '.', ' ']);
    let dated = numeric(behind)
        .or_else(|| month_first(behind))
        .or_else(|| day_first(behind));
    Some(dated.unwrap_or((Day::Relative, rest)))
}

/// `2026-11-23`, `23.11.2026`, `11/23/26`.
fn numeric(text: &str) -> Option<(Day, Rest<'_>)> {
    let (first, rest) = number(text, 4)?;
    let mark = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, rest) = number(rest.get(1..)?, 2)?;
    let rest = rest.strip_prefix(mark)?;
    let (third, rest) = number(rest, 4)?;
    let rest = if mark == '.' {
        rest.strip_prefix('.').unwrap_or(rest)
    } else {
        rest
    };
    let rest = rest.strip_prefix('T').unwrap_or(rest);
    if rest.starts_with(|c: char| c.is_alphanumeric() && !c.is_ascii_digit()) {
        return None;
    }
    if first > 31 {
        return Some((Day::Known(days(first, second, third)?), rest));
    }
    let year = if third < 100 { 2_000 + third } else { third };
    let (by_day, by_month) = (days(year, second, first), days(year, first, second));
    let found = match (by_day, by_month) {
        (Some(day), None) | (None, Some(day)) => Day::Known(day),
        // Dots are written by those who begin with the day.
        (Some(day), Some(_)) if mark == '.' || first == second => Day::Known(day),
        (Some(_), Some(_)) => Day::Either(first, second, year),
        (None, None) => return None,
    };
    Some((found, rest))
}

/// `11/23` before a clock.
fn short(text: &str) -> Option<(Day, Rest<'_>)> {
    let (first, rest) = number(text, 2)?;
    let (second, rest) = number(rest.strip_prefix('/')?, 2)?;
    if !rest.starts_with([' ', ',']) {
        return None;
    }
    let found = match (
        yearless_days(second, first).is_some(),
        yearless_days(first, second).is_some(),
    ) {
        (true, false) => Day::Yearless(second, first),
        (false, true) => Day::Yearless(first, second),
        (true, true) if first == second => Day::Yearless(first, second),
        (true, true) => Day::Either(first, second, 0),
        (false, false) => return None,
    };
    Some((found, rest))
}

/// `November 23rd, 2026`, `Nov 23`.
fn month_first(text: &str) -> Option<(Day, Rest<'_>)> {
    let (name, rest) = word(text)?;
    let month = month(&name)?;
    let (day, rest) = number(rest.trim_start_matches(['.', ' ']), 2)?;
    let rest = ordinal(rest);
    dated(month, day, rest)
}

/// `23 November 2026`, `23. Nov`.
fn day_first(text: &str) -> Option<(Day, Rest<'_>)> {
    let (day, rest) = number(text, 2)?;
    let rest = ordinal(rest).trim_start_matches(['.', ' ', '-', '/']);
    let rest = rest.strip_prefix("of ").unwrap_or(rest);
    let (name, rest) = word(rest)?;
    dated(month(&name)?, day, rest)
}

/// A month and a day, and the year that may follow.
fn dated(month: u64, day: u64, rest: &str) -> Option<(Day, Rest<'_>)> {
    let behind = rest.trim_start_matches([',', '.', ' ', '-', '/']);
    // A clock may follow, which is no year.
    let year = number(behind, 4).filter(|(year, after)| *year > 1_970 && !after.starts_with(':'));
    if let Some((year, after)) = year {
        return Some((Day::Known(days(year, month, day)?), after));
    }
    // asctime: the clock stands before the year.
    yearless_days(month, day)?;
    Some((Day::Yearless(month, day), rest))
}

fn month(name: &str) -> Option<u64> {
    let short = MONTHS
        .iter()
        .position(|month| *month == name || name == "sept" && *month == "sep");
    let found = short.or_else(|| MONTHS_LONG.iter().position(|month| *month == name))?;
    Some(found as u64 + 1)
}

/// Whether a date of two numbers and a year begins with the day, where that can be told.
pub(crate) fn begins_with_day(text: &str) -> Option<bool> {
    let (first, rest) = number(text, 2)?;
    let (second, rest) = number(rest.strip_prefix('/')?, 2)?;
    let behind = rest.strip_prefix('/').map(|year| number(year, 4));
    if !behind.map_or(rest.starts_with([' ', ',']), |year| year.is_some()) {
        return None;
    }
    match (first > 12, second > 12) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// The text without `st`, `nd`, `rd`, `th`.
fn ordinal(text: &str) -> &str {
    let endings = ["st", "nd", "rd", "th"];
    endings
        .iter()
        .find_map(|ending| text.strip_prefix(ending))
        .unwrap_or(text)
}

/// The first word, in lower case.
fn word(text: &str) -> Option<(String, Rest<'_>)> {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty() && word.len() <= 12).then(|| (word.to_lowercase(), rest))
}

/// A number of at most so many digits.
fn number(text: &str, digits_max: usize) -> Option<(u64, Rest<'_>)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let fits = !digits.is_empty() && digits.len() <= digits_max;
    fits.then(|| digits.parse().ok())
        .flatten()
        .map(|value| (value, rest))
}

fn two_digits(text: &str) -> Option<(u64, Rest<'_>)> {
    let (digits, rest) = text.split_at_checked(2)?;
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
        .map(|v| (v, rest))
}

/// The moment of a stamp on a day, as nanoseconds since 1970, or since the beginning of what is
/// known of the day.
pub(crate) fn on_day(day_ns: u64, stamp: &Stamp) -> u64 {
    let clock = stamp.clock_ns.unwrap_or(0);
    let east = stamp.east.unwrap_or(0) * 60;
    let ns = (day_ns + clock).saturating_add_signed(-east.saturating_mul(SECOND_NS as i64));
    debug_assert!(clock < DAY_NS, "a clock is less than a day");
    ns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Day, u64, &str)>) {
        let found = read(text).map(|(stamp, rest)| {
            (
                stamp.day,
                stamp.clock_ns.unwrap_or(0) / SECOND_NS / 60,
                rest,
            )
        });
        assert_eq!(found, expected, "{text}");
    }

    fn known(year: u64, month: u64, day: u64) -> Day {
        Day::Known(days(year, month, day).unwrap())
    }

    #[test]
    fn clocks_are_read() {
        check("10:42 x", Some((Day::Untold, 642, " x")));
        check("10:42:13] x", Some((Day::Untold, 642, "] x")));
        check("1:05 PM", Some((Day::Untold, 785, "")));
        check("12:05 a.m. x", Some((Day::Untold, 5, " x")));
        check("12:05\u{202f}PM - x", Some((Day::Untold, 725, " - x")));
        check("9 AM", Some((Day::Untold, 540, "")));
        check("10:42:13.123 x", Some((Day::Untold, 642, " x")));
        for no in [
            "25:00", "13:00 PM", "10:60", "9", "10:421", "10:42:1", "x 10:42", "1.2.3",
        ] {
            check(no, None);
        }
    }

    #[test]
    fn dates_are_read() {
        let day = known(2026, 11, 23);
        check("2026-11-23 10:42", Some((day, 642, "")));
        check("2026-11-23T10:42:00Z x", Some((day, 642, " x")));
        check("11/23/2026 10:42 AM", Some((day, 642, "")));
        check("11/23/26, 10:42 AM - x", Some((day, 642, " - x")));
        check("23.11.2026, 10:42", Some((day, 642, "")));
        check(
            "Monday, November 23rd, 2026 at 10:42 AM",
            Some((day, 642, "")),
        );
        check("Nov 23, 2026, 10:42 AM", Some((day, 642, "")));
        check("23 Nov 2026 10:42", Some((day, 642, "")));
        check("Nov 23, 10:42 AM", Some((Day::Yearless(11, 23), 642, "")));
        check("Today at 10:42 AM", Some((Day::Relative, 642, "")));
        check("Mon 10:42 AM", Some((Day::Relative, 642, "")));
        check(
            "03/04/2026, 10:42",
            Some((Day::Either(3, 4, 2026), 642, "")),
        );
        check("03.04.2026, 10:42", Some((known(2026, 4, 3), 642, "")));
        check("04/04/2026, 10:42", Some((known(2026, 4, 4), 642, "")));
        check("10:42 AM, Nov 23", Some((Day::Yearless(11, 23), 642, "")));
        check("30.02.2026 10:42", None);
        check(
            "11/23 10:42 AM] x",
            Some((Day::Yearless(11, 23), 642, "] x")),
        );
        check("3/4, 10:42", Some((Day::Either(3, 4, 0), 642, "")));
        check("3/4 of 10:42", None);
    }

    #[test]
    fn dates_are_found_in_titles() {
        let day = days(2026, 11, 23);
        assert_eq!(date_in("Incident 2026-11-23: search is down"), day);
        assert_eq!(date_in("Search, November 23rd, 2026"), day);
        for no in [
            "2026-11-23 10:42:00 INFO x",
            "2026-11-23T10:42Z x",
            "2026-11-23-search",
            "v1.2.2026",
            "3/4/2026",
            "Nov 23",
            "",
        ] {
            assert_eq!(date_in(no), None, "{no}");
        }
    }

    #[test]
    fn headings_are_days_alone() {
        for (line, day) in [
            ("Monday, November 23rd", Day::Yearless(11, 23)),
            ("--- Day changed Mon Nov 23 2026", known(2026, 11, 23)),
            ("———— Today ————", Day::Relative),
            ("November 23, 2026", known(2026, 11, 23)),
            ("2026-11-23", known(2026, 11, 23)),
        ] {
            assert_eq!(heading(line), Some(day), "{line}");
        }
        for line in [
            "Today we fail",
            "Mondays",
            "x",
            "",
            "May the 4th be with you",
            "March on",
        ] {
            assert_eq!(heading(line), None, "{line}");
        }
    }

    #[test]
    fn zones_are_told_or_not() {
        let east = |text: &str| read(text).and_then(|(stamp, _)| stamp.east);
        assert_eq!(east("10:42 UTC"), Some(0));
        assert_eq!(east("10:42 (CET) x"), Some(60));
        assert_eq!(east("10:42 PST"), Some(-480));
        assert_eq!(east("10:42 +0530"), Some(330));
        assert_eq!(east("10:42 - x"), None);
        assert_eq!(east("10:42 Est"), None);
    }
}
