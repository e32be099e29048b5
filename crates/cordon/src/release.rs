//! What leaves through the command line: nothing without a grant, a budget and an audit entry.
//!
//! [`granted`] comes before anything of the tenant is read, so that an operator without a grant
//! learns nothing, not even whether something exists. [`Granted::release`] comes before anything is
//! shown or written.

use anyhow::Context as _;
use cordon_event::TenantId;
use cordon_govern::{ExposedClass, Grant, Purpose, Request, TenantScope};
use cordon_ledger::{
    Action, Charge, Entry, EvidenceId, Outcome, RefusalReason, Released, Reservation, Stream,
    digest_of,
};
use cordon_redact::Clean;

use crate::cli::Cli;
use crate::exit::{Ends as _, Exit, Failure};
use crate::home::{Home, operator};
use crate::{environment, log};

/// A value, or the reason code of its refusal.
pub(crate) type OrRefused<T> = anyhow::Result<Result<T, &'static str>>;

/// What the operator may do to one tenant's data.
pub(crate) struct Granted {
    /// What the store is read with.
    pub(crate) scope: TenantScope,
    grant: Grant,
    purpose: Purpose,
    action: Action,
}

/// Opens the data directory for a command about one tenant, under the operator's grant.
pub(crate) fn enter(
    cli: &Cli,
    tenant: Option<&str>,
    purpose: Purpose,
    action: Action,
) -> Result<Result<(Home, Granted), &'static str>, Failure> {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant_id(tenant).or_exit(Exit::Usage)?;
    let granted = granted(&home, &tenant, purpose, action)?;
    Ok(granted.map(|granted| (home, granted)))
}

/// Finds the operator's grant for class C of the tenant; a refusal is audited.
pub(crate) fn granted(
    home: &Home,
    tenant: &TenantId,
    purpose: Purpose,
    action: Action,
) -> OrRefused<Granted> {
    let request = Request {
        tenant,
        class: ExposedClass::C,
        purpose,
        now_unix_s: environment::now_unix_s(),
    };
    let authorised = home
        .ledger
        .authorise(&operator(), action, &request)
        .context("read grant")?;
    Ok(match authorised {
        Ok(found) => Ok(Granted {
            scope: found.scope,
            grant: found.grant,
            purpose,
            action,
        }),
        Err(reason) => Err(reason.code()),
    })
}

impl Granted {
    /// Audits what is done with the caller's own data in the tenant's name: nothing of the tenant's
    /// leaves by it, so it has no charge.
    pub(crate) fn note(&self, home: &Home, decision: &'static str) -> anyhow::Result<()> {
        self.note_about(home, decision, &[])
    }

    /// As [`Granted::note`], naming what it is done to.
    pub(crate) fn note_about(
        &self,
        home: &Home,
        decision: &'static str,
        evidence: &[EvidenceId],
    ) -> anyhow::Result<()> {
        let entry = Entry {
            time_unix_s: environment::now_unix_s(),
            actor: operator(),
            tenant: Some(self.scope.tenant().clone()),
            action: self.action,
            decision,
            class: None,
            amount_bytes: 0,
            evidence: evidence.to_vec(),
            digest: None,
        };
        // Its receipt releases nothing.
        drop(home.ledger.record(&entry).context("write audit entry")?);
        Ok(())
    }

    /// Pays for a stream of at most so many bytes: its intent is durable when this returns.
    pub(crate) fn open_stream(&self, home: &Home, bytes_max: u64) -> OrRefused<Stream> {
        let charge = Charge {
            id: fresh_id()?,
            tenant: self.scope.tenant().clone(),
            class: ExposedClass::C,
            purpose: self.purpose,
            action: self.action,
            bytes_max,
            now_unix_s: environment::now_unix_s(),
        };
        let reserved = home.ledger.reserve(&self.grant, &charge);
        let reserved = reserved.context("reserve budget")?;
        Ok(reserved
            .map(Reservation::into_stream)
            .map_err(|refusal| refusal.reason.code()))
    }

    /// Audits how a stream ended, and gives back what it did not use.
    pub(crate) fn close_stream(
        home: &Home,
        stream: Stream,
        decision: &'static str,
    ) -> anyhow::Result<()> {
        let outcome = Outcome {
            time_unix_s: environment::now_unix_s(),
            decision,
            evidence: Vec::new(),
            digest: [0; 32],
        };
        let finished = home.ledger.finish(stream, &outcome);
        finished.context("write audit entry").map(drop)
    }

    /// Pays for the content and audits it as `decision`; then it may leave.
    pub(crate) fn release(
        &self,
        home: &Home,
        content: Clean<String>,
        decision: &'static str,
        evidence: &[EvidenceId],
    ) -> OrRefused<Released<String>> {
        let bytes = content.get().len() as u64;
        let now_unix_s = environment::now_unix_s();
        let charge = Charge {
            id: fresh_id()?,
            tenant: self.scope.tenant().clone(),
            class: ExposedClass::C,
            purpose: self.purpose,
            action: self.action,
            bytes_max: bytes,
            now_unix_s,
        };
        let reserved = home.ledger.reserve(&self.grant, &charge);
        let reservation = match reserved.context("reserve budget")? {
            Ok(reservation) => reservation,
            Err(refusal) => return Ok(Err(refusal.reason.code())),
        };
        let outcome = Outcome {
            time_unix_s: now_unix_s,
            decision,
            evidence: evidence.to_vec(),
            digest: digest_of(content.get().as_bytes()),
        };
        let settled = home.ledger.settle(reservation, bytes, &outcome);
        let receipt = settled.context("write audit entry")?;
        Ok(Ok(
            Released::new(content, receipt).context("release content")?
        ))
    }
}

/// Tells of a refusal; how the command ends.
pub(crate) fn refused(code: &'static str) -> Exit {
    log::line(&format!("refused: {code}"));
    Exit::Refused
}

/// Tells what came of giving a grant or taking it back: whether it changed anything, or why it was
/// refused.
pub(crate) fn told_of_grant(what: &str, given: bool, set: Result<bool, RefusalReason>) -> Exit {
    let changed = match set {
        Ok(changed) => changed,
        Err(reason) => return refused(reason.code()),
    };
    let done = match (given, changed) {
        (true, true) => "given",
        (true, false) => "there already",
        (false, true) => "taken back",
        (false, false) => "not there",
    };
    log::line(&format!("grant for {what}: {done}"));
    Exit::Done
}

/// An idempotency id nobody else has.
pub(crate) fn fresh_id() -> anyhow::Result<[u8; 16]> {
    let random = cordon_vault::random_bytes().context("draw random bytes")?;
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(random.iter()) {
        *to = *from;
    }
    Ok(id)
}
