//! Files of learned and of approved fields: JSON, in the order of the paths, and never a value.
//!
//! ```json
//! {"schema":"cordon.schema","version":1,"fields":[{"path":"attributes.plan","class":"C",
//!  "types":["string"],"rules":[],"approved":{"by":"ann","unix_s":1790000000,"reason":"a tier"}}]}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use cordon_event::Class;
use cordon_redact::{Observed, Schema, ValueTypes};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// What an approved file calls itself.
const APPROVED: &str = "cordon.schema";
/// What a learned one calls itself.
const LEARNED: &str = "cordon.schema.learned";
const VERSION: u32 = 1;

/// A field that somebody approved.
#[derive(Clone, Debug)]
pub(crate) struct Approved {
    /// Its path.
    pub(crate) path: String,
    /// Its class.
    pub(crate) class: Class,
    /// Types that its values may have.
    pub(crate) types: ValueTypes,
    /// Rules that had found something in it.
    pub(crate) rules: BTreeSet<String>,
    /// Who approved it.
    pub(crate) by: String,
    /// When, seconds since the Unix epoch.
    pub(crate) unix_s: u64,
    /// Why.
    pub(crate) reason: String,
}

/// Approved fields by their paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaFile {
    /// The fields.
    pub(crate) fields: BTreeMap<String, Approved>,
}

/// A field that was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LearnedField {
    /// Its path.
    pub(crate) path: String,
    /// Types of its values.
    pub(crate) types: ValueTypes,
    /// How many different values it had: `one`, `few`, `many`, `unbounded`.
    pub(crate) cardinality: String,
    /// Rules that found something in it.
    pub(crate) rules: BTreeSet<String>,
}

#[derive(Deserialize)]
struct File<F> {
    schema: String,
    version: u32,
    fields: Vec<F>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApprovedRow {
    path: String,
    class: String,
    types: Vec<String>,
    #[serde(default)]
    rules: BTreeSet<String>,
    approved: Approval,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    by: String,
    unix_s: u64,
    reason: String,
}

#[derive(Deserialize)]
struct LearnedRow {
    path: String,
    types: Vec<String>,
    cardinality: String,
    #[serde(default)]
    rules: BTreeSet<String>,
}

/// Reads a file of approved fields.
pub(crate) fn read(path: &Path) -> anyhow::Result<SchemaFile> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
    approved(&text).with_context(|| format!("read {shown}"))
}

fn approved(text: &str) -> anyhow::Result<SchemaFile> {
    let file: File<ApprovedRow> = serde_json::from_str(text).context("parse approved fields")?;
    check(&file, APPROVED)?;
    let mut fields = BTreeMap::new();
    for row in file.fields {
        let class = class(&row.class)
            .with_context(|| format!("class {:?} of {} is none of A, B, C", row.class, row.path))?;
        let field = Approved {
            class,
            types: types(&row.types)?,
            rules: row.rules,
            by: row.approved.by,
            unix_s: row.approved.unix_s,
            reason: row.approved.reason,
            path: row.path.clone(),
        };
        if fields.insert(row.path.clone(), field).is_some() {
            bail!("{} is approved twice", row.path);
        }
    }
    Ok(SchemaFile { fields })
}

/// Parses a file of learned fields.
pub(crate) fn learned(text: &str) -> anyhow::Result<Vec<LearnedField>> {
    let file: File<LearnedRow> = serde_json::from_str(text).context("parse learned fields")?;
    check(&file, LEARNED)?;
    let field = |row: LearnedRow| {
        Ok(LearnedField {
            types: types(&row.types)?,
            path: row.path,
            cardinality: row.cardinality,
            rules: row.rules,
        })
    };
    file.fields.into_iter().map(field).collect()
}

fn check<F>(file: &File<F>, schema: &str) -> anyhow::Result<()> {
    if file.schema != schema || file.version != VERSION {
        let (found, version) = (&file.schema, file.version);
        bail!("expected {schema} version {VERSION}, found {found} version {version}");
    }
    Ok(())
}

/// The class of that name.
pub(crate) fn class(name: &str) -> Option<Class> {
    [Class::A, Class::B, Class::C]
        .into_iter()
        .find(|class| class.as_str() == name)
}

fn types(names: &[String]) -> anyhow::Result<ValueTypes> {
    let none = ValueTypes::default();
    names.iter().try_fold(none, |set, name| {
        set.with(name)
            .with_context(|| format!("{name:?} is no type of a value"))
    })
}

impl SchemaFile {
    /// What redaction is given.
    pub(crate) fn schema(&self) -> anyhow::Result<Schema> {
        let mut schema = Schema::default();
        for field in self.fields.values() {
            schema.approve(&field.path, field.class, field.types)?;
        }
        Ok(schema)
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let row = |field: &Approved| {
            json!({
                "path": field.path,
                "class": field.class.as_str(),
                "types": field.types.names().collect::<Vec<_>>(),
                "rules": field.rules,
                "approved": { "by": field.by, "unix_s": field.unix_s, "reason": field.reason },
            })
        };
        let fields: Vec<Json> = self.fields.values().map(row).collect();
        let file = json!({ "schema": APPROVED, "version": VERSION, "fields": fields });
        format!("{file:#}\n")
    }

    /// Writes the text in the file's place: whole, or not at all. Who may read it stays as it was;
    /// a new one is its owner's.
    pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let mut file = tempfile::NamedTempFile::new_in(dir.unwrap_or(Path::new(".")))?;
        if let Ok(before) = std::fs::metadata(path) {
            file.as_file().set_permissions(before.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }
}

/// The text of a file of learned fields.
pub(crate) fn learned_text(fields: &[Observed], events: u64, unlisted: u64) -> String {
    let row = |field: &Observed| {
        json!({
            "path": field.path,
            "types": field.types.names().collect::<Vec<_>>(),
            "count": field.count,
            "cardinality": field.cardinality.as_str(),
            "rules": field.rules,
        })
    };
    let rows: Vec<Json> = fields.iter().map(row).collect();
    let file = json!({
        "schema": LEARNED,
        "version": VERSION,
        "events": events,
        "unlisted": unlisted,
        "fields": rows,
    });
    format!("{file:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approved_file_reads_as_it_was_written() {
        let field = Approved {
            path: "attributes.plan".to_owned(),
            class: Class::C,
            types: ValueTypes::default().with("string").unwrap(),
            rules: ["email".to_owned()].into(),
            by: "ann".to_owned(),
            unix_s: 7,
            reason: "a tier".to_owned(),
        };
        let file = SchemaFile {
            fields: [(field.path.clone(), field)].into(),
        };
        let again = approved(&file.text()).unwrap();
        assert_eq!(again.text(), file.text());
        let schema = again.schema().unwrap();
        assert_eq!(schema.technical_attributes().collect::<Vec<_>>(), ["plan"]);
    }

    #[test]
    fn a_file_of_another_kind_is_refused_with_what_it_is() {
        let other = r#"{"schema":"cordon.scan","version":1,"fields":[]}"#;
        let error = approved(other).unwrap_err().to_string();
        assert!(error.contains("cordon.scan"), "{error}");
        let bad = r#"{"schema":"cordon.schema","version":1,"fields":[{"path":"attributes.x",
            "class":"D","types":[],"approved":{"by":"a","unix_s":1,"reason":"r"}}]}"#;
        let error = approved(bad).unwrap_err().to_string();
        assert!(error.contains("\"D\""), "{error}");
    }
}
