//! Runs of base64 and hex that hide something, and the shadow: the text with escapes, colour
//! codes and invisible characters undone, with a map back to where each byte came from.

use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use crate::bytes::{alnum, at, before, cut, digit, run};

/// Shortest run of base64 in bytes that is decoded.
const BASE64_BYTES_MIN: usize = 16;
/// Shortest run of hex in bytes that is decoded.
const HEX_BYTES_MIN: usize = 20;

/// A run of an encoding's alphabet.
pub(crate) struct Run {
    /// First byte of what was decoded.
    pub(crate) start: usize,
    /// One past the last byte of the run.
    pub(crate) end: usize,
    /// Texts that it may stand for.
    pub(crate) plain: Vec<String>,
}

pub(crate) fn alphabet(b: u8) -> bool {
    alnum(b) || matches!(b, b'+' | b'/' | b'-' | b'_')
}

/// End of the run of base64 alphabet at `i`.
pub(crate) fn run_end(bytes: &[u8], i: usize) -> usize {
    run(bytes, i, bytes.len(), alphabet)
}

/// Bytes at the beginning of a run that are decoded to see whether text is in it.
const PROBE_BYTES: usize = 16;
/// Bytes at the beginning of a run in which both cases of letters must occur.
const CASES_BYTES: u32 = 24;
/// What may stand before the encoded part of a run: `path/`, `name-`, `v1_`.
const HEADS_COUNT_MAX: usize = 4;
/// Shortest line in bytes that may be one of a private key's body.
const WIDE_BYTES_MIN: u32 = 60;

/// What the next 64 bytes are, a bit for each.
#[derive(Clone, Copy)]
pub(crate) struct Ahead {
    /// Base64's alphabet and that of its relative for addresses.
    pub(crate) alphabet: u64,
    /// `/`, `-`, `_` and `+`.
    pub(crate) joint: u64,
    /// `/` and `+`.
    pub(crate) plus: u64,
    /// Upper-case letters.
    pub(crate) upper: u64,
    /// Lower-case letters.
    pub(crate) lower: u64,
    /// Digits.
    pub(crate) digit: u64,
}

impl Ahead {
    /// Whether the run is as long as a line of a private key's body.
    pub(crate) fn is_wide(self) -> bool {
        (!self.alphabet).trailing_zeros() >= WIDE_BYTES_MIN
    }

    /// From the bytes themselves.
    pub(crate) fn of(bytes: &[u8], i: usize) -> Self {
        let tail = bytes.get(i..).unwrap_or(&[]);
        let mask = |accept: fn(u8) -> bool| {
            let bits = tail.iter().take(64).enumerate();
            bits.fold(0, |mask, (n, b)| mask | u64::from(accept(*b)) << n)
        };
        Self {
            alphabet: mask(alphabet),
            joint: mask(|b| alphabet(b) && !alnum(b)),
            plus: mask(|b| matches!(b, b'/' | b'+')),
            upper: mask(|b| b.is_ascii_uppercase()),
            lower: mask(|b| b.is_ascii_lowercase()),
            digit: mask(|b| b.is_ascii_digit()),
        }
    }
}

/// First letter or digit of the run of base64's alphabet at `i`, where text may be encoded in
/// the run.
pub(crate) fn may_hold(bytes: &[u8], i: usize, ahead: Ahead) -> Option<usize> {
    let length = (!ahead.alphabet).trailing_zeros();
    let run = u64::MAX.checked_shr(64 - length).unwrap_or(0);
    let first = (!(ahead.joint & run)).trailing_zeros();
    let mut joints = ahead.joint & run & u64::MAX.checked_shl(first).unwrap_or(0);
    let mut start = first;
    for _ in 0..=HEADS_COUNT_MAX {
        if start + PROBE_BYTES as u32 > length {
            return None;
        }
        if promises(bytes, i, start, ahead) {
            return Some(i + first as usize);
        }
        if joints == 0 {
            return None;
        }
        start = joints.trailing_zeros() + 1;
        joints &= joints - 1;
    }
    None
}

/// Whether what begins `start` bytes into a run decodes to what texts begin with.
fn promises(bytes: &[u8], i: usize, start: u32, ahead: Ahead) -> bool {
    let from = i + start as usize;
    let Some(probe) = bytes
        .get(from..)
        .and_then(|rest| rest.first_chunk::<PROBE_BYTES>())
    else {
        return false;
    };
    let within = |mask: u64, count: u32| mask >> start & ((1 << count) - 1) != 0;
    // Text in hex has a digit in each pair, most of them the first; of other scripts, too.
    let digits = (ahead.digit >> start & 0xffff).count_ones();
    if digits >= 4 && probe.iter().all(u8::is_ascii_hexdigit) && like_text(&probe_hex(*probe)) {
        return true;
    }
    within(ahead.upper, CASES_BYTES)
        && within(ahead.lower, CASES_BYTES)
        && like_text(&probe_base64(*probe))
}

/// Eight bytes from sixteen hex digits.
fn probe_hex(probe: [u8; PROBE_BYTES]) -> [u8; 8] {
    let value = |b: u8| if digit(b) { b & 15 } else { (b & 15) + 9 };
    let (pairs, _) = probe.as_chunks::<2>();
    let mut out = [0; 8];
    for (slot, [high, low]) in out.iter_mut().zip(pairs) {
        *slot = value(*high) << 4 | value(*low);
    }
    out
}

/// Twelve bytes from sixteen characters of base64 of either alphabet.
fn probe_base64(probe: [u8; PROBE_BYTES]) -> [u8; 12] {
    let value = |b: &u8| SIXES.get(usize::from(*b)).map_or(0, |v| u32::from(*v));
    let (fours, _) = probe.as_chunks::<4>();
    let mut out = [0; 12];
    for (slots, four) in out.chunks_exact_mut(3).zip(fours) {
        let joined = four.iter().fold(0, |joined, b| joined << 6 | value(b));
        let [_, bytes @ ..] = joined.to_be_bytes();
        slots.copy_from_slice(&bytes);
    }
    out
}

/// Six bits of each character of base64.
static SIXES: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let letters = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9');
    let all = letters
        .zip(0..)
        .chain([(b'+', 62), (b'/', 63), (b'-', 62), (b'_', 63)]);
    let mut out = [0; 256];
    for (b, value) in all {
        if let Some(slot) = out.get_mut(usize::from(b)) {
            *slot = value;
        }
    }
    out
});

/// Whether bytes may begin a text: printable, UTF-16, or of another script.
fn like_text(bytes: &[u8]) -> bool {
    let (mut odds, mut high) = (0, 0);
    for b in bytes {
        odds += usize::from(*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b) || *b == 0x7f);
        high += usize::from(*b >= 0x80);
    }
    if high == 0 && odds * 6 <= bytes.len() {
        return true;
    }
    if odds * 6 <= bytes.len() {
        // Cut off in the middle of a character, it is still text.
        let cut = |error: std::str::Utf8Error| error.error_len().is_none();
        return std::str::from_utf8(bytes).map_or_else(cut, |_| true);
    }
    let wide = |parity: usize| {
        let half = |n: usize| bytes.iter().skip(n).step_by(2);
        let zero = half(parity).filter(|b| **b == 0).count();
        let said = half(1 - parity).filter(|b| **b >= 0x20).count();
        zero * 8 >= bytes.len() * 3 && said * 8 >= bytes.len() * 3
    };
    odds * 3 >= bytes.len() && (wide(0) || wide(1))
}

/// Whether a disguise stands at `i`.
pub(crate) fn disguises(text: &str, i: usize) -> bool {
    step(text, i).is_some()
}

/// Lines of `text` around the disguise at `i`: its own, and those that a soft line break of
/// quoted-printable text joins to it.
pub(crate) fn disguised_lines(text: &str, i: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', bytes.get(..i).unwrap_or(&[])).map_or(0, |n| n + 1);
    let mut end = i;
    loop {
        let rest = bytes.get(end..).unwrap_or(&[]);
        let Some(n) = memchr::memchr(b'\n', rest) else {
            return (start, bytes.len());
        };
        end += n + 1;
        if before(bytes, end - 1) != b'=' {
            return (start, end);
        }
    }
}

/// Decodes the run from `i` to `end`, found by [`run_end`]; `budget` bounds the bytes decoded.
pub(crate) fn decode(text: &str, i: usize, end: usize, budget: &mut usize) -> Option<Run> {
    let bytes = text.as_bytes();
    if end - i < BASE64_BYTES_MIN || end - i > *budget {
        return None;
    }
    may_hold(bytes, i, Ahead::of(bytes, i))?;
    *budget -= end - i;
    let close = run(bytes, end, 3, |b| b == b'=');
    let body = cut(text, i, end);
    let mut plain = Vec::new();
    if body.len() >= HEX_BYTES_MIN && body.bytes().all(|b| b.is_ascii_hexdigit()) {
        plain.extend(
            HEXLOWER_PERMISSIVE
                .decode(body.as_bytes())
                .ok()
                .and_then(as_text),
        );
    }
    plain.extend(from_base64(body));
    let mut start = i;
    if plain.is_empty() {
        // `path/<run>`, `name-<run>`, `v1_<run>`: what stands before is no part of it.
        for (n, _) in body.match_indices(['/', '-', '_']).take(4) {
            if let Some(found) = from_base64(cut(body, n + 1, body.len())) {
                plain.push(found);
                start = i + n + 1;
                break;
            }
        }
    }
    (!plain.is_empty()).then_some(Run {
        start,
        end: close,
        plain,
    })
}

fn from_base64(body: &str) -> Option<String> {
    let whole = if body.len() % 4 == 1 {
        body.len() - 1
    } else {
        body.len()
    };
    // A run that was cut off in the middle of a group still says most of itself.
    [whole, whole & !3].into_iter().find_map(|n| {
        let head = cut(body, 0, n).as_bytes();
        if n < BASE64_BYTES_MIN {
            return None;
        }
        let bytes = BASE64_NOPAD
            .decode(head)
            .or_else(|_| BASE64URL_NOPAD.decode(head))
            .ok()?;
        as_text(bytes)
    })
}

/// Text of decoded bytes: UTF-8 or UTF-16, where nearly all of it is printable.
pub(crate) fn as_text(bytes: Vec<u8>) -> Option<String> {
    if let Some(text) = utf16(&bytes) {
        return Some(text);
    }
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
    if bytes.len() < 8 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |parity: usize| {
        bytes
            .iter()
            .skip(parity)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let half = bytes.len() / 2;
    let little = zeros(1) * 4 >= half * 3;
    let big = zeros(0) * 4 >= half * 3;
    if little == big {
        return None;
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|c| {
            let pair = [at(c, 0), at(c, 1)];
            if little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            }
        })
        .collect();
    Some(String::from_utf16_lossy(&units))
}

/// A text with what disguises it undone.
pub(crate) struct Shadow {
    /// The plain text.
    pub(crate) text: String,
    /// Where each byte of it began in the disguised text, and one more for the end.
    from: Vec<u32>,
}

impl Shadow {
    /// Range in the disguised text of a range in the plain one.
    pub(crate) fn back(&self, start: usize, end: usize) -> (usize, usize) {
        let place = |i: usize| self.from.get(i).copied().unwrap_or(0) as usize;
        (place(start), place(end))
    }
}

/// Undoes percent triplets, `\uXXXX`, `\xXX`, HTML entities, colour codes, invisible characters
/// and look-alike letters. `None` where the text has none of them.
pub(crate) fn shadow(text: &str) -> Option<Shadow> {
    let bytes = text.as_bytes();
    let first = (0..bytes.len()).find(|i| step(text, *i).is_some())?;
    let mut out = Shadow {
        text: String::with_capacity(text.len()),
        from: Vec::new(),
    };
    out.from.reserve(text.len() + 1);
    out.text.push_str(cut(text, 0, first));
    out.from.extend((0..first).map(|n| n as u32));
    let mut i = first;
    while i < bytes.len() {
        if let Some((plain, next)) = step(text, i) {
            for c in plain.chars() {
                out.text.push(c);
                out.from.extend(std::iter::repeat_n(i as u32, c.len_utf8()));
            }
            i = next;
            continue;
        }
        let next = crate::bytes::ceil(text, i + 1);
        out.text.push_str(cut(text, i, next));
        out.from.extend((i..next).map(|n| n as u32));
        i = next;
    }
    out.from.push(bytes.len() as u32);
    Some(out)
}

/// The disguise at `i`, what it stands for, and where it ends.
fn step(text: &str, i: usize) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    match at(bytes, i) {
        b'%' => percent(bytes, i),
        b'\\' => escape(text, i),
        b'&' => entity(text, i),
        0x1b => Some((String::new(), ansi(bytes, i + 1))),
        0 => Some((String::new(), i + 1)),
        b'=' => quoted_printable(bytes, i),
        b if b >= 0x80 => invisible(text, i),
        _ => None,
    }
}

fn percent(bytes: &[u8], i: usize) -> Option<(String, usize)> {
    let mut raw = Vec::new();
    let mut j = i;
    while at(bytes, j) == b'%' && raw.len() < 4 {
        let digits = bytes.get(j + 1..j + 3)?;
        let Ok(byte) = HEXLOWER_PERMISSIVE.decode(digits) else {
            break;
        };
        raw.extend(byte);
        j += 3;
        if let Ok(text) = std::str::from_utf8(&raw) {
            return (!text.contains('\u{0}')).then(|| (text.to_owned(), j));
        }
    }
    None
}

/// `\uXXXX` (with surrogates), `\u{X}`, `\xXX`, with any number of backslashes.
fn escape(text: &str, i: usize) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let j = run(bytes, i, 16, |b| b == b'\\');
    match at(bytes, j) {
        b'x' => {
            let byte = HEXLOWER_PERMISSIVE.decode(bytes.get(j + 1..j + 3)?).ok()?;
            let b = byte.first().copied()?;
            b.is_ascii().then(|| (char::from(b).to_string(), j + 3))
        }
        b'u' if at(bytes, j + 1) == b'{' => {
            let end = run(bytes, j + 2, 6, |b| b.is_ascii_hexdigit());
            let code = u32::from_str_radix(cut(text, j + 2, end), 16).ok()?;
            (at(bytes, end) == b'}').then_some((char::from_u32(code)?.to_string(), end + 1))
        }
        b'u' => {
            let code = u32::from_str_radix(cut(text, j + 1, j + 5), 16).ok()?;
            if (0xd800..0xdc00).contains(&code) {
                let low = run(bytes, j + 5, 16, |b| b == b'\\');
                let second = u32::from_str_radix(cut(text, low + 1, low + 5), 16).ok()?;
                let joined = 0x10000 + ((code - 0xd800) << 10) + second.checked_sub(0xdc00)?;
                return Some((char::from_u32(joined)?.to_string(), low + 5));
            }
            Some((char::from_u32(code)?.to_string(), j + 5))
        }
        _ => None,
    }
}

fn entity(text: &str, i: usize) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let named = [
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&apos;", "'"),
        ("&commat;", "@"),
        ("&period;", "."),
        ("&lowbar;", "_"),
    ];
    if let Some((name, plain)) = named
        .iter()
        .find(|(n, _)| crate::bytes::starts(bytes, i, n.as_bytes()))
    {
        return Some(((*plain).to_owned(), i + name.len()));
    }
    if at(bytes, i + 1) != b'#' {
        return None;
    }
    let hex = matches!(at(bytes, i + 2), b'x' | b'X');
    let from = i + 2 + usize::from(hex);
    let end = run(bytes, from, 7, |b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(cut(text, from, end), if hex { 16 } else { 10 }).ok()?;
    let close = end + usize::from(at(bytes, end) == b';');
    Some((char::from_u32(code)?.to_string(), close))
}

/// A soft line break of quoted-printable text, between two characters of a word.
fn quoted_printable(bytes: &[u8], i: usize) -> Option<(String, usize)> {
    let joined = at(bytes, i + 1) == b'\n' && alnum(before(bytes, i)) && alnum(at(bytes, i + 2));
    joined.then(|| (String::new(), i + 2))
}

/// End of the colour code whose introducer is before `i`.
fn ansi(bytes: &[u8], i: usize) -> usize {
    if at(bytes, i) != b'[' {
        return (i + 1).min(bytes.len());
    }
    let end = run(bytes, i + 1, 32, |b| {
        b.is_ascii_digit() || matches!(b, b';' | b'?' | b':')
    });
    (end + 1).min(bytes.len())
}

/// Letters of other scripts that look like Latin ones, in pairs.
const LOOK_ALIKES: &str = "аaеeоoрpсcуyхxіiјjѕsԁdһhкkмmтtвbАAВBЕEКKМMНHОOРPСCТTХXІIЅSЈJ\
                           αaοoρpνvΑAΒBΕEΗHΙIΚKΜMΝNΟOΡPΤTΧXΥYΖZɡgɑaոnօoսuցgһhⅼl";

fn invisible(text: &str, i: usize) -> Option<(String, usize)> {
    let c = text.get(i..)?.chars().next()?;
    let next = i + c.len_utf8();
    let hidden = matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{180e}' | '\u{fe00}'..='\u{fe0f}' | '\u{34f}');
    if hidden {
        return Some((String::new(), next));
    }
    if matches!(c, '\u{ff01}'..='\u{ff5e}') {
        let plain = char::from_u32(c as u32 - 0xfee0)?;
        return Some((plain.to_string(), next));
    }
    let mut letters = LOOK_ALIKES.chars();
    while let (Some(alike), Some(plain)) = (letters.next(), letters.next()) {
        if alike == c {
            return Some((plain.to_string(), next));
        }
    }
    None
}
