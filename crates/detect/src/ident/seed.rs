//! Seed phrases (BIP-39): words of the English list behind a label.

use crate::Finding;
use crate::bytes::{at, cut, opens, run, starts_nocase};
use crate::ident::seed_words::WORDS;

/// Labels of a seed phrase, the longer before the shorter.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "mnemonic", "seed", "recovery phrase", "recovery words", "recovery", "backup phrase",
    "backup words", "secret phrase", "secret recovery phrase", "wallet words", "wallet phrase",
    "bip39", "bip 39",
];

/// First words of the labels.
#[rustfmt::skip]
pub(crate) const LEADS: &[&str] = &[
    "mnemonic", "seed", "recovery", "backup", "secret", "wallet", "bip39", "bip",
];

/// Words that may stand between a label and its phrase.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "phrase", "words", "mnemonic", "seed", "code", "is", "was", "value", "generated", "imported",
    "your", "wallet", "new", "for", "the", "key", "string", "set", "to", "from",
];

/// Counts of words that BIP-39 knows, the longest first.
const COUNTS: [usize; 5] = [24, 21, 18, 15, 12];

/// The phrase whose label is at `i`.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let label = LABELS
        .iter()
        .filter(|label| starts_nocase(bytes, i, label.as_bytes()))
        .max_by_key(|label| label.len())?;
    if !opens(bytes, i) {
        return None;
    }
    let mut place = i + label.len();
    for _ in 0..4 {
        place = run(bytes, place, 12, sign);
        let end = run(bytes, place, 12, |b| b.is_ascii_alphabetic());
        let word = cut(text, place, end);
        if !BETWEEN.iter().any(|known| known.eq_ignore_ascii_case(word))
            || phrase(text, place).is_some()
        {
            break;
        }
        place = end;
    }
    let end = phrase(text, place)?;
    // `--seed-phrase legal winner …`: the word of the option is on the list, too.
    let labelled = cut(text, i, place).ends_with(['-', '_']) || end == place;
    let (place, end) = if labelled {
        let next = run(bytes, place, 12, |b| b.is_ascii_alphabetic());
        let next = run(bytes, next, 12, sign);
        (next, phrase(text, next)?)
    } else {
        (place, end)
    };
    Some(Finding::secret("crypto.seed_phrase", place, end))
}

/// What parts a label from its phrase, and one word of a list from the next.
fn sign(b: u8) -> bool {
    matches!(
        b,
        b' ' | b':' | b'=' | b'"' | b'\'' | b'\\' | b'[' | b'(' | b',' | b'_' | b'-' | b'>' | b'\n'
    )
}

/// End of the phrase at `i`: 12, 15, 18, 21 or 24 words of the list.
fn phrase(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut ends = [0; 24];
    let mut count = 0;
    let mut place = i;
    for slot in &mut ends {
        let end = run(bytes, place, 9, |b| b.is_ascii_alphabetic());
        let word = crate::bytes::lower(cut(text, place, end));
        if !listed(&word) {
            break;
        }
        *slot = end;
        count += 1;
        place = run(bytes, end, 6, |b| {
            matches!(b, b' ' | b',' | b'"' | b'\'' | b'\\' | b'\n' | b'-')
        });
        if place == end || at(bytes, place) == 0 {
            break;
        }
    }
    let whole = COUNTS.iter().find(|known| **known <= count)?;
    ends.get(whole - 1).copied()
}

/// Whether the word is of the list, which is sorted.
fn listed(word: &str) -> bool {
    WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_list_is_the_standards() {
        let text: String = WORDS.iter().map(|word| format!("{word}\n")).collect();
        let digest = data_encoding::HEXLOWER.encode(Sha256::digest(text.as_bytes()).as_slice());
        assert!(digest.starts_with("2f5eed53a4727b4b"), "{digest}");
        assert!(WORDS.is_sorted());
        assert_eq!(WORDS.len(), 2_048);
    }

    #[test]
    fn phrases_behind_their_label() {
        let twelve = ["abandon"; 11].join(" ") + " about";
        let listed = "\"".to_owned() + &["zoo"; 12].join("\", \"") + "\"";
        for (text, wanted) in [
            (format!("seed phrase: {twelve}"), Some(twelve.len())),
            (format!("mnemonic={twelve} imported"), Some(twelve.len())),
            (format!("\"recovery\": [{listed}]"), Some(listed.len() - 2)),
            (
                "seed the database about once a day with care".to_owned(),
                None,
            ),
            (format!("seed phrase: {}", ["abandon"; 11].join(" ")), None),
        ] {
            let from = text.find(|c: char| c.is_alphabetic()).unwrap();
            let found = find(&text, from).map(|f| f.end - f.start);
            assert_eq!(found, wanted, "{text}");
        }
    }
}
