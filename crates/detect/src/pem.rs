//! Private keys: PEM blocks whole, truncated, escaped, encoded; and lone lines of their bodies.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::Finding;
use crate::bytes::{alnum, at, before, ceil, cut, entropy, floor, looked, mixed, run, starts};

/// Longest block in bytes that is removed as one; an RSA key of 16384 bits is 12 KiB.
pub(crate) const PEM_BYTES_MAX: usize = 64 * 1024;

/// Longest END line in bytes behind its first word.
const END_LINE_BYTES_MAX: usize = 128;

/// Whether the text holds the beginning of a private key, and where its header ends.
pub(crate) fn header(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if starts(bytes, i, b"PuTTY-User-Key-File-") {
        return Some(ceil(text, run(bytes, i, 64, |b| b != b'\n')));
    }
    let ssh = b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY";
    if !(starts(bytes, i, b"-----BEGIN ") || starts(bytes, i, ssh)) {
        return None;
    }
    let label = i + 11;
    let end = run(bytes, label, 64, |b| {
        b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' '
    });
    cut(text, label, end)
        .contains("PRIVATE KEY")
        .then(|| run(bytes, end, 5, |b| b == b'-'))
}

/// The private key block that begins at `i`: to its END line, or as far as its body goes on.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let body = header(text, i)?;
    let limit = floor(text, i + PEM_BYTES_MAX);
    let window = cut(text, body, limit);
    let end = match end_marker(window) {
        Some(length) => body + length,
        None => body + body_len(window),
    };
    Some(Finding::secret("private_key", i, ceil(text, end)))
}

/// Beginnings of blocks, at which another block's body ends.
const BEGINS: [&str; 3] = ["-----BEGIN ", "---- BEGIN ", "PuTTY-User-Key-File-"];
/// Last lines of blocks.
const ENDS: [&str; 3] = ["-----END ", "---- END ", "Private-MAC: "];

/// Length up to and with the END line, where that comes before another BEGIN: so that blocks
/// without END are looked through only once.
fn end_marker(window: &str) -> Option<usize> {
    let bytes = window.as_bytes();
    let mut marks = memchr::memchr2_iter(b'-', b'P', bytes);
    let (end, marker) = marks.find_map(|i| {
        looked(1);
        if BEGINS.iter().any(|b| starts(bytes, i, b.as_bytes())) {
            return Some((i, None));
        }
        let marker = ENDS.iter().find(|e| starts(bytes, i, e.as_bytes()));
        marker.map(|marker| (i, Some(marker)))
    })?;
    let marker = marker?;
    let from = end + marker.len();
    let rest = cut(window, from, ceil(window, from + END_LINE_BYTES_MAX));
    let dashes = rest.find("----").filter(|_| marker.starts_with('-'));
    let close = dashes.map(|n| run(rest.as_bytes(), n, 5, |b| b == b'-'));
    let line = || rest.find(['\n', '"', '\\']).unwrap_or(rest.len());
    Some(from + close.unwrap_or_else(line))
}

/// How far a body without END goes on: base64, line breaks (also escaped), header fields.
fn body_len(window: &str) -> usize {
    let bytes = window.as_bytes();
    let mut i = 0;
    let mut last = 0;
    while i < bytes.len() {
        let gap = run(bytes, i, 64, |b| {
            b.is_ascii_whitespace() || matches!(b, b'\\' | b'|' | b'+')
        });
        // The letter of `\n` or `\r` in an escaped body.
        let escaped = before(bytes, gap) == b'\\' && matches!(at(bytes, gap), b'n' | b'r' | b't');
        let start = gap + usize::from(escaped);
        let end = run(bytes, start, bytes.len(), body_byte);
        let line = bytes.get(start..end).unwrap_or(&[]);
        let header = starts(bytes, start, b"Proc-Type:") || starts(bytes, start, b"DEK-Info:");
        if header {
            i = run(bytes, start, 200, |b| b != b'\n' && b != b'\\');
            last = i;
            continue;
        }
        let prose = line.len() < 16 || !line.iter().any(u8::is_ascii_digit) && line.len() < 40;
        if end == start || (prose && !(line.len() < 64 && ends(bytes, end) && last > 0)) {
            if escaped && end == start {
                i = start;
                continue;
            }
            break;
        }
        last = end;
        i = end;
    }
    last
}

fn ends(bytes: &[u8], i: usize) -> bool {
    matches!(at(bytes, i), 0 | b'\n' | b'"' | b'\'') && before(bytes, i) == b'='
}

fn body_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'+' | b'/' | b'=')
}

/// Whether a whole line looks like one line of a PEM body: 64 or 76 characters of base64, or a
/// first line that begins as keys do.
pub(crate) fn is_body_line(line: &str) -> bool {
    let line = line.trim().trim_end_matches("\\n");
    let bytes = line.as_bytes();
    let width = matches!(bytes.len(), 64 | 70 | 76);
    let mut body = line.trim_end_matches('=').bytes();
    width && body.all(|b| body_byte(b) && b != b'=') && mixed(bytes) && entropy(bytes) > 4.2
}

/// Whether a line can go on a PEM body that is open: base64 of any length, a header field, or
/// nothing.
pub fn continues(line: &str) -> bool {
    let line = line.trim();
    let core = line
        .trim_end_matches("\\n")
        .trim_matches(['"', '\'', '+', ',', '|', '>', ' ']);
    core.is_empty()
        || core.bytes().all(body_byte) && (core.len() >= 16 || core.len().is_multiple_of(4))
        || ["Proc-Type:", "DEK-Info:", "Comment:"]
            .iter()
            .any(|head| core.starts_with(head))
        || log_prefixed(line)
}

/// As [`continues`], where every line begins as the line did in which the key began: `prefix` is
/// what stood before the key there. Digits and letters may differ, as in a time.
pub fn continues_behind(prefix: &str, line: &str) -> bool {
    let shape = |text: &str| -> Vec<u8> {
        text.bytes()
            .map(|b| match b {
                b'0'..=b'9' => b'0',
                b'a'..=b'z' | b'A'..=b'Z' => b'a',
                _ => b,
            })
            .collect()
    };
    let head = line
        .get(..prefix.len())
        .filter(|head| shape(head) == shape(prefix));
    let behind = head.and_then(|head| line.get(head.len()..));
    !prefix.is_empty()
        && behind.is_some_and(|core| {
            let core = core.trim();
            !core.is_empty() && core.bytes().all(body_byte)
        })
}

/// What stands before the part of a body that ends the line.
pub fn head(line: &str) -> Option<&str> {
    let start = line.rfind([' ', '\t', '|', ']'])? + 1;
    log_prefixed(line).then(|| cut(line, 0, start))
}

/// A body line behind a log prefix: its last word is a long run of base64.
fn log_prefixed(line: &str) -> bool {
    let last = line.rsplit([' ', '\t', '|', ']']).next().unwrap_or("");
    last.len() >= 40 && last.bytes().all(body_byte) && mixed(last.as_bytes())
}

/// Where a private key begins in the line, if it does not end in it.
pub fn opens_in(line: &str) -> Option<usize> {
    static DASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("-----"));
    let mut open = None;
    for at in DASHES.find_iter(line.as_bytes()) {
        if header(line, at).is_some() {
            open = Some(at);
        } else if line
            .get(at..)
            .is_some_and(|rest| rest.starts_with("-----END "))
        {
            open = None;
        }
    }
    open
}
