//! Whether a question was answered.
//!
//! An answer comes from somebody else, within the next messages, asks nothing itself, and says
//! yes or no at once, names who asked, stands in the same thread, or shares a word with the
//! question that is no word of every sentence.

use super::cue::{self, Voice};
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

/// Words with which something is asked for.
const REQUESTS: &str = "can you|could you|would you|can someone|could someone|can anyone|please";
/// What agrees to it.
const AGREED: &str = "on it|doing it|doing that|will do|done|sure|ok|okay|yes|yep|im on";
/// Messages in which it is looked for.
const REQUESTS_LOOKED_AT: usize = 4;
/// How much longer a word of one stem may be, in bytes.
const ENDING_BYTES_MAX: usize = 3;
/// Words of a question that is not answered by yes or no.
const OPEN: &str = "\
    who|whos|what|whats|where|when|which|how|why";
/// Words of a question, and of a message behind it, that are held against one another.
const QUESTION_WORDS_MAX: usize = 24;
const REPLY_WORDS_MAX: usize = 240;
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
        .take(QUESTION_WORDS_MAX)
        .collect();
    let name = folded(asker.split([' ', '.']).next().unwrap_or_default());
    let open = has(&asked, OPEN);
    let requests = has(&asked, REQUESTS);
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
            .take(REPLY_WORDS_MAX)
            .any(|word| words.iter().any(|asked| is_akin(asked, word)));
        let short = reply.folded.split_whitespace().count() <= SHORT_WORDS_MAX;
        let plain = short && cue::read(reply.text, reply.folded, Voice::default()).is_none();
        // Who was asked to do something does it, or says so.
        let does = requests
            && at < REQUESTS_LOOKED_AT
            && !own
            && (cue::is_done(reply.folded) || has(reply.folded, AGREED));
        let at_once = at == 0 && !own && (BEGINNINGS.contains(&first) || open && plain);
        let named = !own && name.len() > 3 && reply.folded.contains(&name);
        if at_once
            || named
            || shares
            || does
            || reply.same_thread && at < 3 && !own && BEGINNINGS.contains(&first)
        {
            return true;
        }
    }
    false
}

/// Whether two words are of one stem: `pause`, `paused`.
fn is_akin(one: &str, other: &str) -> bool {
    let shorter = one.len().min(other.len());
    let stem = shorter.saturating_sub(1).max(WORD_CHARS_MIN);
    one == other
        || shorter > WORD_CHARS_MIN
            && one.len().abs_diff(other.len()) <= ENDING_BYTES_MAX
            && one.get(..stem).is_some_and(|head| other.starts_with(head))
}

/// Whether a word tells what a sentence is about.
fn tells(word: &str) -> bool {
    word.chars().count() >= WORD_CHARS_MIN && !COMMON.contains(&format!(" {word} "))
}
