//! One life of the gateway, put together from its real parts as the binary does it.
//!
//! What reads behind the journal is [`Behind`]. A sampler that reads the journal, keeps a log of
//! its decisions and is an export's source takes its place there: its files belong into the same
//! folder, so that crashes, flips and the search for raw data cover them, and its own file
//! operations into [`crate::disk`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Context as _, Result};
use cordon_event::{Entry, Event, Raw, Region, TenantId};
use cordon_export::{
    CursorFile, Endpoint, Exporter, FileLimits, Files, Found, Http, Outgoing, Sink, Source,
};
use cordon_fingerprint::{Group, GroupKind};
use cordon_journal::{Cursor, Journal, Limits, Reader, Recovery, Ticket, faults};
use cordon_redact::{BatchMeta, Clean, Policy, Redactor};
use cordon_store::{Grouping, Store};
use cordon_vault::Vault;

use crate::disk::Disk;
use crate::fault::Break;
use crate::request::{CANARY, TENANTS};

/// Small, so that segments end and queues fill within a run.
const LIMITS: Limits = Limits {
    queue_bytes_max: 64 << 20,
    queue_count_max: 8,
    group_bytes_max: 8 << 10,
    frame_bytes_max: 1 << 20,
    segment_bytes_max: 6 << 10,
    backlog_bytes_max: 64 << 20,
    reserve_bytes: 4 << 10,
    lost_bytes_max: 64 << 20,
    retry_after_s: 2,
    probe_ms: 1,
};

/// Where the export goes.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// Over the network.
    Url(&'a str),
    /// Into files of that folder.
    Folder(&'a Path),
}

/// What was handed to the export, over all lives.
#[derive(Default)]
pub(crate) struct Handed {
    /// Digest of the request behind each frame that was handed out, and how often it was.
    pub(crate) frames: BTreeMap<Cursor, ([u8; 32], u64)>,
    /// What the export has dealt with.
    pub(crate) acknowledged: Cursor,
    /// Why reading failed.
    pub(crate) failures: Vec<String>,
    /// Frames that did not open.
    pub(crate) unopened: u64,
}

pub(crate) type Shared = Arc<Mutex<Handed>>;

pub(crate) fn lock(shared: &Shared) -> MutexGuard<'_, Handed> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the journal for the export.
pub(crate) struct Behind {
    reader: Reader,
    handed: Shared,
    /// The cursor's file, where it is to be stored too early.
    ahead: Option<CursorFile>,
}

impl Source for Behind {
    fn next(&mut self) -> Option<Outgoing> {
        let next = self.reader.next();
        let mut handed = lock(&self.handed);
        handed.unopened += self.reader.skipped().unopened;
        let (cursor, batch) = match next {
            Ok(next) => next?,
            Err(error) => {
                handed.failures.push(error.to_string());
                return None;
            }
        };
        let mac = batch.get().request_mac;
        handed.frames.entry(cursor).or_insert((mac, 0)).1 += 1;
        if let Some(ahead) = &self.ahead
            && let Err(error) = ahead.store(cursor)
        {
            handed.failures.push(error.to_string());
        }
        let received_unix_ns = batch.get().received_unix_ns;
        let entries = batch.map(|batch| batch.entries).split();
        let events =
            entries.filter_map(|entry| entry.map(|(_, entry)| event_of(entry)).transpose());
        Some(Outgoing {
            cursor,
            received_unix_ns,
            events: events.collect(),
            ..Outgoing::default()
        })
    }

    fn acknowledge(&mut self, cursor: Cursor) {
        lock(&self.handed).acknowledged = cursor;
    }
}

fn event_of(entry: Entry) -> Option<Event> {
    match entry {
        Entry::Event(event) => Some(event),
        Entry::Quarantined(_) => None,
    }
}

/// A running gateway.
pub(crate) struct Process {
    pub(crate) vault: Arc<Vault>,
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) exporter: Option<Exporter<Behind>>,
    /// Whether the store was damaged, and a new one begun.
    pub(crate) is_store_new: bool,
    /// What the journal said when it was opened, and where it was told to begin.
    pub(crate) recovery: Recovery,
    pub(crate) consumed: Cursor,
}

impl Process {
    pub(crate) fn open(
        dir: &Path,
        disk: &Disk,
        target: Target<'_>,
        shared: (&Shared, Option<Break>),
    ) -> Result<Self> {
        let vault = Arc::new(Vault::open(&dir.join("keys")).context("open the vault")?);
        for name in TENANTS {
            vault.create_tenant(&TenantId::parse(name)?, &Region::parse("eu")?)?;
        }
        let path = dir.join("store.db");
        let store = Store::open_or_set_aside(&path, vault.clone()).context("open the store")?;
        let (store, aside) = store;
        let (_, found) = CursorFile::open(&dir.join("export.cursor"))?;
        let exported = match found {
            Found::At(cursor) => cursor,
            // From the beginning nothing is lost, and what was taken before is sent again.
            Found::Nothing | Found::Damaged => Cursor::default(),
        };
        lock(shared.0).acknowledged = exported;
        // One that cannot be read says nothing: all that the journal has is looked at.
        let consumed = store.cursor().unwrap_or_default().min(exported);
        let path = dir.join("journal");
        let operations = disk.operations(&path, LIMITS.reserve_bytes);
        let (journal, recovery) = faults::open(operations, &path, vault.clone(), LIMITS, consumed)?;
        let exporter = exporter_of(&journal, dir, target, shared)?;
        Ok(Self {
            vault,
            store,
            journal,
            redactor: at_start()?,
            exporter: Some(exporter),
            is_store_new: aside.is_some(),
            recovery,
            consumed,
        })
    }
}

/// Begins to export, from where the export was.
pub(crate) fn exporter_of(
    journal: &Journal,
    dir: &Path,
    target: Target<'_>,
    (handed, broken): (&Shared, Option<Break>),
) -> Result<Exporter<Behind>> {
    let path = dir.join("export.cursor");
    let (file, _) = CursorFile::open(&path)?;
    let from = lock(handed).acknowledged;
    let sink = match target {
        Target::Url(url) => {
            let endpoint = Endpoint {
                gzip: false,
                ..Endpoint::new(url)
            };
            Sink::Http(Http::new(endpoint)?)
        }
        Target::Folder(folder) => Sink::Files(Files::open(folder, FileLimits::default())?.0),
    };
    let is_ahead = broken == Some(Break::CursorAhead);
    let source = Behind {
        reader: journal.reader(from),
        handed: Arc::clone(handed),
        ahead: is_ahead
            .then(|| CursorFile::open(&path))
            .transpose()?
            .map(|(file, _)| file),
    };
    let limits = cordon_export::Limits {
        batches_count_max: 4,
        ..cordon_export::Limits::default()
    };
    Ok(Exporter::new(source, sink, file, limits))
}

/// A tenant's policy, with a canary, compiled.
pub(crate) fn redactor() -> Result<Redactor> {
    let policy = Policy {
        canaries: vec![CANARY.to_owned()],
        ..Policy::default()
    };
    Ok(Redactor::new(policy)?)
}

/// The same, compiled once for all processes: it remembers nothing.
fn at_start() -> Result<Arc<Redactor>> {
    static COMPILED: OnceLock<Arc<Redactor>> = OnceLock::new();
    if let Some(compiled) = COMPILED.get() {
        return Ok(Arc::clone(compiled));
    }
    let compiled = Arc::new(redactor()?);
    Ok(Arc::clone(COMPILED.get_or_init(|| compiled)))
}

/// What a sender's connection needs of a process.
#[derive(Clone, Copy)]
pub(crate) struct Entrance<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) journal: &'a Journal,
    pub(crate) redactor: &'a Redactor,
    pub(crate) now_unix_ns: u64,
}

impl Entrance<'_> {
    /// Redacts and queues, as the gateway does it.
    pub(crate) fn submit(
        self,
        tenant: &str,
        body: &[u8],
        events: Raw<Vec<Event>>,
    ) -> Result<Ticket> {
        let keys = self.vault.tenant(&TenantId::parse(tenant)?)?;
        let meta = BatchMeta {
            tenant: keys.id().clone(),
            region: keys.region().clone(),
            request_mac: keys.request_mac(body),
            received_unix_ns: self.now_unix_ns,
            facts: Vec::new(),
        };
        let outcome = self.redactor.batch(&keys, events, meta);
        Ok(self.journal.append(&outcome.batch)?)
    }
}

/// The group of an event, as the store wants it.
pub(crate) fn classify(event: &Clean<Event>) -> Clean<Grouping> {
    let group = cordon_fingerprint::group(event);
    group.pair(event.project(Event::is_failure)).map(grouping)
}

fn grouping((group, failure): (Group, bool)) -> Grouping {
    let kind = match group.kind {
        GroupKind::Exception => cordon_store::GroupKind::Exception,
        GroupKind::Expectation => cordon_store::GroupKind::Expectation,
        GroupKind::Template => cordon_store::GroupKind::Template,
    };
    Grouping {
        group_id: group.id,
        kind,
        title: group.title,
        template: group.message,
        failure,
        ..Grouping::default()
    }
}
