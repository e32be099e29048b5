//! Secrets in the configuration of routers and switches, as they log the commands that change it:
//! communities, keys and passwords of Cisco IOS and its kin, with the type of their encoding.
//!
//! Type 7 is no encryption but an encoding that anybody undoes; types 5, 8 and 9 are hashes.

use crate::bytes::{at, cut, digit, opens, run, starts_nocase};
use crate::form::{Form, form, is_state};
use crate::value::is_placeholder;
use crate::{Finding, account};

/// Longest value in bytes.
const VALUE_BYTES_MAX: usize = 256;

/// The command whose secret may be a word.
const COMMUNITY: &str = "snmp-server community ";

/// Commands whose next word is a secret, perhaps behind the type of its encoding.
const COMMANDS: &[&str] = &[
    COMMUNITY,
    "enable password ",
    "enable secret ",
    "isakmp key ",
    "ikev1 pre-shared-key ",
    "pre-shared-key ",
    "tacacs-server key ",
    "radius-server key ",
    "key-string ",
    "ntp authentication-key ",
    "ip ospf authentication-key ",
    "ip ospf message-digest-key ",
    SNMP_USER,
];
/// A user of SNMPv3, whose keys stand behind methods.
const SNMP_USER: &str = "snmp-server user ";
/// Words behind which a type has to stand, since sentences have them, too.
const TYPED: &[&str] = &["password ", "secret "];

/// The words that are asked about.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().chain(TYPED).copied()
}

/// Whether a value may follow the word at `i`.
pub(crate) fn may_follow(bytes: &[u8], i: usize, word: &str) -> bool {
    let next = i + word.len();
    !TYPED.contains(&word) || digit(at(bytes, next)) && at(bytes, next + 1) == b' '
}

/// Most words of the command that names a user of SNMPv3.
const SNMP_WORDS_MAX: usize = 16;

/// `snmp-server user bob ops v3 auth sha x priv aes 128 y` at the user: who, and the two keys.
fn snmp_user(text: &str, start: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let word = |i: usize| {
        (
            i,
            run(bytes, i, VALUE_BYTES_MAX, |b| {
                b.is_ascii_graphic() && b != b'"'
            }),
        )
    };
    let first = word(start);
    out.extend(account::named(text, first.0, first.1));
    let (mut next, mut method) = (first, false);
    for _ in 0..SNMP_WORDS_MAX {
        if at(bytes, next.1) != b' ' {
            return;
        }
        next = word(next.1 + 1);
        let said = cut(text, next.0, next.1);
        let known = [
            "md5", "sha", "sha-2", "des", "3des", "aes", "128", "192", "256", "384", "512",
        ];
        if known.contains(&said) {
            method = true;
        } else if std::mem::take(&mut method) && !is_placeholder(said) && !said.is_empty() {
            out.push(Finding::secret("device.secret", next.0, next.1));
        }
    }
}

/// The secret behind the words at `i`.
pub(crate) fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if starts_nocase(bytes, i, SNMP_USER.as_bytes()) && opens(bytes, i) {
        snmp_user(text, i + SNMP_USER.len(), out);
    } else {
        out.extend(one(text, i));
    }
}

fn one(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    let at_i = |word: &&&str| starts_nocase(bytes, i, word.as_bytes());
    let command = COMMANDS.iter().find(at_i);
    let word = command.or_else(|| TYPED.iter().find(at_i))?;
    let mut start = i + word.len();
    // The number of a key, and then its method.
    if word.ends_with("-key ") && digit(at(bytes, start)) {
        let number = run(bytes, start, 6, digit);
        let method = run(bytes, number + 1, 8, |b| b.is_ascii_alphanumeric());
        let named = matches!(cut(text, number + 1, method), "md5" | "sha1" | "sha256");
        if at(bytes, number) == b' ' && named && at(bytes, method) == b' ' {
            start = method + 1;
        }
    }
    let kind = at(bytes, start);
    let typed = digit(kind) && at(bytes, start + 1) == b' ';
    let start = start + if typed { 2 } else { 0 };
    let end = run(bytes, start, VALUE_BYTES_MAX, |b| {
        b.is_ascii_graphic() && b != b'"'
    });
    let value = cut(text, start, end);
    let hex = |b: u8| b.is_ascii_hexdigit();
    let fits = match (typed, kind) {
        (true, b'7') => value.len() >= 4 && value.len().is_multiple_of(2) && value.bytes().all(hex),
        (true, b'5' | b'8' | b'9') => value.starts_with('$') && value.len() >= 12,
        (true, b'0' | b'6') => {
            (command.is_some() || form(value) >= Form::Mixed) && value.len() >= 3
        }
        (true, _) => false,
        // `enable password authentication`; a community may be any word.
        (false, _) if *word == COMMUNITY => value.len() >= 3,
        (false, _) => command.is_some() && form(value) >= Form::Mixed,
    };
    (fits && !is_placeholder(value) && !is_state(value))
        .then(|| Finding::secret("device.secret", start, end))
}
