//! The shadow: a text with escapes, colour codes and invisible characters undone, with a map back
//! to where each byte came from.
//!
//! Undone are percent triplets (RFC 3986 §2.1), `\uXXXX`, `\u{X}` and `\xXX`, character references
//! of HTML, quoted-printable (RFC 2045 §6.7), control sequences of terminals (ECMA-48), NUL,
//! characters that show nothing, letters that look like Latin ones, and digits of other scripts.

use std::borrow::Cow;

use cordon_event::unseen::{control_end, is_unseen};
use data_encoding::HEXLOWER_PERMISSIVE;

use crate::bytes::{alnum, at, before, cut, looked, run, run_back, starts};

/// Whether a disguise stands at `i`.
pub(crate) fn disguises(text: &str, i: usize) -> bool {
    if at(text.as_bytes(), i) == b'=' && !says_quoted(text.as_bytes(), i) {
        return soft_break(text.as_bytes(), i, false).is_some();
    }
    step(text, i, true).is_some()
}

/// Whether the `=` at `i` begins a pair that tells quoted-printable text: that of a sign, with a
/// letter in it, or of a character that is not ASCII. A number behind a `=` is none.
pub(crate) fn says_quoted(bytes: &[u8], i: usize) -> bool {
    match (at(bytes, i + 1), at(bytes, i + 2)) {
        (b'2' | b'3', b'A'..=b'F') | (b'5' | b'7', b'B'..=b'F') => true,
        (b'C'..=b'E', b'0'..=b'9' | b'A'..=b'F') => {
            at(bytes, i + 3) == b'=' && quoted_byte(bytes, i + 3).is_some_and(|b| b >= 0x80)
        }
        _ => false,
    }
}

/// Whether lines are quoted-printable: they quote `=` itself, a character that is not ASCII, or
/// several signs. One of those alone may be the beginning of a number in hex.
fn is_quoted(bytes: &[u8]) -> bool {
    let mut pairs = memchr::memchr_iter(b'=', bytes).filter(|i| says_quoted(bytes, *i));
    let Some(first) = pairs.next() else {
        return false;
    };
    let telling =
        |i: usize| starts(bytes, i, b"=3D") || at(bytes, i + 1) >= b'C' || within_word(bytes, i);
    telling(first) || pairs.next().is_some()
}

/// Signs that join the parts of a token, as quoted-printable text writes them.
const JOINTS: [&[u8]; 4] = [b"=2D", b"=2E", b"=3A", b"=5F"];

/// Whether a joint stands between letters or digits, as within a token: `ghp=5Fabc`.
fn within_word(bytes: &[u8], i: usize) -> bool {
    let joint = JOINTS.iter().any(|joint| starts(bytes, i, joint));
    joint && alnum(before(bytes, i)) && alnum(at(bytes, i + 3))
}

/// End of the pairs of quoted-printable text whose first byte's `=` is at `i`; `i` where none is.
pub(crate) fn quoted_end(bytes: &[u8], i: usize) -> usize {
    if quoted_byte(bytes, i).is_some() {
        i + 3
    } else {
        i
    }
}

/// The byte that `=XX` at `i` stands for.
fn quoted_byte(bytes: &[u8], i: usize) -> Option<u8> {
    let nibble = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'A'..=b'F' => Some(b - b'A' + 10),
        _ => None,
    };
    let pair = (nibble(at(bytes, i + 1))?, nibble(at(bytes, i + 2))?);
    (at(bytes, i) == b'=').then_some(pair.0 << 4 | pair.1)
}

/// Lines of `text` around the disguise at `i`, none before `from`: its own, and those that soft
/// line breaks of quoted-printable text join to it.
pub(crate) fn disguised_lines(text: &str, i: usize, from: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut start = line_start(bytes, i, from);
    while start > from && is_soft(bytes, start - 1) {
        start = line_start(bytes, start - 1, from);
    }
    let mut end = i;
    loop {
        let rest = bytes.get(end..).unwrap_or(&[]);
        let Some(n) = memchr::memchr(b'\n', rest) else {
            return (start, bytes.len());
        };
        end += n + 1;
        if !is_soft(bytes, end - 1) {
            return (start, end);
        }
    }
}

/// Beginning of the line that holds byte `i`, not before `from`.
fn line_start(bytes: &[u8], i: usize, from: usize) -> usize {
    let head = bytes.get(from..i).unwrap_or(&[]);
    memchr::memrchr(b'\n', head).map_or(from, |n| from + n + 1)
}

/// Whether the line break at `i` is a soft one, between two characters of a word.
fn is_soft(bytes: &[u8], i: usize) -> bool {
    let end = if before(bytes, i) == b'\r' { i - 1 } else { i };
    end > 0 && soft_break(bytes, end - 1, true).is_some()
}

/// A text with what disguises it undone.
pub(crate) struct Shadow {
    /// The plain text.
    pub(crate) text: String,
    /// Where what each byte of it came from begins and ends in the disguised text.
    places: Vec<(u32, u32)>,
    /// Whether it was quoted-printable.
    pub(crate) quoted: bool,
}

impl Shadow {
    /// Range in the disguised text of a range in the plain one. What shows nothing before and
    /// behind it is left out: the colour code that ends a word in colour stays.
    pub(crate) fn back(&self, start: usize, end: usize) -> (usize, usize) {
        let place = |i: usize| self.places.get(i).copied().unwrap_or_default();
        let from = place(start).0 as usize;
        let to = place(end.saturating_sub(1)).1 as usize;
        (from, to.max(from))
    }
}

/// A text with what disguises it undone: percent triplets, escapes, character references, colour
/// codes, characters that show nothing, look-alikes. Linear in the text.
pub fn undisguised(text: &str) -> Cow<'_, str> {
    shadow(text).map_or(Cow::Borrowed(text), |shadow| Cow::Owned(shadow.text))
}

/// Undoes what disguises a text. `None` where nothing does.
pub(crate) fn shadow(text: &str) -> Option<Shadow> {
    let bytes = text.as_bytes();
    looked(bytes.len());
    let quoted = is_quoted(bytes);
    let first = (0..bytes.len()).find(|i| step(text, *i, quoted).is_some())?;
    let mut out = Shadow {
        text: String::with_capacity(text.len()),
        places: Vec::with_capacity(text.len()),
        quoted,
    };
    let itself = |n: usize| (n as u32, n as u32 + 1);
    out.text.push_str(cut(text, 0, first));
    out.places.extend((0..first).map(itself));
    let mut i = first;
    while i < bytes.len() {
        if let Some((plain, next)) = step(text, i, quoted) {
            for c in plain.chars() {
                out.text.push(c);
                let place = (i as u32, next as u32);
                out.places.extend(std::iter::repeat_n(place, c.len_utf8()));
            }
            i = next;
            continue;
        }
        let next = crate::bytes::ceil(text, i + 1);
        out.text.push_str(cut(text, i, next));
        out.places.extend((i..next).map(itself));
        i = next;
    }
    Some(out)
}

/// The disguise at `i`, what it stands for, and where it ends. `quoted` says whether the text is
/// quoted-printable.
fn step(text: &str, i: usize, quoted: bool) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    match at(bytes, i) {
        b'%' => percent(bytes, i),
        b'\\' => escape(text, i),
        b'&' => entity(text, i),
        0x1b => Some((String::new(), control_end(bytes, i))),
        0 => Some((String::new(), i + 1)),
        b'=' => soft_break(bytes, i, quoted).or_else(|| quoted.then(|| pairs(bytes, i)).flatten()),
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
    if let Some((name, plain)) = named.iter().find(|(n, _)| starts(bytes, i, n.as_bytes())) {
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

/// A soft line break of quoted-printable text, between two characters of a word; before CRLF only
/// where the text says by itself that it is quoted.
fn soft_break(bytes: &[u8], i: usize, quoted: bool) -> Option<(String, usize)> {
    let end = i + 1 + usize::from(quoted && at(bytes, i + 1) == b'\r');
    let joined = at(bytes, i) == b'='
        && at(bytes, end) == b'\n'
        && alnum(before(bytes, i))
        && alnum(at(bytes, end + 1))
        && (quoted || !is_padding(bytes, i));
    joined.then(|| (String::new(), end + 1))
}

/// Longest run of base64 in bytes whose padding is known for such.
const PADDED_BYTES_MAX: usize = 512;

/// Whether the `=` at `i` fills up a run of base64, as a key's does at the end of its line.
fn is_padding(bytes: &[u8], i: usize) -> bool {
    let base64 = |b: u8| alnum(b) || matches!(b, b'+' | b'/');
    let start = run_back(bytes, i, PADDED_BYTES_MAX, base64);
    let length = i + 1 - start;
    length >= 16 && length.is_multiple_of(4)
}

/// The character that pairs of quoted-printable text stand for.
fn pairs(bytes: &[u8], i: usize) -> Option<(String, usize)> {
    let mut raw = Vec::new();
    while let Some(byte) = quoted_byte(bytes, i + raw.len() * 3).filter(|_| raw.len() < 4) {
        raw.push(byte);
        if let Ok(text) = std::str::from_utf8(&raw) {
            return (!text.contains('\0')).then(|| (text.to_owned(), i + raw.len() * 3));
        }
    }
    None
}

/// Most bytes of a colour code's parameters.
const PARAMETER_BYTES_MAX: usize = 32;

fn parameter(b: u8) -> bool {
    b.is_ascii_digit() || matches!(b, b';' | b'?' | b':')
}

/// First byte behind the colour code among whose bytes `i` is; `i` where it is among none.
pub(crate) fn past_colour(bytes: &[u8], i: usize) -> usize {
    let open = run_back(bytes, i, PARAMETER_BYTES_MAX, parameter);
    let coloured = before(bytes, open) == b'[' && open >= 2 && at(bytes, open - 2) == 0x1b;
    if coloured {
        control_end(bytes, open - 2).max(i)
    } else {
        i
    }
}

/// Letters of other scripts that look like Latin ones, in pairs.
const LOOK_ALIKES: &str = "аaеeоoрpсcуyхxіiјjѕsԁdһhкkмmтtвbАAВBЕEКKМMНHОOРPСCТTХXІIЅSЈJ\
                           αaοoρpνvΑAΒBΕEΗHΙIΚKΜMΝNΟOΡPΤTΧXΥYΖZɡgɑaոnօoսuցgһhⅼl";

/// First digits of scripts that are written in the same order as ours: Arabic, Persian,
/// Devanagari, Bengali, Thai, and the mathematical ones.
const DIGITS: &[u32] = &[0x660, 0x6f0, 0x966, 0x9e6, 0xe50];
/// Mathematical letters: thirteen alphabets of 52, and five sets of digits behind them.
const STYLED: (u32, u32, u32, u32) = (0x1d400, 0x1d6a4, 0x1d7ce, 0x1d800);

/// The plain digit or letter of a character that is one in another script or style.
fn folded(c: char) -> Option<char> {
    let code = u32::from(c);
    let digit = |first: u32| char::from_digit(code.checked_sub(first)? % 10, 10);
    let (letters, letters_end, digits, digits_end) = STYLED;
    if (letters..letters_end).contains(&code) {
        let n = ((code - letters) % 52) as u8;
        let (first, n) = if n < 26 { (b'A', n) } else { (b'a', n - 26) };
        return Some(char::from(first + n));
    }
    if (digits..digits_end).contains(&code) {
        return digit(digits);
    }
    let mut scripts = DIGITS.iter();
    scripts.find_map(|first| {
        (*first..first + 10)
            .contains(&code)
            .then(|| digit(*first))?
    })
}

/// What a blank or dash of typesetting is between two digits.
fn grouping(c: char) -> Option<&'static str> {
    match c {
        '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => Some(" "),
        '\u{2010}'..='\u{2013}' | '\u{2212}' => Some("-"),
        _ => None,
    }
}

fn invisible(text: &str, i: usize) -> Option<(String, usize)> {
    let c = text.get(i..)?.chars().next()?;
    // Letters of Latin script, and those of East Asia, are themselves.
    if matches!(c, '\u{ae}'..='\u{24f}' | '\u{3000}'..='\u{d7ff}') {
        return None;
    }
    let next = i + c.len_utf8();
    let bytes = text.as_bytes();
    if let Some(plain) = grouping(c) {
        let between = before(bytes, i).is_ascii_digit() && at(bytes, next).is_ascii_digit();
        return between.then(|| (plain.to_owned(), next));
    }
    if let Some(plain) = folded(c) {
        return Some((plain.to_string(), next));
    }
    if is_unseen(c) {
        return Some((String::new(), next));
    }
    if matches!(c, '\u{ff01}'..='\u{ff5e}') {
        let plain = char::from_u32(c as u32 - 0xfee0)?;
        return Some((plain.to_string(), next));
    }
    let mut letters = LOOK_ALIKES.chars();
    while let (Some(alike), Some(plain)) = (letters.next(), letters.next()) {
        if alike == c {
            // A word of one script is what it is: its letters are like ours by descent.
            return mixes(bytes, i).then(|| (plain.to_string(), next));
        }
    }
    None
}

/// How far around a letter the rest of its word is looked at, in bytes to each side.
const WORD_BYTES_MAX: usize = 24;

/// Whether the word around the character at `i` has a Latin letter beside letters of other scripts.
/// What shows nothing parts no word.
fn mixes(bytes: &[u8], i: usize) -> bool {
    let of_word = |b: u8| alnum(b) || b >= 0x80;
    let start = run_back(bytes, i, WORD_BYTES_MAX, of_word);
    // The letter of an escape such as `\n` is none of its word.
    let escaped = before(bytes, start) == b'\\' && matches!(at(bytes, start), b'n' | b'r' | b't');
    let start = start + usize::from(escaped);
    let end = run(bytes, i, WORD_BYTES_MAX, of_word);
    let word = bytes.get(start..end).unwrap_or(&[]);
    word.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_around_a_range_is_left_out_of_it() {
        let text = "a \x1b[1mtu\u{200b}li%70\x1b[0m \u{200b}b";
        let shadow = shadow(text).unwrap();
        assert_eq!(shadow.text, "a tulip b");
        let cut_back = |start, end| {
            let (from, to) = shadow.back(start, end);
            cut(text, from, to)
        };
        assert_eq!(cut_back(2, 7), "tu\u{200b}li%70");
        assert_eq!(cut_back(8, 9), "b");
        assert_eq!(cut_back(0, 9), text);
        assert_eq!(cut_back(2, 2), "");
    }

    #[test]
    fn letters_are_folded_in_words_of_several_scripts() {
        for (text, plain) in [
            ("раssword=x", "password=x"),
            ("p\u{200b}аss\u{200b}wоrd", "password"),
            ("аpi_kеy", "api_key"),
            ("gһр_0a1B", "ghp_0a1B"),
            ("Τoken: x", "Token: x"),
        ] {
            assert_eq!(shadow(text).map(|s| s.text), Some(plain.to_owned()));
        }
        for text in [
            "пароль: роса",
            "тах: 7",
            "ΤΑΧ=7 и МАС",
            "a\\nсор\\tсор",
            "σοφός_x",
            "USB-кабель",
        ] {
            assert!(shadow(text).is_none(), "{text}");
        }
    }
}
