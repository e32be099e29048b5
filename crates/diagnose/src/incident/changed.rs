//! What was changed: versions first seen in the incident, and changes that were told.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Records};
use super::names::Name;

/// How long before the incident a change may have been made, in nanoseconds: an hour.
const BEFORE_NS_MAX: u64 = 3_600_000_000_000;

/// Services that changed.
#[derive(Default)]
pub(crate) struct Changed {
    /// Versions of each that the baseline does not know.
    pub(crate) versions: BTreeMap<Name, BTreeSet<Name>>,
    /// Services of changes that were told.
    told: BTreeSet<Name>,
}

impl Changed {
    pub(crate) fn of(case: &Case) -> Self {
        let versions = |records: &Records| {
            let mut found: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
            for span in records.spans.iter().filter(|span| !span.version.is_none()) {
                found.entry(span.service).or_default().insert(span.version);
            }
            found
        };
        let known = versions(&case.baseline);
        let mut new = versions(&case.incident);
        new.retain(|service, versions| {
            let known = known.get(service);
            versions.retain(|version| known.is_some_and(|known| !known.contains(version)));
            !versions.is_empty()
        });
        let (first, last) = window(&case.incident);
        let told = case
            .changes
            .iter()
            .filter(|change| {
                change.time_unix_ns == 0
                    || (first.saturating_sub(BEFORE_NS_MAX)..=last).contains(&change.time_unix_ns)
            })
            .filter_map(|change| case.names.find(&change.service))
            .collect();
        Self {
            versions: new,
            told,
        }
    }

    /// Whether the service runs a version that it did not run before, or a change of it was told.
    pub(crate) fn is(&self, service: Name) -> bool {
        self.versions.contains_key(&service) || self.told.contains(&service)
    }
}

/// First and last moment of a window, nanoseconds since the Unix epoch.
pub(crate) fn window(records: &Records) -> (u64, u64) {
    let spans = records.spans.iter().map(|span| span.start_ns);
    let logs = records.logs.iter().map(|log| log.time_ns);
    let points = records.points.iter().map(|point| point.time_ns);
    let times = spans.chain(logs).chain(points).filter(|time| *time > 0);
    times.fold((u64::MAX, 0), |(a, b), time| (a.min(time), b.max(time)))
}
