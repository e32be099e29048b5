//! What changed between baseline and window: releases, first-seen groups, rates, durations.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{ChangeKind as Kinds, Kind};

use crate::diagnosis::{Change, ChangeKind};
use crate::sentence::Sentence;
use crate::statistic::{Measure, Scope};
use crate::telemetry::{Exemplar, GroupKind, GroupStat, ToldChange};
use crate::test_of_change::{discoveries, median, two_proportion_z, two_sided_p};
use crate::told::change_text;
use crate::view::View;

/// Fewest events, in both windows together, of a group whose rate is tested.
const RATE_EVENTS_MIN: u64 = 5;
/// Fewest spans on each side of a comparison of durations.
const SPANS_MIN: usize = 5;
/// Factor from which a median duration counts as changed.
const SLOWER_MIN: u64 = 2;
/// Smallest difference of medians that counts, in nanoseconds.
const SLOWER_NS_MIN: u64 = 20_000_000;

/// Changes that were told of which the answer tells.
const TOLD_COUNT_MAX: usize = 8;

/// Changes by subject.
pub(crate) struct Changes<'a> {
    /// z of every group whose rate changed at the accepted false discovery rate.
    pub(crate) rates: BTreeMap<&'a str, f64>,
    /// Releases that the baseline does not know, by service.
    pub(crate) releases: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Releases that the baseline knows, by service.
    pub(crate) known: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(view: &View<'a>) -> Self {
        let known = known_releases(view);
        Self {
            rates: rates(view),
            releases: new_releases(view, &known),
            known,
        }
    }

    /// Releases of the service that the baseline does not know.
    pub(crate) fn releases_of(&self, service: &str) -> Option<&BTreeSet<&'a str>> {
        self.releases.get(service)
    }
}

/// Whether the group was first seen within the window.
pub(crate) fn is_new(view: &View<'_>, group: &GroupStat) -> bool {
    let from = view.telemetry.window.from_unix_ns;
    group.count_window > 0 && group.count_baseline == 0 && group.first_seen_unix_ns >= from
}

fn rates<'a>(view: &View<'a>) -> BTreeMap<&'a str, f64> {
    let mut totals: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for group in &view.telemetry.groups {
        let total = totals.entry(&group.service).or_default();
        total.0 += group.count_window;
        total.1 += group.count_baseline;
    }
    let tested: Vec<(&'a str, f64)> = view
        .groups
        .values()
        .filter(|g| g.count_window + g.count_baseline >= RATE_EVENTS_MIN)
        .filter_map(|g| {
            let (window, baseline) = totals.get(g.service.as_str())?;
            let z = two_proportion_z(g.count_window, *window, g.count_baseline, *baseline)?;
            Some((g.id.as_str(), z))
        })
        .collect();
    let p: Vec<f64> = tested.iter().map(|(_, z)| two_sided_p(*z)).collect();
    let found = discoveries(&p);
    tested
        .into_iter()
        .zip(found)
        .filter(|(_, found)| *found)
        .map(|(rate, _)| rate)
        .collect()
}

/// Releases that are certain to have run before the window: on a stored event from before it, or
/// the only release of a group that was seen before it.
fn known_releases<'a>(view: &View<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let from = view.telemetry.window.from_unix_ns;
    let mut known: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
    for exemplar in view.all().filter(|x| x.time_unix_ns < from) {
        known
            .entry(exemplar.event.service())
            .or_default()
            .insert(exemplar.event.release());
    }
    for group in view.groups.values() {
        if group.count_baseline > 0 && (group.count_window == 0 || group.releases.len() == 1) {
            let releases = group.releases.iter().map(String::as_str);
            known.entry(&group.service).or_default().extend(releases);
        }
    }
    for releases in known.values_mut() {
        releases.remove("");
    }
    known.retain(|_, set| !set.is_empty());
    known
}

fn new_releases<'a>(
    view: &View<'a>,
    known: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut new: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
    for group in view.groups.values().filter(|g| g.count_window > 0) {
        let Some(known) = known.get(group.service.as_str()) else {
            continue;
        };
        for release in group.releases.iter().map(String::as_str) {
            if !release.is_empty() && !known.contains(release) {
                new.entry(&group.service).or_default().insert(release);
            }
        }
    }
    new
}

/// All changes in the order of their kind, then size.
pub(crate) fn all(view: &View<'_>, changes: &Changes<'_>) -> Vec<Change> {
    let mut out = told(view);
    for (service, releases) in &changes.releases {
        out.extend(
            releases
                .iter()
                .map(|release| release_change(view, service, release)),
        );
    }
    let mut groups: Vec<&GroupStat> = view.groups.values().copied().collect();
    groups.sort_by_key(|g| {
        (
            std::cmp::Reverse(g.count_window.max(g.count_baseline)),
            g.id.as_str(),
        )
    });
    out.extend(
        groups
            .into_iter()
            .filter_map(|g| group_change(view, changes, g)),
    );
    out.extend(slower(view));
    out.sort_by_key(|change| change.kind);
    out
}

fn release_change(view: &View<'_>, service: &str, release: &str) -> Change {
    let on_it = |g: &&&GroupStat| {
        g.service == service && g.count_window > 0 && g.releases.iter().any(|r| r == release)
    };
    let groups = view
        .groups
        .values()
        .filter(on_it)
        .map(|g| g.id.clone())
        .take(3);
    let said = if service.is_empty() {
        Sentence::new("A source without a name")
    } else {
        Sentence::default().quote(service)
    };
    let said = said
        .words(" runs release ")
        .code(release)
        .words(", which the time before does not know.")
        .citing(groups);
    Change {
        kind: ChangeKind::Release,
        service: service.to_owned(),
        group_id: None,
        sentence: said,
    }
}

fn group_change(view: &View<'_>, changes: &Changes<'_>, group: &GroupStat) -> Option<Change> {
    let now = || view.of_group(Measure::EventsInWindow, group);
    let before = || view.of_group(Measure::EventsInBaseline, group);
    let rate = changes.rates.get(group.id.as_str());
    let subject = || {
        Sentence::default()
            .service(&group.service)
            .quote(&group.title)
    };
    let (kind, said) = if is_new(view, group) && view.has_baseline() {
        let first = view.of_group(Measure::FirstSeen, group);
        let said = subject().words(": first seen ").number(first).words(", ");
        let said = said.number(now()).words(" in the window, none before.");
        (
            if group.failure {
                ChangeKind::NewFailure
            } else {
                ChangeKind::NewTemplate
            },
            said,
        )
    } else {
        let kind = match rate? {
            z if *z > 0.0 => ChangeKind::RateUp,
            _ if group.count_window == 0 => ChangeKind::Vanished,
            _ => ChangeKind::RateDown,
        };
        let said = subject()
            .words(": ")
            .number(now())
            .words(" in the window, ");
        (kind, said.number(before()).words(" in the baseline."))
    };
    Some(Change {
        kind,
        service: group.service.clone(),
        group_id: Some(group.id.clone()),
        sentence: said.citing([&group.id]),
    })
}

/// Changes that were told, those after which most failed first.
fn told(view: &View<'_>) -> Vec<Change> {
    let mut all: Vec<(&ToldChange, Option<&Around>)> = view
        .telemetry
        .changes
        .iter()
        .map(|told| (told, most_grown(view, told)))
        .collect();
    let grown = |around: Option<&Around>| {
        around.map_or(0, |(_, before, after)| after.saturating_sub(*before))
    };
    all.sort_by_key(|(told, around)| {
        let is_commit = told.change.kind == Kinds::Other;
        let latest = std::cmp::Reverse((grown(*around), !is_commit, told.time_unix_ns));
        (latest, told.evidence_id.as_str())
    });
    all.truncate(TOLD_COUNT_MAX);
    all.sort_by_key(|(told, _)| (told.time_unix_ns, told.evidence_id.as_str()));
    let one = |(told, around)| told_change(view, told, around);
    all.into_iter().map(one).collect()
}

/// A group's id, its events before a change and from it on.
type Around = (String, u64, u64);

/// The failing group that grew most from the change on, or is the largest around it.
fn most_grown<'t>(view: &View<'_>, told: &'t ToldChange) -> Option<&'t Around> {
    let known = told
        .around
        .iter()
        .filter(|(id, before, after)| before + after > 0 && view.groups.contains_key(id.as_str()));
    known.max_by_key(|(id, before, after)| {
        (
            after.saturating_sub(*before),
            before + after,
            std::cmp::Reverse(id),
        )
    })
}

fn told_change(view: &View<'_>, told: &ToldChange, around: Option<&Around>) -> Change {
    let id = || told.evidence_id.clone();
    let number =
        |measure, group: &str| view.measure(measure, Scope::Around(id(), group.to_owned()));
    let mut said = Sentence::default()
        .number(number(Measure::ChangeTime, ""))
        .words(": ")
        .service(&told.change.service)
        .quote(&change_text(&told.change));
    if let Some((group, ..)) = around {
        if let Some(known) = view.groups.get(group.as_str()) {
            said = said.words(". Of “").quote(&known.title).words("”, ");
        }
        let after = number(Measure::EventsAfterChange, group);
        said = said
            .count(after, "event", "events")
            .words(" from then on for up to an hour, ")
            .number(number(Measure::EventsBeforeChange, group))
            .words(" in as long before")
            .citing([group]);
    }
    Change {
        kind: ChangeKind::Told,
        service: told.change.service.clone(),
        group_id: around.map(|(group, ..)| group.clone()),
        sentence: said.words(".").citing([id()]),
    }
}

/// Operations whose spans' own time grew.
fn slower(view: &View<'_>) -> Vec<Change> {
    let mut sides: BTreeMap<(&str, &str), [Vec<&Exemplar>; 2]> = BTreeMap::new();
    let window = view.telemetry.window;
    let spans = view.all().filter(|x| x.event.kind == Kind::Span);
    let timed = |x: &&Exemplar| (1..x.event.end_unix_ns).contains(&x.event.time_unix_ns);
    for span in spans.filter(timed) {
        let side = usize::from(window.contains(span.time_unix_ns));
        let key = (span.event.service(), span.event.name.as_str());
        if let Some(list) = sides.entry(key).or_default().get_mut(side) {
            list.push(span);
        }
    }
    let own = |spans: &[&Exemplar]| {
        median(
            spans
                .iter()
                .map(|x| crate::measure::self_time(view.telemetry, x))
                .collect(),
        )
    };
    let ids = |spans: &[&Exemplar]| -> Vec<String> {
        spans.iter().map(|x| x.evidence_id.clone()).collect()
    };
    let mut out = Vec::new();
    for ((service, name), [before, now]) in &sides {
        if before.len() < SPANS_MIN || now.len() < SPANS_MIN {
            continue;
        }
        let (old, new) = (own(before), own(now));
        if new < old.saturating_mul(SLOWER_MIN) || new - old < SLOWER_NS_MIN {
            continue;
        }
        let time =
            |spans: &[&Exemplar]| view.measure(Measure::SelfTimeMedian, Scope::Events(ids(spans)));
        let said = Sentence::default()
            .service(service)
            .code(name)
            .words(" spends ")
            .number(time(now))
            .words(" in itself (median of the stored spans), ")
            .number(time(before))
            .words(" before.")
            .citing(ids(now).into_iter().chain(ids(before)));
        let group_id = now.first().map(|x| x.group_id.clone());
        out.push(Change {
            kind: ChangeKind::Slower,
            service: (*service).to_owned(),
            group_id,
            sentence: said,
        });
    }
    out
}

/// Whether a group's kind can carry a place in code.
pub(crate) const fn has_code(kind: GroupKind) -> bool {
    matches!(kind, GroupKind::Exception | GroupKind::Expectation)
}
