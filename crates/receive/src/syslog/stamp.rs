//! Stamps as syslog senders write them, most of them without year or zone.
//!
//! | form | seen with |
//! |---|---|
//! | `Oct 11 22:14:15`, `Oct  1 …`, `Oct 1 …`, `Oct 01 …` | RFC 3164, BSD |
//! | `Oct 11 22:14:15.123`, `*Mar  1 18:48:50.483 UTC` | Cisco IOS; `*` and `.`: clock not set |
//! | `Mar 01 2024 12:00:00`, `2024 Mar  1 12:00:00 UTC` | Cisco ASA, NX-OS; RFC 3164 section 5.4 |
//! | `Oct 11 22:14:15 2024` | `ctime` |
//! | `2003-10-11T22:14:15.003Z`, with a blank, `+0200`, no zone | RFC 3339, rsyslog, databases |
//! | `1380664922.583851938` | Meraki |
//!
//! A stamp without a year is taken for the one of that form that is nearest to its receipt: the
//! last of December that arrives on New Year's Day is last year's, and the other way round. One
//! without a zone has the configured offset. A zone by name that two places share is not read.

use crate::syslog::Received;
use crate::time::{self, Civil, clock, digits, fraction, short, zone};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Zones by name and their hours east of UTC; none for names that several zones share.
const ZONES: [(&str, Option<i64>); 29] = [
    ("UTC", Some(0)),
    ("GMT", Some(0)),
    ("Z", Some(0)),
    ("WET", Some(0)),
    ("WEST", Some(1)),
    ("CET", Some(1)),
    ("CEST", Some(2)),
    ("MET", Some(1)),
    ("MEST", Some(2)),
    ("EET", Some(2)),
    ("EEST", Some(3)),
    ("MSK", Some(3)),
    ("SGT", Some(8)),
    ("HKT", Some(8)),
    ("JST", Some(9)),
    ("KST", Some(9)),
    ("AEST", Some(10)),
    ("AEDT", Some(11)),
    ("NZST", Some(12)),
    ("NZDT", Some(13)),
    ("EST", Some(-5)),
    ("EDT", Some(-4)),
    ("CDT", Some(-5)),
    ("MDT", Some(-6)),
    ("PST", Some(-8)),
    ("PDT", Some(-7)),
    ("CST", None),
    ("BST", None),
    ("IST", None),
];

/// The stamp at the beginning as nanoseconds since the Unix epoch, and what follows: nothing, a
/// blank or a colon.
pub(super) fn leading<'t>(text: &'t str, received: &Received) -> Option<(u64, &'t str)> {
    let read = |form: fn(&'t str) -> Option<(Civil, &'t str)>| {
        let (civil, rest) = form(text)?;
        let ends = rest.is_empty() || rest.starts_with([' ', ':']);
        let unix_ns = civil.unix_ns(received.unix_ns, received.zone_offset_s)?;
        Some((unix_ns, rest)).filter(|_| ends)
    };
    epoch(text).or_else(|| read(iso)).or_else(|| read(bsd))
}

/// RFC 5424's TIMESTAMP, the whole of `text`: RFC 3339 with a `T` and a zone.
pub(super) fn strict(text: &str) -> Option<u64> {
    let (civil, rest) = iso(text)?;
    let has_all = rest.is_empty() && civil.offset_s.is_some() && text.contains(['T', 't']);
    civil.unix_ns(0, 0).filter(|_| has_all)
}

/// `1380664922.583851938`: seconds of ten digits with a fraction.
fn epoch(text: &str) -> Option<(u64, &str)> {
    let mut rest = text;
    let seconds = u64::try_from(digits(&mut rest, 10)?).ok()?;
    if !rest.starts_with('.') {
        return None;
    }
    let nanos = fraction(&mut rest)?;
    let unix_ns = seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    rest.starts_with(' ').then_some((unix_ns, rest))
}

/// `2003-10-11T22:14:15.003Z` and its relatives.
fn iso(text: &str) -> Option<(Civil, &str)> {
    let mut rest = text;
    let mut civil = time::iso(&mut rest)?;
    civil.offset_s = zone_of(&mut rest);
    Some((civil, rest))
}

/// `Oct 11 22:14:15`, with a year in any of three places, a fraction and a zone or not.
fn bsd(text: &str) -> Option<(Civil, &str)> {
    let mut rest = text.strip_prefix(['*', '.']).unwrap_or(text);
    let mut year = year_of(&mut rest);
    let (name, after) = rest.split_at_checked(3)?;
    let month = MONTHS.iter().position(|m| name.eq_ignore_ascii_case(m))? as i64 + 1;
    rest = blanks(after)?;
    let day = short(&mut rest).filter(|n| (1..=31).contains(n))?;
    rest = blanks(rest)?;
    year = year.or_else(|| year_of(&mut rest));
    let second_of_day = clock(&mut rest)?;
    let nanos = fraction(&mut rest)?;
    let mut offset_s = zone_of(&mut rest);
    if year.is_none()
        && let Some(mut after) = rest.strip_prefix(' ')
        && let Some(found) = four(&mut after).filter(|n| (1970..2200).contains(n))
        // An address may begin as a year does: `2001:db8::1`.
        && (after.is_empty() || after.starts_with(' ') || after.starts_with(": "))
    {
        (year, rest) = (Some(found), after);
        offset_s = offset_s.or_else(|| zone_of(&mut rest));
    }
    let civil = Civil {
        year,
        month,
        day,
        second_of_day,
        nanos,
        offset_s,
    };
    Some((civil, rest))
}

/// Four digits and a blank.
fn year_of(rest: &mut &str) -> Option<i64> {
    let mut after = *rest;
    let year = four(&mut after)?;
    *rest = blanks(after)?;
    Some(year)
}

fn four(rest: &mut &str) -> Option<i64> {
    let mut after = *rest;
    let year = digits(&mut after, 4)?;
    *rest = after;
    Some(year)
}

fn blanks(rest: &str) -> Option<&str> {
    let after = rest.trim_start_matches(' ');
    (after.len() < rest.len()).then_some(after)
}

/// A zone, attached or after a blank, is taken off; its seconds east of UTC, where it tells them.
fn zone_of(rest: &mut &str) -> Option<i64> {
    let bare = rest.strip_prefix(' ').unwrap_or(rest);
    let is_attached = bare.len() == rest.len();
    let len = bare.find([' ', ']']).unwrap_or(bare.len());
    // A colon ends a name and stands within an offset.
    let signed = bare.starts_with(['+', '-']);
    let head = bare.get(..len)?.trim_end_matches(':');
    let head = if signed {
        head
    } else {
        head.split(':').next()?
    };
    let after = bare.get(head.len()..)?;
    if signed {
        let offset_s = zone(head).filter(|_| matches!(head.len(), 3 | 5 | 6))?;
        *rest = after;
        return Some(offset_s);
    }
    let known = ZONES.iter().find(|(name, _)| *name == head);
    if let Some((_, hours)) = known {
        *rest = after;
        return hours.map(|hours| hours * 3_600);
    }
    // RFC 3164 section 5.4 has `TZ-6` and says of it that it is no zone.
    let posix = head.strip_prefix("TZ").filter(|_| !is_attached)?;
    let number = posix.trim_start_matches(['+', '-']);
    if number.len() < 3 && number.bytes().all(|b| b.is_ascii_digit()) {
        *rest = after;
    }
    None
}
