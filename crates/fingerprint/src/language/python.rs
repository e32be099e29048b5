//! Python: `Traceback (most recent call last):`, chained exceptions, exception groups.
//!
//! The traceback lists the oldest call first and the escaped exception last; the model turns
//! both round. What notebooks, test runners and `faulthandler` print instead is in [`styles`].

mod styles;

use super::anchor;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;
use crate::{header, lines, prefix};

/// First line of every traceback.
const MARK: &str = "Traceback (most recent call last)";
/// Between a cause and what was raised from it.
const CAUSE: &str = "The above exception was the direct cause of the following exception";
/// Between an exception and one that was raised while it was being handled.
const CONTEXT: &str = "During handling of the above exception";
/// Roots of exception groups and their members.
const GROUP_MARK: &str = "Exception Group Traceback (most recent call last)";

/// Reads the tracebacks in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let chain = styles::parse(lines)
        .or_else(|| tracebacks(lines))
        .or_else(|| styles::test_report(lines))?;
    Some(Trace {
        language: Language::Python,
        chain,
    })
}

/// What the interpreter prints.
fn tracebacks(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let (first, column) = start(lines)?;
    let line = lines.get(first)?;
    let column = line.find(GROUP_MARK).map_or(column, |at| {
        at - trailing_marks(line.get(..at).unwrap_or_default())
    });
    let rest = lines::strip_prefix(lines.get(first..)?, line, column);
    let mut blocks = Reader::default().read(&rest);
    blocks.retain(|link| !link.exception_type.is_empty() || !link.frames.is_empty());
    // The last block escaped; what stands before hangs on what stands after.
    let members: Vec<ExceptionLink> = blocks
        .extract_if(.., |link| link.relation == Relation::Member)
        .collect();
    blocks.reverse();
    if let Some(link) = blocks.first_mut() {
        link.relation = Relation::Escaped;
    }
    blocks.extend(members);
    untold(lines.get(..first)?, &mut blocks);
    let known = blocks.iter().any(|link| !link.frames.is_empty());
    let marked = line.contains(MARK);
    (known || (marked && !blocks.is_empty())).then_some(blocks)
}

/// AWS Lambda tells the exception above its traceback, and not below: `[ERROR] KeyError: 'sku'`.
fn untold(above: &[String], blocks: &mut [ExceptionLink]) {
    let Some(link) = blocks.first_mut().filter(|l| l.exception_type.is_empty()) else {
        return;
    };
    let line = above.last().map_or("", |line| line.as_str());
    let told = anchor::before_colons(line).find(|(kind, _)| telling(kind));
    if let Some((kind, message)) = told {
        kind.clone_into(&mut link.exception_type);
        message.trim().clone_into(&mut link.message);
    }
}

/// Line and column of the first traceback, or of the first frame of one whose head was cut off.
fn start(lines: &[String]) -> Option<(usize, usize)> {
    let marked = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| line.find(MARK).map(|column| (at, column)));
    let cut = truncated(lines);
    match (marked, cut) {
        (Some(marked), Some(cut)) if cut.0 < marked.0 => {
            let between = lines.get(cut.0..marked.0).unwrap_or_default();
            let chained = between
                .iter()
                .any(|line| line.contains(CAUSE) || line.contains(CONTEXT));
            Some(if chained { cut } else { marked })
        }
        (Some(marked), _) => Some(marked),
        (None, cut) => cut,
    }
}

/// Width of the `+ ` that precedes the traceback of an exception group.
fn trailing_marks(prefix: &str) -> usize {
    prefix.len() - prefix.trim_end_matches([' ', '+', '|']).len()
}

/// A traceback whose head was cut off: its first frame line.
fn truncated(lines: &[String]) -> Option<(usize, usize)> {
    lines.iter().enumerate().find_map(|(at, line)| {
        let column = line.find("File \"")?;
        frame(line.get(column..)?)?;
        Some((at, column.saturating_sub(2)))
    })
}

/// Reads block by block.
#[derive(Default)]
struct Reader {
    links: Vec<ExceptionLink>,
    current: ExceptionLink,
    at: At,
    /// Whether the last frame stood at the left margin: then its code does so too.
    flush: bool,
}

/// Where the reader is.
#[derive(Clone, Copy, Default, PartialEq)]
enum At {
    /// Between tracebacks.
    #[default]
    Outside,
    /// In a traceback, before its exception.
    Block,
    /// In a message, whose further lines may follow.
    Message,
    /// Behind a message: what follows until the next traceback is not part of this one.
    Ended,
    /// Behind the last traceback that hangs on this failure.
    Done,
}

impl Reader {
    fn read(mut self, lines: &[&str]) -> Vec<ExceptionLink> {
        for line in lines {
            self.line(line);
        }
        self.close(Relation::Escaped);
        self.links
    }

    fn line(&mut self, line: &str) {
        let (depth, line) = group_margin(line);
        let text = line.trim_start();
        if self.at == At::Done {
            return;
        }
        if text.contains(MARK) {
            self.marked(depth);
        } else if depth > 0 && text.contains("----") {
            self.close(Relation::Escaped);
            self.current.relation = Relation::Member;
            self.at = At::Block;
        } else if text.starts_with(CAUSE) {
            self.close(Relation::Cause);
        } else if text.starts_with(CONTEXT) {
            self.close(Relation::Context);
        } else if let Some(frame) = frame(text) {
            // A frame behind a whole failure belongs to another.
            if matches!(self.at, At::Message | At::Ended) {
                self.at = At::Done;
                return;
            }
            self.at = At::Block;
            self.flush = text.len() == line.len();
            self.current.frames.push(frame);
        } else if self.at == At::Message {
            self.more(line);
        } else if self.at == At::Block {
            self.inside(line);
        }
    }

    /// The first line of a traceback.
    fn marked(&mut self, depth: usize) {
        let whole = !self.current.exception_type.is_empty() && !self.current.frames.is_empty();
        // Another failure, not one that this one hangs on.
        if depth <= 1 && whole {
            self.at = At::Done;
            return;
        }
        if !self.current.frames.is_empty() {
            self.close(Relation::Escaped);
        }
        if depth > 1 {
            self.current.relation = Relation::Member;
        }
        self.at = At::Block;
    }

    /// A line between frames and the exception.
    fn inside(&mut self, line: &str) {
        let text = line.trim();
        // Django's page tells both below the traceback.
        if let Some(kind) = text.strip_prefix("Exception Type: ") {
            let kind = kind.split(" at ").next().unwrap_or(kind);
            kind.clone_into(&mut self.current.exception_type);
            return;
        }
        if let Some(value) = text.strip_prefix("Exception Value: ") {
            value.trim().clone_into(&mut self.current.message);
            self.at = At::Ended;
            return;
        }
        // Django's older page has the line's number before its code.
        if let Some(last) = self.current.frames.last_mut()
            && last.line.is_none()
            && let Some((number, _)) = text.split_once(". ")
        {
            last.line = number.parse().ok();
            return;
        }
        if let Some((kind, message)) = exception(line)
            && (!self.flush || telling(kind))
        {
            kind.clone_into(&mut self.current.exception_type);
            message.clone_into(&mut self.current.message);
            self.at = At::Message;
        }
    }

    /// A further line of a message, unless the log goes on with something else.
    fn more(&mut self, line: &str) {
        let text = line.trim();
        // After a blank line, or behind a new log header, the log goes on with something else.
        let logged = header::strip(line).len() != line.trim_start().len()
            || prefix::time(text.trim_start_matches('[')).is_some()
            || prefix::basic(text)
            || text.starts_with("##[");
        if text.is_empty() || text == "\"\"\"" || logged {
            self.at = At::Ended;
            return;
        }
        self.current.message.push('\n');
        self.current.message.push_str(line.trim_end());
    }

    /// Ends the block that is being read; it hangs on the next one by `relation`.
    fn close(&mut self, relation: Relation) {
        if self.at != At::Outside || !self.current.frames.is_empty() {
            let mut link = std::mem::take(&mut self.current);
            link.frames.reverse();
            if link.relation != Relation::Member {
                link.relation = relation;
            }
            self.links.push(link);
        }
        self.at = At::Outside;
    }
}

/// The margin that an exception group draws, and the line without it.
fn group_margin(line: &str) -> (usize, &str) {
    let trimmed = line.trim_start();
    let indent = line.len() - trimmed.len();
    let Some(rest) = trimmed.strip_prefix(['|', '+']) else {
        return (0, line);
    };
    if !(rest.is_empty() || rest.starts_with([' ', '-', '+'])) {
        return (0, line);
    }
    let rest = rest.trim_start_matches(['-', '+']);
    (1 + indent / 4, rest.strip_prefix(' ').unwrap_or(rest))
}

/// The helper that records a call: it stands between caller and called, and is neither.
const CAPTURE_FILE: &str = "cordon_capture.py";

/// `File "/app/billing/charge.py", line 10, in charge`, and as `faulthandler` and Django write it.
fn frame(text: &str) -> Option<Frame> {
    let text = text.strip_prefix("> ").unwrap_or(text);
    let (file, rest) = text.strip_prefix("File \"")?.split_once('"')?;
    let (line, rest) = match rest.strip_prefix(", line ") {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (Some(rest.get(..digits)?.parse().ok()?), rest.get(digits..)?)
        }
        None => (None, rest.strip_prefix(" in ").map(|_| rest)?),
    };
    let function = rest
        .trim_start_matches(',')
        .strip_prefix(" in ")
        .unwrap_or_default();
    Some(placed(file, line, function.trim()))
}

/// The frame of a file, a line and a function.
fn placed(file: &str, line: Option<u32>, function: &str) -> Frame {
    let synthetic = file.starts_with('<');
    let located = path::locate(file);
    let file = if synthetic {
        file.to_owned()
    } else {
        located.file
    };
    let module = file
        .trim_end_matches(".py")
        .trim_end_matches("/__init__")
        .trim_start_matches("src/")
        .replace('/', ".");
    let typed = file == "<stdin>" || file == "<string>";
    let in_app = !located.library && (!synthetic || typed) && !file.ends_with(CAPTURE_FILE);
    Frame {
        function: function.to_owned(),
        module,
        file,
        line,
        in_app,
    }
}

/// `billing.errors.CardDeclined: message`, at the left margin.
fn exception(line: &str) -> Option<(&str, &str)> {
    if line.starts_with([' ', '\t']) {
        return None;
    }
    let (kind, message) = line.split_once(':').unwrap_or((line, ""));
    let kind = kind.trim_end();
    let named = kind.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && kind
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '<' | '>'));
    named.then_some((kind, message.trim()))
}

/// Whether the name alone tells an exception from a statement.
fn telling(kind: &str) -> bool {
    let last = kind.rsplit('.').next().unwrap_or_default();
    let suffix = [
        "Error",
        "Exception",
        "Warning",
        "Interrupt",
        "Exit",
        "Iteration",
        "Group",
        "Failure",
        "Timeout",
    ]
    .into_iter()
    .any(|suffix| last.ends_with(suffix));
    suffix || (kind.contains('.') && last.starts_with(char::is_uppercase))
}
