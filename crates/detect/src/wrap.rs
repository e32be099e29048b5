//! Tokens that a terminal, a mailer or a collector cut at the end of a line: which line leaves one
//! open, and which one goes on with it. For those who read a text line by line; what the pieces
//! are together, a scan of them without the line break tells.
//!
//! *Limits:* a piece at the end of a line shorter than [`crate::rules::RUN_BYTES_MIN`] is not seen;
//! [`OPEN_BYTES_MAX`] bytes are looked at, and [`OPEN_COUNT_MAX`] places in them.

use crate::bytes::{alnum, at, before, blank, digit, entropy, opens, run, run_back, starts};
use crate::rules::{RUN_BYTES_MIN, token_byte};
use crate::value::is_pseudonym;
use crate::{Detector, Finding};

/// Longest piece of a token in bytes that a line ends with or begins with.
const OPEN_BYTES_MAX: usize = 4_096;
/// Places in it at which one is looked for.
const OPEN_COUNT_MAX: usize = 64;
/// Blanks that a wrapped token is indented by.
const INDENT_BYTES_MAX: usize = 40;
/// Longest head in bytes that lines of a log begin with alike.
const HEAD_BYTES_MAX: usize = 256;
/// Shortest piece in bytes that goes on with a token that could have ended before.
const MORE_BYTES_MIN: usize = 8;
/// Entropy in bits per byte from which the beginning of a token looks random.
const RANDOM_ENTROPY_MIN: f64 = 3.0;

/// A token that reaches the end of its line and may go on in the next.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// What is there of it.
    pub found: Finding,
    /// Whether that is a token already.
    pub whole: bool,
    /// Whether it looks like a part of one: random, and no word.
    pub random: bool,
}

impl Detector {
    /// The token that the line, given without its line break, may leave open.
    pub fn open_token(&self, line: &str) -> Option<Open> {
        let end = line.len() - usize::from(line.ends_with('\\'));
        let bytes = line.as_bytes().get(..end)?;
        let start = run_back(bytes, end, OPEN_BYTES_MAX, token_byte);
        let jwt = run_back(bytes, end, OPEN_BYTES_MAX, jwt_byte);
        let begins = |i: &usize| {
            let word = alnum(at(bytes, *i)) && opens(bytes, *i);
            word && (*i >= jwt && starts(bytes, *i, b"eyJ") || self.rules().may_begin(bytes, *i))
        };
        let places = (start..end.saturating_sub(RUN_BYTES_MIN - 1)).filter(begins);
        let mut places = places.take(OPEN_COUNT_MAX);
        places.find_map(|i| self.open_at(bytes, i))
    }

    fn open_at(&self, bytes: &[u8], i: usize) -> Option<Open> {
        let (found, whole) = if let Some(whole) = open_jwt(bytes, i) {
            (Finding::secret("jwt", i, bytes.len()), whole)
        } else {
            let (rule, whole) = self.rules().open_at(bytes, i)?;
            let found = Finding {
                rule: rule.id,
                class: rule.class,
                kind: rule.kind,
                start: i,
                end: bytes.len(),
                coding: None,
            };
            (found, whole)
        };
        let token = bytes.get(i..).filter(|token| !is_replaced(token))?;
        let kinds = token.iter().copied().any(digit) && token.iter().any(u8::is_ascii_alphabetic);
        Some(Open {
            found,
            whole,
            random: kinds && entropy(token) >= RANDOM_ENTROPY_MIN,
        })
    }
}

/// Whether a web token that begins at `i` goes on to the end, and whether it has all its parts.
fn open_jwt(bytes: &[u8], i: usize) -> Option<bool> {
    let token = bytes.get(i..)?;
    let begins = starts(bytes, i, b"eyJ") && opens(bytes, i);
    let goes_on = begins && token.iter().copied().all(jwt_byte);
    goes_on.then(|| memchr::memchr_iter(b'.', token).count() >= 2)
}

fn jwt_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.')
}

/// The piece of `line` with which the token may go on that `above`, the line in which it began,
/// left open: the whole of an indented line, or what follows where both begin alike, as lines of
/// one log do. `whole` says whether the token could have ended above, as in [`Open::whole`].
pub fn continued(above: &str, line: &str, whole: bool) -> Option<(usize, usize)> {
    let bytes = line.as_bytes();
    let indent = run(bytes, 0, INDENT_BYTES_MAX, blank);
    let behind = head_len(above.as_bytes(), bytes);
    // A backslash says that the line goes on.
    let told = above.ends_with('\\');
    let mut starts = [behind, Some(indent)].into_iter().flatten();
    starts.find_map(|start| piece(bytes, start, (whole, told)))
}

/// The piece of a token that stands alone from `start` on.
fn piece(bytes: &[u8], start: usize, (whole, told): (bool, bool)) -> Option<(usize, usize)> {
    let end = run(bytes, start, OPEN_BYTES_MAX, |b| token_byte(b) && b != b':');
    let piece = bytes.get(start..end)?;
    let last = end == bytes.len() || end + 1 == bytes.len() && at(bytes, end) == b'\\';
    let alone = last || (told || !whole) && matches!(at(bytes, end), b' ' | b'"' | b'\'');
    // A word of the next sentence, or a date, would not have both.
    let random = piece.iter().copied().any(digit) && piece.iter().any(u8::is_ascii_alphabetic);
    // `FLAGS=0xe644`: base64 is padded at its end alone.
    let padding = piece.iter().rev().take_while(|b| **b == b'=').count();
    let assigns = memchr::memchr(b'=', piece).is_some_and(|n| n + padding < piece.len());
    let says =
        told && !piece.starts_with(b"-") || random && (!whole || piece.len() >= MORE_BYTES_MIN);
    (alone && says && !assigns && !piece.is_empty() && !is_replaced(piece)).then_some((start, end))
}

/// Whether a pseudonym is a part of a piece: it stands for a value, and no token goes on with it.
fn is_replaced(piece: &[u8]) -> bool {
    let mut words = piece.split(|b| !(alnum(*b) || *b == b'_'));
    words.any(|word| std::str::from_utf8(word).is_ok_and(is_pseudonym))
}

/// Length of the head that two lines of a log have alike, a time or a source in it: digits and
/// letters may differ.
fn head_len(above: &[u8], line: &[u8]) -> Option<usize> {
    let shape = |b: u8| match b {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' | b'A'..=b'Z' => b'a',
        _ => b,
    };
    let pairs = above.iter().zip(line).take(HEAD_BYTES_MAX);
    let alike = pairs.take_while(|(a, b)| shape(**a) == shape(**b)).count();
    let word = run_back(line, alike, HEAD_BYTES_MAX, |b| !blank(b));
    let head = line.get(..word)?;
    let says = head.iter().any(|b| !(b.is_ascii_alphabetic() || blank(*b)));
    (says && blank(before(line, word))).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");

    #[test]
    fn a_line_that_ends_in_a_token_leaves_it_open() {
        let detector = Detector::default();
        let (half, _) = TOKEN.split_at(20);
        let (little, _) = TOKEN.split_at(12);
        let whole = concat!("AK", "IAQYLPMN5HFAKE7XYZ");
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0";
        for (line, expected) in [
            (format!("tok {half}"), Some((4, false))),
            (format!("tok={half}\\"), Some((4, false))),
            (format!("tok {TOKEN}"), Some((4, true))),
            (format!("tok {whole}"), None),
            (format!("tok {half} x"), None),
            (format!("tok {little}"), None),
            (format!("Bearer {jwt}"), Some((7, false))),
            (format!("Bearer {jwt}.AbC"), Some((7, true))),
            (format!("Bearer {jwt}, ok"), None),
            ("restarted in 3 s".to_owned(), None),
            (String::new(), None),
        ] {
            let open = detector.open_token(&line);
            let told = open.map(|open| (open.found.start, open.whole));
            assert_eq!(told, expected, "{line}");
        }
    }

    #[test]
    fn a_line_goes_on_with_a_token_where_its_piece_stands_alone() {
        let app = "2026-11-21T10:00:00Z INFO app[7]: tok x";
        for (above, line, whole, expected) in [
            ("tok x", "3eF4gH5i", false, Some((0, 8))),
            ("tok x", "   3eF4gH5i", true, Some((3, 11))),
            ("tok x", "3eF4gH5i\\", true, Some((0, 8))),
            ("tok x", "3eF4 sent", false, Some((0, 4))),
            ("tok x", "3eF4gH5i sent", true, None),
            ("tok x", "3eF4", true, None),
            ("tok x", "sent twice", false, None),
            ("tok x", "2026-11-21 10:00:00 INFO", false, None),
            ("tok x", "2026-11-21T10:00:00Z INFO", false, None),
            ("tok x", "", false, None),
            ("tok x", "card_3bn7rauwfjmd5wc37cbjmksy", false, None),
            ("tok x", "FLAGS=0xe64412", false, None),
            ("tok x", "3eF4gH5i==", false, Some((0, 10))),
            (
                "tok x",
                "card_3bn7rauwfjmd5wc37cbjmks",
                false,
                Some((0, 28)),
            ),
            (
                app,
                "2026-11-21T10:00:07Z WARN app[9]: 3eF4gH5i",
                true,
                Some((34, 42)),
            ),
            (app, "2026-11-21T10:00:07Z WARN app[9]: done", false, None),
            (
                "I1121 10:00 x.go:7] tok x",
                "I1121 10:07 x.go:8] 3eF4gH5i",
                true,
                Some((20, 28)),
            ),
        ] {
            assert_eq!(continued(above, line, whole), expected, "{line}");
        }
    }
}
