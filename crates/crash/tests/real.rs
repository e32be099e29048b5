//! A process that crashes for real, dumped by another writer than ours reads: what is said of it,
//! and that nothing it held is left.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

#[expect(dead_code, reason = "shared with the tests of other dumps")]
mod support;

#[path = "support/crasher.rs"]
mod crasher;

use std::path::{Path, PathBuf};
use std::process::Command;

use cordon_crash::{Report, Withheld};
use support::{examine, found};

/// What the process holds in its arguments, environment, heap and stacks.
const VALUES: [&str; 5] = [
    "grace.tulip@example.org",
    "tulip-host-7.example.net",
    "card 5105 1051 0510 5100",
    "Tulpenweg 12, 01067 Dresden",
    "tulipuser",
];

/// Compiles the program into a folder that is called after its user.
fn program(dir: &Path) -> PathBuf {
    let folder = dir.join("home/tulipuser/bin");
    std::fs::create_dir_all(&folder).unwrap();
    let out = folder.join("shop");
    crasher::compile(&out);
    out
}

/// Lets the program crash, and writes the dump of it.
fn crash(program: &Path, kind: &str) -> Vec<u8> {
    let mut command = Command::new(program);
    command.arg(kind).args(VALUES).env_clear().envs([
        ("USER", "tulipuser"),
        ("HOME", "/home/tulipuser"),
        ("MAIL", VALUES[0]),
    ]);
    crasher::dump(&mut command)
}

/// Symbols of the program, as `nm` tells them.
fn symbols(program: &Path, report: &Report) -> Vec<u8> {
    let module = report.modules.iter().find(|module| module.name == "shop");
    let id = module.unwrap().debug_id.clone().unwrap();
    let mut nm = Command::new("nm");
    let told = nm
        .args(["-S", "--defined-only"])
        .arg(program)
        .output()
        .unwrap();
    let mut file = format!("MODULE Linux x86_64 {id} shop\n");
    for line in String::from_utf8(told.stdout).unwrap().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [address, size, "t" | "T", name] = words.as_slice() {
            let [address, size] = [address, size].map(|hex| u64::from_str_radix(hex, 16).unwrap());
            file.push_str(&format!("FUNC {address:x} {size:x} 0 {name}\n"));
        }
    }
    file.into_bytes()
}

fn functions(report: &Report) -> Vec<&str> {
    let thread = report.threads.get(report.crashing_thread.unwrap()).unwrap();
    thread
        .frames
        .iter()
        .filter_map(|frame| frame.function.as_deref())
        .collect()
}

#[test]
fn what_crashes_for_real_is_told_without_its_values() {
    let dir = tempfile::tempdir().unwrap();
    let program = program(dir.path());
    for (kind, reason, first) in [
        (
            "segv",
            "SIGSEGV / SEGV_MAPERR",
            ["total", "checkout", "main"],
        ),
        ("abort", "SIGABRT", ["total", "checkout", "main"]),
        (
            "divide",
            "SIGFPE / FPE_INTDIV",
            ["total", "checkout", "main"],
        ),
        ("overflow", "SIGSEGV / SEGV_MAPERR", ["recurse"; 3]),
    ] {
        let raw = crash(&program, kind);
        assert!(
            found(&raw, &VALUES).len() > 20,
            "{kind}: the dump holds values"
        );
        let plain = examine(&raw, &[], false).unwrap().report.into_inner();
        let symbols = [symbols(&program, &plain)];
        let before = examine(&raw, &symbols, true).unwrap();
        let stripped = before.stripped.unwrap();
        let report = before.report.into_inner();
        let after = examine(stripped.as_bytes(), &symbols, false).unwrap();
        assert_eq!(after.report.get(), &report, "{kind}");
        assert!(
            report.reason.as_deref().unwrap().starts_with(reason),
            "{kind}"
        );
        assert_eq!(functions(&report)[..3], first, "{kind}");
        assert_eq!(report.threads.len(), 2);
        for bytes in [
            stripped.as_bytes(),
            report.to_json().as_bytes(),
            report.to_text().as_bytes(),
        ] {
            assert_eq!(found(bytes, &VALUES), [""; 0], "{kind}");
        }
        if kind == "segv" {
            assert_eq!(report.address, Some(Ok(0x18)));
        }
        // A signal that was sent has its sender in that place.
        assert_eq!(report.address.is_none(), kind == "abort");
    }
}

#[test]
fn a_stack_that_was_written_over_is_told_without_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let program = program(dir.path());
    let raw = crash(&program, "smash");
    let plain = examine(&raw, &[], false).unwrap().report.into_inner();
    let symbols = [symbols(&program, &plain)];
    let before = examine(&raw, &symbols, true).unwrap();
    let stripped = before.stripped.unwrap();
    let report = before.report.into_inner();
    assert_eq!(functions(&report).first(), Some(&"smash"));
    assert!(report.address.is_none_or(|at| at != Err(Withheld::Text)));
    for bytes in [stripped.as_bytes(), report.to_json().as_bytes()] {
        assert_eq!(found(bytes, &VALUES), [""; 0]);
    }
}
