//! The command lines: bubblewrap's walls around pytest, and around a filter.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Python;

/// Where pytest writes its report, in the work directory.
pub(crate) const REPORT: &str = "report.xml";

/// The two directories that a run is about.
pub(crate) struct Place<'a> {
    /// Holds the tests and an empty report. Under bubblewrap only the report is written to.
    pub(crate) work: &'a Path,
    /// Holds the modules under test; read-only under bubblewrap.
    pub(crate) source: &'a Path,
    /// Names of the tests.
    pub(crate) tests: &'a [&'a str],
    /// Bytes that each writable folder holds.
    pub(crate) folder_bytes_max: u64,
}

/// bubblewrap as it is installed.
#[derive(Clone, Debug)]
pub(crate) struct Bwrap {
    program: PathBuf,
    /// Whether it bounds a folder in memory (`--size`, since 0.7).
    sizes: bool,
}

impl Bwrap {
    /// Asks the program what it knows.
    pub(crate) fn of(program: PathBuf) -> Self {
        let help = Command::new(&program)
            .arg("--help")
            .env_clear()
            .stdin(Stdio::null())
            .output();
        let sizes = help.is_ok_and(|help| {
            let text = [help.stdout, help.stderr].concat();
            String::from_utf8_lossy(&text).contains("--size ")
        });
        Self { program, sizes }
    }
}

/// Directories of the system that a program needs to start.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/nix/store",
    "/opt",
];

/// Directories that the loader of a program needs.
const LIBRARIES: &[&str] = &[
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/ld.so.cache",
    "/nix/store",
];

const PROGRAM_INSIDE: &str = "/cordon/program";

/// A program that has its standard streams and the system's libraries, and nothing else.
pub(crate) fn filter(bwrap: Option<&Bwrap>, program: &Path, arguments: &[&str]) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    if let Some(bwrap) = bwrap {
        words.push(bwrap.program.clone().into());
        words.extend(WALLS.map(Into::into));
        for dir in LIBRARIES {
            words.extend(["--ro-bind-try", dir, dir].map(Into::into));
        }
        words.extend(["--ro-bind".into(), program.into(), PROGRAM_INSIDE.into()]);
        words.extend(["--remount-ro", "/", "--chdir", "/", PROGRAM_INSIDE].map(Into::into));
    } else {
        words.push(program.into());
    }
    words.extend(arguments.iter().map(Into::into));
    words
}

/// No network, no other process, no environment, no rights.
const WALLS: [&str; 10] = [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--uid",
    "65534",
    "--gid",
    "65534",
    "--cap-drop",
    "ALL",
];

/// pytest on the named tests.
pub(crate) fn pytest(bwrap: Option<&Bwrap>, python: &Python, place: &Place<'_>) -> Vec<OsString> {
    let mut words = wrapped(bwrap, python, place);
    let settings = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ];
    words.extend(settings.map(Into::into));
    // `-c` names a file that does not configure anything, so that no file above it does.
    words.extend(
        [
            "-c",
            "/dev/null",
            "--rootdir",
            ".",
            "-o",
            "junit_family=xunit1",
        ]
        .map(Into::into),
    );
    words.push(format!("--junitxml={REPORT}").into());
    words.extend(place.tests.iter().map(Into::into));
    words
}

/// Does nothing, inside.
pub(crate) fn probe(bwrap: Option<&Bwrap>, python: &Python, place: &Place<'_>) -> Vec<OsString> {
    let mut words = wrapped(bwrap, python, place);
    words.extend(["-I", "-c", "pass"].map(Into::into));
    words
}

fn wrapped(bwrap: Option<&Bwrap>, python: &Python, place: &Place<'_>) -> Vec<OsString> {
    let (Some(bwrap), source) = (bwrap, place.source) else {
        let mut words: Vec<OsString> = vec!["/usr/bin/env".into(), "-i".into()];
        for (name, value) in environment(place.source, place.work) {
            let mut pair = OsString::from(format!("{name}="));
            pair.push(value);
            words.push(pair);
        }
        words.push(python.executable.clone().into());
        return words;
    };
    let mut words: Vec<OsString> = vec![bwrap.program.clone().into()];
    words.extend(WALLS.map(Into::into));
    words.extend(["--proc", "/proc", "--dev", "/dev"].map(Into::into));
    for folder in ["/tmp", "/dev/shm", WORK_INSIDE] {
        if bwrap.sizes {
            words.extend(["--size".into(), place.folder_bytes_max.to_string().into()]);
        }
        words.extend(["--tmpfs", folder].map(Into::into));
    }
    for dir in SYSTEM {
        words.extend(["--ro-bind-try", dir, dir].map(Into::into));
    }
    let interpreter = python.executable.parent().map(Path::to_path_buf);
    let reads: BTreeSet<&PathBuf> = python.reads.iter().chain(&interpreter).collect();
    for dir in reads {
        words.extend(["--ro-bind-try".into(), dir.into(), dir.into()]);
    }
    words.extend(["--ro-bind".into(), source.into(), SOURCE_INSIDE.into()]);
    let inside = |name: &str| OsString::from(format!("{WORK_INSIDE}/{name}"));
    for name in place.tests {
        words.extend([
            "--ro-bind".into(),
            place.work.join(name).into(),
            inside(name),
        ]);
    }
    words.extend([
        "--bind".into(),
        place.work.join(REPORT).into(),
        inside(REPORT),
    ]);
    // The rest of the tree is in memory too, and nobody's to fill.
    words.extend(["--remount-ro", "/dev", "--remount-ro", "/"].map(Into::into));
    words.extend(["--chdir", WORK_INSIDE].map(Into::into));
    for (name, value) in environment(Path::new(SOURCE_INSIDE), Path::new("/tmp")) {
        words.extend(["--setenv".into(), name.into(), value]);
    }
    words.push(python.executable.clone().into());
    words
}

const SOURCE_INSIDE: &str = "/cordon/source";
const WORK_INSIDE: &str = "/cordon/work";

/// The whole environment of a test.
fn environment(source: &Path, home: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        ("PATH", "/usr/bin:/bin".into()),
        ("HOME", home.into()),
        ("LANG", "C.UTF-8".into()),
        ("TZ", "UTC".into()),
        ("PYTHONPATH", source.into()),
        ("REPRO_SOURCE", source.into()),
        ("PYTHONHASHSEED", "0".into()),
        ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1".into()),
    ]
}
