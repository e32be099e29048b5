//! Lines of logs on their way in: to the diagnosis, to the themes, and to the stack traces.
//!
//! Every line is given to [`PlainLogs`], which says what fails since when, and is read here once
//! more for what a page shows beside it: the template, level, component and time of each record.
//! One [`Miner`] takes the lines of all sources, so that their templates can be compared.
//!
//! *Limits:* [`RECORDS_COUNT_MAX`] records and [`COMPONENTS_COUNT_MAX`] components are kept;
//! further records are counted.

use std::collections::HashMap;

use cordon_diagnose::plain::PlainLogs;
use cordon_diagnose::plain::line::Reader;
use cordon_event::Severity;
use cordon_fingerprint::header::{Read, TimeBase};
use cordon_fingerprint::{Merged, Miner, ShapeNo};

use crate::limits::{COMPONENTS_COUNT_MAX, LINE_BYTES_MAX, RECORDS_COUNT_MAX};
use crate::record::Record;
use crate::stack::Stacks;
use crate::text::head;
use crate::time::{Anchor, When};

/// A record of a log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Nanoseconds in its source's base; none where it tells no time.
    pub(crate) ns: Option<u64>,
    pub(crate) shape: ShapeNo,
    pub(crate) component: u32,
    /// Line of its source, from 1.
    pub(crate) line: u32,
    pub(crate) source: u16,
    pub(crate) severity: Severity,
}

/// What is known of one source's lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) records: u64,
    pub(crate) left_out: u64,
    pub(crate) from: Option<u64>,
    pub(crate) to: Option<u64>,
    pub(crate) base: TimeBase,
    /// A line told its zone.
    pub(crate) zoned: bool,
}

impl Window {
    /// A moment of the source.
    pub(crate) fn when(&self, ns: Option<u64>) -> When {
        When {
            ns,
            base: self.base,
            zoneless: !self.zoned,
            anchored: false,
        }
    }
}

/// The logs of a room.
#[derive(Default)]
pub(crate) struct Logs {
    plain: PlainLogs,
    miner: Miner,
    reader: Reader,
    entries: Vec<Entry>,
    names: Vec<String>,
    known: HashMap<String, u32>,
    /// For each source of the room its window, where it has lines of a log.
    windows: Vec<Option<Window>>,
    /// Numbers of the room's sources, in the order of the diagnosis' files.
    files: Vec<usize>,
    source: usize,
    pub(crate) stacks: Stacks,
}

impl Logs {
    /// The next lines are those of a source.
    pub(crate) fn begin(&mut self, source: usize, name: &str) {
        self.plain.begin_file(name);
        self.files.push(source);
        self.reader = Reader::new();
        self.source = source;
        self.windows
            .resize(self.windows.len().max(source + 1), None);
        if let Some(window) = self.windows.get_mut(source) {
            *window = Some(Window::default());
        }
    }

    /// The source has no more lines.
    pub(crate) fn end(&mut self) {
        self.stacks.close();
        let (base, zoned) = (
            self.reader.time_base(),
            self.reader.zone_minutes().is_some(),
        );
        if let Some(window) = self.window_mut() {
            window.base = base;
            window.zoned |= zoned;
        }
    }

    /// A line of the source.
    pub(crate) fn line(&mut self, number: u64, line: &str) {
        let line = head(line, LINE_BYTES_MAX);
        self.plain.add(line);
        self.read(number, line);
    }

    /// A record of a document, with the lines that go on with it.
    pub(crate) fn record(&mut self, record: &Record) {
        let lines = std::iter::once(&record.text).chain(&record.tail);
        for (at, text) in lines.enumerate() {
            let text = head(text, LINE_BYTES_MAX);
            self.plain.at_line(record.line);
            // What goes on with a record stands further in than one.
            let indented = (at > 0 && !text.starts_with([' ', '\t'])).then(|| format!("  {text}"));
            let text = indented.as_deref().unwrap_or(text);
            self.plain.add(text);
            self.read(record.line, text);
        }
    }

    fn read(&mut self, number: u64, text: &str) {
        let Some(line) = self.reader.read(text) else {
            return;
        };
        if line.is_continuation {
            self.stacks.go_on(line.text);
            return;
        }
        let header = line.header;
        let shape = self.miner.add_read(&Read { header, form: None });
        let (ns, severity) = (line.time_ns(), header.severity);
        let component = match self.known.get(line.component) {
            Some(number) => *number,
            None if self.names.len() < COMPONENTS_COUNT_MAX => {
                let number = self.names.len() as u32;
                self.names.push(line.component.to_owned());
                self.known.insert(line.component.to_owned(), number);
                number
            }
            None => u32::MAX,
        };
        self.stacks.begin(self.source, number, line.text);
        let entry = Entry {
            ns,
            shape,
            component,
            line: u32::try_from(number).unwrap_or(u32::MAX),
            source: self.source as u16,
            severity,
        };
        self.keep(entry);
    }

    fn keep(&mut self, entry: Entry) {
        let full = self.entries.len() >= RECORDS_COUNT_MAX;
        if !full {
            self.entries.push(entry);
        }
        let Some(window) = self.window_mut() else {
            return;
        };
        window.records += 1;
        window.left_out += u64::from(full);
        if let Some(ns) = entry.ns {
            window.from = Some(window.from.map_or(ns, |from| from.min(ns)));
            window.to = Some(window.to.map_or(ns, |to| to.max(ns)));
        }
    }

    fn window_mut(&mut self) -> Option<&mut Window> {
        self.windows.get_mut(self.source)?.as_mut()
    }

    /// The window of a source; none of one that has no lines of a log.
    pub(crate) fn window(&self, source: usize) -> Option<&Window> {
        self.windows.get(source)?.as_ref()
    }

    /// The records that are kept, in the order in which they came.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The name of a component; empty where none is told.
    pub(crate) fn component(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", String::as_str)
    }

    /// The templates of all lines.
    pub(crate) fn merged(&self) -> Merged {
        self.miner.clone().merge()
    }

    /// What the diagnosis says of all lines.
    pub(crate) fn diagnosis(&self) -> cordon_diagnose::plain::Report {
        self.plain.clone().diagnose()
    }

    /// Which of the room's sources a file of the diagnosis is.
    pub(crate) fn source_of(&self, file: Option<usize>) -> Option<usize> {
        self.files.get(file?).copied()
    }

    /// Adds the moments that its sources tell in full.
    pub(crate) fn anchor(&self, anchor: &mut Anchor) {
        for window in self.windows.iter().flatten() {
            anchor.add(window.when(window.from));
            anchor.add(window.when(window.to));
        }
    }
}
