//! What was redacted, read until a reading leaves it as it is: redacting twice is redacting once.
//!
//! What a value was recognised by may have been the value beside it, or may have been hidden by
//! it: `KEY(212) 555-0100` without its `KEY`. No rule is asked to promise that it finds among
//! markers what it found among values. What was redacted is read as the next redaction will read
//! it, and what that would find is found now.
//!
//! **Invariant:** what comes out of a redaction was read, and nothing was found in it. A text in
//! which nothing was found is such a text, and is read once.
//!
//! *What is read again:* a text, and of a JSON value the texts in it that were rewritten. All of a
//! value is where the others may be read otherwise for it ([`Work::loose`]); a line of a stream is
//! where the lines above it came out otherwise.
//!
//! *Limits:* [`READINGS_COUNT_MAX`] readings. Lines that change even then are removed as what is
//! beyond a budget is; where others change for that, all are. A marker by itself is left by
//! every reading.

use cordon_event::Class;
use zeroize::Zeroizing;

use crate::json::Place;
use crate::work::{OVER_BUDGET, Work};

/// Most readings of what was redacted, before the lines that change are removed.
const READINGS_COUNT_MAX: usize = 6;

/// What a reading replaced, in order: its place in the text that was read, and its replacement's
/// in what was left of it. Empty where the text was read as JSON.
pub(crate) type Places = Vec<(Place, Place)>;

impl Work<'_> {
    /// What one reading left of a text at a path, read until it stays.
    pub(crate) fn settled(
        &mut self,
        raw: &str,
        clean: String,
        path: &str,
        read: impl FnMut(&mut Self, &str) -> String,
    ) -> String {
        // What is within an encoding is read again with it; what holds a canary goes.
        if clean == raw || self.depth > 0 || self.canary {
            return clean;
        }
        self.until_settled(raw, clean, path, read)
    }

    /// Whether what one reading left of a line is known to stay.
    pub(crate) fn is_known(&mut self, raw: &str, clean: &str) -> bool {
        let changed = clean != raw && !self.canary;
        let left = self.left.as_deref_mut().filter(|_| changed);
        left.is_some_and(|left| left.stays(self.redactor, clean, &self.places))
    }

    /// As [`Work::settled`], also of what stayed as it was.
    pub(crate) fn until_settled(
        &mut self,
        raw: &str,
        clean: String,
        path: &str,
        mut read: impl FnMut(&mut Self, &str) -> String,
    ) -> String {
        // What was found together with texts around it is replaced, and a key that is open is
        // not in what came out.
        self.across.clear();
        let follows = self.follows.take();
        let mut now = Zeroizing::new(clean);
        let mut before = Zeroizing::new(String::new());
        let mut places = vec![std::mem::take(&mut self.places)];
        let mut stays = false;
        for n in 0..READINGS_COUNT_MAX {
            let noted = self.receipt.findings.len();
            // What was asked about is what is read first.
            let left = self.left.as_deref_mut();
            let told = left.and_then(|left| left.take_places(&now));
            self.told = told.map(|places| (places, now.len()));
            let next = Zeroizing::new(read(self, &now));
            stays = next == now;
            if stays {
                if n == 0
                    && let Some(left) = self.left.as_deref_mut()
                {
                    left.learn(self.redactor);
                }
                break;
            }
            let found = self.receipt.findings.iter_mut().skip(noted);
            for finding in found.filter(|f| f.path == path) {
                finding.offset = places.iter().rev().fold(finding.offset, back);
            }
            places.push(std::mem::take(&mut self.places));
            before = std::mem::replace(&mut now, next);
        }
        if !stays {
            self.note("over_budget", Class::A, path, 0, raw);
            let some = Zeroizing::new(without_changed(&before, &now));
            let left = read(self, &some);
            now = if left == *some {
                some
            } else {
                Zeroizing::new(without_changed("", &now))
            };
        }
        self.follows = follows;
        std::mem::take(&mut *now)
    }
}

/// Where a byte of what a reading left stood in what was read; one of a replacement, where the
/// value began.
fn back(i: usize, places: &Places) -> usize {
    let behind = places.partition_point(|(_, (start, _))| *start <= i);
    let last = behind.checked_sub(1).and_then(|n| places.get(n));
    match last {
        None => i,
        Some(((start, _), (_, end))) if i < *end => *start,
        Some(((_, end), (_, shown))) => end + (i - shown),
    }
}

/// A text without those of its lines that stood otherwise in the one before.
fn without_changed(before: &str, now: &str) -> String {
    let mut out = String::with_capacity(now.len());
    let mut before = before.split('\n');
    for (n, line) in now.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let stays = before.next() == Some(line) || line.is_empty();
        out.push_str(if stays { line } else { OVER_BUDGET });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudonym::ZeroMac;
    use crate::{Policy, Redactor};

    /// What comes of two lines by a reading, and how often it is asked.
    fn settled(raw: &str, reading: impl Fn(&str) -> String) -> (String, usize) {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let mut count = 0;
        let clean = Work::new(&redactor, &ZeroMac).settled(raw, reading(raw), "", |_, text| {
            count += 1;
            reading(text)
        });
        (clean, count)
    }

    #[test]
    fn a_text_is_read_until_it_stays() {
        assert_eq!(settled("ab", str::to_owned), ("ab".to_owned(), 0));
        let shorter = |text: &str| text.strip_prefix('a').unwrap_or(text).to_owned();
        assert_eq!(settled("aaab", shorter), ("b".to_owned(), 3));
    }

    #[test]
    fn what_never_stays_goes() {
        // The line that grows, and no other.
        let grows = |text: &str| text.replace('x', "xy");
        let (clean, count) = settled("a\nx", grows);
        assert_eq!(clean, format!("a\n{OVER_BUDGET}"));
        assert_eq!(count, READINGS_COUNT_MAX + 1);
        // A line that changes when the other has gone.
        let moves = |text: &str| match text.split_once('\n') {
            Some((a, "x")) => format!("{a}\nX"),
            Some((a, "X")) => format!("{a}\nx"),
            Some((_, b)) => format!("b\n{b}"),
            None => text.to_owned(),
        };
        let (clean, _) = settled("a\nx", moves);
        assert_eq!(clean, format!("{OVER_BUDGET}\n{OVER_BUDGET}"));
    }

    #[test]
    fn a_place_is_told_in_the_text_that_arrived() {
        // `ab` and `c` were replaced in `-ab--c-`, which left `-[AAAA]--[B]-`.
        let places = vec![((1, 3), (1, 7)), ((5, 6), (9, 12))];
        let back = |i| back(i, &places);
        assert_eq!([back(0), back(1), back(4)], [0, 1, 1]);
        assert_eq!([back(7), back(8), back(9)], [3, 4, 5]);
        assert_eq!([back(11), back(12)], [5, 6]);
    }

    #[test]
    fn lines_that_change_go() {
        let masked = without_changed("a\nb\n\nc", "a\nx\n\nc");
        assert_eq!(masked, format!("a\n{OVER_BUDGET}\n\nc"));
        let whole = without_changed("", "a\n\nb\n");
        assert_eq!(whole, format!("{OVER_BUDGET}\n\n{OVER_BUDGET}\n"));
    }
}
