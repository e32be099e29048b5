//! Segment keys: a fresh AES-256-GCM key for each tenant in each segment, with counter nonces.
//!
//! A frame is `counter 8 | ciphertext | tag 16`. The blob for the segment's header is
//! `"CDSG" | version 1 | day 4 | segment id 16 | commitment 16 | wrapped key`.
//!
//! *Invariants:* a key seals in one [`SegmentSealer`] alone and the counter starts at zero: what
//! is reopened gets a [`SegmentOpener`], which cannot seal, so no nonce is used twice, whatever
//! crashes. The key is wrapped by the day's key of the tenant's journal domain, so destroying
//! that key destroys the segment.
//!
//! *Limits:* [`FRAMES_COUNT_MAX`] frames a key.
//!
//! Order, absence and repetition of whole frames are the journal's to detect: it passes the frame's
//! place as context.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use cordon_redact::{OpenError, Opener, SealError, Sealer};

use crate::Error;
use crate::envelope::{unwrap, wrap};
use crate::record::{DataKey, Place};
use crate::secret::{Secret, fields};

/// Frames that one segment key may seal (NIST SP 800-38D allows 2^32 invocations a key).
pub const FRAMES_COUNT_MAX: u64 = 1 << 32;

const MAGIC: [u8; 4] = *b"CDSG";
const VERSION: u8 = 1;
const HEAD: [u8; 5] = [MAGIC[0], MAGIC[1], MAGIC[2], MAGIC[3], VERSION];
const TAG_BYTES: usize = 16;
const WRAP_LABEL: &[u8] = b"cordon/segment-key/v1";
const FRAME_LABEL: &[u8] = b"cordon/frame/v1";

struct SegmentKey {
    place: Place,
    id: [u8; 16],
    key: LessSafeKey,
}

impl SegmentKey {
    fn new(place: Place, secret: &Secret) -> Result<Self, Error> {
        let id = secret.public(b"cordon/id/v1");
        let cipher = secret.derive(&[b"cordon/gcm/v1"]);
        let key = UnboundKey::new(&AES_256_GCM, cipher.bytes()).map_err(|_| Error::Cipher)?;
        Ok(Self {
            place,
            id,
            key: LessSafeKey::new(key),
        })
    }

    fn associated(&self, counter: u64, context: &[u8]) -> Vec<u8> {
        let own = fields(&[&self.id, &counter.to_be_bytes(), context]);
        self.place.bind(FRAME_LABEL, &own, fields)
    }
}

fn nonce(counter: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    for (to, from) in bytes
        .iter_mut()
        .skip(NONCE_LEN - 8)
        .zip(counter.to_be_bytes())
    {
        *to = from;
    }
    Nonce::assume_unique_for_key(bytes)
}

/// Seals the frames of one tenant in one segment. Not `Clone`: there is one counter a key.
///
/// ```compile_fail,E0599
/// fn twice(sealer: cordon_vault::SegmentSealer) {
///     let copy = sealer.clone();
/// }
/// ```
pub struct SegmentSealer {
    key: SegmentKey,
    next: AtomicU64,
}

/// Opens the frames of one tenant in one segment. Clones share the key.
#[derive(Clone)]
pub struct SegmentOpener(Arc<SegmentKey>);

/// A fresh key under the day's key, and its wrapped form for the segment's header.
pub(crate) fn fresh(day: &DataKey) -> Result<(SegmentSealer, Vec<u8>), Error> {
    let secret = Secret::random()?;
    let key = SegmentKey::new(day.place.clone(), &secret)?;
    let commitment = secret.public(b"cordon/commit/v1");
    let public = [key.id, commitment].concat();
    let wrapped = day
        .place
        .bind(WRAP_LABEL, &public, |aad| wrap(&day.envelope, aad, &secret))?;
    let day = day.place.day.to_be_bytes();
    let blob = [HEAD.as_slice(), &day, &public, &wrapped].concat();
    Ok((
        SegmentSealer {
            key,
            next: AtomicU64::new(0),
        },
        blob,
    ))
}

/// The day that a wrapped segment key belongs to, before it is authenticated.
pub(crate) fn day_of(blob: &[u8]) -> Result<u32, Error> {
    let rest = blob.strip_prefix(&HEAD).ok_or(Error::Forged)?;
    rest.first_chunk()
        .map(|day| u32::from_be_bytes(*day))
        .ok_or(Error::Forged)
}

/// Opens a wrapped segment key under its day's key.
pub(crate) fn reopen(day: &DataKey, blob: &[u8]) -> Result<SegmentOpener, Error> {
    let rest = blob.get(HEAD.len() + 4..).ok_or(Error::Forged)?;
    let (public, wrapped) = rest.split_at_checked(32).ok_or(Error::Forged)?;
    let secret = day.place.bind(WRAP_LABEL, public, |aad| {
        unwrap(&day.envelope, aad, wrapped)
    })?;
    let commitment = secret.public(b"cordon/commit/v1");
    let key = SegmentKey::new(day.place.clone(), &secret)?;
    verify_slices_are_equal(&[key.id, commitment].concat(), public).map_err(|_| Error::Forged)?;
    Ok(SegmentOpener(Arc::new(key)))
}

impl Sealer for SegmentSealer {
    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let counter = self.next.fetch_add(1, Ordering::Relaxed);
        if counter >= FRAMES_COUNT_MAX {
            return Err(SealError::Exhausted);
        }
        let aad = Aad::from(self.key.associated(counter, context));
        let mut body = Vec::from(plain);
        self.key
            .key
            .seal_in_place_append_tag(nonce(counter), aad, &mut body)
            .map_err(|_| SealError::Exhausted)?;
        Ok([counter.to_be_bytes().as_slice(), &body].concat())
    }
}

impl Opener for SegmentOpener {
    fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (counter, body) = sealed.split_first_chunk::<8>().ok_or(OpenError::Forged)?;
        let counter = u64::from_be_bytes(*counter);
        let aad = Aad::from(self.0.associated(counter, context));
        let mut body = body.to_vec();
        let opened = self.0.key.open_in_place(nonce(counter), aad, &mut body);
        opened.map_err(|_| OpenError::Forged)?;
        body.truncate(body.len().saturating_sub(TAG_BYTES));
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Domain;
    use crate::envelope::Envelope;

    fn place() -> Place {
        Place {
            region: "eu".to_owned(),
            tenant: "acme".to_owned(),
            domain: Domain::Journal,
            day: 1,
        }
    }

    #[test]
    fn a_frame_is_bound_to_its_place_beside_its_key() {
        let secret = Secret::random().unwrap();
        let key = |place| SegmentKey::new(place, &secret).unwrap();
        let sealer = SegmentSealer {
            key: key(place()),
            next: AtomicU64::new(0),
        };
        let frame = sealer.seal(b"frame 1", b"batch").unwrap();
        let opens = |place| SegmentOpener(Arc::new(key(place))).open(b"frame 1", &frame);
        assert_eq!(opens(place()).unwrap(), b"batch");
        let (region, tenant) = ("us".to_owned(), "beta".to_owned());
        for other in [
            Place { region, ..place() },
            Place { tenant, ..place() },
            Place {
                domain: Domain::Events,
                ..place()
            },
            Place { day: 2, ..place() },
        ] {
            assert!(matches!(opens(other), Err(OpenError::Forged)));
        }
    }

    #[test]
    fn a_key_refuses_to_seal_past_its_last_frame() {
        let place = place();
        let envelope = Envelope::new(&Secret::random().unwrap()).unwrap();
        let (sealer, _) = fresh(&DataKey { place, envelope }).unwrap();
        sealer.next.store(FRAMES_COUNT_MAX - 1, Ordering::Relaxed);
        assert!(sealer.seal(b"", b"last").is_ok());
        for _ in 0..2 {
            assert!(matches!(
                sealer.seal(b"", b"one more"),
                Err(SealError::Exhausted)
            ));
        }
    }
}
