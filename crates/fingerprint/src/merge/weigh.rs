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
const CUES: [&str; 26] = [
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
];
/// What stands before names, and as often before what they do.
const WEAK_CUES: [&str; 30] = [
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
    "type",
    "zone",
    "cache",
    "flag",
    "consumer",
];

/// The weight of a place's different keys.
pub(super) fn words(
    keys: &[u32],
    before: &[u32],
    same: usize,
    vary: usize,
    symbols: &Symbols,
) -> u32 {
    let mut sum = 0_u32;
    let mut slot = false;
    for key in keys {
        sum += match symbols.kind(*key) {
            Kind::Mark => 0,
            Kind::Flag => 10,
            Kind::Slot => {
                slot = true;
                if *key == ANY { ENOUGH } else { 0 }
            }
            Kind::Name | Kind::Truth => 60,
            Kind::Camel => 24,
            Kind::Plain if tells_a_deed(symbols.normal(*key)) => 5,
            Kind::Plain => 15,
            Kind::Capitals => 8,
        };
    }
    if slot && keys.contains(&STAR) {
        sum += 60;
    }
    let scaled = sum * scale(before, symbols) / 2;
    // Where little else is the same, more must vary.
    let share = (2 * vary).max(1) as u32;
    scaled * (same as u32).min(share) / share
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
        "'" | "\"" | "`" => named(back.next()).max(5),
        "[" | "(" | "{" => 3,
        _ => named(Some(last)).max(2),
    }
}

/// How much a word says that a name follows, in halves.
fn cue(word: &str) -> u32 {
    let bare = word.trim_end_matches(['.', ':']);
    let tail = bare.rsplit(['_', '.', '-']).next().unwrap_or(bare);
    let is = |cue: &&str| cue.eq_ignore_ascii_case(tail);
    if CUES.iter().any(is) {
        8
    } else if WEAK_CUES.iter().any(is) {
        4
    } else {
        0
    }
}

/// Whether a word looks as if it told what happened: `started`, `waiting`.
fn tells_a_deed(word: &str) -> bool {
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
