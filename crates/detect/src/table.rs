//! Columns under a header: values of CSV and TSV, of tables that `|` draws (psql, mysql,
//! Markdown), and psql's expanded records. The header's cell is the key of the column.
//!
//! Asked at the line break behind the header, also an escaped one.
//!
//! *Limits:* a header of [`HEADER_BYTES_MAX`], [`ROWS_COUNT_MAX`] rows.

use crate::bytes::{alnum, at, before, blank, ceil, cut, mixed, run, run_back, starts};
use crate::key::{KeyVerdict, verdict};
use crate::keyed;
use crate::value::Extent;
use crate::{Finding, TokenKind};

/// Longest header in bytes.
const HEADER_BYTES_MAX: usize = 768;
/// Longest row in bytes.
const ROW_BYTES_MAX: usize = 4_096;
/// Most rows that are read.
const ROWS_COUNT_MAX: usize = 256;
/// Longest name of a column in bytes.
const NAME_BYTES_MAX: usize = 64;

fn name_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.') || b >= 0x80
}

fn quoting(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'\\')
}

/// End of the line break at `i`, and whether it is an escaped one.
fn line_break(bytes: &[u8], i: usize) -> Option<(usize, bool)> {
    match (at(bytes, i), at(bytes, i + 1)) {
        (b'\n', _) => return Some((i + 1, false)),
        (b'\r', b'\n') => return Some((i + 2, false)),
        _ => {}
    }
    let slashes = run(bytes, i, 16, |b| b == b'\\');
    if slashes == i {
        return None;
    }
    match at(bytes, slashes) {
        b'n' => Some((slashes + 1, true)),
        b'r' => {
            let next = run(bytes, slashes + 1, 16, |b| b == b'\\');
            (at(bytes, next) == b'n' && next > slashes + 1).then_some((next + 1, true))
        }
        _ => None,
    }
}

/// What parts the cells of the header that ends at `end`: the delimiter, and whether the line ends
/// with one.
fn delimiter(text: &str, end: usize) -> Option<(&str, bool)> {
    let bytes = text.as_bytes();
    let mut last = run_back(bytes, end, 40, blank);
    let trailed = before(bytes, last) == b'|';
    if trailed {
        last = run_back(bytes, last - 1, 40, blank);
    }
    let close = run_back(bytes, last, 4, quoting);
    let word = run_back(bytes, close, NAME_BYTES_MAX, name_byte);
    if word == close {
        return None;
    }
    // The letter of an escaped tab.
    if at(bytes, word) == b't' && before(bytes, word) == b'\\' && !trailed {
        let start = run_back(bytes, word, 16, |b| b == b'\\');
        return Some((cut(text, start, word + 1), false));
    }
    let open = run_back(bytes, word, 4, quoting);
    let bare = run_back(bytes, open, 40, blank);
    match before(bytes, bare) {
        b'|' => Some(("|", trailed)),
        _ if trailed => None,
        sign @ (b',' | b';') if bare == open => Some((if sign == b',' { "," } else { ";" }, false)),
        _ if before(bytes, open) == b'\t' => Some(("\t", false)),
        _ => None,
    }
}

/// Whether a header may end at the line break `i`.
pub(crate) fn may_end_header(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let first = before(bytes, i) != b'\\';
    let end = i - usize::from(before(bytes, i) == b'\r');
    let named = || {
        delimiter(text, end).is_some() || single(text, end).is_some() || reply(text, end).is_some()
    };
    first && line_break(bytes, i).is_some() && named()
}

/// The name of a secret that ends its line at `end`: the header of a table of one column. It is
/// of several words, as the names of columns are and few words of a sentence.
fn single(text: &str, end: usize) -> Option<&'static str> {
    match verdict(column(text, end)?) {
        KeyVerdict::Secret(rule) => Some(rule),
        _ => None,
    }
}

/// Whether [`may_end_header`], which is false at the line break `i`, may be true with other digits
/// before it: where a name does not have the form of a column's, none matters.
pub(crate) fn depends(text: &str, i: usize) -> bool {
    let end = i - usize::from(before(text.as_bytes(), i) == b'\r');
    column(text, end).is_some()
}

/// The name of several words that ends its line at `end`, and stands in it behind a blank.
fn column(text: &str, end: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let close = run_back(bytes, end, 4, |b| blank(b) || b == b'|');
    let word = ceil(text, run_back(bytes, close, NAME_BYTES_MAX, name_byte));
    // The letter of an escaped line break or tab is no part of the name.
    let escaped = before(bytes, word) == b'\\' && matches!(at(bytes, word), b'n' | b'r' | b't');
    let name = cut(text, word + usize::from(escaped), close);
    let case = name.as_bytes().windows(2);
    let hump = |w: &[u8]| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase());
    let several = name.contains('_') || case.clone().any(hump);
    let first = matches!(before(bytes, word), 0 | b' ' | b'\n' | b'\t' | b'"');
    (several && (first || escaped)).then_some(name)
}

/// The name in `3) "token"`, a reply of Redis' command line that ends at `end`, where it says
/// something of the reply below.
fn reply(text: &str, end: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let quote = end.checked_sub(1).filter(|n| at(bytes, *n) == b'"')?;
    let close = run_back(bytes, quote, 16, |b| b == b'\\');
    let letter = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
    let start = run_back(bytes, close, NAME_BYTES_MAX, letter);
    let open = start.checked_sub(1).filter(|n| at(bytes, *n) == b'"')?;
    let open = run_back(bytes, open, 16, |b| b == b'\\');
    let name = cut(text, start, close);
    let counted = open >= 3
        && before(bytes, open) == b' '
        && at(bytes, open - 2) == b')'
        && at(bytes, open - 3).is_ascii_digit();
    let telling = || {
        matches!(
            verdict(name),
            KeyVerdict::Secret(_) | KeyVerdict::Personal(..)
        )
    };
    (counted && telling()).then_some(name)
}

/// Whether the line is such a reply.
pub(crate) fn is_reply(line: &str) -> bool {
    reply(line, line.len()).is_some()
}

/// What the reply below such a name holds, whose line break is at `i`.
pub(crate) fn reply_below(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = i - usize::from(before(bytes, i) == b'\r');
    let name = reply(text, end)?;
    let (next, _) = line_break(bytes, i)?;
    let digits = run(bytes, run(bytes, next, 8, blank), 8, |b| b.is_ascii_digit());
    if !starts(bytes, digits, b") ") {
        return None;
    }
    let found = crate::value::extent(text, digits + 2, false, ROW_BYTES_MAX)?;
    let value = cut(text, found.start, found.end);
    found.quoted.then(|| keyed::governed(name, value, found))?
}

/// The only cell of the row below such a header, whose line break is at `i`.
pub(crate) fn single_below(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if before(bytes, i) == b'\\' {
        return None;
    }
    let (next, escaped) = line_break(bytes, i)?;
    let rule = single(text, i)?;
    let start = run(bytes, next, 4, |b| blank(b) || b == b'|');
    let piece = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'|');
    let end = run(bytes, start, ROW_BYTES_MAX, piece);
    let close = run(bytes, end, 4, |b| blank(b) || b == b'|');
    let ends = matches!(at(bytes, close), 0 | b'\n' | b'\r') || escaped && close == end;
    let value = cut(text, start, end);
    let made = crate::fit::is_made(value) || mixed(value.as_bytes()) && value.len() >= 8;
    let takes = ends && made && !value.contains("](") && crate::fit::fits(rule, value);
    takes.then(|| Finding::secret(rule, start, end))
}

/// Whether the line is such a header.
pub(crate) fn is_single(line: &str) -> bool {
    single(line, line.len()).is_some()
}

/// The names of a header, in order, and whether they begin where the line does.
fn header<'t>(text: &'t str, end: usize, delimiter: &str, trailed: bool) -> (Vec<&'t str>, bool) {
    let bytes = text.as_bytes();
    let start = run_back(bytes, end, HEADER_BYTES_MAX, |b| b != b'\n');
    let line = cut(text, ceil(text, start), end).trim_end();
    let line = if trailed {
        line.trim_end_matches('|')
    } else {
        line
    };
    let mut names = Vec::new();
    let mut whole = before(bytes, start) == b'\n' || start == 0;
    for cell in line.rsplit(delimiter) {
        let bare = cell.trim_matches(|c: char| matches!(c, ' ' | '\t' | '"' | '\'' | '\\'));
        let plain =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ') || !c.is_ascii();
        if !bare.is_empty() && bare.len() <= NAME_BYTES_MAX && bare.chars().all(plain) {
            names.push(bare);
            continue;
        }
        let last = bare
            .rsplit(|c: char| !plain(c) || c == ' ')
            .next()
            .unwrap_or("");
        // An escaped line break's letter is no part of the name.
        let escaped = bare.len() > last.len()
            && bare.as_bytes().get(bare.len() - last.len() - 1) == Some(&b'\\');
        let last = if escaped {
            cut(last, 1, last.len())
        } else {
            last
        };
        if !(last.is_empty() || trailed) {
            names.push(last);
        }
        whole = bare.is_empty();
        break;
    }
    names.reverse();
    (names, whole)
}

/// Fewest columns: one is a table's where a sign stands on both sides of it.
fn least_columns(trailed: bool) -> usize {
    if trailed { 1 } else { 2 }
}

/// Whether a cell is a time as time(1) prints one: `0m5.123s`.
fn is_duration(cell: &str) -> bool {
    let parts = cell.strip_suffix('s').and_then(|rest| rest.split_once('m'));
    parts.is_some_and(|(minutes, seconds)| {
        let number = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        };
        number(minutes) && number(seconds)
    })
}

/// Whether names are those of columns, of which one says something: none of `user\t0m5.1s`.
fn names_columns(names: &[&str], trailed: bool) -> bool {
    let told = |name: &&str| {
        matches!(
            verdict(name),
            KeyVerdict::Secret(_) | KeyVerdict::Personal(..)
        )
    };
    let duration = names.iter().any(|name| is_duration(name));
    names.len() >= least_columns(trailed) && names.iter().any(told) && !duration
}

/// Adds the values under the header that ends at the line break `i`. Returns where the table ends.
pub(crate) fn below(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !may_end_header(text, i) {
        return None;
    }
    let end = i - usize::from(before(bytes, i) == b'\r');
    let (sign, trailed) = delimiter(text, end)?;
    let (names, whole) = header(text, end, sign, trailed);
    if !names_columns(&names, trailed) {
        return None;
    }
    let least = least_columns(trailed);
    let (mut next, escaped) = line_break(bytes, i)?;
    let mut last = None;
    let mut ruled = sign != "|" || names.len() > 2;
    for _ in 0..ROWS_COUNT_MAX {
        let stop = row_end(bytes, next, escaped);
        let drawn = is_drawn(bytes.get(next..stop).unwrap_or(&[]));
        ruled |= drawn;
        // Two parts around one sign may be a name and its value.
        if !drawn && !ruled {
            break;
        }
        if !drawn {
            let mut cells = cells(text, (next, stop), sign);
            if trailed {
                cells.pop();
            }
            if sign == "|"
                && cells
                    .first()
                    .is_some_and(|c| cut(text, c.0, c.1).trim().is_empty())
            {
                cells.remove(0);
            }
            let short = cells.len() < names.len();
            let broken = short && whole && stop < bytes.len();
            if cells.len() < least || cells.len() > names.len() || broken {
                break;
            }
            let skipped = if short && !whole {
                names.len() - cells.len()
            } else {
                0
            };
            for (name, (from, to)) in names.iter().skip(skipped).zip(cells) {
                out.extend(cell(text, name, from, to));
            }
            last = Some(stop);
        }
        let Some((after, _)) = line_break(bytes, stop) else {
            break;
        };
        next = after;
    }
    last
}

/// Whether a line is the header of a table with a column that says something.
pub(crate) fn is_header(line: &str) -> bool {
    let line = line.trim_end_matches(['\r', '\n']);
    let Some((sign, trailed)) = delimiter(line, line.len()) else {
        return false;
    };
    let (names, _) = header(line, line.len(), sign, trailed);
    names_columns(&names, trailed)
}

/// Whether a line may be a row, or a drawn rule, of the table under that header.
pub(crate) fn is_row(header: &str, line: &str) -> bool {
    let header = header.trim_end_matches(['\r', '\n']);
    let Some((sign, _)) = delimiter(header, header.len()) else {
        return false;
    };
    line.contains(sign)
}

/// Whether a line is a rule that a table draws.
pub(crate) fn is_drawn(line: &[u8]) -> bool {
    let drawn = |b: &u8| matches!(b, b'-' | b'+' | b'|' | b'=' | b':' | b' ');
    !line.is_empty() && line.iter().all(drawn)
}

/// End of the line from `i` on; of an escaped one also a quote that no backslash escapes.
fn row_end(bytes: &[u8], i: usize, escaped: bool) -> usize {
    let mut end = i;
    let limit = (i + ROW_BYTES_MAX).min(bytes.len());
    while end < limit {
        let b = at(bytes, end);
        let broken = matches!(b, b'\n' | b'\r' | b'\\') && line_break(bytes, end).is_some();
        if broken || escaped && b == b'"' && before(bytes, end) != b'\\' {
            break;
        }
        end += 1;
    }
    crate::bytes::looked(end - i);
    end
}

/// Places of the cells of a row; within quotes the delimiter parts nothing.
fn cells(text: &str, (start, end): (usize, usize), sign: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let (mut from, mut i, mut quoted) = (start, start, false);
    while i < end {
        if at(bytes, i) == b'"' && (quoted || i == from || quoting(before(bytes, i))) {
            quoted = !quoted;
        } else if starts(bytes, i, sign.as_bytes()) && !quoted {
            out.push((from, i));
            i += sign.len();
            from = i;
            continue;
        }
        i += 1;
    }
    out.push((from, end));
    out
}

/// What stands in a cell under a name.
fn cell(text: &str, name: &str, from: usize, to: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = run(bytes, from, to - from, |b| blank(b) || quoting(b));
    let end = run_back(bytes, to, to.saturating_sub(start), |b| {
        blank(b) || quoting(b)
    });
    let value = cut(text, start, end);
    // What stands behind the row in the text around it.
    let length = value.find("\\\"").unwrap_or(value.len());
    let value = cut(value, 0, length);
    let found = Extent {
        start,
        end: start + length,
        quoted: true,
    };
    (value.len() >= 2)
        .then(|| keyed::governed(name, value, found))
        .flatten()
}

/// `| password | x |` of a table of names and values, and `password | x` of an expanded record,
/// at the sign between.
pub(crate) fn row(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let close = run_back(bytes, i, ALIGNED_BYTES_MAX, blank);
    if close == i || !blank(at(bytes, i + 1)) {
        return None;
    }
    let mut open = ceil(text, run_back(bytes, close, NAME_BYTES_MAX, name_byte));
    // `| Recovery Code | x |`: of several words behind a drawn sign.
    let spoken = run_back(bytes, close, NAME_BYTES_MAX, |b| name_byte(b) || b == b' ');
    if before(bytes, spoken) == b'|' && spoken + 1 < open {
        open = ceil(text, spoken + 1);
    }
    let mut lead = run_back(bytes, open, 2, |b| blank(b) || b == b'|');
    if at(bytes, lead) == b'|' {
        lead = run_back(bytes, lead, ALIGNED_BYTES_MAX, blank);
    }
    // The letter of an escaped line break is no part of the name.
    let escaped = before(bytes, open) == b'\\' && at(bytes, open) == b'n';
    let first = matches!(before(bytes, lead), 0 | b'\n' | b'"') || escaped;
    let first = first || before(bytes, lead) == b'n' && lead >= 2 && at(bytes, lead - 2) == b'\\';
    let name = cut(text, open + usize::from(escaped), close);
    if !first || name.is_empty() {
        return None;
    }
    let drawn = lead < open && cut(text, lead, open).contains('|');
    let end = row_end(bytes, i + 1, true);
    let rest = cut(text, i + 1, crate::bytes::floor(text, end)).trim_end();
    let value = match (drawn, rest.strip_suffix('|')) {
        (true, Some(value)) => value,
        (false, None) => rest,
        _ => return None,
    };
    if value.contains('|') || crate::key::is_telling(value.trim()) {
        return None;
    }
    // `user-1 | GET /health 200` of a composed log: only names and places have blanks in them.
    let blanks = value.trim().contains(' ');
    let spaced = matches!(
        verdict(name),
        KeyVerdict::Secret("key.seed" | "key.answer" | "key.recovery")
            | KeyVerdict::Personal(
                _,
                TokenKind::Person
                    | TokenKind::Address
                    | TokenKind::Phone
                    | TokenKind::Iban
                    | TokenKind::Card
                    | TokenKind::National
                    | TokenKind::Location
            )
    );
    let mail = matches!(verdict(name), KeyVerdict::Personal(_, TokenKind::Email));
    if blanks && !spaced || mail && !value.contains('@') {
        return None;
    }
    cell(text, name, i + 1, i + 1 + value.len())
}

/// Most blanks between a name and the sign behind it.
const ALIGNED_BYTES_MAX: usize = 40;

/// What a record of psql's expanded output begins with.
const RECORD: &[u8] = b"RECORD ";

/// That, for the screen.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    ["RECORD "].into_iter()
}

/// `-[ RECORD 1 ]---` and its lines `name | value`, at the word. Returns where they end.
pub(crate) fn expanded(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !starts(bytes, i, RECORD) || before(bytes, i) != b' ' {
        return None;
    }
    let rest = |b: u8| alnum(b) || matches!(b, b' ' | b']' | b'-' | b'+');
    let mut stop = run(bytes, i, 256, rest);
    let mut last = None;
    for _ in 0..ROWS_COUNT_MAX {
        let Some((next, escaped)) = line_break(bytes, stop) else {
            break;
        };
        stop = row_end(bytes, next, escaped);
        let Some((name, value)) = cut(text, next, stop).split_once('|') else {
            break;
        };
        let from = stop - value.len();
        out.extend(cell(text, name.trim(), from, stop));
        last = Some(stop);
    }
    last
}
