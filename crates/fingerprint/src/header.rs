//! The header that a logger writes before a message: time, level, process, thread, logger.
//!
//! ```
//! use cordon_fingerprint::header;
//!
//! let line = "2024-01-02T03:04:05.678Z ERROR [main] c.a.Billing: charge failed for order 8";
//! let header = header::read(line);
//! assert_eq!(header.content, "charge failed for order 8");
//! assert_eq!(header.severity.name(), "error");
//! assert_eq!(header.logger, "c.a.Billing");
//! assert_eq!(header.time_unix_ns, Some(1_704_164_645_678_000_000));
//! ```
//!
//! One grammar for all: what may open a line (`opening`), then parts that headers are made of,
//! each told by its form and by what was read before it, until a part is none: there the message
//! begins. Lines of JSON and logfmt are read by `record`. Nothing is configured.
//! [`read`] remembers nothing between lines; [`Headers`] remembers their forms, and gives the same.
//!
//! *Invariants:* `content` is a part of the line; a line that is nothing but a header is its own
//! content, and so is one without a header.
//! *Limits:* [`PARTS_COUNT_MAX`] parts, brackets of [`BRACKET_BYTES_MAX`] bytes.
//! *Complexity:* linear in the header, or in the line where it is a record.

mod familiar;
mod form;
mod opening;
mod record;
mod word;

use cordon_event::Severity;

use crate::clock::{self, Stamp};
pub use crate::clock::{TimeBase, YEAR_UNKNOWN};
pub use familiar::{FormNo, Headers, Read, Span};
pub(crate) use word::level;
use word::{
    before, column_name, is_database_level, logger, number, past, past_blanks, program, technical,
    until, until_space,
};

/// Most parts of a header that are read.
const PARTS_COUNT_MAX: usize = 20;
/// Longest bracket that may be a part of a header, in bytes.
const BRACKET_BYTES_MAX: usize = 160;
/// Most words of a database's session before its level.
const SESSION_WORDS_MAX: usize = 4;
/// Longest id of a request, in bytes.
const REQUEST_BYTES_MAX: usize = 64;

/// What a line tells before its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header<'a> {
    /// When, in nanoseconds since 1970; what was not written of it is told by `time_base`.
    pub time_unix_ns: Option<u64>,
    /// What of the time was written.
    pub time_base: TimeBase,
    /// Minutes east of Greenwich of the zone, where one was written.
    pub zone_minutes: Option<i16>,
    /// Level, `Severity(0)` where there is none.
    pub severity: Severity,
    /// Program, container or pod that wrote the line; empty where it is not told.
    pub service: &'a str,
    /// Machine; empty where it is not told.
    pub host: &'a str,
    /// Logger, module, class or tag; empty where it is not told.
    pub logger: &'a str,
    /// What the last bracket held that is a plain name: a thread or a part of the program.
    pub bracket: &'a str,
    /// The message.
    pub content: &'a str,
}

/// The header of a line, and its message.
pub fn read(line: &str) -> Header<'_> {
    let line = trimmed(line);
    of_line(line, clock::read(line.as_bytes()))
}

/// The header of a line without white space around it, which begins with that time.
fn of_line(line: &str, first: Option<Stamp>) -> Header<'_> {
    record::read(line).unwrap_or_else(|| {
        let header = Reader::beginning(line, first).read();
        // A record behind the prefix of a container, or of a program's log.
        if header.content.len() < line.len() && header.severity == Severity(0) {
            return record::within(header);
        }
        header
    })
}

/// The line without white space and a byte order mark around it.
fn trimmed(line: &str) -> &str {
    let graphic = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    if graphic(line.as_bytes().first()) && graphic(line.as_bytes().last()) {
        return line;
    }
    line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
}

/// The text without its header.
pub(crate) fn strip(text: &str) -> &str {
    let text = past_blanks(text);
    Reader::new(text).read().content
}

/// A header that is being read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells of one part that was read, and any may stand beside any"
)]
struct Reader<'a> {
    line: &'a str,
    /// The time that the line begins with.
    first: Option<Stamp>,
    rest: &'a str,
    found: Header<'a>,
    timed: bool,
    levelled: bool,
    /// A level of one letter: a tag follows.
    lettered: bool,
    /// The last part was the level.
    after_level: bool,
    /// The time was of a form that syslog writes.
    syslog: bool,
    /// Syslog's program was read.
    programmed: bool,
    /// A number between bars was read: the last column before the message.
    barred: bool,
}

impl<'a> Reader<'a> {
    fn new(line: &'a str) -> Self {
        Self::beginning(line, clock::read(line.as_bytes()))
    }

    /// The reader of a line that begins with that time.
    fn beginning(line: &'a str, first: Option<Stamp>) -> Self {
        Self {
            line,
            first,
            rest: line,
            found: Header::default(),
            timed: false,
            levelled: false,
            lettered: false,
            after_level: false,
            syslog: false,
            programmed: false,
            barred: false,
        }
    }

    fn read(mut self) -> Header<'a> {
        self.open();
        for _ in 0..PARTS_COUNT_MAX {
            let rest = self.rest;
            let levelled = self.levelled;
            if !self.part() {
                break;
            }
            self.after_level = !levelled && self.levelled;
            // A header alone is its own message.
            if past_blanks(self.rest).is_empty() {
                self.rest = rest;
                break;
            }
            self.rest = past_blanks(self.rest);
        }
        let is_header = self.timed || self.levelled || self.rest.len() < self.line.len();
        self.found.content = if is_header { self.rest } else { self.line };
        if let Some(severity) = opening::of_mnemonic(self.found.content) {
            self.found.severity = severity;
        }
        self.found
    }

    /// Goes on behind so many bytes.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The first word, up to white space or a bar.
    fn word(&self) -> &'a str {
        let ends = |b: u8| b.is_ascii_whitespace() || b == b'|';
        let end = self.rest.bytes().position(ends).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    /// Passes a word and the bar behind it.
    fn pass(&mut self, word: &str) {
        self.skip(word.len());
        let next = past_blanks(self.rest);
        if let Some(behind) = next.strip_prefix('|') {
            self.rest = behind;
        }
    }

    /// Keeps a time.
    fn keep(&mut self, stamp: Stamp) {
        // The more that is told of a moment, the better.
        let better = self.found.time_base != TimeBase::Absolute
            && stamp.base == TimeBase::Absolute
            && stamp.clocked;
        if !self.timed || self.found.time_unix_ns.is_none() || better {
            self.found.time_unix_ns = stamp.unix_ns;
            self.found.time_base = stamp.base;
            self.found.zone_minutes = stamp.zone_minutes;
        }
        self.timed = true;
    }

    /// Keeps a level.
    fn level(&mut self, severity: Severity) {
        self.found.severity = severity;
        self.levelled = true;
    }

    /// Reads one part, if there is one.
    fn part(&mut self) -> bool {
        // Behind syslog's program there is the message.
        if self.programmed {
            self.told_level();
            return false;
        }
        if self.time() || self.session() || self.bracket() {
            return true;
        }
        let word = self.word();
        self.level_word(word)
            || self.separated()
            || (self.timed || self.levelled) && (self.syslog_source(word) || self.named_part(word))
    }

    /// A time at this place.
    fn time(&mut self) -> bool {
        if let Some(behind) = self.rest.strip_prefix("<time>") {
            self.timed = true;
            self.rest = past(behind, b",:|");
            return true;
        }
        // A time behind a level is the message's own, unless the header has none yet.
        if self.timed && self.levelled {
            return false;
        }
        let bytes = self.rest.as_bytes();
        let stamp = if bytes.len() == self.line.len() {
            self.first
        } else {
            clock::read(bytes)
        };
        let stamp = stamp.or_else(|| self.short_time(bytes));
        // A date without a clock is told of.
        let Some(stamp) = stamp.filter(|stamp| stamp.clocked) else {
            return false;
        };
        self.syslog = !self.timed && bytes.first().is_some_and(u8::is_ascii_uppercase)
            || self.rest.get(10..11) == Some("T");
        self.keep(stamp);
        self.skip(stamp.length);
        let behind = self.rest.strip_prefix([',', ':', '|', ';']);
        self.rest = behind.unwrap_or(self.rest);
        true
    }

    /// A date and clock of digits alone, before a level.
    fn short_time(&self, bytes: &[u8]) -> Option<Stamp> {
        if self.timed {
            return None;
        }
        let stamp = clock::two_sixes(bytes)?;
        let tail = self.rest.get(stamp.length..)?;
        let levelled = tail
            .split_ascii_whitespace()
            .take(2)
            .any(|word| level(word, false).is_some());
        levelled.then_some(stamp)
    }

    /// `INFO`, `INFO:`, `I`, `LOG:`.
    fn level_word(&mut self, word: &str) -> bool {
        if self.levelled || word.len() > word::LEVEL_BYTES_MAX + 2 {
            return false;
        }
        let bare = before(word, b":,-");
        // `ERROR IN CONTACTING`, `FATAL EXCEPTION`: the message is written so.
        if !self.timed && word == bare {
            let next = self.rest.get(word.len()..).unwrap_or_default();
            let next = next.strip_prefix(' ').unwrap_or_default();
            let next = until(next, b" :");
            if next.len() > 1 && next.bytes().all(|b| b.is_ascii_uppercase()) {
                return false;
            }
        }
        let any_case = self.timed && (word.len() > bare.len() || self.column(word));
        if let Some(severity) = level(bare, any_case) {
            self.level(severity);
            self.pass(word);
            return true;
        }
        if !self.timed {
            return false;
        }
        let severity = match bare {
            "V" | "T" => Severity(1),
            "D" => Severity(5),
            "I" | "N" => Severity::INFO,
            "W" => Severity::WARN,
            "E" => Severity::ERROR,
            "F" | "A" | "C" => Severity(21),
            _ if word.ends_with(':') && is_database_level(bare) => Severity::INFO,
            _ => return false,
        };
        self.level(severity);
        self.lettered = bare.len() == 1;
        self.pass(word);
        true
    }

    /// `LEVEL,name,message`: values set apart by commas, behind a time that was; by tabs, behind
    /// the id of a request.
    fn separated(&mut self) -> bool {
        if !self.timed || self.levelled {
            return false;
        }
        if self.tabbed() {
            return true;
        }
        if !self.rest.starts_with(|c: char| c.is_ascii_uppercase()) {
            return false;
        }
        let head = self.rest.as_bytes().iter().take(word::LEVEL_BYTES_MAX + 1);
        let Some(comma) = head.into_iter().position(|b| *b == b',') else {
            return false;
        };
        let word = self.rest.get(..comma).unwrap_or_default();
        let Some(severity) = level(word, false) else {
            return false;
        };
        self.level(severity);
        self.skip(comma + 1);
        let name = self.rest.split_once(',').map_or("", |(name, _)| name);
        if technical(name) && name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.found.logger = name;
            self.skip(name.len() + 1);
        }
        true
    }

    /// An id, a tab, a level, a tab.
    fn tabbed(&mut self) -> bool {
        let head = self.rest.as_bytes().iter().take(REQUEST_BYTES_MAX);
        let Some(end) = head.into_iter().position(u8::is_ascii_whitespace) else {
            return false;
        };
        let behind = self.rest.get(end..).unwrap_or_default();
        let columns = behind
            .strip_prefix('\t')
            .and_then(|rest| rest.split_once('\t'));
        let Some((name, message)) = columns else {
            return false;
        };
        let Some(severity) = level(name, false) else {
            return false;
        };
        self.level(severity);
        self.rest = message;
        true
    }

    /// `user@database LEVEL:  `, `user=ada,db=shop LEVEL:  `: whether words that are no prose
    /// stand before the level of a database, which are passed.
    fn session(&mut self) -> bool {
        if !self.timed || self.levelled {
            return false;
        }
        let mut at = 0;
        for _ in 0..SESSION_WORDS_MAX {
            let rest = self.rest.get(at..).unwrap_or_default();
            let word = until_space(rest);
            if !word.bytes().any(|b| matches!(b, b'@' | b'=' | b',' | b'[')) {
                return false;
            }
            at += word.len() + 1;
            let next = self.rest.get(at..).unwrap_or_default();
            let name = until_space(next);
            let ends = name.strip_suffix(':');
            if ends.is_some_and(|name| is_database_level(name) || level(name, false).is_some()) {
                self.skip(at);
                return true;
            }
        }
        false
    }

    /// Keeps the level that a message itself begins with: `error: …`.
    fn told_level(&mut self) {
        let word = until(self.rest, b" :");
        let behind = self.rest.get(word.len()..).unwrap_or_default();
        let told = behind.starts_with(':') || level(word, false).is_some();
        let severity = level(word, true).filter(|_| told && !self.levelled);
        self.found.severity = severity.unwrap_or(self.found.severity);
    }

    /// Whether a word stands in a column: what follows it is set apart by more than a space.
    fn column(&self, word: &str) -> bool {
        let behind = self.rest.get(word.len()..).unwrap_or_default();
        behind.starts_with("  ") || behind.starts_with('\t') || past_blanks(behind).starts_with('|')
    }

    /// `[…]` that holds a time, a level, a thread, a process or a logger.
    fn bracket(&mut self) -> bool {
        let Some((inner, length)) = balanced(self.rest) else {
            return false;
        };
        let bytes = inner.as_bytes();
        if let Some(stamp) = clock::read(bytes).filter(|stamp| stamp.clocked) {
            self.keep(stamp);
            let behind = inner.get(stamp.length..).unwrap_or_default();
            let behind = past(behind, b":, ");
            // `[time LEVEL app::part]`.
            if self.inner_level(behind)
                && let Some((_, name)) = behind.trim_end().rsplit_once(' ')
                && technical(name)
                && name.starts_with(|c: char| c.is_ascii_lowercase())
            {
                self.found.logger = name;
            }
        } else if inner == "<time>" {
            self.timed = true;
        } else if let Some(unix_ns) = since_start(inner).filter(|_| !self.timed) {
            self.found.time_unix_ns = Some(unix_ns);
            self.found.time_base = TimeBase::DayUnknown;
            self.timed = true;
        } else if let Some(severity) = level(inner.trim(), true) {
            self.level(severity);
        } else if !(self.timed || self.levelled) || !self.is_header_bracket(inner, length) {
            return false;
        } else if self.inner_level(inner) {
            // `core:error`, `db/ERROR`.
            let name = until(inner, b":/");
            self.name_bracket(if name.len() < inner.len() { name } else { "" });
        } else if technical(inner) {
            if inner.contains('.') || inner.contains("::") {
                self.found.logger = inner;
            } else {
                self.name_bracket(inner);
            }
        }
        self.skip(length);
        let behind = self.rest.strip_prefix([':', '|', ',']).unwrap_or(self.rest);
        self.rest = behind;
        true
    }

    /// Keeps the name of a bracket.
    fn name_bracket(&mut self, name: &'a str) {
        // A name with a number is more often a thread or code.
        let first = self.found.bracket.is_empty() || !name.bytes().any(|b| b.is_ascii_digit());
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if first && named && level(name, true).is_none() {
            self.found.bracket = name;
        }
    }

    /// `core:error`, `INFO/MainProcess`: whether the level is among the words of a bracket.
    fn inner_level(&mut self, inner: &'a str) -> bool {
        let marks = |b: &u8| matches!(b, b':' | b'/' | b' ' | b'|');
        let mut rest = inner;
        let severity = (0..3).find_map(|_| {
            let end = rest.as_bytes().iter().position(marks);
            let (part, behind) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
            rest = behind.get(1..).unwrap_or_default();
            level(part, true)
        });
        if let Some(severity) = severity.filter(|_| !self.levelled && inner.len() < 40) {
            self.level(severity);
        }
        severity.is_some()
    }

    /// Whether what a bracket holds belongs to a header: a thread, a process, a logger, not a
    /// removal mark, an address or a member of the message.
    fn is_header_bracket(&self, inner: &str, length: usize) -> bool {
        let behind = self.rest.get(length..).unwrap_or_default();
        let set_apart = behind.is_empty() || behind.starts_with([' ', ':', '[', '\t', '|']);
        let member = inner
            .as_bytes()
            .windows(2)
            .any(|two| matches!(two, b": " | b":/" | b", "));
        let message = inner.starts_with("removed") || inner.starts_with("client ");
        set_apart && !member && !message && !inner.is_empty()
    }

    /// Syslog's machine and program, behind its time.
    fn syslog_source(&mut self, word: &'a str) -> bool {
        if self.levelled || !self.found.service.is_empty() {
            return false;
        }
        if let Some(name) = program(word) {
            let counted = word.ends_with("]:");
            if !(counted || self.syslog && !self.found.host.is_empty()) {
                return false;
            }
            // `app[web.1]:`: of a platform, the process that it runs.
            let process = word.split_once('[').map_or("", |(_, process)| process);
            let process = process.trim_end_matches("]:");
            let named = process.starts_with(|c: char| c.is_ascii_alphabetic());
            self.found.service = if named && technical(process) {
                process.split('.').next().unwrap_or(process)
            } else {
                name
            };
            self.programmed = true;
            self.skip(word.len());
            self.uptime();
            return true;
        }
        let behind = self.rest.get(word.len()..).unwrap_or_default();
        let next = behind.split_ascii_whitespace().next().unwrap_or_default();
        let named = next.ends_with("]:") && program(next).is_some();
        let host = self.found.host.is_empty()
            && technical(word)
            && (named || self.syslog && self.follows_syslog(word, behind, next));
        if host {
            self.found.host = word;
            self.skip(word.len());
        }
        host
    }

    /// Whether what stands between syslog's time and `next` is a machine.
    fn follows_syslog(&self, word: &str, behind: &str, next: &str) -> bool {
        let tagged = program(next).is_some()
            // A program with its version, `name 1.2:`.
            || behind.split_ascii_whitespace().nth(1).is_some_and(|second| {
                second.ends_with(':') && second.starts_with(|c: char| c.is_ascii_digit())
            });
        let repeated = next == "last" || next == "message" || next == "--" || next == "exiting";
        !word.ends_with(':') && self.found.host.is_empty() && (tagged || repeated)
    }

    /// `[12345.678901]` behind the kernel's name.
    fn uptime(&mut self) {
        let next = past_blanks(self.rest);
        if let Some((inner, length)) = balanced(next)
            && inner.contains('.')
            && inner
                .trim()
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b'.')
        {
            self.rest = next.get(length..).unwrap_or_default();
        }
    }

    /// A separator, a process, a stream, a logger.
    fn named_part(&mut self, word: &'a str) -> bool {
        let behind = self.rest.get(word.len()..).unwrap_or_default();
        let next = past_blanks(behind);
        let bare = before(word, b":,");
        if self.lettered && self.tag(word) {
            return true;
        }
        if matches!(word, "stdout" | "stderr") {
            // CRI's mark of a whole or partial line follows the stream.
            self.rest = next
                .strip_prefix("F ")
                .or(next.strip_prefix("P "))
                .unwrap_or(next);
            return true;
        }
        if self.worker(word, next) {
            return true;
        }
        if let Some(name) = logger(word, next, self.after_level, self.levelled) {
            self.found.logger = name;
        } else if self.levelled && self.column(word) && column_name(word) {
            self.found.logger = word;
        } else if !(matches!(word, "" | "-" | "--" | "---" | ":" | "*64")
            || number(bare) && self.is_process(next)
            || self.before_level(next, word)
            || self.timed && !self.barred && behind.starts_with('|') && technical(word)
            || self.after_level && next.starts_with('[') && word.contains('.') && technical(word))
        {
            return false;
        }
        if next.starts_with("- ") && !self.levelled && self.found.logger.is_empty() {
            // `name - LEVEL - message`.
            let name = word.starts_with(|c: char| c.is_ascii_alphabetic());
            self.found.logger = if name { word } else { "" };
        }
        self.barred |= behind.starts_with('|') && number(word);
        self.pass(word);
        let behind = past_blanks(self.rest);
        let behind = behind.strip_prefix("*64 ").unwrap_or(behind);
        if let Some(behind) = behind.strip_prefix("- ")
            && !self.found.logger.is_empty()
        {
            self.rest = behind;
        }
        true
    }

    /// `WindowManager:` behind a level of one letter; the name may be padded.
    fn tag(&mut self, word: &'a str) -> bool {
        self.lettered = false;
        let behind = past_blanks(self.rest.get(word.len()..).unwrap_or_default());
        if let Some(name) = word.strip_suffix(':').filter(|name| technical(name)) {
            self.found.logger = name;
            self.skip(word.len());
            return true;
        }
        if column_name(word) || behind.starts_with(": ") && technical(word) {
            self.found.logger = word;
            self.rest = behind.strip_prefix(": ").unwrap_or(behind);
            return true;
        }
        false
    }

    /// Whether a number is a process or thread: a level, a bracket or a further one follows.
    fn is_process(&self, next: &str) -> bool {
        let word = until(next, b" \t|");
        let bare = before(word, b":,");
        let letter = bare.len() == 1 && bare.starts_with(|c: char| c.is_ascii_uppercase());
        self.timed
            && !self.levelled
            && (level(bare, false).is_some() || letter || number(bare) || word.starts_with('['))
            || next.starts_with("--")
            || self.levelled && next.starts_with("--- ")
    }

    /// `name - LEVEL - message`, `user@database LEVEL:  message`.
    fn before_level(&self, next: &str, word: &str) -> bool {
        let behind = next.strip_prefix("- ").unwrap_or(next);
        let level_next = until(behind, b" :");
        self.timed && !self.levelled && technical(word) && level(level_next, false).is_some()
    }

    /// `123#456: *789`: the process, thread and connection of nginx.
    fn worker(&mut self, word: &str, next: &'a str) -> bool {
        let pair = word.strip_suffix(':').and_then(|word| word.split_once('#'));
        if !pair.is_some_and(|(process, thread)| number(process) && number(thread)) {
            return false;
        }
        let connection = next.strip_prefix('*').and_then(|next| next.split_once(' '));
        let numbered = connection.filter(|(connection, _)| number(connection));
        self.rest = numbered.map_or(next, |(_, behind)| behind);
        true
    }
}

/// `  812.713361`, as the kernel writes it in brackets: nanoseconds since the machine's start.
fn since_start(inner: &str) -> Option<u64> {
    let (seconds, micros) = past_blanks(inner).split_once('.')?;
    let digits = micros.len() == 6 && number(micros) && number(seconds) && seconds.len() <= 9;
    let seconds = digits.then(|| seconds.parse::<u64>().ok()).flatten()?;
    Some(seconds * 1_000_000_000 + micros.parse::<u64>().ok()? * 1_000)
}

/// What a bracket at the beginning of a text holds, and its length.
fn balanced(text: &str) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'[') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, b) in bytes.iter().take(BRACKET_BYTES_MAX).enumerate() {
        match b {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return text.get(1..at).map(|inner| (inner, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests;
