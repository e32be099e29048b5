//! What a test can and cannot do inside.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

#[expect(dead_code, reason = "shared with the tests that make events")]
mod support;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use cordon_sandbox::{Error, Exit, Limits, Mode, RunReport, Sandbox};
use support::{billing, sandbox};

fn run(body: &str, limits: &Limits) -> RunReport {
    run_in(Mode::Bubblewrap, body, limits)
}

fn run_in(mode: Mode, body: &str, limits: &Limits) -> RunReport {
    let files = [("test_inside.py".to_owned(), body.to_owned())];
    sandbox(mode)
        .run_pytest(&files, &billing(), limits)
        .unwrap()
}

#[test]
fn no_network_no_files_no_environment() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let body = format!(
        r#"
import os, pathlib, socket
import pytest

def test_loopback_is_not_ours():
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", {port}), timeout=2)

def test_the_source_and_the_system_are_read_only():
    for path in ("/cordon/source/x", "/usr/x", "/x/y"):
        with pytest.raises(OSError):
            pathlib.Path(path).write_text("x")

def test_the_users_files_are_not_there():
    assert not os.path.exists("/etc/passwd")
    assert not os.path.exists("/var")
    assert not os.path.exists({manifest:?})

def test_the_environment_is_ours():
    assert "CARGO_MANIFEST_DIR" not in os.environ
    assert os.environ["TZ"] == "UTC"

def test_alone():
    assert os.getuid() == 65534
    assert len([p for p in os.listdir("/proc") if p.isdigit()]) <= 3
"#,
        manifest = env!("CARGO_MANIFEST_DIR"),
    );
    let report = run(&body, &Limits::default());
    assert_eq!(
        (report.passed(), report.failed()),
        (5, 0),
        "{}",
        report.output
    );
}

#[test]
fn a_test_that_does_not_end_is_ended() {
    let limits = Limits {
        wall: Duration::from_secs(3),
        ..Limits::default()
    };
    let report = run(
        "def test_forever():\n    while True:\n        pass\n",
        &limits,
    );
    assert_eq!(report.exit, Exit::TimedOut);
    assert!(report.cases.is_empty());
}

#[test]
fn memory_and_output_are_capped() {
    let limits = Limits {
        memory_kib_max: 1024 * 1024,
        ..Limits::default()
    };
    let report = run("def test_large():\n    bytearray(4 * 2**30)\n", &limits);
    assert_eq!(report.failed(), 1, "{}", report.output);

    let limits = Limits {
        output_bytes_max: 1000,
        ..Limits::default()
    };
    let report = run(
        "def test_loud():\n    print('x' * 10**6)\n    assert False\n",
        &limits,
    );
    assert!(report.output.len() <= 2000);
}

#[test]
fn a_report_that_points_elsewhere_is_not_read() {
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("outside.xml");
    let junit = r#"<testsuites><testsuite><testcase name="outside"/></testsuite></testsuites>"#;
    std::fs::write(&file, junit).unwrap();
    let body = format!(
        r#"
import atexit, os

def leave():
    os.remove("report.xml")
    os.symlink({file:?}, "report.xml")

def test_inside():
    atexit.register(leave)
"#
    );
    let report = run(&body, &Limits::default());
    assert_eq!(report.exit, Exit::Code(0), "{}", report.output);
    // The report is a mount of its own, which cannot be taken away from within.
    assert!(report.case("outside").is_none() && report.case("test_inside").is_some());
    let report = run_in(Mode::Process, &body, &Limits::default());
    assert_eq!(report.exit, Exit::Code(0), "{}", report.output);
    assert!(report.cases.is_empty());
}

#[test]
fn a_missing_wall_is_an_error_and_not_a_plain_process() {
    let ours = sandbox(Mode::Process);
    let python = Some(ours.python().executable.as_path());
    let nowhere = tempfile::tempdir().unwrap();
    let path = [nowhere.path().to_path_buf()];
    let refused = Sandbox::detect(Mode::Bubblewrap, python, &path);
    assert!(matches!(refused, Err(Error::NoBubblewrap)));
    let none = Sandbox::detect(Mode::Process, None, &path);
    assert!(matches!(none, Err(Error::NoPython { tried: 0 })));
}

#[test]
fn a_wall_that_the_machine_refuses_is_an_error_and_not_a_plain_process() {
    let ours = sandbox(Mode::Process);
    let python = Some(ours.python().executable.as_path());
    let dir = tempfile::tempdir().unwrap();
    let bwrap = dir.path().join("bwrap");
    // What bubblewrap says where user namespaces are not permitted.
    let refuses = "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n";
    std::fs::write(&bwrap, refuses).unwrap();
    std::fs::set_permissions(&bwrap, Permissions::from_mode(0o755)).unwrap();
    let path = [dir.path().to_path_buf()];
    let refused = Sandbox::detect(Mode::Bubblewrap, python, &path);
    assert!(matches!(refused, Err(Error::NamespacesRefused)));
}

#[test]
fn a_plain_process_runs_tests_where_it_was_asked_for() {
    let files = [(
        "test_plain.py".to_owned(),
        "def test_a():\n    assert 1\n".to_owned(),
    )];
    let report = sandbox(Mode::Process)
        .run_pytest(&files, &billing(), &Limits::default())
        .unwrap();
    assert_eq!(
        (report.exit, report.passed()),
        (Exit::Code(0), 1),
        "{}",
        report.output
    );
}

#[test]
fn a_name_with_a_path_is_refused() {
    for name in ["../x.py", "a/b.py", "", ".x", "-p.py\n"] {
        let files = [(name.to_owned(), String::new())];
        let refused = sandbox(Mode::Process).run_pytest(&files, &billing(), &Limits::default());
        assert!(matches!(refused, Err(Error::TestName)), "{name}");
    }
}

#[test]
fn a_fork_bomb_ends() {
    let body = "\
import os, time
def test_bomb():
    for _ in range(500):
        if os.fork() == 0:
            os.setsid()
            time.sleep(50)
            os._exit(0)
    time.sleep(50)
";
    for mode in [Mode::Bubblewrap, Mode::Process] {
        let files = [("test_bomb.py".to_owned(), body.to_owned())];
        let report = sandbox(mode)
            .run_pytest(&files, &billing(), &Limits::default())
            .unwrap();
        assert_eq!(report.exit, Exit::TooManyTasks, "{}", report.output);
        assert!(report.cases.is_empty());
    }
}

#[test]
fn no_folder_can_be_filled() {
    let body = "\
import os
import pytest

@pytest.mark.parametrize('folder', ['/tmp', '/dev/shm', '.'])
def test_full(folder):
    with pytest.raises(OSError):
        with open(folder + '/large', 'wb') as file:
            for _ in range(1024):
                file.write(bytes(2**20))
    os.remove(folder + '/large')
    with pytest.raises(OSError):
        for n in range(100):
            with open(f'{folder}/{n}', 'wb') as file:
                for _ in range(10):
                    file.write(bytes(2**20))
    for n in range(100):
        if os.path.exists(f'{folder}/{n}'):
            os.remove(f'{folder}/{n}')

@pytest.mark.parametrize('folder', ['/', '/dev', '/cordon'])
def test_read_only(folder):
    with pytest.raises(OSError):
        open(folder + '/large', 'wb')
";
    let report = run(body, &Limits::default());
    assert_eq!(
        (report.passed(), report.failed()),
        (6, 0),
        "{}",
        report.output
    );
}
