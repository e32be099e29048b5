//! Bodies of changes, good and bad.

use proptest::prelude::*;

use super::*;
use crate::{Format, Limits, decode};

/// What a body decodes to, as (kind, service, subject, time in seconds), or its refusal's code.
fn check(body: &str, expected: Result<&[(&str, &str, &str, u64)], Code>) {
    let decoded = decode(Format::Changes, body.as_bytes(), &Limits::default());
    let found = match decoded {
        Ok(decoded) => Ok(decoded
            .events
            .split()
            .map(|raw| {
                let change = Change::of(raw.expose_raw()).unwrap();
                let kind = change.kind_word().to_owned();
                let time_s = change.time_unix_ns / 1_000_000_000;
                (kind, change.service, change.subject, time_s)
            })
            .collect::<Vec<_>>()),
        Err(Error::Refused { code, .. }) => Err(code),
        Err(Error::Io(_) | Error::Tls { .. }) => Err(Code::Internal),
    };
    let owned = |row: &(&str, &str, &str, u64)| {
        (row.0.to_owned(), row.1.to_owned(), row.2.to_owned(), row.3)
    };
    let expected = expected.map(|rows| rows.iter().map(owned).collect());
    assert_eq!(found, expected, "{body}");
}

#[test]
fn bodies_of_each_form() {
    let one = r#"{"time": 1700000000, "service": "billing", "kind": "deploy", "version": "2.4.1"}"#;
    let told = ("deploy", "billing", "2.4.1", 1_700_000_000);
    check(one, Ok(&[told]));
    check(&format!("[{one}, {one}]"), Ok(&[told, told]));
    check(&format!("\n{one}\r\n\n{one}\n"), Ok(&[told, told]));
    check(&one.replace(", ", ",\n  "), Ok(&[told]));
    check(&format!("[\n{one},\n{one}\n]"), Ok(&[told, told]));
    check("", Ok(&[]));
    check("\n \n", Ok(&[]));
    check("[]", Ok(&[]));
}

#[test]
fn names_of_one_thing() {
    for (body, kind, subject) in [
        (r#"{"flag": "new-cart", "to": true}"#, "flag", "new-cart"),
        (
            r#"{"key": "pool.size", "from": 5, "to": 50}"#,
            "configuration",
            "pool.size",
        ),
        (
            r#"{"package": "left-pad", "to": "1.3.0"}"#,
            "dependency",
            "left-pad",
        ),
        (r#"{"tag": "v2.0"}"#, "deploy", "v2.0"),
        (r#"{"type": "Feature_Flag", "name": "x"}"#, "flag", "x"),
        (
            r#"{"kind": "config", "version": "7"}"#,
            "configuration",
            "7",
        ),
        (
            r#"{"kind": "infrastructure", "subject": "eu-2"}"#,
            "infrastructure",
            "eu-2",
        ),
        (
            r#"{"commit": "0123abc", "message": "round half up"}"#,
            "other",
            "",
        ),
        (r#"{"description": "restarted by hand"}"#, "other", ""),
        (r#"{"version": 17}"#, "deploy", "17"),
        (
            r#"{"flag": "gateway.handle", "version": 12, "to": "x"}"#,
            "flag",
            "gateway.handle",
        ),
        (
            r#"{"tag": "prod", "setting": "gateway.handle", "value": "x"}"#,
            "configuration",
            "gateway.handle",
        ),
        (r#"{"release": "9", "key": "k"}"#, "configuration", "k"),
        (
            r#"{"service": {"name": "s"}, "kind": null, "flag": "f"}"#,
            "flag",
            "f",
        ),
    ] {
        let decoded = decode(Format::Changes, body.as_bytes(), &Limits::default()).unwrap();
        let raw = decoded.events.split().next().unwrap();
        let change = Change::of(raw.expose_raw()).unwrap();
        assert_eq!(
            (change.kind_word(), change.subject.as_str()),
            (kind, subject),
            "{body}"
        );
    }
}

#[test]
fn all_that_is_said_is_kept() {
    let body = r#"{"kind": "flag", "flag": "f", "from": "off", "to": {"share": 0.1}, "commit":
        "0123abc", "author": {"name": "N", "email": "E"}, "description": "d", "version": "9",
        "ticket": "OPS-7", "files": ["a.py", "b.py"], "paths": "c"}"#;
    let decoded = decode(Format::Changes, body.as_bytes(), &Limits::default()).unwrap();
    let raw = decoded.events.split().next().unwrap();
    let event = raw.expose_raw();
    let change = Change::of(event).unwrap();
    assert_eq!(change.from, Value::from("off"));
    assert_eq!(
        change.to,
        Value::Map(vec![("share".into(), Value::Double(0.1))])
    );
    assert_eq!(
        (change.author.as_str(), change.commit.as_str()),
        ("E", "0123abc")
    );
    assert_eq!(change.files, ["a.py", "b.py"]);
    // `flag` comes before `version` among the names of a subject; what is not taken stays.
    assert_eq!(change.subject, "f");
    for (key, value) in [("version", "9"), ("ticket", "OPS-7"), ("paths", "c")] {
        assert_eq!(event.attribute_str(key), Some(value));
    }
}

#[test]
fn an_object_stands_for_its_name_and_may_hold_values() {
    let map = |name: &str, value: Value| Value::Map(vec![(name.to_owned(), value)]);
    for (body, from, to, further) in [
        (
            r#"{"setting": {"key": "gateway.handle", "value": 5, "region": "eu"}}"#,
            Value::Null,
            Value::Int(5),
            vec![("setting".to_owned(), map("region", "eu".into()))],
        ),
        (
            r#"{"flag": {"name": "gateway.handle", "old": 1, "new": {"a": [2]}}}"#,
            Value::Int(1),
            map("a", Value::Array(vec![Value::Int(2)])),
            vec![],
        ),
        (
            r#"{"kind": "flag", "subject": "gateway.handle", "feature_flag.result.value": "on"}"#,
            Value::Null,
            "on".into(),
            vec![],
        ),
    ] {
        let decoded = decode(Format::Changes, body.as_bytes(), &Limits::default()).unwrap();
        let raw = decoded.events.split().next().unwrap();
        let event = raw.expose_raw();
        let change = Change::of(event).unwrap();
        assert_eq!(change.subject, "gateway.handle", "{body}");
        assert_eq!((change.from, change.to), (from, to), "{body}");
        let own = |key: &str| key.starts_with(attr::CHANGE);
        let rest = event.attributes.iter().filter(|(key, _)| !own(key));
        assert_eq!(rest.cloned().collect::<Vec<_>>(), further, "{body}");
    }
    let body = r#"{"commit": {"id": "0123abc", "url": "u", "n": 1},
        "service": {"name": "s", "version": "2"}}"#;
    check(body, Ok(&[("other", "s", "", 0)]));
}

#[test]
fn files_beyond_the_limit_are_counted() {
    let told = |count: usize| {
        let files: Vec<String> = (0..count).map(|n| format!("\"{n}.py\"")).collect();
        let body = format!(r#"{{"commit": "0123abc", "files": [{}]}}"#, files.join(","));
        let decoded = decode(Format::Changes, body.as_bytes(), &Limits::default()).unwrap();
        let raw = decoded.events.split().next().unwrap();
        let change = Change::of(raw.expose_raw()).unwrap();
        (change.files.len(), change.files_left_out)
    };
    assert_eq!(told(FILES_COUNT_MAX), (FILES_COUNT_MAX, 0));
    assert_eq!(told(FILES_COUNT_MAX + 44), (FILES_COUNT_MAX, 44));
}

/// What is known of author and values, what was left out, and that nothing else is kept.
fn check_surplus(body: &str, author: &str, left_out: Option<&str>) {
    let decoded = decode(Format::Changes, body.as_bytes(), &Limits::default()).unwrap();
    let raw = decoded.events.split().next().unwrap();
    let event = raw.expose_raw();
    assert_eq!(Change::of(event).unwrap().author, author, "{body}");
    assert_eq!(
        event.attribute_str(attr::CHANGE_LEFT_OUT),
        left_out,
        "{body}"
    );
    let kept = format!("{:?}", event.attributes);
    assert!(!kept.contains("surplus"), "{kept}");
}

#[test]
fn second_values_and_authors_are_left_out_and_named() {
    for (members, author, left_out) in [
        (
            r#""old": "true", "old_value": "surplus""#,
            "",
            Some("old_value"),
        ),
        (
            r#""to": 1, "value": ["surplus"], "after": {"surplus": 1}"#,
            "",
            Some("after\nvalue"),
        ),
        (r#""author": "bob", "by": "surplus""#, "bob", Some("by")),
        (r#""author": ["surplus"]"#, "", Some("author")),
        (r#""user": {"first": "surplus"}"#, "", Some("user")),
        (
            r#""author": ["surplus"], "actor": "bob", "change.left_out": "surplus""#,
            "bob",
            Some("change.*\nauthor"),
        ),
        (
            r#""change.to": {"gateway.handle": "surplus"}, "change.surplus": 1"#,
            "",
            Some("change.*"),
        ),
        (
            r#""value": "surplus", "key": {"name": "k", "to": 1}"#,
            "",
            Some("value"),
        ),
        (
            r#""author": {"id": 1, "url": "surplus", "org": "surplus", "login": "bob"}"#,
            "bob",
            None,
        ),
        (r#""from": null, "before": 1"#, "", None),
    ] {
        let body = format!(r#"{{"setting": "gateway.handle", {members}}}"#);
        check_surplus(&body, author, left_out);
    }
    let object = |count: usize| {
        let more: String = (1..count).map(|n| format!(r#""m{n}": 1, "#)).collect();
        format!(r#"{{"flag": "f", "author": {{{more}"name": "bob"}}}}"#)
    };
    check_surplus(&object(AUTHOR_MEMBERS_COUNT_MAX), "bob", None);
    check_surplus(&object(AUTHOR_MEMBERS_COUNT_MAX + 1), "", Some("author"));
}

#[test]
fn what_is_no_change_is_refused() {
    check("7", Err(Code::JsonShape));
    check("[7]", Err(Code::JsonShape));
    check("\"deploy\"", Err(Code::JsonShape));
    check("{\"kind\": \"deploy\"", Err(Code::JsonMalformed));
    check("{}", Err(Code::ChangeShape));
    check(r#"{"service": "billing"}"#, Err(Code::ChangeShape));
    check(r#"{"kind": 7}"#, Err(Code::ChangeShape));
    check(
        r#"{"flag": "f", "time": "yesterday"}"#,
        Err(Code::ChangeShape),
    );
    check(r#"{"flag": "f", "time": -1}"#, Err(Code::ChangeShape));
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    check(&deep, Err(Code::Depth));
    let second = "{\"flag\": \"f\"}\n{\"flag\": ";
    let refused = decode(Format::Changes, second.as_bytes(), &Limits::default());
    let line = match refused {
        Err(Error::Refused { line, .. }) => line,
        _ => None,
    };
    assert_eq!(line, Some(2));
}

#[test]
fn an_event_cannot_claim_to_be_a_change() {
    let line = br#"{"kind": "change", "message": "m"}"#;
    let decoded = decode(Format::Ndjson, line, &Limits::default()).unwrap();
    let raw = decoded.events.split().next().unwrap();
    assert_eq!(raw.expose_raw().kind, cordon_event::Kind::Log);
}

/// A text that stands for a value or an author, and so may stand nowhere else.
const GUARDED: &str = "plum-harbour";

/// JSON of a few levels, with words, numbers and the names that changes have.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let member = (any_name(), inner.clone());
        let members = prop::collection::vec(member, 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(serde_json::Value::Array),
            members.prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let known = (0..NAMES.len()).prop_map(|at| NAMES[at].0.to_owned());
    prop_oneof![3 => known, 1 => "[a-z.]{0,12}", 1 => "change\\.[a-z_]{0,8}"]
}

/// Bytes of all texts and names in a value.
fn bytes_count(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(bytes_count).sum(),
        Value::Map(pairs) => pairs.iter().map(|(k, v)| k.len() + bytes_count(v)).sum(),
        _ => 0,
    }
}

/// What holds of every body: it is taken as changes within the limits, of no more text than it has,
/// or refused with a code.
fn holds(body: &[u8]) -> Result<Vec<Event>, TestCaseError> {
    let limits = Limits {
        events_count_max: 8,
        ..Limits::default()
    };
    let Ok(decoded) = decode(Format::Changes, body, &limits) else {
        return Ok(Vec::new());
    };
    let events: Vec<Event> = decoded
        .events
        .split()
        .map(|raw| raw.expose_raw().clone())
        .collect();
    prop_assert!(events.len() <= limits.events_count_max);
    let mut texts = 0;
    for event in &events {
        let change = Change::of(event);
        prop_assert!(change.is_some_and(|change| change.files.len() <= FILES_COUNT_MAX));
        prop_assert!(event.attributes.len() <= ATTRIBUTES_COUNT_MAX);
        let attributes = event.attributes.iter().map(|(_, value)| bytes_count(value));
        texts += bytes_count(&event.body) + attributes.sum::<usize>();
    }
    // A subject names itself and both values. A large number is written out as a text, and an
    // event's kind and members that were left out have names of ours.
    let own = events.len() * NAMES.len() * 64;
    prop_assert!(texts <= 3 * body.len() + own, "{texts} of {}", body.len());
    Ok(events)
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_taken_or_refused(body in prop::collection::vec(any::<u8>(), 0..512)) {
        holds(&body)?;
    }

    #[test]
    fn json_of_any_shape_is_taken_or_refused(
        rows in prop::collection::vec(any_json(), 1..12),
        form in 0..3_u8,
        cut in any::<prop::sample::Index>(),
    ) {
        let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let body = match form {
            0 => lines.join("\n"),
            1 => serde_json::Value::Array(rows).to_string(),
            _ => lines.concat(),
        };
        holds(body.as_bytes())?;
        holds(&body.as_bytes()[..cut.index(body.len() + 1)])?;
    }

    #[test]
    fn values_and_authors_stand_nowhere_else(
        members in prop::collection::vec((any_name(), any_json()), 0..6),
        guarded in prop::collection::vec((0..NAMES.len(), 0..3_u8), 1..5),
        is_nested in any::<bool>(),
    ) {
        let mut object: serde_json::Map<_, _> = members.into_iter().collect();
        let refuses = |name: &str| {
            matches!(rank(name).and_then(role), Some(Role::Kind | Role::Time))
        };
        object.retain(|name, _| !refuses(name));
        let mut values = serde_json::Map::new();
        for (at, form) in guarded {
            let (name, role) = NAMES[at];
            let value = match form {
                0 => serde_json::json!(GUARDED),
                1 => serde_json::json!([GUARDED]),
                _ => serde_json::json!({"name": GUARDED, "x": {"y": GUARDED}}),
            };
            if matches!(role, Role::From | Role::To) || role == Role::Author && !is_nested {
                values.insert(name.to_owned(), value);
            }
        }
        if is_nested {
            values.insert("key".to_owned(), "k".into());
            object.insert("setting".to_owned(), values.into());
        } else {
            object.append(&mut values);
        }
        object.insert("kind".to_owned(), "configuration".into());
        for event in holds(serde_json::Value::Object(object).to_string().as_bytes())? {
            let places = [attr::CHANGE_FROM, attr::CHANGE_TO, attr::CHANGE_AUTHOR];
            for (name, value) in event.attributes {
                let is_place = places.contains(&name.as_str());
                prop_assert!(is_place || !format!("{value:?}").contains(GUARDED), "{name}");
            }
        }
    }
}
