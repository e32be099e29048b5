//! Members of lists and printed maps: `["--password", "x"]`, `("password", "x")`,
//! `Map(password -> x)`.

use super::{Key, PERSONAL_BYTES_MAX, governed, key_before};
use crate::bytes::{at, before, cut, floor, run, run_back};
use crate::fit::fits;
use crate::key::{KeyVerdict, is_telling, verdict};
use crate::value::{extent, taken};
use crate::{Finding, member};

/// Whether the `>` at `i` ends the arrow of an entry, as Scala prints maps: `password -> x`.
pub(crate) fn is_arrow(bytes: &[u8], i: usize) -> bool {
    let shaft = before(bytes, i) == b'-' && i >= 2 && at(bytes, i - 2) == b' ';
    shaft && at(bytes, i + 1) == b' '
}

/// Whether the value that ends at `end` closes an entry of a printed map.
fn closes_entry(bytes: &[u8], end: usize) -> bool {
    let close = run(bytes, end, 2, |b| matches!(b, b'"' | b'\''));
    matches!(at(bytes, close), b',' | b')' | b'}' | b']')
}

/// The value of an entry of a printed map behind its arrow. A state that becomes another has no
/// comma or bracket behind it.
pub(super) fn entry(
    text: &str,
    key: &Key<'_>,
    from: usize,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    // `state a -> b, 120 ms`: nothing opens before it.
    let open = run_back(bytes, key.start, 2, |b| matches!(b, b'"' | b'\''));
    let first = matches!(before(bytes, open), b'(' | b'{' | b'[');
    let next = before(bytes, open) == b' ' && open >= 2 && at(bytes, open - 2) == b',';
    if !(first || next) {
        return None;
    }
    let mut found = extent(text, from, false, PERSONAL_BYTES_MAX)?;
    if !found.quoted && !closes_entry(bytes, found.end) {
        // A value with blanks or commas in it: up to the next entry or the end of the map.
        let next = run(bytes, found.end, PERSONAL_BYTES_MAX, |b| {
            !matches!(b, b')' | b'>' | b'\n' | b'"')
        });
        let tail = cut(text, found.end, floor(text, next));
        let length = match at(bytes, next) {
            b'>' => tail.rfind(", ")?,
            b')' if !tail.contains('(') => tail.len(),
            _ => return None,
        };
        found.end += length;
    }
    let value = cut(text, found.start, found.end);
    let found = governed(key.text, value, found).filter(|_| closes_entry(bytes, found.end))?;
    let end = found.end;
    out.push(found);
    Some(end)
}

/// `["--password", "x"]`, `("password", "x")`, `(b'authorization', b'Bearer x')` at the comma.
pub(super) fn listed(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let close = before(bytes, i);
    if let Some(found) = member::tuple(text, i) {
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    if !matches!(close, b'"' | b'\'') {
        return None;
    }
    let key = key_before(text, i)?;
    let rule = match verdict(key.text) {
        KeyVerdict::Secret(rule) => rule,
        KeyVerdict::Personal(..) => return listed_personal(text, &key, i, out),
        _ => return None,
    };
    let open = run_back(bytes, key.start, 16, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b'b' | b'u')
    });
    let opened = run_back(bytes, open, 4, |b| b.is_ascii_whitespace());
    let pair = matches!(before(bytes, opened), b'[' | b'(');
    let flag = key.text.starts_with('-');
    // A list of field names is no pair.
    let found = taken(text, i + 1, true, |value, quoted| {
        quoted && fits(rule, value) && (flag || pair && !is_telling(value))
    })?;
    if !flag && closes_not(bytes, found.end) {
        return None;
    }
    out.push(Finding::secret(rule, found.start, found.end));
    Some(found.end)
}

/// `["userName", "bob"]` at the comma: a pair, nothing more.
fn listed_personal(text: &str, key: &Key<'_>, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let open = run_back(bytes, key.start, 16, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b'b' | b'u')
    });
    let opened = run_back(bytes, open, 4, |b| b.is_ascii_whitespace());
    let flag = key.text.starts_with("--");
    if !flag && !matches!(before(bytes, opened), b'[' | b'(') {
        return None;
    }
    let found = extent(text, i + 1, true, PERSONAL_BYTES_MAX)?;
    let close = run(bytes, found.end, 16, |b| matches!(b, b'"' | b'\'' | b'\\'));
    let value = cut(text, found.start, found.end);
    let pair = (flag || matches!(at(bytes, close), b']' | b')')) && !is_telling(value);
    let found = (found.quoted && pair)
        .then(|| governed(key.text, value, found))
        .flatten()?;
    let end = found.end;
    out.push(found);
    Some(end)
}

/// Whether after the value's quote the list goes on: three or more items are no pair.
fn closes_not(bytes: &[u8], end: usize) -> bool {
    let i = run(bytes, end, 32, |b| matches!(b, b'\\' | b'"' | b'\''));
    at(bytes, i) == b','
}
