//! `cargo xtask bench redact-policy`: what a tenant's own policy adds to the cost of redaction, on
//! lines and events in which next to nothing is found.
//!
//! Times are processor time of the one thread; the ratios of one run are what counts.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cordon_event::{Class, Event, Raw, Value};
use cordon_redact::{
    Action, Actions, KnownSet, Policy, PseudonymMac, Redactor, Schema, Unknown, ValueTypes,
};
use sha2::{Digest, Sha256};

/// Events of a round.
const EVENTS_COUNT: usize = 20_000;
/// Shortest time that a measurement takes.
const MEASURED_MIN: Duration = Duration::from_millis(600);

/// Keyed digests at about the price of the real ones.
struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let hash = Sha256::new().chain_update(kind).chain_update(canonical);
        hash.finalize().into()
    }

    fn hint(&self, candidate: &[u8]) -> u64 {
        let step = |h: u64, b: &u8| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        candidate.iter().fold(0xcbf2_9ce4_8422_2325, step)
    }
}

fn event(n: usize) -> Event {
    let payload = format!(r#"{{"sku":"s{n}","count":{},"note":"as ordered"}}"#, n % 9);
    Event {
        body: format!(
            "acquired connection {n} from pool, {} idle, waited 3 ms",
            n % 40
        )
        .into(),
        attributes: vec![
            ("http.route".to_owned(), "/api/v1/orders/{id}".into()),
            ("http.response.status_code".to_owned(), Value::Int(200)),
            ("thread.name".to_owned(), "worker-7".into()),
            ("payload".to_owned(), payload.as_str().into()),
        ],
        resource: vec![("service.name".to_owned(), "shop".into())].into(),
        ..Event::default()
    }
}

/// Processor time of this thread; wall time where the system does not tell.
fn used(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.and_then(|text| text.split(' ').next()?.parse().ok());
    ns.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Nanoseconds of processor time for each event.
fn cost(policy: Policy) -> f64 {
    let redactor = Redactor::new(policy).unwrap();
    let round = || {
        for n in 0..EVENTS_COUNT {
            black_box(redactor.event(&Mac, Raw::new(event(n))).verdict);
        }
    };
    let epoch = Instant::now();
    round();
    let (begun, mut rounds) = (used(epoch), 0_u32);
    loop {
        round();
        rounds += 1;
        let taken = used(epoch).saturating_sub(begun);
        if taken >= MEASURED_MIN {
            let events = f64::from(rounds) * EVENTS_COUNT as f64;
            return taken.as_secs_f64() * 1e9 / events;
        }
    }
}

fn schema() -> Schema {
    let mut schema = Schema::default();
    for (path, name) in [
        ("attributes.payload.sku", "string"),
        ("attributes.payload.count", "int"),
        ("attributes.thread.name", "string"),
    ] {
        let types = ValueTypes::default().with(name).unwrap();
        schema.approve(path, Class::C, types).unwrap();
    }
    schema
}

fn main() {
    let none = Policy::default;
    let canaries = |count: usize| -> Vec<String> {
        (0..count)
            .map(|n| format!("Tulip{n:05}gardenZq9"))
            .collect()
    };
    let secrets: Vec<String> = (0..10_000).map(|n| format!("Tulip{n:05}garden")).collect();
    let mut masks = Actions::default();
    masks.set("class_b", Action::Mask).unwrap();
    let schema = |unknown| Policy {
        schema: schema(),
        unknown,
        free_text: unknown,
        ..none()
    };
    let plain = cost(none());
    println!("| policy | ns an event | of none |");
    println!("|---|---|---|");
    println!("| none | {plain:.0} | 1.00 |");
    for (name, policy) in [
        (
            "class B masked",
            Policy {
                actions: masks,
                ..none()
            },
        ),
        (
            "8 canaries",
            Policy {
                canaries: canaries(8),
                ..none()
            },
        ),
        (
            "2,000 canaries",
            Policy {
                canaries: canaries(2_000),
                ..none()
            },
        ),
        (
            "10,000 known secrets",
            Policy {
                known: KnownSet::of(&Mac, secrets.iter().map(String::as_str)),
                ..none()
            },
        ),
        ("schema, the rest scanned", schema(Unknown::Scan)),
        ("schema, the rest as a template", schema(Unknown::Template)),
        ("schema, the rest dropped", schema(Unknown::Drop)),
    ] {
        let taken = cost(policy);
        println!("| {name} | {taken:.0} | {:.2} |", taken / plain);
    }
}
