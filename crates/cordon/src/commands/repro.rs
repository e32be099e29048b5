//! `cordon repro`: a stored failure becomes a failing test, verified in a sandbox.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use cordon_event::{Event, Raw, TenantId, TenantScope};
use cordon_govern::{ExposedClass, Purpose};
use cordon_ledger::{Action, Charge, EvidenceId, Outcome as Settled, Released, digest_of};
use cordon_receive::{Limits as ReceiveLimits, LineReader};
use cordon_redact::{Clean, Verdict};
use cordon_repro::{Observation, Outcome as Reproduced, Plan, name_after, plan, render, reproduce};
use cordon_sandbox::{Limits, Mode, Sandbox};
use serde_json::json;

use super::ask::fresh_id;
use crate::cli::{Cli, ReproArgs, SandboxMode};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::{environment, log};

/// Exemplars of a fingerprint that are tried.
const EXEMPLARS_COUNT_MAX: usize = 16;
/// Groups that an ambiguous beginning is told of.
const GROUPS_COUNT_MAX: usize = 8;
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
    /// What running it showed.
    pub(crate) outcome: Reproduced,
    /// Function that it calls.
    pub(crate) function: String,
    /// Runs that it took.
    pub(crate) runs: usize,
    /// Bytes of the arguments, recorded and shrunk.
    pub(crate) bytes: (usize, usize),
}

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &ReproArgs) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home
        .tenant_id(args.tenant.tenant.as_deref())
        .or_exit(Exit::Usage)?;
    let candidates = match (&args.event, &args.fingerprint) {
        (Some(file), _) => vec![from_file(&home, &tenant, file).or_exit(Exit::Usage)?],
        (None, Some(prefix)) => vec![stored(&home, &tenant, prefix).or_exit(Exit::Usage)?],
        (None, None) => Vec::new(),
    };
    let mode = match args.sandbox {
        SandboxMode::Bubblewrap => Mode::Bubblewrap,
        SandboxMode::Process => Mode::Process,
    };
    let sandbox = sandbox(mode, args.python.as_deref()).or_exit(Exit::Unreachable)?;
    let mut exit = Exit::Done;
    for candidate in candidates.iter().flatten() {
        match reproduce_one(&home, &tenant, candidate, &sandbox, &args.source, &args.out)? {
            Ok(written) => {
                tell(&written, args.tenant.json)?;
                if written.outcome != Reproduced::Reproduced {
                    exit = Exit::Findings;
                }
            }
            Err(code) => {
                log::line(&format!("refused: {code}"));
                exit = Exit::Refused;
            }
        }
    }
    Ok(exit)
}

/// A sandbox of that mode.
pub(crate) fn sandbox(mode: Mode, python: Option<&Path>) -> Result<Sandbox, cordon_sandbox::Error> {
    Sandbox::detect(mode, python, &environment::search_path())
}

/// The best exemplar of the fingerprint that begins so: the first that carries its call.
pub(crate) fn stored(
    home: &Home,
    tenant: &TenantId,
    prefix: &str,
) -> anyhow::Result<Vec<Candidate>> {
    let scope = TenantScope::one(tenant.clone());
    let groups = home.store.group_ids(&scope, prefix, GROUPS_COUNT_MAX)?;
    let id = match groups.as_slice() {
        [] => bail!("find fingerprint: none begins so; `cordon list` shows them"),
        [(_, id)] => id,
        several if several.iter().any(|(_, id)| id == prefix) => prefix,
        _ => bail!("choose fingerprint: several begin so; give more of it"),
    };
    let exemplars = home.store.exemplars(&scope, id, EXEMPLARS_COUNT_MAX)?.rows;
    let with_call = exemplars.iter().find(|e| plan(&e.event).is_ok());
    let best = with_call
        .or(exemplars.first())
        .context("find exemplar: none is kept any more")?;
    Ok(vec![Candidate {
        event: best.event.clone(),
        fingerprint: Clean::digest_id(id),
        evidence: EvidenceId::parse(&best.event_id.to_string())
            .into_iter()
            .collect(),
    }])
}

/// Events of a file, redacted as if they had been received.
fn from_file(home: &Home, tenant: &TenantId, file: &Path) -> anyhow::Result<Vec<Candidate>> {
    let shown = file.display();
    let text = std::fs::read(file).with_context(|| format!("read {shown}"))?;
    let mac = home.vault.tenant(tenant)?;
    let redactor = home.redactor(&mac)?;
    let mut lines = LineReader::new(ReceiveLimits::default());
    let mut found = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        let decoded = lines
            .next_line(line.to_vec())
            .with_context(|| format!("read {shown}"))?;
        for event in split(decoded.events) {
            match redactor.event(&mac, event).verdict {
                Verdict::Clean(event) => {
                    found.push(Candidate {
                        event,
                        fingerprint: None,
                        evidence: Vec::new(),
                    });
                }
                Verdict::Quarantine(_) => log::line("an event is quarantined: left out"),
            }
        }
    }
    Ok(found)
}

fn split(events: Raw<Vec<Event>>) -> Vec<Raw<Event>> {
    events.split().collect()
}

/// Plans, verifies, shrinks and writes one test; or says why it was refused.
pub(crate) fn reproduce_one(
    home: &Home,
    tenant: &TenantId,
    candidate: &Candidate,
    sandbox: &Sandbox,
    source: &Path,
    out: &Path,
) -> Result<Result<Written, &'static str>, anyhow::Error> {
    let planned = match plan(&candidate.event) {
        Ok(planned) => planned,
        Err(refusal) => return Ok(Err(refusal.code())),
    };
    let planned = match &candidate.fingerprint {
        Some(id) => name_after(planned, id.clone()),
        None => planned,
    };
    let mut failed: Option<cordon_sandbox::Error> = None;
    let reproduction = reproduce(&planned, &mut |plan| match observe(sandbox, source, plan) {
        Ok(observation) => observation,
        Err(error) => {
            failed.get_or_insert(error);
            Observation::default()
        }
    });
    if let Some(error) = failed {
        return Err(anyhow!(error).context("run test"));
    }
    let plan = &reproduction.plan;
    if reproduction.outcome != Reproduced::Reproduced {
        log::line(&format!("note: {}", reproduction.outcome.explain()));
        return Ok(Err(reproduction.outcome.as_str()));
    }
    let path = match write(home, tenant, plan, candidate, out)? {
        Ok(path) => path,
        Err(code) => return Ok(Err(code)),
    };
    Ok(Ok(Written {
        path,
        outcome: reproduction.outcome,
        function: plan.get().function(),
        runs: reproduction.runs,
        bytes: reproduction.bytes,
    }))
}

/// Writes the test of a failure as it was recorded, without running it.
pub(crate) fn write_unverified(
    home: &Home,
    tenant: &TenantId,
    candidate: &Candidate,
    out: &Path,
) -> anyhow::Result<Result<PathBuf, &'static str>> {
    let planned = match plan(&candidate.event) {
        Ok(planned) => planned,
        Err(refusal) => return Ok(Err(refusal.code())),
    };
    let planned = match &candidate.fingerprint {
        Some(id) => name_after(planned, id.clone()),
        None => planned,
    };
    write(home, tenant, &planned, candidate, out)
}

/// Releases the plan's test and writes it; where it is now.
fn write(
    home: &Home,
    tenant: &TenantId,
    plan: &Clean<Plan>,
    candidate: &Candidate,
    out: &Path,
) -> anyhow::Result<Result<PathBuf, &'static str>> {
    let released = match release(home, tenant, render(plan), &candidate.evidence)? {
        Ok(released) => released,
        Err(code) => return Ok(Err(code)),
    };
    std::fs::create_dir_all(out).with_context(|| format!("create {}", out.display()))?;
    let path = out.join(plan.get().file_name());
    std::fs::write(&path, released.get().as_bytes())
        .with_context(|| format!("write {}", path.display()))?;
    Ok(Ok(path))
}

/// Pays for and audits the test before it is written.
fn release(
    home: &Home,
    tenant: &TenantId,
    text: Clean<String>,
    evidence: &[EvidenceId],
) -> anyhow::Result<Result<Released<String>, &'static str>> {
    let Some(grant) = home.ledger.standing_grant(&operator(), tenant)? else {
        return Ok(Err("grant_missing"));
    };
    let bytes = text.get().len() as u64;
    let now_unix_s = environment::now_unix_s();
    let charge = Charge {
        id: fresh_id().map_err(|failure| failure.cause)?,
        tenant: tenant.clone(),
        class: ExposedClass::C,
        purpose: Purpose::Reproduction,
        action: Action::Repro,
        bytes_max: bytes,
        now_unix_s,
    };
    let reservation = match home.ledger.reserve(&grant, &charge)? {
        Ok(reservation) => reservation,
        Err(refusal) => return Ok(Err(refusal.reason.code())),
    };
    let digest = digest_of(text.get().as_bytes());
    let (decision, evidence) = ("test_written", evidence.to_vec());
    let settled = Settled {
        time_unix_s: now_unix_s,
        decision,
        evidence,
        digest,
    };
    let receipt = home.ledger.settle(reservation, bytes, &settled)?;
    Ok(Ok(Released::new(text, receipt)?))
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

fn tell(written: &Written, as_json: bool) -> anyhow::Result<()> {
    let (before, after) = written.bytes;
    let text = if as_json {
        let json = json!({
            "schema": "cordon.repro",
            "version": 1,
            "file": written.path.display().to_string(),
            "function": written.function,
            "outcome": written.outcome.as_str(),
            "runs": written.runs,
            "argument_bytes": { "recorded": before, "shrunk": after },
        });
        format!("{json:#}\n")
    } else {
        format!(
            "{}\n  calls {}; fails for the recorded reason, 3 of 3 runs\n  arguments shrunk from \
             {before} to {after} bytes in {} runs\n",
            written.path.display(),
            written.function,
            written.runs
        )
    };
    log::data(text.as_bytes()).context("write stdout")
}
