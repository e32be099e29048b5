//! 32 secret bytes, wiped when dropped, and what may be derived from them.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, entropy};

/// Length of every symmetric key here in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// A symmetric key. Has no `Debug`, no `Clone`, no equality.
pub(crate) struct Secret(Zeroizing<[u8; KEY_BYTES]>);

impl Secret {
    /// Draws a fresh key.
    pub(crate) fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        entropy::fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Takes over key bytes; none when they are not [`KEY_BYTES`].
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut array: [u8; KEY_BYTES] = bytes.try_into().ok()?;
        let secret = Self(Zeroizing::new(array));
        array.zeroize();
        Some(secret)
    }

    /// The bytes, for a cipher or to be wrapped.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// HKDF-SHA256 (RFC 5869) with an empty salt and one block of output.
    ///
    /// *Why by hand:* at exactly one block it cannot fail, so a pseudonym needs no error path. The
    /// library's HKDF is the oracle in the tests.
    pub(crate) fn derive(&self, info: &[&[u8]]) -> Self {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, &[0; KEY_BYTES]);
        let extracted = Self(Zeroizing::new(mac(&salt, self.bytes())));
        let expand = hmac::Key::new(hmac::HMAC_SHA256, extracted.bytes());
        let mut message = fields(info);
        message.push(1);
        Self(Zeroizing::new(mac(&expand, &message)))
    }

    /// First 16 bytes of a derived value: key ids and commitments, which are not secret, and the
    /// key of the short hash.
    pub(crate) fn public(&self, label: &[u8]) -> [u8; 16] {
        let derived = self.derive(&[label]);
        derived.0.first_chunk().copied().unwrap_or_default()
    }

    /// This key as an HMAC-SHA256 key.
    pub(crate) fn mac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.bytes())
    }
}

/// 32 bytes from the operating system, for bearer tokens and identifiers of ours.
pub fn random_bytes() -> Result<Zeroizing<[u8; 32]>, Error> {
    Secret::random().map(|secret| secret.0)
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
pub fn equal_constant_time(left: &[u8], right: &[u8]) -> bool {
    verify_slices_are_equal(left, right).is_ok()
}

/// HMAC-SHA256 as an array.
pub(crate) fn mac(key: &hmac::Key, message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(key, message);
    tag.as_ref().first_chunk().copied().unwrap_or_default()
}

/// Fields, each with its length before it, so that no two lists have the same encoding.
pub(crate) fn fields(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hkdf;

    use super::*;

    #[test]
    fn derives_as_the_library_does() {
        let secret = Secret::from_slice(&[7; 32]).unwrap();
        let info = fields(&[b"label", b"kind"]);
        let mut expected = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(&[7; 32])
            .expand(&[&info], hkdf::HKDF_SHA256)
            .unwrap()
            .fill(&mut expected)
            .unwrap();
        assert_eq!(secret.derive(&[b"label", b"kind"]).bytes(), expected);
    }

    #[test]
    fn fields_cannot_slide_into_each_other() {
        assert_ne!(fields(&[b"ab", b"c"]), fields(&[b"a", b"bc"]));
        assert_ne!(fields(&[b"ab"]), fields(&[b"ab", b""]));
    }

    #[test]
    fn refuses_other_lengths() {
        assert!(Secret::from_slice(&[0; 31]).is_none());
        assert!(Secret::from_slice(&[0; 33]).is_none());
    }
}
