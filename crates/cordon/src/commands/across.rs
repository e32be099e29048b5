//! `cordon features --across`, `cordon features grant|revoke`: what many tenants share, behind the
//! k rule. It needs a grant of its own, and is audited.

use anyhow::Context as _;
use cordon_assist::{generalise, printable};
use cordon_diagnose::utc;
use cordon_govern::{ExposedClass, KRule};
use cordon_ledger::{Action, Entry, EvidenceId, Released, digest_of};
use cordon_redact::Clean;
use cordon_store::{ACROSS_COUNT_MAX, ACROSS_GROUPS_COUNT_MAX, AcrossRow, Dimension};
use serde_json::{Value as Json, json};

use crate::cli::Cli;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{refused, told_of_grant};
use crate::{environment, log};

/// Fingerprints that the audit entry names: those that come first.
const EVIDENCE_COUNT_MAX: usize = 64;
const NS_PER_DAY: u64 = 86_400 * 1_000_000_000;

/// What is shown of a group: id, and its numbers; title, and values by dimension.
type Line = ((String, Numbers), (Vec<String>, Vec<(u8, String)>));
/// Tenants and events at least; first and last day.
type Numbers = ((u64, u64), (u64, u64));

/// Gives the operator the grant, or takes it back.
pub(crate) fn set_grant(cli: &Cli, given: bool) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let now_unix_s = environment::now_unix_s();
    let set = home.ledger.set_across_grant(&operator(), given, now_unix_s);
    let set = set.context("write grant")?;
    Ok(told_of_grant("what many tenants share", given, set))
}

/// Shows what many tenants share.
pub(crate) fn run(cli: &Cli, as_json: bool) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let (who, now_unix_s) = (operator(), environment::now_unix_s());
    let authorised = home.ledger.authorise_across(&who, now_unix_s);
    let scope = match authorised.context("read grant")? {
        Ok(scope) => scope,
        Err(reason) => {
            log::line(
                "hint: what many tenants share needs a grant of its own: `cordon features grant`",
            );
            return Ok(refused(reason.code()));
        }
    };
    let rows = home.store.across(&scope, KRule::default());
    let found = rows.context("read what many tenants share")?;
    let (rows, is_cut) = (found.rows, found.is_cut);
    let ids = rows.iter().map(|row| EvidenceId::parse(&row.group_id));
    let evidence: Vec<EvidenceId> = ids.flatten().take(EVIDENCE_COUNT_MAX).collect();
    let lines = Clean::join(rows.iter().filter_map(line));
    let content = if as_json {
        lines.map(|lines| written(&lines))
    } else {
        lines.map(|lines| table(&lines))
    };
    let entry = Entry {
        time_unix_s: now_unix_s,
        actor: who,
        // No tenant's: there is no budget that it could be charged to.
        tenant: None,
        action: Action::Across,
        decision: "shown",
        class: Some(ExposedClass::C),
        amount_bytes: content.get().len() as u64,
        evidence,
        digest: Some(digest_of(content.get().as_bytes())),
    };
    let receipt = home.ledger.record(&entry).context("write audit entry")?;
    let released = Released::new(content, receipt).context("release content")?;
    log::data(released.get().as_bytes()).context("write stdout")?;
    if is_cut {
        log::line(&format!(
            "note: there is more: at most {ACROSS_GROUPS_COUNT_MAX} groups are looked at, those \
             that most tenants have, and {ACROSS_COUNT_MAX} are told"
        ));
    }
    home.tell_unreadable();
    Ok(Exit::Done)
}

fn line(row: &AcrossRow) -> Option<Clean<Line>> {
    let id = Clean::digest_id(&row.group_id)?;
    let counts = (row.tenants_min, row.events_min);
    let numbers = Clean::technical((counts, (row.first_day, row.last_day)));
    let title = Clean::join(row.title.clone());
    let values = row.values.iter().filter_map(|(dimension, text)| {
        let place = Dimension::ALL.iter().position(|d| d == dimension)?;
        Some(Clean::technical(place as u8).pair(text.clone()))
    });
    Some(id.pair(numbers).pair(title.pair(Clean::join(values))))
}

fn values_of(values: &[(u8, String)], place: usize) -> Vec<String> {
    let of = values.iter().filter(|(of, _)| usize::from(*of) == place);
    of.map(|(_, text)| generalise(text)).collect()
}

fn written(lines: &[Line]) -> String {
    let rows = lines.iter().map(|((id, (counts, days)), (title, values))| {
        let mut json = json!({
            "id": id,
            "title": title.first().map(|title| generalise(title)),
            "tenants_min": counts.0,
            "events_min": counts.1,
            "first_day": day(days.0),
            "last_day": day(days.1),
        });
        if let Some(fields) = json.as_object_mut() {
            for (place, dimension) in Dimension::ALL.iter().enumerate() {
                let values = json!(values_of(values, place));
                fields.insert(format!("{}s", dimension.as_str()), values);
            }
        }
        json
    });
    let rows: Vec<Json> = rows.collect();
    let all = json!({ "schema": "cordon.features.across", "version": 1, "groups": rows });
    format!("{all:#}\n")
}

fn table(lines: &[Line]) -> String {
    let mut out = String::new();
    for ((id, ((tenants, events), (first, last))), (title, values)) in lines {
        let title = title.first().map_or_else(String::new, |title| {
            format!(": {}", generalise(&printable(title)))
        });
        out.push_str(&format!("{id}{title}\n"));
        out.push_str(&format!(
            "  at least {tenants} tenants, of whom {} or more have {events} events or more\n",
            KRule::default().cross_tenants_k
        ));
        out.push_str(&format!("  {} to {}\n", day(*first), day(*last)));
        for (place, dimension) in Dimension::ALL.iter().enumerate() {
            for value in values_of(values, place) {
                let kind = dimension.as_str();
                out.push_str(&format!("  {kind:<9}  {}\n", printable(&value)));
            }
        }
    }
    if lines.is_empty() {
        out.push_str("nothing that enough tenants and subjects share\n");
    }
    out
}

/// The day alone: `2026-01-31`.
fn day(day: u64) -> String {
    let text = utc(day.saturating_mul(NS_PER_DAY));
    text.split(['T', ' ']).next().unwrap_or_default().to_owned()
}
