//! Typed, keyed pseudonyms.

use std::net::IpAddr;

use cordon_detect::{PSEUDONYM_CHARS, TokenKind, undisguised};
use data_encoding::BASE32_NOPAD;

use crate::PseudonymMac;

/// Bytes of the MAC that a pseudonym shows: 120 bits, 24 characters of base32.
const MAC_BYTES: usize = PSEUDONYM_CHARS * 5 / 8;

/// `<kind>_<base32>` of the value's canonical form under the tenant's key for the kind.
pub(crate) fn pseudonym(mac: &dyn PseudonymMac, kind: TokenKind, value: &str) -> String {
    let tag = mac.mac(kind.as_str(), canonical(kind, value).as_bytes());
    let head = tag.get(..MAC_BYTES).unwrap_or(&tag);
    let mut out = String::with_capacity(kind.as_str().len() + 1 + PSEUDONYM_CHARS);
    BASE32_NOPAD.encode_append(head, &mut out);
    out.make_ascii_lowercase();
    out.insert(0, '_');
    out.insert_str(0, kind.as_str());
    out
}

/// A MAC for tests in which no value of it matters.
#[cfg(test)]
pub(crate) struct ZeroMac;

#[cfg(test)]
impl PseudonymMac for ZeroMac {
    fn mac(&self, _: &str, _: &[u8]) -> [u8; 32] {
        [0; 32]
    }
}

/// One spelling for the spellings of one thing, in plain text and in escapes.
pub(crate) fn canonical(kind: TokenKind, value: &str) -> String {
    let plain = undisguised(value);
    let value = plain.trim();
    match kind {
        TokenKind::Card => value.chars().filter(char::is_ascii_digit).collect(),
        TokenKind::Phone => {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            let national = digits.len() == 10 && !value.starts_with('+');
            if national {
                format!("1{digits}")
            } else {
                digits
            }
        }
        // Some have letters: `AB 12 34 56 C` is not `CD 12 34 56 E`.
        TokenKind::Iban | TokenKind::National | TokenKind::Vehicle | TokenKind::Device => value
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_uppercase(),
        TokenKind::Ip => match value.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => address.to_string(),
            // Of the older addresses there is one spelling.
            Ok(IpAddr::V4(_)) => value.to_owned(),
            Err(_) => value.to_ascii_lowercase(),
        },
        TokenKind::Mac => value.replace('-', ":").to_ascii_lowercase(),
        TokenKind::Person | TokenKind::Address => value
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase(),
        _ => value.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_thing_are_one() {
        for (kind, spellings) in [
            (
                TokenKind::Email,
                &[
                    "ann@example.org",
                    "ANN@Example.org",
                    "ann%40example.org",
                    "&#97;nn&#64;example.org",
                    "\\u0061nn\\u0040example.org",
                    "an\u{200b}n@example.org",
                    "an\u{1b}[1mn\u{1b}[0m@example.org",
                ][..],
            ),
            (
                TokenKind::Card,
                &[
                    "4111111111111111",
                    "4111 1111-1111.1111",
                    "٤١١١١١١١١١١١١١١١",
                ],
            ),
            (TokenKind::Phone, &["+44 20 7946 0958", "%2B442079460958"]),
            (TokenKind::Person, &["Ann Bo", "ann&#32;bo"]),
        ] {
            let wanted = canonical(kind, spellings[0]);
            for spelling in spellings {
                assert_eq!(canonical(kind, spelling), wanted, "{spelling}");
            }
        }
        let other = canonical(TokenKind::Card, "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢");
        assert_eq!(other, "4242424242424242");
    }
}
