//! What traces that wait for their decision take in memory, and that a bound of it is kept.

use std::path::{Path, PathBuf};

use cordon_bench_gateway::spans_of;

use crate::load::send;
use crate::receivers::configured;

/// Traces that wait at once, and spans of each.
const TRACES_COUNT: usize = 100_000;
const TRACE_SPANS_COUNT: usize = 20;
/// Traces of one request.
const REQUEST_TRACES_COUNT: usize = 25;
/// Requests that are made at a time: the sender's memory is not what is measured.
const MADE_COUNT: usize = 200;
/// Memory of the group that is bounded, in MiB: what the process takes by itself, and much less
/// than its files would fill in the page cache.
const GROUP_MIB: u64 = 512;
/// Where groups are made: version 2, and version 1.
const GROUPS: [(&str, &str); 2] = [
    ("/sys/fs/cgroup", "memory.max"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
];

/// Prints the table.
pub(crate) fn table(binary: &Path, below: &Path) {
    println!("\n{TRACES_COUNT} traces of {TRACE_SPANS_COUNT} spans wait for their decision:\n");
    println!(
        "| | wire, MiB | summaries and verdicts, MiB | peak of the process, MiB | peak / wire |"
    );
    println!("|---|---|---|---|---|");
    row("no bound", binary, below, None);
    match group() {
        Some(group) => {
            row(
                &format!("bound to {GROUP_MIB} MiB"),
                binary,
                below,
                Some(&group),
            );
            // What is still in it has ended.
            let _ = std::fs::remove_dir(&group);
        }
        None => {
            println!("| bound to {GROUP_MIB} MiB | no group of processes can be made here | | | |");
        }
    }
}

fn row(what: &str, binary: &Path, below: &Path, group: Option<&Path>) {
    let plan = below.join("live-plan.toml");
    let text = "version = 1\ndecision_wait = \"10h\"\nnum_traces = 200000\n\
                [[policies]]\nname = \"errors\"\ntype = \"status_code\"\n\
                status_code = { status_codes = [\"ERROR\"] }\n\
                [[policies]]\nname = \"slow\"\ntype = \"latency\"\n\
                latency = { threshold_ms = 500 }\n";
    std::fs::write(&plan, text).unwrap();
    let config = format!("[sampling]\nplan = \"{}\"\n", plan.display());
    let mut gateway = configured(binary, below, &config, group);
    let requests_count = TRACES_COUNT / REQUEST_TRACES_COUNT;
    let spans_count = REQUEST_TRACES_COUNT * TRACE_SPANS_COUNT;
    let mut wire_bytes = 0;
    for begin in (0..requests_count).step_by(MADE_COUNT) {
        let numbers = begin..(begin + MADE_COUNT).min(requests_count);
        let make = |n: usize| spans_of(n as u64, TRACE_SPANS_COUNT, spans_count);
        let bodies: Vec<_> = numbers.map(make).collect();
        wire_bytes += bodies.iter().map(Vec::len).sum::<usize>();
        let token = &gateway.token;
        send(
            gateway.http,
            "/v1/traces",
            token,
            &bodies,
            bodies.len() as u64,
        );
    }
    let mut metrics = gateway.metrics();
    while metric(&metrics, "cordon_sampler_live_traces{") < TRACES_COUNT as u64 {
        assert!(gateway.runs(), "the gateway ended");
        std::thread::park_timeout(std::time::Duration::from_millis(100));
        metrics = gateway.metrics();
    }
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let (wire, peak) = (mib(wire_bytes as u64), gateway.peak_mib());
    println!(
        "| {what} | {wire:.0} | {:.0} | {peak} | {:.2} |",
        mib(metric(&metrics, "cordon_sampler_used_bytes{")),
        peak as f64 / wire,
    );
}

/// The value of the first metric whose line begins so.
fn metric(text: &str, head: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(head));
    let value = line.and_then(|line| line.rsplit(' ').next());
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or_default()
}

/// A group of processes with a bound, where one can be made.
fn group() -> Option<PathBuf> {
    GROUPS.iter().find_map(|(root, bound)| {
        let group = Path::new(root).join(format!("cordon-bench-{}", std::process::id()));
        std::fs::create_dir(&group).ok()?;
        let bytes = (GROUP_MIB << 20).to_string();
        // A folder in which nothing appears by itself is no group.
        if group.join(bound).exists() && std::fs::write(group.join(bound), bytes).is_ok() {
            return Some(group);
        }
        // Of no use without its bound.
        let _ = std::fs::remove_dir(&group);
        None
    })
}
