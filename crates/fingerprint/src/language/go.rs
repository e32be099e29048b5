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

/// Packages of well-known libraries, for builds whose paths do not tell.
const LIBRARIES: [&str; 14] = [
    "golang.org/x/",
    "google.golang.org/",
    "gopkg.in/",
    "go.uber.org/",
    "go.opentelemetry.io/",
    "k8s.io/",
    "github.com/gin-gonic/",
    "github.com/labstack/",
    "github.com/gorilla/",
    "github.com/go-chi/",
    "github.com/gofiber/",
    "github.com/pkg/errors",
    "github.com/sirupsen/",
    "github.com/stretchr/",
];

/// What a runtime or a server says before it tells why it failed.
const MARKS: [&str; 5] = [
    "panic: ",
    "fatal error: ",
    "runtime error: ",
    "[PANIC RECOVER] ",
    "SIG",
];

/// Reads the panic or dump in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let chain = dump(lines)
        .or_else(|| race(lines))
        .or_else(|| recovered(lines))
        .or_else(|| plain(lines))?;
    Some(Trace {
        language: Language::Go,
        chain,
    })
}

/// A link of a chain without its relation.
fn link(kind: &str, message: &str, frames: Vec<Frame>) -> ExceptionLink {
    ExceptionLink {
        exception_type: kind.to_owned(),
        message: message.to_owned(),
        frames,
        ..Default::default()
    }
}

/// Whether the text is `goroutine 18 [running]:`, or behind a log line.
fn goroutine(line: &str) -> Option<usize> {
    let column = line.find("goroutine ")?;
    let rest = line.get(column + "goroutine ".len()..)?;
    let id = rest.split(' ').next()?;
    let numbered = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    (numbered && rest.contains('[') && !rest.contains("created by")).then_some(column)
}

/// What the runtime prints: why, and the goroutines.
fn dump(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let (first, column) = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| goroutine(line).map(|column| (at, column)))?;
    let marker = lines.get(first)?;
    let stripped = lines::strip_prefix(lines, marker, column);
    // `http: panic serving …: boom goroutine 7 [running]:` is all on one line.
    let mut head: Vec<&str> = stripped.get(..first)?.to_vec();
    let before = marker.get(..column)?;
    if MARKS.iter().any(|mark| before.contains(mark)) {
        head.push(before);
    }
    let mut chain = panics(&head);
    let frames = goroutines(stripped.get(first..)?);
    if frames.is_empty() {
        return None;
    }
    if chain.is_empty() {
        chain.push(link("goroutine", "", Vec::new()));
    }
    if let Some(first) = chain.first_mut() {
        first.frames = frames;
    }
    Some(chain)
}

/// The panics above a dump: a later one was raised while an earlier one was unwinding.
fn panics(lines: &[&str]) -> Vec<ExceptionLink> {
    let mut chain: Vec<ExceptionLink> = Vec::new();
    for line in lines {
        // What the runtime itself was doing is no part of the message.
        if line.trim() == "runtime stack:" {
            break;
        }
        if let Some((kind, message)) = reason(line) {
            let message = message
                .trim_end_matches(" [recovered, repanicked]")
                .trim_end_matches(" [recovered]")
                .trim();
            if chain.last().is_some_and(|last| last.message == message) {
                continue;
            }
            chain.push(link(kind, message, Vec::new()));
        } else if let Some(last) = chain.last_mut()
            && !line.trim().is_empty()
            && !line.trim_start().starts_with("[signal ")
            && !line.starts_with("signal arrived during ")
            && !line.starts_with("PC=")
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

/// Signals that end a program with a dump.
const SIGNALS: [&str; 4] = ["SIGQUIT", "SIGABRT", "SIGSEGV", "SIGBUS"];

/// Why the runtime or a server gave up: kind and message.
fn reason(line: &str) -> Option<(&'static str, &str)> {
    if let Some((_, rest)) = line.split_once("panic serving ") {
        // `10.0.0.1:5000: boom`, `[::1]:5000: boom`
        return Some(("panic", rest.split_once(": ")?.1));
    }
    if let Some((_, rest)) = line.split_once("[PANIC RECOVER] ") {
        return Some(("panic", rest));
    }
    if let Some((_, rest)) = line.split_once("Observed a panic: ") {
        return Some(("panic", observed(rest)));
    }
    // The same, as a structured logger writes it.
    if line.contains("\"Observed a panic\"")
        && let Some((_, rest)) = line.split_once(" panic=\"")
    {
        let message = rest.split_once("\" ").map_or(rest, |(message, _)| message);
        return Some(("panic", message));
    }
    for (mark, kind) in [("panic: ", "panic"), ("fatal error: ", "fatal error")] {
        if let Some((_, rest)) = line.split_once(mark) {
            return Some((kind, rest));
        }
    }
    SIGNALS.into_iter().find_map(|signal| {
        let rest = line.trim_start().strip_prefix(signal)?.strip_prefix(": ")?;
        Some((signal, rest))
    })
}

/// Kubernetes writes what was raised twice, as code and as text: `"boom" (boom)`.
fn observed(text: &str) -> &str {
    let (start, mark) = if text.starts_with('"') {
        (1, "\" (")
    } else {
        (0, " (")
    };
    let rest = text.get(start..).unwrap_or(text);
    rest.split_once(mark)
        .and_then(|(_, told)| told.trim_end().strip_suffix(')'))
        .unwrap_or(text)
}

/// Frames of the goroutine that failed: of several the one that panicked, then a running one,
/// then one with own code, then the main one, then the first by name of its calls, so that the
/// order in which they were printed makes no difference.
fn goroutines(lines: &[&str]) -> Vec<Frame> {
    let starts: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| goroutine(line).is_some())
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let mut all = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        let head = lines.get(*start).copied().unwrap_or_default();
        let body = lines.get(start + 1..end).unwrap_or_default();
        let mut frames = calls(body);
        let panicked = raise(&mut frames);
        let calls: Vec<String> = frames
            .iter()
            .map(|f| format!("{}.{}", f.module, f.function))
            .collect();
        let own = frames.iter().any(|frame| frame.in_app);
        let running = head.contains("[running");
        if !frames.is_empty() {
            let main = head.contains("goroutine 1 [");
            all.push(((!panicked, !running, !own, !main, calls), frames));
        }
    }
    all.into_iter()
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, frames)| frames)
        .unwrap_or_default()
}

/// Frames of one goroutine.
fn calls(lines: &[&str]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut pending: Option<&str> = None;
    for line in lines {
        let text = line.trim();
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
    frames
}

/// Drops what the runtime does to raise, which stands above the frame that raised, and tells
/// whether there was any.
fn raise(frames: &mut Vec<Frame>) -> bool {
    const NAMES: [&str; 7] = [
        "gopanic", "goPanic", "panic", "sigpanic", "throw", "fatal", "goexit0",
    ];
    let raised = frames.iter().rposition(|frame| {
        (frame.module.is_empty() && frame.function == "panic")
            || (frame.module == "runtime"
                && NAMES
                    .into_iter()
                    .any(|name| frame.function.starts_with(name)))
    });
    if let Some(at) = raised
        && at + 1 < frames.len()
    {
        frames.drain(..=at);
    }
    raised.is_some()
}

/// `WARNING: DATA RACE`, and the access that noticed it.
fn race(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let start = lines
        .iter()
        .position(|line| line.contains("WARNING: DATA RACE"))?;
    let body: Vec<&str> = lines.iter().skip(start + 2).map(String::as_str).collect();
    let end = body.iter().position(|line| line.trim().is_empty());
    let frames = calls(body.get(..end.unwrap_or(body.len()))?);
    let message = lines.get(start + 1).map_or("", |line| line.trim());
    let message = message.split(" at 0x").next().unwrap_or(message);
    (!frames.is_empty()).then(|| vec![link("DATA RACE", message, frames)])
}

/// A panic that a web framework caught: `file.go:12 (0x46d)` and the function below it.
fn recovered(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let mut frames = Vec::new();
    let mut place = None;
    let mut first = None;
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim();
        let found = text.split_once(" (0x").and_then(|(head, _)| source(head));
        if found.is_some() {
            first = first.or(Some(at));
            place = found;
        } else if let Some(place) = place.take() {
            let name = text.split_once(": ").map_or(text, |(name, _)| name);
            frames.push(frame(&format!("{}()", in_package(name, place.0)), place));
        }
    }
    let head = lines.get(..first?)?;
    let at = head
        .iter()
        .rposition(|line| line.contains("panic recovered"));
    let below = at.and_then(|at| head.get(at + 1..)).unwrap_or_default();
    let message = below
        .iter()
        .rfind(|line| !line.trim().is_empty())
        .map_or("", |line| line.trim());
    raise(&mut frames);
    (!frames.is_empty()).then(|| vec![link("panic", message, frames)])
}

/// A function as a framework prints it, with its package: of that at most the last element is
/// printed, and it is called as its directory most often is.
fn in_package(name: &str, file: &str) -> String {
    let mut parts = file.rsplit(['/', '\\']);
    let program = parts.next() == Some("main.go");
    let package = parts.next().unwrap_or_default();
    let package = package.split('@').next().unwrap_or(package);
    let package = if program { "main" } else { package };
    let printed = name
        .strip_prefix(package)
        .is_some_and(|rest| rest.starts_with('.'));
    if printed || package.is_empty() {
        name.to_owned()
    } else {
        format!("{package}.{name}")
    }
}

/// `%+v` of an error that carries its stack, and the stacks of structured loggers: a function,
/// and its place indented below it. The root cause stands first.
fn plain(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let mut chain: Vec<ExceptionLink> = Vec::new();
    let mut current = link("", "", Vec::new());
    let mut pending: Option<&str> = None;
    for line in lines {
        let line = line.trim_start_matches([' ', '|']);
        let text = line.trim();
        let named = pending.filter(|name| is_function(name));
        if let (Some(place), Some(name)) = (source(text), named) {
            current.frames.push(frame(&format!("{name}()"), place));
            pending = None;
            continue;
        }
        if let Some(text) = pending.take().filter(|text| !is_function(text)) {
            if !current.frames.is_empty() {
                chain.push(std::mem::replace(&mut current, link("", "", Vec::new())));
            }
            text.clone_into(&mut current.message);
        }
        pending = (!text.is_empty()).then_some(text);
    }
    chain.push(current);
    chain.retain(|link| !link.frames.is_empty());
    chain.reverse();
    for (at, link) in chain.iter_mut().enumerate() {
        let kind = if raise(&mut link.frames) {
            "panic"
        } else {
            "error"
        };
        kind.clone_into(&mut link.exception_type);
        if at > 0 {
            link.relation = Relation::Cause;
        }
    }
    (!chain.is_empty()).then_some(chain)
}

/// `github.com/acme/shop/cart.(*Cart).Total`.
fn is_function(text: &str) -> bool {
    let tail = text.rsplit('/').next().unwrap_or(text);
    let allowed = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '.' | '_' | '/' | '-' | '(' | ')' | '*' | '[' | ']' | '~')
    };
    text == "panic"
        || tail.contains('.') && !tail.ends_with(['.', ':']) && text.chars().all(allowed)
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
    let standard = (module.is_empty() && function != "main")
        || (STANDARD.contains(&root) && !place_is_own(file));
    // What cgo writes between Go and C.
    let bridge = file.ends_with("_cgo_gotypes.go") || function.starts_with("_Cfunc_");
    let library = file.contains("@v")
        || file.contains("/pkg/mod/")
        || LIBRARIES.iter().any(|library| module.starts_with(library));
    Frame {
        function: function.to_owned(),
        module: module.to_owned(),
        file: in_repository(module, file).unwrap_or(place.file),
        line: Some(line),
        in_app: !place.library && !standard && !library && !bridge,
    }
}

/// Whether a file of a package that is named as one of the standard library's lies elsewhere.
fn place_is_own(file: &str) -> bool {
    let rooted = file.starts_with('/') || file.get(1..2) == Some(":");
    rooted
        && !file.contains("/go/")
        && !file.contains("/go-")
        && !file.contains("/golang/")
        && !file.contains("/Go/")
        && !file.contains("/libexec/src/")
}

/// The file relative to its repository, where the package's path tells which that is:
/// `github.com/acme/shop/cart` lies in `shop`, wherever that was checked out.
fn in_repository(module: &str, file: &str) -> Option<String> {
    let mut parts = module.split('/');
    let host = parts.next().filter(|host| host.contains('.'))?;
    let owner = parts.next()?;
    let name = parts.next()?;
    let name = name.split('.').next().unwrap_or(name);
    let file = file.replace('\\', "/");
    let whole = format!("{host}/{owner}/{name}/");
    let rest: Vec<&str> = parts.collect();
    // The package's last element has the function's name cut off already.
    let directory: String = rest.iter().map(|part| format!("{part}/")).collect();
    let base = file.rsplit('/').next()?;
    let relative = format!("{directory}{base}");
    let known = file.contains(&whole) || file.ends_with(&format!("/{relative}"));
    (known && !directory.is_empty()).then_some(relative)
}
