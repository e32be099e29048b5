//! Reading series: what each added up to in a window, and where it stands.

use cordon_govern::TenantScope;
use cordon_redact::Clean;
use rusqlite::params;

use crate::pending::NS_PER_S;
use crate::query::{Rows, Window};
use crate::rollup::text::SeriesText;
use crate::rollup::write::series_row;
use crate::rollup::{MINUTE_S, STALE_NS};
use crate::schema::{from_db, to_db};
use crate::{Domain, Error, Store};

/// One series, over a window.
#[derive(Clone, Debug)]
pub struct SeriesRow {
    /// What it is called.
    pub text: Clean<SeriesText>,
    /// Its numbers.
    pub numbers: SeriesNumbers,
}

/// What a series added up to in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeriesNumbers {
    /// Points that came.
    pub points: u64,
    /// Points whose numbers were counted with.
    pub measured: u64,
    /// Sum of a gauge's values; what a sum, or the sum of what was observed, grew by.
    pub sum: f64,
    /// How much was observed.
    pub observations: u64,
    /// Least value reported.
    pub min: Option<f64>,
    /// Greatest value reported.
    pub max: Option<f64>,
    /// A running total, over all streams that were seen lately; of others the last value reported.
    pub last: Option<f64>,
    /// When the last point was made, nanoseconds since the Unix epoch.
    pub last_unix_ns: u64,
    /// From the first minute with a point to the end of the last, seconds.
    pub covered_s: u64,
}

impl SeriesNumbers {
    /// What a second brought: of what was observed, or of the sum.
    pub fn per_second(&self, text: &SeriesText) -> Option<f64> {
        let grown = if text.counts_observations() {
            self.observations as f64
        } else {
            self.sum
        };
        (text.has_rate() && self.covered_s > 0).then(|| grown / self.covered_s as f64)
    }

    /// Mean of a gauge's values, or of what was observed.
    pub fn mean(&self, text: &SeriesText) -> Option<f64> {
        let count = match text.instrument.as_str() {
            "gauge" => self.measured,
            _ if text.counts_observations() => self.observations,
            _ => 0,
        };
        (count > 0).then(|| self.sum / count as f64)
    }
}

const SQL: &str = "
SELECT s.series, s.day, s.sealed, sum(m.points), sum(m.measured), sum(m.sum),
    sum(m.observations), min(m.min), max(m.max), max(m.last_ns), min(m.minute), max(m.minute),
    coalesce(
        (SELECT sum(t.value) FROM metric_stream t WHERE t.tenant = s.tenant
         AND t.series = s.series AND t.at_ns >= s.last_ns - ?5),
        (SELECT l.last FROM metric_minute l WHERE l.tenant = s.tenant AND l.series = s.series
         AND l.last IS NOT NULL ORDER BY l.minute DESC LIMIT 1))
FROM metric_series s JOIN metric_minute m ON m.tenant = s.tenant AND m.series = s.series
WHERE s.tenant = ?1 AND m.minute >= ?2 AND m.minute < ?3
GROUP BY s.series ORDER BY s.series LIMIT ?4";

impl Store {
    /// Series of metrics that had points in the window.
    pub fn metrics(
        &self,
        scope: &TenantScope,
        window: Window,
        limit: usize,
    ) -> Result<Rows<SeriesRow>, Error> {
        let tenant = scope.tenant();
        let width_ns = MINUTE_S * NS_PER_S;
        let from = to_db(window.from_unix_ns / width_ns);
        let to = to_db(window.to_unix_ns.div_ceil(width_ns));
        self.collect(limit, |limit, push| {
            let db = self.reader();
            let mut statement = db.prepare_cached(SQL)?;
            let bounds = params![tenant.as_str(), from, to, limit, to_db(STALE_NS)];
            let mut rows = statement.query(bounds)?;
            while let Some(row) = rows.next()? {
                let (series, day): (Vec<u8>, u32) = (row.get(0)?, row.get(1)?);
                let sealed: Vec<u8> = row.get(2)?;
                let (first, last) = (from_db(row.get(10)?), from_db(row.get(11)?));
                let text: Result<Clean<SeriesText>, Error> =
                    self.open_row(Domain::Groups, tenant, day, &series_row(&series), &sealed);
                let numbers = SeriesNumbers {
                    points: from_db(row.get(3)?),
                    measured: from_db(row.get(4)?),
                    sum: row.get(5)?,
                    observations: from_db(row.get(6)?),
                    min: row.get(7)?,
                    max: row.get(8)?,
                    last_unix_ns: from_db(row.get(9)?),
                    covered_s: (last.saturating_sub(first) + 1).saturating_mul(MINUTE_S),
                    last: row.get::<_, Option<f64>>(12)?,
                };
                push(text.map(|text| {
                    // The total of a histogram's sums is no value of it.
                    let last = numbers.last.filter(|_| !text.get().counts_observations());
                    let numbers = SeriesNumbers { last, ..numbers };
                    SeriesRow { text, numbers }
                }))?;
            }
            Ok(())
        })
    }
}
