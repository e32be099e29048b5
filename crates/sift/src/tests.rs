//! Histories of requests, pauses, readers and crashes: what is released is one thing, whatever
//! happens on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use cordon_event::{
    Batch, Entry, Event, EventId, Kind, Region, SpanId, SpanStatus, TenantId, TraceId, packed,
};
use cordon_journal::{Cursor, FreshKey, Journal, KeyError, Limits, SegmentKeys};
use cordon_redact::{Clean, OpenError, Opener, SealError, Sealer};
use cordon_sample::Plan;
use proptest::prelude::*;

use crate::{Folder, Opening, Plans, Sift, Sifted, Step};

/// What it seals is what it is given: keys are the vault's, and not the matter here.
struct Passing;

impl Opener for Passing {
    fn open(&self, _context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(sealed.to_vec())
    }
}

impl Sealer for Passing {
    fn seal(&self, _context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(plain.to_vec())
    }
}

impl SegmentKeys for Passing {
    fn fresh(&self, _tenant: &TenantId, _day: u32) -> Result<FreshKey, KeyError> {
        Ok((Box::new(Self), vec![1]))
    }

    fn unwrap(&self, _: &TenantId, _: &[u8]) -> Result<Box<dyn Opener + Send>, KeyError> {
        Ok(Box::new(Self))
    }
}

const PLAN: &str = "version = 1\ndecision_wait = \"10s\"\nnum_traces = 50\n\
                    decision_cache = { sampled_cache_size = 99, non_sampled_cache_size = 99 }\n\
                    late_error_grace = \"10h\"\n\
                    [[policies]]\nname = \"errors\"\ntype = \"status_code\"\n\
                    status_code = { status_codes = [\"ERROR\"] }\n";
/// What decides early, or holds frames back: each added to the plan.
const PRESSURES: [&str; 4] = [
    "",
    "num_traces = 2\n",
    "num_traces = 2\nblock_on_overflow = true\n",
    "span_limit = 3\n",
];
/// Minutes after which nothing waits any more, however many traces had to wait for room.
const ENDING_STEPS: usize = 100;
const START_MS: u64 = 1_700_000_000_000;
const READERS: [&str; 2] = ["store", "export"];

fn plans(text: &str) -> Plans {
    let plan = Plan::parse_native(text).unwrap();
    Plans {
        general: Some(Arc::new(plan)),
        ..Plans::default()
    }
}

fn trace(n: u8) -> TraceId {
    TraceId([n + 1; 16])
}

/// A request of one span for each of `spans`: its trace, and whether it failed.
fn batch(number: u64, spans: &[(u8, bool)]) -> Clean<Batch> {
    let mut request_mac = [0; 32];
    request_mac[..8].copy_from_slice(&number.to_be_bytes());
    let entry = |(at, (of, failed)): (usize, &(u8, bool))| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        id[15] = u8::try_from(at).unwrap();
        let event = Event {
            kind: Kind::Span,
            trace_id: Some(trace(*of)),
            span_id: Some(SpanId([1; 8])),
            status: if *failed {
                SpanStatus::Error
            } else {
                SpanStatus::Ok
            },
            name: "GET /".into(),
            ..Event::default()
        };
        (EventId(id), Entry::Event(event))
    };
    let batch = Batch {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac,
        received_unix_ns: START_MS * 1_000_000,
        removed: Vec::new(),
        entries: spans.iter().enumerate().map(entry).collect(),
        facts: Vec::new(),
    };
    Clean::open(&Passing, b"", &packed::encode_batch(&batch)).unwrap()
}

/// What a release came to: events that are kept, and events that come back.
type Outcome = (BTreeSet<EventId>, BTreeSet<EventId>);

/// The processes of one data directory, one after the other.
struct World {
    dir: tempfile::TempDir,
    plans: Plans,
    now_ms: u64,
    running: Option<Running>,
    /// Where each reader is, as it would be on disk.
    places: [Cursor; 2],
    /// What each frame came to, for whoever dealt with it first.
    outcomes: BTreeMap<Cursor, Outcome>,
    /// What each reader has dealt with.
    kept: [BTreeSet<EventId>; 2],
}

struct Running {
    journal: Arc<Journal>,
    folder: Folder,
    sift: Sift,
    readers: [Sifted; 2],
}

impl World {
    fn new(plan: &str) -> Self {
        let mut world = Self {
            dir: tempfile::tempdir().unwrap(),
            plans: plans(plan),
            now_ms: START_MS,
            running: None,
            places: [Cursor::default(); 2],
            outcomes: BTreeMap::new(),
            kept: Default::default(),
        };
        world.start();
        world
    }

    fn start(&mut self) {
        let path = |name: &str| self.dir.path().join(name);
        let limits = Limits {
            reserve_bytes: 0,
            // Small, so that segments are left behind.
            segment_bytes_max: 2_000,
            ..Limits::default()
        };
        let [store, _] = self.places;
        let opened = Journal::open(&path("journal"), Arc::new(Passing), limits, store);
        let journal = Arc::new(opened.unwrap().0);
        let (folder, sift) = self.open(&journal, &path("decisions"));
        let readers = READERS.map(|name| sift.reader(name));
        self.running = Some(Running {
            journal,
            folder,
            sift,
            readers,
        });
    }

    fn open(&self, journal: &Arc<Journal>, dir: &Path) -> (Folder, Sift) {
        let readers = READERS.iter().zip(self.places);
        let opening = Opening {
            journal: Arc::clone(journal),
            dir,
            keys: Arc::new(Passing),
            plans: self.plans.clone(),
            readers: readers.map(|(name, at)| ((*name).to_owned(), at)).collect(),
            hash_seed: 7,
            now_unix_ms: self.now_ms,
        };
        Folder::open(opening).unwrap()
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().unwrap()
    }

    fn send(&mut self, number: u64, spans: &[(u8, bool)]) {
        let ticket = self.running().journal.append(&batch(number, spans));
        ticket.unwrap().wait().unwrap();
    }

    fn step(&mut self) {
        let now_ms = self.now_ms;
        while self.running().folder.step(now_ms).unwrap() == Step::Folded {}
    }

    /// Reads at most `count` frames; says that they are dealt with, or forgets that it read them.
    fn read(&mut self, reader: usize, count: usize, is_dealt_with: bool) {
        let now_ms = self.now_ms;
        for _ in 0..count {
            let Some(release) = self.running().readers[reader].next().unwrap() else {
                return;
            };
            let mut kept = BTreeSet::new();
            for (at, (id, _)) in release.batch.get().entries.iter().enumerate() {
                let is_kept = release.ruling(at).is_none_or(|ruling| ruling.verdict.keep);
                if is_kept && !release.is_repeated {
                    kept.insert(*id);
                }
            }
            let back: BTreeSet<EventId> = release.back.iter().map(|back| back.id).collect();
            if !is_dealt_with {
                continue;
            }
            let outcome = (kept.clone(), back.clone());
            let known = self
                .outcomes
                .entry(release.cursor)
                .or_insert(outcome.clone());
            assert_eq!(*known, outcome, "a frame is released one way");
            for id in kept.into_iter().chain(back) {
                assert!(self.kept[reader].insert(id), "an event goes on once");
            }
            self.running().readers[reader].done(release.cursor, now_ms);
            self.places[reader] = release.cursor;
        }
    }

    fn crash(&mut self) {
        self.running = None;
        self.start();
    }

    /// Decides and reads all that there is.
    fn end(&mut self) {
        // What was read and not dealt with is read again.
        self.crash();
        for _ in 0..ENDING_STEPS {
            self.step();
            self.now_ms += 60_000;
        }
        for reader in 0..READERS.len() {
            self.read(reader, usize::MAX, true);
        }
    }
}

#[derive(Clone, Debug)]
enum Act {
    Send(Vec<(u8, bool)>),
    Resend(prop::sample::Index),
    Pass(u64),
    Step,
    Read(usize, usize, bool),
    Crash,
}

fn any_act() -> impl Strategy<Value = Act> {
    let span = (0..6_u8, prop::bool::weighted(0.1));
    prop_oneof![
        6 => prop::collection::vec(span, 1..4).prop_map(Act::Send),
        1 => any::<prop::sample::Index>().prop_map(Act::Resend),
        3 => (0..15_000_u64).prop_map(Act::Pass),
        4 => Just(Act::Step),
        3 => (0..2_usize, 0..6_usize, prop::bool::weighted(0.8))
            .prop_map(|(reader, count, done)| Act::Read(reader, count, done)),
        1 => Just(Act::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_trace_is_kept_whole_or_left_out_whole(
        pressure in 0..PRESSURES.len(),
        acts in prop::collection::vec(any_act(), 1..60),
    ) {
        let plan = PLAN.replace("num_traces = 50\n", PRESSURES[pressure]);
        let mut world = World::new(&plan);
        let mut requests: Vec<Vec<(u8, bool)>> = Vec::new();
        let mut reads_are_void = [false; 2];
        for act in acts {
            match act {
                Act::Send(spans) => {
                    world.send(requests.len() as u64, &spans);
                    requests.push(spans);
                }
                Act::Resend(which) => {
                    if !requests.is_empty() {
                        let which = which.index(requests.len());
                        world.send(which as u64, &requests[which]);
                    }
                }
                Act::Pass(ms) => world.now_ms += ms,
                Act::Step => world.step(),
                Act::Read(reader, count, done) => {
                    // A reader that did not deal with what it read does so after a crash alone.
                    reads_are_void[reader] |= !done;
                    world.read(reader, count, done && !reads_are_void[reader]);
                }
                Act::Crash => {
                    world.crash();
                    reads_are_void = [false; 2];
                }
            }
        }
        world.end();
        let failed: BTreeSet<u8> = requests.iter().flatten().filter(|s| s.1).map(|s| s.0).collect();
        let expect: BTreeSet<EventId> = requests
            .iter()
            .enumerate()
            .flat_map(|(number, spans)| {
                let ids = batch(number as u64, spans);
                let ids: Vec<EventId> = ids.get().entries.iter().map(|(id, _)| *id).collect();
                ids.into_iter().zip(spans.clone())
            })
            .filter(|(_, (of, _))| failed.contains(of))
            .map(|(id, _)| id)
            .collect();
        prop_assert_eq!(&world.kept[0], &expect);
        prop_assert_eq!(&world.kept[1], &expect);
    }
}

#[test]
fn nothing_is_released_before_its_trace_is_decided() {
    let mut world = World::new(PLAN);
    world.send(0, &[(0, false)]);
    world.step();
    world.read(0, 10, true);
    assert!(world.outcomes.is_empty());
    let flows = world.running().sift.flows();
    assert_eq!((flows[0].in_flight, flows[0].live_traces), (1, 1));
    world.now_ms += 10_000;
    world.step();
    world.read(0, 10, true);
    assert_eq!(world.outcomes.len(), 1);
    let flows = world.running().sift.flows();
    assert_eq!((flows[0].in_flight, flows[0].live_traces), (0, 0));
    assert_eq!(flows[0].decisions.values().sum::<u64>(), 1);
}

#[test]
fn a_reader_that_is_away_keeps_the_journal_and_nobody_elses_frames() {
    let mut world = World::new(PLAN);
    for number in 0..200 {
        world.send(number, &[(u8::try_from(number % 200).unwrap(), true)]);
    }
    world.step();
    // Long enough that nothing stays for the grace of it.
    world.now_ms += 20_000;
    world.step();
    world.now_ms += 40_000_000;
    world.read(0, usize::MAX, true);
    let journal = Arc::clone(&world.running().journal);
    let with_one = journal.status().backlog_bytes;
    world.read(1, usize::MAX, true);
    for number in 200..203 {
        world.now_ms += 40_000_000;
        world.send(number, &[(0, false)]);
        world.step();
        world.now_ms += 20_000;
        world.step();
        world.read(0, usize::MAX, true);
        world.read(1, usize::MAX, true);
    }
    let with_both = journal.status().backlog_bytes;
    assert!(with_both < with_one / 4, "{with_both} of {with_one}");
    assert_eq!(world.kept[0].len(), 200);
}

#[test]
fn plans_change_without_losing_what_waits() {
    let mut world = World::new(PLAN);
    world.send(0, &[(0, true), (1, false)]);
    world.step();
    let now_ms = world.now_ms;
    let always = PLAN.replace("type = \"status_code\"", "type = \"always_sample\"");
    let always = always.replace("status_code = { status_codes = [\"ERROR\"] }\n", "");
    world.plans = plans(&always);
    let plans = world.plans.clone();
    world.running().folder.set_plans(plans, now_ms).unwrap();
    world.send(1, &[(2, false)]);
    world.end();
    // The one that failed by the old plan, the one that came later by the new one.
    assert_eq!(world.kept[0].len(), 2);
    assert_eq!(world.kept[0], world.kept[1]);
}

#[test]
fn a_process_that_does_not_come_back_leaves_nothing_waiting() {
    let mut world = World::new(PLAN);
    world.send(0, &[(0, true), (1, false)]);
    let now_ms = world.now_ms;
    world.running().folder.finish(false, now_ms).unwrap();
    world.read(0, 10, true);
    assert!(world.kept[0].is_empty());
    world.running().folder.finish(true, now_ms).unwrap();
    world.read(0, 10, true);
    assert_eq!(world.kept[0].len(), 1);
}
