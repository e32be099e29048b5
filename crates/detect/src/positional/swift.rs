//! SWIFT MT messages (Standards MT, categories 1, 2 and 9): ordering customers, beneficiaries and
//! the accounts of statements, field by field.
//!
//! `:50K:/DE89…\nJOHN DOE\nHIGH ST 1\nTOWN`: a first line with a slash is an account, then come a
//! name and an address. In `:50F:` and `:59F:` each line says by a digit and a slash what it is.
//! Other fields, banks (`:57A:`), amounts and references stay.
//!
//! The line breaks may be escaped, so that a message stands in one line of a log.

use super::fields::{Sink, Span, begins, line_break};
use crate::bytes::{at, cut, floor, looked};
use crate::{Finding, TokenKind};

/// Longest line of a field in bytes: 35 characters by the standard, or 65 of a narrative.
const LINE_BYTES_MAX: usize = 140;
/// Shortest account in bytes.
const ACCOUNT_BYTES_MIN: usize = 5;
/// Most lines of a party: its account, and four of name and address.
const LINES_COUNT_MAX: usize = 5;
/// Most lines of a narrative (field 86).
const NARRATIVE_LINES_MAX: usize = 6;

/// How a field is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An account, a name, an address.
    Party,
    /// Lines that begin with a digit and a slash.
    Numbered,
    /// An account alone, before a bank's code.
    Account,
    /// Subfields behind `?` and two digits, as German banks write a narrative.
    Narrative,
}

const FIELDS: &[(&str, Form)] = &[
    ("50", Form::Party),
    ("50K", Form::Party),
    ("50H", Form::Party),
    ("50D", Form::Party),
    ("50F", Form::Numbered),
    ("50A", Form::Account),
    ("50G", Form::Account),
    ("59", Form::Party),
    ("59F", Form::Numbered),
    ("59A", Form::Account),
    ("25", Form::Account),
    ("25P", Form::Account),
    ("86", Form::Narrative),
];

/// End of the name of a field at the colon `i`: a number, and a letter or none.
///
/// It does not say how many digits: that is asked behind the screen.
fn tag_end(bytes: &[u8], i: usize) -> Option<usize> {
    if at(bytes, i) != b':' || !at(bytes, i + 1).is_ascii_digit() {
        return None;
    }
    let digits = crate::bytes::run(bytes, i + 1, 6, |b| b.is_ascii_digit());
    let end = digits + usize::from(at(bytes, digits).is_ascii_uppercase());
    (at(bytes, end) == b':').then_some(end)
}

/// Whether a field may begin at the colon `i`.
pub(super) fn may_begin(bytes: &[u8], i: usize) -> bool {
    tag_end(bytes, i).is_some() && opens(bytes, i)
}

/// Whether a line is the first of a party, whose name and address follow on lines of their own.
pub(crate) fn is_party(line: &str) -> bool {
    let Some(end) = tag_end(line.as_bytes(), 0) else {
        return false;
    };
    let name = cut(line, 1, end);
    let form = FIELDS.iter().find(|(known, _)| *known == name);
    form.is_some_and(|(_, form)| matches!(form, Form::Party | Form::Numbered))
}

fn opens(bytes: &[u8], i: usize) -> bool {
    // Block 4 of a message: `{4:` and a line break or none.
    begins(bytes, i) || i >= 3 && at(bytes, i - 1) == b':' && at(bytes, i - 3) == b'{'
}

pub(super) fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let Some(end) = tag_end(bytes, i).filter(|_| opens(bytes, i)) else {
        return;
    };
    let name = cut(text, i + 1, end);
    let Some((_, form)) = FIELDS.iter().find(|(known, _)| *known == name) else {
        return;
    };
    let mut sink = Sink {
        text,
        rule: "swift.field",
        out,
    };
    let lines = Lines {
        text,
        next: Some(end + 1),
    };
    match form {
        Form::Party => party(&mut sink, lines, name.len() == 2),
        Form::Numbered => numbered(&mut sink, lines),
        Form::Account => {
            lines.take(1).for_each(|line| account(&mut sink, line));
        }
        Form::Narrative => {
            let lines = lines.take(NARRATIVE_LINES_MAX);
            lines.for_each(|line| narrative(&mut sink, line));
        }
    }
}

/// Lines of a field, up to the next field or the message's end.
struct Lines<'t> {
    text: &'t str,
    next: Option<usize>,
}

impl Iterator for Lines<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let bytes = self.text.as_bytes();
        let start = self.next.take()?;
        let ended = matches!(at(bytes, start), b':' | b'-' | b'}' | b'"' | 0);
        if ended && at(bytes, start + 1) != b'/' {
            return None;
        }
        let mut end = start;
        let stops = |n: usize| {
            let quote = at(bytes, n) == b'"' || at(bytes, n) == b'}';
            // All of a message in a line that has no line breaks.
            let field = at(bytes, n) == b' ' && tag_end(bytes, n + 1).is_some();
            quote || field || line_break(bytes, n) > 0
        };
        while end < bytes.len() && end - start < LINE_BYTES_MAX && !stops(end) {
            end += 1;
        }
        looked(end - start);
        let broken = line_break(bytes, end);
        self.next = (broken > 0).then_some(end + broken);
        let end = floor(self.text, end);
        let quoted = at(bytes, end) == b'"' && at(bytes, end.saturating_sub(1)) == b'\\';
        Some(Span {
            start,
            end: end - usize::from(quoted),
        })
    }
}

/// What stands behind the slash of an account's line.
fn account(sink: &mut Sink<'_, '_>, line: Span) {
    let text = sink.text;
    let value = line.of(text);
    let bare = value.trim_start_matches('/');
    // `/C/…` and `/D/…` say which side is booked.
    let sided = bare.strip_prefix("C/").or_else(|| bare.strip_prefix("D/"));
    let bare = sided.unwrap_or(bare);
    let word = bare.split(' ').next().unwrap_or(bare);
    let start = line.end - bare.len();
    let end = start + word.len();
    if word.len() >= ACCOUNT_BYTES_MIN {
        sink.id(TokenKind::Account, Span { start, end });
    }
}

fn party(sink: &mut Sink<'_, '_>, lines: Lines<'_>, plain: bool) {
    let text = sink.text;
    let mut named = false;
    let mut spans = [Span { start: 0, end: 0 }; LINES_COUNT_MAX];
    let mut count = 0;
    for (slot, line) in spans.iter_mut().zip(lines) {
        *slot = line;
        count += 1;
    }
    let lines = spans.get(..count).unwrap_or(&[]);
    let first = lines.first().map_or("", |line| line.of(text));
    // `:59:12` may be a time; a party has an account, or several lines.
    let formed = first.starts_with('/') || count > 1 && !plain || count > 2;
    if !formed {
        return;
    }
    for (n, line) in lines.iter().enumerate() {
        let value = line.of(text);
        if n == 0 && value.starts_with('/') {
            account(sink, *line);
            // A name behind it in the same line.
            if let Some((head, rest)) = value.split_once(' ') {
                let start = line.start + head.len() + 1;
                let end = start + rest.len();
                sink.name(Span { start, end });
                named = true;
            }
        } else if !named {
            sink.name(*line);
            named = true;
        } else {
            sink.personal(TokenKind::Address, *line);
        }
    }
}

fn numbered(sink: &mut Sink<'_, '_>, lines: Lines<'_>) {
    let text = sink.text;
    for (n, line) in lines.take(LINES_COUNT_MAX).enumerate() {
        let value = line.of(text);
        if value.starts_with('/') {
            account(sink, line);
            continue;
        }
        let Some((head, rest)) = value.split_once('/') else {
            continue;
        };
        let end = line.end;
        let span = Span {
            start: end - rest.len(),
            end,
        };
        // Behind a country's code: `3/DE/BERLIN`, `6/DE/…/123`, `CCPT/DE/123`.
        let behind = rest.split_once('/').map_or(span, |(_, last)| Span {
            start: end - last.len(),
            end,
        });
        match head {
            "1" => sink.name(span),
            "2" => sink.personal(TokenKind::Address, span),
            "3" | "5" => sink.personal(TokenKind::Place, behind),
            "4" => sink.birth(span),
            "6" | "7" => sink.id(TokenKind::National, behind),
            "8" => sink.personal(TokenKind::Person, span),
            _ if n == 0 && head.len() == 4 => sink.id(TokenKind::National, behind),
            _ => {}
        }
    }
}

/// `?31` account, `?32` and `?33` name, in the narrative of a statement; and `/NAME/…/IBAN/…` where
/// words say what follows.
fn narrative(sink: &mut Sink<'_, '_>, line: Span) {
    let text = sink.text;
    let value = line.of(text);
    if let Some((head, rest)) = value.split_once("/NAME/") {
        let start = line.start + head.len() + "/NAME/".len();
        let end = start + rest.find('/').unwrap_or(rest.len());
        sink.name(Span { start, end });
    }
    for part in line.parts(text.as_bytes(), b'?', 0).skip(1) {
        let value = Span {
            start: (part.start + 2).min(part.end),
            end: part.end,
        };
        match cut(text, part.start, value.start) {
            "31" => sink.id(TokenKind::Account, value),
            "32" | "33" => sink.name(value),
            _ => {}
        }
    }
}
