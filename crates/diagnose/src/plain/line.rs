//! Lines become records and continuations.
//!
//! *Invariant:* no line is dropped: each that is not blank is a record or a continuation of the
//! one before, and is counted as such.
//! *Limits:* [`COLUMNS_COUNT_MAX`] columns of a table, [`ZONES_COUNT_MAX`] zones.

mod clock;
mod component;

use cordon_event::Severity;
use cordon_fingerprint::header::{self, FormNo, Header, Headers, Read, TimeBase};

use self::clock::Unrolled;
use self::component::Components;
use super::fields::{self, Field, Wanted};
use super::trouble::{self, Weight};

/// Columns of a table that are kept.
const COLUMNS_COUNT_MAX: usize = 64;
/// Zones that are counted.
const ZONES_COUNT_MAX: usize = 16;
/// Longest name of a program.
const NAME_BYTES_MAX: usize = 64;
/// Longest name of a category.
const CATEGORY_BYTES_MAX: usize = 120;

/// A line, as far as it is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The whole line, without colours.
    pub text: &'a str,
    /// Time, level, program, logger and message. Its time has its day and year as far as the
    /// lines before tell them.
    pub header: Header<'a>,
    /// Name of the software that wrote it or that it is about; empty where it tells none.
    pub component: &'a str,
    /// The form of the line, where it is known: lines of one form differ in numbers, addresses
    /// and ids alone.
    pub form: Option<FormNo>,
    /// Which line it is of all that were read, from 1.
    pub number: u64,
    /// Whether it goes on with the record before: a frame of a stack, a statement, a note.
    pub is_continuation: bool,
    /// Names of the columns, where the log is a table.
    columns: &'a [String],
}

impl Line<'_> {
    /// Gives each field of the line.
    pub fn fields(&self, each: &mut dyn FnMut(Field<'_>)) {
        if self.columns.is_empty() {
            fields::read(self.text, each);
        } else {
            fields::read_table(self.columns, self.text, each);
        }
    }

    /// Gives each field of the message, and of the whole line where that is a record.
    pub fn message_fields(&self, each: &mut dyn FnMut(Field<'_>)) {
        match self.message() {
            Some(message) => fields::read(message, each),
            None => self.fields(each),
        }
    }

    /// Gives the status and the duration that the message tells, where they are wanted.
    pub fn measures(&self, wanted: Wanted, each: &mut dyn FnMut(Field<'_>)) {
        match self.message() {
            Some(message) => fields::read_measures(message, wanted, each),
            None if self.columns.is_empty() => fields::read_measures(self.text, wanted, each),
            None => self.fields(each),
        }
    }

    /// The message, where the line is no record and no row of a table.
    fn message(&self) -> Option<&str> {
        let is_tail = self.text.ends_with(self.header.content);
        (is_tail && self.columns.is_empty()).then_some(self.header.content)
    }

    /// When it was written, in nanoseconds; none where it does not tell.
    pub fn time_ns(&self) -> Option<u64> {
        self.header.time_unix_ns
    }
}

/// How many lines of which kind were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines with a message of their own.
    pub records: u64,
    /// Lines that go on with the record before.
    pub continuations: u64,
    /// Records without a time.
    pub timeless: u64,
    /// Lines of nothing but white space, which are neither.
    pub blanks: u64,
}

impl Counts {
    /// All lines.
    pub fn lines(&self) -> u64 {
        self.records + self.continuations + self.blanks
    }
}

/// Reads lines one after the other, and keeps what they have in common.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// A line without its colours.
    buffer: String,
    state: State,
}

#[derive(Clone, Debug, Default)]
struct State {
    counts: Counts,
    headers: Headers,
    components: Components,
    clock: Unrolled,
    /// Zones as minutes east of Greenwich, and how many lines tell each.
    zones: Vec<(i16, u64)>,
    /// Names of the columns of a table.
    columns: Vec<String>,
    /// Within a stack trace.
    in_trace: bool,
    /// The last continuation was indented.
    was_indented: bool,
    /// The last record is bad, or does not tell.
    was_bad: bool,
    /// A line of .NET's console whose message is in the next.
    announced: Option<Announced>,
    /// The category of the line that is given.
    category: String,
}

/// Level and category before the line of the message.
#[derive(Clone, Debug)]
struct Announced {
    severity: Severity,
    time: Option<u64>,
    category: String,
}

impl Reader {
    /// Nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines read so far.
    pub fn counts(&self) -> Counts {
        self.state.counts
    }

    /// What of the time the log's lines tell.
    pub fn time_base(&self) -> TimeBase {
        self.state.clock.base()
    }

    /// The zone that most lines tell, in minutes east of Greenwich; none where none does.
    pub fn zone_minutes(&self) -> Option<i16> {
        let zones = self.state.zones.iter();
        zones.max_by_key(|(_, count)| *count).map(|(zone, _)| *zone)
    }

    /// Reads a line; none of a blank one.
    pub fn read<'a>(&'a mut self, line: &'a str) -> Option<Line<'a>> {
        let Self { buffer, state } = self;
        let text = if line.contains(ESCAPE) {
            without_colours(line, buffer);
            buffer.as_str()
        } else {
            line
        };
        let text = text.trim_end().trim_start_matches('\u{feff}');
        if text.is_empty() {
            state.counts.blanks += 1;
            return None;
        }
        Some(state.read(text))
    }
}

impl State {
    fn read<'a>(&'a mut self, text: &'a str) -> Line<'a> {
        let Read { mut header, form } = read_header(&mut self.headers, text);
        let is_table = self.directive(text);
        let announces = self.announces(text, &header);
        let message = if announces {
            None
        } else {
            self.announced.take()
        };
        let message = message.filter(|_| text.starts_with("      "));
        let is_continuation = if is_table || announces {
            true
        } else {
            message.is_none() && self.continues(text, &header)
        };
        if let Some(message) = &message {
            header.severity = message.severity;
            header.time_unix_ns = message.time;
            self.was_bad = header.severity >= Severity::WARN;
        }
        self.category = message.map(|message| message.category).unwrap_or_default();
        if let Some(time) = header.time_unix_ns {
            header.time_unix_ns = Some(self.clock.unroll(time, header.time_base));
        }
        self.count(&header, is_continuation);
        let component = if self.category.is_empty() {
            let read = Read { header, form };
            self.components.of(&self.headers, &read, text)
        } else {
            &self.category
        };
        Line {
            text,
            header,
            component,
            form,
            number: self.counts.lines(),
            is_continuation,
            columns: &self.columns,
        }
    }

    fn count(&mut self, header: &Header<'_>, is_continuation: bool) {
        if is_continuation {
            self.counts.continuations += 1;
            return;
        }
        self.counts.records += 1;
        self.counts.timeless += u64::from(header.time_unix_ns.is_none());
        let Some(zone) = header.zone_minutes else {
            return;
        };
        if let Some((_, count)) = self.zones.iter_mut().find(|(known, _)| *known == zone) {
            *count += 1;
        } else if self.zones.len() < ZONES_COUNT_MAX {
            self.zones.push((zone, 1));
        }
    }

    /// `#Fields: date time …` of a table, and the lines beside it.
    fn directive(&mut self, text: &str) -> bool {
        let Some((name, rest)) = text
            .strip_prefix('#')
            .and_then(|rest| rest.split_once(": "))
        else {
            return false;
        };
        if name == "Fields" {
            let names = rest.split_ascii_whitespace().take(COLUMNS_COUNT_MAX);
            self.columns = names.map(str::to_owned).collect();
        }
        let directives = [
            "Fields",
            "Software",
            "Version",
            "Date",
            "Start-Date",
            "Remark",
        ];
        directives.contains(&name)
    }

    /// `fail: Acme.Billing[0]`: whether the message follows in the next line.
    fn announces(&mut self, text: &str, header: &Header<'_>) -> bool {
        if !text.ends_with(']') {
            return false;
        }
        // A time may stand before it; its level is read as the header's own.
        let text = text.trim_start();
        let told = if header.time_unix_ns.is_some() {
            let at = text.find(": ").unwrap_or(0);
            let from = text.get(..at).and_then(|head| head.rfind([' ', ']']));
            text.get(from.map_or(0, |from| from + 1)..)
                .unwrap_or_default()
        } else {
            text
        };
        let Some((level, rest)) = told.split_once(": ") else {
            return false;
        };
        let severity = match level {
            "trce" => Severity(1),
            "dbug" => Severity(5),
            "info" => Severity::INFO,
            "warn" => Severity::WARN,
            "fail" => Severity::ERROR,
            "crit" => Severity(21),
            _ => return false,
        };
        let category = rest
            .strip_suffix(']')
            .and_then(|rest| rest.rsplit_once('['));
        let Some((category, number)) = category else {
            return false;
        };
        let fits = number.bytes().all(|b| b.is_ascii_digit())
            && category.len() <= CATEGORY_BYTES_MAX
            && !category.contains(' ');
        if fits {
            self.announced = Some(Announced {
                severity,
                time: header.time_unix_ns,
                category: category.to_owned(),
            });
        }
        fits
    }

    /// Whether a line goes on with the record before.
    fn continues(&mut self, text: &str, header: &Header<'_>) -> bool {
        let content = header.content;
        let headed = header.time_unix_ns.is_some() || header.severity != Severity(0);
        let prefix = text.strip_suffix(content).unwrap_or_default();
        let indented = is_indented(prefix, content);
        let frame = is_frame(content);
        let continues = if self.counts.records == 0 {
            false
        } else if headed {
            is_note(prefix)
                || header.severity == Severity(0)
                    && (frame || self.in_trace && (indented || self.was_indented))
        } else if indented || frame {
            true
        } else {
            self.goes_on(header, content)
        };
        self.remember(header, continues, indented || frame, begins_trace(content));
        continues
    }

    /// Whether a line that is neither indented nor headed goes on with the record before.
    fn goes_on(&self, header: &Header<'_>, content: &str) -> bool {
        if begins_trace(content) {
            return self.was_bad && self.is_timed();
        }
        let prefixed = !header.service.is_empty();
        if self.in_trace {
            // What was thrown follows the last frame.
            return self.was_indented || self.is_timed() && !prefixed;
        }
        if prefixed || !self.is_timed() {
            return false;
        }
        // What was thrown follows the record that tells of it.
        let word = content
            .split(' ')
            .next()
            .unwrap_or_default()
            .trim_end_matches(':');
        if self.was_bad && (word.ends_with("Exception") || word.ends_with("Error")) {
            return true;
        }
        // A program without a logger says why it ends.
        let bad = trouble::of(content).is_some_and(|trouble| {
            trouble.weight == Weight::Fatal || trouble.weight == Weight::Error && !self.was_bad
        });
        !bad
    }

    /// Whether most records have a time.
    fn is_timed(&self) -> bool {
        self.counts.timeless * 2 < self.counts.records
    }

    fn remember(&mut self, header: &Header<'_>, continues: bool, framed: bool, begins: bool) {
        if continues {
            self.in_trace |= begins || framed;
            self.was_indented = framed;
        } else {
            self.in_trace = begins;
            self.was_indented = false;
            let severity = header.severity;
            self.was_bad = severity == Severity(0) || severity >= Severity::WARN;
        }
    }
}

/// The header of a line; a second one behind that of a system's log counts, too.
fn read_header<'a>(headers: &mut Headers, text: &'a str) -> Read<'a> {
    let read = headers.read(text);
    let header = read.header;
    if let Some(header) = behind_a_name(text, &header) {
        return Read { header, form: None };
    }
    let again = !header.service.is_empty()
        && header.severity == Severity(0)
        && header
            .content
            .starts_with(|c: char| c.is_ascii_digit() || c == '[' || c == '{');
    if !again {
        return read;
    }
    let inner = header::read(header.content);
    if inner.severity == Severity(0) {
        return read;
    }
    let header = Header {
        severity: inner.severity,
        logger: inner.logger,
        bracket: inner.bracket,
        content: inner.content,
        ..header
    };
    Read { header, form: None }
}

/// The header of a line whose program's name stands between the time and what it wrote:
/// `2024-01-02T03:04:05Z orders-6f7d4 level=error msg="gone"`.
fn behind_a_name<'a>(text: &str, header: &Header<'a>) -> Option<Header<'a>> {
    let plain = header.severity == Severity(0)
        && header.service.is_empty()
        && header.time_unix_ns.is_some();
    let (name, rest) = header.content.split_once(' ').filter(|_| plain)?;
    let named = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= NAME_BYTES_MAX
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let removed = name.starts_with("[removed:") && name.ends_with(']');
    let rest = rest.trim_start();
    let told = rest.starts_with("level=") || rest.starts_with('[');
    if !(named || removed) || !told || !text.ends_with(header.content) {
        return None;
    }
    let inner = header::read(rest);
    (inner.severity != Severity(0)).then_some(Header {
        severity: inner.severity,
        service: if removed { "" } else { name },
        logger: inner.logger,
        bracket: inner.bracket,
        content: inner.content,
        ..*header
    })
}

/// Whether a message stands further in than messages do.
fn is_indented(prefix: &str, content: &str) -> bool {
    let bare = prefix.trim_end();
    let gap = prefix.get(bare.len()..).unwrap_or_default();
    content.starts_with([' ', '\t'])
        || gap.contains('\t')
        || gap.len() > usize::from(!bare.is_empty())
}

/// `DETAIL:  `, `STATEMENT:  `: what a database adds to the message before.
fn is_note(prefix: &str) -> bool {
    const NOTES: [&str; 6] = [
        "DETAIL",
        "HINT",
        "STATEMENT",
        "CONTEXT",
        "QUERY",
        "LOCATION",
    ];
    let name = prefix.trim_end().strip_suffix(':').unwrap_or_default();
    let name = name.rsplit(' ').next().unwrap_or_default();
    NOTES.contains(&name)
}

/// Whether a message is a frame of a stack, or stands between frames.
fn is_frame(content: &str) -> bool {
    let begins = |start: &str| content.starts_with(start);
    match content.as_bytes().first() {
        Some(b'a') => begins("at ") && content.contains(['(', '/', ':', '.']),
        Some(b'F') => begins("File \"") && content.contains(", line "),
        Some(b'C') => begins("Caused by: "),
        Some(b'.') => begins("... ") && content.ends_with(" more"),
        Some(b'-') => begins("--- End of") || begins("---> "),
        Some(b'S') => begins("Suppressed: "),
        Some(b'g') => begins("goroutine ") && content.ends_with("]:"),
        Some(b'c') => begins("created by "),
        Some(b'T') => begins("The above exception was") || begins("During handling of"),
        Some(b'D') => begins("During handling of"),
        Some(b'^' | b'~') => content.trim_matches(['^', '~', ' ']).is_empty(),
        _ => false,
    }
}

/// Whether a stack trace begins.
fn begins_trace(content: &str) -> bool {
    const OPENINGS: [&str; 9] = [
        "Traceback (most recent call last)",
        "panic: ",
        "fatal error: ",
        "Exception in thread ",
        "Unhandled exception",
        "Uncaught ",
        "thread '",
        "terminate called ",
        "*** ",
    ];
    OPENINGS.iter().any(|opening| content.starts_with(opening))
}

/// What opens a sequence of a terminal.
const ESCAPE: char = '\u{1b}';

/// Writes a line without its colours and other sequences of a terminal.
fn without_colours(line: &str, buffer: &mut String) {
    buffer.clear();
    let mut parts = line.split(ESCAPE);
    buffer.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let Some(rest) = part.strip_prefix('[') else {
            // Two bytes, such as `ESC c`.
            let mut chars = part.chars();
            chars.next();
            buffer.push_str(chars.as_str());
            continue;
        };
        let ends = |b: u8| (0x40..=0x7e).contains(&b);
        let end = rest.bytes().position(ends).map_or(rest.len(), |at| at + 1);
        buffer.push_str(rest.get(end..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
