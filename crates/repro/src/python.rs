//! Python as text: names that may become code, values that may only become literals.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::limits::NAME_BYTES_MAX;

const INDENT: &str = "    ";
const LINE_CHARS_MAX: usize = 88;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Whether the text is an identifier that may stand in generated code. ASCII only: look-alike
/// letters have no place in a name that a reader must recognise.
pub(crate) fn is_identifier(text: &str) -> bool {
    let head = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let body = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    head && body && text.len() <= NAME_BYTES_MAX && !KEYWORDS.contains(&text)
}

/// Whether the text is identifiers joined by dots.
pub(crate) fn is_dotted(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX && text.split('.').all(is_identifier)
}

/// Whether the text is a dotted name that may be imported: none of its parts is the interpreter's
/// own, such as `__import__`, `__class__` or `__main__`.
pub(crate) fn is_importable(text: &str) -> bool {
    is_dotted(text) && !text.split('.').any(|part| part.starts_with("__"))
}

/// A string literal. Whatever is not a letter, a digit or printable ASCII is escaped, so that
/// nothing invisible and no line break gets into the file.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            _ if c.is_alphanumeric() => out.push(c),
            _ if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

const TAGS: &[&str] = &[
    "$decimal",
    "$datetime",
    "$date",
    "$uuid",
    "$bytes",
    "$float",
    "$tuple",
    "$set",
    "$dict",
];

/// The one member of a typed value such as `{"$decimal": "1.20"}`.
pub(crate) fn typed(json: &Json) -> Option<(&str, &Json)> {
    let members = json.as_object().filter(|m| m.len() == 1)?;
    let (tag, value) = members.iter().next()?;
    TAGS.contains(&tag.as_str())
        .then_some((tag.as_str(), value))
}

/// A literal on as many lines as it needs, `depth` levels in.
pub(crate) fn literal(json: &Json, depth: usize) -> String {
    let flat = flat(json);
    if depth * INDENT.len() + flat.chars().count() <= LINE_CHARS_MAX || typed(json).is_some() {
        return flat;
    }
    let inner = INDENT.repeat(depth + 1);
    let rows: Vec<String> = match json {
        Json::Object(members) => members
            .iter()
            .map(|(key, value)| format!("{inner}{}: {},", string(key), literal(value, depth + 1)))
            .collect(),
        Json::Array(items) => items
            .iter()
            .map(|item| format!("{inner}{},", literal(item, depth + 1)))
            .collect(),
        _ => return flat,
    };
    let (open, close) = if json.is_object() {
        ('{', '}')
    } else {
        ('[', ']')
    };
    format!(
        "{open}\n{}\n{}{close}",
        rows.join("\n"),
        INDENT.repeat(depth)
    )
}

fn flat(json: &Json) -> String {
    if let Some((tag, value)) = typed(json) {
        return constructor(tag, value);
    }
    match json {
        Json::Null => "None".into(),
        Json::Bool(true) => "True".into(),
        Json::Bool(false) => "False".into(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => string(text),
        Json::Array(items) => format!("[{}]", list(items)),
        Json::Object(members) => {
            let rows: Vec<String> = members
                .iter()
                .map(|(k, v)| format!("{}: {}", string(k), flat(v)))
                .collect();
            format!("{{{}}}", rows.join(", "))
        }
    }
}

fn list(items: &[Json]) -> String {
    items.iter().map(flat).collect::<Vec<_>>().join(", ")
}

fn constructor(tag: &str, value: &Json) -> String {
    let text = || string(value.as_str().unwrap_or_default());
    let items = || value.as_array().map(Vec::as_slice).unwrap_or_default();
    match tag {
        "$decimal" => format!("decimal.Decimal({})", text()),
        "$datetime" => format!("datetime.datetime.fromisoformat({})", text()),
        "$date" => format!("datetime.date.fromisoformat({})", text()),
        "$uuid" => format!("uuid.UUID({})", text()),
        "$bytes" => format!("bytes.fromhex({})", text()),
        "$float" => format!("float({})", text()),
        "$tuple" => format!("tuple([{}])", list(items())),
        "$set" => format!("set([{}])", list(items())),
        _ => format!("dict([{}])", list(items())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_could_be_code_are_refused() {
        assert!(is_dotted("billing.refunds.refund_cents"));
        for bad in [
            "",
            "a..b",
            "a b",
            "os;x",
            "a.<locals>.b",
            "import",
            "a\nb",
            "é",
            "a.1b",
        ] {
            assert!(!is_dotted(bad), "{bad}");
        }
    }

    #[test]
    fn values_become_literals() {
        let value = json!({"a": null, "b": [true, -1, 1.5], "c": {"$decimal": "1.20"}});
        assert_eq!(
            literal(&value, 0),
            r#"{"a": None, "b": [True, -1, 1.5], "c": decimal.Decimal("1.20")}"#
        );
        assert_eq!(
            string("é\u{202e}\"\\\n\u{1f600}\u{0}"),
            r#""é\u202e\"\\\n\U0001f600\u0000""#
        );
    }

    #[test]
    fn a_long_value_takes_lines() {
        let value = json!({"k": "x".repeat(60), "l": "y".repeat(60)});
        assert_eq!(literal(&value, 0).lines().count(), 4);
    }
}
