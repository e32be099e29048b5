//! `cordon audit verify|checkpoint|show`.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use cordon_ledger::{Action, Entry, Ledger, Recorded, digest_of};
use cordon_vault::Vault;
use serde_json::json;

use crate::cli::{AuditCommand, Cli};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::{environment, log};

/// Entries read at a time.
const PAGE_COUNT: u64 = 1_000;

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &AuditCommand) -> Outcome {
    match command {
        AuditCommand::Verify { against } => verify(cli, against.as_deref()),
        AuditCommand::Checkpoint => checkpoint(cli),
        AuditCommand::Show => show(cli),
    }
}

/// Reads the log as it is on disk: one that was cut does not open, and is to be named all the same.
fn verify(cli: &Cli, against: Option<&Path>) -> Outcome {
    let dir = Home::dir_of(cli);
    let database = dir.join("ledger.db");
    if !database.exists() {
        let shown = dir.display();
        return Err(anyhow!("read audit log: there is none in {shown}")).or_exit(Exit::Usage);
    }
    let older = against
        .map(|file| {
            std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
        })
        .transpose()
        .or_exit(Exit::Usage)?;
    let vault = Vault::open(&dir.join("keys"))
        .context("open keys")
        .or_exit(Exit::Usage)?;
    let report = Ledger::inspect_against(&database, &vault, older.as_deref());
    let report = report.context("read audit log")?;
    let mut out = String::new();
    for problem in &report.problems {
        out.push_str(&format!("{}: {problem:?}\n", problem.code()));
    }
    if report.is_intact() {
        out.push_str(&format!("intact: {} entries\n", report.entries_count));
    }
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(if report.is_intact() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Prints the signed size and root of the log.
fn checkpoint(cli: &Cli) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let note = home.ledger.checkpoint().context("sign checkpoint")?;
    log::data(note.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Prints the entries about nobody, and about the tenants that the operator has a grant for; that
/// they were read is an entry too.
fn show(cli: &Cli) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let entry = Entry {
        time_unix_s: environment::now_unix_s(),
        actor: operator(),
        tenant: None,
        action: Action::AuditRead,
        decision: "allowed",
        class: None,
        amount_bytes: 0,
        evidence: Vec::new(),
        digest: Some(digest_of(b"")),
    };
    drop(home.ledger.record(&entry).context("write audit entry")?);
    let tenants = home.ledger.tenants_of(&operator()).context("read grants")?;
    let granted = |entry: &&Recorded| {
        let about = entry.tenant.as_deref();
        about.is_none_or(|name| tenants.iter().any(|t| t.name.as_str() == name))
    };
    let mut from = 1;
    loop {
        let page = home
            .ledger
            .entries(from, PAGE_COUNT)
            .context("read audit log")?;
        let Some(last) = page.last() else {
            return Ok(Exit::Done);
        };
        from = last.seq + 1;
        let lines: String = page
            .iter()
            .filter(granted)
            .map(|entry| format!("{}\n", line(entry)))
            .collect();
        log::data(lines.as_bytes()).context("write stdout")?;
    }
}

fn line(entry: &Recorded) -> serde_json::Value {
    json!({
        "seq": entry.seq,
        "time_unix_s": entry.time_unix_s,
        "actor": entry.actor,
        "tenant": entry.tenant,
        "action": entry.action,
        "decision": entry.decision,
        "class": entry.class,
        "amount_bytes": entry.amount_bytes,
        "evidence": entry.evidence,
        "digest": entry.digest,
    })
}
