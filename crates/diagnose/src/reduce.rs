//! Less of an answer: what the degrade ladder keeps.

use std::collections::{BTreeMap, BTreeSet};

use cordon_govern::LadderReason;

use crate::diagnosis::{Diagnosis, EvidenceKind, Finding, Subject, Verdict};
use crate::sentence::Sentence;

/// Most hypotheses of an essential answer.
const ESSENTIAL_HYPOTHESES: usize = 3;
/// Most findings on each side of an essential hypothesis.
const ESSENTIAL_FINDINGS: usize = 3;
/// Most entries of an essential timeline, and most changes and themes.
const ESSENTIAL_ENTRIES: usize = 5;
/// Most pieces of evidence of an essential answer.
const ESSENTIAL_EVIDENCE: usize = 12;

/// How much of an answer may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Template ids and counts.
    StatisticsOnly,
    /// The best of it.
    Essential,
    /// All of it.
    Full,
}

impl Detail {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StatisticsOnly => "statistics_only",
            Self::Essential => "essential",
            Self::Full => "full",
        }
    }

    /// Why the answer is no fuller; none where it is full.
    pub const fn reason(self) -> Option<LadderReason> {
        match self {
            Self::StatisticsOnly => Some(LadderReason::ExcerptsDropped),
            Self::Essential => Some(LadderReason::LowUtilityDropped),
            Self::Full => None,
        }
    }
}

impl Diagnosis {
    /// The answer with at most that detail.
    #[must_use]
    pub fn reduce(mut self, detail: Detail) -> Self {
        self.detail = self.detail.min(detail);
        match detail {
            Detail::Full => self,
            Detail::Essential => self.essential(),
            Detail::StatisticsOnly => self.statistics_only(),
        }
    }

    /// The answer with at most `count` pieces of evidence, the most useful ones. What rests on
    /// others alone is dropped with them.
    #[must_use]
    pub fn keep_evidence(mut self, count: usize) -> Self {
        self.evidence.truncate(count);
        let kept: BTreeSet<String> = self.evidence.iter().map(|e| e.id.clone()).collect();
        self.prune(&kept);
        self
    }

    fn essential(mut self) -> Self {
        self.hypotheses.truncate(ESSENTIAL_HYPOTHESES);
        for hypothesis in &mut self.hypotheses {
            hypothesis.supporting.truncate(ESSENTIAL_FINDINGS);
            hypothesis.contradicting.truncate(ESSENTIAL_FINDINGS);
        }
        self.themes.truncate(ESSENTIAL_ENTRIES);
        self.changes.truncate(ESSENTIAL_ENTRIES);
        self.timeline.truncate(ESSENTIAL_ENTRIES);
        self.recite();
        self.keep_evidence(ESSENTIAL_EVIDENCE)
    }

    fn statistics_only(mut self) -> Self {
        self.question.clear();
        self.stack = None;
        self.timeline.clear();
        self.next_steps.clear();
        self.summary.retain(|s| !s.quotes());
        self.changes
            .retain(|c| c.group_id.is_some() && !c.sentence.quotes());
        if let Verdict::NotEnoughEvidence { needed, .. } = &mut self.verdict {
            needed.retain(|s| !s.quotes());
        }
        for theme in &mut self.themes {
            theme.title.clear();
            theme.service.clear();
        }
        for hypothesis in &mut self.hypotheses {
            let group_id = std::mem::take(&mut hypothesis.subject.group_id);
            hypothesis.subject = Subject {
                group_id,
                ..Subject::default()
            };
            hypothesis.title.clear();
            for side in [
                &mut hypothesis.supporting,
                &mut hypothesis.contradicting,
                &mut hypothesis.missing,
            ] {
                side.retain(|f| !f.sentence.quotes());
            }
            if hypothesis.counterfactual.quotes() {
                hypothesis.counterfactual = Sentence::default();
            }
        }
        self.evidence.retain(|e| e.kind == EvidenceKind::Group);
        for evidence in &mut self.evidence {
            evidence.excerpt.clear();
            evidence.service.clear();
        }
        let kept: BTreeSet<String> = self.evidence.iter().map(|e| e.id.clone()).collect();
        self.prune(&kept);
        self
    }

    /// Keeps only evidence that is still cited.
    fn recite(&mut self) {
        let cited = utilities(self);
        self.evidence.retain(|e| cited.contains_key(&e.id));
    }

    /// Drops citations of what is not kept, and what rested on it alone.
    fn prune(&mut self, kept: &BTreeSet<String>) {
        let stands = |s: &mut Sentence| {
            let rested = !s.evidence.is_empty();
            s.evidence.retain(|id| kept.contains(id));
            let whole = s
                .statistics()
                .all(|n| n.scope.ids().iter().all(|id| kept.contains(id)));
            whole && (!rested || !s.evidence.is_empty())
        };
        let found = |list: &mut Vec<Finding>| list.retain_mut(|f| stands(&mut f.sentence));
        self.summary.retain_mut(stands);
        self.hypotheses
            .retain(|h| kept.contains(&h.subject.group_id));
        for hypothesis in &mut self.hypotheses {
            found(&mut hypothesis.supporting);
            found(&mut hypothesis.contradicting);
            found(&mut hypothesis.missing);
            hypothesis.follow_ups.retain(|id| kept.contains(id));
            if !stands(&mut hypothesis.counterfactual) {
                hypothesis.counterfactual = Sentence::default();
            }
        }
        for theme in &mut self.themes {
            theme.group_ids.retain(|id| kept.contains(id));
        }
        self.themes
            .retain_mut(|t| stands(&mut t.sentence) && !t.group_ids.is_empty());
        self.changes.retain_mut(|c| stands(&mut c.sentence));
        self.timeline.retain_mut(|e| stands(&mut e.sentence));
        self.next_steps.retain_mut(|n| stands(&mut n.sentence));
        if let Some(stack) = &mut self.stack {
            stack.sentences.retain_mut(stands);
        }
        let lost = |s: &crate::StackExplanation| {
            s.sentences.is_empty() || !kept.contains(&s.group_id) || !kept.contains(&s.evidence_id)
        };
        if self.stack.as_ref().is_some_and(lost) {
            self.stack = None;
        }
    }
}

/// Every id the answer cites with how much it would lose without it: 1 for what the headline and
/// the best hypothesis rest on, less for lower ranks and for what is only told in passing.
pub(crate) fn utilities(diagnosis: &Diagnosis) -> BTreeMap<String, f64> {
    let mut out: BTreeMap<String, f64> = BTreeMap::new();
    let mut cite = |ids: Vec<String>, utility: f64| {
        for id in ids {
            let best = out.entry(id).or_insert(0.0);
            *best = best.max((utility * 1_000.0).round() / 1_000.0);
        }
    };
    for sentence in &diagnosis.summary {
        cite(ids(sentence), 0.9);
    }
    for (rank, hypothesis) in diagnosis.hypotheses.iter().enumerate() {
        let weight = 1.0 / (1.0 + 0.25 * rank as f64);
        cite(vec![hypothesis.subject.group_id.clone()], weight);
        for (place, finding) in hypothesis.supporting.iter().enumerate() {
            cite(
                ids(&finding.sentence),
                weight * (0.9 - 0.1 * place as f64).max(0.3),
            );
        }
        for finding in &hypothesis.contradicting {
            cite(ids(&finding.sentence), weight * 0.7);
        }
        for finding in &hypothesis.missing {
            cite(ids(&finding.sentence), weight * 0.2);
        }
        cite(ids(&hypothesis.counterfactual), weight * 0.4);
        cite(hypothesis.follow_ups.clone(), weight * 0.3);
    }
    if let Some(stack) = &diagnosis.stack {
        cite(
            vec![stack.group_id.clone(), stack.evidence_id.clone()],
            0.95,
        );
        stack.sentences.iter().for_each(|s| cite(ids(s), 0.8));
    }
    diagnosis
        .changes
        .iter()
        .for_each(|c| cite(ids(&c.sentence), 0.4));
    diagnosis
        .timeline
        .iter()
        .for_each(|e| cite(ids(&e.sentence), 0.3));
    diagnosis
        .next_steps
        .iter()
        .for_each(|n| cite(ids(&n.sentence), 0.2));
    for theme in &diagnosis.themes {
        cite(ids(&theme.sentence), 0.25);
        cite(theme.group_ids.clone(), 0.1);
    }
    out
}

/// Ids that a sentence and its numbers name.
fn ids(sentence: &Sentence) -> Vec<String> {
    let mut out = sentence.evidence.clone();
    out.extend(
        sentence
            .statistics()
            .flat_map(|s| s.scope.ids().iter().cloned()),
    );
    out
}
