//! Reports that browsers send: content security policy, Expect-CT, Expect-Staple, HPKP, and the
//! Reporting API's list (<https://www.w3.org/TR/reporting-1/>), network errors among them.
//!
//! A report becomes a warning whose body says what was violated; its members stay nested below
//! `sentry.report`. Addresses in it are the visitor's way through a site: redaction sees them all.

use cordon_event::{Event, Severity, Value};

use super::items::push;
use super::members::{put, take, take_map, take_text};
use super::tally::Outcome;
use crate::error::Code;
use crate::sink::{Pairs, Sink};

/// Names of the member that holds a report, each with what it is called.
const REPORTS: [(&str, &str); 3] = [
    ("csp-report", "csp"),
    ("expect-ct-report", "expect_ct"),
    ("expect-staple-report", "expect_staple"),
];

/// Reads one report, or a list of them.
pub(super) fn reports(value: Value, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    match value {
        Value::Map(pairs) => match report(pairs) {
            Some(event) => push(event, sink),
            None => Ok(Outcome::Malformed),
        },
        Value::Array(items) => {
            let mut outcome = Outcome::Malformed;
            for item in items {
                let Value::Map(pairs) = item else {
                    sink.reject();
                    continue;
                };
                match report(pairs) {
                    Some(event) => outcome = push(event, sink)?,
                    None => sink.reject(),
                }
            }
            Ok(outcome)
        }
        _ => Ok(Outcome::Malformed),
    }
}

fn report(mut pairs: Pairs) -> Option<Event> {
    for (member, name) in REPORTS {
        if let Some(inner) = take_map(&mut pairs, member) {
            return Some(event(name, inner, pairs));
        }
    }
    if pairs.iter().any(|(key, _)| key == "known-pins") {
        return Some(event("hpkp", pairs, Pairs::new()));
    }
    // The Reporting API: what happened is the type, and the body tells of it.
    let kind = take_text(&mut pairs, "type")?;
    let inner = take_map(&mut pairs, "body")?;
    let known = [
        "csp-violation",
        "network-error",
        "deprecation",
        "intervention",
        "crash",
    ];
    let name = known.iter().find(|name| **name == kind).copied();
    let name = name.unwrap_or("report").replace('-', "_");
    if name == "report" {
        pairs.push(("type".to_owned(), Value::String(kind)));
    }
    Some(event(&name, inner, pairs))
}

fn event(name: &str, mut inner: Pairs, mut beside: Pairs) -> Event {
    let text = |keys: [&str; 2]| {
        let find = |key: &&str| inner.iter().find(|(name, _)| name == *key);
        let found = keys.iter().find_map(find)?;
        found.1.as_str().map(str::to_owned)
    };
    let directive = text(["effective-directive", "effectiveDirective"])
        .or_else(|| text(["violated-directive", "violatedDirective"]));
    let what = directive.or_else(|| text(["type", "message"]));
    let blocked = text(["blocked-uri", "blockedURL"]);
    let agent = take(&mut beside, "user_agent").or_else(|| take(&mut inner, "user_agent"));
    let body = match (&what, &blocked) {
        (Some(what), Some(blocked)) => format!("{name}: {what} blocked {blocked}"),
        (Some(what), None) => format!("{name}: {what}"),
        (None, _) => name.to_owned(),
    };
    let mut event = Event {
        name: format!("security.{name}"),
        severity: Severity::WARN,
        body: Value::String(body),
        ..Event::default()
    };
    let agent = agent.and_then(|agent| agent.as_str().map(str::to_owned));
    put(&mut event.attributes, "user_agent.original", agent);
    let report = ("sentry.report".to_owned(), Value::Map(inner));
    event.attributes.push(report);
    for (key, value) in beside {
        event
            .attributes
            .push((format!("sentry.report.{key}"), value));
    }
    event
}
