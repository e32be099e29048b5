//! What facts, a span and a decision cost, in nanoseconds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement says what it needs by failing"
)]

use std::sync::Arc;
use std::time::Instant;

use cordon_event::{Event, Kind, SpanId, TraceId, Value};
use cordon_sample::{Limits, Plan, Sampler, SpanHeader};

const PLAN: &str = r#"
num_traces = 100000
[[policies]]
name = "errors"
type = "status_code"
status_code = { status_codes = ["ERROR"] }
[[policies]]
name = "slow"
type = "latency"
latency = { threshold_ms = 500 }
[[policies]]
name = "tier"
type = "string_attribute"
string_attribute = { key = "tier", values = ["gold"] }
[[policies]]
name = "tenth"
type = "probabilistic"
probabilistic = { sampling_percentage = 10 }
[samplers.__default__.EMADynamicSampler]
GoalSampleRate = 10
FieldList = ["http.route", "http.response.status_code"]
"#;

const TRACES: u64 = 50_000;
const SPANS: u64 = 10;

fn event() -> Event {
    let attribute = |n: usize| (format!("attribute.{n}"), Value::from("value"));
    let mut attributes: Vec<_> = (0..10).map(attribute).collect();
    attributes.push(("http.route".to_owned(), Value::from("/orders/{id}")));
    attributes.push(("http.response.status_code".to_owned(), Value::Int(200)));
    Event {
        kind: Kind::Span,
        time_unix_ns: 1_000_000,
        end_unix_ns: 2_000_000,
        parent_span_id: Some(SpanId([1; 8])),
        attributes,
        ..Event::default()
    }
}

fn id(trace: u64) -> TraceId {
    let spread = trace.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TraceId((u128::from(trace) << 64 | u128::from(spread)).to_be_bytes())
}

fn main() {
    let plan = Arc::new(Plan::parse_native(PLAN).unwrap());
    let event = event();
    let mac = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(7_u64, |hash, b| hash * 31 + u64::from(*b) % 97)
    };
    let mac = |bytes: &[u8]| mac(bytes.get(..8).unwrap_or(bytes));
    let per = |begun: Instant, count: u64| begun.elapsed().as_nanos() as u64 / count;
    let begun = Instant::now();
    for _ in 0..TRACES {
        std::hint::black_box(plan.facts(&mac, &event));
    }
    println!("facts    {} ns a span", per(begun, TRACES));
    let facts = plan.facts(&mac, &event);
    let header = SpanHeader::of(&event, 400, 0);
    let mut sampler = Sampler::new(plan, Limits::default());
    let begun = Instant::now();
    for span in 0..SPANS {
        for trace in 0..TRACES {
            sampler.observe(id(trace), &header, &facts, span);
        }
    }
    println!("observe  {} ns a span", per(begun, TRACES * SPANS));
    println!(
        "memory   {} bytes a trace",
        sampler.used_bytes() as u64 / TRACES
    );
    let begun = Instant::now();
    let mut decided = 0;
    while sampler.live_count() > 0 {
        decided += sampler.tick(1_000_000).len() as u64;
    }
    println!("decide   {} ns a trace", per(begun, decided));
}
