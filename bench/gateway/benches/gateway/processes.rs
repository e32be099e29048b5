//! What receivers take a processor second, the same bodies for each, and how long they take to
//! answer.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cordon_bench_gateway::{RECORDS_COUNT, logs, spans};

use crate::load::{CONNECTIONS_COUNT, send};
use crate::receivers::{Receiver, discard, gateway, rival, rival_program};

/// Distinct bodies.
const BODIES_COUNT: u64 = 256;
/// Requests before the measure, that make what is made once.
const WARM_COUNT: u64 = 400;
/// Requests of the measure.
const REQUESTS_COUNT: u64 = 4_000;
/// Bytes that are written before each sync of the bare disk: about what a group is.
const GROUP_BYTES: usize = 256 << 10;
/// Syncs of the bare disk.
const SYNCS_COUNT: usize = 200;

/// Prints the table.
pub(crate) fn table(binary: &Path, below: &Path) {
    let sync = bare_sync(below);
    println!(
        "fdatasync of {} KiB here: p99 {:.1} ms\n",
        GROUP_BYTES >> 10,
        ms(sync)
    );
    println!(
        "| receiver | records | k a CPU-second | with the store | ack p50, ms | p99, ms | \
         peak, MiB | 503s |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (name, path) in [("spans", "/v1/traces"), ("log records", "/v1/logs")] {
        let make = if name == "spans" { spans } else { logs };
        let bodies: Vec<_> = (0..BODIES_COUNT).map(make).collect();
        row("receive and discard", (name, path), &bodies, &discard());
        let full = "receive, redact, seal, fsync, acknowledge";
        row(full, (name, path), &bodies, &gateway(binary, below));
        match rival_program().and_then(|program| rival(&program)) {
            Some(rival) => row("rotel, blackhole", (name, path), &bodies, &rival),
            None => println!("| rotel, blackhole | {name} | not installed | | | | | |"),
        }
    }
    println!("\n{CONNECTIONS_COUNT} connections, {RECORDS_COUNT} records a request");
}

fn row(what: &str, (name, path): (&str, &str), bodies: &[Vec<u8>], receiver: &Receiver) {
    let load = |count| send(receiver.http, path, &receiver.token, bodies, count);
    load(WARM_COUNT);
    let before = receiver.used();
    let sent = load(REQUESTS_COUNT);
    let used = receiver.used().since(&before);
    let records = (REQUESTS_COUNT * RECORDS_COUNT as u64) as f64;
    println!(
        "| {what} | {name} | {:.0} | {:.0} | {:.1} | {:.1} | {} | {} |",
        records / used.until_answer.as_secs_f64() / 1e3,
        records / used.all.as_secs_f64() / 1e3,
        ms(sent.quantile(0.5)),
        ms(sent.quantile(0.99)),
        receiver.peak_mib(),
        sent.refusals,
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The time within which 99 of 100 syncs of a bare file are done.
fn bare_sync(below: &Path) -> Duration {
    let path: PathBuf = below.join("bare-sync");
    let mut file = File::create(&path).unwrap();
    let block = vec![0x5a; GROUP_BYTES];
    let mut times: Vec<Duration> = (0..SYNCS_COUNT)
        .map(|_| {
            file.write_all(&block).unwrap();
            let begun = Instant::now();
            file.sync_data().unwrap();
            begun.elapsed()
        })
        .collect();
    std::fs::remove_file(&path).unwrap();
    times.sort_unstable();
    times
        .get(SYNCS_COUNT * 99 / 100)
        .copied()
        .unwrap_or_default()
}
