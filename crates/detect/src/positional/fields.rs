//! Segments, fields and components: ranges of a text between signs.

use crate::bytes::{at, before, blank, ceil, cut, floor, looked};
use crate::value::is_placeholder;
use crate::{Finding, TokenKind};

/// Longest segment in bytes; what is behind is left to the other families.
pub(super) const SEGMENT_BYTES_MAX: usize = 4_096;
/// Longest value in bytes: longer ones are documents.
const VALUE_BYTES_MAX: usize = 256;

/// A range of the text, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    /// The text of the range.
    pub(super) fn of(self, text: &str) -> &str {
        cut(text, self.start, self.end)
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The range without blanks around it.
    pub(super) fn trimmed(self, text: &str) -> Self {
        let value = self.of(text);
        let start = self.end - value.trim_start().len();
        Self {
            start,
            end: start + value.trim().len(),
        }
    }

    /// The parts between signs that no `release` sign stands before (0: there is none).
    pub(super) fn parts(
        self,
        bytes: &[u8],
        sign: u8,
        release: u8,
    ) -> impl Iterator<Item = Self> + '_ {
        let mut next = Some(self.start);
        std::iter::from_fn(move || {
            let start = next?;
            let mut end = start;
            while end < self.end && at(bytes, end) != sign {
                end += 1 + usize::from(release != 0 && at(bytes, end) == release);
            }
            let end = end.min(self.end);
            looked(end - start);
            next = (end < self.end).then_some(end + 1);
            Some(Self { start, end })
        })
    }

    /// The part of that number, from 1 on; an empty one where there are fewer.
    pub(super) fn part(self, bytes: &[u8], sign: u8, n: usize) -> Self {
        let found = self.parts(bytes, sign, 0).nth(n.saturating_sub(1));
        found.unwrap_or(Self { start: 0, end: 0 })
    }
}

/// Where a value is put that stands at a place of its format.
pub(super) struct Sink<'t, 'o> {
    pub(super) text: &'t str,
    pub(super) rule: &'static str,
    pub(super) out: &'o mut Vec<Finding>,
}

impl Sink<'_, '_> {
    /// Adds a personal value; what says nothing is left.
    pub(super) fn personal(&mut self, kind: TokenKind, span: Span) {
        if let Some(span) = self.told(span) {
            let found = Finding::personal(self.rule, kind, span.start, span.end);
            self.out.push(found);
        }
    }

    /// Adds a secret.
    pub(super) fn secret(&mut self, span: Span) {
        if let Some(span) = self.told(span) {
            let found = Finding::secret(self.rule, span.start, span.end);
            self.out.push(found);
        }
    }

    /// Adds a name: it has a letter, and is no company's.
    pub(super) fn name(&mut self, span: Span) {
        let value = span.of(self.text);
        if value.chars().any(char::is_alphabetic) && !is_company(value) {
            self.personal(TokenKind::Person, span);
        }
    }

    /// Adds a telephone number: it has five digits, and no letters beside those of `ext`.
    pub(super) fn phone(&mut self, span: Span) {
        let value = span.of(self.text);
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
        if digits >= 5 && letters <= 4 {
            self.personal(TokenKind::Phone, span);
        }
    }

    /// Adds a date of birth: `19800131`, with a time behind it or without, or its year alone with
    /// a month.
    pub(super) fn birth(&mut self, span: Span) {
        if is_date(span.of(self.text)) {
            self.personal(TokenKind::Birth, span);
        }
    }

    /// Adds an identifier: it has a digit.
    pub(super) fn id(&mut self, kind: TokenKind, span: Span) {
        let value = span.of(self.text);
        if value.len() >= 3 && value.bytes().any(|b| b.is_ascii_digit()) {
            self.personal(kind, span);
        }
    }

    fn told(&self, span: Span) -> Option<Span> {
        let span = span.trimmed(self.text);
        let value = span.of(self.text);
        let fits = value.len() <= VALUE_BYTES_MAX;
        let says = value.chars().any(char::is_alphanumeric) && !is_placeholder(value);
        (fits && says).then_some(span)
    }
}

/// Last words of the names of companies and institutions, those left out that are also surnames.
#[rustfmt::skip]
const COMPANIES: &[&str] = &[
    "ltd", "limited", "gmbh", "mbh", "inc", "incorporated", "llc", "llp", "plc", "corp",
    "corporation", "company", "bv", "sarl", "kg", "ohg", "oy", "oyj", "aps", "pty", "srl", "sro",
    "ltda", "bhd", "university", "hospital", "clinic", "insurance", "foundation", "bank",
    "services", "group", "holding", "holdings", "partners", "international", "health", "pharmacy",
];

/// Whether a name ends as those of companies do.
pub(super) fn is_company(name: &str) -> bool {
    let last = name.trim().rsplit(' ').next().unwrap_or(name);
    let bare = crate::bytes::lower(last);
    let bare: String = bare.chars().filter(|c| *c != '.' && *c != ',').collect();
    name.trim().contains(' ') && COMPANIES.contains(&bare.as_str())
}

/// Whether a value is a date without signs, a time of day behind it or not.
pub(super) fn is_date(value: &str) -> bool {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let number = |from: usize, to: usize| cut(value, from, to).parse::<u32>().unwrap_or(0);
    let whole = digits == value.len() || matches!(at(value.as_bytes(), digits), b'.' | b'+' | b'-');
    let day = digits < 8 || (1..=31).contains(&number(6, 8));
    whole
        && (6..=14).contains(&digits)
        && (1850..=2100).contains(&number(0, 4))
        && (1..=12).contains(&number(4, 6))
        && day
}

/// Whether a segment may begin at `i`: at the beginning of a text or line, behind a blank, a quote,
/// the end of another segment, or an escaped line break.
pub(super) fn begins(bytes: &[u8], i: usize) -> bool {
    let b = before(bytes, i);
    let escape = i >= 2 && at(bytes, i - 2) == b'\\' && matches!(b, b'n' | b'r' | b't');
    blank(b) || escape || is_edge(b) || b < 0x20
}

/// Whether a segment of the same format begins behind the byte at `i`: every segment is read by
/// itself, and no byte for two.
pub(super) fn anchored(bytes: &[u8], i: usize, words: &[&str]) -> bool {
    at(bytes, i + 1).is_ascii_uppercase()
        && begins(bytes, i + 1)
        && words
            .iter()
            .any(|word| crate::bytes::starts(bytes, i + 1, word.as_bytes()))
}

fn is_edge(b: u8) -> bool {
    matches!(
        b,
        b'"' | b'\'' | b'`' | b'~' | b'>' | b'[' | b'(' | b'{' | b'=' | b';'
    )
}

/// Length of a line break at `i`, also an escaped one; 0 where there is none.
pub(super) fn line_break(bytes: &[u8], i: usize) -> usize {
    let sign = |end: usize| {
        let slashes = crate::bytes::run(bytes, end, 4, |b| b == b'\\');
        match at(bytes, slashes) {
            b'\n' if slashes == end => Some((b'n', end + 1)),
            b'\r' if slashes == end => Some((b'r', end + 1)),
            b @ (b'n' | b'r') if slashes > end => Some((b, slashes + 1)),
            _ => None,
        }
    };
    // An empty line is a break of its own.
    let Some((first, end)) = sign(i) else {
        return 0;
    };
    match sign(end) {
        Some((b'n', end)) if first == b'r' => end - i,
        _ => end - i,
    }
}

/// End of the segment from `i` on: before `stop`, before a line break or the end of a string that
/// the segment stands in.
pub(super) fn segment(text: &str, i: usize, stop: impl Fn(&[u8], usize) -> bool) -> Span {
    let bytes = text.as_bytes();
    let limit = (i + SEGMENT_BYTES_MAX).min(bytes.len());
    let mut end = i;
    while end < limit && !ends(bytes, end) && !stop(bytes, end) {
        end += 1;
    }
    looked(end - i);
    Span {
        start: ceil(text, i),
        end: floor(text, end),
    }
}

/// Whether a line, or the string that it stands in, ends at `i`. Two quotes are an empty value.
fn ends(bytes: &[u8], i: usize) -> bool {
    let next = at(bytes, i + 1);
    match at(bytes, i) {
        b'\n' | b'\r' | 0x0b | 0x1c | b'<' => true,
        b'"' => {
            let empty = next == b'"' || before(bytes, i) == b'"';
            !(empty || before(bytes, i) == b'\\')
        }
        b'\\' => {
            let coded = next == b'u' && crate::bytes::starts(bytes, i + 2, b"000");
            // The quote that ends a string within a string.
            let quoted = next == b'"' && at(bytes, i + 2) != b'\\' && before(bytes, i) != b'"';
            line_break(bytes, i) > 0 || coded || quoted
        }
        b'&' => next == b'#',
        _ => false,
    }
}
