//! An engine: a redactor under a policy and a page's key, and what it answers.

use std::sync::Arc;

use cordon_event::Raw;
use cordon_redact::{
    Clean, Finding, LineFormat, NameScope, Page, Receipt, Redactor, StreamRedactor,
};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::mac::PageMac;
use crate::{Error, Room, policy};

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One text, redacted as a whole.
    Text,
    /// One line of JSON, which stays valid JSON.
    Json,
    /// Lines, each read as JSON where it reads as JSON.
    Lines,
    /// Lines of one stream of text.
    TextLines,
    /// Lines of JSON, each a record of its own.
    JsonLines,
}

impl Format {
    /// The format of that number: 0 to 4 in the order above.
    pub const fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Text),
            1 => Some(Self::Json),
            2 => Some(Self::Lines),
            3 => Some(Self::TextLines),
            4 => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// What a redaction gives: nothing in it holds a value that was found.
pub struct Answer {
    /// The clean text, of as many lines as the input.
    pub clean: Clean<String>,
    /// What was found and who has to be told, as JSON: `findings`, each with the `line` it stands
    /// in from 0, `rule`, `version`, `class`, `path`, `offset` and `length` in bytes of UTF-8 and,
    /// where the policy asks for it, `digest`; and `pages`, each with `reason`, `rule`, `class`.
    pub report: String,
}

/// A redactor with its key.
pub struct Engine {
    redactor: Arc<Redactor>,
    mac: Arc<PageMac>,
    /// Texts that are searched for names once the recogniser is there.
    names: NameScope,
}

impl Engine {
    /// An engine under a policy (JSON; the default one where it is empty) and a key of
    /// [`KEY_BYTES`](crate::KEY_BYTES) bytes.
    pub fn open(policy: &str, key: &[u8]) -> Result<Self, Error> {
        let mac = PageMac::new(key)?;
        let (policy, names) = policy::read(policy, &mac)?;
        Ok(Self {
            redactor: Arc::new(Redactor::new(policy)?),
            mac: Arc::new(mac),
            names,
        })
    }

    /// Takes the recogniser of names, `names.pack`, and searches for names as the policy says. It
    /// is there for every engine of the process from then on, and what is no pack is an error.
    ///
    /// Not while a room of this engine is open: a source is redacted in one way from its beginning
    /// to its end.
    pub fn load_names(&mut self, pack: Vec<u8>) -> Result<(), Error> {
        let redactor = Arc::get_mut(&mut self.redactor).ok_or(Error::Turn)?;
        if !cordon_detect::names::load(pack) {
            return Err(Error::Pack);
        }
        redactor.set_names(self.names);
        Ok(())
    }

    /// A room whose sources are redacted by this engine.
    pub fn room(&self) -> Room {
        Room::new(Arc::clone(&self.redactor), Arc::clone(&self.mac))
    }

    /// Redacts an input. Lines are one stream, which ends with the input.
    pub fn redact(&self, format: Format, raw: Raw<String>) -> Answer {
        let lines = match format {
            Format::Text => {
                let done = self.redactor.text(&*self.mac, raw);
                return answer(done.clean, &[(0, done.receipt)], &done.pages);
            }
            Format::Json => {
                let done = self.redactor.json_line(&*self.mac, raw);
                return answer(done.clean, &[(0, done.receipt)], &done.pages);
            }
            Format::Lines => LineFormat::Auto,
            Format::TextLines => LineFormat::Text,
            Format::JsonLines => LineFormat::Json,
        };
        let done = StreamRedactor::new(&self.redactor, lines).lines(&*self.mac, raw);
        answer(done.clean, &done.receipts, &done.pages)
    }
}

fn answer(clean: Clean<String>, receipts: &[(u64, Receipt)], pages: &[Page]) -> Answer {
    let findings = receipts.iter().flat_map(|(line, receipt)| {
        let of_line = receipt.findings.iter();
        of_line.map(move |finding| told(*line, finding))
    });
    let report = json!({
        "schema": "cordon.page.redaction",
        "version": 1,
        "findings": findings.collect::<Vec<_>>(),
        "pages": paged(pages),
    });
    Answer {
        clean,
        report: report.to_string(),
    }
}

/// Who has to be told, as JSON.
pub(crate) fn paged(pages: &[Page]) -> Vec<Value> {
    let told = pages.iter().map(
        |page| json!({"reason": page.reason, "rule": page.rule, "class": page.class.to_string()}),
    );
    told.collect()
}

/// A finding as JSON.
pub(crate) fn told(line: u64, finding: &Finding) -> Value {
    let mut told = json!({
        "line": line,
        "rule": finding.rule,
        "version": finding.version,
        "class": finding.class.to_string(),
        "path": finding.path,
        "offset": finding.offset,
        "length": finding.len,
    });
    if let (Some(digest), Some(fields)) = (finding.digest, told.as_object_mut()) {
        fields.insert("digest".to_owned(), HEXLOWER.encode(&digest).into());
    }
    told
}
