//! Values that stand below their key: YAML block scalars, lists and values on the next line; and
//! flow lists in brackets.

use crate::Finding;
use crate::bytes::{at, blank, cut, run, run_back, starts};
use crate::key::is_telling;
use crate::value::{is_placeholder, is_prose};

/// Most lines below a key that are its value; what follows is masked with the last of them.
const BLOCK_LINES_MAX: usize = 256;
/// Longest line in bytes of a value that stands alone below its key.
const LINE_BYTES_MAX: usize = 1_024;
/// Longest flow list in bytes.
const LIST_BYTES_MAX: usize = 2_048;

/// How the lines below a key are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `|` or `>`: every deeper line is text of the value.
    Scalar,
    /// Nothing behind the key: a list, or one value on the next line.
    Open,
}

/// The value below the key that begins at `key`, whose separator's next byte is `from`. Returns
/// how far it went; `None` where the line goes on behind the separator.
pub(crate) fn below(
    text: &str,
    key: usize,
    from: usize,
    rule: &'static str,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    if let Some(start) = opening_escaped(bytes, from) {
        return escaped(text, start, rule, out);
    }
    let (kind, line_end) = opening(bytes, from)?;
    // Behind a key in quotes a line break is JSON's.
    let quoted = matches!(at(bytes, key), b'"' | b'\'');
    if quoted && kind == Kind::Open {
        return None;
    }
    let parent = line_indent(bytes, key)?;
    let first = next_text(bytes, line_end + 1)?;
    let begin = run(bytes, first, LINE_BYTES_MAX, blank);
    match kind {
        Kind::Scalar => scalar(text, line_end + 1, parent, rule, out),
        Kind::Open if starts_item(bytes, begin) && begin - first >= parent => {
            items(text, first, begin - first, rule, out)
        }
        Kind::Open if begin - first > parent => alone(text, begin, rule, out),
        Kind::Open => None,
    }
}

/// What the rest of the key's line says, and where the line ends.
fn opening(bytes: &[u8], from: usize) -> Option<(Kind, usize)> {
    let i = run(bytes, from, 16, blank);
    let mark = matches!(at(bytes, i), b'|' | b'>');
    let close = if mark {
        run(bytes, i + 1, 3, |b| {
            matches!(b, b'+' | b'-') || b.is_ascii_digit()
        })
    } else {
        i
    };
    let end = run(bytes, close, 16, |b| blank(b) || b == b'\r');
    let kind = if mark { Kind::Scalar } else { Kind::Open };
    (at(bytes, end) == b'\n').then_some((kind, end))
}

/// Start of the first line below a block indicator whose line breaks are escaped.
fn opening_escaped(bytes: &[u8], from: usize) -> Option<usize> {
    let mark = run(bytes, from, 16, blank);
    if !matches!(at(bytes, mark), b'|' | b'>') {
        return None;
    }
    let close = run(bytes, mark + 1, 3, |b| {
        matches!(b, b'+' | b'-') || b.is_ascii_digit()
    });
    let breaks: [&[u8]; 2] = [b"\\n", b"\\r\\n"];
    let found = breaks.iter().find(|b| starts(bytes, close, b))?;
    Some(close + found.len())
}

/// The indented lines of a block in escaped text: `|\n  x\n  y\nnext: 1`.
fn escaped(text: &str, from: usize, rule: &'static str, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut i = from;
    let mut last = None;
    for _ in 0..BLOCK_LINES_MAX {
        let begin = run(bytes, i, LINE_BYTES_MAX, blank);
        let end = run(bytes, begin, LINE_BYTES_MAX, |b| {
            !matches!(b, b'\\' | b'"' | b'\n')
        });
        let end = crate::bytes::floor(text, end);
        if begin == i || end == begin {
            break;
        }
        if !is_placeholder(cut(text, begin, end)) {
            out.push(Finding::secret(rule, begin, end));
        }
        last = Some(end);
        if !starts(bytes, end, b"\\n") {
            break;
        }
        i = end + 2;
    }
    last
}

/// Leading blanks of the line whose first word is at `i`, the dash of a list item counted in.
/// `None` where another word stands before: `if password:` is code.
fn line_indent(bytes: &[u8], i: usize) -> Option<usize> {
    let start = run_back(bytes, i, LINE_BYTES_MAX, |b| b != b'\n');
    let text = run(bytes, start, LINE_BYTES_MAX, blank);
    let text = if starts_item(bytes, text) {
        run(bytes, text + 1, 16, blank)
    } else {
        text
    };
    (text == i).then_some(text - start)
}

fn starts_item(bytes: &[u8], i: usize) -> bool {
    at(bytes, i) == b'-' && blank(at(bytes, i + 1))
}

/// Start of the first line from `i` on that is not empty.
fn next_text(bytes: &[u8], i: usize) -> Option<usize> {
    let mut i = i;
    for _ in 0..4 {
        let text = run(bytes, i, LINE_BYTES_MAX, |b| blank(b) || b == b'\r');
        match at(bytes, text) {
            b'\n' => i = text + 1,
            0 => return None,
            _ => return Some(i),
        }
    }
    None
}

/// Every line that is deeper than the key's.
fn scalar(
    text: &str,
    from: usize,
    parent: usize,
    rule: &'static str,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut i = from;
    let mut last = None;
    for _ in 0..BLOCK_LINES_MAX {
        let begin = run(bytes, i, LINE_BYTES_MAX, blank);
        let end = run(bytes, begin, bytes.len(), |b| b != b'\n');
        let line = cut(text, begin, end).trim_end();
        if !line.is_empty() && begin - i <= parent {
            break;
        }
        if !is_placeholder(line) {
            out.push(Finding::secret(rule, begin, begin + line.len()));
        }
        last = Some(end);
        if end >= bytes.len() {
            break;
        }
        i = end + 1;
    }
    last
}

/// `- value` lines at one indentation. Items that are maps or names of secrets stay.
fn items(
    text: &str,
    from: usize,
    indent: usize,
    rule: &'static str,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut i = from;
    let mut last = None;
    for _ in 0..BLOCK_LINES_MAX {
        let dash = run(bytes, i, LINE_BYTES_MAX, blank);
        if dash - i != indent || !starts_item(bytes, dash) {
            break;
        }
        let begin = run(bytes, dash + 1, 16, blank);
        let end = run(bytes, begin, bytes.len(), |b| b != b'\n');
        item(text, begin, end, rule, out);
        last = Some(end);
        i = end + 1;
    }
    last
}

fn item(text: &str, begin: usize, end: usize, rule: &'static str, out: &mut Vec<Finding>) {
    let raw = cut(text, begin, end).trim_end();
    let bare = raw.trim_matches(['"', '\'']);
    let lead = raw.find(bare).unwrap_or(0);
    let quoted = lead > 0;
    let map = !quoted && (bare.contains(": ") || bare.ends_with(':'));
    if map || is_placeholder(bare) || is_telling(bare) {
        return;
    }
    let start = begin + lead;
    out.push(Finding::secret(rule, start, start + bare.len()));
}

/// One word on the line below.
fn alone(text: &str, begin: usize, rule: &'static str, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = run(bytes, begin, LINE_BYTES_MAX, |b| b != b'\n');
    let raw = cut(text, begin, crate::bytes::floor(text, end)).trim_end();
    let bare = raw.trim_matches(['"', '\'']);
    let quoted = bare.len() < raw.len();
    let prose = bare.contains(char::is_whitespace) || is_prose(bare);
    let nested = bare.contains([':', '=', '(', '{', '<']);
    if is_placeholder(bare) || !quoted && (prose || nested) {
        return None;
    }
    let start = begin + raw.find(bare).unwrap_or(0);
    out.push(Finding::secret(rule, start, start + bare.len()));
    Some(end)
}

/// `[a, "b"]` behind a secret's key; the bracket is at `open`. A list that holds anything but
/// plain items is left to the other rules.
pub(crate) fn flow(
    text: &str,
    open: usize,
    rule: &'static str,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let limit = (open + LIST_BYTES_MAX).min(bytes.len());
    let mut found = Vec::new();
    let mut i = open + 1;
    while i < limit {
        i = run(bytes, i, 16, |b| {
            b.is_ascii_whitespace() || b == b',' || b == b'\\'
        });
        let quote = at(bytes, i);
        let (start, end) = if matches!(quote, b'"' | b'\'') {
            let inner = bytes.get(i + 1..limit)?;
            let length = memchr::memchr2(quote, b'\n', inner)?;
            let escaped = usize::from(at(bytes, i + length) == b'\\');
            (i + 1, i + 1 + length - escaped)
        } else {
            (i, run(bytes, i, limit - i, plain))
        };
        let value = cut(text, start, end);
        if !is_placeholder(value) && !is_telling(value) {
            found.push(Finding::secret(rule, start, end));
        }
        i = run(bytes, end, 8, |b| {
            blank(b) || matches!(b, b'"' | b'\'' | b'\\')
        });
        match at(bytes, i) {
            b',' => {}
            b']' => {
                out.append(&mut found);
                return Some(i);
            }
            _ => return None,
        }
    }
    None
}

/// The only value of a name in a map that Go printed, at the bracket `open` that stands right
/// behind the colon before `from`: `map[Token:[x] Host:[y]]`.
pub(crate) fn printed(
    text: &str,
    (from, open): (usize, usize),
    rule: &'static str,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let value = |b: u8| b.is_ascii_graphic() && !matches!(b, b'[' | b']' | b'"') || b >= 0x80;
    // `Authorization:[Bearer x]`: the scheme stays.
    let scheme = run(bytes, open + 1, 16, |b| b.is_ascii_alphabetic());
    let headed = rule == "key.authorization" && at(bytes, scheme) == b' ';
    let start = if headed { scheme } else { open };
    let end = run(bytes, start + 1, LIST_BYTES_MAX, value);
    let goes_on = matches!(at(bytes, end + 1), 0 | b' ' | b']');
    let held = cut(text, start + 1, end);
    let count = held.len() <= 3 && held.bytes().all(|b| b.is_ascii_digit());
    let closed = from == open && at(bytes, from - 1) == b':' && at(bytes, end) == b']' && goes_on;
    let ours = crate::is_ours(cut(text, open, end + 1));
    if !closed || count || ours || is_placeholder(held) || !crate::fit::fits(rule, held) {
        return None;
    }
    out.push(Finding::secret(rule, start + 1, end));
    Some(end)
}

fn plain(b: u8) -> bool {
    !(b.is_ascii_whitespace()
        || matches!(
            b,
            b',' | b']' | b'[' | b'(' | b')' | b'{' | b'}' | b'=' | b'<' | b'"' | b'\'' | b':'
        ))
}
