//! Changes: a value stays only where it cannot be a secret, wherever its sender puts it, and under
//! default-deny nothing stays that nobody approved.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests share may stop them"
)]

use std::sync::LazyLock;

use cordon_event::codec::encode_event;
use cordon_event::{Change, ChangeKind, Class, Event, Raw, Value};
use cordon_redact::{Outcome, Policy, Redactor, Schema, Unknown, ValueTypes, Verdict};
use proptest::prelude::*;

mod keyed;
use keyed::Mac;

/// A redactor under the default policy.
static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Policy::default()).unwrap());

/// A value that no rule can know by its form.
const HANDLE: &str = "plum-harbour-lantern";
const REMOVED: &str = "[removed:change.value]";

fn redact(policy: Policy, event: Event) -> Outcome {
    Redactor::new(policy).unwrap().event(&Mac, Raw::new(event))
}

fn admitted(outcome: Outcome) -> Event {
    match outcome.verdict {
        Verdict::Clean(clean) => clean.into_inner(),
        Verdict::Quarantine(_) => panic!("quarantined"),
    }
}

/// A change of a setting with these attributes beside its own.
fn change(kind: ChangeKind, further: &[(&str, Value)]) -> Event {
    let mut event = Change {
        kind,
        service: "billing".into(),
        subject: "gateway.handle".into(),
        from: Value::Int(5),
        to: Value::Int(50),
        commit: "0123abc4567".into(),
        author: "Maya Okafor".into(),
        files: vec!["src/auth.rs".into()],
        files_left_out: 44,
        ..Change::default()
    }
    .into_event();
    let further = further.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
    event.attributes.extend(further);
    event
}

fn map(name: &str, value: impl Into<Value>) -> Value {
    Value::Map(vec![(name.to_owned(), value.into())])
}

fn text_of(event: &Event) -> String {
    String::from_utf8_lossy(&encode_event(event)).into_owned()
}

/// What becomes of an attribute beside a change's own.
fn check(policy: &Policy, name: &str, value: &Value, expected: Option<&Value>) {
    for kind in [ChangeKind::Configuration, ChangeKind::Deploy] {
        let event = admitted(redact(
            policy.clone(),
            change(kind, &[(name, value.clone())]),
        ));
        let found = event.attributes.iter().rev().find(|(key, _)| key == name);
        assert_eq!(found.map(|(_, value)| value), expected, "{name}");
        // Its own stay.
        let own = Change::of(&event).unwrap();
        assert_eq!((own.kind, own.subject.as_str()), (kind, "gateway.handle"));
        assert_eq!((own.from, own.to), (Value::Int(5), Value::Int(50)));
        assert_eq!(
            (own.files_left_out, own.commit.as_str()),
            (44, "0123abc4567")
        );
        assert!(own.author.starts_with("user_"), "{}", own.author);
    }
}

#[test]
fn an_attribute_beside_a_change_is_judged_as_its_values_are() {
    let removed = Value::from(REMOVED);
    let list = Value::Array(vec![map("value", HANDLE), Value::Bool(true)]);
    let json = format!(r#"{{"value": "{HANDLE}"}}"#);
    for (name, value) in [
        ("variations", list),
        ("to.value", HANDLE.into()),
        ("setting", map("region", map("value", HANDLE))),
        ("settings", map("gateway.handle", HANDLE)),
        ("settings", map(HANDLE, Value::Bool(true))),
        ("ticket", HANDLE.into()),
        ("payload", json.as_str().into()),
        ("feature_flag.result.value", HANDLE.into()),
        ("service.config", map("a", HANDLE)),
        ("cloud.region", map("a", HANDLE)),
        ("cloud.region", json.as_str().into()),
        ("change.to", map("gateway.handle", HANDLE)),
        ("change.to.gateway.handle", HANDLE.into()),
        ("vcs.ref.head.revision", HANDLE.into()),
    ] {
        if name == "change.to" || name == "vcs.ref.head.revision" {
            let event = change(ChangeKind::Flag, &[(name, value)]);
            let clean = admitted(redact(Policy::default(), event));
            assert!(!text_of(&clean).contains(HANDLE), "{name}");
        } else {
            check(&Policy::default(), name, &value, Some(&removed));
        }
    }
    for (name, value) in [
        ("share", Value::Double(0.1)),
        ("stage", "canary".into()),
        ("limits", map("max", 3)),
        ("deployment.environment.name", "plum-harbour".into()),
    ] {
        check(&Policy::default(), name, &value, Some(&value));
    }
}

#[test]
fn what_is_technical_or_approved_beside_a_change_stays() {
    let technical = Policy {
        technical: ["ticket".to_owned()].into(),
        ..Policy::default()
    };
    let ticket = Value::from("OPS-7");
    check(&technical, "ticket", &ticket, Some(&ticket));
    let approved = |unknown| Policy {
        schema: approved("attributes.ticket"),
        unknown,
        ..Policy::default()
    };
    check(&approved(Unknown::Scan), "ticket", &ticket, Some(&ticket));
    check(
        &approved(Unknown::Scan),
        "tickets",
        &ticket,
        Some(&REMOVED.into()),
    );
}

/// A schema in which one text is of class C.
fn approved(path: &str) -> Schema {
    let mut schema = Schema::default();
    let types = ValueTypes::default().with("string").unwrap();
    schema.approve(path, Class::C, types).unwrap();
    schema
}

/// Values that pass the rule for values are denied all the same, and so is everything else that
/// nobody approved.
#[test]
fn default_deny_holds_for_changes() {
    let policy = || Policy {
        schema: approved("attributes.stage"),
        unknown: Unknown::Drop,
        ..Policy::default()
    };
    let further = [
        ("share", Value::Double(0.1)),
        ("ticket", 7.into()),
        ("mode", "on".into()),
        ("stage", "canary".into()),
        ("limits", map("max", 3)),
        ("note", HANDLE.into()),
        ("cloud.region", "eu-2".into()),
    ];
    for kind in [
        ChangeKind::Flag,
        ChangeKind::Configuration,
        ChangeKind::Deploy,
    ] {
        let outcome = redact(policy(), change(kind, &further));
        let found = outcome.receipt.findings.iter();
        let dropped = found.filter(|finding| finding.rule == "schema.unknown");
        let dropped: Vec<String> = dropped.map(|finding| finding.path.clone()).collect();
        assert_eq!(
            dropped,
            [
                "attributes.change.from",
                "attributes.change.to",
                "attributes.change.author",
                "attributes.share",
                "attributes.ticket",
                "attributes.mode",
                "attributes.limits",
                "attributes.note",
            ]
        );
        let event = admitted(outcome);
        let names: Vec<&str> = event
            .attributes
            .iter()
            .map(|(key, _)| key.as_str())
            .collect();
        let kept = [
            "change.kind",
            "change.subject",
            "vcs.ref.head.revision",
            "change.files",
            "change.files_left_out",
            "stage",
            "cloud.region",
        ];
        assert_eq!(names, kept);
        assert!(!text_of(&event).contains(HANDLE));
    }
}

/// Values with the handle somewhere in them, up to a few levels deep.
fn holding() -> impl Strategy<Value = Value> {
    let name = "[a-z]{1,6}([._][a-z]{1,6})?";
    let leaf = prop_oneof![
        Just(Value::from(HANDLE)),
        Just(Value::from(format!(r#"{{"value": ["{HANDLE}"]}}"#))),
        Just(Value::from(format!("set to {HANDLE}"))),
        Just(map(HANDLE, Value::Bool(true))),
    ];
    leaf.prop_recursive(4, 16, 4, move |inner| {
        let others = prop::collection::vec((name, any::<i32>()), 0..4);
        let member = (name, inner.clone(), others).prop_map(|(name, inner, others)| {
            let others = others.into_iter();
            let mut pairs: Vec<_> = others.map(|(k, n)| (k, i64::from(n).into())).collect();
            pairs.push((name, inner));
            Value::Map(pairs)
        });
        let item = prop::collection::vec(inner, 1..4).prop_map(Value::Array);
        prop_oneof![member, item]
    })
}

proptest! {
    #[test]
    fn a_value_goes_wherever_it_stands(
        value in holding(),
        name in prop_oneof![
            "[a-z]{1,8}([._][a-z]{1,8}){0,2}",
            Just("to.value".to_owned()),
            Just("setting".to_owned()),
            Just("attributes".to_owned()),
            Just("service.settings".to_owned()),
            Just("feature_flag.set.id".to_owned()),
        ],
        kind in 0..3_usize,
        place in 0..3_u8,
    ) {
        let kind = [ChangeKind::Flag, ChangeKind::Configuration, ChangeKind::Deploy][kind];
        let mut event = change(kind, &[]);
        if place == 0 {
            event.attributes.push((name, value));
        } else {
            let mut change = Change::of(&event).unwrap();
            *(if place == 1 { &mut change.from } else { &mut change.to }) = value;
            event = change.into_event();
        }
        let clean = admitted(REDACTOR.event(&Mac, Raw::new(event)));
        prop_assert!(!text_of(&clean).contains(HANDLE));
        let again = admitted(REDACTOR.event(&Mac, Raw::new(clean.clone())));
        prop_assert_eq!(again, clean);
    }
}
