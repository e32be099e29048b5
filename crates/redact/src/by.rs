//! Whose redactor and key a stream uses: somebody else's, or its own.

use std::ops::Deref;
use std::sync::Arc;

use crate::{PseudonymMac, Redactor};

/// The redactor of a stream.
pub(crate) enum By<'r> {
    Borrowed(&'r Redactor),
    Shared(Arc<Redactor>),
}

impl Deref for By<'_> {
    type Target = Redactor;

    fn deref(&self) -> &Redactor {
        match self {
            Self::Borrowed(redactor) => redactor,
            Self::Shared(redactor) => redactor,
        }
    }
}

/// The key of a stream.
pub(crate) enum Keyed<'r> {
    Borrowed(&'r dyn PseudonymMac),
    Own(Box<dyn PseudonymMac + Send + Sync>),
}

impl Keyed<'_> {
    /// The key.
    pub(crate) fn mac(&self) -> &dyn PseudonymMac {
        match self {
            Self::Borrowed(mac) => *mac,
            Self::Own(mac) => mac.as_ref(),
        }
    }
}
