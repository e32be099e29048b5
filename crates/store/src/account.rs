//! Counters: what became of every entry, and what redaction removed.

use cordon_event::Batch;
use cordon_govern::TenantScope;
use rusqlite::{Connection, params};

use crate::limits::{CODE_BYTES_MAX, CODE_OTHER};
use crate::schema::{from_db, to_db};
use crate::{Error, Store};

pub(crate) const RECEIVED: &str = "received";
pub(crate) const KEPT: &str = "kept";
pub(crate) const EVICTED: &str = "exemplar_evicted";
pub(crate) const EXPIRED: &str = "expired";
pub(crate) const QUARANTINED: &str = "quarantined";
/// Left quarantine as an event, and is counted with the events.
pub(crate) const RELEASED: &str = "released";
/// Left quarantine and came again as another entry.
pub(crate) const RERUN: &str = "rerun";
/// Left quarantine for good, by the operator's reason.
pub(crate) const DROPPED: &str = "dropped";
pub(crate) const DUPLICATE: &str = "duplicate";
pub(crate) const SAMPLED_OUT: &str = "sampled_out";
pub(crate) const BROUGHT_BACK: &str = "brought_back";
pub(crate) const ROLLED_UP: &str = "rolled_up";
pub(crate) const UNCLASSIFIED: &str = "unclassified";
const REMOVED: &str = "removed";

/// What became of a tenant's entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounting {
    /// Entries that were applied.
    pub received: u64,
    /// Events that are stored now.
    pub kept: u64,
    /// Events that were counted in their group and gave way to better exemplars.
    pub exemplar_evicted: u64,
    /// Events that were stored until their time was up.
    pub expired: u64,
    /// Entries of requests that were sent again.
    pub duplicate: u64,
    /// Points of metrics that were added up in their series.
    pub rolled_up: u64,
    /// Events that were counted in their group and left out by the tenant's sampling plan, by the
    /// policy, rule or reason, ordered.
    pub sampled_out: Vec<(String, u64)>,
    /// Of those, events that were kept after all: each is among the others a second time.
    pub brought_back: u64,
    /// Received events that classifying failed on: they are grouped together, and counted above
    /// like any other.
    pub unclassified: u64,
    /// Entries held back that nobody has decided upon, by reason, ordered.
    pub quarantined: Vec<(String, u64)>,
    /// Entries that an operator dropped from quarantine, by the operator's reason, ordered.
    pub dropped: Vec<(String, u64)>,
    /// Entries that left quarantine because redaction lets them pass now: what they became was
    /// received as another entry.
    pub rerun: u64,
    /// Entries that left quarantine as events: they are counted among the events.
    pub released: u64,
    /// What redaction removed or replaced, as (class letter, rule, count), ordered.
    pub removed: Vec<(String, String, u64)>,
}

impl Accounting {
    /// Whether every received entry is accounted for exactly once.
    pub fn is_balanced(&self) -> bool {
        let held: u64 = self.quarantined.iter().map(|(_, n)| n).sum();
        let sampled_out: u64 = self.sampled_out.iter().map(|(_, n)| n).sum();
        let dropped: u64 = self.dropped.iter().map(|(_, n)| n).sum();
        let events = self.kept + self.exemplar_evicted + self.expired + self.duplicate;
        let out = events + held + dropped + self.rerun + sampled_out + self.rolled_up;
        self.received + self.brought_back == out
    }
}

impl Store {
    /// The same of every tenant, ordered by name, for metrics: numbers and codes, and nothing that
    /// was stored.
    pub fn accounts(&self, count_max: usize) -> Result<Vec<(String, Accounting)>, Error> {
        let sql = "SELECT DISTINCT tenant FROM counter ORDER BY tenant LIMIT ?1";
        let db = self.reader();
        let mut statement = db.prepare_cached(sql)?;
        let rows = statement.query_map([to_db(count_max as u64)], |row| row.get(0))?;
        let tenants: Vec<String> = rows.collect::<Result<_, _>>()?;
        drop(statement);
        let of = |tenant: String| {
            let account = account(&db, &tenant)?;
            Ok((tenant, account))
        };
        tenants.into_iter().map(of).collect()
    }

    /// What became of the entries of the tenant in scope.
    pub fn accounting(&self, scope: &TenantScope) -> Result<Accounting, Error> {
        account(&self.reader(), scope.tenant().as_str())
    }
}

fn account(db: &Connection, tenant: &str) -> Result<Accounting, Error> {
    let mut sum = Accounting::default();
    let sql = "SELECT name, label, count FROM counter WHERE tenant = ?1 ORDER BY name, label";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([tenant])?;
    while let Some(row) = rows.next()? {
        let (name, label, count) = (row.get::<_, String>(0)?, row.get(1)?, row.get(2)?);
        let count = from_db(count);
        match name.as_str() {
            RECEIVED => sum.received += count,
            KEPT => sum.kept += count,
            EVICTED => sum.exemplar_evicted += count,
            EXPIRED => sum.expired += count,
            DUPLICATE => sum.duplicate += count,
            ROLLED_UP => sum.rolled_up += count,
            SAMPLED_OUT if count > 0 => sum.sampled_out.push((label, count)),
            BROUGHT_BACK => sum.brought_back += count,
            UNCLASSIFIED => sum.unclassified += count,
            QUARANTINED if count > 0 => sum.quarantined.push((label, count)),
            DROPPED if count > 0 => sum.dropped.push((label, count)),
            QUARANTINED | DROPPED | SAMPLED_OUT => {}
            RELEASED => sum.released += count,
            RERUN => sum.rerun += count,
            REMOVED => sum.removed.push(split_label(&label, count)),
            _ => return Err(Error::Row("counter")),
        }
    }
    Ok(sum)
}

/// Class letter and rule share a label: a class is one letter without a slash.
fn split_label(label: &str, count: u64) -> (String, String, u64) {
    let (class, rule) = label.split_once('/').unwrap_or(("", label));
    (class.to_owned(), rule.to_owned(), count)
}

/// Adds to a counter; the sum may not go below zero.
pub(crate) fn count(
    db: &Connection,
    tenant: &str,
    name: &str,
    label: &str,
    by: i64,
) -> Result<(), Error> {
    if by == 0 {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO counter (tenant, name, label, count) VALUES (?1, ?2, ?3, max(0, ?4))
         ON CONFLICT DO UPDATE SET count = max(0, count + ?4)",
    )?
    .execute(params![tenant, name, label, by])?;
    Ok(())
}

/// Adds what redaction removed before the batch came to be.
pub(crate) fn count_removed(db: &Connection, batch: &Batch) -> Result<(), Error> {
    for (class, rule, n) in &batch.removed {
        let label = format!("{}/{}", code(class), code(rule));
        count(db, batch.tenant.as_str(), REMOVED, &label, to_db(*n))?;
    }
    Ok(())
}

/// A code that may stand in clear, or [`CODE_OTHER`].
pub(crate) fn code(text: &str) -> &str {
    if is_code(text) { text } else { CODE_OTHER }
}

/// Whether the text may stand in clear.
pub(crate) fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':');
    let fits = !text.is_empty() && text.len() <= CODE_BYTES_MAX;
    fits && text.bytes().all(plain)
}
