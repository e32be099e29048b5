//! What is known of a trace: a fold over the facts of its spans.
//!
//! *Invariants:* any order of the same spans gives the same summary; its size is bounded by the
//! plan's bits and [`crate::limits::SLOT_VALUES_MAX`] keys for each of its fields.

use cordon_event::{Event, Kind, SpanStatus, Value};

use crate::chance::Threshold;
use crate::tracestate::Ot;
use cordon_event::facts::{Bits, Facts, Key, add_keys};

/// Whether a span's sampled flag was set, where the sender's protocol says (W3C `trace-flags`).
pub const FLAG_SAMPLED: u32 = 1;

/// What of a span is not an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct SpanHeader {
    /// When it began, nanoseconds since the Unix epoch; 0 unknown.
    pub start_unix_ns: u64,
    /// When it ended, nanoseconds since the Unix epoch; 0 unknown.
    pub end_unix_ns: u64,
    /// Its status.
    pub status: SpanStatus,
    /// Whether it is a span; an exception or event recorded on one is not counted as one.
    pub is_span: bool,
    /// Whether it has no parent.
    pub is_root: bool,
    /// Whether the sampled flag was set.
    pub is_sampled: bool,
    /// Whether a failure with a fingerprint that is new was found in it.
    pub new_failure: bool,
    /// Bytes it takes encoded.
    pub bytes: u64,
    /// Events and links recorded on it, but for exceptions, which are events of their own.
    pub recorded: u32,
    /// What its tracestate says of sampling.
    pub ot: Ot,
}

impl SpanHeader {
    /// Header of an event that has a trace: `bytes` as encoded, `flags` as the protocol says.
    pub fn of(event: &Event, bytes: u64, flags: u32) -> Self {
        let is_span = event.kind == Kind::Span;
        let count = |name| match event.attribute(name) {
            Some(Value::Array(items)) if is_span => u32::try_from(items.len()).unwrap_or(u32::MAX),
            _ => 0,
        };
        Self {
            start_unix_ns: event.time_unix_ns,
            end_unix_ns: event.end_unix_ns,
            status: event.status,
            is_span,
            is_root: is_span && event.parent_span_id.is_none(),
            is_sampled: flags & FLAG_SAMPLED != 0,
            new_failure: false,
            bytes,
            recorded: count("span.events").saturating_add(count("span.links")),
            ot: Ot::parse(&event.trace_state),
        }
    }
}

const OK: u8 = 1;
const ERROR: u8 = 1 << 1;
const UNSET: u8 = 1 << 2;
const ROOT: u8 = 1 << 3;
const SAMPLED: u8 = 1 << 4;
const NEW_FAILURE: u8 = 1 << 5;
/// Mark of a number that was not seen; neither thresholds nor randomness have so many bits.
const NONE: u64 = u64::MAX;

/// What is known of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub(crate) bits: Bits,
    pub(crate) keys: Vec<Key>,
    bytes: u64,
    start_unix_ns: u64,
    end_unix_ns: u64,
    randomness: u64,
    threshold: u64,
    spans: u32,
    descendants: u32,
    marks: u8,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            bits: Bits::default(),
            keys: Vec::new(),
            bytes: 0,
            start_unix_ns: NONE,
            end_unix_ns: 0,
            randomness: NONE,
            threshold: NONE,
            spans: 0,
            descendants: 0,
            marks: 0,
        }
    }
}

impl Summary {
    /// Adds one span, or one event recorded on a span.
    pub fn fold(&mut self, span: &SpanHeader, facts: &Facts) {
        if self.is_new() {
            self.bits = facts.bits.clone();
        } else {
            self.bits.add(&facts.bits);
        }
        add_keys(&mut self.keys, &facts.keys);
        self.bytes = self.bytes.saturating_add(span.bytes);
        let more = span.recorded.saturating_add(1);
        self.descendants = self.descendants.saturating_add(more);
        self.marks |= if span.new_failure { NEW_FAILURE } else { 0 } | SEEN;
        if !span.is_span {
            return;
        }
        if span.start_unix_ns > 0 {
            self.start_unix_ns = self.start_unix_ns.min(span.start_unix_ns);
        }
        self.end_unix_ns = self.end_unix_ns.max(span.end_unix_ns);
        if let Some(randomness) = span.ot.randomness {
            self.randomness = self.randomness.min(randomness);
        }
        if let Some(threshold) = span.ot.threshold {
            self.threshold = self.threshold.min(threshold.value());
        }
        self.spans = self.spans.saturating_add(1);
        self.marks |= match span.status {
            SpanStatus::Ok => OK,
            SpanStatus::Error => ERROR,
            SpanStatus::Unset => UNSET,
        };
        self.marks |= if span.is_root { ROOT } else { 0 };
        self.marks |= if span.is_sampled { SAMPLED } else { 0 };
    }

    fn is_new(&self) -> bool {
        self.marks & SEEN == 0
    }

    fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }

    /// Spans so far.
    pub const fn spans(&self) -> u32 {
        self.spans
    }

    /// Spans so far, with the events and links on them.
    pub const fn descendants(&self) -> u32 {
        self.descendants
    }

    /// Bytes so far, as encoded.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whole milliseconds from the earliest start to the latest end.
    pub fn duration_ms(&self) -> u64 {
        let ns = self.end_unix_ns.saturating_sub(self.start_unix_ns);
        ns / 1_000_000
    }

    /// Whether a span failed.
    pub fn has_error(&self) -> bool {
        self.has(ERROR)
    }

    /// Whether a span says that it is fine.
    pub fn has_ok(&self) -> bool {
        self.has(OK)
    }

    /// Whether a span has no status.
    pub fn has_unset(&self) -> bool {
        self.has(UNSET)
    }

    /// Whether the root was seen.
    pub fn has_root(&self) -> bool {
        self.has(ROOT)
    }

    /// Whether a span was flagged as sampled.
    pub fn has_sampled_flag(&self) -> bool {
        self.has(SAMPLED)
    }

    /// Whether a failure was found that was not seen before.
    pub fn has_new_failure(&self) -> bool {
        self.has(NEW_FAILURE)
    }

    /// Explicit randomness, the least that was said.
    pub fn randomness(&self) -> Option<u64> {
        Some(self.randomness).filter(|value| *value != NONE)
    }

    /// Threshold by which spans were sampled before, the least that was said.
    pub fn threshold(&self) -> Option<Threshold> {
        Threshold::new(self.threshold)
    }

    /// Bytes beside its own size.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.bits.heap_bytes() + self.keys.capacity() * size_of::<Key>()
    }
}

/// Mark of a summary that holds something.
const SEEN: u8 = 1 << 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Vec<(SpanHeader, Facts)>> {
        let header = (any::<[u64; 5]>(), 0..3_u8, any::<[bool; 4]>());
        let one = (
            header,
            prop::collection::vec(0..100_u16, 0..5),
            prop::collection::vec(any::<u64>(), 0..4),
        );
        let one = one.prop_map(
            |(([start, end, bytes, rv, t], status, flags), set, digests)| {
                let mut bits = Bits::of(100);
                for bit in &set {
                    bits.set(*bit);
                }
                let mut keys = Vec::new();
                for digest in digests {
                    add_keys(&mut keys, &[Key::new((digest % 3) as u8, digest)]);
                }
                let [is_span, is_root, is_sampled, new_failure] = flags;
                let header = SpanHeader {
                    start_unix_ns: start,
                    end_unix_ns: end,
                    status: [SpanStatus::Ok, SpanStatus::Error, SpanStatus::Unset]
                        [usize::from(status)],
                    is_span,
                    is_root,
                    is_sampled,
                    new_failure,
                    bytes,
                    recorded: (bytes % 5) as u32,
                    ot: Ot {
                        threshold: Threshold::new(t >> 7),
                        randomness: Some(rv >> 8),
                    },
                };
                (
                    header,
                    Facts {
                        plan: [0; 8],
                        bits,
                        keys,
                    },
                )
            },
        );
        prop::collection::vec(one, 0..12)
    }

    fn folded(spans: &[(SpanHeader, Facts)]) -> Summary {
        let mut summary = Summary::default();
        for (span, facts) in spans {
            summary.fold(span, facts);
        }
        summary
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same_summary(
            (one, other) in spans().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        ) {
            prop_assert_eq!(folded(&one), folded(&other));
        }
    }

    #[test]
    fn a_summary_is_small() {
        assert!(size_of::<Summary>() <= 104, "{}", size_of::<Summary>());
    }
}
