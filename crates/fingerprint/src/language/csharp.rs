//! .NET, Mono and Unity: `Exception.ToString()` in every language of its resources.
//!
//! A trace is told by what no other runtime writes: a place behind ` in file:line 12`, an offset
//! `[0x00012]`, a place `(at Assets/X.cs:12)`, parameters that are types with names, or an empty
//! parameter list. Names of async methods, lambdas and local functions are told as they were
//! written: `<Total>d__5.MoveNext` is `Total`, `<>c.<Total>b__0` is `Total.<lambda>`.
//! Inner exceptions are causes, those of an `AggregateException` beyond the first its members.

use super::anchor::{self, Anchor, below_any, bracketed, digits, hex};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Words before a frame, in the languages of .NET's resources.
const LEADS: [&str; 17] = [
    "at ", "bei ", "à ", "en ", "in ", "em ", "w ", "v ", "в ", "在 ", "於 ", "場所 ", "위치: ",
    "konum: ", "bij ", "vid ", "ved ",
];

/// Namespaces of the runtime, the engine and common packages.
const LIBRARIES: [&str; 62] = [
    "System",
    "Microsoft",
    "Windows",
    "MS",
    "Internal",
    "Interop",
    "Mono",
    "UnityEngine",
    "UnityEditor",
    "UnityEngineInternal",
    "Unity",
    "TMPro",
    "Cysharp",
    "DG.Tweening",
    "Zenject",
    "Photon",
    "Newtonsoft",
    "NUnit",
    "Xunit",
    "Moq",
    "Npgsql",
    "MySql",
    "MySqlConnector",
    "Oracle",
    "Dapper",
    "NHibernate",
    "Serilog",
    "NLog",
    "log4net",
    "Castle",
    "AutoMapper",
    "MediatR",
    "FluentValidation",
    "FluentAssertions",
    "Grpc",
    "Google",
    "Amazon",
    "Azure",
    "StackExchange",
    "RabbitMQ",
    "MongoDB",
    "Polly",
    "Hangfire",
    "Quartz",
    "Autofac",
    "Ninject",
    "Swashbuckle",
    "MassTransit",
    "HotChocolate",
    "GraphQL",
    "Elasticsearch",
    "Nest",
    "Elastic",
    "Confluent",
    "OpenTelemetry",
    "Sentry",
    "Java.Interop",
    "Android.Runtime",
    "FSharp",
    "Refit",
    "RestSharp",
    "lambda_method",
];

/// Types that have a keyword, as Unity prints them.
const KEYWORDS: [&str; 10] = [
    "object", "string", "int", "bool", "float", "double", "long", "byte", "char", "decimal",
];

/// What stands before the type of an exception nobody caught.
const UNCAUGHT: [&str; 9] = [
    "Unhandled exception. ",
    "Unhandled Exception: ",
    "Unhandled exception: ",
    "[ERROR] FATAL UNHANDLED EXCEPTION: ",
    "Fatal error. ",
    "Unbehandelte Ausnahme: ",
    "Exception non gérée : ",
    "Excepción no controlada: ",
    "Необработанное исключение: ",
];

/// Most inner exceptions that open at once.
const OPEN_COUNT_MAX: usize = 32;

/// Reads the trace in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let anchor = anchor::anchor(lines, mark)?;
    let start = header(&anchor);
    let mut reader = Reader::default();
    let from = if let Some((at, line)) = start {
        reader.header(line, Relation::Escaped);
        at + 1
    } else {
        reader.open(ExceptionLink {
            message: logged(&anchor),
            ..ExceptionLink::default()
        });
        anchor.at
    };
    for line in anchor.lines.get(from..).unwrap_or_default() {
        if !reader.line(line) {
            break;
        }
    }
    let frames: usize = reader.chain.iter().map(|link| link.frames.len()).sum();
    let told = start.is_some() || frames > 1 || reader.placed;
    (told && frames > 0).then_some(Trace {
        language: Language::CSharp,
        chain: reader.chain,
    })
}

/// The line above the first frame that tells the type: a type named as an exception, or any
/// qualified one right above the frames.
fn header<'a>(anchor: &Anchor<'a>) -> Option<(usize, &'a str)> {
    let told = |(_, line): &(usize, &str)| !line.trim_start().starts_with("--->");
    let nearest = anchor.above().find(told);
    nearest
        .filter(|(_, line)| type_of(line).is_some() || qualified(line).is_some())
        .or_else(|| {
            anchor
                .above()
                .filter(told)
                .find(|(_, line)| type_of(line).is_some())
        })
        .or_else(|| {
            anchor
                .above()
                .filter(told)
                .find(|(_, line)| qualified(line).is_some())
        })
}

/// Type and message of `Shop.EmptyCart: message`, whose type is not named as an exception.
fn qualified(line: &str) -> Option<(&str, &str)> {
    let text = uncaught(anchor::bare(line));
    let (kind, message) = text.split_once(": ").unwrap_or((text, ""));
    let upper = kind.contains('.') && kind.split('.').all(|p| p.starts_with(char::is_uppercase));
    (upper && is_name_of_type(kind)).then_some((kind, message.trim()))
}

/// The text behind what .NET says before an exception that nobody caught.
fn uncaught(text: &str) -> &str {
    UNCAUGHT
        .into_iter()
        .find_map(|mark| text.find(mark).and_then(|at| text.get(at + mark.len()..)))
        .unwrap_or(text)
}

/// The message that was logged with a stack but without an exception (Unity).
fn logged(anchor: &Anchor<'_>) -> String {
    let mut above = anchor.above().map(|(_, line)| anchor::bare(line));
    above.next().unwrap_or_default().to_owned()
}

/// Column of the first frame that is .NET's beyond doubt.
fn mark(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let read = |at: usize| frame(line.get(at..)?).filter(|f| f.own).map(|_| at);
    read(indent)
        .or_else(|| {
            let at = anchor::column(line, "at ")?;
            (at > indent).then(|| read(at))?
        })
        .or_else(|| {
            // Unity's frames begin with a name, behind whatever a logger wrote.
            let unity = line.contains(" (at ") || line.contains("UnityEngine.Debug:");
            let starts = line.match_indices(' ').map(|(at, _)| at + 1).take(16);
            unity.then(|| starts.into_iter().find_map(read))?
        })
}

/// Reads line by line.
#[derive(Default)]
struct Reader {
    chain: Vec<ExceptionLink>,
    /// Exceptions whose frames are still to come, the innermost last.
    open: Vec<usize>,
    /// Whether a frame had a place.
    placed: bool,
    /// Whether any frame was read.
    begun: bool,
}

impl Reader {
    /// The next exception, inside of the last one.
    fn open(&mut self, link: ExceptionLink) {
        self.chain.push(link);
        if self.open.len() < OPEN_COUNT_MAX {
            self.open.push(self.chain.len() - 1);
        }
    }

    /// The exception that frames and lines belong to now.
    fn current(&mut self) -> Option<&mut ExceptionLink> {
        let at = *self.open.last()?;
        self.chain.get_mut(at)
    }

    /// A header: `A: a ---> B: b`.
    fn header(&mut self, line: &str, relation: Relation) {
        let mut relation = relation;
        for part in line.split(" ---> ") {
            let told = type_of(part).or_else(|| qualified(part));
            let (kind, message) = told.unwrap_or(("", part.trim()));
            self.open(ExceptionLink {
                relation,
                exception_type: kind.to_owned(),
                message: message.to_owned(),
                frames: Vec::new(),
            });
            relation = Relation::Cause;
        }
    }

    /// Reads a line; `false` where the trace has ended.
    fn line(&mut self, line: &str) -> bool {
        let text = line.trim();
        let member_ends = text.ends_with("<---");
        let text = text.trim_end_matches("<---").trim_end();
        if let Some(found) = frame(text) {
            self.placed |= found.frame.line.is_some();
            self.begun = true;
            if let Some(link) = self.current() {
                link.frames.push(found.frame);
            }
        } else if let Some(rest) = text.strip_prefix("--->") {
            self.inner(rest.trim());
        } else if text.starts_with("---") && text.ends_with("---") && text.len() > 6 {
            if ends_inner(line, text) && self.open.len() > 1 {
                self.open.pop();
            }
        } else if let Some(place) = text.strip_prefix("(Filename: ") {
            self.filename(place);
            return false;
        } else if !self.begun || self.current().is_some_and(|link| link.frames.is_empty()) {
            let escaped = self.open.len() == 1 && self.begun;
            if escaped {
                return true;
            }
            if let Some(link) = self.current()
                && !text.is_empty()
                && !matches!(text, "Stack Trace:" | "StackTrace:")
                && !link.exception_type.is_empty()
            {
                anchor::more(&mut link.message, text);
            }
        } else if self.open.len() <= 1 && (type_of(line).is_some() || qualified(line).is_some()) {
            return false;
        }
        if member_ends && self.open.len() > 1 {
            self.open.pop();
        }
        true
    }

    /// `---> B: b`, `---> (Inner Exception #1) B: b`.
    fn inner(&mut self, rest: &str) {
        let member = rest
            .strip_prefix('(')
            .and_then(|r| r.split_once(')'))
            .filter(|(number, _)| number.contains('#'));
        let Some((_, rest)) = member else {
            return self.header(rest, Relation::Cause);
        };
        let from = self.chain.len();
        self.header(rest.trim(), Relation::Member);
        // The first inner exception of an aggregate is printed twice by some runtimes: it is a
        // member once.
        let same = |a: &ExceptionLink, b: &ExceptionLink| {
            a.exception_type == b.exception_type && a.message == b.message
        };
        if let Some((before, new)) = self.chain.split_at_checked(from)
            && let Some(new) = new.first()
            && let Some(at) = before.iter().skip(1).position(|link| same(link, new))
            && let Some(first) = self.chain.get_mut(at + 1)
        {
            first.exception_type.clear();
            first.relation = Relation::Suppressed;
        }
        self.chain.retain(|link| {
            link.relation != Relation::Suppressed || !link.exception_type.is_empty()
        });
        let last = self.chain.len().saturating_sub(1);
        self.open.retain(|at| *at < last);
        self.open.push(last);
    }

    /// `(Filename: Assets/Scripts/Player.cs Line: 12)`: the place of the topmost frame.
    fn filename(&mut self, place: &str) {
        let Some((file, line)) = place.trim_end_matches(')').rsplit_once(" Line: ") else {
            return;
        };
        let line = line.trim().parse().ok();
        let located = path::locate(file);
        let link = self.current();
        let top = link.and_then(|link| link.frames.iter_mut().find(|frame| frame.in_app));
        if let Some(frame) = top
            && frame.file.is_empty()
            && anchor::has_extension(file, &[".cs"])
        {
            frame.file = located.file;
            frame.line = line;
        }
    }
}

/// Whether a line of dashes ends an inner exception, rather than the part of a trace that an
/// await joins on.
fn ends_inner(line: &str, text: &str) -> bool {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&[
        "previous location",
        "vorhergehend",
        "précédent",
        "anterior",
        "precedente",
    ]) {
        return false;
    }
    let inner = [
        "inner",
        "intern",
        "внутренн",
        "内部",
        "내부",
        "wewn",
        "vnit",
    ];
    has(&inner) || line.starts_with([' ', '\t'])
}

/// Type and message of a header line.
fn type_of(line: &str) -> Option<(&str, &str)> {
    let text = anchor::bare(line);
    if text.is_empty() {
        return None;
    }
    if text == "Stack overflow." || text.starts_with("Process is terminated due to StackOverflow") {
        return Some(("System.StackOverflowException", text));
    }
    let text = uncaught(text);
    // Test runners: `Shop.EmptyCart : nothing to pay`.
    let tested = text.split_once(" : ").filter(|(kind, _)| is_type(kind));
    tested.or_else(|| at_start(text)).or_else(|| inside(text))
}

/// `System.Net.Sockets.SocketException (111): message`.
fn at_start(text: &str) -> Option<(&str, &str)> {
    let (kind, message) = text
        .split_once(": ")
        .unwrap_or((text.trim_end_matches(':'), ""));
    let kind = kind
        .split_once(" (")
        .filter(|(_, code)| hex(code.trim_end_matches(')')))
        .map_or(kind, |(kind, _)| kind);
    is_type(kind).then_some((kind, message.trim()))
}

/// The first word of a line that is named as an exception.
fn inside(text: &str) -> Option<(&str, &str)> {
    let end = text
        .match_indices("Exception")
        .map(|(at, mark)| at + mark.len())
        .take(8)
        .find(|end| {
            let tail = text.get(*end..).unwrap_or_default();
            tail.starts_with(": ") || tail.starts_with(" (0x")
        })?;
    let head = text.get(..end)?;
    let from = head
        .char_indices()
        .rev()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '+')))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let kind = head.get(from..)?;
    let message = text.get(end..)?.split_once(": ").map_or("", |(_, m)| m);
    is_type(kind).then_some((kind, message.trim()))
}

/// Whether a text is the name of a type.
fn is_name_of_type(kind: &str) -> bool {
    let plain = kind.split(['`', '[']).next().unwrap_or_default();
    let mut parts = plain.split(['.', '+']);
    plain.len() <= anchor::NAME_BYTES_MAX
        && parts.all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
}

/// The name of a type that is named as an exception.
fn is_type(kind: &str) -> bool {
    let plain = kind.split(['`', '[']).next().unwrap_or_default();
    let fits = is_name_of_type(kind);
    let last = plain.rsplit(['.', '+']).next().unwrap_or_default();
    let named = ["Exception", "Error", "Failure", "Fault"]
        .into_iter()
        .any(|suffix| last.ends_with(suffix));
    let upper = plain.starts_with(char::is_uppercase) && last.starts_with(char::is_uppercase);
    fits && named && (upper || last.ends_with("Exception"))
}

/// A frame, and whether it is .NET's beyond doubt.
struct Found {
    frame: Frame,
    own: bool,
}

/// `at Shop.Cart.Total(Int32 x) in C:\src\Cart.cs:line 12`, and Mono's and Unity's forms.
fn frame(text: &str) -> Option<Found> {
    let text = text.trim();
    let led = LEADS
        .into_iter()
        .find_map(|lead| Some((lead, text.strip_prefix(lead)?)));
    let (lead, whole) = led.map_or((None, text), |(lead, rest)| (Some(lead), rest.trim_start()));
    let (wrapper, whole) = match whole.strip_prefix("(wrapper ") {
        Some(rest) => (true, rest.split_once(')')?.1.trim_start()),
        None => (false, whole),
    };
    let open = whole.find('(')?;
    let (name, rest) = whole.split_at_checked(open)?;
    let name = name.strip_suffix(' ').unwrap_or(name);
    let (arguments, rest) = bracketed(rest, '(', ')')?;
    let unity = rest.trim_start().starts_with("(at ");
    if !is_name(name) || (lead.is_none() && !unity && !unity_name(name, rest)) {
        return None;
    }
    let tail = tail(rest)?;
    let named = arguments.is_empty() || typed(arguments);
    if !named && !tail.own {
        return None;
    }
    let english = lead == Some("at ");
    let own = wrapper
        || tail.own
        || (english && named && rest.trim().is_empty())
        || (lead.is_none() && name.starts_with("UnityEngine."));
    let (module, function) = plain_name(name);
    let located = tail.file.map(path::locate).unwrap_or_default();
    let library = wrapper
        || below_any(&module, &LIBRARIES, ".")
        || function.starts_with("lambda_method")
        || located.file.contains("PackageCache/");
    Some(Found {
        frame: Frame {
            in_app: !library && !located.library,
            function,
            module,
            line: tail.line.filter(|_| !located.file.is_empty()),
            file: located.file,
        },
        own,
    })
}

/// Whether a name of a method may be one.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || ".<>`[],+_|:$@=-&*{}~".contains(c);
    let qualified = name.contains(['.', ':']) || name.starts_with("lambda_method");
    qualified
        && name.len() <= anchor::NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '<'))
        && name.chars().all(fits)
        && !name.contains("//")
}

/// `Player:Update()`: Unity's own stacks part type and method by a colon.
fn unity_name(name: &str, rest: &str) -> bool {
    rest.trim().is_empty()
        && name.split_once(':').is_some_and(|(kind, method)| {
            !method.contains(':')
                && !kind.is_empty()
                && kind.starts_with(char::is_uppercase)
                && method.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '.' | '<'))
        })
}

/// Whether an argument list is one of types with names, and no place of a file.
fn typed(arguments: &str) -> bool {
    let jvm = ["Native Method", "Unknown Source", "Compiled Code"];
    let kind = |c: char| c.is_alphanumeric() || "._`[]&*+<>,?".contains(c);
    !jvm.contains(&arguments)
        && !arguments.contains(['/', ':', '"'])
        && split_arguments(arguments).all(|part| {
            let part = part.trim();
            let (head, name) = part.rsplit_once(' ').unwrap_or((part, ""));
            let head = head.trim_start_matches("ref ").trim_start_matches("out ");
            (head.starts_with(|c: char| c.is_uppercase() || c == '_') || KEYWORDS.contains(&head))
                && head.trim().chars().all(kind)
                && !anchor::has_extension(head, &[".java"])
                && (name.is_empty() || name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        })
        && (arguments.contains(' ') || !arguments.contains('.') || arguments.starts_with("System."))
}

/// Arguments at the commas outside of brackets.
fn split_arguments(arguments: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    arguments.split(move |c: char| {
        match c {
            '[' | '<' => depth += 1,
            ']' | '>' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
}

/// What follows a frame's parameters.
#[derive(Default)]
struct Tail<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    own: bool,
}

/// ` in C:\x.cs:line 12`, ` [0x00012] in <hash>:0`, ` (at Assets/X.cs:12)`.
fn tail(rest: &str) -> Option<Tail<'_>> {
    let mut rest = rest.trim().trim_end_matches('.');
    let mut own = false;
    // What was compiled ahead of time has an offset in place of a file.
    if let Some(offset) = rest.strip_prefix("+ 0x")
        && anchor::hex(offset)
    {
        return Some(Tail {
            own: true,
            ..Tail::default()
        });
    }
    for (open, close) in [('[', ']'), ('<', '>')] {
        if let Some((inner, after)) = bracketed(rest, open, close)
            && inner.starts_with("0x")
        {
            own = true;
            rest = after.trim_start();
        }
    }
    if rest.is_empty() {
        return Some(Tail {
            own,
            ..Tail::default()
        });
    }
    let unity = rest.strip_prefix("(at ").and_then(|r| r.strip_suffix(')'));
    let text = match unity {
        Some(inner) => inner,
        None => rest.split_once(' ')?.1.trim(),
    };
    let (file, last) = text.rsplit_once(':')?;
    let (word, number) = last.rsplit_once(' ').unwrap_or(("", last));
    if !digits(number) || word.contains(['/', '\\']) || file.contains(" at ") {
        return None;
    }
    let source = [
        ".cs", ".vb", ".fs", ".fsx", ".razor", ".cshtml", ".il", ".cpp", ".xaml",
    ]
    .into_iter()
    .any(|suffix| file.ends_with(suffix));
    let image = file.starts_with('<');
    let known = own || source || image || (!word.is_empty() && file.contains(['/', '\\']));
    known.then_some(Tail {
        file: (!image && file != "unknown").then_some(file),
        line: number.parse().ok(),
        own: true,
    })
}

/// Module and function of a method's name, as they were written.
fn plain_name(name: &str) -> (String, String) {
    let (name, constructor) = match name.rsplit_once("..").or_else(|| name.rsplit_once(":.")) {
        Some((class, what)) if what == "ctor" || what == "cctor" => (class, Some(what)),
        _ => (name, None),
    };
    let mut module: Vec<String> = Vec::new();
    let mut made: Option<String> = None;
    for part in segments(name) {
        let part = part.split(['`', '[']).next().unwrap_or_default();
        // Mono's older compiler: `<Run>c__AnonStorey0.<>m__0`.
        let lambda = part.starts_with("<>m__");
        if lambda && let Some(outer) = made.as_mut() {
            outer.push_str(".<lambda>");
        }
        if part.is_empty() || part.starts_with("<>") || part.starts_with("VB$AnonymousType") {
            continue;
        }
        if part.starts_with('<') {
            made = Some(written(part));
        } else if let Some(machine) = part.strip_prefix("VB$StateMachine_") {
            made = Some(
                machine
                    .trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
                    .into(),
            );
        } else if let Some((function, _)) = part.split_once('@') {
            made = Some(format!("{function}.<lambda>"));
        } else if made.is_some() && matches!(part, "MoveNext" | "Invoke") {
        } else {
            module.push(part.to_owned());
        }
    }
    let function = match (constructor, made) {
        (Some(what), _) => format!(".{what}"),
        (None, Some(made)) => made,
        (None, None) => module.pop().unwrap_or_default(),
    };
    (module.join("."), function)
}

/// Parts of a name at the dots outside of brackets.
fn segments(name: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    name.split(move |c: char| {
        match c {
            '[' | '<' => depth += 1,
            ']' | '>' => depth -= 1,
            _ => {}
        }
        matches!(c, '.' | '+' | ':') && depth <= 0
    })
}

/// The method that the compiler made `<Total>b__0` or `<Total>g__Load|3_0` of.
fn written(part: &str) -> String {
    let mut inner = part;
    let mut suffixes = Vec::new();
    while let Some((inside, suffix)) = bracketed(inner, '<', '>') {
        suffixes.push(suffix);
        inner = inside;
        if suffixes.len() >= 8 {
            break;
        }
    }
    let mut out = inner.trim_end_matches('$').to_owned();
    for suffix in suffixes.into_iter().rev() {
        if suffix.starts_with("b__") || suffix.starts_with("m__") {
            out.push_str(".<lambda>");
        } else if let Some(local) = suffix.strip_prefix("g__") {
            out.push('.');
            out.push_str(local.split('|').next().unwrap_or_default());
        }
    }
    out
}
