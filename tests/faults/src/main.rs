//! The fault matrix: seeds, each a schedule of faults on the way from redaction to export.
//!
//! The way: [`schedule`] draws what happens, [`world`] does it to a [`process`] put together from
//! the real vault, redaction, journal, store and export over a [`disk`] that fails as told, and
//! [`oracle`] compares what is stored, counted, kept and exported with what senders were told.
//! What is covered, and what is not: `docs/faults.md`.

mod disk;
mod draw;
mod fault;
mod frames;
mod oracle;
mod process;
mod receiver;
mod request;
mod schedule;
#[cfg(test)]
mod tests;
mod world;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail};

use crate::fault::{BREAKS, Break, FAULTS};
use crate::schedule::{Outcome, run};

const USAGE: &str = "usage: cordon-faults [--seeds N] [--seed S] [--break NAME] [--folder DIR]";
/// Seeds that are run where nobody says otherwise.
const SEEDS_COUNT: u64 = 200;
/// Violations of one seed that are told.
const VIOLATIONS_COUNT_MAX: usize = 8;

/// What was asked for.
struct Asked {
    seeds: std::ops::Range<u64>,
    broken: Option<Break>,
    folder: PathBuf,
}

fn main() -> ExitCode {
    match asked(std::env::args().skip(1)).and_then(|asked| matrix(&asked)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("faults: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked> {
    let mut asked = Asked {
        seeds: 0..SEEDS_COUNT,
        broken: None,
        folder: std::env::temp_dir(),
    };
    while let Some(argument) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{argument}: {USAGE}"))?;
        match argument.as_str() {
            "--seeds" => asked.seeds = 0..value.parse().context("read --seeds")?,
            "--seed" => {
                let seed = value.parse().context("read --seed")?;
                asked.seeds = seed..seed + 1;
            }
            "--break" => {
                let found = BREAKS.iter().find(|(_, name)| *name == value);
                let names = BREAKS.map(|(_, name)| name).join(", ");
                asked.broken = Some(found.with_context(|| format!("--break is {names}"))?.0);
            }
            "--folder" => asked.folder = value.into(),
            _ => bail!("{USAGE}"),
        }
    }
    Ok(asked)
}

/// Runs the seeds; whether all is well.
fn matrix(asked: &Asked) -> Result<bool> {
    let next = AtomicU64::new(asked.seeds.start);
    let outcomes: Mutex<Vec<(u64, Outcome)>> = Mutex::default();
    let processors = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= asked.seeds.end {
                        break;
                    }
                    let outcome = guarded(seed, asked.broken, &asked.folder);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push((seed, outcome));
                    }
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by_key(|(seed, _)| *seed);
    table(&outcomes);
    let failed = outcomes
        .iter()
        .filter(|(_, outcome)| !outcome.violations.is_empty());
    let mut is_well = outcomes.len() as u64 == asked.seeds.end - asked.seeds.start;
    for (seed, outcome) in failed {
        is_well = false;
        say(&format!(
            "\nseed {seed}; again: cargo xtask faults --seed {seed}"
        ));
        for violation in outcome.violations.iter().take(VIOLATIONS_COUNT_MAX) {
            say(&format!("  {violation}"));
        }
    }
    Ok(is_well)
}

/// A seed that panics has failed.
fn guarded(seed: u64, broken: Option<Break>, folder: &Path) -> Outcome {
    catch_unwind(|| run(seed, broken, folder)).unwrap_or_else(|_| Outcome {
        violations: vec!["it panicked".to_owned()],
        ..Outcome::default()
    })
}

/// A row for each kind, over the seeds in which it came about.
fn table(outcomes: &[(u64, Outcome)]) {
    say(
        "| fault | seeds | injected | acknowledged events | stored once | damaged and told \
         | in a damaged store | violations |",
    );
    say("|---|---|---|---|---|---|---|---|");
    for fault in FAULTS {
        let own = outcomes
            .iter()
            .filter(|(_, outcome)| outcome.fired.contains_key(&fault));
        row(
            fault.as_str(),
            own.clone(),
            own.filter_map(|(_, o)| o.fired.get(&fault)).sum(),
        );
    }
    let injected = outcomes
        .iter()
        .flat_map(|(_, outcome)| outcome.fired.values())
        .sum();
    row("all", outcomes.iter(), injected);
}

fn row<'a>(name: &str, outcomes: impl Iterator<Item = &'a (u64, Outcome)>, injected: u64) {
    let mut sums = [0; 6];
    for (_, outcome) in outcomes {
        let (own, violations) = (outcome.sums, outcome.violations.len() as u64);
        let own = [
            1,
            own.acknowledged,
            own.stored,
            own.damaged,
            own.doubtful,
            violations,
        ];
        for (sum, own) in sums.iter_mut().zip(own) {
            *sum += own;
        }
    }
    let [seeds, acknowledged, stored, damaged, doubtful, violations] = sums;
    say(&format!(
        "| {name} | {seeds} | {injected} | {acknowledged} | {stored} | {damaged} | {doubtful} \
         | {violations} |"
    ));
}

#[expect(
    clippy::print_stdout,
    reason = "what the matrix has to say goes to its caller"
)]
fn say(line: &str) {
    println!("{line}");
}
