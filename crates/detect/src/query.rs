//! Secrets in the path and the query of an address.
//!
//! In a query the name decides (`code`, `sig`, `ticket`), in a path the segment before:
//! `/password/reset/<token>`.

use crate::Finding;
use crate::bytes::{alnum, at, before, cut, digit, run, run_back};
use crate::value::{is_placeholder, judged};

/// Longest query in bytes that is read.
const QUERY_BYTES_MAX: usize = 4_096;
/// How far around a `code` its form is read.
const FORM_BYTES_MAX: usize = 160;
/// Longest path segment in bytes.
const SEGMENT_BYTES_MAX: usize = 512;
/// Shortest token in a path in bytes.
const TOKEN_BYTES_MIN: usize = 10;

fn query_byte(b: u8) -> bool {
    alnum(b) || b > 0x20 && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'#' | b'?')
}

/// Parameters whose value is a credential wherever they stand in a query.
const SECRET: &[&str] = &[
    "ticket",
    "samlresponse",
    "samlrequest",
    "assertion",
    "id_token_hint",
    "login_hint",
    "signature",
    "hmac",
    "oauth_signature",
    "oauth_verifier",
    "device_code",
    "user_code",
    "code_verifier",
    "otp",
    "magic",
    "invite_code",
    "reset",
];

/// Parameters that say that a `code` beside them is OAuth's (RFC 6749, section 4.1.2).
const BESIDE_CODE: &[&str] = &["state", "session_state", "iss", "scope", "authuser"];

/// Whether the query behind the `?` at `i` holds a parameter that may be a credential.
pub(crate) fn may_hold(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i + 1, QUERY_BYTES_MAX, query_byte);
    let query = bytes.get(i + 1..end).unwrap_or(&[]);
    query.split(|b| matches!(b, b'&' | b';')).any(|pair| {
        let name = pair.split(|b| *b == b'=').next().unwrap_or(&[]);
        name.len() < pair.len()
            && (matches!(name, b"code" | b"key")
                || SECRET
                    .iter()
                    .any(|known| known.as_bytes().eq_ignore_ascii_case(name)))
    })
}

/// The query that begins with the `?` at `i`. Returns where it ends.
pub(crate) fn query(text: &str, i: usize, out: &mut Vec<Finding>) -> usize {
    let bytes = text.as_bytes();
    let end = run(bytes, i + 1, QUERY_BYTES_MAX, query_byte);
    let query = cut(text, i + 1, crate::bytes::floor(text, end));
    if !query.contains('=') {
        return end;
    }
    let mut code = None;
    let mut state = None;
    let mut beside = false;
    let mut start = i + 1;
    for pair in query.split(['&', ';']) {
        let from = start;
        start += pair.len() + 1;
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = value.trim_end_matches([',', ')', '.']);
        if is_placeholder(value) {
            continue;
        }
        let at_value = from + name.len() + 1;
        let found = Finding::secret("query.secret", at_value, at_value + value.len());
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        beside |= BESIDE_CODE.iter().any(is);
        match name {
            "code" => code = Some((found, value)),
            "state" => state = Some((found, value)),
            "key" if is_key(value) => out.push(found),
            _ if SECRET.iter().any(is) && value.len() >= 6 => out.push(found),
            _ => {}
        }
    }
    if let Some((found, value)) = code
        && (beside && (value.len() >= 10 || calls_back(text, i)) || token(value, 20))
    {
        out.push(Finding {
            rule: "oauth.code",
            ..found
        });
        if let Some((found, value)) = state
            && value.len() >= 3
        {
            out.push(Finding {
                rule: "oauth.state",
                ..found
            });
        }
    }
    end
}

/// The `code` of a form that asks for a token (RFC 6749, section 4.1.3), whose `=` is before
/// `from`: `grant_type=authorization_code` stands beside it.
pub(crate) fn form_code(text: &str, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let stop = run(bytes, from, SEGMENT_BYTES_MAX, |b| {
        query_byte(b) && !matches!(b, b'&' | b'=')
    });
    if stop < from + 4 || at(bytes, stop) == b'=' {
        return None;
    }
    let end = run(bytes, stop, FORM_BYTES_MAX, query_byte);
    let start = run_back(bytes, from, FORM_BYTES_MAX, query_byte);
    let start = crate::bytes::ceil(text, start);
    let form = cut(text, start, crate::bytes::floor(text, end));
    let granted = form.contains("grant_type=authorization_code");
    granted.then(|| Finding::secret("oauth.code", from, stop))
}

/// The code of a grant in a member `"code": "…"` of a record.
pub(crate) fn made_code(text: &str, from: usize, quoted: bool) -> Option<Finding> {
    let found = crate::value::taken(text, from, quoted, |value, in_quotes| {
        quoted && in_quotes && crate::fit::is_code(value)
    })?;
    Some(Finding::secret("oauth.code", found.start, found.end))
}

/// The code of a grant behind `code=` in a line of its own words.
pub(crate) fn bare_code(text: &str, from: usize) -> Option<Finding> {
    let found = crate::value::taken(text, from, false, |value, quoted| {
        !quoted
            && value.bytes().filter(u8::is_ascii_digit).count() >= 2
            && crate::fit::is_code(value)
    })?;
    Some(Finding::secret("oauth.code", found.start, found.end))
}

/// Whether the path before the query at `i` is that of a sign-in's return.
fn calls_back(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let from = run_back(bytes, i, 64, query_byte);
    let path = cut(text, crate::bytes::ceil(text, from), i).to_ascii_lowercase();
    [
        "callback", "oauth", "oidc", "/cb", "login", "signin", "auth", "redirect", "connect",
    ]
    .iter()
    .any(|word| path.contains(word))
}

/// Shortest value of a parameter `key` in bytes that opens something.
const KEY_BYTES_MIN: usize = 24;

/// Whether the value of a parameter `key` is one that opens something, and not the name of a file
/// or an entry: hexadecimal digits, or letters of both cases and digits.
fn is_key(value: &str) -> bool {
    let accept = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'%');
    let hex = value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let plain = value.len() >= KEY_BYTES_MIN && value.bytes().all(accept);
    judged(value, |value| plain && (hex || crate::fit::is_code(value)))
}

/// Whether a value looks made by a machine: letters and digits, long enough.
fn token(value: &str, min: usize) -> bool {
    let accept = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'~' | b'=' | b':' | b'%');
    judged(value, |value| {
        value.len() >= min
            && value.bytes().all(accept)
            && value.bytes().any(digit)
            && value.bytes().any(|b| b.is_ascii_alphabetic())
    })
}

/// Words of a path segment before a token that is as good as a password.
const ROUTES: &[&str] = &[
    "reset",
    "confirm",
    "confirmation",
    "verify",
    "verification",
    "activate",
    "activation",
    "invite",
    "invites",
    "invitation",
    "invitations",
    "unsubscribe",
    "magic",
    "recover",
    "resets",
    "confirmations",
    "verifications",
    "activations",
    "recovery",
    "optout",
    "passwordless",
    "magiclink",
];

/// Words of those segments.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().copied()
}

/// End of the path segment in which one of them stands at `i`, where a token may follow it.
pub(crate) fn route_end(bytes: &[u8], i: usize) -> Option<usize> {
    let part = |b: u8| alnum(b) || matches!(b, b'_' | b'-');
    let start = run_back(bytes, i, 40, part);
    let end = run(bytes, i, 40, part);
    let segment = before(bytes, start) == b'/' && at(bytes, end) == b'/';
    (segment && alnum(at(bytes, end + 1))).then_some(end)
}

/// The token in the path segment behind the `/` at `i`.
pub(crate) fn route(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let segment = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'~' | b'=' | b'%' | b':');
    if !alnum(at(bytes, i + 1)) || !alnum(before(bytes, i)) {
        return None;
    }
    let from = run_back(bytes, i, 40, |b| alnum(b) || matches!(b, b'_' | b'-'));
    if before(bytes, from) != b'/' || !routes(cut(text, from, i)) {
        return None;
    }
    let mut start = i + 1;
    let mut end = run(bytes, start, SEGMENT_BYTES_MAX, segment);
    // Django puts the user's id, or a word says what is reset, before the token.
    if end - start < TOKEN_BYTES_MIN && at(bytes, end) == b'/' {
        let next = run(bytes, end + 1, SEGMENT_BYTES_MAX, segment);
        if token(cut(text, end + 1, next), TOKEN_BYTES_MIN) {
            (start, end) = (end + 1, next);
        }
    }
    while matches!(before(bytes, end), b'.' | b':' | b'-') {
        end -= 1;
    }
    let value = cut(text, start, end);
    let file = value
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ending.len() <= 4);
    (token(value, TOKEN_BYTES_MIN) && made(value) && !file)
        .then(|| Finding::secret("route.token", start, end))
}

/// Whether most of a segment is no words and numbers that dashes join: `plan-2026` is a name.
fn made(value: &str) -> bool {
    let parts = value.split(['-', '_', '.', '~']);
    let mixed =
        |part: &&str| part.bytes().any(digit) && part.bytes().any(|b| b.is_ascii_alphabetic());
    let total: usize = parts.filter(mixed).map(str::len).sum();
    total >= 8 && total * 2 >= value.len() || uuid(value)
}

fn uuid(value: &str) -> bool {
    value.len() == 36 && value.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

fn routes(segment: &str) -> bool {
    segment
        .split(['-', '_'])
        .any(|word| ROUTES.iter().any(|route| route.eq_ignore_ascii_case(word)))
}
