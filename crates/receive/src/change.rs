//! Changes of a system become events: the schema of `POST /v1/changes`, of `changes.jsonl` beside a
//! folder of telemetry, and of `cordon changes add`.
//!
//! A body is one JSON object, an array of them, or one a line. Names of one row stand for one
//! thing; the earlier wins.
//!
//! - time: `time`, `timestamp`, `ts`, `@timestamp`, `datetime`, `date`, as in events.
//! - service: `service`, `service.name`, `service_name`; text, or an object with a `name`.
//! - kind: `kind`, `type`, `change`. `deploy`, `flag`, `configuration`, `dependency`, `other`, and
//!   words that are used for them; another word is kept as it is. Without one, the subject's name
//!   tells the kind.
//! - subject: `subject`; `flag` (a flag); `key`, `setting` (a configuration); `version`, `release`,
//!   `tag` (a deploy); `package`, `dependency`, `library`; `name`.
//! - value before: `from`, `before`, `old`, `previous`; after: `to`, `after`, `new`, `value`.
//! - commit: `commit`, `commit_id`, `revision`, `sha`, `vcs.ref.head.revision`.
//! - author: `author`, `user`, `actor`, `by`; text, or an object with `email` or `name`.
//! - description: `description`, `message`, `summary`, `title`, `comment`, `text`, `msg`.
//! - files: `files`, `paths`; texts. Of more than [`FILES_COUNT_MAX`] the event says how many were
//!   left out.
//!
//! An object stands for the name that it has a text for; a subject's object may hold the values
//! before and after as well. What else it holds, and anything else, becomes an attribute under its
//! own name, of which redaction keeps no more than of a value. Only a second value before or after,
//! a second or unreadable author, and what is called as a change's own attributes are, are left
//! out; [`attr::CHANGE_LEFT_OUT`] names their members. What has neither a kind, nor a subject, nor
//! a commit, nor a description, is no change; nor is one whose time cannot be read. Either is
//! refused with [`Code::ChangeShape`], since a change at a wrong time misleads.

use cordon_event::limits::ATTRIBUTES_COUNT_MAX;
use cordon_event::{Change, ChangeKind, Event, Value, attr};

use crate::error::{Code, Error};
use crate::json;
use crate::limits::JSON_DEPTH_MAX;
use crate::sink::{Pairs, Sink};
use crate::time::unix_ns;

/// Paths of one change that are kept; a commit of more is a move of a tree.
pub const FILES_COUNT_MAX: usize = 256;

/// Members of an author's object that are looked through.
const AUTHOR_MEMBERS_COUNT_MAX: usize = 32;
/// Stands for the members that are called as a change's own attributes: their names are data.
const OWN: &str = "change.*";

/// Reads a body.
pub(crate) fn body(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Error> {
    let mut lines = body.split(|b| *b == b'\n').enumerate();
    let is_blank = |line: &[u8]| line.iter().all(u8::is_ascii_whitespace);
    let Some((at, first)) = lines.find(|(_, line)| !is_blank(line)) else {
        return Ok(());
    };
    // A document over several lines does not end with its first.
    let Ok(first) = json::parse(first, JSON_DEPTH_MAX, sink.meter) else {
        let whole = json::parse(body, JSON_DEPTH_MAX, sink.meter);
        return whole
            .and_then(|value| document(value, sink))
            .map_err(Error::from);
    };
    document(first, sink).map_err(|code| code.at_line(at as u64 + 1))?;
    for (at, line) in lines.filter(|(_, line)| !is_blank(line)) {
        json::parse(line, JSON_DEPTH_MAX, sink.meter)
            .and_then(|value| document(value, sink))
            .map_err(|code| code.at_line(at as u64 + 1))?;
    }
    Ok(())
}

/// An object, or an array of objects.
fn document(value: Value, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    match value {
        Value::Map(pairs) => sink.push_members(pairs, event),
        Value::Array(items) => items.into_iter().try_for_each(|item| match item {
            Value::Map(pairs) => sink.push_members(pairs, event),
            _ => Err(Code::JsonShape),
        }),
        _ => Err(Code::JsonShape),
    }
}

/// What a member tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Time,
    Service,
    Kind,
    Subject(Option<ChangeKind>),
    From,
    To,
    Commit,
    Author,
    Description,
    Files,
}

impl Role {
    /// Whether redaction judges the value by its role, so that it may not stand anywhere else.
    fn is_guarded(self) -> bool {
        matches!(self, Self::From | Self::To | Self::Author)
    }
}

use ChangeKind::{Configuration, Dependency, Deploy, Flag};

/// Names and roles; among names of one role the earlier wins.
const NAMES: [(&str, Role); 56] = [
    ("time", Role::Time),
    ("timestamp", Role::Time),
    ("ts", Role::Time),
    ("@timestamp", Role::Time),
    ("datetime", Role::Time),
    ("date", Role::Time),
    ("service", Role::Service),
    ("service.name", Role::Service),
    ("service_name", Role::Service),
    ("kind", Role::Kind),
    ("type", Role::Kind),
    ("change", Role::Kind),
    ("subject", Role::Subject(None)),
    // Before versions: a flag has one, too, and its values are no versions.
    ("flag", Role::Subject(Some(Flag))),
    ("feature_flag.key", Role::Subject(Some(Flag))),
    ("key", Role::Subject(Some(Configuration))),
    ("setting", Role::Subject(Some(Configuration))),
    ("version", Role::Subject(Some(Deploy))),
    ("service.version", Role::Subject(Some(Deploy))),
    ("release", Role::Subject(Some(Deploy))),
    ("tag", Role::Subject(Some(Deploy))),
    ("package", Role::Subject(Some(Dependency))),
    ("dependency", Role::Subject(Some(Dependency))),
    ("library", Role::Subject(Some(Dependency))),
    ("name", Role::Subject(None)),
    ("from", Role::From),
    ("before", Role::From),
    ("old", Role::From),
    ("old_value", Role::From),
    ("previous", Role::From),
    ("to", Role::To),
    ("after", Role::To),
    ("new", Role::To),
    ("new_value", Role::To),
    ("value", Role::To),
    ("feature_flag.result.value", Role::To),
    ("feature_flag.result.variant", Role::To),
    ("commit", Role::Commit),
    ("commit_id", Role::Commit),
    ("revision", Role::Commit),
    ("sha", Role::Commit),
    (attr::VCS_REVISION, Role::Commit),
    ("author", Role::Author),
    ("user", Role::Author),
    ("actor", Role::Author),
    ("by", Role::Author),
    ("description", Role::Description),
    ("message", Role::Description),
    ("summary", Role::Description),
    ("title", Role::Description),
    ("comment", Role::Description),
    ("text", Role::Description),
    ("msg", Role::Description),
    ("body", Role::Description),
    ("files", Role::Files),
    ("paths", Role::Files),
];

/// Members with a role, each with the place of its name in [`NAMES`], and the others.
struct Members {
    known: Vec<(usize, String, Value)>,
    further: Pairs,
    left_out: Vec<String>,
}

impl Members {
    fn of(pairs: Pairs) -> Self {
        let mut members = Self {
            known: Vec::new(),
            further: Vec::new(),
            left_out: Vec::new(),
        };
        for (key, value) in pairs {
            members.sort(key, value);
        }
        members.known.sort_by_key(|(rank, ..)| *rank);
        members
    }

    fn sort(&mut self, key: String, mut value: Value) {
        let Some(rank) = rank(&key) else {
            if !key.starts_with(attr::CHANGE) {
                self.further.push((key, value));
            } else if self.left_out.is_empty() {
                self.left_out.push(OWN.to_owned());
            }
            return;
        };
        if let (Some(Role::Subject(_)), Value::Map(inner)) = (role(rank), &mut value) {
            self.open(inner);
        }
        self.known.push((rank, key, value));
    }

    /// Takes the values before and after out of a subject's object.
    fn open(&mut self, inner: &mut Pairs) {
        let is_value = |key: &str| {
            let rank = rank(key)?;
            matches!(role(rank)?, Role::From | Role::To).then_some(rank)
        };
        for (key, value) in std::mem::take(inner) {
            match is_value(&key) {
                Some(rank) => self.known.push((rank, key, value)),
                None => inner.push((key, value)),
            }
        }
    }
}

/// Place of a name in [`NAMES`].
fn rank(key: &str) -> Option<usize> {
    NAMES.iter().position(|(name, _)| *name == key)
}

fn role(rank: usize) -> Option<Role> {
    NAMES.get(rank).map(|(_, role)| *role)
}

/// Maps members to an event.
fn event(pairs: Pairs) -> Result<Event, Code> {
    let Members {
        known,
        mut further,
        mut left_out,
    } = Members::of(pairs);
    let mut change = Change::default();
    let mut taken: Vec<std::mem::Discriminant<Role>> = Vec::new();
    for (rank, key, value) in known {
        let Some(role) = role(rank) else { continue };
        let kind = std::mem::discriminant(&role);
        if value == Value::Null {
            continue;
        }
        let rest = if taken.contains(&kind) {
            Some(value)
        } else {
            let (is_taken, rest) = assign(&mut change, role, value)?;
            taken.extend(is_taken.then_some(kind));
            rest
        };
        match rest {
            None => {}
            Some(_) if role.is_guarded() => left_out.push(key),
            Some(rest) => further.push((key, rest)),
        }
    }
    if !tells(&taken) {
        return Err(Code::ChangeShape);
    }
    let mut event = change.into_event();
    if !left_out.is_empty() {
        let names = Value::String(left_out.join("\n"));
        event
            .attributes
            .push((attr::CHANGE_LEFT_OUT.to_owned(), names));
    }
    event.attributes.append(&mut further);
    if event.attributes.len() > ATTRIBUTES_COUNT_MAX {
        return Err(Code::AttributesCount);
    }
    Ok(event)
}

/// Whether members of these roles tell of a change at all.
fn tells(taken: &[std::mem::Discriminant<Role>]) -> bool {
    taken.iter().any(|role| {
        [
            Role::Kind,
            Role::Subject(None),
            Role::Commit,
            Role::Description,
        ]
        .iter()
        .any(|of| std::mem::discriminant(of) == *role)
    })
}

/// Gives a member its role where it has the shape for it. Whether it does, and what is left of it.
fn assign(change: &mut Change, role: Role, value: Value) -> Result<(bool, Option<Value>), Code> {
    let (text, rest) = match role {
        Role::Time => {
            change.time_unix_ns = unix_ns(&value).ok_or(Code::ChangeShape)?;
            return Ok((true, None));
        }
        Role::From => {
            change.from = value;
            return Ok((true, None));
        }
        Role::To => {
            change.to = value;
            return Ok((true, None));
        }
        Role::Files => return Ok(files(change, value)),
        Role::Author => author(value),
        Role::Kind => (value.as_str().map(str::to_owned), None),
        Role::Description => said(value, &[]),
        Role::Service => said(value, &["name"]),
        Role::Subject(_) => said(value, &["name", "key"]),
        Role::Commit => said(value, &["id", "sha"]),
    };
    let Some(text) = text else {
        return match role {
            Role::Kind => Err(Code::ChangeShape),
            _ => Ok((false, rest)),
        };
    };
    match role {
        Role::Service => change.service = text,
        Role::Kind => match ChangeKind::from_word(&text) {
            Some(kind) => change.kind = kind,
            None => change.word = text,
        },
        Role::Subject(kind) => {
            // A kind that was said comes before the one that a name tells.
            if change.kind == ChangeKind::Other && change.word.is_empty() {
                change.kind = kind.unwrap_or_default();
            }
            change.subject = text;
        }
        Role::Commit => change.commit = text,
        Role::Author => change.author = text,
        Role::Description => change.description = text,
        Role::Time | Role::From | Role::To | Role::Files => {}
    }
    Ok((true, rest))
}

/// Paths, if they are that, and how many more there are than are kept.
fn files(change: &mut Change, value: Value) -> (bool, Option<Value>) {
    match value {
        Value::Array(items) if items.iter().all(|item| item.as_str().is_some()) => {
            change.files_left_out = items.len().saturating_sub(FILES_COUNT_MAX) as u64;
            let paths = items.iter().filter_map(Value::as_str);
            change.files = paths.take(FILES_COUNT_MAX).map(str::to_owned).collect();
            (true, None)
        }
        value => (false, Some(value)),
    }
}

/// Who an author is: what else an object says of a person is not kept.
fn author(value: Value) -> (Option<String>, Option<Value>) {
    let names = ["email", "name", "login", "username"];
    match &value {
        Value::Map(pairs) if pairs.len() <= AUTHOR_MEMBERS_COUNT_MAX => {
            let found = names.iter().find_map(|name| value.get(name)?.as_str());
            match found.map(str::to_owned) {
                Some(found) => (Some(found), None),
                None => (None, Some(value)),
            }
        }
        Value::Map(_) => (None, Some(value)),
        _ => said(value, &[]),
    }
}

/// A text, a number as text, or the first of these members of an object that is a text; and what is
/// left.
fn said(value: Value, members: &[&str]) -> (Option<String>, Option<Value>) {
    match value {
        Value::String(text) => (Some(text), None),
        Value::Int(number) => (Some(number.to_string()), None),
        Value::Double(number) => (Some(number.to_string()), None),
        Value::Map(mut pairs) => {
            let found = members.iter().find_map(|name| {
                let is_text =
                    |(key, value): &(String, Value)| key == name && value.as_str().is_some();
                pairs.iter().position(is_text)
            });
            let text = found.map(|at| pairs.remove(at).1);
            let rest = (!pairs.is_empty()).then_some(Value::Map(pairs));
            let text = text.as_ref().and_then(Value::as_str).map(str::to_owned);
            (text, rest)
        }
        value => (None, Some(value)),
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
