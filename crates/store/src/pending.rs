//! A batch sorted by group, in memory, before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use cordon_event::{Batch, Entry, Event, EventId, Quarantined, Region, attr};
use cordon_redact::Clean;

use crate::account::{code, is_code};
use crate::changes::{PendingChange, is_change};
use crate::feature::observe::Pile;
use crate::feature::occasion::Occasion;
use crate::feature::value::Origin;
use crate::limits::{
    AHEAD_S_MAX, BUCKET_S, EXEMPLARS_FIRST_MAX, EXEMPLARS_RECENT_MAX, GROUP_OTHER,
    GROUP_UNCLASSIFIED,
};
use crate::rollup::point::{PendingPoint, is_point};
use crate::sampled::{Back, Sampled};
use crate::subject::{Subject, subjects_of};
use crate::{Grouping, Held};

pub(crate) const NS_PER_S: u64 = 1_000_000_000;
/// Width of a bucket, nanoseconds.
pub(crate) const BUCKET_NS: u64 = BUCKET_S * NS_PER_S;

/// An event that may become an exemplar.
pub(crate) struct Candidate {
    pub(crate) id: EventId,
    pub(crate) time_ns: u64,
    pub(crate) severity: u8,
    /// 2: a failure that carries its call; 1: another failure; 0: neither.
    pub(crate) rank: u8,
    pub(crate) event: Clean<Event>,
}

/// The events of one group.
pub(crate) struct PendingGroup {
    pub(crate) grouping: Clean<Grouping>,
    pub(crate) failure: bool,
    pub(crate) first_ns: u64,
    pub(crate) last_ns: u64,
    pub(crate) buckets: BTreeMap<u64, u64>,
    pub(crate) releases: Vec<Clean<(String, u64)>>,
    pub(crate) subjects: Vec<Clean<Vec<Subject>>>,
    pub(crate) origins: BTreeMap<Clean<Origin>, Pile>,
    pub(crate) occasions: BTreeSet<Occasion>,
    pub(crate) candidates: Vec<Candidate>,
}

/// A batch, sorted.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) groups: BTreeMap<String, PendingGroup>,
    pub(crate) held: Vec<(EventId, Clean<Held>)>,
    pub(crate) changes: Vec<PendingChange>,
    /// Points of metrics, in their order.
    pub(crate) points: Vec<PendingPoint>,
    /// Events that classifying failed on.
    pub(crate) unclassified: u64,
    /// Events that the tenant's plan leaves out, by its reason.
    pub(crate) sampled_out: BTreeMap<String, u64>,
    /// Events of earlier batches that are kept after all, by group.
    pub(crate) back: BTreeMap<String, Vec<Candidate>>,
}

impl Pending {
    pub(crate) fn of(
        batch: &Clean<Batch>,
        sampled: Sampled,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Self {
        let received_ns = batch.get().received_unix_ns;
        let region = &batch.get().region;
        let mut pending = Self::default();
        let entries = batch.project(|batch| batch.entries.clone()).split();
        for (at, entry) in entries.enumerate() {
            let id = entry.get().0;
            let held = entry.project(held_of);
            let event = entry.map(event_of);
            if let Some(event) = event.transpose() {
                if is_change(event.get()) {
                    let time_ns = time_of(event.get(), received_ns);
                    pending.changes.push(PendingChange { id, time_ns, event });
                    continue;
                }
                // Counters see every point, as groups count every event.
                if is_point(event.get()) {
                    let point = PendingPoint::of(&event, received_ns);
                    pending.points.push(point);
                    continue;
                }
                let grouping = pending.grouping(&event, classify);
                let reason = sampled.out.get(&at);
                if let Some(reason) = reason {
                    let code = code(reason).to_owned();
                    *pending.sampled_out.entry(code).or_default() += 1;
                }
                let is_kept = reason.is_none();
                pending.add((id, event), grouping, (received_ns, region), is_kept);
            } else if let Some(held) = held.transpose() {
                pending.held.push((id, held.map(Held)));
            }
        }
        for Back {
            id,
            received_unix_ns,
            event,
        } in sampled.back
        {
            // It was added up when it came.
            if is_point(event.get()) {
                continue;
            }
            let grouping = pending.grouping(&event, classify);
            let candidate = candidate((id, event), received_unix_ns, grouping.get().failure);
            let group_id = grouping.get().group_id.clone();
            pending.back.entry(group_id).or_default().push(candidate);
        }
        pending
    }

    fn grouping(
        &mut self,
        event: &Clean<Event>,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Clean<Grouping> {
        // A classifier that panics on one event would panic on it each time that the batch is read
        // again: the batch would never be applied.
        let classified = catch_unwind(AssertUnwindSafe(|| classify(event)));
        classified.unwrap_or_else(|_| {
            self.unclassified += 1;
            event.project(unclassified)
        })
    }

    fn add(
        &mut self,
        (id, event): (EventId, Clean<Event>),
        grouping: Clean<Grouping>,
        (received_ns, region): (u64, &Region),
        is_kept: bool,
    ) {
        let time_ns = time_of(event.get(), received_ns);
        let failure = grouping.get().failure;
        let release = grouping
            .project(|g| g.release.clone())
            .pair(Clean::technical(time_ns));
        let origin = origin(&event, &grouping, region);
        let grouping = if is_code(&grouping.get().group_id) {
            grouping
        } else {
            grouping.project(other)
        };
        let group_id = grouping.get().group_id.clone();
        let group = self.groups.entry(group_id).or_insert_with(|| PendingGroup {
            grouping,
            failure: false,
            first_ns: u64::MAX,
            last_ns: 0,
            buckets: BTreeMap::new(),
            releases: Vec::new(),
            subjects: Vec::new(),
            origins: BTreeMap::new(),
            occasions: BTreeSet::new(),
            candidates: Vec::new(),
        });
        group.failure |= failure;
        group.first_ns = group.first_ns.min(time_ns);
        group.last_ns = group.last_ns.max(time_ns);
        *group.buckets.entry(time_ns / BUCKET_NS).or_insert(0) += 1;
        group.releases.push(release);
        let subjects = event.project(subjects_of);
        let pile = group.origins.entry(origin).or_default();
        pile.add(time_ns, time_ns / BUCKET_NS, subjects.get().clone());
        group.subjects.push(subjects);
        group.occasions.extend(Occasion::of(event.get(), time_ns));
        if is_kept {
            let candidate = candidate((id, event), received_ns, failure);
            group.candidates.push(candidate);
        }
    }
}

/// An event that may be kept.
fn candidate((id, event): (EventId, Clean<Event>), received_ns: u64, failure: bool) -> Candidate {
    let call = event.get().attribute(attr::CALL_ARGUMENTS).is_some();
    Candidate {
        id,
        time_ns: time_of(event.get(), received_ns),
        severity: event.get().severity.0,
        rank: u8::from(failure) + u8::from(failure && call),
        event,
    }
}

impl PendingGroup {
    /// Takes in the events of another group that shares its place.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.failure |= other.failure;
        self.first_ns = self.first_ns.min(other.first_ns);
        self.last_ns = self.last_ns.max(other.last_ns);
        for (bucket, count) in other.buckets {
            *self.buckets.entry(bucket).or_insert(0) += count;
        }
        self.releases.extend(other.releases);
        self.subjects.extend(other.subjects);
        for (origin, pile) in other.origins {
            self.origins.entry(origin).or_default().absorb(pile);
        }
        self.occasions.extend(other.occasions);
        self.candidates.extend(other.candidates);
    }

    /// Chooses, where `first` of the first places are taken already: each exemplar with whether
    /// it takes a first place, in the order of arrival. The rest would give way at once.
    pub(crate) fn choose(candidates: Vec<Candidate>, first: usize) -> Vec<(bool, Candidate)> {
        let free = EXEMPLARS_FIRST_MAX.saturating_sub(first);
        let mut ranks: Vec<(u8, usize)> = candidates
            .iter()
            .enumerate()
            .skip(free)
            .map(|(i, c)| (c.rank, i))
            .collect();
        ranks.sort_unstable_by(|a, b| b.cmp(a));
        ranks.truncate(EXEMPLARS_RECENT_MAX);
        let recent: std::collections::BTreeSet<usize> = ranks.into_iter().map(|(_, i)| i).collect();
        let chosen = candidates.into_iter().enumerate();
        chosen
            .filter(|(i, _)| *i < free || recent.contains(i))
            .map(|(i, candidate)| (i < free, candidate))
            .collect()
    }
}

/// Where an event came from.
fn origin(event: &Clean<Event>, grouping: &Clean<Grouping>, tenants: &Region) -> Clean<Origin> {
    let own = event.project(|e| {
        let region = e.resource_str(attr::CLOUD_REGION);
        region.unwrap_or_default().to_owned()
    });
    let region = own.pair(Clean::technical(tenants.clone()));
    let region = region.map(|(own, tenants)| {
        if own.is_empty() {
            tenants.as_str().to_owned()
        } else {
            own
        }
    });
    let code = grouping.project(|g| (g.service.clone(), g.release.clone(), g.module.clone()));
    code.pair(region)
        .map(|((component, release, module), region)| Origin {
            component,
            release,
            region,
            module,
        })
}

/// The group of events that have none of their own.
pub(crate) fn other(grouping: &Grouping) -> Grouping {
    Grouping {
        group_id: GROUP_OTHER.to_owned(),
        title: "events of further groups".to_owned(),
        failure: grouping.failure,
        service: grouping.service.clone(),
        release: grouping.release.clone(),
        ..Grouping::default()
    }
}

/// The group of what could not be classified.
fn unclassified(event: &Event) -> Grouping {
    Grouping {
        group_id: GROUP_UNCLASSIFIED.to_owned(),
        title: "events that could not be classified".to_owned(),
        failure: event.is_failure(),
        service: event.service().to_owned(),
        release: event.release().to_owned(),
        ..Grouping::default()
    }
}

/// The event's own time, unless it has none or claims to come from the future.
fn time_of(event: &Event, received_ns: u64) -> u64 {
    let latest = received_ns.saturating_add(AHEAD_S_MAX * NS_PER_S);
    if event.time_unix_ns == 0 || event.time_unix_ns > latest {
        received_ns
    } else {
        event.time_unix_ns
    }
}

fn event_of((_, entry): (EventId, Entry)) -> Option<Event> {
    match entry {
        Entry::Event(event) => Some(event),
        Entry::Quarantined(_) => None,
    }
}

fn held_of((_, entry): &(EventId, Entry)) -> Option<Quarantined> {
    match entry {
        Entry::Event(_) => None,
        Entry::Quarantined(held) => Some(held.clone()),
    }
}
