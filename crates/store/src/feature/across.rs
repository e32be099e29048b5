//! What many tenants share: only what the k rule lets through comes out of here.
//!
//! *Invariant:* everything that is told of a group holds for at least k tenants: the group itself,
//! its title, each value, the order of magnitude of its events, and the days between which it was
//! seen. Nothing is a sum over tenants, so there is none to take another from, and nobody's name
//! comes out. There is no filter, so there are no two questions to compare.
//!
//! *Limit:* who knows what all but one of exactly k tenants sent, and asks before and after, learns
//! that the last one passed a power of ten, or has the group at all. That takes differential
//! privacy, which is not here.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cordon_event::TenantId;
use cordon_govern::{AcrossScope, KDecision, KRule, Reach};
use cordon_journal::KeyError;
use cordon_redact::Clean;
use rusqlite::{Row, params};

use crate::feature::value::{Dimension, Features};
use crate::feature::write::feature_row;
use crate::limits::{ACROSS_COUNT_MAX, ACROSS_GROUPS_COUNT_MAX, GROUP_OTHER, GROUP_UNCLASSIFIED};
use crate::pending::NS_PER_S;
use crate::schema::{from_db, to_db};
use crate::subject::Subjects;
use crate::{Domain, Error, GroupText, Store};

const NS_PER_DAY: u64 = 86_400 * NS_PER_S;
/// Numbers of tenants that are told: at least so many.
const TENANT_STEPS: [u64; 7] = [5, 10, 20, 50, 100, 1_000, 10_000];

/// A group that many tenants have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrossRow {
    /// Its id.
    pub group_id: String,
    /// At least so many tenants have it.
    pub tenants_min: u64,
    /// At least k of them have at least so many events of it: a power of ten.
    pub events_min: u64,
    /// At least k tenants had it on this day already, days since the Unix epoch.
    pub first_day: u64,
    /// At least k tenants still had it on this day, days since the Unix epoch.
    pub last_day: u64,
    /// One line that names it, where at least k tenants have the same.
    pub title: Option<Clean<String>>,
    /// Values that at least k tenants have it with, each with at least k subjects.
    pub values: Vec<(Dimension, Clean<String>)>,
}

/// Groups that many tenants have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcrossRows {
    /// Those that are told.
    pub rows: Vec<AcrossRow>,
    /// Whether there were more to look at than [`ACROSS_GROUPS_COUNT_MAX`], or more to tell than
    /// [`ACROSS_COUNT_MAX`].
    pub is_cut: bool,
}

/// What one tenant has of a group.
struct Part {
    count: u64,
    first_ns: u64,
    last_ns: u64,
    text: Clean<GroupText>,
    features: Option<Clean<Features>>,
}

/// Tenants and subjects behind something: each tenant counts once.
#[derive(Default)]
struct Support {
    tenants: u64,
    subjects: u64,
}

impl Support {
    fn add(&mut self, subjects: u64) {
        self.tenants += 1;
        self.subjects = self.subjects.saturating_add(subjects);
    }

    fn reach(&self) -> Reach {
        Reach::AcrossTenants {
            tenants: self.tenants,
            subjects: self.subjects,
        }
    }

    fn is_enough(&self, rule: KRule) -> bool {
        rule.decide(self.reach()) == KDecision::Usable
    }
}

impl Store {
    /// Groups that the k rule lets cross tenants, those of the most tenants first.
    ///
    /// A tenant whose keys are gone counts for nothing.
    pub fn across(&self, scope: &AcrossScope, rule: KRule) -> Result<AcrossRows, Error> {
        self.across_up_to(scope, rule, ACROSS_GROUPS_COUNT_MAX)
    }

    pub(crate) fn across_up_to(
        &self,
        _scope: &AcrossScope,
        rule: KRule,
        groups_count_max: usize,
    ) -> Result<AcrossRows, Error> {
        let mut found = Vec::new();
        let mut ids = self.widespread(rule, groups_count_max.saturating_add(1))?;
        let mut is_cut = ids.len() > groups_count_max;
        ids.truncate(groups_count_max);
        for group_id in ids {
            let parts = self.parts(&group_id)?;
            found.extend(row(group_id, &parts, rule));
        }
        // By what is told alone: another order would tell more.
        found.sort_by(|a, b| {
            let key = |r: &AcrossRow| (Reverse(r.tenants_min), Reverse(r.events_min));
            (key(a), &a.group_id).cmp(&(key(b), &b.group_id))
        });
        is_cut |= found.len() > ACROSS_COUNT_MAX;
        found.truncate(ACROSS_COUNT_MAX);
        Ok(AcrossRows {
            rows: found,
            is_cut,
        })
    }

    /// Groups with enough rows to be worth opening them, those with the most first.
    fn widespread(&self, rule: KRule, limit: usize) -> Result<Vec<String>, Error> {
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "SELECT group_id FROM grouped WHERE group_id NOT IN (?2, ?3)
             GROUP BY group_id HAVING count(*) >= ?1
             ORDER BY count(*) DESC, group_id LIMIT ?4",
        )?;
        let least = to_db(rule.cross_tenants_k.max(2));
        let limit = to_db(limit as u64);
        let of = params![least, GROUP_OTHER, GROUP_UNCLASSIFIED, limit];
        let ids = statement.query_map(of, |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn parts(&self, group_id: &str) -> Result<Vec<Part>, Error> {
        let db = self.reader();
        let mut statement = db.prepare_cached(
            "SELECT g.tenant, g.count, g.first_ns, g.last_ns, g.day, g.sealed, f.day, f.sealed
             FROM grouped g LEFT JOIN feature f
             ON f.tenant = g.tenant AND f.group_id = g.group_id WHERE g.group_id = ?1",
        )?;
        let mut rows = statement.query([group_id])?;
        let mut parts = Vec::new();
        while let Some(row) = rows.next()? {
            parts.extend(self.or_unreadable(self.part(group_id, row))?);
        }
        Ok(parts)
    }

    fn part(&self, group_id: &str, row: &Row<'_>) -> Result<Part, Error> {
        let name: String = row.get(0)?;
        let tenant = TenantId::parse(&name).map_err(|_| Error::Row("grouped"))?;
        let (day, sealed): (u32, Vec<u8>) = (row.get(4)?, row.get(5)?);
        let text = self.open_row(Domain::Groups, &tenant, day, group_id.as_bytes(), &sealed)?;
        let features = match (row.get(6)?, row.get(7)?) {
            (Some(day), Some(sealed)) => {
                let (day, sealed): (u32, Vec<u8>) = (day, sealed);
                let place = feature_row(group_id);
                let opened = self.open_row(Domain::Groups, &tenant, day, &place, &sealed);
                self.or_unreadable(opened)?
            }
            _ => None,
        };
        Ok(Part {
            count: from_db(row.get(1)?),
            first_ns: from_db(row.get(2)?),
            last_ns: from_db(row.get(3)?),
            text,
            features,
        })
    }

    /// Counts what is damaged or whose key is gone; passes on what says nothing of the record.
    fn or_unreadable<T>(&self, read: Result<T, Error>) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(
                Error::Open(_) | Error::Key(KeyError::Gone | KeyError::Damaged) | Error::Row(_),
            ) => {
                self.count_unreadable(1);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

fn row(group_id: String, parts: &[Part], rule: KRule) -> Option<AcrossRow> {
    let mut support = Support::default();
    for part in parts {
        support.add(part.text.get().subjects.count());
    }
    if !support.is_enough(rule) {
        return None;
    }
    // The k-th of the tenants in each order: what holds for it holds for k of them.
    let k = rule.cross_tenants_k.max(2) as usize;
    let nth = |mut values: Vec<u64>| -> Option<u64> {
        values.sort_unstable();
        values.get(k - 1).copied()
    };
    let counts = parts.iter().map(|p| u64::MAX - p.count).collect();
    let firsts = parts.iter().map(|p| p.first_ns).collect();
    let lasts = parts.iter().map(|p| u64::MAX - p.last_ns).collect();
    Some(AcrossRow {
        tenants_min: step(support.tenants, k as u64),
        events_min: power_of_ten(u64::MAX - nth(counts)?),
        first_day: nth(firsts)? / NS_PER_DAY,
        last_day: (u64::MAX - nth(lasts)?) / NS_PER_DAY,
        title: title(parts, rule),
        values: values(parts, rule),
        group_id,
    })
}

fn title(parts: &[Part], rule: KRule) -> Option<Clean<String>> {
    let mut support: BTreeMap<Clean<String>, Support> = BTreeMap::new();
    for part in parts {
        let title = part.text.project(|text| text.title.clone());
        let subjects = part.text.get().subjects.count();
        support.entry(title).or_default().add(subjects);
    }
    let found = support.into_iter().find(|(_, s)| s.is_enough(rule));
    found.map(|(title, _)| title)
}

/// A tenant's values by text: that of a release counts once, whichever component it is of.
type Values = Vec<((u8, String), Subjects)>;

fn values(parts: &[Part], rule: KRule) -> Vec<(Dimension, Clean<String>)> {
    let mut support: BTreeMap<(u8, Clean<String>), Support> = BTreeMap::new();
    for features in parts.iter().filter_map(|part| part.features.as_ref()) {
        for value in features.project(values_of).split() {
            let (dimension, subjects) = (value.get().0.0, value.get().1.count());
            let text = value.map(|((_, text), _)| text);
            support.entry((dimension, text)).or_default().add(subjects);
        }
    }
    let enough = support.into_iter().filter(|(_, s)| s.is_enough(rule));
    let named = enough.filter_map(|((place, text), _)| {
        let dimension = Dimension::ALL.get(usize::from(place))?;
        Some((*dimension, text))
    });
    named.collect()
}

fn values_of(features: &Features) -> Values {
    let mut found: BTreeMap<(u8, String), Subjects> = BTreeMap::new();
    for (value, tally) in &features.values {
        let place = Dimension::ALL.iter().position(|d| *d == value.dimension);
        if let (Some(place), false) = (place, value.is_other()) {
            let subjects = found.entry((place as u8, value.text.clone())).or_default();
            subjects.observe(tally.subjects.all());
        }
    }
    found.into_iter().collect()
}

/// The largest step that `tenants` reaches; `k` where it reaches none.
fn step(tenants: u64, k: u64) -> u64 {
    let steps = TENANT_STEPS.into_iter().filter(|step| *step <= tenants);
    steps.max().unwrap_or(k).max(k)
}

/// The largest power of ten up to `count`; zero of nothing.
fn power_of_ten(count: u64) -> u64 {
    count
        .checked_ilog10()
        .map_or(0, |digits| 10_u64.pow(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_steps() {
        for (count, expected) in [(0, 0), (1, 1), (9, 1), (10, 10), (99_999, 10_000)] {
            assert_eq!(power_of_ten(count), expected);
        }
        for (tenants, k, expected) in [(5, 5, 5), (9, 5, 5), (10, 5, 10), (3, 3, 3), (7, 7, 7)] {
            assert_eq!(step(tenants, k), expected);
        }
    }
}
