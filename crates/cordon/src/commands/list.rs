//! `cordon list`: a tenant's failures and templates with their counts. A release, so audited.

use anyhow::Context as _;
use cordon_assist::{generalise, printable};
use cordon_govern::{KDecision, Purpose};
use cordon_ledger::{Action, EvidenceId};
use cordon_redact::Clean;
use cordon_store::{GroupRow, GroupText, Window};
use serde_json::{Value as Json, json};

use crate::cli::{Cli, TenantArg};
use crate::exit::{Exit, Outcome};
use crate::log;
use crate::release::{enter, refused};

/// Fingerprints that a list's audit entry names: those that come first.
const EVIDENCE_COUNT_MAX: usize = 64;
/// Groups that one list shows.
const GROUPS_COUNT_MAX: usize = 100_000;

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &TenantArg) -> Outcome {
    let tenant = args.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Debugging, Action::Export)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let tenant = granted.scope.tenant();
    let ever = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX,
    };
    let none = Window {
        from_unix_ns: 0,
        to_unix_ns: 0,
    };
    let mut rows = home
        .store
        .groups(&granted.scope, ever, none, GROUPS_COUNT_MAX)
        .context("list groups")?;
    let (k_rule, seen) = (home.config.k_rule(tenant), rows.rows.len());
    let usable = |row: &GroupRow| k_rule.decide(row.reach()) == KDecision::Usable;
    rows.rows.retain(usable);
    let left_out = seen - rows.rows.len();
    let ids = rows.rows.iter().map(|row| EvidenceId::parse(&row.group_id));
    let evidence: Vec<EvidenceId> = ids.flatten().take(EVIDENCE_COUNT_MAX).collect();
    let lines = Clean::join(rows.rows.iter().filter_map(line));
    let facts = Clean::technical((args.json, (rows.unreadable, left_out)));
    let content = lines.pair(facts).map(|(lines, (as_json, counts))| {
        if as_json {
            written(&lines, counts)
        } else {
            table(&lines)
        }
    });
    let released = match granted.release(&home, content, "listed", &evidence)? {
        Ok(released) => released,
        Err(code) => return Ok(refused(code)),
    };
    log::data(released.get().as_bytes()).context("write stdout")?;
    home.tell_unreadable();
    if left_out > 0 {
        let code = KDecision::FewSubjects.code();
        log::line(&format!("note: {code}: {left_out} left out"));
    }
    Ok(Exit::Done)
}

/// A row as the shown parts: id, kind, failure, counts, text.
type Line = ((String, (u8, bool)), ((u64, (u64, u64)), GroupText));

fn line(row: &GroupRow) -> Option<Clean<Line>> {
    let kind = match row.kind {
        cordon_store::GroupKind::Exception => 0,
        cordon_store::GroupKind::Expectation => 1,
        cordon_store::GroupKind::Template => 2,
    };
    let id = Clean::digest_id(&row.group_id)?.pair(Clean::technical((kind, row.failure)));
    let counts = Clean::technical((row.count, (row.first_unix_ns, row.last_unix_ns)));
    Some(id.pair(counts.pair(row.text.clone())))
}

fn kind_name(kind: u8) -> &'static str {
    match kind {
        0 => "exception",
        1 => "expectation",
        _ => "template",
    }
}

fn written(lines: &[Line], (unreadable, left_out): (u64, usize)) -> String {
    let list: Vec<Json> = lines
        .iter()
        .map(|((id, (kind, failure)), ((count, (first, last)), text))| {
            json!({
                "id": id,
                "kind": kind_name(*kind),
                "failure": failure,
                "service": generalise(&text.service),
                "title": generalise(&text.title),
                "count": count,
                "first_seen_unix_ns": first,
                "last_seen_unix_ns": last,
            })
        })
        .collect();
    let json = json!({
        "schema": "cordon.list",
        "version": 1,
        "fingerprints": list,
        "unreadable": unreadable,
        "left_out": { KDecision::FewSubjects.code(): left_out },
    });
    format!("{json:#}\n")
}

fn table(lines: &[Line]) -> String {
    let mut out = String::new();
    for ((id, (kind, failure)), ((count, _), text)) in lines {
        let mark = if *failure { "failing" } else { "" };
        // Printable first: what is hidden in a pseudonym would hide it.
        let shown = |text: &str| generalise(&printable(text));
        let (title, service) = (shown(&text.title), shown(&text.service));
        let about = if service.is_empty() {
            title
        } else {
            format!("{service}: {title}")
        };
        let kind = kind_name(*kind);
        out.push_str(&format!(
            "{id:<28} {count:>7} {kind:<11} {mark:<7} {about}\n"
        ));
    }
    out
}
