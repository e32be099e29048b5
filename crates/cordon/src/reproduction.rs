//! From the exemplars of a failure to a written test: planned, run in a sandbox, shrunk, released.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use cordon_event::Event;
use cordon_ledger::EvidenceId;
use cordon_redact::Clean;
use cordon_repro::{
    Observation, Outcome, Plan, Reproduction, name_after, plan, render, reproduce, unverified,
};
use cordon_sandbox::{Limits, Sandbox, has_module};

use crate::cli::SandboxMode;
use crate::environment;
use crate::home::Home;
use crate::release::{Granted, OrRefused};

/// Name of the case in a generated test that repeats the failure.
const CASE: &str = "test_recorded_failure";

/// A failing call with what it is called.
pub(crate) struct Candidate {
    /// The event.
    pub(crate) event: Clean<Event>,
    /// Name of its fingerprint, where it is stored.
    pub(crate) fingerprint: Option<Clean<String>>,
    /// Its id, for the audit log.
    pub(crate) evidence: Vec<EvidenceId>,
}

/// Where a test went and what it does.
pub(crate) struct Written {
    /// The file.
    pub(crate) path: PathBuf,
    /// Function that it calls.
    pub(crate) function: String,
    /// Runs that it took.
    pub(crate) runs: usize,
    /// Bytes of the arguments, recorded and shrunk.
    pub(crate) bytes: (usize, usize),
    /// Recorded texts that the arguments keep.
    pub(crate) recorded_values: usize,
}

impl Written {
    /// How many recorded values the test keeps, in words.
    pub(crate) fn kept(&self) -> String {
        match self.recorded_values {
            0 => "no recorded value".to_owned(),
            1 => "1 recorded value".to_owned(),
            count => format!("{count} recorded values"),
        }
    }
}

/// Why no test came of a failure: of several exemplars, the one that came furthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// None of them is kept any more.
    NoExemplar,
    /// No test can be made of it.
    Plan(cordon_repro::Refusal),
    /// The test was run and is no reproduction.
    Run(Outcome),
}

impl Obstacle {
    /// Stable reason code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoExemplar => "no_exemplar",
            Self::Plan(refusal) => refusal.code(),
            Self::Run(outcome) => outcome.as_str(),
        }
    }

    /// One sentence for whoever asked.
    pub(crate) fn explain(self) -> String {
        match self {
            Self::NoExemplar => "none of its events is kept any more".to_owned(),
            Self::Plan(refusal) => refusal.to_string(),
            Self::Run(outcome) => outcome.explain().to_owned(),
        }
    }

    /// How near it came to a reproduction.
    const fn nearness(self) -> u8 {
        match self {
            Self::NoExemplar => 0,
            Self::Plan(_) => 1,
            Self::Run(Outcome::NotReproduced) => 3,
            Self::Run(Outcome::NeedsRaw) => 4,
            Self::Run(Outcome::DifferentFailure) => 5,
            Self::Run(Outcome::Flaky) => 6,
            Self::Run(_) => 2,
        }
    }
}

/// Where tests are made, and where they go.
pub(crate) struct Workshop<'a> {
    /// What is charged and audited.
    pub(crate) home: &'a Home,
    /// Under which grant.
    pub(crate) granted: &'a Granted,
    /// Source tree of the failing service.
    pub(crate) source: &'a Path,
    /// Where tests are written.
    pub(crate) out: &'a Path,
}

/// Refuses an interpreter that is not there.
pub(crate) fn check_python(python: Option<&Path>) -> anyhow::Result<()> {
    match python {
        Some(program) if !program.is_file() => {
            bail!("open python {}: no such file", program.display())
        }
        _ => Ok(()),
    }
}

/// A sandbox of that mode.
pub(crate) fn sandbox(
    mode: SandboxMode,
    python: Option<&Path>,
) -> Result<Sandbox, cordon_sandbox::Error> {
    Sandbox::detect(mode.mode(), python, &environment::search_path())
}

impl Workshop<'_> {
    /// Tries the candidates in turn until one reproduces, and writes its test. Candidates that make
    /// the same test as one before are not run again.
    pub(crate) fn verified(
        &self,
        candidates: &[Candidate],
        sandbox: &Sandbox,
    ) -> OrRefused<Result<Written, Obstacle>> {
        let mut tried: Vec<Clean<Plan>> = Vec::new();
        let mut nearest = Obstacle::NoExemplar;
        for candidate in candidates {
            let obstacle = match planned(candidate, self.source) {
                Err(refusal) => Obstacle::Plan(refusal),
                Ok(plan) if tried.contains(&plan) => continue,
                Ok(plan) => {
                    let found = run(&plan, sandbox, self.source)?;
                    tried.push(plan);
                    if found.outcome == Outcome::Reproduced {
                        let path = self.write(&found.plan, candidate)?;
                        return Ok(path.map(|path| Ok(written(path, &found))));
                    }
                    Obstacle::Run(found.outcome)
                }
            };
            // Of equally near ones the first: exemplars come the best first.
            if obstacle.nearness() > nearest.nearness() {
                nearest = obstacle;
            }
        }
        Ok(Ok(Err(nearest)))
    }

    /// Writes the test of the first candidate that can be planned without running it; of its texts
    /// only short codes are as they were recorded.
    pub(crate) fn unverified(
        &self,
        candidates: &[Candidate],
    ) -> OrRefused<Result<PathBuf, Obstacle>> {
        let mut nearest = Obstacle::NoExemplar;
        for candidate in candidates {
            match planned(candidate, self.source) {
                Ok(plan) => return Ok(self.write(&unverified(&plan), candidate)?.map(Ok)),
                Err(refusal) => nearest = Obstacle::Plan(refusal),
            }
        }
        Ok(Ok(Err(nearest)))
    }

    /// Releases the plan's test and writes it; where it is now.
    fn write(&self, plan: &Clean<Plan>, candidate: &Candidate) -> OrRefused<PathBuf> {
        let evidence = &candidate.evidence;
        let released = self
            .granted
            .release(self.home, render(plan), "test_written", evidence)?;
        let released = match released {
            Ok(released) => released,
            Err(code) => return Ok(Err(code)),
        };
        let out = self.out;
        std::fs::create_dir_all(out).with_context(|| format!("create {}", out.display()))?;
        let path = write_new(out, &plan.get().file_name(), released.get().as_bytes())
            .with_context(|| format!("write test to {}", out.display()))?;
        Ok(Ok(path))
    }
}

/// Writes a file of that name, or of the first numbered one that is free: what stands there may
/// have been edited.
fn write_new(out: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let stem = name.strip_suffix(".py").unwrap_or(name);
    let mut path = out.join(name);
    for number in 2_usize.. {
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => return file.write_all(bytes).map(|()| path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                path = out.join(format!("{stem}_{number}.py"));
            }
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Plans the candidate's test, where all that it would import is the source's own.
fn planned(candidate: &Candidate, source: &Path) -> Result<Clean<Plan>, cordon_repro::Refusal> {
    let planned = plan(&candidate.event)?;
    planned.get().within(&|module| has_module(source, module))?;
    Ok(match &candidate.fingerprint {
        Some(id) => name_after(planned, id.clone()),
        None => planned,
    })
}

fn written(path: PathBuf, found: &Reproduction) -> Written {
    Written {
        path,
        function: found.plan.get().function(),
        runs: found.runs,
        bytes: found.bytes,
        recorded_values: found.plan.get().recorded_values(),
    }
}

/// Runs the plan's test until it is known what becomes of it. An error is one of the sandbox, not
/// of the test.
fn run(plan: &Clean<Plan>, sandbox: &Sandbox, source: &Path) -> anyhow::Result<Reproduction> {
    let mut failed: Option<cordon_sandbox::Error> = None;
    let found = reproduce(plan, &mut |plan| match observe(sandbox, source, plan) {
        Ok(observation) => observation,
        Err(error) => {
            failed.get_or_insert(error);
            Observation::default()
        }
    });
    failed.map_or(Ok(found), |error| Err(anyhow!(error).context("run test")))
}

/// Runs the plan's test once.
fn observe(
    sandbox: &Sandbox,
    source: &Path,
    plan: &Plan,
) -> Result<Observation, cordon_sandbox::Error> {
    let files = [(plan.file_name(), plan.render_pytest())];
    let report = sandbox.run_pytest(&files, source, &Limits::default())?;
    let Some(case) = report.case(CASE) else {
        return Ok(Observation::default());
    };
    let property = |name| case.property(name).map(str::to_owned);
    Ok(Observation {
        outcome: property("repro.outcome"),
        frame: property("repro.frame"),
        signature: property("repro.signature"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_stands_there_is_not_overwritten() {
        let out = tempfile::tempdir().unwrap();
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        for (text, want) in [
            ("a", "test_x.py"),
            ("b", "test_x_2.py"),
            ("c", "test_x_3.py"),
        ] {
            let written = write_new(out.path(), "test_x.py", text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&written).unwrap(), text);
            assert_eq!(name(written), want);
        }
    }
}
