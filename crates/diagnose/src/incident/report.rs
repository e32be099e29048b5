//! What an investigation hands out: services in the order of suspicion, each with what speaks for
//! and against it, and the story around them.

use super::answer;
use super::attribute;
use super::case::{Case, Records};
use super::cause::{self, Cause};
use super::changed;
use super::commit::{self, CommitVerdict, SuspectCommit};
use super::evidence::Evidence;
use super::frame::{self, SuspectFrame};
use super::onset;
use super::rank::{self, Found, Ranked, Strengths};

/// Lowest score of a service that is named.
const SCORE_MIN: f64 = 0.3;
/// Lowest impact of a window in which something is wrong.
const IMPACT_MIN: f64 = 0.25;
/// Most services that are told.
const SUSPECTS_COUNT_MAX: usize = 10;

/// Whether there is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A service stands out.
    Found,
    /// Nothing that users would feel changed.
    NothingWrong,
    /// Something is wrong, and no service stands out.
    NotEnoughEvidence,
    /// There is nothing to compare.
    NoTelemetry,
}

impl Verdict {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NothingWrong => "nothing_wrong",
            Self::NotEnoughEvidence => "not_enough_evidence",
            Self::NoTelemetry => "no_telemetry",
        }
    }
}

/// A window's extent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// First record, nanoseconds since the Unix epoch.
    pub from_unix_ns: u64,
    /// Last record.
    pub to_unix_ns: u64,
    /// Traces.
    pub traces: usize,
    /// Spans.
    pub spans: usize,
    /// Log records.
    pub logs: usize,
    /// Points of metrics.
    pub points: usize,
    /// Records beyond the limit, left out.
    pub left_out: u64,
}

/// A service with what speaks against it.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Service.
    pub service: String,
    /// How much speaks against it, 0 to 1.
    pub score: f64,
    /// Kind of fault.
    pub cause: Cause,
    /// What each check says.
    pub strengths: Strengths,
    /// What was seen, strongest first.
    pub evidence: Vec<Evidence>,
    /// What speaks for another one.
    pub contradicting: Vec<String>,
    /// What could not be looked at.
    pub missing: Vec<String>,
    /// What would not have happened without it.
    pub counterfactual: String,
}

/// A change near the incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When; 0 where only the window is known.
    pub time_unix_ns: u64,
    /// Service.
    pub service: String,
    /// What, in a sentence.
    pub text: String,
}

/// A moment of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When, nanoseconds since the Unix epoch.
    pub time_unix_ns: u64,
    /// What happened.
    pub text: String,
}

/// The outcome.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether there is an answer.
    pub verdict: Verdict,
    /// How much users feel, 0 to 1.
    pub impact: f64,
    /// How probable it is that the first suspect is the one, 0 to 1.
    pub confidence: f64,
    /// When all was well.
    pub baseline: Extent,
    /// When it was not.
    pub incident: Extent,
    /// When it began.
    pub onset_unix_ns: Option<u64>,
    /// Services, the most suspect first; of a verdict other than [`Verdict::Found`], what stands
    /// out most nevertheless.
    pub suspects: Vec<Suspect>,
    /// What was changed, in the order of time.
    pub changes: Vec<Change>,
    /// Messages that are new or of which there are more, loudest first.
    pub themes: Vec<Evidence>,
    /// The story.
    pub timeline: Vec<Moment>,
    /// Places in the code that may be at fault, the most suspect first.
    pub frames: Vec<SuspectFrame>,
    /// Commits that may have brought it, the most suspect first.
    pub commits: Vec<SuspectCommit>,
    /// How the search for a commit ended.
    pub commit_verdict: CommitVerdict,
    /// Commits that were looked at.
    pub commits_looked_at: usize,
}

/// Compares the two windows of a case.
pub fn investigate(case: &Case) -> Report {
    let mut report = Report {
        verdict: Verdict::NoTelemetry,
        impact: 0.0,
        confidence: 0.0,
        baseline: Extent::default(),
        incident: Extent::default(),
        onset_unix_ns: None,
        suspects: Vec::new(),
        changes: Vec::new(),
        themes: Vec::new(),
        timeline: Vec::new(),
        frames: Vec::new(),
        commits: Vec::new(),
        commit_verdict: CommitVerdict::default(),
        commits_looked_at: 0,
    };
    if case.incident.is_empty() || case.baseline.is_empty() {
        return report;
    }
    let found = rank::run(case);
    report.suspects = found
        .ranked
        .iter()
        .filter(|ranked| ranked.score > 0.0)
        .take(SUSPECTS_COUNT_MAX)
        .map(|ranked| suspect(case, &found, ranked))
        .collect();
    let score = |at: usize| report.suspects.get(at).map_or(0.0, |suspect| suspect.score);
    let (top, second) = (score(0), score(1));
    report.impact = found.impact;
    report.verdict = if found.impact < IMPACT_MIN {
        Verdict::NothingWrong
    } else if top < SCORE_MIN {
        Verdict::NotEnoughEvidence
    } else {
        Verdict::Found
    };
    report.confidence = confidence(top, second);
    report.baseline = extent(&case.baseline, &found.before);
    report.incident = extent(&case.incident, &found.now);
    report.onset_unix_ns = onset::onset(&found, &case.incident.logs);
    report.changes = answer::changes(case, &found);
    report.themes = answer::themes(case, &found);
    report.timeline = answer::timeline(case, &found, &report);
    if report.verdict != Verdict::NothingWrong {
        places(case, &found, &mut report);
    }
    report
}

/// Where in the code it fails, and which commit touched that place: told beside the suspects, and
/// as evidence of the service.
fn places(case: &Case, found: &Found<'_>, report: &mut Report) {
    report.frames = frame::suspects(case, found);
    let search = commit::search(case, found, &report.frames, report.onset_unix_ns);
    report.commit_verdict = search.verdict;
    report.commits_looked_at = search.looked_at;
    report.commits = search.suspects;
    let first = report.frames.first().map(|frame| &frame.evidence);
    let brought = report.commits.first().map(|commit| &commit.evidence);
    for evidence in first.into_iter().chain(brought) {
        let mut suspects = report.suspects.iter_mut();
        let own = suspects.find(|suspect| suspect.service == evidence.subject.service);
        if let Some(suspect) = own {
            suspect.evidence.push(evidence.clone());
        }
    }
}

/// Places in the code and commits alone.
#[cfg(feature = "repository")]
pub(crate) struct Places {
    pub(crate) frames: Vec<SuspectFrame>,
    pub(crate) commits: Vec<SuspectCommit>,
    pub(crate) verdict: CommitVerdict,
    pub(crate) looked_at: usize,
}

/// Where in the code a case fails, and which commit touched that place.
#[cfg(feature = "repository")]
pub(crate) fn places_alone(case: &Case, onset_unix_ns: Option<u64>) -> Places {
    let found = rank::run(case);
    let frames = frame::suspects(case, &found);
    let search = commit::search(case, &found, &frames, onset_unix_ns);
    Places {
        frames,
        commits: search.suspects,
        verdict: search.verdict,
        looked_at: search.looked_at,
    }
}

/// How probable it is that the first is the one, from its score and its lead.
fn confidence(top: f64, second: f64) -> f64 {
    let lead = (top - second).max(0.0);
    let logit = -2.0 + 3.0 * top + 4.0 * lead;
    1.0 / (1.0 + (-logit).exp())
}

fn extent(records: &Records, graph: &super::graph::Graph<'_>) -> Extent {
    let (from, to) = changed::window(records);
    Extent {
        from_unix_ns: from.min(to),
        to_unix_ns: to,
        traces: graph.traces.len(),
        spans: records.spans.len(),
        logs: records.logs.len(),
        points: records.points.len(),
        left_out: records.left_out,
    }
}

fn suspect(case: &Case, found: &Found<'_>, ranked: &Ranked) -> Suspect {
    let service = ranked.service;
    let mut evidence = found.errors.evidence(case, service);
    evidence.extend(found.latency.evidence(case, service));
    evidence.extend(found.flow.evidence(case, service));
    evidence.extend(found.logs.evidence(case, service));
    evidence.extend(found.resources.evidence(case, service));
    let is_slow = |operation, part, ms: f64| found.latency.is_slow((service, operation, part), ms);
    evidence.extend(attribute::evidence(case, &found.now, service, &is_slow));
    evidence.sort_by(|a, b| {
        b.strength
            .total_cmp(&a.strength)
            .then_with(|| (a.check, &a.subject, &a.text).cmp(&(b.check, &b.subject, &b.text)))
    });
    let name = case.text(service).to_owned();
    Suspect {
        score: ranked.score,
        cause: cause::cause(&name, &evidence),
        strengths: ranked.strengths,
        contradicting: answer::contradicting(case, found, ranked),
        missing: answer::missing(case, service),
        counterfactual: answer::counterfactual(found, service),
        service: name,
        evidence,
    }
}
