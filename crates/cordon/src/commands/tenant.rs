//! `cordon tenant add|grant|revoke|list`, `cordon status`.

use anyhow::Context as _;
use cordon_assist::generalise;
use cordon_event::{Raw, Region, TenantId};
use cordon_govern::{Operator, Purpose};
use cordon_ledger::{Action, Released};
use cordon_redact::{Clean, Policy, Redactor};
use cordon_store::{Accounting, Flagged};
use cordon_vault::EphemeralMac;
use serde_json::{Value as Json, json};

use crate::cli::{Cli, TenantArg};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{Granted, OrRefused, enter, refused, told_of_grant};
use crate::{environment, log};

/// Adds a tenant and prints its token, once.
pub(crate) fn add(cli: &Cli, name: &str, region: &str) -> Outcome {
    let name = TenantId::parse(name)
        .context("read NAME")
        .or_exit(Exit::Usage)?;
    let region = Region::parse(region)
        .context("read --region")
        .or_exit(Exit::Usage)?;
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let now = environment::now_unix_s();
    let token = home
        .ledger
        .add_tenant(&name, &region, &operator(), now)
        .with_context(|| format!("add tenant {name}"))
        .or_exit(Exit::Usage)?;
    log::line(&format!(
        "tenant {name} added in region {region}; its token follows and cannot be read again"
    ));
    log::data(format!("{}\n", token.as_str()).as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Makes another person an operator of the tenant, or takes that back.
pub(crate) fn set_operator(cli: &Cli, who: &str, tenant: Option<&str>, given: bool) -> Outcome {
    let who = Operator::parse(who)
        .context("read OPERATOR")
        .or_exit(Exit::Usage)?;
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant_id(tenant).or_exit(Exit::Usage)?;
    let now = environment::now_unix_s();
    let set = home
        .ledger
        .set_operator(&operator(), &who, &tenant, given, now);
    let set = set.context("write grant").or_exit(Exit::Usage)?;
    Ok(told_of_grant(
        &format!("{who} on tenant {tenant}"),
        given,
        set,
    ))
}

/// Lists the tenants that the operator has a grant for.
pub(crate) fn list(cli: &Cli) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let mut out = String::new();
    for tenant in home
        .ledger
        .tenants_of(&operator())
        .context("list tenants")?
    {
        out.push_str(&format!("{}\t{}\n", tenant.name, tenant.region));
    }
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Shows what became of everything that was received.
pub(crate) fn status(cli: &Cli, args: &TenantArg) -> Outcome {
    let tenant = args.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Debugging, Action::Export)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    match accounted(&home, &granted, args.json)? {
        Ok(text) => log::data(text.get().as_bytes()).context("write stdout")?,
        Err(code) => return Ok(refused(code)),
    }
    Ok(Exit::Done)
}

/// What became of everything that was received, released.
pub(crate) fn accounted(
    home: &Home,
    granted: &Granted,
    as_json: bool,
) -> OrRefused<Released<String>> {
    let counts = home.store.accounting(&granted.scope);
    let flagged = home.store.flagged(&granted.scope);
    let clean = Codes::new()?;
    let counts = clean.counts(&counts.context("read accounting")?);
    let flagged = flagged.context("read quarantine")?;
    let flagged = Clean::join(flagged.iter().map(|f| clean.flag(f)));
    let about = Clean::technical((granted.scope.tenant().clone(), as_json));
    let shown = about.pair(counts.pair(flagged));
    let content = shown.map(|((tenant, as_json), (counts, flagged))| {
        if as_json {
            format!("{:#}\n", to_json(&tenant, &counts, &flagged))
        } else {
            to_text(&tenant, &counts) + &flagged_text(&flagged)
        }
    });
    granted.release(home, content, "counted", &[])
}

/// A source, why it is flagged, how often, and when last.
type Flag = ((String, String), (u64, u64));

/// Redacts the codes that the store keeps in clear: what is no code does not get out by them.
pub(crate) struct Codes {
    mac: EphemeralMac,
    redactor: Redactor,
}

impl Codes {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let redactor = Redactor::new(Policy::default()).context("set up redaction")?;
        let mac = cordon_vault::ephemeral_mac().context("draw key")?;
        Ok(Self { mac, redactor })
    }

    pub(crate) fn code(&self, code: &str) -> Clean<String> {
        let raw = Raw::new(code.to_owned());
        self.redactor.text(&self.mac, raw).clean
    }

    fn counts(&self, counts: &Accounting) -> Clean<Accounting> {
        let came = (counts.received, (counts.kept, counts.exemplar_evicted));
        let added_up = (counts.unclassified, counts.rolled_up);
        let went = (counts.expired, (counts.duplicate, added_up));
        let held = counts.quarantined.iter();
        let held = held.map(|(code, n)| self.code(code).pair(Clean::technical(*n)));
        let removed = counts.removed.iter().map(|(class, rule, n)| {
            let named = self.code(class).pair(self.code(rule));
            named.pair(Clean::technical(*n))
        });
        let left_out = counts.sampled_out.iter();
        let left_out = left_out.map(|(code, n)| self.code(code).pair(Clean::technical(*n)));
        let left_out = Clean::join(left_out).pair(Clean::technical(counts.brought_back));
        let dropped = counts.dropped.iter();
        let dropped = dropped.map(|(code, n)| self.code(code).pair(Clean::technical(*n)));
        let codes = Clean::join(held).pair(Clean::join(removed));
        let left = Clean::technical((counts.released, counts.rerun));
        let left = Clean::join(dropped).pair(left).pair(left_out);
        let all = Clean::technical((came, went)).pair(codes.pair(left));
        all.map(
            |((came, went), ((quarantined, removed), (left, left_out)))| Accounting {
                received: came.0,
                kept: came.1.0,
                exemplar_evicted: came.1.1,
                expired: went.0,
                duplicate: went.1.0,
                unclassified: went.1.1.0,
                rolled_up: went.1.1.1,
                sampled_out: left_out.0,
                brought_back: left_out.1,
                quarantined,
                dropped: left.0,
                released: left.1.0,
                rerun: left.1.1,
                removed: removed.into_iter().map(|((c, r), n)| (c, r, n)).collect(),
            },
        )
    }

    fn flag(&self, flagged: &Flagged) -> Clean<Flag> {
        let named = flagged.source.clone().pair(self.code(&flagged.reason));
        named.pair(Clean::technical((flagged.count, flagged.last_unix_ns)))
    }
}

fn held(counts: &Accounting) -> u64 {
    counts.quarantined.iter().map(|(_, n)| n).sum()
}

fn sampled_out(counts: &Accounting) -> u64 {
    counts.sampled_out.iter().map(|(_, n)| n).sum()
}

fn dropped(counts: &Accounting) -> u64 {
    counts.dropped.iter().map(|(_, n)| n).sum()
}

fn by_reason(counts: &[(String, u64)]) -> Vec<Json> {
    let row = |(reason, count): &(String, u64)| json!({ "reason": reason, "count": count });
    counts.iter().map(row).collect()
}

fn to_json(tenant: &TenantId, counts: &Accounting, flagged: &[Flag]) -> Json {
    let removed: Vec<Json> = counts
        .removed
        .iter()
        .map(|(class, rule, count)| json!({ "class": class, "rule": rule, "count": count }))
        .collect();
    let flagged: Vec<Json> = flagged
        .iter()
        .map(|((source, reason), (count, last))| {
            json!({
                "source": generalise(source),
                "reason": reason,
                "count": count,
                "last_received_unix_ns": last,
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
            "rolled_up": counts.rolled_up,
            "quarantined": held(counts),
            "sampled_out": sampled_out(counts),
            "brought_back": counts.brought_back,
            "dropped": dropped(counts),
            "rerun": counts.rerun,
        },
        "released": counts.released,
        "dropped": by_reason(&counts.dropped),
        "unclassified": counts.unclassified,
        "balanced": counts.is_balanced(),
        "quarantined": by_reason(&counts.quarantined),
        "sampled_out": by_reason(&counts.sampled_out),
        "flagged_sources": flagged,
        "removed": removed,
    })
}

/// Services that sent what had to be held back.
fn flagged_text(flagged: &[Flag]) -> String {
    let mut out = String::new();
    for ((source, reason), (count, _)) in flagged {
        let source = match generalise(source) {
            name if name.is_empty() => "a service that may not be named".to_owned(),
            name => name,
        };
        out.push_str(&format!("  flagged: {source}: {count} {reason}\n"));
    }
    out
}

/// The table for people.
fn to_text(tenant: &TenantId, counts: &Accounting) -> String {
    let mut out = format!(
        "tenant {tenant}: {} received{} = {} kept as exemplars + {} counted only + {} expired + \
         {} duplicate + {} quarantined",
        counts.received,
        match counts.brought_back {
            0 => String::new(),
            count => format!(" + {count} brought back"),
        },
        counts.kept,
        counts.exemplar_evicted,
        counts.expired,
        counts.duplicate,
        held(counts)
    );
    for (count, what) in [
        (dropped(counts), "dropped"),
        (counts.rerun, "run again"),
        (sampled_out(counts), "sampled out"),
        (counts.rolled_up, "points of metrics added up"),
    ] {
        if count > 0 {
            out.push_str(&format!(" + {count} {what}"));
        }
    }
    out.push('\n');
    if counts.released > 0 {
        let count = counts.released;
        out.push_str(&format!(
            "  released from quarantine: {count}, counted above as events\n"
        ));
    }
    for (reason, count) in &counts.dropped {
        out.push_str(&format!("  dropped from quarantine: {count} {reason}\n"));
    }
    if counts.unclassified > 0 {
        let count = counts.unclassified;
        out.push_str(&format!("  unclassified: {count}, grouped together\n"));
    }
    for (policy, count) in &counts.sampled_out {
        out.push_str(&format!("  sampled out: {count} {policy}\n"));
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
