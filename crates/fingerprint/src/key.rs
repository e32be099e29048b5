//! What of an exception goes into its id.
//!
//! Types of the chain, and of each exception in it the innermost in-app frame. Lines, addresses,
//! versions, machine-specific roots and pseudonyms do not contribute, and neither does anything
//! further out in a stack: a trace that was cut there, or came about by another caller, has the
//! same id. What that would throw together is told apart thus:
//!
//! * A function that only raises for others (`require_user`, `fail`, `assertPaid`) says nothing
//!   of where it went wrong: the frame that called it contributes too, up to
//!   [`ID_FRAMES_COUNT_MAX`]. So does what called a function without a name.
//! * A stack that overflowed was cut wherever the runtime stopped: the functions of the cycle
//!   contribute, as a set. In any other failure within a recursion the innermost frame alone
//!   does, so that the depth makes no difference.
//! * A panic has one type for all: what the runtime panics about (`index out of range`) is its
//!   type.
//! * Where there is no frame, or none with a name, the message's template contributes.
//!
//! Of the module the last element counts, and of a file whose name is in every project
//! (`views.py`, `index.js`) the directory before it: how deep a project lies differs by machine.

use std::collections::BTreeSet;

use cordon_event::{Event, Value};

use crate::group::in_line;
use crate::id;
use crate::limits::ID_FRAMES_COUNT_MAX;
use crate::model::{ExceptionLink, Frame, Language, Relation};
use crate::rules::{Applied, Rules};
use crate::template::mask;

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

/// What makes an id, and why.
#[derive(Default)]
struct Parts {
    parts: Vec<String>,
    explain: Vec<String>,
}

impl Parts {
    fn add(&mut self, part: String, why: &str) {
        self.explain.push(format!("{part}: {why}"));
        self.parts.push(part);
    }

    fn id(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(String::as_str).collect();
        id::of("fp_", &parts)
    }
}

/// The id of a chain of exceptions, and what contributed to it and what did not.
pub(crate) fn exception(
    language: Option<Language>,
    chain: &mut [ExceptionLink],
    rules: &Rules,
) -> (String, Vec<String>) {
    let applied: Vec<Applied> = chain
        .iter_mut()
        .map(|link| rules.apply(language, link))
        .collect();
    let mut key = Parts::default();
    key.parts.push("exception".to_owned());
    key.explain
        .extend(applied.iter().flat_map(|a| a.explain.clone()));
    if let Some(name) = applied.iter().find_map(|a| a.fingerprint.clone()) {
        key.add(format!("fingerprint {name}"), "a rule gives it");
        return (key.id(), key.explain);
    }
    types(chain, &mut key);
    let mut placed = false;
    for (link, applied) in chain.iter().zip(&applied).filter(|(link, _)| in_line(link)) {
        for (frame, why) in frames_of(link, applied) {
            placed |= frame.starts_with("frame ");
            key.add(frame, why);
        }
    }
    if !placed {
        let message = chain.first().map_or("", |link| &link.message);
        let message = mask(&unlocalised(message));
        let why = "there is no frame with a name to go by";
        key.add(format!("message {message}"), why);
    }
    left_out(chain, &mut key);
    (key.id(), key.explain)
}

/// Types of the exceptions in line, and of the members of a group.
fn types(chain: &[ExceptionLink], key: &mut Parts) {
    let mut last = String::new();
    for link in chain.iter().filter(|link| in_line(link)) {
        let kind = kind_of(link);
        if kind != last && !kind.is_empty() {
            let why = format!("{} in the chain", link.relation.as_str());
            key.add(format!("type {kind}"), &why);
        }
        last = kind;
    }
    let members: BTreeSet<&str> = chain
        .iter()
        .filter(|link| link.relation == Relation::Member)
        .map(|link| short(&link.exception_type))
        .collect();
    for kind in members {
        key.add(
            format!("member {kind}"),
            "in a group, where order does not count",
        );
    }
}

/// Says what did not contribute.
fn left_out(chain: &[ExceptionLink], key: &mut Parts) {
    let frames = || chain.iter().flat_map(|link| &link.frames);
    let used = key.parts.iter().filter(|p| p.starts_with("frame ")).count();
    let own = frames().filter(|frame| frame.in_app).count();
    let library = frames().count() - own;
    let mut say = |text: String| key.explain.push(text);
    if own > used {
        say(format!(
            "not used: {} in-app frames further out: callers and truncation make no difference",
            own - used
        ));
    }
    if library > 0 && own > 0 {
        say(format!("not used: {library} frames that are not in-app"));
    }
    if used > 0 && chain.iter().any(|link| !link.message.is_empty()) {
        say("not used: messages, since frames tell the place".to_owned());
    }
    if frames().any(|frame| frame.line.is_some()) {
        say("not used: lines, paths above the project, addresses".to_owned());
    }
    let aside = chain
        .iter()
        .filter(|link| link.relation == Relation::Suppressed)
        .count();
    if aside > 0 {
        say(format!("not used: {aside} suppressed exceptions"));
    }
}

/// What runtimes panic about, as they say it.
const REASONS: [&str; 34] = [
    "index out of range",
    "slice bounds out of range",
    "invalid memory address or nil pointer dereference",
    "integer divide by zero",
    "assignment to entry in nil map",
    "interface conversion",
    "hash of unhashable type",
    "makeslice: len out of range",
    "close of closed channel",
    "close of nil channel",
    "send on closed channel",
    "all goroutines are asleep",
    "concurrent map",
    "negative WaitGroup counter",
    "unlock of unlocked",
    "stack overflow",
    "out of memory",
    "index out of bounds",
    "on a `None` value",
    "on an `Err` value",
    "on an `Ok` value",
    "assertion `left == right` failed",
    "assertion `left != right` failed",
    "assertion failed",
    "explicit panic",
    "not yet implemented",
    "not implemented",
    "entered unreachable code",
    "already borrowed",
    "already mutably borrowed",
    "out of range for slice",
    "is not a char boundary",
    "divide by zero",
    "with overflow",
];

/// What Lua cannot do with a value that does not fit: its errors have no types.
const ATTEMPTS: [&str; 9] = [
    "attempt to index",
    "attempt to call",
    "attempt to perform arithmetic",
    "attempt to concatenate",
    "attempt to compare",
    "attempt to get length",
    "attempt to perform bitwise operation",
    "attempt to yield",
    "stack overflow",
];

/// Signals as sanitizers and `coredumpctl` name them.
const SIGNALS: [&str; 6] = ["SEGV", "BUS", "FPE", "ILL", "ABRT", "TRAP"];

/// Type of an exception; of a panic what it is about, where the runtime itself says that.
fn kind_of(link: &ExceptionLink) -> String {
    let kind = short(&link.exception_type);
    if SIGNALS.contains(&kind) {
        return format!("SIG{kind}");
    }
    if kind == "error"
        && let Some(attempt) = ATTEMPTS.iter().find(|a| link.message.contains(*a))
    {
        return format!("{kind} {attempt}");
    }
    if !matches!(kind, "panic" | "fatal error") {
        return kind.to_owned();
    }
    match REASONS.iter().find(|reason| link.message.contains(*reason)) {
        Some(reason) => format!("{kind} {reason}"),
        None => kind.to_owned(),
    }
}

/// Last part of a type's name: attributes and traces differ in how they qualify it.
fn short(kind: &str) -> &str {
    let kind = kind.trim_start_matches(['*', '&']);
    kind.rsplit(['.', ':', '$', '\\', '/'])
        .find(|part| !part.is_empty())
        .unwrap_or(kind)
}

/// What the frames of an exception contribute, and why.
fn frames_of(link: &ExceptionLink, applied: &Applied) -> Vec<(String, &'static str)> {
    let left_out = |at: usize| applied.left_out.contains(&at);
    let frames = || {
        let all = link.frames.iter().enumerate();
        all.filter(|(at, _)| !left_out(*at)).map(|(_, frame)| frame)
    };
    let any = frames().any(|frame| frame.in_app);
    let chosen = || frames().filter(|frame| frame.in_app || !any);
    if overflowed(&link.exception_type, &link.message) {
        let cycle = cycle(chosen());
        if !cycle.is_empty() {
            let why = "in the cycle that overflowed the stack";
            let name = |name| (format!("frame {name}"), why);
            return cycle.into_iter().map(name).collect();
        }
    }
    let mut out: Vec<(String, &'static str)> = Vec::new();
    for frame in chosen() {
        let name = name(frame);
        let part = format!("frame {name}");
        if name.is_empty() || out.iter().any(|(other, _)| *other == part) {
            continue;
        }
        let anonymous = nameless(&frame.function);
        let why = match (out.is_empty(), any) {
            (true, true) => "innermost in-app frame",
            (true, false) => "innermost frame; none is in-app",
            (false, _) => "called a function that has no name or only raises",
        };
        // A file alone does not place a failure: the message has to, too.
        let part = if frame.function.is_empty() && frame.module.is_empty() {
            format!("file {name}")
        } else {
            part
        };
        out.push((part, why));
        if out.len() >= ID_FRAMES_COUNT_MAX || !(anonymous || raises(&frame.function)) {
            break;
        }
    }
    out
}

/// Whether the stack itself was the trouble.
fn overflowed(kind: &str, message: &str) -> bool {
    match short(kind) {
        "RecursionError" | "StackOverflowError" | "StackOverflowException" | "SystemStackError" => {
            true
        }
        "RangeError" | "InternalError" => {
            message.contains("call stack") || message.contains("recursion")
        }
        "fatal error" | "panic" => message.contains("stack overflow"),
        _ => false,
    }
}

/// Names of the functions that occur more than once.
fn cycle<'a>(frames: impl Iterator<Item = &'a Frame>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut cycle = BTreeSet::new();
    for frame in frames {
        let name = name(frame);
        if !name.is_empty() && !seen.insert(name.clone()) {
            cycle.insert(name);
        }
    }
    cycle
}

/// Module and function, as they stay across machines, versions and builds.
pub(crate) fn name(frame: &Frame) -> String {
    // Comprehensions are frames of their own before Python 3.12, and none since.
    if matches!(
        frame.function.as_str(),
        "<listcomp>" | "<dictcomp>" | "<setcomp>" | "<genexpr>"
    ) {
        return String::new();
    }
    let file;
    let module = if frame.module.is_empty() && frame.function.is_empty() {
        let stem = frame.file.rsplit_once('.').map_or("", |(stem, _)| stem);
        file = stem.replace('/', ".");
        placed(&file)
    } else {
        placed(&frame.module)
    };
    if module.is_empty() && frame.function.is_empty() {
        return String::new();
    }
    format!("{module}.{}", plain_function(&frame.function))
}

/// Names of files that are in every project.
const COMMON: [&str; 28] = [
    "index",
    "views",
    "view",
    "models",
    "model",
    "utils",
    "util",
    "helpers",
    "helper",
    "handlers",
    "handler",
    "services",
    "service",
    "routes",
    "router",
    "api",
    "tasks",
    "controller",
    "controllers",
    "common",
    "types",
    "client",
    "mod",
    "lib",
    "page",
    "route",
    "store",
    "base",
];

/// The last element of a module; of one whose name is in every project the one before it, too.
fn placed(module: &str) -> String {
    let mut parts = module.rsplit(['.', '/']);
    let last = unnumbered(parts.next().unwrap_or_default());
    let before = parts.next().unwrap_or_default();
    let versioned = before.bytes().all(|b| b.is_ascii_digit() || b == b'v');
    if COMMON.contains(&last.as_str()) && !before.is_empty() && !versioned {
        return format!("{before}.{last}");
    }
    last
}

/// The function without what compilers and engines add to it, and in which they differ.
fn plain_function(function: &str) -> String {
    // V8's versions differ in whether they name the receiver and the context.
    let mut name = function;
    for mark in ["async ", "Object.", "Function.", "Module.", "new "] {
        name = name.strip_prefix(mark).unwrap_or(name);
    }
    let name = match name {
        "<anonymous>" | "anonymous" | "?" | "??" => "",
        _ => name,
    };
    unnumbered(name)
}

/// What only names that a compiler makes hold.
const GENERATED: [&str; 12] = [
    ".func",
    "$",
    "{{",
    "<",
    "{closure",
    "__anon",
    "anonymous",
    "-fun-",
    "#",
    "lambda",
    "(block",
    "block ",
];

/// `Handle.func1.2` is `Handle.func.`: compilers number closures in order of appearance.
fn unnumbered(name: &str) -> String {
    if !GENERATED.iter().any(|mark| name.contains(mark)) {
        return name.to_owned();
    }
    let digits_gone: String = name.chars().filter(|c| !c.is_ascii_digit()).collect();
    digits_gone.trim_end_matches('.').to_owned()
}

/// Whether the function has no name of its own.
fn nameless(function: &str) -> bool {
    matches!(
        function,
        "" | "<anonymous>"
            | "Object.<anonymous>"
            | "anonymous"
            | "<lambda>"
            | "?"
            | "??"
            | "<anonymous closure>"
            | "{closure}"
            | "<unknown>"
    )
}

/// First words of functions that raise for others.
const WORDS: [&str; 20] = [
    "raise",
    "throw",
    "throws",
    "fail",
    "fails",
    "abort",
    "panic",
    "die",
    "bail",
    "assert",
    "require",
    "ensure",
    "expect",
    "invariant",
    "must",
    "guard",
    "check",
    "unwrap",
    "reject",
    "verify",
];

/// Whether the function only raises for those that call it, by its first word.
fn raises(function: &str) -> bool {
    let last = function
        .rsplit(['.', ':', '#', '$'])
        .find(|part| !part.is_empty())
        .unwrap_or(function);
    let last = last.trim_start_matches('_');
    let mut end = last.len();
    for (at, c) in last.char_indices().skip(1) {
        if !c.is_ascii_lowercase() {
            end = at;
            break;
        }
    }
    let first = last.get(..end).unwrap_or(last).to_ascii_lowercase();
    WORDS.contains(&first.as_str())
}

/// A message whose numbers have no separators but points and commas, which templates know.
fn unlocalised(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut chars = message.chars().peekable();
    while let Some(c) = chars.next() {
        let separator = matches!(c, '\'' | '’' | '\u{a0}' | '\u{202f}' | '\u{2009}');
        let after_digit = out.ends_with(|c: char| c.is_ascii_digit());
        let before_digit = chars.peek().is_some_and(char::is_ascii_digit);
        if !(separator && after_digit && before_digit) {
            out.push(c);
        }
    }
    out
}
