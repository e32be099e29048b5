//! The few file operations that durability rests on, behind a trait so that tests can make each
//! of them fail.
//!
//! *Why public to the fault matrix:* see `faults`; elsewhere they are the crate's own.
//!
//! *Why so:* an fsync that fails and a disk that fills cannot be provoked portably, and they are
//! the cases that lose data elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Cursor;

/// A segment being written.
pub trait SegmentFile: Send {
    /// Writes all bytes at the end.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns once everything written is on stable storage.
    fn sync(&mut self) -> io::Result<()>;
    /// Drops what was written beyond `len`.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
}

/// A directory of segments.
pub trait Disk: Send {
    /// Creates a new segment; its directory entry is durable on return.
    fn create(&mut self, segment: u64) -> io::Result<Box<dyn SegmentFile>>;
    /// Makes sure that the reserve exists; an error while the disk has no room for it.
    fn take_reserve(&mut self) -> io::Result<()>;
    /// Gives the reserve back to the file system.
    fn release_reserve(&mut self);
}

/// The real thing.
pub struct Directory {
    /// Where the segments lie.
    pub path: PathBuf,
    /// Bytes held back for a full disk.
    pub reserve_bytes: u64,
}

impl SegmentFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

impl Disk for Directory {
    fn create(&mut self, segment: u64) -> io::Result<Box<dyn SegmentFile>> {
        // The next start would not find it, with all that it acknowledged.
        if segment > Cursor::SEGMENT_MAX {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = private()
            .create_new(true)
            .open(segment_path(&self.path, segment))?;
        sync_directory(&self.path)?;
        Ok(Box::new(file))
    }

    fn take_reserve(&mut self) -> io::Result<()> {
        let path = self.path.join(RESERVE_NAME);
        if fs::metadata(&path).is_ok_and(|meta| meta.len() == self.reserve_bytes) {
            return Ok(());
        }
        let mut file = private().create(true).truncate(true).open(&path)?;
        let filled = fill(&mut file, self.reserve_bytes).and_then(|()| file.sync_all());
        if filled.is_err() {
            // Best effort: whatever was taken is given back.
            let _ = fs::remove_file(&path);
        }
        filled
    }

    fn release_reserve(&mut self) {
        // Best effort: a reserve that is not there holds nothing back.
        let _ = fs::remove_file(self.path.join(RESERVE_NAME));
    }
}

const RESERVE_NAME: &str = "reserve";
const SEGMENT_SUFFIX: &str = ".seg";

/// Options for a file that only its owner may read.
pub(crate) fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Written, not merely sized: a sparse file would hold no room back.
fn fill(file: &mut File, bytes: u64) -> io::Result<()> {
    static BLOCK: [u8; 1 << 16] = [0; 1 << 16];
    let mut left = bytes;
    while left > 0 {
        let (block, _) = BLOCK.split_at(left.min(BLOCK.len() as u64) as usize);
        file.write_all(block)?;
        left -= block.len() as u64;
    }
    Ok(())
}

/// Makes creations, renames and removals in a directory durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Where a segment lies.
pub(crate) fn segment_path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("{segment:020}{SEGMENT_SUFFIX}"))
}

/// Segments of a directory with their lengths in bytes, in order; other files are left alone.
pub(crate) fn segments(dir: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|n| n.strip_suffix(SEGMENT_SUFFIX));
        let Some(number) = number
            .and_then(|n| n.parse().ok())
            .filter(|n| *n <= Cursor::SEGMENT_MAX)
        else {
            continue;
        };
        // A name of another width is not ours: opening it by number would miss it.
        let ours = segment_path(dir, number).file_name() == Some(name.as_os_str());
        let meta = entry.metadata()?;
        if ours && meta.is_file() {
            found.push((number, meta.len()));
        }
    }
    found.sort_unstable();
    Ok(found)
}
