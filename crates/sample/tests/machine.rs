//! The state machine over any arrivals: each trace is decided once, order makes no difference,
//! memory is bounded and given back, and no value survives.
#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use cordon_event::{Event, Kind, Raw, SpanId, SpanStatus, TraceId, Value};
use cordon_sample::{Facts, Limits, Plan, Sampler, Seen, SpanHeader, Summary};
use proptest::prelude::*;

const PLAN: &str = r#"
num_traces = 8
decision_wait = "1s"
span_limit = 20
maximum_trace_size_bytes = 5000
decision_cache = { sampled_cache_size = 100, non_sampled_cache_size = 100 }
[[policies]]
name = "errors"
type = "status_code"
status_code = { status_codes = ["ERROR"] }
[[policies]]
name = "words"
type = "string_attribute"
string_attribute = { key = "word", values = ["^[ab]"], enabled_regex_matching = true }
[[policies]]
name = "condition"
type = "ottl_condition"
ottl_condition = { error_mode = "ignore", span = ['attributes["n"] > 90'] }
[[policies]]
name = "objective"
type = "slo"
slo = { key = ["word"], target = 0.99 }
[samplers.__default__.EMADynamicSampler]
GoalSampleRate = 3
FieldList = ["word", "n"]
"#;

fn mac(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn event(word: &str, n: i64, is_error: bool, is_root: bool) -> Event {
    Event {
        kind: Kind::Span,
        time_unix_ns: 5_000_000,
        end_unix_ns: 9_000_000,
        status: if is_error {
            SpanStatus::Error
        } else {
            SpanStatus::Unset
        },
        parent_span_id: (!is_root).then_some(SpanId([1; 8])),
        attributes: vec![
            ("word".to_owned(), Value::from(word)),
            ("n".to_owned(), Value::Int(n)),
        ],
        ..Event::default()
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = ("[a-f]{1,3}", 0..100_i64, any::<bool>(), any::<bool>());
    let one = one.prop_map(|(word, n, is_error, is_root)| event(&word, n, is_error, is_root));
    prop::collection::vec(one, 0..40)
}

fn plan() -> Arc<Plan> {
    Arc::new(Plan::parse_native(PLAN).unwrap())
}

fn folded(plan: &Plan, events: &[Event]) -> Summary {
    let mut summary = Summary::default();
    for event in events {
        summary.fold(&SpanHeader::of(event, 10, 0), &plan.facts(&mac, event));
    }
    summary
}

proptest! {
    #[test]
    fn any_order_of_real_spans_gives_the_same_summary(
        (one, other) in events().prop_flat_map(|e| (Just(e.clone()), Just(e).prop_shuffle())),
    ) {
        let plan = plan();
        prop_assert_eq!(folded(&plan, &one), folded(&plan, &other));
    }

    #[test]
    fn each_trace_is_decided_once_and_memory_is_bounded(
        arrivals in prop::collection::vec(
            (0..30_u8, 0..3_000_u64, any::<bool>(), 0..900_u64), 1..400,
        ),
    ) {
        let limits = Limits { ready_count_max: 6, ..Limits::default() };
        let mut sampler = Sampler::new(plan(), limits);
        let mut decided = BTreeSet::new();
        let mut waiting = BTreeSet::new();
        let empty = sampler.used_bytes();
        let mut now = 0;
        for (trace, at, is_error, bytes) in arrivals {
            // Time may stand still or go back.
            now = if is_error { at } else { now.max(at) };
            let event = event("abc", 7, is_error, false);
            let facts = sampler.plan().facts(&mac, &event);
            let header = SpanHeader::of(&event, bytes, 0);
            match sampler.observe(TraceId([trace; 16]), &header, &facts, now) {
                Seen::Waiting => { waiting.insert(trace); }
                Seen::Busy => {
                    for decision in sampler.tick(now) {
                        prop_assert!(decided.insert(decision.trace_id.0[0]));
                    }
                }
                Seen::Late(_) | Seen::Upgraded(_) | Seen::Partial(_) => {
                    prop_assert!(waiting.contains(&trace));
                }
            }
            prop_assert!(sampler.live_count() <= 8);
            // Tables for eight traces and a few dozen verdicts.
            prop_assert!(sampler.used_bytes() < empty + 60_000, "{}", sampler.used_bytes());
        }
        for decision in sampler.tick(now).into_iter().chain(sampler.drain(now)) {
            prop_assert!(decided.insert(decision.trace_id.0[0]));
        }
        prop_assert_eq!(decided, waiting);
        prop_assert_eq!(sampler.live_count(), 0);
        prop_assert_eq!(sampler.next_due_unix_ms(), None);
    }

    #[test]
    fn a_plan_is_read_again_as_it_is_printed(wait_ms in 1..100_000_u64, n in 1..1_000_u32) {
        let text = PLAN.replace("\"1s\"", &format!("\"{wait_ms}ms\""));
        let text = text.replace("= 8", &format!("= {n}"));
        let plan = Plan::parse_native(&text).unwrap();
        let again = Plan::parse_native(&plan.to_toml()).unwrap();
        prop_assert_eq!(plan.digest(), again.digest());
        prop_assert_eq!(plan.to_toml(), again.to_toml());
    }

    #[test]
    fn any_configuration_is_read_or_refused(text in "[ -~\n]{0,300}") {
        let _ = Plan::parse_native(&text);
        let _ = cordon_sample::import::contrib(&text);
        let _ = cordon_sample::import::refinery(&text);
    }

    #[test]
    fn any_condition_is_read_or_refused(text in "[a-z0-9\\[\\]\"()<>=!+*/. -]{0,60}") {
        let quoted = text.replace('\'', "");
        let plan = format!(
            "policies: [{{name: o, type: ottl_condition, ottl_condition: {{span: ['{quoted}']}}}}]"
        );
        if let Ok(plan) = cordon_sample::import::contrib(&plan) {
            let _ = plan.facts(&mac, &event("a", 1, false, true));
        }
    }
}

#[test]
fn facts_of_a_raw_event_are_those_of_the_event() {
    let (plan, event) = (plan(), event("abc", 95, true, true));
    let raw = Raw::new(event.clone());
    assert_eq!(plan.facts_of(&mac, &raw), plan.facts(&mac, &event));
    assert_eq!(
        SpanHeader::of_raw(&raw, 10, 1),
        SpanHeader::of(&event, 10, 1)
    );
}

#[test]
fn no_value_survives_in_facts() {
    let plan = plan();
    let secret = ["canary", "value", "4711"].join("-");
    let facts = plan.facts(&mac, &event(&secret, 4_711_471_147, false, true));
    let bytes = facts.encode();
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(!holds(secret.as_bytes()));
    assert!(!holds(&4_711_471_147_i64.to_le_bytes()));
    assert!(!format!("{facts:?}").contains(&secret));
    assert!(bytes.len() < 100, "{}", bytes.len());
    assert_eq!(Facts::decode(&bytes), Some(facts));
}

#[test]
fn the_page_shows_a_plan_that_is_read() {
    let page = include_str!("../../../docs/sampling.md");
    let mut blocks = page.split("```toml\n").skip(1);
    // Another block is of the gateway's configuration.
    let plan = blocks.find(|block| block.starts_with("version")).unwrap();
    let plan = Plan::parse_native(plan.split("```").next().unwrap()).unwrap();
    assert!(plan.notes().is_empty());
}

#[test]
fn facts_of_another_plan_say_nothing() {
    let other = Plan::parse_native(&PLAN.replace("^[ab]", "^[cd]")).unwrap();
    let mut sampler = Sampler::new(plan(), Limits::default());
    assert_ne!(other.digest(), sampler.plan().digest());
    let event = event("c", 99, false, true);
    let facts = other.facts(&mac, &event);
    let header = SpanHeader::of(&event, 10, 0);
    assert_eq!(
        sampler.observe(TraceId([1; 16]), &header, &facts, 0),
        Seen::Waiting
    );
    assert_eq!(sampler.counters().foreign_facts, 1);
}

#[test]
fn a_verdict_from_elsewhere_decides_what_waits() {
    let mut sampler = Sampler::new(plan(), Limits::default());
    let event = event("z", 1, false, true);
    let facts = sampler.plan().facts(&mac, &event);
    let header = SpanHeader::of(&event, 10, 0);
    let verdict = sampler.plan().stateless(&header, TraceId([9; 16]));
    sampler.observe(TraceId([1; 16]), &header, &facts, 0);
    let decision = sampler.remember(TraceId([1; 16]), verdict, 5).unwrap();
    assert_eq!(decision.verdict, verdict);
    assert!(sampler.remember(TraceId([2; 16]), verdict, 5).is_none());
    assert_eq!(
        sampler.observe(TraceId([2; 16]), &header, &facts, 6),
        Seen::Late(verdict)
    );
    assert!(sampler.tick(10_000).is_empty());
}
