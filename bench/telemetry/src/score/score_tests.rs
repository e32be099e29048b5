//! Redactors whose score is known beforehand.
#![expect(clippy::string_slice, reason = "fixtures are written out")]

use super::*;
use crate::generate::{SEED, generate};
use crate::record::{Encoding, Shape};

fn record(text: &str, plants: &[(&str, &str, Class)]) -> Record {
    let plants = plants
        .iter()
        .map(|(value, kind, class)| {
            let start = text.find(value).unwrap();
            Plant {
                start,
                end: start + value.len(),
                class: *class,
                kind: (*kind).to_owned(),
                locale: "-",
                encoding: Vec::new(),
                value: (*value).to_owned(),
                free_text: false,
            }
        })
        .collect::<Vec<_>>();
    Record {
        id: "t".to_owned(),
        shape: Shape::Log,
        carrier: "test",
        wrapper: "none",
        format: Format::Text,
        text: text.to_owned(),
        trap: plants.is_empty(),
        either: Vec::new(),
        plants,
    }
}

fn removed(text: &str, value: &str, class: Class, output: &str) -> bool {
    let record = record(text, &[(value, "api_key", class)]);
    score(&[record], |_| output.to_owned()).total.removed == 1
}

/// Replaces each plant, and in a run of an encoding the whole run.
fn perfect(record: &Record) -> String {
    let mut out = String::new();
    let mut at = 0;
    for plant in &record.plants {
        let (start, end) = super::slack(record, plant);
        out.push_str(record.text.get(at..start).unwrap_or(""));
        if start >= at {
            // As long as the text is JSON, a number may stay one.
            let is_number = record.format == Format::Json && bare_number(&record.text, start, end);
            out.push_str(if is_number { "0" } else { "removed" });
        }
        at = at.max(end);
    }
    out.push_str(record.text.get(at..).unwrap_or(""));
    out
}

fn bare_number(text: &str, start: usize, end: usize) -> bool {
    text[..start].ends_with([':', ' ']) && text[end..].starts_with([',', '}'])
}

#[test]
fn a_perfect_redactor_scores_one() {
    let records = generate(SEED, 4_000);
    let report = score(&records, perfect);
    let left: Vec<_> = report.wrong.iter().take(3).collect();
    assert_eq!(report.total.removed, report.total.plants, "{left:?}");
    assert_eq!(
        report.free_total("").removed,
        report.free_total("").plants,
        "{left:?}"
    );
    assert_eq!(
        (report.trap_counts().1, report.json_broken),
        (0, 0),
        "{left:?}"
    );
    assert!(
        report.total.precision() > 0.999 && report.total.over_bytes == 0,
        "{left:?}"
    );
    assert!(report.wrong.is_empty(), "{left:?}");
}

#[test]
fn one_that_does_nothing_removes_nothing_and_touches_nothing() {
    let report = score(&generate(SEED, 1_000), |record| record.text.clone());
    assert_eq!((report.total.removed, report.total.spans), (0, 0));
    assert_eq!((report.trap_counts().1, report.json_broken), (0, 0));
    assert!(report.trap_counts().0 == 200 && report.total.plants > 700);
}

#[test]
fn one_that_wipes_everything_touches_every_trap() {
    let report = score(&generate(SEED, 1_000), |_| "x".to_owned());
    assert_eq!(report.trap_counts(), (200, 200));
    assert_eq!(report.total.removed, report.total.plants);
    assert!(report.total.over_bytes > 50_000 && report.json_broken > 100);
}

#[test]
fn a_value_is_not_gone_while_any_encoding_of_it_is_there() {
    let value = "k9Xw2Lq8Zr4Tn6Vb";
    let text = "key=k9Xw2Lq8Zr4Tn6Vb";
    for output in [
        "key=k9Xw2Lq8Zr4Tn6Vb",
        "key=azlYdzJMcThacjRUbjZWYg==",
        "key=6b395877324c71385a7234546e365662",
        "key=%6b9Xw2Lq8Zr4Tn6Vb",
        "key=k9Xw2Lq8Zr4T***",
        "key=***Lq8Zr4Tn6Vb",
    ] {
        assert!(!removed(text, value, Class::A, output), "{output}");
    }
    for output in ["key=[removed]", "key=k9Xw***", "key=***n6Vb", ""] {
        assert!(removed(text, value, Class::A, output), "{output}");
    }
}

#[test]
fn a_number_may_keep_its_last_four() {
    let (text, value) = ("card 4111 1111 1111 1111 ok", "4111 1111 1111 1111");
    assert!(removed(text, value, Class::B, "card ************1111 ok"));
    assert!(!removed(text, value, Class::B, "card 411111111111**** ok"));
    assert!(!removed(
        text,
        value,
        Class::B,
        "card 4111-1111-1111-1111 ok"
    ));
}

#[test]
fn what_stands_outside_as_well_is_no_leak() {
    let (text, value) = (
        "host db.example.org mail a@db.example.org",
        "a@db.example.org",
    );
    assert!(removed(
        text,
        value,
        Class::B,
        "host db.example.org mail email_x"
    ));
}

#[test]
fn a_run_may_be_rewritten_and_what_is_beside_it_not() {
    let mut one = record(
        "data=eyJwdyI6ImhpZGRlbjEyMyJ9 id=7",
        &[("ImhpZGRlbjEyMyJ", "password", Class::A)],
    );
    one.plants[0].encoding = vec![Encoding::Base64];
    one.plants[0].value = "hidden123".to_owned();
    let report = score(std::slice::from_ref(&one), |_| {
        "data=eyJwdyI6IioifQ== id=7".to_owned()
    });
    assert_eq!((report.total.removed, report.total.over_bytes), (1, 0));
    let report = score(&[one], |_| "data=eyJwdyI6IioifQ== id=*".to_owned());
    assert_eq!(
        (
            report.total.over_bytes,
            report.total.spans,
            report.total.spans_right
        ),
        (1, 2, 1)
    );
}

#[test]
fn broken_json_and_false_spans_are_counted_with_their_cause() {
    let mut one = record(
        r#"{"a":"hidden123456","n":17}"#,
        &[("hidden123456", "password", Class::A)],
    );
    one.format = Format::Json;
    let report = score(&[one], |_| r#"{"a":"*","n":[removed]}"#.to_owned());
    assert_eq!(report.json_broken, 1);
    assert_eq!((report.total.spans, report.total.spans_right), (2, 1));
    let whys: Vec<Why> = report.wrong.iter().map(|wrong| wrong.why).collect();
    assert_eq!(whys, [Why::FalseSpan, Why::Json]);
    assert_eq!(report.causes().len(), 2);
    assert!(
        report
            .to_markdown()
            .contains("| password | 1 | 1.0000 | 0.5000 |")
    );
    assert_eq!(report.to_json()["by"]["class"]["A"]["removed"], 1);
}
