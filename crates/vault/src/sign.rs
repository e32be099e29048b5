//! Ed25519 signatures over audit checkpoints.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::Error;
use crate::secret::Secret;

/// An Ed25519 public key (RFC 8032).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

/// The signing key, ready.
pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    pub(crate) fn new(seed: &Secret) -> Result<Self, Error> {
        Ed25519KeyPair::from_seed_unchecked(seed.bytes())
            .map(Self)
            .map_err(|_| Error::Cipher)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(
            self.0
                .public_key()
                .as_ref()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        )
    }
}

/// Whether `signature` over `message` was made with the key that `public` belongs to.
pub fn verify(public: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public.0)
        .verify(message, signature)
        .is_ok()
}
