//! The thread that folds what is durable and decides traces.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cordon_sift::{Error, Folder, Plans, Step};

use crate::{environment, log};

/// How long the thread waits for the journal before it looks whether something is due.
const WAIT: Duration = Duration::from_millis(200);
/// Shortest wait, so that what is due now is not asked for in a circle.
const SHORTEST: Duration = Duration::from_millis(1);
/// How long it waits after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// Milliseconds since the Unix epoch that do not jump while the process runs: the wall clock at
/// the start, and what has passed since.
#[derive(Clone, Copy)]
pub(crate) struct Steady {
    began_unix_ms: u64,
    began: Instant,
}

impl Steady {
    /// From now on.
    pub(crate) fn start() -> Self {
        Self {
            began_unix_ms: environment::now_unix_ns() / 1_000_000,
            began: Instant::now(),
        }
    }

    /// Now.
    pub(crate) fn now_unix_ms(&self) -> u64 {
        let passed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.began_unix_ms.saturating_add(passed)
    }
}

const RUNS: u8 = 0;
const STOPS: u8 = 1;
const STOPS_DECIDED: u8 = 2;

/// How the thread does, and how it is told of other plans.
#[derive(Clone, Default)]
pub(crate) struct Decisions {
    fails: Arc<AtomicBool>,
    next: Arc<Mutex<Option<Plans>>>,
}

impl Decisions {
    /// Whether what is durable is not decided.
    pub(crate) fn fail(&self) -> bool {
        self.fails.load(Ordering::Relaxed)
    }

    /// Other plans from now on.
    pub(crate) fn replace(&self, plans: Plans) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(plans);
    }

    fn take(&self) -> Option<Plans> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.take()
    }

    /// Has plans tried again, unless there are newer ones.
    fn put_back(&self, plans: Plans) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.get_or_insert(plans);
    }

    fn note(&self, fail: bool) {
        self.fails.store(fail, Ordering::Relaxed);
    }
}

/// The running thread. Dropping it folds what is durable and stops it; what waits for its trace
/// waits in the journal.
pub(crate) struct Folding {
    stop: Arc<AtomicU8>,
    decisions: Decisions,
    thread: Option<JoinHandle<()>>,
}

impl Folding {
    /// Starts it.
    pub(crate) fn start(mut folder: Folder, clock: Steady) -> std::io::Result<Self> {
        let stop = Arc::<AtomicU8>::default();
        let decisions = Decisions::default();
        let (stopping, told) = (Arc::clone(&stop), decisions.clone());
        let work = move || {
            let mut asked = RUNS;
            while asked == RUNS {
                asked = stopping.load(Ordering::Acquire);
                let now = clock.now_unix_ms();
                let plans = told.take();
                let again = plans.clone();
                // What is half folded when something panics is folded again after a restart.
                let work = AssertUnwindSafe(|| step(&mut folder, plans, asked, now));
                let Ok(stepped) = catch_unwind(work) else {
                    // Nothing is released any more, and nothing is lost: the journal keeps it.
                    told.note(true);
                    log::line("deciding traces panicked; restart the server to go on");
                    return;
                };
                told.note(stepped.is_err());
                match stepped {
                    Ok(Step::Folded) => {}
                    Ok(Step::Idle(_)) if asked != RUNS => {}
                    Ok(Step::Idle(due)) => {
                        let due = due.map(|due| Duration::from_millis(due.saturating_sub(now)));
                        folder.wait(due.map_or(WAIT, |due| due.clamp(SHORTEST, WAIT)));
                    }
                    Err(cause) => {
                        if let Some(plans) = again {
                            told.put_back(plans);
                        }
                        log::line(&format!(
                            "deciding traces failed; it is tried again: {cause}"
                        ));
                        if asked == RUNS {
                            std::thread::park_timeout(RETRY);
                        }
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("folder".to_owned());
        let thread = thread.spawn(work)?;
        Ok(Self {
            stop,
            decisions,
            thread: Some(thread),
        })
    }

    /// How it does, and how it is told of other plans.
    pub(crate) fn decisions(&self) -> Decisions {
        self.decisions.clone()
    }

    /// Stops it when all that is durable is decided: nobody may come after this process.
    pub(crate) fn end(mut self) {
        self.stop.store(STOPS_DECIDED, Ordering::Release);
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there lost nothing.
            let _ = thread.join();
        }
    }
}

fn step(folder: &mut Folder, plans: Option<Plans>, asked: u8, now: u64) -> Result<Step, Error> {
    if let Some(plans) = plans {
        folder.set_plans(plans, now)?;
    }
    if asked == RUNS {
        return folder.step(now);
    }
    folder.finish(asked == STOPS_DECIDED, now)?;
    Ok(Step::Idle(None))
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.stop.fetch_max(STOPS, Ordering::AcqRel);
        self.join();
    }
}
