//! What a tenant's own policy takes out: dictionary, fields, canaries, known secrets; and what it
//! cannot keep in.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests share may stop them"
)]

use cordon_detect::FINDINGS_COUNT_MAX;
use cordon_event::limits::TEXT_BYTES_MAX;
use cordon_event::{Event, Raw, Region, TenantId, Value};
use cordon_redact::{BatchMeta, KnownSet, Policy, PolicyError, Redactor, Term, Verdict};

mod keyed;
use keyed::Mac;

fn term(text: &str, kind: &'static str) -> Term {
    Term {
        text: text.to_owned(),
        kind,
    }
}

fn policy() -> Policy {
    Policy {
        dictionary: vec![
            term("ledger", "service"),
            term("ledger-core", "service"),
            term("10443", "customer"),
        ],
        fields: vec![term("crm_ref", "field")],
        known: KnownSet::of(&Mac, ["90210735", "pl4in-word"]),
        canaries: vec!["7700881199".to_owned()],
        allow: ["password".to_owned(), "username".to_owned()].into(),
        ..Policy::default()
    }
}

fn admitted(event: Event) -> Event {
    let redactor = Redactor::new(policy()).unwrap();
    match redactor.event(&Mac, Raw::new(event)).verdict {
        Verdict::Clean(clean) => clean.into_inner(),
        Verdict::Quarantine(_) => panic!("quarantined"),
    }
}

fn body(value: impl Into<Value>) -> Event {
    Event {
        body: value.into(),
        ..Event::default()
    }
}

fn named(key: &str, value: impl Into<Value>) -> Event {
    Event {
        attributes: vec![(key.to_owned(), value.into())],
        ..Event::default()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

#[test]
fn words_of_the_dictionary_go_with_their_kind() {
    let out = admitted(body("ledger-core failed for 10443, not 104431"));
    let words: Vec<&str> = text(&out.body).split(' ').collect();
    assert!(words[0].starts_with("service_"), "{words:?}");
    assert!(words[3].starts_with("customer_"), "{words:?}");
    assert_eq!(words[5], "104431");
    assert_eq!(
        admitted(body("Ledger-Core")).body,
        admitted(body("ledger-core")).body
    );
}

#[test]
fn numbers_are_looked_up_too() {
    for number in [Value::Int(10_443), Value::Double(10_443.0)] {
        assert!(text(&admitted(body(number)).body).starts_with("customer_"));
    }
    let out = admitted(body(90_210_735_i64));
    assert_eq!(text(&out.body), "[removed:known_secret]");
    let nested = admitted(body(r#"{"n":10443,"e":9.0210735e7,"plain":104431}"#));
    let json = text(&nested.body);
    assert!(json.starts_with(r#"{"n":"customer_"#), "{json}");
    assert!(
        json.ends_with(r#""e":"[removed:known_secret]","plain":104431}"#),
        "{json}"
    );
}

#[test]
fn a_number_may_be_a_canary() {
    let redactor = Redactor::new(policy()).unwrap();
    for hit in [
        Value::Int(7_700_881_199),
        Value::Double(7_700_881_199.0),
        r#"{"n":7700881199}"#.into(),
    ] {
        let outcome = redactor.event(&Mac, Raw::new(body(hit)));
        assert!(matches!(outcome.verdict, Verdict::Quarantine(_)));
        assert_eq!(outcome.pages[0].reason, "canary");
    }
}

#[test]
fn fields_of_the_dictionary_go_whatever_they_hold() {
    let out = admitted(named("db.row.crmRef", "blue"));
    assert!(text(&out.attributes[0].1).starts_with("field_"));
    let out = admitted(body(r#"{"crm-ref":"blue","other":"blue"}"#));
    let json = text(&out.body);
    assert!(json.starts_with(r#"{"crm-ref":"field_"#) && json.ends_with(r#""other":"blue"}"#));
}

#[test]
fn a_kept_field_is_kept_unless_its_name_says_secret() {
    assert_eq!(
        text(&admitted(named("username", "ann")).attributes[0].1),
        "ann"
    );
    let out = admitted(named("password", "tulip-garden-7"));
    assert!(text(&out.attributes[0].1).starts_with("[removed:"));
    let out = admitted(named("password", 123_456));
    assert!(text(&out.attributes[0].1).starts_with("[removed:"));
}

#[test]
fn what_is_beyond_a_limit_does_not_stay() {
    let mut long = "abcdef ".repeat(120_000);
    long.push_str("pl4in-word");
    let out = admitted(body(long.as_str()));
    assert!(!text(&out.body).contains("pl4in-word"));
    assert!(text(&out.body).ends_with("[removed:over_budget]"));
}

#[test]
fn a_policy_that_cannot_be_held_is_an_error() {
    let bad = Policy {
        fields: vec![term("x", "field")],
        ..policy()
    };
    assert_eq!(
        Redactor::new(bad).err(),
        Some(PolicyError::Term { index: 3 })
    );
    let bad = Policy {
        dictionary: vec![term("fine", "Bad Kind")],
        ..policy()
    };
    assert_eq!(
        Redactor::new(bad).err(),
        Some(PolicyError::Kind { index: 0 })
    );
}

/// A span of a request that calls itself what it likes.
fn self_named(id: &str, message: &str) -> Event {
    Event {
        attributes: vec![("request.id".to_owned(), id.into())],
        resource: vec![("service.version".to_owned(), id.into())].into(),
        body: message.into(),
        ..Event::default()
    }
}

#[test]
fn what_a_sender_calls_its_identifier_exempts_no_secret() {
    let hex = "9f86d081884c7d659a2feaa0c55ad015";
    for (id, message, gone) in [
        (
            "4111-1111-1111-1111",
            "charge 4111-1111-1111-1111 failed",
            "4111-1111",
        ),
        ("203.0.113.77", "failed for 203.0.113.77", "203.0.113.77"),
        (hex, "Cookie: sid=9f86d081884c7d659a2feaa0c55ad015", hex),
        (
            hex,
            "curl -u svc:9f86d081884c7d65 https://x.example/",
            "9f86d081884c7d65",
        ),
        (hex, "the password is 9f86d081884c7d65", "9f86d081884c7d65"),
    ] {
        let out = admitted(self_named(id, message));
        assert!(
            !text(&out.body).contains(gone),
            "{message}: {}",
            text(&out.body)
        );
    }
    let out = admitted(self_named(hex, &format!("request {hex} was slow")));
    assert_eq!(text(&out.body), format!("request {hex} was slow"));
}

#[test]
fn a_value_across_the_limit_of_a_text_does_not_stay_in_part() {
    let token = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");
    for cut in (0..token.len()).step_by(6) {
        let mut long = "abcdef ".repeat((1 << 20) / 7);
        long.truncate((1 << 20) - 1 - cut);
        long.push(' ');
        long.push_str(token);
        long.push_str(" and more");
        let out = admitted(body(long.as_str()));
        assert!(!text(&out.body).contains(concat!("gh", "p_")), "{cut}");
    }
}

#[test]
fn a_list_is_also_read_as_a_command_line() {
    let words = |words: &[&str]| Value::Array(words.iter().map(|w| (*w).into()).collect());
    for (list, gone) in [
        (&["curl", "-u", "bob:tulip7garden"][..], "tulip7garden"),
        (&["mysql", "-h", "db", "-ptulip7garden"], "tulip7garden"),
        (
            &["-H", "Authorization: Bearer", "0123456789abcdefghij"],
            "0123456789abcdefghij",
        ),
    ] {
        let out = format!("{:?}", admitted(body(words(list))).body);
        assert!(!out.contains(gone) && !out.contains("bob"), "{out}");
        let json = serde_json::to_string(list).unwrap();
        let out = admitted(body(json.as_str()));
        let out = text(&out.body);
        assert!(!out.contains(gone) && !out.contains("bob"), "{out}");
    }
    let harmless = words(&["ls", "-l", "/srv/app", "--color=auto"]);
    assert_eq!(admitted(body(harmless.clone())).body, harmless);
    assert!(text(&admitted(body(-4_111_111_111_111_111_i64)).body).starts_with("card_"));
}

#[test]
fn a_name_may_be_a_canary() {
    let redactor = Redactor::new(policy()).unwrap();
    let name = "n7700881199".to_owned();
    let flag = || vec![(name.clone(), Value::Bool(true))];
    for hit in [
        named(&name, 1),
        body(Value::Map(flag())),
        body(format!(r#"{{"a":[{{"{name}":null}}]}}"#).as_str()),
        Event {
            resource: flag().into(),
            ..Event::default()
        },
        Event {
            scope: flag().into(),
            ..Event::default()
        },
    ] {
        let outcome = redactor.event(&Mac, Raw::new(hit));
        assert!(matches!(outcome.verdict, Verdict::Quarantine(_)));
        assert_eq!(outcome.pages[0].reason, "canary");
    }
}

#[test]
fn names_are_redacted_as_values_are() {
    let mail = "ann@mail.example.org";
    let json = format!(r#"{{"a":[{{"{mail}":1,"fine":2}}]}}"#);
    let out = admitted(body(json.as_str()));
    let json = text(&out.body);
    assert!(json.starts_with(r#"{"a":[{"email_"#), "{json}");
    assert!(json.ends_with(r#"":1,"fine":2}]}"#), "{json}");
    let out = admitted(body(Value::Map(vec![(mail.to_owned(), 1.into())])));
    let Value::Map(pairs) = &out.body else {
        panic!("no map")
    };
    assert!(pairs[0].0.starts_with("email_"), "{}", pairs[0].0);
    let out = admitted(Event {
        resource: vec![(mail.to_owned(), 1.into())].into(),
        ..Event::default()
    });
    assert!(out.resource[0].0.starts_with("email_"));
}

#[test]
fn what_is_beyond_a_texts_budget_does_not_stay() {
    let harmless = "a plain line\n".repeat(TEXT_BYTES_MAX / 13 + 1);
    assert!(harmless.len() > TEXT_BYTES_MAX);
    let long = format!("{harmless}tulip");
    let out = admitted(body(long.as_str()));
    let kept = text(&out.body);
    assert!(!kept.contains("tulip") && kept.contains("[removed:over_budget]"));
    assert!(kept.len() <= TEXT_BYTES_MAX + 64, "{}", kept.len());
    assert_eq!(kept.matches('\n').count(), long.matches('\n').count());
}

#[test]
fn what_is_beyond_the_count_of_findings_goes_whole() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    for (head, tail) in [
        ("mail ann", "@example.org "),
        ("at https://bob:tulip", "@h.example.org/ "),
    ] {
        let line = format!("{head}{tail}").repeat(FINDINGS_COUNT_MAX + 8);
        let clean = redactor.text(&Mac, Raw::new(line)).clean;
        let (_, end) = clean.get().rsplit_once(' ').unwrap();
        assert!(end.contains("[removed:budget]"), "{end}");
        assert!(!clean.get().contains(head), "{end}");
    }
}

#[test]
fn what_is_held_back_leaves_no_row_for_the_token_map() {
    let redactor = Redactor::new(policy()).unwrap();
    let meta = BatchMeta {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [1; 32],
        received_unix_ns: 1,
        facts: Vec::new(),
    };
    let mail = || body("from ann@mail.example.org");
    let fine = redactor.batch(&Mac, Raw::new(vec![mail()]), meta.clone());
    assert_eq!(fine.tokens.len(), 1);
    let held = redactor.batch(&Mac, Raw::new(vec![mail(), body(7_700_881_199_i64)]), meta);
    assert!(held.tokens.is_empty());
}

#[test]
fn a_policy_is_not_printed() {
    let canary = "tulip-garden-7Zq9";
    let policy = Policy {
        canaries: vec![canary.to_owned()],
        ..Policy::default()
    };
    let printed = format!("{policy:?} {:?}", Redactor::new(policy.clone()).unwrap());
    assert!(
        printed.contains("Redactor") && !printed.contains(canary),
        "{}",
        printed.len()
    );
}
