//! Attacks on what crosses tenants. Each fails where the guard that it is about is taken away.

use std::collections::BTreeSet;
use std::sync::Arc;

use cordon_event::{Event, Region, TenantId};
use cordon_govern::{AcrossGrant, AcrossScope, KRule, Operator};
use cordon_journal::KeyError;
use cordon_redact::{Opener, PseudonymMac, Sealer};
use proptest::prelude::*;

use crate::feature_tests::of;
use crate::tests::{Bench, DAY_S, NOON_S, batch, events, scope, tenant};
use crate::{AcrossRow, Domain, Error, GROUP_OTHER, RecordKeys, Store};

const GROUP: &str = "fp_aaaabbbbccccddddeeee2222";

/// A tenant's part: how many subjects, and how often each is seen.
#[derive(Clone, Copy, Debug)]
struct Part {
    subjects: u64,
    repeats: u64,
}

const fn part(subjects: u64, repeats: u64) -> Part {
    Part { subjects, repeats }
}

fn across_scope() -> AcrossScope {
    AcrossGrant::mint_across(Operator::parse("local").unwrap()).authorise()
}

fn name(n: usize) -> String {
    format!("tenant-{n}")
}

/// An event that concerns a subject. Pseudonyms of two tenants are never alike.
fn of_subject(group: &str, n: usize, subject: u64, release: &str) -> Event {
    let letters = |mut rest: u64| -> String {
        let letter = |_| {
            let letter = char::from(b'a' + (rest % 26) as u8);
            rest /= 26;
            letter
        };
        (0..24).map(letter).collect()
    };
    let user = format!("user_{}", letters(subject + 1_000 * n as u64));
    let mut event = of(group, "shop", release, NOON_S);
    event.attributes.push(("enduser.id".into(), user.into()));
    event
}

struct Many {
    bench: Bench,
    sent: u64,
}

impl Many {
    fn of(parts: &[Part]) -> Self {
        let mut many = Self {
            bench: Bench::new(),
            sent: 0,
        };
        for (n, part) in parts.iter().enumerate() {
            many.join(n);
            many.send(n, GROUP, *part, "1.0");
        }
        many
    }

    fn join(&self, n: usize) {
        let region = Region::parse("eu").unwrap();
        self.bench
            .vault
            .create_tenant(&tenant(&name(n)), &region)
            .unwrap();
    }

    fn send(&mut self, n: usize, group: &str, part: Part, release: &str) {
        let mut list = Vec::new();
        for subject in 0..part.subjects {
            let event = of_subject(group, n, subject, release);
            list.extend(std::iter::repeat_n(event, part.repeats as usize));
        }
        if part.subjects == 0 {
            let machine = of(group, "shop", release, NOON_S);
            list.extend(std::iter::repeat_n(machine, part.repeats as usize));
        }
        self.sent += 1;
        let ids = events(self.sent * 10_000_000, list);
        self.bench
            .apply(self.sent, &batch(&name(n), self.sent, NOON_S, ids));
    }

    /// What was counted, without sending as many events.
    fn count(&self, n: usize, count: u64) {
        let of = format!("tenant = '{}' AND group_id = '{GROUP}'", name(n));
        self.bench
            .sql(&format!("UPDATE grouped SET count = {count} WHERE {of}"));
    }

    fn told(&self) -> Vec<AcrossRow> {
        self.bench
            .store
            .across(&across_scope(), KRule::default())
            .unwrap()
            .rows
    }
}

/// Whether the group is told.
fn check(parts: &[Part]) -> bool {
    !Many::of(parts).told().is_empty()
}

#[test]
fn four_tenants_are_not_told_however_often_they_repeat() {
    let many = Many::of(&[part(9, 3); 4]);
    for n in 0..4 {
        many.count(n, 1_000_000);
    }
    assert_eq!(many.told(), []);
    assert!(check(&[part(1, 1); 5]));
}

#[test]
fn five_tenants_with_four_subjects_are_not_told() {
    let mut parts = [part(1, 50); 5];
    parts[4] = part(0, 50);
    assert!(!check(&parts));
    parts[4] = part(1, 1);
    assert!(check(&parts));
    // Machines alone concern nobody, in however many tenants.
    assert!(!check(&[part(0, 20); 9]));
}

#[test]
fn one_tenant_with_many_subjects_is_not_told() {
    assert!(!check(&[part(500, 2)]));
}

#[test]
fn one_subject_under_many_repeats_counts_once() {
    // Four subjects in all, each seen a thousand times, in five tenants.
    assert!(!check(&[
        part(4, 1_000),
        part(0, 1),
        part(0, 1),
        part(0, 1),
        part(0, 1)
    ]));
    // The rule asks for distinct tenants and subjects, not for subjects in each tenant.
    assert!(check(&[
        part(5, 1),
        part(0, 1),
        part(0, 1),
        part(0, 1),
        part(0, 1)
    ]));
}

#[test]
fn a_tenant_whose_keys_are_gone_counts_for_nothing() {
    let many = Many::of(&[part(2, 1); 5]);
    assert_eq!(many.told().len(), 1);
    let of = format!("tenant = '{}'", name(3));
    many.bench.sql(&format!(
        "UPDATE grouped SET sealed = zeroblob(40) WHERE {of}"
    ));
    assert_eq!(many.told(), []);
}

#[test]
fn the_groups_of_most_tenants_are_looked_at_first_and_a_cut_is_said() {
    const WIDER: &str = "fp_zzzzbbbbccccddddeeee2222";
    let mut many = Many::of(&[part(2, 1); 6]);
    many.join(6);
    for n in 0..7 {
        many.send(n, WIDER, part(2, 1), "1.0");
    }
    for (limit, expected, is_cut) in [(2, 2, false), (1, 1, true), (0, 0, true)] {
        let store = &many.bench.store;
        let told = store.across_up_to(&across_scope(), KRule::default(), limit);
        let told = told.unwrap();
        assert_eq!((told.rows.len(), told.is_cut), (expected, is_cut));
        assert!(told.rows.iter().any(|row| row.group_id == WIDER) || limit == 0);
    }
}

/// Keys that cannot be read just now.
struct NoKeys;

impl RecordKeys for NoKeys {
    fn sealer(&self, _: &TenantId, _: Domain, _: u32) -> Result<Box<dyn Sealer>, KeyError> {
        Err(KeyError::Unavailable)
    }

    fn opener(&self, _: &TenantId, _: Domain, _: u32) -> Result<Box<dyn Opener>, KeyError> {
        Err(KeyError::Unavailable)
    }

    fn mac(&self, _: &TenantId) -> Result<Box<dyn PseudonymMac>, KeyError> {
        Err(KeyError::Unavailable)
    }
}

#[test]
fn what_is_damaged_is_counted_and_what_fails_is_passed_on() {
    let many = Many::of(&[part(2, 1); 6]);
    let of = format!("tenant = '{}'", name(3));
    for (table, unreadable) in [("feature", 1), ("grouped", 2)] {
        many.bench.sql(&format!(
            "UPDATE {table} SET sealed = zeroblob(40) WHERE {of} AND group_id = '{GROUP}'"
        ));
        assert_eq!(many.told().len(), 1, "{table}");
        assert_eq!(many.bench.store.unreadable(), unreadable, "{table}");
    }
    let store = Store::open(&many.bench.path(), Arc::new(NoKeys)).unwrap();
    let failed = store.across(&across_scope(), KRule::default());
    assert!(
        matches!(failed, Err(Error::Key(KeyError::Unavailable))),
        "{failed:?}"
    );
    assert_eq!(store.unreadable(), 0);
}

#[test]
fn what_is_past_its_retention_counts_for_nothing() {
    let many = Many::of(&[part(2, 1); 5]);
    let later_s = NOON_S + 40 * DAY_S;
    many.bench
        .store
        .expire(&tenant(&name(0)), later_s, 30)
        .unwrap();
    assert_eq!(many.told(), []);
}

#[test]
fn a_name_that_one_tenant_has_is_never_told() {
    let mut many = Many::of(&[part(3, 1); 6]);
    many.send(2, GROUP, part(9, 9), "9.9-zebracrossing");
    for n in 0..4 {
        many.send(n, GROUP, part(3, 3), "2.0-of-four");
    }
    let told = many.told();
    let values: Vec<_> = told[0]
        .values
        .iter()
        .map(|(_, text)| text.get().as_str())
        .collect();
    assert_eq!(values, ["shop", "1.0", "eu"]);
    let said = format!("{told:?}");
    for hidden in ["zebracrossing", "of-four", "tenant-", "user_"] {
        assert!(!said.contains(hidden), "{hidden}");
    }
    many.send(5, GROUP, part(3, 3), "2.0-of-four");
    assert!(format!("{:?}", many.told()).contains("2.0-of-four"));
}

#[test]
fn a_name_that_many_tenants_have_for_few_subjects_is_not_told() {
    let mut many = Many::of(&[part(3, 1); 5]);
    for n in 0..5 {
        many.send(n, GROUP, part(u64::from(n < 4), 7), "2.0");
    }
    assert!(!format!("{:?}", many.told()).contains("2.0"));
}

#[test]
fn a_title_of_fewer_is_not_told_with_a_group_of_many() {
    let many = Many::of(&[part(3, 1); 5]);
    let title = |many: &Many| {
        many.told()[0]
            .title
            .clone()
            .map(cordon_redact::Clean::into_inner)
    };
    assert_eq!(title(&many), Some(format!("title of {GROUP}")));
    let mut mixed = Many::of(&[part(3, 1); 4]);
    mixed.join(4);
    let classify = |event: &cordon_redact::Clean<Event>| {
        event.project(|event| crate::Grouping {
            group_id: event.body.as_str().unwrap_or_default().to_owned(),
            title: "another title".to_owned(),
            ..crate::Grouping::default()
        })
    };
    mixed.sent += 1;
    let sent = events(1, [of_subject(GROUP, 4, 1, "1.0")]);
    let sent = batch(&name(4), mixed.sent, NOON_S, sent);
    let cursor = crate::tests::at(mixed.sent);
    mixed.bench.store.apply(cursor, &sent, &classify).unwrap();
    assert_eq!(title(&mixed), None);
}

#[test]
fn the_group_of_all_others_is_no_group() {
    let mut many = Many::of(&[part(3, 1); 5]);
    for n in 0..5 {
        many.send(n, GROUP_OTHER, part(3, 1), "1.0");
    }
    assert_eq!(many.told().len(), 1);
}

#[test]
fn two_questions_do_not_tell_what_came_between() {
    let many = Many::of(&[part(4, 5); 6]);
    let before = many.told();
    assert_eq!((before[0].tenants_min, before[0].events_min), (5, 10));
    // One tenant's flood, or its silence down to the same magnitude, moves nothing.
    for count in [10, 99, 1_000, 1_000_000, u64::from(u32::MAX)] {
        many.count(5, count);
        assert_eq!(many.told(), before, "{count}");
    }
    // A sixth tenant that comes or goes moves nothing either.
    let five = Many::of(&[part(4, 5); 5]);
    assert_eq!(five.told(), before);
}

#[test]
fn a_day_of_one_tenant_is_not_told() {
    let many = Many::of(&[part(4, 5); 5]);
    let before = many.told();
    let of = format!("tenant = '{}'", name(1));
    many.bench.sql(&format!(
        "UPDATE grouped SET first_ns = 86400000000000 WHERE {of}"
    ));
    assert_eq!(many.told(), before);
    // With a sixth the last of one is not told either: five others have the earlier one.
    let six = Many::of(&[part(4, 5); 6]);
    let far = (NOON_S + 9 * DAY_S) * 1_000_000_000;
    let of = format!("tenant = '{}'", name(1));
    six.bench
        .sql(&format!("UPDATE grouped SET last_ns = {far} WHERE {of}"));
    assert_eq!(six.told(), before);
}

#[test]
fn tenants_data_stays_readable_by_its_own_scope_alone() {
    let many = Many::of(&[part(3, 1); 5]);
    let own = many.bench.store.features(&scope(&name(1)), GROUP).unwrap();
    assert!(own.is_some());
    assert!(
        many.bench
            .store
            .features(&scope("acme"), GROUP)
            .unwrap()
            .is_none()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// A model of the rule in three lines against the store.
    #[test]
    fn a_group_is_told_where_tenants_and_subjects_are_enough_and_nowhere_else(
        parts in prop::collection::vec((0..4_u64, 1..4_u64), 0..8),
    ) {
        let parts: Vec<Part> = parts.into_iter().map(|(s, r)| part(s, r)).collect();
        let subjects: u64 = parts.iter().map(|p| p.subjects).sum();
        let distinct: BTreeSet<usize> = (0..parts.len()).collect();
        prop_assert_eq!(check(&parts), distinct.len() >= 5 && subjects >= 5);
    }
}
