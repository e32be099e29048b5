//! A journal over a disk that fails when it is told to: for the fault matrix, and for nothing else.
//!
//! The feature `faults` makes the operations public that durability rests on, so that a program
//! outside of this crate can write, tear, refuse and forget as a disk does.
//!
//! *When not to use it:* always, but in `tests/faults`. The feature is off in every build that
//! ships. It adds a way to open a journal and changes none.

use std::path::Path;
use std::sync::Arc;

pub use crate::disk::{Directory, Disk, SegmentFile};
use crate::{Cursor, Error, Journal, Limits, Recovery, SegmentKeys};

/// As [`Journal::open`], where segments are created, written and synced through `disk`.
///
/// Reading, trimming and the lost-and-found go to the directory itself: `disk` has to put there
/// what it says is there.
pub fn open(
    disk: Box<dyn Disk>,
    dir: &Path,
    keys: Arc<dyn SegmentKeys>,
    limits: Limits,
    consumed: Cursor,
) -> Result<(Journal, Recovery), Error> {
    Journal::open_on(disk, dir, keys, limits, consumed)
}
