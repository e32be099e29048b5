//! The thread that folds what is durable and decides traces.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cordon_sift::{Folder, Plans, Step};

use crate::{environment, log};

/// How long the thread waits for the journal before it looks whether something is due.
const WAIT: Duration = Duration::from_millis(200);
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

/// The running thread. Dropping it folds what is durable, decides what waits, and stops it.
pub(crate) struct Folding {
    stop: Arc<AtomicU8>,
    fails: Arc<AtomicBool>,
    next: Arc<Mutex<Option<Plans>>>,
    thread: Option<JoinHandle<()>>,
}

impl Folding {
    /// Starts it.
    pub(crate) fn start(mut folder: Folder, clock: Steady) -> std::io::Result<Self> {
        let stop = Arc::<AtomicU8>::default();
        let fails = Arc::<AtomicBool>::default();
        let next = Arc::<Mutex<Option<Plans>>>::default();
        let (stopping, failing) = (Arc::clone(&stop), Arc::clone(&fails));
        let plans = Arc::clone(&next);
        let work = move || {
            loop {
                let now = clock.now_unix_ms();
                let stopped = stopping.load(Ordering::Acquire);
                let replaced = plans.lock().unwrap_or_else(PoisonError::into_inner).take();
                // What is half folded when something panics is folded again after a restart.
                let stepped = catch_unwind(AssertUnwindSafe(|| {
                    if let Some(plans) = replaced {
                        folder.set_plans(plans, now)?;
                    }
                    match stopped {
                        RUNS => folder.step(now),
                        _ => folder
                            .finish(stopped == STOPS_DECIDED, now)
                            .map(|()| Step::Idle(None)),
                    }
                }));
                match stepped {
                    Ok(Ok(step)) => {
                        failing.store(false, Ordering::Relaxed);
                        if stopped != RUNS {
                            return;
                        }
                        if let Step::Idle(due) = step {
                            let due = due.map(|due| Duration::from_millis(due.saturating_sub(now)));
                            folder.wait(due.map_or(WAIT, |due| due.min(WAIT)).max(SHORTEST));
                        }
                    }
                    Ok(Err(cause)) => {
                        failing.store(true, Ordering::Relaxed);
                        log::line(&format!(
                            "deciding traces failed; it is tried again: {cause}"
                        ));
                        if stopped != RUNS {
                            return;
                        }
                        std::thread::park_timeout(RETRY);
                    }
                    Err(_) => {
                        // Nothing is released any more, and nothing is lost: the journal keeps it.
                        failing.store(true, Ordering::Relaxed);
                        log::line("deciding traces panicked; restart the server to go on");
                        return;
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("folder".to_owned());
        let thread = thread.spawn(work)?;
        Ok(Self {
            stop,
            fails,
            next,
            thread: Some(thread),
        })
    }

    /// Whether what is durable is not decided.
    pub(crate) fn fails(&self) -> bool {
        self.fails.load(Ordering::Relaxed)
    }

    /// Other plans from now on.
    pub(crate) fn replace(&self, plans: Plans) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(plans);
    }

    /// Stops it when all that is durable is folded; with `decides` nothing is left waiting.
    pub(crate) fn stop(mut self, decides: bool) {
        let how = if decides { STOPS_DECIDED } else { STOPS };
        self.stop.store(how, Ordering::Release);
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

/// Shortest wait, so that what is due now is not asked for in a circle.
const SHORTEST: Duration = Duration::from_millis(1);

impl Drop for Folding {
    fn drop(&mut self) {
        // Who does not say otherwise does not come back: nothing is left waiting.
        self.stop.fetch_max(STOPS_DECIDED, Ordering::AcqRel);
        self.join();
    }
}
