//! `[limits]` and `[tenant.NAME.limits]`: how much a tenant may send, and its part of the turns.

use anyhow::bail;
use serde::Deserialize;

/// Seconds' worth of a rate that may come at once, where nothing is said.
const BURST_S: u32 = 10;
/// Most that may be said.
const BURST_S_MAX: u32 = 3_600;
/// Largest weight.
const WEIGHT_MAX: u32 = 100;

/// What the file says; what it leaves out is as it is for all, and for all without a limit.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsSection {
    /// Events that are let in a second.
    pub(crate) events_per_s: Option<u64>,
    /// Bytes of requests, decompressed, that are let in a second.
    pub(crate) bytes_per_s: Option<u64>,
    /// Seconds' worth of either that may come at once.
    pub(crate) burst_s: Option<u32>,
    /// How many parts of the turns of redaction it has where others wait too.
    pub(crate) weight: Option<u32>,
}

/// What holds for a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TenantLimits {
    /// Events a second, if limited.
    pub events_per_s: Option<u64>,
    /// Bytes a second, if limited.
    pub bytes_per_s: Option<u64>,
    /// Seconds' worth that may come at once.
    pub burst_s: u32,
    /// Parts of the turns.
    pub weight: u32,
}

impl LimitsSection {
    /// What holds for a tenant with a section of its own, or without.
    pub(crate) fn of(&self, own: Option<&Self>) -> TenantLimits {
        let own = own.copied().unwrap_or_default();
        TenantLimits {
            events_per_s: own.events_per_s.or(self.events_per_s),
            bytes_per_s: own.bytes_per_s.or(self.bytes_per_s),
            burst_s: own.burst_s.or(self.burst_s).unwrap_or(BURST_S),
            weight: own.weight.or(self.weight).unwrap_or(1),
        }
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.events_per_s == Some(0) || self.bytes_per_s == Some(0) {
            bail!("read limits: a rate is at least 1 a second; leave it out for none");
        }
        if self
            .burst_s
            .is_some_and(|s| !(1..=BURST_S_MAX).contains(&s))
        {
            bail!("read burst_s: 1 to {BURST_S_MAX} seconds");
        }
        if self.weight.is_some_and(|w| !(1..=WEIGHT_MAX).contains(&w)) {
            bail!("read weight: 1 to {WEIGHT_MAX}");
        }
        Ok(())
    }
}
