//! Keyed operations as opaque traits: the core never holds key bytes.
//!
//! *Invariant:* outside of tests `vault` alone implements these, and `wasm` a MAC for a page whose
//! key is its own (held by `cargo xtask tidy`).

use cordon_event::{EventId, Raw, SealedRaw, TenantId};
use thiserror::Error;

/// A keyed MAC for pseudonyms of one tenant.
pub trait PseudonymMac: Sync {
    /// HMAC-SHA256 of `canonical` under the tenant's key for `kind` (`"user"`, `"card"`, …).
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32];

    /// A short keyed hash of `candidate`, for a first look into a set whose members are then
    /// compared by their MAC. Cheaper than a MAC where the keys are at hand.
    fn hint(&self, candidate: &[u8]) -> u64 {
        let tag = self.mac("known_hint", candidate);
        u64::from_be_bytes(tag.first_chunk().copied().unwrap_or_default())
    }

    /// Whether two MACs are equal, in a time that does not depend on where they differ.
    fn is_same_tag(&self, left: &[u8; 32], right: &[u8; 32]) -> bool {
        let pairs = left.iter().zip(right);
        std::hint::black_box(pairs.fold(0, |all, (l, r)| all | (l ^ r))) == 0
    }
}

/// Seals plaintext under a key that the sealer holds.
pub trait Sealer {
    /// Authenticated encryption; `context` is bound as associated data.
    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// Opens what the matching [`Sealer`] sealed.
pub trait Opener {
    /// Authenticated decryption under the same `context`.
    fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError>;
}

/// Seals raw events that are held back to people who are elsewhere: what it gave cannot be opened
/// here. It draws its own randomness, and no two sealings of one event are alike.
pub trait RawSealer: Send + Sync {
    /// Seals the bytes of an event that was received then; `context` is bound as associated data.
    fn seal_raw(
        &self,
        context: &[u8],
        received_unix_s: u64,
        raw: &Raw<Vec<u8>>,
    ) -> Result<SealedRaw, SealError>;
}

/// What the sealing of a raw event is bound to: it is opened as that event of that tenant.
pub fn raw_context(tenant: &TenantId, id: EventId) -> Vec<u8> {
    let mut context = b"cordon.quarantine.raw.v1\0".to_vec();
    context.extend_from_slice(tenant.as_str().as_bytes());
    context.push(0);
    context.extend_from_slice(&id.0);
    context
}

/// Sealing failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key is not available.
    #[error("seal: key {0} is not available")]
    Key(String),
    /// The key's use is exhausted (nonce counter).
    #[error("seal: key is exhausted")]
    Exhausted,
}

/// Opening failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The key is not available: unknown, expired or destroyed.
    #[error("open: key {0} is not available")]
    Key(String),
    /// The ciphertext, its context or its key is not the one that was sealed.
    #[error("open: does not authenticate")]
    Forged,
}
