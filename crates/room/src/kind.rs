//! What a source is, told from its beginning.

use cordon_diagnose::plain::line::Reader;
use cordon_event::Severity;
use cordon_fingerprint::{header, parse_trace};

use crate::json::{self, Node, Value};
use crate::limits::BEGINNING_BYTES_MAX;
use crate::text::head;
use crate::{alert, chat, export, otlp};

/// What a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Lines of a log.
    Logs,
    /// One JSON object a line, or a JSON array of records.
    JsonLines,
    /// Logs or traces as OTLP/JSON.
    Otlp,
    /// A stack trace.
    Trace,
    /// Alerts, as the services that send them write them.
    Alert,
    /// Messages as a chat exports them in JSON.
    Slack,
    /// Messages as they are copied out of a chat.
    Chat,
    /// Anything else.
    #[default]
    Text,
}

/// Share of the lines that have a header, from which on a source is a log: one in so many.
const HEADED_PARTS: usize = 3;
/// Lines without headers from which on they are rather those of a program than of a person.
const LINES_OF_LOG_MIN: usize = 80;
/// Items of a list that are looked at.
const ITEMS_COUNT_MAX: usize = 20;

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Logs,
        Self::JsonLines,
        Self::Otlp,
        Self::Trace,
        Self::Alert,
        Self::Slack,
        Self::Chat,
        Self::Text,
    ];

    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::JsonLines => "json_lines",
            Self::Otlp => "otlp",
            Self::Trace => "trace",
            Self::Alert => "alert",
            Self::Slack => "slack",
            Self::Chat => "chat",
            Self::Text => "text",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How a source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Line by line.
    Lines,
    /// As a whole, when it ends.
    Whole,
}

/// What a source is, and how it is read, by its first lines; `ended` where there are no more.
/// None where more has to be seen.
pub(crate) fn tell(lines: &[String], ended: bool) -> Option<(Kind, Form)> {
    let mut filled = lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty());
    let first = filled
        .next()
        .unwrap_or_default()
        .trim_start_matches('\u{feff}');
    if first.starts_with('{') || first.starts_with('[') && !is_bracketed_word(first) {
        if let Some(found) = of_json(lines, first, ended) {
            return Some(found);
        }
        let open = !ended && !is_complete(first);
        if open {
            return None;
        }
    }
    if !ended {
        return None;
    }
    Some(of_lines(lines))
}

/// How a source of a kind that was said is read.
pub(crate) fn form(kind: Kind, lines: &[String]) -> Form {
    let first = lines
        .iter()
        .map(|line| line.trim())
        .find(|line| !line.is_empty());
    match kind {
        Kind::Otlp | Kind::Alert | Kind::Slack | Kind::Chat | Kind::Text | Kind::Trace => {
            Form::Whole
        }
        Kind::Logs => Form::Lines,
        Kind::JsonLines if first.is_some_and(|line| line.starts_with('{') && is_complete(line)) => {
            Form::Lines
        }
        Kind::JsonLines => Form::Whole,
    }
}

/// `[10:42] alice`, `[INFO] x`: a bracket that opens no list.
fn is_bracketed_word(line: &str) -> bool {
    let next = line.get(1..).unwrap_or_default().trim_start();
    !next.is_empty() && !next.starts_with(['{', '[', '"', ']'])
}

/// Whether a line is one whole value of JSON.
fn is_complete(line: &str) -> bool {
    let closes = line.ends_with(['}', ']']) || line.ends_with("},");
    let whole = || serde_json::from_str::<serde_json::Value>(line.trim_end_matches(','));
    closes && whole().is_ok()
}

/// What JSON it is; none where it is none that is known, or more has to be seen.
fn of_json(lines: &[String], first: &str, ended: bool) -> Option<(Kind, Form)> {
    let alone = is_complete(first);
    // What goes on over several lines is known by what stands further down.
    if !alone && !ended {
        return None;
    }
    let values = if alone {
        json::read(first)
    } else {
        let text = lines.join("\n");
        json::read(head(&text, BEGINNING_BYTES_MAX))
    };
    let value = values.first()?;
    if let Some(kind) = of_value(value) {
        return Some((kind, Form::Whole));
    }
    let is_record = |node: &Node| !node.members().is_empty();
    match &value.value {
        Value::Object(members) if alone && !members.is_empty() => {
            Some((Kind::JsonLines, Form::Lines))
        }
        Value::List(items) if items.first().is_some_and(is_record) => {
            Some((Kind::JsonLines, Form::Whole))
        }
        // An object over several lines: a record among others, or around them.
        Value::Object(members) if !members.is_empty() => Some((Kind::JsonLines, Form::Whole)),
        _ => None,
    }
}

/// The kind of a document that is known by its keys.
fn of_value(value: &Node) -> Option<Kind> {
    let mut nodes = vec![value];
    nodes.extend(value.items().iter().take(ITEMS_COUNT_MAX));
    if nodes.iter().any(|node| otlp::is(node)) {
        Some(Kind::Otlp)
    } else if nodes.iter().any(|node| alert::is(node)) {
        Some(Kind::Alert)
    } else if export::is(value) {
        Some(Kind::Slack)
    } else {
        None
    }
}

/// What lines of text they are.
fn of_lines(lines: &[String]) -> (Kind, Form) {
    let filled: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|l| !l.trim().is_empty())
        .collect();
    let (mut headed, mut levelled) = (0, 0);
    // Frames of a stack are lines of the record that they stand below.
    let mut reader = Reader::new();
    let mut records = 0;
    for line in &filled {
        let read = reader.read(head(line, BEGINNING_BYTES_MAX));
        records += usize::from(read.is_some_and(|line| !line.is_continuation));
        let header = header::read(head(line, BEGINNING_BYTES_MAX));
        let level = header.severity != Severity(0) || !header.host.is_empty();
        levelled += usize::from(level);
        headed += usize::from(level || header.time_unix_ns.is_some());
    }
    let chat = chat::score(&filled);
    let is_trace = || headed * 4 <= records && is_trace(lines);
    if is_table(&filled) {
        return (Kind::Logs, Form::Lines);
    }
    if chat.strong * 2 > headed.max(1) && levelled * 4 <= filled.len() {
        return (Kind::Chat, Form::Whole);
    }
    if headed * HEADED_PARTS >= records && headed > 0 {
        let plain = levelled == 0 && chat.weak * 2 >= filled.len();
        return if plain {
            (Kind::Chat, Form::Whole)
        } else {
            (Kind::Logs, Form::Lines)
        };
    }
    if is_trace() {
        return (Kind::Trace, Form::Whole);
    }
    if filled.len() >= LINES_OF_LOG_MIN && chat.weak * 10 < filled.len() {
        return (Kind::Logs, Form::Lines);
    }
    if headed > 0 && levelled * 10 >= filled.len() && filled.len() > 10 {
        return (Kind::Logs, Form::Lines);
    }
    if chat.weak * 3 >= filled.len() && chat.weak >= 2 {
        return (Kind::Chat, Form::Whole);
    }
    (Kind::Text, Form::Whole)
}

/// `LAST SEEN   TYPE      REASON`: what a command lists, under names of columns.
fn is_table(filled: &[&str]) -> bool {
    let head = filled.first().map_or("", |line| line.trim());
    let named = |column: &str| {
        let fits = |c: char| c.is_ascii_uppercase() || " -_()%/".contains(c);
        column.chars().all(fits) && column.contains(|c: char| c.is_ascii_uppercase())
    };
    let columns = head.split("  ").filter(|column| !column.trim().is_empty());
    filled.len() > 2 && columns.clone().count() >= 3 && columns.into_iter().all(named)
}

fn is_trace(lines: &[String]) -> bool {
    let text = lines.join("\n");
    let trace = parse_trace(head(&text, BEGINNING_BYTES_MAX));
    trace.is_some_and(|trace| trace.chain.iter().any(|link| !link.frames.is_empty()))
}
