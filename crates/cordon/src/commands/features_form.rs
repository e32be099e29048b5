//! How the features of a tenant are written: for programs, and for people.

use cordon_assist::{generalise, printable};
use cordon_diagnose::Turn;
use cordon_store::{Dimension, Features};
use serde_json::{Value as Json, json};

use crate::commands::features::{Met, Rate, Rated, Shown, TURNS};

/// Values of a dimension that people are shown; JSON has all.
const VALUES_COUNT_MAX: usize = 5;
/// Below this a p value is not told more closely: its formula is not more exact.
const P_MIN: f64 = 1e-6;

const KINDS: [&str; 3] = ["exception", "expectation", "template"];

/// As JSON.
pub(crate) fn written(groups: &[Shown], rated: &[Rated]) -> String {
    let groups: Vec<Json> = groups.iter().map(group).collect();
    let moments: Vec<Json> = rated.iter().map(moment).collect();
    let all = json!({
        "schema": "cordon.features",
        "version": 1,
        "groups": groups,
        "moments": moments,
    });
    format!("{all:#}\n")
}

fn group(((id, ((kind, failure), (count, times))), ((text, features), together)): &Shown) -> Json {
    let mut json = json!({
        "id": id,
        "kind": kind_name(*kind),
        "failure": failure,
        "title": generalise(&text.title),
        "count": count,
        "first_seen_unix_ns": times.0,
        "last_seen_unix_ns": times.1,
        "together": together.iter().map(met).collect::<Vec<_>>(),
    });
    if let Some(fields) = json.as_object_mut() {
        for dimension in Dimension::ALL {
            fields.insert(
                format!("{}s", dimension.as_str()),
                values(features, dimension),
            );
        }
    }
    json
}

fn kind_name(kind: u8) -> &'static str {
    KINDS.get(usize::from(kind)).copied().unwrap_or("template")
}

fn values(features: &Features, dimension: Dimension) -> Json {
    let rows = features.of(dimension).into_iter().map(|(value, tally)| {
        let text = if value.is_other() {
            Json::Null
        } else {
            Json::String(generalise(&value.text))
        };
        let mut row = json!({
            "value": text,
            "count": tally.count,
            "first_seen_unix_ns": tally.first_unix_ns,
            "last_seen_unix_ns": tally.last_unix_ns,
        });
        if let Some(fields) = row.as_object_mut() {
            if value.is_other() {
                fields.insert("other".into(), json!({ "gave_way": tally.folded }));
            } else if dimension == Dimension::Release {
                fields.insert("component".into(), json!(generalise(&value.component)));
            }
        }
        row
    });
    rows.collect()
}

fn met((id, (both, (share, lift))): &Met) -> Json {
    json!({ "id": id, "occasions": both, "share": share, "lift": lift })
}

fn moment(((deploy, (before, after)), rates): &Rated) -> Json {
    let rates: Vec<Json> = rates.iter().map(rate).collect();
    let release = match deploy.release.as_str() {
        "" => Json::Null,
        name => Json::String(generalise(name)),
    };
    json!({
        "component": generalise(&deploy.component),
        "release": release,
        "at_unix_ns": deploy.at_unix_ns,
        "before": { "events": before.0, "span_s": before.1 },
        "after": { "events": after.0, "span_s": after.1 },
        "rates": rates,
    })
}

fn rate((id, ((before, after), (p, turn))): &Rate) -> Json {
    json!({
        "id": id,
        "turn": turn_of(*turn).as_str(),
        "before": { "count": before.0, "per_minute": before.1 },
        "after": { "count": after.0, "per_minute": after.1 },
        "p": p,
    })
}

fn turn_of(turn: u8) -> Turn {
    let turn = TURNS.get(usize::from(turn)).copied();
    turn.unwrap_or(Turn::Unchanged)
}

/// For people.
pub(crate) fn table(groups: &[Shown], rated: &[Rated]) -> String {
    let mut out = String::new();
    for ((id, ((kind, failure), (count, times))), ((text, features), together)) in groups {
        let mark = if *failure { "failing " } else { "" };
        let title = generalise(&printable(&text.title));
        out.push_str(&format!("{id}  {mark}{}: {title}\n", kind_name(*kind)));
        out.push_str(&format!("  {count} events, {}\n", span(*times)));
        for dimension in Dimension::ALL {
            out.push_str(&lines(features, dimension, *count));
        }
        for (with, (both, (share, lift))) in together {
            let percent = share * 100.0;
            out.push_str(&format!(
                "  together   {with}: {both} times, {percent:.0} % of its own, lift {lift:.1}\n"
            ));
        }
    }
    for rated in rated {
        out.push_str(&around(rated));
    }
    out
}

/// A moment, and the rates that changed around it.
fn around(((deploy, (before, after)), rates): &Rated) -> String {
    let shown = |text: &str| generalise(&printable(text));
    let what = match deploy.release.as_str() {
        "" => "around".to_owned(),
        release => format!("{} since", shown(release)),
    };
    let (component, at) = (shown(&deploy.component), utc(deploy.at_unix_ns));
    let mut out = format!(
        "{component} {what} {at}: {} events before, {} after\n",
        before.0, after.0
    );
    if before.0 == 0 || after.0 == 0 {
        out.push_str("  nothing to compare with yet\n");
    } else if rates.is_empty() {
        out.push_str("  no rate changed beyond chance\n");
    }
    for (id, ((before, after), (p, turn))) in rates {
        out.push_str(&format!(
            "  {:<9}  {id}: {} a minute before, {} after, {}\n",
            turn_of(*turn).as_str(),
            rate_text(before.1),
            rate_text(after.1),
            p_text(*p)
        ));
    }
    out
}

/// The values of a dimension, each with its count; since when, where it is not the group's first.
fn lines(features: &Features, dimension: Dimension, total: u64) -> String {
    let mut out = String::new();
    let values = features.of(dimension);
    let left = values.len().saturating_sub(VALUES_COUNT_MAX);
    for (value, tally) in values.iter().take(VALUES_COUNT_MAX) {
        let shown = |text: &str| generalise(&printable(text));
        let name = match (value.is_other(), value.component.as_str()) {
            (true, _) => "other".to_owned(),
            (false, "") => shown(&value.text),
            (false, component) => format!("{} of {}", shown(&value.text), shown(component)),
        };
        let only = if tally.count == total { "only in " } else { "" };
        let (kind, times) = (
            dimension.as_str(),
            span((tally.first_unix_ns, tally.last_unix_ns)),
        );
        out.push_str(&format!(
            "  {kind:<9}  {only}{name}: {}, {times}\n",
            tally.count
        ));
    }
    if left > 0 {
        out.push_str(&format!("  {:<9}  and {left} more\n", dimension.as_str()));
    }
    out
}

fn span((first, last): (u64, u64)) -> String {
    if first == last {
        utc(first)
    } else {
        format!("{} to {}", utc(first), utc(last))
    }
}

fn utc(unix_ns: u64) -> String {
    cordon_diagnose::utc(unix_ns)
}

fn rate_text(per_minute: f64) -> String {
    if per_minute > 0.0 && per_minute < 0.095 {
        format!("{per_minute:.3}")
    } else {
        format!("{per_minute:.1}")
    }
}

fn p_text(p: f64) -> String {
    if p < P_MIN {
        "p < 0.000001".to_owned()
    } else {
        format!("p = {p:.6}")
    }
}
