//! One pass over a message that writes slots in place of its variable parts.
//!
//! Bytes are told apart by their classes. A token of letters alone, as most are, is copied
//! as it stands; only one that has a digit or one of a few marks is looked at by the recognisers.
//!
//! *Complexity:* linear; a token is looked at in pieces of at most [`TOKEN_BYTES_MAX`].

use crate::class::{AT, BREAK, DIGIT, DOT, NARROW, SLASH, SPACE, UNDERSCORE, class};
use crate::limits::TEMPLATE_BYTES_MAX;
use crate::slot;

/// Longest token that is looked at in one piece, in bytes.
const TOKEN_BYTES_MAX: usize = 1_024;
/// Longest quoted text, in bytes.
const QUOTED_BYTES_MAX: usize = 512;

/// Writes the text with its variable parts masked, in place of what `out` holds.
pub(crate) fn pass(text: &str, out: &mut Vec<u8>) {
    out.clear();
    let bytes = trimmed(text).as_bytes();
    let mut at = 0;
    while let Some(b) = bytes.get(at) {
        if out.len() > TEMPLATE_BYTES_MAX {
            break;
        }
        let of_first = class(*b);
        if of_first & SPACE != 0 {
            let rest = bytes.get(at..).unwrap_or_default();
            at += rest.iter().take_while(|b| class(**b) & SPACE != 0).count();
            out.push(b' ');
        } else if of_first & BREAK != 0 {
            at += mark(bytes, at, out);
        } else {
            let rest = bytes.get(at..).unwrap_or_default();
            let (length, classes) = token(rest);
            let wide = rest.get(..length).unwrap_or(rest);
            if wide == b"localhost" {
                push(out, "host");
                at += length;
                continue;
            }
            let plain = classes & (DIGIT | SLASH | AT | DOT) == 0 && length < 21 && length != 3;
            if plain {
                out.extend_from_slice(wide);
                at += length;
            } else {
                at += special(rest, wide, classes, out);
            }
        }
    }
    cut(out);
}

/// The text without white space around it.
fn trimmed(text: &str) -> &str {
    let graphic = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if graphic(bytes.first()) && graphic(bytes.last()) {
        return text;
    }
    text.trim()
}

/// Length of the token at the beginning of a text, and what classes its bytes are of.
#[inline]
fn token(rest: &[u8]) -> (usize, u8) {
    let mut classes = 0;
    let mut length = 0;
    for b in rest.iter().take(TOKEN_BYTES_MAX) {
        let of_byte = class(*b);
        if of_byte & (SPACE | BREAK) != 0 {
            break;
        }
        classes |= of_byte;
        length += 1;
    }
    // A quote that is escaped ends a token as a quote does.
    if length > 1 && rest.get(length - 1..=length) == Some(b"\\\"") {
        length -= 1;
    }
    // Not within a character.
    while rest.get(length).is_some_and(|b| b & 0xc0 == 0x80) {
        length -= 1;
    }
    (length.max(1), classes)
}

/// A byte that ends tokens: a slot, a removal mark, a quoted text, or itself. Returns its length.
fn mark(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let first = rest.first().copied().unwrap_or(b' ');
    match first {
        b'<' => {
            if let Some(name) = slot::existing(rest) {
                push(out, name);
                return name.len() + 2;
            }
        }
        b'[' if rest.starts_with(b"[removed") => {
            if let Some(end) = rest.iter().take(64).position(|b| *b == b']') {
                push(out, "removed");
                return end + 1;
            }
        }
        b'"' | b'\'' | b'`' => {
            let before = out.last().copied();
            let opens = before.is_none_or(|b| b" ([{=:,;".contains(&b));
            // The value of a key, as in JSON and logfmt, is text in its own right.
            let value = first == b'"' && before.is_some_and(|b| b == b'=' || b == b':');
            // What a line begins with is what it says, in quotes too.
            let says = at == 0 && first == b'"';
            if let Some(length) = (opens && !value && !says)
                .then(|| quoted(rest, out))
                .flatten()
            {
                return length;
            }
        }
        _ => {}
    }
    out.push(first);
    1
}

/// `'…'` and `"…"`: a word stays, anything else is a string. Returns its length, or nothing where
/// the mark is no quote.
fn quoted(rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let (quote, inner) = rest.split_first()?;
    let end = inner
        .iter()
        .take(QUOTED_BYTES_MAX)
        .position(|b| b == quote || *b == b'\n')?;
    let behind = inner.get(end + 1).copied().unwrap_or(b' ');
    if inner.get(end) != Some(quote) || behind.is_ascii_alphanumeric() || behind >= 0x80 {
        return None;
    }
    let inner = inner.get(..end)?;
    // A request is read as the text that it is.
    if REQUESTS.into_iter().any(|method| inner.starts_with(method)) {
        return None;
    }
    let word = |b: &u8| b.is_ascii_alphabetic() || b"_.-".contains(b) || *b >= 0x80;
    if inner.iter().all(word) || slot::existing(inner).is_some_and(|n| n.len() + 2 == inner.len()) {
        out.extend_from_slice(rest.get(..end + 2)?);
        return Some(end + 2);
    }
    let classes = inner.iter().fold(0, |classes, b| classes | class(*b));
    let single = classes & (SPACE | BREAK) == 0;
    match single.then(|| slot::whole(inner, classes)).flatten() {
        Some(kind) => {
            out.push(*quote);
            push(out, kind);
            out.push(*quote);
        }
        None => push(out, "str"),
    }
    Some(end + 2)
}

/// What requests begin with.
const REQUESTS: [&[u8]; 7] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"HEAD ",
    b"PATCH ",
    b"OPTIONS ",
];

/// A token with digits or marks. Returns how much of the rest was read.
fn special(rest: &[u8], wide: &[u8], classes: u8, out: &mut Vec<u8>) -> usize {
    let inside = out.last().is_some_and(u8::is_ascii_alphanumeric);
    let first = wide.first().copied().unwrap_or(0);
    if !inside
        && (first.is_ascii_digit() || first.is_ascii_uppercase() && (3..=4).contains(&wide.len()))
        && let Some(length) = slot::time(rest)
    {
        push(out, "time");
        return length;
    }
    if classes & (DIGIT | SLASH | AT | DOT | UNDERSCORE) == 0 {
        out.extend_from_slice(wide);
        return wide.len();
    }
    if first.is_ascii_digit() && classes & (SLASH | AT | UNDERSCORE | NARROW) == 0 && !inside {
        return figure(rest, wide, out);
    }
    if classes & SLASH != 0 && slot::url(wide) {
        // A query goes with its address.
        let ends = |b: &u8| class(*b) & SPACE != 0 || b",\"'`<>()[]{}|".contains(b);
        push(out, "url");
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        let escaped = rest.get(end.saturating_sub(1)..=end) == Some(b"\\\"");
        let colon = end > 1 && rest.get(end - 1) == Some(&b':');
        return end - usize::from(escaped || colon);
    }
    let trimmed = wide
        .iter()
        .rposition(|b| !b".:!?".contains(b))
        .map_or(0, |last| last + 1);
    let core = wide.get(..trimmed).unwrap_or(wide);
    if core.is_empty() {
        out.extend_from_slice(wide);
        return wide.len();
    }
    let whole = (!inside).then(|| slot::whole(core, classes)).flatten();
    if let Some(kind) = whole {
        push(out, kind);
        return trimmed;
    }
    // A machine with its port.
    let colon = core
        .iter()
        .position(|b| *b == b':')
        .filter(|_| !inside && classes & DOT != 0);
    if let Some(colon) = colon
        && core.get(..colon).is_some_and(slot::host)
    {
        push(out, "host");
        return colon;
    }
    if classes & DIGIT == 0 {
        out.extend_from_slice(core);
        return trimmed;
    }
    each_part(core, out);
    trimmed + unit_behind(rest, core, out)
}

/// A token of digits, points and letters that begins with a digit.
fn figure(rest: &[u8], wide: &[u8], out: &mut Vec<u8>) -> usize {
    let digits = wide.iter().take_while(|b| b.is_ascii_digit()).count();
    let trimmed = if digits == wide.len() {
        push(out, "num");
        digits
    } else {
        let last = wide
            .iter()
            .rposition(|b| *b != b'.')
            .map_or(0, |last| last + 1);
        let core = wide.get(..last).unwrap_or(wide);
        match slot::part(core).or_else(|| slot::host(core).then_some("host")) {
            Some(kind) => push(out, kind),
            None => digits_masked(core, out),
        }
        last
    };
    trimmed + unit_behind(rest, wide.get(..trimmed).unwrap_or(wide), out)
}

/// Length of a unit of size behind a number, of which a size is made.
fn unit_behind(rest: &[u8], core: &[u8], out: &mut Vec<u8>) -> usize {
    // `18.4 KB` is a size as `18.4KB` is.
    let behind = rest.get(core.len()..).unwrap_or_default();
    let lettered =
        behind.first() == Some(&b' ') && behind.get(1).is_some_and(|b| b"KMGTkmgt".contains(b));
    if lettered && out.ends_with(b"<num>") && slot::number(core) {
        let unit = behind.strip_prefix(b" ").map(|behind| {
            let end = behind.iter().position(|b| !b.is_ascii_alphabetic());
            behind
                .get(..end.unwrap_or(behind.len()))
                .unwrap_or_default()
        });
        if let Some(unit) = unit.filter(|unit| slot::size_unit(unit)) {
            out.truncate(out.len() - 5);
            push(out, "size");
            return 1 + unit.len();
        }
    }
    0
}

/// The parts of a token: letters stay, digits go.
fn each_part(core: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(b) = core.get(at) {
        let rest = core.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|b| class(**b) & NARROW == 0).count();
        if length == 0 {
            // A sign belongs to its number, unless it joins two.
            let joins = out
                .last()
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'>' || *b == b'.');
            let signed = matches!(b, b'-' | b'+') && !joins;
            let next = rest.get(1..).unwrap_or_default();
            let next = next
                .iter()
                .position(|b| class(*b) & NARROW != 0)
                .and_then(|end| next.get(..end))
                .unwrap_or(next);
            if !(signed
                && next.first().is_some_and(u8::is_ascii_digit)
                && matches!(slot::part(next), Some("num" | "size" | "duration")))
            {
                out.push(*b);
            }
            at += 1;
            continue;
        }
        let part = rest.get(..length).unwrap_or(rest);
        if !part.iter().any(u8::is_ascii_digit) {
            match slot::pseudonym(part) {
                Some(kind) => push(out, kind),
                None => out.extend_from_slice(part),
            }
        } else if let Some(kind) = slot::part(part) {
            push(out, kind);
        } else {
            digits_masked(part, out);
        }
        at += length;
    }
}

/// Runs of digits as `<num>`.
fn digits_masked(part: &[u8], out: &mut Vec<u8>) {
    let mut digits = false;
    for b in part {
        let digit = b.is_ascii_digit();
        if !digit {
            out.push(*b);
        } else if !digits {
            out.extend_from_slice(b"<num>");
        }
        digits = digit;
    }
}

/// Appends a slot; a list of the same slot is one slot.
fn push(out: &mut Vec<u8>, name: &str) {
    let slot = |out: &[u8]| {
        let bare = out
            .strip_suffix(b">")
            .and_then(|out| out.strip_suffix(name.as_bytes()));
        bare.is_some_and(|out| out.ends_with(b"<"))
    };
    let separator = match out.as_slice() {
        [.., b',', b' '] => 2,
        [.., b','] => 1,
        [.., b' '] if name == "time" => 1,
        _ => 0,
    };
    let before = out.get(..out.len() - separator).unwrap_or_default();
    if separator > 0 && slot(before) {
        out.truncate(out.len() - separator);
        return;
    }
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

/// At most the limit, cut where a word ends, without white space behind.
fn cut(out: &mut Vec<u8>) {
    if out.len() > TEMPLATE_BYTES_MAX {
        let kept = out.get(..TEMPLATE_BYTES_MAX - 4).unwrap_or_default();
        let mut end = kept.iter().rposition(|b| *b == b' ').unwrap_or(kept.len());
        while out.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
            end -= 1;
        }
        out.truncate(end);
        out.extend_from_slice(b" <*>");
    }
    while out.last() == Some(&b' ') {
        out.pop();
    }
}
