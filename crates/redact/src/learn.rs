//! What a schema is learned from: the fields that clean events have, and never a value.
//!
//! Of each field that is not technical by convention: path, types, how many different values it
//! had, and which rules found something in it. Names that are data themselves count as `*`.
//!
//! *Limits:* [`SCHEMA_FIELDS_COUNT_MAX`] fields, and [`DISTINCT_COUNT_MAX`] digests of values a
//! field while learning; what is beyond is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cordon_detect::{is_ours, is_pseudonym};
use cordon_event::{Event, Value};

use crate::json::{self, Node};
use crate::schema::{
    SCHEMA_FIELDS_COUNT_MAX, SCHEMA_PATH_BYTES_MAX, ValueTypes, general, is_known, name_of,
};
use crate::{Clean, Receipt};

/// Different values of a field that are told apart.
pub const DISTINCT_COUNT_MAX: usize = 256;
/// Different values up to which there are few.
const FEW_COUNT_MAX: usize = 16;
/// Rules that are named of one field.
const RULES_COUNT_MAX: usize = 32;
/// Nesting that is followed.
const DEPTH_MAX: usize = 32;

/// How many different values a field had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One.
    One,
    /// At most 16.
    Few,
    /// At most [`DISTINCT_COUNT_MAX`].
    Many,
    /// More.
    Unbounded,
}

impl Cardinality {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Few => "few",
            Self::Many => "many",
            Self::Unbounded => "unbounded",
        }
    }

    const fn of(count: usize) -> Self {
        match count {
            0..=1 => Self::One,
            2..=FEW_COUNT_MAX => Self::Few,
            17..=DISTINCT_COUNT_MAX => Self::Many,
            _ => Self::Unbounded,
        }
    }
}

/// A field as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its path.
    pub path: String,
    /// Types of its values.
    pub types: ValueTypes,
    /// How often it was seen.
    pub count: u64,
    /// How many different values it had.
    pub cardinality: Cardinality,
    /// Rules that found something in it; of a pseudonym whose rule is not known, its kind.
    pub rules: BTreeSet<String>,
}

#[derive(Default)]
struct Seen {
    types: ValueTypes,
    count: u64,
    distinct: BTreeSet<u64>,
    rules: BTreeSet<String>,
}

/// Learns fields from clean events.
#[derive(Default)]
pub struct SchemaLearner {
    fields: BTreeMap<String, Seen>,
    unlisted: u64,
}

impl SchemaLearner {
    /// Learns from one event and, where it is at hand, the receipt of its redaction.
    pub fn add(&mut self, event: &Clean<Event>, receipt: &Receipt) {
        let event = event.get();
        for (group, all) in [
            ("attributes", event.attributes.as_slice()),
            ("resource", &*event.resource),
            ("scope", &*event.scope),
        ] {
            self.pairs(group, all, 0);
        }
        self.value("body", &event.body, 0);
        for finding in &receipt.findings {
            if let Some(seen) = self.fields.get_mut(&*general(&finding.path))
                && seen.rules.len() < RULES_COUNT_MAX
            {
                seen.rules.insert(finding.rule.to_owned());
            }
        }
    }

    /// The fields in the order of their paths, and how often one was seen that there was no room
    /// for. A path holds names of fields that have been through redaction, and nothing else.
    pub fn finish(self) -> (Clean<Vec<Observed>>, u64) {
        let fields = self.fields.into_iter().map(|(path, seen)| Observed {
            path,
            types: seen.types,
            count: seen.count,
            cardinality: Cardinality::of(seen.distinct.len()),
            rules: seen.rules,
        });
        (Clean::new(fields.collect()), self.unlisted)
    }

    fn pairs(&mut self, path: &str, pairs: &[(String, Value)], depth: usize) {
        for (key, value) in pairs {
            self.value(&format!("{path}.{key}"), value, depth + 1);
        }
    }

    fn value(&mut self, path: &str, value: &Value, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Map(pairs) if !pairs.is_empty() => self.pairs(path, pairs, depth),
            Value::Array(items) => {
                self.leaf(path, ValueTypes::of(value), None);
                for item in items
                    .iter()
                    .filter(|i| matches!(i, Value::Map(_) | Value::Array(_)))
                {
                    self.value(path, item, depth + 1);
                }
                for text in items.iter().filter_map(Value::as_str) {
                    self.text(path, text, depth);
                }
            }
            Value::String(text) => self.text(path, text, depth),
            Value::Int(n) => self.leaf(path, ValueTypes::of(value), Some(&n.to_string())),
            Value::Double(n) => self.leaf(path, ValueTypes::of(value), Some(&n.to_string())),
            Value::Bool(b) => self.leaf(path, ValueTypes::of(value), Some(&b.to_string())),
            Value::Null | Value::Bytes(_) | Value::Map(_) => {
                self.leaf(path, ValueTypes::of(value), None);
            }
        }
    }

    fn text(&mut self, path: &str, text: &str, depth: usize) {
        let types = ValueTypes::of_text(text);
        match types.is_json().then(|| json::parse(text)).flatten() {
            None => self.leaf(path, types, Some(text)),
            Some(Node::Array(items)) => {
                self.leaf(path, types, None);
                self.items(path, text, &items, depth);
            }
            Some(Node::Object(_, members)) if members.is_empty() => self.leaf(path, types, None),
            Some(node) => self.node(path, text, &node, depth),
        }
    }

    /// What is in the items of a list in JSON text.
    fn items(&mut self, path: &str, text: &str, items: &[Node], depth: usize) {
        let alone = |item: &&Node| !matches!(item, Node::Number(_) | Node::Literal);
        for item in items.iter().filter(alone) {
            self.node(path, text, item, depth + 1);
        }
    }

    /// Fields in JSON text.
    fn node(&mut self, path: &str, text: &str, node: &Node, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let plain = |(start, end): (usize, usize)| text.get(start..end).and_then(json::unquote);
        match node {
            Node::Object(_, members) if members.is_empty() => {
                self.leaf(path, ValueTypes::of_node(text, node), None);
            }
            Node::Object(_, members) => {
                for (key, value) in members {
                    let key = plain(*key).unwrap_or_default();
                    self.node(&format!("{path}.{key}"), text, value, depth + 1);
                }
            }
            Node::Array(items) => {
                self.leaf(path, ValueTypes::of_node(text, node), None);
                self.items(path, text, items, depth);
            }
            Node::Text(place) => {
                let plain = plain(*place).unwrap_or_default();
                self.text(path, &plain, depth + 1);
            }
            Node::Number((start, end)) => {
                self.leaf(
                    path,
                    ValueTypes::of_node(text, node),
                    text.get(*start..*end),
                );
            }
            Node::Literal => self.leaf(path, ValueTypes::of_node(text, node), None),
        }
    }

    /// One value of the field at that path.
    fn leaf(&mut self, path: &str, types: ValueTypes, value: Option<&str>) {
        let Some(name) = name_of(path) else { return };
        let known = !path.starts_with("body.") && is_known(name);
        if known || path.len() > SCHEMA_PATH_BYTES_MAX {
            return;
        }
        let path = general(path);
        if !self.fields.contains_key(&*path) && self.fields.len() >= SCHEMA_FIELDS_COUNT_MAX {
            self.unlisted += 1;
            return;
        }
        let seen = self.fields.entry(path.into_owned()).or_default();
        seen.types = seen.types.and(types);
        seen.count += 1;
        let Some(value) = value else { return };
        if seen.distinct.len() <= DISTINCT_COUNT_MAX {
            let mut hasher = DefaultHasher::new();
            value.hash(&mut hasher);
            seen.distinct.insert(hasher.finish());
        }
        for rule in replaced(value) {
            // What was replaced may have been of any type.
            seen.types = seen.types.and(ValueTypes::SCALAR);
            if seen.rules.len() < RULES_COUNT_MAX {
                seen.rules.insert(rule.to_owned());
            }
        }
    }
}

/// Rules whose marker stands in a clean text, and kinds of its pseudonyms.
fn replaced(clean: &str) -> impl Iterator<Item = &str> {
    let markers = clean.match_indices("[removed:").filter_map(|(at, _)| {
        let marker = clean.get(at..)?;
        let marker = marker.get(..=marker.find(']')?)?;
        let inner = marker.strip_prefix("[removed:")?.strip_suffix(']')?;
        is_ours(marker).then_some(inner)
    });
    let words = clean.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let kinds = words
        .filter(|word| is_pseudonym(word))
        .filter_map(|word| word.rsplit_once('_'));
    markers.chain(kinds.map(|(kind, _)| kind))
}

#[cfg(test)]
mod tests {
    use cordon_event::Raw;

    use super::*;
    use crate::{Policy, PseudonymMac, Redactor, Verdict};

    struct Mac;

    impl PseudonymMac for Mac {
        fn mac(&self, _: &str, canonical: &[u8]) -> [u8; 32] {
            [canonical
                .iter()
                .fold(7, |sum: u8, b| sum.wrapping_mul(31) ^ b); 32]
        }
    }

    /// What is learned from these events, one line a field.
    fn learned(events: Vec<Event>) -> String {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let mut learner = SchemaLearner::default();
        for event in events {
            let outcome = redactor.event(&Mac, Raw::new(event));
            let Verdict::Clean(clean) = outcome.verdict else {
                panic!("quarantined")
            };
            learner.add(&clean, &outcome.receipt);
        }
        let (fields, unlisted) = learner.finish();
        assert_eq!(unlisted, 0);
        let line = |f: &Observed| {
            let types: Vec<_> = f.types.names().collect();
            let rules: Vec<_> = f.rules.iter().map(String::as_str).collect();
            let (types, rules) = (types.join("|"), rules.join("|"));
            format!(
                "{} {types} {} {} {rules}",
                f.path,
                f.count,
                f.cardinality.as_str()
            )
        };
        fields.get().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn event(attributes: &[(&str, Value)]) -> Event {
        let pairs = attributes.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
        Event {
            attributes: pairs.collect(),
            ..Event::default()
        }
    }

    #[test]
    fn fields_are_learned_and_no_value() {
        let payload = |n: u32| format!(r#"{{"items":{{"{n}":{{"sku":"s{n}"}}}},"ok":true}}"#);
        let events = (100..120).map(|n| {
            let mail = format!("ann{n}@mail.example.org");
            let seen = Value::Map(vec![(mail.clone(), 1.into())]);
            event(&[
                ("plan", "gold".into()),
                ("http.route", "/x".into()),
                ("contact", format!("write to {mail} soon").as_str().into()),
                ("payload", payload(n).as_str().into()),
                ("seen", seen),
                ("tags", Value::Array(vec!["a".into(), 1.into()])),
                ("sizes", r#"[1, "two", {"unit": "cm"}]"#.into()),
            ])
        });
        let want = "attributes.contact int|double|string|text|bytes 20 many email\n\
                    attributes.payload.items.*.sku string 20 many \n\
                    attributes.payload.ok null 20 one \n\
                    attributes.plan string 20 one \n\
                    attributes.seen.* int 20 one \n\
                    attributes.sizes int|string|json|array|map 40 one \n\
                    attributes.sizes.unit string 20 one \n\
                    attributes.tags int|string|array 40 one ";
        assert_eq!(learned(events.collect()), want);
    }

    #[test]
    fn a_structured_body_has_fields_and_a_text_has_none() {
        let body = |body: Value| Event {
            body,
            ..Event::default()
        };
        let map = Value::Map(vec![("step".to_owned(), "pay".into())]);
        let events = vec![
            body("a plain text".into()),
            body(r#"{"step":"pay","pin":7}"#.into()),
            body(map),
        ];
        assert_eq!(
            learned(events),
            "body.pin null|int|double|string|text|bytes 1 one key.pin\nbody.step string 2 one "
        );
    }
}
