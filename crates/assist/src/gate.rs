//! The gate on a model's answer: the output guard, then each claim against the evidence sent.
//!
//! *Invariants:* nothing that the guard stopped is shown, nor what came before the stop; a claim is
//! shown whole or not at all.

use std::collections::BTreeSet;

use cordon_event::Raw;
use cordon_ledger::EvidenceId;
use cordon_redact::{Clean, GuardStep};

use crate::Ask;
use crate::claims::{Claim, Dropped, Sent, judge};
use crate::generalise::{generalise, pseudonym_bytes, pseudonym_like};
use crate::prompt::Prompt;

/// Bytes of claims that one answer may add.
pub(crate) const CLAIMS_BYTES_MAX: usize = 8_000;
/// Evidence ids that one audit entry names.
const EVIDENCE_COUNT_MAX: usize = 64;

/// The claims as they are shown, with the ids of what they rest on; nothing where there is none.
/// What their pseudonyms take beyond `pseudonyms_bytes_max` is generalised.
pub(crate) fn told(
    claims: Vec<Clean<Claim>>,
    sent: &Sent,
    pseudonyms_bytes_max: u64,
) -> (Clean<String>, Vec<EvidenceId>) {
    let mut ids = BTreeSet::new();
    let mut text = Clean::<String>::default();
    let mut pseudonyms_bytes = 0;
    for claim in claims {
        let cited = claim.get().evidence.iter().filter_map(|id| sent.get(id));
        let rests_on: Vec<&String> = cited.flat_map(|seen| &seen.ids).collect();
        let own = pseudonym_bytes(&claim.get().text);
        let line = if pseudonyms_bytes + own <= pseudonyms_bytes_max {
            pseudonyms_bytes += own;
            claim.project(|c| line_of(&c.text, c))
        } else {
            claim.project(|c| line_of(&generalise(&c.text), c))
        };
        if text.get().is_empty() {
            text = Clean::of_static("\nThe model adds\n");
        }
        // What the reservation does not pay for is not shown.
        if text.get().len() + line.get().len() > CLAIMS_BYTES_MAX {
            break;
        }
        text = text.pair(line).map(|(text, line)| text + &line);
        ids.extend(rests_on);
    }
    (text, evidence_ids(ids))
}

fn line_of(text: &str, claim: &Claim) -> String {
    format!("- {text} [{}]\n", claim.evidence.join(", "))
}

pub(crate) fn evidence_ids<'i>(ids: impl IntoIterator<Item = &'i String>) -> Vec<EvidenceId> {
    let mut seen = BTreeSet::new();
    let ids = ids.into_iter().filter(|id| seen.insert(*id));
    let ids = ids.filter_map(|id| EvidenceId::parse(id).ok());
    ids.take(EVIDENCE_COUNT_MAX).collect()
}

/// The output gate, then the claims of what passed it.
pub(crate) struct Gate<'g> {
    ask: &'g Ask<'g>,
    guard: Option<cordon_redact::OutputGuard<'g>>,
    passed: Clean<String>,
    sent: Clean<Sent>,
    /// Pseudonyms of the prompt.
    known: Vec<String>,
    stopped: Option<&'static str>,
}

impl<'g> Gate<'g> {
    pub(crate) fn new(ask: &'g Ask<'g>, prompt: &Prompt) -> Self {
        let known = pseudonym_like(prompt.text.get());
        let guard = Some(ask.redactor.guard(ask.mac, known.clone()));
        let sent = prompt.sent.clone();
        Self {
            ask,
            guard,
            passed: Clean::default(),
            sent,
            known,
            stopped: None,
        }
    }

    /// Takes a line; false ends the stream.
    pub(crate) fn push(&mut self, line: Raw<String>) -> bool {
        let Some(guard) = &mut self.guard else {
            return false;
        };
        let step = guard.push(line);
        let broken = guard.push(Raw::new("\n".to_owned()));
        self.take(step) && self.take(broken)
    }

    fn take(&mut self, step: GuardStep) -> bool {
        // A stopped stream stays stopped: it is told once.
        if self.stopped.is_none() {
            step.page().iter().for_each(self.ask.alarm);
        }
        match step {
            GuardStep::Emit(text) => {
                let passed = std::mem::take(&mut self.passed);
                self.passed = passed.pair(text).map(|(passed, text)| passed + &text);
                true
            }
            GuardStep::Stop { reason, .. } => {
                self.stopped = Some(reason);
                false
            }
        }
    }

    fn is_unremarkable(&self, claim: &Clean<Claim>) -> bool {
        let ask = self.ask;
        let checked = ask
            .redactor
            .text(ask.mac, Raw::new(claim.get().text.clone()));
        checked.pages.iter().for_each(ask.alarm);
        let mut said = pseudonym_like(&claim.get().text).into_iter();
        checked.receipt.findings.is_empty() && said.all(|one| self.known.contains(&one))
    }

    /// The claims that hold, how many did not, and why the stream was stopped, if it was.
    pub(crate) fn finish(mut self) -> (Vec<Clean<Claim>>, usize, Option<&'static str>) {
        if let Some(guard) = self.guard.take() {
            let step = guard.finish();
            self.take(step);
        }
        let lines = self
            .passed
            .project(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let (mut claims, mut dropped) = (Vec::new(), 0);
        for line in lines.split() {
            if line.get().trim().is_empty() {
                continue;
            }
            // A last look with the second scan: what it changes is not shown.
            let again = Raw::new(line.get().clone());
            let ask = self.ask;
            let checked = ask.redactor.text(ask.mac, again);
            checked.pages.iter().for_each(ask.alarm);
            let judged = if checked.receipt.findings.is_empty() {
                judge(checked.clean, self.sent.clone())
            } else {
                Err(Dropped::NotAClaim)
            };
            match judged {
                // Looked at again as it reads: JSON may have hidden it from the scans of the line.
                Ok(claim) if self.is_unremarkable(&claim) => claims.push(claim),
                _ => dropped += 1,
            }
        }
        (claims, dropped, self.stopped)
    }
}
