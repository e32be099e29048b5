//! Counts, and how they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Outcome;
use crate::record::{Format, Record};

/// Most causes that are shown by number.
const CAUSES_MAX: usize = 40;

/// Counts of one class, kind, carrier, encoding or locale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Values planted.
    pub plants: usize,
    /// Of these, such as are gone.
    pub removed: usize,
    /// Spans replaced in the records that hold such plants.
    pub spans: usize,
    /// Of these, such as overlap any plant.
    pub spans_right: usize,
    /// Bytes outside plants that changed in these records.
    pub over_bytes: usize,
}

impl Row {
    /// Share of the planted values that are gone; 1 where none was planted.
    pub fn recall(&self) -> f64 {
        share(self.removed, self.plants)
    }

    /// Share of the replaced spans that overlap a plant; 1 where none was replaced.
    pub fn precision(&self) -> f64 {
        share(self.spans_right, self.spans)
    }
}

/// A kind and, of a provider's token, the provider.
fn parted(kind: &str) -> (&str, Option<&str>) {
    match kind.split_once(':') {
        Some((kind @ "provider_token", provider)) => (kind, Some(provider)),
        _ => (kind, None),
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 {
        1.0
    } else {
        part as f64 / of as f64
    }
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A planted value, or a telling part of it, is still there.
    Left,
    /// A span was replaced that overlaps no plant.
    FalseSpan,
    /// A trap changed.
    Trap,
    /// A line of JSON is none any more.
    Json,
}

/// One thing that went wrong. Records are synthetic: their text may be shown.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The record.
    pub id: String,
    /// Its notation.
    pub carrier: &'static str,
    /// What is around that.
    pub wrapper: &'static str,
    /// Kind of the plant; what a trap is a trap of; `-`.
    pub kind: String,
    /// Encoding of the plant; `-` where it is not about one.
    pub encoding: String,
    /// The planted value that is still there; empty where it is not about one.
    pub value: String,
    /// What went wrong.
    pub why: Why,
    /// What arrived.
    pub text: String,
    /// What came out.
    pub output: String,
}

/// The score of a redactor.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Records seen.
    pub records: usize,
    /// Everything but what only prose tells.
    pub total: Row,
    /// Names and addresses that only prose tells, by kind, place (`field` of a record, raw `line`)
    /// and language.
    pub free_text: BTreeMap<String, Row>,
    /// By dimension (`class`, `kind`, `carrier`, `wrapper`, `encoding`, `locale`, `shape`,
    /// `provider`) and name; without what only prose tells.
    pub by: BTreeMap<&'static str, BTreeMap<String, Row>>,
    /// Traps seen, and such as changed, by what they are traps of.
    pub traps: BTreeMap<&'static str, (usize, usize)>,
    /// Lines of JSON that are none any more.
    pub json_broken: usize,
    /// Everything that went wrong, in the order of the records.
    pub wrong: Vec<Wrong>,
}

impl Report {
    /// Counts one record.
    pub(super) fn add(&mut self, record: &Record, outcome: &Outcome, output: &str) {
        self.records += 1;
        self.json_broken += usize::from(outcome.is_broken);
        if record.trap {
            let (seen, touched) = self.traps.entry(record.carrier).or_default();
            *seen += 1;
            *touched += usize::from(outcome.is_touched);
        }
        let mut done: BTreeSet<(&str, String)> = BTreeSet::new();
        for (plant, removed) in record.plants.iter().zip(&outcome.removed) {
            let (kind, provider) = parted(&plant.kind);
            let place = match record.format {
                Format::Json => "field",
                Format::Text => "line",
            };
            let mut rows: Vec<(&'static str, String)> =
                vec![("free", format!("{kind} {place} {}", plant.locale))];
            if !plant.free_text {
                rows = vec![
                    ("total", String::new()),
                    ("class", plant.class.to_string()),
                    ("kind", kind.to_owned()),
                    ("carrier", record.carrier.to_owned()),
                    ("wrapper", record.wrapper.to_owned()),
                    ("encoding", plant.encoding_name()),
                    ("locale", plant.locale.to_owned()),
                    ("shape", format!("{:?}", record.shape).to_lowercase()),
                ];
            }
            rows.extend(provider.map(|name| ("provider", name.to_owned())));
            for (dimension, name) in rows {
                let row = self.row(dimension, &name);
                row.plants += 1;
                row.removed += usize::from(*removed);
                if done.insert((dimension, name.clone())) {
                    let row = self.row(dimension, &name);
                    row.spans += outcome.spans;
                    row.spans_right += outcome.spans_right;
                    row.over_bytes += outcome.over_bytes;
                }
            }
        }
        self.note(record, outcome, output);
    }

    fn row(&mut self, dimension: &'static str, name: &str) -> &mut Row {
        match dimension {
            "total" => &mut self.total,
            "free" => self.free_text.entry(name.to_owned()).or_default(),
            other => self
                .by
                .entry(other)
                .or_default()
                .entry(name.to_owned())
                .or_default(),
        }
    }

    /// Notes what went wrong.
    fn note(&mut self, record: &Record, outcome: &Outcome, output: &str) {
        let about = |kind: &str, encoding: String, value: &str, why: Why| Wrong {
            id: record.id.clone(),
            carrier: record.carrier,
            wrapper: record.wrapper,
            kind: kind.to_owned(),
            encoding,
            value: value.to_owned(),
            why,
            text: record.text.clone(),
            output: output.to_owned(),
        };
        let wrong = |kind: &str, why: Why| about(kind, "-".to_owned(), "", why);
        for (plant, removed) in record.plants.iter().zip(&outcome.removed) {
            if !removed {
                let left = about(&plant.kind, plant.encoding_name(), &plant.value, Why::Left);
                self.wrong.push(left);
            }
        }
        if outcome.is_touched {
            self.wrong.push(wrong(record.carrier, Why::Trap));
        } else if outcome.spans > outcome.spans_right {
            self.wrong.push(wrong("-", Why::FalseSpan));
        }
        if outcome.is_broken {
            self.wrong.push(wrong("-", Why::Json));
        }
    }

    /// Traps seen and traps touched.
    pub fn trap_counts(&self) -> (usize, usize) {
        self.traps
            .values()
            .fold((0, 0), |(seen, touched), (a, b)| (seen + a, touched + b))
    }

    /// All of a kind that only prose tells, of all languages.
    pub fn free_total(&self, kind: &str) -> Row {
        let mut all = Row::default();
        let of_kind = self
            .free_text
            .iter()
            .filter(|(name, _)| name.starts_with(kind));
        for (_, row) in of_kind {
            all.plants += row.plants;
            all.removed += row.removed;
            all.spans += row.spans;
            all.spans_right += row.spans_right;
            all.over_bytes += row.over_bytes;
        }
        all
    }

    /// Causes by count: what went wrong, with what, in what; most first.
    pub fn causes(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for wrong in &self.wrong {
            let cause = format!(
                "{:?} {} {} in {}",
                wrong.why, wrong.kind, wrong.encoding, wrong.carrier
            );
            *counts.entry(cause).or_default() += 1;
        }
        let mut causes: Vec<(String, usize)> = counts.into_iter().collect();
        causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        causes
    }

    /// The tables, as Markdown.
    pub fn to_markdown(&self) -> String {
        let (seen, touched) = self.trap_counts();
        let touched_share = 100.0 * touched as f64 / seen.max(1) as f64;
        let mut out = format!(
            "{} records, {} values planted; {seen} traps, {touched} touched ({touched_share:.2} \
             %); \
             {} lines of JSON broken\n",
            self.records,
            self.total.plants + self.free_total("").plants,
            self.json_broken,
        );
        let one = BTreeMap::from([(String::from("all"), self.total.clone())]);
        table(&mut out, "all but free text", &one);
        for dimension in [
            "class", "shape", "kind", "encoding", "wrapper", "carrier", "locale",
        ] {
            if let Some(rows) = self.by.get(dimension) {
                table(&mut out, dimension, rows);
            }
        }
        let mut free = self.free_text.clone();
        for kind in [
            "address field",
            "address line",
            "person_name field",
            "person_name line",
        ] {
            free.insert(format!("all {kind}"), self.free_total(kind));
        }
        table(&mut out, "names and addresses in free text", &free);
        out.push_str("\n| traps | seen | touched |\n|---|---|---|\n");
        for (name, (seen, touched)) in self.traps.iter().filter(|(_, (_, touched))| *touched > 0) {
            line(&mut out, &format!("| {name} | {seen} | {touched} |"));
        }
        out.push_str("\n| most frequent causes | times |\n|---|---|\n");
        for (cause, count) in self.causes().iter().take(CAUSES_MAX) {
            line(&mut out, &format!("| {cause} | {count} |"));
        }
        out
    }

    /// All counts, and what went wrong without its text.
    pub fn to_json(&self) -> Value {
        let rows = |rows: &BTreeMap<String, Row>| -> Value {
            rows.iter()
                .map(|(name, row)| (name.clone(), row_json(row)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let by: serde_json::Map<String, Value> = self
            .by
            .iter()
            .map(|(name, held)| ((*name).to_owned(), rows(held)))
            .collect();
        let wrong: Vec<Value> = self
            .wrong
            .iter()
            .map(|w| {
                json!({"id": w.id, "carrier": w.carrier, "wrapper": w.wrapper, "kind": w.kind,
                       "encoding": w.encoding, "why": format!("{:?}", w.why)})
            })
            .collect();
        let (seen, touched) = self.trap_counts();
        json!({"schema": "cordon.bench.redaction", "version": 1, "records": self.records,
               "total": row_json(&self.total), "by": by, "free_text": rows(&self.free_text),
               "traps": {"seen": seen, "touched": touched}, "json_broken": self.json_broken,
               "wrong": wrong})
    }
}

fn row_json(row: &Row) -> Value {
    json!({"plants": row.plants, "removed": row.removed, "recall": row.recall(), "spans": row.spans,
           "spans_right": row.spans_right, "precision": row.precision(), "over_byte\
            s": row.over_bytes})
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn table(out: &mut String, name: &str, rows: &BTreeMap<String, Row>) {
    out.push_str(&format!(
        "\n| {name} | planted | recall | precision | over-redacted bytes |\n"
    ));
    out.push_str("|---|---|---|---|---|\n");
    for (name, row) in rows {
        // Writing to a string does not fail.
        let _infallible = writeln!(
            out,
            "| {name} | {} | {:.4} | {:.4} | {} |",
            row.plants,
            row.recall(),
            row.precision(),
            row.over_bytes
        );
    }
}
