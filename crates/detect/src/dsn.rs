//! Credentials in connection strings that are no addresses, and in `.netrc` files.

use crate::bytes::{
    alnum, at, before, blank, ceil, cut, digit, mixed, opens, run, run_back, starts_nocase,
};
use crate::value::is_placeholder;
use crate::{Finding, TokenKind};

/// Longest user and password together in bytes.
const CREDENTIAL_BYTES_MAX: usize = 256;

/// Whether the byte can stand in a connection string.
fn inside(b: u8) -> bool {
    !(b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>'))
}

fn both(text: &str, user: (usize, usize), password: (usize, usize), out: &mut Vec<Finding>) {
    let name = cut(text, user.0, user.1);
    if is_placeholder(cut(text, password.0, password.1)) {
        return;
    }
    out.push(Finding::secret("dsn.password", password.0, password.1));
    let technical = matches!(name, "root" | "postgres" | "system" | "sys" | "sa");
    if !(name.is_empty() || technical || is_placeholder(name)) {
        let kind = TokenKind::User;
        out.push(Finding::personal("dsn.user", kind, user.0, user.1));
    }
}

/// `user:password@tcp(host:3306)/db` and `user:password@/db` at the `@`: the data source name of
/// go-sql-driver/mysql.
pub(crate) fn go(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let protocol = run(bytes, i + 1, 12, |b| b.is_ascii_lowercase() || digit(b));
    let local = at(bytes, i + 1) == b'/' && at(bytes, i + 2).is_ascii_alphabetic();
    if at(bytes, protocol) == b'(' {
        let close = run(bytes, protocol + 1, 128, |b| inside(b) && b != b')');
        let follows = matches!(at(bytes, close + 1), b'/' | 0 | b' ' | b'"' | b'\'');
        if at(bytes, close) != b')' || !follows {
            return;
        }
    } else if !local {
        return;
    }
    let start = ceil(text, run_back(bytes, i, CREDENTIAL_BYTES_MAX, inside));
    let Some(colon) = cut(text, start, i).find(':').map(|n| start + n) else {
        return;
    };
    // `dsn=user:…`: the key is no part of the user.
    let key = cut(text, start, colon).rfind(['=', '(', '[', ',']);
    let start = key.map_or(start, |n| start + n + 1);
    let user = cut(text, start, colon);
    let plain = user
        .bytes()
        .all(|b| alnum(b) || matches!(b, b'_' | b'-' | b'.'));
    if local && (user.is_empty() || !plain || at(bytes, colon + 1) == b'/') {
        return;
    }
    both(text, (start, colon), (colon + 1, i), out);
}

/// `jdbc:oracle:thin:user/password@host` and `sqlplus user/password@db` at the word.
pub(crate) fn oracle(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return;
    }
    if starts_nocase(bytes, i, b"jdbc:oracle:") {
        let driver = run(bytes, i + 12, 8, alnum);
        if at(bytes, driver) == b':' {
            slashed(text, driver + 1, true, out);
        }
        return;
    }
    let tools: [&[u8]; 6] = [b"sqlplus", b"sqlldr", b"expdp", b"impdp", b"rman", b"sqlcl"];
    let Some(tool) = tools.iter().find(|tool| starts_nocase(bytes, i, tool)) else {
        return;
    };
    let mut word = i + tool.len();
    for _ in 0..4 {
        let start = run(bytes, word, 8, blank);
        if start == word {
            return;
        }
        let end = run(bytes, start, CREDENTIAL_BYTES_MAX, inside);
        if slashed(text, start, false, out) {
            return;
        }
        word = end;
    }
}

/// `user/password[@host]` at `start`.
fn slashed(text: &str, start: usize, host: bool, out: &mut Vec<Finding>) -> bool {
    let bytes = text.as_bytes();
    let user = run(bytes, start, 64, |b| {
        alnum(b) || matches!(b, b'_' | b'$' | b'#' | b'.' | b'[' | b']')
    });
    if user == start || at(bytes, user) != b'/' {
        return false;
    }
    if at(bytes, user + 1) == b'"' {
        let close = run(bytes, user + 2, CREDENTIAL_BYTES_MAX, |b| {
            b != b'"' && b != b'\n'
        });
        if at(bytes, close) == b'"' && at(bytes, close + 1) == b'@' {
            both(text, (start, user), (user + 2, close), out);
            return true;
        }
    }
    let end = run(bytes, user + 1, CREDENTIAL_BYTES_MAX, inside);
    let end = crate::bytes::floor(text, end);
    let rest = cut(text, user + 1, end);
    // Of several `@` the last one parts password and host, but for those behind `//`.
    let rest = cut(rest, 0, rest.find("@//").map_or(rest.len(), |n| n + 1));
    let password = match rest.rfind('@') {
        Some(n) => cut(rest, 0, n),
        None if host => return false,
        None => rest,
    };
    if password.contains('/') && !password.starts_with('"') {
        return false;
    }
    let stop = user + 1 + password.len();
    both(text, (start, user), (user + 1, stop), out);
    !password.is_empty()
}

/// `machine h login u password p` in one line or several, at `machine` or `default`.
pub(crate) fn netrc(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let machine = starts_nocase(bytes, i, b"machine ");
    if !(machine || starts_nocase(bytes, i, b"default ")) || !opens(bytes, i) {
        return;
    }
    let word = |from: usize| {
        let start = run(bytes, from, 32, |b| b.is_ascii_whitespace());
        (
            start,
            run(bytes, start, CREDENTIAL_BYTES_MAX, |b| {
                !b.is_ascii_whitespace()
            }),
        )
    };
    let mut next = i + 8;
    if machine {
        next = word(next).1;
    }
    let mut login = (0, 0);
    for _ in 0..3 {
        let (start, end) = word(next);
        let value = word(end);
        match cut(text, start, end) {
            "login" => login = value,
            "account" => {}
            // `the default password policy` is a sentence.
            "password" | "passwd" if machine || login.1 > 0 => {
                both(text, login, value, out);
                return;
            }
            _ => return,
        }
        next = value.1;
    }
}

/// Whether a line of a password file of PostgreSQL may go on at the colon `i`: `host:5432:…`.
pub(crate) fn may_be_pgpass(bytes: &[u8], i: usize) -> bool {
    let star = usize::from(at(bytes, i + 1) == b'*');
    let port = run(bytes, i + 1, 6, digit);
    let end = if star == 1 { i + 2 } else { port };
    let host = before(bytes, i);
    at(bytes, i) == b':'
        && (at(bytes, end) == b':' || host == b']' && blank(at(bytes, end)))
        && (star == 1 || end - i >= 3)
        && (alnum(host) || matches!(host, b'*' | b'.' | b']'))
        && !crate::keyed::is_time(bytes, i)
}

/// Ports of PostgreSQL and its poolers.
const PORTS: &[&str] = &["5432", "5433", "5434", "6432", "6543", "*"];

/// `host:port:database:user:password`, a line of `.pgpass` (PostgreSQL 17, section 32.16), at its
/// first colon.
///
/// Adds the user and the password; returns where the password ends.
pub(crate) fn pgpass(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !may_be_pgpass(bytes, i) {
        return None;
    }
    if blank(at(bytes, run(bytes, i + 1, 6, digit))) {
        return relay(text, i, out);
    }
    let field = |from: usize| run(bytes, from, 64, |b| inside(b) && b != b':' && b != b'\\');
    let port = field(i + 1);
    let database = field(port + 1);
    let user = field(database + 1);
    let parted = at(bytes, database) == b':' && at(bytes, user) == b':';
    let start = user + 1;
    let end = run(bytes, start, CREDENTIAL_BYTES_MAX, |b| {
        inside(b) && b != b':'
    });
    let named = |from: usize, to: usize| {
        let name = cut(text, from, to);
        name == "*"
            || name
                .bytes()
                .next()
                .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
    };
    let known = PORTS.contains(&cut(text, i + 1, port));
    let value = cut(text, start, crate::bytes::floor(text, end));
    let value = value
        .split("\\n")
        .next()
        .unwrap_or(value)
        .trim_end_matches(['\\', ',']);
    let whole = parted && known && named(port + 1, database) && named(database + 1, user);
    if !whole || value.len() < 3 || is_placeholder(value) {
        return None;
    }
    both(
        text,
        (database + 1, user),
        (start, start + value.len()),
        out,
    );
    Some(start + value.len())
}

/// `[mail.example.org]:587 user:password`, a line of Postfix's `sasl_passwd`, at the colon behind
/// the bracket.
fn relay(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let port = run(bytes, i + 1, 5, digit);
    let start = run(bytes, port, 40, blank);
    let user = run(bytes, start, CREDENTIAL_BYTES_MAX, |b| {
        inside(b) && b != b':'
    });
    // `[10.0.0.1]:443 connection:closed` is no relay of mail.
    let known = ["25", "465", "587", "2525"].contains(&cut(text, i + 1, port));
    let parted = known && start > port && user > start && at(bytes, user) == b':';
    let end = run(bytes, user + 1, CREDENTIAL_BYTES_MAX, inside);
    let value = cut(text, user + 1, crate::bytes::floor(text, end));
    let value = value
        .split("\\n")
        .next()
        .unwrap_or(value)
        .trim_end_matches(['\\', ',']);
    let port = value.bytes().all(digit) || value.contains("//");
    if !parted || port || value.len() < 4 || is_placeholder(value) {
        return None;
    }
    both(text, (start, user), (user + 1, user + 1 + value.len()), out);
    Some(user + 1 + value.len())
}

/// Words that lead to a credential here.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    ORACLE
        .iter()
        .copied()
        .chain(["machine ", "default ", "digest username=", "auth"])
}

/// Oracle's addresses and tools.
const ORACLE: &[&str] = &[
    "jdbc:oracle:",
    "sqlplus",
    "sqlldr",
    "expdp",
    "impdp",
    "rman",
    "sqlcl",
];

/// Whether a credential may follow the word at `i`.
pub(crate) fn may_follow(bytes: &[u8], i: usize, word: &str) -> bool {
    match word {
        "machine " | "default " => {
            let known: [&[u8]; 4] = [b"login", b"account", b"password", b"passwd"];
            let named = usize::from(word == "machine ");
            let mut next = i + word.len();
            for _ in 0..named {
                next = run(bytes, next, 32, |b| b.is_ascii_whitespace());
                next = run(bytes, next, CREDENTIAL_BYTES_MAX, |b| {
                    !b.is_ascii_whitespace()
                });
            }
            next = run(bytes, next, 32, |b| b.is_ascii_whitespace());
            known.iter().any(|word| starts_nocase(bytes, next, word))
        }
        "auth" => {
            let next = at(bytes, i + 4);
            blank(next) || next | 0x20 == b'e'
        }
        _ => true,
    }
}

/// `AUTH PLAIN <base64>` and its like (RFC 4954, RFC 5034, IMAP's `AUTHENTICATE`) at the word.
pub(crate) fn sasl(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts_nocase(bytes, i, b"auth") || !opens(bytes, i) {
        return None;
    }
    let verb = run(bytes, i, 16, alnum);
    if !matches!(
        cut(text, i, verb),
        "AUTH" | "auth" | "AUTHENTICATE" | "authenticate"
    ) {
        return None;
    }
    let mechanism = run(bytes, verb, 2, blank);
    let end = run(bytes, mechanism, 24, |b| {
        alnum(b) || matches!(b, b'-' | b'_')
    });
    let known = [
        "PLAIN",
        "LOGIN",
        "XOAUTH2",
        "OAUTHBEARER",
        "CRAM-MD5",
        "DIGEST-MD5",
        "NTLM",
        "GSSAPI",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
    ];
    if !known
        .iter()
        .any(|k| k.eq_ignore_ascii_case(cut(text, mechanism, end)))
    {
        return None;
    }
    let start = run(bytes, end, 2, blank);
    let close = run(bytes, start, 4_096, |b| {
        alnum(b) || matches!(b, b'+' | b'/' | b'=')
    });
    let value = cut(text, start, close);
    let other = known.iter().any(|k| k.eq_ignore_ascii_case(value));
    let whole = value.len() >= 8 && value.len().is_multiple_of(4);
    let long = value.len() >= 12 && mixed(value.as_bytes());
    let shaped = (whole || long) && !other && start > end;
    let bound = !alnum(at(bytes, close)) && before(bytes, start) != b'-';
    (shaped && bound).then(|| Finding::secret("auth.sasl", start, close))
}
