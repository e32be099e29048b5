//! What a policy does with class B, kind by kind; and that class A goes whatever it says.
#![expect(clippy::unwrap_used, reason = "what the tests share may stop them")]

use std::sync::LazyLock;

use cordon_event::{Event, Raw, Value};
use cordon_redact::{Action, Actions, Policy, Redactor, Term, Verdict};
use proptest::prelude::*;

mod keyed;
use keyed::Mac;

fn actions(said: &[(&str, Action)]) -> Actions {
    let mut actions = Actions::default();
    for (kind, action) in said {
        actions.set(kind, *action).unwrap();
    }
    actions
}

fn policy(said: &[(&str, Action)]) -> Policy {
    Policy {
        actions: actions(said),
        receipt_digests: true,
        ..Policy::default()
    }
}

/// A line of JSON or text under these actions, redacted once and again.
fn check(said: &[(&str, Action)], line: &str, want: &str) {
    let redactor = Redactor::new(policy(said)).unwrap();
    let once = redactor.json_line(&Mac, Raw::new(line.to_owned()));
    assert_eq!(once.clean.get(), want);
    assert!(once.pages.is_empty(), "{:?}", once.pages);
    let again = redactor.json_line(&Mac, Raw::new(want.to_owned()));
    assert_eq!(again.clean.get(), want);
    assert!(again.receipt.findings.is_empty(), "{:?}", again.receipt);
}

const SECRET: &str = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");

#[test]
fn each_kind_has_its_action() {
    let said = [
        ("class_b", Action::Mask),
        ("ip", Action::Keep),
        ("email", Action::Remove),
    ];
    check(
        &said,
        "ann@mail.example.org from 203.0.113.9 paid with 4111 1111 1111 1111",
        "[removed:email] from 203.0.113.9 paid with 0000 0000 0000 1111",
    );
    check(
        &said,
        r#"{"phone":"+49 30 1234567","user":"Ann.Bo"}"#,
        r#"{"phone":"+00 00 0000000","user":"Xxx.Xx"}"#,
    );
    check(
        &[("marked", Action::Mask)],
        "no space for ‹tulip 7›",
        "no space for ‹xxxxx 0›",
    );
}

#[test]
fn class_a_goes_whatever_is_said_of_class_b() {
    for action in [Action::Mask, Action::Keep, Action::Pseudonym] {
        let redactor = Redactor::new(policy(&[("class_b", action)])).unwrap();
        let line = format!(r#"{{"note":"key {SECRET}","password":"tulip7garden","pin":123456}}"#);
        let out = redactor.json_line(&Mac, Raw::new(line)).clean;
        assert!(!out.get().contains(SECRET), "{out:?}");
        assert!(!out.get().contains("tulip7garden"), "{out:?}");
    }
}

#[test]
fn a_kept_address_is_not_held_against_its_event() {
    let keep = [("email", Action::Keep)];
    check(
        &keep,
        "from ann@mail.example.org",
        "from ann@mail.example.org",
    );
    let redactor = Redactor::new(policy(&keep)).unwrap();
    let event = Event {
        body: "from ann@mail.example.org".into(),
        ..Event::default()
    };
    let outcome = redactor.event(&Mac, Raw::new(event));
    assert!(matches!(outcome.verdict, Verdict::Clean(_)));
}

#[test]
fn a_masked_number_stays_a_number() {
    let mask = [("class_b", Action::Mask)];
    check(
        &mask,
        r#"{"card":4111111111111111,"phone":-4930123456.0,"n":4.111111111111111e15}"#,
        r#"{"card":1000000000000000,"phone":-1000000000,"n":1000000000000000}"#,
    );
    let event = Event {
        attributes: vec![
            ("payment.card".to_owned(), Value::Int(4_111_111_111_111_111)),
            ("phone".to_owned(), Value::Double(4_930_123_456.0)),
            ("temperature".to_owned(), Value::Double(36.6)),
        ],
        ..Event::default()
    };
    let redactor = Redactor::new(policy(&mask)).unwrap();
    let Verdict::Clean(clean) = redactor.event(&Mac, Raw::new(event)).verdict else {
        panic!("quarantined")
    };
    let values: Vec<Value> = clean.get().attributes.iter().map(|a| a.1.clone()).collect();
    let want = [
        Value::Int(1_000_000_000_000_000),
        Value::Double(1_000_000_000.0),
        Value::Double(36.6),
    ];
    assert_eq!(values, want);
}

#[test]
fn a_field_that_survives_keeps_its_number_and_no_secret() {
    let redactor = Redactor::new(Policy {
        survive: ["order_id".to_owned()].into(),
        ..policy(&[])
    })
    .unwrap();
    let redact = |line: &str| redactor.json_line(&Mac, Raw::new(line.to_owned()));
    for same in [
        r#"{"order_id":4111111111111111}"#,
        r#"{"order_id":"4111111111111111"}"#,
    ] {
        assert_eq!(redact(same).clean.get(), same);
    }
    let out = redact(r#"{"other":4111111111111111}"#);
    assert!(!out.clean.get().contains("4111"), "{:?}", out.clean);
    for gone in [SECRET, "ann@mail.example.org", "4111 1111 1111 1111"] {
        let out = redact(&format!(r#"{{"order_id":"{gone}"}}"#));
        assert!(!out.clean.get().contains(gone), "{:?}", out.clean);
        assert!(out.pages.is_empty());
    }
}

#[test]
fn a_receipt_tells_rule_version_and_digest() {
    let redactor = Redactor::new(policy(&[])).unwrap();
    let redact = |line: &str| redactor.json_line(&Mac, Raw::new(line.to_owned())).receipt;
    let line =
        r#"{"a":"ann@mail.example.org","b":"bo@mail.example.org","c":"ann@mail.example.org"}"#;
    let found = redact(line).findings;
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|f| f.version >= 1 && f.digest.is_some()));
    assert_eq!(found[0].digest, found[2].digest);
    assert_ne!(found[0].digest, found[1].digest);
    let plain = Redactor::new(Policy::default()).unwrap();
    let found = plain.json_line(&Mac, Raw::new(line.to_owned())).receipt;
    assert!(found.findings.iter().all(|f| f.digest.is_none()));
}

/// A piece of a line: values of class B, marks, whatever stands around them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[a-z]{2,8}\\.[a-z]{2,8}@example\\.(org|com)",
        "\\+49 30 [0-9]{5,8}",
        "[0-9]{3}-[0-9]{2}-[0-9]{4}",
        "(user|email|phone|name|ip)=[a-zA-Z0-9.]{1,12}",
        "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        "‹[a-z0-9 @.]{0,9}›",
        "(password=)?‹[a-z0-9]{0,9}",
        "[a-z]{0,4}›",
        Just("4111 1111 1111 1111".to_owned()),
    ]
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(
        pieces in prop::collection::vec(piece(), 0..12),
        mask in any::<bool>(),
    ) {
        let action = if mask { Action::Mask } else { Action::Pseudonym };
        let redactor = Redactor::new(Policy {
            dictionary: vec![Term { text: "tulip".to_owned(), kind: "term" }],
            ..policy(&[("class_b", action)])
        }).unwrap();
        let redact = |text: String| redactor.text(&Mac, Raw::new(text)).clean.into_inner();
        let once = redact(pieces.join(" so; "));
        prop_assert_eq!(redact(once.clone()), once);
    }
}

/// A field of a person's, or of none, with a value that may be a number.
fn member() -> impl Strategy<Value = (String, serde_json::Value)> {
    let name = prop_oneof![
        Just("email"),
        Just("phone"),
        Just("user_id"),
        Just("card_number"),
        Just("ip"),
        Just("date_of_birth"),
        Just("lat"),
        Just("count"),
        Just("tulip"),
    ];
    let value = prop_oneof![
        piece().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>()
            .prop_filter("JSON has no others", |n| n.is_finite())
            .prop_map(Into::into),
        Just(serde_json::json!(4_111_111_111_111_111_u64)),
        Just(serde_json::json!(52.520_008)),
    ];
    (name.prop_map(str::to_owned), value)
}

static MASKING: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(policy(&[("class_b", Action::Mask)])).unwrap());

proptest! {
    #[test]
    fn under_masks_every_number_stays_one(members in prop::collection::vec(member(), 0..6)) {
        let all: serde_json::Map<_, _> = members.into_iter().collect();
        let redact = |line: String| MASKING.json_line(&Mac, Raw::new(line)).clean.into_inner();
        let once = redact(serde_json::Value::from(all.clone()).to_string());
        let read: serde_json::Value = serde_json::from_str(&once).unwrap();
        for (key, value) in &all {
            prop_assert_eq!(read[key].is_number(), value.is_number(), "{}: {}", key, once);
        }
        for (key, value) in all.iter().filter(|(_, value)| **value == 52.520_008) {
            let is_kept = !matches!(key.as_str(), "lat" | "count") || read[key] == *value;
            prop_assert!(is_kept, "{}", once);
        }
        prop_assert_eq!(redact(once.clone()), once);
    }
}
