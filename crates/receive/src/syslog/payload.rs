//! What a message holds in a form of its own: a JSON object, or the header of CEF or LEEF.
//!
//! The message of a security event stays the body, whole; its header's fields are attributes
//! beside it, so that events can be told apart by them.

use cordon_event::{Event, Value};

use crate::error::Code;
use crate::limits::JSON_DEPTH_MAX;
use crate::sink::{Sink, check_pairs};
use crate::{contract, json, ndjson};

/// What says that a message is JSON (Common Event Expression).
const COOKIE: &str = "@cee:";
/// Bytes of one field of a header.
const FIELD_BYTES_MAX: usize = 1_024;

/// Fields of `CEF:0|…`, ArcSight's Common Event Format.
const CEF: [&str; 7] = [
    "cef.version",
    "cef.device_vendor",
    "cef.device_product",
    "cef.device_version",
    "cef.signature_id",
    "cef.name",
    "cef.severity",
];
/// Fields of `LEEF:1.0|…`, IBM's Log Event Extended Format.
const LEEF: [&str; 5] = [
    "leef.version",
    "leef.device_vendor",
    "leef.device_product",
    "leef.device_version",
    "leef.event_id",
];

/// The event of a message that is a JSON object; none where it is not, or not within the limits.
pub(super) fn object(body: &str, sink: &mut Sink<'_, '_>) -> Result<Option<Event>, Code> {
    let bare = body.trim_ascii();
    let bare = bare
        .strip_prefix(COOKIE)
        .map_or(bare, str::trim_ascii_start);
    if !(bare.starts_with('{') && bare.ends_with('}')) {
        return Ok(None);
    }
    let mut read = || {
        let Value::Map(pairs) = json::parse(bare.as_bytes(), JSON_DEPTH_MAX, sink.meter)? else {
            return Err(Code::JsonShape);
        };
        let pairs = contract::named(pairs, sink.tenant.as_deref())?;
        check_pairs(&pairs)?;
        ndjson::event(pairs)
    };
    match read() {
        Ok(event) => Ok(Some(event)),
        Err(code @ (Code::InFlightFull | Code::TenantMismatch)) => Err(code),
        Err(_) => Ok(None),
    }
}

/// Attributes of a security event's header; none where the message is no such event.
pub(super) fn security(body: &str) -> Vec<(String, Value)> {
    let (names, rest) = if let Some(rest) = body.strip_prefix("CEF:") {
        (&CEF[..], rest)
    } else if let Some(rest) = body.strip_prefix("LEEF:") {
        (&LEEF[..], rest)
    } else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    let mut rest = rest;
    for name in names {
        let Some((field, after)) = field(rest) else {
            return Vec::new();
        };
        fields.push(((*name).to_owned(), Value::String(field)));
        rest = after;
    }
    fields
}

/// A field up to its bar; `\|` and `\\` are a bar and a backslash.
fn field(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '|' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
        if value.len() > FIELD_BYTES_MAX {
            return None;
        }
    }
    None
}
