//! What a redactor did to labelled records: removed, left, destroyed.
//!
//! A plant is removed when no decoding of the output holds its value or a telling part of it. What
//! changed outside plants is over-redaction; a trap that changed at all is touched.

mod diff;
mod report;
mod views;

use std::collections::BTreeSet;

use crate::record::{Class, Format, Plant, Record};
pub use report::{Report, Row, Why, Wrong};

/// Shares of a value, in percent, of which no contiguous part may survive.
const SECRET_PART: usize = 40;
/// The same for numbers and other personal values.
const PERSONAL_PART: usize = 60;
/// Shortest part of a secret in bytes that tells something.
const SECRET_BYTES_MIN: usize = 8;
/// Shortest part of a personal value in characters that tells something.
const PERSONAL_CHARS_MIN: usize = 6;

/// Scores `redact`, which gets each record and gives what becomes of its text.
pub fn score(records: &[Record], mut redact: impl FnMut(&Record) -> String) -> Report {
    let mut report = Report::default();
    for record in records {
        let output = redact(record);
        let outcome = judge(record, &output);
        report.add(record, &outcome, &output);
    }
    report
}

/// What became of one record.
pub(crate) struct Outcome {
    /// For each plant whether it is gone.
    pub(crate) removed: Vec<bool>,
    /// Replaced spans.
    pub(crate) spans: usize,
    /// Of these, such as overlap a plant.
    pub(crate) spans_right: usize,
    /// Bytes outside plants that changed.
    pub(crate) over_bytes: usize,
    /// Whether a trap changed.
    pub(crate) is_touched: bool,
    /// Whether a line that was JSON is none any more.
    pub(crate) is_broken: bool,
}

/// Whether the scorer sees a plant in the record as it arrived.
#[cfg(test)]
pub(crate) fn is_seen(record: &Record, plant: &Plant) -> bool {
    !is_removed(plant, &record.outside(), &views::of(&record.text))
}

fn judge(record: &Record, output: &str) -> Outcome {
    let is_same = output == record.text;
    let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    let is_broken = record.format == Format::Json && !is_same && !output.lines().all(is_json);
    if record.trap || is_same {
        return Outcome {
            removed: vec![false; record.plants.len()],
            spans: usize::from(!is_same),
            spans_right: 0,
            over_bytes: if is_same {
                0
            } else {
                diff::changed(&record.text, output)
            },
            is_touched: record.trap && !is_same,
            is_broken,
        };
    }
    let views = views::of(output);
    let outside = record.outside();
    let removed = record
        .plants
        .iter()
        .map(|plant| is_removed(plant, &outside, &views))
        .collect();
    let mut allowed: Vec<(usize, usize)> = record
        .plants
        .iter()
        .map(|plant| slack(record, plant))
        .collect();
    allowed.extend(&record.either);
    let (spans, spans_right, over_bytes) = diff::spans(&record.text, output, &allowed);
    Outcome {
        removed,
        spans,
        spans_right,
        over_bytes,
        is_touched: false,
        is_broken,
    }
}

/// Whether no view holds the value, or a part of it that tells something and does not also stand
/// outside all plants.
fn is_removed(plant: &Plant, outside: &str, views: &[String]) -> bool {
    if views.iter().any(|view| view.contains(&plant.value)) {
        return false;
    }
    parts(plant).iter().all(|part| {
        outside.contains(part.as_str()) || !views.iter().any(|view| view.contains(part.as_str()))
    })
}

/// The contiguous parts of a value of which none may survive.
fn parts(plant: &Plant) -> BTreeSet<String> {
    let chars: Vec<char> = plant.value.chars().collect();
    let count = match plant.class {
        Class::A => SECRET_BYTES_MIN.max((chars.len() * SECRET_PART).div_ceil(100)),
        Class::B => PERSONAL_CHARS_MIN.max((chars.len() * PERSONAL_PART).div_ceil(100)),
    };
    let mut parts: BTreeSet<String> = BTreeSet::new();
    if whole_alone(plant) || count > chars.len() {
        return parts;
    }
    parts.extend(
        chars
            .windows(count)
            .map(|window| window.iter().collect::<String>()),
    );
    let digits: Vec<char> = chars.iter().copied().filter(char::is_ascii_digit).collect();
    if plant.class == Class::B && digits.len() * 2 > chars.len() {
        let count = PERSONAL_CHARS_MIN.max((digits.len() * PERSONAL_PART).div_ceil(100));
        if count <= digits.len() {
            parts.extend(
                digits
                    .windows(count)
                    .map(|window| window.iter().collect::<String>()),
            );
        }
    }
    parts
}

/// Kinds of which a part says little: half a birthday is a number.
fn whole_alone(plant: &Plant) -> bool {
    matches!(
        plant.kind.as_str(),
        "birth" | "ip" | "coordinates" | "otp" | "pin"
    )
}

/// The bytes around a plant that a redactor may rewrite: the run of its encoding.
fn slack(record: &Record, plant: &Plant) -> (usize, usize) {
    if !plant.encoding.iter().any(|layer| layer.is_run()) {
        return (plant.start, plant.end);
    }
    // Padding is at the end of a run alone: in front of one `=` parts it from a name.
    let in_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '%');
    let head = record.text.get(..plant.start).unwrap_or("");
    let tail = record.text.get(plant.end..).unwrap_or("");
    let before = head.len() - head.trim_end_matches(in_run).len();
    let behind = tail.len()
        - tail
            .trim_start_matches(in_run)
            .trim_start_matches('=')
            .len();
    (plant.start - before, plant.end + behind)
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
