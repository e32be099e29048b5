//! C and C++: debuggers, sanitizers, valgrind, `backtrace()`, crash logs of systems.
//!
//! The type is what the field calls the failure: the signal (`SIGSEGV`), the sanitizer's class
//! (`heap-buffer-overflow`, `data race`, `signed integer overflow`), the type of a C++ exception
//! that nobody caught, `stack smashing detected`, `Assertion failed`, `Check failed`, valgrind's
//! words without sizes (`Invalid read`), or Windows' words (`Access violation`). Other last words
//! of the C library are an `abort` with those words as message.
//! Of a report with several stacks (allocation, other thread) the first is the failure's; of a
//! dump of all threads it is the thread that got the signal.
//! It is C++ where any name or file tells, C where none does.

mod debugger;
mod head;
mod sanitizer;
mod stack;
mod symbol;

use super::anchor;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};

/// Reads the report in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    if let Some(report) = sanitizer::parse(lines).or_else(|| sanitizer::valgrind(lines)) {
        return Some(trace(report));
    }
    let stack = debugger::gdb(lines)
        .or_else(|| debugger::lldb(lines))
        .or_else(|| debugger::windows(lines))
        .or_else(|| stack::parse(lines));
    let mut head = head::read(lines);
    let Some(stack) = stack else {
        return head.own.then(|| {
            trace(Report {
                kind: head.kind,
                message: head.message,
                frames: head.frame.into_iter().collect(),
                cpp: head.cpp,
            })
        });
    };
    if head.kind.is_empty() && stack.kind.is_empty() {
        head = head::logged(lines).unwrap_or(head);
    }
    if !stack.frames.iter().any(|frame| frame.in_app)
        && let Some(frame) = head.frame.take()
    {
        return Some(trace(Report {
            kind: head.kind,
            message: head.message,
            frames: std::iter::once(frame).chain(stack.frames).collect(),
            cpp: stack.cpp || head.cpp,
        }));
    }
    let mut stack = stack;
    if let Some(first) = stack.frames.iter_mut().find(|frame| frame.in_app)
        && let Some(said) = head.frame.take()
        && first.file.is_empty()
    {
        // The stack has names alone: the words tell where the innermost of them stopped.
        (first.file, first.line) = (said.file, said.line);
    }
    Some(trace(Report {
        kind: if head.kind.is_empty() {
            stack.kind
        } else {
            head.kind
        },
        message: if head.message.is_empty() {
            stack.message
        } else {
            head.message
        },
        frames: stack.frames,
        cpp: stack.cpp || head.cpp,
    }))
}

/// A failure of native code.
#[derive(Default)]
struct Report {
    kind: String,
    message: String,
    frames: Vec<Frame>,
    /// Whether a name or file tells C++.
    cpp: bool,
}

/// The trace of a failure.
fn trace(report: Report) -> Trace {
    let swift = report
        .frames
        .iter()
        .find(|frame| frame.in_app)
        .is_some_and(|frame| anchor::has_extension(&frame.file, &[".swift"]));
    let mut frames = report.frames;
    if swift {
        // Swift's names are qualified by dots.
        for frame in frames.iter_mut().filter(|frame| frame.module.is_empty()) {
            if let Some((module, function)) = frame.function.rsplit_once('.') {
                (frame.module, frame.function) = (module.to_owned(), function.to_owned());
            }
        }
    }
    Trace {
        language: match (swift, report.cpp) {
            (true, _) => Language::Swift,
            (false, true) => Language::Cpp,
            (false, false) => Language::C,
        },
        chain: vec![ExceptionLink {
            relation: Relation::Escaped,
            exception_type: report.kind,
            message: report.message,
            frames,
        }],
    }
}
