//! How a run of letters stands for a text, and the way back: what was found in the text is
//! replaced there, and the text encoded again as it was.
//!
//! Kept are the alphabet (RFC 4648 §4, §5 and §8), the case of hex, padding, the width of lines
//! and what breaks them, the spelling of `+`, `/` and `=` within a URL, a literal or a page,
//! UTF-16 with its order of bytes, and gzip (RFC 1952), whose header is written without time and
//! system so that the same text gives the same bytes.
//!
//! *Limits:* a run that unpacks to more than [`UNPACK_RATIO_MAX`] times its own length or
//! [`UNPACKED_BYTES_MAX`] is not unpacked further: who asks removes it whole.

use std::io::{Read as _, Write as _};

use data_encoding::{
    BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE, HEXUPPER,
};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::bytes::{alnum, at, cut, looked, run};
use crate::encoded::alphabet;
use crate::shadow::shadow;

/// Bytes that one packed run may unpack to.
pub const UNPACKED_BYTES_MAX: usize = 1 << 20;
/// Bytes that a packed run may unpack to for each byte of itself.
pub const UNPACK_RATIO_MAX: usize = 64;
/// Shortest run of base64 in bytes that is decoded.
pub(crate) const BASE64_BYTES_MIN: usize = 16;
/// Shortest run of hex in bytes that is decoded.
const HEX_BYTES_MIN: usize = 20;
/// What gzip begins with: its mark, and the only method there is.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
/// Blanks that indent a wrapped line.
const INDENT_BYTES_MAX: usize = 16;
/// Backslashes before the letter of an escaped line break.
const ESCAPE_BYTES_MAX: usize = 8;

/// How a run stands for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    letters: Letters,
    packing: Packing,
}

/// The alphabet of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    Base64,
    Base64Url,
    Hex,
}

/// What the decoded bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Text,
    Utf16Little,
    Utf16Big,
    Gzip,
}

/// A run unpacks to more than the limits allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

impl Coding {
    /// What a run says. `None` where it does not read in this way, or beyond the limits.
    pub fn open(self, run: &str) -> Option<String> {
        let spelled = Spelled::of(run)?;
        let found = read(&spelled.body, UNPACKED_BYTES_MAX).ok()?;
        let own = found.into_iter().find(|(coding, _)| *coding == self);
        own.map(|(_, plain)| plain)
    }

    /// The run that says `plain` in the way in which `run` says what it does, of as many lines.
    pub fn close(self, run: &str, plain: &str) -> Option<String> {
        let spelled = Spelled::of(run)?;
        let bytes = match self.packing {
            Packing::Text => plain.as_bytes().to_vec(),
            Packing::Utf16Little => plain.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Packing::Utf16Big => plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Packing::Gzip => packed(plain)?,
        };
        let upper = spelled.body.bytes().any(|b| b.is_ascii_uppercase());
        let body = match (self.letters, spelled.pads) {
            (Letters::Base64, true) => BASE64.encode(&bytes),
            (Letters::Base64, false) => BASE64_NOPAD.encode(&bytes),
            (Letters::Base64Url, true) => BASE64URL.encode(&bytes),
            (Letters::Base64Url, false) => BASE64URL_NOPAD.encode(&bytes),
            (Letters::Hex, _) if upper => HEXUPPER.encode(&bytes),
            (Letters::Hex, _) => HEXLOWER.encode(&bytes),
        };
        let mut out = spelled.written(&body);
        // A soft line break of quoted-printable text was undone with the run's disguise.
        let lines = |text: &str| text.matches('\n').count();
        let missing = lines(run).saturating_sub(lines(&out));
        out.push_str(&"\n".repeat(missing));
        Some(out)
    }
}

/// How the letters of a run are written down.
struct Spelled {
    /// The letters, without what pads them.
    body: String,
    /// Whether the run is filled up with `=` to whole groups.
    pads: bool,
    /// How signs are written.
    signs: Signs,
    /// What stands between two lines; empty where there is one.
    line_break: String,
    /// Number of those.
    breaks: usize,
    /// Letters of the first line.
    width: usize,
}

/// How a run writes the signs of its alphabet.
#[derive(Clone, Copy)]
enum Signs {
    /// As they are.
    Plain,
    /// `%2B`.
    Percent,
    /// `\u002b`, behind so many backslashes.
    Unicode(usize),
    /// `&#43;`.
    Html,
}

impl Spelled {
    fn of(run: &str) -> Option<Self> {
        let signs = if run.contains('%') {
            Signs::Percent
        } else if run.contains("&#") {
            Signs::Html
        } else if let Some(n) = run.find("\\u") {
            Signs::Unicode(slashes(run.as_bytes(), n))
        } else {
            Signs::Plain
        };
        let undone = shadow(run).map(|shadow| shadow.text);
        let text = undone.as_deref().unwrap_or(run);
        let bytes = text.as_bytes();
        let mut out = Self {
            body: String::with_capacity(text.len()),
            pads: false,
            signs,
            line_break: String::new(),
            breaks: 0,
            width: 0,
        };
        let mut i = 0;
        while i < bytes.len() {
            let end = crate::encoded::run_end(bytes, i);
            if end > i {
                out.body.push_str(cut(text, i, end));
                i = end;
            } else if at(bytes, i) == b'=' {
                out.pads = true;
                i += 1;
            } else {
                let end = break_end(bytes, i)?;
                if out.breaks == 0 {
                    text.get(i..end)?.clone_into(&mut out.line_break);
                    out.width = out.body.len();
                }
                out.breaks += 1;
                i = end;
            }
        }
        // A text of whole groups tells nothing about padding; base64 pads unless it is said not to.
        let url = out.body.contains(['-', '_']);
        out.pads |= out.body.len().is_multiple_of(4) && !url;
        Some(out)
    }

    /// Letters written in the same way.
    fn written(&self, body: &str) -> String {
        let mut out = String::with_capacity(body.len());
        if self.breaks == 0 {
            self.push(body, &mut out);
            return out;
        }
        // Real line breaks stay as many as they were: longer lines, or empty ones at the end.
        let counted = self.line_break.contains('\n');
        let mut width = self.width.max(4);
        if counted {
            let least = body.len().div_ceil(self.breaks + 1);
            width = width.max(least.next_multiple_of(4));
        }
        let mut breaks = 0;
        for (n, line) in body.as_bytes().chunks(width).enumerate() {
            if n > 0 {
                out.push_str(&self.line_break);
                breaks += 1;
            }
            self.push(std::str::from_utf8(line).unwrap_or(""), &mut out);
        }
        if counted {
            out.push_str(&self.line_break.repeat(self.breaks.saturating_sub(breaks)));
        }
        out
    }

    fn push(&self, letters: &str, out: &mut String) {
        for c in letters.chars() {
            let sign = !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
            match self.signs {
                Signs::Percent if sign => out.push_str(&format!("%{:02X}", u32::from(c))),
                Signs::Unicode(slashes) if sign => {
                    out.push_str(&"\\".repeat(slashes));
                    out.push_str(&format!("u{:04x}", u32::from(c)));
                }
                Signs::Html if sign => out.push_str(&format!("&#{};", u32::from(c))),
                _ => out.push(c),
            }
        }
    }
}

/// Backslashes from `i` on.
fn slashes(bytes: &[u8], i: usize) -> usize {
    run(bytes, i, ESCAPE_BYTES_MAX, |b| b == b'\\') - i
}

/// End of the line break at `i`, real or escaped, and of the blanks that indent the next line.
pub(crate) fn break_end(bytes: &[u8], i: usize) -> Option<usize> {
    let mut end = i;
    for letter in [(b'\r', b'r'), (b'\n', b'n')] {
        let escape = slashes(bytes, end);
        if at(bytes, end) == letter.0 {
            end += 1;
        } else if escape > 0 && at(bytes, end + escape) == letter.1 {
            end += escape + 1;
        } else if letter.0 == b'\n' {
            return None;
        }
    }
    Some(run(bytes, end, INDENT_BYTES_MAX, |b| {
        matches!(b, b' ' | b'\t')
    }))
}

/// Texts that letters may stand for, each with how; `limit` bounds the bytes of an unpacked one.
pub(crate) fn read(body: &str, limit: usize) -> Result<Vec<(Coding, String)>, TooMuch> {
    let mut out = Vec::new();
    looked(body.len());
    if body.len() >= HEX_BYTES_MIN
        && body.bytes().all(|b| b.is_ascii_hexdigit())
        && let Ok(bytes) = HEXLOWER_PERMISSIVE.decode(body.as_bytes())
    {
        out.extend(unpacked(Letters::Hex, bytes, body.len(), limit)?);
    }
    let whole = if body.len() % 4 == 1 {
        body.len() - 1
    } else {
        body.len()
    };
    // A run that was cut off in the middle of a group still says most of itself.
    for n in [whole, whole & !3] {
        let head = cut(body, 0, n);
        let letters = if head.contains(['-', '_']) {
            Letters::Base64Url
        } else {
            Letters::Base64
        };
        let decoded = match letters {
            _ if n < BASE64_BYTES_MIN => continue,
            Letters::Base64Url => BASE64URL_NOPAD.decode(head.as_bytes()),
            _ => BASE64_NOPAD.decode(head.as_bytes()),
        };
        let Ok(bytes) = decoded else { continue };
        if let Some(found) = unpacked(letters, bytes, body.len(), limit)? {
            out.push(found);
            break;
        }
    }
    Ok(out)
}

/// The text that bytes are, and how.
fn unpacked(
    letters: Letters,
    bytes: Vec<u8>,
    length: usize,
    limit: usize,
) -> Result<Option<(Coding, String)>, TooMuch> {
    let of = |packing, text| (Coding { letters, packing }, text);
    if bytes.starts_with(&GZIP) {
        let limit = limit.min(UNPACKED_BYTES_MAX).min(length * UNPACK_RATIO_MAX);
        let text = plain_text(inflated(&bytes, limit)?);
        return Ok(text.map(|text| of(Packing::Gzip, text)));
    }
    if let Some((text, little)) = wide(&bytes) {
        let packing = if little {
            Packing::Utf16Little
        } else {
            Packing::Utf16Big
        };
        return Ok(Some(of(packing, text)));
    }
    Ok(plain_text(bytes).map(|text| of(Packing::Text, text)))
}

/// What gzip holds, as far as it reads: of one that was cut off, the beginning.
fn inflated(bytes: &[u8], limit: usize) -> Result<Vec<u8>, TooMuch> {
    let mut out = Vec::new();
    // One byte more than the limit tells that it was reached.
    let mut reader = MultiGzDecoder::new(bytes).take(limit as u64 + 1);
    // What cannot be read behind its readable beginning says nothing.
    let _ = reader.read_to_end(&mut out);
    looked(out.len());
    if out.len() > limit {
        return Err(TooMuch);
    }
    Ok(out)
}

fn packed(plain: &str) -> Option<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(plain.as_bytes()).ok()?;
    writer.finish().ok()
}

/// Text of decoded bytes: UTF-8 of which nearly all is printable.
fn plain_text(bytes: Vec<u8>) -> Option<String> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            // Cut in the middle of a character at the end only.
            let good = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            if good + 4 < bytes.len() || good < 8 {
                return None;
            }
            bytes.truncate(good);
            String::from_utf8(bytes).ok()?
        }
    };
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !c.is_whitespace() && *c != '\u{1b}')
        .count();
    (odd * 8 <= text.len()).then_some(text)
}

/// UTF-16 of either order, where the bytes are mostly ASCII in it.
pub fn utf16(bytes: &[u8]) -> Option<String> {
    wide(bytes).map(|(text, _)| text)
}

/// The text of UTF-16, and whether the lower byte comes first.
fn wide(bytes: &[u8]) -> Option<(String, bool)> {
    if bytes.len() < 8 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |parity: usize| {
        let half = bytes.iter().skip(parity).step_by(2);
        half.filter(|b| **b == 0).count()
    };
    let half = bytes.len() / 2;
    let little = zeros(1) * 4 >= half * 3;
    let big = zeros(0) * 4 >= half * 3;
    if little == big {
        return None;
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| {
        if little {
            u16::from_le_bytes(*pair)
        } else {
            u16::from_be_bytes(*pair)
        }
    };
    let units: Vec<u16> = pairs.iter().map(unit).collect();
    Some((String::from_utf16_lossy(&units), little))
}

/// End of the run from `i` to `end` together with the lines that go on behind it: of those that
/// are as long as the first, and of the shorter one behind them. Both are `end` where none does.
/// `goes_on` says whether what begins a line may.
pub(crate) fn wrapped_ends(
    bytes: &[u8],
    (i, end): (usize, usize),
    goes_on: impl Fn(usize) -> bool,
) -> (usize, usize) {
    let width = end - i;
    let mut last = end;
    if !(WIDTH_BYTES_MIN..=WIDTH_BYTES_MAX).contains(&width) || !width.is_multiple_of(4) {
        return (end, end);
    }
    while let Some(next) = break_end(bytes, last).filter(|next| goes_on(*next)) {
        let close = run(bytes, next, width + 1, alphabet);
        let length = close - next;
        if length == width {
            last = close;
            continue;
        }
        let ends = length > 0 && length < width && !alnum(at(bytes, close));
        return (last, if ends { close } else { last });
    }
    (last, last)
}

/// Narrowest line in bytes of wrapped base64.
const WIDTH_BYTES_MIN: usize = 32;
/// Widest line of it.
const WIDTH_BYTES_MAX: usize = 256;

/// The letters from `start` to `end` without the breaks between their lines.
pub(crate) fn joined(text: &str, start: usize, end: usize) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(end - start);
    let mut i = start;
    while i < end {
        let close = run(bytes, i, end - i, alphabet);
        out.push_str(cut(text, i, close));
        i = break_end(bytes, close).unwrap_or(end);
    }
    out
}
