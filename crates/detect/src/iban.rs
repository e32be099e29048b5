//! International bank account numbers, by country, structure and checksum.

use crate::bytes::{alnum, at, digit, opens};
use crate::{Finding, TokenKind};

/// Countries of the IBAN registry (SWIFT, ISO 13616) and what follows the check digits: `n` digits,
/// `a` letters, `c` either, each with its count.
#[rustfmt::skip]
const COUNTRIES: &[(&[u8; 2], &str)] = &[
    (b"AD", "n8c12"), (b"AE", "n19"), (b"AL", "n8c16"), (b"AT", "n16"), (b"AZ", "a4c20"),
    (b"BA", "n16"), (b"BE", "n12"), (b"BG", "a4n6c8"), (b"BH", "a4c14"), (b"BI", "n23"),
    (b"BR", "n23a1c1"), (b"BY", "c4n4c16"), (b"CH", "n5c12"), (b"CR", "n18"), (b"CY", "n8c16"),
    (b"CZ", "n20"), (b"DE", "n18"), (b"DJ", "n23"), (b"DK", "n14"), (b"DO", "c4n20"),
    (b"EE", "n16"), (b"EG", "n25"), (b"ES", "n20"), (b"FI", "n14"), (b"FK", "a2n12"),
    (b"FO", "n14"), (b"FR", "n10c11n2"), (b"GB", "a4n14"), (b"GE", "a2n16"), (b"GI", "a4c15"),
    (b"GL", "n14"), (b"GR", "n7c16"), (b"GT", "c4c20"), (b"HN", "a4n20"), (b"HR", "n17"),
    (b"HU", "n24"), (b"IE", "a4n14"), (b"IL", "n19"), (b"IQ", "a4n15"), (b"IS", "n22"),
    (b"IT", "a1n10c12"), (b"JO", "a4n4c18"), (b"KW", "a4c22"), (b"KZ", "n3c13"), (b"LB", "n4c20"),
    (b"LC", "a4c24"), (b"LI", "n5c12"), (b"LT", "n16"), (b"LU", "n3c13"), (b"LV", "a4c13"),
    (b"LY", "n21"), (b"MC", "n10c11n2"), (b"MD", "c2c18"), (b"ME", "n18"), (b"MK", "n3c10n2"),
    (b"MN", "n16"), (b"MR", "n23"), (b"MT", "a4n5c18"), (b"MU", "a4n19a3"), (b"NI", "a4n20"),
    (b"NL", "a4n10"), (b"NO", "n11"), (b"OM", "n3c16"), (b"PK", "a4c16"), (b"PL", "n24"),
    (b"PS", "a4c21"), (b"PT", "n21"), (b"QA", "a4c21"), (b"RO", "a4c16"), (b"RS", "n18"),
    (b"RU", "n14c15"), (b"SA", "n2c18"), (b"SC", "a4n20a3"), (b"SD", "n14"), (b"SE", "n20"),
    (b"SI", "n15"), (b"SK", "n20"), (b"SM", "a1n10c12"), (b"SO", "n19"), (b"ST", "n21"),
    (b"SV", "a4n20"), (b"TL", "n19"), (b"TN", "n20"), (b"TR", "n5c17"), (b"UA", "n6c19"),
    (b"VA", "n18"), (b"VG", "a4n16"), (b"XK", "n16"), (b"YE", "a4n4c18"),
];

/// Whether a country of the registry has these letters, case ignored.
pub(crate) fn is_country(letters: [u8; 2]) -> bool {
    let upper = letters.map(|b| b.to_ascii_uppercase());
    COUNTRIES.iter().any(|(country, _)| **country == upper)
}

/// The remainder modulo 97 with one more character: letters count as 10 to 35.
fn step(rest: u32, b: u8) -> u32 {
    if digit(b) {
        (rest * 10 + u32::from(b - b'0')) % 97
    } else {
        (rest * 100 + u32::from(b.to_ascii_uppercase().wrapping_sub(b'A')) + 10) % 97
    }
}

/// Reads what the structure says from `i` on, in groups that blanks or dashes may part; where it
/// ends and the remainder modulo 97.
fn account(bytes: &[u8], i: usize, structure: &str) -> Option<(usize, u32)> {
    let (mut end, mut rest) = (i, 0);
    for piece in structure
        .split_inclusive(['a', 'n', 'c'])
        .skip(1)
        .zip(kinds(structure))
    {
        let (count, kind) = piece;
        let count: usize = count.trim_end_matches(['a', 'n', 'c']).parse().ok()?;
        for _ in 0..count {
            if matches!(at(bytes, end), b' ' | b'-') {
                end += 1;
            }
            let b = at(bytes, end);
            let fits = match kind {
                b'n' => digit(b),
                b'a' => b.is_ascii_alphabetic(),
                _ => alnum(b),
            };
            if !fits {
                return None;
            }
            rest = step(rest, b);
            end += 1;
        }
    }
    Some((end, rest))
}

/// The kinds of a structure's pieces.
fn kinds(structure: &str) -> impl Iterator<Item = u8> + '_ {
    structure.bytes().filter(u8::is_ascii_lowercase)
}

/// An IBAN at `i`: country, structure and remainder 1 modulo 97 (ISO 13616).
pub(crate) fn iban(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !digit(at(bytes, i + 2)) || !digit(at(bytes, i + 3)) || !opens(bytes, i) {
        return None;
    }
    let country = [
        at(bytes, i).to_ascii_uppercase(),
        at(bytes, i + 1).to_ascii_uppercase(),
    ];
    let place = COUNTRIES
        .binary_search_by(|(known, _)| known.as_slice().cmp(&country))
        .ok()?;
    let (_, structure) = COUNTRIES.get(place)?;
    let (end, rest) = account(bytes, i + 4, structure)?;
    let head = bytes.get(i..i + 4)?;
    let rest = head.iter().fold(rest, |rest, b| step(rest, *b));
    let bound = !alnum(at(bytes, end));
    (rest == 1 && bound).then(|| Finding::personal("iban", TokenKind::Iban, i, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> bool {
        iban(text, 0).is_some_and(|found| found.end == text.len())
    }

    /// Examples of the registry, and each with its last digit changed.
    #[test]
    fn examples_of_the_registry() {
        for text in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NL91ABNA0417164300",
            "ES9121000418450200051332",
            "IT60X0542811101000000123456",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "BR1800360305000010009795493C1",
            "SE4550000000058398257466",
            "CH9300762011623852957",
            "AE070331234567890123456",
            "BE68539007547034",
            "PL61109010140000071219812874",
            "TR330006100519786457841326",
            "LC55HEMM000100010012001200023015",
            "SC18SSCB11010000000000001497USD",
            "UA213223130000026007233566001",
            "KW81CBKU0000000000001234560101",
            "DE89 3704 0044 0532 0130 00",
            "gb29 nwbk 6016 1331 9268 19",
            "de89370400440532013000",
        ] {
            assert!(whole(text), "{text}");
            let mut broken = text.as_bytes().to_vec();
            let place = broken.len() - 6;
            broken[place] = match broken[place] {
                b'0'..=b'8' => broken[place] + 1,
                b'9' => b'0',
                b' ' => b'7',
                other => other ^ 1,
            };
            let broken = String::from_utf8(broken).unwrap();
            assert!(!whole(&broken), "{broken}");
        }
    }

    #[test]
    fn countries_are_in_order_and_no_longer_than_the_standard_allows() {
        assert!(COUNTRIES.is_sorted_by_key(|(country, _)| *country));
        for (_, structure) in COUNTRIES {
            let count: usize = structure
                .split(['a', 'n', 'c'])
                .filter_map(|count| count.parse::<usize>().ok())
                .sum();
            assert!((11..=30).contains(&count), "{structure}");
        }
    }
}
