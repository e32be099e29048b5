//! A disk under the journal: real files, and a model of what of them is durable.
//!
//! *Invariants:* after [`Disk::end`] no byte of a segment changes any more. What [`Disk::settle`]
//! leaves of a segment after a power cut is what its syncs promised, and of the rest a random part.
//!
//! *Why so:* the operating system keeps what a killed process wrote. Whether a sync was left out
//! shows only where somebody forgets what was not synced.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use cordon_journal::faults::{Directory, Disk as Operations, SegmentFile};

use crate::draw::Draw;
use crate::fault::{Break, Fault};

/// `EIO` and `EMFILE` (errno(3)); they are the same on every system that Linux runs on.
const EIO: i32 = 5;
const EMFILE: i32 = 24;

/// Where the segment of that number is; the journal's own naming.
pub(crate) fn segment_path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("{segment:020}.seg"))
}

/// What is known of a segment.
#[derive(Debug, Default)]
struct Kept {
    written: u64,
    synced: u64,
    /// Its sync failed: what was not synced then is gone with the next power cut, whatever a later
    /// sync says.
    is_poisoned: bool,
    /// What stood behind its end before it was cut, until a sync.
    undone: Vec<u8>,
}

/// What is to happen.
#[derive(Debug, Default)]
struct Plan {
    /// Operations until the process ends in the midst of one, and how much of a write comes
    /// through, in 1/256.
    end_in: Option<(u64, u64)>,
    is_full: bool,
    reserve_helps: bool,
    syncs_fail_count: u64,
    creates_fail_count: u64,
    is_held: bool,
}

struct State {
    is_dead: bool,
    plan: Plan,
    files: BTreeMap<u64, Kept>,
    broken: Option<Break>,
    /// Faults that came about.
    fired: BTreeMap<Fault, u64>,
    violations: Vec<String>,
}

/// The disk of one process. Clones are the same disk.
#[derive(Clone)]
pub(crate) struct Disk(Arc<(Mutex<State>, Condvar)>);

impl Disk {
    pub(crate) fn new(broken: Option<Break>) -> Self {
        let state = State {
            is_dead: false,
            plan: Plan::default(),
            files: BTreeMap::new(),
            broken,
            fired: BTreeMap::new(),
            violations: Vec::new(),
        };
        Self(Arc::new((Mutex::new(state), Condvar::new())))
    }

    /// The operations for a journal in that folder.
    pub(crate) fn operations(&self, dir: &Path, reserve_bytes: u64) -> Box<dyn Operations> {
        let path = dir.to_owned();
        let directory = Directory {
            path,
            reserve_bytes,
        };
        Box::new(Drive {
            disk: self.clone(),
            directory,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process ends in the midst of its `operations`th operation from now.
    pub(crate) fn end_in(&self, operations: u64, part: u64) {
        self.lock().plan.end_in = Some((operations, part));
    }

    /// From now on it takes half of a write; the reserve may give it room once.
    pub(crate) fn fill(&self, reserve_helps: bool) {
        let plan = &mut self.lock().plan;
        (plan.is_full, plan.reserve_helps) = (true, reserve_helps);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.lock().plan.is_full
    }

    pub(crate) fn fail_syncs(&self, count: u64) {
        self.lock().plan.syncs_fail_count = count;
    }

    pub(crate) fn fail_creates(&self, count: u64) {
        self.lock().plan.creates_fail_count = count;
    }

    /// Stands still until it is released.
    pub(crate) fn hold(&self) {
        self.lock().plan.is_held = true;
    }

    pub(crate) fn release(&self) {
        let mut state = self.lock();
        if std::mem::take(&mut state.plan.is_held) {
            state.fire(Fault::SlowDisk);
        }
        drop(state);
        self.0.1.notify_all();
    }

    /// Nothing more fails.
    pub(crate) fn heal(&self) {
        self.release();
        self.lock().plan = Plan::default();
    }

    /// The process has ended; whether it had already.
    pub(crate) fn end(&self) -> bool {
        let mut state = self.lock();
        let was_dead = std::mem::replace(&mut state.is_dead, true);
        state.plan.is_held = false;
        drop(state);
        self.0.1.notify_all();
        was_dead
    }

    /// Faults that came about, and what must never have been done.
    pub(crate) fn told(&self) -> (BTreeMap<Fault, u64>, Vec<String>) {
        let state = self.lock();
        (state.fired.clone(), state.violations.clone())
    }

    /// What a power cut leaves of a copy of the segments.
    pub(crate) fn settle(&self, copy: &Path, draw: &mut Draw) -> io::Result<()> {
        for (segment, kept) in &self.lock().files {
            let path = segment_path(copy, *segment);
            if !path.exists() {
                continue;
            }
            let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
            let mut rest = Vec::new();
            file.seek(SeekFrom::Start(kept.synced))?;
            file.read_to_end(&mut rest)?;
            rest.extend_from_slice(&kept.undone);
            let stays = draw.below(rest.len() as u64 + 1) as usize;
            match draw.below(4) {
                _ if kept.is_poisoned => rest.clear(),
                // Nothing of it, all of it, a part of it, or room for it that nothing was put into.
                0 => rest.clear(),
                1 => {}
                2 => rest.truncate(stays),
                _ => rest.iter_mut().skip(stays).for_each(|byte| *byte = 0),
            }
            file.set_len(kept.synced)?;
            file.seek(SeekFrom::Start(kept.synced))?;
            file.write_all(&rest)?;
        }
        Ok(())
    }
}

impl State {
    fn fire(&mut self, fault: Fault) {
        *self.fired.entry(fault).or_default() += 1;
    }

    fn violation(&mut self, what: &str) {
        self.violations.push(what.to_owned());
    }

    /// How much of an operation comes through where the process ends in it, in 1/256.
    fn ends_now(&mut self) -> Option<u64> {
        let (left, part) = self.plan.end_in.as_mut()?;
        *left = left.saturating_sub(1);
        let part = (*left == 0).then_some(*part)?;
        self.is_dead = true;
        self.fire(Fault::TornWrite);
        Some(part)
    }
}

fn dead() -> io::Error {
    io::Error::other("the process has ended")
}

/// The operations of one journal.
struct Drive {
    disk: Disk,
    directory: Directory,
}

/// A segment being written.
struct Segment {
    disk: Disk,
    number: u64,
    path: PathBuf,
    file: Box<dyn SegmentFile>,
}

impl Disk {
    /// The state, once the disk does not stand still; an error where the process has ended.
    fn operate(&self) -> io::Result<MutexGuard<'_, State>> {
        let held = |state: &mut State| state.plan.is_held && !state.is_dead;
        let state = self.0.1.wait_while(self.lock(), held);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        if state.is_dead {
            return Err(dead());
        }
        Ok(state)
    }
}

impl Operations for Drive {
    fn create(&mut self, segment: u64) -> io::Result<Box<dyn SegmentFile>> {
        let mut state = self.disk.operate()?;
        if let Some(part) = state.ends_now() {
            if part >= 128 {
                drop(self.directory.create(segment)?);
            }
            return Err(dead());
        }
        if state.plan.creates_fail_count > 0 {
            state.plan.creates_fail_count -= 1;
            state.fire(Fault::OpenFiles);
            return Err(io::Error::from_raw_os_error(EMFILE));
        }
        if state.plan.is_full {
            state.fire(Fault::DiskFull);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = self.directory.create(segment)?;
        if state.files.insert(segment, Kept::default()).is_some() {
            state.violation("a segment was created twice");
        }
        Ok(Box::new(Segment {
            disk: self.disk.clone(),
            number: segment,
            path: segment_path(&self.directory.path, segment),
            file,
        }))
    }

    fn take_reserve(&mut self) -> io::Result<()> {
        let state = self.disk.operate()?;
        if state.plan.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.directory.take_reserve()
    }

    fn release_reserve(&mut self) {
        let Ok(mut state) = self.disk.operate() else {
            return;
        };
        if state.plan.reserve_helps {
            // Room for what was admitted; taking the reserve again shows that it is full still.
            state.plan.is_full = false;
        }
        self.directory.release_reserve();
    }
}

impl Segment {
    /// Writes the first bytes, and knows that it did.
    fn put(&mut self, state: &mut State, bytes: &[u8], part: u64) -> io::Result<()> {
        let len = (bytes.len() as u64 * part / 256) as usize;
        let (bytes, _) = bytes.split_at(len.min(bytes.len()));
        self.file.append(bytes)?;
        let kept = state.files.entry(self.number).or_default();
        kept.written += bytes.len() as u64;
        Ok(())
    }
}

impl SegmentFile for Segment {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let disk = self.disk.clone();
        let mut state = disk.operate()?;
        if let Some(part) = state.ends_now() {
            self.put(&mut state, bytes, part)?;
            return Err(dead());
        }
        let is_poisoned = state.files.get(&self.number).is_some_and(|k| k.is_poisoned);
        if is_poisoned && state.broken != Some(Break::SyncRetried) {
            state.violation("a segment was written after its sync had failed");
        }
        if state.plan.is_full {
            state.fire(Fault::DiskFull);
            self.put(&mut state, bytes, 128)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.put(&mut state, bytes, 256)
    }

    fn sync(&mut self) -> io::Result<()> {
        let disk = self.disk.clone();
        let mut state = disk.operate()?;
        if state.ends_now().is_some() {
            return Err(dead());
        }
        let broken = state.broken;
        let fails = state.plan.syncs_fail_count > 0;
        if fails {
            state.plan.syncs_fail_count -= 1;
            state.fire(Fault::SyncError);
        }
        let kept = state.files.entry(self.number).or_default();
        if kept.is_poisoned {
            if broken != Some(Break::SyncRetried) {
                state.violation("a sync was tried again after it had failed");
            }
            return Ok(());
        }
        if fails {
            kept.is_poisoned = true;
            return match broken {
                // The kernel has dropped what it could not write, and calls the rest clean.
                Some(Break::SyncRetried) => Ok(()),
                _ => Err(io::Error::from_raw_os_error(EIO)),
            };
        }
        if broken != Some(Break::SyncSkipped) {
            kept.synced = kept.written;
            kept.undone.clear();
        }
        self.file.sync()
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let disk = self.disk.clone();
        let mut state = disk.operate()?;
        let mut undone = Vec::new();
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(len))?;
        file.read_to_end(&mut undone)?;
        let kept = state.files.entry(self.number).or_default();
        kept.undone = undone;
        kept.written = len;
        kept.synced = kept.synced.min(len);
        self.file.truncate(len)
    }
}

/// Copies a folder as it is, without locks and what SQLite makes anew.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        let text = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            copy(&path, &to.join(&name))?;
        } else if !text.ends_with("-shm") && text != "lock" && text != ".lock" {
            fs::copy(&path, to.join(&name))?;
        }
    }
    Ok(())
}
