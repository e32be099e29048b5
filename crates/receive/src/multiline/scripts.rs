//! Python, Ruby, PHP, Perl, Lua, Haskell and R.

use super::family::{Family, Phase, Stage, Verdict};
use super::line::View;
use super::shape::{
    is_dotted, is_place, is_rule, is_type, last_part, number, says_exception, starts, typed,
};

const TRACEBACK: &str = "Traceback (most recent call last):";

/// The stage that a line of Python opens.
pub(super) fn python_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let group = starts(
        text,
        &["+ Exception Group Traceback (most recent call last):"],
    );
    let head = [
        TRACEBACK,
        "Exception in thread ",
        "Exception ignored in",
        "Fatal Python error:",
        "concurrent.futures.process._RemoteTraceback:",
        "multiprocessing.pool.RemoteTraceback:",
    ];
    // `Exception in thread "main"` is Java's.
    let threaded = text.starts_with("Exception in thread \"");
    let opens = group || line.indent == 0 && starts(text, &head) && !threaded;
    let fatal = text.starts_with("Fatal Python error:");
    let phase = if fatal { Phase::Chain } else { Phase::Body };
    opens.then_some(Stage::new(Family::Python, phase))
}

/// `File "x.py", line 3, in f`.
pub(super) fn is_python_frame(line: &View<'_>) -> bool {
    let text = line.bare.trim_start_matches(['|', '+', ' ']);
    line.indent > 0 && text.starts_with("File \"") && text.contains("\", line ")
}

/// Lines that drivers and frameworks put behind an exception's own line.
const PYTHON_AFTER: [&str; 10] = [
    "[SQL: ",
    "[parameters: ",
    "(Background on this error at:",
    "DETAIL:",
    "HINT:",
    "LINE 1:",
    "CONTEXT:",
    "\"\"\"",
    "For further information visit",
    "Extension modules:",
];

pub(super) fn python_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let chained = [
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    ];
    if starts(text.trim_start_matches(['|', ' ']), &chained) {
        return Verdict::Continue(Phase::Chain);
    }
    if is_python_frame(line) {
        return Verdict::Continue(Phase::Body);
    }
    if starts(text, &PYTHON_AFTER) {
        return Verdict::Continue(if phase == Phase::Body {
            phase
        } else {
            Phase::End
        });
    }
    let fatal = ["Current thread 0x", "Thread 0x", "Python runtime state:"];
    match phase {
        Phase::Chain if text == TRACEBACK || starts(text, &fatal) => Verdict::Continue(Phase::Body),
        // Behind `Exception in thread …:` and the remote's triple quotes.
        Phase::Body if text == TRACEBACK || line.indent > 0 || starts(text, &fatal) => {
            Verdict::Continue(Phase::Body)
        }
        Phase::Body if is_raised(text) => Verdict::Continue(if text.contains("validation error") {
            Phase::Head
        } else {
            Phase::End
        }),
        // Ruby's oldest-first trace has the same first line.
        Phase::Body if is_ruby_place(text) => Verdict::Continue(Phase::End),
        Phase::Head if line.indent > 0 => Verdict::Continue(Phase::Head),
        Phase::Head if is_dotted(text) => Verdict::Continue(Phase::Head),
        Phase::End if line.indent > 0 => Verdict::Continue(Phase::End),
        _ => Verdict::Other,
    }
}

/// The line that ends a traceback: `ValueError: x`, `KeyboardInterrupt`, `socket.timeout: x`.
fn is_raised(text: &str) -> bool {
    let (word, _) = typed(text);
    let word = word.strip_suffix(':').unwrap_or(word);
    is_dotted(word)
        && (word.contains('.')
            || last_part(word).starts_with(|c: char| c.is_uppercase())
            || is_type(word))
}

const RUBY: [&str; 6] = [".rb", "(eval)", "(irb)", "Rakefile", ".ru", ".erb"];

/// `app.rb:10:in 'foo'`.
pub(super) fn is_ruby_place(text: &str) -> bool {
    let placed = is_place(text, &RUBY) || text.starts_with("-e:");
    placed && (text.contains(":in `") || text.contains(":in '"))
}

pub(super) fn ruby_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    if line.indent > 0 {
        return None;
    }
    // `ActionView::Template::Error (undefined method …):` of Rails' log.
    let (word, rest) = text.split_once(" (").unwrap_or(("", ""));
    let rails = rest.ends_with("):") && is_type(word);
    let syntax = is_place(text, &RUBY) && text.contains(": syntax error");
    (is_ruby_place(text) || rails || syntax).then_some(Stage::new(Family::Ruby, Phase::Head))
}

pub(super) fn is_ruby_frame(line: &View<'_>) -> bool {
    let text = line.bare;
    let counted = number(text).and_then(|(_, rest)| rest.strip_prefix(": "));
    let from = text
        .strip_prefix("from ")
        .or_else(|| counted?.strip_prefix("from "));
    line.indent > 0 && from.is_some_and(|rest| is_place(rest, &RUBY) || rest.contains(":in "))
}

pub(super) fn ruby_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    if is_ruby_frame(line) || is_ruby_place(text) {
        return Verdict::Continue(Phase::Body);
    }
    if line.indent > 0 || starts(text, &["Did you mean?", "Caused by", "Causes:"]) {
        return Verdict::Continue(phase);
    }
    match phase {
        Phase::Head if !says_exception(text) => Verdict::Ambiguous,
        _ => Verdict::Other,
    }
}

pub(super) fn php_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare.strip_prefix("PHP ").unwrap_or(line.bare);
    let heads = [
        "Fatal error: ",
        "Warning: ",
        "Notice: ",
        "Parse error: ",
        "Deprecated: ",
    ];
    let on_line = text.contains(" on line ") || text.contains("Uncaught ");
    let opens = line.indent == 0 && starts(text, &heads) && on_line;
    let next = text.starts_with("Next ") && text.contains(" in /");
    (opens || next).then_some(Stage::new(Family::Php, Phase::Head))
}

/// `#0 /app/a.php(12): f()`, `#1 {main}`, and the headings before them.
pub(super) fn is_php_frame(text: &str) -> bool {
    let numbered = text.strip_prefix('#').and_then(number);
    let framed = numbered.is_some_and(|(_, rest)| {
        starts(rest, &[" /", " {main}", " [internal", " phar:", " C:\\"]) || rest.contains("): ")
    });
    framed
        || matches!(text, "Stack trace:" | "[stacktrace]" | "PHP Stack trace:")
        || text.starts_with("PHP   ") && text.contains(". ")
}

pub(super) fn php_next(phase: Phase, line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let goes_on = [
        "thrown in ",
        "Next ",
        "[previous exception]",
        "\"}",
        "Call Stack:",
    ];
    if is_php_frame(text) || starts(text, &goes_on) {
        return Verdict::Continue(Phase::Body);
    }
    match phase {
        Phase::Head | Phase::Body if line.indent > 0 => Verdict::Continue(phase),
        Phase::Head if php_start(line).is_none() => Verdict::Ambiguous,
        _ => Verdict::Other,
    }
}

/// `… at script.pl line 12.`
pub(super) fn perl_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare.trim_end_matches('.');
    let (before, after) = text.rsplit_once(" line ")?;
    let numbered = number(after).is_some_and(|(_, rest)| {
        rest.is_empty() || rest.starts_with(", <") || rest.starts_with('.')
    });
    let (_, file) = before.rsplit_once(" at ")?;
    let named = [".pl", ".pm", ".t", ".cgi", ".psgi", "-e", ".PL"]
        .iter()
        .any(|ending| file.ends_with(ending))
        || file.starts_with('/');
    (line.indent == 0 && numbered && named && !file.contains('"'))
        .then_some(Stage::new(Family::Perl, Phase::Head))
}

pub(super) fn is_perl_frame(line: &View<'_>) -> bool {
    let text = line.bare;
    line.indent > 0 && text.contains(" called at ") && text.contains(" line ")
}

pub(super) fn perl_next(line: &View<'_>) -> Verdict {
    let text = line.bare;
    let goes_on = [
        "BEGIN failed--",
        "Compilation failed in require",
        "END failed--",
    ];
    if is_perl_frame(line) || line.indent > 0 || starts(text, &goes_on) {
        return Verdict::Continue(Phase::Body);
    }
    if text.is_empty() {
        Verdict::Ambiguous
    } else {
        Verdict::Other
    }
}

pub(super) fn lua_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let program = [
        "lua: ", "lua5.1: ", "lua5.2: ", "lua5.3: ", "lua5.4: ", "luajit: ",
    ];
    let opens = line.indent == 0 && starts(text, &program) && is_place(text, &[".lua", "]"]);
    opens.then_some(Stage::new(Family::Lua, Phase::Head))
}

pub(super) fn lua_next(line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let coroutine = text.starts_with("coroutine ") && text.ends_with(':');
    if line.indent > 0 || text == "stack traceback:" || coroutine || text.starts_with("[C]: ") {
        return Verdict::Continue(Phase::Body);
    }
    Verdict::Other
}

pub(super) fn haskell_next(line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    if line.indent > 0 || starts(text, &["CallStack (from", "HasCallStack backtrace:"]) {
        return Verdict::Continue(Phase::Body);
    }
    Verdict::Other
}

pub(super) fn r_start(line: &View<'_>) -> Option<Stage> {
    let text = line.bare;
    let called = text.strip_prefix("Error in ").is_some_and(|rest| {
        rest.contains(" : ") || rest.ends_with(':') && rest.contains(['(', '`'])
    });
    (line.indent == 0 && called).then_some(Stage::new(Family::R, Phase::Head))
}

pub(super) fn r_next(line: &View<'_>) -> Verdict {
    let text = line.bare;
    if text.is_empty() {
        return Verdict::Ambiguous;
    }
    let goes_on = [
        "Calls: ",
        "Execution halted",
        "Backtrace:",
        "Traceback:",
        "Caused by error",
        "In addition: ",
        "! ",
        "ℹ ",
        "✖ ",
        "• ",
    ];
    let counted = number(text).is_some_and(|(_, rest)| rest.starts_with(": "));
    if line.indent > 0 || counted || starts(text, &goes_on) || is_rule(text, '▆', 1) {
        return Verdict::Continue(Phase::Body);
    }
    Verdict::Other
}
