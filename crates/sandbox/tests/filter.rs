//! What a filter can and cannot do.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

use std::io::{Read, repeat};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cordon_sandbox::{Exit, Filter, FilterReport, Limits, Mode};

fn run_in(
    mode: Mode,
    words: &[&str],
    input: Box<dyn Read + Send>,
    limits: &Limits,
) -> FilterReport {
    let path = ["/usr/bin", "/bin"].map(PathBuf::from);
    let filter = Filter::detect(mode, &path).unwrap();
    let (program, arguments) = words.split_first().unwrap();
    filter
        .run(Path::new(program), arguments, input, limits)
        .unwrap()
}

fn run(words: &[&str], input: impl Read + Send + 'static, limits: &Limits) -> FilterReport {
    run_in(Mode::Bubblewrap, words, Box::new(input), limits)
}

#[test]
fn input_comes_out_as_it_went_in() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let limits = Limits {
        output_bytes_max: 1 << 20,
        ..Limits::default()
    };
    for mode in [Mode::Bubblewrap, Mode::Process] {
        let input = Box::new(std::io::Cursor::new(bytes.clone()));
        let report = run_in(mode, &["/bin/cat"], input, &limits);
        assert_eq!((report.exit, report.cut), (Exit::Code(0), false));
        assert!(report.stdout == bytes);
    }
}

#[test]
fn it_sees_its_libraries_and_nothing_else() {
    let limits = Limits::default();
    let print = |words: &[&str]| run(words, std::io::empty(), &limits);
    // bubblewrap itself tells a program its folder.
    assert_eq!(print(&["/usr/bin/env"]).stdout, b"PWD=/\n");
    let root = String::from_utf8(print(&["/bin/ls", "/"]).stdout).unwrap();
    for line in root.lines() {
        assert!(["cordon", "etc", "nix", "usr"].contains(&line) || line.starts_with("lib"));
    }
    for (program, path) in [("/bin/cat", "/etc/passwd"), ("/bin/mkdir", "/x")] {
        assert_eq!(print(&[program, path]).exit, Exit::Code(1));
    }
}

#[test]
fn one_that_hangs_or_eats_or_floods_is_ended() {
    let short = Limits {
        wall: Duration::from_millis(300),
        memory_kib_max: 64 * 1024,
        ..Limits::default()
    };
    let hangs = run(&["/bin/sleep", "600"], repeat(0), &short);
    assert_eq!(hangs.exit, Exit::TimedOut);
    let long = Limits {
        wall: Duration::from_mins(1),
        ..short
    };
    // Keeps its last line, which never ends.
    let eats = run(
        &["/usr/bin/tail", "-n", "1"],
        repeat(b'x').take(1 << 30),
        &long,
    );
    assert_eq!((eats.exit, eats.stdout.len()), (Exit::Code(1), 0));
    let floods = run(&["/bin/cat"], repeat(b'x').take(4 << 20), &long);
    assert_eq!((floods.exit, floods.cut), (Exit::Code(0), true));
    assert_eq!(floods.stdout.len(), short.output_bytes_max);
}
