//! XML and HTML: elements, attributes and neighbours that name each other's value.
//!
//! `<password>x</password>`, `<property name="password">x</property>`,
//! `<add key="ApiPassword" value="x"/>`, `<name>a.secret</name><value>x</value>`.
//! A tag is read to the next `<` at most, so that no byte is read for two tags.

use crate::bytes::{alnum, at, before, cut, floor, run, starts};
use crate::form::is_state;
use crate::key::{KEY_BYTES_MAX, KeyVerdict, is_telling, verdict};
use crate::value::{Extent, is_placeholder};
use crate::{Finding, identity, keyed, positional};

/// Longest tag in bytes.
const TAG_BYTES_MAX: usize = 2_048;
/// Longest text of an element in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Longest CDATA section in bytes.
const CDATA_BYTES_MAX: usize = 2_048;

/// A range of the text.
type Place = (usize, usize);

/// One opening tag.
struct Tag<'t> {
    /// Name without its prefix.
    name: &'t str,
    /// The attribute that names something, by its value.
    label: Option<&'t str>,
    /// The attribute that holds a value.
    value: Option<Place>,
    /// Whether it is a form's password field.
    field: bool,
    /// One past its `>`.
    end: usize,
    /// Whether it has no content.
    closed: bool,
}

fn name_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b':') || b >= 0x80
}

/// Adds what the tag whose `<` is at `i` gives away.
pub(crate) fn tag(text: &str, i: usize, out: &mut Vec<Finding>) {
    let Some(tag) = read(text, i) else { return };
    let label = tag.label.map_or("", attribute_name);
    let known = if label.is_empty() {
        KeyVerdict::Unknown
    } else {
        verdict(label)
    };
    let judged = match known {
        _ if tag.field && tag.value.is_some() => KeyVerdict::Secret("key.password"),
        found => found,
    };
    match (judged, tag.value) {
        (found @ (KeyVerdict::Secret(_) | KeyVerdict::Personal(..)), Some(place)) => {
            add(text, (label, found), place, out);
        }
        (found @ (KeyVerdict::Secret(_) | KeyVerdict::Personal(..)), None) if !tag.closed => {
            if let Some(place) = content(text, tag.end).or_else(|| inner(text, tag.end)) {
                add(text, (label, found), place, out);
            }
        }
        _ if tag.closed => {}
        _ => element(text, i, &tag, out),
    }
}

/// The name in the identifier of an attribute (SAML): the last part of an address, or the attribute
/// of a directory that the number stands for (RFC 4519, RFC 2798).
fn attribute_name(label: &str) -> &str {
    let numbers = [
        ("urn:oid:2.5.4.42", "givenName"),
        ("urn:oid:2.5.4.4", "surname"),
        ("urn:oid:2.5.4.20", "telephoneNumber"),
        ("urn:oid:0.9.2342.19200300.100.1.1", "username"),
        ("urn:oid:0.9.2342.19200300.100.1.3", "mail"),
        ("urn:oid:2.16.840.1.113730.3.1.241", "displayName"),
        ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "username"),
    ];
    if let Some((_, name)) = numbers.iter().find(|(number, _)| *number == label) {
        return name;
    }
    if label.contains("://") {
        label.rsplit('/').next().unwrap_or(label)
    } else {
        label
    }
}

/// `<password>x</password>`, and `<key>password</key><string>x</string>`.
fn element(text: &str, i: usize, tag: &Tag<'_>, out: &mut Vec<Finding>) {
    if positional::names_element(tag.name) {
        let Some((start, end)) = content(text, tag.end).filter(|(s, e)| e - s <= 256) else {
            return;
        };
        let value = cut(text, start, end);
        let kind = positional::of_element(text, i, tag.name, value);
        if let Some(kind) = kind.filter(|_| !is_placeholder(value)) {
            out.push(Finding::personal("xml.element", kind, start, end));
        }
        return;
    }
    let found = verdict(tag.name);
    if matches!(found, KeyVerdict::Secret(_) | KeyVerdict::Personal(..)) {
        if let Some(place) = content(text, tag.end) {
            add(text, (tag.name, found), place, out);
        }
        return;
    }
    if !NAMES.contains(&tag.name) {
        return;
    }
    let Some((start, end)) = content(text, tag.end).filter(|(s, e)| e - s <= KEY_BYTES_MAX) else {
        return;
    };
    let name = cut(text, start, end);
    let found @ (KeyVerdict::Secret(_) | KeyVerdict::Personal(..)) = verdict(name) else {
        return;
    };
    let bytes = text.as_bytes();
    let close = run(bytes, end, 64, |b| b != b'>') + 1;
    let Some((start, end)) = inner(text, close) else {
        return;
    };
    if matches!(tag.name, "th" | "td" | "dt" | "label") {
        // Cells and texts of a page: words say something about what is named.
        let value = cut(text, start, end);
        let said = value
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b" ?!.:-".contains(&b));
        let secret = matches!(found, KeyVerdict::Secret(_));
        if is_telling(value) || said && (secret || !value.contains(' ') && is_state(value)) {
            return;
        }
        let quoted = true;
        out.extend(keyed::governed(name, value, Extent { start, end, quoted }));
        return;
    }
    add(text, (name, found), (start, end), out);
}

/// Elements whose text may name what the next element holds.
const NAMES: &[&str] = &[
    "name",
    "key",
    "param-name",
    "Key",
    "Name",
    "th",
    "td",
    "dt",
    "label",
];

/// Elements that hold what the one before them names.
const VALUES: &[&str] = &[
    "value",
    "string",
    "param-value",
    "Value",
    "data",
    "val",
    "td",
    "dd",
    "span",
    "output",
    "AttributeValue",
];

/// Elements of a type within those (XML-RPC).
const TYPES: &[&str] = &["string", "int", "i4", "double"];

/// Text of the element that follows `i`, where that holds a value.
fn inner(text: &str, i: usize) -> Option<Place> {
    let bytes = text.as_bytes();
    let open = run(bytes, i, 64, |b| b.is_ascii_whitespace());
    let tag = read(text, open)?;
    if !VALUES.contains(&tag.name) || tag.closed {
        return None;
    }
    content(text, tag.end).or_else(|| {
        let typed = read(text, tag.end).filter(|typed| TYPES.contains(&typed.name))?;
        content(text, typed.end)
    })
}

/// Adds the value of what the name was judged to hold.
fn add(
    text: &str,
    (name, judged): (&str, KeyVerdict),
    (start, end): Place,
    out: &mut Vec<Finding>,
) {
    if is_placeholder(cut(text, start, end)) {
        return;
    }
    match judged {
        KeyVerdict::Secret(rule) => out.push(Finding::secret(rule, start, end)),
        KeyVerdict::Personal(rule, kind) if end - start <= 256 => {
            let formed = identity::needs_form(rule);
            let quoted = true;
            if formed {
                let found = Extent { start, end, quoted };
                out.extend(keyed::governed(name, cut(text, start, end), found));
            } else {
                out.push(Finding::personal(rule, kind, start, end));
            }
        }
        _ => {}
    }
}

/// Text between a tag that ends at `i` and its closing tag, a CDATA section opened.
fn content(text: &str, i: usize) -> Option<Place> {
    let bytes = text.as_bytes();
    let lead = run(bytes, i, 64, |b| b.is_ascii_whitespace());
    if starts(bytes, lead, b"<![CDATA[") {
        let start = lead + 9;
        let window = cut(text, start, floor(text, start + CDATA_BYTES_MAX));
        return Some((start, start + window.find("]]>")?));
    }
    let end = run(bytes, i, TEXT_BYTES_MAX, |b| b != b'<');
    if !starts(bytes, end, b"</") {
        return None;
    }
    let body = cut(text, i, end);
    let start = i + (body.len() - body.trim_start().len());
    Some((start, start + body.trim().len()))
}

/// Reads the opening tag at `i`.
fn read(text: &str, i: usize) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    let first = at(bytes, i + 1);
    if at(bytes, i) != b'<' || !(first.is_ascii_alphabetic() || first >= 0x80) {
        return None;
    }
    let name_end = run(bytes, i + 1, KEY_BYTES_MAX, name_byte);
    let name = cut(text, i + 1, name_end);
    let mut tag = Tag {
        name: name.rsplit(':').next().unwrap_or(name),
        label: None,
        value: None,
        field: false,
        end: 0,
        closed: false,
    };
    let limit = (i + TAG_BYTES_MAX).min(bytes.len());
    let mut n = name_end;
    while n < limit {
        match at(bytes, n) {
            b'>' => {
                tag.end = n + 1;
                tag.closed = before(bytes, n) == b'/';
                return Some(tag);
            }
            b'<' => return None,
            b'=' => n = attribute(text, n, &mut tag),
            _ => n += 1,
        }
    }
    None
}

/// Reads the attribute whose `=` is at `i`. Returns where it ends.
fn attribute<'t>(text: &'t str, i: usize, tag: &mut Tag<'t>) -> usize {
    let bytes = text.as_bytes();
    let slashes = run(bytes, i + 1, 4, |b| b == b'\\' || b == b' ');
    let quote = at(bytes, slashes);
    if !matches!(quote, b'"' | b'\'') {
        return i + 1;
    }
    let start = slashes + 1;
    let close = run(bytes, start, TAG_BYTES_MAX, |b| b != quote && b != b'<');
    if at(bytes, close) != quote {
        return i + 1;
    }
    let end = if before(bytes, close) == b'\\' {
        close - 1
    } else {
        close
    };
    let from = crate::bytes::run_back(bytes, i, 32, name_byte);
    let names = [
        "name", "key", "id", "property", "field", "param", "label", "setting",
    ];
    let name = cut(text, from, i);
    tag.field |= name == "type" && cut(text, start, end) == "password";
    if tag.label.is_none() && names.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        tag.label = Some(cut(text, start, end)).filter(|label| label.len() <= KEY_BYTES_MAX);
    } else if ["value", "val", "content", "default"]
        .iter()
        .any(|n| n.eq_ignore_ascii_case(name))
    {
        tag.value = Some((start, end));
    }
    close + 1
}
