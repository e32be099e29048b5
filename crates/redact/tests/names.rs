//! Names in free text: which values are searched, what of the findings is replaced, and that
//! redacting twice changes nothing.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests share may stop them"
)]

use cordon_detect::names::Recognizer;
use cordon_detect::{Finding, TokenKind};
use cordon_event::{Class, Event, Raw, Value};
use cordon_redact::{LineFormat, NameScope, Policy, Redactor, StreamRedactor, Verdict};

mod keyed;
use keyed::Mac;

const PERSON: &str = "Katarzyna Wiśniewska";
const SENTENCE: &str = "Callback wanted by Katarzyna Wiśniewska regarding her contract";

fn redactor(names: NameScope) -> Redactor {
    let policy = Policy {
        names,
        ..Policy::default()
    };
    Redactor::new(policy).unwrap()
}

fn line(redactor: &Redactor, text: &str) -> String {
    let mut stream = StreamRedactor::new(redactor, LineFormat::Auto);
    stream
        .line(&Mac, Raw::new(text.to_owned()))
        .clean
        .into_inner()
}

fn event(redactor: &Redactor, event: Event) -> Event {
    match redactor.event(&Mac, Raw::new(event)).verdict {
        Verdict::Clean(clean) => clean.into_inner(),
        Verdict::Quarantine(_) => panic!("quarantined"),
    }
}

fn named(key: &str, value: &str) -> Event {
    Event {
        attributes: vec![(key.to_owned(), Value::String(value.to_owned()))],
        ..Event::default()
    }
}

fn attribute(redactor: &Redactor, key: &str, value: &str) -> String {
    let clean = event(redactor, named(key, value));
    let (_, value) = clean.attributes.first().unwrap();
    value.as_str().unwrap().to_owned()
}

#[test]
fn bodies_and_messages_are_searched() {
    let redactor = redactor(NameScope::default());
    let body = Event {
        body: Value::String(SENTENCE.to_owned()),
        ..Event::default()
    };
    let body = event(&redactor, body).body.as_str().unwrap().to_owned();
    assert!(!body.contains("Wiśniewska"), "{body}");
    assert!(body.starts_with("Callback wanted by person_"), "{body}");
    for key in [
        "exception.message",
        "msg",
        "comment",
        "ticket.description",
        "x.unknown",
    ] {
        let clean = attribute(&redactor, key, SENTENCE);
        assert!(clean.contains("person_"), "{key}: {clean}");
    }
    let json = line(
        &redactor,
        &format!(r#"{{"level":"info","message":"{SENTENCE}"}}"#),
    );
    assert!(json.contains("person_"), "{json}");
}

#[test]
fn a_name_is_the_same_pseudonym_wherever_it_stands() {
    let redactor = redactor(NameScope::default());
    let one = attribute(&redactor, "message", SENTENCE);
    let other = attribute(&redactor, "customer_name", PERSON);
    assert!(other.starts_with("person_"), "{other}");
    assert!(one.contains(&other), "{one} {other}");
}

#[test]
fn queries_traces_identifiers_and_keys_are_not_searched() {
    let redactor = redactor(NameScope::default());
    for (key, value) in [
        (
            "db.query.text",
            "SELECT a FROM b WHERE c = 'Katarzyna Wisniewska' AND d",
        ),
        (
            "exception.stacktrace",
            "at Katarzyna Wisniewska in the module of the caller",
        ),
        ("log.logger", "Katarzyna Wisniewska in some module"),
        ("short", PERSON),
    ] {
        assert_eq!(attribute(&redactor, key, value), value, "{key}");
    }
    let key = format!(r#"{{"asked of {PERSON} by the clerk":1}}"#);
    assert_eq!(line(&redactor, &key), key);
}

#[test]
fn raw_lines_are_searched_where_the_policy_says_so() {
    assert_eq!(line(&redactor(NameScope::default()), SENTENCE), SENTENCE);
    let clean = line(&redactor(NameScope::Lines), SENTENCE);
    assert!(clean.contains("person_"), "{clean}");
    let off = redactor(NameScope::Off);
    assert_eq!(attribute(&off, "message", SENTENCE), SENTENCE);
}

#[test]
fn what_a_person_wrote_is_searched() {
    let redactor = redactor(NameScope::default());
    let clean = redactor
        .prose(&Mac, Raw::new(SENTENCE.to_owned()))
        .clean
        .into_inner();
    assert!(clean.contains("person_"), "{clean}");
    let off = Redactor::new(Policy {
        names: NameScope::Off,
        ..Policy::default()
    })
    .unwrap();
    let kept = off
        .prose(&Mac, Raw::new(SENTENCE.to_owned()))
        .clean
        .into_inner();
    assert_eq!(kept, SENTENCE);
}

#[test]
fn places_and_organisations_are_replaced_where_the_policy_says_so() {
    let text = "The warehouse in Rotterdam is closed";
    assert_eq!(
        attribute(&redactor(NameScope::default()), "message", text),
        text
    );
    let policy = Policy {
        places: true,
        ..Policy::default()
    };
    let clean = attribute(&Redactor::new(policy).unwrap(), "message", text);
    assert!(clean.contains("in place_"), "{clean}");
    let text = "Invoice from Hendricks Logistics Ltd is overdue";
    let policy = Policy {
        organisations: true,
        ..Policy::default()
    };
    let clean = attribute(&Redactor::new(policy).unwrap(), "message", text);
    assert!(clean.contains("from organisation_"), "{clean}");
}

#[test]
fn a_field_that_the_policy_names_is_searched_however_it_reads() {
    let policy = Policy {
        name_fields: ["short".to_owned()].into(),
        ..Policy::default()
    };
    let clean = attribute(&Redactor::new(policy).unwrap(), "short", PERSON);
    assert!(clean.starts_with("person_"), "{clean}");
}

#[test]
fn redacting_twice_changes_nothing() {
    let redactor = redactor(NameScope::Lines);
    for text in [
        SENTENCE,
        "Anna Berg, Igor Petrov and Dr. Chen met Maria in Rome; call +49 30 901820 or a@b.example",
        "password=hunter2secret for Jürgen Müller at 221 Willow Creek Road, Springfield, IL 62704",
        "张伟明和李娜在北京市朝阳区建国路88号",
        "From: Sean O'Connor To: Priya Raghunathan Cc: John, Paul, George",
        "김민준님이 이서연님을 초대했습니다",
    ] {
        let once = line(&redactor, text);
        assert_ne!(once, text);
        assert_eq!(line(&redactor, &once), once);
    }
}

/// Finds one word, wherever it stands.
struct OneWord;

impl Recognizer for OneWord {
    fn find(&self, text: &str, out: &mut Vec<Finding>) {
        out.extend(text.find("plugh").map(|start| Finding {
            rule: "transformer.person",
            class: Class::C,
            kind: TokenKind::Person,
            start,
            end: start + 5,
            coding: None,
        }));
    }
}

#[test]
fn another_recogniser_may_stand_in() {
    let redactor = redactor(NameScope::default()).with_recognizer(Box::new(OneWord));
    let clean = attribute(&redactor, "message", "xyzzy plugh and plugh");
    assert!(
        clean.starts_with("xyzzy person_") && !clean.contains("plugh"),
        "{clean}"
    );
    let raw = Raw::new(named("message", "say plugh"));
    let findings = redactor.event(&Mac, raw).receipt.findings;
    // Whatever it says of the class: a name identifies somebody.
    assert_eq!(findings[0].class, Class::B);
    assert_eq!(findings[0].rule, "transformer.person");
}
