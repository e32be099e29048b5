//! A world for one seed: what outlives the process, and what happens in it.
//!
//! *Invariants:* time is a number here; no step waits for a clock, but for the journal's own probe
//! of a disk that refused. The schedule is a function of the seed. Where several threads send, or
//! the journal's writer groups what waits, their order is the operating system's; faults are placed
//! by counting operations, so a seed that is run again meets them at the same operations, and
//! mostly with the same batches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use cordon_event::TenantId;
use cordon_export::{Exporter, Step as Exported};
use cordon_journal::{Cursor, Journal};
use cordon_store::Applied;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::disk::{self, Disk, segment_path};
use crate::draw::Draw;
use crate::fault::{Break, Fault};
use crate::frames::{Expected, SegmentFrames};
use crate::process::{
    Behind, Entrance, Process, Shared, Target, classify, exporter_of, lock, redactor,
};
use crate::receiver::{Mood, Receiver};
use crate::request::Requests;

const NS_PER_S: u64 = 1_000_000_000;
/// Some evening, half an hour before midnight: an hour's jump changes the day whose keys are used.
const BEGIN_UNIX_NS: u64 = (20_000 * 86_400 + 84_600) * NS_PER_S;
/// What an operation of a slow disk takes.
const SLOW_NS: u64 = 10 * NS_PER_S;
/// How often the journal is asked whether it is ready again: a minute.
const READY_TRIES_MAX: u32 = 60_000;
/// Steps of the export together.
pub(crate) const EXPORT_STEPS_MAX: u32 = 200;

/// What a sender was told.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Durable(Cursor),
    /// It was told too early.
    Early,
    Refused,
}

/// All of it.
pub(crate) struct World {
    pub(crate) draw: Draw,
    pub(crate) broken: Option<Break>,
    pub(crate) requests: Requests,
    pub(crate) receiver: Receiver,
    pub(crate) sends_to_files: bool,
    root: TempDir,
    lives_count: u64,
    pub(crate) now_unix_ns: u64,
    pub(crate) disk: Disk,
    pub(crate) process: Option<Process>,
    pub(crate) handed: Shared,
    runtime: Runtime,
    /// Frames that were applied, with the digest of their request, each once.
    pub(crate) applied: BTreeMap<Cursor, [u8; 32]>,
    /// Requests that were applied at least once, by digest.
    pub(crate) seen: BTreeSet<[u8; 32]>,
    /// Frames that a turned bit hit.
    pub(crate) hit: BTreeSet<Cursor>,
    segments: BTreeMap<u64, SegmentFrames>,
    /// What the last step deleted, where a power cut may bring it back.
    deleted: Vec<(PathBuf, Vec<u8>)>,
    pub(crate) flips_due: u64,
    pub(crate) store_flips_due: u64,
    /// Bits of the store turned, and SQLite found its structure sound.
    pub(crate) is_store_doubtful: bool,
    /// Why such a store took nothing when it was last asked to.
    pub(crate) stuck: Option<String>,
    resent_count: u64,
    pub(crate) fired: BTreeMap<Fault, u64>,
    pub(crate) violations: Vec<String>,
}

impl World {
    pub(crate) fn new(
        seed: u64,
        broken: Option<Break>,
        sends_to_files: bool,
        folder: &Path,
    ) -> Result<Self> {
        let requests = Requests::new(seed);
        let receiver = Receiver::start(requests.stem.as_bytes())?;
        let mut world = Self {
            draw: Draw::new(seed, 0),
            broken,
            requests,
            receiver,
            sends_to_files,
            root: tempfile::Builder::new()
                .prefix("faults-")
                .tempdir_in(folder)?,
            lives_count: 0,
            now_unix_ns: BEGIN_UNIX_NS,
            disk: Disk::new(broken),
            process: None,
            handed: Shared::default(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            applied: BTreeMap::new(),
            seen: BTreeSet::new(),
            hit: BTreeSet::new(),
            segments: BTreeMap::new(),
            deleted: Vec::new(),
            flips_due: 0,
            store_flips_due: 0,
            is_store_doubtful: false,
            stuck: None,
            resent_count: 0,
            fired: BTreeMap::new(),
            violations: Vec::new(),
        };
        fs::create_dir_all(world.dir())?;
        world.open()?;
        Ok(world)
    }

    /// The data directory of this life.
    pub(crate) fn dir(&self) -> PathBuf {
        self.root.path().join(format!("life-{}", self.lives_count))
    }

    /// The folder of a sink that writes files: not the gateway's own.
    pub(crate) fn sink_folder(&self) -> PathBuf {
        self.root.path().join("sink")
    }

    pub(crate) fn violation(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    pub(crate) fn fire(&mut self, fault: Fault) {
        *self.fired.entry(fault).or_default() += 1;
    }

    /// The running process.
    pub(crate) fn process(&self) -> Result<&Process> {
        self.process.as_ref().context("no process runs")
    }

    fn open(&mut self) -> Result<()> {
        let (dir, folder, url) = (self.dir(), self.sink_folder(), self.receiver.url());
        let target = self.target(&folder, &url);
        let shared = (&self.handed, self.broken);
        self.process = Some(Process::open(&dir, &self.disk, target, shared)?);
        Ok(())
    }

    fn target<'a>(&self, folder: &'a Path, url: &'a str) -> Target<'a> {
        if self.sends_to_files {
            Target::Folder(folder)
        } else {
            Target::Url(url)
        }
    }

    /// Sends what each sender has, all senders at once; where `reloads`, the policy and the export
    /// are replaced meanwhile.
    pub(crate) fn send(&mut self, senders: &[Vec<usize>], reloads: bool) -> Result<()> {
        let plans: Vec<Vec<(usize, Vec<u8>)>> = senders
            .iter()
            .map(|list| list.iter().map(|number| self.body(*number)).collect())
            .collect();
        // Creating a segment makes deletions durable.
        self.deleted.clear();
        let pipelined = self.draw.one_in(3);
        let fresh = reloads.then(redactor).transpose()?;
        let (dir, folder, url) = (self.dir(), self.sink_folder(), self.receiver.url());
        let target = self.target(&folder, &url);
        let shared = (&self.handed, self.broken);
        let process = self.process.as_mut().context("no process runs")?;
        let entrance = Entrance {
            vault: &process.vault,
            journal: &process.journal,
            redactor: &process.redactor,
            now_unix_ns: self.now_unix_ns,
        };
        let (requests, how) = (&self.requests, (pipelined, self.broken));
        let mut reloaded = Ok(());
        let sent: Vec<(usize, Sent)> = std::thread::scope(|scope| {
            let mut senders = Vec::new();
            for plan in &plans {
                senders.push(scope.spawn(move || send_all(entrance, requests, plan, how)));
            }
            if reloads {
                reloaded = reload(
                    &mut process.exporter,
                    &process.journal,
                    &dir,
                    target,
                    shared,
                );
            }
            let joined = senders.into_iter().filter_map(|sender| sender.join().ok());
            joined.flatten().collect()
        });
        reloaded?;
        if reloads {
            let before = Arc::clone(&process.redactor);
            process.redactor = fresh.map_or(before, Arc::new);
            self.fire(Fault::Reload);
        }
        let planned: usize = plans.iter().map(Vec::len).sum();
        if sent.len() != planned {
            self.violation("a sender panicked");
        }
        for (number, sent) in sent {
            self.told(number, sent);
        }
        self.now_unix_ns += NS_PER_S;
        Ok(())
    }

    /// A request's number and bytes, known by their digest from now on.
    fn body(&mut self, number: usize) -> (usize, Vec<u8>) {
        self.resent_count += 1;
        let Some(request) = self.requests.get(number) else {
            return (number, Vec::new());
        };
        let mut body = request.body.clone();
        if self.broken == Some(Break::DedupeDropped) {
            body.extend_from_slice(&self.resent_count.to_be_bytes());
        }
        let keys = TenantId::parse(request.tenant).ok();
        let keys = keys.and_then(|tenant| self.process.as_ref()?.vault.tenant(&tenant).ok());
        if let Some(keys) = keys {
            self.requests.by_mac.insert(keys.request_mac(&body), number);
        }
        (number, body)
    }

    fn told(&mut self, number: usize, sent: Sent) {
        let Some(request) = self.requests.get_mut(number) else {
            return;
        };
        match sent {
            Sent::Durable(cursor) => {
                request.is_acknowledged = true;
                request.frames.push(cursor);
            }
            Sent::Early => request.is_acknowledged = true,
            Sent::Refused => {}
        }
    }

    /// Senders give up waiting for a disk that stands still, and send again; then it goes on.
    pub(crate) fn send_to_slow_disk(&mut self, numbers: &[usize]) -> Result<()> {
        self.disk.hold();
        let plans: Vec<_> = numbers.iter().map(|number| self.body(*number)).collect();
        let process = self.process.as_ref().context("no process runs")?;
        let entrance = Entrance {
            vault: &process.vault,
            journal: &process.journal,
            redactor: &process.redactor,
            now_unix_ns: self.now_unix_ns,
        };
        let waiting: Vec<_> = plans
            .iter()
            .map(|(number, body)| {
                (
                    *number,
                    submit(entrance, &self.requests, *number, body).ok(),
                )
            })
            .collect();
        self.disk.release();
        let answers = waiting.into_iter().map(|(number, ticket)| {
            let answer = ticket.and_then(|ticket| ticket.wait().ok());
            (number, answer.map_or(Sent::Refused, Sent::Durable))
        });
        let answers: Vec<_> = answers.collect();
        for (number, sent) in answers {
            self.told(number, sent);
        }
        self.now_unix_ns += SLOW_NS * numbers.len() as u64;
        Ok(())
    }

    /// Waits until the journal takes batches again.
    pub(crate) fn until_ready(&mut self) -> Result<()> {
        let process = self.process()?;
        for _ in 0..READY_TRIES_MAX {
            if process.journal.status().ready {
                return Ok(());
            }
            // The writer looks at the disk by itself; there is nothing else to wait on.
            std::thread::park_timeout(Duration::from_millis(1));
        }
        self.violation("the journal does not become ready again");
        Ok(())
    }

    /// Reads up to so many batches and applies them together.
    pub(crate) fn apply(&mut self, most: usize) -> Result<usize> {
        let process = self.process.as_ref().context("no process runs")?;
        let cursor = match process.store.cursor() {
            Err(error) if self.is_store_doubtful => {
                self.stuck = Some(error.to_string());
                return Ok(0);
            }
            cursor => cursor?,
        };
        let mut reader = process.journal.reader(cursor);
        let mut batches = Vec::new();
        while batches.len() < most
            && let Some(next) = reader.next()?
        {
            batches.push(next);
        }
        let unopened = reader.skipped().unopened;
        let read = batches.iter().map(|(cursor, batch)| (*cursor, batch));
        let applied = match process.store.apply_all(read, &classify) {
            Err(error) if self.is_store_doubtful => {
                self.stuck = Some(error.to_string());
                return Ok(0);
            }
            applied => applied?,
        };
        self.stuck = None;
        if unopened > 0 {
            self.violation("a whole frame did not open");
        }
        for ((cursor, batch), applied) in batches.iter().zip(&applied) {
            self.settle(*cursor, batch.get().request_mac, *applied);
        }
        self.now_unix_ns += NS_PER_S;
        Ok(batches.len())
    }

    /// Compares what became of a batch with what must have.
    fn settle(&mut self, cursor: Cursor, mac: [u8; 32], applied: Applied) {
        if !self.requests.by_mac.contains_key(&mac) {
            self.violation("a batch was read that nobody sent");
        }
        let is_again = self.applied.insert(cursor, mac).is_some();
        let is_known = !self.seen.insert(mac);
        let fits = self.is_store_doubtful
            || match applied {
                Applied::New { .. } => !is_again && !is_known,
                Applied::Duplicate => !is_again && is_known,
                Applied::Before | Applied::KeyGone => false,
            };
        if !fits {
            self.violation(format!(
                "a batch was {applied:?}: read again {is_again}, known {is_known}"
            ));
        }
    }

    /// Lets the export take so many steps; whether it came to the end of what there is.
    pub(crate) fn export(&mut self, most: u32) -> Result<bool> {
        for _ in 0..most {
            let (now_unix_ms, random) = (self.now_unix_ns / 1_000_000, self.draw.bits());
            let process = self.process.as_mut().context("no process runs")?;
            let exporter = process.exporter.as_mut().context("nothing exports")?;
            match self.runtime.block_on(exporter.step(now_unix_ms, random))? {
                Exported::Idle => return Ok(true),
                Exported::Done(_) => {}
                Exported::Wait(_, pause) => {
                    self.now_unix_ns += pause.as_nanos() as u64;
                    self.now_unix_ns += NS_PER_S;
                }
            }
        }
        Ok(false)
    }

    /// Deletes the segments that store and export are done with.
    pub(crate) fn trim(&mut self) -> Result<()> {
        let process = self.process.as_ref().context("no process runs")?;
        let stored = process.store.cursor().unwrap_or_default();
        let consumed = match self.broken {
            Some(Break::TrimmedAhead) => stored,
            _ => stored.min(lock(&self.handed).acknowledged),
        };
        let journal = self.dir().join("journal");
        let before = SegmentFrames::all(&journal)?;
        let paths = before
            .iter()
            .map(|found| segment_path(&journal, found.number));
        let held: Vec<_> = paths
            .filter_map(|path| Some((path.clone(), fs::read(path).ok()?)))
            .collect();
        process.journal.trim(consumed)?;
        self.deleted = held
            .into_iter()
            .filter(|(path, _)| !path.exists())
            .collect();
        Ok(())
    }

    /// The process ends, and with `power` the machine; then it starts again.
    pub(crate) fn crash(&mut self, power: bool) -> Result<()> {
        self.disk.end();
        let mut process = self.process.take().context("no process runs")?;
        process.exporter = None;
        // Nothing that the writer still does reaches a file, and nobody is told of it.
        drop(process.journal);
        let (from, exported) = (self.dir(), lock(&self.handed).acknowledged);
        let consumed = process.store.cursor().unwrap_or_default().min(exported);
        self.search(&from)?;
        self.lives_count += 1;
        let to = self.dir();
        let mut store = Some(process.store);
        if self.store_flips_due > 0 && self.draw.one_in(2) {
            // Ended as asked to: SQLite has put its log into the database.
            store = None;
        }
        disk::copy(&from, &to)?;
        drop(store);
        drop(process.vault);
        if power {
            self.disk.settle(&to.join("journal"), &mut self.draw)?;
            self.bring_back(&to)?;
            self.tear_sink()?;
        }
        fs::remove_dir_all(&from)?;
        self.collect();
        self.disk = Disk::new(self.broken);
        self.look(&to, consumed)?;
        let is_store_hit = self.flip_store(&to)?;
        self.open()?;
        self.doubt(is_store_hit)?;
        self.compare(&to)
    }

    /// What the process' disk has to tell.
    pub(crate) fn collect(&mut self) {
        let (fired, violations) = self.disk.told();
        for (fault, count) in fired {
            *self.fired.entry(fault).or_default() += count;
        }
        self.violations.extend(violations);
    }

    /// A deletion whose folder was not synced is undone, or is not.
    fn bring_back(&mut self, to: &Path) -> Result<()> {
        for (path, bytes) in std::mem::take(&mut self.deleted) {
            if let Some(name) = path.file_name()
                && self.draw.one_in(2)
            {
                fs::write(to.join("journal").join(name), bytes)?;
            }
        }
        Ok(())
    }

    /// A line of which a part was written stands at the end of the sink's open file.
    fn tear_sink(&mut self) -> Result<()> {
        if !self.sends_to_files {
            return Ok(());
        }
        for entry in fs::read_dir(self.sink_folder())? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "part") {
                let mut bytes = fs::read(&path)?;
                bytes.extend_from_slice(b"{\"resourceLogs\":[{\"resour");
                fs::write(&path, bytes)?;
            }
        }
        Ok(())
    }

    /// Turns bits, and notes which frames that hits.
    fn look(&mut self, dir: &Path, consumed: Cursor) -> Result<()> {
        let journal = dir.join("journal");
        let mut known = std::mem::take(&mut self.segments);
        for found in SegmentFrames::all(&journal)? {
            let held = known.remove(&found.number);
            self.segments.insert(found.number, held.unwrap_or(found));
        }
        for _ in 0..std::mem::take(&mut self.flips_due) {
            let segments: Vec<u64> = self.segments.keys().copied().collect();
            let number = self.draw.of(&segments).copied().unwrap_or_default();
            let path = match self.draw.below(8) {
                0 => dir.join("export.cursor"),
                _ => segment_path(&journal, number),
            };
            let Ok(mut bytes) = fs::read(&path) else {
                continue;
            };
            let (at, bit) = (self.draw.below(bytes.len() as u64), self.draw.below(8));
            if path.starts_with(&journal) {
                let segment = self.segments.get_mut(&number);
                // What is damaged already costs nothing more.
                let Some(end) = segment.and_then(|segment| segment.strike(at)) else {
                    continue;
                };
                self.hit.extend(Some(end).filter(|end| *end > consumed));
            }
            if let Some(byte) = bytes.get_mut(at as usize) {
                *byte ^= 1 << bit;
                fs::write(path, bytes)?;
                self.fire(Fault::BitFlip);
            }
        }
        Ok(())
    }

    /// Turns bits of the store's database; whether it did.
    fn flip_store(&mut self, dir: &Path) -> Result<bool> {
        let count = std::mem::take(&mut self.store_flips_due);
        let log = dir.join("store.db-wal");
        // What is younger than SQLite's last checkpoint is in its log.
        let path = if self.draw.one_in(2) && log.exists() {
            log
        } else {
            dir.join("store.db")
        };
        let mut bytes = fs::read(&path)?;
        for _ in 0..count {
            let (at, bit) = (self.draw.below(bytes.len() as u64), self.draw.below(8));
            if let Some(byte) = bytes.get_mut(at as usize) {
                *byte ^= 1 << bit;
                self.fire(Fault::StoreFlip);
            }
        }
        if count > 0 {
            fs::write(path, bytes)?;
        }
        Ok(count > 0)
    }

    /// Of a store that was set aside nothing is left, which was told; of one whose damage nobody
    /// finds, no number is sure.
    fn doubt(&mut self, is_store_hit: bool) -> Result<()> {
        if !self.process()?.is_store_new {
            self.is_store_doubtful |= is_store_hit;
            return Ok(());
        }
        if !is_store_hit && !self.is_store_doubtful {
            self.violation("a store was set aside that nobody had damaged");
        }
        self.is_store_doubtful = false;
        self.hit
            .extend(std::mem::take(&mut self.applied).into_keys());
        self.seen.clear();
        Ok(())
    }

    /// Compares what the journal found with what is there: damage costs the frames it hits and
    /// nothing else, and is kept.
    fn compare(&mut self, dir: &Path) -> Result<()> {
        let process = self.process()?;
        let (recovery, consumed) = (process.recovery.clone(), process.consumed);
        let mut expected = Expected::default();
        for segment in self.segments.values() {
            segment.expect(consumed, &mut expected);
        }
        let found = (recovery.frames, recovery.damaged, recovery.damaged_bytes);
        let wanted = (expected.frames, expected.damaged, expected.damaged_bytes);
        if found != wanted || recovery.unreadable > 0 {
            self.violation(format!("recovery found {found:?} and not {wanted:?}"));
        }
        let journal = dir.join("journal");
        if self.broken == Some(Break::LostSwept) {
            // There may be none yet.
            let _ = fs::remove_dir_all(journal.join("lost-and-found"));
        }
        for (segment, from, to) in expected.ranges {
            let name = format!("lost-and-found/{segment:020}-{from:020}.frag");
            let kept = fs::read(journal.join(name)).unwrap_or_default();
            let bytes = fs::read(segment_path(&journal, segment))?;
            if bytes.get(from as usize..to as usize) != Some(kept.as_slice()) {
                self.violation("damage is not in the lost-and-found");
            }
        }
        Ok(())
    }

    /// Sets how the receiver answers.
    pub(crate) fn receiver_is(&mut self, mood: Mood) {
        self.receiver.set(mood);
    }
}

/// As a signal to read the configuration again: the export goes on from its cursor.
fn reload(
    exporter: &mut Option<Exporter<Behind>>,
    journal: &Journal,
    dir: &Path,
    target: Target<'_>,
    shared: (&Shared, Option<Break>),
) -> Result<()> {
    // One process writes into a folder.
    *exporter = None;
    *exporter = Some(exporter_of(journal, dir, target, shared)?);
    Ok(())
}

fn submit(
    entrance: Entrance<'_>,
    requests: &Requests,
    number: usize,
    body: &[u8],
) -> Result<cordon_journal::Ticket> {
    let request = requests.get(number).context("find the request")?;
    let events = requests.events(request, entrance.now_unix_ns);
    entrance.submit(request.tenant, body, events)
}

/// Sends one after the other, or all before the first answer.
fn send_all(
    entrance: Entrance<'_>,
    requests: &Requests,
    plan: &[(usize, Vec<u8>)],
    (pipelined, broken): (bool, Option<Break>),
) -> Vec<(usize, Sent)> {
    let answer = |ticket: Result<cordon_journal::Ticket>| match ticket {
        Ok(_) if broken == Some(Break::AnsweredEarly) => Sent::Early,
        Ok(ticket) => ticket.wait().map_or(Sent::Refused, Sent::Durable),
        Err(_) => Sent::Refused,
    };
    let send =
        |(number, body): &(usize, Vec<u8>)| (*number, submit(entrance, requests, *number, body));
    if pipelined {
        let tickets: Vec<_> = plan.iter().map(send).collect();
        let answers = tickets
            .into_iter()
            .map(|(number, ticket)| (number, answer(ticket)));
        answers.collect()
    } else {
        let answers = plan
            .iter()
            .map(send)
            .map(|(number, ticket)| (number, answer(ticket)));
        answers.collect()
    }
}
