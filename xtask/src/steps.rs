//! `cargo xtask test`: everything that must hold, in the order in which failing is cheapest.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{engines, faults, run, say, tidy, wasm};

/// Where the end-to-end tests are.
const END_TO_END: &str = "tests/e2e";

/// Workspaces of their own.
pub(crate) const APART: [&str; 2] = ["fuzz", "bench/rivals"];

/// One named step.
struct Step {
    name: &'static str,
    what: &'static str,
    act: fn(&Path) -> Result<()>,
}

const STEPS: [Step; 10] = [
    Step {
        name: "engines",
        what: "what the tests need beside Rust",
        act: engines::set_up,
    },
    Step {
        name: "fmt",
        what: "formatting",
        act: fmt,
    },
    Step {
        name: "clippy",
        what: "lints, warnings are errors",
        act: clippy,
    },
    Step {
        name: "tidy",
        what: "house rules",
        act: tidy::run,
    },
    Step {
        name: "unit",
        what: "tests of every crate",
        act: unit,
    },
    Step {
        name: "wasm",
        what: "the page's module, as the native engine",
        act: wasm::checked_in,
    },
    Step {
        name: "page",
        what: "the page's modules in node, and their types",
        act: page,
    },
    Step {
        name: "e2e",
        what: "the binary, end to end",
        act: end_to_end,
    },
    Step {
        name: "faults",
        what: "seeded faults, and real kills",
        act: faults::step,
    },
    Step {
        name: "browser",
        what: "the binary's page in Chromium",
        act: browser,
    },
];

/// Runs every step, or the one named; stops at the first that fails.
pub(crate) fn test(root: &Path, only: Option<&str>) -> Result<()> {
    let chosen = choose(only)?;
    let count = chosen.len();
    for (index, step) in chosen.into_iter().enumerate() {
        say(&format!(
            "\n== step {}/{count}: {} ({})",
            index + 1,
            step.name,
            step.what
        ));
        let started = Instant::now();
        (step.act)(root).with_context(|| format!("step {} failed", step.name))?;
        say(&format!(
            "== {}: passed in {:.1} s",
            step.name,
            started.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}

fn choose(only: Option<&str>) -> Result<Vec<&'static Step>> {
    let Some(only) = only else {
        return Ok(STEPS.iter().collect());
    };
    let Some(step) = STEPS.iter().find(|step| step.name == only) else {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("no step is called `{only}`; there are {}", names.join(", "));
    };
    Ok(vec![step])
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root);
    command
}

fn fmt(root: &Path) -> Result<()> {
    run(cargo(root).args(["fmt", "--all", "--check"]))?;
    for folder in APART {
        run(cargo(&root.join(folder)).args(["fmt", "--all", "--check"]))?;
    }
    Ok(())
}

fn clippy(root: &Path) -> Result<()> {
    run(cargo(root)
        .args(["clippy", "--quiet", "--workspace", "--all-targets"])
        .args(["--", "--deny", "warnings"]))?;
    // Without the rival that needs two hundred crates. Fuzz targets need a compiler's leave.
    run(cargo(&root.join("bench/rivals"))
        .args([
            "clippy",
            "--quiet",
            "--no-default-features",
            "--all-targets",
        ])
        .arg("--target-dir")
        .arg(Workspace::read(root)?.target_dir)
        .args(["--", "--deny", "warnings"]))
}

fn unit(root: &Path) -> Result<()> {
    run(cargo(root)
        .args(["test", "--workspace"])
        .env("PATH", path_with_venv(root)?))
}

fn end_to_end(root: &Path) -> Result<()> {
    if !root.join(END_TO_END).is_dir() {
        bail!("{END_TO_END} is missing");
    }
    let binary = binary(root)?;
    // The program that lets another one crash; it lies beside the binary.
    let crasher = ["--package", "cordon-crash", "--example", "crasher"];
    run(cargo(root).args(["build", "--quiet"]).args(crasher))?;
    run(Command::new(engines::venv_bin(root).join("python3"))
        .args(["-m", "pytest", "-ra", "-p", "no:cacheprovider", END_TO_END])
        // Of the step `faults`.
        .args(["--ignore", faults::KILLS])
        .current_dir(root)
        .env("CORDON_BIN", binary)
        .env("PATH", path_with_venv(root)?))
}

/// Builds the binary; its file.
pub(crate) fn binary(root: &Path) -> Result<PathBuf> {
    run(cargo(root).args(["build", "--quiet", "--package", "cordon"]))?;
    Ok(Workspace::read(root)?.target_dir.join("debug/cordon"))
}

fn page(root: &Path) -> Result<()> {
    engines::page(root)?;
    run(engines::npm(root)?.arg("test"))
}

fn browser(root: &Path) -> Result<()> {
    engines::page(root)?;
    engines::browser()?;
    wasm::in_browser(root)?;
    let binary = binary(root)?;
    run(engines::npm(root)?
        .args(["run", "browser"])
        .env("CORDON_BIN", binary))
}

/// The search path with the tests' Python first, so that `python3` has pytest wherever it is run.
#[expect(
    clippy::disallowed_methods,
    reason = "a child's search path extends our own"
)]
fn path_with_venv(root: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(engines::venv_bin(root)).chain(std::env::split_paths(&path));
    std::env::join_paths(paths).context("extend the search path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_chosen_by_name() {
        let names = |only| {
            choose(only)
                .unwrap()
                .iter()
                .map(|step| step.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Some("tidy")), ["tidy"]);
        assert_eq!(names(None).len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_names() {
        let refusal = choose(Some("tests")).err().unwrap().to_string();
        assert!(
            refusal.contains("`tests`") && refusal.contains("e2e"),
            "{refusal}"
        );
    }
}
