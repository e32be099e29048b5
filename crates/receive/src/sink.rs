//! Where decoders put what they found: counts, memory, the shared resource and scope, and the
//! exceptions lifted out of spans.

use cordon_event::limits::{ATTRIBUTES_COUNT_MAX, VALUE_DEPTH_MAX};
use cordon_event::{Event, Kind, Raw, Severity, Shared, SpanStatus, Value, attr};
use zeroize::{Zeroize, Zeroizing};

use crate::error::Code;
use crate::joined;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::sentry::tally::Tally;

/// Ordered attributes.
pub(crate) type Pairs = Vec<(String, Value)>;

/// What one request decoded to.
pub struct Decoded {
    /// Its events, in order.
    pub events: Raw<Vec<Event>>,
    /// Records that were left out since they are invalid by the protocol, such as a span without
    /// an id. A resent request would have them again.
    pub rejected: u64,
    /// What became of the items of an envelope.
    pub(crate) tally: Tally,
    /// The sender's id of what it sent; empty where it has none.
    pub(crate) event_id: String,
    /// A minidump, to be looked at elsewhere.
    pub(crate) dump: Option<Dump>,
}

/// A minidump, and the event that is to tell of it.
pub(crate) struct Dump {
    /// Its bytes.
    pub(crate) bytes: Raw<Vec<u8>>,
    /// What its sender says beside it.
    pub(crate) about: Zeroizing<Event>,
    /// Whether that is the report of a failure, which is told also where the dump tells nothing.
    pub(crate) has_report: bool,
}

impl Dump {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes: Raw::new(bytes),
            about: Zeroizing::default(),
            has_report: false,
        }
    }
}

/// Attributes of resource and scope, which their events share.
#[derive(Default)]
pub(crate) struct Origin {
    pub(crate) resource: Shared,
    pub(crate) scope: Shared,
}

impl Origin {
    /// Sets the scope to another one of the same resource.
    pub(crate) fn set_scope(&mut self, name: String, version: String, mut attributes: Pairs) {
        let mut scope = Vec::new();
        for (key, text) in [("name", name), ("version", version)] {
            if !text.is_empty() {
                scope.push((key.to_owned(), Value::String(text)));
            }
        }
        scope.append(&mut attributes);
        self.scope.zeroize();
        self.scope = scope.into();
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.resource.zeroize();
        self.scope.zeroize();
    }
}

/// A span as decoded, before its exceptions are lifted out.
#[derive(Default)]
pub(crate) struct Span {
    pub(crate) event: Event,
    pub(crate) kind: i64,
    pub(crate) happenings: Vec<Happening>,
    pub(crate) links: Vec<Value>,
}

/// An event recorded on a span.
#[derive(Default)]
pub(crate) struct Happening {
    pub(crate) time_unix_ns: u64,
    pub(crate) name: String,
    pub(crate) attributes: Pairs,
}

/// Collects events within the limits.
pub(crate) struct Sink<'m, 'c> {
    pub(crate) meter: &'m mut Meter<'c>,
    events: Zeroizing<Vec<Event>>,
    rejected: u64,
    events_count_max: usize,
    /// The tenant that the token names, where there is a token.
    pub(crate) tenant: Option<String>,
    pub(crate) tally: Tally,
    pub(crate) event_id: String,
    pub(crate) dump: Option<Dump>,
}

impl<'m, 'c> Sink<'m, 'c> {
    pub(crate) fn new(limits: &Limits, meter: &'m mut Meter<'c>) -> Self {
        Self {
            meter,
            events: Zeroizing::new(Vec::new()),
            rejected: 0,
            events_count_max: limits.events_count_max,
            tenant: None,
            tally: Tally::default(),
            event_id: String::new(),
            dump: None,
        }
    }

    /// Joins log records that are lines of one report.
    pub(crate) fn join(&mut self) -> Result<(), Code> {
        joined::consecutive(&mut self.events, self.meter)
    }

    /// Joins those of one sender; `peers` has the sender of each.
    pub(crate) fn join_frames(&mut self, peers: &[u64]) -> Result<(), Code> {
        joined::of_frames(&mut self.events, peers, self.meter)
    }

    /// Whether what there is ends within a report.
    pub(crate) fn is_in_report(&self, peers: &[u64]) -> bool {
        joined::is_open(&self.events, peers)
    }

    /// What was found, for whoever adds to it.
    pub(crate) fn into_events(mut self) -> Vec<Event> {
        std::mem::take(&mut *self.events)
    }

    pub(crate) fn finish(mut self) -> Decoded {
        let mut events = std::mem::take(&mut *self.events);
        // A client that sends a dump with an event tells of one crash, not of two.
        let report = events.iter().position(|e| e.kind == Kind::ErrorReport);
        if let (Some(dump), Some(at)) = (&mut self.dump, report) {
            *dump.about = events.remove(at);
            dump.has_report = true;
        }
        Decoded {
            events: Raw::new(events),
            rejected: self.rejected,
            tally: self.tally,
            event_id: self.event_id,
            dump: self.dump,
        }
    }

    /// How many events there are.
    pub(crate) fn count(&self) -> usize {
        self.events.len()
    }

    /// The events so far.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    /// Forgets the events after the first `count`, wiped.
    pub(crate) fn truncate(&mut self, count: usize) {
        let from = count.min(self.events.len());
        self.events.drain(from..).for_each(|mut e| e.zeroize());
    }

    /// Whether attributes are as many and as deep as an event may have.
    pub(crate) fn fits(attributes: &[(String, Value)]) -> bool {
        check_pairs(attributes).is_ok()
    }

    /// Counts a record that is invalid by the protocol.
    pub(crate) fn reject(&mut self) {
        self.rejected += 1;
    }

    /// Adds an event of that origin. One that is deeper or wider than an event may be could not be
    /// read back from the journal: it is rejected.
    pub(crate) fn push(&mut self, mut event: Event, origin: &Origin) -> Result<(), Code> {
        if self.events.len() >= self.events_count_max {
            return Err(Code::EventsCount);
        }
        if !is_readable(&event) {
            event.zeroize();
            self.reject();
            return Ok(());
        }
        self.meter.spend_slot::<Event>()?;
        if event.resource.is_empty() {
            event.resource = origin.resource.clone();
        } else {
            self.meter.spend(pairs_bytes(&origin.resource))?;
            let shared = origin.resource.iter().cloned();
            event.resource.to_mut().extend(shared);
        }
        event.scope = origin.scope.clone();
        self.events.push(event);
        Ok(())
    }

    /// Adds the event that a JSON object's members make, within the limits.
    pub(crate) fn push_members(
        &mut self,
        pairs: Pairs,
        event: impl FnOnce(Pairs) -> Result<Event, Code>,
    ) -> Result<(), Code> {
        check_pairs(&pairs)?;
        self.push(event(pairs)?, &Origin::default())
    }

    /// Adds a span and, as events of their own, the exceptions recorded on it. A span without
    /// trace id or span id is invalid (`trace.proto`, fields 1 and 2) and counted as rejected.
    pub(crate) fn push_span(&mut self, span: Span, origin: &Origin) -> Result<(), Code> {
        let Span {
            mut event,
            kind,
            happenings,
            links,
        } = span;
        if event.trace_id.is_none() || event.span_id.is_none() {
            self.reject();
            return Ok(());
        }
        event.kind = Kind::Span;
        let exceptions = self.lift_exceptions(&event, &happenings)?;
        let others: Vec<_> = happenings
            .into_iter()
            .filter(|h| h.name != "exception")
            .collect();
        if !others.is_empty() {
            let items = others.into_iter().map(happening_value).collect();
            event
                .attributes
                .push(("span.events".to_owned(), Value::Array(items)));
        }
        if !links.is_empty() {
            event
                .attributes
                .push(("span.links".to_owned(), Value::Array(links)));
        }
        if let Some(name) = kind_name(kind) {
            event
                .attributes
                .push((attr::SPAN_KIND.to_owned(), Value::from(name)));
        }
        self.push(event, origin)?;
        for exception in exceptions {
            self.push(exception, origin)?;
        }
        Ok(())
    }

    fn lift_exceptions(
        &mut self,
        span: &Event,
        happenings: &[Happening],
    ) -> Result<Vec<Event>, Code> {
        let call = span
            .attributes
            .iter()
            .filter(|(key, _)| describes_call(key));
        let mut lifted = Vec::new();
        for happening in happenings.iter().filter(|h| h.name == "exception") {
            let mut attributes = happening.attributes.clone();
            for (key, value) in call.clone() {
                if !happening.attributes.iter().any(|(own, _)| own == key) {
                    attributes.push((key.clone(), value.clone()));
                }
            }
            attributes.push(("span.name".to_owned(), Value::String(span.name.clone())));
            self.meter.spend_slot::<Event>()?;
            self.meter.spend(pairs_bytes(&attributes))?;
            lifted.push(Event {
                kind: Kind::SpanException,
                time_unix_ns: happening.time_unix_ns,
                severity: Severity::ERROR,
                status: SpanStatus::Error,
                trace_id: span.trace_id,
                span_id: span.span_id,
                parent_span_id: span.parent_span_id,
                name: happening.name.clone(),
                attributes,
                ..Event::default()
            });
        }
        Ok(lifted)
    }
}

/// Whether an attribute of a span tells what was called, so that its exceptions carry it too.
fn describes_call(key: &str) -> bool {
    key.starts_with("code.") || key.starts_with("cordon.") || key.starts_with("feature_flag.")
}

fn happening_value(happening: Happening) -> Value {
    Value::Map(vec![
        ("name".to_owned(), Value::String(happening.name)),
        (
            "time_unix_ns".to_owned(),
            Value::Int(happening.time_unix_ns.cast_signed()),
        ),
        ("attributes".to_owned(), Value::Map(happening.attributes)),
    ])
}

/// Flags of a trace that OTLP defines: those of W3C, and whether the parent is remote.
pub(crate) const TRACE_FLAGS: u32 = 0x3ff;

const fn kind_name(kind: i64) -> Option<&'static str> {
    match kind {
        1 => Some("internal"),
        2 => Some("server"),
        3 => Some("client"),
        4 => Some("producer"),
        5 => Some("consumer"),
        _ => None,
    }
}

/// Severity of a log record from its number and its text: a number out of range is unknown.
pub(crate) fn severity_of(number: i64, text: &str) -> Severity {
    match u8::try_from(number) {
        Ok(n @ 1..=24) => Severity(n),
        _ => Severity::from_name(text),
    }
}

/// Ends a log record: keeps a severity text that says more than the number.
pub(crate) fn set_severity(event: &mut Event, number: i64, text: String) {
    event.severity = severity_of(number, &text);
    if !text.is_empty() && Severity::from_name(&text) == Severity(0) {
        event
            .attributes
            .push(("log.severity_text".to_owned(), Value::String(text)));
    }
    if event.attribute(attr::EXCEPTION_TYPE).is_some() && event.severity == Severity(0) {
        event.severity = Severity::ERROR;
    }
}

/// Whether an event is within the limits of the model, whatever its decoder has wrapped.
pub(crate) fn is_readable(event: &Event) -> bool {
    let fields = [event.attributes.as_slice(), &event.resource, &event.scope];
    check_depth(&event.body, VALUE_DEPTH_MAX).is_ok()
        && fields.into_iter().all(|fields| check_pairs(fields).is_ok())
}

/// Refuses too many attributes.
pub(crate) fn check_count(pairs: &[(String, Value)]) -> Result<(), Code> {
    if pairs.len() > ATTRIBUTES_COUNT_MAX {
        Err(Code::AttributesCount)
    } else {
        Ok(())
    }
}

/// Refuses values nested too deep.
pub(crate) fn check_depth(value: &Value, depth_left: usize) -> Result<(), Code> {
    match value {
        Value::Array(items) => {
            let left = depth_left.checked_sub(1).ok_or(Code::Depth)?;
            items.iter().try_for_each(|item| check_depth(item, left))
        }
        Value::Map(pairs) => {
            let left = depth_left.checked_sub(1).ok_or(Code::Depth)?;
            pairs
                .iter()
                .try_for_each(|(_, item)| check_depth(item, left))
        }
        _ => Ok(()),
    }
}

/// Refuses too many attributes and values nested too deep.
pub(crate) fn check_pairs(pairs: &[(String, Value)]) -> Result<(), Code> {
    check_count(pairs)?;
    pairs
        .iter()
        .try_for_each(|(_, value)| check_depth(value, VALUE_DEPTH_MAX))
}

/// Bytes that a copy of fields takes.
pub(crate) fn pairs_bytes(pairs: &[(String, Value)]) -> usize {
    let one =
        |(key, value): &(String, Value)| size_of::<(String, Value)>() + key.len() + heap(value);
    pairs.iter().map(one).sum()
}

/// Bytes that a value holds beside its own slot.
fn heap(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(items) => items.iter().map(|v| size_of::<Value>() + heap(v)).sum(),
        Value::Map(pairs) => pairs_bytes(pairs),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
    }
}
