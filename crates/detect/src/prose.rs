//! Secrets in sentences: `the password is x`, `with password x`, `changed from x to y`,
//! `secret access key x`.
//!
//! A sentence says many things about a password that are no password (`is required`,
//! `was expired`). So a value counts by its own form, and a plain word only where a verb leads
//! to it and the sentence ends behind it.

use std::sync::LazyLock;

use crate::Finding;
use crate::bytes::{
    alnum, at, before, blank, cut, digit, firsts, is_first, opens, run, run_back, starts_nocase,
};
use crate::key::{KeyVerdict, verdict};
use crate::value::{is_placeholder, is_prose, taken};

/// Words between the name and its value.
const WORDS_COUNT_MAX: usize = 8;

/// Names of secrets in a sentence: the words, the rule, and whether a value may follow without a
/// verb.
const NAMES: &[(&[u8], &str, bool)] = &[
    (b"password", "prose.password", true),
    (b"passwd", "prose.password", true),
    (b"passphrase", "prose.password", true),
    (b"passcode", "prose.password", true),
    (b"passwort", "prose.password", true),
    (b"kennwort", "prose.password", true),
    (b"mot de passe", "prose.password", true),
    (b"contrasena", "prose.password", true),
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

/// Bytes that begin one of them.
static NAMES_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(NAMES.iter().map(|(name, ..)| *name), true));

/// Words after which the value follows.
const VERBS: &[&str] = &[
    "is", "was", "are", "to", "as", "equals", "from", "ist", "lautet", "est", "es", "era", "é",
    "becomes", "->",
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

/// Whether a value has the form of a secret, and of which strength.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// A word like any other.
    Word,
    /// Digits only.
    Number,
    /// Letters and digits, or signs among letters.
    Mixed,
    /// Long, and of the three kinds of characters.
    Random,
}

fn form(value: &str) -> Form {
    let has = |accept: fn(u8) -> bool| value.bytes().any(accept);
    let letters = has(|b| b.is_ascii_alphabetic() || b >= 0x80);
    let cases = has(|b| b.is_ascii_uppercase()) && has(|b| b.is_ascii_lowercase());
    let sign = has(|b| {
        matches!(
            b,
            b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+'
        )
    });
    let outside = has(|b| {
        matches!(
            b,
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'"' | b'=' | b'|'
        )
    });
    if value.len() >= 16 && cases && has(digit) && !outside {
        return Form::Random;
    }
    if outside || technical(value) {
        return Form::Word;
    }
    if value.bytes().all(digit) {
        return Form::Number;
    }
    if letters && (has(digit) && value.len() >= 5 || sign && value.len() >= 6) {
        return Form::Mixed;
    }
    Form::Word
}

/// Names of algorithms and formats, versions, paths, durations: letters and digits, no secret.
fn technical(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let known = [
        "base64", "base32", "sha", "md5", "utf", "aes", "rsa", "bcrypt", "hmac", "argon2",
        "pbkdf2", "oauth", "x509", "int32", "int64", "uint", "float", "http", "s3", "ipv", "rs256",
        "hs256", "es256", "ed25519", "rot13", "k8s", "win32", "unix", "log4", "v1", "v2", "v3",
    ];
    let path = value.contains("://") || value.starts_with(['/', '.', '~', '$', '%', '-', '@']);
    let names =
        value.contains("::") || value.contains('_') && verdict(value) != KeyVerdict::Unknown;
    path || names || known.iter().any(|k| lower.starts_with(k))
}

/// Plain words that say something about a secret instead of being it.
const STATES: &[&str] = &[
    "wrong short long weak strong bad good correct set unset old new same stale safe secure",
    "insecure unsafe here there blank null true false valid absent present common default",
    "different identical unique simple complex public private plain plaintext about known off on",
    "up out sent kept lost fine okay case-sensitive read-only in-use auth login hash grant policy",
    "manager prompt field file store vault user users nothing something none text string optional",
    "pair yours ours theirs mine it this that part one two twice again later first next key",
    "fehlt falsch leer gültig ungültig abgelaufen requis invalide vide incorrecta obligatoire",
    "inválida inválido errada vazia",
];

/// Endings of words that are no names and no made-up passwords.
const ENDINGS: &[&str] = &[
    "ed", "ing", "able", "ible", "ly", "ful", "less", "ous", "ive", "ent", "ant", "al", "ory",
    "ary", "ion", "ness", "ment", "er", "est", "en",
];

/// What a plain word says about the secret instead of being it.
fn says_state(value: &str) -> bool {
    let word = value
        .trim_end_matches(['.', ',', ';', '!', '?', ')'])
        .to_ascii_lowercase();
    let state = STATES
        .iter()
        .any(|line| line.split(' ').any(|state| state == word));
    let ending = word.len() > 4 && ENDINGS.iter().any(|end| word.ends_with(end));
    state || ending || is_prose(&word)
}

/// The secret in the sentence whose secret's name is at `i`; where a sentence holds two (`from x
/// to y`), both.
pub(crate) fn spoken(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !(is_first(&NAMES_FIRST, at(bytes, i)) && opens(bytes, i)) {
        return None;
    }
    let named = NAMES
        .iter()
        .filter(|(name, ..)| starts_nocase(bytes, i, name));
    let (name, rule, direct) = named.max_by_key(|(name, ..)| name.len())?;
    let mut word = i + name.len();
    if !blank(at(bytes, word)) {
        return None;
    }
    let mut lead = Lead {
        verb: "",
        changed: false,
        with: led(text, i),
        direct: *direct,
    };
    let mut last = None;
    for _ in 0..WORDS_COUNT_MAX {
        let start = run(bytes, word, 4, blank);
        let end = run(bytes, start, 64, |b| !b.is_ascii_whitespace());
        let said = cut(text, start, end).to_lowercase();
        if let Some(verb) = VERBS.iter().find(|verb| **verb == said) {
            lead.verb = verb;
            word = end;
        } else if CHANGES.contains(&said.as_str()) {
            lead.changed = true;
            word = end;
        } else if FILLERS.contains(&said.as_str()) {
            word = end;
        } else if matches!(said.as_str(), "for" | "of" | "für" | "pour" | "para")
            && lead.verb.is_empty()
        {
            let other = run(bytes, end, 4, blank);
            word = run(bytes, other, 64, |b| !b.is_ascii_whitespace());
        } else {
            let found = value(text, start, rule, &lead)?;
            word = run(bytes, found.end, 2, |b| matches!(b, b'"' | b'\''));
            last = Some(found.end);
            out.push(found);
            // `from x to y`.
            if lead.verb != "from" || !starts_nocase(bytes, word, b" to ") {
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
    with: bool,
    /// Whether the name needs no verb.
    direct: bool,
}

/// Whether the word before the name leads to a value: `with`, `using`, `login u`.
fn led(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let end = run_back(bytes, i, 2, blank);
    let start = run_back(bytes, end, 12, |b| b.is_ascii_alphabetic());
    let word = cut(text, start, end).to_ascii_lowercase();
    matches!(
        word.as_str(),
        "with" | "using" | "via" | "mit" | "avec" | "con" | "com"
    )
}

fn value(text: &str, i: usize, rule: &'static str, lead: &Lead) -> Option<Finding> {
    let bytes = text.as_bytes();
    let linked = !lead.verb.is_empty();
    let told = match lead.verb {
        "to" | "from" => lead.changed,
        "as" | "" => lead.with,
        _ => true,
    };
    let password = rule == "prose.password";
    let found = taken(text, i, false, |value, quoted| {
        let value = value.trim_end_matches(['.', ';', ',', '?', ':']);
        if is_placeholder(value) || value.contains(' ') || value.len() < 3 {
            return false;
        }
        if quoted {
            let named = verdict(value) != KeyVerdict::Unknown;
            return (linked || lead.with && password) && !is_prose(value) && !named;
        }
        let strict = lead.direct && value.len() >= 8 && value.bytes().all(alnum);
        match form(value) {
            Form::Random => linked || lead.with || lead.direct,
            Form::Mixed => linked || lead.with || strict && scattered(value),
            Form::Number => linked && value.len() >= 4 && (password || rule == "prose.pin"),
            Form::Word => {
                let ends = ends_clause(bytes, i + value.len());
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

/// Whether digits stand elsewhere than as a number at the end: `step12345` is a name.
fn scattered(value: &str) -> bool {
    let trimmed = value.trim_end_matches(|c: char| c.is_ascii_digit());
    trimmed.bytes().any(digit) || value.len() - trimmed.len() >= 4
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
