//! Headers of many lines: a line whose form is known is not read again.
//!
//! Most lines of a log are written by a few statements, and differ in numbers, addresses and ids.
//! Where the parts of a header stand is found once for each form and kept; of the next line
//! of that form only the time is read.
//!
//! **Invariant:** a header is what [`super::read`] gives for that line, whatever was read before.
//! *Limits:* [`FORMS_COUNT_MAX`] forms of at most 480 bytes, some 15 MB, and none goes; where most
//! lines have forms of their own, the next thousands are read without.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher as _};

use cordon_event::Severity;

use super::form::Form;
use super::{Header, Reader, of_line, opening, record, trimmed};
use crate::clock::{self, Stamp};
use crate::hash::TextHasher;

/// Forms that are kept.
const FORMS_COUNT_MAX: usize = 32_768;
/// Hashes of forms that were seen once.
const SEEN_COUNT_MAX: usize = 65_536;
/// Lines after which is counted how many were known.
const COUNTED_LINES: u32 = 512;
/// One line in so many is to be known.
const KNOWN_SHARE: u32 = 4;
/// Lines that are read without their forms where fewer are.
const UNREAD_LINES: u32 = 4_096;
/// Bytes of a line before its time that may be looked over.
const BEFORE_TIME_MAX: usize = 96;

/// The number of a form in one [`Headers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FormNo(pub u32);

/// A header, with what is known of its line's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read<'a> {
    /// The header.
    pub header: Header<'a>,
    /// The form, where it is known: lines of one form have their headers' parts in the same
    /// places, and one template.
    pub form: Option<FormNo>,
}

/// Reads headers, and remembers the forms of their lines.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    form: Form,
    known: HashMap<Box<[u8]>, u32, BuildHasherDefault<TextHasher>>,
    /// For each form the places of a header's parts; none where lines are to be read one by one.
    layouts: Vec<Option<Layout>>,
    /// Parts of the hashes of forms that were seen once.
    seen: Vec<u32>,
    lines: u32,
    hits: u32,
    /// Lines that are still read without their forms.
    unread: u32,
}

/// Where the parts of a header stand in a form.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// Bytes of the time.
    time_bytes: usize,
    severity: Severity,
    service: Span,
    host: Span,
    logger: Span,
    bracket: Span,
    content: Span,
}

/// A part of a form: its first byte, and the one behind the last.
pub type Span = (u16, u16);

impl Headers {
    /// Knows no form.
    pub fn new() -> Self {
        Self::default()
    }

    /// The header of a line.
    pub fn read<'a>(&mut self, line: &'a str) -> Read<'a> {
        let line = trimmed(line);
        let first = clock::read(line.as_bytes());
        if self.unread > 0 {
            self.unread -= 1;
        } else if let Some((start, stamp)) = time_of(line, first)
            && stamp.unix_ns.is_some()
        {
            return self.timed((line, first), start, stamp);
        }
        let header = of_line(line, first);
        Read { header, form: None }
    }

    /// Where a part of the line that was read last stands in its form; none where its form does not
    /// tell.
    pub fn span(&self, line: &str, part: &str) -> Option<Span> {
        // What a name is may be told by the digits of an id.
        if self.form.first_id != usize::MAX {
            return None;
        }
        let (start, end) = span(trimmed(line), part)?;
        let start = self.form.in_form(start.into())?;
        let end = self.form.in_form(end.into())?;
        Some((start as u16, end as u16))
    }

    /// The part of the line that was read last that stands there in its form.
    pub fn part<'a>(&self, line: &'a str, span: Span) -> Option<&'a str> {
        part_of(&self.form, trimmed(line), span)
    }

    fn timed<'a>(
        &mut self,
        (line, first): (&'a str, Option<Stamp>),
        start: usize,
        stamp: Stamp,
    ) -> Read<'a> {
        self.count();
        let end = start + stamp.length;
        let written = self.form.write(line.as_bytes(), start, end);
        let form = self.form.text.as_slice();
        let known = written.then(|| self.known.get(form).copied()).flatten();
        let layout = known.and_then(|number| self.layouts.get(number as usize)?.as_ref());
        let layout = layout.filter(|layout| layout.time_bytes == stamp.length);
        if let Some(header) = layout.and_then(|layout| layout.header(&self.form, line, stamp)) {
            self.hits += 1;
            let form = known.map(FormNo);
            return Read { header, form };
        }
        let header = of_line(line, first);
        if written && known.is_none() {
            self.learn(line, &header, stamp);
        }
        Read { header, form: None }
    }

    /// Counts a line; where few were known, the next ones are read as they are.
    fn count(&mut self) {
        self.lines += 1;
        if self.lines >= COUNTED_LINES {
            if self.hits * KNOWN_SHARE < self.lines {
                self.unread = UNREAD_LINES;
            }
            (self.lines, self.hits) = (0, 0);
        }
    }

    /// Keeps the form that was written last, where it is seen for the second time.
    fn learn(&mut self, line: &str, header: &Header<'_>, stamp: Stamp) {
        if self.layouts.len() >= FORMS_COUNT_MAX || !self.is_seen() {
            return;
        }
        let layout = Layout::of(&self.form, stamp);
        // What the line tells is what its form tells.
        let layout = layout.filter(|layout| {
            let again = layout.header(&self.form, line, stamp);
            again.as_ref() == Some(header)
        });
        let number = self.layouts.len() as u32;
        self.layouts.push(layout);
        self.known.insert(self.form.text.as_slice().into(), number);
    }

    /// Whether the form was seen before; from now on it was.
    fn is_seen(&mut self) -> bool {
        self.seen.resize(SEEN_COUNT_MAX, 0);
        let mut hasher = TextHasher::default();
        hasher.write(&self.form.text);
        let hash = hasher.finish();
        let part = (hash >> 32) as u32 | 1;
        let slot = self.seen.get_mut(hash as usize % SEEN_COUNT_MAX);
        slot.is_some_and(|slot| std::mem::replace(slot, part) == part)
    }
}

impl Layout {
    /// The layout of a form, whose line has that time; none where the form does not tell all.
    fn of(form: &Form, stamp: Stamp) -> Option<Self> {
        let text = std::str::from_utf8(&form.text).ok()?;
        let time = form.text.get(form.time_start..)?;
        let found = moment(time).or_else(|| clock::month_day(time))?;
        let read = Reader::new(text).read();
        let is_time = (found.unix_ns, found.base, found.zone_minutes, found.length)
            == (
                read.time_unix_ns,
                read.time_base,
                read.zone_minutes,
                stamp.length,
            );
        // Records and routers' mnemonics tell by digits.
        let digits = opening::of_mnemonic(read.content).is_some()
            || read.severity == Severity(0) && record::begins(read.content);
        // So may an id that is a part of a header.
        let word = read.content.find(' ').unwrap_or(read.content.len());
        let span = |part: &str| span(text, part);
        let layout = Self {
            time_bytes: stamp.length,
            severity: read.severity,
            service: span(read.service)?,
            host: span(read.host)?,
            logger: span(read.logger)?,
            bracket: span(read.bracket)?,
            content: span(read.content)?,
        };
        let content = usize::from(layout.content.0);
        let is_id = form.first_id < content + word;
        // An address is no part of a header, but who asked.
        let is_address = form.first_address < content && form.first_address > 0;
        let names = [layout.service, layout.host, layout.logger, layout.bracket];
        let mut names = names.into_iter();
        let is_cut = names.any(|(start, end)| form.is_cut(start.into(), end.into()));
        (is_time && !digits && !is_id && !is_address && !is_cut).then_some(layout)
    }

    /// The header of a line of that form.
    fn header<'a>(&self, form: &Form, line: &'a str, stamp: Stamp) -> Option<Header<'a>> {
        let part = |span| part_of(form, line, span);
        Some(Header {
            time_unix_ns: stamp.unix_ns,
            time_base: stamp.base,
            zone_minutes: stamp.zone_minutes,
            severity: self.severity,
            service: part(self.service)?,
            host: part(self.host)?,
            logger: part(self.logger)?,
            bracket: part(self.bracket)?,
            content: part(self.content)?,
        })
    }
}

/// What stands in a line where a span of its form is.
fn part_of<'a>(form: &Form, line: &'a str, (start, end): Span) -> Option<&'a str> {
    if start == end {
        return Some("");
    }
    line.get(form.in_line(start.into())?..form.in_line(end.into())?)
}

/// Where a part of a text stands in it.
fn span(text: &str, part: &str) -> Option<Span> {
    if part.is_empty() {
        return Some((0, 0));
    }
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let end = start + part.len();
    (end <= text.len()).then_some((start as u16, end as u16))
}

/// The time of a line that its header may begin with, and where it stands; at its beginning it is
/// that.
fn time_of(line: &str, first: Option<Stamp>) -> Option<(usize, Stamp)> {
    let bytes = line.as_bytes();
    // A priority tells by its digits.
    if matches!(bytes.first()?, b'<' | b'{') {
        return None;
    }
    let beginning = || Some((0, clocked(first.or_else(|| clock::two_sixes(bytes)))?));
    let behind = |at: usize| Some((at, moment(bytes.get(at..)?)?));
    let lettered = || clock::month_day(bytes.get(1..)?).map(|stamp| (1, stamp));
    let bracketed = || {
        let head = bytes.get(..BEFORE_TIME_MAX).unwrap_or(bytes);
        behind(memchr::memchr(b'[', head)? + 1)
    };
    beginning().or_else(lettered).or_else(bracketed)
}

/// The date and clock that a text begins with.
fn moment(bytes: &[u8]) -> Option<Stamp> {
    clocked(clock::read(bytes).or_else(|| clock::two_sixes(bytes)))
}

fn clocked(stamp: Option<Stamp>) -> Option<Stamp> {
    stamp.filter(|stamp| stamp.clocked)
}

#[cfg(test)]
#[path = "familiar_tests.rs"]
mod tests;
