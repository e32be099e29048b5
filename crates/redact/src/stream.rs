//! Lines in, the same number of lines out; a private key or a token may span them.

use cordon_detect::{
    Carry, Scratch, carry, pem_continues, pem_continues_behind, pem_head, pem_opens_in,
};
use cordon_event::{Class, Raw};

use crate::redactor::{Page, Redacted, Redactor, TokenRow};
use crate::{Clean, Finding, PseudonymMac, Receipt};

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

/// Most lines that one private key is followed over.
const PEM_LINES_MAX: usize = 1_024;

/// Redacts a stream of lines; remembers whether a private key is open, and the header of a table or
/// the name of a value that the next lines hold, or a token that a line's end interrupts.
pub struct StreamRedactor<'r> {
    redactor: &'r Redactor,
    format: LineFormat,
    pem_lines: usize,
    /// What stood before the key in the line in which one began that is still open.
    open: Option<Raw<String>>,
    /// Lines that say what stands in the next one.
    above: Option<Raw<String>>,
    scratch: Scratch,
}

/// Lines that were redacted together.
#[derive(Default)]
pub struct RedactedLines {
    /// The lines, each with its line break.
    pub clean: Clean<String>,
    /// What was removed or replaced, by the number of the line from 0.
    pub receipts: Vec<(usize, Receipt)>,
    /// Pseudonyms given.
    pub tokens: Vec<TokenRow>,
    /// Pages to send.
    pub pages: Vec<Page>,
}

impl<'r> StreamRedactor<'r> {
    /// A stream of that format.
    pub fn new(redactor: &'r Redactor, format: LineFormat) -> Self {
        Self {
            redactor,
            format,
            pem_lines: 0,
            open: None,
            above: None,
            scratch: Scratch::default(),
        }
    }

    /// Redacts whole lines, each with its line break but perhaps the last: as [`Self::line`] does
    /// one after the other, and much faster where most of them hold nothing.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub fn lines(&mut self, mac: &dyn PseudonymMac, raw: Raw<String>) -> RedactedLines {
        let text = raw.expose_raw();
        let mut done = Done::new(text);
        // What a policy looks for beyond the rules, it looks for everywhere.
        let everywhere = self.redactor.looks_everywhere();
        let mut scratch = std::mem::take(&mut self.scratch);
        let marks = if everywhere {
            &[][..]
        } else {
            self.redactor.detector().marks(text, &mut scratch)
        };
        let mut marks = marks.iter().map(|i| *i as usize).peekable();
        while done.from < text.len() {
            let line = if self.open.is_some() || self.above.is_some() || everywhere {
                done.from
            } else {
                while marks.next_if(|i| *i < done.from).is_some() {}
                marks.peek().copied().unwrap_or(text.len())
            };
            let start = if line < text.len() {
                line_start(text, line, done.from)
            } else {
                text.len()
            };
            self.unmarked(mac, text, start, &mut done);
            if start < text.len() {
                self.marked(mac, text, start, &mut done);
            }
        }
        self.scratch = scratch;
        done.finish()
    }

    /// Lines in which nothing can be found, up to `end`.
    fn unmarked(&mut self, mac: &dyn PseudonymMac, text: &str, end: usize, done: &mut Done) {
        let lines = text.get(done.from..end).unwrap_or("");
        if lines.is_empty() {
            return;
        }
        let read = self.format != LineFormat::Text && self.redactor.reads_fields();
        let json = |line: &str| line.trim_start().starts_with(['{', '[', '"']);
        let read = read && lines.lines().any(json);
        if !read && self.redactor.second().hit(lines).is_none() {
            done.keep(lines);
            return;
        }
        while done.from < end {
            self.marked(mac, text, done.from, done);
        }
    }

    /// One line, from `start` on.
    fn marked(&mut self, mac: &dyn PseudonymMac, text: &str, start: usize, done: &mut Done) {
        let rest = text.get(start..).unwrap_or("");
        let whole = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |n| n + 1);
        let line = rest.get(..whole).unwrap_or("");
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let bare = bare
            .strip_suffix('\r')
            .filter(|_| bare.len() < line.len())
            .unwrap_or(bare);
        let redacted = self.line(mac, Raw::new(bare.to_owned()));
        done.put(redacted, line.get(bare.len()..).unwrap_or(""), line.len());
    }

    /// Redacts the next line, given without its line break.
    pub fn line(&mut self, mac: &dyn PseudonymMac, raw: Raw<String>) -> Redacted {
        let head = raw.expose_raw().trim_start();
        let json = match self.format {
            LineFormat::Json => true,
            LineFormat::Text => false,
            LineFormat::Auto => {
                head.starts_with(['{', '[', '"']) && crate::json::parse(raw.expose_raw()).is_some()
            }
        };
        if json {
            self.above = None;
            return self.redactor.json_line(mac, raw);
        }
        if self.open.is_some()
            && let Some(done) = self.in_key(mac, raw.expose_raw())
        {
            return done;
        }
        let line = raw.expose_raw();
        let prefix = pem_opens_in(line).and_then(|at| line.get(..at));
        self.open = prefix.map(|prefix| Raw::new(prefix.to_owned()));
        self.pem_lines = 0;
        let above = self.above.take();
        let above = above.as_ref().map_or("", |above| above.expose_raw());
        self.above = match carry(above, line, self.redactor.detector().rules()) {
            Carry::Nothing => None,
            Carry::Line => Some(Raw::new(line.to_owned())),
            Carry::Same => Some(Raw::new(above.to_owned())),
            Carry::Both => Some(Raw::new(format!("{above}\n{line}"))),
        };
        self.redactor.text_below(mac, above, raw)
    }

    /// A line while a private key is open; `None` where the key was cut off before it.
    fn in_key(&mut self, mac: &dyn PseudonymMac, line: &str) -> Option<Redacted> {
        self.pem_lines += 1;
        let end = line.find("-----END ").map(|at| {
            let rest = line.get(at + 9..).unwrap_or("");
            rest.find("-----").map_or(line.len(), |n| at + 9 + n + 5)
        });
        let removed = end.unwrap_or(line.len());
        let prefix = self.open.as_ref().map_or("", |open| open.expose_raw());
        let goes_on = pem_continues(line) || pem_continues_behind(prefix, line);
        if end.is_none() && (self.pem_lines > PEM_LINES_MAX || !goes_on) {
            self.open = None;
            return None;
        }
        if end.is_some() {
            self.open = None;
        } else if let Some(head) = pem_head(line) {
            // What stood before the first line may have been another's.
            self.open = Some(Raw::new(head.to_owned()));
        }
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
        let rule = "private_key.line";
        let finding = Finding::new(rule, Class::A, "", 0, removed);
        redacted.receipt.findings.insert(0, finding);
        let rest = std::mem::take(&mut redacted.clean).into_inner();
        redacted.clean = Clean::new(format!("[removed:{rule}]{rest}"));
        Some(redacted)
    }
}

/// How far a block of lines has been redacted.
struct Done {
    /// First byte that has not been.
    from: usize,
    /// Number of lines before it.
    line: usize,
    /// Lines that are done.
    clean: String,
    lines: RedactedLines,
}

impl Done {
    fn new(text: &str) -> Self {
        Self {
            from: 0,
            line: 0,
            clean: String::with_capacity(text.len()),
            lines: RedactedLines::default(),
        }
    }

    /// Lines that stay as they are.
    fn keep(&mut self, lines: &str) {
        self.clean.push_str(lines);
        self.line += memchr::memchr_iter(b'\n', lines.as_bytes()).count();
        self.from += lines.len();
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

    fn finish(mut self) -> RedactedLines {
        self.lines.clean = Clean::new(self.clean);
        self.lines
    }
}

/// Beginning of the line that holds byte `i`, not before `from`.
fn line_start(text: &str, i: usize, from: usize) -> usize {
    let before = text.as_bytes().get(from..i).unwrap_or(&[]);
    memchr::memrchr(b'\n', before).map_or(from, |n| from + n + 1)
}
