//! The walk over an event: every text, name, number and byte in it.

use cordon_detect::utf16;
use cordon_event::{Event, Value, attr};
use zeroize::{Zeroize as _, Zeroizing};

use crate::redactor::Redactor;
use crate::work::{Name, Work, holds_value, listed, paired};

/// Redacts every field in its place. Identifiers of the event itself are known not to be secrets.
pub(crate) fn event(work: &mut Work<'_>, event: &mut Event) {
    work.safe = own_ids(event);
    text(work, &mut event.name, Name::default(), "name");
    text(work, &mut event.trace_state, Name::default(), "trace_state");
    value(work, &mut event.body, Name::default(), "body");
    pairs(work, &mut event.attributes, Name::default(), "attributes");
    pairs(work, &mut event.resource, Name::default(), "resource");
    pairs(work, &mut event.scope, Name::default(), "scope");
}

fn text(work: &mut Work<'_>, slot: &mut String, name: Name<'_>, path: &str) {
    let clean = work.text(slot, name, path);
    replace(slot, clean);
}

/// Puts the clean text in the raw one's place, and wipes that.
fn replace(slot: &mut String, clean: String) {
    std::mem::replace(slot, clean).zeroize();
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

fn pairs(work: &mut Work<'_>, all: &mut [(String, Value)], name: Name<'_>, path: &str) {
    let said = paired(all.iter().map(|(k, v)| (k.as_str(), v.as_str()))).map(str::to_owned);
    for (key, inner) in all {
        let clean = work.key(key, path);
        let governing: &str = if holds_value(key) {
            said.as_deref().unwrap_or(key)
        } else {
            &*key
        };
        let below = format!("{path}.{clean}");
        value(work, inner, name.under(governing), &below);
        replace(key, clean);
    }
}

fn value(work: &mut Work<'_>, any: &mut Value, name: Name<'_>, path: &str) {
    match any {
        Value::Null | Value::Bool(_) => {}
        Value::Int(n) => {
            if let Some(clean) = work.number(&n.to_string(), name, path) {
                *any = Value::String(clean);
            }
        }
        Value::Double(n) => {
            if let Some(clean) = work.number(&double_text(*n), name, path) {
                *any = Value::String(clean);
            }
        }
        Value::String(slot) => text(work, slot, name, path),
        Value::Bytes(bytes) => {
            if let Some(clean) = blob(work, bytes, name, path) {
                bytes.zeroize();
                *any = Value::String(clean);
            }
        }
        Value::Map(all) => pairs(work, all, name, path),
        Value::Array(items) => {
            // Names first: an item's name is the item before it, which is replaced before it.
            let texts: Vec<Option<&str>> = items.iter().map(Value::as_str).collect();
            let names: Vec<Option<String>> = (0..items.len())
                .map(|i| listed(&texts, i).map(str::to_owned))
                .collect();
            for (item, own) in items.iter_mut().zip(&names) {
                let key = own.as_deref().or(name.key);
                value(work, item, Name { key }, path);
            }
        }
    }
}

/// A double as its digits stand in a text.
fn double_text(n: f64) -> String {
    if n.fract() == 0.0 {
        format!("{n:.0}")
    } else {
        n.to_string()
    }
}

/// Bytes: the text in them, of whatever encoding. Where something is found in it, the clean text
/// stands for the bytes.
fn blob(work: &mut Work<'_>, bytes: &[u8], name: Name<'_>, path: &str) -> Option<String> {
    let text = match utf16(bytes) {
        Some(text) => text,
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = Zeroizing::new(text);
    let clean = work.text(&text, name, path);
    (clean != *text).then_some(clean)
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
        Value::Double(n) => redactor.second().hit(&double_text(*n), safe),
        Value::Array(items) => items.iter().find_map(|v| late_value(redactor, v, safe)),
        Value::Map(pairs) => pairs.iter().find_map(|(k, v)| {
            redactor
                .second()
                .hit(k, safe)
                .or_else(|| late_value(redactor, v, safe))
        }),
        Value::Null | Value::Bool(_) => None,
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
