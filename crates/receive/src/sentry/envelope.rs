//! The framing of a Sentry envelope: a header line, then items, each with a header line and a
//! payload.
//!
//! Source: Sentry's developer documentation, "Envelopes". A payload has the `length` that its
//! header says, or goes on to the end of its line. More is taken than is written there: lines that
//! end in CRLF, empty lines where an item's header may stand, a last item without a line ending. A
//! last item that is shorter than it says is told as cut, since its beginning means nothing.
//!
//! *Limits:* a header line of [`HEADER_BYTES_MAX`]; the number and size of items are the caller's.

use cordon_event::Value;

use crate::error::Code;
use crate::json;
use crate::meter::Meter;

/// Longest header line.
pub(crate) const HEADER_BYTES_MAX: usize = 64 << 10;
/// Deepest nesting of a header.
const HEADER_DEPTH_MAX: usize = 16;

/// An item, its payload lent from the body.
pub(crate) struct Item<'a> {
    /// Its header.
    pub(crate) header: Value,
    /// What it holds; nothing where it was cut.
    pub(crate) payload: &'a [u8],
    /// Whether it ends before the length that its header says.
    pub(crate) is_cut: bool,
}

impl Item<'_> {
    /// What it is; empty where it does not say.
    pub(crate) fn kind(&self) -> &str {
        self.text("type")
    }

    /// A text of the header.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.header
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// The envelope's own header, and where its items begin.
pub(crate) fn header(body: &[u8], meter: &mut Meter<'_>) -> Result<(Value, usize), Code> {
    let blank = body.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = body.get(blank..).unwrap_or_default();
    let (line, next) = line(rest);
    let header = object(line, meter)?;
    Ok((header, blank + next))
}

/// The next item from `at` on, and where it ends; nothing at the end of the body.
pub(crate) fn item<'a>(
    body: &'a [u8],
    at: usize,
    meter: &mut Meter<'_>,
) -> Result<Option<(Item<'a>, usize)>, Code> {
    let rest = body.get(at..).unwrap_or_default();
    let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let from = at + blank;
    let rest = body.get(from..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(None);
    }
    let (head, next) = line(rest);
    let header = object(head, meter)?;
    let payload = rest.get(next..).unwrap_or_default();
    let (payload, is_cut, len) = if let Some(len) = length(&header) {
        match payload.split_at_checked(len) {
            Some((found, after)) => (found, false, len + ending(after)),
            None => (&[][..], true, payload.len()),
        }
    } else {
        let (found, next) = line(payload);
        (found, false, next)
    };
    let item = Item {
        header,
        payload,
        is_cut,
    };
    Ok(Some((item, from + next + len)))
}

/// Length of a payload by its header: a number, or digits.
fn length(header: &Value) -> Option<usize> {
    match header.get("length")? {
        Value::Int(n) => usize::try_from(*n).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The first line without its ending, and where the next begins.
fn line(text: &[u8]) -> (&[u8], usize) {
    let end = text.iter().position(|b| *b == b'\n');
    let line = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    let next = end.map_or(text.len(), |end| end + 1);
    (line.strip_suffix(b"\r").unwrap_or(line), next)
}

/// Bytes of the line ending that a text begins with.
fn ending(text: &[u8]) -> usize {
    match text {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}

fn object(line: &[u8], meter: &mut Meter<'_>) -> Result<Value, Code> {
    if line.len() > HEADER_BYTES_MAX {
        return Err(Code::EnvelopeMalformed);
    }
    match json::parse(line, HEADER_DEPTH_MAX, meter) {
        Ok(header @ Value::Map(_)) => Ok(header),
        Err(code @ (Code::DecodedTooLarge | Code::InFlightFull)) => Err(code),
        _ => Err(Code::EnvelopeMalformed),
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
