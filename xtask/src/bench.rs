//! `cargo xtask bench`: runs the benchmark targets that the workspace's crates declare.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{run, wasm};

/// The benchmark that needs a module and records first.
const WASM: &str = "wasm";

/// Runs every benchmark, or the one named with its own arguments.
pub(crate) fn bench(root: &Path, only: Option<&str>, arguments: &[&str]) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let all: Vec<(&str, &str)> = workspace
        .members
        .iter()
        .flat_map(|member| {
            member
                .benches
                .iter()
                .map(|b| (member.name.as_str(), b.as_str()))
        })
        .collect();
    let chosen = choose(&all, only)?;
    for (package, name) in chosen {
        if name == WASM && arguments.is_empty() {
            wasm::bench(root, package, name)?;
        } else {
            target(root, package, name, arguments)?;
        }
    }
    Ok(())
}

/// Runs one benchmark target.
pub(crate) fn target(root: &Path, package: &str, name: &str, arguments: &[&str]) -> Result<()> {
    run(Command::new("cargo")
        .args(["bench", "--package", package, "--bench", name, "--"])
        .args(arguments)
        .current_dir(root))
}

fn choose<'a>(all: &[(&'a str, &'a str)], only: Option<&str>) -> Result<Vec<(&'a str, &'a str)>> {
    let chosen: Vec<_> = all
        .iter()
        .filter(|(_, name)| only.is_none_or(|only| only == *name))
        .copied()
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|(_, name)| *name).collect();
        bail!("no such benchmark; there are [{}]", names.join(", "));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_is_chosen_by_name() {
        let all = [("cordon-redact", "redact"), ("cordon-journal", "append")];
        assert_eq!(
            choose(&all, Some("append")).unwrap(),
            [("cordon-journal", "append")]
        );
        assert_eq!(choose(&all, None).unwrap().len(), 2);
        assert!(
            choose(&all, Some("other"))
                .unwrap_err()
                .to_string()
                .contains("redact, append")
        );
        assert!(choose(&[], None).is_err());
    }
}
