//! Reading durable batches in order, and setting aside what cannot be read.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cordon_event::{Batch, TenantId};
use cordon_redact::{Clean, Opener, Stored};

use crate::disk::segment_path;
use crate::extents::{Extent, Extents};
use crate::frame::{self, Frame, Span, Step};
use crate::keys::{KeyError, SegmentKeys};
use crate::limits::FRAME_READ_BYTES_MAX;
use crate::lost::LostAndFound;
use crate::{Cursor, Error};

/// Opened segment keys held at once.
const OPENERS_COUNT_MAX: usize = 4_096;

/// What a reader had to pass over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Ranges that hold no undamaged frame.
    pub damaged: u64,
    /// Bytes of those ranges.
    pub damaged_bytes: u64,
    /// Undamaged frames whose key is gone (a destroyed day) or which do not authenticate.
    pub unopened: u64,
}

/// What stands in a frame: the place behind it, whose it is, and what it holds.
pub type Found<T> = (Cursor, TenantId, Clean<T>);

/// Reads durable batches from a cursor on. One thread at a time.
pub struct Reader {
    pub(crate) dir: PathBuf,
    pub(crate) extents: Arc<Extents>,
    pub(crate) keys: Arc<dyn SegmentKeys>,
    pub(crate) lost: Arc<LostAndFound>,
    pub(crate) cursor: Cursor,
    file: Option<(u64, File)>,
    openers: HashMap<(TenantId, Vec<u8>), Box<dyn Opener + Send>>,
    skipped: Skipped,
}

impl Reader {
    pub(crate) fn new(
        dir: PathBuf,
        extents: Arc<Extents>,
        keys: Arc<dyn SegmentKeys>,
        lost: Arc<LostAndFound>,
        cursor: Cursor,
    ) -> Self {
        let (file, openers, skipped) = Default::default();
        Self {
            dir,
            extents,
            keys,
            lost,
            cursor,
            file,
            openers,
            skipped,
        }
    }

    /// The next durable batch and the cursor after it, or `None` while there is none.
    ///
    /// Damage is copied, still sealed, to the lost-and-found and passed over. An error is one of
    /// the disk and leaves the position where it was.
    #[expect(clippy::should_implement_trait, reason = "more may come after `None`")]
    pub fn next(&mut self) -> Result<Option<(Cursor, Clean<Batch>)>, Error> {
        // A frame says whose it is twice; one that contradicts itself is nobody's.
        let agrees = |tenant: &TenantId, batch: &Batch| batch.tenant == *tenant;
        let next = self.next_of(&agrees)?;
        Ok(next.map(|(cursor, _, batch)| (cursor, batch)))
    }

    /// As [`Reader::next`], of a journal of [`crate::Journal::append_encoded`]: what, and whose.
    pub fn next_encoded(&mut self) -> Result<Option<Found<Vec<u8>>>, Error> {
        self.next_of(&|_, _| true)
    }

    fn next_of<T: Stored>(
        &mut self,
        agrees: &dyn Fn(&TenantId, &T) -> bool,
    ) -> Result<Option<Found<T>>, Error> {
        loop {
            let (at, extent) = self.extents.settle(self.cursor);
            self.cursor = at;
            let Some(extent) = extent else {
                return Ok(None);
            };
            if let Some((tenant, found)) = self.step(at, extent, agrees)? {
                return Ok(Some((self.cursor, tenant, found)));
            }
        }
    }

    /// Waits until a batch can be read or the time is up; whether one can.
    pub fn wait(&self, timeout: Duration) -> bool {
        self.extents.wait(self.cursor, timeout)
    }

    /// Everything before this has been read: what may be trimmed.
    pub fn position(&self) -> Cursor {
        self.cursor
    }

    /// What this reader has passed over so far.
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }

    fn step<T: Stored>(
        &mut self,
        at: Cursor,
        extent: Extent,
        agrees: &dyn Fn(&TenantId, &T) -> bool,
    ) -> Result<Option<(TenantId, Clean<T>)>, Error> {
        let file = match self.file.take() {
            Some((segment, file)) if segment == at.segment => file,
            _ => match File::open(segment_path(&self.dir, at.segment)) {
                Ok(file) => file,
                // Removed by hand: nothing of it can be read any more.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.cursor.offset = extent.readable;
                    self.skipped.damaged += 1;
                    self.skipped.damaged_bytes += extent.readable - at.offset;
                    return Ok(None);
                }
                Err(error) => return Err(Error::Read(error.kind())),
            },
        };
        let span = Span {
            file: &file,
            end: extent.readable,
            frame_bytes_max: FRAME_READ_BYTES_MAX,
        };
        let step = span
            .step(at.offset)
            .map_err(|error| Error::Read(error.kind()))?;
        let found = match step {
            Step::Frame { frame, end } => {
                let opened = self.open(&frame, at)?;
                let found = opened.filter(|found| agrees(&frame.tenant, found.get()));
                if found.is_none() {
                    self.lost.keep(&span, at, end);
                    self.skipped.unopened += 1;
                }
                self.cursor.offset = end;
                found.map(|found| (frame.tenant, found))
            }
            Step::Damage { end } => {
                self.lost.keep(&span, at, end);
                self.skipped.damaged += 1;
                self.skipped.damaged_bytes += end - at.offset;
                self.cursor.offset = end;
                None
            }
            Step::End => None,
        };
        self.file = Some((at.segment, file));
        Ok(found)
    }

    /// `None` where the frame can never be opened.
    fn open<T: Stored>(&mut self, frame: &Frame, at: Cursor) -> Result<Option<Clean<T>>, Error> {
        let slot = (frame.tenant.clone(), frame.wrapped.clone());
        if !self.openers.contains_key(&slot) {
            let opener = match self.keys.unwrap(&frame.tenant, &frame.wrapped) {
                Ok(opener) => opener,
                Err(KeyError::Gone) => return Ok(None),
                Err(KeyError::Damaged) => return Err(Error::KeyDamaged),
                Err(KeyError::Unavailable) => return Err(Error::KeyUnavailable),
            };
            if self.openers.len() >= OPENERS_COUNT_MAX {
                self.openers.clear();
            }
            self.openers.insert(slot.clone(), opener);
        }
        let Some(opener) = self.openers.get(&slot) else {
            return Ok(None);
        };
        let context = frame::context(at.segment, at.offset, &frame.tenant);
        Ok(Clean::<T>::open(opener.as_ref(), &context, &frame.sealed).ok())
    }
}
