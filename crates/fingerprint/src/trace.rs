//! Finds out which runtime wrote a stack trace, and reads it.
//!
//! A text is unwrapped (JSON, escapes), its lines are freed of what loggers and collectors put
//! before them, and every reader is asked. Of several readings the first that has both the
//! failure and its frames counts; so lines of two threads that were mixed are read as those of
//! the one that failed.

use crate::language::{
    beam, csharp, dart, go, java, javascript, jvm, kotlin, lua, native, php, python, ruby, rust,
    swift,
};
use crate::limits::{CHAIN_COUNT_MAX, FRAMES_COUNT_MAX, TEXT_BYTES_MAX};
use crate::model::{Frame, Trace};
use crate::wrap::Unwrapped;
use crate::{lines, prefix, wrap};

/// Reads the stack trace in a text: an exception attribute, or the body of a log record with
/// anything before and after it.
///
/// `None` where there is none. JSON around it, escaped line breaks, a log prefix on every line,
/// lines of several sources, indentation, terminal colours, quoting and truncation are tolerated.
pub fn parse_trace(text: &str) -> Option<Trace> {
    let mut best: Option<(u8, Trace)> = None;
    for unwrapped in wrap::unwrap(lines::head(text, TEXT_BYTES_MAX)) {
        let lines = lines::split(&unwrapped.text);
        for lines in prefix::strip(&lines).iter().chain([&lines]) {
            let Some(trace) = read(lines) else {
                continue;
            };
            let trace = fill(trace, &unwrapped);
            let quality = quality(&trace);
            if quality == QUALITY_MAX {
                return Some(trace);
            }
            if best.as_ref().is_none_or(|(other, _)| quality > *other) {
                best = Some((quality, trace));
            }
        }
    }
    best.map(|(_, trace)| trace)
}

/// Asks every reader.
fn read(lines: &[String]) -> Option<Trace> {
    // Ruby's oldest-first traces share Python's first line, and .NET's and valgrind's frames the
    // `at` of the JVM and of JavaScript: those that ask for more come first.
    let readers = [
        ruby::parse,
        python::parse,
        rust::parse,
        go::parse,
        csharp::parse,
        php::parse,
        dart::parse,
        beam::parse,
        lua::parse,
        kotlin::parse,
        swift::parse,
        native::parse,
        java::parse,
        javascript::parse,
    ];
    let read = readers.into_iter().find_map(|read| read(lines));
    let mut trace = jvm::refine(read?);
    trace.chain.truncate(CHAIN_COUNT_MAX);
    trace
        .chain
        .iter_mut()
        .for_each(|link| fold(&mut link.frames));
    Some(trace)
}

/// What stood beside a trace fills what the trace does not say itself.
fn fill(mut trace: Trace, beside: &Unwrapped) -> Trace {
    if let Some(first) = trace.chain.first_mut()
        && first.exception_type == "panic"
        && first.message.is_empty()
    {
        // The stack was logged without what the panic said.
        let said = if beside.told.is_empty() {
            &beside.message
        } else {
            &beside.told
        };
        said.clone_into(&mut first.message);
    }
    if !trace.exception_type().is_empty() {
        return trace;
    }
    if let Some(first) = trace.chain.first_mut()
        && !beside.kind.is_empty()
    {
        beside.kind.clone_into(&mut first.exception_type);
        if first.message.is_empty() {
            beside.message.clone_into(&mut first.message);
        }
        return trace;
    }
    if beside.told.is_empty() {
        return trace;
    }
    // The report as the runtime would have printed it.
    let whole = lines::split(&format!("{}\n{}", beside.told, beside.text));
    let other = read(&whole);
    if let Some(other) = other
        && other.language == trace.language
        && !other.exception_type().is_empty()
    {
        return other;
    }
    if let Some(first) = trace.chain.first_mut()
        && let Some((kind, message)) = beside.told.split_once(": ")
        && wrap::of_error(kind)
    {
        kind.clone_into(&mut first.exception_type);
        message.clone_into(&mut first.message);
    }
    trace
}

/// A trace that lacks nothing.
const QUALITY_MAX: u8 = 3;

/// How much of a failure a reading has: its frames count more than its type.
fn quality(trace: &Trace) -> u8 {
    let framed = trace.chain.iter().any(|link| !link.frames.is_empty());
    u8::from(framed) * 2 + u8::from(!trace.exception_type().is_empty())
}

/// Cuts a deep stack in its middle: both where it was raised and where it came from stay.
fn fold(frames: &mut Vec<Frame>) {
    const TAIL_COUNT: usize = FRAMES_COUNT_MAX / 4;
    if frames.len() > FRAMES_COUNT_MAX {
        frames.drain(FRAMES_COUNT_MAX - TAIL_COUNT..frames.len() - TAIL_COUNT);
    }
}
