//! One, three or five replicas decide alike: spans go to the owner of their trace, and what one
//! decides the others remember.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test says what it needs by failing"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cordon_event::{Event, Kind, SpanId, SpanStatus, TraceId, Value};
use cordon_sample::ring::{Members, owner};
use cordon_sample::{Limits, Plan, Sampler, Seen, SpanHeader, Verdict};
use proptest::prelude::*;

/// A span of a trace, and when it comes.
#[derive(Clone, Debug)]
struct Arrival {
    at: u64,
    trace: u8,
    is_error: bool,
    duration_ms: u64,
    tier: u8,
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let one = (
        0..20_000_u64,
        0..40_u8,
        prop::bool::weighted(0.05),
        0..300_u64,
        0..3_u8,
    );
    let one = one.prop_map(|(at, trace, is_error, duration_ms, tier)| Arrival {
        at,
        trace,
        is_error,
        duration_ms,
        tier,
    });
    prop::collection::vec(one, 1..200).prop_map(|mut all| {
        all.sort_by_key(|arrival| arrival.at);
        all
    })
}

/// An id whose trailing bytes are spread evenly.
fn id(trace: u8) -> TraceId {
    let spread = u64::from(trace).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TraceId((u128::from(trace) << 64 | u128::from(spread)).to_be_bytes())
}

fn span(arrival: &Arrival) -> Event {
    Event {
        kind: Kind::Span,
        time_unix_ns: 1_000_000_000,
        end_unix_ns: 1_000_000_000 + arrival.duration_ms * 1_000_000,
        status: if arrival.is_error {
            SpanStatus::Error
        } else {
            SpanStatus::Ok
        },
        trace_id: Some(id(arrival.trace)),
        parent_span_id: Some(SpanId([1; 8])),
        attributes: vec![("tier".to_owned(), Value::Int(i64::from(arrival.tier)))],
        ..Event::default()
    }
}

fn members(count: usize) -> Members {
    Members::new(count as u64, (0..count).map(|n| format!("replica-{n}"))).unwrap()
}

/// What each trace comes to when `route` says which of `count` replicas a span goes to.
fn decide(
    plan: &Arc<Plan>,
    count: usize,
    arrivals: &[Arrival],
    route: impl Fn(TraceId, u64) -> usize,
) -> BTreeMap<u8, Verdict> {
    let sampler = || Sampler::new(Arc::clone(plan), Limits::default());
    let mut replicas: Vec<Sampler> = (0..count).map(|_| sampler()).collect();
    let mut verdicts = BTreeMap::new();
    let settle = |replicas: &mut Vec<Sampler>, verdicts: &mut BTreeMap<u8, Verdict>, now| {
        for i in 0..replicas.len() {
            for decision in replicas[i].tick(now) {
                let trace = decision.trace_id.0[7];
                verdicts.entry(trace).or_insert(decision.verdict);
                // The log of decisions: the others take what was decided first, but for a
                // failure that one of them has.
                let first = verdicts[&trace];
                let others = replicas.iter_mut().enumerate().filter(|(j, _)| i != *j);
                for (_, other) in others {
                    if let Some(taken) = other.remember(decision.trace_id, first, now)
                        && taken.verdict != first
                    {
                        verdicts.insert(trace, taken.verdict);
                    }
                }
            }
        }
    };
    for arrival in arrivals {
        settle(&mut replicas, &mut verdicts, arrival.at);
        let event = span(arrival);
        let facts = plan.facts(&|bytes| bytes.len() as u64, &event);
        let header = SpanHeader::of(&event, 100, 0);
        let trace = id(arrival.trace);
        let replica = &mut replicas[route(trace, arrival.at)];
        if let Seen::Upgraded(verdict) = replica.observe(trace, &header, &facts, arrival.at) {
            verdicts.insert(arrival.trace, verdict);
        }
    }
    settle(&mut replicas, &mut verdicts, 1_000_000);
    verdicts
}

const RICH: &str = r#"
decision_wait = "2s"
[[policies]]
name = "errors"
type = "status_code"
status_code = { status_codes = ["ERROR"] }
[[policies]]
name = "slow"
type = "latency"
latency = { threshold_ms = 250 }
[[policies]]
name = "gold"
type = "and"
[policies.and]
and_sub_policy = [
  { name = "tier", type = "numeric_attribute",
    numeric_attribute = { key = "tier", min_value = 2 } },
  { name = "third", type = "probabilistic",
    probabilistic = { sampling_percentage = 33, mode = "consistent" } },
]
[[policies]]
name = "tenth"
type = "probabilistic"
probabilistic = { sampling_percentage = 10 }
"#;

const BY_ID: &str = r#"
decision_wait = "2s"
[[policies]]
name = "errors"
type = "status_code"
status_code = { status_codes = ["ERROR"] }
[[policies]]
name = "half"
type = "probabilistic"
probabilistic = { sampling_percentage = 50, mode = "consistent" }
"#;

fn plan(text: &str) -> Arc<Plan> {
    Arc::new(Plan::parse_native(text).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// All spans of a trace go to one replica, so what it decides is what one alone would.
    #[test]
    fn any_number_of_replicas_decides_alike(arrivals in arrivals()) {
        let plan = plan(RICH);
        let alone = decide(&plan, 1, &arrivals, |_, _| 0);
        for count in [3, 5] {
            let members = members(count);
            let many = decide(&plan, count, &arrivals, |id, _| owner(id, &members).0);
            prop_assert_eq!(&alone, &many);
        }
    }

    /// Members come and go while traces wait, and nothing is handed over: traces without an error
    /// come to the same, and of those with one more are kept at most.
    #[test]
    fn a_change_of_members_changes_no_verdict_without_an_error(
        arrivals in arrivals(),
        changes in prop::collection::vec((0..20_000_u64, 1..6_usize), 0..5),
    ) {
        let plan = plan(BY_ID);
        let alone = decide(&plan, 1, &arrivals, |_, _| 0);
        let many = decide(&plan, 5, &arrivals, |id, at| {
            let before = changes.iter().filter(|(when, _)| *when <= at);
            let latest = before.max_by_key(|(when, _)| *when);
            owner(id, &members(latest.map_or(3, |(_, count)| *count))).0
        });
        let failed: BTreeSet<u8> =
            arrivals.iter().filter(|a| a.is_error).map(|a| a.trace).collect();
        for (trace, verdict) in &alone {
            if failed.contains(trace) {
                prop_assert!(many[trace].keep || !verdict.keep);
            } else {
                prop_assert_eq!(verdict, &many[trace]);
            }
        }
    }

    /// A replica that knows only the id decides as the owner does, but for what needs the spans.
    #[test]
    fn without_state_the_id_decides(trace: u8, is_error: bool) {
        let arrival = Arrival { at: 0, trace, is_error, duration_ms: 1, tier: 0 };
        for text in [BY_ID, RICH] {
            let plan = plan(text);
            let owner = decide(&plan, 1, std::slice::from_ref(&arrival), |_, _| 0)[&trace];
            let header = SpanHeader::of(&span(&arrival), 100, 0);
            let other = plan.stateless(&header, id(trace));
            prop_assert_eq!(owner.keep, other.keep);
            prop_assert_eq!(owner.threshold, other.threshold);
        }
    }
}
