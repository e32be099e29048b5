//! A tenant's own dictionary: words that are found wherever they stand, and names of fields whose
//! values are replaced whatever they look like; and texts that somebody selected by hand.
//!
//! *Limits:* [`TERMS_COUNT_MAX`] words of [`TERM_BYTES_MAX`] bytes; [`SELECTED_COUNT_MAX`] selected
//! texts of [`SELECTED_BYTES_MAX`] bytes. Linear in the text and the places where they stand.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use cordon_detect::{Finding as Found, PSEUDONYM_CHARS, TokenKind, is_ours, is_pseudonym};
use cordon_event::Class;

use crate::PolicyError;
use crate::policy::Term;

/// Words of one dictionary.
pub(crate) const TERMS_COUNT_MAX: usize = 100_000;
/// Longest word in bytes.
pub(crate) const TERM_BYTES_MAX: usize = 256;
/// Shortest word in bytes: a single letter would hit everywhere.
pub(crate) const TERM_BYTES_MIN: usize = 2;

/// Texts that somebody selected.
pub(crate) const SELECTED_COUNT_MAX: usize = 1_000;
/// Longest of them in bytes.
pub(crate) const SELECTED_BYTES_MAX: usize = 4_096;
/// The rule of a selected text.
pub(crate) const SELECTED_RULE: &str = "page.term";
/// What a marker begins with.
const OPENING: &str = "[removed:";
/// Longest marker in bytes.
const MARKER_BYTES_MAX: usize = 64;
/// Longest kind of a pseudonym in bytes.
const KIND_BYTES_MAX: usize = 24;

/// A compiled dictionary.
#[derive(Debug)]
pub(crate) struct Dictionary {
    /// Words, ASCII case ignored; every match at every place is reported, so that a longer word
    /// that turns out not to stand alone does not hide a shorter one that does.
    words: Option<AhoCorasick>,
    kinds: Vec<&'static str>,
    /// Texts that somebody selected, ASCII case ignored.
    selected: Option<AhoCorasick>,
    /// Kinds by the letters and digits of a field's name, in lower case.
    fields: BTreeMap<String, &'static str>,
}

impl Dictionary {
    pub(crate) fn new(words: &[Term], fields: &[Term]) -> Result<Self, PolicyError> {
        if words.len() + fields.len() > TERMS_COUNT_MAX {
            return Err(PolicyError::Terms);
        }
        for (term, index) in words.iter().chain(fields).zip(0_usize..) {
            if !(TERM_BYTES_MIN..=TERM_BYTES_MAX).contains(&term.text.len()) {
                return Err(PolicyError::Term { index });
            }
            let kind_fits = (1..=16).contains(&term.kind.len())
                && term.kind.bytes().all(|b| b.is_ascii_lowercase());
            if !kind_fits {
                return Err(PolicyError::Kind { index });
            }
        }
        let automaton = if words.is_empty() {
            None
        } else {
            let built = AhoCorasickBuilder::new()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .build(words.iter().map(|term| &term.text));
            Some(built.map_err(|_| PolicyError::Terms)?)
        };
        Ok(Self {
            words: automaton,
            kinds: words.iter().map(|term| term.kind).collect(),
            selected: None,
            fields: fields.iter().map(|t| (letters(&t.text), t.kind)).collect(),
        })
    }

    /// With texts that somebody selected.
    pub(crate) fn with_selected(self, texts: &[String]) -> Result<Self, PolicyError> {
        for (text, index) in texts.iter().zip(0_usize..) {
            let sized = (TERM_BYTES_MIN..=SELECTED_BYTES_MAX).contains(&text.len());
            if !sized || index >= SELECTED_COUNT_MAX {
                return Err(PolicyError::Selected { index });
            }
        }
        if texts.is_empty() {
            return Ok(self);
        }
        let built = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(texts);
        let selected = Some(built.map_err(|_| PolicyError::Terms)?);
        Ok(Self { selected, ..self })
    }

    /// Adds what somebody selected, wherever it stands but in what redaction made; of those that
    /// overlap all.
    pub(crate) fn find_selected(&self, text: &str, found: &mut Vec<Found>) {
        let Some(selected) = &self.selected else {
            return;
        };
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        let mut hits = selected.find_overlapping_iter(text).peekable();
        // Most texts hold none of what was selected.
        let Some(ours) = hits.peek().map(|_| Ours::of(text)) else {
            return;
        };
        for hit in hits {
            if ours.meets(hit.start(), hit.end()) {
                continue;
            }
            // Hits come by their ends: one that begins before others joins all of them.
            let mut range = (hit.start(), hit.end());
            while let Some((start, _)) = ranges.pop_if(|(_, end)| *end > range.0) {
                range.0 = start.min(range.0);
            }
            ranges.push(range);
        }
        found.extend(ranges.into_iter().map(|(start, end)| Found {
            rule: SELECTED_RULE,
            class: Class::B,
            kind: TokenKind::Custom("term"),
            start,
            end,
            coding: None,
        }));
    }

    /// Adds the words that stand in the text as whole words.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Found>) {
        let Some(words) = &self.words else {
            return;
        };
        for hit in words.find_overlapping_iter(text) {
            let inside = |c: char| c.is_alphanumeric() || c == '_';
            let left = text.get(..hit.start()).and_then(|t| t.chars().next_back());
            let right = text.get(hit.end()..).and_then(|t| t.chars().next());
            if left.is_some_and(inside) || right.is_some_and(inside) {
                continue;
            }
            let kind = self.kinds.get(hit.pattern().as_usize()).copied();
            found.push(Found {
                rule: "dictionary",
                class: Class::B,
                kind: TokenKind::Custom(kind.unwrap_or("term")),
                start: hit.start(),
                end: hit.end(),
                coding: None,
            });
        }
    }

    /// The kind of a field of that name, given in full or by its last part; case and separators
    /// make no difference: `crm.customer_ref`, `customerRef`.
    pub(crate) fn field(&self, name: &str) -> Option<&'static str> {
        if self.fields.is_empty() {
            return None;
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let of = |name: &str| self.fields.get(&letters(name)).copied();
        of(name).or_else(|| of(last))
    }
}

/// What redaction made in a text: markers and pseudonyms, each kind in its order.
struct Ours {
    markers: Vec<(usize, usize)>,
    pseudonyms: Vec<(usize, usize)>,
}

impl Ours {
    fn of(text: &str) -> Self {
        let opened = text.match_indices(OPENING);
        let signs = text.match_indices('_');
        Self {
            markers: opened.filter_map(|(n, _)| marker_at(text, n)).collect(),
            pseudonyms: signs.filter_map(|(n, _)| pseudonym_at(text, n)).collect(),
        }
    }

    /// Whether one of them has a byte of the range.
    fn meets(&self, start: usize, end: usize) -> bool {
        [&self.markers, &self.pseudonyms].iter().any(|made| {
            // The later one begins, the later it ends: the first that does not end before will do.
            let first = made.partition_point(|(_, close)| *close <= start);
            made.get(first).is_some_and(|(open, _)| *open < end)
        })
    }
}

/// The marker that opens there.
fn marker_at(text: &str, open: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes().get(open..)?.iter();
    let close = bytes.take(MARKER_BYTES_MAX).position(|b| *b == b']')?;
    let end = open + close + 1;
    text.get(open..end)
        .is_some_and(is_ours)
        .then_some((open, end))
}

/// The pseudonym whose kind ends in the `_` there.
fn pseudonym_at(text: &str, sign: usize) -> Option<(usize, usize)> {
    let head = text.as_bytes().get(..sign)?;
    let kind = head.iter().rev().take(KIND_BYTES_MAX);
    let kind = kind.take_while(|b| b.is_ascii_lowercase()).count();
    let (start, end) = (sign - kind, sign + 1 + PSEUDONYM_CHARS);
    let whole = text.get(start..end)?;
    is_pseudonym(whole).then_some((start, end))
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn term(text: &str) -> Term {
        Term {
            text: text.to_owned(),
            kind: "service",
        }
    }

    fn found(words: &[&str], text: &str) -> Vec<String> {
        let words: Vec<Term> = words.iter().map(|w| term(w)).collect();
        let dictionary = Dictionary::new(&words, &[]).unwrap();
        let mut found = Vec::new();
        dictionary.find(text, &mut found);
        let mut texts: Vec<String> = found
            .iter()
            .map(|f| text.get(f.start..f.end).unwrap().to_owned())
            .collect();
        texts.sort();
        texts
    }

    #[test]
    fn a_longer_word_hides_no_shorter_one_and_none_hides_it() {
        let words = ["ledger", "ledger-core"];
        let both = ["ledger", "ledger-core"];
        assert_eq!(found(&words, "from ledger-core: down"), both);
        assert_eq!(found(&words, "from Ledger-corex: down"), ["Ledger"]);
        assert!(found(&words, "ledgers xledger ledger_core").is_empty());
    }

    #[test]
    fn fields_go_by_any_spelling_of_their_name() {
        let dictionary = Dictionary::new(&[], &[term("customer_ref")]).unwrap();
        for name in ["customer_ref", "customerRef", "db.row.Customer-Ref"] {
            assert_eq!(dictionary.field(name), Some("service"), "{name}");
        }
        assert_eq!(dictionary.field("customer_reference"), None);
    }

    fn selected(texts: &[&str], text: &str) -> Vec<(usize, usize)> {
        let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        let dictionary = Dictionary::new(&[], &[]).unwrap();
        let dictionary = dictionary.with_selected(&texts).unwrap();
        let mut found = Vec::new();
        dictionary.find_selected(text, &mut found);
        found.iter().map(|f| (f.start, f.end)).collect()
    }

    #[test]
    fn what_was_selected_is_found_within_words_and_joined() {
        assert_eq!(selected(&["foo"], "xFOOy foo"), [(1, 4), (6, 9)]);
        let texts = ["abc", "bcd", "zabcde", "ef"];
        assert_eq!(selected(&texts, "zabcdez abcd"), [(0, 6), (8, 12)]);
        assert_eq!(selected(&["ét"], "l'été"), [(2, 5)]);
        assert!(selected(&[], "xfooy").is_empty());
    }

    #[test]
    fn what_redaction_made_is_not_selected() {
        let made = format!("xterm_{} [removed:page.term] b", "a2b3".repeat(6));
        for text in ["term", "a2", "rm_a2", "removed", "page", "m]", "3 "] {
            assert!(selected(&[text], &made).is_empty(), "{text}");
        }
        assert_eq!(selected(&[" b"], &made), [(50, 52)]);
        let other = format!("term_{}1", "a2b3".repeat(6).to_uppercase());
        assert_eq!(selected(&["term"], &other), [(0, 4)]);
    }

    #[test]
    fn markers_that_touch_or_do_not_close_hide_no_other() {
        let made = "[removed:page.term][removed:page.term] [removed:";
        for text in ["m]", "m][re", "term] [removed:"] {
            assert!(selected(&[text], made).is_empty(), "{text}");
        }
        assert_eq!(selected(&["removed:"], made), [(40, 48)]);
        let long = format!("[removed:{}] x", "a".repeat(49));
        assert_eq!(selected(&["] x"], &long), [(58, 61)]);
    }

    /// Whether any piece of the text that redaction made has a byte of the range.
    fn meets_ours(text: &str, start: usize, end: usize) -> bool {
        let pieces = (0..end).flat_map(|from| (start + 1..=text.len()).map(move |to| (from, to)));
        let mut pieces = pieces.filter(|(from, to)| from < to);
        pieces.any(|(from, to)| {
            // The kind of a pseudonym is one word, and all of that.
            let piece = text.get(from..to).unwrap_or("");
            let kind = piece.split('_').next().unwrap_or("");
            let before = text.as_bytes()[..from].last();
            let all = kind.len() == 24 || !before.is_some_and(u8::is_ascii_lowercase);
            let word = kind.len() + 1 + PSEUDONYM_CHARS == piece.len() && all;
            is_ours(piece) && (piece.starts_with('[') || word)
        })
    }

    proptest! {
        #[test]
        fn what_redaction_made_is_told_as_by_a_look_at_every_piece(
            pieces in prop::collection::vec(prop::sample::select(&[
                "[removed:", "[removed:x]", "]", "_", "term", "é", " ", "7", "[",
                "a2b3a2b3a2b3a2b3a2b3a2b3", "term_a2b3a2b3a2b3a2b3a2b3a2b3", "qrstuvwxyzabcd",
            ][..]), 0..7),
            start in 0_usize..60,
            length in 1_usize..40,
        ) {
            let text = pieces.concat();
            let end = (start + length).min(text.len());
            prop_assume!(start < end);
            let ours = Ours::of(&text);
            let want = meets_ours(&text, start, end);
            prop_assert_eq!(ours.meets(start, end), want, "{} {}..{}", text, start, end);
            for made in [ours.markers, ours.pseudonyms] {
                let later = |(a, b): (&(usize, usize), &(usize, usize))| a.0 < b.0 && a.1 < b.1;
                prop_assert!(made.iter().zip(made.iter().skip(1)).all(later));
            }
        }
    }

    #[test]
    fn what_cannot_be_selected_is_an_error() {
        let many = vec!["fine".to_owned(); SELECTED_COUNT_MAX + 1];
        for (texts, index) in [
            (&["fine".to_owned(), "x".to_owned()][..], 1),
            (&["x".repeat(SELECTED_BYTES_MAX + 1)], 0),
            (&many, SELECTED_COUNT_MAX),
        ] {
            let built = Dictionary::new(&[], &[]).unwrap().with_selected(texts);
            assert_eq!(built.err(), Some(PolicyError::Selected { index }));
        }
    }

    #[test]
    fn a_word_that_cannot_be_looked_for_is_an_error() {
        for bad in ["", "x", &"x".repeat(257)] {
            let built = Dictionary::new(&[term("fine"), term(bad)], &[]);
            assert_eq!(built.err(), Some(PolicyError::Term { index: 1 }), "{bad}");
        }
    }
}
