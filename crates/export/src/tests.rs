//! The exporter over loopback: our own listener, a server of generated code, and one that answers
//! as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cordon_event::{
    Batch, Entry, Event, EventId, Kind, Raw, Region, SpanId, TenantId, TraceId, Value, packed,
};
use cordon_receive::{Format, decode};
use cordon_redact::{Clean, OpenError, Opener};
use cordon_sample::{Code, Plan, Reason as Why, Threshold, Verdict};
use tempfile::TempDir;

use super::*;

mod files;
mod generated;
mod ours;
mod scripted;
mod tls;

/// Lets a test have clean data: what it "opens" is what it is given.
struct Passing;

impl Opener for Passing {
    fn open(&self, _context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(sealed.to_vec())
    }
}

/// The events as if they had been redacted.
fn clean(events: Vec<Event>) -> Vec<Clean<Event>> {
    let entries = events
        .into_iter()
        .map(|event| (EventId([0; 16]), Entry::Event(event)));
    let batch = Batch {
        tenant: TenantId::parse("shop").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [0; 32],
        received_unix_ns: 0,
        removed: vec![],
        entries: entries.collect(),
        facts: Vec::new(),
    };
    let batch = Clean::<Batch>::open(&Passing, b"", &packed::encode_batch(&batch)).unwrap();
    let admitted = |(_, entry)| match entry {
        Entry::Event(event) => Some(event),
        Entry::Quarantined(_) => None,
    };
    let events = batch.map(|batch| batch.entries).split();
    events
        .filter_map(|entry| entry.map(admitted).transpose())
        .collect()
}

/// What our own receiver reads in a request.
pub(crate) fn received(format: Format, body: &[u8]) -> Vec<Event> {
    let limits = cordon_receive::Limits::default();
    let decoded = decode(format, body, &limits).unwrap();
    let mut events = decoded.events.expose_raw().clone();
    // No fields, and a list of none, are the same.
    for event in &mut events {
        event.resource = event.resource.to_vec().into();
    }
    events
}

/// The mark of a trace that a policy kept by that share.
pub(crate) fn mark_of(percentage: f64) -> Mark {
    let plan = "version = 1\n[[policies]]\nname = \"a-quarter\"\ntype = \"always_sample\"\n";
    let share = percentage / 100.0;
    let verdict = Verdict {
        keep: true,
        would_keep: true,
        reason: Why {
            code: Code::Sampled,
            name: Some(0),
        },
        threshold: Threshold::from_probability(share),
        adjusted_count: 1.0 / share,
    };
    Mark::of(&verdict, &Plan::parse_native(plan).unwrap())
}

/// A span and a log record that say their number.
fn two_events(n: u64) -> Vec<Event> {
    let resource: Vec<(String, Value)> = vec![("service.name".to_owned(), "billing".into())];
    let number = ("n".to_owned(), Value::Int(n as i64));
    let span = Event {
        kind: Kind::Span,
        time_unix_ns: n,
        trace_id: Some(TraceId([7; 16])),
        span_id: Some(SpanId((n + 1).to_be_bytes())),
        name: "charge".to_owned(),
        attributes: vec![number.clone()],
        resource: resource.into(),
        ..Event::default()
    };
    let log = Event {
        kind: Kind::Log,
        body: "charged".into(),
        resource: span.resource.clone(),
        attributes: vec![number],
        time_unix_ns: n,
        ..Event::default()
    };
    vec![span, log]
}

/// Batches by their cursors.
struct Batches {
    waiting: VecDeque<(u64, Vec<Event>)>,
    acknowledged: Arc<Mutex<Vec<u64>>>,
}

impl Source for Batches {
    fn next(&mut self) -> Option<Outgoing> {
        let (n, events) = self.waiting.pop_front()?;
        Some(Outgoing {
            cursor: cursor(n),
            events: clean(events),
            ..Outgoing::default()
        })
    }

    fn acknowledge(&mut self, cursor: Cursor) {
        self.acknowledged.lock().unwrap().push(cursor.offset);
    }
}

fn cursor(n: u64) -> Cursor {
    Cursor {
        segment: 1,
        offset: n,
    }
}

/// An exporter with its folder; it begins where its cursor says.
struct Rig {
    folder: TempDir,
    acknowledged: Arc<Mutex<Vec<u64>>>,
}

impl Rig {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            acknowledged: Arc::default(),
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Exports the batches up to `last`, each of a span and a log record.
    fn exporter(&self, sink: Sink, last: u64) -> Exporter<Batches> {
        self.exporter_within(sink, last, one_by_one())
    }

    fn exporter_within(&self, sink: Sink, last: u64, limits: Limits) -> Exporter<Batches> {
        let batches = (1..=last).map(|n| (n, two_events(n)));
        self.exporter_of(sink, batches.collect(), limits)
    }

    /// Exports those batches that the cursor does not say are done.
    fn exporter_of(
        &self,
        sink: Sink,
        mut waiting: VecDeque<(u64, Vec<Event>)>,
        limits: Limits,
    ) -> Exporter<Batches> {
        let (file, found) = CursorFile::open(&self.path("cursor")).unwrap();
        if let Found::At(done) = found {
            waiting.retain(|(n, _)| *n > done.offset);
        }
        let source = Batches {
            waiting,
            acknowledged: Arc::clone(&self.acknowledged),
        };
        Exporter::new(source, sink, file, limits)
    }

    fn stored(&self) -> Found {
        CursorFile::open(&self.path("cursor")).unwrap().1
    }

    fn acknowledged(&self) -> Vec<u64> {
        self.acknowledged.lock().unwrap().clone()
    }
}

/// Steps until there is nothing to do; how often it was told to wait, which it does not.
async fn drain(exporter: &mut Exporter<Batches>) -> Vec<Reason> {
    let mut waits = Vec::new();
    loop {
        match exporter.step(1_000, 0).await.unwrap() {
            Step::Idle => return waits,
            Step::Done(_) => {}
            Step::Wait(reason, _) => waits.push(reason),
        }
        assert!(waits.len() < 100, "{waits:?}");
    }
}

/// Limits under which a step is a batch.
fn one_by_one() -> Limits {
    Limits {
        batches_count_max: 1,
        ..Limits::default()
    }
}

fn endpoint(at: SocketAddr) -> Endpoint {
    Endpoint::new(&format!("http://{at}"))
}

fn http(at: SocketAddr) -> Sink {
    Sink::Http(Http::new(endpoint(at)).unwrap())
}

fn grpc(at: SocketAddr) -> Sink {
    Sink::Grpc(Grpc::new(endpoint(at)).unwrap())
}

/// Numbers that spans and log records say, each kind sorted.
fn numbers(events: &[Event]) -> [Vec<i64>; 2] {
    [Kind::Span, Kind::Log].map(|kind| {
        let own = events.iter().filter(|event| event.kind == kind);
        let mut numbers: Vec<i64> = own
            .filter_map(|event| match event.attribute("n") {
                Some(Value::Int(n)) => Some(*n),
                _ => None,
            })
            .collect();
        numbers.sort_unstable();
        numbers
    })
}
