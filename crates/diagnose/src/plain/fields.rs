//! Fields of a line: status, duration, route, and pairs of key and value.
//!
//! Read are JSON (members and those within a member), logfmt, `key=value` and `key: "value"` in
//! prose, access logs in the forms of Apache, nginx, Envoy and HAProxy, tables with named columns,
//! and the words by which prose tells a status or duration.
//!
//! *Limits:* [`FIELDS_COUNT_MAX`] fields of [`VALUE_BYTES_MAX`] bytes of a line's first
//! [`LINE_BYTES_MAX`] bytes.
//! *Complexity:* linear in the line.

mod value;

use serde_json::Value;

use self::value::{authority, duration_of, is_duration, is_status, route, status, timed};

/// Fields of a line that are read.
const FIELDS_COUNT_MAX: usize = 96;
/// Longest value that is given, in bytes.
const VALUE_BYTES_MAX: usize = 512;
/// Longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 32 << 10;
/// Lines within lines.
const DEPTH_MAX: usize = 2;

/// A field of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a> {
    /// Status of HTTP; that of gRPC as the status that stands for it.
    Status(u16),
    /// How long it took, in nanoseconds.
    DurationNs(u64),
    /// What was asked for: method and path, what varies of the path as `*`.
    Route(&'a str),
    /// A key and its value; keys of nested members are joined by a dot, and of a URL there is the
    /// host and port alone.
    Pair {
        /// The key.
        key: &'a str,
        /// Its value, without quotes.
        value: &'a str,
    },
}

/// Which of status and duration are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The status.
    pub status: bool,
    /// The duration.
    pub duration: bool,
}

/// Gives the status and the duration of a line, where they are wanted, as [`read`] would.
pub fn read_measures(line: &str, wanted: Wanted, each: &mut dyn FnMut(Field<'_>)) {
    let mut out = Out::new(each);
    out.only_measures = true;
    out.open = wanted;
    out.line(head(line), 0);
}

/// Gives each field of a line.
pub fn read(line: &str, each: &mut dyn FnMut(Field<'_>)) {
    let mut out = Out::new(each);
    out.line(head(line), 0);
    out.end();
}

/// Gives each field of a table's line.
pub fn read_table(columns: &[String], line: &str, each: &mut dyn FnMut(Field<'_>)) {
    let mut out = Out::new(each);
    let values = head(line).split_ascii_whitespace();
    for (column, value) in columns.iter().zip(values) {
        if value == "-" {
            continue;
        }
        match column.as_str() {
            "date" | "time" => {}
            "cs-method" => value.clone_into(&mut out.method),
            "cs-uri-stem" => value.clone_into(&mut out.path),
            "time-taken" => out.duration(duration_of("time_taken_ms", value)),
            column => out.pair(column, value),
        }
    }
    out.end();
}

/// The beginning of a line.
fn head(line: &str) -> &str {
    let mut end = line.len().min(LINE_BYTES_MAX);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default()
}

/// Where fields go.
struct Out<'e> {
    each: &'e mut dyn FnMut(Field<'_>),
    count: usize,
    /// Nothing but status and duration is given.
    only_measures: bool,
    /// What of status and duration was not found yet.
    open: Wanted,
    has_route: bool,
    method: String,
    path: String,
}

impl<'e> Out<'e> {
    fn new(each: &'e mut dyn FnMut(Field<'_>)) -> Self {
        Self {
            each,
            count: 0,
            only_measures: false,
            open: Wanted {
                status: true,
                duration: true,
            },
            has_route: false,
            method: String::new(),
            path: String::new(),
        }
    }

    fn give(&mut self, field: Field<'_>) {
        if self.count < FIELDS_COUNT_MAX {
            self.count += 1;
            (self.each)(field);
        }
    }

    fn status(&mut self, found: Option<u16>) {
        if let Some(found) = found.filter(|_| self.open.status) {
            self.open.status = false;
            self.give(Field::Status(found));
        }
    }

    fn duration(&mut self, found: Option<u64>) {
        if let Some(found) = found.filter(|_| self.open.duration) {
            self.open.duration = false;
            self.give(Field::DurationNs(found));
        }
    }

    fn route(&mut self, method: &str, path: &str) {
        if !self.has_route && !path.is_empty() && !self.only_measures {
            self.has_route = true;
            let found = route(method, path);
            self.give(Field::Route(&found));
        }
    }

    /// A key with its value, and what they tell.
    fn pair(&mut self, key: &str, value: &str) {
        if key.is_empty() || value.is_empty() || value.len() > VALUE_BYTES_MAX {
            return;
        }
        let name = key.rsplit('.').next().unwrap_or(key);
        if is_status(key) {
            self.status(status(value));
        } else if is_duration(key) {
            self.duration(duration_of(key, value));
        } else if matches!(name, "method" | "verb" | "http_method" | "request_method") {
            value.clone_into(&mut self.method);
        } else if matches!(
            name,
            "path" | "url" | "uri" | "URI" | "route" | "request_uri" | "target" | "endpoint"
        ) && value.contains('/')
            && self.path.is_empty()
        {
            value.clone_into(&mut self.path);
        }
        if self.only_measures {
            self.count += 1;
            return;
        }
        let value = authority(value).unwrap_or(value);
        self.give(Field::Pair { key, value });
    }

    fn end(mut self) {
        let (method, path) = (
            std::mem::take(&mut self.method),
            std::mem::take(&mut self.path),
        );
        self.route(&method, &path);
    }

    fn line(&mut self, line: &str, depth: usize) {
        if depth >= DEPTH_MAX {
            return;
        }
        let bytes = line.as_bytes();
        let begins = if line.trim_start().starts_with('{') {
            Some(0)
        } else {
            memchr::memchr_iter(b'{', bytes).find(|at| bytes.get(at + 1) == Some(&b'"'))
        };
        let object = begins.and_then(|at| line.get(at..));
        let value = object.and_then(|text| {
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
            values.next()?.ok()
        });
        match value {
            Some(Value::Object(members)) => {
                for (key, value) in &members {
                    self.member(key, value, depth);
                }
            }
            _ => self.prose(line),
        }
    }

    /// A member of an object, or those of a member that is one.
    fn member(&mut self, key: &str, value: &Value, depth: usize) {
        match value {
            Value::Object(members) => {
                for (inner, value) in members.iter().take(FIELDS_COUNT_MAX) {
                    self.scalar(&format!("{key}.{inner}"), value);
                }
            }
            Value::String(line) if matches!(key, "log" | "line" | "MESSAGE") => {
                self.line(line, depth + 1);
            }
            value => self.scalar(key, value),
        }
    }

    fn scalar(&mut self, key: &str, value: &Value) {
        match value {
            Value::String(text) => self.pair(key, text),
            Value::Number(number) => self.pair(key, &number.to_string()),
            Value::Bool(told) => self.pair(key, if *told { "true" } else { "false" }),
            _ => {}
        }
    }

    /// Words: requests, pairs, statuses and durations.
    fn prose(&mut self, line: &str) {
        self.request(line);
        let mut before = "";
        let mut rest = line;
        for _ in 0..LINE_BYTES_MAX {
            rest = rest.trim_ascii_start();
            let all = self.only_measures && self.open == Wanted::default();
            if rest.is_empty() || all || self.count >= FIELDS_COUNT_MAX {
                break;
            }
            let (word, behind) = self.word(rest, before);
            before = word;
            rest = behind;
        }
    }

    /// Reads a word, with what it tells: the word, and what follows.
    fn word<'l>(&mut self, rest: &'l str, before: &str) -> (&'l str, &'l str) {
        let marks = Marks::of(rest.as_bytes());
        let (word, behind) = rest.split_at_checked(marks.end).unwrap_or((rest, ""));
        if (marks.equals || word.ends_with(':'))
            && let Some((key, length, value)) = pair(rest, word)
        {
            self.pair(key, value);
            return (word, rest.get(length..).unwrap_or_default());
        }
        if marks.digits {
            self.number(word, before, behind);
        }
        if marks.slashes > 0 {
            self.path(word, before, behind);
        }
        if marks.slashes == 4 {
            self.balanced(word, before, behind);
        }
        (word, behind)
    }

    /// A word with digits: a status or a duration, where the word before says so.
    fn number(&mut self, word: &str, before: &str, behind: &str) {
        let told = before.trim_end_matches([':', '=']);
        if self.open.status && word.len() >= 3 && tells_status(told) {
            let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            self.status(status(bare).filter(|_| bare.len() == 3));
        }
        if self.open.duration && tells_duration(told) {
            let next = behind.split_ascii_whitespace().next().unwrap_or_default();
            self.duration(timed(word, next));
        }
    }

    /// `GET /path`, with the status and the duration that may follow.
    fn path(&mut self, word: &str, before: &str, behind: &str) {
        let path = word.trim_matches(['"', '\'']);
        if path.starts_with('/') && value::is_method(before) {
            self.route(before, path);
            let mut next = behind.split_ascii_whitespace();
            let told = next.next().and_then(status);
            self.status(told);
            let took = next.next().filter(|_| told.is_some());
            self.duration(took.and_then(value::duration));
        }
    }

    /// `"GET /path HTTP/1.1" 200 12`: the request of an access log and its status.
    fn request(&mut self, line: &str) {
        let Some(first) = memchr::memchr(b'"', line.as_bytes()) else {
            return;
        };
        let quoted = line.get(first + 1..).unwrap_or_default();
        let candidates = [Some(first), line.rfind(" \"").map(|at| at + 1)];
        let mut found = quoted;
        for at in candidates.into_iter().flatten() {
            let inner = line.get(at + 1..).unwrap_or_default();
            let method = inner.split(' ').next().unwrap_or_default();
            if value::is_method(method) {
                found = inner;
                break;
            }
        }
        let Some((request, behind)) = found.split_once('"') else {
            return;
        };
        let mut words = request.split(' ');
        let (method, path) = (words.next(), words.next());
        let (Some(method), Some(path)) = (method, path) else {
            return;
        };
        if value::is_method(method) {
            self.route(method, path);
            let next = behind.split_ascii_whitespace().next().unwrap_or_default();
            self.status(status(next));
        }
    }

    /// HAProxy's timers `0/0/1/70/119`, the server before them and the status behind.
    fn balanced(&mut self, timers: &str, before: &str, behind: &str) {
        let timer = |part: &str| part.trim_start_matches(['-', '+']).parse::<u64>().ok();
        let mut parts = timers.split('/');
        if !parts.all(|part| timer(part).is_some()) {
            return;
        }
        let next = behind.split_ascii_whitespace().next().unwrap_or_default();
        let Some(found) = status(next) else {
            return;
        };
        self.status(Some(found));
        let total = timers.rsplit('/').next().and_then(timer);
        self.duration(total.map(|total| total.saturating_mul(1_000_000)));
        if let Some((backend, server)) = before.split_once('/') {
            self.pair("backend", backend);
            self.pair("server", server);
        }
    }
}

/// What a word is made of, and where it ends.
struct Marks {
    end: usize,
    equals: bool,
    digits: bool,
    slashes: usize,
}

impl Marks {
    fn of(rest: &[u8]) -> Self {
        let mut marks = Self {
            end: rest.len(),
            equals: false,
            digits: false,
            slashes: 0,
        };
        for (at, b) in rest.iter().enumerate() {
            match b {
                b'0'..=b'9' => marks.digits = true,
                b'=' => marks.equals = true,
                b'/' => marks.slashes += 1,
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                    marks.end = at;
                    break;
                }
                _ => {}
            }
        }
        marks
    }
}

/// Whether the next word is a status.
fn tells_status(before: &str) -> bool {
    const WORDS: [&str; 14] = [
        "status",
        "code",
        "responded",
        "returned",
        "completed",
        "http",
        "statuscode",
        "with",
        "->",
        "=>",
        "http/1.1",
        "http/1.0",
        "http/2",
        "http/2.0",
    ];
    let first = before.bytes().next().unwrap_or(0).to_ascii_lowercase();
    if !matches!(first, b's' | b'c' | b'r' | b'h' | b'w' | b'-' | b'=') {
        return before == "→";
    }
    is_one(before, &WORDS)
}

/// Whether the next word is a duration.
fn tells_duration(before: &str) -> bool {
    let first = before.bytes().next().unwrap_or(0).to_ascii_lowercase();
    matches!(first, b'i' | b't' | b'a' | b'd' | b'e' | b'r')
        && is_one(
            before,
            &["in", "took", "after", "duration", "elapsed", "runtime"],
        )
}

/// Whether a word is one of these, whatever its case.
fn is_one(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// `key=value`, `key="a value"`, `key: "a value"` at the beginning of a text: the key, the length
/// of all, and the value.
fn pair<'l>(rest: &'l str, word: &'l str) -> Option<(&'l str, usize, &'l str)> {
    let is_key = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '@')
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-@".contains(&b))
    };
    let quoted = |from: usize| {
        let inner = rest.get(from..)?.strip_prefix('"')?;
        let length = inner.find('"')?;
        Some((from + length + 2, inner.get(..length)?))
    };
    if let Some((open, value)) = word.split_once('=') {
        let key = open.trim_start_matches(['(', '[', '{', ',']);
        if !is_key(key) {
            return None;
        }
        let from = open.len() + 1;
        let (length, value) = match quoted(from) {
            Some(found) => found,
            None => (
                word.len(),
                value.trim_end_matches([',', ';', ')', ']', '}', ':']),
            ),
        };
        return Some((key, length, value));
    }
    let key = word.strip_suffix(':').filter(|key| is_key(key))?;
    let (length, value) = quoted(word.len() + 1)?;
    Some((key, length, value))
}

#[cfg(test)]
mod tests;
