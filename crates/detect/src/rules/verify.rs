//! Holding rules to their cases.

use super::RuleSet;
use super::case::{Expanded, Of, expand};
use super::error::{Fault, RuleError};
use super::find::Judged;
use super::model::{Anchor, Broken, Rule, Score};

/// The three kinds of cases, as messages call them.
const KINDS: [&str; 3] = ["positive", "near miss", "broken"];

impl RuleSet {
    /// Runs every case of every rule, whatever its stage: a positive is found by this rule, whole;
    /// a near miss is not; a broken twin is not, or not for certain.
    pub fn verify(&self) -> Vec<RuleError> {
        self.verify_those(|_| true)
    }

    /// The same for the rules that are not built in, beside those that are.
    pub fn verify_added(&self) -> Vec<RuleError> {
        self.verify_those(|rule| !rule.builtin)
    }

    fn verify_those(&self, which: impl Fn(&Rule) -> bool) -> Vec<RuleError> {
        let rules = self.rules().iter().enumerate();
        let those = rules.filter(|(_, rule)| which(rule));
        those
            .flat_map(|(index, rule)| self.verify_rule(index, rule))
            .collect()
    }

    fn verify_rule(&self, index: usize, rule: &Rule) -> Vec<RuleError> {
        let all = [
            &rule.cases.positives,
            &rule.cases.near_misses,
            &rule.cases.broken,
        ];
        let mut faults = Vec::new();
        for (kind, templates) in KINDS.into_iter().zip(all) {
            for (place, template) in (1..).zip(templates) {
                let outcome = expanded(rule, place, template)
                    .and_then(|case| self.come_out(index, rule, kind, &case));
                if let Err(fault) = outcome {
                    faults.push(RuleError::Case {
                        id: rule.id.to_owned(),
                        kind,
                        index: place,
                        fault,
                    });
                }
            }
        }
        faults
    }

    fn come_out(
        &self,
        index: usize,
        rule: &Rule,
        kind: &str,
        case: &Expanded,
    ) -> Result<(), Fault> {
        if kind == "positive" {
            return self.positive(index, case);
        }
        let places = case.text.char_indices().map(|(i, _)| i);
        let mut judged = places.filter_map(|i| self.judge(&case.text, i, &|held, _| held == index));
        let doubted = kind == "broken" && matches!(rule.checksum, Some((_, Broken::Doubt)));
        let found = judged.any(|found| !doubted || found.score == Score::Certain);
        if found { Err(Fault::Found) } else { Ok(()) }
    }

    fn positive(&self, index: usize, case: &Expanded) -> Result<(), Fault> {
        // A token with a head is found at its run, which begins later than itself.
        let places = case.text.char_indices().map(|(i, _)| i);
        let mut inside = places.filter(|i| (case.start..case.end).contains(i));
        let added = self.rules().get(index).is_some_and(|rule| !rule.builtin);
        // A rule of a pack may know what a built-in one takes first.
        let lets = |held: usize, _: &[u8]| !added || held == index;
        let found = inside.find_map(|i| self.judge(&case.text, i, &lets));
        let Some(Judged {
            index: by,
            start,
            end,
            score,
        }) = found
        else {
            return Err(Fault::NotFound);
        };
        if by != index {
            return Err(Fault::Other(
                self.rules().get(by).map_or("", |rule| rule.id),
            ));
        }
        let summed = self
            .rules()
            .get(by)
            .is_some_and(|rule| rule.checksum.is_some());
        if summed && score == Score::Doubtful {
            return Err(Fault::NotFound);
        }
        if (start, end) == (case.start, case.end) {
            return Ok(());
        }
        Err(Fault::Elsewhere {
            start,
            end,
            want_start: case.start,
            want_end: case.end,
        })
    }
}

fn expanded(rule: &Rule, place: usize, template: &str) -> Result<Expanded, Fault> {
    let prefixes: &[String] = match &rule.anchor {
        Anchor::Prefix(prefixes) => prefixes,
        Anchor::Near(_) | Anchor::Within(_) | Anchor::Behind(_) => &[],
    };
    let of = Of {
        id: rule.id,
        index: place,
        checksum: rule.checksum.map(|(checksum, _)| checksum),
        prefixes,
    };
    expand(template, &of)
}

impl Rule {
    /// The texts of its cases: positives, near misses, broken twins; a template that cannot be
    /// expanded is left out.
    pub fn expanded(&self) -> [Vec<Expanded>; 3] {
        let all = [
            &self.cases.positives,
            &self.cases.near_misses,
            &self.cases.broken,
        ];
        all.map(|templates| {
            let cases = (1..)
                .zip(templates)
                .map(|(place, t)| expanded(self, place, t));
            cases.flatten().collect()
        })
    }
}
