//! The files that tidy reads, held in memory.
//!
//! Checks are functions of a [`Tree`], so that their tests need no disk.

use std::path::Path;

use anyhow::{Context, Result};

use super::source::Source;

/// Folders that hold nothing of ours.
const FOLDERS_SKIPPED: [&str; 4] = ["target", "node_modules", "__pycache__", "dist"];
/// Dotted folders that hold something of ours.
const DOTTED_READ: [&str; 3] = [".ci", ".cargo", ".config"];
/// Endings that are read; anything else is data.
const ENDINGS_READ: [&str; 7] = ["rs", "py", "sh", "toml", "md", "yml", "yaml"];

/// One text file.
pub(crate) struct File {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
    /// Its lexed views, when it is Rust.
    pub(crate) rust: Option<Source>,
}

/// All files, ordered by path.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Complaint {
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl File {
    /// A file of the given path and content.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let rust = has_ending(path, "rs").then(|| Source::new(text));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            rust,
        }
    }

    /// The folder under `crates/` that it is in.
    pub(crate) fn crate_folder(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Whether the whole file is test code, by where it is.
    pub(crate) fn is_test_file(&self) -> bool {
        let in_folder = ["tests", "benches", "fixtures"]
            .iter()
            .any(|f| self.path.split('/').any(|p| p == *f));
        in_folder || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs")
    }

    /// Whether the byte at `offset` is test code.
    pub(crate) fn is_test(&self, offset: usize) -> bool {
        self.is_test_file() || self.rust.as_ref().is_some_and(|rust| rust.is_test(offset))
    }

    /// Something wrong in this file.
    pub(crate) fn complain(&self, line: usize, message: impl Into<String>) -> Complaint {
        Complaint {
            path: self.path.clone(),
            line,
            message: message.into(),
        }
    }

    /// Whether the path ends in `.ending`.
    pub(crate) fn is(&self, ending: &str) -> bool {
        has_ending(&self.path, ending)
    }
}

impl Tree {
    /// Reads everything of ours under `root`.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A file by its path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files with their lexed views.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let entries = folder
            .read_dir()
            .with_context(|| format!("read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            let dotted = name.starts_with('.') && !DOTTED_READ.contains(&name.as_str());
            if kind.is_dir() && !dotted && !FOLDERS_SKIPPED.contains(&name.as_str()) {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() && is_read(&path) {
                let bytes = std::fs::read(entry.path()).with_context(|| format!("read {path}"))?;
                self.files
                    .push(File::new(&path, &String::from_utf8_lossy(&bytes)));
            }
        }
        Ok(())
    }
}

fn has_ending(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending)
        .is_some_and(|stem| stem.ends_with('.'))
}

fn is_read(path: &str) -> bool {
    path.starts_with(".ci/") || ENDINGS_READ.iter().any(|ending| has_ending(path, ending))
}

#[cfg(test)]
pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
    Tree {
        files: files
            .iter()
            .map(|(path, text)| File::new(path, text))
            .collect(),
    }
}

/// Runs one check over files held in memory; gives `path:line: message` lines.
#[cfg(test)]
pub(crate) fn told(check: fn(&Tree) -> Vec<Complaint>, files: &[(&str, &str)]) -> Vec<String> {
    check(&tree(files))
        .iter()
        .map(ToString::to_string)
        .collect()
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_where_they_are() {
        assert!(File::new("crates/a/tests/b.rs", "").is_test_file());
        assert!(File::new("crates/a/src/b/tests.rs", "").is_test_file());
        assert!(!File::new("crates/a/src/latests.rs", "").is_test_file());
        assert_eq!(File::new("crates/a/src/b.rs", "").crate_folder(), Some("a"));
        assert_eq!(File::new("xtask/src/b.rs", "").crate_folder(), None);
    }

    #[test]
    fn data_is_not_read() {
        assert!(is_read("a/b.rs") && is_read(".ci/run") && !is_read("a/b.json") && !is_read("rs"));
    }
}
