//! The configuration in force: swapped as a whole while the process runs.
//!
//! *Invariant:* whoever holds an [`InForce`] sees one configuration to the end, whatever is put in
//! force meanwhile. Generations only grow, so what was made of an older one can be told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use cordon_event::TenantId;
use cordon_sift::Plans;

use crate::config::Config;
use crate::sampling;

/// A configuration, with what is derived from it.
pub(crate) struct InForce {
    /// As it was read and checked.
    pub(crate) config: Arc<Config>,
    /// Whose a name in a client's certificate is.
    pub(crate) certified: BTreeMap<String, TenantId>,
    /// What is asked of raw events for those who sample.
    pub(crate) plans: Plans,
    /// 1 at the start; one more with each that was put in force.
    pub(crate) generation: u64,
}

/// Holds the configuration in force.
pub(crate) struct Live {
    now: RwLock<Arc<InForce>>,
    refused: AtomicU64,
}

impl Live {
    /// Begins with the first generation.
    pub(crate) fn new(config: Arc<Config>) -> anyhow::Result<Self> {
        let first = InForce {
            certified: config.certified()?,
            plans: sampling::plans(&config)?,
            config,
            generation: 1,
        };
        Ok(Self {
            now: RwLock::new(Arc::new(first)),
            refused: AtomicU64::new(0),
        })
    }

    /// What is in force.
    pub(crate) fn now(&self) -> Arc<InForce> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another configuration in force; its generation. One that contradicts itself changes
    /// nothing.
    pub(crate) fn swap(&self, config: Arc<Config>) -> anyhow::Result<u64> {
        let certified = config.certified()?;
        let plans = sampling::plans(&config)?;
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let generation = now.generation.saturating_add(1);
        *now = Arc::new(InForce {
            config,
            certified,
            plans,
            generation,
        });
        Ok(generation)
    }

    /// Counts a configuration that was not put in force.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Configurations that were put in force after the first, and those that were not.
    pub(crate) fn reloads(&self) -> (u64, u64) {
        let applied = self.now().generation.saturating_sub(1);
        (applied, self.refused.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Arc<Config> {
        Arc::new(toml::from_str(text).unwrap())
    }

    #[test]
    fn who_holds_a_configuration_keeps_it_and_a_contradiction_changes_nothing() {
        let live = Live::new(config("[tenant.a]\ncertificates = ['x']")).unwrap();
        let held = live.now();
        let other = live.swap(config("[tenant.b]\ncertificates = ['x']"));
        assert_eq!(other.unwrap(), 2);
        assert_eq!(held.certified["x"].as_str(), "a");
        assert_eq!(live.now().certified["x"].as_str(), "b");
        let twice = config("[tenant.a]\ncertificates = ['x']\n[tenant.b]\ncertificates = ['x']");
        assert!(live.swap(twice).is_err());
        live.refuse();
        assert_eq!((live.now().generation, live.reloads()), (2, (1, 1)));
    }
}
