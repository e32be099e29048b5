//! Whether the words of a place are values of one statement or statements apart.
//!
//! Each different word adds what its kind weighs; what stands before the place, and how much else
//! of the row is the same, scale the sum. From [`ENOUGH`] on the words are values. A few words of
//! prose in the same place are statements (`started`, `stopped`), many are values; two names of
//! hosts or files are values already; capitals are states, until there are many.

use super::row::{ANY, Kind, STAR, Symbols};

/// Weight from which words are values.
pub(super) const ENOUGH: u32 = 120;

/// What stands before names.
const CUES: [&str; 33] = [
    "user",
    "username",
    "users",
    "host",
    "hostname",
    "device",
    "file",
    "filename",
    "dir",
    "directory",
    "path",
    "table",
    "database",
    "db",
    "schema",
    "topic",
    "bucket",
    "name",
    "named",
    "id",
    "tenant",
    "account",
    "owner",
    "namespace",
    "domain",
    "called",
    "function",
    "method",
    "column",
    "relation",
    "constraint",
    "lock",
    "via",
];
/// What stands before names, and as often before what they do.
const WEAK_CUES: [&str; 39] = [
    "node",
    "server",
    "index",
    "queue",
    "key",
    "customer",
    "group",
    "role",
    "service",
    "unit",
    "module",
    "package",
    "class",
    "interface",
    "job",
    "task",
    "worker",
    "pod",
    "client",
    "for",
    "from",
    "at",
    "to",
    "by",
    "of",
    "in",
    "on",
    "with",
    "is",
    "using",
    "already",
    "zone",
    "cache",
    "flag",
    "consumer",
    "while",
    "because",
    "now",
    "the",
];
/// What stands before one of few.
const STATE_CUES: [&str; 12] = [
    "state",
    "status",
    "type",
    "mode",
    "reason",
    "option",
    "level",
    "signal",
    "phase",
    "kind",
    "->",
    "attribute",
];

/// Units of money, which belong to their number.
pub(super) fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "EUR"
            | "USD"
            | "CHF"
            | "GBP"
            | "JPY"
            | "CNY"
            | "INR"
            | "SEK"
            | "NOK"
            | "DKK"
            | "PLN"
            | "CZK"
            | "CAD"
            | "AUD"
            | "BRL"
            | "MXN"
            | "KRW"
    )
}

/// What stands before the kind of what is named: `in zone north`.
pub(super) const PLACES: [&str; 8] = ["in", "at", "on", "by", "for", "from", "to", "of"];

/// Whether a word leads from a name to where or when it is: `cleanup every <num> min`.
pub(super) fn is_place(word: &str) -> bool {
    word == "every" || PLACES.contains(&word)
}

/// Whether a word names a failure, whose message follows it.
pub(super) fn is_exception(word: &str) -> bool {
    let ends = ["Error", "Exception", "Warning", "Timeout", "Fault"];
    word.len() > 7 && ends.iter().any(|end| word.ends_with(end))
}

/// Whether a word is the name of an error of a system's call, as C and Node write it.
fn is_error_name(word: &str) -> bool {
    const NAMES: [&str; 20] = [
        "EACCES",
        "EADDRINUSE",
        "EADDRNOTAVAIL",
        "EAGAIN",
        "EBADF",
        "ECONNABORTED",
        "ECONNREFUSED",
        "ECONNRESET",
        "EEXIST",
        "EHOSTDOWN",
        "EHOSTUNREACH",
        "EINVAL",
        "EIO",
        "EMFILE",
        "ENETUNREACH",
        "ENOENT",
        "ENOTFOUND",
        "EPERM",
        "EPIPE",
        "ETIMEDOUT",
    ];
    NAMES.contains(&word)
}

/// Whether a word is a statement's first one in the language of databases.
pub(super) fn is_query_verb(word: &str) -> bool {
    matches!(
        word,
        "SELECT"
            | "INSERT"
            | "UPDATE"
            | "DELETE"
            | "BEGIN"
            | "COMMIT"
            | "ROLLBACK"
            | "START"
            | "CREATE"
            | "ALTER"
            | "DROP"
            | "TRUNCATE"
    )
}

/// What may follow such a verb: none of a request's paths, and no prose.
pub(super) fn is_query_tail(word: &str) -> bool {
    let all = |b: u8| b.is_ascii_uppercase() || b == b'_';
    word.is_empty()
        || matches!(word, "*" | "\"" | "\\\"" | ";" | "(")
        || word.bytes().all(all)
        || word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b"._".contains(&b))
}

/// Units of time that are written apart from their number.
pub(super) fn is_time_unit(word: &str) -> bool {
    matches!(
        word,
        "ns" | "us"
            | "ms"
            | "sec"
            | "secs"
            | "second"
            | "seconds"
            | "min"
            | "mins"
            | "minute"
            | "minutes"
            | "hour"
            | "hours"
            | "millis"
            | "milliseconds"
            | "microseconds"
    )
}

/// Whether a name ends as units of systemd and programs do: `cron.service`, `mailer.exe`.
pub(super) fn is_unit_name(name: &str) -> bool {
    const ENDS: [&str; 11] = [
        "service",
        "timer",
        "socket",
        "mount",
        "automount",
        "scope",
        "slice",
        "target",
        "swap",
        "device",
        "exe",
    ];
    name.rsplit_once('.').is_some_and(|(stem, end)| {
        stem.ends_with(|c: char| c.is_alphanumeric() || c == '*') && ENDS.contains(&end)
    })
}

/// Whether what follows the key is text, to the end of the line.
pub(super) fn is_text_key(key: &str) -> bool {
    const KEYS: [&str; 16] = [
        "message",
        "msg",
        "reason",
        "err",
        "error",
        "cause",
        "description",
        "detail",
        "details",
        "subject",
        "title",
        "command",
        "cmd",
        "query",
        "sql",
        "text",
    ];
    KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// What requests begin with.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];

/// The weight of a place's different keys.
pub(super) fn words(
    keys: &[u32],
    before: &[u32],
    same: usize,
    vary: usize,
    symbols: &Symbols,
) -> u32 {
    if plural(keys, symbols) || alike(keys, before, symbols) {
        return ENOUGH;
    }
    let scale = scale(before, symbols);
    // What opens a row is the statement's own more often than not.
    let first = !before
        .iter()
        .any(|key| *key == STAR || *key == ANY || is_anchor(*key, symbols));
    let last = before.last().map_or("", |key| symbols.normal(*key));
    let described = matches!(
        last,
        "is" | "are" | "was" | "were" | "already" | "being" | "now" | "while"
    );
    let mut sum = 0_u32;
    let mut slot = false;
    let mut methods = 0;
    for key in keys {
        sum += match symbols.kind(*key) {
            Kind::Mark => 0,
            Kind::Flag => 10,
            Kind::Slot => {
                slot = true;
                if *key == ANY { ENOUGH } else { 0 }
            }
            Kind::Name if first && !symbols.normal(*key).contains('*') => 20,
            Kind::Name | Kind::Truth => 60,
            Kind::Camel => 30,
            Kind::Plain if !described && tells_a_deed(symbols.normal(*key)) => 5,
            Kind::Plain => 15,
            Kind::Capitals if METHODS.contains(&symbols.normal(*key)) => {
                methods += 1;
                0
            }
            Kind::Capitals => 20,
        };
    }
    if slot && keys.contains(&STAR) {
        sum += 60;
    }
    let quoted = before
        .last()
        .is_some_and(|key| symbols.normal(*key) == "\"");
    let methods = match methods {
        0 => 0,
        1 => 20,
        _ if quoted => methods * 31,
        _ => methods * 60,
    };
    let scaled = sum * scale / 2 + methods;
    // Where little else is the same, more must vary.
    let share = vary.max(1) as u32;
    scaled * (same as u32).min(share) / share
}

/// Whether all are requests' methods, or failures, or a value stands beside words behind a colon.
fn alike(keys: &[u32], before: &[u32], symbols: &Symbols) -> bool {
    let all = |is: fn(&str) -> bool| {
        keys.len() > 1
            && keys
                .iter()
                .all(|key| *key == STAR || *key == ANY || is(symbols.normal(*key)))
    };
    let last = before.last().map_or("", |key| symbols.normal(*key));
    let method = |word: &str| METHODS.contains(&word);
    let value = keys.contains(&STAR) && keys.len() > 1;
    last != "\"" && all(method)
        || all(is_exception)
        || all(is_error_name)
        || value && matches!(last, ":" | "=")
}

/// Whether words are one, in the singular and in the plural.
fn plural(keys: &[u32], symbols: &Symbols) -> bool {
    let [one, other] = keys else { return false };
    let (one, other) = (symbols.normal(*one), symbols.normal(*other));
    let longer =
        |many: &str, single: &str| single.len() > 2 && many.strip_suffix('s') == Some(single);
    longer(one, other) || longer(other, one)
}

/// What the tokens before a place say of it, in halves.
fn scale(before: &[u32], symbols: &Symbols) -> u32 {
    let mut back = before.iter().rev();
    let Some(last) = back.next() else {
        return 2;
    };
    let named = |key: Option<&u32>| key.map_or(0, |key| cue(symbols.normal(*key)));
    match symbols.normal(*last) {
        "=" => named(back.next()).max(4),
        ":" => named(back.next()).max(2),
        "'" | "\"" | "`" if before.len() == 1 => 2,
        "'" | "\"" | "`" => named(back.next()).max(5),
        "[" | "(" | "{" => 3,
        noun => {
            let placed = back
                .next()
                .is_some_and(|key| PLACES.contains(&symbols.normal(*key)));
            let placed = placed && symbols.kind(*last) == Kind::Plain && !tells_a_deed(noun);
            named(Some(last)).max(if placed { 8 } else { 2 })
        }
    }
}

/// How much a word says that a name follows, in halves.
fn cue(word: &str) -> u32 {
    let bare = word.trim_end_matches(['.', ':']);
    let tail = bare.rsplit(['_', '.', '-']).next().unwrap_or(bare);
    let is = |cue: &&str| cue.eq_ignore_ascii_case(tail);
    if CUES.iter().any(is) || STATE_CUES.iter().any(is) {
        8
    } else if WEAK_CUES.iter().any(is) {
        6
    } else if tells_a_deed(bare) {
        4
    } else {
        0
    }
}

/// What leads a part that may be left out.
const LEADERS: [&str; 20] = [
    "at", "in", "on", "port", "from", "for", "by", "after", "with", "line", "due", "to", "of",
    "via", "as", "column", "user", "total", "pid", "code",
];

/// Whether a part that may be left out may begin with the word.
pub(super) fn leads(word: &str) -> bool {
    LEADERS
        .iter()
        .any(|leader| leader.eq_ignore_ascii_case(word))
}

/// What announces a cause, an answer or a result, which may be any text.
const ANNOUNCERS: [&str; 40] = [
    "failed",
    "failure",
    "fail",
    "error",
    "errors",
    "exception",
    "reason",
    "cause",
    "caused",
    "because",
    "message",
    "says",
    "said",
    "thrown",
    "raised",
    "caught",
    "unexpected",
    "returned",
    "response",
    "reply",
    "body",
    "result",
    "results",
    "output",
    "status",
    "diagnostics",
    "report",
    "details",
    "detail",
    "warning",
    "unreachable",
    "aborted",
    "rejected",
    "denied",
    "refused",
    "signal",
    "exited",
    "command",
    "query",
    "statement",
];

/// Whether any text may follow a colon behind the word.
pub(super) fn announces(word: &str) -> bool {
    ANNOUNCERS
        .iter()
        .any(|announcer| announcer.eq_ignore_ascii_case(word))
}

/// Whether a word looks as if it told what happened: `started`, `waiting`.
pub(super) fn tells_a_deed(word: &str) -> bool {
    word.len() > 4 && (word.ends_with("ing") || word.ends_with("ed"))
}

/// Whether a token holds the row together: a word that says something.
pub(super) fn is_anchor(key: u32, symbols: &Symbols) -> bool {
    let lettered = || {
        symbols
            .normal(key)
            .chars()
            .filter(|c| c.is_alphabetic())
            .count()
            >= 2
    };
    key != STAR && key != ANY && !matches!(symbols.kind(key), Kind::Mark | Kind::Slot) && lettered()
}
