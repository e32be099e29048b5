//! A message that a person or a program wrote into a chat.

use crate::limits::MESSAGE_BYTES_MAX;
use crate::text::head;
use crate::time::When;

/// A message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Message {
    /// Number of its source.
    pub(crate) source: usize,
    /// Where its text begins.
    pub(crate) line: u64,
    /// Who wrote it; empty where nobody is told.
    pub(crate) who: String,
    /// When.
    pub(crate) when: When,
    /// What, with its line breaks.
    pub(crate) text: String,
    /// The thread that it stands in; empty where none is told.
    pub(crate) thread: String,
    /// A program wrote it.
    pub(crate) is_bot: bool,
    /// The lines that its text's lines stand in; none where all stand in the first.
    pub(crate) rows: Vec<u64>,
}

impl Message {
    /// Adds a line to the text, which stands in a line of the source.
    pub(crate) fn push_at(&mut self, number: u64, line: &str) {
        let before = self.text.len();
        self.push(line);
        if self.text.len() > before {
            self.rows.push(number);
        }
    }

    /// The line of the source that a line of the text, from 0, stands in.
    pub(crate) fn row(&self, at: usize) -> u64 {
        self.rows.get(at).copied().unwrap_or(self.line)
    }

    /// Adds a line to the text.
    pub(crate) fn push(&mut self, line: &str) {
        let room = MESSAGE_BYTES_MAX.saturating_sub(self.text.len() + 1);
        if room == 0 {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(head(line, room));
    }
}
