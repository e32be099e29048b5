//! Go, Rust, C and C++, Swift and Objective-C, Dart, Elixir and Erlang.

use super::family::{Family, Phase, Stage, Verdict};
use super::line::View;
use super::shape::{is_dotted, is_rule, number, starts};

/// The stage that a line of Go opens.
pub(super) fn go_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let heads = [
        "panic: ",
        "fatal error: ",
        "runtime: goroutine stack exceeds",
        "SIGQUIT: quit",
        "SIGABRT: abort",
        "SIGSEGV: segmentation violation",
        "unexpected fault address",
        "WARNING: DATA RACE",
        "runtime: out of memory",
    ];
    (line.indent == 0 && starts(text, &heads)).then_some(Stage::new(Family::Go, Phase::Head))
}

/// `goroutine 7 [chan receive, 3 minutes]:`
pub(super) fn is_goroutine(text: &str) -> bool {
    let numbered = text.strip_prefix("goroutine ").and_then(number);
    let state = numbered.map_or("", |(_, rest)| rest);
    state.starts_with(" [") && state.ends_with(']')
        || state.starts_with(' ') && state.ends_with("]:")
        || text.starts_with("goroutine running on other thread")
}

/// `main.(*T).run(0xc000, {0x1, 0x2})`, `created by main.main in goroutine 1`.
fn is_go_call(text: &str) -> bool {
    if text.starts_with("created by ") {
        return true;
    }
    let Some(name) = text.strip_suffix(')').and_then(|_| text.split('(').next()) else {
        return false;
    };
    name == "panic" || name.contains('.') && !name.contains(' ')
}

pub(super) fn go_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let goes_on = [
        "[signal ",
        "[recovered]",
        "exit status ",
        "...additional frames elided",
        "goroutine stack exceeds",
        "fatal error: ",
        "runtime stack:",
        "Previous write at",
        "Previous read at",
        "Write at 0x",
        "Read at 0x",
        "Goroutine ",
        "PC=0x",
        "Found ",
    ];
    if is_goroutine(text) || is_go_call(text) || starts(text, &goes_on) || is_rule(text, '=', 10) {
        return Verdict::Continue(Phase::Body);
    }
    if line.indent > 0 {
        return Verdict::Continue(phase);
    }
    match phase {
        // `panic: ` of an error whose message has lines; a dump of registers.
        Phase::Head => Verdict::Ambiguous,
        Phase::Body if is_register(text) => Verdict::Continue(Phase::Body),
        _ => Verdict::Other,
    }
}

/// `rax    0x0`
fn is_register(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (name, value) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    name.len() <= 6 && value.starts_with("0x") && words.next().is_none()
}

pub(super) fn rust_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let threaded = text.starts_with("thread '")
        && (text.contains("' panicked at ")
            || text.contains(" panicked at ")
            || text.ends_with("has overflowed its stack"));
    // The message is on the next line where the place ends the first (since 1.73).
    let phase = if text.ends_with(':') {
        Phase::Code
    } else {
        Phase::Head
    };
    (line.indent == 0 && threaded).then_some(Stage::new(Family::Rust, phase))
}

pub(super) fn rust_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    let goes_on = [
        "note: run with `RUST_BACKTRACE",
        "note: Some details are omitted",
        "note: ",
        "stack backtrace:",
        "fatal runtime error: ",
        "thread panicked while",
    ];
    if starts(text, &goes_on) {
        let body = text == "stack backtrace:";
        return Verdict::Continue(if body { Phase::Body } else { Phase::End });
    }
    match phase {
        Phase::Code if line.headed => Verdict::Ambiguous,
        Phase::Code => Verdict::Continue(Phase::Head),
        _ if text.is_empty() => Verdict::Ambiguous,
        _ if line.indent > 0 => Verdict::Continue(phase),
        Phase::Head if rust_start(line).is_none() => Verdict::Ambiguous,
        _ => Verdict::Other,
    }
}

/// Lines that open a report of a native crash.
const NATIVE: [&str; 12] = [
    "*** Error in `",
    "*** stack smashing detected ***",
    "*** buffer overflow detected ***",
    "*** SIG",
    "*** Aborted at ",
    "terminate called after throwing an instance of",
    "terminate called without an active exception",
    "Program received signal ",
    "Program terminated with signal ",
    "======= Backtrace: =========",
    "AddressSanitizer:DEADLYSIGNAL",
    "Obtained ",
];

/// `==123==ERROR: AddressSanitizer: …`, a line of valgrind's.
fn is_marked(text: &str) -> bool {
    let rest = text.strip_prefix("==").and_then(number);
    rest.is_some_and(|(_, rest)| rest.starts_with("=="))
}

pub(super) fn native_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    if line.indent > 0 {
        return None;
    }
    let sanitizer = text.contains(": runtime error: ")
        || starts(
            text,
            &["WARNING: ThreadSanitizer", "WARNING: MemorySanitizer"],
        );
    let opens = is_marked(text) || starts(text, &NATIVE) || sanitizer || is_rule(text, '=', 60);
    opens.then_some(Stage::new(Family::Native, Phase::Body))
}

/// `#0 0x55 in main a.c:3`, `#1  main () at a.c:3`, ` 0# f at a.cpp:3`, `@ 0x55 f`.
pub(super) fn is_native_frame(line: &View<'_>) -> bool {
    let text = line.bare;
    let numbered = text.strip_prefix('#').and_then(number);
    let framed = numbered.is_some_and(|(_, rest)| {
        let rest = rest.trim_start();
        rest.starts_with("0x")
            || rest.contains(" () ")
            || rest.contains(" at ")
            || rest.contains(" (")
    });
    let boost = number(text).is_some_and(|(_, rest)| rest.starts_with("# "));
    let absl = starts(text, &["@ 0x", "@  0x", "@     0x", "PC: @ "]);
    framed || (boost || absl) && line.indent > 0
}

pub(super) fn native_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let goes_on = [
        "READ of size",
        "WRITE of size",
        "0x",
        "freed by thread",
        "previously allocated by",
        "allocated by thread",
        "SUMMARY: ",
        "Shadow byte",
        "=>0x",
        "Thread T",
        "Thread ",
        "Direct leak of",
        "Indirect leak of",
        "HINT: ",
        "Address 0x",
        "AddressSanitizer can not",
        "AddressSanitizer:DEADLYSIGNAL",
        "The signal is caused by",
        "Previous ",
        "Command: ",
        "PC: @",
        "*** ",
        "======= ",
        "[bt] ",
        "Aborted",
        "[Thread debugging",
        "[Switching to",
        "Register values:",
        "Address is a wild",
    ];
    // `/lib/libc.so.6(+0x777e5)[0x7f]`, `00400000-00401000 r-xp`
    let mapped = text.contains("[0x") && text.ends_with(']')
        || text.contains("-0") && text.contains(" r") && text.contains("p ");
    if is_marked(text) || is_native_frame(line) || starts(text, &goes_on) || mapped {
        return Verdict::Continue(Phase::Body);
    }
    if is_rule(text, '=', 10) {
        return Verdict::Continue(phase);
    }
    if line.indent > 0 {
        Verdict::Continue(phase)
    } else {
        Verdict::Other
    }
}

pub(super) fn apple_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    if line.indent > 0 {
        return None;
    }
    let heads = [
        "*** Terminating app due to uncaught exception",
        "*** Program crashed: ",
        "💣 Program crashed: ",
        "Incident Identifier: ",
        "*** Signal ",
        "Crash: ",
        "libc++abi: terminating",
        "libc++abi.dylib: terminating",
    ];
    let swift = text.contains("Fatal error: ") && text.contains(".swift");
    (starts(text, &heads) || swift).then_some(Stage::new(Family::Apple, Phase::Head))
}

pub(super) fn apple_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let goes_on = [
        "*** First throw call stack:",
        "libc++abi",
        "terminating ",
        "Thread ",
        "Registers:",
        "Images (",
        "Backtrace took",
        "Binary Images:",
        "Last Exception Backtrace:",
        "Application Specific",
        "Exception ",
        "Triggered by Thread",
        "Termination ",
        "Process:",
        "Path:",
        "Identifier:",
        "Version:",
        "Code Type:",
        "Date/Time:",
        "OS Version:",
        "Report Version:",
        "Hardware Model:",
        "Crashed Thread:",
        "Press space to interact",
        "Current stack trace:",
        "Stack dump:",
        "EOF",
    ];
    // `0   CoreFoundation   0x18f f + 1`, `1 [ra] 0x… f() in app at /a.swift:3`
    let framed = number(text).is_some_and(|(_, rest)| {
        rest.starts_with(' ') && (rest.contains(" 0x") || rest.contains(" in "))
    });
    let listed =
        matches!(text, "(" | ")") || starts(text, &["(0x", "0x"]) || text.contains(" = 0x");
    if starts(text, &goes_on) || framed || listed {
        return Verdict::Continue(Phase::Body);
    }
    match phase {
        _ if line.indent > 0 => Verdict::Continue(phase),
        Phase::Head => Verdict::Ambiguous,
        // Keys and values of a report's head.
        _ if text
            .split_once(':')
            .is_some_and(|(key, _)| key.len() <= 24 && !key.contains('/')) =>
        {
            Verdict::Ambiguous
        }
        _ => Verdict::Other,
    }
}

pub(super) fn dart_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    if text.starts_with("══╡ EXCEPTION CAUGHT") || text.contains("╡ EXCEPTION CAUGHT BY ") {
        return Some(Stage::new(Family::Dart, Phase::Chain));
    }
    let bare = text.trim_end_matches(':');
    let opens = bare == "Unhandled exception"
        || text.contains("] Unhandled Exception: ")
        || text.starts_with("Another exception was thrown: ");
    (line.indent == 0 && opens).then_some(Stage::new(Family::Dart, Phase::Code))
}

/// `#0      main (package:a/a.dart:3:5)`
pub(super) fn is_dart_frame(text: &str) -> bool {
    let numbered = text.strip_prefix('#').and_then(number);
    numbered.is_some_and(|(_, rest)| {
        ["(package:", "(dart:", "(file:", ".dart:"]
            .iter()
            .any(|place| rest.contains(place))
    }) || text == "<asynchronous suspension>"
        || text.starts_with("(elided ")
}

pub(super) fn dart_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    // Within a box every line belongs, to the rule that ends it.
    if phase == Phase::Chain {
        let ends = is_rule(text, '═', 20);
        return Verdict::Continue(if ends { Phase::End } else { Phase::Chain });
    }
    if is_dart_frame(text) || text == "..." || text.starts_with("When the exception was thrown") {
        return Verdict::Continue(Phase::Body);
    }
    match phase {
        _ if text.is_empty() => Verdict::Ambiguous,
        Phase::Code if line.headed => Verdict::Ambiguous,
        Phase::Code => Verdict::Continue(Phase::Head),
        Phase::Head => Verdict::Ambiguous,
        Phase::Body if line.indent > 0 => Verdict::Continue(phase),
        _ => Verdict::Other,
    }
}

pub(super) fn beam_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let raised = text.strip_prefix("** (").is_some_and(|rest| {
        let name = rest.split([')', ' ']).next().unwrap_or("");
        is_dotted(name)
    });
    let heads = [
        "=ERROR REPORT====",
        "=CRASH REPORT====",
        "=SUPERVISOR REPORT====",
        "** Generic server ",
        "** State machine ",
        "GenServer ",
        "Task #PID<",
        "Process #PID<",
        "Error in process <",
    ];
    let named = starts(text, &heads)
        && (text.starts_with('=')
            || text.contains(" terminating")
            || text.contains(" terminated")
            || text.contains("raised an exception")
            || text.contains("exit value"));
    (raised && line.indent <= 4 || line.indent == 0 && named)
        .then_some(Stage::new(Family::Beam, Phase::Head))
}

/// `(app 1.0.0) lib/a.ex:12: A.f/1`
pub(super) fn is_beam_frame(line: &View<'_>) -> bool {
    let text = line.bare;
    let placed = [".ex:", ".exs:", ".erl:", ".eex:"]
        .iter()
        .any(|place| text.contains(place));
    line.indent > 0 && placed && (text.starts_with('(') || text.contains('/'))
}

pub(super) fn beam_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let goes_on = [
        "** ",
        "Last message",
        "State: ",
        "State:",
        "Function: ",
        "Args: ",
        "Initial Call:",
        "Ancestors:",
        "Message Queue",
        "Messages:",
        "Links:",
        "Dictionary:",
        "Trapping Exits:",
        "Status:",
        "Heap Size:",
        "Stack Size:",
        "Reductions:",
        "Client ",
        "{",
        "crasher:",
        "neighbours:",
        "Start Call:",
        "Process Label:",
        "Queue: ",
        "Postponed: ",
    ];
    if line.indent > 0 || starts(text, &goes_on) {
        return Verdict::Continue(Phase::Body);
    }
    match phase {
        Phase::Head if beam_start(line).is_none() => Verdict::Ambiguous,
        _ => Verdict::Other,
    }
}
