//! What an examination of plain logs hands out.

use std::collections::BTreeSet;

use cordon_fingerprint::Merged;
use cordon_fingerprint::header::TimeBase;

use super::before::{self, At, Change};
use super::constant;
use super::fill;
use super::gather::{Gathered, Sort};
use super::judge::{self, Decision, Scene};
use super::lift::{self, Shared};
use super::line::Counts;
use super::problem::{self, Problem, Problems, Subject};
use super::trend::{self, Growth, Silence};
use super::trouble::{Kind, Weight};
use super::unjudged;
use crate::incident::{CommitVerdict, SuspectCommit, SuspectFrame};

/// Problems that are told beside the decisive one.
const OTHERS_COUNT_MAX: usize = 7;
/// Problems that were there all along that are told.
const STEADY_COUNT_MAX: usize = 3;
/// What was there all along was there within the first of so many parts of the log.
const EARLY_PARTS: usize = 4;
/// Lead of the decisive problem below which another one may be the cause as well.
const TIE_LEAD: f64 = 0.04;
/// What has less than one line of so many of the most frequent problem has no end of its own.
const ONCE_PARTS: usize = 50;
/// Lines below which little can be said.
const FEW_COUNT: usize = 50;

/// Whether there is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something began to fail.
    Found,
    /// It fails from the first line on: there is nothing to compare.
    FailingThroughout,
    /// Something new is frequent, and whether it is bad is not known.
    NewUnjudged,
    /// Nothing that was looked at stands out.
    NothingStandsOut,
    /// No line was read.
    NothingRead,
}

impl Verdict {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::FailingThroughout => "failing_throughout",
            Self::NewUnjudged => "new_unjudged",
            Self::NothingStandsOut => "nothing_stands_out",
            Self::NothingRead => "nothing_read",
        }
    }
}

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds since the Unix epoch, as far as the log's times tell.
    pub time_ns: u64,
    /// Which record, from 1.
    pub record: usize,
    /// Which line of all that were read, from 1; 0 where it is not known.
    pub line: u64,
}

/// A problem, as it is told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// `message`, `status` or `slow`.
    pub subject: &'static str,
    /// Template of the message, or what is slow or answered how.
    pub text: String,
    /// Kind of trouble, as far as words tell.
    pub kind: Option<Kind>,
    /// `fatal`, `error` or `hint`.
    pub weight: &'static str,
    /// Components that wrote it, with how many lines, most first; an empty name where none is told.
    pub components: Vec<(String, usize)>,
    /// Lines since it began, and before.
    pub count: usize,
    /// Lines before it began.
    pub count_before: usize,
    /// All lines of the log from its beginning to its end.
    pub lines: usize,
    /// All lines of the log before.
    pub lines_before: usize,
    /// First of its lines.
    pub from: Moment,
    /// Last of its lines.
    pub to: Moment,
    /// Whether it stopped before the log did.
    pub stopped: bool,
    /// Whether it was there all along, as far as the log tells.
    pub all_along: bool,
    /// Where it came, stopped and came again: first and last line of each, and how many.
    pub episodes: Vec<(Moment, Moment, usize)>,
    /// One of its lines since then, as it stands in the log; empty where none is kept.
    pub example: String,
    /// Which line that is: of the file, where files were read.
    pub example_line: u64,
    /// The file; empty where none was read.
    pub example_file: String,
    /// What was raised.
    pub raised: String,
    /// Its innermost cause, where another.
    pub root: String,
    /// Where.
    pub place: String,
}

/// The outcome.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether there is an answer.
    pub verdict: Verdict,
    /// How probable it is that the answer is right, 0 to 1.
    pub confidence: f64,
    /// What fails, the decisive problem first, then in order of time.
    pub problems: Vec<Told>,
    /// Whether the second may be the cause as well.
    pub tied: Option<usize>,
    /// When the first of them began.
    pub began: Option<Moment>,
    /// When the last of them stopped.
    pub stopped: Option<Moment>,
    /// What the lines of the decisive problem share.
    pub shared: Vec<Shared>,
    /// What changed shortly before.
    pub changes: Vec<Change>,
    /// Numbers that grew before.
    pub grew: Vec<Growth>,
    /// What came regularly and had stopped when it began.
    pub silent: Vec<Silence>,
    /// A part of the decisive message that stands in each of its lines as the log has it.
    pub constant: String,
    /// Problems that were there all along, and those that came at other times.
    pub steady: Vec<Told>,
    /// Lines that were read.
    pub counts: Counts,
    /// Records beyond the limit.
    pub left_out: u64,
    /// First and last record.
    pub from: Moment,
    /// Last record.
    pub to: Moment,
    /// Lines before each file that was read, and its name.
    pub files: Vec<(u64, String)>,
    /// Lines of which it was said where they stand: the number of each among all that were read,
    /// in ascending order, and its number in its file.
    pub places: Vec<(u64, u64)>,
    /// What of the time the log tells.
    pub base: TimeBase,
    /// Whether a line told its time.
    pub timed: bool,
    /// Minutes east of Greenwich of the log's own clock.
    pub east_minutes: i32,
    /// Places in the code that may be at fault.
    pub frames: Vec<SuspectFrame>,
    /// Commits that may have brought it.
    pub commits: Vec<SuspectCommit>,
    /// How the search for a commit ended.
    pub commit_verdict: CommitVerdict,
    /// Commits that were looked at.
    pub commits_looked_at: usize,
}

impl Report {
    /// Says of lines which of a file they are, given the lines before each file and its name, and
    /// lines of which it was said where they stand.
    pub(super) fn name_files(&mut self, files: Vec<(u64, String)>, places: Vec<(u64, u64)>) {
        (self.files, self.places) = (files, places);
        let mut all = std::mem::take(&mut self.problems);
        let count = all.len();
        all.append(&mut self.steady);
        for told in &mut all {
            let (line, file) = self.in_file(told.example_line);
            let (line, file) = (line, file.map_or("", |at| self.file_name(at)).to_owned());
            (told.example_line, told.example_file) = (line, file);
        }
        self.steady = all.split_off(count);
        self.problems = all;
    }

    /// The name of a file.
    fn file_name(&self, at: usize) -> &str {
        self.files.get(at).map_or("", |(_, name)| name.as_str())
    }

    /// Which line of its file a line of all is, and which of [`Self::files`] that is; none where
    /// none was read.
    pub fn in_file(&self, number: u64) -> (u64, Option<usize>) {
        let file = self.files.iter().rposition(|(before, _)| *before < number);
        let known = self.places.binary_search_by_key(&number, |place| place.0);
        if let Ok(at) = known {
            let told = self.places.get(at).map_or(number, |place| place.1);
            return (told, file);
        }
        let before = file.and_then(|at| self.files.get(at));
        (number - before.map_or(0, |(before, _)| *before), file)
    }

    /// The decisive problem.
    pub fn decisive(&self) -> Option<&Told> {
        self.problems.first()
    }
}

/// The report of lines that were read.
pub(super) fn report(
    gathered: &Gathered,
    merged: &Merged,
    (counts, base, east_minutes): (Counts, TimeBase, i32),
) -> Report {
    let mut report = empty(gathered, (counts, base, east_minutes));
    if gathered.records.is_empty() {
        report.verdict = Verdict::NothingRead;
        return report;
    }
    let problems = problem::find(gathered, merged);
    let scene = Scene::new(gathered, problems.all.len());
    report.from = moment(&scene, 0);
    report.to = moment(&scene, gathered.records.len() - 1);
    let decision = judge::decide(&scene, &problems.all);
    match decision {
        Some(decision) if !decision.doubtful => {
            report.verdict = Verdict::Found;
            found(&mut report, &scene, merged, &problems, &decision);
        }
        decision => {
            let through = judge::throughout(&scene, &problems.all);
            if through.is_empty() {
                doubtful(&mut report, &scene, merged, &problems, decision);
            } else {
                report.verdict = Verdict::FailingThroughout;
                throughout(&mut report, &scene, &problems, &through);
            }
        }
    }
    report
}

fn empty(gathered: &Gathered, (counts, base, east_minutes): (Counts, TimeBase, i32)) -> Report {
    Report {
        verdict: Verdict::NothingStandsOut,
        confidence: 0.0,
        problems: Vec::new(),
        tied: None,
        began: None,
        stopped: None,
        shared: Vec::new(),
        changes: Vec::new(),
        grew: Vec::new(),
        silent: Vec::new(),
        constant: String::new(),
        steady: Vec::new(),
        counts,
        left_out: gathered.left_out,
        from: Moment::default(),
        to: Moment::default(),
        files: Vec::new(),
        places: Vec::new(),
        base,
        timed: gathered.timed,
        east_minutes,
        frames: Vec::new(),
        commits: Vec::new(),
        commit_verdict: CommitVerdict::default(),
        commits_looked_at: 0,
    }
}

pub(super) fn moment(scene: &Scene<'_>, place: usize) -> Moment {
    Moment {
        time_ns: scene.time(place),
        record: place + 1,
        line: scene.line(place),
    }
}

/// Something began.
fn found(
    report: &mut Report,
    scene: &Scene<'_>,
    merged: &Merged,
    problems: &Problems,
    decision: &Decision,
) {
    let cluster: Vec<&Problem> = decision
        .problems
        .iter()
        .filter_map(|at| problems.all.get(*at))
        .collect();
    let Some(decisive) = cluster.first() else {
        return;
    };
    report.problems = cluster
        .iter()
        .take(OTHERS_COUNT_MAX + 1)
        .map(|problem| told(scene, problem))
        .collect();
    let first = cluster.iter().map(|problem| problem.first()).min();
    report.began = first.map(|place| moment(scene, place));
    let bad = || {
        cluster
            .iter()
            .filter(|problem| problem.weight > Weight::Hint)
    };
    // What came once or twice has no end of its own.
    let most = bad().map(|problem| problem.count()).max().unwrap_or(0);
    let long = |problem: &&&Problem| problem.count() * ONCE_PARTS >= most;
    let mut long = bad().filter(long);
    let ends = long.all(|problem| problem.shift.is_some_and(|shift| shift.ended));
    let last = bad().map(|problem| problem.last()).max();
    report.stopped = last.filter(|_| ends).map(|place| moment(scene, place));
    let rival = decision.rival.filter(|_| decision.lead < TIE_LEAD);
    let place = |rival| decision.problems.iter().position(|at| *at == rival);
    report.tied = rival
        .and_then(place)
        .filter(|at| *at < report.problems.len());
    let sorts: BTreeSet<u32> = decisive.sorts.iter().copied().collect();
    report.shared = lift::shared(scene.gathered, &sorts, scene.time(decisive.first()));
    let began = first.unwrap_or(0);
    let at = At {
        began,
        told: &decision.problems,
        before: &decision.before,
    };
    report.changes = before::changes(scene.gathered, merged, problems, at);
    report.confidence = confidence(scene, decisive, decision);
    report.steady = beside(report, scene, problems, decision);
    report.grew = trend::growths(scene, decisive.first());
    report.silent = trend::silences(scene, merged, decisive.first());
    report.constant = constant::of(scene, decisive, &report.problems);
}

/// It fails from the first line on, or the log is too short to compare.
fn throughout(report: &mut Report, scene: &Scene<'_>, problems: &Problems, through: &[usize]) {
    let all: Vec<&Problem> = through
        .iter()
        .filter_map(|at| problems.all.get(*at))
        .collect();
    report.problems = all
        .iter()
        .take(OTHERS_COUNT_MAX + 1)
        .map(|problem| whole(scene, problem))
        .collect();
    let Some(first) = all.first() else {
        return;
    };
    let sorts: BTreeSet<u32> = first.sorts.iter().copied().collect();
    report.shared = lift::shared(scene.gathered, &sorts, 0);
    let count = (first.places.len() as f64).ln_1p() / 6.0;
    report.confidence = (0.3 + 0.25 * first.specificity() + 0.15 * count.min(1.0)).min(0.75);
}

/// What began may well be harmless, or nothing did.
fn doubtful(
    report: &mut Report,
    scene: &Scene<'_>,
    merged: &Merged,
    problems: &Problems,
    decision: Option<Decision>,
) {
    report.steady = steady(scene, problems, &[]);
    if let Some(decision) = decision {
        let frequent = decision
            .problems
            .first()
            .and_then(|at| problems.all.get(*at));
        if frequent.is_some_and(unjudged::is_frequent) {
            found(report, scene, merged, problems, &decision);
            report.verdict = Verdict::NewUnjudged;
            report.confidence = report.confidence.min(0.4);
            return;
        }
    }
    if let Some(new) = unjudged::find(scene, merged) {
        report.verdict = Verdict::NewUnjudged;
        report.began = Some(moment(scene, new.first()));
        report.problems = vec![told(scene, &new)];
        let at = At {
            began: new.first(),
            told: &[],
            before: &[],
        };
        report.changes = before::changes(scene.gathered, merged, problems, at);
        report.confidence = 0.35;
    }
}

/// Problems beside those that are told: first what came before and is not among the changes.
fn beside(
    report: &Report,
    scene: &Scene<'_>,
    problems: &Problems,
    decision: &Decision,
) -> Vec<Told> {
    let lines = report.changes.iter().filter(|change| change.to.is_empty());
    let of = |change: &Change| {
        let record = scene.gathered.records.get(change.place)?;
        problems
            .of_sort
            .get(record.sort as usize)
            .copied()
            .flatten()
    };
    let changes: BTreeSet<usize> = lines.filter_map(of).collect();
    let before = decision.before.iter().copied();
    let (told, untold): (Vec<usize>, Vec<usize>) = before.partition(|at| changes.contains(at));
    let known = [decision.problems.as_slice(), &told, &untold].concat();
    let mut found = tell(scene, problems, untold.into_iter());
    found.extend(steady(scene, problems, &known));
    found.truncate(STEADY_COUNT_MAX);
    found
}

fn steady(scene: &Scene<'_>, problems: &Problems, but: &[usize]) -> Vec<Told> {
    let found = judge::steady(&problems.all, but);
    tell(scene, problems, found.into_iter())
}

fn tell(scene: &Scene<'_>, problems: &Problems, found: impl Iterator<Item = usize>) -> Vec<Told> {
    found
        .take(STEADY_COUNT_MAX)
        .filter_map(|at| {
            let problem = problems.all.get(at)?;
            let first = problem.places.first().map_or(0, |place| *place as usize);
            let early = first * EARLY_PARTS <= scene.gathered.records.len();
            Some(Told {
                all_along: early && !scene.began(problem),
                ..whole(scene, problem)
            })
        })
        .collect()
}

/// How sure the decisive problem is.
fn confidence(scene: &Scene<'_>, problem: &Problem, decision: &Decision) -> f64 {
    let count = (problem.count() as f64).ln_1p() / 40.0_f64.ln();
    let new = if problem.count_before() == 0 {
        0.08
    } else {
        0.0
    };
    let lead = (decision.lead / 0.25).min(1.0);
    let few = scene.gathered.records.len() < FEW_COUNT;
    let sure = 0.28 + 0.22 * problem.specificity() + 0.16 * count.min(1.0) + 0.2 * lead + new
        - if few { 0.1 } else { 0.0 };
    sure.clamp(0.1, 0.93)
}

/// A problem since it began.
fn told(scene: &Scene<'_>, problem: &Problem) -> Told {
    let (first, last) = (problem.first(), problem.last());
    let mut told = whole(scene, problem);
    let ended = problem.shift.is_some_and(|shift| shift.ended);
    told.count = problem.count();
    told.count_before = problem.count_before();
    let until = if ended {
        last + 1
    } else {
        scene.gathered.records.len()
    };
    told.lines = until.saturating_sub(first);
    told.lines_before = first;
    told.from = moment(scene, first);
    told.to = moment(scene, last);
    told.stopped = ended;
    // The first line of its sort may be older than what began.
    if let Some(sort) = sort_at(scene, first)
        && problem.count_before() > 0
        && !sort.latest.is_empty()
    {
        sort.latest.clone_into(&mut told.example);
        told.example_line = sort.latest_line;
    }
    if problem.subject == Subject::Slow {
        told.example.clear();
    }
    told
}

/// What sort the record at a place is of.
fn sort_at<'g>(scene: &Scene<'g>, place: usize) -> Option<&'g Sort> {
    let record = scene.gathered.records.get(place)?;
    scene.gathered.sorts.get(record.sort as usize)
}

/// What was raised so often, with what never varies in it where all of it is known.
fn raised(template: &str, written: &[String], blocks: usize) -> String {
    if written.len() < blocks {
        return template.to_owned();
    }
    let lines: Vec<_> = written
        .iter()
        .map(|line| fill::single_spaced(line))
        .collect();
    fill::filled(template, lines.iter().map(|line| &**line))
}

/// The template of a problem, with what never varies in its lines.
fn written(scene: &Scene<'_>, problem: &Problem) -> String {
    let mut lines = Vec::new();
    for sort in &problem.sorts {
        let sort = scene.gathered.sorts.get(*sort as usize);
        let Some(messages) = sort.and_then(Sort::messages) else {
            return problem.text.clone();
        };
        lines.extend(messages.map(fill::single_spaced));
    }
    fill::filled(&problem.text, lines.iter().map(|line| &**line))
}

/// A problem over the whole log.
fn whole(scene: &Scene<'_>, problem: &Problem) -> Told {
    let gathered = scene.gathered;
    let place = |place: Option<&u32>| place.map_or(0, |place| *place as usize);
    let sort = sort_at(scene, problem.first());
    let fault = gathered
        .stacks
        .faults
        .get(&problem.fault)
        .cloned()
        .unwrap_or_default();
    let mut components: Vec<(String, usize)> = problem
        .components
        .iter()
        .map(|(name, count)| (gathered.names.text(*name).to_owned(), *count))
        .collect();
    components.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Told {
        subject: match problem.subject {
            Subject::Message => "message",
            Subject::Status(_) => "status",
            Subject::Slow => "slow",
        },
        text: match problem.subject {
            Subject::Message => written(scene, problem),
            Subject::Status(status) => format!("requests answered with {status}"),
            Subject::Slow => "requests that take many times longer than at first".to_owned(),
        },
        kind: problem.kind(),
        weight: match problem.weight {
            Weight::Fatal => "fatal",
            Weight::Error => "error",
            Weight::Hint => "hint",
        },
        components,
        count: problem.places.len(),
        count_before: 0,
        lines: gathered.records.len(),
        lines_before: 0,
        from: moment(scene, place(problem.places.first())),
        to: moment(scene, place(problem.places.last())),
        stopped: false,
        all_along: false,
        episodes: problem
            .episodes
            .iter()
            .map(|episode| {
                let at = |at: usize| problem.places.get(at).map_or(0, |place| *place as usize);
                let (first, last) = (at(episode.from), at(episode.to.saturating_sub(1)));
                let count = episode.to - episode.from;
                (moment(scene, first), moment(scene, last), count)
            })
            .collect(),
        example: sort.map_or_else(String::new, |sort| sort.example.to_string()),
        example_line: sort.map_or(0, |sort| sort.example_line),
        example_file: String::new(),
        root: if fault.root == fault.title {
            String::new()
        } else {
            raised(&fault.root, &fault.roots, fault.blocks)
        },
        raised: raised(&fault.title, &fault.titles, fault.blocks),
        place: fault.place,
    }
}
