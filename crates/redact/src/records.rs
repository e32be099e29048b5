//! Records that arrive as the items of a list, many in one line: those that hold nothing are told
//! by one look, as lines are, and not walked through text by text.
//!
//! **Invariant:** an item that is left out is one that the walk would leave as it is. It is read by
//! itself, so what stands around it must say nothing of it: the name above it, a private key that
//! is open, a schema, what the policy looks for everywhere.
//!
//! *Limits:* of one text, at most [`LOOKS_MAX`] times its bytes are looked at so.

use cordon_event::limits::TEXT_BYTES_MAX;

use crate::json::Node;
use crate::name::Name;
use crate::work::Work;

/// Fewest items of a list: where one record holds something, a list of few is soon walked.
const ITEMS_COUNT_MIN: usize = 4;
/// Lists within lists are looked at again.
const LOOKS_MAX: usize = 2;

/// Names of lists of records, of which none says anything of what is below it.
const LISTS: &[&str] = &[
    "batch",
    "docs",
    "entries",
    "events",
    "hits",
    "items",
    "logEvents",
    "logRecords",
    "log_records",
    "logs",
    "messages",
    "records",
    "Records",
    "resourceLogs",
    "resourceSpans",
    "resource_logs",
    "resource_spans",
    "results",
    "rows",
    "scopeLogs",
    "scopeSpans",
    "scope_logs",
    "scope_spans",
    "spans",
];

impl Work<'_> {
    /// Whether an item of a list of so many is a record that holds nothing.
    pub(crate) fn is_clean_record(
        &mut self,
        (text, item): (&str, &Node),
        items_count: usize,
        name: Name<'_>,
        depth: usize,
    ) -> bool {
        let Node::Object((start, end), _) = *item else {
            return false;
        };
        let bytes = end - start;
        if items_count < ITEMS_COUNT_MIN || bytes > TEXT_BYTES_MAX || !self.reads_alone(name, depth)
        {
            return false;
        }
        self.skimmed += bytes;
        let redactor = self.redactor;
        let record = text.get(start..end).unwrap_or("");
        self.skimmed <= text.len() * LOOKS_MAX
            && redactor.detector().is_unmarked(record)
            && !(redactor.reads_fields() && redactor.names().may_stand_in(record))
    }

    /// Whether a record below that name is read as one that stands alone.
    fn reads_alone(&self, name: Name<'_>, depth: usize) -> bool {
        let named = name.key.is_some_and(|key| !LISTS.contains(&key));
        let open = self.follows.as_ref().is_some_and(|key| key.is_open());
        let outer = depth == 0 && self.depth == 0;
        let everywhere = self.redactor.looks_everywhere() || self.redactor.minimises();
        outer && !named && !open && !everywhere && self.across_at.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use cordon_detect::{Context, Detector, KeyVerdict, joined, verdict};

    use super::*;
    use crate::pseudonym::ZeroMac;
    use crate::{Policy, Redactor};

    #[test]
    fn names_of_lists_say_nothing() {
        let detector = Detector::default();
        let run = "4f1c9a7e2b8d6053".repeat(2);
        for list in LISTS {
            assert_eq!(verdict(list), KeyVerdict::Unknown, "{list}");
            for member in ["name", "first", "last", "id", "email", "number", "code"] {
                assert_eq!(joined(list, member), None, "{list}");
            }
            let context = Context {
                key: Some(list),
                safe: None,
            };
            for value in [&run, "482913", "hunter2hunter2", "Anna Example"] {
                let alone = Context {
                    key: None,
                    safe: None,
                };
                let found = detector.scan(value, &context);
                assert_eq!(found, detector.scan(value, &alone), "{list}: {value}");
            }
        }
    }

    /// Whether the records of a list come out as each does alone.
    fn same(redactor: &Redactor, list: (&str, &str), records: &[&str]) {
        let raw = |text: String| cordon_event::Raw::new(text);
        let alone: Vec<String> = records
            .iter()
            .map(|record| {
                let clean = redactor
                    .json_line(&ZeroMac, raw((*record).to_owned()))
                    .clean;
                clean.into_inner()
            })
            .collect();
        let whole = format!("{}{}{}", list.0, records.join(","), list.1);
        let clean = redactor.json_line(&ZeroMac, raw(whole)).clean.into_inner();
        assert_eq!(clean, format!("{}{}{}", list.0, alone.join(","), list.1));
    }

    #[test]
    fn records_of_a_list_come_out_as_alone() {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let records = [
            r#"{"msg":"done","n":1}"#,
            r#"{"msg":"mail to anna.b@example.org","n":2}"#,
            r#"{"a":{"b":["x","y"]},"password":"hunter2"}"#,
            r#"{ "stringValue" : "plain" }"#,
            r#"{"name":"token","value":"4f1c9a7e2b8d60534f1c9a7e2b8d6053"}"#,
            r#"{"msg":"done","n":3}"#,
        ];
        for list in [
            ("[", "]"),
            (r#"{"records":["#, "]}"),
            (r#"{"x":1,"logs":["#, "]}"),
        ] {
            same(&redactor, list, &records);
        }
    }

    #[test]
    fn what_names_a_list_is_heard() {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let record = r#"{"first":"Anna","value":"hunter2x"}"#;
        for (list, said) in [("customer", true), ("password", true), ("records", false)] {
            // A list of few is walked.
            let [few, many] = [ITEMS_COUNT_MIN - 1, ITEMS_COUNT_MIN + 1].map(|count| {
                let records = vec![record; count].join(",");
                let line = format!(r#"{{"{list}":[{records}]}}"#);
                let clean = redactor
                    .json_line(&ZeroMac, cordon_event::Raw::new(line))
                    .clean;
                let clean = clean.into_inner();
                let (first, _) = clean.split_once('}').unwrap();
                (clean.matches("Anna").count() == count, first.to_owned())
            });
            assert_eq!(few, many, "{list}");
            assert_eq!(many.0, !said, "{list}");
        }
    }
}
