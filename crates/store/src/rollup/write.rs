//! Writing counters, in the transaction that applies a batch.

use std::cell::Cell;
use std::collections::BTreeMap;

use cordon_event::TenantId;
use cordon_redact::{Clean, PseudonymMac, Sealer};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::account::{ROLLED_UP, count};
use crate::keys::context;
use crate::pending::NS_PER_S;
use crate::rollup::point::{Numbers, PendingPoint, series_digest};
use crate::rollup::text::SeriesText;
use crate::rollup::{MINUTE_S, SERIES_COUNT_MAX, STREAMS_COUNT_MAX};
use crate::schema::{from_db, to_db};
use crate::{Domain, Error};

/// The part of the context that names a row, apart from those of groups.
pub(crate) fn series_row(series: &[u8]) -> Vec<u8> {
    [b"metric\0".as_slice(), series].concat()
}

/// Where the points of one batch go.
pub(crate) struct Rollup<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) tenant: &'a TenantId,
    pub(crate) day: u32,
    pub(crate) sealer: &'a dyn Sealer,
    pub(crate) mac: &'a dyn PseudonymMac,
    /// Whether a stream was seen for the first time.
    pub(crate) has_new: Cell<bool>,
}

/// What a batch adds to a row.
#[derive(Default)]
struct Tally {
    points: u64,
    /// Points whose numbers were counted with.
    measured: u64,
    sum: f64,
    observations: u64,
    min: Option<f64>,
    max: Option<f64>,
    last: Option<f64>,
    last_ns: u64,
}

/// What a stream grew by.
struct Increase {
    sum: f64,
    observations: u64,
}

impl Rollup<'_> {
    /// Adds up the points of a batch, in their order.
    pub(crate) fn all(&self, points: &[PendingPoint]) -> Result<(), Error> {
        if points.is_empty() {
            return Ok(());
        }
        let digests = self.series(points)?;
        let mut rows: BTreeMap<(&[u8], u64), Tally> = BTreeMap::new();
        for point in points {
            let text = point.series.get();
            let Some((series, is_further)) = digests.get(text) else {
                continue;
            };
            let minute = point.time_ns / (MINUTE_S * NS_PER_S);
            let tally = rows.entry((series, minute)).or_default();
            tally.points += 1;
            tally.last_ns = tally.last_ns.max(point.time_ns);
            // What is of several metrics does not add up.
            if !is_further && let Some(increase) = self.increase(series, point)? {
                tally.add(point, &increase);
            }
        }
        for ((series, minute), tally) in &rows {
            self.row(series, *minute, tally)?;
        }
        if self.has_new.get() {
            self.prune_streams()?;
        }
        let total = to_db(points.len() as u64);
        count(self.db, self.tenant.as_str(), ROLLED_UP, "", total)
    }

    /// The digest of each series, and whether it is that of further ones; what is new is made.
    fn series(
        &self,
        points: &[PendingPoint],
    ) -> Result<BTreeMap<SeriesText, (Vec<u8>, bool)>, Error> {
        let known: i64 = self
            .db
            .prepare_cached("SELECT count(*) FROM metric_series WHERE tenant = ?1")?
            .query_row([self.tenant.as_str()], |row| row.get(0))?;
        let mut free = SERIES_COUNT_MAX.saturating_sub(from_db(known));
        let mut latest: BTreeMap<&Clean<SeriesText>, u64> = BTreeMap::new();
        for point in points {
            let at = latest.entry(&point.series).or_default();
            *at = (*at).max(point.time_ns);
        }
        let (mut digests, mut further_ns) = (BTreeMap::new(), None);
        for (series, last_ns) in latest {
            let text = series.get();
            let digest = series_digest(self.mac, text);
            let is_known = self.day_of(&digest)?.is_some();
            if text.is_further() || (!is_known && free == 0) {
                further_ns = further_ns.max(Some(last_ns));
                let further = series_digest(self.mac, &SeriesText::default());
                digests.insert(text.clone(), (further, true));
                continue;
            }
            free = free.saturating_sub(u64::from(!is_known));
            self.name(&digest, series, last_ns)?;
            digests.insert(text.clone(), (digest, false));
        }
        if let Some(last_ns) = further_ns {
            let further = Clean::technical(()).map(|()| SeriesText::default());
            let digest = series_digest(self.mac, further.get());
            self.name(&digest, &further, last_ns)?;
        }
        Ok(digests)
    }

    fn day_of(&self, series: &[u8]) -> Result<Option<u32>, Error> {
        let sql = "SELECT day FROM metric_series WHERE tenant = ?1 AND series = ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement.query_row(params![self.tenant.as_str(), series], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Seals a series' text under the day's key, once a day.
    fn name(&self, series: &[u8], text: &Clean<SeriesText>, last_ns: u64) -> Result<(), Error> {
        let tenant = self.tenant.as_str();
        if self.day_of(series)? == Some(self.day) {
            let sql = "UPDATE metric_series SET last_ns = max(last_ns, ?3)
                WHERE tenant = ?1 AND series = ?2";
            let mut statement = self.db.prepare_cached(sql)?;
            statement.execute(params![tenant, series, to_db(last_ns)])?;
            return Ok(());
        }
        let row = context(Domain::Groups, self.tenant, self.day, &series_row(series));
        let sealed = text.seal(self.sealer, &row)?;
        self.db
            .prepare_cached(
                "INSERT INTO metric_series (tenant, series, day, last_ns, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE
                 SET day = ?3, last_ns = max(last_ns, ?4), sealed = ?5",
            )?
            .execute(params![tenant, series, self.day, to_db(last_ns), sealed])?;
        Ok(())
    }

    /// What a point adds to its row; `None` where its numbers tell nothing.
    fn increase(&self, series: &[u8], point: &PendingPoint) -> Result<Option<Increase>, Error> {
        let (text, numbers) = (point.series.get(), &point.numbers);
        let is_counted = text.counts_observations();
        let told = if is_counted {
            numbers.observations.is_some()
        } else {
            numbers.value.is_some()
        };
        if !told {
            return Ok(None);
        }
        let (sum, observations) = totals(numbers);
        if !text.is_cumulative() {
            return Ok(Some(Increase { sum, observations }));
        }
        let stream = point.stream(self.mac);
        let before = self.before(&stream)?;
        if before.is_some_and(|(_, _, at_ns)| at_ns > point.time_ns) {
            return Ok(None);
        }
        self.has_new.set(self.has_new.get() || before.is_none());
        self.remember(&stream, series, numbers, point.time_ns)?;
        Ok(Some(match before {
            None if text.only_grows() && point.is_fresh => Increase { sum, observations },
            None => Increase {
                sum: 0.0,
                observations: 0,
            },
            Some((old_sum, old_observations, _)) => {
                let began_anew = if is_counted {
                    observations < old_observations
                } else {
                    text.only_grows() && sum < old_sum
                };
                if began_anew {
                    Increase { sum, observations }
                } else {
                    Increase {
                        sum: finite(sum - old_sum),
                        observations: observations.saturating_sub(old_observations),
                    }
                }
            }
        }))
    }

    fn before(&self, stream: &[u8]) -> Result<Option<(f64, u64, u64)>, Error> {
        let sql = "SELECT value, observations, at_ns FROM metric_stream
            WHERE tenant = ?1 AND stream = ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement.query_row(params![self.tenant.as_str(), stream], |row| {
            Ok((row.get(0)?, from_db(row.get(1)?), from_db(row.get(2)?)))
        });
        Ok(found.optional()?)
    }

    fn remember(
        &self,
        stream: &[u8],
        series: &[u8],
        numbers: &Numbers,
        at_ns: u64,
    ) -> Result<(), Error> {
        let (sum, observations) = totals(numbers);
        let mut insert = self.db.prepare_cached(
            "INSERT INTO metric_stream (tenant, stream, series, value, observations, at_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE
             SET value = ?4, observations = ?5, at_ns = ?6",
        )?;
        let (observations, at_ns) = (to_db(observations), to_db(at_ns));
        let tenant = self.tenant.as_str();
        insert.execute(params![tenant, stream, series, sum, observations, at_ns])?;
        Ok(())
    }

    fn row(&self, series: &[u8], minute: u64, tally: &Tally) -> Result<(), Error> {
        let mut add = self.db.prepare_cached(
            "INSERT INTO metric_minute (tenant, series, minute, points, measured, sum,
             observations, min, max, last, last_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT DO UPDATE SET points = points + ?4, measured = measured + ?5,
             sum = max(-1.7e308, min(1.7e308, sum + ?6)),
             observations = min(observations + ?7, 4611686018427387904),
             min = coalesce(min(min, ?8), min, ?8), max = coalesce(max(max, ?9), max, ?9),
             last = CASE WHEN ?10 IS NOT NULL AND (?11 >= last_ns OR last IS NULL)
             THEN ?10 ELSE last END, last_ns = max(last_ns, ?11)",
        )?;
        add.execute(params![
            self.tenant.as_str(),
            series,
            to_db(minute),
            to_db(tally.points),
            to_db(tally.measured),
            tally.sum,
            // Two of these never overflow.
            to_db(tally.observations.min(1 << 62)),
            tally.min,
            tally.max,
            tally.last,
            to_db(tally.last_ns),
        ])?;
        Ok(())
    }

    /// Lets the streams not seen longest give way.
    fn prune_streams(&self) -> Result<(), Error> {
        self.db
            .prepare_cached(
                "DELETE FROM metric_stream WHERE tenant = ?1 AND stream IN (SELECT stream
                 FROM metric_stream WHERE tenant = ?1 ORDER BY at_ns DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![self.tenant.as_str(), to_db(STREAMS_COUNT_MAX)])?;
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, point: &PendingPoint, increase: &Increase) {
        let numbers = &point.numbers;
        self.measured += 1;
        self.sum = finite(self.sum + increase.sum);
        self.observations = self.observations.saturating_add(increase.observations);
        self.min = least(self.min, numbers.min);
        self.max = least(self.max.map(|n| -n), numbers.max.map(|n| -n)).map(|n| -n);
        if point.time_ns >= self.last_ns && !point.series.get().counts_observations() {
            self.last = numbers.value;
        }
    }
}

fn totals(numbers: &Numbers) -> (f64, u64) {
    let sum = numbers.value.unwrap_or_default();
    (sum, numbers.observations.unwrap_or_default())
}

fn least(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// Sums stay within the range of numbers.
fn finite(sum: f64) -> f64 {
    sum.clamp(-1.7e308, 1.7e308)
}
