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
    if let Some(tail) = glog(rest).or_else(|| compact(rest)).filter(|_| !seen.time) {
        seen.time = true;
        return Some(tail);
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
    let process = seen.level && tail.trim_start().starts_with("--");
    // Syslog: the host stands between the time and the process.
    let host = seen.time && !seen.level && syslog_process(tail);
    let separator = matches!(word, "-" | "--" | "---" | ":" | "|");
    let number =
        (process || (!seen.level && seen.time)) && bare.bytes().all(|b| b.is_ascii_digit());
    let stream = matches!(word, "stdout" | "stderr");
    let flag = seen.time && matches!(word, "F" | "P" | "D" | "I" | "W" | "E" | "V");
    if separator || (number && !bare.is_empty()) || stream || flag || host || logger(word, tail) {
        return Some(tail);
    }
    None
}

/// `I0102 15:04:05.123456`: what follows the level and day, before the clock.
fn glog(rest: &str) -> Option<&str> {
    let (word, tail) = rest.strip_prefix(['I', 'W', 'E', 'F'])?.split_once(' ')?;
    let day = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    (day && slot::time(tail).is_some()).then_some(tail)
}

/// `081109 203615`: what follows a date and a clock of six digits each, before a level.
fn compact(rest: &str) -> Option<&str> {
    let mut words = rest.splitn(3, ' ');
    let six = |word: &str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let both = six(words.next()?) && six(words.next()?);
    let tail = words.next()?;
    let levelled = tail
        .split_whitespace()
        .take(2)
        .any(|word| level(word, false));
    (both && levelled).then_some(tail)
}

/// Whether `sshd[123]:` comes next.
fn syslog_process(tail: &str) -> bool {
    tail.split_whitespace()
        .next()
        .and_then(|word| word.strip_suffix("]:"))
        .is_some_and(|word| {
            word.split_once('[').is_some_and(|(name, pid)| {
                !name.is_empty() && !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())
            })
        })
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
    let tail = tail.trim_start();
    let dash = tail.starts_with("- ") || tail.starts_with(": ");
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
