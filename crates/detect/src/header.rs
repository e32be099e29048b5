//! Header fields with a syntax of their own: `Authorization`, `Cookie`, `Set-Cookie`.
//!
//! Of a credential the scheme's name stays, of a cookie its name and its attributes.

use crate::Finding;
use crate::bytes::{alnum, at, before, blank, cut, floor, looked, run};
use crate::value::{Extent, VALUE_BYTES_MAX, is_placeholder, is_prose, is_removed};

/// Longest name of an authentication scheme in bytes.
const SCHEME_BYTES_MAX: usize = 24;

/// Whether the byte at `i` ends a header's value that stands behind `quote`: the line's end, also
/// escaped, or a closing quote.
fn closes(bytes: &[u8], i: usize, quote: u8) -> bool {
    match at(bytes, i) {
        b'\n' | b'\r' | b'"' => true,
        b'\\' => matches!(at(bytes, i + 1), b'n' | b'r' | b'"' | b'\''),
        b'\'' => quote == b'\'' || !alnum(at(bytes, i + 1)),
        _ => false,
    }
}

/// Value of a header: to the end of its line or quote.
fn header_end(text: &str, start: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let limit = (start + VALUE_BYTES_MAX).min(bytes.len());
    let end = (start..limit).find(|i| closes(bytes, *i, quote));
    let end = end.unwrap_or(limit);
    looked(end - start);
    floor(text, end)
}

/// Every value of a `Cookie` or `Set-Cookie` header; attributes such as `Path` stay.
pub(crate) fn cookies(text: &str, found: Extent, out: &mut Vec<Finding>) -> usize {
    let bytes = text.as_bytes();
    let end = header_end(text, found.start, before(bytes, found.start));
    let plain = [
        "path", "domain", "expires", "max-age", "samesite", "version", "priority",
    ];
    let mut i = found.start;
    let mut any = false;
    while i < end {
        let stop = run(bytes, i, end - i, |b| b != b';');
        let pair = cut(text, i, stop);
        if let Some(equals) = pair.find('=') {
            let name = cut(pair, 0, equals).trim().to_ascii_lowercase();
            let start = i + equals + 1;
            let value = cut(text, start, stop);
            any = true;
            if !(plain.contains(&name.as_str()) || is_placeholder(value)) {
                let trimmed = value.trim_end().len();
                out.push(Finding::secret("cookie", start, start + trimmed));
            }
        }
        i = stop + 1;
    }
    if !any && !is_placeholder(cut(text, found.start, end)) {
        out.push(Finding::secret("cookie", found.start, end));
    }
    end
}

/// The credential of an Authorization header whose value begins at `start`; the scheme stays.
/// Returns where the pass goes on.
pub(crate) fn authorization(text: &str, start: usize, out: &mut Vec<Finding>) -> usize {
    let bytes = text.as_bytes();
    let quote = before(bytes, start);
    let word = run(bytes, start, SCHEME_BYTES_MAX, |b| alnum(b) || b == b'-');
    let scheme = (word > start && blank(at(bytes, word))).then(|| cut(text, start, word));
    let from = scheme.map_or(start, |_| run(bytes, word, 8, blank));
    let end = word_end(text, from, quote);
    let first = cut(text, from, end).trim_end_matches([',', ';', '}', ']', ')']);
    let prose = is_prose(scheme.unwrap_or(first));
    let whole = cut(text, from, end);
    let gone = is_placeholder(first) || is_placeholder(whole) || is_removed(whole);
    if first.is_empty() || prose || gone {
        return start;
    }
    // The parameters of AWS, Digest, OAuth and their like go on behind each comma.
    let listed = first.trim_end_matches('=').contains('=') || quotes_next(text, scheme, first, end);
    let end = if listed {
        parameters_end(text, from, quote)
    } else {
        from + first.len()
    };
    out.push(Finding::secret("key.authorization", from, end));
    end
}

/// Whether the first word of a credential is the name of a parameter in quotes:
/// `Digest username="…"`, and no base64 with a closing quote behind it.
fn quotes_next(text: &str, scheme: Option<&str>, first: &str, end: usize) -> bool {
    let plain = ["basic", "bearer", "negotiate", "ntlm"];
    let Some(scheme) = scheme.map(str::to_ascii_lowercase) else {
        return false;
    };
    let named = first.strip_suffix('=').is_some_and(|name| {
        let accept = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
        !name.is_empty() && name.bytes().all(accept)
    });
    named && !plain.contains(&scheme.as_str()) && matches!(at(text.as_bytes(), end), b'"' | b'\\')
}

/// End of the word at `i` within a header's value.
fn word_end(text: &str, i: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let limit = (i + VALUE_BYTES_MAX).min(bytes.len());
    let end = (i..limit).find(|n| at(bytes, *n).is_ascii_whitespace() || closes(bytes, *n, quote));
    let end = end.unwrap_or(limit);
    looked(end - i);
    floor(text, end)
}

/// End of `a=b, c="d, e", f=\"g\"`: words that a comma joins, quotes behind `=` read over.
pub(crate) fn parameters_end(text: &str, start: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let limit = (start + VALUE_BYTES_MAX).min(bytes.len());
    let mut i = start;
    while i < limit {
        let slashes = run(bytes, i, 4, |b| b == b'\\') - i;
        // An escaped quote is inner where the header itself stands in quotes.
        let inner = at(bytes, i + slashes) == b'"' && (slashes > 0 || quote != b'"');
        let opens = before(bytes, i) == b'=' && inner;
        if opens {
            let inner = i + slashes + 1;
            let close = run(bytes, inner, 1_024, |b| b != b'"' && b != b'\n');
            if at(bytes, close) == b'"' {
                i = close + 1;
                continue;
            }
        }
        let ends = at(bytes, i).is_ascii_whitespace() && !matches!(before(bytes, i), b',' | b' ');
        if closes(bytes, i, quote) || ends {
            break;
        }
        i += 1;
    }
    looked(i - start);
    while matches!(before(bytes, i), b',' | b' ' | b';') && i > start {
        i -= 1;
    }
    floor(text, i)
}
