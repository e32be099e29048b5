//! `cargo xtask bench crash [COUNT]`: mutated dumps of every kind, in batches, each in a process
//! behind walls: no crash, no hang, memory under the cap.
//!
//! A batch reads many dumps in one process, so that ten thousand are a matter of a minute: an input
//! that crashed it, or made it hang, is named by the batch's seed and its number. A process that
//! reads ten thousand dumps under the address space of a worker shows more than that each of them
//! stays below it.
//!
//! A mutation that copies text over a debug id or a module's name is told as `value_left`: neither
//! is a value in a dump that a system wrote, and names are redacted by the caller of the worker.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a chore: it says what it needs by failing, and what it found by printing"
)]

#[path = "../tests/support/synthetic.rs"]
mod synthetic;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cordon_crash::{strip_here, worker_limits};
use cordon_sandbox::{Exit, Filter, Limits, Mode};
use synthetic::{FUNCTIONS, KINDS, VALUES, dump};

/// Mutated dumps, where nothing is said.
const COUNT: u64 = 10_000;
/// Dumps that one process reads.
const BATCH_COUNT: u64 = 500;
/// What a batch is started with.
const BATCH: &str = "--batch";
/// Writes one of the mutated dumps, by its number.
const ONE: &str = "--write";
/// Memory that a batch may have: a sixth of a worker's.
const MEMORY_KIB_MAX: u64 = 512 << 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let arguments: Vec<&str> = arguments
        .into_iter()
        .filter(|word| *word != "--bench")
        .collect();
    match arguments.as_slice() {
        [BATCH, first] => batch(first.parse().expect("a number")),
        [ONE, number, out] => std::fs::write(out, numbered(number.parse().expect("a number")).1)
            .expect("a file to write"),
        [] => all(COUNT),
        [count] => all(count.parse().expect("a number of dumps")),
        _ => panic!("usage: crash [COUNT | --write NUMBER OUT]"),
    }
}

/// Runs the batches and adds up what they say.
fn all(count: u64) {
    let filter = Filter::detect(Mode::Bubblewrap, &["/usr/bin", "/bin"].map(PathBuf::from));
    let filter = filter.expect("needs bubblewrap");
    let limits = Limits {
        wall: Duration::from_mins(5),
        cpu_s_max: 300,
        memory_kib_max: MEMORY_KIB_MAX,
        ..worker_limits()
    };
    let own = std::env::current_exe().unwrap();
    let begun = Instant::now();
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    let mut slowest_us = 0;
    for first in (0..count).step_by(BATCH_COUNT as usize) {
        let input = Box::new(std::io::empty());
        let arguments = [BATCH, &first.to_string()];
        let run = filter.run(&own, &arguments, input, &limits).unwrap();
        assert_eq!(
            run.exit,
            Exit::Code(0),
            "batch {first} crashed, hung or met a limit"
        );
        for line in String::from_utf8(run.stdout).unwrap().lines() {
            let (name, number) = line.split_once(' ').unwrap();
            let number: u64 = number.parse().unwrap();
            match name {
                "resident_kib" => {}
                "slowest_us" => slowest_us = number.max(slowest_us),
                _ if name.starts_with("finding_") => println!("{name}: dump {number}"),
                _ => *outcomes.entry(name.to_owned()).or_default() += number,
            }
        }
    }
    // Behind walls nothing tells how much memory was in use; the same batch tells it without.
    let open = Filter::detect(Mode::Process, &[]).unwrap();
    let input = Box::new(std::io::empty());
    let run = open.run(&own, &[BATCH, "0"], input, &limits).unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    let resident_kib = told
        .lines()
        .find_map(|line| line.strip_prefix("resident_kib "));
    let read: u64 = outcomes.values().sum();
    println!(
        "{read} mutated dumps in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    for (outcome, number) in &outcomes {
        println!("  {number:>6}  {outcome}");
    }
    println!(
        "  slowest {slowest_us} us; no process had more than {MEMORY_KIB_MAX} KiB of address space"
    );
    println!(
        "  {} KiB resident at most in the first batch",
        resident_kib.unwrap_or("unknown")
    );
    assert!(!outcomes.contains_key("panicked"), "a panic is a finding");
}

/// The mutated dump of that number, and which kind it was.
fn numbered(number: u64) -> (usize, Vec<u8>) {
    let kind = (number % KINDS.len() as u64) as usize;
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (kind, mutated(&dump(KINDS[kind]), &mut random))
}

/// Reads one batch of mutated dumps in this process.
fn batch(first: u64) {
    std::panic::set_hook(Box::new(|_| {}));
    let symbols: Vec<Vec<u8>> = KINDS.map(synthetic::Kind::symbols).to_vec();
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut slowest_us = 0;
    for number in first..first + BATCH_COUNT {
        let (kind, bytes) = numbered(number);
        let files = vec![symbols[kind].clone()];
        let begun = Instant::now();
        let read = catch_unwind(|| strip_here(&bytes, files));
        slowest_us = slowest_us.max(begun.elapsed().as_micros());
        let outcome = match read {
            Err(_) => "panicked",
            Ok(Err(refusal)) => refusal.code(),
            Ok(Ok(stripped)) if holds_value(&stripped) => "value_left",
            Ok(Ok(_)) => "read",
        };
        if ["panicked", "value_left"].contains(&outcome) {
            println!("finding_{outcome} {number}");
        }
        *outcomes.entry(outcome).or_default() += 1;
    }
    for (outcome, count) in outcomes {
        println!("{outcome} {count}");
    }
    println!("slowest_us {slowest_us}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    if let Some(most) = most {
        println!("resident_kib {}", most.trim().trim_end_matches(" kB"));
    }
    assert_eq!(FUNCTIONS.len(), 2);
}

/// Whether eight letters of a value are in the bytes, in UTF-8 or UTF-16.
fn holds_value(bytes: &[u8]) -> bool {
    VALUES.iter().any(|value| {
        let narrow = &value.as_bytes()[..8];
        let wide: Vec<u8> = value
            .encode_utf16()
            .take(8)
            .flat_map(u16::to_le_bytes)
            .collect();
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        holds(narrow) || holds(&wide)
    })
}

/// Numbers from a seed: xorshift, for mutation.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end.max(1)
    }
}

/// Numbers that lengths, counts and places go wrong at.
const EDGES: [u32; 12] = [
    0,
    1,
    2,
    7,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    0xffff_fffe,
    0xffff_ffff,
];

/// Flips bits, cuts off, overwrites numbers, exchanges pieces, repeats entries of the directory.
fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        let directory = at % 700;
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes.truncate(at.max(4)),
            // Of the header, the directory and the lists: there the numbers are.
            2 => set(&mut bytes, directory & !3, EDGES[random.below(EDGES.len())]),
            3 => set(&mut bytes, at & !3, EDGES[random.below(EDGES.len())]),
            4 => {
                let length = bytes.len() as u32;
                let near = length
                    .wrapping_add(random.below(64) as u32)
                    .wrapping_sub(32);
                set(&mut bytes, directory & !3, near);
            }
            5 => {
                let from = random.below(bytes.len());
                let length = random
                    .below(64)
                    .min(bytes.len() - from)
                    .min(bytes.len() - at);
                bytes.copy_within(from..from + length, at);
            }
            6 => {
                let value = random.next() as u32;
                set(&mut bytes, at & !3, value);
            }
            _ => {
                let entry = 32 + 12 * random.below(20);
                let other = 32 + 12 * random.below(20);
                if entry.max(other) + 12 <= bytes.len() {
                    bytes.copy_within(entry..entry + 12, other);
                }
            }
        }
    }
    bytes
}

fn set(bytes: &mut [u8], at: usize, value: u32) {
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&value.to_le_bytes());
    }
}
