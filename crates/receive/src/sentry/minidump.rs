//! The body of an upload of a crash reporter becomes a minidump and what was noted beside it.
//!
//! Taken: a form with the file `upload_file_minidump` (Breakpad, Crashpad, Electron), a form in
//! that file (old Electron on Linux), the dump alone; each also packed with gzip or zstd, told by
//! the first bytes. What is noted (`sentry` as JSON, in pieces or by brackets, and every other
//! field) becomes the event that the report of the crash is merged with.
//!
//! The dump itself is not parsed here, and not kept: see [`crate::Admit::crash`]. Other files of
//! the form are counted and left out, since they would have to be kept raw.

use cordon_event::{Event, Kind, Value, attr};
use zeroize::Zeroizing;

use super::event;
use super::members::put;
use super::tally::{Outcome, Tally};
use crate::body::{Encoding, inflate};
use crate::cut;
use crate::error::Code;
use crate::json;
use crate::limits::{JSON_DEPTH_MAX, Limits};
use crate::meter::{Charge, Meter};
use crate::multipart::{self, Part, sniffed};
use crate::sink::{Decoded, Dump, Pairs, Sink};

/// The field that holds the dump.
const FIELD: &str = "upload_file_minidump";
/// First bytes of a minidump, in either byte order.
const MAGIC: [&[u8]; 2] = [b"MDMP", b"PMDM"];
/// First bytes of gzip (RFC 1952) and zstd (RFC 8878).
const CONTAINERS: [(&[u8], Encoding); 2] = [
    (&[0x1f, 0x8b], Encoding::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Encoding::Zstd),
];
/// Longest value of a field, in bytes.
const VALUE_BYTES_MAX: usize = 64 << 10;
/// Brackets of a field's name that are followed.
const BRACKETS_COUNT_MAX: usize = 8;
/// Names by which crash reporters note the product and its version.
const PRODUCTS: [&str; 4] = ["_productName", "prod", "ProductName", "product"];
const VERSIONS: [&str; 4] = ["_version", "ver", "Version", "version"];

/// Whether bytes begin as a minidump.
pub(super) fn is_dump(bytes: &[u8]) -> bool {
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}

/// Reads a body.
pub(crate) fn body(
    body: &[u8],
    boundary: Option<&str>,
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Decoded, Code> {
    let boundary = match boundary {
        Some(told) => Some(told.to_owned()),
        None => sniffed(body),
    };
    let mut tally = Tally::default();
    let mut noted = Event::default();
    let packed = match boundary {
        None => body,
        Some(boundary) => {
            let parts = multipart::parts(body, &boundary)?;
            noted = self::noted(&parts, limits, charge)?;
            of_form(&parts, &mut tally)?
        }
    };
    let bytes = opened(packed, limits, charge)?;
    tally.add("minidump", Outcome::Taken);
    let mut meter = Meter::new(charge, limits.decoded_bytes_max);
    let mut sink = Sink::new(limits, &mut meter);
    sink.tally = tally;
    if let Some(id) = noted.attribute_str("sentry.event_id") {
        id.clone_into(&mut sink.event_id);
    }
    sink.dump = Some(Dump {
        about: Zeroizing::new(noted),
        ..Dump::new(bytes)
    });
    Ok(sink.finish())
}

/// The file of a form; a form within it is looked into once.
fn of_form<'a>(parts: &[Part<'a>], tally: &mut Tally) -> Result<&'a [u8], Code> {
    let named = |part: &&Part<'_>| part.name == FIELD;
    let starts = |part: &&Part<'_>| part.file.is_some() && is_dump(part.content);
    let found = parts
        .iter()
        .find(named)
        .or_else(|| parts.iter().find(starts));
    let content = found.ok_or(Code::MinidumpMissing)?.content;
    let others = parts
        .iter()
        .filter(|part| part.file.is_some() && part.name != FIELD);
    for _ in others {
        tally.add("attachment", Outcome::NotKept);
    }
    let Some(boundary) = sniffed(content).filter(|_| !is_dump(content)) else {
        return Ok(content);
    };
    let inner = multipart::parts(content, &boundary)?;
    let holds = |part: &&Part<'_>| part.name == FIELD || is_dump(part.content);
    let inner = inner.iter().find(holds).ok_or(Code::MinidumpMissing)?;
    Ok(inner.content)
}

/// The dump out of its container, or a copy of it.
fn opened(packed: &[u8], limits: &Limits, charge: &mut Charge) -> Result<Vec<u8>, Code> {
    let container = CONTAINERS
        .iter()
        .find(|(magic, _)| packed.starts_with(magic));
    charge.grow(packed.len())?;
    let mut bytes = Zeroizing::new(packed.to_vec());
    if let Some((_, encoding)) = container {
        bytes = inflate(bytes, *encoding, limits, charge)?;
    }
    if bytes.len() > limits.minidump_bytes_max {
        return Err(Code::InflatedTooLarge);
    }
    if !is_dump(&bytes) {
        return Err(Code::MinidumpMissing);
    }
    Ok(std::mem::take(&mut *bytes))
}

/// What a form says beside the dump, as an event.
fn noted(parts: &[Part<'_>], limits: &Limits, charge: &mut Charge) -> Result<Event, Code> {
    let mut meter = Meter::new(charge, limits.decoded_bytes_max);
    let mut members = Pairs::new();
    let mut annotations = Pairs::new();
    let mut pieces: Vec<(u32, &str)> = Vec::new();
    for part in parts.iter().filter(|part| part.file.is_none()) {
        let text = match part.content.get(..VALUE_BYTES_MAX) {
            Some(kept) if kept.len() < part.content.len() => cut::back(kept),
            _ => part.content,
        };
        let Ok(text) = std::str::from_utf8(text) else {
            continue;
        };
        meter.spend(text.len() + part.name.len())?;
        if part.name == "sentry" {
            pieces.push((0, text));
        } else if let Some(number) = part.name.strip_prefix("sentry__") {
            pieces.push((number.parse().unwrap_or(u32::MAX), text));
        } else if let Some(path) = part.name.strip_prefix("sentry[") {
            let value = Value::from(text);
            set(&mut members, path.trim_end_matches(']').split("]["), value);
        } else {
            annotations.push((part.name.clone(), Value::from(text)));
        }
    }
    pieces.sort_by_key(|(number, _)| *number);
    let whole: String = pieces.iter().map(|(_, text)| *text).collect();
    match json::parse(whole.as_bytes(), JSON_DEPTH_MAX, &mut meter) {
        Ok(Value::Map(mut told)) => members.append(&mut told),
        Err(code @ (Code::DecodedTooLarge | Code::InFlightFull)) => return Err(code),
        // Notes that cannot be read are kept as the text they are; the crash is not lost for them.
        _ if whole.is_empty() => {}
        _ => annotations.push(("sentry".to_owned(), Value::String(whole))),
    }
    let first = |names: [&str; 4]| {
        let find = |name: &&str| annotations.iter().find(|(key, _)| key == *name);
        let (_, value) = names.iter().find_map(find)?;
        value.as_str().map(str::to_owned)
    };
    let (product, version) = (first(PRODUCTS), first(VERSIONS));
    let mut event = event::event(members);
    event.kind = Kind::Crash;
    if event.service().is_empty() {
        put(event.resource.to_mut(), attr::SERVICE_NAME, product);
    }
    if event.release().is_empty() {
        put(event.resource.to_mut(), attr::SERVICE_VERSION, version);
    }
    if !annotations.is_empty() {
        let noted = Value::Map(annotations);
        event
            .attributes
            .push(("sentry.annotations".to_owned(), noted));
    }
    Ok(event)
}

/// Sets `[a][b]` in nested objects.
fn set<'p>(members: &mut Pairs, mut path: impl Iterator<Item = &'p str>, value: Value) {
    let Some(first) = path.next() else { return };
    let rest: Vec<&str> = path.take(BRACKETS_COUNT_MAX).collect();
    if rest.is_empty() {
        members.push((first.to_owned(), value));
        return;
    }
    let at = members
        .iter()
        .position(|(key, held)| key == first && matches!(held, Value::Map(_)));
    let at = at.unwrap_or_else(|| {
        members.push((first.to_owned(), Value::Map(Pairs::new())));
        members.len() - 1
    });
    if let Some((_, Value::Map(inner))) = members.get_mut(at) {
        set(inner, rest.into_iter(), value);
    }
}

/// The report of a crash with what was noted beside its dump: of what both say, the report's word
/// counts for the failure, and the client's for what failed.
pub(crate) fn about(mut report: Event, noted: &mut Event) -> Event {
    report.kind = Kind::Crash;
    if report.time_unix_ns == 0 {
        report.time_unix_ns = noted.time_unix_ns;
    }
    report.trace_id = noted.trace_id;
    report.span_id = noted.span_id;
    for (key, value) in std::mem::take(&mut noted.attributes) {
        if report.attribute(&key).is_none() {
            report.attributes.push((key, value));
        }
    }
    let mut resource = std::mem::take(&mut noted.resource);
    for (key, value) in report.resource.to_mut().drain(..) {
        if !resource.iter().any(|(own, _)| *own == key) {
            resource.push((key, value));
        }
    }
    report.resource = resource;
    report.scope = std::mem::take(&mut noted.scope);
    report
}
