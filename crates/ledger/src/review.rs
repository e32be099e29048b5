//! What needs two people: letting an entry out of quarantine. And who else is an operator.
//!
//! The first person's request is an entry of the log, and a row that names it; the second person,
//! who is another operator with a grant of their own, carries it out. A row counts for as much as
//! the entry that it names says: one that was written behind the log's back opens nothing.
//!
//! *Limits:* [`RELEASE_REQUEST_S_MAX`], [`RELEASE_REQUESTS_COUNT_MAX`].

use cordon_event::{EventId, TenantId};
use cordon_govern::{ExposedClass, Operator, Purpose, Request};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::directory::{purpose_id, standing_grant};
use crate::entry::{self, Action, Entry, EvidenceId};
use crate::ledger::Work;
use crate::{Error, Ledger, RefusalReason};

/// How long a request waits for a second person, seconds.
pub const RELEASE_REQUEST_S_MAX: u64 = 24 * 3_600;
/// Requests of one tenant that wait at a time.
pub const RELEASE_REQUESTS_COUNT_MAX: u64 = 10_000;

/// Decision of the entry that is a request.
pub(crate) const REQUESTED: &str = "release_requested";
/// Decision of the entry with which a second person carries it out.
pub(crate) const APPROVED: &str = "release_approved";

/// A request for which a second person is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRequest {
    /// What is to be let out.
    pub item: EventId,
    /// Who asked.
    pub operator: Operator,
    /// When it lapses, seconds since the Unix epoch.
    pub expires_unix_s: u64,
}

/// What came of asking for a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseStep {
    /// It waits for a second person.
    Requested(ReleaseRequest),
    /// This was the second person: it may be let out.
    Approved(ReleaseRequest),
}

/// Why a release is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseRefusal {
    /// The one who asked cannot be the one who agrees.
    SamePerson,
    /// Too many requests wait.
    TooMany,
    /// There is no grant, or it does not cover this.
    Grant(RefusalReason),
}

impl ReleaseRefusal {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SamePerson => "release_same_person",
            Self::TooMany => "release_requests_full",
            Self::Grant(reason) => reason.code(),
        }
    }
}

/// How entries name a request: with what must not be changed behind the log's back.
fn request_id(item: EventId, expires_unix_s: u64) -> String {
    format!("release:{item}:{expires_unix_s}")
}

/// How entries name an operator whom they are about: one spelling a name, in the letters of an
/// evidence id.
fn operator_id(operator: &Operator) -> String {
    let escaped = operator.as_str().replace(':', "::").replace('@', ":a");
    format!("operator:{escaped}")
}

/// The operator whom an entry of a grant is about; none where it is its actor.
pub(crate) fn about(evidence: &[String]) -> Option<String> {
    let named = evidence
        .iter()
        .find_map(|id| id.strip_prefix("operator:"))?;
    // The letter that stands for it here is none of a name's.
    let whole = named.replace("::", "\0").replace(":a", "@");
    Some(whole.replace('\0', ":"))
}

impl Ledger {
    /// One person's word that an entry of quarantine is to be let out: the first is a request, a
    /// second one of another operator carries it out. Whatever comes of it, refusals included, is
    /// in the audit log when this returns.
    ///
    /// A request that has lapsed, or whose operator has no grant any more, counts for nothing: the
    /// next one is the first again. One that was carried out is used up, so that what fails after
    /// it takes two people once more.
    pub fn release_step(
        &self,
        operator: &Operator,
        tenant: &TenantId,
        item: EventId,
        now_unix_s: u64,
    ) -> Result<Result<ReleaseStep, ReleaseRefusal>, Error> {
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            let verdict = step(work, (operator, tenant), item, now_unix_s)?;
            let (decision, named) = match &verdict {
                Ok(ReleaseStep::Requested(request)) => (REQUESTED, Some(request)),
                Ok(ReleaseStep::Approved(request)) => (APPROVED, Some(request)),
                Err(refusal) => (refusal.code(), None),
            };
            let named = named.map(|request| request_id(item, request.expires_unix_s));
            let mut evidence = vec![item.to_string()];
            evidence.extend(named);
            if let Ok(ReleaseStep::Approved(request)) = &verdict {
                evidence.push(operator_id(&request.operator));
            }
            let evidence = evidence.iter().map(|id| EvidenceId::parse(id));
            let seq = work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: Some(tenant.clone()),
                action: Action::Quarantine,
                decision,
                class: None,
                amount_bytes: 0,
                evidence: evidence.flatten().collect(),
                digest: None,
            })?;
            if let Ok(ReleaseStep::Requested(request)) = &verdict {
                work.txn.execute(
                    "INSERT INTO release_requests (tenant, item, seq, expires_unix_s)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![tenant.as_str(), item.0, seq, request.expires_unix_s],
                )?;
            }
            Ok(verdict)
        })
    }

    /// Requests that wait for a second person, the oldest first.
    pub fn release_requests(
        &self,
        tenant: &TenantId,
        now_unix_s: u64,
    ) -> Result<Vec<ReleaseRequest>, Error> {
        let state = self.lock();
        let mut query = state.db().prepare_cached(
            "SELECT item, seq FROM release_requests
             WHERE tenant = ?1 AND expires_unix_s > ?2 ORDER BY seq",
        )?;
        let rows = query.query_map(params![tenant.as_str(), now_unix_s], |row| {
            Ok((EventId(row.get(0)?), row.get(1)?))
        })?;
        let mut requests = Vec::new();
        for row in rows {
            let (item, seq) = row?;
            requests.extend(recorded(state.db(), tenant, item, seq)?);
        }
        Ok(requests)
    }

    /// Makes another person an operator of the tenant, with the standing class C grant that its
    /// first operator has, or takes that back; whether it changed anything. Only who has that grant
    /// can, and nobody takes back their own: a refusal is in the audit log when this returns.
    pub fn set_operator(
        &self,
        by: &Operator,
        operator: &Operator,
        tenant: &TenantId,
        given: bool,
        now_unix_s: u64,
    ) -> Result<Result<bool, RefusalReason>, Error> {
        let about = EvidenceId::parse(&operator_id(operator)).map_err(|_| Error::OperatorName)?;
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            let verdict = may(&work.txn, by, tenant, now_unix_s)?;
            let verdict = match verdict {
                Ok(()) if !given && by == operator => Err(RefusalReason::OwnGrant),
                verdict => verdict,
            };
            let sql = if given {
                "INSERT OR IGNORE INTO standing_grants (operator, tenant, purpose)
                 VALUES (?1, ?2, ?3)"
            } else {
                "DELETE FROM standing_grants WHERE operator = ?1 AND tenant = ?2 AND purpose = ?3"
            };
            let purpose = Purpose::Debugging.as_str();
            let row = params![operator.as_str(), tenant.as_str(), purpose];
            let changed = match verdict {
                Ok(()) => work.txn.execute(sql, row)?,
                Err(_) => 0,
            };
            let purpose = EvidenceId::parse(&purpose_id(purpose));
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: by.clone(),
                tenant: Some(tenant.clone()),
                action: if given {
                    Action::GrantAdd
                } else {
                    Action::GrantRemove
                },
                decision: verdict.map_or_else(RefusalReason::code, |()| "allowed"),
                class: None,
                amount_bytes: 0,
                evidence: purpose.into_iter().chain([about]).collect(),
                digest: None,
            })?;
            Ok(verdict.map(|()| changed > 0))
        })
    }
}

/// Whose word this is: the request's, or the second person's.
fn step(
    work: &mut Work<'_>,
    (operator, tenant): (&Operator, &TenantId),
    item: EventId,
    now_unix_s: u64,
) -> Result<Result<ReleaseStep, ReleaseRefusal>, Error> {
    let db = &work.txn;
    if let Err(reason) = may(db, operator, tenant, now_unix_s)? {
        return Ok(Err(ReleaseRefusal::Grant(reason)));
    }
    let mut query =
        db.prepare_cached("SELECT seq FROM release_requests WHERE tenant = ?1 AND item = ?2")?;
    let seq = query.query_row(params![tenant.as_str(), item.0], |row| row.get(0));
    let waiting = match seq.optional()? {
        Some(seq) => recorded(db, tenant, item, seq)?,
        None => None,
    };
    let waiting = waiting.filter(|request| now_unix_s < request.expires_unix_s);
    let waiting = match waiting {
        Some(request) if may(db, &request.operator, tenant, now_unix_s)?.is_ok() => Some(request),
        _ => None,
    };
    if waiting
        .as_ref()
        .is_some_and(|request| request.operator == *operator)
    {
        return Ok(Err(ReleaseRefusal::SamePerson));
    }
    db.execute(
        "DELETE FROM release_requests
         WHERE tenant = ?1 AND (item = ?2 OR expires_unix_s <= ?3)",
        params![tenant.as_str(), item.0, now_unix_s],
    )?;
    if let Some(request) = waiting {
        return Ok(Ok(ReleaseStep::Approved(request)));
    }
    let sql = "SELECT count(*) FROM release_requests WHERE tenant = ?1";
    let waiting: u64 = db.query_row(sql, [tenant.as_str()], |row| row.get(0))?;
    if waiting >= RELEASE_REQUESTS_COUNT_MAX {
        return Ok(Err(ReleaseRefusal::TooMany));
    }
    Ok(Ok(ReleaseStep::Requested(ReleaseRequest {
        item,
        operator: operator.clone(),
        expires_unix_s: now_unix_s.saturating_add(RELEASE_REQUEST_S_MAX),
    })))
}

/// Whether the operator has the standing grant for debugging the tenant.
fn may(
    db: &Connection,
    operator: &Operator,
    tenant: &TenantId,
    now_unix_s: u64,
) -> Result<Result<(), RefusalReason>, Error> {
    let request = Request {
        tenant,
        class: ExposedClass::C,
        purpose: Purpose::Debugging,
        now_unix_s,
    };
    let own = standing_grant(db, operator, tenant, Purpose::Debugging)?;
    let own = own.ok_or(RefusalReason::NoGrant);
    Ok(own.and_then(|own| {
        let scope = own.authorise(&request);
        scope.map(drop).map_err(RefusalReason::Grant)
    }))
}

/// The request as the log has it: the entry of that number, where it is one for this item.
fn recorded(
    db: &Connection,
    tenant: &TenantId,
    item: EventId,
    seq: u64,
) -> Result<Option<ReleaseRequest>, Error> {
    let mut query = db.prepare_cached("SELECT body FROM entries WHERE seq = ?1")?;
    let body: Option<String> = query.query_row([seq], |row| row.get(0)).optional()?;
    let Some(entry) = body.as_deref().and_then(entry::decode) else {
        return Ok(None);
    };
    let is_one = entry.seq == seq
        && entry.action == Action::Quarantine.as_str()
        && entry.decision == REQUESTED
        && entry.tenant.as_deref() == Some(tenant.as_str());
    let beginning = format!("release:{item}:");
    let expires = entry
        .evidence
        .iter()
        .find_map(|id| id.strip_prefix(&beginning));
    let expires = expires
        .filter(|_| is_one)
        .and_then(|text| text.parse().ok());
    let operator = Operator::parse(&entry.actor).ok();
    Ok(expires
        .zip(operator)
        .map(|(expires_unix_s, operator)| ReleaseRequest {
            item,
            operator,
            expires_unix_s,
        }))
}

/// Tenant and name of each request in the table, as [`crate::derived`] compares them: the entry
/// that it names decides on everything else. None in a ledger of a build that did not know them.
pub(crate) fn told(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'release_requests')";
    if !db.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    let mut query = db.prepare("SELECT tenant, item, expires_unix_s FROM release_requests")?;
    let rows = query.query_map([], |row| {
        Ok((row.get(0)?, request_id(EventId(row.get(1)?), row.get(2)?)))
    })?;
    rows.collect()
}
