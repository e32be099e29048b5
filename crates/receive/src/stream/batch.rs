//! Frames that wait to be admitted together, charged to the ledger of bytes in flight.

use std::ops::Range;
use std::sync::Arc;

use tokio::time::Instant;

use crate::body::Buffer;
use crate::error::Code;
use crate::meter::{Charge, Ledger};
use crate::stream::StreamLimits;
use crate::stream::flag::Flags;
use crate::stream::frame::Frame;

/// Frames, as they came.
pub(crate) struct Batch {
    bytes: Buffer,
    frames: Vec<Kept>,
    charge: Charge,
    began: Option<Instant>,
}

/// One frame of a batch.
#[derive(Clone, Copy)]
struct Kept {
    end: usize,
    flags: Flags,
    received_unix_ns: u64,
    peer: u64,
}

/// A frame lent by its batch.
pub(crate) struct Lent<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) flags: Flags,
    pub(crate) received_unix_ns: u64,
    /// Sets senders of one batch apart.
    pub(crate) peer: u64,
}

impl Batch {
    pub(crate) fn new(ledger: &Arc<Ledger>) -> Self {
        Self {
            bytes: Buffer::new(),
            frames: Vec::new(),
            charge: Charge::new(ledger),
            began: None,
        }
    }

    /// Takes a frame of a connection in; [`Code::InFlightFull`] where there is no memory now.
    pub(crate) fn push(&mut self, frame: &Frame<'_>, received_unix_ns: u64) -> Result<(), Code> {
        self.push_of(0, frame, received_unix_ns)
    }

    /// The same for a frame of that sender among others.
    pub(crate) fn push_of(
        &mut self,
        peer: u64,
        frame: &Frame<'_>,
        received_unix_ns: u64,
    ) -> Result<(), Code> {
        self.charge.grow(2 * size_of::<Kept>())?;
        let over = Code::InFlightFull;
        self.bytes
            .push(frame.bytes, usize::MAX, over, &mut self.charge)?;
        self.frames.push(Kept {
            end: self.bytes.bytes().len(),
            flags: frame.flags,
            received_unix_ns,
            peer,
        });
        self.began.get_or_insert_with(Instant::now);
        Ok(())
    }

    pub(crate) fn count(&self) -> usize {
        self.frames.len()
    }

    /// When its first frame came.
    pub(crate) fn began(&self) -> Option<Instant> {
        self.began
    }

    /// Whether it is to go on its way without waiting.
    pub(crate) fn is_full(&self, limits: &StreamLimits) -> bool {
        self.frames.len() >= limits.batch_frames_max
            || self.bytes.bytes().len() >= limits.batch_bytes_max
    }

    /// Bytes of the frames of that range.
    pub(crate) fn range_bytes(&self, range: &Range<usize>) -> u64 {
        self.frames(range)
            .map(|frame| frame.bytes.len() as u64)
            .sum()
    }

    /// The frames of that range, in order.
    pub(crate) fn frames(&self, range: &Range<usize>) -> impl Iterator<Item = Lent<'_>> {
        let before = range.start.checked_sub(1);
        let before = before.and_then(|at| self.frames.get(at));
        let mut start = before.map_or(0, |kept| kept.end);
        let kept = self.frames.get(range.clone()).unwrap_or_default();
        kept.iter().map(move |kept| {
            let bytes = self.bytes.bytes().get(start..kept.end);
            start = kept.end;
            Lent {
                bytes: bytes.unwrap_or_default(),
                flags: kept.flags,
                received_unix_ns: kept.received_unix_ns,
                peer: kept.peer,
            }
        })
    }
}
