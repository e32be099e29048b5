//! What the second control of a tenant looks for: canaries, sealed; known secrets, as digests.
//!
//! *Invariants:* a canary's value is sealed under the tenant's key and opened only to be looked
//! for. Of a known secret there is nothing to open: its digest is keyed, and that is all.
//! Every change moves the tenant's revision on, so that a running process sees it.

use cordon_event::{Raw, TenantId};
use cordon_redact::{KNOWN_DIGEST_BYTES, KnownDigest};
use data_encoding::BASE32_NOPAD;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use crate::keys_db::forget;
use crate::tenant::lock;
use crate::{Error, Vault, random_bytes};

const CANARY_LABEL: &[u8] = b"cordon/canary/v1";
/// Bytes of an identifier: random for a canary, of the digest for a known secret.
const ID_BYTES: usize = 10;
/// Canaries and known secrets of one tenant.
pub const CONTROLS_COUNT_MAX: usize = 100_000;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A value that must never arrive.
    Canary,
    /// A secret that is known to be live.
    Known,
}

impl Control {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::Known => "known",
        }
    }
}

/// What may be told of a canary or a known secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRow {
    /// Its identifier: `canary_…` or `known_…`.
    pub id: String,
    /// Shape of a canary, name of a known secret.
    pub label: String,
    /// When it was added, seconds since the Unix epoch.
    pub added_unix_s: u64,
}

/// A canary, opened.
pub struct Canary {
    /// What may be told of it.
    pub row: ControlRow,
    /// Its parts: any of them is the canary.
    pub parts: Vec<Raw<String>>,
}

/// Reads and writes what the second control looks for.
pub struct Controls<'a>(pub(crate) &'a Vault);

impl Controls<'_> {
    /// Seals a canary of one or more parts, none of which holds a line break; its identifier.
    pub fn add_canary(
        &self,
        tenant: &TenantId,
        shape: &str,
        parts: &[Raw<String>],
        now_unix_s: u64,
    ) -> Result<String, Error> {
        let keys = self.0.tenant(tenant)?;
        let random = random_bytes()?;
        let id = id_of(Control::Canary, random.as_slice());
        let parts: Vec<&str> = parts
            .iter()
            .map(|part| part.expose_raw().as_str())
            .collect();
        let plain = Zeroizing::new(parts.join("\n"));
        let sealed = keys.context(CANARY_LABEL, &id, shape, |aad| {
            keys.0.envelope.seal(aad, plain.as_bytes())
        })?;
        let mut db = lock(&self.0.db);
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        room(&txn, tenant, 1)?;
        insert(
            &txn,
            tenant,
            Control::Canary,
            (&id, shape, now_unix_s, &sealed),
        )?;
        moved(&txn, tenant)?;
        txn.commit()?;
        Ok(id)
    }

    /// The canaries, oldest first, each with its parts.
    pub fn canaries(&self, tenant: &TenantId) -> Result<Vec<Canary>, Error> {
        let keys = self.0.tenant(tenant)?;
        let rows = rows(&lock(&self.0.db), tenant, Control::Canary)?;
        let mut out = Vec::new();
        for (row, sealed) in rows {
            let plain = keys.context(CANARY_LABEL, &row.id, &row.label, |aad| {
                keys.0.envelope.open(aad, &sealed)
            })?;
            let text = std::str::from_utf8(&plain).map_err(|_| Error::Forged)?;
            let parts = text.lines().map(|part| Raw::new(part.to_owned()));
            let parts = parts.collect();
            out.push(Canary { row, parts });
        }
        Ok(out)
    }

    /// Keeps digests of known secrets, each with a name; says how many were new.
    pub fn add_known<'r>(
        &self,
        tenant: &TenantId,
        known: impl IntoIterator<Item = (&'r str, KnownDigest)>,
        now_unix_s: u64,
    ) -> Result<usize, Error> {
        let mut db = lock(&self.0.db);
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut new = 0;
        for (name, digest) in known {
            let tail = digest.get(KNOWN_DIGEST_BYTES - ID_BYTES..).unwrap_or(&[]);
            let id = id_of(Control::Known, tail);
            new += insert(
                &txn,
                tenant,
                Control::Known,
                (&id, name, now_unix_s, &digest),
            )?;
        }
        room(&txn, tenant, 0)?;
        if new > 0 {
            moved(&txn, tenant)?;
        }
        txn.commit()?;
        Ok(new)
    }

    /// The known secrets' digests, oldest first.
    pub fn known(&self, tenant: &TenantId) -> Result<Vec<(ControlRow, KnownDigest)>, Error> {
        let rows = rows(&lock(&self.0.db), tenant, Control::Known)?;
        let digest = |(row, body): (ControlRow, Vec<u8>)| {
            let digest = body.try_into().map_err(|_| Error::Forged)?;
            Ok((row, digest))
        };
        rows.into_iter().map(digest).collect()
    }

    /// Forgets one; whether there was one.
    pub fn remove(&self, tenant: &TenantId, control: Control, id: &str) -> Result<bool, Error> {
        let mut db = lock(&self.0.db);
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let gone = txn.execute(
            "DELETE FROM controls WHERE tenant = ?1 AND control = ?2 AND id = ?3",
            params![tenant.as_str(), control.as_str(), id],
        )?;
        if gone > 0 {
            moved(&txn, tenant)?;
        }
        txn.commit()?;
        if gone > 0 {
            forget(&db)?;
        }
        Ok(gone > 0)
    }

    /// A number that is another one after every change.
    pub fn revision(&self, tenant: &TenantId) -> Result<u64, Error> {
        let db = lock(&self.0.db);
        let found: Option<u64> = db
            .prepare_cached("SELECT revision FROM control_revisions WHERE tenant = ?1")?
            .query_row([tenant.as_str()], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or_default())
    }
}

/// An identifier from the first bytes of `bytes`.
fn id_of(control: Control, bytes: &[u8]) -> String {
    let head = bytes.get(..ID_BYTES).unwrap_or(bytes);
    let encoded = BASE32_NOPAD.encode(head).to_ascii_lowercase();
    format!("{}_{encoded}", control.as_str())
}

fn insert(
    txn: &Transaction<'_>,
    tenant: &TenantId,
    control: Control,
    (id, label, added_unix_s, body): (&str, &str, u64, &[u8]),
) -> Result<usize, Error> {
    Ok(txn.execute(
        "INSERT OR IGNORE INTO controls (tenant, control, id, label, added_unix_s, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            tenant.as_str(),
            control.as_str(),
            id,
            label,
            added_unix_s,
            body
        ],
    )?)
}

/// Refuses what is beyond the limit, with `more` about to be added.
fn room(txn: &Transaction<'_>, tenant: &TenantId, more: usize) -> Result<(), Error> {
    let count: usize = txn.query_row(
        "SELECT count(*) FROM controls WHERE tenant = ?1",
        [tenant.as_str()],
        |row| row.get(0),
    )?;
    if count + more > CONTROLS_COUNT_MAX {
        return Err(Error::Controls);
    }
    Ok(())
}

fn moved(txn: &Transaction<'_>, tenant: &TenantId) -> Result<(), Error> {
    txn.execute(
        "INSERT INTO control_revisions (tenant, revision) VALUES (?1, 1)
         ON CONFLICT (tenant) DO UPDATE SET revision = revision + 1",
        [tenant.as_str()],
    )?;
    Ok(())
}

fn rows(
    db: &Connection,
    tenant: &TenantId,
    control: Control,
) -> Result<Vec<(ControlRow, Vec<u8>)>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT id, label, added_unix_s, body FROM controls
         WHERE tenant = ?1 AND control = ?2 ORDER BY added_unix_s, id",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        let told = ControlRow {
            id: row.get(0)?,
            label: row.get(1)?,
            added_unix_s: row.get(2)?,
        };
        Ok((told, row.get(3)?))
    };
    let found = statement.query_map(params![tenant.as_str(), control.as_str()], row)?;
    Ok(found.collect::<Result<_, _>>()?)
}
