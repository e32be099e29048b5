//! What a stack trace is wrapped in before it is read: JSON strings, escapes, HTML, quoting.
//!
//! Nothing here demands valid JSON: a log line that was cut in the middle of a string still has
//! the strings before the cut, and the one that was cut.
//!
//! *Limits:* [`DEPTH_MAX`] wrappings in each other, [`VALUES_COUNT_MAX`] texts out of one.

use crate::ips;
use crate::limits::{CHAIN_COUNT_MAX, LINES_COUNT_MAX};

/// Wrappings within each other that are undone: a JSON line in a JSON line in a JSON line.
const DEPTH_MAX: usize = 3;
/// Texts that are taken out of one.
pub(crate) const VALUES_COUNT_MAX: usize = 16;
/// Objects and arrays within each other that are told apart.
const NESTING_MAX: usize = 64;

/// A text that may be a stack trace, and what stood beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwrapped {
    pub text: String,
    /// Type of the exception, by the name of a field beside the text.
    pub kind: String,
    /// Message of the exception, likewise.
    pub message: String,
    /// The first lines that a report would have, likewise: `TypeError: boom`.
    pub told: String,
}

/// One string of a JSON text.
#[derive(Debug, Default)]
struct Found {
    key: String,
    value: String,
    /// Which array it is an item of; 0 is none.
    array: usize,
}

/// The texts within a text, the most deeply wrapped first, and the text itself last.
pub(crate) fn unwrap(text: &str) -> Vec<Unwrapped> {
    let mut out = Vec::new();
    within(text, 0, &mut out);
    out.truncate(VALUES_COUNT_MAX);
    out.push(Unwrapped {
        text: text.to_owned(),
        ..Default::default()
    });
    out
}

fn within(text: &str, depth: usize, out: &mut Vec<Unwrapped>) {
    if depth >= DEPTH_MAX || out.len() >= VALUES_COUNT_MAX {
        return;
    }
    let text = text.trim_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if let Some(report) = ips::printed(text) {
        push(out, report, &[]);
        return;
    }
    if spans_lines(text) {
        values(&strings(text), depth, out);
        return;
    }
    if let Some(broken) = flattened(text) {
        push(out, broken, &[]);
    }
    let mut messages: Vec<String> = Vec::new();
    let mut rows = 0;
    for line in text.lines().take(LINES_COUNT_MAX) {
        let found = json_of(line).map(strings).unwrap_or_default();
        if found.is_empty() {
            values(&pairs(line), depth, out);
            if let Some(plain) = unescaped(line) {
                within(&plain, depth + 1, out);
                push(out, plain, &[]);
            }
            messages.push(line.to_owned());
            continue;
        }
        values(&found, depth, out);
        rows += 1;
        messages.push(message_of(&found).trim_end_matches(['\n', '\r']).to_owned());
    }
    // One JSON object a line, one line of the trace in each.
    if rows >= 2 {
        push(out, messages.join("\n"), &[]);
    }
}

/// Whether one JSON value covers several lines.
fn spans_lines(text: &str) -> bool {
    let Some(first) = text.lines().next() else {
        return false;
    };
    let first = first.trim_end().trim_end_matches(',');
    let opens = first.starts_with('{') || first == "[" || first.starts_with("[{");
    opens
        && text.contains('\n')
        && !first.ends_with('}')
        && !first.ends_with("}]")
        && text.contains('"')
}

/// Where a line's JSON begins.
fn json_of(line: &str) -> Option<&str> {
    let quoted = line.starts_with('"') && line.trim_end().ends_with('"') && line.contains("\\n");
    if quoted {
        return Some(line);
    }
    let at = line
        .match_indices('{')
        .map(|(at, _)| at)
        .take(8)
        .find(|at| {
            let tail = line.get(at + 1..).unwrap_or_default().trim_start();
            // Behind an escaped line break it is code that a trace quotes.
            if line.get(..*at).is_some_and(|head| head.contains("\\n")) {
                return false;
            }
            let key = tail.strip_prefix('"').and_then(|t| t.split_once('"'));
            key.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
        })?;
    line.get(at..)
}

/// The quoted values of a line of keys and values that has escaped line breaks in one of them:
/// `level=error msg="panic: boom" stack="goroutine 7 [running]:\n…"`.
fn pairs(line: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if !line.contains("\\n") {
        return found;
    }
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once("=\"") {
        let key = head.rsplit([' ', '\t', ',', '{']).next();
        let (value, used) = decoded(tail);
        let named = |key: &str| {
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
            !key.is_empty() && key.chars().all(plain)
        };
        let Some(key) = key.filter(|key| named(key)) else {
            return Vec::new();
        };
        found.push(Found {
            key: key.to_owned(),
            value,
            array: 0,
        });
        rest = tail.get(used..).unwrap_or_default();
    }
    found
}

/// What a panic said and its stack, which a hook logged in two fields, as the runtime would have
/// printed them.
fn panicked(found: &[Found]) -> Option<String> {
    const SAID: [&str; 3] = ["panicked at ", "panic: ", "runtime error: "];
    let said = found
        .iter()
        .map(|f| f.value.trim())
        .find(|value| SAID.iter().any(|mark| value.contains(mark)))?;
    let stack = found.iter().find_map(|f| {
        let key = f.key.to_ascii_lowercase();
        (key.contains("stack") || key.contains("trace")).then_some(f.value.trim_start())
    })?;
    if said.contains(stack) || stack.contains(said) {
        return None;
    }
    let printed = if said.contains("panic") {
        ""
    } else {
        "panic: "
    };
    if stack.starts_with("goroutine ") {
        return Some(format!("{printed}{said}\n\n{stack}"));
    }
    let numbered = stack.starts_with("0: ");
    numbered.then(|| format!("{said}\nstack backtrace:\n{stack}"))
}

/// `/srv/app/Cart.php:12`.
fn php_place(place: &str) -> Option<(&str, &str)> {
    let (file, line) = place.rsplit_once(':')?;
    let number = !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
    (number && file.contains(".php")).then_some((file, line))
}

/// Throwables as Monolog writes them in JSON, where each entry of a trace is a place, as PHP would
/// have printed them: what was wrapped first.
fn monolog(found: &[Found]) -> Option<String> {
    let classes = found
        .iter()
        .enumerate()
        .filter(|(_, f)| f.key == "class")
        .map(|(at, _)| at);
    let starts: Vec<usize> = classes.take(CHAIN_COUNT_MAX).collect();
    let ends = starts.iter().skip(1).copied().chain([found.len()]);
    let fields = starts
        .iter()
        .zip(ends)
        .filter_map(|(at, end)| found.get(*at..end));
    let mut told: Vec<String> = fields.map_while(throwable).collect();
    told.reverse();
    let all = told.join("\n\nNext ");
    (!all.is_empty()).then(|| format!("PHP Fatal error:  Uncaught {all}"))
}

/// One throwable of Monolog's, from its class on.
fn throwable(fields: &[Found]) -> Option<String> {
    let of = |key: &str| fields.iter().find(|f| f.key == key).map(|f| &f.value);
    let (kind, message, place) = (of("class")?, of("message")?, of("file")?);
    php_place(place)?;
    let mut text = format!("{kind}: {message} in {place}\nStack trace:");
    let items = fields.iter().filter(|f| f.key == "trace" && f.array != 0);
    let places = items.filter_map(|item| php_place(&item.value));
    for (at, (file, line)) in places.enumerate() {
        text.push_str(&format!("\n#{at} {file}({line}):"));
    }
    Some(text)
}

/// Adds what of the strings may be a trace.
fn values(found: &[Found], depth: usize, out: &mut Vec<Unwrapped>) {
    if let Some(whole) = panicked(found).or_else(|| monolog(found)) {
        push(out, whole, &[]);
    }
    let mut done = 0;
    for (at, string) in found.iter().enumerate() {
        if string.array != 0 {
            if string.array > done {
                done = string.array;
                let items = found.iter().skip(at).take_while(|f| f.array == done);
                let joined: Vec<&str> = items.map(|f| f.value.trim_end()).collect();
                if joined.len() > 1 {
                    push(out, joined.join("\n"), found);
                    continue;
                }
            } else {
                continue;
            }
        }
        let value = string.value.trim_end();
        if value.contains('\n') || value.contains("\\n") || json_of(value).is_some() {
            within(value, depth + 1, out);
            push(out, value.to_owned(), found);
        }
    }
}

fn push(out: &mut Vec<Unwrapped>, text: String, found: &[Found]) {
    const KINDS: [&str; 10] = [
        "exception.type",
        "error.type",
        "errortype",
        "exception_class",
        "error_class",
        "exceptionclass",
        "exctype",
        "exc_type",
        "type",
        "kind",
    ];
    // What may name something else, too.
    const NAMES: [&str; 3] = ["class", "classname", "name"];
    const TOLD: [&str; 5] = ["exception", "error", "err", "exc", "reason"];
    const MESSAGES: [&str; 9] = [
        "panic.payload",
        "exception.message",
        "error.message",
        "errormessage",
        "exception_message",
        "error_message",
        "excvalue",
        "message",
        "msg",
    ];
    let beside = |keys: &[&str]| -> String {
        keys.iter()
            .find_map(|key| {
                let found = found.iter().find(|f| f.key.eq_ignore_ascii_case(key))?;
                let short = found.value.len() < 2_000 && found.value.trim() != text.trim();
                short.then(|| found.value.trim().to_owned())
            })
            .unwrap_or_default()
    };
    if out.len() < VALUES_COUNT_MAX {
        let kind = beside(&KINDS);
        let named = kind.contains(char::is_uppercase) && !kind.contains([' ', '/']);
        let name = beside(&NAMES);
        let kind = if named {
            kind
        } else if of_error(&name) {
            name
        } else {
            String::new()
        };
        let (message, told) = (beside(&MESSAGES), beside(&TOLD));
        out.push(Unwrapped {
            text,
            kind,
            message,
            told,
        });
    }
}

/// Whether a name is that of a class of errors.
pub(crate) fn of_error(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '$' | '\\');
    let last = name.rsplit(['.', ':', '$', '\\']).next().unwrap_or(name);
    let ends = ["Error", "Exception", "Failure", "Fault"];
    name.chars().all(plain)
        && last.starts_with(char::is_uppercase)
        && (name.contains("::") || ends.iter().any(|end| last.ends_with(end)))
}

/// The string that a logger or a collector puts the line itself into.
fn message_of(found: &[Found]) -> &str {
    const KEYS: [&str; 14] = [
        "log",
        "message",
        "msg",
        "line",
        "text",
        "body",
        "textpayload",
        "content",
        "event",
        "event.original",
        "_raw",
        "data",
        "@message",
        "payload",
    ];
    let named = KEYS.iter().find_map(|key| {
        found
            .iter()
            .find(|found| found.key.eq_ignore_ascii_case(key))
    });
    named
        .or_else(|| found.iter().max_by_key(|found| found.value.len()))
        .map_or("", |found| &found.value)
}

/// An object or an array that is being read.
#[derive(Default)]
struct Level {
    array: usize,
    key: String,
}

/// The strings of a JSON text that are values, in order.
fn strings(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut arrays = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.find(['"', '{', '[', '}', ']']) else {
            break;
        };
        at += next + 1;
        let key = levels.last().map(|level| level.key.clone());
        let key = key.unwrap_or_default();
        match rest.as_bytes().get(next) {
            Some(b'"') => {
                let (value, used) = decoded(text.get(at..).unwrap_or_default());
                at += used;
                let tail = text.get(at..).unwrap_or_default().trim_start();
                let in_array = levels.last().map_or(0, |level| level.array);
                match levels.last_mut() {
                    Some(level) if in_array == 0 && tail.starts_with(':') => level.key = value,
                    _ => found.push(Found {
                        key,
                        value,
                        array: in_array,
                    }),
                }
            }
            Some(b'{') if levels.len() < NESTING_MAX => levels.push(Level::default()),
            Some(b'[') if levels.len() < NESTING_MAX => {
                arrays += 1;
                levels.push(Level { array: arrays, key });
            }
            Some(b'}' | b']') => {
                levels.pop();
            }
            _ => {}
        }
    }
    found
}

/// The string up to its closing quote or the end, escapes undone, and how long it was with the
/// quote.
pub(crate) fn decoded(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, at + 1),
            '\\' => escape(&mut chars, &mut out),
            _ => out.push(c),
        }
    }
    (out, text.len())
}

/// One escape after its backslash.
fn escape(chars: &mut std::str::CharIndices<'_>, out: &mut String) {
    match chars.next().map(|(_, c)| c) {
        Some('n') => out.push('\n'),
        Some('t') => out.push('\t'),
        Some('r') => out.push('\r'),
        Some('b' | 'f') => {}
        Some('u') => match unicode(chars) {
            Some(c) => out.push(c),
            None => out.push('\u{fffd}'),
        },
        Some(c @ ('"' | '\\' | '/')) => out.push(c),
        // No escape of JSON: a backslash that somebody forgot to double.
        Some(c) => {
            out.push('\\');
            out.push(c);
        }
        None => out.push('\\'),
    }
}

/// The four hexadecimal digits of an escape; of a pair of surrogates both.
fn unicode(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let four = |text: &str| -> Option<u32> {
        let digits = text.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let high = four(chars.as_str())?;
    for _ in 0..4 {
        chars.next();
    }
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    let low = four(chars.as_str().strip_prefix("\\u")?)?;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    for _ in 0..6 {
        chars.next();
    }
    char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

/// A stack whose line breaks became blanks, with line breaks before its frames again.
fn flattened(text: &str) -> Option<String> {
    let line = text.trim();
    let framed = |(at, _): (usize, &str)| {
        let rest = line.get(at..).unwrap_or_default();
        rest.split_once('(')
            .is_some_and(|(name, _)| !name.trim_start_matches(" at ").contains("  "))
    };
    let frames = line
        .match_indices(" at ")
        .take(2)
        .filter(|hit| framed(*hit));
    if line.contains(['\n', '{']) || line.contains("\\n") || frames.count() < 2 {
        return None;
    }
    Some(
        line.replace(" at ", "\n    at ")
            .replace(" Caused by: ", "\nCaused by: ")
            .replace(" ... ", "\n    ... "),
    )
}

/// A line with escaped line breaks in it, with real ones; none where it has none of them.
fn unescaped(line: &str) -> Option<String> {
    let syslog = line.matches("#012").take(2).count() == 2;
    if !line.contains("\\n") && !syslog {
        return None;
    }
    let mut text = line.to_owned();
    if syslog {
        text = text.replace("#012", "\n").replace("#011", "\t");
    }
    for _ in 0..DEPTH_MAX {
        if !text.contains("\\n") {
            break;
        }
        text = once(&text);
    }
    // `stack="…"` of a line of keys and values.
    Some(match text.split_once('\n') {
        Some((head, rest)) => {
            let open = head.rfind("=\"").and_then(|at| head.get(at + 2..));
            let rest = match open {
                Some(_) => rest.rsplit_once('"').map_or(rest, |(rest, _)| rest),
                None => rest,
            };
            format!("{}\n{rest}", open.unwrap_or(head))
        }
        None => text,
    })
}

/// Undoes one layer of escapes.
fn once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => {}
            Some(c @ ('"' | '\'' | '\\' | '/')) => out.push(c),
            Some(c) => {
                out.push('\\');
                out.push(c);
            }
            None => out.push('\\'),
        }
    }
    out
}

/// Lines without what a mail, a ticket, a page or a terminal adds to them.
pub(crate) fn plain(lines: Vec<String>) -> Vec<String> {
    let mut lines = lines;
    // Mails within mails.
    for _ in 0..DEPTH_MAX {
        if !quoted(&lines) {
            break;
        }
        for line in &mut lines {
            let bare = line.trim_start();
            if let Some(rest) = bare.strip_prefix('>') {
                *line = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
            }
        }
    }
    let fence = |line: &String| {
        let text = line.trim();
        text.starts_with("```")
            || text.starts_with("~~~") && text.trim_matches('~').is_empty()
            || matches!(text, "{code}" | "{noformat}" | "<pre>" | "</pre>")
    };
    lines.retain(|line| !fence(line));
    lines
}

/// Whether every line that is not empty is quoted.
fn quoted(lines: &[String]) -> bool {
    let full = || {
        lines
            .iter()
            .map(|l| l.trim_start())
            .filter(|l| !l.is_empty())
    };
    let marked = full().filter(|line| line.starts_with('>')).count();
    marked > 1 && marked * 10 >= full().count() * 8
}

/// Elements of a page that a trace may stand in: those that break the line, and those that do not.
const BLOCKS: [&str; 24] = [
    "html", "head", "body", "title", "div", "section", "pre", "p", "h1", "h2", "h3", "h4", "ul",
    "ol", "li", "table", "thead", "tbody", "tr", "td", "th", "details", "summary", "textarea",
];
const INLINE: [&str; 8] = ["span", "code", "b", "i", "em", "strong", "font", "small"];

/// A page without its tags; none where the text is no page.
pub(crate) fn untagged(text: &str) -> Option<String> {
    let start = text.trim_start();
    let declared = start
        .get(..9)
        .is_some_and(|head| head.eq_ignore_ascii_case("<!doctype"));
    // A trace quotes tags in its messages and its code, but no line of it begins with one.
    let opens = |line: &str| tag(line).is_some_and(|(breaks, _)| breaks);
    if !(declared || opens(start) || text.lines().any(opens)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (head, tail) = rest.split_at_checked(at)?;
        out.push_str(head);
        if let Some((breaks, length)) = tag(tail) {
            if breaks {
                out.push('\n');
            }
            rest = tail.get(length..).unwrap_or_default();
        } else {
            out.push('<');
            rest = tail.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Whether the tag at the start of a text breaks the line, and how long it is.
fn tag(text: &str) -> Option<(bool, usize)> {
    const BYTES_MAX: usize = 400;
    let head = crate::lines::head(text, BYTES_MAX);
    let inner = head.strip_prefix('<')?;
    let (inner, _) = inner
        .split_once('>')
        .filter(|(tag, _)| !tag.contains('\n'))?;
    let length = inner.len() + 2;
    let bare = inner.strip_prefix('/').unwrap_or(inner);
    let name = bare.split([' ', '/']).next()?.to_ascii_lowercase();
    let breaks = BLOCKS.contains(&name.as_str());
    (breaks || INLINE.contains(&name.as_str())).then_some((breaks, length))
}

/// Entities of HTML undone.
pub(crate) fn entities(line: &str) -> Option<String> {
    const ENTITIES: [(&str, &str); 12] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&#x2f;", "/"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&#10;", "\n"),
        ("&amp;", "&"),
    ];
    if !line.contains('&') || !ENTITIES.iter().any(|(name, _)| line.contains(name)) {
        return None;
    }
    let mut text = line.to_owned();
    for (name, plain) in ENTITIES {
        text = text.replace(name, plain);
    }
    Some(text)
}
