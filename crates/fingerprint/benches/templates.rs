//! `cargo xtask bench templates`: lines a second of processor time, from the raw line with its
//! header to its merged template, for each labelled format and for a mix of a million lines.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

#[path = "../tests/labelled/mod.rs"]
#[expect(dead_code, reason = "the score is for the other benchmark")]
mod labelled;

use std::hint::black_box;
use std::time::{Duration, Instant};

use cordon_fingerprint::{Miner, ShapeNo, header};
use labelled::{SEED, all};

/// Lines of a format.
const LINES_COUNT: usize = 60_000;
/// Lines of the mix.
const MIX_COUNT: usize = 1_000_000;
/// Rounds, of which the fastest counts.
const ROUNDS: usize = 3;

/// Processor time of this thread; wall time where the system does not tell.
fn used(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.and_then(|text| text.split(' ').next()?.parse().ok());
    ns.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The least time that a round takes.
fn fastest(round: impl Fn()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let epoch = Instant::now();
        let begun = used(epoch);
        round();
        used(epoch).saturating_sub(begun)
    });
    times.min().unwrap()
}

/// A row of the table.
fn row(name: &str, lines: &[String]) {
    let headers = fastest(|| {
        for line in lines {
            black_box(header::read(line));
        }
    });
    let add = || {
        let mut miner = Miner::new();
        let shapes: Vec<ShapeNo> = lines.iter().map(|line| miner.add(line)).collect();
        (miner, shapes)
    };
    let shapes = fastest(|| drop(black_box(add())));
    let all = fastest(|| {
        let (miner, shapes) = add();
        let merged = miner.merge();
        for shape in &shapes {
            black_box(merged.place(*shape));
        }
    });
    let (miner, _) = add();
    let bytes: usize = lines.iter().map(String::len).sum();
    let a_second = |time: Duration| lines.len() as f64 / time.as_secs_f64() / 1e6;
    println!(
        "| {name} | {} | {} | {} | {:.2} | {:.2} | {:.2} |",
        lines.len(),
        bytes / lines.len(),
        miner.shapes_count(),
        a_second(headers),
        a_second(shapes),
        a_second(all)
    );
}

fn main() {
    println!("Millions of lines a second of processor time, one thread.\n");
    println!(
        "| format | lines | bytes a line | shapes | headers | headers, shapes | all, merged |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut mix = Vec::new();
    let sets = all();
    let of_mix = MIX_COUNT / sets.len();
    for (set, _) in sets {
        let drawn = set.lines(SEED, of_mix.max(LINES_COUNT));
        let lines: Vec<String> = drawn.iter().map(labelled::Line::whole).collect();
        row(set.name, &lines[..LINES_COUNT]);
        mix.extend(lines.into_iter().take(of_mix));
    }
    row("mix", &mix);
}
