//! JavaScript: V8's `at f (file:line:column)`, and the `f@file:line:column` of Firefox and Safari.

use crate::lines;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Reads the stack trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let (first, column) = lines.iter().enumerate().find_map(|(at, line)| {
        let column = line.find("at ").filter(|column| {
            line.get(..*column)
                .is_some_and(|head| head.is_empty() || head.ends_with([' ', '\t']))
                && line.get(*column..).and_then(v8).is_some()
        });
        column
            .or_else(|| gecko(line.trim()).map(|_| 0))
            .map(|column| (at, column))
    })?;
    let marker = lines.get(first)?;
    let prefix = marker.get(..column)?.trim_end().len();
    let stripped = lines::strip_prefix(lines, marker, prefix);
    let start = (first.saturating_sub(64)..first)
        .rev()
        .find(|at| stripped.get(*at).is_some_and(|line| header(line).is_some()));
    let mut chain = Vec::new();
    let mut link = ExceptionLink::default();
    if let Some((kind, message)) = start
        .and_then(|at| stripped.get(at))
        .and_then(|l| header(l))
    {
        kind.clone_into(&mut link.exception_type);
        message.clone_into(&mut link.message);
    }
    for line in stripped.iter().skip(start.map_or(first, |at| at + 1)) {
        let text = line.trim();
        if let Some(frame) = v8(text).or_else(|| gecko(text)) {
            link.frames.push(frame);
        } else if let Some((relation, rest)) = joint(text) {
            let (kind, message) = header(rest).unwrap_or(("", rest));
            let next = ExceptionLink {
                relation,
                exception_type: kind.to_owned(),
                message: message.to_owned(),
                frames: Vec::new(),
            };
            chain.push(std::mem::replace(&mut link, next));
        } else if link.frames.is_empty() {
            if !text.is_empty() {
                link.message.push('\n');
                link.message.push_str(text);
            }
        } else if header(line).is_some() && !line.starts_with([' ', '\t']) {
            break;
        }
    }
    chain.push(link);
    Some(Trace {
        language: Language::JavaScript,
        chain,
    })
}

/// What begins the next error of a chain.
fn joint(text: &str) -> Option<(Relation, &str)> {
    for mark in ["[cause]: ", "Caused by: ", "cause: "] {
        if let Some(rest) = text.strip_prefix(mark) {
            return Some((Relation::Cause, rest));
        }
    }
    None
}

/// `Uncaught TypeError [CODE]: message`, also behind the header of a log line.
fn header(line: &str) -> Option<(&str, &str)> {
    let text = line.trim();
    let text = text.strip_prefix("Uncaught ").unwrap_or(text);
    let text = text.strip_prefix("(in promise) ").unwrap_or(text);
    let (kind, message) = text
        .split_once(": ")
        .unwrap_or((text.trim_end_matches(':'), ""));
    // `Error [ERR_CODE]`: the code belongs to Node.
    let kind = kind.split_once(" [").map_or(kind, |(kind, _)| kind);
    if is_type(kind) {
        return Some((kind, message));
    }
    let at = text.match_indices("Error: ").map(|(at, _)| at).next()?;
    let head = text.get(..at + "Error".len())?;
    let kind = head.rsplit([' ', '"', '\'', '=', ']', '}']).next()?;
    let message = text.get(at + "Error: ".len()..)?;
    is_type(kind).then_some((kind, message))
}

/// The name of an error class.
fn is_type(kind: &str) -> bool {
    let named = ["Error", "Exception", "Failure", "Rejection", "Warning"];
    kind.len() <= 120
        && kind.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && kind
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))
        && named.into_iter().any(|suffix| kind.ends_with(suffix))
}

/// `at async Foo.bar [as baz] (file:///app/x.js:1:2)`.
fn v8(text: &str) -> Option<Frame> {
    let text = text.trim().strip_prefix("at ")?;
    let text = text.trim_end_matches([',', '{']).trim_end();
    let (function, place) = match text
        .strip_suffix(')')
        .and_then(|inner| inner.split_once(" ("))
    {
        Some((function, place)) => (function, place),
        None => ("", text.strip_prefix("async ").unwrap_or(text)),
    };
    let function = function.strip_prefix("async ").unwrap_or(function);
    let function = function
        .split_once(" [as ")
        .map_or(function, |(name, _)| name);
    let fixed = matches!(place, "<anonymous>" | "native") || place.starts_with("index ");
    if fixed && !function.is_empty() {
        return Some(Frame {
            function: function.to_owned(),
            ..Frame::default()
        });
    }
    // Code made by `eval` is where it was made.
    let place = place
        .strip_prefix("eval at ")
        .and_then(|rest| rest.split_once('(').map(|(_, rest)| rest))
        .map_or(place, |rest| {
            rest.split_once(')').map_or(rest, |(place, _)| place)
        });
    located(function, place)
}

/// `f@https://host/x.js:1:2`.
fn gecko(text: &str) -> Option<Frame> {
    let (function, place) = text.split_once('@')?;
    if function.contains(' ') || function.len() > 200 {
        return None;
    }
    if place == "[native code]" {
        return Some(Frame {
            function: function.to_owned(),
            ..Frame::default()
        });
    }
    let address = place.contains('/') || place.contains(".js") || place.contains(".ts");
    let function = function.trim_end_matches("/<").trim_end_matches('*');
    located(function, place).filter(|_| address)
}

/// A frame of a function and `file:line:column`.
fn located(function: &str, place: &str) -> Option<Frame> {
    let (head, column) = place.rsplit_once(':')?;
    let (raw, line) = head
        .rsplit_once(':')
        .filter(|(_, line)| digits(line))
        .unwrap_or((head, column));
    if raw.is_empty() || !digits(line) || !digits(column) || raw.contains(' ') && !raw.contains('/')
    {
        return None;
    }
    let internal = raw.starts_with("node:")
        || raw.starts_with("internal/")
        || raw.starts_with('<')
        || raw.starts_with("native ")
        || raw.contains("webpack/runtime")
        || raw.contains("webpack/bootstrap")
        || raw.contains("-extension://");
    let place = path::locate(raw);
    let file = if raw.starts_with("node:") {
        raw.to_owned()
    } else {
        unhashed(&place.file)
    };
    let stem = file
        .rsplit_once('.')
        .map_or(file.as_str(), |(stem, _)| stem);
    Some(Frame {
        function: function.to_owned(),
        module: stem.trim_start_matches("src/").to_owned(),
        line: line.parse().ok(),
        in_app: !internal && !place.library,
        file,
    })
}

/// Whether the text is a number.
fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The file without the content hash of a bundler: `main.3f2a1b9c.js` is `main.js`.
fn unhashed(file: &str) -> String {
    let (directory, name) = file.rsplit_once('/').map_or(("", file), |(d, n)| (d, n));
    let hash = |part: &str| {
        part.len() >= 6
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
    };
    let last = name.split('.').count().saturating_sub(1);
    let kept: Vec<&str> = name
        .split('.')
        .enumerate()
        .filter(|(at, part)| *at == 0 || *at == last || !hash(part))
        .map(|(_, part)| part)
        .collect();
    let name = kept.join(".");
    let name = match name.split_once('.') {
        Some((stem, rest)) => match stem.rsplit_once('-') {
            Some((stem, tail)) if hash(tail) => format!("{stem}.{rest}"),
            _ => name,
        },
        None => name,
    };
    if directory.is_empty() {
        name
    } else {
        format!("{directory}/{name}")
    }
}
