//! An event comes out the same whatever came before it.
//!
//! Each event is redacted twice: by a redactor that saw all events before it, some of them made so
//! that what they hold is remembered, and by one that saw none.
#![expect(
    clippy::unwrap_used,
    reason = "fixtures that cannot be built stop the test"
)]

mod keyed;

use std::fmt::Write as _;
use std::sync::LazyLock;

use cordon_event::{Event, Raw, SpanId, TraceId, Value};
use cordon_redact::{EventRedactor, Outcome, Policy, Redactor, Unknown, Verdict};
use keyed::Mac;
use proptest::prelude::*;

/// Names that decide what becomes of a value, and such that do not.
const NAMES: &[&str] = &[
    "http.route",
    "service.name",
    "service.instance.id",
    "request_id",
    "password",
    "api_key",
    "user.name",
    "user_id",
    "phone",
    "email",
    "card",
    "description",
    "message",
    "name",
    "value",
    "count",
];

/// Identifiers of a span, a trace and a request.
const SPAN: &str = "deadbeefcafe0001";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const REQUEST: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// Values that are somebody's under one name or beside another value, and nothing under others.
const VALUES: &[&str] = &[
    "checkout",
    "4111111111111111",
    "tulip",
    "ada lovelace",
    SPAN,
    TRACE,
    REQUEST,
    "+1 212 555 0100",
    "ada@example.org",
    "10.0.0.7",
    "GET /orders/7",
    "password",
    "user_id",
    "the order of Mr. Lovelace was paid",
    "canary-of-tests-17",
    r#"{"password":"tulip","n":1}"#,
    r#"{"user_id":"0a\u00667651916cd43dd8448eb211c80319c"}"#,
    "",
];

fn policy() -> Policy {
    Policy {
        canaries: vec!["canary-of-tests-17".to_owned()],
        ..Policy::default()
    }
}

/// One that scans what it does not know, one that keeps its shape alone, and one without canaries,
/// which looks through many values at once.
static REDACTORS: LazyLock<[Redactor; 3]> = LazyLock::new(|| {
    let templates = Policy {
        unknown: Unknown::Template,
        ..policy()
    };
    [policy(), templates, Policy::default()].map(|policy| Redactor::new(policy).unwrap())
});

fn scanning() -> &'static Redactor {
    let [scanning, ..] = &*REDACTORS;
    scanning
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(VALUES).prop_map(Value::from);
    let number = prop_oneof![
        Just(4_111_111_111_111_111_i64),
        Just(2_125_550_100),
        0..100_i64
    ];
    let leaf = prop_oneof![4 => text, 1 => number.prop_map(Value::Int)];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((any_name(), inner), 0..3).prop_map(Value::Map),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    prop::sample::select(NAMES).prop_map(str::to_owned)
}

fn any_fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::vec((any_name(), any_value()), 0..4)
}

fn any_event() -> impl Strategy<Value = Event> {
    let resource = prop_oneof![
        2 => Just(vec![("service.name".to_owned(), Value::from("checkout"))]),
        1 => Just(vec![("service.instance.id".to_owned(), Value::from(REQUEST))]),
        2 => any_fields(),
    ];
    let ids = (any::<bool>(), any::<bool>());
    let texts = (prop::sample::select(VALUES), any_value());
    (texts, any_fields(), resource, ids).prop_map(|((name, body), attributes, resource, ids)| {
        Event {
            name: name.to_owned(),
            body,
            attributes,
            resource: resource.into(),
            trace_id: ids.0.then(|| TraceId::parse(TRACE).unwrap()),
            span_id: ids.1.then(|| SpanId::parse(SPAN).unwrap()),
            ..Event::default()
        }
    })
}

/// All that came of an event, to be compared.
fn told(outcome: &Outcome) -> String {
    let mut out = match &outcome.verdict {
        Verdict::Clean(event) => format!("{:?}", event.get()),
        Verdict::Quarantine(held) => format!("{:?}", held.get()),
    };
    let _ = write!(out, "{:?} {:?}", outcome.receipt, outcome.pages);
    for row in &outcome.tokens {
        let _ = write!(out, " {} {}", row.token, row.value.expose_raw());
    }
    out
}

fn check(redactor: &Redactor, events: &[Event]) -> Result<(), TestCaseError> {
    let mut after = EventRedactor::new(redactor, &Mac);
    for event in events {
        let with = told(&after.event(Raw::new(event.clone())));
        let without = told(&redactor.event(&Mac, Raw::new(event.clone())));
        prop_assert_eq!(with, without);
    }
    check_together(redactor, events)
}

/// Events that come together, again and again, so that what they are like is known.
fn check_together(redactor: &Redactor, events: &[Event]) -> Result<(), TestCaseError> {
    let alone = |event: &Event| told(&redactor.event(&Mac, Raw::new(event.clone())));
    let alone: Vec<String> = events.iter().map(alone).collect();
    let mut together = EventRedactor::new(redactor, &Mac);
    for _ in 0..4 {
        let mut alone = alone.iter();
        let raw = Raw::new(events.to_vec());
        let mut result = Ok(());
        together.events(raw, |outcome| {
            if alone.next() != Some(&told(&outcome)) {
                result = Err(TestCaseError::fail(told(&outcome)));
            }
        });
        result?;
        prop_assert_eq!(alone.next(), None);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_came_before_changes_nothing(events in prop::collection::vec(any_event(), 1..24)) {
        for redactor in &*REDACTORS {
            check(redactor, &events)?;
        }
    }
}

fn resource(fields: &[(&str, &str)]) -> Event {
    let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).into()));
    Event {
        resource: fields.collect(),
        ..Event::default()
    }
}

/// What is an identifier of one event is a card number, say, in the next.
#[test]
fn an_identifier_is_one_of_its_own_event_alone() {
    let trace = TraceId::parse(TRACE).unwrap();
    let holds_it = resource(&[("user_id", TRACE)]);
    let own = Event {
        trace_id: Some(trace),
        ..holds_it.clone()
    };
    let named = resource(&[("request_id", REQUEST), ("user_id", REQUEST)]);
    let unnamed = resource(&[("user_id", REQUEST)]);
    let escaped = r#"{"user_id":"0a\u00667651916cd43dd8448eb211c80319c"}"#;
    let attribute = |trace_id| Event {
        trace_id,
        attributes: vec![("ref".to_owned(), escaped.into())],
        ..Event::default()
    };
    let hidden = [
        attribute(Some(trace)),
        attribute(Some(trace)),
        attribute(None),
    ];
    let in_resource = |trace_id| Event {
        trace_id,
        ..resource(&[("ref", escaped)])
    };
    let beside = [in_resource(Some(trace)), in_resource(None)];
    for redactor in &*REDACTORS {
        check(redactor, &hidden).unwrap();
        check(redactor, &beside).unwrap();
        check(redactor, &[own.clone(), own.clone(), holds_it.clone()]).unwrap();
        check(redactor, &[named.clone(), named.clone(), unnamed.clone()]).unwrap();
    }
}

/// A word behind `password` in a list stands at the same path as one behind `count`.
#[test]
fn a_value_is_remembered_with_its_name() {
    let list = |name: &str| Event {
        attributes: vec![(
            "pair".to_owned(),
            Value::Array(vec![name.into(), "tulip".into()]),
        )],
        ..Event::default()
    };
    for redactor in &*REDACTORS {
        check(redactor, &[list("count"), list("count"), list("password")]).unwrap();
    }
}

#[test]
fn a_canary_in_a_resource_pages_each_time() {
    let event = resource(&[("service.name", "canary-of-tests-17")]);
    let mut after = EventRedactor::new(scanning(), &Mac);
    for _ in 0..3 {
        let outcome = after.event(Raw::new(event.clone()));
        assert!(matches!(outcome.verdict, Verdict::Quarantine(_)));
    }
}

/// Far more values than are remembered, and then the first ones again.
#[test]
fn what_is_forgotten_is_judged_again() {
    let many = (0..20_000).map(|n| Event {
        body: format!("order {n}").into(),
        ..Event::default()
    });
    let events: Vec<Event> = many.clone().chain(many.take(100)).collect();
    check(scanning(), &events).unwrap();
}
