//! Where in a text a trace begins, its lines without what a logger wrote before them, and the
//! small forms that every runtime shares: `file:line:column`, numbers, addresses.

use crate::header;
use crate::lines;

/// Lines above a trace's first mark in which its header is looked for.
pub(crate) const ABOVE_COUNT_MAX: usize = 64;
/// Longest name of a function, type or file that is read, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 1_024;
/// Lines of a message that are kept.
pub(crate) const MESSAGE_LINES_COUNT_MAX: usize = 64;

/// A text whose first mark was found.
pub(crate) struct Anchor<'a> {
    /// Line of the first mark.
    pub at: usize,
    /// All lines, without the prefix of the line of the mark.
    pub lines: Vec<&'a str>,
}

impl<'a> Anchor<'a> {
    /// The lines above the mark that may hold its header, from the nearest up, with where they
    /// are.
    pub(crate) fn above(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        let low = self.at.saturating_sub(ABOVE_COUNT_MAX);
        let above = self.lines.get(low..self.at).unwrap_or_default();
        above
            .iter()
            .enumerate()
            .rev()
            .map(move |(at, line)| (low + at, *line))
    }

    /// The lines from the mark on.
    pub(crate) fn below(&self) -> &[&'a str] {
        self.lines.get(self.at..).unwrap_or_default()
    }
}

/// Finds the first line on which `mark` sees its language's own mark, and at which column.
pub(crate) fn anchor(lines: &[String], mark: impl Fn(&str) -> Option<usize>) -> Option<Anchor<'_>> {
    let (at, column) = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| mark(line).map(|column| (at, column)))?;
    let marker = lines.get(at)?;
    let prefix = marker.get(..column)?.trim_end_matches([' ', '\t']);
    let mut stripped = lines::strip_prefix(lines, marker, prefix.len());
    if prefix.is_empty() {
        return Some(Anchor {
            at,
            lines: stripped,
        });
    }
    let mut own = vec![false; stripped.len()];
    let rows = stripped.iter_mut().zip(lines).zip(&mut own);
    for ((row, line), own) in rows {
        if row.len() == line.len()
            && let Some(rest) = behind(line, prefix)
        {
            *row = rest;
        }
        *own = row.len() < line.len();
    }
    Some(without_others(at, stripped, &own))
}

/// The line behind a prefix of another width: one that ends as `prefix` does behind its last
/// digit.
fn behind<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    const TAIL_BYTES_MIN: usize = 3;
    const DRIFT_BYTES_MAX: usize = 24;
    let tail = prefix
        .rfind(|c: char| c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let tail = prefix
        .get(tail..)
        .filter(|tail| tail.len() >= TAIL_BYTES_MIN)?;
    let head = lines::head(line, prefix.len() + DRIFT_BYTES_MAX);
    let end = head.find(tail)? + tail.len();
    line.get(end..)
}

/// Where the lines of a trace all have a prefix, those that have none are another process's.
fn without_others<'a>(at: usize, lines: Vec<&'a str>, own: &[bool]) -> Anchor<'a> {
    const BELOW_COUNT: usize = 8;
    const OWN_COUNT_MIN: usize = 3;
    let near = own.iter().skip(at).take(BELOW_COUNT);
    if near.filter(|own| **own).count() < OWN_COUNT_MIN {
        return Anchor { at, lines };
    }
    let before = own.iter().take(at).filter(|own| **own).count();
    let kept = lines.into_iter().zip(own);
    Anchor {
        at: before,
        lines: kept
            .filter(|(_, own)| **own)
            .map(|(line, _)| line)
            .collect(),
    }
}

/// Column of a word that stands at the start of the line or behind white space.
pub(crate) fn column(line: &str, word: &str) -> Option<usize> {
    line.match_indices(word)
        .map(|(at, _)| at)
        .take(8)
        .find(|at| {
            line.get(..*at)
                .is_some_and(|head| head.is_empty() || head.ends_with([' ', '\t']))
        })
}

/// The line without white space and without a logger's header.
pub(crate) fn bare(line: &str) -> &str {
    header::strip(line).trim()
}

/// The words of a line that stand before `: `, and what follows them: one of them may be the type
/// of an error that a logger wrote behind words of its own.
pub(crate) fn before_colons(text: &str) -> impl Iterator<Item = (&str, &str)> {
    const COLONS_COUNT_MAX: usize = 16;
    let colons = text.match_indices(": ").map(|(at, _)| at);
    colons.take(COLONS_COUNT_MAX).filter_map(|at| {
        let head = text.get(..at)?;
        let from = head
            .rfind([' ', '\t', '"', '\'', '[', '(', '=', '|'])
            .map_or(0, |space| space + 1);
        Some((head.get(from..)?, text.get(at + 2..)?))
    })
}

/// A message in a line of JSON that was not unwrapped: up to where its string ends.
pub(crate) fn of_json(message: &str) -> &str {
    let message = message.trim_end();
    let object = message.ends_with('}') && message.contains("\"}");
    let ends = ["\\n\"", "\\n\\", "\\\"", "\"}", "\",\""];
    let end = ends.into_iter().filter_map(|mark| message.find(mark)).min();
    let end = end.filter(|_| object).and_then(|end| message.get(..end));
    end.unwrap_or(message).trim_end_matches("\\n")
}

/// Adds a further line to a message.
pub(crate) fn more(message: &mut String, line: &str) {
    if message.matches('\n').count() + 1 < MESSAGE_LINES_COUNT_MAX {
        message.push('\n');
        message.push_str(line.trim_end());
    }
}

/// Whether the text is a number.
pub(crate) fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the text is a number in hexadecimal digits, with or without `0x`.
pub(crate) fn hex(text: &str) -> bool {
    let text = text.strip_prefix("0x").unwrap_or(text);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A number at the start of a text, and what follows it.
pub(crate) fn number(text: &str) -> Option<(u32, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(count)?;
    Some((number.parse().ok()?, rest))
}

/// Whether a file's name ends in one of the extensions; runtimes print them as they are.
pub(crate) fn has_extension(file: &str, extensions: &[&str]) -> bool {
    extensions.iter().any(|extension| file.ends_with(extension))
}

/// A place: `file:line:column`, `file:line`.
pub(crate) fn place(text: &str) -> Option<(&str, u32)> {
    let (head, last) = text.trim().rsplit_once(':')?;
    if !digits(last) {
        return None;
    }
    let (file, line) = match head.rsplit_once(':') {
        Some((file, line)) if digits(line) && !file.is_empty() => (file, line),
        _ => (head, last),
    };
    (!file.is_empty()).then(|| line.parse().ok().map(|line| (file, line)))?
}

/// The inside of a bracket that opens at the start of `text`, and what follows its end.
pub(crate) fn bracketed(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let inner = text.strip_prefix(open)?;
    let mut depth = 1_usize;
    for (at, c) in inner.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some((inner.get(..at)?, inner.get(at + close.len_utf8()..)?));
            }
        }
    }
    None
}

/// Last name of a path, without its extension.
pub(crate) fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// Whether a name is one of a table, or lies below one of it: `System` has `System.IO`.
pub(crate) fn below_any(name: &str, table: &[&str], separator: &str) -> bool {
    table.iter().any(|root| {
        name.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
    })
}
