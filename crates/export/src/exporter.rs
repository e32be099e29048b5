//! From a source to a sink, at least once.
//!
//! *Invariants:* a batch's cursor is stored when each request that it went into was taken, or set
//! aside with a reason, and only then; the source is told after that. What the exporter holds is
//! bounded: [`Limits::events_count_max`], and the source's largest batch beyond.
//!
//! *Why requests are not remembered one by one:* after a crash the batches under way are sent again
//! as a whole. Within a process, what was taken of them is not.
//!
//! *Why batches are gathered:* a journal has a batch for each request of a sender, which may be one
//! span. Sent one by one, each would cost an exchange and a sync.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use cordon_event::Event;
use cordon_journal::Cursor;
use cordon_redact::Clean;

use crate::backoff;
use crate::cursor::CursorFile;
use crate::encode::{Encoded, Form, Part, Request};
use crate::error::Error;
use crate::files::Files;
use crate::limits::Limits;
use crate::mark::Marks;
use crate::sink::{Accepted, Reason, SendError, Sink};

/// A batch on its way out.
#[derive(Default)]
pub struct Outgoing {
    /// Where the source is when this batch has been dealt with.
    pub cursor: Cursor,
    /// When it was received, nanoseconds since the Unix epoch; 0 unknown.
    pub received_unix_ns: u64,
    /// What is to go out of it: may be nothing.
    pub events: Vec<Clean<Event>>,
    /// What the sampler says of its traces.
    pub marks: Marks,
}

/// Where batches come from: what waits, waits here.
pub trait Source {
    /// The batch behind the one that was handed out last, or nothing for now.
    fn next(&mut self) -> Option<Outgoing>;

    /// Told that everything before the cursor has been dealt with, durably.
    fn acknowledge(&mut self, cursor: Cursor);
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The source has nothing for now.
    Idle,
    /// Batches up to this cursor have been dealt with, and it is stored.
    Done(Cursor),
    /// A request was not taken; step again after that time.
    Wait(Reason, Duration),
}

/// What became of events so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that a sink took.
    pub delivered: u64,
    /// Records of them that the receiver says it did not keep.
    pub rejected: u64,
    /// Events that are of no signal that is sent.
    pub left_out: u64,
    /// Events that were given up, by reason.
    pub set_aside: BTreeMap<Reason, u64>,
    /// Failed tries, by reason.
    pub failures: BTreeMap<Reason, u64>,
}

/// Clock and chance, which are the caller's.
#[derive(Clone, Copy)]
pub struct Surroundings {
    /// The wall clock, milliseconds since the Unix epoch.
    pub now_unix_ms: fn() -> u64,
    /// A number, uniform over all of them.
    pub random: fn() -> u64,
}

/// Batches under way.
struct Pending {
    cursor: Cursor,
    /// Kept where they may have to be written otherwise.
    batches: Vec<Outgoing>,
    encoded: Encoded,
    parts: VecDeque<Part>,
    attempts: u32,
    first_failure_unix_ms: Option<u64>,
}

/// Sends what a source has to a sink.
pub struct Exporter<S> {
    source: S,
    sink: Sink,
    cursor_file: CursorFile,
    aside: Option<Files>,
    limits: Limits,
    pending: Option<Pending>,
    counts: Counts,
}

impl<S: Source> Exporter<S> {
    /// An exporter from a source that begins where the cursor file says.
    pub fn new(source: S, sink: Sink, cursor_file: CursorFile, limits: Limits) -> Self {
        Self {
            source,
            sink,
            cursor_file,
            aside: None,
            limits,
            pending: None,
            counts: Counts::default(),
        }
    }

    /// Writes what a sink will never take into files, where it would else be given up.
    #[must_use]
    pub fn with_aside(self, files: Files) -> Self {
        Self {
            aside: Some(files),
            ..self
        }
    }

    /// Where requests go.
    pub fn sink(&self) -> &Sink {
        &self.sink
    }

    /// What became of events so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Deals with what the source has, up to the limits and as far as the sink lets it. A step that
    /// is dropped or fails may be repeated; what was taken is not sent again.
    pub async fn step(&mut self, now_unix_ms: u64, random: u64) -> Result<Step, Error> {
        self.sink.tick(now_unix_ms)?;
        if let Some(aside) = &mut self.aside {
            aside.tick(now_unix_ms)?;
        }
        if self.pending.is_none() && !self.gather() {
            return Ok(Step::Idle);
        }
        while let Some(request) = self.pending.as_ref().and_then(Pending::request) {
            let sent = self.sink.send(&request, now_unix_ms).await;
            if let Some(wait) = self.settle(&request, sent, now_unix_ms, random) {
                return Ok(wait);
            }
        }
        self.end()
    }

    /// Steps until `shutdown`, and tells of each step that came to something; then ends what is
    /// open. A request under way when the shutdown comes is finished, within its limits.
    pub async fn run(
        &mut self,
        around: Surroundings,
        told: &mut (dyn FnMut(&Result<Step, Error>) + Send),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let mut shutdown = pin!(shutdown);
        let idle = Duration::from_millis(self.limits.idle_ms);
        loop {
            let step = self.step((around.now_unix_ms)(), (around.random)()).await;
            let pause = match &step {
                Ok(Step::Done(_)) => Duration::ZERO,
                Ok(Step::Idle) => idle,
                Ok(Step::Wait(_, pause)) => *pause,
                Err(_) => Duration::from_millis(self.limits.backoff_first_ms),
            };
            if !matches!(step, Ok(Step::Idle)) {
                told(&step);
            }
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.finish()
    }

    /// Ends what is open.
    pub fn finish(&mut self) -> Result<(), Error> {
        let finished = self.sink.finish();
        self.aside.as_mut().map_or(Ok(()), Files::finish)?;
        finished
    }

    /// Counts what became of a request, and says for what to wait.
    fn settle(
        &mut self,
        request: &Request,
        sent: Result<Accepted, SendError>,
        now_unix_ms: u64,
        random: u64,
    ) -> Option<Step> {
        let pending = self.pending.as_mut()?;
        let error = match sent {
            Ok(accepted) => {
                let rejected = accepted.rejected_count.min(request.events_count);
                self.counts.delivered += request.events_count - rejected;
                self.counts.rejected += rejected;
                pending.next_part();
                return None;
            }
            Err(error) => error,
        };
        let (SendError::Retry(reason, _) | SendError::Permanent(reason)) = error else {
            *self.counts.failures.entry(Reason::TooLarge).or_default() += 1;
            if request.body.len() > self.limits.split_bytes_min && pending.split() {
                return None;
            }
            return self.set_aside(Reason::TooLarge, request, now_unix_ms, random);
        };
        *self.counts.failures.entry(reason).or_default() += 1;
        if let SendError::Retry(_, after) = error {
            pending.attempts = pending.attempts.saturating_add(1);
            let first_ms = *pending.first_failure_unix_ms.get_or_insert(now_unix_ms);
            let tried_ms = now_unix_ms.saturating_sub(first_ms);
            let limits = &self.limits;
            let is_over = limits
                .attempts_count_max
                .is_some_and(|max| pending.attempts >= max)
                || limits.attempts_ms_max.is_some_and(|max| tried_ms >= max);
            if !is_over {
                let pause = backoff::wait(limits, pending.attempts, after, random);
                return Some(Step::Wait(reason, pause));
            }
        }
        self.set_aside(reason, request, now_unix_ms, random)
    }

    /// Gives a request up, into a file where there are some for that.
    fn set_aside(
        &mut self,
        reason: Reason,
        request: &Request,
        now_unix_ms: u64,
        random: u64,
    ) -> Option<Step> {
        let pending = self.pending.as_mut()?;
        if let Some(aside) = &mut self.aside
            && let Some(lines) = pending.lines()
            && aside.write(&lines, now_unix_ms).is_err()
        {
            pending.attempts = pending.attempts.saturating_add(1);
            let pause = backoff::wait(&self.limits, pending.attempts, None, random);
            return Some(Step::Wait(Reason::Disk, pause));
        }
        *self.counts.set_aside.entry(reason).or_default() += request.events_count;
        pending.next_part();
        None
    }

    /// Takes what the source has, up to the limits; `false` where that is nothing.
    fn gather(&mut self) -> bool {
        let mut batches: Vec<Outgoing> = Vec::new();
        let mut events_count = 0;
        while batches.len() < self.limits.batches_count_max.max(1)
            && events_count < self.limits.events_count_max.max(1)
            && let Some(outgoing) = self.source.next()
        {
            events_count += outgoing.events.len();
            batches.push(outgoing);
        }
        let Some(cursor) = batches.last().map(|last| last.cursor) else {
            return false;
        };
        let encoded = Encoded::new(self.sink.form(), &batches);
        self.counts.left_out += encoded.left_out_count();
        if self.aside.is_none() {
            batches.clear();
        }
        self.pending = Some(Pending {
            cursor,
            batches,
            parts: encoded.parts(&self.limits).into(),
            encoded,
            attempts: 0,
            first_failure_unix_ms: None,
        });
        true
    }

    fn end(&mut self) -> Result<Step, Error> {
        let Some(pending) = &self.pending else {
            return Ok(Step::Idle);
        };
        let cursor = pending.cursor;
        self.cursor_file.store(cursor)?;
        self.pending = None;
        self.source.acknowledge(cursor);
        Ok(Step::Done(cursor))
    }
}

impl Pending {
    /// The request that is next.
    fn request(&self) -> Option<Request> {
        let part = self.parts.front()?;
        Some(self.encoded.request(part))
    }

    /// The same in JSON.
    fn lines(&self) -> Option<Request> {
        let encoded = Encoded::new(Form::Json, &self.batches);
        self.parts.front().map(|part| encoded.request(part))
    }

    fn next_part(&mut self) {
        self.parts.pop_front();
        self.attempts = 0;
        self.first_failure_unix_ms = None;
    }

    /// Cuts what is next in two; `false` where it is one record.
    fn split(&mut self) -> bool {
        let Some([first, second]) = self.parts.front().and_then(Part::halves) else {
            return false;
        };
        self.next_part();
        self.parts.push_front(second);
        self.parts.push_front(first);
        true
    }
}
