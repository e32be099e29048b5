//! What shippers, runtimes and collectors put around a line.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::record::Format;

use super::noise::noise;
use super::template::render;

/// A line in its envelope: the envelope's name, how it arrives, the text.
pub(crate) type Enveloped = (&'static str, Format, Marked);

/// `head|name|form` and `object|name|form`, a line each: a head of a line of text, an object around
/// a line. `§0` is the line, in an object within a JSON string.
static FORMS: LazyLock<Vec<(&str, &str, &str)>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let (what, rest) = line.split_once('|')?;
        let (name, form) = rest.split_once('|')?;
        Some((what, name, form))
    };
    include_str!("envelopes.txt")
        .lines()
        .filter_map(row)
        .collect()
});

/// The name and the form of a head or an object.
fn drawn(draw: &mut Draw, what: &str) -> (&'static str, &'static str) {
    let all: Vec<_> = FORMS.iter().filter(|row| row.0 == what).collect();
    let (_, name, form) = **draw.row(&all);
    (name, form)
}

/// A text in an envelope, or as it is.
pub(crate) fn around(draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
    let has_lines = inner.text.contains('\n');
    match (format, has_lines, draw.below(100)) {
        (Format::Json, _, 0..62)
        | (Format::Text, true, 34..)
        | (Format::Text, false, 0..22 | 96..) => ("none", format, inner),
        (Format::Json, _, 62..76) | (Format::Text, true, _) | (Format::Text, false, 62..88) => {
            object(draw, &inner)
        }
        (Format::Json, _, 76..82) | (Format::Text, false, 88..92) => twice(draw, &inner),
        (Format::Text, false, 92..96) => {
            let (_, _, inner) = object(draw, &inner);
            let (_, _, text) = head(draw, &inner);
            ("op_head_object", Format::Text, text)
        }
        _ => head(draw, &inner),
    }
}

/// A whole record that brings its own head: as it is, or as a shipper's object.
pub(crate) fn shipped(draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
    if draw.chance(22) {
        return object(draw, &inner);
    }
    ("none", format, inner)
}

fn head(draw: &mut Draw, inner: &Marked) -> Enveloped {
    let (name, form) = drawn(draw, "head");
    let form = render(draw, form).text;
    (name, Format::Text, Marked::fill(&form, &[inner]))
}

fn object(draw: &mut Draw, inner: &Marked) -> Enveloped {
    let (name, form) = drawn(draw, "object");
    let form = render(draw, form).text;
    let inner = if draw.chance(15) {
        encode::json_ascii(inner)
    } else {
        encode::json(inner)
    };
    (name, Format::Json, Marked::fill(&form, &[&inner]))
}

/// An object in an object's string, once or twice more.
fn twice(draw: &mut Draw, inner: &Marked) -> Enveloped {
    let (_, _, mut text) = object(draw, inner);
    let mut name = "op_object_2";
    if draw.chance(35) {
        let id = noise(draw, "h12");
        text = Marked::fill(
            &format!("{{\"id\":\"{id}\",\"record\":\"§0\"}}"),
            &[&encode::json(&text)],
        );
        name = "op_object_3";
    }
    let (_, _, text) = object(draw, &text);
    (name, Format::Json, text)
}

/// The names of all envelopes.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    FORMS.iter().map(|row| row.1).collect()
}
