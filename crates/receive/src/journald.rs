//! Entries of systemd's journal become events: the export format, and `journalctl -o json`.
//!
//! The format: <https://systemd.io/JOURNAL_EXPORT_FORMATS/>. An entry is a row of fields, ended by
//! an empty line; a field is `NAME=value` and a line break, or, for any bytes, `NAME`, a line
//! break, the size as 64 bits little-endian, the bytes and a line break. In JSON a value is text,
//! an array of bytes, an array of either for a field that is there twice, or null where it was too
//! large.
//! Names of fields: systemd.journal-fields(7).
//!
//! Lines that a service prints are entries of their own; those of one process, stream and priority
//! are joined as lines of a file are.
//!
//! *Limits:* [`FIELDS_COUNT_MAX`] fields, [`FIELD_BYTES_MAX`] kept of each, [`ENTRY_BYTES_MAX`] of
//! an entry. What is over is left out, and the event says so; an entry that is none is counted.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cordon_event::{Event, Severity, Value, attr};
use zeroize::{Zeroize, Zeroizing};

use crate::limits::{JSON_DEPTH_MAX, Limits};
use crate::meter::{Charge, Ledger, Meter};
use crate::source::{Identified, LineIntake, Moment, SourceContext, SourceFormat};
use crate::syslog::priority;
use crate::{cut, json, text};

/// Fields of one entry.
const FIELDS_COUNT_MAX: usize = 512;
/// Bytes that are kept of one field.
const FIELD_BYTES_MAX: usize = 1 << 20;
/// Bytes that are kept of one entry.
const ENTRY_BYTES_MAX: usize = 4 << 20;
/// Longest name of a field in bytes (systemd's own limit).
const NAME_BYTES_MAX: usize = 64;
/// Largest field in bytes that the journal itself takes; a size over it is none.
const SIZE_BYTES_MAX: u64 = 768 << 20;
/// Bytes of one line of JSON.
const LINE_BYTES_MAX: usize = 16 << 20;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFormat {
    /// `journalctl -o export`
    Export,
    /// `journalctl -o json`
    Json,
}

/// Fields of an entry.
#[derive(Default)]
struct Entry {
    fields: Vec<(String, Vec<u8>)>,
    bytes: usize,
    is_cut: bool,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.fields
            .iter_mut()
            .for_each(|(_, value)| value.zeroize());
    }
}

impl Entry {
    fn put(&mut self, name: &str, value: &[u8], is_cut: bool) {
        let is_cut = is_cut || value.len() > FIELD_BYTES_MAX;
        let kept = value.get(..FIELD_BYTES_MAX).unwrap_or(value);
        let kept = if is_cut { cut::back(kept) } else { kept };
        let full =
            self.fields.len() >= FIELDS_COUNT_MAX || self.bytes + kept.len() > ENTRY_BYTES_MAX;
        self.is_cut |= is_cut || full;
        if !full {
            self.bytes += kept.len();
            self.fields.push((name.to_owned(), kept.to_vec()));
        }
    }

    fn get(&self, name: &str) -> Option<&[u8]> {
        let field = self.fields.iter().find(|(own, _)| own == name);
        field.map(|(_, value)| value.as_slice())
    }

    fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }
}

/// Where in the format the next byte stands.
enum State {
    /// In a line: a field, a name, or the end of an entry.
    Line,
    /// In the size of that field.
    Size(String, Vec<u8>),
    /// In its bytes, of which so many are to come.
    Data(String, Zeroizing<Vec<u8>>, u64, bool),
    /// In an entry that is none, up to an empty line.
    Skip,
}

/// Reads entries from bytes as they come.
struct Parser {
    format: JournalFormat,
    state: State,
    line: Zeroizing<Vec<u8>>,
    is_long: bool,
    entry: Entry,
    refused: u64,
}

impl Parser {
    fn new(format: JournalFormat) -> Self {
        Self {
            format,
            state: State::Line,
            line: Zeroizing::default(),
            is_long: false,
            entry: Entry::default(),
            refused: 0,
        }
    }

    /// Takes bytes; gives the entries that they end.
    fn push(&mut self, mut bytes: &[u8], done: &mut Vec<Entry>) {
        while !bytes.is_empty() {
            bytes = match std::mem::replace(&mut self.state, State::Line) {
                State::Size(name, size) => self.size(name, size, bytes),
                State::Data(name, data, left, cut) => self.data(name, (data, left, cut), bytes),
                state => {
                    self.state = state;
                    self.line(bytes, done)
                }
            };
        }
    }

    /// The end of the input.
    fn finish(&mut self, done: &mut Vec<Entry>) {
        if self.format == JournalFormat::Json && !self.line.is_empty() {
            self.push(b"\n", done);
        }
        let whole = matches!(self.state, State::Line) && self.line.is_empty();
        self.refused += u64::from(!whole);
        self.end(done);
    }

    fn end(&mut self, done: &mut Vec<Entry>) {
        let entry = std::mem::take(&mut self.entry);
        if !entry.fields.is_empty() {
            done.push(entry);
        }
    }

    /// Bytes of a line, up to its end; gives the rest.
    fn line<'a>(&mut self, bytes: &'a [u8], done: &mut Vec<Entry>) -> &'a [u8] {
        let end = bytes.iter().position(|b| *b == b'\n');
        let (part, rest) = match end {
            Some(at) => (bytes.get(..at), bytes.get(at + 1..)),
            None => (Some(bytes), None),
        };
        let (part, rest) = (part.unwrap_or(&[]), rest.unwrap_or(&[]));
        let most = match self.format {
            JournalFormat::Export => FIELD_BYTES_MAX + NAME_BYTES_MAX + 1,
            JournalFormat::Json => LINE_BYTES_MAX,
        };
        let room = most.saturating_sub(self.line.len());
        self.is_long |= part.len() > room;
        extend(&mut self.line, part.get(..room).unwrap_or(part));
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            let is_long = std::mem::take(&mut self.is_long);
            match self.format {
                JournalFormat::Export => self.whole_line(&line, is_long, done),
                JournalFormat::Json => self.object(&line, is_long, done),
            }
        }
        rest
    }

    fn whole_line(&mut self, line: &[u8], is_long: bool, done: &mut Vec<Entry>) {
        if line.is_empty() {
            self.state = State::Line;
            self.end(done);
            return;
        }
        if matches!(self.state, State::Skip) {
            return;
        }
        let at = line.iter().position(|b| *b == b'=').unwrap_or(line.len());
        let (name, value) = line.split_at_checked(at).unwrap_or((line, &[]));
        let named = std::str::from_utf8(name).ok().filter(|name| is_name(name));
        match (named, value.split_first()) {
            (Some(name), Some((_, value))) => self.entry.put(name, value, is_long),
            (Some(name), None) => self.state = State::Size(name.to_owned(), Vec::new()),
            (None, _) => self.refuse(),
        }
    }

    /// Leaves an entry out.
    fn refuse(&mut self) {
        self.refused += 1;
        self.entry = Entry::default();
        self.state = State::Skip;
    }

    fn size<'a>(&mut self, name: String, mut size: Vec<u8>, bytes: &'a [u8]) -> &'a [u8] {
        let used = bytes.len().min(8 - size.len());
        let (head, rest) = bytes.split_at_checked(used).unwrap_or((bytes, &[]));
        size.extend_from_slice(head);
        let Ok(whole) = <[u8; 8]>::try_from(size.as_slice()) else {
            self.state = State::Size(name, size);
            return rest;
        };
        match u64::from_le_bytes(whole) {
            left if left <= SIZE_BYTES_MAX => {
                self.state = State::Data(name, Zeroizing::default(), left, false);
            }
            _ => self.refuse(),
        }
        rest
    }

    /// The bytes of a field, and the line break behind them.
    fn data<'a>(
        &mut self,
        name: String,
        (mut data, left, cut): (Zeroizing<Vec<u8>>, u64, bool),
        bytes: &'a [u8],
    ) -> &'a [u8] {
        if left == 0 {
            let (end, rest) = bytes.split_first().unwrap_or((&0, &[]));
            if *end == b'\n' {
                self.entry.put(&name, &data, cut);
            } else {
                self.refuse();
            }
            return rest;
        }
        let used = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (head, rest) = bytes.split_at_checked(used).unwrap_or((bytes, &[]));
        let room = FIELD_BYTES_MAX.saturating_sub(data.len());
        extend(&mut data, head.get(..room).unwrap_or(head));
        self.state = State::Data(name, data, left - used as u64, cut || used > room);
        rest
    }

    /// A line of JSON.
    fn object(&mut self, line: &[u8], is_long: bool, done: &mut Vec<Entry>) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let limits = Limits::default();
        let ledger = Ledger::new(limits.in_flight_bytes_max);
        let mut charge = Charge::new(&ledger);
        let mut meter = Meter::new(&mut charge, limits.decoded_bytes_max);
        let parsed = json::parse(line, JSON_DEPTH_MAX, &mut meter);
        let Ok(Value::Map(pairs)) = parsed else {
            self.refused += 1;
            return;
        };
        let mut entry = Entry::default();
        entry.is_cut = is_long;
        for (name, mut value) in pairs {
            if is_name(&name) {
                put_json(&mut entry, &name, &value);
            }
            value.zeroize();
        }
        if entry.fields.is_empty() {
            self.refused += 1;
        } else {
            done.push(entry);
        }
    }
}

/// Adds to a buffer without leaving behind what it held before it grew.
fn extend(buffer: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let needed = buffer.len() + more.len();
    if needed > buffer.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(2 * buffer.len())));
        grown.extend_from_slice(buffer);
        *buffer = grown;
    }
    buffer.extend_from_slice(more);
}

/// Whether a text is a field's name: capitals, digits, underscores.
fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A value of JSON: text, bytes, several, or nothing.
fn put_json(entry: &mut Entry, name: &str, value: &Value) {
    let byte = |item: &Value| match item {
        Value::Int(n) => u8::try_from(*n).ok(),
        _ => None,
    };
    match value {
        Value::String(text) => entry.put(name, text.as_bytes(), false),
        Value::Int(n) => entry.put(name, n.to_string().as_bytes(), false),
        Value::Null => entry.is_cut = true,
        Value::Array(items) if items.iter().all(|item| byte(item).is_some()) => {
            let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(items.iter().filter_map(byte).collect());
            entry.put(name, &bytes, false);
        }
        Value::Array(items) => {
            for item in items
                .iter()
                .filter(|item| !matches!(item, Value::Array(of) if of.is_empty()))
            {
                let nested =
                    matches!(item, Value::Array(of) if of.iter().any(|i| byte(i).is_none()));
                if !nested {
                    put_json(entry, name, item);
                }
            }
        }
        _ => {}
    }
}

/// Makes events of a journal's entries.
pub struct JournalIntake {
    parser: Parser,
    lines: LineIntake,
    /// Number and cursor of entries that were not all given, in order.
    cursors: VecDeque<(u64, String)>,
    /// The cursor of the last entry before which all were given.
    safe: Option<String>,
    next: u64,
}

impl JournalIntake {
    /// An intake with nothing open.
    pub fn new(format: JournalFormat) -> Self {
        let context = SourceContext::default();
        Self {
            parser: Parser::new(format),
            lines: LineIntake::new(SourceFormat::Text, context).with_raw(),
            cursors: VecDeque::new(),
            safe: None,
            next: 1,
        }
    }

    /// Takes bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8], moment: Moment) {
        let mut done = Vec::new();
        self.parser.push(bytes, &mut done);
        self.take_in(done, moment);
    }

    /// Gives what is open and has been quiet.
    pub fn flush(&mut self, moment: Moment) {
        self.lines.flush(moment);
    }

    /// The input has ended.
    pub fn finish(&mut self, moment: Moment) {
        let mut done = Vec::new();
        self.parser.finish(&mut done);
        self.take_in(done, moment);
        self.lines.finish(moment);
    }

    /// Entries that could not be read.
    pub fn refused(&self) -> u64 {
        self.parser.refused
    }

    /// The next record: by what it is known again, and its events.
    pub fn next_ready(&mut self) -> Option<Identified> {
        let Some((to, (raw, events))) = self.lines.next_ready() else {
            self.prune();
            return None;
        };
        let found = self.cursors.binary_search_by_key(&to, |(at, _)| *at + 1);
        let cursor = found.ok().and_then(|at| self.cursors.get(at));
        let mut identity = Zeroizing::new(b"cordon journal entry\0".to_vec());
        match cursor {
            Some((_, cursor)) => extend(&mut identity, cursor.as_bytes()),
            None => extend(&mut identity, &to.to_be_bytes()),
        }
        extend(&mut identity, b"\0");
        extend(&mut identity, &raw);
        Some((identity, events))
    }

    /// The cursor of the last entry before any that waits: what is behind it, and only that, is to
    /// be read again once all that was given is durable. It is asked for after the last record that
    /// is ready was given; none where it is the same as before.
    pub fn safe_cursor(&mut self) -> Option<String> {
        self.safe.take()
    }

    /// Forgets cursors of entries before any that waits, but the last of them.
    fn prune(&mut self) {
        let open = self.lines.open_from().unwrap_or(self.next);
        while self.cursors.front().is_some_and(|(at, _)| *at < open) {
            self.safe = self.cursors.pop_front().map(|(_, cursor)| cursor);
        }
    }

    fn take_in(&mut self, entries: Vec<Entry>, moment: Moment) {
        for entry in entries {
            let at = self.next;
            self.next += 1;
            if let Some(cursor) = entry.text("__CURSOR") {
                self.cursors.push_back((at, cursor.to_owned()));
            }
            let key = stream_of(&entry);
            let (text, beside) = event_of(&entry);
            self.lines
                .push_beside(text, (key, (at, at + 1)), beside, moment);
        }
    }
}

/// A digest of what lines of one report have in common.
fn stream_of(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    let names = [
        "_BOOT_ID",
        "_HOSTNAME",
        "_SYSTEMD_UNIT",
        "_PID",
        "_STREAM_ID",
        "TID",
        "PRIORITY",
    ];
    for name in names {
        entry.get(name).hash(&mut hasher);
    }
    entry.get("SYSLOG_IDENTIFIER").hash(&mut hasher);
    hasher.finish()
}

/// Fields that have a name in the semantic conventions: their own, that, and whether a number.
const NAMES: [(&str, &str, bool); 22] = [
    ("_PID", "process.pid", true),
    ("_EXE", "process.executable.path", false),
    ("_COMM", "process.executable.name", false),
    ("_CMDLINE", "process.command_line", false),
    ("TID", "thread.id", true),
    ("THREAD_NAME", "thread.name", false),
    ("CODE_FILE", "code.file.path", false),
    ("CODE_LINE", "code.line.number", true),
    ("CODE_FUNC", attr::CODE_FUNCTION_NAME, false),
    ("CODE_FUNCTION", attr::CODE_FUNCTION_NAME, false),
    ("MESSAGE_ID", "journald.message_id", false),
    ("EXCEPTION_TYPE", attr::EXCEPTION_TYPE, false),
    ("EXCEPTION_MESSAGE", attr::EXCEPTION_MESSAGE, false),
    ("EXCEPTION_TEXT", attr::EXCEPTION_STACKTRACE, false),
    ("EXCEPTION_STACKTRACE", attr::EXCEPTION_STACKTRACE, false),
    ("EXCEPTION_INFO", attr::EXCEPTION_STACKTRACE, false),
    ("STACKTRACE", attr::EXCEPTION_STACKTRACE, false),
    ("STACK_TRACE", attr::EXCEPTION_STACKTRACE, false),
    ("BACKTRACE", attr::EXCEPTION_STACKTRACE, false),
    ("TRACEBACK", attr::EXCEPTION_STACKTRACE, false),
    ("ERRNO", "error.code", true),
    ("SYSLOG_IDENTIFIER", "syslog.identifier", false),
];
/// Fields that are read into parts of the event, or say where in the journal the entry stands.
const READ: [&str; 6] = [
    "MESSAGE",
    "PRIORITY",
    "_HOSTNAME",
    "_SYSTEMD_UNIT",
    "LOGGER",
    "_SOURCE_REALTIME_TIMESTAMP",
];

/// The message of an entry, and the event that its other fields make.
fn event_of(entry: &Entry) -> (String, Event) {
    let mut event = Event::default();
    let micros = entry.text("_SOURCE_REALTIME_TIMESTAMP");
    let micros = micros.or_else(|| entry.text("__REALTIME_TIMESTAMP"));
    let micros = micros
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0);
    event.time_unix_ns = micros.saturating_mul(1_000);
    event.severity = severity(entry.text("PRIORITY"));
    let named = [
        "_SYSTEMD_UNIT",
        "_SYSTEMD_USER_UNIT",
        "SYSLOG_IDENTIFIER",
        "_COMM",
    ];
    if let Some(unit) = named.iter().find_map(|name| entry.text(name)) {
        let service = Value::from(unit.strip_suffix(".service").unwrap_or(unit));
        event
            .resource
            .push((attr::SERVICE_NAME.to_owned(), service));
    }
    if let Some(host) = entry.text("_HOSTNAME") {
        event
            .resource
            .push(("host.name".to_owned(), Value::from(host)));
    }
    if let Some(logger) = entry.text("LOGGER") {
        event.scope.push(("name".to_owned(), Value::from(logger)));
    }
    for (name, value) in &entry.fields {
        if READ.contains(&name.as_str()) || name.starts_with("__") {
            continue;
        }
        let known = NAMES.iter().find(|(own, ..)| own == name);
        let taken = |key: &str| event.attribute(key).is_some();
        let (key, is_number) = match known {
            Some((_, key, is_number)) if !taken(key) => ((*key).to_owned(), *is_number),
            _ => (
                format!("journald.{}", name.trim_start_matches('_').to_lowercase()),
                false,
            ),
        };
        event.attributes.push((key, value_of(value, is_number)));
    }
    let message = entry.get("MESSAGE").unwrap_or_default();
    let shown = String::from_utf8_lossy(message);
    if matches!(shown, std::borrow::Cow::Owned(_)) {
        event
            .attributes
            .push((text::NOT_UTF8.to_owned(), Value::Bool(true)));
    }
    if entry.is_cut {
        event
            .attributes
            .push((text::TRUNCATED.to_owned(), Value::Bool(true)));
    }
    (shown.into_owned(), event)
}

fn value_of(bytes: &[u8], is_number: bool) -> Value {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Value::Bytes(bytes.to_vec());
    };
    let number = is_number.then(|| text.parse::<i64>().ok()).flatten();
    number.map_or_else(|| Value::from(text), Value::Int)
}

fn severity(priority: Option<&str>) -> Severity {
    let level = priority.and_then(|text| text.parse().ok());
    level.and_then(priority::of_level).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::joined::LINES;

    fn export(fields: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in fields {
            out.extend(name.as_bytes());
            if value.iter().all(|b| *b >= b' ') {
                out.push(b'=');
            } else {
                out.push(b'\n');
                out.extend((value.len() as u64).to_le_bytes());
            }
            out.extend(*value);
            out.push(b'\n');
        }
        out.push(b'\n');
        out
    }

    fn entry(at: u8, message: &[u8]) -> Vec<u8> {
        let cursor = format!("s=abc;i={at}");
        export(&[
            ("__CURSOR", cursor.as_bytes()),
            ("__REALTIME_TIMESTAMP", b"1704164645000000"),
            ("PRIORITY", b"3"),
            ("_SYSTEMD_UNIT", b"shop.service"),
            ("_HOSTNAME", b"web"),
            ("_PID", b"12"),
            ("MESSAGE", message),
        ])
    }

    /// The events of an input that arrives in pieces of that size, and how many were refused.
    fn read(format: JournalFormat, bytes: &[u8], piece: usize) -> (Vec<Event>, u64) {
        let mut intake = JournalIntake::new(format);
        let mut events = Vec::new();
        for part in bytes.chunks(piece) {
            intake.push(part, Moment::default());
        }
        intake.finish(Moment::default());
        while let Some((_, ready)) = intake.next_ready() {
            events.extend(ready.expose_raw().iter().cloned());
        }
        (events, intake.refused())
    }

    #[test]
    fn a_level_of_syslog_is_the_same_wherever_it_is_written() {
        let received = crate::syslog::Received {
            unix_ns: 0,
            zone_offset_s: 0,
        };
        for (level, expect) in [21, 19, 18, 17, 13, 10, 9, 5].into_iter().enumerate() {
            let expect = Severity(expect);
            assert_eq!(severity(Some(&level.to_string())), expect);
            let frame = format!("<{level}>m");
            let frame = crate::syslog::parse(frame.as_bytes(), &received);
            assert_eq!(frame.expose_raw().severity, expect);
            let line = format!(r#"{{"level":{level},"message":"m"}}"#);
            let limits = Limits::default();
            let line = crate::decode(crate::Format::Ndjson, line.as_bytes(), &limits).unwrap();
            assert_eq!(line.events.expose_raw()[0].severity, expect);
        }
        assert_eq!(severity(Some("8")), Severity(0));
    }

    #[test]
    fn cursors_are_forgotten_that_nobody_asks_for() {
        let mut intake = JournalIntake::new(JournalFormat::Export);
        for at in 0..200 {
            intake.push(&entry(at, b"plain"), Moment::default());
            while intake.next_ready().is_some() {}
            assert!(intake.cursors.len() <= 2, "{at}: {}", intake.cursors.len());
        }
        intake.finish(Moment::default());
        while let Some((identity, _)) = intake.next_ready() {
            let cursor = b"s=abc;i=199";
            assert!(identity.windows(cursor.len()).any(|part| part == cursor));
        }
        assert_eq!(intake.safe_cursor().as_deref(), Some("s=abc;i=199"));
        assert_eq!(intake.safe_cursor(), None);
    }

    #[test]
    fn fields_become_an_event() {
        let (events, refused) = read(JournalFormat::Export, &entry(1, b"two\nlines"), 7);
        assert_eq!((events.len(), refused), (1, 0));
        let event = &events[0];
        assert_eq!(event.body.as_str(), Some("two\nlines"));
        assert_eq!((event.service(), event.severity), ("shop", Severity::ERROR));
        assert_eq!(event.time_unix_ns, 1_704_164_645_000_000_000);
        assert_eq!(event.attribute("process.pid"), Some(&Value::Int(12)));
        assert_eq!(event.resource_str("host.name"), Some("web"));
    }

    #[test]
    fn lines_of_one_process_are_joined() {
        let mut bytes = entry(1, b"Traceback (most recent call last):");
        bytes.extend(entry(2, b"  File \"a.py\", line 1, in f"));
        bytes.extend(entry(3, b"ValueError: x"));
        bytes.extend(entry(4, b"next"));
        let (events, _) = read(JournalFormat::Export, &bytes, 64);
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].attribute(LINES), Some(&Value::Int(3)));
    }

    #[test]
    fn a_cursor_is_safe_when_nothing_before_it_waits() {
        let mut intake = JournalIntake::new(JournalFormat::Export);
        intake.push(&entry(1, b"one"), Moment::default());
        intake.push(
            &entry(2, b"Traceback (most recent call last):"),
            Moment::default(),
        );
        let drain = |intake: &mut JournalIntake| while intake.next_ready().is_some() {};
        drain(&mut intake);
        assert_eq!(intake.safe_cursor().as_deref(), Some("s=abc;i=1"));
        intake.push(
            &entry(3, b"  File \"a.py\", line 1, in f"),
            Moment::default(),
        );
        drain(&mut intake);
        assert_eq!(intake.safe_cursor(), None);
        intake.finish(Moment::default());
        drain(&mut intake);
        assert_eq!(intake.safe_cursor().as_deref(), Some("s=abc;i=3"));
    }

    #[test]
    fn json_has_bytes_and_lists() {
        let line = br#"{"__CURSOR":"c","MESSAGE":[102,111,111,255],"PRIORITY":"4","_PID":"7",
            "TAG":["a","b"],"BIG":null}"#;
        let line: Vec<u8> = line.iter().copied().filter(|b| *b != b'\n').collect();
        let (events, refused) = read(JournalFormat::Json, &line, 5);
        assert_eq!((events.len(), refused), (1, 0));
        assert_eq!(events[0].body.as_str(), Some("foo\u{fffd}"));
        assert_eq!(events[0].severity, Severity::WARN);
        assert_eq!(
            events[0].attribute(text::NOT_UTF8),
            Some(&Value::Bool(true))
        );
        assert_eq!(
            events[0].attribute(text::TRUNCATED),
            Some(&Value::Bool(true))
        );
        let tags = events[0]
            .attributes
            .iter()
            .filter(|(key, _)| key == "journald.tag");
        assert_eq!(tags.count(), 2);
    }

    #[test]
    fn an_exception_in_a_field_is_kept_as_one() {
        let bytes = export(&[
            ("MESSAGE", b"charge failed"),
            (
                "EXCEPTION_TEXT",
                b"Traceback (most recent call last):\nValueError: x",
            ),
            ("CODE_FILE", b"a.py"),
            ("CODE_LINE", b"3"),
        ]);
        let (events, _) = read(JournalFormat::Export, &bytes, 1);
        let stack = events[0].attribute_str(attr::EXCEPTION_STACKTRACE).unwrap();
        assert!(stack.ends_with("ValueError: x"));
        assert_eq!(
            events[0].attribute("code.line.number"),
            Some(&Value::Int(3))
        );
    }

    #[test]
    fn what_is_no_entry_is_counted_and_the_rest_goes_on() {
        let mut bytes = b"no entry at all\nmore\n\n".to_vec();
        bytes.extend(b"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n\n");
        bytes.extend(entry(1, b"good"));
        bytes.extend(b"MESSAGE\n\x04");
        let (events, refused) = read(JournalFormat::Export, &bytes, 3);
        assert_eq!((events.len(), refused), (1, 3));
    }

    #[test]
    fn a_field_too_long_says_so() {
        let long = vec![b'x'; FIELD_BYTES_MAX + 10];
        let binary: Vec<u8> = [b"\n", long.as_slice()].concat();
        for message in [long.as_slice(), binary.as_slice()] {
            let (events, _) = read(JournalFormat::Export, &entry(1, message), 60_000);
            assert!(events[0].body.as_str().unwrap().len() <= FIELD_BYTES_MAX);
            assert_eq!(
                events[0].attribute(text::TRUNCATED),
                Some(&Value::Bool(true))
            );
        }
    }

    #[test]
    fn no_beginning_of_a_word_is_left_in_a_field() {
        let token = "qwvzkxjh".repeat(4);
        let mut long = b"a b ".repeat(FIELD_BYTES_MAX / 4 - 5);
        long.extend(token.as_bytes());
        long.extend(b" rest");
        let binary: Vec<u8> = [b"\n", long.as_slice()].concat();
        for message in [long.as_slice(), binary.as_slice()] {
            let (events, _) = read(JournalFormat::Export, &entry(1, message), 60_000);
            let body = events[0].body.as_str().unwrap();
            assert!(!body.contains("qwvz") && body.ends_with(' '));
        }
    }

    fn field() -> impl Strategy<Value = (String, Vec<u8>)> {
        ("[A-Z_]{1,8}", prop::collection::vec(any::<u8>(), 0..20))
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            entries in prop::collection::vec(
                prop::collection::vec(field(), 1..5),
                0..6,
            ),
            noise in prop::collection::vec(any::<u8>(), 0..40),
            piece in 1_usize..50,
        ) {
            let mut bytes: Vec<u8> = entries
                .iter()
                .flat_map(|fields| {
                    let fields: Vec<(&str, &[u8])> =
                        fields.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
                    export(&fields)
                })
                .collect();
            bytes.extend(&noise);
            for format in [JournalFormat::Export, JournalFormat::Json] {
                let whole = read(format, &bytes, bytes.len().max(1));
                prop_assert_eq!(read(format, &bytes, piece), whole);
            }
        }
    }
}
