//! Whether a word of a sentence looks like a secret, like any word, or like the name of a
//! technique.

use std::sync::LazyLock;

use crate::bytes::digit;
use crate::key::is_telling;
use crate::value::is_prose;
use crate::word_list::WordList;

/// Whether a value has the form of a secret, and of which strength.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// A word like any other.
    Word,
    /// Digits only.
    Number,
    /// Letters and digits, or signs among letters.
    Mixed,
    /// Long, and of the three kinds of characters.
    Random,
}

/// Judges a value by its characters.
pub(crate) fn form(value: &str) -> Form {
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

/// A number with a unit, a date, a version.
fn measure(lower: &str) -> bool {
    let unit = lower.trim_start_matches(|c: char| c.is_ascii_digit());
    let units = [
        "s", "ms", "us", "ns", "sec", "secs", "min", "mins", "h", "hr", "hrs", "d", "days", "b",
        "kb", "mb", "gb", "kib", "mib", "bit", "bits", "bytes", "chars", "st", "nd", "rd", "th",
        "x", "px",
    ];
    let date = lower.len() >= 10 && {
        let mut parts = lower.splitn(3, '-');
        let number = |part: Option<&str>, length: usize| {
            part.is_some_and(|p| p.len() == length && p.bytes().all(digit))
        };
        number(parts.next(), 4) && number(parts.next(), 2)
    };
    let version = lower
        .strip_prefix('v')
        .is_some_and(|rest| rest.bytes().all(|b| digit(b) || b == b'.'));
    date || version || unit.len() < lower.len() && units.contains(&unit)
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
    // `s3-bucket` is a name, `s3cr3t` is none.
    let begins = |k: &&str| {
        let rest = lower.strip_prefix(*k);
        rest.is_some_and(|rest| k.len() > 2 || !rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let names = value.contains("::") || value.contains('_') && is_telling(value);
    path || names || measure(&lower) || known.iter().any(begins)
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
    "inválida inválido errada vazia obligatoria obligatória necesaria requerida olvidada vergessen",
    "oublié expiré expirée неверный неверен shown known drawn thrown",
];

/// What is said of a secret or a login where its value could stand: what became of it.
const DEEDS: &[&str] = &[
    "rotated mounted changed unchanged present missing expired enabled disabled granted denied",
    "revoked include omit same-origin required loaded created updated deleted removed rejected",
    "accepted refreshed renewed generated issued provided empty verified unverified matched",
    "mismatch mismatched failed failure success successful succeeded encrypted decrypted reset",
    "not-found not_found unavailable available supported unsupported deprecated mandatory timeout",
    "logged started stopped attempt attempts error errors ok pending unknown request response",
    "redirect redirected challenge page form handler screen retry retrying throttled blocked",
];

/// Whether a plain word says what became of a secret or a login, or what it is like.
pub(crate) fn is_state(value: &str) -> bool {
    static KNOWN: LazyLock<WordList> = LazyLock::new(|| WordList::of(DEEDS.iter().chain(STATES)));
    KNOWN.has(value.trim_end_matches(['.', ',', ';', '!', '?', ')']))
}

/// Endings of words that are no names and no made-up passwords.
const ENDINGS: &[&str] = &[
    "ed", "ing", "able", "ible", "ly", "ful", "less", "ous", "ive", "ent", "ant", "al", "ory",
    "ary", "ion", "ness", "ment", "er", "est", "en",
];

/// What a plain word says about the secret instead of being it.
pub(crate) fn says_state(value: &str) -> bool {
    static KNOWN: LazyLock<WordList> = LazyLock::new(|| WordList::of(STATES));
    let word = value
        .trim_end_matches(['.', ',', ';', '!', '?', ')'])
        .to_ascii_lowercase();
    let ending = word.len() > 4 && ENDINGS.iter().any(|end| word.ends_with(end));
    KNOWN.has(&word) || ending || is_prose(&word)
}

/// Whether digits stand elsewhere than as a number at the end: `step12345` is a name.
pub(crate) fn scattered(value: &str) -> bool {
    let trimmed = value.trim_end_matches(|c: char| c.is_ascii_digit());
    trimmed.bytes().any(digit) || value.len() - trimmed.len() >= 4
}
