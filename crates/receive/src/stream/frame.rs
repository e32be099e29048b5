//! Bytes of a connection become frames: RFC 6587, told apart frame by frame.
//!
//! | a frame begins with | and ends |
//! |---|---|
//! | a count of 1 to 9 digits, a blank and `<` (section 3.4.1) | after so many bytes |
//! | anything else (section 3.4.2) | at LF or NUL; a CR before it belongs to it |
//!
//! Ends of line before a frame are skipped, so that a counted frame may have one too. Lines of JSON
//! are of the second kind alone.
//!
//! **Wrong counts.** After a counted frame only an end of line, a `<` or a count can stand. Where
//! something else does, the count was wrong: what follows is given as a frame of its own, flagged.
//! A line after a counted frame ends at its end of line or before the next count with a priority
//! (`83 <34>`), whichever is first. So a
//! count that is too small costs no byte, and one that is too large swallows the head of the frame
//! after it and no more. A count over [`COUNTED_BYTES_MAX`] is none.
//!
//! **Too long.** The first `bytes_max` bytes of a frame are given, flagged; the rest is skipped.
//!
//! **Invariant:** the frames depend on the bytes, not on the pieces in which they come; what is
//! held is never more than `bytes_max`.

use std::sync::Arc;

use memchr::memchr2;

use crate::body::Buffer;
use crate::error::Code;
use crate::meter::{Charge, Ledger};
use crate::stream::flag::{self, Flags};

/// Largest count that is taken for one: a frame beyond it would be skipped for too long.
pub(crate) const COUNTED_BYTES_MAX: usize = 64 << 20;
/// Bytes of memory that a connection keeps for its next partial frame.
const RETAINED_BYTES_MAX: usize = 8 << 10;
/// Digits of a count.
const COUNT_DIGITS_MAX: usize = 9;

/// One frame.
pub(crate) struct Frame<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) flags: Flags,
}

/// Where in a frame the next byte is.
#[derive(Clone, Copy)]
enum At {
    /// Between frames; whether the one before was counted.
    Between { after_counted: bool },
    /// In the digits of a count, or after their blank.
    Count { after_counted: bool, blank: bool },
    /// In a counted frame with so many bytes to come.
    Counted { left: usize },
    /// In a frame that ends with its line; whether a count is searched for in it.
    Line { searched: bool },
}

/// Cuts the bytes of one connection.
pub(crate) struct Framer {
    counts: bool,
    bytes_max: usize,
    at: At,
    held: Buffer,
    charge: Charge,
    flags: Flags,
    /// Whether `held` was given away and is to be emptied first.
    given: bool,
    probe: Probe,
}

impl Framer {
    /// For syslog with `counts`, for lines without.
    pub(crate) fn new(counts: bool, bytes_max: usize, ledger: &Arc<Ledger>) -> Self {
        Self {
            counts,
            bytes_max,
            at: At::Between {
                after_counted: false,
            },
            held: Buffer::new(),
            charge: Charge::new(ledger),
            flags: Flags::default(),
            given: false,
            probe: Probe::default(),
        }
    }

    /// The next frame that ends within `input`, from which what was read is taken; none when all
    /// of it was.
    pub(crate) fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Frame<'a>> {
        self.empty();
        loop {
            let byte = *input.first()?;
            match self.at {
                At::Between { after_counted } => self.begin(byte, after_counted, input),
                At::Count {
                    after_counted,
                    blank,
                } => self.count(byte, after_counted, blank, input),
                At::Counted { left } => {
                    let len = left.min(input.len());
                    self.keep(taken(input, len));
                    self.at = At::Counted { left: left - len };
                    if left == len {
                        let after_counted = true;
                        self.at = At::Between { after_counted };
                        return Some(self.give());
                    }
                }
                At::Line { searched: true } => {
                    *input = input.get(1..).unwrap_or_default();
                    if self.search(byte) {
                        return Some(self.give());
                    }
                }
                At::Line { searched: false } => match memchr2(b'\n', 0, input) {
                    None => {
                        let len = input.len();
                        self.keep(taken(input, len));
                    }
                    Some(len) => {
                        let line = taken(input, len);
                        taken(input, 1);
                        let after_counted = false;
                        self.at = At::Between { after_counted };
                        let is_whole =
                            self.held.bytes().is_empty() && !self.flags.has(flag::TRUNCATED);
                        if is_whole && line.len() <= self.bytes_max {
                            let flags = std::mem::take(&mut self.flags);
                            return Some(Frame { bytes: line, flags });
                        }
                        self.keep(line);
                        return Some(self.give());
                    }
                },
            }
        }
    }

    /// No more bytes come though the sender did not say that it was done: a frame that has no end
    /// is cut off.
    pub(crate) fn cut(&mut self) {
        if !matches!(self.at, At::Between { .. }) {
            self.flags.set(flag::TRUNCATED);
        }
    }

    /// What is left when no more bytes come: a frame without its end. A line may lack its last end;
    /// a counted frame that is short is cut off.
    pub(crate) fn end(&mut self) -> Option<Frame<'_>> {
        self.empty();
        if let At::Counted { .. } = self.at {
            self.flags.set(flag::TRUNCATED);
        }
        if matches!(self.at, At::Between { .. }) {
            return None;
        }
        self.at = At::Between {
            after_counted: false,
        };
        Some(self.give())
    }

    fn begin(&mut self, byte: u8, after_counted: bool, input: &mut &[u8]) {
        match byte {
            b'\n' | b'\r' | 0 => {
                taken(input, 1);
                let after_counted = false;
                self.at = At::Between { after_counted };
            }
            b'1'..=b'9' if self.counts => {
                let blank = false;
                self.at = At::Count {
                    after_counted,
                    blank,
                };
            }
            byte => {
                if after_counted && byte != b'<' {
                    self.flags.set(flag::FRAMING);
                }
                self.line(after_counted);
            }
        }
    }

    /// A frame that ends with its line. After a counted one a count is searched for in it, also
    /// where it begins as it should: without an end of line nothing else would end it.
    fn line(&mut self, after_counted: bool) {
        if after_counted {
            self.probe = Probe::default();
            // Digits of what looked like a count are looked at too.
            for at in 0..self.held.bytes().len() {
                if let Some(byte) = self.held.bytes().get(at).copied() {
                    self.probe.byte(byte, at);
                }
            }
        }
        self.at = At::Line {
            searched: after_counted,
        };
    }

    /// A byte after the first digit, which may be that digit.
    fn count(&mut self, byte: u8, after_counted: bool, blank: bool, input: &mut &[u8]) {
        let digits = self.held.bytes().len();
        if !blank && byte.is_ascii_digit() && digits < COUNT_DIGITS_MAX {
            self.keep(taken(input, 1));
        } else if !blank && byte == b' ' {
            self.keep(taken(input, 1));
            let blank = true;
            self.at = At::Count {
                after_counted,
                blank,
            };
        } else if blank
            && byte == b'<'
            && let Some(left) = number(self.held.bytes())
        {
            self.held.truncate(0);
            self.at = At::Counted { left };
        } else {
            if after_counted {
                self.flags.set(flag::FRAMING);
            }
            self.line(after_counted);
        }
    }

    /// A byte where the count was wrong; whether it ends a frame.
    fn search(&mut self, byte: u8) -> bool {
        if matches!(byte, b'\n' | 0) {
            let after_counted = false;
            self.at = At::Between { after_counted };
            return true;
        }
        let at = self.held.bytes().len();
        self.keep(&[byte]);
        let Some(found) = self.probe.byte(byte, at) else {
            return false;
        };
        // What came before is a frame; what was found is the head of the next.
        self.held.truncate(found.from);
        self.at = At::Counted { left: found.left };
        self.probe.pending = Some(found);
        // Nothing but the head: there is no frame before it.
        if self.held.bytes().is_empty() {
            self.empty();
            return false;
        }
        true
    }

    /// Holds bytes of a frame, as many as there is room for.
    fn keep(&mut self, bytes: &[u8]) {
        // What is cut stays cut: no hole in the middle of a text.
        if self.flags.has(flag::TRUNCATED) {
            return;
        }
        let room = self.bytes_max.saturating_sub(self.held.bytes().len());
        let len = room.min(bytes.len());
        let kept = bytes.get(..len).unwrap_or_default();
        let over = Code::BodyTooLarge;
        let done = self.held.push(kept, self.bytes_max, over, &mut self.charge);
        if done.is_err() || len < bytes.len() {
            self.flags.set(flag::TRUNCATED);
        }
    }

    fn give(&mut self) -> Frame<'_> {
        self.given = true;
        let flags = std::mem::take(&mut self.flags);
        let bytes = self.held.bytes();
        Frame { bytes, flags }
    }

    /// Makes room for the next frame; the head that was found for it is put first.
    fn empty(&mut self) {
        let pending = self.probe.pending.take();
        if self.given || pending.is_some() {
            self.given = false;
            self.held.truncate(0);
            if self.charge.bytes() > RETAINED_BYTES_MAX {
                self.held = Buffer::new();
                self.charge.release();
            }
        }
        if let Some(found) = pending {
            self.flags = Flags::default();
            self.keep(found.head.bytes());
        }
    }
}

/// Takes the first `len` bytes off the input.
fn taken<'a>(input: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (head, rest) = input.split_at_checked(len).unwrap_or((input, &[]));
    *input = rest;
    head
}

/// The number of `123 `, where it may be a count.
fn number(text: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(text.trim_ascii()).ok()?;
    let count = digits.parse().ok()?;
    (count <= COUNTED_BYTES_MAX).then_some(count)
}

/// Looks for `123 <45>` byte by byte.
#[derive(Default)]
struct Probe {
    /// Digits of the count so far, its value, and where in the held bytes it begins.
    digits: usize,
    count: usize,
    from: usize,
    /// What follows the digits: a blank, `<`, digits.
    head: Head,
    step: Step,
    /// What was found, until the frame before it is given.
    pending: Option<Found>,
}

#[derive(Default)]
enum Step {
    #[default]
    Digits,
    Blank,
    Open,
}

/// The head of a counted frame.
struct Found {
    /// Where its count begins in the held bytes.
    from: usize,
    /// Bytes of the frame after its head.
    left: usize,
    head: Head,
}

/// `<`, up to three digits and `>`.
#[derive(Clone, Copy, Default)]
struct Head {
    bytes: [u8; 5],
    len: usize,
}

impl Head {
    fn push(&mut self, byte: u8) -> bool {
        let slot = self.bytes.get_mut(self.len);
        slot.map(|slot| *slot = byte).is_some() && {
            self.len += 1;
            true
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Probe {
    /// Takes a byte, which is held at `at`.
    fn byte(&mut self, byte: u8, at: usize) -> Option<Found> {
        match (&self.step, byte) {
            (Step::Digits, b'0'..=b'9') => {
                if self.digits == 0 && byte == b'0' {
                    return None;
                }
                if self.digits == 0 {
                    (self.from, self.count) = (at, 0);
                }
                self.digits += 1;
                let digit = usize::from(byte - b'0');
                self.count = self.count.saturating_mul(10).saturating_add(digit);
            }
            (Step::Digits, b' ') if self.digits > 0 && self.count <= COUNTED_BYTES_MAX => {
                self.step = Step::Blank;
            }
            (Step::Blank, b'<') => {
                self.step = Step::Open;
                self.head = Head::default();
                self.head.push(byte);
            }
            (Step::Open, b'0'..=b'9') if self.head.len < 4 => {
                self.head.push(byte);
            }
            (Step::Open, b'>') if self.head.len > 1 && self.count > self.head.len => {
                self.head.push(byte);
                let found = Found {
                    from: self.from,
                    left: self.count - self.head.len,
                    head: self.head,
                };
                *self = Self::default();
                return Some(found);
            }
            _ => {
                *self = Self::default();
                if byte.is_ascii_digit() {
                    return self.byte(byte, at);
                }
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
