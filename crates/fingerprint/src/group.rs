//! The group that an event belongs to, and its id.

use cordon_event::{Event, Value, attr};
use cordon_redact::Clean;

use crate::key;
use crate::limits::TITLE_CHARS_MAX;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace, top_in_app};
use crate::root;
use crate::rules::Rules;
use crate::template::{mask, template};
use crate::trace::parse_trace;

/// What makes the events of a group alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// The same exception from the same code.
    Exception,
    /// The same expectation of the same function, violated.
    Expectation,
    /// The same message template.
    Template,
}

impl GroupKind {
    /// Stable name, as printed and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Expectation => "expectation",
            Self::Template => "template",
        }
    }
}

/// The group that an event belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `fp_` (exceptions, expectations) or `tpl_` (templates), and the base32 of 120 bits of a
    /// hash of what stays the same.
    pub id: String,
    /// What makes its events alike.
    pub kind: GroupKind,
    /// Language, where a stack trace told.
    pub language: Option<Language>,
    /// Type of the exception that escaped; empty where there is none.
    pub exception_type: String,
    /// Template of the message.
    pub message: String,
    /// Frames of the exception that escaped, the one that raised first.
    pub frames: Vec<Frame>,
    /// One line for lists: type and message, and where.
    pub title: String,
    /// The exception that escaped, then what it hangs on; messages as templates.
    pub chain: Vec<ExceptionLink>,
    /// What contributed to the id, and why.
    pub explain: Vec<String>,
}

impl Group {
    /// Where it went wrong: the innermost in-app frame of the exception that escaped, or where that
    /// has none of the first in the chain that has one.
    pub fn top_in_app(&self) -> Option<&Frame> {
        top_in_app(&self.chain)
    }
}

/// The group of a clean event.
pub fn group(event: &Clean<Event>) -> Clean<Group> {
    event.project(group_event)
}

/// The group of a clean event by a user's rules.
pub fn group_with(event: Clean<Event>, rules: Clean<Rules>) -> Clean<Group> {
    event
        .pair(rules)
        .map(|(event, rules)| of_event(&event, &rules))
}

/// As [`group`], for data that is not on either side of the wall: an offline tool's input.
pub fn group_event(event: &Event) -> Group {
    of_event(event, &Rules::default())
}

fn of_event(event: &Event, rules: &Rules) -> Group {
    if let Some(expectation) = event.attribute_str(attr::CALL_EXPECTATION)
        && event.attribute(attr::EXCEPTION_TYPE).is_none()
    {
        return expected(event, expectation);
    }
    match trace_of(event) {
        Some((language, mut chain)) => {
            root::place(event, language, &mut chain);
            failed(language, &chain, rules)
        }
        None => plain(event),
    }
}

/// The exceptions of an event, from its attributes and stack trace, or from its body.
fn trace_of(event: &Event) -> Option<(Option<Language>, Vec<ExceptionLink>)> {
    let text = |key| event.attribute_str(key).unwrap_or_default();
    let (kind, message) = (text(attr::EXCEPTION_TYPE), text(attr::EXCEPTION_MESSAGE));
    let parsed = parse_trace(text(attr::EXCEPTION_STACKTRACE));
    if kind.is_empty() && message.is_empty() && parsed.is_none() {
        let trace = body_text(&event.body).and_then(parse_trace)?;
        return Some((Some(trace.language), trace.chain));
    }
    let (language, mut chain) = match parsed {
        Some(trace) => (Some(trace.language), trace.chain),
        None => (
            key::language_of(event, kind),
            vec![ExceptionLink::default()],
        ),
    };
    // Attributes fill what a truncated trace lacks.
    if let Some(first) = chain.first_mut() {
        if first.exception_type.is_empty() {
            kind.clone_into(&mut first.exception_type);
        }
        if first.message.is_empty() {
            message.clone_into(&mut first.message);
        }
    }
    Some((language, chain))
}

/// Text of a body: itself, or the message field of a structured one.
fn body_text(body: &Value) -> Option<&str> {
    body.as_str().or_else(|| {
        [
            "exception",
            "stacktrace",
            "stack_trace",
            "stack",
            "error",
            "message",
            "msg",
            "body",
        ]
        .into_iter()
        .find_map(|key| body.get(key).and_then(Value::as_str))
    })
}

/// The group of a stack trace, for text that came without an event.
pub fn group_trace(trace: &Trace) -> Group {
    group_trace_with(trace, &Rules::default())
}

/// As [`group_trace`], by a user's rules.
pub fn group_trace_with(trace: &Trace, rules: &Rules) -> Group {
    failed(Some(trace.language), &trace.chain, rules)
}

/// The group of a chain of exceptions.
fn failed(language: Option<Language>, chain: &[ExceptionLink], rules: &Rules) -> Group {
    let mut chain = chain.to_vec();
    let (id, explain) = key::exception(language, &mut chain, rules);
    for link in &mut chain {
        link.message = mask(&link.message);
    }
    let first = chain.first().cloned().unwrap_or_default();
    Group {
        id,
        kind: GroupKind::Exception,
        language,
        title: title(&first, top_in_app(&chain)),
        exception_type: first.exception_type,
        message: first.message,
        frames: first.frames,
        chain,
        explain,
    }
}

/// The group of a violated expectation.
fn expected(event: &Event, expectation: &str) -> Group {
    let function = event
        .attribute_str(attr::CODE_FUNCTION_NAME)
        .unwrap_or_default();
    let (module, name) = function.rsplit_once('.').unwrap_or(("", function));
    let text = expectation.split_whitespace().collect::<Vec<_>>().join(" ");
    let frame = Frame {
        function: name.to_owned(),
        module: module.to_owned(),
        in_app: true,
        ..Frame::default()
    };
    Group {
        id: crate::id::of("fp_", &["expectation", function, &text]),
        kind: GroupKind::Expectation,
        language: None,
        exception_type: String::new(),
        message: text.clone(),
        frames: if function.is_empty() {
            Vec::new()
        } else {
            vec![frame]
        },
        title: clip(&format!("{function} violates {text}")),
        chain: Vec::new(),
        explain: vec![
            format!("function {function}: an expectation belongs to the function it is about"),
            format!("expectation {text}: two expectations of one function are two failures"),
        ],
    }
}

/// The group of an event without an exception.
fn plain(event: &Event) -> Group {
    let text = body_text(&event.body).filter(|text| !text.trim().is_empty());
    let (text, source) = text.map_or((event.name.as_str(), "name"), |text| (text, "body"));
    let template = template(text);
    let title = clip(&template.text);
    Group {
        id: template.id,
        kind: GroupKind::Template,
        language: None,
        exception_type: String::new(),
        explain: vec![format!(
            "template of the {source}: the event has no exception"
        )],
        message: template.text,
        frames: Vec::new(),
        title,
        chain: Vec::new(),
    }
}

/// Type, message, and where.
fn title(link: &ExceptionLink, top: Option<&Frame>) -> String {
    let (kind, message) = (link.exception_type.as_str(), link.message.as_str());
    let first_line = message.lines().next().unwrap_or_default();
    let what = match (kind.is_empty(), first_line.is_empty()) {
        (false, false) => format!("{kind}: {first_line}"),
        (false, true) => kind.to_owned(),
        (true, _) => first_line.to_owned(),
    };
    let place = top.or_else(|| link.frames.first());
    match place.filter(|frame| !frame.function.is_empty()) {
        Some(frame) if frame.module.is_empty() => clip(&format!("{what} in {}", frame.function)),
        Some(frame) => clip(&format!("{what} in {}.{}", frame.module, frame.function)),
        None => clip(&what),
    }
}

/// At most the limit.
fn clip(text: &str) -> String {
    if text.chars().count() <= TITLE_CHARS_MAX {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(TITLE_CHARS_MAX - 1).collect();
    kept.push('…');
    kept
}

/// Relations whose types count in an id in order.
pub(crate) fn in_line(link: &ExceptionLink) -> bool {
    matches!(
        link.relation,
        Relation::Escaped | Relation::Cause | Relation::Context
    )
}
