//! Members of a JSON object, taken by name; what nobody takes is kept under its own name.

use cordon_event::{SpanId, TraceId, Value};

use crate::otlp_json;
use crate::sink::Pairs;
use crate::time::unix_ns;

/// What a member is called that has no name among the semantic conventions.
const PREFIX: &str = "sentry.";

/// Takes the first member of that name; a null is none.
pub(super) fn take(pairs: &mut Pairs, key: &str) -> Option<Value> {
    let at = pairs.iter().position(|(name, _)| name == key)?;
    let (_, value) = pairs.remove(at);
    (value != Value::Null).then_some(value)
}

/// Takes a text; another value stays.
pub(super) fn take_text(pairs: &mut Pairs, key: &str) -> Option<String> {
    let is_text = |(name, value): &(String, Value)| name == key && value.as_str().is_some();
    let at = pairs.iter().position(is_text)?;
    match pairs.remove(at).1 {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Takes a time; one that cannot be read stays.
pub(super) fn take_time(pairs: &mut Pairs, key: &str) -> Option<u64> {
    let at = pairs.iter().position(|(name, _)| name == key)?;
    let (_, value) = pairs.get(at)?;
    let found = unix_ns(value)?;
    pairs.remove(at);
    Some(found)
}

/// Takes an object's members.
pub(super) fn take_map(pairs: &mut Pairs, key: &str) -> Option<Pairs> {
    let at = pairs
        .iter()
        .position(|(name, value)| name == key && matches!(value, Value::Map(_)))?;
    match pairs.remove(at).1 {
        Value::Map(inner) => Some(inner),
        _ => None,
    }
}

/// Takes a list: as it is, or the `values` of an object, as older SDKs write.
pub(super) fn take_list(pairs: &mut Pairs, key: &str) -> Option<Vec<Value>> {
    let at = pairs.iter().position(|(name, _)| name == key)?;
    match pairs.remove(at).1 {
        Value::Array(items) => Some(items),
        Value::Map(mut inner) if matches!(inner.first(), Some((name, _)) if name == "values") => {
            match take(&mut inner, "values") {
                Some(Value::Array(items)) => Some(items),
                _ => None,
            }
        }
        other => {
            pairs.insert(at, (key.to_owned(), other));
            None
        }
    }
}

/// Takes a trace id; one that is none stays. Dashes are left out.
pub(super) fn take_trace(pairs: &mut Pairs, key: &str) -> Option<TraceId> {
    take_id(pairs, key).map(TraceId)
}

/// Takes a span id.
pub(super) fn take_span(pairs: &mut Pairs, key: &str) -> Option<SpanId> {
    take_id(pairs, key).map(SpanId)
}

fn take_id<const N: usize>(pairs: &mut Pairs, key: &str) -> Option<[u8; N]> {
    let at = pairs.iter().position(|(name, _)| name == key)?;
    let (_, value) = pairs.get(at)?;
    let plain = value.as_str()?.replace('-', "");
    let found = otlp_json::id(&Value::String(plain))?;
    pairs.remove(at);
    Some(found)
}

/// The object that pairs are: a list of `[name, value]` becomes one as well.
pub(super) fn as_map(value: Value) -> Value {
    let Value::Array(items) = value else {
        return value;
    };
    let is_pair = |item: &Value| match item {
        Value::Array(two) => matches!(two.as_slice(), [Value::String(_), _]),
        _ => false,
    };
    if items.is_empty() || !items.iter().all(is_pair) {
        return Value::Array(items);
    }
    let pair = |item: Value| -> Option<(String, Value)> {
        let Value::Array(two) = item else { return None };
        let [Value::String(key), value] = <[Value; 2]>::try_from(two).ok()? else {
            return None;
        };
        Some((key, value))
    };
    Value::Map(items.into_iter().filter_map(pair).collect())
}

/// Adds a text where there is one.
pub(super) fn put(to: &mut Pairs, key: &str, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        to.push((key.to_owned(), Value::String(text)));
    }
}

/// Keeps what nobody took, under its own name below `sentry.`; nulls and what is empty tell
/// nothing.
pub(super) fn keep_rest(to: &mut Pairs, rest: Pairs) {
    for (key, value) in rest {
        let is_empty = match &value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            _ => false,
        };
        if !is_empty {
            to.push((format!("{PREFIX}{key}"), value));
        }
    }
}

/// `{"value": …, "type": …}` of a log's attributes becomes the value.
pub(super) fn typed(value: Value) -> Value {
    match value {
        Value::Map(mut pairs) if pairs.iter().any(|(key, _)| key == "value") => {
            match take(&mut pairs, "value") {
                Some(found) => found,
                None => Value::Null,
            }
        }
        other => other,
    }
}
