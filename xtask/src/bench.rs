//! `cargo xtask bench`: runs the benchmark targets that the workspace's crates declare, and those
//! of workspaces apart.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{gateway, run, wasm};

/// The benchmark that needs a module and records first.
const WASM: &str = "wasm";

/// The benchmark that needs the program first.
const GATEWAY: &str = "gateway";

/// Benchmarks that are a workspace of their own, for what they need is none of the product's, each
/// with its folder.
const APART: [(&str, &str); 1] = [("redact-speed", "bench/rivals")];

/// Where a benchmark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'a> {
    /// In that package of the workspace.
    Member(&'a str),
    /// In that folder.
    Apart(&'a str),
}

/// Runs every benchmark, or the one named with its own arguments.
pub(crate) fn bench(root: &Path, only: Option<&str>, arguments: &[&str]) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let members = workspace.members.iter().flat_map(|member| {
        let place = Place::Member(&member.name);
        member.benches.iter().map(move |b| (place, b.as_str()))
    });
    let apart = APART.map(|(name, folder)| (Place::Apart(folder), name));
    let all: Vec<_> = members.chain(apart).collect();
    let chosen = choose(&all, only)?;
    for (place, name) in chosen {
        match place {
            Place::Member(_) if name == WASM => wasm::bench(root, arguments)?,
            Place::Member(_) if name == GATEWAY => gateway::bench(root, arguments)?,
            Place::Member(package) => target(root, package, name, arguments)?,
            // What both need is built once.
            Place::Apart(folder) => run(Command::new("cargo")
                .args(["bench", "--bench", name, "--target-dir"])
                .arg(&workspace.target_dir)
                .arg("--")
                .args(arguments)
                .current_dir(root.join(folder)))?,
        }
    }
    Ok(())
}

/// Runs one benchmark target.
pub(crate) fn target(root: &Path, package: &str, name: &str, arguments: &[&str]) -> Result<()> {
    target_of(root, &[], (package, name), arguments)
}

/// As [`target`], with options for the build.
pub(crate) fn target_of(
    root: &Path,
    build: &[&str],
    (package, name): (&str, &str),
    arguments: &[&str],
) -> Result<()> {
    run(Command::new("cargo")
        .args(["bench", "--package", package, "--bench", name])
        .args(build)
        .arg("--")
        .args(arguments)
        .current_dir(root))
}

fn choose<'a>(
    all: &[(Place<'a>, &'a str)],
    only: Option<&str>,
) -> Result<Vec<(Place<'a>, &'a str)>> {
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
        let append = (Place::Member("cordon-journal"), "append");
        let all = [(Place::Apart("bench/redact"), "redact"), append];
        assert_eq!(choose(&all, Some("append")).unwrap(), [append]);
        assert_eq!(choose(&all, None).unwrap().len(), 2);
        assert!(
            choose(&all, Some("other"))
                .unwrap_err()
                .to_string()
                .contains("redact, append")
        );
        assert!(choose(&[], None).is_err());
    }

    #[test]
    fn a_benchmark_apart_is_where_it_is_said_to_be() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        for (name, folder) in APART {
            let manifest = Path::new(root).join(folder).join("Cargo.toml");
            let manifest = std::fs::read_to_string(manifest).unwrap();
            let target = format!("[[bench]]\nname = \"{name}\"\n");
            assert!(manifest.contains(&target), "{folder} has {name}");
        }
    }
}
