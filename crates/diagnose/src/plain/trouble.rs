//! Trouble that the words of a message tell.
//!
//! A text is searched once for all rows of `words`, whole words at a time. A row that is part of a
//! longer harmless one does not count (`error rate`), nor does one that a zero or an empty value
//! stands beside (`0 errors`, `error=null`), nor any where the text says that it is over
//! (`recovered`), unless something crashed.
//!
//! *Complexity:* linear in the text; [`MATCHES_COUNT_MAX`] matches of it count.

mod words;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use self::words::{COUNTED, ENDED, HARMLESS, OVER, TROUBLE, Words};

/// Most matches of a text that count.
const MATCHES_COUNT_MAX: usize = 64;
/// Longest text that is searched, in bytes.
const TEXT_BYTES_MAX: usize = 8 << 10;
/// Digits of the status that a process ended with.
const STATUS_DIGITS_MAX: usize = 10;
/// Words before that status.
const STATUS_WORDS_MAX: usize = 6;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// May be trouble; only its growth tells.
    Hint,
    /// Something failed.
    Error,
    /// Tells of an end even once: a crash, a kill, a start that failed.
    Fatal,
}

/// What kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Failed, in words that tell no more.
    Failed,
    /// An exception that nobody handled.
    Exception,
    /// Waited for too long.
    Timeout,
    /// Nobody listens.
    Refused,
    /// A connection ended before its time.
    Reset,
    /// No way to a machine or network.
    Unreachable,
    /// A name that does not resolve.
    NameResolution,
    /// A certificate or handshake.
    Certificate,
    /// Credentials or permissions.
    Denied,
    /// A rate limit.
    Throttled,
    /// No memory.
    OutOfMemory,
    /// Killed by a signal.
    Killed,
    /// Segmentation fault, abort, panic, core dump.
    Crash,
    /// Did not start, or ended with a status that is not zero.
    Exit,
    /// A peer or service is down or unhealthy.
    Down,
    /// Deadlocks and waits for locks.
    Lock,
    /// No space, or a quota.
    Space,
    /// A file system that may only be read.
    ReadOnly,
    /// A pool or other resource has run out.
    Exhausted,
    /// Data that are damaged.
    Corrupt,
    /// A port or address that is taken.
    AddressInUse,
    /// A table, column, file, key or setting that is not there.
    Missing,
    /// A queue, lag or load that grows.
    Overload,
    /// Clocks that differ.
    Clock,
    /// The other side's list or rule keeps this one out.
    Blocked,
    /// Two sides whose settings do not fit.
    Mismatch,
    /// Works, and takes too long.
    Slow,
}

impl Kind {
    /// Its name in a sentence and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Exception => "exception",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Unreachable => "unreachable",
            Self::NameResolution => "name_resolution",
            Self::Certificate => "certificate",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::OutOfMemory => "out_of_memory",
            Self::Killed => "killed",
            Self::Crash => "crash",
            Self::Exit => "exit",
            Self::Down => "down",
            Self::Lock => "lock",
            Self::Space => "space",
            Self::ReadOnly => "read_only",
            Self::Exhausted => "exhausted",
            Self::Corrupt => "corrupt",
            Self::AddressInUse => "address_in_use",
            Self::Missing => "missing",
            Self::Overload => "overload",
            Self::Clock => "clock",
            Self::Blocked => "blocked",
            Self::Mismatch => "mismatch",
            Self::Slow => "slow",
        }
    }

    /// Whether it is rather what broke other things than what broke by them.
    pub fn is_cause(self) -> bool {
        matches!(
            self,
            Self::Space
                | Self::OutOfMemory
                | Self::Corrupt
                | Self::Mismatch
                | Self::Certificate
                | Self::Clock
                | Self::ReadOnly
        )
    }

    /// How much it tells of a cause: nothing at zero; what breaks other things tells the most.
    pub fn specificity(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Exception => 1,
            Self::Overload | Self::Slow => 2,
            Self::Timeout | Self::Exit => 3,
            Self::Down | Self::Reset | Self::Unreachable => 4,
            Self::Refused => 5,
            Self::Missing | Self::Exhausted | Self::Killed | Self::Denied => 6,
            Self::Lock
            | Self::Throttled
            | Self::Blocked
            | Self::Mismatch
            | Self::Clock
            | Self::AddressInUse
            | Self::Crash
            | Self::NameResolution
            | Self::Certificate
            | Self::ReadOnly
            | Self::Corrupt => 7,
            Self::OutOfMemory | Self::Space => 8,
        }
    }
}

/// Trouble, as the words of a message tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trouble {
    /// Its kind.
    pub kind: Kind,
    /// How bad it is.
    pub weight: Weight,
    /// A number decides that a template masks, such as the status of a process: ask with the line.
    pub is_numbered: bool,
}

/// What a row says.
#[derive(Clone, Copy)]
enum Says {
    Trouble(Kind, Weight),
    /// Trouble, unless a zero stands beside it.
    Counted(Kind, Weight),
    /// Trouble, unless the status behind it is zero.
    Ended,
    Harmless,
    Over,
}

/// A row, as it is searched.
struct Row {
    says: Says,
    /// A word may begin before it.
    open_left: bool,
    /// A word may go on behind it.
    open_right: bool,
}

struct Rows {
    search: AhoCorasick,
    rows: Vec<Row>,
}

/// None where the rows are too many to be searched at once, which a test rules out.
static ROWS: LazyLock<Option<Rows>> = LazyLock::new(compile);

fn compile() -> Option<Rows> {
    fn each(list: &'static [Words], says: fn(Kind, Weight) -> Says) -> Vec<(&'static str, Says)> {
        let of = |words: &'static Words| {
            let rows = words.rows.split('|');
            rows.map(move |row| (row, says(words.kind, words.weight)))
        };
        list.iter().flat_map(of).collect()
    }
    let mut said = each(TROUBLE, Says::Trouble);
    said.extend(each(COUNTED, Says::Counted));
    let plain = [
        (ENDED, Says::Ended),
        (HARMLESS, Says::Harmless),
        (OVER, Says::Over),
    ];
    for (list, says) in plain {
        said.extend(list.split('|').map(|row| (row, says)));
    }
    let search = AhoCorasick::new(said.iter().map(|(row, _)| row.trim_matches('*'))).ok()?;
    let row = |(row, says): &(&str, Says)| Row {
        says: *says,
        open_left: row.starts_with('*'),
        open_right: row.ends_with('*'),
    };
    let rows = said.iter().map(row).collect();
    Some(Rows { search, rows })
}

/// A row that was found, and where.
#[derive(Clone, Copy)]
struct Match {
    says: Says,
    from: usize,
    to: usize,
}

/// The worst trouble that a text tells: its weight, and the kind that tells the most of a cause.
///
/// The text may be a message or its template.
pub fn of(text: &str) -> Option<Trouble> {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..TEXT_BYTES_MAX).unwrap_or(bytes);
    let plain: Vec<u8> = bytes.iter().map(|b| plain(*b)).collect();
    let found = matches(&plain);
    let harmless: Vec<&Match> = of_kind(&found, |says| matches!(says, Says::Harmless));
    let is_over = found.iter().any(|one| matches!(one.says, Says::Over));
    let mut worst: Option<Trouble> = None;
    for one in &found {
        let hidden = |by: &&Match| by.from <= one.from && one.to <= by.to;
        let Some(trouble) = weigh(one, bytes, &plain).filter(|_| !harmless.iter().any(hidden))
        else {
            continue;
        };
        if is_over && !matches!(trouble.kind, Kind::Crash | Kind::Killed) {
            continue;
        }
        worst = Some(worst.map_or(trouble, |worst| worst.or(trouble)));
    }
    let worst = worst.map(|worst| Trouble {
        kind: quota(worst.kind, &plain),
        ..worst
    });
    let class = exception_class(bytes).filter(|_| !is_over);
    match (worst, class) {
        (Some(worst), Some(class)) => Some(worst.or(class)),
        (worst, class) => worst.or(class),
    }
}

/// What a quota is of: one of disks or memory throttles nobody.
fn quota(kind: Kind, plain: &[u8]) -> Kind {
    let words = || plain.split(|b| !b.is_ascii_alphanumeric());
    let has = |row: &[&str]| words().any(|word| row.iter().any(|one| one.as_bytes() == word));
    if kind != Kind::Throttled || !has(&["quota", "quotas"]) {
        kind
    } else if has(&["full", "disk", "disks", "storage", "mailbox"]) {
        Kind::Space
    } else if has(&["memory", "cpu", "pods"]) {
        Kind::Exhausted
    } else {
        kind
    }
}

impl Trouble {
    fn new(kind: Kind, weight: Weight) -> Self {
        Self {
            kind,
            weight,
            is_numbered: false,
        }
    }

    /// Both as one: the worse weight, and the kind that tells more, where what tells it is no mere
    /// hint beside an error.
    fn or(self, other: Self) -> Self {
        let (better, rest) = if self.rank() >= other.rank() {
            (self, other)
        } else {
            (other, self)
        };
        Self {
            kind: better.kind,
            weight: better.weight.max(rest.weight),
            is_numbered: better.is_numbered && rest.weight <= better.weight || {
                rest.is_numbered && better.weight == Weight::Hint
            },
        }
    }

    fn rank(self) -> (bool, u8) {
        (self.weight > Weight::Hint, self.kind.specificity())
    }
}

/// Letters in lower case; what joins words as a space.
fn plain(b: u8) -> u8 {
    match b {
        b'-' | b'_' => b' ',
        _ => b.to_ascii_lowercase(),
    }
}

fn of_kind(found: &[Match], is: impl Fn(Says) -> bool) -> Vec<&Match> {
    found.iter().filter(|one| is(one.says)).collect()
}

/// The rows that stand in a text as whole words.
fn matches(plain: &[u8]) -> Vec<Match> {
    let Some(rows) = ROWS.as_ref() else {
        return Vec::new();
    };
    let in_word = |at: Option<usize>| {
        let b = at.and_then(|at| plain.get(at)).copied().unwrap_or(b' ');
        b.is_ascii_alphanumeric() || b >= 0x80
    };
    let whole = |found: aho_corasick::Match| {
        let row = rows.rows.get(found.pattern().as_usize())?;
        let (from, to) = (found.start(), found.end());
        let before = from.checked_sub(1);
        // A word of a path is a name.
        let named = before.and_then(|at| plain.get(at)) == Some(&b'/');
        let left = row.open_left || !in_word(before) && !named || !in_word(Some(from));
        let right = row.open_right || !in_word(Some(to)) || !in_word(to.checked_sub(1));
        let says = row.says;
        (left && right).then_some(Match { says, from, to })
    };
    let found = rows.search.find_overlapping_iter(plain);
    found.filter_map(whole).take(MATCHES_COUNT_MAX).collect()
}

/// What a match tells where it stands.
fn weigh(one: &Match, bytes: &[u8], plain: &[u8]) -> Option<Trouble> {
    let behind = plain.get(one.to..).unwrap_or_default();
    if matches!(value(behind), Value::Nothing) {
        return None;
    }
    match one.says {
        Says::Trouble(kind, weight) => {
            // `timeout=30s` is a setting, `lag: 0` a measure.
            let measured = matches!(value(behind), Value::Number(_) | Value::Masked);
            let set = measured && weight == Weight::Hint;
            (!set).then(|| Trouble::new(kind, weight))
        }
        Says::Counted(kind, weight) => counted(one, kind, weight, plain),
        Says::Ended => ended(behind),
        Says::Harmless | Says::Over => None,
    }
    .filter(|_| !is_key_of_path(one, bytes))
}

/// Whether a match is part of a name with a slash or a dot behind it: `error/`, `errors.js`.
fn is_key_of_path(one: &Match, bytes: &[u8]) -> bool {
    let next = bytes.get(one.to).copied().unwrap_or(b' ');
    let after = bytes.get(one.to + 1).copied().unwrap_or(b' ');
    next == b'/' && after.is_ascii_lowercase() || next == b'.' && after.is_ascii_lowercase()
}

/// `3 errors`, `failed: 0`: what is counted counts unless there are none.
fn counted(one: &Match, kind: Kind, weight: Weight, plain: &[u8]) -> Option<Trouble> {
    let before = plain.get(..one.from).unwrap_or_default().trim_ascii_end();
    let start = before.iter().rposition(u8::is_ascii_whitespace);
    let word = before
        .get(start.map_or(0, |at| at + 1)..)
        .unwrap_or_default();
    let trouble = Trouble::new(kind, weight);
    let masked = Trouble {
        weight: Weight::Hint,
        is_numbered: true,
        ..trouble
    };
    let behind = plain.get(one.to..).unwrap_or_default();
    match (word, value(behind)) {
        (b"0" | b"(0" | b"no" | b"zero" | b"not" | b"never" | b"without", _) => None,
        (b"<num>" | b"(<num>", _) | (_, Value::Masked) => Some(masked),
        (_, Value::Number(0)) => None,
        _ => Some(trouble),
    }
}

/// The status that a process ended with: none is told where it is zero.
fn ended(behind: &[u8]) -> Option<Trouble> {
    let fatal = Trouble::new(Kind::Exit, Weight::Fatal);
    let hint = Trouble::new(Kind::Exit, Weight::Hint);
    let mut rest = skip(behind, BETWEEN);
    for _ in 0..STATUS_WORDS_MAX {
        let word = ["with", "exited", "exit", "status", "code", "signal"]
            .into_iter()
            .find(|word| rest.starts_with(word.as_bytes()));
        let Some(word) = word else {
            break;
        };
        rest = skip(rest.get(word.len()..).unwrap_or_default(), BETWEEN);
    }
    match number(rest) {
        Value::Number(0) => None,
        Value::Number(_) => Some(fatal),
        Value::Masked => Some(Trouble {
            is_numbered: true,
            ..hint
        }),
        _ => Some(hint),
    }
}

/// What stands between the words before a status.
const BETWEEN: &[u8] = b" =:,(\"'";

/// A value behind a key.
enum Value {
    /// There is no mark of a value.
    None,
    Number(u64),
    /// A number that a template masks.
    Masked,
    /// Empty, null, false, none.
    Nothing,
    Other,
}

/// The value behind `=` or `:`.
fn value(behind: &[u8]) -> Value {
    let rest = skip(behind, b"\"'");
    let Some((b'=' | b':', rest)) = rest.split_first() else {
        return Value::None;
    };
    let colon = rest.len() < behind.len() && !behind.starts_with(b"=");
    let rest = skip(rest, b" ");
    let end = |b: &u8| matches!(b, b' ' | b',' | b';' | b'}' | b')' | b']');
    let end = rest.iter().position(end).unwrap_or(rest.len());
    let word = rest.get(..end).unwrap_or_default();
    // `error: no such file` goes on.
    let last = rest.get(end) != Some(&b' ');
    match word {
        // `error:` at the end of a line has its text in the next.
        b"" if colon => Value::Other,
        b"" | b"null" | b"nil" | b"none" | b"false" | b"\"\"" | b"''" | b"<nil>" | b"undefined"
        | b"[" | b"{" => Value::Nothing,
        b"no" | b"ok" if last => Value::Nothing,
        word => number(word),
    }
}

/// The number that a text begins with.
fn number(text: &[u8]) -> Value {
    if text.starts_with(b"<num>") {
        return Value::Masked;
    }
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let digits = text
        .get(..digits.min(STATUS_DIGITS_MAX))
        .unwrap_or_default();
    if digits.is_empty() {
        return Value::Other;
    }
    Value::Number(digits.iter().fold(0, |n, b| n * 10 + u64::from(b - b'0')))
}

/// The text without such bytes at its beginning.
fn skip<'a>(text: &'a [u8], any: &[u8]) -> &'a [u8] {
    let passed = text.iter().take_while(|b| any.contains(b)).count();
    text.get(passed..).unwrap_or_default()
}

/// `TypeError`, `redis.exceptions.ResponseError`: the name of a class that is thrown.
fn exception_class(bytes: &[u8]) -> Option<Trouble> {
    let ends = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let next = bytes.get(at + 5);
        before.is_some_and(u8::is_ascii_alphanumeric)
            && !next.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'='))
    };
    let found = bytes.windows(5).enumerate();
    let mut found = found.filter(|(_, word)| *word == b"Error");
    found
        .any(|(at, _)| ends(at))
        .then(|| Trouble::new(Kind::Exception, Weight::Error))
}

#[cfg(test)]
mod tests;
