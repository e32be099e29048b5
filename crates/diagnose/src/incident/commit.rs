//! The suspect commit: of what was deployed between good and bad, what touched the suspect frames.
//!
//! Candidates are the commits that the first bad version has and the last good one has not, where
//! tags or ids say which these are; otherwise those of the days before the beginning. Of a
//! candidate counts which suspect frame's file it touches, how near to the frame's line, how many
//! files beside it, and whether it came with the version that fails. The line is followed back
//! through the later commits, as `git blame` does.
//!
//! Below a floor nobody is named: a commit that happens to touch the file is no culprit.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::case::Case;
use super::changed;
use super::evidence::{Check, Evidence, Numbers, Subject, Unit};
use super::frame::{GROUP_WEIGHT, SuspectFrame, location, qualified};
use super::names::Name;
use super::path;
use super::rank::Found;
use super::repository::{Commit, Repository, look};
use crate::sentence::excerpt;
use crate::told::short;

/// Lowest score of a commit that is named.
pub(crate) const SCORE_MIN: f64 = 0.25;
/// Commits that are told.
const TOLD_COUNT_MAX: usize = 3;
/// How long before the beginning a commit may have been made, where no version tells: a week.
const BEFORE_NS_MAX: u64 = 7 * DAY_NS;
/// The same, where the bad version is known and the good one is not: a month.
const VERSION_NS_MAX: u64 = 30 * DAY_NS;
const DAY_NS: u64 = 86_400_000_000_000;
/// Lines from a hunk at which half of what it says is left.
const HALF_LINES: f64 = 20.0;
/// What a touched file says where no lines are known.
const FILE_SHARE: f64 = 0.45;
/// What a hunk beside the line says at most, and one far from it at least.
const NEAR_SHARE: f64 = 0.75;
const FAR_SHARE: f64 = 0.1;
/// What is left where only the time says that the commit ran, at most and at least.
const TIMED_SHARE: (f64, f64) = (0.85, 0.6);
/// Files from which on a commit is a sweep over the tree.
const SWEEP_FILES: f64 = 10.0;
/// Fewest letters of a commit's id in a version.
const ID_CHARS_MIN: usize = 7;

/// How the search for a commit ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommitVerdict {
    /// No commits were given.
    #[default]
    NoRepository,
    /// Nothing that fails has a frame to look for.
    NoFrame,
    /// No commit lies between good and bad.
    NoCommit,
    /// None touches the frames nearly enough.
    BelowFloor,
    /// One stands out.
    Found,
}

impl CommitVerdict {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRepository => "no_repository",
            Self::NoFrame => "no_frame",
            Self::NoCommit => "no_commit_in_range",
            Self::BelowFloor => "below_floor",
            Self::Found => "found",
        }
    }
}

/// A commit that may have brought the fault.
#[derive(Clone, Debug, PartialEq)]
pub struct SuspectCommit {
    /// Its id.
    pub id: String,
    /// First line of its message.
    pub summary: String,
    /// Who made it: a pseudonym.
    pub author: String,
    /// When, nanoseconds since the Unix epoch.
    pub time_unix_ns: u64,
    /// Which of the suspect frames it touches, from 0.
    pub frame: usize,
    /// The file.
    pub path: String,
    /// Lines between the frame and the nearest change; 0 where it wrote the line, `None` where no
    /// lines are known.
    pub distance_lines: Option<u32>,
    /// Whether versions say that it came with what fails; otherwise its time does.
    pub by_version: bool,
    /// What was seen; its strength is the score.
    pub evidence: Evidence,
    /// What would not have happened without it.
    pub counterfactual: String,
}

/// What the search found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    pub(crate) verdict: CommitVerdict,
    /// Commits that were looked at.
    pub(crate) looked_at: usize,
    pub(crate) suspects: Vec<SuspectCommit>,
}

/// Looks for the commit that brought the frames' fault. `onset_ns` is when it began.
pub(crate) fn search(
    case: &Case,
    found: &Found<'_>,
    frames: &[SuspectFrame],
    onset_ns: Option<u64>,
) -> Search {
    let Some(repository) = &case.repository else {
        return Search::default();
    };
    let mut search = Search::default();
    let with_file = |one: &SuspectFrame| !one.frame.file.is_empty() && one.frame.in_app;
    let Some(first) = frames.iter().find(|one| with_file(one)) else {
        search.verdict = CommitVerdict::NoFrame;
        return search;
    };
    let range = range(case, found, repository, &first.service, onset_ns);
    search.looked_at = range.commits.len();
    if range.commits.is_empty() {
        search.verdict = CommitVerdict::NoCommit;
        return search;
    }
    let all = path::known(repository);
    let mut best: HashMap<usize, Touch> = HashMap::new();
    for (at, one) in frames.iter().enumerate().filter(|(_, one)| with_file(one)) {
        for (path, sure) in path::resolve(&one.frame, &one.service, &all) {
            follow(&range, one, (at, path, sure), &mut best);
        }
    }
    let mut told: Vec<SuspectCommit> = best
        .into_iter()
        .filter(|(_, touch)| touch.score >= SCORE_MIN)
        .filter_map(|(at, touch)| {
            let commit = range.commits.get(at)?;
            Some(tell(
                commit,
                &touch,
                frames.get(touch.frame)?,
                range.by_version,
            ))
        })
        .collect();
    told.sort_by(|a, b| {
        let score = b.evidence.strength.total_cmp(&a.evidence.strength);
        let later = b.time_unix_ns.cmp(&a.time_unix_ns);
        score.then(later).then_with(|| a.id.cmp(&b.id))
    });
    told.truncate(TOLD_COUNT_MAX);
    search.verdict = if told.is_empty() {
        CommitVerdict::BelowFloor
    } else {
        CommitVerdict::Found
    };
    search.suspects = told;
    search
}

/// What a commit did nearest to a frame.
struct Touch {
    score: f64,
    frame: usize,
    path: String,
    distance: Option<u32>,
}

/// Candidates, the latest first.
struct Range<'a> {
    commits: Vec<&'a Commit>,
    by_version: bool,
    onset_ns: u64,
}

/// The commits that came between good and bad.
fn range<'a>(
    case: &Case,
    found: &Found<'_>,
    repository: &'a Repository,
    service: &str,
    onset_ns: Option<u64>,
) -> Range<'a> {
    let onset_ns = onset_ns.unwrap_or_else(|| changed::window(&case.incident).0);
    let places = Places::new(repository);
    let name = case.names.find(service).unwrap_or(Name::NONE);
    let new = found.changed.versions.get(&name).into_iter().flatten();
    let mut bad: BTreeSet<usize> = new
        .filter_map(|version| places.of_version(case.text(*version), service))
        .collect();
    let before = case
        .baseline
        .spans
        .iter()
        .filter(|span| span.service == name);
    let versions: BTreeSet<&str> = before.map(|span| case.text(span.version)).collect();
    let good: BTreeSet<usize> = versions
        .into_iter()
        .filter_map(|version| places.of_version(version, service))
        .collect();
    if bad.is_empty() {
        // What was rolled out after the beginning did not cause it.
        let since = changed::window(&case.baseline).0;
        let told = case.changes.iter().filter(|change| {
            let near = (since..=onset_ns).contains(&change.time_unix_ns);
            change.service == service && change.kind == "deploy" && near
        });
        let told = told.filter_map(|change| places.of_version(&change.subject, service));
        bad.extend(told.filter(|at| !good.contains(at)));
    }
    if bad.is_empty() {
        let from = onset_ns.saturating_sub(BEFORE_NS_MAX);
        let fits = |commit: &&Commit| (from..=onset_ns).contains(&commit.time_unix_ns);
        return Range {
            commits: repository.commits.iter().filter(fits).collect(),
            by_version: false,
            onset_ns,
        };
    }
    let latest = bad.iter().filter_map(|at| repository.commits.get(*at));
    let latest = latest
        .map(|commit| commit.time_unix_ns)
        .max()
        .unwrap_or_default();
    let from = if good.is_empty() {
        latest.saturating_sub(VERSION_NS_MAX)
    } else {
        0
    };
    let (have, had) = (places.leading_to(&bad), places.leading_to(&good));
    let commits = repository.commits.iter().enumerate();
    let commits = commits
        .filter(|(at, commit)| {
            have.contains(at) && !had.contains(at) && commit.time_unix_ns >= from
        })
        .map(|(_, commit)| commit)
        .collect();
    Range {
        commits,
        by_version: true,
        onset_ns,
    }
}

/// Where commits stand in the list.
struct Places<'a> {
    repository: &'a Repository,
    by_id: HashMap<&'a str, usize>,
}

impl<'a> Places<'a> {
    fn new(repository: &'a Repository) -> Self {
        let ids = repository.commits.iter().enumerate();
        Self {
            repository,
            by_id: ids.map(|(at, commit)| (commit.id.as_str(), at)).collect(),
        }
    }

    /// The commit that a version names, by a tag or by the commit's id within it.
    fn of_version(&self, version: &str, service: &str) -> Option<usize> {
        if version.is_empty() {
            return None;
        }
        let commits = || self.repository.commits.iter().enumerate();
        // A tag that names the service comes before one that is everybody's.
        let rank = |tag: &String| tag_rank(tag, version, service);
        let tagged = commits().filter_map(|(at, commit)| {
            let best = commit.tags.iter().filter_map(rank).min()?;
            Some((best, at))
        });
        if let Some((_, at)) = tagged.min() {
            return Some(at);
        }
        // `2.4.1-3-g0123abc`, `main.0123abc4`.
        let parts = version.split(|c: char| !c.is_ascii_alphanumeric());
        let ids = parts
            .flat_map(|part| [Some(part), part.strip_prefix('g')])
            .flatten()
            .filter(|part| part.len() >= ID_CHARS_MIN);
        let ids = ids.filter(|part| part.bytes().all(|b| b.is_ascii_hexdigit()));
        ids.filter_map(|id| {
            let id = id.to_ascii_lowercase();
            commits().find(|(_, commit)| commit.id.starts_with(&id))
        })
        .map(|(at, _)| at)
        .next()
    }

    /// Commits that lead to these, themselves included.
    fn leading_to(&self, ends: &BTreeSet<usize>) -> HashSet<usize> {
        let mut reached: HashSet<usize> = ends.iter().copied().collect();
        let mut open: Vec<usize> = ends.iter().copied().collect();
        while let Some(at) = open.pop() {
            let commit = self.repository.commits.get(at);
            for parent in commit.into_iter().flat_map(|commit| &commit.parents) {
                if let Some(parent) = self.by_id.get(parent.as_str())
                    && reached.insert(*parent)
                {
                    open.push(*parent);
                }
            }
        }
        reached
    }
}

/// How well a tag names a version, 0 best; `None` where it does not.
fn tag_rank(tag: &str, version: &str, service: &str) -> Option<u8> {
    let bare = |text: &str| text.strip_prefix('v').unwrap_or(text).to_owned();
    let (tag, version) = (
        tag.to_ascii_lowercase(),
        bare(&version.to_ascii_lowercase()),
    );
    if bare(&tag) == version {
        return Some(1);
    }
    let head = tag.strip_suffix(version.as_str())?;
    let head = head.strip_suffix('v').unwrap_or(head);
    let prefix = head.strip_suffix(['-', '@', '/', '_', '+'])?;
    let same = |a: &str, b: &str| {
        let plain = |text: &str| text.replace(['-', '_'], "");
        plain(a) == plain(&b.to_ascii_lowercase())
    };
    let mut words = prefix.split(['/', '@']);
    if words.clone().any(|word| same(word, service)) {
        return Some(0);
    }
    words
        .all(|word| {
            matches!(
                word,
                "release" | "releases" | "rel" | "version" | "ver" | "r"
            )
        })
        .then_some(2)
}

/// Follows a frame's line back through the candidates, and notes what each did to it.
fn follow(
    range: &Range<'_>,
    one: &SuspectFrame,
    (frame, path, sure): (usize, String, f64),
    best: &mut HashMap<usize, Touch>,
) {
    let (mut path, mut line) = (path, one.frame.line);
    for (at, commit) in range.commits.iter().enumerate() {
        let Some(touched) = commit.touched.iter().find(|touched| touched.path == path) else {
            continue;
        };
        let seen = line.and_then(|line| look(&touched.hunks, line));
        let near = match seen {
            Some(seen) if seen.distance == 0 => 1.0,
            Some(seen) => {
                let left = HALF_LINES / (HALF_LINES + f64::from(seen.distance - 1));
                FAR_SHARE + (NEAR_SHARE - FAR_SHARE) * left
            }
            // Moved, and nothing else.
            None if touched.was.is_some() && touched.hunks.is_empty() => 0.0,
            None => FILE_SHARE,
        };
        let frame_share = (one.evidence.strength / GROUP_WEIGHT).min(1.0);
        let score = frame_share * sure * near * narrow(commit) * range.share(commit);
        let known = best.get(&at).map_or(0.0, |touch| touch.score);
        if score > known {
            let touch = Touch {
                score,
                frame,
                path: path.clone(),
                distance: seen.map(|seen| seen.distance),
            };
            best.insert(at, touch);
        }
        if let Some(seen) = seen {
            line = seen.before;
        }
        if let Some(was) = &touched.was {
            path.clone_from(was);
        }
    }
}

/// What is left of a commit that sweeps over many files.
fn narrow(commit: &Commit) -> f64 {
    let sweep = (commit.touched_count as f64 / SWEEP_FILES).max(1.0);
    1.0 / (1.0 + 0.5 * sweep.ln())
}

impl Range<'_> {
    /// How sure it is that the commit came with what fails.
    fn share(&self, commit: &Commit) -> f64 {
        if self.by_version {
            return 1.0;
        }
        let days = self.onset_ns.saturating_sub(commit.time_unix_ns) as f64 / DAY_NS as f64;
        let (most, least) = TIMED_SHARE;
        least + (most - least) * 0.5_f64.powf(days)
    }
}

fn tell(commit: &Commit, touch: &Touch, of: &SuspectFrame, by_version: bool) -> SuspectCommit {
    let id = short(&commit.id);
    let how = match touch.distance {
        Some(0) => "wrote the line of".to_owned(),
        Some(distance) => format!("changed lines {distance} away from"),
        None => "changed the file of".to_owned(),
    };
    let evidence = Evidence {
        check: Check::SuspectCommit,
        subject: Subject {
            service: of.service.clone(),
            operation: id.to_owned(),
            other: touch.path.clone(),
        },
        strength: touch.score,
        numbers: Numbers {
            unit: Unit::Count,
            ..of.evidence.numbers
        },
        deviation: 0.0,
        text: format!("{how} {} at {}", qualified(&of.frame), location(&of.frame)),
        traces: of.evidence.traces.clone(),
    };
    SuspectCommit {
        id: commit.id.clone(),
        summary: commit.summary.clone(),
        author: commit.author.clone(),
        time_unix_ns: commit.time_unix_ns,
        frame: touch.frame,
        path: touch.path.clone(),
        distance_lines: touch.distance,
        by_version,
        evidence,
        counterfactual: format!(
            "without {}, {} would be as it was: {}",
            excerpt(id),
            excerpt(&touch.path),
            of.counterfactual
        ),
    }
}

#[cfg(test)]
#[path = "commit_tests.rs"]
mod tests;
