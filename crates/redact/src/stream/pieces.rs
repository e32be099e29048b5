//! A stream of bytes in pieces of any size.

use cordon_event::{Class, Raw};
use zeroize::Zeroizing;

use super::{BLOCK_BYTES_MAX, Behind, Done, LINE_BYTES_MAX, RedactedLines, StreamRedactor};
use crate::work::OVER_BUDGET;
use crate::{Clean, Finding, PseudonymMac, Receipt};

/// Rule of what is masked without having been looked at.
const OVER_RULE: &str = "over_budget";

/// The rest of a line that is longer than what is held of one: it is let go and counted.
pub(super) struct Over {
    /// Number of the line.
    line: u64,
    /// Bytes that were let go.
    bytes: usize,
    /// Whether the last of them may be a part of the line break.
    breaks: bool,
}

impl StreamRedactor<'_> {
    /// Takes the next bytes, cut anywhere; what may be shown of what has arrived so far comes out.
    /// What is not UTF-8 is replaced by U+FFFD.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw bytes ends them: they are wiped on return"
    )]
    pub fn push(&mut self, mac: &dyn PseudonymMac, piece: Raw<Vec<u8>>) -> RedactedLines {
        let mut rest = piece.expose_raw().as_slice();
        let mut done = self.begin(rest.len());
        while !rest.is_empty() {
            let read = if let Some(over) = self.over.take() {
                self.let_go(over, rest, &mut done)
            } else {
                match whole_lines(rest).filter(|_| self.held.is_empty()) {
                    Some(lines) => self.arrived(mac, lines, &mut done),
                    None => self.gathered(mac, rest, &mut done),
                }
            };
            rest = rest.get(read..).unwrap_or(&[]);
        }
        self.end(done)
    }

    /// Lets out the whole lines that wait for what follows them: to be called where nothing has
    /// arrived for as long as a line may be held, which only the caller can tell.
    ///
    /// What it gives up: a token that is wrapped into a line that has not arrived is not known to
    /// be one. What looks like the first part of it is removed all the same, and so is the second
    /// part when it arrives; but a line that ends in what looks so, and is harmless, loses it. The
    /// beginning of a line is not let out: what it says is not known before its end.
    pub fn flush(&mut self, mac: &dyn PseudonymMac) -> RedactedLines {
        let mut done = self.begin(self.held.lines().len());
        self.settle(mac, Behind::Pause, &mut done);
        self.end(done)
    }

    /// Lets out what is held at the end of the stream.
    pub fn finish(mut self, mac: &dyn PseudonymMac) -> RedactedLines {
        let mut done = self.begin(self.held.all().len());
        if let Some(over) = self.over.take() {
            over.count(0, &mut done);
        }
        let held = std::mem::take(&mut self.held);
        self.feed(mac, held.all(), Behind::End, &mut done);
        self.end(done)
    }

    /// Whether whole lines wait, which [`Self::flush`] would let out.
    pub fn holds_lines(&self) -> bool {
        !self.held.lines().is_empty()
    }

    /// Bytes of memory that what is held takes, never more than [`super::HELD_BYTES_MAX`].
    pub fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    pub(super) fn begin(&self, bytes: usize) -> Done {
        Done {
            from: 0,
            line: self.line,
            clean: String::with_capacity(bytes),
            lines: RedactedLines::default(),
        }
    }

    pub(super) fn end(&mut self, mut done: Done) -> RedactedLines {
        self.line = done.line;
        done.lines.clean = Clean::new(done.clean);
        done.lines
    }

    /// Whole lines, with nothing held before them; how many bytes of them were taken.
    fn arrived(&mut self, mac: &dyn PseudonymMac, lines: &[u8], done: &mut Done) -> usize {
        let read = self.feed(mac, lines, Behind::More, done);
        self.held.add(lines.get(read..).unwrap_or(&[]), true);
        lines.len()
    }

    /// Bytes up to the end of the line that has begun, or of as much of it as is held; how many of
    /// them were taken.
    fn gathered(&mut self, mac: &dyn PseudonymMac, bytes: &[u8], done: &mut Done) -> usize {
        let room = LINE_BYTES_MAX - self.held.begun_bytes();
        let within = bytes.get(..=room).unwrap_or(bytes);
        if let Some(n) = memchr::memchr(b'\n', within) {
            self.held.add(within.get(..=n).unwrap_or(within), true);
            self.settle(mac, Behind::More, done);
            return n + 1;
        }
        let taken = within.get(..room).unwrap_or(within);
        self.held.add(taken, false);
        if taken.len() < within.len() {
            self.cut_off(mac, done);
        }
        taken.len()
    }

    /// Redacts the whole lines that are held, as far as they need not wait.
    fn settle(&mut self, mac: &dyn PseudonymMac, behind: Behind, done: &mut Done) {
        let mut held = std::mem::take(&mut self.held);
        let read = self.feed(mac, held.lines(), behind, done);
        held.drop_first(read);
        self.held = held;
    }

    /// Redacts all that is held, whose last line goes on beyond what is held of one.
    fn cut_off(&mut self, mac: &dyn PseudonymMac, done: &mut Done) {
        let held = std::mem::take(&mut self.held);
        let breaks = memchr::memchr_iter(b'\n', held.all()).count() as u64;
        let line = done.line + breaks;
        self.feed(mac, held.all(), Behind::End, done);
        done.line = line + 1;
        if !done.clean.ends_with(OVER_BUDGET) {
            done.clean.push_str(OVER_BUDGET);
        }
        self.over = Some(Over {
            line,
            bytes: 0,
            breaks: false,
        });
    }

    /// Lets go of the rest of a line; how many bytes were taken.
    fn let_go(&mut self, mut over: Over, bytes: &[u8], done: &mut Done) -> usize {
        let end = memchr::memchr(b'\n', bytes);
        let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
        over.bytes += part.len();
        over.breaks = part.last().map_or(over.breaks, |b| *b == b'\r');
        let Some(end) = end else {
            self.over = Some(over);
            return part.len();
        };
        done.clean.push_str(if over.breaks { "\r\n" } else { "\n" });
        let ending = usize::from(over.breaks);
        over.count(ending, done);
        end + 1
    }

    /// Redacts lines of bytes; how many bytes of them those were that need not wait.
    fn feed(
        &mut self,
        mac: &dyn PseudonymMac,
        bytes: &[u8],
        behind: Behind,
        done: &mut Done,
    ) -> usize {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return self.block(mac, text, behind, done);
        }
        let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
        let read = self.block(mac, &text, behind, done);
        let Some(waiting) = text.get(read..).filter(|waiting| !waiting.is_empty()) else {
            return bytes.len();
        };
        // What waits is whole lines: as many of them as there are at the end of the bytes.
        let breaks = memchr::memchr_iter(b'\n', waiting.as_bytes()).count();
        let mut ends = memchr::memrchr_iter(b'\n', bytes);
        ends.nth(breaks).map_or(0, |n| n + 1)
    }
}

impl Over {
    /// Says how much was let go; `ending` bytes of it were of the line break.
    fn count(self, ending: usize, done: &mut Done) {
        let bytes = self.bytes - ending;
        if bytes > 0 {
            let finding = Finding::new(OVER_RULE, Class::A, "", LINE_BYTES_MAX, bytes);
            let mut receipt = Receipt::default();
            receipt.findings.push(finding);
            done.lines.receipts.push((self.line, receipt));
        }
    }
}

/// As many whole lines as are looked through at once.
fn whole_lines(bytes: &[u8]) -> Option<&[u8]> {
    let within = bytes.get(..BLOCK_BYTES_MAX).unwrap_or(bytes);
    let end = memchr::memrchr(b'\n', within)?;
    bytes.get(..=end)
}
