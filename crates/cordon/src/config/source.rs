//! The configuration as its text: every mistake in it, not the first alone, with its place.
//!
//! *How:* what the parser of a section refuses is told and taken out, and the rest is read again,
//! until it is a configuration. *Limits:* [`PROBLEMS_COUNT_MAX`].

use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::Config;

/// Mistakes that are told of one file.
pub(crate) const PROBLEMS_COUNT_MAX: usize = 100;
/// Characters of a word that are compared with the keys that are known.
const WORD_CHARACTERS_MAX: usize = 64;

/// A file that is no TOML, or has another shape, with the place.
#[derive(Debug)]
pub(crate) struct Unparsed {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    error: toml::de::Error,
}

impl std::error::Error for Unparsed {}

impl std::fmt::Display for Unparsed {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(to)
    }
}

impl Unparsed {
    pub(crate) fn new(text: &str, error: toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let (line, column) = place(text, at);
        Self {
            line,
            column,
            error,
        }
    }
}

/// Line and column of a byte offset, from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let lines = before.matches('\n').count();
    (lines + 1, line.chars().count() + 1)
}

/// A mistake in the text.
pub(crate) struct Mistake {
    /// Stable code.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// What to write instead, where that can be told.
    pub(crate) hint: Option<String>,
    /// Where, in bytes.
    pub(crate) span: Range<usize>,
}

/// A text that was read as far as it can be.
pub(crate) struct Source<'t> {
    table: Spanned<DeTable<'t>>,
    /// What is wrong with it.
    pub(crate) mistakes: Vec<Mistake>,
    /// What the rest of it says; none where nothing can be told.
    pub(crate) config: Option<Config>,
}

impl<'t> Source<'t> {
    /// Reads a text.
    pub(crate) fn read(text: &'t str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut mistakes: Vec<Mistake> = errors.iter().map(of_syntax).collect();
        if !mistakes.is_empty() {
            // What a broken line took with it would be missed without being missing.
            mistakes.truncate(PROBLEMS_COUNT_MAX);
            return Self {
                table,
                mistakes,
                config: None,
            };
        }
        let mut rest = table.clone();
        let config = loop {
            let read = Config::deserialize(toml::de::Deserializer::from(rest.clone()));
            let error = match read {
                Ok(config) => break Some(config),
                Err(error) => error,
            };
            let mistake = of_shape(&error);
            let at = mistake.span.start;
            mistakes.push(mistake);
            if mistakes.len() >= PROBLEMS_COUNT_MAX || !take_out(rest.get_mut(), at) {
                break None;
            }
        };
        mistakes.sort_by_key(|mistake| mistake.span.start);
        Self {
            table,
            mistakes,
            config,
        }
    }

    /// Where a key such as `listen.syslog[1].tls` stands; of one that is not there, where what
    /// holds it does.
    pub(crate) fn span(&self, key: &str) -> Option<Range<usize>> {
        let mut span = None;
        let mut table = self.table.get_ref();
        for part in key.split('.') {
            let (name, at) = match part.split_once('[') {
                Some((name, at)) => (name, at.trim_end_matches(']').parse().ok()),
                None => (part, None),
            };
            let Some((key, value)) = table.get_key_value(name) else {
                break;
            };
            span = Some(key.span());
            let mut value = value;
            if let (Some(at), Some(array)) = (at, value.get_ref().as_array()) {
                let at: usize = at;
                let Some(element) = array.get(at) else { break };
                span = Some(element.span());
                value = element;
            }
            let Some(inner) = value.get_ref().as_table() else {
                break;
            };
            table = inner;
        }
        span
    }
}

fn of_syntax(error: &toml::de::Error) -> Mistake {
    Mistake {
        code: "config_syntax",
        message: error.message().to_owned(),
        hint: None,
        span: error.span().unwrap_or_default(),
    }
}

/// What serde says of a key or value; of a key that is not known, what may have been meant.
fn of_shape(error: &toml::de::Error) -> Mistake {
    let span = error.span().unwrap_or_default();
    let message = error.message();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field");
    if !unknown {
        let code = if message.starts_with("missing field") {
            "config_missing_key"
        } else {
            "config_value"
        };
        return Mistake {
            code,
            message: message.to_owned(),
            hint: None,
            span,
        };
    }
    let key = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let hint = match nearest(key, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Mistake {
        code: "config_unknown_key",
        message: format!("unknown key `{key}`"),
        hint: Some(hint),
        span,
    }
}

/// Takes out the smallest thing with a name that holds this place; whether there was one.
fn take_out(table: &mut DeTable<'_>, at: usize) -> bool {
    let mut found = None;
    for (key, value) in table.iter_mut() {
        let holds = key.span().contains(&at);
        let inside = !holds
            && match value.get_mut() {
                DeValue::Table(inner) => take_out(inner, at),
                DeValue::Array(array) => take_out_of(array, at),
                _ => false,
            };
        if inside {
            return true;
        }
        if holds || value.span().contains(&at) {
            found = Some(key.get_ref().clone().into_owned());
            break;
        }
    }
    found.is_some_and(|key| table.remove(key.as_str()).is_some())
}

/// The same within an array; an element that is wrong as a whole is taken out.
fn take_out_of(array: &mut DeArray<'_>, at: usize) -> bool {
    for value in array.iter_mut() {
        let inside = match value.get_mut() {
            DeValue::Table(inner) => take_out(inner, at),
            DeValue::Array(inner) => take_out_of(inner, at),
            _ => false,
        };
        if inside {
            return true;
        }
    }
    let before = array.len();
    let all = std::mem::replace(array, DeArray::new()).into_iter();
    *array = all.filter(|value| !value.span().contains(&at)).collect();
    array.len() < before
}

/// The word that is meant, if one is near enough.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let wanted = fold(word);
    let far = known
        .iter()
        .map(|near| (distance(&wanted, &fold(near)), *near));
    let near = far.filter(|(far, near)| *far <= 1 + near.len() / 4);
    near.min_by_key(|(far, _)| *far).map(|(_, near)| near)
}

/// A word without its case and separators.
fn fold(word: &str) -> Vec<char> {
    let plain = word.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    plain
        .take(WORD_CHARACTERS_MAX)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Edits between two words (Levenshtein), a row at a time.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, x) in one.iter().enumerate() {
        let (mut diagonal, mut left) = (at, at + 1);
        for (y, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            let replaced = diagonal + usize::from(x != y);
            left = replaced.min(above + 1).min(left + 1);
            (diagonal, *cell) = (above, left);
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, String)> {
        let told = Source::read(text).mistakes.into_iter();
        told.map(|m| (m.code, text.get(m.span).unwrap().to_owned()))
            .collect()
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = "[server]\nlistn = 'x'\ngrpc = 'nowhere'\n[redaction]\nrulez = []\n\
                    unknown = 'scan'\n[redaction.dictionary]\nterms = 'one'\n[nothing]\n";
        let expect = [
            ("config_unknown_key", "listn"),
            ("config_value", "'nowhere'"),
            ("config_unknown_key", "rulez"),
            ("config_value", "'one'"),
            ("config_unknown_key", "nothing"),
        ];
        assert_eq!(codes(text), expect.map(|(code, at)| (code, at.to_owned())));
        let config = Source::read(text).config.unwrap();
        assert_eq!(config.redaction.unknown.as_deref(), Some("scan"));
    }

    #[test]
    fn an_element_without_its_key_is_told_and_the_others_are_read() {
        let one = "address = '127.0.0.1:1'\ntransport = 'udp'\n";
        let text = format!("[[listen.syslog]]\ntenant = 'a'\n[[listen.syslog]]\n{one}");
        let source = Source::read(&text);
        assert_eq!(source.mistakes[0].code, "config_missing_key");
        assert_eq!(source.config.unwrap().listen.syslog.len(), 1);
        let source = Source::read(&text);
        let span = source.span("listen.syslog[1].transport").unwrap();
        assert_eq!(text.get(span), Some("transport"));
    }

    #[test]
    fn a_broken_text_is_told_without_a_panic() {
        for text in [
            "[server\n",
            "a = = 1",
            "\u{feff}[x",
            "[a]\n[a]\n",
            "x = \"\\q\"",
        ] {
            let source = Source::read(text);
            assert!(
                !source.mistakes.is_empty() && source.config.is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_was_meant_is_the_nearest_known_key() {
        let known = ["listen", "grpc", "room_names"];
        assert_eq!(nearest("listn", &known), Some("listen"));
        assert_eq!(nearest("roomNames", &known), Some("room_names"));
        assert_eq!(nearest("colour", &known), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]a-c.=\"'\n 1-3{},]{0,60}") {
            let source = Source::read(&text);
            for mistake in &source.mistakes {
                proptest::prop_assert!(text.get(mistake.span.clone()).is_some());
            }
        }
    }
}
