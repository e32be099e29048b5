//! Whether what stands at a place of a line is what it is taken for.

use std::sync::LazyLock;

use super::{Take, Taken};
use crate::bytes::{cut, digit};
use crate::form::{Form, form, is_state};
use crate::value::{is_placeholder, is_prose, is_removed};
use crate::word_list::WordList;
use crate::{Finding, TokenKind, account, names, net, person};

/// Shortest secret in bytes that is known by its characters.
const MADE_BYTES_MIN: usize = 8;
/// Shortest key in bytes that is written as hex: 32 bytes.
const HEX_BYTES_MIN: usize = 64;
/// Digits of a card's number (3GPP TS 31.101).
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// What programs answer to, or write, where a secret could stand.
const SAID: &[&str] = &["help", "usage", "info", "list", "form", "page", "status"];

/// The finding for something taken.
pub(super) fn found(text: &str, (take, start, end): Taken) -> Option<Finding> {
    let value = cut(text, start, end).trim_end();
    let end = start + value.len();
    if is_placeholder(value) || is_removed(value) {
        return None;
    }
    let personal = |rule, kind| Some(Finding::personal(rule, kind, start, end));
    match take {
        Take::User if is_somebody(value) => personal("tool.user", TokenKind::User),
        Take::Login if is_somebody(value) && reads_as_login(value) => {
            personal("tool.user", TokenKind::User)
        }
        Take::Secret if !is_said(value) => Some(Finding::secret("tool.secret", start, end)),
        Take::Pass if !is_said(value) && form(value) != Form::Word => {
            Some(Finding::secret("tool.secret", start, end))
        }
        Take::Encoded if is_encoded(value) => Some(Finding::secret("tool.secret", start, end)),
        Take::Hex if value.len() >= HEX_BYTES_MIN => {
            Some(Finding::secret("tool.secret", start, end))
        }
        Take::Pin if PIN_DIGITS.contains(&value.len()) => {
            Some(Finding::secret("tool.secret", start, end))
        }
        Take::Made if is_made(value) => Some(Finding::secret("tool.secret", start, end)),
        Take::Code if is_code(value) => Some(Finding::secret("tool.secret", start, end)),
        Take::Home if value.contains([',', ' ']) && value.chars().any(char::is_numeric) => {
            personal("tool.address", TokenKind::Address)
        }
        Take::Name if value.chars().any(char::is_alphabetic) => {
            personal("tool.name", TokenKind::Person)
        }
        Take::Person if is_person(value) => personal("tool.name", TokenKind::Person),
        Take::Holder if names::is_listed(value) || is_person(value) => {
            personal("tool.name", TokenKind::Person)
        }
        Take::Holder if account::is_joined(value) => personal("tool.user", TokenKind::User),
        Take::Ip => personal("tool.ip", TokenKind::Ip),
        Take::Phone if value.bytes().filter(u8::is_ascii_digit).count() >= 7 => {
            personal("tool.phone", TokenKind::Phone)
        }
        Take::Vehicle if is_vehicle(value) => personal("tool.vehicle", TokenKind::Vehicle),
        Take::Location if is_location(value) => personal("tool.location", TokenKind::Location),
        _ => None,
    }
}

/// Whether a word says something of a secret instead of being it.
fn is_said(value: &str) -> bool {
    let lower = crate::bytes::lower(value);
    is_prose(&lower) || is_state(&lower) || SAID.contains(&lower.as_str())
}

/// Whether a word that could be any noun reads as somebody's account.
pub(super) fn reads_as_login(name: &str) -> bool {
    let lower = crate::bytes::lower(name);
    // Of some words, all letters but one are a name: `audio`.
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    account::is_login(&lower) && (!names::is_word(bare) || names::is_name(bare))
}

/// Whether an owner or a role is somebody: it reads as an account, or no list knows the word.
pub(super) fn is_own(name: &str) -> bool {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let known = bare.split(['.', '_', '-']).any(names::is_word);
    is_somebody(name) && (reads_as_login(name) || !known)
}

/// Whether a name is one of the accounts under which services run, with a number or without.
fn is_daemon(name: &str) -> bool {
    static KNOWN: LazyLock<WordList> = LazyLock::new(|| WordList::of(super::services::SERVICES));
    KNOWN.has(name) || KNOWN.has(name.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Whether a value is written as Base64 (RFC 4648), and is no word.
fn is_encoded(value: &str) -> bool {
    let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let has = |accept: fn(&u8) -> bool| value.as_bytes().iter().any(accept);
    let cases = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let mixed = cases || has(u8::is_ascii_digit) || value.ends_with('=');
    value.len() >= MADE_BYTES_MIN && value.bytes().all(sign) && mixed
}

/// Last labels of hosts.
const LABELS: &[&str] = &[
    "com",
    "net",
    "org",
    "io",
    "dev",
    "local",
    "localdomain",
    "lan",
    "internal",
    "corp",
    "example",
    "test",
    "invalid",
    "svc",
    "cluster",
    "de",
    "eu",
];

/// Whether an account is a person's: neither a service's, nor a host, nor a noun.
pub(super) fn is_somebody(name: &str) -> bool {
    let letter = |c: char| c.is_alphabetic();
    let plain = name.chars().any(letter) && name.starts_with(char::is_alphanumeric);
    // An address is found as one.
    let address = name
        .split_once('@')
        .is_some_and(|(_, host)| host.contains('.'));
    let last = name.rsplit('.').next().unwrap_or("");
    let dots = name.bytes().filter(|b| *b == b'.').count();
    let host = dots > 2 || dots > 0 && LABELS.contains(&last);
    let service = net::is_service(name) || is_daemon(name);
    let other = is_prose(name) || service || account::has_common_part(name);
    (2..=64).contains(&name.len()) && plain && !address && !host && !other
}

/// Whether a word was made as passwords and tokens are, and is no path.
pub(super) fn is_made(value: &str) -> bool {
    let letters = value.bytes().any(|b| b.is_ascii_alphabetic());
    let path = value.contains('/') && !value.ends_with('=');
    value.len() >= MADE_BYTES_MIN && letters && value.bytes().any(digit) && !path
}

/// Whether a word is a code: it has a digit, or is written in capitals.
fn is_code(value: &str) -> bool {
    let upper = value
        .bytes()
        .all(|b| b.is_ascii_uppercase() || digit(b) || b == b'-');
    value.len() >= 4 && (value.bytes().any(digit) || upper)
}

/// Whether a value reads as somebody's name, and is no company's or product's.
pub(crate) fn is_person(value: &str) -> bool {
    let known = |word: &str| names::is_name(word) || !word.is_ascii();
    person::is_name(value) && (names::is_listed(value) || value.split(' ').any(known))
}

/// A vehicle's number (ISO 3779): 17 digits and capitals, `I`, `O` and `Q` left out.
fn is_vehicle(value: &str) -> bool {
    let part = |b: u8| digit(b) || b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'Q');
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.len() == 17 && value.bytes().all(part) && (3..=14).contains(&digits)
}

/// Two numbers of at least three decimals within the globe.
fn is_location(value: &str) -> bool {
    let Some((first, second)) = value.split_once(',') else {
        return false;
    };
    let part = |text: &str, most: f64| {
        let text = text.trim();
        let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len());
        decimals >= 3 && text.parse::<f64>().is_ok_and(|n| n.abs() <= most)
    };
    part(first, 90.0) && part(second, 180.0)
}
