//! Data classes: what a piece of data may ever be used for.

use std::fmt;

/// Sensitivity of a piece of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Secrets and authentication artefacts: removed, never exposed.
    A,
    /// Direct identifiers: only as typed pseudonyms.
    B,
    /// Technical metadata.
    C,
}

impl Class {
    /// One-letter name, as in reports and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
