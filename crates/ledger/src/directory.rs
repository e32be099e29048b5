//! Tenants, the tokens that name them, and standing grants.

use std::collections::BTreeSet;

use cordon_event::{Region, TenantId};
use cordon_govern::{ExposedClass, Grant, Operator, Purpose, Request, TenantScope};
use data_encoding::BASE32_NOPAD;
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use crate::entry::{Action, Entry, EvidenceId};
use crate::{Error, Ledger, RefusalReason, digest_of};

/// What a bearer token begins with, so that scanners recognise it.
pub const TOKEN_PREFIX: &str = "cordon_";

/// Longest token worth hashing, in bytes.
const TOKEN_BYTES_MAX: usize = 256;

/// How the entry of a grant names its purpose.
pub(crate) fn purpose_id(purpose: &str) -> String {
    format!("purpose:{purpose}")
}

/// A bearer token, shown once: the ledger keeps its hash alone. Has no `Debug`.
pub struct IssuedToken(Zeroizing<String>);

impl IssuedToken {
    /// The token, for the one who asked for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose token it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The tenant.
    pub tenant: TenantId,
    /// Where its data lives.
    pub region: Region,
}

/// A tenant in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its name.
    pub name: TenantId,
    /// Where its data lives.
    pub region: Region,
    /// When it was added, seconds since the Unix epoch.
    pub created_unix_s: u64,
}

/// What an operator was found to be allowed.
#[derive(Debug)]
pub struct Authorised {
    /// What releases are charged to.
    pub grant: Grant,
    /// What the store is read with.
    pub scope: TenantScope,
}

impl Ledger {
    /// Adds a tenant with its keys, gives `operator` a standing class C grant for debugging it, and
    /// hands out its bearer token, which cannot be read again.
    pub fn add_tenant(
        &self,
        name: &TenantId,
        region: &Region,
        operator: &Operator,
        now_unix_s: u64,
    ) -> Result<IssuedToken, Error> {
        let bytes = cordon_vault::random_bytes()?;
        let code = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_slice()).to_ascii_lowercase());
        let token = Zeroizing::new(format!("{TOKEN_PREFIX}{}", *code));
        self.vault.create_tenant(name, region)?;
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            let added = work.txn.execute(
                "INSERT OR IGNORE INTO tenants (name, region, token_sha256, created_unix_s)
                 VALUES (?1, ?2, ?3, ?4)",
                params![
                    name.as_str(),
                    region.as_str(),
                    digest_of(token.as_bytes()),
                    now_unix_s
                ],
            )?;
            if added == 0 {
                return Err(Error::TenantExists);
            }
            work.txn.execute(
                "INSERT INTO standing_grants (operator, tenant, purpose) VALUES (?1, ?2, ?3)",
                params![
                    operator.as_str(),
                    name.as_str(),
                    Purpose::Debugging.as_str()
                ],
            )?;
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: Some(name.clone()),
                // Records the tenant and the grant.
                action: Action::TenantAdd,
                decision: "allowed",
                class: None,
                amount_bytes: 0,
                evidence: EvidenceId::parse(&purpose_id(Purpose::Debugging.as_str()))
                    .into_iter()
                    .collect(),
                digest: None,
            })
        })?;
        Ok(IssuedToken(token))
    }

    /// Gives `operator` a standing class C grant for that purpose, or takes it back; whether that
    /// changed anything. Only who has a grant for debugging the tenant is given another: a refusal
    /// is in the audit log when this returns.
    ///
    /// *Why so:* it is a step that somebody takes knowingly, once, and that the log shows; it is no
    /// barrier against who holds the data directory.
    pub fn set_grant(
        &self,
        operator: &Operator,
        tenant: &TenantId,
        purpose: Purpose,
        given: bool,
        now_unix_s: u64,
    ) -> Result<Result<bool, RefusalReason>, Error> {
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            let own = standing_grant(&work.txn, operator, tenant, Purpose::Debugging)?;
            let request = Request {
                tenant,
                class: ExposedClass::C,
                purpose: Purpose::Debugging,
                now_unix_s,
            };
            let verdict = own
                .ok_or(RefusalReason::NoGrant)
                .and_then(|own| own.authorise(&request).map_err(RefusalReason::Grant));
            let decision = verdict
                .as_ref()
                .err()
                .map_or("allowed", |reason| reason.code());
            let sql = if given {
                "INSERT OR IGNORE INTO standing_grants (operator, tenant, purpose)
                 VALUES (?1, ?2, ?3)"
            } else {
                "DELETE FROM standing_grants WHERE operator = ?1 AND tenant = ?2 AND purpose = ?3"
            };
            let row = params![operator.as_str(), tenant.as_str(), purpose.as_str()];
            let changed = match &verdict {
                Ok(_) => work.txn.execute(sql, row)?,
                Err(_) => 0,
            };
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: Some(tenant.clone()),
                action: if given {
                    Action::GrantAdd
                } else {
                    Action::GrantRemove
                },
                decision,
                class: None,
                amount_bytes: 0,
                evidence: EvidenceId::parse(&purpose_id(purpose.as_str()))
                    .into_iter()
                    .collect(),
                digest: None,
            })?;
            Ok(verdict.map(|_| changed > 0))
        })
    }

    /// Whose token this is.
    ///
    /// Compares the hash with that of every tenant, each in full, so that neither the time nor the
    /// error tells how near a guess was.
    pub fn authenticate(&self, token: &str) -> Result<Option<Principal>, Error> {
        if token.len() > TOKEN_BYTES_MAX || !token.starts_with(TOKEN_PREFIX) {
            return Ok(None);
        }
        let given = digest_of(token.as_bytes());
        let state = self.lock();
        let mut query = state
            .db()
            .prepare_cached("SELECT name, region, token_sha256 FROM tenants")?;
        let rows = query.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, [u8; 32]>(2)?,
            ))
        })?;
        let mut found = None;
        for row in rows {
            let (name, region, hash) = row?;
            if cordon_vault::equal_constant_time(&hash, &given) {
                found = Some((name, region));
            }
        }
        let Some((name, region)) = found else {
            return Ok(None);
        };
        let parsed = (TenantId::parse(&name), Region::parse(&region));
        let (Ok(tenant), Ok(region)) = parsed else {
            return Ok(None);
        };
        Ok(Some(Principal { tenant, region }))
    }

    /// All tenants, by name.
    pub fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        let state = self.lock();
        let mut query = state
            .db()
            .prepare_cached("SELECT name, region, created_unix_s FROM tenants ORDER BY name")?;
        let rows = query.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
            ))
        })?;
        let mut tenants = Vec::new();
        for row in rows {
            let (name, region, created_unix_s) = row?;
            if let (Ok(name), Ok(region)) = (TenantId::parse(&name), Region::parse(&region)) {
                tenants.push(Tenant {
                    name,
                    region,
                    created_unix_s,
                });
            }
        }
        Ok(tenants)
    }

    /// Tenants that the operator has a grant for, by name.
    pub fn tenants_of(&self, operator: &Operator) -> Result<Vec<Tenant>, Error> {
        let mut tenants = self.tenants()?;
        let state = self.lock();
        let mut query = state
            .db()
            .prepare_cached("SELECT tenant FROM standing_grants WHERE operator = ?1")?;
        let rows = query.query_map([operator.as_str()], |row| row.get::<_, String>(0))?;
        let granted = rows.collect::<Result<BTreeSet<_>, _>>()?;
        tenants.retain(|tenant| granted.contains(tenant.name.as_str()));
        Ok(tenants)
    }

    /// Looks up the operator's grant for the tenant and checks the request against it, before
    /// anything of the tenant is read. A refusal is in the audit log when this returns.
    pub fn authorise(
        &self,
        operator: &Operator,
        action: Action,
        request: &Request<'_>,
    ) -> Result<Result<Authorised, RefusalReason>, Error> {
        self.work(|work| {
            let now_unix_s = work.advance_clock(request.now_unix_s)?;
            let grant = standing_grant(&work.txn, operator, request.tenant, request.purpose)?;
            let request = Request {
                now_unix_s,
                ..*request
            };
            let verdict = grant.ok_or(RefusalReason::NoGrant).and_then(|grant| {
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
                    evidence: Vec::new(),
                    digest: None,
                })?;
            }
            Ok(verdict)
        })
    }
}

/// The operator's standing grant for a tenant, where there is one: of several one that serves the
/// purpose.
pub(crate) fn standing_grant(
    db: &Connection,
    operator: &Operator,
    tenant: &TenantId,
    wanted: Purpose,
) -> Result<Option<Grant>, Error> {
    let mut query = db.prepare_cached(
        "SELECT purpose FROM standing_grants WHERE operator = ?1 AND tenant = ?2 ORDER BY purpose",
    )?;
    let found = query.query_map(params![operator.as_str(), tenant.as_str()], |row| {
        row.get::<_, String>(0)
    })?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let purposes = || found.iter().filter_map(|purpose| Purpose::parse(purpose));
    let purpose = purposes()
        .find(|purpose| purpose.serves(wanted))
        .or_else(|| purposes().next());
    Ok(purpose.map(|purpose| Grant::mint_standing(operator.clone(), tenant.clone(), purpose)))
}
