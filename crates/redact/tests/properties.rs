//! Properties over generated telemetry: redacting twice changes nothing, JSON stays JSON, lines
//! stay lines, and no planted value is left.
#![expect(clippy::unwrap_used, reason = "what the tests share may stop them")]

use std::sync::LazyLock;

use cordon_event::Raw;
use cordon_redact::{Policy, Redactor};
use proptest::prelude::*;

mod keyed;
use keyed::Mac;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Policy::default()).unwrap());

fn redacted(text: &str) -> String {
    let raw = Raw::new(text.to_owned());
    REDACTOR.text(&Mac, raw).clean.into_inner()
}

fn redacted_json(text: &str) -> String {
    let raw = Raw::new(text.to_owned());
    REDACTOR.json_line(&Mac, raw).clean.into_inner()
}

/// A planted value: how it stands in a text, and the part that must not stay.
fn planted() -> impl Strategy<Value = (String, String)> {
    let email = "[a-z]{4,10}\\.[a-z]{4,10}";
    prop_oneof![
        email.prop_map(|s| (format!("{s}@example.org"), s)),
        "[A-Za-z0-9]{36}".prop_map(|s| (format!("gh{}{s}", "p_"), s)),
        "[A-Z0-9]{16}".prop_map(|s| (format!("AK{}{s}", "IA"), s)),
        "[A-Za-z0-9]{10,20}".prop_map(|s| (format!("password={s}9"), s)),
        "[a-f0-9]{40}".prop_map(|s| (format!("Authorization: Bearer {s}"), s)),
        "[A-Za-z0-9]{8,14}".prop_map(|s| (format!("postgres://app:{s}7@db:5432/x"), s)),
    ]
}

/// A word of a log line.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,9}",
        1 => "[a-z]{1,6}=[a-z0-9]{1,6}",
        1 => "\\PC{1,8}",
        1 => "[\\[\\]{}:=,;\"'\\\\@%&()<>/ \n\t-]{1,4}",
        1 => Just("[removed:jwt]".to_owned()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..20).prop_map(|words| words.join(" "))
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        line().prop_map(serde_json::Value::from),
        planted().prop_map(|(text, _)| serde_json::Value::from(text)),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::hash_map("[a-zA-Z_.]{1,12}|password|user|email", inner, 0..5)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(a in line(), (p, _) in planted(), b in line()) {
        let once = redacted(&format!("{a} {p} {b}"));
        prop_assert_eq!(redacted(&once), once);
    }

    #[test]
    fn as_many_lines_come_out_as_go_in(a in line(), (p, _) in planted(), b in line()) {
        let text = format!("{a}\n{p}\n{b}");
        prop_assert_eq!(redacted(&text).matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn no_planted_value_stays(a in "[a-z ]{0,40}", (p, secret) in planted(), b in "[a-z ]{0,40}") {
        let text = format!("{a} {p} {b}");
        let out = redacted(&text);
        prop_assert!(!out.contains(&secret), "{out}");
        let out = redacted_json(&serde_json::json!({"m": {"n": text}}).to_string());
        prop_assert!(!out.contains(&secret), "{out}");
    }

    #[test]
    fn json_stays_json_and_stays_redacted(value in json()) {
        let once = redacted_json(&value.to_string());
        let read: Result<serde_json::Value, _> = serde_json::from_str(&once);
        prop_assert!(read.is_ok(), "{once}");
        prop_assert_eq!(redacted_json(&once), once);
    }
}
