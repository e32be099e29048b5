//! A C program that crashes for real, and another process that writes the minidump of it.

use std::io::Read as _;
use std::mem::{offset_of, size_of};
use std::path::Path;
use std::process::{Command, Stdio};

use minidump_writer::CrashContextExt;
use minidump_writer::crash_context::CrashContext;
use minidump_writer::minidump_writer::MinidumpWriterConfig;

/// Compiles the program.
pub(crate) fn compile(out: &Path) {
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
        .arg(out)
        .status()
        .unwrap();
    assert!(status.success());
}

/// Lets the program crash, and writes the dump of it.
pub(crate) fn dump(program: &mut Command) -> Vec<u8> {
    let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
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
