//! E-mail addresses, also internationalised, percent-encoded and spelled out.

use crate::bytes::{alnum, at, before, ceil, cut, floor, run, run_back, starts_nocase};
use crate::shadow::past_colour;
use crate::url::is_userinfo_at;
use crate::{Finding, TokenKind, account, positional};

fn local(b: u8) -> bool {
    alnum(b)
        || matches!(
            b,
            b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'!' | b'#' | b'~'
        )
        || b >= 0x80
}

fn domain(b: u8) -> bool {
    alnum(b) || matches!(b, b'.' | b'-') || b >= 0x80
}

/// Endings of file names that look like a domain's: `logo@2x.png`.
const FILE_ENDINGS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "mjs", "ts", "tsx", "jsx", "css", "py", "rb",
    "go", "rs", "java", "json", "yaml", "yml", "html", "txt", "service", "socket", "timer",
    "local0",
];

/// Longest local part in bytes that is looked for (RFC 5321 allows 64).
const LOCAL_BYTES_MAX: usize = 80;

/// Beginning of a local part that carries another address in it: `bounce+ann=example.org@…`
/// (VERP), `SRS0=hash=tt=example.org=ann@…`. The part from `start` to `i` follows a `=`.
fn enveloped(text: &str, start: usize, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let from = ceil(
        text,
        run_back(bytes, start, LOCAL_BYTES_MAX, |b| local(b) || b == b'='),
    );
    let head = cut(text, from, start - 1);
    let lower = crate::bytes::lower(head);
    let rewritten = ["srs0=", "srs1=", "prvs="];
    if let Some(n) = rewritten.iter().find_map(|mark| lower.find(mark)) {
        return Some(from + n);
    }
    // `to=ann@example.org` is a key; a domain before the `@` and a `+` before it are none.
    let (_, top) = cut(text, start, i).rsplit_once('.')?;
    let domain = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    let own = head.rsplit('=').next().unwrap_or(head);
    let lower = crate::bytes::lower(own);
    let mailed = [
        "bounce", "return-", "owner-", "verp", "list-", "no-reply", "noreply",
    ];
    let marked = own.contains('+') || mailed.iter().any(|head| lower.starts_with(head));
    (domain && marked).then_some(start - 1 - own.len())
}

/// Beginning of a local part in quotes (RFC 5321, section 4.1.2): `"ann b"@example.org`.
fn quoted(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let close = i.checked_sub(1).filter(|n| at(bytes, *n) == b'"')?;
    let escaped = usize::from(before(bytes, close) == b'\\');
    let inner = run_back(bytes, close - escaped, LOCAL_BYTES_MAX, |b| {
        b >= 0x20 && b != b'"' && b != b'\\'
    });
    let open = inner.checked_sub(1).filter(|n| at(bytes, *n) == b'"')?;
    let open = open.checked_sub(escaped)?;
    let filled = close - escaped > inner;
    (filled && !alnum(before(bytes, open))).then_some(open)
}

/// Whether the `@` at `i` joins an account of MySQL and its host: `'bob'@'%'`.
fn is_sql_account(bytes: &[u8], i: usize) -> bool {
    let quote = before(bytes, i);
    matches!(quote, b'\'' | b'`' | b'"') && at(bytes, i + 1) == quote
}

/// The account of MySQL before the `@` at `i`.
fn sql_account(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = i.checked_sub(1)?;
    let start = run_back(bytes, end, LOCAL_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'.' | b'_' | b'-')
    });
    let opened = before(bytes, start) == before(bytes, i);
    let account = cut(text, start, end);
    (opened && account.len() >= 2 && !crate::net::is_service(account))
        .then(|| Finding::personal("account.sql", TokenKind::User, start, end))
}

/// Beginning of the number that Asterisk dials in a context, before the `@` at `i`:
/// `Executing [447700900123@outbound:3]`.
fn extension(bytes: &[u8], i: usize) -> Option<usize> {
    let number = |b: u8| b.is_ascii_digit() || b == b'+';
    let start = run_back(bytes, i, LOCAL_BYTES_MAX, number);
    let named = |b: u8| alnum(b) || matches!(b, b'-' | b'_');
    let context = run(bytes, i + 1, LOCAL_BYTES_MAX, named);
    let step = run(bytes, context + 1, 4, |b| b.is_ascii_digit());
    let placed = before(bytes, start) == b'[' && at(bytes, context) == b':';
    let placed = placed && step > context + 1 && at(bytes, step) == b']';
    (placed && (9..=16).contains(&(i - start))).then_some(start)
}

/// The account before the `@` at `i` where the address of a host follows: `scp x bob@10.0.0.5:`.
pub(crate) fn at_host(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if is_sql_account(bytes, i) {
        return sql_account(text, i);
    }
    if let Some(start) = extension(bytes, i) {
        let kind = TokenKind::Phone;
        return Some(Finding::personal("phone.extension", kind, start, i));
    }
    crate::net::ipv4(text, i + 1)?;
    let name = |b: u8| alnum(b) || matches!(b, b'.' | b'_' | b'-');
    let start = run_back(bytes, i, LOCAL_BYTES_MAX, name);
    let opened = start == 0
        || matches!(
            before(bytes, start),
            b' ' | b'"' | b'\'' | b'=' | b'(' | b'\t'
        );
    let account = cut(text, start, i);
    let begins = account
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic());
    (opened && begins && account.len() >= 2 && !crate::net::is_service(account))
        .then(|| Finding::personal("account.host", TokenKind::User, start, i))
}

/// Whether an address, or the end of a user's password, may stand around the `@` at `i`.
pub(crate) fn may_be_at(bytes: &[u8], i: usize) -> bool {
    // A data source name: `@tcp(host)`, `@/db`.
    let placed = account::may_be_database(bytes, i) || account::may_be_remote(bytes, i);
    let placed = placed || extension(bytes, i).is_some();
    if at(bytes, i + 1) == b'/' || is_sql_account(bytes, i) || placed {
        return true;
    }
    let end = run(bytes, i + 1, 255, domain);
    let host = bytes.get(i + 1..end).unwrap_or(&[]);
    at(bytes, end) == b'(' || host.contains(&b'.')
}

/// The address around the `@` at `i`.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let mut start = ceil(text, run_back(bytes, i, LOCAL_BYTES_MAX, local));
    // The end of a colour code, whose escape is no part of a word: `\x1b[1mann@…`.
    start = past_colour(bytes, start).min(i);
    start = positional::past_segment(text, start, i);
    if before(bytes, start) == b'=' {
        start = enveloped(text, start, i).unwrap_or(start);
    }
    while start < i
        && matches!(
            at(bytes, start),
            b'.' | b'\'' | b'-' | b'%' | b'#' | b'!' | b'~'
        )
    {
        start += 1;
    }
    // `\nbob@…` in escaped text.
    if before(bytes, start) == b'\\'
        && matches!(at(bytes, start), b'n' | b'r' | b't')
        && i - start > 1
    {
        start += 1;
    }
    if start == i {
        start = quoted(text, i).unwrap_or(i);
    }
    let mut end = floor(text, run(bytes, i + 1, 255, domain));
    while end > i && matches!(before(bytes, end), b'.' | b'-') {
        end -= 1;
    }
    let host = cut(text, i + 1, end);
    // A trailing sentence of another script is no domain: cut at non-alphanumeric characters.
    let host = host
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
        .next()?;
    let end = i + 1 + host.len();
    let (_, top) = host.rsplit_once('.')?;
    let letters =
        top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) || top.starts_with("xn--");
    let user = cut(text, start, i);
    if user.is_empty() || !letters || host.starts_with(['.', '-']) || host.contains("..") {
        return None;
    }
    if FILE_ENDINGS.contains(&top.to_ascii_lowercase().as_str()) || is_userinfo_at(text, i) {
        return None;
    }
    // `git@github.com:org/repo` names a repository.
    let technical = matches!(user, "git" | "hg" | "svn");
    if technical && matches!(at(bytes, end), b':' | b'/') {
        return None;
    }
    Some(Finding::personal("email", TokenKind::Email, start, end))
}

/// Whether `(at)` stands at `i`, in brackets of any kind.
pub(crate) fn may_be_spelled(bytes: &[u8], i: usize) -> bool {
    let sign: [&[u8]; 4] = [b"(at)", b"[at]", b"{at}", b"<at>"];
    sign.iter().any(|s| starts_nocase(bytes, i, s))
}

/// `bob (at) example (dot) org` at the bracket.
pub(crate) fn spelled(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !may_be_spelled(bytes, i) {
        return None;
    }
    let left = run_back(bytes, i, 2, |b| b == b' ');
    let start = ceil(text, run_back(bytes, left, 64, local));
    let mut end = run(bytes, i + 4, 2, |b| b == b' ');
    let first = end;
    end = run(bytes, end, 64, domain);
    let mut dots = cut(text, first, end).contains('.');
    for _ in 0..4 {
        let gap = run(bytes, end, 2, |b| b == b' ');
        let dot: [&[u8]; 3] = [b"(dot)", b"[dot]", b"{dot}"];
        if !dot.iter().any(|s| starts_nocase(bytes, gap, s)) {
            break;
        }
        let next = run(bytes, gap + 5, 2, |b| b == b' ');
        end = run(bytes, next, 64, domain);
        dots = true;
    }
    (start < left && dots)
        .then(|| Finding::personal("email.spelled", TokenKind::Email, start, floor(text, end)))
}

/// Domains of the highest level that end an address which is spelled in words; of the countries'
/// those that are no English words.
#[rustfmt::skip]
const TOPS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "io", "co",
    "dev", "app", "cloud", "online", "site", "shop", "tech", "example", "test", "invalid", "eu",
    "uk", "de", "fr", "es", "pt", "nl", "ch", "se", "dk", "fi", "pl", "cz", "sk", "hu", "ro", "bg",
    "gr", "ru", "ua", "tr", "il", "ae", "sa", "eg", "za", "ng", "ke", "jp", "cn", "kr", "tw", "hk",
    "sg", "th", "vn", "ph", "au", "nz", "ca", "mx", "br", "ar", "cl", "pe", "ie", "lu", "lt", "lv",
    "ee", "hr", "rs", "kz",
];
/// Most labels of a domain that is spelled in words.
const SPOKEN_LABELS_MAX: usize = 6;
/// Longest label of a domain in bytes (RFC 1035).
const LABEL_BYTES_MAX: usize = 63;

/// The words at which [`spoken`] is asked.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    ["dot"].into_iter()
}

/// `bob at example dot org` at its first `dot`.
pub(crate) fn spoken(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let label = |b: u8| alnum(b) || b == b'-' || b >= 0x80;
    if !starts_nocase(bytes, i, b"dot ") || before(bytes, i) != b' ' {
        return None;
    }
    let host = run_back(bytes, i - 1, LABEL_BYTES_MAX, label);
    let sign = host.checked_sub(4)?;
    if host + 1 >= i || !starts_nocase(bytes, sign, b" at ") {
        return None;
    }
    let start = ceil(text, run_back(bytes, sign, LOCAL_BYTES_MAX, local));
    let mut end = i - 1;
    let mut top = "";
    for _ in 0..SPOKEN_LABELS_MAX {
        if !starts_nocase(bytes, end, b" dot ") {
            break;
        }
        let next = end + 5;
        let stop = floor(text, run(bytes, next, LABEL_BYTES_MAX, label));
        if stop == next {
            break;
        }
        (top, end) = (cut(text, next, stop), stop);
    }
    let user = cut(text, start, sign);
    let known = TOPS.iter().any(|known| known.eq_ignore_ascii_case(top));
    (known && !user.is_empty())
        .then(|| Finding::personal("email.spelled", TokenKind::Email, start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_code_is_no_part_of_an_address() {
        for code in ["", "\x1b[1m", "\x1b[1;31m", "\x1b[38:5:9m", "\x1b[m"] {
            let text = format!("to {code}ann@example.org\x1b[0m");
            let found = find(&text, text.find('@').unwrap()).unwrap();
            assert_eq!(
                cut(&text, found.start, found.end),
                "ann@example.org",
                "{text:?}"
            );
        }
        let found = find("to [31mann@example.org", 10).unwrap();
        assert_eq!((found.start, found.end), (4, 22));
    }

    #[test]
    fn addresses_in_words() {
        for (text, wanted) in [
            (
                "reply to ann_b at corp dot example now",
                Some("ann_b at corp dot example"),
            ),
            (
                "joaquín at mail dot example dot com dot br",
                Some("joaquín at mail dot example dot com dot br"),
            ),
            ("look at this dot product", None),
            ("connect the dot here", None),
            ("at example dot org", None),
        ] {
            let i = text.find("dot").unwrap();
            let found = spoken(text, i).map(|f| cut(text, f.start, f.end));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
