//! The checks on small systems whose fault is known: a front that calls a shop, which calls a
//! store and a bank.

use cordon_event::{Event, Kind, Severity, SpanId, SpanStatus, TraceId, Value};

use super::{Case, Report, Side, Verdict, investigate, json};

const MS: u64 = 1_000_000;
const START: u64 = 1_800_000_000_000_000_000;
const REQUESTS: u64 = 120;

/// How a request goes in one window.
#[derive(Clone, Copy)]
struct Way {
    /// Milliseconds that the store takes.
    store_ms: u64,
    /// Milliseconds on the way to the bank and back.
    travel_ms: u64,
    /// Of every so many requests the bank fails one; 0 for none.
    bank_fails: u64,
    /// Of every so many requests nobody answers in the store; 0 for none.
    store_gone: u64,
    /// Of every so many requests the shop does not call the bank; 0 for none.
    skips_bank: u64,
    /// A message that the shop writes besides.
    extra: Option<(&'static str, Severity)>,
}

const WELL: Way = Way {
    store_ms: 10,
    travel_ms: 1,
    bank_fails: 0,
    store_gone: 0,
    skips_bank: 0,
    extra: None,
};

fn pairs(list: &[(&str, &str)]) -> Vec<(String, Value)> {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), Value::from(*value));
    list.iter().map(pair).collect()
}

/// Records one window.
struct Recorder {
    events: Vec<Event>,
    trace: u64,
    next: u64,
}

struct At<'a> {
    service: &'a str,
    name: &'a str,
    kind: &'a str,
    parent: u64,
    from_ms: u64,
    to_ms: u64,
    failed: bool,
}

impl Recorder {
    fn span(&mut self, at: &At<'_>) -> u64 {
        self.next += 1;
        let begun = START + self.trace * 50 * MS;
        let span = |id: u64| (id > 0).then(|| SpanId(id.to_be_bytes()));
        self.events.push(Event {
            kind: Kind::Span,
            time_unix_ns: begun + at.from_ms * MS,
            end_unix_ns: begun + at.to_ms * MS,
            status: if at.failed {
                SpanStatus::Error
            } else {
                SpanStatus::Unset
            },
            trace_id: Some(TraceId(u128::from(self.trace + 1).to_be_bytes())),
            span_id: span(self.next),
            parent_span_id: span(at.parent),
            name: at.name.to_owned(),
            attributes: pairs(&[("span.kind", at.kind)]),
            resource: pairs(&[("service.name", at.service)]).into(),
            ..Event::default()
        });
        self.next
    }

    fn log(&mut self, service: &str, span: u64, body: &str, severity: Severity) {
        self.events.push(Event {
            time_unix_ns: START + self.trace * 50 * MS,
            severity,
            trace_id: Some(TraceId(u128::from(self.trace + 1).to_be_bytes())),
            span_id: Some(SpanId(span.to_be_bytes())),
            body: Value::from(body),
            resource: pairs(&[("service.name", service)]).into(),
            ..Event::default()
        });
    }

    fn request(&mut self, way: Way) {
        let hit = |every: u64| every > 0 && self.trace.is_multiple_of(every);
        let (gone, fails, skips) = (
            hit(way.store_gone),
            hit(way.bank_fails),
            hit(way.skips_bank),
        );
        // Values differ a little from request to request, as they do.
        let ms = |ms: u64| ms + self.trace % 3;
        let store = ms(way.store_ms);
        let (go, pay) = (ms(way.travel_ms), ms(5));
        let bank_at = store + 4;
        let end = if skips {
            bank_at
        } else {
            bank_at + pay + 2 * go
        } + 4;
        let failed = gone || fails;
        let at = |service, name, kind, parent, from_ms, to_ms, failed| At {
            service,
            name,
            kind,
            parent,
            from_ms,
            to_ms,
            failed,
        };
        let front = self.span(&at("front", "GET /", "server", 0, 0, end + 2, failed));
        let call = self.span(&at(
            "front",
            "POST shop",
            "client",
            front,
            1,
            end + 1,
            failed,
        ));
        let shop = self.span(&at("shop", "POST /buy", "server", call, 1, end + 1, failed));
        let ask = self.span(&at("shop", "GET store", "client", shop, 2, 2 + store, gone));
        self.log("shop", shop, "looking for 3 things", Severity::INFO);
        if gone {
            self.log("shop", shop, "store did not answer", Severity::ERROR);
            return;
        }
        self.span(&at(
            "store",
            "GET /things",
            "server",
            ask,
            2,
            2 + store,
            false,
        ));
        if skips {
            return;
        }
        let to = bank_at + pay + 2 * go;
        let pays = self.span(&at("shop", "POST bank", "client", shop, bank_at, to, fails));
        let (from, until) = (bank_at + go, bank_at + go + pay);
        let bank = self.span(&at("bank", "POST /pay", "server", pays, from, until, fails));
        if fails {
            self.log("bank", bank, "cannot pay 12 cents", Severity::ERROR);
        } else {
            self.log("bank", bank, "paid 12 cents", Severity::INFO);
            self.log("shop", shop, "bought 3 things", Severity::INFO);
        }
        if let Some((text, severity)) = way.extra {
            self.log("shop", shop, text, severity);
        }
    }
}

fn window(way: Way) -> Vec<Event> {
    let mut recorder = Recorder {
        events: Vec::new(),
        trace: 0,
        next: 0,
    };
    for trace in 0..REQUESTS {
        recorder.trace = trace;
        recorder.request(way);
    }
    recorder.events
}

fn add<'a>(case: &mut Case, side: Side, events: impl Iterator<Item = &'a Event>) {
    for event in events {
        case.add(side, event);
    }
}

fn report(way: Way) -> Report {
    let mut case = Case::new();
    add(&mut case, Side::Baseline, window(WELL).iter());
    add(&mut case, Side::Incident, window(way).iter());
    investigate(&case)
}

#[track_caller]
fn check(way: Way, service: &str) {
    let report = report(way);
    let shown = format!("{:#}", json(&report));
    assert_eq!(report.verdict, Verdict::Found, "{shown}");
    assert_eq!(report.suspects[0].service, service, "{shown}");
}

#[track_caller]
fn check_well(way: Way) {
    let report = report(way);
    assert_eq!(report.verdict, Verdict::NothingWrong, "{:#}", json(&report));
}

#[test]
fn a_slow_service_is_found_and_not_its_callers() {
    check(
        Way {
            store_ms: 60,
            ..WELL
        },
        "store",
    );
}

#[test]
fn a_failing_service_is_found_and_not_its_callers() {
    check(
        Way {
            bank_fails: 5,
            ..WELL
        },
        "bank",
    );
}

#[test]
fn what_a_caller_misses_since_a_callee_failed_is_no_step_of_its_own() {
    let report = report(Way {
        bank_fails: 3,
        ..WELL
    });
    let shop = report.suspects.iter().find(|s| s.service == "shop");
    assert!(
        shop.is_none_or(|shop| shop.strengths.flow == 0.0),
        "{shop:?}"
    );
}

#[test]
fn a_slow_way_speaks_against_the_end_that_has_no_other() {
    check(
        Way {
            travel_ms: 25,
            ..WELL
        },
        "bank",
    );
}

#[test]
fn a_service_that_does_not_answer_is_found() {
    check(
        Way {
            store_gone: 3,
            ..WELL
        },
        "store",
    );
}

#[test]
fn a_step_that_is_left_out_is_found_without_an_error() {
    check(
        Way {
            skips_bank: 2,
            ..WELL
        },
        "shop",
    );
}

#[test]
fn nothing_is_wrong_where_nothing_changed() {
    check_well(WELL);
}

#[test]
fn a_message_that_is_new_is_no_fault() {
    check_well(Way {
        extra: Some(("now with stamps", Severity::INFO)),
        ..WELL
    });
}

#[test]
fn no_window_no_answer() {
    let mut case = Case::new();
    add(&mut case, Side::Incident, window(WELL).iter());
    assert_eq!(investigate(&case).verdict, Verdict::NoTelemetry);
}

#[test]
fn the_order_of_the_telemetry_does_not_count() {
    let way = Way {
        bank_fails: 5,
        store_ms: 30,
        ..WELL
    };
    let forward = format!("{}", json(&report(way)));
    let mut case = Case::new();
    add(&mut case, Side::Incident, window(way).iter().rev());
    add(&mut case, Side::Baseline, window(WELL).iter().rev());
    assert_eq!(format!("{}", json(&investigate(&case))), forward);
}

#[test]
fn an_answer_is_computed_from_what_it_shows() {
    let report = report(Way {
        bank_fails: 4,
        ..WELL
    });
    let first = &report.suspects[0].evidence[0];
    assert_eq!(first.numbers.of_now, REQUESTS);
    assert!((first.numbers.now - 0.25).abs() < 1e-9, "{first:?}");
    assert!(!first.traces.is_empty());
}

/// Points of memory and processor of two replicas of the store; from `grows_from` on the first one
/// takes more of both with each point.
fn points(grows_from: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for (replica, at) in [("store-a", 0_u64), ("store-b", 1)] {
        for second in 0..10_u64 {
            let more = if at == 0 {
                second.saturating_sub(grows_from) as f64
            } else {
                0.0
            };
            let noise = 0.01 * ((second * 7 + at) % 3) as f64;
            for (name, value) in [
                ("process.memory.usage", 100.0 + noise + 40.0 * more),
                ("process.cpu.utilization", 0.1 + 0.001 * noise + 0.1 * more),
            ] {
                events.push(Event {
                    kind: Kind::MetricPoint,
                    time_unix_ns: START + second * 1_000 * MS,
                    name: name.to_owned(),
                    body: Value::Double(value),
                    attributes: pairs(&[("metric.instrument", "gauge")]),
                    resource: pairs(&[("service.name", "store"), ("service.instance.id", replica)])
                        .into(),
                    ..Event::default()
                });
            }
        }
    }
    events
}

/// As usual, but for the replica that takes more from then on.
fn report_of_points(grows_from: u64) -> Report {
    let mut case = Case::new();
    let baseline = points(10);
    let incident = points(grows_from);
    add(
        &mut case,
        Side::Baseline,
        window(WELL).iter().chain(&baseline),
    );
    add(
        &mut case,
        Side::Incident,
        window(WELL).iter().chain(&incident),
    );
    investigate(&case)
}

#[test]
fn one_replica_that_runs_short_of_two_things_is_found_before_users_feel_it() {
    let report = report_of_points(4);
    assert_eq!(report.verdict, Verdict::Found, "{:#}", json(&report));
    assert_eq!(report.suspects[0].service, "store");
}

#[test]
fn metrics_that_stay_tell_nothing() {
    assert_eq!(report_of_points(10).verdict, Verdict::NothingWrong);
}

/// What another SDK, or another version of the semantic conventions, calls a span.
#[test]
fn a_span_that_is_called_otherwise_is_no_step_left_out() {
    let mut renamed = window(WELL);
    for event in &mut renamed {
        if event.name == "POST bank" {
            event.name = "HTTP POST bank".to_owned();
        }
    }
    let mut case = Case::new();
    add(&mut case, Side::Baseline, window(WELL).iter());
    add(&mut case, Side::Incident, renamed.iter());
    let report = investigate(&case);
    assert_eq!(report.verdict, Verdict::NothingWrong, "{:#}", json(&report));
}

/// A call of somebody else in its place is one.
#[test]
fn a_call_of_somebody_else_is_another_step() {
    let mut moved = window(WELL);
    moved.retain(|event| event.resource_str("service.name") != Some("bank"));
    for event in &mut moved {
        if event.name == "POST bank" {
            event.name = "POST lender".to_owned();
            event
                .attributes
                .extend(pairs(&[("server.address", "lender")]));
        }
    }
    let mut case = Case::new();
    add(&mut case, Side::Baseline, window(WELL).iter());
    add(&mut case, Side::Incident, moved.iter());
    let report = investigate(&case);
    assert_eq!(report.verdict, Verdict::Found, "{:#}", json(&report));
}

/// The store records logs and no spans; the shop says whom it calls.
fn untraced(way: Way) -> Vec<Event> {
    let mut events = window(way);
    for event in &mut events {
        let of_store = event.resource_str("service.name") == Some("store");
        if of_store && event.kind == Kind::Span {
            *event = Event {
                time_unix_ns: event.time_unix_ns,
                body: Value::from("looked up 3 things"),
                resource: pairs(&[("service.name", "store")]).into(),
                severity: Severity::INFO,
                ..Event::default()
            };
        } else if event.name == "GET store" {
            event
                .attributes
                .extend(pairs(&[("server.address", "store.svc.cluster.local:8080")]));
        }
    }
    events
}

#[test]
fn a_service_without_spans_is_found_by_who_calls_it() {
    let ways = [
        Way {
            store_ms: 60,
            ..WELL
        },
        Way {
            store_gone: 3,
            ..WELL
        },
    ];
    for way in ways {
        let mut case = Case::new();
        add(&mut case, Side::Baseline, untraced(WELL).iter());
        add(&mut case, Side::Incident, untraced(way).iter());
        let report = investigate(&case);
        assert_eq!(report.verdict, Verdict::Found, "{:#}", json(&report));
        assert_eq!(report.suspects[0].service, "store", "{:#}", json(&report));
    }
}

/// What all spans of an operation have says nothing; what the failing ones have alone does.
#[test]
fn failing_requests_are_told_apart_within_their_operation() {
    let way = Way {
        bank_fails: 5,
        ..WELL
    };
    let mut events = window(way);
    for event in &mut events {
        if event.name == "POST /pay" {
            let failed = event.status == SpanStatus::Error;
            let method = if failed { "tulip-pay" } else { "card" };
            event
                .attributes
                .extend(pairs(&[("payment.method", method), ("rpc.system", "grpc")]));
        } else if event.resource_str("service.name") == Some("bank") {
            event.attributes.clear();
        }
    }
    let mut case = Case::new();
    add(&mut case, Side::Baseline, window(WELL).iter());
    add(&mut case, Side::Incident, events.iter());
    let report = investigate(&case);
    let told: Vec<&str> = report.suspects[0]
        .evidence
        .iter()
        .filter(|e| e.check == super::Check::Attribute)
        .map(|e| e.text.as_str())
        .collect();
    assert_eq!(told, ["tulip-pay"]);
}
