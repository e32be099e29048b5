//! Files of OTLP/JSON, one request a line, as the Collector's file exporter writes them and
//! `cordon diagnose` reads them.
//!
//! A segment is written as `telemetry-N.jsonl.part`, synced after each request, and renamed to
//! `telemetry-N.jsonl` when it is full or old: who reads finished files reads whole ones.
//!
//! *Invariants:* what [`Files::write`] has taken is on disk. A segment that a process left behind
//! is finished by the next one, up to its last whole line. Files are their owner's alone (0600),
//! and one process writes into a folder. A failed sync is not tried again on its file.
//!
//! *Limits:* [`FileLimits`]; the oldest finished files go, and are counted.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::encode::Request;
use crate::error::Error;
use crate::limits::FileLimits;
use crate::sink::{Accepted, Reason, SendError};

const PREFIX: &str = "telemetry-";
const ENDING: &str = ".jsonl";
const OPEN_ENDING: &str = ".jsonl.part";
/// Held by the process that writes.
const LOCK: &str = ".lock";
/// Bytes that are looked at together for the last line's end.
const LOOK_BYTES: usize = 64 << 10;

/// What was found in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Segments that an earlier process left open and that are finished now.
    pub segments_count: u64,
    /// Bytes behind their last whole lines: never acknowledged, and written again.
    pub cut_bytes: u64,
}

/// Writes requests into the files of a folder.
pub struct Files {
    folder: PathBuf,
    limits: FileLimits,
    next: u64,
    open: Option<Segment>,
    expired_count: u64,
    /// Held while this is.
    _lock: File,
}

struct Segment {
    file: File,
    path: PathBuf,
    bytes: u64,
    opened_unix_ms: u64,
}

impl Files {
    /// Opens a folder, which is made where it is not there, and finishes what was left open.
    pub fn open(folder: &Path, limits: FileLimits) -> Result<(Self, Recovered), Error> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Error::Folder)?;
        let lock = private().open(folder.join(LOCK)).map_err(Error::Folder)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(Error::Busy),
            Err(fs::TryLockError::Error(error)) => return Err(Error::Folder(error)),
        }
        let mut files = Self {
            folder: folder.to_owned(),
            limits,
            next: 0,
            open: None,
            expired_count: 0,
            _lock: lock,
        };
        let recovered = files.recover().map_err(Error::Folder)?;
        Ok((files, recovered))
    }

    /// Finished files that went since the limits were reached.
    pub fn expired_count(&self) -> u64 {
        self.expired_count
    }

    /// Writes a request and waits for the disk.
    pub(crate) fn write(
        &mut self,
        request: &Request,
        now_unix_ms: u64,
    ) -> Result<Accepted, SendError> {
        match self.append(&request.body, now_unix_ms) {
            Ok(()) => Ok(Accepted::default()),
            Err(_) => Err(SendError::Retry(Reason::Disk, None)),
        }
    }

    fn append(&mut self, body: &[u8], now_unix_ms: u64) -> io::Result<()> {
        let full = self.limits.segment_bytes_max;
        let bytes = body.len() as u64 + 1;
        let is_full = |segment: &Segment| segment.bytes > 0 && segment.bytes + bytes > full;
        if self.open.as_ref().is_some_and(is_full) {
            self.publish()?;
        }
        let mut segment = match self.open.take() {
            Some(segment) => segment,
            None => self.begin(now_unix_ms)?,
        };
        let mut line = Vec::with_capacity(body.len() + 1);
        line.extend_from_slice(body);
        line.push(b'\n');
        if let Err(error) = segment.file.write_all(&line) {
            // What stands of the line is taken back, so that the next one begins a line.
            if segment.file.set_len(segment.bytes).is_ok() {
                self.open = Some(segment);
            }
            return Err(error);
        }
        if let Err(error) = segment.file.sync_data() {
            // What was synced before stands. The file is neither synced nor written again; the
            // next start finishes it.
            let _cut = segment.file.set_len(segment.bytes);
            return Err(error);
        }
        segment.bytes += bytes;
        self.open = Some(segment);
        Ok(())
    }

    /// Ends the open segment where it is old.
    pub(crate) fn tick(&mut self, now_unix_ms: u64) -> Result<(), Error> {
        let age_max = self.limits.segment_ms_max;
        let is_old =
            |segment: &Segment| now_unix_ms.saturating_sub(segment.opened_unix_ms) >= age_max;
        if self.open.as_ref().is_some_and(is_old) {
            self.finish()?;
        }
        Ok(())
    }

    /// Ends the open segment.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.publish().map_err(Error::Folder)
    }

    fn begin(&mut self, now_unix_ms: u64) -> io::Result<Segment> {
        let path = self.path(self.next, OPEN_ENDING);
        let file = private().create_new(true).open(&path)?;
        self.next += 1;
        // The file must be there after a power failure, or what is in it is not.
        sync_folder(&self.folder)?;
        Ok(Segment {
            file,
            path,
            bytes: 0,
            opened_unix_ms: now_unix_ms,
        })
    }

    fn publish(&mut self) -> io::Result<()> {
        let Some(segment) = &self.open else {
            return Ok(());
        };
        if segment.bytes == 0 {
            fs::remove_file(&segment.path)?;
        } else {
            fs::rename(&segment.path, segment.path.with_extension(""))?;
        }
        self.open = None;
        sync_folder(&self.folder)?;
        self.expire()
    }

    fn path(&self, number: u64, ending: &str) -> PathBuf {
        self.folder.join(format!("{PREFIX}{number:012}{ending}"))
    }

    /// Numbers of the files with that ending, lowest first.
    fn numbers(&self, ending: &str) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            let digits = name.and_then(|name| name.strip_suffix(ending));
            numbers.extend(digits.and_then(|digits| digits.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn recover(&mut self) -> io::Result<Recovered> {
        let mut recovered = Recovered::default();
        let left_open = self.numbers(OPEN_ENDING)?;
        for number in &left_open {
            let path = self.path(*number, OPEN_ENDING);
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            let (whole, all) = whole_lines(&file)?;
            recovered.cut_bytes += all - whole;
            if whole == 0 {
                fs::remove_file(&path)?;
                continue;
            }
            file.set_len(whole)?;
            file.sync_all()?;
            fs::rename(&path, path.with_extension(""))?;
            recovered.segments_count += 1;
        }
        sync_folder(&self.folder)?;
        let finished = self.numbers(ENDING)?;
        let last = left_open.iter().chain(&finished).max();
        self.next = last.map_or(0, |last| last.saturating_add(1));
        self.expire()?;
        Ok(recovered)
    }

    fn expire(&mut self) -> io::Result<()> {
        let finished = self.numbers(ENDING)?;
        let mut count = finished.len();
        let mut sizes = Vec::with_capacity(count);
        for number in finished {
            let path = self.path(number, ENDING);
            // A file that somebody collected meanwhile is gone, and no matter.
            sizes.push((fs::metadata(&path).map_or(0, |known| known.len()), path));
        }
        let mut bytes: u64 = sizes.iter().map(|(bytes, _)| bytes).sum();
        for (own, path) in sizes {
            if count <= self.limits.files_count_max && bytes <= self.limits.files_bytes_max {
                break;
            }
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Err(_) => {}
                Ok(()) => self.expired_count += 1,
            }
            count -= 1;
            bytes -= own;
        }
        Ok(())
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Bytes up to the end of the last whole line, and all of them.
fn whole_lines(mut file: &File) -> io::Result<(u64, u64)> {
    let mut block = vec![0; LOOK_BYTES];
    let (mut whole, mut all) = (0, 0);
    loop {
        let read = file.read(&mut block)?;
        let block = block.get(..read).unwrap_or_default();
        if block.is_empty() {
            return Ok((whole, all));
        }
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            whole = all + at as u64 + 1;
        }
        all += read as u64;
    }
}
