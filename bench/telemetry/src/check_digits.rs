//! Check digits of public numbering schemes, computed from their descriptions.
//!
//! Written for this half alone: nothing here is shared with the detector or the other half.

/// Digits of a text, others left out.
pub(crate) fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// Digits as text.
pub(crate) fn text(digits: &[u32]) -> String {
    digits
        .iter()
        .filter_map(|digit| char::from_digit(*digit, 36))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Sum of digits times weights, to the shorter of both.
pub(crate) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// The digit that makes a number pass the Luhn test (ISO/IEC 7812-1, annex B).
pub(crate) fn luhn(digits: &[u32]) -> u32 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| match (n % 2, digit * 2) {
            (0, twice) => twice / 10 + twice % 10,
            _ => *digit,
        })
        .sum();
    (10 - sum % 10) % 10
}

/// A number in text, letters as 10 to 35, modulo `of`.
pub(crate) fn modulo(text: &str, of: u32) -> u32 {
    text.chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, value| {
            let by = if value > 9 { 100 } else { 10 };
            (rest * by + value) % of
        })
}

/// ISO/IEC 7064 MOD 11,10 (German tax number, Croatian OIB).
pub(crate) fn mod_11_10(digits: &[u32]) -> u32 {
    let rest = digits.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum } * 2) % 11
    });
    (11 - rest) % 10
}

/// Multiplication in the dihedral group of ten elements, which Verhoeff's scheme is built on.
fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// Verhoeff's check digit (used by Aadhaar).
pub(crate) fn verhoeff(digits: &[u32]) -> u32 {
    const TURN: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let turned = |digit: u32, times: usize| {
        (0..times % 8).fold(digit, |d, _| TURN.get(d as usize).copied().unwrap_or(0))
    };
    let state = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |state, (n, digit)| {
            dihedral(state, turned(*digit, n + 1))
        });
    (0..10)
        .find(|digit| dihedral(state, *digit) == 0)
        .unwrap_or(0)
}

/// CRC-32 as in IEEE 802.3, which ends some providers' tokens.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

/// Base 62 with digits first, then capitals, then small letters, to six places.
pub(crate) fn base62(mut number: u32) -> String {
    const OF: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = Vec::new();
    for _ in 0..6 {
        out.push(OF.get((number % 62) as usize).copied().unwrap_or(b'0'));
        number /= 62;
    }
    out.iter().rev().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_hold() {
        assert_eq!(luhn(&digits("7992739871")), 3, "the usual worked example");
        assert_eq!(
            verhoeff(&digits("236")),
            3,
            "the worked example of the scheme"
        );
        assert_eq!(
            mod_11_10(&digits("8609574271")),
            9,
            "example of the tax office"
        );
        assert_eq!(modulo("WEST12345698765432GB00", 97), 98 - 82);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(base62(61), "00000z");
    }
}
