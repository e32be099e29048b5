//! Points added up: what each instrument tells, exactly once, within the limits.

use cordon_event::{Event, Kind, Value, attr};

use crate::rollup::{SERIES_COUNT_MAX, STREAMS_COUNT_MAX};
use crate::tests::{Bench, NOON_S, batch, events, scope, tenant};
use crate::{Applied, Domain, SeriesNumbers, SeriesText, Window};

const NS: u64 = 1_000_000_000;

/// `counter`: sum, cumulative, monotonic, and so on.
fn point(what: &str, name: &str, at_s: u64, route: &str, body: Value) -> Event {
    let (instrument, temporality, grows) = match what {
        "gauge" => ("gauge", "", false),
        "counter" => ("sum", "cumulative", true),
        "level" => ("sum", "cumulative", false),
        "delta" => ("sum", "delta", true),
        "histogram" => ("histogram", "cumulative", false),
        _ => ("histogram", "delta", false),
    };
    let mut attributes = vec![
        ("route".to_owned(), Value::from(route)),
        (attr::METRIC_INSTRUMENT.to_owned(), Value::from(instrument)),
    ];
    if !temporality.is_empty() {
        let key = attr::METRIC_TEMPORALITY.to_owned();
        attributes.push((key, Value::from(temporality)));
    }
    if grows {
        attributes.push((attr::METRIC_MONOTONIC.to_owned(), Value::Bool(true)));
    }
    Event {
        kind: Kind::MetricPoint,
        name: name.to_owned(),
        time_unix_ns: at_s * NS,
        attributes,
        body,
        resource: vec![(attr::SERVICE_NAME.to_owned(), Value::from("till"))].into(),
        ..Event::default()
    }
}

fn observed(count: i64, sum: f64) -> Value {
    Value::Map(vec![
        ("count".to_owned(), Value::Int(count)),
        ("sum".to_owned(), Value::Double(sum)),
    ])
}

fn series(bench: &Bench) -> Vec<(SeriesText, SeriesNumbers)> {
    let ever = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX / 4,
    };
    let found = bench.store.metrics(&scope("acme"), ever, 10_000).unwrap();
    assert_eq!(found.unreadable, 0);
    let rows = found.rows.into_iter();
    rows.map(|row| (row.text.into_inner(), row.numbers))
        .collect()
}

fn apply(bench: &Bench, n: u64, points: Vec<Event>) -> Applied {
    bench.apply(n, &batch("acme", n, NOON_S, events(n * 100_000, points)))
}

/// What one series adds up to: (measured, sum, observations, last).
fn check(what: &str, points: &[(u64, &str, Value)], expect: (u64, f64, u64, Option<f64>)) {
    let bench = Bench::new();
    for (n, (at_s, route, body)) in points.iter().enumerate() {
        let one = point(what, "m", NOON_S + at_s, route, body.clone());
        apply(&bench, n as u64 + 1, vec![one]);
    }
    let [(text, found)]: [_; 1] = series(&bench).try_into().unwrap();
    assert_eq!((text.name.as_str(), text.service.as_str()), ("m", "till"));
    assert_eq!(found.points, points.len() as u64);
    let numbers = (found.measured, found.sum, found.observations, found.last);
    assert_eq!(numbers, expect, "{what}");
    let account = bench.accounting("acme");
    assert_eq!((account.rolled_up, account.kept), (found.points, 0));
    assert_eq!(bench.groups("acme").len(), 0);
}

#[test]
fn each_instrument_adds_up_in_its_way() {
    let int = |n: i64| Value::Int(n);
    check(
        "gauge",
        &[(0, "a", int(3)), (61, "b", int(1))],
        (2, 4.0, 0, Some(1.0)),
    );
    // A total that is not finite tells nothing, and neither does an absent one.
    let unusable = [
        (0, "a", Value::Double(f64::NAN)),
        (1, "a", Value::Double(f64::INFINITY)),
        (2, "a", Value::Null),
        (3, "a", Value::Double(0.5)),
    ];
    check("gauge", &unusable, (1, 0.5, 0, Some(0.5)));
    check(
        "delta",
        &[(0, "a", int(3)), (0, "a", int(4))],
        (2, 7.0, 0, Some(4.0)),
    );
    // Two streams of one series, one of which begins anew.
    let counter = [
        (0, "a", int(100)),
        (0, "b", int(1_000)),
        (60, "a", int(107)),
        (60, "b", int(1_001)),
        (120, "a", int(2)),
    ];
    check("counter", &counter, (5, 10.0, 0, Some(1_003.0)));
    // What comes late adds nothing: the total after it is known.
    check(
        "counter",
        &[(60, "a", int(9)), (0, "a", int(5))],
        (1, 0.0, 0, Some(9.0)),
    );
    check(
        "level",
        &[(0, "a", int(9)), (60, "a", int(4))],
        (2, -5.0, 0, Some(4.0)),
    );
    let histogram = [
        (0, "a", observed(10, 5.0)),
        (60, "a", observed(14, 9.0)),
        (120, "a", observed(1, 0.5)),
    ];
    check("histogram", &histogram, (3, 4.5, 5, None));
    let deltas = [(0, "a", observed(2, 1.0)), (60, "a", observed(3, 2.0))];
    check("observed", &deltas, (2, 3.0, 5, None));
}

#[test]
fn a_stream_that_began_just_now_counts_from_its_start() {
    let bench = Bench::new();
    let fresh = |ms: i64, route: &str| {
        let mut one = point("counter", "m", NOON_S, route, Value::Int(7));
        let key = "metric.interval_ms".to_owned();
        one.attributes.push((key, Value::Int(ms)));
        one
    };
    apply(&bench, 1, vec![fresh(5_000, "a"), fresh(86_400_000, "b")]);
    let (text, found) = series(&bench).remove(0);
    assert_eq!((found.sum, found.last), (7.0, Some(14.0)));
    assert_eq!(found.per_second(&text), Some(7.0 / 60.0));
}

#[test]
fn a_request_sent_again_is_added_up_once() {
    let bench = Bench::new();
    let points = || vec![point("delta", "m", NOON_S, "a", Value::Int(3))];
    apply(&bench, 1, points());
    let again = batch("acme", 1, NOON_S, events(100_000, points()));
    assert_eq!(bench.apply(2, &again), Applied::Duplicate);
    assert_eq!(bench.apply(2, &again), Applied::Before);
    let found = series(&bench)[0].1;
    assert_eq!((found.points, found.sum), (1, 3.0));
    let account = bench.accounting("acme");
    assert_eq!((account.rolled_up, account.duplicate), (1, 1));
}

#[test]
fn series_beyond_the_limit_are_counted_together() {
    let bench = Bench::new();
    let named = |n: u64| point("delta", &format!("m{n}"), NOON_S, "a", Value::Int(1));
    apply(&bench, 1, (0..SERIES_COUNT_MAX + 5).map(named).collect());
    apply(&bench, 2, vec![named(SERIES_COUNT_MAX + 9), named(0)]);
    let long = point("delta", &"x".repeat(300), NOON_S, "a", Value::Int(1));
    apply(&bench, 3, vec![long]);
    let all = series(&bench);
    assert_eq!(all.len() as u64, SERIES_COUNT_MAX + 1);
    let further: Vec<_> = all.iter().filter(|(text, _)| text.is_further()).collect();
    let [(_, further)] = further.as_slice() else {
        panic!("{} of further series", further.len())
    };
    // Counted, and not added up.
    assert_eq!((further.points, further.measured, further.sum), (7, 0, 0.0));
    assert_eq!(bench.accounting("acme").rolled_up, SERIES_COUNT_MAX + 8);
}

#[test]
fn the_stream_not_seen_longest_gives_way() {
    let bench = Bench::new();
    let stream = |n: u64, at_s| point("counter", "m", at_s, &n.to_string(), Value::Int(1));
    let first = (0..STREAMS_COUNT_MAX).map(|n| stream(n, NOON_S + n / 10_000));
    apply(&bench, 1, first.collect());
    apply(&bench, 2, vec![stream(STREAMS_COUNT_MAX, NOON_S + 60)]);
    let count = rusqlite::Connection::open(bench.path()).unwrap();
    let count = count.query_row("SELECT count(*) FROM metric_stream", [], |row| row.get(0));
    assert_eq!(count, Ok(STREAMS_COUNT_MAX as i64));
}

#[test]
fn counters_expire_and_become_hourly() {
    let bench = Bench::new();
    let day_s = 86_400;
    let at = |n: u64, at_s: u64, body: i64| {
        let one = point("delta", "m", at_s, "a", Value::Int(body));
        bench.apply(n, &batch("acme", n, at_s, events(n, [one])));
    };
    at(1, NOON_S + 60, 1);
    at(2, NOON_S + 3 * 60, 2);
    let minutes = || {
        let db = rusqlite::Connection::open(bench.path()).unwrap();
        let sql = "SELECT count(*) FROM metric_minute";
        db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(minutes(), 2);
    let expire = |at_s| bench.store.expire(&tenant("acme"), at_s, 35).unwrap();
    expire(NOON_S + 3 * day_s);
    expire(NOON_S + 3 * day_s);
    assert_eq!(minutes(), 1);
    let found = series(&bench)[0].1;
    assert_eq!((found.sum, found.measured, found.last), (3.0, 2, Some(2.0)));
    let today = (NOON_S / day_s) as u32;
    assert_eq!(bench.store.oldest_day(Domain::Groups).unwrap(), Some(today));
    assert_eq!(expire(NOON_S + 40 * day_s).days, [today]);
    assert_eq!((minutes(), series(&bench).len()), (0, 0));
    assert_eq!(bench.accounting("acme").rolled_up, 2);
}

#[test]
fn times_far_from_the_receipt_are_not_believed() {
    let bench = Bench::new();
    let claimed = [1, NOON_S - 40 * 86_400, NOON_S + 40 * 86_400];
    let points = claimed.map(|at_s| point("delta", "m", at_s, "a", Value::Int(1)));
    apply(&bench, 1, points.to_vec());
    let found = series(&bench)[0].1;
    assert_eq!((found.covered_s, found.last_unix_ns), (60, NOON_S * NS));
}

#[test]
fn no_name_of_a_series_stands_in_clear() {
    let bench = Bench::new();
    let name = "plainly.visible.name";
    let one = point("counter", name, NOON_S, "visible-route", Value::Int(1));
    apply(&bench, 1, vec![one]);
    for file in std::fs::read_dir(bench.dir.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(7).any(|window| window == b"visible");
            assert!(!found, "{}", path.display());
        }
    }
}
