//! The lost-and-found: damaged ranges of segments, still sealed, for whoever can mend them.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Cursor;
use crate::disk::{private, sync_directory};
use crate::frame::Span;

/// Bytes copied at once.
const COPY_BYTES: u64 = 1 << 20;

/// A bounded directory of fragments named `<segment>-<offset>.frag`.
#[derive(Debug)]
pub(crate) struct LostAndFound {
    dir: PathBuf,
    bytes: AtomicU64,
    bytes_max: u64,
}

impl LostAndFound {
    /// Counts what is there; the directory is made when the first fragment comes.
    pub(crate) fn new(dir: PathBuf, bytes_max: u64) -> Self {
        let entries = fs::read_dir(&dir).into_iter().flatten().flatten();
        let bytes = entries
            .filter_map(|e| e.metadata().ok())
            .map(|m| m.len())
            .sum();
        Self {
            dir,
            bytes: AtomicU64::new(bytes),
            bytes_max,
        }
    }

    /// Copies a range, once. It never fails: losing a fragment must not stop the reader. The range
    /// stays where it was until its segment is trimmed.
    pub(crate) fn keep(&self, span: &Span<'_>, at: Cursor, end: u64) {
        let len = end.saturating_sub(at.offset);
        let path = self
            .dir
            .join(format!("{:020}-{:020}.frag", at.segment, at.offset));
        let before = fs::metadata(&path).map(|m| m.len()).ok();
        let after = self.bytes.load(Ordering::Relaxed).saturating_add(len);
        if before.is_some_and(|before| before >= len) || after > self.bytes_max {
            return;
        }
        let copied = fs::create_dir_all(&self.dir)
            .and_then(|()| private().create(true).truncate(true).open(&path))
            .and_then(|file| copy(span, at.offset, end, file))
            .and_then(|()| sync_directory(&self.dir));
        if copied.is_ok() {
            self.bytes.fetch_add(len, Ordering::Relaxed);
        } else {
            // Half a fragment would pass for a whole one next time.
            let _ = fs::remove_file(&path);
        }
    }
}

fn copy(span: &Span<'_>, from: u64, end: u64, mut to: fs::File) -> io::Result<()> {
    let mut at = from;
    while at < end {
        let len = COPY_BYTES.min(end - at);
        let bytes = span.bytes(at, len)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        to.write_all(&bytes)?;
        at += len;
    }
    to.sync_all()
}
