//! The header that a logger writes before a message: time, level, process, thread, logger.

use crate::slot;

/// Level names that stand alone.
const LEVELS: [&str; 18] = [
    "TRACE",
    "DEBUG",
    "INFO",
    "NOTICE",
    "WARN",
    "WARNING",
    "ERROR",
    "ERR",
    "SEVERE",
    "CRITICAL",
    "CRIT",
    "FATAL",
    "ALERT",
    "EMERG",
    "PANIC",
    "FINE",
    "VERBOSE",
    "INFORMATION",
];

/// Most parts of a header that are read.
const PARTS_COUNT_MAX: usize = 16;

/// What has been read of a header so far.
#[derive(Default)]
struct Seen {
    time: bool,
    level: bool,
}

/// The text without its header.
pub(crate) fn strip(text: &str) -> &str {
    let mut rest = text.trim_start();
    let mut seen = Seen::default();
    for _ in 0..PARTS_COUNT_MAX {
        let Some(next) = part(rest, &mut seen) else {
            break;
        };
        // A header alone is its own message.
        if next.trim().is_empty() {
            return rest;
        }
        rest = next.trim_start();
    }
    rest
}

/// Whether the word is a level's name.
fn level(word: &str, any_case: bool) -> bool {
    LEVELS
        .iter()
        .any(|name| *name == word || (any_case && name.eq_ignore_ascii_case(word)))
}

/// Reads one part of a header, and returns what follows it.
fn part<'a>(rest: &'a str, seen: &mut Seen) -> Option<&'a str> {
    if let Some(length) = slot::time(rest) {
        seen.time = true;
        let tail = rest.get(length..)?;
        return Some(tail.strip_prefix([',', ':', '|']).unwrap_or(tail));
    }
    if let Some(tail) = rest.strip_prefix("<time>") {
        seen.time = true;
        return Some(tail);
    }
    if let Some(tail) = bracketed(rest, seen) {
        return Some(tail);
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || c == '|')
        .unwrap_or(rest.len());
    let word = rest.get(..end)?;
    let tail = rest.get(end..)?;
    let tail = tail.trim_start().strip_prefix('|').unwrap_or(tail);
    let bare = word.trim_end_matches([':', ',']);
    if !seen.level && level(bare, seen.time) {
        seen.level = true;
        return Some(tail);
    }
    let anchored = seen.time || seen.level;
    if !anchored {
        return None;
    }
    let separator = matches!(word, "-" | "--" | "---" | ":" | "|");
    let number = !seen.level && seen.time && bare.bytes().all(|b| b.is_ascii_digit());
    let stream = matches!(word, "stdout" | "stderr");
    let flag = seen.time && matches!(word, "F" | "P" | "D" | "I" | "W" | "E" | "V");
    if separator || (number && !bare.is_empty()) || stream || flag || logger(word, tail) {
        return Some(tail);
    }
    None
}

/// `[…]` or `(…)` that holds a time, a level, a thread, a process or a logger.
fn bracketed<'a>(rest: &'a str, seen: &mut Seen) -> Option<&'a str> {
    let (open, close) = [('[', ']'), ('(', ')')]
        .into_iter()
        .find(|(o, _)| rest.starts_with(*o))?;
    let inner = rest.strip_prefix(open)?;
    let end = inner.char_indices().take(120).find(|(_, c)| *c == close)?.0;
    let (inner, tail) = (inner.get(..end)?.trim(), inner.get(end + 1..)?);
    let tail = tail.strip_prefix(':').unwrap_or(tail);
    if slot::time(inner).is_some() || inner == "<time>" {
        seen.time = true;
        return Some(tail);
    }
    if level(inner, true) {
        seen.level = true;
        return Some(tail);
    }
    // A pseudonym's removal mark is part of the message.
    let message = inner.starts_with("removed:") || inner.contains("://");
    ((seen.time || seen.level) && !message && tail.starts_with([' ', ':', '[']) && open == '[')
        .then_some(tail)
}

/// `com.acme.Billing:`, `billing.charge -`, `sshd[123]:`.
fn logger(word: &str, tail: &str) -> bool {
    let dash = tail.trim_start().starts_with("- ");
    let Some(name) = word.strip_suffix(':').or_else(|| dash.then_some(word)) else {
        return false;
    };
    let process = name.strip_suffix(']').and_then(|name| name.split_once('['));
    let name = process.map_or(name, |(name, _)| name);
    let dotted = name.contains('.') || name.contains("::") || name.contains('$');
    let technical = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '$' | ':' | '/'));
    // `ValueError:` and `billing.errors.CardDeclined:` are messages, not loggers.
    let exception = ["Error", "Exception", "Warning", "Interrupt"]
        .into_iter()
        .any(|suffix| name.ends_with(suffix));
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    starts && technical && !exception && (dotted || process.is_some() || dash)
}
