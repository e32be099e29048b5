//! Lines that are records of fields: JSON objects and logfmt.
//!
//! The message is the field that loggers name so; time, level and logger come from the fields
//! beside it. A record without a message is its own message.
//!
//! *Complexity:* one pass over the line.

use cordon_event::Severity;

use super::{Header, Reader, TimeBase, level};
use crate::clock;

/// Fields of a record that are looked at.
const FIELDS_COUNT_MAX: usize = 128;

/// What a field tells, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Message,
    /// A whole line of another program.
    Line,
    Time,
    Level,
    Logger,
    Service,
    Host,
}

/// The header of a record, where the line is one and has a message.
pub(super) fn read(line: &str) -> Option<Header<'_>> {
    let first = *line.as_bytes().first()?;
    // No field that a record begins with has such a name.
    if first.is_ascii_digit() {
        return None;
    }
    let mut found = Found::default();
    if first == b'{' {
        json(line, &mut found)?;
    } else {
        logfmt(line, &mut found)?;
    }
    let content = found.content?;
    let mut header = found.header;
    header.content = content;
    if found.is_line {
        let content = content.strip_suffix("\\n").unwrap_or(content);
        let inner = Reader::new(content.trim()).read();
        header.content = inner.content;
        if header.severity.0 == 0 {
            header.severity = inner.severity;
        }
        if header.time_unix_ns.is_none() {
            (header.time_unix_ns, header.time_base) = (inner.time_unix_ns, inner.time_base);
            header.zone_minutes = inner.zone_minutes;
        }
        if header.logger.is_empty() {
            header.logger = inner.logger;
        }
        header.bracket = inner.bracket;
    }
    Some(header)
}

/// The header with what a record tells that is its message.
pub(super) fn within(mut header: Header<'_>) -> Header<'_> {
    let content = header.content;
    if !begins(content) {
        return header;
    }
    let mut found = Found::default();
    let whole = if content.starts_with('{') {
        json(content, &mut found)
    } else {
        logfmt(content, &mut found)
    };
    let inner = found.header;
    if whole.is_none() {
        return header;
    }
    header.severity = inner.severity;
    if header.time_unix_ns.is_none() {
        header.time_unix_ns = inner.time_unix_ns;
        header.time_base = inner.time_base;
        header.zone_minutes = inner.zone_minutes;
    }
    if header.service.is_empty() {
        header.service = inner.service;
    }
    if !inner.logger.is_empty() {
        header.logger = inner.logger;
    }
    header.content = found.content.unwrap_or(content);
    header
}

/// Whether a text may be a record.
pub(super) fn begins(text: &str) -> bool {
    let named = |at| text.get(..at).is_some_and(|name| field(name).is_some());
    text.starts_with('{') || memchr::memchr(b'=', text.as_bytes()).is_some_and(named)
}

#[derive(Default)]
struct Found<'a> {
    header: Header<'a>,
    content: Option<&'a str>,
    is_line: bool,
    /// The message is of a field that is often something else, such as the name of an event.
    is_doubtful: bool,
}

impl<'a> Found<'a> {
    /// Takes a field, its value without quotes.
    fn take(&mut self, name: &str, value: &'a str) {
        let Some(field) = field(name) else {
            return;
        };
        match field {
            Field::Message
                if self.content.is_none()
                    || self.is_line
                    || self.is_doubtful && !is_doubtful(name) =>
            {
                self.content = Some(value);
                self.is_line = false;
                self.is_doubtful = is_doubtful(name);
            }
            Field::Line if self.content.is_none() => {
                self.content = Some(value);
                self.is_line = true;
            }
            Field::Time if self.header.time_unix_ns.is_none() => self.time(value),
            Field::Level if self.header.severity.0 == 0 => self.header.severity = severity(value),
            Field::Logger => self.header.logger = value,
            Field::Service => self.header.service = value,
            Field::Host => self.header.host = value,
            _ => {}
        }
    }

    fn time(&mut self, value: &str) {
        if let Some(stamp) = clock::read(value.as_bytes()) {
            self.header.time_unix_ns = stamp.unix_ns;
            self.header.time_base = stamp.base;
            self.header.zone_minutes = stamp.zone_minutes;
            return;
        }
        let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
        let whole = whole.parse().ok().and_then(clock::epoch);
        let digits = fraction.get(..fraction.len().min(9)).unwrap_or_default();
        let scale = 10_u64.pow(9 - digits.len() as u32);
        let part = digits.parse::<u64>().unwrap_or(0) * scale;
        self.header.time_unix_ns = whole.map(|whole| whole.saturating_add(part));
        self.header.time_base = TimeBase::Absolute;
    }
}

/// Whether a message stands in the field only where no field beside it is named for one.
fn is_doubtful(name: &str) -> bool {
    matches!(name, "event" | "text")
}

/// The field of that name.
fn field(name: &str) -> Option<Field> {
    Some(match name {
        "msg" | "message" | "MESSAGE" | "Message" | "event" | "@m" | "@mt" | "text"
        | "textPayload" | "short_message" => Field::Message,
        "log" | "line" | "body" => Field::Line,
        "time"
        | "timestamp"
        | "ts"
        | "@timestamp"
        | "t"
        | "@t"
        | "datetime"
        | "asctime"
        | "$date"
        | "eventTime"
        | "__REALTIME_TIMESTAMP"
        | "Timestamp" => Field::Time,
        "level" | "severity" | "lvl" | "levelname" | "log.level" | "loglevel" | "s" | "@l"
        | "Level" | "level_name" | "severity_text" | "PRIORITY" | "LogLevel" | "log_level" => {
            Field::Level
        }
        "logger" | "logger_name" | "name" | "module" | "c" | "caller" | "log.logger"
        | "SourceContext" | "Category" | "loggerName" => Field::Logger,
        "component" | "service_name" | "serviceName" | "app_name" | "service" | "service.name"
        | "app" | "application" | "program" | "container_name" | "SYSLOG_IDENTIFIER" => {
            Field::Service
        }
        "host" | "hostname" | "_HOSTNAME" | "host.name" => Field::Host,
        _ => return None,
    })
}

/// The level of a name, a letter or a number.
fn severity(value: &str) -> Severity {
    if let Some(severity) = level(value, true) {
        return severity;
    }
    match value {
        // Letters, the numbers of Node's loggers, the numbers of syslog.
        "10" => Severity(1),
        "D" | "d" | "D1" | "D2" | "20" | "7" => Severity(5),
        "I" | "i" | "30" | "5" | "6" => Severity::INFO,
        "W" | "w" | "40" | "4" => Severity::WARN,
        "E" | "e" | "50" | "3" => Severity::ERROR,
        "F" | "f" | "60" | "0" | "1" | "2" => Severity(21),
        _ => Severity(0),
    }
}

/// Reads the members of an object, those of an object within a member but not deeper.
fn json<'a>(line: &'a str, found: &mut Found<'a>) -> Option<()> {
    let mut at = 1;
    let mut name = "";
    let mut depth = 1_usize;
    let mut within = None;
    let mut fields = 0;
    let bytes = line.as_bytes();
    while let Some(b) = bytes.get(at) {
        match b {
            b'"' => {
                let length = string(line.get(at..)?)?;
                let value = line.get(at + 1..at + length - 1)?;
                at += length;
                let gap = blanks(bytes, at);
                if bytes.get(at + gap) == Some(&b':') {
                    name = value;
                    at += gap + 1;
                    fields += 1;
                    if fields > FIELDS_COUNT_MAX {
                        break;
                    }
                } else if depth == 1 || name == "$date" {
                    found.take(name, value);
                } else if let Some(name) = within.and_then(|within| nested(within, name)) {
                    found.take(name, value);
                }
            }
            b'{' | b'[' => {
                if depth == 1 {
                    within = parent(name);
                }
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let rest = line.get(at..)?;
                let end = rest
                    .bytes()
                    .position(|b| b",}] \t".contains(&b))
                    .unwrap_or(rest.len());
                if depth == 1 {
                    found.take(name, rest.get(..end)?);
                } else if let Some(name) = within.and_then(|within| nested(within, name)) {
                    found.take(name, rest.get(..end)?);
                }
                at += end.max(1);
            }
            _ => at += 1,
        }
    }
    Some(())
}

/// Members whose own members tell of the record.
#[derive(Clone, Copy)]
enum Parent {
    Log,
    Service,
    Container,
    Payload,
    Fields,
}

fn parent(name: &str) -> Option<Parent> {
    Some(match name {
        "log" => Parent::Log,
        "service" => Parent::Service,
        "kubernetes" | "resource" | "container" | "labels" => Parent::Container,
        "jsonPayload" => Parent::Payload,
        "fields" => Parent::Fields,
        _ => return None,
    })
}

/// What a member within that one tells: the name of the field that would say so by itself.
fn nested(within: Parent, name: &str) -> Option<&'static str> {
    Some(match (within, name) {
        (Parent::Log, "level") => "log.level",
        (Parent::Log, "logger") => "log.logger",
        (Parent::Service, "name") => "service.name",
        (Parent::Container, "container_name") => "container_name",
        (Parent::Payload | Parent::Fields, "message" | "msg") => "message",
        (Parent::Payload, "level" | "severity") => "level",
        (Parent::Payload, "logger") => "logger",
        (Parent::Payload, "component" | "service") => "service",
        _ => return None,
    })
}

/// White space from here on, in bytes.
fn blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Length of the string in quotes at the beginning of a text, with its quotes.
fn string(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, b) in text.bytes().enumerate().skip(1) {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Reads `key=value key="value"`; none where the line does not begin so.
fn logfmt<'a>(line: &'a str, found: &mut Found<'a>) -> Option<()> {
    let mut rest = line;
    for n in 0..FIELDS_COUNT_MAX {
        let key = rest
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b"._-@".contains(&b)));
        let Some((name, value)) = key
            .filter(|key| *key > 0)
            .and_then(|key| Some((rest.get(..key)?, rest.get(key..)?.strip_prefix('=')?)))
        else {
            break;
        };
        // A line of text may have a key; it begins with one of a header's in a record.
        if n == 0
            && !matches!(
                field(name),
                Some(Field::Time | Field::Level | Field::Message)
            )
        {
            return None;
        }
        let length = if value.starts_with('"') {
            string(value)?
        } else {
            value.bytes().position(|b| b == b' ').unwrap_or(value.len())
        };
        found.take(name, value.get(..length)?.trim_matches('"'));
        rest = value.get(length..)?.trim_start();
    }
    (found.header.severity.0 > 0 || found.header.time_unix_ns.is_some()).then_some(())
}
