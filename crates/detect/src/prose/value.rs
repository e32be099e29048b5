//! What in a sentence is the secret that it is about, by what led to it and by its own form.

use super::{ABROAD, Lead, Led};
use crate::Finding;
use crate::bytes::{alnum, at, before, cut, digit, run, starts_nocase};
use crate::fit::is_made;
use crate::form::{Form, form, is_state, says_state, scattered};
use crate::key::is_telling;
use crate::value::{clause_end, is_placeholder, is_prose, list_end, phrase_end, taken};

impl Lead {
    /// Whether what leads to the value says that one follows, so that a plain word is it.
    fn tells(&self) -> bool {
        match self.verb {
            "to" | "from" => self.changed,
            "as" => self.changed || self.with == Led::Near,
            "" => self.with == Led::Near,
            ABROAD | "-" | "–" | "—" | "|" => false,
            _ => true,
        }
    }
}

/// The value at `i` of a name with that rule, behind what led to it.
pub(super) fn value(text: &str, i: usize, rule: &'static str, lead: &Lead) -> Option<Finding> {
    if rule == "prose.seed" {
        return phrase_end(text, i).map(|end| Finding::secret(rule, i, end));
    }
    let linked = !lead.verb.is_empty();
    if lead.direct
        && lead.listed
        && !linked
        && rule == "prose.password"
        && let Some(end) = numbered_words(text, i)
    {
        return Some(Finding::secret(rule, i, end));
    }
    let found = taken(text, i, false, |value, quoted| {
        let value = value.trim_end_matches(SENTENCE_ENDS);
        let other = value.contains(' ') || is_option(value) || value.len() < 3;
        if is_placeholder(value) || other {
            return false;
        }
        if quoted {
            is_quoted(value, rule, lead)
        } else {
            is_bare((text, i), value, rule, lead)
        }
    })?;
    let bare = |end: usize| {
        let said = cut(text, found.start, end);
        found.start + said.trim_end_matches(SENTENCE_ENDS).len()
    };
    let paired = || in_pairs(text.as_bytes(), found.start);
    let end = match rule {
        _ if found.quoted => found.end,
        "prose.answer" if linked => bare(clause_end(text, found.end)),
        "prose.recovery" if linked || paired() => list_end(text, found).max(bare(found.end)),
        _ => bare(found.end),
    };
    Some(Finding::secret(rule, found.start, end))
}

/// What ends a sentence or a part of it, and no value.
const SENTENCE_ENDS: [char; 5] = ['.', ';', ',', '?', ':'];

/// Whether a value is an option of a command: `pass --plain`.
fn is_option(value: &str) -> bool {
    let name = value.strip_prefix("--");
    name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

/// Rules of secrets that people think of.
fn is_password(rule: &str) -> bool {
    matches!(rule, "prose.password" | "prose.answer")
}

/// Whether a value in quotes is the secret that the sentence is about.
fn is_quoted(value: &str, rule: &str, lead: &Lead) -> bool {
    let linked = !lead.verb.is_empty();
    let with = lead.with != Led::Not;
    let named = value.bytes().all(|b| b.is_ascii_alphabetic()) && is_telling(value);
    let whence = lead.verb == "from" && !lead.changed;
    let named_key = rule == "prose.key" && form(value) >= Form::Mixed;
    (linked || named_key || with && is_password(rule)) && !is_prose(value) && !named && !whence
}

/// Whether the value at `i`, without quotes, is the secret that the sentence is about.
fn is_bare((text, i): (&str, usize), value: &str, rule: &str, lead: &Lead) -> bool {
    let bytes = text.as_bytes();
    let linked = !lead.verb.is_empty();
    let with = lead.with != Led::Not;
    let led = linked || with || lead.direct;
    let (password, pin) = (is_password(rule), rule == "prose.pin");
    let digits = value.bytes().filter(|b| digit(*b)).count();
    let coded = rule == "prose.recovery" && (digits >= 6 || is_grouped(value));
    match form(value) {
        _ if rule == "prose.cvv" => (3..=4).contains(&value.len()) && digits == value.len(),
        _ if rule == "prose.session" => is_made(value) && led,
        _ if led && is_made(value) && mixed_case(value) => true,
        _ if led && password && is_odd(value) => true,
        _ if linked && lead.tells() && password && is_phrase(value) => true,
        // `changed from web-1` says where.
        _ if lead.verb == "from" && !continues(bytes, i + value.len()) => false,
        Form::Random => led,
        Form::Mixed if pin => false,
        Form::Mixed => linked || with || is_strict(value, lead, password),
        _ if coded => value.bytes().all(|b| alnum(b) || b == b'-'),
        Form::Number if rule == "prose.recovery" => {
            value.len() == 4 && (linked || in_pairs(bytes, i))
        }
        Form::Number => {
            let led = linked || pin && (lead.with == Led::Near || lead.direct);
            led && value.len() >= 4 && (password || pin)
        }
        Form::Word => {
            let end = match rule {
                "prose.answer" if linked => clause_end(text, i + value.len()),
                _ => i + value.len(),
            };
            let ends = ends_clause(bytes, end) || lead.verb == "from" && continues(bytes, end);
            let plain = |b: u8| alnum(b) || matches!(b, b'-' | b'_') || b >= 0x80;
            let plain = value.bytes().all(plain);
            password && lead.tells() && ends && plain && !says_state(value)
        }
    }
}

/// Whether a value of letters and digits is a secret where nothing but its name leads to it.
fn is_strict(value: &str, lead: &Lead, password: bool) -> bool {
    let signs = value.bytes().any(digit) && value.bytes().any(|b| b"!@#$%^&*".contains(&b));
    let piece = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.') || b >= 0x80;
    let whole = value.len() >= 8 && (signs || value.bytes().all(piece));
    let made = signs || scattered(value) || is_made(value) || mixed_case(value);
    lead.direct && (whole && made || password && is_numbered(value))
}

/// Whether signs stand among letters whose case changes again and again.
fn is_odd(value: &str) -> bool {
    let inside = value.trim_matches(|c: char| c.is_ascii_punctuation());
    let sign = inside
        .bytes()
        .any(|b| b"~!@#$%^&*+=?;|<>(-\"':".contains(&b));
    let all = sign && crate::bytes::mixed(value.as_bytes());
    let cased = value.as_bytes().windows(2);
    let changes =
        cased.filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let changes = changes.count();
    let random = all || sign && changes >= 2 || value.len() >= 12 && changes >= 4;
    value.len() >= 8 && !value.contains("://") && random
}

/// Words that a number follows without making a password of them.
const NUMBERED: &[&str] = &[
    "attempt", "code", "error", "gid", "http", "job", "line", "md", "node", "pid", "port", "row",
    "sha", "status", "step", "task", "test", "uid", "user", "version", "worker",
];

/// Whether a value is a word and a number, as passwords are that somebody thought of.
fn is_numbered(value: &str) -> bool {
    let word = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let lower = crate::bytes::lower(word);
    value.len() - word.len() >= 3
        && word.len() >= 4
        && word.bytes().all(|b| b.is_ascii_alphabetic())
        && !NUMBERED.contains(&lower.as_str())
}

/// Whether a value is a pass phrase: four words and more, joined by a sign.
fn is_phrase(value: &str) -> bool {
    ['-', '_', '.'].iter().any(|sign| {
        let mut words = value.split(*sign);
        let word = |w: &str| w.len() >= 3 && w.bytes().all(|b| b.is_ascii_lowercase());
        words.clone().count() >= 4 && words.all(word)
    })
}

/// Whether two groups of four digits stand at `i`.
fn in_pairs(bytes: &[u8], i: usize) -> bool {
    let group = |i: usize| run(bytes, i, 5, digit) == i + 4;
    group(i) && at(bytes, i + 4) == b' ' && group(i + 5) && !alnum(at(bytes, i + 9))
}

/// End of a pass phrase of plain words at `i` that a number ends: `teapot mustard satellite 44`.
fn numbered_words(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at_word = i;
    for words in 0..PHRASE_WORDS_MAX {
        let end = run(bytes, at_word, 16, |b| b.is_ascii_lowercase());
        if end == at_word {
            let number = run(bytes, at_word, 5, digit);
            let counted = number > at_word && ends_clause(bytes, number);
            return (words >= PHRASE_WORDS_MIN && counted).then_some(number);
        }
        let word = cut(text, at_word, end);
        if word.len() < 3 || at(bytes, end) != b' ' || is_prose(word) || is_state(word) {
            return None;
        }
        at_word = end + 1;
    }
    None
}

/// Fewest and most words of a pass phrase in a sentence.
const PHRASE_WORDS_MIN: usize = 3;
const PHRASE_WORDS_MAX: usize = 8;

/// Whether a value is written as recovery codes are: groups of one length, joined by `-`.
fn is_grouped(value: &str) -> bool {
    let mut groups = value.split('-');
    let length = groups.clone().next().map_or(0, str::len);
    // Words in capitals are few.
    let digits = value.bytes().any(digit) || !value.bytes().any(|b| b.is_ascii_lowercase());
    (4..=6).contains(&length)
        && groups.clone().count() >= if digits { 2 } else { 3 }
        && groups.all(|group| group.len() == length && group.bytes().all(alnum))
}

/// Whether letters of both cases and digits stand together, as they seldom do in a name.
fn mixed_case(value: &str) -> bool {
    crate::bytes::mixed(value.as_bytes())
}

/// Whether ` to ` follows at `i`.
pub(super) fn continues(bytes: &[u8], i: usize) -> bool {
    starts_nocase(bytes, i, b" to ")
}

/// Whether the sentence ends at `i`.
fn ends_clause(bytes: &[u8], i: usize) -> bool {
    match at(bytes, i) {
        0 => before(bytes, i) != 0,
        b'\n' | b'\r' | b',' | b';' | b')' => true,
        b'.' => matches!(at(bytes, i + 1), 0 | b' ' | b'\n' | b'\r'),
        _ => false,
    }
}
