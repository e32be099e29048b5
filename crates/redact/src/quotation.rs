//! Texts that a report quotes: searched for names as prose is, with the words of systems kept.
//!
//! A template or an excerpt of a log is no prose: `Process 10` reads like a street, `Nbr` like a
//! name. The first letters of such words are lowered while the text is searched, and put back.
//!
//! *Invariant:* what was removed stays removed; a text in which nothing is found is left as it is.
//! *Complexity:* linear in the text, beside the redaction of it.

use std::collections::BTreeSet;
use std::ops::Range;

use cordon_event::Raw;

use crate::{Clean, PseudonymMac, Redactor};

impl Redactor {
    /// Redacts a text that a report quotes: a template, an excerpt of lines that were redacted as
    /// lines, a message of a chat. As [`Redactor::prose`], but no word of a system is taken for the
    /// name of a person or street.
    pub fn quotation(&self, mac: &dyn PseudonymMac, raw: &Raw<String>) -> Clean<String> {
        let text = raw.expose_raw().as_str();
        let words = no_names(text);
        let lowered = with_first(text, &words, |c| c.to_ascii_lowercase());
        let redacted = self.prose(mac, Raw::new(lowered)).clean;
        Clean::new(restored(redacted.get(), text, &words))
    }
}

/// Nouns of systems: with a number behind them they are no street.
const NUMBERED: [&str; 14] = [
    "Process",
    "Thread",
    "Task",
    "Job",
    "Worker",
    "Node",
    "Shard",
    "Partition",
    "Queue",
    "Port",
    "Channel",
    "Slot",
    "Session",
    "Stage",
];

/// Abbreviations of systems that nobody is called. A list and no shape: people are called Ng.
const ABBREVIATIONS: [&str; 8] = [
    "Nbr", "Nbrs", "Emask", "SAct", "SErr", "Intf", "Pkt", "Pkts",
];

/// Where words begin that no person or street is called, though they begin with a capital:
/// abbreviations, and nouns of systems with their number.
fn no_names(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut named = false;
    for word in text.split_inclusive(' ') {
        let start = at;
        at += word.len();
        // Behind a name it is the rest of that, or of an address.
        let behind_name = std::mem::replace(&mut named, may_name(word));
        let bare = word.trim_end_matches([' ', ':', ',']);
        let capital = bare.starts_with(|c: char| c.is_ascii_uppercase());
        if !capital || !bare.bytes().all(|b| b.is_ascii_alphabetic()) {
            continue;
        }
        let behind = text.get(at..).unwrap_or_default();
        let number =
            behind.starts_with(|c: char| c.is_ascii_digit()) || behind.starts_with("<num>");
        let counted = number && !behind_name && NUMBERED.contains(&bare);
        if counted || ABBREVIATIONS.contains(&bare) {
            found.push(start..start + bare.len());
        }
    }
    found
}

/// Levels that a line may have before its message.
const LEVELS: [&str; 12] = [
    "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "fatal",
    "severe", "alert",
];

/// Whether a word, or its last part, may be a name or stands for one: it begins with a capital.
fn may_name(word: &str) -> bool {
    let parts = word.rsplit(|c: char| !c.is_alphanumeric() && c != '_');
    let last = parts.into_iter().find(|part| !part.is_empty());
    let Some(last) = last else {
        return false;
    };
    let level = LEVELS.iter().any(|level| last.eq_ignore_ascii_case(level));
    !level && (last.starts_with(char::is_uppercase) || last.starts_with("person_"))
}

/// A text with the first letters of these words changed, which are in their order.
fn with_first(text: &str, words: &[Range<usize>], change: fn(char) -> char) -> String {
    let mut starts = words.iter().map(|word| word.start).peekable();
    let changed = |(at, c)| match starts.next_if_eq(&at) {
        Some(_) => change(c),
        None => c,
    };
    text.char_indices().map(changed).collect()
}

/// A cleaned text with those words as they were, in their order, as far as they are left.
fn restored(clean: &str, text: &str, words: &[Range<usize>]) -> String {
    let mut left = Vec::new();
    // What is not left behind some place is not left behind a later one; there are no more of these
    // than words of systems.
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    let mut from = 0;
    for word in words {
        let word = text.get(word.clone()).unwrap_or_default();
        if gone.contains(word) {
            continue;
        }
        let lower = with_first(word, std::slice::from_ref(&(0..1)), |c| {
            c.to_ascii_lowercase()
        });
        match next_whole(clean, from, &lower) {
            Some(at) => {
                from = at + lower.len();
                left.push(at..from);
            }
            None => {
                gone.insert(word);
            }
        }
    }
    with_first(clean, &left, |c| c.to_ascii_uppercase())
}

/// Where a word stands next from a place on that is no letter's, with no letter or digit beside it.
fn next_whole(text: &str, from: usize, word: &str) -> Option<usize> {
    let rest = text.get(from..).unwrap_or_default();
    let edge = |at: Option<char>| !at.is_some_and(char::is_alphanumeric);
    let whole = |(at, _): &(usize, &str)| {
        let (before, behind) = rest.split_at_checked(*at).unwrap_or_default();
        let behind = behind.get(word.len()..).unwrap_or_default();
        edge(before.chars().next_back()) && edge(behind.chars().next())
    };
    let found = rest.match_indices(word).find(whole);
    found.map(|(at, _)| from + at)
}

#[cfg(test)]
mod tests {
    use cordon_event::Raw;
    use proptest::prelude::*;

    use super::{Range, no_names, restored, with_first};
    use crate::{Policy, PseudonymMac, Redactor};

    struct Mac;

    impl PseudonymMac for Mac {
        fn mac(&self, _: &str, canonical: &[u8]) -> [u8; 32] {
            [canonical.len() as u8; 32]
        }
    }

    #[track_caller]
    fn check(text: &str, lowered: &str) {
        let words = no_names(text);
        let shown = with_first(text, &words, |c| c.to_ascii_lowercase());
        assert_eq!(shown, lowered);
        assert_eq!(restored(&shown, text, &words), text, "nothing was removed");
    }

    #[test]
    fn words_of_systems_are_no_names() {
        check(
            "Process 10, Nbr <ip> is down",
            "process 10, nbr <ip> is down",
        );
        check(
            "exception Emask 0x0 SAct <hex>",
            "exception emask 0x0 sAct <hex>",
        );
        check(
            "charge failed for Marta Lind 7",
            "charge failed for Marta Lind 7",
        );
        check("Job of Otto 12", "Job of Otto 12");
        check("ERROR Worker 7 is lost", "ERROR worker 7 is lost");
        check("paid by Ng, Dr Vlk 0x1f", "paid by Ng, Dr Vlk 0x1f");
    }

    #[test]
    fn behind_a_name_they_may_be_one() {
        for text in [
            "charge failed for Anna Port 2400",
            "charge failed for Peter Stage 2400",
            "charge of Anna Channel <num> failed",
            "to Anna Worker 7",
            "to \"Özlem\" Port 7",
            "name=Anna Job 7",
            "to person_abc Port 7",
            "delivery to Am Port 3, 20457",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn what_was_removed_beside_them_stays_removed() {
        let text = "Nbr Marta Nbr 7";
        let words = no_names(text);
        assert_eq!(
            restored("nbr person_a nbr 7", text, &words),
            "Nbr person_a Nbr 7"
        );
        assert_eq!(restored("person_a 7", text, &words), "person_a 7");
    }

    #[test]
    fn quotations_keep_the_words_of_systems_and_lose_the_rest() {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let quoted = |text: &str| {
            let clean = redactor.quotation(&Mac, &Raw::new(text.to_owned()));
            clean.into_inner()
        };
        let kept = "Process 10, Nbr <ip> is down";
        assert_eq!(quoted(kept), kept);
        let mail = format!("Worker 7: mail to ann{}example.org failed", '@');
        let shown = quoted(&mail);
        assert!(shown.starts_with("Worker 7: mail to email_"), "{shown}");
        assert_eq!(quoted(&shown), shown, "redacting twice changes nothing");
    }

    /// As [`with_first`], by a look at every word for every character.
    fn each_looked_at(text: &str, words: &[Range<usize>], change: fn(char) -> char) -> String {
        let begins = |at: usize| words.iter().any(|word| word.start == at);
        let changed = |(at, c)| if begins(at) { change(c) } else { c };
        text.char_indices().map(changed).collect()
    }

    /// As [`restored`], by a look at the rest of the text for every word.
    fn each_looked_for(clean: &str, text: &str, words: &[Range<usize>]) -> String {
        let (mut left, mut from) = (Vec::new(), 0);
        for word in words {
            let lower = text.get(word.clone()).unwrap().to_owned();
            let lower = each_looked_at(&lower, std::slice::from_ref(&(0..1)), |c| {
                c.to_ascii_lowercase()
            });
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let rest = clean.get(from..).unwrap();
            let whole = |at: &usize| {
                let (before, behind) = rest.split_at(*at);
                let behind = behind.get(lower.len()..).unwrap();
                !letter(before.chars().next_back()) && !letter(behind.chars().next())
            };
            let mut places = rest.match_indices(&lower).map(|(at, _)| at);
            if let Some(at) = places.find(whole) {
                left.push(from + at..from + at + lower.len());
                from += at + lower.len();
            }
        }
        each_looked_at(clean, &left, |c| c.to_ascii_uppercase())
    }

    const PIECES: [&str; 12] = [
        "Nbr", "Nbrs", "nbr", "Worker", "worker", "7", "<num>", "Anna", "é", ":", " ", "  ",
    ];

    proptest! {
        #[test]
        fn words_are_restored_as_if_each_was_looked_for_anew(
            text in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24),
            other in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24),
        ) {
            let (text, other) = (text.join(" "), other.concat());
            let words = no_names(&text);
            let lowered = with_first(&text, &words, |c| c.to_ascii_lowercase());
            let looked_at = each_looked_at(&text, &words, |c| c.to_ascii_lowercase());
            prop_assert_eq!(&lowered, &looked_at);
            for clean in [lowered, other] {
                let want = each_looked_for(&clean, &text, &words);
                prop_assert_eq!(restored(&clean, &text, &words), want);
            }
        }
    }
}
