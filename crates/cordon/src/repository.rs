//! A repository's commits for a diagnosis: read through git, redacted, handed on as plain data.

use std::collections::BTreeSet;
use std::path::Path;

use cordon_diagnose::incident::{Commit, Repository, Touched, file_name};
use cordon_event::{Change, Event, Raw, attr};
use cordon_redact::{PseudonymMac, Redactor, Verdict};

use crate::git::{self, Git};
use crate::log;

const NS_PER_S: u64 = 1_000_000_000;
/// Bytes of paths that are redacted at once.
const PIECE_BYTES_MAX: usize = 256 << 10;

/// Reads what a repository tells of the files of these names.
pub(crate) fn read(
    redactor: &Redactor,
    mac: &dyn PseudonymMac,
    folder: &Path,
    names: &BTreeSet<String>,
) -> anyhow::Result<Repository> {
    let keep = |path: &str| names.contains(file_name(path));
    let git = Git::new(folder);
    // First: they are soon read, and the commits may take all the time.
    let found = git.paths(&keep)?;
    let read = git.log(0, Some(&keep))?;
    for note in found.left_out.iter().chain(&read.left_out) {
        log::line(&format!("note: {note}"));
    }
    let commits: Vec<Commit> = read
        .commits
        .into_iter()
        .map(|commit| clean(redactor, mac, commit))
        .collect();
    let mut paths = Vec::new();
    let mut piece = String::new();
    for path in found.paths.into_iter().filter(|path| !path.contains('\n')) {
        piece.push_str(&path);
        piece.push('\n');
        if piece.len() >= PIECE_BYTES_MAX {
            paths.extend(clean_lines(redactor, mac, std::mem::take(&mut piece)));
        }
    }
    paths.extend(clean_lines(redactor, mac, piece));
    Ok(Repository { commits, paths })
}

fn clean_lines(redactor: &Redactor, mac: &dyn PseudonymMac, text: String) -> Vec<String> {
    let clean = redactor.text(mac, Raw::new(text)).clean;
    clean.get().lines().map(str::to_owned).collect()
}

/// A commit whose texts went through redaction. What the policy withholds keeps its place among
/// the others, without texts and files.
fn clean(redactor: &Redactor, mac: &dyn PseudonymMac, mut raw: git::Commit) -> Commit {
    let event = event(&mut raw);
    let mut commit = Commit {
        id: raw.id,
        parents: raw.parents,
        time_unix_ns: raw.time_unix_s.saturating_mul(NS_PER_S),
        touched_count: raw.touched_count,
        ..Commit::default()
    };
    let Verdict::Clean(clean) = redactor.event(mac, event).verdict else {
        return commit;
    };
    let tags = clean.get().attribute_str(attr::VCS_REF_NAME);
    commit.tags = tags
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    let change = Change::of(clean.get()).unwrap_or_default();
    (commit.summary, commit.author) = (change.description, change.author);
    // Two lines a file; as many come out as went in, unless a name holds a line break.
    if change.files.len() == 2 * raw.touched.len() {
        let pairs = change.files.chunks_exact(2);
        commit.touched = pairs
            .zip(raw.touched)
            .filter_map(|(pair, touched)| match pair {
                [path, was] => Some(Touched {
                    path: path.clone(),
                    was: touched.was.map(|_| was.clone()),
                    hunks: touched.hunks,
                }),
                _ => None,
            })
            .collect();
    }
    commit
}

/// The event of a commit: the way of its texts through redaction.
fn event(commit: &mut git::Commit) -> Raw<Event> {
    let paths = commit.touched.iter();
    let paths = paths.flat_map(|file| [&file.path, file.was.as_ref().unwrap_or(&file.path)]);
    let mut event = Change {
        description: std::mem::take(&mut commit.summary),
        commit: commit.id.clone(),
        author: std::mem::take(&mut commit.author),
        files: paths.cloned().collect(),
        ..Change::default()
    }
    .into_event();
    let tags = commit.tags.join("\n");
    event
        .attributes
        .push((attr::VCS_REF_NAME.to_owned(), tags.into()));
    Raw::new(event)
}
