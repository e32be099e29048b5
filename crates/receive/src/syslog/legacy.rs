//! RFC 3164 and what devices made of it: stamp, host, tag, message, each of them there or not.
//!
//! What is told apart, and by what:
//!
//! - *host or tag:* the word after the stamp is a tag where it ends in a colon or a process number,
//!   as programs write to `/dev/log`; else it is the host, where it can be a name or an address;
//! - *tag or text:* a tag has a letter, no blank and no quote, and ends in `:` or `[…]`;
//! - *Cisco:* counters and names may stand before the stamp, each with a colon, and a colon after
//!   it; then there is no host or tag, and `%FACILITY-5-MNEMONIC:` names the message.
//!
//! Without a stamp the rest is the message (RFC 3164, section 4.3.3), but for `tag[123]:` and the
//! kernel's `[12.345678]`.

use std::net::IpAddr;

use crate::syslog::{Header, Received, TOKEN_BYTES_MAX, stamp};

/// Words with a colon before a stamp.
const PREFIXES_COUNT_MAX: usize = 3;
/// How relays of AIX begin.
const FORWARDED: &str = "Message forwarded from ";
/// First words of formats that look like a tag.
const FORMATS: [&str; 2] = ["CEF", "LEEF"];

/// Reads what follows the priority: always something.
pub(super) fn read<'t>(text: &'t str, priority: Option<u8>, received: &Received) -> Header<'t> {
    let Some((prefix_host, time_unix_ns, rest)) = stamped(text, received) else {
        return unstamped(text, priority);
    };
    let mut header = Header {
        time_unix_ns: Some(time_unix_ns),
        host: prefix_host,
        ..Header::default()
    };
    if let Some(after) = rest.strip_prefix(':') {
        header.body = after.trim_start_matches(' ');
    } else {
        let rest = rest.trim_start_matches(' ');
        let (host, rest) = host(rest);
        if prefix_host.is_empty() {
            header.host = host;
        }
        // `asa : %ASA-…`
        let rest = rest.strip_prefix(": ").unwrap_or(rest);
        tag(rest, &mut header);
    }
    header.message_id = mnemonic(header.body);
    header
}

/// The stamp with what stands before it: a host or nothing, the time, and what follows.
fn stamped<'t>(text: &'t str, received: &Received) -> Option<(&'t str, u64, &'t str)> {
    // Meraki says version 1 before its own stamp.
    let mut rest = text.strip_prefix("1 ").unwrap_or(text);
    let mut host = "";
    for _ in 0..=PREFIXES_COUNT_MAX {
        rest = rest.trim_start_matches([' ', ':']);
        if let Some((time_unix_ns, after)) = stamp::leading(rest, received) {
            return Some((host, time_unix_ns, after));
        }
        let (word, after) = rest.split_once(':')?;
        if word.contains([' ', '[']) || word.len() > TOKEN_BYTES_MAX {
            return None;
        }
        if !word.bytes().all(|b| b.is_ascii_digit()) {
            host = word;
        }
        rest = after;
    }
    None
}

/// Host and rest after a stamp.
fn host(text: &str) -> (&str, &str) {
    if let Some(after) = text.strip_prefix(FORWARDED)
        && let Some((name, rest)) = after.split_once(": ")
        && is_host(name)
    {
        return (name, rest);
    }
    let Some((word, rest)) = text.split_once(' ') else {
        return ("", text);
    };
    if word == "-" {
        return ("", rest.trim_start_matches(' '));
    }
    if is_host(word) {
        return (word, rest.trim_start_matches(' '));
    }
    ("", text)
}

/// Whether a word can be a host: a name, or an address.
fn is_host(word: &str) -> bool {
    let named = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || b"._-/@".contains(&b);
    let fits = !word.is_empty() && word.len() <= TOKEN_BYTES_MAX;
    let address = word.trim_start_matches('[').trim_end_matches(']');
    let address = address.split('%').next().unwrap_or_default();
    fits && (word.bytes().all(named) || address.parse::<IpAddr>().is_ok())
}

/// Takes `tag[123]: ` off the message.
fn tag<'t>(text: &'t str, header: &mut Header<'t>) {
    header.body = text;
    let len = text.find([':', '[', ' ']).unwrap_or(text.len());
    let Some((name, after)) = text.split_at_checked(len) else {
        return;
    };
    if !is_tag(name) || FORMATS.contains(&name) {
        return;
    }
    if let Some(after) = after.strip_prefix(':') {
        // `https://…`, `C:\…`, `fe80::1` and `key:"value"` are text.
        if !after.starts_with(['/', '\\', ':', '"']) {
            header.app = name;
            header.body = after.strip_prefix(' ').unwrap_or(after);
        }
        return;
    }
    let Some((process, after)) = after
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    else {
        return;
    };
    let ends = after.is_empty() || after.starts_with([':', ' ']);
    if ends && process.len() <= TOKEN_BYTES_MAX && !process.contains([' ', '[']) {
        let after = after.strip_prefix(':').unwrap_or(after);
        (header.app, header.process) = (name, process);
        header.body = after.strip_prefix(' ').unwrap_or(after);
    }
}

/// Whether a word can be a program's name.
fn is_tag(name: &str) -> bool {
    let text = |b: u8| {
        matches!(
            b,
            b'=' | b'"' | b'\'' | b'{' | b'}' | b'<' | b'>' | b',' | b';'
        )
    };
    name.len() <= TOKEN_BYTES_MAX
        && name.bytes().any(|b| b.is_ascii_alphabetic() || b >= 0x80)
        && !name.starts_with('%')
        && !name.bytes().any(text)
}

/// A message without a stamp.
fn unstamped(text: &str, priority: Option<u8>) -> Header<'_> {
    let mut header = Header {
        body: text,
        ..Header::default()
    };
    let is_kernel = priority.is_some_and(|p| p < 8);
    if is_kernel && is_uptime(text) {
        header.app = "kernel";
    } else if priority.is_some() {
        let mut tagged = Header::default();
        tag(text, &mut tagged);
        // Without a stamp a word and a colon are rather the beginning of a sentence.
        if !tagged.process.is_empty() {
            return tagged;
        }
    }
    // NX-OS and ASA, set to write no stamp.
    let bare = text.trim_start_matches([' ', ':']);
    header.message_id = mnemonic(bare);
    if !header.message_id.is_empty() {
        header.body = bare;
    }
    header
}

/// `[   12.345678] `
fn is_uptime(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    inner.is_some_and(|(inner, _)| {
        let inner = inner.trim_start_matches(' ');
        inner.contains('.') && inner.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    })
}

/// `%SYS-5-CONFIG_I` of `%SYS-5-CONFIG_I: …`.
fn mnemonic(body: &str) -> &str {
    let word = body.split(':').next().unwrap_or_default();
    let is_one = || {
        let mut parts = word.strip_prefix('%')?.rsplitn(3, '-');
        let (name, severity, facility) = (parts.next()?, parts.next()?, parts.next()?);
        let named = |part: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-/".contains(&b);
            !part.is_empty() && part.bytes().all(allowed)
        };
        let digit = severity.len() == 1 && severity.bytes().all(|b| b.is_ascii_digit());
        (digit && named(name) && named(facility)).then_some(())
    };
    if word.len() < body.len() && word.len() <= TOKEN_BYTES_MAX && is_one().is_some() {
        word
    } else {
        ""
    }
}
