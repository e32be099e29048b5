//! A batch of frames becomes events that are durable, or counts with their reasons.
//!
//! Frames of a batch that are lines of one report become one event ([`crate::joined`]): they are of
//! one sender, and say the same beside time, severity and text. So what is redacted is the report,
//! not a line of it. A batch that ends within a report is held for [`crate::StreamLimits::hold`].
//!
//! Where what is behind is full or not there, the same frames are tried again, with waits that
//! double up to [`PAUSE_MAX`], until shutdown's time is over. Where a batch harms what is behind,
//! or makes more events than one request may have, it is halved until what is at fault stands
//! alone.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cordon_event::{Event, Value};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::admit::{AdmitError, Principal, RequestBody};
use crate::counters::{Lost, Source};
use crate::cut;
use crate::error::Code;
use crate::meter::{Charge, Meter};
use crate::ndjson;
use crate::sink::{Decoded, Origin, Sink};
use crate::stream::batch::{Batch, Lent};
use crate::stream::flag::{self, Flags};
use crate::stream::{Place, Shared, StreamFormat, told};
use crate::syslog::{self, Received};

/// First wait after a refusal.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// Longest wait after a refusal.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Attempts at one frame that harms what is behind.
const HARMFUL_ATTEMPTS_MAX: u32 = 3;

/// What makes events of frames.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decoder {
    Syslog { zone_offset_s: i32 },
    JsonLines,
}

/// What an attempt came to, beside being durable.
enum Refused {
    /// To be tried again after so long, or longer.
    Later(Duration),
    /// To be tried in halves.
    Harmful(Lost),
    /// To be tried in halves: too much at once.
    TooMuch,
}

impl Decoder {
    pub(crate) fn of(format: StreamFormat) -> Self {
        match format {
            StreamFormat::Syslog { zone_offset_s } => Self::Syslog { zone_offset_s },
            StreamFormat::JsonLines => Self::JsonLines,
        }
    }

    /// Whether frames may be counted.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Self::Syslog { .. })
    }

    /// Longest frame.
    pub(crate) const fn bytes_max(self, limits: &super::StreamLimits) -> usize {
        match self {
            Self::Syslog { .. } => limits.syslog_bytes_max,
            Self::JsonLines => limits.line_bytes_max,
        }
    }

    /// Adds the events of a frame. An error is about memory or number, or says that the frame
    /// names another tenant; no other frame is refused.
    fn decode(self, frame: &Lent<'_>, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
        let mut frame = Lent { ..*frame };
        if frame.flags.has(flag::TRUNCATED) {
            frame.bytes = cut::back(frame.bytes);
        }
        match self {
            Self::Syslog { zone_offset_s } => {
                let received = Received {
                    unix_ns: frame.received_unix_ns,
                    zone_offset_s,
                };
                // Text, and what of it is in attributes too.
                sink.meter.spend(2 * frame.bytes.len())?;
                let event = syslog::event(frame.bytes, &received, frame.flags, sink)?;
                sink.push(event, &Origin::default())
            }
            Self::JsonLines => {
                let before = sink.count();
                let read = if frame.flags.has(flag::TRUNCATED) {
                    Err(Code::BodyTooLarge)
                } else {
                    ndjson::line(frame.bytes, sink)
                };
                match read {
                    Ok(()) => Ok(()),
                    Err(code @ (Code::InFlightFull | Code::TenantMismatch)) => {
                        sink.truncate(before);
                        Err(code)
                    }
                    Err(code) => {
                        sink.truncate(before);
                        if before > 0 && matches!(code, Code::EventsCount | Code::DecodedTooLarge) {
                            return Err(code);
                        }
                        sink.reject();
                        sink.push(text_event(&frame), &Origin::default())
                    }
                }
            }
        }
    }
}

/// A line that is no event, as it came.
fn text_event(frame: &Lent<'_>) -> Event {
    let text = String::from_utf8_lossy(frame.bytes.trim_ascii_end());
    let mut flags = frame.flags;
    flags.set(flag::NOT_JSON);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        flags.set(flag::INVALID_UTF8);
    }
    let mut event = Event {
        time_unix_ns: frame.received_unix_ns,
        body: Value::String(text.into_owned()),
        ..Event::default()
    };
    flags.mark(&mut event);
    event
}

/// The way of one source's batches to what is behind.
pub(crate) struct Delivery {
    pub(crate) shared: Arc<Shared>,
    pub(crate) decoder: Decoder,
    pub(crate) source: Source,
    pub(crate) who: Principal,
    pub(crate) place: Place,
    pub(crate) stopped: watch::Receiver<bool>,
}

impl Delivery {
    /// Returns when all frames are durable or counted.
    pub(crate) async fn deliver(&mut self, batch: Batch) {
        let mut open = Vec::new();
        if batch.count() > 0 {
            open.push(0..batch.count());
        }
        while let Some(range) = open.pop() {
            if let Err(lost) = self.settle(&batch, &range).await {
                if range.len() > 1 {
                    let middle = range.start + range.len() / 2;
                    open.extend([middle..range.end, range.start..middle]);
                } else {
                    self.lose(lost, &range);
                }
            }
        }
        self.place.advance();
    }

    /// Tries until the frames are durable; the reason for which they cannot be as one.
    async fn settle(&mut self, batch: &Batch, range: &Range<usize>) -> Result<(), Lost> {
        let mut pause = PAUSE_FIRST;
        let mut attempts_left = HARMFUL_ATTEMPTS_MAX;
        loop {
            match self.attempt(batch, range).await {
                Ok(()) => return Ok(()),
                Err(Refused::TooMuch) => return Err(Lost::Internal),
                Err(Refused::Harmful(lost)) => {
                    attempts_left = attempts_left.saturating_sub(1);
                    if range.len() > 1 || attempts_left == 0 {
                        return Err(lost);
                    }
                }
                Err(Refused::Later(wanted)) => pause = pause.max(wanted.min(PAUSE_MAX)),
            }
            self.shared.state.counters.streams.waited(self.source);
            if !self.wait(pause).await {
                self.lose(Lost::Shutdown, range);
                return Ok(());
            }
            pause = (2 * pause).min(PAUSE_MAX);
        }
    }

    /// Waits; whether there is time for another attempt.
    async fn wait(&mut self, pause: Duration) -> bool {
        if self.shared.gives_up() {
            return false;
        }
        let until = Instant::now() + pause;
        if !*self.stopped.borrow() {
            tokio::select! {
                () = sleep_until(until) => return true,
                () = told(&mut self.stopped) => {}
            }
        }
        // Told to stop: what is left is tried until the listener gives up on this task.
        sleep_until(until).await;
        !self.shared.gives_up()
    }

    fn lose(&self, lost: Lost, range: &Range<usize>) {
        let count = range.len() as u64;
        self.shared
            .state
            .counters
            .streams
            .lost(self.source, lost, count);
    }

    async fn attempt(&self, batch: &Batch, range: &Range<usize>) -> Result<(), Refused> {
        let state = &self.shared.state;
        let mut charge = Charge::new(&state.ledger);
        let decode = AssertUnwindSafe(|| self.decode(batch, range, &mut charge));
        let decoded = catch_unwind(decode).map_err(|_| Refused::Harmful(Lost::Internal))?;
        let (decoded, odd) = decoded.map_err(|code| match code {
            Code::InFlightFull => Refused::Later(PAUSE_FIRST),
            _ => Refused::TooMuch,
        })?;
        let (events, rejected) = (decoded.events.count() as u64, decoded.rejected);
        if events > 0 {
            let place = self.place.bytes(range);
            let body = RequestBody::known_by(&place, batch.range_bytes(range));
            let events = decoded.events;
            let mut way = pin!(async { state.admit.admit(&self.who, body, events).await });
            let caught = std::future::poll_fn(|context| {
                catch_unwind(AssertUnwindSafe(|| way.as_mut().poll(context)))
                    .unwrap_or(Poll::Ready(Err(AdmitError::Poisoned)))
            });
            caught.await.map_err(|error| match error {
                AdmitError::Full { retry_after_s }
                | AdmitError::EventsRate { retry_after_s }
                | AdmitError::BytesRate { retry_after_s }
                | AdmitError::Crowded { retry_after_s } => {
                    Refused::Later(Duration::from_secs(retry_after_s.into()))
                }
                AdmitError::Unavailable => Refused::Later(PAUSE_MAX),
                AdmitError::Poisoned => Refused::Harmful(Lost::Poisoned),
            })?;
        }
        let streams = &state.counters.streams;
        let frames = (range.len() as u64).saturating_sub(odd.strangers);
        streams.admitted(self.source, frames, events, rejected);
        streams.lost(self.source, Lost::OtherTenant, odd.strangers);
        for (at, count) in odd.flags.iter().enumerate() {
            streams.flagged(self.source, at, *count);
        }
        Ok(())
    }

    fn decode(
        &self,
        batch: &Batch,
        range: &Range<usize>,
        charge: &mut Charge,
    ) -> Result<(Decoded, Odd), Code> {
        let limits = &self.shared.state.limits;
        let mut meter = Meter::new(charge, limits.decoded_bytes_max);
        let mut sink = Sink::new(limits, &mut meter);
        let (peers, odd) = read((self.decoder, &self.who), batch, range, &mut sink)?;
        sink.join_frames(&peers)?;
        Ok((sink.finish(), odd))
    }
}

/// What was odd about frames.
#[derive(Default)]
struct Odd {
    flags: [u64; flag::ALL.len()],
    /// Frames that name another tenant, left out.
    strangers: u64,
}

/// Reads frames, each by itself; the sender of each event.
fn read(
    (decoder, who): (Decoder, &Principal),
    batch: &Batch,
    range: &Range<usize>,
    sink: &mut Sink<'_, '_>,
) -> Result<(Vec<u64>, Odd), Code> {
    sink.tenant = Some(who.tenant.as_str().to_owned());
    let (mut peers, mut odd) = (Vec::new(), Odd::default());
    for frame in batch.frames(range) {
        match decoder.decode(&frame, sink) {
            Ok(()) => {}
            // Nobody can be told: it is counted, and not kept.
            Err(Code::TenantMismatch) => odd.strangers += 1,
            Err(code) => return Err(code),
        }
        peers.resize(sink.count(), frame.peer);
    }
    for at in sink.events().flat_map(Flags::of) {
        if let Some(count) = odd.flags.get_mut(at) {
            *count += 1;
        }
    }
    Ok((peers, odd))
}

/// Whether a batch ends within a report that may go on.
pub(crate) fn may_go_on(
    shared: &Shared,
    (decoder, who): (Decoder, &Principal),
    batch: &Batch,
) -> bool {
    let limits = &shared.state.limits;
    let mut charge = Charge::new(&shared.state.ledger);
    let mut meter = Meter::new(&mut charge, limits.decoded_bytes_max);
    let mut sink = Sink::new(limits, &mut meter);
    let look = AssertUnwindSafe(|| {
        let (peers, _) = read((decoder, who), batch, &(0..batch.count()), &mut sink)?;
        Ok::<bool, Code>(sink.is_in_report(&peers))
    });
    // What harms is found out again, and counted, where the batch is delivered.
    catch_unwind(look).is_ok_and(|open| open.unwrap_or(false))
}
