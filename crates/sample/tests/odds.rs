//! What kept traces stand for: whatever the plan, their adjusted counts come to the traces that
//! came, and a threshold that is told is what decided.
#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

use std::fmt::Write as _;
use std::sync::Arc;

use cordon_event::{Event, Kind, TraceId, Value};
use cordon_sample::{Limits, Plan, Sampler, SpanHeader, Verdict, randomness, tracestate};
use proptest::prelude::*;

/// Traces of one kind.
const TRACES_COUNT: usize = 2_000;

/// A policy that keeps no state, without its name.
fn policy() -> impl Strategy<Value = String> {
    let share = prop::sample::select(vec![0, 20, 35, 50, 80, 100]);
    let chance = (share, 0..3_u8).prop_map(|(share, mode)| {
        let mode = match mode {
            0 => "mode = \"consistent\"",
            1 => "hash_salt = \"a\"",
            _ => "hash_salt = \"b\"",
        };
        format!(
            "type = \"probabilistic\", \
             probabilistic = {{ sampling_percentage = {share}, {mode} }}"
        )
    });
    let flag = (any::<bool>(), any::<bool>()).prop_map(|(value, inverted)| {
        format!(
            "type = \"boolean_attribute\", boolean_attribute = \
             {{ key = \"f\", value = {value}, invert_match = {inverted} }}"
        )
    });
    let leaf = prop_oneof![4 => chance, 2 => flag];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..3);
        let several = (several, prop::sample::select(vec!["and", "drop"]));
        let not = inner.prop_map(|inner| {
            format!("type = \"not\", not = {{ not_sub_policy = {{ name = \"n\", {inner} }} }}")
        });
        let several = several.prop_map(|(inner, kind)| {
            let inner = inner.iter().enumerate();
            let inner: Vec<String> = inner
                .map(|(i, inner)| format!("{{ name = \"{i}\", {inner} }}"))
                .collect();
            let inner = inner.join(", ");
            format!("type = \"{kind}\", {kind} = {{ {kind}_sub_policy = [{inner}] }}")
        });
        prop_oneof![several, not]
    })
}

fn plan() -> impl Strategy<Value = String> {
    let policies = prop::collection::vec(policy(), 1..5);
    let samplers = prop::sample::select(vec![
        "",
        "[samplers.__default__.DeterministicSampler]\nSampleRate = 3\n",
        "[[samplers.__default__.RulesBasedSampler.Rules]]\nName = \"r\"\nSampleRate = 4\n",
    ]);
    let plan = (policies, samplers, any::<[bool; 2]>());
    plan.prop_map(|(policies, samplers, [first_match, inverts])| {
        let mut text = format!(
            "sample_on_first_match = {first_match}\ninvert_decisions = {inverts}\npolicies = [\n"
        );
        for (i, policy) in policies.iter().enumerate() {
            writeln!(text, "{{ name = \"{i}\", {policy} }},").unwrap();
        }
        text + "]\n" + samplers
    })
}

/// An id for each number, as a generator would make it.
fn id(number: usize) -> TraceId {
    let mut state = number as u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    };
    let high = u128::from(next()) << 64;
    TraceId((high | u128::from(next())).to_be_bytes())
}

fn verdicts(plan: &Arc<Plan>, is_so: bool, trace_state: &str) -> Vec<(TraceId, Verdict)> {
    let event = Event {
        kind: Kind::Span,
        attributes: vec![("f".to_owned(), Value::Bool(is_so))],
        trace_state: trace_state.to_owned(),
        ..Event::default()
    };
    let before = tracestate::Ot::parse(trace_state).threshold;
    let header = SpanHeader::of(&event, 10, 0);
    let facts = plan.facts(&|_| 0, &event);
    let mut sampler = Sampler::new(Arc::clone(plan), Limits::default());
    // What a threshold has left out does not come.
    let ids = (0..TRACES_COUNT).map(|n| id(n * 4 + 1));
    let ids = ids.filter(|id| before.is_none_or(|before| before.keeps(randomness(*id))));
    for id in ids {
        sampler.observe(id, &header, &facts, 0);
    }
    let decisions = sampler.drain(0).into_iter();
    decisions.map(|d| (d.trace_id, d.verdict)).collect()
}

fn check(plan: &Arc<Plan>, is_so: bool, trace_state: &str) -> Result<(), TestCaseError> {
    let verdicts = verdicts(plan, is_so, trace_state);
    let kept = || verdicts.iter().filter(|(_, verdict)| verdict.keep);
    let Some((_, first)) = kept().next() else {
        return Ok(());
    };
    let sum: f64 = kept().map(|(_, verdict)| verdict.adjusted_count).sum();
    let count = first.adjusted_count;
    // Six standard deviations of the number that is kept.
    let traces = TRACES_COUNT as f64;
    let slack = 6.0 * (traces * (count - 1.0)).sqrt() + count;
    prop_assert!(
        (sum - traces).abs() <= slack,
        "{sum} of {traces}, each {count}"
    );
    for (id, verdict) in &verdicts {
        if verdict.keep {
            prop_assert_eq!(verdict.threshold, first.threshold);
        }
        if let Some(threshold) = first.threshold {
            prop_assert_eq!(threshold.keeps(randomness(*id)), verdict.keep);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_come_to_what_came(text in plan(), is_so: bool, is_sampled: bool) {
        let plan = Arc::new(Plan::parse_native(&text).unwrap());
        check(&plan, is_so, if is_sampled { "ot=th:6" } else { "" })?;
    }
}
