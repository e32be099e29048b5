//! A room: sources that are redacted as they arrive, and what their clean lines tell.
//!
//! **Invariant:** what comes out depends on the bytes of a source, not on how they were cut.
//! **Invariant:** what is kept of a source once its lines are finished is clean.
//!
//! *Limits:* [`SOURCES_COUNT_MAX`] sources of [`SOURCE_BYTES_MAX`] bytes; what waits for its end is
//! bounded as in [`StreamRedactor`].

use std::collections::VecDeque;
use std::sync::Arc;

use cordon_event::Raw;
use cordon_redact::{Finding, LineFormat, RedactedLines, Redactor, StreamRedactor};
use cordon_room::{Kind, Room as Told, postmortem};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::Error;
use crate::engine::{paged, told};
use crate::mac::PageMac;
use crate::pending::Pending;
use crate::places::{self, places};

/// Sources of one room.
pub const SOURCES_COUNT_MAX: usize = 256;
/// Bytes of one source.
pub const SOURCE_BYTES_MAX: u64 = 256 << 20;
/// Longest name of a source in bytes.
const NAME_BYTES_MAX: usize = 256;

/// Sources under one engine.
pub struct Room {
    redactor: Arc<Redactor>,
    mac: Arc<PageMac>,
    open: Option<Source>,
    sources: usize,
    told: Told,
    /// What was told last, while nothing came since.
    report: Option<Value>,
}

/// A source that is arriving.
struct Source {
    stream: StreamRedactor<'static>,
    bytes: u64,
    raw: Pending,
    /// The beginning of a clean line whose end has not come out.
    clean: String,
    /// Findings in lines that are not finished.
    found: VecDeque<(u64, Vec<Finding>)>,
    /// Lines that are finished.
    lines: u64,
}

/// What a piece of a source finished.
pub struct Finished {
    /// The clean text of whole lines, each with its line break but perhaps the last of the source.
    pub clean: String,
    /// What was found in them and who has to be told, as JSON: `findings` as in
    /// [`Answer::report`](crate::Answer), but with `offset` and `length` in the raw line, and with
    /// `text_offset` and `text_length` of what stands there in the clean line; `pages`; `lines`,
    /// how many of the source are finished; `kind`, what the source is taken for.
    pub report: String,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// JSON.
    Json,
    /// Markdown.
    Markdown,
    /// One page of HTML.
    Html,
}

impl Document {
    /// The form of that number: 0 to 2 in the order above.
    pub const fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Json),
            1 => Some(Self::Markdown),
            2 => Some(Self::Html),
            _ => None,
        }
    }
}

impl Room {
    pub(crate) fn new(redactor: Arc<Redactor>, mac: Arc<PageMac>) -> Self {
        Self {
            redactor,
            mac,
            open: None,
            sources: 0,
            told: Told::default(),
            report: None,
        }
    }

    /// Begins a source: `{"name": "paste 1", "kind": null}`. Its name is redacted, too.
    pub fn begin(&mut self, request: &str) -> Result<(), Error> {
        let request = read(request)?;
        if self.open.is_some() {
            return Err(Error::Turn);
        }
        if self.sources >= SOURCES_COUNT_MAX {
            return Err(Error::Full("a room has at most 256 sources"));
        }
        let name = request.get("name").and_then(Value::as_str);
        let name = name.filter(|name| name.len() <= NAME_BYTES_MAX);
        let name = name.ok_or(Error::Request("`name` is not a text of at most 256 bytes"))?;
        let kind = match request.get("kind") {
            None | Some(Value::Null) => None,
            Some(kind) => Some(kind_of(kind)?),
        };
        let name = self.clean(name);
        self.told.begin(&name, kind);
        self.report = None;
        self.sources += 1;
        self.open = Some(Source {
            stream: StreamRedactor::shared(Arc::clone(&self.redactor), LineFormat::Auto),
            bytes: 0,
            raw: Pending::default(),
            clean: String::new(),
            found: VecDeque::new(),
            lines: 0,
        });
        Ok(())
    }

    /// The next bytes of the source, cut anywhere.
    pub fn push(&mut self, mut piece: Zeroizing<Vec<u8>>) -> Result<Finished, Error> {
        let source = self.open.as_mut().ok_or(Error::Turn)?;
        let bytes = source.bytes + piece.len() as u64;
        if bytes > SOURCE_BYTES_MAX {
            return Err(Error::Full("a source has at most 256 MiB"));
        }
        source.bytes = bytes;
        source.raw.add(&piece);
        let piece = Raw::new(std::mem::take(&mut *piece));
        let done = source.stream.push(&*self.mac, piece);
        self.report = None;
        Ok(source.finished(done, false, &mut self.told))
    }

    /// The source is complete.
    pub fn end(&mut self) -> Result<Finished, Error> {
        let mut source = self.open.take().ok_or(Error::Turn)?;
        let empty = StreamRedactor::shared(Arc::clone(&self.redactor), LineFormat::Auto);
        let done = std::mem::replace(&mut source.stream, empty).finish(&*self.mac);
        self.report = None;
        Ok(source.finished(done, true, &mut self.told))
    }

    /// What all sources tell, as JSON. None may be open.
    pub fn report(&mut self) -> Result<String, Error> {
        Ok(self.reported()?.to_string())
    }

    fn reported(&mut self) -> Result<&Value, Error> {
        if self.open.is_some() {
            return Err(Error::Turn);
        }
        let (redactor, mac) = (&self.redactor, &*self.mac);
        let told = &mut self.told;
        Ok(self.report.get_or_insert_with(|| {
            told.report(&mut |text: &mut String| {
                let raw = Raw::new(std::mem::take(text));
                *text = redactor.quotation(mac, &raw).into_inner();
            })
        }))
    }

    /// What differs between two sources: `{"a": 0, "b": 1}`.
    pub fn compare(&self, request: &str) -> Result<String, Error> {
        let request = read(request)?;
        let source = |key: &str| {
            let number = request.get(key).and_then(Value::as_u64);
            let number = number.and_then(|n| usize::try_from(n).ok());
            number.filter(|n| *n < self.sources)
        };
        let (Some(a), Some(b)) = (source("a"), source("b")) else {
            return Err(Error::Request("`a` and `b` are not numbers of sources"));
        };
        let mut compared = self.told.compare(a, b);
        self.quote_all(&mut compared);
        Ok(compared.to_string())
    }

    /// A draft of a postmortem: `{"given": {…}}`, what the user said of it, is searched as what was
    /// pasted is.
    pub fn postmortem(&mut self, request: &str, form: Document) -> Result<String, Error> {
        let request = read(request)?;
        let given = match request.get("given") {
            None | Some(Value::Null) => &Value::Null,
            Some(given @ Value::Object(_)) => given,
            Some(_) => return Err(Error::Request("`given` is not an object")),
        };
        let mut draft = postmortem::draft(self.reported()?, given);
        self.quote_all(&mut draft);
        Ok(match form {
            Document::Json => draft.to_string(),
            Document::Markdown => postmortem::markdown(&draft),
            Document::Html => postmortem::html(&draft),
        })
    }

    /// Redacts texts that the user wrote: JSON of any form, whose texts and names of members are
    /// searched as prose is.
    pub fn notes(&self, request: &str) -> Result<String, Error> {
        let mut notes = value(request)?;
        self.clean_all(&mut notes);
        Ok(notes.to_string())
    }

    fn clean(&self, text: &str) -> String {
        let raw = Raw::new(text.to_owned());
        self.redactor.prose(&*self.mac, raw).clean.into_inner()
    }

    /// Looks every text of what was told over once more; nesting is bounded by what tells it.
    fn quote_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                let raw = Raw::new(std::mem::take(text));
                *text = self.redactor.quotation(&*self.mac, &raw).into_inner();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.quote_all(item)),
            Value::Object(members) => members.values_mut().for_each(|item| self.quote_all(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Cleans every text; nesting is bounded by what is read as JSON.
    fn clean_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_all(item)),
            Value::Object(members) => {
                for (key, mut value) in std::mem::take(members) {
                    self.clean_all(&mut value);
                    members.insert(self.clean(&key), value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

impl Source {
    /// Takes what redaction let out; at the end all of it is finished, before it whole lines.
    fn finished(&mut self, done: RedactedLines, last: bool, told: &mut Told) -> Finished {
        for (line, receipt) in done.receipts {
            self.found.push_back((line, receipt.findings));
        }
        // What waits holds no end of a line.
        let came = done.clean.get();
        let ended = came.rfind('\n').map(|n| n + 1);
        let ended = if last { Some(came.len()) } else { ended };
        let (whole, rest) = came
            .split_at_checked(ended.unwrap_or(0))
            .unwrap_or((came, ""));
        self.clean.push_str(whole);
        let clean = ended.map(|_| std::mem::take(&mut self.clean));
        let clean = clean.unwrap_or_default();
        self.clean.push_str(rest);
        let mut findings = Vec::new();
        for line in clean.split_inclusive('\n') {
            let bare = line.strip_suffix('\n');
            let bare = bare.map_or(line, |bare| bare.strip_suffix('\r').unwrap_or(bare));
            self.line(bare, &mut findings);
            told.push(bare);
        }
        if last {
            told.end();
        }
        self.raw.forget();
        let report = json!({
            "findings": findings,
            "pages": paged(&done.pages),
            "lines": self.lines,
            "kind": told.kind().as_str(),
        });
        Finished {
            clean,
            report: report.to_string(),
        }
    }

    /// The next line is finished: what was found in it, with its places in both lines.
    fn line(&mut self, clean: &str, out: &mut Vec<Value>) {
        let raw = self.raw.next_line();
        let number = self.lines;
        self.lines += 1;
        let mut found: Vec<Finding> = Vec::new();
        while let Some((_, more)) = self.found.pop_front_if(|(line, _)| *line <= number) {
            found.extend(more);
        }
        if found.is_empty() {
            return;
        }
        let spans: Vec<places::Told<'_>> = found
            .iter()
            .map(|f| (f.path.as_str(), f.offset, f.len))
            .collect();
        let places = places(&raw.text(), clean, &spans);
        for (finding, place) in found.iter().zip(places) {
            let mut told = told(number, finding);
            if let Some(members) = told.as_object_mut() {
                for (key, value) in [
                    ("offset", place.raw.0),
                    ("length", place.raw.1 - place.raw.0),
                    ("text_offset", place.clean.0),
                    ("text_length", place.clean.1 - place.clean.0),
                ] {
                    members.insert(key.to_owned(), value.into());
                }
            }
            out.push(told);
        }
    }
}

fn kind_of(value: &Value) -> Result<Kind, Error> {
    let kind = value.as_str();
    let kind = kind.and_then(|name| Kind::ALL.into_iter().find(|kind| kind.as_str() == name));
    kind.ok_or(Error::Request("`kind` is none of those that there are"))
}

/// A request: an object.
fn read(request: &str) -> Result<Value, Error> {
    let value = value(request)?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Error::Request("not an object"))
    }
}

fn value(request: &str) -> Result<Value, Error> {
    serde_json::from_str(request).map_err(|_| Error::Request("not JSON"))
}
