//! House rules that no compiler holds, checked in a moment.
//!
//! The way of the data: files and cargo's metadata are read once ([`tree::Tree`],
//! [`Workspace`]), each check turns them into complaints, all complaints are shown at once.
//!
//! To add a check: a function of the tree in the module it belongs to, a line in [`complaints`],
//! a test that it holds its tongue and a test that it speaks.

mod documents;
mod habits;
mod manifest;
mod size;
mod source;
mod tree;
mod wall;

use std::path::Path;

use anyhow::{Result, bail};

use crate::say;
use crate::workspace::Workspace;
use tree::{Complaint, Tree};

/// Checks the repository at `root`; fails when there is anything to complain of.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let complaints = complaints(&tree, &Workspace::read(root)?);
    for complaint in &complaints {
        say(&complaint.to_string());
    }
    match complaints.len() {
        0 => say(&format!(
            "tidy: {} files, nothing to complain of",
            tree.files.len()
        )),
        n => bail!("{n} complaints"),
    }
    Ok(())
}

fn complaints(tree: &Tree, workspace: &Workspace) -> Vec<Complaint> {
    let of_files: [fn(&Tree) -> Vec<Complaint>; 15] = [
        size::heads,
        size::sizes,
        size::empty_crates,
        wall::purity,
        wall::raw_exposure,
        wall::keyed_traits,
        wall::minted_grants,
        wall::unsafe_code,
        habits::attributes,
        habits::sleeps,
        habits::left_work,
        habits::machine_paths,
        habits::shipped_tests,
        documents::decisions,
        documents::links,
    ];
    let of_crates: [fn(&Tree, &Workspace) -> Vec<Complaint>; 4] = [
        manifest::order,
        manifest::core_needs,
        manifest::symbols_apart,
        manifest::reasons,
    ];
    let mut all: Vec<Complaint> = of_files.iter().flat_map(|check| check(tree)).collect();
    all.extend(of_crates.iter().flat_map(|check| check(tree, workspace)));
    all.sort();
    all
}
