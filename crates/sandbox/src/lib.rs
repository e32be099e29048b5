//! Runs a generated test, or a parser of hostile input, with no network, capped.
//!
//! The way of the data: test files and a source directory go in; pytest runs on them under
//! bubblewrap with its own namespaces, an empty environment, read-only system and source, and
//! limits on time, memory, files and output; a [`RunReport`] comes out, read from the JUnit file
//! that pytest wrote. A [`Filter`] has less: a program reads its standard input, writes its
//! standard output, and sees nothing else.
//!
//! **Architecture invariant:** this crate reads no environment variable; where Python is looked
//! for is an argument.
//!
//! *Limits:* [`Limits`]. Memory is bounded per process, since bubblewrap does not meter a whole
//! sandbox; the number of processes is looked at every few milliseconds, and all of them end with
//! the run. Under [`Mode::Process`] a process that leaves its group is out of reach, and folders
//! are not bounded.

mod child;
mod command;
mod filter;
mod junit;
mod python;
mod source;
mod tasks;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use command::Bwrap;
pub use filter::{Filter, FilterReport};
pub use junit::Case;
pub use python::{Python, find_python};
pub use source::has_module;

/// How the test is kept from the rest of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// bubblewrap: no network, no other process, nothing writable but the test's own directory.
    #[default]
    Bubblewrap,
    /// A plain process with the same limits. It can reach the network and the user's files; only
    /// for source that is trusted, and only when said.
    Process,
}

/// Bytes of pytest's report that are read.
const REPORT_BYTES_MAX: usize = 4 << 20;

/// What a run may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall clock.
    pub wall: Duration,
    /// Processor time per process, seconds.
    pub cpu_s_max: u64,
    /// Address space per process, KiB.
    pub memory_kib_max: u64,
    /// Largest file written, KiB.
    pub file_kib_max: u64,
    /// Open files per process.
    pub files_count_max: u64,
    /// Processes and threads at one time. Counted where the system has `/proc`.
    pub tasks_count_max: u64,
    /// Bytes written to each of the folders that a test may write to. Only under bubblewrap of a
    /// version that knows `--size`; an older one bounds single files alone.
    pub folder_bytes_max: u64,
    /// Bytes kept of each of stdout and stderr; the rest is read and dropped.
    pub output_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_mins(1),
            cpu_s_max: 30,
            memory_kib_max: 4 * 1024 * 1024,
            file_kib_max: 16 * 1024,
            files_count_max: 256,
            tasks_count_max: 256,
            folder_bytes_max: 64 << 20,
            output_bytes_max: 256 * 1024,
        }
    }
}

/// A sandbox could not be had or used. Carries no output of what ran in it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// bubblewrap is not installed, and a plain process was not asked for.
    #[error("find bwrap: not installed (install bubblewrap, or say --sandbox=process)")]
    NoBubblewrap,
    /// bubblewrap is installed but the machine does not let it make namespaces.
    #[error("start bwrap: the machine refuses namespaces (or say --sandbox=process)")]
    NamespacesRefused,
    /// No Python interpreter with pytest.
    #[error("find python: none of {tried} interpreters has pytest")]
    NoPython {
        /// Interpreters that were tried.
        tried: usize,
    },
    /// The source is not a directory.
    #[error("open source: not a directory")]
    NoSource,
    /// A test's name is not a plain file name.
    #[error("write test: not a plain file name")]
    TestName,
    /// The operating system refused.
    #[error("run test: {0}")]
    Io(#[from] std::io::Error),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this code: pytest's 0 all passed, 1 some failed, 2 interrupted or not collected.
    Code(i32),
    /// By a signal: a limit on processor time or memory, or a crash.
    Signal,
    /// The wall clock was up.
    TimedOut,
    /// It had more processes and threads than it may.
    TooManyTasks,
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// How it ended.
    pub exit: Exit,
    /// Test cases, in the order in which they ran; empty where pytest did not get to its report.
    pub cases: Vec<Case>,
    /// What it printed, cut at the limit, stdout before stderr.
    pub output: String,
}

impl RunReport {
    /// Cases that passed.
    pub fn passed(&self) -> usize {
        self.cases.iter().filter(|case| case.passed()).count()
    }

    /// Cases that failed in their own body.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| case.failed).count()
    }

    /// The case of that name.
    pub fn case(&self, name: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.name == name)
    }
}

/// A way to run tests.
#[derive(Clone, Debug)]
pub struct Sandbox {
    bwrap: Option<Bwrap>,
    python: Python,
}

impl Sandbox {
    /// Finds what the mode needs. `path` are the directories to look in for programs, in order,
    /// such as the entries of `PATH`; `python` is tried before what is found there.
    pub fn detect(mode: Mode, python: Option<&Path>, path: &[PathBuf]) -> Result<Self, Error> {
        let python = find_python(python, path)?;
        let bwrap = match mode {
            Mode::Process => None,
            Mode::Bubblewrap => {
                let program = python::find("bwrap", path).ok_or(Error::NoBubblewrap)?;
                Some(Bwrap::of(program))
            }
        };
        let sandbox = Self { bwrap, python };
        if sandbox.bwrap.is_some() && !sandbox.namespaces()? {
            return Err(Error::NamespacesRefused);
        }
        Ok(sandbox)
    }

    /// The interpreter that runs tests.
    pub fn python(&self) -> &Python {
        &self.python
    }

    /// Runs pytest on `files` (name, text) against the modules in `source`.
    pub fn run_pytest(
        &self,
        files: &[(String, String)],
        source: &Path,
        limits: &Limits,
    ) -> Result<RunReport, Error> {
        let source = fs::canonicalize(source).map_err(|_| Error::NoSource)?;
        if !source.is_dir() {
            return Err(Error::NoSource);
        }
        let work = tempfile::Builder::new().prefix("cordon-repro-").tempdir()?;
        let work_dir = fs::canonicalize(work.path())?;
        for (name, text) in files {
            if !is_file_name(name) {
                return Err(Error::TestName);
            }
            fs::write(work_dir.join(name), text)?;
        }
        fs::write(work_dir.join(command::REPORT), "")?;
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let place = command::Place {
            work: &work_dir,
            source: &source,
            tests: &names,
            folder_bytes_max: limits.folder_bytes_max,
        };
        let words = command::pytest(self.bwrap.as_ref(), &self.python, &place);
        let end = child::run(&words, &work_dir, limits, None)?;
        let report = child::read_capped(&work_dir.join(command::REPORT), REPORT_BYTES_MAX);
        Ok(RunReport {
            exit: end.exit,
            cases: junit::read(&report.unwrap_or_default()),
            output: end.text(),
        })
    }

    fn namespaces(&self) -> Result<bool, Error> {
        let work = tempfile::tempdir()?;
        fs::write(work.path().join(command::REPORT), "")?;
        let limits = Limits::default();
        let place = command::Place {
            work: work.path(),
            source: work.path(),
            tests: &[],
            folder_bytes_max: limits.folder_bytes_max,
        };
        let words = command::probe(self.bwrap.as_ref(), &self.python, &place);
        let end = child::run(&words, work.path(), &limits, None)?;
        Ok(end.exit == Exit::Code(0))
    }
}

fn is_file_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    name != command::REPORT
        && !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && name.bytes().all(plain)
}
