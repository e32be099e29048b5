//! What stands in the tables beside the log, against what the log says of it.

use std::collections::{BTreeMap, BTreeSet};

use cordon_govern::{Purpose, WINDOW_BUCKET_S};
use rusqlite::Connection;

use crate::across;
use crate::budget::RESERVED;
use crate::directory::purpose_id;
use crate::entry::{Action, Recorded};
use crate::review;
use crate::session;
use crate::verify::Problem;

/// Tenant, operator and class.
type Account = (String, String, String);

/// What the log says that the tables hold.
#[derive(Default)]
pub(crate) struct Derived {
    /// Reservations by entry: whose, in which bucket, bytes.
    reserved: BTreeMap<u64, (Account, u64, u64)>,
    /// Bytes spent by account and bucket.
    spent: BTreeMap<(Account, u64), u64>,
    /// Up to which bucket an account's spending cannot be told: its settlements are of a build
    /// that did not say what they settle.
    untold: BTreeMap<Account, u64>,
    tenants: BTreeSet<String>,
    /// Operator, tenant, purpose.
    grants: BTreeSet<(String, String, String)>,
    /// Operators that may ask what many tenants share.
    across: BTreeSet<String>,
    /// Operator, tenant, name of the session.
    sessions: BTreeSet<(String, String, String)>,
    /// Tenant, name of the request for a release.
    requests: BTreeSet<(String, String)>,
}

impl Derived {
    /// Takes the next entry in.
    pub(crate) fn take(&mut self, entry: &Recorded) {
        let Some(tenant) = entry.tenant.clone() else {
            self.across(entry);
            return;
        };
        if entry.action == Action::TenantAdd.as_str() && entry.decision == "allowed" {
            self.added(tenant, entry);
            return;
        }
        if entry.action == Action::GrantAdd.as_str() && entry.decision == "allowed" {
            let operator = review::about(&entry.evidence);
            let operator = operator.as_deref().unwrap_or(&entry.actor);
            self.granted(&tenant, operator, &entry.evidence);
            return;
        }
        if entry.action == Action::GrantRemove.as_str() && entry.decision == "allowed" {
            let operator = review::about(&entry.evidence);
            let operator = operator.as_ref().unwrap_or(&entry.actor);
            for purpose in &entry.evidence {
                let grant = (operator.clone(), tenant.clone(), purpose.clone());
                self.grants.remove(&grant);
            }
            return;
        }
        if entry.action == Action::Quarantine.as_str() {
            self.review(&tenant, entry);
        }
        let opens = entry.action == Action::SessionOpen.as_str();
        if (opens || entry.action == Action::SessionEnd.as_str()) && entry.decision == "allowed" {
            self.session(&tenant, entry, opens);
            return;
        }
        let Some(class) = entry.class.clone() else {
            return;
        };
        let account = (tenant, entry.actor.clone(), class);
        let bucket = entry.time_unix_s / WINDOW_BUCKET_S;
        if entry.decision == RESERVED {
            let spent = self.spent.entry((account.clone(), bucket)).or_default();
            *spent = spent.saturating_add(entry.amount_bytes);
            let reserved = (account, bucket, entry.amount_bytes);
            self.reserved.insert(entry.seq, reserved);
            return;
        }
        match entry.settles {
            None if entry.says_settles => {}
            None => {
                let until = self.untold.entry(account).or_default();
                *until = bucket.max(*until);
            }
            Some(seq) => {
                let Some((account, bucket, bytes)) = self.reserved.remove(&seq) else {
                    return;
                };
                let spent = self.spent.entry((account, bucket)).or_default();
                *spent = spent.saturating_sub(bytes.saturating_sub(entry.amount_bytes));
            }
        }
    }

    /// What concerns no tenant: the grant for what many share.
    fn across(&mut self, entry: &Recorded) {
        if entry.decision != "allowed" {
            return;
        }
        if entry.action == Action::GrantAdd.as_str() {
            self.across.insert(entry.actor.clone());
        } else if entry.action == Action::GrantRemove.as_str() {
            self.across.remove(&entry.actor);
        }
    }

    /// A request that was carried out is used up.
    fn review(&mut self, tenant: &str, entry: &Recorded) {
        for name in &entry.evidence {
            let request = (tenant.to_owned(), name.clone());
            if entry.decision == review::REQUESTED {
                self.requests.insert(request);
            } else if entry.decision == review::APPROVED {
                self.requests.remove(&request);
            }
        }
    }

    fn session(&mut self, tenant: &str, entry: &Recorded, opens: bool) {
        for name in &entry.evidence {
            let session = (entry.actor.clone(), tenant.to_owned(), name.clone());
            if opens {
                self.sessions.insert(session);
            } else {
                self.sessions.remove(&session);
            }
        }
    }

    fn added(&mut self, tenant: String, entry: &Recorded) {
        // Builds that did not name the purpose granted this one.
        let purposes = match entry.evidence.as_slice() {
            [] => vec![purpose_id(Purpose::Debugging.as_str())],
            named => named.to_vec(),
        };
        self.granted(&tenant, &entry.actor, &purposes);
        self.tenants.insert(tenant);
    }

    fn granted(&mut self, tenant: &str, operator: &str, purposes: &[String]) {
        for purpose in purposes {
            let grant = (operator.to_owned(), tenant.to_owned(), purpose.clone());
            self.grants.insert(grant);
        }
    }

    /// What the tables hold otherwise.
    pub(crate) fn compare(mut self, db: &Connection) -> rusqlite::Result<Vec<Problem>> {
        let mut problems = Vec::new();
        let mut query = db.prepare("SELECT name FROM tenants")?;
        let names = query.query_map([], |row| row.get::<_, String>(0))?;
        let known = names.collect::<Result<Vec<_>, _>>()?;
        let tenants_count = known.iter().filter(|t| !self.tenants.contains(*t)).count() as u64;
        if tenants_count > 0 {
            problems.push(Problem::TenantUnrecorded { tenants_count });
        }
        let mut query = db.prepare("SELECT operator, tenant, purpose FROM standing_grants")?;
        let grants = query.query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                purpose_id(&row.get::<_, String>(2)?),
            ))
        })?;
        let grants = grants.collect::<Result<Vec<_>, _>>()?;
        let grants_count = grants.iter().filter(|g| !self.grants.contains(*g)).count() as u64;
        let across = across::granted(db)?;
        let across = across.iter().filter(|who| !self.across.contains(*who));
        let sessions = session::told(db)?;
        let sessions = sessions.iter().filter(|one| !self.sessions.contains(*one));
        let requests = review::told(db)?;
        let requests = requests.iter().filter(|one| !self.requests.contains(*one));
        let grants_count = grants_count + across.count() as u64 + sessions.count() as u64;
        let grants_count = grants_count + requests.count() as u64;
        if grants_count > 0 {
            problems.push(Problem::GrantUnrecorded { grants_count });
        }
        let mut query = db.prepare("SELECT tenant, operator, class, bucket, used FROM spend")?;
        let rows = query.query_map([], |row| {
            let account: Account = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((account, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?))
        })?;
        let mut differing = BTreeSet::new();
        for row in rows {
            let (account, bucket, used) = row?;
            // Neither is ever negative but by another's hand.
            let (bucket, used) = (bucket.cast_unsigned(), used.cast_unsigned());
            let key = (account, bucket);
            let spent = self.spent.remove(&key).unwrap_or_default();
            if spent != used && self.is_told(&key) {
                differing.insert(bucket);
            }
        }
        // Rows that are gone.
        let gone = self
            .spent
            .iter()
            .filter(|(key, spent)| **spent > 0 && self.is_told(key));
        differing.extend(gone.map(|((_, bucket), _)| *bucket));
        problems.extend(differing.into_iter().map(|bucket| Problem::SpendMismatch {
            bucket_unix_s: bucket.saturating_mul(WINDOW_BUCKET_S),
        }));
        Ok(problems)
    }

    fn is_told(&self, (account, bucket): &(Account, u64)) -> bool {
        self.untold.get(account).is_none_or(|until| bucket > until)
    }
}
