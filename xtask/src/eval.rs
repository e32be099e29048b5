//! `cargo xtask eval`: everything that is labelled, a table for each system, never pooled alone.
//!
//! The shop was recorded and is in the repository. The ride-hailing system is simulated: its cases
//! are made below cargo's target folder when they are first asked for, every second one unless
//! `--all` is said.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{bench, run, say};

/// Batches of the simulated system, each with what its table is called.
const BATCHES: [(&str, &str); 2] = [
    ("first", "the sixty that were made first"),
    ("harder", "the thirty-eight harder ones"),
];

/// What is to be run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Chosen<'a> {
    /// One system alone.
    system: Option<&'a str>,
    /// All simulated cases instead of every second one.
    is_all: bool,
    /// Arguments of the benchmark.
    rest: Vec<&'a str>,
}

/// Runs all of it, or the one system named. What else is said goes to the diagnosis' benchmark.
pub(crate) fn eval(root: &Path, arguments: &[&str]) -> Result<()> {
    let chosen = choose(arguments)?;
    if chosen.system.is_none_or(|system| system == "shop") {
        say("\n== shop, recorded");
        bench::bench(root, Some("diagnosis"), &chosen.rest)?;
    }
    if chosen.system.is_none_or(|system| system == "rides") {
        rides(root, &chosen)?;
    }
    if chosen.system.is_some() {
        return Ok(());
    }
    bench::bench(root, Some("templates-quality"), &[])?;
    run(Command::new("cargo")
        .args([
            "test",
            "--package",
            "cordon-fingerprint",
            "--test",
            "traces",
        ])
        .args(["--", "--nocapture"])
        .current_dir(root))
}

fn choose<'a>(arguments: &[&'a str]) -> Result<Chosen<'a>> {
    let mut chosen = Chosen::default();
    let mut left = arguments.iter().copied();
    while let Some(argument) = left.next() {
        match argument {
            "--all" => chosen.is_all = true,
            "--system" => match left.next() {
                Some(system @ ("shop" | "rides")) => chosen.system = Some(system),
                _ => bail!("--system is shop or rides"),
            },
            other => chosen.rest.push(other),
        }
    }
    Ok(chosen)
}

/// Simulates the second system where that was not done yet, and runs the diagnosis on it.
fn rides(root: &Path, chosen: &Chosen<'_>) -> Result<()> {
    let folder = Workspace::read(root)?.target_dir.join("rides");
    let mut simulate = Command::new("python3");
    simulate
        .args(["examples/rides/generate.py", "--out"])
        .arg(&folder)
        .args(chosen.is_all.then_some("--all"))
        .current_dir(root);
    run(&mut simulate)?;
    for (batch, title) in BATCHES {
        let part = if chosen.is_all { "all" } else { "every second" };
        say(&format!("\n== rides, simulated: {title}, {part}"));
        let cases = folder.join(batch);
        let mut arguments = chosen.rest.clone();
        let cases = cases.to_string_lossy();
        arguments.extend(["--cases", &cases]);
        bench::bench(root, Some("diagnosis"), &arguments)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_chosen_and_the_rest_goes_on() {
        let chosen = choose(&["--verbose", "--system", "rides", "--all"]).unwrap();
        let wanted = Chosen {
            system: Some("rides"),
            is_all: true,
            rest: vec!["--verbose"],
        };
        assert_eq!(chosen, wanted);
        assert_eq!(choose(&[]).unwrap(), Chosen::default());
        for wrong in [&["--system"][..], &["--system", "bakery"]] {
            let refusal = choose(wrong).unwrap_err().to_string();
            assert!(refusal.contains("shop or rides"), "{refusal}");
        }
    }
}
