//! `cargo xtask bench plain-logs`: the processor time of `cordon diagnose` over a million lines on
//! stdin, from the raw line to the answer, all threads of the program together.
//!
//! The lines are those of a shop: requests with addresses, mails with mail addresses, orders,
//! a cache, jobs; of the last three tenths, one line in fifty is an error that was never there.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

use std::fmt::Write as _;
use std::fs::File;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Lines that are read.
const LINES_COUNT: u64 = 1_000_000;
/// Line from which on something is wrong.
const WRONG_FROM: u64 = 700_000;
/// One line in so many is the error, from there on.
const WRONG_EVERY: u64 = 50;
/// Rounds, of which the fastest counts.
const ROUNDS: usize = 3;
/// Clock ticks a second, as the system counts processor time.
const TICKS_PER_S: f64 = 100.0;
/// Where the processor time of children that ended stands behind the name in `/proc/self/stat`.
const CHILDREN: [usize; 2] = [13, 14];

/// Numbers by chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % limit
    }
}

/// A line's message, by what the shop does.
fn message(chance: &mut Chance, wrong: bool) -> String {
    let mut n = |limit| chance.below(limit);
    if wrong {
        let order = n(10_000_000);
        return format!(
            "ERROR [worker-{}] shop.orders: charge failed for order {order}: gateway timeout \
             after 30 s",
            n(17)
        );
    }
    match n(100) {
        0..40 => format!(
            "INFO [worker-{}] shop.orders: order {} of account {} placed in {} ms",
            n(17),
            n(10_000_000),
            n(100_000),
            n(900)
        ),
        40..60 => format!(
            "DEBUG [worker-{}] shop.cache: hit for key item:{} age {}.{}s",
            n(17),
            n(9_000),
            n(90),
            n(10)
        ),
        60..75 => format!(
            "INFO [http-{}] shop.access: GET /products/{}?ref=page 200 {} {}ms 198.51.100.{}",
            n(10),
            n(90_000),
            n(90_000),
            n(400),
            n(256)
        ),
        75..90 => format!(
            "INFO [worker-{}] shop.stock: reserved {} of SKU-{} at rack {}-{}",
            n(17),
            n(9),
            n(90_000),
            char::from(b'A' + n(6) as u8),
            n(99)
        ),
        90..97 => format!(
            "WARN [worker-{}] shop.mail: mail to buyer{}@example.org delayed, attempt {}",
            n(17),
            n(10_000),
            n(5)
        ),
        _ => format!(
            "INFO [timer] shop.jobs: job sync done, {} rows in {}.{} s",
            n(10_000),
            n(9),
            n(100)
        ),
    }
}

fn log() -> String {
    let mut chance = Chance(0x5eed_0001);
    let mut out = String::new();
    let mut ms = 0;
    for line in 0..LINES_COUNT {
        ms += chance.below(10);
        let (s, minute, hour) = (ms / 1_000 % 60, ms / 60_000 % 60, 8 + ms / 3_600_000);
        let wrong = line >= WRONG_FROM && line % WRONG_EVERY == 0;
        let message = message(&mut chance, wrong);
        let ms = ms % 1_000;
        writeln!(
            out,
            "2027-01-15 {hour:02}:{minute:02}:{s:02},{ms:03} {message}"
        )
        .unwrap();
    }
    out
}

/// Processor time in seconds of all children that ended.
fn of_children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
    CHILDREN.iter().map(|at| ticks(*at)).sum::<f64>() / TICKS_PER_S
}

/// Processor time in seconds of one diagnosis.
fn diagnosed(folder: &TempDir) -> f64 {
    let before = of_children();
    let answer = Command::new(env!("CARGO_BIN_EXE_cordon"))
        .args(["diagnose", "--json"])
        .stdin(File::open(folder.path().join("app.log")).unwrap())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(answer.status.success(), "the diagnosis ends well");
    let answer = String::from_utf8(answer.stdout).unwrap();
    assert!(answer.contains("gateway timeout"), "{answer}");
    of_children() - before
}

fn main() {
    let folder = TempDir::new().unwrap();
    let log = log();
    std::fs::write(folder.path().join("app.log"), &log).unwrap();
    let least = (0..ROUNDS)
        .map(|_| diagnosed(&folder))
        .fold(f64::INFINITY, f64::min);
    println!("Seconds of processor time, all threads, the least of {ROUNDS} rounds.\n");
    println!("| lines | MB | s |\n|---|---|---|");
    println!("| {LINES_COUNT} | {} | {least:.2} |", log.len() / 1_000_000);
}
