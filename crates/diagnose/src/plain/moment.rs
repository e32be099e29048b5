//! Moments of a log as text: as much of the time as the log tells, in its own zone.

use cordon_fingerprint::header::TimeBase;

use super::report::{Moment, Report};
use crate::clock::{civil, utc};
use crate::sentence::printable;

const SECOND_NS: u64 = 1_000_000_000;
const DAY_S: u64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment, with its date and line.
pub(super) fn with_line(report: &Report, moment: Moment) -> String {
    if moment.line == 0 {
        return full(report, moment);
    }
    let line = line(report, moment.line);
    if report.timed {
        format!("{} ({line})", full(report, moment))
    } else {
        line
    }
}

/// Which line of which file it is.
pub(super) fn line(report: &Report, number: u64) -> String {
    match in_file(report, number) {
        (number, "") => format!("line {number}"),
        (number, name) => format!("line {number} of {}", printable(name)),
    }
}

/// Which line of its file a line is, and the file; empty where none was read.
pub(super) fn in_file(report: &Report, number: u64) -> (u64, &str) {
    let (number, file) = report.in_file(number);
    let file = file.and_then(|at| report.files.get(at));
    (number, file.map_or("", |(_, name)| name))
}

/// Where a moment without a time is.
fn untimed(report: &Report, moment: Moment) -> String {
    match moment.line {
        0 => format!("record {}", moment.record),
        number => line(report, number),
    }
}

/// A moment, with its date.
pub(super) fn full(report: &Report, moment: Moment) -> String {
    if !report.timed {
        return untimed(report, moment);
    }
    let seconds = moment.time_ns / SECOND_NS;
    match report.base {
        TimeBase::Absolute if report.east_minutes != 0 => {
            let (date, clock) = parts(local(report, seconds));
            let (utc_date, utc_clock) = parts(seconds);
            let zone = zone(report.east_minutes);
            if date == utc_date {
                format!("{date} {clock} {zone} ({utc_clock} UTC)")
            } else {
                format!("{date} {clock} {zone} ({utc_date} {utc_clock} UTC)")
            }
        }
        TimeBase::Absolute => utc(moment.time_ns),
        TimeBase::YearUnknown => {
            let (_, month, day) = civil(seconds / DAY_S);
            let name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
            format!("{name} {day} {}", parts(seconds).1)
        }
        TimeBase::DayUnknown => match seconds / DAY_S {
            0 => parts(seconds).1,
            day => format!("{} on day {}", parts(seconds).1, day + 1),
        },
    }
}

/// A moment, without what is the same all over the log where that is a day.
pub(super) fn short(report: &Report, moment: Moment) -> String {
    if !report.timed {
        return untimed(report, moment);
    }
    let day = |moment: Moment| local(report, moment.time_ns / SECOND_NS) / DAY_S;
    if day(report.from) == day(report.to) {
        parts(local(report, moment.time_ns / SECOND_NS)).1
    } else {
        full(report, moment)
    }
}

fn local(report: &Report, seconds: u64) -> u64 {
    seconds.saturating_add_signed(i64::from(report.east_minutes) * 60)
}

fn zone(east_minutes: i32) -> String {
    let sign = if east_minutes < 0 { '-' } else { '+' };
    let size = east_minutes.abs();
    format!("{sign}{:02}:{:02}", size / 60, size % 60)
}

/// Date and clock.
fn parts(seconds: u64) -> (String, String) {
    let (year, month, day) = civil(seconds / DAY_S);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    (
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{hour:02}:{minute:02}:{second:02}"),
    )
}
