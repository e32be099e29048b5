//! Notations that values stand in: fields of data languages and dumps, commands, URLs, headers,
//! files, prose.

pub(crate) mod command;
pub(crate) mod data;
pub(crate) mod dump;
pub(crate) mod file;
pub(crate) mod http;
pub(crate) mod prose;
mod prose_table;
pub(crate) mod report;
pub(crate) mod trace;

use crate::draw::Draw;
use crate::marked::Marked;
use crate::noise::expand;
use crate::noise_table::FIELDS;
use crate::value::Value;

/// A name and what it holds.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Words parted by blanks; a carrier writes them in its own style.
    pub(crate) key: String,
    pub(crate) value: Marked,
    /// Whether it is a number or a truth value, which data languages do not quote.
    pub(crate) is_number: bool,
}

/// Writes fields in its notation.
pub(crate) type Carrier = fn(&mut Draw, &[Field]) -> Marked;

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Snake,
    Camel,
    Pascal,
    Kebab,
    Dotted,
    Upper,
    Header,
}

/// A name in a style. Words that are not ASCII, or hold a sign, are joined with `_` alone.
pub(crate) fn key(style: Style, words: &str) -> String {
    let parts: Vec<&str> = words.split(' ').collect();
    let joined = |by: &str| parts.join(by);
    match style {
        Style::Kebab => joined("-"),
        Style::Dotted => joined("."),
        Style::Upper => joined("_").to_uppercase(),
        Style::Snake => joined("_"),
        Style::Header => parts
            .iter()
            .map(|p| capital(p))
            .collect::<Vec<_>>()
            .join("-"),
        Style::Pascal => parts.iter().map(|p| capital(p)).collect(),
        Style::Camel => {
            let mut out = parts.first().copied().unwrap_or("").to_owned();
            out.extend(parts.iter().skip(1).map(|p| capital(p)));
            out
        }
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + chars.as_str()
}

/// One style for all names of a record.
pub(crate) fn style(draw: &mut Draw, of: &[Style]) -> Style {
    *draw.row(of)
}

/// What may stand before a name without changing what it says.
const SECRET_OWNERS: &[&str] = &[
    "", "", "", "", "db", "smtp", "redis", "admin", "svc", "client", "legacy", "new", "current",
    "ldap", "upstream", "prod", "staging", "internal", "partner", "backup",
];
const PERSON_OWNERS: &[&str] = &[
    "",
    "",
    "",
    "",
    "user",
    "customer",
    "contact",
    "billing",
    "shipping",
    "employee",
    "patient",
    "guest",
    "sender",
    "recipient",
    "buyer",
    "owner",
    "applicant",
];

/// A field that holds the value under a name that tells; or under a neutral one, where the form of
/// the value alone tells.
pub(crate) fn field(draw: &mut Draw, value: &Value) -> Field {
    const NEUTRAL: &[&str] = &[
        "value", "data", "arg", "input", "payload", "param", "content", "detail", "text", "raw",
        "extra", "item", "result", "context", "body", "note", "field 3", "v",
    ];
    let is_neutral = value.keys.is_empty() || (value.is_bare && draw.chance(30));
    let key = if is_neutral {
        draw.of(NEUTRAL).to_owned()
    } else {
        let name = draw.of(value.keys);
        let is_secret = value.class == crate::record::Class::A;
        let owner = draw.of(if is_secret {
            SECRET_OWNERS
        } else {
            PERSON_OWNERS
        });
        let fits = !owner.is_empty() && name.is_ascii() && !name.starts_with(owner);
        if fits {
            format!("{owner} {name}")
        } else {
            name.to_owned()
        }
    };
    Field {
        key,
        value: value.mark(),
        is_number: is_plain_number(&value.text) && draw.chance(50),
    }
}

/// Digits that a JSON number may be.
fn is_plain_number(text: &str) -> bool {
    let is_digits = text.bytes().all(|b| b.is_ascii_digit());
    is_digits && !text.starts_with('0') && (4..=19).contains(&text.len())
}

/// A field that holds nothing of anybody.
pub(crate) fn harmless(draw: &mut Draw) -> Field {
    let (name, values) = *draw.row(FIELDS);
    let value = draw.of(values);
    let value = expand(draw, value);
    let is_word = value == "true" || value == "false";
    Field {
        key: name.to_owned(),
        is_number: is_word || value == "0" || is_json_number(&value),
        value: value.into(),
    }
}

/// Digits that need no quotes in JSON.
fn is_json_number(text: &str) -> bool {
    let is_digits = text.bytes().all(|b| b.is_ascii_digit());
    is_digits && !text.is_empty() && !text.starts_with('0') && text.len() <= 15
}

/// The fields with one to five harmless ones between them.
pub(crate) fn among(draw: &mut Draw, telling: Vec<Field>) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::new();
    for field in telling {
        for _ in 0..draw.between(0, 2) {
            add(&mut all, harmless(draw));
        }
        add(&mut all, field);
    }
    for _ in 0..draw.between(0, 2) {
        add(&mut all, harmless(draw));
    }
    all
}

/// Names are unique within a record: what a second one of a name means differs between readers.
fn add(all: &mut Vec<Field>, field: Field) {
    if all.iter().all(|other| other.key != field.key) {
        all.push(field);
    }
}

/// Text between quotes.
pub(crate) fn in_quotes(quote: &str, inner: &Marked) -> Marked {
    let mut out = Marked::from(quote);
    out.push(inner).add(quote);
    out
}

/// Writes `name` and `value` of each field with `of`, and joins them.
pub(crate) fn each(
    fields: &[Field],
    between: &str,
    mut of: impl FnMut(&Field) -> Marked,
) -> Marked {
    let parts: Vec<Marked> = fields.iter().map(&mut of).collect();
    Marked::join(&parts, between)
}

/// `head`, the inside, `tail`.
pub(crate) fn around(head: &str, inner: &Marked, tail: &str) -> Marked {
    let mut out = Marked::from(head);
    out.push(inner).add(tail);
    out
}
