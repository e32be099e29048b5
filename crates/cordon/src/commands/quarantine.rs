//! `cordon quarantine list|show|release|drop|rerun|keygen`: what was held back, and what becomes
//! of it.
//!
//! *Invariant:* an entry of the audit log is durable before its effect: before an item is told, let
//! in, deleted or opened. Entries hold ids and codes.

mod form;
mod rerun;

use std::path::Path;

use anyhow::{Context as _, anyhow};
use cordon_diagnose::utc;
use cordon_event::EventId;
use cordon_govern::Purpose;
use cordon_ledger::{Action, EvidenceId, ReleaseRefusal, ReleaseRequest, ReleaseStep, Tenant};
use cordon_store::{DropReason, HeldRow, Leaves};
use cordon_vault::ApproverKey;
use serde_json::json;

use crate::applier::classify;
use crate::cli::{Cli, DropReasonArg, QuarantineCommand, QuarantineListArgs, TenantArg};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{Granted, granted, refused};
use crate::{environment, log};

/// Shortest beginning of an id that is looked for.
const ID_CHARS_MIN: usize = 4;
/// Items that the entry of a list names.
const EVIDENCE_COUNT_MAX: usize = 64;
const NS_PER_S: u64 = 1_000_000_000;

/// One tenant's quarantine, under the operator's grant.
struct Lane {
    home: Home,
    granted: Granted,
    tenant: Tenant,
    now_unix_s: u64,
}

/// What became of an item.
struct Done {
    id: EventId,
    /// Stable code.
    outcome: &'static str,
    /// Until when something is waited for, seconds since the Unix epoch.
    until_unix_s: Option<u64>,
    exit: Exit,
}

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &QuarantineCommand) -> Outcome {
    let tenant = match command {
        QuarantineCommand::Keygen { out } => return keygen(out),
        QuarantineCommand::List(QuarantineListArgs { tenant, .. })
        | QuarantineCommand::Show { tenant, .. }
        | QuarantineCommand::Release { tenant, .. }
        | QuarantineCommand::Drop { tenant, .. }
        | QuarantineCommand::Rerun { tenant, .. } => tenant,
    };
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let of = home.tenant(tenant.tenant.as_deref()).or_exit(Exit::Usage)?;
    let granted = match granted(&home, &of.name, Purpose::Debugging, Action::Quarantine)? {
        Ok(granted) => granted,
        Err(code) => return Ok(refused(code)),
    };
    let lane = Lane {
        home,
        granted,
        tenant: of,
        now_unix_s: environment::now_unix_s(),
    };
    lane.expire_raw()?;
    match command {
        QuarantineCommand::Keygen { .. } => Ok(Exit::Done),
        QuarantineCommand::List(args) => lane.list(args),
        QuarantineCommand::Show { id, .. } => lane.show(id, tenant.json),
        QuarantineCommand::Release { ids, .. } => {
            lane.each(ids, tenant, "release", |id| lane.release(id))
        }
        QuarantineCommand::Drop { ids, reason, .. } => {
            lane.each(ids, tenant, "drop", |id| lane.discard(id, *reason))
        }
        QuarantineCommand::Rerun { ids, keys, .. } => {
            let rerun = match rerun::Rerun::open(&lane, keys)? {
                Ok(rerun) => rerun,
                Err(exit) => return Ok(exit),
            };
            lane.each(ids, tenant, "rerun", |id| rerun.item(id))
        }
    }
}

/// Draws an approver's key pair. It needs no data directory: it is for a machine of its own.
fn keygen(out: &Path) -> Outcome {
    let shown = out.display();
    let public = ApproverKey::create(out)
        .with_context(|| format!("write {shown}"))
        .or_exit(Exit::Usage)?;
    log::line(&format!(
        "private key of approver {} written to {shown}; keep it off this machine, with one person",
        public.id()
    ));
    log::line("its public key, for seal_raw_to in [tenant.NAME.quarantine], follows");
    log::data(format!("{}\n", public.text()).as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

impl Lane {
    /// Destroys keys of sealed raw events that are past their time, whatever a configuration says.
    fn expire_raw(&self) -> anyhow::Result<()> {
        let expired = self.home.vault.expire_raw(environment::today());
        expired.context("destroy expired keys").map(drop)
    }

    /// What is in quarantine and not past its time. Deleting is the server's: a command that reads
    /// may run under another configuration.
    fn items(&self) -> anyhow::Result<Vec<HeldRow>> {
        let all = self.home.store.quarantine(&self.granted.scope, usize::MAX);
        let mut rows = all.context("read quarantine")?.rows;
        rows.retain(|row| row.expires_unix_s(self.ttl_days()) > self.now_unix_s);
        Ok(rows)
    }

    fn ttl_days(&self) -> u32 {
        self.home.config.store.ttl_days
    }

    fn list(&self, args: &QuarantineListArgs) -> Outcome {
        let mut rows = self.items()?;
        if let Some(reason) = &args.reason {
            rows.retain(|row| row.reason == *reason);
        }
        let found = rows.len();
        rows.truncate(args.limit.get());
        let requests = self.requests()?;
        let ids: Vec<EvidenceId> = evidence(rows.iter().map(|row| row.event_id));
        let content = form::list(&self.tenant.name, &rows, &requests, self.ttl_days());
        let content = content?.pair(cordon_redact::Clean::technical(args.tenant.json));
        let content = content.map(|(listed, as_json)| listed.text(as_json));
        let released = self
            .granted
            .release(&self.home, content, "quarantine_listed", &ids)?;
        let released = match released {
            Ok(released) => released,
            Err(code) => return Ok(refused(code)),
        };
        log::data(released.get().as_bytes()).context("write stdout")?;
        if !rows.is_empty() && !args.tenant.json {
            log::line(
                "look at one with `cordon quarantine show ID`; a beginning of its id will do",
            );
        }
        if found > rows.len() {
            let shown = rows.len();
            log::line(&format!("note: {shown} of {found} are shown; see --limit"));
        }
        self.home.tell_unreadable();
        Ok(Exit::Done)
    }

    fn show(&self, id: &str, as_json: bool) -> Outcome {
        let row = match self.find(id)? {
            Ok(row) => row,
            Err(exit) => return Ok(exit),
        };
        let requests = self.requests()?;
        let approvers = self.approvers(&row)?;
        let content = form::item(&row, &requests, self.ttl_days(), approvers)?;
        let content = content.pair(cordon_redact::Clean::technical(as_json));
        let content = content.map(|(item, as_json)| item.text(as_json));
        let ids = evidence([row.event_id]);
        let released = self
            .granted
            .release(&self.home, content, "quarantine_shown", &ids)?;
        match released {
            Ok(released) => log::data(released.get().as_bytes()).context("write stdout")?,
            Err(code) => return Ok(refused(code)),
        }
        Ok(Exit::Done)
    }

    /// Ids of the approvers that an item's raw event is sealed to, as numbers.
    fn approvers(&self, row: &HeldRow) -> anyhow::Result<Vec<u64>> {
        let sealed = self.sealed(row)?;
        let Some(sealed) = sealed.filter(|_| row.raw_until_unix_s.is_some()) else {
            return Ok(Vec::new());
        };
        let keys = self.home.vault.tenant(&self.tenant.name);
        let keys = keys.context("open keys")?;
        let context = cordon_redact::raw_context(&self.tenant.name, row.event_id);
        let received_unix_s = row.received_unix_ns / NS_PER_S;
        // What does not open is told by `rerun`.
        let ids = keys.approvers_of(&context, received_unix_s, &sealed);
        let ids = ids.into_iter().flatten();
        Ok(ids
            .filter_map(|id| u64::from_str_radix(&id, 16).ok())
            .collect())
    }

    fn sealed(&self, row: &HeldRow) -> anyhow::Result<Option<Vec<u8>>> {
        let scope = &self.granted.scope;
        let sealed = self
            .home
            .store
            .sealed_raw(scope, row.event_id, self.now_unix_s);
        sealed.context("read quarantine")
    }

    fn requests(&self) -> anyhow::Result<Vec<ReleaseRequest>> {
        let ledger = &self.home.ledger;
        let requests = ledger.release_requests(&self.tenant.name, self.now_unix_s);
        requests.context("read requests")
    }

    /// Does it to each item; the first exit code that is not "done" is the command's.
    fn each(
        &self,
        ids: &[String],
        args: &TenantArg,
        what: &str,
        act: impl Fn(&HeldRow) -> anyhow::Result<Done>,
    ) -> Outcome {
        // All of them are found first: a slip in one does nothing to the others.
        let mut rows = Vec::new();
        for id in ids {
            match self.find(id)? {
                Ok(row) => rows.push(row),
                Err(exit) => return Ok(exit),
            }
        }
        rows.sort_by_key(|row| row.event_id);
        rows.dedup_by_key(|row| row.event_id);
        let mut all = Vec::new();
        for row in &rows {
            all.push(act(row)?);
        }
        if args.json {
            let items: Vec<_> = all.iter().map(Done::json).collect();
            let schema = format!("cordon.quarantine.{what}");
            let tenant = self.tenant.name.as_str();
            let told = json!({ "schema": schema, "version": 1, "tenant": tenant, "items": items });
            log::data(format!("{told:#}\n").as_bytes()).context("write stdout")?;
        } else {
            for done in &all {
                let line = format!("{}\t{}\n", done.id, done.outcome);
                log::data(line.as_bytes()).context("write stdout")?;
            }
        }
        let failed = all.iter().find(|done| done.exit != Exit::Done);
        Ok(failed.map_or(Exit::Done, |done| done.exit))
    }

    /// The one item whose id is this or begins with it; of another tenant's there is none.
    fn find(&self, id: &str) -> anyhow::Result<Result<HeldRow, Exit>> {
        let scope = &self.granted.scope;
        let known = self.home.store.quarantined_ids(scope);
        let known = known.context("read quarantine")?;
        let begins = id.to_ascii_lowercase();
        let matching = known
            .into_iter()
            .filter(|known| begins.len() >= ID_CHARS_MIN && known.to_string().starts_with(&begins));
        let matching: Vec<EventId> = matching.collect();
        let problem = match matching.as_slice() {
            [id] => {
                let row = self.home.store.quarantined(scope, *id);
                let is_there =
                    |row: &HeldRow| row.expires_unix_s(self.ttl_days()) > self.now_unix_s;
                match row.context("read item")?.filter(is_there) {
                    Some(row) => return Ok(Ok(row)),
                    None => "it left quarantine just now",
                }
            }
            [] => "none of that id; see `cordon quarantine list`",
            _ => "several begin so; give more of its id",
        };
        self.granted.note(&self.home, "quarantine_not_found")?;
        log::line(&format!("error: failed to find item: {problem}"));
        Ok(Err(Exit::Usage))
    }

    /// One operator's word; the second one's lets the item in.
    fn release(&self, row: &HeldRow) -> anyhow::Result<Done> {
        let (id, ledger) = (row.event_id, &self.home.ledger);
        let name = &self.tenant.name;
        let step = ledger.release_step(&operator(), name, id, self.now_unix_s);
        let request = match step.context("write audit entry")? {
            Err(refusal) => return Ok(not_released(id, refusal)),
            Ok(ReleaseStep::Requested(request)) => {
                let until = utc(request.expires_unix_s.saturating_mul(NS_PER_S));
                log::line(&format!(
                    "{id}: waits for a second operator, who says the same before {until}; \
                     `cordon tenant grant NAME --tenant {name}` makes somebody an operator"
                ));
                return Ok(Done {
                    id,
                    outcome: "requested",
                    until_unix_s: Some(request.expires_unix_s),
                    exit: Exit::Done,
                });
            }
            Ok(ReleaseStep::Approved(request)) => request,
        };
        let scope = &self.granted.scope;
        let (region, now_unix_s) = (&self.tenant.region, self.now_unix_s);
        let released = self
            .home
            .store
            .release(scope, id, region, now_unix_s, &classify);
        if !released.context("release item")? {
            return Err(anyhow!("release item: it left quarantine just now"));
        }
        log::line(&format!(
            "{id}: released, as {} asked; its event has no values",
            request.operator
        ));
        Ok(Done {
            id,
            outcome: "released",
            until_unix_s: None,
            exit: Exit::Done,
        })
    }

    fn discard(&self, row: &HeldRow, reason: DropReasonArg) -> anyhow::Result<Done> {
        let id = row.event_id;
        let (reason, decision) = match reason {
            DropReasonArg::FalseAlarm => (DropReason::FalseAlarm, "dropped_false_alarm"),
            DropReasonArg::SourceFixed => (DropReason::SourceFixed, "dropped_source_fixed"),
            DropReasonArg::TestData => (DropReason::TestData, "dropped_test_data"),
            DropReasonArg::Obsolete => (DropReason::Obsolete, "dropped_obsolete"),
        };
        self.granted
            .note_about(&self.home, decision, &evidence([id]))?;
        let (store, scope) = (&self.home.store, &self.granted.scope);
        let gone = store.discharge(scope, id, Leaves::Dropped(reason));
        if !gone.context("drop item")? {
            return Err(anyhow!("drop item: it left quarantine just now"));
        }
        Ok(Done {
            id,
            outcome: "dropped",
            until_unix_s: None,
            exit: Exit::Done,
        })
    }
}

fn not_released(id: EventId, refusal: ReleaseRefusal) -> Done {
    if refusal == ReleaseRefusal::SamePerson {
        let who = operator();
        log::line(&format!(
            "hint: {who} asked for this already; another operator of the tenant has to agree"
        ));
    }
    let outcome = refusal.code();
    Done {
        id,
        outcome,
        until_unix_s: None,
        exit: refused(outcome),
    }
}

impl Done {
    fn json(&self) -> serde_json::Value {
        json!({
            "id": self.id.to_string(),
            "outcome": self.outcome,
            "until_unix_s": self.until_unix_s,
        })
    }
}

/// Items as an entry names them: those that come first.
fn evidence(ids: impl IntoIterator<Item = EventId>) -> Vec<EvidenceId> {
    let ids = ids.into_iter().take(EVIDENCE_COUNT_MAX);
    ids.filter_map(|id| EvidenceId::parse(&id.to_string()).ok())
        .collect()
}
