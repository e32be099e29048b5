//! What occurs together: groups of failures and warnings that meet in one trace, or, where an event
//! has no trace, in one minute of one component.
//!
//! An occasion is known by a keyed digest and remembered for a while, so that a trace whose parts
//! come in several batches is one; a group counts once for each occasion, however often it is seen.
//!
//! *Limit:* what comes after an occasion was forgotten ([`OCCASIONS_COUNT_MAX`]) begins a new one.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{Event, TenantId};
use cordon_redact::PseudonymMac;
use rusqlite::{Connection, params};

use crate::Error;
use crate::feature::write::TENANT;
use crate::limits::{
    GROUP_OTHER, GROUP_UNCLASSIFIED, OCCASION_GROUPS_COUNT_MAX, OCCASIONS_COUNT_MAX,
    PAIRS_COUNT_MAX,
};
use crate::pending::{NS_PER_S, PendingGroup};
use crate::schema::{from_db, to_db};

/// Length of the digest that an occasion is known by, bytes.
const DIGEST_BYTES: usize = 16;
/// Name of the key under which occasions are digested: no kind of pseudonym is called so.
const KEY: &str = "occasion";

/// Where groups meet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Occasion {
    /// One trace.
    Trace([u8; 16]),
    /// One minute of one component.
    Minute(String, u64),
}

impl Occasion {
    /// The occasion of an event that tells of trouble; `None` for any other.
    pub(crate) fn of(event: &Event, time_ns: u64) -> Option<Self> {
        let is_trouble = event.is_failure() || event.severity >= cordon_event::Severity::WARN;
        is_trouble.then(|| match event.trace_id {
            Some(trace) => Self::Trace(trace.0),
            None => Self::Minute(event.service().to_owned(), time_ns / (60 * NS_PER_S)),
        })
    }

    fn digest(&self, mac: &dyn PseudonymMac) -> Vec<u8> {
        let plain = match self {
            Self::Trace(id) => [b"trace\0".as_slice(), id].concat(),
            Self::Minute(component, minute) => {
                let minute = minute.to_be_bytes();
                [b"minute\0".as_slice(), &minute, component.as_bytes()].concat()
            }
        };
        let tag = mac.mac(KEY, &plain);
        tag.iter().take(DIGEST_BYTES).copied().collect()
    }
}

/// What a batch adds.
#[derive(Default)]
struct Gain {
    occasions: u64,
    groups: BTreeMap<String, u64>,
    pairs: BTreeMap<(String, String), u64>,
}

/// Counts the occasions of a batch.
pub(crate) fn count(
    db: &Connection,
    tenant: &TenantId,
    mac: &dyn PseudonymMac,
    received_ns: u64,
    groups: &BTreeMap<String, PendingGroup>,
) -> Result<(), Error> {
    let mut met: BTreeMap<&Occasion, BTreeSet<&str>> = BTreeMap::new();
    for (group_id, group) in groups {
        if [GROUP_OTHER, GROUP_UNCLASSIFIED].contains(&group_id.as_str()) {
            continue;
        }
        for occasion in &group.occasions {
            met.entry(occasion).or_default().insert(group_id);
        }
    }
    let mut gain = Gain::default();
    for (occasion, groups) in met {
        let digest = occasion.digest(mac);
        one(db, tenant, &digest, received_ns, groups, &mut gain)?;
    }
    if gain.groups.is_empty() {
        return Ok(());
    }
    write(db, tenant, received_ns, &gain)?;
    prune(db, tenant)
}

fn one(
    db: &Connection,
    tenant: &TenantId,
    digest: &[u8],
    received_ns: u64,
    groups: BTreeSet<&str>,
    gain: &mut Gain,
) -> Result<(), Error> {
    let mut known = db.prepare_cached(
        "SELECT group_id FROM occasion WHERE tenant = ?1 AND digest = ?2 ORDER BY group_id",
    )?;
    let rows = known.query_map(params![tenant.as_str(), digest], |row| row.get(0))?;
    let mut there = rows.collect::<Result<BTreeSet<String>, _>>()?;
    gain.occasions += u64::from(there.is_empty());
    for group_id in groups {
        if there.contains(group_id) || there.len() >= OCCASION_GROUPS_COUNT_MAX {
            continue;
        }
        db.prepare_cached(
            "INSERT INTO occasion (tenant, digest, group_id, at_ns) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            tenant.as_str(),
            digest,
            group_id,
            to_db(received_ns)
        ])?;
        *gain.groups.entry(group_id.to_owned()).or_insert(0) += 1;
        for other in &there {
            let pair = ordered(group_id, other);
            *gain.pairs.entry(pair).or_insert(0) += 1;
        }
        there.insert(group_id.to_owned());
    }
    Ok(())
}

fn ordered(a: &str, b: &str) -> (String, String) {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    (low.to_owned(), high.to_owned())
}

fn write(db: &Connection, tenant: &TenantId, received_ns: u64, gain: &Gain) -> Result<(), Error> {
    let (tenant, last) = (tenant.as_str(), to_db(received_ns));
    let mut occurred = db.prepare_cached(
        "INSERT INTO occurred (tenant, group_id, count, last_ns) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET count = count + ?3, last_ns = max(last_ns, ?4)",
    )?;
    occurred.execute(params![tenant, TENANT, to_db(gain.occasions), last])?;
    for (group_id, n) in &gain.groups {
        occurred.execute(params![tenant, group_id, to_db(*n), last])?;
    }
    let mut together = db.prepare_cached(
        "INSERT INTO together (tenant, a, b, count, last_ns) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET count = count + ?4, last_ns = max(last_ns, ?5)",
    )?;
    for ((a, b), n) in &gain.pairs {
        together.execute(params![tenant, a, b, to_db(*n), last])?;
    }
    Ok(())
}

/// Where there are too many, a quarter goes at once: a pair that is new then has the time to become
/// one of those that are seen most, which it would not have if the least went each time.
///
/// An occasion goes as a whole: of one forgotten in part, what is seen again would be paired a
/// second time with what is still known.
fn prune(db: &Connection, tenant: &TenantId) -> Result<(), Error> {
    let tenant = tenant.as_str();
    let number = |sql: &str| -> Result<u64, Error> {
        let mut statement = db.prepare_cached(sql)?;
        Ok(from_db(statement.query_row([tenant], |row| row.get(0))?))
    };
    if number("SELECT count(*) FROM occasion WHERE tenant = ?1")? > OCCASIONS_COUNT_MAX {
        db.execute(
            "DELETE FROM occasion WHERE tenant = ?1 AND digest IN (SELECT digest FROM (
             SELECT digest, sum(count(*)) OVER (ORDER BY max(at_ns) DESC, digest) AS entries
             FROM occasion WHERE tenant = ?1 GROUP BY digest) WHERE entries > ?2)",
            params![tenant, to_db(OCCASIONS_COUNT_MAX / 4 * 3)],
        )?;
    }
    if number("SELECT count(*) FROM together WHERE tenant = ?1")? > PAIRS_COUNT_MAX {
        db.execute(
            "DELETE FROM together WHERE (tenant, a, b) IN (
             SELECT tenant, a, b FROM together WHERE tenant = ?1
             ORDER BY count DESC, last_ns DESC, a, b LIMIT -1 OFFSET ?2)",
            params![tenant, to_db(PAIRS_COUNT_MAX / 4 * 3)],
        )?;
    }
    Ok(())
}
