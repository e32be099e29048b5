//! Tokens of issuers that no rule knows, which say by their own first words what they are:
//! `acme_pat_…`, `corp-api-key-…`, `ApiKey-…`.
//!
//! *Limits:* [`WORDS_COUNT_MAX`] words before the random part, of [`WORD_BYTES_MAX`] each; a token
//! of [`LABELLED_BYTES_MAX`].

use crate::Finding;
use crate::bytes::{alnum, at, before, digit, entropy, mixed, opens, run};

/// Words before the random part.
const WORDS_COUNT_MAX: usize = 4;
/// Longest of these words in bytes.
const WORD_BYTES_MAX: usize = 16;
/// Longest token in bytes.
const LABELLED_BYTES_MAX: usize = 512;
/// Shortest random part in bytes.
const RANDOM_BYTES_MIN: usize = 20;
/// Least entropy of the random part in bits a byte: that of hex digits, less what chance takes.
const ENTROPY_MIN: f64 = 3.0;

/// Words that say that a credential follows.
const CREDENTIALS: &[&str] = &[
    "pat",
    "apikey",
    "apitoken",
    "token",
    "secret",
    "sk",
    "secretkey",
    "accesstoken",
    "authtoken",
    "accesskey",
    "licensekey",
];
/// Words that say so together with the one before: `api_key_`.
const KEYS: &[(&str, &[&str])] = &[
    (
        "key",
        &[
            "api", "access", "secret", "private", "auth", "app", "license", "admin", "service",
        ],
    ),
    ("live", &["sk", "key", "secret", "token"]),
    ("prod", &["sk", "key", "secret", "token"]),
    ("test", &["sk", "key", "secret", "token"]),
];
/// Words before them that say that it is another's: of a page, a cache, the public.
const OTHERS: &[&str] = &[
    "page",
    "next",
    "sync",
    "cache",
    "public",
    "pk",
    "publishable",
    "continuation",
    "resume",
    "idempotency",
    "dedup",
    "default",
    "device",
    "push",
    "lexer",
    "unexpected",
];

fn one_of(words: &[&str], word: &[u8]) -> bool {
    let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(word);
    words.iter().any(is)
}

/// Whether a word says that a credential follows, with the one before it.
fn paired(last: &[u8], word: &[u8]) -> bool {
    KEYS.iter()
        .any(|(key, heads)| one_of(&[key], word) && one_of(heads, last))
}

/// Place of the random part of the token whose first word is at `i`.
fn random_part(bytes: &[u8], i: usize) -> Option<(usize, usize)> {
    let (mut start, mut last): (usize, &[u8]) = (i, &[]);
    for _ in 0..WORDS_COUNT_MAX {
        let end = run(bytes, start, WORD_BYTES_MAX, alnum);
        let word = bytes.get(start..end)?;
        if end == start || !matches!(at(bytes, end), b'_' | b'-') || one_of(OTHERS, word) {
            return None;
        }
        let names = paired(last, word) || one_of(CREDENTIALS, word);
        let next = run(bytes, end + 1, WORD_BYTES_MAX, alnum);
        if names && !paired(word, bytes.get(end + 1..next)?) {
            let wordy = |b: u8| alnum(b) || matches!(b, b'_' | b'-');
            return Some((end + 1, run(bytes, end + 1, LABELLED_BYTES_MAX, wordy)));
        }
        (start, last) = (end + 1, word);
    }
    None
}

/// Whether a part has the form of a UUID.
fn is_uuid(part: &[u8]) -> bool {
    let at_dash = |n: usize| matches!(n, 8 | 13 | 18 | 23);
    part.len() == 36
        && (0..).zip(part).all(|(n, b)| {
            if at_dash(n) {
                *b == b'-'
            } else {
                b.is_ascii_hexdigit()
            }
        })
}

/// The token at `i` that says by its own words what it is.
pub(crate) fn labelled(bytes: &[u8], i: usize) -> Option<Finding> {
    let first = at(bytes, i).is_ascii_alphabetic() && opens(bytes, i);
    if !first || matches!(before(bytes, i), b'-' | b'.' | b'/') {
        return None;
    }
    let (start, end) = random_part(bytes, i)?;
    let part = bytes.get(start..end)?;
    // Of hex digits, or both cases of letters with digits: a name in kebab case is neither.
    let solid = part.iter().all(u8::is_ascii_hexdigit) || mixed(part);
    let random = part.len() >= RANDOM_BYTES_MIN
        && part.iter().copied().any(digit)
        && part.iter().any(u8::is_ascii_alphabetic)
        && entropy(part) >= ENTROPY_MIN
        && (solid || is_uuid(part));
    random.then(|| Finding::secret("token.labelled", i, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_a_token_is() {
        let hex = "0a1b2c3d4e5f".repeat(3);
        let both = "0aB1cD2eF3gH4iJ5kL6mN7oP8q";
        let uuid = "0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f";
        for (text, found) in [
            (format!("acme_pat_{hex}"), true),
            (format!("corp-api-key-{both}"), true),
            (format!("corp_sk_live_{both}"), true),
            (format!("ApiKey-{uuid}"), true),
            (format!("page_token_{both}"), false),
            (format!("cache-key-{hex}"), false),
            (format!("secret-service-{hex}"), false),
            (format!("token_{}", "ab".repeat(20)), false),
            (
                "token-bucket-filter-for-the-internal-network-1".to_owned(),
                false,
            ),
        ] {
            let end = labelled(text.as_bytes(), 0).map(|f| f.end);
            assert_eq!(end, found.then_some(text.len()), "{text}");
        }
    }
}
