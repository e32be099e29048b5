//! What becomes of input that is no dump, of dumps that are refused, and of workers that misbehave:
//! an error with its code, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

#[expect(dead_code, reason = "shared with the tests of other dumps")]
mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cordon_crash::worker_limits;
use cordon_sandbox::Limits;
use support::synthetic::{KINDS, dump};
use support::{examine, examine_with, worker};

fn code(bytes: &[u8]) -> &'static str {
    examine(bytes, &[], true)
        .err()
        .map_or("none", |error| error.code())
}

/// Sets the number at a place of the file.
fn set(bytes: &mut [u8], at: usize, value: u32) {
    let place = bytes.get_mut(at..at + 4).unwrap();
    place.copy_from_slice(&value.to_le_bytes());
}

#[test]
fn each_refusal_has_its_code() {
    let good = dump(KINDS[4]);
    assert_eq!(code(&good), "none");
    assert_eq!(code(b""), "dump_not_minidump");
    assert_eq!(
        code(b"%PDF-1.7 grace.tulip@example.org"),
        "dump_not_minidump"
    );
    assert_eq!(code(b"\x7fELF\x02\x01\x01\x00"), "dump_full");
    assert_eq!(code(&good[..64]), "dump_damaged");
    for full in [0x2, 0x200] {
        let mut flagged = good.clone();
        set(&mut flagged, 24, full);
        assert_eq!(code(&flagged), "dump_full");
    }
    let mut bytes = good.clone();
    set(&mut bytes, 8, u32::MAX);
    assert_eq!(code(&bytes), "dump_damaged");
    // The directory's entries: one becomes the stream of a whole memory, one is lost.
    let directory = u32::from_le_bytes(good[12..16].try_into().unwrap()) as usize;
    let entry = |number: u32| {
        let number = number.to_le_bytes();
        (directory..)
            .step_by(12)
            .find(|at| good[*at..*at + 4] == number)
            .unwrap()
    };
    for (from, to, expected) in [
        (0x4767_0003, 9, "dump_full"),
        (3, 0xffff_0009, "dump_damaged"),
        (7, 0xffff_0009, "dump_damaged"),
    ] {
        let mut bytes = good.clone();
        set(&mut bytes, entry(from), to);
        assert_eq!(code(&bytes), expected, "{from}");
    }
    let system = u32::from_le_bytes(good[entry(7) + 8..][..4].try_into().unwrap()) as usize;
    let mut bytes = good.clone();
    bytes[system..system + 2].copy_from_slice(&3_u16.to_le_bytes());
    assert_eq!(code(&bytes), "dump_unknown_cpu");
}

#[test]
fn a_file_larger_than_any_minidump_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    let found = examine_with(worker(), &[], worker_limits(), &path, &[], false);
    assert_eq!(found.err().unwrap().code(), "dump_too_large");
}

fn with_program(program: &str, arguments: &[&str], limits: Limits, dump: &Path) -> &'static str {
    let found = examine_with(PathBuf::from(program), arguments, limits, dump, &[], false);
    found.err().map_or("none", |error| error.code())
}

#[test]
fn a_worker_that_misbehaves_is_an_error_with_a_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    std::fs::write(&path, dump(KINDS[4])).unwrap();
    let short = Limits {
        wall: Duration::from_millis(500),
        ..worker_limits()
    };
    for (program, arguments, expected) in [
        ("/bin/sleep", &["600"][..], "worker_timed_out"),
        ("/bin/true", &[], "worker_answer"),
        ("/bin/false", &[], "worker_ended"),
        ("/bin/cat", &[], "worker_answer"),
        ("/bin/sh", &["-c", "kill -SEGV $$"], "worker_ended"),
        (
            "/bin/sh",
            &["-c", "while :; do :; done"],
            "worker_timed_out",
        ),
    ] {
        assert_eq!(
            with_program(program, arguments, short, &path),
            expected,
            "{program}"
        );
    }
    let little = Limits {
        output_bytes_max: 16,
        ..worker_limits()
    };
    assert_eq!(
        with_program("/bin/cat", &[], little, &path),
        "worker_answer"
    );
}

#[test]
fn a_worker_that_eats_memory_or_time_ends_at_its_limit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    let kind = KINDS[4];
    std::fs::write(&path, dump(kind)).unwrap();
    // Symbols that take ten times their length to hold: a function of every other byte.
    let mut symbols = kind.symbols();
    for at in 0..400_000_u32 {
        symbols.extend(format!("FUNC {:x} 1 0 f{at}\n", 0x1_0000 + 2 * at).bytes());
    }
    let run = |limits| {
        let found = examine_with(worker(), &[], limits, &path, &[symbols.clone()], true);
        found.err().map_or("none", |error| error.code())
    };
    assert_eq!(run(worker_limits()), "none");
    let narrow = Limits {
        memory_kib_max: 48 << 10,
        ..worker_limits()
    };
    assert_eq!(run(narrow), "worker_ended");
    let hasty = Limits {
        wall: Duration::from_millis(150),
        ..worker_limits()
    };
    assert_eq!(run(hasty), "worker_timed_out");
}
