//! The classes that bytes of a message are of: what ends a token, and what may vary in one.

pub(crate) const SPACE: u8 = 1;
/// Ends any token, as white space does.
pub(crate) const BREAK: u8 = 2;
pub(crate) const DIGIT: u8 = 4;
/// What paths are written with.
pub(crate) const SLASH: u8 = 8;
pub(crate) const AT: u8 = 16;
pub(crate) const UNDERSCORE: u8 = 32;
pub(crate) const DOT: u8 = 64;
/// Ends a part of a token.
pub(crate) const NARROW: u8 = 128;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    reason = "a table that is made when compiling, where an index out of it does not compile"
)]
const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => SPACE,
            b',' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'`' | b'|'
            | b'<' | b'>' | b'=' => BREAK,
            b'0'..=b'9' => DIGIT,
            b'/' | b'\\' | b'~' => SLASH | NARROW,
            b'@' => AT | NARROW,
            b'_' => UNDERSCORE,
            b'.' => DOT,
            b':' | b'#' | b'&' | b'+' | b'-' | b'*' | b'%' | b'$' | b'!' | b'?' | b'^' => NARROW,
            _ => 0,
        };
        b += 1;
    }
    table
}

/// The class of a byte.
#[inline]
pub(crate) fn class(b: u8) -> u8 {
    CLASSES.get(usize::from(b)).copied().unwrap_or(0)
}

/// Whether a byte ends any token.
pub(crate) fn ends_token(b: u8) -> bool {
    class(b) & (SPACE | BREAK) != 0
}

/// Whether a byte ends a part of a token.
pub(crate) fn ends_part(b: u8) -> bool {
    class(b) & (SPACE | BREAK | NARROW) != 0
}
