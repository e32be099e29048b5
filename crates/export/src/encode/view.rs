//! Events as OTLP has them: what receiving put into attributes goes back into fields.
//!
//! This is the inverse of `receive`'s `sink.rs`, in one place for both forms.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use cordon_event::{Event, IdError, Kind, Severity, Shared, SpanId, TraceId, Value, attr};

use crate::mark::{Mark, Marks};

/// Attributes that stand for fields of a span or log record.
const SPAN_EVENTS: &str = "span.events";
const SPAN_LINKS: &str = "span.links";
const SPAN_NAME: &str = "span.name";
const SEVERITY_TEXT: &str = "log.severity_text";
/// Name of an exception, among a span's events and among log records.
const EXCEPTION: &str = "exception";
/// What a log record was before it was one.
const EVENT_KIND: &str = "cordon.event.kind";
/// Places at which what lifting added to an exception is looked for; an exception of which it is
/// not found keeps it, which says the same twice.
const CUTS_COUNT_MAX: usize = 64;
/// Fields of a span that is written as a log record.
const SPAN_END: &str = "cordon.span.end_unix_ns";
const SPAN_STATUS: &str = "cordon.span.status";
const SPAN_PARENT: &str = "cordon.span.parent_id";

pub(super) type Pair = (String, Value);

/// A batch by signal.
pub(super) struct View<'a> {
    pub(super) spans: Vec<SpanView<'a>>,
    pub(super) logs: Vec<LogView<'a>>,
    pub(super) left_out_count: u64,
}

/// A span.
pub(super) struct SpanView<'a> {
    pub(super) event: &'a Event,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    pub(super) trace_state: Cow<'a, str>,
    /// `SpanKind`, 0 where it is not known.
    pub(super) kind: u64,
    pub(super) attributes: Vec<&'a Pair>,
    pub(super) marks: Vec<(&'static str, Value)>,
    pub(super) happenings: Vec<Happening<'a>>,
    pub(super) exceptions: Vec<Happening<'a>>,
    pub(super) links: Vec<Link<'a>>,
}

/// An event recorded on a span.
pub(super) struct Happening<'a> {
    pub(super) time_unix_ns: u64,
    pub(super) name: &'a str,
    pub(super) attributes: Vec<&'a Pair>,
}

/// A link to a span.
pub(super) struct Link<'a> {
    pub(super) trace_id: Option<TraceId>,
    pub(super) span_id: Option<SpanId>,
    pub(super) attributes: &'a [Pair],
}

/// A log record.
pub(super) struct LogView<'a> {
    pub(super) event: &'a Event,
    pub(super) observed_unix_ns: u64,
    pub(super) severity: Severity,
    pub(super) severity_text: &'a str,
    pub(super) name: &'a str,
    pub(super) attributes: Vec<&'a Pair>,
    pub(super) marks: Vec<(&'static str, Value)>,
}

/// An instrumentation scope.
pub(super) struct OriginView<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) attributes: &'a [Pair],
}

impl<'a> View<'a> {
    pub(super) fn of(events: &[&'a Event], marks: &Marks, received_unix_ns: u64) -> Self {
        let mut view = Self {
            spans: Vec::new(),
            logs: Vec::new(),
            left_out_count: 0,
        };
        let spans: HashSet<_> = events.iter().filter_map(|e| ids_of_span(e)).collect();
        let mut latest: HashMap<(TraceId, SpanId), usize> = HashMap::new();
        let mut lifted = Vec::new();
        for event in events {
            let mark = event.trace_id.and_then(|id| marks.get(&id));
            if let Some(ids) = ids_of_span(event) {
                latest.insert(ids, view.spans.len());
                view.spans.push(SpanView::of(event, ids, mark));
                continue;
            }
            let span = event.trace_id.zip(event.span_id);
            let span = span.filter(|ids| is_lifted(event) && spans.contains(ids));
            match (event.kind, span) {
                (Kind::MetricPoint, _) => view.left_out_count += 1,
                (_, Some(ids)) => lifted.push((*event, ids, latest.get(&ids).copied())),
                (_, None) => view.logs.push(LogView::of(event, mark, received_unix_ns)),
            }
        }
        // An exception stands behind its span; one that does not finds it all the same.
        for (event, ids, at) in lifted {
            let at = at.or_else(|| latest.get(&ids).copied());
            if let Some(span) = at.and_then(|at| view.spans.get_mut(at)) {
                span.exceptions.push(exception(event, span.event));
            }
        }
        view
    }
}

fn ids_of_span(event: &Event) -> Option<(TraceId, SpanId)> {
    let is_span = event.kind == Kind::Span;
    event.trace_id.zip(event.span_id).filter(|_| is_span)
}

fn is_lifted(event: &Event) -> bool {
    event.kind == Kind::SpanException && event.name == EXCEPTION
}

/// Whether an attribute of a span tells what was called: receiving gives it to the span's
/// exceptions as well.
fn describes_call(key: &str) -> bool {
    key.starts_with("code.") || key.starts_with("cordon.") || key.starts_with("feature_flag.")
}

/// An exception as it stood on its span: without what it has from there.
fn exception<'a>(event: &'a Event, span: &Event) -> Happening<'a> {
    let mut attributes = event.attributes.as_slice();
    if let Some(((key, _), before)) = attributes.split_last()
        && key == SPAN_NAME
    {
        attributes = before;
    }
    let attributes = own_of(attributes, span);
    Happening {
        time_unix_ns: event.time_unix_ns,
        name: &event.name,
        attributes: attributes.iter().collect(),
    }
}

/// The attributes before those that lifting adds: what the span says of its call under names that
/// the exception does not have.
fn own_of<'a>(attributes: &'a [Pair], span: &Event) -> &'a [Pair] {
    let call: Vec<&Pair> = span
        .attributes
        .iter()
        .filter(|(key, _)| describes_call(key))
        .collect();
    let added_max = call.len().min(attributes.len());
    let cuts = (0..=added_max).rev().map(|n| attributes.len() - n);
    let cuts = cuts.take(CUTS_COUNT_MAX);
    let parts = cuts.filter_map(|at| attributes.split_at_checked(at));
    let mut owns = parts.filter(|(own, added)| {
        let names: HashSet<&str> = own.iter().map(|(key, _)| key.as_str()).collect();
        let lifted = call.iter().filter(|(key, _)| !names.contains(key.as_str()));
        lifted.copied().eq(added.iter())
    });
    owns.next().map_or(attributes, |(own, _)| own)
}

impl<'a> SpanView<'a> {
    fn of(event: &'a Event, (trace_id, span_id): (TraceId, SpanId), mark: Option<&Mark>) -> Self {
        let mut view = Self {
            event,
            trace_id,
            span_id,
            trace_state: event.trace_state.as_str().into(),
            kind: 0,
            attributes: Vec::with_capacity(event.attributes.len()),
            marks: Vec::new(),
            happenings: Vec::new(),
            exceptions: Vec::new(),
            links: Vec::new(),
        };
        if let Some(mark) = mark {
            view.trace_state = mark.trace_state(&event.trace_state).into();
            view.marks = mark.of_span();
        }
        // From the end: it is where receiving puts them, and the last of a name is its own.
        for pair in event.attributes.iter().rev() {
            if !view.take(pair) {
                view.attributes.push(pair);
            }
        }
        view.attributes.reverse();
        view
    }

    /// Whether an attribute is a field, and in its place.
    fn take(&mut self, (key, value): &'a Pair) -> bool {
        match key.as_str() {
            attr::SPAN_KIND if self.kind == 0 => {
                self.kind = value.as_str().map_or(0, kind_number);
                self.kind != 0
            }
            SPAN_EVENTS if self.happenings.is_empty() => {
                self.happenings = each(value, happening).unwrap_or_default();
                !self.happenings.is_empty()
            }
            SPAN_LINKS if self.links.is_empty() => {
                self.links = each(value, link).unwrap_or_default();
                !self.links.is_empty()
            }
            _ => false,
        }
    }
}

fn kind_number(name: &str) -> u64 {
    match name {
        "internal" => 1,
        "server" => 2,
        "client" => 3,
        "producer" => 4,
        "consumer" => 5,
        _ => 0,
    }
}

/// The items of a list, where each reads as it should. What does not stays an attribute.
fn each<'a, T>(value: &'a Value, read: fn(&'a [Pair]) -> Option<T>) -> Option<Vec<T>> {
    let Value::Array(items) = value else {
        return None;
    };
    let item = |item: &'a Value| match item {
        Value::Map(pairs) => read(pairs),
        _ => None,
    };
    items.iter().map(item).collect()
}

fn happening(pairs: &[Pair]) -> Option<Happening<'_>> {
    match pairs {
        [
            (a, Value::String(name)),
            (b, Value::Int(time)),
            (c, Value::Map(attributes)),
        ] if a == "name" && b == "time_unix_ns" && c == "attributes" => Some(Happening {
            time_unix_ns: time.cast_unsigned(),
            name,
            attributes: attributes.iter().collect(),
        }),
        _ => None,
    }
}

fn link(pairs: &[Pair]) -> Option<Link<'_>> {
    match pairs {
        [(a, trace), (b, span), (c, Value::Map(attributes))]
            if a == "trace_id" && b == "span_id" && c == "attributes" =>
        {
            Some(Link {
                trace_id: id(trace, TraceId::parse).ok()?,
                span_id: id(span, SpanId::parse).ok()?,
                attributes,
            })
        }
        _ => None,
    }
}

/// An id, or its absence; an error for anything else.
fn id<T>(value: &Value, parse: fn(&str) -> Result<T, IdError>) -> Result<Option<T>, ()> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => parse(text).map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

impl<'a> LogView<'a> {
    fn of(event: &'a Event, mark: Option<&Mark>, received_unix_ns: u64) -> Self {
        let mut view = Self {
            event,
            observed_unix_ns: received_unix_ns,
            severity: severity(event),
            severity_text: "",
            name: name(event),
            attributes: Vec::with_capacity(event.attributes.len()),
            marks: about(event),
        };
        view.marks
            .extend(mark.map(Mark::of_log).unwrap_or_default());
        for pair in event.attributes.iter().rev() {
            match pair {
                // A level's usual name would be read as the level and not kept as it is.
                (key, Value::String(text))
                    if key == SEVERITY_TEXT
                        && view.severity_text.is_empty()
                        && Severity::from_name(text) == Severity(0) =>
                {
                    view.severity_text = text;
                }
                _ => view.attributes.push(pair),
            }
        }
        view.attributes.reverse();
        view
    }
}

/// A failure of a kind that says so by itself has the severity of one.
fn severity(event: &Event) -> Severity {
    match event.kind {
        _ if event.severity != Severity(0) => event.severity,
        Kind::Crash => Severity(21),
        Kind::SpanException | Kind::ErrorReport => Severity::ERROR,
        _ => Severity(0),
    }
}

/// The event name: its own, or that of its kind.
fn name(event: &Event) -> &str {
    match event.kind {
        _ if !event.name.is_empty() => &event.name,
        Kind::SpanException | Kind::ErrorReport => EXCEPTION,
        Kind::Crash => "crash",
        Kind::Change => "change",
        Kind::Log | Kind::Span | Kind::MetricPoint => "",
    }
}

/// What a log record says of an event that was none.
fn about(event: &Event) -> Vec<(&'static str, Value)> {
    if event.kind == Kind::Log {
        return Vec::new();
    }
    let mut pairs = vec![(EVENT_KIND, Value::from(event.kind.as_str()))];
    let parent = event.parent_span_id.map(|id| Value::from(id.to_string()));
    pairs.extend(parent.map(|id| (SPAN_PARENT, id)));
    if event.end_unix_ns != 0 {
        pairs.push((SPAN_END, Value::Int(event.end_unix_ns.cast_signed())));
    }
    if event.kind == Kind::Span {
        let status = super::otlp_proto::status_number(event.status);
        pairs.push((SPAN_STATUS, Value::Int(status.cast_signed())));
    }
    pairs
}

impl<'a> OriginView<'a> {
    /// A scope's name and version stand before its attributes.
    pub(super) fn scope(scope: &'a Shared) -> Self {
        let (name, rest) = leading(scope, "name");
        let (version, attributes) = leading(rest, "version");
        Self {
            name,
            version,
            attributes,
        }
    }
}

/// The text of the first pair, where it has that name, and the pairs behind it.
fn leading<'a>(pairs: &'a [Pair], name: &str) -> (&'a str, &'a [Pair]) {
    match pairs {
        [(key, Value::String(text)), rest @ ..] if key == name && !text.is_empty() => (text, rest),
        _ => ("", pairs),
    }
}
