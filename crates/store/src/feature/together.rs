//! Which groups occur together, within a tenant.

use cordon_govern::TenantScope;
use rusqlite::params;

use crate::feature::write::TENANT;
use crate::limits::{PAIR_SUPPORT_MIN, ROWS_COUNT_MAX};
use crate::schema::{from_db, to_db};
use crate::{Error, Store};

/// Two groups that occurred together, and on how many occasions.
///
/// An occasion is a trace, or a minute of a component, on which there was any failure or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// The group that was asked for.
    pub group_id: String,
    /// The group that it occurred with.
    pub with: String,
    /// Occasions with both; at least this many, where pairs had to give way.
    pub both: u64,
    /// Occasions with the group.
    pub of_group: u64,
    /// Occasions with the other.
    pub of_with: u64,
    /// All occasions of the tenant.
    pub occasions: u64,
}

impl Together {
    /// Share of the group's occasions on which the other was there too.
    pub fn share(&self) -> f64 {
        self.both as f64 / self.of_group.max(1) as f64
    }

    /// Lift: how many times as often they met as two that have nothing to do with each other
    /// would. One says nothing: where all occasions have both, it is one, too.
    pub fn lift(&self) -> f64 {
        let by_chance = self.of_group as f64 * self.of_with as f64 / self.occasions.max(1) as f64;
        if by_chance > 0.0 {
            self.both as f64 / by_chance
        } else {
            0.0
        }
    }
}

impl Store {
    /// The groups that occurred with `group_id` on at least [`PAIR_SUPPORT_MIN`] occasions, those
    /// that did most often first.
    pub fn together(
        &self,
        scope: &TenantScope,
        group_id: &str,
        limit: usize,
    ) -> Result<Vec<Together>, Error> {
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "WITH met AS (
                 SELECT b AS other, count FROM together WHERE tenant = ?1 AND a = ?2
                 UNION ALL SELECT a, count FROM together WHERE tenant = ?1 AND b = ?2)
             SELECT met.other, met.count, own.count, theirs.count, whole.count FROM met
             JOIN occurred own ON own.tenant = ?1 AND own.group_id = ?2
             JOIN occurred theirs ON theirs.tenant = ?1 AND theirs.group_id = met.other
             JOIN occurred whole ON whole.tenant = ?1 AND whole.group_id = ?3
             WHERE met.count >= ?4 ORDER BY met.count DESC, met.other LIMIT ?5",
        )?;
        let rows = statement.query_map(
            params![
                scope.tenant().as_str(),
                group_id,
                TENANT,
                to_db(PAIR_SUPPORT_MIN),
                to_db(limit.min(ROWS_COUNT_MAX) as u64)
            ],
            |row| {
                Ok(Together {
                    group_id: group_id.to_owned(),
                    with: row.get(0)?,
                    both: from_db(row.get(1)?),
                    of_group: from_db(row.get(2)?),
                    of_with: from_db(row.get(3)?),
                    occasions: from_db(row.get(4)?),
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
