//! Finds out which runtime wrote a stack trace, and reads it.

use crate::language::{
    beam, csharp, dart, go, java, javascript, jvm, lua, native, php, python, ruby, rust, swift,
};
use crate::limits::{CHAIN_COUNT_MAX, FRAMES_COUNT_MAX};
use crate::lines;
use crate::model::{Frame, Trace};

/// Reads the stack trace in a text: an exception attribute, or the body of a log record with
/// anything before and after it.
///
/// `None` where there is none. Escaped line breaks, a log prefix on every line, indentation,
/// terminal colours and truncation are tolerated.
pub fn parse_trace(text: &str) -> Option<Trace> {
    let text = lines::unescape(text);
    let lines = lines::split(&text);
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
        swift::parse,
        native::parse,
        java::parse,
        javascript::parse,
    ];
    let mut trace = readers
        .into_iter()
        .find_map(|read| read(&lines))
        .map(jvm::refine)?;
    trace.chain.truncate(CHAIN_COUNT_MAX);
    trace
        .chain
        .iter_mut()
        .for_each(|link| fold(&mut link.frames));
    Some(trace)
}

/// Cuts a deep stack in its middle: both where it was raised and where it came from stay.
fn fold(frames: &mut Vec<Frame>) {
    const TAIL_COUNT: usize = FRAMES_COUNT_MAX / 4;
    if frames.len() > FRAMES_COUNT_MAX {
        frames.drain(FRAMES_COUNT_MAX - TAIL_COUNT..frames.len() - TAIL_COUNT);
    }
}
