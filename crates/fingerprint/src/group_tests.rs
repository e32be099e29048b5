//! What ids depend on, and what they do not depend on.

use cordon_event::{Event, Kind, attr};
use proptest::prelude::*;

use crate::{GroupKind, group_event, parse_trace, template};

fn exception(kind: &str, message: &str, trace: &str) -> Event {
    Event {
        kind: Kind::SpanException,
        attributes: vec![
            (attr::EXCEPTION_TYPE.to_owned(), kind.into()),
            (attr::EXCEPTION_MESSAGE.to_owned(), message.into()),
            (attr::EXCEPTION_STACKTRACE.to_owned(), trace.into()),
        ],
        ..Event::default()
    }
}

fn python(root: &str, line: u32, function: &str, message: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"{root}/main.py\", line {line}, in main\n    \
         run()\n  File \"{root}/billing/charge.py\", line {}, in {function}\n    x\n\
         ValueError: {message}\n",
        line + 3
    )
}

fn id(event: &Event) -> String {
    group_event(event).id
}

#[test]
fn id_survives_lines_machine_message_and_carrier() {
    let a = python("/app", 3, "charge", "bad amount 7");
    let b = python(
        "/home/ada/projects/shop",
        90,
        "charge",
        "bad amount 12 of user_k3abcdefghijklmnopq2",
    );
    let first = id(&exception("ValueError", "bad amount 7", &a));
    assert_eq!(first, id(&exception("builtins.ValueError", "x", &b)));
    let body = Event {
        body: format!("2024-01-02 03:04:05 ERROR oops\n{b}").into(),
        ..Event::default()
    };
    assert_eq!(first, id(&body));
    assert_ne!(
        first,
        id(&exception(
            "ValueError",
            "x",
            &python("/app", 3, "refund", "x")
        ))
    );
    assert!(first.starts_with("fp_") && first.len() == 27);
}

#[test]
fn id_survives_depth_of_recursion() {
    let trace = |depth: usize| {
        let frame = |at: usize| {
            let name = if at.is_multiple_of(2) { "even" } else { "odd" };
            format!("  File \"/app/a.py\", line {at}, in {name}\n    x\n")
        };
        let frames = (0..depth).map(frame).collect::<Vec<_>>().concat();
        format!(
            "Traceback (most recent call last):\n  File \"/app/main.py\", line 1, in main\n{frames}\
             RecursionError: maximum recursion depth exceeded\n"
        )
    };
    let of = |depth| id(&exception("RecursionError", "", &trace(depth)));
    assert_eq!(of(5), of(8));
    assert_eq!(of(5), of(900));
}

#[test]
fn id_of_an_exception_without_frames_is_its_message() {
    let a = exception("ValueError", "order 7 missing", "");
    let b = exception("ValueError", "order 9 missing", "");
    let c = exception("ValueError", "customer 9 missing", "");
    assert_eq!(id(&a), id(&b));
    assert_ne!(id(&a), id(&c));
    assert_eq!(group_event(&a).kind, GroupKind::Exception);
}

#[test]
fn expectation_is_function_and_text() {
    let event = |function: &str, expectation: &str| Event {
        attributes: vec![
            (attr::CODE_FUNCTION_NAME.to_owned(), function.into()),
            (attr::CALL_EXPECTATION.to_owned(), expectation.into()),
        ],
        ..Event::default()
    };
    let group = group_event(&event("billing.charge", "result  >= 0"));
    assert_eq!(group.kind, GroupKind::Expectation);
    assert_eq!(group.id, id(&event("billing.charge", "result >= 0")));
    assert_ne!(group.id, id(&event("billing.charge", "result > 0")));
    assert_ne!(group.id, id(&event("billing.refund", "result >= 0")));
}

#[test]
fn plain_log_is_its_template() {
    let event = |body: &str| Event {
        body: body.into(),
        ..Event::default()
    };
    let group = group_event(&event("charge of order 7 took 12ms"));
    assert_eq!(group.kind, GroupKind::Template);
    assert_eq!(group.id, template("charge of order 8 took 5ms").id);
    assert_eq!(group.message, "charge of order <num> took <duration>");
}

/// An id is written into stores and tests: it is the same in every process and every release.
#[test]
fn an_id_depends_on_its_event_alone() {
    let trace = python("/app", 3, "charge", "bad amount 7");
    let thrown = exception("ValueError", "bad amount 7", &trace);
    let said = Event {
        body: "charge of order 7 took 12ms".into(),
        ..Event::default()
    };
    let expected = Event {
        attributes: vec![
            (attr::CODE_FUNCTION_NAME.to_owned(), "billing.charge".into()),
            (attr::CALL_EXPECTATION.to_owned(), "result >= 0".into()),
        ],
        ..Event::default()
    };
    let golden = [
        "fp_pjlyryhdh4opzd7yb6pcvkd3",
        "tpl_6d2s25xedphdb324p2zd3ijb",
        "fp_uakhfxpn2idzukyatpjwmlop",
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 1, 0]] {
        for at in order {
            let event = [&thrown, &said, &expected][at];
            assert_eq!(id(event), golden[at]);
        }
    }
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,300}", lines in proptest::collection::vec(line(), 0..24)) {
        let _ = parse_trace(&text);
        let _ = template(&text);
        let joined = lines.join("\n");
        let _ = parse_trace(&joined);
        let event = exception("E", &text, &joined);
        prop_assert_eq!(group_event(&event), group_event(&event));
    }

    #[test]
    fn template_of_a_template_is_itself(text in "[ -~]{0,80}", words in words()) {
        for text in [text, words] {
            let once = template(&text);
            prop_assert_eq!(template(&once.text), once);
        }
    }

    #[test]
    fn template_ignores_numbers(a in 0_u64.., b in 0_u64..) {
        prop_assert_eq!(
            template(&format!("order {a} of user u{a} failed (code={a})")),
            template(&format!("order {b} of user u{b} failed (code={b})"))
        );
    }
}

/// Lines of which stack traces are made, whole and cut.
fn line() -> impl Strategy<Value = String> {
    let whole = prop::sample::select(vec![
        "Traceback (most recent call last):",
        "  + Exception Group Traceback (most recent call last):",
        "  File \"/app/ä.py\", line 3, in f",
        "ValueError: é",
        "\tat a.b.C.m(C.java:3)",
        "Caused by: a.b.CException: ü",
        "    at f (/app/x.js:1:2) {",
        "f@http://h/x.js:1:2",
        "goroutine 1 [running]:",
        "panic: boom",
        "main.f(0x1)",
        "\t/app/x.go:1 +0x1",
        "thread 'main' panicked at src/ö.rs:1:2:",
        "stack backtrace:",
        "   0: a::b::h0123456789abcdef",
        "             at ./src/x.rs:1:2",
    ]);
    (whole, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(text, at, cut)| {
        let chars: Vec<char> = text.chars().collect();
        let end = if cut {
            at.index(chars.len())
        } else {
            chars.len()
        };
        chars[..end].iter().collect()
    })
}

/// Log-like texts.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "2024-01-02",
        "03:04:05",
        "ERROR",
        "[main]",
        "a.b.C:",
        "-",
        "user",
        "'x y'",
        "\"",
        "12ms",
        "0xff",
        "10.0.0.1:80",
        "/a/b",
        "k=v",
        "id=7",
        "<num>",
        "a1b2c3",
        "blk_-12",
        ",",
        "1,",
        "::1",
        "[removed:secret]",
        "Jan",
        "2",
        "https://h/p?q=1",
        "it's",
        "sshd[12]:",
        "(3)",
    ]);
    proptest::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}
