//! What was decided of a trace, and why.

use crate::chance::Threshold;

/// Why a trace is kept or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A policy sampled it.
    Sampled,
    /// No policy sampled it.
    NotSampled,
    /// A `drop` policy vetoed it.
    Dropped,
    /// An inverted policy sampled it, and no other said no (deprecated decision).
    InvertedSampled,
    /// An inverted policy found what it must not find (deprecated decision).
    InvertedNotSampled,
    /// A sampler or rule kept it: always, or by its rate.
    RuleKept,
    /// A rule says to drop it.
    RuleDropped,
    /// A sampler's or rule's rate left it out.
    RuleNotSampled,
    /// It was larger than what is decided at all.
    TooLarge,
    /// It was pending when the process ended, and pending traces are dropped.
    Pending,
    /// A failure came after the decision to drop it.
    LateFailure,
    /// A failure came so late that the rest of its trace is gone.
    Partial,
    /// Decided by the trace id alone, without its spans.
    Stateless,
    /// None of its spans came, so there was nothing to decide: its records are kept.
    NoSpans,
}

impl Code {
    const ALL: [Self; 14] = [
        Self::Sampled,
        Self::NotSampled,
        Self::Dropped,
        Self::InvertedSampled,
        Self::InvertedNotSampled,
        Self::RuleKept,
        Self::RuleDropped,
        Self::RuleNotSampled,
        Self::TooLarge,
        Self::Pending,
        Self::LateFailure,
        Self::Partial,
        Self::Stateless,
        Self::NoSpans,
    ];

    /// Stable name, for metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sampled => "sampled",
            Self::NotSampled => "not_sampled",
            Self::Dropped => "dropped",
            Self::InvertedSampled => "inverted_sampled",
            Self::InvertedNotSampled => "inverted_not_sampled",
            Self::RuleKept => "rule_kept",
            Self::RuleDropped => "rule_dropped",
            Self::RuleNotSampled => "rule_not_sampled",
            Self::TooLarge => "too_large",
            Self::Pending => "pending",
            Self::LateFailure => "late_failure",
            Self::Partial => "partial",
            Self::Stateless => "stateless",
            Self::NoSpans => "no_spans",
        }
    }
}

/// Reason of a verdict: a code, and the policy or rule by its number in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What kind of reason it is.
    pub code: Code,
    /// Policy or rule, where one decided; [`crate::Plan::name`] has its name.
    pub name: Option<u16>,
}

impl Reason {
    pub(crate) const fn of(code: Code) -> Self {
        Self { code, name: None }
    }

    pub(crate) const fn by(code: Code, name: u16) -> Self {
        Self {
            code,
            name: Some(name),
        }
    }
}

/// What was decided of a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Whether its spans are kept.
    pub keep: bool,
    /// Whether they would be, were it no dry run; the same as `keep` where it is none.
    pub would_keep: bool,
    /// Why; in a dry run, why it would be so.
    pub reason: Reason,
    /// Threshold of the decision, for [`crate::tracestate::write`]; nothing where something else
    /// is kept than what reaches a threshold, or where a rate limit decided.
    pub threshold: Option<Threshold>,
    /// How many traces a kept one stands for, incoming sampling counted, and not what rate limits
    /// left out; at least 1. 0 for what is not kept.
    pub adjusted_count: f64,
}

/// Mark of a threshold that is not known.
const UNKNOWN: u64 = u64::MAX;

impl Verdict {
    /// Bytes of a verdict as stored.
    pub const BYTES: usize = 20;

    pub(crate) const fn drop_for(reason: Reason) -> Self {
        Self {
            keep: false,
            would_keep: false,
            reason,
            threshold: None,
            adjusted_count: 0.0,
        }
    }

    pub(crate) const fn keep_for(reason: Reason) -> Self {
        Self {
            keep: true,
            would_keep: true,
            reason,
            threshold: Some(Threshold::ALWAYS),
            adjusted_count: 1.0,
        }
    }

    /// As bytes, for a durable log of decisions.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let code = Code::ALL.iter().position(|code| *code == self.reason.code);
        let flags = u8::from(self.keep)
            | u8::from(self.would_keep) << 1
            | u8::from(self.reason.name.is_some()) << 2;
        let [low, high] = self.reason.name.unwrap_or_default().to_le_bytes();
        let mut out = [0; Self::BYTES];
        let head = [flags, code.unwrap_or_default() as u8, low, high];
        let threshold = self.threshold.map_or(UNKNOWN, Threshold::value);
        let bytes = head
            .into_iter()
            .chain(threshold.to_le_bytes())
            .chain(self.adjusted_count.to_le_bytes());
        for (to, byte) in out.iter_mut().zip(bytes) {
            *to = byte;
        }
        out
    }

    /// From bytes, where they are one encoding.
    pub fn decode(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (&[flags, code, low, high], rest) = bytes.split_first_chunk::<4>()?;
        let (threshold, count) = rest.split_first_chunk::<8>()?;
        let code = *Code::ALL.get(usize::from(code))?;
        let threshold = u64::from_le_bytes(*threshold);
        let adjusted_count = f64::from_le_bytes(count.try_into().ok()?);
        let is_threshold = threshold == UNKNOWN || Threshold::new(threshold).is_some();
        if flags > 7 || !is_threshold || adjusted_count.is_nan() || adjusted_count < 0.0 {
            return None;
        }
        Some(Self {
            keep: flags & 1 != 0,
            would_keep: flags & 2 != 0,
            reason: Reason {
                code,
                name: (flags & 4 != 0).then_some(u16::from_le_bytes([low, high])),
            },
            threshold: Threshold::new(threshold),
            adjusted_count,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn verdicts_are_read_back(
            keep: bool, would_keep: bool, code in 0..Code::ALL.len(), name: Option<u16>,
            threshold in prop::option::of(0..(1_u64 << 56)), adjusted_count in 0.0..1e9_f64,
        ) {
            let code = Code::ALL[code];
            let threshold = threshold.and_then(Threshold::new);
            let verdict = Verdict {
                keep, would_keep, reason: Reason { code, name }, threshold, adjusted_count,
            };
            prop_assert_eq!(Verdict::decode(&verdict.encode()), Some(verdict));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: [u8; Verdict::BYTES]) {
            let _ = Verdict::decode(&bytes);
        }
    }
}
