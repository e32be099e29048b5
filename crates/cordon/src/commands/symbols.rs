//! `cordon symbols add|list|remove|grant|revoke`: debug symbols of a tenant's programs.
//!
//! They are sealed under a key of their own, in a folder of their own, and opened for the worker of
//! `cordon crash` alone.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cordon_crash::{StoredSymbols, SymbolFeed, SymbolStore};
use cordon_event::TenantId;
use cordon_govern::Purpose;
use cordon_ledger::Action;
use cordon_redact::Opener;
use cordon_vault::{Domain, TenantKeys, Vault};
use serde_json::json;

use crate::cli::{Cli, SymbolsCommand, TenantArg};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{Granted, granted, refused, told_of_grant};
use crate::{environment, log};

/// Folder of the sealed files, below the data directory.
const FOLDER: &str = "symbols";

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &SymbolsCommand) -> Outcome {
    let tenant = match command {
        SymbolsCommand::Add { tenant, .. }
        | SymbolsCommand::Remove { tenant, .. }
        | SymbolsCommand::Grant { tenant }
        | SymbolsCommand::Revoke { tenant }
        | SymbolsCommand::List(TenantArg { tenant, .. }) => tenant.as_deref(),
    };
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant_id(tenant).or_exit(Exit::Usage)?;
    match command {
        SymbolsCommand::Grant { .. } => return set_grant(&home, &tenant, true),
        SymbolsCommand::Revoke { .. } => return set_grant(&home, &tenant, false),
        _ => {}
    }
    let granted = match granted(&home, &tenant, Purpose::Symbols, Action::Symbols)? {
        Ok(granted) => granted,
        Err(code) => return Ok(without_grant(code)),
    };
    let kept = Kept::open(&home, &tenant)?;
    match command {
        SymbolsCommand::Add { files, .. } => add(&home, &granted, &kept, files),
        SymbolsCommand::List(args) => list(&home, &granted, &kept, args.json),
        SymbolsCommand::Remove { ids, .. } => remove(&home, &granted, &kept, ids),
        SymbolsCommand::Grant { .. } | SymbolsCommand::Revoke { .. } => Ok(Exit::Done),
    }
}

/// Refuses, and says what gives the grant.
pub(crate) fn without_grant(code: &'static str) -> Exit {
    log::line("hint: a tenant's symbols need a grant of their own: `cordon symbols grant`");
    refused(code)
}

fn set_grant(home: &Home, tenant: &TenantId, given: bool) -> Outcome {
    let now_unix_s = environment::now_unix_s();
    let set = home
        .ledger
        .set_grant(&operator(), tenant, Purpose::Symbols, given, now_unix_s);
    let what = format!("the symbols of {tenant}");
    let set = set.context("write grant")?;
    Ok(told_of_grant(&what, given, set))
}

/// A tenant's sealed symbols, and the keys that open them.
pub(crate) struct Kept {
    /// The files.
    pub(crate) store: SymbolStore,
    keys: TenantKeys,
}

impl Kept {
    /// Opens a tenant's folder.
    pub(crate) fn open(home: &Home, tenant: &TenantId) -> anyhow::Result<Self> {
        Self::at(&home.dir, &home.vault, tenant)
    }

    /// Opens a tenant's folder below a data directory.
    pub(crate) fn at(dir: &Path, vault: &Vault, tenant: &TenantId) -> anyhow::Result<Self> {
        let dir = dir.join(FOLDER).join(tenant.as_str());
        Ok(Self {
            store: SymbolStore::open(&dir).context("open symbols")?,
            keys: vault.tenant(tenant).context("open keys")?,
        })
    }

    /// Whether symbols of a tenant were ever kept.
    pub(crate) fn exists(dir: &Path, tenant: &TenantId) -> bool {
        dir.join(FOLDER).join(tenant.as_str()).is_dir()
    }

    /// The symbols of that debug id.
    pub(crate) fn feed(&self, id: &str) -> Result<Option<SymbolFeed>, cordon_crash::Error> {
        let opener = |day| self.opener(day);
        // Read to its end once, so that a worker is not given half of it.
        let Some(stored) = self.store.stored(id, &opener)? else {
            return Ok(None);
        };
        let reader = self.store.read(id, &opener)?;
        Ok(reader.map(|reader| -> SymbolFeed { (stored.bytes, Box::new(reader)) }))
    }

    /// What opens what was sealed on that day.
    pub(crate) fn opener(&self, day: u32) -> Option<Box<dyn Opener + Send>> {
        let key = self.keys.records_existing(Domain::Symbols, day).ok()?;
        Some(Box::new(key))
    }
}

fn add(home: &Home, granted: &Granted, kept: &Kept, files: &[PathBuf]) -> Outcome {
    let day = environment::today();
    let key = kept
        .keys
        .records(Domain::Symbols, day)
        .context("make key")?;
    for path in files {
        let shown = path.display();
        let file = File::open(path).with_context(|| format!("open {shown}"));
        let file = file.or_exit(Exit::Usage)?;
        granted.note(home, "symbols_added")?;
        let added = kept.store.add(file, &key, day);
        let added = added
            .with_context(|| format!("keep {shown}"))
            .or_exit(Exit::Usage)?;
        log::line(&format!("kept {}", line(&added)));
    }
    Ok(Exit::Done)
}

fn line(stored: &StoredSymbols) -> String {
    let StoredSymbols { id, bytes, .. } = stored;
    let (name, os, cpu) = (&id.debug_file, &id.os, &id.cpu);
    format!("{}\t{name}\t{os} {cpu}\t{bytes} bytes", id.debug_id)
}

fn list(home: &Home, granted: &Granted, kept: &Kept, as_json: bool) -> Outcome {
    granted.note(home, "symbols_listed")?;
    let listed = kept.store.list(&|day| kept.opener(day));
    let (files, closed) = listed.context("list symbols")?;
    let text = if as_json {
        let row = |stored: &StoredSymbols| {
            json!({
                "debug_id": stored.id.debug_id,
                "debug_file": stored.id.debug_file,
                "os": stored.id.os,
                "cpu": stored.id.cpu,
                "bytes": stored.bytes,
                "added_day": stored.day,
            })
        };
        let rows: Vec<_> = files.iter().map(row).collect();
        let all = json!({
            "schema": "cordon.symbols",
            "version": 1,
            "symbols": rows,
            "unreadable": closed,
        });
        format!("{all:#}\n")
    } else {
        files.iter().map(|stored| line(stored) + "\n").collect()
    };
    log::data(text.as_bytes()).context("write stdout")?;
    if closed > 0 {
        log::line(&format!("note: {closed} files could not be opened"));
    }
    Ok(Exit::Done)
}

fn remove(home: &Home, granted: &Granted, kept: &Kept, ids: &[String]) -> Outcome {
    let mut exit = Exit::Done;
    for id in ids {
        granted.note(home, "symbols_removed")?;
        if !kept.store.remove(id).context("remove symbols")? {
            log::line("error: failed to find symbols: none of that id; see `cordon symbols list`");
            exit = Exit::Usage;
        }
    }
    Ok(exit)
}

/// The file as it is, for one run: what a person has in hand needs no grant.
pub(crate) fn in_hand(path: &Path) -> Result<(String, PathBuf), cordon_crash::Error> {
    let mut beginning = Vec::new();
    let mut file = std::io::Read::take(File::open(path)?, BEGINNING_BYTES);
    std::io::Read::read_to_end(&mut file, &mut beginning)?;
    let id = cordon_crash::SymbolId::read(&beginning)?;
    Ok((id.debug_id, path.to_owned()))
}

/// Bytes that hold the first line of a symbol file.
const BEGINNING_BYTES: u64 = 4_096;
