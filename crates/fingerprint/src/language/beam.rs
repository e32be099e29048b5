//! The BEAM: Elixir's `** (Error) message` with its frames, and Erlang's reports.
//!
//! The type is Elixir's exception, or of Erlang the class of the reason (`badmatch`, `badarg`,
//! `function_clause`, …), also where the shell tells it in words. A function is `name/arity`, as
//! the BEAM knows it; arguments that were printed in its place are counted. A process that ends
//! because a call did prints what ended it further inside: that is the cause, or, where the outer
//! exit has no frames of its own, the exception itself.

mod erlang;
mod name;

use super::anchor;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Reads the report in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    elixir(lines).or_else(|| erlang::parse(lines))
}

/// Most exceptions that are kept open.
const OPEN_COUNT_MAX: usize = 16;

/// Elixir's own form.
fn elixir(lines: &[String]) -> Option<Trace> {
    let told = |line: &String| header(line).is_some() || frame(line.trim()).is_some();
    if !lines.iter().any(told) {
        return None;
    }
    let anchor = anchor::anchor(lines, |line| {
        let column = line.find("** (").filter(|_| header(line).is_some());
        column.or_else(|| {
            let indent = line.len() - line.trim_start().len();
            frame(line.trim()).map(|_| indent).or_else(|| {
                let at = anchor::column(line, "(")?;
                frame(line.get(at..)?).map(|_| at)
            })
        })
    })?;
    let mut reader = Reader::default();
    for line in anchor.below() {
        if !reader.line(line) {
            break;
        }
    }
    let chain = reader.finish();
    // A compiler's warning has one line with a place, and no header.
    let frames: usize = chain.iter().map(|link| link.frames.len()).sum();
    let named = chain.iter().any(|link| !link.exception_type.is_empty());
    (frames > usize::from(!named)).then_some(Trace {
        language: Language::Elixir,
        chain,
    })
}

/// `** (KeyError) key :id not found in: %{}`: type, message, and the column at which it begins.
fn header(line: &str) -> Option<(&str, &str, usize)> {
    let at = line.find("** (")?;
    let rest = line.get(at + "** (".len()..)?;
    let (kind, message) = rest.split_once(')')?;
    let kind = kind.split(" from ").next()?;
    let fits = matches!(kind, "exit" | "throw" | "EXIT" | "stop")
        || (kind.starts_with(char::is_uppercase)
            && kind
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_')))
        || (kind.starts_with(':') && kind.len() < 60);
    fits.then(|| (kind, message.trim(), at))
}

/// An exception that is being read, and how far it is indented.
#[derive(Default)]
struct Open {
    link: ExceptionLink,
    indent: usize,
    /// Whether the exit only wraps what comes next.
    wraps: bool,
}

/// Reads line by line.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    /// Whether the last exception's message may go on.
    message: bool,
}

impl Reader {
    /// Reads a line; `false` where the report has ended.
    fn line(&mut self, line: &str) -> bool {
        let text = line.trim();
        if let Some((kind, message, indent)) = header(line) {
            return self.header(kind, message, indent);
        }
        let indent = line.len() - line.trim_start().len();
        if let Some(found) = frame(text) {
            self.message = false;
            self.frame(indent, found);
            return true;
        }
        if self.message && indent > 0 && name::is_call(text) {
            // A function that is not there, or one of the machine's own: it has no place.
            if let Some((module, function)) = name::call(text) {
                self.message = false;
                self.frame(
                    indent,
                    Frame {
                        function,
                        module,
                        ..Frame::default()
                    },
                );
            }
            return true;
        }
        if self.message && blamed(text) {
            self.message = false;
        }
        if self.message {
            if !text.is_empty() && !noted(text) {
                self.more(text);
            }
            return true;
        }
        let told = self.open.iter().any(|open| !open.link.frames.is_empty());
        !told || text.is_empty() || noted(text) || indent > 0
    }

    /// Another exception: inside of the last one, or another report.
    fn header(&mut self, kind: &str, message: &str, indent: usize) -> bool {
        let another = self
            .open
            .first()
            .is_some_and(|first| indent <= first.indent && !first.link.frames.is_empty());
        if another || self.open.len() >= OPEN_COUNT_MAX {
            return false;
        }
        let wraps = message.ends_with("an exception was raised:");
        let relation = if self.open.is_empty() {
            Relation::Escaped
        } else {
            Relation::Cause
        };
        self.open.push(Open {
            link: ExceptionLink {
                relation,
                exception_type: kind.to_owned(),
                message: message.to_owned(),
                frames: Vec::new(),
            },
            indent,
            wraps,
        });
        self.message = true;
        true
    }

    /// A frame belongs to the innermost exception that is indented less.
    fn frame(&mut self, indent: usize, frame: Frame) {
        if self.open.is_empty() {
            self.open.push(Open::default());
        }
        let at = self.open.iter().rposition(|open| open.indent < indent);
        let last = self.open.len() - 1;
        if let Some(open) = self.open.get_mut(at.unwrap_or(last)) {
            open.link.frames.push(frame);
        }
    }

    /// A further line of a message.
    fn more(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            if open.link.message.is_empty() {
                text.clone_into(&mut open.link.message);
            } else {
                anchor::more(&mut open.link.message, text);
            }
            open.wraps |= text.ends_with("an exception was raised:");
        }
    }

    /// The chain: exits that only pass on what they were told go.
    fn finish(self) -> Vec<ExceptionLink> {
        let last = self.open.len().saturating_sub(1);
        let kept = self.open.into_iter().enumerate();
        let mut chain: Vec<ExceptionLink> = kept
            .filter(|(at, open)| {
                let exit = matches!(open.link.exception_type.as_str(), "exit" | "EXIT");
                *at == last || !(open.link.frames.is_empty() && (exit || open.wraps))
            })
            .map(|(_, open)| open.link)
            .collect();
        if let Some(first) = chain.first_mut() {
            first.relation = Relation::Escaped;
        }
        chain
    }
}

/// Whether the arguments and clauses of a call that fitted none follow.
fn blamed(text: &str) -> bool {
    text.starts_with("The following arguments were given to ")
}

/// Lines within a report that are no message.
fn noted(text: &str) -> bool {
    [
        "(stop) ",
        "code: ",
        "stacktrace:",
        "The following arguments",
        "Attempted function clauses",
    ]
    .into_iter()
    .any(|mark| text.starts_with(mark))
}

/// `(shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.total/1`.
fn frame(text: &str) -> Option<Frame> {
    let (application, rest) = match anchor::bracketed(text, '(', ')') {
        Some((inner, rest)) => (Some(inner), rest.strip_prefix(' ')?),
        None => (None, text),
    };
    if application.is_some_and(|a| !is_application(a)) {
        return None;
    }
    let (place, call) = match rest.split_once(": ") {
        Some((place, call)) if anchor::place(place).is_some() => (anchor::place(place), call),
        _ => (None, rest),
    };
    let source = place.is_some_and(|(file, _)| {
        [
            ".ex", ".exs", ".erl", ".eex", ".heex", ".leex", ".xrl", ".yrl", ".hrl",
        ]
        .into_iter()
        .any(|suffix| file.ends_with(suffix))
            || file.starts_with("iex")
            || file == "nofile"
    });
    if !(source || (application.is_some() && place.is_none())) {
        return None;
    }
    let (module, function) = name::call(call.trim())?;
    let raw = place.map_or("", |(file, _)| file);
    let located = path::locate(raw);
    let dependency = raw.starts_with("deps/") || raw.contains("/deps/");
    let own = application.map(|name| name.split(' ').next().unwrap_or(name));
    let library = own.map_or_else(|| name::of_library(&module), name::is_library);
    let file = located.file.split_once("deps/").filter(|_| dependency);
    Some(Frame {
        in_app: !(library || dependency || located.library),
        file: file.map_or(located.file.clone(), |(_, file)| file.to_owned()),
        line: place.map(|(_, line)| line),
        function,
        module,
    })
}

/// `shop 0.1.0`, `stdlib`.
fn is_application(inner: &str) -> bool {
    let (name, version) = inner.split_once(' ').unwrap_or((inner, "0"));
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && version.starts_with(|c: char| c.is_ascii_digit())
}
