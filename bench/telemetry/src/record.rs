//! What a labelled record is. `README.md` documents it for other authors of generators.

use std::fmt;

/// What kind of telemetry a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A log record.
    Log,
    /// A span.
    Span,
    /// An error report.
    Error,
}

/// How a record arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines of text.
    Text,
    /// Each line is one JSON value, before redaction and after it.
    Json,
}

/// Class of a planted value, as in the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Secrets and authentication artefacts.
    A,
    /// Direct identifiers of a person.
    B,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
        })
    }
}

/// One layer of encoding or escaping around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// Standard base64.
    Base64,
    /// URL-safe base64 without padding.
    Base64Url,
    /// Hex digits.
    Hex,
    /// `%41`: of every byte, or of those that a URL demands.
    Percent,
    /// `\u0041` of every character.
    Unicode,
    /// `&#65;` of every character, or of those that markup demands.
    Html,
    /// Quoted-printable.
    Quoted,
    /// A NUL behind every character: UTF-16 read as bytes.
    Utf16,
    /// gzip, then base64.
    Gzip64,
    /// Backslashes of a JSON or source-code literal; written only where they changed the value.
    Escape,
    /// Interrupted: colour codes, a line break, invisible or look-alike characters.
    Broken,
}

impl Encoding {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Unicode => "\\uXXXX",
            Self::Html => "html",
            Self::Quoted => "quoted-printable",
            Self::Utf16 => "utf16",
            Self::Gzip64 => "gzip+base64",
            Self::Escape => "escape",
            Self::Broken => "broken",
        }
    }

    /// Whether a value is one with the run of characters that it stands in, so that a redactor may
    /// rewrite the run.
    pub const fn is_run(self) -> bool {
        matches!(
            self,
            Self::Base64 | Self::Base64Url | Self::Hex | Self::Gzip64
        )
    }
}

/// A planted value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plant {
    /// First byte in the record's text.
    pub start: usize,
    /// First byte behind it. The span holds the value as it stands, in its encoding; within a
    /// base64 run it is the characters that carry a bit of the value.
    pub end: usize,
    /// Its class.
    pub class: Class,
    /// Its kind: `password`, `card`, `national_id:de`, …
    pub kind: String,
    /// Language or country of the value; `-` where it has none.
    pub locale: &'static str,
    /// Layers around it, the innermost first; empty for plain.
    pub encoding: Vec<Encoding>,
    /// The plain value, or the part of it that a truncation left.
    pub value: String,
    /// Whether nothing but the words around it tells what it is (a name or address in prose).
    pub free_text: bool,
}

impl Plant {
    /// Its layers by name, as reports group them: `plain`, `base64`, `json in base64 …`.
    pub fn encoding_name(&self) -> String {
        let names: Vec<&str> = self.encoding.iter().map(|layer| layer.name()).collect();
        match names.len() {
            0 => "plain".to_owned(),
            1 | 2 => names.join(" in "),
            _ => format!("depth {}", names.len()),
        }
    }
}

/// A labelled record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Unique within a seed; the same for the same seed.
    pub id: String,
    /// What kind of telemetry it is.
    pub shape: Shape,
    /// Notation that holds the values: `yaml`, `curl_u`, …; for a trap, what it is a trap of.
    pub carrier: &'static str,
    /// What is around that notation: `none`, `log_prefix`, `json_message`, …
    pub wrapper: &'static str,
    /// How it arrives.
    pub format: Format,
    /// What arrives; may hold several lines, without a line break at its end.
    pub text: String,
    /// Planted values, by their place.
    pub plants: Vec<Plant>,
    /// Spans, first byte and first byte behind, that may be removed or kept: accounts of machines,
    /// harmless cookies, headings of keys. They count for nothing.
    pub either: Vec<(usize, usize)>,
    /// Whether it must come out byte for byte as it came in.
    pub trap: bool,
}

/// One author of records: everything it does not take from the draw is fixed.
pub type Generator = fn(&mut crate::Draw) -> Record;

impl Record {
    /// Whether the labels hold together: spans lie on characters within the text, a trap plants
    /// nothing, and no planted value also stands where no plant says so.
    pub fn is_sound(&self) -> bool {
        let spans_hold = self.plants.iter().all(|plant| {
            let span = self.text.get(plant.start..plant.end);
            span.is_some_and(|span| !span.is_empty()) && !plant.value.is_empty()
        });
        let lines_hold = self.format == Format::Text
            || self
                .text
                .lines()
                .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
        let outside = self.outside();
        let either_hold = self
            .either
            .iter()
            .all(|(start, end)| self.text.get(*start..*end).is_some());
        let told = self
            .plants
            .iter()
            .all(|plant| !outside.contains(&plant.value));
        spans_hold && either_hold && lines_hold && told && self.trap == self.plants.is_empty()
    }

    /// The text with a line break in the place of each plant.
    pub(crate) fn outside(&self) -> String {
        let mut out = String::new();
        let mut at = 0;
        for plant in &self.plants {
            out.push_str(self.text.get(at..plant.start).unwrap_or(""));
            out.push('\n');
            at = at.max(plant.end);
        }
        out.push_str(self.text.get(at..).unwrap_or(""));
        out
    }
}
