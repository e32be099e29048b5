//! Identifiers: of events (ours), of traces and spans (W3C Trace Context).

use std::fmt;

use data_encoding::HEXLOWER;
use thiserror::Error;

/// An identifier that is not the hex text it should be.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("parse identifier: expected {expected} lower-case hex digits")]
pub struct IdError {
    /// Hex digits a well-formed identifier has.
    pub expected: usize,
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Parses hex digits of either case.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let bad = IdError { expected: $len * 2 };
                let bytes = HEXLOWER
                    .decode(text.to_ascii_lowercase().as_bytes())
                    .map_err(|_| IdError { expected: $len * 2 })?;
                bytes.try_into().map(Self).map_err(|_| bad)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

hex_id!(
    /// Identifier of a stored event: a keyed digest of the request that carried it and its place
    /// in that request, so that a resent request yields the same ids. 16 bytes.
    EventId,
    16
);
hex_id!(
    /// W3C trace id, 16 bytes.
    TraceId,
    16
);
hex_id!(
    /// W3C span id, 8 bytes.
    SpanId,
    8
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints_the_same_text() {
        let text = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(TraceId::parse(text).unwrap().to_string(), text);
        assert_eq!(
            TraceId::parse(&text.to_uppercase()).unwrap().to_string(),
            text
        );
    }

    #[test]
    fn refuses_wrong_lengths_and_letters() {
        assert_eq!(
            SpanId::parse("00f067aa0ba902"),
            Err(IdError { expected: 16 })
        );
        assert_eq!(
            SpanId::parse("00f067aa0ba902zz"),
            Err(IdError { expected: 16 })
        );
    }
}
