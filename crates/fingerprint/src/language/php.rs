//! PHP: uncaught throwables, warnings, Monolog of Laravel and Symfony, Xdebug's tables.
//!
//! An entry `#0 file(12): f()` says where `f` was called, so that a frame is the function of one
//! entry at the place of the one before it; the first is at the place of the throw. An entry at
//! the place of the throw itself is a function of PHP's own, which throws where it was called.
//! PHP prints the innermost throwable first and what wraps it behind `Next`; the model turns
//! that round. The type of a warning or fatal error is what PHP calls it.

mod test;

use super::anchor::{self, Anchor, bracketed};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// What PHP calls its own errors.
const LEVELS: [&str; 9] = [
    "Fatal error",
    "Recoverable fatal error",
    "Catchable fatal error",
    "Parse error",
    "Warning",
    "Notice",
    "Deprecated",
    "Strict Standards",
    "Core error",
];
/// Directories of frameworks that are not in `vendor`.
const LIBRARIES: [&str; 5] = [
    "/wp-includes/",
    "/wp-admin/",
    "phar://",
    "/usr/share/php/",
    "/usr/local/lib/php/",
];
/// Above the entries of Symfony's console.
const CONSOLE: &str = "Exception trace:";
/// Source that has no file.
const COMMAND_LINE: &str = "Command line code";

/// Reads the trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let Some(anchor) = anchor::anchor(lines, mark) else {
        return test::parse(lines);
    };
    let mut reader = Reader::default();
    let mut from = anchor.at;
    if anchor
        .below()
        .first()
        .is_some_and(|line| entry(line).is_some())
    {
        // The entries come first: their header is above them.
        let head = anchor.above().find(|(_, line)| Head::read(line).is_some());
        from = head.map_or(anchor.at, |(at, _)| at);
    }
    if anchor
        .below()
        .first()
        .is_some_and(|line| line.trim() == CONSOLE)
    {
        reader.console(&anchor);
    }
    for line in anchor.lines.get(from..)? {
        if !reader.line(line) {
            break;
        }
    }
    reader.close();
    let mut chain = reader.chain;
    if reader.wraps {
        chain.reverse();
    }
    for (at, link) in chain.iter_mut().enumerate() {
        link.relation = if at == 0 {
            Relation::Escaped
        } else {
            Relation::Cause
        };
    }
    chain
        .iter()
        .any(|link| !link.frames.is_empty())
        .then_some(Trace {
            language: Language::Php,
            chain,
        })
}

/// Column of the first mark of PHP on a line.
fn mark(line: &str) -> Option<usize> {
    let numbered = line.match_indices('#').map(|(at, _)| at).take(8);
    let mut found = numbered.filter(|at| line.get(*at..).and_then(entry).is_some());
    if let Some(at) = found.next() {
        return Some(at);
    }
    let indent = line.len() - line.trim_start().len();
    if line.trim() == CONSOLE {
        return Some(indent);
    }
    let head = Head::read(line)?;
    head.own.then(|| head.column.max(indent))
}

/// A place in a file.
type Place = (String, u32);

/// What is known of a throwable before its entries.
#[derive(Default)]
struct Head<'a> {
    kind: &'a str,
    message: &'a str,
    /// Where in the line it begins.
    column: usize,
    /// Whether it is PHP's beyond doubt.
    own: bool,
    /// Whether it wraps the one before it.
    wraps: bool,
    /// Whether it caused the one before it.
    causes: bool,
    /// Place, where the line has it in a form of its own.
    place: Option<Place>,
}

impl<'a> Head<'a> {
    /// Reads a header line of any of the forms.
    fn read(line: &'a str) -> Option<Self> {
        Self::monolog(line)
            .or_else(|| Self::symfony(line))
            .or_else(|| Self::uncaught(line))
            .or_else(|| Self::level(line))
            .or_else(|| Self::plain(line))
    }

    /// `[object] (App\CartError(code: 0): message at /srv/app/Cart.php:12)`.
    fn monolog(line: &'a str) -> Option<Self> {
        let column = line.find("[object] (")?;
        let rest = line.get(column + "[object] (".len()..)?;
        let (kind, rest) = rest.split_once("(code: ")?;
        let (_, rest) = rest.split_once("): ")?;
        let end = rest.rfind(".php:").map(|at| at + ".php:".len())?;
        let (_, after) = anchor::number(rest.get(end..)?)?;
        let text = rest.get(..rest.len() - after.len())?;
        let (message, place) = text.rsplit_once(" at ").unwrap_or(("", text));
        Some(Self {
            kind,
            message,
            column: 0,
            own: true,
            causes: line.contains("[previous exception]"),
            place: owned(anchor::place(place)?),
            ..Self::default()
        })
    }

    /// `Uncaught PHP Exception App\CartError: "message" at /srv/app/Cart.php line 12`.
    fn symfony(line: &'a str) -> Option<Self> {
        let mark = "Uncaught PHP Exception ";
        let at = line.find(mark)?;
        let (kind, rest) = line.get(at + mark.len()..)?.split_once(": ")?;
        let (message, rest) = rest.rsplit_once(" at ")?;
        let (file, number) = rest.split_once(" line ")?;
        let (number, _) = anchor::number(number)?;
        Some(Self {
            kind,
            message: message.trim_matches('"'),
            own: true,
            place: Some((file.to_owned(), number)),
            ..Self::default()
        })
    }

    /// `PHP Fatal error:  Uncaught App\CartError: message in …`, `Next App\CartError: message`.
    fn uncaught(line: &'a str) -> Option<Self> {
        let text = line.trim_start();
        let (rest, wraps) = if let Some(rest) = text.strip_prefix("Next ") {
            (rest, true)
        } else {
            let at = line.find("Uncaught ")?;
            (line.get(at + "Uncaught ".len()..)?, false)
        };
        let (kind, message) = typed(rest)?;
        let head = line.get(..line.len() - rest.len())?;
        let level = head.contains("rror") || head.contains("PHP");
        Some(Self {
            kind,
            message,
            column: head
                .find("PHP ")
                .or_else(|| head.find("Fatal"))
                .unwrap_or(0),
            own: !wraps && level && head.contains("atal error:"),
            wraps,
            ..Self::default()
        })
    }

    /// `PHP Warning:  Undefined variable $cart in /srv/app/cart.php on line 3`.
    fn level(line: &'a str) -> Option<Self> {
        let (kind, column, rest) = LEVELS.into_iter().find_map(|level| {
            let at = line.find(level)?;
            let before = line.get(..at)?;
            let rest = line.get(at + level.len()..)?.strip_prefix(':')?;
            let bounded = before.trim().is_empty() || before.ends_with([' ', '"', '>']);
            bounded.then_some((level, at, rest))
        })?;
        let (text, after) = rest.rsplit_once(" on line ")?;
        let (number, _) = anchor::number(after)?;
        let (message, file) = text.rsplit_once(" in ")?;
        let column = line
            .get(..column)?
            .strip_suffix("PHP ")
            .map_or(column, str::len);
        Some(Self {
            kind,
            message: message.trim(),
            column,
            own: file.contains(".php") || file == COMMAND_LINE || line.contains("PHP "),
            place: Some((file.to_owned(), number)),
            ..Self::default()
        })
    }

    /// `App\CartError: message in /srv/app/Cart.php:12`.
    fn plain(line: &'a str) -> Option<Self> {
        let text = anchor::bare(line);
        let text = text.strip_prefix("Uncaught ").unwrap_or(text);
        let text = text.strip_prefix("PHP message: ").unwrap_or(text);
        let told = |kind: &str| named(kind) || kind.contains('\\');
        let found = typed(text).filter(|(kind, _)| told(kind));
        let (kind, message) = found.or_else(|| {
            let mut words = anchor::before_colons(text);
            words.find(|(word, _)| told(word) && is_class(word))
        })?;
        Some(Self {
            kind,
            message,
            ..Self::default()
        })
    }
}

/// Type and message of `App\CartError: message` or `App\CartError in /srv/app/Cart.php:12`.
fn typed(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '\\' | '_' | '@')))
        .unwrap_or(text.len());
    let (kind, rest) = text.split_at_checked(end)?;
    if !is_class(kind) {
        return None;
    }
    match rest.strip_prefix(':') {
        Some(message) => Some((kind, message.trim_start())),
        None if rest.starts_with(" in ") => Some((kind, rest)),
        None => None,
    }
}

/// Whether a text is the name of a class.
fn is_class(kind: &str) -> bool {
    kind.len() <= anchor::NAME_BYTES_MAX
        && kind.trim_start_matches('\\').split('\\').all(|part| {
            part.is_empty()
                || part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && part
                        .chars()
                        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '@'))
        })
        && kind.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Whether a type is named as a throwable.
fn named(kind: &str) -> bool {
    ["Exception", "Error", "Throwable", "Failure"]
        .into_iter()
        .any(|suffix| kind.ends_with(suffix))
}

/// An entry of a trace: what was called, and where.
struct Entry {
    name: String,
    place: Option<Place>,
}

/// `#0 /srv/app/Cart.php(12): App\Cart->total(5)`, `#1 [internal function]: f()`, `#2 {main}`.
fn entry(line: &str) -> Option<Entry> {
    let (_, rest) = anchor::number(line.trim_start().strip_prefix('#')?)?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    if rest.starts_with("{main}") {
        return Some(Entry {
            name: "{main}".to_owned(),
            place: None,
        });
    }
    if let Some(name) = rest.strip_prefix("[internal function]: ") {
        return Some(Entry {
            name: name.to_owned(),
            place: None,
        });
    }
    let (at, end) = rest.match_indices('(').take(16).find_map(|(at, _)| {
        let (number, tail) = anchor::number(rest.get(at + 1..)?)?;
        // A logger that keeps places alone has no call behind them.
        let name = tail.strip_prefix("): ");
        let name = name.or_else(|| tail.strip_prefix("):").filter(|rest| rest.is_empty()))?;
        Some((at, (number, name)))
    })?;
    let file = rest.get(..at)?;
    let (number, name) = end;
    (file.contains(['/', '\\', '.']) || file == COMMAND_LINE).then(|| Entry {
        name: name.to_owned(),
        place: Some((file.to_owned(), number)),
    })
}

/// An entry of Xdebug's table, `PHP   2. f($x = 1) /srv/app/cart.php:7`, or of Symfony's console,
/// `App\Cart->total() at /srv/app/Cart.php:12`; the flag is for Xdebug's.
fn row(line: &str) -> Option<(Entry, bool)> {
    let text = line.trim();
    let text = text.strip_prefix("PHP ").map_or(text, str::trim_start);
    if let Some((call, place)) = text
        .rsplit_once(" at ")
        .or_else(|| text.strip_prefix("at ").map(|place| ("", place)))
    {
        let place = owned(anchor::place(place)?)?;
        let fits = (call.is_empty() || call.contains('(')) && place.0.contains(".php");
        let entry = Entry {
            name: call.to_owned(),
            place: Some(place),
        };
        return fits.then_some((entry, false));
    }
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | '\t');
    let call = text.trim_start_matches(numeric);
    let head = text.get(..text.len() - call.len())?.trim_end();
    if !head.ends_with('.') || !head.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (name, place) = call.rsplit_once(' ')?;
    let entry = Entry {
        name: name.to_owned(),
        place: owned(anchor::place(place)?),
    };
    Some((entry, true))
}

/// A place of its own.
#[expect(
    clippy::unnecessary_wraps,
    reason = "places are optional wherever they are kept"
)]
fn owned((file, line): (&str, u32)) -> Option<Place> {
    Some((file.to_owned(), line))
}

/// Reads line by line.
#[derive(Default)]
struct Reader {
    chain: Vec<ExceptionLink>,
    /// Whether later throwables wrap earlier ones.
    wraps: bool,
    kind: String,
    message: String,
    thrown: Option<Place>,
    entries: Vec<Entry>,
    /// Whether the entries list the outermost call first.
    outermost_first: bool,
    begun: bool,
}

impl Reader {
    /// Reads a line; `false` where the trace has ended.
    fn line(&mut self, line: &str) -> bool {
        let text = line.trim();
        if let Some(found) = entry(text) {
            self.entries.push(found);
            return true;
        }
        if let Some(rest) = text.strip_prefix("thrown in ")
            && rest.contains(" on line ")
        {
            return false;
        }
        let again = self.begun && !self.entries.is_empty();
        if let Some((found, xdebug)) = self.begun.then(|| row(text)).flatten() {
            self.outermost_first |= xdebug;
            if found.name.is_empty() {
                self.thrown = found.place;
            } else {
                self.entries.push(found);
            }
            return true;
        }
        let head = Head::read(line)
            .filter(|head| !self.begun || head.wraps || head.causes || (again && head.own));
        if let Some(head) = head {
            if again && !head.wraps && !head.causes {
                return false;
            }
            self.open(&head);
            return true;
        }
        let quiet = text.is_empty()
            || text.starts_with("Stack trace:")
            || text.starts_with("PHP Stack trace:")
            || text.starts_with("Call Stack")
            || text.starts_with("[stacktrace]")
            || text == CONSOLE
            || text == "\"}"
            || text == "\"} []";
        if quiet {
            return true;
        }
        if self.entries.is_empty() && self.begun && self.thrown.is_none() {
            anchor::more(&mut self.message, text);
            return true;
        }
        // What follows a warning, or a header with its place, is a table or nothing of ours.
        self.entries.is_empty() && self.begun && text.starts_with('(')
    }

    /// The box of Symfony's console above its entries: `[Shop\EmptyCart]`, then the message.
    fn console(&mut self, anchor: &Anchor<'_>) {
        let above: Vec<&str> = anchor.above().map(|(_, line)| line.trim()).collect();
        let told = above.iter().enumerate().find_map(|(at, line)| {
            let kind = line.strip_prefix('[')?.strip_suffix(']')?;
            is_class(kind).then_some((at, kind))
        });
        let Some((at, kind)) = told else {
            return;
        };
        self.begun = true;
        kind.clone_into(&mut self.kind);
        let below = above.get(..at).unwrap_or_default().iter().rev();
        let text: Vec<&str> = below.copied().filter(|line| !line.is_empty()).collect();
        self.message = text.join("\n");
    }

    /// Begins a throwable.
    fn open(&mut self, head: &Head<'_>) {
        self.close();
        self.begun = true;
        self.wraps |= head.wraps;
        self.kind = plain(head.kind);
        head.message.trim_end().clone_into(&mut self.message);
        self.thrown.clone_from(&head.place);
        if self.thrown.is_none() {
            self.settle();
        }
    }

    /// Takes ` in file:line` off the end of the message.
    fn settle(&mut self) {
        let spaced = format!(" {}", self.message);
        if let Some((message, place)) = spaced.rsplit_once(" in ")
            && let Some((file, line)) = anchor::place(place)
        {
            self.thrown = Some((file.to_owned(), line));
            message.trim().clone_into(&mut self.message);
        } else if let Some((message, place)) = spaced.rsplit_once(" in ")
            && let Some((file, line)) = place.split_once(" on line ")
            && let Some((line, "")) = anchor::number(line)
        {
            // Xdebug's own words.
            self.thrown = Some((file.to_owned(), line));
            message.trim().clone_into(&mut self.message);
        }
    }

    /// Ends the throwable that is being read.
    fn close(&mut self) {
        if self.thrown.is_none() {
            self.settle();
        }
        let mut entries = std::mem::take(&mut self.entries);
        if std::mem::take(&mut self.outermost_first) {
            entries.reverse();
        }
        let thrown = self.thrown.take();
        if entries.is_empty() && thrown.is_none() && self.kind.is_empty() {
            return;
        }
        self.chain.push(ExceptionLink {
            relation: Relation::Escaped,
            exception_type: std::mem::take(&mut self.kind),
            message: std::mem::take(&mut self.message),
            frames: frames(entries, thrown),
        });
    }
}

/// Frames of the entries: each function is at the place of the entry before it.
fn frames(entries: Vec<Entry>, thrown: Option<Place>) -> Vec<Frame> {
    let known = thrown.is_some();
    let internal = thrown.is_some()
        && entries.first().is_some_and(|first| {
            first.place == thrown
                && thrown
                    .as_ref()
                    .is_some_and(|(file, _)| file != COMMAND_LINE)
        });
    let mut place = if internal { None } else { thrown };
    let mut out = Vec::new();
    let count = entries.len();
    for (at, entry) in entries.into_iter().enumerate() {
        let alone = at == 0 && !known;
        out.push(frame(&entry.name, place.take(), alone));
        place = entry.place;
    }
    if count == 0 {
        out.push(frame("", place, false));
    }
    out
}

/// A frame of a call and its place; one `alone` has no place because the header is gone.
fn frame(call: &str, place: Option<Place>, alone: bool) -> Frame {
    let call = plain(call);
    let (module, function) = split(without_arguments(&call));
    let Some((raw, line)) = place else {
        return Frame {
            in_app: alone && function != "{main}" && (!module.is_empty() || function.is_empty()),
            function,
            module,
            ..Frame::default()
        };
    };
    let raw = raw
        .split_once('(')
        .filter(|(_, r)| r.contains("eval()"))
        .map_or(raw.as_str(), |r| r.0);
    let located = path::locate(raw);
    let library = located.library || LIBRARIES.iter().any(|mark| raw.contains(mark));
    Frame {
        in_app: !library,
        function,
        module,
        file: located.file,
        line: Some(line),
    }
}

/// A name in which JSON has doubled the backslashes.
fn plain(name: &str) -> String {
    let name = name.replace("\\\\", "\\");
    match name.split_once("@anonymous") {
        // What follows is the file that declares the class.
        Some((class, rest)) => {
            let call = rest
                .find("->")
                .or_else(|| rest.find("::"))
                .and_then(|at| rest.get(at..));
            format!("{class}@anonymous{}", call.unwrap_or_default())
        }
        None => name,
    }
}

/// The name before the arguments; those of a closure's own name are within braces.
fn without_arguments(call: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in call.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => return call.get(..at).unwrap_or(call),
            _ => {}
        }
    }
    call
}

/// Module and function of `App\Cart->total`, `App\Cart::make`, `App\load`, `App\{closure}`.
fn split(name: &str) -> (String, String) {
    if name == "{main}" {
        return (String::new(), name.to_owned());
    }
    let (head, closure) = match name.find('{') {
        Some(at) => (name.get(..at).unwrap_or_default(), true),
        None => (name, false),
    };
    let method = head.rsplit_once("->").or_else(|| head.rsplit_once("::"));
    let (module, function) = match method {
        Some((class, function)) => (class, function),
        None => head.rsplit_once('\\').unwrap_or(("", head)),
    };
    // PHP 8.4 names the function in which a closure was made: `{closure:App\Cart::total():12}`.
    let inside = name
        .get(head.len()..)
        .and_then(|rest| bracketed(rest, '{', '}'))
        .and_then(|(inner, _)| inner.strip_prefix("closure:"))
        .and_then(|made| made.split_once("::"))
        .map(|(class, _)| class)
        .filter(|class| module.is_empty() && !class.contains('/'));
    let function = if closure { "{closure}" } else { function };
    (inside.unwrap_or(module).to_owned(), function.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(call: &str, module: &str, function: &str) {
        let (found_module, found) = split(without_arguments(call));
        assert_eq!(
            (found_module.as_str(), found.as_str()),
            (module, function),
            "{call}"
        );
    }

    #[test]
    fn calls_have_a_class_and_a_function() {
        check("App\\Cart->total(5)", "App\\Cart", "total");
        check("App\\Cart::make(Array)", "App\\Cart", "make");
        check("App\\load('x')", "App", "load");
        check(
            "App\\Cart->App\\{closure}(Object(App\\Item))",
            "App\\Cart",
            "{closure}",
        );
        check(
            "{closure:App\\Cart::total():12}(1)",
            "App\\Cart",
            "{closure}",
        );
        check("{main}", "", "{main}");
    }

    #[test]
    fn an_entry_has_a_line_number() {
        assert!(entry("#0 /srv/app/x.php(x): f()").is_none());
    }
}
