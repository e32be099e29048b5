//! Files as programs and log rotation leave them, read with a clock that is turned by hand.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Mutex;

use cordon_event::{Region, TenantId};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::admit::{BoxFuture, Readiness};

/// What a test writes where reading is to panic.
const HARM: &str = "harmful on purpose";

pub(super) fn is_harmful(bytes: &[u8]) -> bool {
    bytes
        .windows(HARM.len())
        .any(|part| part == HARM.as_bytes())
}

/// A folder of logs, a reader of it, and what is behind: it knows parts that it has already.
struct World {
    folder: tempfile::TempDir,
    pattern: String,
    tail: Option<Tail>,
    start_at: StartAt,
    limits: TailLimits,
    now_ms: u64,
    seen: BTreeSet<Vec<u8>>,
    stored: Vec<String>,
}

impl World {
    fn new(pattern: &str, start_at: StartAt) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        Self {
            pattern: folder
                .path()
                .join("logs")
                .join(pattern)
                .display()
                .to_string(),
            folder,
            tail: None,
            start_at,
            limits: TailLimits {
                scan_ms: 0,
                ..TailLimits::default()
            },
            now_ms: 0,
            seen: BTreeSet::new(),
            stored: Vec::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut options = OpenOptions::new();
        let mut file = options
            .append(true)
            .create(true)
            .open(self.path(name))
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn tail(&mut self) -> &mut Tail {
        let state = self.folder.path().join("state");
        let watch = Watch {
            paths: vec![self.pattern.clone()],
            who: Principal {
                tenant: TenantId::parse("acme").unwrap(),
                region: Region::parse("eu").unwrap(),
            },
            format: SourceFormat::Auto,
            start_at: self.start_at,
            service: Some("shop".to_owned()),
            zone_offset_s: 0,
        };
        let limits = self.limits;
        self.tail.get_or_insert_with(|| {
            let key: PartKey = Arc::new(|_, part| Some(Sha256::digest(part).into()));
            Tail::open(&state, vec![watch], limits, key).unwrap()
        })
    }

    fn next(&mut self) -> Option<TailBatch> {
        let moment = Moment {
            now_ms: self.now_ms,
            unix_ns: 0,
        };
        self.tail().next_batch(moment).unwrap()
    }

    /// What is behind takes a part in; one that it has already it lets go.
    fn admit(&mut self, batch: &TailBatch) {
        if self.seen.insert(batch.identity.clone()) {
            for event in batch.events.expose_raw() {
                assert_eq!(event.service(), "shop");
                self.stored
                    .push(event.body.as_str().unwrap_or("?").to_owned());
            }
        }
    }

    /// Reads all that is ripe.
    fn read(&mut self) {
        while let Some(batch) = self.next() {
            self.admit(&batch);
            self.tail().durable(batch.place).unwrap();
        }
    }

    /// Reads, waits until all is ripe, and reads.
    fn settle(&mut self) {
        self.read();
        self.now_ms += self.limits.partial_ms_max + 1;
        self.read();
        self.now_ms += self.limits.partial_ms_max + 1;
        self.read();
    }

    /// The process ends without a word.
    fn crash(&mut self) {
        self.tail = None;
    }

    fn check(&mut self, expect: &[&str]) {
        self.settle();
        assert_eq!(self.stored, expect);
    }
}

#[test]
fn lines_are_read_once_also_after_a_restart() {
    let mut world = World::new("*.log", StartAt::Beginning);
    world.append("a.log", "one\ntwo\n");
    world.check(&["one", "two"]);
    world.crash();
    world.append("a.log", "three\n");
    world.check(&["one", "two", "three"]);
}

#[test]
fn what_was_there_before_is_left_where_it_is_to_begin_at_the_end() {
    let mut world = World::new("*.log", StartAt::End);
    world.append("a.log", "old\nhalf of");
    world.read();
    world.append("a.log", " a line\nnew\n");
    world.append("b.log", "all of it\n");
    world.settle();
    world.stored.sort();
    world.check(&["all of it", "new"]);
    // A file that is known goes on, wherever it is to begin.
    world.crash();
    world.append("a.log", "later\n");
    world.check(&["all of it", "new", "later"]);
}

#[test]
fn a_line_waits_for_its_end() {
    let mut world = World::new("*.log", StartAt::Beginning);
    world.append("a.log", "one\ntw");
    world.check(&["one"]);
    world.append("a.log", "o\n");
    world.check(&["one", "two"]);
}

#[test]
fn a_trace_is_one_event_however_slowly_it_is_written() {
    let mut world = World::new("*.log", StartAt::Beginning);
    world.append("a.log", "plain\nTraceback (most recent call last):\n");
    world.read();
    assert_eq!(world.stored, ["plain"]);
    world.now_ms += 400;
    world.append("a.log", "  File \"a.py\", line 1, in f\n");
    world.read();
    world.now_ms += 400;
    world.append("a.log", "ValueError: x\n");
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: x";
    world.check(&["plain", trace]);
}

#[test]
fn a_file_that_was_renamed_is_read_to_its_end() {
    let mut world = World::new("a.log", StartAt::Beginning);
    world.append("a.log", "one\n");
    world.read();
    world.append("a.log", "two\nno end");
    fs::rename(world.path("a.log"), world.path("a.log.1")).unwrap();
    world.append("a.log", "three\n");
    world.settle();
    world.append("a.log.1", "late\n");
    world.settle();
    world.stored.sort();
    // The last line had waited long enough; what the writer added is a line of its own.
    world.check(&["late", "no end", "one", "three", "two"]);
}

#[test]
fn a_file_that_was_renamed_while_nobody_looked_is_read_to_its_end() {
    let mut world = World::new("a.log", StartAt::End);
    world.append("a.log", "");
    world.read();
    world.append("a.log", "one\n");
    world.settle();
    world.crash();
    world.append("a.log", "two\n");
    fs::rename(world.path("a.log"), world.path("a.log.1")).unwrap();
    world.append("a.log", "three\n");
    world.settle();
    world.stored.sort();
    world.check(&["one", "three", "two"]);
}

#[test]
fn a_file_that_was_deleted_is_read_to_its_end() {
    let mut world = World::new("a.log", StartAt::Beginning);
    world.append("a.log", "one\n");
    world.read();
    world.append("a.log", "two\nlast");
    fs::remove_file(world.path("a.log")).unwrap();
    world.check(&["one", "two", "last"]);
    world.append("a.log", "again\n");
    world.check(&["one", "two", "last", "again"]);
}

#[test]
fn a_file_that_was_truncated_is_read_from_its_beginning() {
    let mut world = World::new("a.log", StartAt::Beginning);
    world.append("a.log", "one\ntwo\n");
    world.settle();
    fs::write(world.path("a.log"), "three\n").unwrap();
    world.check(&["one", "two", "three"]);
    // Written anew to more than it held.
    fs::write(world.path("a.log"), "four\nfive\nsix\n").unwrap();
    world.check(&["one", "two", "three", "four", "five", "six"]);
}

#[test]
fn a_file_that_begins_as_it_began_before_is_read_again() {
    let mut world = World::new("a.log", StartAt::Beginning);
    world.append("a.log", "one\ntwo\n");
    world.settle();
    for _ in 0..2 {
        fs::write(world.path("a.log"), "").unwrap();
        world.settle();
        world.append("a.log", "one\ntwo\n");
        world.settle();
        world.crash();
    }
    world.check(&["one", "two", "one", "two", "one", "two"]);
}

/// What is stored of a file that was read; its path stood in hex at first.
#[test]
fn no_path_is_stored() {
    let mut world = World::new("a.log*", StartAt::Beginning);
    world.append("a.log", "one\n");
    world.settle();
    world.crash();
    let at = world.folder.path().join("state").join("offsets");
    let read = || fs::read_to_string(&at).unwrap();
    let path = world.path("a.log").display().to_string();
    let hex = data_encoding::HEXLOWER.encode(path.as_bytes());
    let new = read();
    assert!(!new.contains(&path) && !new.contains(&hex));
    // As the first version wrote it, with a part begun.
    let line = new.lines().nth(1).unwrap();
    let words: Vec<&str> = line.split(' ').take(9).collect();
    let old = format!("cordon-offsets 1\n{} {hex}\n", words.join(" "));
    let sum = data_encoding::HEXLOWER.encode(&Sha256::digest(old.as_bytes()));
    fs::write(&at, format!("{old}sum {sum}\n")).unwrap();
    fs::rename(world.path("a.log"), world.path("a.log.1")).unwrap();
    world.append("a.log.1", "two\n");
    world.append("a.log", "three\n");
    world.settle();
    world.stored.sort();
    world.check(&["one", "three", "two"]);
    assert!(read().starts_with("cordon-offsets 2 ") && !read().contains(&hex));
}

#[test]
fn a_renamed_file_is_found_by_the_patterns_that_knew_it() {
    let mut world = World::new("a.log", StartAt::Beginning);
    world.append("a.log", "one\n");
    world.settle();
    world.crash();
    fs::rename(world.path("a.log"), world.path("a.log.1")).unwrap();
    world.append("a.log.1", "two\n");
    // The configuration names other files of the same folder now.
    world.pattern = world.path("b.log").display().to_string();
    world.check(&["one", "two"]);
}

#[test]
fn a_copy_that_was_made_to_truncate_is_not_read_again() {
    let mut world = World::new("a.log*", StartAt::Beginning);
    world.append("a.log", "one\ntwo\n");
    world.settle();
    world.append("a.log", "not read yet\n");
    fs::copy(world.path("a.log"), world.path("a.log.1")).unwrap();
    fs::write(world.path("a.log"), "three\n").unwrap();
    world.settle();
    world.stored.sort();
    world.check(&["not read yet", "one", "three", "two"]);
}

#[test]
fn an_inode_that_is_used_again_is_another_file() {
    let mut world = World::new("a.log", StartAt::Beginning);
    world.append("a.log", "same length\n");
    world.settle();
    world.crash();
    // The same inode, as if it had been freed and given again.
    fs::write(world.path("a.log"), "another one\n").unwrap();
    world.check(&["same length", "another one"]);
}

#[test]
fn compressed_files_are_left_alone() {
    let mut world = World::new("*", StartAt::Beginning);
    world.append("a.log.1.gz", "x\n");
    fs::write(world.path("b.log"), b"\x1f\x8b\x08\x00\n").unwrap();
    world.append("c.log", "one\n");
    world.check(&["one"]);
}

#[test]
fn a_line_too_long_is_cut_and_said_so() {
    let mut world = World::new("*.log", StartAt::Beginning);
    let long = "word ".repeat(2 * LINE_BYTES_MAX / 5);
    world.append("a.log", &format!("{long}\nnext\n"));
    world.settle();
    assert_eq!(world.stored.len(), 2);
    assert_eq!(world.stored[0].len(), LINE_BYTES_MAX / 5 * 5);
    assert_eq!(world.stored[1], "next");
}

#[test]
fn a_crash_between_taking_and_noting_stores_nothing_twice() {
    for is_taken in [false, true] {
        let mut world = World::new("*.log", StartAt::Beginning);
        world.append("a.log", "one\ntwo\n");
        let _ = world.next();
        world.now_ms += 501;
        let batch = world.next().unwrap();
        if is_taken {
            world.admit(&batch);
        }
        world.crash();
        // More has come; what was begun is read again to the byte.
        world.append("a.log", "three\n");
        let again = world.next().unwrap();
        assert_eq!(again.identity, batch.identity);
        world.admit(&again);
        world.tail().durable(again.place).unwrap();
        world.check(&["one", "two", "three"]);
    }
}

#[test]
fn damaged_offsets_are_set_aside() {
    let mut world = World::new("*.log", StartAt::End);
    world.append("a.log", "one\n");
    world.settle();
    world.crash();
    fs::write(
        world.folder.path().join("state").join("offsets"),
        "nonsense",
    )
    .unwrap();
    assert!(world.tail().was_damaged());
    world.read();
    world.append("a.log", "two\n");
    world.check(&["two"]);
}

#[test]
fn files_take_turns() {
    let mut world = World::new("*.log", StartAt::Beginning);
    world.limits.lines_count_max = 2;
    for name in ["a.log", "b.log"] {
        world.append(name, &format!("{name} line\n").repeat(6));
    }
    world.settle();
    let runs = world.stored.chunk_by(|a, b| a == b);
    assert!(runs.clone().all(|run| run.len() <= 4), "{:?}", world.stored);
    assert_eq!(world.stored.len(), 12);
}

impl World {
    /// Counts there; gives what is told.
    fn watched(&mut self) -> (Arc<FileCounts>, Arc<Mutex<Vec<FileNotice>>>) {
        let (counts, told) = (
            Arc::<FileCounts>::default(),
            Arc::<Mutex<Vec<_>>>::default(),
        );
        self.tail();
        let notices = Arc::clone(&told);
        let tail = self.tail.take().map(|tail| {
            let notices: FileNotices = Arc::new(move |notice| notices.lock().unwrap().push(notice));
            tail.watched(Arc::clone(&counts), notices)
        });
        self.tail = tail;
        (counts, told)
    }
}

fn count(counts: &FileCounts, name: &str) -> u64 {
    let mut text = String::new();
    counts.render(&mut text);
    let name = format!("cordon_receive_files_{name} ");
    let found = text.lines().find_map(|line| line.strip_prefix(&name));
    found.unwrap_or_else(|| panic!("{name}")).parse().unwrap()
}

#[test]
fn a_line_that_makes_reading_panic_is_skipped_alone() {
    let mut world = World::new("*.log", StartAt::Beginning);
    let (counts, told) = world.watched();
    world.append("a.log", &format!("one\ntwo\n{HARM}\nthree\nfour\n"));
    world.append("b.log", "other\n");
    // Each attempt is a look of its own.
    for _ in 0..32 {
        world.now_ms += 501;
        world.read();
    }
    world.stored.sort();
    world.check(&["four", "one", "other", "three", "two"]);
    assert_eq!(told.lock().unwrap().as_slice(), [FileNotice::LineSkipped]);
    let skipped = count(&counts, "skipped_bytes_total{reason=\"internal\"}");
    assert_eq!(skipped, HARM.len() as u64 + 1);
    assert_eq!(count(&counts, "events_total"), 5);
    assert_eq!(count(&counts, "bytes_total"), 25);
    // Nor is it read again after a restart.
    world.crash();
    world.append("a.log", "five\n");
    world.check(&["four", "one", "other", "three", "two", "five"]);
}

#[test]
fn a_part_that_harms_what_is_behind_is_halved() {
    let mut world = World::new("*.log", StartAt::Beginning);
    let (counts, _) = world.watched();
    world.append("a.log", "one\npoison\ntwo\n");
    for _ in 0..16 {
        world.now_ms += 501;
        while let Some(batch) = world.next() {
            let poison = |event: &Event| event.body == cordon_event::Value::from("poison");
            if batch.events.expose_raw().iter().any(poison) {
                world.tail().harmed(batch.place).unwrap();
            } else {
                world.admit(&batch);
                world.tail().durable(batch.place).unwrap();
            }
        }
    }
    world.check(&["one", "two"]);
    assert_eq!(
        count(&counts, "skipped_bytes_total{reason=\"internal\"}"),
        7
    );
}

/// Panics at what is harmful; tells of every other body.
struct Behind(tokio::sync::mpsc::UnboundedSender<String>);

impl Admit for Behind {
    fn authenticate(&self, _: &str) -> Result<Option<Principal>, AdmitError> {
        Ok(None)
    }

    fn admit<'a>(
        &'a self,
        _: &'a Principal,
        _: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        let bodies = events.expose_raw().iter();
        let bodies: Vec<String> = bodies
            .map(|event| event.body.as_str().unwrap_or("?").to_owned())
            .collect();
        assert!(!bodies.contains(&"panic".to_owned()), "on purpose");
        if bodies.contains(&"poison".to_owned()) {
            return Box::pin(async { Err(AdmitError::Poisoned) });
        }
        for body in bodies {
            let _told = self.0.send(body);
        }
        Box::pin(async { Ok(()) })
    }

    fn ready(&self) -> Readiness {
        Readiness::Ready
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

#[tokio::test]
async fn files_are_followed_past_what_does_harm() {
    let mut world = World::new("*.log", StartAt::Beginning);
    (world.limits.poll_ms, world.limits.quiet_ms_max) = (1, 0);
    for name in ["a", "b"] {
        let text = format!("{name}1\npanic\n{name}2\npoison\n{HARM}\n{name}3\n");
        world.append(&format!("{name}.log"), &text);
    }
    let (counts, _) = world.watched();
    let tail = world.tail.take().unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let mut bodies = Vec::new();
    let all = async {
        while bodies.len() < 6 {
            bodies.push(told.recv().await.unwrap());
        }
    };
    follow(tail, Arc::new(Behind(tell)), || 0, all)
        .await
        .unwrap();
    bodies.sort();
    assert_eq!(bodies, ["a1", "a2", "a3", "b1", "b2", "b3"]);
    // The last of them may be on its way.
    assert!(count(&counts, "errors_total{reason=\"internal\"}") >= 6);
}

#[test]
fn what_is_not_followed_is_counted_and_its_limit_told_once() {
    let mut world = World::new("*", StartAt::Beginning);
    world.limits.files_count_max = 1;
    let (counts, told) = world.watched();
    world.append("a.log.gz", "x\n");
    for name in ["b.log", "c.log", "d.tmp"] {
        world.append(name, "x\n");
    }
    world.settle();
    assert_eq!(count(&counts, "followed"), 1);
    assert_eq!(count(&counts, "refused{reason=\"limit\"}"), 2);
    assert_eq!(count(&counts, "refused{reason=\"compressed\"}"), 1);
    fs::remove_file(world.path("c.log")).unwrap();
    fs::remove_file(world.path("d.tmp")).unwrap();
    world.settle();
    assert_eq!(count(&counts, "refused{reason=\"limit\"}"), 0);
    let expect = [FileNotice::LimitReached, FileNotice::LimitLeft];
    assert_eq!(told.lock().unwrap().as_slice(), expect);
}

#[test]
fn offsets_that_cannot_be_stored_are_told_once() {
    let mut world = World::new("*.log", StartAt::Beginning);
    let (counts, told) = world.watched();
    world.append("a.log", "one\n");
    let (state, aside) = (
        world.folder.path().join("state"),
        world.folder.path().join("aside"),
    );
    fs::rename(&state, &aside).unwrap();
    let moment = |now_ms| Moment { now_ms, unix_ns: 0 };
    for now_ms in [1_000, 2_000, 3_000] {
        assert!(world.tail().next_batch(moment(now_ms)).is_err());
    }
    assert_eq!(count(&counts, "errors_total{reason=\"offsets\"}"), 3);
    fs::rename(&aside, &state).unwrap();
    world.now_ms = 4_000;
    world.check(&["one"]);
    let expect = [FileNotice::OffsetsFail, FileNotice::OffsetsStored];
    assert_eq!(told.lock().unwrap().as_slice(), expect);
}

#[test]
fn a_report_that_never_ends_is_held_for_a_while_only() {
    let mut world = World::new("*.log", StartAt::Beginning);
    world.append("a.log", "Traceback (most recent call last):\n");
    for _ in 0..8 {
        world.append("a.log", "  File \"a.py\", line 1, in f\n");
        world.read();
        world.now_ms += 100;
    }
    assert!(!world.stored.is_empty());
}

#[test]
fn a_line_that_names_another_tenant_is_left_out_and_counted() {
    let mut world = World::new("*.log", StartAt::Beginning);
    let (counts, _) = world.watched();
    let line = |tenant: &str, message: &str| {
        format!(
            "{{\"schema\":\"cordon.log/1\",\"tenant_id\":\"{tenant}\",\"message\":\"{message}\"}}\n"
        )
    };
    world.append("a.log", &line("acme", "own"));
    world.append("a.log", &line("other", "strange"));
    world.append("b.log", &line("other", "strange"));
    world.check(&["own"]);
    assert_eq!(
        count(&counts, "lost_records_total{reason=\"other_tenant\"}"),
        2
    );
}

#[derive(Clone, Debug)]
enum Act {
    Append(u8),
    Half,
    Rename,
    Read,
    Take,
    Crash,
    Wait,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_u8..5).prop_map(Act::Append),
        1 => Just(Act::Half),
        1 => Just(Act::Rename),
        3 => Just(Act::Read),
        2 => Just(Act::Take),
        2 => Just(Act::Crash),
        2 => Just(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever happens in whatever order, every line is stored once.
    #[test]
    fn every_line_once(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = World::new("a.log*", StartAt::Beginning);
        let (mut written, mut rotated, mut half) = (Vec::new(), 0, false);
        for act in acts {
            match act {
                Act::Append(count) => {
                    for _ in 0..count {
                        let line = format!("line{}", written.len());
                        world.append("a.log", &format!("{line}\n"));
                        if half {
                            // The rest of the line that was begun.
                            let begun = written.pop().unwrap_or_default();
                            written.push(format!("{begun}{line}"));
                            half = false;
                        } else {
                            written.push(line);
                        }
                    }
                }
                Act::Half if !half => {
                    let line = format!("half{}", written.len());
                    world.append("a.log", &line);
                    written.push(line);
                    half = true;
                }
                Act::Rename if world.path("a.log").exists() => {
                    rotated += 1;
                    let to = world.path(&format!("a.log.{rotated}"));
                    // Matched by the pattern: it goes on being read where it is.
                    if half {
                        world.append("a.log", "\n");
                        half = false;
                    }
                    fs::rename(world.path("a.log"), to).unwrap();
                }
                Act::Read => world.read(),
                Act::Take => {
                    if let Some(batch) = world.next() {
                        world.admit(&batch);
                        world.crash();
                    }
                }
                Act::Crash => world.crash(),
                Act::Wait => world.now_ms += 300,
                Act::Half | Act::Rename => {}
            }
        }
        if half {
            world.append("a.log", "\n");
        }
        world.settle();
        world.stored.sort();
        written.sort();
        prop_assert_eq!(&world.stored, &written);
    }
}
