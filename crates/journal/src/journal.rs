//! Opening, appending, trimming.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use cordon_event::{Batch, TenantId, packed};
use cordon_redact::Clean;

use crate::disk::{Directory, Disk, private, segment_path, segments, sync_directory};
use crate::extents::{Extent, Extents};
use crate::frame::{Span, Step};
use crate::keys::SegmentKeys;
use crate::limits::FRAME_READ_BYTES_MAX;
use crate::lost::LostAndFound;
use crate::queue::{Item, Queue};
use crate::ticket::Ticket;
use crate::writer::{Counts, Writer};
use crate::{Cursor, Error, Limits, Reader};

const LOCK_NAME: &str = "lock";
const LOST_NAME: &str = "lost-and-found";
const NS_PER_DAY: u64 = 86_400 * 1_000_000_000;
/// Room in a frame for the tenant, the wrapped key and the seal's overhead.
const FRAME_OVERHEAD_BYTES: usize = 1_024;

/// What was found at start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Segments that were there.
    pub segments: u64,
    /// Undamaged frames not yet consumed.
    pub frames: u64,
    /// Ranges without an undamaged frame, a torn last write included.
    pub damaged: u64,
    /// Bytes of those ranges; they are kept, still sealed, in `lost-and-found/`.
    pub damaged_bytes: u64,
    /// Segments that the disk would not let read at all.
    pub unreadable: u64,
}

/// How the journal is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether batches are admitted: false while the disk is full or failing.
    pub ready: bool,
    /// Batches that wait for the disk.
    pub queued_count: usize,
    /// Their bytes.
    pub queued_bytes: usize,
    /// Bytes on disk that are not trimmed yet.
    pub backlog_bytes: u64,
    /// Syncs that succeeded.
    pub commits: u64,
    /// Batches that those made durable.
    pub batches: u64,
    /// Writes, syncs and creations that failed.
    pub disk_errors: u64,
}

/// The open journal. Dropping it commits what waits and stops the writer.
pub struct Journal {
    dir: PathBuf,
    limits: Limits,
    keys: Arc<dyn SegmentKeys>,
    queue: Arc<Queue>,
    extents: Arc<Extents>,
    counts: Arc<Counts>,
    lost: Arc<LostAndFound>,
    writer: Option<JoinHandle<()>>,
    /// Held for as long as the journal is open.
    _lock: File,
}

impl Journal {
    /// Opens the directory, which is created where missing (mode 0700).
    ///
    /// `consumed` is how far the store got: older segments are not looked at, and new ones get
    /// numbers beyond it even where the directory was lost.
    pub fn open(
        dir: &Path,
        keys: Arc<dyn SegmentKeys>,
        limits: Limits,
        consumed: Cursor,
    ) -> Result<(Self, Recovery), Error> {
        let disk = Directory {
            path: dir.to_owned(),
            reserve_bytes: limits.reserve_bytes,
        };
        Self::open_on(Box::new(disk), dir, keys, limits, consumed)
    }

    pub(crate) fn open_on(
        disk: Box<dyn Disk>,
        dir: &Path,
        keys: Arc<dyn SegmentKeys>,
        limits: Limits,
        consumed: Cursor,
    ) -> Result<(Self, Recovery), Error> {
        let unusable = |error: io::Error| Error::Open(error.kind());
        make_private(dir).map_err(unusable)?;
        let lock = private()
            .create(true)
            .open(dir.join(LOCK_NAME))
            .map_err(unusable)?;
        lock.try_lock().map_err(|_| Error::Locked)?;
        let found = segments(dir).map_err(unusable)?;
        let lost = Arc::new(LostAndFound::new(
            dir.join(LOST_NAME),
            limits.lost_bytes_max,
        ));
        let recovery = recover(dir, &found, &lost, consumed);
        let newest = found.last().map_or(0, |(segment, _)| *segment);
        let next = newest.max(consumed.segment).saturating_add(1);
        let writer = Writer::new(disk, Arc::clone(&keys), limits, next);
        for (segment, len) in found {
            writer.extents.set(
                segment,
                Extent {
                    readable: len,
                    open: false,
                },
            );
        }
        let (queue, extents) = (Arc::clone(&writer.queue), Arc::clone(&writer.extents));
        let counts = Arc::clone(&writer.counts);
        let thread = std::thread::Builder::new().name("journal".to_owned());
        let writer = thread.spawn(move || writer.run()).map_err(unusable)?;
        let dir = dir.to_owned();
        let journal = Self {
            dir,
            limits,
            keys,
            queue,
            extents,
            counts,
            lost,
            writer: Some(writer),
            _lock: lock,
        };
        Ok((journal, recovery))
    }

    /// Whether a process has the journal of this directory open.
    pub fn is_held(dir: &Path) -> bool {
        let lock = private().open(dir.join(LOCK_NAME));
        lock.is_ok_and(|lock| lock.try_lock().is_err())
    }

    /// Queues a batch. It is durable once the ticket says so, and not before.
    pub fn append(&self, batch: &Clean<Batch>) -> Result<Ticket, Error> {
        // Encoding is most of the work: refuse before it where that is certain already.
        self.queue.admits(0, &self.limits)?;
        if self.extents.total_bytes() >= self.limits.backlog_bytes_max {
            return Err(Error::Full {
                retry_after_s: self.limits.retry_after_s,
            });
        }
        let tenant = batch.get().tenant.clone();
        self.push(
            tenant,
            batch.get().received_unix_ns,
            batch.project(packed::encode_batch),
        )
    }

    /// Queues something else of a tenant that was encoded before: what [`Reader::next_encoded`]
    /// reads. A journal holds batches, or such things, and never both.
    pub fn append_encoded(
        &self,
        tenant: &TenantId,
        now_unix_ns: u64,
        encoded: Clean<Vec<u8>>,
    ) -> Result<Ticket, Error> {
        self.push(tenant.clone(), now_unix_ns, encoded)
    }

    fn push(
        &self,
        tenant: TenantId,
        at_unix_ns: u64,
        encoded: Clean<Vec<u8>>,
    ) -> Result<Ticket, Error> {
        let day = u32::try_from(at_unix_ns / NS_PER_DAY).unwrap_or(u32::MAX);
        let bytes = encoded.get().len();
        let frame_bytes_max = self
            .limits
            .frame_bytes_max
            .min(FRAME_READ_BYTES_MAX as usize);
        let bytes_max = frame_bytes_max.saturating_sub(FRAME_OVERHEAD_BYTES);
        if bytes > bytes_max {
            return Err(Error::TooLarge { bytes, bytes_max });
        }
        let (answer, ticket) = Ticket::new();
        self.queue.push(
            Item {
                tenant,
                day,
                encoded,
                answer,
            },
            &self.limits,
        )?;
        Ok(ticket)
    }

    /// A reader from `cursor` on.
    pub fn reader(&self, cursor: Cursor) -> Reader {
        Reader::new(
            self.dir.clone(),
            Arc::clone(&self.extents),
            Arc::clone(&self.keys),
            Arc::clone(&self.lost),
            cursor,
        )
    }

    /// Deletes the segments that lie wholly before `consumed`; how many.
    pub fn trim(&self, consumed: Cursor) -> Result<u64, Error> {
        let (settled, _) = self.extents.settle(consumed);
        let gone = self.extents.forget_before(settled.segment);
        for segment in &gone {
            match fs::remove_file(segment_path(&self.dir, *segment)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::Write(error.kind()));
                }
                _ => {}
            }
        }
        if !gone.is_empty() {
            sync_directory(&self.dir).map_err(|error| Error::Write(error.kind()))?;
        }
        Ok(gone.len() as u64)
    }

    /// How the journal is doing.
    pub fn status(&self) -> Status {
        let (queued_count, queued_bytes, ready) = self.queue.status();
        let backlog_bytes = self.extents.total_bytes();
        Status {
            ready: ready && backlog_bytes < self.limits.backlog_bytes_max,
            queued_count,
            queued_bytes,
            backlog_bytes,
            commits: self.counts.commits.load(Ordering::Relaxed),
            batches: self.counts.batches.load(Ordering::Relaxed),
            disk_errors: self.counts.disk_errors.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has dropped its tickets, which told their holders.
            let _ = writer.join();
        }
        self.extents.finish();
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

/// Looks through what is not consumed yet. Reads only, apart from the lost-and-found.
fn recover(dir: &Path, found: &[(u64, u64)], lost: &LostAndFound, consumed: Cursor) -> Recovery {
    let mut recovery = Recovery {
        segments: found.len() as u64,
        ..Recovery::default()
    };
    for (segment, len) in found
        .iter()
        .filter(|(segment, _)| *segment >= consumed.segment)
    {
        let offset = if *segment == consumed.segment {
            consumed.offset
        } else {
            0
        };
        let at = Cursor {
            segment: *segment,
            offset,
        };
        if recover_one(dir, at, *len, lost, &mut recovery).is_err() {
            recovery.unreadable += 1;
        }
    }
    recovery
}

fn recover_one(
    dir: &Path,
    mut at: Cursor,
    end: u64,
    lost: &LostAndFound,
    recovery: &mut Recovery,
) -> io::Result<()> {
    let file = File::open(segment_path(dir, at.segment))?;
    let span = Span {
        file: &file,
        end,
        frame_bytes_max: FRAME_READ_BYTES_MAX,
    };
    loop {
        match span.step(at.offset)? {
            Step::Frame { end, .. } => {
                recovery.frames += 1;
                at.offset = end;
            }
            Step::Damage { end } => {
                lost.keep(&span, at, end);
                recovery.damaged += 1;
                recovery.damaged_bytes += end - at.offset;
                at.offset = end;
            }
            Step::End => return Ok(()),
        }
    }
}
