//! Files that grow become events: rotation, truncation, offsets that survive a crash.
//!
//! The way of a part of a file: it is read where the last durable byte was, cut where a record ends
//! ([`file`]), *planned* (its place and length are on disk before it is handed on, [`offsets`]),
//! admitted, and then done. After a crash what was planned is read again, to the byte: its identity
//! is device, inode, a digest of the file's beginning, offset, length, and a generation that is
//! another where a file is begun anew, so what is behind knows a part that it has already.
//!
//! **Invariant:** no text of a file is held between two looks at it: the file is the buffer.
//!
//! **Invariant:** an offset moves on only after what is before it is durable.
//!
//! *What holds.* Each line is stored once, through crashes, rotation by rename, and back-pressure.
//! Where the writer copies and truncates (`copytruncate`), what it wrote between its own copying
//! and truncating is lost in any reader, and what was not read before the truncation is lost here
//! unless the copy is matched by the pattern too.
//!
//! *A part that does harm* (a panic where it is read or taken in) is halved until the line at fault
//! stands alone, and that is skipped after some attempts, counted.
//!
//! *Why looked at, not notified.* inotify says nothing on network file systems and of what a
//! container's layers do, has a limit of its own that another program may have used up, and cannot
//! be asked again after an overflow. A look costs one `fstat` a file.
//!
//! *Limits:* [`TailLimits`].

mod file;
mod glob;
mod offsets;

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cordon_event::{Event, Raw};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::admit::{Admit, AdmitError, Principal, RequestBody};
use crate::counters::{FileError, FileRefused, Refusals};
use crate::source::{LINE_BYTES_MAX, Moment, SourceFormat};
use file::{Followed, Opened, identity, is_packed_name};
use offsets::{Mark, PartDigest};

pub use crate::counters::FileCounts;

/// Bounds of following files.
#[derive(Clone, Copy, Debug)]
pub struct TailLimits {
    /// Files that are followed at once.
    pub files_count_max: usize,
    /// Bytes of a file that are read at once.
    pub batch_bytes_max: u64,
    /// Lines of a file that are read at once.
    pub lines_count_max: usize,
    /// How often files are looked at.
    pub poll_ms: u64,
    /// How often paths are looked at.
    pub scan_ms: u64,
    /// Time without growth after which the last record is whole.
    pub quiet_ms_max: u64,
    /// Time for which a record without its end is waited for, also where others follow.
    pub hold_ms_max: u64,
    /// Time after which a last line without a line break is taken, where its file was rotated.
    pub partial_ms_max: u64,
    /// Time for which a file that was rotated is read on.
    pub gone_ms_max: u64,
    /// Longest wait before a refused part is tried again.
    pub retry_ms_max: u64,
}

impl Default for TailLimits {
    fn default() -> Self {
        Self {
            files_count_max: 256,
            batch_bytes_max: LINE_BYTES_MAX as u64 + (64 << 10),
            lines_count_max: 16_384,
            poll_ms: 250,
            scan_ms: 1_000,
            quiet_ms_max: 500,
            hold_ms_max: 500,
            partial_ms_max: 2_000,
            gone_ms_max: 60_000,
            retry_ms_max: 30_000,
        }
    }
}

/// Where a file that was there before us is begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartAt {
    /// At its end: what was written before is not read.
    #[default]
    End,
    /// At its beginning.
    Beginning,
}

/// Files that are followed.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Patterns of their paths.
    pub paths: Vec<String>,
    /// Whose they are.
    pub who: Principal,
    /// What their lines are.
    pub format: SourceFormat,
    /// Where to begin.
    pub start_at: StartAt,
    /// Service, where a line does not name one.
    pub service: Option<String>,
    /// Seconds east of UTC of times in text that do not tell.
    pub zone_offset_s: i32,
}

/// Digests a part of a file under a key of its owner; none where there is no key now.
pub type PartKey = Arc<dyn Fn(&Principal, &[u8]) -> Option<[u8; 32]> + Send + Sync>;

/// A change of what following files is like, for whoever looks after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNotice {
    /// How far files were read cannot be stored: they wait.
    OffsetsFail,
    /// It can again.
    OffsetsStored,
    /// As many files as may be are followed; others wait.
    LimitReached,
    /// There is room again.
    LimitLeft,
    /// A line that does harm was skipped, the first since the start.
    LineSkipped,
}

impl FileNotice {
    /// What it is, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::OffsetsFail => "offsets of files cannot be stored: files are not read on",
            Self::OffsetsStored => "offsets of files are stored again",
            Self::LimitReached => "limit of followed files reached: others are not read",
            Self::LimitLeft => "all files are followed again",
            Self::LineSkipped => "a line of a file did harm and was skipped; see skipped_bytes",
        }
    }
}

/// Who is told of notices.
pub type FileNotices = Arc<dyn Fn(FileNotice) + Send + Sync>;

/// Follows files.
pub struct Tail {
    watches: Vec<Watch>,
    folder: PathBuf,
    limits: TailLimits,
    key: PartKey,
    followed: Vec<Followed>,
    /// Marks of before the start whose files were not found yet.
    known: Vec<Mark>,
    /// The generation that was given last.
    generation: u64,
    /// Whether files are those that were there before us.
    is_first: bool,
    is_damaged: bool,
    turn: usize,
    is_dirty: bool,
    scanned_ms: Option<u64>,
    counts: Arc<FileCounts>,
    notices: FileNotices,
    refusals: Refusals,
    told: Told,
}

/// What was told last of each state.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    is_failing: bool,
    is_at_limit: bool,
    has_skipped: bool,
}

/// A part of a file on its way.
pub struct TailBatch {
    /// Whose it is.
    pub who: Principal,
    /// By what it is known again.
    pub identity: Vec<u8>,
    /// Its events.
    pub events: Raw<Vec<Event>>,
    place: PartPlace,
}

/// Which part it is, and what is noted of it once it is durable.
#[derive(Clone, Copy, Debug)]
struct PartPlace {
    of: (u64, u64),
    mid_line: bool,
    bytes: u64,
    events: u64,
    strangers: u64,
}

impl Tail {
    /// Follows files; how far they were read is kept in the folder, which is made.
    pub fn open(
        folder: &Path,
        watches: Vec<Watch>,
        limits: TailLimits,
        key: PartKey,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut stored = offsets::load(folder)?;
        for (mark, path) in stored.marks.iter_mut().zip(&stored.paths) {
            name_again((mark, path), &watches, &key)?;
        }
        Ok(Self {
            watches,
            folder: folder.to_owned(),
            limits,
            key,
            followed: Vec::new(),
            known: stored.marks,
            generation: stored.generation,
            is_first: true,
            is_damaged: stored.is_damaged,
            turn: 0,
            is_dirty: stored.is_new || !stored.paths.is_empty(),
            scanned_ms: None,
            counts: Arc::default(),
            notices: Arc::new(|_| {}),
            refusals: Refusals::default(),
            told: Told::default(),
        })
    }

    /// Counts there, and tells of changes.
    #[must_use]
    pub fn watched(self, counts: Arc<FileCounts>, notices: FileNotices) -> Self {
        Self {
            counts,
            notices,
            ..self
        }
    }

    /// Whether offsets were found damaged, and set aside.
    pub fn was_damaged(&self) -> bool {
        self.is_damaged
    }

    /// The next part that is ripe, planned on disk; files take turns.
    pub fn next_batch(&mut self, moment: Moment) -> io::Result<Option<TailBatch>> {
        let due = |at: u64| moment.now_ms.saturating_sub(at) >= self.limits.scan_ms;
        if self.scanned_ms.is_none_or(due) {
            self.scan(moment.now_ms);
            self.scanned_ms = Some(moment.now_ms);
        }
        for _ in 0..self.followed.len() {
            self.turn = (self.turn + 1) % self.followed.len().max(1);
            if let Some(batch) = self.part(self.turn, moment)? {
                return Ok(Some(batch));
            }
        }
        self.store()?;
        Ok(None)
    }

    /// The next part of one file.
    fn part(&mut self, at: usize, moment: Moment) -> io::Result<Option<TailBatch>> {
        let Some(followed) = self.followed.get_mut(at) else {
            return Ok(None);
        };
        let Some(watch) = self.watches.get(followed.watch) else {
            return Ok(None);
        };
        let keyed = |part: &[u8]| (self.key)(&watch.who, part);
        let before = followed.mark.clone();
        let generation = &mut self.generation;
        let planned = followed.plan((watch, &self.limits), moment, generation, &keyed);
        self.is_dirty |= followed.mark != before;
        let Ok(planned) = planned else {
            // A file that cannot be read now is looked at again.
            self.counts.failed(FileError::Read);
            return Ok(None);
        };
        let Some(mut part) = planned else {
            return Ok(None);
        };
        let place = PartPlace {
            of: (followed.mark.device, followed.mark.inode),
            mid_line: part.mid_line,
            bytes: followed.mark.planned,
            events: part.events.len() as u64,
            strangers: part.strangers,
        };
        let identity = identity_of(&followed.mark);
        let who = watch.who.clone();
        if part.is_given_up {
            self.skipped(place)?;
            return Ok(None);
        }
        if part.events.is_empty() {
            self.durable(place)?;
            return Ok(None);
        }
        self.store()?;
        Ok(Some(TailBatch {
            who,
            identity,
            events: Raw::new(std::mem::take(&mut *part.events)),
            place,
        }))
    }

    /// Goes past a part that does harm.
    fn skipped(&mut self, place: PartPlace) -> io::Result<()> {
        self.counts.failed(FileError::Internal);
        self.settle(place)?;
        self.counts.skipped(place.bytes);
        if !std::mem::replace(&mut self.told.has_skipped, true) {
            (self.notices)(FileNotice::LineSkipped);
        }
        Ok(())
    }

    /// A part did harm to what is behind. Whether less is tried next; else the same is, after a
    /// wait: where everything does harm, the files are not run through.
    fn harmed(&mut self, place: PartPlace) -> io::Result<bool> {
        let same = |f: &&mut Followed| (f.mark.device, f.mark.inode) == place.of;
        let Some(followed) = self.followed.iter_mut().find(same) else {
            return Ok(false);
        };
        let given_up = followed.harmed()?.is_some();
        let is_less = followed.mark.planned < place.bytes;
        self.is_dirty = true;
        if given_up {
            self.skipped(place)?;
        } else {
            self.counts.failed(FileError::Internal);
        }
        Ok(is_less && !given_up)
    }

    /// A part is durable.
    fn durable(&mut self, place: PartPlace) -> io::Result<()> {
        self.settle(place)?;
        self.counts
            .durable(place.bytes, place.events, place.strangers);
        Ok(())
    }

    fn settle(&mut self, PartPlace { of, mid_line, .. }: PartPlace) -> io::Result<()> {
        let same = |f: &&mut Followed| (f.mark.device, f.mark.inode) == of;
        let Some(followed) = self.followed.iter_mut().find(same) else {
            return Ok(());
        };
        let Some(watch) = self.watches.get(followed.watch) else {
            return Ok(());
        };
        self.is_dirty = true;
        let settled = followed.settle(mid_line, &|part| (self.key)(&watch.who, part));
        settled.inspect_err(|_| self.counts.failed(FileError::Read))
    }

    /// Stores marks that changed.
    pub fn store(&mut self) -> io::Result<()> {
        if self.is_dirty {
            let marks = self.followed.iter().map(|f| &f.mark).chain(&self.known);
            let stored = offsets::store(&self.folder, self.generation, marks);
            let was_failing = std::mem::replace(&mut self.told.is_failing, stored.is_err());
            if stored.is_err() {
                self.counts.failed(FileError::Offsets);
            }
            match (was_failing, self.told.is_failing) {
                (false, true) => (self.notices)(FileNotice::OffsetsFail),
                (true, false) => (self.notices)(FileNotice::OffsetsStored),
                _ => {}
            }
            stored?;
            self.is_dirty = false;
        }
        Ok(())
    }

    /// Looks at paths: new files, rotated ones, those that are over.
    fn scan(&mut self, now_ms: u64) {
        let mut named = BTreeSet::new();
        self.refusals = Refusals::default();
        for watch in 0..self.watches.len() {
            let patterns = self.watches.get(watch).map(|w| w.paths.clone());
            for pattern in patterns.unwrap_or_default() {
                let found = glob::expand(&pattern);
                self.refuse(FileRefused::Unreadable, found.unreadable);
                self.refuse(FileRefused::Entries, u64::from(found.is_cut));
                for path in found.paths {
                    if is_packed_name(&path) {
                        self.refuse(FileRefused::Compressed, 1);
                    } else {
                        named.extend(self.named(path, watch, now_ms));
                    }
                }
            }
        }
        if self.is_first {
            self.find_renamed(now_ms);
            self.is_first = false;
            // What is nowhere any more cannot be read on.
            self.is_dirty |= !self.known.is_empty();
            self.known.clear();
        }
        for followed in &mut self.followed {
            let is_named = named.contains(&(followed.mark.device, followed.mark.inode));
            followed.gone_ms = if is_named {
                None
            } else {
                followed.gone_ms.or(Some(now_ms))
            };
        }
        let before = self.followed.len();
        let limits = self.limits;
        self.followed
            .retain(|followed| !followed.is_over(now_ms, &limits));
        self.is_dirty |= self.followed.len() != before;
        self.counts.looked(self.followed.len(), &self.refusals);
        let over = self.refusals.get(FileRefused::Limit as usize);
        let is_over = over.is_some_and(|over| *over > 0);
        match (
            std::mem::replace(&mut self.told.is_at_limit, is_over),
            is_over,
        ) {
            (false, true) => (self.notices)(FileNotice::LimitReached),
            (true, false) => (self.notices)(FileNotice::LimitLeft),
            _ => {}
        }
    }

    /// Counts what is not followed now.
    fn refuse(&mut self, why: FileRefused, more: u64) {
        if let Some(count) = self.refusals.get_mut(why as usize) {
            *count += more;
        }
    }

    /// Follows the file that a path names; which it is.
    fn named(&mut self, path: PathBuf, watch: usize, now_ms: u64) -> Option<(u64, u64)> {
        let Ok(meta) = std::fs::metadata(&path) else {
            // Gone since its folder was read.
            return None;
        };
        let of = identity(&meta);
        let same = |f: &&mut Followed| (f.mark.device, f.mark.inode) == of;
        if let Some(followed) = self.followed.iter_mut().find(same) {
            if followed.path != path
                && let Some(digest) = digest_of(&self.watches, &self.key, followed.watch, &path)
            {
                (followed.path, followed.mark.path) = (path, digest);
                self.is_dirty = true;
            }
            return Some(of);
        }
        if self.followed.len() >= self.limits.files_count_max {
            self.refuse(FileRefused::Limit, 1);
            return None;
        }
        // A file that cannot be opened, or named, now is tried at the next look.
        let Some(digest) = digest_of(&self.watches, &self.key, watch, &path) else {
            self.refuse(FileRefused::Unreadable, 1);
            return None;
        };
        let mut followed = match Followed::open(path, watch, now_ms) {
            Ok(Opened::Text(followed)) => *followed,
            Ok(Opened::Packed) => {
                self.refuse(FileRefused::Compressed, 1);
                return None;
            }
            Ok(Opened::Other) => return None,
            Err(_) => {
                self.refuse(FileRefused::Unreadable, 1);
                return None;
            }
        };
        let of = (followed.mark.device, followed.mark.inode);
        // Renamed between the two looks, it may be one that is followed.
        let is_other = |f: &Followed| (f.mark.device, f.mark.inode) != of;
        if !self.followed.iter().all(is_other) {
            return Some(of);
        }
        followed.mark.path = digest;
        if self.place(&mut followed).is_err() {
            self.refuse(FileRefused::Unreadable, 1);
            return None;
        }
        self.followed.push(followed);
        self.is_dirty = true;
        Some(of)
    }

    /// Finds out where a file is begun.
    fn place(&mut self, followed: &mut Followed) -> io::Result<()> {
        let Some(watch) = self.watches.get(followed.watch) else {
            return Ok(());
        };
        let keyed = |part: &[u8]| (self.key)(&watch.who, part);
        followed.mark.watch = keyed(&patterns_of(watch)).ok_or_else(file::unkeyed)?;
        self.generation += 1;
        followed.mark.generation = self.generation;
        let of = (followed.mark.device, followed.mark.inode);
        if let Some(at) = self.known.iter().position(|m| (m.device, m.inode) == of) {
            let mark = self.known.remove(at);
            // Another file may have got the inode, or this one was written anew: from its start.
            followed.resume(&mark, &keyed)?;
            return Ok(());
        }
        // A copy of a file that is followed, made to truncate that one: its rest is new.
        let watched = followed.watch;
        let others = self.followed.iter().filter(|other| other.watch == watched);
        for mark in others
            .flat_map(|other| [Some(&other.mark), other.former.as_ref()])
            .flatten()
        {
            let mark = Mark {
                planned: 0,
                ..mark.clone()
            };
            if mark.last_bytes > 0 && followed.resume(&mark, &keyed)? {
                return Ok(());
            }
        }
        let was_known = self
            .known
            .iter()
            .any(|mark| mark.path == followed.mark.path);
        if self.is_first && !was_known && watch.start_at == StartAt::End {
            followed.skip_to_end(&keyed)?;
        }
        Ok(())
    }

    /// Finds files that were renamed while nobody looked, in the folders of the patterns.
    fn find_renamed(&mut self, now_ms: u64) {
        for watch in 0..self.watches.len() {
            let patterns = self.watches.get(watch).map(|w| w.paths.clone());
            let folders = patterns.unwrap_or_default();
            let folders: BTreeSet<PathBuf> =
                folders.iter().flat_map(|p| glob::folders(p)).collect();
            for folder in folders {
                if self.known.is_empty() {
                    return;
                }
                let Ok(entries) = std::fs::read_dir(folder) else {
                    continue;
                };
                for entry in entries.take(RENAMED_ENTRIES_COUNT_MAX).flatten() {
                    let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file);
                    let of = meta.as_ref().map(identity);
                    let same = |mark: &&Mark| Some((mark.device, mark.inode)) == of;
                    let mark = self.known.iter().find(same).cloned();
                    if mark.is_some_and(|mark| self.is_of(watch, &mark, &entry.path())) {
                        self.named(entry.path(), watch, now_ms);
                    }
                }
            }
        }
    }

    /// Whether a file that was followed is that watch's: it was found by its patterns, or by some
    /// that are gone, and its beginning was digested under its tenant's key.
    fn is_of(&self, watch: usize, mark: &Mark, path: &Path) -> bool {
        let digest = |watch: &Watch| (self.key)(&watch.who, &patterns_of(watch));
        let found = |watch: &Watch| digest(watch) == Some(mark.watch);
        let Some(own) = self.watches.get(watch) else {
            return false;
        };
        if self.watches.iter().any(found) {
            return found(own);
        }
        let keyed = |part: &[u8]| (self.key)(&own.who, part);
        let opened = Followed::open(path.to_owned(), watch, 0);
        let Ok(Opened::Text(mut followed)) = opened else {
            return false;
        };
        mark.head_bytes > 0 && followed.agrees(mark, &keyed).unwrap_or(false)
    }
}

/// What a path is stored as.
fn digest_of(watches: &[Watch], key: &PartKey, watch: usize, path: &Path) -> Option<PartDigest> {
    let mut text = b"cordon file path\0".to_vec();
    text.extend(path.as_os_str().as_encoded_bytes());
    key(&watches.get(watch)?.who, &text)
}

/// What names a watch, as it is digested.
fn patterns_of(watch: &Watch) -> Vec<u8> {
    let mut text = format!("cordon file watch\0{:?}", watch.format).into_bytes();
    for pattern in &watch.paths {
        text.push(0);
        text.extend(pattern.as_bytes());
    }
    text
}

/// Gives a mark the digests of its path, which stood beside it. A path of no pattern has none: its
/// file is found by its inode alone.
fn name_again(
    (mark, path): (&mut Mark, &Path),
    watches: &[Watch],
    key: &PartKey,
) -> io::Result<()> {
    let near = |watch: &Watch| watch.paths.iter().any(|pattern| glob::is_of(pattern, path));
    let Some(at) = watches.iter().position(near) else {
        return Ok(());
    };
    mark.path = digest_of(watches, key, at, path).ok_or_else(file::unkeyed)?;
    let watch = watches.get(at).map(|w| key(&w.who, &patterns_of(w)));
    mark.watch = watch.flatten().ok_or_else(file::unkeyed)?;
    Ok(())
}

/// Entries of a folder among which a renamed file is looked for.
const RENAMED_ENTRIES_COUNT_MAX: usize = 10_000;

/// What a part is known by.
fn identity_of(mark: &Mark) -> Vec<u8> {
    let mut out = b"cordon file part\0".to_vec();
    for number in [
        mark.device,
        mark.inode,
        mark.head_bytes,
        mark.done,
        mark.planned,
    ] {
        out.extend(number.to_be_bytes());
    }
    out.extend(mark.head);
    // Parts that were begun by the first version have none.
    if mark.generation > 0 {
        out.extend(mark.generation.to_be_bytes());
    }
    out
}

/// What became of a part.
enum Taken {
    Durable,
    Later(AdmitError),
    Harmful,
}

/// Hands a part on; a panic behind is the part's.
async fn take(admit: &dyn Admit, batch: TailBatch) -> Taken {
    let TailBatch {
        who,
        identity,
        events,
        place,
    } = batch;
    let body = Zeroizing::new(identity);
    let mut way = pin!(async {
        admit
            .admit(&who, RequestBody::known_by(&body, place.bytes), events)
            .await
    });
    let caught = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| way.as_mut().poll(context))) {
            Ok(polled) => polled.map(Some),
            Err(_) => Poll::Ready(None),
        }
    });
    match caught.await {
        Some(Ok(())) => Taken::Durable,
        // As with streams: what is behind fails with this part.
        Some(Err(AdmitError::Poisoned)) | None => Taken::Harmful,
        Some(Err(error)) => Taken::Later(error),
    }
}

impl Tail {
    /// Notes what became of a part; time to wait, where the next is not to be read at once.
    fn taken(&mut self, place: PartPlace, taken: &Taken) -> Option<u64> {
        let noted = match taken {
            Taken::Durable => self.durable(place).map(|()| false),
            Taken::Harmful => self.harmed(place).map(|is_less| !is_less),
            Taken::Later(
                AdmitError::Full { retry_after_s }
                | AdmitError::EventsRate { retry_after_s }
                | AdmitError::BytesRate { retry_after_s }
                | AdmitError::Crowded { retry_after_s },
            ) => {
                return Some(u64::from(*retry_after_s) * 1_000);
            }
            Taken::Later(_) => {
                self.counts.failed(FileError::Unavailable);
                return Some(self.limits.retry_ms_max);
            }
        };
        // Where the mark cannot be moved on, the part is read again, and known again.
        let waits = noted.unwrap_or(true);
        waits.then_some(self.limits.poll_ms)
    }
}

/// Follows files until `stop`. `unix_ns` reads the wall clock.
///
/// One part is on its way at a time: what is behind sets the pace.
pub async fn follow(
    mut tail: Tail,
    admit: Arc<dyn Admit>,
    unix_ns: fn() -> u64,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let begun = Instant::now();
    let mut stop = pin!(stop);
    loop {
        let now_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let moment = Moment {
            now_ms,
            unix_ns: unix_ns(),
        };
        let looked = tokio::task::spawn_blocking(move || {
            // Reading a part catches its own; this is for a defect in looking at files.
            let batch = catch_unwind(AssertUnwindSafe(|| tail.next_batch(moment)));
            (tail, batch)
        });
        let Ok((returned, batch)) = looked.await else {
            return Err(io::Error::other("reading files ended"));
        };
        tail = returned;
        let mut wait_ms = tail.limits.poll_ms;
        match batch {
            Ok(Ok(Some(batch))) => {
                let place = batch.place;
                let taken = tokio::select! {
                    taken = take(admit.as_ref(), batch) => taken,
                    () = &mut stop => return Ok(()),
                };
                let Some(later_ms) = tail.taken(place, &taken) else {
                    continue;
                };
                wait_ms = later_ms.min(tail.limits.retry_ms_max);
            }
            Ok(_) => {}
            Err(_) => {
                tail.counts.failed(FileError::Internal);
                wait_ms = tail.limits.retry_ms_max;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
            () = &mut stop => {
                return tail.store();
            }
        }
    }
}

#[cfg(test)]
mod tests;
