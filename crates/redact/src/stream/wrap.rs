//! Texts that are read together because a token was wrapped at the end of one of them: lines, or
//! values at one path of records.
//!
//! *Limits:* [`TEXTS_MAX`] texts, the first in a line of [`FIRST_BYTES_MAX`], all but the last of
//! the others of [`TEXT_BYTES_MAX`]; [`TOKEN_BYTES_MAX`] bytes of the token.

use cordon_detect::{Context, Detector, Finding, Open, continued};
use cordon_event::Raw;
use zeroize::Zeroizing;

use super::Behind;

/// Most texts that one token is wrapped over.
const TEXTS_MAX: usize = 64;
/// Longest line in bytes whose end may leave a token open.
pub(super) const FIRST_BYTES_MAX: usize = 64 << 10;
/// Longest text in bytes that a token goes through.
const TEXT_BYTES_MAX: usize = 1_024;
/// Most bytes of the lines, with their breaks, that wait behind the first.
pub(super) const MORE_BYTES_MAX: usize = TEXTS_MAX * (TEXT_BYTES_MAX + 2);
/// Most bytes of lines that wait for the next one.
pub(super) const WAITING_BYTES_MAX: usize = FIRST_BYTES_MAX + MORE_BYTES_MAX;
/// Bytes of the token beyond which no text is added.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// Bytes of the first text that are read with the token: the longest that reaches its end, and
/// what stands before.
const LEAD_BYTES: usize = 4_352;

/// What the texts behind one say of the token that it leaves open.
pub(super) enum Joined {
    /// Whether one goes on with it, the next one will tell.
    Waits,
    /// They were read.
    Read(Wrapped),
}

/// A token over the ends of texts.
pub(super) struct Wrapped {
    /// What was found across texts: for each text, the first one's first.
    pub(super) found: Vec<Vec<Finding>>,
    /// The token with what stands before it, where there was a pause before its end.
    pub(super) open: Option<Raw<String>>,
}

/// Where a text stands in the text of a wrapped token.
struct Piece {
    at: usize,
    /// Bytes of the text before it.
    skipped: usize,
    length: usize,
}

/// Reads a text that leaves a token open together with those that follow it, none of which ends
/// with a line break. One that is missing ends the token.
pub(super) fn join<T: AsRef<str>>(
    detector: &Detector,
    first: &str,
    open: Open,
    mut following: impl Iterator<Item = Option<T>>,
    behind: Behind,
) -> Joined {
    let from = lead(first, open.found.end);
    let above = first.rsplit('\n').next().unwrap_or(first);
    // All that may come: it does not grow and leave something behind.
    let room = LEAD_BYTES + 2 * TOKEN_BYTES_MAX;
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.push_str(first.get(from..open.found.end).unwrap_or(""));
    let mut pieces = vec![Piece {
        at: 0,
        skipped: from,
        length: text.len(),
    }];
    let mut ended = false;
    while pieces.len() < TEXTS_MAX && text.len() < LEAD_BYTES + TOKEN_BYTES_MAX {
        let Some(next) = following.next() else {
            if behind == Behind::More {
                return Joined::Waits;
            }
            ended = true;
            break;
        };
        let Some(next) = next else { break };
        let next = next.as_ref();
        let Some((start, end)) = continued(above, next, open.whole) else {
            break;
        };
        pieces.push(Piece {
            at: text.len(),
            skipped: start,
            length: end - start,
        });
        text.push_str(next.get(start..end).unwrap_or(""));
        let goes_on = matches!(next.get(end..), Some("" | "\\"));
        if !goes_on || next.len() > TEXT_BYTES_MAX {
            break;
        }
    }
    let paused = ended && behind == Behind::Pause;
    let mut found = crossing(detector, &text, &pieces);
    if paused && open.random {
        // Half a token is not shown for want of the other.
        found.push(Finding {
            start: open.found.start - from,
            end: text.len(),
            ..open.found
        });
    }
    Joined::Read(Wrapped {
        found: pieces.iter().map(|piece| piece.of(&found)).collect(),
        open: paused.then(|| Raw::new(std::mem::take(&mut *text))),
    })
}

/// First byte of a text that is read with the token that ends at `end`.
fn lead(text: &str, end: usize) -> usize {
    let mut from = end.saturating_sub(LEAD_BYTES);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    from
}

/// Findings that reach over the end of a text.
fn crossing(detector: &Detector, text: &str, pieces: &[Piece]) -> Vec<Finding> {
    if pieces.len() < 2 {
        return Vec::new();
    }
    let mut found = detector.scan(text, &Context::default());
    let joints = || pieces.iter().skip(1).map(|piece| piece.at);
    found.retain(|f| joints().any(|at| f.start < at && f.end > at));
    found
}

impl Piece {
    /// What of the findings stands in its text.
    fn of(&self, found: &[Finding]) -> Vec<Finding> {
        let (from, to) = (self.at, self.at + self.length);
        let here = found.iter().filter(|f| f.start < to && f.end > from);
        let clipped = here.map(|f| Finding {
            start: f.start.max(from) - from + self.skipped,
            end: f.end.min(to) - from + self.skipped,
            coding: None,
            ..*f
        });
        clipped.collect()
    }
}
