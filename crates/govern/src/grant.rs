//! Grants: which operator may see which tenants, up to which class, for what, until when.

use std::fmt;

use cordon_event::{TenantId, TenantScope};
use thiserror::Error;

use crate::ExposedClass;

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
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Debugging,
        Self::StackReview,
        Self::Reproduction,
        Self::SubjectRequest,
    ];

    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debugging => "debugging",
            Self::StackReview => "stack_review",
            Self::Reproduction => "reproduction",
            Self::SubjectRequest => "subject_request",
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
    pub const fn serves(self, wanted: Self) -> bool {
        match self {
            Self::Debugging => matches!(wanted, Self::Debugging | Self::Reproduction),
            Self::StackReview => !matches!(wanted, Self::SubjectRequest),
            Self::Reproduction => matches!(wanted, Self::Reproduction),
            Self::SubjectRequest => matches!(wanted, Self::SubjectRequest),
        }
    }
}

/// What an operator may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub operator: Operator,
    /// Of whom: at least one tenant.
    pub scope: TenantScope,
    /// Up to which class.
    pub max_class: ExposedClass,
    /// For what.
    pub purpose: Purpose,
    /// Until when, seconds since the Unix epoch; none for a standing grant, which covers class C
    /// alone.
    pub expires_unix_s: Option<u64>,
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
    /// The tenant is not in the grant's scope.
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

/// Whether a request may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not.
    Refused(Reason),
}

impl Grant {
    /// A grant that lasts: class C for one tenant.
    pub fn standing(operator: Operator, tenant: TenantId, purpose: Purpose) -> Self {
        let scope = TenantScope::one(tenant);
        Self {
            operator,
            scope,
            max_class: ExposedClass::C,
            purpose,
            expires_unix_s: None,
        }
    }

    /// Checks a request. A grant ends at its second of expiry, not after it.
    pub fn check(&self, request: &Request<'_>) -> Decision {
        let standing = self.expires_unix_s.is_none();
        let refusal = if !self.scope.contains(request.tenant) {
            Some(Reason::OutsideScope)
        } else if self
            .expires_unix_s
            .is_some_and(|end| request.now_unix_s >= end)
        {
            Some(Reason::Expired)
        } else if !self.max_class.covers(request.class) {
            Some(Reason::ClassCeiling)
        } else if standing && request.class == ExposedClass::B {
            Some(Reason::SessionNeeded)
        } else if !self.purpose.serves(request.purpose) {
            Some(Reason::OtherPurpose)
        } else {
            None
        };
        refusal.map_or(Decision::Allowed, Decision::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    fn grant(max_class: ExposedClass, expires_unix_s: Option<u64>) -> Grant {
        Grant {
            operator: Operator::parse("local").unwrap(),
            scope: TenantScope::one(tenant("acme")),
            max_class,
            purpose: Purpose::Debugging,
            expires_unix_s,
        }
    }

    fn check(grant: &Grant, of: &str, class: ExposedClass, purpose: Purpose, now: u64) -> Decision {
        let tenant = tenant(of);
        grant.check(&Request {
            tenant: &tenant,
            class,
            purpose,
            now_unix_s: now,
        })
    }

    #[test]
    fn each_reason_is_reached() {
        use ExposedClass::{B, C};
        use Purpose::{Debugging, Reproduction, SubjectRequest};
        let session = grant(B, Some(100));
        let standing = grant(B, None);
        let narrow = grant(C, Some(100));
        let refused = Decision::Refused;
        for (grant, of, class, purpose, now, expected) in [
            (&session, "acme", B, Debugging, 99, Decision::Allowed),
            (&session, "acme", C, Reproduction, 0, Decision::Allowed),
            (
                &session,
                "acme",
                B,
                Debugging,
                100,
                refused(Reason::Expired),
            ),
            (
                &session,
                "other",
                C,
                Debugging,
                0,
                refused(Reason::OutsideScope),
            ),
            (
                &session,
                "acme",
                C,
                SubjectRequest,
                0,
                refused(Reason::OtherPurpose),
            ),
            (
                &narrow,
                "acme",
                B,
                Debugging,
                0,
                refused(Reason::ClassCeiling),
            ),
            (
                &standing,
                "acme",
                B,
                Debugging,
                0,
                refused(Reason::SessionNeeded),
            ),
            (&standing, "acme", C, Debugging, u64::MAX, Decision::Allowed),
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
    fn no_purpose_serves_a_subject_request_but_its_own() {
        for purpose in Purpose::ALL {
            let own = purpose == Purpose::SubjectRequest;
            assert_eq!(purpose.serves(Purpose::SubjectRequest), own);
            assert!(purpose.serves(purpose));
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        }
    }
}
