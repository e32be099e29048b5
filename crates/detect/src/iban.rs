//! International bank account numbers, by country, length and checksum.

use crate::bytes::{alnum, at, digit, opens};
use crate::{Finding, TokenKind};

/// Countries of the IBAN registry and their lengths.
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NL", 18),
    (b"NO", 15),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SC", 31),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
];

/// Whether a country of the registry has these letters, case ignored.
pub(crate) fn is_country(letters: [u8; 2]) -> bool {
    let upper = letters.map(|b| b.to_ascii_uppercase());
    IBAN_LENGTHS.iter().any(|(country, _)| **country == upper)
}

/// An IBAN at `i`: country, length and remainder 1 modulo 97 (ISO 13616).
pub(crate) fn iban(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let country = [
        at(bytes, i).to_ascii_uppercase(),
        at(bytes, i + 1).to_ascii_uppercase(),
    ];
    if !digit(at(bytes, i + 2)) || !digit(at(bytes, i + 3)) || !opens(bytes, i) {
        return None;
    }
    let (_, length) = IBAN_LENGTHS.iter().find(|(c, _)| **c == country)?;
    let mut code = Vec::with_capacity(34);
    let mut end = i;
    while code.len() < *length {
        let b = at(bytes, end);
        if alnum(b) {
            code.push(b.to_ascii_uppercase());
        } else if !(matches!(b, b' ' | b'-') && alnum(at(bytes, end + 1))) {
            return None;
        }
        end += 1;
    }
    let rest = code.iter().cycle().skip(4).take(code.len());
    let remainder = rest.fold(0_u32, |r, b| {
        if digit(*b) {
            (r * 10 + u32::from(b - b'0')) % 97
        } else {
            (r * 100 + u32::from(b - b'A') + 10) % 97
        }
    });
    let bound = !alnum(at(bytes, end));
    (remainder == 1 && bound).then(|| Finding::personal("iban", TokenKind::Iban, i, end))
}
