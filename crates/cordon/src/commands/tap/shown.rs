//! An event as one line: what decision 0008 lets be shown of it.
//!
//! Severity, service, names, messages and exceptions are shown as redacted, pseudonyms by their
//! kind; fields that are technical by convention or by configuration with their values; of others
//! that they are there.

use cordon_assist::{generalise, printable, utc, value_text};
use cordon_event::{Entry, Event, Quarantined, Value, attr};
use serde_json::{Map, Value as Json, json};

/// Characters of one value.
const VALUE_CHARACTERS_MAX: usize = 160;
/// Fields of one event whose values are shown.
const FIELDS_COUNT_MAX: usize = 16;
/// Fields that are shown as messages are.
const MESSAGES: [&str; 2] = ["exception.type", "exception.message"];

/// For people.
pub(super) fn text(entry: &Entry, technical: &[String]) -> String {
    let event = match entry {
        Entry::Quarantined(held) => return quarantined(held),
        Entry::Event(event) => event,
    };
    let mut parts = vec![utc(event.time_unix_ns)];
    let severity = severity(event);
    if !severity.is_empty() {
        parts.push(severity.to_owned());
    }
    let service = clean(event.service());
    if !service.is_empty() {
        parts.push(format!("{service}:"));
    }
    for said in [&event.name, body(event)] {
        let said = clean(said);
        if !said.is_empty() {
            parts.push(said);
        }
    }
    let (shown, others) = fields(event, technical);
    parts.extend(shown.iter().map(|(key, value)| format!("{key}={value}")));
    if others > 0 {
        parts.push(format!("(+{others} fields)"));
    }
    let mut line = parts.join(" ");
    line.push('\n');
    line
}

/// For programs: one object.
pub(super) fn json(entry: &Entry, technical: &[String]) -> String {
    let mut row = match entry {
        Entry::Quarantined(held) => json!({
            "quarantined": printable(&held.reason),
            "rule": printable(&held.rule),
            "service": clean(&held.source),
        }),
        Entry::Event(event) => {
            let (shown, others) = fields(event, technical);
            let shown: Map<String, Json> = shown
                .into_iter()
                .map(|(key, value)| (key, Json::String(value)))
                .collect();
            json!({
                "time_unix_ns": event.time_unix_ns,
                "severity": severity(event),
                "service": clean(event.service()),
                "name": clean(&event.name),
                "body": clean(body(event)),
                "fields": shown,
                "fields_not_shown": others,
            })
        }
    };
    if let Some(row) = row.as_object_mut() {
        row.insert("schema".to_owned(), json!("cordon.tap"));
        row.insert("version".to_owned(), json!(1));
    }
    format!("{row}\n")
}

fn quarantined(held: &Quarantined) -> String {
    let (reason, rule) = (printable(&held.reason), printable(&held.rule));
    let source = clean(&held.source);
    format!("quarantined reason={reason} rule={rule} service={source}\n")
}

fn body(event: &Event) -> &str {
    event.body.as_str().unwrap_or_default()
}

/// Ranges of OTLP's severity numbers.
fn severity(event: &Event) -> &'static str {
    match event.severity.0 {
        0 => "",
        1..=4 => "TRACE",
        5..=8 => "DEBUG",
        9..=12 => "INFO",
        13..=16 => "WARN",
        17..=20 => "ERROR",
        _ => "FATAL",
    }
}

/// Text as it may be shown.
fn clean(text: &str) -> String {
    let whole = generalise(&printable(text));
    let mut characters = whole.chars();
    let mut shown: String = characters.by_ref().take(VALUE_CHARACTERS_MAX).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Fields whose values may be shown, and how many others there are. The service is told already.
fn fields(event: &Event, technical: &[String]) -> (Vec<(String, String)>, usize) {
    let body = match &event.body {
        Value::Map(pairs) => pairs.as_slice(),
        _ => &[],
    };
    let all = event.attributes.iter().chain(&*event.resource).chain(body);
    let (mut shown, mut others) = (Vec::new(), 0);
    for (key, value) in all.filter(|(key, _)| key != attr::SERVICE_NAME) {
        let may = attr::is_technical(key)
            || MESSAGES.contains(&key.as_str())
            || technical.iter().any(|name| name == key);
        match value_text(value) {
            Some(value) if may && shown.len() < FIELDS_COUNT_MAX => {
                shown.push((printable(key), clean(&value)));
            }
            _ => others += 1,
        }
    }
    (shown, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_classified_is_counted_and_what_is_technical_is_shown() {
        let event = Event {
            time_unix_ns: 1_700_000_000_000_000_000,
            severity: cordon_event::Severity::ERROR,
            body: "cart of user_aaaaaaaaaaaaaaaaaaaaaaaa failed\u{1b}[2J".into(),
            attributes: vec![
                ("http.route".to_owned(), "/cart".into()),
                ("plan".to_owned(), "gold".into()),
                ("diagnosis".to_owned(), "private".into()),
            ],
            ..Event::default()
        };
        let entry = Entry::Event(event);
        let line = text(&entry, &["plan".to_owned()]);
        assert!(
            line.contains("http.route=/cart plan=gold (+1 fields)"),
            "{line}"
        );
        assert!(
            !line.contains("private") && !line.contains('\u{1b}'),
            "{line}"
        );
        let row: Json = serde_json::from_str(&json(&entry, &[])).unwrap();
        assert_eq!(row["fields_not_shown"], 2);
        assert_eq!(row["severity"], "ERROR");
        let held = Entry::Quarantined(Quarantined {
            reason: "canary".to_owned(),
            rule: "canary".to_owned(),
            paths: vec!["attributes.diagnosis".to_owned()],
            source: "shop".to_owned(),
            removed: Vec::new(),
            ..Quarantined::default()
        });
        assert_eq!(
            text(&held, &[]),
            "quarantined reason=canary rule=canary service=shop\n"
        );
    }
}
