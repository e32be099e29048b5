//! The store as a whole, under the real vault.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cordon_event::{
    Batch, Entry, Event, EventId, Quarantined, Region, Severity, TenantId, attr, packed,
};
use cordon_govern::{ExposedClass, Grant, Operator, Purpose, Request, TenantScope};
use cordon_journal::{Cursor, KeyError};
use cordon_redact::{Clean, OpenError, Opener, Sealer};
use cordon_vault::Vault;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::*;

pub(crate) const DAY_S: u64 = 86_400;
/// Some day, at noon.
pub(crate) const NOON_S: u64 = 20_000 * DAY_S + DAY_S / 2;

/// Lets a test have clean data: what it "opens" is what it is given.
pub(crate) struct Passing;

impl Opener for Passing {
    fn open(&self, _context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(sealed.to_vec())
    }
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(crate) fn scope(name: &str) -> TenantScope {
    let operator = Operator::parse("local").unwrap();
    let grant = Grant::mint_standing(operator, tenant(name), Purpose::Debugging);
    let request = Request {
        tenant: &tenant(name),
        class: ExposedClass::C,
        purpose: Purpose::Debugging,
        now_unix_s: NOON_S,
    };
    grant.authorise(&request).unwrap()
}

pub(crate) fn id(n: u64) -> EventId {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&n.to_be_bytes());
    EventId(id)
}

/// An event whose body is its group, or nothing but info.
pub(crate) fn event(group: &str, at_s: u64) -> Event {
    Event {
        body: group.into(),
        time_unix_ns: at_s * 1_000_000_000,
        severity: Severity::ERROR,
        ..Event::default()
    }
}

pub(crate) fn batch(
    name: &str,
    request: u64,
    at_s: u64,
    entries: Vec<(EventId, Entry)>,
) -> Clean<Batch> {
    let mut request_mac = [0; 32];
    request_mac[..8].copy_from_slice(&request.to_be_bytes());
    let batch = Batch {
        tenant: tenant(name),
        region: Region::parse("eu").unwrap(),
        request_mac,
        received_unix_ns: at_s * 1_000_000_000,
        removed: vec![
            ("A".into(), "jwt".into(), 2),
            ("B".into(), "email".into(), 1),
        ],
        entries,
        facts: Vec::new(),
    };
    Clean::open(&Passing, b"", &packed::encode_batch(&batch)).unwrap()
}

pub(crate) fn events(first: u64, list: impl IntoIterator<Item = Event>) -> Vec<(EventId, Entry)> {
    list.into_iter()
        .zip(first..)
        .map(|(event, n)| (id(n), Entry::Event(event)))
        .collect()
}

pub(crate) fn classify(event: &Clean<Event>) -> Clean<Grouping> {
    event.project(|event| {
        let text = event.body.as_str().unwrap_or_default().to_owned();
        Grouping {
            group_id: text.clone(),
            title: format!("title of {text}"),
            template: format!("template of {text}"),
            failure: event.is_failure(),
            service: event.service().to_owned(),
            release: event.release().to_owned(),
            ..Grouping::default()
        }
    })
}

pub(crate) fn at(n: u64) -> Cursor {
    Cursor {
        segment: 1,
        offset: n,
    }
}

pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) vault: Arc<Vault>,
    pub(crate) store: Store,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(&dir.path().join("keys")).unwrap());
        for name in ["acme", "beta"] {
            vault
                .create_tenant(&tenant(name), &Region::parse("eu").unwrap())
                .unwrap();
        }
        let store = Store::open(&dir.path().join("store.db"), vault.clone()).unwrap();
        Self { dir, vault, store }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("store.db")
    }

    pub(crate) fn apply(&self, cursor: u64, batch: &Clean<Batch>) -> Applied {
        self.store.apply(at(cursor), batch, &classify).unwrap()
    }

    pub(crate) fn sql(&self, sql: &str) {
        assert!(
            Connection::open(self.path())
                .unwrap()
                .execute(sql, [])
                .unwrap()
                > 0,
            "{sql}"
        );
    }

    pub(crate) fn accounting(&self, name: &str) -> Accounting {
        let accounting = self.store.accounting(&scope(name)).unwrap();
        assert!(accounting.is_balanced(), "{accounting:?}");
        accounting
    }

    pub(crate) fn groups(&self, name: &str) -> Vec<GroupRow> {
        let day = Window {
            from_unix_ns: 0,
            to_unix_ns: u64::MAX / 4,
        };
        let none = Window {
            from_unix_ns: 0,
            to_unix_ns: 0,
        };
        self.store
            .groups(&scope(name), day, none, 100)
            .unwrap()
            .rows
    }
}

#[test]
fn a_batch_is_applied_exactly_once() {
    let bench = Bench::new();
    let one = batch(
        "acme",
        1,
        NOON_S,
        events(0, [event("g", NOON_S), event("h", NOON_S)]),
    );
    assert_eq!(
        bench.apply(100, &one),
        Applied::New {
            kept: 2,
            quarantined: 0
        }
    );
    assert_eq!(bench.apply(100, &one), Applied::Before);
    assert_eq!(bench.apply(50, &one), Applied::Before);
    let again = Store::open(&bench.path(), bench.vault.clone()).unwrap();
    assert_eq!(again.cursor().unwrap(), at(100));
    assert_eq!(
        again.apply(at(100), &one, &classify).unwrap(),
        Applied::Before
    );
    let accounting = bench.accounting("acme");
    assert_eq!((accounting.received, accounting.kept), (2, 2));
    let removed = [("A", "jwt", 2), ("B", "email", 1)];
    let removed = removed.map(|(c, r, n)| (c.to_owned(), r.to_owned(), n));
    assert_eq!(accounting.removed, removed);
}

#[test]
fn two_processes_that_apply_the_same_batch_apply_it_once() {
    let bench = Bench::new();
    let other = Store::open(&bench.path(), bench.vault.clone()).unwrap();
    let one = batch("acme", 1, NOON_S, events(0, [event("g", NOON_S)]));
    // While the first sorts, the second is through.
    let slow = |event: &Clean<Event>| {
        let faster = other.apply(at(1), &one, &classify).unwrap();
        assert_eq!(
            faster,
            Applied::New {
                kept: 1,
                quarantined: 0
            }
        );
        classify(event)
    };
    assert_eq!(
        bench.store.apply(at(1), &one, &slow).unwrap(),
        Applied::Before
    );
    assert_eq!(bench.accounting("acme").received, 1);
}

#[test]
fn a_resent_request_is_a_duplicate_within_the_window() {
    let bench = Bench::new();
    let send = |s| batch("acme", 7, NOON_S + s, events(0, [event("g", NOON_S)]));
    bench.apply(1, &send(0));
    assert_eq!(bench.apply(2, &send(DEDUPE_WINDOW_S)), Applied::Duplicate);
    // The same body from another tenant is another request.
    let other = batch("beta", 7, NOON_S, events(0, [event("g", NOON_S)]));
    assert_eq!(
        bench.apply(3, &other),
        Applied::New {
            kept: 1,
            quarantined: 0
        }
    );
    // After the window the same ids still make no second copy.
    assert_eq!(
        bench.apply(4, &send(DEDUPE_WINDOW_S + 1)),
        Applied::New {
            kept: 0,
            quarantined: 0
        }
    );
    let accounting = bench.accounting("acme");
    assert_eq!(
        (accounting.received, accounting.kept, accounting.duplicate),
        (3, 1, 2)
    );
    assert_eq!(
        bench
            .store
            .exemplars(&scope("acme"), "g", 9)
            .unwrap()
            .rows
            .len(),
        1
    );
}

#[test]
fn exemplars_are_the_first_and_the_best_of_the_recent() {
    let bench = Bench::new();
    let mut all: Vec<Event> = (0..100).map(|n| event("g", NOON_S + n)).collect();
    for n in [10, 20] {
        all[n]
            .attributes
            .push((attr::CALL_ARGUMENTS.into(), "{}".into()));
    }
    for event in &mut all[95..] {
        event.severity = Severity::INFO;
    }
    for (i, half) in all.chunks(50).enumerate() {
        let first = i as u64 * 50;
        bench.apply(
            1 + first,
            &batch("acme", first, NOON_S, events(first, half.to_vec())),
        );
    }
    let kept = bench.store.exemplars(&scope("acme"), "g", 99).unwrap().rows;
    let mut kept: Vec<u64> = kept
        .iter()
        .map(|e| e.time_unix_ns / 1_000_000_000 - NOON_S)
        .collect();
    assert_eq!(&kept[..2], [20, 10]);
    kept.sort_unstable();
    let expected: Vec<u64> = (0..4).chain([10, 20]).chain(85..95).collect();
    assert_eq!(kept, expected);
    let accounting = bench.accounting("acme");
    assert_eq!((accounting.kept, accounting.exemplar_evicted), (16, 84));
    assert_eq!(bench.groups("acme")[0].count, 100);
}

#[test]
fn groups_are_counted_by_window_with_their_text_and_releases() {
    let bench = Bench::new();
    let release = |name: &str, at_s| Event {
        resource: vec![
            (attr::SERVICE_NAME.into(), "billing".into()),
            (attr::SERVICE_VERSION.into(), name.into()),
        ]
        .into(),
        ..event("g", at_s)
    };
    let before = NOON_S - 3_600;
    let first = [
        release("1.0", before),
        release("1.0", before + 1),
        event("old", before),
    ];
    bench.apply(1, &batch("acme", 1, NOON_S, events(0, first)));
    let second = [
        release("1.1", NOON_S),
        event("new", NOON_S + 7),
        event("new", NOON_S + 8),
    ];
    bench.apply(2, &batch("acme", 2, NOON_S + 10, events(10, second)));
    let ns = |s: u64| s * 1_000_000_000;
    // The split lies inside a bucket: no bucket may count for both.
    let window = Window {
        from_unix_ns: ns(NOON_S + 5),
        to_unix_ns: ns(NOON_S + 60),
    };
    let baseline = Window {
        from_unix_ns: ns(NOON_S - DAY_S),
        to_unix_ns: ns(NOON_S + 5),
    };
    let rows = bench
        .store
        .groups(&scope("acme"), window, baseline, 10)
        .unwrap()
        .rows;
    let counts: Vec<_> = rows
        .iter()
        .map(|g| (g.group_id.as_str(), g.window_count, g.baseline_count))
        .collect();
    assert_eq!(counts, [("new", 2, 0), ("g", 1, 2), ("old", 0, 1)]);
    let text = rows[1].text.get();
    assert_eq!(
        (text.title.as_str(), text.service.as_str()),
        ("title of g", "billing")
    );
    let releases: Vec<_> = text
        .releases
        .iter()
        .map(|r| (r.release.as_str(), r.count))
        .collect();
    assert_eq!(releases, [("1.0", 2), ("1.1", 1)]);
    assert_eq!(
        (rows[1].first_unix_ns, rows[1].last_unix_ns),
        (ns(before), ns(NOON_S))
    );
    let series = bench.store.series(&scope("acme"), "g", baseline).unwrap();
    assert_eq!(
        series,
        [(ns(before / BUCKET_S * BUCKET_S), 2), (ns(NOON_S), 1)]
    );
    let over = bench
        .store
        .exemplars_over(&scope("acme"), window, 10)
        .unwrap()
        .rows;
    assert!(over.iter().all(|e| e.group_id == "new") && over.len() == 2);
}

#[test]
fn distinct_subjects_of_a_group_are_counted_over_batches() {
    let bench = Bench::new();
    let of = |user: char| Event {
        attributes: vec![(
            "enduser.id".into(),
            format!("user_{}", user.to_string().repeat(24)).into(),
        )],
        ..event("g", NOON_S)
    };
    bench.apply(
        1,
        &batch("acme", 1, NOON_S, events(0, [of('a'), of('b'), of('a')])),
    );
    bench.apply(2, &batch("acme", 2, NOON_S, events(10, [of('b')])));
    let group = || bench.store.group(&scope("acme"), "g").unwrap().unwrap();
    assert_eq!((group().count, group().subjects), (4, 2));
    bench.apply(3, &batch("acme", 3, NOON_S, events(20, [of('c')])));
    bench.apply(
        4,
        &batch("acme", 4, NOON_S, events(30, [event("g", NOON_S)])),
    );
    assert_eq!((group().count, group().subjects), (6, 3));
    assert_eq!(bench.groups("acme")[0].subjects, 3);
    assert!(bench.store.group(&scope("beta"), "g").unwrap().is_none());
}

#[test]
fn a_shortened_group_id_is_taken_literally() {
    let bench = Bench::new();
    let list = ["ab12", "ab34", "a_b", "axb"].map(|g| event(g, NOON_S));
    bench.apply(1, &batch("acme", 1, NOON_S, events(0, list)));
    let find = |prefix: &str| bench.store.group_ids(&scope("acme"), prefix, 10).unwrap();
    assert_eq!(find("ab"), ["ab12", "ab34"]);
    assert_eq!(find("a_"), ["a_b"]);
    assert!(find("%").is_empty());
}

#[test]
fn two_tenants_with_the_same_data_share_nothing() {
    let bench = Bench::new();
    for (n, name) in ["acme", "beta"].into_iter().enumerate() {
        let n = n as u64;
        bench.apply(
            1 + n,
            &batch(name, 1, NOON_S, events(n * 10, [event("g", NOON_S)])),
        );
    }
    for (name, own, foreign) in [("acme", 0, 10), ("beta", 10, 0)] {
        let rows = bench.store.exemplars(&scope(name), "g", 9).unwrap().rows;
        assert_eq!(
            rows.iter().map(|e| e.event_id).collect::<Vec<_>>(),
            [id(own)]
        );
        assert!(bench.store.event(&scope(name), id(own)).unwrap().is_some());
        assert!(
            bench
                .store
                .event(&scope(name), id(foreign))
                .unwrap()
                .is_none()
        );
        assert!(
            bench
                .groups(name)
                .iter()
                .all(|g| g.tenant == tenant(name) && g.count == 1)
        );
    }
}

#[test]
fn quarantined_entries_are_listed_and_counted_by_reason() {
    let bench = Bench::new();
    let held = |reason: &str| {
        let paths = vec!["attributes.http.url".to_owned()];
        Entry::Quarantined(Quarantined {
            reason: reason.into(),
            rule: "jwt".into(),
            paths,
            source: "shop".into(),
            ..Quarantined::default()
        })
    };
    let mut entries = vec![(id(1), held("late_hit")), (id(2), held("not a code"))];
    entries.push((id(3), Entry::Event(event("g", NOON_S))));
    let applied = bench.apply(1, &batch("acme", 1, NOON_S, entries));
    assert_eq!(
        applied,
        Applied::New {
            kept: 1,
            quarantined: 2
        }
    );
    let rows = bench.store.quarantine(&scope("acme"), 10).unwrap().rows;
    assert_eq!(
        rows.iter().map(|r| r.event_id).collect::<Vec<_>>(),
        [id(2), id(1)]
    );
    assert_eq!(
        (rows[0].reason.as_str(), rows[1].reason.as_str()),
        ("other", "late_hit")
    );
    assert_eq!(rows[1].held.get().0.paths, ["attributes.http.url"]);
    let counts = [("late_hit".to_owned(), 1), ("other".to_owned(), 1)];
    assert_eq!(bench.accounting("acme").quarantined, counts);
    let flagged = bench.store.flagged(&scope("acme")).unwrap();
    let flagged = flagged
        .iter()
        .map(|f| (f.source.get().as_str(), f.reason.as_str(), f.count));
    assert_eq!(
        flagged.collect::<Vec<_>>(),
        [("shop", "late_hit", 1), ("shop", "other", 1)]
    );
    assert!(bench.store.flagged(&scope("beta")).unwrap().is_empty());
    assert!(
        bench
            .store
            .quarantine(&scope("beta"), 10)
            .unwrap()
            .rows
            .is_empty()
    );
}

#[test]
fn expiry_deletes_and_says_which_keys_are_free() {
    let bench = Bench::new();
    let today = 20_000_u32;
    for (n, day) in [(1, 0), (2, 5), (3, 40)] {
        let at_s = NOON_S + day * DAY_S;
        let group = ["a", "b", "b"][n as usize - 1];
        bench.apply(n, &batch("acme", n, at_s, events(n, [event(group, at_s)])));
    }
    let expired = bench
        .store
        .expire(&tenant("acme"), NOON_S + 40 * DAY_S, 35)
        .unwrap();
    let expected = Expired {
        events: 1,
        groups: 1,
        quarantined: 0,
        changes: 0,
        days: vec![today],
    };
    assert_eq!(expired, expected);
    assert_eq!(
        bench.store.oldest_day(Domain::Events).unwrap(),
        Some(today + 5)
    );
    assert_eq!(
        bench.store.oldest_day(Domain::Groups).unwrap(),
        Some(today + 40)
    );
    let accounting = bench.accounting("acme");
    assert_eq!((accounting.kept, accounting.expired), (2, 1));
    assert!(bench.store.event(&scope("acme"), id(1)).unwrap().is_none());
    let left: Vec<_> = bench
        .groups("acme")
        .iter()
        .map(|g| (g.group_id.clone(), g.count))
        .collect();
    assert_eq!(left, [("b".to_owned(), 2)]);
    assert_eq!(bench.store.tenants().unwrap(), [tenant("acme")]);

    // Keys of the freed days may go; later ones still open.
    bench
        .vault
        .destroy_days_before(cordon_vault::Domain::Events, today + 5)
        .unwrap();
    assert!(bench.store.event(&scope("acme"), id(2)).unwrap().is_some());
    bench
        .vault
        .destroy_days_before(cordon_vault::Domain::Events, today + 6)
        .unwrap();
    assert!(matches!(
        bench.store.event(&scope("acme"), id(2)),
        Err(Error::Key(KeyError::Gone))
    ));
}

#[test]
fn old_buckets_become_hourly_and_keep_their_sum() {
    let bench = Bench::new();
    let hour = NOON_S / 3_600 * 3_600;
    let list = (0..12).map(|n| event("g", hour + n * BUCKET_S + 1));
    bench.apply(1, &batch("acme", 1, NOON_S, events(0, list)));
    let window = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX / 4,
    };
    let series = || bench.store.series(&scope("acme"), "g", window).unwrap();
    assert_eq!(series().len(), 12);
    bench
        .store
        .expire(&tenant("acme"), NOON_S + 4 * DAY_S, 30)
        .unwrap();
    assert_eq!(series(), [(hour * 1_000_000_000, 12)]);
    bench
        .store
        .expire(&tenant("acme"), NOON_S + 4 * DAY_S, 30)
        .unwrap();
    assert_eq!(series(), [(hour * 1_000_000_000, 12)]);
}

#[test]
fn a_tenant_without_keys_is_accounted_for_and_does_not_block() {
    let bench = Bench::new();
    let stranger = batch("nobody", 1, NOON_S, events(0, [event("g", NOON_S)]));
    assert_eq!(bench.apply(1, &stranger), Applied::KeyGone);
    assert_eq!(
        bench.accounting("nobody").quarantined,
        [("key_gone".to_owned(), 1)]
    );
    assert_eq!(bench.store.cursor().unwrap(), at(1));
}

/// A vault that can be made to be away.
struct Moody(Arc<Vault>, AtomicBool);

impl RecordKeys for Moody {
    fn sealer(&self, t: &TenantId, d: Domain, day: u32) -> Result<Box<dyn Sealer>, KeyError> {
        // The second key of a batch is the one that fails: half of it is written by then.
        if d == Domain::Events && self.1.load(Ordering::Relaxed) {
            return Err(KeyError::Unavailable);
        }
        self.0.sealer(t, d, day)
    }

    fn opener(&self, t: &TenantId, d: Domain, day: u32) -> Result<Box<dyn Opener>, KeyError> {
        self.0.opener(t, d, day)
    }

    fn mac(&self, t: &TenantId) -> Result<Box<dyn cordon_redact::PseudonymMac>, KeyError> {
        self.0.mac(t)
    }
}

#[test]
fn a_failure_half_way_changes_nothing() {
    let bench = Bench::new();
    let keys = Arc::new(Moody(bench.vault.clone(), AtomicBool::new(true)));
    let store = Store::open(&bench.path(), keys.clone()).unwrap();
    let held = Quarantined {
        reason: "late_hit".into(),
        rule: "r".into(),
        paths: vec![],
        ..Quarantined::default()
    };
    let mut entries = events(0, [event("g", NOON_S)]);
    entries.push((id(9), Entry::Quarantined(held)));
    let one = batch("acme", 1, NOON_S, entries);
    let failed = store.apply(at(1), &one, &classify);
    assert!(matches!(failed, Err(Error::Key(KeyError::Unavailable))));
    assert_eq!(bench.accounting("acme"), Accounting::default());
    assert_eq!(store.cursor().unwrap(), Cursor::default());
    keys.1.store(false, Ordering::Relaxed);
    let applied = store.apply(at(1), &one, &classify).unwrap();
    assert_eq!(
        applied,
        Applied::New {
            kept: 1,
            quarantined: 1
        }
    );
}

#[test]
fn an_event_that_cannot_be_classified_does_not_stop_its_batch() {
    let bench = Bench::new();
    let moody = |event: &Clean<Event>| {
        assert_ne!(event.get().body.as_str(), Some("bad"), "classifier");
        classify(event)
    };
    let list = ["g", "bad", "bad", "h", "no code"].map(|g| event(g, NOON_S));
    let one = batch("acme", 1, NOON_S, events(0, list));
    let applied = bench.store.apply(at(1), &one, &moody).unwrap();
    let (kept, quarantined) = (5, 0);
    assert_eq!(applied, Applied::New { kept, quarantined });
    let accounting = bench.accounting("acme");
    assert!(accounting.is_balanced());
    assert_eq!(accounting.unclassified, 2);
    let ids = bench.store.group_ids(&scope("acme"), "", 9).unwrap();
    assert_eq!(ids, ["g", "h", GROUP_OTHER, GROUP_UNCLASSIFIED]);
    let group = bench.store.group(&scope("acme"), GROUP_UNCLASSIFIED);
    let group = group.unwrap().unwrap();
    assert!(group.failure && group.count == 2);
    for id in [GROUP_OTHER, GROUP_UNCLASSIFIED] {
        assert!(Clean::digest_id(id).is_some(), "shown like any other: {id}");
    }
}

#[test]
fn another_process_reads_while_this_one_writes() {
    let bench = Bench::new();
    let other = Store::open(&bench.path(), bench.vault.clone()).unwrap();
    let reading = Arc::new(AtomicBool::new(true));
    let flag = reading.clone();
    let reader = std::thread::spawn(move || {
        let mut last = 0;
        while flag.load(Ordering::Relaxed) {
            let accounting = other.accounting(&scope("acme")).unwrap();
            assert!(accounting.is_balanced() && accounting.received >= last);
            last = accounting.received;
        }
        other.accounting(&scope("acme")).unwrap().received
    });
    for n in 1..=40 {
        bench.apply(
            n,
            &batch("acme", n, NOON_S, events(n, [event("g", NOON_S)])),
        );
    }
    reading.store(false, Ordering::Relaxed);
    assert_eq!(reader.join().unwrap(), 40);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_entry_is_accounted_for_and_counts_agree_with_a_model(
        requests in prop::collection::vec(
            (0..6_u64, prop::collection::vec((0..4_usize, any::<bool>()), 0..30)), 1..12),
    ) {
        let bench = Bench::new();
        let mut model: BTreeMap<&str, u64> = BTreeMap::new();
        let mut bodies = BTreeMap::new();
        let mut received = 0;
        for (n, (request, list)) in requests.iter().enumerate() {
            // The same digest means the same body.
            let fresh = !bodies.contains_key(request);
            let list: &Vec<(usize, bool)> = bodies.entry(*request).or_insert(list);
            let entries = list.iter().zip(0_u64..).map(|((group, held), i)| {
                let entry = if *held {
                    Entry::Quarantined(Quarantined {
                        reason: "late_hit".into(),
                        rule: "r".into(),
                        paths: vec![],
                        ..Quarantined::default()
                    })
                } else {
                    Entry::Event(event(["a", "b", "c", "d"][*group], NOON_S))
                };
                (id(request * 1_000 + i), entry)
            });
            received += list.len() as u64;
            if fresh {
                for (group, _) in list.iter().filter(|(_, held)| !held) {
                    *model.entry(["a", "b", "c", "d"][*group]).or_insert(0) += 1;
                }
            }
            bench.apply(n as u64 + 1, &batch("acme", *request, NOON_S, entries.collect()));
        }
        let accounting = bench.accounting("acme");
        prop_assert_eq!(accounting.received, received);
        let mut kept = 0;
        for group in bench.groups("acme") {
            prop_assert_eq!(Some(&group.count), model.get(group.group_id.as_str()));
            let rows = bench.store.exemplars(&scope("acme"), &group.group_id, 99).unwrap();
            let most = (EXEMPLARS_FIRST_MAX + EXEMPLARS_RECENT_MAX) as u64;
            prop_assert_eq!(rows.rows.len() as u64, group.count.min(most));
            kept += rows.rows.len() as u64;
        }
        prop_assert_eq!(bench.groups("acme").len(), model.len());
        prop_assert_eq!(accounting.kept, kept);
    }
}
