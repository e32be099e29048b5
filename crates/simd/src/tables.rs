//! Classes as products of nibbles: a byte is in class `k` if bit `k` is set in the entry of its
//! low nibble and in the entry of its high nibble. Bytes of 0x80 and above are in none.

/// Entries by low and by high nibble.
pub(crate) struct Nibbles {
    pub(crate) low: [u8; 16],
    pub(crate) high: [u8; 16],
}

pub(crate) const DIGIT: u8 = 1;
/// Letters from `A` to `O`, both cases.
const LETTER_FIRST: u8 = 1 << 1;
/// Letters from `P` to `Z`, both cases.
const LETTER_LAST: u8 = 1 << 2;
pub(crate) const LETTER: u8 = LETTER_FIRST | LETTER_LAST;
pub(crate) const WORD: u8 = DIGIT | LETTER;
/// The bit of a letter that is set in lower case.
#[cfg(target_arch = "x86_64")]
pub(crate) const LOWER_BIT: u8 = 0x20;
pub(crate) const SEPARATOR: u8 = 1 << 3;
pub(crate) const GROUPING: u8 = 1 << 4;
pub(crate) const JOINT: u8 = 1 << 5;
pub(crate) const QUOTE: u8 = 1 << 6;
pub(crate) const SIGIL: u8 = 1 << 7;

pub(crate) const AT: u8 = 1;
pub(crate) const BACKSLASH: u8 = 1 << 1;
pub(crate) const UNDER: u8 = 1 << 2;
pub(crate) const MARK: u8 = 1 << 3;
pub(crate) const OPENING: u8 = 1 << 4;
pub(crate) const BRACKET: u8 = 1 << 5;
const ESCAPE: u8 = 1 << 6;
const NUL: u8 = 1 << 7;
pub(crate) const CONTROL: u8 = ESCAPE | NUL;

/// One class: its bit, and the nibbles whose product it is, as sets of bits.
type Class = (u8, u16, u16);

const fn set(nibbles: &[u8]) -> u16 {
    let mut out = 0;
    let mut rest = nibbles;
    while let [first, tail @ ..] = rest {
        out |= 1 << *first;
        rest = tail;
    }
    out
}

const fn nibbles(classes: &[Class]) -> Nibbles {
    let mut out = Nibbles {
        low: [0; 16],
        high: [0; 16],
    };
    let mut rest = classes;
    while let [(bit, low, high), tail @ ..] = rest {
        out.low = marked(out.low, *bit, *low);
        out.high = marked(out.high, *bit, *high);
        rest = tail;
    }
    out
}

const fn marked(mut table: [u8; 16], bit: u8, nibbles: u16) -> [u8; 16] {
    let mut rest: &mut [u8] = &mut table;
    let mut left = nibbles;
    while let [entry, tail @ ..] = rest {
        if left & 1 == 1 {
            *entry |= bit;
        }
        left >>= 1;
        rest = tail;
    }
    table
}

/// Words, numbers, what parts and joins them.
pub(crate) const FIRST: Nibbles = nibbles(&[
    (DIGIT, 0x03ff, set(&[3])),
    (LETTER_FIRST, 0xfffe, set(&[4, 6])),
    (LETTER_LAST, 0x07ff, set(&[5, 7])),
    (SEPARATOR, set(&[0xa, 0xd]), set(&[3])),
    (GROUPING, set(&[0, 0xd, 0xe, 0xf]), set(&[2])),
    (JOINT, set(&[0xb, 0xd, 0xe, 0xf]), set(&[2])),
    (QUOTE, set(&[2, 7]), set(&[2])),
    (SIGIL, set(&[4, 5, 6]), set(&[2])),
]);

/// Signs that lead to something.
pub(crate) const SECOND: Nibbles = nibbles(&[
    (AT, set(&[0]), set(&[4])),
    (BACKSLASH, set(&[0xc]), set(&[5])),
    (UNDER, set(&[0xf]), set(&[5])),
    (MARK, set(&[0xb, 0xc, 0xf]), set(&[3])),
    (OPENING, set(&[8, 0xb]), set(&[2])),
    (BRACKET, set(&[0xb]), set(&[5, 7])),
    (ESCAPE, set(&[0xb]), set(&[1])),
    (NUL, set(&[0]), set(&[0])),
]);

/// The classes of one byte.
pub(crate) fn classes(table: &Nibbles, b: u8) -> u8 {
    let entry = |table: &[u8; 16], nibble: u8| table.get(usize::from(nibble)).copied();
    let (low, high) = (entry(&table.low, b & 15), entry(&table.high, b >> 4));
    low.unwrap_or(0) & high.unwrap_or(0)
}
