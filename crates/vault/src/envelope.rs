//! The one format for small sealed things: records, wrapped keys, values of the token map.
//!
//! `"CDRN" | version 1 | algorithm 1 | key id 16 | commitment 16 | nonce 12 | ciphertext | tag 16`
//!
//! *Invariants:* the header and every field of the context are associated data. The key id finds
//! the key without trial decryption. The commitment (derived from the key) is checked before
//! decryption, since GCM-SIV alone lets one ciphertext open under two keys.
//!
//! *Why GCM-SIV:* nonces are random here, and a repeated one must not be a disaster (RFC 8452).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

use crate::secret::{Secret, fields};
use crate::{Error, entropy};

const MAGIC: [u8; 4] = *b"CDRN";
const VERSION: u8 = 1;
const ALGORITHM_GCM_SIV: u8 = 1;
const TAG_BYTES: usize = 16;

/// A key ready to seal and open.
pub(crate) struct Envelope {
    header: Vec<u8>,
    id: [u8; 16],
    key: LessSafeKey,
}

impl Envelope {
    /// Splits a key into its id, its commitment and its cipher.
    pub(crate) fn new(secret: &Secret) -> Result<Self, Error> {
        let id = secret.public(b"cordon/id/v1");
        let commitment = secret.public(b"cordon/commit/v1");
        let cipher = secret.derive(&[b"cordon/gcm-siv/v1"]);
        let key = UnboundKey::new(&AES_256_GCM_SIV, cipher.bytes()).map_err(|_| Error::Cipher)?;
        let header = [
            &MAGIC,
            [VERSION, ALGORITHM_GCM_SIV].as_slice(),
            &id,
            &commitment,
        ]
        .concat();
        Ok(Self {
            header,
            id,
            key: LessSafeKey::new(key),
        })
    }

    /// Id of the key: not secret.
    pub(crate) fn id(&self) -> [u8; 16] {
        self.id
    }

    /// Seals under the context's fields.
    pub(crate) fn seal(&self, context: &[&[u8]], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        entropy::fill(&mut nonce)?;
        let aad = Aad::from(self.associated(context));
        let mut body = Vec::from(plain);
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut body)
            .map_err(|_| Error::Cipher)?;
        Ok([self.header.as_slice(), &nonce, &body].concat())
    }

    /// Opens what [`Envelope::seal`] sealed under the same context.
    pub(crate) fn open(
        &self,
        context: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let split = sealed.split_at_checked(self.header.len());
        let (header, rest) = split.ok_or(Error::Forged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Error::Forged)?;
        self.check_header(header)?;
        let mut body = Zeroizing::new(body.to_vec());
        let aad = Aad::from(self.associated(context));
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.key
            .open_in_place(nonce, aad, &mut body)
            .map_err(|_| Error::Forged)?;
        let len = body.len().saturating_sub(TAG_BYTES);
        body.truncate(len);
        Ok(body)
    }

    fn check_header(&self, header: &[u8]) -> Result<(), Error> {
        if verify_slices_are_equal(header, &self.header).is_ok() {
            return Ok(());
        }
        let same =
            |range: std::ops::Range<usize>| header.get(range.clone()) == self.header.get(range);
        let known = same(0..6);
        if known && !same(6..22) {
            Err(Error::OtherKey)
        } else {
            Err(Error::Forged)
        }
    }

    fn associated(&self, context: &[&[u8]]) -> Vec<u8> {
        [self.header.as_slice(), &fields(context)].concat()
    }
}

/// Wraps a key.
pub(crate) fn wrap(parent: &Envelope, context: &[&[u8]], key: &Secret) -> Result<Vec<u8>, Error> {
    parent.seal(context, key.bytes())
}

/// Unwraps what [`wrap`] wrapped.
pub(crate) fn unwrap(
    parent: &Envelope,
    context: &[&[u8]],
    wrapped: &[u8],
) -> Result<Secret, Error> {
    let bytes = parent.open(context, wrapped)?;
    Secret::from_slice(&bytes).ok_or(Error::Forged)
}
