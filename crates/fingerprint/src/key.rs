//! What of an exception goes into its id.
//!
//! Types of the chain, and of each exception in it the functions of the topmost in-app frames
//! with recursion folded. Where there is no frame to go by, the message's template. Lines,
//! addresses, versions and machine-specific roots do not contribute.

use std::collections::BTreeSet;

use cordon_event::{Event, Value};

use crate::group::in_line;
use crate::id;
use crate::limits::ID_FRAMES_COUNT_MAX;
use crate::model::{ExceptionLink, Frame, Language, Relation};

/// Language of an exception that came without a stack trace.
pub(crate) fn language_of(event: &Event, kind: &str) -> Option<Language> {
    let named = event
        .resource
        .iter()
        .find(|(key, _)| key == "telemetry.sdk.language");
    match named.and_then(|(_, value)| Value::as_str(value)) {
        Some("android") => Some(Language::Java),
        Some("nodejs" | "webjs") => Some(Language::JavaScript),
        Some("dotnet") => Some(Language::CSharp),
        Some(name) => Language::parse(name),
        None if ["java.", "javax.", "kotlin."]
            .iter()
            .any(|root| kind.starts_with(root)) =>
        {
            Some(Language::Java)
        }
        None => kind.starts_with('*').then_some(Language::Go),
    }
}

/// The id of a chain of exceptions, and what contributed to it.
pub(crate) fn exception(chain: &[ExceptionLink]) -> (String, Vec<String>) {
    let mut parts = vec!["exception".to_owned()];
    let mut explain = Vec::new();
    let mut last = "";
    for link in chain.iter().filter(|link| in_line(link)) {
        let kind = short(&link.exception_type);
        if kind != last {
            explain.push(format!(
                "type {kind}: {} in the chain",
                link.relation.as_str()
            ));
            parts.push(format!("type {kind}"));
        }
        last = kind;
    }
    let members: BTreeSet<&str> = chain
        .iter()
        .filter(|link| link.relation == Relation::Member)
        .map(|link| short(&link.exception_type))
        .collect();
    for kind in members {
        explain.push(format!(
            "type {kind}: member of a group, order does not count"
        ));
        parts.push(format!("member {kind}"));
    }
    let frames: Vec<String> = chain
        .iter()
        .filter(|link| in_line(link))
        .flat_map(frames_of)
        .collect();
    if frames.is_empty() {
        let message = chain
            .first()
            .map(|link| link.message.as_str())
            .unwrap_or_default();
        explain.push("message template: there is no frame to go by".to_owned());
        parts.push(format!("message {message}"));
    }
    for frame in frames {
        explain.push(format!("frame {frame}: in-app, near where it was raised"));
        parts.push(format!("frame {frame}"));
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    (id::of("fp_", &parts), explain)
}

/// Last part of a type's name: attributes and traces differ in how they qualify it.
fn short(kind: &str) -> &str {
    let kind = kind.trim_start_matches(['*', '&']);
    kind.rsplit(['.', ':', '$'])
        .find(|part| !part.is_empty())
        .unwrap_or(kind)
}

/// Names of the topmost in-app frames, recursion folded; library frames where nothing is in-app.
fn frames_of(link: &ExceptionLink) -> Vec<String> {
    let any = link.frames.iter().any(|frame| frame.in_app);
    let mut names: Vec<String> = Vec::new();
    let mut cycle = BTreeSet::new();
    for frame in link.frames.iter().filter(|frame| frame.in_app || !any) {
        let name = name(frame);
        if name.is_empty() {
            continue;
        }
        if names.contains(&name) {
            cycle.insert(name);
        } else if names.len() < ID_FRAMES_COUNT_MAX || !cycle.is_empty() {
            names.push(name);
        }
    }
    if !cycle.is_empty() {
        // Which function of a recursion raised, and how deep, is chance: its members count as a
        // set, and what called it follows.
        names.retain(|name| !cycle.contains(name));
        // A runtime out of stack may not print what called the recursion at all.
        let overflow = [
            "RecursionError",
            "StackOverflowError",
            "RangeError",
            "fatal error",
        ]
        .contains(&short(&link.exception_type));
        if overflow {
            names.clear();
        }
        names = cycle.into_iter().chain(names).collect();
    }
    names.truncate(ID_FRAMES_COUNT_MAX);
    names
}

/// Module and function, as they stay across machines, versions and builds.
fn name(frame: &Frame) -> String {
    // Comprehensions are frames of their own before Python 3.12, and none since.
    if matches!(
        frame.function.as_str(),
        "<listcomp>" | "<dictcomp>" | "<setcomp>"
    ) {
        return String::new();
    }
    let module = frame.module.rsplit(['.', '/']).next().unwrap_or_default();
    if module.is_empty() && frame.function.is_empty() {
        return String::new();
    }
    // V8's versions differ in whether they name the receiver.
    let function = frame.function.trim_start_matches("Object.");
    format!("{module}.{}", unnumbered(function))
}

/// `Handle.func1.2` is `Handle.func.`: compilers number closures in order of appearance.
fn unnumbered(function: &str) -> String {
    if !function.contains(".func") && !function.contains('$') {
        return function.to_owned();
    }
    function.chars().filter(|c| !c.is_ascii_digit()).collect()
}
