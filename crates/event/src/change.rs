//! A change of the system: what was deployed, switched or set, as an event of its own kind.
//!
//! A change is an [`Event`] of [`Kind::Change`], so that it takes the way of all events: redacted,
//! journalled, told apart by its request, expired. This file says which attribute holds what.
//!
//! *Why values stand below the name of what they are of:* a value of `payments.token` is judged by
//! that name, as any other field is. So `change.to` is a map with one member.

use crate::{Event, Kind, Value, attr};

/// What was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// A version of a service.
    Deploy,
    /// A feature flag.
    Flag,
    /// A setting.
    Configuration,
    /// A library or another thing that a service is built from.
    Dependency,
    /// Something else, such as a commit.
    #[default]
    Other,
}

impl ChangeKind {
    const ALL: [Self; 5] = [
        Self::Deploy,
        Self::Flag,
        Self::Configuration,
        Self::Dependency,
        Self::Other,
    ];

    /// Stable name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Flag => "flag",
            Self::Configuration => "configuration",
            Self::Dependency => "dependency",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind that a sender's word stands for; `None` for a word that nobody uses for one.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "deploy" | "deployment" | "deployed" | "release" | "rollout" | "rollback"
            | "revert" | "version" => Self::Deploy,
            "flag" | "feature_flag" | "feature-flag" | "featureflag" | "feature" | "toggle"
            | "experiment" => Self::Flag,
            "configuration" | "config" | "setting" | "settings" | "parameter" | "env"
            | "environment" | "secret" => Self::Configuration,
            "dependency" | "dependencies" | "library" | "package" | "image" => Self::Dependency,
            "other" | "commit" | "change" => Self::Other,
            _ => return None,
        })
    }
}

/// A change in parts. Raw or clean depending on what wraps it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// When, nanoseconds since the Unix epoch; 0 unknown.
    pub time_unix_ns: u64,
    /// Service that it concerns; empty for all of them.
    pub service: String,
    /// What kind of thing was changed.
    pub kind: ChangeKind,
    /// The sender's word where it names no kind: `infrastructure`.
    pub word: String,
    /// Version, flag or key.
    pub subject: String,
    /// Value before, [`Value::Null`] where it was not said.
    pub from: Value,
    /// Value after, [`Value::Null`] where it was not said.
    pub to: Value,
    /// What was done, in words.
    pub description: String,
    /// Commit that it is, or was made from.
    pub commit: String,
    /// Who made it: personal, and a pseudonym once redacted.
    pub author: String,
    /// Paths of the files that it touches.
    pub files: Vec<String>,
    /// Files that it touches beyond these.
    pub files_left_out: u64,
}

impl Change {
    /// The event that tells of it.
    pub fn into_event(self) -> Event {
        let mut event = Event {
            kind: Kind::Change,
            time_unix_ns: self.time_unix_ns,
            ..Event::default()
        };
        if !self.description.is_empty() {
            event.body = Value::String(self.description);
        }
        if !self.service.is_empty() {
            let name = Value::String(self.service);
            event
                .resource
                .to_mut()
                .push((attr::SERVICE_NAME.to_owned(), name));
        }
        let named = if self.subject.is_empty() {
            VALUE.to_owned()
        } else {
            self.subject.clone()
        };
        let below = |value| Value::Map(vec![(named.clone(), value)]);
        let from = (self.from != Value::Null).then(|| below(self.from));
        let to = (self.to != Value::Null).then(|| below(self.to));
        let text = |text: String| (!text.is_empty()).then_some(Value::String(text));
        // A name of a person says nothing by itself; below `user` it is one.
        let author = text(self.author).map(|name| Value::Map(vec![(USER.to_owned(), name)]));
        let kind = Some(Value::from(self.kind.as_str()));
        let left_out = i64::try_from(self.files_left_out).unwrap_or(i64::MAX);
        event.attributes = [
            (attr::CHANGE_KIND, kind),
            (attr::CHANGE_WORD, text(self.word)),
            (attr::CHANGE_SUBJECT, text(self.subject)),
            (attr::CHANGE_FROM, from),
            (attr::CHANGE_TO, to),
            (attr::VCS_REVISION, text(self.commit)),
            (attr::CHANGE_AUTHOR, author),
            // Lines, not a list: an item of a list may name the one after it.
            (attr::CHANGE_FILES, text(self.files.join("\n"))),
            (
                attr::CHANGE_FILES_LEFT_OUT,
                (left_out > 0).then_some(Value::Int(left_out)),
            ),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect();
        event
    }

    /// The change that an event tells of; `None` for an event of another kind.
    pub fn of(event: &Event) -> Option<Self> {
        if event.kind != Kind::Change {
            return None;
        }
        let text = |key| event.attribute_str(key).unwrap_or_default().to_owned();
        let below = |key| event.attribute(key).and_then(only).unwrap_or_default();
        let files = event.attribute_str(attr::CHANGE_FILES).unwrap_or_default();
        let files_left_out = match event.attribute(attr::CHANGE_FILES_LEFT_OUT) {
            Some(Value::Int(count)) => u64::try_from(*count).unwrap_or_default(),
            _ => 0,
        };
        Some(Self {
            time_unix_ns: event.time_unix_ns,
            service: event.service().to_owned(),
            kind: ChangeKind::parse(&text(attr::CHANGE_KIND)).unwrap_or_default(),
            word: text(attr::CHANGE_WORD),
            subject: text(attr::CHANGE_SUBJECT),
            from: below(attr::CHANGE_FROM),
            to: below(attr::CHANGE_TO),
            description: event.body.as_str().unwrap_or_default().to_owned(),
            commit: text(attr::VCS_REVISION),
            author: below(attr::CHANGE_AUTHOR)
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            files: files.lines().map(str::to_owned).collect(),
            files_left_out,
        })
    }

    /// Word for its kind.
    pub fn kind_word(&self) -> &str {
        match self.kind {
            ChangeKind::Other if !self.word.is_empty() => &self.word,
            kind => kind.as_str(),
        }
    }
}

/// Name of a value whose subject is not said.
const VALUE: &str = "value";
/// Name below which a person's name stands.
const USER: &str = "user";

/// The only member's value.
fn only(map: &Value) -> Option<Value> {
    match map {
        Value::Map(pairs) => pairs.first().map(|(_, value)| value.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode_event, encode_event};

    fn sample() -> Change {
        Change {
            time_unix_ns: 7,
            service: "billing".into(),
            kind: ChangeKind::Flag,
            word: "toggle!".into(),
            subject: "checkout.new".into(),
            from: Value::Bool(false),
            to: Value::Bool(true),
            description: "turned on for a tenth".into(),
            commit: "0123abc".into(),
            author: "somebody".into(),
            files: vec!["billing/money.py".into(), "README.md".into()],
            files_left_out: 0,
        }
    }

    #[test]
    fn a_change_survives_the_way_through_its_event() {
        let of_many = Change {
            files_left_out: 44,
            ..sample()
        };
        for change in [sample(), of_many, Change::default()] {
            assert_eq!(Change::of(&change.clone().into_event()), Some(change));
        }
        assert_eq!(Change::of(&Event::default()), None);
        let unnamed = Change {
            to: Value::Int(3),
            ..Change::default()
        };
        assert_eq!(Change::of(&unnamed.clone().into_event()), Some(unnamed));
    }

    /// What was stored by the first build that knew changes is read by every later one.
    #[test]
    fn the_stored_form_stays_readable() {
        let stored = concat!(
            r#"{"attributes":[["change.kind","flag"],["change.word","toggle!"],"#,
            r#"["change.subject","checkout.new"],"#,
            r#"["change.from",{"$map":[["checkout.new",false]]}],"#,
            r#"["change.to",{"$map":[["checkout.new",true]]}],"#,
            r#"["vcs.ref.head.revision","0123abc"],"#,
            r#"["change.author",{"$map":[["user","somebody"]]}],"#,
            r#"["change.files","billing/money.py\nREADME.md"]],"body":"turned on for a tenth","#,
            r#""kind":"change","resource":[["service.name","billing"]],"scope":[],"time":7,"v":1}"#,
        );
        let event = sample().into_event();
        let members = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        assert_eq!(members(&encode_event(&event)), members(stored.as_bytes()));
        assert_eq!(decode_event(stored.as_bytes()), Ok(event));
    }

    #[test]
    fn words_and_names_of_kinds() {
        for kind in ChangeKind::ALL {
            assert_eq!(ChangeKind::parse(kind.as_str()), Some(kind));
            assert_eq!(ChangeKind::from_word(kind.as_str()), Some(kind));
        }
        assert_eq!(ChangeKind::from_word("Rollback"), Some(ChangeKind::Deploy));
        assert_eq!(ChangeKind::from_word("weather"), None);
    }
}
