//! A record of text lines becomes an event: its header's time, level, logger and the rest beside
//! the message.
//!
//! Nothing of the header is lost: as it stood it is the attribute [`PREFIX`].

use cordon_event::{Event, Severity, Value, attr};
use cordon_fingerprint::header::{self, TimeBase};

use crate::joined;
use crate::multiline::{View, is_failure};
use crate::time::{NS_PER_DAY, days_from_civil, year_of_day};

/// Attribute: what stood before the message.
pub(crate) const PREFIX: &str = "log.prefix";
/// Attribute: the line was longer than is kept.
pub(crate) const TRUNCATED: &str = "log.truncated";
/// Attribute: bytes that are no text were replaced.
pub(crate) const NOT_UTF8: &str = "log.invalid_utf8";

/// Makes an event of lines that are one record. `now_unix_ns` completes times without a year or
/// a day.
pub(crate) fn event(lines: &[&str], is_cut: bool, now_unix_ns: u64) -> Event {
    let first = lines.first().copied().unwrap_or("");
    let view = View::of(first);
    let mut event = Event::default();
    if view.content_at > 0 {
        head(&mut event, first, now_unix_ns);
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
fn head(event: &mut Event, line: &str, now_unix_ns: u64) {
    let found = header::read(line);
    event.severity = found.severity;
    event.time_unix_ns = found
        .time_unix_ns
        .map_or(0, |at| complete(at, found.time_base, now_unix_ns));
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

/// A time of which a part was not written: the latest that is not after tomorrow.
fn complete(time_unix_ns: u64, base: TimeBase, now_unix_ns: u64) -> u64 {
    let latest = now_unix_ns.saturating_add(NS_PER_DAY);
    let (day, of_day) = (time_unix_ns / NS_PER_DAY, time_unix_ns % NS_PER_DAY);
    let candidates: Vec<u64> = match base {
        TimeBase::Absolute => return time_unix_ns,
        TimeBase::DayUnknown => {
            let today = now_unix_ns / NS_PER_DAY;
            [today.saturating_sub(1), today]
                .map(|day| day * NS_PER_DAY + of_day)
                .into_iter()
                .filter(|at| *at <= now_unix_ns.saturating_add(NS_PER_DAY / 2))
                .collect()
        }
        TimeBase::YearUnknown => {
            let unknown = days_from_civil(i64::from(header::YEAR_UNKNOWN), 1, 1);
            let of_year = i64::try_from(day).unwrap_or(0) - unknown;
            let year = year_of_day(i64::try_from(now_unix_ns / NS_PER_DAY).unwrap_or(0));
            let dated = |year: i64| {
                let is_leap = days_from_civil(year, 3, 1) - days_from_civil(year, 2, 28) == 2;
                // The year that stands for none is a leap year: its 60th day is the 29th.
                let of_year = if is_leap || of_year < 59 {
                    of_year
                } else {
                    of_year - 1
                };
                let day = days_from_civil(year, 1, 1) + of_year;
                u64::try_from(day).unwrap_or(0) * NS_PER_DAY + of_day
            };
            [year - 1, year, year + 1]
                .map(dated)
                .into_iter()
                .filter(|at| *at <= latest)
                .collect()
        }
    };
    candidates.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unix_ns;

    fn ns(text: &str) -> u64 {
        unix_ns(&Value::from(text)).unwrap()
    }

    #[test]
    fn a_header_becomes_fields() {
        let lines = [
            "2024-01-02 03:04:05,678 ERROR [main] c.a.Billing - charge failed",
            "java.lang.IllegalStateException: x",
            "\tat a.B.c(B.java:1)",
        ];
        let event = event(&lines, false, 0);
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
        let event = event(&lines, false, ns("2025-01-03T00:00:00Z"));
        let body =
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: x";
        assert_eq!(event.body.as_str(), Some(body));
        assert_eq!(event.severity, Severity::ERROR);
        assert_eq!(event.time_unix_ns, ns("2025-01-02T03:04:05Z"));
        assert_eq!(event.resource_str("host.name"), Some("web"));
    }

    #[test]
    fn a_line_without_a_header_is_its_own_message() {
        let event = event(&["  listening on 8080"], false, 0);
        assert_eq!(event.body.as_str(), Some("  listening on 8080"));
        assert!(event.attributes.is_empty());
        assert_eq!(event.severity, Severity(0));
    }

    #[test]
    fn what_is_not_written_of_a_time_is_the_latest_that_can_be() {
        let year = |date: &str, now: &str| {
            let written = ns(&format!("1972-{date}"));
            complete(written, TimeBase::YearUnknown, ns(now))
        };
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
            TimeBase::DayUnknown,
            ns("2025-06-02T00:01:00Z"),
        );
        assert_eq!(day, ns("2025-06-01T23:59:00Z"));
    }
}
