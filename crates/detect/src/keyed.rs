//! Values that their key gives away: JSON (also escaped), `k=v`, YAML, headers, cookies, query
//! strings, Python and Rust and Go and Ruby printing, XML elements, argument lists.
//!
//! The trigger is the separator; the key is looked for before it, within [`KEY_BYTES_MAX`] bytes.

use crate::auth::header_end;
use crate::bytes::{alnum, at, before, blank, ceil, cut, run, run_back, starts};
use crate::key::{KEY_BYTES_MAX, KeyVerdict, verdict};
use crate::value::{Extent, extent, is_placeholder, is_prose, says_nothing};
use crate::{Finding, TokenKind};

fn key_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'$' | b'[') || b >= 0x80
}

/// The key that ends before a separator.
struct Key<'t> {
    text: &'t str,
    start: usize,
    quoted: bool,
    /// Whether blanks stood between key and separator.
    spaced: bool,
}

/// The key before the separator at `i`.
fn key_before(text: &str, i: usize) -> Option<Key<'_>> {
    let bytes = text.as_bytes();
    let blanks = run_back(bytes, i, 8, blank);
    let mut end = run_back(bytes, blanks, 8, |b| matches!(b, b']' | b')'));
    let quotes = run_back(bytes, end, 32, |b| matches!(b, b'"' | b'\'' | b'\\' | b'`'));
    let in_quotes = quotes < end;
    end = quotes;
    let start = run_back(bytes, end, KEY_BYTES_MAX, key_byte);
    let start = ceil(text, start);
    // `\npassword: x` in escaped text: the `n` belongs to the escape.
    let start = match (before(bytes, start), at(bytes, start)) {
        (b'\\', b'n' | b'r' | b't') => start + 1,
        _ => start,
    };
    let key = cut(text, start, end);
    let key = key.rsplit('[').next().unwrap_or(key);
    (!key.is_empty()).then_some(Key {
        text: key,
        start,
        quoted: in_quotes,
        spaced: blanks < i,
    })
}

/// Adds what the separator at `i` gives away. Returns how far the value went.
pub(crate) fn at_separator(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let sign = at(bytes, i);
    if sign == b',' {
        return listed(text, i, out);
    }
    let doubled = sign == b'=' && at(bytes, i + 1) == b'=' || before(bytes, i) == b'=';
    if doubled || (sign == b':' && (at(bytes, i + 1) == b'/' && at(bytes, i + 2) == b'/')) {
        return None;
    }
    let key = key_before(text, i)?;
    let rule = match verdict(key.text) {
        KeyVerdict::Unknown if sign == b':' || sign == b'=' => spaced_verdict(text, &key),
        other => other,
    };
    if matches!(rule, KeyVerdict::Unknown | KeyVerdict::Safe) {
        return None;
    }
    let from = match (sign, at(bytes, i + 1)) {
        (b'=', b'>') | (b':', b'=') => i + 2,
        _ => i + 1,
    };
    // A line break after `key:` begins a YAML block or the next record, unless it is `=>`.
    let arrow = from == i + 2 && sign == b'=';
    let found = extent(text, from, arrow || key.quoted)?;
    match rule {
        KeyVerdict::Secret(rule) => secret(text, &key, rule, found, sign, out),
        KeyVerdict::Personal(rule, kind) => personal(text, &key, rule, kind, found, out),
        _ => None,
    }
}

/// Verdict on the word before together with this one: `credit card: …`, `User Id=…`.
fn spaced_verdict(text: &str, key: &Key<'_>) -> KeyVerdict {
    let bytes = text.as_bytes();
    if key.quoted || before(bytes, key.start) != b' ' {
        return KeyVerdict::Unknown;
    }
    let start = run_back(bytes, key.start - 1, 24, alnum);
    let first = cut(text, start, key.start - 1);
    match verdict(&format!("{first}_{}", key.text)) {
        KeyVerdict::Safe => KeyVerdict::Unknown,
        other => other,
    }
}

fn secret(
    text: &str,
    key: &Key<'_>,
    rule: &'static str,
    found: Extent,
    sign: u8,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let value = cut(text, found.start, found.end);
    if says_nothing(text, found) {
        return Some(found.end);
    }
    if rule == "key.cookie"
        && matches!(
            key.text.to_ascii_lowercase().as_str(),
            "cookie" | "set-cookie" | "set_cookie"
        )
    {
        return Some(cookies(text, found, out));
    }
    if rule == "key.authorization" {
        let quote = before(bytes, found.start);
        let end = header_end(text, found.start, quote);
        return Some(authorization(text, found.start, end, out));
    }
    if !found.quoted {
        let spoken = sign == b':' && !key.quoted && is_prose(value);
        let code = value.contains('(') && !value.contains(|c: char| c.is_ascii_digit());
        let container = value.starts_with(['{', '[']);
        if spoken || container || (code && sign == b'=') {
            return None;
        }
        // `PIN: 3`, `pass=2 fail=0`: a count, not a secret.
        let count = value.len() <= 3 && value.bytes().all(|b| b.is_ascii_digit());
        if count && !matches!(rule, "key.cvv" | "key.password") {
            return None;
        }
        if count && matches!(key.text, "pass" | "Pass" | "PASS" | "passes") {
            return None;
        }
        // A schema or type declaration: `password: string`, `token: String`.
        if key.spaced || sign == b':' {
            let types = [
                "string", "str", "String", "&str", "varchar", "text", "number", "int", "bool",
            ];
            if types.contains(&value) {
                return None;
            }
        }
    }
    out.push(Finding::secret(rule, found.start, found.end));
    Some(found.end)
}

fn personal(
    text: &str,
    key: &Key<'_>,
    rule: &'static str,
    kind: TokenKind,
    found: Extent,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let value = cut(text, found.start, found.end);
    if says_nothing(text, found) || value.len() > 256 || value.starts_with(['{', '[']) {
        return None;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let fits = match kind {
        TokenKind::Card => digits >= 12,
        TokenKind::Phone => digits >= 6,
        TokenKind::National => digits >= 4 || found.quoted,
        TokenKind::Email => value.contains('@') || value.contains("%40") || found.quoted,
        // In prose `user: not found` says something else.
        TokenKind::User => {
            let prose = !found.quoted
                && (is_prose(value)
                    || at(text.as_bytes(), key.start + key.text.len()) == b':'
                        && value.contains('('));
            !prose && value.len() >= 2 && !value.contains("://") && !value.contains('@')
        }
        TokenKind::Person | TokenKind::Address => {
            value.chars().any(char::is_alphabetic) && (found.quoted || !is_prose(value))
        }
        _ => value.len() >= 3,
    };
    if !fits {
        return None;
    }
    out.push(Finding::personal(rule, kind, found.start, found.end));
    Some(found.end)
}

/// Every value of a `Cookie` or `Set-Cookie` header; attributes such as `Path` stay.
fn cookies(text: &str, found: Extent, out: &mut Vec<Finding>) -> usize {
    let bytes = text.as_bytes();
    let end = if found.quoted {
        found.end
    } else {
        header_end(text, found.start, 0)
    };
    let plain = [
        "path", "domain", "expires", "max-age", "samesite", "version", "priority",
    ];
    let mut i = found.start;
    let mut any = false;
    while i < end {
        let stop = run(bytes, i, end - i, |b| b != b';');
        let pair = cut(text, i, stop);
        if let Some(equals) = pair.find('=') {
            let name = cut(pair, 0, equals).trim().to_ascii_lowercase();
            let start = i + equals + 1;
            let value = cut(text, start, stop);
            any = true;
            if !(plain.contains(&name.as_str()) || is_placeholder(value)) {
                let trimmed = value.trim_end().len();
                out.push(Finding::secret("cookie", start, start + trimmed));
            }
        }
        i = stop + 1;
    }
    if !any && !is_placeholder(cut(text, found.start, end)) {
        out.push(Finding::secret("cookie", found.start, end));
    }
    end
}

/// The credential of an Authorization header; the scheme stays.
fn authorization(text: &str, start: usize, end: usize, out: &mut Vec<Finding>) -> usize {
    let value = cut(text, start, end);
    let bare =
        value.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | ')'));
    let words = bare.split_once(' ');
    let scheme = words.filter(|(s, _)| {
        s.len() <= 24
            && s.bytes()
                .all(|b| b.is_ascii_alphabetic() || b == b'-' || b.is_ascii_digit())
    });
    let (from, credential) = scheme.map_or((start, bare), |(s, rest)| (start + s.len() + 1, rest));
    let lead = credential.len() - credential.trim_start().len();
    // On a line with more fields the credential is its first word, but for AWS and Digest forms,
    // whose parameters go on.
    let listed = credential.contains("Signature=") || credential.contains("response=");
    let first = if listed {
        credential.trim_start()
    } else {
        credential.split_whitespace().next().unwrap_or("")
    };
    let first = first.trim_end_matches([',', ';']);
    let marker = cut(text, from + lead, from + lead + first.len() + 1);
    if first.is_empty()
        || is_placeholder(marker)
        || is_placeholder(first)
        || (scheme.is_none() && is_prose(first))
    {
        return start;
    }
    if scheme.is_some_and(|(s, _)| is_prose(s)) {
        return start;
    }
    out.push(Finding::secret(
        "key.authorization",
        from + lead,
        from + lead + first.len(),
    ));
    from + lead + first.len()
}

/// `["--password", "x"]`, `("password", "x")`, `(b'authorization', b'Bearer x')` at the comma.
fn listed(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let close = before(bytes, i);
    if !matches!(close, b'"' | b'\'') {
        return None;
    }
    let key = key_before(text, i)?;
    let found = extent(text, i + 1, true).filter(|e| e.quoted)?;
    let value = cut(text, found.start, found.end);
    let open = run_back(bytes, key.start, 16, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b'b' | b'u')
    });
    let opened = run_back(bytes, open, 4, |b| b.is_ascii_whitespace());
    let pair = matches!(before(bytes, opened), b'[' | b'(');
    let flag = key.text.starts_with('-');
    if !(pair || flag) || says_nothing(text, found) {
        return None;
    }
    // A list of field names, not a pair.
    let names = !flag && (verdict(value) != KeyVerdict::Unknown || closes_not(bytes, found.end));
    match verdict(key.text) {
        KeyVerdict::Secret(rule) if !names => {
            out.push(Finding::secret(rule, found.start, found.end));
            Some(found.end)
        }
        _ => None,
    }
}

/// Whether after the value's quote the list goes on: three or more items are no pair.
fn closes_not(bytes: &[u8], end: usize) -> bool {
    let i = run(bytes, end, 32, |b| matches!(b, b'\\' | b'"' | b'\''));
    at(bytes, i) == b','
}

/// `<password>x</password>` at the `>`.
pub(crate) fn element(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let open = run_back(bytes, i, 128, |b| b != b'<' && b != b'>' && b != b'\n');
    if before(bytes, open) != b'<' || at(bytes, open) == b'/' {
        return;
    }
    let name = run(bytes, open, KEY_BYTES_MAX, |b| key_byte(b) || b == b':');
    let key = cut(text, open, name);
    let key = key.rsplit(':').next().unwrap_or(key);
    let end = run(bytes, i + 1, 4_096, |b| b != b'<');
    if !starts(bytes, end, b"</") || is_placeholder(cut(text, i + 1, end)) {
        return;
    }
    match verdict(key) {
        KeyVerdict::Secret(rule) => out.push(Finding::secret(rule, i + 1, end)),
        KeyVerdict::Personal(rule, kind) => out.push(Finding::personal(rule, kind, i + 1, end)),
        _ => {}
    }
}

/// Whether the word that governs the place `i` is a technical identifier: `order_id=`,
/// `offset: `. Numbers there are neither cards nor phones.
pub(crate) fn governed_safe(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let quote = run_back(bytes, i, 4, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b'#' | b'(')
    });
    let blanks = run_back(bytes, quote, 4, blank);
    let sign = before(bytes, blanks);
    let end = if matches!(sign, b':' | b'=') {
        blanks - 1
    } else {
        blanks
    };
    let Some(key) = key_before(text, end) else {
        return false;
    };
    let words = crate::key::words(key.text);
    let last = words.last().map_or("", String::as_str);
    verdict(key.text) == KeyVerdict::Safe && !matches!(last, "number" | "no" | "in" | "at" | "code")
        || words.iter().any(|w| {
            matches!(
                w.as_str(),
                "order" | "offset" | "isbn" | "invoice" | "snowflake"
            )
        })
}
