//! Features within a tenant, under the real vault.

use cordon_event::{Event, TraceId, attr};
use cordon_redact::Clean;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::tests::{Bench, DAY_S, NOON_S, at, batch, event, events, scope, tenant};
use crate::{Dimension, Features, Grouping, Moment, PAIR_SUPPORT_MIN, Store, Window};

const NS: u64 = 1_000_000_000;

/// An event of a component in a release.
pub(crate) fn of(group: &str, component: &str, release: &str, at_s: u64) -> Event {
    Event {
        resource: vec![
            (attr::SERVICE_NAME.into(), component.into()),
            (attr::SERVICE_VERSION.into(), release.into()),
        ]
        .into(),
        ..event(group, at_s)
    }
}

fn traced(group: &str, trace: u64, at_s: u64) -> Event {
    let mut id = [7; 16];
    id[8..].copy_from_slice(&trace.to_be_bytes());
    Event {
        trace_id: Some(TraceId(id)),
        ..event(group, at_s)
    }
}

fn send(bench: &Bench, n: u64, at_s: u64, list: Vec<Event>) {
    bench.apply(n, &batch("acme", n, at_s, events(n * 100_000, list)));
}

fn features(bench: &Bench, group_id: &str) -> Features {
    let found = bench.store.features(&scope("acme"), group_id).unwrap();
    found.map(Clean::into_inner).unwrap_or_default()
}

/// Values of a dimension as `text count first last`, seconds after noon; `-` is other.
fn told(features: &Features, dimension: Dimension) -> Vec<String> {
    let rows = features.of(dimension).into_iter().map(|(value, tally)| {
        let text = if value.is_other() { "-" } else { &value.text };
        let second = |ns: u64| (ns / NS).wrapping_sub(NOON_S).cast_signed();
        let (first, last) = (second(tally.first_unix_ns), second(tally.last_unix_ns));
        format!("{text} {} {first} {last}", tally.count)
    });
    rows.collect()
}

fn around(bench: &Bench, component: &str, at_s: u64, now_s: u64) -> Option<crate::Around> {
    let moment = Moment {
        at_unix_ns: at_s * NS,
        within: Window {
            from_unix_ns: (at_s - DAY_S) * NS,
            to_unix_ns: (at_s + DAY_S) * NS,
        },
        now_unix_ns: now_s * NS,
    };
    bench
        .store
        .around(&scope("acme"), component, moment)
        .unwrap()
}

#[test]
fn values_are_counted_once_with_their_first_and_last_time() {
    let bench = Bench::new();
    let mut abroad = of("g", "cart", "1.1", NOON_S + 50);
    abroad
        .resource
        .to_mut()
        .push((attr::CLOUD_REGION.into(), "us-east-1".into()));
    let first = vec![
        of("g", "cart", "1.0", NOON_S),
        of("g", "pay", "1.0", NOON_S + 9),
    ];
    let sent = batch("acme", 1, NOON_S, events(1, first));
    bench.apply(1, &sent);
    bench.apply(1, &sent);
    bench.apply(2, &sent);
    send(
        &bench,
        3,
        NOON_S,
        vec![abroad, of("h", "cart", "1.1", NOON_S + 60)],
    );
    let g = features(&bench, "g");
    assert_eq!(told(&g, Dimension::Component), ["cart 2 0 50", "pay 1 9 9"]);
    let releases = told(&g, Dimension::Release);
    assert_eq!(releases, ["1.0 1 0 0", "1.1 1 50 50", "1.0 1 9 9"]);
    assert_eq!(
        told(&g, Dimension::Region),
        ["eu 2 0 9", "us-east-1 1 50 50"]
    );
    assert_eq!(told(&g, Dimension::Module), Vec::<String>::new());
    let whole = bench
        .store
        .tenant_features(&scope("acme"))
        .unwrap()
        .unwrap();
    let components = told(whole.get(), Dimension::Component);
    assert_eq!(components, ["cart 3 0 60", "pay 1 9 9"]);
    let releases = whole.get().releases_of("cart");
    let names: Vec<_> = releases
        .iter()
        .map(|(name, tally)| (*name, tally.count))
        .collect();
    assert_eq!(names, [("1.0", 1), ("1.1", 2)]);
    assert!(bench.store.features(&scope("beta"), "g").unwrap().is_none());
}

#[test]
fn the_module_is_the_classifiers() {
    let bench = Bench::new();
    let classify = |event: &Clean<Event>| {
        event.project(|_| Grouping {
            group_id: "g".into(),
            module: "cart.totals".into(),
            ..Grouping::default()
        })
    };
    let sent = batch("acme", 1, NOON_S, events(1, [event("g", NOON_S)]));
    bench.store.apply(at(1), &sent, &classify).unwrap();
    let modules = told(&features(&bench, "g"), Dimension::Module);
    assert_eq!(modules, ["cart.totals 1 0 0"]);
}

#[test]
fn what_a_component_sent_is_told_before_and_after_a_moment() {
    let bench = Bench::new();
    let every = |group, release, from_s: u64, count: u64, step_s: u64| {
        (0..count).map(move |n| of(group, "cart", release, from_s + n * step_s))
    };
    let mut list: Vec<_> = every("ok", "1.0", NOON_S - 3_600, 60, 60).collect();
    list.extend(every("bad", "1.0", NOON_S - 3_600, 2, 1_200));
    list.extend(every("ok", "1.1", NOON_S, 60, 60));
    list.extend(every("bad", "1.1", NOON_S, 60, 60));
    list.push(of("bad", "pay", "1.0", NOON_S));
    send(&bench, 1, NOON_S, list);
    let now_s = NOON_S + 7_200;
    let cart = around(&bench, "cart", NOON_S, now_s).unwrap();
    assert_eq!((cart.before.events, cart.before.span_s), (62, 3_600));
    assert_eq!((cart.after.events, cart.after.span_s), (120, 3_600));
    let groups = [("bad".to_owned(), 2, 60), ("ok".to_owned(), 60, 60)];
    assert_eq!(cart.groups, groups);
    // Of the five minutes that the moment lies in nobody can say what came before it.
    let inside = around(&bench, "cart", NOON_S + 1, now_s).unwrap();
    assert_eq!(
        inside.groups,
        [("bad".to_owned(), 2, 55), ("ok".to_owned(), 60, 55)]
    );
    assert!(around(&bench, "nothing", NOON_S, now_s).is_none());
    // As hours, once they are old: the same, and now the hour of the moment counts for no side.
    let later_s = NOON_S + 3 * DAY_S;
    bench.store.expire(&tenant("acme"), later_s, 30).unwrap();
    assert_eq!(around(&bench, "cart", NOON_S, later_s).unwrap(), cart);
    let inside = around(&bench, "cart", NOON_S + 1, later_s).unwrap();
    assert_eq!(
        inside.groups,
        [("bad".to_owned(), 2, 0), ("ok".to_owned(), 60, 0)]
    );
}

#[test]
fn what_a_component_sent_is_summed_over_all_groups_however_many_are_listed() {
    let bench = Bench::new();
    let groups = ["a", "b", "c", "d"];
    let list = groups.map(|group| {
        let at_s = NOON_S - 3_600 + 600 * u64::from(group.as_bytes()[0] - b'a');
        [
            of(group, "cart", "1", at_s),
            of(group, "cart", "1", at_s + 3_600),
        ]
    });
    send(&bench, 1, NOON_S, list.into_iter().flatten().collect());
    let moment = Moment {
        at_unix_ns: NOON_S * NS,
        within: Window {
            from_unix_ns: (NOON_S - DAY_S) * NS,
            to_unix_ns: (NOON_S + DAY_S) * NS,
        },
        now_unix_ns: (NOON_S + 7_200) * NS,
    };
    let up_to = |limit| {
        let found = bench
            .store
            .around_up_to(&scope("acme"), "cart", moment, limit);
        found.unwrap().unwrap()
    };
    let (some, all) = (up_to(1), up_to(9));
    assert_eq!((some.groups.len(), all.groups.len()), (1, 4));
    assert_eq!((some.before, some.after), (all.before, all.after));
    assert_eq!((all.before.events, all.after.events), (4, 4));
}

#[test]
fn a_component_that_gives_way_takes_its_counts_along() {
    let bench = Bench::new();
    let many = |from: u64, count: u64| {
        let list = (from..from + count).map(|n| of("g", &format!("c{n}"), "1", NOON_S + n));
        list.collect::<Vec<_>>()
    };
    send(&bench, 1, NOON_S, many(0, 200));
    send(&bench, 2, NOON_S, many(200, 200));
    let db = Connection::open(bench.path()).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    assert_eq!(number("SELECT sum(count) FROM feature_bucket"), 400);
    let slots = number("SELECT count(DISTINCT slot) FROM feature_bucket");
    assert!(slots <= crate::VALUES_COUNT_MAX as u64 + 1, "{slots}");
    let sum: u64 = features(&bench, "g")
        .of(Dimension::Component)
        .iter()
        .map(|c| c.1.count)
        .sum();
    assert_eq!(sum, 400);
}

#[test]
fn groups_that_meet_in_a_trace_are_told_together_once_a_trace() {
    let bench = Bench::new();
    // The parts of a trace come in two batches, some of them often.
    for n in 0..PAIR_SUPPORT_MIN + 3 {
        let noise = traced("noise", 1_000 + n, NOON_S);
        let first = vec![
            traced("cause", n, NOON_S),
            traced("cause", n, NOON_S),
            noise,
        ];
        send(&bench, 1 + 2 * n, NOON_S, first);
        send(
            &bench,
            2 + 2 * n,
            NOON_S,
            vec![traced("effect", n, NOON_S); 3],
        );
    }
    send(&bench, 99, NOON_S, vec![traced("effect", 2_000, NOON_S)]);
    let met = bench.store.together(&scope("acme"), "effect", 9).unwrap();
    assert_eq!(met.len(), 1);
    let both = &met[0];
    assert_eq!(
        (both.with.as_str(), both.both, both.of_group),
        ("cause", 8, 9)
    );
    assert_eq!((both.of_with, both.occasions), (8, 17));
    assert!((both.share() - 8.0 / 9.0).abs() < 1e-9);
    assert!((both.lift() - 8.0 * 17.0 / 72.0).abs() < 1e-9);
    assert_eq!(
        bench.store.together(&scope("acme"), "cause", 9).unwrap()[0].with,
        "effect"
    );
    assert!(
        bench
            .store
            .together(&scope("acme"), "noise", 9)
            .unwrap()
            .is_empty()
    );
    assert!(
        bench
            .store
            .together(&scope("beta"), "effect", 9)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn without_a_trace_the_minute_of_the_component_tells() {
    let bench = Bench::new();
    let mut list = Vec::new();
    for n in 0..PAIR_SUPPORT_MIN {
        let at_s = NOON_S + n * 60;
        list.push(of("a", "cart", "1", at_s));
        list.push(of("b", "cart", "1", at_s + 30));
        list.push(of("elsewhere", "pay", "1", at_s));
        let mut fine = of("fine", "cart", "1", at_s);
        fine.severity = cordon_event::Severity::INFO;
        list.push(fine);
    }
    send(&bench, 1, NOON_S, list);
    let met = bench.store.together(&scope("acme"), "a", 9).unwrap();
    assert_eq!(
        met.iter().map(|m| m.with.as_str()).collect::<Vec<_>>(),
        ["b"]
    );
    assert_eq!(met[0].occasions, 2 * PAIR_SUPPORT_MIN);
}

#[test]
fn occasions_and_pairs_keep_within_their_limits() {
    let bench = Bench::new();
    // Every trace has sixteen groups that no other has: 120 pairs each.
    for n in 0..90_u64 {
        let list = (0..20)
            .map(|g| traced(&format!("g{n}-{g}"), n, NOON_S))
            .collect();
        send(&bench, 1 + n, NOON_S, list);
    }
    let db = Connection::open(bench.path()).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    let pairs = number("SELECT count(*) FROM together");
    assert!((7_500..=crate::PAIRS_COUNT_MAX).contains(&pairs), "{pairs}");
    assert_eq!(
        number("SELECT max(n) FROM (SELECT count(*) n FROM occasion GROUP BY digest)"),
        16
    );
}

#[test]
fn an_occasion_is_forgotten_as_a_whole() {
    let bench = Bench::new();
    // Seven groups each, one after the other, so that neither limit lies between two of them.
    let at = NOON_S * NS - 30_000;
    bench.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 20999)
         INSERT INTO occasion (tenant, digest, group_id, at_ns)
         SELECT 'acme', CAST(printf('%016d', i / 7) AS BLOB), 'g' || (i % 7), {at} + i FROM n"
    ));
    let db = Connection::open(bench.path()).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    let in_part = "SELECT count(*) FROM (SELECT 1 FROM occasion WHERE length(digest) = 16
         AND group_id LIKE 'g%' GROUP BY digest HAVING count(*) <> 7)";
    send(&bench, 1, NOON_S, vec![traced("new", 1, NOON_S)]);
    assert_eq!(number(in_part), 0);
    // The newest stay, three quarters of the limit.
    let left = number("SELECT count(*) FROM occasion");
    assert!((14_990..=15_000).contains(&left), "{left}");
    assert_eq!(
        number("SELECT count(*) FROM occasion WHERE group_id = 'new'"),
        1
    );
    assert_eq!(
        number(&format!("SELECT count(*) FROM occasion WHERE at_ns = {at}")),
        0
    );
    // Nor does retention forget one in part: its last is what counts.
    bench.sql("UPDATE occasion SET at_ns = 0 WHERE group_id = 'g0'");
    let of_g0 = number("SELECT count(*) FROM occasion WHERE group_id = 'g0'");
    bench.store.expire(&tenant("acme"), NOON_S, 30).unwrap();
    assert_eq!(
        number("SELECT count(*) FROM occasion WHERE group_id = 'g0'"),
        of_g0
    );
}

#[test]
fn a_pair_goes_with_what_it_is_a_share_of() {
    let bench = Bench::new();
    send(
        &bench,
        1,
        NOON_S,
        vec![traced("a", 1, NOON_S), traced("b", 1, NOON_S)],
    );
    bench.sql("UPDATE occurred SET last_ns = 0 WHERE group_id = 'a'");
    bench.store.expire(&tenant("acme"), NOON_S, 30).unwrap();
    let db = Connection::open(bench.path()).unwrap();
    let pairs = db.query_row("SELECT count(*) FROM together", [], |row| {
        row.get::<_, u64>(0)
    });
    assert_eq!(pairs.unwrap(), 0);
}

#[test]
fn a_value_goes_with_its_time_though_its_group_lives_on() {
    let bench = Bench::new();
    send(
        &bench,
        1,
        NOON_S,
        vec![of("g", "cart", "1.0", NOON_S), traced("g", 1, NOON_S)],
    );
    let later_s = NOON_S + 40 * DAY_S;
    send(&bench, 2, later_s, vec![of("g", "pay", "2.0", later_s)]);
    assert_eq!(told(&features(&bench, "g"), Dimension::Release).len(), 2);
    bench.store.expire(&tenant("acme"), later_s, 30).unwrap();
    let g = features(&bench, "g");
    let days = 40 * DAY_S;
    assert_eq!(
        told(&g, Dimension::Release),
        [format!("2.0 1 {days} {days}")]
    );
    let whole = bench
        .store
        .tenant_features(&scope("acme"))
        .unwrap()
        .unwrap();
    assert_eq!(whole.get().of(Dimension::Component).len(), 1);
    let db = Connection::open(bench.path()).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    assert_eq!(number("SELECT count(*) FROM feature_bucket"), 1);
    assert_eq!(number("SELECT count(*) FROM occasion WHERE at_ns < 1"), 0);
    // What arrives then is counted as ever.
    send(&bench, 3, later_s, vec![of("g", "new", "3.0", later_s)]);
    assert_eq!(told(&features(&bench, "g"), Dimension::Component).len(), 2);
    let gone_s = later_s + 40 * DAY_S;
    let expired = bench.store.expire(&tenant("acme"), gone_s, 30).unwrap();
    assert_eq!(expired.days, [(later_s / DAY_S) as u32]);
    for table in [
        "feature",
        "feature_bucket",
        "occasion",
        "occurred",
        "together",
    ] {
        assert_eq!(
            number(&format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
    assert_eq!(bench.store.oldest_day(crate::Domain::Groups).unwrap(), None);
}

#[test]
fn a_database_of_the_format_before_opens_and_goes_on() {
    let bench = Bench::new();
    send(&bench, 1, NOON_S, vec![of("g", "cart", "1.0", NOON_S)]);
    let Bench { dir, vault, store } = bench;
    drop(store);
    let path = dir.path().join("store.db");
    let db = Connection::open(&path).unwrap();
    for table in [
        "feature",
        "feature_bucket",
        "occasion",
        "occurred",
        "together",
        "change",
        "metric_series",
        "metric_minute",
        "metric_stream",
    ] {
        db.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    db.execute_batch("DROP INDEX grouped_across").unwrap();
    db.execute_batch(crate::quarantine_tests::WITHOUT_COLUMNS)
        .unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    let store = Store::open(&path, vault.clone()).unwrap();
    let bench = Bench { dir, vault, store };
    assert_eq!(bench.groups("acme")[0].count, 1);
    assert_eq!(features(&bench, "g"), Features::default());
    send(&bench, 2, NOON_S, vec![of("g", "cart", "1.0", NOON_S)]);
    assert_eq!(bench.groups("acme")[0].count, 2);
    assert_eq!(
        told(&features(&bench, "g"), Dimension::Release),
        ["1.0 1 0 0"]
    );
    let format = |path| {
        let db = Connection::open(path).unwrap();
        db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(format(bench.path()), 5);
    assert!(Store::open(&bench.path(), bench.vault.clone()).is_ok());
}

#[test]
fn features_that_are_damaged_or_moved_do_not_open_and_begin_anew() {
    for change in [
        "UPDATE feature SET sealed = zeroblob(9)",
        "UPDATE feature SET group_id = 'h' WHERE group_id = 'g'",
        "UPDATE feature SET day = day + 1",
    ] {
        let bench = Bench::new();
        send(&bench, 1, NOON_S, vec![of("g", "cart", "1.0", NOON_S)]);
        bench.sql(change);
        assert_eq!(features(&bench, "g"), Features::default(), "{change}");
        assert_eq!(features(&bench, "h"), Features::default(), "{change}");
        send(&bench, 2, NOON_S, vec![of("g", "pay", "1.1", NOON_S + 1)]);
        let components = told(&features(&bench, "g"), Dimension::Component);
        assert_eq!(components, ["pay 1 1 1"], "{change}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn however_events_are_cut_into_batches_the_features_are_the_same(
        list in prop::collection::vec((0..4_u8, 0..3_u8, 0..3_u8, 0..4_000_u64, 0..6_u64), 1..40),
        cuts in prop::collection::vec(1..9_usize, 1..9),
    ) {
        let made: Vec<Event> = list.iter().map(|(g, c, r, t, trace)| {
            let mut id = [1; 16];
            id[0] = *trace as u8;
            Event {
                trace_id: Some(TraceId(id)),
                ..of(&format!("g{g}"), &format!("c{c}"), &format!("r{r}"), NOON_S + t)
            }
        }).collect();
        let (whole, pieces) = (Bench::new(), Bench::new());
        send(&whole, 1, NOON_S, made.clone());
        let mut rest = made.as_slice();
        for n in 0_u64.. {
            let size = cuts[n as usize % cuts.len()].min(rest.len());
            let (piece, left) = rest.split_at(size);
            if piece.is_empty() {
                break;
            }
            send(&pieces, 1 + n, NOON_S, piece.to_vec());
            rest = left;
        }
        for group in ["g0", "g1", "g2", "g3"] {
            prop_assert_eq!(features(&whole, group), features(&pieces, group));
            let met = |bench: &Bench| bench.store.together(&scope("acme"), group, 99).unwrap();
            prop_assert_eq!(met(&whole), met(&pieces));
        }
        for component in ["c0", "c1", "c2"] {
            let of = |bench: &Bench| around(bench, component, NOON_S + 2_000, NOON_S + 9_000);
            prop_assert_eq!(of(&whole), of(&pieces));
        }
    }
}
