//! The keys of one tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cordon_event::{Region, TenantId};
use cordon_redact::PseudonymMac;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::envelope::{Envelope, unwrap, wrap};
use crate::pseudonym::Pseudonyms;
use crate::record::{DataKey, Place};
use crate::secret::{Secret, equal_constant_time};
use crate::{Domain, Error, RecordKey};

/// Data keys kept unwrapped for each tenant; beyond it the memory is emptied and refilled.
const DATA_KEYS_CACHED_COUNT_MAX: usize = 1_024;

const DATA_LABEL: &[u8] = b"cordon/data-key/v1";

/// The database of wrapped keys, shared.
pub(crate) type Database = Arc<Mutex<Connection>>;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The keys of one tenant, unwrapped on demand. Clones share them.
///
/// Like every type here that holds a key, it cannot be printed:
///
/// ```compile_fail,E0277
/// fn show(keys: cordon_vault::TenantKeys) {
///     println!("{keys:?}");
/// }
/// ```
/// ```compile_fail,E0277
/// fn show(key: cordon_vault::RecordKey) {
///     println!("{key:?}");
/// }
/// ```
/// ```compile_fail,E0277
/// fn show(vault: cordon_vault::Vault) {
///     println!("{vault:?}");
/// }
/// ```
#[derive(Clone)]
pub struct TenantKeys(pub(crate) Arc<Tenant>);

pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) region: Region,
    pub(crate) epoch: u32,
    pub(crate) envelope: Envelope,
    pub(crate) pseudonyms: Pseudonyms,
    pub(crate) db: Database,
    pub(crate) data_keys: Mutex<HashMap<(Domain, u32), Arc<DataKey>>>,
}

impl TenantKeys {
    /// Whose keys these are.
    pub fn id(&self) -> &TenantId {
        &self.0.id
    }

    /// Where the tenant's data lives.
    pub fn region(&self) -> &Region {
        &self.0.region
    }

    /// Keyed digest of a request's body: finds a resent request, tells nothing of the body.
    pub fn request_mac(&self, body: &[u8]) -> [u8; 32] {
        self.0.pseudonyms.request(body)
    }

    /// The record key of a domain and day (days since the Unix epoch), made where there is none.
    ///
    /// [`Error::DayDestroyed`] for a day whose keys were destroyed.
    pub fn records(&self, domain: Domain, day: u32) -> Result<RecordKey, Error> {
        self.0.data_key(domain, day, true).map(RecordKey)
    }

    /// As [`TenantKeys::records`], but makes none: for reading.
    pub fn records_existing(&self, domain: Domain, day: u32) -> Result<RecordKey, Error> {
        self.0.data_key(domain, day, false).map(RecordKey)
    }
}

impl PseudonymMac for TenantKeys {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        self.0.pseudonyms.mac(kind, canonical)
    }

    fn hint(&self, candidate: &[u8]) -> u64 {
        self.0.pseudonyms.hint(candidate)
    }

    fn is_same_tag(&self, left: &[u8; 32], right: &[u8; 32]) -> bool {
        equal_constant_time(left, right)
    }
}

impl Tenant {
    /// The data key of a domain and day.
    pub(crate) fn data_key(
        &self,
        domain: Domain,
        day: u32,
        make: bool,
    ) -> Result<Arc<DataKey>, Error> {
        if let Some(key) = lock(&self.data_keys).get(&(domain, day)) {
            return Ok(Arc::clone(key));
        }
        let secret = self.stored_data_key(domain, day, make)?;
        let envelope = Envelope::new(&secret)?;
        let key = Arc::new(DataKey {
            place: self.place(domain, day),
            envelope,
        });
        let mut cache = lock(&self.data_keys);
        if cache.len() >= DATA_KEYS_CACHED_COUNT_MAX {
            cache.clear();
        }
        cache.insert((domain, day), Arc::clone(&key));
        Ok(key)
    }

    fn place(&self, domain: Domain, day: u32) -> Place {
        let (region, tenant) = (self.region.to_string(), self.id.to_string());
        Place {
            region,
            tenant,
            domain,
            day,
        }
    }

    fn stored_data_key(&self, domain: Domain, day: u32, make: bool) -> Result<Secret, Error> {
        let epoch = self.epoch.to_be_bytes();
        let place = self.place(domain, day);
        let mut db = lock(&self.db);
        if let Some(wrapped) = find_data_key(&db, &place)? {
            return place.bind(DATA_LABEL, &epoch, |aad| {
                unwrap(&self.envelope, aad, &wrapped)
            });
        }
        if !make {
            return Err(Error::DayDestroyed);
        }
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if is_destroyed(&txn, &place)? {
            return Err(Error::DayDestroyed);
        }
        // Another process may have made it between the look and the lock.
        if let Some(wrapped) = find_data_key(&txn, &place)? {
            return place.bind(DATA_LABEL, &epoch, |aad| {
                unwrap(&self.envelope, aad, &wrapped)
            });
        }
        let secret = Secret::random()?;
        let wrapped = place.bind(DATA_LABEL, &epoch, |aad| wrap(&self.envelope, aad, &secret))?;
        txn.execute(
            "INSERT INTO data_keys (tenant, domain, day, wrapped) VALUES (?1, ?2, ?3, ?4)",
            params![place.tenant, domain.as_str(), day, wrapped],
        )?;
        txn.commit()?;
        Ok(secret)
    }
}

fn find_data_key(db: &Connection, place: &Place) -> Result<Option<Vec<u8>>, Error> {
    let found = db
        .query_row(
            "SELECT wrapped FROM data_keys WHERE tenant = ?1 AND domain = ?2 AND day = ?3",
            params![place.tenant, place.domain.as_str(), place.day],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found)
}

fn is_destroyed(db: &Connection, place: &Place) -> Result<bool, Error> {
    let before: Option<u32> = db
        .query_row(
            "SELECT before FROM destroyed_days WHERE domain = ?1",
            [place.domain.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(before.is_some_and(|before| place.day < before))
}
