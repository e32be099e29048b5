//! Questions about one raw span that have a yes or no.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use cordon_event::{Event, SpanStatus, Value, attr};

use crate::config::{Datatype, Literal, Operator};
use crate::limits::CONDITION_DEPTH_MAX;
use crate::pattern::Pattern;
use crate::tracestate;
use crate::wiped::Wiped;

/// A question about a span.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Text of an attribute of resource or span is one of these.
    Text {
        key: String,
        values: BTreeSet<String>,
    },
    /// Text of an attribute of resource or span matches one of these.
    Pattern {
        key: String,
        patterns: Vec<Pattern>,
    },
    /// A number of resource or span is within bounds.
    Number {
        key: String,
        min: i64,
        max: i64,
    },
    /// A truth value of resource or span.
    Flag {
        key: String,
        value: bool,
    },
    /// A member of the tracestate is one of these.
    TraceState {
        key: String,
        values: BTreeSet<String>,
    },
    /// A field, as Refinery names them.
    Field(Field),
    /// The first of these resource attributes that is there is this target.
    Target {
        fields: Vec<String>,
        value: String,
    },
    All(Vec<Ask>),
    /// Of the root span only.
    OnRoot(Box<Ask>),
}

/// A question about the first of some fields that is there.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) names: Vec<String>,
    /// Whether dots go into maps.
    pub(crate) nested: bool,
    pub(crate) test: Test,
}

/// What is asked of a field.
#[derive(Debug)]
pub(crate) enum Test {
    Exists,
    NotExists,
    Compare {
        operator: Operator,
        values: Vec<Literal>,
        datatype: Option<Datatype>,
    },
    Text {
        operator: Operator,
        value: String,
    },
    Matches(Pattern),
}

/// Whether the answer is yes.
pub(crate) fn holds(ask: &Ask, event: &Event) -> bool {
    match ask {
        Ask::Text { key, values } => texts(event, key).any(|text| values.contains(text)),
        Ask::Pattern { key, patterns } => {
            texts(event, key).any(|text| patterns.iter().any(|pattern| pattern.is_match(text)))
        }
        Ask::Number { key, min, max } => both(event, key).any(|value| match value {
            Value::Int(n) => (*min..=*max).contains(n),
            Value::Double(n) => *n >= *min as f64 && *n <= *max as f64,
            _ => false,
        }),
        Ask::Flag { key, value } => {
            both(event, key).any(|found| matches!(found, Value::Bool(truth) if truth == value))
        }
        Ask::TraceState { key, values } => {
            let member = tracestate::member(&event.trace_state, key);
            member.is_some_and(|member| values.contains(member))
        }
        Ask::Field(field) => field_holds(field, event),
        Ask::Target { fields, value } => {
            let mut found = fields.iter().filter_map(|field| event.resource_str(field));
            found.next() == Some(value)
        }
        Ask::All(asks) => asks.iter().all(|ask| holds(ask, event)),
        Ask::OnRoot(ask) => event.parent_span_id.is_none() && holds(ask, event),
    }
}

/// Values of that name, of the resource and of the span.
fn both<'a>(event: &'a Event, key: &'a str) -> impl Iterator<Item = &'a Value> {
    let resource = event.resource.iter().find(|(name, _)| name == key);
    let resource = resource.map(|(_, value)| value);
    resource.into_iter().chain(event.attribute(key))
}

/// Texts of that name; an empty one counts for a resource alone, as in the Collector.
fn texts<'a>(event: &'a Event, key: &'a str) -> impl Iterator<Item = &'a str> {
    let own = event.attribute_str(key).filter(|text| !text.is_empty());
    event.resource_str(key).into_iter().chain(own)
}

/// A value that is compared: what is neither text nor number is only there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Other(&'a Value),
}

impl<'a> From<&'a Value> for Found<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(n) => Self::Int(*n),
            Value::Double(n) => Self::Float(*n),
            Value::String(text) => Self::Text(text),
            Value::Bytes(_) | Value::Array(_) | Value::Map(_) => Self::Other(value),
        }
    }
}

/// The value of a field as Honeycomb flattens a span: attributes of span, scope and resource,
/// the nearest first, then what the span says of itself.
pub(crate) fn find<'a>(event: &'a Event, name: &str) -> Option<Found<'a>> {
    let named = |pairs: &'a [(String, Value)]| pairs.iter().find(|(key, _)| key == name);
    let pair = named(&event.attributes)
        .or_else(|| named(&event.scope).filter(|_| name != "name" && name != "version"))
        .or_else(|| named(&event.resource));
    if let Some((_, value)) = pair {
        return Some(value.into());
    }
    let of_scope = |key: &str| {
        let pair = event.scope.iter().find(|(name, _)| name == key);
        pair.map(|(_, value)| value.into())
    };
    match name {
        "name" => Some(Found::Text(&event.name)),
        "duration_ms" => {
            let ns = event.end_unix_ns.saturating_sub(event.time_unix_ns);
            Some(Found::Float(ns as f64 / 1e6))
        }
        "status_code" => Some(Found::Int(match event.status {
            SpanStatus::Unset => 0,
            SpanStatus::Ok => 1,
            SpanStatus::Error => 2,
        })),
        "error" => (event.status == SpanStatus::Error).then_some(Found::Bool(true)),
        "status_message" => event.body.as_str().map(Found::Text),
        "type" => event.attribute(attr::SPAN_KIND).map(Found::from),
        "library.name" => of_scope("name"),
        "library.version" => of_scope("version"),
        "meta.signal_type" => Some(Found::Text("trace")),
        "trace.parent_id" => event.parent_span_id.is_some().then_some(Found::Text("")),
        _ => None,
    }
}

/// A field whose name goes through maps: the longest beginning that is an attribute, then key by
/// key.
fn find_nested<'a>(event: &'a Event, name: &str) -> Option<Found<'a>> {
    let dots = name.rmatch_indices('.').take(CONDITION_DEPTH_MAX);
    for (at, _) in dots {
        let (outer, inner) = (name.get(..at)?, name.get(at + 1..)?);
        if let Some(Found::Other(value)) = find(event, outer)
            && let Some(found) = within(value, inner)
        {
            return Some(found.into());
        }
    }
    None
}

fn within<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    let (key, rest) = path.split_once('.')?;
    within(value.get(key)?, rest)
}

fn field_holds(field: &Field, event: &Event) -> bool {
    let names = || field.names.iter();
    if let Some(value) = names().find_map(|name| find(event, name)) {
        return test_holds(&field.test, value);
    }
    let nested = || names().find_map(|name| find_nested(event, name));
    let Some(value) = field.nested.then(nested).flatten() else {
        return matches!(field.test, Test::NotExists);
    };
    // What is nested is a text there, whatever it was.
    let mut text = Wiped::default();
    match value {
        Found::Null => {}
        Found::Bool(truth) => text.show(truth),
        Found::Int(n) => text.show(n),
        Found::Float(n) => text.show(n),
        Found::Text(_) | Found::Other(_) => return test_holds(&field.test, value),
    }
    test_holds(&field.test, Found::Text(text.text()))
}

fn test_holds(test: &Test, value: Found<'_>) -> bool {
    match test {
        Test::Exists => true,
        Test::NotExists => false,
        Test::Compare {
            operator,
            values,
            datatype,
        } => compare(*operator, value, values, *datatype),
        Test::Text {
            operator,
            value: part,
        } => with_text(value, |text| match operator {
            Operator::StartsWith => text.starts_with(part.as_str()),
            Operator::Contains => text.contains(part.as_str()),
            _ => !text.contains(part.as_str()),
        }),
        Test::Matches(pattern) => with_text(value, |text| pattern.is_match(text)),
    }
}

/// Asks of a value as text; a list or map is none.
fn with_text(value: Found<'_>, ask: impl FnOnce(&str) -> bool) -> bool {
    match value {
        Found::Text(text) => ask(text),
        Found::Int(n) => ask(shown(n).text()),
        Found::Float(n) => ask(shown(n).text()),
        Found::Bool(truth) => ask(if truth { "true" } else { "false" }),
        Found::Null | Found::Other(_) => false,
    }
}

fn shown(value: impl fmt::Display) -> Wiped {
    let mut text = Wiped::default();
    text.show(value);
    text
}

fn compare(
    operator: Operator,
    found: Found<'_>,
    values: &[Literal],
    datatype: Option<Datatype>,
) -> bool {
    // A list without a type is one of texts.
    let is_list = matches!(operator, Operator::In | Operator::NotIn);
    let datatype = datatype.or(is_list.then_some(Datatype::Text));
    let mut orders = values.iter().map(|value| order(found, value, datatype));
    match operator {
        Operator::In => orders.any(|order| order == Ok(Some(Ordering::Equal))),
        Operator::NotIn => orders.all(|order| order != Ok(Some(Ordering::Equal))),
        _ => {
            let Some(Ok(Some(order))) = orders.next() else {
                return false;
            };
            match operator {
                Operator::Equal => order == Ordering::Equal,
                Operator::NotEqual => order != Ordering::Equal,
                Operator::More => order == Ordering::Greater,
                Operator::Less => order == Ordering::Less,
                Operator::MoreOrEqual => order != Ordering::Less,
                _ => order != Ordering::Greater,
            }
        }
    }
}

/// That a value cannot be made the type that a condition says.
#[derive(PartialEq)]
struct NoConversion;

/// How a value of a span stands to one of a condition; nothing where their types do not compare.
fn order(
    found: Found<'_>,
    value: &Literal,
    datatype: Option<Datatype>,
) -> Result<Option<Ordering>, NoConversion> {
    let literal = match value {
        Literal::Bool(truth) => Found::Bool(*truth),
        Literal::Int(n) => Found::Int(*n),
        Literal::Float(n) => Found::Float(*n),
        Literal::Text(text) => Found::Text(text),
    };
    match datatype {
        Some(Datatype::Int) => {
            let (a, b) = (int(found)?, int(literal)?);
            Ok(Some(a.cmp(&b)))
        }
        Some(Datatype::Float) => Ok(float(found)?.partial_cmp(&float(literal)?)),
        Some(Datatype::Bool) => Ok(Some(truth(found).cmp(&truth(literal)))),
        Some(Datatype::Text) => {
            let mut result = Err(NoConversion);
            with_text(found, |a| {
                with_text(literal, |b| {
                    result = Ok(Some(a.cmp(b)));
                    true
                })
            });
            result
        }
        None => Ok(match (found, literal) {
            (Found::Int(a), Found::Int(b)) => Some(a.cmp(&b)),
            (Found::Int(a), Found::Float(b)) => (a as f64).partial_cmp(&b),
            (Found::Float(a), Found::Int(b)) => a.partial_cmp(&(b as f64)),
            (Found::Float(a), Found::Float(b)) => a.partial_cmp(&b),
            (Found::Bool(a), Found::Bool(b)) => Some(a.cmp(&b)),
            (Found::Text(a), Found::Text(b)) => Some(a.cmp(b)),
            (Found::Null, _) => Some(Ordering::Less),
            _ => None,
        }),
    }
}

fn int(value: Found<'_>) -> Result<i64, NoConversion> {
    match value {
        Found::Int(n) => Ok(n),
        Found::Float(n) => Ok(n as i64),
        Found::Bool(truth) => Ok(i64::from(truth)),
        Found::Text(text) => text.parse().map_err(|_| NoConversion),
        Found::Null | Found::Other(_) => Err(NoConversion),
    }
}

fn float(value: Found<'_>) -> Result<f64, NoConversion> {
    match value {
        Found::Int(n) => Ok(n as f64),
        Found::Float(n) => Ok(n),
        Found::Bool(truth) => Ok(f64::from(u8::from(truth))),
        Found::Text(text) => text.parse().map_err(|_| NoConversion),
        Found::Null | Found::Other(_) => Err(NoConversion),
    }
}

/// `true` and 1 are true; everything else is false.
fn truth(value: Found<'_>) -> bool {
    match value {
        Found::Bool(truth) => truth,
        Found::Int(n) => n == 1,
        Found::Float(n) => (n - 1.0).abs() < f64::EPSILON,
        Found::Text(text) => matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True"),
        Found::Null | Found::Other(_) => false,
    }
}
