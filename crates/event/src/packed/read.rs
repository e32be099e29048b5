//! Bytes as a batch.

use super::{
    EVENT, HAS_FLAGS, HAS_PARENT, HAS_SPAN, HAS_TRACE, HELD, QUARANTINED, VERSION,
    VERSION_WITHOUT_FACTS, tag,
};
use crate::codec::{self, DecodeError};
use crate::facts::Facts;
use crate::limits::STORED_DEPTH_MAX;
use crate::{
    Batch, Entry, Event, EventId, Kind, Quarantined, Raw, Region, SealedRaw, Severity, Shared,
    SpanId, SpanStatus, TenantId, TraceId, Value,
};

/// Slots that a list gets before its items are there: a length is only a claim.
const RESERVED_COUNT_MAX: usize = 1_024;

/// Reads what [`super::encode_batch`] wrote, and the JSON that earlier versions wrote.
pub fn decode_batch(bytes: &[u8]) -> Result<Batch, DecodeError> {
    if bytes.first() == Some(&b'{') {
        return codec::decode_batch(bytes);
    }
    let mut reader = Reader {
        rest: bytes,
        names: Vec::new(),
        origins: Vec::new(),
    };
    let batch = reader.batch()?;
    if reader.rest.is_empty() {
        Ok(batch)
    } else {
        Err(DecodeError::Member("end"))
    }
}

/// Reads what [`super::encode_raw_event`] wrote, as a list of that one event. What was read of a
/// form that turns out not to be ours is not wiped: it comes out of an authenticated ciphertext.
pub fn decode_raw_event(bytes: &Raw<Vec<u8>>) -> Result<Raw<Vec<Event>>, DecodeError> {
    let mut reader = Reader {
        rest: bytes.expose_raw(),
        names: Vec::new(),
        origins: Vec::new(),
    };
    match reader.byte()? {
        VERSION => {}
        other => return Err(DecodeError::Version(u64::from(other))),
    }
    let event = Raw::new(vec![reader.event()?]);
    if reader.rest.is_empty() {
        Ok(event)
    } else {
        Err(bad("end"))
    }
}

struct Reader<'b> {
    rest: &'b [u8],
    names: Vec<&'b str>,
    origins: Vec<Shared>,
}

type Read<T> = Result<T, DecodeError>;

/// The member that could not be read.
const fn bad(member: &'static str) -> DecodeError {
    DecodeError::Member(member)
}

impl<'b> Reader<'b> {
    fn batch(&mut self) -> Read<Batch> {
        let has_facts = match self.byte()? {
            VERSION => true,
            VERSION_WITHOUT_FACTS => false,
            other => return Err(DecodeError::Version(u64::from(other))),
        };
        let tenant = TenantId::parse(self.text()?).map_err(|_| bad("tenant"))?;
        let region = Region::parse(self.text()?).map_err(|_| bad("region"))?;
        Ok(Batch {
            tenant,
            region,
            request_mac: self.array()?,
            received_unix_ns: self.number()?,
            removed: self.list(Self::removed)?,
            entries: self.list(Self::entry)?,
            facts: if has_facts {
                self.list(Self::facts)?
            } else {
                Vec::new()
            },
        })
    }

    fn entry(&mut self) -> Read<(EventId, Entry)> {
        let id = EventId(self.array()?);
        let entry = match self.byte()? {
            EVENT => Entry::Event(self.event()?),
            QUARANTINED => Entry::Quarantined(self.quarantined()?),
            HELD => Entry::Quarantined(self.held()?),
            _ => return Err(bad("entry")),
        };
        Ok((id, entry))
    }

    fn facts(&mut self) -> Read<Option<Facts>> {
        let bytes = self.blob()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        Facts::decode(bytes).map(Some).ok_or(bad("facts"))
    }

    fn kind(&mut self) -> Read<Kind> {
        let kind = Kind::ALL.get(usize::from(self.byte()?));
        kind.copied().ok_or(bad("kind"))
    }

    fn event(&mut self) -> Read<Event> {
        let kind = self.kind()?;
        let time_unix_ns = self.number()?;
        let lasted = self.signed()?.cast_unsigned();
        let severity = Severity(self.byte()?);
        let status = match self.byte()? {
            0 => SpanStatus::Unset,
            1 => SpanStatus::Ok,
            2 => SpanStatus::Error,
            _ => return Err(bad("status")),
        };
        let has = self.byte()?;
        let trace_id = if has & HAS_TRACE == 0 {
            None
        } else {
            Some(TraceId(self.array()?))
        };
        let span_id = if has & HAS_SPAN == 0 {
            None
        } else {
            Some(SpanId(self.array()?))
        };
        let parent = if has & HAS_PARENT == 0 {
            None
        } else {
            Some(SpanId(self.array()?))
        };
        let flags = if has & HAS_FLAGS == 0 {
            0
        } else {
            u32::try_from(self.number()?).map_err(|_| bad("flags"))?
        };
        Ok(Event {
            kind,
            time_unix_ns,
            end_unix_ns: time_unix_ns.wrapping_add(lasted),
            severity,
            status,
            trace_id,
            span_id,
            parent_span_id: parent,
            name: self.text()?.to_owned(),
            trace_flags: flags,
            trace_state: self.text()?.to_owned(),
            body: self.value(0)?,
            attributes: self.fields(0)?,
            resource: self.origin()?,
            scope: self.origin()?,
        })
    }

    fn quarantined(&mut self) -> Read<Quarantined> {
        Ok(Quarantined {
            reason: self.text()?.to_owned(),
            rule: self.text()?.to_owned(),
            paths: self.list(|reader| reader.text().map(str::to_owned))?,
            source: self.text()?.to_owned(),
            removed: self.list(Self::removed)?,
            ..Quarantined::default()
        })
    }

    fn held(&mut self) -> Read<Quarantined> {
        let mut held = self.quarantined()?;
        held.kind = self.kind()?;
        held.time_unix_ns = self.number()?;
        held.sealed = match self.byte()? {
            0 => None,
            1 => Some(SealedRaw {
                bytes: self.blob()?.to_vec(),
                until_unix_s: self.number()?,
            }),
            _ => return Err(bad("sealed")),
        };
        Ok(held)
    }

    fn removed(&mut self) -> Read<(String, String, u64)> {
        let (class, rule) = (self.text()?.to_owned(), self.text()?.to_owned());
        Ok((class, rule, self.number()?))
    }

    fn origin(&mut self) -> Read<Shared> {
        let known = self.number()?;
        let Some(at) = known.checked_sub(1) else {
            let fields = Shared::from(self.fields(0)?);
            self.origins.push(fields.clone());
            return Ok(fields);
        };
        let known = usize::try_from(at).ok().and_then(|at| self.origins.get(at));
        known.cloned().ok_or(bad("origin"))
    }

    fn fields(&mut self, depth: usize) -> Read<Vec<(String, Value)>> {
        self.list(|reader| Ok((reader.name()?.to_owned(), reader.value(depth)?)))
    }

    fn name(&mut self) -> Read<&'b str> {
        let known = self.number()?;
        let Some(at) = known.checked_sub(1) else {
            let name = self.text()?;
            self.names.push(name);
            return Ok(name);
        };
        let known = usize::try_from(at).ok().and_then(|at| self.names.get(at));
        known.copied().ok_or(bad("name"))
    }

    fn value(&mut self, depth: usize) -> Read<Value> {
        if depth > STORED_DEPTH_MAX {
            return Err(DecodeError::Depth);
        }
        Ok(match self.byte()? {
            tag::NULL => Value::Null,
            tag::FALSE => Value::Bool(false),
            tag::TRUE => Value::Bool(true),
            tag::INT => Value::Int(self.signed()?),
            tag::DOUBLE => Value::Double(f64::from_bits(u64::from_le_bytes(self.array()?))),
            tag::STRING => Value::String(self.text()?.to_owned()),
            tag::BYTES => Value::Bytes(self.blob()?.to_vec()),
            tag::ARRAY => Value::Array(self.list(|reader| reader.value(depth + 1))?),
            tag::MAP => Value::Map(self.fields(depth + 1)?),
            _ => return Err(bad("value")),
        })
    }

    /// As many items as are said; each takes a byte at least.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = usize::try_from(self.number()?).map_err(|_| bad("count"))?;
        if count > self.rest.len() {
            return Err(bad("count"));
        }
        let mut items = Vec::with_capacity(count.min(RESERVED_COUNT_MAX));
        for _ in 0..count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn byte(&mut self) -> Read<u8> {
        let (byte, rest) = self.rest.split_first().ok_or(bad("byte"))?;
        self.rest = rest;
        Ok(*byte)
    }

    fn take(&mut self, count: usize) -> Read<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(bad("bytes"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(bad("bytes"))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Read<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(bad("number"))
    }

    fn signed(&mut self) -> Read<i64> {
        let n = self.number()?;
        Ok((n >> 1).cast_signed() ^ -(n & 1).cast_signed())
    }

    fn blob(&mut self) -> Read<&'b [u8]> {
        let count = usize::try_from(self.number()?).map_err(|_| bad("length"))?;
        self.take(count)
    }

    fn text(&mut self) -> Read<&'b str> {
        std::str::from_utf8(self.blob()?).map_err(|_| bad("text"))
    }
}
