//! Lines become records and continuations.
//!
//! *Invariant:* no line is dropped: each that is not blank is a record or a continuation of the
//! one before, and is counted as such.

use cordon_event::Severity;
use cordon_fingerprint::header::{self, Header, TimeBase};

use super::fields::{self, Field};

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
    /// Whether it goes on with the record before: a frame of a stack, a statement, a note.
    pub is_continuation: bool,
}

impl Line<'_> {
    /// Gives each field of the line.
    pub fn fields(&self, each: &mut dyn FnMut(Field<'_>)) {
        fields::read(self.text, each);
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

/// Reads lines one after the other, and keeps what they have in common.
#[derive(Debug, Default)]
pub struct Reader {
    counts: Counts,
    /// What of the time the log's lines tell, by the first of them.
    base: TimeBase,
}

impl Reader {
    /// Nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines read so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What of the time the log's lines tell.
    pub fn time_base(&self) -> TimeBase {
        self.base
    }

    /// Reads a line; none of a blank one.
    pub fn read<'a>(&'a mut self, line: &'a str) -> Option<Line<'a>> {
        let text = line.trim_end();
        if text.is_empty() {
            self.counts.blanks += 1;
            return None;
        }
        let header = header::read(text);
        let headed = header.time_unix_ns.is_some() || header.severity != Severity(0);
        let is_continuation = !headed && self.counts.records > 0 && text.starts_with([' ', '\t']);
        if is_continuation {
            self.counts.continuations += 1;
        } else {
            self.counts.records += 1;
        }
        let named = [header.service, header.logger];
        let component = named.into_iter().find(|name| !name.is_empty());
        Some(Line {
            text,
            header,
            component: component.unwrap_or_default(),
            is_continuation,
        })
    }
}
