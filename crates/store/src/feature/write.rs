//! Writing features, in the transaction that applies a batch.

use std::collections::BTreeMap;

use cordon_event::TenantId;
use cordon_journal::KeyError;
use cordon_redact::{Clean, Sealer};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::feature::observe::{Numbers, Pile, of_group, of_tenant, oldest_ns};
use crate::feature::value::{Features, Origin};
use crate::keys::context;
use crate::pending::PendingGroup;
use crate::schema::to_db;
use crate::{Domain, Error, RecordKeys};

/// Where a tenant's own features lie: no group has this id.
pub(crate) const TENANT: &str = "";
/// The slot of components that gave way.
pub(crate) const SLOT_OTHER: u32 = 0;

/// The part of the context that names a row of features, apart from the group's own row.
pub(crate) fn feature_row(group_id: &str) -> Vec<u8> {
    [b"feature\0".as_slice(), group_id.as_bytes()].concat()
}

/// Writes the features of one batch.
pub(crate) struct Writer<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) keys: &'a dyn RecordKeys,
    pub(crate) sealer: &'a dyn Sealer,
    pub(crate) tenant: &'a TenantId,
    pub(crate) day: u32,
}

/// What stands for components in clear.
pub(crate) type Slots = BTreeMap<String, u32>;

impl Writer<'_> {
    /// The tenant's own features first: they number its components.
    pub(crate) fn all(&self, groups: &BTreeMap<String, PendingGroup>) -> Result<(), Error> {
        if groups.is_empty() {
            return Ok(());
        }
        let slots = self.tenant(groups)?;
        for (group_id, group) in groups {
            self.group(group_id, group, &slots)?;
        }
        Ok(())
    }

    fn tenant(&self, groups: &BTreeMap<String, PendingGroup>) -> Result<Slots, Error> {
        let mut whole: BTreeMap<Clean<Origin>, Pile> = BTreeMap::new();
        let all = groups.values().flat_map(|group| &group.origins);
        for (origin, pile) in all {
            let origin = origin.project(Origin::without_module);
            whole.entry(origin).or_default().absorb(pile.clone());
        }
        let old = self.old(TENANT)?;
        if old.is_none() {
            // What their slots stood for cannot be told any more.
            self.db.execute(
                "DELETE FROM feature_bucket WHERE tenant = ?1",
                [self.tenant.as_str()],
            )?;
        }
        let old = old.unwrap_or_else(|| Clean::technical(()).map(|()| Features::default()));
        let new = old.pair(seen(&whole)).map(of_tenant);
        let given_up = new.get().1.clone();
        let features = new.map(|(features, _)| features);
        self.store(TENANT, &features)?;
        for slot in given_up {
            self.fold(slot, None)?;
        }
        Ok(features.into_inner().slots)
    }

    fn group(&self, group_id: &str, group: &PendingGroup, slots: &Slots) -> Result<(), Error> {
        let old = self.old(group_id)?;
        let old = old.unwrap_or_else(|| Clean::technical(()).map(|()| Features::default()));
        let new = old.pair(seen(&group.origins)).map(of_group);
        let moves = new.get().1.clone();
        self.store(group_id, &new.map(|(features, _)| features))?;
        let slot_of = |name: &String| slots.get(name).copied().unwrap_or(SLOT_OTHER);
        for slot in moves.gone.iter().map(slot_of) {
            self.fold(slot, Some(group_id))?;
        }
        let mut add = self.db.prepare_cached(
            "INSERT INTO feature_bucket (tenant, slot, bucket, group_id, count)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET count = count + ?5",
        )?;
        for ((name, bucket), count) in &moves.added {
            let (slot, bucket, count) = (slot_of(name), to_db(*bucket), to_db(*count));
            add.execute(params![self.tenant.as_str(), slot, bucket, group_id, count])?;
        }
        Ok(())
    }

    /// What the slot held, of one group or of all, is `other` from now on.
    fn fold(&self, slot: u32, group_id: Option<&str>) -> Result<(), Error> {
        fold(self.db, self.tenant, slot, group_id)
    }

    /// Features whose key is gone, or that are damaged, begin anew.
    fn old(&self, group_id: &str) -> Result<Option<Clean<Features>>, Error> {
        let sql = "SELECT day, sealed FROM feature WHERE tenant = ?1 AND group_id = ?2";
        let found: Option<(u32, Vec<u8>)> = self
            .db
            .prepare_cached(sql)?
            .query_row(params![self.tenant.as_str(), group_id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((day, sealed)) = found else {
            return Ok(None);
        };
        let opener = match self.keys.opener(self.tenant, Domain::Groups, day) {
            Ok(opener) => opener,
            Err(KeyError::Gone | KeyError::Damaged) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let row = context(Domain::Groups, self.tenant, day, &feature_row(group_id));
        Ok(Clean::open(opener.as_ref(), &row, &sealed).ok())
    }

    fn store(&self, group_id: &str, features: &Clean<Features>) -> Result<(), Error> {
        let row = feature_row(group_id);
        let row = context(Domain::Groups, self.tenant, self.day, &row);
        let sealed = features.seal(self.sealer, &row)?;
        self.db
            .prepare_cached(
                "INSERT INTO feature (tenant, group_id, day, oldest_ns, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET day = ?3, oldest_ns = ?4, sealed = ?5",
            )?
            .execute(params![
                self.tenant.as_str(),
                group_id,
                self.day,
                to_db(oldest_ns(features.get())),
                sealed
            ])?;
        Ok(())
    }
}

/// Moves the buckets of a slot to [`SLOT_OTHER`], of one group or of all.
pub(crate) fn fold(
    db: &Connection,
    tenant: &TenantId,
    slot: u32,
    group_id: Option<&str>,
) -> Result<(), Error> {
    if slot == SLOT_OTHER {
        return Ok(());
    }
    let of = params![tenant.as_str(), slot, group_id, SLOT_OTHER];
    db.prepare_cached(
        "INSERT INTO feature_bucket (tenant, slot, bucket, group_id, count)
         SELECT tenant, ?4, bucket, group_id, count FROM feature_bucket
         WHERE tenant = ?1 AND slot = ?2 AND (?3 IS NULL OR group_id = ?3)
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?
    .execute(of)?;
    db.prepare_cached(
        "DELETE FROM feature_bucket
         WHERE tenant = ?1 AND slot = ?2 AND (?3 IS NULL OR group_id = ?3) AND slot <> ?4",
    )?
    .execute(of)?;
    Ok(())
}

fn seen(origins: &BTreeMap<Clean<Origin>, Pile>) -> Clean<Vec<(Origin, Numbers)>> {
    let rows = origins.iter();
    Clean::join(rows.map(|(origin, pile)| origin.clone().pair(Clean::technical(pile.numbers()))))
}
