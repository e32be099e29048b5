//! The project's own chores: `cargo xtask tidy`, `test`, `bench`, `eval`, `faults`, `fuzz`, `wasm`,
//! `schemas`, `deny`.
//!
//! *Why so:* one command for everything that must hold, in the language of the project, the same
//! on a laptop and in continuous integration.

mod bench;
mod engines;
mod eval;
mod faults;
mod fuzz;
mod gateway;
mod names;
mod schemas;
mod steps;
mod tidy;
mod wasm;
mod workspace;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask <chore>

  tidy                 house rules that no compiler holds
  test [--only STEP]   everything: engines, fmt, clippy, tidy, unit, wasm, page,
                       e2e, faults, browser
  bench [NAME [ARG…]]  benchmarks that the crates declare; arguments go to the one named
  eval [--system shop|rides] [--all] [ARG…]   the diagnosis on labelled incidents, system by system;
                       without --system also traces and templates; --all: every simulated case
  faults [--seeds N] [--kills N] [--seed S] [--break NAME]   200 seeds of faults and 10 kills of
                       the binary, or as said; S: that seed alone; NAME: without that guard
  fuzz [TARGET] [--seconds N] [--keep]   fuzz targets, one after the other; --keep: their corpus
  wasm [--check]       the engine as a module for a page; --check: the same bytes elsewhere too
  schemas              the log contract's published forms, from the table in code
  names train DIR OUT CORPUS...   weights of the recogniser of names
  names score WEIGHTS CORPUS...   its recall and precision
  names wrong WEIGHTS CORPUS      the texts of a corpus that it gets wrong
  names show WEIGHTS FILE         what it finds in each line
  deny                 licences, advisories and duplicates (needs cargo-deny)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match root().and_then(|root| chore(&root, &arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn chore(root: &Path, arguments: &[&str]) -> Result<()> {
    match arguments {
        ["tidy"] => tidy::run(root),
        ["test"] => steps::test(root, None),
        ["test", "--only", step] => steps::test(root, Some(step)),
        ["bench"] => bench::bench(root, None, &[]),
        ["bench", name, arguments @ ..] => bench::bench(root, Some(name), arguments),
        ["eval", arguments @ ..] => eval::eval(root, arguments),
        ["faults", arguments @ ..] => faults::faults(root, arguments),
        ["fuzz", arguments @ ..] => fuzz::fuzz(root, arguments),
        ["wasm", arguments @ ..] => wasm::wasm(root, arguments),
        ["schemas"] => schemas::schemas(root),
        ["names", "train", folder, out, corpora @ ..] => names::train(folder, out, corpora),
        ["names", "score", weights, corpora @ ..] => names::score(weights, corpora),
        ["names", "wrong", weights, corpus] => names::wrong(weights, corpus),
        ["names", "show", weights, file] => names::show(weights, file),
        ["deny"] => run(Command::new("cargo")
            .args(["deny", "check"])
            .current_dir(root)),
        ["help" | "--help" | "-h"] => {
            say(USAGE);
            Ok(())
        }
        _ => bail!("not a chore\n\n{USAGE}"),
    }
}

/// The repository's root: cargo says where xtask's manifest is.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells where the repository is by environment"
)]
fn root() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run as `cargo xtask`")?;
    let parent = Path::new(&manifest)
        .parent()
        .context("find the repository's root")?;
    Ok(parent.to_owned())
}

/// Runs a program with our own output; fails unless it exits with 0.
fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
    let shown = format!("{program} {}", arguments.join(" "));
    say(&format!("$ {shown}"));
    let status = command.status().with_context(|| format!("run {program}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "what a chore has to say goes to its caller"
)]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "failures go to the error stream")]
fn complain(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_chore_is_refused_with_the_usage() {
        let refusal = chore(Path::new("."), &["tests"]).unwrap_err().to_string();
        assert!(refusal.contains("usage: cargo xtask"), "{refusal}");
    }

    #[test]
    fn a_failing_program_is_a_failure() {
        assert!(run(&mut Command::new("true")).is_ok());
        assert!(run(&mut Command::new("false")).is_err());
    }
}
