//! Runtimes that print `Type: message` and frames that begin with `at`: JVM languages, .NET,
//! JavaScript, and whatever prints its exceptions the same way.
//!
//! A first line of that form does not say which runtime wrote it, so they are one family.

use super::family::{Family, Phase, Stage, Verdict};
use super::line::View;
use super::shape::{is_dotted, is_place, is_type, number, says_exception, starts};

/// Endings of the files of JavaScript.
const SCRIPTS: [&str; 7] = [".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx"];

/// Lines that open a report, whatever follows.
const STARTS: [&str; 10] = [
    "Exception in thread \"",
    "Unhandled exception. ",
    "Unhandled Exception: ",
    "Uncaught ",
    "Exception in thread main",
    "Full thread dump",
    "Found one Java-level deadlock:",
    "[UnhandledPromiseRejection",
    "UnhandledPromiseRejectionWarning:",
    "Fatal exception: ",
];

/// Lines within a report that no message of another kind begins with.
const GOES_ON: [&str; 20] = [
    "Caused by: ",
    "Caused by:",
    "caused by: ",
    "Suppressed: ",
    "Wrapped by: ",
    "[CIRCULAR REFERENCE",
    "--- End of ",
    "---> ",
    "--- Previous error ---",
    "Node.js v",
    "Emitted 'error' event",
    "Thrown at:",
    "From previous event:",
    "[cause]: ",
    "[Symbol(",
    "[errors]: [",
    "Stack backtrace:",
    "Stacktrace:",
    "Root cause:",
    "(Use `node --trace-",
];

/// The stage that a line opens.
pub(super) fn start(line: &View<'_>) -> Option<Stage> {
    if line.indent > 0 {
        return None;
    }
    let text = line.bare;
    let node_warning = text.starts_with("(node:") && text.contains("Rejection");
    if node_warning || starts(text, &STARTS) || says_exception(text) || is_scala(text) {
        let dump = starts(text, &["Full thread dump", "Found one Java-level"]);
        let phase = if dump { Phase::Chain } else { Phase::Head };
        return Some(Stage::new(Family::Managed, phase));
    }
    is_code(text).then_some(Stage::new(Family::Managed, Phase::Code))
}

/// `scala.MatchError: …` is a type; `Exception: …` of a thread pool is not dotted.
fn is_scala(text: &str) -> bool {
    let word = text.split([':', ' ']).next().unwrap_or("");
    word.contains('.') && text.len() == word.len() && is_type(word)
}

/// The place in a script that node prints before the code: `/app/index.js:10`.
fn is_code(text: &str) -> bool {
    let rooted = starts(text, &["/", "file://", "node:", "internal/", "evalmachine"])
        || text.get(1..3) == Some(":\\");
    let numbered = text
        .rsplit_once(':')
        .is_some_and(|(_, n)| number(n).is_some_and(|(_, rest)| rest.is_empty()));
    let placed = is_place(text, &SCRIPTS) || text.starts_with("node:");
    rooted && placed && numbered && !text.contains(' ')
}

/// Whether a line is a frame, or another line that stands in a report alone.
pub(super) fn is_frame(line: &View<'_>) -> bool {
    let text = line.bare;
    if let Some(rest) = text.strip_prefix("at ") {
        let called = rest.contains('(') && rest.contains(')');
        let placed = rest.contains(" in ") || is_place(rest, &SCRIPTS) || rest.contains("node:");
        let anonymous = rest.starts_with("async ") || rest.starts_with('<');
        return called || line.indent > 0 && (placed || anonymous || is_dotted(rest));
    }
    if let Some(rest) = text.strip_prefix("... ") {
        return number(rest).is_some_and(|(_, rest)| {
            starts(
                rest,
                &[" more", " common frames", " frames", " lines", " elided"],
            )
        });
    }
    let thrown = text
        .strip_prefix("Caused by: ")
        .or_else(|| text.strip_prefix("Suppressed: "))
        .or_else(|| text.strip_prefix("Wrapped by: "));
    thrown.is_some_and(|rest| is_dotted(rest.split([':', ' ']).next().unwrap_or("")))
        || starts(
            text,
            &["--- End of inner exception", "--- End of stack trace"],
        )
}

/// What a line is to an open report.
pub(super) fn next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    if is_frame(line) {
        let linked = starts(text, &["Caused by", "Suppressed", "Wrapped by"]);
        return Verdict::Continue(if linked { Phase::Head } else { Phase::Body });
    }
    if starts(text, &GOES_ON) {
        return Verdict::Continue(Phase::Body);
    }
    match phase {
        // The code that failed, the caret under it, then the error.
        Phase::Code if line.indent > 0 || text.bytes().all(|b| b == b'^' || b == b' ') => {
            Verdict::Continue(Phase::Code)
        }
        Phase::Code if says_exception(text) || starts(text, &["Uncaught", "Thrown", "["]) => {
            Verdict::Continue(Phase::Head)
        }
        // `throw { … }` prints what was thrown.
        Phase::Code => Verdict::Ambiguous,
        // A dump of threads: one heading each.
        Phase::Chain if starts(text, &["\"", "JNI ", "Locked ", "Java stack", "Found "]) => {
            Verdict::Continue(Phase::Chain)
        }
        Phase::Chain | Phase::Head | Phase::Body if line.indent > 0 => Verdict::Continue(phase),
        Phase::Head if !says_exception(text) => Verdict::Ambiguous,
        // Properties of an error, behind its frames: `{`, `  code: 'X'`, `}`.
        Phase::Body if matches!(text, "}" | "{" | "]" | "},") => Verdict::Continue(Phase::Body),
        _ => Verdict::Other,
    }
}
