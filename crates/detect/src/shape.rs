//! The shape of a line: its bytes, with its numbers left open.
//!
//! Most lines of a log are written by a few statements, and differ in their numbers alone. What a
//! screen decides by letters and by which bytes are digits, it decides alike for every line of a
//! shape; where the digits themselves count, it is asked again ([`Looks`]).
//!
//! A number is left open unless it may be part of a word or of an escape: `sha256`, `2fa`,
//! `%20`. That of a mailbox, before its `@`, is open, too. A number of at most
//! [`SHORT_DIGITS_MAX`] digits, with no other number near it, stands for those of every such
//! length; of any other the length is part of the shape.
//!
//! *Limits:* a line of at most [`SHAPE_BYTES_MAX`] bytes has a shape.

#![expect(
    clippy::inline_always,
    reason = "what runs for every block must be compiled with the features of its caller"
)]

use cordon_simd::{
    BLOCK_BYTES, Beside, FIGURE_BLOCKS, Figure, FigureMasks, Figures, Fold, Lanes, MARKS, Plane,
    fold,
};
use zeroize::Zeroizing;

use crate::bytes::{at, before};

/// Longest line in bytes, its line break included, that has a shape.
pub const SHAPE_BYTES_MAX: usize = 2_048;
/// Most digits of a number whose length is left open.
pub(crate) const SHORT_DIGITS_MAX: usize = 5;
/// A digit that is left open, a number whose length is, and a hex digit of an identifier.
const DIGIT: u8 = MARKS[0];
const NUMBER: u8 = MARKS[1];
const HEX: u8 = MARKS[2];
/// What a number is made longer with.
const FILLING: u8 = b'7';
/// Bytes of a text that are read at once, so that all of it stays in the nearest cache; more than
/// the longest line that has a shape.
const READ_BYTES: usize = FIGURE_BLOCKS * BLOCK_BYTES;
/// Hex digits in a row, a letter among them, that are an identifier and no word.
pub(crate) const HEX_BYTES_MIN: usize = 8;
/// Bytes of an identifier of 36 bytes (RFC 9562, section 4), and which of them are dashes.
const UUID_BYTES: usize = 36;
const UUID_DASHES: u64 = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23;

/// The shapes of the lines of a text. Kept and used again, its memory serves the next text. It is
/// wiped, as what it holds of lines besides their numbers is raw.
#[derive(Default)]
pub struct Shapes {
    told: Option<Box<Told>>,
    folds: Vec<Fold>,
    /// Ends of lines in what was read, and room for two more.
    ends: Vec<u32>,
    lines_count: usize,
    /// The shapes' bytes, and behind them what other lines left.
    room: Zeroizing<Vec<u8>>,
    /// Where in the text was begun, and where was ended.
    start: usize,
    end: usize,
}

/// What is known of the bytes that were read.
struct Told {
    figures: Figures,
    /// Beginnings of hex digits in a row that are as long as an identifier.
    long: [Plane; 1],
    /// Beginnings of numbers that are part of a word, and of those whose length is left open.
    numbers: [Plane; 2],
}

impl Default for Told {
    fn default() -> Self {
        let none = [0; FIGURE_BLOCKS + 2];
        Self {
            figures: Figures::default(),
            long: [none],
            numbers: [none; 2],
        }
    }
}

/// The shape of one line.
#[derive(Clone, Copy)]
pub struct Shape<'s> {
    bytes: &'s [u8],
    folds: &'s [Fold],
    /// Where the line begins in what was read.
    start: usize,
}

impl Shapes {
    /// Reads lines of a text from `start` on, where one begins: as many as are read at once.
    /// Returns where they end.
    pub fn read(&mut self, text: &[u8], start: usize) -> usize {
        let rest = text.get(start..).unwrap_or(&[]);
        let within = rest.get(..READ_BYTES).unwrap_or(rest);
        let lines = if within.len() < READ_BYTES {
            within.len()
        } else {
            memchr::memrchr(b'\n', within).map_or(0, |n| n + 1)
        };
        if lines == 0 {
            // One that is too long for a shape.
            let whole = memchr::memchr(b'\n', rest).map_or(rest.len(), |n| n + 1);
            self.lines_count = 0;
            (self.start, self.end) = (start, start + whole);
            return self.end;
        }
        let lines = rest.get(..lines).unwrap_or(rest);
        let mut told = self.told.take().unwrap_or_default();
        told.read(lines);
        self.settle(&told);
        self.told = Some(told);
        let length = fold(lines, &mut self.folds, &mut self.room);
        // What is behind the last block begins where the copy ends.
        self.folds.push(Fold {
            start: length as u32,
            ..Fold::default()
        });
        (self.start, self.end) = (start, start + lines.len());
        self.end
    }

    /// The shape of a line by itself.
    pub fn of(&mut self, line: &[u8]) -> Option<Shape<'_>> {
        self.read(line, 0);
        self.lines().next().and_then(|(_, shape)| shape)
    }

    /// The lines that were read last, by where they begin and end in the text, and their shapes;
    /// one that is too long has none.
    #[inline]
    pub fn lines(&self) -> impl Iterator<Item = ((usize, usize), Option<Shape<'_>>)> {
        let all = self.end - self.start;
        let ends = self.ends.get(..self.lines_count).unwrap_or(&[]);
        let ends = ends.iter().map(|end| *end as usize);
        let rest = (self.lines_count == 0 || ends.clone().next_back() != Some(all)).then_some(all);
        let (mut start, mut from) = (0, 0);
        ends.chain(rest).map(move |end| {
            let to = self.in_copy(end);
            let shape = (end - start <= SHAPE_BYTES_MAX).then(|| Shape {
                bytes: self.room.get(from..to).unwrap_or(&[]),
                folds: &self.folds,
                start,
            });
            let line = (self.start + start, self.start + end);
            (start, from) = (end, to);
            (line, shape)
        })
    }

    /// Where in the copy byte `i` of what was read is.
    #[inline]
    fn in_copy(&self, i: usize) -> usize {
        let (n, bit) = (i / BLOCK_BYTES, i % BLOCK_BYTES);
        let Some(fold) = self.folds.get(n) else {
            return i;
        };
        let before = fold.left_out & ((1 << bit) - 1);
        fold.start as usize + bit - before.count_ones() as usize
    }

    /// Adds the ends of lines in a block. Two are written whether or not there are so many: how
    /// many there are cannot be foreseen by the processor.
    #[inline]
    fn add_ends(&mut self, block: usize, mut newlines: u64) {
        let base = (block * BLOCK_BYTES) as u32 + 1;
        let more = self.ends.get_mut(self.lines_count..).unwrap_or(&mut []);
        for (slot, n) in more.iter_mut().zip(0..) {
            *slot = base + newlines.trailing_zeros();
            self.lines_count += usize::from(newlines != 0);
            newlines &= newlines.wrapping_sub(1);
            if n > 0 && newlines == 0 {
                break;
            }
        }
    }

    /// Says of each number what becomes of it.
    fn settle(&mut self, told: &Told) {
        self.folds.clear();
        self.lines_count = 0;
        self.ends.resize(READ_BYTES + 2, 0);
        let (mut words, mut numbers) = (false, false);
        let [worded, open] = &told.numbers;
        let each = (0..told.figures.blocks()).zip(worded.iter().zip(open).skip(1));
        for (n, (worded, open)) in each {
            let here: Figure = told.figures.of(n + 1);
            let digit = digit(&here);
            let words = spread(digit, *worded, &mut words);
            let numbers = spread(digit, *open, &mut numbers);
            self.folds.push(Fold {
                marked: [digit & !(words | numbers), *open, here.id & !here.dash],
                left_out: numbers & !open,
                start: 0,
            });
            self.add_ends(n, here.newline);
        }
    }
}

impl Told {
    /// Tells what the bytes of some lines are.
    fn read(&mut self, lines: &[u8]) {
        self.figures.read(lines);
        self.figures.tell(&Long, &mut self.long);
        let [long] = &self.long;
        for n in 0..self.figures.blocks() {
            let mut starts = long.get(n + 1).copied().unwrap_or(0);
            while starts != 0 {
                let i = n * BLOCK_BYTES + starts.trailing_zeros() as usize;
                mark_id(&mut self.figures, i);
                starts &= starts - 1;
            }
        }
        self.figures.tell(&Numbers, &mut self.numbers);
    }
}

/// Digits that are part of no identifier in hex.
#[inline(always)]
fn digit<L: Lanes>(b: &Figure<L>) -> L {
    b.digit & !b.id
}

/// Beginnings of [`HEX_BYTES_MIN`] hex digits in a row.
struct Long;

impl FigureMasks<1> for Long {
    #[inline(always)]
    fn masks<L: Lanes>(&self, v: &Beside<Figure<L>>) -> [L; 1] {
        let mut run = v.both(hexes);
        for n in 0..HEX_BYTES_MIN.ilog2() {
            run = run & run.down(1 << n);
        }
        [run.here & !v.behind(hexes, 1)]
    }
}

/// Numbers that are part of a word, and those whose length is left open.
struct Numbers;

impl FigureMasks<2> for Numbers {
    #[inline(always)]
    fn masks<L: Lanes>(&self, v: &Beside<Figure<L>>) -> [L; 2] {
        let numeric = |b: &Figure<L>| digit(b) | b.id;
        let newline = |b: &Figure<L>| b.newline;
        let starts = digit(&v.here) & !v.behind(digit, 1);
        // The `T` of a time parts two numbers.
        let times = starts & v.behind(|b| b.tee, 1) & v.behind(|b| b.digit, 2);
        let single = v.ahead(|b| b.letter, 1) & !v.ahead(digit, 1);
        let digits = v.both(digit);
        let ends = digits & !digits.down(1);
        // The name of a mailbox ends in a number as that of another does.
        let mut mailbox = ends & v.both(|b| b.at).down(1);
        for _ in 1..SHORT_DIGITS_MAX {
            mailbox = mailbox | mailbox.down(1) & digits;
        }
        let lettered = v.behind(|b| b.letter, 1) & !mailbox.here | v.behind(|b| b.escape, 1);
        let worded = starts & !times & (lettered | single);

        let long = digits & digits.down(1);
        let long = long & long.down(2);
        let long = (long & digits.down(4) & digits.down(5)).here;
        let line = v.behind(newline, 1);
        let before =
            v.behind(numeric, 2) & !line | v.behind(numeric, 3) & !(line | v.behind(newline, 2));
        let open = starts & !(worded | times | long | before | v.behind(|b| b.plus, 1));

        // Another one behind it stands near, in the same line.
        let (numeric, line) = (v.both(numeric), v.both(newline));
        let apart = line.down(1);
        let near = numeric.down(2) & !apart | numeric.down(3) & !(apart | line.down(2));
        let mut followed = ends & near;
        for _ in 1..SHORT_DIGITS_MAX {
            followed = followed | followed.down(1) & digits;
        }
        [worded, open & !followed.here]
    }
}

/// The whole numbers that begin at some places. What is carried says whether one of them goes on
/// from the bytes before, and is made to say whether one goes on behind.
fn spread(digits: u64, starts: u64, carried: &mut bool) -> u64 {
    let (sum, over) = digits.overflowing_add(starts);
    let (sum, more) = sum.overflowing_add(u64::from(*carried));
    *carried = over || more;
    // A one that is added at its beginning runs through a number.
    digits & !sum
}

#[inline(always)]
fn hexes<L: Lanes>(b: &Figure<L>) -> L {
    b.digit | b.hex
}

/// Marks the identifier in hex that begins at `i`, where it is one: digits from `0` to `f` in a
/// row, at least 8, with a digit and a letter among them, or groups of them that dashes join; a
/// part of no word.
fn mark_id(figures: &mut Figures, i: usize) {
    let word = |b: &Figure| b.digit | b.letter | b.dash | b.under;
    if i > 0 && figures.from(i - 1, word) & 1 == 1 {
        return;
    }
    let mut end = i;
    let grouped = (1 << UUID_BYTES) - 1;
    if figures.from(i, |b| b.dash) & grouped == UUID_DASHES
        && figures.from(i, hexes) & grouped == grouped & !UUID_DASHES
    {
        end += UUID_BYTES;
    } else {
        while figures.from(end, hexes) == u64::MAX {
            end += BLOCK_BYTES;
        }
        end += figures.from(end, hexes).trailing_ones() as usize;
    }
    let (mut digit, mut letters) = (false, 0);
    for part in (i..end).step_by(BLOCK_BYTES) {
        let own = u64::MAX >> (BLOCK_BYTES - (end - part).min(BLOCK_BYTES));
        digit |= figures.from(part, |b| b.digit) & own != 0;
        letters += (figures.from(part, |b| b.hex) & own).count_ones();
    }
    // One letter alone may be an exponent's.
    if !(digit && letters >= 2) || figures.from(end, word) & 1 == 1 {
        return;
    }
    for n in i / BLOCK_BYTES..=(end - 1) / BLOCK_BYTES {
        let first = u64::MAX << i.saturating_sub(n * BLOCK_BYTES);
        let last = u64::MAX >> (BLOCK_BYTES - (end - n * BLOCK_BYTES).min(BLOCK_BYTES));
        if let Some(slot) = figures.ids().get_mut(n + 1) {
            *slot |= first & last;
        }
    }
}

/// A line of a shape, and for each of its bytes the place in the shape.
pub type Spelled = (Zeroizing<String>, Vec<u32>);

/// What lines of a shape may have where one has a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// That byte.
    No,
    /// Any digit.
    Digit,
    /// Any digit, and any number of them.
    Number,
    /// Any hex digit of lower case.
    Hex,
}

impl Open {
    /// Whether another line of the shape may have the byte.
    pub(crate) fn may_be(self, b: u8) -> bool {
        match self {
            Self::No => false,
            Self::Digit | Self::Number => b.is_ascii_digit(),
            Self::Hex => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        }
    }
}

impl<'s> Shape<'s> {
    /// What lines of the shape have in common.
    #[inline]
    pub fn bytes(&self) -> &'s [u8] {
        self.bytes
    }

    /// A hash of these bytes.
    #[inline]
    pub fn hash(&self) -> u64 {
        hash(self.bytes)
    }

    /// Where in the line the byte at `place` of the shape is.
    pub fn in_line(&self, place: usize) -> usize {
        let (mut i, mut there) = (self.start, self.start + place);
        while i <= there {
            let (n, bit) = (i / BLOCK_BYTES, i % BLOCK_BYTES);
            let left_out = self.folds.get(n).map_or(0, |fold| fold.left_out) >> bit;
            if left_out == 0 {
                i = (n + 1) * BLOCK_BYTES;
                continue;
            }
            let first = i + left_out.trailing_zeros() as usize;
            if first > there {
                break;
            }
            let count = (left_out >> left_out.trailing_zeros()).trailing_ones() as usize;
            (i, there) = (first + count, there + count);
        }
        there - self.start
    }

    /// Beginnings of the identifiers in hex, and of their groups.
    pub(crate) fn ids(&self) -> impl Iterator<Item = usize> {
        (0..self.bytes.len()).filter(|place| self.is_id(*place))
    }

    /// Whether an identifier in hex, or a group of one, begins at `place`.
    pub(crate) fn is_id(&self, place: usize) -> bool {
        at(self.bytes, place) == HEX && before(self.bytes, place) != HEX
    }

    /// What lines of the shape may have at `place`.
    pub(crate) fn is_open(&self, place: usize) -> Open {
        match at(self.bytes, place) {
            DIGIT => Open::Digit,
            NUMBER => Open::Number,
            HEX => Open::Hex,
            _ => Open::No,
        }
    }

    /// The line that was read, with the numbers whose length is open of every length: what is so in
    /// each of these is so in every line of the shape. None where `line` is not of this shape.
    /// With each, the place in the shape of each of its bytes.
    pub fn spellings(&self, line: &str) -> Option<Vec<Spelled>> {
        let lengths = 1..=SHORT_DIGITS_MAX;
        lengths.map(|digits| self.spelled(line, digits)).collect()
    }

    /// The line that was read, with every number whose length is open as long as `digits`; and
    /// for each of its bytes the place in the shape. None where `line` is not of this shape: an
    /// empty text would pass for a clean one.
    pub(crate) fn spelled(&self, line: &str, digits: usize) -> Option<Spelled> {
        let bytes = line.as_bytes();
        let mut out = Vec::with_capacity(line.len() * SHORT_DIGITS_MAX);
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

/// Sixteen bytes at a time, each multiplied by itself so that none waits for the one before.
#[inline]
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
    let mut short = [0; 16];
    // The last sixteen bytes, some of which may be in the part before.
    let last = bytes.last_chunk().unwrap_or_else(|| {
        short.iter_mut().zip(tail).for_each(|(slot, b)| *slot = *b);
        &short
    });
    let parts = parts.iter().chain(std::iter::once(last));
    let hash = parts.fold(bytes.len() as u64, |hash, part| {
        hash.rotate_left(23) ^ folded(part)
    });
    hash ^ hash >> 32
}

/// Where in the lines of a shape it has to be asked again whether they are clean.
pub struct Looks(pub(crate) Box<[(u32, crate::screen::Again)]>);

/// Where something may be found in the lines of a shape, and what has to be asked again of each.
pub struct Sites {
    /// Places that letters settle.
    pub(crate) always: Box<[u32]>,
    pub(crate) again: Looks,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(line: &str) -> String {
        let mut shapes = Shapes::default();
        let shape = shapes.of(line.as_bytes()).unwrap();
        let spelled = |b: &u8| match *b {
            DIGIT => '9',
            NUMBER => 'N',
            HEX => 'x',
            b => char::from(b),
        };
        shape.bytes().iter().map(spelled).collect()
    }

    #[test]
    fn numbers_are_open_and_those_of_words_are_not() {
        for (line, expected) in [
            ("took 12 ms, 3 rows", "took N ms, N rows"),
            ("2026-03-01T10:17:10.123Z ok", "9999-99-99T99:99:99.999Z ok"),
            ("sha256 2fa %20 &#39; v1", "sha256 2fa %20 &#39; v1"),
            ("12ms +49 123456 10.25", "Nms +99 999999 99.99"),
            ("a=1\nb", "a=N\n"),
            ("to ann17@x.org, b2.c@d", "to annN@x.org, b2.c@d"),
            ("%4017@x a@b7 c7 @d", "%4017@x a@b7 c7 @d"),
            ("id 4bf92f3577b34da6 x", "id xxxxxxxxxxxxxxxx x"),
            ("4bf92f3577b34da6_7 added", "4bf92f3577b34da6_9 added"),
            (
                "0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f",
                "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            ),
        ] {
            assert_eq!(shape(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_has_no_shape() {
        let mut shapes = Shapes::default();
        for length in [SHAPE_BYTES_MAX, SHAPE_BYTES_MAX + 1, 2 * READ_BYTES] {
            let text = format!("{}\nx 1\n", "a".repeat(length - 1));
            let (mut start, mut told) = (0, Vec::new());
            while start < text.len() {
                start = shapes.read(text.as_bytes(), start);
                told.extend(shapes.lines().map(|(line, shape)| (line, shape.is_some())));
            }
            let end = length + 4;
            let expected = [
                ((0, length), length <= SHAPE_BYTES_MAX),
                ((length, end), true),
            ];
            assert_eq!(told, expected);
        }
    }

    fn line() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "1",
            "23",
            "4567",
            "12345",
            "123456",
            "a",
            "T",
            "e",
            "xyz",
            " ",
            "  ",
            "-",
            "+",
            "%",
            "_",
            ".",
            ":",
            "deadbeef",
            "4bf92f3577b34da6",
            "0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f",
            "2026-03-01T10:17:10Z",
            "some words of a line",
            "ä",
        ]);
        prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat() + "\n")
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// What is learned of a line by itself holds wherever the line stands.
        #[test]
        fn the_shape_of_a_line_is_its_own(lines in prop::collection::vec(line(), 1..40)) {
            let text = lines.concat();
            let (mut shapes, mut alone) = (Shapes::default(), Shapes::default());
            let (mut start, mut read) = (0, 0);
            while start < text.len() {
                start = shapes.read(text.as_bytes(), start);
                for ((from, to), shape) in shapes.lines() {
                    let line = &text.as_bytes()[from..to];
                    let (Some(shape), Some(own)) = (shape, alone.of(line)) else {
                        prop_assert!(line.len() > SHAPE_BYTES_MAX);
                        continue;
                    };
                    prop_assert_eq!(shape.bytes(), own.bytes());
                    prop_assert_eq!(shape.hash(), own.hash());
                    for (place, b) in shape.bytes().iter().enumerate() {
                        let there = shape.in_line(place);
                        prop_assert_eq!(there, own.in_line(place));
                        let fits = *b == line[there] || shape.is_open(place).may_be(line[there]);
                        prop_assert!(fits);
                    }
                    read += to - from;
                }
            }
            prop_assert_eq!(read, text.len());
        }
    }
}
