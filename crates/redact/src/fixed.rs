//! What was redacted, read until a reading changes nothing: redacting twice is redacting once.
//!
//! What a value was recognised by may be the value that stood beside it, and what hid it, too: no
//! rule is asked to promise that it finds in a text with markers what it found in the one without.
//! Instead the result is read as the next redaction will read it.
//!
//! **Invariant:** what comes out was read, and nothing was found in it that had to be replaced.
//! A text in which nothing was replaced is such a text, and is not read again.
//!
//! *Limits:* [`READINGS_COUNT_MAX`] readings. The lines that still change are then removed as a
//! whole, as what is beyond a budget is; where others change for that, the text is. A marker by
//! itself is left by every reading.
//!
//! *Limits:* a finding of a further reading is told where it stood in a text up to what was
//! replaced before; in JSON, where it stood in its value then.

use zeroize::Zeroizing;

use crate::work::{OVER_BUDGET, Work};

/// Most readings of what was redacted, before the lines that still change are removed.
const READINGS_COUNT_MAX: usize = 6;

impl Work<'_> {
    /// What redacting `raw`, the text at a path, gave: read as `read` does until it stays.
    pub(crate) fn fixed(
        &mut self,
        raw: &str,
        clean: String,
        path: &str,
        read: impl FnMut(&mut Self, &str) -> String,
    ) -> String {
        // A text with a canary goes as a whole.
        if clean == raw || self.canary {
            return clean;
        }
        self.until_fixed(raw, clean, path, read)
    }

    /// As [`Self::fixed`], also of a text that stayed as it was.
    pub(crate) fn until_fixed(
        &mut self,
        raw: &str,
        clean: String,
        path: &str,
        mut read: impl FnMut(&mut Self, &str) -> String,
    ) -> String {
        let mut now = Zeroizing::new(clean);
        let mut next = Zeroizing::new(String::new());
        for _ in 0..READINGS_COUNT_MAX {
            let noted = self.receipt.findings.len();
            next = Zeroizing::new(read(self, &now));
            if next == now {
                return std::mem::take(&mut *now);
            }
            for finding in self.receipt.findings.iter_mut().skip(noted) {
                if finding.path == path {
                    finding.offset = back(raw, &now, finding.offset);
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
        self.note("over_budget", cordon_event::Class::A, path, 0, raw);
        let masked = without_changed(&next, &now);
        if read(self, &masked) == masked {
            return masked;
        }
        without_changed("", &now)
    }
}

/// Where a byte of what came of a text stood in it, as far as both are alike around what was
/// replaced; where that began, otherwise.
fn back(raw: &str, now: &str, i: usize) -> usize {
    let pairs = raw.bytes().zip(now.bytes());
    let before = pairs.take_while(|(a, b)| a == b).count();
    if i < before {
        return i;
    }
    let ends = raw.bytes().rev().zip(now.bytes().rev());
    let behind = ends.take_while(|(a, b)| a == b).count();
    let left = now.len() - i.min(now.len());
    let before = raw.floor_char_boundary(before);
    if left <= behind {
        (raw.len() - left).max(before)
    } else {
        before
    }
}

/// A text without the lines in which it is another than the one before.
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

    #[test]
    fn a_place_is_told_in_the_text_that_arrived() {
        let at = |i| back("ab secret cd ef", "ab [gone] cd ef", i);
        assert_eq!([at(0), at(2), at(5)], [0, 2, 3]);
        assert_eq!([at(9), at(13), at(15)], [9, 13, 15]);
        // More was put in than stood there, between what is alike.
        assert_eq!(back("aa", "aaXaa", 3), 2);
        assert_eq!(back("éa", "èa", 0), 0);
    }

    #[test]
    fn lines_that_change_go() {
        let masked = without_changed("a\nb\n\nc", "a\nx\n\nc");
        assert_eq!(masked, format!("a\n{OVER_BUDGET}\n\nc"));
        let whole = without_changed("", "a\n\nb\n");
        assert_eq!(whole, format!("{OVER_BUDGET}\n\n{OVER_BUDGET}\n"));
    }
}
