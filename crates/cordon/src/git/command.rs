//! The `git` command, with everything off that a repository could have executed.

use std::path::Path;
use std::process::{Command, Stdio};

/// Bytes from which on git calls a file binary, and writes no hunks.
const BIG_FILE: &str = "core.bigFileThreshold=2m";

/// `git`, with everything off that a repository could have executed.
pub(super) fn command(repository: &Path, words: &[&str]) -> Command {
    // An entry such as `.` would find a program of the repository's own.
    let mut path = crate::environment::search_path();
    path.retain(|dir| dir.is_absolute());
    let mut programs = path.iter().map(|dir| dir.join("git"));
    let program = programs.find(|program| program.is_file());
    let mut command = Command::new(program.unwrap_or_else(|| "/usr/bin/git".into()));
    command.arg("-C").arg(repository);
    command.args(["--no-pager", "--no-optional-locks", "--no-replace-objects"]);
    for setting in [
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.pager=cat",
        "core.attributesFile=/dev/null",
        "core.quotePath=false",
        "core.sshCommand=false",
        "core.untrackedCache=false",
        "diff.external=",
        "diff.orderFile=/dev/null",
        "diff.submodule=short",
        "log.showSignature=false",
        "gpg.program=false",
        "gpg.ssh.program=false",
        "gpg.x509.program=false",
        "protocol.allow=never",
        "credential.helper=",
        "maintenance.auto=false",
        "gc.auto=0",
        BIG_FILE,
    ] {
        command.args(["-c", setting]);
    }
    command.args(words).env_clear();
    if let Ok(path) = std::env::join_paths(path) {
        command.env("PATH", path);
    }
    for (name, value) in [
        ("LC_ALL", "C"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        // Objects that are missing are not fetched, over whatever transport.
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_SSH_COMMAND", "false"),
        ("GIT_ASKPASS", "false"),
    ] {
        command.env(name, value);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}
