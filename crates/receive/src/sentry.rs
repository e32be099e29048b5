//! What Sentry's SDKs send becomes events: envelopes, single events as older clients store them,
//! reports of browsers, minidumps.
//!
//! The way of the data: [`http`] finds out who sends ([`key`]), reads and inflates as for every
//! other path, and gives the body here. [`envelope`] takes items apart; an item that cannot be
//! read, is unknown or not kept is counted by type and outcome ([`tally`]), and the others go on:
//! an SDK that is refused drops the whole envelope. [`event`], [`spans`] and [`items`] map.
//!
//! **Architecture invariant:** there is no list of members that hold personal data. What has no
//! place of its own is kept nested under its own name, and redaction sees it.
//!
//! *Why an own parser.* `sentry-types` is the SDK's side: it refuses an envelope for an item it
//! does not know and drops members that it does not know. It serves as the oracle of the framing.

mod envelope;
mod event;
pub(crate) mod http;
mod items;
mod key;
mod members;
mod minidump;
mod origin;
mod printed;
mod security;
mod spans;
mod stack;
pub(crate) mod tally;

use cordon_event::{TraceId, Value};
use data_encoding::{BASE64, BASE64_NOPAD};
use zeroize::Zeroizing;

use crate::body::{Encoding, inflate};
use crate::error::Code;
use crate::json;
use crate::limits::{JSON_DEPTH_MAX, Limits};
use crate::meter::Charge;
use crate::sink::{Dump, Pairs, Sink};
use envelope::Item;
use tally::Outcome;

pub(crate) use minidump::{about, body as minidump_body};

/// The header's parts that items need.
struct Context {
    event_id: String,
    trace: Option<TraceId>,
}

/// Reads an envelope.
pub(crate) fn envelope(body: &[u8], limits: &Limits, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let (header, mut at) = envelope::header(body, sink.meter)?;
    let text = |key: &str| header.get(key).and_then(Value::as_str).unwrap_or_default();
    let trace = header.get("trace").and_then(|trace| trace.get("trace_id"));
    let context = Context {
        event_id: text("event_id").to_owned(),
        trace: trace.and_then(crate::otlp_json::id).map(TraceId),
    };
    sink.event_id.clone_from(&context.event_id);
    let mut count = 0_usize;
    while let Some((item, next)) = envelope::item(body, at, sink.meter)? {
        at = next;
        count += 1;
        let kind = kind_of(&item).to_owned();
        let outcome = if item.is_cut {
            Outcome::Cut
        } else if count > limits.envelope_items_count_max {
            Outcome::TooMany
        } else {
            lenient(self::item(&kind, &item, &context, limits, sink))?
        };
        sink.tally.add(&kind, outcome);
        if outcome != Outcome::Taken {
            sink.reject();
        }
    }
    Ok(())
}

/// The type of an item; a minidump is one of its own.
fn kind_of<'i>(item: &'i Item<'_>) -> &'i str {
    if item.kind() == "attachment" && item.text("attachment_type") == "event.minidump" {
        "minidump"
    } else {
        item.kind()
    }
}

/// An item that cannot be read is left out; what concerns all of them refuses the request.
fn lenient(read: Result<Outcome, Code>) -> Result<Outcome, Code> {
    match read {
        Err(code @ (Code::DecodedTooLarge | Code::InFlightFull | Code::EventsCount)) => Err(code),
        Err(_) => Ok(Outcome::Malformed),
        Ok(outcome) => Ok(outcome),
    }
}

fn item(
    kind: &str,
    item: &Item<'_>,
    context: &Context,
    limits: &Limits,
    sink: &mut Sink<'_, '_>,
) -> Result<Outcome, Code> {
    match kind {
        "minidump" => return dump(item.payload, limits, sink),
        "attachment" => return items::attachment(item, context.trace, &context.event_id, sink),
        "event" | "transaction" | "span" | "log" | "session" | "sessions" | "client_report"
        | "check_in" | "feedback" | "user_report" | "raw_security" | "nel" => {}
        _ => return Ok(Outcome::NotKept),
    }
    if item.payload.len() > limits.envelope_item_bytes_max {
        return Ok(Outcome::TooLarge);
    }
    let value = json::parse(item.payload, JSON_DEPTH_MAX, sink.meter)?;
    if matches!(kind, "raw_security" | "nel") {
        return security::reports(value, sink);
    }
    let Value::Map(pairs) = value else {
        return Ok(Outcome::Malformed);
    };
    match kind {
        "event" => one_event(pairs, sink),
        "transaction" => spans::transaction(pairs, sink).map(|()| Outcome::Taken),
        "span" => spans::standalone(pairs, sink).map(|()| Outcome::Taken),
        "log" => items::logs(pairs, sink),
        "session" | "sessions" => items::session(pairs, sink),
        "client_report" => items::client_report(pairs, sink),
        "check_in" => items::check_in(pairs, sink),
        "feedback" => items::feedback(pairs, sink),
        _ => items::user_report(pairs, sink),
    }
}

fn one_event(pairs: Pairs, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    let id = pairs.iter().find(|(key, _)| key == "event_id");
    if let (true, Some(id)) = (sink.event_id.is_empty(), id.and_then(|(_, v)| v.as_str())) {
        id.clone_into(&mut sink.event_id);
    }
    // Stored events of older clients may be transactions.
    let kind = pairs.iter().find(|(key, _)| key == "type");
    if kind.is_some_and(|(_, value)| value.as_str() == Some("transaction")) {
        return spans::transaction(pairs, sink).map(|()| Outcome::Taken);
    }
    items::push(event::event(pairs), sink)
}

/// A minidump beside an event: one of an envelope.
fn dump(payload: &[u8], limits: &Limits, sink: &mut Sink<'_, '_>) -> Result<Outcome, Code> {
    if sink.dump.is_some() {
        return Ok(Outcome::TooMany);
    }
    if payload.len() > limits.minidump_bytes_max {
        return Ok(Outcome::TooLarge);
    }
    if !minidump::is_dump(payload) {
        return Ok(Outcome::Malformed);
    }
    sink.meter.spend(payload.len())?;
    sink.dump = Some(Dump::new(payload.to_vec()));
    Ok(Outcome::Taken)
}

/// The JSON of an event as `/store/` takes it: as it is, or packed with zlib and written in base64,
/// as the protocol's versions before 7 did.
pub(crate) fn unpacked(
    body: &[u8],
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Zeroizing<Vec<u8>>, Code> {
    let body = body.trim_ascii();
    charge.grow(body.len())?;
    let decoded = [BASE64, BASE64_NOPAD]
        .iter()
        .find_map(|base64| base64.decode(body).ok());
    let packed = Zeroizing::new(decoded.unwrap_or_else(|| body.to_vec()));
    match packed.first_chunk::<2>() {
        Some([b'{', _]) => Ok(packed),
        Some([0x78, _]) => inflate(packed, Encoding::Deflate, limits, charge),
        Some([0x1f, 0x8b]) => inflate(packed, Encoding::Gzip, limits, charge),
        _ => Err(Code::JsonMalformed),
    }
}

/// Reads an event as `/store/` takes it.
pub(crate) fn store(text: &[u8], limits: &Limits, sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    if text.len() > limits.envelope_item_bytes_max {
        return Err(Code::InflatedTooLarge);
    }
    let Value::Map(pairs) = json::parse(text, JSON_DEPTH_MAX, sink.meter)? else {
        return Err(Code::JsonShape);
    };
    let outcome = one_event(pairs, sink)?;
    sink.tally.add("event", outcome);
    match outcome {
        Outcome::Taken => Ok(()),
        _ => Err(Code::AttributesCount),
    }
}

/// Reads reports of a browser.
pub(crate) fn security(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Code> {
    let value = json::parse(body, JSON_DEPTH_MAX, sink.meter)?;
    let outcome = security::reports(value, sink)?;
    sink.tally.add("raw_security", outcome);
    match outcome {
        Outcome::Taken => Ok(()),
        _ => Err(Code::JsonShape),
    }
}

#[cfg(test)]
#[path = "sentry/tests.rs"]
mod tests;
