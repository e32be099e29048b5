//! A file of cases, and what one expects.
//!
//! *Limits:* a file of [`FILE_BYTES_MAX`] and [`CASES_COUNT_MAX`] cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Fault;
use crate::config::source::Unparsed;

/// Largest file in bytes.
const FILE_BYTES_MAX: u64 = 8 << 20;
/// Cases of one file.
const CASES_COUNT_MAX: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    case: Vec<Case>,
}

/// An input, and what is to become of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// What it shows.
    pub(super) name: String,
    /// Whose policy holds; without it what holds for all.
    pub(super) tenant: Option<String>,
    /// What the input is.
    #[serde(default)]
    pub(super) format: Format,
    /// What is received. Raw: shown nowhere.
    pub(super) input: String,
    /// What is to become of it.
    pub(super) expect: Expect,
}

/// What an input is.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// Lines of text, as of a file that is followed.
    #[default]
    Text,
    /// JSON lines, as `POST /v1/events` takes them.
    Json,
    /// OTLP/JSON: a request of logs or traces, or one log record.
    Otlp,
}

/// What is expected; what is not said is not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// Exact text that is left of the bodies, a line each; a pseudonym is written `<kind>`.
    output: Option<String>,
    /// Exact text that is left in fields, by path.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// Rules that find something.
    #[serde(default)]
    rules: Vec<String>,
    /// Rules that find nothing.
    #[serde(default)]
    no_rules: Vec<String>,
    /// Classes that something is found of.
    #[serde(default)]
    classes: Vec<String>,
    /// Classes that nothing is found of.
    #[serde(default)]
    no_classes: Vec<String>,
    /// Reason for which every event is held back.
    quarantined: Option<String>,
    /// Whether nothing is found and nothing held back.
    kept_as_is: Option<bool>,
}

/// What became of an input.
#[derive(Default)]
pub(super) struct Became {
    /// Bodies, a line each.
    pub(super) output: String,
    /// Fields by path, of the first event that has them.
    pub(super) fields: BTreeMap<String, String>,
    /// Rules that found something.
    pub(super) rules: BTreeSet<String>,
    /// Classes of what they found.
    pub(super) classes: BTreeSet<String>,
    /// Why events were held back.
    pub(super) quarantined: BTreeSet<String>,
    /// Events that were not.
    pub(super) kept_count: usize,
}

/// Reads a file. What is wrong is told by its place: its lines hold inputs.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Case>> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("read {shown}"))?;
    if size.len() > FILE_BYTES_MAX {
        bail!("read {shown}: larger than {FILE_BYTES_MAX} bytes");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
    let cases = parse(&text).with_context(|| format!("read {shown}"))?;
    if cases.is_empty() {
        bail!("read {shown}: it has no [[case]]");
    }
    Ok(cases)
}

fn parse(text: &str) -> anyhow::Result<Vec<Case>> {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let said = error.message().to_owned();
            let at = Unparsed::new(text, error);
            let (line, column) = (at.line, at.column);
            // These quote keys; others quote values.
            let is_of_keys = ["unknown field", "missing field", "duplicate key"]
                .iter()
                .any(|head| said.starts_with(head));
            let said = if is_of_keys {
                said
            } else {
                "not a case".to_owned()
            };
            bail!("line {line} column {column}: {said}");
        }
    };
    if file.case.len() > CASES_COUNT_MAX {
        bail!("more than {CASES_COUNT_MAX} cases");
    }
    for case in &file.case {
        if case.expect.is_nothing() {
            bail!("case {:?} expects nothing", case.name);
        }
    }
    Ok(file.case)
}

impl Expect {
    fn is_nothing(&self) -> bool {
        let lists = [&self.rules, &self.no_rules, &self.classes, &self.no_classes];
        let none = self.output.is_none() && self.quarantined.is_none();
        none && self.kept_as_is.is_none()
            && self.fields.is_empty()
            && lists.iter().all(|list| list.is_empty())
    }

    /// What did not come out.
    pub(super) fn faults(&self, became: &Became) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut differ = |what: String, expected: &str, actual: &str| {
            if expected != actual {
                faults.push(Fault {
                    what,
                    expected: expected.to_owned(),
                    actual: actual.to_owned(),
                });
            }
        };
        if let Some(output) = &self.output {
            differ("output".to_owned(), output.trim_end(), &became.output);
        }
        for (path, expected) in &self.fields {
            let actual = became.fields.get(path);
            let actual = actual.map_or("(no such field)", String::as_str);
            differ(format!("fields.{path}"), expected, actual);
        }
        let held = became.quarantined.iter().cloned().collect::<Vec<_>>();
        if let Some(reason) = &self.quarantined {
            let mut actual = held.join(", ");
            if became.kept_count > 0 {
                actual.push_str(if actual.is_empty() { "kept" } else { ", kept" });
            }
            differ("quarantined".to_owned(), reason, &actual);
        } else if !held.is_empty() {
            differ("quarantined".to_owned(), "kept", &held.join(", "));
        }
        if let Some(kept) = self.kept_as_is {
            let is_kept = became.rules.is_empty() && held.is_empty();
            let said = |is| if is { "as it came" } else { "changed" };
            differ("kept_as_is".to_owned(), said(kept), said(is_kept));
        }
        for (what, wanted, unwanted, found) in [
            ("rules", &self.rules, &self.no_rules, &became.rules),
            ("classes", &self.classes, &self.no_classes, &became.classes),
        ] {
            let lacks = wanted.iter().any(|one| !found.contains(one));
            let has = unwanted.iter().any(|one| found.contains(one));
            if lacks || has {
                let without = unwanted.iter().map(|one| format!("not {one}"));
                let expected: Vec<String> = wanted.iter().cloned().chain(without).collect();
                let actual: Vec<String> = found.iter().cloned().collect();
                let actual = if actual.is_empty() {
                    "none".to_owned()
                } else {
                    actual.join(", ")
                };
                differ(what.to_owned(), &expected.join(", "), &actual);
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_a_file_tells_no_input() {
        for (text, says) in [
            (
                "[[case]]\nname = 'a'\ninput = 'hunter2-value\n",
                "not a case",
            ),
            (
                "[[case]]\nname = 'a'\ninput = 'x'\n",
                "missing field `expect`",
            ),
            (
                "[[case]]\nname = 'a'\ninput = 'x'\nexpect = { outputs = 'x' }\n",
                "unknown field `outputs`",
            ),
            (
                "[[case]]\nname = 'a'\ninput = ['hunter2-value']\n",
                "not a case",
            ),
            (
                "[[case]]\nname = 'a'\ninput = 'x'\nexpect = {}\n",
                "expects nothing",
            ),
            (
                "[[case]]\nname = 'a'\nformat = 'hunter2-value'\ninput = 'x'\nexpect = {}\n",
                "not a case",
            ),
        ] {
            let told = parse(text).err().unwrap().to_string();
            assert!(told.contains(says) && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn what_is_not_expected_is_not_looked_at_save_quarantine() {
        let expect = |text: &str| toml::from_str::<Expect>(text).unwrap();
        let became = Became {
            output: "a <email>".to_owned(),
            rules: ["email".to_owned()].into(),
            classes: ["B".to_owned()].into(),
            kept_count: 1,
            ..Became::default()
        };
        let faults = |text: &str| -> Vec<String> {
            let faults = expect(text).faults(&became).into_iter();
            faults.map(|fault| fault.what).collect()
        };
        assert_eq!(faults("output = \"a <email>\\n\""), [""; 0]);
        assert_eq!(faults("rules = ['email']\nno_classes = ['A']"), [""; 0]);
        assert_eq!(faults("rules = ['card']\nclasses = ['B']"), ["rules"]);
        assert_eq!(faults("no_classes = ['B']"), ["classes"]);
        assert_eq!(faults("kept_as_is = true"), ["kept_as_is"]);
        assert_eq!(faults("quarantined = 'canary'"), ["quarantined"]);
        assert_eq!(faults("fields = { body = 'x' }"), ["fields.body"]);
        let held = Became {
            quarantined: ["canary".to_owned()].into(),
            ..Became::default()
        };
        assert_eq!(expect("no_rules = ['x']").faults(&held).len(), 1);
        assert_eq!(expect("quarantined = 'canary'").faults(&held).len(), 0);
    }
}
