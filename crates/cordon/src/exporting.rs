//! Exports of the configuration, each on a thread of its own: from what is decided to a receiver.
//!
//! *Invariants:* an export's first audit entry is durable before anything leaves by it. Where the
//! configuration does not say otherwise, the value of a field that nobody has classified stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cordon_event::{Entry, Event, Raw, TenantId, Value, attr};
use cordon_export::{
    Counts, CursorFile, Endpoint, Exporter, FileLimits, Files, Found, Grpc, Http, Limits, Mark,
    Outgoing, Secret, Sink, Source, Step, Trust,
};
use cordon_govern::ExposedClass;
use cordon_journal::Cursor;
use cordon_ledger::{Action, Entry as AuditEntry, EvidenceId, Ledger};
use cordon_redact::{Clean, Redactor};
use cordon_sift::{Release, Ruling, Sift, Sifted};
use zeroize::Zeroizing;

use crate::config::sampling::{Destination, ExportSection, Fields};
use crate::home::{Home, operator};
use crate::sifting::Steady;
use crate::{environment, log};

/// Folder of the cursors.
const FOLDER: &str = "exports";
/// How often an export that goes on is audited.
const AUDIT_EVERY: Duration = Duration::from_hours(1);
/// Pause after the disk failed.
const RETRY: Duration = Duration::from_secs(1);
/// Pause where there is nothing to send.
const IDLE: Duration = Duration::from_millis(200);
/// How long what is decided may still be sent when the process ends.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// What stands for a value that stays.
const WITHHELD: &str = "[unclassified]";

/// Name of an export's reader.
fn reader_of(section: &ExportSection) -> String {
    format!("export.{}", section.name)
}

/// Where each export is; one that is new begins at `from`.
pub(crate) fn places(home: &Home, from: Cursor) -> anyhow::Result<Vec<(String, Cursor)>> {
    let mut places = Vec::new();
    for section in &home.config.export {
        let (file, found) = cursor_file(home, section)?;
        let at = match found {
            Found::At(cursor) => cursor,
            Found::Nothing => {
                file.store(from)?;
                from
            }
            Found::Damaged => {
                let name = &section.name;
                log::line(&format!(
                    "cursor of export {name} is damaged: all that the journal has is sent again"
                ));
                Cursor::default()
            }
        };
        places.push((reader_of(section), at));
    }
    Ok(places)
}

fn cursor_file(home: &Home, section: &ExportSection) -> anyhow::Result<(CursorFile, Found)> {
    use std::os::unix::fs::DirBuilderExt as _;
    let folder = home.dir.join(FOLDER);
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .context("create folder of exports")?;
    let path = folder.join(format!("{}.cursor", section.name));
    let opened = CursorFile::open(&path);
    opened.with_context(|| format!("open cursor of export {}", section.name))
}

/// How exports go, for metrics.
#[derive(Clone, Default)]
pub(crate) struct Tallies(Arc<Mutex<BTreeMap<String, Counts>>>);

impl Tallies {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts of each export by its name.
    pub(crate) fn all(&self) -> BTreeMap<String, Counts> {
        self.lock().clone()
    }

    fn set(&self, name: &str, counts: &Counts) {
        let mut all = self.lock();
        if all.get(name) != Some(counts) {
            all.insert(name.to_owned(), counts.clone());
        }
    }
}

/// The running exports. Dropping them sends what is decided, for a while, and stops them.
pub(crate) struct Exports {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Exports {
    /// Starts those that are configured.
    pub(crate) fn start(
        home: &Home,
        sift: &Sift,
        clock: Steady,
        tallies: &Tallies,
    ) -> anyhow::Result<Self> {
        let stop = Arc::<AtomicBool>::default();
        let mut threads = Vec::new();
        for section in &home.config.export {
            let name = &section.name;
            let export = Export::open(home, sift, section, clock, tallies)
                .with_context(|| format!("set up export {name}"))?;
            let stopping = Arc::clone(&stop);
            let thread = std::thread::Builder::new().name(format!("export-{name}"));
            threads.push(thread.spawn(move || export.run(&stopping))?);
        }
        Ok(Self { stop, threads })
    }
}

impl Drop for Exports {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A panic there lost nothing: its cursor is where it was.
            let _ = thread.join();
        }
    }
}

/// One export.
struct Export {
    name: String,
    exporter: Exporter<Decided>,
    ledger: Arc<Ledger>,
    tallies: Tallies,
    audited: u64,
}

impl Export {
    fn open(
        home: &Home,
        sift: &Sift,
        section: &ExportSection,
        clock: Steady,
        tallies: &Tallies,
    ) -> anyhow::Result<Self> {
        let sink = sink(section)?;
        let (cursor_file, _) = cursor_file(home, section)?;
        let source = Decided {
            name: section.name.clone(),
            told: String::new(),
            sifted: sift.reader(&reader_of(section)),
            tenants: tenants(section)?,
            withheld: withheld(home, section)?,
            clock,
        };
        let mut exporter = Exporter::new(source, sink, cursor_file, Limits::default());
        if let Some(folder) = &section.aside {
            let (files, _) = Files::open(folder, FileLimits::default())?;
            exporter = exporter.with_aside(files);
        }
        let export = Self {
            name: section.name.clone(),
            exporter,
            ledger: Arc::clone(&home.ledger),
            tallies: tallies.clone(),
            audited: 0,
        };
        export.audit("export_begun", 0)?;
        Ok(export)
    }

    fn run(mut self, stop: &AtomicBool) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let Ok(runtime) = { runtime }.enable_all().build() else {
            log::line(&format!(
                "export {}: no runtime; it does not run",
                self.name
            ));
            return;
        };
        let mut audited = Instant::now();
        let mut stopping: Option<Instant> = None;
        let mut told = None;
        loop {
            let now_unix_ms = environment::now_unix_ns() / 1_000_000;
            let step = self.exporter.step(now_unix_ms, environment::random());
            let step = runtime.block_on(step);
            self.tallies.set(&self.name, self.exporter.counts());
            if stop.load(Ordering::Acquire) && stopping.is_none() {
                stopping = Some(Instant::now());
            }
            let pause = match step {
                Ok(Step::Done(_)) => {
                    told = None;
                    Duration::ZERO
                }
                Ok(Step::Idle) => IDLE,
                Ok(Step::Wait(reason, pause)) => {
                    if told.replace(reason) != Some(reason) {
                        let (name, reason) = (&self.name, reason.as_str());
                        log::line(&format!("export {name} waits: {reason}"));
                    }
                    pause
                }
                Err(error) => {
                    log::line(&format!("export {}: {error}; tried again", self.name));
                    RETRY
                }
            };
            let is_late = stopping.is_some_and(|since| since.elapsed() > DRAIN_MAX);
            if stopping.is_some() && (!pause.is_zero() || is_late) {
                break;
            }
            if audited.elapsed() >= AUDIT_EVERY {
                audited = Instant::now();
                self.audit_progress("export_goes_on");
            }
            if !pause.is_zero() {
                std::thread::park_timeout(pause);
            }
        }
        if let Err(error) = self.exporter.finish() {
            log::line(&format!("export {}: {error}", self.name));
        }
        self.audit_progress("export_ended");
    }

    fn audit_progress(&mut self, decision: &'static str) {
        let delivered = self.exporter.counts().delivered;
        let more = delivered.saturating_sub(self.audited);
        match self.audit(decision, more) {
            Ok(()) => self.audited = delivered,
            Err(error) => log::line(&format!("export {}: {error:#}", self.name)),
        }
    }

    /// Says in the audit log that an export begins, goes on or ends, with how many events went.
    fn audit(&self, decision: &'static str, events: u64) -> anyhow::Result<()> {
        let evidence = [format!("export.{}", self.name), format!("events.{events}")];
        let evidence = evidence.iter().map(|id| EvidenceId::parse(id));
        let entry = AuditEntry {
            time_unix_s: environment::now_unix_s(),
            actor: operator(),
            tenant: None,
            action: Action::Export,
            decision,
            class: Some(ExposedClass::C),
            amount_bytes: 0,
            evidence: evidence.collect::<Result<_, _>>()?,
            digest: None,
        };
        // Its receipt releases no text: what leaves is told by the counts.
        drop(self.ledger.record(&entry).context("write audit entry")?);
        Ok(())
    }
}

fn tenants(section: &ExportSection) -> anyhow::Result<Option<BTreeSet<TenantId>>> {
    let Some(names) = &section.tenants else {
        return Ok(None);
    };
    let ids = names.iter().map(|name| TenantId::parse(name));
    Ok(Some(ids.collect::<Result<_, _>>()?))
}

/// Fields that each tenant has classified; nothing where all fields go out.
fn withheld(
    home: &Home,
    section: &ExportSection,
) -> anyhow::Result<Option<BTreeMap<TenantId, Clean<Vec<String>>>>> {
    if section.fields == Fields::All {
        return Ok(None);
    }
    // Names out of the configuration are not clean yet.
    let redactor = Redactor::new(cordon_redact::Policy::default()).context("set up redaction")?;
    let mac = cordon_vault::ephemeral_mac()?;
    let mut all = BTreeMap::new();
    for tenant in home.ledger.tenants().context("list tenants")? {
        let names = home.technical_fields(&tenant.name)?;
        let clean = |name: String| redactor.text(&mac, Raw::new(name)).clean;
        let names = Clean::join(names.into_iter().map(clean));
        all.insert(tenant.name, names);
    }
    Ok(Some(all))
}

fn sink(section: &ExportSection) -> anyhow::Result<Sink> {
    if let Some(folder) = &section.folder {
        let (files, recovered) = Files::open(folder, FileLimits::default())?;
        if recovered.cut_bytes > 0 {
            let (name, bytes) = (&section.name, recovered.cut_bytes);
            log::line(&format!("export {name}: cut {bytes} bytes of half a line"));
        }
        return Ok(Sink::Files(files));
    }
    client(section)
}

/// The client of a receiver of OTLP; nothing is connected yet.
pub(crate) fn client(section: &ExportSection) -> anyhow::Result<Sink> {
    let url = section.endpoint.as_deref().unwrap_or_default();
    let mut endpoint = Endpoint::new(url);
    endpoint.plain_text_allowed = section.plain_text;
    for (name, value) in &section.headers {
        let value = value.resolve(&format!("header {name}"))?;
        endpoint.headers.push((name.clone(), Secret::new(value)));
    }
    endpoint.trust = Trust {
        authority_pem: section.authority.as_deref().map(read).transpose()?,
        identity_pem: match &section.identity {
            Some(path) => Some(Zeroizing::new(read(path)?)),
            None => None,
        },
    };
    Ok(match section.to {
        Destination::OtlpGrpc => Sink::Grpc(Grpc::new(endpoint)?),
        Destination::OtlpHttp | Destination::Files => Sink::Http(Http::new(endpoint)?),
    })
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("read {}", path.display()))
}

/// What is decided, as an exporter wants it.
struct Decided {
    name: String,
    /// What was said last of not being able to read.
    told: String,
    sifted: Sifted,
    tenants: Option<BTreeSet<TenantId>>,
    withheld: Option<BTreeMap<TenantId, Clean<Vec<String>>>>,
    clock: Steady,
}

impl Source for Decided {
    fn next(&mut self) -> Option<Outgoing> {
        match self.sifted.next() {
            Ok(release) => {
                self.told.clear();
                release.map(|release| self.outgoing(release))
            }
            Err(error) => {
                self.tell(error.to_string());
                None
            }
        }
    }

    fn acknowledge(&mut self, cursor: Cursor) {
        self.sifted.done(cursor, self.clock.now_unix_ms());
    }
}

impl Decided {
    /// Says once why nothing can be read.
    fn tell(&mut self, error: String) {
        if self.told != error {
            log::line(&format!("export {}: {error}; tried again", self.name));
            self.told = error;
        }
    }

    fn outgoing(&self, release: Release) -> Outgoing {
        let mut outgoing = Outgoing {
            cursor: release.cursor,
            received_unix_ns: release.batch.get().received_unix_ns,
            ..Outgoing::default()
        };
        let tenant = release.batch.get().tenant.clone();
        let is_ours = self
            .tenants
            .as_ref()
            .is_none_or(|ours| ours.contains(&tenant));
        // A request that came before has gone out before.
        let count = if release.is_repeated || !is_ours {
            0
        } else {
            release.batch.get().entries.len()
        };
        let keeps = |ruling: Option<&Ruling>| ruling.is_none_or(|ruling| ruling.verdict.keep);
        let kept: Vec<bool> = (0..count).map(|at| keeps(release.ruling(at))).collect();
        let marks = release.singles.iter().map(|(_, ruling)| ruling);
        let singles: Vec<Ruling> = marks.cloned().collect();
        let entries = release.batch.map(|batch| batch.entries).split();
        for (entry, is_kept) in entries.zip(kept) {
            let event = entry.map(|(_, entry)| match entry {
                Entry::Event(event) => Some(event),
                Entry::Quarantined(_) => None,
            });
            if let Some(event) = event.transpose().filter(|_| is_kept) {
                outgoing.events.push(self.shown(&tenant, event));
            }
        }
        if is_ours {
            let back = release.back.into_iter();
            let back = back.map(|back| self.shown(&tenant, back.event));
            outgoing.events.extend(back);
        }
        for (trace, ruling) in release.rulings {
            let single = singles.iter().find(|_| !ruling.verdict.keep);
            let ruling = single.unwrap_or(&ruling);
            let mark = Mark::of(&ruling.verdict, &ruling.plan);
            outgoing.marks.insert(trace, mark);
        }
        outgoing
    }

    /// An event without the values of fields that nobody has classified.
    fn shown(&self, tenant: &TenantId, event: Clean<Event>) -> Clean<Event> {
        let Some(withheld) = &self.withheld else {
            return event;
        };
        let technical = withheld.get(tenant).cloned().unwrap_or_default();
        event.pair(technical).map(|(mut event, technical)| {
            let stays =
                |name: &str| attr::is_technical(name) || technical.iter().any(|t| t == name);
            let fields = std::mem::take(&mut event.attributes);
            event.attributes = fields
                .into_iter()
                .map(|field| shown(field, &stays))
                .collect();
            // The members of a structured body are fields like any other.
            event.body = members(std::mem::replace(&mut event.body, Value::Null), &stays);
            for shared in [&mut event.resource, &mut event.scope] {
                let fields = shared.iter().cloned().map(|field| shown(field, &stays));
                let fields: Vec<_> = fields.collect();
                if fields.as_slice() != &**shared {
                    *shared = fields.into();
                }
            }
            event
        })
    }
}

/// A field without a value that nobody has classified. A name stands for what is directly under
/// it; what is nested has names of its own.
fn shown((name, value): (String, Value), stays: &dyn Fn(&str) -> bool) -> (String, Value) {
    let is_nested = match &value {
        Value::Map(_) => true,
        Value::Array(items) => items.iter().any(is_nested),
        _ => false,
    };
    match value {
        value if is_nested => (name, members(value, stays)),
        value if stays(&name) => (name, value),
        _ => (name, Value::from(WITHHELD)),
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::Array(_))
}

/// The members of maps, however deep in lists. A text by itself is a body, and stays; in a list
/// beside maps it has no name, and does not.
fn members(value: Value, stays: &dyn Fn(&str) -> bool) -> Value {
    let item = |item: Value| match item {
        item if is_nested(&item) => members(item, stays),
        _ => Value::from(WITHHELD),
    };
    match value {
        Value::Map(fields) => {
            let fields = fields.into_iter().map(|field| shown(field, stays));
            Value::Map(fields.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(item).collect()),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, expect: &Value) {
        let stays = |name: &str| name.starts_with("http.");
        assert_eq!(&members(value, &stays), expect);
    }

    fn map(fields: &[(&str, Value)]) -> Value {
        let own = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Map(own.collect())
    }

    #[test]
    fn what_nobody_classified_stays_wherever_it_is() {
        let text = || Value::from("text");
        let withheld = || Value::from(WITHHELD);
        check(text(), &text());
        let plain = [("http.route", text()), ("diagnosis", text())];
        let told = [("http.route", text()), ("diagnosis", withheld())];
        check(map(&plain), &map(&told));
        // A technical name lets nothing out that is nested below it.
        check(
            map(&[("http.more", map(&plain))]),
            &map(&[("http.more", map(&told))]),
        );
        let list = |fields, beside| Value::Array(vec![map(fields), beside]);
        check(
            map(&[("http.all", list(&plain, text()))]),
            &map(&[("http.all", list(&told, withheld()))]),
        );
        let deep = |fields| Value::Array(vec![Value::Array(vec![map(fields)])]);
        check(deep(&plain), &deep(&told));
        let scalars = Value::Array(vec![text(), Value::Int(1)]);
        check(
            map(&[("http.x", scalars.clone()), ("y", scalars.clone())]),
            &map(&[("http.x", scalars), ("y", withheld())]),
        );
    }
}
