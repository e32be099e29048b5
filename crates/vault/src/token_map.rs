//! The token map: which value a reversible pseudonym stands for, sealed under a key of its own.
//!
//! A row goes when its value was not seen for as long as events are kept.
//!
//! *Invariants:* one subject (one pseudonym) has one key, wrapped by the tenant's; destroying it
//! makes the one value unreadable and no other. A row is found by its pseudonym alone: nothing
//! here answers whether a value is known.

use cordon_event::{Raw, TenantId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use zeroize::{Zeroize, Zeroizing};

use crate::envelope::{Envelope, unwrap, wrap};
use crate::keys_db::forget;
use crate::secret::Secret;
use crate::tenant::lock;
use crate::{Error, TenantKeys, Vault};

const SUBJECT_LABEL: &[u8] = b"cordon/subject-key/v1";
const VALUE_LABEL: &[u8] = b"cordon/value/v1";

/// Reads and writes the token map.
pub struct TokenMap<'a>(pub(crate) &'a Vault);

struct Row {
    kind: String,
    wrapped: Vec<u8>,
    sealed: Vec<u8>,
    /// When it was last seen, days since the Unix epoch.
    day: u32,
}

impl TokenMap<'_> {
    /// Stores one pair, seen on that day since the Unix epoch. Of a pair that is stored already the
    /// day moves on, and nothing else.
    ///
    /// [`Error::TokenKind`] when the pseudonym is stored with another kind.
    pub fn put(
        &self,
        tenant: &TenantId,
        day: u32,
        token: &str,
        kind: &str,
        value: &Raw<String>,
    ) -> Result<(), Error> {
        self.put_all(tenant, day, [(token, kind, value)])
    }

    /// Stores many pairs in one transaction: all or none. Writes nothing when all were seen that
    /// day.
    pub fn put_all<'a>(
        &self,
        tenant: &TenantId,
        day: u32,
        rows: impl IntoIterator<Item = (&'a str, &'a str, &'a Raw<String>)>,
    ) -> Result<(), Error> {
        let keys = self.0.tenant(tenant)?;
        let mut db = lock(&keys.0.db);
        let (mut new, mut seen) = (Vec::new(), Vec::new());
        for (token, kind, value) in rows {
            match find(&db, tenant, token)? {
                Some(row) if row.kind != kind => return Err(Error::TokenKind),
                Some(row) if row.day >= day => {}
                Some(_) => seen.push(token),
                None => new.push((token, kind, value)),
            }
        }
        if new.is_empty() && seen.is_empty() {
            return Ok(());
        }
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for token in seen {
            txn.execute(
                "UPDATE tokens SET day = max(day, ?3) WHERE tenant = ?1 AND token = ?2",
                params![tenant.as_str(), token, day],
            )?;
        }
        for (token, kind, value) in new {
            let row = seal(&keys, day, token, kind, value)?;
            txn.execute(
                "INSERT OR IGNORE INTO tokens (tenant, token, kind, wrapped, sealed, day)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    tenant.as_str(),
                    token,
                    row.kind,
                    row.wrapped,
                    row.sealed,
                    row.day
                ],
            )?;
        }
        txn.commit()?;
        Ok(())
    }

    /// The value that a pseudonym stands for. The caller has audited it before.
    pub fn reveal(&self, tenant: &TenantId, token: &str) -> Result<Raw<String>, Error> {
        let keys = self.0.tenant(tenant)?;
        let row = find(&lock(&keys.0.db), tenant, token)?.ok_or(Error::TokenUnknown)?;
        let subject = keys.context(SUBJECT_LABEL, token, &row.kind, |aad| {
            unwrap(&keys.0.envelope, aad, &row.wrapped)
        })?;
        let envelope = Envelope::new(&subject)?;
        let mut plain: Zeroizing<Vec<u8>> = keys.context(VALUE_LABEL, token, &row.kind, |aad| {
            envelope.open(aad, &row.sealed)
        })?;
        String::from_utf8(std::mem::take(&mut *plain))
            .map(Raw::new)
            .map_err(|error| {
                error.into_bytes().zeroize();
                Error::Forged
            })
    }

    /// Destroys keys and values that were last seen before that day; says how many.
    pub fn expire_before(&self, day: u32) -> Result<usize, Error> {
        let db = lock(&self.0.db);
        let gone = db.execute("DELETE FROM tokens WHERE day < ?1", [day])?;
        if gone > 0 {
            forget(&db)?;
        }
        Ok(gone)
    }

    /// Destroys the subject's key and value; says whether there was one.
    ///
    /// A copy of `keys.db` made before still opens it: see the limit on that file's backups.
    pub fn shred(&self, tenant: &TenantId, token: &str) -> Result<bool, Error> {
        let keys = self.0.tenant(tenant)?;
        let db = lock(&keys.0.db);
        let gone = db.execute(
            "DELETE FROM tokens WHERE tenant = ?1 AND token = ?2",
            params![tenant.as_str(), token],
        )?;
        forget(&db)?;
        Ok(gone > 0)
    }
}

impl TenantKeys {
    /// What a sealed thing of the tenant is bound to.
    pub(crate) fn context<T>(
        &self,
        label: &[u8],
        token: &str,
        kind: &str,
        then: impl FnOnce(&[&[u8]]) -> T,
    ) -> T {
        let (region, tenant) = (self.region().as_str(), self.id().as_str());
        let epoch = self.0.epoch.to_be_bytes();
        then(&[
            label,
            region.as_bytes(),
            tenant.as_bytes(),
            &epoch,
            token.as_bytes(),
            kind.as_bytes(),
        ])
    }
}

fn seal(
    keys: &TenantKeys,
    day: u32,
    token: &str,
    kind: &str,
    value: &Raw<String>,
) -> Result<Row, Error> {
    let subject = Secret::random()?;
    let wrapped = keys.context(SUBJECT_LABEL, token, kind, |aad| {
        wrap(&keys.0.envelope, aad, &subject)
    })?;
    let envelope = Envelope::new(&subject)?;
    let plain = value.expose_raw().as_bytes();
    let sealed = keys.context(VALUE_LABEL, token, kind, |aad| envelope.seal(aad, plain))?;
    Ok(Row {
        kind: kind.to_owned(),
        wrapped,
        sealed,
        day,
    })
}

fn find(db: &Connection, tenant: &TenantId, token: &str) -> Result<Option<Row>, Error> {
    let found = db
        .prepare_cached(
            "SELECT kind, wrapped, sealed, day FROM tokens WHERE tenant = ?1 AND token = ?2",
        )?
        .query_row(params![tenant.as_str(), token], |row| {
            Ok(Row {
                kind: row.get(0)?,
                wrapped: row.get(1)?,
                sealed: row.get(2)?,
                day: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}
