//! Conditions of the recorded call are the conditions of the test, and values arrive as they were.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

#[expect(
    dead_code,
    reason = "shared with the tests that use the sample service"
)]
mod support;

use cordon_event::{Event, attr};
use cordon_redact::Clean;
use cordon_repro::{Outcome, plan, reproduce};
use cordon_sandbox::{Limits, Mode};
use serde_json::{Value as Json, json};
use support::{event, observe, raised, sandbox};

/// Reproduces against one module, `shop`, and returns what became of it and the arguments.
fn check(module: &str, event: &Clean<Event>) -> (Outcome, Json) {
    let sandbox = sandbox(Mode::Bubblewrap);
    let source = tempfile::tempdir().unwrap();
    std::fs::write(source.path().join("shop.py"), module).unwrap();
    let found = reproduce(&plan(event).unwrap(), &mut |plan| {
        observe(&sandbox, source.path(), plan)
    });
    (found.outcome, found.plan.get().arguments().clone())
}

#[test]
fn clock_seed_flags_and_environment_are_restored() {
    let module = "\
import os, random, time
from datetime import date, datetime, timezone
REGION = os.environ['REGION']
FLAGS = {'fast': False}
LIMIT = 1
def order():
    assert datetime.now(timezone.utc).isoformat() == '2026-02-28T23:59:59.500000+00:00'
    assert datetime.utcnow().day == 28 and date.today().isoformat() == '2026-02-28'
    assert time.time() == 1772323199.5 and isinstance(datetime(2020, 1, 1), datetime)
    assert random.random() == random.Random(7).random()
    assert (REGION, FLAGS['fast'], LIMIT, os.environ['beta']) == ('eu', True, 5, 'true')
    raise KeyError('as recorded')
";
    let event = event(&[
        (attr::CODE_FUNCTION_NAME, "shop.order"),
        (attr::CALL_ARGUMENTS, "{}"),
        (attr::CALL_TIME, "2026-02-28T23:59:59.5Z"),
        (attr::CALL_SEED, "7"),
        (attr::CALL_ENVIRONMENT, r#"{"REGION": "eu"}"#),
        (
            attr::CALL_FLAGS,
            r#"{"shop.FLAGS": {"fast": true}, "shop.LIMIT": 5, "beta": true}"#,
        ),
        (attr::EXCEPTION_TYPE, "KeyError"),
    ]);
    assert_eq!(check(module, &event).0, Outcome::Reproduced);
}

#[test]
fn hostile_values_arrive_as_values() {
    let hostile = "\"\"\"\n'''\\ \u{202e}\u{2028} {x} %s é \u{1f600} \\N{DASH} #";
    let codes: Vec<u32> = hostile.chars().map(u32::from).collect();
    let module = format!(
        "def order(*, text, many):\n    \
         assert [ord(c) for c in text] == {codes:?}\n    \
         assert many == [1, 2.5, None, True, {{'a b': []}}]\n    \
         raise LookupError\n",
    );
    let call = json!({"text": hostile, "many": [1, 2.5, null, true, {"a b": []}]});
    let event = raised("shop.order", &call.to_string(), "LookupError");
    let source = tempfile::tempdir().unwrap();
    std::fs::write(source.path().join("shop.py"), module).unwrap();
    let planned = plan(&event).unwrap();
    let seen = observe(&sandbox(Mode::Bubblewrap), source.path(), planned.get());
    assert_eq!(seen.outcome.as_deref(), Some("reproduced"));
}

#[test]
fn typed_values_and_positions_and_coroutines() {
    let module = "\
import datetime, decimal
async def order(amount, when, /, *, tags):
    assert amount == decimal.Decimal('1.20') and when == datetime.date(2026, 1, 2)
    assert tags == ('a', {1, 2}) and isinstance(tags, tuple)
    raise ShopError()
class ShopError(Exception):
    pass
";
    let call = json!({
        "args": [{"$decimal": "1.20"}, {"$date": "2026-01-02"}],
        "kwargs": {"tags": {"$tuple": ["a", {"$set": [1, 2]}]}},
    });
    let event = raised("shop.order", &call.to_string(), "shop.ShopError");
    assert_eq!(check(module, &event).0, Outcome::Reproduced);
}

#[test]
fn shrinking_does_not_slip_to_another_failure_of_the_same_type() {
    let module = "def order(user):\n    return user['name'] + user['address']['city']\n";
    let event = raised(
        "shop.order",
        r#"{"user": {"name": "x", "age": 3}}"#,
        "KeyError",
    );
    let (outcome, arguments) = check(module, &event);
    assert_eq!(outcome, Outcome::Reproduced);
    assert_eq!(arguments["kwargs"], json!({"user": {"name": ""}}));
}

#[test]
fn a_call_that_does_not_end_is_a_timeout() {
    let module = "def order(n):\n    while n != 0:\n        n -= 2\n";
    let event = raised("shop.order", r#"{"n": 1}"#, "TimeoutError");
    assert_eq!(check(module, &event).0, Outcome::Reproduced);
}

#[test]
fn arguments_that_the_call_changes_are_expected_as_they_were() {
    let module = "def order(items):\n    items.pop()\n    return items\n";
    let event = event(&[
        (attr::CODE_FUNCTION_NAME, "shop.order"),
        (attr::CALL_ARGUMENTS, r#"{"items": [3, 1, 2]}"#),
        (
            attr::CALL_EXPECTATION,
            "len(result) == len(items) and all(x in items for x in result)",
        ),
    ]);
    let (outcome, arguments) = check(module, &event);
    assert_eq!(outcome, Outcome::Reproduced);
    assert_eq!(
        arguments["kwargs"]["items"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_flaky_failure_is_rejected() {
    let module = "\
import os, random
def order():
    if os.urandom(1)[0] % 2:
        raise KeyError('sometimes')
";
    let event = raised("shop.order", "{}", "KeyError");
    let outcomes: Vec<Outcome> = (0..4).map(|_| check(module, &event).0).collect();
    assert!(
        outcomes
            .iter()
            .any(|outcome| *outcome != Outcome::Reproduced),
        "{outcomes:?}"
    );
}

/// What the test of one call on `shop` does with the source alone to say no: it is not asked for
/// by [`Plan::within`], as whoever runs it later does not either.
fn refused(module: &str, event: &Clean<Event>) -> bool {
    let source = tempfile::tempdir().unwrap();
    std::fs::write(source.path().join("shop.py"), module).unwrap();
    let planned = plan(event).unwrap();
    let files = [("test_it.py".to_owned(), planned.get().render_pytest())];
    let report = sandbox(Mode::Bubblewrap)
        .run_pytest(&files, source.path(), &Limits::default())
        .unwrap();
    report.passed() == 0 && report.failed() == 0 && report.output.contains("refused: ")
}

#[test]
fn the_test_itself_calls_only_what_the_source_wrote() {
    let module = "\
import functools, os, pathlib, subprocess
from subprocess import Popen, check_call
run = functools.partial(subprocess.check_call, ['true'])
def wrapped(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args)
    return inner
shell = wrapped(os.system)
";
    for function in [
        "builtins.eval",
        "os.system",
        "subprocess.check_call",
        "shop.check_call",
        "shop.run",
        "shop.shell",
        "shop.Popen",
        "shop.Popen.communicate",
        "shop.os.system",
    ] {
        let event = raised(function, r#"["raise KeyError"]"#, "KeyError");
        assert!(refused(module, &event), "{function}");
    }
    let module = "\
import functools
@functools.lru_cache
def order(text):
    raise KeyError(text)
class Cart:
    @classmethod
    def total(cls, text):
        raise KeyError(text)
part = functools.partial(order)
";
    for function in ["shop.order", "shop.Cart.total", "shop.part"] {
        let event = raised(function, r#"["a"]"#, "KeyError");
        assert_eq!(check(module, &event).0, Outcome::Reproduced, "{function}");
    }
}

#[test]
fn flags_do_not_reach_the_environment() {
    let module = "from os import environ as SETTINGS\ndef order():\n    raise KeyError\n";
    let event = event(&[
        (attr::CODE_FUNCTION_NAME, "shop.order"),
        (attr::CALL_ARGUMENTS, "{}"),
        (
            attr::CALL_FLAGS,
            r#"{"shop.SETTINGS": {"LD_PRELOAD": "x"}}"#,
        ),
        (attr::EXCEPTION_TYPE, "KeyError"),
    ]);
    assert!(refused(module, &event));
}

#[test]
fn an_expectation_that_raises_or_takes_all_memory_is_not_broken() {
    let module = "def order(text, times):\n    return None\n";
    for expectation in ["result[0] > 0", "len(text * times) == 0", "result > text"] {
        let event = event(&[
            (attr::CODE_FUNCTION_NAME, "shop.order"),
            (
                attr::CALL_ARGUMENTS,
                r#"{"text": "ab", "times": 2000000000}"#,
            ),
            (attr::CALL_EXPECTATION, expectation),
        ]);
        let outcome = check(module, &event).0;
        assert_eq!(outcome, Outcome::DifferentFailure, "{expectation}");
    }
}

#[test]
fn recorded_texts_stay_only_where_the_failure_needs_them() {
    let module = "\
def order(patient, plan):
    if plan == 'gold' and len(patient['diagnosis']) > 20:
        raise ValueError(patient['diagnosis'])
PRICES = {}
def price(sku):
    return PRICES[sku]
";
    let call = json!({
        "patient": {"diagnosis": "HIV positive stage two", "name": "somebody"}, "plan": "gold",
    });
    let event = raised("shop.order", &call.to_string(), "ValueError");
    let sandbox = sandbox(Mode::Bubblewrap);
    let source = tempfile::tempdir().unwrap();
    std::fs::write(source.path().join("shop.py"), module).unwrap();
    let run = |event: &Clean<Event>| {
        reproduce(&plan(event).unwrap(), &mut |plan| {
            observe(&sandbox, source.path(), plan)
        })
    };
    let found = run(&event);
    assert_eq!(found.outcome, Outcome::Reproduced);
    let plan = found.plan.get();
    let text = plan.render_pytest();
    assert_eq!(
        (plan.recorded_values(), &plan.arguments()["kwargs"]["plan"]),
        (1, &json!("gold"))
    );
    assert!(text.contains("but for 1 that the failure needs"), "{text}");
    for word in ["HIV", "positive", "stage", "somebody"] {
        assert!(!text.contains(word), "{text}");
    }
    assert_eq!(run(&event).plan, found.plan);

    // What the failure looked up may be any other text that is not there either.
    let found = run(&raised("shop.price", r#"{"sku": "SKU-9"}"#, "KeyError"));
    assert_eq!(
        (found.outcome, found.plan.get().recorded_values()),
        (Outcome::Reproduced, 0)
    );
}
