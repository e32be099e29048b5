//! Secrets in sentences: `the password is x`, `with password x`, `changed from x to y`,
//! `secret access key x`.
//!
//! A sentence says many things about a password that are no password (`is required`,
//! `was expired`). So a value counts by its own form, and a plain word only where a verb leads
//! to it and the sentence ends behind it.

use std::sync::LazyLock;

use crate::Finding;
use crate::bytes::{alnum, at, before, blank, cut, opens, run, run_back, starts, starts_nocase};
use crate::form::{Form, form};
use crate::key::{KEY_BYTES_MAX, KeyVerdict, verdict};
use crate::spoken_names::{NAMES, Name};
use crate::value::{is_placeholder, taken};

mod value;

use value::{continues, value};

/// Words between the name and its value.
const WORDS_COUNT_MAX: usize = 8;

/// The names by their first byte, ASCII case ignored.
static BY_FIRST: LazyLock<Vec<Vec<&'static Name>>> = LazyLock::new(|| {
    let begins = |b: u8| {
        let first = |name: &&Name| name.0.first().is_some_and(|f| f.eq_ignore_ascii_case(&b));
        NAMES.iter().filter(first).collect()
    };
    (0_u8..=255).map(begins).collect()
});

/// Words after which the value follows.
const VERBS: &[&str] = &[
    "is", "was", "are", "to", "as", "equals", "from", "ist", "lautet", "est", "es", "era", "é",
    "becomes", "->", "-", "–", "—", "→", "|",
];

/// Words of other languages after which the value follows, but also what is said of a secret: a
/// plain word behind them is none.
const VERBS_ABROAD: &[&str] = &[
    "war",
    "heißt",
    "était",
    "devient",
    "será",
    "è",
    "to",
    "jest",
    "brzmi",
    "było",
    "je",
    "bylo",
    "zní",
    "är",
    "var",
    "er",
    "on",
    "oli",
    "este",
    "e",
    "là",
    "adalah",
    "ialah",
    "είναι",
    "ήταν",
    "هي",
    "هو",
    "היא",
    "הוא",
    "คือ",
    "là:",
];

/// Words before them that say that a value was given.
const CHANGES: &[&str] = &[
    "set", "changed", "reset", "updated", "rotated", "rotating", "changing", "setting", "replaced",
    "given", "entered",
];

/// Words that may stand before them.
const FILLERS: &[&str] = &[
    "has",
    "been",
    "will",
    "be",
    "now",
    "currently",
    "temporarily",
    "generated",
    "issued",
    "created",
    "value",
    "string",
    "your",
    "the",
    "new",
    "old",
    "still",
    "initially",
    "originally",
    "temporaire",
    "temporanea",
    "temporal",
    "temporária",
    "provisoire",
    "provvisoria",
    "provisional",
    "provisória",
    "inicial",
    "actual",
    "attuale",
];

/// Words that say whose a secret is.
const OF: &[&str] = &[
    "for", "of", "on", "in", "für", "pour", "para", "per", "voor", "dla", "för", "для",
];

/// Words of Chinese, Japanese and Korean that part a name from its value.
const PARTICLES: &[&str] = &["是", "为", "為", "は", "는", "은"];

/// The name at `i`: its length, its rule, and whether it needs no verb. A key in a sentence
/// (`aws_secret_access_key x`) is a name, too.
fn named(text: &str, i: usize) -> Option<(usize, &'static str, bool)> {
    let bytes = text.as_bytes();
    let word = if before(bytes, i) == b'-' {
        i
    } else {
        run(bytes, i, KEY_BYTES_MAX, |b| {
            alnum(b) || matches!(b, b'_' | b'-')
        })
    };
    let key = cut(text, i, word);
    if blank(at(bytes, word)) && key.bytes().any(|b| b == b'_') {
        let KeyVerdict::Secret(_) = verdict(key) else {
            return None;
        };
        return Some((key.len(), "prose.key", true));
    }
    BY_FIRST
        .get(usize::from(at(bytes, i)))?
        .iter()
        .filter(|(name, ..)| starts_nocase(bytes, i, name))
        .max_by_key(|(name, ..)| name.len())
        .map(|(name, rule, direct)| (name.len(), *rule, *direct))
}

/// The names.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    NAMES
        .iter()
        .filter_map(|(name, ..)| std::str::from_utf8(name).ok())
}

/// Whether what follows the name at `i` may be its value.
pub(crate) fn may_follow(bytes: &[u8], i: usize, name: &str) -> bool {
    let next = at(bytes, i + name.len());
    blank(next) || next >= 0x80 || next == b':' && name.contains(' ')
}

/// First two bytes of the names that do not begin with ASCII.
static HIGH: LazyLock<Vec<[u8; 2]>> = LazyLock::new(|| {
    let first = |name: &Name| name.0.first_chunk::<2>().copied();
    let names = NAMES.iter().filter_map(first);
    let codes =
        crate::auth::codes_known().filter_map(|word| word.as_bytes().first_chunk().copied());
    let mut all: Vec<[u8; 2]> = names.chain(codes).filter(|[b, _]| *b >= 0x80).collect();
    all.sort_unstable();
    all.dedup();
    all
});

/// Whether a name of another script may begin at `i`.
pub(crate) fn may_begin_high(bytes: &[u8], i: usize) -> bool {
    let two = [at(bytes, i), at(bytes, i + 1)];
    HIGH.contains(&two)
}

/// End of the particle at `i`.
fn particle(text: &str, i: usize) -> Option<usize> {
    let from = run(text.as_bytes(), i, 2, blank);
    let rest = text.get(from..)?;
    let found = PARTICLES.iter().find(|p| rest.starts_with(**p))?;
    Some(from + found.len())
}

/// The secret in the sentence whose secret's name is at `i`; where a sentence holds two (`from x
/// to y`), both.
pub(crate) fn spoken(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    let (length, rule, direct) = named(text, i)?;
    if let Some(found) = answered(text, i + length, rule) {
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    let (mut lead, mut word) = named_lead(text, (i, i + length), direct)?;
    let mut last = None;
    for _ in 0..WORDS_COUNT_MAX {
        let start = run(bytes, word, 4, |b| blank(b) || b == b'*');
        let end = run(bytes, start, 64, |b| !b.is_ascii_whitespace());
        let said = cut(text, start, end).to_lowercase();
        let said = match said.strip_suffix(':') {
            Some("") => "is",
            Some(said) => said,
            None => &said,
        };
        let abroad = VERBS_ABROAD.contains(&said) && speaks(text, i, said);
        if abroad && lead.verb.is_empty() {
            lead.verb = ABROAD;
            word = end;
        } else if let Some(verb) = VERBS.iter().find(|verb| **verb == said) {
            lead.verb = verb;
            word = end;
        } else if CHANGES.contains(&said) {
            lead.changed = true;
            word = end;
        } else if FILLERS.contains(&said) {
            word = end;
        } else if OF.contains(&said) && lead.verb.is_empty() {
            let (end, sign) = whose(text, end);
            lead.verb = if sign { "is" } else { "" };
            word = end;
        } else if lead.verb == "to"
            && !lead.changed
            && length == "pass".len()
            && form(said.trim_matches('`')) == Form::Word
        {
            // `pass to hook`: a verb.
            break;
        } else {
            let Some(found) = value(text, start, rule, &lead) else {
                break;
            };
            word = run(bytes, found.end, 2, |b| matches!(b, b'"' | b'\'' | b'`'));
            last = Some(found.end);
            out.push(found);
            // `from x to y`.
            if lead.verb != "from" || !continues(bytes, word) {
                break;
            }
        }
        if !blank(at(bytes, word)) {
            break;
        }
    }
    last
}

/// What the name from `i` to `end`, and what stands before it, say of the words behind it, and
/// where those begin.
fn named_lead(text: &str, (i, end): (usize, usize), direct: bool) -> Option<(Lead, usize)> {
    let bytes = text.as_bytes();
    let particle = particle(text, end);
    let mut word = particle.unwrap_or(end);
    // A name of several words is no key.
    let signed = at(bytes, word) == b':' && cut(text, i, word).contains(' ');
    word += usize::from(signed);
    if particle.is_none() && !blank(at(bytes, word)) {
        return None;
    }
    let (with, changed) = led(text, i);
    let is = signed || particle.is_some() || cut(text, i, word).ends_with("'s");
    let lead = Lead {
        verb: if is { "is" } else { "" },
        changed,
        with,
        // In capitals it is no pin of a board.
        direct: direct || starts(bytes, i, b"PIN "),
        listed: i >= 2 && starts(bytes, i - 2, b", "),
    };
    Some((lead, word))
}

/// Longest question in bytes.
const QUESTION_BYTES_MAX: usize = 96;

/// The answer in `security question "first car" answered "x"`, behind the name at `i`.
fn answered(text: &str, i: usize, rule: &'static str) -> Option<Finding> {
    let bytes = text.as_bytes();
    if rule != "prose.answer" {
        return None;
    }
    let open = run(bytes, i, 4, |b| matches!(b, b' ' | b':' | b'\\'));
    if !matches!(at(bytes, open), b'"' | b'\'') || open == i {
        return None;
    }
    let asked = |b: u8| b != at(bytes, open) && b != b'\n';
    let close = run(bytes, open + 1, QUESTION_BYTES_MAX, asked);
    let word = run(bytes, close, 6, |b| {
        matches!(b, b' ' | b',' | b':' | b'"' | b'\'' | b'\\')
    });
    let said = ["answered with ", "answered ", "answer: ", "answer "];
    let said = said
        .iter()
        .find(|said| starts_nocase(bytes, word, said.as_bytes()))?;
    let found = taken(text, word + said.len(), false, |value, quoted| {
        quoted && !is_placeholder(value)
    })?;
    Some(Finding::secret(rule, found.start, found.end))
}

/// Most words that say whose a secret is: `for the staging database of the shop`.
const WHOSE_WORDS_MAX: usize = 8;

/// End of the words behind `i` that say whose a secret is, and whether a sign ends them: all
/// before a colon, an equals sign or a verb of the same sentence, or the first alone.
fn whose(text: &str, i: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let word = |i: usize| {
        let start = run(bytes, i, 4, blank);
        (start, run(bytes, start, 64, |b| !b.is_ascii_whitespace()))
    };
    let signed = |said: &str| said.len() > 1 && said.ends_with(':') && is_plain(said);
    let first = word(i).1;
    let mut end = first;
    if signed(cut(text, i, first).trim_start()) {
        return (first, true);
    }
    for _ in 1..WHOSE_WORDS_MAX {
        let (start, next) = word(end);
        let said = cut(text, start, next);
        if matches!(said, "=" | ":" | "->") {
            return (next, true);
        }
        if signed(said) {
            return (next, true);
        }
        if matches!(
            said,
            "is" | "was" | "are" | "ist" | "lautet" | "est" | "es" | "é" | "è"
        ) {
            return (end, false);
        }
        if next == start || said.ends_with('.') || !is_plain(said) {
            break;
        }
        end = next;
    }
    (first, false)
}

/// Whether a word is one of a sentence, of a host or of a path, with a colon behind it or not.
fn is_plain(said: &str) -> bool {
    let inside = |b: u8| alnum(b) || b"-_./'\"@:".contains(&b) || b >= 0x80;
    said.bytes().all(inside)
}

/// Stands for any of [`VERBS_ABROAD`].
const ABROAD: &str = "abroad";

/// Whether a word is a verb in the language of the name at `i`: `to` in Polish, `on` in Finnish.
fn speaks(text: &str, i: usize, word: &str) -> bool {
    match word {
        "to" => starts_nocase(text.as_bytes(), i, b"has"),
        "on" => starts_nocase(text.as_bytes(), i, b"salasana"),
        _ => true,
    }
}

/// What led to a value.
struct Lead {
    verb: &'static str,
    /// Whether the sentence says that a value was given: `set to`.
    changed: bool,
    /// `with password x`.
    with: Led,
    /// Whether the name needs no verb.
    direct: bool,
    /// Whether it stands behind a comma, as in a list of what something has.
    listed: bool,
}

/// How far before the name a word is looked for that leads to a value.
const LEAD_BYTES_MAX: usize = 48;

/// Whether the words before the name lead to a value (`with`, `using`, `user bob`), and whether
/// they say that it was changed.
fn led(text: &str, i: usize) -> (Led, bool) {
    let bytes = text.as_bytes();
    let from = run_back(bytes, i, LEAD_BYTES_MAX, |b| b != b'\n' && b < 0x80);
    let line = crate::bytes::lower(cut(text, from, i));
    let mut words = line
        .rsplit(|c: char| !c.is_ascii_alphabetic())
        .filter(|w| !w.is_empty());
    let article = |word: &&str| matches!(*word, "the" | "a" | "your" | "new" | "my" | "this");
    let near = words.find(|word| !article(word)).unwrap_or("");
    if matches!(
        near,
        "with" | "using" | "via" | "mit" | "avec" | "con" | "com"
    ) {
        return (Led::Near, false);
    }
    let far = |word: &str| {
        matches!(
            word,
            "with"
                | "using"
                | "use"
                | "try"
                | "enter"
                | "type"
                | "user"
                | "username"
                | "login"
                | "credentials"
                | "temp"
                | "temporary"
                | "initial"
                | "default"
                | "expected"
                | "tried"
                | "got"
                | "gave"
                | "given"
                | "stored"
                | "typed"
                | "entered"
                | "sent"
                | "received"
                | "submitted"
                | "provided"
                | "used"
                | "verified"
                | "mask"
                | "leaked"
        )
    };
    let led = if far(near) || words.any(far) {
        Led::Far
    } else {
        Led::Not
    };
    (led, CHANGES.contains(&near))
}

/// How near the word stands that leads to a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Led {
    Near,
    Far,
    Not,
}
