//! A tenant's own dictionary: words that are found wherever they stand, and names of fields whose
//! values are replaced whatever they look like.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use cordon_detect::{Finding as Found, TokenKind};
use cordon_event::Class;

use crate::PolicyError;
use crate::policy::Term;

/// Words of one dictionary.
pub(crate) const TERMS_COUNT_MAX: usize = 100_000;
/// Longest word in bytes.
pub(crate) const TERM_BYTES_MAX: usize = 256;
/// Shortest word in bytes: a single letter would hit everywhere.
pub(crate) const TERM_BYTES_MIN: usize = 2;

/// A compiled dictionary.
#[derive(Debug)]
pub(crate) struct Dictionary {
    /// Words, ASCII case ignored; every match at every place is reported, so that a longer word
    /// that turns out not to stand alone does not hide a shorter one that does.
    words: Option<AhoCorasick>,
    kinds: Vec<&'static str>,
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
            fields: fields.iter().map(|t| (letters(&t.text), t.kind)).collect(),
        })
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

fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_word_that_cannot_be_looked_for_is_an_error() {
        for bad in ["", "x", &"x".repeat(257)] {
            let built = Dictionary::new(&[term("fine"), term(bad)], &[]);
            assert_eq!(built.err(), Some(PolicyError::Term { index: 1 }), "{bad}");
        }
    }
}
