//! Reading a text again where something is glued to what was replaced in it.
//!
//! A replacement ends in other characters than the value did, so that a number or a name beside it
//! may begin or end where none did before: `KEY(212) 555-0100` without its `KEY`. What the next
//! redaction would find is found now, so that it changes nothing.
//!
//! *Limits:* [`READINGS_COUNT_MAX`] readings of one text. Nearly every value stands between blanks,
//! quotes or signs that part it from what is around, and is read once.

use crate::json::Place;
use crate::work::Work;

/// Most readings of one text.
const READINGS_COUNT_MAX: usize = 4;

/// What a reading of a text left.
pub(crate) struct Reading {
    /// The text with what was found in it replaced.
    pub(crate) text: String,
    /// What was replaced, in order: its place in the text that was read, and its replacement's in
    /// the one above.
    pub(crate) places: Vec<(Place, Place)>,
}

impl Reading {
    /// Whether something is glued to what was replaced in `raw`.
    fn is_glued(&self, raw: &str) -> bool {
        let bytes = raw.as_bytes();
        let next_starts = self.places.iter().skip(1).map(|(raw, _)| raw.0);
        let next_starts = next_starts.chain(std::iter::once(raw.len()));
        self.places
            .iter()
            .zip(next_starts)
            .any(|(place, next_start)| {
                let (start, end) = place.0;
                let before = start.checked_sub(1).and_then(|n| bytes.get(n));
                // `user:password`: one sign between two values parts them.
                let parted = next_start == end + 1;
                let next = bytes.get(end + 1).filter(|_| !parted).unwrap_or(&b' ');
                let after = bytes.get(end);
                before.is_some_and(|b| joins_before(*b)) || after.is_some_and(|b| joins(*b, *next))
            })
    }

    /// Where a byte of the text stood in the one that was read; one of a replacement, where the
    /// value began.
    fn back(&self, i: usize) -> usize {
        let behind = self.places.partition_point(|(_, (start, _))| *start <= i);
        let last = behind.checked_sub(1).and_then(|n| self.places.get(n));
        match last {
            None => i,
            Some(((start, _), (_, end))) if i < *end => *start,
            Some(((_, end), (_, shown))) => end + (i - shown),
        }
    }
}

/// Whether a byte before a value goes on with it.
fn joins_before(b: u8) -> bool {
    !(b.is_ascii_whitespace() || b"\"'`=:,;&/([{<>|\\@".contains(&b))
}

/// Whether a byte behind a value, before `next`, goes on with it.
fn joins(b: u8, next: u8) -> bool {
    let ends = b.is_ascii_whitespace() || b"\"'`,;&/)]}<>|\\@".contains(&b);
    // A port, a path, or the value of a name.
    let colon = b == b':' && (next.is_ascii_digit() || next == b'/' || ends_word(next));
    // The end of a sentence, a question, or a run's padding.
    let sentence = matches!(b, b'.' | b'!' | b'?' | b'=') && !next.is_ascii_alphanumeric();
    !(ends || colon || sentence)
}

fn ends_word(b: u8) -> bool {
    b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'\\')
}

impl Work<'_> {
    /// What reading a text leaves, read again while something is glued to what was replaced.
    pub(crate) fn settled(
        &mut self,
        text: &str,
        path: &str,
        mut read: impl FnMut(&mut Self, &str) -> Reading,
    ) -> String {
        let mut done = read(self, text);
        let mut glued = done.is_glued(text);
        let mut before = Vec::new();
        while glued && before.len() + 1 < READINGS_COUNT_MAX {
            let noted = self.receipt.findings.len();
            let next = read(self, &done.text);
            let places = next.is_glued(&done.text);
            let changed = next.text != done.text;
            before.push(std::mem::replace(&mut done, next));
            let found = self.receipt.findings.iter_mut().skip(noted);
            for finding in found.filter(|f| f.path == path) {
                let back = |i, reading: &Reading| reading.back(i);
                finding.offset = before.iter().rev().fold(finding.offset, back);
            }
            glued = changed && places;
        }
        done.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_the_text_that_arrived() {
        // `ab` and `c` were replaced in `-ab--c-`.
        let reading = Reading {
            text: "-[AAAA]--[B]-".to_owned(),
            places: vec![((1, 3), (1, 7)), ((5, 6), (9, 12))],
        };
        let back = |i| reading.back(i);
        assert_eq!([back(0), back(1), back(4)], [0, 1, 1]);
        assert_eq!([back(7), back(8), back(9)], [3, 4, 5]);
        assert_eq!([back(11), back(12)], [5, 6]);
    }

    #[test]
    fn signs_part_values() {
        let reading = |start, end| Reading {
            text: String::new(),
            places: vec![((start, end), (start, start))],
        };
        for (text, start, end) in [
            ("a=b c", 2, 3),
            ("(b).", 1, 2),
            ("\"b\"", 1, 2),
            ("b. C", 0, 1),
            ("b:80", 0, 1),
        ] {
            assert!(!reading(start, end).is_glued(text), "{text}");
        }
        for (text, start, end) in [
            ("ab", 1, 2),
            ("b(c", 0, 1),
            ("b:c", 0, 1),
            ("b.c", 0, 1),
            ("b:c", 0, 1),
            ("éb", 2, 3),
        ] {
            assert!(reading(start, end).is_glued(text), "{text}");
        }
    }
}
