//! A line as the joiner looks at it: what stands before its message, and its message with the
//! indentation it has there.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cordon_event::Severity;
use cordon_fingerprint::header;

use super::shape::number;

/// Longest line in bytes whose header is read; a longer one is looked at by its beginning.
const LOOKED_BYTES_MAX: usize = 4_096;
/// Longest name before a bar, as compose tools print it.
const NAME_BYTES_MAX: usize = 64;

/// A line, looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The message, without white space around it.
    pub(super) bare: &'a str,
    /// White space before the message that is the message's own, in bytes.
    pub(super) indent: usize,
    /// Whether the line has a header of its own: a time, a level, a name.
    pub(super) headed: bool,
    /// Bytes of the line before the message and its indentation.
    pub(crate) content_at: usize,
    /// What the header says beside its time: lines of one thread of one program agree in it.
    pub(super) key: u64,
    /// Whether the line is a record of JSON: whole by itself.
    pub(super) is_record: bool,
}

impl<'a> View<'a> {
    /// Looks at a line, given without its line break.
    pub(crate) fn of(line: &'a str) -> Self {
        let looked = head(line, LOOKED_BYTES_MAX);
        let is_record = looked
            .strip_prefix('{')
            .is_some_and(|rest| rest.trim_start().starts_with('"'))
            && line.trim_end().ends_with('}');
        let content_at = if is_record { 0 } else { content_at(looked) };
        let content = line.get(content_at..).unwrap_or("");
        let bare = content.trim();
        let lead = content.len() - content.trim_start().len();
        let prefix = line.get(..content_at).unwrap_or("");
        Self {
            bare,
            indent: if bare.is_empty() { 0 } else { lead },
            headed: content_at > 0 || is_record,
            content_at,
            key: key_of(prefix),
            is_record,
        }
    }

    /// Whether another line's header says the same beside the time.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The same line as it stands, without a header.
    pub(super) fn plain(line: &'a str) -> Self {
        let bare = line.trim();
        Self {
            bare,
            indent: if bare.is_empty() {
                0
            } else {
                line.len() - line.trim_start().len()
            },
            headed: false,
            content_at: 0,
            key: 0,
            is_record: false,
        }
    }
}

/// The beginning of a text, to a character's boundary.
fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

/// Where the message begins, its own indentation included; 0 where there is no header.
fn content_at(line: &str) -> usize {
    let named = named(line).unwrap_or(0);
    let rest = line.get(named..).unwrap_or("");
    named + timed(rest).unwrap_or(0)
}

/// `web-1  | `, `E/flutter ( 123): `, `[pod/web-0/app] `.
fn named(line: &str) -> Option<usize> {
    if let Some(at) = line.find(" | ").filter(|at| *at <= NAME_BYTES_MAX) {
        let name = line.get(..at)?.trim_end();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
        if !name.is_empty() && name.bytes().all(plain) && name.bytes().any(|b| b.is_ascii_digit()) {
            return Some(at + 3);
        }
    }
    if line.starts_with("[pod/") {
        return line
            .find("] ")
            .filter(|at| *at <= 3 * NAME_BYTES_MAX)
            .map(|at| at + 2);
    }
    let mut bytes = line.bytes();
    let level = bytes.next().is_some_and(|b| b"VDIWEFA".contains(&b));
    if level && bytes.next() == Some(b'/') {
        let open = line.find('(').filter(|at| *at <= NAME_BYTES_MAX)?;
        let (_, rest) = number(line.get(open + 1..)?.trim_start())?;
        return rest.starts_with("): ").then(|| line.len() - rest.len() + 3);
    }
    None
}

/// The header that begins with a time, or with a level written as such.
fn timed(line: &str) -> Option<usize> {
    let first = line.trim_start().bytes().next()?;
    if !(first.is_ascii_digit() || first.is_ascii_uppercase() || b"[<({\xef".contains(&first)) {
        return None;
    }
    let found = header::read(line);
    let start = line.as_ptr() as usize;
    let at = (found.content.as_ptr() as usize).checked_sub(start)?;
    if at == 0 || at > line.len() || found.time_unix_ns.is_none() && !is_levelled(line, &found) {
        return None;
    }
    // The reader goes past all blanks; one of them is the header's, the others are the message's.
    let before = line.get(..at)?;
    let used = before.trim_end().len();
    let blank = before.get(used..)?;
    Some(if blank.starts_with(' ') {
        used + 1
    } else {
        used
    })
}

/// Whether a header without a time is one: `ERROR:root:…`, `[WARN] …`, `INFO  [main] …`.
fn is_levelled(line: &str, found: &header::Header<'_>) -> bool {
    let text = line.trim_start().trim_start_matches(['[', '<', '(']);
    let word = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or("");
    let upper = word.len() > 2 && word.bytes().all(|b| b.is_ascii_uppercase());
    let bracketed = text.len() < line.trim_start().len();
    found.severity != Severity(0)
        && Severity::from_name(word) != Severity(0)
        && (upper || bracketed)
}

/// A digest of what a header says beside its time.
fn key_of(prefix: &str) -> u64 {
    if prefix.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    let mut after_month = false;
    for word in prefix.split_whitespace() {
        let bare = word.trim_matches(['[', ']', '(', ')', ',']);
        let month = is_month(bare);
        if month || after_month && number(bare).is_some_and(|(_, rest)| rest.is_empty()) {
            after_month = month;
            continue;
        }
        after_month = false;
        if !is_time(bare) {
            word.hash(&mut hasher);
        }
    }
    hasher.finish() | 1
}

fn is_month(word: &str) -> bool {
    let name = word.split(['/', '-']).next().unwrap_or(word);
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon",
        "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    ]
    .contains(&name)
}

/// Whether a word is a date, a clock, or a count of seconds with a fraction.
fn is_time(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let marks = word
        .bytes()
        .filter(|b| matches!(b, b':' | b'-' | b'/' | b'.' | b','))
        .count();
    let zone = word
        .strip_prefix(['+', '-'])
        .is_some_and(|rest| rest.len() == 4);
    let of_time = word
        .bytes()
        .all(|b| b.is_ascii_digit() || b":-/.,TZ+".contains(&b) || b.is_ascii_alphabetic());
    of_time && (digits >= 3 && marks >= 1 && digits + marks + 4 >= word.len() || zone)
        || matches!(word, "UTC" | "GMT" | "AM" | "PM" | "Z")
}
