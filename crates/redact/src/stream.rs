//! Lines in, the same number of lines out; a private key may span them.

use cordon_detect::{pem_continues, pem_continues_behind, pem_opens_in};
use cordon_event::{Class, Raw};

use crate::redactor::{Redacted, Redactor};
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

/// Redacts a stream of lines; remembers whether a private key is open.
pub struct StreamRedactor<'r> {
    redactor: &'r Redactor,
    format: LineFormat,
    pem_lines: usize,
    /// What stood before the key in the line in which one began that is still open.
    open: Option<Raw<String>>,
}

impl<'r> StreamRedactor<'r> {
    /// A stream of that format.
    pub fn new(redactor: &'r Redactor, format: LineFormat) -> Self {
        Self {
            redactor,
            format,
            pem_lines: 0,
            open: None,
        }
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
        self.redactor.text(mac, raw)
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
