//! What a series is called, and its stored form.

use std::borrow::Cow;

use cordon_event::{Event, Value, attr};
use cordon_redact::Stored;
use serde_json::json;

use crate::rollup::TEXT_BYTES_MAX;

/// What names a series.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesText {
    /// Service that reports it.
    pub service: String,
    /// Name of the metric; empty for the points of further series together.
    pub name: String,
    /// `gauge`, `sum`, `histogram` or `summary`.
    pub instrument: String,
    /// Its unit, UCUM; empty where it has none.
    pub unit: String,
    /// `cumulative` or `delta`; empty where it has none.
    pub temporality: String,
    /// Whether it only grows.
    pub monotonic: bool,
}

impl SeriesText {
    /// The series of a point; one that is named too long has none of its own.
    pub(crate) fn of(event: &Event) -> Self {
        let said = |key| event.attribute_str(key).unwrap_or_default().to_owned();
        let text = Self {
            service: event.service().to_owned(),
            name: event.name.clone(),
            instrument: said(attr::METRIC_INSTRUMENT),
            unit: said(attr::METRIC_UNIT),
            temporality: said(attr::METRIC_TEMPORALITY),
            monotonic: event.attribute(attr::METRIC_MONOTONIC) == Some(&Value::Bool(true)),
        };
        let longest = text.parts().iter().map(|part| part.len()).max();
        if longest.unwrap_or_default() > TEXT_BYTES_MAX {
            Self::default()
        } else {
            text
        }
    }

    /// Whether it stands for the points of further series.
    pub fn is_further(&self) -> bool {
        self.name.is_empty()
    }

    /// Whether points carry a running total.
    pub(crate) fn is_cumulative(&self) -> bool {
        // A summary's count and sum grow from its start on (`metrics.proto`, `SummaryDataPoint`).
        self.temporality == "cumulative" || self.instrument == "summary"
    }

    /// Whether points count what was observed.
    pub fn counts_observations(&self) -> bool {
        matches!(self.instrument.as_str(), "histogram" | "summary")
    }

    /// Whether a smaller total is that of a stream that began anew.
    pub(crate) fn only_grows(&self) -> bool {
        self.monotonic || self.counts_observations()
    }

    /// Whether what it adds up to is told over time: a gauge's values do not add up.
    pub fn has_rate(&self) -> bool {
        self.counts_observations() || (self.instrument == "sum" && !self.temporality.is_empty())
    }

    fn parts(&self) -> [&str; 5] {
        [
            &self.service,
            &self.name,
            &self.instrument,
            &self.unit,
            &self.temporality,
        ]
    }

    /// What is digested: no two series have the same.
    pub(crate) fn identity(&self) -> Vec<u8> {
        self.encode().into_owned()
    }
}

impl Stored for SeriesText {
    fn encode(&self) -> Cow<'_, [u8]> {
        json!([self.parts(), self.monotonic])
            .to_string()
            .into_bytes()
            .into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (parts, monotonic): ([String; 5], bool) = serde_json::from_slice(bytes).ok()?;
        let [service, name, instrument, unit, temporality] = parts;
        Some(Self {
            service,
            name,
            instrument,
            unit,
            temporality,
            monotonic,
        })
    }
}
