//! The JVM's `Throwable.printStackTrace`: Java, Kotlin, Scala; and its thread dumps.
//!
//! Causes follow what they caused; suppressed exceptions are indented below what suppressed them.
//! Loggers that print the root cause first say `Wrapped by:`; the model turns that round.

mod packages;

use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::{lines, prefix};

/// Lines above the first frame among which its exception is looked for.
const ABOVE_COUNT_MAX: usize = 64;

/// Reads the stack trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let (first, column) = lines.iter().enumerate().find_map(|(at, line)| {
        let column = frame_column(line)?;
        Some((at, column))
    })?;
    let marker = lines.get(first)?;
    let prefix = marker.get(..column)?.trim_end_matches(['\t', ' ']).len();
    let stripped = lines::strip_prefix(lines, marker, prefix);
    let dump = stripped.iter().position(|line| is_thread(line));
    let chain = match dump {
        Some(at) if at < first => thread_dump(stripped.get(at..)?)?,
        Some(at) => throwable(stripped.get(..at)?, first),
        None => throwable(&stripped, first),
    };
    Some(Trace {
        language: language(&chain),
        chain,
    })
}

/// Where a frame begins in a line: behind blanks, or behind a prefix and a blank.
fn frame_column(line: &str) -> Option<usize> {
    line.match_indices("at ").take(4).find_map(|(at, _)| {
        let bounded = at == 0 || line.get(..at)?.ends_with([' ', '\t']);
        frame(line.get(at..)?).filter(|_| bounded).map(|_| at)
    })
}

/// The language that the files of the innermost own code tell.
fn language(chain: &[ExceptionLink]) -> Language {
    let frames = || chain.iter().flat_map(|link| &link.frames);
    let own = frames().find(|frame| frame.in_app && frame.file.contains('.'));
    let file = own.map_or("", |frame| &frame.file);
    match file.rsplit('.').next() {
        Some("kt" | "kts") => Language::Kotlin,
        Some("scala" | "sc") => Language::Scala,
        _ => Language::Java,
    }
}

/// The exception whose first frame is at `first`, and what it hangs on.
fn throwable(lines: &[&str], first: usize) -> Vec<ExceptionLink> {
    let start = header(lines, first);
    let mut reader = Reader::default();
    if let Some(line) = lines.get(start..first).and_then(<[&str]>::first) {
        reader.link = read_header(line, Relation::Escaped);
        if let Some((relation, rest)) = joint(line.trim()) {
            // The head was cut off: what is left begins with a cause.
            reader.link = read_header(rest, relation);
        }
    }
    let from = if start < first { start + 1 } else { first };
    for line in lines.iter().skip(from) {
        if !reader.line(line) {
            break;
        }
    }
    reader.finish()
}

/// Reads an exception and what it hangs on, line by line.
#[derive(Default)]
struct Reader {
    chain: Vec<ExceptionLink>,
    link: ExceptionLink,
    /// Indentation of the exception that is suppressed, while in it.
    suppressed: Option<usize>,
    /// Whether causes come before what they caused.
    reversed: bool,
}

impl Reader {
    /// Whether the trace goes on after this line.
    fn line(&mut self, line: &str) -> bool {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some(frame) = frame(text) {
            self.link.frames.push(frame);
        } else if text.contains("[CIRCULAR REFERENCE") {
            return true;
        } else if let Some((relation, rest)) = joint(text) {
            self.reversed |= text.starts_with("Wrapped by");
            let inside = self.suppressed.is_some_and(|depth| indent > depth);
            let relation = if inside {
                Relation::Suppressed
            } else {
                relation
            };
            self.suppressed = match relation {
                Relation::Suppressed if !inside => Some(indent.saturating_sub(1)),
                Relation::Suppressed => self.suppressed,
                _ => None,
            };
            let next = read_header(rest, relation);
            self.chain.push(std::mem::replace(&mut self.link, next));
        } else if self.link.frames.is_empty() {
            let elided = text.starts_with("...") || text.is_empty();
            if !elided && !self.link.exception_type.is_empty() {
                self.link.message.push('\n');
                self.link.message.push_str(text);
            }
        } else if indent == 0 && another(text) {
            return false;
        }
        true
    }

    fn finish(mut self) -> Vec<ExceptionLink> {
        self.chain.push(self.link);
        if self.reversed {
            self.chain.reverse();
            for (at, link) in self.chain.iter_mut().enumerate() {
                if link.relation != Relation::Suppressed {
                    link.relation = match at {
                        0 => Relation::Escaped,
                        _ => Relation::Cause,
                    };
                }
            }
        }
        self.chain
    }
}

/// Whether a line behind frames begins another failure.
fn another(text: &str) -> bool {
    type_at_start(text).is_some() || (prefix::time(text).is_some() && type_inside(text).is_some())
}

/// What begins the next exception of a chain.
fn joint(text: &str) -> Option<(Relation, &str)> {
    const JOINTS: [(&str, Relation); 3] = [
        ("Caused by: ", Relation::Cause),
        ("Wrapped by: ", Relation::Cause),
        ("Suppressed: ", Relation::Suppressed),
    ];
    JOINTS
        .iter()
        .find_map(|(mark, relation)| text.strip_prefix(mark).map(|rest| (*relation, rest)))
}

/// Line of the header that belongs to the frame at `first`: the nearest one above that names a
/// type; `first` itself where there is none.
fn header(lines: &[&str], first: usize) -> usize {
    let low = first.saturating_sub(ABOVE_COUNT_MAX);
    let mut weak = None;
    for at in (low..first).rev() {
        let line = lines.get(at).copied().unwrap_or_default().trim();
        if type_at_start(line).is_some() || joint(line).is_some() {
            return at;
        }
        if weak.is_none() && (type_inside(line).is_some() || (at + 1 == first && bare_type(line))) {
            weak = Some(at);
        }
    }
    weak.unwrap_or(first)
}

/// Directly above frames even a name that says nothing of exceptions is a type: `a.b.c: x` of an
/// obfuscated build, `CardDeclined` of the default package.
fn bare_type(line: &str) -> bool {
    let kind = line.split_once(": ").map_or(line, |(kind, _)| kind);
    let parts_fit = kind.split('.').all(is_identifier);
    parts_fit && (kind.contains('.') || kind.starts_with(char::is_uppercase))
}

/// Type and message of a header.
fn read_header(line: &str, relation: Relation) -> ExceptionLink {
    let line = line.trim();
    let found = type_at_start(line).or_else(|| type_inside(line));
    let bare = || {
        let pair = line.split_once(": ").unwrap_or((line, ""));
        bare_type(line).then_some(pair)
    };
    let (kind, message) = found.or_else(bare).unwrap_or(("", line));
    ExceptionLink {
        relation,
        exception_type: kind.to_owned(),
        message: message.to_owned(),
        frames: Vec::new(),
    }
}

/// `Exception in thread "main" a.b.CException: message`.
fn type_at_start(line: &str) -> Option<(&str, &str)> {
    let line = match line.split_once("Exception in thread \"") {
        Some((_, rest)) => rest.split_once("\" ")?.1,
        None => line,
    };
    let (kind, message) = match line.split_once(": ") {
        Some(pair) => pair,
        None => (line.trim_end_matches(':'), ""),
    };
    is_type(kind).then_some((kind, message))
}

/// A type within a line of a log: the first qualified name of an exception, else the first simple
/// one, else the last qualified name before a colon.
fn type_inside(line: &str) -> Option<(&str, &str)> {
    let mut simple = None;
    let mut qualified = None;
    let mut offset = 0;
    for word in line.split(' ') {
        let start = offset;
        offset += word.len() + 1;
        let word = word.trim_start_matches(['[', '(', '"', '\'', '=']);
        let begin = (offset - 1).saturating_sub(word.len());
        let kind = word.trim_end_matches([':', ',', ';', ']', ')', '{']);
        let told = word.len() > kind.len() || offset > line.len();
        if !told || !is_type(kind) || begin < start {
            continue;
        }
        let message = line.get(begin + kind.len()..)?;
        let message = message.strip_prefix(':').unwrap_or(message).trim();
        let found = Some((kind, message));
        match (kind.contains('.'), named(kind)) {
            (true, true) => return found,
            (false, true) => simple = simple.or(found),
            _ if word.ends_with(':') => qualified = found,
            _ => {}
        }
    }
    simple.or(qualified)
}

/// Whether a part of a name is one that Java allows.
fn is_identifier(part: &str) -> bool {
    part.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && part
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

/// Whether the name says that it is of an exception.
fn named(kind: &str) -> bool {
    let last = kind.rsplit(['.', '$']).next().unwrap_or_default();
    [
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Death",
    ]
    .into_iter()
    .any(|suffix| last.ends_with(suffix))
}

/// A qualified class name, or a simple one that is named as an exception.
fn is_type(kind: &str) -> bool {
    let last = kind.rsplit('.').next().unwrap_or_default();
    kind.split('.').all(is_identifier)
        && last.starts_with(char::is_uppercase)
        && (kind.contains('.') || named(kind))
}

/// `at java.base/a.b.C$D.method(File.java:12) ~[lib.jar:1.0]`.
fn frame(text: &str) -> Option<Frame> {
    let text = text.strip_prefix("at ")?;
    let (name, rest) = text.split_once('(')?;
    let (place, _) = rest.split_once(')')?;
    let name = without_loader(name);
    let (class, function) = name.rsplit_once('.')?;
    let (source, line) = match place.rsplit_once(':') {
        Some((source, line)) => (source, Some(line.parse().ok()?)),
        None => (place, None),
    };
    let code = source.rsplit_once('.').is_some_and(|(stem, extension)| {
        let known = ["java", "kt", "kts", "scala", "groovy", "clj", "sc", "aj"];
        !stem.is_empty() && known.contains(&extension)
    });
    let hidden = matches!(
        source,
        "Native Method" | "Unknown Source" | "SourceFile" | "<generated>" | "" | "Unknown"
    );
    // A shrinker's own name for all sources.
    let mapped = line.is_some() && source.starts_with("r8-map-id");
    let spaced = name.contains(' ');
    let fits = (code || hidden || mapped) && (!spaced || (code && !source.contains(".java")));
    if !fits || class.is_empty() || class.contains(['/', '@']) && !class.contains("$$") {
        return None;
    }
    let module = plain_class(class);
    let package = module
        .rsplit_once('.')
        .map_or("", |(package, _)| package)
        .replace('.', "/");
    let file = match (code, package.is_empty()) {
        (false, _) => String::new(),
        (true, true) => source.to_owned(),
        (true, false) => format!("{package}/{source}"),
    };
    let generated = [
        "$Proxy",
        "$$Lambda",
        "CGLIB$$",
        "GeneratedMethodAccessor",
        "GeneratedConstructorAccessor",
    ]
    .into_iter()
    .any(|mark| class.contains(mark));
    Some(Frame {
        function: function.to_owned(),
        in_app: !generated && !packages::library(&module),
        module,
        file,
        line,
    })
}

/// The name without the class loader and the module before it: `app//a.b.C.m`,
/// `java.base@17.0.1/java.lang.Thread.run`.
fn without_loader(name: &str) -> &str {
    let mut name = name;
    while let Some((head, rest)) = name.split_once('/') {
        if head.contains("$$") {
            break;
        }
        name = rest;
    }
    name
}

/// The class without what the runtime adds to the names of generated ones.
fn plain_class(class: &str) -> String {
    let class = [
        "$$Lambda",
        "$$EnhancerBy",
        "$$FastClassBy",
        "$$SpringCGLIB",
        "$HibernateProxy",
        "_$$_",
        "$MockitoMock",
        "$ByteBuddy",
        "$$ExternalSyntheticLambda",
    ]
    .into_iter()
    .find_map(|mark| class.split_once(mark).map(|(class, _)| class))
    .unwrap_or(class);
    let numbered = class.trim_end_matches(|c: char| c.is_ascii_digit());
    match numbered.strip_suffix('$') {
        Some(bare) => bare.trim_end_matches('$').to_owned(),
        None => class.to_owned(),
    }
}

/// `"main" #1 prio=5 tid=0x… nid=0x… runnable`: a thread of a dump.
fn is_thread(line: &str) -> bool {
    line.strip_prefix('"')
        .and_then(|rest| rest.split_once('"'))
        .is_some_and(|(_, rest)| {
            [" prio=", " tid=", " nid=", " #"]
                .iter()
                .any(|mark| rest.contains(mark))
        })
}

/// Of a dump the thread that a reader would look at: blocked before running before waiting, own
/// code before the runtime's; of equals the first by name of its calls, so that the order in
/// which threads were printed makes no difference.
fn thread_dump(lines: &[&str]) -> Option<Vec<ExceptionLink>> {
    let mut threads: Vec<(u8, Vec<Frame>)> = Vec::new();
    for line in lines {
        let text = line.trim();
        if is_thread(line) {
            threads.push((3, Vec::new()));
        } else if let Some((state, frames)) = threads.last_mut() {
            if let Some(named) = text.strip_prefix("java.lang.Thread.State: ") {
                *state = match named.split(' ').next() {
                    Some("BLOCKED") => 0,
                    Some("RUNNABLE") => 1,
                    _ => 2,
                };
            } else if let Some(frame) = frame(text) {
                frames.push(frame);
            }
        }
    }
    let rank = |(state, frames): &(u8, Vec<Frame>)| {
        let own = frames.iter().any(|frame| frame.in_app);
        let calls: Vec<String> = frames
            .iter()
            .map(|f| format!("{}.{}", f.module, f.function))
            .collect();
        (!own, *state, calls)
    };
    let (_, frames) = threads
        .into_iter()
        .filter(|(_, frames)| !frames.is_empty())
        .min_by_key(rank)?;
    Some(vec![ExceptionLink {
        frames,
        ..Default::default()
    }])
}
