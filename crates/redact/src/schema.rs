//! Which fields a tenant has classified, and what becomes of the others.
//!
//! A field is a path (`attributes.plan`, `attributes.payload.items.sku`, `body.user`); names below
//! it that are data themselves (numbers, identifiers, pseudonyms) count as `*`. To approve a field
//! is to classify it: class C may be shown, class B is replaced whatever it holds, class A removed.
//! A value of a type that was not approved is as unknown as a field that was not.
//!
//! *Why so:* a rule finds what it knows. Default-deny needs no rule: what nobody looked at does not
//! get in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use cordon_detect::{is_ours, is_pseudonym};
use cordon_event::{Class, Value, attr};
use thiserror::Error;

use crate::json::{self, Node};

/// Fields of one schema.
pub const SCHEMA_FIELDS_COUNT_MAX: usize = 10_000;
/// Longest path in bytes.
pub const SCHEMA_PATH_BYTES_MAX: usize = 512;
/// Hex digits from which a name is an identifier.
const HEX_NAME_CHARS_MIN: usize = 8;
/// Lists inside lists that are looked into for the types of their items.
const LIST_DEPTH_MAX: usize = 8;
/// What paths of fields begin with.
const GROUPS: [&str; 4] = ["attributes.", "resource.", "scope.", "body."];
/// Beginnings of names beside the technical ones that need no approval: what a failure is
/// recognised and reproduced by.
const MODEL_FIELDS: [&str; 3] = ["exception.", "cordon.call.", "code."];

/// What becomes of a field that no schema knows, or of free text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Scanned as free text, and stored.
    #[default]
    Scan,
    /// Scanned, then only its shape is stored: words in lower case and slots.
    Template,
    /// Scanned, then dropped.
    Drop,
}

impl Unknown {
    /// The treatment of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "scan" => Some(Self::Scan),
            "template" => Some(Self::Template),
            "drop" => Some(Self::Drop),
            _ => None,
        }
    }
}

/// Types of a field's values, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueTypes(u16);

/// Names of the types, each at its bit.
const TYPE_NAMES: [&str; 10] = [
    "null", "bool", "int", "double", "string", "text", "json", "bytes", "array", "map",
];

impl ValueTypes {
    const NULL: Self = Self(1);
    const BOOL: Self = Self(1 << 1);
    const INT: Self = Self(1 << 2);
    const DOUBLE: Self = Self(1 << 3);
    /// One word.
    const STRING: Self = Self(1 << 4);
    /// Several words.
    const TEXT: Self = Self(1 << 5);
    const JSON: Self = Self(1 << 6);
    const BYTES: Self = Self(1 << 7);
    const ARRAY: Self = Self(1 << 8);
    const MAP: Self = Self(1 << 9);
    /// What holds fields of its own.
    const BRANCH: Self = Self(Self::JSON.0 | Self::ARRAY.0 | Self::MAP.0);

    /// What redaction may make a word of.
    pub(crate) const SCALAR: Self =
        Self(Self::INT.0 | Self::DOUBLE.0 | Self::STRING.0 | Self::TEXT.0 | Self::BYTES.0);

    /// The set with the type of that name.
    pub fn with(self, name: &str) -> Option<Self> {
        let bit = TYPE_NAMES.iter().position(|known| *known == name)?;
        Some(Self(self.0 | 1 << bit))
    }

    /// Names of the types, in one order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let has =
            move |(bit, name): (usize, &&'static str)| (self.0 & (1 << bit) != 0).then_some(*name);
        TYPE_NAMES.iter().enumerate().filter_map(has)
    }

    /// Both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The types that were not approved. A word is a text, a whole number a number; what is empty
    /// or was replaced is of any type.
    #[must_use]
    pub fn beyond(self, approved: Self) -> Self {
        let mut fits = approved.0 | Self::NULL.0;
        if fits & Self::TEXT.0 != 0 {
            fits |= Self::STRING.0;
        }
        if fits & Self::DOUBLE.0 != 0 {
            fits |= Self::INT.0;
        }
        Self(self.0 & !fits)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it is a text of fields.
    pub(crate) fn is_json(self) -> bool {
        self.0 & Self::JSON.0 != 0
    }

    /// The type of a text.
    pub(crate) fn of_text(text: &str) -> Self {
        if is_ours(text.trim()) {
            return Self::NULL;
        }
        if text.trim_start().starts_with(['{', '['])
            && let Some(node) = json::parse(text)
        {
            let items = matches!(node, Node::Array(_)).then(|| Self::of_node(text, &node));
            return Self::JSON.and(items.unwrap_or_default());
        }
        if text.trim().contains(char::is_whitespace) {
            Self::TEXT
        } else {
            Self::STRING
        }
    }

    /// The types of a value and, where it is a list, of its items.
    pub(crate) fn of(value: &Value) -> Self {
        Self::of_at(value, 0)
    }

    fn of_at(value: &Value, depth: usize) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOL,
            Value::Int(_) => Self::INT,
            Value::Double(_) => Self::DOUBLE,
            Value::String(text) => Self::of_text(text),
            Value::Bytes(_) => Self::BYTES,
            Value::Map(_) => Self::MAP,
            Value::Array(_) if depth >= LIST_DEPTH_MAX => Self::ARRAY,
            Value::Array(items) => {
                let each = items.iter().map(|item| Self::of_at(item, depth + 1));
                each.fold(Self::ARRAY, Self::and)
            }
        }
    }

    /// As [`ValueTypes::of`], of a value in JSON text.
    pub(crate) fn of_node(text: &str, node: &Node) -> Self {
        Self::of_node_at(text, node, 0)
    }

    fn of_node_at(text: &str, node: &Node, depth: usize) -> Self {
        match node {
            // `true` and `false` are told apart from `null` nowhere: neither says a word.
            Node::Literal => Self::NULL,
            Node::Number((start, end)) => {
                let number = text.get(*start..*end).unwrap_or("");
                if number.contains(['.', 'e', 'E']) {
                    Self::DOUBLE
                } else {
                    Self::INT
                }
            }
            Node::Text((start, end)) => {
                let plain = text.get(*start..*end).and_then(json::unquote);
                plain.map_or(Self::STRING, |plain| Self::of_text(&plain))
            }
            Node::Object(..) => Self::MAP,
            Node::Array(_) if depth >= LIST_DEPTH_MAX => Self::ARRAY,
            Node::Array(items) => {
                let each = items
                    .iter()
                    .map(|item| Self::of_node_at(text, item, depth + 1));
                each.fold(Self::ARRAY, Self::and)
            }
        }
    }
}

/// A schema cannot be held. Says where by number: the names of fields are their tenant's.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaError {
    /// More fields than are held.
    #[error("take schema: more than {SCHEMA_FIELDS_COUNT_MAX} fields")]
    Fields,
    /// A path that no field can have.
    #[error("take schema: the path of a field is not of attributes, resource, scope or body")]
    Path,
}

/// The fields that somebody approved.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    fields: BTreeMap<String, (Class, ValueTypes)>,
    /// Paths above them.
    branches: BTreeSet<String>,
}

impl Schema {
    /// Approves a field: its class, and the types that its values may have.
    pub fn approve(
        &mut self,
        path: &str,
        class: Class,
        types: ValueTypes,
    ) -> Result<(), SchemaError> {
        if self.fields.len() >= SCHEMA_FIELDS_COUNT_MAX {
            return Err(SchemaError::Fields);
        }
        let is_named = name_of(path).is_some_and(|name| !name.is_empty());
        if !is_named || path.len() > SCHEMA_PATH_BYTES_MAX {
            return Err(SchemaError::Path);
        }
        for (at, _) in path.match_indices('.') {
            self.branches.extend(path.get(..at).map(str::to_owned));
        }
        self.fields.insert(path.to_owned(), (class, types));
        Ok(())
    }

    /// Names of the attributes of class C, as answers may show them.
    pub fn technical_attributes(&self) -> impl Iterator<Item = &str> {
        let technical = self
            .fields
            .iter()
            .filter(|(_, (class, _))| *class == Class::C);
        technical.filter_map(|(path, _)| path.strip_prefix("attributes."))
    }

    /// Whether nothing was approved.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn field(&self, path: &str) -> Option<(Class, ValueTypes)> {
        let found = self.fields.get(path).copied();
        found.or_else(|| self.fields.get(&*general(path)).copied())
    }

    fn is_branch(&self, path: &str) -> bool {
        self.branches.contains(path) || self.branches.contains(&*general(path))
    }
}

/// What becomes of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Scanned; what is below it is decided upon on its own.
    Scan,
    /// Scanned, with all that is below.
    Known,
    /// Replaced by a pseudonym.
    Personal,
    /// Removed.
    Secret,
    /// Its shape stays.
    Template,
    /// Gone.
    Drop,
}

/// What becomes of the field at that path.
pub(crate) fn fate(
    schema: &Schema,
    unknown: Unknown,
    path: &str,
    types: impl FnOnce() -> ValueTypes,
) -> Fate {
    let Some(name) = name_of(path) else {
        return Fate::Scan;
    };
    let field = schema.field(path);
    let is_body = path.starts_with("body.");
    let is_known = !is_body && is_known(name);
    if field.is_none() && is_known {
        return Fate::Known;
    }
    let types = types();
    if let Some((class, approved)) = field
        && types.beyond(approved).is_empty()
    {
        return match class {
            Class::A => Fate::Secret,
            Class::B => Fate::Personal,
            Class::C => Fate::Scan,
        };
    }
    let is_branch = || schema.is_branch(path) || !is_body && holds_known(name);
    if types.beyond(ValueTypes::BRANCH).is_empty() && is_branch() {
        return Fate::Scan;
    }
    if is_known {
        return Fate::Known;
    }
    match unknown {
        Unknown::Scan => Fate::Scan,
        Unknown::Template => Fate::Template,
        Unknown::Drop => Fate::Drop,
    }
}

/// The name of a field within its group; `None` where the path is of no field.
pub(crate) fn name_of(path: &str) -> Option<&str> {
    GROUPS.iter().find_map(|group| path.strip_prefix(group))
}

/// Whether a field of that name needs no approval.
pub(crate) fn is_known(name: &str) -> bool {
    attr::is_technical(name) || MODEL_FIELDS.iter().any(|head| name.starts_with(head))
}

/// Whether fields below that name need no approval: they are written as the members of a map.
fn holds_known(name: &str) -> bool {
    let below = |head: &&str| head.strip_prefix(name).is_some_and(|b| b.starts_with('.'));
    attr::holds_technical(name) || MODEL_FIELDS.iter().any(below)
}

/// The path with `*` for each name that is data itself.
pub(crate) fn general(path: &str) -> Cow<'_, str> {
    if !path.split('.').any(is_data) {
        return Cow::Borrowed(path);
    }
    let name = |name| if is_data(name) { "*" } else { name };
    Cow::Owned(path.split('.').map(name).collect::<Vec<_>>().join("."))
}

/// Whether a name is a number, an identifier, or what redaction made of one.
fn is_data(name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    let hex = name.len() >= HEX_NAME_CHARS_MIN
        && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && name.bytes().any(|b| b.is_ascii_digit());
    let number = name.bytes().all(|b| b.is_ascii_digit());
    number || hex || is_pseudonym(name) || is_ours(name) || name.contains("[removed:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(names: &[&str]) -> ValueTypes {
        let none = ValueTypes::default();
        names.iter().fold(none, |set, name| set.with(name).unwrap())
    }

    fn schema() -> Schema {
        let mut schema = Schema::default();
        for (path, class, of) in [
            ("attributes.plan", Class::C, "string"),
            ("attributes.owner", Class::B, "string"),
            ("attributes.payload.items.*.sku", Class::C, "string"),
            ("body.pin", Class::A, "int"),
        ] {
            schema.approve(path, class, types(&[of])).unwrap();
        }
        schema
    }

    #[test]
    fn what_is_approved_has_its_class_and_the_rest_is_denied() {
        let fate =
            |path: &str, of: &[&str]| super::fate(&schema(), Unknown::Drop, path, || types(of));
        assert_eq!(fate("attributes.plan", &["string"]), Fate::Scan);
        assert_eq!(fate("attributes.plan", &["null"]), Fate::Scan);
        assert_eq!(fate("attributes.plan", &["text"]), Fate::Drop);
        assert_eq!(fate("attributes.owner", &["string"]), Fate::Personal);
        assert_eq!(fate("attributes.payload", &["json"]), Fate::Scan);
        assert_eq!(fate("attributes.payload", &["text"]), Fate::Drop);
        assert_eq!(
            fate("attributes.payload.items.77.sku", &["string"]),
            Fate::Scan
        );
        assert_eq!(
            fate("attributes.payload.items.77.name", &["string"]),
            Fate::Drop
        );
        assert_eq!(fate("body.pin", &["int"]), Fate::Secret);
        assert_eq!(fate("attributes.http.route", &["string"]), Fate::Known);
        assert_eq!(fate("attributes.exception.message", &["text"]), Fate::Known);
        assert_eq!(fate("body.http.route", &["string"]), Fate::Drop);
        // What is approved below a map is decided upon below it, and nothing else.
        assert_eq!(fate("attributes.os", &["map"]), Fate::Scan);
        assert_eq!(fate("attributes.code", &["json"]), Fate::Scan);
        assert_eq!(fate("attributes.os", &["string"]), Fate::Drop);
        assert_eq!(fate("attributes.http.host", &["string"]), Fate::Drop);
        assert_eq!(fate("body.os", &["map"]), Fate::Drop);
        assert_eq!(fate(".plan2", &["string"]), Fate::Scan);
    }

    #[test]
    fn names_that_are_data_count_as_one() {
        let mark = "email_abcdefghijklmnopqrstuvwx";
        let path = format!("attributes.by.{mark}.4711.9fceb02d.plan");
        assert_eq!(general(&path), "attributes.by.*.*.*.plan");
        assert_eq!(general("attributes.feedface.b4"), "attributes.feedface.b4");
    }

    #[test]
    fn a_path_of_nothing_is_refused() {
        let mut schema = Schema::default();
        for path in ["plan", "attributes.", "name", ""] {
            let approved = schema.approve(path, Class::C, types(&["int"]));
            assert_eq!(approved, Err(SchemaError::Path), "{path}");
        }
    }

    #[test]
    fn answers_may_show_attributes_of_class_c() {
        let schema = schema();
        let names: Vec<&str> = schema.technical_attributes().collect();
        assert_eq!(names, ["payload.items.*.sku", "plan"]);
    }
}
