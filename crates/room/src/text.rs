//! Texts as a report shows them: printable, cut to a limit, in words and sentences.
//!
//! *Invariant:* what [`shown`] gives is a part of what [`printable`] gives for the whole text,
//! but for the `…` that a longer one ends in.
//! *Complexity:* linear in the text.

use cordon_diagnose::printable;

use crate::limits::QUOTE_CHARS_MAX;

/// Marks that end a sentence.
const ENDS: [char; 4] = ['.', '!', '?', '…'];
/// Words before a full stop that ends no sentence.
const ABBREVIATIONS: [&str; 12] = [
    "e.g", "i.e", "etc", "vs", "approx", "mr", "mrs", "dr", "st", "ca", "cf", "fig",
];

/// A text as a report quotes it.
pub(crate) fn shown(text: &str) -> String {
    clipped(&printable(text), QUOTE_CHARS_MAX)
}

/// At most so many characters; what is longer ends in `…`.
pub(crate) fn clipped(text: &str, chars_max: usize) -> String {
    if text.char_indices().nth(chars_max).is_none() {
        return text.to_owned();
    }
    let keep = text.char_indices().nth(chars_max.saturating_sub(1));
    let end = keep.map_or(0, |(at, _)| at);
    let mut kept = text.get(..end).unwrap_or_default().trim_end().to_owned();
    kept.push('…');
    kept
}

/// The beginning of a text, at most so many bytes.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The text in lower case, words between single blanks, a blank at both ends: for the search of
/// phrases as ` rolled back `. Apostrophes are dropped, so that `don't` is `dont`.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, '%' | '$' | '€' | '£' | '+') {
            out.extend(c.to_lowercase());
        } else if matches!(c, '\'' | '’') {
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// Whether one of the phrases stands in a folded text, in whole words. They are parted by bars; one
/// may go on where a `*` stands.
pub(crate) fn has(folded: &str, phrases: &str) -> bool {
    places(folded, phrases).next().is_some()
}

/// Where such phrases stand: of each its first place.
pub(crate) fn places<'t>(folded: &'t str, phrases: &'t str) -> impl Iterator<Item = usize> + 't {
    phrases.split('|').filter_map(move |phrase| {
        let (word, open) = match phrase.strip_suffix('*') {
            Some(word) => (word, true),
            None => (phrase, false),
        };
        let whole = |(at, _): &(usize, &str)| {
            let (before, behind) = folded.split_at_checked(*at).unwrap_or_default();
            let behind = behind.get(word.len()..).unwrap_or_default();
            before.ends_with(' ') && (open || behind.starts_with(' '))
        };
        let mut found = folded.match_indices(word).filter(|_| !word.is_empty());
        found.find(whole).map(|(at, _)| at)
    })
}

/// The sentences of a printable text, each without the blanks around it.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let closes = ENDS.contains(&c) && chars.peek().is_none_or(|(_, next)| *next == ' ');
        if !closes || c == '.' && is_abbreviation(text.get(from..at).unwrap_or_default()) {
            continue;
        }
        let end = at + c.len_utf8();
        found.push(text.get(from..end).unwrap_or_default().trim());
        from = end;
    }
    found.push(text.get(from..).unwrap_or_default().trim());
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

/// Whether a full stop behind that ends a word and no sentence.
fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default();
    let word = word
        .trim_start_matches(['(', '"', '\''])
        .to_ascii_lowercase();
    let number = word.chars().all(|c| c.is_ascii_digit()) && word.len() <= 2 && !word.is_empty();
    ABBREVIATIONS.contains(&word.as_str()) || number && before.len() == word.len()
}

#[cfg(test)]
mod tests {
    use super::{clipped, folded, has, sentences};

    #[test]
    fn phrases_are_found_as_whole_words() {
        let text = folded("We've *rolled back* to v2.4, don't ask!");
        assert!(has(&text, "x|rolled back"));
        assert!(has(&text, "dont"));
        assert!(has(&text, "roll*"));
        assert!(!has(&text, "roll|olled back|"));
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let said = "Errors are at 12.5% now. Rolled back to v2.4.1! Is it e.g. the cache? ok";
        assert_eq!(
            sentences(said),
            [
                "Errors are at 12.5% now.",
                "Rolled back to v2.4.1!",
                "Is it e.g. the cache?",
                "ok"
            ]
        );
        assert_eq!(sentences(" :: "), Vec::<&str>::new());
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(clipped("äöü", 3), "äöü");
        assert_eq!(clipped("äöüß", 3), "äö…");
        assert_eq!(clipped("äö", 0), "…");
    }
}
