//! Clean events become OTLP: `opentelemetry/proto/{logs,trace}/v1`, version 1, in protobuf or in
//! JSON (proto3's mapping with OTLP's hex ids), cut into requests.
//!
//! It undoes what receiving did: a span's kind, events and links stand in its attributes and go
//! back into their fields; an exception that was lifted out of a span goes back into it where the
//! span is in the same batch, and is a log record of the event name `exception` where it is not.
//! What has no form of its own in OTLP (error reports, crashes, changes, spans without an id) is a
//! log record with `cordon.event.kind`. Points of metrics are left out and counted.
//!
//! What is written and read again is the same event, but that attributes of those names move to the
//! end. What was not kept at receive (dropped counts, flags, schema URLs) is not there.
//!
//! *Why no generated code:* the messages would be built to be written once. Records are written as
//! they are read, and put together afterwards, so that a request that was too large is cut without
//! being encoded again.
//!
//! *Limits:* [`Limits::request_bytes_max`], [`Limits::request_records_count_max`]; nesting of
//! values [`VALUE_DEPTH_MAX`](cordon_event::limits::VALUE_DEPTH_MAX), below which stands nothing.

mod otlp_json;
mod otlp_proto;
pub(crate) mod proto;
mod view;

use std::collections::HashMap;
use std::ops::Range;

use cordon_event::{Event, Shared};
use cordon_redact::Clean;

use crate::exporter::Outgoing;
use crate::limits::Limits;
use view::{LogView, OriginView, SpanView, View};

/// How requests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Protobuf.
    Protobuf,
    /// JSON on one line, as the Collector's file exporter writes it.
    Json,
}

/// What a request holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
}

impl Signal {
    /// Stable name, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
        }
    }
}

/// One request, made of clean events and nothing else.
pub struct Request {
    pub(crate) signal: Signal,
    pub(crate) body: Vec<u8>,
    pub(crate) events_count: u64,
}

impl Request {
    /// What it holds.
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Its bytes: an `ExportTraceServiceRequest` or an `ExportLogsServiceRequest`.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How many events went into it.
    pub fn events_count(&self) -> u64 {
        self.events_count
    }
}

/// Records that go in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    signal: Signal,
    records: Range<usize>,
}

impl Part {
    /// Its halves, where it has more than one record.
    pub(crate) fn halves(&self) -> Option<[Self; 2]> {
        let Range { start, end } = self.records;
        let middle = start + self.records.len() / 2;
        (middle > start).then(|| {
            [start..middle, middle..end].map(|records| Self {
                signal: self.signal,
                records,
            })
        })
    }
}

/// Resource and scope as written. Those that read alike are one.
struct Origin {
    resource: usize,
    scope: Vec<u8>,
}

struct Record {
    signal: Signal,
    origin: usize,
    bytes: Vec<u8>,
    events_count: u64,
}

/// Batches, each record as written.
pub struct Encoded {
    form: Form,
    resources: Vec<Vec<u8>>,
    origins: Vec<Origin>,
    records: Vec<Record>,
    left_out_count: u64,
}

impl Encoded {
    /// Encodes batches together.
    pub fn new(form: Form, batches: &[Outgoing]) -> Self {
        let mut encoded = Self::empty(form);
        let mut known = Known::default();
        for batch in batches {
            let events: Vec<&Event> = batch.events.iter().map(Clean::get).collect();
            let view = View::of(&events, &batch.marks, batch.received_unix_ns);
            encoded.add_view(&view, &mut known);
        }
        encoded.sort();
        encoded
    }

    fn empty(form: Form) -> Self {
        Self {
            form,
            resources: Vec::new(),
            origins: Vec::new(),
            records: Vec::new(),
            left_out_count: 0,
        }
    }

    fn add_view(&mut self, view: &View<'_>, known: &mut Known) {
        self.left_out_count += view.left_out_count;
        // Addresses are those of events that are alive, and tell them apart no longer.
        known.by_address.clear();
        for span in &view.spans {
            let bytes = self.span(span);
            let count = 1 + span.exceptions.len() as u64;
            self.add(Signal::Traces, span.event, bytes, count, known);
        }
        for log in &view.logs {
            let bytes = self.log(log);
            self.add(Signal::Logs, log.event, bytes, 1, known);
        }
    }

    /// Puts together what goes together; what does keeps its order.
    fn sort(&mut self) {
        let Self {
            origins, records, ..
        } = self;
        let resource = |record: &Record| origins.get(record.origin).map(|o| o.resource);
        records.sort_by_key(|record| (record.signal, resource(record), record.origin));
    }

    /// Events that have no place in these signals.
    pub fn left_out_count(&self) -> u64 {
        self.left_out_count
    }

    /// Cuts the batches into requests within the limits.
    pub fn parts(&self, limits: &Limits) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let (mut bytes, mut last_origin) = (0, None);
        for (at, record) in self.records.iter().enumerate() {
            let origin = (last_origin != Some(record.origin)).then(|| self.origin_len(record));
            let more = record.bytes.len() + RECORD_BYTES + origin.unwrap_or_default();
            let open = parts.last_mut().filter(|part| {
                part.signal == record.signal
                    && part.records.len() < limits.request_records_count_max
                    && bytes + more <= limits.request_bytes_max
            });
            if let Some(part) = open {
                part.records.end = at + 1;
                bytes += more;
            } else {
                parts.push(Part {
                    signal: record.signal,
                    records: at..at + 1,
                });
                bytes = record.bytes.len() + RECORD_BYTES + self.origin_len(record);
            }
            last_origin = Some(record.origin);
        }
        parts
    }

    /// Puts a part together.
    pub fn request(&self, part: &Part) -> Request {
        let records = self.records.get(part.records.clone()).unwrap_or_default();
        let mut groups: Vec<Group<'_>> = Vec::new();
        for record in records {
            let Some(origin) = self.origins.get(record.origin) else {
                continue;
            };
            let resource = self.resources.get(origin.resource);
            let is_open = |group: &&mut Group<'_>| group.number == origin.resource;
            let group = match groups.last_mut().filter(is_open) {
                Some(group) => group,
                None => groups.push_mut(Group {
                    number: origin.resource,
                    resource: resource.map_or(&[], Vec::as_slice),
                    scopes: Vec::new(),
                }),
            };
            match group.scopes.last_mut() {
                Some(scope) if scope.number == record.origin => scope.records.push(&record.bytes),
                _ => group.scopes.push(ScopeGroup {
                    number: record.origin,
                    scope: &origin.scope,
                    records: vec![&record.bytes],
                }),
            }
        }
        let body = match self.form {
            Form::Protobuf => otlp_proto::request(&groups),
            Form::Json => otlp_json::request(part.signal, &groups),
        };
        Request {
            signal: part.signal,
            body,
            events_count: records.iter().map(|record| record.events_count).sum(),
        }
    }

    fn span(&self, span: &SpanView<'_>) -> Vec<u8> {
        match self.form {
            Form::Protobuf => otlp_proto::span(span),
            Form::Json => otlp_json::span(span),
        }
    }

    fn log(&self, log: &LogView<'_>) -> Vec<u8> {
        match self.form {
            Form::Protobuf => otlp_proto::log_record(log),
            Form::Json => otlp_json::log_record(log),
        }
    }

    fn origin_len(&self, record: &Record) -> usize {
        let origin = self.origins.get(record.origin);
        let resource = origin.and_then(|origin| self.resources.get(origin.resource));
        origin.map_or(0, |origin| origin.scope.len()) + resource.map_or(0, Vec::len) + ORIGIN_BYTES
    }

    fn add(
        &mut self,
        signal: Signal,
        event: &Event,
        bytes: Vec<u8>,
        events_count: u64,
        known: &mut Known,
    ) {
        let addresses = (event.resource.address(), event.scope.address());
        let known_origin = known.by_address.get(&addresses).copied();
        let origin =
            known_origin.unwrap_or_else(|| self.origin(&event.resource, &event.scope, known));
        known.by_address.insert(addresses, origin);
        self.records.push(Record {
            signal,
            origin,
            bytes,
            events_count,
        });
    }

    /// The number of an origin, by what it reads in protobuf, whatever the form: both forms of a
    /// batch have the same records at the same places.
    fn origin(&mut self, resource: &Shared, scope: &Shared, known: &mut Known) -> usize {
        let scope = OriginView::scope(scope);
        let key = otlp_proto::resource(resource);
        let next = self.resources.len();
        let resource_at = *known.resources.entry(key.clone()).or_insert(next);
        if resource_at == next {
            self.resources.push(match self.form {
                Form::Protobuf => key,
                Form::Json => otlp_json::resource(resource),
            });
        }
        let key = otlp_proto::scope(&scope);
        let next = self.origins.len();
        let at = *known
            .origins
            .entry((resource_at, key.clone()))
            .or_insert(next);
        if at == next {
            self.origins.push(Origin {
                resource: resource_at,
                scope: match self.form {
                    Form::Protobuf => key,
                    Form::Json => otlp_json::scope(&scope),
                },
            });
        }
        at
    }
}

/// Bytes around a record, at most: a tag and a length, or a comma.
const RECORD_BYTES: usize = 8;
/// Bytes around a resource and a scope, at most.
const ORIGIN_BYTES: usize = 96;

/// Origins that were met.
#[derive(Default)]
struct Known {
    by_address: HashMap<(usize, usize), usize>,
    resources: HashMap<Vec<u8>, usize>,
    origins: HashMap<(usize, Vec<u8>), usize>,
}

/// Records of one resource, by scope.
struct Group<'a> {
    number: usize,
    resource: &'a [u8],
    scopes: Vec<ScopeGroup<'a>>,
}

/// Records of one scope.
struct ScopeGroup<'a> {
    number: usize,
    scope: &'a [u8],
    records: Vec<&'a [u8]>,
}

#[cfg(test)]
mod tests;
