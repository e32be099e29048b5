//! Authentication artefacts: bearer and basic credentials, JSON web tokens, cookies, one-time
//! codes.

use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use crate::Finding;
use crate::bytes::{
    alnum, at, before, blank, cut, digit, firsts, floor, is_first, mixed, opens, run, starts,
    starts_nocase,
};
use crate::header::parameters_end;
use crate::value::{VALUE_BYTES_MAX, is_placeholder, is_prose, taken};

fn jwt_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-')
}

/// A JSON web token or encrypted token (three or five parts), also one that was cut off.
pub(crate) fn jwt(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts(bytes, i, b"eyJ") || !opens(bytes, i) {
        return None;
    }
    let head = run(bytes, i, 2_048, jwt_byte);
    if head - i < 12 || at(bytes, head) != b'.' {
        return None;
    }
    let mut end = run(bytes, head + 1, VALUE_BYTES_MAX, jwt_byte);
    if end - head < 5 {
        return None;
    }
    for _ in 0..3 {
        if at(bytes, end) == b'.' {
            end = run(bytes, end + 1, VALUE_BYTES_MAX, jwt_byte);
        }
    }
    while before(bytes, end) == b'.' {
        end -= 1;
    }
    Some(Finding::secret("jwt", i, end))
}

/// Schemes of the Authorization header, lower case.
const SCHEMES: &[(&[u8], &str)] = &[
    (b"bearer", "auth.bearer"),
    (b"basic", "auth.basic"),
    (b"digest", "auth.digest"),
    (b"negotiate", "auth.negotiate"),
    (b"apikey", "auth.apikey"),
    (b"splunk", "auth.splunk"),
];

/// Bytes that begin one of them.
static SCHEMES_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(SCHEMES.iter().map(|(word, _)| *word), true));

/// `Bearer <credential>` and its like, wherever it stands.
pub(crate) fn scheme(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !is_first(&SCHEMES_FIRST, at(bytes, i)) {
        return None;
    }
    let (word, rule) = SCHEMES
        .iter()
        .find(|(word, _)| starts_nocase(bytes, i, word))?;
    if !opens(bytes, i) {
        return None;
    }
    let after = i + word.len();
    let mut start = run(bytes, after, 4, |b| blank(b) || matches!(b, b'+' | b':'));
    if start == after && starts(bytes, after, b"%20") {
        start = after + 3;
    }
    let accept = |b| {
        alnum(b)
            || matches!(
                b,
                b'.' | b'_' | b'-' | b'+' | b'/' | b'=' | b'~' | b':' | b'%'
            )
    };
    let end = run(bytes, start, VALUE_BYTES_MAX, accept);
    let value = cut(text, start, end);
    let trimmed = value.trim_end_matches(['.', ':']);
    if start == after || is_placeholder(trimmed) || is_prose(trimmed) {
        return None;
    }
    // `token_type=bearer expires_in=3600`: another pair follows, not a credential.
    if trimmed.trim_end_matches('=').contains('=') {
        return None;
    }
    let convincing = match *rule {
        "auth.basic" => basic(trimmed),
        "auth.digest" => false,
        _ => trimmed.len() >= 16 || trimmed.len() >= 6 && trimmed.bytes().any(digit),
    };
    convincing.then(|| Finding::secret(rule, start, start + trimmed.len()))
}

/// Names of schemes, which lead to a credential.
pub(crate) fn schemes_known() -> impl Iterator<Item = &'static str> {
    SCHEMES
        .iter()
        .filter_map(|(word, _)| std::str::from_utf8(word).ok())
}

/// Words that lead to a one-time code.
pub(crate) fn codes_known() -> impl Iterator<Item = &'static str> {
    CODE_WORDS
        .iter()
        .filter_map(|word| std::str::from_utf8(word).ok())
}

/// Whether a credential may follow the scheme at `i`.
pub(crate) fn may_follow_scheme(bytes: &[u8], i: usize, word: &str) -> bool {
    let after = i + word.len();
    let start = run(bytes, after, 4, |b| blank(b) || matches!(b, b'+' | b':'));
    let parted = start > after || starts(bytes, after, b"%20");
    parted && at(bytes, start) > b' '
}

/// Whether base64 says `user:password`, or is too long to be a word.
fn basic(value: &str) -> bool {
    let alphabet = |b: u8| alnum(b) || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
    let long = value.len() >= 24 && value.bytes().all(alphabet) && mixed(value.as_bytes());
    long || user_password(value)
}

/// How far the parameters of a Digest header are read.
const DIGEST_BYTES_MAX: usize = 1_024;

/// `Digest username="x", …, response="…"` (RFC 7616) without the header's name, at the scheme.
pub(crate) fn digest(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !starts_nocase(bytes, i, b"digest username=") || !opens(bytes, i) {
        return;
    }
    let end = parameters_end(text, i + 7, 0).min(i + DIGEST_BYTES_MAX);
    let header = cut(text, i, floor(text, end));
    for name in ["response=", "cnonce="] {
        if let Some(n) = header.find(name)
            && let Some(found) = taken(text, i + n + name.len(), false, |_, _| true)
        {
            out.push(Finding::secret("auth.digest", found.start, found.end));
        }
    }
}

/// Whether base64 says `user:password`, all of it text.
pub(crate) fn user_password(value: &str) -> bool {
    let bare = value.trim_end_matches('=');
    let plain = BASE64_NOPAD.decode(bare.as_bytes());
    let plain = plain.or_else(|_| BASE64URL_NOPAD.decode(bare.as_bytes()));
    let text = plain.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    value.len() >= 6 && text.is_some_and(|t| t.contains(':') && !t.contains(char::is_control))
}

/// Words before a one-time code in prose.
const CODE_WORDS: &[&[u8]] = &[
    b"otp",
    b"one-time code",
    b"one-time password",
    b"one time password",
    b"one-time passcode",
    b"verification code",
    b"security code",
    b"passcode",
    b"login code",
    b"auth code",
    b"2fa code",
    b"mfa code",
    b"confirmation code",
    b"access code",
    b"sms code",
];

/// Bytes that begin one of them.
static CODE_WORDS_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(CODE_WORDS.iter().copied(), true));

/// `OTP is 482913`, `verification code 482-913`.
pub(crate) fn one_time_code(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !(is_first(&CODE_WORDS_FIRST, at(bytes, i)) && opens(bytes, i)) {
        return None;
    }
    let word = CODE_WORDS
        .iter()
        .find(|word| starts_nocase(bytes, i, word))?;
    let from = i + word.len();
    if alnum(at(bytes, from)) {
        return None;
    }
    let skip =
        |b| blank(b) || b.is_ascii_alphabetic() || matches!(b, b':' | b'=' | b'#' | b'"' | b'\'');
    let start = run(bytes, from, 24, skip);
    let end = run(bytes, start, 9, |b| digit(b) || b == b'-');
    let digits = cut(text, start, end).bytes().filter(|b| digit(*b)).count();
    let bound = opens(bytes, start) && !alnum(at(bytes, end)) && at(bytes, end) != b'-';
    ((4..=8).contains(&digits) && bound).then(|| Finding::secret("otp", start, end))
}
