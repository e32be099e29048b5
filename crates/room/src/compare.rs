//! Two windows of logs: what is new, gone, more or less frequent.
//!
//! The lines of both were read by one miner, so that a template means the same in both. Shares and
//! rates are tested as everywhere else ([`rates_around`]); what came or went without being frequent
//! enough for a test is told, and told not to be sure.

use std::collections::HashMap;

use cordon_diagnose::{Counts, Exposure, RateAround, Turn, rates_around};
use cordon_event::Severity;
use cordon_fingerprint::Merged;
use serde_json::{Value as Json, json};

use crate::limits::COMPARED_COUNT_MAX;
use crate::logs::{Logs, Window};
use crate::text::shown;
use crate::time::SECOND_NS;

/// Schema of a comparison.
const SCHEMA: &str = "cordon.room.comparison";
const VERSION: u32 = 1;

/// One template in both windows.
#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    before: Side,
    after: Side,
    severity: Severity,
}

#[derive(Clone, Copy, Debug, Default)]
struct Side {
    count: u64,
    line: u32,
}

/// What became of the templates from one source to another.
pub(crate) fn compare(logs: &Logs, names: (&str, &str), (a, b): (usize, usize)) -> Json {
    let merged = logs.merged();
    let pairs = pairs(logs, &merged, a, b);
    let (before, after) = (exposure(logs.window(a)), exposure(logs.window(b)));
    let groups = pairs.iter().map(|(template, pair)| Counts {
        group_id: template.to_string(),
        before: pair.before.count,
        after: pair.after.count,
    });
    let tested = rates_around(before, after, groups.collect());
    let mut tested: HashMap<usize, RateAround> = tested
        .into_iter()
        .filter_map(|rate| Some((rate.counts.group_id.parse().ok()?, rate)))
        .collect();
    let mut lists: [Vec<(u64, Json)>; 4] = std::array::from_fn(|_| Vec::new());
    let mut unchanged = 0;
    for (template, pair) in &pairs {
        let rate = tested.remove(template);
        let turn = rate.as_ref().map_or(Turn::Unchanged, |rate| rate.turn);
        let list = match (pair.before.count, pair.after.count, turn) {
            (0, _, _) => 0,
            (_, 0, _) => 1,
            (_, _, Turn::Up | Turn::New) => 2,
            (_, _, Turn::Down | Turn::Gone) => 3,
            _ => {
                unchanged += 1;
                continue;
            }
        };
        let told = row(&merged, *template, pair, rate.as_ref(), (before, after));
        let weight = pair.before.count.abs_diff(pair.after.count)
            + if pair.severity >= Severity::WARN {
                u64::from(u32::MAX)
            } else {
                0
            };
        if let Some(list) = lists.get_mut(list) {
            list.push((weight, told));
        }
    }
    let [new, gone, more, less] = lists.map(|mut list| {
        list.sort_by(|a, b| {
            let text = |row: &Json| row.get("template").map(Json::to_string);
            b.0.cmp(&a.0).then_with(|| text(&a.1).cmp(&text(&b.1)))
        });
        let told = list.into_iter().take(COMPARED_COUNT_MAX);
        told.map(|(_, row)| row).collect::<Vec<_>>()
    });
    json!({
        "schema": SCHEMA,
        "version": VERSION,
        "a": side(logs.window(a), names.0, a),
        "b": side(logs.window(b), names.1, b),
        "new": new,
        "gone": gone,
        "more": more,
        "less": less,
        "unchanged": unchanged,
    })
}

/// How often each template came in both, in the order of the templates.
fn pairs(logs: &Logs, merged: &Merged, a: usize, b: usize) -> Vec<(usize, Pair)> {
    let mut found: HashMap<usize, Pair> = HashMap::new();
    for entry in logs.entries() {
        let source = usize::from(entry.source);
        let Some(template) = merged
            .place(entry.shape)
            .filter(|_| source == a || source == b)
        else {
            continue;
        };
        let pair = found.entry(template).or_default();
        pair.severity = pair.severity.max(entry.severity);
        let side = if source == a {
            &mut pair.before
        } else {
            &mut pair.after
        };
        side.count += 1;
        if side.line == 0 {
            side.line = entry.line;
        }
    }
    let mut found: Vec<(usize, Pair)> = found.into_iter().collect();
    found.sort_by_key(|(template, _)| *template);
    found
}

fn exposure(window: Option<&Window>) -> Exposure {
    Exposure {
        events: window.map_or(0, |window| window.records - window.left_out),
        span_s: span_s(window).unwrap_or(0),
    }
}

fn span_s(window: Option<&Window>) -> Option<u64> {
    let window = window?;
    let ns = window.to?.checked_sub(window.from?)?;
    Some(ns.div_ceil(SECOND_NS)).filter(|seconds| *seconds > 0)
}

fn side(window: Option<&Window>, name: &str, number: usize) -> Json {
    let time = |ns: Option<u64>| {
        let when = window.map(|window| window.when(ns))?;
        when.rfc3339().or(when.clock())
    };
    json!({
        "number": number,
        "name": name,
        "entries": window.map_or(0, |window| window.records),
        "span_s": span_s(window),
        "from": time(window.and_then(|window| window.from)),
        "to": time(window.and_then(|window| window.to)),
    })
}

fn row(
    merged: &Merged,
    template: usize,
    pair: &Pair,
    rate: Option<&RateAround>,
    (before, after): (Exposure, Exposure),
) -> Json {
    let told = merged.templates().get(template);
    let share = |count: u64, of: Exposure| rounded(count as f64 / of.events.max(1) as f64);
    let per_minute = |count: u64, of: Exposure| {
        (of.span_s > 0).then(|| rounded(count as f64 * 60.0 / of.span_s as f64))
    };
    let line = |side: Side| (side.line > 0).then_some(side.line);
    let (a, b) = (pair.before, pair.after);
    json!({
        "template_id": told.map(|template| template.id.as_str()),
        "template": told.map(|template| shown(&template.text)),
        "level": if pair.severity.0 == 0 { "" } else { pair.severity.name() },
        "count_a": a.count,
        "count_b": b.count,
        "share_a": share(a.count, before),
        "share_b": share(b.count, after),
        "per_minute_a": per_minute(a.count, before),
        "per_minute_b": per_minute(b.count, after),
        "line_a": line(a),
        "line_b": line(b),
        "sure": rate.is_some_and(|rate| rate.turn != Turn::Unchanged),
    })
}

/// Four digits that count.
fn rounded(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
