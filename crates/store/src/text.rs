//! The text of groups and quarantined entries, and its stored form.

use std::borrow::Cow;

use cordon_event::{Quarantined, codec};
use cordon_redact::Stored;
use serde_json::{Value as Json, json};

use crate::limits::RELEASES_COUNT_MAX;
use crate::subject::{Subject, Subjects};

/// What makes the events of a group alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// An exception's type and frames.
    Exception,
    /// A recorded expectation that did not hold.
    Expectation,
    /// A message template.
    #[default]
    Template,
}

impl GroupKind {
    /// Stable name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Expectation => "expectation",
            Self::Template => "template",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Exception, Self::Expectation, Self::Template]
            .into_iter()
            .find(|k| k.as_str() == name)
    }
}

/// The group that an event belongs to, as its classifier says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouping {
    /// Stable id: 1 to 96 of `a-z`, `0-9`, `.`, `_`, `-`, `:`. It stands in clear.
    pub group_id: String,
    /// What makes the group.
    pub kind: GroupKind,
    /// One line that names the group.
    pub title: String,
    /// Message template.
    pub template: String,
    /// Whether the event tells of a failure.
    pub failure: bool,
    /// Service that emitted it.
    pub service: String,
    /// Release of the service, empty where unknown.
    pub release: String,
    /// Module of the innermost frame of the application's own code, or its file where the language
    /// has no modules; empty where unknown.
    pub module: String,
}

/// One release of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSeen {
    /// Its name.
    pub release: String,
    /// When the group was first seen in it, nanoseconds since the Unix epoch.
    pub first_unix_ns: u64,
    /// When it was last seen in it, nanoseconds since the Unix epoch.
    pub last_unix_ns: u64,
    /// How often.
    pub count: u64,
}

/// The text of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupText {
    /// One line that names the group.
    pub title: String,
    /// Message template.
    pub template: String,
    /// Service that it was first seen in.
    pub service: String,
    /// The most recent releases, in the order first seen.
    pub releases: Vec<ReleaseSeen>,
    /// Whom its events concerned.
    pub subjects: Subjects,
}

/// What a batch adds to a group's text: releases, each with the time that it was seen, and
/// subjects.
pub(crate) type Seen = (Vec<(String, u64)>, Vec<Subject>);

impl GroupText {
    /// Text of a group that was not there before.
    pub(crate) fn of(grouping: &Grouping) -> Self {
        Self {
            title: grouping.title.clone(),
            template: grouping.template.clone(),
            service: grouping.service.clone(),
            releases: Vec::new(),
            subjects: Subjects::default(),
        }
    }

    /// Adds what a batch brings.
    pub(crate) fn observe((mut text, (seen, subjects)): (Self, Seen)) -> Self {
        text.subjects.observe(subjects);
        for (release, at) in seen.into_iter().filter(|(release, _)| !release.is_empty()) {
            match text
                .releases
                .iter_mut()
                .find(|known| known.release == release)
            {
                Some(known) => {
                    known.first_unix_ns = known.first_unix_ns.min(at);
                    known.last_unix_ns = known.last_unix_ns.max(at);
                    known.count = known.count.saturating_add(1);
                }
                None => text.releases.push(ReleaseSeen {
                    release,
                    first_unix_ns: at,
                    last_unix_ns: at,
                    count: 1,
                }),
            }
        }
        while text.releases.len() > RELEASES_COUNT_MAX {
            let stalest = text
                .releases
                .iter()
                .enumerate()
                .min_by_key(|(_, r)| r.last_unix_ns);
            let Some((index, _)) = stalest else { break };
            text.releases.remove(index);
        }
        text.releases.sort_by_key(|r| r.first_unix_ns);
        text
    }
}

/// A quarantined entry, to be sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held(pub Quarantined);

impl Stored for GroupText {
    fn encode(&self) -> Cow<'_, [u8]> {
        let releases: Vec<Json> = self
            .releases
            .iter()
            .map(|r| json!([r.release, r.first_unix_ns, r.last_unix_ns, r.count]))
            .collect();
        json!({
            "title": self.title,
            "template": self.template,
            "service": self.service,
            "releases": releases,
            "subjects": self.subjects.encode(),
        })
        .to_string()
        .into_bytes()
        .into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(bytes).ok()?;
        let releases = json.get("releases")?.as_array()?.iter().map(release_from);
        Some(Self {
            title: text(&json, "title")?,
            template: text(&json, "template")?,
            service: text(&json, "service")?,
            releases: releases.collect::<Option<_>>()?,
            subjects: Subjects::decode(json.get("subjects"))?,
        })
    }
}

impl Stored for Held {
    fn encode(&self) -> Cow<'_, [u8]> {
        codec::encode_quarantined(&self.0).into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        codec::decode_quarantined(bytes).ok().map(Self)
    }
}

fn release_from(json: &Json) -> Option<ReleaseSeen> {
    let number = |i: usize| json.get(i).and_then(Json::as_u64);
    Some(ReleaseSeen {
        release: json.get(0)?.as_str()?.to_owned(),
        first_unix_ns: number(1)?,
        last_unix_ns: number(2)?,
        count: number(3)?,
    })
}

fn text(json: &Json, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive_the_round_trip() {
        let grouping = Grouping {
            title: "T \"q\"".into(),
            ..Grouping::default()
        };
        let seen = vec![
            ("1.0".to_owned(), 5),
            (String::new(), 6),
            ("1.0".to_owned(), 9),
        ];
        let text = GroupText::observe((GroupText::of(&grouping), (seen, vec![(2, 9)])));
        assert_eq!((text.releases.len(), text.subjects.count()), (1, 1));
        assert_eq!(GroupText::decode(&text.encode()), Some(text));
        let held = Held(Quarantined {
            reason: "canary".into(),
            rule: "r".into(),
            paths: vec!["body".into()],
            source: "billing".into(),
            removed: vec![("A".into(), "jwt".into(), 1)],
            ..Quarantined::default()
        });
        assert_eq!(Held::decode(&held.encode()), Some(held));
    }

    #[test]
    fn the_stalest_release_gives_way() {
        let seen = (0..=RELEASES_COUNT_MAX as u64).map(|n| (format!("r{n}"), 100 + n));
        let text = GroupText::observe((GroupText::default(), (seen.collect(), Vec::new())));
        assert_eq!(text.releases.len(), RELEASES_COUNT_MAX);
        assert_eq!(text.releases[0].release, "r1");
    }
}
