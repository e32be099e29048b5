//! Syslog: one frame of bytes becomes one event, whatever it holds. Reads no clock.
//!
//! A frame is read as RFC 5424 where it says version 1, else as RFC 3164 and what devices made of
//! it; where neither is found, the whole text is the body and a flag says so. Nothing is dropped:
//! what has no place of its own stays in the body.
//!
//! | of syslog | in the event |
//! |---|---|
//! | severity | severity, by the appendix of OpenTelemetry's log data model |
//! | facility | attribute `syslog.facility`, its name (RFC 5424, table 1) |
//! | TIMESTAMP | time; without one that of receipt |
//! | HOSTNAME | resource `host.name` |
//! | APP-NAME, TAG | resource `service.name` |
//! | PROCID, `[pid]` | attribute `process.pid`, a number; other text is `syslog.procid` |
//! | MSGID, Cisco's mnemonic | attribute `syslog.msgid` |
//! | STRUCTURED-DATA | attribute `syslog.structured_data`, a map of maps |
//! | MSG | body; a JSON object (also after `@cee:`) is read as `POST /v1/events` reads a line |
//!
//! *Limits:* [`TOKEN_BYTES_MAX`], and those of the frame, which the caller bounds.

mod legacy;
mod payload;
pub(crate) mod priority;
mod stamp;
mod structured;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use cordon_event::{Event, Raw, Severity, Value, attr};
use zeroize::Zeroizing;

use crate::error::Code;
use crate::limits::Limits;
use crate::meter::{Charge, Ledger, Meter};
use crate::sink::Sink;
use crate::stream::flag::{self, Flags};
use crate::stream::frame::Framer;

/// Bytes of a host's, program's or process's name.
pub const TOKEN_BYTES_MAX: usize = 255;

/// Attribute: the message's structured data.
pub(crate) const STRUCTURED_DATA: &str = "syslog.structured_data";

/// What is known of a frame beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// When it was received, nanoseconds since the Unix epoch.
    pub unix_ns: u64,
    /// Seconds east of UTC of stamps that do not tell.
    pub zone_offset_s: i32,
}

/// Reads one frame, without a listener.
pub fn parse(frame: &[u8], received: &Received) -> Raw<Event> {
    let limits = Limits::default();
    let ledger = Ledger::new(limits.in_flight_bytes_max);
    let mut charge = Charge::new(&ledger);
    let mut meter = Meter::new(&mut charge, limits.decoded_bytes_max);
    let flags = Flags::default();
    let mut sink = Sink::new(&limits, &mut meter);
    // A ledger of its own is full for one frame alone; then there is no room for its members.
    Raw::new(event(frame, received, flags, &mut sink).unwrap_or_default())
}

/// Cuts a stream into frames by RFC 6587, without a listener; what comes in pieces gives what the
/// whole gives.
pub fn frames<'p>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    bytes_max: usize,
) -> Vec<Zeroizing<Vec<u8>>> {
    let ledger = Ledger::new(Limits::default().in_flight_bytes_max);
    let mut framer = Framer::new(true, bytes_max, &ledger);
    let mut found = Vec::new();
    for mut piece in pieces {
        while let Some(frame) = framer.next(&mut piece) {
            found.push(Zeroizing::new(frame.bytes.to_vec()));
        }
    }
    let last = framer.end();
    found.extend(last.map(|frame| Zeroizing::new(frame.bytes.to_vec())));
    found
}

/// Reads one frame; [`Code::InFlightFull`] where there is no memory now,
/// [`Code::TenantMismatch`] where it names another tenant, and no other error.
pub(crate) fn event(
    frame: &[u8],
    received: &Received,
    mut flags: Flags,
    sink: &mut Sink<'_, '_>,
) -> Result<Event, Code> {
    let text = text_of(frame, &mut flags);
    let header = Header::read(&text, received, &mut flags);
    let Header {
        priority,
        time_unix_ns,
        host,
        app,
        process,
        message_id,
        data,
        body,
    } = header;
    let mut event = match payload::object(body, sink)? {
        Some(event) => event,
        None => Event {
            body: Value::from(body),
            attributes: payload::security(body),
            ..Event::default()
        },
    };
    if event.time_unix_ns == 0 {
        event.time_unix_ns = time_unix_ns.unwrap_or(received.unix_ns);
    }
    if let Some(priority) = priority {
        if event.severity == Severity(0) {
            event.severity = priority::severity(priority);
        }
        push(&mut event, "syslog.facility", priority::facility(priority));
    }
    for (name, text) in [("host.name", host), (attr::SERVICE_NAME, app)] {
        if !text.is_empty() && event.resource_str(name).is_none() {
            event.resource.push((name.to_owned(), Value::from(text)));
        }
    }
    match process.parse::<u32>() {
        Ok(pid) => {
            let pid = ("process.pid".to_owned(), Value::Int(pid.into()));
            event.attributes.push(pid);
        }
        Err(_) => push(&mut event, "syslog.procid", process),
    }
    push(&mut event, "syslog.msgid", message_id);
    if !data.is_empty() {
        let data = (STRUCTURED_DATA.to_owned(), Value::Map(data));
        event.attributes.push(data);
    }
    flags.mark(&mut event);
    Ok(event)
}

/// Adds a text that is there.
fn push(event: &mut Event, name: &str, text: &str) {
    if !text.is_empty() {
        event.attributes.push((name.to_owned(), Value::from(text)));
    }
}

/// The frame as text, what ends it left out. Owned text is wiped by its owner.
fn text_of<'f>(frame: &'f [u8], flags: &mut Flags) -> Text<'f> {
    let ends = |b: &u8| matches!(b, b'\n' | b'\r' | 0);
    let len = frame.len() - frame.iter().rev().take_while(|b| ends(b)).count();
    let kept = frame.get(..len).unwrap_or_default();
    match String::from_utf8_lossy(kept) {
        Cow::Borrowed(text) => Text::Lent(text),
        Cow::Owned(text) => {
            flags.set(flag::INVALID_UTF8);
            Text::Own(Zeroizing::new(text))
        }
    }
}

/// A text that is wiped where it is a copy.
enum Text<'f> {
    Lent(&'f str),
    Own(Zeroizing<String>),
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Own(text) => text,
        }
    }
}

/// What stands before the message, and the message.
#[derive(Default)]
struct Header<'t> {
    priority: Option<u8>,
    time_unix_ns: Option<u64>,
    host: &'t str,
    app: &'t str,
    process: &'t str,
    message_id: &'t str,
    data: Vec<(String, Value)>,
    body: &'t str,
}

impl<'t> Header<'t> {
    fn read(text: &'t str, received: &Received, flags: &mut Flags) -> Self {
        let (priority, rest) = priority::leading(text);
        let read = structured::read(rest, flags);
        let read = read.unwrap_or_else(|| legacy::read(rest, priority, received));
        if priority.is_none() && read.time_unix_ns.is_none() {
            flags.set(flag::NOT_SYSLOG);
            let body = text;
            return Self {
                body,
                ..Self::default()
            };
        }
        if priority.is_none() {
            flags.set(flag::NO_PRIORITY);
        }
        Self { priority, ..read }
    }
}
