//! Whether a question was answered.
//!
//! An answer comes from somebody else, within the next messages, asks nothing itself, and says
//! yes or no at once, names who asked, stands in the same thread, or shares a word with the
//! question that is no word of every sentence.

use super::cue;
use crate::text::{folded, has};

/// Words with which an answer begins.
const BEGINNINGS: [&str; 40] = [
    "yes",
    "yep",
    "yeah",
    "yup",
    "no",
    "nope",
    "nah",
    "not",
    "it",
    "its",
    "i",
    "im",
    "ive",
    "we",
    "weve",
    "they",
    "he",
    "she",
    "that",
    "thats",
    "this",
    "because",
    "cause",
    "since",
    "about",
    "around",
    "only",
    "all",
    "none",
    "just",
    "never",
    "correct",
    "right",
    "negative",
    "affirmative",
    "confirmed",
    "same",
    "dont",
    "the",
    "on",
];
/// Shortest word that ties an answer to its question, in letters.
const WORD_CHARS_MIN: usize = 4;
/// Words of every sentence.
const COMMON: &str = " anyone anybody someone somebody know does have been this that there their \
    they what when \
    where which while with would could should about from just like more some than then them \
    these those were \
    will your yours into over here also only even still look looks looking think need needs sure \
    right going \
    doing done make made want wants seeing sees seen anything something everything nothing \
    already again thing \
    things ";

/// Words of a question that is not answered by yes or no.
const OPEN: &str = "\
    who|whos|what|whats|where|when|which|how|why";
/// Longest answer that says nothing else, in words.
const SHORT_WORDS_MAX: usize = 5;

/// A message that may be an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'m> {
    pub(super) who: &'m str,
    pub(super) text: &'m str,
    pub(super) folded: &'m str,
    pub(super) same_thread: bool,
}

/// Whether one of the messages that follow answers what was asked.
pub(super) fn is_answered<'m>(
    asker: &str,
    question: &str,
    later: impl Iterator<Item = Reply<'m>>,
) -> bool {
    let asked = folded(question);
    let words: Vec<&str> = asked
        .split_whitespace()
        .filter(|word| tells(word))
        .collect();
    let name = folded(asker.split([' ', '.']).next().unwrap_or_default());
    let open = has(&asked, OPEN);
    for (at, reply) in later.enumerate() {
        // Who asked may answer it as well, later.
        let own = reply.who == asker && !asker.is_empty();
        if reply.text.trim_end().ends_with('?') {
            continue;
        }
        let first = reply.folded.split_whitespace().next().unwrap_or_default();
        let shares = reply
            .folded
            .split_whitespace()
            .any(|word| words.contains(&word));
        let short = reply.folded.split_whitespace().count() <= SHORT_WORDS_MAX;
        let plain = short && cue::read(reply.text, reply.folded, false).is_none();
        let at_once = at == 0 && !own && (BEGINNINGS.contains(&first) || open && plain);
        let named = !own && name.len() > 3 && reply.folded.contains(&name);
        if at_once
            || named
            || shares
            || reply.same_thread && at < 3 && !own && BEGINNINGS.contains(&first)
        {
            return true;
        }
    }
    false
}

/// Whether a word tells what a sentence is about.
fn tells(word: &str) -> bool {
    word.chars().count() >= WORD_CHARS_MIN && !COMMON.contains(&format!(" {word} "))
}
