//! RFC 5424: version, six fields, structured data, message.
//!
//! Lenient where senders are sloppy: no limit on a field but the frame's, fields that are empty
//! by `-`, a message without its blank. Structured data that cannot be read, or has more elements
//! and parameters than [`ATTRIBUTES_COUNT_MAX`], stays at the head of the message, and is flagged.

use cordon_event::Value;
use cordon_event::limits::ATTRIBUTES_COUNT_MAX;

use crate::stream::flag::{self, Flags};
use crate::syslog::{Header, stamp};

type Pairs = Vec<(String, Value)>;

/// Reads what follows the priority; none where it is not of this RFC.
pub(super) fn read<'t>(text: &'t str, flags: &mut Flags) -> Option<Header<'t>> {
    let mut rest = text.strip_prefix("1 ")?;
    let time_unix_ns = match field(&mut rest)? {
        "-" => None,
        written => Some(stamp::strict(written)?),
    };
    let mut next = || {
        let found = field(&mut rest).unwrap_or_default();
        if found == "-" { "" } else { found }
    };
    let (host, app, process, message_id) = (next(), next(), next(), next());
    let (data, message) = if let Some(after) = rest.strip_prefix('-') {
        (Vec::new(), after)
    } else if let Some((data, after)) = elements(rest) {
        (data, after)
    } else {
        flags.set(flag::STRUCTURED_DATA);
        (Vec::new(), rest)
    };
    let message = message.strip_prefix(' ').unwrap_or(message);
    Some(Header {
        priority: None,
        time_unix_ns,
        host,
        app,
        process,
        message_id,
        data,
        // Section 6.4: the mark says that what follows is UTF-8.
        body: message.strip_prefix('\u{feff}').unwrap_or(message),
    })
}

/// The next field; the blank after it is taken too.
fn field<'t>(rest: &mut &'t str) -> Option<&'t str> {
    if rest.is_empty() {
        return None;
    }
    let (found, after) = rest.split_once(' ').unwrap_or((rest, ""));
    *rest = after;
    Some(found)
}

/// `[id name="value" …]…` as a map of maps, and what follows.
fn elements(text: &str) -> Option<(Pairs, &str)> {
    let mut rest = text;
    let mut left = ATTRIBUTES_COUNT_MAX;
    let mut found = Vec::new();
    while let Some(after) = rest.strip_prefix('[') {
        left = left.checked_sub(1)?;
        let (id, mut inner) = name(after)?;
        let mut params = Vec::new();
        loop {
            let bare = inner.trim_start_matches(' ');
            if let Some(after) = bare.strip_prefix(']') {
                rest = after;
                break;
            }
            // Section 6.3.3: a blank before each parameter.
            if bare.len() == inner.len() {
                return None;
            }
            left = left.checked_sub(1)?;
            let (key, after) = name(bare)?;
            let (value, after) = quoted(after.strip_prefix("=\"")?)?;
            params.push((key.to_owned(), Value::String(value)));
            inner = after;
        }
        found.push((id.to_owned(), Value::Map(params)));
    }
    // What follows is a blank or the end, so that a message in brackets is none.
    let ends = rest.is_empty() || rest.starts_with(' ');
    (ends && !found.is_empty()).then_some((found, rest))
}

/// SD-NAME: printable, without blank, `=`, `]` and `"`; longer than the RFC's 32 is taken.
fn name(text: &str) -> Option<(&str, &str)> {
    let len = text.find(|c: char| c <= ' ' || matches!(c, '=' | ']' | '"'))?;
    text.split_at_checked(len)
        .filter(|(name, _)| !name.is_empty())
}

/// A value after its opening quote. A backslash before anything but `"`, `\` and `]` is itself.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        let (run, after) = rest.split_at_checked(at)?;
        value.push_str(run);
        if let Some(after) = after.strip_prefix('"') {
            return Some((value, after));
        }
        let after = after.strip_prefix('\\')?;
        if let escaped @ ('"' | '\\' | ']') = after.chars().next()? {
            value.push(escaped);
            rest = after.get(1..)?;
        } else {
            value.push('\\');
            rest = after;
        }
    }
}
