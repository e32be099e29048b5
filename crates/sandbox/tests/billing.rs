//! Each bug of the sample service: a test from its clean event, which fails on the service as it
//! is and passes on the service with that bug fixed.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

mod support;

use cordon_event::{Event, attr};
use cordon_redact::Clean;
use cordon_repro::{Outcome, Refusal, plan, render, reproduce};
use cordon_sandbox::{Exit, Limits, Mode, RunReport, Sandbox};
use serde_json::json;
use support::{billing, billing_fixed, event, observe, raised, sandbox};

fn run(sandbox: &Sandbox, source: &std::path::Path, text: &str) -> RunReport {
    let files = [("test_repro.py".to_owned(), text.to_owned())];
    sandbox
        .run_pytest(&files, source, &Limits::default())
        .unwrap()
}

/// Reproduces, and returns the test's text and the smallest arguments.
fn check(event: &Clean<Event>, fix: &str, with_property: bool) -> (String, serde_json::Value) {
    let sandbox = sandbox(Mode::Bubblewrap);
    let planned = plan(event).unwrap();
    let found = reproduce(&planned, &mut |plan| observe(&sandbox, &billing(), plan));
    assert_eq!(found.outcome, Outcome::Reproduced);
    let text = render(&found.plan).into_inner();
    assert_eq!(
        text.contains("test_no_value_of_the_class_fails"),
        with_property
    );

    let buggy = run(&sandbox, &billing(), &text);
    let failing = 1 + usize::from(with_property);
    assert_eq!(
        (buggy.failed(), buggy.passed()),
        (failing, 0),
        "{}",
        buggy.output
    );
    let fixed = billing_fixed(fix);
    let fixed = run(&sandbox, fixed.path(), &text);
    assert_eq!(
        (fixed.failed(), fixed.passed()),
        (0, failing),
        "{}",
        fixed.output
    );
    assert_eq!(fixed.exit, Exit::Code(0));
    (text, found.plan.get().arguments().clone())
}

const TAIL: &str = "mfrggzdfmztwq2lknnwg";

#[test]
fn a_missing_key() {
    let profile = json!({"profile": {
        "name": format!("person_{TAIL}"),
        "email": format!("email_{TAIL}"),
        "phone": format!("phone_{TAIL}"),
        "card": format!("card_{TAIL}"),
    }});
    let trace = "Traceback (most recent call last):\n  \
                 File \"/app/billing/customers.py\", line 11, in tax_percent\n\
                 KeyError: 'address'\n";
    let event = event(&[
        (attr::CODE_FUNCTION_NAME, "billing.customers.tax_percent"),
        (attr::CALL_ARGUMENTS, &profile.to_string()),
        (attr::CALL_TIME, "2026-11-20T23:58:12.500000+00:00"),
        (attr::EXCEPTION_TYPE, "KeyError"),
        (attr::EXCEPTION_STACKTRACE, trace),
    ]);
    let (text, arguments) = check(&event, "missing-address", false);
    assert_eq!(arguments, json!({"args": [], "kwargs": {"profile": {}}}));
    assert!(!text.contains(TAIL));
}

#[test]
fn a_wrong_sign() {
    let call = json!({
        "invoice": {"number": "INV-8200", "paid_cents": 12900, "email": format!("email_{TAIL}")},
        "amount_cents": -4500,
        "reason": format!("typed by email_{TAIL}, [removed:jwt]"),
    });
    let event = event(&[
        (attr::CODE_FUNCTION_NAME, "billing.refunds.refund_cents"),
        (attr::CALL_ARGUMENTS, &call.to_string()),
        (attr::CALL_EXPECTATION, "result >= 0"),
        (attr::CALL_RESULT, "-4500"),
    ]);
    let (text, arguments) = check(&event, "negative-refund", true);
    let small = json!({"invoice": {"paid_cents": 0}, "amount_cents": -1, "reason": ""});
    assert_eq!(arguments, json!({"args": [], "kwargs": small}));
    assert!(text.contains("st.integers("), "{text}");
}

#[test]
fn a_boundary_seen_once() {
    let event = event(&[
        (
            attr::CODE_FUNCTION_NAME,
            "billing.discounts.discount_percent",
        ),
        (attr::CALL_ARGUMENTS, r#"{"sku": "SKU-9", "quantity": 500}"#),
        (
            attr::CALL_FLAGS,
            r#"{"billing.flags.FLAGS": {"volume_discounts": true, "partial_refunds": true}}"#,
        ),
        (attr::EXCEPTION_TYPE, "IndexError"),
    ]);
    let (_, arguments) = check(&event, "tier-boundary", false);
    assert_eq!(
        arguments,
        json!({"args": [], "kwargs": {"sku": "", "quantity": 500}})
    );
}

#[test]
fn what_does_not_fail_here_is_said() {
    let sandbox = sandbox(Mode::Bubblewrap);
    let outcome = |event: &Clean<Event>| {
        reproduce(&plan(event).unwrap(), &mut |plan| {
            observe(&sandbox, &billing(), plan)
        })
        .outcome
    };
    let call = r#"{"sku": "a", "quantity": 3}"#;
    let function = "billing.discounts.discount_percent";
    assert_eq!(
        outcome(&raised(function, call, "IndexError")),
        Outcome::NotReproduced
    );
    let over = r#"{"sku": "a", "quantity": 501}"#;
    assert_eq!(
        outcome(&raised(function, over, "IndexError")),
        Outcome::DifferentFailure
    );
    assert_eq!(
        outcome(&raised("billing.no.such", call, "IndexError")),
        Outcome::Unbuildable
    );
    let hidden = format!(r#"{{"sku": "email_{TAIL}", "quantity": 3}}"#);
    assert_eq!(
        outcome(&raised(function, &hidden, "IndexError")),
        Outcome::NeedsRaw
    );
}

#[test]
fn what_cannot_be_a_test_is_refused() {
    let refusal = |event: &Clean<Event>| plan(event).unwrap_err();
    let bad = raised("a.b; import os", "{}", "KeyError");
    assert_eq!(refusal(&bad), Refusal::FunctionNotImportable);
    assert_eq!(
        refusal(&raised("a.<locals>.b", "{}", "E")),
        Refusal::FunctionNotImportable
    );
    assert_eq!(
        refusal(&raised("a.B.c", r#"{"self": {}}"#, "E")),
        Refusal::NeedsInstance
    );
    assert_eq!(
        refusal(&raised("a.b", "{", "E")),
        Refusal::ArgumentsUnreadable
    );
    let pairs = [
        (attr::CODE_FUNCTION_NAME, "a.b"),
        (attr::CALL_ARGUMENTS, "{}"),
        (attr::CALL_EXPECTATION, "__import__('os').system('id')"),
    ];
    assert_eq!(refusal(&event(&pairs)), Refusal::ExpectationNotAdmitted);
    assert_eq!(refusal(&event(&pairs[..2])), Refusal::NoFailure);
}
