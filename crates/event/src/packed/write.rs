//! A batch as bytes.

use std::collections::HashMap;

use super::{EVENT, HAS_FLAGS, HAS_PARENT, HAS_SPAN, HAS_TRACE, HELD, VERSION, tag};
use crate::facts::Facts;
use crate::{Batch, Entry, Event, Quarantined, Raw, Shared, SpanStatus, Value};

/// Names of fields that are looked for among the last ones before the table is asked.
const RECENT_COUNT: usize = 16;

/// Writes a batch.
pub fn encode_batch(batch: &Batch) -> Vec<u8> {
    let mut out = Writer::default();
    out.byte(VERSION);
    out.text(batch.tenant.as_str());
    out.text(batch.region.as_str());
    out.raw(&batch.request_mac);
    out.number(batch.received_unix_ns);
    out.removed(&batch.removed);
    out.number(batch.entries.len() as u64);
    for (id, entry) in &batch.entries {
        out.raw(&id.0);
        match entry {
            Entry::Event(event) => {
                out.byte(EVENT);
                out.event(event);
            }
            Entry::Quarantined(held) => {
                out.byte(HELD);
                out.quarantined(held);
            }
        }
    }
    out.number(batch.facts.len() as u64);
    for facts in &batch.facts {
        out.blob(&facts.as_ref().map_or_else(Vec::new, Facts::encode));
    }
    out.bytes
}

/// Writes a raw event, into one buffer that is never moved: it is wiped with what it is given to.
pub fn encode_raw_event(event: &Raw<Event>) -> Raw<Vec<u8>> {
    let event = event.expose_raw();
    let mut out = Writer {
        bytes: Vec::with_capacity(event_bytes_max(event)),
        ..Writer::default()
    };
    out.byte(VERSION);
    out.event(event);
    Raw::new(out.bytes)
}

/// Bytes of a number, a length or a tag, at most.
const NUMBER_BYTES_MAX: usize = 10;
/// Bytes of an event beside its texts and fields, at most.
const HEAD_BYTES_MAX: usize = 128;

/// No less than what an event takes.
pub(super) fn event_bytes_max(event: &Event) -> usize {
    let fields = [&*event.attributes, &*event.resource, &*event.scope];
    let fields = fields.iter().map(|all| fields_bytes_max(all));
    let texts = event.name.len() + event.trace_state.len() + value_bytes_max(&event.body);
    HEAD_BYTES_MAX + texts + fields.sum::<usize>()
}

fn fields_bytes_max(fields: &[(String, Value)]) -> usize {
    let field =
        |(name, value): &(String, Value)| NUMBER_BYTES_MAX + name.len() + value_bytes_max(value);
    2 * NUMBER_BYTES_MAX + fields.iter().map(field).sum::<usize>()
}

fn value_bytes_max(value: &Value) -> usize {
    2 * NUMBER_BYTES_MAX
        + match value {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(items) => items.iter().map(value_bytes_max).sum(),
            Value::Map(fields) => fields_bytes_max(fields),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
        }
}

#[derive(Default)]
struct Writer<'b> {
    bytes: Vec<u8>,
    names: HashMap<&'b str, u64>,
    /// The last names by the place of their field, as one event's are often the next one's.
    recent: [(&'b str, u64); RECENT_COUNT],
    origins: HashMap<usize, u64>,
}

impl<'b> Writer<'b> {
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.byte(n as u8 | 0x80);
            n >>= 7;
        }
        self.byte(n as u8);
    }

    fn signed(&mut self, n: i64) {
        self.number((n << 1 ^ n >> 63).cast_unsigned());
    }

    fn blob(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.raw(bytes);
    }

    fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    fn removed(&mut self, removed: &[(String, String, u64)]) {
        self.number(removed.len() as u64);
        for (class, rule, count) in removed {
            self.text(class);
            self.text(rule);
            self.number(*count);
        }
    }

    fn quarantined(&mut self, held: &Quarantined) {
        self.text(&held.reason);
        self.text(&held.rule);
        self.number(held.paths.len() as u64);
        held.paths.iter().for_each(|path| self.text(path));
        self.text(&held.source);
        self.removed(&held.removed);
        self.byte(held.kind as u8);
        self.number(held.time_unix_ns);
        let Some(sealed) = &held.sealed else {
            return self.byte(0);
        };
        self.byte(1);
        self.blob(&sealed.bytes);
        self.number(sealed.until_unix_s);
    }

    fn event(&mut self, event: &'b Event) {
        self.byte(event.kind as u8);
        self.number(event.time_unix_ns);
        let lasted = event.end_unix_ns.wrapping_sub(event.time_unix_ns);
        self.signed(lasted.cast_signed());
        self.byte(event.severity.0);
        self.byte(match event.status {
            SpanStatus::Unset => 0,
            SpanStatus::Ok => 1,
            SpanStatus::Error => 2,
        });
        let has = |is_there: bool, bit: u8| if is_there { bit } else { 0 };
        self.byte(
            has(event.trace_id.is_some(), HAS_TRACE)
                | has(event.span_id.is_some(), HAS_SPAN)
                | has(event.parent_span_id.is_some(), HAS_PARENT)
                | has(event.trace_flags != 0, HAS_FLAGS),
        );
        event.trace_id.iter().for_each(|id| self.raw(&id.0));
        let spans = [event.span_id, event.parent_span_id];
        spans.iter().flatten().for_each(|id| self.raw(&id.0));
        if event.trace_flags != 0 {
            self.number(u64::from(event.trace_flags));
        }
        self.text(&event.name);
        self.text(&event.trace_state);
        self.value(&event.body);
        self.fields(&event.attributes);
        self.origin(&event.resource);
        self.origin(&event.scope);
    }

    /// Fields that others have too: 0 and the fields when they first come, then their number.
    fn origin(&mut self, fields: &'b Shared) {
        let next = self.origins.len() as u64 + 1;
        if let Some(known) = self.origins.get(&fields.address()) {
            return self.number(*known);
        }
        self.number(0);
        self.origins.insert(fields.address(), next);
        self.fields(fields);
    }

    fn fields(&mut self, fields: &'b [(String, Value)]) {
        self.number(fields.len() as u64);
        for (at, (name, value)) in fields.iter().enumerate() {
            self.name(at, name);
            self.value(value);
        }
    }

    /// A name: 0 and its text when it first comes, then its number.
    fn name(&mut self, at: usize, name: &'b str) {
        let recent = self.recent.get(at).copied().unwrap_or_default();
        if recent.1 > 0 && recent.0 == name {
            return self.number(recent.1);
        }
        let next = self.names.len() as u64 + 1;
        let number = *self.names.entry(name).or_insert(next);
        if number == next {
            self.number(0);
            self.text(name);
        } else {
            self.number(number);
        }
        if let Some(slot) = self.recent.get_mut(at) {
            *slot = (name, number);
        }
    }

    fn value(&mut self, value: &'b Value) {
        match value {
            Value::Null => self.byte(tag::NULL),
            Value::Bool(false) => self.byte(tag::FALSE),
            Value::Bool(true) => self.byte(tag::TRUE),
            Value::Int(n) => {
                self.byte(tag::INT);
                self.signed(*n);
            }
            Value::Double(n) => {
                self.byte(tag::DOUBLE);
                self.raw(&n.to_bits().to_le_bytes());
            }
            Value::String(text) => {
                self.byte(tag::STRING);
                self.text(text);
            }
            Value::Bytes(bytes) => {
                self.byte(tag::BYTES);
                self.blob(bytes);
            }
            Value::Array(items) => {
                self.byte(tag::ARRAY);
                self.number(items.len() as u64);
                for item in items {
                    self.value(item);
                }
            }
            Value::Map(fields) => {
                self.byte(tag::MAP);
                self.fields(fields);
            }
        }
    }
}
