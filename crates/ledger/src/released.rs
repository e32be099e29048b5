//! What may leave: clean content with a receipt for exactly that content.

use cordon_redact::Clean;
use sha2::{Digest, Sha256};

use crate::Error;

/// SHA-256 of content that is to be released.
pub type ContentDigest = [u8; 32];

/// Digest of content, as a receipt binds it.
pub fn digest_of(content: &[u8]) -> ContentDigest {
    Sha256::digest(content).into()
}

/// Proof that a durable, checkpointed audit entry exists for one piece of content.
///
/// Made by the ledger alone, used once:
///
/// ```compile_fail,E0451
/// let forged = cordon_ledger::AuditReceipt { seq: 1, digest: [0; 32] };
/// ```
/// ```compile_fail,E0624
/// let forged = cordon_ledger::AuditReceipt::new(1, [0; 32]);
/// ```
/// ```compile_fail,E0599
/// fn twice(receipt: cordon_ledger::AuditReceipt) {
///     let copy = receipt.clone();
/// }
/// ```
/// ```compile_fail,E0382
/// use cordon_ledger::{AuditReceipt, Released};
/// use cordon_redact::Clean;
/// fn twice(receipt: AuditReceipt, answer: Clean<String>) {
///     let first = Released::new(answer.clone(), receipt);
///     let second = Released::new(answer, receipt);
/// }
/// ```
#[must_use = "without its receipt nothing may be released"]
pub struct AuditReceipt {
    seq: u64,
    digest: ContentDigest,
}

impl AuditReceipt {
    pub(crate) fn new(seq: u64, digest: ContentDigest) -> Self {
        Self { seq, digest }
    }

    /// Number of the entry in the log.
    pub fn seq(&self) -> u64 {
        self.seq
    }
}

/// Content that may leave through a socket, to a terminal or into a file for the user.
///
/// It cannot be made without a receipt, nor from anything that is not clean:
///
/// ```compile_fail,E0423
/// let forged = cordon_ledger::Released("answer".to_owned(), 1);
/// ```
/// ```compile_fail,E0624
/// let clean = cordon_redact::Clean::of_static("answer");
/// let released = cordon_ledger::Released::of_stream(clean, 1);
/// ```
/// ```compile_fail,E0061
/// let clean = cordon_redact::Clean::of_static("answer");
/// let released = cordon_ledger::Released::new(clean);
/// ```
/// ```compile_fail,E0308
/// fn raw(text: String, receipt: cordon_ledger::AuditReceipt) {
///     let released = cordon_ledger::Released::new(text, receipt);
/// }
/// ```
pub struct Released<T>(T, u64);

impl<T: AsRef<[u8]>> Released<T> {
    /// Releases clean content under its receipt; [`Error::DigestMismatch`] when the receipt is for
    /// other content. The receipt is used up either way.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the receipt is what uses it once"
    )]
    pub fn new(content: Clean<T>, receipt: AuditReceipt) -> Result<Self, Error> {
        if digest_of(content.get().as_ref()) != receipt.digest {
            return Err(Error::DigestMismatch);
        }
        Ok(Self(content.into_inner(), receipt.seq))
    }
}

impl<T> Released<T> {
    pub(crate) fn of_stream(content: Clean<T>, intent_seq: u64) -> Self {
        Self(content.into_inner(), intent_seq)
    }

    /// The content.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The content by value, to be written out.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Number of the audit entry that it was released under; of a stream, its intent.
    pub fn seq(&self) -> u64 {
        self.1
    }
}
