//! The walk over an event: every text, name, number and byte in it.

use cordon_detect::utf16;
use cordon_event::{Event, Value, attr};

use crate::redactor::Redactor;
use crate::work::{Name, Work, holds_value, listed, paired};

/// Redacts every field. Identifiers of the event itself are known not to be secrets.
pub(crate) fn event(work: &mut Work<'_>, mut event: Event) -> Event {
    work.safe = own_ids(&event);
    event.name = work.text(&event.name, Name::default(), "name");
    event.trace_state = work.text(&event.trace_state, Name::default(), "trace_state");
    event.body = value(work, event.body, Name::default(), "body");
    event.attributes = pairs(work, event.attributes, Name::default(), "attributes");
    event.resource = pairs(work, event.resource, Name::default(), "resource");
    event.scope = pairs(work, event.scope, Name::default(), "scope");
    event
}

fn own_ids(event: &Event) -> Vec<String> {
    let mut ids: Vec<String> = event.trace_id.iter().map(ToString::to_string).collect();
    ids.extend(event.span_id.iter().map(ToString::to_string));
    ids.extend(event.parent_span_id.iter().map(ToString::to_string));
    let names = [
        "request.id",
        "request_id",
        "http.request.id",
        "vcs.ref.head.revision",
        "service.version",
        "service.instance.id",
        "git.commit.sha",
        "k8s.pod.uid",
        "container.id",
    ];
    for (key, value) in event.attributes.iter().chain(&event.resource) {
        let technical = |text: &&str| {
            text.len() <= 64
                && text
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'.'))
        };
        if names.contains(&key.as_str()) {
            ids.extend(value.as_str().filter(technical).map(str::to_owned));
        }
    }
    ids
}

fn pairs(
    work: &mut Work<'_>,
    all: Vec<(String, Value)>,
    name: Name<'_>,
    path: &str,
) -> Vec<(String, Value)> {
    let said = paired(all.iter().map(|(k, v)| (k.as_str(), v.as_str()))).map(str::to_owned);
    let mut out = Vec::with_capacity(all.len());
    for (key, inner) in all {
        let clean = work.key(&key, path);
        let governing = if holds_value(&key) {
            said.as_deref().unwrap_or(&key)
        } else {
            &key
        };
        let below = format!("{path}.{clean}");
        let inner = value(work, inner, name.under(governing), &below);
        out.push((clean, inner));
    }
    out
}

fn value(work: &mut Work<'_>, any: Value, name: Name<'_>, path: &str) -> Value {
    match any {
        Value::Null | Value::Bool(_) => any,
        Value::Int(n) => work
            .number(&n.to_string(), name, path)
            .map_or(any, Value::String),
        Value::Double(n) => {
            let text = if n.fract() == 0.0 {
                format!("{n:.0}")
            } else {
                n.to_string()
            };
            work.number(&text, name, path).map_or(any, Value::String)
        }
        Value::String(text) => Value::String(work.text(&text, name, path)),
        Value::Bytes(bytes) => blob(work, bytes, name, path),
        Value::Map(all) => Value::Map(pairs(work, all, name, path)),
        Value::Array(items) => {
            let texts: Vec<Option<String>> = items
                .iter()
                .map(|v| v.as_str().map(str::to_owned))
                .collect();
            let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            let items = items.into_iter().enumerate().map(|(i, item)| {
                let named = Name {
                    key: listed(&texts, i).or(name.key),
                };
                value(work, item, named, path)
            });
            Value::Array(items.collect())
        }
    }
}

/// Bytes: the text in them, of whatever encoding. Where something is found in it, the clean text
/// stands for the bytes.
fn blob(work: &mut Work<'_>, bytes: Vec<u8>, name: Name<'_>, path: &str) -> Value {
    let text = match utf16(&bytes) {
        Some(text) => text,
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let clean = work.text(&text, name, path);
    if clean == text {
        Value::Bytes(bytes)
    } else {
        Value::String(clean)
    }
}

/// The second scan: the first rule that hits anything in the clean event.
pub(crate) fn late(redactor: &Redactor, event: &Event) -> Option<&'static str> {
    let safe = own_ids(event);
    let scan = redactor.second();
    let in_pairs = |all: &[(String, Value)]| {
        all.iter().find_map(|(k, v)| {
            scan.hit(k, &safe)
                .or_else(|| late_value(redactor, v, &safe))
        })
    };
    scan.hit(&event.name, &safe)
        .or_else(|| scan.hit(&event.trace_state, &safe))
        .or_else(|| late_value(redactor, &event.body, &safe))
        .or_else(|| in_pairs(&event.attributes))
        .or_else(|| in_pairs(&event.resource))
        .or_else(|| in_pairs(&event.scope))
}

fn late_value(redactor: &Redactor, value: &Value, safe: &[String]) -> Option<&'static str> {
    match value {
        Value::String(text) => redactor.second().hit(text, safe),
        Value::Bytes(bytes) => redactor.second().hit(&String::from_utf8_lossy(bytes), safe),
        Value::Int(n) => redactor.second().hit(&n.to_string(), safe),
        Value::Array(items) => items.iter().find_map(|v| late_value(redactor, v, safe)),
        Value::Map(pairs) => pairs.iter().find_map(|(k, v)| {
            redactor
                .second()
                .hit(k, safe)
                .or_else(|| late_value(redactor, v, safe))
        }),
        _ => None,
    }
}

/// Names that may be said of a quarantined event.
const KNOWN_NAMES: &[&str] = &[
    attr::EXCEPTION_TYPE,
    attr::EXCEPTION_MESSAGE,
    attr::EXCEPTION_STACKTRACE,
    attr::CODE_FUNCTION_NAME,
    attr::SERVICE_NAME,
    attr::SERVICE_VERSION,
    attr::CALL_ARGUMENTS,
    attr::CALL_RESULT,
    attr::CALL_EXPECTATION,
    attr::CALL_FLAGS,
    attr::CALL_ENVIRONMENT,
    attr::CALL_TIME,
    attr::CALL_SEED,
    "http.url",
    "url.full",
    "url.path",
    "url.query",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "db.statement",
    "db.query.text",
    "db.system",
    "telemetry.sdk.name",
    "host.name",
    "code.file.path",
];

/// Paths of the fields that an event has, as far as their names are known.
pub(crate) fn paths(event: &Event) -> Vec<String> {
    let mut out = Vec::new();
    if !event.name.is_empty() {
        out.push("name".to_owned());
    }
    if event.body != Value::Null {
        out.push("body".to_owned());
    }
    for (group, all) in [
        ("attributes", &event.attributes),
        ("resource", &event.resource),
    ] {
        let known = all
            .iter()
            .filter(|(key, _)| KNOWN_NAMES.contains(&key.as_str()));
        out.extend(known.map(|(key, _)| format!("{group}.{key}")));
    }
    out
}
