//! Which tenant samples by which plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use cordon_event::TenantId;
use cordon_sample::Plan;

/// Plans of tenants; a tenant without one keeps everything.
#[derive(Clone, Debug, Default)]
pub struct Plans {
    /// Of those that have none of their own.
    pub general: Option<Arc<Plan>>,
    /// Of single tenants; `None` for one that keeps everything whatever the others do.
    pub own: BTreeMap<TenantId, Option<Arc<Plan>>>,
}

impl Plans {
    /// The plan of a tenant.
    pub fn of(&self, tenant: &TenantId) -> Option<&Arc<Plan>> {
        match self.own.get(tenant) {
            Some(own) => own.as_ref(),
            None => self.general.as_ref(),
        }
    }

    /// Whether nobody has one.
    pub fn is_empty(&self) -> bool {
        self.general.is_none() && self.own.values().all(Option::is_none)
    }

    /// Milliseconds for which a late failure may bring a trace back, the longest of all plans.
    pub fn grace_ms(&self) -> u64 {
        let all = self.own.values().chain([&self.general]).flatten();
        all.map(|plan| plan.late_error_grace_ms())
            .max()
            .unwrap_or_default()
    }
}
