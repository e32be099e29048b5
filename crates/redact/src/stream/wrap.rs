//! Lines that are read together because a token was wrapped at the end of one of them.
//!
//! *Limits:* [`LINES_MAX`] lines, the first of [`FIRST_BYTES_MAX`], the others of
//! [`LINE_BYTES_MAX`]; [`TOKEN_BYTES_MAX`] bytes of the token.

use std::collections::VecDeque;

use cordon_detect::{Context, Detector, Finding, Open, continued};
use cordon_event::Raw;
use zeroize::Zeroizing;

use super::{Behind, bare};

/// Most lines that one token is wrapped over.
const LINES_MAX: usize = 64;
/// Longest line in bytes whose end may leave a token open.
pub(super) const FIRST_BYTES_MAX: usize = 64 << 10;
/// Longest line in bytes that goes on with it.
const LINE_BYTES_MAX: usize = 1_024;
/// Bytes of the token beyond which no line is added.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// Bytes of the first line that are read with the token: the longest that reaches its end, and
/// what stands before.
const LEAD_BYTES: usize = 4_352;
/// Most bytes of lines, with their breaks, that wait for the next one.
pub(super) const WAITING_BYTES_MAX: usize = FIRST_BYTES_MAX + LINES_MAX * (LINE_BYTES_MAX + 2);

/// What the lines behind one say of the token that it leaves open.
pub(super) enum Joined {
    /// Whether one goes on with it, the next one will tell.
    Waits,
    /// They were read.
    Read(Wrapped),
}

/// A token over the ends of lines.
pub(super) struct Wrapped {
    /// What was found across lines: for each line, the first one's first.
    pub(super) lines: VecDeque<Vec<Finding>>,
    /// The token with what stands before it, where the lines ended before it did.
    pub(super) open: Option<Raw<String>>,
}

/// Where a line stands in the text of a wrapped token.
struct Piece {
    at: usize,
    /// Bytes of the line before it.
    skipped: usize,
    length: usize,
}

/// Reads the line that leaves a token open, given without its line break, together with the lines
/// in `rest`, each with its own.
pub(super) fn join(
    detector: &Detector,
    line: &str,
    open: Open,
    rest: &str,
    behind: Behind,
) -> Joined {
    let from = lead(line, open.found.end);
    let room = LEAD_BYTES + TOKEN_BYTES_MAX + LINE_BYTES_MAX;
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.push_str(line.get(from..open.found.end).unwrap_or(""));
    let mut pieces = vec![Piece {
        at: 0,
        skipped: from,
        length: text.len(),
    }];
    let mut lines = rest.split_inclusive('\n');
    let mut ended = false;
    while pieces.len() < LINES_MAX && text.len() < LEAD_BYTES + TOKEN_BYTES_MAX {
        let Some(next) = lines.next() else {
            if behind == Behind::More {
                return Joined::Waits;
            }
            ended = true;
            break;
        };
        let (next, _) = bare(next);
        let piece = continued(line, next, open.whole).filter(|_| next.len() <= LINE_BYTES_MAX);
        let Some((start, end)) = piece else { break };
        pieces.push(Piece {
            at: text.len(),
            skipped: start,
            length: end - start,
        });
        text.push_str(next.get(start..end).unwrap_or(""));
        if end < next.len() && next.get(end..) != Some("\\") {
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
        lines: pieces.iter().map(|piece| piece.of(&found)).collect(),
        open: paused.then(|| Raw::new(std::mem::take(&mut *text))),
    })
}

/// First byte of a line that is read with the token that ends at `end`.
fn lead(line: &str, end: usize) -> usize {
    let mut from = end.saturating_sub(LEAD_BYTES);
    while !line.is_char_boundary(from) {
        from += 1;
    }
    from
}

/// Findings that reach over the end of a line.
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
    /// What of the findings stands in its line.
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
