//! Sources that sent what had to be held back.

use std::collections::BTreeMap;

use cordon_govern::TenantScope;
use cordon_redact::Clean;

use crate::{Error, QUARANTINE_COUNT_MAX, Store};

/// A service and why it is flagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flagged {
    /// Name of the service; empty where it may not be told.
    pub source: Clean<String>,
    /// Reason code.
    pub reason: String,
    /// Entries held back that are still listed.
    pub count: u64,
    /// When the last of them was received, nanoseconds since the Unix epoch.
    pub last_unix_ns: u64,
}

impl Store {
    /// Services with entries in quarantine, by name and reason. A source is flagged until its
    /// quarantined entries have expired; other sources go on.
    pub fn flagged(&self, scope: &TenantScope) -> Result<Vec<Flagged>, Error> {
        let mut flagged: BTreeMap<(Clean<String>, String), (u64, u64)> = BTreeMap::new();
        for row in self.quarantine(scope, QUARANTINE_COUNT_MAX as usize)?.rows {
            let source = row.held.project(|held| held.0.source.clone());
            let (count, last) = flagged.entry((source, row.reason)).or_default();
            *count += 1;
            *last = (*last).max(row.received_unix_ns);
        }
        let rows = flagged.into_iter();
        let rows = rows.map(|((source, reason), (count, last_unix_ns))| Flagged {
            source,
            reason,
            count,
            last_unix_ns,
        });
        Ok(rows.collect())
    }
}
