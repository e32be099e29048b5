//! The clean side of the wall.

use std::borrow::Cow;

use cordon_event::{Batch, Event, codec, packed};
use thiserror::Error;

use crate::keys::{OpenError, Opener, SealError, Sealer};

/// Data that has been through redaction.
///
/// It is made in three ways, all in this crate:
///
/// - by redaction ([`crate::Redactor`]);
/// - by [`Clean::open`] over an authenticated ciphertext that was sealed as `Clean`;
/// - from other clean data, through functions that cannot capture anything else ([`Clean::project`]
///   takes a function pointer, not a closure).
///
/// ```compile_fail,E0423
/// let forged = cordon_redact::Clean("raw".to_owned());
/// ```
/// ```compile_fail,E0624
/// let forged = cordon_redact::Clean::new("raw".to_owned());
/// ```
/// ```compile_fail,E0277
/// let forged = cordon_redact::Clean::technical("raw".to_owned());
/// ```
/// ```compile_fail,E0308
/// let outside = String::from("raw");
/// let clean = cordon_redact::Clean::of_static("x");
/// let forged = clean.project(|_| outside.clone());
/// ```
/// ```compile_fail,E0308
/// let outside = String::from("raw");
/// let clean = cordon_redact::Clean::of_static("x");
/// let forged = clean.map(|_| outside);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Clean<T>(T);

impl<T> Clean<T> {
    /// The one constructor; private to the crate.
    pub(crate) fn new(data: T) -> Self {
        Self(data)
    }

    /// The data.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The data by value. What is taken out cannot be put back in.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Derives clean data from clean data. The function is a pointer, so that it has nothing else
    /// to derive from.
    pub fn project<U>(&self, derive: fn(&T) -> U) -> Clean<U> {
        Clean(derive(&self.0))
    }

    /// As [`Clean::project`], consuming.
    pub fn map<U>(self, derive: fn(T) -> U) -> Clean<U> {
        Clean(derive(self.0))
    }

    /// Two clean things are a clean pair.
    pub fn pair<U>(self, other: Clean<U>) -> Clean<(T, U)> {
        Clean((self.0, other.0))
    }

    /// Clean things are a clean list.
    pub fn join(items: impl IntoIterator<Item = Clean<T>>) -> Clean<Vec<T>> {
        Clean(items.into_iter().map(|item| item.0).collect())
    }
}

impl<T> Clean<Vec<T>> {
    /// A clean list is clean things.
    pub fn split(self) -> impl Iterator<Item = Clean<T>> {
        self.0.into_iter().map(Clean)
    }
}

impl<T> Clean<Option<T>> {
    /// A clean option is an option of clean.
    pub fn transpose(self) -> Option<Clean<T>> {
        self.0.map(Clean)
    }
}

impl<T: Technical> Clean<T> {
    /// Admits a plain technical value: a number, a time, an identifier of ours.
    pub fn technical(value: T) -> Self {
        Self(value)
    }
}

impl Clean<String> {
    /// Admits text that stands in the program.
    pub fn of_static(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Admits an identifier that is a digest: `fp_`, `tpl_` and at least 16 letters of base32 in
    /// lower case. `None` for any other text.
    pub fn digest_id(text: &str) -> Option<Self> {
        let digest = ["fp_", "tpl_"]
            .into_iter()
            .find_map(|kind| text.strip_prefix(kind))?;
        let fits = (DIGEST_CHARS_MIN..=DIGEST_CHARS_MAX).contains(&digest.len());
        let base32 = digest
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        (fits && base32).then(|| Self(text.to_owned()))
    }
}

const DIGEST_CHARS_MIN: usize = 16;
const DIGEST_CHARS_MAX: usize = 52;

/// Values that cannot carry a payload: numbers, truth values, times, our own identifiers.
///
/// Implemented here alone.
pub trait Technical: sealed::Sealed {}

mod sealed {
    //! Keeps [`super::Technical`] closed.
    pub trait Sealed {}
}

macro_rules! technical {
    ($($t:ty),*) => { $( impl sealed::Sealed for $t {} impl Technical for $t {} )* };
}

technical!(
    (),
    bool,
    u8,
    u16,
    u32,
    u64,
    usize,
    i64,
    f64,
    cordon_event::EventId,
    cordon_event::TraceId,
    cordon_event::SpanId,
    cordon_event::TenantId,
    cordon_event::Region,
    cordon_event::Class
);

impl<A: Technical, B: Technical> sealed::Sealed for (A, B) {}
impl<A: Technical, B: Technical> Technical for (A, B) {}
impl<T: Technical> sealed::Sealed for Option<T> {}
impl<T: Technical> Technical for Option<T> {}
impl<T: Technical> sealed::Sealed for Vec<T> {}
impl<T: Technical> Technical for Vec<T> {}

/// What can be sealed and opened: it has a stored form.
pub trait Stored: Sized {
    /// Writes the stored form.
    fn encode(&self) -> Cow<'_, [u8]>;
    /// Reads it back.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

impl Stored for Event {
    fn encode(&self) -> Cow<'_, [u8]> {
        codec::encode_event(self).into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        codec::decode_event(bytes).ok()
    }
}

impl Stored for Batch {
    fn encode(&self) -> Cow<'_, [u8]> {
        packed::encode_batch(self).into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        packed::decode_batch(bytes).ok()
    }
}

/// Something that was encoded before.
impl Stored for Vec<u8> {
    fn encode(&self) -> Cow<'_, [u8]> {
        self.as_slice().into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
}

impl Stored for String {
    fn encode(&self) -> Cow<'_, [u8]> {
        self.as_bytes().into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        String::from_utf8(bytes.to_vec()).ok()
    }
}

/// Sealed clean data could not be read back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CleanError {
    /// The ciphertext does not authenticate, or its key is gone.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It authenticates but is not the stored form of what was asked for.
    #[error("decode stored form of sealed data")]
    Decode,
}

impl<T: Stored> Clean<T> {
    /// Seals the stored form.
    pub fn seal(&self, sealer: &dyn Sealer, context: &[u8]) -> Result<Vec<u8>, SealError> {
        sealer.seal(context, &self.0.encode())
    }

    /// Opens what [`Clean::seal`] sealed under the same context.
    pub fn open(opener: &dyn Opener, context: &[u8], sealed: &[u8]) -> Result<Self, CleanError> {
        let plain = opener.open(context, sealed)?;
        T::decode(&plain).map(Self).ok_or(CleanError::Decode)
    }
}
