//! Changes in the store: by tenant and time, once, and until their time is up.

use cordon_event::{Change, ChangeKind};

use super::*;
use crate::tests::{Bench, DAY_S, NOON_S, batch, event, events, id, scope, tenant};
use crate::{Accounting, Applied};

fn change(subject: &str, at_s: u64) -> Event {
    Change {
        time_unix_ns: at_s * 1_000_000_000,
        service: "billing".to_owned(),
        kind: ChangeKind::Flag,
        subject: subject.to_owned(),
        ..Change::default()
    }
    .into_event()
}

/// Subjects of a tenant's changes between two times in seconds.
fn subjects(bench: &Bench, name: &str, from_s: u64, to_s: u64) -> Vec<String> {
    let window = Window {
        from_unix_ns: from_s * 1_000_000_000,
        to_unix_ns: to_s * 1_000_000_000,
    };
    let found = bench.store.changes(&scope(name), window, 100).unwrap();
    assert_eq!(found.unreadable, 0);
    let subject = |row: &StoredChange| Change::of(row.event.get()).unwrap().subject;
    found.rows.iter().map(subject).collect()
}

#[test]
fn changes_are_found_by_tenant_and_time_and_are_of_no_group() {
    let bench = Bench::new();
    let list = [
        change("a", NOON_S),
        event("g", NOON_S),
        change("b", NOON_S + 60),
    ];
    let applied = bench.apply(1, &batch("acme", 1, NOON_S + 90, events(0, list)));
    let (kept, quarantined) = (3, 0);
    assert_eq!(applied, Applied::New { kept, quarantined });
    bench.apply(
        2,
        &batch("beta", 1, NOON_S, events(0, [change("c", NOON_S)])),
    );
    assert_eq!(subjects(&bench, "acme", NOON_S, NOON_S + 61), ["b", "a"]);
    assert_eq!(subjects(&bench, "acme", NOON_S, NOON_S + 60), ["a"]);
    assert_eq!(subjects(&bench, "beta", 0, NOON_S + 60), ["c"]);
    assert_eq!(bench.groups("acme").len(), 1);
    assert!(bench.store.event(&scope("acme"), id(0)).unwrap().is_none());
    assert_eq!(bench.accounting("acme").kept, 3);
}

#[test]
fn a_change_that_comes_again_is_counted_once() {
    let bench = Bench::new();
    let list = || events(0, [change("a", NOON_S)]);
    bench.apply(1, &batch("acme", 1, NOON_S, list()));
    let again = bench.apply(2, &batch("acme", 1, NOON_S + 60, list()));
    assert_eq!(again, Applied::Duplicate);
    // After the window of requests the change's own id tells.
    bench.apply(3, &batch("acme", 1, NOON_S + 3 * DAY_S, list()));
    assert_eq!(subjects(&bench, "acme", 0, NOON_S + 60), ["a"]);
    let Accounting {
        kept, duplicate, ..
    } = bench.accounting("acme");
    assert_eq!((kept, duplicate), (1, 2));
}

#[test]
fn changes_expire_with_the_day_that_they_came() {
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(0, [change("a", NOON_S)])),
    );
    let later = NOON_S + 5 * DAY_S;
    bench.apply(2, &batch("acme", 2, later, events(9, [change("b", later)])));
    let oldest = || bench.store.oldest_day(Domain::Events).unwrap();
    assert_eq!(oldest(), Some(20_000));
    let expired = bench.store.expire(&tenant("acme"), later, 4).unwrap();
    assert_eq!((expired.changes, expired.days), (1, vec![20_000]));
    assert_eq!(subjects(&bench, "acme", 0, later + 1), ["b"]);
    assert_eq!(oldest(), Some(20_005));
    let accounting = bench.accounting("acme");
    assert_eq!((accounting.kept, accounting.expired), (1, 1));
}

#[test]
fn a_database_of_an_earlier_build_gets_the_table() {
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(0, [event("g", NOON_S)])),
    );
    let old = Connection::open(bench.path()).unwrap();
    for table in ["change", "metric_series", "metric_minute", "metric_stream"] {
        old.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    old.execute_batch(crate::quarantine_tests::WITHOUT_COLUMNS)
        .unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    drop(old);
    let store = Store::open(&bench.path(), bench.vault.clone()).unwrap();
    let ever = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX / 4,
    };
    assert!(
        store
            .changes(&scope("acme"), ever, 9)
            .unwrap()
            .rows
            .is_empty()
    );
}
