//! Secrets in sentences: `the password is x`, `with password x`, `changed from x to y`,
//! `secret access key x`.
//!
//! A sentence says many things about a password that are no password (`is required`,
//! `was expired`). So a value counts by its own form, and a plain word only where a verb leads
//! to it and the sentence ends behind it.

use std::sync::LazyLock;

use crate::Finding;
use crate::bytes::{alnum, at, before, blank, cut, digit, opens, run, run_back, starts_nocase};
use crate::form::{Form, form, says_state, scattered};
use crate::key::{KEY_BYTES_MAX, KeyVerdict, verdict};
use crate::value::{is_placeholder, is_prose, taken};

/// Words between the name and its value.
const WORDS_COUNT_MAX: usize = 8;

/// The words, the rule, and whether a value may follow without a verb.
type Name = (&'static [u8], &'static str, bool);

/// Names of secrets in a sentence: the words, the rule, and whether a value may follow without a
/// verb.
const NAMES: &[Name] = &[
    (b"password", "prose.password", true),
    (b"passwd", "prose.password", true),
    (b"passphrase", "prose.password", true),
    (b"passcode", "prose.password", true),
    (b"pass phrase", "prose.password", true),
    (b"passwort", "prose.password", true),
    (b"kennwort", "prose.password", true),
    (b"mot de passe", "prose.password", true),
    (b"contrasena", "prose.password", true),
    ("contraseña".as_bytes(), "prose.password", true),
    ("пароль".as_bytes(), "prose.password", true),
    ("Пароль".as_bytes(), "prose.password", true),
    ("密码".as_bytes(), "prose.password", true),
    ("密碼".as_bytes(), "prose.password", true),
    ("口令".as_bytes(), "prose.password", true),
    ("パスワード".as_bytes(), "prose.password", true),
    ("비밀번호".as_bytes(), "prose.password", true),
    ("암호".as_bytes(), "prose.password", true),
    ("סיסמה".as_bytes(), "prose.password", true),
    ("كلمة المرور".as_bytes(), "prose.password", true),
    (b"pwd", "prose.password", false),
    (b"pw", "prose.password", false),
    (b"senha", "prose.password", true),
    (b"wachtwoord", "prose.password", true),
    (b"secret access key", "prose.secret", true),
    (b"secret key", "prose.secret", true),
    (b"access key secret", "prose.secret", true),
    (b"client secret", "prose.secret", true),
    (b"shared secret", "prose.secret", true),
    (b"api key", "prose.api_key", true),
    (b"api-key", "prose.api_key", true),
    (b"apikey", "prose.api_key", true),
    (b"api secret", "prose.api_key", true),
    (b"api token", "prose.token", true),
    (b"access token", "prose.token", true),
    (b"auth token", "prose.token", true),
    (b"refresh token", "prose.token", true),
    (b"bearer token", "prose.token", true),
    (b"session token", "prose.token", true),
    (b"token", "prose.token", false),
    (b"secret", "prose.secret", false),
    (b"pin", "prose.pin", false),
    (b"pin code", "prose.pin", false),
];

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
    "becomes", "->", "-", "–", "—",
];

/// Words before them that say that a value was given.
const CHANGES: &[&str] = &[
    "set", "changed", "reset", "updated", "rotated", "rotating", "changing", "setting", "replaced",
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
    "value",
    "string",
    "your",
    "the",
    "new",
    "old",
    "still",
    "initially",
    "originally",
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
    blank(next) || next >= 0x80
}

/// First two bytes of the names that do not begin with ASCII.
static HIGH: LazyLock<Vec<[u8; 2]>> = LazyLock::new(|| {
    let first = |name: &Name| name.0.first_chunk::<2>().copied();
    NAMES
        .iter()
        .filter_map(first)
        .filter(|[b, _]| *b >= 0x80)
        .collect()
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
    let particle = particle(text, i + length);
    let mut word = particle.unwrap_or(i + length);
    if particle.is_none() && !blank(at(bytes, word)) {
        return None;
    }
    let (with, changed) = led(text, i);
    let mut lead = Lead {
        verb: particle.map_or("", |_| "is"),
        changed,
        with,
        direct,
    };
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
        if let Some(verb) = VERBS.iter().find(|verb| **verb == said) {
            lead.verb = verb;
            word = end;
        } else if CHANGES.contains(&said) {
            lead.changed = true;
            word = end;
        } else if FILLERS.contains(&said) {
            word = end;
        } else if matches!(said, "for" | "of" | "für" | "pour" | "para") && lead.verb.is_empty() {
            let other = run(bytes, end, 4, blank);
            word = run(bytes, other, 64, |b| !b.is_ascii_whitespace());
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

/// What led to a value.
struct Lead {
    verb: &'static str,
    /// Whether the sentence says that a value was given: `set to`.
    changed: bool,
    /// `with password x`.
    with: Led,
    /// Whether the name needs no verb.
    direct: bool,
}

/// How far before the name a word is looked for that leads to a value.
const LEAD_BYTES_MAX: usize = 48;

/// Whether the words before the name lead to a value (`with`, `using`, `user bob`), and whether
/// they say that it was changed.
fn led(text: &str, i: usize) -> (Led, bool) {
    let bytes = text.as_bytes();
    let from = run_back(bytes, i, LEAD_BYTES_MAX, |b| b != b'\n' && b < 0x80);
    let line = cut(text, from, i).to_ascii_lowercase();
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
                | "user"
                | "username"
                | "login"
                | "credentials"
                | "temp"
                | "temporary"
                | "initial"
                | "default"
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

fn value(text: &str, i: usize, rule: &'static str, lead: &Lead) -> Option<Finding> {
    let bytes = text.as_bytes();
    let linked = !lead.verb.is_empty();
    let told = match lead.verb {
        "to" | "from" => lead.changed,
        "as" | "" => lead.with == Led::Near,
        "-" | "–" | "—" => false,
        _ => true,
    };
    let with = lead.with != Led::Not;
    let password = rule == "prose.password";
    let found = taken(text, i, false, |value, quoted| {
        let value = value.trim_end_matches(['.', ';', ',', '?', ':']);
        if is_placeholder(value) || value.contains(' ') || value.len() < 3 {
            return false;
        }
        if quoted {
            let letters = value.bytes().all(|b| b.is_ascii_alphabetic());
            let named = letters && verdict(value) != KeyVerdict::Unknown;
            let whence = lead.verb == "from" && !lead.changed;
            return (linked || with && password) && !is_prose(value) && !named && !whence;
        }
        let signs = value.bytes().any(digit) && value.bytes().any(|b| b"!@#$%^&*".contains(&b));
        let strict = lead.direct && value.len() >= 8 && (signs || value.bytes().all(alnum));
        match form(value) {
            // `changed from web-1` says where.
            _ if lead.verb == "from" && !continues(bytes, i + value.len()) => false,
            Form::Random => linked || with || lead.direct,
            Form::Mixed if rule == "prose.pin" => false,
            Form::Mixed => linked || with || strict && (signs || scattered(value)),
            Form::Number => linked && value.len() >= 4 && (password || rule == "prose.pin"),
            Form::Word => {
                let end = i + value.len();
                let ends = ends_clause(bytes, end) || lead.verb == "from" && continues(bytes, end);
                let plain = value
                    .bytes()
                    .all(|b| alnum(b) || matches!(b, b'-' | b'_') || b >= 0x80);
                password && told && ends && plain && !says_state(value)
            }
        }
    })?;
    let value = cut(text, found.start, found.end);
    let bare = if found.quoted {
        value
    } else {
        value.trim_end_matches(['.', ';', ',', '?', ':'])
    };
    Some(Finding::secret(rule, found.start, found.start + bare.len()))
}

/// Whether ` to ` follows at `i`.
fn continues(bytes: &[u8], i: usize) -> bool {
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
