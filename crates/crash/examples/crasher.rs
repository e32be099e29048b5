//! Lets a program crash for real and writes the minidump of it: for the tests of the whole program.
//!
//! `crasher compile OUT` compiles `tests/support/crasher.c`; `crasher dump OUT PROGRAM WORD…` runs
//! the program under this environment and writes what is left of it.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]
#[path = "../tests/support/crasher.rs"]
mod crasher;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> std::io::Result<()> {
    use std::path::Path;
    use std::process::Command;

    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.as_slice() {
        [task, out] if task == "compile" => {
            crasher::compile(Path::new(out));
            Ok(())
        }
        [task, out, program, words @ ..] if task == "dump" => {
            let dump = crasher::dump(Command::new(program).args(words));
            std::fs::write(out, dump)
        }
        _ => Err(std::io::ErrorKind::InvalidInput.into()),
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
