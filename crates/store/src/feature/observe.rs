//! Adding what a batch brings to features, within their limits.
//!
//! *Invariant:* the counts of a dimension's values sum up to the events that have a value of it:
//! what gives way is moved into `other`, with its buckets.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::feature::value::{Dimension, Features, Origin, Tally, Value};
use crate::limits::{
    RELEASES_GONE_COUNT_MAX, TENANT_COMPONENTS_COUNT_MAX, TENANT_RELEASES_COUNT_MAX,
    VALUE_BYTES_MAX, VALUE_SUBJECTS_COUNT_MAX, VALUES_COUNT_MAX,
};
use crate::subject::{Subject, Subjects};

/// Events of one origin, as numbers: count, first and last time; counts by bucket, and subjects.
pub(crate) type Numbers = ((u64, (u64, u64)), (Vec<(u64, u64)>, Vec<Subject>));

/// The events of one origin in a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pile {
    span: Tally,
    buckets: BTreeMap<u64, u64>,
}

impl Pile {
    pub(crate) fn add(&mut self, time_ns: u64, bucket: u64, subjects: Vec<Subject>) {
        self.span.take(1, time_ns, time_ns, subjects);
        *self.buckets.entry(bucket).or_insert(0) += 1;
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        self.span.merge(&other.span);
        for (bucket, count) in other.buckets {
            *self.buckets.entry(bucket).or_insert(0) += count;
        }
    }

    pub(crate) fn numbers(&self) -> Numbers {
        let Self { span, buckets } = self;
        let times = (span.first_unix_ns, span.last_unix_ns);
        let buckets = buckets.iter().map(|(bucket, n)| (*bucket, *n)).collect();
        ((span.count, times), (buckets, span.subjects.all()))
    }
}

impl Tally {
    fn take(&mut self, count: u64, first_ns: u64, last_ns: u64, subjects: Vec<Subject>) {
        self.count = self.count.saturating_add(count);
        self.first_unix_ns = self.first_unix_ns.min(first_ns);
        self.last_unix_ns = self.last_unix_ns.max(last_ns);
        self.subjects
            .observe_up_to(VALUE_SUBJECTS_COUNT_MAX, subjects);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        let subjects = other.subjects.all();
        self.take(
            other.count,
            other.first_unix_ns,
            other.last_unix_ns,
            subjects,
        );
        self.folded = self.folded.saturating_add(other.folded);
    }
}

/// What the buckets of a group have to follow. An empty name is `other`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// Components that gave way.
    pub(crate) gone: Vec<String>,
    /// Counts by component and bucket.
    pub(crate) added: BTreeMap<(String, u64), u64>,
}

/// The features of a group with what a batch brings.
pub(crate) fn of_group(
    (mut features, seen): (Features, Vec<(Origin, Numbers)>),
) -> (Features, Moves) {
    let before = components(&features);
    for dimension in Dimension::ALL {
        add(&mut features, dimension, &seen);
        bound(&mut features, dimension, VALUES_COUNT_MAX);
    }
    let after = components(&features);
    let mut added = BTreeMap::new();
    for (origin, (_, (buckets, _))) in seen {
        if origin.component.is_empty() {
            continue;
        }
        let name = if after.contains(&origin.component) {
            origin.component
        } else {
            String::new()
        };
        for (bucket, count) in buckets {
            *added.entry((name.clone(), bucket)).or_insert(0) += count;
        }
    }
    let gone = before.difference(&after).cloned().collect();
    (features, Moves { gone, added })
}

/// The features of a tenant with what a batch brings, without subjects, and the slots that
/// were given up: what lies in them is `other` from now on.
pub(crate) fn of_tenant(
    (mut features, seen): (Features, Vec<(Origin, Numbers)>),
) -> (Features, Vec<u32>) {
    for (dimension, count_max) in [
        (Dimension::Component, TENANT_COMPONENTS_COUNT_MAX),
        (Dimension::Release, TENANT_RELEASES_COUNT_MAX),
        (Dimension::Region, VALUES_COUNT_MAX),
    ] {
        add(&mut features, dimension, &seen);
        let stale = bound(&mut features, dimension, count_max);
        let releases = stale.iter().filter(|_| dimension == Dimension::Release);
        remember(&mut features.gone, releases);
    }
    // Nothing that is told of a tenant as a whole is told by its subjects.
    for tally in features.values.values_mut() {
        tally.subjects = Subjects::default();
    }
    let given_up = number(&mut features);
    (features, given_up)
}

fn components(features: &Features) -> BTreeSet<String> {
    let values = features.values.keys();
    let of = values.filter(|v| v.dimension == Dimension::Component && !v.is_other());
    of.map(|v| v.text.clone()).collect()
}

fn add(features: &mut Features, dimension: Dimension, seen: &[(Origin, Numbers)]) {
    for (origin, ((count, (first_ns, last_ns)), (_, subjects))) in seen {
        let Some(value) = origin.value(dimension) else {
            continue;
        };
        // Cut, a value might be taken for another; it goes as a whole.
        let fits = value.text.len() <= VALUE_BYTES_MAX && value.component.len() <= VALUE_BYTES_MAX;
        let value = if fits { value } else { Value::other(dimension) };
        let tally = match features.values.entry(value) {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(place) => {
                let returned = dimension == Dimension::Release
                    && !place.key().is_other()
                    && may_have_gone(&features.gone, place.key());
                place.insert(Tally {
                    returned,
                    ..Tally::default()
                })
            }
        };
        tally.take(*count, *first_ns, *last_ns, subjects.clone());
        tally.folded += u64::from(!fits);
    }
}

/// What a release that gave way is remembered by: eight bytes of a digest.
fn digest(release: &Value) -> u64 {
    let mut hash = Sha256::new();
    hash.update((release.component.len() as u64).to_be_bytes());
    hash.update(release.component.as_bytes());
    hash.update(release.text.as_bytes());
    let bytes = hash.finalize();
    let first = bytes.iter().take(size_of::<u64>());
    first.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Remembers releases that gave way, until retention takes them. There is no room beyond the limit:
/// then nobody can say that a release is new.
fn remember<'a>(gone: &mut BTreeMap<u64, u64>, releases: impl Iterator<Item = &'a (Value, u64)>) {
    for (release, last_ns) in releases {
        let digest = digest(release);
        if gone.len() < RELEASES_GONE_COUNT_MAX || gone.contains_key(&digest) {
            let last = gone.entry(digest).or_insert(0);
            *last = (*last).max(*last_ns);
        }
    }
}

fn may_have_gone(gone: &BTreeMap<u64, u64>, release: &Value) -> bool {
    gone.len() >= RELEASES_GONE_COUNT_MAX || gone.contains_key(&digest(release))
}

/// The values that were seen last stay; the others are moved into `other`. Which these are, and
/// when they were last seen.
fn bound(features: &mut Features, dimension: Dimension, count_max: usize) -> Vec<(Value, u64)> {
    let mut ages: Vec<(u64, &Value)> = features
        .values
        .iter()
        .filter(|(value, _)| value.dimension == dimension && !value.is_other())
        .map(|(value, tally)| (tally.last_unix_ns, value))
        .collect();
    if ages.len() <= count_max {
        return Vec::new();
    }
    ages.sort_unstable_by(|a, b| b.cmp(a));
    let stale: Vec<(Value, u64)> = ages
        .into_iter()
        .skip(count_max)
        .map(|(last_ns, value)| (value.clone(), last_ns))
        .collect();
    let mut other = Tally::default();
    for (value, _) in &stale {
        if let Some(tally) = features.values.remove(value) {
            other.merge(&tally);
            other.folded = other.folded.saturating_add(1);
        }
    }
    let place = features.values.entry(Value::other(dimension));
    place.or_default().merge(&other);
    stale
}

/// Gives each component a slot, the lowest that is free; which slots were given up.
pub(crate) fn number(features: &mut Features) -> Vec<u32> {
    let present = components(features);
    let mut given_up = Vec::new();
    features.slots.retain(|name, slot| {
        let stays = present.contains(name);
        if !stays {
            given_up.push(*slot);
        }
        stays
    });
    let taken: BTreeSet<u32> = features.slots.values().copied().collect();
    let mut free = (1_u32..).filter(|slot| !taken.contains(slot));
    for name in present {
        if let Entry::Vacant(place) = features.slots.entry(name)
            && let Some(slot) = free.next()
        {
            place.insert(slot);
        }
    }
    given_up
}

/// Drops what was last seen before `from_ns`; which slots were given up.
pub(crate) fn without_stale((mut features, from_ns): (Features, u64)) -> (Features, Vec<u32>) {
    features
        .values
        .retain(|_, tally| tally.last_unix_ns >= from_ns);
    features.gone.retain(|_, last_ns| *last_ns >= from_ns);
    let given_up = if features.slots.is_empty() {
        Vec::new()
    } else {
        number(&mut features)
    };
    (features, given_up)
}

/// When the value was last seen that was not seen for longest, be it one that gave way; the end of
/// time where there is none.
pub(crate) fn oldest_ns(features: &Features) -> u64 {
    let last = features.values.values().map(|tally| tally.last_unix_ns);
    let gone = features.gone.values().copied();
    last.chain(gone).min().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(component: &str, release: &str, time_ns: u64) -> (Origin, Numbers) {
        let origin = Origin {
            component: component.into(),
            release: release.into(),
            region: "eu".into(),
            module: String::new(),
        };
        let mut pile = Pile::default();
        pile.add(time_ns, time_ns / 10, vec![(1, time_ns % 3)]);
        (origin, pile.numbers())
    }

    #[test]
    fn the_stalest_gives_way_to_other_and_is_counted() {
        let many = (0..VALUES_COUNT_MAX as u64 + 3).map(|n| seen("cart", &format!("1.{n}"), n));
        let (features, moves) = of_group((Features::default(), many.collect()));
        let releases = features.of(Dimension::Release);
        assert_eq!(releases.len(), VALUES_COUNT_MAX + 1);
        let (last, tally) = releases[VALUES_COUNT_MAX];
        assert!(last.is_other());
        assert_eq!((tally.count, tally.folded, tally.last_unix_ns), (3, 3, 2));
        assert_eq!(features.releases_of("cart")[0].0, "1.3");
        assert_eq!(moves.gone, Vec::<String>::new());
        assert_eq!(moves.added[&("cart".to_owned(), 0)], 10);
    }

    #[test]
    fn a_value_too_long_to_keep_is_other_as_a_whole() {
        let long = "r".repeat(VALUE_BYTES_MAX + 1);
        let (features, _) = of_group((Features::default(), vec![seen("cart", &long, 1)]));
        let releases = features.of(Dimension::Release);
        assert_eq!(releases.len(), 1);
        assert!(releases[0].0.is_other() && releases[0].1.folded == 1);
    }

    #[test]
    fn a_release_that_gave_way_and_comes_back_is_no_deploy() {
        let count = TENANT_RELEASES_COUNT_MAX as u64;
        let many = (0..count + 2).map(|n| seen("cart", &format!("1.{n}"), n));
        let (features, _) = of_tenant((Features::default(), many.collect()));
        assert!(features.values.values().all(|t| t.subjects.count() == 0));
        let later = vec![
            seen("cart", "1.0", 2 * count),
            seen("cart", "2.0", 2 * count + 1),
            // Another component's release of that name never gave way.
            seen("pay", "0.9", 2 * count),
            seen("pay", "1.0", 2 * count + 1),
        ];
        let (features, _) = of_tenant((features, later));
        let deploys = |component: &str| -> Vec<String> {
            let found = features.deploys_of(component).into_iter();
            found.map(|deploy| deploy.release).collect()
        };
        assert_eq!(deploys("cart").last().map(String::as_str), Some("2.0"));
        assert!(!deploys("cart").contains(&"1.0".to_owned()));
        assert_eq!(deploys("pay"), ["1.0"]);
        let (features, _) = without_stale((features, 2 * count));
        assert!(features.gone.is_empty());
    }

    #[test]
    fn past_what_is_remembered_no_release_is_taken_for_new() {
        let gone = (0..RELEASES_GONE_COUNT_MAX as u64 - 1).map(|n| (n, 1));
        for (more, expected) in [(0, 1), (1, 0)] {
            let mut features = Features {
                gone: gone.clone().collect(),
                ..Features::default()
            };
            features.gone.extend((0..more).map(|_| (u64::MAX, 1)));
            let all = vec![seen("cart", "1.0", 5), seen("cart", "1.1", 6)];
            let (features, _) = of_tenant((features, all));
            assert_eq!(features.deploys_of("cart").len(), expected);
        }
    }

    #[test]
    fn slots_are_unique_and_given_up_ones_are_told() {
        let many = (0..TENANT_COMPONENTS_COUNT_MAX as u64).map(|n| seen(&format!("c{n}"), "1", n));
        let (features, given_up) = of_tenant((Features::default(), many.collect()));
        assert_eq!((features.slots.len(), given_up.len()), (256, 0));
        let gone = features.slots["c0"];
        let (features, given_up) = of_tenant((features, vec![seen("new", "1", 999)]));
        assert_eq!(given_up, [gone]);
        let distinct: BTreeSet<u32> = features.slots.values().copied().collect();
        assert_eq!(
            (distinct.len(), features.slots.contains_key("c0")),
            (256, false)
        );
        assert!(!distinct.contains(&0));
    }

    #[test]
    fn what_is_past_its_time_goes() {
        let all = vec![seen("cart", "1.0", 5), seen("cart", "1.1", 50)];
        let (features, _) = of_tenant((Features::default(), all));
        assert_eq!(oldest_ns(&features), 5);
        let (features, given_up) = without_stale((features, 10));
        assert_eq!(features.releases_of("cart").len(), 1);
        assert_eq!((oldest_ns(&features), given_up), (50, vec![]));
        let (features, given_up) = without_stale((features, 60));
        assert_eq!((features.values.len(), given_up), (0, vec![1]));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_outgrows_its_limit(
            batches in prop::collection::vec(
                prop::collection::vec((0..90_u64, 0..90_u64, 0..500_u64), 1..60), 1..6),
        ) {
            let mut features = Features::default();
            let mut held: BTreeMap<(String, u64), u64> = BTreeMap::new();
            let mut total = 0;
            for batch in batches {
                let rows: Vec<_> = batch.iter()
                    .map(|(c, r, t)| seen(&format!("c{c}"), &format!("r{r}"), *t))
                    .collect();
                total += rows.len() as u64;
                let (next, moves) = of_group((features, rows));
                features = next;
                // As the table of buckets does.
                for name in moves.gone {
                    let moved: Vec<_> = held.keys().filter(|(n, _)| *n == name).cloned().collect();
                    for key in moved {
                        let count = held.remove(&key).unwrap();
                        *held.entry((String::new(), key.1)).or_insert(0) += count;
                    }
                }
                for (key, count) in moves.added {
                    *held.entry(key).or_insert(0) += count;
                }
                for dimension in [Dimension::Component, Dimension::Release, Dimension::Region] {
                    let of = features.of(dimension);
                    prop_assert!(of.len() <= VALUES_COUNT_MAX + 1);
                    prop_assert_eq!(of.iter().map(|(_, t)| t.count).sum::<u64>(), total);
                }
                for (value, tally) in features.of(Dimension::Component) {
                    let buckets: u64 = held.iter()
                        .filter(|((name, _), _)| *name == value.text)
                        .map(|(_, n)| n)
                        .sum();
                    prop_assert_eq!(buckets, tally.count);
                }
            }
        }
    }
}
