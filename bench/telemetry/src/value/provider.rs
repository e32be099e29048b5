//! Tokens of providers, by their documented forms.

use super::Value;
use super::provider_table::{PROVIDERS, Provider};
use crate::draw::{ALNUM, Draw};
use crate::noise::expand;

/// The token of any provider in the table.
pub(crate) fn provider_token(draw: &mut Draw) -> Value {
    let provider = draw.row(PROVIDERS);
    of(draw, provider)
}

/// The token of one provider.
pub(crate) fn of(draw: &mut Draw, provider: &'static Provider) -> Value {
    let text = if provider.checksum {
        with_checksum(draw, provider.form)
    } else {
        expand(draw, provider.form)
    };
    let value = Value::secret(&format!("provider_token:{}", provider.name), text).told(
        provider.keys,
        &["token", "using token", "key", "with", "credential:"],
    );
    if provider.is_bare {
        value.bare()
    } else {
        value
    }
}

/// GitHub's and npm's tokens: 30 characters, then CRC-32 of them in base 62, six digits.
fn with_checksum(draw: &mut Draw, prefix: &str) -> String {
    let random = draw.string(ALNUM, 30);
    let mut crc = crc32(random.as_bytes());
    let digits: Vec<char> = ALNUM.chars().collect();
    let mut check = Vec::new();
    for _ in 0..6 {
        check.push(digits.get(crc as usize % 62).copied().unwrap_or('0'));
        crc /= 62;
    }
    let check: String = check.iter().rev().collect();
    format!("{prefix}{random}{check}")
}

/// CRC-32 of ISO 3309, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn there_are_120_providers_with_whole_forms() {
        let names: BTreeSet<&str> = PROVIDERS.iter().map(|p| p.name).collect();
        assert!(names.len() >= 120, "{}", names.len());
        for provider in PROVIDERS {
            let value = of(&mut Draw::new(1, 1), provider);
            assert!(
                !value.text.contains(['{', '}']),
                "{}: {}",
                provider.name,
                value.text
            );
            assert!(value.text.len() >= 15, "{}: {}", provider.name, value.text);
        }
    }
}
