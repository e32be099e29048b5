//! The way of an input: decoded and redacted as what a server receives.

use std::collections::HashMap;

use anyhow::Context as _;
use cordon_assist::generalise;
use cordon_event::{Entry, Event, Raw, Region, TenantId, Value};
use cordon_receive::{
    Error, Format as Body, Limits, LineIntake, LineReader, Moment, SourceContext, SourceFormat,
    decode,
};
use cordon_redact::{BatchMeta, BatchOutcome, PseudonymMac, Redactor};

use super::case::{Became, Case, Format};
use crate::config::Config;
use crate::{environment, policy};

/// Tenant of cases that name none.
const NOBODY: &str = "test";
/// Region that events are said to be of; no rule looks at it.
const REGION: &str = "test";

/// Decodes and redacts; the policy of each tenant is compiled once.
pub(super) struct Way<'c> {
    config: &'c Config,
    mac: Box<dyn PseudonymMac>,
    redactors: HashMap<Option<String>, Redactor>,
}

impl<'c> Way<'c> {
    /// Under a key that lives as long as this.
    pub(super) fn new(config: &'c Config) -> anyhow::Result<Self> {
        let mac = cordon_vault::ephemeral_mac()?;
        Ok(Self {
            config,
            mac: Box::new(mac),
            redactors: HashMap::new(),
        })
    }

    /// What becomes of a case's input, or the code of its refusal.
    pub(super) fn take(&mut self, case: &Case) -> anyhow::Result<Result<Became, String>> {
        let name = case.tenant.as_deref().unwrap_or(NOBODY);
        let tenant = TenantId::parse(name).with_context(|| format!("read tenant {name:?}"))?;
        let events = match events(case, name) {
            Ok(events) => events,
            Err(Error::Refused { code, .. }) => return Ok(Err(code.as_str().to_owned())),
            Err(error) => return Err(error.into()),
        };
        if !self.redactors.contains_key(&case.tenant) {
            let own = case.tenant.is_some().then_some(&tenant);
            let redactor = policy::redactor(self.config, own, &*self.mac)?;
            self.redactors.insert(case.tenant.clone(), redactor);
        }
        let redactor = self.redactors.get(&case.tenant);
        let redactor = redactor.context("find the policy")?;
        let mut became = Became::default();
        for events in events {
            let meta = BatchMeta {
                tenant: tenant.clone(),
                region: Region::parse(REGION)?,
                request_mac: [0; 32],
                received_unix_ns: environment::now_unix_ns(),
                facts: Vec::new(),
            };
            became.add(&redactor.batch(&*self.mac, events, meta));
        }
        Ok(Ok(became))
    }
}

/// The events of an input, as requests.
fn events(case: &Case, tenant: &str) -> Result<Vec<Raw<Vec<Event>>>, Error> {
    match case.format {
        Format::Text => Ok(of_text(&case.input, tenant)),
        Format::Json => {
            let mut reader = LineReader::new(Limits::default()).of_tenant(tenant);
            let lines = case.input.lines();
            let decoded = lines.map(|line| reader.next_line(line.as_bytes().to_vec()));
            decoded.map(|d| d.map(|d| d.events)).collect()
        }
        Format::Otlp => {
            let (format, body) = of_otlp(&case.input);
            decode(format, body.as_bytes(), &Limits::default()).map(|d| vec![d.events])
        }
    }
}

fn of_text(input: &str, tenant: &str) -> Vec<Raw<Vec<Event>>> {
    let context = SourceContext {
        tenant: Some(tenant.to_owned()),
        ..SourceContext::default()
    };
    let mut intake = LineIntake::new(SourceFormat::Text, context);
    let moment = Moment {
        now_ms: 0,
        unix_ns: environment::now_unix_ns(),
    };
    for (at, line) in input.lines().enumerate() {
        let at = at as u64;
        intake.push(line.as_bytes(), (at, at + 1), moment);
    }
    intake.finish(moment);
    std::iter::from_fn(|| intake.next_ready())
        .map(|(_, (_, events))| events)
        .collect()
}

/// A request of logs or traces; one log record is made a request.
fn of_otlp(input: &str) -> (Body, String) {
    if input.contains("\"resourceSpans\"") {
        (Body::TracesJson, input.to_owned())
    } else if input.contains("\"resourceLogs\"") {
        (Body::LogsJson, input.to_owned())
    } else {
        let request =
            format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{input}]}}]}}]}}");
        (Body::LogsJson, request)
    }
}

impl Became {
    fn add(&mut self, outcome: &BatchOutcome) {
        for (class, rule, _) in &outcome.counts {
            self.classes.insert(class.as_str().to_owned());
            self.rules.insert((*rule).to_owned());
        }
        for (_, entry) in &outcome.batch.get().entries {
            match entry {
                Entry::Quarantined(held) => {
                    self.quarantined.insert(held.reason.clone());
                }
                Entry::Event(event) => self.keep(event),
            }
        }
    }

    fn keep(&mut self, event: &Event) {
        let mut found = Vec::new();
        flat("body", &event.body, &mut found);
        found.push(("name".to_owned(), event.name.clone()));
        for (holder, fields) in [
            ("attributes", &*event.attributes),
            ("resource", &*event.resource),
            ("scope", &*event.scope),
        ] {
            for (key, value) in fields {
                flat(&format!("{holder}.{key}"), value, &mut found);
            }
        }
        if self.kept_count > 0 {
            self.output.push('\n');
        }
        self.kept_count += 1;
        if let Some(body) = event.body.as_str() {
            self.output.push_str(&generalise(body));
        }
        for (path, text) in found {
            self.fields.entry(path).or_insert_with(|| generalise(&text));
        }
    }
}

/// A value's texts by path; of a list, by place.
fn flat(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Null => return,
        Value::Map(pairs) => {
            for (key, value) in pairs {
                flat(&format!("{path}.{key}"), value, found);
            }
            return;
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                flat(&format!("{path}.{at}"), value, found);
            }
            return;
        }
        Value::Bool(is) => is.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
    };
    found.push((path.to_owned(), text));
}

#[cfg(test)]
mod tests {
    use super::super::case;
    use super::*;

    fn check(config: &str, text: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cases.toml");
        std::fs::write(&path, text).unwrap();
        let config: Config = toml::from_str(config).unwrap();
        let mut way = Way::new(&config).unwrap();
        let mut told = Vec::new();
        for case in case::read(&path).unwrap() {
            let faults = match way.take(&case).unwrap() {
                Ok(became) => case.expect.faults(&became),
                Err(code) => {
                    told.push(code);
                    continue;
                }
            };
            told.extend(faults.iter().map(|f| format!("{}: {}", f.what, f.actual)));
        }
        told
    }

    #[test]
    fn each_format_goes_the_way_of_what_is_received() {
        let config = "[tenant.acme.redaction.dictionary]\ncustomers = ['C-20881']\n";
        let cases = r#"
            [[case]]
            name = "text"
            tenant = "acme"
            input = "order of C-20881 by jo@example.org failed"
            expect = { output = "order of <customer> by <email> failed", classes = ["B"] }
            [[case]]
            name = "another tenant's"
            input = "order of C-20881 failed"
            expect = { output = "order of C-20881 failed", kept_as_is = true }
            [[case]]
            name = "json"
            format = "json"
            input = '{"level":"error","message":"no","user":{"email":"jo@example.org"}}'
            [case.expect.fields]
            body = "no"
            "attributes.user.email" = "<email>"
            [[case]]
            name = "record"
            format = "otlp"
            input = '{"body":{"stringValue":"mail jo@example.org"}}'
            expect = { output = "mail <email>" }
            [[case]]
            name = "broken"
            format = "otlp"
            input = '{"body":'
            expect = { kept_as_is = true }
        "#;
        assert_eq!(check(config, cases), ["json_malformed"]);
    }
}
