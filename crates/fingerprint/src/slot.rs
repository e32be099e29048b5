//! Recognisers of variable parts.
//!
//! Each looks at one token, or at a part of one, and names the slot that it fills. They know no
//! text around it, and no other line.

use crate::class::{AT, DOT, NARROW, SLASH, UNDERSCORE};
use crate::clock;

/// Kinds of pseudonyms that need no digit in their body to be recognised.
const KINDS: [&str; 14] = [
    "email", "card", "phone", "iban", "ip", "user", "person", "host", "path", "secret", "custom",
    "customer", "address", "name",
];
/// Names of slots that are not kinds of pseudonyms.
const NAMES: [&str; 13] = [
    "num", "uuid", "hex", "time", "duration", "size", "url", "id", "str", "removed", "mac", "*", "",
];
/// Shortest body of a pseudonym: 96 bits of base32.
const PSEUDONYM_BODY_MIN: usize = 20;
/// Longest name of a slot, in bytes.
pub(crate) const SLOT_BYTES_MAX: usize = 24;

/// The name of a slot that stands at the beginning of a text, without its brackets.
pub(crate) fn existing(rest: &[u8]) -> Option<&str> {
    let inner = rest.strip_prefix(b"<")?;
    let end = inner.iter().take(SLOT_BYTES_MAX).position(|b| *b == b'>')?;
    let name = std::str::from_utf8(inner.get(..end)?).ok()?;
    (!name.is_empty() && (NAMES.contains(&name) || KINDS.contains(&name))).then_some(name)
}

/// Kinds that need the whole token, whose bytes are of these classes at most.
pub(crate) fn whole(token: &[u8], classes: u8) -> Option<&'static str> {
    if classes & UNDERSCORE != 0
        && let Some(kind) = pseudonym(token)
    {
        return Some(kind);
    }
    let first = *token.first()?;
    // What most tokens are not is asked first.
    let colons = if classes & NARROW == 0 {
        0
    } else {
        memchr::memchr_iter(b':', token).count()
    };
    Some(if classes & AT != 0 && email(token) {
        "email"
    } else if classes & SLASH != 0 && path(token) {
        "path"
    } else if uuid(token) {
        "uuid"
    } else if colons == 5 && mac(token) {
        "mac"
    } else if colons >= 2 && ipv6(token) {
        "ip"
    } else if (first.is_ascii_digit() || b"+-.".contains(&first)) && duration(token) {
        "duration"
    } else if classes & DOT != 0 && host(token) {
        "host"
    } else {
        return None;
    })
}

/// Kinds of a part of a token that has digits.
pub(crate) fn part(part: &[u8]) -> Option<&'static str> {
    if let Some(kind) = pseudonym(part) {
        return Some(kind);
    }
    let first = part.first()?;
    if first.is_ascii_digit() || *first == b'.' {
        if ipv4(part) {
            return Some("ip");
        }
        if number(part) {
            return Some("num");
        }
        if duration(part) {
            return Some("duration");
        }
        if size(part) {
            return Some("size");
        }
    }
    let prefixed = part
        .strip_prefix(b"0x")
        .or_else(|| part.strip_prefix(b"0X"));
    if prefixed.is_some_and(|hex| !hex.is_empty() && all_hex(hex)) {
        return Some("hex");
    }
    if part.len() >= 7 && all_hex(part) {
        return Some("hex");
    }
    random(part).then_some("id")
}

fn all_hex(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_hexdigit)
}

/// A pseudonym: its kind.
pub(crate) fn pseudonym(token: &[u8]) -> Option<&'static str> {
    if token.len() <= PSEUDONYM_BODY_MIN {
        return None;
    }
    let at = token.iter().rposition(|b| *b == b'_')?;
    let (kind, body) = (token.get(..at)?, token.get(at + 1..)?);
    let base32 = |b: &u8| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(b);
    let shaped = body.len() >= PSEUDONYM_BODY_MIN
        && body.iter().all(base32)
        && !(body.iter().any(u8::is_ascii_uppercase) && body.iter().any(u8::is_ascii_lowercase));
    let named = !kind.is_empty()
        && kind.len() <= SLOT_BYTES_MAX - 2
        && kind.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    if !(shaped && named) {
        return None;
    }
    let certain = KINDS.into_iter().find(|known| known.as_bytes() == kind);
    certain.or_else(|| body.iter().any(u8::is_ascii_digit).then_some("id"))
}

/// `scheme://…`.
pub(crate) fn url(token: &[u8]) -> bool {
    let Some(at) = token.windows(3).position(|three| three == b"://") else {
        return false;
    };
    let scheme = token.get(..at).unwrap_or_default();
    token.len() > at + 3
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.:".contains(b))
}

/// `a@b.c`.
fn email(token: &[u8]) -> bool {
    let Some(at) = token.iter().position(|b| *b == b'@') else {
        return false;
    };
    let (user, host) = (
        token.get(..at).unwrap_or_default(),
        token.get(at + 1..).unwrap_or_default(),
    );
    let fits = |b: &u8| b.is_ascii_alphanumeric() || b"._-+%".contains(b) || *b >= 0x80;
    !user.is_empty() && host.contains(&b'.') && user.iter().all(fits) && host.iter().all(fits)
}

/// An absolute path, a path in a home, or a relative one that ends in a file name or has several
/// folders.
fn path(token: &[u8]) -> bool {
    let letter = |b: &u8| b.is_ascii_alphanumeric() || b"_.-".contains(b) || *b >= 0x80;
    match token {
        [b'/', rest @ ..] => {
            let rest = rest.strip_prefix(b"/").unwrap_or(rest);
            return rest.first().is_some_and(letter);
        }
        [b'~', b'/', rest @ ..] => return !rest.is_empty(),
        [b'\\', b'\\', next, ..] | [b'\\', next, _, ..] => return letter(next),
        [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic() => return true,
        _ => {}
    }
    let Some(at) = token.iter().rposition(|b| *b == b'/') else {
        return false;
    };
    let (folder, file) = (
        token.get(..at).unwrap_or_default(),
        token.get(at + 1..).unwrap_or_default(),
    );
    let dot = file.iter().rposition(|b| *b == b'.');
    let extension = dot.and_then(|dot| file.get(dot + 1..)).unwrap_or_default();
    let filed = (1..=5).contains(&extension.len())
        && extension.first().is_some_and(u8::is_ascii_alphabetic);
    let deep = folder.contains(&b'/') && !file.is_empty();
    !folder.is_empty() && (filed || deep) && token.iter().all(|b| letter(b) || *b == b'/')
}

/// 8-4-4-4-12 hex.
pub(crate) fn uuid(token: &[u8]) -> bool {
    token.len() == 36
        && token.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// `00:1a:2b:3c:4d:5e`.
fn mac(token: &[u8]) -> bool {
    token.len() == 17
        && token.iter().enumerate().all(|(at, b)| {
            if at % 3 == 2 {
                *b == b':'
            } else {
                b.is_ascii_hexdigit()
            }
        })
}

/// An IPv6 address, perhaps with a zone.
fn ipv6(token: &[u8]) -> bool {
    let end = token.iter().position(|b| *b == b'%').unwrap_or(token.len());
    let address = token
        .get(..end)
        .and_then(|address| std::str::from_utf8(address).ok());
    address.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

/// Four groups of one to three digits.
fn ipv4(part: &[u8]) -> bool {
    let (mut groups, mut digits) = (1, 0);
    for b in part {
        match b {
            b'0'..=b'9' if digits < 3 => digits += 1,
            b'.' if digits > 0 => (groups, digits) = (groups + 1, 0),
            _ => return false,
        }
    }
    groups == 4 && digits > 0
}

/// Last labels of the names of machines.
const ZONES: [&[u8]; 26] = [
    b"com",
    b"net",
    b"org",
    b"edu",
    b"gov",
    b"mil",
    b"info",
    b"biz",
    b"io",
    b"de",
    b"uk",
    b"fr",
    b"nl",
    b"cn",
    b"hk",
    b"tw",
    b"jp",
    b"kr",
    b"ru",
    b"br",
    b"in",
    b"au",
    b"local",
    b"internal",
    b"lan",
    b"localdomain",
];
/// First labels of names that are packages rather than machines.
const PACKAGES: [&[u8]; 8] = [
    b"com", b"org", b"net", b"java", b"javax", b"io", b"sun", b"android",
];

/// The name of a machine in a zone that there is.
pub(crate) fn host(name: &[u8]) -> bool {
    let fits = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(b);
    let mut labels = name.split(|b| *b == b'.');
    let first = labels.next().unwrap_or_default();
    let last = labels.next_back();
    last.is_some_and(|last| ZONES.contains(&last))
        && name.iter().all(fits)
        && !first.is_empty()
        && !PACKAGES.contains(&first)
}

/// Whether that is a unit of a duration.
fn is_duration_unit(unit: &[u8]) -> bool {
    matches!(
        unit,
        b"milliseconds"
            | b"seconds"
            | b"minutes"
            | b"msecs"
            | b"hours"
            | b"secs"
            | b"mins"
            | b"msec"
            | b"days"
            | b"min"
            | b"sec"
            | b"hrs"
            | b"ms"
            | b"us"
            // Of micro, the sign and the Greek letter.
            | b"\xc2\xb5s"
            | b"\xce\xbcs"
            | b"ns"
            | b"hr"
            | b"s"
            | b"m"
            | b"h"
            | b"d"
    )
}

/// `12ms`, `1.5s`, `1h2m3s`.
fn duration(token: &[u8]) -> bool {
    let mut rest = token
        .strip_prefix(b"-")
        .or(token.strip_prefix(b"+"))
        .unwrap_or(token);
    if !rest
        .first()
        .is_some_and(|b| b.is_ascii_digit() || *b == b'.')
    {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest
            .iter()
            .take_while(|b| b.is_ascii_digit() || **b == b'.')
            .count();
        let tail = rest.get(digits..).unwrap_or_default();
        if digits == 0 || tail.is_empty() {
            return false;
        }
        let letter = |b: &&u8| b.is_ascii_alphabetic() || **b >= 0x80;
        let letters = tail.iter().take_while(letter).count();
        match tail.split_at_checked(letters) {
            Some((unit, next)) if is_duration_unit(unit) => rest = next,
            _ => return false,
        }
    }
    true
}

/// Digits, with points, underscores or an exponent.
pub(crate) fn number(part: &[u8]) -> bool {
    let digit = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'_');
    let mantissa = part.iter().take_while(|b| digit(b)).count();
    let (head, tail) = part.split_at_checked(mantissa).unwrap_or((part, b""));
    if head.is_empty() || head.first() == Some(&b'_') || !head.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let exponent = tail.strip_prefix(b"e").or(tail.strip_prefix(b"E"));
    tail.is_empty()
        || exponent.is_some_and(|exponent| {
            head.contains(&b'.') && !exponent.is_empty() && exponent.iter().all(u8::is_ascii_digit)
        })
}

/// `10KB`, `1.5GiB`.
fn size(part: &[u8]) -> bool {
    let digits = part
        .iter()
        .take_while(|b| b.is_ascii_digit() || **b == b'.')
        .count();
    let unit = part.get(digits..).unwrap_or_default();
    digits > 0
        && (size_unit(unit)
            || matches!(
                unit,
                b"b" | b"B" | b"k" | b"K" | b"g" | b"G" | b"M" | b"bytes"
            ))
}

/// Units of a size that are nothing else, also apart from their number.
pub(crate) fn size_unit(unit: &[u8]) -> bool {
    let mut lower = [0_u8; 3];
    if !(2..=3).contains(&unit.len()) {
        return false;
    }
    for (slot, b) in lower.iter_mut().zip(unit) {
        *slot = b.to_ascii_lowercase();
    }
    matches!(
        lower.get(..unit.len()),
        Some(b"kb" | b"mb" | b"gb" | b"tb" | b"kib" | b"mib" | b"gib" | b"tib")
    )
}

/// Letters and digits that alternate as in a random identifier.
fn random(part: &[u8]) -> bool {
    let (mut turns, mut letters, mut last) = (0, 0, None);
    for b in part {
        let digit = b.is_ascii_digit();
        if !digit && !b.is_ascii_alphabetic() {
            return false;
        }
        letters += usize::from(!digit);
        turns += usize::from(last.is_some_and(|last| last != digit));
        last = Some(digit);
    }
    part.len() >= 5 && turns >= 2 || (part.len() >= 20 && letters >= 6)
}

/// Length of the time at the beginning of a text.
pub(crate) fn time(rest: &[u8]) -> Option<usize> {
    clock::read(rest).map(|stamp| stamp.length)
}
