//! What readers may read: per segment the bytes known to be durable.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Cursor;

/// The readable part of one segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Bytes that may be read.
    pub(crate) readable: u64,
    /// Whether more may come.
    pub(crate) open: bool,
}

/// All segments, shared by the writer and the readers.
#[derive(Debug, Default)]
pub(crate) struct Extents {
    segments: Mutex<BTreeMap<u64, Extent>>,
    grown: Condvar,
}

impl Extents {
    /// A map that is consistent after every statement needs no poisoning.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Extent>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what is readable and wakes readers.
    pub(crate) fn set(&self, segment: u64, extent: Extent) {
        self.lock().insert(segment, extent);
        self.grown.notify_all();
    }

    /// No more will come to any segment.
    pub(crate) fn finish(&self) {
        self.lock()
            .values_mut()
            .for_each(|extent| extent.open = false);
        self.grown.notify_all();
    }

    /// Where reading goes on from `cursor`: itself, or the start of a later segment once its own
    /// is used up. Second, the extent there; `None` while nothing more is readable.
    pub(crate) fn settle(&self, cursor: Cursor) -> (Cursor, Option<Extent>) {
        settle(&self.lock(), cursor)
    }

    /// Waits until something can be read at `cursor` or the time is up; whether something can.
    pub(crate) fn wait(&self, cursor: Cursor, timeout: Duration) -> bool {
        let nothing = |map: &mut BTreeMap<u64, Extent>| settle(map, cursor).1.is_none();
        let (_guard, waited) = self
            .grown
            .wait_timeout_while(self.lock(), timeout, nothing)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Removes the closed segments before `segment` and says which they were.
    pub(crate) fn forget_before(&self, segment: u64) -> Vec<u64> {
        let mut map = self.lock();
        let gone: Vec<u64> = map
            .range(..segment)
            .filter(|(_, e)| !e.open)
            .map(|(s, _)| *s)
            .collect();
        for segment in &gone {
            map.remove(segment);
        }
        gone
    }

    /// Bytes of all segments: what a full disk would be full of.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.lock().values().map(|extent| extent.readable).sum()
    }
}

fn settle(map: &BTreeMap<u64, Extent>, cursor: Cursor) -> (Cursor, Option<Extent>) {
    let mut at = cursor;
    for (segment, extent) in map.range(cursor.segment..) {
        if *segment > at.segment {
            at = Cursor {
                segment: *segment,
                offset: 0,
            };
        }
        if at.offset < extent.readable {
            return (at, Some(*extent));
        }
        if extent.open {
            break;
        }
    }
    (at, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extents(list: &[(u64, u64, bool)]) -> Extents {
        let extents = Extents::default();
        for (segment, readable, open) in list {
            extents.set(
                *segment,
                Extent {
                    readable: *readable,
                    open: *open,
                },
            );
        }
        extents
    }

    fn check(cursor: (u64, u64), expect: (u64, u64), readable: bool) {
        let extents = extents(&[(3, 100, false), (5, 0, false), (7, 40, true)]);
        let (at, extent) = extents.settle(Cursor {
            segment: cursor.0,
            offset: cursor.1,
        });
        assert_eq!((at.segment, at.offset), expect);
        assert_eq!(extent.is_some(), readable);
    }

    #[test]
    fn reading_steps_over_what_is_used_up_missing_or_empty() {
        check((0, 0), (3, 0), true);
        check((3, 99), (3, 99), true);
        check((3, 100), (7, 0), true);
        check((3, 5_000), (7, 0), true);
        check((4, 9), (7, 0), true);
        check((7, 40), (7, 40), false);
        check((9, 0), (9, 0), false);
    }

    #[test]
    fn an_open_segment_is_never_forgotten() {
        let extents = extents(&[(3, 100, false), (7, 40, true)]);
        assert_eq!(extents.forget_before(9), vec![3]);
        assert_eq!(extents.total_bytes(), 40);
    }
}
