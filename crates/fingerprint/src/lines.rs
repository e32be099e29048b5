//! Text becomes the lines of a stack trace: colours, entities, quoting and prefixes gone.

use cordon_event::unseen::control_end;

use crate::limits::LINES_COUNT_MAX;
use crate::wrap;

/// At most `bytes_max` bytes from the start, cut at a character boundary.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Lines of a text without what a terminal, a page, a mail or a ticket added to them.
pub(crate) fn split(text: &str) -> Vec<String> {
    let broken;
    let text = if text.contains("<br") {
        broken = ["<br>", "<br/>", "<br />"]
            .iter()
            .fold(text.to_owned(), |text, tag| text.replace(tag, "\n"));
        &broken
    } else {
        text
    };
    let untagged = wrap::untagged(text);
    let text = untagged.as_deref().unwrap_or(text);
    let lines = text
        .lines()
        .take(LINES_COUNT_MAX)
        .map(|line| {
            let line = decolour(line.trim_start_matches('\u{feff}').trim_end());
            wrap::entities(&line).unwrap_or(line)
        })
        .collect();
    wrap::plain(lines)
}

/// The line without terminal escape sequences, and with plain spaces.
fn decolour(line: &str) -> String {
    if !line.contains(['\u{1b}', '\u{a0}', '\r']) {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\u{1b}' => {
                let end = control_end(line.as_bytes(), at);
                while chars.next_if(|(at, _)| *at < end).is_some() {}
            }
            '\u{a0}' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
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
