//! Values that say who somebody is, behind the key that says so.

use super::{Key, PERSONAL_BYTES_MAX, becomes, governed, shifted};
use crate::bytes::{alnum, at, before, blank, cut, digit, run};
use crate::form::is_state;
use crate::key::{LABELLED, is_telling};
use crate::value::{Extent, is_prose, says_nothing};
use crate::{Finding, TokenKind, account, ident, identity, net, pair, person, postal};

/// Types that a declaration names where a value could stand: `birthday: Date`.
const TYPES: &[&str] = &[
    "String", "string", "str", "&str", "Date", "DateTime", "int", "number", "text", "varchar",
    "Text", "bool", "u64", "i64", "any", "unknown", "object", "uuid", "UUID",
];

/// The value of the key of what is somebody's.
pub(super) fn personal(
    text: &str,
    key: &Key<'_>,
    rule: &'static str,
    kind: TokenKind,
    found: Extent,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let value = cut(text, found.start, found.end);
    // `key=user:1234:profile`: parts of one name that colons join.
    let bytes = text.as_bytes();
    let joins = at(bytes, key.start + key.text.len()) == b':' && !blank(before(bytes, found.start));
    // `/user:CORP\bob`, an option of Windows, and no part of a route.
    let option = before(bytes, key.start) == b'/' && blank(before(bytes, key.start - 1));
    let option = option && (value.contains(['\\', '@']) || account::is_login(value));
    let joins = joins && !option;
    if joins && !found.quoted && (value.contains(':') || joined(before(bytes, key.start))) {
        return None;
    }
    // The account of a store in a connection string is no person's.
    if key.text == "AccountName" && cut(text, found.end, text.len()).starts_with(";Account") {
        return None;
    }
    if !found.quoted && TYPES.contains(&value.trim_end_matches(',')) {
        return None;
    }
    let found = spoken_out(text, kind, found);
    let value = cut(text, found.start, found.end);
    if at(bytes, found.start) == b'{'
        && !found.quoted
        && let Some(inner) = pair::member_value(text, found.start)
    {
        let named = governed(key.text, cut(text, inner.start, inner.end), inner)?;
        let end = named.end;
        out.push(named);
        return Some(end);
    }
    if says_nothing(text, found)
        || found.cut_at(PERSONAL_BYTES_MAX)
        || value.starts_with(['{', '['])
    {
        return None;
    }
    if rule == LABELLED {
        let named = shifted(ident::named(key.text, value)?, found.start);
        let end = named.end;
        out.push(named);
        return Some(end);
    }
    let colon = at(bytes, key.start + key.text.len()) == b':';
    let user = kind == TokenKind::User && !found.quoted;
    let found = if user {
        account_of(text, colon, found)?
    } else {
        found
    };
    let value = cut(text, found.start, found.end);
    let called = colon && value.contains('(');
    let formed = identity::has_form(rule, value) != Some(false);
    let is = formed && is_kind(kind, value, found.quoted) && !(user && called);
    if is {
        out.push(Finding::personal(rule, kind, found.start, found.end));
    }
    let next = becomes(text, found).and_then(|next| {
        let named = governed(key.text, cut(text, next.start, next.end), next)?;
        out.push(named);
        Some(next.end)
    });
    next.or_else(|| is.then_some(found.end))
}

/// `user=<bob>`, as mail servers write: what the angles hold, where it is no placeholder's name.
pub(super) fn within_angles(text: &str, kind: TokenKind, from: usize) -> Option<Extent> {
    let bytes = text.as_bytes();
    let start = run(bytes, from, 1, blank) + 1;
    let name = |b: u8| alnum(b) || matches!(b, b'.' | b'_' | b'-' | b'+' | b'@');
    let end = run(bytes, start, PERSONAL_BYTES_MAX, name);
    let inner = cut(text, start, end);
    let angles = before(bytes, start) == b'<' && at(bytes, end) == b'>';
    let stands_in = crate::is_placeholder(inner)
        || is_telling(inner)
        || account::is_common(inner)
        || inner.starts_with("your")
        || !inner.bytes().any(|b| b.is_ascii_lowercase());
    (kind == TokenKind::User && angles && !stands_in).then_some(Extent {
        start,
        end,
        quoted: true,
    })
}

/// A value without quotes that goes on behind its first word: an address, a name, a date in words.
fn spoken_out(text: &str, kind: TokenKind, found: Extent) -> Extent {
    if found.quoted || says_nothing(text, found) {
        return found;
    }
    // `name:[Ann Example]`, as Go prints a map of lists.
    let bytes = text.as_bytes();
    if at(bytes, found.start) == b'[' {
        let start = found.start + 1;
        let end = run(bytes, start, PERSONAL_BYTES_MAX, |b| {
            !matches!(b, b']' | b'[' | b'\n')
        });
        let whole = at(bytes, end) == b']' && end > start;
        return if whole {
            Extent {
                start,
                end,
                ..found
            }
        } else {
            found
        };
    }
    let end = match kind {
        TokenKind::Address => postal::phrase_end(text, found.start),
        TokenKind::Person => person::name_end(text, found.end),
        TokenKind::Birth => ident::date_in_words(text, found.start).unwrap_or(found.end),
        _ => found.end,
    };
    Extent {
        end: end.max(found.end),
        ..found
    }
}

/// The account that is said without quotes: none where the word behind the sign says when, how or
/// with what result, or is a key with a value of its own (`Login: user=<bob>`).
fn account_of(text: &str, colon: bool, found: Extent) -> Option<Extent> {
    let bytes = text.as_bytes();
    let value = cut(text, found.start, found.end);
    let parted = blank(before(bytes, found.start));
    if parted && value.contains('=') {
        return None;
    }
    let end = found.start + value.trim_end_matches(':').len();
    // `imap-login: Disconnected: …`: what happened.
    let event = value.starts_with(|c: char| c.is_ascii_uppercase());
    if colon && event && end < found.end && blank(at(bytes, found.end)) {
        return None;
    }
    if !colon {
        return Some(Extent { end, ..found });
    }
    let named = run(bytes, run(bytes, found.end, 2, blank), 32, |b| {
        alnum(b) || b == b'_'
    });
    if end < found.end && at(bytes, named) == b'=' {
        return None;
    }
    let goes_on = blank(at(bytes, found.end)) && at(bytes, found.end + 1) > b' ';
    let lower = !value.bytes().any(|b| b.is_ascii_uppercase());
    let word = value.trim_end_matches([',', '.', ';']);
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let moment = goes_on && (days.contains(&word) || methods.contains(&word));
    let common = goes_on && (lower || word == "Client") && account::is_common(word);
    (!moment && !common && !is_state(word)).then_some(Extent { end, ..found })
}

/// Whether a value begins with a date: `2026-11-21`.
fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = |from: usize, to: usize| (from..to).all(|i| digit(at(bytes, i)));
    let parted = matches!(at(bytes, 4), b'-' | b'/') && at(bytes, 4) == at(bytes, 7);
    let ends = matches!(at(bytes, 10), 0 | b'T' | b' ' | b'_');
    parted && digits(0, 4) && digits(5, 7) && digits(8, 10) && ends
}

/// Whether the whole value of a field may be what the field's name says of somebody.
pub(crate) fn may_name(kind: TokenKind, value: &str) -> bool {
    match kind {
        TokenKind::User => {
            let other = is_state(value) || is_date(value) || value.contains("://");
            let other = other || value.ends_with('$');
            !(other || net::is_service(value))
        }
        TokenKind::Card | TokenKind::Phone | TokenKind::Location | TokenKind::Device => {
            is_kind(kind, value, true)
        }
        _ => true,
    }
}

/// Most words of a name of which few may begin with a small letter.
const NAME_WORDS_MAX: usize = 6;

/// Whether a value of several words says what something is called, and nobody's name:
/// `Development mode (for developers only)`. A name may have a remark behind it.
fn is_phrase(value: &str) -> bool {
    let (head, remark) = match value.split_once(" (") {
        Some((head, _)) => (head, true),
        None => (value, false),
    };
    let small = |word: &&str| word.starts_with(char::is_lowercase);
    let words = || head.split(' ').filter(|word| !word.is_empty());
    let few = words().filter(small).count() * 2 > words().count();
    let name = || person::is_name(head) || words().count() == 1;
    few && words().count() > NAME_WORDS_MAX || remark && !name()
}

/// Whether a value may be what its name says of somebody.
pub(super) fn is_kind(kind: TokenKind, value: &str, quoted: bool) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    match kind {
        TokenKind::Card => digits >= 12,
        TokenKind::Phone => digits >= 6,
        TokenKind::National => digits >= if quoted { 2 } else { 4 },
        TokenKind::Location | TokenKind::Device => digits >= 4,
        // `vin=12.3` is a voltage.
        TokenKind::Vehicle => digits >= 1 && value.len() >= 4 && !value.contains('.'),
        TokenKind::Email => value.contains('@') || value.contains("%40") || quoted,
        // In prose `user: not found` says something else.
        TokenKind::User => {
            let prose = !quoted && is_prose(value);
            let other = value.contains("://") || value.contains('@');
            // `#<User:0x00005581>` is an object.
            let other = other || value.starts_with("0x");
            let other = other || !quoted && (is_date(value) || value.starts_with('/'));
            // `--user=bob:x` whose password is gone: the option's own rule decided on it.
            let other = other || value.contains(":[removed:");
            // `"ConsoleLogin": "Failure"`; the account of a machine of Windows.
            let other = other || is_state(value) || value.ends_with('$');
            !(prose || net::is_service(value) || other || value.len() < 2)
        }
        TokenKind::Iban => digits >= 8,
        // Java's counters of sessions say nothing of anybody.
        TokenKind::Session => value.len() >= 3 && !value.starts_with("0x"),
        // A time is no name.
        TokenKind::Person if is_date(value) => false,
        TokenKind::Person if is_phrase(value) => false,
        TokenKind::Person | TokenKind::Address => {
            value.chars().any(char::is_alphabetic) && (quoted || !is_prose(value))
        }
        _ => value.len() >= 3,
    }
}

fn joined(b: u8) -> bool {
    matches!(b, b'=' | b':' | b'/')
}
