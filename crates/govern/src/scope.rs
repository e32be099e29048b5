//! The tenant that a grant was found to cover.

use cordon_event::TenantId;

/// Leave to read one tenant's data, for the request that it was given for.
///
/// [`crate::Grant::authorise`] makes it and nothing else does: never a request's body, and absence
/// is a denial, not a wildcard. Every query to the store takes one, so a query without a grant does
/// not compile:
///
/// ```compile_fail,E0451
/// let tenant = cordon_event::TenantId::parse("acme").unwrap();
/// let forged = cordon_govern::TenantScope { tenant };
/// ```
/// ```compile_fail,E0599
/// let tenant = cordon_event::TenantId::parse("acme").unwrap();
/// let forged = cordon_govern::TenantScope::of(tenant);
/// ```
/// ```compile_fail,E0624
/// let tenant = cordon_event::TenantId::parse("acme").unwrap();
/// let forged = cordon_govern::TenantScope::granted(tenant);
/// ```
/// It ends with the request: it cannot be copied, and so is not kept beyond its grant.
///
/// ```compile_fail,E0599
/// fn keep(scope: &cordon_govern::TenantScope) -> cordon_govern::TenantScope {
///     scope.clone()
/// }
/// ```
/// ```compile_fail,E0277
/// let nobody: cordon_govern::TenantScope = Default::default();
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct TenantScope {
    tenant: TenantId,
}

/// Leave to ask what many tenants share, behind the k rule: for one request.
///
/// [`crate::AcrossGrant::authorise`] makes it and nothing else does.
///
/// ```compile_fail,E0423
/// let forged = cordon_govern::AcrossScope(());
/// ```
/// ```compile_fail,E0624
/// let forged = cordon_govern::AcrossScope::granted();
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct AcrossScope(());

impl AcrossScope {
    /// For [`crate::AcrossGrant::authorise`] alone.
    pub(crate) fn granted() -> Self {
        Self(())
    }
}

impl TenantScope {
    /// For [`crate::Grant::authorise`] alone.
    pub(crate) fn granted(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// Whose data may be read.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}
