//! The JVM's `Throwable.printStackTrace`: Java, Kotlin, Scala.
//!
//! Causes follow what they caused; suppressed exceptions are indented below what suppressed them.

use crate::lines;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};

/// Packages of the runtime and of frameworks: never the application's own code.
const LIBRARIES: [&str; 40] = [
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "android.",
    "androidx.",
    "dalvik.",
    "com.android.",
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.eclipse.",
    "org.junit.",
    "junit.",
    "org.testng.",
    "org.mockito.",
    "org.gradle.",
    "org.jboss.",
    "org.postgresql.",
    "org.slf4j.",
    "ch.qos.",
    "com.fasterxml.",
    "com.google.",
    "com.zaxxer.",
    "com.mysql.",
    "com.netflix.",
    "io.netty.",
    "io.grpc.",
    "io.micrometer.",
    "io.opentelemetry.",
    "io.vertx.",
    "okhttp3.",
    "reactor.",
    "rx.",
];

/// Reads the stack trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let (first, column) = lines.iter().enumerate().find_map(|(at, line)| {
        let column = line.find("at ")?;
        let bounded = line.get(..column)?.ends_with([' ', '\t']) || column == 0;
        frame(line.get(column..)?)
            .filter(|_| bounded)
            .map(|_| (at, column))
    })?;
    let marker = lines.get(first)?;
    let prefix = marker.get(..column)?.trim_end_matches(['\t', ' ']).len();
    let stripped = lines::strip_prefix(lines, marker, prefix);
    let start = header(&stripped, first);
    let mut chain = Vec::new();
    let mut link = ExceptionLink::default();
    if let Some(line) = stripped.get(start..first).and_then(<[&str]>::first) {
        link = read_header(line, Relation::Escaped);
    }
    let mut suppressed = None;
    for line in stripped
        .iter()
        .skip(if start < first { start + 1 } else { first })
    {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some(frame) = frame(text) {
            link.frames.push(frame);
        } else if let Some((relation, rest)) = joint(text) {
            let inside = suppressed.is_some_and(|depth| indent > depth);
            let relation = if inside {
                Relation::Suppressed
            } else {
                relation
            };
            suppressed = match relation {
                Relation::Suppressed if !inside => Some(indent.saturating_sub(1)),
                Relation::Suppressed => suppressed,
                _ => None,
            };
            let next = read_header(rest, relation);
            chain.push(std::mem::replace(&mut link, next));
        } else if link.frames.is_empty() && !text.is_empty() && !link.exception_type.is_empty() {
            link.message.push('\n');
            link.message.push_str(text);
        } else if !link.frames.is_empty() && indent == 0 && type_at_start(text).is_some() {
            break;
        }
    }
    chain.push(link);
    Some(Trace {
        language: Language::Java,
        chain,
    })
}

/// What begins the next exception of a chain.
fn joint(text: &str) -> Option<(Relation, &str)> {
    text.strip_prefix("Caused by: ")
        .map(|rest| (Relation::Cause, rest))
        .or_else(|| {
            text.strip_prefix("Suppressed: ")
                .map(|rest| (Relation::Suppressed, rest))
        })
}

/// Line of the header that belongs to the frame at `first`: the nearest one above that names a
/// type; `first` itself where there is none.
fn header(lines: &[&str], first: usize) -> usize {
    const ABOVE_MAX: usize = 64;
    let low = first.saturating_sub(ABOVE_MAX);
    let mut weak = None;
    for at in (low..first).rev() {
        let line = lines.get(at).copied().unwrap_or_default();
        if type_at_start(line.trim()).is_some() {
            return at;
        }
        if weak.is_none() && type_inside(line).is_some() {
            weak = Some(at);
        }
    }
    weak.unwrap_or(first)
}

/// Type and message of a header.
fn read_header(line: &str, relation: Relation) -> ExceptionLink {
    let line = line.trim();
    let found = type_at_start(line).or_else(|| type_inside(line));
    let (kind, message) = found.unwrap_or(("", line));
    ExceptionLink {
        relation,
        exception_type: kind.to_owned(),
        message: message.to_owned(),
        frames: Vec::new(),
    }
}

/// `Exception in thread "main" a.b.CException: message`.
fn type_at_start(line: &str) -> Option<(&str, &str)> {
    let line = match line.strip_prefix("Exception in thread \"") {
        Some(rest) => rest.split_once("\" ")?.1,
        None => line,
    };
    let (kind, message) = match line.split_once(": ") {
        Some(pair) => pair,
        None => (line.trim_end_matches(':'), ""),
    };
    is_type(kind).then_some((kind, message))
}

/// A type within a line of a log: the last word that is named as an exception.
fn type_inside(line: &str) -> Option<(&str, &str)> {
    let at = ["Exception", "Error", "Throwable"]
        .into_iter()
        .filter_map(|suffix| {
            line.match_indices(suffix)
                .map(|(at, _)| at + suffix.len())
                .find(|end| {
                    line.get(*end..)
                        .is_some_and(|tail| tail.is_empty() || tail.starts_with(':'))
                })
        })
        .min()?;
    let head = line.get(..at)?;
    let from = head.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '$')));
    let kind = head.get(from.map_or(0, |from| from + head.get(from..).map_or(1, first_len))..)?;
    let message = line.get(at..)?.trim_start_matches(':').trim();
    is_type(kind).then_some((kind, message))
}

/// Bytes of the first character.
fn first_len(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// A qualified class name, or a simple one that is named as an exception.
fn is_type(kind: &str) -> bool {
    let mut parts = kind.split('.');
    let fits = parts.all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '$')
    });
    let last = kind.rsplit('.').next().unwrap_or_default();
    let named = [
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Death",
    ]
    .into_iter()
    .any(|suffix| last.ends_with(suffix));
    fits && last.starts_with(char::is_uppercase) && (kind.contains('.') || named)
}

/// `at java.base/a.b.C$D.method(File.java:12) ~[lib.jar:1.0]`.
fn frame(text: &str) -> Option<Frame> {
    let text = text.strip_prefix("at ")?;
    let (name, rest) = text.split_once('(')?;
    let (place, _) = rest.split_once(')')?;
    let name = match name.rsplit_once('/') {
        Some((loader, name)) if !loader.contains("$$Lambda") => name,
        _ => name,
    };
    let (class, function) = name.rsplit_once('.')?;
    let (source, line) = match place.rsplit_once(':') {
        Some((source, line)) => (source, Some(line.parse().ok()?)),
        None => (place, None),
    };
    let jvm = matches!(
        source,
        "Native Method" | "Unknown Source" | "SourceFile" | "<generated>"
    ) || source.is_empty()
        || [
            ".java", ".kt", ".kts", ".scala", ".groovy", ".clj", ".sc", ".aj",
        ]
        .into_iter()
        .any(|suffix| source.ends_with(suffix));
    if !jvm || name.contains(' ') {
        return None;
    }
    let module = plain_class(class);
    let package = module
        .rsplit_once('.')
        .map_or("", |(package, _)| package)
        .replace('.', "/");
    let file = match (source.contains('.'), package.is_empty()) {
        (false, _) => String::new(),
        (true, true) => source.to_owned(),
        (true, false) => format!("{package}/{source}"),
    };
    let generated = ["$Proxy", "$$Lambda", "CGLIB$$", "GeneratedMethodAccessor"]
        .into_iter()
        .any(|mark| class.contains(mark));
    let in_app = !generated && !LIBRARIES.iter().any(|library| module.starts_with(library));
    Some(Frame {
        function: plain_method(function),
        module,
        file,
        line,
        in_app,
    })
}

/// The class without what the runtime adds to the names of generated ones.
fn plain_class(class: &str) -> String {
    let class = ["$$Lambda", "$$EnhancerBy", "$$FastClassBy", "$$SpringCGLIB"]
        .into_iter()
        .find_map(|mark| class.split_once(mark).map(|(class, _)| class))
        .unwrap_or(class);
    class
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches('$')
        .to_owned()
}

/// `lambda$charge$0` is `lambda$charge`: the number is the compiler's.
fn plain_method(function: &str) -> String {
    match function.rsplit_once('$') {
        Some((name, number))
            if name.starts_with("lambda$") && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            name.to_owned()
        }
        _ => function.to_owned(),
    }
}
