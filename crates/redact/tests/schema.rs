//! Default-deny: what nobody approved does not stay, what somebody approved has its class, and an
//! alarm is an alarm wherever it stood.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests share may stop them"
)]

use std::sync::LazyLock;

use cordon_event::{Class, Event, Raw, Value};
use cordon_redact::{
    Action, Actions, Outcome, Policy, Redactor, Schema, SchemaLearner, Unknown, ValueTypes, Verdict,
};

use proptest::prelude::*;

mod keyed;
use keyed::Mac;

const SECRET: &str = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");

fn schema() -> Schema {
    let mut schema = Schema::default();
    for (path, class, types) in [
        ("attributes.plan", Class::C, &["string"][..]),
        ("attributes.owner", Class::B, &["string", "int"]),
        ("attributes.recovery", Class::A, &["string"]),
        ("attributes.payload.sku", Class::C, &["string"]),
        ("attributes.payload.who", Class::B, &["string"]),
        ("body.step", Class::C, &["string"]),
        ("attributes.amount", Class::C, &["int"]),
        ("attributes.sizes", Class::C, &["json", "array", "int"]),
        (
            "attributes.personal",
            Class::B,
            &["string", "int", "double", "map"],
        ),
        ("attributes.payload.rest.sku", Class::C, &["text", "int"]),
    ] {
        let none = ValueTypes::default();
        let types = types.iter().fold(none, |set, name| set.with(name).unwrap());
        schema.approve(path, class, types).unwrap();
    }
    schema
}

fn policy(unknown: Unknown) -> Policy {
    Policy {
        schema: schema(),
        unknown,
        canaries: vec!["tulip-canary-77".to_owned()],
        survive: ["order.id".to_owned()].into(),
        ..Policy::default()
    }
}

fn redact(policy: Policy, event: Event) -> Outcome {
    Redactor::new(policy).unwrap().event(&Mac, Raw::new(event))
}

fn admitted(outcome: Outcome) -> Event {
    match outcome.verdict {
        Verdict::Clean(clean) => clean.into_inner(),
        Verdict::Quarantine(_) => panic!("quarantined"),
    }
}

fn named(pairs: &[(&str, Value)]) -> Event {
    let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
    Event {
        attributes: pairs.collect(),
        ..Event::default()
    }
}

fn body(body: impl Into<Value>) -> Event {
    Event {
        body: body.into(),
        ..Event::default()
    }
}

fn names(event: &Event) -> Vec<&str> {
    event.attributes.iter().map(|(k, _)| k.as_str()).collect()
}

fn attribute<'e>(event: &'e Event, name: &str) -> &'e Value {
    let found = event.attributes.iter().find(|(k, _)| k == name);
    &found.unwrap().1
}

fn all() -> Event {
    named(&[
        ("plan", "gold".into()),
        ("diagnosis", "a rare one".into()),
        ("http.route", "/pay".into()),
        ("exception.message", "no cart of 7".into()),
        ("order.id", 7_711.into()),
        ("owner", "kim".into()),
        ("recovery", "tulip garden".into()),
        ("recovery", "tulip-garden".into()),
    ])
}

#[test]
fn what_nobody_approved_is_dropped() {
    let outcome = redact(policy(Unknown::Drop), all());
    let found = &outcome.receipt.findings;
    let dropped: Vec<&str> = found
        .iter()
        .filter(|f| f.rule == "schema.unknown")
        .map(|f| f.path.as_str())
        .collect();
    // A type that was not approved is unknown too.
    assert_eq!(dropped, ["attributes.diagnosis", "attributes.recovery"]);
    let event = admitted(outcome);
    let kept = [
        "plan",
        "http.route",
        "exception.message",
        "order.id",
        "owner",
        "recovery",
    ];
    assert_eq!(names(&event), kept);
    assert_eq!(attribute(&event, "plan").as_str(), Some("gold"));
    let owner = attribute(&event, "owner").as_str().unwrap();
    assert!(owner.starts_with("field_"), "{owner}");
    assert_eq!(
        attribute(&event, "recovery").as_str(),
        Some("[removed:schema.secret]")
    );
}

#[test]
fn a_personal_field_goes_whatever_it_holds() {
    let mut actions = Actions::default();
    actions.set("field", Action::Mask).unwrap();
    let masking = || Policy {
        actions: actions.clone(),
        ..policy(Unknown::Scan)
    };
    let pairs = vec![("who".to_owned(), "kim".into())];
    for (value, plain, masked) in [
        (Value::Int(77), "field_", Value::Int(10)),
        (Value::Double(7.5), "field_", Value::Double(1.0)),
        (Value::Double(77.0), "field_", Value::Double(10.0)),
        ("kim77".into(), "field_", "xxx00".into()),
        (
            Value::Map(pairs),
            "[removed:schema.personal]",
            "[removed:schema.personal]".into(),
        ),
    ] {
        let event = || named(&[("personal", value.clone())]);
        let out = admitted(redact(policy(Unknown::Scan), event()));
        let text = attribute(&out, "personal").as_str().unwrap();
        assert!(text.starts_with(plain), "{text}");
        let once = admitted(redact(masking(), event()));
        assert_eq!(*attribute(&once, "personal"), masked);
        let again = admitted(redact(masking(), once));
        assert_eq!(*attribute(&again, "personal"), masked);
    }
}

#[test]
fn redacting_again_changes_nothing() {
    for unknown in [Unknown::Scan, Unknown::Template, Unknown::Drop] {
        let policy = || Policy {
            free_text: unknown,
            ..policy(unknown)
        };
        let mut event = all();
        event.body = "could not charge Ann, order 77".into();
        event.attributes.push((
            "payload".to_owned(),
            r#"{"sku":"s7","who":"kim","rest":["Ann Lee", 7]}"#.into(),
        ));
        // A number that is replaced is a string behind it, and still approved.
        event
            .attributes
            .push(("amount".to_owned(), 4_111_111_111_111_111.into()));
        let once = admitted(redact(policy(), event));
        let again = admitted(redact(policy(), once.clone()));
        assert_eq!(format!("{again:?}"), format!("{once:?}"));
        let amount = attribute(&again, "amount").as_str().unwrap();
        assert!(amount.starts_with("card_"), "{amount}");
    }
}

#[test]
fn of_what_is_unknown_the_shape_may_stay() {
    let event = named(&[
        (
            "note",
            "could not charge Ann, order 77 of ann@mail.example.org".into(),
        ),
        ("tier", "gold".into()),
        ("weight", Value::Double(71.5)),
        ("ok", Value::Bool(true)),
        ("blob", Value::Bytes(b"abc".to_vec())),
        ("deep", Value::Map(vec![("a".to_owned(), "Blue".into())])),
    ]);
    let event = admitted(redact(policy(Unknown::Template), event));
    let values: Vec<&Value> = event.attributes.iter().map(|(_, v)| v).collect();
    let want: [Value; 6] = [
        "could not charge <person>, order <*> of <email>".into(),
        "<*>".into(),
        Value::Double(10.0),
        Value::Bool(true),
        "<*>".into(),
        Value::Map(vec![("a".to_owned(), "<*>".into())]),
    ];
    assert_eq!(values, want.iter().collect::<Vec<_>>());
}

#[test]
fn keys_of_a_payload_are_let_in_one_by_one() {
    for (payload, want) in [
        (r#"{"sku":"s7","note":"x"}"#, r#"{"sku":"s7"}"#),
        (r#"{"note":{"a":[1,"},{"]}, "sku":"s7"}"#, r#"{"sku":"s7"}"#),
        (
            r#"{"a":true,"sku":"s7","b":-1,"c":null}"#,
            r#"{"sku":"s7"}"#,
        ),
        (r#"{"a":1,"b":{"c":2}}"#, "{}"),
        (r#"{"sku":"s7"}"#, r#"{"sku":"s7"}"#),
        (r#"{"sku":["s7"]}"#, "{}"),
        (r#"{"sku":{"a":"s7"}}"#, "{}"),
        (r#"{ "sku" : "s7" , "note" : {} }"#, r#"{ "sku" : "s7" }"#),
    ] {
        let event = named(&[("payload", payload.into())]);
        let event = admitted(redact(policy(Unknown::Drop), event));
        assert_eq!(
            attribute(&event, "payload").as_str(),
            Some(want),
            "{payload}"
        );
    }
    let event = named(&[("payload", r#"{"who":"kim","sku":"s7"}"#.into())]);
    let event = admitted(redact(policy(Unknown::Drop), event));
    let payload = attribute(&event, "payload").as_str().unwrap();
    assert!(payload.starts_with(r#"{"who":"field_"#), "{payload}");
    assert!(payload.ends_with(r#","sku":"s7"}"#), "{payload}");
}

#[test]
fn a_list_in_a_text_holds_what_was_approved() {
    for (sizes, stays) in [("[1, 2]", true), ("[]", true), ("[1, \"Ann\"]", false)] {
        let event = admitted(redact(
            policy(Unknown::Drop),
            named(&[("sizes", sizes.into())]),
        ));
        assert_eq!(!event.attributes.is_empty(), stays, "{sizes}");
    }
}

#[test]
fn a_structured_body_is_a_payload_and_a_text_is_free() {
    let drop = || Policy {
        free_text: Unknown::Drop,
        ..policy(Unknown::Drop)
    };
    let event = admitted(redact(drop(), body(r#"{"step":"pay","pin":7}"#)));
    assert_eq!(event.body.as_str(), Some(r#"{"step":"pay"}"#));
    let event = admitted(redact(drop(), body("no cart of Ann")));
    assert_eq!(event.body.as_str(), Some("[removed:schema.free_text]"));
    let template = Policy {
        free_text: Unknown::Template,
        ..policy(Unknown::Drop)
    };
    let event = admitted(redact(template, body("no cart of Ann")));
    assert_eq!(event.body.as_str(), Some("no cart of <person>"));
    let pairs = vec![
        ("pin".to_owned(), 7.into()),
        ("step".to_owned(), "pay".into()),
    ];
    let event = admitted(redact(drop(), body(Value::Map(pairs))));
    assert_eq!(
        event.body,
        Value::Map(vec![("step".to_owned(), "pay".into())])
    );
}

#[test]
fn an_alarm_is_an_alarm_in_what_is_dropped() {
    for event in [
        named(&[("diagnosis", "of tulip-canary-77".into())]),
        named(&[("owner", "tulip-canary-77".into())]),
        named(&[("payload", r#"{"note":"tulip-canary-77"}"#.into())]),
    ] {
        let outcome = redact(policy(Unknown::Drop), event);
        assert!(matches!(outcome.verdict, Verdict::Quarantine(_)));
        assert_eq!(outcome.pages[0].reason, "canary");
    }
    let event = named(&[("diagnosis", SECRET.into()), ("owner", SECRET.into())]);
    let outcome = redact(policy(Unknown::Drop), event);
    let secrets = outcome
        .receipt
        .findings
        .iter()
        .filter(|f| f.class == Class::A);
    assert!(secrets.count() >= 2, "{:?}", outcome.receipt.findings);
    assert!(
        outcome.tokens.is_empty(),
        "a secret has no row in the token map"
    );
    let event = admitted(outcome);
    let owner = attribute(&event, "owner").as_str().unwrap();
    assert!(owner.starts_with("[removed:"), "{owner}");
}

#[test]
fn without_a_schema_everything_is_as_before() {
    let event = named(&[("diagnosis", "a rare one".into())]);
    let event = admitted(redact(Policy::default(), event));
    assert_eq!(attribute(&event, "diagnosis").as_str(), Some("a rare one"));
    let line = r#"{"diagnosis":"a rare one"}"#;
    let redactor = Redactor::new(policy(Unknown::Drop)).unwrap();
    // A line that is no event has no groups of fields.
    let out = redactor.json_line(&Mac, Raw::new(line.to_owned()));
    assert_eq!(out.clean.get(), line);
}

static DROPPING: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(policy(Unknown::Drop)).unwrap());
static SHAPING: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(policy(Unknown::Template)).unwrap());

/// JSON of the names that the schema knows and of others.
fn payload() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        "[a-z]{1,6}( [A-Z][a-z]{1,6})?".prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
        Just(serde_json::json!("\\\"},{[ \n é")),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::hash_map("sku|who|note|[0-9]{1,2}|[a-z]{1,3}", inner, 0..5)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn a_payload_stays_json_and_keeps_what_was_approved_alone(
        payload in payload(),
        pretty in any::<bool>(),
        dropped in any::<bool>(),
    ) {
        let payload = serde_json::json!({ "sku": "s7", "rest": payload });
        let text = if pretty { format!("{payload:#}") } else { payload.to_string() };
        let event = named(&[("payload", text.as_str().into())]);
        let redactor = if dropped { &*DROPPING } else { &*SHAPING };
        let redact = |event: Event| admitted(redactor.event(&Mac, Raw::new(event)));
        let once = redact(event);
        let clean = attribute(&once, "payload").as_str().unwrap().to_owned();
        let read: serde_json::Value = serde_json::from_str(&clean).unwrap();
        prop_assert_eq!(&read["sku"], "s7");
        if dropped {
            let rest = read["rest"].as_object().into_iter().flatten();
            let rest: Vec<&String> = rest.map(|(key, _)| key).collect();
            prop_assert!(rest.iter().all(|key| *key == "sku"), "{}", read);
            prop_assert!(read.as_object().unwrap().len() <= 2, "{}", read);
        }
        let again = redact(once);
        prop_assert_eq!(attribute(&again, "payload").as_str(), Some(clean.as_str()));
    }
}

/// A value of an event, of any form.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Double),
        "[a-z]{0,6}( [A-Z][a-z]{1,6})?".prop_map(Value::from),
        "[a-z]{3,5}@example\\.org( and more)?".prop_map(Value::from),
        Just("4111 1111 1111 1111".into()),
        payload().prop_map(|json| json.to_string().into()),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = "[a-z]{1,3}|[0-9]{1,2}|user|[a-z]{3,5}@example\\.org";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..4).prop_map(Value::Map),
        ]
    })
}

static SCANNING: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Policy::default()).unwrap());

proptest! {
    // Each case compiles a policy of its own.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_learned_and_approved_is_not_dropped(
        values in prop::collection::vec(("[a-z]{1,2}|os|http|code", value()), 0..5),
        body in value(),
    ) {
        check_learned(&Event {
            attributes: values,
            body,
            ..Event::default()
        })?;
    }
}

/// A policy that approves what was learned from an event drops nothing of that event.
fn check_learned(event: &Event) -> Result<(), TestCaseError> {
    let outcome = SCANNING.event(&Mac, Raw::new(event.clone()));
    let mut learner = SchemaLearner::default();
    let Verdict::Clean(clean) = &outcome.verdict else {
        panic!("quarantined")
    };
    learner.add(clean, &outcome.receipt);
    let (fields, unlisted) = learner.finish();
    prop_assert_eq!(unlisted, 0);
    let mut schema = Schema::default();
    for field in fields.get() {
        schema.approve(&field.path, Class::C, field.types).unwrap();
    }
    let policy = Policy {
        schema,
        unknown: Unknown::Drop,
        ..Policy::default()
    };
    let denied = redact(policy, event.clone());
    let findings = denied.receipt.findings.iter();
    let dropped = findings.filter(|f| f.rule == "schema.unknown");
    let dropped: Vec<&str> = dropped.map(|f| f.path.as_str()).collect();
    prop_assert!(dropped.is_empty(), "{:?} of {:?}", dropped, event);
    prop_assert_eq!(
        format!("{:?}", admitted(denied)),
        format!("{:?}", clean.get())
    );
    Ok(())
}

#[test]
fn what_the_conventions_know_may_be_nested() {
    let map = |key: &str, value: Value| Value::Map(vec![(key.to_owned(), value)]);
    for (name, value) in [
        ("os", map("a", Value::Null)),
        ("os", r#"{"type":"linux"}"#.into()),
        ("http", map("request", map("method", "GET".into()))),
        ("code", map("function", map("name", "pay".into()))),
    ] {
        check_learned(&named(&[(name, value)])).unwrap();
    }
    let event = named(&[
        ("os", map("type", "linux".into())),
        ("http", map("who", "kim".into())),
    ]);
    let event = admitted(redact(policy(Unknown::Drop), event));
    assert_eq!(names(&event), ["os", "http"]);
    assert_eq!(*attribute(&event, "http"), Value::Map(Vec::new()));
}
