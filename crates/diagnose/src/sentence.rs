//! Sentences whose numbers are statistics and whose quotations are safe to print.

use std::fmt;

use cordon_event::unseen::{control_end, is_unseen};

use crate::statistic::Statistic;

/// Longest quotation of telemetry in characters.
pub const EXCERPT_CHARS_MAX: usize = 160;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Words of ours.
    Words(&'static str),
    /// Words of the telemetry, safe to print, at most [`EXCERPT_CHARS_MAX`] characters.
    Quote(String),
    /// A number.
    Number(Statistic),
}

/// A sentence with what it rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// Its pieces in order.
    pub parts: Vec<Part>,
    /// Ids of the stored events and groups that it rests on.
    pub evidence: Vec<String>,
}

impl Sentence {
    /// Begins with words.
    pub(crate) fn new(words: &'static str) -> Self {
        Self::default().words(words)
    }

    /// Appends words.
    pub(crate) fn words(mut self, words: &'static str) -> Self {
        self.parts.push(Part::Words(words));
        self
    }

    /// Appends a quotation.
    pub(crate) fn quote(mut self, text: &str) -> Self {
        self.parts.push(Part::Quote(excerpt(text)));
        self
    }

    /// Appends the name of a service and a colon; nothing for a source that does not say its name.
    pub(crate) fn service(self, name: &str) -> Self {
        if name.is_empty() {
            self
        } else {
            self.quote(name).words(": ")
        }
    }

    /// Appends a quotation in backquotes, as code.
    pub(crate) fn code(self, text: &str) -> Self {
        self.words("`").quote(text).words("`")
    }

    /// Appends a number.
    pub(crate) fn number(mut self, statistic: Statistic) -> Self {
        self.parts.push(Part::Number(statistic));
        self
    }

    /// Appends a count and its noun in the right number.
    pub(crate) fn count(self, of: Statistic, one: &'static str, many: &'static str) -> Self {
        let noun = if of.count() == 1 { one } else { many };
        self.number(of).words(" ").words(noun)
    }

    /// Cites stored events or groups.
    pub(crate) fn citing<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        for id in ids {
            let id = id.into();
            if !self.evidence.contains(&id) {
                self.evidence.push(id);
            }
        }
        self
    }

    /// Its numbers.
    pub fn statistics(&self) -> impl Iterator<Item = &Statistic> {
        self.parts.iter().filter_map(|part| match part {
            Part::Number(statistic) => Some(statistic),
            _ => None,
        })
    }

    /// Whether it quotes telemetry.
    pub(crate) fn quotes(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Quote(_)))
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Words(words) => f.write_str(words)?,
                Part::Quote(text) => f.write_str(text)?,
                Part::Number(statistic) => f.write_str(&statistic.render())?,
            }
        }
        Ok(())
    }
}

/// Text as it may be shown: [`printable`], at most [`EXCERPT_CHARS_MAX`] characters.
pub fn excerpt(text: &str) -> String {
    shown(text, EXCERPT_CHARS_MAX)
}

/// Text as a terminal may print it: one line, without control, bidirectional, zero-width or tag
/// characters, and without terminal escapes. What is left out here is what the detector reads
/// through ([`cordon_event::unseen`]): what was searched is what is shown.
pub fn printable(text: &str) -> String {
    shown(text, usize::MAX)
}

/// As [`printable`], with each of several blanks within it.
pub(crate) fn verbatim(text: &str) -> String {
    written(text, usize::MAX, true)
}

fn shown(text: &str, chars_max: usize) -> String {
    written(text, chars_max, false)
}

fn written(text: &str, chars_max: usize, spaced: bool) -> String {
    let mut out = String::new();
    let mut taken = 0;
    let mut space = true;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\u{1b}' {
            let end = control_end(text.as_bytes(), at);
            while chars.next_if(|(at, _)| *at < end).is_some() {}
            continue;
        }
        if is_unseen(c) {
            continue;
        }
        let blank = c.is_whitespace() || c.is_control();
        if blank && space && !(spaced && taken > 0) {
            continue;
        }
        if taken == chars_max - 1 && chars.peek().is_some() {
            out.push('…');
            break;
        }
        out.push(if blank { ' ' } else { c });
        taken += 1;
        space = blank;
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_what_the_search_reads_through() {
        for c in ('\u{1}'..=char::MAX).filter(|c| *c != '\u{1b}') {
            let text = format!("a{c}b");
            if printable(&text) == "ab" {
                assert_eq!(cordon_detect::undisguised(&text), "ab", "{c:?}");
            }
        }
    }

    proptest::proptest! {
        /// Else the halves of a token that a search did not find would be one token when shown.
        #[test]
        fn a_search_reads_through_every_sequence_that_is_left_out(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                "\u{1b}", "\u{1b}[", "\u{1b}]", "\u{1b}P", "\u{1b}(", "[", "]", "31", ";", "?", "m",
                "K", "B", " ", "\u{7}", "\u{1b}\\", "\u{9c}", "\u{200b}", "\u{e0041}", "é", "\n",
                "x", "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1",
            ]), 0..14)
        ) {
            let text = parts.concat();
            let searched = cordon_detect::undisguised(&text);
            proptest::prop_assert_eq!(printable(&searched), printable(&text));
        }
    }

    #[test]
    fn excerpts_hide_nothing_and_move_no_cursor() {
        let hostile = "a\u{1b}[31mb\u{202e}c\u{200b}d\r\n\te\u{7f}\u{9b}f";
        assert_eq!(excerpt(hostile), "abcd e f");
        assert_eq!(excerpt("  x  "), "x");
        assert_eq!(printable(hostile), "abcd e f");
        assert_eq!(printable(&"é".repeat(500)), "é".repeat(500));
        assert_eq!(
            printable("a\u{1b}]0;t\u{7}b\u{1b}]8;;u\u{1b}\\c\u{1b}Pd"),
            "abcd"
        );
        let long = excerpt(&"é".repeat(500));
        assert_eq!(long.chars().count(), EXCERPT_CHARS_MAX);
        assert!(long.ends_with('…'));
        let fits = "é".repeat(EXCERPT_CHARS_MAX);
        assert_eq!(excerpt(&fits), fits);
    }
}
