//! `cargo xtask faults`: seeded faults on the parts, and real kills of the binary.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{engines, run, say, steps};

/// The kills, beside the other end-to-end tests.
pub(crate) const KILLS: &str = "tests/e2e/test_faults.py";
/// Memory as a folder: the seeds' disk is a model, and a real one would only be waited for.
const MEMORY: &str = "/dev/shm";
/// Seeds and kills where nobody says otherwise.
const SEEDS_COUNT: u64 = 200;
const KILLS_COUNT: u64 = 10;

/// What is to be run.
#[derive(Debug, PartialEq, Eq)]
struct Chosen<'a> {
    seeds_count: u64,
    kills_count: u64,
    /// One seed alone, and no kills.
    seed: Option<u64>,
    /// A guard that is taken away in it, or in all seeds.
    broken: Option<&'a str>,
}

/// Runs what is asked for; fails where anything was violated.
pub(crate) fn faults(root: &Path, arguments: &[&str]) -> Result<()> {
    let chosen = choose(arguments)?;
    seeds(root, &chosen)?;
    if chosen.seed.is_some() || chosen.kills_count == 0 {
        return Ok(());
    }
    run(Command::new(engines::venv_bin(root).join("python3"))
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", KILLS])
        .current_dir(root)
        .env("CORDON_KILLS", chosen.kills_count.to_string())
        .env("CORDON_BIN", steps::binary(root)?))
}

/// A step of the tests: as many as are asked for where nobody says otherwise.
pub(crate) fn step(root: &Path) -> Result<()> {
    faults(root, &[])
}

fn seeds(root: &Path, chosen: &Chosen<'_>) -> Result<()> {
    let memory = PathBuf::from(MEMORY);
    let folder = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--package", "cordon-faults", "--"]);
    command.arg("--folder").arg(folder).current_dir(root);
    match chosen.seed {
        Some(seed) => command.args(["--seed", &seed.to_string()]),
        None => command.args(["--seeds", &chosen.seeds_count.to_string()]),
    };
    command.args(chosen.broken.into_iter().flat_map(|name| ["--break", name]));
    say("seeds: vault, redaction, journal, store and export over a disk that fails");
    run(&mut command)
}

fn choose<'a>(arguments: &[&'a str]) -> Result<Chosen<'a>> {
    let mut chosen = Chosen {
        seeds_count: SEEDS_COUNT,
        kills_count: KILLS_COUNT,
        seed: None,
        broken: None,
    };
    let mut left = arguments.iter().copied();
    while let Some(argument) = left.next() {
        let value = left
            .next()
            .with_context(|| format!("{argument} wants a value"))?;
        let number = || value.parse().with_context(|| format!("read {argument}"));
        match argument {
            "--seeds" => chosen.seeds_count = number()?,
            "--kills" => chosen.kills_count = number()?,
            "--seed" => chosen.seed = Some(number()?),
            "--break" => chosen.broken = Some(value),
            _ => bail!("{argument}: there are --seeds, --kills, --seed and --break"),
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_chosen_or_stay_as_they_are() {
        let few = choose(&["--seeds", "3", "--break", "sync-skipped"]).unwrap();
        assert_eq!((few.seeds_count, few.kills_count), (3, KILLS_COUNT));
        assert_eq!(few.broken, Some("sync-skipped"));
        assert_eq!(choose(&["--seed", "7"]).unwrap().seed, Some(7));
        for wrong in [&["--seeds"][..], &["--kills", "many"], &["--storms", "1"]] {
            assert!(choose(wrong).is_err(), "{wrong:?}");
        }
    }
}
