//! The journal as a whole: what was acknowledged is read back, whatever happens to the disk.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cordon_event::{Batch, Entry, Event, EventId, Region, TenantId, packed};
use cordon_redact::{Clean, OpenError, Opener, SealError, Sealer};
use cordon_vault::{Domain, Vault};
use proptest::prelude::*;

use crate::crc32c;
use crate::disk::{Directory, Disk, SegmentFile, segment_path, segments};
use crate::{Cursor, Error, FreshKey, Journal, KeyError, Limits, Recovery, SegmentKeys, Skipped};

/// Keyed and context-bound like the real seal, and no more than that.
struct ToyKey(u64);

impl ToyKey {
    fn tag(&self, context: &[u8], plain: &[u8]) -> [u8; 4] {
        let tag = crc32c::update(crc32c::update(0, &self.0.to_be_bytes()), context);
        crc32c::update(tag, plain).to_be_bytes()
    }
}

impl Sealer for ToyKey {
    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut sealed: Vec<u8> = plain.iter().map(|b| b ^ 0x5A).collect();
        sealed.extend_from_slice(&self.tag(context, plain));
        Ok(sealed)
    }
}

impl Opener for ToyKey {
    fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (body, tag) = sealed.split_last_chunk::<4>().ok_or(OpenError::Forged)?;
        let plain: Vec<u8> = body.iter().map(|b| b ^ 0x5A).collect();
        if self.tag(context, &plain) == *tag {
            Ok(plain)
        } else {
            Err(OpenError::Forged)
        }
    }
}

/// The counter of keys, and whether the keys are away.
#[derive(Default)]
struct ToyKeys(AtomicU64, AtomicBool);

impl SegmentKeys for ToyKeys {
    fn fresh(&self, tenant: &TenantId, _day: u32) -> Result<FreshKey, KeyError> {
        assert_ne!(tenant.as_str(), "poison");
        if tenant.as_str() == "unknown" {
            return Err(KeyError::Gone);
        }
        let key = self.0.fetch_add(1, Ordering::Relaxed);
        let wrapped = [&key.to_be_bytes(), tenant.as_str().as_bytes()].concat();
        Ok((Box::new(ToyKey(key)), wrapped))
    }

    fn unwrap(
        &self,
        tenant: &TenantId,
        wrapped: &[u8],
    ) -> Result<Box<dyn Opener + Send>, KeyError> {
        if self.1.load(Ordering::Relaxed) {
            return Err(KeyError::Unavailable);
        }
        let (key, owner) = wrapped.split_first_chunk::<8>().ok_or(KeyError::Gone)?;
        let ours = owner == tenant.as_str().as_bytes();
        if ours {
            Ok(Box::new(ToyKey(u64::from_be_bytes(*key))))
        } else {
            Err(KeyError::Gone)
        }
    }
}

/// Lets a test have clean data: what it "opens" is what it is given.
struct Passing;

impl Opener for Passing {
    fn open(&self, _context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(sealed.to_vec())
    }
}

fn batch_of(tenant: &str, n: u64, body: &str) -> Clean<Batch> {
    let mut mac = [0; 32];
    mac[..8].copy_from_slice(&n.to_be_bytes());
    let event = Event {
        body: body.into(),
        ..Event::default()
    };
    let batch = Batch {
        tenant: TenantId::parse(tenant).unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: mac,
        received_unix_ns: n,
        removed: vec![],
        entries: vec![(EventId([0; 16]), Entry::Event(event))],
        facts: Vec::new(),
    };
    Clean::open(&Passing, b"", &packed::encode_batch(&batch)).unwrap()
}

fn batch(n: u64) -> Clean<Batch> {
    batch_of(
        if n.is_multiple_of(2) { "acme" } else { "beta" },
        n,
        "something happened",
    )
}

fn limits() -> Limits {
    Limits {
        reserve_bytes: 1 << 12,
        probe_ms: 5,
        ..Limits::default()
    }
}

fn open(dir: &Path, limits: Limits, consumed: Cursor) -> (Journal, Recovery) {
    Journal::open(dir, Arc::new(ToyKeys::default()), limits, consumed).unwrap()
}

/// Numbers of the batches that can be read from `cursor` on, and where that ends.
fn read(journal: &Journal, cursor: Cursor) -> (Vec<u64>, Cursor) {
    let mut reader = journal.reader(cursor);
    let mut numbers = Vec::new();
    while let Some((at, batch)) = reader.next().unwrap() {
        assert_eq!(at, reader.position());
        numbers.push(batch.get().received_unix_ns);
    }
    (numbers, reader.position())
}

fn fill(dir: &Path, limits: Limits, numbers: std::ops::Range<u64>) {
    let (journal, _) = open(dir, limits, Cursor::default());
    for n in numbers {
        journal.append(&batch(n)).unwrap().wait().unwrap();
    }
}

#[test]
fn acknowledged_batches_are_read_back_in_order_across_restarts() {
    let dir = tempfile::tempdir().unwrap();
    for start in [0, 10, 20] {
        fill(dir.path(), limits(), start..start + 10);
    }
    let (journal, recovery) = open(dir.path(), limits(), Cursor::default());
    assert_eq!(
        recovery,
        Recovery {
            segments: 3,
            frames: 30,
            ..Recovery::default()
        }
    );
    assert_eq!(
        read(&journal, Cursor::default()).0,
        (0..30).collect::<Vec<_>>()
    );
}

#[test]
fn the_ticket_tells_where_the_batch_ends() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), limits(), Cursor::default());
    let ends: Vec<Cursor> = (0..4)
        .map(|n| journal.append(&batch(n)).unwrap().wait().unwrap())
        .collect();
    assert!(ends.is_sorted());
    assert_eq!(read(&journal, ends[1]).0, vec![2, 3]);
}

#[test]
fn segments_roll_and_are_trimmed_once_consumed() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        segment_bytes_max: 600,
        ..limits()
    };
    let (journal, _) = open(dir.path(), limits, Cursor::default());
    for n in 0..20 {
        journal.append(&batch(n)).unwrap().wait().unwrap();
    }
    let before = segments(dir.path()).unwrap().len();
    assert!(before > 3);
    let (numbers, end) = read(&journal, Cursor::default());
    assert_eq!(numbers.len(), 20);
    assert!(journal.trim(end).unwrap() >= before as u64 - 1);
    assert!(segments(dir.path()).unwrap().len() <= 1);
    journal.append(&batch(99)).unwrap().wait().unwrap();
    assert_eq!(read(&journal, end).0, vec![99]);
}

#[test]
fn a_lost_directory_does_not_make_new_batches_look_old() {
    let dir = tempfile::tempdir().unwrap();
    let consumed = Cursor {
        segment: 57,
        offset: 900,
    };
    let (journal, _) = open(dir.path(), limits(), consumed);
    journal.append(&batch(1)).unwrap().wait().unwrap();
    assert_eq!(read(&journal, consumed).0, vec![1]);
}

#[test]
fn a_number_that_the_next_start_would_not_find_acknowledges_nothing() {
    for (segment, is_taken) in [
        (Cursor::SEGMENT_MAX - 1, true),
        (Cursor::SEGMENT_MAX, false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let consumed = Cursor { segment, offset: 0 };
        let (journal, _) = open(dir.path(), limits(), consumed);
        let acknowledged = journal.append(&batch(1)).unwrap().wait().is_ok();
        assert_eq!(acknowledged, is_taken, "{segment}");
        drop(journal);
        let (_, recovery) = open(dir.path(), limits(), consumed);
        assert_eq!(recovery.frames, u64::from(is_taken), "{segment}");
    }
}

#[test]
fn a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_journal, _) = open(dir.path(), limits(), Cursor::default());
    let second = Journal::open(
        dir.path(),
        Arc::new(ToyKeys::default()),
        limits(),
        Cursor::default(),
    );
    assert_eq!(second.err(), Some(Error::Locked));
}

#[test]
fn a_waiting_reader_is_woken_by_an_append() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), limits(), Cursor::default());
    let mut reader = journal.reader(Cursor::default());
    assert!(!reader.wait(Duration::from_millis(1)));
    let follower = std::thread::spawn(move || {
        assert!(reader.wait(Duration::from_mins(1)));
        reader.next().unwrap().unwrap().1.get().received_unix_ns
    });
    journal.append(&batch(7)).unwrap().wait().unwrap();
    assert_eq!(follower.join().unwrap(), 7);
}

#[test]
fn a_missing_key_fails_its_own_ticket_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), limits(), Cursor::default());
    let good = journal.append(&batch(1)).unwrap();
    let bad = journal.append(&batch_of("unknown", 2, "x")).unwrap();
    let also_good = journal.append(&batch(3)).unwrap();
    assert!(good.wait().is_ok());
    assert_eq!(bad.wait(), Err(Error::Key));
    assert!(also_good.wait().is_ok());
    assert_eq!(read(&journal, Cursor::default()).0, vec![1, 3]);
}

#[test]
fn a_batch_larger_than_a_frame_is_refused_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        frame_bytes_max: 4_096,
        ..limits()
    };
    let (journal, _) = open(dir.path(), limits, Cursor::default());
    let refused = journal
        .append(&batch_of("acme", 1, &"x".repeat(5_000)))
        .unwrap_err();
    assert!(matches!(refused, Error::TooLarge { .. }) && !refused.is_retryable());
}

#[test]
fn nothing_readable_lies_in_a_segment() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), limits(), 0..3);
    let bytes = fs::read(segment_path(dir.path(), 1)).unwrap();
    assert!(!bytes.windows(9).any(|w| w == b"something"));
}

#[test]
fn a_frame_moved_to_another_place_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), limits(), 0..1);
    let frame = fs::read(segment_path(dir.path(), 1)).unwrap();
    fs::write(
        segment_path(dir.path(), 1),
        [&frame[..], &frame[..]].concat(),
    )
    .unwrap();
    let (journal, recovery) = open(dir.path(), limits(), Cursor::default());
    assert_eq!(recovery.frames, 2);
    let mut reader = journal.reader(Cursor::default());
    assert!(reader.next().unwrap().is_some());
    assert!(reader.next().unwrap().is_none());
    assert_eq!(reader.skipped().unopened, 1);
}

#[test]
fn a_cut_at_every_byte_keeps_what_was_acknowledged_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), limits(), Cursor::default());
    let ends: Vec<u64> = (0..4)
        .map(|n| journal.append(&batch(n)).unwrap().wait().unwrap().offset)
        .collect();
    drop(journal);
    let whole = fs::read(segment_path(dir.path(), 1)).unwrap();
    assert_eq!(whole.len() as u64, ends[3]);
    // From the start of the second last frame on: a torn write after each of its bytes.
    for cut in ends[1]..=ends[3] {
        let torn = tempfile::tempdir().unwrap();
        fs::write(segment_path(torn.path(), 1), &whole[..cut as usize]).unwrap();
        let (journal, recovery) = open(torn.path(), limits(), Cursor::default());
        let kept = ends.iter().filter(|end| **end <= cut).count() as u64;
        assert_eq!(recovery.frames, kept, "cut at {cut}");
        journal.append(&batch(100)).unwrap().wait().unwrap();
        let expected: Vec<u64> = (0..kept).chain([100]).collect();
        assert_eq!(
            read(&journal, Cursor::default()).0,
            expected,
            "cut at {cut}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damage_costs_only_the_frames_it_hits_and_is_kept_sealed(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 0..5),
        cut in any::<prop::sample::Index>(),
        do_cut in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = open(dir.path(), limits(), Cursor::default());
        let ends: Vec<usize> = (0..8)
            .map(|n| journal.append(&batch(n)).unwrap().wait().unwrap().offset as usize)
            .collect();
        drop(journal);
        let path = segment_path(dir.path(), 1);
        let before = fs::read(&path).unwrap();
        let mut after = before.clone();
        for (index, bit) in flips {
            let at = index.index(after.len());
            after[at] ^= 1 << bit;
        }
        if do_cut {
            after.truncate(cut.index(after.len()));
        }
        fs::write(&path, &after).unwrap();
        let start = |n: usize| if n == 0 { 0 } else { ends[n - 1] };
        let intact = |n: usize| {
            after.len() >= ends[n] && after[start(n)..ends[n]] == before[start(n)..ends[n]]
        };
        let expected: Vec<u64> = (0..8).filter(|n| intact(*n)).map(|n| n as u64).collect();

        let (journal, recovery) = open(dir.path(), limits(), Cursor::default());
        prop_assert_eq!(recovery.frames, expected.len() as u64);
        prop_assert_eq!(&read(&journal, Cursor::default()).0, &expected);
        let kept: u64 = fs::read_dir(dir.path().join("lost-and-found"))
            .map_or(0, |d| d.map(|e| e.unwrap().metadata().unwrap().len()).sum());
        prop_assert_eq!(kept, recovery.damaged_bytes);
        journal.append(&batch(50)).unwrap().wait().unwrap();
        prop_assert!(read(&journal, Cursor::default()).0.ends_with(&[50]));
    }

    #[test]
    fn no_file_content_keeps_it_from_starting(
        content in prop::collection::vec(any::<u8>(), 0..300),
        name in prop_oneof![
            Just("00000000000000000001.seg"), Just("00000000000000000009.seg"),
            Just("1.seg"), Just("x.seg"), Just("reserve"), Just("lock"),
            Just("99999999999999999999.seg"),
            Just("18446744073709551615.seg"), Just("lost-and-found"),
        ],
    ) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), &content).unwrap();
        let (journal, _) = open(dir.path(), limits(), Cursor::default());
        journal.append(&batch(1)).unwrap().wait().unwrap();
        prop_assert_eq!(read(&journal, Cursor::default()).0, vec![1]);
    }
}

/// Which operations fail from now on.
#[derive(Default)]
struct Faults {
    append: Option<io::ErrorKind>,
    sync: Option<io::ErrorKind>,
    create: Option<io::ErrorKind>,
    reserve: Option<io::ErrorKind>,
    /// Whether giving up the reserve makes room again.
    reserve_helps: bool,
    syncs: BTreeSet<u64>,
    synced_after_failure: bool,
    failed: BTreeSet<u64>,
}

struct FaultyDisk(Directory, Arc<Mutex<Faults>>);
struct FaultyFile(Box<dyn SegmentFile>, u64, Arc<Mutex<Faults>>);

fn fail(kind: Option<io::ErrorKind>) -> io::Result<()> {
    kind.map_or(Ok(()), |kind| Err(kind.into()))
}

impl Disk for FaultyDisk {
    fn create(&mut self, segment: u64) -> io::Result<Box<dyn SegmentFile>> {
        fail(self.1.lock().unwrap().create)?;
        let file = self.0.create(segment)?;
        Ok(Box::new(FaultyFile(file, segment, Arc::clone(&self.1))))
    }

    fn take_reserve(&mut self) -> io::Result<()> {
        fail(self.1.lock().unwrap().reserve)?;
        self.0.take_reserve()
    }

    fn release_reserve(&mut self) {
        let mut faults = self.1.lock().unwrap();
        if faults.reserve_helps {
            faults.append = None;
        }
        self.0.release_reserve();
    }
}

impl SegmentFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(kind) = self.2.lock().unwrap().append {
            // A full disk takes a part.
            self.0.append(&bytes[..bytes.len() / 2])?;
            return Err(kind.into());
        }
        self.0.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut faults = self.2.lock().unwrap();
        faults.synced_after_failure |= faults.failed.contains(&self.1);
        if let Some(kind) = faults.sync {
            faults.failed.insert(self.1);
            return Err(kind.into());
        }
        faults.syncs.insert(self.1);
        self.0.sync()
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.0.truncate(len)
    }
}

fn faulty(dir: &Path) -> (Journal, Arc<Mutex<Faults>>) {
    let faults = Arc::new(Mutex::new(Faults::default()));
    let directory = Directory {
        path: dir.to_owned(),
        reserve_bytes: 4_096,
    };
    let disk = Box::new(FaultyDisk(directory, Arc::clone(&faults)));
    let keys = Arc::new(ToyKeys::default());
    let (journal, _) = Journal::open_on(disk, dir, keys, limits(), Cursor::default()).unwrap();
    (journal, faults)
}

/// Appends until the journal admits again; bounded by the test's own patience of 60 s.
fn append_when_ready(journal: &Journal, n: u64) -> Cursor {
    let mut left = 60_000;
    loop {
        match journal.append(&batch(n)) {
            Ok(ticket) => return ticket.wait().unwrap(),
            Err(Error::NotReady { .. }) if left > 0 => {
                left -= 1;
                // Nothing to wait on but the writer's own probe.
                journal
                    .reader(Cursor {
                        segment: u64::MAX,
                        offset: 0,
                    })
                    .wait(Duration::from_millis(1));
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_failed_sync_gives_the_segment_up_and_is_not_retried() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, faults) = faulty(dir.path());
    let first = journal.append(&batch(1)).unwrap().wait().unwrap();
    faults.lock().unwrap().sync = Some(io::ErrorKind::Other);
    let failed = journal.append(&batch(2)).unwrap().wait();
    assert_eq!(failed, Err(Error::Write(io::ErrorKind::Other)));
    faults.lock().unwrap().sync = None;
    let third = append_when_ready(&journal, 3);
    assert!(third.segment > first.segment);
    assert!(!faults.lock().unwrap().synced_after_failure);
    assert_eq!(read(&journal, Cursor::default()).0, vec![1, 3]);
    assert_eq!(journal.status().disk_errors, 1);
}

#[test]
fn a_full_disk_takes_what_was_admitted_then_refuses_then_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, faults) = faulty(dir.path());
    journal.append(&batch(1)).unwrap().wait().unwrap();
    *faults.lock().unwrap() = Faults {
        append: Some(io::ErrorKind::StorageFull),
        reserve: Some(io::ErrorKind::StorageFull),
        reserve_helps: true,
        ..Faults::default()
    };
    journal.append(&batch(2)).unwrap().wait().unwrap();
    assert!(matches!(
        journal.append(&batch(3)),
        Err(Error::NotReady { .. })
    ));
    assert!(!journal.status().ready);
    faults.lock().unwrap().reserve = None;
    append_when_ready(&journal, 4);
    drop(journal);
    let (journal, recovery) = open(dir.path(), limits(), Cursor::default());
    assert_eq!(recovery.damaged, 0);
    assert_eq!(read(&journal, Cursor::default()).0, vec![1, 2, 4]);
}

#[test]
fn a_disk_that_takes_nothing_acknowledges_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, faults) = faulty(dir.path());
    faults.lock().unwrap().create = Some(io::ErrorKind::StorageFull);
    let failed = journal.append(&batch(1)).unwrap().wait();
    assert_eq!(failed, Err(Error::Write(io::ErrorKind::StorageFull)));
    faults.lock().unwrap().create = None;
    append_when_ready(&journal, 2);
    assert_eq!(read(&journal, Cursor::default()).0, vec![2]);
}

#[test]
fn waiting_appends_share_a_sync_and_the_queue_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, faults) = faulty(dir.path());
    journal.append(&batch(0)).unwrap().wait().unwrap();
    let (mut tickets, mut refused) = (Vec::new(), None);
    {
        // While this is held the writer is stuck in its first write, and the queue fills.
        let _stuck = faults.lock().unwrap();
        for n in 1..=limits().queue_count_max as u64 * 2 {
            match journal.append(&batch(n)) {
                Ok(ticket) => tickets.push(ticket),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
    }
    assert!(matches!(refused, Some(Error::Full { .. })));
    let admitted = tickets.len() as u64;
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    let status = journal.status();
    assert_eq!(status.batches, admitted + 1);
    assert!(
        status.commits <= 4,
        "{} commits for {admitted} batches",
        status.commits
    );
}

#[test]
fn keys_that_are_away_stop_the_reader_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Arc::new(ToyKeys::default());
    let (journal, _) =
        Journal::open(dir.path(), keys.clone(), limits(), Cursor::default()).unwrap();
    journal.append(&batch(1)).unwrap().wait().unwrap();
    let mut reader = journal.reader(Cursor::default());
    keys.1.store(true, Ordering::Relaxed);
    assert_eq!(reader.next().err(), Some(Error::KeyUnavailable));
    assert_eq!(reader.skipped(), Skipped::default());
    keys.1.store(false, Ordering::Relaxed);
    assert_eq!(reader.next().unwrap().unwrap().1.get().received_unix_ns, 1);
}

#[test]
fn destroying_a_day_makes_its_frames_unreadable_and_only_those() {
    const DAY_NS: u64 = 86_400_000_000_000;
    let dir = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::open(&dir.path().join("keys")).unwrap());
    vault
        .create_tenant(
            &TenantId::parse("acme").unwrap(),
            &Region::parse("eu").unwrap(),
        )
        .unwrap();
    let path = dir.path().join("journal");
    let (journal, _) = Journal::open(&path, vault.clone(), limits(), Cursor::default()).unwrap();
    for n in 0..6 {
        journal
            .append(&batch_of("acme", n * DAY_NS, "x"))
            .unwrap()
            .wait()
            .unwrap();
    }
    drop(journal);
    vault.destroy_days_before(Domain::Journal, 4).unwrap();
    let (journal, _) = Journal::open(&path, vault.clone(), limits(), Cursor::default()).unwrap();
    let mut reader = journal.reader(Cursor::default());
    let mut days = Vec::new();
    while let Some((_, batch)) = reader.next().unwrap() {
        days.push(batch.get().received_unix_ns / DAY_NS);
    }
    assert_eq!(days, [4, 5]);
    assert_eq!(reader.skipped().unopened, 4);
    // A day whose keys are gone takes nothing more; other days do.
    assert_eq!(
        journal.append(&batch_of("acme", 0, "x")).unwrap().wait(),
        Err(Error::Key)
    );
    assert!(
        journal
            .append(&batch_of("acme", 6 * DAY_NS, "x"))
            .unwrap()
            .wait()
            .is_ok()
    );
}

#[test]
fn a_writer_that_dies_leaves_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), limits(), Cursor::default());
    journal.append(&batch(1)).unwrap().wait().unwrap();
    let poison = journal.append(&batch_of("poison", 2, "x")).unwrap();
    let behind = journal.append(&batch(3));
    assert_eq!(poison.wait(), Err(Error::Closed));
    if let Ok(ticket) = behind {
        assert_eq!(ticket.wait(), Err(Error::Closed));
    }
    assert_eq!(read(&journal, Cursor::default()).0, vec![1]);
    drop(journal);
    assert_eq!(open(dir.path(), limits(), Cursor::default()).1.frames, 1);
}

#[test]
fn a_follower_reads_beside_the_writer_what_comes_after_it_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let small = Limits {
        segment_bytes_max: 600,
        ..limits()
    };
    let (journal, _) = open(dir.path(), small, Cursor::default());
    let put = |n| {
        journal.append(&batch(n)).unwrap().wait().unwrap();
    };
    (0..5).for_each(put);
    let acme = || TenantId::parse("acme").unwrap();
    let keys = || Arc::new(ToyKeys::default());
    let mut follower = crate::Follower::at_end(dir.path(), keys(), acme()).unwrap();
    let next = |follower: &mut crate::Follower| {
        let batch = follower.next().unwrap();
        batch.map(|batch| batch.get().received_unix_ns)
    };
    assert_eq!(next(&mut follower), None);
    put(5);
    put(6);
    assert_eq!(next(&mut follower), Some(6));
    let (_, end) = read(&journal, Cursor::default());
    (7..40).for_each(put);
    // What was consumed is deleted; the segment that is open here is read to its end.
    journal.trim(end).unwrap();
    let seen: Vec<u64> = std::iter::from_fn(|| next(&mut follower)).collect();
    assert_eq!(seen, (8..40).step_by(2).collect::<Vec<u64>>());
    assert_eq!(follower.unopened(), 0);
    // Half a frame is waited for, and damage before a whole one is passed over.
    let before = segments(dir.path()).unwrap();
    drop(journal);
    let (newest, len) = *before.last().unwrap();
    let path = segment_path(dir.path(), newest);
    let whole = fs::read(&path).unwrap();
    let mut late = crate::Follower::at_end(dir.path(), keys(), acme()).unwrap();
    fs::write(&path, [&whole[..], &whole[..20]].concat()).unwrap();
    assert_eq!(next(&mut late), None);
    assert_eq!(
        segments(dir.path()).unwrap().last(),
        Some(&(newest, len + 20))
    );
}
