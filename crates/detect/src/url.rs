//! Credentials in addresses: `scheme://user:password@host`.

use crate::bytes::{at, before, cut, floor, run, run_back};
use crate::value::is_placeholder;
use crate::{Finding, TokenKind, net};

/// Longest userinfo in bytes that is looked for.
const USERINFO_BYTES_MAX: usize = 1_024;
/// How far behind a `/` that should have been escaped its `@` is looked for.
const SLASHED_BYTES_MAX: usize = 128;

/// Userinfo of the address whose `://` is at `i`: the password (class A) and the user (class B).
///
/// The password may hold `@`, `:` and `/` where the sender forgot to escape them: the last `@`
/// before the end of the authority counts.
pub(crate) fn userinfo(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let start = i + 3;
    let end = run(bytes, start, USERINFO_BYTES_MAX, |b| {
        !(outside(b) || matches!(b, b'/' | b'?' | b'#'))
    });
    let authority = cut(text, start, floor(text, end));
    if is_cut_at(bytes, end) && takes_credentials(text, i) {
        out.extend(cut_off(authority, start));
    }
    let Some(last) = authority
        .rfind('@')
        .or_else(|| slashed(text, start, authority))
    else {
        return;
    };
    let info = cut(text, start, start + last);
    if is_placeholder(info) {
        return;
    }
    let scheme = run_back(bytes, i, 16, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-')
    });
    if let Some(colon) = info.find(':') {
        let (user, password) = (cut(info, 0, colon), cut(info, colon + 1, info.len()));
        if !is_placeholder(password) {
            out.push(Finding::secret(
                "url.password",
                start + colon + 1,
                start + last,
            ));
        }
        if !(user.is_empty() || is_placeholder(user) || technical_user(user)) {
            out.push(Finding::personal(
                "url.user",
                TokenKind::User,
                start,
                start + colon,
            ));
        }
    } else if technical_user(info) {
        // Says nothing about anybody.
    } else if info.len() >= 16 || matches!(cut(text, scheme, i), "redis" | "rediss" | "amqp") {
        out.push(Finding::secret("url.token", start, start + last));
    } else {
        out.push(Finding::personal(
            "url.user",
            TokenKind::User,
            start,
            start + last,
        ));
    }
}

/// Whether what begins an address may end at `end` for the text's end or a closing quote.
pub(crate) fn is_cut_at(bytes: &[u8], end: usize) -> bool {
    matches!(at(bytes, end), 0 | b'\n' | b'\r' | b'"' | b'\'')
}

/// Schemes of which a user and a password are part; `docker://image:tag` has other parts.
const SCHEMES: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "mqtt",
    "mqtts",
    "ftp",
    "ftps",
    "sftp",
    "ssh",
    "smtp",
    "smtps",
    "imap",
    "imaps",
    "ldap",
    "ldaps",
    "nats",
    "clickhouse",
    "mssql",
    "sqlserver",
    "cockroachdb",
];

/// Whether the scheme before the `://` at `i` is one of those.
fn takes_credentials(text: &str, i: usize) -> bool {
    let start = run_back(text.as_bytes(), i, 16, |b| {
        b.is_ascii_alphanumeric() || b == b'+'
    });
    SCHEMES.contains(&cut(text, start, i))
}

/// Shortest password in bytes of an address that is cut off.
const CUT_BYTES_MIN: usize = 4;

/// The password of `scheme://user:password` that the text's end cuts off before its host. What
/// stands behind the colon of a host is a port, and has no letter.
fn cut_off(authority: &str, start: usize) -> Option<Finding> {
    let (user, password) = authority.split_once(':')?;
    let named = !user.is_empty() && !user.contains(['@', '.', '[']);
    let port = !password.bytes().any(|b| b.is_ascii_alphabetic()) || password.contains(':');
    let held = password.contains(['@', ';', '=', '&', '{', '$', '%'])
        || password.len() < CUT_BYTES_MIN
        || is_placeholder(password);
    let from = start + user.len() + 1;
    (named && !port && !held).then(|| Finding::secret("url.password", from, from + password.len()))
}

/// Whether no part of an address can hold the byte.
fn outside(b: u8) -> bool {
    b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b',')
}

/// `@` behind a `/`, `#` or `?`, where what stands before it already has the form `user:password`
/// without a port.
fn slashed(text: &str, start: usize, head: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (_, password) = head.split_once(':')?;
    let slash = start + head.len();
    let port = password.bytes().all(|b| b.is_ascii_digit());
    let sign = at(bytes, slash);
    if port || !matches!(sign, b'/' | b'#' | b'?') {
        return None;
    }
    let end = run(bytes, slash, SLASHED_BYTES_MAX, |b| {
        !outside(b) && (sign != b'/' || !matches!(b, b'?' | b'#'))
    });
    let rest = cut(text, slash, floor(text, end)).rfind('@')?;
    Some(head.len() + rest)
}

/// Names that belong to the protocol, not to a person.
pub(crate) fn technical_user(user: &str) -> bool {
    let protocol = matches!(
        user,
        "git" | "hg" | "svn" | "x-access-token" | "oauth2" | "apikey" | "app"
    );
    protocol || net::is_service(user)
}

/// Whether the `@` at `i` ends the userinfo of an address, so that it is no e-mail.
pub(crate) fn is_userinfo_at(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let from = run_back(bytes, i, 256, |b| {
        !(b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<' | b'>'))
    });
    let head = cut(text, crate::bytes::ceil(text, from), i);
    let authority = head.rfind("://").map(|n| cut(head, n + 3, head.len()));
    let holds = |a: &str| match a.split_once(['?', '#']) {
        None => !a.contains('/') || a.contains(':'),
        // A sign that should have been escaped, within a password.
        Some((info, _)) => {
            let password = info.split_once(':').map_or("", |(_, password)| password);
            !a.contains('/') && password.bytes().any(|b| !b.is_ascii_digit())
        }
    };
    authority.is_some_and(holds) && at(bytes, i) == b'@' && before(bytes, i) != b'/'
}
