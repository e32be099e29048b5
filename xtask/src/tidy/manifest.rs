//! The crates' order, the core's dependencies, and the reason for each third-party crate.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Complaint, File, Tree};
use super::wall::CORE;
use crate::steps::APART;
use crate::workspace::Workspace;

/// Crates that do I/O, hold keys or draw randomness: nothing in the core needs one.
const NOT_IN_CORE: [&str; 8] = [
    "tokio",
    "rusqlite",
    "reqwest",
    "axum",
    "tonic",
    "aws-lc-rs",
    "getrandom",
    "rand",
];

/// The crate that keeps debug symbols, and the one that may need it.
const HOLDS_SYMBOLS: &str = "cordon-crash";
const OPENS_SYMBOLS: &str = "cordon";

/// Where the reasons are.
const REASONS: &str = "docs/DEPENDENCIES.md";

/// A crate depends only on members listed above it in the root manifest.
pub(crate) fn order(tree: &Tree, workspace: &Workspace) -> Vec<Complaint> {
    let Some(root) = tree.file("Cargo.toml") else {
        return Vec::new();
    };
    let listed = members_listed(root);
    let place = |folder: &str| listed.iter().position(|member| member == folder);
    let folders: BTreeMap<&str, &str> = workspace
        .members
        .iter()
        .map(|m| (m.name.as_str(), m.folder.as_str()))
        .collect();
    let mut complaints = Vec::new();
    for member in &workspace.members {
        let Some(own) = place(&member.folder) else {
            continue;
        };
        for dependency in &member.dependencies {
            let Some(folder) = folders.get(dependency.name.as_str()) else {
                continue;
            };
            if place(folder).is_some_and(|other| other >= own) {
                let message = format!(
                    "`{}` depends on `{}`, which is not listed above it in the root manifest",
                    member.name, dependency.name
                );
                complaints.push(at_manifest(tree, &member.folder, &dependency.name, message));
            }
        }
    }
    complaints
}

/// No core crate needs a crate that does I/O, however far down.
pub(crate) fn core_needs(tree: &Tree, workspace: &Workspace) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for member in &workspace.members {
        let is_core = member
            .folder
            .strip_prefix("crates/")
            .is_some_and(|folder| CORE.contains(&folder));
        for need in workspace.needs(&member.name) {
            if is_core && NOT_IN_CORE.contains(&need) {
                let message = format!("core crate `{}` needs `{need}`", member.name);
                complaints.push(at_manifest(tree, &member.folder, need, message));
            }
        }
    }
    complaints
}

/// Debug symbols are in nothing that a model can reach: the binary alone needs what opens them.
pub(crate) fn symbols_apart(tree: &Tree, workspace: &Workspace) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for member in &workspace.members {
        let needs = member.dependencies.iter().any(|d| d.name == HOLDS_SYMBOLS);
        if needs && member.name != OPENS_SYMBOLS {
            let message = format!(
                "`{}` can reach debug symbols through `{HOLDS_SYMBOLS}`",
                member.name
            );
            complaints.push(at_manifest(tree, &member.folder, HOLDS_SYMBOLS, message));
        }
    }
    complaints
}

/// Each third-party crate has its line of reason, each line its crate, and somebody uses it.
pub(crate) fn reasons(tree: &Tree, workspace: &Workspace) -> Vec<Complaint> {
    let Some(root) = tree.file("Cargo.toml") else {
        return Vec::new();
    };
    let used: BTreeSet<&str> = workspace
        .members
        .iter()
        .flat_map(|member| &member.dependencies)
        .filter(|dependency| dependency.is_third_party)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let listed = shared_dependencies(root);
    let apart = APART.iter().filter_map(|folder| {
        let manifest = tree.file(&format!("{folder}/Cargo.toml"))?;
        Some((manifest, own_dependencies(manifest)))
    });
    let apart: Vec<_> = apart.collect();
    let Some(page) = tree.file(REASONS) else {
        return vec![root.complain(1, format!("{REASONS} is missing"))];
    };
    let reasoned = reasoned(page);
    let mut complaints = Vec::new();
    for name in used
        .iter()
        .copied()
        .chain(listed.iter().map(String::as_str))
    {
        if !reasoned.contains_key(name) {
            let line = line_naming(root, name);
            complaints.push(root.complain(line, format!("`{name}` has no line in {REASONS}")));
        }
    }
    for (manifest, needs) in &apart {
        for name in needs.iter().filter(|name| !reasoned.contains_key(*name)) {
            let line = line_naming(manifest, name);
            complaints.push(manifest.complain(line, format!("`{name}` has no line in {REASONS}")));
        }
    }
    for (name, line) in &reasoned {
        let known = used.contains(name.as_str()) || listed.contains(name);
        if !known && !apart.iter().any(|(_, needs)| needs.contains(name)) {
            complaints.push(page.complain(*line, format!("`{name}` is no dependency")));
        }
    }
    for name in listed.iter().filter(|name| !used.contains(name.as_str())) {
        let line = line_naming(root, name);
        complaints.push(root.complain(line, format!("no crate uses `{name}`")));
    }
    complaints.sort();
    complaints.dedup();
    complaints
}

/// The folders under `[workspace] members`, in order.
fn members_listed(root: &File) -> Vec<String> {
    let manifest: toml::Table = toml::from_str(&root.text).unwrap_or_default();
    let members = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members"));
    let members = members
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    members
        .filter_map(|member| Some(member.as_str()?.to_owned()))
        .collect()
}

/// The third-party names under `[workspace.dependencies]`.
fn shared_dependencies(root: &File) -> BTreeSet<String> {
    let manifest: toml::Table = toml::from_str(&root.text).unwrap_or_default();
    let workspace = manifest.get("workspace");
    third_party(workspace.and_then(|workspace| workspace.get("dependencies")))
}

/// The third-party names under `[dependencies]` of a workspace of its own.
fn own_dependencies(manifest: &File) -> BTreeSet<String> {
    let manifest: toml::Table = toml::from_str(&manifest.text).unwrap_or_default();
    third_party(manifest.get("dependencies"))
}

fn third_party(dependencies: Option<&toml::Value>) -> BTreeSet<String> {
    let all = dependencies.and_then(toml::Value::as_table).into_iter();
    all.flatten()
        .filter(|(_, value)| value.get("path").is_none())
        .map(|(name, _)| name.clone())
        .collect()
}

/// Names in the first column of the page's tables, with their lines.
fn reasoned(page: &File) -> BTreeMap<String, usize> {
    let rows = page.text.lines().enumerate().filter_map(|(index, line)| {
        let (name, _) = line.strip_prefix("| `")?.split_once("` |")?;
        Some((name.to_owned(), index + 1))
    });
    rows.collect()
}

/// The line of a manifest that begins with a dependency's name, else its first.
fn line_naming(manifest: &File, name: &str) -> usize {
    let names = |line: &str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    manifest
        .text
        .lines()
        .position(names)
        .map_or(1, |index| index + 1)
}

fn at_manifest(tree: &Tree, folder: &str, dependency: &str, message: String) -> Complaint {
    let path = format!("{folder}/Cargo.toml");
    let line = tree
        .file(&path)
        .map_or(1, |manifest| line_naming(manifest, dependency));
    Complaint {
        path,
        line,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;
    use crate::workspace::workspace;

    const ROOT: &str = "[workspace]\nmembers = [\"crates/event\", \"crates/store\"]\n\
                        [workspace.dependencies]\nevent = { path = \"e\" }\nserde = \"1\"\n";

    #[test]
    fn a_crate_depends_on_crates_above_it() {
        let tree = tree(&[
            ("Cargo.toml", ROOT),
            (
                "crates/event/Cargo.toml",
                "[dependencies]\nstore.workspace = true\n",
            ),
        ]);
        let good = workspace(&[
            ("event", "crates/event", &[]),
            ("store", "crates/store", &["event"]),
        ]);
        assert_eq!(order(&tree, &good), []);
        let bad = workspace(&[
            ("event", "crates/event", &["store"]),
            ("store", "crates/store", &[]),
        ]);
        let complaints: Vec<String> = order(&tree, &bad).iter().map(ToString::to_string).collect();
        let told = "crates/event/Cargo.toml:2: `event` depends on `store`, \
                    which is not listed above it in the root manifest";
        assert_eq!(complaints, [told]);
    }

    #[test]
    fn the_core_needs_no_io_however_far_down() {
        let tree = tree(&[]);
        let good = workspace(&[("store", "crates/store", &["tokio"])]);
        assert_eq!(core_needs(&tree, &good), []);
        let bad = workspace(&[
            ("event", "crates/event", &["inner"]),
            ("inner", "crates/inner", &["tokio"]),
        ]);
        let complaints = core_needs(&tree, &bad);
        assert_eq!(complaints.len(), 1);
        assert_eq!(
            complaints.first().unwrap().message,
            "core crate `event` needs `tokio`"
        );
    }

    #[test]
    fn the_binary_alone_reaches_symbols() {
        let tree = tree(&[]);
        let good = workspace(&[("cordon", "crates/cordon", &["cordon-crash"])]);
        assert_eq!(symbols_apart(&tree, &good), []);
        let bad = workspace(&[("cordon-assist", "crates/assist", &["cordon-crash"])]);
        let complaints = symbols_apart(&tree, &bad);
        assert_eq!(complaints.len(), 1);
    }

    fn reasons_told(root: &str, page: &str, needs: &[&str]) -> Vec<String> {
        let tree = tree(&[("Cargo.toml", root), (REASONS, page)]);
        let workspace = workspace(&[("event", "crates/event", needs)]);
        reasons(&tree, &workspace)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn each_dependency_has_its_reason_and_each_reason_its_dependency() {
        let page = "# D\n| `serde` | why |\n";
        assert_eq!(reasons_told(ROOT, page, &["serde"]), [""; 0]);
        assert_eq!(
            reasons_told(ROOT, "# D\n", &["serde"]),
            ["Cargo.toml:5: `serde` has no line in docs/DEPENDENCIES.md"]
        );
        let stale = format!("{page}| `gone` | why |\n");
        assert_eq!(
            reasons_told(ROOT, &stale, &["serde"]),
            ["docs/DEPENDENCIES.md:3: `gone` is no dependency"]
        );
        let fuzzing = "[dependencies]\nlibfuzzer-sys = \"1\"\nown = { path = \"../o\" }\n";
        let tree = tree(&[
            ("Cargo.toml", ROOT),
            (REASONS, page),
            ("fuzz/Cargo.toml", fuzzing),
        ]);
        let used = workspace(&[("event", "crates/event", &["serde"])]);
        let told = reasons(&tree, &used);
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        let wanted = "fuzz/Cargo.toml:2: `libfuzzer-sys` has no line in docs/DEPENDENCIES.md";
        assert_eq!(told, [wanted]);
        assert_eq!(
            reasons_told(ROOT, page, &[]),
            ["Cargo.toml:5: no crate uses `serde`"]
        );
    }
}
