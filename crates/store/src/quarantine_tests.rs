//! Entries that leave quarantine: once, in their own scope, and with every count whole.

use cordon_event::limits::SEALED_RAW_S_MAX;
use cordon_event::{Entry, Event, EventId, Kind, Quarantined, Region, SealedRaw, Value};
use cordon_redact::Clean;
use rusqlite::Connection;

use crate::tests::{Bench, DAY_S, NOON_S, at, batch, classify, event, events, id, scope};
use crate::*;

const NS_PER_S: u64 = 1_000_000_000;
/// Makes of this format's table that of the format before.
pub(crate) const WITHOUT_COLUMNS: &str = "ALTER TABLE quarantine DROP COLUMN raw;
    ALTER TABLE quarantine DROP COLUMN raw_until_s;";
const RAW: &[u8] = b"ciphertext of a raw event";

fn held(kind: Kind, until_unix_s: u64) -> Entry {
    Entry::Quarantined(Quarantined {
        reason: "late_hit".into(),
        rule: "late.email".into(),
        paths: vec!["body".into(), "attributes.memo".into()],
        source: "shop".into(),
        removed: vec![
            ("A".into(), "jwt".into(), 2),
            ("B".into(), "email".into(), 1),
        ],
        kind,
        time_unix_ns: (NOON_S - 60) * NS_PER_S,
        sealed: (until_unix_s > 0).then(|| SealedRaw {
            bytes: RAW.to_vec(),
            until_unix_s,
        }),
    })
}

/// One event and three entries that are held back, of which one has a sealed raw event.
fn filled() -> Bench {
    let bench = Bench::new();
    let mut entries = events(0, [event("g", NOON_S)]);
    entries.push((id(1), held(Kind::Log, 0)));
    entries.push((id(2), held(Kind::Crash, NOON_S + 7_200)));
    entries.push((id(3), held(Kind::Change, u64::MAX)));
    bench.apply(1, &batch("acme", 1, NOON_S, entries));
    bench
}

fn release(bench: &Bench, name: &str, id: EventId, now_unix_s: u64) -> bool {
    let region = Region::parse("eu").unwrap();
    let released = bench
        .store
        .release(&scope(name), id, &region, now_unix_s, &classify);
    released.unwrap()
}

fn ids(bench: &Bench) -> Vec<EventId> {
    bench.store.quarantined_ids(&scope("acme")).unwrap()
}

#[test]
fn what_is_released_is_an_event_once() {
    let bench = filled();
    let later_s = NOON_S + 3 * DAY_S;
    assert!(release(&bench, "acme", id(1), later_s));
    assert!(!release(&bench, "acme", id(1), later_s), "once");
    assert_eq!(ids(&bench), [id(3), id(2)]);
    let told = bench.accounting("acme");
    let left = [("late_hit".to_owned(), 2)];
    assert_eq!((told.received, told.kept, told.released), (4, 2, 1));
    assert_eq!(told.quarantined, left);
    let stored = bench.store.event(&scope("acme"), id(1)).unwrap().unwrap();
    assert_eq!(
        stored.time_unix_ns,
        (NOON_S - 60) * NS_PER_S,
        "its own time"
    );
    let event = stored.event.get();
    assert_eq!((event.service(), event.kind), ("shop", Kind::Log));
    let body = event.body.as_str();
    assert_eq!(body, Some("event released from quarantine: late_hit"));
    let rule = event.attribute_str("cordon.quarantine.rule");
    assert_eq!(rule, Some("late.email"));
    let count = event.attribute("cordon.quarantine.removed_count");
    assert_eq!(count, Some(&Value::Int(3)));
    // A group of today is not moved back to the day of what was released into it.
    bench
        .store
        .expire(&stored.tenant, NOON_S + 20 * DAY_S, 18)
        .unwrap();
    let store = &bench.store;
    assert!(store.group(&scope("acme"), "g").unwrap().is_none());
    assert!(store.group(&scope("acme"), GROUP_OTHER).unwrap().is_some());
}

#[test]
fn what_failed_is_released_as_a_failure_and_a_change_as_a_line() {
    let bench = filled();
    for (n, kind, failure) in [(2, Kind::Crash, true), (3, Kind::Log, false)] {
        assert!(release(&bench, "acme", id(n), NOON_S));
        let stored = bench.store.event(&scope("acme"), id(n)).unwrap().unwrap();
        assert_eq!((stored.event.get().kind, stored.failure), (kind, failure));
    }
    assert_eq!(bench.accounting("acme").released, 2);
}

#[test]
fn another_tenants_scope_finds_nothing_to_take_out() {
    let bench = filled();
    let beta = scope("beta");
    assert!(!release(&bench, "beta", id(1), NOON_S));
    let dropped = Leaves::Dropped(DropReason::TestData);
    assert!(!bench.store.discharge(&beta, id(1), dropped).unwrap());
    assert!(bench.store.quarantined(&beta, id(1)).unwrap().is_none());
    assert!(bench.store.sealed_raw(&beta, id(2), 0).unwrap().is_none());
    assert!(bench.store.quarantined_ids(&beta).unwrap().is_empty());
    assert_eq!(ids(&bench).len(), 3);
    assert_eq!(bench.accounting("beta"), Accounting::default());
}

#[test]
fn what_is_dropped_or_run_again_is_counted_and_gone() {
    let bench = filled();
    let acme = scope("acme");
    let dropped = Leaves::Dropped(DropReason::FalseAlarm);
    assert!(bench.store.discharge(&acme, id(1), dropped).unwrap());
    assert!(!bench.store.discharge(&acme, id(1), dropped).unwrap());
    // Run again: it comes as another entry, then leaves.
    let again = events(7, [event("g", NOON_S)]);
    bench.apply(2, &batch("acme", 2, NOON_S, again));
    assert!(bench.store.discharge(&acme, id(2), Leaves::Rerun).unwrap());
    let told = bench.accounting("acme");
    assert_eq!(told.dropped, [("false_alarm".to_owned(), 1)]);
    assert_eq!((told.received, told.rerun, told.released), (5, 1, 0));
    assert_eq!(told.quarantined, [("late_hit".to_owned(), 1)]);
    assert_eq!(ids(&bench), [id(3)]);
}

#[test]
fn a_sealed_raw_event_is_beside_its_entry_until_its_time() {
    let bench = filled();
    let acme = scope("acme");
    let raw = |n, now_s| bench.store.sealed_raw(&acme, id(n), now_s).unwrap();
    let until = |n| {
        let row = bench.store.quarantined(&acme, id(n)).unwrap().unwrap();
        assert_eq!(row.held.get().0.sealed, None, "not within the entry");
        assert_eq!(row.expires_unix_s(30), (NOON_S / DAY_S + 31) * DAY_S);
        row.raw_until_unix_s
    };
    assert_eq!((until(1), raw(1, NOON_S)), (None, None));
    assert_eq!(until(2), Some(NOON_S + 7_200));
    assert_eq!(
        until(3),
        Some(NOON_S + SEALED_RAW_S_MAX),
        "no longer than that"
    );
    assert_eq!(raw(2, NOON_S + 7_199).as_deref(), Some(RAW));
    assert_eq!(raw(2, NOON_S + 7_200), None, "not after it");
    // Expiry comes by once an hour: what would be late the next time goes now.
    let acme_id = crate::tests::tenant("acme");
    bench.store.expire(&acme_id, NOON_S + 3_599, 30).unwrap();
    assert!(raw(2, NOON_S).is_some());
    bench.store.expire(&acme_id, NOON_S + 3_600, 30).unwrap();
    assert_eq!((raw(2, NOON_S), until(2)), (None, None));
    assert!(raw(3, NOON_S).is_some());
    assert_eq!(ids(&bench).len(), 3, "the entries stay");
    assert!(release(&bench, "acme", id(3), NOON_S));
    for file in std::fs::read_dir(bench.dir.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(RAW.len()).any(|part| part == RAW);
        assert!(!found, "left in {}", path.display());
    }
}

#[test]
fn raw_events_beyond_their_number_give_way_and_entries_stay() {
    let bench = Bench::new();
    let count = SEALED_RAW_COUNT_MAX + 5;
    let entries = (0..count).map(|n| (id(n), held(Kind::Log, u64::MAX)));
    bench.apply(1, &batch("acme", 1, NOON_S, entries.collect()));
    let acme = scope("acme");
    let raw = |n| bench.store.sealed_raw(&acme, id(n), NOON_S).unwrap();
    assert!(raw(4).is_none() && raw(5).is_some() && raw(count - 1).is_some());
    assert_eq!(ids(&bench).len() as u64, count);
}

#[test]
fn entries_of_an_earlier_format_are_read() {
    let bench = filled();
    bench
        .store
        .expire(&crate::tests::tenant("acme"), NOON_S, 30)
        .unwrap();
    let Bench { dir, vault, store } = bench;
    let path = dir.path().join("store.db");
    drop(store);
    let db = Connection::open(&path).unwrap();
    db.execute_batch(WITHOUT_COLUMNS).unwrap();
    // What later formats add.
    for table in ["metric_series", "metric_minute", "metric_stream"] {
        db.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    db.pragma_update(None, "user_version", 3).unwrap();
    drop(db);
    let store = Store::open(&path, vault.clone()).unwrap();
    let rows = store.quarantine(&scope("acme"), 10).unwrap();
    assert_eq!((rows.rows.len(), rows.unreadable), (3, 0));
    assert!(rows.rows.iter().all(|row| row.raw_until_unix_s.is_none()));
    let grouping = |event: &Clean<Event>| classify(event);
    let more = batch("acme", 9, NOON_S, vec![(id(9), held(Kind::Log, u64::MAX))]);
    store.apply(at(9), &more, &grouping).unwrap();
    assert!(
        store
            .sealed_raw(&scope("acme"), id(9), NOON_S)
            .unwrap()
            .is_some()
    );
}
