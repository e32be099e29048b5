//! Network addresses: IPv4, IPv6, hardware addresses; user names in home directories.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::bytes::{alnum, at, before, ceil, cut, digit, floor, opens, run, run_back, starts};
use crate::{Finding, TokenKind};

/// An IPv4 address at `i`. Versions, loopback and unspecified addresses are none.
pub(crate) fn ipv4(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = run(bytes, i, 16, |b| digit(b) || b == b'.');
    let end = if before(bytes, end) == b'.' {
        end - 1
    } else {
        end
    };
    let prior = before(bytes, i);
    let goes_on = matches!(at(bytes, end), b'.' | b'-' | b'_') && alnum(at(bytes, end + 1));
    let bound =
        opens(bytes, i) && !matches!(prior, b'.' | b'-') && !alnum(at(bytes, end)) && !goes_on;
    // `Chrome/120.0.0.0`, `v1.2.3.4`, `lib-1.2.3.4.jar`.
    let product = prior == b'/' && alnum(before(bytes, i - 1));
    if !bound || product || versioned(text, i) {
        return None;
    }
    let address: Ipv4Addr = cut(text, i, end).parse().ok()?;
    let technical = address.is_loopback() || address.is_unspecified() || address.is_broadcast();
    (!technical).then(|| Finding::personal("ipv4", TokenKind::Ip, i, end))
}

/// Whether the word before says that a version follows.
fn versioned(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let end = run_back(bytes, i, 6, |b| {
        matches!(b, b' ' | b'=' | b':' | b'"' | b'\'' | b'\\')
    });
    let start = run_back(bytes, end, 24, |b| {
        alnum(b) || matches!(b, b'_' | b'.' | b'-')
    });
    let word = cut(text, start, end).to_ascii_lowercase();
    ["version", "ver", "release", "build", "v", "oid"]
        .iter()
        .any(|w| word.ends_with(w) && !word.ends_with("server") && !word.ends_with("driver"))
}

/// An IPv6 address at `i`.
pub(crate) fn ipv6(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if alnum(before(bytes, i)) || matches!(before(bytes, i), b':' | b'.' | b'_' | b'-') {
        return None;
    }
    let mut end = run(bytes, i, 46, |b| {
        b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
    });
    while matches!(before(bytes, end), b':' | b'.') && !starts(bytes, end.saturating_sub(2), b"::")
    {
        end -= 1;
    }
    let address = cut(text, i, end);
    let colons = address.bytes().filter(|b| *b == b':').count();
    let letters = address.bytes().any(|b| b.is_ascii_alphabetic());
    if colons < 2 || alnum(at(bytes, end)) || at(bytes, end) == b':' || address.len() < 6 {
        return None;
    }
    let parsed: Ipv6Addr = address.parse().ok()?;
    // `::` within C++ or Rust paths and times such as `12::30` do not reach here with letters.
    if parsed.is_loopback() || parsed.is_unspecified() || !(letters || colons == 7) && colons < 3 {
        return None;
    }
    Some(Finding::personal("ipv6", TokenKind::Ip, i, end))
}

/// A hardware address at `i`: six pairs of hex digits with one separator.
pub(crate) fn mac(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let separator = at(bytes, i + 2);
    if !matches!(separator, b':' | b'-')
        || !opens(bytes, i)
        || matches!(before(bytes, i), b':' | b'-')
    {
        return None;
    }
    for pair in 0..6 {
        let p = i + pair * 3;
        let hex = at(bytes, p).is_ascii_hexdigit() && at(bytes, p + 1).is_ascii_hexdigit();
        if !hex || (pair < 5 && at(bytes, p + 2) != separator) {
            return None;
        }
    }
    let end = i + 17;
    let bound = !alnum(at(bytes, end)) && at(bytes, end) != separator;
    let zero = cut(text, i, end)
        .bytes()
        .all(|b| matches!(b, b'0' | b':' | b'-'));
    (bound && !zero).then(|| Finding::personal("mac", TokenKind::Mac, i, end))
}

/// Accounts that no person owns.
const SERVICE_USERS: &[&str] = &[
    "root",
    "runner",
    "ubuntu",
    "ec2-user",
    "app",
    "node",
    "vsts",
    "jenkins",
    "circleci",
    "build",
    "builder",
    "docker",
    "shared",
    "public",
    "default",
    "user",
    "users",
    "www-data",
    "nonroot",
    "vscode",
    "linuxbrew",
    "travis",
    "gitlab-runner",
    "appuser",
    "admin",
    "service",
    "nobody",
    "postgres",
    "git",
    "all users",
    "guest",
];

/// Whether the account belongs to a service, not to a person.
pub(crate) fn is_service(user: &str) -> bool {
    SERVICE_USERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(user))
}

/// Folders of home directories.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    ["home", "Users", "Documents and Settings"].into_iter()
}

/// Whether a home directory's folder stands at `i`, behind its separator.
pub(crate) fn may_follow_home(bytes: &[u8], i: usize) -> bool {
    matches!(before(bytes, i), b'/' | b'\\')
        && [b"home".as_slice(), b"Users", b"Documents and Settings"]
            .iter()
            .any(|folder| {
                starts(bytes, i, folder) && matches!(at(bytes, i + folder.len()), b'/' | b'\\')
            })
}

/// Longest name of a folder in bytes, as file systems have it (`NAME_MAX` is 255): what is longer
/// is no home directory.
const FOLDER_BYTES_MAX: usize = 256;

/// The user name in a home directory's path at its separator.
pub(crate) fn home(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let heads: [&[u8]; 6] = [
        b"/home/",
        b"/Users/",
        b"\\Users\\",
        b"\\\\Users\\\\",
        b"/Documents and Settings/",
        b"\\/home\\/",
    ];
    let head = heads.iter().find(|h| starts(bytes, i, h))?;
    let drive = before(bytes, i) == b':';
    let path = alnum(before(bytes, i)) && at(bytes, i) == b'/';
    // `/api/home/x` is a route, `file:///home/x` and `C:/Users/x` are paths.
    if path {
        return None;
    }
    let start = i + head.len();
    let accept = |b: u8| alnum(b) || matches!(b, b'.' | b'_' | b'-') || b >= 0x80;
    let mut end = run(bytes, start, FOLDER_BYTES_MAX, accept);
    if end - start == FOLDER_BYTES_MAX {
        return None;
    }
    if drive && at(bytes, end) == b' ' {
        // `C:\Users\Ann Example\AppData`.
        let more = run(bytes, end + 1, 32, accept);
        if at(bytes, more) == b'\\' && more > end + 1 {
            end = more;
        }
    }
    let (start, end) = (ceil(text, start), floor(text, end));
    let name = cut(text, start, end);
    let name = name.trim_end_matches('.');
    (!name.is_empty() && !is_service(name))
        .then(|| Finding::personal("home_user", TokenKind::User, start, start + name.len()))
}
