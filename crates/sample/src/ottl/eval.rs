//! A condition is asked of a raw span or span event. What it reads it borrows; what it must make
//! of a text is wiped.

use std::cmp::Ordering;

use cordon_event::{Event, SpanStatus, Value, attr};
use zeroize::Zeroizing;

use super::{Comparison, Condition, Converter, Expression, Path, Sign, Step};
use crate::limits::CONDITION_DEPTH_MAX;
use crate::wiped::Wiped;

/// That a value has not the type that a function or sign needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed;

type Result<T> = std::result::Result<T, Failed>;

/// What a condition is asked of.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) event: &'a Event,
    /// The span event, where it is one that the span holds as a value.
    pub(crate) happening: Option<&'a Value>,
    pub(crate) is_span: bool,
}

/// A value while it is computed.
#[derive(Clone, Debug)]
enum Val<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Made(Zeroizing<String>),
    Time(u64),
    Duration(i64),
    Held(&'a Value),
    Pairs(&'a [(String, Value)]),
    List(Vec<Val<'a>>),
}

/// Whether the condition holds.
pub(crate) fn holds(condition: &Condition, context: Context<'_>) -> Result<bool> {
    match condition {
        Condition::Any(terms) => {
            for term in terms {
                if holds(term, context)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::All(terms) => {
            for term in terms {
                if !holds(term, context)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Not(inner) => Ok(!holds(inner, context)?),
        Condition::Truth(expression) => match value(expression, context)? {
            Val::Bool(truth) => Ok(truth),
            _ => Err(Failed),
        },
        Condition::Compare(comparison, left, right) => {
            let (left, right) = (value(left, context)?, value(right, context)?);
            Ok(compare(*comparison, &left, &right))
        }
    }
}

/// Values of types that cannot be compared are unequal, and in no order (OTTL, "Comparison
/// Rules").
fn compare(comparison: Comparison, left: &Val<'_>, right: &Val<'_>) -> bool {
    let is_equal = equal(left, right);
    match comparison {
        Comparison::Equal => return is_equal,
        Comparison::NotEqual => return !is_equal,
        _ => {}
    }
    let Some(order) = order(left, right) else {
        return false;
    };
    match comparison {
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::More => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

fn equal(left: &Val<'_>, right: &Val<'_>) -> bool {
    match (left, right) {
        (Val::Nil, Val::Nil) => true,
        (Val::Held(a), Val::Held(b)) => a == b,
        (Val::List(a), Val::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Val::Held(Value::Array(items)), Val::List(list))
        | (Val::List(list), Val::Held(Value::Array(items))) => {
            let pairs = items.iter().zip(list);
            items.len() == list.len() && pairs.clone().all(|(a, b)| equal(&held(a), b))
        }
        _ => order(left, right) == Some(Ordering::Equal),
    }
}

fn order(left: &Val<'_>, right: &Val<'_>) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (text(left), text(right)) {
        return Some(left.cmp(right));
    }
    match (left, right) {
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Int(b)) | (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
        (Val::Time(a), Val::Time(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Float(b)) => (*a as f64).partial_cmp(b),
        (Val::Float(a), Val::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Val::Float(a), Val::Float(b)) => a.partial_cmp(b),
        _ => None,
    }
}

fn text<'a>(value: &'a Val<'_>) -> Option<&'a str> {
    match value {
        Val::Text(text) => Some(text),
        Val::Made(text) => Some(text),
        _ => None,
    }
}

fn held(value: &Value) -> Val<'_> {
    match value {
        Value::Null => Val::Nil,
        Value::Bool(truth) => Val::Bool(*truth),
        Value::Int(n) => Val::Int(*n),
        Value::Double(n) => Val::Float(*n),
        Value::String(text) => Val::Text(text),
        Value::Bytes(_) | Value::Array(_) | Value::Map(_) => Val::Held(value),
    }
}

fn value<'a>(expression: &'a Expression, context: Context<'a>) -> Result<Val<'a>> {
    Ok(match expression {
        Expression::Nil => Val::Nil,
        Expression::Bool(truth) => Val::Bool(*truth),
        Expression::Int(n) => Val::Int(*n),
        Expression::Float(n) => Val::Float(*n),
        Expression::Text(text) => Val::Text(text),
        Expression::Duration(ns) => Val::Duration(*ns),
        Expression::List(items) => {
            let items = items.iter().map(|item| value(item, context));
            Val::List(items.collect::<Result<_>>()?)
        }
        Expression::Path(path, steps) => place(*path, steps, context),
        Expression::Math(sign, left, right) => {
            math(*sign, &value(left, context)?, &value(right, context)?)?
        }
        Expression::Match(target, pattern) => {
            let target = value(target, context)?;
            let made = written(&target);
            Val::Bool(made.is_some_and(|text| pattern.is_match(&text)))
        }
        Expression::Call(converter, arguments) => {
            let arguments = arguments.iter().map(|a| value(a, context));
            call(*converter, &arguments.collect::<Result<Vec<_>>>()?, context)?
        }
    })
}

fn place<'a>(path: Path, steps: &[Step], context: Context<'a>) -> Val<'a> {
    let mut found = root(path, context);
    for (depth, step) in steps.iter().enumerate() {
        let next = match (&found, step) {
            (Val::Pairs(pairs), Step::Key(key)) => lookup(pairs, key),
            (Val::Held(Value::Map(pairs)), Step::Key(key)) => lookup(pairs, key),
            (Val::Held(Value::Array(items)), Step::Index(n)) => items.get(*n),
            (Val::Text(text), Step::Key(key)) if path == Path::TraceState && depth == 0 => {
                return crate::tracestate::member(text, key).map_or(Val::Nil, Val::Text);
            }
            _ => None,
        };
        found = next.map_or(Val::Nil, held);
    }
    found
}

fn lookup<'a>(pairs: &'a [(String, Value)], key: &str) -> Option<&'a Value> {
    let found = pairs.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| value)
}

fn root(path: Path, context: Context<'_>) -> Val<'_> {
    let event = context.event;
    let pair = |pairs, key| lookup(pairs, key).map_or(Val::Nil, held);
    match path {
        Path::Attributes => match context.happening.map(|held| held.get("attributes")) {
            Some(Some(Value::Map(pairs))) => Val::Pairs(pairs),
            Some(_) => Val::Nil,
            None => Val::Pairs(&event.attributes),
        },
        Path::ResourceAttributes => Val::Pairs(&event.resource),
        Path::ScopeAttributes => Val::Pairs(&event.scope),
        // The scope without a name has the empty name.
        Path::ScopeName | Path::ScopeVersion => {
            let key = if path == Path::ScopeName {
                "name"
            } else {
                "version"
            };
            match pair(&event.scope, key) {
                Val::Nil => Val::Text(""),
                found => found,
            }
        }
        Path::Name if context.is_span => Val::Text(&event.name),
        Path::Name => match context.happening.and_then(|held| held.get("name")) {
            Some(name) => held(name),
            // An exception that was lifted out of its span.
            None => Val::Text("exception"),
        },
        Path::Kind => Val::Int(kind(event)),
        Path::KindText => Val::Text(KINDS.get(kind(event) as usize).copied().unwrap_or_default()),
        Path::StatusCode => Val::Int(match event.status {
            SpanStatus::Unset => 0,
            SpanStatus::Ok => 1,
            SpanStatus::Error => 2,
        }),
        Path::StatusMessage => Val::Text(event.body.as_str().unwrap_or_default()),
        Path::TraceState => Val::Text(&event.trace_state),
        Path::TraceId => id(event.trace_id.map(|id| id.to_string())),
        Path::SpanId => id(event.span_id.map(|id| id.to_string())),
        Path::ParentSpanId => id(event.parent_span_id.map(|id| id.to_string())),
        Path::StartNs => Val::Int(event.time_unix_ns.cast_signed()),
        Path::EndNs => Val::Int(event.end_unix_ns.cast_signed()),
        Path::Start => Val::Time(event.time_unix_ns),
        Path::End => Val::Time(event.end_unix_ns),
        Path::EventNs => Val::Int(event_ns(context).cast_signed()),
        Path::EventTime => Val::Time(event_ns(context)),
    }
}

/// An id as text; one that is not there as the empty text, which `nil` does not equal there
/// either, but `""` does.
fn id<'a>(id: Option<String>) -> Val<'a> {
    Val::Made(Zeroizing::new(id.unwrap_or_default()))
}

fn event_ns(context: Context<'_>) -> u64 {
    match context.happening.and_then(|held| held.get("time_unix_ns")) {
        Some(Value::Int(ns)) => ns.cast_unsigned(),
        _ => context.event.time_unix_ns,
    }
}

const KINDS: [&str; 6] = [
    "Unspecified",
    "Internal",
    "Server",
    "Client",
    "Producer",
    "Consumer",
];

fn kind(event: &Event) -> i64 {
    match event.attribute_str(attr::SPAN_KIND) {
        Some("internal") => 1,
        Some("server") => 2,
        Some("client") => 3,
        Some("producer") => 4,
        Some("consumer") => 5,
        _ => 0,
    }
}

fn math<'a>(sign: Sign, left: &Val<'a>, right: &Val<'a>) -> Result<Val<'a>> {
    let whole = |a: i64, b: i64| match sign {
        Sign::Add => a.checked_add(b),
        Sign::Subtract => a.checked_sub(b),
        Sign::Multiply => a.checked_mul(b),
        Sign::Divide => a.checked_div(b),
    };
    let real = |a: f64, b: f64| match sign {
        Sign::Add => a + b,
        Sign::Subtract => a - b,
        Sign::Multiply => a * b,
        Sign::Divide => a / b,
    };
    let is_sum = matches!(sign, Sign::Add | Sign::Subtract);
    match (left, right) {
        (Val::Int(a), Val::Int(b)) => whole(*a, *b).map(Val::Int).ok_or(Failed),
        (Val::Float(a), Val::Float(b)) => Ok(Val::Float(real(*a, *b))),
        (Val::Int(a), Val::Float(b)) => Ok(Val::Float(real(*a as f64, *b))),
        (Val::Float(a), Val::Int(b)) => Ok(Val::Float(real(*a, *b as f64))),
        (Val::Time(a), Val::Time(b)) if sign == Sign::Subtract => {
            Ok(Val::Duration(a.cast_signed().wrapping_sub(b.cast_signed())))
        }
        (Val::Time(a), Val::Duration(b)) if is_sum => {
            let sum = whole(a.cast_signed(), *b).ok_or(Failed)?;
            Ok(Val::Time(sum.cast_unsigned()))
        }
        (Val::Duration(a), Val::Duration(b)) if is_sum => {
            whole(*a, *b).map(Val::Duration).ok_or(Failed)
        }
        _ => Err(Failed),
    }
}

/// A value as text, as `StringLikeGetter` makes it; nothing of nothing.
fn written(value: &Val<'_>) -> Option<Zeroizing<String>> {
    let mut out = Wiped::default();
    match value {
        Val::Nil | Val::Held(Value::Null) | Val::Pairs(_) | Val::List(_) => return None,
        Val::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Val::Int(n) | Val::Duration(n) => out.show(n),
        Val::Time(n) => out.show(n),
        Val::Float(n) => out.show(n),
        Val::Text(text) => out.push_str(text),
        Val::Made(text) => out.push_str(text),
        Val::Held(value) => spell(value, &mut out, 0),
    }
    Some(out.into_text())
}

/// Text of characters, each for itself, as in Go.
fn spelled(chars: impl Iterator<Item = char>) -> Zeroizing<String> {
    let mut out = Wiped::default();
    chars.for_each(|c| out.push_str(c.encode_utf8(&mut [0; 4])));
    out.into_text()
}

/// A list or map in the words of JSON.
fn spell(value: &Value, out: &mut Wiped, depth: usize) {
    if depth > CONDITION_DEPTH_MAX {
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(n) => out.show(n),
        Value::Double(n) => out.show(n),
        Value::String(text) => {
            out.push_str("\"");
            out.push_str(text);
            out.push_str("\"");
        }
        Value::Bytes(bytes) => bytes.iter().for_each(|b| out.show(format_args!("{b:02x}"))),
        Value::Array(items) => {
            out.push_str("[");
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                spell(item, out, depth + 1);
            }
            out.push_str("]");
        }
        Value::Map(pairs) => {
            out.push_str("{");
            for (i, (key, item)) in pairs.iter().enumerate() {
                out.push_str(if i > 0 { ",\"" } else { "\"" });
                out.push_str(key);
                out.push_str("\":");
                spell(item, out, depth + 1);
            }
            out.push_str("}");
        }
    }
}

fn call<'a>(converter: Converter, arguments: &[Val<'a>], context: Context<'a>) -> Result<Val<'a>> {
    use Converter as C;
    let first = arguments.first().unwrap_or(&Val::Nil);
    let second = arguments.get(1).unwrap_or(&Val::Nil);
    Ok(match converter {
        C::IsString => Val::Bool(text(first).is_some()),
        C::IsInt => Val::Bool(matches!(first, Val::Int(_))),
        C::IsDouble => Val::Bool(matches!(first, Val::Float(_))),
        C::IsBool => Val::Bool(matches!(first, Val::Bool(_))),
        C::IsMap => Val::Bool(matches!(first, Val::Held(Value::Map(_)) | Val::Pairs(_))),
        C::IsList => Val::Bool(matches!(first, Val::Held(Value::Array(_)) | Val::List(_))),
        C::IsRootSpan => Val::Bool(context.event.parent_span_id.is_none()),
        C::HasPrefix | C::HasSuffix => {
            let (whole, part) = (text(first).ok_or(Failed)?, text(second).ok_or(Failed)?);
            Val::Bool(if converter == C::HasPrefix {
                whole.starts_with(part)
            } else {
                whole.ends_with(part)
            })
        }
        C::ContainsValue => match first {
            Val::List(items) => Val::Bool(items.iter().any(|item| equal(item, second))),
            Val::Held(Value::Array(items)) => {
                Val::Bool(items.iter().any(|item| equal(&held(item), second)))
            }
            _ => return Err(Failed),
        },
        C::Concat | C::Substring | C::ToLowerCase | C::ToUpperCase | C::Len => {
            of_text(converter, arguments)?
        }
        C::Int => whole(first),
        C::Double => match first {
            Val::Int(n) => Val::Float(*n as f64),
            Val::Float(n) => Val::Float(*n),
            Val::Bool(truth) => Val::Float(f64::from(u8::from(*truth))),
            other => text(other)
                .and_then(|t| t.parse().ok())
                .map_or(Val::Nil, Val::Float),
        },
        C::String => written(first).map_or(Val::Nil, Val::Made),
        _ => of_time(converter, first)?,
    })
}

fn whole<'a>(value: &Val<'a>) -> Val<'a> {
    match value {
        Val::Int(n) => Val::Int(*n),
        Val::Float(n) => Val::Int(*n as i64),
        Val::Bool(truth) => Val::Int(i64::from(*truth)),
        other => text(other)
            .and_then(|t| t.parse().ok())
            .map_or(Val::Nil, Val::Int),
    }
}

fn of_text<'a>(converter: Converter, arguments: &[Val<'a>]) -> Result<Val<'a>> {
    use Converter as C;
    let first = arguments.first().unwrap_or(&Val::Nil);
    let made = match converter {
        C::Len => {
            let length = match first {
                Val::Held(Value::Array(items)) => items.len(),
                Val::Held(Value::Map(pairs)) => pairs.len(),
                Val::Held(Value::Bytes(bytes)) => bytes.len(),
                Val::Pairs(pairs) => pairs.len(),
                Val::List(items) => items.len(),
                other => text(other).ok_or(Failed)?.len(),
            };
            return Ok(Val::Int(length as i64));
        }
        C::ToLowerCase => {
            let chars = text(first).ok_or(Failed)?.chars();
            return Ok(Val::Made(spelled(chars.flat_map(char::to_lowercase))));
        }
        C::ToUpperCase => {
            let chars = text(first).ok_or(Failed)?.chars();
            return Ok(Val::Made(spelled(chars.flat_map(char::to_uppercase))));
        }
        C::Concat => {
            let Val::List(items) = first else {
                return Err(Failed);
            };
            let between = arguments.get(1).and_then(text).ok_or(Failed)?;
            let mut out = Wiped::default();
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { between } else { "" });
                out.push_str(written(item).as_deref().map_or("<nil>", String::as_str));
            }
            return Ok(Val::Made(out.into_text()));
        }
        _ => {
            let (Some(Val::Int(start)), Some(Val::Int(length))) =
                (arguments.get(1), arguments.get(2))
            else {
                return Err(Failed);
            };
            let start = usize::try_from(*start).map_err(|_| Failed)?;
            let end = start.saturating_add(usize::try_from(*length).map_err(|_| Failed)?);
            let part = text(first).ok_or(Failed)?.get(start..end);
            part.ok_or(Failed)?.to_owned()
        }
    };
    Ok(Val::Made(Zeroizing::new(made)))
}

fn of_time<'a>(converter: Converter, value: &Val<'a>) -> Result<Val<'a>> {
    use Converter as C;
    let duration = |unit: f64| match value {
        Val::Duration(ns) => Ok(Val::Float(*ns as f64 / unit)),
        _ => Err(Failed),
    };
    let duration_whole = |unit: i64| match value {
        Val::Duration(ns) => Ok(Val::Int(ns / unit)),
        _ => Err(Failed),
    };
    let time = |unit: u64| match value {
        Val::Time(ns) => Ok(Val::Int((ns / unit).cast_signed())),
        _ => Err(Failed),
    };
    match converter {
        C::Nanoseconds => duration_whole(1),
        C::Microseconds => duration_whole(1_000),
        C::Milliseconds => duration_whole(1_000_000),
        C::Seconds => duration(1e9),
        C::Minutes => duration(60e9),
        C::Hours => duration(3600e9),
        C::UnixNano => time(1),
        C::UnixMicro => time(1_000),
        C::UnixMilli => time(1_000_000),
        _ => time(1_000_000_000),
    }
}
