//! Tenants and regions.

use std::fmt;

use thiserror::Error;

use crate::limits::NAME_BYTES_MAX;

/// A name that cannot be a tenant or region.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "accept name: expected 1 to {max} of a-z, 0-9 and '-', beginning with a letter",
    max = NAME_BYTES_MAX
)]
pub struct NameError;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Accepts 1 to 63 of `a-z`, `0-9`, `-`, beginning with a letter. There is no other
            /// spelling of the same name, so comparing bytes is comparing names.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                let fits = text.len() <= NAME_BYTES_MAX;
                let head = text.starts_with(|c: char| c.is_ascii_lowercase());
                let body = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
                if fits && head && body { Ok(Self(text.to_owned())) } else { Err(NameError) }
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A tenant: the unit of keys, retrieval, budgets and erasure.
    TenantId
);
name!(
    /// Where a tenant's data may live.
    Region
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        assert!(TenantId::parse("acme-1").is_ok());
        for bad in ["", "Acme", "1acme", "a/../b", "a_b", "é", &"a".repeat(64)] {
            assert_eq!(TenantId::parse(bad), Err(NameError), "{bad}");
        }
    }
}
