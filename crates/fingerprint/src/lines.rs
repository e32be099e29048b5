//! Text becomes the lines of a stack trace: escapes undone, log prefixes gone.

use crate::limits::{LINES_COUNT_MAX, TEXT_BYTES_MAX};

/// The text up to the limit, with escaped line breaks undone where it has no real ones.
pub(crate) fn unescape(text: &str) -> String {
    let text = head(text, TEXT_BYTES_MAX);
    let body = text.trim_end();
    if body.contains('\n') || !body.contains("\\n") {
        return text.to_owned();
    }
    body.replace("\\r\\n", "\n")
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\")
}

/// At most `bytes_max` bytes from the start, cut at a character boundary.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Lines of a text, terminal colours gone, without what precedes `column` characters of prefix.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.lines()
        .take(LINES_COUNT_MAX)
        .map(|line| decolour(line.trim_end()))
        .collect()
}

/// The line without terminal escape sequences.
fn decolour(line: &str) -> String {
    if !line.contains('\u{1b}') {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        // CSI: everything up to its final byte.
        if chars.next() == Some('[') {
            for c in chars.by_ref() {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
    }
    out
}

/// Whether two prefixes have the same shape: equal but for digits and letters of hex numbers.
fn same_shape(a: &str, b: &str) -> bool {
    let mut b = b.chars();
    let alike = |x: char, y: char| x == y || (x.is_ascii_digit() && y.is_ascii_digit());
    a.chars().all(|x| b.next().is_some_and(|y| alike(x, y))) && b.next().is_none()
}

/// Strips from each following line the prefix that stands before `column` on the line of a
/// marker, where the line has one of the same shape.
pub(crate) fn strip_prefix<'a>(lines: &'a [String], marker: &str, column: usize) -> Vec<&'a str> {
    let prefix = marker.get(..column).unwrap_or_default();
    let strip = |line: &'a String| -> &'a str {
        if prefix.trim().is_empty() {
            // Indentation alone: as much of it as the line has.
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            return line.get(blank.min(column)..).unwrap_or(line);
        }
        match (line.get(..column), line.get(column..)) {
            (Some(head), Some(tail)) if same_shape(prefix, head) => tail,
            _ => {
                let bare = prefix.trim_end();
                if same_shape(bare, line) { "" } else { line }
            }
        }
    };
    lines.iter().map(strip).collect()
}
