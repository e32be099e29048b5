//! Finds programs, and the directories that a Python interpreter needs to see.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// An interpreter that can import pytest.
#[derive(Clone, Debug)]
pub struct Python {
    /// The interpreter, as found: in a virtual environment its link, which selects the environment.
    pub executable: PathBuf,
    /// Directories it reads: its prefixes and where packages are.
    pub(crate) reads: Vec<PathBuf>,
}

/// Says where the interpreter lives; fails where pytest is missing.
const PROBE: &str = "import sys, sysconfig, os, pytest
for p in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix,
          os.path.dirname(os.path.realpath(sys.executable)),
          os.path.dirname(os.path.dirname(pytest.__file__)), *sysconfig.get_paths().values()}:
    if os.path.isdir(p): print(os.path.abspath(p))";

/// The first file of that name in the directories.
pub(crate) fn find(name: &str, path: &[PathBuf]) -> Option<PathBuf> {
    path.iter()
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// Finds an interpreter with pytest: the one given, else the first on `path` that has it.
pub fn find_python(given: Option<&Path>, path: &[PathBuf]) -> Result<Python, Error> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    match given {
        Some(given) => candidates.push(given.to_owned()),
        None => {
            for dir in path {
                candidates.extend(["python3", "python"].map(|name| dir.join(name)));
            }
        }
    }
    candidates.retain(|file| file.is_file());
    let tried = candidates.len();
    candidates
        .into_iter()
        .find_map(probe)
        .ok_or(Error::NoPython { tried })
}

fn probe(executable: PathBuf) -> Option<Python> {
    let executable = std::path::absolute(executable).ok()?;
    let answer = Command::new(&executable)
        .args(["-I", "-c", PROBE])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|answer| answer.status.success())?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let reads = text
        .lines()
        .map(PathBuf::from)
        .filter(|dir| dir.parent().is_some())
        .collect();
    Some(Python { executable, reads })
}
