//! From the journal to the store: one thread reads what is durable and applies it, exactly once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use cordon_event::{Batch, Entry, Event};
use cordon_fingerprint::{Group, GroupKind};
use cordon_journal::{Cursor, Journal, Reader, Skipped};
use cordon_redact::Clean;
use cordon_sift::{Release, Sifted};
use cordon_store::{Grouping, Sampled, Store};

use crate::log;
use crate::sifting::Steady;

/// How long the thread waits for the journal before it looks whether it should stop.
const WAIT: Duration = Duration::from_millis(200);
/// How long it waits after the store failed before it tries the same batch again.
const RETRY: Duration = Duration::from_secs(1);
/// Frames of which an agent stores nothing before its place is.
const SKIPPED_COUNT_MAX: u64 = 256;
/// Failures in a row from which on the server says that it is not ready.
const FAILURES_COUNT_MAX: u32 = 3;

/// What went wrong, for whoever answers whether the server is ready, and for metrics.
#[derive(Clone, Default)]
pub(crate) struct Failures(Arc<Wrong>);

#[derive(Default)]
struct Wrong {
    in_a_row: AtomicU32,
    damaged: AtomicU64,
    unopened: AtomicU64,
}

impl Failures {
    /// Whether what is acknowledged does not reach the store.
    pub(crate) fn are_lasting(&self) -> bool {
        self.0.in_a_row.load(Ordering::Relaxed) >= FAILURES_COUNT_MAX
    }

    /// Damaged ranges of the journal, and whole frames that do not open, which were passed over.
    pub(crate) fn skipped(&self) -> (u64, u64) {
        let Wrong {
            damaged, unopened, ..
        } = &*self.0;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(damaged), read(unopened))
    }

    fn one_more(&self) {
        let count = self.0.in_a_row.load(Ordering::Relaxed).saturating_add(1);
        self.0.in_a_row.store(count, Ordering::Relaxed);
    }

    fn over(&self) {
        self.0.in_a_row.store(0, Ordering::Relaxed);
    }

    /// Counts what was passed over since `before`, of one reader.
    fn passed(&self, before: Skipped, now: Skipped) {
        let more = now.damaged.saturating_sub(before.damaged);
        self.0.damaged.fetch_add(more, Ordering::Relaxed);
        let more = now.unopened.saturating_sub(before.unopened);
        self.0.unopened.fetch_add(more, Ordering::Relaxed);
    }
}

/// Where batches come from.
pub(crate) enum Durable {
    /// As they are made durable.
    Journal(Reader),
    /// When their traces are decided.
    Sifted(Box<Sifted>, Steady),
    /// The same, but that only what is held back is stored: an agent's.
    Held(Box<Sifted>, Steady),
}

impl Durable {
    fn wait(&self) {
        match self {
            Self::Journal(reader) => drop(reader.wait(WAIT)),
            Self::Sifted(sifted, _) | Self::Held(sifted, _) => sifted.wait(WAIT),
        }
    }

    fn skipped(&self) -> Skipped {
        match self {
            Self::Journal(reader) => reader.skipped(),
            Self::Sifted(sifted, _) | Self::Held(sifted, _) => sifted.skipped(),
        }
    }

    fn rewind(&mut self, journal: &Journal, to: Cursor) {
        match self {
            Self::Journal(reader) => *reader = journal.reader(to),
            Self::Sifted(sifted, _) | Self::Held(sifted, _) => sifted.rewind(to),
        }
    }
}

/// The running thread. Dropping it applies what is durable, then stops it.
pub(crate) struct Applier {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    failures: Failures,
}

impl Applier {
    /// Starts applying from where the store is.
    pub(crate) fn start(
        journal: Arc<Journal>,
        store: Arc<Store>,
        mut durable: Durable,
        from: Cursor,
    ) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let failures = Failures::default();
        let failing = failures.clone();
        let work = move || {
            loop {
                // What a panic left half done was rolled back, and is still in the journal.
                let before = durable.skipped();
                let drained =
                    catch_unwind(AssertUnwindSafe(|| drain(&journal, &mut durable, &store)));
                failing.passed(before, durable.skipped());
                let stopped = stopping.load(Ordering::Acquire);
                match drained {
                    Ok(Ok(())) if stopped => return,
                    Ok(Ok(())) => {
                        failing.over();
                        durable.wait();
                    }
                    failed => {
                        failing.one_more();
                        let cause = match failed {
                            Ok(Err(cause)) => format!("{cause:#}"),
                            _ => "panicked".to_owned(),
                        };
                        log::line(&format!(
                            "applying a batch failed; it is tried again: {cause}"
                        ));
                        if stopped {
                            return;
                        }
                        std::thread::park_timeout(RETRY);
                        durable.rewind(&journal, store.cursor().unwrap_or(from));
                    }
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("applier".to_owned())
            .spawn(work)?;
        Ok(Self {
            stop,
            thread: Some(thread),
            failures,
        })
    }

    /// How applying goes.
    pub(crate) fn failures(&self) -> Failures {
        self.failures.clone()
    }
}

impl Drop for Applier {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there lost nothing: the journal keeps what was not applied.
            let _ = thread.join();
        }
    }
}

/// Applies all that is durable, and decided.
fn drain(journal: &Journal, durable: &mut Durable, store: &Store) -> anyhow::Result<()> {
    match durable {
        Durable::Journal(reader) => {
            while let Some((cursor, batch)) = reader.next()? {
                store.apply(cursor, &batch, &classify)?;
                // A segment that cannot be deleted now is deleted with the next one.
                let _ = journal.trim(cursor);
            }
        }
        Durable::Sifted(sifted, clock) => {
            while let Some(mut release) = sifted.next()? {
                let sampled = sampled(&mut release);
                let cursor = release.cursor;
                store.apply_sampled(cursor, &release.batch, sampled, &classify)?;
                sifted.done(cursor, clock.now_unix_ms());
            }
        }
        Durable::Held(sifted, clock) => {
            let mut skipped = 0;
            while let Some(release) = sifted.next()? {
                let (cursor, batch) = (release.cursor, release.batch.map(held_only));
                let is_empty = batch.get().entries.is_empty();
                skipped = if is_empty { skipped + 1 } else { 0 };
                // Nearly all frames have nothing of it; the store's place is moved now and then.
                if !is_empty || skipped % SKIPPED_COUNT_MAX == 0 {
                    store.apply(cursor, &batch, &classify)?;
                }
                sifted.done(cursor, clock.now_unix_ms());
            }
        }
    }
    Ok(())
}

/// What is held back of a batch.
fn held_only(mut batch: Batch) -> Batch {
    batch
        .entries
        .retain(|(_, entry)| matches!(entry, Entry::Quarantined(_)));
    batch.removed.clear();
    batch
}

/// What the store is told of decisions.
fn sampled(release: &mut Release) -> Sampled {
    let back = std::mem::take(&mut release.back);
    let back = back.into_iter().map(|back| cordon_store::Back {
        id: back.id,
        received_unix_ns: back.received_unix_ns,
        event: back.event,
    });
    let count = release.batch.get().entries.len();
    let out = (0..count).filter_map(|at| {
        let ruling = release.ruling(at)?;
        // A code in the account has no blanks.
        (!ruling.verdict.keep).then(|| (at, ruling.reason().replace(' ', "_")))
    });
    Sampled {
        out: out.collect(),
        back: back.collect(),
    }
}

/// The group of an event, as the store wants it.
pub(crate) fn classify(event: &Clean<Event>) -> Clean<Grouping> {
    let group = cordon_fingerprint::group(event);
    let facts = event.project(|e| {
        (
            e.is_failure(),
            e.service().to_owned(),
            e.release().to_owned(),
        )
    });
    group
        .pair(facts)
        .map(|(group, (failure, service, release))| grouping(group, failure, service, release))
}

fn grouping(group: Group, failure: bool, service: String, release: String) -> Grouping {
    let kind = match group.kind {
        GroupKind::Exception => cordon_store::GroupKind::Exception,
        GroupKind::Expectation => cordon_store::GroupKind::Expectation,
        GroupKind::Template => cordon_store::GroupKind::Template,
    };
    let mut own = group.frames.into_iter().filter(|frame| frame.in_app);
    let module = own.next().map_or_else(String::new, |frame| {
        if frame.module.is_empty() {
            frame.file
        } else {
            frame.module
        }
    });
    Grouping {
        group_id: group.id,
        module,
        kind,
        title: group.title,
        template: group.message,
        failure,
        service,
        release,
    }
}
