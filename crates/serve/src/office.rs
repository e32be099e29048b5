//! What the binary brings to an analysis: the tenant's policy and keys, the clock, the pager.

use std::path::Path;

use cordon_assist::model::Model;
use cordon_event::TenantId;
use cordon_govern::KRule;
use cordon_ledger::Ledger;
use cordon_redact::{Page, PseudonymMac, Redactor};
use cordon_store::Store;
use thiserror::Error;

use crate::Names;

/// What stands behind the API. One process asks it for one request.
pub trait Office: Send + Sync + 'static {
    /// Nanoseconds since the Unix epoch.
    fn now_unix_ns(&self) -> u64;
    /// Audit log, budgets, sessions.
    fn ledger(&self) -> &Ledger;
    /// The tenants' events.
    fn store(&self) -> &Store;
    /// A model, if any.
    fn model(&self) -> Option<&Model>;
    /// The names that the room answers to.
    fn names(&self) -> &Names;
    /// The file of shared rooms.
    fn shares(&self) -> &Path;
    /// What a tenant's material is looked at with.
    fn desk(&self, tenant: &TenantId) -> Result<Desk, OfficeError>;
    /// Tells a person at once.
    fn page(&self, tenant: &TenantId, page: &Page);
}

/// What a tenant's material is looked at with.
pub struct Desk {
    /// Under the tenant's policy.
    pub redactor: Redactor,
    /// The tenant's pseudonyms.
    pub mac: Box<dyn PseudonymMac + Send + Sync>,
    /// How many must stand behind a group for it to be used.
    pub k_rule: KRule,
    /// Names of fields that the tenant has classified as technical (class C).
    pub technical_fields: Vec<String>,
}

/// The tenant's policy or keys could not be opened.
#[derive(Debug, Error)]
#[error("open the tenant's policy and keys")]
pub struct OfficeError;
