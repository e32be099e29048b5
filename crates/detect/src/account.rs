//! Accounts of people where the sentence leaves no doubt: `session opened for user bob`,
//! `Failed password for bob from`, and the user of an access log's line.

use crate::bytes::{alnum, at, before, blank, cut, digit, opens, run, run_back, starts_nocase};
use crate::form::says_state;
use crate::value::{is_placeholder, is_prose};
use crate::{Finding, TokenKind, net};

/// Longest name of an account in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Words before an account's name, lower case, and whether they leave no doubt alone.
const LEADS: &[(&str, bool)] = &[
    ("for invalid user ", true),
    ("invalid user ", true),
    ("opened for user ", true),
    ("closed for user ", true),
    ("failed password for user ", true),
    ("failed password for ", true),
    ("accepted password for ", true),
    ("accepted publickey for ", true),
    ("failed publickey for ", true),
    ("authentication failure for ", true),
    ("password changed for ", true),
    ("username ", false),
    ("user name ", false),
    ("user ", false),
    ("benutzername ", false),
    ("benutzer ", false),
    ("benutzers ", false),
    ("utilisateur ", false),
    ("usuario ", false),
    ("usuário ", false),
    ("utente ", false),
    ("gebruiker ", false),
    ("gebruikersnaam ", false),
    ("użytkownika ", false),
    ("użytkownik ", false),
    ("uživatel ", false),
    ("uživatele ", false),
    ("användare ", false),
    ("användaren ", false),
    ("brugeren ", false),
    ("bruger ", false),
    ("brukeren ", false),
    ("bruker ", false),
    ("käyttäjä ", false),
    ("felhasználó ", false),
    ("utilizatorul ", false),
    ("kullanıcı ", false),
    ("pengguna ", false),
    ("nickname ", false),
    ("screen name ", false),
    ("login name ", false),
];

/// Words before `user` behind which an account's name stands.
const BEFORE: &[&str] = &[
    "for",
    "by",
    "of",
    "kicked",
    "banned",
    "locked",
    "unlocked",
    "disabled",
    "enabled",
    "deleted",
    "created",
    "removed",
    "added",
    "suspended",
    "as",
    "mask",
    "gave",
    "got",
    "tried",
    "verified",
    "stored",
    "invited",
    "impersonating",
    "impersonated",
    "expected",
    "typed",
    "given",
];

/// What follows the word `user` and is no account.
const COMMON: &[&str] = &[
    "agent agents input interface session sessions account accounts id ids name names data flow",
    "experience profile profiles role roles group groups service services request requests home",
    "preferences settings table list lists permission permissions token tokens auth login logged",
    "and or with from in on to the a an space mode defined level error not already does cannot",
    "can could should will must may of by for at as is was has had manager management store cache",
    "pool api directory type types status state states count event events activity action actions",
    "notification notifications email emails password creation registration lookup fetch query",
    "records record info details object entity model controller repository handler interaction",
    "been being were are be did do no that this who which when where while than then if but all",
    "only via using per story stories base code review feedback message messages update updates",
    "port path file files mapping field fields metadata domain pref prefs quota limit limits",
    "exists found missing unknown here there again later today now only left joined access",
    "address attributes attribute avatar clicked opened closed authenticated unauthenticated",
    "database principal credentials credential client consent context search specified process",
];

/// The words before an account's name.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    LEADS.iter().map(|(lead, _)| *lead)
}

fn name_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'\\')
}

/// The account's name after the words at `i`.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    let leads = LEADS
        .iter()
        .filter(|(lead, _)| starts_nocase(bytes, i, lead.as_bytes()));
    let (lead, certain) = leads.max_by_key(|(lead, _)| lead.len())?;
    let from = i + lead.len();
    let open = run(bytes, from, 17, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b'`')
    });
    let quoted = open > from && before(bytes, open) != b'\\';
    let end = run(bytes, open, NAME_BYTES_MAX, name_byte);
    let end = end - (end - run_back(bytes, end, 2, |b| matches!(b, b'.' | b'-' | b'\\')));
    let name = cut(text, open, end);
    let close = at(bytes, end);
    let goes_on = matches!(close, b'=' | b'(' | b'/' | b'@' | b'[')
        || close >= 0x80
        || close == b':' && alnum(at(bytes, end + 1));
    let plain = name.len() >= 2 && at(bytes, open).is_ascii_alphabetic() && !name.contains('\\');
    if !plain || goes_on || is_placeholder(name) || net::is_service(name) || is_common(name) {
        return None;
    }
    if quoted && !matches!(close, b'"' | b'\'' | b'\\' | b'`') {
        return None;
    }
    let led = *certain || quoted || is_led(text, i);
    let has = |accept: fn(u8) -> bool| name.bytes().any(accept);
    let marked = has(digit) || has(|b| matches!(b, b'.' | b'_'));
    let lower = !has(|b| b.is_ascii_uppercase());
    let word = !marked && (says_state(name) && !*certain || is_prose(name) || name.len() < 3);
    let fits = quoted || led && lower && !word || marked && lower && !is_technical(name);
    fits.then(|| Finding::personal("account.lead", TokenKind::User, open, end))
}

/// Whether the word before `user` leads to an account.
fn is_led(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let end = run_back(bytes, i, 2, blank);
    let start = run_back(bytes, end, 16, |b| b.is_ascii_alphabetic());
    let word = crate::bytes::lower(cut(text, start, end));
    BEFORE.contains(&word.as_str())
}

fn is_common(name: &str) -> bool {
    let lower = crate::bytes::lower(name);
    COMMON
        .iter()
        .any(|line| line.split(' ').any(|word| word == lower.as_str()))
}

/// A version, a file, a host or a field: letters, digits and points that are no account.
fn is_technical(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or("");
    let file = name.contains('.')
        && (last.len() <= 3 && last.len() < name.len() - 1 || last.bytes().all(digit));
    let parts = name.split(['.', '_', '-']);
    file || parts.clone().any(is_common) || parts.count() > 3
}

/// The user in a line of an access log (`host ident user [21/Nov/2026:…`) at its bracket.
pub(crate) fn access_log(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !may_be_access_log(bytes, i) {
        return None;
    }
    let end = i - 1;
    let start = run_back(bytes, end, NAME_BYTES_MAX, |b| {
        !b.is_ascii_whitespace() && b != b'"'
    });
    let name = cut(text, crate::bytes::ceil(text, start), end);
    let fields = before(bytes, start) == b' ' && start >= 2 && {
        let ident = run_back(bytes, start - 1, NAME_BYTES_MAX, |b| {
            !b.is_ascii_whitespace()
        });
        ident < start - 1 && before(bytes, ident) == b' '
    };
    let anonymous = matches!(name, "-" | "") || is_placeholder(name) || net::is_service(name);
    (fields && !anonymous && !name.contains('@'))
        .then(|| Finding::personal("account.log", TokenKind::User, end - name.len(), end))
}

/// Whether a time as access logs write it begins at the bracket `i`.
pub(crate) fn may_be_access_log(bytes: &[u8], i: usize) -> bool {
    before(bytes, i) == b' '
        && (digit(at(bytes, i + 1)) || at(bytes, i + 1) == b' ')
        && digit(at(bytes, i + 2))
        && at(bytes, i + 3) == b'/'
        && at(bytes, i + 7) == b'/'
        && at(bytes, i + 12) == b':'
}
