//! The writer: takes groups, seals, writes, syncs once, then answers.
//!
//! *Invariants:* a ticket is answered `Ok` only after the sync that covers its frame returned
//! without error; a segment that failed once is never written again, and its sync is not retried
//! (after a failed fsync the kernel may have dropped the very pages that a second one would call
//! clean).

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cordon_event::TenantId;

use crate::disk::{Disk, SegmentFile};
use crate::extents::{Extent, Extents};
use crate::frame::{self, Frame};
use crate::keys::{FreshKey, SegmentKeys};
use crate::queue::{Item, Queue, Work};
use crate::{Cursor, Error, Limits};

/// Segment keys held at once; more tenants in one segment make a new key each time they return.
const KEYS_COUNT_MAX: usize = 4_096;

/// Counts of the writer's life.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) commits: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) disk_errors: AtomicU64,
}

struct Segment {
    number: u64,
    file: Box<dyn SegmentFile>,
    len: u64,
    keys: HashMap<(TenantId, u32), FreshKey>,
}

pub(crate) struct Writer {
    pub(crate) disk: Box<dyn Disk>,
    pub(crate) keys: Arc<dyn SegmentKeys>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) extents: Arc<Extents>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) limits: Limits,
    /// Number of the next segment to create.
    pub(crate) next: u64,
    current: Option<Segment>,
}

/// However the writer ends, nobody may be left waiting for it.
struct Last(Arc<Queue>, Arc<Extents>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.abandon();
        self.1.finish();
    }
}

/// The frames of a group and where each item's frame ends; `None` where its key is missing.
struct Sealed {
    bytes: Vec<u8>,
    ends: Vec<Option<u64>>,
}

impl Writer {
    pub(crate) fn new(
        disk: Box<dyn Disk>,
        keys: Arc<dyn SegmentKeys>,
        limits: Limits,
        next: u64,
    ) -> Self {
        let (queue, extents, counts) = <(Arc<Queue>, Arc<Extents>, Arc<Counts>)>::default();
        Self {
            disk,
            keys,
            queue,
            extents,
            counts,
            limits,
            next,
            current: None,
        }
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let _last = Last(Arc::clone(&self.queue), Arc::clone(&self.extents));
        self.probe();
        loop {
            match self.queue.take(&self.limits) {
                Work::Group(group) => self.group(group),
                Work::Probe => self.probe(),
                Work::Closed => break,
            }
        }
    }

    /// Ready again once the disk has room for the reserve.
    fn probe(&mut self) {
        let ready = self.disk.take_reserve().is_ok();
        self.queue.set_ready(ready);
    }

    fn group(&mut self, group: Vec<Item>) {
        let mut done = self.commit(&group);
        if let Err(error) = &done {
            self.counts.disk_errors.fetch_add(1, Ordering::Relaxed);
            self.queue.set_ready(false);
            if is_full(error) {
                // What was admitted before the disk filled still goes through, into the reserve.
                self.disk.release_reserve();
                done = self.commit(&group);
            }
        }
        let done = done.map_err(|error| error.kind());
        for (i, item) in group.into_iter().enumerate() {
            let answer = match &done {
                Ok((segment, ends)) => match ends.get(i).copied().flatten() {
                    Some(offset) => Ok(Cursor {
                        segment: *segment,
                        offset,
                    }),
                    None => Err(Error::Key),
                },
                Err(kind) => Err(Error::Write(*kind)),
            };
            // The appender may have gone away; its batch is durable all the same.
            let _ = item.answer.send(answer);
        }
    }

    /// One write and one sync for all. On an error the segment is given up.
    fn commit(&mut self, group: &[Item]) -> io::Result<(u64, Vec<Option<u64>>)> {
        let mut segment = self.segment()?;
        let sealed = self.seal(&mut segment, group);
        let written = segment
            .file
            .append(&sealed.bytes)
            .and_then(|()| segment.file.sync());
        if let Err(error) = written {
            // Best effort, so that the torn frames do not take room; they were never answered.
            let _ = segment.file.truncate(segment.len);
            self.close(&segment);
            return Err(error);
        }
        segment.len = segment.len.saturating_add(sealed.bytes.len() as u64);
        self.counts.commits.fetch_add(1, Ordering::Relaxed);
        let batches = sealed.ends.iter().flatten().count() as u64;
        self.counts.batches.fetch_add(batches, Ordering::Relaxed);
        let number = segment.number;
        if segment.len >= self.limits.segment_bytes_max {
            self.close(&segment);
        } else {
            self.extents.set(
                number,
                Extent {
                    readable: segment.len,
                    open: true,
                },
            );
            self.current = Some(segment);
        }
        Ok((number, sealed.ends))
    }

    /// The current segment, or a new one. It is the caller's until it is put back.
    fn segment(&mut self) -> io::Result<Segment> {
        if let Some(segment) = self.current.take() {
            return Ok(segment);
        }
        let number = self.next;
        // A number whose creation failed half-way is not tried again.
        self.next = self.next.saturating_add(1);
        let file = self.disk.create(number)?;
        Ok(Segment {
            number,
            file,
            len: 0,
            keys: HashMap::new(),
        })
    }

    fn close(&self, segment: &Segment) {
        self.extents.set(
            segment.number,
            Extent {
                readable: segment.len,
                open: false,
            },
        );
    }

    fn seal(&self, segment: &mut Segment, group: &[Item]) -> Sealed {
        let mut sealed = Sealed {
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        for item in group {
            let offset = segment.len.saturating_add(sealed.bytes.len() as u64);
            let frame = self.seal_one(segment, item, offset);
            let end = frame.and_then(|frame| frame::write(&mut sealed.bytes, &frame));
            let len = sealed.bytes.len() as u64;
            sealed
                .ends
                .push(end.map(|()| segment.len.saturating_add(len)));
        }
        sealed
    }

    fn seal_one(&self, segment: &mut Segment, item: &Item, offset: u64) -> Option<Frame> {
        let context = frame::context(segment.number, offset, &item.tenant);
        let slot = (item.tenant.clone(), item.day);
        if let Some((sealer, wrapped)) = segment.keys.get(&slot)
            && let Ok(sealed) = item.encoded.seal(sealer.as_ref(), &context)
        {
            return Some(Frame {
                tenant: slot.0,
                wrapped: wrapped.clone(),
                sealed,
            });
        }
        // No key yet, or one whose nonces are used up.
        let (key, wrapped) = self.keys.fresh(&item.tenant, item.day).ok()?;
        let sealed = item.encoded.seal(key.as_ref(), &context).ok()?;
        if segment.keys.len() >= KEYS_COUNT_MAX {
            segment.keys.clear();
        }
        segment.keys.insert(slot, (key, wrapped.clone()));
        Some(Frame {
            tenant: item.tenant.clone(),
            wrapped,
            sealed,
        })
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
