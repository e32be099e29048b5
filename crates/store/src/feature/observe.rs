//! Adding what a batch brings to features, within their limits.
//!
//! *Invariant:* the counts of a dimension's values sum up to the events that have a value of it:
//! what gives way is moved into `other`, with its buckets.

use std::collections::{BTreeMap, BTreeSet};

use crate::feature::value::{Dimension, Features, Origin, Tally, Value};
use crate::limits::{
    TENANT_COMPONENTS_COUNT_MAX, TENANT_RELEASES_COUNT_MAX, VALUE_BYTES_MAX,
    VALUE_SUBJECTS_COUNT_MAX, VALUES_COUNT_MAX,
};
use crate::subject::Subject;

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

/// The features of a tenant with what a batch brings, and the slots that were given up: what lies
/// in them is `other` from now on.
pub(crate) fn of_tenant(
    (mut features, seen): (Features, Vec<(Origin, Numbers)>),
) -> (Features, Vec<u32>) {
    for (dimension, count_max) in [
        (Dimension::Component, TENANT_COMPONENTS_COUNT_MAX),
        (Dimension::Release, TENANT_RELEASES_COUNT_MAX),
        (Dimension::Region, VALUES_COUNT_MAX),
    ] {
        add(&mut features, dimension, &seen);
        bound(&mut features, dimension, count_max);
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
        let tally = features.values.entry(value).or_default();
        tally.take(*count, *first_ns, *last_ns, subjects.clone());
        tally.folded += u64::from(!fits);
    }
}

/// The values that were seen last stay; the others are moved into `other`.
fn bound(features: &mut Features, dimension: Dimension, count_max: usize) {
    let mut ages: Vec<(u64, &Value)> = features
        .values
        .iter()
        .filter(|(value, _)| value.dimension == dimension && !value.is_other())
        .map(|(value, tally)| (tally.last_unix_ns, value))
        .collect();
    if ages.len() <= count_max {
        return;
    }
    ages.sort_unstable_by(|a, b| b.cmp(a));
    let stale: Vec<Value> = ages
        .into_iter()
        .skip(count_max)
        .map(|(_, value)| value.clone())
        .collect();
    let mut other = Tally::default();
    for value in &stale {
        if let Some(tally) = features.values.remove(value) {
            other.merge(&tally);
            other.folded = other.folded.saturating_add(1);
        }
    }
    let place = features.values.entry(Value::other(dimension));
    place.or_default().merge(&other);
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
        if let std::collections::btree_map::Entry::Vacant(place) = features.slots.entry(name)
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
    let given_up = if features.slots.is_empty() {
        Vec::new()
    } else {
        number(&mut features)
    };
    (features, given_up)
}

/// When the value was last seen that was not seen for longest; the end of time where there is none.
pub(crate) fn oldest_ns(features: &Features) -> u64 {
    let last = features.values.values().map(|tally| tally.last_unix_ns);
    last.min().unwrap_or(u64::MAX)
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
