//! Dart and Flutter: `#0  f (uri:line:column)`, the terse form of `package:stack_trace`, boxes of
//! Flutter, and ahead-of-time traces without symbols.
//!
//! Dart prints what an error says, not what it is: the type is what stands before the message,
//! or what the core library's own words tell (`Bad state:` is a `StateError`).
//! A package's file is told below its package: `package:shop/cart.dart` is `shop/cart.dart`.

use super::anchor::{self, Anchor, digits, hex};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Packages that are nobody's application.
const LIBRARIES: [&str; 58] = [
    "async",
    "bloc",
    "boundary",
    "build_runner",
    "characters",
    "collection",
    "connectivity_plus",
    "dio",
    "drift",
    "fake_async",
    "firebase_auth",
    "firebase_core",
    "firebase_messaging",
    "flutter",
    "flutter_bloc",
    "flutter_driver",
    "flutter_hooks",
    "flutter_riverpod",
    "flutter_test",
    "flutter_tools",
    "freezed_annotation",
    "get",
    "get_it",
    "go_router",
    "graphql",
    "grpc",
    "hive",
    "hooks_riverpod",
    "http",
    "http_parser",
    "integration_test",
    "isar",
    "json_annotation",
    "logger",
    "logging",
    "matcher",
    "meta",
    "mockito",
    "mocktail",
    "nested",
    "path",
    "path_provider",
    "pool",
    "postgres",
    "provider",
    "riverpod",
    "rxdart",
    "sentry",
    "sentry_flutter",
    "shelf",
    "shelf_router",
    "source_span",
    "sqflite",
    "stack_trace",
    "stream_channel",
    "test",
    "test_api",
    "web_socket_channel",
];

/// Words of the core library's errors, and their types.
const WORDS: [(&str, &str); 15] = [
    ("Bad state: ", "StateError"),
    ("Invalid argument(s)", "ArgumentError"),
    ("Invalid argument: ", "ArgumentError"),
    ("Invalid argument (", "ArgumentError"),
    ("RangeError (", "RangeError"),
    ("Unsupported operation: ", "UnsupportedError"),
    (
        "Concurrent modification during iteration",
        "ConcurrentModificationError",
    ),
    ("Null check operator used on a null value", "TypeError"),
    ("type '", "TypeError"),
    ("Out of Memory", "OutOfMemoryError"),
    ("Stack Overflow", "StackOverflowError"),
    ("Reading static variable", "CyclicInitializationError"),
    ("Assertion failed", "AssertionError"),
    ("LateInitializationError", "LateInitializationError"),
    ("'package:", "AssertionError"),
];

/// What stands before an error's words.
const UNCAUGHT: [&str; 4] = [
    "Unhandled exception:",
    "Unhandled Exception:",
    "Uncaught Error:",
    "Another exception was thrown:",
];

/// Reads the trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let anchor = anchor::anchor(lines, mark)?;
    let mut frames = Vec::new();
    for line in anchor.below() {
        let text = line.trim();
        if let Some(found) = frame(text) {
            // The count begins anew: another trace.
            if text.starts_with("#0 ") && !frames.is_empty() {
                break;
            }
            frames.push(found);
        } else if !skipped(text) {
            break;
        }
    }
    let (kind, message) = header(&anchor);
    Some(Trace {
        language: Language::Dart,
        chain: vec![ExceptionLink {
            relation: Relation::Escaped,
            exception_type: kind,
            message,
            frames,
        }],
    })
}

/// Column of the first frame.
fn mark(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let numbered = line.match_indices('#').map(|(at, _)| at).take(8);
    numbered
        .chain(std::iter::once(indent))
        .chain(
            ["package:", "dart:"]
                .iter()
                .filter_map(|mark| line.find(mark)),
        )
        .find(|at| line.get(*at..).and_then(frame).is_some())
}

/// Lines within a trace that are no frames.
fn skipped(text: &str) -> bool {
    text.is_empty()
        || text.starts_with("<asynchronous suspension>")
        || text.starts_with("===== asynchronous gap")
        || text.starts_with("...")
        || text.starts_with("(elided ")
        || [
            "pid:",
            "os:",
            "build_id:",
            "isolate_dso_base:",
            "isolate_instructions:",
        ]
        .into_iter()
        .any(|mark| text.starts_with(mark))
}

/// Type and message of what is above the frames.
fn header(anchor: &Anchor<'_>) -> (String, String) {
    let above: Vec<&str> = anchor.above().map(|(_, line)| line).collect();
    let thrown = above
        .iter()
        .position(|line| line.contains(" was thrown") && !line.contains("When the "));
    let uncaught = above
        .iter()
        .position(|line| UNCAUGHT.iter().any(|mark| line.contains(mark)));
    if let Some(at) = uncaught {
        let line = above.get(at).copied().unwrap_or_default();
        let rest = UNCAUGHT.iter().find_map(|mark| line.split_once(mark));
        let first = rest.map_or("", |(_, rest)| rest.trim());
        return typed(&joined(first, above.get(..at).unwrap_or_default()));
    }
    if let Some(at) = thrown {
        return boxed(&above, at);
    }
    let near = above
        .iter()
        .map(|line| anchor::bare(line))
        .find(|line| !line.is_empty() && !skipped(line) && !line.starts_with("***"));
    let told = typed(near.unwrap_or_default());
    if told.0.is_empty()
        && let Some(found) = excerpted(&above)
    {
        return found;
    }
    told
}

/// An error that shows what it could not read, `FormatException: …` with the text and a caret
/// below: `above` is from the nearest line up.
fn excerpted(above: &[&str]) -> Option<(String, String)> {
    const LINES_COUNT_MAX: usize = 8;
    let blank = above.iter().take_while(|line| line.trim().is_empty());
    let near = above.get(blank.count()..)?;
    let block = near
        .iter()
        .take(LINES_COUNT_MAX)
        .take_while(|line| !line.trim().is_empty());
    let (at, first) = block.enumerate().find_map(|(at, line)| {
        let text = anchor::bare(line);
        let kind = typed(text).0;
        let named = kind.ends_with("Exception") || kind.ends_with("Error");
        named.then_some((at, text))
    })?;
    Some(typed(&joined(first, near.get(..at)?)))
}

/// The text of an error whose further lines stand below it: `lines` are from the nearest up.
fn joined(first: &str, lines: &[&str]) -> String {
    let mut text = first.to_owned();
    for line in lines.iter().rev() {
        let line = line.trim();
        if line.is_empty() || skipped(line) || line.starts_with("***") || line.ends_with("stack:") {
            if text.is_empty() {
                continue;
            }
            break;
        }
        if text.is_empty() {
            line.clone_into(&mut text);
        } else {
            anchor::more(&mut text, line);
        }
    }
    text
}

/// Flutter's box: `The following StateError was thrown building Cart(dirty):` and its text.
fn boxed(above: &[&str], at: usize) -> (String, String) {
    let line = above.get(at).copied().unwrap_or_default().trim();
    let kind = line
        .strip_prefix("The following ")
        .and_then(|rest| rest.split_once(" was thrown"))
        .map_or("", |(kind, _)| kind);
    let below = above.get(..at).unwrap_or_default();
    // A long line of the box goes on below.
    let continued = if line.ends_with(':') {
        below.len()
    } else {
        below.len().saturating_sub(1)
    };
    let text = joined("", below.get(..continued).unwrap_or_default());
    let (told, message) = typed(&text);
    match kind {
        "assertion" => ("FlutterError".to_owned(), text),
        "" | "message" => (told, message),
        kind => {
            let kind = kind.strip_suffix(" object").unwrap_or(kind);
            let message = if told == kind { message } else { text };
            (kind.trim_start_matches('_').to_owned(), message)
        }
    }
}

/// Type and message of an error's words.
fn typed(text: &str) -> (String, String) {
    for (words, kind) in WORDS {
        if let Some(rest) = text.strip_prefix(words) {
            let message = if words.ends_with(": ") { rest } else { text };
            return (kind.to_owned(), message.to_owned());
        }
    }
    if let Some(kind) = text
        .strip_prefix("Instance of '")
        .and_then(|r| r.split('\'').next())
    {
        return (kind.trim_start_matches('_').to_owned(), text.to_owned());
    }
    let (kind, message) = text
        .split_once(": ")
        .unwrap_or((text.trim_end_matches(':'), ""));
    let bare = kind
        .split_once(['(', ' ', '['])
        .map_or(kind, |(bare, _)| bare);
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '<' | '>' | '.');
    let named = ["Exception", "Error", "Failure", "Fault"];
    let fits = !bare.is_empty()
        && bare.chars().all(name)
        && (named.into_iter().any(|suffix| bare.contains(suffix))
            || (bare == kind && bare.starts_with(char::is_uppercase) && !message.is_empty()));
    if fits {
        return (bare.trim_start_matches('_').to_owned(), message.to_owned());
    }
    // An error's words behind those of a logger.
    let later = ["Exception: ", "Error: "].into_iter().find_map(|mark| {
        let end = text.find(mark)? + mark.len() - 2;
        let head = text.get(..end)?;
        let from = head.rfind(|c: char| !name(c)).map_or(0, |at| at + 1);
        Some((head.get(from..)?, text.get(end + 2..)?))
    });
    match later {
        Some((kind, message)) if !kind.is_empty() => (kind.to_owned(), message.to_owned()),
        _ => (String::new(), text.to_owned()),
    }
}

/// A frame in any of the three forms.
fn frame(text: &str) -> Option<Frame> {
    let text = text.trim();
    match text.strip_prefix('#') {
        Some(rest) => {
            let (_, rest) = anchor::number(rest)?;
            let rest = rest.strip_prefix([' ', '\t'])?.trim();
            compiled(rest).or_else(|| numbered(rest))
        }
        None => terse(text),
    }
}

/// `main.<anonymous closure> (package:shop/cart.dart:3:5)`.
fn numbered(rest: &str) -> Option<Frame> {
    let (name, place) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    let (uri, line) = match anchor::place(place) {
        Some((uri, line)) => (uri, Some(line)),
        None => (place, None),
    };
    source(uri).then(|| located(name, uri, line))
}

/// Whether a place is one of Dart's.
fn source(uri: &str) -> bool {
    uri.starts_with("dart:")
        || uri.starts_with("package:")
        || uri.starts_with("org-dartlang-")
        || anchor::has_extension(uri, &[".dart"])
}

/// `package:shop/cart.dart 12:3   Cart.total`.
fn terse(text: &str) -> Option<Frame> {
    let (uri, rest) = text.split_once(' ')?;
    // The core library's own have no place there: `dart:core                 int.parse`.
    let bare = rest.trim_start();
    if uri.starts_with("dart:") && rest.starts_with(' ') && !bare.contains([' ', ':']) {
        return Some(located(bare, uri, None));
    }
    let rest = bare;
    let (place, name) = rest.split_once(' ').unwrap_or((rest, ""));
    let (line, column) = place.split_once(':').unwrap_or((place, "0"));
    let dart = source(uri) || uri.ends_with(".dart.js");
    (dart && digits(line) && digits(column) && !name.trim().is_empty())
        .then(|| located(name.trim(), uri, line.parse().ok()))
}

/// `abs 000074 virt 00012 _kDartIsolateSnapshotInstructions+0x1a2b`: code without symbols, whose
/// addresses tell nothing across builds.
fn compiled(rest: &str) -> Option<Frame> {
    let rest = rest.strip_prefix("abs ")?;
    let (address, rest) = rest.split_once(' ')?;
    let symbol = rest.trim().rsplit(' ').next().unwrap_or_default();
    let name = symbol.split('+').next().unwrap_or_default();
    let made = name.starts_with("_kDart") || name == "<unknown>" || name.starts_with("_kVm");
    hex(address).then(|| Frame {
        function: if made { String::new() } else { plain(name) },
        in_app: !name.starts_with("_kDartVm"),
        ..Frame::default()
    })
}

/// A frame of a function and where it is.
fn located(name: &str, uri: &str, line: Option<u32>) -> Frame {
    let (file, library) = if let Some(rest) = uri.strip_prefix("package:") {
        let package = rest.split('/').next().unwrap_or_default();
        (rest.to_owned(), LIBRARIES.binary_search(&package).is_ok())
    } else if uri.starts_with("dart:") || uri.starts_with("org-dartlang-sdk:") {
        (uri.to_owned(), true)
    } else if let Some((_, rest)) = uri.split_once("/.pub-cache/") {
        (hosted(rest), true)
    } else if let Some(rest) = uri.strip_prefix("packages/") {
        let package = rest.split('/').next().unwrap_or_default();
        (rest.to_owned(), LIBRARIES.binary_search(&package).is_ok())
    } else {
        let sdk = uri.starts_with("dart-sdk/") || uri.starts_with("lib/_engine/");
        let located = path::locate(uri);
        (located.file, located.library || sdk)
    };
    Frame {
        function: plain(name),
        module: file.trim_end_matches(".dart").to_owned(),
        in_app: !library,
        file,
        line,
    }
}

/// `hosted/pub.dev/http-1.1.0/lib/src/client.dart` is `http/lib/src/client.dart`.
fn hosted(rest: &str) -> String {
    let parts: Vec<&str> = rest.splitn(4, '/').collect();
    let (package, file) = match parts.as_slice() {
        [_, _, package, file] => (*package, *file),
        _ => ("", rest),
    };
    let package = package.rsplit_once('-').map_or(package, |(name, _)| name);
    format!("{package}/{file}")
}

/// A function's name: constructors without `new`, closures in closures as one.
fn plain(name: &str) -> String {
    let name = name.trim().strip_prefix("new ").unwrap_or(name.trim());
    let name = name.replace("<fn>", "<anonymous closure>");
    let mut out = String::with_capacity(name.len());
    let mut last = "";
    for part in name.split('.') {
        if part == last && part == "<anonymous closure>" {
            continue;
        }
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(part);
        last = part;
    }
    out
}
