//! Times as loggers write them: how long one is, and which moment it tells.
//!
//! Read are ISO 8601 and its relatives, the forms of syslog, of asctime, of HTTP and of access
//! logs, dates of digits in the usual orders, and a clock alone. A time without a zone counts as
//! UTC; [`TimeBase`] says what was not written.
//!
//! *Complexity:* a bounded number of bytes is looked at.

/// What of a moment was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeBase {
    /// Date and clock: a moment.
    #[default]
    Absolute,
    /// No year: counted as if it were [`YEAR_UNKNOWN`]. Only differences mean something.
    YearUnknown,
    /// A clock alone: counted from the beginning of 1970. Only differences mean something.
    DayUnknown,
}

/// The year of dates that have none: a leap year.
pub const YEAR_UNKNOWN: u32 = 1972;

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Bytes that it takes.
    pub(crate) length: usize,
    /// Nanoseconds since 1970; none where it is before, or no moment at all.
    pub(crate) unix_ns: Option<u64>,
    /// What was written of it.
    pub(crate) base: TimeBase,
    /// Minutes east of Greenwich, where a zone was written.
    pub(crate) zone_minutes: Option<i16>,
    /// Whether a clock was written.
    pub(crate) clocked: bool,
}

/// Names of months, first three letters.
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
/// Names of days, first three letters.
const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
/// Most digits of a fraction that count.
const FRACTION_DIGITS_MAX: u32 = 9;
/// Most digits in a row that are counted.
const DIGITS_COUNT_MAX: usize = 20;
/// Longest name of a zone.
const ZONE_LETTERS_MAX: usize = 4;
/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

/// A place in the bytes of a text.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A date.
#[derive(Clone, Copy)]
struct Date {
    year: Option<u32>,
    month: u32,
    day: u32,
}

/// A clock: nanoseconds of its day, and minutes east of Greenwich.
#[derive(Clone, Copy)]
struct Clock {
    nanoseconds: u64,
    zone_minutes: Option<i16>,
}

impl Cursor<'_> {
    /// The byte that many places on; zero behind the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Whether the next byte is one of these; if so it is passed.
    fn eat(&mut self, any: &[u8]) -> bool {
        let found = any.contains(&self.peek(0)) && self.peek(0) != 0;
        self.at += usize::from(found);
        found
    }

    /// Digits from here on, as far as they are counted.
    fn digits_count(&self, count_max: usize) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let rest = rest.get(..count_max).unwrap_or(rest);
        let end = rest.iter().position(|b| !b.is_ascii_digit());
        end.unwrap_or(rest.len())
    }

    /// The value of the digits from here on, up to so many of them, and how many there are.
    #[inline]
    fn digits(&self, count_max: usize) -> (u32, usize) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (mut value, mut count) = (0_u32, 0);
        for b in rest.iter().take(count_max) {
            let digit = b.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value * 10 + u32::from(digit);
            count += 1;
        }
        (value, count)
    }

    /// A number of so many digits, at most four.
    fn number(&mut self, counts: std::ops::RangeInclusive<usize>) -> Option<u32> {
        let (value, count) = self.digits(counts.end() + 1);
        if !counts.contains(&count) {
            return None;
        }
        self.at += count;
        Some(value)
    }

    /// The next so many digits as a number, at most nine, whatever follows them.
    fn exactly(&mut self, count: usize) -> Option<u32> {
        let (value, found) = self.digits(count);
        (found == count).then(|| {
            self.at += count;
            value
        })
    }

    /// Which of the names stands here.
    fn name(&mut self, names: &[&[u8; 3]]) -> Option<u32> {
        let here = self.bytes.get(self.at..)?.first_chunk::<3>()?;
        let found = names.iter().position(|name| *name == here)?;
        self.at += 3;
        Some(found as u32 + 1)
    }
}

/// The time at the beginning of a text.
pub(crate) fn read(bytes: &[u8]) -> Option<Stamp> {
    let first = bytes.first()?;
    let mut cursor = Cursor { bytes, at: 0 };
    let stamp = if first.is_ascii_digit() {
        numeric(&mut cursor)?
    } else if first.is_ascii_uppercase() {
        named(&mut cursor)?
    } else {
        return None;
    };
    let next = cursor.peek(0);
    // More groups of digits than a clock has are an address of a network card.
    let grouped = next == b':' && cursor.peek(1).is_ascii_hexdigit();
    let goes_on = next.is_ascii_alphanumeric() || matches!(next, b'_' | b'/') || next >= 0x80;
    (!goes_on && !grouped).then_some(stamp)
}

/// Whether that is the name of a month.
pub(crate) fn is_month(name: [u8; 3]) -> bool {
    name.first().is_some_and(u8::is_ascii_uppercase) && MONTHS.contains(&&name)
}

/// A number of seconds, milliseconds, microseconds or nanoseconds since 1970 as nanoseconds,
/// where it falls between 2001 and 2286.
pub(crate) fn epoch(number: u64) -> Option<u64> {
    let scale = match number {
        1_000_000_000..10_000_000_000 => 1_000_000_000,
        1_000_000_000_000..10_000_000_000_000 => 1_000_000,
        1_000_000_000_000_000..10_000_000_000_000_000 => 1_000,
        1_000_000_000_000_000_000..10_000_000_000_000_000_000 => 1,
        _ => return None,
    };
    number.checked_mul(scale)
}

/// Days from 1970 to a date; none before. After the algorithm of Howard Hinnant's `chrono` paper.
fn days(date: Date) -> Option<u64> {
    let year = u64::from(date.year.unwrap_or(YEAR_UNKNOWN));
    let (month, day) = (u64::from(date.month), u64::from(date.day));
    let year = if month <= 2 {
        year.checked_sub(1)?
    } else {
        year
    };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + of_era).checked_sub(719_468)
}

/// The stamp of what was read up to the cursor.
fn stamp(cursor: &Cursor<'_>, date: Option<Date>, clock: Option<Clock>) -> Stamp {
    let base = match date {
        None => TimeBase::DayUnknown,
        Some(Date { year: None, .. }) => TimeBase::YearUnknown,
        Some(_) => TimeBase::Absolute,
    };
    let days = date.map_or(Some(0), days);
    let unix_ns = days.and_then(|days| {
        let clock_ns = clock.map_or(0, |clock| clock.nanoseconds);
        let east = clock.and_then(|clock| clock.zone_minutes).unwrap_or(0);
        let east = i64::from(east) * 60;
        let seconds = days.checked_mul(DAY_SECONDS)?.checked_add_signed(-east)?;
        seconds.checked_mul(1_000_000_000)?.checked_add(clock_ns)
    });
    Stamp {
        length: cursor.at,
        unix_ns,
        base,
        zone_minutes: clock.and_then(|clock| clock.zone_minutes),
        clocked: clock.is_some(),
    }
}

/// A time that begins with a digit.
fn numeric(cursor: &mut Cursor<'_>) -> Option<Stamp> {
    let from = *cursor;
    match cursor.digits_count(DIGITS_COUNT_MAX) {
        4 => {
            let date = year_first(cursor)?;
            Some(with_clock(cursor, date))
        }
        8 => {
            let date = Date {
                year: cursor.exactly(4),
                month: cursor.exactly(2)?,
                day: cursor.exactly(2)?,
            };
            cursor.eat(b"T- _").then_some(())?;
            let clock = clock(cursor, 1).or_else(|| packed_clock(cursor))?;
            fits(date).then(|| stamp(cursor, Some(date), Some(clock)))
        }
        1 | 2 => {
            if cursor.peek(2) == b':' {
                let clock = clock(cursor, 2)?;
                return Some(stamp(cursor, None, Some(clock)));
            }
            if let Some(date) = month_named(cursor) {
                return Some(with_clock(cursor, date));
            }
            *cursor = from;
            if let Some(date) = day_first(cursor) {
                return Some(with_clock(cursor, date));
            }
            *cursor = from;
            let date = yearless(cursor)?;
            let clock = clock(cursor, 2)?;
            Some(stamp(cursor, Some(date), Some(clock)))
        }
        _ => None,
    }
}

/// Whether there may be such a day.
fn fits(date: Date) -> bool {
    let year = date.year.unwrap_or(YEAR_UNKNOWN);
    (1..=12).contains(&date.month) && (1..=31).contains(&date.day) && (1900..3000).contains(&year)
}

/// `2024-01-02`, `2024/1/2`, `2024.01.02`.
fn year_first(cursor: &mut Cursor<'_>) -> Option<Date> {
    let year = cursor.number(4..=4);
    let separator = cursor.peek(0);
    cursor.eat(b"-/.").then_some(())?;
    let month = cursor.number(1..=2)?;
    cursor.eat(&[separator]).then_some(())?;
    let day = cursor.number(1..=2)?;
    let date = Date { year, month, day };
    fits(date).then_some(date)
}

/// `02/Jan/2024`, `02-Jan-2024`, `2 Jan 2024`.
fn month_named(cursor: &mut Cursor<'_>) -> Option<Date> {
    let day = cursor.number(1..=2)?;
    cursor.eat(b"/- ").then_some(())?;
    let month = cursor.name(&MONTHS)?;
    cursor.eat(b"/- ").then_some(())?;
    let year = cursor.number(4..=4);
    let date = Date { year, month, day };
    (year.is_some() && fits(date)).then_some(date)
}

/// `02.01.2024`, `01/02/2024`, `17/06/09`.
fn day_first(cursor: &mut Cursor<'_>) -> Option<Date> {
    let first = cursor.number(1..=2)?;
    let separator = cursor.peek(0);
    cursor.eat(b"-/.").then_some(())?;
    let second = cursor.number(1..=2)?;
    cursor.eat(&[separator]).then_some(())?;
    let digits = cursor.digits_count(DIGITS_COUNT_MAX);
    let third = cursor.number(2..=4)?;
    let date = match digits {
        4 if separator == b'/' && first <= 12 => Date {
            year: Some(third),
            month: first,
            day: second,
        },
        4 => Date {
            year: Some(third),
            month: second,
            day: first,
        },
        // Two digits of a year come first where they can, as in Spark's own format.
        2 if separator == b'/' && second <= 12 => Date {
            year: Some(2000 + first),
            month: second,
            day: third,
        },
        2 if separator == b'/' => Date {
            year: Some(2000 + third),
            month: first,
            day: second,
        },
        _ => return None,
    };
    fits(date).then_some(date)
}

/// `03-17 `, `10.30 `, `03/17 `.
fn yearless(cursor: &mut Cursor<'_>) -> Option<Date> {
    let month = cursor.number(2..=2)?;
    cursor.eat(b"-./").then_some(())?;
    let day = cursor.number(2..=2)?;
    cursor.eat(b" ").then_some(())?;
    let date = Date {
        year: None,
        month,
        day,
    };
    fits(date).then_some(date)
}

/// The date, with the clock that may follow.
fn with_clock(cursor: &mut Cursor<'_>, date: Date) -> Stamp {
    let from = *cursor;
    let joined = if cursor.peek(0) == b',' && cursor.peek(1) == b' ' {
        cursor.at += 2;
        true
    } else {
        let joined = cursor.eat(b"T _-:t");
        // Fields of a width of their own.
        cursor.at += usize::from(joined && cursor.peek(0) == b' ');
        joined
    };
    let clock = joined
        .then(|| clock(cursor, 1).or_else(|| dotted_clock(cursor)))
        .flatten();
    if clock.is_none() {
        *cursor = from;
    }
    stamp(cursor, Some(date), clock)
}

/// `15:04:05`, with a fraction, half of the day, and a zone; the hour has at least so many digits.
fn clock(cursor: &mut Cursor<'_>, hour_digits_min: usize) -> Option<Clock> {
    let from = *cursor;
    let read = clock_parts(cursor, hour_digits_min);
    if read.is_none() {
        *cursor = from;
    }
    read
}

fn clock_parts(cursor: &mut Cursor<'_>, hour_digits_min: usize) -> Option<Clock> {
    let mut hour = cursor.number(hour_digits_min..=2)?;
    cursor.eat(b":").then_some(())?;
    // Where a date stands before it, some loggers pad no part of a clock.
    let minute = cursor.number(hour_digits_min..=2)?;
    cursor.eat(b":").then_some(())?;
    let second = cursor.number(hour_digits_min..=2)?;
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let mut fraction = 0;
    if matches!(cursor.peek(0), b'.' | b',' | b':') && cursor.peek(1).is_ascii_digit() {
        cursor.at += 1;
        let count = cursor.digits_count(DIGITS_COUNT_MAX);
        let counted = (count as u32).min(FRACTION_DIGITS_MAX);
        let value = cursor.exactly(counted as usize).map_or(0, u64::from);
        fraction = value * 10_u64.pow(FRACTION_DIGITS_MAX - counted);
        cursor.at += count - counted as usize;
    }
    if cursor.peek(0) == b' ' && matches!(cursor.peek(1), b'A' | b'P') && cursor.peek(2) == b'M' {
        hour = hour % 12 + if cursor.peek(1) == b'P' { 12 } else { 0 };
        cursor.at += 3;
    }
    let seconds = u64::from(hour) * 3_600 + u64::from(minute) * 60 + u64::from(second);
    Some(Clock {
        nanoseconds: seconds * 1_000_000_000 + fraction,
        zone_minutes: zone(cursor),
    })
}

/// Minutes east of Greenwich: `Z`, `+01:00`, `+0100`, ` +0000`, ` UTC`.
fn zone(cursor: &mut Cursor<'_>) -> Option<i16> {
    if cursor.peek(0) == b'Z' {
        cursor.at += 1;
        return Some(0);
    }
    let mut ahead = *cursor;
    let spaced = ahead.eat(b" ");
    if spaced && ahead.peek(0).is_ascii_uppercase() {
        let rest = ahead.bytes.get(ahead.at..).unwrap_or_default();
        let (length, east) = zone_named(rest)?;
        cursor.at = ahead.at + length;
        return Some(east);
    }
    let west = ahead.peek(0) == b'-';
    if !ahead.eat(b"+-") {
        return None;
    }
    let digits = ahead.digits_count(DIGITS_COUNT_MAX);
    if !(digits == 4 || digits == 2 && (!spaced || ahead.peek(2) == b':')) {
        return None;
    }
    let (hours, colon) = (ahead.exactly(2)?, ahead.eat(b":"));
    let minutes = if colon || digits == 4 {
        ahead.exactly(2).unwrap_or(0)
    } else {
        0
    };
    *cursor = ahead;
    let minutes = (hours * 60 + minutes) as i16;
    Some(if west { -minutes } else { minutes })
}

/// The zone whose name a text begins with: its length, and its minutes east of Greenwich. Of names
/// with several meanings the one that most logs mean.
fn zone_named(text: &[u8]) -> Option<(usize, i16)> {
    let letters = text.iter().take(ZONE_LETTERS_MAX + 1);
    let length = letters.take_while(|b| b.is_ascii_uppercase()).count();
    let goes_on = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if text.get(length).is_some_and(goes_on) {
        return None;
    }
    let east = match text.get(..length)? {
        b"UTC" | b"GMT" | b"WET" => 0,
        b"BST" | b"CET" | b"WEST" => 60,
        b"CEST" | b"EET" | b"SAST" => 120,
        b"EEST" | b"MSK" | b"TRT" => 180,
        b"PKT" => 300,
        b"IST" => 330,
        b"WIB" => 420,
        b"HKT" | b"SGT" | b"AWST" => 480,
        b"JST" | b"KST" => 540,
        b"ACST" => 570,
        b"AEST" => 600,
        b"ACDT" => 630,
        b"AEDT" => 660,
        b"NZST" => 720,
        b"NZDT" => 780,
        b"BRT" => -180,
        b"EDT" => -240,
        b"EST" | b"CDT" => -300,
        b"CST" | b"MDT" => -360,
        b"MST" | b"PDT" => -420,
        b"PST" | b"AKDT" => -480,
        b"AKST" => -540,
        b"HST" => -600,
        _ => return None,
    };
    Some((length, east))
}

/// `15.42.50.363779`: the clock of some supercomputers.
fn dotted_clock(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let from = *cursor;
    let mut part = |last: bool| {
        let value = cursor.number(2..=2)?;
        (last || cursor.eat(b".")).then_some(value)
    };
    let parts = (part(false), part(false), part(true));
    let (Some(hour), Some(minute), Some(second)) = parts else {
        *cursor = from;
        return None;
    };
    if cursor.eat(b".") {
        cursor.at += cursor.digits_count(DIGITS_COUNT_MAX);
    }
    packed(hour, minute, second)
}

/// `150405`.
fn packed_clock(cursor: &mut Cursor<'_>) -> Option<Clock> {
    if cursor.digits_count(DIGITS_COUNT_MAX) != 6 {
        return None;
    }
    let clock = packed(cursor.exactly(2)?, cursor.exactly(2)?, cursor.exactly(2)?);
    cursor.eat(b"Z");
    clock
}

fn packed(hour: u32, minute: u32, second: u32) -> Option<Clock> {
    let seconds = u64::from(hour) * 3_600 + u64::from(minute) * 60 + u64::from(second);
    (hour < 25 && minute < 60 && second < 61).then_some(Clock {
        nanoseconds: seconds * 1_000_000_000,
        zone_minutes: None,
    })
}

/// `081109 203615`, as Hadoop's file system writes.
pub(crate) fn two_sixes(bytes: &[u8]) -> Option<Stamp> {
    let mut cursor = Cursor { bytes, at: 0 };
    if cursor.digits_count(DIGITS_COUNT_MAX) != 6 {
        return None;
    }
    let year = cursor.exactly(2).map(|year| 2000 + year);
    let date = Date {
        year,
        month: cursor.exactly(2)?,
        day: cursor.exactly(2)?,
    };
    cursor.eat(b" ").then_some(())?;
    let clock = packed_clock(&mut cursor).or_else(|| {
        cursor.eat(b" ");
        clock(&mut cursor, 1)
    })?;
    fits(date).then(|| stamp(&cursor, Some(date), Some(clock)))
}

/// `0102 15:04:05.123456`, behind the letter of glog's level.
pub(crate) fn month_day(bytes: &[u8]) -> Option<Stamp> {
    let mut cursor = Cursor { bytes, at: 0 };
    if cursor.digits_count(DIGITS_COUNT_MAX) != 4 {
        return None;
    }
    let date = Date {
        year: None,
        month: cursor.exactly(2)?,
        day: cursor.exactly(2)?,
    };
    cursor.eat(b" ").then_some(())?;
    let clock = clock(&mut cursor, 2)?;
    fits(date).then(|| stamp(&cursor, Some(date), Some(clock)))
}

/// `Jan  2 15:04:05`, `Thu Jun 09 06:07:04 2005`, `Thu, 09 Jun 2005 06:07:04 GMT`,
/// `Jan 02, 2024 3:04:05 PM`.
fn named(cursor: &mut Cursor<'_>) -> Option<Stamp> {
    if cursor.name(&DAYS).is_some() {
        cursor.eat(b",");
        cursor.eat(b" ").then_some(())?;
        if cursor.peek(0).is_ascii_digit() {
            let date = month_named(cursor)?;
            return Some(with_clock(cursor, date)).filter(|stamp| stamp.clocked);
        }
    }
    let month = cursor.name(&MONTHS)?;
    cursor.eat(b" ").then_some(())?;
    cursor.eat(b" ");
    let day = cursor.number(1..=2)?;
    let comma = cursor.eat(b",");
    cursor.eat(b" ").then_some(())?;
    let mut year = None;
    if comma || cursor.digits_count(DIGITS_COUNT_MAX) == 4 {
        year = Some(cursor.number(4..=4)?);
        cursor.eat(b",");
        cursor.eat(b" ").then_some(())?;
    }
    let clock = clock(cursor, 1)?;
    if year.is_none() && cursor.peek(0) == b' ' {
        let mut ahead = *cursor;
        ahead.at += 1;
        let found = ahead
            .number(4..=4)
            .filter(|year| (1970..2200).contains(year));
        let ends = !ahead.peek(0).is_ascii_alphanumeric();
        if found.is_some() && ends {
            (year, *cursor) = (found, ahead);
        }
    }
    let date = Date { year, month, day };
    fits(date).then(|| stamp(cursor, Some(date), Some(clock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, length: usize, seconds: u64, base: TimeBase) {
        let stamp = read(text.as_bytes()).unwrap();
        let told = (
            stamp.length,
            stamp.unix_ns.map(|ns| ns / 1_000_000_000),
            stamp.base,
        );
        assert_eq!(told, (length, Some(seconds), base), "{text}");
    }

    #[test]
    fn moments_are_read_in_the_forms_of_loggers() {
        use TimeBase::{Absolute, DayUnknown, YearUnknown};
        let moment = 1_704_164_645; // 2024-01-02 03:04:05 UTC
        for (text, length) in [
            ("2024-01-02T03:04:05.678Z x", 24),
            ("2024-01-02T04:04:05+01:00", 25),
            ("2024-01-02 03:04:05,678 INFO", 23),
            ("2024/01/02 03:04:05 [error]", 19),
            ("2024-01-02 03:04:05.678 UTC [7]", 27),
            ("02/Jan/2024:03:04:05 +0000] x", 26),
            ("02 Jan 2024 03:04:05.678 * x", 24),
            ("24/01/02 03:04:05 INFO x", 17),
            ("Jan 02, 2024 3:04:05 AM com.x", 23),
            ("Tue Jan 02 03:04:05 2024] x", 24),
            ("Tue, 02 Jan 2024 03:04:05 GMT", 29),
            ("20240102-03:04:05:678|x", 21),
            ("20240102T030405Z", 16),
            ("01/02/2024, 3:04:05 AM", 22),
            ("02.01.2024 03:04:05", 19),
            ("2024-01-02-03.04.05.363779 R02", 26),
        ] {
            check(text, length, moment, Absolute);
        }
        let months = 65_775_845; // 1972-02-01 07:04:05
        check("Feb  1 07:04:05 host", 15, months, YearUnknown);
        check("02-01 07:04:05.811  1702", 18, months, YearUnknown);
        check("07:04:05.123 [main]", 12, 25_445, DayUnknown);
    }

    #[test]
    fn zones_are_read_by_name_and_number() {
        for (zone, minutes) in [
            (" CEST [7] app@shop LOG:  x", Some(120)),
            (" EST", Some(-300)),
            (" PDT x", Some(-420)),
            (" IST|x", Some(330)),
            ("Z", Some(0)),
            ("-0330 x", Some(-210)),
            (" +0530 x", Some(330)),
            (" +05:30 [INF] x", Some(330)),
            (" -7 x", None),
            (" INFO x", None),
            (" ESTIMATE x", None),
            (" x", None),
            ("", None),
        ] {
            let text = format!("2024-01-02 03:04:05{zone}");
            let stamp = read(text.as_bytes()).unwrap();
            assert_eq!(stamp.zone_minutes, minutes, "{text}");
            let east = u64::from(minutes.unwrap_or(0).unsigned_abs()) * 60_000_000_000;
            let utc = 1_704_164_645_000_000_000;
            let expected = if minutes < Some(0) {
                utc + east
            } else {
                utc - east
            };
            assert_eq!(stamp.unix_ns, Some(expected), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_times() {
        for text in [
            "2024",
            "12:30",
            "10.0.0.1",
            "1.2.3",
            "20240102",
            "99:99:99",
            "2024-13-02",
            "Mar",
            "May be",
            "2024-01-02x",
            "1/2/3/4",
            "1234567890",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert!(two_sixes(b"081109 203615 148").is_some());
        assert!(two_sixes(b"081109 999999 148").is_none());
    }
}
