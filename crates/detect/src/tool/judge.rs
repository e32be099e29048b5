//! Whether what stands at a place of a line is what it is taken for.

use super::{Take, Taken};
use crate::bytes::{cut, digit};
use crate::value::{is_placeholder, is_prose, is_removed};
use crate::{Finding, TokenKind, account, names, net, person};

/// Shortest secret in bytes that is known by its characters.
const MADE_BYTES_MIN: usize = 8;

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
        Take::Secret => Some(Finding::secret("tool.secret", start, end)),
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
    let other = is_prose(name) || net::is_service(name) || account::has_common_part(name);
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
