//! The families of reports: which one a line opens, and what a line is to one that is open.

use super::line::View;
use super::{block, managed, native, scripts};

/// Who prints a report of that form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Java, Kotlin, Scala, .NET, JavaScript: `Type: message`, frames that begin with `at`.
    Managed,
    Python,
    Ruby,
    Php,
    Perl,
    Lua,
    Haskell,
    R,
    Go,
    Rust,
    Native,
    Apple,
    Dart,
    Beam,
    /// A private key or another armoured block.
    Pem,
    /// An object or a list that was laid out for reading.
    Braces,
}

/// Where in a report its next line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Before the message or the code that the first line announces.
    Code,
    /// Behind the message, before the first frame: the message may have further lines.
    Head,
    /// Among frames.
    Body,
    /// Between two reports of one chain, or in a block that ends by a mark.
    Chain,
    /// Behind its last line, which only a chain goes on from.
    End,
}

/// An open report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) family: Family,
    pub(super) phase: Phase,
}

impl Stage {
    pub(super) const fn new(family: Family, phase: Phase) -> Self {
        Self { family, phase }
    }

    /// Whether a logger prints such a report below a line of its own. A warning of Perl's is a
    /// line like any other, and an object by itself is a record.
    pub(super) fn is_below_a_header(self) -> bool {
        !matches!(self.family, Family::Perl | Family::Braces)
    }

    /// Whether it is the report of a failure, and no block of another kind.
    pub(super) fn is_failure(self) -> bool {
        !matches!(self.family, Family::Pem | Family::Braces)
    }
}

/// What a line is to an open report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A part of it.
    Continue(Phase),
    /// A part of it if a later line is.
    Ambiguous,
    /// None of it.
    Other,
}

/// The report that a line opens by itself.
pub(super) fn start(line: &View<'_>) -> Option<Stage> {
    if line.bare.is_empty() {
        return None;
    }
    // Those that ask for more come before `Type: message`, which many share.
    let readers = [
        block::start,
        scripts::python_start,
        scripts::ruby_start,
        native::go_start,
        native::rust_start,
        native::beam_start,
        native::dart_start,
        native::apple_start,
        scripts::php_start,
        native::native_start,
        scripts::lua_start,
        scripts::r_start,
        managed::start,
        scripts::perl_start,
    ];
    readers.into_iter().find_map(|reader| reader(line))
}

/// The report that a line belongs to, whatever stood above it: a frame, a heading of frames.
pub(super) fn frame(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let body = |family| Some(Stage::new(family, Phase::Body));
    match text {
        "stack traceback:" => return body(Family::Lua),
        "Stack trace:" | "[stacktrace]" | "PHP Stack trace:" => return body(Family::Php),
        "stack backtrace:" => return body(Family::Rust),
        "*** First throw call stack:" => return body(Family::Apple),
        _ => {}
    }
    if text.starts_with("CallStack (from ") || text == "HasCallStack backtrace:" {
        return body(Family::Haskell);
    }
    if native::is_goroutine(text) {
        return body(Family::Go);
    }
    if managed::is_frame(line) {
        return body(Family::Managed);
    }
    if scripts::is_python_frame(line) {
        return body(Family::Python);
    }
    if scripts::is_ruby_frame(line) {
        return body(Family::Ruby);
    }
    if native::is_dart_frame(text) {
        return body(Family::Dart);
    }
    if native::is_native_frame(line) {
        return body(Family::Native);
    }
    if native::is_beam_frame(line) {
        return body(Family::Beam);
    }
    if scripts::is_php_frame(text) {
        return body(Family::Php);
    }
    if scripts::is_perl_frame(line) {
        return body(Family::Perl);
    }
    None
}

/// What a line is to the report that is open.
pub(super) fn next(stage: Stage, line: &View<'_>) -> Verdict {
    let phase = stage.phase;
    match stage.family {
        Family::Managed => managed::next(phase, line),
        Family::Python => scripts::python_next(phase, line),
        Family::Ruby => scripts::ruby_next(phase, line),
        Family::Php => scripts::php_next(phase, line),
        Family::Perl => scripts::perl_next(line),
        Family::Lua => scripts::lua_next(line),
        Family::Haskell => scripts::haskell_next(line),
        Family::R => scripts::r_next(line),
        Family::Go => native::go_next(phase, line),
        Family::Rust => native::rust_next(phase, line),
        Family::Native => native::native_next(phase, line),
        Family::Apple => native::apple_next(phase, line),
        Family::Dart => native::dart_next(phase, line),
        Family::Beam => native::beam_next(phase, line),
        Family::Pem => block::pem_next(phase, line),
        Family::Braces => block::braces_next(phase, line),
    }
}
