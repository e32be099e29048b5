//! From a plan to a confirmed, minimal test, by asking an oracle.

use cordon_redact::Clean;

use serde_json::Value as Json;

use crate::Failure;
use crate::limits::CONFIRM_RUNS;
use crate::plan::{Plan, Texts};
use crate::shrink::{Oracle, shrink};
use crate::synthetic::{Form, hash, replace_text};
use crate::{property, veil};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Failed for the recorded reason in each of [`CONFIRM_RUNS`] runs.
    Reproduced,
    /// Failed, but not as recorded.
    DifferentFailure,
    /// Did not fail.
    NotReproduced,
    /// Failed for the recorded reason in some runs, not in all.
    Flaky,
    /// Could not be run.
    Unbuildable,
    /// Did not fail with any form of stand-ins: it takes a raw value, which is not kept.
    NeedsRaw,
}

impl Outcome {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::DifferentFailure => "different_failure",
            Self::NotReproduced => "not_reproduced",
            Self::Flaky => "flaky",
            Self::Unbuildable => "unbuildable",
            Self::NeedsRaw => "needs_raw",
        }
    }

    /// One sentence for whoever asked.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Reproduced => "the test fails for the recorded reason, three runs of three",
            Self::DifferentFailure => "the call fails, but not in the recorded way",
            Self::NotReproduced => "the call does not fail on this source",
            Self::Flaky => "the call fails in some runs only, so the test would be flaky",
            Self::Unbuildable => "the function cannot be imported from this source",
            Self::NeedsRaw => {
                "no synthetic value brings it about on this source: either it is fixed here, or it \
                 takes the raw value, which was not kept"
            }
        }
    }
}

/// What a run's test recorded of itself (JUnit properties of `test_recorded_failure`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// `repro.outcome`: `reproduced`, `different` or `passed`; `None` where the test did not run.
    pub outcome: Option<String>,
    /// `repro.frame`: function of the application that raised.
    pub frame: Option<String>,
    /// `repro.signature`: where and what, to tell failures of one type apart.
    pub signature: Option<String>,
}

impl Observation {
    fn verdict(&self, plan: &Plan) -> Oracle {
        match self.outcome.as_deref() {
            Some("reproduced") if self.frame_fits(plan) => Oracle::Reproduced,
            Some("reproduced" | "different") => Oracle::Different,
            Some("passed") => Oracle::NotReproduced,
            _ => Oracle::Unbuildable,
        }
    }

    fn frame_fits(&self, plan: &Plan) -> bool {
        match (plan.failure(), &self.frame) {
            (
                Failure::Exception {
                    raised_in: Some(recorded),
                    ..
                },
                Some(seen),
            ) => recorded == seen,
            _ => true,
        }
    }
}

/// What [`reproduce`] found.
#[derive(Clone, Debug)]
pub struct Reproduction {
    /// What became of it.
    pub outcome: Outcome,
    /// The plan of the smallest test that fails the same way; as it was, where nothing failed.
    pub plan: Clean<Plan>,
    /// Runs that it took.
    pub runs: usize,
    /// Bytes of the arguments as recorded, and as they are now.
    pub bytes: (usize, usize),
}

/// Runs the plan's test until it is known what becomes of it, and shrinks it.
///
/// `run` runs the rendered plan once against the source it should fail on.
/// The result is a function of the plan and the verdicts alone.
pub fn reproduce(plan: &Clean<Plan>, run: &mut dyn FnMut(&Plan) -> Observation) -> Reproduction {
    let mut verdicts: Vec<u8> = Vec::new();
    let mut anchor: Option<Option<u64>> = None;
    let (outcome, _) = decide(plan.get(), &mut |candidate| {
        let seen = run(candidate);
        let mut verdict = seen.verdict(candidate);
        // The first failure that fits sets where and what; a later one elsewhere is another one.
        let signature = seen.signature.as_deref().map(hash);
        if verdict == Oracle::Reproduced && *anchor.get_or_insert(signature) != signature {
            verdict = Oracle::Different;
        }
        verdicts.push(code(verdict));
        verdict
    });
    let runs = verdicts.len();
    let small = plan.clone().pair(Clean::technical(verdicts)).map(replay);
    let size = |plan: &Clean<Plan>| plan.get().arguments().to_string().len();
    Reproduction {
        outcome,
        bytes: (size(plan), size(&small)),
        plan: small,
        runs,
    }
}

/// Decides again from recorded verdicts: how a clean plan stays clean.
fn replay((plan, verdicts): (Plan, Vec<u8>)) -> Plan {
    let mut next = verdicts.into_iter();
    decide(&plan, &mut |_| {
        next.next().map_or(Oracle::Unbuildable, verdict_of)
    })
    .1
}

const fn code(verdict: Oracle) -> u8 {
    match verdict {
        Oracle::Reproduced => 0,
        Oracle::Different => 1,
        Oracle::NotReproduced => 2,
        Oracle::Unbuildable => 3,
    }
}

const fn verdict_of(code: u8) -> Oracle {
    match code {
        0 => Oracle::Reproduced,
        1 => Oracle::Different,
        2 => Oracle::NotReproduced,
        _ => Oracle::Unbuildable,
    }
}

fn decide(plan: &Plan, run: &mut dyn FnMut(&Plan) -> Oracle) -> (Outcome, Plan) {
    let first = run(plan);
    let (form, failing) = match first {
        Oracle::Reproduced => (Form::Natural, plan.clone()),
        Oracle::Unbuildable => return (Outcome::Unbuildable, plan.clone()),
        _ if plan.stand_ins() == 0 => return (unmet(first), plan.clone()),
        _ => {
            let mut forms = Form::OTHERS
                .map(|form| (form, plan.with_form(form)))
                .into_iter();
            match forms.find(|(_, other)| run(other) == Oracle::Reproduced) {
                Some(other) => other,
                None if first == Oracle::Different => return (unmet(first), plan.clone()),
                None => return (Outcome::NeedsRaw, plan.clone()),
            }
        }
    };
    if !confirmed(&failing, CONFIRM_RUNS - 1, run) {
        return (Outcome::Flaky, plan.clone());
    }
    let (spare, kept) = veiled(&failing, form, run);
    let with = |arguments: &Json| spare.with_arguments(arguments.clone());
    let smallest = shrink(spare.arguments(), &mut |json| run(&with(json)));
    let property = property::lift(&smallest, &mut |json| run(&with(json)));
    let small = spare.with_arguments(smallest).with_property(property);
    for candidate in [small, spare] {
        let needed = veil::count_kept(candidate.arguments(), &kept);
        let candidate = candidate.with_texts(Texts::Needed(needed));
        if confirmed(&candidate, CONFIRM_RUNS, run) {
            return (Outcome::Reproduced, candidate);
        }
    }
    (Outcome::Flaky, plan.clone())
}

/// The plan with stand-ins for the recorded texts that the failure does not need, and the others.
fn veiled(failing: &Plan, form: Form, run: &mut dyn FnMut(&Plan) -> Oracle) -> (Plan, Vec<String>) {
    let texts = failing.recorded_texts();
    let covered = veil::coverable(texts.len(), &mut |numbers| {
        run(&failing.veiled(form, numbers))
    });
    let kept = texts.iter().enumerate();
    let kept = kept.filter(|(number, _)| !covered.contains(number));
    let kept = kept.map(|(_, text)| replace_text(text, form).0).collect();
    (failing.veiled(form, &covered), kept)
}

const fn unmet(verdict: Oracle) -> Outcome {
    match verdict {
        Oracle::Different => Outcome::DifferentFailure,
        _ => Outcome::NotReproduced,
    }
}

fn confirmed(plan: &Plan, times: usize, run: &mut dyn FnMut(&Plan) -> Oracle) -> bool {
    (0..times).all(|_| run(plan) == Oracle::Reproduced)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cordon_event::{Event, Kind, SpanStatus, attr, codec};
    use cordon_redact::{OpenError, Opener};

    use super::*;

    /// Lets through what was never sealed: how a test writes a clean event by hand.
    struct Plain;

    impl Opener for Plain {
        fn open(&self, _: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
            Ok(sealed.to_vec())
        }
    }

    const TRACE: &str = "Traceback (most recent call last):\n  File \"/a/shop.py\", line 6, in \
                         order\nKeyError: 'sku'";

    /// A call of `shop.order(n=40)` that raised a KeyError in `order`.
    fn planned() -> Clean<Plan> {
        let pairs = [
            (attr::CODE_FUNCTION_NAME, "shop.order"),
            (attr::CALL_ARGUMENTS, r#"{"n": 40}"#),
            (attr::EXCEPTION_TYPE, "KeyError"),
            (attr::EXCEPTION_STACKTRACE, TRACE),
        ];
        let event = Event {
            kind: Kind::Span,
            status: SpanStatus::Error,
            attributes: pairs
                .map(|(k, v)| (k.to_owned(), v.into()))
                .into_iter()
                .collect(),
            ..Event::default()
        };
        let event = Clean::open(&Plain, b"", &codec::encode_event(&event)).unwrap();
        crate::plan(&event).unwrap()
    }

    fn seen(outcome: &str, frame: &str, signature: &str) -> Observation {
        Observation {
            outcome: Some(outcome.to_owned()),
            frame: Some(frame.to_owned()),
            signature: Some(signature.to_owned()),
        }
    }

    fn recorded() -> Observation {
        seen("reproduced", "order", "order:6:'sku'")
    }

    /// What becomes of a plan whose runs are these, the last one for ever.
    fn after(runs: &[Observation]) -> Outcome {
        let mut at = 0;
        let found = reproduce(&planned(), &mut |_| {
            let run = runs.get(at).or(runs.last()).cloned();
            at += 1;
            run.unwrap_or_default()
        });
        found.outcome
    }

    #[test]
    fn two_failures_of_three_are_flaky() {
        let passed = || seen("passed", "", "");
        for runs in [
            vec![recorded(), passed(), recorded()],
            vec![recorded(), recorded(), passed(), recorded()],
        ] {
            assert_eq!(after(&runs), Outcome::Flaky);
        }
        assert_eq!(after(&[passed(), recorded()]), Outcome::NotReproduced);
        assert_eq!(after(&[recorded()]), Outcome::Reproduced);
    }

    #[test]
    fn another_failure_is_no_reproduction() {
        let other = seen("different", "order", "order:6:");
        assert_eq!(after(&[other]), Outcome::DifferentFailure);
        // The same type, raised by another function than the recorded one.
        let elsewhere = seen("reproduced", "price", "price:9:'sku'");
        assert_eq!(after(&[elsewhere]), Outcome::DifferentFailure);
        // The same type and function, then another line of it.
        let line = seen("reproduced", "order", "order:7:'sku'");
        assert_eq!(after(&[recorded(), line]), Outcome::Flaky);
        assert_eq!(after(&[Observation::default()]), Outcome::Unbuildable);
    }

    #[test]
    fn a_smaller_call_that_fails_in_some_runs_only_is_not_the_test() {
        let mut known = BTreeSet::from([planned().get().arguments().to_string()]);
        let found = reproduce(&planned(), &mut |plan| {
            let arguments = plan.arguments().to_string();
            // What was shrunk fails when it is tried, and no more when it is to be confirmed.
            if plan.arguments() == planned().get().arguments() || known.insert(arguments) {
                recorded()
            } else {
                seen("passed", "", "")
            }
        });
        assert_eq!(found.outcome, Outcome::Reproduced);
        let kept = &found.plan.get().arguments()["kwargs"]["n"];
        assert_eq!(*kept, 40, "after {} runs", found.runs);
    }
}
