//! What the clean lines of a room tell.

use cordon_diagnose::plain::{self, PlainLogs};
use serde_json::{Value, json};

use crate::Error;

/// What every source is taken for.
pub(crate) const KIND: &str = "logs";

/// Clean sources, as far as they tell of an incident.
#[derive(Default)]
pub(crate) struct Incident {
    sources: Vec<(String, Vec<String>)>,
}

impl Incident {
    /// The next lines are those of a source.
    pub(crate) fn begin(&mut self, name: &str, kind: Option<&str>) -> Result<(), Error> {
        if kind.is_some_and(|kind| kind != KIND) {
            return Err(Error::Request("`kind` is not one of: logs"));
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
}
