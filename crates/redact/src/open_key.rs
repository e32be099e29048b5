//! A private key that began in a line, or in the value of a record, and has not ended yet.

use cordon_detect::{pem_continues, pem_continues_behind, pem_head, pem_opens_in};
use cordon_event::{Class, Raw};

use crate::name::Name;
use crate::work::Work;

/// Most lines that one private key is followed over.
pub(crate) const PEM_LINES_MAX: usize = 1_024;
/// Longest text in bytes before a key that its lines are compared with.
const PREFIX_BYTES_MAX: usize = 4_096;

/// Rule of a line of a key.
pub(crate) const RULE: &str = "private_key.line";

/// A key that is open.
pub(crate) struct OpenKey {
    /// What stood before the key in the line in which it began.
    prefix: Raw<String>,
    lines: usize,
}

/// What a line is to a key that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Nothing: the key was cut off before it.
    None,
    /// A line of its body.
    Body,
    /// Its last line, up to that byte.
    Last(usize),
}

impl OpenKey {
    /// The key that begins in the text and does not end in it.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let before = text.get(..pem_opens_in(text)?)?;
        let line = before.rsplit('\n').next().unwrap_or(before);
        let prefix = if line.len() > PREFIX_BYTES_MAX {
            ""
        } else {
            line
        };
        Some(Self {
            prefix: Raw::new(prefix.to_owned()),
            lines: 0,
        })
    }

    /// A key that began in a text that is gone.
    pub(crate) fn resumed() -> Self {
        Self {
            prefix: Raw::new(String::new()),
            lines: 0,
        }
    }

    /// Takes the next line, given without its line break.
    pub(crate) fn take(&mut self, line: &str) -> Part {
        self.lines += 1;
        if let Some(at) = line.find("-----END ") {
            let rest = line.get(at + 9..).unwrap_or("");
            return Part::Last(rest.find("-----").map_or(line.len(), |n| at + 9 + n + 5));
        }
        let goes_on = pem_continues(line) || pem_continues_behind(self.prefix.expose_raw(), line);
        if self.lines > PEM_LINES_MAX || !goes_on {
            return Part::None;
        }
        // What stood before the first line may have been another's.
        if let Some(head) = pem_head(line).filter(|head| head.len() <= PREFIX_BYTES_MAX) {
            self.prefix = Raw::new(head.to_owned());
        }
        Part::Body
    }
}

/// A key that is open in the values at one path of records that follow each other.
#[derive(Default)]
pub(crate) struct RecordKey {
    open: Option<(String, OpenKey)>,
}

impl RecordKey {
    /// Whether a key is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Counts a record: one that holds no value at the path does not keep the key open for ever.
    pub(crate) fn pass(&mut self) {
        if let Some((_, key)) = &mut self.open {
            key.lines += 1;
            if key.lines > PEM_LINES_MAX {
                self.open = None;
            }
        }
    }
}

impl Work<'_> {
    /// A value that goes on with the key that the value before it, at the same path, left open.
    pub(crate) fn in_open_key(
        &mut self,
        text: &str,
        name: Name<'_>,
        path: &str,
        depth: usize,
    ) -> Option<String> {
        let (held, _) = self.follows.as_ref()?.open.as_ref()?;
        if held != path {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        while from < text.len() {
            let rest = text.get(from..).unwrap_or("");
            let line = rest.split_inclusive('\n').next().unwrap_or(rest);
            let (bare, ending) = crate::stream::bare(line);
            let key = self.follows.as_mut()?.open.as_mut();
            let part = key.map_or(Part::None, |(_, key)| key.take(bare));
            if part == Part::Body && bare.trim().is_empty() {
                out.push_str(line);
                from += line.len();
                continue;
            }
            let removed = match part {
                Part::None => 0,
                Part::Body => bare.len(),
                Part::Last(end) => end,
            };
            if removed > 0 {
                self.note(
                    RULE,
                    Class::A,
                    path,
                    from,
                    bare.get(..removed).unwrap_or(""),
                );
                out.push_str(&format!("[removed:{RULE}]"));
            }
            if part == Part::Body {
                out.push_str(ending);
                from += line.len();
                continue;
            }
            if let Some(follows) = &mut self.follows {
                follows.open = None;
            }
            if from == 0 && removed == 0 {
                return None;
            }
            let rest = text.get(from + removed..).unwrap_or("");
            out.push_str(&self.nested(rest, name, path, depth));
            return Some(out);
        }
        Some(out)
    }

    /// Remembers the key that a value leaves open.
    pub(crate) fn opens_key(&mut self, text: &str, path: &str) {
        if let Some(follows) = &mut self.follows
            && let Some(key) = OpenKey::of(text)
        {
            follows.open = Some((path.to_owned(), key));
        }
    }
}
