//! Go: panics, fatal errors and goroutine dumps.

use crate::lines;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// First path elements of the standard library's packages.
const STANDARD: [&str; 42] = [
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "sync",
    "syscall",
    "testing",
    "time",
];

/// Reads the panic or dump in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let (dump, column) = lines.iter().enumerate().find_map(|(at, line)| {
        let column = line.find("goroutine ")?;
        let rest = line.get(column + "goroutine ".len()..)?;
        let id = rest.split(' ').next()?;
        (id.bytes().all(|b| b.is_ascii_digit()) && rest.contains('[')).then_some((at, column))
    })?;
    let marker = lines.get(dump)?;
    let stripped = lines::strip_prefix(lines, marker, column);
    let mut chain = panics(stripped.get(..dump)?);
    let frames = frames(stripped.get(dump + 1..)?);
    if frames.is_empty() {
        return None;
    }
    if chain.is_empty() {
        chain.push(ExceptionLink {
            exception_type: "goroutine".to_owned(),
            ..Default::default()
        });
    }
    if let Some(first) = chain.first_mut() {
        first.frames = frames;
    }
    Some(Trace {
        language: Language::Go,
        chain,
    })
}

/// The panics above a dump: a later one was raised while an earlier one was unwinding.
fn panics(lines: &[&str]) -> Vec<ExceptionLink> {
    let mut chain: Vec<ExceptionLink> = Vec::new();
    for line in lines {
        let found = ["panic: ", "fatal error: "].into_iter().find_map(|mark| {
            let at = line.find(mark)?;
            Some((mark.trim_end_matches(": "), line.get(at + mark.len()..)?))
        });
        if let Some((kind, message)) = found {
            let message = message.trim_end_matches(" [recovered]");
            if chain.last().is_some_and(|last| last.message == message) {
                continue;
            }
            chain.push(ExceptionLink {
                relation: Relation::Escaped,
                exception_type: kind.to_owned(),
                message: message.to_owned(),
                frames: Vec::new(),
            });
        } else if let Some(last) = chain.last_mut()
            && !line.trim().is_empty()
            && !line.starts_with("[signal ")
        {
            last.message.push('\n');
            last.message.push_str(line.trim());
        }
    }
    chain.reverse();
    for link in chain.iter_mut().skip(1) {
        link.relation = Relation::Context;
    }
    chain
}

/// Frames of the first goroutine, from where the panic was raised.
fn frames(lines: &[&str]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut pending: Option<&str> = None;
    for line in lines {
        let text = line.trim();
        if text.starts_with("goroutine ") && text.ends_with(':') {
            break;
        }
        if let Some(place) = source(text) {
            if let Some(function) = pending.take() {
                frames.push(frame(function, place));
            }
        } else if text.is_empty() || text.starts_with("created by ") {
            pending = None;
            if text.is_empty() && !frames.is_empty() {
                break;
            }
        } else {
            pending = Some(text);
        }
    }
    // What the runtime does to raise stands above the frame that raised.
    let raised = frames.iter().rposition(|frame| {
        (frame.module.is_empty() && frame.function == "panic")
            || (frame.module == "runtime"
                && ["gopanic", "goPanic", "panic", "sigpanic", "throw", "fatal"]
                    .into_iter()
                    .any(|name| frame.function.starts_with(name)))
    });
    if let Some(at) = raised
        && at + 1 < frames.len()
    {
        frames.drain(..=at);
    }
    frames
}

/// `/path/file.go:12 +0x1d`.
fn source(text: &str) -> Option<(&str, u32)> {
    let place = text.split_once(" +0x").map_or(text, |(place, _)| place);
    let (file, line) = place.rsplit_once(':')?;
    let code = [".go", ".s", ".c", ".cgo1.go"]
        .into_iter()
        .any(|suffix| file.ends_with(suffix));
    code.then(|| line.parse().ok().map(|line| (file, line)))
        .flatten()
}

/// A frame of `pkg/path.(*T).Method(0x1, …)` and its place.
fn frame(name: &str, (file, line): (&str, u32)) -> Frame {
    let name = name
        .strip_suffix(')')
        .and_then(|n| n.rfind('(').and_then(|at| n.get(..at)));
    let whole = name.filter(|name| !name.is_empty() && !name.ends_with('.'));
    let name = whole
        .unwrap_or_default()
        .replace("[...]", "")
        .replace("%2e", ".");
    let after = name.rfind('/').map_or(0, |at| at + 1);
    let dot = name
        .get(after..)
        .and_then(|tail| tail.find('.'))
        .map(|at| after + at);
    let (module, function) = match dot {
        Some(at) => (
            name.get(..at).unwrap_or_default(),
            name.get(at + 1..).unwrap_or_default(),
        ),
        None => ("", name.as_str()),
    };
    let place = path::locate(file);
    let root = module.split('/').next().unwrap_or_default();
    let standard = module.is_empty() || STANDARD.contains(&root);
    let versioned = file.contains("@v") || module.starts_with("golang.org/x/");
    Frame {
        function: function.to_owned(),
        module: module.to_owned(),
        file: place.file,
        line: Some(line),
        in_app: !place.library && !standard && !versioned,
    }
}
