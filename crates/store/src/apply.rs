//! Applying a batch: one transaction, exactly once.

use std::cell::Cell;
use std::collections::{BTreeMap, btree_map};

use cordon_event::{Batch, Event, TenantId};
use cordon_journal::{Cursor, KeyError};
use cordon_redact::{Clean, Sealer};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::account::{
    BROUGHT_BACK, DUPLICATE, EVICTED, KEPT, QUARANTINED, RECEIVED, SAMPLED_OUT, UNCLASSIFIED,
    count, count_removed,
};
use crate::changes::{PendingChange, Place};
use crate::feature::occasion;
use crate::feature::write::Writer;
use crate::keys::{context, event_row};
use crate::limits::{DEDUPE_WINDOW_S, EXEMPLARS_RECENT_MAX, GROUP_OTHER, GROUPS_COUNT_MAX};
use crate::pending::{Candidate, NS_PER_S, Pending, PendingGroup, other};
use crate::rollup::point::PendingPoint;
use crate::rollup::write::Rollup;
use crate::schema::{from_db, read_cursor, to_db};
use crate::{Domain, Error, GroupText, Grouping, Sampled, Store};

const S_PER_DAY: u64 = 86_400;
/// Reason under which a batch is accounted for whose tenant has no keys any more.
const KEY_GONE: &str = "key_gone";

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Applied now.
    New {
        /// How many more events are stored than before.
        kept: u64,
        /// Entries that were held back.
        quarantined: u64,
    },
    /// The same request came before, within [`DEDUPE_WINDOW_S`]: counted, not stored.
    Duplicate,
    /// The cursor is not beyond what was applied: nothing was changed.
    Before,
    /// The tenant's keys are gone for good: counted as quarantined (`key_gone`), not stored.
    KeyGone,
}

impl Store {
    /// Applies a batch that ends at `cursor`, in one transaction with the cursor and the
    /// request's digest: it is applied exactly once however often it is read.
    ///
    /// On an error nothing is changed, and the same batch may be applied again.
    pub fn apply(
        &self,
        cursor: Cursor,
        batch: &Clean<Batch>,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Result<Applied, Error> {
        self.apply_sampled(cursor, batch, Sampled::default(), classify)
    }

    /// As [`Store::apply`], of a batch that the tenant's sampling plan has ruled over.
    pub fn apply_sampled(
        &self,
        cursor: Cursor,
        batch: &Clean<Batch>,
        sampled: Sampled,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Result<Applied, Error> {
        let applied = self.apply_each([(cursor, batch, sampled)], classify)?;
        Ok(applied.first().copied().unwrap_or(Applied::Before))
    }

    /// As [`Store::apply`], for several batches in the order of their cursors, in one transaction:
    /// small requests then share one sync, as they did in the journal.
    pub fn apply_all<'a>(
        &self,
        batches: impl IntoIterator<Item = (Cursor, &'a Clean<Batch>)>,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Result<Vec<Applied>, Error> {
        let all = batches.into_iter();
        self.apply_each(
            all.map(|(at, batch)| (at, batch, Sampled::default())),
            classify,
        )
    }

    fn apply_each<'a>(
        &self,
        batches: impl IntoIterator<Item = (Cursor, &'a Clean<Batch>, Sampled)>,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Result<Vec<Applied>, Error> {
        let applied = self.apply_in_one(batches, classify);
        applied.map_err(|error| self.doubt(error))
    }

    fn apply_in_one<'a>(
        &self,
        batches: impl IntoIterator<Item = (Cursor, &'a Clean<Batch>, Sampled)>,
        classify: &dyn Fn(&Clean<Event>) -> Clean<Grouping>,
    ) -> Result<Vec<Applied>, Error> {
        let applied_to = self.cursor()?;
        // Grouping needs no lock and may be slow.
        let sort = |(cursor, batch, sampled)| {
            let pending = (cursor > applied_to).then(|| Pending::of(batch, sampled, classify));
            (cursor, batch, pending)
        };
        let sorted: Vec<_> = batches.into_iter().map(sort).collect();
        let mut db = self.writer();
        let mut txn = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut applied = Vec::with_capacity(sorted.len());
        for (cursor, batch, pending) in sorted {
            applied.push(self.one(&mut txn, cursor, batch.get(), pending)?);
        }
        txn.commit()?;
        Ok(applied)
    }

    /// A tenant's missing keys undo its own batch and no other.
    fn one(
        &self,
        txn: &mut Transaction<'_>,
        cursor: Cursor,
        batch: &Batch,
        pending: Option<Pending>,
    ) -> Result<Applied, Error> {
        // Another process may have been faster.
        let is_new = cursor > read_cursor(txn)?;
        let Some(pending) = pending.filter(|_| is_new) else {
            return Ok(Applied::Before);
        };
        let step = txn.savepoint()?;
        let applied = match self.write(&step, batch, Some(pending)) {
            Ok(applied) => step.commit().map(|()| applied)?,
            Err(Error::Key(KeyError::Gone)) => {
                drop(step);
                self.write(txn, batch, None)?
            }
            Err(other) => return Err(other),
        };
        txn.prepare_cached(
            "INSERT INTO cursor (one, segment, offset) VALUES (0, ?1, ?2)
             ON CONFLICT DO UPDATE SET segment = ?1, offset = ?2",
        )?
        .execute(params![to_db(cursor.segment), to_db(cursor.offset)])?;
        Ok(applied)
    }

    fn write(
        &self,
        db: &Connection,
        batch: &Batch,
        pending: Option<Pending>,
    ) -> Result<Applied, Error> {
        let tenant = batch.tenant.as_str();
        let entries = to_db(batch.entries.len() as u64);
        count(db, tenant, RECEIVED, "", entries)?;
        let is_duplicate = is_duplicate(db, batch)?;
        if is_duplicate {
            count(db, tenant, DUPLICATE, "", entries)?;
        }
        let Some(mut pending) = pending else {
            if is_duplicate {
                return Ok(Applied::Duplicate);
            }
            count(db, tenant, QUARANTINED, KEY_GONE, entries)?;
            return Ok(Applied::KeyGone);
        };
        let apply = Apply {
            store: self,
            db,
            batch,
            day: day_of(batch),
        };
        // What comes back is of other batches.
        apply.back(std::mem::take(&mut pending.back))?;
        if is_duplicate {
            return Ok(Applied::Duplicate);
        }
        count_removed(db, batch)?;
        apply.all(pending)
    }
}

/// Days since the Unix epoch: whose keys seal what the batch brings.
fn day_of(batch: &Batch) -> u32 {
    u32::try_from(batch.received_unix_ns / NS_PER_S / S_PER_DAY).unwrap_or(u32::MAX)
}

/// Whether the request was seen within the window; it is remembered from its first time.
fn is_duplicate(db: &Connection, batch: &Batch) -> Result<bool, Error> {
    let now_s = batch.received_unix_ns / NS_PER_S;
    let tenant = batch.tenant.as_str();
    let mut seen =
        db.prepare_cached("SELECT seen_s FROM request WHERE tenant = ?1 AND mac = ?2")?;
    let seen: Option<i64> = seen
        .query_row(params![tenant, batch.request_mac], |row| row.get(0))
        .optional()?;
    // A clock that went back makes no second copy either.
    if seen.is_some_and(|seen| now_s.saturating_sub(from_db(seen)) <= DEDUPE_WINDOW_S) {
        return Ok(true);
    }
    db.prepare_cached(
        "INSERT INTO request (tenant, mac, seen_s) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET seen_s = ?3",
    )?
    .execute(params![tenant, batch.request_mac, to_db(now_s)])?;
    Ok(false)
}

/// One batch on its way into one transaction.
pub(crate) struct Apply<'a> {
    pub(crate) store: &'a Store,
    pub(crate) db: &'a Connection,
    pub(crate) batch: &'a Batch,
    /// Days since the Unix epoch: whose keys seal what it brings.
    pub(crate) day: u32,
}

impl Apply<'_> {
    fn tenant(&self) -> &TenantId {
        &self.batch.tenant
    }

    pub(crate) fn all(&self, pending: Pending) -> Result<Applied, Error> {
        let quarantined = self.hold(pending.held)?;
        let unclassified = to_db(pending.unclassified);
        count(
            self.db,
            self.tenant().as_str(),
            UNCLASSIFIED,
            "",
            unclassified,
        )?;
        for (reason, left_out) in &pending.sampled_out {
            let tenant = self.tenant().as_str();
            count(self.db, tenant, SAMPLED_OUT, reason, to_db(*left_out))?;
        }
        let mut kept = self.changes(pending.changes)?;
        self.points(&pending.points)?;
        let groups = self.bounded(pending.groups)?;
        if !groups.is_empty() {
            kept += self.groups(groups)?;
        }
        Ok(Applied::New {
            kept: from_db(kept),
            quarantined,
        })
    }

    /// How many more events are kept than before.
    fn groups(&self, groups: BTreeMap<String, PendingGroup>) -> Result<i64, Error> {
        let keys = self.store.keys.as_ref();
        let sealer = keys.sealer(self.tenant(), Domain::Groups, self.day)?;
        let events = keys.sealer(self.tenant(), Domain::Events, self.day)?;
        let writer = Writer {
            db: self.db,
            keys,
            sealer: sealer.as_ref(),
            tenant: self.tenant(),
            day: self.day,
        };
        writer.all(&groups)?;
        let (mac, now_ns) = (keys.mac(self.tenant())?, self.batch.received_unix_ns);
        occasion::count(self.db, self.tenant(), mac.as_ref(), now_ns, &groups)?;
        let mut kept = 0;
        for (group_id, group) in groups {
            self.group(&group_id, &group, sealer.as_ref())?;
            kept += self.exemplars(&group_id, group.candidates, events.as_ref())?;
        }
        Ok(kept)
    }

    /// Offers events that were left out first to their groups, which have counted them.
    fn back(&self, back: BTreeMap<String, Vec<Candidate>>) -> Result<(), Error> {
        if back.is_empty() {
            return Ok(());
        }
        let tenant = self.tenant().as_str();
        let key = self
            .store
            .keys
            .sealer(self.tenant(), Domain::Events, self.day)?;
        for (group_id, candidates) in back {
            let sql = "SELECT count(*) FROM grouped WHERE tenant = ?1 AND group_id = ?2";
            let is_known = self.number(sql, params![tenant, group_id])? > 0;
            let group_id = if is_known {
                group_id.as_str()
            } else {
                GROUP_OTHER
            };
            count(
                self.db,
                tenant,
                BROUGHT_BACK,
                "",
                to_db(candidates.len() as u64),
            )?;
            self.exemplars(group_id, candidates, key.as_ref())?;
        }
        Ok(())
    }

    fn changes(&self, changes: Vec<PendingChange>) -> Result<i64, Error> {
        if changes.is_empty() {
            return Ok(0);
        }
        let keys = &self.store.keys;
        let key = keys.sealer(self.tenant(), Domain::Events, self.day)?;
        let place = Place {
            db: self.db,
            tenant: self.tenant(),
            day: self.day,
            received_ns: self.batch.received_unix_ns,
        };
        place.put(changes, key.as_ref())
    }

    fn points(&self, points: &[PendingPoint]) -> Result<(), Error> {
        if points.is_empty() {
            return Ok(());
        }
        let keys = &self.store.keys;
        let (sealer, mac) = (
            keys.sealer(self.tenant(), Domain::Groups, self.day)?,
            keys.mac(self.tenant())?,
        );
        let rollup = Rollup {
            db: self.db,
            tenant: self.tenant(),
            day: self.day,
            sealer: sealer.as_ref(),
            mac: mac.as_ref(),
            has_new: Cell::new(false),
        };
        rollup.all(points)
    }

    /// Groups that would be too many are taken together.
    fn bounded(
        &self,
        groups: BTreeMap<String, PendingGroup>,
    ) -> Result<BTreeMap<String, PendingGroup>, Error> {
        let tenant = self.tenant().as_str();
        let known = self.number(
            "SELECT count(*) FROM grouped WHERE tenant = ?1",
            params![tenant],
        )?;
        let mut free = GROUPS_COUNT_MAX.saturating_sub(known);
        if groups.len() as u64 <= free {
            return Ok(groups);
        }
        let mut kept = BTreeMap::new();
        for (group_id, mut group) in groups {
            let sql = "SELECT count(*) FROM grouped WHERE tenant = ?1 AND group_id = ?2";
            let is_new = self.number(sql, params![tenant, group_id])? == 0;
            let group_id = if is_new && free == 0 {
                group.grouping = group.grouping.project(other);
                GROUP_OTHER.to_owned()
            } else {
                group_id
            };
            free = free.saturating_sub(u64::from(is_new));
            match kept.entry(group_id) {
                btree_map::Entry::Vacant(slot) => drop(slot.insert_entry(group)),
                btree_map::Entry::Occupied(mut slot) => {
                    slot.get_mut().absorb(group);
                }
            }
        }
        Ok(kept)
    }

    fn number(&self, sql: &str, params: impl rusqlite::Params) -> Result<u64, Error> {
        Ok(from_db(
            self.db
                .prepare_cached(sql)?
                .query_row(params, |row| row.get(0))?,
        ))
    }

    fn group(&self, group_id: &str, group: &PendingGroup, key: &dyn Sealer) -> Result<(), Error> {
        let tenant = self.tenant().as_str();
        // Text whose key is gone, or that is damaged, begins anew; its counts stay.
        let old = self.old_text(group_id)?;
        let old = old.unwrap_or_else(|| group.grouping.project(GroupText::of));
        let subjects = Clean::join(group.subjects.iter().cloned()).map(|all| all.concat());
        let seen = Clean::join(group.releases.iter().cloned()).pair(subjects);
        let text = old.pair(seen).map(GroupText::observe);
        let row = context(Domain::Groups, self.tenant(), self.day, group_id.as_bytes());
        let sealed = text.seal(key, &row)?;
        let total: u64 = group.buckets.values().sum();
        self.db
            .prepare_cached(
                "INSERT INTO grouped
                 (tenant, group_id, kind, failure, count, first_ns, last_ns, day, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT DO UPDATE SET failure = max(failure, ?4), count = count + ?5,
                 first_ns = min(first_ns, ?6), last_ns = max(last_ns, ?7), day = ?8, sealed = ?9",
            )?
            .execute(params![
                tenant,
                group_id,
                group.grouping.get().kind.as_str(),
                group.failure,
                to_db(total),
                to_db(group.first_ns),
                to_db(group.last_ns),
                self.day,
                sealed
            ])?;
        let mut bucket = self.db.prepare_cached(
            "INSERT INTO bucket (tenant, group_id, bucket, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET count = count + ?4",
        )?;
        for (number, n) in &group.buckets {
            bucket.execute(params![tenant, group_id, to_db(*number), to_db(*n)])?;
        }
        Ok(())
    }

    fn old_text(&self, group_id: &str) -> Result<Option<Clean<GroupText>>, Error> {
        let sql = "SELECT day, sealed FROM grouped WHERE tenant = ?1 AND group_id = ?2";
        let found: Option<(u32, Vec<u8>)> = self
            .db
            .prepare_cached(sql)?
            .query_row(params![self.tenant().as_str(), group_id], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .optional()?;
        let Some((day, sealed)) = found else {
            return Ok(None);
        };
        let opener = match self.store.keys.opener(self.tenant(), Domain::Groups, day) {
            Ok(opener) => opener,
            Err(KeyError::Gone | KeyError::Damaged) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let row = context(Domain::Groups, self.tenant(), day, group_id.as_bytes());
        Ok(Clean::open(opener.as_ref(), &row, &sealed).ok())
    }

    /// Stores the exemplars and lets others give way; how many more are kept than before.
    fn exemplars(
        &self,
        group_id: &str,
        candidates: Vec<Candidate>,
        key: &dyn Sealer,
    ) -> Result<i64, Error> {
        let tenant = self.tenant().as_str();
        let sql = "SELECT count(*) FROM event WHERE tenant = ?1 AND group_id = ?2 AND first = 1";
        let first = self.number(sql, params![tenant, group_id])?;
        let offered = candidates.len() as u64;
        let (mut stored, mut repeated) = (0, 0);
        let chosen = PendingGroup::choose(candidates, first as usize);
        let passed = offered - chosen.len() as u64;
        for (is_first, candidate) in chosen {
            match self.exemplar(group_id, &candidate, is_first, key)? {
                0 => repeated += 1,
                _ => stored += 1,
            }
        }
        let evicted = self
            .db
            .prepare_cached(
                "DELETE FROM event WHERE seq IN (
                 SELECT seq FROM event WHERE tenant = ?1 AND group_id = ?2 AND first = 0
                 ORDER BY rank DESC, seq DESC LIMIT -1 OFFSET ?3)",
            )?
            .execute(params![
                tenant,
                group_id,
                to_db(EXEMPLARS_RECENT_MAX as u64)
            ])?;
        let more = stored - to_db(evicted as u64);
        count(self.db, tenant, KEPT, "", more)?;
        count(self.db, tenant, EVICTED, "", to_db(passed + evicted as u64))?;
        // The same ids once more: the request came again after the window.
        count(self.db, tenant, DUPLICATE, "", repeated)?;
        Ok(more)
    }

    fn exemplar(
        &self,
        group_id: &str,
        candidate: &Candidate,
        is_first: bool,
        key: &dyn Sealer,
    ) -> Result<usize, Error> {
        let row = event_row(candidate.id, group_id);
        let row = context(Domain::Events, self.tenant(), self.day, &row);
        let sealed = candidate.event.seal(key, &row)?;
        let inserted = self
            .db
            .prepare_cached(
                "INSERT INTO event (tenant, event_id, group_id, day, time_ns, received_ns,
                 severity, first, rank, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.tenant().as_str(),
                candidate.id.0,
                group_id,
                self.day,
                to_db(candidate.time_ns),
                to_db(self.batch.received_unix_ns),
                candidate.severity,
                is_first,
                candidate.rank,
                sealed
            ])?;
        Ok(inserted)
    }
}
