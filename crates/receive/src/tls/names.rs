//! Names of a certificate that a verifier has already accepted.
//!
//! *Why so little of X.509 here.* The library that verified the chain reads the alternative names;
//! it leaves the subject as bytes, of which one attribute is wanted.

use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use crate::tls::NAMES_COUNT_MAX;

/// `id-at-commonName`, 2.5.4.3, as its content octets.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// UTF8String, PrintableString, IA5String: text that is UTF-8 as it stands.
const TEXTS: [u8; 3] = [0x0c, 0x13, 0x16];

/// URIs and DNS names; common names where there is neither. Where a certificate says by an
/// alternative name whose it is, its subject says nothing (RFC 6125, section 6.4.4; RFC 9525,
/// section 2): an authority may let it be any text.
pub(super) fn of(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok(parsed) = EndEntityCert::try_from(certificate) else {
        return Vec::new();
    };
    let uris = parsed.valid_uri_names().map(str::to_owned);
    let hosts = parsed.valid_dns_names().map(str::to_owned);
    let mut names: Vec<String> = uris.chain(hosts).take(NAMES_COUNT_MAX).collect();
    if names.is_empty() {
        names = common_names(parsed.subject());
        names.truncate(NAMES_COUNT_MAX);
    }
    names
}

/// Common names of a subject: a sequence of sets of pairs of a type and a value (RFC 5280,
/// section 4.1.2.4), without its outer tag.
fn common_names(subject: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for set in Values::of(subject, SET) {
        for pair in Values::of(set, SEQUENCE) {
            let Some((OBJECT_IDENTIFIER, kind, rest)) = value(pair) else {
                continue;
            };
            if let Some((tag, text, [])) = value(rest)
                && kind == COMMON_NAME
                && TEXTS.contains(&tag)
                && let Ok(text) = std::str::from_utf8(text)
            {
                found.push(text.to_owned());
            }
        }
    }
    found
}

/// Values of one tag that follow one another; ends at anything else.
struct Values<'a> {
    rest: &'a [u8],
    tag: u8,
}

impl<'a> Values<'a> {
    fn of(rest: &'a [u8], tag: u8) -> Self {
        Self { rest, tag }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (tag, found, rest) = value(self.rest)?;
        self.rest = rest;
        (tag == self.tag).then_some(found)
    }
}

/// One value of DER: its tag, its content, and what follows. Lengths of up to two bytes.
fn value(text: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = text.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 => {
            let (len, rest) = rest.split_first()?;
            (usize::from(*len), rest)
        }
        0x82 => {
            let (len, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*len)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_subjects_have_no_names() {
        let good = [
            0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x03, b's', b'h', b'p',
        ];
        assert_eq!(common_names(&good), ["shp"]);
        for len in 0..good.len() {
            assert!(common_names(&good[..len]).is_empty(), "{len}");
        }
        for at in 0..good.len() {
            let mut bad = good;
            bad[at] ^= 0x80;
            let _any = common_names(&bad);
        }
    }
}
