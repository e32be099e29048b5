//! Stack traces that stand in logs, in pastes and in messages, and what they mean.
//!
//! *Limits:* [`BLOCKS_COUNT_MAX`] blocks of lines are read, [`STACKS_COUNT_MAX`] different stacks
//! are kept; further ones are counted with none.

mod explain;
mod meaning_table;

use std::collections::HashMap;

use cordon_diagnose::printable;
use cordon_fingerprint::{ExceptionLink, Frame, Trace, group_trace, parse_trace};
use serde_json::{Value as Json, json};

use crate::limits::{
    BLOCK_BYTES_MAX, BLOCK_LINES_MAX, BLOCKS_COUNT_MAX, FRAMES_COUNT_MAX, STACKS_COUNT_MAX,
};
use crate::text::{head, shown};

/// What one line must hold to be read as a trace by itself: an escaped line break, and one of
/// what frames are written with.
const FRAMED: [&str; 6] = ["at ", "File ", "Traceback", "goroutine ", ".go:", ".rb:"];

/// A stack.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) fingerprint: String,
    pub(crate) language: &'static str,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) frames: Vec<Frame>,
    pub(crate) explained: String,
    pub(crate) count: u64,
    pub(crate) source: usize,
    pub(crate) line: u64,
}

impl Stack {
    fn of(trace: &Trace, fingerprint: String) -> Self {
        let link = trace.chain.first().cloned().unwrap_or_default();
        // Where what escaped has no frames of its own, those of its cause.
        let framed = |link: &&ExceptionLink| !link.frames.is_empty();
        let frames = trace
            .chain
            .iter()
            .find(framed)
            .map(|link| link.frames.clone());
        let mut frames = frames.unwrap_or_default();
        frames.truncate(FRAMES_COUNT_MAX);
        Self {
            fingerprint,
            language: trace.language.as_str(),
            kind: shown(&link.exception_type),
            message: shown(&link.message),
            frames,
            explained: explain::explain(trace),
            count: 0,
            source: 0,
            line: 0,
        }
    }

    /// As a report tells it.
    pub(crate) fn json(&self) -> Json {
        json!({
            "fingerprint": self.fingerprint,
            "language": self.language,
            "type": self.kind,
            "message": self.message,
            "frames": self.frames.iter().map(|frame| json!({
                "function": printable(&frame.function),
                "module": printable(&frame.module),
                "file": printable(&frame.file),
                "line": frame.line,
                "in_app": frame.in_app,
            })).collect::<Vec<_>>(),
            "explained": self.explained,
            "count": self.count,
            "source": self.source,
            "line": self.line,
        })
    }
}

/// A record and the lines that go on with it.
#[derive(Clone, Debug, Default)]
struct Block {
    text: String,
    lines: usize,
    source: usize,
    line: u64,
}

/// The stacks of a room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stacks {
    open: Block,
    found: Vec<Stack>,
    by_id: HashMap<String, usize>,
    /// Blocks that were read before, without their first lines: the stack that each is.
    known: HashMap<String, Option<usize>>,
}

impl Stacks {
    /// A record begins.
    pub(crate) fn begin(&mut self, source: usize, line: u64, text: &str) {
        self.close();
        self.open = Block {
            text: head(text, BLOCK_BYTES_MAX).to_owned(),
            lines: 1,
            source,
            line,
        };
    }

    /// A line goes on with it.
    pub(crate) fn go_on(&mut self, text: &str) {
        let block = &mut self.open;
        let room = BLOCK_BYTES_MAX.saturating_sub(block.text.len() + 1);
        if block.lines > 0 && block.lines < BLOCK_LINES_MAX && room > 0 {
            block.text.push('\n');
            block.text.push_str(head(text, room));
            block.lines += 1;
        }
    }

    /// The record is complete.
    pub(crate) fn close(&mut self) {
        let block = std::mem::take(&mut self.open);
        let escaped =
            || block.text.contains("\\n") && FRAMED.iter().any(|frame| block.text.contains(frame));
        if block.lines > 1 || block.lines == 1 && escaped() {
            self.block(&block);
        }
    }

    /// A text that may hold a trace: a paste, a message.
    pub(crate) fn text(&mut self, source: usize, line: u64, text: &str) -> bool {
        let text = head(text, BLOCK_BYTES_MAX).to_owned();
        let lines = text.lines().count();
        let block = Block {
            text,
            lines,
            source,
            line,
        };
        lines > 1 && self.block(&block)
    }

    /// Reads a block; whether it holds a stack.
    fn block(&mut self, block: &Block) -> bool {
        let rest = block
            .text
            .split_once('\n')
            .map_or(block.text.as_str(), |(_, rest)| rest);
        if let Some(known) = self.known.get(rest) {
            let stack = known.and_then(|at| self.found.get_mut(at));
            return stack.map(|stack| stack.count += 1).is_some();
        }
        if self.known.len() >= BLOCKS_COUNT_MAX {
            return false;
        }
        let trace = parse_trace(&block.text).filter(is_told);
        let place = trace.and_then(|trace| self.add(&trace, block));
        self.known.insert(rest.to_owned(), place);
        place.is_some()
    }

    /// Counts a trace.
    fn add(&mut self, trace: &Trace, block: &Block) -> Option<usize> {
        let id = group_trace(trace).id;
        let next = self.found.len();
        let at = match self.by_id.get(&id) {
            Some(at) => *at,
            None if next < STACKS_COUNT_MAX => {
                let stack = Stack {
                    source: block.source,
                    line: block.line,
                    ..Stack::of(trace, id.clone())
                };
                self.by_id.insert(id, next);
                self.found.push(stack);
                next
            }
            None => return None,
        };
        if let Some(stack) = self.found.get_mut(at) {
            stack.count += 1;
        }
        Some(at)
    }

    /// The stacks, the most frequent first, those of one count in the order in which they came.
    pub(crate) fn all(&self) -> Vec<Stack> {
        let mut all = self.found.clone();
        all.sort_by_key(|stack| std::cmp::Reverse(stack.count));
        all
    }
}

/// Whether a trace tells more than a type: a frame, or a cause; and more than a frame alone, as
/// which `at 10:29` may be read.
fn is_told(trace: &Trace) -> bool {
    let named = |link: &ExceptionLink| {
        !link.frames.is_empty() && (!link.exception_type.is_empty() || !link.message.is_empty())
    };
    trace
        .chain
        .iter()
        .any(|link| named(link) || link.frames.len() > 1)
}

/// The texts of a paste that may each be a trace: parted where a blank line stands, and joined
/// again where a trace goes on behind one.
pub(crate) fn parts(lines: &[String]) -> Vec<(u64, String)> {
    const GOES_ON: [&str; 9] = [
        "During handling of",
        "The above exception",
        "Caused by",
        "goroutine ",
        "Suppressed:",
        "---",
        "stack backtrace",
        "Stack trace:",
        "STACKTRACE",
    ];
    let mut found: Vec<(u64, String)> = Vec::new();
    let mut apart = true;
    for (at, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            apart = true;
            continue;
        }
        let goes_on =
            line.starts_with([' ', '\t', '#']) || GOES_ON.iter().any(|w| line.starts_with(w));
        let after_goes_on = found.last().is_some_and(|(_, text)| {
            let last = text.rsplit('\n').next().unwrap_or_default();
            GOES_ON.iter().any(|word| last.starts_with(word))
        });
        match found.last_mut() {
            Some((_, text)) if !apart || goes_on || after_goes_on => {
                text.push('\n');
                text.push_str(line);
            }
            _ => found.push((at as u64 + 1, line.clone())),
        }
        apart = false;
    }
    found
}
