//! What lies in the files, and what damage to them does.

use std::fs;

use cordon_event::{Entry, Event, Quarantined, attr};
use cordon_redact::Clean;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::tests::{Bench, DAY_S, NOON_S, at, batch, classify, event, events, id, scope, tenant};
use crate::{Applied, Error, Grouping, Store, Window};

#[test]
fn a_row_moved_to_another_tenant_does_not_open() {
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(0, [event("g", NOON_S)])),
    );
    bench.apply(
        2,
        &batch("beta", 2, NOON_S, events(1, [event("g", NOON_S)])),
    );
    bench.sql("UPDATE event SET tenant = 'beta' WHERE tenant = 'acme'");
    assert!(matches!(
        bench.store.event(&scope("beta"), id(0)),
        Err(Error::Open(_))
    ));
    let rows = bench.store.exemplars(&scope("beta"), "g", 9).unwrap();
    assert_eq!((rows.rows.len(), rows.unreadable), (1, 1));
}

#[test]
fn a_row_moved_to_another_group_or_day_does_not_open() {
    for change in ["group_id = 'h'", "day = day + 1", "event_id = zeroblob(16)"] {
        let bench = Bench::new();
        bench.apply(
            1,
            &batch("acme", 1, NOON_S, events(5, [event("g", NOON_S)])),
        );
        bench.apply(
            2,
            &batch("acme", 2, NOON_S + DAY_S, events(6, [event("x", NOON_S)])),
        );
        bench.sql(&format!("UPDATE event SET {change} WHERE group_id = 'g'"));
        let over = Window {
            from_unix_ns: 0,
            to_unix_ns: u64::MAX,
        };
        let rows = bench.store.exemplars_over(&scope("acme"), over, 9).unwrap();
        assert_eq!((rows.rows.len(), rows.unreadable), (1, 1), "{change}");
    }
}

#[test]
fn a_damaged_row_is_an_error_and_a_damaged_group_heals() {
    let bench = Bench::new();
    let send = |n| batch("acme", n, NOON_S, events(n, [event("g", NOON_S)]));
    bench.apply(1, &send(1));
    bench.sql("UPDATE event SET sealed = zeroblob(3)");
    bench.sql("UPDATE grouped SET sealed = zeroblob(0)");
    assert!(matches!(
        bench.store.event(&scope("acme"), id(1)),
        Err(Error::Open(_))
    ));
    assert!(bench.groups("acme").is_empty());
    bench.apply(2, &send(2));
    let groups = bench.groups("acme");
    assert_eq!(
        (groups[0].count, groups[0].text.get().title.as_str()),
        (2, "title of g")
    );
    bench.sql("UPDATE event SET event_id = x'00' WHERE seq = 1");
    assert!(
        bench
            .store
            .exemplars(&scope("acme"), "g", 9)
            .is_ok_and(|r| r.unreadable == 1 && r.rows.len() == 1)
    );
}

/// Flips a byte of a stored data key, or flips it back.
fn damage_key(bench: &Bench, domain: &str) {
    let keys = Connection::open(bench.dir.path().join("keys/keys.db")).unwrap();
    let place = "tenant = 'acme' AND domain = ?1";
    let find = format!("SELECT wrapped FROM data_keys WHERE {place}");
    let mut wrapped: Vec<u8> = keys.query_row(&find, [domain], |row| row.get(0)).unwrap();
    *wrapped.last_mut().unwrap() ^= 1;
    let put = format!("UPDATE data_keys SET wrapped = ?2 WHERE {place}");
    assert_eq!(keys.execute(&put, (domain, wrapped)).unwrap(), 1);
}

#[test]
fn a_damaged_key_drops_no_event_and_its_records_are_counted() {
    let bench = Bench::new();
    let send = |n| batch("acme", n, NOON_S, events(n, [event("g", NOON_S)]));
    bench.apply(1, &send(1));
    damage_key(&bench, "events");
    let reopened = || {
        let vault = cordon_vault::Vault::open(&bench.dir.path().join("keys")).unwrap();
        Store::open(&bench.path(), std::sync::Arc::new(vault)).unwrap()
    };
    let store = reopened();
    let failed = store.apply(at(2), &send(2), &classify);
    let damaged = Error::Key(cordon_journal::KeyError::Damaged);
    assert_eq!(failed.unwrap_err().to_string(), damaged.to_string());
    assert_eq!(store.cursor().unwrap(), at(1));
    let rows = store.exemplars(&scope("acme"), "g", 9).unwrap();
    assert_eq!((rows.rows.len(), rows.unreadable), (0, 1));
    assert_eq!(store.unreadable(), 1);
    // The key as it was, as from a backup.
    damage_key(&bench, "events");
    let store = reopened();
    let applied = store.apply(at(2), &send(2), &classify).unwrap();
    let (kept, quarantined) = (1, 0);
    assert_eq!(applied, Applied::New { kept, quarantined });
    let rows = store.exemplars(&scope("acme"), "g", 9).unwrap();
    assert_eq!((rows.rows.len(), rows.unreadable), (2, 0));
}

#[test]
fn nothing_readable_lies_in_the_files() {
    let bench = Bench::new();
    let marked = Event {
        name: "zebracrossing".into(),
        resource: vec![
            (attr::SERVICE_NAME.into(), "zebracrossing".into()),
            (attr::SERVICE_VERSION.into(), "zebracrossing".into()),
            (attr::CLOUD_REGION.into(), "zebracrossing".into()),
        ]
        .into(),
        ..event("g", NOON_S)
    };
    let paths = vec!["zebracrossing".to_owned()];
    let held = Quarantined {
        reason: "late_hit".into(),
        rule: "zebracrossing".into(),
        paths,
        ..Quarantined::default()
    };
    let mut entries = events(0, [marked]);
    entries.push((id(9), Entry::Quarantined(held)));
    let classify = |event: &Clean<Event>| {
        event.project(|event| Grouping {
            group_id: "g".into(),
            title: event.name.clone(),
            template: event.name.clone(),
            service: event.service().to_owned(),
            release: event.release().to_owned(),
            module: event.name.clone(),
            ..Grouping::default()
        })
    };
    bench
        .store
        .apply(at(1), &batch("acme", 1, NOON_S, entries), &classify)
        .unwrap();
    let mut seen = 0;
    for file in fs::read_dir(bench.dir.path())
        .unwrap()
        .map(|f| f.unwrap().path())
    {
        if file.is_file() {
            let bytes = fs::read(&file).unwrap();
            seen += bytes.len();
            assert!(
                !bytes.windows(13).any(|w| w == b"zebracrossing"),
                "{}",
                file.display()
            );
        }
    }
    assert!(seen > 10_000);
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(0, [event("g", NOON_S)])),
    );
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = fs::metadata(bench.dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn a_newer_format_is_left_alone() {
    let bench = Bench::new();
    let db = Connection::open(bench.path()).unwrap();
    db.pragma_update(None, "user_version", 9).unwrap();
    let opened = Store::open_or_set_aside(&bench.path(), bench.vault.clone());
    assert!(matches!(opened, Err(Error::Format(9))));
}

#[test]
fn a_file_that_is_no_database_is_set_aside() {
    let bench = Bench::new();
    let path = bench.dir.path().join("other.db");
    fs::write(&path, b"no database at all, not even nearly".repeat(200)).unwrap();
    assert!(matches!(
        Store::open(&path, bench.vault.clone()),
        Err(Error::Corrupt)
    ));
    let (store, aside) = Store::open_or_set_aside(&path, bench.vault.clone()).unwrap();
    assert!(
        fs::read(aside.unwrap())
            .unwrap()
            .starts_with(b"no database")
    );
    let one = batch("acme", 1, NOON_S, events(0, [event("g", NOON_S)]));
    store.apply(at(1), &one, &classify).unwrap();
}

#[test]
fn a_bit_of_a_name_in_the_schema_does_not_make_a_store_that_takes_nothing() {
    let places = [
        "CREATE TABLE request",
        "CREATE TABLE cursor",
        "CREATE TABLE bucket",
        "mac BLOB NOT NULL, seen_s",
        "tenant TEXT NOT NULL, name TEXT",
        "CREATE TABLE occasion",
        "label TEXT NOT NULL, count",
        "rank",
        "segment",
    ];
    for place in places {
        let bench = Bench::new();
        let send = |n| batch("acme", n, NOON_S, events(n, [event("g", NOON_S)]));
        bench.apply(1, &send(1));
        let Bench { dir, vault, store } = bench;
        drop(store);
        let path = dir.path().join("store.db");
        let mut bytes = fs::read(&path).unwrap();
        let found = bytes
            .windows(place.len())
            .position(|w| w == place.as_bytes());
        bytes[found.unwrap() + place.len() - 1] ^= 1;
        fs::write(&path, bytes).unwrap();
        let (store, aside) = Store::open_or_set_aside(&path, vault.clone()).unwrap();
        assert!(aside.is_some(), "{place}");
        let applied = store.apply(at(2), &send(2), &classify);
        assert!(
            matches!(applied, Ok(Applied::New { .. })),
            "{place}: {applied:?}"
        );
    }
}

/// An index that has other values than its table, which no start looks at by itself.
fn index_of_other_values(bench: Bench) -> (tempfile::TempDir, std::sync::Arc<cordon_vault::Vault>) {
    let list = (0..12).map(|_| event("g", NOON_S));
    bench.apply(1, &batch("acme", 1, NOON_S, events(0, list)));
    let Bench { dir, vault, store } = bench;
    drop(store);
    let open = || {
        let other = Connection::open(dir.path().join("store.db")).unwrap();
        other.execute_batch("PRAGMA writable_schema = ON").unwrap();
        other
    };
    let other = open();
    let sql = "SELECT rootpage, sql FROM sqlite_schema WHERE name = 'event_time'";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let (page, text) = other.query_row(sql, [], row).unwrap();
    let gone = "DELETE FROM sqlite_schema WHERE name = 'event_time'";
    other.execute(gone, []).unwrap();
    drop(other);
    let other = open();
    other
        .execute("UPDATE event SET time_ns = time_ns + 1", [])
        .unwrap();
    let back = "INSERT INTO sqlite_schema VALUES ('index', 'event_time', 'event', ?1, ?2)";
    other.execute(back, rusqlite::params![page, text]).unwrap();
    drop(other);
    (dir, vault)
}

#[test]
fn damage_that_only_writing_finds_is_set_aside_at_the_next_start() {
    let (dir, vault) = index_of_other_values(Bench::new());
    let path = dir.path().join("store.db");
    let (store, aside) = Store::open_or_set_aside(&path, vault.clone()).unwrap();
    assert!(aside.is_none());
    // Exemplars give way, whose values the index does not have.
    let list = (0..40).map(|_| event("g", NOON_S));
    let more = batch("acme", 2, NOON_S, events(100, list));
    let refused = store.apply(at(2), &more, &classify);
    assert!(matches!(refused, Err(Error::Corrupt)), "{refused:?}");
    drop(store);
    let (store, aside) = Store::open_or_set_aside(&path, vault.clone()).unwrap();
    assert!(aside.is_some());
    let applied = store.apply(at(2), &more, &classify);
    assert!(matches!(applied, Ok(Applied::New { .. })), "{applied:?}");
    drop(store);
    assert!(Store::open_or_set_aside(&path, vault).unwrap().1.is_none());
}

#[test]
fn a_doubt_that_the_full_check_does_not_share_is_over() {
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(1, [event("g", NOON_S)])),
    );
    bench.store.doubt(Error::Corrupt);
    let Bench { dir, vault, store } = bench;
    drop(store);
    let path = dir.path().join("store.db");
    assert!(dir.path().join("store.db-doubted").exists());
    let (store, aside) = Store::open_or_set_aside(&path, vault).unwrap();
    assert!(aside.is_none() && store.cursor().unwrap() == at(1));
    assert!(!dir.path().join("store.db-doubted").exists());
}

#[test]
fn a_cursor_beyond_every_segment_is_damage() {
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(1, [event("g", NOON_S)])),
    );
    bench.sql("UPDATE cursor SET segment = segment + (1 << 49)");
    assert!(matches!(bench.store.cursor(), Err(Error::Row("cursor"))));
    let Bench { dir, vault, store } = bench;
    drop(store);
    let path = dir.path().join("store.db");
    let (store, aside) = Store::open_or_set_aside(&path, vault).unwrap();
    assert!(aside.is_some());
    assert_eq!(store.cursor().unwrap(), cordon_journal::Cursor::default());
}

#[test]
fn no_byte_of_the_header_keeps_it_from_starting() {
    let bench = Bench::new();
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(0, [event("g", NOON_S)])),
    );
    let path = bench.path();
    let Bench { dir, vault, store } = bench;
    drop(store);
    let sound = fs::read(&path).unwrap();
    // But the number of the format, which may be a later build's.
    for at in (0..100).filter(|at| !(60..64).contains(at)) {
        let damaged = dir.path().join("damaged.db");
        let mut bytes = sound.clone();
        bytes[at] ^= 0x15;
        fs::write(&damaged, bytes).unwrap();
        let opened = Store::open_or_set_aside(&damaged, vault.clone());
        assert!(opened.is_ok(), "{at}: {:?}", opened.err());
        fs::remove_file(&damaged).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn damage_to_the_file_neither_panics_nor_keeps_it_from_starting(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let Bench { dir, vault, store } = Bench::new();
        for n in 1..4 {
            let list = ["a", "b", "c"].map(|g| event(g, NOON_S));
            store.apply(at(n), &batch("acme", n, NOON_S, events(n * 10, list)), &classify).unwrap();
        }
        drop(store);
        let path = dir.path().join("store.db");
        let mut bytes = fs::read(&path).unwrap();
        for (index, byte) in hits {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(&path, &bytes).unwrap();
        // A hit on the version number is read as another format, which is left alone.
        let opened = match Store::open_or_set_aside(&path, vault) {
            Err(Error::Format(_)) => None,
            other => Some(other.unwrap().0),
        };
        if let Some(store) = opened {
            let window = Window { from_unix_ns: 0, to_unix_ns: u64::MAX };
            let _ = store.groups(&scope("acme"), window, window, 10);
            let _ = store.exemplars_over(&scope("acme"), window, 10);
            let _ = store.event(&scope("acme"), id(10));
            let _ = store.features(&scope("acme"), "a");
            let _ = store.tenant_features(&scope("acme"));
            let _ = store.together(&scope("acme"), "a", 10);
            let _ = store.expire(&tenant("acme"), NOON_S + 40 * DAY_S, 30);
            let _ = store.apply(at(99), &batch("acme", 99, NOON_S, vec![]), &classify);
        }
    }
}
