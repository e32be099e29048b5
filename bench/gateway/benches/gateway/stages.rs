//! What each stage of the way in costs, in processor time of one thread.

use std::sync::Arc;
use std::time::Duration;

use cordon_bench_gateway::{RECORDS_COUNT, logs, spans};
use cordon_event::{Region, TenantId};
use cordon_journal::{Cursor, Journal};
use cordon_receive::{Format, decode};
use cordon_redact::{BatchMeta, EventRedactor, Policy, Redactor, Stored as _};
use cordon_vault::Vault;
use rustix::time::{ClockId, clock_gettime};

/// Distinct bodies and rounds over them, of which the fastest counts.
const FULL: (u64, usize) = (64, 5);
/// The same for a profiler, under which everything takes fifty times as long.
const QUICK: (u64, usize) = (8, 2);

fn used() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.cast_unsigned(), now.tv_nsec as u32)
}

/// Nanoseconds a record of each stage.
pub(crate) fn table(is_quick: bool) {
    let (bodies_count, rounds) = if is_quick { QUICK } else { FULL };
    println!("| stage | ns a span | ns a log record |");
    println!("|---|---|---|");
    let bodies = |make: fn(u64) -> Vec<u8>| (0..bodies_count).map(make).collect::<Vec<_>>();
    let (spans, logs) = (bodies(spans), bodies(logs));
    let of_spans = stages(&spans, Format::TracesProtobuf, rounds);
    let of_logs = stages(&logs, Format::LogsProtobuf, rounds);
    for ((name, spans), (_, logs)) in of_spans.iter().zip(&of_logs) {
        println!("| {name} | {spans:.0} | {logs:.0} |");
    }
}

fn stages(bodies: &[Vec<u8>], format: Format, rounds: usize) -> Vec<(&'static str, f64)> {
    let dir = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::open(&dir.path().join("keys")).unwrap());
    let (tenant, region) = (
        TenantId::parse("shop").unwrap(),
        Region::parse("eu").unwrap(),
    );
    vault.create_tenant(&tenant, &region).unwrap();
    let keys = vault.tenant(&tenant).unwrap();
    let redactor = Arc::new(Redactor::new(Policy::default()).unwrap());
    let mut redactor = EventRedactor::shared(redactor, Box::new(keys.clone()));
    let (journal, _) = Journal::open(
        &dir.path().join("journal"),
        vault.clone(),
        cordon_journal::Limits::default(),
        Cursor::default(),
    )
    .unwrap();
    let limits = cordon_receive::Limits::default();
    let mut best = [Duration::MAX; 4];
    for _ in 0..rounds {
        let mut sum = [Duration::ZERO; 4];
        for body in bodies {
            let t0 = used();
            let decoded = decode(format, body, &limits).unwrap();
            let t1 = used();
            let meta = BatchMeta {
                tenant: tenant.clone(),
                region: region.clone(),
                request_mac: keys.request_mac(body),
                received_unix_ns: 1_767_323_045_000_000_000,
                facts: Vec::new(),
            };
            let outcome = redactor.batch(decoded.events, meta);
            let t2 = used();
            let encoded = outcome.batch.get().encode();
            let t3 = used();
            drop(std::hint::black_box(encoded));
            let ticket = journal.append(&outcome.batch).unwrap();
            let t4 = used();
            ticket.wait().unwrap();
            let times = [t0, t1, t2, t3, t4];
            for (sum, between) in sum.iter_mut().zip(times.windows(2)) {
                if let [begun, done] = between {
                    *sum += done.saturating_sub(*begun);
                }
            }
        }
        for (best, sum) in best.iter_mut().zip(sum) {
            *best = (*best).min(sum);
        }
    }
    let records = (bodies.len() * RECORDS_COUNT) as f64;
    let names = ["decode", "redact", "encode", "append (encodes too)"];
    let ns = best.map(|time| time.as_nanos() as f64 / records);
    names.into_iter().zip(ns).collect()
}
