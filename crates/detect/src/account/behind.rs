//! Names of accounts that stand before what tells them: `bob logged in`, `(bob) CMD (…)`,
//! `sudo:  bob : TTY=`, `1000(bob)`, `bob(uid=1000)`, and entries of directories.

use super::{NAME_BYTES_MAX, name_byte};
use crate::bytes::{at, before, blank, ceil, cut, digit, run, run_back, starts, starts_nocase};
use crate::form::says_state;
use crate::value::{is_placeholder, is_prose};
use crate::{Finding, TokenKind, net};

/// That somebody signed in or out.
pub(super) const SIGNS: &[&str] = &[
    "logged in",
    "logged out",
    "logged on",
    "logged off",
    "signed in",
    "signed out",
];
/// The same with a verb before it.
const HAS: [&str; 2] = ["has logged in", "has logged out"];

/// Words behind an account's name.
fn deeds() -> impl Iterator<Item = &'static str> {
    SIGNS.iter().copied().chain(HAS)
}

/// What cron writes behind the account for which it runs a command.
const COMMAND: &str = "CMD (";
/// What vsftpd and OpenVPN write behind the account.
const LOGINS: [&str; 3] = ["OK LOGIN", "FAIL LOGIN", "Peer Connection Initiated"];
/// Who writes a line that begins with an account.
const SUDO: &str = "sudo";
/// What stands in the name of a user's resource (Amazon's ARN) before the account.
const RESOURCE: &str = "user/";

/// The words that are asked about.
pub(super) fn words_known() -> impl Iterator<Item = &'static str> {
    let signs = [COMMAND, SUDO, RESOURCE].into_iter().chain(LOGINS);
    deeds().chain(signs)
}

/// The name that the words at `i` tell.
pub(super) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if starts(bytes, i, COMMAND.as_bytes()) || LOGINS.iter().any(|w| starts(bytes, i, w.as_bytes()))
    {
        return bracketed(text, i.checked_sub(1)?);
    }
    if starts(bytes, i, SUDO.as_bytes()) {
        return commander(text, i + SUDO.len());
    }
    if starts(bytes, i, RESOURCE.as_bytes()) {
        return resource(text, i);
    }
    let mut deeds = deeds();
    deeds.find(|deed| starts_nocase(bytes, i, deed.as_bytes()))?;
    doer(text, i.checked_sub(1)?)
}

/// A finding of a name that is one.
pub(crate) fn named(text: &str, start: usize, end: usize) -> Option<Finding> {
    let name = cut(text, start, end);
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let word = is_placeholder(name) || is_prose(name) || super::has_common_part(name);
    let domain = super::in_domain(name);
    let other = word || net::is_service(name) || name.contains('\\') && !domain;
    ((begins || domain) && !other)
        .then(|| Finding::personal("account.behind", TokenKind::User, start, end))
}

/// The lower-case word that ends at `end`, the first of its sentence.
fn doer(text: &str, end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = ceil(text, run_back(bytes, end, NAME_BYTES_MAX, name_byte));
    let first = start == 0
        || before(bytes, start) == b'\n'
        || blank(before(bytes, start))
            && start >= 2
            && matches!(
                at(bytes, start - 2),
                b':' | b']' | b'-' | b'>' | b'|' | b';' | b','
            );
    let quoted = matches!(before(bytes, start), b'"' | b'\'');
    let name = cut(text, start, end);
    let told = (first || quoted) && name.len() >= 2 && !says_state(name);
    told.then(|| named(text, start, end))?
}

/// `(bob)` that ends at `end`.
fn bracketed(text: &str, end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let close = end
        .checked_sub(1)
        .filter(|n| matches!(at(bytes, *n), b')' | b']'))?;
    let start = run_back(bytes, close, NAME_BYTES_MAX, name_byte);
    matches!(before(bytes, start), b'(' | b'[').then(|| named(text, start, close))?
}

/// The account and the name of `bob:x:1001:1001:Bob Example,,,:/home/bob:` (passwd(5)), where the
/// home folder begins at `i`.
pub(crate) fn entry(text: &str, i: usize, out: &mut Vec<Finding>) {
    if before(text.as_bytes(), i) == b':' {
        out.extend(fields(text, i - 1).into_iter().flatten().flatten());
    }
}

/// Account and name of the entry whose field before the home folder ends at `end`.
fn fields(text: &str, end: usize) -> Option<[Option<Finding>; 2]> {
    let bytes = text.as_bytes();
    let field = |end: usize| {
        let inside = |b: u8| b != b':' && b != b'\n';
        (
            ceil(text, run_back(bytes, end, ENTRY_BYTES_MAX, inside)),
            end,
        )
    };
    let number = |(from, to): (usize, usize)| {
        let digits = cut(text, from, to);
        !digits.is_empty() && digits.bytes().all(digit)
    };
    let said = field(end);
    let group = field(said.0.checked_sub(1)?);
    let user = field(group.0.checked_sub(1)?);
    let hash = field(user.0.checked_sub(1)?);
    let end = hash.0.checked_sub(1).filter(|n| at(bytes, *n) == b':')?;
    // Accounts of the system have small numbers.
    if !(number(group) && number(user) && user.1 - user.0 >= OWN_DIGITS_MIN) {
        return None;
    }
    let start = run_back(bytes, end, NAME_BYTES_MAX, name_byte);
    let name = cut(text, said.0, said.1).split(',').next().unwrap_or("");
    let person = crate::person::is_name(name).then(|| {
        Finding::personal(
            "account.name",
            TokenKind::Person,
            said.0,
            said.0 + name.len(),
        )
    });
    Some([named(text, start, end), person])
}

/// Longest field of an entry in bytes.
const ENTRY_BYTES_MAX: usize = 96;

/// `[12]:   bob : TTY=pts/0` behind the program's name.
fn commander(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let process = if at(bytes, i) == b'[' {
        run(bytes, i + 1, 10, digit) + 1
    } else {
        i
    };
    if at(bytes, process) != b':' {
        return None;
    }
    let start = run(bytes, process + 1, NAME_BYTES_MAX, blank);
    let end = run(bytes, start, NAME_BYTES_MAX, name_byte);
    (starts(bytes, end, b" : ") && end > start).then(|| named(text, start, end))?
}

/// `arn:aws:iam::123456789012:user/path/bob` at its `user/`.
fn resource(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let part = |b: u8| name_byte(b) || matches!(b, b'/' | b'+' | b'=' | b',' | b'@');
    let number = run_back(bytes, i.checked_sub(1)?, 12, digit);
    let amazon = before(bytes, i) == b':' && number + 13 == i && before(bytes, number) == b':';
    let end = run(bytes, i, NAME_BYTES_MAX, part);
    let start = run_back(bytes, end, NAME_BYTES_MAX, |b| part(b) && b != b'/');
    let name = cut(text, start, end).trim_end_matches([',', '.']);
    let whole = amazon && start > i && !name.contains('@');
    (whole && !name.is_empty() && !net::is_service(name))
        .then(|| Finding::personal("account.arn", TokenKind::User, start, start + name.len()))
}

/// Digits of the number of a group that is one account's own: they begin at 1000.
const OWN_DIGITS_MIN: usize = 4;

/// Keys of numbers of accounts, behind which the name stands in brackets, and those that name the
/// entries of a directory (RFC 4514).
pub(crate) const IDS: &[&str] = &[
    "uid", "gid", "euid", "egid", "auid", "suid", "fsuid", "groups", "cn", "CN",
];

/// `1000(alice)`, as id(1) prints behind `uid=`, and the audit daemon likewise: the account, where
/// `from` is its number; or the one before `(uid=`, where `key` is that key.
pub(crate) fn numbered(text: &str, key: usize, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if before(bytes, key) == b'(' {
        let start = run_back(bytes, key - 1, NAME_BYTES_MAX, name_byte);
        return (start + 1 < key).then(|| named(text, start, key - 1))?;
    }
    if at(bytes, key) | 0x20 == b'c' {
        return common_name(text, from);
    }
    if before(bytes, from) == b':' && starts(bytes, key, b"uid:") {
        return entry_name(text, key, from);
    }
    // `uid=bob,ou=people`: the name of an entry in a directory (RFC 4514).
    let entry = run(bytes, from, NAME_BYTES_MAX, name_byte);
    if at(bytes, entry) == b',' && !digit(at(bytes, from)) {
        return is_within(bytes, entry).then(|| named(text, from, entry))?;
    }
    let open = run(bytes, from, 10, digit);
    if open == from || at(bytes, open) != b'(' {
        return None;
    }
    let end = run(bytes, open + 1, NAME_BYTES_MAX, name_byte);
    // Groups of the system have small numbers: `27(sudo)`.
    let group = !matches!(before(bytes, from), b'=') || !cut(text, key, from).contains("uid");
    let own = !group || open - from >= OWN_DIGITS_MIN;
    let closed = own && at(bytes, end) == b')' && end > open + 1;
    closed.then(|| named(text, open + 1, end))?
}

/// How far before an attribute of LDIF others are looked for.
const OTHERS_BYTES_MAX: usize = 320;

/// `uid: bob`, a line of LDIF (RFC 2849): among others of its entry, or where it is of two names.
fn entry_name(text: &str, key: usize, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = run(bytes, from, 4, blank);
    let plain = |b: u8| name_byte(b) && b != b'\\';
    let end = run(bytes, start, NAME_BYTES_MAX, plain);
    let ends = matches!(at(bytes, end), 0 | b'\n' | b'\r' | b'\\' | b'"');
    let name = cut(text, start, end);
    let others = ceil(text, key.saturating_sub(OTHERS_BYTES_MAX));
    let among = || {
        let head = cut(text, others, key);
        crate::bytes::looked(head.len());
        head.contains("objectClass: ") || head.contains("dn: ")
    };
    let person = ends && (super::is_joined(name) || among());
    person.then(|| crate::tool::account(text, start))?
}

/// Whether the name of an entry goes on at `i` with what it is in.
fn is_within(bytes: &[u8], i: usize) -> bool {
    let parts = [b",ou=".as_slice(), b",dc=", b",cn=", b",o="];
    parts.iter().any(|part| starts_nocase(bytes, i, part))
}

/// Whether the unit that follows at `i` is one of people.
fn is_of_people(bytes: &[u8], i: usize) -> bool {
    let units = [
        b",ou=people".as_slice(),
        b",ou=staff",
        b",ou=users",
        b",ou=employees",
        b",ou=accounts",
        b",ou=students",
        b",cn=users",
    ];
    units.iter().any(|unit| starts_nocase(bytes, i, unit))
}

/// `cn=Anna Example,ou=people`: somebody's name, where the lists know it. Groups have names, too.
fn common_name(text: &str, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let inside = |b: u8| !matches!(b, b',' | b'"' | b'\n' | b'=' | b'\\');
    if before(bytes, from) == b':' {
        // `cn: Anna Example`, a line of LDIF (RFC 2849).
        let start = run(bytes, from, 4, blank);
        let end = crate::bytes::floor(text, run(bytes, start, NAME_BYTES_MAX, inside));
        let person = end > start && crate::tool::is_person(cut(text, start, end));
        return person.then(|| Finding::personal("account.name", TokenKind::Person, start, end));
    }
    let end = run(bytes, from, NAME_BYTES_MAX, inside);
    let name = cut(text, from, end);
    let person = is_within(bytes, end)
        && (crate::names::is_listed(name)
            || is_of_people(bytes, end) && crate::person::is_name(name));
    person.then(|| Finding::personal("account.name", TokenKind::Person, from, end))
}
