//! What an investigation hands out.

use super::case::Case;
use super::evidence::Evidence;
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

/// A service with what speaks against it.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Service.
    pub service: String,
    /// How much speaks against it, 0 to 1.
    pub score: f64,
    /// What each check says.
    pub strengths: Strengths,
    /// What was seen, strongest first.
    pub evidence: Vec<Evidence>,
}

/// The outcome.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether there is an answer.
    pub verdict: Verdict,
    /// How much users feel, 0 to 1.
    pub impact: f64,
    /// How sure the first suspect is, 0 to 1.
    pub confidence: f64,
    /// Services, the most suspect first.
    pub suspects: Vec<Suspect>,
}

/// Compares the two windows of a case.
pub fn investigate(case: &Case) -> Report {
    if case.incident.is_empty() || case.baseline.is_empty() {
        return Report {
            verdict: Verdict::NoTelemetry,
            impact: 0.0,
            confidence: 0.0,
            suspects: Vec::new(),
        };
    }
    let found = rank::run(case);
    let suspects: Vec<Suspect> = found
        .ranked
        .iter()
        .filter(|ranked| ranked.score > 0.0)
        .take(SUSPECTS_COUNT_MAX)
        .map(|ranked| suspect(case, &found, ranked))
        .collect();
    let top = suspects.first().map_or(0.0, |suspect| suspect.score);
    let verdict = if found.impact < IMPACT_MIN {
        Verdict::NothingWrong
    } else if top < SCORE_MIN {
        Verdict::NotEnoughEvidence
    } else {
        Verdict::Found
    };
    Report {
        verdict,
        impact: found.impact,
        confidence: top,
        suspects,
    }
}

fn suspect(case: &Case, found: &Found<'_>, ranked: &Ranked) -> Suspect {
    let service = ranked.service;
    let mut evidence = found.errors.evidence(case, service);
    evidence.extend(found.latency.evidence(case, service));
    evidence.extend(found.flow.evidence(case, service));
    evidence.extend(found.logs.evidence(case, service));
    evidence.extend(found.resources.evidence(case, service));
    evidence.sort_by(|a, b| {
        b.strength
            .total_cmp(&a.strength)
            .then_with(|| (a.check, &a.subject, &a.text).cmp(&(b.check, &b.subject, &b.text)))
    });
    Suspect {
        service: case.text(service).to_owned(),
        score: ranked.score,
        strengths: ranked.strengths,
        evidence,
    }
}
