//! Rust: panics and backtraces, and the reports of `anyhow`.

mod crates;

use crate::lines;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Innermost frames among which the runtime's own of raising a panic are looked for.
const RAISING_COUNT_MAX: usize = 24;
/// Lines of a panic's message that are read where nothing ends it.
const MESSAGE_LINES_MAX: usize = 8;

/// Reads the panic or report in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let panicked = lines.iter().enumerate().find_map(|(at, line)| {
        let thread = line.find("thread '");
        let thread =
            thread.filter(|at| line.get(*at..).is_some_and(|l| l.contains("panicked at ")));
        // A page has no threads.
        let column = thread.or_else(|| {
            let rest = line.trim_start().strip_prefix("panicked at ")?;
            let place = source(rest.trim_end().strip_suffix(':')?)?;
            has_source(place.0).then_some(line.len() - line.trim_start().len())
        })?;
        Some((at, column))
    });
    let chain = match panicked {
        Some((at, column)) => {
            let rest = lines::strip_prefix(lines.get(at..)?, lines.get(at)?, column);
            vec![panic(&rest)?]
        }
        None => crashed(lines)
            .or_else(|| report(lines))
            .or_else(|| headless(lines))?,
    };
    Some(Trace {
        language: Language::Rust,
        chain,
    })
}

/// Whether a file is one of Rust's.
fn has_source(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, end)| end == "rs")
}

/// `The application panicked (crashed).`, as `color-eyre` says it.
fn crashed(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let start = lines
        .iter()
        .position(|line| line.contains("panicked (crashed)"))?;
    let rest: Vec<&str> = lines.iter().skip(start).map(String::as_str).collect();
    let told = |mark: &str| rest.iter().find_map(|line| line.trim().strip_prefix(mark));
    let mut frames = backtrace(&rest);
    if frames.is_empty()
        && let Some(place) = told("Location: ").and_then(|place| source(place.trim()))
    {
        frames.push(frame("", Some(place)));
    }
    let message = told("Message:").unwrap_or_default();
    Some(vec![link(
        Relation::Escaped,
        "panic",
        message.trim(),
        frames,
    )])
}

/// A backtrace that a panic hook logged on its own: `0: std::backtrace::…`, places below.
fn headless(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    const NAMES_COUNT_MIN: usize = 2;
    let start = lines
        .iter()
        .position(|line| numbered(line.trim()).is_some())?;
    let zero = lines.get(start)?.trim().starts_with("0: ");
    let rest: Vec<&str> = lines.iter().skip(start).map(String::as_str).collect();
    let names = rest.iter().filter_map(|line| numbered(line.trim()));
    let qualified = names.filter(|name| name.contains("::")).count();
    let placed = rest.iter().any(|line| {
        let place = line.trim().strip_prefix("at ");
        place.is_some_and(|place| source(place).is_some())
    });
    if !zero || !placed || qualified < NAMES_COUNT_MIN {
        return None;
    }
    let whole: Vec<&str> = std::iter::once("stack backtrace:").chain(rest).collect();
    let raised = whole.iter().any(|line| {
        let name = numbered(line.trim());
        name.is_some_and(|name| name.contains("panicking::") || name == "rust_begin_unwind")
    });
    let kind = if raised { "panic" } else { "" };
    Some(vec![link(Relation::Escaped, kind, "", backtrace(&whole))])
}

/// One link of a chain.
fn link(relation: Relation, kind: &str, message: &str, frames: Vec<Frame>) -> ExceptionLink {
    ExceptionLink {
        relation,
        exception_type: kind.to_owned(),
        message: message.to_owned(),
        frames,
    }
}

/// `thread 'main' panicked at src/main.rs:1:2:` and the message below, or the form before 1.73:
/// `thread 'main' panicked at 'message', src/main.rs:1:2`.
fn panic(lines: &[&str]) -> Option<ExceptionLink> {
    let rest = lines.first()?.split_once("panicked at ")?.1.trim_end();
    let (mut message, place) = match rest.strip_prefix('\'').and_then(|r| r.rsplit_once("', ")) {
        Some((message, place)) => (message.to_owned(), place),
        None => (String::new(), rest.trim_end_matches(':')),
    };
    let old = !message.is_empty();
    let body = lines.get(1..).unwrap_or_default();
    let end = body
        .iter()
        .position(|line| {
            let text = line.trim_start();
            begins_backtrace(text)
                || text.starts_with("stack backtrace:")
                || text.starts_with("note: ")
                || text.starts_with("thread '")
                || text == "Stack:"
        })
        .unwrap_or(body.len().min(if old { 0 } else { MESSAGE_LINES_MAX }));
    if !old {
        let text = body.get(..end).unwrap_or_default().join("\n");
        text.trim().clone_into(&mut message);
    }
    let mut frames = backtrace(body.get(end..).unwrap_or_default());
    if frames.is_empty()
        && let Some((file, line)) = source(place)
    {
        frames.push(frame("", Some((file, line))));
    }
    Some(link(Relation::Escaped, "panic", &message, frames))
}

/// `Error: …`, `Caused by:`, `Stack backtrace:`; and the numbered list of `color-eyre`.
fn report(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let all: Vec<&str> = lines.iter().map(String::as_str).collect();
    let trace = all.iter().position(|line| begins_backtrace(line));
    let mut frames = trace
        .and_then(|at| all.get(at..))
        .map_or_else(Vec::new, backtrace);
    let head = all.get(..trace.unwrap_or(all.len()))?;
    let start = head.iter().rposition(|line| error_line(line).is_some());
    let causes = head.iter().position(|line| line.trim() == "Caused by:");
    let place = head
        .iter()
        .position(|line| line.trim() == "Location:")
        .and_then(|at| source(head.get(at + 1)?.trim()));
    if frames.is_empty() {
        // Without frames only the whole shape of a report tells it from prose.
        let listed = causes.is_some_and(|at| {
            let below = head.get(at + 1).copied().unwrap_or_default();
            below.starts_with([' ', '\t']) && !below.trim_start().starts_with("at ")
        });
        if start.is_none() || (place.is_none() && !listed) {
            return None;
        }
        frames.extend(place.map(|place| frame("", Some(place))));
    }
    let first = start.and_then(|at| error_line(head.get(at)?)).unwrap_or("");
    let numbered_list = first.is_empty();
    let mut chain = vec![link(Relation::Escaped, "Error", first, frames)];
    let from = match (causes, start) {
        (Some(at), _) => at,
        (None, Some(at)) if numbered_list => at,
        _ => return Some(chain),
    };
    let listed = head.iter().skip(from + 1);
    for line in listed.take_while(|line| !line.trim().is_empty()) {
        let text = line.trim();
        let text = text
            .split_once(": ")
            .filter(|(n, _)| n.parse::<u32>().is_ok())
            .map_or(text, |c| c.1);
        match chain.first_mut().filter(|link| link.message.is_empty()) {
            Some(first) => text.clone_into(&mut first.message),
            None => chain.push(link(Relation::Cause, "Error", text, Vec::new())),
        }
    }
    Some(chain)
}

/// What follows `Error:` on the first line of a report.
fn error_line(line: &str) -> Option<&str> {
    let at = line.find("Error:")?;
    let bounded = line
        .get(..at)?
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric());
    let rest = line.get(at + "Error:".len()..)?;
    (bounded && (rest.is_empty() || rest.starts_with(' '))).then(|| rest.trim())
}

/// Whether a backtrace follows.
fn begins_backtrace(line: &str) -> bool {
    let text = line.trim();
    text.eq_ignore_ascii_case("stack backtrace:")
        || text.eq_ignore_ascii_case("backtrace:")
        || (text.contains('━') && text.contains(" BACKTRACE "))
}

/// Frames of a backtrace, from the one that panicked.
fn backtrace(lines: &[&str]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut pending: Option<&str> = None;
    for line in lines
        .iter()
        .skip_while(|line| !begins_backtrace(line) && !line.contains("stack backtrace:"))
    {
        let text = line.trim();
        if let Some(place) = text.strip_prefix("at ") {
            if let Some(name) = pending.take() {
                frames.push(frame(name, source(place)));
            }
        } else if let Some(name) = numbered(text) {
            if let Some(name) = pending.replace(name) {
                frames.push(frame(name, None));
            }
        } else if !frames.is_empty() && text.starts_with("note: ") {
            break;
        }
    }
    if let Some(name) = pending {
        frames.push(frame(name, None));
    }
    let raised = frames.iter().take(RAISING_COUNT_MAX).rposition(|frame| {
        let whole = format!("{}::{}", frame.module, frame.function);
        // What catches a panic stands further out than what raises it.
        let catches = ["catch_unwind", "try", "r#try", "do_call"]
            .contains(&frame.function.as_str())
            || whole.contains("catch_unwind")
            || whole.contains("::try");
        !catches
            && (whole.ends_with("rust_begin_unwind")
                || whole.contains("panicking::")
                || whole.starts_with("std::panic::"))
            || ["unwrap_failed", "expect_failed", "begin_panic"]
                .into_iter()
                .any(|name| frame.function.starts_with(name))
    });
    if let Some(at) = raised
        && at + 1 < frames.len()
    {
        frames.drain(..=at);
    }
    frames
}

/// `12: name` or `12: 0x55… - name`.
fn numbered(text: &str) -> Option<&str> {
    let (number, name) = text.split_once(": ")?;
    number.parse::<u32>().ok()?;
    let name = name.trim();
    Some(match name.split_once(" - ") {
        Some((address, name)) if address.starts_with("0x") => name,
        _ => name,
    })
}

/// `src/main.rs:1:2`.
fn source(place: &str) -> Option<(&str, u32)> {
    let at = place.find(".rs:")? + ".rs".len();
    let line = place.get(at + 1..)?.split(':').next()?.parse().ok()?;
    Some((place.get(..at)?, line))
}

/// A frame of a symbol and its place.
fn frame(symbol: &str, place: Option<(&str, u32)>) -> Frame {
    let symbol = plain_symbol(symbol);
    let (module, function) = split(&symbol);
    let located = place
        .map(|(file, _)| path::locate(file))
        .unwrap_or_default();
    let root = symbol
        .trim_start_matches(['<', '&', '_'])
        .split([':', ' ', '<', '>'])
        .next()
        .unwrap_or_default();
    let machinery = crates::library(root)
        || matches!(
            symbol.as_str(),
            "main" | "_start" | "clone" | "start_thread" | "<unknown>"
        )
        || symbol.starts_with("__")
        || symbol.contains("__rust_")
        || symbol.contains("rust_begin_unwind");
    Frame {
        function: function.to_owned(),
        module: module.to_owned(),
        in_app: !(machinery || located.library || symbol.is_empty() && place.is_none()),
        file: located.file,
        line: place.map(|(_, line)| line),
    }
}

/// The symbol without the hashes that the compiler adds.
fn plain_symbol(symbol: &str) -> String {
    let symbol = match symbol.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name
        }
        _ => symbol,
    };
    let mut out = String::new();
    let mut rest = symbol;
    while let Some((head, tail)) = rest.split_once('[') {
        out.push_str(head);
        match tail.split_once(']') {
            Some((hash, after))
                if hash.len() >= 12 && hash.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                rest = after;
            }
            _ => {
                out.push('[');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Module and function: at the last `::` outside of angle brackets; closures stay with what
/// they are in.
fn split(symbol: &str) -> (&str, &str) {
    let mut depth = 0_i32;
    let mut at = None;
    let mut last = ' ';
    for (index, c) in symbol.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            ':' if depth == 0 && last == ':' => {
                let tail = symbol.get(index + 1..).unwrap_or_default();
                if !tail.starts_with('{') && !tail.starts_with('<') {
                    at = Some(index);
                }
            }
            _ => {}
        }
        last = c;
    }
    match at {
        Some(at) => (
            symbol.get(..at - 1).unwrap_or_default(),
            symbol.get(at + 1..).unwrap_or_default(),
        ),
        None => ("", symbol),
    }
}
