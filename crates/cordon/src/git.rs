//! What a repository tells of its commits, through the `git` program.
//!
//! *Invariant: nothing of the repository is executed.* A repository's configuration can name
//! programs: pagers, diff and text-conversion drivers, file-system monitors, signature checkers,
//! transports for objects that are missing. Arguments are fixed, each of these is turned off by
//! argument, `-c` or environment, and the user's and the system's configuration are not read.
//!
//! *Limits:* [`COMMITS_COUNT_MAX`] commits, [`TAGS_COUNT_MAX`] tags, [`PATHS_COUNT_MAX`] paths,
//! [`FILES_COUNT_MAX`] files of a commit, [`HUNKS_COUNT_MAX`] hunks
//! of a file, [`WAIT_MAX`] of time for all of it, and those of [`run`]; what is beyond them is left
//! out, and said ([`LeftOut`]).

mod command;
mod log;
mod run;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use cordon_receive::FILES_COUNT_MAX;

use command::command;
pub(crate) use log::Commit;
#[cfg(test)]
pub(crate) use log::Touched;
use log::{COMMITS_COUNT_MAX, HUNKS_COUNT_MAX, Reading};
use run::{End, lines};

/// Time of all commands for one repository.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// Tags that are read.
const TAGS_COUNT_MAX: usize = 20_000;
/// Paths of the tree that are read.
const PATHS_COUNT_MAX: usize = 1_000_000;

/// What a limit kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// Commits, beyond so many that were read.
    Commits(usize),
    Tags,
    Paths,
    /// So many files, of commits that touch more of them than are kept.
    Files(usize),
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
            Self::Files(count) => write!(
                f,
                "commits touch more files than the {FILES_COUNT_MAX} that are kept of each: \
                 {count} were left out"
            ),
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
            &mut |line| reading.line(line),
        );
        let mut log = ended(reading, end.context("read commits with git log")?)?;
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

/// What was read of a log, once its output has come to this end.
fn ended(reading: Reading<'_>, end: End) -> anyhow::Result<Log> {
    let mut log = Log {
        left_out: reading
            .hunks_left_out
            .then_some(LeftOut::Hunks)
            .into_iter()
            .collect(),
        commits: reading.commits,
    };
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
    match log.commits.iter().map(|commit| commit.files_left_out).sum() {
        0 => {}
        count => log.left_out.push(LeftOut::Files(count)),
    }
    Ok(log)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_limits_leave_out_is_told() {
        let ends = |end, count: usize| {
            let mut reading = Reading::new(None);
            reading
                .commits
                .extend((0..count).map(|_| Commit::default()));
            let log = ended(reading, end).ok()?;
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
            reading.commits.push(Commit::default());
            reading.line(b":100644 100644 1 2 M\ta.py");
            reading.line(b"+++ b/a.py");
            for _ in 0..hunks {
                reading.line(b"@@ -1,0 +1,0 @@");
            }
            ended(reading, End::Whole).unwrap().left_out
        };
        assert_eq!(told(HUNKS_COUNT_MAX), []);
        assert_eq!(told(HUNKS_COUNT_MAX + 2), [LeftOut::Hunks]);
    }

    #[test]
    fn files_beyond_the_limit_are_counted() {
        let told = |files: &[usize], keep: Option<&dyn Fn(&str) -> bool>| {
            let mut reading = Reading::new(keep);
            for count in files {
                reading.commits.push(Commit::default());
                for n in 0..*count {
                    reading.line(format!(":100644 100644 1 2 M\tsrc/{n}.py").as_bytes());
                }
            }
            ended(reading, End::Whole).unwrap().left_out
        };
        let most = FILES_COUNT_MAX;
        assert_eq!(told(&[most, 1, most], None), []);
        assert_eq!(told(&[most + 1, 1, most + 2], None), [LeftOut::Files(3)]);
        // What is not wanted is not missed.
        let even = |path: &str| path.ends_with("0.py");
        assert_eq!(told(&[most + 1], Some(&even)), []);
    }
}
