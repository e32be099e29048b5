//! What the clean lines of a room tell.

use cordon_diagnose::plain::{self, PlainLogs};
use serde_json::{Value, json};

use crate::{Document, Error};

/// Clean sources, as far as they tell of an incident.
#[derive(Default)]
pub(crate) struct Incident {
    sources: Vec<(String, Vec<String>)>,
}

impl Incident {
    /// The next lines are those of a source.
    pub(crate) fn begin(&mut self, name: &str, kind: Option<&str>) -> Result<(), Error> {
        if kind.is_some_and(|kind| kind != "logs") {
            return Err(Error::Request("`kind` is not one of logs"));
        }
        self.sources.push((name.to_owned(), Vec::new()));
        Ok(())
    }

    /// A clean line.
    pub(crate) fn push(&mut self, line: &str) {
        if let Some((_, lines)) = self.sources.last_mut() {
            lines.push(line.to_owned());
        }
    }

    /// The source is complete.
    pub(crate) fn end(&mut self) {}

    /// What the open source was taken for.
    pub(crate) fn kind(&self) -> &'static str {
        "logs"
    }

    /// All that is told; `clean` looks every quoted text over once more.
    pub(crate) fn report(&mut self, clean: &mut dyn FnMut(&mut String)) -> Value {
        let mut logs = PlainLogs::new();
        for (name, lines) in &self.sources {
            logs.begin_file(name);
            for line in lines {
                logs.add(line);
            }
        }
        let mut report = logs.diagnose();
        report.texts(clean);
        json!({"schema": "cordon.room", "version": 1, "diagnosis": plain::json(&report)})
    }

    /// What differs between two sources.
    pub(crate) fn compare(&self, _: usize, _: usize) -> Value {
        Value::Null
    }

    /// A draft of a postmortem.
    pub(crate) fn draft(report: &Value, given: &Value) -> Value {
        json!({"report": report, "given": given})
    }

    /// The draft as a document.
    pub(crate) fn written(draft: &Value, format: Document) -> String {
        match format {
            Document::Json | Document::Markdown | Document::Html => draft.to_string(),
        }
    }
}
