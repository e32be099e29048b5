//! What the sandbox tests share: an interpreter, clean events, and the sample service fixed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it needs by failing"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use cordon_event::{Event, Kind, SpanStatus, Value, attr, codec};
use cordon_redact::{Clean, OpenError, Opener};
use cordon_repro::{Observation, Plan};
use cordon_sandbox::{Limits, Mode, Sandbox};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A sandbox with the interpreter that `cargo xtask test` sets up, else the first that has pytest.
pub(crate) fn sandbox(mode: Mode) -> Sandbox {
    let path = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
    let ours = root().join(".venv/bin/python");
    let python = ours.is_file().then_some(ours);
    Sandbox::detect(mode, python.as_deref(), &path)
        .expect("needs bubblewrap, and a .venv at the root with tests/requirements.txt")
}

/// Lets through what was never sealed: how a test writes a clean event by hand.
struct Plain;

impl Opener for Plain {
    fn open(&self, _: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(sealed.to_vec())
    }
}

/// A clean event with these attributes.
pub(crate) fn event(attributes: &[(&str, &str)]) -> Clean<Event> {
    let attributes = attributes
        .iter()
        .map(|(k, v)| ((*k).to_owned(), Value::from(*v)))
        .collect();
    let event = Event {
        kind: Kind::Span,
        status: SpanStatus::Error,
        attributes,
        ..Event::default()
    };
    Clean::open(&Plain, b"", &codec::encode_event(&event)).unwrap()
}

/// The attributes of a call that raised.
pub(crate) fn raised(function: &str, arguments: &str, exception: &str) -> Clean<Event> {
    event(&[
        (attr::CODE_FUNCTION_NAME, function),
        (attr::CALL_ARGUMENTS, arguments),
        (attr::EXCEPTION_TYPE, exception),
    ])
}

/// The sample service as it is.
pub(crate) fn billing() -> PathBuf {
    root().join("examples/billing")
}

/// A copy of the sample service with one of its bugs fixed.
pub(crate) fn billing_fixed(patch: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    run(Command::new("cp")
        .arg("-r")
        .arg(billing().join("billing"))
        .arg(dir.path()));
    let patch = billing().join("fixes").join(format!("{patch}.patch"));
    run(Command::new("patch")
        .args(["-p1", "-s", "-d"])
        .arg(dir.path())
        .arg("-i")
        .arg(patch));
    dir
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success());
}

/// Runs a plan's test once and reads what it recorded.
pub(crate) fn observe(sandbox: &Sandbox, source: &Path, plan: &Plan) -> Observation {
    let files = [(plan.file_name(), plan.render_pytest())];
    let report = sandbox
        .run_pytest(&files, source, &Limits::default())
        .unwrap();
    let Some(case) = report.case("test_recorded_failure") else {
        return Observation::default();
    };
    let property = |name| case.property(name).map(str::to_owned);
    Observation {
        outcome: property("repro.outcome"),
        frame: property("repro.frame"),
        signature: property("repro.signature"),
    }
}
