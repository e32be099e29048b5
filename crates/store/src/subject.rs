//! How many distinct persons or accounts stand behind a group: exact up to a bound.
//!
//! A subject is known by its pseudonym, of which eight bytes of a digest are kept, sealed with the
//! group's text. Each kind of pseudonym is counted by itself and the largest count holds: who is
//! named by user name here and by mail address there is one person, not two.

use std::collections::{BTreeMap, BTreeSet};

use cordon_detect::is_pseudonym;
use cordon_event::{Event, Value};
use data_encoding::HEXLOWER;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::limits::SUBJECTS_COUNT_MAX;

/// Kinds of pseudonyms that stand for somebody.
const KINDS: [&str; 8] = [
    "account", "card", "customer", "email", "national", "person", "phone", "user",
];
/// Bytes of the digest that are kept: two of 64 subjects are taken for one once in 2^52.
const DIGEST_BYTES: usize = 8;

/// A subject: place of its kind in [`KINDS`], and its digest.
pub(crate) type Subject = (u8, u64);

/// Distinct subjects by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects(BTreeSet<Subject>);

impl Subjects {
    /// How many there are at least; exact below [`SUBJECTS_COUNT_MAX`].
    pub fn count(&self) -> u64 {
        self.by_kind().values().map(Vec::len).max().unwrap_or(0) as u64
    }

    /// Adds what is new, up to [`SUBJECTS_COUNT_MAX`] of each kind.
    pub(crate) fn observe(&mut self, seen: impl IntoIterator<Item = Subject>) {
        self.observe_up_to(SUBJECTS_COUNT_MAX, seen);
    }

    /// Adds what is new, up to `count_max` of each kind.
    pub(crate) fn observe_up_to(
        &mut self,
        count_max: usize,
        seen: impl IntoIterator<Item = Subject>,
    ) {
        for subject in seen {
            let kind = subject.0;
            let of_kind = self.0.range((kind, 0)..=(kind, u64::MAX)).count();
            if of_kind < count_max {
                self.0.insert(subject);
            }
        }
    }

    /// All of them, ordered.
    pub(crate) fn all(&self) -> Vec<Subject> {
        self.0.iter().copied().collect()
    }

    fn by_kind(&self) -> BTreeMap<u8, Vec<u64>> {
        let mut kinds: BTreeMap<u8, Vec<u64>> = BTreeMap::new();
        for (kind, digest) in &self.0 {
            kinds.entry(*kind).or_default().push(*digest);
        }
        kinds
    }

    /// Digests in hex, one after the other, by the name of the kind.
    pub(crate) fn encode(&self) -> Json {
        let named = self.by_kind().into_iter().filter_map(|(kind, digests)| {
            let name = KINDS.get(usize::from(kind))?;
            let hex = digests.iter().map(|d| HEXLOWER.encode(&d.to_be_bytes()));
            Some(((*name).to_owned(), Json::String(hex.collect())))
        });
        Json::Object(named.collect())
    }

    /// The way back. A group from before subjects were counted has none.
    pub(crate) fn decode(json: Option<&Json>) -> Option<Self> {
        let mut subjects = BTreeSet::new();
        let Some(json) = json else {
            return Some(Self(subjects));
        };
        for (name, hex) in json.as_object()? {
            let kind = KINDS.iter().position(|known| known == name)?;
            let bytes = HEXLOWER.decode(hex.as_str()?.as_bytes()).ok()?;
            for digest in bytes.chunks(DIGEST_BYTES) {
                subjects.insert((kind as u8, u64::from_be_bytes(digest.try_into().ok()?)));
            }
        }
        Some(Self(subjects))
    }
}

/// The subjects of a clean event: the first pseudonym of each kind, attributes before body before
/// resource. An event that names several of a kind tells of one happening to one of them.
pub(crate) fn subjects_of(event: &Event) -> Vec<Subject> {
    let mut found = BTreeMap::new();
    for (_, value) in &event.attributes {
        find(value, &mut found);
    }
    find(&event.body, &mut found);
    for (_, value) in &event.resource {
        find(value, &mut found);
    }
    found.into_iter().collect()
}

fn find(value: &Value, found: &mut BTreeMap<u8, u64>) {
    match value {
        Value::String(text) => text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .for_each(|word| note(word, found)),
        Value::Array(items) => items.iter().for_each(|item| find(item, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, value)| find(value, found)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Bytes(_) => {}
    }
}

fn note(word: &str, found: &mut BTreeMap<u8, u64>) {
    if !is_pseudonym(word) {
        return;
    }
    let kind = word.rsplit_once('_').map(|(kind, _)| kind);
    let Some(place) = KINDS.iter().position(|known| Some(*known) == kind) else {
        return;
    };
    found.entry(place as u8).or_insert_with(|| digest(word));
}

fn digest(word: &str) -> u64 {
    let hash = Sha256::digest(word.as_bytes());
    let head = hash.iter().take(DIGEST_BYTES);
    head.fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonym(kind: &str, n: usize) -> String {
        let letters: String = (0..24)
            .map(|i| char::from(b'a' + ((n >> (i % 8)) % 26) as u8))
            .collect();
        format!("{kind}_{letters}")
    }

    fn of(attributes: &[(&str, &str)]) -> Vec<Subject> {
        subjects_of(&Event {
            attributes: attributes
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).into()))
                .collect(),
            ..Event::default()
        })
    }

    #[test]
    fn a_person_under_two_names_is_one() {
        let mut subjects = Subjects::default();
        let (user, mail) = (pseudonym("user", 1), pseudonym("email", 1));
        subjects.observe(of(&[("enduser.id", &user)]));
        subjects.observe(of(&[("note", &format!("mail to <{mail}> bounced"))]));
        subjects.observe(of(&[("enduser.id", &user), ("user.email", &mail)]));
        assert_eq!(subjects.count(), 1);
        subjects.observe(of(&[("enduser.id", &pseudonym("user", 2))]));
        assert_eq!(subjects.count(), 2);
    }

    #[test]
    fn one_event_is_one_subject_and_machines_are_none() {
        let mut subjects = Subjects::default();
        let args = format!(
            r#"{{"to":"{}","cc":"{}"}}"#,
            pseudonym("email", 1),
            pseudonym("email", 2)
        );
        subjects.observe(of(&[("cordon.call.arguments", &args)]));
        assert_eq!(subjects.count(), 1);
        let (host, print) = (pseudonym("host", 1), pseudonym("fp", 1));
        assert_eq!(
            of(&[("peer", &host), ("id", &print), ("user.id", "42")]),
            []
        );
    }

    #[test]
    fn the_count_is_bounded_and_survives_the_round_trip() {
        let mut subjects = Subjects::default();
        subjects.observe((0..200).map(|n| (6, n)));
        subjects.observe([(2, 7)]);
        assert_eq!(subjects.count(), SUBJECTS_COUNT_MAX as u64);
        let json = subjects.encode();
        assert_eq!(Subjects::decode(Some(&json)), Some(subjects));
        assert_eq!(Subjects::decode(None), Some(Subjects::default()));
        let odd = serde_json::json!({ "user": "00ff" });
        assert_eq!(Subjects::decode(Some(&odd)), None);
    }
}
