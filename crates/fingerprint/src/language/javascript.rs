//! JavaScript: V8's `at f (file:line:column)`, and the `f@file:line:column` of Firefox and Safari.
//!
//! Node, Deno and Bun print the failing code before the error, and the error's properties behind
//! its stack; causes and members of an `AggregateError` are such properties.

mod frame;
mod test;

use crate::lines;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};

use frame::{console, gecko, v8};

/// Lines above the first frame among which its error is looked for.
const ABOVE_COUNT_MAX: usize = 64;

/// Reads the stack trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let rewritten = test::rewritten(lines);
    let lines = rewritten.as_deref().unwrap_or(lines);
    let framed = lines.iter().enumerate().find_map(|(at, line)| {
        v8_column(line)
            .or_else(|| gecko(line.trim()).or_else(|| console(line)).map(|_| 0))
            .map(|column| (at, column))
    });
    let mut chain = match framed {
        Some((first, column)) => error(lines, first, column)?,
        None => thrown(lines)?,
    };
    let language = if of_dart(&mut chain) {
        Language::Dart
    } else {
        Language::JavaScript
    };
    Some(Trace { language, chain })
}

/// Whether the code was compiled from Dart; what its runtime does to throw is not the program's.
fn of_dart(chain: &mut [ExceptionLink]) -> bool {
    const THROWS: [&str; 8] = [
        "wrapException",
        "throwExpression",
        "throwExpressionWithWrapper",
        "throwConcurrentModificationError",
        "throw_",
        "diagnoseIndexError",
        "iae",
        "ioore",
    ];
    let frames = || chain.iter().flat_map(|link| &link.frames);
    let dart = frames().any(|frame| frame.in_app && frame.file.ends_with(".dart.js"));
    if dart {
        for frame in chain.iter_mut().flat_map(|link| &mut link.frames) {
            let name = frame.function.rsplit('.').next().unwrap_or_default();
            frame.in_app &= !THROWS.contains(&name);
        }
    }
    dart
}

/// Where a frame of V8 begins in a line.
fn v8_column(line: &str) -> Option<usize> {
    line.match_indices("at ").take(4).find_map(|(at, _)| {
        let bounded = at == 0 || line.get(..at)?.ends_with([' ', '\t']);
        v8(line.get(at..)?).filter(|_| bounded).map(|_| at)
    })
}

/// The error whose first frame is at `first`, and what it hangs on.
fn error(lines: &[String], first: usize, column: usize) -> Option<Vec<ExceptionLink>> {
    let marker = lines.get(first)?;
    let prefix = marker.get(..column)?.trim_end().len();
    let stripped = lines::strip_prefix(lines, marker, prefix);
    let start = start(&stripped, first);
    let mut reader = Reader::default();
    if let Some(line) = start.and_then(|at| stripped.get(at)) {
        let (kind, message) = header(line).or_else(|| bare_header(line))?;
        kind.clone_into(&mut reader.link.exception_type);
        let message = message
            .strip_suffix(", js engine: hermes")
            .or_else(|| message.strip_suffix(", stack:"))
            .unwrap_or(message);
        message.clone_into(&mut reader.link.message);
    }
    for line in stripped.iter().skip(start.map_or(first, |at| at + 1)) {
        if !reader.line(line) {
            break;
        }
    }
    let mut chain = reader.finish();
    // What cannot be compiled has no frame of its own.
    if let Some(link) = chain.first_mut()
        && link.exception_type == "SyntaxError"
        && !link.frames.iter().any(|frame| frame.in_app)
        && let Some(frame) = code_frame(&stripped)
    {
        link.frames.insert(0, frame);
    }
    Some(chain)
}

/// Line of the header that belongs to the frame at `first`.
fn start(lines: &[&str], first: usize) -> Option<usize> {
    let line = |at: usize| lines.get(at).copied().unwrap_or_default();
    let low = first.saturating_sub(ABOVE_COUNT_MAX);
    // The first frame may be that of a member: the error itself stands above the list.
    let list = (low..first).find(|at| line(*at).trim().starts_with("[errors]"));
    let end = list.unwrap_or(first);
    let caret = (low..end)
        .rev()
        .find(|at| is_caret(line(*at)))
        .and_then(|caret| (caret + 1..end).find(|at| !line(*at).trim().is_empty()))
        .filter(|at| {
            header(line(*at))
                .or_else(|| bare_header(line(*at)))
                .is_some()
        });
    let strong = || (low..end).rev().find(|at| header(line(*at)).is_some());
    let above = || {
        let at = (low..end).rev().find(|at| !line(*at).trim().is_empty())?;
        (at + 1 == end && bare_header(line(at)).is_some()).then_some(at)
    };
    caret.or_else(strong).or_else(above)
}

/// `    ^^^^`, below the failing code.
fn is_caret(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && text.bytes().all(|b| b == b'^' || b == b'~')
}

/// Reads an error and what it hangs on, line by line.
#[derive(Default)]
struct Reader {
    chain: Vec<ExceptionLink>,
    link: ExceptionLink,
    /// Whether in the list of an `AggregateError`'s members.
    members: bool,
    /// Whether what is being read is not part of the stack: where an event was emitted.
    aside: bool,
}

impl Reader {
    /// Whether the trace goes on after this line.
    fn line(&mut self, line: &str) -> bool {
        let text = line.trim();
        let indented = line.starts_with([' ', '\t']);
        if let Some(frame) = v8(text).or_else(|| gecko(text)).or_else(|| console(line)) {
            if !self.aside {
                self.link.frames.push(frame);
            }
        } else if text.starts_with("Emitted '") {
            self.aside = true;
        } else if text.starts_with("[errors]") {
            self.members = true;
        } else if let Some((relation, rest)) = joint(text) {
            self.next(relation, rest);
        } else if self.members && indented && header(text).is_some() && !text.ends_with('\'') {
            self.next(Relation::Member, text);
        } else if self.link.frames.is_empty() && !self.members {
            if is_caret(text) {
                // What it points at is the failing code.
                self.link.message = without_last(&self.link.message).to_owned();
            } else if !text.is_empty() && !text.starts_with("at ") && !is_code(text) {
                self.link.message.push('\n');
                self.link.message.push_str(text);
            }
        } else if !indented && header(line).is_some() {
            return false;
        }
        true
    }

    fn next(&mut self, relation: Relation, text: &str) {
        let (kind, message) = header(text).unwrap_or(("", text));
        let next = ExceptionLink {
            relation,
            exception_type: kind.to_owned(),
            message: message.to_owned(),
            frames: Vec::new(),
        };
        self.aside = false;
        self.chain.push(std::mem::replace(&mut self.link, next));
    }

    fn finish(mut self) -> Vec<ExceptionLink> {
        self.chain.push(self.link);
        self.chain
    }
}

/// Whether a line shows the failing code with its number: `> 12 |   return wanted.row;`.
fn is_code(text: &str) -> bool {
    let rest = text.strip_prefix('>').unwrap_or(text).trim_start();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < text.len();
    let rest = rest.trim_start();
    rest.strip_prefix('|')
        .is_some_and(|tail| numbered || is_caret(tail))
}

/// A message of several lines without its last one.
fn without_last(message: &str) -> &str {
    message.rsplit_once('\n').map_or(message, |(head, _)| head)
}

/// What begins the next error of a chain.
fn joint(text: &str) -> Option<(Relation, &str)> {
    for mark in ["[cause]: ", "Caused by: ", "caused by: ", "cause: "] {
        if let Some(rest) = text.strip_prefix(mark)
            && (mark == "[cause]: " || header(rest).is_some())
        {
            return Some((Relation::Cause, rest));
        }
    }
    None
}

/// A thrown value that has no stack: the code that Node prints before it.
fn thrown(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let told = ["--trace-uncaught", "Node.js v", "Thrown at:"];
    let node = lines
        .iter()
        .any(|line| told.iter().any(|t| line.contains(t)));
    let caret = lines
        .iter()
        .position(|line| is_caret(line))
        .filter(|_| node)?;
    let frame = code_frame(&lines)?;
    let message = lines
        .iter()
        .skip(caret + 1)
        .find(|line| !line.trim().is_empty())?;
    let (kind, message) = header(message).unwrap_or(("", message));
    Some(vec![ExceptionLink {
        exception_type: kind.to_owned(),
        message: message.to_owned(),
        frames: vec![frame],
        ..Default::default()
    }])
}

/// `/app/x.js:12` above the failing code.
fn code_frame(lines: &[&str]) -> Option<Frame> {
    let caret = lines.iter().position(|line| is_caret(line))?;
    let place = lines.get(caret.checked_sub(2)?)?.trim();
    let (_, line) = place.rsplit_once(':')?;
    line.parse::<u32>().ok()?;
    frame::located("", &format!("{place}:1"))
}

/// Wrappers before the name of an error.
const WRAPPERS: [&str; 13] = [
    "com.facebook.react.common.JavascriptException: ",
    "Uncaught ",
    "(in promise) ",
    "UnhandledPromiseRejectionWarning: ",
    "UnhandledPromiseRejection: ",
    "Unhandled promise rejection: ",
    "Unhandled rejection ",
    "Unhandled Rejection: ",
    "uncaughtException: ",
    "unhandledRejection: ",
    "Uncaught Exception: ",
    "Exception: ",
    "error: ",
];

/// The text without wrappers, and whether there were any.
fn unwrapped(text: &str) -> (&str, bool) {
    let mut rest = text.trim();
    // `(node:123) `
    if let Some(inner) = rest.strip_prefix("(node:")
        && let Some((_, tail)) = inner.split_once(") ")
    {
        rest = tail;
    }
    let whole = rest;
    for wrapper in WRAPPERS {
        if let Some(inner) = rest.strip_prefix(wrapper) {
            rest = inner.trim_start();
        }
    }
    (rest, rest.len() < whole.len())
}

/// `Uncaught TypeError [CODE]: message`, also behind the header of a log line.
fn header(line: &str) -> Option<(&str, &str)> {
    let (text, wrapped) = unwrapped(line);
    // `[AggregateError: message] {`, of an error without a stack.
    let text = match text.strip_prefix('[') {
        Some(inner) => {
            let inner = inner.trim_end_matches(['{', ' ', ',']).strip_suffix(']');
            // `[cart] failed TypeError: …`: a program's own words before the error.
            inner.unwrap_or(text)
        }
        None => text.strip_suffix(" {").unwrap_or(text),
    };
    let (kind, message) = text
        .split_once(": ")
        .unwrap_or((text.trim_end_matches(':'), ""));
    // `Error [ERR_CODE]`: the code belongs to Node. `Unhandled Rejection (TypeError)` is React's.
    let coded = kind
        .split_once(" [")
        .filter(|(_, code)| code.ends_with(']'));
    let kind = coded.map_or(kind, |(kind, _)| kind);
    let inner = kind
        .strip_suffix(')')
        .and_then(|kind| kind.rsplit_once(" ("))
        .map_or(kind, |(_, inner)| inner);
    if is_type(inner) || (coded.is_some() && is_name(inner)) {
        return Some((inner, message));
    }
    if let Some(found) = inside(text) {
        return Some(found);
    }
    // A wrapper without an error in it is the error.
    if wrapped
        && let Some((kind, message)) = line.trim().split_once(": ")
        && is_type(kind)
    {
        return Some((kind, message));
    }
    // Bun and Deno leave the name `Error` out.
    let lower = line.trim().starts_with("error: ") || wrapped;
    (lower && !text.is_empty() && coded.is_none() && line.contains("ncaught"))
        .then_some(("Error", text))
}

/// A type within a line of a log.
fn inside(text: &str) -> Option<(&str, &str)> {
    const ENDS: [&str; 2] = ["Error: ", "Exception: "];
    let (at, end) = ENDS
        .iter()
        .filter_map(|end| text.find(end).map(|at| (at, end.len() - 2)))
        .min()?;
    let head = text.get(..at + end)?;
    let kind = head
        .rsplit([' ', '"', '\'', '=', ']', '}', '[', '(', ':'])
        .next()?;
    let message = text.get(at + end + 2..)?;
    is_type(kind).then_some((kind, message))
}

/// Directly above frames: a name that says nothing of errors, or one without a message at the end
/// of a line.
fn bare_header(line: &str) -> Option<(&str, &str)> {
    let (text, _) = unwrapped(line);
    if line.trim().starts_with("error: ") {
        return Some(("Error", text));
    }
    let (kind, message) = text.split_once(": ").unwrap_or((text, ""));
    if is_name(kind) && kind.starts_with(char::is_uppercase) {
        return Some((kind, message));
    }
    let last = text.rsplit(' ').next()?;
    is_type(last).then_some((last, ""))
}

/// An identifier, or several with dots between.
fn is_name(kind: &str) -> bool {
    kind.len() <= 120
        && kind.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && kind
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))
}

/// The name of an error class.
fn is_type(kind: &str) -> bool {
    let named = ["Error", "Exception", "Failure", "Rejection", "Warning"];
    is_name(kind) && named.into_iter().any(|suffix| kind.ends_with(suffix))
}
