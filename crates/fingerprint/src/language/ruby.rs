//! Ruby: reports of uncaught exceptions, backtraces in logs, Rails.
//!
//! A frame is `file:line:in 'name'`, with a backtick before Ruby 3.4, which names the class as
//! well (`'Cart#total'`): it is left out, so that both are one failure; the module is the file.
//! Ruby 2.5 to 2.7 print the outermost call first, with numbers. Methods written in C have the
//! place of their caller: they are told by that and by their name.

use super::anchor::{self, Anchor, digits};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Above a trace that lists the outermost call first.
const REVERSED: &str = "Traceback (most recent call last)";

/// Classes whose methods are written in C.
const CORE_CLASSES: [&str; 29] = [
    "Array",
    "BasicObject",
    "Class",
    "Comparable",
    "Dir",
    "Enumerable",
    "Enumerator",
    "Exception",
    "Fiber",
    "File",
    "Float",
    "Hash",
    "IO",
    "Integer",
    "Kernel",
    "Marshal",
    "MatchData",
    "Method",
    "Module",
    "Mutex",
    "Numeric",
    "Proc",
    "Process",
    "Range",
    "Rational",
    "Regexp",
    "String",
    "Struct",
    "Thread",
];
/// Names of common methods that are written in C.
const CORE_METHODS: [&str; 78] = [
    "Array",
    "Float",
    "Hash",
    "Integer",
    "Rational",
    "String",
    "[]",
    "[]=",
    "__send__",
    "abort",
    "all?",
    "any?",
    "call",
    "catch",
    "chdir",
    "collect",
    "const_get",
    "const_missing",
    "count",
    "define_method",
    "delete_if",
    "dup",
    "each",
    "each_cons",
    "each_entry",
    "each_index",
    "each_key",
    "each_line",
    "each_pair",
    "each_slice",
    "each_value",
    "each_with_index",
    "each_with_object",
    "eval",
    "exec",
    "exit",
    "fail",
    "fetch",
    "filter_map",
    "find",
    "first",
    "flat_map",
    "fork",
    "gsub",
    "group_by",
    "initialize",
    "inject",
    "instance_eval",
    "instance_exec",
    "join",
    "load",
    "loop",
    "map",
    "max_by",
    "method_missing",
    "new",
    "open",
    "pop",
    "public_send",
    "raise",
    "read",
    "reduce",
    "reject",
    "require",
    "require_relative",
    "select",
    "send",
    "sleep",
    "sort",
    "sort_by",
    "sub",
    "sum",
    "sysopen",
    "throw",
    "times",
    "to_proc",
    "upto",
    "value",
];

/// Reads the trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let anchor = anchor::anchor(lines, column)?;
    let mut reader = Reader::default();
    let reversed = anchor.above().any(|(_, line)| line.contains(REVERSED))
        || anchor
            .below()
            .first()
            .is_some_and(|line| numbered(line).is_some());
    if reversed {
        reader.reversed(anchor.below());
    } else {
        reader.head(&anchor);
        for line in anchor.below() {
            if !reader.line(line) {
                break;
            }
        }
    }
    reader.close();
    let mut chain = reader.chain;
    chain.retain(|link| !link.frames.is_empty() || !link.exception_type.is_empty());
    (!chain.is_empty()).then_some(Trace {
        language: Language::Ruby,
        chain,
    })
}

/// Column of the first frame of a line, where it has one.
fn column(line: &str) -> Option<usize> {
    let at = [":in `", ":in '"]
        .into_iter()
        .find_map(|mark| line.find(mark))?;
    let head = line.get(..at)?;
    let (path, number) = head.rsplit_once(':')?;
    // A warning says where it comes from, and nothing failed.
    if !digits(number) || path.contains("called from") || path.contains(": warning:") {
        return None;
    }
    // The path ends at the mark and begins behind white space; Rails' names of gems have some.
    let from = path.rfind([' ', '\t', '"']).map_or(0, |at| at + 1);
    let from = match path.get(..from).map(str::trim_end) {
        Some(gem) if gem.ends_with(')') && !path.get(from..)?.starts_with('/') => {
            let open = gem.rfind(" (")?;
            gem.get(..open)?.rfind([' ', '\t']).map_or(0, |at| at + 1)
        }
        _ => from,
    };
    let lead = line.get(..from)?;
    // What Ruby itself writes before a frame belongs to the line, not to the logger.
    let own = lead.trim_end().trim_end_matches("from").trim_end();
    let own = own.strip_suffix(':').map_or(own, |own| {
        own.trim_end_matches(|c: char| c.is_ascii_digit())
    });
    let own = own.trim_end().trim_end_matches('#').trim_end();
    Some(own.len() + usize::from(own.len() < lead.len() && !own.is_empty()))
}

/// Reads line by line.
#[derive(Default)]
struct Reader {
    chain: Vec<ExceptionLink>,
    current: ExceptionLink,
    /// Whether a message may go on.
    message: bool,
}

impl Reader {
    /// The header above the first frame, where the frame's own line does not hold it.
    fn head(&mut self, anchor: &Anchor<'_>) {
        if anchor
            .below()
            .first()
            .is_some_and(|line| raised(line).is_some())
        {
            return;
        }
        let head = anchor.above().find(|(_, line)| type_of(line).is_some());
        let Some((at, line)) = head else { return };
        self.typed(line, Relation::Escaped);
        for line in anchor.lines.get(at + 1..anchor.at).unwrap_or_default() {
            let listing = line.trim().split_once(':').is_some_and(|(n, _)| digits(n));
            if let Some(found) = frame(line) {
                // A template has no method.
                self.current.frames.push(found);
            } else if !line.trim().is_empty() && !listing {
                anchor::more(&mut self.current.message, line.trim());
            }
        }
        if inspected(line).is_some_and(|_| !line.trim_end().ends_with('>'))
            && self.current.message.ends_with('>')
        {
            self.current.message.pop();
        }
    }

    /// Takes type and message of a line, where it has them.
    fn typed(&mut self, line: &str, relation: Relation) -> bool {
        let Some((kind, message)) = type_of(line) else {
            return false;
        };
        kind.clone_into(&mut self.current.exception_type);
        message.clone_into(&mut self.current.message);
        self.current.relation = relation;
        true
    }

    /// Reads a line of a trace that begins where it was raised; `false` where it has ended.
    fn line(&mut self, line: &str) -> bool {
        let text = line.trim();
        if let Some((place, kind, message)) = raised(text) {
            if !self.current.frames.is_empty() {
                // What ended a thread ends, again, the one that waited for it.
                let again = kind == self.current.exception_type
                    && self.current.message.starts_with(message)
                    && frame(place).as_ref() == self.current.frames.first();
                if again {
                    return false;
                }
                self.close();
            }
            if self.chain.is_empty() && !self.current.exception_type.is_empty() {
                // Rails logs the type, then the report.
                self.current = ExceptionLink::default();
            }
            kind.clone_into(&mut self.current.exception_type);
            message.clone_into(&mut self.current.message);
            self.current.frames.extend(frame(place));
            self.message = true;
            return true;
        }
        if let Some(found) = frame(text) {
            self.current.frames.push(found);
            self.message = false;
            return true;
        }
        let cause = ["Caused by: ", "cause: ", "Caused by "]
            .into_iter()
            .find_map(|mark| text.strip_prefix(mark));
        if let Some(rest) = cause
            && type_of(rest).is_some()
        {
            self.close();
            return self.typed(rest, Relation::Cause);
        }
        let quiet = text.is_empty() || text == "Causes:" || text.ends_with(" levels...");
        if quiet {
            return true;
        }
        if self.message && pointed(text) {
            // `error_highlight` shows the failing code, and points at it.
            let (message, _) = self.current.message.rsplit_once('\n').unwrap_or_default();
            self.current.message = message.to_owned();
            return true;
        }
        if self.message {
            anchor::more(&mut self.current.message, text);
            return true;
        }
        if self.current.frames.is_empty() {
            return true;
        }
        // Rails: the cause's own header stands between two traces.
        if rails(text).is_some() {
            self.close();
            return self.typed(text, Relation::Cause);
        }
        false
    }

    /// Reads a trace that ends where it was raised.
    fn reversed(&mut self, lines: &[&str]) {
        let mut frames = Vec::new();
        for line in lines {
            let text = line.trim();
            if let Some((place, kind, message)) = raised(text) {
                self.close();
                self.current.frames.extend(frame(place));
                frames.reverse();
                self.current.frames.append(&mut frames);
                kind.clone_into(&mut self.current.exception_type);
                message.clone_into(&mut self.current.message);
                self.message = true;
            } else if let Some(rest) = numbered(text) {
                frames.extend(frame(rest));
                self.message = false;
            } else if text.contains(REVERSED) || text.ends_with(" levels...") {
                self.message = false;
            } else if self.message && !text.is_empty() {
                anchor::more(&mut self.current.message, text);
            } else if self.message {
                break;
            }
        }
        if !frames.is_empty() && self.current.frames.is_empty() {
            frames.reverse();
            self.current.frames = frames;
        }
        // The cause is printed above what it caused.
        self.close();
        self.chain.reverse();
        for (at, link) in self.chain.iter_mut().enumerate() {
            link.relation = if at == 0 {
                Relation::Escaped
            } else {
                Relation::Cause
            };
        }
    }

    /// Ends the exception that is being read.
    fn close(&mut self) {
        let mut link = std::mem::take(&mut self.current);
        self.message = false;
        if link.frames.is_empty() && link.exception_type.is_empty() {
            return;
        }
        without_handlers(&mut link.frames);
        without_core(&mut link.frames);
        // A block is part of the method that it stands in.
        for frame in &mut link.frames {
            if let Some(name) = frame.function.strip_prefix("block in ") {
                frame.function = name.to_owned();
            }
        }
        if !self.chain.is_empty() {
            link.relation = Relation::Cause;
        }
        self.chain.push(link);
    }
}

/// Whether a line points at the code above it: `    ^^^^`.
fn pointed(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'^')
}

/// The handler of a method, `rescue in find`, is that method, which follows it.
fn without_handlers(frames: &mut Vec<Frame>) {
    let mut before: Option<String> = None;
    frames.retain_mut(|frame| {
        let handler = ["rescue in ", "ensure in "]
            .into_iter()
            .find_map(|mark| frame.function.strip_prefix(mark).map(str::to_owned));
        let twice = before.take().is_some_and(|name| name == frame.function);
        if let Some(name) = handler {
            before = Some(name.clone());
            frame.function = name;
        }
        !twice
    });
}

/// A method written in C is not the application's, though its place is its caller's.
fn without_core(frames: &mut [Frame]) {
    let below: Vec<(String, Option<u32>, String)> = frames
        .iter()
        .skip(1)
        .map(|f| (f.file.clone(), f.line, f.function.clone()))
        .collect();
    for (frame, (file, line, function)) in frames.iter_mut().zip(below) {
        let plain = frame
            .function
            .starts_with(|c: char| c.is_alphabetic() || c == '_');
        let core = !plain || CORE_METHODS.binary_search(&frame.function.as_str()).is_ok();
        let made = frame.function.starts_with('<');
        if core && !made && frame.file == file && frame.line == line && frame.function != function {
            frame.in_app = false;
        }
    }
}

/// `2: from cart.rb:3:in 'total'`.
fn numbered(text: &str) -> Option<&str> {
    let (number, rest) = text.trim().split_once(": from ")?;
    digits(number.trim()).then_some(rest)
}

/// `cart.rb:3:in 'total': message (CartError)`: the place, type and message.
fn raised(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim();
    let at = [":in `", ":in '"]
        .into_iter()
        .find_map(|mark| text.find(mark))?;
    let end = at + ":in `".len();
    let close = text.get(end..)?.find("': ")?;
    let (place, rest) = text.split_at_checked(end + close + 1)?;
    let rest = rest.strip_prefix(": ")?;
    // A logger's header before the place goes.
    let place = place
        .get(..at)
        .and_then(|p| p.rfind([' ', '\t', '"']))
        .map_or(place, |from| place.get(from + 1..).unwrap_or(place));
    if rest == "unhandled exception" {
        return Some((place, "RuntimeError", rest));
    }
    match rest.strip_suffix(')').and_then(|r| r.rsplit_once('(')) {
        Some((message, kind)) if is_type(kind) => Some((place, kind, message.trim_end())),
        _ => Some((place, "", rest)),
    }
}

/// Type and message of a header line.
fn type_of(line: &str) -> Option<(&str, &str)> {
    let text = anchor::bare(line);
    // Ruby's own logger: `E, [2024-01-02T03:04:05.123456 #7] ERROR -- : message`.
    let text = text
        .split_once(" -- ")
        .and_then(|(_, r)| r.split_once(": "))
        .map_or(text, |r| r.1);
    // Tags of Rails' tagged logging.
    let mut text = text;
    for _ in 0..4 {
        match anchor::bracketed(text, '[', ']') {
            Some((_, rest)) => text = rest.trim_start(),
            None => break,
        }
    }
    if let Some(found) = inspected(text) {
        return Some(found);
    }
    if let Some(inner) = text.strip_prefix("#<").and_then(|t| t.split_once('>')) {
        let (kind, message) = inner.0.split_once(": ").unwrap_or((inner.0, ""));
        return is_type(kind).then_some((kind, message));
    }
    dashed(line)
        .or_else(|| rails(text))
        .or_else(|| plain(text))
        .or_else(|| {
            let (message, kind) = text.strip_suffix(')')?.rsplit_once(" (")?;
            (is_type(kind) && named(kind)).then_some((kind, message))
        })
}

/// `Rack app ("GET /"): #<CartError: no price>`, behind a server's own words; the message may go
/// on below.
fn inspected(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once("#<")?;
    // From 3.4 on a message of several lines is quoted: `#<CartError:"no price\nat all">`.
    let quoted = rest.split_once(":\"").filter(|(kind, _)| is_type(kind));
    let (kind, message) = quoted.or_else(|| rest.split_once(": "))?;
    let message = message.strip_suffix('>').unwrap_or(message);
    let message = match quoted {
        Some(_) => message.strip_suffix('"').unwrap_or(message),
        None => message,
    };
    (is_type(kind) && named(kind)).then_some((kind, message))
}

/// `2026-05-01 10:00:00 - CartError - no price:`, as Sinatra logs it.
fn dashed(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.trim_end().strip_suffix(':')?.splitn(3, " - ");
    let (_, kind, message) = (parts.next()?, parts.next()?, parts.next()?);
    (is_type(kind) && named(kind)).then_some((kind, message))
}

/// `NoMethodError (undefined method 'price' for nil):`.
fn rails(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.split_once(" (")?;
    let message = rest
        .trim_end()
        .strip_suffix(':')
        .unwrap_or(rest)
        .strip_suffix(')')?;
    (is_type(kind) && (named(kind) || text.ends_with("):"))).then_some((kind, message))
}

/// `CartError: message`, also within a line.
fn plain(text: &str) -> Option<(&str, &str)> {
    let (kind, message) = text
        .split_once(": ")
        .unwrap_or((text.trim_end_matches(':'), ""));
    if is_type(kind) && named(kind) {
        return Some((kind, message));
    }
    anchor::before_colons(text).find(|(word, _)| is_type(word) && named(word))
}

/// Whether a type is named as an exception.
fn named(kind: &str) -> bool {
    let last = kind.rsplit("::").next().unwrap_or(kind);
    [
        "Error",
        "Exception",
        "Errno",
        "Invalid",
        "NotFound",
        "Failure",
        "Interrupt",
        "Timeout",
    ]
    .into_iter()
    .any(|suffix| last.ends_with(suffix))
        || kind.starts_with("Errno::")
        || kind.contains("::")
}

/// `Shop::CartError`.
fn is_type(kind: &str) -> bool {
    kind.len() <= anchor::NAME_BYTES_MAX
        && kind.split("::").all(|part| {
            part.starts_with(|c: char| c.is_uppercase())
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
}

/// `from cart.rb:3:in 'total'`.
fn frame(text: &str) -> Option<Frame> {
    let text = text.trim().trim_start_matches("# ");
    let text = numbered(text).unwrap_or(text);
    let from = text.strip_prefix("from ");
    let text = from.unwrap_or(text);
    let mark = [":in `", ":in '"]
        .into_iter()
        .find_map(|mark| text.find(mark));
    let (place, name) = match mark {
        Some(at) => {
            let name = text.get(at + ":in `".len()..)?;
            (text.get(..at)?, name.split('\'').next().unwrap_or_default())
        }
        None => (text, ""),
    };
    let (raw, line) = place.rsplit_once(':')?;
    if !digits(line) || (mark.is_none() && from.is_none() && !bare_file(raw)) {
        return None;
    }
    let (class, function) = function(name);
    let core = class.is_some_and(|class| CORE_CLASSES.binary_search(&class).is_ok());
    let (file, library) = located(raw);
    let synthetic = raw.starts_with('<');
    Some(Frame {
        module: file
            .trim_end_matches(".rb")
            .trim_start_matches("lib/")
            .to_owned(),
        in_app: !library && !synthetic && (!core || name.starts_with("block")),
        function,
        line: line.parse().ok(),
        file,
    })
}

/// Whether a line is a path of Ruby's and nothing else.
fn bare_file(raw: &str) -> bool {
    const SOURCES: [&str; 8] = [
        ".rb",
        ".ru",
        ".rake",
        ".erb",
        ".haml",
        ".slim",
        ".jbuilder",
        ".builder",
    ];
    anchor::has_extension(raw, &SOURCES) && !raw.contains(' ')
}

/// Class and function of a name: `block (2 levels) in Shop::Cart#total` is `block in total`, until
/// the trace is whole.
fn function(name: &str) -> (Option<&str>, String) {
    let (block, inner) = match name.rsplit_once(" in ") {
        Some((how, inner)) => (how.starts_with("block"), inner),
        None => (false, name),
    };
    let made = inner.starts_with('<');
    let split = (!made)
        .then(|| inner.rsplit_once('#').or_else(|| singleton(inner)))
        .flatten();
    let (class, method) = match split {
        Some((class, method)) if !method.is_empty() => (Some(class), method),
        _ => (None, inner),
    };
    // Compiled templates carry ids of the process.
    let template = method.starts_with("_app_");
    let method = if template {
        method.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_')
    } else {
        method
    };
    let how = match name.split_once(" in ") {
        Some((how @ ("rescue" | "ensure"), _)) if !block => how,
        _ => "block",
    };
    let function = if block || how != "block" {
        format!("{how} in {method}")
    } else {
        method.to_owned()
    };
    (class, function)
}

/// `Shop::Cart.total`: a method of the class itself.
fn singleton(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.')
        .filter(|(class, _)| class.starts_with(char::is_uppercase))
}

/// Path of a frame, and whether it is a library's.
fn located(raw: &str) -> (String, bool) {
    if raw.starts_with('<') || raw.starts_with('(') || raw == "-e" || raw == "-" {
        return (raw.to_owned(), false);
    }
    // Rails: `actionpack (7.0.4) lib/action_controller/metal.rb`.
    if let Some((gem, rest)) = raw.split_once(" (")
        && let Some((_, file)) = rest.split_once(") ")
    {
        return (format!("{}/{file}", gem.trim_start()), true);
    }
    let plain = raw.replace('\\', "/");
    if let Some((_, file)) = plain.rsplit_once("/gems/") {
        let (gem, rest) = file.split_once('/').unwrap_or(("", file));
        let gem = gem.rsplit_once('-').map_or(gem, |(name, _)| name);
        return (format!("{gem}/{rest}"), true);
    }
    for mark in [
        "/lib/ruby/",
        "/vendor_ruby/",
        "/site_ruby/",
        "/jruby/lib/",
        "/truffleruby/lib/",
    ] {
        if let Some((_, rest)) = plain.split_once(mark) {
            let version = |c: char| c.is_ascii_digit() || c == '.';
            let file = match rest.split_once('/') {
                Some((first, file)) if first.chars().all(version) => file,
                Some(("vendor_ruby", file)) => file,
                _ => rest,
            };
            return (file.to_owned(), true);
        }
    }
    let program = [
        "/bin/bundle",
        "/bin/rake",
        "/bin/irb",
        "/bin/ruby",
        "/bin/rspec",
    ]
    .into_iter()
    .any(|suffix| plain.ends_with(suffix) && plain.starts_with('/'));
    let located = path::locate(&plain);
    (located.file, located.library || program)
}
