//! Structured exceptions become a stack trace as the language's runtime would print it.
//!
//! *Why so:* a failure that arrives through Sentry and the same one in a log are one group, since
//! one reader reads both. What an SDK says of a frame beyond that (variables, context lines,
//! whether it is in the application) stays in the structured form beside it.
//!
//! Sentry lists exceptions oldest first, so that the last one escaped, and frames oldest first.
//! Of a frame of the application the path within the project is printed, of another the path on
//! the machine, by which libraries are known.
//!
//! *Limits:* [`LINKS_COUNT_MAX`] exceptions, [`FRAMES_COUNT_MAX`] frames of each (the oldest are
//! left out), [`TEXT_BYTES_MAX`] of text.

use cordon_event::Value;

use super::printed;
use crate::cut;

/// Exceptions of one chain that are printed.
const LINKS_COUNT_MAX: usize = 32;
/// Frames of one exception that are printed.
const FRAMES_COUNT_MAX: usize = 256;
/// Bytes of the text.
const TEXT_BYTES_MAX: usize = 256 << 10;
/// Bytes of one name, path or line of code.
const PART_BYTES_MAX: usize = 1_024;
/// Bytes of a message within the text.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// What is told of a failure.
pub(super) struct Told {
    /// Type of the exception that escaped.
    pub(super) kind: String,
    /// Its message.
    pub(super) message: String,
    /// The stack trace of it and what it hangs on; empty where no frame is known.
    pub(super) text: Option<String>,
    /// The function that raised, where it is the application's.
    pub(super) function: Option<String>,
}

/// How an exception hangs on the one it is listed before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Cause,
    Context,
    Member,
}

/// An exception, lent.
pub(super) struct Link<'v> {
    pub(super) kind: String,
    pub(super) message: &'v str,
    pub(super) relation: Relation,
    pub(super) is_group: bool,
    /// Frames, the oldest first.
    pub(super) frames: Vec<Frame<'v>>,
}

/// A frame, lent.
pub(super) struct Frame<'v> {
    pub(super) function: &'v str,
    pub(super) module: &'v str,
    pub(super) file: &'v str,
    pub(super) code: &'v str,
    pub(super) line: Option<i64>,
    pub(super) column: Option<i64>,
    pub(super) address: &'v str,
    pub(super) package: &'v str,
    pub(super) in_app: bool,
}

/// Prints exceptions.
pub(super) fn read(exceptions: &[Value], platform: &str) -> Option<Told> {
    let first = exceptions.len().saturating_sub(LINKS_COUNT_MAX);
    let last = exceptions.get(first..).unwrap_or_default();
    let platform = platform_of(last, platform);
    let links: Vec<Link<'_>> = last.iter().map(|value| link(value, platform)).collect();
    let escaped = links.last()?;
    let has_frames = links.iter().any(|link| !link.frames.is_empty());
    let function = escaped.frames.last().filter(|frame| frame.in_app);
    Some(Told {
        kind: escaped.kind.clone(),
        message: escaped.message.to_owned(),
        text: has_frames.then(|| shortened(printed::print(&links, platform))),
        function: function.and_then(|frame| qualified(frame, platform)),
    })
}

/// Prints the stack of a thread that has no exception.
pub(super) fn of_thread(thread: &Value, platform: &str) -> Option<Told> {
    let frames = frames(thread, platform);
    if frames.is_empty() {
        return None;
    }
    let link = Link {
        kind: String::new(),
        message: "",
        relation: Relation::Cause,
        is_group: false,
        frames,
    };
    Some(Told {
        kind: String::new(),
        message: String::new(),
        text: Some(shortened(printed::print(&[link], platform))),
        function: None,
    })
}

/// The platform that the frames name, or the event's.
fn platform_of<'v>(exceptions: &'v [Value], platform: &'v str) -> &'v str {
    let frames = |value: &'v Value| match value.get("stacktrace").and_then(|s| s.get("frames")) {
        Some(Value::Array(items)) => items.as_slice(),
        _ => &[],
    };
    let own = exceptions.last().map_or(&[][..], frames);
    let named = own
        .iter()
        .rev()
        .find_map(|frame| frame.get("platform").and_then(Value::as_str));
    named.unwrap_or(platform)
}

fn link<'v>(value: &'v Value, platform: &str) -> Link<'v> {
    let kind = cut::to(text(value, "type"), PART_BYTES_MAX);
    let module = cut::to(text(value, "module"), PART_BYTES_MAX);
    // Where the runtime prints a type with its module.
    let joins = matches!(platform, "python" | "java" | "jvm") && !module.is_empty();
    let joins = joins && !kind.contains(module) && !matches!(module, "builtins" | "__main__");
    let mechanism = value.get("mechanism");
    let source = mechanism.map_or("", |mechanism| text(mechanism, "source"));
    let relation = match source {
        "__context__" => Relation::Context,
        "" | "__cause__" | "cause" | "InnerException" => Relation::Cause,
        other if other.contains('[') => Relation::Member,
        _ => Relation::Cause,
    };
    let is_group = mechanism.and_then(|m| m.get("is_exception_group")) == Some(&Value::Bool(true));
    Link {
        kind: if joins {
            format!("{module}.{kind}")
        } else {
            kind.to_owned()
        },
        message: cut::to(text(value, "value"), MESSAGE_BYTES_MAX),
        relation,
        is_group,
        frames: frames(value, platform),
    }
}

fn frames<'v>(value: &'v Value, platform: &str) -> Vec<Frame<'v>> {
    let found = value
        .get("stacktrace")
        .or_else(|| value.get("raw_stacktrace"));
    let Some(Value::Array(items)) = found.and_then(|stack| stack.get("frames")) else {
        return Vec::new();
    };
    let first = items.len().saturating_sub(FRAMES_COUNT_MAX);
    let last = items.get(first..).unwrap_or_default();
    let is_frame = |value: &&Value| matches!(value, Value::Map(_));
    let read = last.iter().filter(is_frame);
    read.map(|value| frame(value, platform)).collect()
}

fn frame<'v>(value: &'v Value, platform: &str) -> Frame<'v> {
    let in_app = value.get("in_app") != Some(&Value::Bool(false));
    let (short, whole) = (text(value, "filename"), text(value, "abs_path"));
    // JavaScript's short form is as long, and of Java there is no other.
    let wants_whole = !in_app && !matches!(platform, "java" | "jvm");
    let file = match (short, whole) {
        ("", whole) => whole,
        (_, whole) if wants_whole && !whole.is_empty() => whole,
        (short, _) => short,
    };
    let number = |key| match value.get(key) {
        Some(Value::Int(n)) => Some(*n),
        Some(Value::Double(n)) => Some(*n as i64),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    let part = |key| cut::to(text(value, key), PART_BYTES_MAX);
    let function = match part("function") {
        "" => part("symbol"),
        function => function,
    };
    Frame {
        function,
        module: part("module"),
        file: cut::to(file, PART_BYTES_MAX),
        code: part("context_line"),
        line: number("lineno"),
        column: number("colno"),
        address: part("instruction_addr"),
        package: part("package"),
        in_app,
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn shortened(mut text: String) -> String {
    let end = cut::to(&text, TEXT_BYTES_MAX).len();
    text.truncate(end);
    text
}

/// The name of a function with its module, as `code.function.name` has it.
fn qualified(frame: &Frame<'_>, platform: &str) -> Option<String> {
    if frame.function.is_empty() || matches!(frame.function, "?" | "<module>" | "<anonymous>") {
        return None;
    }
    let joins = matches!(platform, "python" | "java" | "jvm" | "csharp");
    if joins && !frame.module.is_empty() && !frame.function.starts_with(frame.module) {
        Some(format!("{}.{}", frame.module, frame.function))
    } else {
        Some(frame.function.to_owned())
    }
}

#[cfg(test)]
#[path = "stack_tests.rs"]
mod tests;
