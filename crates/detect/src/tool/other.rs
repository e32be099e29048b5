//! What a pattern does not say: messages of IRC, listings of files, commands of Windows, rules,
//! rows and roles of databases, names of certificates, values behind the key of a resource.

use super::judge::{is_made, is_own, is_person, is_somebody, reads_as_login};
use super::{PLACE_BYTES_MAX, SLASHES_BYTES_MAX, USER_BYTES_MAX};
use super::{begins, is_apart, is_end, past_domain, until, user_byte};
use crate::bytes::starts_nocase;
use crate::bytes::{alnum, at, before, blank, cut, digit, floor, run, run_back, starts};
use crate::key::{KeyVerdict, verdict};
use crate::value::{Extent, extent, is_placeholder};
use crate::{Finding, TokenKind, keyed, names};

type Find = fn(&str, usize, &mut Vec<Finding>);

/// Words in any case, and what reads the line around them.
#[rustfmt::skip]
pub(super) const WORDS: &[(&str, Find)] = &[
    ("PASS ", password), ("NICK ", nick), ("USER ", irc_user),
    ("drwx", listed), ("lrwx", listed), ("rwxr", listed), ("rw-r", listed), ("rwx-", listed),
    ("rw--", listed),
    ("CREATE ROLE ", role), ("ALTER ROLE ", role), ("CREATE USER ", role), ("ALTER USER ", role),
    ("CREATE LOGIN ", role), ("ALTER LOGIN ", role),
    ("SETEX", expiring), ("otp:", otp),
    ("text]:", typed), ("character varying]:", typed), ("date]:", typed), ("varchar]:", typed),
    ("character]:", typed), ("inet]:", typed), ("jsonb]:", typed),
    ("COPY ", copied), ("parameters: $1", bound), ("subject=", certificate),
    ("Subject: ", certificate), ("user ", rule), ("user:", signed_in),
    ("login is ", called), ("login name is ", called), ("username is ", called),
    ("user name is ", called), ("account name is ", called),
    ("random_password", generated), ("ParameterKey", parameter),
];

/// Longest value in bytes that is read as one.
const VALUE_BYTES_MAX: usize = 256;
/// Most blanks and signs between two things.
const GAP_BYTES_MAX: usize = 8;
/// Most cells of a row, values of a query, parts of a name or words of a rule.
const PARTS_COUNT_MAX: usize = 32;
/// Most quotes, blanks and signs around a key, and its longest short name, in bytes.
const SIGNS_BYTES_MAX: usize = 32;
/// Longest type of a column in bytes.
const TYPE_BYTES_MAX: usize = 32;
/// Longest value of a parameter of a stack in bytes (CloudFormation's own limit).
const PARAMETER_BYTES_MAX: usize = 4_096;
/// Longest number of a field, a line or seconds in bytes.
const NUMBER_BYTES_MAX: usize = 12;

/// Adds what the words at `i` lead to.
pub(super) fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    for (word, find) in WORDS {
        if starts_nocase(bytes, i, word.as_bytes()) {
            find(text, i + word.len(), out);
        }
    }
}

/// The value of a message that is a line of its own, from `i` on.
fn argument(text: &str, word: usize, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let end = until(text, i, |b, _| blank(b));
    (begins(bytes, word) && is_end(bytes, end) && end > i).then_some((i, end))
}

/// `PASS x` of IRC, FTP and POP3. Runners of tests write the same before the name of one.
fn password(text: &str, i: usize, out: &mut Vec<Finding>) {
    let Some((start, end)) = argument(text, i - 5, i) else {
        return;
    };
    let value = cut(text, start, end);
    let file = value.rsplit_once('.').is_some_and(|(_, last)| {
        (2..=4).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_lowercase())
    });
    let upper = starts(text.as_bytes(), i - 5, b"PASS");
    let bot = value.starts_with("oauth:");
    if upper && !bot && is_made(value) && !file && !is_placeholder(value) && !value.contains("::") {
        out.push(Finding::secret("tool.secret", start, end));
    }
}

/// `NICK bob` (RFC 2812).
fn nick(text: &str, i: usize, out: &mut Vec<Finding>) {
    let Some((start, end)) = argument(text, i - 5, i) else {
        return;
    };
    if starts(text.as_bytes(), i - 5, b"NICK") && is_somebody(cut(text, start, end)) {
        out.push(Finding::personal("tool.user", TokenKind::User, start, end));
    }
}

/// `USER bob 0 * :Bob Example` (RFC 2812).
fn irc_user(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let inside = |b: u8| !blank(b) && b != b'"' && b != b'\n';
    let end = floor(text, run(bytes, i, USER_BYTES_MAX, inside));
    let mode = run(bytes, end + 1, 4, digit);
    if !(starts(bytes, mode, b" * :") && starts(bytes, i - 5, b"USER") && end > i) {
        return;
    }
    if is_somebody(cut(text, i, end)) {
        out.push(Finding::personal("tool.user", TokenKind::User, i, end));
    }
    let start = mode + 4;
    let end = until(text, start, |_, _| false);
    if cut(text, start, end).contains(' ') {
        out.push(Finding::personal(
            "tool.name",
            TokenKind::Person,
            start,
            end,
        ));
    }
}

/// Words of a rule that are neither a password nor a command, a key or a channel.
const RULES: &[&str] = &[
    "on",
    "off",
    "nopass",
    "allkeys",
    "allchannels",
    "allcommands",
    "nocommands",
    "resetpass",
    "resetkeys",
    "resetchannels",
    "reset",
    "clearselectors",
    "sanitize-payload",
    "skip-sanitize-payload",
];
/// Bytes of a SHA-256 in hex.
const HASH_BYTES: usize = 64;

/// `user bob on >x ~* +@all` of a file of users of Redis: the account, its passwords and the hashes
/// of such.
fn rule(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let end = floor(text, run(bytes, i, USER_BYTES_MAX, user_byte));
    let state = [b" on ", b" off"]
        .iter()
        .any(|word| starts(bytes, end, *word));
    if end == i || !state || !is_apart(bytes, i - 5) {
        return;
    }
    let (mut from, known) = (end + 1, out.len());
    for _ in 0..PARTS_COUNT_MAX {
        let close = until(text, from, |b, _| blank(b));
        let word = cut(text, from, close);
        let hash =
            |rest: &str| rest.len() == HASH_BYTES && rest.bytes().all(|b| b.is_ascii_hexdigit());
        let secret = match at(bytes, from) {
            b'>' | b'<' => word.len() > 1 && !is_placeholder(cut(word, 1, word.len())),
            b'#' | b'!' => hash(cut(word, 1, word.len())),
            _ => false,
        };
        let other = word.starts_with(['~', '&', '+', '-', '@', '%', '(']) || RULES.contains(&word);
        if secret {
            out.push(Finding::secret("tool.secret", from + 1, close));
        } else if !other {
            break;
        }
        from = run(bytes, close, GAP_BYTES_MAX, blank);
        if from == close {
            break;
        }
    }
    if out.len() > known && is_somebody(cut(text, i, end)) {
        out.push(Finding::personal("tool.user", TokenKind::User, i, end));
    }
}

/// Commands of Windows that sign in as `/user:`.
const SIGNING_IN: &[&str] = &[
    "net", "net1", "runas", "cmdkey", "psexec", "psexec64", "schtasks", "winrs",
];

/// `net use \\host /user:CORP\bob x` at the account.
fn signed_in(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let Some(slash) = i.checked_sub(6).filter(|n| at(bytes, *n) == b'/') else {
        return;
    };
    let inside = |b: u8| b != b'\n' && b != b'\r';
    let line = run_back(bytes, slash, VALUE_BYTES_MAX, inside);
    let head = crate::bytes::lower(cut(text, crate::bytes::ceil(text, line), slash));
    crate::bytes::looked(head.len());
    let mut words = head.split(|c: char| !c.is_ascii_alphanumeric());
    if !blank(before(bytes, slash)) || !words.any(|word| SIGNING_IN.contains(&word)) {
        return;
    }
    let open = run(bytes, i, SLASHES_BYTES_MAX, |b| matches!(b, b'"' | b'\''));
    let start = past_domain(bytes, open);
    let end = floor(text, run(bytes, start, USER_BYTES_MAX, user_byte));
    let close = at(bytes, end);
    let ends = blank(close) || matches!(close, b'"' | b'\'') || is_end(bytes, end);
    if ends && is_somebody(cut(text, start, end)) {
        out.push(Finding::personal("tool.user", TokenKind::User, start, end));
    }
}

/// `your login is akeller`: what reads as an account, for programs say other things there.
fn called(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let end = run(bytes, i, USER_BYTES_MAX, |b| user_byte(b) && b < 0x80);
    let end = run_back(bytes, end, 2, |b| matches!(b, b'.' | b'-'));
    let goes_on = matches!(
        at(bytes, end),
        b'=' | b'(' | b'/' | b'[' | b':' | b'\\' | 0x80..
    );
    if !goes_on && reads_as_login(cut(text, i, end)) {
        out.push(Finding::personal("tool.user", TokenKind::User, i, end));
    }
}

/// `-rw-r--r-- 1 bob staff 4096 …` of ls(1), `-rw-r--r-- bob/staff 4096 …` of tar(1), whose mode's
/// first letter ends before `i` or so.
fn listed(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mode = |b: u8| matches!(b, b'r' | b'w' | b'x' | b's' | b'S' | b't' | b'T' | b'-');
    let start = run_back(bytes, i, 4, |b| mode(b) || matches!(b, b'd' | b'l'));
    let end = run(bytes, i, 9, mode);
    let end = end + usize::from(matches!(at(bytes, end), b'.' | b'+' | b'@'));
    if end - start < 9 || !blank(at(bytes, end)) {
        return;
    }
    let links = run(bytes, end, GAP_BYTES_MAX, blank);
    let after = run(bytes, links, NUMBER_BYTES_MAX, digit);
    let name = if after > links {
        run(bytes, after, GAP_BYTES_MAX, blank)
    } else {
        links
    };
    let close = run(bytes, name, USER_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.')
    });
    let group = if after > links {
        close > name && blank(at(bytes, close))
    } else {
        at(bytes, close) == b'/'
    };
    let user = cut(text, name, close);
    let first = user.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if group && first && is_own(user) {
        out.push(Finding::personal("tool.user", TokenKind::User, name, close));
    }
}

/// What follows the name of a role that signs in with a password.
const SIGNS_IN: &[&str] = &[
    "password",
    "identified",
    "login",
    "with",
    "encrypted",
    "for login",
];

/// `CREATE ROLE bob WITH LOGIN PASSWORD 'x'`, with the name in quotes or brackets or without.
fn role(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let exists = b"IF NOT EXISTS ".as_slice();
    let i = i + if starts_nocase(bytes, i, exists) {
        exists.len()
    } else {
        0
    };
    let quoting = |b: u8| matches!(b, b'"' | b'\'' | b'[' | b'`' | b'\\');
    let start = run(bytes, i, SLASHES_BYTES_MAX, quoting);
    let end = run(bytes, start, USER_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.')
    });
    let close = run(bytes, end, SLASHES_BYTES_MAX, |b| quoting(b) || b == b']');
    let host = if at(bytes, close) == b'@' {
        run(bytes, close, USER_BYTES_MAX, |b| !blank(b) && b != b'\n')
    } else {
        close
    };
    let next = run(bytes, host, GAP_BYTES_MAX, blank);
    let signs = SIGNS_IN
        .iter()
        .any(|word| starts_nocase(bytes, next, word.as_bytes()));
    let name = cut(text, start, end);
    if signs && next > host && is_own(name) {
        out.push(Finding::personal("tool.user", TokenKind::User, start, end));
    }
}

/// Words in keys of stores behind which a secret is kept for some time.
const KEPT: &[&str] = &[
    "reset",
    "token",
    "session",
    "sess",
    "verify",
    "verification",
    "magic",
    "invite",
    "csrf",
    "refresh",
    "auth",
    "otp",
    "nonce",
    "password",
    "code",
    "login",
    "access",
    "jwt",
    "oauth",
];

/// `"SETEX" "reset:bob" "3600" "x"` of Redis' `MONITOR` and its command line.
fn expiring(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let skip = |i: usize| {
        run(bytes, i, SIGNS_BYTES_MAX, |b| {
            blank(b) || matches!(b, b'"' | b'\'' | b'\\')
        })
    };
    let word = |i: usize| {
        run(bytes, i, PLACE_BYTES_MAX, |b| {
            !(blank(b) || matches!(b, b'"' | b'\'' | b'\\'))
        })
    };
    let start = skip(i);
    let key_end = word(start);
    let key = cut(text, start, floor(text, key_end));
    let kept = key
        .split([':', '_', '-', '.', '/'])
        .any(|part| KEPT.contains(&part));
    let seconds = skip(key_end);
    let seconds_end = run(bytes, seconds, NUMBER_BYTES_MAX, digit);
    let from = skip(seconds_end);
    let end = floor(text, word(from));
    let value = cut(text, from, end);
    let apart = start > i && seconds > key_end && seconds_end > seconds && from > seconds_end;
    let made = value.len() >= 24 || is_made(value.trim_end_matches('='));
    if kept && apart && made && !is_placeholder(value) {
        out.push(Finding::secret("tool.secret", from, end));
    }
}

/// `"SET" "otp:+1 555 0100" "143622"` at the key.
fn otp(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let end = until(text, i, |b, _| b == b'\'');
    let close = run(bytes, end, SLASHES_BYTES_MAX, |b| b == b'\\');
    let close = run(bytes, close, 1, |b| b == b'"' || b == b'\'');
    let next = run(bytes, close, GAP_BYTES_MAX, blank);
    let from = run(bytes, next, SLASHES_BYTES_MAX, |b| {
        matches!(b, b'"' | b'\'' | b'\\')
    });
    let code = run(bytes, from, 9, digit);
    let quoted = matches!(at(bytes, code), b'"' | b'\'' | b'\\');
    if close > end && next > close && from > next && quoted && (4..=8).contains(&(code - from)) {
        out.push(Finding::secret("tool.secret", from, code));
    }
}

/// `birth_date[date]:'1965-10-15'` as PostgreSQL's `test_decoding` writes a column, at its type.
fn typed(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let open = run_back(bytes, i, TYPE_BYTES_MAX, |b| b != b'[' && b != b'\n');
    let Some(end) = open.checked_sub(1).filter(|n| at(bytes, *n) == b'[') else {
        return;
    };
    let start = run_back(bytes, end, USER_BYTES_MAX, |b| alnum(b) || b == b'_');
    if let Some(found) = extent(text, i, false, VALUE_BYTES_MAX).filter(|found| found.quoted) {
        let value = cut(text, found.start, found.end);
        out.extend(keyed::governed(cut(text, start, end), value, found));
    }
}

/// `COPY people, line 8: "1\tBob Example\tbob@example.com"`: PostgreSQL shows a row of a table in
/// which nothing names the columns.
fn copied(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let table = run(bytes, i, USER_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'.')
    });
    let line = table + b", line ".len();
    let end = run(bytes, line, NUMBER_BYTES_MAX, digit);
    let open = run(bytes, end + 2, SLASHES_BYTES_MAX, |b| b == b'\\');
    let said = starts(bytes, table, b", line ") && starts(bytes, end, b": ");
    if !said || at(bytes, open) != b'"' {
        return;
    }
    let mut start = open + 1;
    for _ in 0..PARTS_COUNT_MAX {
        let end = run(bytes, start, VALUE_BYTES_MAX, |b| {
            !matches!(b, b'\t' | b'\\' | b'"' | b'\n')
        });
        let slashes = run(bytes, end, SLASHES_BYTES_MAX, |b| b == b'\\');
        cell(text, (start, floor(text, end)), out);
        start = match at(bytes, slashes) {
            b'\t' if slashes == end => end + 1,
            b't' if slashes > end => slashes + 1,
            _ => return,
        };
    }
}

/// A cell of a row without names: a person's name, or an address.
fn cell(text: &str, (start, end): (usize, usize), out: &mut Vec<Finding>) {
    let value = cut(text, start, end);
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let parted = value.contains(' ') || !value.is_ascii();
    let lines = value.contains(',') || value.split(' ').count() > 2;
    let address = value.bytes().any(|b| b.is_ascii_digit()) && lines && letters >= 4;
    if is_person(value) {
        out.push(Finding::personal(
            "tool.name",
            TokenKind::Person,
            start,
            end,
        ));
    } else if parted && address && !value.contains(':') {
        out.push(Finding::personal(
            "tool.address",
            TokenKind::Address,
            start,
            end,
        ));
    }
}

/// Years of birth of people that a database knows.
const BIRTH_YEARS: std::ops::RangeInclusive<u32> = 1900..=2012;

/// `parameters: $1 = 'Bob Example', $2 = '1987-07-14'`: what PostgreSQL was asked with. A day that
/// long ago is seldom anything but somebody's birth.
fn bound(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mut next = i;
    for _ in 0..PARTS_COUNT_MAX {
        let sign = run(bytes, next, GAP_BYTES_MAX, |b| blank(b) || b == b'=');
        let Some(found) = extent(text, sign, false, VALUE_BYTES_MAX).filter(|found| found.quoted)
        else {
            return;
        };
        let value = cut(text, found.start, found.end);
        let year = cut(value, 0, 4).parse().unwrap_or(0);
        let day = value.len() == 10
            && value
                .bytes()
                .enumerate()
                .all(|(n, b)| (n == 4 || n == 7) == (b == b'-'));
        if day && BIRTH_YEARS.contains(&year) {
            let (start, end) = (found.start, found.end);
            out.push(Finding::personal(
                "tool.birth",
                TokenKind::Birth,
                start,
                end,
            ));
        } else if is_person(value) {
            let (start, end) = (found.start, found.end);
            out.push(Finding::personal(
                "tool.name",
                TokenKind::Person,
                start,
                end,
            ));
        }
        let close = run(bytes, found.end, 4, |b| matches!(b, b'\\' | b'\''));
        let sign = run(bytes, close, 3, |b| matches!(b, b',' | b' ' | b'$'));
        next = run(bytes, sign, 3, digit);
        if next == sign {
            return;
        }
    }
}

/// `subject=C=DE, SN=Example, GN=Bob`: the holder of a certificate (RFC 4514, RFC 5280).
fn certificate(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mut start = run(bytes, i, GAP_BYTES_MAX, |b| blank(b) || b == b'/');
    for _ in 0..PARTS_COUNT_MAX {
        let equals = run(bytes, start, SIGNS_BYTES_MAX, |b| alnum(b) || b == b'.');
        let from = run(bytes, equals, GAP_BYTES_MAX, |b| blank(b) || b == b'=');
        if from == equals || equals == start {
            return;
        }
        let end = until(text, from, |b, _| matches!(b, b',' | b'/' | b'+' | b'='));
        let value = cut(text, from, end);
        let kind = match cut(text, start, equals) {
            "SN" | "GN" | "G" | "givenName" | "surname" | "pseudonym" | "2.5.4.4" | "2.5.4.42" => {
                Some(TokenKind::Person)
            }
            "CN" if names::is_listed(value) => Some(TokenKind::Person),
            "UID" if is_somebody(value) => Some(TokenKind::User),
            _ => None,
        };
        if let Some(kind) = kind.filter(|_| value.chars().any(char::is_alphabetic)) {
            out.push(Finding::personal("tool.name", kind, from, end));
        }
        if !matches!(at(bytes, end), b',' | b'/' | b'+') {
            return;
        }
        start = run(bytes, end + 1, GAP_BYTES_MAX, blank);
    }
}

/// How far behind the type of a resource its value stands.
const RESOURCE_BYTES_MAX: usize = 400;

/// `"random_password" … "result":"x"` in a state of Terraform.
fn generated(text: &str, i: usize, out: &mut Vec<Finding>) {
    let rest = cut(text, i, floor(text, i + RESOURCE_BYTES_MAX));
    crate::bytes::looked(rest.len());
    for name in ["result", "bcrypt_hash"] {
        let Some(n) = rest.find(name) else { continue };
        let bytes = text.as_bytes();
        let sign = run(bytes, i + n + name.len(), SIGNS_BYTES_MAX, |b| {
            blank(b) || matches!(b, b'"' | b'\\' | b'=' | b':')
        });
        let open = run_back(bytes, sign, SLASHES_BYTES_MAX + 1, |b| {
            matches!(b, b'"' | b'\\')
        });
        let quoted = open < sign && matches!(before(bytes, open), b':' | b'=' | b' ');
        let Some(found) = extent(text, open, false, VALUE_BYTES_MAX).filter(|_| quoted) else {
            continue;
        };
        if found.quoted && !is_placeholder(cut(text, found.start, found.end)) {
            out.push(Finding::secret("tool.secret", found.start, found.end));
        }
    }
}

/// `"ParameterKey":"DatabasePassword","ParameterValue":"x"` of CloudFormation, also as the shell's
/// `ParameterKey=DatabasePassword,ParameterValue=x`.
fn parameter(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let sign = |i: usize| {
        run(bytes, i, SIGNS_BYTES_MAX, |b| {
            blank(b) || matches!(b, b'"' | b'\\' | b'=' | b':' | b',' | b'\n')
        })
    };
    let start = sign(i);
    let end = run(bytes, start, PLACE_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-')
    });
    let value = sign(end);
    if !starts(bytes, value, b"ParameterValue") {
        return;
    }
    let close = run(bytes, value + 14, SLASHES_BYTES_MAX, |b| {
        matches!(b, b'"' | b'\\')
    });
    let from = run(bytes, close, GAP_BYTES_MAX, |b| {
        blank(b) || matches!(b, b':' | b'=')
    });
    let Some(found) = extent(text, from, false, PARAMETER_BYTES_MAX) else {
        return;
    };
    let key = cut(text, start, end);
    if matches!(
        verdict(key),
        KeyVerdict::Secret(_) | KeyVerdict::Personal(..)
    ) {
        let found = Extent {
            quoted: true,
            ..found
        };
        out.extend(keyed::governed(
            key,
            cut(text, found.start, found.end),
            found,
        ));
    }
}

/// Kinds of secrets in a file of IPsec (ipsec.secrets(5)).
const SECRETS: &[&[u8]] = &[b": PSK ", b": EAP ", b": XAUTH ", b": NTLM "];

/// Whether such a secret may stand behind the colon at `i`.
pub(crate) fn may_separate(bytes: &[u8], i: usize) -> bool {
    at(bytes, i + 1) == b' '
        && matches!(at(bytes, i + 2), b'P' | b'E' | b'X' | b'N')
        && SECRETS.iter().any(|word| starts(bytes, i, word))
}

/// `bob : EAP "x"`, `10.0.0.1 10.0.0.2 : PSK "x"` at the colon.
pub(crate) fn at_separator(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let Some(word) = SECRETS.iter().find(|word| starts(bytes, i, word)) else {
        return;
    };
    let found = extent(text, i + word.len(), false, VALUE_BYTES_MAX);
    let Some(found) = found.filter(|found| found.quoted || at(bytes, found.start) == b'0') else {
        return;
    };
    if !is_placeholder(cut(text, found.start, found.end)) {
        out.push(Finding::secret("tool.secret", found.start, found.end));
    }
    let end = run_back(bytes, i, GAP_BYTES_MAX, blank);
    let start = run_back(bytes, end, USER_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.')
    });
    let escaped = before(bytes, start) == b'\\' && at(bytes, start) == b'n';
    let start = start + usize::from(escaped);
    let name = cut(text, start, end);
    let account = *word != b": PSK " && (begins(bytes, start) || escaped);
    if account && is_somebody(name) {
        out.push(Finding::personal("tool.user", TokenKind::User, start, end));
    }
}
