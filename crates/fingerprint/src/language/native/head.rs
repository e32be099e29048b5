//! What is said of a failure beside its stack: signals, last words of the C and C++ libraries,
//! assertions.

use super::symbol::{self, Call};
use crate::language::anchor;
use crate::model::Frame;

/// Type and message of a failure, and where it was where that is told.
#[derive(Default)]
pub(super) struct Head {
    pub kind: String,
    pub message: String,
    pub frame: Option<Frame>,
    /// Whether it is a report of its own, also without a stack.
    pub own: bool,
    pub cpp: bool,
    /// How much it tells: last words tell more than the signal that they end in.
    weight: u8,
}

/// Last words of the C library, which end in `abort`.
const ABORTS: [&str; 14] = [
    "free(): ",
    "malloc(): ",
    "realloc(): ",
    "munmap_chunk(): ",
    "double free or corruption",
    "corrupted size vs. prev_size",
    "malloc_consolidate(): ",
    "corrupted double-linked list",
    "*** Error in `",
    "pure virtual method called",
    "terminate called without an active exception",
    "terminate called recursively",
    "Fatal glibc error: ",
    "*** longjmp causes uninitialized",
];

/// Signals that end a program.
const SIGNALS: [&str; 9] = [
    "SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS", "SIGKILL", "SIGQUIT",
];

/// Reads what tells most.
pub(super) fn read(lines: &[String]) -> Head {
    let mut best = Head::default();
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).map_or("", |next| next.trim());
        let Some(head) = thrown(line, next)
            .or_else(|| asserted(line))
            .or_else(|| last_words(line))
            .or_else(|| checked(line))
            .or_else(|| tested(line, lines.get(..at).unwrap_or_default()))
            .or_else(|| signal(line))
        else {
            continue;
        };
        if head.weight > best.weight {
            best = head;
        } else if best.weight == 1 && best.message.is_empty() {
            best.message = head.message;
        }
    }
    if best.weight == 1
        && let Some(said) = lines
            .iter()
            .find_map(|line| line.split_once("Abort message: "))
    {
        said.1
            .trim()
            .trim_matches('\'')
            .clone_into(&mut best.message);
    }
    best
}

/// `terminate called after throwing an instance of 'std::runtime_error'` and `what():`.
fn thrown(line: &str, next: &str) -> Option<Head> {
    let (kind, message) = if let Some((_, rest)) =
        line.split_once("terminate called after throwing an instance of '")
    {
        let (_, what) = next.split_once("what():").unwrap_or(("", ""));
        (
            rest.rsplit_once('\'').map_or(rest, |(kind, _)| kind),
            what.trim(),
        )
    } else {
        let (_, rest) = line
            .split_once("uncaught exception of type ")
            .filter(|(head, _)| head.contains("terminating"))?;
        let cut = rest.match_indices(": ").next().map(|(at, _)| at);
        cut.and_then(|at| Some((rest.get(..at)?, rest.get(at + 2..)?)))
            .unwrap_or((rest, ""))
    };
    Some(Head {
        kind: kind
            .replace("std::__cxx11::", "std::")
            .replace("std::__1::", "std::"),
        message: anchor::of_json(message).to_owned(),
        own: true,
        cpp: true,
        weight: 4,
        ..Head::default()
    })
}

/// What a program logged of an exception before it printed a stack.
pub(super) fn logged(lines: &[String]) -> Option<Head> {
    lines.iter().find_map(|line| caught(line))
}

/// `Caught shop::CartError: nothing to pay`: what a program says of an exception that it caught,
/// above the stack that it printed.
fn caught(line: &str) -> Option<Head> {
    let (kind, message) = anchor::before_colons(line).find(|(word, _)| is_class(word))?;
    Some(Head {
        kind: kind.to_owned(),
        message: anchor::of_json(message).to_owned(),
        cpp: kind.contains("::"),
        ..Head::default()
    })
}

/// Whether a word is the qualified name of a class of errors.
fn is_class(word: &str) -> bool {
    let last = word
        .rsplit("::")
        .next()
        .unwrap_or(word)
        .to_ascii_lowercase();
    let named = [
        "error",
        "exception",
        "failure",
        "bad_alloc",
        "bad_cast",
        "out_of_range",
    ];
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let qualified = word.contains("::") || word.starts_with(|c: char| c.is_ascii_uppercase());
    qualified && word.chars().all(plain) && named.iter().any(|end| last.ends_with(end))
}

/// Assertions of glibc, musl, macOS and Windows.
fn asserted(line: &str) -> Option<Head> {
    let (expression, name, file, number) =
        glibc_assertion(line).or_else(|| other_assertion(line))?;
    let call = Call {
        name,
        file: Some(file),
        line: Some(number),
        image: None,
    };
    Some(Head {
        kind: "Assertion failed".to_owned(),
        message: expression.to_owned(),
        frame: Some(symbol::frame(&call)),
        own: true,
        cpp: symbol::is_cpp(&call),
        weight: 4,
    })
}

/// ``app: src/cart.c:12: total: Assertion `count > 0' failed.``.
fn glibc_assertion(line: &str) -> Option<(&str, &str, &str, u32)> {
    let (head, rest) = line.split_once(": Assertion ")?;
    let rest = rest.trim_start_matches(['`', '\'']);
    let expression = rest.rsplit_once(" failed")?.0.trim_end_matches('\'');
    // The function may have colons of its own, behind the line.
    let at = head
        .match_indices(": ")
        .map(|(at, _)| at)
        .take(8)
        .find(|at| head.get(..*at).and_then(anchor::place).is_some())?;
    let (file, number) = anchor::place(head.get(..at)?)?;
    let file = file.rsplit_once(": ").map_or(file, |(_, file)| file);
    Some((expression, head.get(at + 2..)?, file, number))
}

/// `Assertion failed: (count > 0), function total, file cart.c, line 12.`,
/// `Assertion failed: count > 0 (cart.c: total: 12)`.
fn other_assertion(line: &str) -> Option<(&str, &str, &str, u32)> {
    let (_, rest) = line.split_once("Assertion failed: ")?;
    if let Some((head, place)) = rest.rsplit_once("file ")
        && let Some((file, number)) = place.split_once(", line ")
    {
        let (expression, name) = head.split_once(", function ").unwrap_or((head, ""));
        let name = name.trim_end().trim_end_matches(',');
        let expression = expression
            .trim_end()
            .trim_end_matches(',')
            .trim_matches(['(', ')']);
        let number = anchor::number(number)?.0;
        return (!anchor::has_extension(file, &[".swift"]))
            .then_some((expression, name, file, number));
    }
    let (expression, place) = rest.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
    let mut parts = place.splitn(3, ": ");
    let (file, name) = (parts.next()?, parts.next()?);
    Some((expression, name, file, anchor::number(parts.next()?)?.0))
}

/// Last words of the C library.
fn last_words(line: &str) -> Option<Head> {
    for kind in ["stack smashing detected", "buffer overflow detected"] {
        if line.contains("***") && line.contains(kind) {
            return Some(Head {
                kind: kind.to_owned(),
                own: true,
                weight: 3,
                ..Head::default()
            });
        }
    }
    let (at, said) = ABORTS
        .into_iter()
        .find_map(|words| Some((line.find(words)?, words)))?;
    let before = line.get(..at)?;
    if !(before.is_empty() || before.ends_with([' ', '\t', '"', ':'])) {
        return None;
    }
    let text = line.get(at..)?.trim_end();
    Some(Head {
        kind: "abort".to_owned(),
        message: text.to_owned(),
        own: true,
        cpp: said.starts_with("terminate") || said.starts_with("pure"),
        weight: 3,
        ..Head::default()
    })
}

/// A failed test: `/src/cart_test.cc:12: Failure` of GoogleTest, `cart_test.cpp:12: FAILED:` of
/// Catch2.
fn tested(line: &str, above: &[String]) -> Option<Head> {
    const ABOVE_COUNT_MAX: usize = 256;
    let text = line.trim_end().trim_end_matches(':');
    let (place, kind) = text.rsplit_once(": ")?;
    if !matches!(kind, "Failure" | "FAILED") {
        return None;
    }
    let from = place.rfind([' ', '\t']).map_or(0, |at| at + 1);
    let (file, number) = anchor::place(place.get(from..)?)?;
    let call = Call {
        file: Some(file),
        line: Some(number),
        ..Call::default()
    };
    let mut frame = symbol::frame(&call);
    let near = above.iter().rev().take(ABOVE_COUNT_MAX);
    let run = near
        .filter_map(|line| line.split_once("[ RUN      ] "))
        .map(|(_, test)| test.trim())
        .next();
    if let Some((suite, test)) = run.and_then(|run| run.split_once('.')) {
        (frame.module, frame.function) = (suite.to_owned(), test.to_owned());
    }
    symbol::is_cpp(&call).then(|| Head {
        kind: kind.to_owned(),
        frame: Some(frame),
        own: true,
        cpp: true,
        weight: 2,
        ..Head::default()
    })
}

/// glog's and the kernel's own words.
fn checked(line: &str) -> Option<Head> {
    let head = |kind: &str, message: &str, frame| Head {
        kind: kind.to_owned(),
        message: message.trim().to_owned(),
        frame,
        weight: 2,
        ..Head::default()
    };
    if let Some((before, rest)) = line.split_once("Check failed: ") {
        let place = before
            .trim_end()
            .strip_suffix(']')
            .and_then(|b| b.rsplit(' ').next());
        let place = place.and_then(anchor::place);
        let frame = place.map(|(file, number)| {
            symbol::frame(&Call {
                file: Some(file),
                line: Some(number),
                ..Call::default()
            })
        });
        return Some(head("Check failed", rest, frame));
    }
    let kernel = [
        (
            "BUG: kernel NULL pointer dereference",
            "kernel NULL pointer dereference",
        ),
        ("BUG: unable to handle", "page fault"),
        ("general protection fault", "general protection fault"),
        ("kernel BUG at ", "kernel BUG"),
        ("divide error: ", "divide error"),
        ("Kernel panic - not syncing: ", "kernel panic"),
        ("WARNING: CPU: ", "kernel warning"),
        ("BUG: KASAN: ", "KASAN"),
        ("Unable to handle kernel ", "page fault"),
    ];
    let (at, kind) = kernel
        .into_iter()
        .find_map(|(words, kind)| Some((line.find(words)?, kind)))?;
    let text = line.get(at..)?;
    if kind == "KASAN" {
        let class = text.strip_prefix("BUG: KASAN: ")?.split(" in ").next()?;
        return Some(head(class, text, None));
    }
    Some(head(
        kind,
        text.split(" at address").next().unwrap_or(text),
        None,
    ))
}

/// Why lldb stopped: `signal SIGABRT`, `EXC_BAD_ACCESS (code=1, address=0x0)`, or what Swift's
/// runtime said.
fn stopped(reason: &str) -> Option<(&str, &str)> {
    const SAID: [&str; 4] = [
        "Fatal error",
        "Precondition failed",
        "Assertion failed",
        "Swift runtime failure",
    ];
    let reason = reason.strip_prefix("signal ").unwrap_or(reason);
    if let Some(said) = reason
        .split_once(": ")
        .filter(|(said, _)| SAID.contains(said))
    {
        return Some(said);
    }
    let end = reason.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let message = reason.get(end..)?.trim_start_matches([':', ' ']);
    Some((reason.get(..end)?, message))
}

/// The signal that a program ended by, and Windows' exceptions.
fn signal(line: &str) -> Option<Head> {
    let head = |kind: &str, message: &str| Head {
        kind: kind.to_owned(),
        message: message.trim().to_owned(),
        weight: 1,
        ..Head::default()
    };
    if let Some((_, rest)) = line.split_once("stop reason = ") {
        return stopped(rest).map(|(kind, message)| head(kind, message));
    }
    // `coredumpctl info`: `Signal: 11 (SEGV)`.
    if let Some((_, rest)) = line.split_once("Signal: ")
        && let Some((number, name)) = rest.trim_end().split_once(" (")
        && anchor::digits(number)
    {
        let name = name.trim_end_matches(')');
        let known = SIGNALS
            .into_iter()
            .find(|s| s.strip_prefix("SIG") == Some(name));
        return known.map(|kind| head(kind, ""));
    }
    let windows = [
        ("Access violation", "Access violation"),
        ("EXCEPTION_ACCESS_VIOLATION", "EXCEPTION_ACCESS_VIOLATION"),
        ("EXCEPTION_STACK_OVERFLOW", "EXCEPTION_STACK_OVERFLOW"),
        (
            "EXCEPTION_INT_DIVIDE_BY_ZERO",
            "EXCEPTION_INT_DIVIDE_BY_ZERO",
        ),
        ("Stack overflow - code", "Stack overflow"),
    ];
    if let Some((_, kind)) = windows.into_iter().find(|(words, _)| line.contains(words)) {
        return Some(head(kind, ""));
    }
    // `Segmentation fault (Address not mapped to object [0x8])`, `Aborted (core dumped)`.
    let described = [
        ("Segmentation fault (", "SIGSEGV"),
        ("Aborted (", "SIGABRT"),
        ("Bus error (", "SIGBUS"),
        ("Floating point exception (", "SIGFPE"),
        ("Illegal instruction (", "SIGILL"),
    ];
    let begins = |(words, _): &(&str, &str)| line.trim_start().starts_with(words);
    if let Some((_, kind)) = described.into_iter().find(begins) {
        return Some(head(kind, ""));
    }
    let (at, kind) = SIGNALS
        .into_iter()
        .find_map(|name| Some((line.find(name)?, name)))?;
    let rest = line.get(at + kind.len()..)?;
    let bounded = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    let message = rest
        .trim_start_matches([',', ' ', ')'])
        .trim_end_matches('.');
    let message = if message.starts_with("code ") || !message.contains([':', '@']) {
        message
    } else {
        ""
    };
    bounded.then(|| {
        head(
            kind,
            message.split(", fault addr").next().unwrap_or(message),
        )
    })
}
