//! Tenants, regions and the non-empty scope that a caller's grant confers.

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

/// A scope without a tenant was asked for.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("build scope: no tenant granted")]
pub struct ScopeError;

/// The tenants that a caller's grant covers: at least one, by construction.
///
/// It is made from a grant, never from a request body. There is no empty scope and no wildcard:
/// absence is a denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantScope {
    first: TenantId,
    rest: Vec<TenantId>,
}

impl TenantScope {
    /// Scope of one tenant.
    pub fn one(tenant: TenantId) -> Self {
        Self {
            first: tenant,
            rest: Vec::new(),
        }
    }

    /// Scope of all given tenants; [`ScopeError`] when there is none.
    pub fn of(tenants: impl IntoIterator<Item = TenantId>) -> Result<Self, ScopeError> {
        let mut all = tenants.into_iter();
        let first = all.next().ok_or(ScopeError)?;
        Ok(Self {
            first,
            rest: all.collect(),
        })
    }

    /// The tenants, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &TenantId> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Whether the tenant is covered.
    pub fn contains(&self, tenant: &TenantId) -> bool {
        self.iter().any(|t| t == tenant)
    }
}

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

    #[test]
    fn an_empty_scope_is_a_denial() {
        assert_eq!(TenantScope::of([]), Err(ScopeError));
    }
}
