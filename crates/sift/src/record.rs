//! What is written down of decisions.
//!
//! ```text
//! Decided  1 | trace 16 | verdict 20 | plan 8 | ms 8 | first 16 | until 16
//! Upgraded 2 | trace 16 | verdict 20 | was 20 | plan 8 | ms 8 | frame 16 | first 16 | upto 16
//! Repeated 3 | frame 16
//! Known    4 | fingerprint 8 | frame 16
//! ```
//!
//! Numbers are big-endian; a place is its segment and its byte; a frame is told by its end.
//!
//! *Invariant:* no byte sequence makes reading panic; what is no record ends the frame.

use cordon_event::TraceId;
use cordon_journal::Cursor;
use cordon_sample::Verdict;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Record {
    /// A trace was decided.
    Decided {
        /// Which.
        trace: TraceId,
        /// What was decided.
        verdict: Verdict,
        /// Digest of the plan that did.
        plan: [u8; 8],
        /// When, milliseconds since the Unix epoch.
        at_unix_ms: u64,
        /// Before its first frame.
        first: Cursor,
        /// Where folding was: later frames have late spans only.
        until: Cursor,
    },
    /// A trace that was dropped is kept after all.
    Upgraded {
        /// Which.
        trace: TraceId,
        /// What holds now.
        verdict: Verdict,
        /// What was decided first.
        was: Verdict,
        /// Digest of the plan that did.
        plan: [u8; 8],
        /// When, milliseconds since the Unix epoch.
        at_unix_ms: u64,
        /// Frame of the failure.
        frame: Cursor,
        /// Before its first frame.
        first: Cursor,
        /// Frames up to this one were released by the first verdict.
        upto: Cursor,
    },
    /// A frame holds a request that an earlier one holds too.
    Repeated {
        /// Which.
        frame: Cursor,
    },
    /// A failure was seen for the first time.
    Known {
        /// Its fingerprint.
        fingerprint: u64,
        /// Where.
        frame: Cursor,
    },
}

const DECIDED: u8 = 1;
const UPGRADED: u8 = 2;
const REPEATED: u8 = 3;
const KNOWN: u8 = 4;

impl Record {
    /// Appends it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Decided {
                trace,
                verdict,
                plan,
                at_unix_ms,
                first,
                until,
            } => {
                out.push(DECIDED);
                out.extend(trace.0);
                out.extend(verdict.encode());
                out.extend(plan);
                out.extend(at_unix_ms.to_be_bytes());
                for at in [first, until] {
                    place(out, at);
                }
            }
            Self::Upgraded {
                trace,
                verdict,
                was,
                plan,
                at_unix_ms,
                frame,
                first,
                upto,
            } => {
                out.push(UPGRADED);
                out.extend(trace.0);
                out.extend(verdict.encode());
                out.extend(was.encode());
                out.extend(plan);
                out.extend(at_unix_ms.to_be_bytes());
                for at in [frame, first, upto] {
                    place(out, at);
                }
            }
            Self::Repeated { frame } => {
                out.push(REPEATED);
                place(out, frame);
            }
            Self::Known { fingerprint, frame } => {
                out.push(KNOWN);
                out.extend(fingerprint.to_be_bytes());
                place(out, frame);
            }
        }
    }

    /// Takes one from the beginning of `bytes`; `None` where there is none.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let [tag] = take(bytes)?;
        Some(match tag {
            DECIDED => Self::Decided {
                trace: TraceId(take(bytes)?),
                verdict: Verdict::decode(&take(bytes)?)?,
                plan: take(bytes)?,
                at_unix_ms: u64::from_be_bytes(take(bytes)?),
                first: take_place(bytes)?,
                until: take_place(bytes)?,
            },
            UPGRADED => Self::Upgraded {
                trace: TraceId(take(bytes)?),
                verdict: Verdict::decode(&take(bytes)?)?,
                was: Verdict::decode(&take(bytes)?)?,
                plan: take(bytes)?,
                at_unix_ms: u64::from_be_bytes(take(bytes)?),
                frame: take_place(bytes)?,
                first: take_place(bytes)?,
                upto: take_place(bytes)?,
            },
            REPEATED => Self::Repeated {
                frame: take_place(bytes)?,
            },
            KNOWN => Self::Known {
                fingerprint: u64::from_be_bytes(take(bytes)?),
                frame: take_place(bytes)?,
            },
            _ => return None,
        })
    }

    /// The last frame whose release needs it.
    pub(crate) fn needed_until(&self) -> Cursor {
        match *self {
            Self::Decided { until, .. } => until,
            Self::Upgraded { frame, .. } | Self::Repeated { frame } => frame,
            Self::Known { .. } => Cursor::default(),
        }
    }
}

fn place(out: &mut Vec<u8>, at: Cursor) {
    out.extend(at.segment.to_be_bytes());
    out.extend(at.offset.to_be_bytes());
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

fn take_place(bytes: &mut &[u8]) -> Option<Cursor> {
    Some(Cursor {
        segment: u64::from_be_bytes(take(bytes)?),
        offset: u64::from_be_bytes(take(bytes)?),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_place() -> impl Strategy<Value = Cursor> {
        (any::<u64>(), any::<u64>()).prop_map(|(segment, offset)| Cursor { segment, offset })
    }

    fn any_verdict() -> impl Strategy<Value = Verdict> {
        // What is no verdict is none of ours.
        any::<[u8; Verdict::BYTES]>()
            .prop_map(|mut bytes| {
                bytes[0] &= 7;
                bytes[1] %= 14;
                bytes[4..12].copy_from_slice(&u64::MAX.to_le_bytes());
                bytes[12..].copy_from_slice(&2.0_f64.to_le_bytes());
                Verdict::decode(&bytes)
            })
            .prop_filter_map("a verdict", |verdict| verdict)
    }

    fn any_record() -> impl Strategy<Value = Record> {
        let ids = (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<u64>());
        let places = (any_place(), any_place(), any_place());
        let all = (0..4_u8, ids, any_verdict(), any_verdict(), places);
        all.prop_map(
            |(tag, (trace, plan, at_unix_ms), verdict, was, (a, b, c))| match tag {
                0 => Record::Decided {
                    trace: TraceId(trace),
                    verdict,
                    plan,
                    at_unix_ms,
                    first: a,
                    until: b,
                },
                1 => Record::Upgraded {
                    trace: TraceId(trace),
                    verdict,
                    was,
                    plan,
                    at_unix_ms,
                    frame: a,
                    first: b,
                    upto: c,
                },
                2 => Record::Repeated { frame: a },
                _ => Record::Known {
                    fingerprint: at_unix_ms,
                    frame: a,
                },
            },
        )
    }

    proptest! {
        #[test]
        fn records_are_read_back(records in prop::collection::vec(any_record(), 0..6)) {
            let mut bytes = Vec::new();
            for record in &records {
                record.write(&mut bytes);
            }
            let mut rest = bytes.as_slice();
            let back: Vec<Record> = std::iter::from_fn(|| Record::read(&mut rest)).collect();
            prop_assert_eq!(back, records);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while Record::read(&mut rest).is_some() {}
        }
    }
}
