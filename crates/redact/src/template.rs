//! What a free text keeps of itself where only its shape may stay.
//!
//! Of a text of several words the words in lower case and the punctuation stay; a pseudonym becomes
//! a slot of its kind, everything else `<*>`: names, numbers, identifiers, what stands in quotes.
//! A value of one or two words is no text and becomes slots.
//!
//! *Limit:* a name that is written in lower case stays. Where that cannot be, drop the text.

use cordon_detect::{is_ours, is_pseudonym};

/// Words from which a value is a text.
const TEXT_WORDS_MIN: usize = 3;
/// Words of a text that are looked at; what follows is one slot.
const WORDS_COUNT_MAX: usize = 256;
/// Longest word in bytes that stays.
const WORD_BYTES_MAX: usize = 32;
/// What stands for a variable part.
const SLOT: &str = "<*>";

/// The template of a redacted text. The template of a template is itself.
pub(crate) fn template(clean: &str) -> String {
    let words = clean.split_whitespace().take(TEXT_WORDS_MIN).count();
    let is_text = words >= TEXT_WORDS_MIN;
    let mut out = String::with_capacity(clean.len());
    let mut quote = None;
    let mut count = 0;
    for piece in clean.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let blank = piece.get(word.len()..).unwrap_or("");
        if word.is_empty() {
            out.push_str(blank);
            continue;
        }
        count += 1;
        if count > WORDS_COUNT_MAX {
            out.push_str(SLOT);
            return out;
        }
        let opens = quote.is_none().then(|| word.chars().next()).flatten();
        let opened = opens.filter(|c| matches!(c, '"' | '\'' | '`' | '‹'));
        quote = quote.or(opened.map(|c| if c == '‹' { '›' } else { c }));
        slotted(word, is_text && quote.is_none(), &mut out);
        if let Some(close) = quote
            && word
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}'])
                .ends_with(close)
            && (opened.is_none() || word.chars().count() > 1)
        {
            quote = None;
        }
        out.push_str(blank);
    }
    out
}

/// A word, or the slot that stands for it, with the punctuation around it.
fn slotted(word: &str, may_stay: bool, out: &mut String) {
    let rest = word.trim_start_matches(edge);
    let (lead, _) = word.split_at(word.len() - rest.len());
    // The ends of a slot and of a marker are their own.
    let marked = word.strip_prefix(lead).unwrap_or(word);
    let core = marked.trim_end_matches(edge);
    let tail = marked.get(core.len()..).unwrap_or("");
    if let Some((before, slot, behind)) = whole_slot(word) {
        out.extend([before, slot, behind]);
        return;
    }
    out.push_str(lead);
    match core.rsplit_once('_') {
        _ if core.is_empty() => {}
        Some((kind, _)) if is_pseudonym(core) => out.extend(["<", kind, ">"]),
        _ if may_stay && is_plain(core) => out.push_str(core),
        _ => out.push_str(SLOT),
    }
    out.push_str(tail);
}

/// A slot or one of our markers within punctuation: what stands before it, itself, and behind.
fn whole_slot(word: &str) -> Option<(&str, &str, &str)> {
    let (open, close) = if word.contains('<') {
        ('<', '>')
    } else {
        ('[', ']')
    };
    let from = word.find(open)?;
    let to = word.rfind(close)? + 1;
    let slot = word.get(from..to)?;
    let inner = slot.strip_prefix(open)?.strip_suffix(close)?;
    let kind = |b: u8| b.is_ascii_lowercase() || b == b'_';
    let is_slot = open == '<' && (slot == SLOT || inner.len() <= 24 && inner.bytes().all(kind));
    let (before, behind) = (word.get(..from)?, word.get(to..)?);
    let is_edge = before.chars().chain(behind.chars()).all(edge);
    (is_edge && (is_slot || is_ours(slot))).then_some((before, slot, behind))
}

/// What may stand around a word without being part of it.
fn edge(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '"'
            | '\''
            | '`'
            | '‹'
            | '›'
            | '-'
            | '–'
            | '—'
    )
}

/// A word in lower case, of letters alone; apostrophes and dashes may join its parts.
fn is_plain(word: &str) -> bool {
    let joined = |c: char| matches!(c, '\'' | '’' | '-');
    word.len() <= WORD_BYTES_MAX && word.chars().all(|c| c.is_lowercase() || joined(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, want: &str) {
        let once = template(text);
        assert_eq!(once, want);
        assert_eq!(template(&once), once);
    }

    #[test]
    fn words_stay_and_values_do_not() {
        let mail = "email_abcdefghijklmnopqrstuvwx";
        check(
            &format!("could not charge {mail}, order 7711 (gold plan)."),
            "could not charge <email>, order <*> (gold plan).",
        );
        check(
            "Maria Lopez was told 'the blue tulip' twice",
            "<*> <*> was told '<*> <*> <*>' twice",
        );
        check(
            "a [removed:jwt] and key=value\nnext line",
            "a [removed:jwt] and <*>\nnext line",
        );
        check(
            "its owner's well-known überfluß",
            "its owner's well-known überfluß",
        );
    }

    #[test]
    fn a_value_is_no_text() {
        check("gold", "<*>");
        check("gold plan", "<*> <*>");
        check("", "");
        check("[removed:jwt]", "[removed:jwt]");
    }

    #[test]
    fn a_long_text_ends() {
        let out = template(&"word ".repeat(WORDS_COUNT_MAX + 9));
        assert_eq!(out.split_whitespace().count(), WORDS_COUNT_MAX + 1);
        assert!(out.ends_with(SLOT));
        assert_eq!(template(&out), out);
    }

    proptest! {
        #[test]
        fn the_template_of_a_template_is_itself(
            text in concat!(
                "([a-zA-Z0-9]{1,5}|[<>*\\[\\]'\"`‹›.,:_-]{1,3}|<\\*>|",
                "\\[removed:jwt\\]|[ \n]){0,24}"
            ),
        ) {
            let once = template(&text);
            prop_assert_eq!(template(&once), once);
        }
    }
}
