//! How items of quarantine are written: for people, and as JSON.

use cordon_assist::{generalise, printable};
use cordon_diagnose::utc;
use cordon_event::{EventId, Quarantined, TenantId};
use cordon_ledger::ReleaseRequest;
use cordon_redact::Clean;
use cordon_store::HeldRow;
use serde_json::{Value as Json, json};

use crate::commands::tenant::Codes;

const NS_PER_S: u64 = 1_000_000_000;
/// Letters of an id that a table shows: enough to give it back.
const ID_CHARS_SHOWN: usize = 12;

/// An item, as it may be told.
pub(super) struct Item {
    id: EventId,
    received_unix_ns: u64,
    expires_unix_s: u64,
    raw_until_unix_s: Option<u64>,
    held: Quarantined,
    /// Who asked for its release, and until when that holds.
    requested: Option<(String, u64)>,
    /// Ids of the approvers that its raw event is sealed to.
    approvers: Vec<u64>,
}

/// Items of one tenant.
pub(super) struct Listed {
    tenant: TenantId,
    items: Vec<Item>,
}

/// Lists items.
pub(super) fn list(
    tenant: &TenantId,
    rows: &[HeldRow],
    requests: &[ReleaseRequest],
    ttl_days: u32,
) -> anyhow::Result<Clean<Listed>> {
    let codes = Codes::new()?;
    let items = rows.iter().map(|row| {
        let numbers = (row.expires_unix_s(ttl_days), Vec::new());
        clean(&codes, row, requests, numbers)
    });
    let tenant = Clean::technical(tenant.clone());
    let listed = tenant.pair(Clean::join(items));
    Ok(listed.map(|(tenant, items)| Listed { tenant, items }))
}

/// One item.
pub(super) fn item(
    row: &HeldRow,
    requests: &[ReleaseRequest],
    ttl_days: u32,
    approvers: Vec<u64>,
) -> anyhow::Result<Clean<Item>> {
    let numbers = (row.expires_unix_s(ttl_days), approvers);
    Ok(clean(&Codes::new()?, row, requests, numbers))
}

fn clean(
    codes: &Codes,
    row: &HeldRow,
    requests: &[ReleaseRequest],
    (expires_unix_s, approvers): (u64, Vec<u64>),
) -> Clean<Item> {
    let asked = requests.iter().filter(|one| one.item == row.event_id);
    let asked = asked.map(|one| {
        let who = codes.code(one.operator.as_str());
        who.pair(Clean::technical(one.expires_unix_s))
    });
    let times = (row.received_unix_ns, expires_unix_s);
    let raw = (row.raw_until_unix_s, approvers);
    let numbers = Clean::technical((row.event_id, (times, raw)));
    let held = row.held.clone().pair(Clean::join(asked));
    numbers
        .pair(held)
        .map(|((id, (times, raw)), (held, asked))| Item {
            id,
            received_unix_ns: times.0,
            expires_unix_s: times.1,
            raw_until_unix_s: raw.0,
            approvers: raw.1,
            held: held.0,
            requested: asked.into_iter().next(),
        })
}

impl Listed {
    pub(super) fn text(&self, as_json: bool) -> String {
        if as_json {
            let items: Vec<Json> = self.items.iter().map(Item::fields).collect();
            let tenant = self.tenant.as_str();
            let all = json!({
                "schema": "cordon.quarantine", "version": 1, "tenant": tenant, "items": items,
            });
            return format!("{all:#}\n");
        }
        if self.items.is_empty() {
            return "no items\n".to_owned();
        }
        let head = [
            "ID", "RECEIVED", "REASON", "RULE", "SOURCE", "EXPIRES", "STATE",
        ];
        let rows = self.items.iter().map(Item::row);
        let rows: Vec<[String; 7]> = [head.map(str::to_owned)].into_iter().chain(rows).collect();
        let width = |at: usize| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let mut out = String::new();
        for row in &rows {
            let cells = row.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| format!("{cell:<width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

impl Item {
    /// Stable code.
    fn state(&self) -> &'static str {
        match self.requested {
            Some(_) => "release_requested",
            None => "held",
        }
    }

    fn source(&self) -> String {
        match generalise(&self.held.source) {
            name if name.is_empty() => "-".to_owned(),
            name => printable(&name),
        }
    }

    fn row(&self) -> [String; 7] {
        let state = match &self.requested {
            Some((who, _)) => format!("release requested by {}", printable(who)),
            None => "held".to_owned(),
        };
        let raw = self.raw_until_unix_s.map_or("", |_| ", raw sealed");
        [
            self.id.to_string().chars().take(ID_CHARS_SHOWN).collect(),
            utc(self.received_unix_ns),
            printable(&self.held.reason),
            printable(&self.held.rule),
            self.source(),
            at(self.expires_unix_s),
            format!("{state}{raw}"),
        ]
    }

    /// What a list tells.
    fn fields(&self) -> Json {
        let requested = self.requested.as_ref();
        let requested =
            requested.map(|(who, until)| json!({ "operator": who, "expires_unix_s": until }));
        json!({
            "id": self.id.to_string(),
            "received_unix_ns": self.received_unix_ns,
            "reason": self.held.reason,
            "rule": self.held.rule,
            "source": generalise(&self.held.source),
            "kind": self.held.kind.as_str(),
            "expires_unix_s": self.expires_unix_s,
            "state": self.state(),
            "release_requested": requested,
            "sealed_raw_until_unix_s": self.raw_until_unix_s,
        })
    }

    pub(super) fn text(&self, as_json: bool) -> String {
        if as_json {
            return self.json();
        }
        let held = &self.held;
        let mut out = format!("item      {}\n", self.id);
        let mut line = |name: &str, text: &str| out.push_str(&format!("{name:<9} {text}\n"));
        line("received", &utc(self.received_unix_ns));
        if held.time_unix_ns > 0 {
            line("happened", &utc(held.time_unix_ns));
        }
        line("kind", held.kind.as_str());
        line("source", &self.source());
        let rule = printable(&held.rule);
        line(
            "reason",
            &format!("{}, by rule {rule}", printable(&held.reason)),
        );
        line("expires", &at(self.expires_unix_s));
        let state = match &self.requested {
            None => "held".to_owned(),
            Some((who, until)) => {
                let who = printable(who);
                format!("release requested by {who}; lapses {}", at(*until))
            }
        };
        line("state", &state);
        let raw = match self.raw_until_unix_s {
            None => "not kept in any form".to_owned(),
            Some(until) => {
                let ids: Vec<String> = self.approver_ids().collect();
                let ids = ids.join(" and ");
                format!("sealed until {}, to approvers {ids}", at(until))
            }
        };
        line("raw event", &raw);
        out.push_str("fields it had\n");
        for path in &held.paths {
            out.push_str(&format!("  {}\n", printable(&generalise(path))));
        }
        out.push_str("removed or replaced in it\n");
        for (class, rule, count) in &held.removed {
            let (class, rule) = (printable(class), printable(rule));
            out.push_str(&format!("  {count:>6}  class {class}  {rule}\n"));
        }
        if held.removed.is_empty() {
            out.push_str("  nothing\n");
        }
        out
    }

    fn json(&self) -> String {
        let held = &self.held;
        let removed = held
            .removed
            .iter()
            .map(|(class, rule, count)| json!({ "class": class, "rule": rule, "count": count }));
        let paths = held.paths.iter().map(|path| generalise(path));
        let mut all = self.fields();
        if let Some(members) = all.as_object_mut() {
            let mut put = |name: &str, value: Json| members.insert(name.to_owned(), value);
            put("schema", json!("cordon.quarantine.item"));
            put("version", json!(1));
            put("time_unix_ns", json!(held.time_unix_ns));
            put("paths", json!(paths.collect::<Vec<_>>()));
            put("removed", json!(removed.collect::<Vec<_>>()));
            put("approvers", json!(self.approver_ids().collect::<Vec<_>>()));
        }
        format!("{all:#}\n")
    }

    fn approver_ids(&self) -> impl Iterator<Item = String> {
        self.approvers.iter().map(|id| format!("{id:016x}"))
    }
}

fn at(unix_s: u64) -> String {
    utc(unix_s.saturating_mul(NS_PER_S))
}
