//! What failing events have in common that others of the same service or function lack.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{Value, attr};
use serde_json::Value as Json;

use crate::diagnosis::{Check, Finding};
use crate::finding::{Case, Findings};
use crate::sentence::Sentence;
use crate::stack;
use crate::telemetry::Exemplar;
use crate::view::View;

/// Fewest events on the side that went well.
const FINE_EVENTS_MIN: usize = 2;
/// Fewest failing events for a shared attribute (one failing call is enough for an argument).
const FAILING_EVENTS_MIN: usize = 3;
/// Most events of a side that are compared.
const SIDE_EVENTS_MAX: usize = 64;
/// Most properties told of one group.
const TOLD_COUNT_MAX: usize = 2;
/// How the property of a shared value begins. The value that follows tells properties apart; it
/// is not shown, since nobody has classified what callers pass.
const SAME_VALUE: &str = "is always ";
/// Keys whose values identify an event or restate the failure.
const IGNORED_PREFIXES: [&str; 11] = [
    "exception.",
    "cordon.call.",
    "code.",
    "error.",
    "thread.",
    "otel.",
    "trace",
    "span",
    "process.",
    "log.",
    "event.",
];

/// A property and who has it.
type Property = (String, String);

/// Compares the arguments of failing calls with those of calls of the same function that went well.
pub(crate) fn arguments(case: &Case<'_, '_>, found: &mut Findings) {
    let view = case.view;
    let failing: Vec<_> = case
        .exemplars
        .iter()
        .copied()
        .filter(|x| !stack::arguments(view, x).is_empty())
        .take(SIDE_EVENTS_MAX)
        .collect();
    let functions: BTreeSet<&str> = failing.iter().filter_map(|x| view.function(x)).collect();
    let fine: Vec<_> = view
        .all()
        .filter(|x| !failed(view, x) && view.function(x).is_some_and(|f| functions.contains(f)))
        .filter(|x| !stack::arguments(view, x).is_empty())
        .take(SIDE_EVENTS_MAX)
        .collect();
    if failing.is_empty() || fine.len() < FINE_EVENTS_MIN {
        return;
    }
    let keys: BTreeSet<String> = fine
        .iter()
        .chain(&failing)
        .flat_map(|x| names(view, x))
        .collect();
    let of = |x: &Exemplar| argument_properties(&flat(stack::arguments(view, x)), &keys);
    let told = shared(&failing, &fine, of, Ordering::Argument);
    for (property, with, without) in told {
        let said = Sentence::new("In ")
            .count(view.cited(&with), "failing call", "failing calls")
            .words(", argument ")
            .code(&property.0)
            .words(" ");
        let said = if property.1.starts_with(SAME_VALUE) {
            said.words("is always the same (value not shown)")
        } else {
            said.quote(&property.1)
        };
        let said = said.words("; in ");
        let said = none_of(view, said, &without, "call", "calls");
        let strength = if with.len() >= FAILING_EVENTS_MIN {
            0.3
        } else {
            0.15
        };
        push(found, Check::Argument, strength, said, &with, &without);
    }
}

/// Compares attributes of failing events with those of events of the same service that went well.
pub(crate) fn attributes(case: &Case<'_, '_>, found: &mut Findings) {
    let view = case.view;
    let failing: Vec<_> = case
        .exemplars
        .iter()
        .copied()
        .take(SIDE_EVENTS_MAX)
        .collect();
    let kinds: BTreeSet<_> = failing.iter().map(|x| x.event.kind.as_str()).collect();
    let fine: Vec<_> = view
        .all()
        .filter(|x| !failed(view, x) && x.event.service() == case.group.service)
        .filter(|x| kinds.contains(x.event.kind.as_str()) || x.event.kind.as_str() == "span")
        .take(SIDE_EVENTS_MAX)
        .collect();
    if failing.len() < FAILING_EVENTS_MIN || fine.len() < FAILING_EVENTS_MIN {
        return;
    }
    for (property, with, without) in shared(&failing, &fine, event_properties, Ordering::Attribute)
    {
        let said = Sentence::new("In ")
            .count(view.cited(&with), "failing event", "failing events")
            .words(", ")
            .code(&property.0)
            .words(" is ");
        let own = &view.telemetry.technical_fields;
        let said = if attr::is_technical(&property.0) || own.contains(&property.0) {
            said.code(&property.1)
        } else {
            said.words("always the same (value not shown: the field is not classified)")
        };
        let said = said.words("; in ");
        let said = none_of(view, said, &without, "event", "events");
        push(found, Check::Attribute, 0.15, said, &with, &without);
    }
}

/// How a property must be spread to be told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ordering {
    Argument,
    Attribute,
}

type Shared<'a> = (Property, Vec<&'a Exemplar>, Vec<&'a Exemplar>);

/// Properties that every failing event has and no fine one, the most specific first.
fn shared<'a>(
    failing: &[&'a Exemplar],
    fine: &[&'a Exemplar],
    of: impl Fn(&Exemplar) -> BTreeSet<Property>,
    order: Ordering,
) -> Vec<Shared<'a>> {
    let mut with: BTreeMap<Property, Vec<&'a Exemplar>> = BTreeMap::new();
    for exemplar in failing {
        for property in of(exemplar) {
            with.entry(property).or_default().push(exemplar);
        }
    }
    let fine_properties: BTreeSet<Property> = fine.iter().flat_map(|x| of(x)).collect();
    let fine_keys: BTreeSet<&String> = fine_properties.iter().map(|(key, _)| key).collect();
    let mut keys = BTreeSet::new();
    let all: Vec<Shared<'a>> = with
        .into_iter()
        .filter(|(property, events)| {
            let comparable = order == Ordering::Argument || fine_keys.contains(&property.0);
            let single = failing.len() == 1 && property.1.starts_with(SAME_VALUE);
            let all = events.len() == failing.len() && !single;
            all && comparable && !fine_properties.contains(property)
        })
        .filter(|(property, _)| keys.insert(property.0.clone()))
        .map(|(property, events)| (property, events, fine.to_vec()))
        .collect();
    // A shared shape ("is absent") says more than a shared value, which may be chance.
    let shaped = all
        .iter()
        .any(|(property, ..)| !property.1.starts_with(SAME_VALUE));
    let telling =
        |s: &Shared<'a>| order == Ordering::Attribute || !shaped || !s.0.1.starts_with(SAME_VALUE);
    all.into_iter()
        .filter(telling)
        .take(TOLD_COUNT_MAX)
        .collect()
}

fn none_of(
    view: &View<'_>,
    said: Sentence,
    without: &[&Exemplar],
    one: &'static str,
    many: &'static str,
) -> Sentence {
    said.words("none of ")
        .count(view.cited(without), one, many)
        .words(" that went well.")
}

fn push(
    found: &mut Findings,
    check: Check,
    strength: f64,
    said: Sentence,
    with: &[&Exemplar],
    without: &[&Exemplar],
) {
    let ids = with.iter().chain(without).map(|x| &x.evidence_id);
    found.supporting.push(Finding {
        check,
        strength,
        sentence: said.citing(ids),
    });
}

/// Whether the event, or one on the same span, tells of a failure.
fn failed(view: &View<'_>, exemplar: &Exemplar) -> bool {
    let own = view
        .groups
        .get(exemplar.group_id.as_str())
        .is_some_and(|g| g.failure);
    let span = exemplar
        .event
        .span_id
        .is_some()
        .then_some(exemplar.event.span_id);
    let trace = exemplar.event.trace_id.and_then(|id| view.traces.get(&id));
    own || exemplar.event.is_failure()
        || trace
            .into_iter()
            .flatten()
            .any(|x| span == Some(x.event.span_id) && x.event.is_failure())
}

fn names(view: &View<'_>, exemplar: &Exemplar) -> Vec<String> {
    flat(stack::arguments(view, exemplar))
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// Arguments and the members of those that are objects, as `order.currency`.
fn flat(arguments: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut out = Vec::new();
    for (name, value) in arguments {
        if let Json::Object(members) = &value {
            out.extend(
                members
                    .iter()
                    .map(|(key, inner)| (format!("{name}.{key}"), inner.clone())),
            );
        }
        out.push((name, value));
    }
    out
}

/// Properties of arguments, in words that follow the name: "is negative".
fn argument_properties(
    arguments: &[(String, Json)],
    keys: &BTreeSet<String>,
) -> BTreeSet<Property> {
    let mut out = BTreeSet::new();
    for key in keys {
        if !arguments.iter().any(|(name, _)| name == key) {
            out.insert((key.clone(), "is absent".to_owned()));
        }
    }
    for (name, value) in arguments {
        describe(name, value, &mut out);
    }
    out
}

fn describe(name: &str, value: &Json, out: &mut BTreeSet<Property>) {
    let mut add = |text: &str| {
        out.insert((name.to_owned(), text.to_owned()));
    };
    match value {
        Json::Null => add("is null"),
        Json::Number(n) => {
            let number = n.as_f64().unwrap_or(0.0);
            if number < 0.0 {
                add("is negative");
            } else if number == 0.0 {
                add("is zero");
            }
            add(&format!("{SAME_VALUE}{n}"));
        }
        Json::String(text) if text.is_empty() => add("is empty"),
        Json::String(text) => add(&format!("{SAME_VALUE}{text}")),
        Json::Bool(b) => add(&format!("is {b}")),
        Json::Array(items) if items.is_empty() => add("is empty"),
        Json::Object(members) if members.is_empty() => add("is empty"),
        Json::Object(_) | Json::Array(_) => {}
    }
}

fn event_properties(exemplar: &Exemplar) -> BTreeSet<Property> {
    let pairs = exemplar
        .event
        .attributes
        .iter()
        .chain(&exemplar.event.resource);
    pairs
        .filter(|(key, _)| key != attr::SERVICE_NAME && key != attr::CALL_ARGUMENTS)
        .filter(|(key, _)| {
            !IGNORED_PREFIXES
                .iter()
                .any(|prefix| key.starts_with(prefix))
        })
        .filter_map(|(key, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Int(n) => n.to_string(),
                Value::Bool(b) => b.to_string(),
                _ => return None,
            };
            Some((key.clone(), text))
        })
        .collect()
}
