//! What a repository tells of its commits, through the `git` program.
//!
//! *Invariant: nothing of the repository is executed.* A repository's configuration can name
//! programs: pagers, diff and text-conversion drivers, file-system monitors, signature checkers,
//! transports for objects that are missing. Arguments are fixed, each of these is turned off by
//! argument, `-c` or environment, and the user's and the system's configuration are not read.
//!
//! *Limits:* [`COMMITS_COUNT_MAX`] commits, [`TAGS_COUNT_MAX`] tags, [`PATHS_COUNT_MAX`] paths,
//! [`HUNKS_COUNT_MAX`] hunks of a file, [`OUTPUT_BYTES_MAX`] of output, [`WAIT_MAX`] of time for
//! all of it; what is beyond them is left out, and said ([`LeftOut`]).

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use cordon_diagnose::incident::Hunk;
use cordon_receive::FILES_COUNT_MAX;

/// Commits that are read.
pub(crate) const COMMITS_COUNT_MAX: usize = 5_000;
/// Bytes of one command's output.
const OUTPUT_BYTES_MAX: u64 = 512 << 20;
/// Bytes of one line of it; the rest of a longer one is skipped.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Time of all commands for one repository.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// Time in which a program that was killed is gone.
const REAP_WAIT_MAX: Duration = Duration::from_secs(1);
/// Time between two looks whether a program has ended.
const POLL_WAIT: Duration = Duration::from_millis(2);
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

/// What a limit kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// Commits, beyond so many that were read.
    Commits(usize),
    Tags,
    Paths,
    Hunks,
    /// What git had not told when the time was over.
    Time,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Commits(count) => {
                write!(
                    f,
                    "more commits than are read at once: the latest {count} were"
                )
            }
            Self::Tags => f.write_str("more tags than are read at once: some were left out"),
            Self::Paths => f.write_str("more files than are read at once: some were left out"),
            Self::Hunks => write!(
                f,
                "a commit changes a file in more than {HUNKS_COUNT_MAX} places: \
                 the others were left out"
            ),
            Self::Time => write!(
                f,
                "git took longer than {} s: what it had not told by then was left out",
                WAIT_MAX.as_secs()
            ),
        }
    }
}

/// What `git log` told.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) commits: Vec<Commit>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// What `git ls-tree` told.
pub(crate) struct Paths {
    pub(crate) paths: Vec<String>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// A repository, and the moment until which it is read.
pub(crate) struct Git<'r> {
    repository: &'r Path,
    until: Instant,
}

impl<'r> Git<'r> {
    /// From now on the time runs, for all that is read.
    pub(crate) fn new(repository: &'r Path) -> Self {
        let until = Instant::now() + WAIT_MAX;
        Self { repository, until }
    }

    /// Reads the commits that lead to HEAD and to tags, the latest first. `keep` says of which
    /// paths the hunks are wanted; without it, git does not compare contents.
    pub(crate) fn log(
        &self,
        since_unix_s: u64,
        keep: Option<&dyn Fn(&str) -> bool>,
    ) -> anyhow::Result<Log> {
        // First: it is short, and the commits may take all the time.
        let (tags, tags_end) = self.tags()?;
        let words = log_words(since_unix_s, keep.is_some());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut reading = Reading::new(keep);
        let end = lines(
            command(self.repository, &words),
            self.until,
            b'\n',
            &mut |line| {
                reading.line(line);
                true
            },
        );
        let mut log = reading.end(end.context("read commits with git log")?)?;
        log.left_out.extend(tags_end.left_out(LeftOut::Tags));
        name(&mut log.commits, &tags);
        Ok(log)
    }

    /// Commits and the tags that point to them.
    fn tags(&self) -> anyhow::Result<(Vec<(String, String)>, End)> {
        let words = [
            "for-each-ref",
            "--format=%(objectname) %(*objectname) %(refname:strip=2)",
            "refs/tags",
        ];
        let mut found = Vec::new();
        let command = command(self.repository, &words);
        let end = lines(command, self.until, b'\n', &mut |line| {
            if found.len() >= TAGS_COUNT_MAX {
                return false;
            }
            found.extend(tag(line));
            true
        });
        Ok((found, end.context("read tags with git for-each-ref")?))
    }

    /// Paths of the tree at HEAD that are wanted.
    pub(crate) fn paths(&self, keep: &dyn Fn(&str) -> bool) -> anyhow::Result<Paths> {
        let words = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"];
        let mut paths = Vec::new();
        let mut seen = 0;
        let command = command(self.repository, &words);
        let end = lines(command, self.until, 0, &mut |path| {
            seen += 1;
            let path = String::from_utf8_lossy(path);
            if seen <= PATHS_COUNT_MAX && keep(&path) {
                paths.push(path.into_owned());
            }
            seen <= PATHS_COUNT_MAX
        });
        let end = end.context("read paths with git ls-tree")?;
        let left_out = end.left_out(LeftOut::Paths).into_iter().collect();
        Ok(Paths { paths, left_out })
    }
}

/// The words of `git log`.
fn log_words(since_unix_s: u64, with_hunks: bool) -> Vec<String> {
    let fixed = [
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
    ];
    let mut words: Vec<String> = fixed.into_iter().map(str::to_owned).collect();
    // One more than is kept tells that there are more.
    words.push(format!("--max-count={}", COMMITS_COUNT_MAX + 1));
    if since_unix_s > 0 {
        // A bare number is guessed at; with `@` and a zone it is seconds, also before 1973.
        words.push(format!("--since=@{since_unix_s} +0000"));
    }
    if with_hunks {
        let patch = ["--patch", "--unified=0", "--inter-hunk-context=0"];
        words.extend(patch.map(str::to_owned));
    }
    words.extend(["--tags", "HEAD", "--"].map(str::to_owned));
    words
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

/// An object and a tag that points to it: `<id> <id of the commit, if it is not the first> <tag>`.
fn tag(line: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.splitn(3, ' ');
    let (own, peeled, tag) = (parts.next()?, parts.next()?, parts.next()?);
    let id = if peeled.is_empty() { own } else { peeled };
    Some((id.to_owned(), tag.to_owned()))
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

/// Up to where a program's output was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    /// More was there than is read.
    Cut,
    /// The time was over.
    Late,
}

impl End {
    /// What is missing, where `cut` is what a cut leaves out.
    fn left_out(self, cut: LeftOut) -> Option<LeftOut> {
        match self {
            Self::Whole => None,
            Self::Cut => Some(cut),
            Self::Late => Some(LeftOut::Time),
        }
    }
}

/// Runs it and gives its output piece by piece, until `take` wants no more or the time is over. A
/// piece that does not come to its end is not given.
fn lines(
    mut command: Command,
    until: Instant,
    end: u8,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> anyhow::Result<End> {
    let mut child = command.spawn().context("start git")?;
    let out = child.stdout.take().context("read from git")?;
    let (done, waited) = mpsc::channel::<bool>();
    // Reading ends when the program does: whoever waits too long ends it.
    let guard = std::thread::spawn(move || watch(child, &waited, until));
    let mut from = BufReader::with_capacity(1 << 18, out.take(OUTPUT_BYTES_MAX));
    let mut given = 0_u64;
    let read = pieces(&mut from, end, &mut |piece| {
        given += 1;
        take(piece)
    });
    let is_cut = !matches!(read, Ok(true)) || from.get_ref().limit() == 0;
    // A failure to send is a watch that has ended, as late.
    let _ = done.send(is_cut);
    drop(from);
    let ended = guard.join().map_err(|_| anyhow!("wait for git"))?;
    read.context("read from git")?;
    match ended {
        Ended::Late if given == 0 => Err(anyhow!("git told nothing in the time it was given")),
        Ended::Late => Ok(End::Late),
        _ if is_cut => Ok(End::Cut),
        Ended::Well => Ok(End::Whole),
        Ended::Badly => Err(anyhow!(
            "read the repository: git refuses it (is it one, with a commit, and your own?)"
        )),
    }
}

/// Gives what is read piece by piece. Whether all of it was wanted.
fn pieces(
    from: &mut impl std::io::BufRead,
    end: u8,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> std::io::Result<bool> {
    let mut piece = Vec::new();
    loop {
        piece.clear();
        from.by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(end, &mut piece)?;
        if piece.last() == Some(&end) {
            piece.pop();
        } else if piece.len() as u64 >= LINE_BYTES_MAX {
            skip(from, end);
        } else {
            return Ok(true);
        }
        if !take(&piece) {
            return Ok(false);
        }
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

/// Waits for the end of the reading, then for the program's own, both until the time is over. A
/// program whose output is not read to its end has nothing left to do.
fn watch(mut child: Child, read: &mpsc::Receiver<bool>, until: Instant) -> Ended {
    let left = until.saturating_duration_since(Instant::now());
    let told = read.recv_timeout(left);
    let is_whole = told == Ok(false);
    let ended = if is_whole {
        reap(&mut child, until)
    } else {
        None
    };
    if let Some(status) = ended {
        return if status.success() {
            Ended::Well
        } else {
            Ended::Badly
        };
    }
    // It may have ended in this very moment.
    let _ = child.kill();
    reap(&mut child, Instant::now() + REAP_WAIT_MAX);
    if is_whole || told == Err(mpsc::RecvTimeoutError::Timeout) {
        Ended::Late
    } else {
        Ended::Badly
    }
}

/// The status of a program that ends until then.
fn reap(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(POLL_WAIT),
            _ => return None,
        }
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

impl<'k> Reading<'k> {
    fn new(keep: Option<&'k dyn Fn(&str) -> bool>) -> Self {
        Self {
            log: Log::default(),
            keep,
            file: None,
            left: 0,
        }
    }

    /// What was read, once the output has come to this end.
    fn end(self, end: End) -> anyhow::Result<Log> {
        let mut log = self.log;
        if end != End::Whole {
            // Files of the last one may be missing, and nothing would tell.
            log.commits.pop();
        }
        if end == End::Late {
            if log.commits.is_empty() {
                return Err(anyhow!("git told no commit in the time it was given"));
            }
            log.left_out.push(LeftOut::Time);
        }
        if end == End::Cut || log.commits.len() > COMMITS_COUNT_MAX {
            log.commits.truncate(COMMITS_COUNT_MAX);
            log.left_out.push(LeftOut::Commits(log.commits.len()));
        }
        Ok(log)
    }

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
            match file {
                Some(file) if file.hunks.len() < HUNKS_COUNT_MAX => file.hunks.push(hunk),
                Some(_) if !self.log.left_out.contains(&LeftOut::Hunks) => {
                    self.log.left_out.push(LeftOut::Hunks);
                }
                _ => {}
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
    // Behind the second `@@` stands a line of content, in whatever encoding.
    let ranges = line.strip_prefix(b"@@ ")?;
    let len = ranges.windows(2).position(|pair| pair == b"@@")?;
    let mut words = std::str::from_utf8(ranges.get(..len)?).ok()?.split(' ');
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
        let mut reading = Reading::new(keep);
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

    #[test]
    fn a_hunk_is_read_whatever_its_function_is_called() {
        let want = |hunk: Hunk| {
            (
                hunk.old_start,
                hunk.old_lines,
                hunk.new_start,
                hunk.new_lines,
            )
        };
        for shift in 0..100 {
            let line = format!("@@ -3,2 +4 @@ {}{}", "x".repeat(shift), "é".repeat(60));
            assert_eq!(hunk(line.as_bytes()).map(want), Some((3, 2, 4, 1)));
        }
        let latin = [b"@@ -3,2 +4 @@ ".as_slice(), b"caf\xe9"].concat();
        assert_eq!(hunk(&latin).map(want), Some((3, 2, 4, 1)));
        for bad in [
            "@@ -3,2 +4",
            "@@ -3",
            "@@ ",
            "@@ +3 -4 @@",
            "@@@ -1 -1 +1 @@@",
        ] {
            assert!(hunk(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    /// What a program's output comes to in a time, and the lines that were given.
    fn run(script: &str, wait: Duration, count_max: usize) -> (anyhow::Result<End>, Vec<String>) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        let mut found = Vec::new();
        let end = lines(command, Instant::now() + wait, b'\n', &mut |line| {
            if found.len() >= count_max {
                return false;
            }
            found.push(String::from_utf8_lossy(line).into_owned());
            true
        });
        (end, found)
    }

    #[test]
    fn a_program_is_waited_for_until_the_time_is_over() {
        let (short, long) = (Duration::from_millis(300), Duration::from_mins(1));
        let begun = Instant::now();
        for (script, wait, want) in [
            ("echo a; echo b", long, Some(End::Whole)),
            ("echo a; echo b; echo c", long, Some(End::Cut)),
            ("echo a; exit 1", long, None),
            ("exec sleep 100", short, None),
            ("printf begun; exec sleep 100", short, None),
            ("echo a; printf b; exec sleep 100", short, Some(End::Late)),
            ("echo a; exec >&-; exec sleep 100", short, Some(End::Late)),
            // It lives on after what was wanted: it is not waited for.
            (
                "echo a; echo b; echo c; exec sleep 100",
                long,
                Some(End::Cut),
            ),
        ] {
            let (end, found) = run(script, wait, 2);
            assert_eq!(end.ok(), want, "{script}");
            let whole = if want == Some(End::Late) { 1 } else { 2 };
            assert!(
                want.is_none() || found.len() == whole,
                "{script}: {found:?}"
            );
        }
        assert!(begun.elapsed() < long);
    }

    #[test]
    fn what_limits_leave_out_is_told() {
        let ends = |end, count: usize| {
            let mut reading = Reading::new(None);
            reading
                .log
                .commits
                .extend((0..count).map(|_| Commit::default()));
            let log = reading.end(end).ok()?;
            Some((log.commits.len(), log.left_out))
        };
        let most = COMMITS_COUNT_MAX;
        assert_eq!(ends(End::Whole, most), Some((most, vec![])));
        let beyond = Some((most, vec![LeftOut::Commits(most)]));
        assert_eq!(ends(End::Whole, most + 1), beyond);
        assert_eq!(ends(End::Cut, 3), Some((2, vec![LeftOut::Commits(2)])));
        assert_eq!(ends(End::Late, 3), Some((2, vec![LeftOut::Time])));
        assert_eq!(ends(End::Late, 1), None);

        let told = |hunks: usize| {
            let all = |_: &str| true;
            let mut reading = Reading::new(Some(&all));
            reading.log.commits.push(Commit::default());
            reading.line(b":100644 100644 1 2 M\ta.py");
            reading.line(b"+++ b/a.py");
            (0..hunks).for_each(|_| reading.line(b"@@ -1,0 +1,0 @@"));
            reading.log.left_out
        };
        assert_eq!(told(HUNKS_COUNT_MAX), []);
        assert_eq!(told(HUNKS_COUNT_MAX + 2), [LeftOut::Hunks]);
    }
}
