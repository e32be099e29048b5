//! Recognisers of variable parts.

use crate::lines::head;

/// Longest token that is looked at in one piece, in bytes: keeps the whole linear.
const TOKEN_BYTES_MAX: usize = 1_024;

/// What a piece of text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Variable, of that kind.
    Slot(String),
    /// Kept as it stands.
    Word,
    /// Partly variable: this instead.
    Masked(String),
}

/// Kinds of pseudonyms that need no digit in their body to be recognised.
const KINDS: [&str; 14] = [
    "email", "card", "phone", "iban", "ip", "user", "person", "host", "path", "secret", "custom",
    "customer", "address", "name",
];

/// Shortest body of a pseudonym: 96 bits of base32.
const PSEUDONYM_BODY_MIN: usize = 20;
/// Longest quoted text, in bytes.
const QUOTED_BYTES_MAX: usize = 512;
/// Longest name of a slot, in bytes.
const SLOT_BYTES_MAX: usize = 24;

/// Reads the piece at the start of `rest`, which is neither empty nor begins with white space;
/// `before` is the last character of the template so far. Returns its length in bytes.
pub(crate) fn read(rest: &str, before: Option<char>) -> (usize, Piece) {
    let rest = head(rest, TOKEN_BYTES_MAX);
    let inside = before.is_some_and(char::is_alphanumeric);
    if let Some((length, name)) = existing(rest) {
        return (length, Piece::Slot(name));
    }
    if rest.starts_with("[removed")
        && let Some(end) = rest.bytes().take(64).position(|b| b == b']')
    {
        return (end + 1, Piece::Slot("removed".to_owned()));
    }
    if !inside {
        if let Some(length) = time(rest) {
            return (length, Piece::Slot("time".to_owned()));
        }
        let opens = before.is_none_or(|c| c == ' ' || "([{=:,;".contains(c));
        // The value of a key, as in JSON and logfmt, is text in its own right.
        if opens && rest.starts_with('"') && before.is_some_and(|c| c == '=' || c == ':') {
            return (1, Piece::Word);
        }
        if opens && let Some(found) = quoted(rest) {
            return found;
        }
    }
    let mut wide = rest.find(is_wide_break).unwrap_or(rest.len());
    if !inside && rest.get(..wide).is_some_and(url) {
        // A query goes with its address.
        let end = |c: char| c != '=' && c != ';' && is_wide_break(c);
        wide = rest.find(end).unwrap_or(rest.len());
    }
    if wide == 0 {
        return (rest.chars().next().map_or(1, char::len_utf8), Piece::Word);
    }
    let token = rest.get(..wide).unwrap_or(rest);
    let token = token.trim_end_matches(['.', ':', '!', '?']);
    if token.is_empty() {
        return (wide, Piece::Word);
    }
    if !inside && let Some(kind) = whole(token) {
        return (token.len(), Piece::Slot(kind));
    }
    let end = token.find(is_narrow_break).unwrap_or(token.len());
    if end == 0 {
        return if inside {
            (1, Piece::Word)
        } else {
            signed(token)
        };
    }
    narrow(token.get(..end).unwrap_or(token))
}

/// Characters that end any token.
fn is_wide_break(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '`' | '|' | '<'
        )
        || matches!(c, '>' | '=')
}

/// Characters that end a part of a token.
fn is_narrow_break(c: char) -> bool {
    matches!(
        c,
        ':' | '/' | '@' | '#' | '&' | '+' | '-' | '*' | '%' | '$' | '\\' | '!' | '?' | '~'
    ) || c == '^'
}

/// A slot that is already one.
fn existing(rest: &str) -> Option<(usize, String)> {
    let inner = rest.strip_prefix('<')?;
    let end = inner.bytes().take(SLOT_BYTES_MAX).position(|b| b == b'>')?;
    let name = inner.get(..end)?;
    let known = name == "*"
        || KINDS.contains(&name)
        || matches!(
            name,
            "num" | "uuid" | "hex" | "time" | "duration" | "size" | "url" | "id"
        )
        || matches!(name, "str" | "removed");
    known.then(|| (end + 2, name.to_owned()))
}

/// A sign before a number, or one character.
fn signed(token: &str) -> (usize, Piece) {
    let first = token.chars().next().map_or(1, char::len_utf8);
    if let Some(tail) = token.strip_prefix(['-', '+']) {
        let end = tail.find(is_narrow_break).unwrap_or(tail.len());
        let part = tail.get(..end).unwrap_or_default();
        if let (length, Piece::Slot(kind)) = narrow(part)
            && matches!(kind.as_str(), "num" | "size" | "duration")
        {
            return (length + 1, Piece::Slot(kind));
        }
    }
    (first, Piece::Word)
}

/// `'…'` and `"…"`: a word stays, anything else is a string.
fn quoted(rest: &str) -> Option<(usize, Piece)> {
    let quote = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let inner = rest.get(1..)?;
    let limit = inner.len().min(QUOTED_BYTES_MAX);
    let end = inner.bytes().take(limit).position(|b| b == quote as u8)?;
    let closes = inner
        .get(end + 1..)?
        .chars()
        .next()
        .is_none_or(|c| !c.is_alphanumeric());
    let inner = inner.get(..end)?;
    if !closes || inner.contains('\n') {
        return None;
    }
    let word = inner
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, '_' | '.' | '-'));
    if word || existing(inner).is_some_and(|(length, _)| length == inner.len()) {
        return Some((end + 2, Piece::Word));
    }
    if let Some(kind) = whole(inner).filter(|_| !inner.contains(is_wide_break)) {
        return Some((end + 2, Piece::Masked(format!("{quote}<{kind}>{quote}"))));
    }
    Some((end + 2, Piece::Slot("str".to_owned())))
}

/// Kinds that need the whole token.
fn whole(token: &str) -> Option<String> {
    let kind = if let Some(kind) = pseudonym(token) {
        return Some(kind.to_owned());
    } else if url(token) {
        "url"
    } else if email(token) {
        "email"
    } else if is_path(token) {
        "path"
    } else if uuid(token) {
        "uuid"
    } else if ipv6(token) {
        "ip"
    } else if duration(token) {
        "duration"
    } else {
        return None;
    };
    Some(kind.to_owned())
}

/// A pseudonym: its kind.
fn pseudonym(token: &str) -> Option<&str> {
    let (kind, body) = token.rsplit_once('_')?;
    let base32 = |b: u8| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b);
    let shaped = body.len() >= PSEUDONYM_BODY_MIN
        && body.bytes().all(base32)
        && !(body.bytes().any(|b| b.is_ascii_uppercase())
            && body.bytes().any(|b| b.is_ascii_lowercase()));
    let named = !kind.is_empty()
        && kind.len() <= SLOT_BYTES_MAX - 2
        && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let certain = KINDS.contains(&kind);
    let digits = body.bytes().any(|b| b.is_ascii_digit());
    (shaped && named && (certain || digits)).then_some(if certain { kind } else { "id" })
}

/// `scheme://…`.
fn url(token: &str) -> bool {
    token.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// `a@b.c`.
fn email(token: &str) -> bool {
    token.split_once('@').is_some_and(|(user, host)| {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
        !user.is_empty() && host.contains('.') && user.chars().all(fits) && host.chars().all(fits)
    })
}

/// An absolute path, a path in a home, or a relative one that ends in a file name.
fn is_path(token: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    if let Some(rest) = token.strip_prefix(['/', '~']) {
        return rest.trim_start_matches('/').starts_with(letter)
            || (token.starts_with("~/") && rest.len() > 1);
    }
    let mut chars = token.chars();
    if chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), Some('\\' | '/'))
    {
        return true;
    }
    let Some((directory, file)) = token.rsplit_once('/') else {
        return false;
    };
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    !directory.is_empty()
        && (1..=5).contains(&extension.len())
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && token.chars().all(|c| letter(c) || c == '/')
}

/// 8-4-4-4-12 hex.
fn uuid(token: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = token.split('-');
    lengths.into_iter().all(|length| {
        parts
            .next()
            .is_some_and(|p| p.len() == length && p.bytes().all(|b| b.is_ascii_hexdigit()))
    }) && parts.next().is_none()
}

/// An IPv6 address, perhaps with a zone.
fn ipv6(token: &str) -> bool {
    let token = token.split_once('%').map_or(token, |(address, _)| address);
    token.bytes().filter(|b| *b == b':').count() >= 2 && token.parse::<std::net::Ipv6Addr>().is_ok()
}

/// Units of a duration, longest first.
const UNITS: [&str; 22] = [
    "milliseconds",
    "seconds",
    "minutes",
    "msecs",
    "hours",
    "secs",
    "mins",
    "msec",
    "days",
    "min",
    "sec",
    "hrs",
    "ms",
    "us",
    "µs",
    "μs",
    "ns",
    "hr",
    "s",
    "m",
    "h",
    "d",
];

/// `12ms`, `1.5s`, `1h2m3s`.
fn duration(token: &str) -> bool {
    let mut rest = token.strip_prefix(['-', '+']).unwrap_or(token);
    let mut parts = 0;
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
                .len();
        let Some(tail) = rest.get(digits..).filter(|_| digits > 0) else {
            return false;
        };
        let Some(next) = UNITS.iter().find_map(|unit| {
            tail.strip_prefix(unit)
                .filter(|next| !next.starts_with(char::is_alphabetic))
        }) else {
            return false;
        };
        rest = next;
        parts += 1;
    }
    parts > 0
}

/// A part of a token: letters stay, digits go.
fn narrow(part: &str) -> (usize, Piece) {
    let slot = |name: &str| (part.len(), Piece::Slot(name.to_owned()));
    if let Some(kind) = pseudonym(part) {
        return slot(kind);
    }
    if !part.bytes().any(|b| b.is_ascii_digit()) {
        return (part.len(), Piece::Word);
    }
    if part.parse::<std::net::Ipv4Addr>().is_ok() {
        return slot("ip");
    }
    let hex = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
    if hex.is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit())) {
        return slot("hex");
    }
    if number(part) {
        return slot("num");
    }
    if duration(part) {
        return slot("duration");
    }
    if size(part) {
        return slot("size");
    }
    if part.len() >= 7 && part.bytes().all(|b| b.is_ascii_hexdigit()) {
        return slot("hex");
    }
    if random(part) {
        return slot("id");
    }
    (part.len(), Piece::Masked(digits_masked(part)))
}

/// Digits, with points, underscores or an exponent.
fn number(part: &str) -> bool {
    let exponent = part
        .split_once(['e', 'E'])
        .is_none_or(|(mantissa, exponent)| {
            !mantissa.is_empty()
                && !exponent.is_empty()
                && exponent.bytes().all(|b| b.is_ascii_digit())
                && part.contains('.')
        });
    exponent
        && part.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && part
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'e' | b'E'))
}

/// `10KB`, `1.5GiB`.
fn size(part: &str) -> bool {
    let unit = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < part.len()
        && matches!(
            unit.to_ascii_lowercase().as_str(),
            "b" | "kb" | "mb" | "gb" | "tb" | "kib" | "mib" | "gib" | "tib" | "k" | "g" | "bytes"
        )
}

/// Letters and digits that alternate as in a random identifier.
fn random(part: &str) -> bool {
    let mut turns = 0;
    let mut last = None;
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    for b in part.bytes() {
        let class = match b {
            b'0'..=b'9' => 0,
            b'a'..=b'z' | b'A'..=b'Z' => 1,
            _ => return false,
        };
        turns += usize::from(last.is_some_and(|last| last != class));
        last = Some(class);
    }
    part.len() >= 5 && turns >= 2 || (part.len() >= 20 && letters >= 6)
}

/// Runs of digits as `<num>`.
fn digits_masked(part: &str) -> String {
    let mut out = String::new();
    let mut digits = false;
    for c in part.chars() {
        let digit = c.is_ascii_digit();
        if !digit {
            out.push(c);
        } else if !digits {
            out.push_str("<num>");
        }
        digits = digit;
    }
    out
}

/// Months and days of the week, as in syslog.
const NAMES: [&str; 19] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon",
    "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
];

/// Length of the time at the start of a text: ISO 8601, a date, a clock, syslog's form.
pub(crate) fn time(rest: &str) -> Option<usize> {
    if NAMES.iter().any(|name| rest.starts_with(name)) {
        return named_time(rest);
    }
    // A date without a year needs its clock.
    if let Some(tail) = yearless(rest) {
        return clock(tail).map(|length| rest.len() - tail.len() + length);
    }
    let first = stamp(rest)?;
    let tail = rest.get(first..)?;
    // A date, one space, a clock.
    let second = tail
        .strip_prefix(' ')
        .and_then(clock)
        .map(|length| length + 1);
    Some(first + second.unwrap_or(0))
}

/// What follows `03-17 `.
fn yearless(rest: &str) -> Option<&str> {
    let (day, tail) = rest.split_at_checked(6)?;
    let digit = |at: usize| day.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let shaped = [0, 1, 3, 4].into_iter().all(digit) && day.get(2..3) == Some("-");
    (shaped && day.ends_with(' ') && clock(tail).is_some()).then_some(tail)
}

/// `Jan  2 15:04:05`, `Thu Jun 09 06:07:04 2005`.
fn named_time(rest: &str) -> Option<usize> {
    let mut at = 0;
    let mut clocked = false;
    for _ in 0..6 {
        let tail = rest.get(at..)?;
        let gap = tail.len() - tail.trim_start_matches([' ', ',']).len();
        let tail = tail.get(gap..)?;
        let end = tail.find([' ', ',', ']', ')']).unwrap_or(tail.len());
        let word = tail.get(..end)?;
        let clock = clock(word) == Some(word.len()) && !clocked;
        let year = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
        let day = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        if !(clock || NAMES.contains(&word) || (day && !clocked) || year || word == "UTC") {
            break;
        }
        clocked |= clock;
        at += gap + end;
    }
    clocked.then_some(at)
}

/// A date with or without a clock, or a clock.
fn stamp(rest: &str) -> Option<usize> {
    if let Some(length) = clock(rest) {
        return Some(length);
    }
    let date = date(rest)?;
    let tail = rest.get(date..)?;
    let joined = tail
        .strip_prefix(['T', '_', '-', ':'])
        .and_then(clock)
        .map(|length| length + 1);
    bounded(rest, date + joined.unwrap_or(0))
}

/// The length, unless a word goes on there.
fn bounded(rest: &str, length: usize) -> Option<usize> {
    let next = rest.get(length..)?.chars().next();
    next.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '/'))
        .then_some(length)
}

/// `2024-01-02`, `2024/01/02`, `17/06/09`, `02.01.2024`.
fn date(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).map_or(0, |tail| {
            tail.iter().take_while(|b| b.is_ascii_digit()).count()
        })
    };
    let first = digits(0);
    let separator = *bytes
        .get(first)
        .filter(|b| matches!(b, b'-' | b'/' | b'.'))?;
    let second = digits(first + 1);
    let at = first + 1 + second;
    if second != 2 || bytes.get(at) != Some(&separator) {
        return None;
    }
    let third = digits(at + 1);
    let long = first == 4 || third == 4;
    let fits = matches!((first, third), (4 | 2, 2) | (2, 4));
    (fits && (long || separator == b'/')).then_some(at + 1 + third)
}

/// `15:04:05`, with a fraction and a zone.
fn clock(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    if ![0, 1, 3, 4, 6, 7].into_iter().all(digit) || !colon(2) || !colon(5) {
        return None;
    }
    let mut at = 8;
    if matches!(bytes.get(at), Some(b'.' | b',' | b':')) && digit(at + 1) {
        at += 1;
        while digit(at) {
            at += 1;
        }
    }
    if bytes.get(at) == Some(&b'Z') {
        at += 1;
    } else if matches!(bytes.get(at), Some(b'+' | b'-')) && digit(at + 1) && digit(at + 2) {
        at += 3;
        at += usize::from(colon(at) && digit(at + 1));
        while digit(at) {
            at += 1;
        }
    }
    bounded(rest, at)
}
