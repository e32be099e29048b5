//! Members of maps and lists whose notation has no sign between name and value: Erlang's and
//! Elixir's tuples, keywords of Clojure, the quoted arguments of a command of Redis; and the
//! private members of a JSON web key (RFC 7517), whose names say nothing by themselves.
//!
//! *Limits:* each look is bounded, and for a key's member by a multiple of its value's length.

use crate::Finding;
use crate::bytes::{alnum, at, before, blank, ceil, cut, floor, run, run_back, starts};
use crate::keyed;
use crate::value::{Extent, VALUE_BYTES_MAX, extent};

/// Longest name in bytes.
const NAME_BYTES_MAX: usize = 96;
/// Most quotes and backslashes around a name.
const QUOTES_BYTES_MAX: usize = 16;
/// How far before an argument its command is looked for.
const COMMAND_BYTES_MAX: usize = 1_024;

fn name_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'/') || b >= 0x80
}

fn quoting(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'\\')
}

/// The name that ends at `end`, quotes left out, and where its quotes begin.
fn name(text: &str, end: usize) -> (&str, usize) {
    let bytes = text.as_bytes();
    let close = run_back(bytes, end, QUOTES_BYTES_MAX, quoting);
    let start = ceil(text, run_back(bytes, close, NAME_BYTES_MAX, name_byte));
    (cut(text, start, close), start)
}

/// `{password,<<"x">>}`, `{<<"password">>,<<"x">>}`, `{:password, "x"}` at the comma.
pub(crate) fn tuple(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = run(bytes, i + 1, 2, blank);
    let start = if starts(bytes, start, b"<<") {
        start + 2
    } else {
        start
    };
    let quote = run(bytes, start, QUOTES_BYTES_MAX, |b| b == b'\\');
    if !matches!(at(bytes, quote), b'"' | b'\'') {
        return None;
    }
    let binary = i >= 2 && starts(bytes, i - 2, b">>");
    let (name, first) = name(text, if binary { i - 2 } else { i });
    let open = run_back(bytes, first, QUOTES_BYTES_MAX + 3, |b| {
        quoting(b) || matches!(b, b'<' | b':')
    });
    if name.is_empty() || before(bytes, open) != b'{' {
        return None;
    }
    let found = whole(text, start)?;
    let close = run(bytes, found.end, QUOTES_BYTES_MAX + 2, |b| {
        quoting(b) || b == b'>'
    });
    if at(bytes, close) != b'}' {
        return None;
    }
    keyed::governed(name, cut(text, found.start, found.end), found)
}

/// The value at `i`, read to its end.
fn whole(text: &str, i: usize) -> Option<Extent> {
    extent(text, i, false, VALUE_BYTES_MAX).filter(|found| found.quoted)
}

/// `:password "x"` of Clojure and `"password" "x"` of Redis at the value's first quote or the
/// backslash before it.
pub(crate) fn spaced(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !may_be_spaced(bytes, i) {
        return None;
    }
    let end = i - 1;
    let (name, start) = name(text, end);
    // A backslash alone closes nothing.
    let quoted = matches!(before(bytes, end), b'"' | b'\'');
    let open = run_back(bytes, start, QUOTES_BYTES_MAX, quoting);
    if !quoted && blank(at(bytes, end)) && before(bytes, start) != b':' {
        return directive(text, name, i);
    }
    if name.is_empty() || quoted == (open == start) {
        return None;
    }
    if !quoted {
        let keyword = before(bytes, start) == b':' && {
            let prior = before(bytes, start - 1);
            prior == 0 || prior.is_ascii_whitespace() || matches!(prior, b'{' | b'(' | b'[' | b',')
        };
        let name = name.rsplit('/').next().unwrap_or(name);
        let found = keyword.then(|| whole(text, i)).flatten()?;
        return keyed::governed(name, cut(text, found.start, found.end), found);
    }
    if name.eq_ignore_ascii_case("auth") {
        let found = whole(text, i)?;
        let next = run(bytes, found.end, QUOTES_BYTES_MAX + 2, |b| {
            quoting(b) || blank(b)
        });
        let second = run_back(bytes, next, QUOTES_BYTES_MAX, quoting);
        let last = if blank(before(bytes, second)) && second > found.end {
            whole(text, second)?
        } else {
            found
        };
        return Some(Finding::secret("redis.auth", last.start, last.end));
    }
    if !blank(before(bytes, open)) || !is_field(text, open) {
        return None;
    }
    let found = whole(text, i)?;
    keyed::governed(name, cut(text, found.start, found.end), found)
}

/// Shortest value in bytes of such a setting: pins of boards have numbers.
const SETTING_BYTES_MIN: usize = 6;

/// `AuthLDAPBindPassword "x"`, `plain-text-password-value "x"`: a setting that is named by several
/// words, and behind it what no word is.
fn directive(text: &str, name: &str, i: usize) -> Option<Finding> {
    let humps = name.as_bytes().windows(2);
    let humps =
        humps.filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let ends = name.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !ends || humps.count() == 0 && !name.contains(['-', '_']) {
        return None;
    }
    let found = whole(text, i)?;
    let value = cut(text, found.start, found.end);
    let word = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.' | b' ');
    let secret = matches!(crate::verdict(name), crate::KeyVerdict::Secret(_));
    (secret && value.len() >= SETTING_BYTES_MIN && !value.bytes().all(word))
        .then(|| keyed::governed(name, value, found))?
}

/// Whether the argument that begins at `open` is the name of a field: those of `HSET key f v f v`
/// and its like stand at even places.
fn is_field(text: &str, open: usize) -> bool {
    let from = floor(text, open.saturating_sub(COMMAND_BYTES_MAX));
    let head = cut(text, from, open);
    let upper = head.to_ascii_uppercase();
    let Some((at, first)) = ["HSET", "HMSET", "XADD"]
        .iter()
        .filter_map(|command| {
            Some((
                upper
                    .rfind(&format!("{command}\""))
                    .or_else(|| upper.rfind(&format!("{command}\\")))?,
                usize::from(*command == "XADD"),
            ))
        })
        .max()
    else {
        return true;
    };
    let arguments = cut(head, at, head.len()).as_bytes();
    let parted = |w: &&[u8]| matches!(w, [a, b' ', c] if quoting(*a) && quoting(*c));
    let before = arguments.windows(3).filter(parted).count();
    before % 2 == 1 - first
}

/// Whether a value in quotes behind a blank may begin at `i`.
pub(crate) fn may_be_spaced(bytes: &[u8], i: usize) -> bool {
    let quote = run(bytes, i, QUOTES_BYTES_MAX, |b| b == b'\\');
    blank(before(bytes, i)) && matches!(at(bytes, quote), b'"' | b'\'')
}

/// Private members of a key (RFC 7518, section 6).
const PRIVATE: &[&str] = &["d", "k", "p", "q", "dp", "dq", "qi"];
/// Shortest of their values in bytes: 128 bits in base64url.
const PRIVATE_BYTES_MIN: usize = 22;

/// The names of the private members.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    PRIVATE.iter().copied()
}

/// Whether a key may be that of a private member.
pub(crate) fn is_private(key: &str) -> bool {
    PRIVATE.contains(&key)
}

/// The private member of a JSON web key whose separator is before `from`: `kty` stands in the
/// same object.
pub(crate) fn private(text: &str, from: usize) -> Option<Finding> {
    let found = extent(text, from, true, PRIVATE_BYTES_MIN)?;
    let url64 = |value: &str| value.bytes().all(|b| alnum(b) || matches!(b, b'_' | b'-'));
    let head = cut(text, found.start, found.end);
    if !found.quoted || head.len() < PRIVATE_BYTES_MIN || !url64(head) {
        return None;
    }
    let found = extent(text, from, true, VALUE_BYTES_MAX)?;
    let value = cut(text, found.start, found.end);
    let near = value.len() * 8 + 512;
    let first = ceil(text, found.start.saturating_sub(near));
    let last = floor(text, found.end + near);
    let object = url64(value)
        && (cut(text, first, found.start).contains("kty")
            || cut(text, found.end, last).contains("kty"));
    object.then(|| Finding::secret("key.jwk", found.start, found.end))
}
