//! The vault: root key, tenants, signatures.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cordon_event::{Region, TenantId};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use crate::envelope::{Envelope, unwrap, wrap};
use crate::pseudonym::Pseudonyms;
use crate::secret::Secret;
use crate::sign::Signer;
use crate::tenant::{Database, Tenant, lock};
use crate::{
    Controls, Domain, Error, PublicKey, SegmentOpener, SegmentSealer, TenantKeys, TokenMap, file,
    keys_db, segment,
};

const TENANT_LABEL: &[u8] = b"cordon/tenant-key/v1";
const PSEUDONYM_LABEL: &[u8] = b"cordon/pseudonym-key/v1";
const SIGNING_LABEL: &[u8] = b"cordon/signing-key/v1";
const FIRST_EPOCH: u32 = 1;

/// All keys of one installation.
pub struct Vault {
    dir: PathBuf,
    root: Envelope,
    signer: Signer,
    pub(crate) db: Database,
    tenants: Mutex<HashMap<TenantId, TenantKeys>>,
}

impl Vault {
    /// Opens the key directory, making it, its root key (0600) and its database where there are
    /// none. Two processes may have it open.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let root = Envelope::new(&file::root(dir)?)?;
        let mut db = keys_db::open(dir)?;
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let signer = signing_key(&txn, &root)?;
        txn.commit()?;
        let db = Arc::new(Mutex::new(db));
        Ok(Self {
            dir: dir.to_owned(),
            root,
            signer,
            db,
            tenants: Mutex::default(),
        })
    }

    /// Where the audit log keeps its second checkpoint: with the keys, apart from the data.
    pub fn anchor_path(&self) -> PathBuf {
        self.dir.join("audit-checkpoint")
    }

    /// Makes a tenant's keys. Does nothing when they exist in the same region.
    pub fn create_tenant(&self, tenant: &TenantId, region: &Region) -> Result<(), Error> {
        let mut db = lock(&self.db);
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let existing: Option<String> = txn
            .query_row(
                "SELECT region FROM tenant_keys WHERE tenant = ?1 ORDER BY epoch DESC LIMIT 1",
                [tenant.as_str()],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(existing) = existing {
            let same = existing == region.as_str();
            return if same {
                Ok(())
            } else {
                Err(Error::RegionDiffers)
            };
        }
        let key = Secret::random()?;
        let epoch = FIRST_EPOCH.to_be_bytes();
        let wrapped = wrap(&self.root, &tenant_context(tenant, region, &epoch), &key)?;
        txn.execute(
            "INSERT INTO tenant_keys (tenant, region, epoch, wrapped) VALUES (?1, ?2, ?3, ?4)",
            params![tenant.as_str(), region.as_str(), FIRST_EPOCH, wrapped],
        )?;
        let context = pseudonym_context(tenant, region, &epoch);
        let wrapped = wrap(&Envelope::new(&key)?, &context, &Secret::random()?)?;
        txn.execute(
            "INSERT INTO pseudonym_keys (tenant, epoch, wrapped) VALUES (?1, ?2, ?3)",
            params![tenant.as_str(), FIRST_EPOCH, wrapped],
        )?;
        txn.commit()?;
        Ok(())
    }

    /// The keys of a tenant; [`Error::TenantUnknown`] when it was never made.
    pub fn tenant(&self, tenant: &TenantId) -> Result<TenantKeys, Error> {
        if let Some(keys) = lock(&self.tenants).get(tenant) {
            return Ok(keys.clone());
        }
        let keys = self.unwrap_tenant(tenant)?;
        Ok(lock(&self.tenants)
            .entry(tenant.clone())
            .or_insert(keys)
            .clone())
    }

    /// A fresh key for one tenant's frames in one segment, and its wrapped form for the segment's
    /// header. `day` counts days since the Unix epoch.
    pub fn segment_sealer(
        &self,
        tenant: &TenantId,
        day: u32,
    ) -> Result<(SegmentSealer, Vec<u8>), Error> {
        let keys = self.tenant(tenant)?;
        segment::fresh(&*keys.0.data_key(Domain::Journal, day, true)?)
    }

    /// Opens the wrapped form that [`Vault::segment_sealer`] gave.
    ///
    /// [`Error::DayDestroyed`] when the day's key is gone, [`Error::Forged`] when the blob was
    /// changed or belongs to another tenant.
    pub fn segment_opener(
        &self,
        tenant: &TenantId,
        wrapped: &[u8],
    ) -> Result<SegmentOpener, Error> {
        let keys = self.tenant(tenant)?;
        let day = segment::day_of(wrapped)?;
        segment::reopen(&*keys.0.data_key(Domain::Journal, day, false)?, wrapped)
    }

    /// The map from reversible pseudonyms to values.
    pub fn token_map(&self) -> TokenMap<'_> {
        TokenMap(self)
    }

    /// Canaries and known secrets.
    pub fn controls(&self) -> Controls<'_> {
        Controls(self)
    }

    /// Destroys every tenant's data keys of `domain` for the days before `day`, for good: no key is
    /// made for such a day again. Says how many there were.
    ///
    /// Keys that a caller still holds live until it drops them.
    pub fn destroy_days_before(&self, domain: Domain, day: u32) -> Result<usize, Error> {
        let mut db = lock(&self.db);
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let gone = txn.execute(
            "DELETE FROM data_keys WHERE domain = ?1 AND day < ?2",
            params![domain.as_str(), day],
        )?;
        txn.execute(
            "INSERT INTO destroyed_days (domain, before) VALUES (?1, ?2)
             ON CONFLICT (domain) DO UPDATE SET before = max(before, excluded.before)",
            params![domain.as_str(), day],
        )?;
        txn.commit()?;
        keys_db::forget(&db)?;
        drop(db);
        for keys in lock(&self.tenants).values() {
            lock(&keys.0.data_keys).retain(|(of, on), _| *of != domain || *on >= day);
        }
        Ok(gone)
    }

    /// Ed25519 signature under the installation's signing key: for audit checkpoints.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signer.sign(message)
    }

    /// The public half of the signing key.
    pub fn public_key(&self) -> PublicKey {
        self.signer.public()
    }

    fn unwrap_tenant(&self, tenant: &TenantId) -> Result<TenantKeys, Error> {
        let db = lock(&self.db);
        let row: Option<(String, u32, Vec<u8>)> = db
            .query_row(
                "SELECT region, epoch, wrapped FROM tenant_keys WHERE tenant = ?1
                 ORDER BY epoch DESC LIMIT 1",
                [tenant.as_str()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let (region, epoch, wrapped) = row.ok_or(Error::TenantUnknown)?;
        let region = Region::parse(&region).map_err(|_| Error::Forged)?;
        let epoch_bytes = epoch.to_be_bytes();
        let context = tenant_context(tenant, &region, &epoch_bytes);
        let envelope = Envelope::new(&unwrap(&self.root, &context, &wrapped)?)?;
        let (pseudonym_epoch, wrapped): (u32, Vec<u8>) = db.query_row(
            "SELECT epoch, wrapped FROM pseudonym_keys WHERE tenant = ?1
             ORDER BY epoch DESC LIMIT 1",
            [tenant.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let epoch_bytes = pseudonym_epoch.to_be_bytes();
        let context = pseudonym_context(tenant, &region, &epoch_bytes);
        let pseudonyms = Pseudonyms::new(unwrap(&envelope, &context, &wrapped)?);
        drop(db);
        Ok(TenantKeys(Arc::new(Tenant {
            id: tenant.clone(),
            region,
            epoch,
            envelope,
            pseudonyms,
            db: Arc::clone(&self.db),
            data_keys: Mutex::default(),
        })))
    }
}

fn tenant_context<'a>(tenant: &'a TenantId, region: &'a Region, epoch: &'a [u8]) -> [&'a [u8]; 4] {
    [
        TENANT_LABEL,
        region.as_str().as_bytes(),
        tenant.as_str().as_bytes(),
        epoch,
    ]
}

fn pseudonym_context<'a>(
    tenant: &'a TenantId,
    region: &'a Region,
    epoch: &'a [u8],
) -> [&'a [u8]; 4] {
    [
        PSEUDONYM_LABEL,
        region.as_str().as_bytes(),
        tenant.as_str().as_bytes(),
        epoch,
    ]
}

fn signing_key(txn: &Transaction<'_>, root: &Envelope) -> Result<Signer, Error> {
    let stored: Option<(u32, Vec<u8>)> = txn
        .query_row(
            "SELECT epoch, wrapped FROM signing_keys ORDER BY epoch DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some((epoch, wrapped)) = stored {
        let seed = unwrap(root, &[SIGNING_LABEL, &epoch.to_be_bytes()], &wrapped)?;
        return Signer::new(&seed);
    }
    let seed = Secret::random()?;
    let wrapped = wrap(root, &[SIGNING_LABEL, &FIRST_EPOCH.to_be_bytes()], &seed)?;
    txn.execute(
        "INSERT INTO signing_keys (epoch, wrapped) VALUES (?1, ?2)",
        params![FIRST_EPOCH, wrapped],
    )?;
    Signer::new(&seed)
}
