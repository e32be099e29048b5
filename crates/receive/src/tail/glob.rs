//! Patterns of paths: `*` and `?` within a part of a path, as a shell reads them.
//!
//! *Limits:* [`ENTRIES_COUNT_MAX`] entries of folders that are looked at.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Entries of folders that one pattern looks at.
const ENTRIES_COUNT_MAX: usize = 65_536;

/// What a pattern names.
#[derive(Default)]
pub(super) struct Found {
    /// Files, in the order of their paths.
    pub(super) paths: Vec<PathBuf>,
    /// Folders that cannot be read.
    pub(super) unreadable: u64,
    /// Whether there are more entries than are looked at.
    pub(super) is_cut: bool,
}

/// The files that a pattern names.
pub(super) fn expand(pattern: &str) -> Found {
    let mut found = all(Path::new(pattern));
    found.paths.retain(|path| path.is_file());
    found.paths.sort();
    found
}

/// The folders in which the files of a pattern stand.
pub(super) fn folders(pattern: &str) -> Vec<PathBuf> {
    let parent = Path::new(pattern).parent().unwrap_or(Path::new(""));
    let mut found = all(parent).paths;
    for folder in &mut found {
        if folder.as_os_str().is_empty() {
            folder.push(".");
        }
    }
    found.retain(|path| path.is_dir());
    found
}

/// What a pattern names, and what may not be there where it has no wild parts.
fn all(pattern: &Path) -> Found {
    let mut found = vec![PathBuf::new()];
    let mut left = ENTRIES_COUNT_MAX;
    let mut told = Found::default();
    for part in pattern.components() {
        let plain = match part {
            Component::Normal(name) => name.to_str().filter(|name| name.contains(['*', '?'])),
            _ => None,
        };
        let Some(wild) = plain else {
            for path in &mut found {
                path.push(part);
            }
            continue;
        };
        let mut next = Vec::new();
        for folder in &found {
            let at = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let entries = match std::fs::read_dir(at) {
                Ok(entries) => entries,
                Err(error) => {
                    // What is no folder, or is not there yet, is named by nobody.
                    let absent = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
                    told.unreadable += u64::from(!absent.contains(&error.kind()));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let Some(less) = left.checked_sub(1) else {
                    told.is_cut = true;
                    break;
                };
                left = less;
                let name = entry.file_name();
                if name.to_str().is_some_and(|name| matches(wild, name)) {
                    next.push(folder.join(name));
                }
            }
        }
        found = next;
    }
    told.paths = found;
    told
}

/// Whether a path is of a pattern's form.
pub(super) fn is_of(pattern: &str, path: &Path) -> bool {
    let mut parts = path.components();
    let same = Path::new(pattern).components().all(|wild| {
        let (Some(part), Some(wild)) = (parts.next(), wild.as_os_str().to_str()) else {
            return false;
        };
        part.as_os_str()
            .to_str()
            .is_some_and(|name| wild == name || matches(wild, name))
    });
    same && parts.next().is_none()
}

/// Whether a name is of a pattern's form. A leading point is matched by a point alone.
fn matches(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where to go on when what the last star took was too little.
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == name.get(n) => (p, n) = (p + 1, n + 1),
            _ => {
                let Some((behind, from)) = star else {
                    return false;
                };
                star = Some((behind, from + 1));
                (p, n) = (behind, from + 1);
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_as_a_shell_does() {
        for (pattern, name, expect) in [
            ("*.log", "a.log", true),
            ("*.log", ".log", false),
            ("*.log", "a.log.1", false),
            ("app.log*", "app.log.1", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("*", "", true),
            ("", "a", false),
            (".*", ".hidden", true),
        ] {
            assert_eq!(matches(pattern, name), expect, "{pattern} {name}");
        }
    }
}
