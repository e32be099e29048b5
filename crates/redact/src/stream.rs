//! Bytes in as they arrive, the same number of redacted lines out.
//!
//! A line is what is redacted; what a line leaves open travels to the lines below it: a private
//! key, the header of a table, a name whose value follows, a token that was wrapped.
//!
//! **Invariant:** what comes out depends on the bytes, not on how they were cut into pieces: not
//! within a character, a line break, a line of JSON. Only [`StreamRedactor::flush`] makes a
//! difference, and says which.
//!
//! *Limits:* what waits for its end is held: a line, at most [`LINE_BYTES_MAX`] of it, and whole
//! lines that end in a token that may go on below; together never more than [`HELD_BYTES_MAX`].
//! What is held is wiped.

mod across;
mod familiar;
mod held;
mod left;
mod pieces;
mod wrap;

use std::collections::VecDeque;
use std::sync::Arc;

use cordon_detect::{Carry, Context, Scratch, carry};
use cordon_event::{Class, Raw};

use crate::by::By;
use crate::open_key::{OpenKey, Part, RULE, RecordKey};
use crate::redactor::{Next, Page, Redacted, Redactor, TokenRow};
use crate::{Clean, Finding, PseudonymMac, Receipt};
use across::{Across, Found, Lines};
pub(crate) use familiar::Told;
use familiar::{Familiar, Look, New};
use held::Held;
pub(crate) use left::Left;
use pieces::Over;

/// Bytes of one line that are held; the rest of a longer one is masked and counted.
pub const LINE_BYTES_MAX: usize = 16 << 20;
/// Bytes that a stream holds at most, whatever arrives.
pub const HELD_BYTES_MAX: usize = LINE_BYTES_MAX + 2 + wrap::WAITING_BYTES_MAX;
/// Bytes that are looked through at once, where lines are not longer.
pub const BLOCK_BYTES_MAX: usize = 1 << 20;

/// What a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineFormat {
    /// JSON where it reads as JSON, text where not; decided line by line.
    #[default]
    Auto,
    /// A line of one stream of text.
    Text,
    /// One JSON value, a record of its own.
    Json,
}

impl LineFormat {
    /// Whether a line is read as a record of its own.
    pub(crate) fn is_record(self, line: &str) -> bool {
        match self {
            Self::Json => true,
            Self::Text => false,
            Self::Auto => crate::json::opens(line),
        }
    }
}

/// What follows a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    /// More, which is waited for.
    More,
    /// More, which is not waited for.
    Pause,
    /// Nothing.
    End,
}

/// Redacts a stream of lines; remembers what a line leaves open.
///
/// Bytes go in by [`Self::push`], whole lines of a text by [`Self::lines`] or [`Self::line`]; one
/// stream takes them by one of these ways.
pub struct StreamRedactor<'r> {
    redactor: By<'r>,
    format: LineFormat,
    /// A private key that is open in lines of text, and one in records.
    open: Option<OpenKey>,
    record: RecordKey,
    /// Lines that say what stands in the next one.
    above: Option<Raw<String>>,
    /// The same of those lines as they came out, for the next redaction.
    above_shown: Option<Raw<String>>,
    /// What lines before say of the next ones.
    across: Across,
    /// What lines without anything in them were like.
    lines: KnownLines,
    /// Beginnings of lines of the last text in which it is known where something may be found.
    told: VecDeque<(usize, Told)>,
    /// What lines that were redacted were left as.
    left: Left,
    held: Held,
    /// A line that is longer than what is held of one.
    over: Option<Over>,
    /// Number of the next line.
    line: u64,
}

/// What lines without anything in them were like, and what they are looked through with.
#[derive(Default)]
pub(crate) struct KnownLines {
    familiar: Familiar,
    scratch: Scratch,
}

impl KnownLines {
    /// Beginnings of the lines of a text in which something may be found, in order, and of those
    /// where in the line, if that is known. Any other line, read by itself, is left as it is.
    pub(crate) fn marks(
        &mut self,
        redactor: &Redactor,
        text: &str,
    ) -> (Vec<usize>, Vec<(usize, Told)>) {
        let mut look = Look::of(redactor, &mut self.scratch);
        let new = New::of(text, &mut self.familiar, &mut look);
        let marked = new.marked(&mut look);
        self.familiar.learn(text, new.clean(&marked), &mut look);
        let told = new.into_told();
        self.familiar.learn_marked(text, &marked, &mut look);
        (marked, told)
    }

    /// Whether nothing is found in a line, given without its line break, in which something may be
    /// found at these places alone.
    pub(crate) fn is_clean(&self, redactor: &Redactor, line: &str, told: Told) -> bool {
        let context = Context {
            key: None,
            safe: None,
        };
        let places = self.familiar.told(told);
        places.is_some_and(|places| {
            let found = redactor.detector().scan_at(line, &context, places);
            found.is_empty() && redactor.second().hit(line).is_none()
        })
    }
}

/// Lines that were redacted together.
#[derive(Default)]
pub struct RedactedLines {
    /// The lines, each with its line break.
    pub clean: Clean<String>,
    /// What was removed or replaced, by the number of the line in its stream, from 0. The rest of
    /// a line that is too long has a receipt of its own.
    pub receipts: Vec<(u64, Receipt)>,
    /// Pseudonyms given.
    pub tokens: Vec<TokenRow>,
    /// Pages to send.
    pub pages: Vec<Page>,
}

impl StreamRedactor<'static> {
    /// A stream that keeps its redactor, for whoever holds streams from call to call.
    pub fn shared(redactor: Arc<Redactor>, format: LineFormat) -> Self {
        Self::by(By::Shared(redactor), format)
    }
}

impl<'r> StreamRedactor<'r> {
    /// A stream of that format.
    pub fn new(redactor: &'r Redactor, format: LineFormat) -> Self {
        Self::by(By::Borrowed(redactor), format)
    }

    fn by(redactor: By<'r>, format: LineFormat) -> Self {
        Self {
            redactor,
            format,
            open: None,
            record: RecordKey::default(),
            above: None,
            above_shown: None,
            across: Across::default(),
            lines: KnownLines::default(),
            told: VecDeque::new(),
            left: Left::default(),
            held: Held::default(),
            over: None,
            line: 0,
        }
    }

    /// Redacts whole lines, each with its line break but perhaps the last, as a text that ends
    /// there: a token that is wrapped into the lines of the next call is not joined.
    ///
    /// The raw text is wiped; where nothing of it is replaced, it is what comes out.
    pub fn lines(&mut self, mac: &dyn PseudonymMac, mut raw: Raw<String>) -> RedactedLines {
        let marks = self.marks(raw.expose_raw());
        let mut done = self.begin(0);
        if marks.as_ref().is_some_and(Vec::is_empty) && !self.is_open() {
            done.keep_whole(std::mem::take(raw.expose_raw_mut()));
        } else {
            done.clean.reserve(raw.len_bytes());
            self.looked_through(mac, (raw.expose_raw(), marks), Behind::End, &mut done);
        }
        self.end(done)
    }

    /// Redacts the lines of a text; returns how many bytes of it those were that need not wait.
    fn block(
        &mut self,
        mac: &dyn PseudonymMac,
        text: &str,
        behind: Behind,
        done: &mut Done,
    ) -> usize {
        let marks = self.marks(text);
        self.looked_through(mac, (text, marks), behind, done)
    }

    /// As [`Self::block`], of a text in which [`Self::marks`] were found.
    fn looked_through(
        &mut self,
        mac: &dyn PseudonymMac,
        (text, marks): (&str, Option<Vec<usize>>),
        behind: Behind,
        done: &mut Done,
    ) -> usize {
        done.from = 0;
        let everywhere = marks.is_none();
        let mut marks = marks.unwrap_or_default().into_iter().peekable();
        let mut waits = false;
        while !waits && done.from < text.len() {
            let line = if everywhere || self.is_open() {
                done.from
            } else {
                while marks.next_if(|i| *i < done.from).is_some() {}
                marks.peek().copied().unwrap_or(text.len())
            };
            done.keep(text.get(done.from..line).unwrap_or(""));
            waits = line < text.len() && !self.marked(mac, (text, line), behind, done);
        }
        done.from
    }

    /// Beginnings of the lines of a text in which something may be found; none where each is to be
    /// read. What a policy looks for beyond the rules, it looks for everywhere.
    fn marks(&mut self, text: &str) -> Option<Vec<usize>> {
        self.told.clear();
        if self.redactor.looks_everywhere() {
            return None;
        }
        let (marked, told) = self.lines.marks(&self.redactor, text);
        self.told = told.into();
        Some(marked)
    }

    /// Whether the next line is to be looked at whatever it holds.
    fn is_open(&self) -> bool {
        self.open.is_some()
            || self.record.is_open()
            || self.above.is_some()
            || self.above_shown.is_some()
            || self.across.is_open()
    }

    /// One line, from `start` on; false where it has to wait.
    fn marked(
        &mut self,
        mac: &dyn PseudonymMac,
        (text, start): (&str, usize),
        behind: Behind,
        done: &mut Done,
    ) -> bool {
        let rest = text.get(start..).unwrap_or("");
        let whole = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |n| n + 1);
        let (line, below) = rest.split_at_checked(whole).unwrap_or((rest, ""));
        let (bare, ending) = bare(line);
        let lines = Lines {
            line: bare,
            below,
            behind,
            record: self.format.is_record(bare),
        };
        // A private key that is open goes before.
        let across = if self.open.is_some() && !lines.record {
            self.across.known()
        } else {
            match self.across.of(self.redactor.detector(), lines) {
                Some(across) => across,
                None => return false,
            }
        };
        let told = self.told_of(start);
        let redacted = self.one(mac, (Raw::new(bare.to_owned()), lines.record), across, told);
        done.put(redacted, ending, line.len());
        true
    }

    /// The places of the line that begins there, where they are known.
    fn told_of(&mut self, start: usize) -> Option<Told> {
        while self.told.front().is_some_and(|(at, _)| *at < start) {
            self.told.pop_front();
        }
        let (_, told) = self.told.front().filter(|(at, _)| *at == start)?;
        Some(*told)
    }

    /// Redacts the next line, given without its line break, as a text that ends there.
    pub fn line(&mut self, mac: &dyn PseudonymMac, raw: Raw<String>) -> Redacted {
        self.line += 1;
        let record = self.format.is_record(raw.expose_raw());
        let across = self.across.known();
        self.one(mac, (raw, record), across, None)
    }

    fn one(
        &mut self,
        mac: &dyn PseudonymMac,
        (raw, record): (Raw<String>, bool),
        across: Found,
        told: Option<Told>,
    ) -> Redacted {
        let line = raw.expose_raw();
        let (above, shown) = (self.above.take(), self.above_shown.take());
        let shown = shown.as_ref().map_or("", |lines| lines.expose_raw());
        let next = Next {
            format: self.format,
            above: shown,
        };
        if record {
            self.record.pass();
            let follows = &mut self.record;
            return self.redactor.record(mac, follows, across, next, line);
        }
        if self.open.is_some()
            && let Some(done) = self.in_key(mac, line)
        {
            let done = self.redactor.joined(mac, next, line, done);
            self.above = above;
            self.above_shown = self.carried(shown, done.clean.get());
            return done;
        }
        self.open = OpenKey::of(line);
        self.left.forget();
        let above = above.as_ref().map_or("", |lines| lines.expose_raw());
        self.above = self.carried(above, line);
        let across = across.into_iter().map(|(_, found)| found).collect();
        let told = told.and_then(|told| self.lines.familiar.told(told));
        let known = (told, &mut self.left);
        let done = self
            .redactor
            .text_below(mac, above, across, next, line, known);
        let left = done.clean.get();
        // What comes out as a record is read as one.
        if self.left.stayed() && !self.format.is_record(left) {
            // What is known to stay is known to leave nothing open.
            self.above_shown = None;
        } else if left == line && shown == above {
            let same = self.above.as_ref();
            self.above_shown = same.map(|lines| Raw::new(lines.expose_raw().clone()));
        } else if left == line || !self.format.is_record(left) {
            self.above_shown = self.carried(shown, left);
        }
        done
    }

    /// What is carried to the line below.
    fn carried(&self, above: &str, line: &str) -> Option<Raw<String>> {
        match carry(above, line, self.redactor.detector().rules()) {
            Carry::Nothing => None,
            Carry::Line => Some(Raw::new(line.to_owned())),
            Carry::Same => Some(Raw::new(above.to_owned())),
            Carry::Both => Some(Raw::new(format!("{above}\n{line}"))),
        }
    }

    /// A line while a private key is open; `None` where the key was cut off before it.
    fn in_key(&mut self, mac: &dyn PseudonymMac, line: &str) -> Option<Redacted> {
        let removed = match self.open.as_mut()?.take(line) {
            Part::None => {
                self.open = None;
                return None;
            }
            Part::Body => line.len(),
            Part::Last(end) => {
                self.open = None;
                end
            }
        };
        if line.trim().is_empty() {
            return Some(Redacted {
                clean: Clean::new(line.to_owned()),
                receipt: Receipt::default(),
                tokens: Vec::new(),
                pages: Vec::new(),
            });
        }
        let rest = line.get(removed..).unwrap_or("").to_owned();
        let mut redacted = self.redactor.text(mac, Raw::new(rest));
        let finding = Finding::new(RULE, Class::A, "", 0, removed);
        redacted.receipt.findings.insert(0, finding);
        let rest = std::mem::take(&mut redacted.clean).into_inner();
        redacted.clean = Clean::new(format!("[removed:{RULE}]{rest}"));
        Some(redacted)
    }
}

/// How far a text has been redacted.
struct Done {
    /// First byte of its block that has not been.
    from: usize,
    /// Number of lines before it.
    line: u64,
    /// Lines that are done.
    clean: String,
    lines: RedactedLines,
}

impl Done {
    /// Lines that stay as they are.
    fn keep(&mut self, lines: &str) {
        self.clean.push_str(lines);
        self.line += memchr::memchr_iter(b'\n', lines.as_bytes()).count() as u64;
        self.from += lines.len();
    }

    /// A whole text that stays as it is.
    fn keep_whole(&mut self, text: String) {
        self.line += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        self.from = text.len();
        self.clean = text;
    }

    /// A line that was redacted, its line break, and how long it was with it.
    fn put(&mut self, line: Redacted, ending: &str, bytes: usize) {
        self.clean.push_str(line.clean.get());
        self.clean.push_str(ending);
        self.lines.tokens.extend(line.tokens);
        self.lines.pages.extend(line.pages);
        if !line.receipt.findings.is_empty() {
            self.lines.receipts.push((self.line, line.receipt));
        }
        self.line += 1;
        self.from += bytes;
    }
}

/// A line without its line break, and the break.
pub(crate) fn bare(line: &str) -> (&str, &str) {
    let bare = match line.strip_suffix('\n') {
        Some(bare) => bare.strip_suffix('\r').unwrap_or(bare),
        None => line,
    };
    line.split_at_checked(bare.len()).unwrap_or((line, ""))
}
