//! `cordon metrics`: what a tenant's metrics add up to, series by series. A release, so audited.

use anyhow::Context as _;
use cordon_assist::{generalise, printable};
use cordon_govern::{KDecision, Purpose, Reach};
use cordon_ledger::Action;
use cordon_redact::Clean;
use cordon_store::{SeriesNumbers, SeriesRow, SeriesText, Window};
use serde_json::{Value as Json, json};

use crate::cli::{Cli, MetricsArgs};
use crate::commands::ask::parse_time;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::log;
use crate::release::{enter, refused};

/// Series that are shown: all that a tenant can have, and the one of what is beyond.
const SERIES_COUNT_MAX: usize = cordon_store::SERIES_COUNT_MAX as usize + 1;

/// Counts of a series, as they are passed on: points, those measured, observations, time of the
/// last, seconds covered; sum, least, greatest, last.
type Numbers = (
    ((u64, u64), (u64, (u64, u64))),
    ((f64, Option<f64>), (Option<f64>, Option<f64>)),
);

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &MetricsArgs) -> Outcome {
    let since = args.since.as_deref().map(|text| {
        parse_time(text)
            .with_context(|| format!("read --since {text}: expected 2026-01-31T23:59:59Z"))
    });
    let since_ns = since.transpose().or_exit(Exit::Usage)?;
    let tenant = args.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Debugging, Action::Export)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let window = Window {
        from_unix_ns: since_ns.unwrap_or_default(),
        to_unix_ns: u64::MAX,
    };
    let found = home.store.metrics(&granted.scope, window, SERIES_COUNT_MAX);
    let mut found = found.context("read metrics")?;
    let (k_rule, seen) = (home.config.k_rule(granted.scope.tenant()), found.rows.len());
    found
        .rows
        .retain(|row| k_rule.decide(reach(&row.numbers)) == KDecision::Usable);
    let left_out = seen - found.rows.len();
    if let Some(wanted) = args.series.as_deref() {
        found
            .rows
            .retain(|row| shown(&row.text.get().name).contains(wanted));
    }
    found.rows.sort_by(|a, b| a.text.cmp(&b.text));
    let lines = Clean::join(found.rows.iter().map(line));
    let facts = Clean::technical((args.json, (found.unreadable, left_out)));
    let content = lines.pair(facts).map(|(lines, (as_json, counts))| {
        if as_json {
            written(&lines, counts)
        } else {
            lines.iter().map(told).collect()
        }
    });
    let released = match granted.release(&home, content, "metrics_listed", &[])? {
        Ok(released) => released,
        Err(code) => return Ok(refused(code)),
    };
    log::data(released.get().as_bytes()).context("write stdout")?;
    home.tell_unreadable();
    if left_out > 0 {
        let code = KDecision::FewSubjects.code();
        log::line(&format!("note: {code}: {left_out} left out"));
    }
    Ok(Exit::Done)
}

/// A series knows of no subject: where a tenant asks for several, it is not shown.
fn reach(numbers: &SeriesNumbers) -> Reach {
    Reach::OwnTenant {
        occurrences: numbers.points,
        subjects: 0,
    }
}

/// Printable first: what is hidden in a pseudonym would hide it.
fn shown(text: &str) -> String {
    generalise(&printable(text))
}

fn line(row: &SeriesRow) -> Clean<(SeriesText, Numbers)> {
    let n = &row.numbers;
    let counts = (n.observations, (n.last_unix_ns, n.covered_s));
    let values = ((n.sum, n.min), (n.max, n.last));
    let numbers: Numbers = (((n.points, n.measured), counts), values);
    row.text.clone().pair(Clean::technical(numbers))
}

fn numbers_of(numbers: &Numbers) -> SeriesNumbers {
    let (((points, measured), (observations, (last_ns, covered_s))), values) = *numbers;
    let ((sum, min), (max, last)) = values;
    SeriesNumbers {
        points,
        measured,
        sum,
        observations,
        min,
        max,
        last,
        last_unix_ns: last_ns,
        covered_s,
    }
}

fn written(lines: &[(SeriesText, Numbers)], (unreadable, left_out): (u64, usize)) -> String {
    let list: Vec<Json> = lines
        .iter()
        .map(|(text, numbers)| {
            let n = numbers_of(numbers);
            json!({
                "service": shown(&text.service),
                "name": shown(&text.name),
                "further": text.is_further(),
                "instrument": shown(&text.instrument),
                "unit": shown(&text.unit),
                "temporality": shown(&text.temporality),
                "monotonic": text.monotonic,
                "points": n.points,
                "measured": n.measured,
                "sum": n.sum,
                "observations": n.observations,
                "min": n.min,
                "max": n.max,
                "last": n.last,
                "mean": n.mean(text),
                "per_second": n.per_second(text),
                "covered_s": n.covered_s,
                "last_unix_ns": n.last_unix_ns,
            })
        })
        .collect();
    let json = json!({
        "schema": "cordon.metrics",
        "version": 1,
        "series": list,
        "unreadable": unreadable,
        "left_out": { KDecision::FewSubjects.code(): left_out },
    });
    format!("{json:#}\n")
}

fn told((text, numbers): &(SeriesText, Numbers)) -> String {
    let n = numbers_of(numbers);
    let name = if text.is_further() {
        "further series, together".to_owned()
    } else if text.service.is_empty() {
        shown(&text.name)
    } else {
        format!("{}: {}", shown(&text.service), shown(&text.name))
    };
    // UCUM's unit of what has none is 1.
    let unit = match shown(&text.unit) {
        unit if unit.is_empty() || unit == "1" => String::new(),
        unit => format!(" {unit}"),
    };
    let mut out = format!("{name} ({}) {} points", shown(&text.instrument), n.points);
    if let Some(last) = n.last {
        out.push_str(&format!(", last {last}{unit}"));
    }
    if let (Some(min), Some(max)) = (n.min, n.max) {
        out.push_str(&format!(", {min} to {max}{unit}"));
    }
    if text.counts_observations() {
        out.push_str(&format!(", {} observed", n.observations));
    }
    if let Some(mean) = n.mean(text) {
        out.push_str(&format!(", mean {mean:.3}{unit}"));
    }
    if let Some(rate) = n.per_second(text) {
        out.push_str(&format!(", {rate:.3} a second"));
    }
    out.push('\n');
    out
}
