//! A record of text lines becomes an event: its header's time, level, logger and the rest beside
//! the message.
//!
//! Nothing of the header is lost: as it stood it is the attribute [`PREFIX`].

use cordon_event::{Event, Severity, Value, attr};
use cordon_fingerprint::header::{self, TimeBase};

use crate::joined;
use crate::multiline::{View, is_failure};
use crate::time::{Civil, NS_PER_DAY};

/// Attribute: what stood before the message.
pub(crate) const PREFIX: &str = "log.prefix";
/// Attribute: the line was longer than is kept.
pub(crate) const TRUNCATED: &str = "log.truncated";
/// Attribute: bytes that are no text were replaced.
pub(crate) const NOT_UTF8: &str = "log.invalid_utf8";

/// What completes times that were not written in full.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Now {
    /// Nanoseconds since the Unix epoch.
    pub(crate) unix_ns: u64,
    /// Seconds east of UTC of times that do not tell.
    pub(crate) zone_offset_s: i32,
}

/// Makes an event of lines that are one record.
pub(crate) fn event(lines: &[&str], is_cut: bool, now: Now) -> Event {
    let first = lines.first().copied().unwrap_or("");
    let view = View::of(first);
    let mut event = Event::default();
    if view.content_at > 0 {
        head(&mut event, first, now);
        let prefix = first.get(..view.content_at).unwrap_or("").trim();
        event
            .attributes
            .push((PREFIX.to_owned(), Value::from(prefix)));
    }
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let own = if at == 0 { view } else { View::of(line) };
        // A header that is the first line's again says nothing new but when the line was written.
        let again = own.content_at > 0 && (at == 0 || view.agrees(&own));
        let from = if again { own.content_at } else { 0 };
        text.push_str(line.get(from..).unwrap_or(""));
    }
    if view.content_at > 0 {
        let lead = text.len() - text.trim_start().len();
        text.drain(..lead);
    }
    if event.severity == Severity(0) && lines.len() > 1 && is_failure(&text) {
        event.severity = Severity::ERROR;
    }
    event.body = Value::String(text);
    joined::tell(&mut event, lines.len(), is_cut);
    event
}

/// Reads the header.
fn head(event: &mut Event, line: &str, now: Now) {
    let found = header::read(line);
    event.severity = found.severity;
    let written = (found.time_base, found.zone_minutes.is_some());
    event.time_unix_ns = found
        .time_unix_ns
        .map_or(0, |at| complete(at, written, now));
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            event.attributes.push((key.to_owned(), Value::from(text)));
        }
    };
    put("thread.name", found.bracket);
    let resource = [
        (attr::SERVICE_NAME, found.service),
        ("host.name", found.host),
    ];
    for (key, text) in resource.into_iter().filter(|(_, text)| !text.is_empty()) {
        event.resource.push((key.to_owned(), Value::from(text)));
    }
    if !found.logger.is_empty() {
        event
            .scope
            .push(("name".to_owned(), Value::from(found.logger)));
    }
}

/// A time of which a part was not written. A clock alone is the latest that is not after half a day
/// from now; a date without a year is as [`Civil::unix_ns`] says.
fn complete(time_unix_ns: u64, (base, has_zone): (TimeBase, bool), now: Now) -> u64 {
    let offset_s = if has_zone { 0 } else { now.zone_offset_s };
    let east_ns = i64::from(offset_s) * 1_000_000_000;
    let utc = |local: u64| local.checked_add_signed(-east_ns).unwrap_or(0);
    match base {
        TimeBase::Absolute => utc(time_unix_ns),
        TimeBase::DayUnknown => {
            let local = now.unix_ns.saturating_add_signed(east_ns);
            let (today, of_day) = (local / NS_PER_DAY, time_unix_ns % NS_PER_DAY);
            let found = [today, today.saturating_sub(1)]
                .map(|day| day * NS_PER_DAY + of_day)
                .into_iter()
                .find(|at| *at <= local.saturating_add(NS_PER_DAY / 2));
            found.map_or(0, utc)
        }
        TimeBase::YearUnknown => {
            let civil = Civil::of_year(time_unix_ns);
            civil.unix_ns(now.unix_ns, offset_s).unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unix_ns;

    fn ns(text: &str) -> u64 {
        unix_ns(&Value::from(text)).unwrap()
    }

    fn now(text: &str) -> Now {
        Now {
            unix_ns: ns(text),
            zone_offset_s: 0,
        }
    }

    #[test]
    fn a_time_without_a_zone_has_the_configured_one() {
        let east = Now {
            zone_offset_s: 2 * 3_600,
            ..now("2025-01-01T00:00:00Z")
        };
        for (line, expect) in [
            ("2024-12-31 03:04:05 ERROR x", "2024-12-31T01:04:05Z"),
            ("2024-12-31T03:04:05Z ERROR x", "2024-12-31T03:04:05Z"),
            ("2024-12-31T03:04:05+01:00 ERROR x", "2024-12-31T02:04:05Z"),
            ("Jan  1 01:30:00 web app[1]: x", "2024-12-31T23:30:00Z"),
            ("Dec 31 23:30:00 web app[1]: x", "2024-12-31T21:30:00Z"),
        ] {
            let event = event(&[line], false, east);
            assert_eq!(event.time_unix_ns, ns(expect), "{line}");
        }
        let clock = (TimeBase::DayUnknown, false);
        let at = complete(ns("1970-01-01T01:59:00Z"), clock, east);
        assert_eq!(at, ns("2024-12-31T23:59:00Z"));
    }

    #[test]
    fn a_header_becomes_fields() {
        let lines = [
            "2024-01-02 03:04:05,678 ERROR [main] c.a.Billing - charge failed",
            "java.lang.IllegalStateException: x",
            "\tat a.B.c(B.java:1)",
        ];
        let event = event(&lines, false, Now::default());
        assert_eq!(event.time_unix_ns, ns("2024-01-02T03:04:05.678Z"));
        assert_eq!(event.severity, Severity::ERROR);
        let body = "charge failed\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)";
        assert_eq!(event.body.as_str(), Some(body));
        let prefix = event.attribute_str(PREFIX).unwrap();
        assert!(
            prefix.starts_with("2024-01-02 03:04:05,678 ERROR [main]"),
            "{prefix}"
        );
        assert_eq!(event.attribute(joined::LINES), Some(&Value::Int(3)));
    }

    #[test]
    fn a_header_on_every_line_is_taken_off() {
        let lines = [
            "Jan  2 03:04:05 web app[12]: Traceback (most recent call last):",
            "Jan  2 03:04:05 web app[12]:   File \"a.py\", line 1, in f",
            "Jan  2 03:04:06 web app[12]: ValueError: x",
        ];
        let event = event(&lines, false, now("2025-01-03T00:00:00Z"));
        let body =
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: x";
        assert_eq!(event.body.as_str(), Some(body));
        assert_eq!(event.severity, Severity::ERROR);
        assert_eq!(event.time_unix_ns, ns("2025-01-02T03:04:05Z"));
        assert_eq!(event.resource_str("host.name"), Some("web"));
    }

    #[test]
    fn a_line_without_a_header_is_its_own_message() {
        let event = event(&["  listening on 8080"], false, Now::default());
        assert_eq!(event.body.as_str(), Some("  listening on 8080"));
        assert!(event.attributes.is_empty());
        assert_eq!(event.severity, Severity(0));
    }

    #[test]
    fn what_is_not_written_of_a_time_is_completed() {
        let year = |date: &str, at: &str| {
            let written = ns(&format!("1972-{date}"));
            complete(written, (TimeBase::YearUnknown, false), now(at))
        };
        assert_eq!(
            year("01-01T00:00:01Z", "2024-12-31T23:59:59Z"),
            ns("2025-01-01T00:00:01Z")
        );
        assert_eq!(
            year("02-29T00:00:00Z", "2025-02-28T00:00:00Z"),
            ns("2024-02-29T00:00:00Z")
        );
        assert_eq!(
            year("12-31T23:59:59Z", "2025-01-01T00:00:01Z"),
            ns("2024-12-31T23:59:59Z")
        );
        assert_eq!(
            year("03-01T00:00:00Z", "2025-06-01T00:00:00Z"),
            ns("2025-03-01T00:00:00Z")
        );
        assert_eq!(
            year("03-01T00:00:00Z", "2024-06-01T00:00:00Z"),
            ns("2024-03-01T00:00:00Z")
        );
        let day = complete(
            ns("1970-01-01T23:59:00Z"),
            (TimeBase::DayUnknown, false),
            now("2025-06-02T00:01:00Z"),
        );
        assert_eq!(day, ns("2025-06-01T23:59:00Z"));
    }
}
