//! One file that is followed: what it is, what of it is new, and where a batch of it ends.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use cordon_event::Event;
use zeroize::Zeroizing;

use super::offsets::{Mark, PartDigest};
use super::{TailLimits, Watch};
use crate::source::{LINE_BYTES_MAX, LineIntake, Moment, Ready, SourceContext};

/// Bytes of a file's beginning, and of what was read last, by which it is known again.
pub(super) const KNOWN_BYTES_MAX: u64 = 256;

/// First bytes of compressed files: gzip, bzip2, xz, zstd.
const PACKED: [&[u8]; 4] = [b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"];
/// Endings of names of compressed files.
const PACKED_NAMES: [&str; 6] = [".gz", ".bz2", ".xz", ".zst", ".zip", ".lz4"];

/// Attempts at one line that does harm where it is read, or behind.
const HARMFUL_ATTEMPTS_MAX: u32 = 3;

/// Digests a part of a tenant's file under a key.
pub(super) type Keyed<'k> = &'k dyn Fn(&[u8]) -> Option<PartDigest>;

/// A file that is followed.
pub(super) struct Followed {
    pub(super) mark: Mark,
    pub(super) path: PathBuf,
    pub(super) watch: usize,
    file: File,
    size: u64,
    /// When it last grew.
    grown_ms: u64,
    /// How far it was read before it was cut off, for a copy of it that is yet to be found.
    pub(super) former: Option<Mark>,
    /// When its path was seen to name another file, or none.
    pub(super) gone_ms: Option<u64>,
    /// Since when a record at this offset has waited for its end.
    held: Option<(u64, u64)>,
    /// Attempts at the line that is planned, and did harm.
    attempts: u32,
}

/// A file as it is opened.
pub(super) enum Opened {
    /// One that can be followed.
    Text(Box<Followed>),
    /// A compressed one.
    Packed,
    /// No file.
    Other,
}

/// Events of a part of a file.
pub(super) struct Part {
    pub(super) events: Zeroizing<Vec<Event>>,
    /// Whether the part ends within a line.
    pub(super) mid_line: bool,
    /// Lines that name another tenant, left out.
    pub(super) strangers: u64,
    /// Whether it is given up: it did harm as often as it may.
    pub(super) is_given_up: bool,
}

/// Device and inode.
#[cfg(unix)]
pub(super) fn identity(meta: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (meta.dev(), meta.ino())
}

/// Without inodes a file is known by its beginning alone.
#[cfg(not(unix))]
pub(super) fn identity(_meta: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// Whether a name is a compressed file's.
pub(super) fn is_packed_name(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    PACKED_NAMES.iter().any(|ending| name.ends_with(ending))
}

impl Followed {
    /// Opens a file.
    pub(super) fn open(path: PathBuf, watch: usize, now_ms: u64) -> io::Result<Opened> {
        let mut file = File::open(&path)?;
        let meta = file.metadata()?;
        let (device, inode) = identity(&meta);
        let head = read_at(&mut file, 0, 6)?;
        if !meta.is_file() {
            return Ok(Opened::Other);
        }
        if PACKED.iter().any(|packed| head.starts_with(packed)) {
            return Ok(Opened::Packed);
        }
        Ok(Opened::Text(Box::new(Self {
            mark: Mark {
                device,
                inode,
                ..Mark::default()
            },
            path,
            watch,
            file,
            size: meta.len(),
            grown_ms: now_ms,
            former: None,
            gone_ms: None,
            held: None,
            attempts: 0,
        })))
    }

    /// Begins at the file's end.
    pub(super) fn skip_to_end(&mut self, keyed: Keyed<'_>) -> io::Result<()> {
        let last = read_at(&mut self.file, self.size.saturating_sub(1), 1)?;
        self.mark.mid_line = self.size > 0 && last.first() != Some(&b'\n');
        self.mark.done = self.size;
        self.remember(keyed)
    }

    /// Goes on from a mark where the file is the one that it was made of.
    pub(super) fn resume(&mut self, mark: &Mark, keyed: Keyed<'_>) -> io::Result<bool> {
        if self.size < mark.done + mark.planned || !self.agrees(mark, keyed)? {
            return Ok(false);
        }
        let own = &self.mark;
        self.mark = Mark {
            device: own.device,
            inode: own.inode,
            path: own.path,
            watch: own.watch,
            ..mark.clone()
        };
        Ok(true)
    }

    /// Whether what was read of a file is there.
    pub(super) fn agrees(&mut self, mark: &Mark, keyed: Keyed<'_>) -> io::Result<bool> {
        let known = [
            (0, mark.head_bytes, mark.head),
            (
                mark.done.saturating_sub(mark.last_bytes),
                mark.last_bytes,
                mark.last,
            ),
        ];
        for (at, bytes, digest) in known {
            if bytes > 0 {
                let part = read_at(&mut self.file, at, bytes)?;
                if part.len() as u64 != bytes || keyed(&part) != Some(digest) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Looks at the size; a file that was cut off or written anew is begun again, as another
    /// generation.
    fn look(&mut self, now_ms: u64, last: &mut u64, keyed: Keyed<'_>) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        if size == self.size {
            return Ok(());
        }
        (self.size, self.grown_ms) = (size, now_ms);
        let mark = self.mark.clone();
        if size < mark.done + mark.planned || !self.agrees(&mark, keyed)? {
            *last += 1;
            self.mark = Mark {
                device: mark.device,
                inode: mark.inode,
                path: mark.path,
                watch: mark.watch,
                generation: *last,
                ..Mark::default()
            };
            self.former = Some(mark);
        }
        Ok(())
    }

    /// Remembers the file's beginning and what was read last.
    fn remember(&mut self, keyed: Keyed<'_>) -> io::Result<()> {
        let done = self.mark.done;
        self.cover_head(done, keyed)?;
        let last_bytes = done.min(KNOWN_BYTES_MAX);
        let last = read_at(&mut self.file, done - last_bytes, last_bytes)?;
        self.mark.last = keyed(&last).ok_or_else(unkeyed)?;
        self.mark.last_bytes = last.len() as u64;
        Ok(())
    }

    /// Digests the file's beginning, as far as it was read or planned.
    fn cover_head(&mut self, known_bytes: u64, keyed: Keyed<'_>) -> io::Result<()> {
        let head_bytes = known_bytes.min(KNOWN_BYTES_MAX);
        if self.mark.head_bytes < head_bytes {
            let head = read_at(&mut self.file, 0, head_bytes)?;
            self.mark.head = keyed(&head).ok_or_else(unkeyed)?;
            self.mark.head_bytes = head.len() as u64;
        }
        Ok(())
    }

    /// Plans that many bytes.
    fn begin(&mut self, bytes: u64, keyed: Keyed<'_>) -> io::Result<()> {
        // The identity of the first part holds the file's beginning, too: an inode is used again.
        self.cover_head(self.mark.done + bytes, keyed)?;
        self.mark.planned = bytes;
        Ok(())
    }

    /// Whether all was read and nothing more is to come.
    pub(super) fn is_over(&self, now_ms: u64, limits: &TailLimits) -> bool {
        let idle_ms = now_ms.saturating_sub(self.grown_ms);
        let gone_ms = self.gone_ms.map_or(0, |from| now_ms.saturating_sub(from));
        self.mark.done >= self.size
            && self.mark.planned == 0
            && idle_ms > limits.gone_ms_max
            && gone_ms > limits.gone_ms_max
    }

    /// Plans what is read next, in the mark, and reads it; none where nothing is ripe.
    pub(super) fn plan(
        &mut self,
        (watch, limits): (&Watch, &TailLimits),
        moment: Moment,
        last_generation: &mut u64,
        keyed: Keyed<'_>,
    ) -> io::Result<Option<Part>> {
        self.look(moment.now_ms, last_generation, keyed)?;
        if self.mark.planned > 0 {
            // The very bytes that were begun, whatever has come since.
            let bytes = read_at(&mut self.file, self.mark.done, self.mark.planned)?;
            let mid_line = !bytes.ends_with(b"\n") && bytes.len() > LINE_BYTES_MAX;
            return self.whole((watch, &bytes), mid_line, moment);
        }
        let new = self.size.saturating_sub(self.mark.done);
        if new == 0 {
            return Ok(None);
        }
        let bytes = read_at(
            &mut self.file,
            self.mark.done,
            new.min(limits.batch_bytes_max),
        )?;
        if self.mark.mid_line {
            return self.past_line(&bytes, keyed).map(|()| None);
        }
        let is_full = bytes.len() as u64 >= limits.batch_bytes_max;
        let quiet_ms = moment.now_ms.saturating_sub(self.grown_ms);
        let is_all = bytes.len() as u64 == new;
        let end = lines_end(&bytes, limits.lines_count_max);
        if end == 0 {
            // A line without an end: too long, or the last of a file that nobody writes any more.
            let last = self.gone_ms.is_some() && is_all && quiet_ms >= limits.partial_ms_max;
            if !(is_full || last) {
                return Ok(None);
            }
            self.begin(bytes.len() as u64, keyed)?;
            return self.whole((watch, &bytes), is_full, moment);
        }
        let lines = bytes.get(..end).unwrap_or(&[]);
        let is_quiet = is_all && quiet_ms >= limits.quiet_ms_max && end == lines_all(&bytes);
        let since_ms = self.held.filter(|(at, _)| *at == self.mark.done);
        let held_ms = since_ms.map_or(0, |(_, since)| moment.now_ms.saturating_sub(since));
        if !is_quiet {
            let Some((ready, cut)) = self.read(watch, lines, false, moment) else {
                self.begin(end as u64, keyed)?;
                return self.harmed();
            };
            if cut > 0 {
                self.begin(cut, keyed)?;
                let before = self.mark.done + cut;
                let ready = ready
                    .into_iter()
                    .filter(|ready| ready.from < before)
                    .collect();
                return Ok(Some(Part::of(ready, false)));
            }
            // The first record of the part has no end yet.
            let may_wait = held_ms < limits.hold_ms_max;
            if may_wait && !is_full && end == lines_all(&bytes) {
                self.held = since_ms.or(Some((self.mark.done, moment.now_ms)));
                return Ok(None);
            }
        }
        self.begin(end as u64, keyed)?;
        self.whole((watch, lines), false, moment)
    }

    /// All of what is planned.
    fn whole(
        &mut self,
        (watch, bytes): (&Watch, &[u8]),
        mid_line: bool,
        moment: Moment,
    ) -> io::Result<Option<Part>> {
        match self.read(watch, bytes, true, moment) {
            Some((ready, _)) => Ok(Some(Part::of(ready, mid_line))),
            None => self.harmed(),
        }
    }

    /// What is planned does harm, here or behind: half of its lines are planned instead, and of a
    /// line alone there are some attempts, until it is given up.
    pub(super) fn harmed(&mut self) -> io::Result<Option<Part>> {
        let bytes = read_at(&mut self.file, self.mark.done, self.mark.planned)?;
        let count = bytes.split(|b| *b == b'\n').count().saturating_sub(1);
        let half = lines_end(&bytes, (count / 2).max(1));
        if (1..bytes.len()).contains(&half) {
            self.mark.planned = half as u64;
            self.attempts = 0;
            return Ok(None);
        }
        self.attempts += 1;
        if self.attempts < HARMFUL_ATTEMPTS_MAX {
            return Ok(None);
        }
        self.attempts = 0;
        let mid_line = half == 0 && bytes.len() > LINE_BYTES_MAX;
        let mut part = Part::of(Vec::new(), mid_line);
        part.is_given_up = true;
        Ok(Some(part))
    }

    /// Goes past the rest of a line that is left out.
    fn past_line(&mut self, bytes: &[u8], keyed: Keyed<'_>) -> io::Result<()> {
        let end = bytes.iter().position(|b| *b == b'\n');
        self.mark.done += end.map_or(bytes.len(), |at| at + 1) as u64;
        self.mark.mid_line = end.is_none();
        self.remember(keyed)
    }

    /// What [`Self::records`] gives; none where it panics.
    fn read(
        &self,
        watch: &Watch,
        bytes: &[u8],
        all: bool,
        moment: Moment,
    ) -> Option<(Vec<Ready>, u64)> {
        catch_unwind(AssertUnwindSafe(|| self.records(watch, bytes, all, moment))).ok()
    }

    /// The records of these bytes, and how many of the bytes are told: all of them where `all`.
    fn records(&self, watch: &Watch, bytes: &[u8], all: bool, moment: Moment) -> (Vec<Ready>, u64) {
        #[cfg(test)]
        assert!(!super::tests::is_harmful(bytes), "on purpose");
        let context = SourceContext {
            service: watch.service.clone(),
            path: Some(self.path.to_string_lossy().into_owned()),
            tenant: Some(watch.who.tenant.as_str().to_owned()),
            zone_offset_s: watch.zone_offset_s,
        };
        let mut intake = LineIntake::new(watch.format, context);
        let start = self.mark.done;
        let mut from = start;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let to = from + line.len() as u64;
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            intake.push(bare, (from, to), moment);
            from = to;
        }
        if all {
            intake.finish(moment);
        }
        let mut cut = intake.open_from().unwrap_or(from);
        let ready = intake.take_ready();
        // A record that ends behind the cut is read with what waits.
        while let Some(torn) = ready.iter().find(|r| r.from < cut && cut < r.to) {
            cut = torn.from;
        }
        (ready, cut - start)
    }

    /// What was planned is durable.
    pub(super) fn settle(&mut self, mid_line: bool, keyed: Keyed<'_>) -> io::Result<()> {
        self.mark.done += std::mem::take(&mut self.mark.planned);
        self.mark.mid_line = mid_line;
        self.remember(keyed)
    }
}

impl Part {
    fn of(ready: Vec<Ready>, mid_line: bool) -> Self {
        let mut events = Zeroizing::new(Vec::new());
        let mut strangers = 0;
        for mut ready in ready {
            events.append(&mut ready.events);
            strangers += u64::from(ready.is_strange);
        }
        Self {
            events,
            mid_line,
            strangers,
            is_given_up: false,
        }
    }
}

pub(super) fn unkeyed() -> io::Error {
    io::Error::other("no key")
}

/// Bytes of whole lines, at most so many.
fn lines_end(bytes: &[u8], lines_count_max: usize) -> usize {
    let ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
    ends.take(lines_count_max)
        .last()
        .map_or(0, |(at, _)| at + 1)
}

/// Bytes of all whole lines.
fn lines_all(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1)
}

/// Bytes of a file; fewer where it ends before.
fn read_at(file: &mut File, at: u64, bytes: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    file.seek(SeekFrom::Start(at))?;
    let room = usize::try_from(bytes).map_err(io::Error::other)?;
    // Known to be at most a batch: it does not grow, and so leaves nothing behind.
    let mut out = Zeroizing::new(vec![0; room]);
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    out.truncate(filled);
    Ok(out)
}
