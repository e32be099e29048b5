//! A name and its value in two fields: `{"name": "password", "value": …}`, `- name: X` above
//! `value: …`, OTLP's `AnyValue`, form parts, PHP's serialised arrays, MySQL's duplicates; and
//! people's and devices' names in the field `name`.

use std::ops::Range;

use crate::bytes::{alnum, at, before, blank, cut, digit, floor, run, starts};
use crate::key::{KeyVerdict, is_telling, verdict};
use crate::value::{Extent, VALUE_BYTES_MAX, extent, is_placeholder, taken};
use crate::{Finding, keyed};

/// Longest name in bytes that is judged.
const NAME_BYTES_MAX: usize = 96;
/// Longest plain value in bytes, up to its last letter, that is known by its bytes alone.
const PLAIN_BYTES_MAX: usize = 32;
/// Widest gap in bytes between the name and the field of its value.
const GAP_BYTES_MAX: usize = 48;
/// Longest header line in bytes of a form part.
const PART_LINE_BYTES_MAX: usize = 160;

/// Whether a field's name says that it holds another one's name.
pub(crate) fn names(key: &str) -> bool {
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// Fields that hold another one's name.
pub(crate) const NAMES: &[&str] = &[
    "name",
    "key",
    "k",
    "header",
    "field",
    "param",
    "property",
    "variable",
    "parameterkey",
];

/// Fields that say of what kind the value beside them is (`type`), or where it belongs (`path` of
/// JSON Patch, RFC 6902).
pub(crate) const KINDS: &[&str] = &["type", "kind", "path", "attribute", "claim", "option"];

/// Whether a value beside a field of [`KINDS`] is what the field says. Tokens, sessions, accounts
/// and persons are also things that programs have: `{"type": "token", "value": "while"}`.
pub fn tells(field: &str, said: &str) -> bool {
    if field.eq_ignore_ascii_case("path") {
        let pointer = said.starts_with('/') && !said.contains("://");
        return pointer && is_telling(said);
    }
    // A kind of Kubernetes' objects.
    if said == "Secret" {
        return false;
    }
    match verdict(said) {
        KeyVerdict::Secret(rule) => !matches!(rule, "key.token" | "key.session" | "key.cookie"),
        KeyVerdict::Personal(_, kind) => {
            use crate::TokenKind::{Address, Person, Session, User};
            !matches!(kind, User | Person | Session | Address)
        }
        _ => false,
    }
}

/// Whether a field's name is one of [`KINDS`].
pub fn says_kind(key: &str) -> bool {
    KINDS.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// Whether the text behind `from` may be the name of a secret.
pub(crate) fn may_name(text: &str, from: usize) -> bool {
    if is_set(text, from) {
        return true;
    }
    if plain_word(text.as_bytes(), from).is_some() {
        return false;
    }
    let name = extent(text, from, true, NAME_BYTES_MAX);
    name.is_some_and(|name| {
        if person(text, name).is_some() {
            return true;
        }
        let said = verdict(cut(text, name.start, name.end));
        matches!(said, KeyVerdict::Secret(_) | KeyVerdict::Personal(..))
    })
}

/// An account beside its password: `{'name': 'bob', 'password': …}`.
fn beside_password(text: &str, value: Extent) -> Option<Finding> {
    let bytes = text.as_bytes();
    let name = cut(text, value.start, value.end);
    if !value.quoted || !crate::account::is_login(name) {
        return None;
    }
    let parts = |b: u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'\\' | b',');
    let next = run(bytes, value.end, GAP_BYTES_MAX, parts);
    let end = run(bytes, next, NAME_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-')
    });
    let sign = run(bytes, end, 16, |b| {
        blank(b) || matches!(b, b'"' | b'\'' | b'\\')
    });
    let holds = verdict(cut(text, next, end)) == KeyVerdict::Secret("key.password");
    (holds && matches!(at(bytes, sign), b':' | b'='))
        .then(|| Finding::personal("key.user", crate::TokenKind::User, value.start, value.end))
}

/// A plain word behind `from` that says nothing, as most do, up to its last letter.
fn plain_word(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let open = run(bytes, from, 24, |b| !(alnum(b) || b >= 0x80));
    let end = run(bytes, open, NAME_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.' | b':' | b'/')
    });
    let mut last = end;
    while last > open && !before(bytes, last).is_ascii_alphabetic() {
        last -= 1;
    }
    let quoted = matches!(before(bytes, open), b'"' | b'\'' | b'`');
    let closed = matches!(at(bytes, end), b'"' | b'\n' | 0) || at(bytes, end) == b' ' && !quoted;
    // One that begins with a capital may be somebody's.
    let capital = at(bytes, open).is_ascii_uppercase() || at(bytes, open) >= 0x80;
    let plain = last > open && closed && !capital && !crate::screen::may_end(bytes, last);
    plain.then_some(open..last)
}

/// Bytes of the value behind `from` that tell that [`may_name`] is false of it.
pub(crate) fn plain_value(text: &str, from: usize) -> Option<Range<usize>> {
    let word = plain_word(text.as_bytes(), from).filter(|_| !is_set(text, from))?;
    // Of a longer one, how far it goes may depend on its numbers.
    (word.len() < PLAIN_BYTES_MAX).then_some(from..word.end)
}

/// Somebody's name, where the field `name` holds one: `name=Anna Example`.
fn person(text: &str, value: Extent) -> Option<Finding> {
    if let Some(found) = beside_password(text, value) {
        return Some(found);
    }
    let end = if value.quoted {
        value.end
    } else {
        crate::person::name_end(text, value.end)
    };
    let name = cut(text, value.start, end);
    if let Some(owner) = crate::names::owner(name) {
        let end = value.start + owner.len();
        return Some(Finding::personal(
            "key.name",
            crate::TokenKind::Person,
            value.start,
            end,
        ));
    }
    let spaced = name.contains(' ') && crate::names::is_listed(name);
    let joined = || {
        let spaced = zeroize::Zeroizing::new(name.replace("%20", " ").replace('+', " "));
        crate::names::is_listed(&spaced)
    };
    (spaced || name.contains(['%', '+']) && name.len() <= NAME_BYTES_MAX && joined())
        .then(|| Finding::personal("key.name", crate::TokenKind::Person, value.start, end))
}

/// As [`named`], for a field of [`KINDS`].
pub(crate) fn typed(
    text: &str,
    (field, from): (&str, usize),
    line_breaks: bool,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let said = extent(text, from, line_breaks, NAME_BYTES_MAX)?;
    if !said.quoted || !tells(field, cut(text, said.start, said.end)) {
        return None;
    }
    let before = out.len();
    let end = beside(text, (from, line_breaks), KIND_HOLDERS, out)?;
    // Its value says what it is, not what one is to do about it: `required`.
    let holds = |f: &Finding| is_one(field, cut(text, f.start, f.end));
    if out.get(before..)?.iter().all(holds) {
        return Some(end);
    }
    out.truncate(before);
    None
}

/// Whether a value may be what a field of [`KINDS`] says of it: some digit or sign is in it.
pub fn is_one(field: &str, value: &str) -> bool {
    let sign = |b: u8| b.is_ascii_digit() || b"@!#$%^&*".contains(&b) || b >= 0x80;
    field.eq_ignore_ascii_case("path") || value.bytes().any(sign)
}

/// The value that belongs to the name behind the separator before `from`.
pub(crate) fn named(
    text: &str,
    from: usize,
    line_breaks: bool,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    beside(text, (from, line_breaks), HOLDERS, out)
}

fn beside(
    text: &str,
    (from, line_breaks): (usize, bool),
    holders: &[&str],
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let name = extent(text, from, line_breaks, NAME_BYTES_MAX)?;
    if is_set(text, from) {
        let found = set(text, from)?;
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    if let Some(found) = person(text, name) {
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    let key = cut(text, name.start, name.end);
    let personal = matches!(verdict(key), KeyVerdict::Personal(..));
    let (KeyVerdict::Secret(rule) | KeyVerdict::Personal(rule, _)) = verdict(key) else {
        return None;
    };
    if name.cut_at(NAME_BYTES_MAX) {
        return None;
    }
    let slashes = run(bytes, name.end, 16, |b| b == b'\\');
    let close = if matches!(at(bytes, slashes), b'"' | b'\'') {
        slashes + 1
    } else {
        name.end
    };
    // Without quotes only behind the line breaks of the protocol.
    let form = name.quoted || starts(bytes, close, b"\r\n\r\n");
    if form && let Some((start, end)) = form_part(text, close) {
        let found = Extent {
            start,
            end,
            quoted: true,
        };
        out.push(held(text, key, rule, found)?);
        return Some(end);
    }
    let gap = gap_end(bytes, name.end);
    let word = run(bytes, gap, 16, |b| b.is_ascii_alphabetic());
    let holds = holders
        .iter()
        .any(|holder| holder.eq_ignore_ascii_case(cut(text, gap, word)));
    let sign = run(bytes, word, 16, |b| {
        blank(b) || matches!(b, b'"' | b'\'' | b'\\')
    });
    if !holds || gap == name.end || !matches!(at(bytes, sign), b':' | b'=') {
        return None;
    }
    let from = any_value(bytes, sign + 1);
    let found = taken(text, from, true, |value, quoted| {
        quoted || !value.starts_with(['{', '['])
    })?;
    let found = whole_line(text, (name.end, gap), found, personal)?;
    out.push(held(text, key, rule, found)?);
    Some(found.end)
}

/// Fields that hold the value of the name beside them.
const HOLDERS: &[&str] = &[
    "value",
    "val",
    "v",
    "data",
    "content",
    "default",
    "parametervalue",
];

/// Fields that hold the value of the kind beside them.
pub const KIND_HOLDERS: &[&str] = &["value", "val", "number"];

/// The value without quotes to the end of its line, where it stands on another line than its name,
/// which ends where the gap begins: `value: 1 High Street`. Elsewhere more words make a sentence.
fn whole_line(text: &str, gap: (usize, usize), found: Extent, personal: bool) -> Option<Extent> {
    let parted = text.as_bytes().get(gap.0..gap.1).unwrap_or(&[]);
    let own_line = parted.contains(&b'\n') || parted.windows(2).any(|w| w == br"\n");
    match (found.quoted, own_line) {
        (false, true) => Some(Extent {
            end: own_line_end(text, found),
            ..found
        }),
        (false, false) if personal => None,
        _ => Some(found),
    }
}

/// End of the line of the value, blanks left out, also of an escaped line.
fn own_line_end(text: &str, found: Extent) -> usize {
    let bytes = text.as_bytes();
    let end = run(bytes, found.end, VALUE_BYTES_MAX, |b| {
        !matches!(b, b'\n' | b'\r' | b'\\' | b'"')
    });
    found.end + cut(text, found.end, floor(text, end)).trim_end().len()
}

/// Members of OTLP's `AnyValue` (opentelemetry-proto, common.proto) that hold a text or a number.
pub const ANY_VALUE: &[&str] = &[
    "stringValue",
    "string_value",
    "intValue",
    "int_value",
    "doubleValue",
    "double_value",
];

/// The value of an object that begins at `i` with the member that holds it: `{"value": "x", …}`, as
/// Terraform, secret stores, DynamoDB (`S`, `N`) and Avro's unions (`string`) print one.
pub(crate) fn member_value(text: &str, i: usize) -> Option<Extent> {
    let bytes = text.as_bytes();
    let parts = |b: u8| blank(b) || matches!(b, b'"' | b'\'' | b'\\');
    let open = run(bytes, i + 1, GAP_BYTES_MAX, parts);
    let word = run(bytes, open, 16, |b| b.is_ascii_alphabetic());
    let sign = run(bytes, word, 16, parts);
    let held = matches!(
        cut(text, open, word),
        "value" | "stringValue" | "secretString" | "S" | "N" | "string"
    );
    let found = (held && at(bytes, sign) == b':')
        .then(|| taken(text, sign + 1, false, |_, quoted| quoted))??;
    Some(found)
}

/// Behind the name of the member, where an `AnyValue` begins at `i`; else `i`.
fn any_value(bytes: &[u8], i: usize) -> usize {
    let parts = |b: u8| blank(b) || matches!(b, b'"' | b'\'' | b'\\' | b'{');
    let open = run(bytes, i, GAP_BYTES_MAX, parts);
    let member = ANY_VALUE
        .iter()
        .find(|member| starts(bytes, open, member.as_bytes()));
    let Some(member) = member.filter(|_| bytes.get(i..open).is_some_and(|b| b.contains(&b'{')))
    else {
        return i;
    };
    let sign = run(bytes, open + member.len(), GAP_BYTES_MAX, |b| {
        parts(b) && b != b'{'
    });
    if at(bytes, sign) == b':' { sign + 1 } else { i }
}

/// End of what parts a name from the field of its value: quotes, signs, blanks and line breaks,
/// which may be escaped.
fn gap_end(bytes: &[u8], i: usize) -> usize {
    let parts =
        |b: u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'\\' | b',' | b';' | b'&');
    let gap = run(bytes, i, GAP_BYTES_MAX, parts);
    let escaped = before(bytes, gap) == b'\\' && matches!(at(bytes, gap), b'n' | b'r');
    // `\n    value`: blanks follow the letter, else it is one of a word.
    let next = run(bytes, gap + 1, GAP_BYTES_MAX, parts);
    if escaped && gap > i && next > gap + 1 {
        next
    } else {
        gap
    }
}

/// What MySQL writes before a value that its index has already.
const DUPLICATE: &[u8] = b"Duplicate entry '";

/// That, for the screen.
pub(crate) fn phrases_known() -> impl Iterator<Item = &'static str> {
    std::str::from_utf8(DUPLICATE).into_iter()
}

/// `Duplicate entry 'bob' for key 'users.username'` at its first word: the index is named after
/// the column.
pub(crate) fn duplicate(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts(bytes, i, DUPLICATE) {
        return None;
    }
    let start = i + DUPLICATE.len();
    let end = run(bytes, start, VALUE_BYTES_MAX, |b| b != b'\'' && b != b'\n');
    let key = end + "' for key '".len();
    let close = run(bytes, key, NAME_BYTES_MAX, |b| b != b'\'' && b != b'\n');
    if cut(text, end, key) != "' for key '" || at(bytes, close) != b'\'' {
        return None;
    }
    let name = cut(text, key, close);
    let ends = ["_unique", "_key", "_idx", "_index", "_uk", "_uniq"];
    let name = ends
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let quoted = true;
    let found = Extent { start, end, quoted };
    keyed::governed(name, cut(text, start, end), found)
}

/// Commands of GitHub's workflows that set a value by what they print: `::set-output name=X::y`.
const SETTERS: &[&str] = &[
    "::set-output name=",
    "::set-env name=",
    "::save-state name=",
];

/// Whether one of them ends before `from`.
fn is_set(text: &str, from: usize) -> bool {
    SETTERS.iter().any(|setter| {
        let start = from.checked_sub(setter.len());
        start.is_some_and(|start| cut(text, start, from) == *setter)
    })
}

/// The value behind the name at `from`, of such a command.
fn set(text: &str, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = run(bytes, from, NAME_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.')
    });
    let value = starts(bytes, end, b"::").then_some(end + 2)?;
    let found = taken(text, value, false, |_, _| true)?;
    let key = cut(text, from, end);
    keyed::governed(key, cut(text, found.start, found.end), found)
}

/// The finding of a value whose name stands in another field.
fn held(text: &str, key: &str, rule: &'static str, found: Extent) -> Option<Finding> {
    match verdict(key) {
        KeyVerdict::Secret(_) => Some(Finding::secret(rule, found.start, found.end)),
        _ => keyed::governed(key, cut(text, found.start, found.end), found),
    }
}

/// End of the line break at `i`, also an escaped one.
fn line_break(bytes: &[u8], i: usize) -> Option<usize> {
    let forms: [&[u8]; 4] = [b"\r\n", b"\n", b"\\r\\n", b"\\n"];
    let form = forms.iter().find(|form| starts(bytes, i, form))?;
    Some(i + form.len())
}

/// The body of the `multipart/form-data` part (RFC 7578) whose name ends at `i`.
fn form_part(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut line = line_break(bytes, i)?;
    for _ in 0..4 {
        if let Some(start) = line_break(bytes, line) {
            let limit = (start + VALUE_BYTES_MAX).min(bytes.len());
            let ends = |n: &usize| {
                line_break(bytes, *n).is_some() || starts(bytes, *n, b"--") && *n == start
            };
            let end = floor(text, (start..limit).find(ends).unwrap_or(limit));
            return (!is_placeholder(cut(text, start, end))).then_some((start, end));
        }
        // `Content-Type: text/plain` before the empty line.
        let limit = (line + PART_LINE_BYTES_MAX).min(bytes.len());
        let end = (line..limit).find(|n| line_break(bytes, *n).is_some())?;
        line = line_break(bytes, end)?;
    }
    None
}

/// How far before a string its array's brace is looked for.
const ARRAY_BYTES_MAX: usize = 1_024;

/// Whether the string of a serialised array whose text begins at `open` is the value of another
/// one: an odd number of scalars stands before it in its array.
fn is_member_value(bytes: &[u8], open: usize) -> bool {
    let brace = crate::bytes::run_back(bytes, open, ARRAY_BYTES_MAX, |b| b != b'{' && b != b'}');
    let members = bytes.get(brace..open).unwrap_or(&[]);
    let scalars = members.iter().zip(members.iter().skip(1));
    let ends =
        scalars.filter(|(b, next)| **b == b';' && matches!(next, b's' | b'i' | b'b' | b'd' | b'N'));
    before(bytes, brace) == b'{' && ends.count() % 2 == 1
}

/// `s:8:"password";s:6:"secret";` at the `;` between: PHP's `serialize`.
pub(crate) fn serialized(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts(bytes, i + 1, b"s:") || before(bytes, i) != b'"' {
        return None;
    }
    let close = crate::bytes::run_back(bytes, i, 8, |b| matches!(b, b'"' | b'\\'));
    let open = crate::bytes::run_back(bytes, close, NAME_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.' | 0) || b >= 0x80
    });
    let key = cut(text, crate::bytes::ceil(text, open), close);
    // What a private or protected property's name begins with.
    let key = key.rsplit('\0').next().unwrap_or(key);
    let (KeyVerdict::Secret(rule) | KeyVerdict::Personal(rule, _)) = verdict(key) else {
        return None;
    };
    if is_member_value(bytes, open) {
        return None;
    }
    let length = run(bytes, i + 3, 8, digit);
    let quote = run(bytes, length + 1, 8, |b| b == b'\\');
    if at(bytes, length) != b':' || at(bytes, quote) != b'"' {
        return None;
    }
    let found = taken(text, length + 1, false, |_, quoted| quoted)?;
    // The length says where it ends, whatever the value holds.
    let said: usize = cut(text, i + 3, length).parse().ok()?;
    let exact = found.start + said;
    let closed = matches!(at(bytes, exact), b'"' | b'\\') && text.is_char_boundary(exact);
    let end = if closed { exact } else { found.end };
    held(text, key, rule, Extent { end, ..found })
}
