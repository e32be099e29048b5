//! The shadow: a text with escapes, colour codes and invisible characters undone, with a map back
//! to where each byte came from.

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::bytes::{alnum, at, before, cut, run};

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
