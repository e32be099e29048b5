//! Files as the sink, read by what reads a folder for a diagnosis.

use std::os::unix::fs::PermissionsExt as _;

use cordon_receive::folder;
use proptest::prelude::*;

use super::*;

/// The events of a folder's finished files.
pub(super) fn read(path: &Path) -> Vec<Event> {
    let mut events = Vec::new();
    for file in folder::files(path).unwrap() {
        let lines = folder::events(&file, &mut |event| {
            events.push(event.expose_raw().clone());
        });
        assert_eq!(lines.unwrap().refused, 0);
    }
    events
}

fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

fn open(path: &Path, limits: &FileLimits) -> (Sink, Recovered) {
    let (files, recovered) = Files::open(path, limits.clone()).unwrap();
    (Sink::Files(files), recovered)
}

#[tokio::test]
async fn what_was_exported_is_read_by_a_diagnosis() {
    let rig = Rig::new();
    let path = rig.path("out/incident");
    let (sink, _) = open(&path, &FileLimits::default());
    let mut exporter = rig.exporter(sink, 3);
    assert_eq!(drain(&mut exporter).await, []);
    // Nothing is finished before it is old enough.
    assert_eq!(read(&path), []);
    assert_eq!(exporter.step(61_000, 0).await.unwrap(), Step::Idle);
    assert_eq!(names(&path), ["telemetry-000000000000.jsonl"]);
    let expected: Vec<Event> = (1..=3).flat_map(two_events).collect();
    assert_eq!(read(&path), expected);
    let listed = folder::Folder::list(&rig.path("out")).unwrap();
    assert_eq!(listed.incident.len(), 1);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&listed.incident[0]), 0o600);
}

#[tokio::test]
async fn segments_end_when_they_are_full_and_the_oldest_go() {
    let rig = Rig::new();
    let path = rig.path("out");
    let limits = FileLimits {
        segment_bytes_max: 1,
        files_count_max: 3,
        ..FileLimits::default()
    };
    let (sink, _) = open(&path, &limits);
    let mut exporter = rig.exporter(sink, 3);
    assert_eq!(drain(&mut exporter).await, []);
    // Six requests: the last is open, two of the five before it have gone.
    let expected = [
        "telemetry-000000000002.jsonl",
        "telemetry-000000000003.jsonl",
        "telemetry-000000000004.jsonl",
        "telemetry-000000000005.jsonl.part",
    ];
    assert_eq!(names(&path), expected);
    drop(exporter);
    let limits = FileLimits {
        files_bytes_max: 1,
        ..limits
    };
    let (files, recovered) = Files::open(&path, limits).unwrap();
    assert_eq!(recovered.segments_count, 1);
    assert_eq!(files.expired_count(), 4);
    assert_eq!(names(&path), [""; 0]);
}

#[tokio::test]
async fn what_a_process_left_behind_is_finished_up_to_its_last_whole_line() {
    let rig = Rig::new();
    let path = rig.path("out");
    let limits = FileLimits::default();
    let (sink, _) = open(&path, &limits);
    let mut exporter = rig.exporter(sink, 1);
    assert_eq!(drain(&mut exporter).await, []);
    drop(exporter);
    let part = path.join("telemetry-000000000000.jsonl.part");
    let whole = std::fs::read(&part).unwrap();
    // A line that was cut, as by a loss of power; and one that never began.
    std::fs::write(&part, [&whole[..], b"{\"resourceSpans\":["].concat()).unwrap();
    std::fs::write(path.join("telemetry-000000000007.jsonl.part"), b"{").unwrap();
    let (sink, recovered) = open(&path, &limits);
    let expected = Recovered {
        segments_count: 1,
        cut_bytes: 19,
    };
    assert_eq!(recovered, expected);
    assert_eq!(read(&path), two_events(1));
    // The next number was never used.
    let mut exporter = rig.exporter(sink, 2);
    assert_eq!(drain(&mut exporter).await, []);
    let expected = [
        "telemetry-000000000000.jsonl",
        "telemetry-000000000008.jsonl.part",
    ];
    assert_eq!(names(&path), expected);
}

#[tokio::test]
async fn one_process_writes_into_a_folder() {
    let rig = Rig::new();
    let limits = FileLimits::default();
    let first = open(&rig.path("out"), &limits);
    let second = Files::open(&rig.path("out"), limits.clone());
    assert!(matches!(second, Err(Error::Busy)));
    drop(first);
    assert!(Files::open(&rig.path("out"), limits).is_ok());
}

#[tokio::test]
async fn a_disk_that_does_not_take_it_is_waited_for() {
    let rig = Rig::new();
    let path = rig.path("out");
    let (sink, _) = open(&path, &FileLimits::default());
    let mut exporter = rig.exporter(sink, 1);
    // A folder where the segment is to be made.
    let part = path.join("telemetry-000000000000.jsonl.part");
    std::fs::create_dir(&part).unwrap();
    let step = exporter.step(1_000, 0).await.unwrap();
    assert_eq!(step, Step::Wait(Reason::Disk, std::time::Duration::ZERO));
    std::fs::remove_dir(&part).unwrap();
    assert_eq!(drain(&mut exporter).await, []);
    assert_eq!(exporter.counts().delivered, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Wherever a file ends after a loss of power: what is read is whole, and is a beginning.
    #[test]
    fn a_file_that_was_cut_anywhere_is_read(at: prop::sample::Index, lines in 1..6_usize) {
        let rig = Rig::new();
        let path = rig.path("out");
        let (mut files, _) = Files::open(&path, FileLimits::default()).unwrap();
        for n in 0..lines {
            let outgoing = Outgoing { events: clean(two_events(n as u64)), ..Outgoing::default() };
            let encoded = Encoded::new(Form::Json, &[outgoing]);
            for part in encoded.parts(&Limits::default()) {
                files.write(&encoded.request(&part), 0).unwrap();
            }
        }
        drop(files);
        let part = path.join("telemetry-000000000000.jsonl.part");
        let whole = std::fs::read(&part).unwrap();
        let cut = &whole[..at.index(whole.len() + 1)];
        std::fs::write(&part, cut).unwrap();
        drop(Files::open(&path, FileLimits::default()).unwrap());
        let all: Vec<Event> = (0..lines).flat_map(|n| two_events(n as u64)).collect();
        let kept = cut.split(|byte| *byte == b'\n').count() - 1;
        prop_assert_eq!(read(&path), &all[..kept]);
    }
}
