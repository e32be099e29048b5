//! A process that crashes for real, dumped by another writer than ours reads: what is said of it,
//! and that nothing it held is left.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

#[expect(dead_code, reason = "shared with the tests of other dumps")]
mod support;

use std::io::Read as _;
use std::mem::{offset_of, size_of};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cordon_crash::{Report, Withheld};
use minidump_writer::CrashContextExt;
use minidump_writer::crash_context::CrashContext;
use minidump_writer::minidump_writer::MinidumpWriterConfig;
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
    let macros = [
        ("CONTEXT_BYTES", offset_of!(CrashContext, float_state)),
        ("FLOAT_AT", offset_of!(CrashContext, float_state)),
        ("SIGINFO_AT", offset_of!(CrashContext, siginfo)),
        ("PID_AT", offset_of!(CrashContext, pid)),
        ("TID_AT", offset_of!(CrashContext, tid)),
        ("TOTAL_BYTES", size_of::<CrashContext>()),
    ];
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/crasher.c");
    let status = Command::new("cc")
        .args([
            "-g",
            "-O0",
            "-fno-omit-frame-pointer",
            "-fno-stack-protector",
        ])
        .args(["-Wno-infinite-recursion", "-Wl,--build-id", "-pthread"])
        .args(macros.map(|(name, value)| format!("-D{name}={value}")))
        .args([source, "-o"])
        .arg(&out)
        .status()
        .unwrap();
    assert!(status.success());
    out
}

/// Lets the program crash, and writes the dump of it.
fn crash(program: &Path, kind: &str) -> Vec<u8> {
    let mut child = Command::new(program)
        .arg(kind)
        .args(VALUES)
        .env_clear()
        .envs([
            ("USER", "tulipuser"),
            ("HOME", "/home/tulipuser"),
            ("MAIL", VALUES[0]),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = vec![0; size_of::<CrashContext>()];
    child.stdout.take().unwrap().read_exact(&mut told).unwrap();
    let context = CrashContext::from_bytes(&told).unwrap();
    let mut writer = MinidumpWriterConfig::new(context.pid, context.tid);
    writer.set_crash_context(CrashContextExt { inner: context });
    let mut out = std::io::Cursor::new(Vec::new());
    let written = writer.write(&mut out);
    child.kill().unwrap();
    child.wait().unwrap();
    written.unwrap();
    out.into_inner()
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
