//! The MAC for pseudonyms under the page's key: HMAC-SHA256 (RFC 2104), a key for each kind.
//!
//! *Why not the vault's:* its cryptography is C and assembly, and does not come to a page. Why the
//! page may hold a key: decision 0014.

use cordon_redact::PseudonymMac;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Error;

/// Length of the key in bytes.
pub const KEY_BYTES: usize = 32;
/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;
/// What separates keys of pseudonyms from whatever else may derive from the page's key.
const LABEL: &[u8] = b"cordon/page/pseudonym/v1";

/// The page's key; wiped when it is dropped.
pub(crate) struct PageMac(Zeroizing<[u8; KEY_BYTES]>);

impl PageMac {
    /// Takes the key: [`KEY_BYTES`] bytes that the host drew or was given.
    pub(crate) fn new(key: &[u8]) -> Result<Self, Error> {
        let key = key.try_into().map_err(|_| Error::Key)?;
        Ok(Self(Zeroizing::new(key)))
    }
}

impl PseudonymMac for PageMac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let own = Zeroizing::new(hmac(&*self.0, &[LABEL, b"\0", kind.as_bytes()]));
        hmac(&*own, &[canonical])
    }
}

/// HMAC-SHA256 of the parts in a row, under a key of at most a block.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let padded = |pad: u8| {
        let mut block = Zeroizing::new([pad; BLOCK_BYTES]);
        for (b, k) in block.iter_mut().zip(key) {
            *b ^= k;
        }
        Sha256::new().chain_update(*block)
    };
    let mut inner = padded(0x36);
    for part in parts {
        inner.update(part);
    }
    padded(0x5c)
        .chain_update(inner.finalize())
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_4231_come_out() {
        for (key, text, want) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            let (head, tail) = text.split_at(3);
            assert_eq!(HEXLOWER.encode(&hmac(key, &[head, tail])), want);
        }
    }

    #[test]
    fn kinds_and_keys_do_not_join() {
        let one = PageMac::new(&[1; KEY_BYTES]).unwrap();
        let other = PageMac::new(&[2; KEY_BYTES]).unwrap();
        assert_eq!(one.mac("email", b"a"), one.mac("email", b"a"));
        assert_ne!(one.mac("email", b"a"), one.mac("user", b"a"));
        assert_ne!(one.mac("email", b"a"), other.mac("email", b"a"));
        assert!(PageMac::new(&[1; KEY_BYTES - 1]).is_err());
    }
}
