//! What a repository tells of its commits, through the `git` program.
//!
//! *Invariant: nothing of the repository is executed.* A repository's configuration can name
//! programs: pagers, diff and text-conversion drivers, file-system monitors, signature checkers,
//! transports for objects that are missing. Arguments are fixed, each of these is turned off by
//! argument, `-c` or environment, and the user's and the system's configuration are not read.
//!
//! *Limits:* [`COMMITS_COUNT_MAX`] commits, [`OUTPUT_BYTES_MAX`] of output, [`WAIT_MAX`] of time;
//! what is beyond them is left out, and said.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use cordon_diagnose::incident::Hunk;
use cordon_receive::FILES_COUNT_MAX;

/// Commits that are read.
pub(crate) const COMMITS_COUNT_MAX: usize = 5_000;
/// Bytes of one command's output.
const OUTPUT_BYTES_MAX: u64 = 512 << 20;
/// Bytes of one line of it; the rest of a longer one is skipped.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Time of one command.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// Tags that are read.
const TAGS_COUNT_MAX: usize = 20_000;
/// Paths of the tree that are read.
const PATHS_COUNT_MAX: usize = 1_000_000;
/// Hunks of one file that are kept.
const HUNKS_COUNT_MAX: usize = 1_000;
/// Bytes from which on git calls a file binary, and writes no hunks.
const BIG_FILE: &str = "core.bigFileThreshold=2m";

/// A commit, raw.
#[derive(Default)]
pub(crate) struct Commit {
    pub(crate) id: String,
    pub(crate) parents: Vec<String>,
    /// Seconds since the Unix epoch.
    pub(crate) time_unix_s: u64,
    pub(crate) author: String,
    pub(crate) summary: String,
    pub(crate) tags: Vec<String>,
    pub(crate) touched: Vec<Touched>,
    /// Files that it touches, those that are not kept included.
    pub(crate) touched_count: usize,
}

/// A file that a commit touches, raw.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) path: String,
    /// Its path before, where it was moved.
    pub(crate) was: Option<String>,
    pub(crate) hunks: Vec<Hunk>,
}

/// What `git log` told.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) commits: Vec<Commit>,
    /// Whether a limit was met.
    pub(crate) is_cut: bool,
}

/// Reads the commits that lead to HEAD and to tags, the latest first. `keep` says of which paths
/// the hunks are wanted; without it, git does not compare contents.
pub(crate) fn log(
    repository: &Path,
    since_unix_s: u64,
    keep: Option<&dyn Fn(&str) -> bool>,
) -> anyhow::Result<Log> {
    let most = format!("--max-count={COMMITS_COUNT_MAX}");
    let since = format!("--since={since_unix_s}");
    let mut words = vec![
        "log",
        "--no-ext-diff",
        "--no-textconv",
        "--no-show-signature",
        "--no-color",
        "--no-notes",
        "--no-mailmap",
        "--no-decorate",
        "--no-relative",
        "--no-diff-merges",
        "--ignore-submodules=all",
        "--submodule=short",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--encoding=UTF-8",
        "--topo-order",
        "--find-renames",
        "-l400",
        "--no-abbrev",
        "--raw",
        "--format=%x01%H%x00%P%x00%ct%x00%ae%x00%an%x00%s",
        &most,
    ];
    if since_unix_s > 0 {
        words.push(&since);
    }
    if keep.is_some() {
        words.extend(["--patch", "--unified=0", "--inter-hunk-context=0"]);
    }
    words.extend(["--tags", "HEAD", "--"]);
    let mut reading = Reading {
        log: Log::default(),
        keep,
        file: None,
        left: 0,
    };
    let cut = lines(repository, &words, b'\n', &mut |line| {
        reading.line(line);
        true
    });
    reading.log.is_cut = cut.context("read commits with git log")?;
    reading.log.is_cut |= reading.log.commits.len() >= COMMITS_COUNT_MAX;
    let mut log = reading.log;
    name(&mut log.commits, &tags(repository)?);
    Ok(log)
}

/// Gives commits the tags that point to them.
fn name(commits: &mut [Commit], tags: &[(String, String)]) {
    let mut named: std::collections::HashMap<&str, Vec<&str>> = std::collections::HashMap::new();
    for (id, tag) in tags {
        named.entry(id).or_default().push(tag);
    }
    for commit in commits {
        let own = named.get(commit.id.as_str()).into_iter().flatten();
        commit.tags = own.map(|tag| (*tag).to_owned()).collect();
    }
}

/// Commits and the tags that point to them.
fn tags(repository: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let words = [
        "for-each-ref",
        "--format=%(objectname) %(*objectname) %(refname:strip=2)",
        "refs/tags",
    ];
    let mut found = Vec::new();
    let read = lines(repository, &words, b'\n', &mut |line| {
        let text = String::from_utf8_lossy(line);
        let mut parts = text.splitn(3, ' ');
        if let (Some(own), Some(peeled), Some(tag)) = (parts.next(), parts.next(), parts.next()) {
            let id = if peeled.is_empty() { own } else { peeled };
            found.push((id.to_owned(), tag.to_owned()));
        }
        found.len() < TAGS_COUNT_MAX
    });
    read.context("read tags with git for-each-ref")?;
    Ok(found)
}

/// Paths of the tree at HEAD that are wanted.
pub(crate) fn paths(repository: &Path, keep: &dyn Fn(&str) -> bool) -> anyhow::Result<Vec<String>> {
    let words = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"];
    let mut found = Vec::new();
    let mut seen = 0;
    let read = lines(repository, &words, 0, &mut |path| {
        seen += 1;
        let path = String::from_utf8_lossy(path);
        if keep(&path) {
            found.push(path.into_owned());
        }
        seen < PATHS_COUNT_MAX
    });
    read.context("read paths with git ls-tree")?;
    Ok(found)
}

/// `git`, with everything off that a repository could have executed.
fn command(repository: &Path, words: &[&str]) -> Command {
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

/// Runs it and gives its output piece by piece, until `take` wants no more. Whether a limit was met
/// before its end.
fn lines(
    repository: &Path,
    words: &[&str],
    end: u8,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> anyhow::Result<bool> {
    let mut child = command(repository, words).spawn().context("start git")?;
    let out = child.stdout.take().context("read from git")?;
    let (done, waited) = mpsc::channel::<()>();
    // Reading ends when the program does: whoever waits too long ends it.
    let guard = std::thread::spawn(move || watch(child, &waited));
    let mut from = BufReader::with_capacity(1 << 18, out.take(OUTPUT_BYTES_MAX));
    let mut line = Vec::new();
    let mut is_cut = false;
    let read = loop {
        line.clear();
        match from
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(end, &mut line)
        {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
        if line.last() == Some(&end) {
            line.pop();
        } else if line.len() as u64 >= LINE_BYTES_MAX {
            skip(&mut from, end);
        }
        if !take(&line) {
            is_cut = true;
            break Ok(());
        }
    };
    is_cut |= from.get_ref().limit() == 0;
    drop(from);
    drop(done);
    let ended = guard.join().map_err(|_| anyhow!("wait for git"))?;
    read.context("read from git")?;
    match ended {
        Ended::Well => Ok(is_cut),
        Ended::Late => Ok(true),
        Ended::Badly if is_cut => Ok(true),
        Ended::Badly => Err(anyhow!(
            "read the repository: git refuses it (is it one, with a commit, and your own?)"
        )),
    }
}

/// Drops the rest of a line.
fn skip(from: &mut impl std::io::BufRead, end: u8) {
    while let Ok(buffer) = from.fill_buf() {
        if buffer.is_empty() {
            return;
        }
        if let Some(at) = buffer.iter().position(|b| *b == end) {
            from.consume(at + 1);
            return;
        }
        let len = buffer.len();
        from.consume(len);
    }
}

/// How the program ended.
enum Ended {
    Well,
    Badly,
    /// It was ended, since it took too long.
    Late,
}

/// Waits for the end of the reading, or of the time; then for the program's own.
fn watch(mut child: Child, read: &mpsc::Receiver<()>) -> Ended {
    if read.recv_timeout(WAIT_MAX) == Err(mpsc::RecvTimeoutError::Timeout) {
        // It may have ended in this very moment.
        let _ = child.kill();
        let _ = child.wait();
        return Ended::Late;
    }
    match child.wait() {
        Ok(status) if status.success() => Ended::Well,
        _ => Ended::Badly,
    }
}

/// The output of `git log` on its way into commits.
struct Reading<'k> {
    log: Log,
    keep: Option<&'k dyn Fn(&str) -> bool>,
    /// File of the commit whose hunks are being read.
    file: Option<usize>,
    /// Lines of a hunk that are left: a line of content may look like anything.
    left: u64,
}

impl Reading<'_> {
    fn line(&mut self, line: &[u8]) {
        if self.left > 0 && matches!(line.first(), Some(b'+' | b'-')) {
            self.left -= 1;
            return;
        }
        if let Some(head) = line.strip_prefix(b"\x01") {
            self.log.commits.extend(commit(head));
            (self.file, self.left) = (None, 0);
            return;
        }
        let Some(commit) = self.log.commits.last_mut() else {
            return;
        };
        if let Some(raw) = line.strip_prefix(b":") {
            commit.touched_count += 1;
            let file = touched(raw);
            let room = commit.touched.len() < FILES_COUNT_MAX;
            let wanted = |file: &Touched| self.keep.is_none_or(|keep| keep(&file.path));
            commit
                .touched
                .extend(file.filter(|file| room && wanted(file)));
        } else if line.starts_with(b"diff --git ") {
            (self.file, self.left) = (None, 0);
        } else if let Some(path) = line.strip_prefix(b"+++ ") {
            let path = unquote(path);
            let path = path.strip_prefix("b/").unwrap_or(&path);
            self.file = commit.touched.iter().position(|file| file.path == path);
        } else if line.starts_with(b"@@ ") {
            let Some(hunk) = hunk(line) else { return };
            self.left = u64::from(hunk.old_lines) + u64::from(hunk.new_lines);
            let file = self.file.and_then(|at| commit.touched.get_mut(at));
            if let Some(file) = file.filter(|file| file.hunks.len() < HUNKS_COUNT_MAX) {
                file.hunks.push(hunk);
            }
        }
    }
}

/// The line that begins a commit.
fn commit(head: &[u8]) -> Option<Commit> {
    let text = String::from_utf8_lossy(head);
    let mut parts = text.splitn(6, '\0');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (id, parents, time, mail, name, summary) = (next(), next(), next(), next(), next(), next());
    let is_id = (40..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| Commit {
        id,
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        time_unix_s: time.parse().unwrap_or_default(),
        author: if mail.is_empty() { name } else { mail },
        summary,
        ..Commit::default()
    })
}

/// `100644 100644 <id> <id> M\tpath`, and `… R090\told\tnew`.
fn touched(raw: &[u8]) -> Option<Touched> {
    let mut parts = raw.split(|b| *b == b'\t');
    let _modes = parts.next()?;
    let first = unquote(parts.next()?);
    Some(match parts.next() {
        Some(second) => Touched {
            path: unquote(second),
            was: Some(first),
            hunks: Vec::new(),
        },
        None => Touched {
            path: first,
            ..Touched::default()
        },
    })
}

/// `@@ -12,3 +14 @@`: a count that is not there is one.
fn hunk(line: &[u8]) -> Option<Hunk> {
    let text = std::str::from_utf8(line.get(..line.len().min(80))?).ok()?;
    let mut words = text.split(' ').skip(1);
    let mut range = |sign: char| -> Option<(u32, u32)> {
        let word = words.next()?.strip_prefix(sign)?;
        let (start, count) = word.split_once(',').unwrap_or((word, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let ((old_start, old_lines), (new_start, new_lines)) = (range('-')?, range('+')?);
    Some(Hunk {
        old_start,
        old_lines,
        new_start,
        new_lines,
    })
}

/// A path as git writes it: in quotes, with escapes as in C, where it has odd characters.
fn unquote(path: &[u8]) -> String {
    let inner = path.strip_prefix(b"\"").and_then(|p| p.strip_suffix(b"\""));
    let Some(inner) = inner else {
        // Behind a path with a blank git writes a tab.
        let path = path.strip_suffix(b"\t").unwrap_or(path);
        return String::from_utf8_lossy(path).into_owned();
    };
    let mut out = Vec::new();
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(more) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) {
                        value = value * 8 + u32::from(more - b'0');
                    }
                }
                out.push(value as u8);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, keep: Option<&dyn Fn(&str) -> bool>) -> Vec<Commit> {
        let mut reading = Reading {
            log: Log::default(),
            keep,
            file: None,
            left: 0,
        };
        text.split('\n')
            .for_each(|line| reading.line(line.as_bytes()));
        reading.log.commits
    }

    #[test]
    fn content_that_looks_like_a_header_is_content() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "\x01{a}\0{b}\01700000000\0m@example.org\0M\0fix: round\n\n\
             :100644 100644 1 2 M\tsrc/money.py\n:100644 100644 1 2 R090\told.py\tnew name.py\n\n\
             diff --git a/src/money.py b/src/money.py\n--- a/src/money.py\n+++ b/src/money.py\n\
             @@ -3,2 +3,3 @@ def f():\n--- a/x\n-@@ -1 +1 @@\n\
             +++ b/forged.py\n+@@ -9 +9 @@\n+\x01{b}\n\
             @@ -20 +22 @@\n-x\n+y\n\\ No newline at end of file\n\
             diff --git a/old.py b/new name.py\n--- a/old.py\n+++ b/new name.py\t\n\
             @@ -1,0 +2 @@\n+z\n"
        );
        let all = |_: &str| true;
        let commits = read(&text, Some(&all));
        assert_eq!(commits.len(), 1);
        let commit = &commits[0];
        assert_eq!(
            (commit.author.as_str(), commit.time_unix_s),
            ("m@example.org", 1_700_000_000)
        );
        assert_eq!(commit.parents, [b]);
        let hunks = |at: usize| -> Vec<_> {
            let hunk = |h: &Hunk| (h.old_start, h.old_lines, h.new_start, h.new_lines);
            commit.touched[at].hunks.iter().map(hunk).collect()
        };
        assert_eq!(hunks(0), [(3, 2, 3, 3), (20, 1, 22, 1)]);
        assert_eq!(hunks(1), [(1, 0, 2, 1)]);
        assert_eq!(commit.touched[1].was.as_deref(), Some("old.py"));
        let none = |path: &str| path.ends_with("README");
        assert_eq!(read(&text, Some(&none))[0].touched.len(), 0);
        assert_eq!(read(&text, Some(&none))[0].touched_count, 2);
    }

    #[test]
    fn paths_are_unquoted() {
        assert_eq!(unquote(b"plain path.py"), "plain path.py");
        assert_eq!(
            unquote(br#""tab\there \"q\" \303\251\\""#),
            "tab\there \"q\" é\\"
        );
        assert_eq!(unquote(b"\"\\"), "\"\\");
        assert_eq!(unquote(b""), "");
    }
}
