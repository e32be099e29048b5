//! Tokens that a line break interrupts: a terminal's, a mailer's or a collector's, which may put
//! the head of its lines (a time, a name in brackets, a bar) before what goes on.
//!
//! *Limits:* a token goes over [`BREAKS_COUNT_MAX`] line breaks; the head of a line that repeats is
//! [`HEAD_BYTES_MAX`] long at most.

use zeroize::Zeroizing;

use super::find::Token;
use super::model::Rule;
use super::pattern::{Pattern, token_byte};
use super::read::RUN_BYTES_MIN;
use super::{RuleSet, Stage};
use crate::Finding;
use crate::bytes::{alnum, at, before, blank, digit, looked, opens, run, run_back};
use crate::form::scattered;

/// Line breaks in one token.
const BREAKS_COUNT_MAX: usize = 16;
/// Longest head of a line in bytes that repeats in the next.
const HEAD_BYTES_MAX: usize = 160;
/// Blanks that a wrapped token is indented by.
const INDENT_BYTES_MAX: usize = 40;
/// Backslashes before the letter of an escaped line break.
const SLASHES_MAX: usize = 8;
/// Shortest rest of a token in bytes that may have gone on anyway.
const REST_BYTES_MIN: usize = 8;
/// Shortest part of a token in bytes, behind its prefix, that is told from a word.
const PART_BYTES_MIN: usize = 8;
/// A prefix of so many bytes is no chance, so that less need stand behind it.
const STRONG_BYTES_MIN: usize = 5;
/// Shortest part in bytes behind such a prefix.
const STRONG_PART_BYTES_MIN: usize = 5;
/// Shortest part in bytes behind a prefix that may be another's, and how often upper case, lower
/// case and digits take turns in it.
const WORDED_BYTES_MIN: usize = 16;
const WORDED_TURNS_MIN: usize = 6;
/// Prefixes that are words, and begin much else.
const WORDS: &[&str] = &[
    "access", "act", "api", "app", "console", "dataset", "ext", "inc", "key", "live", "pat",
    "perm", "private", "sandbox", "sat", "sdk", "secret", "ser", "test", "token",
];
/// Bytes before a line's end in which a token's prefix is looked for.
const OPEN_BYTES_MAX: usize = 512;

/// What stands behind the line break at `end`, after the line's indentation or the head that it
/// has in common with the line in which the token at `start` stands.
pub(crate) fn next_line(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let slashes = run(bytes, end, SLASHES_MAX, |b| b == b'\\');
    let next = match (at(bytes, slashes), at(bytes, slashes + 1)) {
        (b'\n', _) if slashes <= end + 1 => slashes + 1,
        (b'\r', b'\n') if slashes == end => slashes + 2,
        (b'n', _) if slashes > end => slashes + 1,
        _ => return None,
    };
    let ends = |b: u8| b == b'\n';
    let line = run_back(bytes, start, HEAD_BYTES_MAX, |b| !ends(b));
    let begins = line == 0 || ends(before(bytes, line));
    let same = |(a, b): (&u8, &u8)| a == b || digit(*a) && digit(*b);
    let head = bytes.get(line..start).unwrap_or(&[]);
    let tail = bytes.get(next..).unwrap_or(&[]);
    let common = head.iter().zip(tail).take_while(|pair| same(*pair)).count();
    looked(common + 1);
    let parts = |b: &u8| blank(*b) || matches!(b, b'|' | b']' | b'>');
    let whole = head.get(..common).unwrap_or(&[]).iter().rposition(parts);
    let from = next + whole.filter(|_| begins).map_or(0, |n| n + 1);
    Some(run(bytes, from, INDENT_BYTES_MAX, blank))
}

/// Whether what goes on ends here: with its line, or with what closes it there.
fn alone(bytes: &[u8], end: usize) -> bool {
    let closed = run(bytes, end, 2, |b| matches!(b, b'"' | b'\'' | b',' | b';'));
    matches!(at(bytes, closed), b'\n' | b'\r') || closed >= bytes.len()
}

/// How often upper case, lower case and digits take turns.
fn turns(part: &[u8]) -> usize {
    let kind = |b: &u8| (b.is_ascii_digit(), b.is_ascii_uppercase());
    let signs = part.iter().filter(|b| alnum(**b));
    let next = signs.clone().skip(1);
    signs.zip(next).filter(|(a, b)| kind(a) != kind(b)).count()
}

/// Whether a part of a token is told from a word and from a number.
fn is_random(part: &[u8]) -> bool {
    let text = std::str::from_utf8(part).unwrap_or("");
    turns(part) >= 2 && part.iter().copied().any(digit) && scattered(text)
}

/// The token of a rule whose run of `run_bytes` behind its prefix ends at a line break, as far as
/// it goes on below; `whole` says whether it could be one without.
pub(super) fn wrapped(
    rule: &Rule,
    bytes: &[u8],
    (i, body, run_bytes): (usize, usize, usize),
    whole: bool,
) -> Option<Token> {
    let pattern = &rule.pattern;
    let mut end = body + run_bytes;
    let mut joined = Zeroizing::new(bytes.get(i..end)?.to_vec());
    let prefix = body - i;
    let mut found = None;
    for _ in 0..BREAKS_COUNT_MAX {
        let Some(next) = next_line(bytes, i, end) else {
            break;
        };
        let rest = pattern.max().saturating_sub(joined.len() - prefix);
        let last = next + pattern.alphabet().run(bytes, next, rest);
        let tail = bytes.get(next..last).unwrap_or(&[]);
        if !goes_on(bytes, (next, last), pattern, whole || found.is_some()) {
            break;
        }
        joined.extend_from_slice(tail);
        end = last;
        let token = joined.get(prefix..).unwrap_or(&[]);
        if pattern.matched(token) == Some(token.len()) {
            found = Some((end, joined.len()));
        }
    }
    let (end, length) = found?;
    joined.truncate(length);
    Some(Token { end, bytes: joined })
}

/// Whether what begins a line goes on a token: the rest stands alone in its line, and is no word
/// of the next sentence. Of a token that may be whole without it, more is asked.
fn goes_on(bytes: &[u8], (start, end): (usize, usize), pattern: &Pattern, whole: bool) -> bool {
    let tail = bytes.get(start..end).unwrap_or(&[]);
    let closes = alone(bytes, end);
    if whole {
        return closes && tail.len() >= REST_BYTES_MIN && is_random(tail);
    }
    let parted = closes || matches!(at(bytes, end), b' ' | b'"' | b'\'' | b'\\');
    let fixed = closes && pattern.min() == pattern.max();
    let told = tail.iter().copied().any(digit) || turns(tail) >= 3 || fixed;
    !tail.is_empty() && parted && told
}

/// End of a run of `accept` that begins at `start`, ended at `end` with its line, and goes on
/// below.
pub(crate) fn run_on(
    bytes: &[u8],
    (start, mut end): (usize, usize),
    accept: impl Fn(u8) -> bool + Copy,
) -> usize {
    for _ in 0..BREAKS_COUNT_MAX {
        let Some(next) = next_line(bytes, start, end) else {
            break;
        };
        let last = run(bytes, next, super::TOKEN_BYTES_MAX, accept);
        let tail = bytes.get(next..last).unwrap_or(&[]);
        if tail.len() < REST_BYTES_MIN || !alone(bytes, last) || !is_random(tail) {
            break;
        }
        end = last;
    }
    end
}

/// Whether the text, or a line of it, ends at `i`: what stands there may have been cut off.
pub(super) fn breaks(bytes: &[u8], i: usize) -> bool {
    i >= bytes.len()
        || matches!(
            (at(bytes, i), at(bytes, i + 1)),
            (b'\n', _) | (b'\r' | b'\\', b'\n')
        )
}

/// Whether a mark says that the text was cut off at `i`.
fn is_cut(bytes: &[u8], i: usize) -> bool {
    let rest = bytes.get(i..).unwrap_or(&[]);
    rest.starts_with(b"...") || rest.starts_with("…".as_bytes())
}

impl RuleSet {
    /// Places of prefixes in the last word of the line that ends at `end`, where the word is
    /// shorter than what the screen looks for elsewhere.
    pub(crate) fn begun(&self, bytes: &[u8], end: usize) -> impl Iterator<Item = usize> {
        let end = end - usize::from(matches!(before(bytes, end), b'\r' | b'\\'));
        let start = run_back(bytes, end, RUN_BYTES_MIN, token_byte);
        let short = end - start < RUN_BYTES_MIN;
        let range = if short { start..end } else { start + 1..end };
        range.filter(move |p| {
            let opens = alnum(at(bytes, *p)) && opens(bytes, *p);
            opens && self.may_begin(bytes, *p) && self.trie.has(bytes, *p)
        })
    }

    /// A token at `i` that was cut off before its end, as the end of the line or text or a mark
    /// says: a telling prefix, and characters that are no word.
    pub(crate) fn find_cut(&self, text: &str, i: usize) -> Option<Finding> {
        let bytes = text.as_bytes();
        if !self.may_begin(bytes, i) || !opens(bytes, i) {
            return None;
        }
        let mut prefixes = self.trie.at(bytes, i);
        prefixes.sort_by_key(|(length, rule)| (std::cmp::Reverse(*length), *rule));
        prefixes.into_iter().find_map(|(length, index)| {
            let rule = self.rules.get(index)?;
            let prefix = bytes.get(i..i + length)?;
            if is_common(prefix) || rule.stage != Stage::Enforce {
                return None;
            }
            let body = i + length;
            let pattern = &rule.pattern;
            let end = body + pattern.alphabet().run(bytes, body, pattern.max());
            let end = end - dots(bytes, (body, end));
            let run = end - i >= RUN_BYTES_MIN;
            let part = bytes.get(body..end)?;
            let cut_off = run && (breaks(bytes, end) || is_cut(bytes, end));
            let strong = length >= STRONG_BYTES_MIN && part.len() >= STRONG_PART_BYTES_MIN;
            let long = part.len() >= PART_BYTES_MIN && is_random(part);
            let telling = long || turns(part) >= if strong { 2 } else { 4 };
            let telling = if is_word(prefix) {
                part.len() >= WORDED_BYTES_MIN && turns(part) >= WORDED_TURNS_MIN
            } else {
                telling
            };
            (cut_off && telling).then_some(Finding {
                rule: rule.id,
                class: rule.class,
                kind: rule.kind,
                start: i,
                end,
                coding: None,
            })
        })
    }

    /// Whether a token may go on behind the line, which ends within it.
    pub(crate) fn ends_open(&self, line: &str) -> bool {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let bytes = line.strip_suffix('\\').unwrap_or(line).as_bytes();
        let start = run_back(bytes, bytes.len(), OPEN_BYTES_MAX, token_byte);
        if is_address(bytes.get(start..).unwrap_or(&[])) {
            return false;
        }
        (start..bytes.len()).any(|p| {
            if !alnum(at(bytes, p)) || !opens(bytes, p) {
                return false;
            }
            if crate::bytes::starts(bytes, p, b"eyJ") {
                return true;
            }
            let fits = |(length, index): (usize, usize)| {
                let pattern = self.rules.get(index).map(|rule| &rule.pattern);
                let prefix = bytes.get(p..p + length).unwrap_or(&[]);
                let part = bytes.get(p + length..).unwrap_or(&[]);
                let told = part.iter().copied().any(digit) || turns(part) >= 2;
                let told = told || part.len() <= 2 || length >= STRONG_BYTES_MIN;
                told && !prefix.ends_with(b"://")
                    && pattern.is_some_and(|pattern| {
                        let body = p + length;
                        let end = body + pattern.alphabet().run(bytes, body, pattern.max());
                        end == bytes.len() && end - body < pattern.max()
                    })
            };
            self.may_begin(bytes, p) && self.trie.at(bytes, p).into_iter().any(fits)
        })
    }
}

/// Whether a word is an address of four numbers, which lines often end with.
fn is_address(word: &[u8]) -> bool {
    let mut groups = word.split(|b| *b == b'.');
    let number = |group: &[u8]| (1..=3).contains(&group.len()) && group.iter().all(|b| digit(*b));
    groups.clone().count() == 4 && groups.all(number)
}

/// Whether a prefix may begin much else: a scheme of an address, hex digits as every fourth digest
/// has them, letters as few as chance puts together.
fn is_common(prefix: &[u8]) -> bool {
    let signed = prefix.iter().any(|b| matches!(b, b'_' | b'-' | b'.'));
    let few = prefix.len() < 3 || prefix.len() == 3 && !signed;
    few || prefix.ends_with(b"://") || prefix.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a prefix is a word, which other names begin with, too.
fn is_word(prefix: &[u8]) -> bool {
    let bare = std::str::from_utf8(prefix)
        .unwrap_or("")
        .to_ascii_lowercase();
    WORDS.contains(&bare.trim_end_matches(['_', '-', '.']))
}

/// Dots at the end of a part, which say that it was cut off.
fn dots(bytes: &[u8], (start, end): (usize, usize)) -> usize {
    end - run_back(bytes, end, end - start, |b| b == b'.')
}

/// Where in the lines, of which the last begins at `from`, the part begins that is found there and
/// above: behind the head that the last line has in common with the one in which it began.
pub fn behind_head(lines: &str, start: usize, from: usize) -> usize {
    let next = next_line(lines.as_bytes(), start, from.saturating_sub(1));
    next.filter(|next| *next >= from && lines.is_char_boundary(*next))
        .unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, i: usize) -> Option<usize> {
        let rules = RuleSet::builtin();
        let found = rules.find(text, i).or_else(|| rules.find_cut(text, i));
        found.map(|f| f.end)
    }

    #[test]
    fn a_token_goes_on_behind_what_its_line_begins_with() {
        let (head, tail) = ("glpat-0a1B2c3D4e", "5F6g7H8i9J");
        for between in ["\n", "\\\n", "\r\n", "\\n", "\n  "] {
            let text = format!("{head}{between}{tail}");
            assert_eq!(found(&text, 0), Some(text.len()), "{text}");
        }
        for line in ["[svc] ", "2026-03-01T10:00:59Z stdout F ", "    | "] {
            let text = format!("{line}{head}\n{line}{tail}");
            assert_eq!(found(&text, line.len()), Some(text.len()), "{text}");
        }
        let text = format!("{head}\nstarted in 12 ms");
        assert_eq!(found(&text, 0), Some(head.len()));
    }

    #[test]
    fn an_address_leaves_nothing_open() {
        let rules = RuleSet::builtin();
        assert!(!rules.ends_open("from 203.0.113.77") && !rules.ends_open("10.0.0.1"));
        assert!(rules.ends_open("token 0.113a7"));
    }

    #[test]
    fn what_was_cut_off_is_told_by_its_prefix() {
        for (text, is_token) in [
            ("rk_live_44JBsx9q", true),
            ("rk_live_44JBsx9qW...", true),
            ("rk_live_44JBsx9q and more", false),
            ("rk_live_configuration", false),
            ("app-7d9f8c4b5d-x2x4z", false),
            ("https://billing.internal/v1/invoices", false),
        ] {
            assert_eq!(found(text, 0).is_some(), is_token, "{text}");
        }
    }
}
