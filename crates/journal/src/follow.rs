//! Following the journal that another process writes: reads alone, without its lock.
//!
//! *Invariants:* nothing is written, the lost-and-found included, and what is not the tenant's is
//! not opened. A frame is given once it is whole. *Why that is not yet durable:* which bytes are
//! synced is known to the process that writes them; what is looked at here is gone with a power
//! cut in the milliseconds between writing and sync, as are the events themselves, whose senders
//! were not answered.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cordon_event::{Batch, TenantId};
use cordon_redact::{Clean, Opener};

use crate::disk::{segment_path, segments};
use crate::frame::{self, Frame, Span, Step};
use crate::keys::{KeyError, SegmentKeys};
use crate::limits::FRAME_READ_BYTES_MAX;
use crate::{Cursor, Error};

/// Follows one tenant's batches from the end of the journal on.
pub struct Follower {
    dir: PathBuf,
    keys: Arc<dyn SegmentKeys>,
    tenant: TenantId,
    at: Cursor,
    file: Option<File>,
    /// The key of the frame last opened: a segment has few of a tenant's.
    opener: Option<(Vec<u8>, Box<dyn Opener + Send>)>,
    unopened: u64,
}

impl Follower {
    /// Begins behind what is there now.
    pub fn at_end(dir: &Path, keys: Arc<dyn SegmentKeys>, tenant: TenantId) -> Result<Self, Error> {
        let found = segments(dir).map_err(|error| Error::Read(error.kind()))?;
        let mut follower = Self {
            dir: dir.to_owned(),
            keys,
            tenant,
            at: Cursor::default(),
            file: None,
            opener: None,
            unopened: 0,
        };
        if let Some((segment, _)) = found.last() {
            follower.at.segment = *segment;
            while follower.step()?.is_some() {}
        }
        Ok(follower)
    }

    /// The tenant's next batch, or `None` while there is none.
    #[expect(clippy::should_implement_trait, reason = "more may come after `None`")]
    pub fn next(&mut self) -> Result<Option<Clean<Batch>>, Error> {
        while let Some((frame, at)) = self.step()? {
            if frame.tenant != self.tenant {
                continue;
            }
            match self.open(&frame, at)? {
                Some(batch) => return Ok(Some(batch)),
                None => self.unopened = self.unopened.saturating_add(1),
            }
        }
        Ok(None)
    }

    /// Frames of the tenant that did not open.
    pub fn unopened(&self) -> u64 {
        self.unopened
    }

    /// The next whole frame and where it began; damage is passed over once more follows it.
    fn step(&mut self) -> Result<Option<(Frame, Cursor)>, Error> {
        let read = |error: io::Error| Error::Read(error.kind());
        loop {
            let end = self.len().map_err(read)?;
            let at = self.at;
            if let (Some(end), Some(file)) = (end, &self.file) {
                let span = Span {
                    file,
                    end,
                    frame_bytes_max: FRAME_READ_BYTES_MAX,
                };
                match span.step(at.offset).map_err(read)? {
                    Step::Frame { frame, end } => {
                        self.at.offset = end;
                        return Ok(Some((frame, at)));
                    }
                    Step::Damage { end: after } if after < end => {
                        self.at.offset = after;
                        continue;
                    }
                    // Either the rest of a frame is on its way, or the segment is finished.
                    Step::Damage { .. } | Step::End => {}
                }
            }
            let Some(newer) = self.newer().map_err(read)? else {
                return Ok(None);
            };
            // It is finished now: what it got before the newer one was begun is read first.
            if self.len().map_err(read)? == end {
                self.begin(newer);
            }
        }
    }

    fn begin(&mut self, segment: u64) {
        self.at = Cursor { segment, offset: 0 };
        self.file = None;
    }

    /// The segment after this one.
    fn newer(&self) -> io::Result<Option<u64>> {
        let mut all = segments(&self.dir)?.into_iter().map(|(segment, _)| segment);
        Ok(all.find(|segment| *segment > self.at.segment))
    }

    /// Bytes of the segment, which is opened; nothing where it is not there. One that is deleted
    /// while it is open is read to its end.
    fn len(&mut self) -> io::Result<Option<u64>> {
        if self.file.is_none() {
            match File::open(segment_path(&self.dir, self.at.segment)) {
                Ok(file) => self.file = Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let file = self.file.as_ref();
        file.map(|file| file.metadata().map(|meta| meta.len()))
            .transpose()
    }

    /// `None` where the frame cannot be opened.
    fn open(&mut self, frame: &Frame, at: Cursor) -> Result<Option<Clean<Batch>>, Error> {
        let is_known = self.opener.as_ref();
        if is_known.is_none_or(|(wrapped, _)| *wrapped != frame.wrapped) {
            match self.keys.unwrap(&frame.tenant, &frame.wrapped) {
                Ok(opener) => self.opener = Some((frame.wrapped.clone(), opener)),
                Err(KeyError::Gone) => return Ok(None),
                Err(KeyError::Damaged) => return Err(Error::KeyDamaged),
                Err(KeyError::Unavailable) => return Err(Error::KeyUnavailable),
            }
        }
        let Some((_, opener)) = &self.opener else {
            return Ok(None);
        };
        let context = frame::context(at.segment, at.offset, &frame.tenant);
        let batch = Clean::<Batch>::open(opener.as_ref(), &context, &frame.sealed).ok();
        Ok(batch.filter(|batch| batch.get().tenant == frame.tenant))
    }
}
