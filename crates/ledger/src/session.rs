//! Persons' sessions: for some hours, one operator may ask about one tenant from a page.
//!
//! *Invariants:* the ledger keeps a token's SHA-256 alone; a session lets nobody do more than the
//! standing grant that it was opened under, but that it may reach class B, which needs a session;
//! when that grant is taken back the session is worth nothing. Opening and ending are audited.

use cordon_event::TenantId;
use cordon_govern::{ExposedClass, Grant, Operator, Purpose, Request};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use crate::directory::{Authorised, standing_grant};
use crate::entry::{Action, Entry, EvidenceId};
use crate::{Error, Ledger, RefusalReason, digest_of};

/// What a session's token begins with, so that scanners recognise it.
pub const SESSION_PREFIX: &str = "cordon_session_";
/// Longest session, in hours: a week.
pub const SESSION_HOURS_MAX: u64 = 7 * 24;
/// Sessions of a tenant that may be open at once.
pub const SESSIONS_COUNT_MAX: u64 = 256;

/// Longest token worth hashing, in bytes.
const TOKEN_BYTES_MAX: usize = 256;
/// Bytes of its token's hash that a session is named by.
const ID_BYTES: usize = 8;
const HOUR_S: u64 = 3_600;

/// How the entries of a session name it: with what must not be changed behind the log's back.
fn evidence_id(id: &str, class: &str, expires_unix_s: u64) -> String {
    format!("session:{id}:{class}:{expires_unix_s}")
}

/// What a session is called: the beginning of its token's hash, so that another token's hash in
/// its row is another session.
fn id_of(hash: &[u8; 32]) -> String {
    HEXLOWER.encode(hash.get(..ID_BYTES).unwrap_or_default())
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Who.
    pub operator: &'a Operator,
    /// About whom.
    pub tenant: &'a TenantId,
    /// Up to which class.
    pub class: ExposedClass,
    /// For how long: 1 to [`SESSION_HOURS_MAX`].
    pub hours: u64,
    /// Now, seconds since the Unix epoch.
    pub now_unix_s: u64,
}

/// A session with its token, shown once. Has no `Debug`.
pub struct OpenedSession {
    /// The session.
    pub session: Session,
    token: Zeroizing<String>,
}

impl OpenedSession {
    /// The token, for the one who asked for it.
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// A session, told without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name: nothing can be opened with it.
    pub id: String,
    /// Whose.
    pub operator: Operator,
    /// About whom.
    pub tenant: TenantId,
    /// Up to which class.
    pub class: ExposedClass,
    /// For what.
    pub purpose: Purpose,
    /// When it was opened, seconds since the Unix epoch.
    pub opened_unix_s: u64,
    /// When it ends.
    pub expires_unix_s: u64,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRefusal {
    /// No session has it, or the one that had it was ended.
    Unknown,
    /// Its session has run out.
    Expired,
}

impl SessionRefusal {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "session_unknown",
            Self::Expired => "session_expired",
        }
    }
}

impl Ledger {
    /// Opens a session under the operator's standing grant for debugging the tenant. A refusal is
    /// in the audit log when this returns. Sessions that have run out are forgotten.
    pub fn open_session(
        &self,
        opening: &Opening<'_>,
    ) -> Result<Result<OpenedSession, RefusalReason>, Error> {
        let bytes = cordon_vault::random_bytes()?;
        let code = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_slice()).to_ascii_lowercase());
        let token = Zeroizing::new(format!("{SESSION_PREFIX}{}", *code));
        let hash = digest_of(token.as_bytes());
        let id = id_of(&hash);
        let opened = self.work(|work| {
            let now_unix_s = work.advance_clock(opening.now_unix_s)?;
            work.txn.execute(
                "DELETE FROM sessions WHERE expires_unix_s <= ?1",
                [now_unix_s],
            )?;
            let (operator, tenant) = (opening.operator, opening.tenant);
            let refused = refusal(&work.txn, opening, now_unix_s)?;
            let hours = opening.hours.clamp(1, SESSION_HOURS_MAX);
            let session = Session {
                id,
                operator: operator.clone(),
                tenant: tenant.clone(),
                class: opening.class,
                purpose: Purpose::Debugging,
                opened_unix_s: now_unix_s,
                expires_unix_s: now_unix_s.saturating_add(hours.saturating_mul(HOUR_S)),
            };
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: Some(tenant.clone()),
                action: Action::SessionOpen,
                decision: refused.map_or("allowed", RefusalReason::code),
                class: None,
                amount_bytes: 0,
                evidence: evidence_of(&session),
                digest: None,
            })?;
            if let Some(reason) = refused {
                return Ok(Err(reason));
            }
            insert(&work.txn, &session, &hash)?;
            Ok(Ok(session))
        })?;
        Ok(opened.map(|session| OpenedSession { session, token }))
    }

    /// Whose session this token opens.
    ///
    /// Compares the hash with that of every session, each in full, so that neither the time nor the
    /// error tells how near a guess was.
    pub fn session(
        &self,
        token: &str,
        now_unix_s: u64,
    ) -> Result<Result<Session, SessionRefusal>, Error> {
        if token.len() > TOKEN_BYTES_MAX || !token.starts_with(SESSION_PREFIX) {
            return Ok(Err(SessionRefusal::Unknown));
        }
        let given = digest_of(token.as_bytes());
        let now_unix_s = self.work(|work| work.advance_clock(now_unix_s))?;
        let mut found = None;
        for (session, hash) in self.rows()? {
            if cordon_vault::equal_constant_time(&hash, &given) {
                found = Some(session);
            }
        }
        Ok(match found {
            None => Err(SessionRefusal::Unknown),
            Some(session) if now_unix_s >= session.expires_unix_s => Err(SessionRefusal::Expired),
            Some(session) => Ok(session),
        })
    }

    /// Sessions of the operator that have not run out, by tenant and age.
    pub fn sessions(&self, operator: &Operator, now_unix_s: u64) -> Result<Vec<Session>, Error> {
        let rows = self.rows()?.into_iter().map(|(session, _)| session);
        let own = rows.filter(|s| s.operator == *operator && now_unix_s < s.expires_unix_s);
        Ok(own.collect())
    }

    /// Ends the operator's session of that name; whether there was one.
    pub fn end_session(
        &self,
        operator: &Operator,
        id: &str,
        now_unix_s: u64,
    ) -> Result<bool, Error> {
        let own = |(session, _): &(Session, _)| session.operator == *operator && session.id == id;
        let Some((session, _)) = self.rows()?.into_iter().find(own) else {
            return Ok(false);
        };
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            let gone = work
                .txn
                .execute("DELETE FROM sessions WHERE id = ?1", [session.id.as_str()])?;
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: Some(session.tenant.clone()),
                action: Action::SessionEnd,
                decision: "allowed",
                class: None,
                amount_bytes: 0,
                evidence: evidence_of(&session),
                digest: None,
            })?;
            Ok(gone > 0)
        })
    }

    /// What a session may do, checked against the request and against the standing grant that it
    /// rests on. A refusal is in the audit log when this returns.
    pub fn authorise_session(
        &self,
        session: &Session,
        action: Action,
        request: &Request<'_>,
    ) -> Result<Result<Authorised, RefusalReason>, Error> {
        self.work(|work| {
            let now_unix_s = work.advance_clock(request.now_unix_s)?;
            let request = Request {
                now_unix_s,
                ..*request
            };
            let (operator, tenant) = (&session.operator, &session.tenant);
            let standing = standing_grant(&work.txn, operator, tenant, session.purpose)?;
            let verdict = standing.ok_or(RefusalReason::NoGrant).and_then(|standing| {
                let below = Request {
                    class: ExposedClass::C,
                    ..request
                };
                standing.authorise(&below).map_err(RefusalReason::Grant)?;
                let grant = Grant::mint_session(
                    operator.clone(),
                    tenant.clone(),
                    session.class,
                    session.purpose,
                    session.expires_unix_s,
                );
                let scope = grant.authorise(&request).map_err(RefusalReason::Grant)?;
                Ok(Authorised { grant, scope })
            });
            if let Err(reason) = &verdict {
                work.append(&Entry {
                    time_unix_s: now_unix_s,
                    actor: operator.clone(),
                    tenant: Some(request.tenant.clone()),
                    action,
                    decision: reason.code(),
                    class: Some(request.class),
                    amount_bytes: 0,
                    evidence: evidence_of(session),
                    digest: None,
                })?;
            }
            Ok(verdict)
        })
    }

    /// All sessions with the hashes of their tokens.
    fn rows(&self) -> Result<Vec<(Session, [u8; 32])>, Error> {
        let state = self.lock();
        let mut query = state.db().prepare_cached(
            "SELECT id, operator, tenant, class, purpose, opened_unix_s, expires_unix_s,
             token_sha256 FROM sessions ORDER BY tenant, opened_unix_s, id",
        )?;
        let rows = query.query_map([], |row| {
            let names: [String; 5] = [
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ];
            Ok((names, row.get(5)?, row.get(6)?, row.get(7)?))
        })?;
        let mut sessions = Vec::new();
        for row in rows {
            let (names, opened_unix_s, expires_unix_s, hash) = row?;
            if let Some(session) = parsed(names, opened_unix_s, expires_unix_s) {
                sessions.push((session, hash));
            }
        }
        Ok(sessions)
    }
}

/// Why a session is not opened.
fn refusal(
    db: &Connection,
    opening: &Opening<'_>,
    now_unix_s: u64,
) -> Result<Option<RefusalReason>, Error> {
    let (operator, tenant) = (opening.operator, opening.tenant);
    let request = Request {
        tenant,
        class: ExposedClass::C,
        purpose: Purpose::Debugging,
        now_unix_s,
    };
    let Some(standing) = standing_grant(db, operator, tenant, Purpose::Debugging)? else {
        return Ok(Some(RefusalReason::NoGrant));
    };
    if let Err(reason) = standing.authorise(&request) {
        return Ok(Some(RefusalReason::Grant(reason)));
    }
    let open: u64 = db.query_row(
        "SELECT count(*) FROM sessions WHERE tenant = ?1",
        [tenant.as_str()],
        |row| row.get(0),
    )?;
    Ok((open >= SESSIONS_COUNT_MAX).then_some(RefusalReason::SessionsFull))
}

fn evidence_of(session: &Session) -> Vec<EvidenceId> {
    let (class, expires_unix_s) = (session.class.as_str(), session.expires_unix_s);
    let name = evidence_id(&session.id, class, expires_unix_s);
    EvidenceId::parse(&name).into_iter().collect()
}

fn insert(db: &Connection, session: &Session, hash: &[u8; 32]) -> Result<(), Error> {
    db.execute(
        "INSERT INTO sessions (id, operator, tenant, class, purpose, opened_unix_s,
         expires_unix_s, token_sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            session.id,
            session.operator.as_str(),
            session.tenant.as_str(),
            session.class.as_str(),
            session.purpose.as_str(),
            session.opened_unix_s,
            session.expires_unix_s,
            hash,
        ],
    )?;
    Ok(())
}

/// A row as a session; none where it is not what this build writes.
fn parsed(names: [String; 5], opened_unix_s: u64, expires_unix_s: u64) -> Option<Session> {
    let [id, operator, tenant, class, purpose] = names;
    Some(Session {
        id,
        operator: Operator::parse(&operator).ok()?,
        tenant: TenantId::parse(&tenant).ok()?,
        class: ExposedClass::parse(&class)?,
        purpose: Purpose::parse(&purpose)?,
        opened_unix_s,
        expires_unix_s,
    })
}

/// Operator, tenant and name of each session in the table, as [`crate::derived`] compares them;
/// none in a ledger of a build that did not know them.
pub(crate) fn told(db: &Connection) -> rusqlite::Result<Vec<(String, String, String)>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sessions')";
    if !db.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    let mut query =
        db.prepare("SELECT operator, tenant, class, expires_unix_s, token_sha256 FROM sessions")?;
    let rows = query.query_map([], |row| {
        let class: String = row.get(2)?;
        let name = evidence_id(&id_of(&row.get(4)?), &class, row.get(3)?);
        Ok((row.get(0)?, row.get(1)?, name))
    })?;
    rows.collect()
}
