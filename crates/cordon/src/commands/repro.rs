//! `cordon repro`: a stored failure becomes a failing test, verified in a sandbox.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use cordon_event::{Event, Raw, TenantId};
use cordon_govern::{KDecision, Purpose, TenantScope};
use cordon_ledger::{Action, EvidenceId};
use cordon_receive::{Limits as ReceiveLimits, LineReader};
use cordon_redact::{Clean, Verdict};
use serde_json::json;

use crate::cli::{Cli, ReproArgs};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::log;
use crate::pager::Pager;
use crate::release::{OrRefused, enter, refused};
use crate::reproduction::{Candidate, Obstacle, Workshop, Written, check_python, sandbox};

/// Exemplars of a fingerprint that are tried.
const EXEMPLARS_COUNT_MAX: usize = 16;
/// Groups that an ambiguous beginning is told of.
const GROUPS_COUNT_MAX: usize = 8;
/// Reason code of a canary's page.
const CANARY: &str = "canary";

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &ReproArgs) -> Outcome {
    if !args.source.is_dir() {
        let shown = args.source.display();
        return Err(anyhow!("open source {shown}: no such directory")).or_exit(Exit::Usage);
    }
    check_python(args.python.as_deref()).or_exit(Exit::Usage)?;
    let tenant = args.tenant.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Reproduction, Action::Repro)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let tenant = granted.scope.tenant();
    let failures = match (&args.event, &args.fingerprint) {
        (Some(file), _) => {
            let webhook = home.config.pages.webhook.clone();
            let read = |pager: &Pager| from_file(&home, tenant, file, pager);
            Pager::with(webhook, read)?.or_exit(Exit::Usage)?
        }
        (None, Some(prefix)) => {
            let found = stored(&home, &granted.scope, prefix).or_exit(Exit::Usage)?;
            found.map(|exemplars| vec![exemplars])
        }
        (None, None) => Ok(Vec::new()),
    };
    let failures = match failures {
        Ok(failures) => failures,
        Err(code) => return Ok(refused(code)),
    };
    let sandbox = sandbox(args.sandbox, args.python.as_deref()).or_exit(Exit::Unreachable)?;
    let workshop = Workshop {
        home: &home,
        granted: &granted,
        source: &args.source,
        out: &args.out,
    };
    let mut exit = Exit::Done;
    for candidates in &failures {
        match workshop.verified(candidates, &sandbox)? {
            Ok(Ok(written)) => tell(&written, args.tenant.json)?,
            Ok(Err(obstacle)) => {
                tell_obstacle(obstacle, args.tenant.json)?;
                if exit == Exit::Done {
                    exit = Exit::Findings;
                }
            }
            Err(code) => exit = refused(code),
        }
    }
    Ok(exit)
}

/// Exemplars of the fingerprint that begins so, the best first; refused where the k rule does not
/// let the group through.
pub(crate) fn stored(home: &Home, scope: &TenantScope, prefix: &str) -> OrRefused<Vec<Candidate>> {
    let groups = home.store.group_ids(scope, prefix, GROUPS_COUNT_MAX)?;
    let id = match groups.as_slice() {
        [] => bail!("find fingerprint: none begins so; `cordon list` shows them"),
        [id] => id,
        several if several.iter().any(|id| id == prefix) => prefix,
        _ => bail!("choose fingerprint: several begin so; give more of it"),
    };
    let k_rule = home.config.k_rule(scope.tenant());
    let group = home.store.group(scope, id)?;
    let group = group.context("find fingerprint: it has just expired")?;
    match k_rule.decide(group.reach()) {
        KDecision::Usable => {}
        refused => return Ok(Err(refused.code())),
    }
    let exemplars = home.store.exemplars(scope, id, EXEMPLARS_COUNT_MAX)?.rows;
    let candidate = |stored: cordon_store::StoredEvent| Candidate {
        event: stored.event,
        fingerprint: Clean::digest_id(id),
        evidence: EvidenceId::parse(&stored.event_id.to_string())
            .into_iter()
            .collect(),
    };
    Ok(Ok(exemplars.into_iter().map(candidate).collect()))
}

/// Events of a file, each a failure of its own, redacted as if they had been received. What is
/// quarantined is told of; where nothing else is left, its reason is the refusal.
fn from_file(
    home: &Home,
    tenant: &TenantId,
    file: &Path,
    pager: &Pager,
) -> OrRefused<Vec<Vec<Candidate>>> {
    let shown = file.display();
    let text = std::fs::read(file).with_context(|| format!("read {shown}"))?;
    let mac = home.vault.tenant(tenant)?;
    let redactor = home.redactor(&mac)?;
    let mut lines = LineReader::new(ReceiveLimits::default());
    let (mut found, mut held) = (Vec::new(), None);
    for line in text.split(|b| *b == b'\n') {
        let decoded = lines
            .next_line(line.to_vec())
            .with_context(|| format!("read {shown}"))?;
        for event in split(decoded.events) {
            let redacted = redactor.event(&mac, event);
            redacted
                .pages
                .iter()
                .for_each(|page| pager.page(Some(tenant), page, 1));
            let reason = redacted.pages.first().map(|page| page.reason);
            match redacted.verdict {
                Verdict::Clean(event) => found.push(vec![Candidate {
                    event,
                    fingerprint: None,
                    evidence: Vec::new(),
                }]),
                // As received: a canary takes everything that came with it.
                Verdict::Quarantine(_) if reason == Some(CANARY) => return Ok(Err(CANARY)),
                Verdict::Quarantine(_) => {
                    let code = reason.unwrap_or("quarantined");
                    log::line(&format!("left out: line {}: {code}", lines.line()));
                    held = Some(code);
                }
            }
        }
    }
    match (found.is_empty(), held) {
        (true, Some(code)) => Ok(Err(code)),
        (true, None) => bail!("find events: none in {shown}"),
        (false, _) => Ok(Ok(found)),
    }
}

fn split(events: Raw<Vec<Event>>) -> Vec<Raw<Event>> {
    events.split().collect()
}

fn tell(written: &Written, as_json: bool) -> anyhow::Result<()> {
    let (before, after) = written.bytes;
    let text = if as_json {
        let json = json!({
            "schema": "cordon.repro",
            "version": 1,
            "file": written.path.display().to_string(),
            "function": written.function,
            "outcome": "reproduced",
            "runs": written.runs,
            "recorded_values": written.recorded_values,
            "argument_bytes": { "recorded": before, "shrunk": after },
        });
        format!("{json:#}\n")
    } else {
        format!(
            "{}\n  calls {}; fails for the recorded reason, 3 of 3 runs\n  arguments shrunk from \
             {before} to {after} bytes in {} runs; keeps {}\n",
            written.path.display(),
            written.function,
            written.runs,
            written.kept()
        )
    };
    log::data(text.as_bytes()).context("write stdout")
}

fn tell_obstacle(obstacle: Obstacle, as_json: bool) -> anyhow::Result<()> {
    let code = obstacle.code();
    log::line(&format!("not reproduced: {code}: {}", obstacle.explain()));
    if !as_json {
        return Ok(());
    }
    let json = json!({
        "schema": "cordon.repro",
        "version": 1,
        "file": null,
        "outcome": code,
    });
    log::data(format!("{json:#}\n").as_bytes()).context("write stdout")
}
