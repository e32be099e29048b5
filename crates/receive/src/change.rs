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
//! - files: `files`, `paths`; texts.
//!
//! Anything else becomes an attribute under its own name. Only a second value before or after, and
//! a second or unreadable author, are left out, since as attributes they would escape the rules for
//! such values; [`LEFT_OUT`] names their members. What has neither a
//! kind, nor a subject, nor a commit, nor a description, is no change; nor is one whose time cannot
//! be read. Either is refused with [`Code::ChangeShape`], since a change at a wrong time misleads.

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
/// Attribute with the names of the members that were left out, in the order of [`NAMES`].
const LEFT_OUT: &str = "change.left_out";

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
const NAMES: [(&str, Role); 54] = [
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

/// Maps members to an event.
fn event(pairs: Pairs) -> Result<Event, Code> {
    let mut known = Vec::new();
    let mut further = Vec::new();
    for (key, value) in pairs {
        match NAMES.iter().position(|(name, _)| *name == key) {
            Some(rank) => known.push((rank, key, value)),
            None => further.push((key, value)),
        }
    }
    known.sort_by_key(|(rank, ..)| *rank);
    let mut change = Change::default();
    let mut left_out: Vec<String> = Vec::new();
    let mut taken: Vec<std::mem::Discriminant<Role>> = Vec::new();
    for (rank, key, value) in known {
        let Some((_, role)) = NAMES.get(rank) else {
            continue;
        };
        let kind = std::mem::discriminant(role);
        if value == Value::Null {
            continue;
        }
        let surplus = if taken.contains(&kind) {
            Some(value)
        } else {
            assign(&mut change, *role, value)?
        };
        match surplus {
            None => taken.push(kind),
            Some(_) if role.is_guarded() => left_out.push(key),
            Some(value) => further.push((key, value)),
        }
    }
    if !tells(&taken) {
        return Err(Code::ChangeShape);
    }
    let mut event = change.into_event();
    if !left_out.is_empty() {
        let names = Value::String(left_out.join("\n"));
        further.retain(|(key, _)| key != LEFT_OUT);
        event.attributes.push((LEFT_OUT.to_owned(), names));
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

/// Gives a member its role, or gives the value back where it does not have the shape for it.
fn assign(change: &mut Change, role: Role, value: Value) -> Result<Option<Value>, Code> {
    match role {
        Role::Time => change.time_unix_ns = unix_ns(&value).ok_or(Code::ChangeShape)?,
        Role::Service => match said(value, &["name"]) {
            Ok(name) => change.service = name,
            Err(value) => return Ok(Some(value)),
        },
        Role::Kind => match value {
            Value::String(word) => match ChangeKind::from_word(&word) {
                Some(kind) => change.kind = kind,
                None => change.word = word,
            },
            _ => return Err(Code::ChangeShape),
        },
        Role::Subject(kind) => match said(value, &["name", "key"]) {
            Ok(subject) => {
                // A kind that was said comes before the one that a name tells.
                if change.kind == ChangeKind::Other && change.word.is_empty() {
                    change.kind = kind.unwrap_or_default();
                }
                change.subject = subject;
            }
            Err(value) => return Ok(Some(value)),
        },
        Role::From => change.from = value,
        Role::To => change.to = value,
        Role::Commit => match said(value, &["id", "sha"]) {
            Ok(commit) => change.commit = commit,
            Err(value) => return Ok(Some(value)),
        },
        Role::Author => match author(value) {
            Ok(author) => change.author = author,
            Err(value) => return Ok(Some(value)),
        },
        Role::Description => match said(value, &[]) {
            Ok(text) => change.description = text,
            Err(value) => return Ok(Some(value)),
        },
        Role::Files => match value {
            Value::Array(items) if items.iter().all(|item| item.as_str().is_some()) => {
                let paths = items.iter().filter_map(Value::as_str);
                change.files = paths.take(FILES_COUNT_MAX).map(str::to_owned).collect();
            }
            value => return Ok(Some(value)),
        },
    }
    Ok(None)
}

/// Who an author is: what else an object says of a person is not kept.
fn author(value: Value) -> Result<String, Value> {
    let names = ["email", "name", "login", "username"];
    match &value {
        Value::Map(pairs) if pairs.len() <= AUTHOR_MEMBERS_COUNT_MAX => {
            let found = names.iter().find_map(|name| value.get(name)?.as_str());
            found.map(str::to_owned).ok_or(value)
        }
        Value::Map(_) => Err(value),
        _ => said(value, &[]),
    }
}

/// A text, a number as text, or the first of these members of an object that is a text.
fn said(value: Value, members: &[&str]) -> Result<String, Value> {
    match value {
        Value::String(text) => Ok(text),
        Value::Int(number) => Ok(number.to_string()),
        Value::Double(number) => Ok(number.to_string()),
        Value::Map(ref pairs) if pairs.len() <= members.len() => {
            let found = members.iter().find_map(|name| value.get(name)?.as_str());
            found.map(str::to_owned).ok_or(value)
        }
        value => Err(value),
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
