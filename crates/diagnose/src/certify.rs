//! The certificate: every id resolves, every number recomputes.

use std::collections::BTreeSet;

use crate::diagnosis::{Diagnosis, Verdict};
use crate::measure::measure;
use crate::sentence::Sentence;
use crate::statistic::{Measure, Quantity};
use crate::telemetry::Telemetry;

/// Where an answer says more than its evidence.
#[derive(Clone, Debug, PartialEq)]
pub enum Breach {
    /// It cites what was not given.
    UnknownEvidence(String),
    /// It cites what it does not list.
    UnlistedEvidence(String),
    /// A number is another than the evidence yields.
    Number(Measure),
}

/// Checks the answer against the telemetry that it came from; empty where it holds.
pub fn certify(telemetry: &Telemetry, diagnosis: &Diagnosis) -> Vec<Breach> {
    let mut known: BTreeSet<&str> = telemetry.groups.iter().map(|g| g.id.as_str()).collect();
    known.extend(telemetry.exemplars.iter().map(|x| x.evidence_id.as_str()));
    known.extend(telemetry.changes.iter().map(|c| c.evidence_id.as_str()));
    let listed: BTreeSet<&str> = diagnosis.evidence.iter().map(|e| e.id.as_str()).collect();
    let mut breaches = Vec::new();
    for id in crate::reduce::utilities(diagnosis)
        .keys()
        .map(String::as_str)
        .chain(listed.clone())
    {
        if !known.contains(id) {
            breaches.push(Breach::UnknownEvidence(id.to_owned()));
        } else if !listed.contains(id) {
            breaches.push(Breach::UnlistedEvidence(id.to_owned()));
        }
    }
    for statistic in diagnosis.sentences().iter().flat_map(|s| s.statistics()) {
        // What cannot be measured is told as zero.
        let value =
            measure(telemetry, statistic.measure, &statistic.scope).unwrap_or(Quantity::Count(0));
        if value != statistic.value {
            breaches.push(Breach::Number(statistic.measure));
        }
    }
    breaches
}

impl Diagnosis {
    /// Every sentence of the answer.
    pub fn sentences(&self) -> Vec<&Sentence> {
        let mut out: Vec<&Sentence> = self.summary.iter().collect();
        if let Verdict::NotEnoughEvidence { why, needed, .. } = &self.verdict {
            out.push(why);
            out.extend(needed);
        }
        out.extend(self.themes.iter().map(|t| &t.sentence));
        for h in &self.hypotheses {
            let sides = [&h.supporting, &h.contradicting, &h.missing];
            out.extend(sides.into_iter().flatten().map(|f| &f.sentence));
            out.push(&h.counterfactual);
        }
        out.extend(self.changes.iter().map(|c| &c.sentence));
        out.extend(self.stack.iter().flat_map(|s| &s.sentences));
        out.extend(self.timeline.iter().map(|e| &e.sentence));
        out.extend(self.next_steps.iter().map(|n| &n.sentence));
        out
    }
}
