//! `cordon tenant add|list`, `cordon status`.

use anyhow::Context as _;
use cordon_assist::generalise;
use cordon_event::{Region, TenantId};
use cordon_govern::Purpose;
use cordon_ledger::Action;
use cordon_store::{Accounting, Flagged};
use serde_json::{Value as Json, json};

use crate::cli::{Cli, TenantArg};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{granted, refused};
use crate::{environment, log};

/// Adds a tenant and prints its token, once.
pub(crate) fn add(cli: &Cli, name: &str, region: &str) -> Outcome {
    let name = TenantId::parse(name).or_exit(Exit::Usage)?;
    let region = Region::parse(region).or_exit(Exit::Usage)?;
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let now = environment::now_unix_s();
    let token = home
        .ledger
        .add_tenant(&name, &region, &operator(), now)
        .or_exit(Exit::Usage)?;
    log::line(&format!(
        "tenant {name} added in region {region}; its token follows and cannot be read again"
    ));
    log::data(format!("{}\n", token.as_str()).as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Lists tenants.
pub(crate) fn list(cli: &Cli) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let mut out = String::new();
    for tenant in home.ledger.tenants().context("list tenants")? {
        out.push_str(&format!("{}\t{}\n", tenant.name, tenant.region));
    }
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Shows what became of everything that was received.
pub(crate) fn status(cli: &Cli, args: &TenantArg) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home
        .tenant_id(args.tenant.as_deref())
        .or_exit(Exit::Usage)?;
    let granted = match granted(&home, &tenant, Purpose::Debugging, Action::Export)? {
        Ok(granted) => granted,
        Err(code) => return Ok(refused(code)),
    };
    let counts = home.store.accounting(&granted.scope);
    let counts = counts.context("read accounting")?;
    let flagged = home.store.flagged(&granted.scope);
    let flagged = flagged.context("read quarantine")?;
    let text = if args.json {
        format!("{:#}\n", to_json(&tenant, &counts, &flagged))
    } else {
        to_text(&tenant, &counts) + &flagged_text(&flagged)
    };
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

fn held(counts: &Accounting) -> u64 {
    counts.quarantined.iter().map(|(_, n)| n).sum()
}

fn to_json(tenant: &TenantId, counts: &Accounting, flagged: &[Flagged]) -> Json {
    let removed: Vec<Json> = counts
        .removed
        .iter()
        .map(|(class, rule, count)| json!({ "class": class, "rule": rule, "count": count }))
        .collect();
    let reasons: Vec<Json> = counts
        .quarantined
        .iter()
        .map(|(reason, count)| json!({ "reason": reason, "count": count }))
        .collect();
    let flagged: Vec<Json> = flagged
        .iter()
        .map(|f| {
            json!({
                "source": generalise(f.source.get()),
                "reason": f.reason,
                "count": f.count,
                "last_received_unix_ns": f.last_unix_ns,
            })
        })
        .collect();
    json!({
        "schema": "cordon.status",
        "version": 1,
        "tenant": tenant.as_str(),
        "counts": {
            "received": counts.received,
            "kept": counts.kept,
            "evicted": counts.exemplar_evicted,
            "expired": counts.expired,
            "duplicate": counts.duplicate,
            "quarantined": held(counts),
        },
        "unclassified": counts.unclassified,
        "balanced": counts.is_balanced(),
        "quarantined": reasons,
        "flagged_sources": flagged,
        "removed": removed,
    })
}

/// Services that sent what had to be held back.
fn flagged_text(flagged: &[Flagged]) -> String {
    let mut out = String::new();
    for f in flagged {
        let source = match generalise(f.source.get()) {
            name if name.is_empty() => "a service that may not be named".to_owned(),
            name => name,
        };
        out.push_str(&format!("  flagged: {source}: {} {}\n", f.count, f.reason));
    }
    out
}

/// The table for people; also the end of the demo.
pub(crate) fn to_text(tenant: &TenantId, counts: &Accounting) -> String {
    let mut out = format!(
        "tenant {tenant}: {} received = {} kept as exemplars + {} counted only + {} expired + \
         {} duplicate + {} quarantined\n",
        counts.received,
        counts.kept,
        counts.exemplar_evicted,
        counts.expired,
        counts.duplicate,
        held(counts)
    );
    if counts.unclassified > 0 {
        let count = counts.unclassified;
        out.push_str(&format!("  unclassified: {count}, grouped together\n"));
    }
    for (reason, count) in &counts.quarantined {
        out.push_str(&format!("  quarantined: {count} {reason}\n"));
    }
    for class in ["A", "B"] {
        let of_class: Vec<_> = counts
            .removed
            .iter()
            .filter(|(c, _, _)| c == class)
            .collect();
        let sum: u64 = of_class.iter().map(|(_, _, n)| n).sum();
        let what = if class == "A" {
            "removed"
        } else {
            "replaced by pseudonyms"
        };
        out.push_str(&format!("  class {class}: {sum} {what} before storage\n"));
        for (_, rule, count) in of_class {
            out.push_str(&format!("    {count:>6}  {rule}\n"));
        }
    }
    out
}
