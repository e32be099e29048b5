//! An event of Sentry becomes one of ours.
//!
//! A few members have a place: time, level, ids, what emitted it, its message, its exceptions.
//! Their names are those of the semantic conventions. *Everything else stays as it was sent*,
//! below `sentry.`, nested: there is no list of fields that hold personal data and would have to
//! grow with the protocol. Redaction sees every one of them and denies what nobody approved where
//! the policy says so.
//!
//! An event with an exception, or of level error or fatal, is an error report. Another, such as a
//! message of level info, is a log record: what tells of no failure is counted as none.

use cordon_event::{Event, Kind, Severity, Value, attr};

use super::members::{
    as_map, keep_rest, put, take, take_list, take_map, take_span, take_text, take_time, take_trace,
};
use super::origin::resource;
use super::stack;
use crate::sink::Pairs;

/// Longest text that a log message with its parameters becomes.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// The members that events and transactions share.
pub(super) fn common(pairs: &mut Pairs, event: &mut Event) {
    let mut contexts = take_map(pairs, "contexts").unwrap_or_default();
    let tags = take(pairs, "tags").map(as_map);
    event.resource = resource(pairs, &mut contexts, tags.as_ref()).into();
    event.time_unix_ns = take_time(pairs, "timestamp").unwrap_or_default();
    if let Some(mut trace) = take_map(&mut contexts, "trace") {
        event.trace_id = take_trace(&mut trace, "trace_id");
        event.span_id = take_span(&mut trace, "span_id");
        event.parent_span_id = take_span(&mut trace, "parent_span_id");
        if !trace.is_empty() {
            contexts.push(("trace".to_owned(), Value::Map(trace)));
        }
    }
    if let Some(request) = take_map(pairs, "request") {
        self::request(request, event);
    }
    if let Some(logger) = take_text(pairs, "logger") {
        event.scope.push(("name".to_owned(), Value::String(logger)));
    }
    if let Some(items) = take_list(pairs, "breadcrumbs") {
        let crumbs = Value::Array(items);
        pairs.push(("breadcrumbs".to_owned(), crumbs));
    }
    let tags = tags.filter(|tags| *tags != Value::Map(Vec::new()));
    pairs.extend(tags.map(|tags| ("tags".to_owned(), tags)));
    if !contexts.is_empty() {
        pairs.push(("contexts".to_owned(), Value::Map(contexts)));
    }
}

/// What was asked: method and address have names of their own.
fn request(mut request: Pairs, event: &mut Event) {
    let to = &mut event.attributes;
    put(to, "http.request.method", take_text(&mut request, "method"));
    put(to, "url.full", take_text(&mut request, "url"));
    for key in ["headers", "cookies", "env"] {
        // Pairs, as some SDKs write: a name that says secret says it of the value beside it.
        if let Some(value) = take(&mut request, key) {
            request.push((key.to_owned(), as_map(value)));
        }
    }
    if !request.is_empty() {
        to.push(("sentry.request".to_owned(), Value::Map(request)));
    }
}

/// Reads an event.
pub(super) fn event(mut pairs: Pairs) -> Event {
    let mut event = Event::default();
    common(&mut pairs, &mut event);
    let platform = take_text(&mut pairs, "platform").unwrap_or_default();
    let level = take_text(&mut pairs, "level");
    let message = message(&mut pairs);
    let exceptions = exceptions(&mut pairs);
    event.severity = level.as_deref().map_or(Severity::ERROR, severity);
    let told = stack::read(&exceptions, &platform);
    let crashed = || crashed_thread(&pairs).and_then(|thread| stack::of_thread(thread, &platform));
    if let Some(told) = told.or_else(crashed) {
        let to = &mut event.attributes;
        put(to, attr::EXCEPTION_TYPE, Some(told.kind.clone()));
        put(to, attr::EXCEPTION_MESSAGE, Some(told.message.clone()));
        put(to, attr::EXCEPTION_STACKTRACE, told.text);
        put(to, attr::CODE_FUNCTION_NAME, told.function);
        let title = [told.kind, told.message].join(": ");
        let title = title.trim_matches([':', ' ']).to_owned();
        event.body = message.map_or(Value::String(title), Value::String);
    } else if let Some(message) = message {
        event.body = Value::String(message);
    }
    let has_exception = !exceptions.is_empty();
    if has_exception {
        let list = ("exception".to_owned(), Value::Array(exceptions));
        pairs.push(list);
    }
    let is_failure = has_exception || event.severity >= Severity::ERROR;
    event.kind = if is_failure {
        Kind::ErrorReport
    } else {
        Kind::Log
    };
    put(&mut event.attributes, "sentry.platform", Some(platform));
    keep_rest(&mut event.attributes, pairs);
    event
}

/// Sentry's levels: `log` is what JavaScript's console calls info, `sample` is a profile's.
pub(super) fn severity(level: &str) -> Severity {
    match level {
        "log" | "sample" => Severity::INFO,
        other => match Severity::from_name(other) {
            Severity(0) => Severity::ERROR,
            found => found,
        },
    }
}

/// Exceptions, oldest first: a list, an object with `values`, or one object alone.
fn exceptions(pairs: &mut Pairs) -> Vec<Value> {
    if let Some(items) = take_list(pairs, "exception") {
        return items;
    }
    match take(pairs, "exception") {
        Some(one @ Value::Map(_)) => vec![one],
        Some(other) => {
            pairs.push(("exception".to_owned(), other));
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// The thread that crashed, of an event that has no exception.
fn crashed_thread(pairs: &Pairs) -> Option<&Value> {
    let (_, threads) = pairs.iter().find(|(key, _)| key == "threads")?;
    let list = match threads {
        Value::Array(items) => items,
        other => match other.get("values") {
            Some(Value::Array(items)) => items,
            _ => return None,
        },
    };
    let is_crashed = |thread: &&Value| thread.get("crashed") == Some(&Value::Bool(true));
    list.iter().find(is_crashed)
}

/// The message: as it was formatted, or its template with the parameters put in.
fn message(pairs: &mut Pairs) -> Option<String> {
    let entry = take(pairs, "logentry").or_else(|| take(pairs, "sentry.interfaces.Message"));
    let plain = match take(pairs, "message") {
        Some(Value::String(text)) => Some(text),
        // An older form: the entry under the message's name.
        Some(map @ Value::Map(_)) if entry.is_none() => return of_entry(pairs, map),
        Some(other) => {
            pairs.push(("message".to_owned(), other));
            None
        }
        None => None,
    };
    let told = entry.and_then(|entry| of_entry(pairs, entry));
    match (told, plain) {
        (Some(told), Some(plain)) if told != plain => {
            pairs.push(("message".to_owned(), Value::String(plain)));
            Some(told)
        }
        (told, plain) => told.or(plain),
    }
    .filter(|text| !text.is_empty())
}

fn of_entry(pairs: &mut Pairs, entry: Value) -> Option<String> {
    let Value::Map(mut entry) = entry else {
        return match entry {
            Value::String(text) => Some(text),
            _ => None,
        };
    };
    let formatted = take_text(&mut entry, "formatted");
    let template = take_text(&mut entry, "message");
    let text = match (&formatted, &template) {
        (Some(formatted), _) => Some(formatted.clone()),
        (None, Some(template)) => Some(filled(template, params(&entry))),
        (None, None) => None,
    };
    if let Some(template) = template.filter(|template| Some(template) != text.as_ref()) {
        entry.push(("message".to_owned(), Value::String(template)));
    }
    if entry.iter().any(|(_, value)| *value != Value::Null) {
        pairs.push(("logentry".to_owned(), Value::Map(entry)));
    }
    text
}

fn params(entry: &Pairs) -> &[Value] {
    match entry.iter().find(|(key, _)| key == "params") {
        Some((_, Value::Array(items))) => items,
        _ => &[],
    }
}

/// A template with `%s`, `%d`, `%r` or `{}` filled in order; what has no parameter stays.
fn filled(template: &str, params: &[Value]) -> String {
    let mut params = params.iter();
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['%', '{']) {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let mark = ["%s", "%d", "%r", "%i", "%f", "%x", "{}"]
            .into_iter()
            .find(|mark| tail.starts_with(mark));
        let value = mark.and_then(|mark| Some((mark, params.next()?)));
        let taken = if let Some((mark, value)) = value {
            out.push_str(&shown(value));
            mark.len()
        } else {
            out.push_str(tail.get(..1).unwrap_or_default());
            1
        };
        rest = tail.get(taken..).unwrap_or_default();
        if out.len() > MESSAGE_BYTES_MAX {
            break;
        }
    }
    out.push_str(rest);
    out
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(n) => n.to_string(),
        Value::Double(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => "…".to_owned(),
    }
}
