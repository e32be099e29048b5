//! What shippers, runtimes and collectors put around a line, from a part's own list.

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::record::Format;
use crate::template::{Filler, render};

/// A line in its envelope: the envelope's name, how it arrives, the text.
pub(crate) type Enveloped = (&'static str, Format, Marked);

/// The envelopes of a part.
pub(crate) struct Envelopes {
    forms: Vec<(&'static str, &'static str, &'static str)>,
    filler: &'static Filler,
    /// Names of an object in a head, of one in an object, of one in one in one.
    names: [&'static str; 3],
}

impl Envelopes {
    /// A file of `head|name|form` and `object|name|form`, a line each: a head of a line of text, an
    /// object around a line. `§0` is the line, in an object within a JSON string.
    pub(crate) fn parse(
        file: &'static str,
        filler: &'static Filler,
        names: [&'static str; 3],
    ) -> Self {
        let row = |line: &'static str| {
            let (what, rest) = line.split_once('|')?;
            let (name, form) = rest.split_once('|')?;
            Some((what, name, form))
        };
        Self {
            forms: file.lines().filter_map(row).collect(),
            filler,
            names,
        }
    }

    /// The name and the form of a head or an object.
    fn drawn(&self, draw: &mut Draw, what: &str) -> (&'static str, &'static str) {
        let all: Vec<_> = self.forms.iter().filter(|row| row.0 == what).collect();
        let (_, name, form) = **draw.row(&all);
        (name, form)
    }

    /// A text in an envelope, or as it is.
    pub(crate) fn around(&self, draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
        let has_lines = inner.text.contains('\n');
        match (format, has_lines, draw.below(100)) {
            (Format::Json, _, 0..62)
            | (Format::Text, true, 34..)
            | (Format::Text, false, 0..22 | 96..) => ("none", format, inner),
            (Format::Json, _, 62..76) | (Format::Text, true, _) | (Format::Text, false, 62..88) => {
                self.object(draw, &inner)
            }
            (Format::Json, _, 76..82) | (Format::Text, false, 88..92) => self.twice(draw, &inner),
            (Format::Text, false, 92..96) => {
                let (_, _, inner) = self.object(draw, &inner);
                let (_, _, text) = self.head(draw, &inner);
                (self.names[0], Format::Text, text)
            }
            _ => self.head(draw, &inner),
        }
    }

    /// A whole record that brings its own head: as it is, or as a shipper's object.
    pub(crate) fn shipped(&self, draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
        if draw.chance(22) {
            return self.object(draw, &inner);
        }
        ("none", format, inner)
    }

    fn head(&self, draw: &mut Draw, inner: &Marked) -> Enveloped {
        let (name, form) = self.drawn(draw, "head");
        let form = render(draw, self.filler, form).text;
        (name, Format::Text, Marked::fill(&form, &[inner]))
    }

    fn object(&self, draw: &mut Draw, inner: &Marked) -> Enveloped {
        let (name, form) = self.drawn(draw, "object");
        let form = render(draw, self.filler, form).text;
        let inner = if draw.chance(15) {
            encode::json_ascii(inner)
        } else {
            encode::json(inner)
        };
        (name, Format::Json, Marked::fill(&form, &[&inner]))
    }

    /// An object in an object's string, once or twice more.
    fn twice(&self, draw: &mut Draw, inner: &Marked) -> Enveloped {
        let (_, _, mut text) = self.object(draw, inner);
        let mut name = self.names[1];
        if draw.chance(35) {
            let id = (self.filler.noise)(draw, "h12");
            text = Marked::fill(
                &format!("{{\"id\":\"{id}\",\"record\":\"§0\"}}"),
                &[&encode::json(&text)],
            );
            name = self.names[2];
        }
        let (_, _, text) = self.object(draw, &text);
        (name, Format::Json, text)
    }

    /// The names of all envelopes.
    #[cfg(test)]
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let listed = self.forms.iter().map(|row| row.1);
        listed.chain(self.names).collect()
    }
}
