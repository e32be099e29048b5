//! Grants: which operator may see which tenant, up to which class, for what, until when.

use std::fmt;

use cordon_event::TenantId;
use thiserror::Error;

use crate::{AcrossScope, ExposedClass, TenantScope};

const OPERATOR_BYTES_MAX: usize = 64;

/// A name that cannot be an operator.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("accept operator: expected 1 to {OPERATOR_BYTES_MAX} of a-z, 0-9 and '._:@-'")]
pub struct OperatorError;

/// Somebody, or something, that asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator(String);

impl Operator {
    /// Accepts 1 to 64 of `a-z`, `0-9`, `.`, `_`, `:`, `@`, `-`: one spelling a name, and nothing
    /// that could break a line of the audit log.
    pub fn parse(text: &str) -> Result<Self, OperatorError> {
        let known =
            |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b':' | b'@' | b'-');
        let fits = (1..=OPERATOR_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OperatorError)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Questions about failures.
    Debugging,
    /// Questions about failures that need whole stacks.
    StackReview,
    /// Turning a failure into a test.
    Reproduction,
    /// Answering a person's own request for access or erasure.
    SubjectRequest,
    /// Symbols of the tenant's programs: keeping them, and reading crashes with them.
    Symbols,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Debugging,
        Self::StackReview,
        Self::Reproduction,
        Self::SubjectRequest,
        Self::Symbols,
    ];

    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debugging => "debugging",
            Self::StackReview => "stack_review",
            Self::Reproduction => "reproduction",
            Self::SubjectRequest => "subject_request",
            Self::Symbols => "symbols",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }

    /// Whether a full stack may be shown, instead of the failing function's frames.
    pub const fn full_stack(self) -> bool {
        matches!(self, Self::StackReview)
    }

    /// Whether a grant for `self` serves `wanted`.
    ///
    /// Debugging and stack review include writing a test: a test shows less than an answer does.
    /// Nothing includes symbols, and they include nothing.
    pub const fn serves(self, wanted: Self) -> bool {
        match self {
            Self::Debugging => matches!(wanted, Self::Debugging | Self::Reproduction),
            Self::StackReview => !matches!(wanted, Self::SubjectRequest | Self::Symbols),
            Self::Reproduction => matches!(wanted, Self::Reproduction),
            Self::SubjectRequest => matches!(wanted, Self::SubjectRequest),
            Self::Symbols => matches!(wanted, Self::Symbols),
        }
    }
}

/// What an operator may do.
///
/// The ledger mints it from its table of grants; `cargo xtask tidy` holds that nobody else does.
///
/// ```compile_fail,E0451
/// use cordon_govern::{ExposedClass, Grant, Operator, Purpose};
/// fn forge(operator: Operator, tenant: cordon_event::TenantId) -> Grant {
///     let (max_class, purpose) = (ExposedClass::B, Purpose::Debugging);
///     Grant { operator, tenant, max_class, purpose, expires_unix_s: None }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    operator: Operator,
    tenant: TenantId,
    max_class: ExposedClass,
    purpose: Purpose,
    expires_unix_s: Option<u64>,
}

/// That an operator may ask what many tenants share. It opens no tenant.
///
/// As with [`Grant`], the ledger mints it and nobody else does.
///
/// ```compile_fail,E0451
/// fn forge(operator: cordon_govern::Operator) -> cordon_govern::AcrossGrant {
///     cordon_govern::AcrossGrant { operator }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrossGrant {
    operator: Operator,
}

impl AcrossGrant {
    /// A grant that lasts.
    pub fn mint_across(operator: Operator) -> Self {
        Self { operator }
    }

    /// Who.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The scope that a request may be answered from.
    pub fn authorise(&self) -> AcrossScope {
        AcrossScope::granted()
    }
}

/// What is asked of a grant.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Of whom.
    pub tenant: &'a TenantId,
    /// Which class.
    pub class: ExposedClass,
    /// For what.
    pub purpose: Purpose,
    /// Now, seconds since the Unix epoch.
    pub now_unix_s: u64,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The grant is for another tenant.
    OutsideScope,
    /// The grant does not cover the class.
    ClassCeiling,
    /// The grant is for something else.
    OtherPurpose,
    /// The grant has ended.
    Expired,
    /// A standing grant was asked for class B, which always needs a session.
    SessionNeeded,
}

impl Reason {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutsideScope => "grant_outside_scope",
            Self::ClassCeiling => "grant_class_ceiling",
            Self::OtherPurpose => "grant_other_purpose",
            Self::Expired => "grant_expired",
            Self::SessionNeeded => "grant_session_needed",
        }
    }
}

impl Grant {
    /// A grant that lasts: class C for one tenant.
    pub fn mint_standing(operator: Operator, tenant: TenantId, purpose: Purpose) -> Self {
        Self {
            operator,
            tenant,
            max_class: ExposedClass::C,
            purpose,
            expires_unix_s: None,
        }
    }

    /// A grant that ends at `expires_unix_s`, seconds since the Unix epoch.
    pub fn mint_session(
        operator: Operator,
        tenant: TenantId,
        max_class: ExposedClass,
        purpose: Purpose,
        expires_unix_s: u64,
    ) -> Self {
        let expires_unix_s = Some(expires_unix_s);
        Self {
            operator,
            tenant,
            max_class,
            purpose,
            expires_unix_s,
        }
    }

    /// Who.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The scope that a request may be answered from. A grant ends at its second of expiry, not
    /// after it.
    pub fn authorise(&self, request: &Request<'_>) -> Result<TenantScope, Reason> {
        let expired = |end| request.now_unix_s >= end;
        let standing = self.expires_unix_s.is_none();
        if self.tenant != *request.tenant {
            Err(Reason::OutsideScope)
        } else if self.expires_unix_s.is_some_and(expired) {
            Err(Reason::Expired)
        } else if standing && request.class == ExposedClass::B {
            Err(Reason::SessionNeeded)
        } else if !self.max_class.covers(request.class) {
            Err(Reason::ClassCeiling)
        } else if !self.purpose.serves(request.purpose) {
            Err(Reason::OtherPurpose)
        } else {
            Ok(TenantScope::granted(self.tenant.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    fn operator() -> Operator {
        Operator::parse("local").unwrap()
    }

    fn session(max_class: ExposedClass) -> Grant {
        Grant::mint_session(
            operator(),
            tenant("acme"),
            max_class,
            Purpose::Debugging,
            100,
        )
    }

    /// What authorising says: the tenant whose data may be read, or the reason code.
    fn check(grant: &Grant, of: &str, class: ExposedClass, purpose: Purpose, now: u64) -> String {
        let tenant = tenant(of);
        let authorised = grant.authorise(&Request {
            tenant: &tenant,
            class,
            purpose,
            now_unix_s: now,
        });
        authorised.map_or_else(
            |reason| reason.code().to_owned(),
            |scope| scope.tenant().to_string(),
        )
    }

    #[test]
    fn each_reason_is_reached() {
        use ExposedClass::{B, C};
        use Purpose::{Debugging, Reproduction, SubjectRequest};
        let (wide, narrow) = (session(B), session(C));
        let standing = Grant::mint_standing(operator(), tenant("acme"), Debugging);
        for (grant, of, class, purpose, now, expected) in [
            (&wide, "acme", B, Debugging, 99, "acme"),
            (&wide, "acme", C, Reproduction, 0, "acme"),
            (&wide, "acme", B, Debugging, 100, "grant_expired"),
            (&wide, "other", C, Debugging, 0, "grant_outside_scope"),
            (&wide, "acme", C, SubjectRequest, 0, "grant_other_purpose"),
            (&narrow, "acme", B, Debugging, 0, "grant_class_ceiling"),
            (&standing, "acme", B, Debugging, 0, "grant_session_needed"),
            (&standing, "acme", C, Debugging, u64::MAX, "acme"),
        ] {
            assert_eq!(
                check(grant, of, class, purpose, now),
                expected,
                "{of} {class:?} {now}"
            );
        }
    }

    #[test]
    fn operators_have_one_spelling_and_no_line_breaks() {
        assert!(Operator::parse("ann@ci:7").is_ok());
        for bad in ["", "Ann", "a b", "a\nb", "é", &"a".repeat(65)] {
            assert_eq!(Operator::parse(bad), Err(OperatorError), "{bad}");
        }
    }

    #[test]
    fn no_purpose_serves_a_subject_request_or_symbols_but_its_own() {
        for purpose in Purpose::ALL {
            for apart in [Purpose::SubjectRequest, Purpose::Symbols] {
                assert_eq!(purpose.serves(apart), purpose == apart);
                assert_eq!(apart.serves(purpose), purpose == apart);
            }
            assert!(purpose.serves(purpose));
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        }
    }
}
