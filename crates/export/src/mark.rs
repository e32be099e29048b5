//! What the sampler says of a trace, as its spans and log records carry it on.
//!
//! | attribute | what |
//! |---|---|
//! | `sampling.adjusted_count` | how many traces this one stands for |
//! | `sampling.threshold` | of log records: `th`; spans have it in their tracestate |
//! | `tailsampling.policy` | policy that decided |
//! | `cordon.sampling.reason` | code of the reason |
//! | `cordon.sampling.would_keep` | in a dry run: whether it would be kept |
//!
//! `sampling.threshold` is the Collector's (probabilistic sampler), `tailsampling.policy` too (tail
//! sampling). The semantic conventions have no name for the adjusted count yet.

use std::collections::HashMap;

use cordon_event::{TraceId, Value};
use cordon_sample::{Plan, Threshold, Verdict, tracestate};

const ADJUSTED_COUNT: &str = "sampling.adjusted_count";
const THRESHOLD: &str = "sampling.threshold";
const POLICY: &str = "tailsampling.policy";
const REASON: &str = "cordon.sampling.reason";
const WOULD_KEEP: &str = "cordon.sampling.would_keep";

/// Marks of the traces of a batch; a trace without one stays as it is.
pub type Marks = HashMap<TraceId, Mark>;

/// What is written into the records of a trace that the sampler kept.
///
/// It is made of a verdict and of the names in a plan, which is configuration: no telemetry comes
/// in by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    threshold: Option<Threshold>,
    adjusted_count: f64,
    reason: &'static str,
    policy: Option<String>,
    is_dry: bool,
}

impl Mark {
    /// The mark of a verdict under the plan that made it.
    pub fn of(verdict: &Verdict, plan: &Plan) -> Self {
        Self {
            threshold: verdict.threshold,
            adjusted_count: verdict.adjusted_count,
            reason: verdict.reason.code.as_str(),
            policy: plan.name(verdict.reason).map(str::to_owned),
            is_dry: verdict.keep && !verdict.would_keep,
        }
    }

    /// A span's tracestate, with the threshold that its trace was kept by.
    pub(crate) fn trace_state(&self, before: &str) -> String {
        tracestate::write(before, self.threshold)
    }

    /// Attributes of a span.
    pub(crate) fn of_span(&self) -> Vec<(&'static str, Value)> {
        let mut pairs = vec![(ADJUSTED_COUNT, Value::Double(self.adjusted_count))];
        pairs.push((REASON, Value::from(self.reason)));
        pairs.extend(self.policy.clone().map(|name| (POLICY, Value::from(name))));
        pairs.extend(self.is_dry.then_some((WOULD_KEEP, Value::Bool(false))));
        pairs
    }

    /// Attributes of a log record, which has no tracestate.
    pub(crate) fn of_log(&self) -> Vec<(&'static str, Value)> {
        let mut pairs = self.of_span();
        let threshold = self.threshold.map(tracestate::th);
        pairs.extend(threshold.map(|th| (THRESHOLD, Value::from(th))));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use cordon_sample::{Code, Reason, Threshold};

    use super::*;

    fn mark(threshold: Option<u64>, would_keep: bool) -> Mark {
        let plan = "version = 1\n[[policies]]\nname = \"all\"\ntype = \"always_sample\"\n";
        let verdict = Verdict {
            keep: true,
            would_keep,
            reason: Reason {
                code: Code::RuleKept,
                name: None,
            },
            threshold: threshold.and_then(Threshold::new),
            adjusted_count: 2.0,
        };
        Mark::of(&verdict, &Plan::parse_native(plan).unwrap())
    }

    #[test]
    fn a_tracestate_keeps_what_is_not_of_sampling() {
        for (before, threshold, after) in [
            ("", None, ""),
            ("a=1", None, "a=1"),
            ("ot=th:8,a=1", None, "a=1"),
            (
                "a=1,ot=rv:0123456789abcd",
                Some(1 << 55),
                "ot=th:8;rv:0123456789abcd,a=1",
            ),
            // A threshold is never lowered.
            ("ot=th:c", Some(1 << 55), "ot=th:c"),
        ] {
            assert_eq!(mark(threshold, true).trace_state(before), after, "{before}");
        }
    }

    #[test]
    fn a_dry_run_says_what_it_would_have_done() {
        let names = |mark: &Mark| mark.of_log().into_iter().map(|(key, _)| key).collect();
        let kept: Vec<&str> = names(&mark(None, true));
        assert_eq!(kept, [ADJUSTED_COUNT, REASON]);
        let dry: Vec<&str> = names(&mark(Some(0), false));
        assert_eq!(dry, [ADJUSTED_COUNT, REASON, WOULD_KEEP, THRESHOLD]);
    }
}
