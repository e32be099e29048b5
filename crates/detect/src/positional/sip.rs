//! Addresses of telephony: SIP URIs (RFC 3261, section 19.1), `tel:` URIs (RFC 3966), the origin of
//! a session's description (RFC 8866, section 5.2), and the dialled technology of Asterisk.
//!
//! `"Ann Example" <sip:ann@pbx>`, `sip:+4930123456@10.0.0.1`, `PJSIP/030123456@trunk`. Hosts,
//! trunks, channels and tags stay, and so does whoever is anonymous or a service.

use super::Family;
use super::fields::{Sink, Span};
use crate::bytes::{alnum, at, before, cut, run, run_back, starts_nocase};
use crate::{Finding, TokenKind, person};

pub(super) const FAMILY: Family = Family {
    words: &["sip:", "sips:", "tel:", "PJSIP/", "SIP/", "Local/", "IAX2/"],
    may_follow,
    find,
};

/// Longest user part in bytes.
const USER_BYTES_MAX: usize = 64;
/// Digits of a number that reaches somebody outside of a house.
const NUMBER_DIGITS_MIN: usize = 6;

/// Users that are nobody.
#[rustfmt::skip]
const SERVICES: &[&str] = &[
    "anonymous", "asterisk", "proxy", "ping", "voicemail", "unknown", "restricted", "conference",
    "registrar", "sipp", "service", "gateway", "gw", "trunk", "freeswitch", "kamailio", "opensips",
    "unavailable", "invalid", "service", "monitor", "healthcheck", "keepalive", "nobody", "music",
    "root", "mozilla", "sip", "cisco", "user", "sonus", "sbc", "pbx", "server", "test", "linphone",
];

/// Whether a user is a service, numbered or not: `sbc-trunk-1`.
fn is_service(user: &str) -> bool {
    let head = user.split(['-', '_', '.', '/']).next().unwrap_or(user);
    let head = head.trim_end_matches(|c: char| c.is_ascii_digit());
    SERVICES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(head))
}

fn user_byte(b: u8) -> bool {
    alnum(b)
        || matches!(
            b,
            b'-' | b'_' | b'.' | b'+' | b'!' | b'~' | b'*' | b'\'' | b'%' | b'#'
        )
}

fn number_byte(b: u8) -> bool {
    b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'(' | b')')
}

/// Whether somebody may be named behind the word. What it asks of digits is that six of them
/// follow each other, which a line's shape keeps.
fn may_follow(bytes: &[u8], i: usize) -> bool {
    let word = run(bytes, i, 8, alnum);
    let start = word + 1;
    if at(bytes, word) == b'/' {
        // `/usr/local/…` is a folder.
        let technology = at(bytes, i).is_ascii_uppercase() && before(bytes, i) != b'/';
        return technology && dialled(bytes, start).is_some();
    }
    if at(bytes, i) | 0x20 == b't' {
        return at(bytes, start) == b'+' || at(bytes, start).is_ascii_digit();
    }
    let end = run(bytes, start, USER_BYTES_MAX, user_byte);
    end > start && matches!(at(bytes, end), b'@' | b':' | b';')
}

/// The number behind a technology, or behind a trunk of it.
fn dialled(bytes: &[u8], i: usize) -> Option<Span> {
    let trunk = run(bytes, i, USER_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'-' | b'_' | b'.')
    });
    let behind = (at(bytes, trunk) == b'/').then_some(trunk + 1);
    [Some(i), behind].into_iter().flatten().find_map(|from| {
        let digits = run(
            bytes,
            from + usize::from(at(bytes, from) == b'+'),
            16,
            |b| b.is_ascii_digit(),
        );
        let ends = matches!(
            at(bytes, digits),
            b'@' | b',' | b')' | b'&' | b'"' | b' ' | 0 | b'\n'
        );
        (digits - from >= NUMBER_DIGITS_MIN && ends).then_some(Span {
            start: from,
            end: digits,
        })
    })
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let word = run(bytes, i, 8, alnum);
    let start = word + 1;
    let rule = "sip.user";
    let mut sink = Sink { text, rule, out };
    if at(bytes, word) == b'/' {
        if let Some(number) = dialled(bytes, start) {
            sink.phone(number);
        }
        return;
    }
    if at(bytes, i) | 0x20 == b't' {
        let end = run(bytes, start, USER_BYTES_MAX, number_byte);
        let end = run_back(bytes, end, 4, |b| matches!(b, b'.' | b')' | b'-'));
        let value = Span { start, end };
        let digits = value.of(text).bytes().filter(u8::is_ascii_digit).count();
        if digits > NUMBER_DIGITS_MIN {
            sink.phone(value);
        }
        return;
    }
    let end = run(bytes, start, USER_BYTES_MAX, user_byte);
    let value = Span { start, end };
    let said = value.of(text);
    let host = at(bytes, end) == b'@';
    let service = is_service(said);
    if !host || service {
        return;
    }
    let number = said.bytes().all(number_byte);
    let digits = said.bytes().filter(u8::is_ascii_digit).count();
    if number && digits >= NUMBER_DIGITS_MIN {
        sink.phone(value);
    } else {
        sink.personal(TokenKind::User, value);
    }
    sink.out.extend(person::display(text, i));
    sink.out.extend(number_before(text, i));
}

/// The number that is shown before a URI in angle brackets: `"+4930123456" <sip:…>`.
fn number_before(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let angle = i.checked_sub(1).filter(|n| at(bytes, *n) == b'<')?;
    let close = angle - usize::from(before(bytes, angle) == b' ');
    let quotes = |b: u8| matches!(b, b'"' | b'\\');
    let end = run_back(bytes, close, 2, quotes);
    let start = run_back(bytes, end, USER_BYTES_MAX, number_byte);
    let digits = cut(text, start, end)
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    let shown = end < close && quotes(before(bytes, start)) && digits >= NUMBER_DIGITS_MIN;
    shown.then(|| Finding::personal("sip.user", TokenKind::Phone, start, end))
}

/// Whether `o=` of a session's description stands at the sign `i`, at the beginning of a line.
pub(super) fn may_be_origin(bytes: &[u8], i: usize) -> bool {
    if at(bytes, i) != b'=' || before(bytes, i) != b'o' {
        return false;
    }
    let b = before(bytes, i - 1);
    let escape = i >= 3 && at(bytes, i - 3) == b'\\' && matches!(b, b'n' | b'r');
    b == 0 || b == b'\n' || b == b'\r' || b == b' ' || escape
}

/// The user of `o=ann 2890844526 2890842807 IN IP4 10.0.0.1`.
pub(super) fn origin(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !may_be_origin(bytes, i) {
        return;
    }
    let end = run(bytes, i + 1, USER_BYTES_MAX, |b| b.is_ascii_graphic());
    let numbers = run(bytes, end, 48, |b| b.is_ascii_digit() || b == b' ');
    let said = cut(text, i + 1, end);
    let service = is_service(said);
    if starts_nocase(bytes, numbers, b"IN IP") && !service && said.len() >= 2 {
        let span = Span { start: i + 1, end };
        let mut sink = Sink {
            text,
            rule: "sip.user",
            out,
        };
        sink.personal(TokenKind::User, span);
    }
}
