//! Segments of the journal: whatever is on disk, the journal opens, reads what is whole, tells
//! what is not, and takes what comes next.
#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use cordon_event::{Batch, Entry, Event, EventId, Region, TenantId, packed};
use cordon_journal::{Cursor, FreshKey, Journal, KeyError, Limits, SegmentKeys};
use cordon_redact::{Clean, OpenError, Opener, SealError, Sealer};
use libfuzzer_sys::fuzz_target;

/// Batches in the segment that inputs are made of.
const BATCHES: u64 = 3;
/// Frames that are read of one segment.
const FRAMES_MAX: usize = 10_000;

/// What it seals is what it is given: a changed byte is the reader's to refuse.
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

fn batch(number: u64) -> Option<Clean<Batch>> {
    let event = Event {
        body: "something happened".into(),
        ..Event::default()
    };
    let batch = Batch {
        tenant: TenantId::parse("acme").ok()?,
        region: Region::parse("eu").ok()?,
        request_mac: [7; 32],
        received_unix_ns: number,
        removed: Vec::new(),
        entries: vec![(EventId([1; 16]), Entry::Event(event))],
        facts: Vec::new(),
    };
    Clean::open(&Passing, b"", &packed::encode_batch(&batch)).ok()
}

fn open(dir: &Path) -> Journal {
    let limits = Limits {
        reserve_bytes: 0,
        ..Limits::default()
    };
    let opened = Journal::open(dir, Arc::new(Passing), limits, Cursor::default());
    opened.expect("a journal opens whatever is there").0
}

fn append(journal: &Journal, number: u64) {
    let batch = batch(number).expect("a batch");
    let ticket = journal.append(&batch).expect("a batch is taken");
    ticket.wait().expect("a batch is durable");
}

/// Numbers of the batches that can be read, and how many bytes were passed over.
fn read(journal: &Journal) -> (Vec<u64>, u64) {
    let mut reader = journal.reader(Cursor::default());
    let mut found = Vec::new();
    while let Some((_, batch)) = reader.next().expect("damage is no error") {
        found.push(batch.get().received_unix_ns);
        assert!(found.len() < FRAMES_MAX, "more frames than bytes");
    }
    (found, reader.skipped().damaged_bytes)
}

fn folder() -> tempfile::TempDir {
    // In memory where there is such a place: each input is a folder.
    let shared = Path::new("/dev/shm");
    let made = if shared.is_dir() {
        tempfile::tempdir_in(shared)
    } else {
        tempfile::tempdir()
    };
    made.expect("a folder")
}

static SEGMENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = folder();
    let journal = open(folder.path());
    (0..BATCHES).for_each(|number| append(&journal, number));
    drop(journal);
    std::fs::read(segment(folder.path())).expect("the segment")
});

fn segment(dir: &Path) -> std::path::PathBuf {
    let files = dir.read_dir().expect("a folder").filter_map(Result::ok);
    let mut paths = files.map(|file| file.path());
    let found = paths.find(|path| path.extension().is_some_and(|e| e == "seg"));
    found.unwrap_or_else(|| dir.join(format!("{:020}.seg", 1)))
}

fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = data.split_first() else {
        return;
    };
    // Bytes as they are, or a whole segment with some bytes changed and its end cut off.
    let bytes = if how % 2 == 0 {
        rest.to_vec()
    } else {
        let mut bytes = SEGMENT.clone();
        for change in rest.chunks_exact(3) {
            let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len();
            bytes[at] ^= change[2];
        }
        bytes.truncate(bytes.len() - usize::from(how / 2) % bytes.len());
        bytes
    };
    let folder = folder();
    std::fs::write(segment(folder.path()), &bytes).expect("write the segment");
    let journal = open(folder.path());
    let (before, _) = read(&journal);
    append(&journal, 77);
    let (after, damaged_bytes) = read(&journal);
    assert!(after.starts_with(&before), "what was read is read again");
    assert_eq!(after.last(), Some(&77), "what comes next is taken");
    assert!(
        damaged_bytes <= bytes.len() as u64,
        "more damage than bytes"
    );
    if bytes == *SEGMENT {
        assert_eq!(before, (0..BATCHES).collect::<Vec<_>>());
    }
});
