//! The workspace as cargo tells it: members in their order, what each needs, where builds go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A dependency as a crate's manifest states it.
pub(crate) struct Dependency {
    /// The package's name.
    pub(crate) name: String,
    /// Whether it comes from a registry, not from this repository.
    pub(crate) is_third_party: bool,
}

/// A member of the workspace.
pub(crate) struct Member {
    /// The package's name.
    pub(crate) name: String,
    /// Path of its folder from the root.
    pub(crate) folder: String,
    /// All kinds: normal, development and build.
    pub(crate) dependencies: Vec<Dependency>,
    /// Names of its benchmark targets.
    pub(crate) benches: Vec<String>,
}

/// Members and the resolved graph.
pub(crate) struct Workspace {
    /// In no promised order: the root manifest has that.
    pub(crate) members: Vec<Member>,
    /// Where cargo puts what it builds.
    pub(crate) target_dir: PathBuf,
    /// Package id to its name and the ids it needs to ship (not for development).
    graph: BTreeMap<String, (String, Vec<String>)>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--format-version", "1"])
            .current_dir(root)
            .output()
            .context("run cargo metadata")?;
        if !output.status.success() {
            bail!(
                "cargo metadata: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let metadata = serde_json::from_slice(&output.stdout).context("read cargo's metadata")?;
        Ok(Self::from_metadata(&metadata))
    }

    /// Reads cargo's metadata, format version 1.
    pub(crate) fn from_metadata(metadata: &Value) -> Self {
        let root = text(metadata, "workspace_root");
        let ids: BTreeSet<&str> = list(metadata, "workspace_members")
            .filter_map(Value::as_str)
            .collect();
        let packages: Vec<&Value> = list(metadata, "packages").collect();
        let members = packages
            .iter()
            .filter(|package| ids.contains(text(package, "id")))
            .map(|package| member(package, root))
            .collect();
        let names: BTreeMap<&str, &str> = packages
            .iter()
            .map(|p| (text(p, "id"), text(p, "name")))
            .collect();
        let graph = metadata
            .get("resolve")
            .into_iter()
            .flat_map(|resolve| list(resolve, "nodes"))
            .map(|node| {
                let id = text(node, "id");
                let name = names.get(id).copied().unwrap_or(id);
                (id.to_owned(), (name.to_owned(), shipped_needs(node)))
            })
            .collect();
        Self {
            members,
            target_dir: PathBuf::from(text(metadata, "target_directory")),
            graph,
        }
    }

    /// Names of every package that shipping `name` needs, however far down.
    pub(crate) fn needs(&self, name: &str) -> BTreeSet<&str> {
        let mut open: Vec<&String> = self
            .graph
            .iter()
            .filter(|(_, (n, _))| n == name)
            .map(|(id, _)| id)
            .collect();
        let mut seen = BTreeSet::new();
        let mut needed = BTreeSet::new();
        while let Some(id) = open.pop() {
            let Some((_, needs)) = self.graph.get(id).filter(|_| seen.insert(id)) else {
                continue;
            };
            for need in needs {
                needed.extend(self.graph.get(need).map(|(name, _)| name.as_str()));
                open.push(need);
            }
        }
        needed
    }
}

fn member(package: &Value, root: &str) -> Member {
    let manifest = text(package, "manifest_path");
    let folder = manifest.strip_suffix("/Cargo.toml").unwrap_or(manifest);
    let folder = folder
        .strip_prefix(root)
        .unwrap_or(folder)
        .trim_start_matches('/');
    let dependencies = list(package, "dependencies")
        .map(|dependency| Dependency {
            name: text(dependency, "name").to_owned(),
            is_third_party: dependency.get("source").is_some_and(Value::is_string),
        })
        .collect();
    let is_bench = |target: &&Value| list(target, "kind").any(|kind| kind == "bench");
    let benches = list(package, "targets")
        .filter(is_bench)
        .map(|target| text(target, "name").to_owned())
        .collect();
    let name = text(package, "name").to_owned();
    Member {
        name,
        folder: folder.to_owned(),
        dependencies,
        benches,
    }
}

/// Ids that a node of the graph needs, other than for development alone.
fn shipped_needs(node: &Value) -> Vec<String> {
    list(node, "deps")
        .filter(|dep| {
            let mut kinds = list(dep, "dep_kinds");
            kinds.any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"))
        })
        .map(|dep| text(dep, "pkg").to_owned())
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Metadata of a workspace at `/r`, from each member's name, folder and dependencies; a dependency
/// that is no member comes from a registry.
#[cfg(test)]
pub(crate) fn workspace(members: &[(&str, &str, &[&str])]) -> Workspace {
    use serde_json::json;

    let is_member = |name: &str| members.iter().any(|(member, ..)| *member == name);
    let source = |name: &str| {
        if is_member(name) {
            Value::Null
        } else {
            json!("registry")
        }
    };
    let packages: Vec<Value> = members
        .iter()
        .map(|(name, folder, needs)| {
            let dependencies: Vec<Value> = needs
                .iter()
                .map(|n| json!({"name": n, "source": source(n)}))
                .collect();
            json!({"id": name, "name": name, "manifest_path": format!("/r/{folder}/Cargo.toml"),
                   "dependencies": dependencies, "targets": []})
        })
        .collect();
    let mut nodes: Vec<Value> = Vec::new();
    for (name, _, needs) in members {
        let deps: Vec<Value> = needs
            .iter()
            .map(|n| json!({"pkg": n, "dep_kinds": [{"kind": null}]}))
            .collect();
        nodes.push(json!({"id": name, "deps": deps}));
        let outside = needs.iter().filter(|n| !is_member(n));
        nodes.extend(outside.map(|n| json!({"id": n, "deps": []})));
    }
    let ids: Vec<&str> = members.iter().map(|(name, ..)| *name).collect();
    Workspace::from_metadata(&json!({"workspace_root": "/r", "workspace_members": ids,
        "target_directory": "/t", "packages": packages, "resolve": {"nodes": nodes}}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn needs_go_all_the_way_down() {
        let workspace = workspace(&[
            ("a", "crates/a", &["b"]),
            ("b", "crates/b", &["tokio"]),
            ("c", "crates/c", &[]),
        ]);
        assert_eq!(
            workspace.needs("a").into_iter().collect::<Vec<_>>(),
            ["b", "tokio"]
        );
        assert!(workspace.needs("c").is_empty());
        assert_eq!(workspace.members.first().unwrap().folder, "crates/a");
    }

    #[test]
    fn development_needs_do_not_ship() {
        let node = json!({"deps": [
            {"pkg": "x", "dep_kinds": [{"kind": "dev"}]},
            {"pkg": "y", "dep_kinds": [{"kind": "dev"}, {"kind": null}]},
            {"pkg": "z", "dep_kinds": [{"kind": "build"}]}]});
        assert_eq!(shipped_needs(&node), ["y", "z"]);
    }
}
