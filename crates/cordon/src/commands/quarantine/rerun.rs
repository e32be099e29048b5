//! `cordon quarantine rerun`: a sealed raw event, redacted once more under the rules of now.
//!
//! *Invariants:* what is opened is memory only, `Raw`, and wiped. It comes in by the way that every
//! event comes in, with the item's id for its request: run again after a crash it is recognised.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use cordon_event::{Entry, Event, Quarantined, Raw, packed};
use cordon_journal::Journal;
use cordon_receive::{Principal, RequestBody};
use cordon_redact::{BatchMeta, Redactor, raw_context};
use cordon_store::{HeldRow, Leaves};
use cordon_vault::{ApproverKey, Error, TenantKeys};

use super::{Done, Lane, NS_PER_S, evidence};
use crate::exit::{Ends as _, Exit, Failure};
use crate::release::refused;
use crate::{intake, log, pager};

/// What stands before an item's id in the place of a request's body.
const BODY: &[u8] = b"cordon.quarantine.rerun\0";

/// Both keys, and the tenant's rules.
pub(super) struct Rerun<'a> {
    lane: &'a Lane,
    keys: TenantKeys,
    approvers: [ApproverKey; 2],
    redactor: Redactor,
}

impl<'a> Rerun<'a> {
    /// Reads the keys; how the command ends where that makes no sense.
    pub(super) fn open(lane: &'a Lane, files: &[PathBuf]) -> Result<Result<Self, Exit>, Failure> {
        if Journal::is_held(&lane.home.dir.join("journal")) {
            log::line(
                "error: failed to run again: a server is running on this data directory; stop it \
                 for the time of this command",
            );
            return Ok(Err(Exit::Unreachable));
        }
        let [first, second] = files else {
            return Err(anyhow!("read --key: give it twice, one of each approver"))
                .or_exit(Exit::Usage);
        };
        let read = |file: &PathBuf| {
            let key = ApproverKey::read(file);
            key.with_context(|| format!("read {}", file.display()))
                .or_exit(Exit::Usage)
        };
        let approvers = [read(first)?, read(second)?];
        let keys = lane.home.vault.tenant(&lane.tenant.name);
        let keys = keys.context("open keys")?;
        let redactor = lane.home.redactor(&keys).or_exit(Exit::Usage)?;
        Ok(Ok(Self {
            lane,
            keys,
            approvers,
            redactor,
        }))
    }

    /// Runs one item again.
    pub(super) fn item(&self, row: &HeldRow) -> anyhow::Result<Done> {
        let Some(sealed) = self.lane.sealed(row)? else {
            log::line("hint: nothing of it was sealed, or its time is up; see `seal_raw_to`");
            return self.not(row, "raw_absent");
        };
        self.note(row, "rerun_opened")?;
        let bytes = match self.opened(row, &sealed) {
            Ok(bytes) => bytes,
            Err(Error::ApproverOther) => {
                log::line("hint: `cordon quarantine show` tells to whom it is sealed");
                return self.not(row, "raw_other_approvers");
            }
            Err(Error::Forged) => return self.not(row, "raw_damaged"),
            Err(Error::DayDestroyed) => return self.not(row, "raw_absent"),
            Err(other) => return Err(other).context("open sealed event"),
        };
        drop(sealed);
        let Some(held) = self.held_by(row, events(&bytes)?) else {
            self.admit(row, &bytes)?;
            return Ok(Done {
                id: row.event_id,
                outcome: "admitted",
                until_unix_s: None,
                exit: Exit::Done,
            });
        };
        self.note(row, "rerun_held")?;
        let (id, reason, rule) = (row.event_id, &held.reason, &held.rule);
        log::line(&format!(
            "{id}: stays; still held for {reason}, by rule {rule}"
        ));
        Ok(Done {
            id,
            outcome: "held",
            until_unix_s: None,
            exit: Exit::Findings,
        })
    }

    fn opened(&self, row: &HeldRow, sealed: &[u8]) -> Result<Raw<Vec<u8>>, Error> {
        let context = raw_context(&self.lane.tenant.name, row.event_id);
        let received_unix_s = row.received_unix_ns / NS_PER_S;
        let [first, second] = &self.approvers;
        self.keys
            .open_raw(&context, received_unix_s, sealed, [first, second])
    }

    /// What would hold it back now, if anything does.
    fn held_by(&self, row: &HeldRow, raw: Raw<Vec<Event>>) -> Option<Quarantined> {
        let meta = BatchMeta {
            tenant: self.lane.tenant.name.clone(),
            region: self.lane.tenant.region.clone(),
            request_mac: [0; 32],
            received_unix_ns: row.received_unix_ns,
            facts: Vec::new(),
        };
        let batch = self.redactor.batch(&self.keys, raw, meta).batch;
        let entries = batch.into_inner().entries.into_iter();
        entries
            .map(|(_, entry)| entry)
            .find_map(|entry| match entry {
                Entry::Event(_) => None,
                Entry::Quarantined(held) => Some(held),
            })
    }

    /// Takes it in, then out of quarantine. What comes between the two leaves the item, and the
    /// next run finds that its event is there.
    fn admit(&self, row: &HeldRow, bytes: &Raw<Vec<u8>>) -> anyhow::Result<()> {
        let lane = self.lane;
        let who = Principal {
            tenant: lane.tenant.name.clone(),
            region: lane.tenant.region.clone(),
        };
        let body = [BODY, row.event_id.0.as_slice()].concat();
        self.note(row, "rerun_admitted")?;
        let (intake, pages) = intake::open(&lane.home).map_err(|failure| failure.cause)?;
        let (body, raw) = (RequestBody::new(&body), events(bytes)?);
        let submitted = intake.spine.submit(&who, &body, raw);
        let (ticket, _, held) = submitted.map_err(|error| anyhow!("take it in: {error:?}"))?;
        ticket.wait().context("make the event durable")?;
        // What is durable is applied before this returns.
        intake.close();
        pager::drain(pages)?;
        if held > 0 {
            return Err(anyhow!(
                "run again: the rules changed just now; it is held back anew"
            ));
        }
        let scope = &lane.granted.scope;
        let gone = lane
            .home
            .store
            .discharge(scope, row.event_id, Leaves::Rerun);
        gone.context("take item out").map(drop)
    }

    fn note(&self, row: &HeldRow, decision: &'static str) -> anyhow::Result<()> {
        let ids = evidence([row.event_id]);
        let lane = self.lane;
        lane.granted.note_about(&lane.home, decision, &ids)
    }

    /// Refused; the log says so, too.
    fn not(&self, row: &HeldRow, code: &'static str) -> anyhow::Result<Done> {
        self.note(row, code)?;
        Ok(Done {
            id: row.event_id,
            outcome: code,
            until_unix_s: None,
            exit: refused(code),
        })
    }
}

fn events(bytes: &Raw<Vec<u8>>) -> anyhow::Result<Raw<Vec<Event>>> {
    packed::decode_raw_event(bytes).context("read sealed event")
}
