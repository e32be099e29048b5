//! The operator's grant for what many tenants share.
//!
//! It opens no tenant: what it is asked for passes the k rule. It is apart from the grants for
//! tenants, and none of them includes it.

use cordon_govern::{AcrossGrant, AcrossScope, ExposedClass, Operator};
use rusqlite::{Connection, params};

use crate::entry::{Action, Entry, EvidenceId};
use crate::{Error, Ledger, RefusalReason, directory::purpose_id};

/// How the entry of such a grant names it.
const PURPOSE: &str = "across";

impl Ledger {
    /// Gives `operator` the grant, or takes it back; whether that changed anything. Only who has a
    /// grant for a tenant is given it: a refusal is in the audit log when this returns.
    pub fn set_across_grant(
        &self,
        operator: &Operator,
        given: bool,
        now_unix_s: u64,
    ) -> Result<Result<bool, RefusalReason>, Error> {
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            let sql = "SELECT EXISTS (SELECT 1 FROM standing_grants WHERE operator = ?1)";
            let is_known: bool = work
                .txn
                .query_row(sql, [operator.as_str()], |row| row.get(0))?;
            let verdict = if is_known || !given {
                Ok(())
            } else {
                Err(RefusalReason::NoGrant)
            };
            let sql = if given {
                "INSERT OR IGNORE INTO across_grants (operator) VALUES (?1)"
            } else {
                "DELETE FROM across_grants WHERE operator = ?1"
            };
            let changed = match &verdict {
                Ok(()) => work.txn.execute(sql, params![operator.as_str()])?,
                Err(_) => 0,
            };
            let purpose = EvidenceId::parse(&purpose_id(PURPOSE));
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: None,
                action: if given {
                    Action::GrantAdd
                } else {
                    Action::GrantRemove
                },
                decision: verdict.map_or_else(RefusalReason::code, |()| "allowed"),
                class: None,
                amount_bytes: 0,
                evidence: purpose.into_iter().collect(),
                digest: None,
            })?;
            Ok(verdict.map(|()| changed > 0))
        })
    }

    /// Looks up the operator's grant, before anything is read. A refusal is in the audit log when
    /// this returns.
    pub fn authorise_across(
        &self,
        operator: &Operator,
        now_unix_s: u64,
    ) -> Result<Result<AcrossScope, RefusalReason>, Error> {
        self.work(|work| {
            let now_unix_s = work.advance_clock(now_unix_s)?;
            if let Some(grant) = across_grant(&work.txn, operator)? {
                return Ok(Ok(grant.authorise()));
            }
            let reason = RefusalReason::NoGrant;
            work.append(&Entry {
                time_unix_s: now_unix_s,
                actor: operator.clone(),
                tenant: None,
                action: Action::Across,
                decision: reason.code(),
                class: Some(ExposedClass::C),
                amount_bytes: 0,
                evidence: Vec::new(),
                digest: None,
            })?;
            Ok(Err(reason))
        })
    }
}

fn across_grant(db: &Connection, operator: &Operator) -> Result<Option<AcrossGrant>, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM across_grants WHERE operator = ?1)";
    let found: bool = db.query_row(sql, [operator.as_str()], |row| row.get(0))?;
    Ok(found.then(|| AcrossGrant::mint_across(operator.clone())))
}

/// Operators that have the grant by the table; none in a ledger of a build that did not know it.
pub(crate) fn granted(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'across_grants')";
    if !db.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    let mut query = db.prepare("SELECT operator FROM across_grants")?;
    let rows = query.query_map([], |row| row.get(0))?;
    rows.collect()
}
