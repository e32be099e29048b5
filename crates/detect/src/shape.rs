//! The shape of a line: its bytes, with its numbers left open.
//!
//! Most lines of a log are written by a few statements, and differ in their numbers alone. What a
//! screen decides by letters and by which bytes are digits, it decides alike for every line of a
//! shape; where the digits themselves count, it is asked again ([`Looks`]).
//!
//! A number is left open unless it may be part of a word or of an escape: `sha256`, `2fa`,
//! `%20`. One of at most [`SHORT_DIGITS_MAX`] digits, with no other number near it, stands for
//! those of every such length; of any other the length is part of the shape.
//!
//! *Limits:* a line of at most [`SHAPE_BYTES_MAX`] bytes has a shape.

use zeroize::Zeroizing;

use crate::bytes::{at, before};

/// Longest line in bytes, its line break included, that has a shape.
pub const SHAPE_BYTES_MAX: usize = 2_048;
/// Most digits of a number whose length is left open.
pub(crate) const SHORT_DIGITS_MAX: usize = 5;
/// Bytes without a digit on either side of such a number.
const APART_BYTES: usize = 3;
/// A digit that is left open, a number whose length is, and a hex digit: bytes that stand in no
/// text.
const DIGIT: u8 = 0xff;
const NUMBER: u8 = 0xfe;
const HEX: u8 = 0xfd;
/// What a number is made longer with.
const FILLING: u8 = b'7';
/// A date and a time of day, `2026-11-21T10:17:10`, and which of its bytes are digits.
const STAMP_BYTES: usize = 19;
const STAMP_DIGITS: u64 = 0b110_1101_1011_0110_1111;
/// Bytes that are copied at once.
const COPIED_BYTES: usize = 32;
/// Hex digits in a row, one of them a letter, that are an identifier and no word.
const HEX_BYTES_MIN: usize = 8;
/// Places of the dashes in an identifier of 36 bytes (RFC 9562, section 4).
const UUID_BYTES: usize = 36;
const UUID_DASHES: [usize; 4] = [8, 13, 18, 23];

/// The shape of one line. Kept and used again, its memory serves the next line. It is wiped, as
/// what it holds of a line besides its numbers is raw.
#[derive(Default)]
pub struct Shape {
    /// The shape's bytes, and behind them what another line left.
    room: Zeroizing<Vec<u8>>,
    length: usize,
    digits: Digits,
    /// For each number whose length is open: its place in the shape, and how much further on in
    /// the line is what stands behind it.
    shifts: Vec<(u32, i32)>,
    hash: u64,
}

impl Shape {
    /// Reads the line of a text from `start` to `end`; false where it has no shape.
    pub fn read(&mut self, text: &[u8], start: usize, end: usize) -> bool {
        self.shifts.clear();
        self.length = 0;
        if end - start > SHAPE_BYTES_MAX {
            return false;
        }
        self.room.resize(SHAPE_BYTES_MAX + 2 * COPIED_BYTES, 0);
        let line = text.get(..end).unwrap_or(text);
        self.digits.mark(line.get(start..).unwrap_or(&[]));
        let (mut copied, mut last_end, mut i) = (start, start, start);
        while let Some((first, count, near)) = self.digits.run(i - start) {
            let stamp = self.digits.from(first) & ((1 << STAMP_BYTES) - 1) == STAMP_DIGITS;
            let first = start + first;
            if stamp && (first == start || !is_part(before(line, first), 4, b'-')) {
                self.copy(text, copied, first + STAMP_BYTES);
                self.open_stamp();
                (copied, last_end, i) = (
                    first + STAMP_BYTES,
                    first + STAMP_BYTES,
                    first + STAMP_BYTES,
                );
                continue;
            }
            let behind = first + count;
            i = behind;
            let (prior, next) = (
                if first == start {
                    0
                } else {
                    before(line, first)
                },
                at(line, behind),
            );
            if let Some((from, to)) = hex_around(line, (first, behind), copied) {
                self.copy(text, copied, from);
                self.id(line.get(from..to).unwrap_or(&[]));
                (copied, last_end, i) = (to, to, to);
                continue;
            }
            let apart = !near && (last_end == start || first - last_end >= APART_BYTES);
            last_end = behind;
            // The `T` of a time parts two numbers.
            let time =
                prior == b'T' && first > start + 1 && before(line, first - 1).is_ascii_digit();
            if !time && is_part(prior, count, next) {
                continue;
            }
            self.copy(text, copied, first);
            copied = behind;
            if apart && !time && count <= SHORT_DIGITS_MAX && prior != b'+' {
                let place = self.length;
                self.fill(NUMBER, 1);
                self.shifts
                    .push((place as u32, (behind - start) as i32 - place as i32 - 1));
            } else {
                self.fill(DIGIT, count);
            }
        }
        self.copy(text, copied, end);
        self.hash = hash(self.bytes());
        true
    }

    /// Adds bytes of the text. As many as fit into one register are copied at once, so that more
    /// may be written than are added.
    fn copy(&mut self, text: &[u8], mut from: usize, to: usize) {
        let mut place = self.length;
        self.length += to - from;
        while from < to {
            let Some(part) = text
                .get(from..)
                .and_then(|rest| rest.first_chunk::<COPIED_BYTES>())
            else {
                let rest = text.get(from..to).unwrap_or(&[]);
                if let Some(room) = self.room.get_mut(place..place + rest.len()) {
                    room.copy_from_slice(rest);
                }
                return;
            };
            let room = self.room.get_mut(place..);
            if let Some(room) = room.and_then(|room| room.first_chunk_mut::<COPIED_BYTES>()) {
                *room = *part;
            }
            (from, place) = (from + COPIED_BYTES, place + COPIED_BYTES);
        }
    }

    /// Leaves the digits of the time open that was added last.
    fn open_stamp(&mut self) {
        let place = self.length - STAMP_BYTES;
        let added = self.room.get_mut(place..).unwrap_or(&mut []);
        for (n, b) in added.iter_mut().take(STAMP_BYTES).enumerate() {
            *b |= if STAMP_DIGITS >> n & 1 == 1 { DIGIT } else { 0 };
        }
    }

    /// Adds so many of one byte.
    fn fill(&mut self, byte: u8, count: usize) {
        let mut place = self.length;
        self.length += count;
        while place < self.length {
            let room = self.room.get_mut(place..);
            if let Some(room) = room.and_then(|room| room.first_chunk_mut::<COPIED_BYTES>()) {
                *room = [byte; COPIED_BYTES];
            }
            place += COPIED_BYTES;
        }
    }

    /// Adds an identifier in hex.
    fn id(&mut self, id: &[u8]) {
        let groups = id.split(|b| *b == b'-');
        for (n, group) in groups.enumerate() {
            if n > 0 {
                self.fill(b'-', 1);
            }
            self.fill(HEX, group.len());
        }
    }

    /// What lines of the shape have in common.
    pub fn bytes(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or(&[])
    }

    /// A hash of these bytes.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Where in the line the byte at `place` of the shape is.
    pub(crate) fn in_line(&self, place: usize) -> usize {
        let earlier = self.shifts.iter().rev();
        let mut shift = earlier.skip_while(|(number, _)| *number as usize >= place);
        let shift = shift.next().map_or(0, |(_, shift)| *shift);
        place.saturating_add_signed(shift as isize)
    }

    /// Beginnings of the identifiers in hex, and of their groups.
    pub(crate) fn ids(&self) -> impl Iterator<Item = usize> {
        let before = std::iter::once(&0).chain(self.bytes());
        let pairs = before.zip(self.bytes()).enumerate();
        let begins = |(_, (prior, b)): &(usize, (&u8, &u8))| **b == HEX && **prior != HEX;
        pairs.filter(begins).map(|(place, _)| place)
    }

    /// The line that was read, with the numbers whose length is open of every length: what is so in
    /// each of these is so in every line of the shape. None where `line` is not of this shape.
    pub fn spellings(&self, line: &str) -> Option<Vec<Zeroizing<String>>> {
        let lengths = 1..=SHORT_DIGITS_MAX;
        lengths
            .map(|digits| Some(self.spelled(line, digits)?.0))
            .collect()
    }

    /// The line that was read, with every number whose length is open as long as `digits`; and
    /// for each of its bytes the place in the shape. None where `line` is not of this shape: an
    /// empty text would pass for a clean one.
    pub(crate) fn spelled(
        &self,
        line: &str,
        digits: usize,
    ) -> Option<(Zeroizing<String>, Vec<u32>)> {
        let bytes = line.as_bytes();
        let mut out = Vec::with_capacity(line.len() + self.shifts.len() * SHORT_DIGITS_MAX);
        let mut places = Vec::with_capacity(out.capacity());
        for (place, b) in self.bytes().iter().enumerate() {
            let i = self.in_line(place);
            let count = if *b == NUMBER { digits } else { 1 };
            for n in 0..count {
                let own = at(bytes, i + n);
                let kept = own.is_ascii_digit() || *b != NUMBER;
                out.push(if kept { own } else { FILLING });
                places.push(place as u32);
            }
        }
        // Numbers alone were changed: it is text as the line was.
        let text = String::from_utf8(out).ok()?;
        Some((Zeroizing::new(text), places))
    }
}

/// Whether so many digits are part of a word or of an escape.
fn is_part(prior: u8, count: usize, next: u8) -> bool {
    prior.is_ascii_alphabetic()
        || matches!(prior, b'%' | b'\\' | b'&' | b'#')
        || count == 1 && next.is_ascii_alphabetic()
}

/// The identifier in hex around a number, not before `from`: hex digits in a row with a letter
/// among them, or groups of them that dashes join.
fn hex_around(line: &[u8], (first, behind): (usize, usize), from: usize) -> Option<(usize, usize)> {
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let (mut start, mut end) = (first, behind);
    while start > from && hex(before(line, start)) {
        start -= 1;
    }
    let dash = |n: &usize| at(line, start + n) == b'-';
    if UUID_DASHES.iter().all(dash) {
        let id = line.get(start..start + UUID_BYTES)?;
        let grouped = |(n, b): (usize, &u8)| {
            if UUID_DASHES.contains(&n) {
                *b == b'-'
            } else {
                hex(*b)
            }
        };
        let bound = !word(before(line, start)) && !word(at(line, start + UUID_BYTES));
        return (bound && id.iter().enumerate().all(grouped))
            .then_some((start, start + UUID_BYTES));
    }
    if start == first && !hex(at(line, end)) {
        return None;
    }
    while hex(at(line, end)) {
        end += 1;
    }
    let bound = !word(before(line, start)) && !word(at(line, end));
    (bound && end - start >= HEX_BYTES_MIN).then_some((start, end))
}

/// Which bytes of a line are digits, a bit for each.
#[derive(Default)]
struct Digits {
    words: Vec<u64>,
    bytes: usize,
}

impl Digits {
    fn mark(&mut self, line: &[u8]) {
        self.words.clear();
        self.bytes = line.len();
        let (parts, tail) = line.as_chunks::<64>();
        self.words.extend(parts.iter().map(digits_of));
        let mut last = [0; 64];
        last.iter_mut().zip(tail).for_each(|(slot, b)| *slot = *b);
        self.words.extend([digits_of(&last), 0, 0]);
    }

    /// The 64 bits from `i` on.
    fn from(&self, i: usize) -> u64 {
        let word = |n: usize| self.words.get(n).copied().unwrap_or(0);
        let (n, bit) = (i / 64, i % 64);
        word(n) >> bit | (word(n + 1) << 1) << (63 - bit)
    }

    /// The first number from `i` on, its length, and whether another one follows near.
    fn run(&self, mut i: usize) -> Option<(usize, usize, bool)> {
        let mut ahead = self.from(i);
        while ahead == 0 {
            i += 64;
            if i >= self.bytes {
                return None;
            }
            ahead = self.from(i);
        }
        let first = i + ahead.trailing_zeros() as usize;
        let (mut end, mut ahead) = (first, self.from(first));
        while ahead == u64::MAX {
            end += 64;
            ahead = self.from(end);
        }
        end += (!ahead).trailing_zeros() as usize;
        let near = self.from(end) & ((1 << APART_BYTES) - 1) != 0;
        Some((first, end - first, near))
    }
}

fn digits_of(part: &[u8; 64]) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let (words, _) = part.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, word| {
        let word = u64::from_le_bytes(*word);
        let seven = word & (EACH * 0x7f);
        let from_zero = seven + EACH * (0x80 - 0x30);
        let above_nine = seven + EACH * (0x7f - 0x39);
        let digits = (from_zero & !above_nine & !word & (EACH * 0x80)) >> 7;
        // The bit of each byte moves into the highest byte, each to a place of its own.
        mask << 8 | digits.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Sixteen bytes at a time, each multiplied by itself so that none waits for the one before.
fn hash(bytes: &[u8]) -> u64 {
    const ODD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
    let folded = |part: &[u8; 16]| {
        let [low, high] = [
            u128::from_le_bytes(*part) as u64,
            (u128::from_le_bytes(*part) >> 64) as u64,
        ];
        let product = u128::from(low ^ ODD[0]) * u128::from(high ^ ODD[1]);
        product as u64 ^ (product >> 64) as u64
    };
    let (parts, tail) = bytes.as_chunks::<16>();
    let mut last = [0; 16];
    last.iter_mut().zip(tail).for_each(|(slot, b)| *slot = *b);
    let parts = parts.iter().chain(std::iter::once(&last));
    let hash = parts.fold(bytes.len() as u64, |hash, part| {
        hash.rotate_left(23) ^ folded(part)
    });
    hash ^ hash >> 32
}

/// Where in the lines of a shape it has to be asked again whether they are clean.
pub struct Looks(pub(crate) Box<[(u32, crate::screen::Again)]>);
