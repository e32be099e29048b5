//! The stack of a failure, in plain sentences.

use cordon_event::{Value, attr};
use serde_json::Value as Json;

use crate::diagnosis::StackExplanation;
use crate::sentence::Sentence;
use crate::telemetry::Exemplar;
use crate::view::View;
use cordon_fingerprint::{ExceptionLink, Frame, parse_trace};

/// Most frames told and handed out.
const FRAMES_COUNT_MAX: usize = 32;
/// Most frames named in one sentence.
const FRAMES_TOLD_MAX: usize = 4;
/// Most exceptions of a chain told.
const CHAIN_COUNT_MAX: usize = 4;
/// Most arguments told and handed out.
const ARGUMENTS_COUNT_MAX: usize = 16;

/// The chain of exceptions of an event, the one that escaped first. Empty where there is none.
pub(crate) fn chain(view: &View<'_>, exemplar: &Exemplar) -> Vec<ExceptionLink> {
    let stacktrace = view.attribute(exemplar, attr::EXCEPTION_STACKTRACE);
    let body = exemplar
        .event
        .body
        .as_str()
        .filter(|text| text.contains('\n'));
    if let Some(trace) = stacktrace.or(body).and_then(parse_trace) {
        return trace.chain;
    }
    let Some(exception_type) = view.attribute(exemplar, attr::EXCEPTION_TYPE) else {
        return Vec::new();
    };
    let message = view
        .attribute(exemplar, attr::EXCEPTION_MESSAGE)
        .unwrap_or_default()
        .to_owned();
    vec![ExceptionLink {
        exception_type: exception_type.to_owned(),
        message,
        ..Default::default()
    }]
}

/// The frame to look at: the innermost of the application's own of the root cause, else of any
/// exception of the chain, else the innermost of all.
pub(crate) fn suspect(chain: &[ExceptionLink]) -> Option<&Frame> {
    let own = chain
        .iter()
        .rev()
        .find_map(|link| link.frames.iter().find(|f| f.in_app));
    own.or_else(|| chain.iter().rev().find_map(|link| link.frames.first()))
}

/// `module.function`, without repeating what the function already says.
pub(crate) fn qualified(frame: &Frame) -> String {
    let (module, function) = (frame.module.as_str(), frame.function.as_str());
    if module.is_empty() || function.starts_with(module) {
        return function.to_owned();
    }
    if function.is_empty() {
        module.to_owned()
    } else {
        format!("{module}.{function}")
    }
}

/// `file:line`, as far as known.
pub(crate) fn location(frame: &Frame) -> Option<String> {
    match (frame.file.as_str(), frame.line) {
        ("", _) => None,
        (file, None) => Some(file.to_owned()),
        (file, Some(line)) => Some(format!("{file}:{line}")),
    }
}

/// The recorded arguments: a producer may send JSON text, or the value that it stands for.
pub(crate) fn call_arguments(view: &View<'_>, exemplar: &Exemplar) -> Option<Json> {
    match view.value(exemplar, attr::CALL_ARGUMENTS)? {
        Value::String(text) => serde_json::from_str(text).ok(),
        value @ (Value::Map(_) | Value::Array(_)) => Some(json_of(value)),
        _ => None,
    }
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Null | Value::Bytes(_) => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        // JSON has no number that is not finite.
        Value::Double(n) => (*n).into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(json_of).collect(),
        Value::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| (key.clone(), json_of(value)))
            .collect(),
    }
}

/// Arguments of the recorded call as (name, JSON).
pub(crate) fn arguments(view: &View<'_>, exemplar: &Exemplar) -> Vec<(String, Json)> {
    let Some(Json::Object(members)) = call_arguments(view, exemplar) else {
        return Vec::new();
    };
    let shaped = members.len() <= 2 && members.keys().all(|k| k == "args" || k == "kwargs");
    let lists = shaped
        && members.get("args").is_none_or(Json::is_array)
        && members.get("kwargs").is_none_or(Json::is_object);
    if !lists {
        return members.into_iter().collect();
    }
    let positional = members
        .get("args")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let named = members
        .get("kwargs")
        .and_then(Json::as_object)
        .into_iter()
        .flatten();
    positional
        .enumerate()
        .map(|(i, v)| (format!("args[{i}]"), v.clone()))
        .chain(named.map(|(k, v)| (k.clone(), v.clone())))
        .collect()
}

/// Explains the stack of one stored event; `None` where it holds neither stack nor call.
pub(crate) fn explain(view: &View<'_>, exemplar: &Exemplar) -> Option<StackExplanation> {
    let chain = chain(view, exemplar);
    let arguments: Vec<_> = arguments(view, exemplar)
        .into_iter()
        .map(|(name, value)| (name, shape(value)))
        .collect();
    let cite = |s: Sentence| s.citing([&exemplar.evidence_id]);
    let mut sentences = Vec::new();
    if let Some(link) = chain.first() {
        sentences.push(cite(raised(link)));
        if let Some(way) = way(&link.frames) {
            sentences.push(cite(way));
        }
    }
    sentences.extend(
        chain
            .iter()
            .skip(1)
            .take(CHAIN_COUNT_MAX)
            .map(|link| cite(caused(link))),
    );
    if let Some(call) = call(view, exemplar, &arguments) {
        sentences.push(cite(call));
    }
    if let Some(expected) = expected(view, exemplar) {
        sentences.push(cite(expected));
    }
    let frames = chain
        .into_iter()
        .next()
        .map(|link| link.frames)
        .unwrap_or_default();
    (!sentences.is_empty()).then(|| StackExplanation {
        group_id: exemplar.group_id.clone(),
        evidence_id: exemplar.evidence_id.clone(),
        sentences,
        frames: frames
            .into_iter()
            .take(FRAMES_COUNT_MAX)
            .map(|frame| shown(&frame))
            .collect(),
        arguments: arguments
            .into_iter()
            .take(ARGUMENTS_COUNT_MAX)
            .map(|(name, value)| (crate::excerpt(&name), crate::excerpt(&value.to_string())))
            .collect(),
    })
}

/// A value whose texts are told by their length alone, save for what redaction put there.
///
/// *Why so:* nobody has classified the fields of a call's arguments, and what is not classified is
/// not released; numbers, truth values and the shape are what a reader needs most.
fn shape(value: Json) -> Json {
    match value {
        Json::String(text) if is_redactions_own(&text) => Json::String(text),
        Json::String(text) => Json::String(format!("<{} characters>", text.chars().count())),
        Json::Array(items) => items.into_iter().map(shape).collect(),
        Json::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, shape(value)))
            .collect(),
        other => other,
    }
}

/// Whether the text is a marker or a pseudonym: `[removed:rule]`, `kind_` and base32.
fn is_redactions_own(text: &str) -> bool {
    let marker = text.starts_with("[removed:") && text.ends_with(']') && !text.contains(' ');
    let pseudonym = text.rsplit_once('_').is_some_and(|(kind, code)| {
        code.len() >= PSEUDONYM_CHARS_MIN
            && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
            && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    });
    marker || pseudonym
}

/// Characters of base32 in a pseudonym: at least 96 bits.
const PSEUDONYM_CHARS_MIN: usize = 20;

/// A frame whose text is safe to print.
fn shown(frame: &Frame) -> Frame {
    Frame {
        function: crate::excerpt(&frame.function),
        module: crate::excerpt(&frame.module),
        file: crate::excerpt(&frame.file),
        ..*frame
    }
}

fn raised(link: &ExceptionLink) -> Sentence {
    let mut said =
        with_message(Sentence::default().code(&link.exception_type), link).words(" was raised");
    let own = link.frames.iter().position(|f| f.in_app);
    match (link.frames.first(), own) {
        (Some(first), Some(at)) if at > 0 => {
            said = place(said.words(" inside library code, in "), first);
            if let Some(frame) = link.frames.get(at) {
                said = place(said.words(", called from "), frame);
            }
        }
        (Some(first), _) => said = place(said.words(" in "), first),
        (None, _) => {}
    }
    said.words(".")
}

fn caused(link: &ExceptionLink) -> Sentence {
    let said = with_message(
        Sentence::new("It came of ").code(&link.exception_type),
        link,
    );
    let frame = link
        .frames
        .iter()
        .find(|f| f.in_app)
        .or(link.frames.first());
    match frame {
        Some(frame) => place(said.words(", raised in "), frame).words("."),
        None => said.words("."),
    }
}

fn with_message(said: Sentence, link: &ExceptionLink) -> Sentence {
    if link.message.is_empty() {
        said
    } else {
        said.words(" (").quote(&link.message).words(")")
    }
}

fn place(said: Sentence, frame: &Frame) -> Sentence {
    let said = said.code(&qualified(frame));
    match location(frame) {
        Some(at) => said.words(" at ").quote(&at),
        None => said,
    }
}

/// The calls that led there, outermost last.
fn way(frames: &[Frame]) -> Option<Sentence> {
    let first_own = frames.iter().position(|f| f.in_app)?;
    let callers: Vec<_> = frames
        .iter()
        .skip(first_own + 1)
        .filter(|f| f.in_app)
        .collect();
    let mut said = Sentence::new("It was called by ");
    for (i, frame) in callers.iter().take(FRAMES_TOLD_MAX).enumerate() {
        said = if i == 0 {
            said
        } else {
            said.words(", which was called by ")
        };
        said = place(said, frame);
    }
    let more = callers.len() > FRAMES_TOLD_MAX;
    let end = if more {
        ", and further frames of the application."
    } else {
        "."
    };
    (!callers.is_empty()).then(|| said.words(end))
}

fn call(view: &View<'_>, exemplar: &Exemplar, arguments: &[(String, Json)]) -> Option<Sentence> {
    if arguments.is_empty() {
        return None;
    }
    let mut said = Sentence::new("The recorded call");
    if let Some(function) = view.function(exemplar) {
        said = said.words(" of ").code(function);
    }
    said = said.words(" had ");
    for (i, (name, value)) in arguments.iter().take(ARGUMENTS_COUNT_MAX).enumerate() {
        said = if i == 0 { said } else { said.words(", ") };
        said = said.code(&format!("{name}={value}"));
    }
    Some(said.words("."))
}

fn expected(view: &View<'_>, exemplar: &Exemplar) -> Option<Sentence> {
    let expectation = view.attribute(exemplar, attr::CALL_EXPECTATION)?;
    let said = match result(exemplar).or_else(|| {
        view.attribute(exemplar, attr::CALL_RESULT)
            .map(str::to_owned)
    }) {
        Some(result) => Sentence::new("It returned ")
            .code(&result)
            .words(", which violates "),
        None => Sentence::new("It violated "),
    };
    Some(
        said.words("the recorded expectation ")
            .code(expectation)
            .words("."),
    )
}

/// The recorded result, which a producer may also have sent as a plain number.
fn result(exemplar: &Exemplar) -> Option<String> {
    match exemplar.event.attribute(attr::CALL_RESULT)? {
        Value::String(text) => Some(text.clone()),
        Value::Int(n) => Some(n.to_string()),
        Value::Double(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
