//! `cordon known import|list|remove`: secrets that are known to be live, as keyed digests.

use std::path::Path;

use anyhow::{Context as _, bail};
use cordon_event::{Raw, TenantId};
use cordon_govern::Purpose;
use cordon_ledger::Action;
use cordon_redact::{ImportFormat, KnownDigest, KnownSet, import};
use cordon_vault::Control;
use serde_json::json;

use crate::cli::{Cli, KnownCommand, KnownFormat};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::policy::VALUE_BYTES;
use crate::release::{Granted, granted, refused};
use crate::{environment, log};

/// Largest file of secrets in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &KnownCommand) -> Outcome {
    let tenant = match command {
        KnownCommand::Import { tenant, .. } | KnownCommand::Remove { tenant, .. } => tenant,
        KnownCommand::List(args) => &args.tenant,
    };
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant_id(tenant.as_deref()).or_exit(Exit::Usage)?;
    let granted = match granted(&home, &tenant, Purpose::Debugging, Action::Known)? {
        Ok(granted) => granted,
        Err(code) => return Ok(refused(code)),
    };
    match command {
        KnownCommand::Import { file, format, .. } => {
            take_in(&home, &granted, &tenant, (file, *format))
        }
        KnownCommand::List(args) => list(&home, &granted, &tenant, args.json),
        KnownCommand::Remove { ids, .. } => remove(&home, &granted, &tenant, ids),
    }
}

/// Reads secrets and keeps their digests; the file itself is not kept.
fn take_in(
    home: &Home,
    granted: &Granted,
    tenant: &TenantId,
    (file, format): (&Path, Option<KnownFormat>),
) -> Outcome {
    let text = read(file).or_exit(Exit::Usage)?;
    let format = match format {
        None => ImportFormat::of(&text),
        Some(KnownFormat::Lines) => ImportFormat::Lines,
        Some(KnownFormat::Env) => ImportFormat::Env,
        Some(KnownFormat::Vault) => ImportFormat::Vault,
    };
    let name = match format {
        ImportFormat::Lines => "lines",
        ImportFormat::Env => "env",
        ImportFormat::Vault => "vault",
    };
    let shown = file.display();
    let secrets = import(format, &text);
    let secrets = secrets.with_context(|| format!("read {shown}: not of the format {name}"));
    let secrets = secrets.or_exit(Exit::Usage)?;
    let keys = home.vault.tenant(tenant).context("open keys")?;
    let count = secrets.len();
    let fit = secrets
        .iter()
        .filter(|s| VALUE_BYTES.contains(&s.value.len_bytes()));
    let alone = secrets.iter().filter(|s| s.is_found_alone()).count();
    let digests: Vec<(&str, KnownDigest)> = fit
        .map(|s| (s.label.as_str(), KnownSet::digest_raw(&keys, &s.value)))
        .collect();
    let left_out = count - digests.len();
    granted.note(home, "known_imported")?;
    let controls = home.vault.controls();
    let new = controls.add_known(tenant, digests, environment::now_unix_s());
    let new = new.context("keep digests").or_exit(Exit::Usage)?;
    let (from, to) = (VALUE_BYTES.start(), VALUE_BYTES.end());
    log::line(&format!(
        "imported {count} secrets as {name}: {new} new, {left_out} left out that are not of \
         {from} to {to} bytes"
    ));
    if alone > 0 {
        log::line(&format!(
            "note: {alone} hold blanks or quotes and are found as whole values alone"
        ));
    }
    Ok(Exit::Done)
}

/// The text of a file, or of stdin where it is called `-`.
fn read(path: &Path) -> anyhow::Result<Raw<String>> {
    use std::io::Read as _;
    let shown = path.display();
    let from: Box<dyn std::io::Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(path).with_context(|| format!("open {shown}"))?;
        Box::new(file)
    };
    let mut text = String::new();
    let read = from.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    let raw = Raw::new(text);
    read.with_context(|| format!("read {shown}"))?;
    if raw.len_bytes() as u64 > FILE_BYTES_MAX {
        bail!("read {shown}: more than {FILE_BYTES_MAX} bytes");
    }
    Ok(raw)
}

/// Identifiers, names and dates.
fn list(home: &Home, granted: &Granted, tenant: &TenantId, as_json: bool) -> Outcome {
    granted.note(home, "known_listed")?;
    let known = home
        .vault
        .controls()
        .known(tenant)
        .context("read digests")?;
    let rows = known.iter().map(|(row, _)| row);
    let text = if as_json {
        let rows = rows.map(
            |row| json!({ "id": row.id, "name": row.label, "added_unix_s": row.added_unix_s }),
        );
        let rows: Vec<_> = rows.collect();
        let all = json!({ "schema": "cordon.known", "version": 1, "known": rows });
        format!("{all:#}\n")
    } else {
        let line = |row: &cordon_vault::ControlRow| {
            format!("{}\t{}\t{}\n", row.id, row.label, row.added_unix_s)
        };
        rows.map(line).collect()
    };
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

fn remove(home: &Home, granted: &Granted, tenant: &TenantId, ids: &[String]) -> Outcome {
    granted.note(home, "known_removed")?;
    let controls = home.vault.controls();
    let mut exit = Exit::Done;
    for id in ids {
        let gone = controls.remove(tenant, Control::Known, id);
        if !gone.context("remove digest")? {
            log::line(&format!("error: failed to find known secret {id}"));
            exit = Exit::Usage;
        }
    }
    Ok(exit)
}
